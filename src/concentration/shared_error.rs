//! What the wells of a set share beside the curve, learnt from controls in several places of their plates: the pipetting of the set, and
//! where it lies.
//!
//! Each plate reads each control level from one curve, so that two sets of it differ by well-to-well noise and by this. Compared are
//! logarithms of concentrations, over all plates that are given, by [`between_sets`] for each level and [`pooled_between_sets`] over them. How a sample was diluted before it came to the plate
//! is in no control.

use std::collections::BTreeMap;

use super::evaluate::PlateConcentrations;
use crate::curve::SharedError;
use crate::stats::{BetweenSets, between_sets, pooled_between_sets};

/// Fewer degrees of freedom between sets say too little: two plates with three levels in two places each have six.
const FEWEST_DF: f64 = 6.0;

/// The error that sets of wells share, from the controls of these plates. `None` where no level lies in two places, or too few do.
///
/// ```
/// use platewise::concentration::shared_error;
///
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// // Three levels of controls in two places on every plate.
/// let plates = study.plates.iter().filter(|plate| plate.verdict.verdict.is_accepted());
/// let shared = shared_error(plates.filter_map(|plate| plate.concentrations.as_ref())).ok_or("not estimated")?;
/// assert_eq!(study.protocol.assay.method.shared_error, Some(shared));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn shared_error<'a>(plates: impl IntoIterator<Item = &'a PlateConcentrations>) -> Option<SharedError> {
    let mut levels: BTreeMap<Level, Vec<Vec<Vec<f64>>>> = BTreeMap::new();
    for plate in plates {
        for (level, sets) in sets_by_level(plate) {
            levels.entry(level).or_default().push(sets);
        }
    }
    let levels: Vec<BetweenSets> = levels.values().filter_map(|plates| between_sets(plates).ok()).collect();
    let found = pooled_between_sets(&levels).filter(|found| found.df_between >= FEWEST_DF)?;
    Some(SharedError { sd_ln: found.variance.sqrt(), df: found.df })
}

/// A level of a control: its name, and the bits of nominal concentration and dilution factor.
type Level = (String, u64, u64);

/// The logarithms of the concentrations of each set of each control level. A set with a well without a concentration is left out.
fn sets_by_level(plate: &PlateConcentrations) -> BTreeMap<Level, Vec<Vec<f64>>> {
    let ln = |position| {
        let well = plate.wells.iter().find(|well| well.position == position)?;
        well.quantity.value().filter(|&value| value > 0.0).map(libm::log)
    };
    let mut levels: BTreeMap<Level, Vec<Vec<f64>>> = BTreeMap::new();
    for control in &plate.controls {
        let group = &control.group;
        let wells: Option<Vec<f64>> = group.wells.iter().map(|&position| ln(position)).collect();
        let key = (group.name.clone(), control.nominal.to_bits(), group.dilution.to_bits());
        levels.entry(key).or_default().extend(wells);
    }
    levels
}
