//! Tecan Magellan: the column list with a footer of settings, and the sheet that is nothing but `<>` grids.

use super::draft::{COLUMN_NOT_USED, Draft, PlateDraft, ReadDraft, SampleDraft};
use super::grid::{Grid, find};
use super::time::are_times;
use super::title::Title;
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::WellPosition;
use crate::sheet::{Book, Code, Problem, Sheet};

/// The format.
pub(super) struct TecanMagellan;

/// The column of the wells.
const WELLS: &str = "Well positions";

/// A line of the footer that Magellan writes below every list.
const MEASURED: &str = "Date of measurement:";

impl Format for TecanMagellan {
    fn description(&self) -> Description<'_> {
        Description {
            name: "tecan-magellan",
            title: "Tecan Magellan",
            written_by: "Tecan Magellan, column list with or without names, and matrix (Sunrise, Ultra, Infinite); the short footer of 7.5 is provisional",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(|sheet| ListExtent::find(sheet).is_some() || is_matrix(sheet)) {
            Ok(())
        } else {
            Err(format!(
                "its first row has neither the column '{WELLS}' nor the corner '<>', and it is no list of wells and readings above a line '{MEASURED}'"
            ))
        }
    }

    fn has_head(&self, sheet: &Sheet) -> bool {
        ListExtent::find(sheet).is_some()
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            match ListExtent::find(sheet) {
                Some(wells) if wells.is_over_time() => {
                    draft.note(index, sheet.first_row()..wells.end, "column list of several times", "not read");
                    draft.no_end_point(ExportKind::Kinetic, (index, sheet.first_row(), 0), "a kinetic read");
                }
                Some(wells) => list(draft, index, sheet, &wells),
                None if is_matrix(sheet) => matrices(draft, index, sheet),
                None => {} // Somebody's own sheet: it is named.
            }
        }
    }
}

/// Whether a sheet begins with the corner of Magellan's matrices.
fn is_matrix(sheet: &Sheet) -> bool {
    sheet.text(sheet.first_row(), 0) == "<>"
}

/// Where the wells of a list stand.
struct ListExtent {
    column: usize,
    first: usize,
    end: usize,
    /// The names of the columns; the list may be written without.
    names: Option<Vec<String>>,
}

impl ListExtent {
    /// The list of a sheet, if it is one.
    fn find(sheet: &Sheet) -> Option<Self> {
        let head = sheet.first_row();
        let names: Vec<String> = (0..sheet.rows.get(head)?.len()).map(|column| sheet.text(head, column)).collect();
        if let Some(column) = names.iter().position(|name| name == WELLS) {
            let well = |row: usize| sheet.text(row, column).parse::<WellPosition>();
            let first = (head + 1..sheet.rows.len()).find(|&row| well(row).is_ok()).unwrap_or(sheet.rows.len());
            let end = (first..sheet.rows.len()).find(|&row| well(row).is_err()).unwrap_or(sheet.rows.len());
            return Some(Self { column, first, end, names: Some(names) });
        }
        Self::without_names(sheet, head, names.len())
    }

    /// A list without names of columns: the wells, one column of numbers and at most names of samples, down to the footer.
    fn without_names(sheet: &Sheet, first: usize, columns: usize) -> Option<Self> {
        let footer = (first..sheet.rows.len()).find(|&row| sheet.text(row, 0).starts_with(MEASURED))?;
        let end = footer - (first..footer).rev().take_while(|&row| sheet.is_blank(row)).count();
        let is_well = |column: usize| (first..end).all(|row| sheet.text(row, column).parse::<WellPosition>().is_ok());
        let wells: Vec<usize> = (0..columns).filter(|&column| is_well(column)).collect();
        let [column] = wells[..] else { return None };
        let list = Self { column, first, end, names: None };
        (first < end && list.numbers(sheet).len() == 1).then_some(list)
    }

    /// Whether its columns are points of time.
    fn is_over_time(&self) -> bool {
        self.names.as_ref().is_some_and(|names| are_times(names.iter()))
    }

    /// The columns in which numbers stand.
    fn numbers(&self, sheet: &Sheet) -> Vec<usize> {
        let has = |column: usize| (self.first..self.end).any(|row| sheet.text(row, column).parse::<f64>().is_ok());
        let widest = (self.first..self.end).map(|row| sheet.rows[row].len()).max().unwrap_or(0);
        (0..widest).filter(|&column| has(column)).collect()
    }

    /// A column, well by well.
    fn cells(&self, index: usize, sheet: &Sheet, column: usize) -> Vec<(WellPosition, (usize, usize, usize))> {
        let well = |row: usize| sheet.text(row, self.column).parse().ok();
        (self.first..self.end).filter_map(|row| Some((well(row)?, (index, row, column)))).collect()
    }
}

/// Grids without any settings: numbers are the read, names are the user's layout.
fn matrices(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    let grids = find(sheet);
    let above = |grid: &Grid| grid.header.checked_sub(1).map(|row| sheet.text(row, 0)).unwrap_or_default();
    if let (true, Some(first)) = (are_times(grids.iter().map(above).collect::<Vec<_>>().iter()), grids.first()) {
        draft.note(index, 0..sheet.rows.len(), "<> grids of several times", "not read");
        draft.no_end_point(ExportKind::Kinetic, (index, first.header, 0), "a kinetic read");
        return;
    }
    for grid in grids {
        let rows = grid.header..grid.end();
        if grid.census(sheet).is_names() {
            layout(draft, index, sheet, &grid);
            draft.note(index, rows, "<> grid of names", "the user's layout: names of the wells");
        } else if is_computed(sheet) || grid.is_regular(sheet) {
            draft.note(index, rows, "<> grid", "not what was measured, by the sheet's name or its numbers: not used");
            let found = "the numbers of the sheet are no readings, by its name or their order";
            draft.warnings.push(
                Problem::new(Code::new("sheet-without-readings"), sheet.whole(), found).advice("They are not read"),
            );
        } else {
            draft.note(index, rows, "<> grid", "read");
            draft.plates.push(PlateDraft {
                name: sheet.name.as_ref().map(ToString::to_string),
                size: grid.size(),
                reads: vec![ReadDraft { unit: None, ..ReadDraft::raw(Mode::Unknown, "", grid.cells(index)) }],
                at: (index, grid.header, grid.corner),
                ..PlateDraft::default()
            });
        }
    }
}

/// Names go to the plate before the layout; its words may be anything, so no role is read from them.
fn layout(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, grid: &Grid) {
    let Some(plate) = draft.plates.last_mut() else { return };
    for (well, at) in grid.cells(index) {
        let name = sheet.text(at.1, at.2);
        if !name.is_empty() {
            plate.samples.insert(well, SampleDraft { name: Some(name), at, ..SampleDraft::default() });
        }
    }
}

/// The keys of the footer that are looked at.
const SETTINGS: [&str; 7] = [
    "Label",
    "Measurement mode",
    "Measurement wavelength",
    "Emission wavelength",
    "Excitation wavelength",
    "Reference wavelength",
    "Unit",
];

/// The key of the footer, as it is written here; the versions write it in either case.
fn setting(key: &str) -> Option<&'static str> {
    SETTINGS.into_iter().find(|known| known.eq_ignore_ascii_case(key.trim()))
}

/// Settings of one measurement, from the footer.
#[derive(Default)]
struct MeasurementSettings {
    mode: Option<Mode>,
    wavelength_nm: Option<f64>,
    reference_nm: Option<f64>,
    excitation_nm: Option<f64>,
    unit: Option<String>,
    /// The name of its column, in the footer of version 7.5.
    label: Option<String>,
    /// Whether the footer numbers it (`Measurement 1:`), as it does the columns (`Label1`).
    is_numbered: bool,
}

impl MeasurementSettings {
    /// Whether it is plain which column shows its wavelength: by its number or its label, or because the column is the difference to a
    /// reference, which is measured once.
    fn says_which(&self) -> bool {
        self.is_numbered || self.label.is_some() || self.reference_nm.is_some()
    }
}

/// One row per well, columns in any order, units below their names, settings below the wells.
fn list(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, wells: &ListExtent) {
    let head = sheet.first_row();
    if wells.first == wells.end {
        return;
    }
    draft.note(index, head..wells.end, "column list", "one row per well");
    let mut measurements = footer(draft, index, sheet, wells.end);
    let names = wells.names.clone().unwrap_or_default();
    // A label that is no column's name is the user's word for the measurement.
    for measurement in &mut measurements {
        measurement.label = measurement.label.take().filter(|label| names.contains(label));
    }
    let mut plate = PlateDraft { at: (index, head, 0), ..PlateDraft::default() };
    if wells.names.is_none() {
        nameless(draft, index, sheet, wells, &mut plate, measurements.first());
    }
    for (column, name) in names.iter().enumerate().filter(|&(column, name)| column != wells.column && !name.is_empty())
    {
        let cells = wells.cells(index, sheet, column);
        let number = name.strip_prefix("Label").and_then(|digits| digits.parse::<usize>().ok());
        let labelled = measurements.iter().find(|measurement| measurement.label.as_ref() == Some(name));
        if labelled.is_some() || number.is_some() || name == "Raw data" {
            let numbered = measurements.get(number.unwrap_or(1).saturating_sub(1));
            let settings = labelled.or(numbered.filter(|measurement| measurement.label.is_none()));
            plate.reads.push(read_of(name, settings, cells));
        } else if name == "Plate" {
            plate.id = cells.iter().map(|&(_, at)| sheet.text(at.1, at.2)).find(|id| !id.is_empty());
        } else if cells.iter().any(|&(_, at)| !sheet.text(at.1, at.2).is_empty()) {
            draft.warnings.push(Problem::new(
                COLUMN_NOT_USED,
                sheet.location(head, column),
                format!("the column '{name}' is not used"),
            ));
        }
    }
    if let [only] = &measurements[..]
        && let (Some(nm), false) = (only.wavelength_nm, only.says_which())
    {
        let found = format!("the settings below the wells say {nm} nm, and do not say for which column");
        let advice = match &mut plate.reads[..] {
            [read] => {
                read.stated_nm = Some(nm);
                format!(
                    "There is one column of readings: a study may ask for it by read = {nm}, and by no other wavelength"
                )
            }
            _ => "Which column that is, is left open: export the measurements one by one".to_string(),
        };
        draft.warnings.push(
            Problem::new(Code::new("wells-of-several-plates"), sheet.location(head, wells.column), found)
                .advice(advice),
        );
    }
    plate.name.clone_from(&plate.id);
    draft.plates.push(plate);
}

/// A list without names of columns: the numbers are the read, the first words the names of the wells, from which no role is read.
fn nameless(
    draft: &mut Draft<'_>,
    index: usize,
    sheet: &Sheet,
    wells: &ListExtent,
    plate: &mut PlateDraft,
    settings: Option<&MeasurementSettings>,
) {
    let numbers = wells.numbers(sheet);
    for &column in &numbers {
        plate.reads.push(read_of("", settings, wells.cells(index, sheet, column)));
    }
    let widest = sheet.rows[wells.first].len();
    let words = (0..widest).filter(|column| *column != wells.column && !numbers.contains(column));
    let mut has_names = false;
    for column in words {
        let cells = wells.cells(index, sheet, column);
        let mut said = cells.into_iter().filter(|&(_, at)| !sheet.text(at.1, at.2).is_empty()).peekable();
        if said.peek().is_none() {
            continue;
        }
        if has_names {
            let at = sheet.location(wells.first, column);
            draft.warnings.push(Problem::new(
                Code::new("column-without-name"),
                at,
                format!("column {} is not used: it has no name", column + 1),
            ));
            continue;
        }
        has_names = true;
        for (well, at) in said {
            let name = Some(sheet.text(at.1, at.2));
            plate.samples.insert(well, SampleDraft { name, at, ..SampleDraft::default() });
        }
    }
}

/// A column as a read. Settings that stand below the wells without a number hold for the file: mode and unit are the column's
/// too, but which wavelength a column shows is said by its number (`Label2` is `Measurement 2`).
fn read_of(
    name: &str,
    settings: Option<&MeasurementSettings>,
    cells: Vec<(WellPosition, (usize, usize, usize))>,
) -> ReadDraft {
    let Some(settings) = settings else { return ReadDraft::raw(Mode::Unknown, name, cells) };
    let mut read = ReadDraft::raw(settings.mode.unwrap_or(Mode::Unknown), name, cells)
        .at(settings.wavelength_nm.filter(|_| settings.says_which()))
        .excited_at(settings.excitation_nm);
    read.reference_nm = settings.reference_nm;
    read.unit = settings.unit.clone().or(read.unit);
    read
}

fn mode_of(text: &str) -> Option<Mode> {
    let modes =
        [("Absorbance", Mode::Absorbance), ("Fluorescence", Mode::Fluorescence), ("Luminescence", Mode::Luminescence)];
    modes.into_iter().find(|(word, _)| text.starts_with(word)).map(|(_, mode)| mode)
}

/// The settings in the first column below the wells, per measurement.
fn footer(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, start: usize) -> Vec<MeasurementSettings> {
    let mut measurements: Vec<MeasurementSettings> = Vec::new();
    for row in start..sheet.rows.len() {
        let text = sheet.text(row, 0);
        if text.is_empty() {
            continue;
        }
        let is_setting =
            mode_of(&text).is_some() || text.split_once(':').is_some_and(|(key, _)| setting(key).is_some());
        if is_setting {
            draft.note_setting(index, row)
        } else {
            draft.note_key(index, row)
        }
        // The short footer names the mode alone.
        let line = if mode_of(&text).is_some() && !text.contains(':') {
            ("Measurement mode", text.as_str())
        } else {
            text.split_once(':').unwrap_or_default()
        };
        let (key, value) = (line.0.trim(), line.1.trim());
        if key.strip_prefix("Measurement ").is_some_and(|number| number.parse::<usize>().is_ok()) {
            measurements.push(MeasurementSettings { is_numbered: true, ..MeasurementSettings::default() });
            continue;
        }
        let nm = || value.trim_end_matches(']').trim_end_matches("nm").trim_end_matches('[').trim().parse::<f64>().ok();
        let Some(key) = setting(key) else { continue };
        let is_next = measurements.last().is_some_and(|last| match key {
            "Measurement mode" => last.mode.is_some(),
            "Label" => last.label.is_some(),
            _ => false,
        });
        if measurements.is_empty() || is_next {
            measurements.push(MeasurementSettings::default());
        }
        let Some(last) = measurements.last_mut() else { continue };
        match key {
            "Measurement mode" => last.mode = Some(mode_of(value).unwrap_or(Mode::Unknown)),
            "Measurement wavelength" | "Emission wavelength" => last.wavelength_nm = nm(),
            "Reference wavelength" => last.reference_nm = nm(),
            "Excitation wavelength" => last.excitation_nm = nm(),
            "Unit" => last.unit = Some(value.to_string()),
            "Label" => last.label = Some(value.to_string()),
            _ => {}
        }
    }
    measurements
}

/// Whether the sheet's name says that somebody computed its numbers, or that they are no readings: Magellan writes the grids alone.
fn is_computed(sheet: &Sheet) -> bool {
    sheet.name.as_deref().map(Title::of).is_some_and(|title| title.is_derived || title.is_layout)
}
