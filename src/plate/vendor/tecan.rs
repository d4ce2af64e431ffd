//! What the exports of Tecan's programs have in common: lines of keys and values, then a grid with the corner `<>`.

use super::draft::{Draft, PlateDraft, ReadDraft};
use super::grid::Grid;
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::PlateSize;
use crate::sheet::Sheet;

/// Beginnings of the keys that are looked at, in English and German.
const MODE: &[&str] = &["Mode", "Modus", "Measurement mode", "Messmodus"];
const EXCITATION: &[&str] = &["Excitation Wavelength", "Anregungswellenlänge"];
const EMISSION: &[&str] = &["Emission Wavelength", "Emissionswellenlänge"];
const MEASURED: &[&str] = &["Measurement wavelength", "Messwellenlänge", "Wavelength", "Wellenlänge"];
const REFERENCE: &[&str] = &["Reference wavelength", "Referenzwellenlänge"];

/// Keys and values since the last one that begins a read.
#[derive(Default)]
struct Settings(Vec<(String, String)>);

impl Settings {
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
    let mut settings = Settings::default();
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
            add(draft, &mut plate, &settings, dialect, index, &grid);
            row = grid.end();
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
                settings = Settings::default();
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
    draft.plates.push(plate);
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
    settings: &Settings,
    dialect: &Dialect,
    index: usize,
    grid: &Grid,
) {
    let label = settings.get(dialect.label).unwrap_or_default();
    let excitation = settings.wavelength(EXCITATION);
    let emission = settings.wavelength(EMISSION);
    let measured = settings.wavelength(MEASURED);
    let mut read =
        ReadDraft::raw(settings.mode(), label, grid.cells(index)).at(emission.or(measured)).excited_at(excitation);
    // With a reference wavelength the program writes the difference.
    read.reference_nm = settings.wavelength(REFERENCE);
    draft.note(index, grid.header..grid.end(), format!("<> grid {label}"), "read");
    plate.reads.push(read);
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
