//! Plain tables: one row per well, with a column of wells, perhaps one of plates, and one or several of values.

use std::collections::BTreeMap;

use super::draft::{Draft, PlateDraft, ReadDraft};
use super::grid::is_number;
use super::plain_series::series;
use super::title::Title;
use super::{Description, Format};
use crate::plate::read::ExportKind;
use crate::plate::well::WellPosition;
use crate::sheet::{Book, Problem, Sheet};

/// The format.
pub(super) struct PlainTable;

impl Format for PlainTable {
    fn description(&self) -> Description {
        Description {
            name: "table",
            title: "plain table",
            written_by: "any program: one row per well, columns named well, plate (optional) and what was measured",
            general: true,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().filter(|sheet| !sheet.hidden).any(|sheet| Columns::of(sheet).is_some()) {
            Ok(())
        } else {
            Err("its first row names no column of wells with values beside it".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            if let Some(columns) = Columns::of(sheet) {
                if columns.is_layout() {
                    draft.note(index, 0..sheet.rows.len(), "table of the wells' content", "a layout: not used");
                    draft.no_end_point(
                        ExportKind::LayoutOnly,
                        (index, columns.header, 0),
                        "a layout: no column holds readings",
                    );
                    continue;
                }
                if is_over_time(sheet, &columns) {
                    draft.note(index, 0..sheet.rows.len(), "table with one row per well and time", "not read");
                    draft.no_end_point(ExportKind::Kinetic, (index, columns.header, 0), "a kinetic read");
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
struct Columns {
    header: usize,
    well: usize,
    plate: Option<usize>,
    values: Vec<(usize, String)>,
    others: Vec<(usize, String)>,
}

impl Columns {
    fn of(sheet: &Sheet) -> Option<Self> {
        if series(sheet).is_some() {
            return None;
        }
        let header = (0..sheet.rows.len()).find(|&row| !sheet.is_blank(row))?;
        let names: Vec<String> = (0..sheet.rows[header].len()).map(|column| sheet.text(header, column)).collect();
        let find = |known: &[&str]| names.iter().position(|name| known.contains(&name.to_lowercase().as_str()));
        let well = find(&["well", "well location", "well position", "well positions", "wells", "well id", "position"])?;
        let plate = find(&["plate", "plate id", "plate name", "labware-id", "plate barcode", "barcode", "assay plate"]);
        sheet.text(header + 1, well).parse::<WellPosition>().ok()?;
        let (mut values, mut others) = (Vec::new(), Vec::new());
        for (column, name) in names.into_iter().enumerate() {
            if column == well || Some(column) == plate || name.is_empty() {
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
            let is_value = numbers > 0
                && numbers * 2 > rows().count()
                && !COUNTERS.contains(&plain.as_str())
                && !Title::of(&name).is_layout;
            if is_value { values.push((column, name)) } else { others.push((column, name)) }
        }
        (!values.is_empty()).then_some(Self { header, well, plate, values, others })
    }

    /// Whether it says what is in the wells, and nothing was measured: nominal concentrations beside roles.
    fn is_layout(&self) -> bool {
        let is_measured = |(_, name): &(usize, String)| !Title::of(name).is_derived;
        self.others.iter().any(|(_, name)| name.eq_ignore_ascii_case("role")) && !self.values.iter().any(is_measured)
    }
}

/// Whether a well comes again at another time or cycle.
fn is_over_time(sheet: &Sheet, columns: &Columns) -> bool {
    let is_axis = |name: &str| ["time", "cycle", "elapsed"].iter().any(|axis| name.to_lowercase().starts_with(axis));
    let mut named = columns.values.iter().chain(&columns.others);
    let Some(&(axis, _)) = named.find(|(_, name)| is_axis(name)) else { return false };
    let mut times: BTreeMap<(String, String), String> = BTreeMap::new();
    (columns.header + 1..sheet.rows.len()).filter(|&row| !sheet.is_blank(row)).any(|row| {
        let plate = columns.plate.map(|column| sheet.text(row, column)).unwrap_or_default();
        let time = sheet.text(row, axis);
        *times.entry((plate, sheet.text(row, columns.well))).or_insert_with(|| time.clone()) != time
    })
}

fn table(draft: &mut Draft<'_>, index: usize, sheet: &Sheet, columns: &Columns) {
    let header = columns.header;
    draft.note(
        index,
        header..sheet.rows.len(),
        "table with one row per well",
        format!("read: {}", columns.values.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")),
    );
    for (column, name) in &columns.others {
        draft.warnings.push(Problem::new(sheet.location(header, *column), format!("the column '{name}' is not used")));
    }
    // A table may hold as many plates as rows.
    let mut by_name: BTreeMap<Option<String>, usize> = BTreeMap::new();
    for row in header + 1..sheet.rows.len() {
        if sheet.is_blank(row) {
            continue;
        }
        let text = sheet.text(row, columns.well);
        let Ok(well) = text.parse::<WellPosition>() else {
            draft.problem((index, row, columns.well), format!("'{text}' is not a well")).expected =
                "a well such as A1".into();
            continue;
        };
        let name = columns
            .plate
            .map(|column| sheet.text(row, column))
            .or_else(|| sheet.name.as_ref().map(ToString::to_string));
        let at = *by_name.entry(name).or_insert_with_key(|name| {
            let reads = columns.values.iter().map(|(_, label)| read_of(label)).collect();
            let name = name.clone();
            draft.plates.push(PlateDraft { name, reads, at: (index, row, columns.well), ..PlateDraft::default() });
            draft.plates.len() - 1
        });
        for (read, &(column, _)) in draft.plates[at].reads.iter_mut().zip(&columns.values) {
            read.cells.push((well, (index, row, column)));
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
