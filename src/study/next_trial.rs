//! How many participants the next trial needs, from the variance of this one.
//!
//! ```text
//! σ = SE(ln ratio) / √(1/n₁ + 1/n₂)                    the standard deviation that the primary analysis had, per participant
//! σ⁺ = σ √(ν / χ²(0.2; ν))                             its upper 80 % confidence limit, ν the degrees of freedom (Browne, Stat Med 1995;14:1933)
//! σ² without assay error = σ² (1 − s),   each sample measured twice: σ² (1 − s/2)
//! ```
//!
//! s is the share of the spread of the log changes that is assay error (see [`AssayError`]), the mean of the two arms, and is taken to be its
//! share of σ² too: adjusting for the baseline takes some of both away. A second measurement halves it where it is a run of its own. Sizes are by the noncentral t for an analysis with the baseline as its covariate
//! ([`crate::stats::power`]), of two arms of the same size, and what drops out is put on top.
//!
//! ```
//! use platewise::protocol::{AnalysisId, NextTrialSettings};
//! use platewise::study::ArmComparison;
//! use platewise::study::next_trial::{NextTrial, SizeFor, next_trial};
//!
//! let primary = ArmComparison {
//!     analysis: AnalysisId::Ancova,
//!     model: String::new(),
//!     primary: true,
//!     visit: "Week 16".into(),
//!     active: "active".into(),
//!     reference: "placebo".into(),
//!     n: [50, 50],
//!     left_out: Vec::new(),
//!     ratio: None,
//!     adjusted_means: None,
//!     standard_error: Some(0.12), // σ = 0.6
//!     statistic: None,
//!     df: Some(97.0),
//!     p: None,
//!     adjusted: None,
//!     below_limit_rule: String::new(),
//!     reason: String::new(),
//! };
//! let asked = NextTrialSettings { ratio: 0.7, power_percent: 90.0, dropout_percent: 10.0 };
//! let found: NextTrial = next_trial(&primary, None, asked, 0.95);
//! let sizes: Vec<(f64, usize, usize)> =
//!     found.sizes.iter().map(|size: &SizeFor| (size.sd, size.evaluable.unwrap(), size.randomised.unwrap())).collect();
//! assert!((sizes[0].0 - 0.6).abs() < 1e-12 && sizes[0].1 == 61 && sizes[0].2 == 68);
//! assert!(sizes[1].0 > 0.6, "with what is not known of σ");
//! ```

use serde::Serialize;

use super::arm_comparison::ArmComparison;
use super::assay_error::AssayError;
use crate::protocol::NextTrialSettings;
use crate::stats::distribution::chi_squared_quantile;
use crate::stats::power::TwoArmDesign;

/// What the next trial of one arm against the reference needs.
#[derive(Debug, Clone, Serialize)]
pub struct NextTrial {
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// The visit.
    pub visit: String,
    /// What it is to find.
    pub asked: NextTrialSettings,
    /// Share of the variance of the log changes that is assay error, in percent; `None` where that was not computed.
    pub assay_percent: Option<f64>,
    /// The sizes under what is assumed of the variance.
    pub sizes: Vec<SizeFor>,
    /// Why there are none; empty where there are.
    pub reason: String,
}

/// The size under one assumption.
#[derive(Debug, Clone, Serialize)]
pub struct SizeFor {
    /// What is assumed of the standard deviation.
    pub assumption: &'static str,
    /// Standard deviation of the log change of a participant, after adjustment.
    pub sd: f64,
    /// Participants with an end point in each arm.
    pub evaluable: Option<usize>,
    /// Participants to be randomised to each arm.
    pub randomised: Option<usize>,
    /// The power of a trial with as many participants in each arm as the smaller arm of this one had in the analysis.
    pub power: Option<f64>,
    /// Why there is no size; empty where there is.
    pub reason: String,
}

/// The sizes for the `primary` comparison of this trial.
pub fn next_trial(
    primary: &ArmComparison,
    assay: Option<&AssayError>,
    asked: NextTrialSettings,
    confidence: f64,
) -> NextTrial {
    let shares: Vec<f64> =
        assay.into_iter().flat_map(|assay| &assay.arms).filter_map(|arm| arm.assay_percent).collect();
    let assay_percent = (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64);
    let blank = NextTrial {
        active: primary.active.clone(),
        reference: primary.reference.clone(),
        visit: primary.visit.clone(),
        asked,
        assay_percent,
        sizes: Vec::new(),
        reason: String::new(),
    };
    let (Some(se), Some(df), true) = (primary.standard_error, primary.df, primary.n.iter().all(|n| *n > 0)) else {
        let reason = format!("this trial has no standard error to go by: {}", primary.reason);
        return NextTrial { reason, ..blank };
    };
    let [one, other] = primary.n.map(|n| n as f64);
    let sd = se / (1.0 / one + 1.0 / other).sqrt();
    let size = |assumption, sd: f64| size_for(assumption, sd, primary.n, asked, confidence);
    let mut sizes = vec![size("as in this trial", sd)];
    if let Ok(quantile) = chi_squared_quantile(0.2, df) {
        sizes.push(size("upper 80 % limit of that", sd * (df / quantile).sqrt()));
    }
    // An estimated share may lie below zero, which is none.
    if let Some(share) = assay_percent.map(|percent| (percent / 100.0).clamp(0.0, 1.0)) {
        sizes.push(size("each sample measured in two runs", sd * (1.0 - share / 2.0).sqrt()));
        sizes.push(size("without assay error", sd * (1.0 - share).sqrt()));
    }
    NextTrial { sizes, ..blank }
}

fn size_for(assumption: &'static str, sd: f64, n: [usize; 2], asked: NextTrialSettings, confidence: f64) -> SizeFor {
    let design = TwoArmDesign { difference: libm::log(asked.ratio), sd, adjusted: 1, confidence };
    let found = design.size(asked.power_percent / 100.0);
    let kept = 1.0 - asked.dropout_percent / 100.0;
    SizeFor {
        assumption,
        sd,
        evaluable: found.as_ref().ok().copied(),
        // What is a whole number but for rounding is one.
        randomised: found.as_ref().ok().map(|&size| (size as f64 / kept - 1e-9).ceil() as usize),
        power: design.power(n[0].min(n[1])).ok(),
        reason: found.err().map(|why| why.to_string()).unwrap_or_default(),
    }
}
