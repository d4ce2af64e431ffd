//! From a quantified study and the opened list of arms to the comparison of the arms.

use std::path::Path;

use super::arms::ArmList;
use super::assay_error::assay_error;
use super::quantify::Quantified;
use super::run_step::Finished;
use super::sensitivity_grid::sensitivity_grid;
use crate::files::Input;
use crate::protocol::NextTrialSettings;
use crate::sheet::{Book, Code, Location, Problem, Problems, Sheet};
use crate::study::clinical::{Clinical, clinical, read_clinical};
use crate::study::design::{DesignWarning, design};
use crate::study::events::{EventCount, after_events, read_events};
use crate::study::next_trial::next_trial;
use crate::study::trial_data::TrialData;
use crate::study::{self, Allocation, ArmComparison, Comparison, Robustness, SubjectVisit};

/// A comparison.
///
/// ```
/// use std::path::Path;
/// use platewise::pipeline::{self, ArmList};
///
/// // The arms of this trial are simulated: nobody is unblinded by them.
/// let list = ArmList::in_memory("arms.csv", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/plates/arms.csv")));
/// let quantified = pipeline::quantify(Path::new("plates"), &|_| {})?;
/// let compared = pipeline::compare(&quantified, &list)?;
/// let primary = compared.comparison.comparisons.iter().find(|row| row.primary).unwrap();
/// assert_eq!((primary.active.as_str(), primary.reference.as_str()), ("active", "placebo"));
/// // How far the answer depends on the assay: three intervals, the second as observed.
/// let carried = &compared.robustness.assay_error[0];
/// let ratios = carried.intervals[1].ratio.zip(primary.ratio).unwrap();
/// assert!((ratios.0.lower / ratios.1.lower - 1.0).abs() < 1e-9);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Compared {
    /// The comparison.
    pub comparison: Comparison,
    /// Intercurrent events by kind and arm, where the study declares any.
    pub events: Option<Vec<EventCount>>,
    /// What is made of the clinical measures, where the study declares any.
    pub clinical: Option<Clinical>,
    /// How far it depends on the assay, on choices and on the design.
    pub robustness: Robustness,
    /// Subjects and arms that found no partner.
    pub warnings: Vec<Problem>,
}

/// Compares the arms of a list that has been opened ([`ArmList::open`]).
///
/// # Errors
/// When the results cannot be joined to subjects, the list cannot be read, or there are no two arms to compare.
pub fn compare(quantified: &Quantified, list: &ArmList) -> Result<Compared, Problems> {
    compare_telling(quantified, list, &|_| ())
}

/// The same, where somebody waits: `finished` is told what is computed again.
pub(super) fn compare_telling(
    quantified: &Quantified,
    list: &ArmList,
    finished: Finished<'_>,
) -> Result<Compared, Problems> {
    let visits = quantified.visits.as_ref().map_err(Clone::clone)?;
    let protocol = &quantified.protocol;
    let arms = study::read_arms(&first_sheet(&list.input)?, &protocol.trial.analysis.covariates)?;
    let declared = protocol.trial.events.as_ref().map(|events| events.list.as_path());
    let events = opened(declared, list.events.as_deref())?
        .map(|sheet| after_events(visits, &read_events(&sheet)?, &arms, protocol))
        .transpose()?;
    let visits = events.as_ref().map_or(visits, |events| &events.visits);
    let declared = protocol.trial.clinical.as_ref().map(|clinical| clinical.list.as_path());
    let clinical = match opened(declared, list.clinical.as_deref())? {
        Some(sheet) => clinical(&read_clinical(&sheet)?, &TrialData::of_study(protocol, visits, &arms), protocol)?,
        None => None,
    };
    let mut comparison = study::compare(visits, &arms, protocol)?;
    let name = protocol.trial.arms.display().to_string();
    let mut warnings = comparison.join.problems(&name);
    warnings.extend(comparison.warnings.iter().cloned());
    let robustness = robustness(quantified, visits, &arms, &comparison, finished);
    comparison.warn_of(&robustness.design);
    let of_design = |warning: &DesignWarning| {
        Problem::new(warning.code.clone(), Location::file(name.as_str()), warning.found.as_str())
    };
    warnings.extend(robustness.design.warnings.iter().map(of_design));
    warnings.extend(events.iter().flat_map(|events| events.warnings.iter().cloned()));
    warnings.extend(clinical.iter().flat_map(|clinical| clinical.warnings.iter().cloned()));
    Ok(Compared { comparison, events: events.map(|events| events.counts), clinical, robustness, warnings })
}

/// A list that the study declares beside that of the arms; `None` where it declares none.
///
/// # Errors
/// When it was not opened with that of the arms, or cannot be read.
fn opened(declared: Option<&Path>, list: Option<&Input>) -> Result<Option<Sheet>, Problems> {
    match (declared, list) {
        (None, _) => Ok(None),
        (Some(_), Some(list)) => first_sheet(list).map(Some),
        (Some(declared), None) => {
            let at = Location::file(declared.display().to_string());
            let found =
                Problem::new(Code::new("arms-not-opened"), at, "the study declares this list, and it was not opened");
            Err(found.expected("a list of arms that was opened with it").into())
        }
    }
}

fn first_sheet(input: &Input) -> Result<Sheet, Problems> {
    let book = Book::of_study(&input.bytes, &input.name)?;
    let no_sheet =
        || Problem::new(Code::new("arms-no-sheet"), Location::file(book.file.clone()), "there is no sheet in it");
    Ok(book.sheets.first().cloned().ok_or_else(no_sheet)?)
}

/// Holds the comparison against the assay that it came from, the choices that were made, and the design.
fn robustness(
    quantified: &Quantified,
    visits: &[SubjectVisit],
    arms: &[Allocation],
    comparison: &Comparison,
    finished: Finished<'_>,
) -> Robustness {
    let protocol = &quantified.protocol;
    let trial = TrialData::of_study(protocol, visits, arms);
    let primaries: Vec<&ArmComparison> = comparison.comparisons.iter().filter(|row| row.primary).collect();
    let actives: Vec<&str> = primaries.iter().map(|primary| primary.active.as_str()).collect();
    let plates = &quantified.plates;
    let asked = protocol.trial.analysis.sensitivity_grid;
    let assay_error = assay_error(plates, visits, arms, &primaries, protocol, finished);
    let confidence = protocol.assay.method.confidence;
    let next = |asked: NextTrialSettings| {
        let of = |primary: &&ArmComparison| {
            let assay = assay_error.iter().find(|error| error.active == primary.active);
            next_trial(primary, assay, asked, confidence)
        };
        primaries.iter().map(of).collect()
    };
    Robustness {
        next_trial: protocol.trial.supplementary.next_trial.map(next).unwrap_or_default(),
        assay_error,
        grids: if asked { sensitivity_grid(plates, visits, arms, &actives, protocol, finished) } else { Vec::new() },
        design: design(&trial, visits, &actives, protocol),
    }
}
