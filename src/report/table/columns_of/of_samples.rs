//! The columns that the page asks for of tables of samples and their concentrations.

use super::super::head::{Column, ColumnKind, Unit};

/// Of every table of samples.
pub(in crate::report) enum SampleColumns {}

impl SampleColumns {
    pub(in crate::report) const SUBJECT: Column =
        Column::new("subject", "the subject, as in the list of samples").kind(ColumnKind::OfTrial);
    pub(in crate::report) const VISIT: Column =
        Column::new("visit", "the visit, as in the list of samples or by the day of collection, as the study declares")
            .kind(ColumnKind::OfTrial);
    pub(in crate::report) const SAMPLE: Column = Column::new("sample", "name of the sample").kind(ColumnKind::Key);
}

/// How a sample was kept.
pub(in crate::report) enum StabilityColumns {}

impl StabilityColumns {
    pub(in crate::report) const STABILITY: Column = Column::new(
        "stability",
        "within or beyond the ages and thaws that [stability] declares, or unknown where the list does not tell; empty where it \
             declares none",
    );
}

/// Of the table `concentrations`.
pub(in crate::report) enum ConcentrationsTable {}

impl ConcentrationsTable {
    pub(in crate::report) const TABLE: &str = "concentrations";
    pub(in crate::report) const PLATE: Column =
        Column::new("plate", "the plate of the reported measurement").kind(ColumnKind::Key);
    pub(in crate::report) const DILUTION: Column = Column::new("dilution", "its dilution factor");
    pub(in crate::report) const MEASUREMENTS: Column =
        Column::new("measurements", "how often the sample was measured; see the table `measurements`");
    pub(in crate::report) const FLAGS: Column = Column::new("flags", "what a reader should know");
}

/// Of the table `identity`.
pub(in crate::report) enum IdentityTable {}

impl IdentityTable {
    pub(in crate::report) const TABLE: &str = "identity";
    pub(in crate::report) const RULE: Column = Column::new("rule", "what leaves it in doubt whose result this is");
    pub(in crate::report) const OF: Column = Column::new("of", "the sample or plate");
    pub(in crate::report) const FOUND: Column = Column::new("found", "what was found");
    pub(in crate::report) const PLACE: Column = Column::new("place", "where");
    pub(in crate::report) const ADVICE: Column = Column::new("advice", "what to do");
}

/// Of the table `measurements`.
pub(in crate::report) enum MeasurementsTable {}

impl MeasurementsTable {
    pub(in crate::report) const TABLE: &str = "measurements";
    pub(in crate::report) const PLATE: Column = Column::new("plate", "the plate").kind(ColumnKind::Key);
    pub(in crate::report) const WELLS: Column = Column::new("wells", "its wells");
    pub(in crate::report) const DILUTION: Column = Column::new("dilution", "dilution factor, ≥ 1");
    pub(in crate::report) const MEAN_RESPONSE: Column = Column::new("mean_response", "mean of the responses");
    pub(in crate::report) const CV_PERCENT: Column =
        Column::new("cv_percent", "CV of the replicates' concentrations, in percent").of(Unit::Percent);
    pub(in crate::report) const CHOSEN: Column = Column::new("chosen", "Y for the measurement that is reported");
    pub(in crate::report) const FLAGS: Column = Column::new("flags", "what a reader should know");
    pub(in crate::report) const AGE_DAYS: Column =
        Column::new("age_days", "its age when the plate was read, in days; a range where a date may mean several days");
    pub(in crate::report) const THAWS: Column = Column::new("thaws", "how often it had been thawed");
}

/// Of the table `reruns`.
pub(in crate::report) enum RerunsTable {}

impl RerunsTable {
    pub(in crate::report) const TABLE: &str = "reruns";
    pub(in crate::report) const PLATE: Column =
        Column::new("plate", "the plate of the measurement").kind(ColumnKind::Key);
    pub(in crate::report) const REASON: Column = Column::new("reason", "why it has to be repeated");
    pub(in crate::report) const DILUTION: Column = Column::new("dilution", "the dilution factor that it had");
    pub(in crate::report) const SUGGESTED_DILUTION: Column =
        Column::new("suggested_dilution", "the dilution factor to use now");
    pub(in crate::report) const ADVICE: Column = Column::new("advice", "what to do");
}

/// Of a concentration.
pub(in crate::report) enum QuantityColumns {}

impl QuantityColumns {
    pub(in crate::report) const LOWER: Column = Column::new("lower", "lower end of its confidence interval, in `unit`; empty where it is open. It holds well-to-well noise, the uncertainty of the \
             curve and, where controls in several places on their plates show it (column `shared_cv_percent`), what the wells of a set \
             share (pipetting, place); the dilution of a sample is not in it").of(Unit::Study);
    pub(in crate::report) const UPPER: Column = Column::new(
        "upper",
        "upper end of its confidence interval, in `unit`; empty where it is open. It holds what `lower` holds",
    )
    .of(Unit::Study);
    pub(in crate::report) const STATUS: Column =
        Column::new("status", "quantified, below LLOQ, above ULOQ or not reported").kind(ColumnKind::Verdict);
    pub(in crate::report) const REPORTED: Column =
        Column::new("reported", "as reported, a text: 812.3, <312, >20000, or why there is no result");
}
