//! The measurement error of the plates, carried through to the ratio of the arms.
//!
//! Let θ̂ be the primary estimate, the adjusted difference of the log changes, and V its variance as the analysis of covariance
//! states it. The log change of a subject is what happened in the subject plus assay error, y = b + e. The errors of
//! samples on one plate are correlated, since one curve reads them all. With c the weights of θ̂ = cᵀy, M the residual projection
//! and ν the residual degrees of freedom,
//!
//! ```text
//! true variance        Var θ̂ = σ_b² cᵀc + A,     A = cᵀ Σ_e c                      what the assay adds to the estimate
//! variance as stated   E V   = σ_b² cᵀc + W,     W = cᵀc tr(M Σ_e) / ν              what of it the residuals show
//! ```
//!
//! Independent errors (each well's own noise) are in the residuals: A = W. Errors that a plate's samples share are not, or not
//! fully: where the arms are on different plates, A > W; where every plate holds both arms or both visits of a subject, they
//! cancel, and A ≤ W. Both are estimated from R whole studies resampled about what was measured
//! (see [`PlateRedraw`](crate::concentration::PlateRedraw)), whose subjects stay as they are:
//!
//! ```text
//! A = variance of θ̂* over the replicates              W = mean of V* − V
//!
//! without assay error      V − W            as if every concentration were known
//! as observed              V                the stated interval: the assay's error once, taken for independent
//! with assay error         V − W + A        the same error once, with what the samples of a plate share
//! ```
//!
//! V holds the error already, so adding A alone would count it twice; W takes it out first. Intervals are
//! θ̂ ± t(1 − α/2, df) √variance, with the degrees of freedom of the analysis for the first two. A − W comes from the plates' σ,
//! which are estimates too, on the sum d of their degrees of freedom; the third has Satterthwaite's
//!
//! ```text
//! df = (V − W + A)² / ( V²/ν + (A − W)²/d )            where A > W, otherwise ν
//! ```
//!
//! The share of the spread within an arm that is assay is (mean of S²* − S²) / S², S² the variance of the arm's log changes.
//!
//! Measurement error in the baseline, a covariate, flattens its slope; in a randomised trial that costs precision, not the
//! validity of θ̂, and both the data and the draws have it.
//!
//! ```
//! use platewise::protocol::AnalysisId;
//! use platewise::study::assay_error::{AssayError, AssayShare, CarriedInterval, ResampledAnalysis, Draws, carry};
//! use platewise::study::{ArmComparison, IntervalEstimate};
//!
//! let row = |estimate: f64, primary: bool| ArmComparison {
//!     analysis: AnalysisId::Ancova,
//!     model: String::new(),
//!     primary,
//!     visit: "Week 16".into(),
//!     active: "active".into(),
//!     reference: "placebo".into(),
//!     n: [10, 10],
//!     left_out: Vec::new(),
//!     ratio: Some(IntervalEstimate { estimate, lower: 0.8 * estimate, upper: 1.25 * estimate }),
//!     adjusted_means: None,
//!     standard_error: Some(0.1),
//!     statistic: None,
//!     df: Some(17.0),
//!     p: None,
//!     adjusted: None,
//!     below_limit_rule: "below LLOQ: LLOQ/2".into(),
//!     reason: String::new(),
//! };
//! // A thousand draws that lie ±0.05 about the estimate and state the variance 0.0125 instead of 0.01.
//! let draw = |i: usize| {
//!     let log_ratio = 0.7_f64.ln() + if i % 2 == 0 { 0.05 } else { -0.05 };
//!     Some(ResampledAnalysis { log_ratio, variance: 0.0125, spread: [Some(0.06), Some(0.05)] })
//! };
//! let drawn: Vec<Option<ResampledAnalysis>> = (0..1000).map(draw).collect();
//! let draws = Draws { seed: 1, confidence: 0.95, plate_df: 40 };
//! let found: AssayError = carry(&row(0.7, true), [Some(0.05), Some(0.05)], &drawn, draws);
//! // A is 0.0025 (× 1000/999), W is 0.0025: what the samples of a plate share is nothing more.
//! let with: &CarriedInterval = &found.intervals[2];
//! assert!(with.standard_error.is_some_and(|se| (se - 0.1).abs() < 1e-4));
//! let active: &AssayShare = &found.arms[0];
//! assert!(active.assay_percent.is_some_and(|percent| (percent - 20.0).abs() < 1e-9));
//! ```

use serde::Serialize;

use super::arm_comparison::ArmComparison;
use super::interval_estimate::IntervalEstimate;
use crate::stats::inference::TInference;
use crate::stats::{Moments, printed_ratio};

/// The primary analysis of one whole study resampled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResampledAnalysis {
    /// Estimate of the log ratio, θ̂*.
    pub log_ratio: f64,
    /// Its variance as stated, V*.
    pub variance: f64,
    /// Variance of the log change within each arm, active first, S²*.
    pub spread: [Option<f64>; 2],
}

impl ResampledAnalysis {
    /// Of an analysis that gave an estimate with a standard error.
    pub fn of(analysis: &ArmComparison, spread: [Option<f64>; 2]) -> Option<Self> {
        let (ratio, se) = (analysis.ratio?, analysis.standard_error?);
        Some(Self { log_ratio: libm::log(ratio.estimate), variance: se * se, spread })
    }
}

/// The ratio of two arms with and without the assay's error.
#[derive(Debug, Clone, Serialize)]
pub struct AssayError {
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// The visit.
    pub visit: String,
    /// Whole studies that were drawn.
    pub replicates: usize,
    /// Of these, those that gave an estimate.
    pub used: usize,
    /// The seed of the draws.
    pub seed: u64,
    /// The intervals: without assay error, as observed, with assay error. Empty where there is a reason.
    pub intervals: Vec<CarriedInterval>,
    /// A: variance of the log ratio that the assay adds.
    pub assay_variance: Option<f64>,
    /// W: what of it the residuals show; its estimate may be below zero, and counts as zero then.
    pub seen_variance: Option<f64>,
    /// Mean of the drawn log ratios less the estimate: by how much reading curves bends it.
    pub shift: Option<f64>,
    /// The spread within the two arms, active first.
    pub arms: Vec<AssayShare>,
    /// The answer in words.
    pub words: String,
    /// Why there is none; empty where there is.
    pub reason: String,
}

/// One of the three intervals.
#[derive(Debug, Clone, Serialize)]
pub struct CarriedInterval {
    /// `without assay error`, `as observed` or `with assay error`.
    pub assay_error: &'static str,
    /// The ratio with its interval; `None` where the variance is not positive.
    pub ratio: Option<IntervalEstimate>,
    /// Standard error of the log ratio.
    pub standard_error: Option<f64>,
    /// Degrees of freedom.
    pub df: f64,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// Why there is no interval; empty where there is.
    pub reason: String,
}

/// How much of the spread within an arm is assay.
#[derive(Debug, Clone, Serialize)]
pub struct AssayShare {
    /// The arm.
    pub arm: String,
    /// Standard deviation of the log change, as observed.
    pub sd: Option<f64>,
    /// Standard deviation of the assay's part of it.
    pub assay_sd: Option<f64>,
    /// 100 × variance of the assay's part / variance.
    pub assay_percent: Option<f64>,
}

/// What a set of draws was made with.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    /// The seed.
    pub seed: u64,
    /// Level of the intervals.
    pub confidence: f64,
    /// Sum of the degrees of freedom of the σ of the plates that were drawn.
    pub plate_df: usize,
}

/// Smallest number of usable replicates from which a variance is estimated.
const FEWEST: usize = 20;

/// The three intervals of the primary analysis `observed`, from whole studies resampled; `None` stands for one without an
/// estimate.
pub fn carry(
    observed: &ArmComparison,
    spread: [Option<f64>; 2],
    drawn: &[Option<ResampledAnalysis>],
    draws: Draws,
) -> AssayError {
    let usable: Vec<ResampledAnalysis> = drawn.iter().flatten().copied().collect();
    let mut found = AssayError {
        active: observed.active.clone(),
        reference: observed.reference.clone(),
        visit: observed.visit.clone(),
        replicates: drawn.len(),
        used: usable.len(),
        seed: draws.seed,
        intervals: Vec::new(),
        assay_variance: None,
        seen_variance: None,
        shift: None,
        arms: Vec::new(),
        words: String::new(),
        reason: String::new(),
    };
    let Some(own) = ResampledAnalysis::of(observed, spread) else {
        found.reason = format!("the primary analysis has no estimate: {}", observed.reason);
        return found;
    };
    if usable.len() < FEWEST.max(drawn.len() / 2) {
        found.reason = format!("only {} of {} drawn studies gave an estimate", usable.len(), drawn.len());
        return found;
    }
    let moments = |of: fn(&ResampledAnalysis) -> f64| Moments::of(&usable.iter().map(of).collect::<Vec<f64>>()).ok();
    let (Some(ratios), Some(variances)) = (moments(|one| one.log_ratio), moments(|one| one.variance)) else {
        found.reason = "the drawn studies gave no numbers".into();
        return found;
    };
    let assay = ratios.sd.unwrap_or(0.0).powi(2);
    let seen = variances.mean - own.variance;
    let df = observed.df.unwrap_or(f64::INFINITY);
    // W is not negative; its estimate may be, and then says that the draws show nothing of it.
    let shown = seen.max(0.0);
    let (total, shared) = (own.variance - shown + assay, assay - shown);
    let total_df = if shared > 0.0 && draws.plate_df > 0 {
        total * total / (own.variance * own.variance / df + shared * shared / draws.plate_df as f64)
    } else {
        df
    };
    let interval = |name, variance, df| carried(name, own.log_ratio, variance, df, draws.confidence);
    found.intervals = vec![
        interval("without assay error", own.variance - shown, df),
        interval("as observed", own.variance, df),
        interval("with assay error", total, total_df),
    ];
    (found.assay_variance, found.seen_variance) = (Some(assay), Some(seen));
    found.shift = Some(ratios.mean - own.log_ratio);
    found.arms = (0..2).map(|arm| share(observed, &own, &usable, arm)).collect();
    found.words = words(&found, draws.confidence);
    found
}

fn carried(name: &'static str, log_ratio: f64, variance: f64, df: f64, confidence: f64) -> CarriedInterval {
    let none =
        |reason: String| CarriedInterval { assay_error: name, ratio: None, standard_error: None, df, p: None, reason };
    if variance <= 0.0 {
        return none("the assay's error is as large as all the spread that was observed: nothing is left".into());
    }
    let se = variance.sqrt();
    match TInference::of(log_ratio, se, df, log_ratio.abs(), confidence) {
        Ok(found) => CarriedInterval {
            ratio: super::arm_pair::ratio(log_ratio, found.ci_low, found.ci_high),
            standard_error: Some(se),
            p: found.p,
            ..none(String::new())
        },
        Err(why) => none(why.to_string()),
    }
}

fn share(observed: &ArmComparison, own: &ResampledAnalysis, drawn: &[ResampledAnalysis], arm: usize) -> AssayShare {
    let name = if arm == 0 { &observed.active } else { &observed.reference };
    let variances: Option<Vec<f64>> = drawn.iter().map(|one| one.spread[arm]).collect();
    let mean = variances.and_then(|variances| Moments::of(&variances).ok()).map(|moments| moments.mean);
    let assay = mean.zip(own.spread[arm]).map(|(mean, own)| (mean - own).max(0.0));
    AssayShare {
        arm: name.clone(),
        sd: own.spread[arm].map(f64::sqrt),
        assay_sd: assay.map(f64::sqrt),
        assay_percent: assay.zip(own.spread[arm]).filter(|(_, own)| *own > 0.0).map(|(assay, own)| 100.0 * assay / own),
    }
}

fn words(found: &AssayError, confidence: f64) -> String {
    let shares: Vec<String> =
        found.arms.iter().filter_map(|arm| Some(format!("{:.1} % in {}", arm.assay_percent?, arm.arm))).collect();
    let interval = |name: &str| {
        let ratio = found.intervals.iter().find(|interval| interval.assay_error == name)?.ratio?;
        let ends = [ratio.lower, ratio.upper];
        Some(if ends.iter().all(|end| (0.01..100.0).contains(end)) {
            format!("{:.3} to {:.3}", ratio.lower, ratio.upper)
        } else {
            ends.map(printed_ratio).join(" to ")
        })
    };
    let mut words = String::new();
    if !shares.is_empty() {
        words = format!(
            "Of the variance of the log change within an arm, assay error accounts for {}. ",
            shares.join(" and ")
        );
    }
    let level = 100.0 * confidence;
    let none = || "none (the assay explains all spread)".to_string();
    words.push_str(&format!(
        "The {level:.0} % interval of the ratio, {} / {}, is {} as observed, {} with the error that the samples of a plate \
         share, and would be {} without any assay error ({} whole studies resampled, seed {}).",
        found.active,
        found.reference,
        interval("as observed").unwrap_or_else(none),
        interval("with assay error").unwrap_or_else(none),
        interval("without assay error").unwrap_or_else(none),
        found.used,
        found.seed
    ));
    if found.seen_variance.is_some_and(|seen| seen < 0.0) {
        words.push_str(
            " The drawn studies show no more spread than the study itself, so that without any error the interval is the one as observed.",
        );
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::AnalysisId;

    fn observed(se: f64) -> ArmComparison {
        let ratio = IntervalEstimate { estimate: 0.5, lower: 0.4, upper: 0.625 };
        ArmComparison {
            analysis: AnalysisId::Ancova,
            model: String::new(),
            primary: true,
            visit: "Week 16".into(),
            active: "active".into(),
            reference: "placebo".into(),
            n: [10, 10],
            ratio: Some(ratio),
            adjusted_means: None,
            standard_error: Some(se),
            statistic: None,
            df: Some(17.0),
            p: None,
            adjusted: None,
            left_out: Vec::new(),
            below_limit_rule: String::new(),
            reason: String::new(),
        }
    }

    fn draws() -> Draws {
        Draws { seed: 1, confidence: 0.95, plate_df: 20 }
    }

    /// 40 draws, half `step` above the estimate and half below, each with the same stated variance and spread.
    fn drawn(step: f64, variance: f64, spread: f64) -> Vec<Option<ResampledAnalysis>> {
        (0..40)
            .map(|i| {
                let sign = if i % 2 == 0 { 1.0 } else { -1.0 };
                Some(ResampledAnalysis {
                    log_ratio: 0.5_f64.ln() + sign * step,
                    variance,
                    spread: [Some(spread), Some(spread)],
                })
            })
            .collect()
    }

    #[test]
    fn the_error_is_counted_once() {
        // V = 0.04, W = 0.01, A = 0.03 × 40/39.
        let found = carry(&observed(0.2), [Some(0.4), Some(0.2)], &drawn(0.03_f64.sqrt(), 0.05, 0.5), draws());
        let assay = 0.03 * 40.0 / 39.0;
        assert!((found.assay_variance.unwrap() - assay).abs() < 1e-14);
        assert!((found.seen_variance.unwrap() - 0.01).abs() < 1e-14);
        assert!(found.shift.unwrap().abs() < 1e-14);
        let se = |i: usize| found.intervals[i].standard_error.unwrap();
        assert!((se(0) - 0.03_f64.sqrt()).abs() < 1e-14);
        assert!((se(1) - 0.2).abs() < 1e-14);
        assert!((se(2) - (0.03 + assay).sqrt()).abs() < 1e-14);
        let (total, shared) = (0.03 + assay, assay - 0.01);
        let df = total * total / (0.04 * 0.04 / 17.0 + shared * shared / 20.0);
        assert!((found.intervals[2].df - df).abs() < 1e-10);
        assert!((found.arms[0].assay_percent.unwrap() - 25.0).abs() < 1e-10);
        assert!((found.arms[1].assay_percent.unwrap() - 150.0).abs() < 1e-10, "more than all is said as it is");
        assert!(found.words.contains("25.0 % in active"), "{}", found.words);
    }

    #[test]
    fn what_cannot_be_answered_has_a_reason() {
        let all_assay = carry(&observed(0.1), [None, None], &drawn(0.1, 0.03, 0.5), draws());
        assert!(all_assay.intervals[0].ratio.is_none() && all_assay.intervals[0].reason.contains("nothing is left"));
        assert!(all_assay.words.contains("none (the assay explains all spread)"), "{}", all_assay.words);
        assert!(all_assay.arms[0].assay_percent.is_none());

        let mut lost = drawn(0.1, 0.03, 0.5);
        lost.iter_mut().skip(10).for_each(|one| *one = None);
        assert_eq!(
            carry(&observed(0.1), [None, None], &lost, draws()).reason,
            "only 10 of 40 drawn studies gave an estimate"
        );

        let nobody = ArmComparison { ratio: None, reason: "nobody in active".into(), ..observed(0.1) };
        let found = carry(&nobody, [None, None], &drawn(0.1, 0.03, 0.5), draws());
        assert_eq!(found.reason, "the primary analysis has no estimate: nobody in active");
    }
}
