//! Whether the reader could measure the wells. Some readers write their highest value where they should write that there is none:
//! several wells that read exactly the same, with hardly any just below.
//!
//! Where a standard or control is among them, the curve is bent by a value that was not measured, and the plate is rejected. Samples
//! alone are above what the standards reach; they are named.

use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId, RuleUnit};
use super::verdict::Finding;
use crate::plate::{AssayPlate, WellRole};

pub(super) const READER_MAXIMUM: RuleId = RuleId::of(
    &PlateRule::new("reader_maximum", "the reader's highest value", "a higher dilution of what is that dense")
        .of(RuleUnit::Wells),
);

/// The fewest wells at the highest value.
const WELLS: usize = 4;
/// What is just below the highest value, as a share of it.
const JUST_BELOW: f64 = 0.02;

/// Judges the highest readings of a plate.
pub fn judge(plate: &AssayPlate) -> Finding {
    let finding = |observed: String, outcome| {
        let limit = format!("fewer than {WELLS} wells of one highest value, or as many just below it");
        Finding::new(READER_MAXIMUM, "plate", observed, limit, outcome)
    };
    let measured = plate.wells.iter().filter_map(|well| well.reading.measured());
    let Some(highest) = measured.clone().reduce(f64::max) else {
        return finding("no well was measured".into(), Outcome::NotEvaluable);
    };
    let at: Vec<_> = plate.wells.iter().filter(|well| well.reading.measured() == Some(highest)).collect();
    let below = measured.filter(|&value| value < highest && value >= highest - JUST_BELOW * highest.abs()).count();
    if at.len() < WELLS || below >= at.len() {
        return finding(format!("highest reading {highest}, {} wells", at.len()), Outcome::Pass)
            .numbers(at.len() as f64, WELLS as f64);
    }
    let known = at.iter().any(|well| matches!(well.role, WellRole::Standard { .. } | WellRole::Control { .. }));
    let names: Vec<String> = at.iter().map(|well| well.position.to_string()).collect();
    let (what, outcome) = if known {
        ("standards or controls among them: the curve cannot be trusted", Outcome::Fail)
    } else {
        ("samples only: their concentrations are not known", Outcome::Warning)
    };
    finding(
        format!(
            "{} wells read exactly {highest}, which seems to be the most that the reader writes ({}); {what}. Read the plate again \
             at a lower sensitivity or a side wavelength, or dilute further",
            at.len(),
            names.join(", "),
        ),
        outcome,
    )
    .numbers(at.len() as f64, WELLS as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::{AssayWell, PlateSize, Reading, WellPosition};

    /// So many sample wells at 4, so many at `below`, and one at 1; the first well may be a standard.
    fn outcome(at: usize, below: (usize, f64), standard: bool) -> Outcome {
        let readings = std::iter::repeat_n(4.0, at).chain(std::iter::repeat_n(below.1, below.0)).chain([1.0]);
        let well = |(i, reading): (usize, f64)| {
            let role = match i {
                0 if standard => WellRole::Standard { concentration: 2000.0 },
                _ => WellRole::Sample { id: format!("S{i}"), dilution: Some(1.0) },
            };
            AssayWell::of_reading(WellPosition::new(i / 12, i % 12), role, Reading::Measured(reading))
        };
        judge(&AssayPlate::of_wells("P", PlateSize::WELLS_96, readings.enumerate().map(well).collect())).outcome
    }

    /// Four wells at the highest value, and fewer within 2 % below it.
    #[test]
    fn four_wells_at_one_highest_value_are_the_readers_maximum() {
        assert_eq!([3, 4].map(|at| outcome(at, (0, 1.0), false)), [Outcome::Pass, Outcome::Warning]);
        assert_eq!([3, 4].map(|at| outcome(at, (0, 1.0), true)), [Outcome::Pass, Outcome::Fail]);
        assert_eq!([3, 4].map(|below| outcome(4, (below, 3.95), false)), [Outcome::Warning, Outcome::Pass]);
        assert_eq!([3.92, 3.91].map(|below| outcome(4, (4, below), false)), [Outcome::Pass, Outcome::Warning]);
    }
}
