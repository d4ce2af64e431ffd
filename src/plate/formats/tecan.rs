//! What the exports of Tecan's programs have in common: lines of keys and values, then a grid with the corner `<>`.

use super::draft::{CellIndex, Draft, PlateDraft, ReadDraft};
use super::grid::Grid;
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Code, Problem, Sheet};

/// Beginnings of the keys that are looked at, in English and German.
const MODE: &[&str] = &["Mode", "Modus", "Measurement mode", "Messmodus"];
const EXCITATION: &[&str] = &["Excitation Wavelength", "Anregungswellenlänge"];
const EMISSION: &[&str] = &["Emission Wavelength", "Emissionswellenlänge"];
const MEASURED: &[&str] = &["Measurement wavelength", "Messwellenlänge", "Wavelength", "Wellenlänge"];
const REFERENCE: &[&str] = &["Reference wavelength", "Referenzwellenlänge"];

/// Keys and values since the last one that begins a read.
#[derive(Default)]
struct ReadSettings(Vec<(String, String)>);

impl ReadSettings {
    /// The value of the first key that begins with one of `names`; units in brackets belong to the key.
    fn get(&self, names: &[&str]) -> Option<&str> {
        let is = |key: &str| names.iter().any(|name| key.to_lowercase().starts_with(&name.to_lowercase()));
        self.0.iter().rev().find(|(key, _)| is(key)).map(|(_, value)| value.as_str())
    }

    /// Wavelengths carry binary noise (`482.99999999999989`).
    fn wavelength(&self, names: &[&str]) -> Option<f64> {
        let text = self.get(names)?.trim_end_matches("nm").trim().replace(',', ".");
        text.parse().ok().map(|nm: f64| (nm * 1e6).round() / 1e6)
    }

    fn mode(&self) -> Mode {
        let mode = self.get(MODE).unwrap_or_default().to_lowercase();
        if mode.starts_with("absor") {
            Mode::Absorbance
        } else if mode.starts_with("fluor") {
            Mode::Fluorescence
        } else if mode.starts_with("lumin") || mode.starts_with("lumines") {
            Mode::Luminescence
        } else {
            Mode::Unknown
        }
    }
}

/// How one of the programs writes.
pub(super) struct Dialect {
    /// The keys that begin the settings of a read.
    pub(super) begins: &'static [&'static str],
    /// The keys whose value is the label of the read.
    pub(super) label: &'static [&'static str],
}

/// Reads a sheet of settings and `<>` grids; every grid is a read of the sheet's plate.
pub(super) fn read(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, dialect: &Dialect) {
    let mut settings = ReadSettings::default();
    let unlabelled = without_labels(sheet, dialect);
    let mut plate =
        PlateDraft { name: sheet.name.as_ref().map(ToString::to_string), at: (index, 0, 0), ..PlateDraft::default() };
    let mut sizes = Vec::new();
    let mut row = 0;
    while row < sheet.rows.len() {
        let key = sheet.text(row, 0);
        if key == "<>"
            && let Some(grid) = Grid::at(sheet, row, 0)
        {
            let holds_grid = |size: &&PlateSize| grid.cells(index).iter().all(|&(well, _)| size.contains(well));
            plate.size = plate.size.or(sizes.iter().find(holds_grid).copied()).or(grid.size());
            let own = unlabelled.get(plate.reads.len()).unwrap_or(&settings);
            add(draft, &mut plate, own, dialect, index, &grid);
            row = grid.end();
            continue;
        }
        if let Some(kind) = ListForm::begins(sheet, row) {
            let own = unlabelled.get(plate.reads.len()).unwrap_or(&settings);
            row = list(draft, &mut plate, own, dialect, index, row, kind);
            continue;
        }
        if let Some((kind, what)) = scan(&key) {
            let end = (row + 1..sheet.rows.len()).find(|&row| sheet.is_blank(row)).unwrap_or(sheet.rows.len());
            draft.note(index, row..end, format!("table of {what}"), "not an end-point read: not read");
            draft.no_end_point(kind, (index, row, 0), what);
            plate.other = plate.other.or(Some((kind, settings.mode())));
            row = end;
            continue;
        }
        if !sheet.is_blank(row) {
            let (name, value) = key_and_value(sheet, row, &key);
            if dialect.begins.contains(&name.as_str()) {
                settings = ReadSettings::default();
            }
            if name.to_lowercase().starts_with("plate-id") || name.to_lowercase().starts_with("platten-id") {
                plate.id = Some(value.clone()).filter(|id| !id.is_empty());
            } else if matches!(name.as_str(), "Plate" | "Platte") && !value.is_empty() {
                sizes = plate_sizes(&value);
            }
            if is_setting(&name, dialect) {
                draft.note_setting(index, row)
            } else {
                draft.note_key(index, row)
            }
            settings.0.push((name, value));
        }
        row += 1;
    }
    if plate.reads.is_empty() && plate.other.is_none() {
        return;
    }
    if let ([size], true) = (&sizes[..], plate.reads.is_empty()) {
        plate.size = Some(*size);
    }
    draft.plates.push(plate);
}

/// The settings of the reads where no line names a label: i-control 1.11 writes them all before the first values as csv, each
/// beginning with its mode, in the order of the values. Nothing where there are labels, or a single read.
fn without_labels(sheet: &Sheet, dialect: &Dialect) -> Vec<ReadSettings> {
    let mut groups: Vec<ReadSettings> = Vec::new();
    for row in 0..sheet.rows.len() {
        let key = sheet.text(row, 0);
        if key == "<>" || ListForm::begins(sheet, row).is_some() {
            break;
        }
        if sheet.is_blank(row) {
            continue;
        }
        let (name, value) = key_and_value(sheet, row, &key);
        if dialect.label.contains(&name.as_str()) {
            return Vec::new();
        }
        if MODE.contains(&name.as_str()) {
            groups.push(ReadSettings::default());
        }
        if let Some(group) = groups.last_mut() {
            group.0.push((name, value));
        }
    }
    if groups.len() > 1 { groups } else { Vec::new() }
}

/// `Label: Label1` in one cell, or the key in the first and the value in one of the next.
fn key_and_value(sheet: &Sheet, row: usize, key: &str) -> (String, String) {
    match key.split_once(':') {
        Some((name, value)) if !value.trim().is_empty() => (name.trim().to_string(), value.trim().to_string()),
        _ => {
            let value = (1..sheet.rows[row].len()).map(|column| sheet.text(row, column)).find(|text| !text.is_empty());
            (key.trim_end_matches(':').trim().to_string(), value.unwrap_or_default())
        }
    }
}

fn add(
    draft: &mut Draft<'_>,
    plate: &mut PlateDraft,
    settings: &ReadSettings,
    dialect: &Dialect,
    index: usize,
    grid: &Grid,
) {
    let read = read_of(settings, dialect, grid.cells(index));
    draft.note(index, grid.header..grid.end(), format!("<> grid {}", read.label), "read");
    plate.reads.push(read);
}

fn read_of(settings: &ReadSettings, dialect: &Dialect, cells: Vec<(WellPosition, CellIndex)>) -> ReadDraft {
    let label = settings.get(dialect.label).unwrap_or_default();
    let excitation = settings.wavelength(EXCITATION);
    let emission = settings.wavelength(EMISSION);
    let measured = settings.wavelength(MEASURED);
    let mut read = ReadDraft::raw(settings.mode(), label, cells).at(emission.or(measured)).excited_at(excitation);
    // With a reference wavelength the program writes the difference.
    read.reference_nm = settings.wavelength(REFERENCE);
    read
}

/// A list with one row per well, its value in the second column.
#[derive(Clone, Copy, PartialEq)]
enum ListForm {
    /// `<>,Value,Time [ms]`: SparkControl's csv.
    Values,
    /// `Well,Mean,StDev` and the reads: several in each well, of which the program has computed the mean.
    Means,
    /// `<>,A1,A2,…` with the line `Value` below: SparkControl's workbook of a list.
    Across,
}

impl ListForm {
    fn begins(sheet: &Sheet, row: usize) -> Option<Self> {
        match (sheet.text(row, 0).as_str(), sheet.text(row, 1).as_str()) {
            ("<>", "Value" | "Wert") => Some(Self::Values),
            ("Well", "Mean" | "Mittelwert") => Some(Self::Means),
            ("<>" | "Well", first) if first.parse::<WellPosition>().is_ok() => Some(Self::Across),
            _ => None,
        }
    }
}

/// Reads a list; answers with the row after it.
fn list(
    draft: &mut Draft<'_>,
    plate: &mut PlateDraft,
    settings: &ReadSettings,
    dialect: &Dialect,
    index: usize,
    head: usize,
    kind: ListForm,
) -> usize {
    let book = draft.book;
    let sheet = &book.sheets[index];
    if kind == ListForm::Across {
        return across(draft, plate, settings, dialect, index, head);
    }
    let wells = (head + 1..sheet.rows.len()).map_while(|row| Some((sheet.text(row, 0).parse().ok()?, (index, row, 1))));
    let cells: Vec<(WellPosition, CellIndex)> = wells.collect();
    let end = head + 1 + cells.len();
    let read = read_of(settings, dialect, cells);
    if kind == ListForm::Means {
        let found = format!("the read '{}' has several values in each well", read.label);
        draft.warnings.push(
            Problem::new(Code::new("replicates-averaged"), sheet.location(head, 1), found)
                .advice("Their mean is taken, as Tecan's program has computed it"),
        );
    }
    draft.note(index, head..end, format!("list of wells {}", read.label), "read: the first value of each well");
    plate.reads.push(read);
    end
}

/// Reads wells that stand across, with a line for their values; answers with the row after it.
fn across(
    draft: &mut Draft<'_>,
    plate: &mut PlateDraft,
    settings: &ReadSettings,
    dialect: &Dialect,
    index: usize,
    head: usize,
) -> usize {
    let book = draft.book;
    let sheet = &book.sheets[index];
    let end = (head + 1..sheet.rows.len()).find(|&row| sheet.is_blank(row)).unwrap_or(sheet.rows.len());
    let named = |names: &[&str]| (head + 1..end).find(|&row| names.contains(&sheet.text(row, 0).as_str()));
    let Some(row) = named(&["Value", "Wert"]).or_else(|| named(&["Mean", "Mittelwert"])) else {
        let found = format!("the line below the wells is '{}'", sheet.text(head + 1, 0));
        let problem = draft.problem(Code::new("list-without-values"), (index, head + 1, 0), found);
        problem.expected = "a line 'Value' or 'Mean' with the readings of the wells above it".into();
        return end;
    };
    let columns = 1..sheet.rows[head].len();
    let cells = columns.filter_map(|column| Some((sheet.text(head, column).parse().ok()?, (index, row, column))));
    let read = read_of(settings, dialect, cells.collect());
    draft.note(index, head..row + 1, format!("wells across {}", read.label), "read");
    plate.reads.push(read);
    row + 1
}

/// Whether a key is one of those that are looked at, whatever its case and what follows it.
fn is_setting(name: &str, dialect: &Dialect) -> bool {
    let name = name.to_lowercase();
    let begins = |keys: &[&str]| keys.iter().any(|key| name.starts_with(&key.to_lowercase()));
    let others = [EXCITATION, EMISSION, MEASURED, REFERENCE, MODE, &["Plate", "Platte"]];
    begins(dialect.label) || others.into_iter().any(begins)
}

/// Tables that are no end points begin so, in their first column.
fn scan(key: &str) -> Option<(ExportKind, &'static str)> {
    match key.trim_end_matches('.') {
        "Cycle Nr" | "Zyklus Nr" | "Zyklen / Well" | "Cycles / Well" => Some((ExportKind::Kinetic, "a kinetic read")),
        "Wavel" | "Wellenl" => Some((ExportKind::Spectrum, "a wavelength scan")),
        _ => None,
    }
}

/// The numbers in the name of a plate type that are numbers of wells: `PE 96 Flat Bottom White [...]`, `[GRE96fb_µClear] - …`.
fn plate_sizes(text: &str) -> Vec<PlateSize> {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
    numbers.filter_map(PlateSize::with_wells).collect()
}
