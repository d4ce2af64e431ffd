//! PerkinElmer Kaleido (EnSight): csv of versions 2 and 3.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, PlateDraft, ReadDraft, SampleDraft};
use super::grid::{Grid, find};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct Kaleido;

impl Format for Kaleido {
    fn description(&self) -> Description<'_> {
        Description {
            name: "kaleido",
            title: "Kaleido",
            written_by: "PerkinElmer Kaleido 2 and 3, csv (EnSight)",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let second = |sheet: &Sheet| {
            (0..8).any(|row| sheet.text(row, 0).starts_with("Results for "))
                && (0..8).any(|row| sheet.text(row, 0).starts_with("Barcode:"))
        };
        let third = |sheet: &Sheet| {
            matches!(sheet.text(sheet.first_row(), 0).as_str(), "EnSight Results from" | "Kaleido Results from")
        };
        if book.sheets.first().is_some_and(|sheet| second(sheet) || third(sheet)) {
            Ok(())
        } else {
            Err("it begins neither with 'EnSight Results from' or 'Kaleido Results from' nor with 'Results for …' and 'Barcode: …'".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let book = draft.book;
        let sheet = &book.sheets[0];
        let (mut image, mut used) = (None, BTreeSet::new());
        let mut platemaps = Vec::new();
        let paragraphs = paragraphs(sheet);
        let analyses = (0..sheet.rows.len()).find(|&row| sheet.text(row, 0).starts_with("Analysis Result"));
        let results: Vec<(Grid, Option<GridHeader>)> =
            find(sheet).into_iter().map(|grid| (grid.clone(), GridHeader::above(sheet, &grid, analyses))).collect();
        let others = results.iter().filter_map(|(_, one)| one.as_ref().and_then(|one| Some((one.key(), one.other?))));
        // Of one measurement of a plate, what the first of its blocks says.
        let others: BTreeMap<_, _> = others.rev().collect();
        for (grid, measured) in &results {
            let Some(measured) = measured else {
                platemaps.push(grid.clone());
                continue;
            };
            let rows = measured.row..grid.end();
            let label = measured.label.clone();
            if measured.source.starts_with("IMG") || measured.source.starts_with("Image Analysis") {
                image = image.or(Some((measured.row, measured.barcode.clone(), grid.size())));
                draft.note(0, rows, label, "pictures of wells: not read");
                continue;
            }
            if let Some(&(kind, what)) = others.get(&measured.key()) {
                draft.note(0, rows, label, "one of several values of each well: not read");
                draft.no_end_point(kind, (0, measured.row, 0), what);
                continue;
            }
            let read = read_of(sheet, &paragraphs, measured, grid, &mut used);
            draft.note(0, rows, label, if read.derived { "derived, kept beside" } else { "read" });
            plate_of(draft, measured, grid).reads.push(read);
        }
        for row in used {
            draft.note_setting(0, row);
        }
        for grid in platemaps {
            let named = platemap(draft, sheet, &grid);
            let made = if named { "names of samples" } else { "names no sample" };
            draft.note(0, grid.header..grid.end(), "Platemap", made);
        }
        if let Some((row, barcode, size)) = image.filter(|_| draft.plates.is_empty()) {
            draft.plates.push(PlateDraft {
                id: barcode.clone(),
                name: barcode,
                size,
                other: Some((ExportKind::Image, Mode::Unknown)),
                at: (0, row, 0),
                ..PlateDraft::default()
            });
            draft.no_end_point(ExportKind::Image, (0, row, 0), "a set of pictures of wells");
        }
    }
}

/// What the lines above a grid say of it.
struct GridHeader {
    row: usize,
    label: String,
    barcode: Option<String>,
    /// Whether Kaleido computed it: it stands below `Analysis Result`.
    is_analysis: bool,
    /// The measurement: the label itself or, of an analysis, what its label has in brackets.
    source: String,
    /// Of an operation at several wavelengths, those of this block: excitation (for absorbance the only one) and emission.
    light: (Option<f64>, Option<f64>),
    /// Why its values are no end points: a point of several in time or in the well.
    other: Option<(ExportKind, &'static str)>,
}

impl GridHeader {
    /// `None` above a platemap; what is computed stands below the row `analyses`.
    fn above(sheet: &Sheet, grid: &Grid, analyses: Option<usize>) -> Option<Self> {
        let (row, label) = title(sheet, grid)?;
        let is_analysis = analyses.is_some_and(|first| first < row);
        let inner = label.rsplit_once('(').and_then(|(_, inner)| Some(inner.strip_suffix(')')?.trim().to_string()));
        let source = inner.filter(|_| is_analysis).unwrap_or_else(|| label.clone());
        // Version 3 has a line of names with their values below; `Well scan x` counts from 1.
        let names = (row + 1..grid.header).find(|&row| sheet.text(row, 0) == "Barcode");
        let value = |name: &str| {
            let names = names?;
            let column = (0..sheet.rows[names].len()).find(|&column| sheet.text(names, column) == name)?;
            nanometres(&sheet.text(names + 1, column))
        };
        // A time-resolved operation may have several windows.
        let window = value("TRF Window").filter(|&window| window > 1.0);
        let label = window.map_or(label.clone(), |window| format!("{label}, window {window}"));
        let light = (value("Exc wl / filter"), value("Ems wl"));
        let other = if value("Loop no") > Some(1.0) {
            Some((ExportKind::Kinetic, "a kinetic read"))
        } else if value("Well scan x") > Some(1.0) || value("Well scan y") > Some(1.0) {
            Some((ExportKind::AreaScan, "a scan over several points of each well"))
        } else {
            None
        };
        Some(Self { row, barcode: barcode(sheet, row, grid.header), label, is_analysis, source, light, other })
    }

    /// What the blocks of one measurement of a plate have in common.
    fn key(&self) -> (&str, Option<&str>) {
        (&self.label, self.barcode.as_deref())
    }
}

/// A grid as a read; `used` collects the rows of settings.
fn read_of(
    sheet: &Sheet,
    paragraphs: &BTreeMap<String, usize>,
    measured: &GridHeader,
    grid: &Grid,
    used: &mut BTreeSet<usize>,
) -> ReadDraft {
    let mode = mode_of(&measured.source);
    if measured.is_analysis {
        return ReadDraft::derived(mode, measured.label.as_str(), grid.cells(0));
    }
    // A wavelength of a monochromator, or the filter that stands for it.
    let mut key = |names: [&str; 3]| {
        let start = *paragraphs.get(&measured.source)?;
        names.iter().find_map(|name| {
            let (row, value) = setting(sheet, start, name)?;
            let value = value?;
            used.insert(row);
            Some(value)
        })
    };
    let excitation = key(["Excitation wavelength [nm]", "Excitation filter [nm]/(Barcode)", "Exc. filter [nm]"]);
    let emission = key(["Emission wavelength [nm]", "Emission filter [nm]/(Barcode)", "Ems. filter [nm]"]);
    let (excitation, emission) = (measured.light.0.or(excitation), measured.light.1.or(emission));
    let read = ReadDraft::raw(mode, measured.label.as_str(), grid.cells(0));
    if mode == Mode::Absorbance { read.at(excitation) } else { read.at(emission).excited_at(excitation) }
}

/// The plate with that barcode; without one, the only plate.
fn plate_of<'d>(draft: &'d mut Draft<'_>, measured: &GridHeader, grid: &Grid) -> &'d mut PlateDraft {
    let is_it = |plate: &PlateDraft| plate.id == measured.barcode;
    let only = (measured.barcode.is_none() && draft.plates.len() == 1).then_some(0);
    let at = draft.plates.iter().position(is_it).or(only).unwrap_or_else(|| {
        draft.plates.push(PlateDraft {
            name: measured.barcode.clone(),
            id: measured.barcode.clone(),
            // The file's own numbers of rows and columns are exchanged in version 3.5: the grid is right.
            size: grid.size(),
            at: (0, measured.row, 0),
            ..PlateDraft::default()
        });
        draft.plates.len() - 1
    });
    &mut draft.plates[at]
}

/// Takes the names of samples from a platemap, where it can only be that of one plate. Codes begin with the role: `S1`, `B`, `U12`.
fn platemap(draft: &mut Draft<'_>, sheet: &Sheet, grid: &Grid) -> bool {
    let [plate] = draft.plates.as_mut_slice() else { return false };
    for (well, at) in grid.cells(0) {
        let name = sheet.text(at.1, at.2);
        let role = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "" | "-" => continue,
            "S" | "STD" => Some("standard"),
            "U" | "UNK" => Some("sample"),
            "B" | "BL" => Some("blank"),
            "C" | "CTL" | "ZL" | "ZH" | "LB" | "LC" | "LH" => Some("control"),
            _ => None,
        };
        plate.samples.insert(well, SampleDraft { name: Some(name), role, at, ..SampleDraft::default() });
    }
    !plate.samples.is_empty()
}

/// The line `Results for …` or `Result for …` above a grid, unless a platemap or another grid lies between.
fn title(sheet: &Sheet, grid: &Grid) -> Option<(usize, String)> {
    for row in (grid.header.saturating_sub(70)..grid.header).rev() {
        let text = sheet.text(row, 0);
        if let Some(label) = text.strip_prefix("Results for ").or_else(|| text.strip_prefix("Result for ")) {
            return Some((row, label.trim().to_string()));
        }
        if text == "Platemap" {
            return None;
        }
    }
    None
}

fn mode_of(label: &str) -> Mode {
    let label = label.to_lowercase();
    match () {
        () if label.starts_with("abs") => Mode::Absorbance,
        () if label.starts_with("fluor")
            || label.starts_with("fi ")
            || label.starts_with("trf")
            || label.starts_with("time") =>
        {
            Mode::Fluorescence
        }
        () if label.starts_with("lum") || label.starts_with("us lum") => Mode::Luminescence,
        () if label.starts_with("alpha") => Mode::Alpha,
        () => Mode::Unknown,
    }
}

/// `Barcode: X, PlateRepeat: 1, …` in version 2; the first value below `Barcode` in version 3.
fn barcode(sheet: &Sheet, title_row: usize, header: usize) -> Option<String> {
    (title_row + 1..header)
        .find_map(|row| {
            let text = sheet.text(row, 0);
            match text.strip_prefix("Barcode:") {
                Some(barcode) => Some(barcode.split(", PlateRepeat").next().unwrap_or(barcode).trim().to_string()),
                None => (text == "Barcode").then(|| sheet.text(row + 1, 0)),
            }
        })
        .filter(|barcode| !barcode.is_empty())
}

/// Where the paragraph of each measurement begins, by its label: with `Tech` (version 2) or `Operation` (version 3).
fn paragraphs(sheet: &Sheet) -> BTreeMap<String, usize> {
    let begins = (0..sheet.rows.len()).rev().filter(|&row| begins_paragraph(sheet, row));
    begins.map(|row| (first_value(sheet, row), row)).collect()
}

fn begins_paragraph(sheet: &Sheet, row: usize) -> bool {
    matches!(sheet.text(row, 0).as_str(), "Tech" | "Operation")
}

fn first_value(sheet: &Sheet, row: usize) -> String {
    (1..6).map(|column| sheet.text(row, column)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// A number from the paragraph that begins at `start`, with its row.
fn setting(sheet: &Sheet, start: usize, name: &str) -> Option<(usize, Option<f64>)> {
    let row = (start + 1..sheet.rows.len())
        .take_while(|&row| !sheet.is_blank(row) && !begins_paragraph(sheet, row))
        .find(|&row| sheet.text(row, 0).eq_ignore_ascii_case(name))?;
    Some((row, nanometres(&first_value(sheet, row))))
}

/// `450`, `450nm`; of a filter `360/(141)` the number before its barcode.
fn nanometres(text: &str) -> Option<f64> {
    text.split("/(").next()?.trim().trim_end_matches("nm").trim().parse().ok()
}
