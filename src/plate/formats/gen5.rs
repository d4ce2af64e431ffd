//! Agilent BioTek Gen5: the text export and the workbook, which holds the same lines one column further to the right.

use std::ops::Range;

use super::draft::{At, Draft, PlateDraft, ReadDraft, SampleDraft};
use super::grid::{Grid, column_numbers};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct Gen5;

/// The key that begins each plate.
const START: &str = "Software Version";

impl Format for Gen5 {
    fn description(&self) -> Description {
        Description {
            name: "gen5",
            title: "Gen5",
            written_by: "Agilent BioTek Gen5 2 and 3, text and workbook (Synergy, Epoch, Cytation, ELx808)",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(|sheet| (0..8).any(|row| sheet.text(row, 0) == START)) {
            Ok(())
        } else {
            Err(format!("there is no '{START}' in the first lines"))
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            let starts: Vec<usize> = (0..sheet.rows.len()).filter(|&row| sheet.text(row, 0) == START).collect();
            for (at, &start) in starts.iter().enumerate() {
                let end = starts.get(at + 1).copied().unwrap_or(sheet.rows.len());
                Section { index, sheet, rows: start..end }.read(draft);
            }
        }
    }
}

/// All lines of one plate.
struct Section<'a> {
    index: usize,
    sheet: &'a Sheet,
    rows: Range<usize>,
}

/// One `Read` of the procedure.
struct Step {
    label: String,
    mode: Mode,
    /// Why it is no end-point read.
    other: Option<(ExportKind, &'static str)>,
    /// Wavelengths of absorbance, emission of the filters of luminescence; empty for others.
    wavelengths: Vec<f64>,
}

/// Lines of a grid, by the label at their right end.
type Labelled = Vec<(String, Vec<(WellPosition, At)>)>;

impl Section<'_> {
    fn read(&self, draft: &mut Draft<'_>) {
        let mut plate = PlateDraft { at: (self.index, self.rows.start, 0), ..PlateDraft::default() };
        let mut steps = Vec::new();
        let mut row = self.rows.start;
        let mut title = String::new();
        while row < self.rows.end {
            if let Some(grid) = (0..2).find_map(|corner| self.grid(row, corner)) {
                row = self.block(draft, &mut plate, &steps, &title, &grid);
                continue;
            }
            let key = self.sheet.text(row, 0);
            match key.trim_end_matches(':') {
                "Plate Number" => plate.name = Some(self.sheet.text(row, 1)).filter(|name| !name.is_empty()),
                "Plate Barcode" | "Barcode" | "Plate ID" => {
                    plate.id = Some(self.sheet.text(row, 1)).filter(|id| !id.is_empty())
                }
                "Procedure Details" => {
                    let end = self.procedure_end(row);
                    steps = self.procedure(row..end, &mut plate.size);
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
                    steps.push(Step {
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

    /// Adds the plate; says what it is when it has no end-point read.
    fn close(&self, draft: &mut Draft<'_>, mut plate: PlateDraft, steps: &[Step]) {
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

    /// Reads the grid under `title`; answers with the row after it.
    fn block(&self, draft: &mut Draft<'_>, plate: &mut PlateDraft, steps: &[Step], title: &str, grid: &Grid) -> usize {
        let (lines, end) = self.lines(grid);
        if title == "Layout" {
            samples(self.sheet, plate, &lines);
            draft.line_labels.extend(lines.into_iter().map(|(label, _)| label));
            draft.note(self.index, grid.header..end, "Layout", "sample names, concentrations and dilutions");
        } else {
            for (label, cells) in lines {
                let label = if label.is_empty() { title.to_string() } else { label };
                let read = classify(&label, steps, cells);
                draft.note(
                    self.index,
                    grid.header..end,
                    format!("{title}: {label}"),
                    if read.derived { "derived, kept beside" } else { "read" },
                );
                plate.reads.push(read);
            }
        }
        end
    }

    /// The lines of a grid by label: the first line of a plate row has its letter, further ones have none.
    fn lines(&self, grid: &Grid) -> (Labelled, usize) {
        let mut grid = grid.clone();
        let mut lines: Labelled = Vec::new();
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

    fn procedure(&self, rows: Range<usize>, size: &mut Option<PlateSize>) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut kinetic = false;
        for row in rows {
            let (key, value) = (self.sheet.text(row, 0), self.sheet.text(row, 1));
            match key.as_str() {
                "Plate Type" => *size = plate_type(&value).or(*size),
                "Start Kinetic" => kinetic = true,
                "End Kinetic" => kinetic = false,
                "Read" => {
                    let (mode, other) = detection(&value).unwrap_or((Mode::Unknown, None));
                    let label = if detection(&value).is_some() { String::new() } else { value.clone() };
                    let other = if kinetic { Some((ExportKind::Kinetic, "a kinetic read")) } else { other };
                    steps.push(Step { label, mode, other, wavelengths: Vec::new() });
                }
                _ => {}
            }
            let Some(step) = steps.last_mut().filter(|_| key.is_empty()) else { continue };
            if let Some((mode, other)) = detection(&value).filter(|_| step.mode == Mode::Unknown) {
                step.mode = mode;
                step.other = step.other.or(other);
            } else if let Some(list) = value.strip_prefix("Wavelengths:") {
                step.wavelengths.extend(list.split(',').filter_map(|nm| nm.trim().parse::<f64>().ok()));
            } else if let Some(emission) = value.strip_prefix("Emission:").filter(|_| step.mode == Mode::Luminescence) {
                // `460/40` is a filter with its bandwidth; `Full light` and `Hole` are none.
                step.wavelengths.extend(emission.split('/').next().and_then(|nm| nm.trim().parse::<f64>().ok()));
            } else if let Some(list) = value.strip_prefix("Pathlength Correction:") {
                step.wavelengths.extend(list.split('/').filter_map(|nm| nm.trim().parse::<f64>().ok()));
            }
        }
        steps
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

/// `96 WELL PLATE (Use plate lid)`, `Eppendorf 24-well 0030722…`, `Nunc 384 flat bottom`.
fn plate_type(text: &str) -> Option<PlateSize> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).find_map(PlateSize::with_wells)
}

/// `Absorbance Endpoint` and its kin; `None` for a step's label.
fn detection(text: &str) -> Option<(Mode, Option<(ExportKind, &'static str)>)> {
    let (mode, rest) = [
        ("Absorbance ", Mode::Absorbance),
        ("Fluorescence Polarization ", Mode::Fluorescence),
        ("Time Resolved Fluorescence ", Mode::Fluorescence),
        ("Fluorescence ", Mode::Fluorescence),
        ("Luminescence ", Mode::Luminescence),
        ("Alpha ", Mode::Alpha),
    ]
    .into_iter()
    .find_map(|(word, mode)| text.strip_prefix(word).map(|rest| (mode, rest)))?;
    let other = match rest {
        "Endpoint" => None,
        "Kinetic" => Some((ExportKind::Kinetic, "a kinetic read")),
        "Spectrum" => Some((ExportKind::Spectrum, "a spectrum")),
        "Area Scan" => Some((ExportKind::AreaScan, "an area scan")),
        _ => return None,
    };
    Some((mode, other))
}

/// A data set as a read. Gen5 names raw data sets after the step and the wavelength; every other name is computed.
fn classify(label: &str, steps: &[Step], cells: Vec<(WellPosition, At)>) -> ReadDraft {
    let steps_of_data = || steps.iter().filter(|step| step.other.is_none());
    for step in steps_of_data() {
        let prefix = if step.label.is_empty() { String::new() } else { format!("{}:", step.label) };
        if let Some(rest) = label.strip_prefix(&prefix)
            && let Some((wavelength, excitation)) = raw_name(rest, step.mode)
            && (step.wavelengths.is_empty() || wavelength.is_none_or(|nm| step.wavelengths.contains(&nm)))
        {
            return ReadDraft::raw(step.mode, label, cells).at(wavelength).excited_at(excitation);
        }
    }
    if steps.is_empty() {
        // The export has no procedure: the name alone tells.
        for mode in [Mode::Absorbance, Mode::Fluorescence, Mode::Luminescence, Mode::Alpha] {
            let rest = label.rsplit(':').next().unwrap_or(label);
            if !label.starts_with("Blank ")
                && let Some((wavelength, excitation)) = raw_name(rest, mode)
            {
                return ReadDraft::raw(mode, label, cells).at(wavelength).excited_at(excitation);
            }
        }
    }
    ReadDraft::derived(steps.first().map_or(Mode::Unknown, |step| step.mode), label, cells)
}

/// Emission (or measured) and excitation wavelength, if `name` is one that Gen5 gives to a raw data set of that mode.
fn raw_name(name: &str, mode: Mode) -> Option<(Option<f64>, Option<f64>)> {
    let name = name.split(" [").next().unwrap_or(name);
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|nm| (1.0..2000.0).contains(nm));
    // A filter is written as its centre and its bandwidth.
    let filter = |text: &str| match text.split_once('/') {
        Some((centre, bandwidth)) => number(bandwidth).and(number(centre)),
        None => number(text),
    };
    match mode {
        Mode::Absorbance => number(name).map(|nm| (Some(nm), None)),
        Mode::Fluorescence => {
            let (excitation, emission) = name.split_once(',')?;
            Some((Some(filter(emission)?), Some(filter(excitation)?)))
        }
        Mode::Luminescence if name == "Lum" => Some((None, None)),
        Mode::Luminescence => filter(name).map(|nm| (Some(nm), None)),
        Mode::Alpha => (name == "Alpha").then_some((None, None)),
        Mode::Unknown => None,
    }
}

/// The layout: `Well ID` names the sample, `Conc/Dil` is the concentration of a standard and the dilution of a sample.
fn samples(sheet: &Sheet, plate: &mut PlateDraft, lines: &Labelled) {
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

/// The role that Gen5's own codes stand for.
fn role_of(id: &str) -> Option<&'static str> {
    let code: String = id.chars().take_while(char::is_ascii_alphabetic).collect();
    match code.as_str() {
        "STD" => Some("standard"),
        "SPL" => Some("sample"),
        "BLK" => Some("blank"),
        "CTL" | "POS" | "NEG" | "POSCON" | "NEGCON" | "PC" | "NC" => Some("control"),
        _ => None,
    }
}
