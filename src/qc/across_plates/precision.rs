//! How precise and how true the controls are over the accepted plates: intra- and inter-assay CV by components of variance, bias
//! and total error per level.
//!
//! ```text
//! intra-assay CV          s_r / mean                 between wells or sets of one plate
//! inter-assay CV          √(s_r² + s_b²) / mean      intermediate precision: one value on one plate, any plate
//! bias                    (mean − nominal) / nominal
//! total error             |bias| + inter-assay CV    (ICH M10 4.2.4.2)
//! ```
//!
//! Kit inserts often call the CV of plate means *inter-assay*; here it holds the repeatability too, as EP05-A3 has it. Both are
//! given for sets (the reportable value, mean of its wells) and, of this study, for single wells.

use std::collections::BTreeMap;

use super::history::{History, Observation};
use super::item::Item;
use crate::concentration::PlateConcentrations;
use crate::protocol::Assay;
use crate::qc::JudgedPlate;
use crate::stats::{Moments, Undefined, VarianceComponents, VarianceEstimate, variance_components};

/// What one value is.
///
/// See [`AcrossPlates`](super::AcrossPlates) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// The value of a set of replicates: what is reported.
    Sets,
    /// A single well.
    Wells,
}

/// Whose plates.
///
/// See [`AcrossPlates`](super::AcrossPlates) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrecisionScope {
    /// Of this study.
    Study,
    /// Of this study and all earlier ones of the history.
    History,
}

/// Precision, bias and total error of a level of a control.
///
/// See [`AcrossPlates`](super::AcrossPlates) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Precision {
    /// Whose plates.
    pub scope: PrecisionScope,
    /// Lot of the kit; `None`: all lots together.
    pub kit_lot: Option<String>,
    /// The control.
    pub item: Item,
    /// What one value is.
    pub basis: Basis,
    /// Accepted plates.
    pub plates: usize,
    /// Values on them.
    pub values: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, whatever the plate; `None` for one value.
    pub sd: Option<f64>,
    /// The components of variance, or why there are none.
    pub components: Result<VarianceComponents, Undefined>,
}

impl Precision {
    /// A variance as CV in percent with its interval.
    fn cv(&self, estimate: VarianceEstimate) -> [f64; 3] {
        [estimate.variance, estimate.ci_low, estimate.ci_high].map(|variance| 100.0 * variance.sqrt() / self.mean)
    }

    /// CV within plates with its interval, in percent.
    pub fn intra_cv_percent(&self) -> Option<[f64; 3]> {
        self.components.as_ref().ok().map(|components| self.cv(components.repeatability))
    }

    /// CV across plates (within and between) with its interval, in percent.
    pub fn inter_cv_percent(&self) -> Option<[f64; 3]> {
        self.components.as_ref().ok().map(|components| self.cv(components.intermediate))
    }

    /// 100 × (mean − nominal) / nominal.
    pub fn bias_percent(&self) -> Option<f64> {
        self.item.nominal().map(|nominal| 100.0 * (self.mean - nominal) / nominal)
    }

    /// |bias| + inter-assay CV, in percent.
    pub fn total_error_percent(&self) -> Option<f64> {
        Some(self.bias_percent()?.abs() + self.inter_cv_percent()?[0])
    }
}

/// Values of one level on one plate.
struct OnPlate {
    kit_lot: String,
    item: Item,
    values: Vec<f64>,
}

/// Precision of every level: by kit lot, and over all lots where there are several; of this study, and of the whole history where
/// it holds other studies.
pub fn precision(plates: &[JudgedPlate], history: &History, assay: &Assay) -> Vec<Precision> {
    let confidence = assay.method.confidence;
    let study = assay.study.id.as_str();
    let ours: Vec<OnPlate> = sets(history.observations.iter().filter(|one| one.study == study));
    let mut found = rows(PrecisionScope::Study, Basis::Sets, &ours, confidence);
    found.extend(rows(PrecisionScope::Study, Basis::Wells, &wells(plates), confidence));
    if history.observations.iter().any(|one| one.study != study) {
        found.extend(rows(PrecisionScope::History, Basis::Sets, &sets(history.observations.iter()), confidence));
    }
    found
}

fn sets<'a>(observations: impl Iterator<Item = &'a Observation>) -> Vec<OnPlate> {
    let mut found: Vec<OnPlate> = Vec::new();
    // Where the levels of a plate stand: a history may have thousands.
    let mut of_plate: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for one in observations.filter(|one| one.accepted && one.item.is_control()) {
        let levels = of_plate.entry((&one.study, &one.plate)).or_default();
        match levels.iter().copied().find(|&at| found[at].item == one.item) {
            Some(at) => found[at].values.push(one.value),
            None => {
                levels.push(found.len());
                let (kit_lot, item) = (one.kit_lot.clone(), one.item.clone());
                found.push(OnPlate { kit_lot, item, values: vec![one.value] });
            }
        }
    }
    found
}

fn wells(plates: &[JudgedPlate]) -> Vec<OnPlate> {
    let accepted = plates.iter().filter(|plate| plate.verdict.verdict.is_accepted());
    accepted.filter_map(|plate| plate.concentrations.as_ref()).flat_map(wells_of).collect()
}

fn wells_of(plate: &PlateConcentrations) -> Vec<OnPlate> {
    let mut found: Vec<OnPlate> = Vec::new();
    for control in &plate.controls {
        let of_set = plate.wells.iter().filter(|well| control.group.wells.contains(&well.position));
        let values: Vec<f64> = of_set.filter_map(|well| well.quantity.value()).collect();
        let item = Item::Control { level: control.group.name.clone(), nominal: control.nominal };
        match found.iter_mut().find(|known| known.item == item) {
            Some(known) => known.values.extend(values),
            None => found.push(OnPlate { kit_lot: plate.plate.kit_lot.clone().unwrap_or_default(), item, values }),
        }
    }
    found.retain(|level| !level.values.is_empty());
    found
}

fn rows(scope: PrecisionScope, basis: Basis, values: &[OnPlate], confidence: f64) -> Vec<Precision> {
    let mut items: Vec<(&Item, Vec<&OnPlate>)> = Vec::new();
    for one in values {
        match items.iter_mut().find(|(item, _)| **item == one.item) {
            Some((_, of_item)) => of_item.push(one),
            None => items.push((&one.item, vec![one])),
        }
    }
    let mut found = Vec::new();
    for (item, of_item) in items {
        let lots = by_lot(&of_item);
        let together = (lots.len() > 1).then_some((None, of_item));
        for (lot, of_lot) in lots.into_iter().map(|(lot, of_lot)| (Some(lot), of_lot)).chain(together) {
            let runs: Vec<Vec<f64>> = of_lot.iter().map(|one| one.values.clone()).collect();
            let all: Vec<f64> = runs.iter().flatten().copied().collect();
            let Ok(moments) = Moments::of(&all) else { continue };
            found.push(Precision {
                scope,
                kit_lot: lot.map(str::to_string),
                item: item.clone(),
                basis,
                plates: runs.len(),
                values: all.len(),
                mean: moments.mean,
                sd: moments.sd,
                components: variance_components(&runs, confidence),
            });
        }
    }
    found
}

/// Values by kit lot, in the order in which the lots come.
fn by_lot<'a>(values: &[&'a OnPlate]) -> Vec<(&'a str, Vec<&'a OnPlate>)> {
    let mut lots: Vec<(&str, Vec<&OnPlate>)> = Vec::new();
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for one in values {
        let at = *known.entry(&one.kit_lot).or_insert(lots.len());
        if at == lots.len() {
            lots.push((&one.kit_lot, Vec::new()));
        }
        lots[at].1.push(one);
    }
    lots
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::example;

    fn history(values: &[(&str, &str, bool, f64)]) -> History {
        let observation = |(at, &(plate, lot, accepted, value)): (usize, &(&str, &str, bool, f64))| Observation {
            study: "S".into(),
            plate: plate.into(),
            kit_lot: lot.into(),
            accepted,
            item: Item::Control { level: "low".into(), nominal: Some(10.0) },
            set: at + 1,
            value,
            unit: "pg/mL".into(),
        };
        History { observations: values.iter().enumerate().map(observation).collect() }
    }

    #[test]
    fn accepted_plates_count_by_lot_and_together() {
        let values = [
            ("P1", "A", true, 9.0),
            ("P1", "A", true, 11.0),
            ("P2", "A", true, 13.0),
            ("P2", "A", true, 15.0),
            ("P3", "B", true, 11.0),
            ("P3", "B", true, 13.0),
            ("P4", "B", false, 99.0),
        ];
        let found = precision(&[], &history(&values), &example::assay(""));
        let lots: Vec<Option<&str>> = found.iter().map(|one| one.kit_lot.as_deref()).collect();
        assert_eq!(lots, [Some("A"), Some("B"), None]);
        // As in the layout by hand of stats/variance_components: s_r² = 2, s_b² = 3, mean 12.
        let all = &found[2];
        assert_eq!((all.plates, all.values, all.mean), (3, 6, 12.0));
        assert!((all.intra_cv_percent().unwrap()[0] - 100.0 * 2f64.sqrt() / 12.0).abs() < 1e-12);
        assert!((all.inter_cv_percent().unwrap()[0] - 100.0 * 5f64.sqrt() / 12.0).abs() < 1e-12);
        assert!((all.bias_percent().unwrap() - 20.0).abs() < 1e-12);
        assert!((all.total_error_percent().unwrap() - 20.0 - 100.0 * 5f64.sqrt() / 12.0).abs() < 1e-12);
        assert!(found[1].components.is_err(), "one plate has nothing between plates");
    }

    /// Every level of a plate with all its wells: two sets in pairs.
    #[test]
    fn single_wells_are_taken_by_level() {
        let mut plate = example::plate("P", &[], 1.0, 1);
        plate.plate.kit_lot = Some("L".into());
        let found = wells_of(&plate);
        let levels: Vec<(String, usize)> = found.iter().map(|of| (of.item.to_string(), of.values.len())).collect();
        let expected = [("control low (90)", 4), ("control mid (300)", 4), ("control high (1500)", 4)];
        assert_eq!(levels, expected.map(|(item, n)| (item.to_string(), n)));
        assert!(found.iter().all(|of| of.kit_lot == "L"));
        let set = &plate.controls[0].group;
        let own: Vec<f64> = plate
            .wells
            .iter()
            .filter(|well| set.wells.contains(&well.position))
            .filter_map(|well| well.quantity.value())
            .collect();
        assert_eq!(found[0].values[..2], own);
        plate
            .wells
            .iter_mut()
            .for_each(|well| well.quantity = crate::concentration::Quantity::BelowLloq { limit: 1.0 });
        assert!(wells_of(&plate).is_empty(), "nothing has a value");
    }

    /// A history of other studies adds rows over all of them; this study's own are of its plates alone.
    #[test]
    fn other_studies_count_in_the_history_only() {
        let mut history = history(&[("P1", "A", true, 9.0), ("P1", "A", true, 11.0), ("P2", "A", true, 13.0)]);
        let of = |history: &History| {
            let found = precision(&[], history, &example::assay(""));
            found.iter().map(|of| (of.scope, of.plates, of.values)).collect::<Vec<_>>()
        };
        assert_eq!(of(&history), [(PrecisionScope::Study, 2, 3)]);
        history.observations[0].study = "before".into();
        assert_eq!(
            of(&history),
            [(PrecisionScope::Study, 2, 2), (PrecisionScope::History, 3, 3)],
            "P1 of two studies is two plates"
        );
    }

    /// By the components of variance: their roots over the mean, with their limits.
    #[test]
    fn a_cv_is_the_root_of_a_variance_over_the_mean() {
        let values =
            [("P1", "A", true, 9.0), ("P1", "A", true, 11.0), ("P2", "A", true, 13.0), ("P2", "A", true, 15.0)];
        let found = precision(&[], &history(&values), &example::assay("")).remove(0);
        let of = |estimate: VarianceEstimate| {
            [estimate.variance, estimate.ci_low, estimate.ci_high].map(|variance| 100.0 * variance.sqrt() / 12.0)
        };
        let components = found.components.clone().unwrap();
        assert_eq!(found.intra_cv_percent(), Some(of(components.repeatability)));
        assert_eq!(found.inter_cv_percent(), Some(of(components.intermediate)));
        // Two pairs 2 apart and 4 between their means: s_r² = 2, s_b² = 8 − 1 = 7.
        assert!((components.repeatability.variance - 2.0).abs() < 1e-12);
        assert!((components.intermediate.variance - 9.0).abs() < 1e-12);
        assert_eq!((found.bias_percent(), found.sd.map(|sd| (sd * sd * 3.0).round())), (Some(20.0), Some(20.0)));
    }
}
