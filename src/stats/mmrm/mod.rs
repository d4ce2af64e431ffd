//! Mixed model for repeated measures (MMRM): the change at all visits after baseline at once.
//!
//! ```text
//! change = visit + arm·visit + baseline·visit [+ stratum] [+ covariates] + error,    errors of one subject ~ N(0, Σ), the same Σ in all arms
//! ```
//!
//! fitted by restricted maximum likelihood (REML). Subjects who miss visits stay in with what they have, which is right when what
//! is missing depends on what was seen (missing at random). There may be more than two arms, which then share Σ, the slopes and all else
//! but their means. Estimates are differences of an arm from the reference arm at each visit and adjusted means, with
//!
//! * Satterthwaite's degrees of freedom, `2(cᵗΦc)² / (gᵗWg)` with `gₖ = ∂(cᵗΦc)/∂θₖ` and W the covariance of θ̂ from the observed
//!   information, and the model's standard error `√(cᵗΦc)`; or
//! * the same degrees of freedom with the standard error of Kenward & Roger, Biometrics 1997;53:983
//!   `√(cᵗ(Φ + 2Λ)c)`, `Λ = Φ {Σₖₗ Wₖₗ (Qₖₗ − AₖΦAₗ)} Φ`, without its term in second derivatives of Σ ("linear"). Unstructured, Σ is
//!   linear in its entries and the term is zero: this is what SAS's `ddfm=kr` gives. R's mmrm takes Cholesky factors as parameters by
//!   default, in which it is not, and differs.
//!
//! −2 restricted log-likelihood counts `ln|XᵗV⁻¹X|` as SAS and R's mmrm do.
//!
//! ```
//! use platewise::stats::mmrm::{DegreesOfFreedom, Mmrm, Options, Structure, Subject, fit};
//!
//! // Log changes of eight subjects at two visits; one did not come to the second.
//! let changes = [
//!     [Some(-0.4), Some(-0.9)], [Some(-0.1), Some(-0.5)], [Some(-0.6), Some(-0.8)], [Some(-0.3), None],
//!     [Some(0.1), Some(-0.1)], [Some(-0.2), Some(0.1)], [Some(0.0), Some(-0.3)], [Some(0.2), Some(0.1)],
//! ];
//! let subjects: Vec<Subject<'_>> = changes
//!     .iter()
//!     .enumerate()
//!     .map(|(i, responses)| Subject {
//!         arm: usize::from(i < 4),
//!         baseline: 7.0 + 0.1 * (i * 3 % 8) as f64,
//!         stratum: None,
//!         responses,
//!         terms: &[],
//!     })
//!     .collect();
//! let weeks = [8.0, 16.0];
//! let options = Options { weeks: &weeks, df: DegreesOfFreedom::KenwardRogerLinear, ratios: true, confidence: 0.95 };
//! let model: Mmrm = fit(&subjects, weeks.len(), Structure::Us)?.summary(1, options)?;
//! assert_eq!((model.n_subjects, model.n_obs, model.n_theta), (8, 15, 3));
//! let last = model.diffs[1];
//! assert!(last.week == 16.0 && last.ratio.is_some_and(|ratio| ratio.gmr < 1.0));
//! # Ok::<(), platewise::stats::Undefined>(())
//! ```

mod patterns;
mod reml;
mod structure;
mod subject;

use ndarray::Array1;
use serde::Serialize;

use super::Arm;
use super::inference::{Ratio, TInference};
use super::undefined::Undefined;
use patterns::Data;
use reml::RemlMaximum;

pub use structure::Structure;
pub use subject::Subject;

/// How standard errors and degrees of freedom are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DegreesOfFreedom {
    /// Satterthwaite's, with the model's standard error.
    Satterthwaite,
    /// The same with Kenward and Roger's standard error.
    KenwardRogerLinear,
}

/// A fitted model, and one of its arms beside the reference arm.
#[derive(Debug, Clone, Serialize)]
pub struct Mmrm {
    /// Subjects with at least one change.
    pub n_subjects: usize,
    /// Of these, in the arm and in the reference arm.
    pub n_by_arm: [usize; 2],
    /// Changes.
    pub n_obs: usize,
    /// Coefficients of the mean.
    pub n_beta: usize,
    /// Parameters of Σ.
    pub n_theta: usize,
    /// Mean baseline over subjects.
    pub baseline_ref_subject_mean: f64,
    /// Mean baseline over changes, the default of SAS and emmeans.
    pub baseline_ref_observation_mean: f64,
    /// −2 restricted log-likelihood at its maximum.
    pub minus2_reml_loglik: f64,
    /// Akaike's criterion, `−2ℓ + 2 n_theta`.
    pub aic: f64,
    /// Bayesian criterion, `−2ℓ + n_theta ln n_subjects`.
    pub bic: f64,
    /// Σ̂, by visits.
    pub covariance: Vec<Vec<f64>>,
    /// Difference between the two at each visit, arm − reference.
    pub diffs: Vec<VisitDifference>,
    /// Adjusted means of the two at the mean baseline over the subjects of all arms, by visit, the reference first.
    pub lsmeans_at_subject_mean: Vec<AdjustedVisitMean>,
    /// Adjusted means at the mean baseline over the changes of all arms.
    pub lsmeans_at_observation_mean: Vec<AdjustedVisitMean>,
}

/// A difference between two arms at one visit.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct VisitDifference {
    /// Which visit, as it was named.
    pub week: f64,
    /// Arm − reference.
    pub est: f64,
    /// Its standard error.
    pub se: f64,
    /// Its test and interval.
    #[serde(flatten)]
    pub inference: TInference,
    /// As a ratio, when the change is one of logarithms.
    #[serde(flatten)]
    pub ratio: Option<Ratio>,
}

/// An adjusted mean of one arm at one visit; strata count alike.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct AdjustedVisitMean {
    /// The arm.
    pub arm: Arm,
    /// Which visit.
    pub week: f64,
    /// The estimate.
    pub est: f64,
    /// Its standard error.
    pub se: f64,
    /// Its test against zero and interval.
    #[serde(flatten)]
    pub inference: TInference,
}

/// What is asked of a fit.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Names of the visits, as many as every subject has responses.
    pub weeks: &'a [f64],
    /// How standard errors and degrees of freedom are found.
    pub df: DegreesOfFreedom,
    /// Whether responses are changes of natural logarithms, so that differences are ratios.
    pub ratios: bool,
    /// The level of intervals.
    pub confidence: f64,
}

/// A model whose parameters were estimated, from which contrasts are taken by several methods.
#[derive(Debug, Clone)]
pub struct MmrmFit {
    data: Data,
    best: RemlMaximum,
    structure: Structure,
}

/// Fits the model of this module.
///
/// # Errors
/// When the data do not determine a term of the mean or of Σ, nothing varies, or the likelihood has no maximum inside: then a
/// simpler structure may do.
pub fn fit(subjects: &[Subject<'_>], visits: usize, structure: Structure) -> Result<MmrmFit, Undefined> {
    Undefined::unless_enough("visits after baseline", visits, 1)?;
    let data = Data::of(subjects, visits)?;
    let needed = visits + data.per_visit();
    if structure == Structure::Us && data.n_subjects < needed {
        // The residuals then lie in fewer dimensions than there are visits, and the likelihood rises without end along the rest.
        return Err(Undefined::NotConverged {
            what: format!("the mixed model with {structure} covariance"),
            why: format!("{visits} visits need at least {needed} subjects, and there are {}", data.n_subjects),
        });
    }
    let best = reml::maximise(&data, structure)?;
    Ok(MmrmFit { data, best, structure })
}

/// The structures that are tried in turn when one has no maximum, from the richest.
pub const FALLBACK: [Structure; 4] = [Structure::Us, Structure::Toeph, Structure::Arh1, Structure::Csh];

/// Fits with the first of `structures` (such as [`FALLBACK`]) that can be fitted, and says why those before it could not.
///
/// # Errors
/// That of the last, when none can be.
pub fn fit_with_fallback(
    subjects: &[Subject<'_>],
    visits: usize,
    structures: &[Structure],
) -> Result<(MmrmFit, Vec<(Structure, Undefined)>), Undefined> {
    let mut failed = Vec::new();
    for &structure in structures {
        match fit(subjects, visits, structure) {
            Ok(fit) => return Ok((fit, failed)),
            // Only the covariance may be simplified; what is wrong with the data stays wrong.
            Err(why @ Undefined::NotConverged { .. }) => failed.push((structure, why)),
            Err(why) => return Err(why),
        }
    }
    Err(failed.pop().map_or(Undefined::ZeroVariance, |(_, why)| why))
}

impl MmrmFit {
    /// The structure of Σ.
    pub fn structure(&self) -> Structure {
        self.structure
    }

    /// Everything that is reported of the fit, and of the arm of this number beside the reference arm.
    ///
    /// # Errors
    /// When there is no such arm, or degrees of freedom are not positive.
    pub fn summary(&self, arm: usize, options: Options<'_>) -> Result<Mmrm, Undefined> {
        let data = &self.data;
        if arm == 0 || arm >= data.n_by_arm.len() {
            return Err(Undefined::NotEstimable { column: format!("arm {arm}") });
        }
        let n_theta = self.structure.parameters(data.m);
        let scale2 = data.scale * data.scale;
        let minus2 = self.best.minus_two_loglik + (data.n_obs - data.p) as f64 * libm::log(scale2);
        let mut diffs = Vec::with_capacity(data.m);
        for (visit, &week) in options.weeks.iter().enumerate() {
            let mut c = Array1::zeros(data.p);
            c[data.column(visit, arm)] = 1.0;
            let (est, se, inference) = self.contrast(&c, options.df, options.confidence)?;
            let ratio = options.ratios.then(|| Ratio::of(est, inference.ci_low, inference.ci_high));
            diffs.push(VisitDifference { week, est, se, inference, ratio });
        }
        Ok(Mmrm {
            n_subjects: data.n_subjects,
            n_by_arm: [data.n_by_arm[arm], data.n_by_arm[0]],
            n_obs: data.n_obs,
            n_beta: data.p,
            n_theta,
            baseline_ref_subject_mean: data.centre,
            baseline_ref_observation_mean: data.baseline_of_observations,
            minus2_reml_loglik: minus2,
            aic: minus2 + 2.0 * n_theta as f64,
            bic: minus2 + n_theta as f64 * libm::log(data.n_subjects as f64),
            covariance: self
                .best
                .sigma
                .rows()
                .into_iter()
                .map(|row| row.iter().map(|v| v * scale2).collect())
                .collect(),
            diffs,
            lsmeans_at_subject_mean: self.adjusted_means(arm, data.centre, options)?,
            lsmeans_at_observation_mean: self.adjusted_means(arm, data.baseline_of_observations, options)?,
        })
    }

    fn adjusted_means(
        &self,
        number: usize,
        baseline: f64,
        options: Options<'_>,
    ) -> Result<Vec<AdjustedVisitMean>, Undefined> {
        let data = &self.data;
        let mut means = Vec::with_capacity(2 * data.m);
        for (visit, &week) in options.weeks.iter().enumerate() {
            for arm in [Arm::Placebo, Arm::Active] {
                let mut c = Array1::zeros(data.p);
                c[data.column(visit, 0)] = 1.0;
                if arm == Arm::Active {
                    c[data.column(visit, number)] = 1.0;
                }
                c[data.column(visit, data.baseline())] = baseline - data.centre;
                for stratum in 1..data.strata {
                    c[data.column(visit, data.per_visit() + stratum - 1)] = 1.0 / data.strata as f64;
                }
                let (est, se, inference) = self.contrast(&c, options.df, options.confidence)?;
                means.push(AdjustedVisitMean { arm, week, est, se, inference });
            }
        }
        Ok(means)
    }

    /// Estimate, standard error and inference of `cᵗβ`.
    fn contrast(
        &self,
        c: &Array1<f64>,
        df: DegreesOfFreedom,
        confidence: f64,
    ) -> Result<(f64, f64, TInference), Undefined> {
        let best = &self.best;
        let phi_c = best.phi.dot(c);
        let variance = c.dot(&phi_c);
        let gradient = Array1::from_iter(best.a.iter().map(|a| phi_c.dot(&a.dot(&phi_c))));
        let spread = gradient.dot(&best.theta_covariance.dot(&gradient));
        let degrees = 2.0 * variance * variance / spread;
        let used = match df {
            DegreesOfFreedom::Satterthwaite => variance,
            DegreesOfFreedom::KenwardRogerLinear => variance + 2.0 * c.dot(&best.lambda.dot(c)),
        };
        let se = used.max(0.0).sqrt() * self.data.scale;
        let est = c.dot(&best.beta) * self.data.scale + c.dot(&self.data.ols);
        TInference::of(est, se, degrees, est.abs(), confidence).map(|inference| (est, se, inference))
    }
}

#[cfg(test)]
mod tests;
