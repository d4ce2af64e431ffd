//! The mixed model over all visits after baseline ([`crate::stats::mmrm`]): of more than two arms one model of all of them, from which each is
//! compared with the reference arm, so that an arm has one adjusted mean at a visit whomever it is compared with, and all arms tell of the
//! variances and covariances.

use crate::protocol::{AnalysisId, MixedModelDf};
use crate::stats::mmrm::{self, DegreesOfFreedom, Mmrm, MmrmFit, Options, Structure, Subject};
use crate::stats::{Arm, Undefined};

use super::arm_comparison::ArmComparison;
use super::arm_pair::{ArmPair, ratio, without_test};
use super::covariates::{CovariateColumn, listed, terms_of};
use super::model_words;
use super::numbers::{Longitudinal, ModelScale};

/// Participants of a mixed model, each with the number of the arm, the reference arm's being 0.
struct ModelParticipants {
    rows: Vec<(usize, Longitudinal)>,
    arms: usize,
    /// The number of the arm that is compared.
    own: usize,
}

impl ModelParticipants {
    /// Whether the model has strata: everybody in it has one.
    fn stratified(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|(_, row)| row.stratum.is_some())
    }
}

impl<'a> ArmPair<'a> {
    /// The mixed model over all visits after baseline, one comparison for each. With one such visit it is the analysis of
    /// covariance, computed another way.
    pub(super) fn mixed_model(&self) -> Vec<ArmComparison> {
        let settings = &self.settings.mixed_model;
        let visits: Vec<usize> = self.trial.after_baseline().collect();
        let weeks: Vec<f64> = visits.iter().map(|&visit| self.trial.visits[visit].week).collect();
        let df = match settings.df {
            MixedModelDf::KenwardRoger => DegreesOfFreedom::KenwardRogerLinear,
            MixedModelDf::Satterthwaite => DegreesOfFreedom::Satterthwaite,
        };
        let asked = Options { weeks: &weeks, df, ratios: true, confidence: self.confidence };
        let participants = self.in_the_model(&visits);
        let fitted = participants.as_ref().map_err(Clone::clone).and_then(|them| {
            let (fit, failed) = self.fit_mixed_model(them, visits.len())?;
            Ok((fit.summary(them.own, asked)?, fit.structure(), failed))
        });
        let them = participants.ok();
        match fitted {
            Ok((found, structure, failed)) => {
                let model = self.mixed_model_in_words(them.as_ref(), Some(structure), &failed);
                let row = |(i, &visit): (usize, &usize)| {
                    self.if_measured(with_mmrm(self.blank(AnalysisId::Mmrm, &model, visit), &found, i))
                };
                visits.iter().enumerate().map(row).collect()
            }
            Err(why) => {
                let n = them.as_ref().map_or([0, 0], |them| {
                    [them.own, 0].map(|arm| them.rows.iter().filter(|(own, _)| *own == arm).count())
                });
                let model = self.mixed_model_in_words(them.as_ref(), settings.covariance.first().copied(), &[]);
                let blank = self.blank(AnalysisId::Mmrm, &model, self.endpoint);
                vec![self.if_measured(ArmComparison { n, reason: why.to_string(), ..blank })]
            }
        }
    }

    /// Those of all arms that can be in one model; of these two alone where this arm cannot, or there is no other.
    fn in_the_model(&self, visits: &[usize]) -> Result<ModelParticipants, Undefined> {
        let together: Vec<Self> = self.of_every_arm().filter(|pair| pair.joins(visits)).collect();
        let place = together.iter().position(|pair| pair.active == self.active);
        let Some(place) = place.filter(|_| together.len() > 1) else {
            let rows = self.with_a_change(visits)?.into_iter().map(|row| (row.arm.number(), row)).collect();
            return Ok(ModelParticipants { rows, arms: 2, own: Arm::Active.number() });
        };
        let mut rows = Vec::new();
        for (at, pair) in together.iter().enumerate() {
            for row in pair.with_a_change(visits)? {
                match row.arm {
                    Arm::Active => rows.push((at + 1, row)),
                    // The reference arm is in every pair.
                    Arm::Placebo if at == 0 => rows.push((0, row)),
                    Arm::Placebo => {}
                }
            }
        }
        Ok(ModelParticipants { rows, arms: 1 + together.len(), own: place + 1 })
    }

    fn with_a_change(&self, visits: &[usize]) -> Result<Vec<Longitudinal>, Undefined> {
        let rows = self.numbers.longitudinal(visits, ModelScale::Ln)?;
        Ok(rows.into_iter().filter(|row| row.changes.iter().any(Option::is_some)).collect())
    }

    /// Whether this arm can be in one model with the others: somebody of it has a change to every visit, and where values of the reference
    /// arm were measured, so were some of its own. Else a term would not be determined, or numbers that stand for limits would tell the
    /// other arms that there is no variance.
    fn joins(&self, visits: &[usize]) -> bool {
        let Ok(rows) = self.numbers.longitudinal(visits, ModelScale::Ln) else { return false };
        let seen = |at: usize| rows.iter().any(|row| row.arm == Arm::Active && row.changes[at].is_some());
        let measured = |arm: Arm, visit: usize| self.numbers.measured(arm, visit).1 > 0;
        visits
            .iter()
            .enumerate()
            .all(|(at, &visit)| seen(at) && (measured(Arm::Active, visit) || !measured(Arm::Placebo, visit)))
    }

    fn fit_mixed_model(
        &self,
        them: &ModelParticipants,
        visits: usize,
    ) -> Result<(MmrmFit, Vec<(Structure, Undefined)>), Undefined> {
        let rows: Vec<&Longitudinal> = them.rows.iter().map(|(_, row)| row).collect();
        let arm: Vec<usize> = them.rows.iter().map(|(arm, _)| *arm).collect();
        // Means of numbers are over values after baseline, as those of the baseline are.
        let weights: Vec<f64> = rows.iter().map(|row| row.changes.iter().flatten().count() as f64).collect();
        let terms = longitudinal_terms(&self.numbers.covariates, &rows, &arm, &weights)?;
        let subjects: Vec<Subject<'_>> = them
            .rows
            .iter()
            .zip(&terms)
            .map(|((arm, row), terms)| Subject { arm: *arm, ..row.subject(terms) })
            .collect();
        mmrm::fit_with_fallback(&subjects, visits, &self.settings.mixed_model.covariance)
    }

    fn mixed_model_in_words(
        &self,
        them: Option<&ModelParticipants>,
        structure: Option<Structure>,
        failed: &[(Structure, Undefined)],
    ) -> String {
        let df = match self.settings.mixed_model.df {
            MixedModelDf::KenwardRoger => "Kenward-Roger, linear form by the observed information",
            MixedModelDf::Satterthwaite => "Satterthwaite",
        };
        let stratified = them.map_or_else(|| self.numbers.stratified(), ModelParticipants::stratified);
        let further: Vec<String> = self.numbers.covariates.iter().map(CovariateColumn::words).collect();
        let further = match further.is_empty() {
            true => String::new(),
            false => format!(", and with {}, the same at every visit", listed(&further)),
        };
        let structure = structure.map(|structure| format!(", {structure} covariance")).unwrap_or_default();
        let together = match them {
            Some(them) if them.arms > 2 => {
                format!(", one model of {} arms with one covariance matrix", them.arms)
            }
            _ => self.alone().to_string(),
        };
        let model = model_words::mixed_model(df, "log change", "log baseline", stratified);
        let model = format!("{model}{further}{structure}{together}");
        match failed.first() {
            Some((first, why)) => format!("{model}, because {first} was not possible: {why}"),
            None => model,
        }
    }
}

fn with_mmrm(blank: ArmComparison, found: &Mmrm, visit: usize) -> ArmComparison {
    let diff = &found.diffs[visit];
    let adjusted = |arm: Arm| {
        let mean = found.lsmeans_at_observation_mean.iter().find(|mean| mean.arm == arm && mean.week == diff.week)?;
        ratio(mean.est, mean.inference.ci_low, mean.inference.ci_high)
    };
    ArmComparison {
        n: found.n_by_arm,
        ratio: ratio(diff.est, diff.inference.ci_low, diff.inference.ci_high),
        adjusted_means: adjusted(Arm::Active).zip(adjusted(Arm::Placebo)).map(|(a, b)| [a, b]),
        standard_error: Some(diff.se),
        statistic: diff.inference.t,
        df: Some(diff.inference.df),
        p: diff.inference.p,
        reason: without_test(diff.est, diff.inference.p),
        ..blank
    }
}

/// The terms of each subject of a model over the visits.
pub(super) fn longitudinal_terms(
    declared: &[CovariateColumn],
    rows: &[&Longitudinal],
    arm: &[usize],
    weights: &[f64],
) -> Result<Vec<Vec<f64>>, Undefined> {
    let of_each: Vec<&[f64]> = rows.iter().map(|row| row.covariates.as_slice()).collect();
    let terms = terms_of(declared, &of_each, arm, weights)?;
    Ok((0..rows.len()).map(|i| terms.iter().map(|term| term.values[i]).collect()).collect())
}
