//! PerkinElmer EnVision and EnSpire: csv of plate sections, each with an information line and a grid, and settings at the end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
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
        let begins = |sheet: &Sheet, row: usize| sheet.text(row, 0) == START && sheet.text(row + 1, 0) == "Plate";
        if book.sheets.first().is_some_and(|sheet| (0..sheet.rows.len()).any(|row| begins(sheet, row))) {
            Ok(())
        } else {
            Err(format!("there is no '{START}' with a line of names below it"))
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let book = draft.book;
        let sheet = &book.sheets[0];
        // The line of names begins a section; the line above it may be missing.
        let names: Vec<usize> = (0..sheet.rows.len())
            .filter(|&row| sheet.text(row, 0) == "Plate" && sheet.text(row, 1) == "Repeat")
            .collect();
        let settings = Settings { sheet, used: RefCell::default(), labels: RefCell::default() };
        let size = settings.plate_size();
        let mut plates = BTreeMap::new();
        for (at, &start) in names.iter().enumerate() {
            let next = names.get(at + 1).copied().unwrap_or(sheet.rows.len());
            let ends = |row: usize| {
                matches!(sheet.text(row, 0).as_str(), START | "Basic assay information" | "Protocol information")
            };
            let end = (start..next).find(|&row| ends(row)).unwrap_or(next);
            if start > 0 && sheet.text(start - 1, 0) == START {
                draft.note(0, start - 1..start, START, "begins a section");
            }
            section(draft, &settings, &mut plates, start..end, size);
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
            if sheet.is_blank(row) || draft.accounted[0][row] {
                continue;
            }
            if settings.used.borrow().contains(&row) {
                draft.note_setting(0, row);
            } else {
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
    /// The rows of which something was used.
    used: RefCell<BTreeSet<usize>>,
    /// The paragraphs of labels that were asked for.
    labels: RefCell<BTreeMap<String, Option<Range<usize>>>>,
}

impl Settings<'_> {
    fn plate_size(&self) -> Option<PlateSize> {
        let number = |key: &str| {
            let row = (0..self.sheet.rows.len()).find(|&row| self.sheet.text(row, 0) == key)?;
            self.used.borrow_mut().insert(row);
            self.sheet.text(row, 4).parse::<usize>().ok()
        };
        let (rows, columns) = (number("Number of rows")?, number("Number of columns")?);
        PlateSize::ALL.into_iter().find(|size| size.rows == rows && size.columns == columns)
    }

    /// The rows of the paragraph of a label: below `Labels:` or `Measurements:`, until the next blank line.
    fn label(&self, name: &str) -> Option<Range<usize>> {
        self.labels.borrow_mut().entry(name.to_string()).or_insert_with(|| self.find_label(name)).clone()
    }

    fn find_label(&self, name: &str) -> Option<Range<usize>> {
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
        self.used.borrow_mut().insert(row);
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
        self.used.borrow_mut().extend([first, description]);
        let text = sheet.text(description, 4);
        text.split_once("CWL=")?.1.split("nm").next()?.trim().parse().ok()
    }

    fn wavelength(&self, rows: &Range<usize>, wavelength_key: &str, filter_key: &str) -> Option<f64> {
        let written = self.value(rows, wavelength_key).and_then(|text| text.trim_end_matches("nm").trim().parse().ok());
        written.or_else(|| self.filter(&self.value(rows, filter_key)?))
    }
}

/// Reads a section into its plate, new or one of `plates`.
fn section(
    draft: &mut Draft<'_>,
    settings: &Settings<'_>,
    plates: &mut BTreeMap<String, usize>,
    rows: Range<usize>,
    size: Option<PlateSize>,
) {
    let sheet = settings.sheet;
    let information = Information { sheet, names: rows.start };
    let number = information.get("Plate").unwrap_or_default();
    draft.note(
        0,
        rows.start..rows.start + 2,
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
    let at = *plates.entry(name).or_insert_with_key(|name| {
        let plate = PlateDraft {
            id: information.get("Barcode"),
            name: Some(name.clone()),
            size,
            at: (0, rows.start, 0),
            ..PlateDraft::default()
        };
        draft.plates.push(plate);
        draft.plates.len() - 1
    });
    let mut row = rows.start + 2;
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
        } else if let Some((shape, matrix)) = bare(sheet, row, rows.end, size) {
            // The short style has no title, no column numbers and no row letters.
            draft.plates[at].size = draft.plates[at].size.or(Some(shape));
            add(draft, settings, &information, at, None, matrix, row..row + shape.rows);
            row += shape.rows;
        } else {
            if !first.is_empty() {
                draft.note(0, row..row + 1, first.as_str(), "title of the grid below");
                title = Some(first);
            }
            row += 1;
        }
    }
}

/// A block of rows × columns bare numbers, of the size that the settings say or, where they are not exported, of the plate that
/// has as many rows and columns.
fn bare(
    sheet: &Sheet,
    row: usize,
    end: usize,
    size: Option<PlateSize>,
) -> Option<(PlateSize, Vec<(WellPosition, At)>)> {
    let filled = |row: usize| sheet.rows[row].iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    let first_is_number = || is_number(&sheet.text(row, 0));
    let rows = (row..end).take_while(|&row| !sheet.is_blank(row)).count();
    let widest = (row..row + rows).map(filled).max().unwrap_or(0);
    let size = size.or_else(|| PlateSize::ALL.into_iter().find(|size| size.rows == rows && size.columns == widest))?;
    if !first_is_number() || rows < size.rows || (row..row + size.rows).any(|row| filled(row) > size.columns) {
        return None;
    }
    let cell = |well: WellPosition| (well, (0, row + usize::from(well.row), usize::from(well.column)));
    Some((size, size.wells().map(cell).collect()))
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
    information.get("Measinfo").or_else(|| background_info(settings.sheet, information.names, row)).unwrap_or_default()
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
            Mode::Absorbance => read.wavelength_nm = excitation.or(emission),
            Mode::Fluorescence => (read.excitation_nm, read.wavelength_nm) = (excitation, emission),
            _ => read.wavelength_nm = emission,
        }
    }
    if mode == Mode::Absorbance && read.wavelength_nm.is_none() {
        read.wavelength_nm = measured_at(&measuring(settings, information, row));
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
fn background_info(sheet: &Sheet, section: usize, row: usize) -> Option<String> {
    let start = (section..row).rev().find(|&row| sheet.text(row, 0) == "Background information")?;
    let column = (0..sheet.rows[start + 1].len()).find(|&column| sheet.text(start + 1, column) == "MeasInfo")?;
    Some(sheet.text(start + 2, column))
}

/// The wavelength in `De=Abs Ex=N/A Em=450 nm`: the newer program writes it there and not with the label.
fn measured_at(info: &str) -> Option<f64> {
    ["Em=", "Ex="].into_iter().find_map(|key| info.split_once(key)?.1.split_whitespace().next()?.parse().ok())
}

/// `De=1st Ex=Btm Em=N/A` and `De=Abs …`: light through the plate; `De=USLum`: no light; `Ex=N/A Em=Top`: the laser of AlphaScreen.
fn mode(info: &str, title: Option<&str>, settings: &Settings<'_>, paragraph: Option<&Range<usize>>) -> Mode {
    let says = |text: &str| info.contains(text);
    if title.is_some_and(|title| title.ends_with("(A)")) || says("De=Abs") {
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
