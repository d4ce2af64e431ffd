//! The list of GloMax Discover and Explorer: a csv with one line per well and read.
//!
//! Written from two published scripts that read it: columns `WellPosition` (`A:1`), `Timestamp(ms)`, `ID` (one for each read of the
//! protocol), and what was measured: `RLU`, `OpticalDensity` or `CalculatedFlux`, of which a line has one.

use std::collections::BTreeSet;

use super::draft::{Draft, NOT_A_WELL, PlateDraft, ReadDraft};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::WellPosition;
use crate::sheet::Sheet;

/// Columns of values, and the light that they are of.
const VALUES: [(&str, Mode); 4] = [
    ("rlu", Mode::Luminescence),
    ("opticaldensity", Mode::Absorbance),
    ("calculatedflux", Mode::Fluorescence),
    ("rfu", Mode::Fluorescence),
];

/// A list of wells: where its columns are.
pub(super) struct WellList {
    header: usize,
    well: usize,
    id: Option<usize>,
    values: Vec<(usize, String, Mode)>,
    others: Vec<String>,
}

impl WellList {
    /// The list in a sheet whose first well is written with a colon.
    pub(super) fn of(sheet: &Sheet) -> Option<Self> {
        let header = sheet.first_row();
        let mut list = Self { header, well: usize::MAX, id: None, values: Vec::new(), others: Vec::new() };
        for column in 0..sheet.rows.get(header)?.len() {
            let name = sheet.text(header, column);
            let plain: String = name.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
            match VALUES.iter().find(|(known, _)| *known == plain) {
                Some(&(_, mode)) => list.values.push((column, name, mode)),
                None if plain == "wellposition" => list.well = column,
                None if plain == "id" => list.id = Some(column),
                None if !plain.is_empty() => list.others.push(name),
                None => {}
            }
        }
        let first = sheet.text(header + 1, list.well);
        let is_list = first.contains(':') && first.parse::<WellPosition>().is_ok() && !list.values.is_empty();
        is_list.then_some(list)
    }

    pub(super) fn read(&self, draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
        let lines = self.header..sheet.rows.len();
        let mut reads: Vec<(String, Vec<usize>)> = Vec::new();
        for row in lines.clone().skip(1).filter(|&row| !sheet.is_blank(row)) {
            let id = self.id.map(|column| sheet.text(row, column)).unwrap_or_default();
            match reads.iter_mut().find(|(known, _)| *known == id) {
                Some((_, rows)) => rows.push(row),
                None => reads.push((id, vec![row])),
            }
        }
        let well = |row: usize| sheet.text(row, self.well);
        let is_over_time =
            reads.iter().any(|(_, rows)| rows.iter().map(|&row| well(row)).collect::<BTreeSet<_>>().len() < rows.len());
        if is_over_time {
            draft.note(index, lines, "list of wells at several times", "not read");
            draft.no_end_point(ExportKind::Kinetic, (index, self.header, self.well), "a kinetic read");
            return;
        }
        let names: Vec<&str> = self.values.iter().map(|(_, name, _)| name.as_str()).collect();
        draft.note(index, lines, "list of wells", format!("read: {}", names.join(", ")));
        for name in &self.others {
            draft.note(index, self.header..self.header + 1, format!("column '{name}'"), "information, not used");
        }
        let mut plate = PlateDraft { at: (index, self.header, self.well), ..PlateDraft::default() };
        let several = reads.len() > 1;
        for (number, (_, rows)) in reads.iter().enumerate() {
            for (column, name, mode) in &self.values {
                let mut cells = Vec::new();
                for &row in rows.iter().filter(|&&row| !sheet.text(row, *column).is_empty()) {
                    match well(row).parse() {
                        Ok(position) => cells.push((position, (index, row, *column))),
                        Err(_) => {
                            let found = format!("'{}' is not a well", well(row));
                            draft.problem(NOT_A_WELL, (index, row, self.well), found).expected =
                                "a well such as A:1".into();
                        }
                    }
                }
                let label = if several { format!("{name} read {}", number + 1) } else { name.clone() };
                plate.reads.extend((!cells.is_empty()).then(|| ReadDraft::raw(*mode, label, cells)));
            }
        }
        draft.plates.push(plate);
    }
}
