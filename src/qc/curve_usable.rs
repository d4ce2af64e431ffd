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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::example;

    fn off(wells: usize, reads_as: Option<f64>, slip: Option<DecimalPointError>) -> LevelOff {
        LevelOff { nominal: 25.0, wells, wells_of_level: 4, reads_as, slip }
    }

    /// A level is the finding where it explains why there is no curve, and not where there is one.
    #[test]
    fn a_level_that_is_off_decides_where_the_curve_cannot_be_used() {
        let plate = example::plate("P", &[], 1.0, 1);
        let astray = off(4, Some(246.0), None);
        for level in [None, Some(&astray)] {
            let found = judge(&plate, level, "pg/mL");
            assert_eq!((found.observed.as_str(), found.outcome), ("nothing remarkable", Outcome::Pass));
        }
        let mut without = plate;
        without.curve = Err(crate::curve::FitError::Method { words: "no standards".into() });
        let found = judge(&without, None, "pg/mL");
        assert!(found.outcome == Outcome::NotEvaluable && found.observed.contains("no standards"), "{found:?}");
        let found = judge(&without, Some(&astray), "pg/mL");
        assert_eq!((found.observed, found.outcome), (words(&astray, "pg/mL"), Outcome::Fail));
    }

    #[test]
    fn a_level_is_said_with_what_it_reads_as_and_what_was_meant() {
        let said = |off: LevelOff| words(&off, "pg/mL");
        assert_eq!(
            said(off(4, Some(246.2), None)),
            "without the standard 25 pg/mL the others lie on one curve; this one reads as 246 pg/mL from the curve of the others: look \
             at its concentration in the layout, and at its wells. Nothing was corrected"
        );
        let slip = |is_certain| Some(DecimalPointError { meant: 250.0, is_certain });
        assert_eq!(
            said(off(2, Some(246.2), slip(true))),
            "with 250 for 2 of the 4 wells declared as standard 25 pg/mL they lie on one curve; those read as 246 pg/mL from the curve \
             of the others: was 250 typed as 25? Look at what was prepared, and correct the layout. Nothing was corrected"
        );
        assert!(said(off(1, Some(9.0), None)).contains("1 of the 4 wells declared as standard 25 pg/mL"));
        assert!(said(off(1, Some(9.0), None)).contains("; that well reads as 9 pg/mL"));
        let by_design = said(off(4, None, slip(false)));
        let expected = "with 250 for the standard 25 pg/mL they would be diluted in even steps, as they are not now; it is outside of the \
                        curve of the others: was 250 typed as 25?";
        assert!(by_design.starts_with(expected), "{by_design}");
    }
}
