//! The columns that the page asks for of tables of plates, and of numbers across plates.

use super::super::head::{Column, ColumnKind, Unit};

/// Of the table `westgard`.
pub(in crate::report) enum WestgardTable {}

impl WestgardTable {
    pub(in crate::report) const TABLE: &str = "westgard";
    pub(in crate::report) const STUDY: Column =
        Column::new("study", "identifier of the study that the plate belongs to").kind(ColumnKind::Study);
    pub(in crate::report) const PLATE: Column =
        Column::new("plate", "the plate whose number breaks the rule").kind(ColumnKind::Key);
    pub(in crate::report) const ITEM: Column = Column::new("item", "what is charted");
    pub(in crate::report) const RULE: Column = Column::new("rule", "the rule, as Westgard writes it");
    pub(in crate::report) const MEANS: Column = Column::new("means", "the rule in words");
    pub(in crate::report) const KIND: Column =
        Column::new("kind", "warning (1_2s) or rejection; a rejection decides only where the method says so");
    pub(in crate::report) const LIMITS: Column = Column::new("limits", "fixed or provisional");
    pub(in crate::report) const VALUES: Column = Column::new("values", "the numbers that take part, with their z");
}

/// Of the table `movements`.
pub(in crate::report) enum MovementsTable {}

impl MovementsTable {
    pub(in crate::report) const TABLE: &str = "movements";
    pub(in crate::report) const PLATE: Column = Column::new("plate", "name of the plate").kind(ColumnKind::Key);
    pub(in crate::report) const MOVED: Column =
        Column::new("moved", "what moved: nothing, one control alone, the whole plate, controls to both sides");
    pub(in crate::report) const CONTROLS: Column = Column::new(
        "controls",
        "each level with its deviation: mean of its sets' z times √sets; before there are limits, z is 2 × bias / its limit",
    );
    pub(in crate::report) const CURVE: Column =
        Column::new("curve", "parameters, blank and top response beyond ±2 s, with their z");
}

/// Of the table `precision`.
pub(in crate::report) enum PrecisionTable {}

impl PrecisionTable {
    pub(in crate::report) const TABLE: &str = "precision";
    pub(in crate::report) const SCOPE: Column =
        Column::new("scope", "study: its own plates; history: these and all earlier ones");
    pub(in crate::report) const KIT_LOT: Column = Column::new("kit_lot", "lot of the kit; `all` for all lots together");
    pub(in crate::report) const CONTROL: Column = Column::new("control", "level of the control");
    pub(in crate::report) const NOMINAL: Column =
        Column::new("nominal", "nominal concentration, in `unit`").of(Unit::Study);
    pub(in crate::report) const BASIS: Column =
        Column::new("basis", "sets: the reportable value of a set of replicates; wells: single wells");
    pub(in crate::report) const PLATES: Column = Column::new("plates", "accepted plates");
    pub(in crate::report) const VALUES: Column = Column::new("values", "values on them");
    pub(in crate::report) const MEAN: Column = Column::new("mean", "their mean, in `unit`").of(Unit::Study);
    pub(in crate::report) const BIAS_PERCENT: Column =
        Column::new("bias_percent", "100 × (mean − nominal) / nominal").of(Unit::Percent);
    pub(in crate::report) const INTRA_CV_PERCENT: Column =
        Column::new("intra_cv_percent", "CV within plates: s_r / mean").of(Unit::Percent);
    pub(in crate::report) const INTER_CV_PERCENT: Column =
        Column::new("inter_cv_percent", "CV across plates, intermediate precision: √(s_r² + s_b²) / mean")
            .of(Unit::Percent);
    pub(in crate::report) const TOTAL_ERROR_PERCENT: Column =
        Column::new("total_error_percent", "|bias| + CV across plates").of(Unit::Percent);
    pub(in crate::report) const REMARKS: Column =
        Column::new("remarks", "why a number is missing; a negative component of variance; a mean to investigate");
}

/// Of the table `effects`.
pub(in crate::report) enum EffectsTable {}

impl EffectsTable {
    pub(in crate::report) const TABLE: &str = "effects";
    pub(in crate::report) const PLATE: Column =
        Column::new("plate", "name of the plate; `all` for all plates together").kind(ColumnKind::Key);
    pub(in crate::report) const EFFECT: Column =
        Column::new("effect", "edge, a row, a column, or drift from the first to the last controls");
    pub(in crate::report) const PERCENT: Column =
        Column::new("percent", "change of the response; for drift of the concentration").of(Unit::Percent);
    pub(in crate::report) const LOWER: Column =
        Column::new("lower", "lower end of its confidence interval, in percent").of(Unit::Percent);
    pub(in crate::report) const UPPER: Column =
        Column::new("upper", "upper end of its confidence interval, in percent").of(Unit::Percent);
    pub(in crate::report) const P: Column = Column::new("p", "two-sided p-value").kind(ColumnKind::PValue);
    pub(in crate::report) const THRESHOLD: Column = Column::new(
        "threshold",
        "p below which there is a warning: false_alarm_percent, shared by the contrasts of a plate",
    );
    pub(in crate::report) const OUTCOME: Column =
        Column::new("outcome", "pass, warning, or not evaluable; nothing is ever corrected").kind(ColumnKind::Verdict);
}

/// Of every table of plates.
pub(in crate::report) enum PlateColumns {}

impl PlateColumns {
    pub(in crate::report) const PLATE: Column =
        Column::new("plate", "name of the plate in the study").kind(ColumnKind::Key);
}

/// Of the table `standards`.
pub(in crate::report) enum StandardsTable {}

impl StandardsTable {
    pub(in crate::report) const TABLE: &str = "standards";
    pub(in crate::report) const FIT: Column =
        Column::new("fit", "final: the fit that counts; first: the one before a standard was rejected, where one was");
    pub(in crate::report) const NOMINAL: Column =
        Column::new("nominal", "nominal concentration, in `unit`").of(Unit::Study);
    pub(in crate::report) const RESPONSES: Column =
        Column::new("responses", "the response of each of its wells; in brackets one that was left out");
    pub(in crate::report) const RESPONSE_CV_PERCENT: Column =
        Column::new("response_cv_percent", "CV of their responses, in percent").of(Unit::Percent);
    pub(in crate::report) const BACK_CALCULATED: Column =
        Column::new("back_calculated", "concentration of the mean response on the curve, in `unit`").of(Unit::Study);
    pub(in crate::report) const BIAS_PERCENT: Column =
        Column::new("bias_percent", "100 × (back-calculated − nominal) / nominal").of(Unit::Percent);
    pub(in crate::report) const CONCENTRATION_CV_PERCENT: Column =
        Column::new("concentration_cv_percent", "CV of the wells' back-calculated concentrations, in percent")
            .of(Unit::Percent);
    pub(in crate::report) const OUTCOME: Column = Column::new(
        "outcome",
        "pass or fail; left out: rejected by the rule, so that this fit is without it; not judged: zero or an anchor",
    )
    .kind(ColumnKind::Verdict);
    pub(in crate::report) const FAILURE: Column = Column::new("failure", "in which limit it fails");
}

/// Of the table `controls`.
pub(in crate::report) enum ControlsTable {}

impl ControlsTable {
    pub(in crate::report) const TABLE: &str = "controls";
    pub(in crate::report) const CONTROL: Column = Column::new("control", "level of the control");
    pub(in crate::report) const WELLS: Column = Column::new("wells", "its wells");
    pub(in crate::report) const NOMINAL: Column = Column::new(
        "nominal",
        "nominal concentration of the undiluted control, in `unit`; empty where it is watched and not judged",
    )
    .of(Unit::Study);
    pub(in crate::report) const BIAS_PERCENT: Column =
        Column::new("bias_percent", "100 × (found − nominal) / nominal").of(Unit::Percent);
    pub(in crate::report) const CV_PERCENT: Column =
        Column::new("cv_percent", "CV of the replicates' concentrations, in percent").of(Unit::Percent);
}
