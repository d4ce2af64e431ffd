//! What is asked of the wells of a plate before its curve is trusted: whether there is anything in them, whether they are this
//! plate's own, whether the reader could measure them, and whether they agree with the layout.

use super::arrangement::StudyPlates;
use super::plate_read_once::SameWells;
use super::{plate_signal, reader_maximum};
use crate::plate::AssayPlate;
use crate::protocol::Assay;
use crate::qc::outcome::Outcome;
use crate::qc::verdict::Finding;

/// What the plates of a study say of each other, before any has a curve.
///
/// ```
/// use platewise::qc::{Outcome, before_curve::BeforeCurve};
/// use platewise::{protocol::Assay, simulate};
///
/// let trial = simulate::plates(2, 1)?;
/// let mut plates: Vec<_> = trial.plates.iter().map(|plate| plate.assay_plate(&trial.protocol)).collect();
/// plates[1] = platewise::plate::AssayPlate { id: "again".into(), ..plates[0].clone() };
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n")?;
/// let study = BeforeCurve::of(&plates.iter().collect::<Vec<_>>());
/// let findings = study.judge(&plates[0], &assay);
/// let twice = findings.iter().find(|finding| finding.rule == "plate_read_once").ok_or("no finding")?;
/// assert_eq!(twice.outcome, Outcome::Fail);
/// assert!(twice.observed.contains("exactly as plate again"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BeforeCurve {
    arrangements: StudyPlates,
    same: SameWells,
}

impl BeforeCurve {
    /// Looks at all plates of a study but those that a decision leaves out, which say nothing of the others.
    pub fn of(plates: &[&AssayPlate]) -> Self {
        let counting: Vec<&AssayPlate> = plates.iter().copied().filter(|plate| plate.excluded.is_none()).collect();
        Self { arrangements: StudyPlates::of(&counting), same: SameWells::among(&counting) }
    }

    /// The findings on a plate, in the order in which they decide.
    pub fn judge(&self, plate: &AssayPlate, assay: &Assay) -> Vec<Finding> {
        let signal = plate_signal::judge(plate);
        let arranged = (signal.outcome == Outcome::Pass).then(|| self.arrangements.judge(plate, assay));
        [signal, self.same.judge(plate), reader_maximum::judge(plate)].into_iter().chain(arranged).collect()
    }
}

#[cfg(feature = "report")] // simulated plates
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plate_that_a_decision_leaves_out_condemns_no_other() {
        let trial = crate::simulate::plates(2, 1).unwrap();
        let mut plates: Vec<_> = trial.plates.iter().map(|plate| plate.assay_plate(&trial.protocol)).collect();
        plates[1] = AssayPlate { id: "again".into(), ..plates[0].clone() };
        let assay = crate::qc::across_plates::example::assay("");
        let outcome = |plates: &[AssayPlate]| {
            let findings = BeforeCurve::of(&plates.iter().collect::<Vec<_>>()).judge(&plates[0], &assay);
            findings.iter().find(|finding| finding.rule == "plate_read_once").map(|finding| finding.outcome)
        };
        assert_eq!(outcome(&plates), Some(Outcome::Fail));
        plates[1].excluded = Some(crate::plate::Excluded { line: 1, reason: "instrument: read twice".into() });
        assert_eq!(outcome(&plates), Some(Outcome::Pass));
    }
}
