//! The analysis of covariance of a trial of more than two arms: one model of all of them ([`crate::stats::ancova_arms`]), from which each is
//! compared with the reference arm, so that an arm has one adjusted mean whomever it is compared with, and all arms tell of the variance.

use super::covariates::{adjusted_for, terms_of};
use crate::protocol::AnalysisId;
use crate::stats::ancova_arms::{ArmRows, ArmsAncova, ancova_arms};
use crate::stats::{Arm, Undefined, Vcov};

use super::arm_comparison::ArmComparison;
use super::arm_pair::{ArmPair, ratio, without_test};
use super::model_words;
use super::numbers::{AncovaData, ModelScale, Numbers};

/// What a model of more than two arms says behind its terms.
pub(super) fn together(arms: usize) -> String {
    if arms > 2 { format!(", one model of {arms} arms with one residual variance") } else { String::new() }
}

/// The participants of all arms that are in the model.
#[derive(Default)]
struct AllArmsData {
    arm: Vec<usize>,
    base: Vec<f64>,
    value: Vec<f64>,
    stratum: Vec<Option<usize>>,
    covariates: Vec<Vec<f64>>,
}

impl AllArmsData {
    fn take(&mut self, own: &AncovaData, wanted: Arm, number: usize) {
        for row in (0..own.arm.len()).filter(|&row| own.arm[row] == wanted) {
            self.arm.push(number);
            self.base.push(own.base[row]);
            self.value.push(own.value[row]);
            self.stratum.push(own.own_stratum[row]);
            self.covariates.extend(own.covariates[row].clone());
        }
    }
}

impl<'a> ArmPair<'a> {
    /// The comparison of these two arms in the model of all, of the participants that `paired` finds.
    pub(super) fn ancova_of_all(&self, analysis: AnalysisId, paired: impl Fn(&Numbers) -> AncovaData) -> ArmComparison {
        let mut all = AllArmsData::default();
        let own = paired(&self.numbers);
        all.take(&own, Arm::Placebo, 0);
        let (mut arms, mut place) = (0, None);
        for pair in self.of_every_arm() {
            let paired = paired(&pair.numbers);
            // An arm that nobody is in, or in which nothing was measured, would add nothing or numbers that stand for limits.
            if paired.arm.contains(&Arm::Active) && pair.unmeasured(pair.endpoint).is_none() {
                arms += 1;
                all.take(&paired, Arm::Active, arms);
                place = if pair.active == self.active { Some(arms) } else { place };
            }
        }
        let strata: Option<Vec<usize>> = all.stratum.iter().copied().collect();
        let strata = strata.filter(|strata| !strata.is_empty());
        let beside = adjusted_for("log baseline", strata.is_some(), &self.numbers.covariates);
        let together = together(1 + arms);
        let model = format!("{}{together}", model_words::ancova("log change", &beside, Vcov::Ols));
        let blank = ArmComparison { n: own.n(), ..self.blank(analysis, &model, self.endpoint) };
        self.if_measured(match (self.fitted(&all, strata.as_deref()), place) {
            (Ok(fit), Some(place)) => with_fit(blank, &fit, place),
            (Ok(_), None) => ArmComparison { reason: "the arm is not in the model".into(), ..blank },
            (Err(why), _) => ArmComparison { reason: why.to_string(), ..blank },
        })
    }

    /// Every arm but the reference, in order, against that.
    pub(super) fn of_every_arm(&self) -> impl Iterator<Item = Self> {
        let arms = self.trial.arms().into_iter().filter(|arm| *arm != self.reference);
        arms.filter_map(|active| {
            let numbers = Numbers::of(self.trial, active, self.reference, self.rule)?;
            let Self { trial, reference, confidence, rule, endpoint, settings, .. } = *self;
            Some(Self { trial, active, reference, confidence, rule, numbers, endpoint, settings })
        })
    }

    fn fitted(&self, all: &AllArmsData, strata: Option<&[usize]>) -> Result<ArmsAncova, Undefined> {
        let (base, change) = ModelScale::Ln.baselines_and_changes(&all.base, &all.value)?;
        let of_each: Vec<&[f64]> = all.covariates.iter().map(Vec::as_slice).collect();
        let terms = terms_of(&self.numbers.covariates, &of_each, &all.arm, &vec![1.0; all.arm.len()])?;
        let rows = ArmRows { arm: &all.arm, response: &change, baseline: &base, stratum: strata, terms: &terms };
        ancova_arms(rows, self.confidence)
    }
}

fn with_fit(blank: ArmComparison, fit: &ArmsAncova, arm: usize) -> ArmComparison {
    let difference = &fit.differences[arm - 1];
    let mean = |arm: usize| {
        let mean = &fit.means[arm];
        ratio(mean.est, mean.inference.ci_low, mean.inference.ci_high)
    };
    ArmComparison {
        ratio: ratio(difference.diff, difference.inference.ci_low, difference.inference.ci_high),
        adjusted_means: mean(arm).zip(mean(0)).map(|(active, reference)| [active, reference]),
        standard_error: Some(difference.se),
        statistic: difference.inference.t,
        df: Some(difference.inference.df),
        p: difference.inference.p,
        reason: without_test(difference.diff, difference.inference.p),
        ..blank
    }
}
