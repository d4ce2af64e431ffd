//! The columns that the page asks for of tables of the comparison of the arms.

use super::super::head::{Column, ColumnKind, EstimateColumns, Unit};

/// Of a p-value that is adjusted in a family.
pub(in crate::report) enum AdjustedColumns {}

impl AdjustedColumns {
    pub(in crate::report) const FAMILY: Column = Column::new("FAMILY", "the family of tests that the study declares");
    pub(in crate::report) const ADJUSTMENT: Column = Column::new(
        "ADJUSTMENT",
        "how its p-values are adjusted: Holm, Hochberg, BH, or hierarchical in the declared order",
    );
    pub(in crate::report) const P_ADJUSTED: Column =
        Column::new("P_ADJUSTED", "the adjusted p-value").kind(ColumnKind::PValue);
}

/// Of the table `summary`.
pub(in crate::report) enum SummaryTable {}

impl SummaryTable {
    pub(in crate::report) const TABLE: &str = "summary";
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm").kind(ColumnKind::Key);
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const N: Column =
        Column::new("N", "subjects with a value or a limit at the visit: the n of MEDIAN, Q1, Q3, MIN and MAX");
    pub(in crate::report) const N_BELOW: Column = Column::new("N_BELOW", "of these below the LLOQ");
    pub(in crate::report) const N_ABOVE: Column = Column::new("N_ABOVE", "of these above the ULOQ");
    pub(in crate::report) const N_MISSING: Column = Column::new("N_MISSING", "subjects without a result at the visit");
    pub(in crate::report) const N_MEAN: Column =
        Column::new("N_MEAN", "numbers that MEAN, SD, SE, GEOMEAN and GEOCV are of; 0 where these are not estimable");
    pub(in crate::report) const MEDIAN: Column =
        Column::new("MEDIAN", "median, in the unit of PARAM; <312.5 where it is known by a limit only").of(Unit::Param);
    pub(in crate::report) const Q1: Column =
        Column::new("Q1", "first quartile by SAS's default definition (type 2), in the unit of PARAM, or its limit")
            .of(Unit::Param);
    pub(in crate::report) const Q3: Column =
        Column::new("Q3", "third quartile by the same definition, in the unit of PARAM, or its limit").of(Unit::Param);
    pub(in crate::report) const GEOMEAN: EstimateColumns = EstimateColumns::new(
        Unit::Param,
        ["GEOMEAN", "GEOMEAN_LOWER", "GEOMEAN_UPPER"],
        "geometric mean, in the unit of PARAM",
    );
    pub(in crate::report) const GEOMEAN_CENS: EstimateColumns = EstimateColumns::new(
        Unit::Param,
        ["GEOMEAN_CENS", "GEOMEAN_CENS_LOWER", "GEOMEAN_CENS_UPPER"],
        "geometric mean with values outside the limits treated as censored (Tobit), in the unit of PARAM",
    );
    pub(in crate::report) const GEOMEAN_ROS: Column = Column::new("GEOMEAN_ROS", "geometric mean by regression on order statistics, where values are below the limit, in the unit of PARAM; an estimate without an \
             interval, beside GEOMEAN_CENS which has one").of(Unit::Param);
    pub(in crate::report) const NOT_ESTIMABLE: Column =
        Column::new("NOT_ESTIMABLE", "why there is no mean: too many values are outside the limits, or nobody has one");
    pub(in crate::report) const N_CHG: Column =
        Column::new("N_CHG", "subjects whose change the following is of; 0 where it is not estimable");
    pub(in crate::report) const CHG_MEAN: EstimateColumns =
        EstimateColumns::new(Unit::Param, ["CHG_MEAN", "CHG_LOWER", "CHG_UPPER"], "mean change, in the unit of PARAM");
    pub(in crate::report) const PCHG_MEAN: EstimateColumns = EstimateColumns::new(
        Unit::Percent,
        ["PCHG_MEAN", "PCHG_LOWER", "PCHG_UPPER"],
        "mean change relative to baseline, in percent",
    );
    pub(in crate::report) const N_PCHG: Column =
        Column::new("N_PCHG", "subjects with a value or a limit at both visits: the n of the following five");
    pub(in crate::report) const PCHG_MEDIAN: Column = Column::new(
        "PCHG_MEDIAN",
        "median change relative to baseline, in percent; <-80 where it is known by a limit only",
    )
    .of(Unit::Percent);
    pub(in crate::report) const PCHG_Q1: Column =
        Column::new("PCHG_Q1", "its first quartile (type 2)").of(Unit::Percent);
    pub(in crate::report) const PCHG_Q3: Column =
        Column::new("PCHG_Q3", "its third quartile (type 2)").of(Unit::Percent);
    pub(in crate::report) const PCHG_MEDIAN_LOWER: Column = Column::new(
        "PCHG_MEDIAN_LOWER",
        "lower end of the interval for the median, by order statistics; empty where there are too few for the level",
    )
    .of(Unit::Percent);
    pub(in crate::report) const PCHG_MEDIAN_UPPER: Column =
        Column::new("PCHG_MEDIAN_UPPER", "upper end of the same").of(Unit::Percent);
    pub(in crate::report) const GMR: EstimateColumns =
        EstimateColumns::new(Unit::One, ["GMR", "GMR_LOWER", "GMR_UPPER"], "geometric mean of visit / baseline");
    pub(in crate::report) const GMR_CENS: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["GMR_CENS", "GMR_CENS_LOWER", "GMR_CENS_UPPER"],
        "geometric mean of visit / baseline with values outside the limits treated as censored (Tobit)",
    );
    pub(in crate::report) const GMR_ROS: Column = Column::new(
        "GMR_ROS",
        "geometric mean of visit / baseline by regression on order statistics, where values are below the limit; an estimate without \
             an interval, beside GMR_CENS which has one",
    );
    pub(in crate::report) const CHG_NOT_ESTIMABLE: Column = Column::new(
        "CHG_NOT_ESTIMABLE",
        "why there is no mean change: too many values are outside the limits, or nobody has both",
    );
}

/// Of the table `comparison`.
pub(in crate::report) enum ComparisonTable {}

impl ComparisonTable {
    pub(in crate::report) const TABLE: &str = "comparison";
    /// The same of every rule for values outside the limits.
    pub(in crate::report) const SENSITIVITY: &str = "sensitivity";
    pub(in crate::report) const ANALYSIS: Column = Column::new("ANALYSIS", "name of the analysis");
    pub(in crate::report) const PRIMARY: Column = Column::new("PRIMARY", "Y for the declared primary analysis");
    pub(in crate::report) const MODEL: Column = Column::new("MODEL", "the model in words");
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm in the numerator").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const N: Column = Column::new("N", "subjects of the arm that were used");
    pub(in crate::report) const N_REF: Column = Column::new("N_REF", "subjects of the reference arm that were used");
    pub(in crate::report) const RATIO: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["RATIO", "RATIO_LOWER", "RATIO_UPPER"],
        "ratio of the geometric mean ratios to baseline, arm / reference",
    );
    pub(in crate::report) const ADJ_GMR: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["ADJ_GMR", "ADJ_GMR_LOWER", "ADJ_GMR_UPPER"],
        "adjusted geometric mean of visit / baseline of the arm, at the mean log baseline",
    );
    pub(in crate::report) const ADJ_GMR_REF: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["ADJ_GMR_REF", "ADJ_GMR_REF_LOWER", "ADJ_GMR_REF_UPPER"],
        "the same of the reference arm; RATIO is the one over the other",
    );
    pub(in crate::report) const STATISTIC: Column = Column::new("STATISTIC", "test statistic");
    pub(in crate::report) const DF: Column = Column::new("DF", "degrees of freedom");
    pub(in crate::report) const P: Column = Column::new("P", "two-sided p-value").kind(ColumnKind::PValue);
    pub(in crate::report) const LIMIT_RULE: Column =
        Column::new("LIMIT_RULE", "what stood for values outside the limits");
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no estimate");
}

/// Of responders in two arms.
pub(in crate::report) enum CountedColumns {}

impl CountedColumns {
    pub(in crate::report) const DEFINITION: Column = Column::new("DEFINITION", "who responds");
    pub(in crate::report) const DENOMINATOR: Column = Column::new("DENOMINATOR", "who is counted");
    pub(in crate::report) const AVISIT: Column = Column::new("AVISIT", "the visit");
    pub(in crate::report) const TRTP: Column = Column::new("TRTP", "the arm").kind(ColumnKind::Key);
    pub(in crate::report) const TRTP_REF: Column = Column::new("TRTP_REF", "the reference arm");
    pub(in crate::report) const RESPONDERS: Column = Column::new("RESPONDERS", "responders of the arm");
    pub(in crate::report) const N: Column = Column::new("N", "subjects of the arm that are counted");
    pub(in crate::report) const RESPONDERS_REF: Column =
        Column::new("RESPONDERS_REF", "responders of the reference arm");
    pub(in crate::report) const N_REF: Column = Column::new("N_REF", "subjects of the reference arm that are counted");
    pub(in crate::report) const DIFFERENCE: EstimateColumns = EstimateColumns::new(
        Unit::One,
        ["DIFFERENCE", "DIFFERENCE_LOWER", "DIFFERENCE_UPPER"],
        "difference of the proportions, arm − reference, with Newcombe's interval",
    );
    pub(in crate::report) const TEST: Column = Column::new("TEST", "the declared test");
    pub(in crate::report) const P: Column = Column::new("P", "its p-value").kind(ColumnKind::PValue);
}

/// Of the table `responders`.
pub(in crate::report) enum RespondersTable {}

impl RespondersTable {
    pub(in crate::report) const TABLE: &str = "responders";
    pub(in crate::report) const REASON: Column = Column::new("REASON", "why there is no comparison or no test");
}
