//! Whether the design is sound: where arms and visits stand on plates, kit lots and matrices, what these do to the ratio of the arms,
//! and what single subjects do to it.
//!
//! A plate or a lot shifts every sample on it by about one factor. Between both visits of a subject the factor cancels when they
//! are on one plate, and between the arms when every plate holds both; where an arm has plates of its own, no analysis can tell
//! the plates from the treatment. The same holds of a matrix: what serum reads higher than plasma is in the ratio of an arm in serum to one
//! in plasma. The ratio with a plate term is the primary model with a term for each plate (or lot, or matrix) of a
//! visit; see [`crate::stats::blocks`].

mod effects;
mod result;
mod influence;
mod spread;
mod primary_subject;
mod warning;
mod words;

use std::collections::BTreeMap;

use super::change::changes;
use super::primary::declared_rule;
use super::subject_visit::SubjectVisit;
use super::trial_data::{Participant, TrialData};
use crate::concentration::Quantity;
use crate::protocol::{PrimaryAnalysis, Protocol};

use primary_subject::PrimarySubject;

pub use effects::BlockEffect;
pub use influence::Influence;
pub use result::Design;
pub use spread::{DesignCount, Pairing};
pub use warning::DesignWarning;

/// Looks at the design of a trial that was compared.
///
/// ```
/// # use platewise::concentration::{Quantity, quantity::Estimate};
/// # use platewise::study::{Allocation, SubjectVisit};
/// use platewise::study::design::{Design, design};
/// use platewise::study::trial_data::TrialData;
///
/// # let protocol = platewise::protocol::parse(
/// #     r#"
/// #     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
/// #     method = { name = "ELISA", version = "1" }
/// #     analysis = { responder_fall_percent = 40 }
/// #     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
/// #     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
/// #     family = [{ name = "both", analyses = ["ancova", "mann_whitney"] }]
/// #     "#,
/// # )?;
/// # let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
/// # let pairs = [(800.0, 380.0), (1200.0, 640.0), (950.0, 510.0), (700.0, 660.0), (1500.0, 1380.0), (1100.0, 1060.0)];
/// # let (mut visits, mut arms) = (Vec::new(), Vec::new());
/// # for (i, (base, end)) in pairs.into_iter().enumerate() {
/// #     let subject = format!("S{i}");
/// #     visits.push(SubjectVisit::new(&subject, "Baseline", 0.0, number(base)));
/// #     visits.push(SubjectVisit::new(&subject, "Week 16", 16.0, number(end)));
/// #     let arm = if i < 3 { "active" } else { "placebo" };
/// #     arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: None, covariates: Vec::new() });
/// # }
/// // Six subjects as in the example of `compare`; each arm on a plate of its own.
/// for visit in &mut visits {
///     visit.plate = Some(if ["S0", "S1", "S2"].contains(&visit.subject.as_str()) { "P1" } else { "P2" }.into());
/// }
/// let trial = TrialData::of_study(&protocol, &visits, &arms);
/// let found: Design = design(&trial, &visits, &["active"], &protocol);
/// assert!(found.effects[0].confounded, "the plate says which arm it is");
/// assert_eq!((found.counts.len(), found.pairing[0].one_plate, found.influence.len()), (8, 3, 6));
/// assert!(found.warnings.iter().any(|warning| warning.code.as_str() == "arms-confounded"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub fn design(trial: &TrialData, visits: &[SubjectVisit], actives: &[&str], protocol: &Protocol) -> Design {
    let (Some(baseline), Some(endpoint)) = (trial.baseline(), trial.endpoint()) else { return Design::default() };
    let names = [baseline, endpoint].map(|visit| trial.visits[visit].name.as_str());
    let lots: BTreeMap<&str, &str> =
        protocol.assay.plates.iter().filter_map(|plate| Some((plate.id.as_str(), plate.kit_lot.as_deref()?))).collect();
    let lot = |plate: &str| lots.get(plate).copied();
    let analysed = || visits.iter().filter(|visit| visit.excluded.is_none());
    let plate_of: BTreeMap<(&str, &str), &str> = analysed()
        .filter_map(|visit| Some(((visit.subject.as_str(), visit.visit.as_str()), visit.plate.as_deref()?)))
        .collect();
    let matrix_of: BTreeMap<(&str, &str), String> = analysed()
        .filter_map(|visit| {
            Some(((visit.subject.as_str(), visit.visit.as_str()), visit.matrix.as_ref()?.to_ascii_lowercase()))
        })
        .collect();
    let changes = changes(trial, declared_rule(&protocol.trial.analysis));
    let used: Vec<PrimarySubject<'_>> = changes
        .iter()
        .filter(|change| change.visit == names[1])
        .filter_map(|change| {
            let participant = participant(trial, &change.subject)?;
            let places =
                [measured_at(trial, &change.subject, baseline), names[1]].map(|visit| (change.subject.as_str(), visit));
            let plates = places.map(|place| plate_of.get(&place).copied());
            Some(PrimarySubject {
                change,
                covariates: trial
                    .covariates
                    .iter()
                    .map(|one| one.code(&participant.covariates))
                    .collect::<Option<_>>()?,
                log_change: change.log_change?,
                log_base: libm::log(change.base?),
                plates,
                lots: plates.map(|plate| plate.and_then(lot)),
                matrices: places.map(|place| matrix_of.get(&place).map(String::as_str)),
            })
        })
        .collect();
    let counts = spread::counts(trial, analysed(), &lot);
    let mut found = Design { pairing: spread::pairing(trial, &used), ..Design::default() };
    // Of an arm without one measured end point there is no ratio, and so none with a term or without a subject.
    let reference = protocol.trial.analysis.reference_arm.as_str();
    let made_up = |arm: &str| {
        let mut of_arm = used.iter().filter(|one| one.change.arm == arm).peekable();
        of_arm.peek().is_some() && of_arm.all(|one| !matches!(one.change.endpoint, Some(Quantity::Quantified(_))))
    };
    let all: Vec<&PrimarySubject<'_>> = used.iter().filter(|one| !made_up(&one.change.arm)).collect();
    for active in actives.iter().filter(|active| !made_up(active) && !made_up(reference)) {
        found.effects.extend(effects::effects((trial, &all), active, names, protocol));
        found.influence.extend(match protocol.trial.analysis.primary {
            PrimaryAnalysis::Ancova => influence::influence((trial, &all), active, protocol),
            PrimaryAnalysis::Mmrm => influence::by_refitting(trial, active, protocol),
        });
    }
    found.warnings = words::warnings(&counts, &found.effects, names);
    found.words = words::words(&found, names);
    found.counts = counts;
    found
}

/// The name of the visit whose result stands at a subject's baseline.
fn measured_at<'a>(trial: &'a TrialData, subject: &str, baseline: usize) -> &'a str {
    &trial.visits[participant(trial, subject).and_then(|one| one.baseline_from).unwrap_or(baseline)].name
}

fn participant<'a>(trial: &'a TrialData, subject: &str) -> Option<&'a Participant> {
    let at = trial.participants.binary_search_by(|one| one.subject.as_str().cmp(subject)).ok()?;
    trial.participants.get(at)
}
