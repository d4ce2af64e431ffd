//! Whether the results of one sample at several dilutions agree.
//!
//! Each result bounds the concentration of the undiluted sample: `[v, v]` quantified, `[0, limit]` below the LLOQ, `[limit, ∞)` above
//! the ULOQ. Of two results at different dilutions,
//!
//! * one that rises with dilution by more than `dilutions_hook_percent` means that the less diluted one was suppressed: a hook
//!   (ICH M10 4.2.6). The sample is above the ULOQ of that dilution, and no value is reported;
//! * one that falls beyond the limit, or a CV of all quantified results above `dilutions_cv_percent` (ICH M10 7.2), is a
//!   contradiction. For two results a CV limit of `v` is the ratio `(√2 + v) / (√2 − v)`.

use super::result::Candidate;
use crate::concentration::Quantity;
use crate::curve::numerics::cv::cv_percent;
use crate::protocol::Acceptance;

/// What several dilutions say together.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum DilutionAgreement {
    /// Nothing against each other, or there are not two.
    Agree,
    /// A hook is suspected.
    Hook {
        /// The measurement whose ULOQ the sample is above.
        at: usize,
        /// That ULOQ × the dilution.
        limit: f64,
        /// What was seen.
        words: String,
    },
    /// They contradict each other.
    Contradict {
        /// What was seen.
        words: String,
    },
}

/// Compares the results of a sample that count.
pub(super) fn agreement(candidates: &[Candidate], acceptance: &Acceptance) -> DilutionAgreement {
    let known: Vec<(usize, f64, (f64, f64))> = candidates
        .iter()
        .enumerate()
        .filter_map(|(at, candidate)| Some((at, candidate.group.dilution, candidate.quantity.bounds()?)))
        .collect();
    let pairs =
        || known.iter().flat_map(|one| known.iter().filter(|other| one.1 < other.1).map(move |other| (one, other)));
    let shown = |at: usize| format!("{} at dilution {}", candidates[at].quantity, candidates[at].group.dilution);
    if let Some(percent) = acceptance.dilutions_hook_percent {
        let hooks = pairs().filter(|(low, high)| high.2.0 > low.2.1 * (1.0 + percent / 100.0));
        let limits = hooks.filter_map(|(low, high)| {
            let words = format!("hook suspected: {}, {}", shown(low.0), shown(high.0));
            let above = match candidates[high.0].quantity {
                Quantity::AboveUloq { limit } => Some((high.0, limit)),
                _ => candidates[low.0].uloq.map(|limit| (low.0, limit)),
            };
            above.map(|(at, limit)| DilutionAgreement::Hook { at, limit, words })
        });
        let limit = |of: &DilutionAgreement| if let DilutionAgreement::Hook { limit, .. } = of { *limit } else { 0.0 };
        if let Some(hook) = limits.max_by(|one, other| limit(one).total_cmp(&limit(other))) {
            return hook;
        }
    }
    let Some(percent) = acceptance.dilutions_cv_percent else { return DilutionAgreement::Agree };
    let root = std::f64::consts::SQRT_2;
    let ratio = (root + percent / 100.0) / (root - percent / 100.0);
    if let Some((low, high)) = pairs().find(|(low, high)| low.2.0 > high.2.1 * ratio) {
        return DilutionAgreement::Contradict { words: format!("{}, {}", shown(low.0), shown(high.0)) };
    }
    match cv_over_dilutions(candidates) {
        Some(cv) if cv > percent => {
            DilutionAgreement::Contradict { words: format!("CV over dilutions {cv:.1} % above {percent} %") }
        }
        _ => DilutionAgreement::Agree,
    }
}

/// CV of the quantified results, where they are at two dilutions at least.
fn cv_over_dilutions(candidates: &[Candidate]) -> Option<f64> {
    let quantified: Vec<(f64, f64)> =
        candidates.iter().filter_map(|of| Some((of.group.dilution, of.quantity.value()?))).collect();
    let (first, _) = quantified.first()?;
    if quantified.iter().all(|(dilution, _)| dilution == first) {
        return None;
    }
    cv_percent(&quantified.iter().map(|(_, value)| *value).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::quantity::Estimate;

    fn candidate(dilution: f64, value: f64) -> Candidate {
        let estimate = Estimate { value, standard_error: None, lower: None, upper: None };
        Candidate::of("P", dilution, Quantity::Quantified(estimate))
    }

    /// The standard deviation is that of a sample, with n − 1.
    #[test]
    fn the_cv_over_dilutions_is_that_of_a_sample() {
        // Mean 2560 / 3 = 853.33; squares 146.67² + 146.67² + 293.33² = 129,066.7; √(129,066.7 / 2) = 254.03: 29.77 %.
        let three = [candidate(1.0, 1000.0), candidate(2.0, 1000.0), candidate(4.0, 560.0)];
        assert!(
            (cv_over_dilutions(&three).unwrap_or_default() - 29.769).abs() < 1e-3,
            "{:?}",
            cv_over_dilutions(&three)
        );
        // Of two, |x − y| / √2 over their mean: 400 / √2 / 1200 = 23.57 %.
        let two = [candidate(1.0, 1000.0), candidate(2.0, 1400.0)];
        assert!((cv_over_dilutions(&two).unwrap_or_default() - 23.570).abs() < 1e-3, "{:?}", cv_over_dilutions(&two));
        assert_eq!(
            cv_over_dilutions(&[candidate(2.0, 1000.0), candidate(2.0, 1400.0)]),
            None,
            "repeats are no dilutions"
        );
        assert_eq!(cv_over_dilutions(&[]), None);
    }

    /// Where no rise is taken for a hook, the CV alone decides: of two values, 30 % is a ratio of 1.5385.
    #[test]
    fn a_rise_contradicts_by_the_cv_where_hooks_are_not_looked_for() {
        let acceptance = Acceptance { dilutions_hook_percent: None, ..crate::protocol::Criteria::IchM10.acceptance() };
        let of = |high: f64| agreement(&[candidate(1.0, 1000.0), candidate(10.0, high)], &acceptance);
        assert_eq!(of(1530.0), DilutionAgreement::Agree);
        assert_eq!(of(1550.0), DilutionAgreement::Contradict { words: "CV over dilutions 30.5 % above 30 %".into() });
    }

    /// Of two results a CV of 30 % is the ratio (√2 + 0.3) / (√2 − 0.3) = 1.538538, so that 1000 contradicts what is below 649.97.
    #[test]
    fn a_fall_contradicts_beyond_the_ratio_of_the_cv() {
        let acceptance = crate::protocol::Criteria::IchM10.acceptance();
        let of = |high: f64| agreement(&[candidate(1.0, 1000.0), candidate(10.0, high)], &acceptance);
        assert_eq!(of(650.1), DilutionAgreement::Agree);
        let words = "1000 at dilution 1, 649.8 at dilution 10".to_string();
        assert_eq!(of(649.8), DilutionAgreement::Contradict { words });
    }

    /// A CV of just the limit agrees: of 560, 1000 and 1000, which rise, 29.769 %.
    #[test]
    fn a_cv_of_just_the_limit_agrees() {
        let three = [candidate(1.0, 560.0), candidate(2.0, 1000.0), candidate(4.0, 1000.0)];
        let cv = cv_over_dilutions(&three).unwrap();
        let agree = |percent: f64| {
            let m10 = crate::protocol::Criteria::IchM10.acceptance();
            let limits = Acceptance { dilutions_hook_percent: None, dilutions_cv_percent: Some(percent), ..m10 };
            agreement(&three, &limits) == DilutionAgreement::Agree
        };
        assert_eq!([agree(cv), agree(cv * (1.0 - 1e-12)), agree(29.77), agree(29.76)], [true, false, true, false]);
    }
}
