//! Proportions of responders as if everybody had been in each arm: adjusted for baseline and strata, and still proportions.
//!
//! ```
//! use platewise::concentration::{Quantity, quantity::Estimate};
//! use platewise::study::standardised::StandardisedResponders;
//! use platewise::study::{Allocation, SubjectVisit, compare};
//!
//! let protocol = platewise::protocol::parse(
//!     r#"
//!     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
//!     method = { name = "ELISA", version = "1" }
//!     analysis = { responder_fall_percent = 40 }
//!     supplementary = { analyses = ["standardised-responders"] }
//!     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
//!     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
//!     "#,
//! )?;
//! let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
//! let (mut visits, mut arms) = (Vec::new(), Vec::new());
//! for i in 0..40 {
//!     let subject = format!("S{i:02}");
//!     // The higher the baseline, the larger the fall; the treated fall more.
//!     let base = 600.0 + 20.0 * f64::from(i * 7 % 40);
//!     let ratio = if i < 20 { 0.65 } else { 0.7 } - 0.0002 * (base - 1000.0) + 0.03 * f64::from(i * 3 % 7 - 3);
//!     visits.push(SubjectVisit::new(&subject, "Baseline", 0.0, number(base)));
//!     visits.push(SubjectVisit::new(&subject, "Week 16", 16.0, number(ratio * base)));
//!     let arm = if i < 20 { "active" } else { "placebo" };
//!     arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: None, covariates: Vec::new() });
//! }
//! let found = compare(&visits, &arms, &protocol)?;
//! let standardised: &StandardisedResponders = found.responders[0].standardised.as_ref().unwrap();
//! assert_eq!(standardised.n, [20, 20]);
//! let ([active, placebo], ratio) = (standardised.proportions.unwrap(), standardised.ratio.unwrap());
//! assert!((ratio.estimate - active / placebo).abs() < 1e-12 && ratio.lower < ratio.estimate);
//! # Ok::<(), platewise::sheet::Problems>(())
//! ```

use serde::Serialize;

use super::arm_pair::ratio;
use super::covariates::{CovariateColumn, adjusted_for, terms_of_two};
use super::interval_estimate::IntervalEstimate;
use super::numbers::ResponderStatus;
use crate::stats::ancova::AncovaRows;
use crate::stats::logistic::{self, standardised};
use crate::stats::{self, Arm, Undefined};

/// Responders in two arms, standardised over log baseline, strata and covariates.
#[derive(Debug, Clone, Serialize)]
pub struct StandardisedResponders {
    /// Participants in the model, of the two arms: of those counted the ones with a baseline, and with
    /// the covariates of the study.
    pub n: [usize; 2],
    /// The standardised proportions, active first.
    pub proportions: Option<[f64; 2]>,
    /// Their ratio with its interval.
    pub ratio: Option<IntervalEstimate>,
    /// Their difference with its interval.
    pub difference: Option<IntervalEstimate>,
    /// Two-sided p-value of the ratio.
    pub p: Option<f64>,
    /// The model in words.
    pub model: String,
    /// Why there is none; empty where there is one.
    pub reason: String,
}

impl StandardisedResponders {
    /// Of those of whom it is known whether they respond; of all randomised, those of whom it is not known do not.
    pub(super) fn of(
        answers: &[ResponderStatus],
        declared: &[CovariateColumn],
        all_randomised: bool,
        confidence: f64,
    ) -> Self {
        let counted: Vec<(&ResponderStatus, f64, bool)> = answers
            .iter()
            .filter_map(|answer| {
                let responds = answer.responds.or(all_randomised.then_some(false))?;
                answer.covariates.as_ref()?;
                Some((answer, answer.base?, responds))
            })
            .collect();
        let arm: Vec<Arm> = counted.iter().map(|(answer, ..)| answer.arm).collect();
        let base: Vec<f64> = counted.iter().map(|(_, base, _)| *base).collect();
        let response: Vec<f64> = counted.iter().map(|(.., responds)| f64::from(u8::from(*responds))).collect();
        let of_all: Option<Vec<usize>> = counted.iter().map(|(answer, ..)| answer.stratum).collect();
        let stratum = of_all.filter(|strata| !strata.is_empty());
        let found: Result<logistic::StandardisedProportions, Undefined> =
            stats::descriptive::logs(&base).and_then(|base| {
                let of_each: Vec<&[f64]> = counted.iter().filter_map(|(one, ..)| one.covariates.as_deref()).collect();
                let terms = terms_of_two(declared, &of_each, &arm)?;
                let stratum = stratum.as_deref();
                let rows = AncovaRows { arm: &arm, response: &response, baseline: &base, stratum, terms: &terms };
                standardised(rows, confidence)
            });
        let beside = match (stratum.is_some(), declared) {
            (false, []) => " and log baseline".to_string(),
            (stratified, declared) => format!(", {}", adjusted_for("log baseline", stratified, declared)),
        };
        let blank = Self {
            n: [Arm::Active, Arm::Placebo].map(|wanted| arm.iter().filter(|&&found| found == wanted).count()),
            proportions: None,
            ratio: None,
            difference: None,
            p: None,
            model: format!(
                "logistic regression on arm{beside}; proportions as if all had been in each arm (G-computation), intervals by the delta method"
            ),
            reason: String::new(),
        };
        match found {
            Ok(found) => {
                let difference = found.difference;
                Self {
                    proportions: Some(found.proportion),
                    ratio: ratio(found.log_risk_ratio, Some(found.log_ratio.ci_low), Some(found.log_ratio.ci_high)),
                    difference: Some(IntervalEstimate {
                        estimate: found.risk_difference,
                        lower: difference.ci_low,
                        upper: difference.ci_high,
                    }),
                    p: Some(found.log_ratio.p),
                    ..blank
                }
            }
            Err(why) => Self { reason: why.to_string(), ..blank },
        }
    }
}
