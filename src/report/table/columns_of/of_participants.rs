//! The columns that the page asks for of tables of participants, their events and their clinical measures.

use super::super::head::{Column, ColumnKind, EstimateColumns, Unit};

/// Of the table `clinical_change`.
pub(in crate::report) enum ClinicalChangeTable {}

impl ClinicalChangeTable {
    pub(in crate::report) const TABLE: &str = "clinical_change";
    pub(in crate::report) const MEASURE: Column = Column::new("MEASURE", "the clinical measure");
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const N: Column = Column::new("N", "of the arm, those with both values");
    pub(in crate::report) const N_REF: Column = Column::new("N_REF", "the same of the reference arm");
    pub(in crate::report) const N_ADJ: Column =
        Column::new("N_ADJ", "of the N, those whose covariates are known: in the adjusted comparison");
    pub(in crate::report) const N_ADJ_REF: Column = Column::new("N_ADJ_REF", "the same of the reference arm");
    pub(in crate::report) const PCHG_MEDIAN: Column =
        Column::new("PCHG_MEDIAN", "median percent change from baseline of the arm").of(Unit::Percent);
    pub(in crate::report) const PCHG_MEDIAN_REF: Column =
        Column::new("PCHG_MEDIAN_REF", "the same of the reference arm, in percent").of(Unit::Percent);
    pub(in crate::report) const ADJ_CHG: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["ADJ_CHG", "ADJ_CHG_LOWER", "ADJ_CHG_UPPER"],
        "adjusted mean change of the arm",
    );
    pub(in crate::report) const ADJ_CHG_REF: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["ADJ_CHG_REF", "ADJ_CHG_REF_LOWER", "ADJ_CHG_REF_UPPER"],
        "the same of the reference arm",
    );
    pub(in crate::report) const DIFFERENCE: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["DIFFERENCE", "DIFFERENCE_LOWER", "DIFFERENCE_UPPER"],
        "ADJ_CHG − ADJ_CHG_REF",
    );
    pub(in crate::report) const P: Column = Column::new("P", "two-sided p-value").kind(ColumnKind::PValue);
    pub(in crate::report) const MODEL: Column = Column::new("MODEL", "the model in words");
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no comparison");
}

/// Of the table `clinical_responders`.
pub(in crate::report) enum ClinicalRespondersTable {}

impl ClinicalRespondersTable {
    pub(in crate::report) const TABLE: &str = "clinical_responders";
    pub(in crate::report) const RESPONSE: Column = Column::new("RESPONSE", "name of the definition, such as EASI-75");
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no comparison or no test");
}

/// Of the table `correlation`.
pub(in crate::report) enum CorrelationTable {}

impl CorrelationTable {
    pub(in crate::report) const TABLE: &str = "correlation";
    pub(in crate::report) const MEASURE: Column = Column::new("MEASURE", "the clinical measure");
    pub(in crate::report) const CORRELATION: Column = Column::new("CORRELATION", "which correlation");
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit; empty for all");
    pub(in crate::report) const TRTP: Column =
        Column::new("TRTP", "the arm; ALL for all together, which also holds what the treatment does to both")
            .kind(ColumnKind::Key);
    pub(in crate::report) const N_SUBJECTS: Column = Column::new("N_SUBJECTS", "subjects that the correlation is of");
    pub(in crate::report) const N: Column = Column::new("N", "pairs");
    pub(in crate::report) const N_LIMIT: Column =
        Column::new("N_LIMIT", "of these, pairs whose analyte is at a limit of quantification");
    pub(in crate::report) const N_NO_LOG: Column =
        Column::new("N_NO_LOG", "further pairs that have no logarithm: a value of zero");
    pub(in crate::report) const R: EstimateColumns =
        EstimateColumns::new(Unit::One, ["R", "R_LOWER", "R_UPPER"], "the correlation");
    pub(in crate::report) const P: Column = Column::new("P", "two-sided p-value").kind(ColumnKind::PValue);
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is none");
}

/// Of the table `events`.
pub(in crate::report) enum EventsTable {}

impl EventsTable {
    pub(in crate::report) const TABLE: &str = "events";
    pub(in crate::report) const EVENT: Column = Column::new("EVENT", "the kind of event");
    pub(in crate::report) const STRATEGY: Column = Column::new("STRATEGY", "how the question takes it");
    pub(in crate::report) const EFFECT: Column = Column::new("EFFECT", "what that does to values after it");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm").kind(ColumnKind::Key);
    pub(in crate::report) const N: Column = Column::new("N", "subjects of the arm with such an event");
    pub(in crate::report) const N_AFTER: Column =
        Column::new("N_AFTER", "their results after baseline that were collected after the first of them");
}

/// Of the table `excluded`.
pub(in crate::report) enum ExcludedTable {}

impl ExcludedTable {
    pub(in crate::report) const TABLE: &str = "excluded";
    pub(in crate::report) const USUBJID: Column = Column::new("USUBJID", "the subject").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP: Column =
        Column::new("TRTP", "the arm, as the list of arms says it").kind(ColumnKind::Key);
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const SAMPLE: Column = Column::new("SAMPLE", "the sample; empty where there is none");
    pub(in crate::report) const RESULT: Column = Column::new("RESULT", "the result as reported, a text");
    pub(in crate::report) const SCOPE: Column = Column::new(
        "SCOPE",
        "what it is left out of: every analysis, analyses by the declared rule for limits, analyses of change, or analyses adjusted for covariates",
    );
    pub(in crate::report) const RULE: Column = Column::new(
        "RULE",
        "no arm, not randomised, visit window, duplicate visit, mixed matrices, mixed kit lots, not reported, not measured, no \
             sample, limit rule, no baseline or no later result",
    );
    pub(in crate::report) const EXCLREAS: Column = Column::new("EXCLREAS", "the reason in words");
}

/// Of the table `flow`.
pub(in crate::report) enum FlowTable {}

impl FlowTable {
    pub(in crate::report) const TABLE: &str = "flow";
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm").kind(ColumnKind::Key);
    pub(in crate::report) const STEP: Column = Column::new("STEP", "randomised, sampled, measured, reported, analysed");
    pub(in crate::report) const N: Column =
        Column::new("N", "participants who got this far with what the primary analysis needs");
    pub(in crate::report) const N_LOST: Column = Column::new("N_LOST", "participants lost on the way to it");
    pub(in crate::report) const REASONS: Column = Column::new("REASONS", "why, one reason for each participant");
    pub(in crate::report) const N_SAMPLES: Column = Column::new(
        "N_SAMPLES",
        "samples of all visits that got this far; of the first step those that the visits ask for",
    );
}
