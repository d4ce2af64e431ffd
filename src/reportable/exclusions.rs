//! What the study would be without its exclusions: both results are kept, side by side.

use std::collections::BTreeMap;

use super::resolve::resolve;
use super::result::ReportableResult;
use crate::protocol::Assay;
use crate::qc::JudgedPlate;
use crate::record::{Decisions, Review};

/// The decisions of a study, and its plates and results without them.
///
/// ```
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// // Nobody has decided anything about the demo trial: there is one result, not one with and one without.
/// assert!(study.exclusions.plates_before.is_empty() && study.exclusions.result_before("101-001-W00").is_none());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Exclusions {
    /// Every decision, in force or not.
    pub decisions: Decisions,
    /// The plates that exclusions touch, evaluated and judged as if there were none.
    pub plates_before: Vec<JudgedPlate>,
    /// The result of every sample of the study as if there were no exclusions; empty where there are none.
    pub results_before: Vec<ReportableResult>,
    /// What there is of reviews, by the name of the plate; nothing where nothing can be decided about plates.
    pub reviews: BTreeMap<String, Review>,
}

impl Exclusions {
    /// Puts the plates as they are without exclusions beside `plates`, as they count.
    pub fn new(decisions: Decisions, plates_before: Vec<JudgedPlate>, plates: &[JudgedPlate], assay: &Assay) -> Self {
        let mut exclusions = Self { decisions, plates_before, results_before: Vec::new(), reviews: BTreeMap::new() };
        if !exclusions.plates_before.is_empty() {
            let before: Vec<JudgedPlate> =
                plates.iter().map(|plate| exclusions.plate_before(&plate.id).unwrap_or(plate).clone()).collect();
            exclusions.results_before = resolve(&before, assay);
        }
        exclusions
    }

    /// What there is of reviews of a plate.
    pub fn review(&self, plate: &str) -> &Review {
        const OPEN: &Review = &Review::Open;
        self.reviews.get(plate).unwrap_or(OPEN)
    }

    /// A plate as it is without exclusions, where there are some.
    pub fn plate_before(&self, id: &str) -> Option<&JudgedPlate> {
        self.plates_before.iter().find(|plate| plate.id == id)
    }

    /// The result of a sample without exclusions, where there are some in the study.
    pub fn result_before(&self, sample: &str) -> Option<&ReportableResult> {
        ReportableResult::of(&self.results_before, sample)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reportable::example;

    /// What the plates and results were without exclusions; where there are none, nothing stands beside what counts.
    #[test]
    fn plates_and_results_are_kept_as_they_were() {
        let with = |inside: f64| example::plate("P2", &[("S2", 1.0, [inside; 2])]);
        let plates = [example::plate("P1", &[("S1", 1.0, [100.0; 2])]), with(200.0)];
        let of = |before: Vec<JudgedPlate>| Exclusions::new(Decisions::default(), before, &plates, &example::assay());
        let none = of(Vec::new());
        assert!(none.plate_before("P2").is_none() && none.results_before.is_empty());
        let some = of(vec![example::plate("P9", &[]), with(300.0)]);
        assert_eq!(some.plate_before("P2").map(|plate| plate.id.as_str()), Some("P2"));
        assert!(some.plate_before("P1").is_none());
        let value = |sample: &str| some.result_before(sample).and_then(|result| result.quantity.value()).unwrap_or(0.0);
        assert!(
            (value("S1") - 100.0).abs() < 1.0 && (value("S2") - 300.0).abs() < 3.0,
            "{} {}",
            value("S1"),
            value("S2")
        );
        assert!(some.result_before("S3").is_none() && matches!(some.review("P2"), Review::Open));
    }
}
