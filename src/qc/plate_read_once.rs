//! Whether the wells are this plate's own: the same export under two names, and a plate that was read twice, are two plates of the
//! study with the wells of one.
//!
//! The same export has the same numbers. A second reading has nearly the same, well by well: a reader repeats itself to about 1 %,
//! while the same samples on another plate differ by what pipetting and incubation add, 3 % and more in every well. So two plates
//! are one when, up to a common factor, nine of ten wells with a signal agree within `READ_AGAIN` (on the natural logarithm, both
//! readings' errors together). Only wells with a role on both plates are compared, and both are rejected: which one it is cannot be
//! told from the numbers.

use std::collections::BTreeMap;

use super::verdict::{Finding, Outcome};
use crate::plate::{AssayPlate, WellPosition};
use crate::stats::quartile::{median, sorted};

/// The fewest wells with a signal for a second reading to be told.
const WELLS: usize = 24;
/// The fewest wells for the same numbers to be no accident.
const EQUAL_WELLS: usize = 12;
/// The share of wells that have to agree.
const SHARE: f64 = 0.9;
/// How far two readings of one well are apart, on the natural logarithm.
const READ_AGAIN: f64 = 0.03;
/// A well has a signal above this share of the plate's highest.
const SIGNAL: f64 = 0.1;

/// What makes two plates one.
#[derive(Debug, Clone)]
enum Same {
    Numbers { equal: usize, of: usize },
    Wells { agree: usize, of: usize },
}

/// The plates of a study that have the wells of another, by name.
///
/// ```
/// use platewise::plate::AssayPlate;
/// use platewise::qc::{Outcome, plate_read_once::SameWells};
///
/// let trial = platewise::simulate::plates(2, 1)?;
/// let plates: Vec<_> = trial.plates.iter().map(|plate| plate.assay_plate(&trial.protocol)).collect();
/// let again = AssayPlate { id: "again".into(), ..plates[0].clone() };
/// assert_eq!(SameWells::among(&[&plates[0], &plates[1]]).judge(&plates[0]).outcome, Outcome::Pass);
/// assert_eq!(SameWells::among(&[&plates[0], &again]).judge(&again).outcome, Outcome::Fail);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SameWells(BTreeMap<String, String>);

impl SameWells {
    /// Compares every plate of a study with every other.
    ///
    /// ```
    /// use platewise::qc::{Outcome, plate_read_once::SameWells};
    /// use platewise::simulate;
    ///
    /// let trial = simulate::plates(2, 1)?;
    /// let plates: Vec<_> = trial.plates.iter().map(|plate| plate.assay_plate(&trial.protocol)).collect();
    /// let same = SameWells::among(&plates.iter().collect::<Vec<_>>());
    /// assert_eq!(same.judge(&plates[0]).outcome, Outcome::Pass);
    /// # Ok::<(), simulate::SimulationError>(())
    /// ```
    pub fn among(plates: &[&AssayPlate]) -> Self {
        let readings: Vec<BTreeMap<WellPosition, f64>> = plates
            .iter()
            .map(|plate| {
                plate.wells.iter().filter_map(|well| Some((well.position, well.reading.measured()?))).collect()
            })
            .collect();
        let mut same: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (i, one) in plates.iter().enumerate() {
            for (j, other) in plates.iter().enumerate().skip(i + 1).filter(|(_, other)| other.size == one.size) {
                if let Some(found) = compare(&readings[i], &readings[j]) {
                    same.entry(one.id.clone()).or_default().push(found.words(other));
                    same.entry(other.id.clone()).or_default().push(found.words(one));
                }
            }
        }
        Self(same.into_iter().map(|(plate, words)| (plate, words.join("; "))).collect())
    }

    /// Whether the wells are this plate's own.
    pub fn judge(&self, plate: &AssayPlate) -> Finding {
        let (observed, outcome) = match self.0.get(&plate.id) {
            None => ("no other plate of the study has the same wells".to_string(), Outcome::Pass),
            Some(words) => (
                format!("{words}. Find out which plate this is, and leave the other out or export it anew"),
                Outcome::Fail,
            ),
        };
        Finding {
            rule: "plate_read_once",
            subject: "plate".into(),
            observed,
            limit: "wells that are not those of another plate of the study".into(),
            outcome,
        }
    }
}

impl Same {
    fn words(&self, other: &AssayPlate) -> String {
        let AssayPlate { id, export, .. } = other;
        match self {
            Self::Numbers { equal, of } => {
                format!("the wells read exactly as plate {id} ({export}): {equal} of {of} numbers are the same")
            }
            Self::Wells { agree, of } => format!(
                "the plate seems to be plate {id} ({export}), read twice: {agree} of {of} wells with a signal agree within {:.0} %, \
                 closer than the same samples on two plates ever do",
                100.0 * READ_AGAIN
            ),
        }
    }
}

fn compare(one: &BTreeMap<WellPosition, f64>, other: &BTreeMap<WellPosition, f64>) -> Option<Same> {
    let both: Vec<(f64, f64)> = one.iter().filter_map(|(well, &a)| Some((a, *other.get(well)?))).collect();
    let equal = both.iter().filter(|(a, b)| a == b).count();
    let enough = |agree: usize, of: usize| agree as f64 >= SHARE * of as f64;
    if both.len() >= EQUAL_WELLS && enough(equal, both.len()) {
        return Some(Same::Numbers { equal, of: both.len() });
    }
    let highest = both.iter().map(|&(a, b)| a.max(b)).fold(0.0, f64::max);
    let ratios: Vec<f64> = both
        .iter()
        .filter(|(a, b)| a.min(*b) > 0.0 && a.max(*b) >= SIGNAL * highest)
        .map(|(a, b)| libm::log(b / a))
        .collect();
    let common = median(&sorted(&ratios))?;
    let agree = ratios.iter().filter(|ratio| (*ratio - common).abs() <= READ_AGAIN).count();
    (ratios.len() >= WELLS && enough(agree, ratios.len())).then_some(Same::Wells { agree, of: ratios.len() })
}
