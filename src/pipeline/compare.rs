//! From a quantified study to the comparison of its arms. The only step that opens the list of arms.

use std::path::Path;

use super::quantify::{Quantified, input, open};
use crate::record::InputFile;
use crate::sheet::{Location, Problem, Problems};
use crate::study::{self, Comparison};

/// A comparison, with the list of arms that it was made from.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The comparison.
    pub comparison: Comparison,
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
    Ok(Compared { comparison, input: input(folder, path), warnings })
}
