//! The range of a plate: the lowest and the highest concentration that may be reported.
//!
//! It begins at the lowest standard that passes and ends at the highest; limits that the method fixes hold within that. A
//! standard that fails or was rejected at an end therefore moves the limit to the next one that passes (ICH M10 4.3.2), which
//! keeps its own, narrower limits of bias. A limit that the method fixes beyond the standards, such as the 31.2 of a kit insert beside
//! 2000 / 2⁶ = 31.25, is the standard's and not moved. Anchors bound nothing.

use super::quantity::significant;
use super::result::{Range, StandardResult};
use crate::protocol::Assay;

/// The range that these standards support; `None` where none passes, or nothing is left between the limits.
pub fn range(standards: &[StandardResult], assay: &Assay) -> Option<Range> {
    let ends = |of: &mut dyn Iterator<Item = &StandardResult>| {
        of.map(|standard| standard.nominal).fold(None, |ends: Option<(f64, f64)>, x| {
            Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
        })
    };
    let given = ends(&mut standards.iter().filter(|standard| standard.is_given()))?;
    let passing = ends(&mut standards.iter().filter(|standard| standard.passes()))?;
    let (fixed_lloq, fixed_uloq) = (assay.method.lloq, assay.method.uloq);
    let lloq = fixed_lloq.map_or(passing.0, |fixed| fixed.max(passing.0));
    let uloq = fixed_uloq.map_or(passing.1, |fixed| fixed.min(passing.1));
    // What the plate could have given, had every standard passed.
    let wanted = (
        fixed_lloq.map_or(given.0, |fixed| fixed.max(given.0)),
        fixed_uloq.map_or(given.1, |fixed| fixed.min(given.1)),
    );
    let lower_rule = match fixed_lloq {
        Some(fixed) if fixed == lloq => "LLOQ fixed by the method".to_string(),
        _ if lloq > wanted.0 => {
            format!("LLOQ raised from {} to the lowest standard that passes", significant(wanted.0, 4))
        }
        _ => "LLOQ is the lowest standard".to_string(),
    };
    let upper_rule = match fixed_uloq {
        Some(fixed) if fixed == uloq => "ULOQ fixed by the method".to_string(),
        _ if uloq < wanted.1 => {
            format!("ULOQ lowered from {} to the highest standard that passes", significant(wanted.1, 4))
        }
        _ => "ULOQ is the highest standard".to_string(),
    };
    let unit = &assay.study.unit;
    (lloq < uloq).then(|| Range {
        lloq,
        uloq,
        lloq_raised_from: (lloq > wanted.0).then_some(wanted.0),
        uloq_lowered_from: (uloq < wanted.1).then_some(wanted.1),
        rule: format!("{lower_rule}; {upper_rule} ({unit})"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Standards of 31.25 to 2000, two-fold; those named fail, and 15.625 is an anchor.
    fn standards(failing: &[f64]) -> Vec<StandardResult> {
        let standard = |nominal: f64, anchor: bool| StandardResult {
            nominal,
            n: 2,
            mean_response: 1.0,
            response_cv_percent: None,
            back_calculated: None,
            bias_percent: Some(0.0),
            concentration_cv_percent: None,
            anchor,
            bias_limit_percent: (!anchor).then_some(20.0),
            cv_limit_percent: None,
            rejected: false,
            failure: failing.contains(&nominal).then(|| "it fails".into()),
        };
        let given = (0..7_i32).map(|i| standard(31.25 * 2.0_f64.powi(i), false));
        std::iter::once(standard(15.625, true)).chain(given).collect()
    }

    fn of(failing: &[f64], lloq: Option<f64>, uloq: Option<f64>) -> Option<Range> {
        let mut assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
        (assay.method.lloq, assay.method.uloq) = (lloq, uloq);
        range(&standards(failing), &assay)
    }

    /// The limits, what they were moved from, and the rules in words.
    type ExplainedLimits = (f64, f64, Option<f64>, Option<f64>, String);

    fn told(failing: &[f64], lloq: Option<f64>, uloq: Option<f64>) -> ExplainedLimits {
        let found = of(failing, lloq, uloq).unwrap();
        (found.lloq, found.uloq, found.lloq_raised_from, found.uloq_lowered_from, found.rule)
    }

    #[test]
    fn the_range_ends_at_the_standards_that_pass() {
        let whole = "LLOQ is the lowest standard; ULOQ is the highest standard (pg/mL)".to_string();
        assert_eq!(told(&[], None, None), (31.25, 2000.0, None, None, whole.clone()));
        assert_eq!(told(&[250.0], None, None), (31.25, 2000.0, None, None, whole), "one in the middle moves nothing");
        let raised = "LLOQ raised from 31.25 to the lowest standard that passes; ULOQ is the highest standard (pg/mL)";
        assert_eq!(told(&[31.25], None, None), (62.5, 2000.0, Some(31.25), None, raised.into()));
        let lowered = "LLOQ is the lowest standard; ULOQ lowered from 2000 to the highest standard that passes (pg/mL)";
        assert_eq!(told(&[1000.0, 2000.0], None, None), (31.25, 500.0, None, Some(2000.0), lowered.into()));
    }

    #[test]
    fn limits_that_the_method_fixes_hold_within_the_standards() {
        let fixed = "LLOQ fixed by the method; ULOQ fixed by the method (pg/mL)".to_string();
        assert_eq!(told(&[], Some(40.0), Some(1500.0)), (40.0, 1500.0, None, None, fixed.clone()));
        assert_eq!(told(&[31.25], Some(62.5), Some(2000.0)), (62.5, 2000.0, None, None, fixed));
        // Beyond the standards they are the standards', and nothing was moved.
        let standards = "LLOQ is the lowest standard; ULOQ is the highest standard (pg/mL)".to_string();
        assert_eq!(told(&[], Some(31.2), Some(2001.0)), (31.25, 2000.0, None, None, standards));
        // A standard that fails moves what the method fixes: from there, not from the standard.
        let moved = "LLOQ raised from 40 to the lowest standard that passes; ULOQ lowered from 1500 to the highest standard that passes \
                     (pg/mL)";
        let found = told(&[31.25, 62.5, 1000.0, 2000.0], Some(40.0), Some(1500.0));
        assert_eq!(found, (125.0, 500.0, Some(40.0), Some(1500.0), moved.into()));
    }

    #[test]
    fn one_standard_or_none_is_no_range() {
        assert!(of(&[31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0], None, None).is_none());
        assert!(of(&[62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0], None, None).is_none());
        assert!(of(&[125.0, 250.0, 500.0, 1000.0, 2000.0], None, None).is_some());
    }
}
