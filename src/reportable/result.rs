//! One result per sample, and everything that was measured of it and not chosen.

use serde::Serialize;

use crate::concentration::{GroupResult, Quantity};

/// One measurement of a sample: a group of replicates on a plate, with what the plate's verdict makes of it.
///
/// See [`ReportableResult`] for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Candidate {
    /// The plate.
    pub plate: String,
    /// As measured.
    pub group: GroupResult,
    /// As it may be reported: the measured quantity, or not reported because of the plate.
    pub quantity: Quantity,
    /// The LLOQ of its plate × its dilution factor.
    pub lloq: Option<f64>,
    /// The ULOQ of its plate × its dilution factor.
    pub uloq: Option<f64>,
    /// Whether it is the one that is reported.
    pub chosen: bool,
    /// Why it is or is not.
    pub why: String,
}

#[cfg(test)]
impl Candidate {
    /// A measurement of a sample on a plate whose highest standard is 2000.
    pub(super) fn of(plate: &str, dilution: f64, quantity: Quantity) -> Self {
        let group = GroupResult {
            name: "S".into(),
            dilution,
            wells: Vec::new(),
            mean_response: None,
            cv_percent: None,
            quantity: quantity.clone(),
            flags: Vec::new(),
        };
        let [lloq, uloq] = [31.25, 2000.0].map(|limit| Some(limit * dilution));
        Self { plate: plate.into(), group, quantity, lloq, uloq, chosen: false, why: String::new() }
    }
}

/// The result of a sample.
///
/// ```
/// use platewise::reportable::ReportableResult;
///
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let result = ReportableResult::of(&study.results, "101-001-W00").ok_or("not measured")?;
/// println!("{}: {} pg/mL, from {:?}", result.sample, result.quantity, result.plate);
/// assert!(result.candidates.iter().any(|candidate| candidate.chosen));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct ReportableResult {
    /// The sample.
    pub sample: String,
    /// Its result.
    pub quantity: Quantity,
    /// The plate of the chosen measurement; `None` where there is none.
    pub plate: Option<String>,
    /// The dilution factor of the chosen measurement.
    pub dilution: Option<f64>,
    /// Everything measured of it, in the order of the plates.
    pub candidates: Vec<Candidate>,
    /// Flags of the chosen measurement, or of all where their mean is reported.
    pub flags: Vec<String>,
}

impl ReportableResult {
    /// The result of a sample among results that stand by name, as those of [`resolve`](super::resolve()) do.
    pub fn of<'r>(results: &'r [Self], sample: &str) -> Option<&'r Self> {
        let at = results.binary_search_by(|result| result.sample.as_str().cmp(sample)).ok()?;
        Some(&results[at])
    }
}

/// One line of the work list for the bench.
///
/// See [`ReportableResult`] for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Rerun {
    /// The sample.
    pub sample: String,
    /// The plate of the measurement that has to be repeated.
    pub plate: String,
    /// Why.
    pub reason: String,
    /// The dilution factor that it had.
    pub dilution: Option<f64>,
    /// The dilution factor to use now.
    pub suggested_dilution: Option<f64>,
    /// What to do, in words.
    pub advice: String,
}
