//! A value in a table, and what it is made of.

use smol_str::{SmolStr, ToSmolStr};

use crate::plate::Reading;
use crate::study::Quantile;

/// A value in a table.
///
/// ```
/// use platewise::report::table::Cell;
/// assert_eq!(Cell::from(0.5), Cell::Number(0.5));
/// assert_eq!(Cell::from(f64::NAN), Cell::Empty, "what is not a number is not written as one");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A text; never a formula. Most are names and words of a few letters, of which a study has millions: those stand in the cell itself.
    Text(SmolStr),
    /// A finite number.
    Number(f64),
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        if value.is_finite() { Self::Number(value) } else { Self::Empty }
    }
}

impl From<usize> for Cell {
    fn from(value: usize) -> Self {
        Self::Number(value as f64)
    }
}

impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        Self::Number(f64::from(value))
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Text(SmolStr::new_static(if value { "Y" } else { "N" }))
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.into()) }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

/// A number where it is known, otherwise a text with its limit.
impl From<Quantile> for Cell {
    fn from(quantile: Quantile) -> Self {
        match quantile {
            Quantile::Known(value) => value.into(),
            other => Self::Text(other.to_smolstr()),
        }
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// The number of a reading; nothing for a reading that is none.
pub(super) fn number(reading: &Reading) -> Option<f64> {
    reading.measured()
}

/// What stands in the file where a reading is not a number.
pub(super) fn token(reading: &Reading) -> String {
    match reading {
        Reading::Measured(_) => String::new(),
        Reading::Missing(text) if text.is_empty() => "not read".into(),
        Reading::Saturated(text) | Reading::Missing(text) | Reading::NotComputed(text) => text.clone(),
        Reading::Masked { text, .. } => format!("masked: {text}"),
    }
}
