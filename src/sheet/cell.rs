//! What a cell holds.

use serde::{Deserialize, Serialize};

/// What a cell holds, as the file wrote it.
///
/// ```
/// use platewise::sheet::Value;
///
/// assert_eq!(Value::Text(" OVRFLW ".to_string()).text(), "OVRFLW");
/// assert_eq!(Value::Number(0.5).text(), "0.5");
/// assert!(Value::Empty.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// Nothing (or white space only in a workbook cell that was never written).
    Empty,
    /// Text, word for word. Every field of a text file is text: what it means is decided by who reads it.
    Text(String),
    /// A number of a workbook cell, finite.
    Number(f64),
    /// A date or time of a workbook cell, as ISO 8601 text.
    DateTime(String),
    /// TRUE or FALSE of a workbook cell.
    Boolean(bool),
    /// An error of a workbook cell, such as `#DIV/0!`, or a formula without a stored value.
    Error(String),
}

impl Value {
    /// The cell as text without surrounding white space; empty for an empty cell.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::DateTime(text) | Self::Error(text) => text.trim().to_string(),
            Self::Number(number) => number.to_string(),
            Self::Boolean(value) => if *value { "TRUE" } else { "FALSE" }.to_string(),
        }
    }

    /// Whether nothing but white space is there.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }
}
