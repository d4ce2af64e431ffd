//! The columns that the page asks for of tables of decisions and signatures.

use super::super::head::{Column, ColumnKind, Unit};

/// Of the table `decisions`.
pub(in crate::report) enum DecisionsTable {}

impl DecisionsTable {
    pub(in crate::report) const TABLE: &str = "decisions";
    pub(in crate::report) const LINE: Column = Column::new("line", "line of decisions.jsonl");
    pub(in crate::report) const WHEN: Column = Column::new("when", "when, with the time zone").kind(ColumnKind::Moment);
    pub(in crate::report) const WHO: Column = Column::new("who", "who decided");
    pub(in crate::report) const ACTION: Column = Column::new("action", "exclude, undo, accept or approve");
    pub(in crate::report) const TARGET: Column = Column::new("target", "what it is about");
    pub(in crate::report) const OLD: Column = Column::new("old", "what held before");
    pub(in crate::report) const NEW: Column = Column::new("new", "what holds now");
    pub(in crate::report) const UNDOES: Column = Column::new("undoes", "the line of the exclusion that an undo ends");
    pub(in crate::report) const CODE: Column = Column::new("code", "code of the reason");
    pub(in crate::report) const REASON: Column = Column::new("reason", "the reason in words");
    pub(in crate::report) const IN_FORCE: Column = Column::new("in_force", "Y for an exclusion that holds");
}

/// Of the table `signatures`.
pub(in crate::report) enum SignaturesTable {}

impl SignaturesTable {
    pub(in crate::report) const TABLE: &str = "signatures";
    pub(in crate::report) const MEANING: Column = Column::new("meaning", "reviewed or approved");
    pub(in crate::report) const NAME: Column = Column::new("name", "who makes it");
    pub(in crate::report) const WHEN: Column = Column::new("when", "when, with the time zone").kind(ColumnKind::Moment);
    pub(in crate::report) const SIGNER: Column =
        Column::new("signer", "whose signature it is by allowed_signers, or that it is unsigned or not valid");
    pub(in crate::report) const COVERS: Column =
        Column::new("covers", "Y when the inputs, decisions and concentrations are those that were signed");
    pub(in crate::report) const CHANGED: Column = Column::new("changed", "the files that have changed since");
}

/// Of the table `exclusions`.
pub(in crate::report) enum ExclusionsTable {}

impl ExclusionsTable {
    pub(in crate::report) const TABLE: &str = "exclusions";
    pub(in crate::report) const PLATE: Column = Column::new("plate", "the plate").kind(ColumnKind::Key);
    pub(in crate::report) const DECISIONS: Column = Column::new(
        "decisions",
        "lines of decisions.jsonl that exclude something of it; none where it shares the variance exponent of plates with some",
    );
    pub(in crate::report) const ITEM: Column = Column::new("item", "what is shown without and with them");
    pub(in crate::report) const BEFORE: Column = Column::new("before", "without the exclusions");
    pub(in crate::report) const AFTER: Column = Column::new("after", "with them: this counts");
    pub(in crate::report) const CHANGE_PERCENT: Column =
        Column::new("change_percent", "100 × (after − before) / before, where both are concentrations")
            .of(Unit::Percent);
    pub(in crate::report) const CHANGED: Column = Column::new("changed", "Y where the two differ");
}
