//! From a quantified study to the comparison of its arms. The only step that opens the list of arms.

use std::fmt;
use std::path::Path;

use super::assay_error::assay_error;
use super::quantify::{Quantified, input, open};
use super::sensitivity_grid::sensitivity_grid;
use crate::record::InputFile;
use crate::sheet::{Location, Problem, Problems, Sheet};
use crate::study::design::design;
use crate::study::trial::Trial;
use crate::study::{self, Allocation, ArmComparison, Comparison, Robustness, SubjectVisit};

/// A comparison, with the list of arms that it was made from.
///
/// ```
/// use std::path::Path;
/// use platewise::pipeline;
///
/// let study = Path::new("plates");
/// let compared = pipeline::compare(study, &pipeline::quantify(study, &|_| {})?)?;
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
    /// How far it depends on the assay, on choices and on the design.
    pub robustness: Robustness,
    /// The list of arms.
    pub input: Option<InputFile>,
    /// Subjects and arms that found no partner.
    pub warnings: Vec<Problem>,
}

/// Why the arms could not be compared.
///
/// ```
/// use std::path::Path;
/// use platewise::pipeline;
///
/// let mut quantified = pipeline::quantify(Path::new("plates"), &|_| {})?;
/// quantified.protocol.trial.analysis.reference_arm = "vehicle".into();
/// let not_compared = pipeline::compare(Path::new("plates"), &quantified).unwrap_err();
/// assert!(not_compared.to_string().contains("nobody is in the reference arm 'vehicle'"));
/// assert!(not_compared.opened.is_some_and(|list| list.file == "arms.csv"), "the list was seen all the same");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct NotCompared {
    /// What is wrong.
    pub problems: Problems,
    /// The list of arms, where it had been opened by then.
    pub opened: Option<InputFile>,
}

impl fmt::Display for NotCompared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problems.fmt(f)
    }
}

impl std::error::Error for NotCompared {}

impl From<NotCompared> for Problems {
    fn from(not_compared: NotCompared) -> Self {
        not_compared.problems
    }
}

/// Opens the list of arms of the study in `folder` and compares the arms.
///
/// # Errors
/// When the results cannot be joined to subjects (the list then stays closed), the list cannot be read, or there are no two arms
/// to compare.
pub fn compare(folder: &Path, quantified: &Quantified) -> Result<Compared, NotCompared> {
    let closed = |problems| NotCompared { problems, opened: None };
    let visits = quantified.visits.as_ref().map_err(|problems| closed(problems.clone()))?;
    let path = &quantified.protocol.trial.arms;
    crate::protocol::inside(folder, path).map_err(|problem| closed(problem.into()))?;
    let list = input(folder, path);
    let compared = open(folder, path).and_then(|book| match book.sheets.first() {
        Some(sheet) => compare_with(sheet, quantified, visits),
        None => Err(Problem::new(Location::file(book.file), "there is no sheet in it").into()),
    });
    match compared {
        Ok(compared) => Ok(Compared { input: list, ..compared }),
        Err(problems) => Err(NotCompared { problems, opened: list }),
    }
}

/// Compares the arms of the open list.
fn compare_with(list: &Sheet, quantified: &Quantified, visits: &[SubjectVisit]) -> Result<Compared, Problems> {
    let arms = study::read_arms(list)?;
    let comparison = study::compare(visits, &arms, &quantified.protocol)?;
    let name = quantified.protocol.trial.arms.display().to_string();
    let mut warnings = comparison.join.problems(&name);
    let robustness = robustness(quantified, visits, &arms, &comparison);
    let of_design = |warning: &String| Problem::new(Location::file(name.as_str()), warning.as_str());
    warnings.extend(robustness.design.warnings.iter().map(of_design));
    Ok(Compared { comparison, robustness, input: None, warnings })
}

/// Holds the comparison against the assay that it came from, the choices that were made, and the design.
fn robustness(
    quantified: &Quantified,
    visits: &[SubjectVisit],
    arms: &[Allocation],
    comparison: &Comparison,
) -> Robustness {
    let protocol = &quantified.protocol;
    let trial = Trial::of_study(protocol, visits, arms);
    let primaries: Vec<&ArmComparison> = comparison.comparisons.iter().filter(|row| row.primary).collect();
    let actives: Vec<&str> = primaries.iter().map(|primary| primary.active.as_str()).collect();
    let plates = &quantified.plates;
    let asked = protocol.trial.analysis.sensitivity_grid;
    Robustness {
        assay_error: assay_error(plates, visits, arms, &primaries, protocol),
        grids: if asked { sensitivity_grid(plates, visits, arms, &actives, protocol) } else { Vec::new() },
        design: design(&trial, visits, &actives, protocol),
    }
}
