//! Of a sample's measurements that count and agree, the one that is reported:
//! 0. of several plates at one dilution, the leading one says on which side of the limits the sample is (`[reportable] repeats`);
//! 1. results inside the limits, by the method's rule for dilutions: the lowest dilution (the first plate of several at that
//!    dilution), or the geometric mean of all;
//! 2. none inside: below the LLOQ as measured at the lowest dilution, or above the ULOQ as measured at the highest, of several
//!    at that dilution by the limit that says most (a repeat after a plate that had lost its lowest standard); both kinds together
//!    contradict each other and are not reported;
//! 3. otherwise the reason of the last measurement.
//!

use super::repeats;
use super::result::{Candidate, ReportableResult};
use crate::concentration::quantity::{Estimate, significant};
use crate::concentration::{NotReported, Quantity};
use crate::protocol::{DilutionRule, ReportableRules};

/// The result by the rules at the head of this file, with the reason for and against each measurement.
pub(super) fn choose(sample: String, mut candidates: Vec<Candidate>, rules: &ReportableRules) -> ReportableResult {
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
pub(super) mod tests {
    use super::*;
    use crate::protocol::{RepeatRule, SampleNames, UndeclaredRule};

    /// A result with a standard error of 10 % and limits at 0.8 and 1.25 times its value.
    pub(in crate::reportable) fn value(value: f64) -> Quantity {
        Quantity::Quantified(Estimate {
            value,
            standard_error: Some(value / 10.0),
            lower: Some(value * 0.8),
            upper: Some(value * 1.25),
        })
    }

    pub(in crate::reportable) fn rules(dilutions: DilutionRule) -> ReportableRules {
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

    #[test]
    fn one_result_by_the_declared_rule() {
        let above = Quantity::AboveUloq { limit: 20000.0 };
        let below = |limit| Quantity::BelowLloq { limit };
        let rejected = Quantity::NotReported { reason: NotReported::PlateRejected };
        let lowest = DilutionRule::LowestInRange;
        let two = || vec![Candidate::of("P1", 100.0, value(900.0)), Candidate::of("P2", 10.0, value(1000.0))];
        assert_eq!(chosen(two(), lowest), ("1000".into(), Some("P2".into())));
        assert_eq!(chosen(two(), DilutionRule::GeometricMeanInRange).0, "948.7");
        let rerun = vec![Candidate::of("P1", 10.0, above.clone()), Candidate::of("P2", 100.0, value(45000.0))];
        assert_eq!(chosen(rerun, lowest), ("45000".into(), Some("P2".into())));
        let repeat = vec![Candidate::of("P1", 10.0, value(500.0)), Candidate::of("P2", 10.0, value(600.0))];
        assert_eq!(
            chosen(repeat, lowest),
            ("500".into(), Some("P1".into())),
            "a repeat does not replace a valid result"
        );
        let lost = vec![Candidate::of("P1", 10.0, rejected), Candidate::of("P2", 10.0, below(312.5))];
        assert_eq!(chosen(lost, lowest), ("<312.5".into(), Some("P2".into())));
        let twice_below = vec![Candidate::of("P1", 10.0, below(312.5)), Candidate::of("P2", 1.0, below(31.25))];
        assert_eq!(chosen(twice_below, lowest).0, "<31.25");
        let contradiction = vec![Candidate::of("P1", 10.0, above), Candidate::of("P2", 100.0, below(3125.0))];
        assert_eq!(chosen(contradiction, lowest), ("not reported: results contradict each other".into(), None));
    }

    #[test]
    fn a_mean_of_several_results_has_the_flags_of_each() {
        let flagged = |plate: &str, dilution, flag: &str| {
            let mut candidate = Candidate::of(plate, dilution, value(1000.0));
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
        let raised = vec![Candidate::of("P1", 10.0, below(625.0)), Candidate::of("P2", 10.0, below(312.5))];
        assert_eq!(chosen(raised, lowest), ("<312.5".into(), Some("P2".into())));
        let lowered = vec![Candidate::of("P1", 10.0, above(10_000.0)), Candidate::of("P2", 10.0, above(20_000.0))];
        assert_eq!(chosen(lowered, lowest), (">20000".into(), Some("P2".into())));
        let equal = vec![Candidate::of("P1", 10.0, below(312.5)), Candidate::of("P2", 10.0, below(312.5))];
        assert_eq!(chosen(equal, lowest).1.as_deref(), Some("P1"));
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
        let twice = || vec![Candidate::of("P1", 10.0, value(500.0)), Candidate::of("P2", 10.0, value(600.0))];
        for rule in [DilutionRule::LowestInRange, DilutionRule::HighestInRange] {
            assert_eq!(chosen(twice(), rule), ("500".into(), Some("P1".into())), "{rule:?}");
        }
        let outside = |quantity: &dyn Fn() -> Quantity| {
            vec![
                Candidate::of("P1", 10.0, quantity()),
                Candidate::of("P2", 10.0, quantity()),
                Candidate::of("P3", 5.0, Quantity::NotReported { reason: NotReported::Missing }),
            ]
        };
        let above = outside(&|| Quantity::AboveUloq { limit: 20_000.0 });
        assert_eq!(chosen(above, DilutionRule::LowestInRange), (">20000".into(), Some("P1".into())));
        let below = outside(&|| Quantity::BelowLloq { limit: 312.5 });
        assert_eq!(chosen(below, DilutionRule::HighestInRange), ("<312.5".into(), Some("P1".into())));
    }

    /// What the rule for repeats decided stands beside the result that it chose, and as a flag.
    #[test]
    fn a_repeat_that_was_decided_is_said() {
        let below = Candidate::of("P1", 10.0, Quantity::BelowLloq { limit: 312.5 });
        let lost = Candidate::of("P3", 10.0, Quantity::NotReported { reason: NotReported::Saturated });
        let result = choose(
            "S".into(),
            vec![below, Candidate::of("P2", 10.0, value(350.0)), lost],
            &rules(DilutionRule::LowestInRange),
        );
        let decided = "<312.5 on P1, 350 on P2: the first that can be reported counts, or one within its limit (repeats = \"first\")";
        let why = ["below the LLOQ at the lowest dilution; ", decided].concat();
        assert_eq!(result.candidates.iter().map(|of| of.why.as_str()).collect::<Vec<_>>()[0], why);
        assert_eq!(result.flags, [decided]);
        assert_eq!(result.candidates.iter().map(|of| of.chosen).collect::<Vec<_>>(), [true, false, false]);
        // Without two sides there is nothing to decide.
        let plain =
            choose("S".into(), vec![Candidate::of("P1", 10.0, value(1.0))], &rules(DilutionRule::LowestInRange));
        assert_eq!((plain.candidates[0].why.as_str(), plain.flags.len()), ("the only result inside the limits", 0));
    }

    /// Where nothing can be reported, no measurement is the chosen one, and no plate is named.
    #[test]
    fn what_is_not_reported_is_not_chosen() {
        let lost = Candidate::of("P1", 10.0, Quantity::NotReported { reason: NotReported::Saturated });
        let result = choose("S".into(), vec![lost], &rules(DilutionRule::LowestInRange));
        assert_eq!((result.candidates[0].chosen, &result.plate, result.dilution), (false, &None, Some(10.0)));
        assert_eq!(result.candidates[0].why, "no result can be reported");
    }

    /// A lower limit of zero is infinitely far on the log scale: the mean's is open.
    #[test]
    fn a_limit_of_zero_leaves_a_mean_open() {
        let open = |lower: f64| {
            Quantity::Quantified(Estimate {
                value: 1000.0,
                standard_error: None,
                lower: Some(lower),
                upper: Some(1250.0),
            })
        };
        let Quantity::Quantified(mean) = geometric_mean([value(1000.0), open(0.0)].iter()) else { panic!("a value") };
        assert!(mean.lower.is_none() && mean.upper.is_some(), "{mean:?}");
    }
}
