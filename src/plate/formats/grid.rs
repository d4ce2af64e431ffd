//! Finding the plate in a sheet: column numbers in one row, row letters below their left.

use super::draft::CellIndex;
use super::title::Title;
use crate::plate::reading::Reading;
use crate::plate::well::{PlateSize, WellPosition, row_from_letters};
use crate::sheet::{Decimal, Sheet, Value};

/// A grid of wells: where its header stands, and which plate columns and rows it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    /// The row of the column numbers.
    pub(super) header: usize,
    /// The column of the row letters.
    pub(super) corner: usize,
    /// The plate's column, from 0, of the first column number.
    pub(super) first_column: usize,
    /// How many columns it has.
    pub(super) columns: usize,
    /// Plate row, from 0, and sheet row of each lettered row.
    pub(super) rows: Vec<(usize, usize)>,
}

impl Grid {
    /// The grid whose corner (above the row letters, left of the column numbers) is at `header`, `corner`.
    ///
    /// Rows follow without a gap; a row is placed by its letter, never by its position. Rows without a letter end it.
    pub(super) fn at(sheet: &Sheet, header: usize, corner: usize) -> Option<Self> {
        let (first_column, columns) = column_numbers(sheet, header, corner + 1)?;
        let mut grid = Self { header, corner, first_column, columns, rows: Vec::new() };
        let mut row = header + 1;
        while let Some(plate_row) = grid.plate_row(sheet, row) {
            grid.rows.push((plate_row, row));
            row += 1;
        }
        (!grid.rows.is_empty()).then_some(grid)
    }

    /// The plate row that the letter in a sheet row names, if it comes after those so far. BMG LABTECH letters the rows after Z
    /// `a` to `f`: there `e` is the 31st row, not the fifth, also where rows before it were left out.
    pub(super) fn plate_row(&self, sheet: &Sheet, row: usize) -> Option<usize> {
        let letters = match sheet.value(row, self.corner) {
            Value::Text(text) => text.trim().trim_end_matches(':'),
            _ => return None,
        };
        let last = self.rows.last().map(|&(row, _)| row);
        let is_capital = |row: usize| sheet.text(row, self.corner).starts_with(|c: char| c.is_ascii_uppercase());
        let after_capitals = self.columns > PlateSize::WELLS_384.columns
            && self.rows.last().is_some_and(|&(last, row)| last > 25 || is_capital(row));
        let plate_row = match *letters.as_bytes() {
            [letter @ b'a'..=b'f'] if after_capitals => 26 + usize::from(letter - b'a'),
            _ => row_from_letters(letters)?,
        };
        (plate_row < PlateSize::WELLS_1536.rows && last.is_none_or(|last| plate_row > last)).then_some(plate_row)
    }

    /// The wells of one sheet row, which holds the plate row `plate_row`.
    pub(super) fn row_cells(
        &self,
        sheet: usize,
        plate_row: usize,
        row: usize,
    ) -> impl Iterator<Item = (WellPosition, CellIndex)> {
        let (first, corner) = (self.first_column, self.corner);
        (0..self.columns)
            .map(move |column| (WellPosition::new(plate_row, first + column), (sheet, row, corner + 1 + column)))
    }

    /// All its wells with their cells.
    pub(super) fn cells(&self, sheet: usize) -> Vec<(WellPosition, CellIndex)> {
        self.rows.iter().flat_map(|&(plate_row, row)| self.row_cells(sheet, plate_row, row)).collect()
    }

    /// The sheet row after its last.
    pub(super) fn end(&self) -> usize {
        self.rows.last().map_or(self.header, |&(_, row)| row) + 1
    }

    /// The sheet column after its last.
    pub(super) fn right(&self) -> usize {
        self.corner + 1 + self.columns
    }

    /// The smallest plate that the grid fits.
    pub(super) fn size(&self) -> Option<PlateSize> {
        let last_row = self.rows.iter().map(|&(row, _)| row).max()?;
        let last = WellPosition::new(last_row, self.first_column + self.columns - 1);
        PlateSize::ALL.into_iter().find(|size| size.contains(last))
    }

    /// Whether its numbers are such as no reader measures: every row the same as the first, every column the same as the first, or the
    /// whole numbers one after the other.
    pub(super) fn is_regular(&self, sheet: &Sheet) -> bool {
        let value = |row: usize, column: usize| sheet.text(row, self.corner + 1 + column);
        let (rows, columns) = (self.rows.len(), self.columns);
        let cells = self.cells(0);
        let filled =
            || cells.iter().map(|&(_, (_, row, column))| sheet.value(row, column)).filter(|value| !value.is_empty());
        let is_numbers = filled().all(|value| matches!(value, Value::Number(_)) || is_number(&value.text()));
        if rows < 3 || columns < 3 || !is_numbers || filled().count() < 2 * rows.max(columns) {
            return false;
        }
        let first = self.rows[0].1;
        let same_rows = self.rows.iter().all(|&(_, row)| (0..columns).all(|at| value(row, at) == value(first, at)));
        let same_columns = self.rows.iter().all(|&(_, row)| (1..columns).all(|at| value(row, at) == value(row, 0)));
        let by_rows = self.rows.iter().flat_map(|&(_, row)| (0..columns).map(move |at| (row, at)));
        let by_columns = (0..columns).flat_map(|at| self.rows.iter().map(move |&(_, row)| (row, at)));
        let numbered = |wells: &mut dyn Iterator<Item = (usize, usize)>| {
            let numbers: Option<Vec<f64>> = wells.map(|(row, at)| value(row, at).parse::<f64>().ok()).collect();
            numbers.is_some_and(|numbers| {
                numbers.windows(2).all(|pair| (pair[1] - pair[0] - 1.0).abs() < 1e-9) && numbers[0].fract() == 0.0
            })
        };
        same_rows || same_columns || numbered(&mut by_rows.into_iter()) || numbered(&mut by_columns.into_iter())
    }

    /// What its cells are.
    pub(super) fn census(&self, sheet: &Sheet) -> Census {
        let mut census = Census::default();
        for (_, (_, row, column)) in self.cells(0) {
            match sheet.value(row, column) {
                value if value.is_empty() => {}
                Value::Number(_) => census.readings += 1,
                value => match value.text().as_str() {
                    // Platemaps are full of these.
                    "-" => {}
                    text if is_number(text) || Reading::of_text(text, Decimal::Point).is_some() => census.readings += 1,
                    _ => census.texts += 1,
                },
            }
        }
        census
    }
}

/// What the cells of a grid are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Census {
    /// Numbers, and words that readers write instead of one.
    pub(super) readings: usize,
    /// Other texts.
    pub(super) texts: usize,
}

impl Census {
    /// Whether the grid holds the names of something.
    pub(super) fn is_names(self) -> bool {
        self.readings == 0 || self.texts > self.readings
    }
}

/// A number with either decimal mark.
pub(super) fn is_number(text: &str) -> bool {
    Decimal::Point.parse(text).is_some() || Decimal::Comma.parse(text).is_some()
}

/// The run of column numbers from a cell on: the plate's column (from 0) of the first, and how many. A run of one number
/// is no header.
pub(super) fn column_numbers(sheet: &Sheet, row: usize, column: usize) -> Option<(usize, usize)> {
    let first = column_number(sheet.value(row, column))?;
    let columns = (0..PlateSize::WELLS_1536.columns)
        .take_while(|&at| column_number(sheet.value(row, column + at)) == Some(first + at))
        .count();
    (columns > 1).then_some((first - 1, columns))
}

/// `1`, `01`, `1.0`, `1,0` and the number 1 name the first column.
fn column_number(value: &Value) -> Option<usize> {
    let number = match value {
        Value::Number(number) if number.fract() == 0.0 && (1.0..=48.0).contains(number) => *number as usize,
        Value::Text(text) => {
            let text = text.trim();
            let digits = text.strip_suffix(".0").or(text.strip_suffix(",0")).unwrap_or(text);
            digits.parse().ok().filter(|_| digits.len() <= 2 && digits.bytes().all(|byte| byte.is_ascii_digit()))?
        }
        _ => return None,
    };
    (1..=PlateSize::WELLS_1536.columns).contains(&number).then_some(number)
}

/// What looks like more of the plate right behind or below a grid: a further column number, values behind the last one, a
/// further row. To stop before it would lose wells without a word. Row and column, and what is there.
pub(super) fn follows(sheet: &Sheet, grid: &Grid) -> Option<((usize, usize), String)> {
    let right = grid.right();
    let near = (right..right + 2).find(|&column| column_number(sheet.value(grid.header, column)).is_some());
    if let Some(column) = near {
        let number = sheet.text(grid.header, column);
        return Some(((grid.header, column), format!("the column number '{number}' does not follow the last one")));
    }
    let is_number_text = |row: usize| matches!(sheet.value(row, right), Value::Text(text) if is_number(text.trim()));
    // The same text behind every row is the name of a data set (`450`), as Gen5 writes it.
    let first = sheet.text(grid.rows[0].1, right);
    let is_name = grid.rows.len() > 1
        && grid.rows.iter().all(|&(_, row)| sheet.text(row, right) == first)
        && Title::of(&first).wavelength_nm.is_some();
    if let Some(&(_, row)) = grid.rows.iter().find(|&&(_, row)| !is_name && is_number_text(row)) {
        return Some(((row, right), format!("'{}' stands after the last column number", sheet.text(row, right))));
    }
    // The next row that is not blank, if it is near.
    let row = (grid.end()..grid.end() + 3).find(|&row| !sheet.is_blank(row))?;
    let letters = sheet.text(row, grid.corner);
    let has_values = (grid.corner + 1..right).any(|column| match sheet.value(row, column) {
        Value::Number(_) => true,
        value => is_number(&value.text()),
    });
    let is_row = row_from_letters(&letters).is_some() && has_values;
    is_row.then(|| ((row, grid.corner), format!("the row '{letters}' does not follow the last one")))
}

/// Every grid of a sheet whose columns start at 1, from top to bottom and left to right; none lies in another.
pub(super) fn find(sheet: &Sheet) -> Vec<Grid> {
    let mut grids: Vec<Grid> = Vec::new();
    // Those that reach as far down as the present row.
    let mut open: Vec<usize> = Vec::new();
    for header in 0..sheet.rows.len() {
        open.retain(|&at| grids[at].end() > header);
        let width = sheet.rows[header].len();
        let mut corner = 0;
        while corner + 1 < width {
            let inside =
                |&at: &usize| (grids[at].corner..grids[at].right()).contains(&corner) && grids[at].header < header;
            match Grid::at(sheet, header, corner) {
                Some(grid) if grid.first_column == 0 && !open.iter().any(inside) => {
                    corner = grid.right();
                    open.push(grids.len());
                    grids.push(grid);
                }
                _ => corner += 1,
            }
        }
    }
    grids
}
