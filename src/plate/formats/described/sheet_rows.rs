//! A sheet that a description reads: what in it has been accounted for, and what is left.

use super::declared_format::{DeclaredFormat, begins, is_same};
use crate::plate::formats::draft::{Draft, row_words};
use crate::sheet::{Code, Sheet};

/// So many rows are named that the description does not know.
const NAMED_ROWS: usize = 5;

/// A sheet, what of it is accounted for, and the names of plates in it.
pub(super) struct SheetRows<'a> {
    pub(super) format: &'a DeclaredFormat,
    pub(super) index: usize,
    pub(super) sheet: &'a Sheet,
    /// Cells that something was made of.
    seen: Vec<Vec<bool>>,
    /// The names of plates, each with its row.
    plates: Vec<(usize, String)>,
}

impl<'a> SheetRows<'a> {
    /// The sheet, in which the names of plates have been found.
    pub(super) fn new(draft: &mut Draft<'_>, index: usize, sheet: &'a Sheet, format: &'a DeclaredFormat) -> Self {
        let seen = sheet.rows.iter().map(|cells| vec![false; cells.len()]).collect();
        let mut rows = Self { format, index, sheet, seen, plates: Vec::new() };
        let Some(key) = &format.plate else { return rows };
        for row in 0..sheet.rows.len() {
            let Some(column) = (0..sheet.rows[row].len()).find(|&column| begins(&sheet.text(row, column), key)) else {
                continue;
            };
            let text = sheet.text(row, column);
            let rest: String = text.chars().skip(key.chars().count()).collect();
            let rest = rest.trim().trim_start_matches([':', '=']).trim();
            let name = if rest.is_empty() { sheet.text(row, column + 1) } else { rest.to_string() };
            if name.is_empty() {
                draft
                    .problem(
                        Code::new("format-plate-without-name"),
                        (index, row, column),
                        format!("no name follows '{text}'"),
                    )
                    .expected = "the name of the plate in the same or the next cell".into();
            }
            rows.use_row(row);
            draft.note_setting(index, row);
            rows.plates.push((row, name));
        }
        rows
    }

    /// The plate that a row belongs to: the last that was named above it, else the sheet's name.
    pub(super) fn plate_of(&self, row: usize) -> Option<String> {
        let above = self.plates[..self.plates.partition_point(|(at, _)| *at <= row)].last();
        let declared = self.format;
        // Reads of one plate may stand in sheets of their own, which the description then names.
        let names_sheets = declared.grids.iter().any(|grid| grid.sheet.is_some());
        let sheet = self.sheet.name.as_ref().filter(|_| !names_sheets);
        above.map(|(_, name)| name.clone()).or_else(|| sheet.map(ToString::to_string))
    }

    /// Whether a part of the description is about this sheet.
    pub(super) fn is(&self, sheet: Option<&str>) -> bool {
        match (sheet, self.sheet.name.as_deref()) {
            (Some(asked), Some(name)) => is_same(asked, name),
            (Some(_), None) => false,
            (None, _) => true,
        }
    }

    /// Accounts for a cell.
    pub(super) fn use_cell(&mut self, row: usize, column: usize) {
        if let Some(seen) = self.seen.get_mut(row).and_then(|seen| seen.get_mut(column)) {
            *seen = true;
        }
    }

    /// Accounts for a whole row.
    pub(super) fn use_row(&mut self, row: usize) {
        if let Some(seen) = self.seen.get_mut(row) {
            seen.fill(true);
        }
    }

    /// Notes the rows that the description ignores, and answers which are left.
    pub(super) fn finish(mut self, draft: &mut Draft<'_>) -> Vec<UnaccountedRow> {
        let mut left = Vec::new();
        for row in 0..self.sheet.rows.len() {
            let open = |column: &usize| !self.seen[row][*column] && !self.sheet.value(row, *column).is_empty();
            let Some(column) = (0..self.sheet.rows[row].len()).find(open) else { continue };
            let text = self.sheet.text(row, column);
            let is_whole = !self.seen[row].contains(&true);
            if is_whole && self.format.ignored.iter().any(|ignored| begins(&text, ignored)) {
                self.use_row(row);
                draft.note(self.index, row..row + 1, row_words(self.sheet, row), "ignored: the description says so");
            } else {
                left.push(UnaccountedRow { sheet: self.index, row, column, is_whole });
            }
        }
        left
    }
}

/// A row, or the end of one, that a description does not account for.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnaccountedRow {
    pub(super) sheet: usize,
    pub(super) row: usize,
    pub(super) column: usize,
    /// Whether nothing of the row was accounted for.
    pub(super) is_whole: bool,
}

/// Says which rows of a file its description does not know.
pub(super) fn complain(draft: &mut Draft<'_>, format: &DeclaredFormat, left: &[UnaccountedRow]) {
    let more = left.len().saturating_sub(NAMED_ROWS);
    for (at, UnaccountedRow { sheet, row, column, is_whole }) in left.iter().copied().take(NAMED_ROWS).enumerate() {
        let cells = &draft.book.sheets[sheet];
        let words = if is_whole { row_words(cells, row) } else { cells.text(row, column) };
        let place = if is_whole { "the row" } else { "beside what is read," };
        let others = if at + 1 == NAMED_ROWS && more > 0 { format!(", nor {more} rows more") } else { String::new() };
        let found = format!("{} does not know {place} '{words}'{others}", format.file);
        let problem = draft.problem(Code::new("format-row-not-described"), (sheet, row, column), found);
        problem.expected = "a description that accounts for the whole file".into();
        problem.advice = format!(
            "If it says nothing about readings, add the beginning of its first cell to 'ignored' of {}; a whole sheet to 'ignored_sheets'",
            format.file
        );
    }
}
