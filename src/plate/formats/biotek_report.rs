//! BioTek's older report in a workbook (KC4, early Gen5): blocks titled `[Plate: …]`.

use super::draft::{Draft, PlateDraft, ReadDraft, SampleDraft};
use super::grid::Grid;
use super::{Description, Format};
use crate::plate::read::Mode;
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct BioTekReport;

impl Format for BioTekReport {
    fn description(&self) -> Description<'_> {
        Description {
            name: "biotek-report",
            title: "BioTek report",
            written_by: "BioTek KC4 and early Gen5, report in a workbook",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let has_title = |sheet: &Sheet| (0..sheet.rows.len()).any(|row| block_name(&sheet.text(row, 0)).is_some());
        if book.sheets.iter().any(has_title) {
            Ok(())
        } else {
            Err("there is no block '[Plate: …]' in its first column".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            let titles: Vec<usize> =
                (0..sheet.rows.len()).filter(|&row| block_name(&sheet.text(row, 0)).is_some()).collect();
            let Some(&first) = titles.first() else { continue };
            let mut plate = PlateDraft { at: (index, first, 0), ..PlateDraft::default() };
            for row in titles {
                block(draft, index, sheet, row, &mut plate);
            }
            draft.plates.push(plate);
        }
    }
}

/// `M#1 450` of `[Plate: M#1 450] readout at 450nm`.
fn block_name(title: &str) -> Option<&str> {
    Some(title.strip_prefix("[Plate:")?.split_once(']')?.0.trim())
}

fn block(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, row: usize, plate: &mut PlateDraft) {
    let title = sheet.text(row, 0).split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(grid) = Grid::at(sheet, row + 1, 0) else { return };
    let name = block_name(&title).unwrap_or_default();
    let rows = row..grid.end();
    plate.size = plate.size.or(grid.size());
    if name == "Template" {
        template(index, sheet, &grid, plate);
        draft.note(index, rows, title, "sample names and concentrations");
    } else if let Some((mode, wavelength, excitation)) = measured(name) {
        let read = ReadDraft::raw(mode, title.as_str(), grid.cells(index));
        plate.reads.push(read.at(wavelength).excited_at(excitation));
        draft.note(index, rows, title, "read");
    } else {
        plate.reads.push(ReadDraft::derived(Mode::Absorbance, title.as_str(), grid.cells(index)));
        draft.note(index, rows, title, "derived, kept beside");
    }
}

/// `M#1 450`, `M#2 485/20,528/20` and `M#3 Lum` name measurements, with measured and excitation wavelength; everything else is
/// computed.
fn measured(name: &str) -> Option<(Mode, Option<f64>, Option<f64>)> {
    let (number, what) = name.strip_prefix("M#")?.split_once(' ')?;
    number.parse::<u32>().ok()?;
    let nm = |text: &str| text.trim().split('/').next()?.parse::<f64>().ok();
    match what.trim().split_once(',') {
        Some((excitation, emission)) => Some((Mode::Fluorescence, Some(nm(emission)?), Some(nm(excitation)?))),
        None if what.trim().starts_with("Lum") => Some((Mode::Luminescence, None, None)),
        None => what.trim().parse().ok().map(|nm| (Mode::Absorbance, Some(nm), None)),
    }
}

/// Cells such as `STD1:100.00`, `SPL3`, `BLK`: the number is the concentration of a standard and the dilution of a sample.
fn template(index: usize, sheet: &Sheet, grid: &Grid, plate: &mut PlateDraft) {
    for (well, at) in grid.cells(index) {
        let text = sheet.text(at.1, at.2);
        let (name, number) =
            text.split_once(':').map_or((text.as_str(), None), |(name, number)| (name, Some(number.to_string())));
        let role = match name.trim_end_matches(|c: char| c.is_ascii_digit()) {
            "" => continue,
            "STD" => Some("standard"),
            "SPL" => Some("sample"),
            "BLK" => Some("blank"),
            "CTL" | "POS" | "NEG" => Some("control"),
            _ => None,
        };
        let (dilution, concentration) = if role == Some("sample") { (number, None) } else { (None, number) };
        let name = Some(name.to_string());
        let sample = SampleDraft { name, role, concentration, dilution, at, ..SampleDraft::default() };
        plate.samples.insert(well, sample);
    }
}
