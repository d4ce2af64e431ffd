//! What looks like readings and is none, whatever the format: reads over time drawn as plates, formulas, sheets of the user's.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{CellIndex, Draft, ReadDraft};
use super::grid::find;
use super::time;
use crate::plate::read::ExportKind;
use crate::plate::well::WellPosition;
use crate::sheet::{Code, Problem, Value};

/// So many wells that hold formulas are named.
const NAMED_WELLS: usize = 24;

impl Draft<'_> {
    /// Takes out the reads of a plate that are one read over time, whatever the format: their labels say so, or differ by a time or a
    /// cycle alone.
    pub(super) fn take_out_times(&mut self) {
        for index in 0..self.plates.len() {
            let plate = &mut self.plates[index];
            let key = |read: &ReadDraft| {
                let light = [read.wavelength_nm, read.excitation_nm].map(|nm| nm.map(f64::to_bits));
                time::split(&read.label).filter(|_| !read.derived).map(|(rest, time)| ((rest, light), time))
            };
            let mut times: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
            for (key, time) in plate.reads.iter().filter_map(key) {
                times.entry(key).or_default().insert(time);
            }
            let is_one_of_several = |read: &ReadDraft| {
                let repeated = key(read).and_then(|(key, _)| times.get(&key)).is_some_and(|times| times.len() > 1);
                !read.derived && (repeated || time::is_kinetic(&read.label))
            };
            let (taken, kept): (Vec<_>, Vec<_>) =
                std::mem::take(&mut plate.reads).into_iter().partition(is_one_of_several);
            plate.reads = kept;
            let Some(first) = taken.first() else { continue };
            plate.other.get_or_insert((ExportKind::Kinetic, first.mode));
            let at = first.cells.first().map_or(plate.at, |&(_, at)| at);
            self.no_end_point(ExportKind::Kinetic, at, "a kinetic read");
        }
    }

    /// Names the sheets of a workbook in which the format did not see anything of its own, though plates or lists are drawn there.
    pub(super) fn name_sheets_left_out(&mut self, format: &str) {
        if self.kind != ExportKind::Endpoint {
            return;
        }
        for (index, sheet) in self.book.sheets.iter().enumerate().filter(|(_, sheet)| !sheet.hidden) {
            let grids = find(sheet);
            if self.accounted[index].contains(&true) || sheet.rows.iter().all(|row| row.iter().all(Value::is_empty)) {
                continue;
            }
            let holds = match grids.first().map(|grid| grid.census(sheet).is_names()) {
                Some(true) => "a plate of names",
                Some(false) => "a plate of numbers",
                None => "a table or notes",
            };
            self.warnings.push(
                Problem::new(
                    Code::new("sheet-not-read"),
                    sheet.whole(),
                    format!("the sheet is not read: it is not one that {format} writes"),
                )
                .advice(format!("It holds {holds}")),
            );
        }
    }

    /// Takes out the reads of which a formula computed every value: a copy that somebody made in the workbook (`=raw*2`), not what was
    /// measured.
    pub(super) fn leave_out_formulas(&mut self) {
        let book = self.book;
        let has_value = |&&(_, (sheet, row, column)): &&(WellPosition, CellIndex)| {
            !book.sheets[sheet].value(row, column).is_empty()
        };
        let is_computed = |read: &ReadDraft| {
            let mut cells = read.cells.iter().filter(has_value).peekable();
            !read.derived
                && cells.peek().is_some()
                && cells.all(|&(_, (sheet, row, column))| book.sheets[sheet].is_formula(row, column))
        };
        let mut copies: Vec<(CellIndex, usize, String)> = Vec::new();
        for plate in &mut self.plates {
            plate.reads.retain(|read| {
                let computed = is_computed(read);
                if let (true, Some(&(_, at))) = (computed, read.cells.first()) {
                    copies.push((at, read.cells.len(), read.label.clone()));
                }
                !computed
            });
        }
        if copies.is_empty() {
            return;
        }
        self.plates.retain(|plate| !plate.reads.is_empty() || plate.other.is_some());
        let nothing_left = self.plates.iter().all(|plate| plate.reads.is_empty());
        for (at, wells, label) in copies {
            let found = format!("all {wells} wells of '{label}' are formulas, not readings");
            if nothing_left {
                let problem = self.problem(Code::new("read-only-formulas"), at, found);
                problem.expected = "the values as the reader wrote them".into();
                problem.advice = "Name the file that the reader wrote, not one computed from it".into();
            } else {
                self.warnings.push(
                    Problem::new(Code::new("read-of-formulas"), self.location(at), found).advice("They are not read"),
                );
            }
        }
    }

    /// Names the wells of a read that hold formulas: they are not read.
    pub(super) fn warn_of_formulas(&mut self, read: &ReadDraft) {
        let wells: Vec<(WellPosition, CellIndex)> =
            read.cells.iter().copied().filter(|&(_, at)| !read.derived && self.is_formula(at)).collect();
        let Some(&(_, at)) = wells.first() else { return };
        let names: Vec<String> = wells.iter().map(|(well, _)| well.to_string()).collect();
        let more = if names.len() > NAMED_WELLS { " …" } else { "" };
        let found = format!(
            "{} wells of the read '{}' hold formulas, not readings: {}{more}",
            names.len(),
            read.label,
            names[..names.len().min(NAMED_WELLS)].join(" ")
        );
        self.warnings.push(
            Problem::new(Code::new("wells-of-formulas"), self.location(at), found)
                .advice("They are not read: put the values there as the reader wrote them"),
        );
    }

    pub(super) fn is_formula(&self, (sheet, row, column): CellIndex) -> bool {
        self.book.sheets[sheet].is_formula(row, column)
    }
}
