//! The models of two arms from their numbers: what the comparison of a study and the analyses of a table of values both compute.

use super::rows::{AncovaData, CensoredRow, Longitudinal};
use crate::stats::ancova::AncovaRows;
use crate::stats::mmrm::Subject;
use crate::stats::tobit::{Covariates, TobitDifference};
use crate::stats::{self, Ancova, Arm, StratumWeights, Undefined, Vcov};
use crate::study::covariates::{CovariateColumn, terms_of_two};

/// On which scale response and baseline enter a model.
///
/// See [`Numbers`](super::Numbers) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelScale {
    /// As natural logarithms.
    Ln,
    /// As they are.
    Raw,
}

impl ModelScale {
    pub(super) fn take(self, value: f64) -> Result<f64, Undefined> {
        match self {
            Self::Ln if value > 0.0 => Ok(libm::log(value)),
            Self::Ln => Err(Undefined::NotPositive),
            Self::Raw => Ok(value),
        }
    }

    /// Baselines and the changes from them.
    pub(in crate::study) fn baselines_and_changes(
        self,
        base: &[f64],
        value: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>), Undefined> {
        let take = |values: &[f64]| values.iter().map(|&value| self.take(value)).collect::<Result<Vec<f64>, _>>();
        let base = take(base)?;
        let changes = take(value)?.iter().zip(&base).map(|(value, base)| value - base).collect();
        Ok((base, changes))
    }
}

/// What is chosen for an analysis of covariance.
#[derive(Debug, Clone, Copy)]
pub(in crate::study) struct AncovaChoice {
    pub(in crate::study) scale: ModelScale,
    pub(in crate::study) vcov: Vcov,
    pub(in crate::study) weights: StratumWeights,
}

impl AncovaData {
    /// How many are of the active and of the reference arm.
    pub(in crate::study) fn n(&self) -> [usize; 2] {
        of_arms(self.arm.iter().copied())
    }

    /// Analysis of covariance of the change by arm with the baseline, the declared covariates and, where they have weights, the strata.
    pub(in crate::study) fn ancova(
        &self,
        AncovaChoice { scale, vcov, weights }: AncovaChoice,
        declared: &[CovariateColumn],
        confidence: f64,
    ) -> Result<Ancova, Undefined> {
        let (baseline, response) = scale.baselines_and_changes(&self.base, &self.value)?;
        let stratum = (weights != StratumWeights::None).then_some(self.stratum.as_slice());
        let terms = self.terms(declared)?;
        let rows = AncovaRows { arm: &self.arm, response: &response, baseline: &baseline, stratum, terms: &terms };
        stats::ancova(rows, vcov, weights, confidence)
    }
}

/// What stands beside the arm in a censored regression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::study) enum TobitAdjustment {
    Nothing,
    Baseline,
    BaselineAndStratum,
}

impl CensoredRow {
    /// Those of `rows` whose baseline and covariates are known.
    pub(in crate::study) fn adjustable(rows: Vec<Self>) -> Vec<Self> {
        rows.into_iter().filter(|row| row.ln_base.is_some() && row.covariates.is_some()).collect()
    }

    /// How many of `rows` are of the active and of the reference arm.
    pub(in crate::study) fn n(rows: &[Self]) -> [usize; 2] {
        of_arms(rows.iter().map(|row| row.arm))
    }

    /// The difference of the arms by regression with values outside the limits as censored; `rows` have what stands beside the arm.
    pub(in crate::study) fn tobit(
        rows: &[Self],
        adjustment: TobitAdjustment,
        declared: &[CovariateColumn],
        confidence: f64,
    ) -> Result<TobitDifference, Undefined> {
        let arm: Vec<Arm> = rows.iter().map(|row| row.arm).collect();
        let values: Vec<_> = rows.iter().map(|row| row.ln_value).collect();
        let base: Vec<f64> = rows.iter().filter_map(|row| row.ln_base).collect();
        let stratum: Vec<usize> = rows.iter().filter_map(|row| row.stratum).collect();
        let of_each: Vec<&[f64]> = rows.iter().filter_map(|row| row.covariates.as_deref()).collect();
        let declared = if adjustment == TobitAdjustment::Nothing { &[] } else { declared };
        let terms = terms_of_two(declared, &of_each, &arm)?;
        let covariates = Covariates {
            ln_baseline: (adjustment != TobitAdjustment::Nothing).then_some(base.as_slice()),
            stratum: (adjustment == TobitAdjustment::BaselineAndStratum).then_some(stratum.as_slice()),
            terms: &terms,
        };
        stats::tobit_difference(&arm, &values, covariates, confidence)
    }
}

impl Longitudinal {
    /// `rows` as the mixed model takes them, with the terms of each and, where they are asked for, the strata.
    pub(in crate::study) fn subjects<'a>(
        rows: &'a [Self],
        terms: &'a [Vec<f64>],
        stratified: bool,
    ) -> Vec<Subject<'a>> {
        let subject = |(row, terms): (&'a Self, &'a Vec<f64>)| row.subject(terms);
        let subjects = rows.iter().zip(terms).map(subject);
        subjects.map(|subject| Subject { stratum: subject.stratum.filter(|_| stratified), ..subject }).collect()
    }
}

fn of_arms(arms: impl Iterator<Item = Arm>) -> [usize; 2] {
    arms.fold([0, 0], |[active, reference], arm| match arm {
        Arm::Active => [active + 1, reference],
        Arm::Placebo => [active, reference + 1],
    })
}
