//! From a quantified study to the comparison of its arms. The only step that opens the list of arms.

use std::path::Path;

use super::assay_error::assay_error;
use super::quantify::{Quantified, input, open};
use crate::record::InputFile;
use crate::sheet::{Location, Problem, Problems};
use crate::study::trial::Trial;
use crate::study::{self, Allocation, ArmComparison, Comparison, Robustness, SubjectVisit};

/// A comparison, with the list of arms that it was made from.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The comparison.
    pub comparison: Comparison,
    /// How far it depends on the assay.
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
    let warnings = comparison.join.problems(&path.display().to_string());
    let robustness = robustness(quantified, visits, &arms, &comparison);
    Ok(Compared { comparison, robustness, input: input(folder, path), warnings })
}

/// Holds the comparison against the assay that it came from.
fn robustness(
    quantified: &Quantified,
    visits: &[SubjectVisit],
    arms: &[Allocation],
    comparison: &Comparison,
) -> Robustness {
    let protocol = &quantified.protocol;
    let trial = Trial::of_study(protocol, visits, arms);
    let primaries: Vec<&ArmComparison> = comparison.comparisons.iter().filter(|row| row.primary).collect();
    Robustness { assay_error: assay_error(&quantified.plates, visits, &trial, &primaries, protocol) }
}
