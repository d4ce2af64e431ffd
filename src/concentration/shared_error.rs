//! What the wells of a set share beside the curve, learnt from controls in several places of their plates: the pipetting of the set,
//! and where it lies.
//!
//! Each plate reads each control level from one curve, so that two sets of it differ by well-to-well noise and by this. Compared are
//! logarithms of concentrations, over all plates that are given, by [`between_sets`] for each level and [`pooled_between_sets`] over
//! them. How a sample was diluted before it came to the plate is in no control.

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
    let mut levels: BTreeMap<ControlLevelKey, Vec<Vec<Vec<f64>>>> = BTreeMap::new();
    for plate in plates {
        for (level, sets) in sets_by_level(plate) {
            levels.entry(level).or_default().push(sets);
        }
    }
    let levels: Vec<BetweenSets> = levels.values().filter_map(|plates| between_sets(plates).ok()).collect();
    let found = pooled_between_sets(&levels).filter(|found| found.df_between >= FEWEST_DF)?;
    Some(SharedError { sd_ln: found.variance.sqrt(), df: found.df })
}

/// A level of a control: its name, and the bits of nominal concentration, where it has one, and dilution factor.
type ControlLevelKey = (String, Option<u64>, u64);

/// The logarithms of the concentrations of each set of each control level. A set with a well without a concentration is left out.
fn sets_by_level(plate: &PlateConcentrations) -> BTreeMap<ControlLevelKey, Vec<Vec<f64>>> {
    let ln = |position| {
        let well = plate.wells.iter().find(|well| well.position == position)?;
        well.quantity.value().filter(|&value| value > 0.0).map(libm::log)
    };
    let mut levels: BTreeMap<ControlLevelKey, Vec<Vec<f64>>> = BTreeMap::new();
    for control in &plate.controls {
        let group = &control.group;
        let wells: Option<Vec<f64>> = group.wells.iter().map(|&position| ln(position)).collect();
        let key = (group.name.clone(), control.nominal.map(f64::to_bits), group.dilution.to_bits());
        levels.entry(key).or_default().extend(wells);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::{Model, Parameters};
    use crate::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
    use crate::protocol::Assay;
    use crate::stats::random::Random;

    /// A plate with standards in pairs, three controls in pairs in two places, and a sample; sets share an error of this CV, the noise of a
    /// well is 3 %.
    fn plate(shared: f64, random: &mut Random) -> AssayPlate {
        let truth = Parameters { a: 0.05, d: 2.8, c: 500.0, b: 1.1, g: 1.0 };
        let mut wells = Vec::new();
        let mut pair = |row: usize, column: usize, role: WellRole, inside: f64, random: &mut Random| {
            for beside in 0..2 {
                let response = Model::FourParameter.response(&truth, inside) * (1.0 + 0.03 * random.normal());
                let position = WellPosition::new(row, column + beside);
                wells.push(AssayWell::of_reading(position, role.clone(), Reading::Measured(response)));
            }
        };
        for row in 0..8 {
            let concentration = if row == 7 { 0.0 } else { 2000.0 / 2f64.powi(row as i32) };
            pair(row, 0, WellRole::Standard { concentration }, concentration, random);
        }
        for (row, (level, nominal)) in [("low", 90.0), ("mid", 250.0), ("high", 900.0)].into_iter().enumerate() {
            for (row, column) in [(row, 2), (row + 4, 10)] {
                let role = WellRole::Control { level: level.into(), nominal: Some(nominal), dilution: 1.0 };
                let moved = 1.0 + shared * random.normal();
                pair(row, column, role, nominal * moved, random);
            }
        }
        pair(5, 5, WellRole::Sample { id: "S".into(), dilution: Some(10.0) }, 300.0, random);
        AssayPlate::of_wells("P", PlateSize::WELLS_96, wells)
    }

    fn assay() -> Assay {
        Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap()
    }

    #[test]
    fn what_control_sets_share_is_found_and_widens_the_interval_of_a_sample() {
        let mut assay = assay();
        for shared in [0.0, 0.08] {
            let mut random = Random::new(4);
            let plates: Vec<AssayPlate> = (0..30).map(|_| plate(shared, &mut random)).collect();
            let evaluated: Vec<PlateConcentrations> =
                plates.iter().map(|plate| PlateConcentrations::evaluate(plate.clone(), &assay)).collect();
            let found = shared_error(&evaluated).unwrap();
            println!("{shared}: {found:?}");
            assert!((found.sd_ln - shared).abs() < 0.025, "{found:?}");
            if shared == 0.0 {
                continue;
            }
            assay.method.shared_error = Some(found);
            let of = |found: &PlateConcentrations| match found.samples[0].quantity {
                crate::concentration::Quantity::Quantified(estimate) => estimate,
                ref other => panic!("{other:?}"),
            };
            for (plate, without) in plates.into_iter().zip(&evaluated) {
                let (with, without) = (of(&PlateConcentrations::evaluate(plate, &assay)), of(without));
                assert_eq!(with.value, without.value);
                assert!(with.lower < without.lower && with.upper > without.upper, "{with:?} {without:?}");
                let (se, own) = (with.standard_error.unwrap(), without.standard_error.unwrap());
                assert!((se / (own.powi(2) + (found.sd_ln * with.value).powi(2)).sqrt() - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn too_few_sets_or_sets_in_one_place_tell_nothing() {
        let mut random = Random::new(4);
        let plates: Vec<PlateConcentrations> =
            (0..5).map(|_| PlateConcentrations::evaluate(plate(0.05, &mut random), &assay())).collect();
        assert!(shared_error(&plates[..1]).is_none() && shared_error(&plates).is_some());
        let mut one_place = plates;
        one_place.iter_mut().for_each(|plate| plate.controls.truncate(3));
        assert!(shared_error(&one_place).is_none());
    }

    /// A set counts by the logarithms of its wells; one with a well without a concentration above zero is left out, the others stay. Levels
    /// are told by name, nominal concentration and dilution.
    #[test]
    fn sets_are_taken_by_level_and_whole() {
        let mut found = PlateConcentrations::evaluate(plate(0.0, &mut Random::new(4)), &assay());
        let sets = |found: &PlateConcentrations| {
            sets_by_level(found).into_iter().map(|(level, sets)| (level.0, sets.len())).collect::<Vec<_>>()
        };
        let all = [("high", 2), ("low", 2), ("mid", 2)].map(|(level, n)| (level.to_string(), n));
        assert_eq!(sets(&found), all);
        let low = found.controls.iter().position(|control| control.group.name == "low").unwrap();
        let first = found.controls[low].group.wells[0];
        let at = found.wells.iter().position(|well| well.position == first).unwrap();
        let value = found.wells[at].quantity.value().unwrap();
        let logarithms = sets_by_level(&found).remove(&("low".to_string(), Some(90f64.to_bits()), 1f64.to_bits()));
        assert_eq!(logarithms.map(|sets| sets[0][0]), Some(value.ln()));
        let zero = crate::concentration::Estimate { value: 0.0, standard_error: None, lower: None, upper: None };
        found.wells[at].quantity = crate::concentration::Quantity::Quantified(zero);
        assert_eq!(sets(&found)[1], ("low".to_string(), 1));
        found.controls[low].group.dilution = 2.0;
        found.controls.iter_mut().filter(|control| control.group.name == "high").for_each(|one| one.nominal = None);
        assert_eq!(
            sets(&found),
            [("high", 2), ("low", 1), ("low", 0), ("mid", 2)].map(|(level, n)| (level.to_string(), n))
        );
    }
}
