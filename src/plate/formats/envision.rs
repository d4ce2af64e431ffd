//! PerkinElmer EnVision and EnSpire: csv of plate sections, each with an information line and a grid, and settings at the end.
//!
//! Which parts a file has, and where, is set in the protocol (`Auto export parameters`): the information of a plate stands above
//! its grids or below them, grids have titles, column numbers and row letters or none of these, or the file is a list of wells.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::draft::{CellIndex, Draft, PlateDraft, ReadDraft, SampleDraft};
use super::envision_list::{list, list_of_plates, read_list_of_plates};
use super::envision_matrix::{Matrix, holds_numbers};
use super::envision_settings::EnvisionSettings;
use super::finish::unquoted;
use super::grid::Grid;
use super::{Description, Format};
use crate::plate::read::ExportKind;
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct EnVision;

/// The line that begins each section.
const START: &str = "Plate information";

impl Format for EnVision {
    fn description(&self) -> Description<'_> {
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
        let is_it =
            |sheet: &Sheet| (0..sheet.rows.len()).any(|row| begins(sheet, row)) || list_of_plates(sheet).is_some();
        if book.sheets.first().is_some_and(is_it) {
            Ok(())
        } else {
            Err(format!("there is no '{START}' with a line of names below it"))
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let book = draft.book;
        let sheet = &book.sheets[0];
        let settings = EnvisionSettings::new(sheet);
        let mut plates = BTreeMap::new();
        if let Some(head) = list_of_plates(sheet) {
            read_list_of_plates(draft, &settings, head);
        }
        let size = settings.plate_size();
        let sections = ReadSection::all(&settings);
        let kinetic = kinetic(&sections);
        for section in &sections {
            section.read(draft, &settings, &mut plates, size, &kinetic);
        }
        platemaps(draft, sheet);
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

/// The information of a plate and one read of it.
struct ReadSection<'a> {
    sheet: &'a Sheet,
    rows: Range<usize>,
    /// The line of names; their values stand in the next one.
    names: usize,
}

impl<'a> ReadSection<'a> {
    /// All sections of a file.
    fn all(settings: &EnvisionSettings<'a>) -> Vec<Self> {
        let sheet = settings.sheet;
        // The line of names begins a section; the line above it may be missing.
        let names: Vec<usize> = (0..sheet.rows.len())
            .filter(|&row| sheet.text(row, 0) == "Plate" && sheet.text(row, 1) == "Repeat")
            .collect();
        let Some(&first) = names.first() else { return Vec::new() };
        let is_title = |row: &usize| is_title(&sheet.text(*row, 0));
        let declared = settings.first("Place plate information at");
        let begins = |row: &usize| is_title(row) || holds_numbers(sheet, *row);
        let is_below = declared.map_or((0..first).any(|row| begins(&row)), |place| place.starts_with("End"));
        let mut begin = (0..first).find(is_title).unwrap_or(0);
        let mut sections = Vec::new();
        for (at, &names_row) in names.iter().enumerate() {
            let next = names.get(at + 1).copied().unwrap_or(sheet.rows.len());
            let rows = if is_below {
                begin..information_end(sheet, names_row)
            } else {
                let ends = |row: usize| {
                    matches!(sheet.text(row, 0).as_str(), START | "Basic assay information" | "Protocol information")
                };
                names_row..(names_row..next).find(|&row| ends(row)).unwrap_or(next)
            };
            begin = rows.end;
            sections.push(Self { sheet, rows, names: names_row });
        }
        sections
    }

    /// What its information line says under a name.
    fn get(&self, name: &str) -> Option<String> {
        let names = &self.sheet.rows[self.names];
        let column = (0..names.len()).find(|&column| self.sheet.text(self.names, column) == name)?;
        let text = self.sheet.text(self.names + 1, column);
        Some(unquoted(&text).to_string()).filter(|text| !text.is_empty())
    }

    fn number(&self, name: &str) -> u32 {
        self.get(name).and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    fn label(&self) -> String {
        self.get("Label").or_else(|| self.get("Meas")).unwrap_or_default()
    }

    /// How it was measured: in the information line or, for a calculated result, only in the background table.
    fn measuring(&self) -> String {
        let background = || {
            let start = self.rows.clone().find(|&row| self.sheet.text(row, 0) == "Background information")?;
            let names = self.sheet.rows.get(start + 1)?;
            let column = (0..names.len()).find(|&column| self.sheet.text(start + 1, column) == "MeasInfo")?;
            Some(self.sheet.text(start + 2, column))
        };
        self.get("Measinfo").or_else(background).unwrap_or_default()
    }

    /// Why it is no end point.
    fn other(&self, kinetic: &BTreeSet<(u32, String)>) -> Option<(ExportKind, &'static str, &'static str)> {
        if self.number("ScanX") > 1 || self.number("ScanY") > 1 {
            let what = "a scan over several points of each well";
            Some((ExportKind::AreaScan, "a point of a well scan: not read", what))
        } else if kinetic.contains(&(self.number("Plate"), self.label())) && self.get("Formula").is_none() {
            Some((ExportKind::Kinetic, "a point of a kinetic read: not read", "a kinetic read"))
        } else {
            None
        }
    }

    /// Reads it into its plate, new or one of `plates`.
    fn read(
        &self,
        draft: &mut Draft<'_>,
        settings: &EnvisionSettings<'_>,
        plates: &mut BTreeMap<String, usize>,
        size: Option<PlateSize>,
        kinetic: &BTreeSet<(u32, String)>,
    ) {
        let sheet = self.sheet;
        let number = self.get("Plate").unwrap_or_default();
        let begin = if self.names > 0 && sheet.text(self.names - 1, 0) == START { self.names - 1 } else { self.names };
        draft.note(
            0,
            begin..self.names + 2,
            format!("{START}: plate {number}"),
            "plate, barcode, label and how it was measured",
        );
        if let Some((kind, made, what)) = self.other(kinetic) {
            draft.note(0, self.rows.clone(), format!("{START}: plate {number}"), made);
            draft.no_end_point(kind, (0, self.names, 0), what);
            return;
        }
        // A plate that is measured again later is another one of that number.
        let name = match self.number("Repeat") {
            0 | 1 => format!("Plate {number}"),
            repeat => format!("Plate {number}, repeat {repeat}"),
        };
        let plate = *plates.entry(name).or_insert_with_key(|name| {
            draft.plates.push(PlateDraft {
                id: self.get("Barcode"),
                name: Some(name.clone()),
                size,
                at: (0, self.names, 0),
                ..PlateDraft::default()
            });
            draft.plates.len() - 1
        });
        self.read_blocks(draft, settings, plate, begin, size);
    }

    /// Reads its grids, matrices and lists.
    fn read_blocks(
        &self,
        draft: &mut Draft<'_>,
        settings: &EnvisionSettings<'_>,
        plate: usize,
        information: usize,
        size: Option<PlateSize>,
    ) {
        let sheet = self.sheet;
        let mut row = self.rows.start;
        let mut title: Option<String> = None;
        // Where a matrix begins: below the blank line that ends what stands above. Its own first lines may be blank.
        let mut open = if row == 0 { row } else { row + 1 };
        while row < self.rows.end {
            let first = sheet.text(row, 0);
            if (information..self.names + 2).contains(&row) {
                row = self.names + 2;
                open = row + 1;
            } else if first == "Background information" {
                let end = (row..self.rows.end).find(|&row| sheet.is_blank(row)).unwrap_or(self.rows.end);
                draft.note(0, row..end, first, "not used");
                row = end;
                open = row + 1;
            } else if let Some(grid) = Grid::at(sheet, row, 0) {
                self.add(draft, settings, plate, title.take(), grid.cells(0), row..grid.end());
                row = grid.end();
                open = row + 1;
            } else if first == "Well" {
                list(draft, settings, &self.measuring(), plate, row..self.rows.end);
                row = self.rows.end;
            } else if holds_numbers(sheet, row) {
                // Above its information a matrix ends with the blank line between them.
                let above = |size: PlateSize| information.checked_sub(size.rows + 1).filter(|_| row < information);
                let first = size.and_then(above).unwrap_or(open);
                let matrix = Matrix::at(sheet, first, row, self.rows.end, size);
                let rows = matrix.rows.clone();
                match matrix.cells {
                    Ok((shape, cells)) => {
                        draft.plates[plate].size = draft.plates[plate].size.or(Some(shape));
                        self.add(draft, settings, plate, title.take(), cells, rows.clone());
                    }
                    Err(problem) => draft.problems.push(problem),
                }
                row = rows.end;
                open = row + 1;
            } else {
                if !first.is_empty() {
                    let is_sentence = first.starts_with("No background information");
                    let made = if is_sentence { "not used" } else { "title of the grid below" };
                    draft.note(0, row..row + 1, first.as_str(), made);
                    title = Some(first).filter(|_| !is_sentence);
                    open = row + 1;
                }
                row += 1;
            }
        }
    }

    /// Adds a grid, if it holds results: signals, saturation marks and times have the same shape.
    fn add(
        &self,
        draft: &mut Draft<'_>,
        settings: &EnvisionSettings<'_>,
        plate: usize,
        title: Option<String>,
        cells: Vec<(WellPosition, CellIndex)>,
        rows: Range<usize>,
    ) {
        let shown = title.clone().unwrap_or_else(|| "grid without a title".to_string());
        if title.as_deref().is_some_and(|title| !is_title(title)) {
            draft.note(0, rows, shown, "no result: not read");
            return;
        }
        let info = self.measuring();
        let read = if let Some(formula) = self.get("Formula") {
            ReadDraft::derived(settings.mode(&info, title.as_deref(), None), formula, cells)
        } else {
            settings.raw(&self.label(), &info, title.as_deref(), cells)
        };
        draft.note(0, rows, shown, if read.derived { "derived, kept beside" } else { "read" });
        draft.plates[plate].reads.push(read);
    }
}

fn is_title(text: &str) -> bool {
    text.starts_with("Results for") || text.starts_with("Calculated results")
}

/// The row after a plate's information and the background table below it.
fn information_end(sheet: &Sheet, names: usize) -> usize {
    let end = names + 2;
    let next = (end..sheet.rows.len()).find(|&row| !sheet.is_blank(row));
    match next.filter(|&row| sheet.text(row, 0) == "Background information") {
        Some(row) => (row..sheet.rows.len()).find(|&row| sheet.is_blank(row)).unwrap_or(sheet.rows.len()),
        None => end,
    }
}

/// Labels that were measured again and again, by plate: their sections count the points.
fn kinetic(sections: &[ReadSection<'_>]) -> BTreeSet<(u32, String)> {
    let again = sections.iter().filter(|section| section.number("Kinetics") > 1);
    again.map(|section| (section.number("Plate"), section.label())).collect()
}

/// The names of samples that the platemaps declare: a code with a number, `-` for none.
fn platemaps(draft: &mut Draft<'_>, sheet: &Sheet) {
    let starts: Vec<usize> = (0..sheet.rows.len()).filter(|&row| sheet.text(row, 0) == "Platemap:").collect();
    for start in starts {
        let is_end = |row: usize| sheet.text(row, 0).ends_with(':');
        let end = (start + 1..sheet.rows.len()).find(|&row| is_end(row)).unwrap_or(sheet.rows.len());
        let mut name = None;
        let mut row = start;
        while row < end {
            if sheet.text(row, 0) == "Plate" {
                name = Some(format!("Plate {}", sheet.text(row, 4)));
            }
            let Some(grid) = Grid::at(sheet, row, 0) else {
                row += 1;
                continue;
            };
            let plate = draft.plates.iter_mut().find(|plate| plate.name == name);
            let mut named = 0;
            if let Some(plate) = plate {
                for (well, at) in grid.cells(0) {
                    let text = sheet.text(at.1, at.2);
                    if !matches!(text.as_str(), "" | "-") {
                        let role = role_of(&text);
                        plate
                            .samples
                            .insert(well, SampleDraft { name: Some(text), role, at, ..SampleDraft::default() });
                        named += 1;
                    }
                }
            }
            let made = if named > 0 { "names of samples" } else { "names no sample" };
            draft.note(0, grid.header..grid.end(), format!("Platemap: {}", name.clone().unwrap_or_default()), made);
            row = grid.end();
        }
    }
}

/// The role that a code of a platemap stands for; `LB`, `LC` and `LH` are of LANCE, `ZL` and `ZH` of the Z' factor.
fn role_of(text: &str) -> Option<&'static str> {
    match text.trim_end_matches(|c: char| c.is_ascii_digit()) {
        "STD" => Some("standard"),
        "UNK" | "S" => Some("sample"),
        "BL" | "BLK" | "LB" => Some("blank"),
        "CTL" | "LC" | "LH" | "ZL" | "ZH" => Some("control"),
        _ => None,
    }
}
