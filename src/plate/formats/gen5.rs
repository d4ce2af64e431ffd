//! Agilent BioTek Gen5: the text export and the workbook, which holds the same lines one column further to the right.

use std::ops::Range;

use super::draft::{CellIndex, Draft, PlateDraft, SampleDraft};
use super::gen5_steps::{ReadStep, classify, procedure, role_of};
use super::gen5_wells::{WellTable, WellsAcross};
use super::grid::{Grid, column_numbers};
use super::time::{are_times, is_kinetic, is_time};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct Gen5;

/// The key that begins each plate.
const START: &str = "Software Version";

impl Format for Gen5 {
    fn description(&self) -> Description<'_> {
        Description {
            name: "gen5",
            title: "Gen5",
            written_by: "Agilent BioTek Gen5 2 and 3, text and workbook (Synergy, Epoch, Cytation, ELx808)",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(|sheet| has_head(sheet) || has_results_alone(sheet)) {
            Ok(())
        } else {
            Err(format!(
                "there is no '{START}' in the first lines, and no plate whose rows end with the name of a data set"
            ))
        }
    }

    fn has_head(&self, sheet: &Sheet) -> bool {
        has_head(sheet)
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            let starts: Vec<usize> = (0..sheet.rows.len()).filter(|&row| sheet.text(row, 0) == START).collect();
            for (at, &start) in starts.iter().enumerate() {
                let end = starts.get(at + 1).copied().unwrap_or(sheet.rows.len());
                PlateSection { index, sheet, rows: start..end }.read(draft, None);
            }
            if starts.is_empty() && has_results_alone(sheet) {
                let name = sheet.name.as_deref().map(str::to_string);
                PlateSection { index, sheet, rows: 0..sheet.rows.len() }.read(draft, name);
            }
        }
    }
}

fn has_head(sheet: &Sheet) -> bool {
    (0..8).any(|row| sheet.text(row, 0) == START)
}

/// Whether results stand there without a header: a plate whose rows end with the name of a measured data set, or that stands under
/// `Results` or under that name; or a table that names the samples of wells.
fn has_results_alone(sheet: &Sheet) -> bool {
    let is_plate = |row: usize, corner: usize| {
        let Some(grid) = Grid::at(sheet, row, corner).filter(|_| sheet.text(row, corner).is_empty()) else {
            return false;
        };
        let label = |row: usize| sheet.text(row, grid.right());
        let first = label(row + 1);
        // Grids that are not regrouped stand under the name of their data set.
        let title = row.checked_sub(1).map(|row| sheet.text(row, 0)).unwrap_or_default();
        let is_results = title == "Results" || title == first;
        !first.is_empty()
            && label(row).is_empty()
            && grid.rows.iter().all(|&(_, row)| label(row) == first)
            && (is_results || !classify(&first, &[], Vec::new()).derived)
    };
    let is_table = |row: usize| WellTable::at(sheet, row, sheet.rows.len()).is_some_and(|table| table.names_samples());
    (0..sheet.rows.len()).any(|row| is_plate(row, 0) || is_plate(row, 1) || is_table(row))
}

/// All lines of one plate.
struct PlateSection<'a> {
    index: usize,
    sheet: &'a Sheet,
    rows: Range<usize>,
}

/// Lines of a grid, by the label at their right end.
type LabelledLines = Vec<(String, Vec<(WellPosition, CellIndex)>)>;

impl PlateSection<'_> {
    fn read(&self, draft: &mut Draft<'_>, name: Option<String>) {
        let mut plate = PlateDraft { name, at: (self.index, self.rows.start, 0), ..PlateDraft::default() };
        let mut steps = Vec::new();
        let mut row = self.rows.start;
        let mut title = String::new();
        while row < self.rows.end {
            if let Some(grid) = (0..2).find_map(|corner| self.grid(row, corner)) {
                let (lines, end) = self.lines(&grid);
                let over_time =
                    is_kinetic(&title) || is_time(&title) || are_times(lines.iter().map(|(label, _)| label));
                if over_time || lines.iter().any(|(label, _)| is_kinetic(label)) {
                    plate.size = plate.size.or_else(|| size_of(&lines));
                    self.not_read(draft, &mut steps, grid.header..end);
                } else {
                    self.block(draft, &mut plate, &steps, &title, grid.header..end, lines);
                }
                row = end;
                continue;
            }
            if let Some(wells) = WellsAcross::at(self.sheet, row, self.rows.end) {
                if wells.is_over_time {
                    self.not_read(draft, &mut steps, wells.rows.clone());
                } else {
                    wells.read(draft, self.index, self.sheet, &mut plate, &steps);
                }
                row = wells.rows.end;
                continue;
            }
            if let Some(table) = WellTable::at(self.sheet, row, self.rows.end) {
                if table.is_over_time() {
                    self.not_read(draft, &mut steps, table.rows.clone());
                } else {
                    table.read(draft, self.index, self.sheet, &mut plate, &steps);
                }
                row = table.rows.end;
                continue;
            }
            let key = self.title_or_key(row);
            match key.trim_end_matches(':') {
                "Plate Number" => plate.name = Some(self.sheet.text(row, 1)).filter(|name| !name.is_empty()),
                "Plate Barcode" | "Barcode" | "Plate ID" => {
                    plate.id = Some(self.sheet.text(row, 1)).filter(|id| !id.is_empty())
                }
                "Procedure Details" | "Procedure Summary" => {
                    let end = self.procedure_end(row);
                    steps = procedure(self.sheet, row..end, &mut plate.size);
                    draft.note(
                        self.index,
                        row..end,
                        "Procedure Details",
                        "plate size, modes and wavelengths of the reads",
                    );
                    row = end;
                    continue;
                }
                _ => {}
            }
            if let Some((kind, what, end)) = self.scan_table(row) {
                draft.note(
                    self.index,
                    row..end,
                    format!("{title}: table of {what}"),
                    "not an end-point read; not read",
                );
                plate.size = plate.size.or_else(|| self.size_of_wells(row));
                if steps.is_empty() {
                    steps.push(ReadStep {
                        label: String::new(),
                        mode: Mode::Unknown,
                        other: Some((kind, what)),
                        wavelengths: Vec::new(),
                    });
                }
                row = end;
                continue;
            }
            if !self.sheet.is_blank(row) {
                let is_name =
                    ["Plate Number", "Plate Barcode", "Barcode", "Plate ID"].contains(&key.trim_end_matches(':'));
                if is_name {
                    draft.note_setting(self.index, row)
                } else {
                    draft.note_key(self.index, row)
                }
                title = key;
            }
            row += 1;
        }
        self.close(draft, plate, &steps);
    }

    /// What stands in the first field; a title may stand in the second.
    fn title_or_key(&self, row: usize) -> String {
        let second_alone = || (2..self.sheet.rows[row].len()).all(|column| self.sheet.value(row, column).is_empty());
        match self.sheet.text(row, 0) {
            first if first.is_empty() && second_alone() => self.sheet.text(row, 1),
            first => first,
        }
    }

    /// Adds the plate; says what it is when it has no end-point read.
    fn close(&self, draft: &mut Draft<'_>, mut plate: PlateDraft, steps: &[ReadStep]) {
        let at = plate.at;
        if let Some((mode, (kind, what))) = steps.iter().find_map(|step| Some((step.mode, step.other?))) {
            plate.other = Some((kind, mode));
            draft.no_end_point(kind, at, what);
            // Grids such as Mean Max OD sum up a scan: alone they are no reads of the plate.
            if plate.reads.iter().all(|read| read.derived) {
                plate.reads.clear();
            }
        }
        draft.plates.push(plate);
    }

    /// A grid with its header in `row`. Its continuation lines have no letter.
    fn grid(&self, row: usize, corner: usize) -> Option<Grid> {
        let (first_column, columns) = column_numbers(self.sheet, row, corner + 1)?;
        self.sheet.text(row, corner).is_empty().then_some(Grid {
            header: row,
            corner,
            first_column,
            columns,
            rows: Vec::new(),
        })
    }

    /// Notes values over time.
    fn not_read(&self, draft: &mut Draft<'_>, steps: &mut Vec<ReadStep>, rows: Range<usize>) {
        draft.note(self.index, rows, "values over time", "not an end-point read: not read");
        let what = (ExportKind::Kinetic, "a kinetic read");
        if steps.iter().all(|step| step.other.is_none()) {
            steps.push(ReadStep {
                label: String::new(),
                mode: Mode::Unknown,
                other: Some(what),
                wavelengths: Vec::new(),
            });
        }
    }

    /// Reads the lines of the grid under `title`.
    fn block(
        &self,
        draft: &mut Draft<'_>,
        plate: &mut PlateDraft,
        steps: &[ReadStep],
        title: &str,
        rows: Range<usize>,
        lines: LabelledLines,
    ) {
        if title == "Layout" {
            samples(self.sheet, plate, &lines);
            draft.line_labels.extend(lines.into_iter().map(|(label, _)| label));
            draft.note(self.index, rows, "Layout", "sample names, concentrations and dilutions");
        } else {
            for (label, cells) in lines {
                let label = if label.is_empty() { title.to_string() } else { label };
                let read = classify(&label, steps, cells);
                draft.note(
                    self.index,
                    rows.clone(),
                    format!("{title}: {label}"),
                    if read.derived { "derived, kept beside" } else { "read" },
                );
                plate.reads.push(read);
            }
        }
    }

    /// The lines of a grid by label: the first line of a plate row has its letter, further ones have none.
    fn lines(&self, grid: &Grid) -> (LabelledLines, usize) {
        let mut grid = grid.clone();
        let mut lines: LabelledLines = Vec::new();
        let mut row = grid.header + 1;
        let mut letters: Option<usize> = None;
        while row < self.rows.end {
            let label = self.sheet.text(row, grid.right());
            if let Some(plate_row) = grid.plate_row(self.sheet, row) {
                grid.rows.push((plate_row, row));
                letters = Some(plate_row);
            } else if label.is_empty() || !self.sheet.text(row, grid.corner).is_empty() {
                break;
            }
            let Some(plate_row) = letters else { break };
            let cells = grid.row_cells(self.index, plate_row, row);
            match lines.iter_mut().find(|(known, _)| *known == label) {
                Some((_, known)) => known.extend(cells),
                None => lines.push((label, cells.collect())),
            }
            row += 1;
        }
        (lines, row)
    }

    fn procedure_end(&self, start: usize) -> usize {
        let ends = |row: usize| {
            let key = self.sheet.text(row, 0);
            // A key without a value is a step (`Well Mode`, `Eject plate on completion`), unless it is the title of the grid below.
            let is_title = || self.sheet.is_blank(row + 1) || (0..2).any(|corner| self.grid(row + 1, corner).is_some());
            let step = key.is_empty()
                || !self.sheet.text(row, 1).is_empty()
                || key.ends_with("completion")
                || matches!(key.as_str(), "End Kinetic" | "End Mode")
                || !is_title();
            row > start + 2 && self.sheet.is_blank(row) || !step
        };
        (start + 2..self.rows.end).find(|&row| ends(row)).unwrap_or(self.rows.end)
    }

    /// The smallest plate that holds the wells that a row names.
    fn size_of_wells(&self, row: usize) -> Option<PlateSize> {
        let wells: Vec<WellPosition> =
            (0..self.sheet.rows[row].len()).filter_map(|column| self.sheet.text(row, column).parse().ok()).collect();
        PlateSize::ALL.into_iter().find(|size| !wells.is_empty() && wells.iter().all(|&well| size.contains(well)))
    }

    /// A table over time, wavelength or place that begins in `row`: what it is, and where it ends.
    fn scan_table(&self, row: usize) -> Option<(ExportKind, &'static str, usize)> {
        let corner = usize::from(self.sheet.text(row, 0).is_empty());
        let second = self.sheet.text(row, corner + 1);
        let first_well =
            (corner + 1..corner + 3).any(|column| self.sheet.text(row, column).parse::<WellPosition>().is_ok());
        let (kind, what) = match self.sheet.text(row, corner).as_str() {
            "Time" if second.starts_with('T') || first_well => (ExportKind::Kinetic, "a kinetic read"),
            "Wavelength" if first_well => (ExportKind::Spectrum, "a spectrum"),
            "X Read #" => (ExportKind::AreaScan, "an area scan"),
            _ => return None,
        };
        let end = (row + 1..self.rows.end).find(|&row| self.sheet.is_blank(row)).unwrap_or(self.rows.end);
        Some((kind, what, end))
    }
}

/// The smallest plate that holds the wells of some lines.
fn size_of(lines: &LabelledLines) -> Option<PlateSize> {
    let holds_all = |size: &PlateSize| lines.iter().flat_map(|(_, cells)| cells).all(|&(well, _)| size.contains(well));
    PlateSize::ALL.into_iter().find(holds_all)
}

/// The layout: `Well ID` names the sample, `Conc/Dil` is the concentration of a standard and the dilution of a sample.
fn samples(sheet: &Sheet, plate: &mut PlateDraft, lines: &LabelledLines) {
    let line = |label: &str| {
        lines.iter().find(|(known, _)| known == label).map(|(_, cells)| cells.as_slice()).unwrap_or_default()
    };
    for &(well, at) in line("Well ID") {
        let id = sheet.text(at.1, at.2);
        if !id.is_empty() {
            plate
                .samples
                .insert(well, SampleDraft { role: role_of(&id), name: Some(id), at, ..SampleDraft::default() });
        }
    }
    for &(well, at) in line("Conc/Dil") {
        let value = Some(sheet.text(at.1, at.2)).filter(|value| !value.is_empty());
        if let Some(sample) = plate.samples.get_mut(&well) {
            if sample.role == Some("standard") { sample.concentration = value } else { sample.dilution = value }
        }
    }
    for &(well, at) in line("Name") {
        if let Some(sample) = plate.samples.get_mut(&well) {
            sample.group = Some(sheet.text(at.1, at.2)).filter(|name| !name.is_empty());
        }
    }
}
