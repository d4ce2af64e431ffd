//! A list with one row for each well that a description knows.

use std::collections::BTreeMap;

use super::declared_format::{DeclaredFormat, ListOf, WellNames, is_one_of, is_same};
use super::grid::read_draft;
use super::sheet_rows::SheetRows;
use crate::plate::formats::draft::{Draft, PlateDraft, ReadDraft, SampleDraft};
use crate::plate::layout_words::role_word;
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::{Code, Location, Problem, Sheet};

/// Reads every list of the sheet; answers how many there were.
pub(super) fn read(draft: &mut Draft<'_>, rows: &mut SheetRows<'_>) -> usize {
    let format = rows.format;
    let Some(list) = format.list.as_ref().filter(|list| rows.is(list.sheet.as_deref())) else { return 0 };
    let (mut count, mut row) = (0, 0);
    while row < rows.sheet.rows.len() {
        let Some(columns) = ListColumns::of(rows.sheet, row, list) else {
            row += 1;
            continue;
        };
        count += 1;
        row = one(draft, rows, list, row, &columns);
    }
    count
}

/// Says that no head of the list is in the file.
pub(super) fn missing(draft: &mut Draft<'_>, format: &DeclaredFormat, list: &ListOf) {
    let titles: Vec<String> = list.titles().map(|title| format!("'{title}'")).collect();
    let found = format!("no row holds the titles {}", titles.join(", "));
    let location = Location::file(draft.book.file.clone());
    draft.problems.push(
        Problem::new(Code::new("format-list-missing"), location, found)
            .expected(format!("the head of the list that {} describes", list.at))
            .advice(format!("Correct the titles in {}", format.file)),
    );
}

impl ListOf {
    /// The titles of all columns that are used.
    fn titles(&self) -> impl Iterator<Item = &String> {
        let of_well = [&self.plate, &self.sample, &self.role, &self.concentration, &self.dilution];
        std::iter::once(&self.well)
            .chain(of_well.into_iter().flatten())
            .chain(self.reads.iter().map(|(title, _)| title))
    }
}

/// Where the columns of a list stand.
struct ListColumns {
    well: usize,
    plate: Option<usize>,
    sample: Option<usize>,
    role: Option<usize>,
    concentration: Option<usize>,
    dilution: Option<usize>,
    reads: Vec<usize>,
}

impl ListColumns {
    /// Those of the list whose head is in the row; `None` where the row is none.
    fn of(sheet: &Sheet, row: usize, list: &ListOf) -> Option<Self> {
        let find = |title: &str| (0..sheet.rows[row].len()).find(|&column| is_same(&sheet.text(row, column), title));
        // What the head is known by has to be there in full.
        let optional = |title: &Option<String>| match title {
            Some(title) => find(title).map(Some),
            None => Some(None),
        };
        Some(Self {
            well: find(&list.well)?,
            plate: optional(&list.plate)?,
            sample: optional(&list.sample)?,
            role: optional(&list.role)?,
            concentration: optional(&list.concentration)?,
            dilution: optional(&list.dilution)?,
            reads: list.reads.iter().map(|(title, _)| find(title)).collect::<Option<_>>()?,
        })
    }

    /// All of them.
    fn all(&self) -> Vec<usize> {
        let of_well = [self.plate, self.sample, self.role, self.concentration, self.dilution];
        std::iter::once(self.well).chain(of_well.into_iter().flatten()).chain(self.reads.iter().copied()).collect()
    }
}

/// Reads the list whose head is in a row; answers the row after its last.
fn one(draft: &mut Draft<'_>, rows: &mut SheetRows<'_>, list: &ListOf, head: usize, columns: &ListColumns) -> usize {
    let (sheet, index) = (rows.sheet, rows.index);
    let mut used = columns.all();
    used.extend((0..sheet.rows[head].len()).filter(|&column| is_one_of(&sheet.text(head, column), &list.ignored)));
    used.iter().for_each(|&column| rows.use_cell(head, column));
    // The plates of this list, by name.
    let mut plates: BTreeMap<Option<String>, usize> = BTreeMap::new();
    let mut row = head + 1;
    while let Some(well) = well(&sheet.text(row, columns.well), list.wells) {
        used.iter().for_each(|&column| rows.use_cell(row, column));
        let name = columns.plate.map(|column| sheet.text(row, column)).or_else(|| rows.plate_of(row));
        let at = *plates.entry(name).or_insert_with_key(|name| {
            draft.plates.push(PlateDraft {
                name: name.clone(),
                size: list.wells.size(),
                reads: list
                    .reads
                    .iter()
                    .map(|(title, of)| read_draft(of, of.label.clone().unwrap_or(title.clone()), Vec::new()))
                    .collect(),
                at: (index, row, columns.well),
                ..PlateDraft::default()
            });
            draft.plates.len() - 1
        });
        let reads = draft.plates[at].reads.iter_mut().zip(&columns.reads);
        reads.for_each(|(read, &column): (&mut ReadDraft, _)| read.cells.push((well, (index, row, column))));
        if let Some(sample) = sample(draft, rows, columns, row) {
            draft.plates[at].samples.insert(well, sample);
        }
        row += 1;
    }
    draft.note(index, head..row, "list with one row per well", "read");
    if row == head + 1 {
        let found = format!("'{}' is not a well", sheet.text(row, columns.well));
        let problem = draft.problem(Code::new("format-list-empty"), (index, row, columns.well), found);
        problem.expected = format!("below the head of the list, {}", list.wells.words());
    }
    row
}

/// What a row says of its well besides readings.
fn sample(draft: &mut Draft<'_>, rows: &SheetRows<'_>, columns: &ListColumns, row: usize) -> Option<SampleDraft> {
    let text =
        |column: Option<usize>| column.map(|column| rows.sheet.text(row, column)).filter(|text| !text.is_empty());
    let (name, said) = (text(columns.sample), text(columns.role));
    let role = said.as_deref().and_then(role_word);
    if let (Some(said), None, Some(column)) = (&said, role, columns.role) {
        let problem = draft.problem(
            Code::new("format-role-unknown"),
            (rows.index, row, column),
            format!("'{said}' is not a role"),
        );
        problem.expected = "standard, blank, control, sample or unused".into();
    }
    if name.is_none() && role.is_none() {
        return None;
    }
    let at = (rows.index, row, columns.sample.or(columns.role).unwrap_or(columns.well));
    Some(SampleDraft {
        name,
        role,
        concentration: text(columns.concentration),
        dilution: text(columns.dilution),
        at,
        ..SampleDraft::default()
    })
}

impl WellNames {
    /// The plate that is declared.
    fn size(self) -> Option<PlateSize> {
        match self {
            Self::Named(size) => size,
            Self::Along(size) | Self::Down(size) => Some(size),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Named(_) => "wells such as A1".into(),
            Self::Along(size) | Self::Down(size) => format!("numbers of wells from 1 to {}", size.count()),
        }
    }
}

/// The well that a cell names.
fn well(text: &str, names: WellNames) -> Option<WellPosition> {
    let number = |size: PlateSize| {
        let number: usize = text.trim().parse().ok()?;
        (1..=size.count()).contains(&number).then(|| number - 1)
    };
    match names {
        WellNames::Named(_) => text.parse().ok(),
        WellNames::Along(size) => number(size).map(|at| WellPosition::new(at / size.columns, at % size.columns)),
        WellNames::Down(size) => number(size).map(|at| WellPosition::new(at % size.rows, at / size.rows)),
    }
}
