//! Comparisons of the arms that adjust for the baseline.

use crate::protocol::AnalysisId;
use crate::stats::ancova::Rows;
use crate::stats::tobit::Covariates;
use crate::stats::{self, Ancova, Arm, StratumWeights, Undefined, Vcov};

use super::arm_comparison::ArmComparison;
use super::covariates::{adjusted_for, terms_of_two};
use super::numbers::{CensoredRow, Numbers, Paired};
use super::pair::{Pair, ratio, without_test};

impl Pair<'_> {
    /// Analysis of covariance of the log change at the end point; by least squares in one model of all arms.
    pub(super) fn ancova(&self, vcov: Vcov) -> ArmComparison {
        let paired = |numbers: &Numbers| numbers.adjustable(self.endpoint);
        match vcov {
            Vcov::Ols => self.least_squares(AnalysisId::Ancova, paired),
            Vcov::Hc3 => self.ancova_of(AnalysisId::AncovaHc3, &paired(&self.numbers), vcov),
        }
    }

    /// The same by least squares of the participants that `paired` finds.
    pub(super) fn least_squares(&self, analysis: AnalysisId, paired: impl Fn(&Numbers) -> Paired) -> ArmComparison {
        if self.among_others() {
            self.ancova_of_all(analysis, paired)
        } else {
            self.ancova_of(analysis, &paired(&self.numbers), Vcov::Ols)
        }
    }

    /// The same of these participants of the two arms.
    fn ancova_of(&self, analysis: AnalysisId, paired: &Paired, vcov: Vcov) -> ArmComparison {
        let declared = &self.numbers.covariates;
        let beside = adjusted_for("log baseline", !paired.stratum.is_empty(), declared);
        let model = format!("analysis of covariance of the log change by arm with {beside}");
        let robust = match vcov {
            Vcov::Ols => "",
            Vcov::Hc3 => ", standard errors robust to unequal variances (HC3)",
        };
        let blank = self.blank(analysis, &format!("{model}{robust}{}", self.alone()), self.endpoint);
        let n = [Arm::Active, Arm::Placebo].map(|arm| paired.arm.iter().filter(|&&found| found == arm).count());
        let fit = stats::descriptive::logs(&paired.base).and_then(|base| {
            let values = stats::descriptive::logs(&paired.value)?;
            let change: Vec<f64> = values.iter().zip(&base).map(|(value, base)| value - base).collect();
            let stratum = (!paired.stratum.is_empty()).then_some(paired.stratum.as_slice());
            let weights = if stratum.is_some() { StratumWeights::Equal } else { StratumWeights::None };
            let terms = paired.terms(declared)?;
            let rows = Rows { arm: &paired.arm, response: &change, baseline: &base, stratum, terms: &terms };
            stats::ancova(rows, vcov, weights, self.confidence)
        });
        self.if_measured(match fit {
            Ok(fit) => with_ancova(blank, &fit),
            Err(why) => ArmComparison { n, reason: why.to_string(), ..blank },
        })
    }

    /// Regression of the log end point on what the analysis of covariance has, in which values outside the limits enter as censored.
    /// A baseline outside its limits enters by the rule of the pair.
    pub(super) fn tobit(&self) -> ArmComparison {
        let rows: Result<Vec<_>, Undefined> = self.numbers.censored(self.endpoint).map(|rows| {
            let known = |row: CensoredRow| Some((row.arm, row.stratum, row.ln_value, row.ln_base?, row.covariates?));
            rows.into_iter().filter_map(known).collect()
        });
        let of_all: Option<Vec<usize>> = rows.iter().flatten().map(|row| row.1).collect();
        let stratum = of_all.filter(|strata| !strata.is_empty());
        let declared = &self.numbers.covariates;
        let beside = adjusted_for("log baseline", stratum.is_some(), declared);
        let model = format!(
            "censored normal regression (Tobit) of the log value by arm with {beside}, interval by profile likelihood and t{}",
            self.alone()
        );
        let mut blank = self.blank(AnalysisId::Tobit, &model, self.endpoint);
        blank.below_limit_rule = format!("at the end point: as censored; at baseline: {}", self.rule.describe());
        let rows = match rows {
            Ok(rows) => rows,
            Err(why) => return ArmComparison { reason: why.to_string(), ..blank },
        };
        let arm: Vec<Arm> = rows.iter().map(|row| row.0).collect();
        let values: Vec<_> = rows.iter().map(|row| row.2).collect();
        let base: Vec<f64> = rows.iter().map(|row| row.3).collect();
        let n = [Arm::Active, Arm::Placebo].map(|wanted| arm.iter().filter(|&&found| found == wanted).count());
        let of_each: Vec<&[f64]> = rows.iter().map(|row| row.4.as_slice()).collect();
        let found = terms_of_two(declared, &of_each, &arm).and_then(|terms| {
            let covariates = Covariates { ln_baseline: Some(&base), stratum: stratum.as_deref(), terms: &terms };
            stats::tobit_difference(&arm, &values, covariates, self.confidence)
        });
        match found {
            Ok(fit) => ArmComparison {
                n,
                ratio: ratio(fit.diff, Some(fit.profile.ci_low), Some(fit.profile.ci_high)),
                standard_error: Some(fit.se),
                statistic: Some(fit.profile.t),
                df: Some(fit.profile.df),
                p: Some(fit.profile.p),
                ..blank
            },
            // Of an arm without any measured value the plain reason is this one.
            Err(why) => self.if_measured(ArmComparison { n, reason: why.to_string(), ..blank }),
        }
    }
}

fn with_ancova(blank: ArmComparison, fit: &Ancova) -> ArmComparison {
    let adjusted = |arm: Arm| {
        let mean = fit.lsmeans.iter().find(|mean| mean.arm == arm)?;
        ratio(mean.est, mean.ci_low, mean.ci_high)
    };
    ArmComparison {
        n: [fit.n_active, fit.n_placebo],
        ratio: ratio(fit.diff, fit.inference.ci_low, fit.inference.ci_high),
        adjusted_means: adjusted(Arm::Active).zip(adjusted(Arm::Placebo)).map(|(a, b)| [a, b]),
        standard_error: Some(fit.se),
        statistic: fit.inference.t,
        df: Some(fit.inference.df),
        p: fit.inference.p,
        reason: without_test(fit.diff, fit.inference.p),
        ..blank
    }
}
