//! The sensitivity grid from the wells: every plate fitted, read and judged again under each combination of curve model,
//! variance model and rule for blanks, on all cores. See [`crate::study::sensitivity_grid`].

use rayon::prelude::*;

use super::run_step::{Finished, RunStep};
use crate::concentration::{self, PlateConcentrations};
use crate::curve::{Blank, Model, Variance};
use crate::plate::AssayPlate;
use crate::protocol::{Assay, MethodSettings, ParameterFrom, Protocol};
use crate::qc::before_curve::BeforeCurve;
use crate::qc::{JudgedPlate, Verdict};
use crate::reportable::{self, UndeclaredRepeats};
use crate::study::remeasured_study::RemeasuredStudy;
use crate::study::sensitivity_grid::{GridCell, PlateSet, SensitivityGrid, Specification, cells};
use crate::study::{Allocation, SubjectVisit};

const MODELS: [Model; 3] = [Model::FourParameter, Model::FiveParameter, Model::FiveParameterMirror];
/// A declared two-component variance is one of the choices too.
const VARIANCES: [Variance; 4] = [Variance::Constant, Variance::Proportional, Variance::Squared, Variance::Power];
const BLANKS: [Blank; 4] = [Blank::Ignore, Blank::Include, Blank::Subtract, Blank::Constrain];

/// Most plates that are left out in every cell of the other choices; of a larger study, under the declared ones only.
const MOST_LEFT_OUT: usize = 24;

/// The grid of each of the arms `actives` against the reference. `finished` is told each method that the study was evaluated by.
pub fn sensitivity_grid(
    plates: &[JudgedPlate],
    visits: &[SubjectVisit],
    arms: &[Allocation],
    actives: &[&str],
    protocol: &Protocol,
    finished: Finished<'_>,
) -> Vec<SensitivityGrid> {
    let sets = plate_sets(plates, visits);
    let remeasured = RemeasuredStudy::new(visits, arms, protocol);
    let methods: Vec<Assay> = methods(&protocol.assay);
    let read = ReadPlates::of(plates);
    // What the study does not declare is the same in every cell.
    let study = GridStudy { protocol, undeclared: reportable::undeclared(plates, &protocol.assay), actives };
    let found: Vec<Vec<Vec<GridCell>>> = methods
        .par_iter()
        .map(|method| {
            let declared = same(&method.method, &protocol.assay.method);
            let evaluated = if declared { plates.to_vec() } else { read.evaluate(plates, method) };
            let sets = sets
                .iter()
                .filter(|set| declared || sets.len() <= MOST_LEFT_OUT + 2 || !matches!(set, PlateSet::Without(_)));
            let cells = of_method(evaluated, sets, remeasured.clone(), method, &study, declared);
            finished(RunStep::Reevaluated { of: methods.len() });
            cells
        })
        .collect();
    actives
        .iter()
        .enumerate()
        .map(|(arm, active)| {
            let cells = found.iter().flat_map(|of_method| of_method[arm].clone()).collect();
            SensitivityGrid::new(active, &protocol.trial.analysis.reference_arm, cells)
        })
        .collect()
}

/// The assay under every combination of the choices that the plates are evaluated by; the declared one is among them.
fn methods(assay: &Assay) -> Vec<Assay> {
    let declared = &assay.method;
    let also = Some(declared.variance).filter(|variance| !VARIANCES.contains(variance));
    let mut methods = Vec::new();
    for model in MODELS {
        for variance in VARIANCES.into_iter().chain(also) {
            for blank in BLANKS {
                let mut method = MethodSettings { model, variance, blank, ..declared.clone() };
                // A parameter is that of the model that it was stated or pooled for.
                if variance != declared.variance {
                    (method.variance_parameter_from, method.variance_parameter) = (ParameterFrom::Study, None);
                }
                methods.push(Assay { method, ..assay.clone() });
            }
        }
    }
    methods
}

fn same(one: &MethodSettings, other: &MethodSettings) -> bool {
    (one.model, one.variance, one.blank) == (other.model, other.variance, other.blank)
}

/// Which plates count, in turn.
fn plate_sets(plates: &[JudgedPlate], visits: &[SubjectVisit]) -> Vec<PlateSet> {
    let mut sets = vec![PlateSet::Accepted];
    if plates.iter().any(|plate| !plate.verdict.verdict.is_accepted() && plate.concentrations.is_some()) {
        sets.push(PlateSet::RejectedToo);
    }
    let gives = |plate: &&JudgedPlate| visits.iter().any(|visit| visit.plate.as_deref() == Some(&plate.id));
    sets.extend(plates.iter().filter(gives).map(|plate| PlateSet::Without(plate.id.clone())));
    sets
}

/// The plates as they were read, and what they say of each other: the same whatever the method.
struct ReadPlates {
    /// `None` for a plate that could not be read.
    plates: Vec<Option<AssayPlate>>,
    before_curve: BeforeCurve,
}

impl ReadPlates {
    fn of(plates: &[JudgedPlate]) -> Self {
        let plates: Vec<Option<AssayPlate>> =
            plates.iter().map(|plate| plate.concentrations.as_ref().map(|one| one.plate.as_read())).collect();
        let before_curve = BeforeCurve::of(&plates.iter().flatten().collect::<Vec<_>>());
        Self { plates, before_curve }
    }

    /// Every plate by another method, as [`super::quantify()`] evaluates it; only the rules across plates are not applied again.
    fn evaluate(&self, plates: &[JudgedPlate], assay: &Assay) -> Vec<JudgedPlate> {
        let mut assay = assay.clone();
        if assay.method.variance.has_parameter() && assay.method.variance_parameter_from == ParameterFrom::Study {
            let known: Vec<&AssayPlate> = self.plates.iter().flatten().collect();
            // Where the plates do not determine it, each has its own.
            assay.method.variance_parameter = concentration::pooled_variance_parameter(&known, &assay).ok();
        }
        let judge = |plate: &AssayPlate, declared: &JudgedPlate| {
            let before = self.before_curve.judge(plate, &assay);
            declared.judge_again(PlateConcentrations::evaluate(plate.clone(), &assay), &assay).after(before)
        };
        let judged = self.plates.iter().zip(plates);
        judged.map(|(read, plate)| read.as_ref().map_or_else(|| plate.clone(), |read| judge(read, plate))).collect()
    }
}

/// What is the same in every cell.
struct GridStudy<'a> {
    protocol: &'a Protocol,
    undeclared: UndeclaredRepeats,
    actives: &'a [&'a str],
}

/// The cells of one method, for each arm.
fn of_method<'s>(
    mut plates: Vec<JudgedPlate>,
    sets: impl Iterator<Item = &'s PlateSet>,
    mut trial: RemeasuredStudy<'_>,
    assay: &Assay,
    study: &GridStudy<'_>,
    declared: bool,
) -> Vec<Vec<GridCell>> {
    let judged: Vec<Verdict> = plates.iter().map(|plate| plate.verdict.verdict).collect();
    let mut found = vec![Vec::new(); study.actives.len()];
    for set in sets {
        for (plate, &verdict) in plates.iter_mut().zip(&judged) {
            plate.verdict.verdict = match set {
                PlateSet::RejectedToo if has_curve(plate) => Verdict::Accepted,
                PlateSet::Without(out) if *out == plate.id => Verdict::Rejected,
                _ => verdict,
            };
        }
        let used = plates.iter().filter(|plate| plate.verdict.verdict.is_accepted()).count();
        let trial = trial.with(reportable::resolve_with(&plates, assay, &study.undeclared));
        let MethodSettings { model, variance, blank, .. } = assay.method;
        let specification = Specification { model, variance, blank, plates: set.clone() };
        for (found, active) in found.iter_mut().zip(study.actives) {
            let declared = declared && *set == PlateSet::Accepted;
            found.extend(cells(&trial, active, &specification, used, study.protocol, declared));
        }
    }
    found
}

fn has_curve(plate: &JudgedPlate) -> bool {
    plate.concentrations.as_ref().is_some_and(|concentrations| concentrations.curve.is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_rejects_the_plates_that_the_run_rejects_before_their_curves() {
        let trial = crate::simulate::plates(2, 1).unwrap();
        let mut plates: Vec<_> = trial.plates.iter().map(|plate| plate.assay_plate(&trial.protocol)).collect();
        plates[1] = AssayPlate { id: "again".into(), ..plates[0].clone() };
        let assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
        let before = BeforeCurve::of(&plates.iter().collect::<Vec<_>>());
        let judge = |plate: &AssayPlate| {
            let concentrations = PlateConcentrations::evaluate(plate.clone(), &assay);
            JudgedPlate::judge(concentrations, &assay).after(before.judge(plate, &assay))
        };
        let judged: Vec<JudgedPlate> = plates.iter().map(judge).collect();
        assert!(judged[0].verdict.reason.starts_with("plate_read_once"), "{}", judged[0].verdict.reason);
        for (one, again) in judged.iter().zip(ReadPlates::of(&judged).evaluate(&judged, &assay)) {
            assert_eq!((again.verdict.verdict, &again.verdict.reason), (Verdict::Rejected, &one.verdict.reason));
        }
    }
}
