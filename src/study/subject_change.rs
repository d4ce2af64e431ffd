//! The change of one subject from baseline to one visit.

use serde::Serialize;

use crate::concentration::Quantity;

/// The change of one subject from baseline to one visit.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// The subject.
    pub subject: String,
    /// The arm.
    pub arm: String,
    /// The stratum, where there is one.
    pub stratum: Option<String>,
    /// The visit.
    pub visit: String,
    /// Week of the visit.
    pub week: f64,
    /// The visit of the baseline result.
    pub baseline_visit: String,
    /// The baseline result, as reported; `None` where there is none.
    pub baseline: Option<Quantity>,
    /// The visit's result, as reported; `None` where there is none.
    pub endpoint: Option<Quantity>,
    /// Whether there are results of baseline and visit that a rule of the study leaves out.
    pub left_out: [bool; 2],
    /// Whether the visit's result is that of an earlier one, by the strategy for an event.
    pub carried: bool,
    /// The number used for the baseline: the value, or by the below-limit rule.
    pub base: Option<f64>,
    /// The number used for the visit.
    pub aval: Option<f64>,
    /// `aval − base`.
    pub change: Option<f64>,
    /// 100 × (aval − base) / base.
    pub percent_change: Option<f64>,
    /// ln aval − ln base.
    pub log_change: Option<f64>,
    /// Why the subject is not in the analysis; empty when it is.
    pub excluded: String,
}

impl Change {
    /// The value over the baseline, exp(ln AVAL − ln BASE).
    pub fn ratio(&self) -> Option<f64> {
        self.log_change.map(libm::exp)
    }

    /// Whether it holds a number that stands for a value outside the limits.
    pub fn holds_limit(&self) -> bool {
        let measured = |quantity: &Option<Quantity>| matches!(quantity, Some(Quantity::Quantified(_)));
        !(measured(&self.baseline) && measured(&self.endpoint))
    }
}
