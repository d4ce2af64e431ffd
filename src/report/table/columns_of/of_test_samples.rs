//! The columns that the page asks for of tables of samples that test the method, and of kit lots.

use super::super::head::{Column, ColumnKind, Unit};

/// Of the table `parallelism`.
pub(in crate::report) enum ParallelismTable {}

impl ParallelismTable {
    pub(in crate::report) const TABLE: &str = "parallelism";
    pub(in crate::report) const PLATE: Column = Column::new("plate", "name of the plate").kind(ColumnKind::Key);
    pub(in crate::report) const SAMPLE: Column = Column::new("sample", "the sample").kind(ColumnKind::Key);
    pub(in crate::report) const DILUTIONS: Column =
        Column::new("dilutions", "each dilution factor with its corrected concentration; – outside the range");
    pub(in crate::report) const CV_PERCENT: Column =
        Column::new("cv_percent", "CV of the corrected concentrations inside the range").of(Unit::Percent);
    pub(in crate::report) const OUTCOME: Column =
        Column::new("outcome", "pass, fail, or not evaluable, by the CV").kind(ColumnKind::Verdict);
    pub(in crate::report) const SLOPE: Column =
        Column::new("slope", "trend: slope of ln concentration on ln dilution; 0 is parallel");
    pub(in crate::report) const SLOPE_P: Column =
        Column::new("slope_p", "p-value of no trend").kind(ColumnKind::PValue);
    pub(in crate::report) const CONCENTRATION: Column =
        Column::new("concentration", "by the mid-point under a shared shape, in `unit`").of(Unit::Study);
    pub(in crate::report) const LOWER: Column =
        Column::new("lower", "lower end of its confidence interval, in `unit`").of(Unit::Study);
    pub(in crate::report) const UPPER: Column =
        Column::new("upper", "upper end of its confidence interval, in `unit`").of(Unit::Study);
    pub(in crate::report) const REMARKS: Column = Column::new("remarks", "why a number is missing");
}

/// Of the table `spikes`.
pub(in crate::report) enum SpikesTable {}

impl SpikesTable {
    pub(in crate::report) const TABLE: &str = "spikes";
    pub(in crate::report) const SAMPLE: Column = Column::new("sample", "the spiked sample").kind(ColumnKind::Key);
    pub(in crate::report) const OF: Column = Column::new("of", "the sample that it was made from");
    pub(in crate::report) const ADDED: Column =
        Column::new("added", "what was added, in `unit`, of the undiluted sample").of(Unit::Study);
    pub(in crate::report) const SPIKED: Column = Column::new("spiked", "result of the spiked sample");
    pub(in crate::report) const UNSPIKED: Column = Column::new("unspiked", "result of the sample without the spike");
    pub(in crate::report) const RECOVERY_PERCENT: Column =
        Column::new("recovery_percent", "100 × (spiked − unspiked) / added").of(Unit::Percent);
    pub(in crate::report) const LOWER: Column =
        Column::new("lower", "lower end of its interval, in percent, both results taken as independent")
            .of(Unit::Percent);
    pub(in crate::report) const UPPER: Column =
        Column::new("upper", "upper end of its interval, in percent").of(Unit::Percent);
    pub(in crate::report) const OUTCOME: Column =
        Column::new("outcome", "pass, fail or not evaluable").kind(ColumnKind::Verdict);
    pub(in crate::report) const REMARKS: Column = Column::new("remarks", "why there is no recovery");
}

/// Of the table `isr`.
pub(in crate::report) enum IsrTable {}

impl IsrTable {
    pub(in crate::report) const TABLE: &str = "isr";
    pub(in crate::report) const SAMPLE: Column = Column::new("sample", "name of the repeat").kind(ColumnKind::Key);
    pub(in crate::report) const OF: Column = Column::new("of", "the sample");
    pub(in crate::report) const FIRST: Column = Column::new("first", "first result, which stays the reported one");
    pub(in crate::report) const REPEAT: Column = Column::new("repeat", "result of the repeat");
    pub(in crate::report) const DIFFERENCE_PERCENT: Column =
        Column::new("difference_percent", "100 × (repeat − first) / mean of the two").of(Unit::Percent);
    pub(in crate::report) const OUTCOME: Column =
        Column::new("outcome", "pass, fail or not evaluable; what cannot be computed does not pass")
            .kind(ColumnKind::Verdict);
    pub(in crate::report) const REMARKS: Column = Column::new("remarks", "why there is no difference");
}

/// Of the table `lots`.
pub(in crate::report) enum LotsTable {}

impl LotsTable {
    pub(in crate::report) const TABLE: &str = "lots";
    pub(in crate::report) const FROM: Column = Column::new("from", "the earlier kit lot");
    pub(in crate::report) const TO: Column = Column::new("to", "the later kit lot");
    pub(in crate::report) const RATIO: Column = Column::new("ratio", "ratio of the mid-points, later / earlier");
    pub(in crate::report) const LOWER: Column = Column::new("lower", "lower end of its confidence interval");
    pub(in crate::report) const UPPER: Column = Column::new("upper", "upper end of its confidence interval");
    pub(in crate::report) const INTERVAL_FROM: Column =
        Column::new("interval_from", "what the interval accounts for: plates of a lot, or only the wells of a plate");
    pub(in crate::report) const SHAPE_F: Column =
        Column::new("shape_f", "F of a shape per lot against one shape for both");
    pub(in crate::report) const SHAPE_P: Column =
        Column::new("shape_p", "its p-value: small when the lots have different shapes").kind(ColumnKind::PValue);
    pub(in crate::report) const REMARKS: Column = Column::new("remarks", "why a number is missing");
}
