//! Promega GloMax (Multi+, Discover, Explorer, Navigator): csv of a protocol, a grid per read, and grids of results; csv of wells;
//! workbook of steps.
//!
//! Written from a published script that splits the csv of GloMax Multi+: lines `Protocol …`, `Step …`, `Notes …`, then for each read
//! a line `,Read 1 …` with its grid (row letters may be followed by a colon), then `Results`, which the program computes. The workbook of
//! the Navigator has one sheet of what was run and one of results: steps, their settings, and a plate for each reading.

use std::collections::BTreeSet;

use super::draft::{Draft, PlateDraft, ReadDraft};
use super::glomax_list::WellList;
use super::grid::{Grid, find};
use super::title::Title;
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::sheet::{Book, Sheet, Value};

/// The format.
pub(super) struct GloMax;

impl Format for GloMax {
    fn description(&self) -> Description<'_> {
        Description {
            name: "glomax",
            title: "GloMax",
            written_by: "Promega GloMax Multi+, csv of reads and results; Discover and Explorer, csv with one line per well; Navigator, workbook",
            general: false,
            provisional: true,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let is_workbook = names_instrument(book) && book.sheets.iter().any(is_results);
        if is_workbook || book.sheets.iter().any(|sheet| is_text(sheet) || WellList::of(sheet).is_some()) {
            Ok(())
        } else {
            Err("there is no line 'Protocol' with a grid under a title 'Read …', no 'Instrument: GloMax' with results, and no column \
                 'WellPosition' of wells such as A:1 with 'RLU', 'OpticalDensity' or 'CalculatedFlux' beside it"
                .to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let is_workbook = names_instrument(draft.book);
        for (index, sheet) in draft.sheets() {
            if is_text(sheet) {
                text(draft, index, sheet);
            } else if let Some(list) = WellList::of(sheet) {
                list.read(draft, index, sheet);
            } else if is_workbook && is_results(sheet) {
                results(draft, index, sheet);
            } else if names_instrument_in(sheet) {
                (0..sheet.rows.len()).filter(|&row| !sheet.is_blank(row)).for_each(|row| draft.note_key(index, row));
            }
        }
    }
}

/// A text of a protocol and its reads.
fn is_text(sheet: &Sheet) -> bool {
    let is_protocol = |text: String| matches!(text.trim_end_matches(':'), "Protocol" | "Protocol Name");
    (0..sheet.rows.len()).any(|row| is_protocol(sheet.text(row, 0)))
        && find(sheet).iter().any(|grid| is_read(&title(sheet, grid).1))
}

fn text(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    let grids = find(sheet);
    let mut plate = PlateDraft::default();
    // What the lines above the grid say is measured, and how far they are read.
    let (mut above, mut end) = (BTreeSet::new(), 0);
    for grid in &grids {
        let (row, title) = title(sheet, grid);
        let said = Title::of(&title);
        above.extend(modes(&sheet.rows[end..row.max(end)]));
        end = row.max(end);
        let protocol = if above.len() == 1 { above.first().map(|&at| MODES[at].1) } else { None };
        let mode = if said.mode == Mode::Unknown { protocol.unwrap_or(Mode::Unknown) } else { said.mode };
        let read = if is_read(&title) {
            ReadDraft::raw(mode, title.as_str(), grid.cells(index)).at(said.wavelength_nm)
        } else {
            ReadDraft::derived(mode, title.as_str(), grid.cells(index))
        };
        let made = if read.derived { "derived, kept beside" } else { "read" };
        draft.note(index, row..grid.end(), title, made);
        plate.size = plate.size.or(grid.size());
        if plate.reads.is_empty() {
            plate.at = (index, row, 0);
        }
        plate.reads.push(read);
    }
    if !grids.is_empty() {
        draft.plates.push(plate);
    }
}

/// Whether a sheet of the workbook says that a GloMax measured: `Instrument: | GloMax® Navigator`.
fn names_instrument(book: &Book) -> bool {
    book.sheets.iter().any(names_instrument_in)
}

fn names_instrument_in(sheet: &Sheet) -> bool {
    sheet.rows.iter().take(40).any(|cells| {
        let texts: Vec<String> = cells.iter().map(Value::text).filter(|text| !text.is_empty()).collect();
        let is_key = texts.first().is_some_and(|key| key.starts_with("Instrument"));
        is_key && texts.iter().any(|text| text.contains("GloMax"))
    })
}

/// A sheet of results of the workbook: `Protocol: …`, then the steps in the first column, their settings in the second, plates at the
/// right. A sheet of the user's has no step above its plates.
fn is_results(sheet: &Sheet) -> bool {
    let grids = find(sheet);
    let named = |row: usize| (0..sheet.rows[row].len()).any(|column| sheet.text(row, column).starts_with("Protocol"));
    let first = grids.first().map_or(0, |grid| grid.header);
    !grids.is_empty() && (0..first).any(named) && (0..first).any(|row| step_mode(&sheet.text(row, 0)).is_some())
}

/// The light that a step in the first column measures.
fn step_mode(step: &str) -> Option<Mode> {
    let step = step.to_lowercase();
    MODES.into_iter().find(|(word, _)| step.starts_with(word)).map(|(_, mode)| mode)
}

/// What the lines above a plate of the workbook say of it.
#[derive(Clone, Default)]
struct PlateHeader {
    step: String,
    mode: Option<Mode>,
    injector: Option<String>,
    wavelength_nm: Option<f64>,
    excitation_nm: Option<f64>,
    reading: Option<String>,
    /// Which step of the file it is, from 1.
    number: usize,
}

/// The plates of the workbook. Each step that measures has readings, from 1; a step with several has measured over time.
fn results(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    let grids = find(sheet);
    let (mut above, mut plates, mut row) = (PlateHeader::default(), Vec::new(), 0);
    for grid in &grids {
        for row in row..=grid.header {
            above.take(sheet, row);
            if row < grid.header && !sheet.is_blank(row) {
                draft.note_key(index, row);
            }
        }
        plates.push((grid, above.clone()));
        row = row.max(grid.end());
    }
    let readings = |number: usize| plates.iter().filter(|(_, above)| above.number == number).count();
    let name = sheet.name.as_ref().map(ToString::to_string).filter(|name| name != "Results");
    let mut plate =
        PlateDraft { name, at: (index, grids.first().map_or(0, |grid| grid.header), 0), ..PlateDraft::default() };
    for (grid, above) in &plates {
        let rows = grid.header..grid.end();
        let mode = above.mode.unwrap_or(Mode::Unknown);
        plate.size = plate.size.or(grid.size());
        if readings(above.number) > 1 {
            draft.note(index, rows, above.label(), "not an end-point read: not read");
            if plate.other.replace((ExportKind::Kinetic, mode)).is_none() {
                draft.no_end_point(ExportKind::Kinetic, (index, grid.header, grid.corner), "a kinetic read");
            }
            continue;
        }
        let read = ReadDraft::raw(mode, above.label(), grid.cells(index));
        draft.note(index, rows, read.label.clone(), "read");
        plate.reads.push(read.at(above.wavelength_nm).excited_at(above.excitation_nm));
    }
    draft.plates.push(plate);
}

impl PlateHeader {
    /// Takes what a row says.
    fn take(&mut self, sheet: &Sheet, row: usize) {
        let step = sheet.text(row, 0);
        if let Some(mode) = step_mode(&step) {
            let (number, injector) = (self.number + 1, self.injector.take());
            *self = Self { step, mode: Some(mode), injector, number, ..Self::default() };
        }
        let value =
            || (2..sheet.rows[row].len().min(6)).map(|column| sheet.text(row, column)).find(|text| !text.is_empty());
        let key = sheet.text(row, 1).to_lowercase();
        let nm = || value()?.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 3)?.parse::<f64>().ok();
        match () {
            () if key.starts_with("injector") => self.injector = value(),
            () if key.starts_with("reading") => self.reading = value(),
            () if key.starts_with("excitation") => self.excitation_nm = nm(),
            () if ["emission", "wavelength", "filter"].iter().any(|start| key.starts_with(start)) => {
                self.wavelength_nm = nm();
            }
            () => {}
        }
    }

    /// `Luminescence read 2 (injector 2)`: the light, which step of the file, and what was injected before.
    fn label(&self) -> String {
        let light = self.step.split(',').next().unwrap_or_default().trim();
        let injector = self.injector.as_ref().map(|number| format!(" (injector {number})")).unwrap_or_default();
        let reading =
            self.reading.as_ref().filter(|reading| *reading != "1").map(|reading| format!(", reading {reading}"));
        format!("{light} read {}{injector}{}", self.number, reading.unwrap_or_default())
    }
}

/// The nearest line above a grid that begins with `Results`, or behind an empty field with `Read 1`; with its row.
fn title(sheet: &Sheet, grid: &Grid) -> (usize, String) {
    let first = |row: usize| if sheet.text(row, 0).is_empty() { sheet.text(row, 1) } else { sheet.text(row, 0) };
    let is_title =
        |row: usize| sheet.text(row, 0).is_empty() && is_read(&first(row)) || first(row).starts_with("Results");
    let near = grid.header.saturating_sub(12)..grid.header;
    near.rev()
        .find(|&row| is_title(row))
        .map_or((grid.header, "grid without a title".to_string()), |row| (row, first(row)))
}

/// `Read 1`, and what follows.
fn is_read(title: &str) -> bool {
    title.strip_prefix("Read ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Kinds of light that a protocol may name.
const MODES: [(&str, Mode); 3] =
    [("absorbance", Mode::Absorbance), ("luminescence", Mode::Luminescence), ("fluorescence", Mode::Fluorescence)];

/// Which of [`MODES`] the lines of a protocol name.
fn modes(rows: &[Vec<Value>]) -> impl Iterator<Item = usize> {
    let is_step = |text: &String| ["Protocol", "Step", "Read"].iter().any(|key| text.starts_with(key));
    rows.iter().flatten().map(Value::text).filter(is_step).flat_map(|text| {
        let text = text.to_lowercase();
        (0..MODES.len()).filter(move |&at| text.contains(MODES[at].0))
    })
}
