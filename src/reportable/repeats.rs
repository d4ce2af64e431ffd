//! One sample on several plates: whether somebody declared it, how far the results are apart, and which of them leads.
//!
//! A second measurement is declared when its plate repeats the other (`repeats` in `[[plate]]`), or when the sample was on the work
//! list after the other: of several runs one result at most is final. Two final results of plates that are no repeats of each
//! other may be two people's, and nothing in the numbers tells.

use std::collections::{BTreeMap, BTreeSet};

use super::result::Candidate;
use crate::concentration::Quantity;
use crate::protocol::{Assay, PlateRuns, RepeatRule};

/// The samples that were measured on plates which are not declared repeats of each other, with the plates.
///
/// What is declared does not depend on how the wells are evaluated: it is found once, and holds for every drawing of the study and
/// every other method that it is compared with.
///
/// ```
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let found = platewise::reportable::undeclared(&study.plates, &study.protocol.assay);
/// // A plate of the demo trial was repeated and another holds single samples of several again: both say so.
/// assert!(found.is_empty());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UndeclaredRepeats(BTreeMap<String, Vec<String>>);

impl UndeclaredRepeats {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The plates of a sample that is one of them.
    pub fn plates_of(&self, sample: &str) -> Option<&[String]> {
        self.0.get(sample).map(Vec::as_slice)
    }

    /// Finds them among the measurements of all samples; `is_final` says whether a run's result needs no other.
    pub(super) fn among(
        samples: &BTreeMap<String, Vec<Candidate>>,
        assay: &Assay,
        is_final: impl Fn(&str, Vec<Candidate>) -> bool,
    ) -> Self {
        let runs = PlateRuns::of(&assay.plates);
        let mut undeclared = BTreeMap::new();
        let on_several = |candidates: &[Candidate]| candidates.iter().any(|of| of.plate != candidates[0].plate);
        for (sample, candidates) in samples.iter().filter(|(_, candidates)| on_several(candidates)) {
            let plates: BTreeSet<&String> = candidates.iter().map(|candidate| &candidate.plate).collect();
            let on = |plate: &String| candidates.iter().filter(|of| of.plate == *plate).cloned().collect();
            let finals: Vec<&String> = plates.iter().copied().filter(|plate| is_final(sample, on(plate))).collect();
            let declared =
                |(at, one): (usize, &&String)| finals[at + 1..].iter().all(|other| runs.is_repeat(one, other));
            if !finals.iter().enumerate().all(declared) {
                undeclared.insert(sample.clone(), plates.into_iter().cloned().collect());
            }
        }
        Self(undeclared)
    }
}

/// Results beside their plates: `<312.5 on P01, 2264 on P02`.
pub(super) fn side_by_side<'a>(candidates: impl IntoIterator<Item = &'a Candidate>) -> String {
    let shown: Vec<String> = candidates.into_iter().map(|of| format!("{} on {}", of.quantity, of.plate)).collect();
    shown.join(", ")
}

/// The results of a sample on several plates that are further apart than `limit_percent` of their mean, as ICH M10 asks of incurred
/// samples: the widest pair, in words. A result outside the limits of quantification is as near as its limit allows.
pub(super) fn disagreement(candidates: &[Candidate], limit_percent: Option<f64>) -> Option<String> {
    let limit = limit_percent?;
    let pairs =
        candidates.iter().enumerate().flat_map(|(at, one)| candidates[at + 1..].iter().map(move |of| (one, of)));
    let apart = pairs
        .filter(|(one, other)| one.plate != other.plate)
        .filter_map(|(one, other)| Some((difference_percent(&one.quantity, &other.quantity)?, one, other)));
    let (percent, one, other) = apart.max_by(|(one, ..), (other, ..)| one.total_cmp(other))?;
    (percent > limit).then(|| {
        format!("repeats differ by {percent:.0} % of their mean, more than {limit} %: {}", side_by_side([one, other]))
    })
}

/// The smallest difference that two results can have, in percent of their mean: of the nearest ends of what they allow.
fn difference_percent(one: &Quantity, other: &Quantity) -> Option<f64> {
    let ((low, high), (other_low, other_high)) = (one.bounds()?, other.bounds()?);
    let (upper, lower) = if low > other_high { (low, other_high) } else { (other_low, high) };
    if upper <= lower {
        return Some(0.0);
    }
    Some(100.0 * (upper - lower) / (0.5 * (upper + lower)))
}

/// Which measurements may be reported by the rule for repeats: of those at one dilution on several plates, all on the side of the
/// limits on which the leading one is.
pub(super) fn counting(candidates: &[Candidate], rule: RepeatRule) -> Vec<bool> {
    let is_inside = |of: &Candidate| matches!(of.quantity, Quantity::Quantified(_));
    candidates
        .iter()
        .map(|candidate| {
            let at_dilution = candidates.iter().filter(|of| of.group.dilution == candidate.group.dilution);
            let leading = match rule {
                RepeatRule::First => first(at_dilution),
                RepeatRule::InRange => return true,
            };
            !is_inside(candidate) || leading.is_none_or(is_inside)
        })
        .collect()
}

/// The first measurement that can be reported, or a later one that lies within what it allows, and so says more.
fn first<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Option<&'a Candidate> {
    candidates.fold(None, |leading: Option<&Candidate>, candidate| {
        let Some((low, high)) = candidate.quantity.bounds() else { return leading };
        match leading.and_then(|leading| leading.quantity.bounds()) {
            Some((leading_low, leading_high)) if low < leading_low || high > leading_high => leading,
            _ => Some(candidate),
        }
    })
}

/// What the rule for repeats decided between a value inside the limits and a result outside of them at one dilution, with the
/// numbers that it had; `None` where there was nothing to decide.
pub(super) fn decided(candidates: &[Candidate], rule: RepeatRule) -> Option<String> {
    let outside = |of: &Candidate| matches!(of.quantity, Quantity::BelowLloq { .. } | Quantity::AboveUloq { .. });
    let inside = |of: &Candidate| matches!(of.quantity, Quantity::Quantified(_));
    let alike = |of: &Candidate, one: &Candidate| of.group.dilution == one.group.dilution;
    let beside = |one: &Candidate| inside(one) && candidates.iter().any(|of| outside(of) && alike(of, one));
    let one = candidates.iter().find(|one| beside(one))?;
    let of_dilution = candidates.iter().filter(|of| alike(of, one) && (inside(of) || outside(of)));
    let rule = match rule {
        RepeatRule::First => "the first that can be reported counts, or one within its limit (repeats = \"first\")",
        RepeatRule::InRange => "one inside the limits counts (repeats = \"in-range\")",
    };
    Some(format!("{}: {rule}", side_by_side(of_dilution)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::Estimate;

    fn value(value: f64) -> Quantity {
        Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None })
    }

    #[test]
    fn repeats_differ_by_what_their_limits_leave_no_room_for() {
        let below = |limit| Quantity::BelowLloq { limit };
        let above = |limit| Quantity::AboveUloq { limit };
        let percent = |one: &Quantity, other: &Quantity| {
            let found = difference_percent(one, other);
            assert_eq!(found, difference_percent(other, one), "whichever was first");
            found.unwrap()
        };
        // 100 × 300 / 1000, by hand.
        assert!((percent(&value(850.0), &value(1150.0)) - 30.0).abs() < 1e-12);
        assert_eq!(percent(&value(200.0), &below(312.5)), 0.0);
        assert!((percent(&below(312.5), &value(2264.0)) - 100.0 * 1951.5 / 1288.25).abs() < 1e-9);
        assert_eq!((percent(&below(312.5), &below(31.25)), percent(&above(2000.0), &above(200.0))), (0.0, 0.0));
        assert!((percent(&below(100.0), &above(300.0)) - 100.0).abs() < 1e-12);
    }

    #[test]
    fn only_results_of_two_plates_are_repeats() {
        let said = |plate: &str, limit| {
            disagreement(&[Candidate::of("P1", 10.0, value(1000.0)), Candidate::of(plate, 10.0, value(1500.0))], limit)
        };
        assert_eq!(said("P1", Some(30.0)), None);
        assert_eq!(
            said("P2", Some(30.0)).as_deref(),
            Some("repeats differ by 40 % of their mean, more than 30 %: 1000 on P1, 1500 on P2")
        );
        assert_eq!((said("P2", Some(40.0)), said("P2", None)), (None, None));
    }

    #[test]
    fn a_value_does_not_beat_a_limit_that_was_there_first() {
        let below = |limit| Quantity::BelowLloq { limit };
        let of = |one: Quantity, other: Quantity, dilution, rule| {
            counting(&[Candidate::of("P1", 10.0, one), Candidate::of("P2", dilution, other)], rule)
        };
        let (first, in_range) = (RepeatRule::First, RepeatRule::InRange);
        assert_eq!(of(below(312.5), value(350.0), 10.0, first), [true, false]);
        assert_eq!(of(below(312.5), value(350.0), 10.0, in_range), [true, true]);
        // The first plate had lost its lowest standard: a value within its limit says more.
        assert_eq!(of(below(625.0), value(350.0), 10.0, first), [true, true]);
        assert_eq!(of(value(350.0), below(312.5), 10.0, first), [true, true], "what is outside is never a value");
        assert_eq!(of(below(312.5), value(100.0), 1.0, first), [true, true], "another dilution is no repeat");
        let lost = Quantity::NotReported { reason: crate::concentration::NotReported::Saturated };
        assert_eq!(of(lost, value(350.0), 10.0, first), [true, true]);
    }

    /// A later limit that is within an earlier one says more, and leads in its place: then a value beside it does not count, though the
    /// first limit had left room for it.
    #[test]
    fn the_narrower_limit_leads() {
        let below = |limit| Quantity::BelowLloq { limit };
        let above = |limit| Quantity::AboveUloq { limit };
        let counts = |all: [Quantity; 3]| {
            let [one, two, three] = all.map(|quantity| Candidate::of("P", 10.0, quantity));
            counting(&[one, two, three], RepeatRule::First)
        };
        assert_eq!(counts([below(625.0), below(312.5), value(400.0)]), [true, true, false]);
        assert_eq!(
            counts([below(312.5), below(625.0), value(400.0)]),
            [true, true, false],
            "a wider one leads nothing"
        );
        assert_eq!(counts([below(625.0), below(312.5), value(300.0)]), [true, true, true]);
        assert_eq!(counts([above(1000.0), above(2000.0), value(1500.0)]), [true, true, false]);
        assert_eq!(counts([above(1000.0), above(500.0), value(1500.0)]), [true, true, true]);
    }

    /// The widest pair of plates is shown, whichever they are.
    #[test]
    fn the_widest_pair_is_shown() {
        let all = [("P1", 1000.0), ("P2", 1300.0), ("P3", 2000.0), ("P3", 9000.0)];
        let candidates = all.map(|(plate, of)| Candidate::of(plate, 10.0, value(of)));
        let said = disagreement(&candidates, Some(30.0)).unwrap();
        assert!(said.ends_with("160 % of their mean, more than 30 %: 1000 on P1, 9000 on P3"), "{said}");
        assert_eq!(side_by_side(&candidates[..2]), "1000 on P1, 1300 on P2");
        // What was decided names those at the dilution of a value beside a limit.
        let mixed = [
            Candidate::of("P1", 10.0, Quantity::BelowLloq { limit: 312.5 }),
            Candidate::of("P2", 10.0, value(350.0)),
            Candidate::of("P3", 20.0, value(900.0)),
        ];
        assert!(
            decided(&mixed, RepeatRule::InRange).unwrap().starts_with("<312.5 on P1, 350 on P2: one inside the limits")
        );
        assert_eq!(decided(&mixed[1..], RepeatRule::First), None);
    }
}
