//! From a quantified study to the comparison of its arms. The only step that opens the list of arms.

use std::path::Path;

use super::assay_error::assay_error;
use super::quantify::{Quantified, input, open};
use super::sensitivity_grid::sensitivity_grid;
use crate::record::InputFile;
use crate::sheet::{Location, Problem, Problems};
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

/// Opens the list of arms of the study in `folder` and compares the arms.
///
/// # Errors
/// When the results cannot be joined to subjects, the list cannot be read, or there are no two arms to compare.
pub fn compare(folder: &Path, quantified: &Quantified) -> Result<Compared, Problems> {
    let visits = quantified.visits.as_ref().map_err(Clone::clone)?;
    let path = &quantified.protocol.study.arms;
    let book = open(folder, path)?;
    let Some(sheet) = book.sheets.first() else {
        return Err(Problem::new(Location::file(book.file), "there is no sheet in it").into());
    };
    let arms = study::read_arms(sheet)?;
    let comparison = study::compare(visits, &arms, &quantified.protocol)?;
    let mut warnings = comparison.join.problems(&path.display().to_string());
    let robustness = robustness(quantified, visits, &arms, &comparison);
    let list = || Location::file(path.display().to_string());
    warnings.extend(robustness.design.warnings.iter().map(|warning| Problem::new(list(), warning.as_str())));
    Ok(Compared { comparison, robustness, input: input(folder, path), warnings })
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
    let asked = protocol.analysis.sensitivity_grid;
    Robustness {
        assay_error: assay_error(plates, visits, arms, &primaries, protocol),
        grids: if asked { sensitivity_grid(plates, visits, arms, &actives, protocol) } else { Vec::new() },
        design: design(&trial, visits, &actives, protocol),
    }
}
