//! Every plate of a study judged as it counts, with what decisions exclude left out, and, where they exclude something, as it
//! would be without them: both results are kept.

use rayon::prelude::*;

use crate::concentration::{self, PlateConcentrations};
use crate::curve::{SharedError, Variance};
use crate::plate::AssayPlate;
use crate::protocol::{Assay, ParameterFrom, STUDY_FILE};
use crate::qc::JudgedPlate;
use crate::qc::before_curve::BeforeCurve;
use crate::record::Decisions;
use crate::sheet::{Location, Problem, Problems};

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
    finished: &(dyn Fn(&str) + Sync),
) -> Result<JudgedPlates, Problems> {
    let excluded = excluded(&joined, decisions)?;
    let counts: Vec<&AssayPlate> = joined
        .iter()
        .zip(&excluded)
        .filter_map(|(joined, excluded)| excluded.as_ref().or(joined.as_ref().ok()))
        .collect();
    let any = excluded.iter().any(Option::is_some);
    let without = any.then(|| Evaluation::of(&joined.iter().flatten().collect::<Vec<_>>(), assay.clone()));
    let counting = Evaluation::of(&counts, assay);
    let doubt = variance_doubt(&counts, &counting.assay);
    // Through what the plates have in common, the parameter of the variance and the error that wells of a sample share, an exclusion
    // on one changes them all.
    let in_common = |of: &Evaluation| (of.assay.method.variance_parameter, of.assay.method.shared_error);
    let all_change = without.as_ref().is_some_and(|of| in_common(of) != in_common(&counting));
    let judged: Vec<(JudgedPlate, Option<JudgedPlate>)> = joined
        .into_par_iter()
        .zip(excluded)
        .zip(&counting.assay.plates)
        .map(|((joined, excluded), entry)| {
            let judged = match joined {
                Ok(plate) => {
                    let without = without.as_ref().filter(|_| all_change || excluded.is_some());
                    let without = without.map(|without| without.judge(plate.clone()));
                    (counting.judge(excluded.unwrap_or(plate)), without)
                }
                Err(problems) => (JudgedPlate::unread(entry.id.clone(), problems), None),
            };
            finished(&entry.id);
            judged
        })
        .collect();
    let (plates, without_exclusions): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
    let mut warnings: Vec<Problem> =
        counting.not_pooled.into_iter().chain(without.and_then(|without| without.not_pooled)).chain(doubt).collect();
    warnings.dedup();
    Ok(JudgedPlates {
        assay: counting.assay,
        plates,
        without_exclusions: without_exclusions.into_iter().flatten().collect(),
        warnings,
    })
}

/// Each plate with what decisions exclude of it marked; `None` where they exclude nothing.
fn excluded(
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

/// What the plates of a study have in common before each is judged by itself. What is left out of them shapes none of it.
struct Evaluation {
    assay: Assay,
    before_curve: BeforeCurve,
    not_pooled: Option<Problem>,
}

impl Evaluation {
    fn of(plates: &[&AssayPlate], mut assay: Assay) -> Self {
        let not_pooled = pool_variance(&mut assay, plates).err();
        let mut evaluation = Self { before_curve: BeforeCurve::of(plates), assay, not_pooled };
        evaluation.assay.method.shared_error = evaluation.shared_error(plates);
        evaluation
    }

    /// What the wells of a sample share, by the controls of the plates that are accepted by themselves.
    fn shared_error(&self, plates: &[&AssayPlate]) -> Option<SharedError> {
        let judged: Vec<JudgedPlate> = plates.par_iter().map(|plate| self.judge((*plate).clone())).collect();
        let accepted = judged.iter().filter(|plate| plate.verdict.verdict.is_accepted());
        concentration::shared_error(accepted.filter_map(|plate| plate.concentrations.as_ref()))
    }

    fn judge(&self, plate: AssayPlate) -> JudgedPlate {
        let before = self.before_curve.judge(&plate, &self.assay);
        JudgedPlate::judge(PlateConcentrations::evaluate(plate, &self.assay), &self.assay).after(before)
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
        Problem::new(Location::file(STUDY_FILE), found).advice(format!("State {key}, or choose another variance"))
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
    Some(Problem::new(Location::file(STUDY_FILE), found).advice(advice))
}
