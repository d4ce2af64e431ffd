//! One analysis of covariance of all arms, where there are more than two: a comparison of each with the reference arm, from one model
//! ([`crate::stats::ancova_arms`]). The comparisons of pairs, of which the primary analysis is one, stand beside it.

use super::covariates::{CovariateColumn, adjusted_for, terms_of};
use crate::stats::ancova_arms::{ArmRows, ArmsAncova, ancova_arms};
use crate::stats::{self, Arm, Undefined};

use super::numbers::Paired;
use super::pair::{Pair, ratio, without_test};
use super::result::ArmComparison;

/// The comparison of each pair from the one model; none for two arms.
pub(super) fn one_model(pairs: &[Pair<'_>]) -> Vec<Option<ArmComparison>> {
    if pairs.len() < 2 {
        return pairs.iter().map(|_| None).collect();
    }
    let paired: Vec<Paired> = pairs.iter().map(|pair| pair.numbers.adjustable(pair.endpoint)).collect();
    let of = |paired: &Paired, wanted: Arm| paired.arm.iter().filter(|&&arm| arm == wanted).count();
    // An arm that nobody is in, or in which nothing was measured, would add nothing or numbers that stand for limits.
    let in_model: Vec<bool> = pairs
        .iter()
        .zip(&paired)
        .map(|(pair, own)| of(own, Arm::Active) > 0 && pair.unmeasured(pair.endpoint).is_none())
        .collect();
    let declared = &pairs[0].numbers.covariates;
    let (fit, stratified) = fitted(&paired, &in_model, declared, pairs[0].confidence);
    let arms = 1 + in_model.iter().filter(|is| **is).count();
    let beside = adjusted_for("log baseline", stratified, declared);
    let model = format!(
        "analysis of covariance of the log change by arm with {beside}, one model of {arms} arms with one residual variance"
    );
    let mut place = 0;
    let rows = pairs.iter().zip(&paired).zip(&in_model).map(|((pair, own), &is)| {
        place += usize::from(is);
        let blank = ArmComparison {
            n: [of(own, Arm::Active), of(own, Arm::Placebo)],
            ..pair.blank("ancova_all_arms", &model, pair.endpoint)
        };
        Some(pair.if_measured(match &fit {
            Ok(fit) if is => with_fit(blank, fit, place),
            Ok(_) => ArmComparison { reason: "the arm is not in the model".into(), ..blank },
            Err(why) => ArmComparison { reason: why.to_string(), ..blank },
        }))
    });
    rows.collect()
}

/// The model of the reference arm and of those that are in it, and whether it has strata.
fn fitted(
    paired: &[Paired],
    in_model: &[bool],
    declared: &[CovariateColumn],
    confidence: f64,
) -> (Result<ArmsAncova, Undefined>, bool) {
    let (mut arm, mut base, mut value, mut stratum) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut covariates: Vec<Vec<f64>> = Vec::new();
    let mut take = |own: &Paired, wanted: Arm, number: usize| {
        for row in (0..own.arm.len()).filter(|&row| own.arm[row] == wanted) {
            arm.push(number);
            base.push(own.base[row]);
            value.push(own.value[row]);
            stratum.push(own.own_stratum[row]);
            covariates.extend(own.covariates[row].clone());
        }
    };
    if let Some(first) = paired.first() {
        take(first, Arm::Placebo, 0);
    }
    for (at, (own, _)) in paired.iter().zip(in_model).filter(|(_, is)| **is).enumerate() {
        take(own, Arm::Active, at + 1);
    }
    let strata: Option<Vec<usize>> = stratum.into_iter().collect();
    let strata = strata.filter(|strata| !strata.is_empty());
    let fit = stats::descriptive::logs(&base).and_then(|base| {
        let values = stats::descriptive::logs(&value)?;
        let change: Vec<f64> = values.iter().zip(&base).map(|(value, base)| value - base).collect();
        let of_each: Vec<&[f64]> = covariates.iter().map(Vec::as_slice).collect();
        let terms = terms_of(declared, &of_each, &arm, &vec![1.0; arm.len()])?;
        let rows = ArmRows { arm: &arm, response: &change, baseline: &base, stratum: strata.as_deref(), terms: &terms };
        ancova_arms(rows, confidence)
    });
    (fit, strata.is_some())
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
