//! What no format has accounted for: nothing in a file is ignored in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::draft::{Draft, SampleDraft, row_words, shortened};

/// A row of so many cells at most is a key with its value and perhaps a unit; with more it is one of a table.
const KEY_CELLS: usize = 3;

impl Draft<'_> {
    /// Lists every row and every remark beside a grid that no one has accounted for.
    pub(super) fn list_the_rest(&mut self) {
        self.list_rows();
        self.list_remarks();
    }

    fn list_rows(&mut self) {
        for index in 0..self.book.sheets.len() {
            let sheet = &self.book.sheets[index];
            let mut row = 0;
            while row < sheet.rows.len() {
                let open =
                    |row: usize| !self.accounted[index].get(row).copied().unwrap_or(true) && !sheet.is_blank(row);
                let start = row;
                while open(row) {
                    row += 1;
                }
                // Keys with their values are named one by one, the rows of a table by their first.
                let filled = |row: usize| sheet.rows[row].iter().filter(|cell| !cell.is_empty()).count();
                let mut next = start;
                while next < row {
                    let table = (next..row).take_while(|&row| filled(row) > KEY_CELLS).count();
                    let rows = next..next + table.max(1);
                    next = rows.end;
                    self.note(index, rows.clone(), and_more(&row_words(sheet, rows.start), rows), "not used");
                }
                row = row.max(start + 1);
            }
        }
    }

    /// What stands to the right of the wells of a grid, in rows that are read: remarks, and columns that no one asked for.
    fn list_remarks(&mut self) {
        // Per sheet and row, the columns of wells: of their values, and of what is said to be in them.
        let mut wells: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
        let mut labels: BTreeSet<&str> = self.line_labels.iter().map(String::as_str).collect();
        for &SampleDraft { at: (sheet, row, column), .. } in self.plates.iter().flat_map(|plate| plate.samples.values())
        {
            wells.entry((sheet, row)).or_default().insert(column);
        }
        for read in self.plates.iter().flat_map(|plate| &plate.reads) {
            labels.insert(&read.label);
            for &(_, (sheet, row, column)) in &read.cells {
                wells.entry((sheet, row)).or_default().insert(column);
            }
        }
        let mut remarks: Vec<(usize, Range<usize>, String)> = Vec::new();
        for ((index, row), columns) in &wells {
            // Fewer columns are those of a list, whose format names what it does not use.
            let (Some(&last), true) = (columns.last(), columns.len() >= 3) else { continue };
            let sheet = &self.book.sheets[*index];
            let words: Vec<String> = (last + 1..sheet.rows[*row].len())
                .map(|column| sheet.text(*row, column))
                .filter(|text| !text.is_empty() && !labels.contains(text.as_str()))
                .collect();
            if words.is_empty() {
                continue;
            }
            match remarks.last_mut().filter(|(sheet, rows, _)| sheet == index && rows.end == *row) {
                Some((_, rows, _)) => rows.end = row + 1,
                None => remarks.push((*index, *row..row + 1, shortened(&words.join(" | ")))),
            }
        }
        for (index, rows, words) in remarks {
            let words = format!("beside the wells: {}", and_more(&words, rows.clone()));
            self.note(index, rows, words, "not used");
        }
    }
}

fn and_more(words: &str, rows: Range<usize>) -> String {
    if rows.len() > 1 { format!("{words} (and {} more rows)", rows.len() - 1) } else { words.to_string() }
}
