//! Thermo Scientific SkanIt: the report workbook, the text and semicolon csv, and the older text of Ascent and SkanIt 2.

use std::collections::BTreeMap;
use std::ops::Range;

use super::draft::{Draft, PlateDraft, ReadDraft, SampleDraft};
use super::grid::{Grid, column_numbers};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct SkanIt;

impl Format for SkanIt {
    fn description(&self) -> Description<'_> {
        Description {
            name: "skanit",
            title: "SkanIt",
            written_by: "Thermo Scientific SkanIt report workbook, text and csv (Varioskan, Multiskan), in other languages provisional; \
                         Ascent-style text",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(|sheet| is_report(sheet) || is_text(sheet)) {
            Ok(())
        } else {
            Err("there is neither 'Measurement results' nor 'Results of …' nor 'Plate 1: …' where SkanIt writes it"
                .to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            if is_report(sheet) || is_text(sheet) {
                measurements(draft, index, sheet);
            } else if sheet.name.as_deref() == Some("Layout definitions") {
                layouts(draft, index, sheet);
            } else if !sheet.rows.is_empty() && is_of_program(sheet) {
                draft.note(
                    index,
                    0..sheet.rows.len(),
                    format!("sheet '{}'", sheet.name.as_deref().unwrap_or_default()),
                    "information, not used",
                );
            }
        }
    }
}

/// Whether a sheet without readings is the program's: it numbers its steps (`Blank Subtraction 1_02`), and heads what it says of the
/// run by the name of the session. Any other is the user's, and nothing in it is read.
fn is_of_program(sheet: &Sheet) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = sheet.name.as_deref().unwrap_or_default();
    let is_step = name
        .rsplit_once('_')
        .is_some_and(|(before, number)| is_digits(number) && before.rsplit(' ').next().is_some_and(is_digits));
    let is_about =
        ["General information", "Session information", "Instrument information", "Protocol parameters", "Run log"]
            .contains(&name);
    let first = sheet.first_row();
    let has_session = (first..first + 4).any(|row| (0..2).any(|column| sheet.text(row, column).ends_with(".skax")));
    is_step || is_about || has_session
}

/// The words of a report are those of the program's language; the name of the session's file below its title is not.
fn is_report(sheet: &Sheet) -> bool {
    let first = sheet.first_row();
    let has_wavelength = || (first..first + 14).any(|row| wavelength_line(&sheet.text(row, 0)).is_some());
    sheet.text(first, 0) == "Measurement results" || sheet.text(first + 1, 0).ends_with(".skax") && has_wavelength()
}

/// `Wavelength: 450 nm`, as English, French, German, Spanish, Italian and Portuguese begin it: the wavelength, unless there is no
/// filter (a luminescence step without one has wavelength 0).
fn wavelength_line(text: &str) -> Option<Option<f64>> {
    let (key, value) = text.split_once(':')?;
    let key = key.to_lowercase();
    let words = ["wavelength", "longueur d", "wellenlänge", "longitud de onda", "lunghezza d", "comprimento de onda"];
    words
        .iter()
        .any(|word| key.starts_with(word))
        .then(|| value.trim().trim_end_matches("nm").trim().parse().ok().filter(|&nm: &f64| nm > 0.0))
}

/// The step comes first, a line that names plate and wavelength within the next few.
fn is_text(sheet: &Sheet) -> bool {
    let first = (0..sheet.rows.len()).find(|&row| !sheet.is_blank(row)).unwrap_or(0);
    let title = sheet.text(first, 0);
    let plate = |row: usize| (0..2).any(|column| plate_line(&sheet.text(row, column)).is_some());
    (title.starts_with("Results of ") || step_mode(&title) != Mode::Unknown) && (first..first + 6).any(plate)
}

/// `Plate 1: name` or `Plate:1 - Wavelength:340`: the name of the plate and what follows.
fn plate_line(text: &str) -> Option<(String, Option<f64>)> {
    if let Some(rest) = text.strip_prefix("Plate:") {
        let (number, wavelength) = rest.split_once(" - Wavelength:")?;
        return Some((format!("Plate {}", number.trim()), wavelength.trim().parse().ok()));
    }
    let (number, name) = text.strip_prefix("Plate ")?.split_once(':')?;
    number.trim().parse::<u32>().ok()?;
    Some((name.trim().to_string(), None))
}

fn step_mode(step: &str) -> Mode {
    let step = step.to_lowercase();
    let step = step.trim_start_matches("results of ");
    match () {
        () if step.starts_with("absorb") || step.starts_with("photom") => Mode::Absorbance,
        () if step.starts_with("fluor") || step.starts_with("time-resolved") => Mode::Fluorescence,
        () if step.starts_with("lumin") => Mode::Luminescence,
        () if step.starts_with("alpha") => Mode::Alpha,
        () => Mode::Unknown,
    }
}

/// What the corner above a grid of readings says, where the step is named in other words.
fn corner_mode(corner: &str) -> Option<Mode> {
    match corner {
        "Abs" => Some(Mode::Absorbance),
        "RLU" => Some(Mode::Luminescence),
        "RFU" => Some(Mode::Fluorescence),
        "Counts" => Some(Mode::Unknown),
        _ => None,
    }
}

/// One sheet or text: the step, then wavelengths, plates and grids.
fn measurements(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    let is_text = is_text(sheet);
    let kinetic = |text: &str| {
        text.starts_with("Iteration:")
            || text == "Kinetic"
            || text.starts_with("Reading")
            || text.starts_with("Kinetic interval")
            || text.starts_with("Raw data ")
    };
    if let Some(row) = (0..sheet.rows.len()).find(|&row| (0..2).any(|column| kinetic(&sheet.text(row, column)))) {
        draft.note(index, 0..sheet.rows.len(), "kinetic read", "not read");
        draft.plates.push(PlateDraft {
            other: Some((ExportKind::Kinetic, Mode::Unknown)),
            at: (index, row, 0),
            ..PlateDraft::default()
        });
        draft.no_end_point(ExportKind::Kinetic, (index, row, 0), "a kinetic read");
        return;
    }
    let (mut step, mut wavelength, mut plate): (Option<String>, Option<f64>, Option<String>) = (None, None, None);
    let mut row = 0;
    while row < sheet.rows.len() {
        let text = sheet.text(row, 0);
        let text = if text.is_empty() { sheet.text(row, 1) } else { text };
        if let Some(grid) = Grid::at(sheet, row, 0) {
            let corner = sheet.text(row, 0);
            let rows = row..grid.end();
            row = grid.end();
            let measured = corner_mode(&corner);
            let is_measured = measured.is_some();
            let is_sample =
                ["Sample", "Échantillon", "Probe", "Muestra", "Campione", "Amostra"].contains(&corner.as_str());
            if is_sample && plate.is_some() {
                let at = plate_index(draft, plate.as_deref(), (index, grid.header, 0));
                samples(draft, at, sheet, &grid, index);
                draft.note(index, rows, "Sample", "sample names");
            } else if is_measured || corner == "Blank subtracted" {
                let at = plate_index(draft, plate.as_deref(), (index, grid.header, 0));
                let step = step.clone().unwrap_or_else(|| corner.clone());
                let of_step = if is_measured { ReadDraft::raw } else { ReadDraft::derived };
                let mode = match step_mode(&step) {
                    Mode::Unknown => measured.unwrap_or(Mode::Unknown),
                    mode => mode,
                };
                let read = of_step(mode, step, grid.cells(index));
                draft.plates[at].size = draft.plates[at].size.or(grid.size());
                draft.plates[at].reads.push(read.at(wavelength));
                draft.note(
                    index,
                    rows,
                    format!("{corner} grid"),
                    if is_measured { "read" } else { "derived, kept beside" },
                );
            } else {
                draft.note(index, rows, format!("{corner} grid"), "calculated by SkanIt, not used");
            }
            continue;
        }
        let before = (step.clone(), wavelength, plate.clone());
        if let Some(nm) = wavelength_line(&text) {
            wavelength = nm;
            plate = None;
        } else if let Some((name, nm)) = plate_line(&text) {
            plate = Some(name);
            wavelength = nm.or(wavelength);
            if let Some(rows) = bare(sheet, row + 1) {
                matrix(draft, index, plate.as_deref(), step.clone().unwrap_or_default(), wavelength, rows.clone());
                row = rows.end;
                continue;
            }
        } else if !text.is_empty() && begins_step(&text, step.is_none(), is_text, row) {
            step = Some(text.trim_start_matches("Results of ").to_string());
        } else if step.is_some() && plate.is_none() && is_below_wavelength(sheet, row) && !text.is_empty() {
            plate = Some(text);
        }
        if (step.as_ref(), wavelength, plate.as_ref()) != (before.0.as_ref(), before.1, before.2.as_ref()) {
            draft.note_setting(index, row);
        } else if !sheet.is_blank(row) {
            draft.note_key(index, row);
        }
        row += 1;
    }
}

/// Whether a line names the measurement: in a report the first text below its heading, in a text each one that says how it was
/// measured.
fn begins_step(text: &str, is_first: bool, is_text: bool, row: usize) -> bool {
    if is_text { is_first || step_mode(text) != Mode::Unknown } else { is_first && row >= 4 }
}

/// Whether the text in `row` stands below a wavelength and a blank line: there the report names the plate.
fn is_below_wavelength(sheet: &Sheet, row: usize) -> bool {
    row >= 2 && sheet.text(row - 1, 0).is_empty() && wavelength_line(&sheet.text(row - 2, 0)).is_some()
}

/// Rows of numbers without letters that begin in `row` or after blank lines, behind an empty first field.
fn bare(sheet: &Sheet, row: usize) -> Option<Range<usize>> {
    let first = (row..row + 3).find(|&row| !sheet.is_blank(row))?;
    let is_row = |row: usize| sheet.rows.get(row).is_some_and(|cells| cells.len() > 2 && sheet.text(row, 0).is_empty());
    if column_numbers(sheet, first, 1).is_some() || !is_row(first) {
        return None;
    }
    let end = (first..sheet.rows.len()).find(|&row| !is_row(row)).unwrap_or(sheet.rows.len());
    PlateSize::ALL
        .iter()
        .any(|size| size.rows == end - first && sheet.rows[first].len() > size.columns)
        .then_some(first..end)
}

fn matrix(
    draft: &mut Draft<'_>,
    index: usize,
    plate: Option<&str>,
    step: String,
    wavelength: Option<f64>,
    rows: Range<usize>,
) {
    let Some(size) = PlateSize::ALL.into_iter().find(|size| size.rows == rows.len()) else { return };
    let cells = size
        .wells()
        .map(|well| (well, (index, rows.start + usize::from(well.row), 1 + usize::from(well.column))))
        .collect();
    let at = plate_index(draft, plate, (index, rows.start, 0));
    draft.plates[at].size = Some(size);
    let mode = step_mode(&step);
    draft.plates[at].reads.push(ReadDraft::raw(mode, step, cells).at(wavelength));
    draft.note(index, rows, "matrix without letters", "read: first row A, first column 1");
}

/// The plate of that name; a new one if there is none yet.
fn plate_index(draft: &mut Draft<'_>, name: Option<&str>, at: (usize, usize, usize)) -> usize {
    draft.plates.iter().position(|plate| plate.name.as_deref() == name).unwrap_or_else(|| {
        draft.plates.push(PlateDraft { name: name.map(str::to_string), at, ..PlateDraft::default() });
        draft.plates.len() - 1
    })
}

fn role_of(name: &str) -> Option<&'static str> {
    match name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_' || c == ' ' || c == '/') {
        "Std" => Some("standard"),
        "Un" | "Échantillon" => Some("sample"),
        "Blank" | "Blanc" => Some("blank"),
        "Ctrl" | "Control" | "NC" | "PC" => Some("control"),
        _ => None,
    }
}

fn samples(draft: &mut Draft<'_>, plate: usize, sheet: &Sheet, grid: &Grid, index: usize) {
    for (well, at) in grid.cells(index) {
        let name = sheet.text(at.1, at.2);
        if !name.is_empty() {
            let sample = draft.plates[plate].samples.entry(well).or_default();
            *sample = SampleDraft { role: role_of(&name), name: Some(name), at, ..sample.clone() };
        }
    }
}

/// The sheet `Layout definitions`: per plate a grid with three lines per row (name, group, concentration or dilution).
fn layouts(draft: &mut Draft<'_>, index: usize, sheet: &Sheet) {
    draft.note(
        index,
        0..sheet.rows.len(),
        "sheet 'Layout definitions'",
        "groups, concentrations and dilutions of the wells",
    );
    let mut by_plate: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut name = String::new();
    for row in 0..sheet.rows.len() {
        if sheet.text(row, 0) == "Name" {
            name = sheet.text(row, 1);
        } else if column_numbers(sheet, row, 1).is_some() {
            by_plate.entry(name.clone()).or_default().push(row);
        }
    }
    for (name, headers) in by_plate {
        let Some(plate) = draft.plates.iter_mut().find(|plate| plate.name.as_deref() == Some(name.as_str())) else {
            continue;
        };
        for header in headers {
            let Some((first, columns)) = column_numbers(sheet, header, 1) else { continue };
            let mut grid = Grid { header, corner: 0, first_column: first, columns, rows: Vec::new() };
            let mut row = header + 1;
            while let Some(plate_row) = grid.plate_row(sheet, row) {
                grid.rows.push((plate_row, row));
                row += 3;
            }
            for (well, at) in grid.cells(index) {
                definition(plate, sheet, well, at);
            }
        }
    }
}

fn definition(plate: &mut PlateDraft, sheet: &Sheet, well: WellPosition, at: (usize, usize, usize)) {
    let line = |offset: usize| Some(sheet.text(at.1 + offset, at.2)).filter(|text| !text.is_empty());
    let Some(name) = line(0) else { return };
    let sample = plate.samples.entry(well).or_default();
    *sample = SampleDraft { role: role_of(&name), name: Some(name), group: line(1), at, ..SampleDraft::default() };
    match line(2) {
        Some(value) if value.starts_with("1:") => sample.dilution = Some(value[2..].trim().to_string()),
        Some(value) => {
            let (number, unit) = value.split_once(' ').unwrap_or((&value, ""));
            sample.concentration = Some(number.to_string());
            sample.concentration_unit = Some(unit.trim().to_string()).filter(|unit| !unit.is_empty());
        }
        None => {}
    }
}
