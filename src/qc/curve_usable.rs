//! The plate has a standard curve, and the curve's own verdict is that concentrations can be read from it. Where one level of the
//! standards explains why it has none, that level is the finding, and not that there is no dose response.

use super::judged_by::JudgedBy;
use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId};
use super::verdict::Finding;
use crate::concentration::level_off::DecimalPointError;
use crate::concentration::quantity::significant;
use crate::concentration::{LevelOff, PlateConcentrations};

const CURVE_USABLE: RuleId = RuleId::of(
    &PlateRule::new(
        "curve_usable",
        "standard curve",
        "standards that a curve can be fitted to: see them one by one; else a new plate",
    )
    .warning("nothing needs to: a warning decides nothing, but deserves a look"),
);

/// The rules of this file.
pub(super) const RULES: JudgedBy = JudgedBy {
    rules: &[CURVE_USABLE],
    needs_curve: false,
    judge: |of| vec![judge(of.plate, of.off, &of.assay.study.unit)],
};

/// Judges whether the plate has a usable curve; `off` is the level that explains it where it has none.
pub fn judge(plate: &PlateConcentrations, off: Option<&LevelOff>, unit: &str) -> Finding {
    let usable = plate.curve.as_ref().is_ok_and(|curve| curve.verdict().usable);
    let (observed, outcome) = match (&plate.curve, off) {
        (_, Some(off)) if !usable => (words(off, unit), Outcome::Fail),
        (Err(error), _) => (error.to_string(), Outcome::NotEvaluable),
        (Ok(curve), _) => {
            let reasons = plate.remarks(curve);
            let outcome = match reasons.is_empty() {
                _ if !usable => Outcome::Fail,
                true => Outcome::Pass,
                false => Outcome::Warning,
            };
            (if reasons.is_empty() { "nothing remarkable".into() } else { reasons.join("; ") }, outcome)
        }
    };
    Finding::new(CURVE_USABLE, "standard curve", observed, "a curve that concentrations can be read from", outcome)
}

/// A level that explains why the standards do not lie on one curve, and what to do about it.
pub(super) fn words(off: &LevelOff, unit: &str) -> String {
    let level = significant(off.nominal, 6);
    // A level may have the wells of two: then some of them are meant.
    let (standard, this) = match off.wells == off.wells_of_level {
        true => (format!("the standard {level} {unit}"), "this one reads"),
        false => {
            let some = format!("{} of the {} wells declared as standard {level} {unit}", off.wells, off.wells_of_level);
            (some, if off.wells == 1 { "that well reads" } else { "those read" })
        }
    };
    let reads = match off.reads_as {
        Some(found) => format!("{this} as {} {unit} from the curve of the others", significant(found, 3)),
        None => "it is outside of the curve of the others".to_string(),
    };
    let asked = |meant: f64| {
        format!("was {} typed as {level}? Look at what was prepared, and correct the layout", significant(meant, 6))
    };
    let (why, advice) = match off.slip {
        Some(DecimalPointError { meant, is_certain: true }) => {
            (format!("with {} for {standard} they lie on one curve", significant(meant, 6)), asked(meant))
        }
        Some(DecimalPointError { meant, .. }) => {
            let even = "would be diluted in even steps, as they are not now";
            (format!("with {} for {standard} they {even}", significant(meant, 6)), asked(meant))
        }
        None => (
            format!("without {standard} the others lie on one curve"),
            "look at its concentration in the layout, and at its wells".to_string(),
        ),
    };
    format!("{why}; {reads}: {advice}. Nothing was corrected")
}
