//! Positions on a plate: `A01` to `AF48`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A well by row and column. Prints as `A01`; reads `A1`, `a01`, `AF48`. Orders by row, then column.
///
/// ```
/// use platewise::plate::WellPosition;
///
/// let well: WellPosition = " a1 ".parse()?;
/// assert_eq!((well, well.to_string().as_str()), (WellPosition::new(0, 0), "A01"));
/// assert_eq!("AF48".parse::<WellPosition>()?, WellPosition::new(31, 47));
/// # Ok::<(), platewise::plate::well::NotAWell>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct WellPosition {
    /// Row from 0 (`A`).
    pub row: u16,
    /// Column from 0 (`01`).
    pub column: u16,
}

impl WellPosition {
    /// The well at row and column, both from 0.
    pub fn new(row: usize, column: usize) -> Self {
        Self { row: row as u16, column: column as u16 }
    }
}

/// The letters of a row: 0 is `A`, 26 is `AA`.
pub fn row_letters(row: usize) -> String {
    crate::sheet::location::column_letters(row as u32 + 1)
}

/// The row of its letters, in either case: `A` is 0, `AF` is 31. `None` for anything but one or two letters.
pub fn row_from_letters(letters: &str) -> Option<usize> {
    if letters.is_empty() || letters.len() > 2 || !letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    Some(letters.bytes().fold(0, |row, byte| row * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1) - 1)
}

impl fmt::Display for WellPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02}", row_letters(self.row.into()), self.column + 1)
    }
}

/// A text that is not the name of a well.
///
/// ```
/// use platewise::plate::WellPosition;
///
/// let wrong = "1A".parse::<WellPosition>().unwrap_err();
/// assert!(wrong.to_string().starts_with("'1A' is not a well"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a well; expected a row letter and a column number such as A1, H12 or AF48")]
pub struct NotAWell(pub String);

impl FromStr for WellPosition {
    type Err = NotAWell;

    fn from_str(text: &str) -> Result<Self, NotAWell> {
        let name = text.trim();
        let digits = name.find(|c: char| c.is_ascii_digit()).ok_or_else(|| NotAWell(text.to_string()))?;
        let (letters, number) = name.split_at(digits);
        // GloMax Discover writes `A:1`.
        let letters = letters.strip_suffix(':').unwrap_or(letters);
        let row = row_from_letters(letters).filter(|&row| row < PlateSize::WELLS_1536.rows);
        let column = (number.len() <= 3).then(|| number.parse::<usize>().ok()).flatten();
        match (row, column) {
            (Some(row), Some(column)) if (1..=PlateSize::WELLS_1536.columns).contains(&column) => {
                Ok(Self::new(row, column - 1))
            }
            _ => Err(NotAWell(text.to_string())),
        }
    }
}

// Written for people as `A01`; for the program itself, which reads it back, as it is.
impl Serialize for WellPosition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { Self::serialize(self, serializer) }
    }
}

impl<'de> Deserialize<'de> for WellPosition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

/// Rows × columns of a plate. Prints as `96 wells (8 × 12)`.
///
/// ```
/// use platewise::plate::PlateSize;
///
/// let size = PlateSize::with_wells(384).unwrap();
/// assert_eq!((size.rows, size.columns), (16, 24));
/// assert!(size.contains("P24".parse().unwrap()) && !size.contains("Q1".parse().unwrap()));
/// assert_eq!(PlateSize::WELLS_96.to_string(), "96 wells (8 × 12)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlateSize {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
}

impl PlateSize {
    /// 8 × 12.
    pub const WELLS_96: Self = Self { rows: 8, columns: 12 };
    /// 16 × 24.
    pub const WELLS_384: Self = Self { rows: 16, columns: 24 };
    /// 32 × 48.
    pub const WELLS_1536: Self = Self { rows: 32, columns: 48 };
    /// Every size in use, smallest first.
    pub const ALL: [Self; 8] = [
        Self { rows: 2, columns: 3 },
        Self { rows: 2, columns: 4 },
        Self { rows: 3, columns: 4 },
        Self { rows: 4, columns: 6 },
        Self { rows: 6, columns: 8 },
        Self::WELLS_96,
        Self::WELLS_384,
        Self::WELLS_1536,
    ];

    /// Number of wells.
    pub fn count(self) -> usize {
        self.rows * self.columns
    }

    /// The size with that many wells.
    pub fn with_wells(count: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.count() == count)
    }

    /// Whether the well is on such a plate.
    pub fn contains(self, well: WellPosition) -> bool {
        usize::from(well.row) < self.rows && usize::from(well.column) < self.columns
    }

    /// All wells, row by row.
    pub fn wells(self) -> impl Iterator<Item = WellPosition> {
        (0..self.rows).flat_map(move |row| (0..self.columns).map(move |column| WellPosition::new(row, column)))
    }
}

impl fmt::Display for PlateSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} wells ({} × {})", self.count(), self.rows, self.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wells_print_and_read_as_laboratories_write_them() {
        for (text, name) in [("A1", "A01"), ("a01", "A01"), ("H12", "H12"), (" AF48 ", "AF48"), ("aa1", "AA01")] {
            assert_eq!(text.parse::<WellPosition>().unwrap().to_string(), name);
        }
        for text in ["", "A", "1", "A0", "A49", "AG1", "A1B", "Ä1", "A-1", "A1.0", "AAA1"] {
            assert!(text.parse::<WellPosition>().is_err(), "{text}");
        }
        for size in PlateSize::ALL {
            assert_eq!(size.wells().count(), size.count());
            for well in size.wells() {
                assert_eq!(well.to_string().parse::<WellPosition>().unwrap(), well);
            }
        }
    }
}
