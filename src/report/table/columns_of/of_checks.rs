//! The columns that the page asks for of tables of what stands beside the comparison.

use super::super::head::{Column, ColumnKind, EstimateColumns, Unit};

/// Of the table `missing_data`.
pub(in crate::report) enum MissingDataTable {}

impl MissingDataTable {
    pub(in crate::report) const TABLE: &str = "missing_data";
    pub(in crate::report) const ASSUMPTION: Column =
        Column::new("ASSUMPTION", "what is assumed of the arm's values after the last that was measured");
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const N: Column = Column::new(
        "N",
        "subjects of the arm in the analysis: all with a baseline, and with the covariates of the study",
    );
    pub(in crate::report) const N_REF: Column = Column::new("N_REF", "the same of the reference arm");
    pub(in crate::report) const N_IMPUTED: Column = Column::new("N_IMPUTED", "of N, those whose end point was imputed");
    pub(in crate::report) const N_IMPUTED_REF: Column =
        Column::new("N_IMPUTED_REF", "of N_REF, those whose end point was imputed");
    pub(in crate::report) const RATIO: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
        "ratio of the geometric mean ratios to baseline, arm / reference, pooled by Rubin's rules",
    );
    pub(in crate::report) const SE_LOG: Column = Column::new("SE_LOG", "standard error of ln RATIO");
    pub(in crate::report) const DF: Column = Column::new("DF", "degrees of freedom, by Barnard and Rubin");
    pub(in crate::report) const P: Column = Column::new("P", "two-sided p-value").kind(ColumnKind::PValue);
    pub(in crate::report) const MC_ERROR: Column =
        Column::new("MC_ERROR", "Monte-Carlo error: standard deviation of ln RATIO from seed to seed");
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why nothing was imputed");
}

/// Of the table `assay_error`.
pub(in crate::report) enum AssayErrorTable {}

impl AssayErrorTable {
    pub(in crate::report) const TABLE: &str = "assay_error";
    pub(in crate::report) const ASSAY_ERROR: Column =
        Column::new("ASSAY_ERROR", "which assay error the interval holds");
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const RATIO: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
        "ratio of the geometric mean ratios to baseline, arm / reference",
    );
    pub(in crate::report) const SE_LOG: Column = Column::new("SE_LOG", "standard error of ln RATIO");
    pub(in crate::report) const DF: Column = Column::new("DF", "degrees of freedom");
    pub(in crate::report) const P: Column = Column::new("P", "two-sided p-value").kind(ColumnKind::PValue);
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no interval");
}

/// Of the table `plate_effect`.
pub(in crate::report) enum PlateEffectTable {}

impl PlateEffectTable {
    pub(in crate::report) const TABLE: &str = "plate_effect";
    pub(in crate::report) const TERM: Column = Column::new("TERM", "the term: the plate or the kit lot of a visit");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const N: Column = Column::new("N", "subjects in both models");
    pub(in crate::report) const RATIO: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
        "ratio of the geometric mean ratios to baseline, without the term",
    );
    pub(in crate::report) const RATIO_TERM: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["RATIO_TERM", "RATIO_TERM_LOWER", "RATIO_TERM_UPPER"],
        "the ratio with the term",
    );
    pub(in crate::report) const INFLATION: Column =
        Column::new("INFLATION", "by how much the variance grows because the arms are spread unevenly; 1: not at all");
    pub(in crate::report) const P: Column = Column::new("P", "p-value of the term").kind(ColumnKind::PValue);
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no ratio with the term");
}

/// Of the table `subgroups`.
pub(in crate::report) enum SubgroupsTable {}

impl SubgroupsTable {
    pub(in crate::report) const TABLE: &str = "subgroups";
    pub(in crate::report) const FACTOR: Column = Column::new("FACTOR", "what the groups are by");
    pub(in crate::report) const GROUP: Column = Column::new("GROUP", "the group");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const N: Column = Column::new("N", "subjects of the arm in the group");
    pub(in crate::report) const N_REF: Column = Column::new("N_REF", "subjects of the reference arm in the group");
    pub(in crate::report) const RATIO: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
        "ratio of the geometric mean ratios to baseline, arm / reference, in the group",
    );
    pub(in crate::report) const P_INTERACTION: Column =
        Column::new("P_INTERACTION", "p-value of the interaction").kind(ColumnKind::PValue);
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no ratio");
}

/// Of the table `responders_standardised`.
pub(in crate::report) enum RespondersStandardisedTable {}

impl RespondersStandardisedTable {
    pub(in crate::report) const TABLE: &str = "responders_standardised";
    pub(in crate::report) const DEFINITION: Column = Column::new("DEFINITION", "who responds");
    pub(in crate::report) const DENOMINATOR: Column = Column::new("DENOMINATOR", "who is counted");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const N: Column =
        Column::new("N", "subjects of the arm in the model: of those counted the ones with a baseline");
    pub(in crate::report) const N_REF: Column = Column::new("N_REF", "the same of the reference arm");
    pub(in crate::report) const PROPORTION: Column =
        Column::new("PROPORTION", "standardised proportion: as if everybody had been in the arm");
    pub(in crate::report) const PROPORTION_REF: Column = Column::new("PROPORTION_REF", "the same of the reference arm");
    pub(in crate::report) const RISK_RATIO: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["RISK_RATIO", "RISK_RATIO_LOWER", "RISK_RATIO_UPPER"],
        "PROPORTION / PROPORTION_REF",
    );
    pub(in crate::report) const P: Column =
        Column::new("P", "two-sided p-value of RISK_RATIO").kind(ColumnKind::PValue);
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no estimate");
}

/// Of the table `next_trial`.
pub(in crate::report) enum NextTrialTable {}

impl NextTrialTable {
    pub(in crate::report) const TABLE: &str = "next_trial";
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const ASSUMPTION: Column =
        Column::new("ASSUMPTION", "what is assumed of the standard deviation");
    pub(in crate::report) const SD_LOG: Column =
        Column::new("SD_LOG", "standard deviation of the log change of a participant, after adjustment");
    pub(in crate::report) const RATIO: Column = Column::new("RATIO", "the ratio that is to be found");
    pub(in crate::report) const POWER: Column =
        Column::new("POWER", "the power asked for, in percent").of(Unit::Percent);
    pub(in crate::report) const N_EVALUABLE: Column =
        Column::new("N_EVALUABLE", "participants with an end point in each arm");
    pub(in crate::report) const N_RANDOMISED: Column =
        Column::new("N_RANDOMISED", "participants to be randomised to each arm");
    pub(in crate::report) const POWER_NOW: Column = Column::new(
        "POWER_NOW",
        "the power with as many in each arm as the smaller arm had in this analysis, in percent",
    )
    .of(Unit::Percent);
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no size");
}
