//! Tables of the report as tables of the page: chosen columns, chosen rows, words coloured.

use std::collections::BTreeMap;

use maud::{Markup, html};

use crate::concentration::quantity::significant;
use crate::report::table::columns_of::{ControlsTable, MeasurementsTable, PlateColumns, StandardsTable};
use crate::report::table::{Cell, Column, ColumnKind, ReportTable, Unit};
use crate::report::words;
use crate::stats::printed_p;

/// A table as it is shown.
pub(super) struct ShownTable<'a> {
    table: Option<&'a ReportTable>,
    rows: Vec<&'a Vec<Cell>>,
    columns: Vec<(usize, &'a str)>,
    /// The place of a column, if the table has it, and the text that its rows must have there.
    only: Vec<(Option<usize>, &'a str)>,
    /// The column of which the link of a row is made.
    linked: Option<(usize, Link<'a>)>,
    caption: String,
}

/// The rows of a table by the plate that they name.
type ByPlate<'a> = BTreeMap<&'a str, Vec<&'a Vec<Cell>>>;

/// The tables of which a plate shows its own rows, and which those are: looked up once for all plates.
pub(in crate::report) struct PlateRows<'a> {
    tables: Vec<(&'a ReportTable, ByPlate<'a>)>,
}

impl<'a> PlateRows<'a> {
    /// Of the tables that a plate shows.
    pub(in crate::report) fn new(tables: &'a [ReportTable]) -> Self {
        let shown = [
            (StandardsTable::TABLE, PlateColumns::PLATE),
            (ControlsTable::TABLE, PlateColumns::PLATE),
            (MeasurementsTable::TABLE, MeasurementsTable::PLATE),
        ];
        let of = |(name, plate): (&str, Column)| {
            let table = tables.iter().find(|table| table.name == name)?;
            Some((table, by_plate(table, &plate)))
        };
        Self { tables: shown.into_iter().filter_map(of).collect() }
    }
}

/// The rows of a table by the plate that they name. A row that names none is no plate's.
fn by_plate<'a>(table: &'a ReportTable, plate: &Column) -> ByPlate<'a> {
    let mut of = ByPlate::new();
    let place = place(table, plate);
    for row in &table.rows {
        if let Some(Cell::Text(plate)) = place.and_then(|place| row.get(place)) {
            of.entry(plate).or_default().push(row);
        }
    }
    of
}

/// The place of a column. One of another table is a mistake in this program: the tests of the page, which are not built for release,
/// stop at it.
fn place(table: &ReportTable, column: &Column) -> Option<usize> {
    let place = table.columns.iter().position(|one| one.name == column.name);
    debug_assert!(
        place.is_some() || column.is_of_a_trial(),
        "the page asks for the column `{}`, and the table `{}` has none",
        column.name,
        table.name
    );
    place
}

/// Where a row leads, by one of its cells.
type Link<'a> = &'a dyn Fn(&Cell) -> Option<String>;

impl<'a> ShownTable<'a> {
    /// The table of that name.
    pub(super) fn new(tables: &'a [ReportTable], name: &str) -> Self {
        let table = tables.iter().find(|table| table.name == name);
        Self::rows_of(table, table.iter().flat_map(|table| &table.rows).collect())
    }

    /// The rows of a plate of the table of that name.
    pub(super) fn of_plate(rows: &'a PlateRows<'a>, name: &str, plate: &str) -> Self {
        let found = rows.tables.iter().find(|(table, _)| table.name == name);
        let of_plate = found.and_then(|(_, of)| of.get(plate)).cloned();
        Self::rows_of(found.map(|(table, _)| *table), of_plate.unwrap_or_default())
    }

    fn rows_of(table: Option<&'a ReportTable>, rows: Vec<&'a Vec<Cell>>) -> Self {
        Self { table, rows, columns: Vec::new(), only: Vec::new(), linked: None, caption: String::new() }
    }

    fn place(&self, column: &Column) -> Option<usize> {
        place(self.table?, column)
    }

    /// Its columns, each with its heading.
    pub(super) fn columns(mut self, columns: &[(Column, &'a str)]) -> Self {
        self.columns = columns.iter().filter_map(|(column, heading)| Some((self.place(column)?, *heading))).collect();
        self
    }

    /// Only the rows that have this text in that column; said twice, both must hold. No row has it in a column that is not there:
    /// rows of other plates must not stand below this one.
    pub(super) fn only(mut self, column: Column, text: &'a str) -> Self {
        self.only.push((self.place(&column), text));
        self
    }

    /// The heading of each row is a link, made of its cell in this column.
    pub(super) fn linked(mut self, column: Column, link: Link<'a>) -> Self {
        self.linked = self.place(&column).map(|index| (index, link));
        self
    }

    /// How many rows are shown.
    pub(super) fn len(&self) -> usize {
        self.rows().len()
    }

    /// A line above it.
    pub(super) fn caption(mut self, caption: &str) -> Self {
        self.caption = caption.to_string();
        self
    }

    fn rows(&self) -> Vec<&'a Vec<Cell>> {
        let holds = |row: &[Cell], (index, wanted): (Option<usize>, &str)| {
            index.is_some_and(|index| matches!(&row[index], Cell::Text(text) if text == wanted))
        };
        let wanted = |row: &&Vec<Cell>| self.only.iter().all(|only| holds(row, *only));
        self.rows.iter().copied().filter(wanted).collect()
    }

    /// The table; a sentence where it has no rows.
    pub(super) fn markup(self) -> Markup {
        let rows = self.rows();
        // A column of numbers has its heading to the right; one that is empty in all rows is left out.
        let numeric = |index: usize| {
            let filled = rows.iter().filter(|row| row[index] != Cell::Empty);
            2 * filled.clone().filter(|row| is_number(&row[index])).count() > filled.count()
        };
        let empty = |index: usize| rows.iter().all(|row| row[index] == Cell::Empty);
        let columns: Vec<(usize, &str, bool)> = self
            .columns
            .iter()
            .filter(|(index, _)| !empty(*index))
            .map(|(index, heading)| (*index, *heading, numeric(*index)))
            .collect();
        let shown = |row: &[Cell], index: usize| match self.table {
            Some(table) => cell(&row[index], &table.columns[index]),
            None => html! {},
        };
        html! {
            @if rows.is_empty() {
                p { "None." }
            } @else {
                div.scroll tabindex="0" role="group" aria-label=(self.table.map_or("", |table| table.about)) { table {
                    @if !self.caption.is_empty() { caption { (self.caption) } }
                    thead { tr { @for (_, heading, number) in &columns { th scope="col" class=[number.then_some("number")] { (heading) } } } }
                    tbody { @for row in &rows { tr {
                        @for (place, (index, ..)) in columns.iter().enumerate() {
                            @if place == 0 {
                                @let link = self.linked.and_then(|(of, link)| link(&row[of]));
                                th scope="row" class=[class(&row[*index])] {
                                    @match link { Some(link) => a href=(link) { (shown(row, *index)) }, None => (shown(row, *index)) }
                                }
                            } @else {
                                td class=[class(&row[*index])] { (shown(row, *index)) }
                            }
                        }
                    } } }
                } }
            }
        }
    }
}

/// Whether a cell is read as a number: one, or a result beyond a limit, `<312.5`.
fn is_number(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => false,
        Cell::Number(_) => true,
        Cell::Text(text) => text.trim_start_matches(['<', '>']).parse::<f64>().is_ok(),
    }
}

/// How a cell stands: numbers to the right, short texts in one line, long ones with room for some words in each.
fn class(cell: &Cell) -> Option<&'static str> {
    match cell {
        Cell::Empty => None,
        _ if is_number(cell) => Some("number"),
        Cell::Text(text) if text.chars().count() <= 24 => Some("short"),
        _ => Some("long"),
    }
}

/// A value as its column says: percents with one decimal, p-values as in the text, other numbers with four digits.
fn cell(cell: &Cell, column: &Column) -> Markup {
    match cell {
        Cell::Empty => html! {},
        // What rounds to nothing has no sign.
        Cell::Number(value) if column.unit == Unit::Percent && value.abs() < 0.05 => html! { "0.0" },
        Cell::Number(value) if column.unit == Unit::Percent => html! { (format!("{value:.1}")) },
        Cell::Number(p) if column.kind == ColumnKind::PValue => html! { (printed_p(*p).trim_start_matches("= ")) },
        Cell::Number(value) => html! { (significant(*value, 4)) },
        Cell::Text(text) if column.kind == ColumnKind::Moment => html! { (words::moment(text)) },
        Cell::Text(text) if tone(text).is_some() => badge(text),
        Cell::Text(text) => html! { (text) },
    }
}

/// The class of a word that is a verdict.
fn tone(word: &str) -> Option<&'static str> {
    match word {
        "accepted" | "pass" | "quantified" | "holds" => Some("good-word"),
        "rejected" | "fail" | "not reported" | "depends" | "left out" => Some("bad-word"),
        "accepted, with remarks"
        | "remark"
        | "cannot say"
        | "not evaluable"
        | "warning"
        | "below LLOQ"
        | "above ULOQ" => Some("warn-word"),
        _ => None,
    }
}

/// A verdict as a coloured word; the word says it, the colour only helps the eye.
pub(super) fn badge(word: &str) -> Markup {
    html! { span class={ "badge " (tone(word).unwrap_or_default()) } { (word) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables() -> Vec<ReportTable> {
        let row = |plate: &str| vec![Cell::from(plate), Cell::from(1.0)];
        let columns = vec![MeasurementsTable::PLATE, Column::new("n", "")];
        vec![ReportTable {
            name: MeasurementsTable::TABLE,
            about: "",
            columns,
            rows: vec![row("P01"), row("P02"), row("P01")],
        }]
    }

    #[test]
    fn only_the_rows_of_one_plate_stand_below_it() {
        let tables = tables();
        let of = |plate| ShownTable::new(&tables, MeasurementsTable::TABLE).only(MeasurementsTable::PLATE, plate).len();
        assert_eq!([of("P01"), of("P03")], [2, 0]);
        assert_eq!(ShownTable::new(&tables, "not there").only(MeasurementsTable::PLATE, "P01").len(), 0);
        let rows = PlateRows::new(&tables);
        assert_eq!(ShownTable::of_plate(&rows, MeasurementsTable::TABLE, "P02").len(), 1);
    }

    /// A column that is not there does not compile; one of another table must not show the rows of every plate below each.
    #[test]
    #[cfg_attr(debug_assertions, should_panic(expected = "asks for the column `fit`"))]
    fn a_column_of_another_table_holds_no_row() {
        assert_eq!(ShownTable::new(&tables(), MeasurementsTable::TABLE).only(StandardsTable::FIT, "P01").len(), 0);
    }
}
