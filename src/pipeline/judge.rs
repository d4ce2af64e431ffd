//! Every plate of a study judged as it counts, with what decisions exclude left out, and, where they exclude something, as it
//! would be without them: both results are kept.

use rayon::prelude::*;

use super::cache::Cache;
use crate::concentration::{self, PlateConcentrations};
use crate::curve::{SharedError, Variance};
use crate::plate::AssayPlate;
use crate::protocol::{Assay, ParameterFrom, STUDY_FILE};
use crate::qc::before_curve::BeforeCurve;
use crate::qc::{Finding, JudgedPlate, PlateVerdict};
use crate::record::Decisions;
use crate::sheet::{Code, Location, Problem, Problems};

/// The plates of a study, judged.
pub(super) struct JudgedPlates {
    /// The assay with the parameter of the variance that the plates have in common, where it is pooled.
    pub(super) assay: Assay,
    /// Every plate as it counts, in the order of the study.
    pub(super) plates: Vec<JudgedPlate>,
    /// Those that exclusions change, without them.
    pub(super) without_exclusions: Vec<JudgedPlate>,
    /// What could not be pooled, and what speaks against the variance model.
    pub(super) warnings: Vec<Problem>,
}

/// Judges every plate that could be joined to its layout; the others stand as not read.
///
/// # Errors
/// Every decision that does not fit its plate.
pub(super) fn judge(
    joined: Vec<Result<AssayPlate, Problems>>,
    decisions: &Decisions,
    assay: Assay,
    cache: Option<&Cache>,
    finished: &(dyn Fn(&str) + Sync),
) -> Result<JudgedPlates, Problems> {
    let excluded = excluded(&joined, decisions)?;
    let as_read: Vec<Option<&AssayPlate>> = joined.iter().map(|plate| plate.as_ref().ok()).collect();
    let counts: Vec<Option<&AssayPlate>> =
        as_read.iter().zip(&excluded).map(|(plate, excluded)| excluded.as_ref().or(*plate)).collect();
    let counting = PlateEvaluations::of(&counts, assay.clone(), None, cache, finished);
    let any = excluded.iter().any(Option::is_some);
    let without = any.then(|| PlateEvaluations::of(&as_read, assay, Some((&counting, &counts)), cache, &|_| ()));
    let doubt = variance_doubt(&counts.iter().copied().flatten().collect::<Vec<_>>(), &counting.assay);
    // Through what the plates have in common, the parameter of the variance and the error that wells of a sample share, an exclusion
    // on one changes them all.
    let in_common = |of: &PlateEvaluations| (of.assay.method.variance_parameter, of.assay.method.shared_error);
    let all_change = without.as_ref().is_some_and(|of| in_common(of) != in_common(&counting));
    let mut warnings: Vec<Problem> = counting.not_pooled.iter().cloned().collect();
    warnings.extend(without.iter().filter_map(|without| without.not_pooled.clone()).chain(doubt));
    warnings.dedup();
    let assay = counting.assay.clone();
    let without = match without {
        Some(without) => without.judged(|at| all_change || excluded[at].is_some()),
        None => Vec::new(),
    };
    let judged = counting.judged(|_| true);
    let plates = joined.into_iter().zip(judged).zip(&assay.plates).map(|((joined, judged), entry)| {
        judged.unwrap_or_else(|| {
            finished(&entry.id);
            JudgedPlate::unread(entry.id.clone(), joined.err().unwrap_or_default())
        })
    });
    Ok(JudgedPlates {
        plates: plates.collect(),
        assay,
        without_exclusions: without.into_iter().flatten().collect(),
        warnings,
    })
}

/// Each plate with what decisions exclude of it marked; `None` where they exclude nothing.
pub(super) fn excluded(
    joined: &[Result<AssayPlate, Problems>],
    decisions: &Decisions,
) -> Result<Vec<Option<AssayPlate>>, Problems> {
    let mut problems = Problems::default();
    let mut apply = |plate: &AssayPlate| {
        decisions.apply(plate).unwrap_or_else(|wrong| {
            problems.extend(wrong);
            None
        })
    };
    let excluded = joined.iter().map(|plate| plate.as_ref().ok().and_then(&mut apply)).collect();
    problems.or(excluded)
}

/// The plates of a study, each with its curve, and what they have in common. What is left out of them shapes none of it.
struct PlateEvaluations {
    assay: Assay,
    not_pooled: Option<Problem>,
    /// In the order of the study; `None` for a plate that could not be read.
    plates: Vec<Option<FittedPlate>>,
}

/// A plate with its curve, judged before it is known what the wells of a sample share.
struct FittedPlate {
    judged: JudgedPlate,
    /// The findings on its wells that were made before there was a curve.
    before: Vec<Finding>,
}

impl PlateEvaluations {
    /// Each plate is fitted once; one that is the same in an evaluation that is `known` not at all.
    fn of(
        plates: &[Option<&AssayPlate>],
        mut assay: Assay,
        known: Option<(&Self, &[Option<&AssayPlate>])>,
        cache: Option<&Cache>,
        finished: &(dyn Fn(&str) + Sync),
    ) -> Self {
        let read: Vec<&AssayPlate> = plates.iter().copied().flatten().collect();
        let not_pooled = pool_variance(&mut assay, &read).err();
        let before_curve = BeforeCurve::of(&read);
        let known = known.filter(|(of, _)| of.assay.method.variance_parameter == assay.method.variance_parameter);
        let fitted_before = |at: usize, plate: &AssayPlate| {
            let (of, plates) = known?;
            let is_same = plates[at].is_some_and(|other| std::ptr::eq(other, plate));
            is_same.then(|| of.plates[at].as_ref().map(|fitted| fitted.judged.clone())).flatten()
        };
        let fitted = plates
            .par_iter()
            .enumerate()
            .map(|(at, plate)| {
                let plate = (*plate)?;
                let fit = || JudgedPlate::judge(evaluate(plate, &assay, cache), &assay);
                let judged = fitted_before(at, plate).unwrap_or_else(fit);
                let before = before_curve.judge(plate, &assay);
                finished(&plate.id);
                Some(FittedPlate { judged, before })
            })
            .collect();
        let mut evaluation = Self { assay, not_pooled, plates: fitted };
        evaluation.assay.method.shared_error = evaluation.shared_error();
        evaluation
    }

    /// What the wells of a sample share, by the controls of the plates that are accepted by themselves.
    fn shared_error(&self) -> Option<SharedError> {
        let accepted = self.plates.iter().flatten().filter(|plate| plate.is_accepted());
        concentration::shared_error(accepted.filter_map(|plate| plate.judged.concentrations.as_ref()))
    }

    /// The plates that are wanted, by their places, as they are judged in the end.
    fn judged(self, wanted: impl Fn(usize) -> bool + Sync) -> Vec<Option<JudgedPlate>> {
        let Self { assay, plates, .. } = self;
        let finish =
            |(at, plate): (usize, Option<FittedPlate>)| plate.filter(|_| wanted(at)).map(|plate| plate.finish(&assay));
        plates.into_par_iter().enumerate().map(finish).collect()
    }
}

/// What a plate gives; its fit is that of an earlier run where the same was fitted.
pub(super) fn evaluate(plate: &AssayPlate, assay: &Assay, cache: Option<&Cache>) -> PlateConcentrations {
    PlateConcentrations::evaluate_by(plate.clone(), assay, |standards| match cache {
        Some(cache) => cache.fit(standards),
        None => standards.fit(),
    })
}

impl FittedPlate {
    fn is_accepted(&self) -> bool {
        let findings = self.before.iter().chain(&self.judged.verdict.findings).cloned().collect();
        PlateVerdict::of(self.judged.id.clone(), findings).verdict.is_accepted()
    }

    /// Reads its wells again with what those of a sample share, where that is known.
    fn finish(self, assay: &Assay) -> JudgedPlate {
        let Self { mut judged, before } = self;
        if assay.method.shared_error.is_some()
            && let Some(found) = judged.concentrations.take()
        {
            judged = judged.judge_again(found.read_again(assay), assay);
        }
        judged.after(before)
    }
}

/// Sets the parameter of the variance that the plates have in common, where the method asks for it.
fn pool_variance(assay: &mut Assay, plates: &[&AssayPlate]) -> Result<(), Problem> {
    let method = &assay.method;
    if !method.variance.has_parameter() || method.variance_parameter_from != ParameterFrom::Study {
        return Ok(());
    }
    let parameter = concentration::pooled_variance_parameter(plates, assay).map_err(|why| {
        let (name, key) = match method.variance {
            Variance::TwoComponent => ("crossover", "variance_crossover"),
            _ => ("exponent", "variance_exponent"),
        };
        let found = format!("the {name} of the variance cannot be pooled: {why}; each plate has its own");
        Problem::new(Code::new("variance-not-pooled"), Location::file(STUDY_FILE), found)
            .advice(format!("State {key}, or choose another variance"))
    })?;
    assay.method.variance_parameter = Some(parameter);
    Ok(())
}

/// That the standards of all plates together speak against the variance model of the method, and for which.
fn variance_doubt(plates: &[&AssayPlate], assay: &Assay) -> Option<Problem> {
    let choice = concentration::variance_choice(plates, assay)?;
    let (stated, better) = (assay.method.variance, choice.best());
    let below = choice.speaks_against(stated)?;
    let found = format!(
        "the standards of {} against variance = \"{}\" and for \"{}\" (restricted log-likelihood higher by {below:.1}); \
         intervals are too wide at one end of the range and too narrow at the other",
        if choice.curves == 1 { "1 plate speak".to_string() } else { format!("{} plates speak", choice.curves) },
        stated.name(),
        better.name()
    );
    let advice = format!("Choose variance = \"{}\" where the plates of the validation say the same", better.name());
    Some(Problem::new(Code::new("variance-doubt"), Location::file(STUDY_FILE), found).advice(advice))
}
