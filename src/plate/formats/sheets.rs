//! Whose each sheet of a workbook is.

use super::format::Format;
use crate::sheet::{Book, Sheet};

/// Whose each sheet of a workbook is.
pub(super) struct Sheets {
    /// Per sheet, which of the formats: by its head, or by its shape in a workbook without any head.
    owners: Vec<Option<usize>>,
    /// The sheets that only have the shape of an export, beside others that have a head.
    copies: Vec<bool>,
}

impl Sheets {
    /// Judges each sheet by itself; `None` where one of them is equally well of several formats.
    pub(super) fn of(book: &Book, formats: &[&'static dyn Format]) -> Option<Self> {
        if formats.is_empty() || book.sheets.len() < 2 && formats.len() > 1 {
            return None;
        }
        let alone = |sheet: &Sheet| Book { file: book.file.clone(), sheets: vec![sheet.clone()] };
        // Format and whether it is sure, per sheet. A hidden sheet is nobody's.
        let known: Vec<Vec<(usize, bool)>> = book
            .sheets
            .iter()
            .map(|sheet| {
                if sheet.hidden {
                    return Vec::new();
                }
                let book = alone(sheet);
                let accepts = |&at: &usize| formats[at].recognise(&book).is_ok();
                (0..formats.len()).filter(accepts).map(|at| (at, formats[at].has_head(sheet))).collect()
            })
            .collect();
        let any_head = known.iter().flatten().any(|&(_, has_head)| has_head);
        let counts = |known: &&(usize, bool)| known.1 || !any_head;
        let owned: Vec<Vec<usize>> =
            known.iter().map(|formats| formats.iter().filter(counts).map(|&(at, _)| at).collect()).collect();
        owned.iter().all(|owners| owners.len() < 2).then(|| Self {
            owners: owned.iter().map(|owners| owners.first().copied()).collect(),
            copies: known.iter().zip(&owned).map(|(known, owned)| !known.is_empty() && owned.is_empty()).collect(),
        })
    }

    /// Per sheet, whether the format at `at` is not to look at it.
    pub(super) fn hidden_from(&self, at: usize) -> Vec<bool> {
        let others = |owner: &Option<usize>| owner.is_some_and(|owner| owner != at);
        self.owners.iter().zip(&self.copies).map(|(owner, copy)| others(owner) || *copy).collect()
    }

    /// Whether the format at `at` has a sheet of its own.
    pub(super) fn has_any(&self, at: usize) -> bool {
        self.owners.contains(&Some(at))
    }
}
