//! Which of a sample's measurements is reported.
//!
//! A measurement counts when its plate was accepted. A sample on two plates that nobody has declared to be repeats is not reported,
//! unless the method says so (`[reportable] undeclared_repeats`; see `repeats.rs`).
//! Of all that count, those at several dilutions must agree (see `dilutions.rs`); where they do:
//! 0. of several plates at one dilution, the leading one says on which side of the limits the sample is (`[reportable] repeats`);
//! 1. results inside the limits, by the method's rule for dilutions: the lowest dilution (the first plate of several at that
//!    dilution), or the geometric mean of all;
//! 2. none inside: below the LLOQ as measured at the lowest dilution, or above the ULOQ as measured at the highest, of several
//!    at that dilution by the limit that says most (a repeat after a plate that had lost its lowest standard); both kinds together
//!    contradict each other and are not reported;
//! 3. otherwise the reason of the last measurement.
//!
//! A repeat never replaces a first result that could be reported (ICH M10 4.3.4), and what is not chosen stays in the tables.

use std::collections::BTreeMap;

use super::dilutions::{self, Agreement};
use super::repeats::{self, Undeclared};
use super::rerun;
use super::result::{Candidate, ReportableResult};
use crate::concentration::quantity::{Estimate, significant};
use crate::concentration::{NotReported, Quantity};
use crate::protocol::{Assay, DilutionRule, ReportableRules, UndeclaredRule};
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
    resolve_with(plates, assay, &undeclared(plates, assay))
}

/// The samples on plates that are not declared repeats of each other: see [`Undeclared`].
pub fn undeclared(plates: &[JudgedPlate], assay: &Assay) -> Undeclared {
    let samples = candidates(plates);
    Undeclared::among(&samples, assay, |sample, run| {
        let result = of_declared(sample.to_string(), run, assay);
        rerun::reruns(std::slice::from_ref(&result), plates).is_empty()
    })
}

/// As [`resolve()`], where it is known which samples are on plates that are not declared repeats: of a study whose wells are drawn
/// anew, say, which declares what it declared before.
///
/// ```
/// use platewise::reportable::{resolve, resolve_with, undeclared};
///
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let known = undeclared(&study.plates, &study.protocol.assay);
/// let results = resolve_with(&study.plates, &study.protocol.assay, &known);
/// assert_eq!(results.len(), resolve(&study.plates, &study.protocol.assay).len());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub fn resolve_with(plates: &[JudgedPlate], assay: &Assay, undeclared: &Undeclared) -> Vec<ReportableResult> {
    candidates(plates)
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
        for group in plate.concentrations.iter().flat_map(|found| &found.samples).chain(&plate.lost) {
            let quantity = match plate.verdict.verdict {
                _ if plate.concentrations.is_none() => Quantity::NotReported { reason: NotReported::PlateNotRead },
                Verdict::Accepted | Verdict::AcceptedWithRemarks => group.quantity.clone(),
                Verdict::Rejected => Quantity::NotReported { reason: NotReported::PlateRejected },
                Verdict::NotEvaluable => Quantity::NotReported { reason: NotReported::PlateNotEvaluable },
            };
            let candidate = Candidate {
                plate: plate.id.clone(),
                uloq: plate
                    .concentrations
                    .as_ref()
                    .and_then(|found| found.range.as_ref())
                    .map(|range| range.uloq * group.dilution),
                group: group.clone(),
                quantity,
                chosen: false,
                why: String::new(),
            };
            samples.entry(group.name.clone()).or_default().push(candidate);
        }
    }
    samples
}

/// The result of measurements that are declared to be of one sample.
fn of_declared(sample: String, candidates: Vec<Candidate>, assay: &Assay) -> ReportableResult {
    let rules = &assay.reportable;
    let disagree = repeats::disagreement(&candidates, rules.repeats_difference_percent);
    let mut result = match dilutions::agreement(&candidates, &assay.acceptance) {
        Agreement::Agree => choose(sample, candidates, rules),
        Agreement::Hook { at, limit, words } => hooked(sample, candidates, at, limit, words),
        Agreement::Contradict { words } => {
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

fn choose(sample: String, mut candidates: Vec<Candidate>, rules: &ReportableRules) -> ReportableResult {
    let Choice { chosen, why, not } = choice(&candidates, rules);
    let decided = repeats::decided(&candidates, rules.repeats);
    let quantity = match chosen.as_slice() {
        [] => Quantity::NotReported { reason: NotReported::ResultsContradict },
        [at] => candidates[*at].quantity.clone(),
        several => geometric_mean(several.iter().map(|&at| &candidates[at].quantity)),
    };
    let reported = !matches!(quantity, Quantity::NotReported { .. });
    for (at, candidate) in candidates.iter_mut().enumerate() {
        candidate.chosen = reported && chosen.contains(&at);
        candidate.why = match &decided {
            Some(rule) if chosen.contains(&at) => format!("{why}; {rule}"),
            None if chosen.contains(&at) => why.into(),
            _ => reason_against(&candidate.quantity, not),
        };
    }
    let first = chosen.first().map(|&at| &candidates[at]);
    ReportableResult {
        plate: first.filter(|_| reported).map(|candidate| candidate.plate.clone()),
        dilution: first.map(|candidate| candidate.group.dilution),
        flags: chosen.iter().flat_map(|&at| candidates[at].group.flags.clone()).chain(decided).collect(),
        sample,
        quantity,
        candidates,
    }
}

/// Which measurements are reported (none: they contradict each other), why, and why the others are not.
struct Choice {
    chosen: Vec<usize>,
    why: &'static str,
    not: &'static str,
}

/// The rules at the head of this file. There is one measurement at least.
fn choice(candidates: &[Candidate], rules: &ReportableRules) -> Choice {
    let counts = repeats::counting(candidates, rules.repeats);
    let of = |wanted: fn(&Quantity) -> bool| -> Vec<usize> {
        (0..candidates.len()).filter(|&at| counts[at] && wanted(&candidates[at].quantity)).collect()
    };
    let inside = of(|quantity| matches!(quantity, Quantity::Quantified(_)));
    let below = of(|quantity| matches!(quantity, Quantity::BelowLloq { .. }));
    let above = of(|quantity| matches!(quantity, Quantity::AboveUloq { .. }));
    let by_dilution = |&one: &usize, &other: &usize| {
        let limit = |at: usize| match candidates[at].quantity {
            Quantity::BelowLloq { limit } | Quantity::AboveUloq { limit } => limit,
            _ => 0.0,
        };
        let dilution = |at: usize| candidates[at].group.dilution;
        dilution(one).total_cmp(&dilution(other)).then(limit(one).total_cmp(&limit(other)))
    };
    let lowest = |of: &[usize]| -> Vec<usize> { of.iter().copied().min_by(by_dilution).into_iter().collect() };
    // The first of several at the highest dilution: `max_by` would give the last.
    let highest = |of: &[usize]| -> Vec<usize> { of.iter().rev().copied().max_by(by_dilution).into_iter().collect() };
    let (chosen, why, not) = match (inside.as_slice(), below.as_slice(), above.as_slice()) {
        ([one], ..) => (vec![*one], "the only result inside the limits", "no result inside the limits"),
        ([_, ..], ..) => match rules.dilutions {
            DilutionRule::LowestInRange => (
                lowest(&inside),
                "lowest dilution inside the limits",
                "another result at a lower dilution or on an earlier plate counts",
            ),
            DilutionRule::HighestInRange => (
                highest(&inside),
                "highest dilution inside the limits",
                "another result at a higher dilution or on an earlier plate counts",
            ),
            DilutionRule::GeometricMeanInRange => {
                (inside, "one of the results inside the limits", "outside the limits")
            }
        },
        ([], [_, ..], [_, ..]) => (Vec::new(), "", "below the LLOQ and above the ULOQ contradict each other"),
        ([], [_, ..], []) => (lowest(&below), "below the LLOQ at the lowest dilution", "another measurement counts"),
        ([], [], [_, ..]) => (highest(&above), "above the ULOQ at the highest dilution", "another measurement counts"),
        ([], [], []) => {
            (vec![candidates.len().saturating_sub(1)], "no result can be reported", "no result can be reported")
        }
    };
    Choice { chosen, why, not }
}

fn reason_against(quantity: &Quantity, otherwise: &str) -> String {
    match quantity {
        Quantity::NotReported { reason } => reason.to_string(),
        Quantity::BelowLloq { limit } => format!("below the LLOQ (<{})", significant(*limit, 4)),
        Quantity::AboveUloq { limit } => format!("above the ULOQ (>{})", significant(*limit, 4)),
        Quantity::Quantified(_) => otherwise.to_string(),
    }
}

/// The geometric mean of results at several dilutions. Its standard error is that of independent results on the log scale,
/// `se = x̄ √Σ (seᵢ/xᵢ)² / n`, and so are the two halves of its interval; a side on which one of them is open is open.
fn geometric_mean<'a>(quantities: impl Iterator<Item = &'a Quantity>) -> Quantity {
    let estimates: Vec<&Estimate> = quantities
        .filter_map(|quantity| if let Quantity::Quantified(estimate) = quantity { Some(estimate) } else { None })
        .collect();
    let n = estimates.len() as f64;
    let value = libm::exp(estimates.iter().map(|estimate| libm::log(estimate.value)).sum::<f64>() / n);
    let relative: Option<f64> =
        estimates.iter().map(|estimate| estimate.standard_error.map(|se| (se / estimate.value).powi(2))).sum();
    let half_widths = |limit: fn(&Estimate) -> Option<f64>| -> Option<f64> {
        let squares: Option<f64> = estimates
            .iter()
            .map(|estimate| {
                limit(estimate).filter(|&limit| limit > 0.0).map(|limit| libm::log(limit / estimate.value).powi(2))
            })
            .sum();
        squares.map(|squares| squares.sqrt() / n)
    };
    Quantity::Quantified(Estimate {
        value,
        standard_error: relative.map(|squares| value * squares.sqrt() / n),
        lower: half_widths(|estimate| estimate.lower).map(|width| value * libm::exp(-width)),
        upper: half_widths(|estimate| estimate.upper).map(|width| value * libm::exp(width)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::GroupResult;
    use crate::protocol::{Acceptance, RepeatRule, SampleNames};

    fn candidate(plate: &str, dilution: f64, quantity: Quantity) -> Candidate {
        let group = GroupResult {
            name: "S".into(),
            dilution,
            wells: Vec::new(),
            mean_response: None,
            cv_percent: None,
            quantity: quantity.clone(),
            flags: Vec::new(),
        };
        Candidate {
            plate: plate.into(),
            group,
            quantity,
            uloq: Some(2000.0 * dilution),
            chosen: false,
            why: String::new(),
        }
    }

    fn value(value: f64) -> Quantity {
        Quantity::Quantified(Estimate {
            value,
            standard_error: Some(value / 10.0),
            lower: Some(value * 0.8),
            upper: Some(value * 1.25),
        })
    }

    fn rules(dilutions: DilutionRule) -> ReportableRules {
        ReportableRules {
            dilutions,
            repeats: RepeatRule::First,
            repeats_difference_percent: Some(30.0),
            undeclared_repeats: UndeclaredRule::NotReported,
            samples: SampleNames::PerStudy,
        }
    }

    fn chosen(candidates: Vec<Candidate>, rule: DilutionRule) -> (String, Option<String>) {
        let result = choose("S".into(), candidates, &rules(rule));
        (result.quantity.to_string(), result.plate)
    }

    /// As `resolve` does it, with the limits of ICH M10.
    fn agreed(candidates: Vec<Candidate>) -> (String, Vec<String>) {
        let acceptance = crate::protocol::Criteria::IchM10.acceptance();
        let result = match dilutions::agreement(&candidates, &acceptance) {
            Agreement::Agree => choose("S".into(), candidates, &rules(DilutionRule::LowestInRange)),
            Agreement::Hook { at, limit, words } => hooked("S".into(), candidates, at, limit, words),
            Agreement::Contradict { words } => {
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
            agreed(vec![candidate("P1", 10.0, value(5000.0)), candidate("P1", 100.0, value(90_000.0))]);
        assert_eq!(result, ">20000");
        assert_eq!(flags, ["hook suspected: 5000 at dilution 10, 90000 at dilution 100"]);
        // Even below the LLOQ at the low dilution; and above the ULOQ at the high one, which is then the limit.
        assert_eq!(agreed(vec![candidate("P1", 1.0, below(31.25)), candidate("P1", 100.0, value(9000.0))]).0, ">2000");
        assert_eq!(
            agreed(vec![candidate("P1", 10.0, value(900.0)), candidate("P1", 100.0, above(200_000.0))]).0,
            ">200000"
        );
        // The usual re-run of a sample above the ULOQ is no hook, nor are values that agree.
        assert_eq!(
            agreed(vec![candidate("P1", 10.0, above(20_000.0)), candidate("P9", 100.0, value(45_000.0))]).0,
            "45000"
        );
        assert_eq!(agreed(vec![candidate("P1", 10.0, value(900.0)), candidate("P1", 20.0, value(1100.0))]).0, "900");
        assert_eq!(agreed(vec![candidate("P1", 1.0, value(1500.0)), candidate("P1", 100.0, below(3125.0))]).0, "1500");
    }

    #[test]
    fn values_that_fall_beyond_the_limit_contradict_each_other() {
        let not = "not reported: results contradict each other";
        // CV 30 % of two is a ratio of 1.5385.
        assert_eq!(agreed(vec![candidate("P1", 10.0, value(1530.0)), candidate("P1", 100.0, value(1000.0))]).0, "1530");
        let (result, flags) = agreed(vec![candidate("P1", 10.0, value(1550.0)), candidate("P1", 100.0, value(1000.0))]);
        assert_eq!((result.as_str(), flags.len()), (not, 1));
        let three = |last| {
            vec![
                candidate("P", 1.0, value(1000.0)),
                candidate("P", 2.0, value(1000.0)),
                candidate("P", 4.0, value(last)),
            ]
        };
        // sd / mean of 1000, 1000, 560: 254 / 853 = 29.8 %; with 540: 265.6 / 846.7 = 31.4 %, by the CV alone.
        let off = Quantity::BelowLloq { limit: 900.0 };
        assert_eq!(agreed(three(660.0)).0, "1000");
        assert_eq!(agreed(vec![candidate("P1", 1.0, value(1500.0)), candidate("P1", 20.0, off)]).0, not);
        // Two results at one dilution are repeats, not dilutions: the first that can be reported counts.
        assert_eq!(agreed(vec![candidate("P1", 10.0, value(500.0)), candidate("P2", 10.0, value(1000.0))]).0, "500");
    }

    #[test]
    fn one_result_by_the_declared_rule() {
        let above = Quantity::AboveUloq { limit: 20000.0 };
        let below = |limit| Quantity::BelowLloq { limit };
        let rejected = Quantity::NotReported { reason: NotReported::PlateRejected };
        let lowest = DilutionRule::LowestInRange;
        let two = || vec![candidate("P1", 100.0, value(900.0)), candidate("P2", 10.0, value(1000.0))];
        assert_eq!(chosen(two(), lowest), ("1000".into(), Some("P2".into())));
        assert_eq!(chosen(two(), DilutionRule::GeometricMeanInRange).0, "948.7");
        let rerun = vec![candidate("P1", 10.0, above.clone()), candidate("P2", 100.0, value(45000.0))];
        assert_eq!(chosen(rerun, lowest), ("45000".into(), Some("P2".into())));
        let repeat = vec![candidate("P1", 10.0, value(500.0)), candidate("P2", 10.0, value(600.0))];
        assert_eq!(
            chosen(repeat, lowest),
            ("500".into(), Some("P1".into())),
            "a repeat does not replace a valid result"
        );
        let lost = vec![candidate("P1", 10.0, rejected), candidate("P2", 10.0, below(312.5))];
        assert_eq!(chosen(lost, lowest), ("<312.5".into(), Some("P2".into())));
        let twice_below = vec![candidate("P1", 10.0, below(312.5)), candidate("P2", 1.0, below(31.25))];
        assert_eq!(chosen(twice_below, lowest).0, "<31.25");
        let contradiction = vec![candidate("P1", 10.0, above), candidate("P2", 100.0, below(3125.0))];
        assert_eq!(chosen(contradiction, lowest), ("not reported: results contradict each other".into(), None));
    }

    #[test]
    fn a_mean_of_several_results_has_the_flags_of_each() {
        let flagged = |plate: &str, dilution, flag: &str| {
            let mut candidate = candidate(plate, dilution, value(1000.0));
            candidate.group.flags = vec![flag.to_string()];
            candidate
        };
        let both = || vec![flagged("P1", 10.0, "single well"), flagged("P2", 20.0, "E07: excluded")];
        let flags = |rule| choose("S".into(), both(), &rules(rule)).flags;
        assert_eq!(flags(DilutionRule::GeometricMeanInRange), ["single well", "E07: excluded"]);
        assert_eq!(flags(DilutionRule::HighestInRange), ["E07: excluded"]);
    }

    #[test]
    fn of_results_outside_at_one_dilution_the_one_that_says_more_counts() {
        let (below, above) = (|limit| Quantity::BelowLloq { limit }, |limit| Quantity::AboveUloq { limit });
        let lowest = DilutionRule::LowestInRange;
        // The first plate had lost its lowest standard; its repeat has not.
        let raised = vec![candidate("P1", 10.0, below(625.0)), candidate("P2", 10.0, below(312.5))];
        assert_eq!(chosen(raised, lowest), ("<312.5".into(), Some("P2".into())));
        let lowered = vec![candidate("P1", 10.0, above(10_000.0)), candidate("P2", 10.0, above(20_000.0))];
        assert_eq!(chosen(lowered, lowest), (">20000".into(), Some("P2".into())));
        let equal = vec![candidate("P1", 10.0, below(312.5)), candidate("P2", 10.0, below(312.5))];
        assert_eq!(chosen(equal, lowest).1.as_deref(), Some("P1"));
    }

    #[test]
    fn of_several_hooks_the_highest_limit_is_reported() {
        // 1,000 undiluted, 5,000 in 1:10 and 90,000 in 1:100: both lower dilutions are suppressed, and the sample lies above the ULOQ
        // of 1:10, 20,000; above that of the undiluted sample, 2,000, is true and says ten times less.
        let rising = || {
            vec![
                candidate("P", 1.0, value(1000.0)),
                candidate("P", 10.0, value(5000.0)),
                candidate("P", 100.0, value(90_000.0)),
            ]
        };
        assert_eq!(agreed(rising()).0, ">20000");
        assert_eq!(agreed(rising().into_iter().rev().collect()).0, ">20000", "in whatever order they were measured");
    }

    #[test]
    fn a_rise_of_just_the_limit_is_no_hook() {
        // The limit of ICH M10's preset is a rise of 50 %.
        let pair = |high| vec![candidate("P", 1.0, value(1000.0)), candidate("P", 10.0, value(high))];
        let acceptance = Acceptance { dilutions_cv_percent: None, ..crate::protocol::Criteria::IchM10.acceptance() };
        let hook = |high| matches!(dilutions::agreement(&pair(high), &acceptance), Agreement::Hook { .. });
        assert_eq!([1499.0, 1500.0, 1501.0].map(hook), [false, false, true]);
    }

    #[test]
    fn a_geometric_mean_has_the_error_of_independent_results() {
        // x̄ = √(1000 × 4000) = 2000. Relative errors of 10 % each: √(0.01 + 0.01) / 2 = 7.071 % of it.
        // Limits at 0.8 and 1.25 times each value, ln 1.25 = 0.223144 away: √2 × 0.223144 / 2 = 0.157786 away from the mean, and
        // exp(±0.157786) is 1.170916 and 0.854033.
        let both = [value(1000.0), value(4000.0)];
        let Quantity::Quantified(mean) = geometric_mean(both.iter()) else { panic!("a mean is a value") };
        let near = |found: Option<f64>, expected: f64| found.is_some_and(|found| (found / expected - 1.0).abs() < 1e-5);
        assert!((mean.value - 2000.0).abs() < 1e-9);
        assert!(near(mean.standard_error, 141.421), "{mean:?}");
        assert!(near(mean.lower, 1708.066) && near(mean.upper, 2341.832), "{mean:?}");
        // Of four results alike the error is half that of one, and the interval half as wide on the log scale.
        let four = [value(1000.0), value(1000.0), value(1000.0), value(1000.0)];
        let Quantity::Quantified(mean) = geometric_mean(four.iter()) else { panic!("a mean is a value") };
        assert!(near(mean.standard_error, 50.0), "{mean:?}");
        assert!(near(mean.lower, 1000.0 * 0.8_f64.sqrt()) && near(mean.upper, 1000.0 * 1.25_f64.sqrt()), "{mean:?}");
        // A side on which one is open is open.
        let open =
            Quantity::Quantified(Estimate { value: 1000.0, standard_error: None, lower: Some(800.0), upper: None });
        let Quantity::Quantified(mean) = geometric_mean([value(4000.0), open].iter()) else {
            panic!("a mean is a value")
        };
        assert!(mean.standard_error.is_none() && near(mean.lower, 1708.066) && mean.upper.is_none(), "{mean:?}");
    }

    #[test]
    fn of_equal_dilutions_the_first_counts() {
        let twice = || vec![candidate("P1", 10.0, value(500.0)), candidate("P2", 10.0, value(600.0))];
        for rule in [DilutionRule::LowestInRange, DilutionRule::HighestInRange] {
            assert_eq!(chosen(twice(), rule), ("500".into(), Some("P1".into())), "{rule:?}");
        }
        let outside = |quantity: &dyn Fn() -> Quantity| {
            vec![
                candidate("P1", 10.0, quantity()),
                candidate("P2", 10.0, quantity()),
                candidate("P3", 5.0, Quantity::NotReported { reason: NotReported::Missing }),
            ]
        };
        let above = outside(&|| Quantity::AboveUloq { limit: 20_000.0 });
        assert_eq!(chosen(above, DilutionRule::LowestInRange), (">20000".into(), Some("P1".into())));
        let below = outside(&|| Quantity::BelowLloq { limit: 312.5 });
        assert_eq!(chosen(below, DilutionRule::HighestInRange), ("<312.5".into(), Some("P1".into())));
    }
}
