//! Comparisons of the arms that adjust for the baseline.

use crate::protocol::AnalysisId;
use crate::stats::{Ancova, Arm, StratumWeights, Vcov};

use super::arm_comparison::ArmComparison;
use super::arm_pair::{ArmPair, ratio, without_test};
use super::covariates::adjusted_for;
use super::model_words;
use super::numbers::{AncovaChoice, AncovaData, CensoredRow, ModelScale, Numbers, TobitAdjustment};

impl ArmPair<'_> {
    /// Analysis of covariance of the log change at the end point; by least squares in one model of all arms.
    pub(super) fn ancova(&self, vcov: Vcov) -> ArmComparison {
        let paired = |numbers: &Numbers| numbers.adjustable(self.endpoint);
        match vcov {
            Vcov::Ols => self.least_squares(AnalysisId::Ancova, paired),
            Vcov::Hc3 => self.ancova_of(AnalysisId::AncovaHc3, &paired(&self.numbers), vcov),
        }
    }

    /// The same by least squares of the participants that `paired` finds.
    pub(super) fn least_squares(&self, analysis: AnalysisId, paired: impl Fn(&Numbers) -> AncovaData) -> ArmComparison {
        if self.among_others() {
            self.ancova_of_all(analysis, paired)
        } else {
            self.ancova_of(analysis, &paired(&self.numbers), Vcov::Ols)
        }
    }

    /// The same of these participants of the two arms.
    fn ancova_of(&self, analysis: AnalysisId, paired: &AncovaData, vcov: Vcov) -> ArmComparison {
        let declared = &self.numbers.covariates;
        let beside = adjusted_for("log baseline", !paired.stratum.is_empty(), declared);
        let model = format!("{}{}", model_words::ancova("log change", &beside, vcov), self.alone());
        let blank = self.blank(analysis, &model, self.endpoint);
        let weights = if paired.stratum.is_empty() { StratumWeights::None } else { StratumWeights::Equal };
        let choice = AncovaChoice { scale: ModelScale::Ln, vcov, weights };
        self.if_measured(match paired.ancova(choice, declared, self.confidence) {
            Ok(fit) => with_ancova(blank, &fit),
            Err(why) => ArmComparison { n: paired.n(), reason: why.to_string(), ..blank },
        })
    }

    /// Regression of the log end point on what the analysis of covariance has, in which values outside the limits enter as censored.
    /// A baseline outside its limits enters by the rule of the pair.
    pub(super) fn tobit(&self) -> ArmComparison {
        let rows = self.numbers.censored(self.endpoint).map(CensoredRow::adjustable);
        let stratified = |rows: &Vec<CensoredRow>| !rows.is_empty() && rows.iter().all(|row| row.stratum.is_some());
        let beside = if rows.as_ref().is_ok_and(stratified) {
            TobitAdjustment::BaselineAndStratum
        } else {
            TobitAdjustment::Baseline
        };
        let declared = &self.numbers.covariates;
        let with = adjusted_for("log baseline", beside == TobitAdjustment::BaselineAndStratum, declared);
        let model = format!(
            "{}, interval by profile likelihood and t{}",
            model_words::tobit(&format!("by arm with {with}")),
            self.alone()
        );
        let mut blank = self.blank(AnalysisId::Tobit, &model, self.endpoint);
        blank.below_limit_rule = format!("at the end point: as censored; at baseline: {}", self.rule.describe());
        let rows = match rows {
            Ok(rows) => rows,
            Err(why) => return ArmComparison { reason: why.to_string(), ..blank },
        };
        let n = CensoredRow::n(&rows);
        match CensoredRow::tobit(&rows, beside, declared, self.confidence) {
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
