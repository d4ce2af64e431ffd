//! PerkinElmer Kaleido (EnSight): csv of versions 2 and 3.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, PlateDraft, ReadDraft};
use super::grid::{Grid, find};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct Kaleido;

impl Format for Kaleido {
    fn description(&self) -> Description {
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
        let third = |sheet: &Sheet| sheet.text(sheet.first_row(), 0) == "EnSight Results from";
        if book.sheets.first().is_some_and(|sheet| second(sheet) || third(sheet)) {
            Ok(())
        } else {
            Err("it begins neither with 'EnSight Results from' nor with 'Results for …' and 'Barcode: …'".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let book = draft.book;
        let sheet = &book.sheets[0];
        let (mut image, mut used) = (None, BTreeSet::new());
        let paragraphs = paragraphs(sheet);
        for grid in find(sheet) {
            let Some((title_row, label)) = title(sheet, &grid) else {
                draft.note(0, grid.header..grid.end(), "Platemap", "not used");
                continue;
            };
            let rows = title_row..grid.end();
            let mode = mode_of(&label);
            let barcode = barcode(sheet, title_row, grid.header);
            if label.starts_with("IMG") || label.starts_with("Image Analysis") {
                image = image.or(Some((title_row, barcode, grid.size())));
                draft.note(0, rows, label, "pictures of wells: not read");
                continue;
            }
            let mut key = |name: &str| {
                let (row, value) = setting(sheet, *paragraphs.get(&label)?, name)?;
                used.insert(row);
                value
            };
            let (excitation, emission) = (key("Excitation wavelength [nm]"), key("Emission wavelength [nm]"));
            let read = ReadDraft::raw(mode, label.as_str(), grid.cells(0));
            let read =
                if mode == Mode::Absorbance { read.at(excitation) } else { read.at(emission).excited_at(excitation) };
            draft.note(0, rows, label, "read");
            match draft.plates.iter_mut().find(|plate| plate.id == barcode) {
                Some(plate) => plate.reads.push(read),
                None => draft.plates.push(PlateDraft {
                    name: barcode.clone(),
                    id: barcode,
                    // The file's own numbers of rows and columns are exchanged in version 3.5: the grid is right.
                    size: grid.size(),
                    reads: vec![read],
                    at: (0, title_row, 0),
                    ..PlateDraft::default()
                }),
            }
        }
        for row in used {
            draft.note_setting(0, row);
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
    Some((row, first_value(sheet, row).trim_end_matches("nm").trim().parse().ok()))
}
