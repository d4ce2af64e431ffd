//! The change of a clinical measure from baseline, compared with the reference arm by analysis of covariance of the difference: with the
//! measure's own baseline, the strata of the randomisation and the covariates that the study declares, of all arms in one model.

use serde::Serialize;

use super::measure_data::MeasureData;
use crate::stats::ancova_arms::{ArmRows, ArmsAncova, ancova_arms};
use crate::stats::inference::TInference;
use crate::stats::{Undefined, Vcov, quartile};
use crate::study::covariates::{adjusted_for, terms_of};
use crate::study::interval_estimate::IntervalEstimate;
use crate::study::model_words;
use crate::study::one_model::together;

/// One measure at one visit, in two arms.
///
/// See [`clinical`](super) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureChange {
    /// The measure.
    pub measure: String,
    /// The visit.
    pub visit: String,
    /// Its week.
    pub week: f64,
    /// The arm that is compared.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// Participants with both values, of the two arms.
    pub n: [usize; 2],
    /// Of these, those who are in the adjusted comparison: whose covariates are known.
    pub n_adjusted: [usize; 2],
    /// Randomised participants of the two arms.
    pub randomised: [usize; 2],
    /// Mean at baseline of those with both values.
    pub base_mean: [Option<f64>; 2],
    /// Median percent change from baseline, of those whose baseline is not zero.
    pub median_percent_change: [Option<f64>; 2],
    /// Adjusted mean change of each arm, active first.
    pub adjusted: Option<[IntervalEstimate; 2]>,
    /// Difference of the adjusted changes, active − reference, with its interval.
    pub difference: Option<IntervalEstimate>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// The model in words.
    pub model: String,
    /// Why there is no comparison; empty where there is.
    pub reason: String,
}

/// The participants with both values, of all arms.
#[derive(Default)]
struct CompleteCases {
    /// The names of the arms, the reference arm first.
    arms: Vec<String>,
    /// The place of each participant's arm among these.
    arm: Vec<usize>,
    base: Vec<f64>,
    change: Vec<f64>,
    stratum: Vec<Option<usize>>,
    /// `None` where one of the covariates is not known.
    covariates: Vec<Option<Vec<f64>>>,
}

impl CompleteCases {
    /// Those whose covariates are known, and their arms.
    fn adjustable(&self) -> Self {
        let known = || (0..self.arm.len()).filter(|&i| self.covariates[i].is_some());
        let arms: Vec<usize> = (0..self.arms.len()).filter(|&arm| known().any(|i| self.arm[i] == arm)).collect();
        Self {
            arms: arms.iter().map(|&arm| self.arms[arm].clone()).collect(),
            arm: known().filter_map(|i| arms.binary_search(&self.arm[i]).ok()).collect(),
            base: known().map(|i| self.base[i]).collect(),
            change: known().map(|i| self.change[i]).collect(),
            stratum: known().map(|i| self.stratum[i]).collect(),
            covariates: known().map(|i| self.covariates[i].clone()).collect(),
        }
    }

    fn place(&self, arm: &str) -> Option<usize> {
        self.arms.iter().position(|name| name == arm)
    }

    fn of<'u>(&'u self, arm: &str) -> impl Iterator<Item = usize> + 'u {
        let place = self.place(arm);
        (0..self.arm.len()).filter(move |&i| Some(self.arm[i]) == place)
    }

    /// The strata, where everybody has one.
    fn strata(&self) -> Option<Vec<usize>> {
        self.stratum.iter().copied().collect::<Option<Vec<usize>>>().filter(|strata| !strata.is_empty())
    }
}

impl MeasureData<'_> {
    pub(super) fn changes(&self) -> Vec<MeasureChange> {
        let (actives, reference) = self.arms();
        let of_arm = |active| self.trial.after_baseline().map(move |visit| self.change(active, reference, visit));
        actives.into_iter().flat_map(of_arm).collect()
    }

    fn change(&self, active: &str, reference: &str, visit: usize) -> MeasureChange {
        let used = self.used(visit);
        let fitted = used.adjustable();
        let mean = |arm: &str| {
            let base: Vec<f64> = used.of(arm).map(|i| used.base[i]).collect();
            (!base.is_empty()).then(|| base.iter().sum::<f64>() / base.len() as f64)
        };
        let median = |arm: &str| {
            let of = used.of(arm).filter(|&i| used.base[i] != 0.0);
            let percents: Vec<f64> = of.map(|i| 100.0 * used.change[i] / used.base[i]).collect();
            quartile::median(&quartile::sorted(&percents))
        };
        let arms = [active, reference];
        let beside = adjusted_for("baseline", fitted.strata().is_some(), &self.trial.covariates);
        let together = together(fitted.arms.len());
        let blank = MeasureChange {
            measure: self.measure.name.clone(),
            visit: self.trial.visits[visit].name.clone(),
            week: self.trial.visits[visit].week,
            active: active.to_string(),
            reference: reference.to_string(),
            n: arms.map(|arm| used.of(arm).count()),
            n_adjusted: arms.map(|arm| fitted.of(arm).count()),
            randomised: arms.map(|arm| self.trial.participants.iter().filter(|one| one.arm == arm).count()),
            base_mean: arms.map(mean),
            median_percent_change: arms.map(median),
            adjusted: None,
            difference: None,
            standard_error: None,
            df: None,
            p: None,
            model: format!("{}{together}", model_words::ancova("change", &beside, Vcov::Ols)),
            reason: String::new(),
        };
        match self.fit(&fitted, arms) {
            Ok((fit, place)) => with_fit(blank, &fit, place),
            Err(why) => MeasureChange { reason: why.to_string(), ..blank },
        }
    }

    /// The model, and the place of the compared arm in it.
    fn fit(&self, used: &CompleteCases, arms: [&str; 2]) -> Result<(ArmsAncova, usize), Undefined> {
        for arm in arms {
            let what = format!("participants of {arm} with both values and what the model adjusts for");
            Undefined::unless_enough(&what, used.of(arm).count(), 1)?;
        }
        let of_each: Vec<&[f64]> = used.covariates.iter().flatten().map(Vec::as_slice).collect();
        let terms = terms_of(&self.trial.covariates, &of_each, &used.arm, &vec![1.0; used.arm.len()])?;
        let strata = used.strata();
        let rows = ArmRows {
            arm: &used.arm,
            response: &used.change,
            baseline: &used.base,
            stratum: strata.as_deref(),
            terms: &terms,
        };
        let fit = ancova_arms(rows, self.protocol.assay.method.confidence)?;
        Ok((fit, used.place(arms[0]).unwrap_or_default()))
    }

    fn used(&self, visit: usize) -> CompleteCases {
        let strata = self.trial.strata();
        let (mut arms, reference) = self.arms();
        arms.insert(0, reference);
        let mut used =
            CompleteCases { arms: arms.iter().map(ToString::to_string).collect(), ..CompleteCases::default() };
        for one in &self.trial.participants {
            if let Some((base, value)) = self.pair(&one.subject, visit) {
                used.arm.extend(used.place(&one.arm));
                used.base.push(base);
                used.change.push(value - base);
                used.stratum.push(one.stratum.as_deref().and_then(|name| strata.binary_search(&name).ok()));
                let known = self.trial.covariates.iter().map(|covariate| covariate.code(&one.covariates));
                used.covariates.push(known.collect());
            }
        }
        used
    }
}

/// `arm` is the place of the compared arm; the reference arm stands first.
fn with_fit(blank: MeasureChange, fit: &ArmsAncova, arm: usize) -> MeasureChange {
    let interval = |estimate, inference: &TInference| {
        Some(IntervalEstimate { estimate, lower: inference.ci_low?, upper: inference.ci_high? })
    };
    let adjusted = |arm: usize| fit.means.get(arm).and_then(|mean| interval(mean.est, &mean.inference));
    let Some(difference) = arm.checked_sub(1).and_then(|at| fit.differences.get(at)) else {
        return MeasureChange { reason: "the arm is not in the model".into(), ..blank };
    };
    let tested = difference.inference.p;
    MeasureChange {
        adjusted: adjusted(arm).zip(adjusted(0)).map(|(one, other)| [one, other]),
        difference: interval(difference.diff, &difference.inference),
        standard_error: Some(difference.se),
        df: Some(difference.inference.df),
        p: tested,
        reason: if tested.is_some() { String::new() } else { Undefined::ZeroVariance.to_string() },
        ..blank
    }
}
