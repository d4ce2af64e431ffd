//! What a reader says of one well: a number, or why there is none. No number ever stands for something not measured.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sheet::Decimal;

/// One well of one read.
///
/// ```
/// use platewise::plate::Reading;
/// use platewise::sheet::Decimal;
///
/// assert_eq!(Reading::of_text("0.356", Decimal::Point), Some(Reading::Measured(0.356)));
/// assert_eq!(Reading::of_text("OVRFLW", Decimal::Point), Some(Reading::Saturated("OVRFLW".into())));
/// assert_eq!(Reading::of_text(" ", Decimal::Point), Some(Reading::UNREAD));
/// assert_eq!(Reading::of_text("about 0.4", Decimal::Point), None);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
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

/// Texts that readers write where the signal is above what they measure, in upper case. Asterisks in the place of digits (`*.***`,
/// `*******`) are Bio-Rad's and BioTek's; behind a minus they stand for less than the reader measures.
const SATURATED: [&str; 8] = ["OVRFLW", "OVER", "OUT", "OVERFLOW", "OVERRANGE", "#SAT", "SAT", "SATURATED"];
/// Texts where nothing was measured, in upper case.
const MISSING: [&str; 8] = ["MISSED", "NAN", "#LOW", "INVALID", "N/A", "NA", "NO READ", "-"];
/// Texts where the reader's software could not compute, in upper case.
const NOT_COMPUTED: [&str; 7] = ["?????", "RANGE?", "PATH?", "ERROR", "< MIN", "> MAX", "NOCALC"];

impl Reading {
    /// Nothing stands in the file: the well was not read.
    pub const UNREAD: Self = Self::Missing(String::new());

    /// What the text of a well says; `None` for a text that no known reader writes there.
    pub fn of_text(text: &str, decimal: Decimal) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return Some(Self::UNREAD);
        }
        if let Some(value) = decimal.parse(text) {
            return Some(Self::Measured(value));
        }
        let upper = text.to_uppercase();
        let known = |tokens: &[&str]| tokens.contains(&upper.as_str());
        // A limit is text, with whichever mark.
        let is_limit = |limit: &str| [Decimal::Point, Decimal::Comma].iter().any(|mark| mark.parse(limit).is_some());
        let bound = text.strip_prefix(['<', '>']).is_some_and(is_limit);
        let masked =
            text.strip_prefix('*').and_then(|text| text.strip_suffix('*')).and_then(|text| decimal.parse(text));
        let is_digits = |text: &str| text.contains('*') && text.chars().all(|c| matches!(c, '*' | '.' | ','));
        let (is_filled, is_below) = (is_digits(text), text.strip_prefix('-').is_some_and(is_digits));
        match () {
            () if known(&SATURATED) || is_filled => Some(Self::Saturated(text.to_string())),
            () if known(&MISSING) || is_below => Some(Self::Missing(text.to_string())),
            () if bound || known(&NOT_COMPUTED) => Some(Self::NotComputed(text.to_string())),
            () if masked.is_some() || upper == "MASKED" => Some(Self::Masked { text: text.to_string(), value: masked }),
            () => None,
        }
    }

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
// Written for people as a number or a text; for the program itself, which reads it back, as it is.
impl Serialize for Reading {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return Self::serialize(self, serializer);
        }
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

impl<'de> Deserialize<'de> for Reading {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_keeps_its_kind_and_its_text() {
        let of = |text: &str| Reading::of_text(text, Decimal::Point);
        assert_eq!(of(" 0.356 "), Some(Reading::Measured(0.356)));
        assert_eq!(of("-0.001"), Some(Reading::Measured(-0.001)));
        assert_eq!(of("OVRFLW"), Some(Reading::Saturated("OVRFLW".into())));
        assert_eq!(of("#Sat"), Some(Reading::Saturated("#Sat".into())));
        assert_eq!(of("*.***"), Some(Reading::Saturated("*.***".into())));
        for text in ["*", "*****", "***.*", "*******"] {
            assert_eq!(of(text), Some(Reading::Saturated(text.into())));
        }
        assert_eq!(of("Out"), Some(Reading::Saturated("Out".into())));
        for text in ["MISSED", "-*.***", "-***.*"] {
            assert_eq!(of(text), Some(Reading::Missing(text.into())));
        }
        assert_eq!(of("NaN"), Some(Reading::Missing("NaN".into())));
        assert_eq!(of(" "), Some(Reading::UNREAD));
        assert_eq!(of("*0.356*"), Some(Reading::Masked { text: "*0.356*".into(), value: Some(0.356) }));
        assert_eq!(of("Masked"), Some(Reading::Masked { text: "Masked".into(), value: None }));
        for text in ["?????", "Range?", "Path?", "NoCalc", "<0.000", ">105.000"] {
            assert_eq!(of(text), Some(Reading::NotComputed(text.into())));
        }
        for text in ["0,356", "abc", "inf", "1.2.3", "STD1", "<", "*"] {
            assert!(!matches!(of(text), Some(Reading::Measured(_))), "{text}");
        }
        assert_eq!(of("abc"), None);
        assert_eq!(of("0,356"), None);
        assert_eq!(Reading::of_text("0,356", Decimal::Comma), Some(Reading::Measured(0.356)));
    }
}
