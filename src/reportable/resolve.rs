//! Which of a sample's measurements is reported.
//!
//! A measurement counts when its plate was accepted. A sample on two plates that nobody has declared to be repeats is not reported,
//! unless the method says so (`[reportable] undeclared_repeats`; see `repeats.rs`).
//! Of all that count, those at several dilutions must agree (see `dilutions.rs`); where they do, one is chosen (see `choice.rs`).
//!
//! A repeat never replaces a first result that could be reported (ICH M10 4.3.4), and what is not chosen stays in the tables.

use std::collections::BTreeMap;

use super::choice::choose;
use super::dilutions::{self, DilutionAgreement};
use super::repeats::{self, UndeclaredRepeats};
use super::rerun;
use super::result::{Candidate, ReportableResult};
use crate::concentration::{NotReported, Quantity};
use crate::protocol::{Assay, UndeclaredRule};
use crate::qc::{JudgedPlate, Verdict};

/// One result for every sample that was on a plate, by the sample's name. A plain function of the judged plates: nothing is
/// remembered between two calls.
///
/// ```no_run
/// use std::path::Path;
/// # fn main() -> Result<(), platewise::sheet::Problems> {
/// let mut study = platewise::pipeline::quantify(Path::new("plates"), &|_| ())?;
/// study.protocol.assay.reportable.dilutions = platewise::protocol::DilutionRule::GeometricMeanInRange;
/// let others = platewise::reportable::resolve(&study.plates, &study.protocol.assay);
/// assert_eq!(others.len(), study.results.len());
/// # Ok(())
/// # }
/// ```
pub fn resolve(plates: &[JudgedPlate], assay: &Assay) -> Vec<ReportableResult> {
    resolve_all(plates, assay).0
}

/// The same, with the samples on plates that are not declared repeats of each other.
pub fn resolve_all(plates: &[JudgedPlate], assay: &Assay) -> (Vec<ReportableResult>, UndeclaredRepeats) {
    let samples = candidates(plates);
    let undeclared = undeclared_among(&samples, plates, assay);
    (results(samples, assay, &undeclared), undeclared)
}

/// The samples on plates that are not declared repeats of each other: see [`UndeclaredRepeats`].
pub fn undeclared(plates: &[JudgedPlate], assay: &Assay) -> UndeclaredRepeats {
    undeclared_among(&candidates(plates), plates, assay)
}

fn undeclared_among(
    samples: &BTreeMap<String, Vec<Candidate>>,
    plates: &[JudgedPlate],
    assay: &Assay,
) -> UndeclaredRepeats {
    let plates = rerun::by_id(plates);
    UndeclaredRepeats::among(samples, assay, |sample, run| {
        rerun::rerun(&of_declared(sample.to_string(), run, assay), &plates).is_none()
    })
}

/// As [`resolve()`], where it is known which samples are on plates that are not declared repeats: of a study whose wells are
/// resampled, say, which declares what it declared before.
pub fn resolve_with(plates: &[JudgedPlate], assay: &Assay, undeclared: &UndeclaredRepeats) -> Vec<ReportableResult> {
    results(candidates(plates), assay, undeclared)
}

fn results(
    samples: BTreeMap<String, Vec<Candidate>>,
    assay: &Assay,
    undeclared: &UndeclaredRepeats,
) -> Vec<ReportableResult> {
    samples
        .into_iter()
        .map(|(sample, candidates)| {
            let Some(on) = undeclared.plates_of(&sample) else { return of_declared(sample, candidates, assay) };
            let words = format!("on {}, which are not declared repeats of each other", on.join(" and "));
            match assay.reportable.undeclared_repeats {
                UndeclaredRule::NotReported => {
                    let why = NotReported::UndeclaredRepeats;
                    nothing_chosen(sample, candidates, why, &why.to_string(), words)
                }
                UndeclaredRule::AsRepeats => {
                    let mut result = of_declared(sample, candidates, assay);
                    result.flags.push(format!("{words}: taken as repeats (undeclared_repeats = \"as-repeats\")"));
                    result
                }
            }
        })
        .collect()
}

/// Everything measured of each sample, by its name, in the order of the plates.
fn candidates(plates: &[JudgedPlate]) -> BTreeMap<String, Vec<Candidate>> {
    let mut samples: BTreeMap<String, Vec<Candidate>> = BTreeMap::new();
    for plate in plates {
        let range = plate.concentrations.as_ref().and_then(|found| found.range.as_ref());
        for group in plate.concentrations.iter().flat_map(|found| &found.samples).chain(&plate.lost) {
            let quantity = match plate.verdict.verdict {
                _ if plate.concentrations.is_none() => Quantity::NotReported { reason: NotReported::PlateNotRead },
                Verdict::Accepted | Verdict::AcceptedWithRemarks => group.quantity.clone(),
                Verdict::Rejected => Quantity::NotReported { reason: NotReported::PlateRejected },
                Verdict::NotEvaluable => Quantity::NotReported { reason: NotReported::PlateNotEvaluable },
            };
            let candidate = Candidate {
                plate: plate.id.clone(),
                lloq: range.map(|range| range.lloq * group.dilution),
                uloq: range.map(|range| range.uloq * group.dilution),
                group: group.clone(),
                quantity,
                chosen: false,
                why: String::new(),
            };
            // Most samples were measured once: room for one, and not for the four that a list begins with.
            samples.entry(group.name.clone()).or_insert_with(|| Vec::with_capacity(1)).push(candidate);
        }
    }
    samples
}

/// The result of measurements that are declared to be of one sample.
fn of_declared(sample: String, candidates: Vec<Candidate>, assay: &Assay) -> ReportableResult {
    let rules = &assay.reportable;
    let disagree = repeats::disagreement(&candidates, rules.repeats_difference_percent);
    let mut result = match dilutions::agreement(&candidates, &assay.acceptance) {
        DilutionAgreement::Agree => choose(sample, candidates, rules),
        DilutionAgreement::Hook { at, limit, words } => hooked(sample, candidates, at, limit, words),
        DilutionAgreement::Contradict { words } => {
            let why = "results at several dilutions contradict each other";
            nothing_chosen(sample, candidates, NotReported::ResultsContradict, why, words)
        }
    };
    result.flags.extend(disagree);
    result
}

/// A sample that is suppressed at a low dilution: above the ULOQ of that dilution, whatever its values say.
fn hooked(sample: String, mut candidates: Vec<Candidate>, at: usize, limit: f64, words: String) -> ReportableResult {
    for (index, candidate) in candidates.iter_mut().enumerate() {
        candidate.chosen = index == at;
        let why = if candidate.chosen { "hook suspected: reported as above the ULOQ" } else { "hook suspected" };
        candidate.why = match candidate.quantity {
            Quantity::NotReported { reason } => reason.to_string(),
            _ => why.into(),
        };
    }
    ReportableResult {
        sample,
        quantity: Quantity::AboveUloq { limit },
        plate: Some(candidates[at].plate.clone()),
        dilution: Some(candidates[at].group.dilution),
        flags: [candidates[at].group.flags.clone(), vec![words]].concat(),
        candidates,
    }
}

/// A sample of which nothing is chosen, for a `reason`; `why` stands beside each of its measurements.
fn nothing_chosen(
    sample: String,
    mut candidates: Vec<Candidate>,
    reason: NotReported,
    why: &str,
    words: String,
) -> ReportableResult {
    for candidate in &mut candidates {
        candidate.why = match candidate.quantity {
            Quantity::NotReported { reason } => reason.to_string(),
            _ => why.into(),
        };
    }
    let quantity = Quantity::NotReported { reason };
    ReportableResult { sample, quantity, plate: None, dilution: None, flags: vec![words], candidates }
}

#[cfg(test)]
mod tests {
    use super::super::choice::tests::{rules, value};
    use super::*;
    use crate::protocol::{Acceptance, DilutionRule};
    use crate::reportable::example;

    /// As `resolve` does it, with the limits of ICH M10.
    fn agreed(candidates: Vec<Candidate>) -> (String, Vec<String>) {
        let acceptance = crate::protocol::Criteria::IchM10.acceptance();
        let result = match dilutions::agreement(&candidates, &acceptance) {
            DilutionAgreement::Agree => choose("S".into(), candidates, &rules(DilutionRule::LowestInRange)),
            DilutionAgreement::Hook { at, limit, words } => hooked("S".into(), candidates, at, limit, words),
            DilutionAgreement::Contradict { words } => {
                nothing_chosen("S".into(), candidates, NotReported::ResultsContradict, "", words)
            }
        };
        (result.quantity.to_string(), result.flags)
    }

    #[test]
    fn values_that_rise_with_dilution_are_above_the_uloq() {
        let above = |limit| Quantity::AboveUloq { limit };
        let below = |limit| Quantity::BelowLloq { limit };
        // 5,000 in 1:10 and 90,000 in 1:100: the first is suppressed, the sample above its 20,000.
        let (result, flags) =
            agreed(vec![Candidate::of("P1", 10.0, value(5000.0)), Candidate::of("P1", 100.0, value(90_000.0))]);
        assert_eq!(result, ">20000");
        assert_eq!(flags, ["hook suspected: 5000 at dilution 10, 90000 at dilution 100"]);
        // Even below the LLOQ at the low dilution; and above the ULOQ at the high one, which is then the limit.
        assert_eq!(
            agreed(vec![Candidate::of("P1", 1.0, below(31.25)), Candidate::of("P1", 100.0, value(9000.0))]).0,
            ">2000"
        );
        assert_eq!(
            agreed(vec![Candidate::of("P1", 10.0, value(900.0)), Candidate::of("P1", 100.0, above(200_000.0))]).0,
            ">200000"
        );
        // The usual re-run of a sample above the ULOQ is no hook, nor are values that agree.
        assert_eq!(
            agreed(vec![Candidate::of("P1", 10.0, above(20_000.0)), Candidate::of("P9", 100.0, value(45_000.0))]).0,
            "45000"
        );
        assert_eq!(
            agreed(vec![Candidate::of("P1", 10.0, value(900.0)), Candidate::of("P1", 20.0, value(1100.0))]).0,
            "900"
        );
        assert_eq!(
            agreed(vec![Candidate::of("P1", 1.0, value(1500.0)), Candidate::of("P1", 100.0, below(3125.0))]).0,
            "1500"
        );
    }

    #[test]
    fn values_that_fall_beyond_the_limit_contradict_each_other() {
        let not = "not reported: results contradict each other";
        // CV 30 % of two is a ratio of 1.5385.
        assert_eq!(
            agreed(vec![Candidate::of("P1", 10.0, value(1530.0)), Candidate::of("P1", 100.0, value(1000.0))]).0,
            "1530"
        );
        let (result, flags) =
            agreed(vec![Candidate::of("P1", 10.0, value(1550.0)), Candidate::of("P1", 100.0, value(1000.0))]);
        assert_eq!((result.as_str(), flags.len()), (not, 1));
        let three = |last| {
            vec![
                Candidate::of("P", 1.0, value(1000.0)),
                Candidate::of("P", 2.0, value(1000.0)),
                Candidate::of("P", 4.0, value(last)),
            ]
        };
        // sd / mean of 1000, 1000, 560: 254 / 853 = 29.8 %; with 540: 265.6 / 846.7 = 31.4 %, by the CV alone.
        let off = Quantity::BelowLloq { limit: 900.0 };
        assert_eq!(agreed(three(660.0)).0, "1000");
        assert_eq!(agreed(vec![Candidate::of("P1", 1.0, value(1500.0)), Candidate::of("P1", 20.0, off)]).0, not);
        // Two results at one dilution are repeats, not dilutions: the first that can be reported counts.
        assert_eq!(
            agreed(vec![Candidate::of("P1", 10.0, value(500.0)), Candidate::of("P2", 10.0, value(1000.0))]).0,
            "500"
        );
    }

    #[test]
    fn of_several_hooks_the_highest_limit_is_reported() {
        // 1,000 undiluted, 5,000 in 1:10 and 90,000 in 1:100: both lower dilutions are suppressed, and the sample lies above the ULOQ
        // of 1:10, 20,000; above that of the undiluted sample, 2,000, is true and says ten times less.
        let rising = || {
            vec![
                Candidate::of("P", 1.0, value(1000.0)),
                Candidate::of("P", 10.0, value(5000.0)),
                Candidate::of("P", 100.0, value(90_000.0)),
            ]
        };
        assert_eq!(agreed(rising()).0, ">20000");
        assert_eq!(agreed(rising().into_iter().rev().collect()).0, ">20000", "in whatever order they were measured");
    }

    #[test]
    fn a_rise_of_just_the_limit_is_no_hook() {
        // The limit of ICH M10's preset is a rise of 50 %.
        let pair = |high| vec![Candidate::of("P", 1.0, value(1000.0)), Candidate::of("P", 10.0, value(high))];
        let acceptance = Acceptance { dilutions_cv_percent: None, ..crate::protocol::Criteria::IchM10.acceptance() };
        let hook = |high| matches!(dilutions::agreement(&pair(high), &acceptance), DilutionAgreement::Hook { .. });
        assert_eq!([1499.0, 1500.0, 1501.0].map(hook), [false, false, true]);
    }

    /// Every sample of every plate with its limits, those of the undiluted sample; of a plate that is not accepted nothing counts.
    #[test]
    fn a_sample_has_the_limits_of_its_plate_and_dilution() {
        let samples: &[(&str, f64, [f64; 2])] = &[("S2", 10.0, [200.0; 2]), ("S1", 4.0, [100.0; 2])];
        let mut plates = [example::plate("P1", samples), example::plate("P2", &[("S3", 1.0, [100.0; 2])])];
        let assay = example::assay();
        let found = resolve(&plates, &assay);
        assert_eq!(found.iter().map(|of| of.sample.as_str()).collect::<Vec<_>>(), ["S1", "S2", "S3"], "by name");
        let limits: Vec<_> = found.iter().map(|of| (of.candidates[0].lloq, of.candidates[0].uloq)).collect();
        let times = |dilution: f64| (Some(31.25 * dilution), Some(2000.0 * dilution));
        assert_eq!(limits, [times(4.0), times(10.0), times(1.0)]);
        assert!((found[1].quantity.value().unwrap() / 2000.0 - 1.0).abs() < 0.01, "{}", found[1].quantity);
        assert_eq!((found[1].plate.as_deref(), found[1].dilution), (Some("P1"), Some(10.0)));
        let mut quantity = |verdict| {
            plates[0].verdict.verdict = verdict;
            resolve(&plates, &assay)[0].quantity.to_string()
        };
        assert_eq!(quantity(Verdict::AcceptedWithRemarks), found[0].quantity.to_string());
        assert_eq!(quantity(Verdict::Rejected), "not reported: plate rejected");
        let not_evaluable = Quantity::NotReported { reason: NotReported::PlateNotEvaluable };
        assert_eq!(quantity(Verdict::NotEvaluable), not_evaluable.to_string());
    }

    /// A sample of one name on two plates, of which neither repeats the other, is not reported, unless the method takes it as repeats.
    #[test]
    fn undeclared_repeats_are_reported_where_the_method_says_so() {
        let plates = ["P1", "P2"].map(|id| example::plate(id, &[("S", 10.0, [200.0; 2])]));
        let mut assay = example::assay();
        let found = resolve(&plates, &assay).remove(0);
        assert_eq!(found.quantity, Quantity::NotReported { reason: NotReported::UndeclaredRepeats });
        assert_eq!(found.flags, ["on P1 and P2, which are not declared repeats of each other"]);
        assert!(found.candidates.iter().all(|of| !of.chosen && of.why.contains("not declared repeats")));
        assay.reportable.undeclared_repeats = UndeclaredRule::AsRepeats;
        let found = resolve(&plates, &assay).remove(0);
        assert_eq!(found.plate.as_deref(), Some("P1"));
        assert!(found.flags.iter().any(|flag| flag.contains("taken as repeats")), "{:?}", found.flags);
    }

    /// Of a plate that could not be read the samples of its layout have no result, and say why.
    #[test]
    fn what_was_lost_is_said() {
        let mut unread = JudgedPlate::unread("P1".into(), crate::sheet::Problems::default());
        unread.lost = example::plate("P1", &[("S", 10.0, [200.0; 2])]).concentrations.unwrap().samples;
        let found = resolve(&[unread], &example::assay());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].quantity, Quantity::NotReported { reason: NotReported::PlateNotRead });
        assert_eq!((found[0].candidates[0].lloq, found[0].candidates[0].uloq), (None, None));
    }

    /// A hook is reported at the measurement whose ULOQ it is above; each of the others says why it is not.
    #[test]
    fn a_hook_names_the_measurement_that_it_is_above() {
        let lost = Quantity::NotReported { reason: NotReported::Saturated };
        let all = vec![
            Candidate::of("P1", 1.0, value(1000.0)),
            Candidate::of("P2", 10.0, lost),
            Candidate::of("P3", 100.0, value(90_000.0)),
        ];
        let found = hooked("S".into(), all, 0, 2000.0, "words".into());
        assert_eq!(
            (found.quantity, found.plate.as_deref(), found.dilution),
            (Quantity::AboveUloq { limit: 2000.0 }, Some("P1"), Some(1.0))
        );
        let why: Vec<(bool, &str)> = found.candidates.iter().map(|of| (of.chosen, of.why.as_str())).collect();
        assert_eq!(
            why,
            [(true, "hook suspected: reported as above the ULOQ"), (false, "saturated"), (false, "hook suspected")]
        );
        assert_eq!(found.flags, ["words"]);
    }
}
