//! Plain tables: one row per well, with a column of wells, perhaps one of plates, and one or several of values.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{COLUMN_NOT_USED, Draft, NOT_A_WELL, PlateDraft, ReadDraft};
use super::grid::is_number;
use super::plain_series::series;
use super::time::are_times;
use super::title::Title;
use super::{Description, Format};
use crate::plate::layout_words::{field_word, role_word};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::reading::Reading;
use crate::plate::well::WellPosition;
use crate::sheet::{Book, Code, Decimal, Problem, Sheet};

/// The format.
pub(super) struct PlainTable;

impl Format for PlainTable {
    fn description(&self) -> Description<'_> {
        Description {
            name: "table",
            title: "plain table",
            written_by: "any program: one row per well, columns named well, plate (optional) and what was measured",
            general: true,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().filter(|sheet| !sheet.hidden).any(|sheet| TableColumns::of(sheet).is_some()) {
            Ok(())
        } else {
            Err("its first row names no column of wells with values beside it".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            if let Some(mut columns) = TableColumns::of(sheet) {
                if let Some(column) = &mut draft.column {
                    column.is_found |= columns.take(&column.title);
                }
                columns.take_the_only(draft.is_named);
                if is_over_time(sheet, &columns) || are_times(columns.names()) {
                    draft.note(index, 0..sheet.rows.len(), "table with one row per well and time", "not read");
                    draft.no_end_point(ExportKind::Kinetic, (index, columns.header, 0), "a kinetic read");
                    continue;
                }
                if let Some(problem) = several_plates(sheet, &columns) {
                    draft.note(index, 0..sheet.rows.len(), "table with several rows per well", "not read");
                    draft.problems.push(problem);
                    continue;
                }
                if columns.is_layout(sheet) {
                    draft.note(index, 0..sheet.rows.len(), "table of the wells' content", "a layout: not used");
                    draft.no_end_point(
                        ExportKind::LayoutOnly,
                        (index, columns.header, 0),
                        "a table without readings: no column's title says that it holds any (OD, absorbance, 450 nm, RLU, signal). \
                         Title the column of readings so, or name it: column = \"…\" beside the export in study.toml (--column here). If the table \
                         says what is in the wells, name it as the layout of its plate",
                    );
                    continue;
                }
                table(draft, index, sheet, &columns);
            }
        }
    }
}

/// Columns that count or place wells, without spaces and signs: numbers, but no readings.
const COUNTERS: [&str; 17] = [
    "row",
    "column",
    "col",
    "rowindex",
    "columnindex",
    "colindex",
    "rowid",
    "wellid",
    "wellnumber",
    "id",
    "index",
    "no",
    "nr",
    "number",
    "time",
    "repeat",
    "cycle",
];

/// Which column is what.
struct TableColumns {
    header: usize,
    well: usize,
    plate: Option<usize>,
    /// The wavelength of each row, where a well has a row for each of a few.
    wavelength: Option<usize>,
    /// Columns whose title says that they hold readings, or values computed from such.
    values: Vec<(usize, String)>,
    /// Columns of numbers whose title says nothing of the kind: box numbers, volumes, ages.
    unclaimed: Vec<(usize, String)>,
    others: Vec<(usize, String)>,
}

impl TableColumns {
    fn of(sheet: &Sheet) -> Option<Self> {
        if series(sheet).is_some() {
            return None;
        }
        let header = (0..sheet.rows.len()).find(|&row| !sheet.is_blank(row))?;
        let names: Vec<String> = (0..sheet.rows[header].len()).map(|column| sheet.text(header, column)).collect();
        // The first of the known names counts, wherever it stands.
        let find =
            |known: &[&str]| known.iter().find_map(|known| names.iter().position(|name| name.to_lowercase() == *known));
        let well = find(&["well", "well location", "well position", "well positions", "wells", "well id", "position"])?;
        let plate = find(&["plate", "plate id", "plate name", "labware-id", "plate barcode", "barcode", "assay plate"]);
        sheet.text(header + 1, well).parse::<WellPosition>().ok()?;
        let wavelength = names.iter().position(|name| {
            let name = name.to_lowercase();
            name.starts_with("wavel") || name.starts_with("lambda")
        });
        let (mut values, mut unclaimed, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (column, name) in names.into_iter().enumerate() {
            if column == well || Some(column) == plate || Some(column) == wavelength || name.is_empty() {
                continue;
            }
            let rows = || {
                (header + 1..sheet.rows.len())
                    .map(|row| sheet.text(row, column))
                    .filter(|text| !text.is_empty())
                    .take(400)
            };
            let numbers = rows().filter(|text| is_number(text)).count();
            let plain: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
            let title = Title::of(&name);
            // A reader's words instead of every number are a column of readings too.
            let is_numbers = numbers > 0 && numbers * 2 > rows().count();
            let is_readings =
                rows().count() > 0 && rows().all(|text| Reading::of_text(&text, Decimal::Point).is_some());
            let is_named = (title.is_measured || title.is_derived) && !title.is_layout;
            let list = match () {
                () if !(is_numbers || is_named && is_readings) || COUNTERS.contains(&plain.as_str()) => &mut others,
                () if is_named => &mut values,
                () => &mut unclaimed,
            };
            list.push((column, name));
        }
        let has_numbers = !values.is_empty() || !unclaimed.is_empty();
        has_numbers.then_some(Self { header, well, plate, wavelength, values, unclaimed, others })
    }

    /// Takes the only column of numbers for readings where the user says that the file is an export of this form.
    fn take_the_only(&mut self, is_named: bool) {
        if is_named && self.values.is_empty() && self.unclaimed.len() == 1 {
            self.values.append(&mut self.unclaimed);
        }
    }

    /// Takes the column of that title for readings, whatever it says. Answers whether there is one.
    fn take(&mut self, title: &str) -> bool {
        let is_it = |(_, name): &(usize, String)| name.trim() == title;
        for list in [&mut self.unclaimed, &mut self.others] {
            if let Some(at) = list.iter().position(is_it) {
                self.values.push(list.remove(at));
                self.values.sort_by_key(|(column, _)| *column);
            }
        }
        self.values.iter().any(is_it)
    }

    /// The names of all columns but those that place a row.
    fn names(&self) -> impl Iterator<Item = &String> {
        self.values.iter().chain(&self.unclaimed).chain(&self.others).map(|(_, name)| name)
    }

    /// Whether it says what is in the wells, and nothing was measured: numbers that no title calls readings, or concentrations beside
    /// roles, of standards and controls only. Those of samples are results.
    fn is_layout(&self, sheet: &Sheet) -> bool {
        let is_measured = |(_, name): &(usize, String)| !Title::of(name).is_derived;
        if self.values.is_empty() || self.values.iter().any(is_measured) {
            return self.values.is_empty();
        }
        let is_role = |(_, name): &&(usize, String)| field_word(name) == Some("role");
        let Some((role, name)) = self.others.iter().find(is_role) else { return false };
        let is_given = |&row: &usize| self.values.iter().any(|(column, _)| !sheet.text(row, *column).is_empty());
        let is_nominal = |row| matches!(role_word(&sheet.text(row, *role)), Some("standard" | "control"));
        name.eq_ignore_ascii_case("role") || (self.header + 1..sheet.rows.len()).filter(is_given).all(is_nominal)
    }
}

/// Whether a well comes again at another time or cycle.
fn is_over_time(sheet: &Sheet, columns: &TableColumns) -> bool {
    let is_axis = |name: &str| {
        let name = name.to_lowercase();
        let word = name.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        ["time", "cycle", "elapsed", "zeit", "zyklus"].iter().any(|axis| name.starts_with(axis))
            || ["min", "mins", "minute", "minutes", "sec", "second", "seconds", "hour", "hours", "h", "s", "t"]
                .contains(&word)
    };
    let mut named = columns.values.iter().chain(&columns.unclaimed).chain(&columns.others);
    let Some(&(axis, _)) = named.find(|(_, name)| is_axis(name)) else { return false };
    let mut times: BTreeMap<(String, String), String> = BTreeMap::new();
    (columns.header + 1..sheet.rows.len()).filter(|&row| !sheet.is_blank(row)).any(|row| {
        let plate = columns.plate.map(|column| sheet.text(row, column)).unwrap_or_default();
        let time = sheet.text(row, axis);
        *times.entry((plate, sheet.text(row, columns.well))).or_insert_with(|| time.clone()) != time
    })
}

/// What is wrong where every well comes several times: one sentence, with the column that tells the rows apart if there is one.
fn several_plates(sheet: &Sheet, columns: &TableColumns) -> Option<Problem> {
    let rows: Vec<usize> = (columns.header + 1..sheet.rows.len()).filter(|&row| !sheet.is_blank(row)).collect();
    let place = |row: usize| {
        let plate = columns.plate.map(|column| sheet.text(row, column));
        let wavelength = columns.wavelength.map(|column| sheet.text(row, column));
        (plate, sheet.text(row, columns.well).parse::<WellPosition>().ok(), wavelength)
    };
    let mut times: BTreeMap<_, usize> = BTreeMap::new();
    for &row in rows.iter().filter(|&&row| place(row).1.is_some()) {
        *times.entry(place(row)).or_default() += 1;
    }
    let most = times.values().copied().max().filter(|&most| most > 1)?;
    let repeated = times.values().filter(|&&times| times > 1).count();
    // A single well that appears twice is a slip, and named as such.
    if repeated * 2 < times.len() || repeated < 2 {
        return None;
    }
    let named = columns.others.iter().chain(&columns.unclaimed).chain(&columns.values);
    let mut candidates: Vec<&(usize, String)> = named.collect();
    candidates.sort_by_key(|(column, _)| *column);
    let tells_apart = |candidate: &&&(usize, String)| {
        let column = candidate.0;
        let values: BTreeSet<String> = rows.iter().map(|&row| sheet.text(row, column)).collect();
        let wells: BTreeSet<_> = rows.iter().map(|&row| (place(row), sheet.text(row, column))).collect();
        values.len() == most && wells.len() == rows.len()
    };
    let found = format!("every well comes {most} times");
    let at = sheet.location(columns.header, columns.well);
    Some(match candidates.iter().find(tells_apart) {
        Some((column, name)) => Problem::new(
            Code::new("plates-told-apart-by-column"),
            sheet.location(columns.header, *column),
            format!("{found}, and the column '{name}' tells them apart"),
        )
        .expected("a column 'plate' that says which plate each row is of")
        .advice(format!("If '{name}' is the plate, call the column 'plate'")),
        None => {
            Problem::new(Code::new("plates-not-told-apart"), at, format!("{found}, and no column tells them apart"))
                .expected("one row for each well of a plate")
                .advice("Add a column 'plate', or export each plate into a file of its own")
        }
    })
}

fn table(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, columns: &TableColumns) {
    let header = columns.header;
    draft.note(
        index,
        header..sheet.rows.len(),
        "table with one row per well",
        format!("read: {}", columns.values.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")),
    );
    for (column, name) in &columns.others {
        draft.warnings.push(Problem::new(
            COLUMN_NOT_USED,
            sheet.location(header, *column),
            format!("the column '{name}' is not used"),
        ));
    }
    for (column, name) in &columns.unclaimed {
        let found = format!("the column '{name}' is not used: its title does not say that its numbers are readings");
        draft.warnings.push(
            Problem::new(Code::new("column-of-numbers-not-used"), sheet.location(header, *column), found)
                .advice(format!(
                    "If they are, title it OD, absorbance, RLU, signal or by its wavelength, or say column = \"{name}\" beside the export"
                )),
        );
    }
    // A table may hold as many plates as rows.
    let mut by_name: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for row in header + 1..sheet.rows.len() {
        if sheet.is_blank(row) {
            continue;
        }
        let text = sheet.text(row, columns.well);
        let Ok(well) = text.parse::<WellPosition>() else {
            draft.problem(NOT_A_WELL, (index, row, columns.well), format!("'{text}' is not a well")).expected =
                "a well such as A1".into();
            continue;
        };
        let name = columns
            .plate
            .map(|column| sheet.text(row, column))
            .or_else(|| sheet.name.as_ref().map(ToString::to_string));
        let at = *by_name.entry(name).or_insert_with_key(|name| {
            let of_row = columns.wavelength.is_none();
            let reads = columns.values.iter().filter(|_| of_row).map(|(_, label)| read_of(label)).collect();
            let name = name.clone();
            draft.plates.push(PlateDraft { name, reads, at: (index, row, columns.well), ..PlateDraft::default() });
            draft.plates.len() - 1
        });
        let nm = columns.wavelength.map(|column| sheet.text(row, column));
        let reads = &mut draft.plates[at].reads;
        let Some(nm) = nm else {
            for (read, &(column, _)) in reads.iter_mut().zip(&columns.values) {
                read.cells.push((well, (index, row, column)));
            }
            continue;
        };
        let wavelength_nm = Title::of(&format!("{} nm", nm.trim_end_matches("nm").trim())).wavelength_nm;
        for (column, label) in &columns.values {
            let known = reads.iter().position(|read| read.label == *label && read.wavelength_nm == wavelength_nm);
            let at = known.unwrap_or_else(|| {
                let mut read = read_of(label).at(wavelength_nm);
                if read.mode == Mode::Unknown && !read.derived {
                    read = ReadDraft::raw(Mode::Absorbance, label.as_str(), Vec::new()).at(wavelength_nm);
                }
                reads.push(read);
                reads.len() - 1
            });
            reads[at].cells.push((well, (index, row, *column)));
        }
    }
}

/// A column of values: its name may say the wavelength and what kind of light.
fn read_of(label: &str) -> ReadDraft {
    let title = Title::of(label);
    let read = if title.is_derived {
        ReadDraft::derived(title.mode, label, Vec::new())
    } else {
        ReadDraft::raw(title.mode, label, Vec::new())
    };
    read.at(title.wavelength_nm)
}
