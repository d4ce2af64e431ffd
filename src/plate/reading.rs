//! What a reader says of one well: a number, or why there is none. No number ever stands for something not measured.

use serde::{Serialize, Serializer};

/// One well of one read.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// A measured value, finite, in the unit of its read.
    Measured(f64),
    /// Above what the reader can measure; the token seen (`OVRFLW`, `OVER`, `#SAT`).
    Saturated(String),
    /// Not measured: the token seen (`MISSED`, `NaN`, `#Low`), or an empty text where the file is empty.
    Missing(String),
    /// Measured, and excluded in the reader's software: the text seen (`*0.356*`, `Masked`), and its number if it has one.
    Masked {
        /// The text, word for word.
        text: String,
        /// The number in it.
        value: Option<f64>,
    },
    /// A value of a derived grid that the reader's software could not compute (`?????`, `Range?`, `<0.000`, `>105.000`).
    NotComputed(String),
}

impl Reading {
    /// The measured value, if that is what it is.
    pub fn measured(&self) -> Option<f64> {
        if let Self::Measured(value) = self { Some(*value) } else { None }
    }

    /// Whether the file is empty at this well: the well was not read.
    pub fn is_unread(&self) -> bool {
        matches!(self, Self::Missing(text) if text.is_empty())
    }
}

/// As in JSON outputs: a number, the token as text, `null` for a well that was not read.
impl Serialize for Reading {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Measured(value) => serializer.serialize_f64(*value),
            Self::Missing(text) if text.is_empty() => serializer.serialize_none(),
            Self::Masked { value: Some(value), .. } => serializer.serialize_f64(*value),
            Self::Saturated(text)
            | Self::Missing(text)
            | Self::NotComputed(text)
            | Self::Masked { text, value: None } => serializer.serialize_str(text),
        }
    }
}
