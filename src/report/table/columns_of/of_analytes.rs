//! The columns that the page asks for of tables of several analytes.

use super::super::head::{Column, ColumnKind, EstimateColumns, Unit};

/// Of the table `analytes`.
pub(in crate::report) enum AnalytesTable {}

impl AnalytesTable {
    pub(in crate::report) const TABLE: &str = "analytes";
    pub(in crate::report) const PARAM: Column = Column::new("PARAM", "the analyte with its unit");
    pub(in crate::report) const FOLDER: Column = Column::new("FOLDER", "its folder in the study");
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const N_ARM: Column = Column::new("N_ARM", "participants randomised to TRTP");
    pub(in crate::report) const N_ARM_REF: Column = Column::new("N_ARM_REF", "participants randomised to TRTP_REF");
    pub(in crate::report) const N: Column = Column::new("N", "of these in the analysis, of TRTP");
    pub(in crate::report) const N_REF: Column = Column::new("N_REF", "of these in the analysis, of TRTP_REF");
    pub(in crate::report) const RATIO: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
        "ratio of the geometric mean ratios to baseline, TRTP over TRTP_REF",
    );
    pub(in crate::report) const P: Column =
        Column::new("P", "p-value of the ratio, two-sided, adjusted for nothing").kind(ColumnKind::PValue);
    pub(in crate::report) const REASON: Column =
        Column::new("REASON", "why there is no answer; empty where there is one");
}

/// Of the table `families`.
pub(in crate::report) enum FamiliesTable {}

impl FamiliesTable {
    pub(in crate::report) const TABLE: &str = "families";
    pub(in crate::report) const FAMILY: Column = Column::new("FAMILY", "the family of tests that the study declares");
    pub(in crate::report) const ADJUSTMENT: Column = Column::new(
        "ADJUSTMENT",
        "how its p-values are adjusted: Holm, Hochberg, BH, or hierarchical in the declared order",
    );
    pub(in crate::report) const PLACE: Column =
        Column::new("PLACE", "place of the test in the declared list, from 1: its step in a hierarchy");
    pub(in crate::report) const PARAMCD: Column = Column::new("PARAMCD", "code of the analyte");
    pub(in crate::report) const ANALYSIS: Column = Column::new("ANALYSIS", "the test");
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const P: Column = Column::new(
        "P",
        "its p-value; empty where it has none, and then it does not count among the tests of the family",
    )
    .kind(ColumnKind::PValue);
    pub(in crate::report) const P_ADJUSTED: Column =
        Column::new("P_ADJUSTED", "the p-value adjusted for the others of the family").kind(ColumnKind::PValue);
}

/// Of the table `participants`.
pub(in crate::report) enum ParticipantsTable {}

impl ParticipantsTable {
    pub(in crate::report) const TABLE: &str = "participants";
    pub(in crate::report) const USUBJID: Column = Column::new("USUBJID", "the subject").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm").kind(ColumnKind::Key);
    pub(in crate::report) const PARAMCD: Column = Column::new("PARAMCD", "code of the analyte");
    pub(in crate::report) const STATUS: Column = Column::new("STATUS", "matched, no arm, no results or not randomised");
}
