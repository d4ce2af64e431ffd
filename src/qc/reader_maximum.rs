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
