//! PerkinElmer EnVision and EnSpire: csv of plate sections, each with an information line and a grid, and settings at the end.

use std::ops::Range;

use super::draft::{At, Draft, PlateDraft, ReadDraft, SampleDraft};
use super::finish::unquoted;
use super::grid::{Grid, is_number};
use super::{Description, Format};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Problem, Sheet};

/// The format.
pub(super) struct EnVision;

/// The line that begins each section.
const START: &str = "Plate information";

impl Format for EnVision {
    fn description(&self) -> Description {
        Description {
            name: "envision",
            title: "EnVision or EnSpire",
            written_by: "PerkinElmer EnVision Workstation and EnSpire Workstation, csv; the list of end points is provisional",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let is_section = |sheet: &Sheet, row: usize| sheet.text(row, 0) == START && sheet.text(row + 1, 0) == "Plate";
        if book.sheets.first().is_some_and(|sheet| (0..sheet.rows.len()).any(|row| is_section(sheet, row))) {
            Ok(())
        } else {
            Err(format!("there is no '{START}' with a line of names below it"))
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let book = draft.book;
        let sheet = &book.sheets[0];
        let starts: Vec<usize> = (0..sheet.rows.len())
            .filter(|&row| sheet.text(row, 0) == START && sheet.text(row + 1, 0) == "Plate")
            .collect();
        let settings = Settings { sheet };
        let size = settings.plate_size();
        for (at, &start) in starts.iter().enumerate() {
            let next = starts.get(at + 1).copied().unwrap_or(sheet.rows.len());
            let ends =
                |row: usize| matches!(sheet.text(row, 0).as_str(), "Basic assay information" | "Protocol information");
            let end = (start..next).find(|&row| ends(row)).unwrap_or(next);
            section(draft, &settings, start..end, size);
        }
        let noted = draft
            .plates
            .iter()
            .flat_map(|plate| &plate.reads)
            .flat_map(|read| &read.cells)
            .map(|&(_, at)| at.1)
            .max()
            .unwrap_or(0);
        for row in noted + 1..sheet.rows.len() {
            if !sheet.is_blank(row) && !draft.accounted[0][row] {
                draft.note_key(0, row);
            }
        }
    }
}

/// The values below the names of a section's information line.
struct Information<'a> {
    sheet: &'a Sheet,
    names: usize,
}

impl Information<'_> {
    fn get(&self, name: &str) -> Option<String> {
        let column =
            (0..self.sheet.rows[self.names].len()).find(|&column| self.sheet.text(self.names, column) == name)?;
        let text = self.sheet.text(self.names + 1, column);
        Some(unquoted(&text).to_string()).filter(|text| !text.is_empty())
    }
}

/// The paragraphs of settings at the end of the file.
struct Settings<'a> {
    sheet: &'a Sheet,
}

impl Settings<'_> {
    fn plate_size(&self) -> Option<PlateSize> {
        let number = |key: &str| {
            let row = (0..self.sheet.rows.len()).find(|&row| self.sheet.text(row, 0) == key)?;
            self.sheet.text(row, 4).parse::<usize>().ok()
        };
        let (rows, columns) = (number("Number of rows")?, number("Number of columns")?);
        PlateSize::ALL.into_iter().find(|size| size.rows == rows && size.columns == columns)
    }

    /// The rows of the paragraph of a label: below `Labels:` or `Measurements:`, until the next blank line.
    fn label(&self, name: &str) -> Option<Range<usize>> {
        let sheet = self.sheet;
        let start =
            (0..sheet.rows.len()).find(|&row| matches!(sheet.text(row, 0).as_str(), "Labels:" | "Measurements:"))?;
        let is_it = |row: usize| {
            let key = sheet.text(row, 0);
            key == name && !sheet.text(row, 4).is_empty()
                || key == "Meas" && format!("Meas {}", sheet.text(row, 4)) == name
        };
        let first = (start + 1..sheet.rows.len()).find(|&row| is_it(row))?;
        let end = (first..sheet.rows.len()).find(|&row| sheet.is_blank(row)).unwrap_or(sheet.rows.len());
        Some(first..end)
    }

    fn value(&self, rows: &Range<usize>, key: &str) -> Option<String> {
        let row = rows.clone().find(|&row| self.sheet.text(row, 0).eq_ignore_ascii_case(key))?;
        Some(self.sheet.text(row, 4)).filter(|value| !value.is_empty() && value != "N/A")
    }

    /// The wavelength of a filter from its description `… CWL=450nm BW=10nm …`.
    fn filter(&self, name: &str) -> Option<f64> {
        let sheet = self.sheet;
        let filters = (0..sheet.rows.len()).find(|&row| sheet.text(row, 0) == "Filters:")?;
        let first = (filters + 1..sheet.rows.len()).find(|&row| sheet.text(row, 0) == name)?;
        let description = (first..sheet.rows.len())
            .take_while(|&row| !sheet.is_blank(row))
            .find(|&row| sheet.text(row, 0) == "Description")?;
        let text = sheet.text(description, 4);
        text.split_once("CWL=")?.1.split("nm").next()?.trim().parse().ok()
    }

    fn wavelength(&self, rows: &Range<usize>, wavelength_key: &str, filter_key: &str) -> Option<f64> {
        let written = self.value(rows, wavelength_key).and_then(|text| text.trim_end_matches("nm").trim().parse().ok());
        written.or_else(|| self.filter(&self.value(rows, filter_key)?))
    }
}

fn section(draft: &mut Draft<'_>, settings: &Settings<'_>, rows: Range<usize>, size: Option<PlateSize>) {
    let sheet = settings.sheet;
    let information = Information { sheet, names: rows.start + 1 };
    let number = information.get("Plate").unwrap_or_default();
    draft.note(
        0,
        rows.start..rows.start + 3,
        format!("{START}: plate {number}"),
        "plate, barcode, label and how it was measured",
    );
    let is_scan = ["ScanX", "ScanY"]
        .iter()
        .any(|key| information.get(key).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0) > 1);
    if is_scan {
        draft.note(0, rows.clone(), format!("{START}: plate {number}"), "a point of a well scan: not read");
        draft.no_end_point(ExportKind::AreaScan, (0, rows.start, 0), "a scan over several points of each well");
        return;
    }
    let name = format!("Plate {number}");
    let at = draft.plates.iter().position(|plate| plate.name.as_deref() == Some(name.as_str())).unwrap_or_else(|| {
        let plate = PlateDraft {
            id: information.get("Barcode"),
            name: Some(name),
            size,
            at: (0, rows.start, 0),
            ..PlateDraft::default()
        };
        draft.plates.push(plate);
        draft.plates.len() - 1
    });
    let mut row = rows.start + 3;
    let mut title: Option<String> = None;
    while row < rows.end {
        let first = sheet.text(row, 0);
        if first == "Background information" {
            let end = (row..rows.end).find(|&row| sheet.is_blank(row)).unwrap_or(rows.end);
            draft.note(0, row..end, first, "not used");
            row = end;
        } else if let Some(grid) = Grid::at(sheet, row, 0) {
            add(draft, settings, &information, at, title.take(), grid.cells(0), row..grid.end());
            row = grid.end();
        } else if first == "Well" {
            list(draft, settings, &information, at, row..rows.end);
            row = rows.end;
        } else if let Some(matrix) = bare(sheet, row, rows.end, size) {
            // The short style has no title, no column numbers and no row letters.
            add(draft, settings, &information, at, None, matrix, row..row + size.map_or(1, |size| size.rows));
            row += size.map_or(1, |size| size.rows);
        } else {
            if !first.is_empty() {
                draft.note(0, row..row + 1, first.as_str(), "title of the grid below");
                title = Some(first);
            }
            row += 1;
        }
    }
}

/// A block of rows × columns bare numbers.
fn bare(sheet: &Sheet, row: usize, end: usize, size: Option<PlateSize>) -> Option<Vec<(WellPosition, At)>> {
    let size = size?;
    let filled = |row: usize| sheet.rows[row].iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    let is_number = |row: usize| is_number(&sheet.text(row, 0));
    if row + size.rows > end
        || !is_number(row)
        || (row..row + size.rows).any(|row| filled(row) > size.columns || sheet.is_blank(row))
    {
        return None;
    }
    Some(size.wells().map(|well| (well, (0, row + usize::from(well.row), usize::from(well.column)))).collect())
}

/// Adds a grid, if it holds results: signals, saturation marks and times have the same shape.
fn add(
    draft: &mut Draft<'_>,
    settings: &Settings<'_>,
    information: &Information<'_>,
    plate: usize,
    title: Option<String>,
    cells: Vec<(WellPosition, At)>,
    rows: Range<usize>,
) {
    let shown = title.clone().unwrap_or_else(|| "grid without a title".to_string());
    let formula = information.get("Formula");
    let is_result =
        title.as_ref().is_none_or(|title| title.starts_with("Results for") || title.starts_with("Calculated results"));
    if !is_result {
        draft.note(0, rows, shown, "no result: not read");
        return;
    }
    if let Some(formula) = formula {
        let mode = mode(&measuring(settings, information, rows.start), title.as_deref(), settings, None);
        draft.plates[plate].reads.push(ReadDraft::derived(mode, formula, cells));
        draft.note(0, rows, shown, "derived, kept beside");
        return;
    }
    let label = information.get("Label").or_else(|| information.get("Meas")).unwrap_or_default();
    let read = raw(settings, information, &label, title.as_deref(), rows.start, cells);
    draft.note(0, rows, shown, "read");
    draft.plates[plate].reads.push(read);
}

/// How it was measured: in the section's information line, or in the background table.
fn measuring(settings: &Settings<'_>, information: &Information<'_>, row: usize) -> String {
    information.get("Measinfo").or_else(|| background_info(settings.sheet, row)).unwrap_or_default()
}

/// A measured grid or column as a read.
fn raw(
    settings: &Settings<'_>,
    information: &Information<'_>,
    label: &str,
    title: Option<&str>,
    row: usize,
    cells: Vec<(WellPosition, At)>,
) -> ReadDraft {
    // `A450(1)` is the first repeat of the label `A450`.
    let base = label.rsplit_once('(').map_or(label, |(base, _)| base).trim();
    let paragraph = settings.label(base);
    let mode = mode(&measuring(settings, information, row), title, settings, paragraph.as_ref());
    let mut read = ReadDraft::raw(mode, label, cells);
    if let Some(paragraph) = &paragraph {
        let second = title.is_some_and(|title| title.contains("channel 2"));
        let excitation = settings.wavelength(paragraph, "Excitation wavelength", "Exc. filter");
        let emission = settings.wavelength(
            paragraph,
            "Emission wavelength",
            if second { "2nd ems. filter" } else { "Ems. filter" },
        );
        match mode {
            Mode::Absorbance => read.wavelength_nm = excitation,
            Mode::Fluorescence => (read.excitation_nm, read.wavelength_nm) = (excitation, emission),
            _ => read.wavelength_nm = emission,
        }
    }
    // The unit is in the last brackets of the title: (A), (Counts), (CPS), (RFU).
    let unit = title.and_then(|title| Some(title.rsplit_once('(')?.1.trim_end_matches(')').to_string()));
    read.unit = match unit.as_deref() {
        Some("A") => Some("OD".to_string()),
        Some(_) => unit,
        None if mode == Mode::Absorbance => Some("OD".to_string()),
        None => None,
    };
    read
}

/// How a calculated result was measured stands only in the background table above it.
fn background_info(sheet: &Sheet, row: usize) -> Option<String> {
    let start = (0..row).rev().find(|&row| sheet.text(row, 0) == "Background information")?;
    let column = (0..sheet.rows[start + 1].len()).find(|&column| sheet.text(start + 1, column) == "MeasInfo")?;
    Some(sheet.text(start + 2, column))
}

/// `De=1st Ex=Btm Em=N/A`: light through the plate; `De=USLum`: no light; `Ex=N/A Em=Top`: the laser of AlphaScreen.
fn mode(info: &str, title: Option<&str>, settings: &Settings<'_>, paragraph: Option<&Range<usize>>) -> Mode {
    let says = |text: &str| info.contains(text);
    if title.is_some_and(|title| title.ends_with("(A)")) {
        Mode::Absorbance
    } else if says("De=USLum") || says("De=Lum") {
        Mode::Luminescence
    } else if says("Ex=N/A") {
        let is_alpha = paragraph.is_none_or(|rows| settings.value(rows, "Excitation time").is_some());
        if is_alpha { Mode::Alpha } else { Mode::Luminescence }
    } else if says("Em=N/A") {
        Mode::Absorbance
    } else if says("Ex=") {
        Mode::Fluorescence
    } else {
        Mode::Unknown
    }
}

/// The list export: one row per well, names of columns such as `MeasA:Result`. With wavelengths or times that change from row
/// to row it is a spectrum or a kinetic read. The end-point form is written from that of the spectra: provisional.
fn list(
    draft: &mut Draft<'_>,
    settings: &Settings<'_>,
    information: &Information<'_>,
    plate: usize,
    rows: Range<usize>,
) {
    let sheet = settings.sheet;
    let head = rows.start;
    let at = (0, head, 0);
    let names: Vec<String> = (0..sheet.rows[head].len()).map(|column| sheet.text(head, column)).collect();
    let end = (head + 1..rows.end).find(|&row| sheet.is_blank(row)).unwrap_or(rows.end);
    let wells: Vec<(WellPosition, usize)> =
        (head + 1..end).filter_map(|row| Some((sheet.text(row, 0).parse().ok()?, row))).collect();
    let first = wells.first().map(|&(well, _)| well);
    let repeats = wells.iter().filter(|&&(well, _)| Some(well) == first).count() > 1;
    if repeats {
        let is_spectrum = names.iter().any(|name| name.contains(":Wavelength"));
        let (kind, what) = if is_spectrum {
            (ExportKind::Spectrum, "a spectrum")
        } else {
            (ExportKind::Kinetic, "a read with several values per well")
        };
        draft.note(0, head..end, "list with several rows per well", "not read");
        draft.plates[plate].other = Some((kind, Mode::Unknown));
        draft.no_end_point(kind, at, what);
        return;
    }
    draft.note(0, head..end, "list with one row per well", "read");
    for row in (head + 1..end).filter(|&row| sheet.text(row, 0).parse::<WellPosition>().is_err()) {
        draft.problem((0, row, 0), format!("'{}' is not a well", sheet.text(row, 0))).expected =
            "a well such as A01".into();
    }
    for (column, name) in names.iter().enumerate().skip(1).filter(|(_, name)| !name.is_empty()) {
        let cells = || wells.iter().map(|&(well, row)| (well, (0, row, column)));
        match name.split_once(':') {
            Some((label, "Result" | "Signal")) => {
                // `MeasA` is the measurement `Meas A` of the settings.
                let label =
                    label.strip_prefix("Meas").map_or(label.to_string(), |letter| format!("Meas {}", letter.trim()));
                let read = raw(settings, information, &label, None, head, cells().collect());
                draft.plates[plate].reads.push(read);
            }
            None if name == "Sample" => {
                for (well, at) in cells() {
                    let name = Some(sheet.text(at.1, at.2)).filter(|name| !name.is_empty() && name != "-");
                    if name.is_some() {
                        let sample = SampleDraft { name, at, ..SampleDraft::default() };
                        draft.plates[plate].samples.insert(well, sample);
                    }
                }
            }
            _ => draft
                .warnings
                .push(Problem::new(sheet.location(head, column), format!("the column '{name}' is not used"))),
        }
    }
}
