//! The work list for the bench: every sample without a reportable value, why, and at which dilution to run it again.

use std::collections::BTreeMap;

use super::result::{ReportableResult, Rerun};
use crate::concentration::quantity::significant;
use crate::concentration::{NotReported, Quantity};
use crate::qc::JudgedPlate;

/// Plates by their ids.
type Plates<'a> = BTreeMap<&'a str, &'a JudgedPlate>;

/// The samples that have to be run again, by name.
pub fn reruns(results: &[ReportableResult], plates: &[JudgedPlate]) -> Vec<Rerun> {
    let plates = plates.iter().map(|plate| (plate.id.as_str(), plate)).collect();
    results.iter().filter_map(|result| rerun(result, &plates)).collect()
}

fn rerun(result: &ReportableResult, plates: &Plates<'_>) -> Option<Rerun> {
    let last = result.candidates.last()?;
    let dilution = last.group.dilution;
    let (suggested_dilution, advice) = match &result.quantity {
        Quantity::Quantified(_) => return None,
        // ICH M10 4.3.4: below an LLOQ that a lost standard has raised is a reason to repeat.
        Quantity::BelowLloq { .. } if !raised(result, plates) => return None,
        Quantity::BelowLloq { .. } => {
            (Some(dilution), "The LLOQ of the plate was raised: run again at the same dilution".into())
        }
        Quantity::AboveUloq { .. } if result.candidates.iter().any(|of| of.quantity.value().is_some()) => {
            (None, "No idea of the level, a hook is suspected: try a series of higher dilutions".into())
        }
        Quantity::AboveUloq { .. } => higher(result, plates),
        Quantity::NotReported { reason } => match reason {
            NotReported::Saturated => {
                (None, "No idea of the level, the well was saturated: try a series of higher dilutions".into())
            }
            NotReported::ReplicatesAcrossLimit if one_is_above(last, plates) => higher(result, plates),
            NotReported::PlateNotRead => (
                Some(dilution),
                "Fix what keeps the plate from being read (findings.csv), or run again at the same dilution".into(),
            ),
            NotReported::UndeclaredRepeats => (
                None,
                "Find out which tube was on which plate; then declare the repeat in study.toml, or correct a layout"
                    .into(),
            ),
            NotReported::NotFinite => (None, "Correct the dilution factor".into()),
            NotReported::ResultsContradict => {
                (None, "Check the dilutions and the tubes, then run a series of dilutions".into())
            }
            _ => (Some(dilution), "Run again at the same dilution".into()),
        },
    };
    Some(Rerun {
        sample: result.sample.clone(),
        plate: last.plate.clone(),
        reason: result.quantity.to_string(),
        dilution: Some(dilution),
        suggested_dilution,
        advice,
    })
}

/// Whether the plate of the result has lost its lowest standard.
fn raised(result: &ReportableResult, plates: &Plates<'_>) -> bool {
    let plate = result.plate.as_deref().and_then(|plate| plates.get(plate));
    let range = plate.and_then(|plate| plate.concentrations.as_ref()?.range.as_ref());
    range.is_some_and(|range| range.lloq_raised_from.is_some())
}

/// Whether one of the wells of a measurement is above the ULOQ.
fn one_is_above(candidate: &super::Candidate, plates: &Plates<'_>) -> bool {
    let plate = plates.get(candidate.plate.as_str());
    let wells = plate.iter().flat_map(|plate| &plate.concentrations).flat_map(|plate| &plate.wells);
    wells
        .filter(|well| candidate.group.wells.contains(&well.position))
        .any(|well| matches!(well.quantity, Quantity::AboveUloq { .. }))
}

/// A dilution that brings the sample to the geometric middle of the range, from where its response lies on the curve.
fn higher(result: &ReportableResult, plates: &Plates<'_>) -> (Option<f64>, String) {
    let highest = result.candidates.iter().max_by(|one, other| one.group.dilution.total_cmp(&other.group.dilution));
    let suggestion = highest.and_then(|candidate| {
        let plate = plates.get(candidate.plate.as_str())?.concentrations.as_ref()?;
        let range = plate.range.as_ref()?;
        let curve = plate.curve.as_ref().ok()?;
        let in_well = curve.concentration_of(candidate.group.mean_response?).ok()?;
        let middle = (range.lloq * range.uloq).sqrt();
        Some(round_up(candidate.group.dilution * in_well / middle))
    });
    match suggestion {
        Some(factor) => (Some(factor), format!("Run again at 1:{}", significant(factor, 4))),
        None => {
            (None, "No idea of the level, the response is above the curve: try a series of higher dilutions".into())
        }
    }
}

/// The next of 1, 2, 5, 10, 20, 50 …: a factor that is pipetted without thinking.
fn round_up(factor: f64) -> f64 {
    let decade = libm::pow(10.0, libm::log10(factor).floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|step| step * decade)
        .into_iter()
        .find(|&step| step >= factor * (1.0 - 1e-9))
        .unwrap_or(10.0 * decade)
}

#[cfg(test)]
mod tests {
    #[test]
    fn suggested_dilutions_are_round() {
        assert_eq!([3.0, 10.0, 11.0, 49.9, 51.0, 120.0].map(super::round_up), [5.0, 10.0, 20.0, 50.0, 100.0, 200.0]);
    }
}
