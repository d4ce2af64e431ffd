//! The work list for the bench: every sample without a reportable value, why, and at which dilution to run it again.

use std::collections::BTreeMap;

use super::result::{ReportableResult, Rerun};
use crate::concentration::quantity::significant;
use crate::concentration::{NotReported, Quantity};
use crate::qc::JudgedPlate;

/// Plates by their ids.
pub(super) type Plates<'a> = BTreeMap<&'a str, &'a JudgedPlate>;

/// The samples that have to be run again, by name.
pub fn reruns(results: &[ReportableResult], plates: &[JudgedPlate]) -> Vec<Rerun> {
    let plates = by_id(plates);
    results.iter().filter_map(|result| rerun(result, &plates)).collect()
}

/// The plates by their names.
pub(super) fn by_id(plates: &[JudgedPlate]) -> Plates<'_> {
    plates.iter().map(|plate| (plate.id.as_str(), plate)).collect()
}

/// What to run again of one sample; `None` where its result needs no other.
pub(super) fn rerun(result: &ReportableResult, plates: &Plates<'_>) -> Option<Rerun> {
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
    use super::*;
    use crate::reportable::example;
    use crate::reportable::result::Candidate;

    #[test]
    fn suggested_dilutions_are_round() {
        assert_eq!([3.0, 10.0, 11.0, 49.9, 51.0, 120.0].map(round_up), [5.0, 10.0, 20.0, 50.0, 100.0, 200.0]);
        assert_eq!(
            [1.0, 1.01, 2.0, 5.0, 9.0, 1000.0, 2000.1].map(round_up),
            [1.0, 2.0, 2.0, 5.0, 10.0, 1000.0, 5000.0]
        );
        // A factor that is only a rounding error above a step is that step.
        assert_eq!(round_up(200.0 * (1.0 + 1e-12)), 200.0);
    }

    /// A result that rests on these measurements, whose groups are those of the plate.
    fn result(plate: &JudgedPlate, quantity: Quantity) -> ReportableResult {
        let groups = &plate.concentrations.as_ref().unwrap().samples;
        let candidate = |group: &crate::concentration::GroupResult| Candidate {
            group: group.clone(),
            ..Candidate::of("P", group.dilution, group.quantity.clone())
        };
        ReportableResult {
            sample: "S".into(),
            quantity,
            plate: Some("P".into()),
            dilution: Some(10.0),
            candidates: groups.iter().map(candidate).collect(),
            flags: Vec::new(),
        }
    }

    fn of(plate: &JudgedPlate, quantity: Quantity) -> Option<(Option<f64>, String)> {
        let found = reruns(&[result(plate, quantity)], std::slice::from_ref(plate));
        found.first().map(|rerun| (rerun.suggested_dilution, rerun.advice.clone()))
    }

    fn not(reason: NotReported) -> Quantity {
        Quantity::NotReported { reason }
    }

    /// Below an LLOQ that stands is a result; below one that a lost standard has raised is a reason to repeat.
    #[test]
    fn below_a_raised_lloq_is_run_again() {
        let mut plate = example::plate("P", &[("S", 10.0, [5.0; 2])]);
        let below = || Quantity::BelowLloq { limit: 312.5 };
        assert_eq!(of(&plate, below()), None);
        plate.concentrations.as_mut().unwrap().range.as_mut().unwrap().lloq_raised_from = Some(15.6);
        let again = "The LLOQ of the plate was raised: run again at the same dilution".to_string();
        assert_eq!(of(&plate, below()), Some((Some(10.0), again)));
        let other = ReportableResult { plate: Some("Q".into()), ..result(&plate, below()) };
        assert!(reruns(&[other], &[plate]).is_empty(), "on another plate");
    }

    /// The middle of the range is √(31.25 · 2000) = 250: 1500 in the wells at 1:10 are there at 1:60, the next round factor is 100.
    #[test]
    fn a_sample_above_the_curve_is_brought_to_the_middle_of_the_range() {
        let above = || Quantity::AboveUloq { limit: 20_000.0 };
        let suggested =
            |dilution: f64, inside: f64| of(&example::plate("P", &[("S", dilution, [inside; 2])]), above()).unwrap();
        assert_eq!(suggested(10.0, 2400.0), (Some(100.0), "Run again at 1:100".into()));
        assert_eq!(suggested(10.0, 5100.0), (Some(500.0), "Run again at 1:500".into()), "10 · 5100 / 250 = 204");
        assert_eq!(suggested(1.0, 2400.0).0, Some(10.0));
        // Of several the highest dilution tells: 20 · 2400 / 250 = 192.
        let two = example::plate("P", &[("S", 20.0, [2400.0; 2]), ("S", 10.0, [9000.0; 2])]);
        assert_eq!(of(&two, above()), Some((Some(200.0), "Run again at 1:200".into())));
        let mut beyond = example::plate("P", &[("S", 10.0, [5100.0; 2])]);
        beyond.concentrations.as_mut().unwrap().samples[0].mean_response = Some(9.0);
        let (factor, advice) = of(&beyond, above()).unwrap();
        assert!(factor.is_none() && advice.contains("the response is above the curve"), "{advice}");
    }

    /// A value beside a result above the ULOQ is a hook: then no response tells the level.
    #[test]
    fn a_hook_asks_for_a_series() {
        let hooked = example::plate("P", &[("S", 10.0, [5000.0; 2]), ("S", 100.0, [900.0; 2])]);
        let (factor, advice) = of(&hooked, Quantity::AboveUloq { limit: 20_000.0 }).unwrap();
        assert!(factor.is_none() && advice.contains("a hook is suspected"), "{advice}");
    }

    /// Wells on both sides of a limit: of the ULOQ a higher dilution, of the LLOQ the same.
    #[test]
    fn wells_across_a_limit_are_run_again_by_the_side() {
        let across = |inside: [f64; 2]| {
            of(&example::plate("P", &[("S", 10.0, inside)]), not(NotReported::ReplicatesAcrossLimit)).unwrap().0
        };
        // The response in the middle of 1500 and 3000 in the wells is that of about 2060: 10 · 2060 / 250 = 82.
        assert_eq!([across([1500.0, 3000.0]), across([20.0, 60.0])], [Some(100.0), Some(10.0)]);
        // Wells above the ULOQ of another sample are none of its own.
        let beside = example::plate("P", &[("T", 10.0, [9000.0; 2]), ("S", 10.0, [20.0, 60.0])]);
        assert_eq!(of(&beside, not(NotReported::ReplicatesAcrossLimit)).unwrap().0, Some(10.0));
    }

    #[test]
    fn every_reason_has_its_advice() {
        let plate = example::plate("P", &[("S", 10.0, [200.0; 2])]);
        let advice = |reason| {
            let (factor, advice) = of(&plate, not(reason)).unwrap();
            (factor, advice.split_once([',', ' ']).map_or(String::new(), |(first, _)| first.to_string()))
        };
        let same = |first: &str| (Some(10.0), first.to_string());
        let none = |first: &str| (None, first.to_string());
        assert_eq!(advice(NotReported::Saturated), none("No"));
        assert_eq!(advice(NotReported::PlateNotRead), same("Fix"));
        assert_eq!(advice(NotReported::UndeclaredRepeats), none("Find"));
        assert_eq!(advice(NotReported::NotFinite), none("Correct"));
        assert_eq!(advice(NotReported::ResultsContradict), none("Check"));
        for reason in [NotReported::PlateRejected, NotReported::ReplicatesDisagree, NotReported::Missing] {
            assert_eq!(advice(reason), same("Run"));
        }
        let Quantity::Quantified(estimate) = plate.concentrations.as_ref().unwrap().samples[0].quantity else {
            panic!("inside the limits")
        };
        assert_eq!(of(&plate, Quantity::Quantified(estimate)), None);
        let found = reruns(&[result(&plate, not(NotReported::PlateRejected))], std::slice::from_ref(&plate)).remove(0);
        assert_eq!((found.sample.as_str(), found.plate.as_str(), found.dilution), ("S", "P", Some(10.0)));
        assert_eq!(found.reason, "not reported: plate rejected");
    }
}
