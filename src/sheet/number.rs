//! Numbers as text: which mark separates the decimals is decided once per file, never per cell.

/// The decimal mark of a file.
///
/// ```
/// use platewise::sheet::Decimal;
///
/// assert_eq!(Decimal::of(["0,5", "1,25", "OVRFLW"]), Ok(Decimal::Comma));
/// assert_eq!(Decimal::Comma.parse("1,25"), Some(1.25));
/// assert_eq!(Decimal::Point.parse("1,25"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decimal {
    /// `0.5`; a comma in a number is then an error.
    #[default]
    Point,
    /// `0,5`.
    Comma,
    /// `0.5`, and in single cells `0,5`: a comma is then a decimal one too, in a number in which it cannot separate thousands.
    Either,
}

/// Why the decimal mark of a file could not be decided, with the index of the text that shows it.
///
/// ```
/// use platewise::sheet::number::{Decimal, UndecidedDecimal};
///
/// assert_eq!(Decimal::of(["0.5", "1,234"]), Err(UndecidedDecimal::Mixed(0, 1)));
/// assert_eq!(Decimal::of(["17", "22,904"]), Err(UndecidedDecimal::Thousands(1)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UndecidedDecimal {
    /// Numbers with a point (first index) and numbers with a comma (second index).
    Mixed(usize, usize),
    /// Every comma could as well separate thousands: `1,234` is 1.234 or 1234.
    Thousands(usize),
}

impl Decimal {
    /// Decides from all texts that should be numbers.
    ///
    /// # Errors
    /// [`UndecidedDecimal`] when both marks are used, or when every number with a comma may be a count with thousands separated.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, UndecidedDecimal> {
        let (mut point, mut comma) = (None, None);
        // Whether a number shows that the mark in it is the decimal one, and whether one with a comma does not.
        let (mut point_decided, mut decided, mut thousands) = (false, false, false);
        for (at, text) in texts.into_iter().enumerate() {
            let text = text.trim();
            if !text.contains(['.', ',']) {
                continue;
            }
            if parse_with(text, '.').is_some() {
                point.get_or_insert(at);
                point_decided |= !may_be_thousands(text, '.');
            } else if parse_with(text, ',').is_some() {
                comma.get_or_insert(at);
                decided |= !may_be_thousands(text, ',');
                thousands |= may_be_thousands(text, ',');
            }
        }
        match (point, comma) {
            (_, None) => Ok(Self::Point),
            (Some(_), Some(_)) if point_decided && !thousands => Ok(Self::Either),
            (Some(point), Some(comma)) => Err(UndecidedDecimal::Mixed(point, comma)),
            (None, Some(_)) if decided => Ok(Self::Comma),
            (None, Some(comma)) => Err(UndecidedDecimal::Thousands(comma)),
        }
    }

    /// The finite number that `text` is, with this decimal mark.
    pub fn parse(self, text: &str) -> Option<f64> {
        match self {
            Self::Point => parse_with(text.trim(), '.'),
            Self::Comma => parse_with(text.trim(), ','),
            Self::Either if text.contains(',') => {
                parse_with(text.trim(), ',').filter(|_| !may_be_thousands(text.trim(), ','))
            }
            Self::Either => parse_with(text.trim(), '.'),
        }
    }
}

/// Digits with at most one `mark`, a sign and an exponent; nothing else, in particular no `inf` and no `nan`.
fn parse_with(text: &str, mark: char) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || c == mark || matches!(c, '+' | '-' | 'e' | 'E');
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == mark || c == '-' || c == '+') || !text.chars().all(plain)
    {
        return None;
    }
    let number = if mark == '.' { text.parse() } else { text.replacen(mark, ".", 1).parse() };
    number.ok().filter(|number: &f64| number.is_finite())
}

/// The first of texts with a point where each of those may be a count with thousands separated: nothing tells `64.000` from 64000.
/// `None` where one of them, such as `0.5`, `62.5` or `<0.000`, can be read in one way only, or none is there.
pub(crate) fn only_thousands<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<usize> {
    let mut first = None;
    for (at, text) in texts.into_iter().enumerate() {
        let text = text.trim().trim_start_matches(['<', '>', '=']).trim_start();
        if text.contains('.') && parse_with(text, '.').is_some() {
            if !may_be_thousands(text, '.') {
                return None;
            }
            first.get_or_insert(at);
        }
    }
    first
}

/// `1,234` and `12,345,678` may be counts; `0,123`, `1,5` and `1,2345` cannot.
pub(super) fn may_be_thousands(text: &str, mark: char) -> bool {
    let mut groups = text.trim_start_matches(['-', '+']).split(mark);
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len()) && !first.starts_with('0') && groups.all(|group| group.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_decimal_mark() {
        assert_eq!(Decimal::of(["0.5", "12", "OVRFLW"]), Ok(Decimal::Point));
        assert_eq!(Decimal::of(["0,5", "1,234", ""]), Ok(Decimal::Comma));
        assert_eq!(Decimal::of(["0.5", "0,5"]), Ok(Decimal::Either));
        assert_eq!((Decimal::Either.parse("0,5"), Decimal::Either.parse("0.5")), (Some(0.5), Some(0.5)));
        assert_eq!(Decimal::of(["0.5", "0,5", "1,234"]), Err(UndecidedDecimal::Mixed(0, 1)));
        assert_eq!(Decimal::of(["1.234", "0,5"]), Err(UndecidedDecimal::Mixed(0, 1)));
        assert_eq!(Decimal::Either.parse("1,234"), None);
        assert_eq!(Decimal::of(["17", "22,904"]), Err(UndecidedDecimal::Thousands(1)));
        assert_eq!(Decimal::of(["504,531 nm", "a,b"]), Ok(Decimal::Point));
    }

    #[test]
    fn only_finite_numbers_parse() {
        assert_eq!(Decimal::Point.parse(" -1.5e-3 "), Some(-0.0015));
        assert_eq!(Decimal::Comma.parse("0,1225"), Some(0.1225));
        for text in ["", "-", "inf", "NaN", "1e999", "0x10", "1.2.3", "1,5", "--1", "1_000", "e5", "1 2"] {
            assert_eq!(Decimal::Point.parse(text), None, "{text}");
        }
        assert_eq!(Decimal::Comma.parse("1.5"), None);
        assert_eq!(Decimal::Comma.parse("1,5,5"), None);
    }
}
