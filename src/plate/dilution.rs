//! Dilution factors as laboratories write them: `10`, `1:10`, `1/10`, `1 in 10`, `1+9`, `10x`, `10-fold`, `neat`. Always a factor ≥ 1:
//! 10 means one part in ten.
//!
//! Two spellings are refused because laboratories mean different things by them. A number below 1 may be a fraction or a slip for
//! its inverse: fractions are read only where the layout or list declares them, in a grid or column called `dilution_fraction`.
//! `1:1` is undiluted to some and equal parts, a factor of 2, to others.

use crate::sheet::mistakes::letters_for_digits;
use crate::sheet::{Code, Location, NumberNotation, Problem, Value};

/// A text that is not a dilution factor.
///
/// ```
/// use platewise::plate::dilution;
/// use platewise::sheet::{Location, Value, NumberNotation};
///
/// let wrong = dilution::parse(&Value::Text("1:1".into()), NumberNotation::default()).unwrap_err();
/// assert!(wrong.at(Location::file("layout.csv")).to_string().contains("1+1 for equal parts"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotADilution {
    text: String,
    why: DilutionFault,
    hint: String,
}

/// The highest factor that is taken for one: more than anybody dilutes a sample by, and far below what a number can hold.
const HIGHEST: f64 = 1e9;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DilutionFault {
    NoFactor,
    TooHigh,
    Fraction,
    EqualParts,
    NoFraction,
}

impl NotADilution {
    /// The problem at its place.
    pub fn at(self, location: Location) -> Problem {
        let problem = Problem::new(Code::new("dilution-not-a-factor"), location, format!("dilution '{}'", self.text));
        match self.why {
            DilutionFault::NoFactor => problem.expected("a factor ≥ 1 such as 10 or 1:10").advice(self.hint),
            DilutionFault::TooHigh => problem.expected("a factor up to 1000000000, such as 10 or 1:10"),
            DilutionFault::Fraction => problem
                .expected("a factor ≥ 1 such as 10 or 1:10")
                .advice("A fraction is not taken for a factor: write 10 for one part in ten, or call the column dilution_fraction"),
            DilutionFault::EqualParts => problem
                .expected("neat, or 1+1 for equal parts")
                .advice("1:1 is undiluted to some and equal parts to others"),
            DilutionFault::NoFraction => problem
                .expected("a fraction of at most 1 and at least 1/1000000000, such as 0.1, 10 % or 1/10")
                .advice(self.hint),
        }
    }
}

/// The dilution factor in a cell; `None` for an empty one.
///
/// # Errors
/// When there is something else than a factor ≥ 1.
///
/// ```
/// use platewise::plate::dilution;
/// use platewise::sheet::{Value, NumberNotation};
/// assert_eq!(dilution::parse(&Value::Text("1:10".into()), NumberNotation::default()), Ok(Some(10.0)));
/// assert!(dilution::parse(&Value::Number(0.1), NumberNotation::default()).is_err());
/// ```
pub fn parse(value: &Value, written: NumberNotation) -> Result<Option<f64>, NotADilution> {
    if value.is_empty() {
        return Ok(None);
    }
    let text = value.text();
    let refused = |why| NotADilution { text: text.clone(), why, hint: hint(value, written) };
    match spelled(&plain(&text), number(value, written)) {
        Some(DilutionSpelling::Factor(factor) | DilutionSpelling::Ratio(factor)) if factor > HIGHEST => {
            Err(refused(DilutionFault::TooHigh))
        }
        Some(DilutionSpelling::Factor(factor)) if factor.is_finite() && factor >= 1.0 => Ok(Some(factor)),
        Some(DilutionSpelling::Factor(factor)) => {
            Err(refused(if factor > 0.0 { DilutionFault::Fraction } else { DilutionFault::NoFactor }))
        }
        Some(DilutionSpelling::Ratio(1.0)) => Err(refused(DilutionFault::EqualParts)),
        Some(DilutionSpelling::Ratio(total)) if total.is_finite() && total > 1.0 => Ok(Some(total)),
        _ => Err(refused(DilutionFault::NoFactor)),
    }
}

/// The dilution factor in a cell that is declared to hold a fraction; `None` for an empty one.
///
/// # Errors
/// When there is something else than a fraction above 0 and at most 1.
pub fn parse_fraction(value: &Value, written: NumberNotation) -> Result<Option<f64>, NotADilution> {
    if value.is_empty() {
        return Ok(None);
    }
    let text = value.text();
    let plain = plain(&text);
    let number = number(value, written);
    let percent = plain.strip_suffix('%').and_then(&number).map(|percent| percent / 100.0);
    let ratio = match spelled(&plain, &number) {
        Some(DilutionSpelling::Ratio(total)) => Some(1.0 / total),
        _ => None,
    };
    let fraction = percent.or(ratio).or_else(|| number(&plain));
    match fraction {
        Some(fraction) if (1.0 / HIGHEST..=1.0).contains(&fraction) => Ok(Some(rounded(1.0 / fraction))),
        _ => Err(NotADilution { text, why: DilutionFault::NoFraction, hint: hint(value, written) }),
    }
}

/// Without case and spaces.
fn plain(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect()
}

/// What a spelling says.
enum DilutionSpelling {
    /// A factor as such.
    Factor(f64),
    /// One part in so many.
    Ratio(f64),
}

fn spelled(plain: &str, number: impl Fn(&str) -> Option<f64>) -> Option<DilutionSpelling> {
    if ["neat", "undiluted"].contains(&plain) {
        return Some(DilutionSpelling::Factor(1.0));
    }
    if let Some(added) = plain.strip_prefix("1+") {
        // One part and nine parts: one in ten.
        return number(added).filter(|added| *added > 0.0).map(|added| DilutionSpelling::Factor(1.0 + added));
    }
    if let Some(total) = RATIO.iter().find_map(|prefix| plain.strip_prefix(prefix)) {
        return number(total).map(DilutionSpelling::Ratio);
    }
    number(without_fold(plain)).map(DilutionSpelling::Factor)
}

/// How a ratio begins.
const RATIO: [&str; 3] = ["1:", "1/", "1in"];

/// `10` of `10x`, `x10` and `10-fold`.
fn without_fold(plain: &str) -> &str {
    let bare = plain.strip_suffix("fold").map_or(plain, |rest| rest.trim_end_matches('-'));
    bare.trim_start_matches(['x', '×']).trim_end_matches(['x', '×'])
}

/// The digits of a dilution without their spelling: what there is to tell how the numbers of the file are written.
pub(super) fn digits(value: &Value) -> String {
    let plain = plain(&value.text());
    let bare = plain.strip_suffix('%').unwrap_or(&plain);
    let ratio = RATIO.iter().chain(&["1+"]).find_map(|prefix| bare.strip_prefix(prefix));
    ratio.unwrap_or_else(|| without_fold(bare)).to_string()
}

/// Reads the numbers of a cell: those of text as the file writes them, never the words that a program would take too.
fn number(value: &Value, written: NumberNotation) -> impl Fn(&str) -> Option<f64> {
    let written = if let Value::Text(_) = value { written } else { NumberNotation::default() };
    move |text| written.number_in(text)
}

/// What probably happened to a cell that holds no dilution.
fn hint(value: &Value, written: NumberNotation) -> String {
    let of_spelling = letters_for_digits(&digits(value)).map(str::to_string);
    of_spelling.unwrap_or_else(|| written.advice(value))
}

/// The inverse of a decimal fraction, without the last bits of binary arithmetic: 1 / 0.003 is 333.3…, 1 / 0.0125 is 80.
fn rounded(factor: f64) -> f64 {
    let whole = factor.round();
    if (factor / whole - 1.0).abs() < 1e-9 { whole } else { factor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn parse(value: &Value) -> Result<Option<f64>, NotADilution> {
        super::parse(value, NumberNotation::default())
    }

    fn parse_fraction(value: &Value) -> Result<Option<f64>, NotADilution> {
        super::parse_fraction(value, NumberNotation::default())
    }

    #[test]
    fn every_spelling_of_a_factor_comes_back_as_that_factor() {
        for factor in [2u32, 5, 10, 20, 50, 100, 312, 1000, 20_000] {
            let added = factor - 1;
            for spelling in [
                format!("{factor}"),
                format!("{factor}.0"),
                format!("1:{factor}"),
                format!("1/{factor}"),
                format!(" 1 : {factor} "),
                format!("1 in {factor}"),
                format!("1+{added}"),
                format!("1 + {added}"),
                format!("{factor}x"),
                format!("{factor} X"),
                format!("x{factor}"),
                format!("×{factor}"),
                format!("{factor}-fold"),
                format!("{factor} fold"),
            ] {
                assert_eq!(parse(&text(&spelling)), Ok(Some(f64::from(factor))), "{spelling}");
            }
            assert_eq!(parse(&Value::Number(f64::from(factor))), Ok(Some(f64::from(factor))));
            let fraction = 1.0 / f64::from(factor);
            for declared in [Value::Number(fraction), text(&format!("1/{factor}")), text(&format!("1:{factor}"))] {
                assert_eq!(parse_fraction(&declared), Ok(Some(f64::from(factor))), "{declared:?}");
            }
        }
        assert_eq!(parse_fraction(&text("12.5 %")), Ok(Some(8.0)));
        assert_eq!((parse(&text("Neat")), parse(&text("undiluted"))), (Ok(Some(1.0)), Ok(Some(1.0))));
        assert_eq!((parse(&Value::Empty), parse_fraction(&Value::Empty)), (Ok(None), Ok(None)));
        assert_eq!(parse(&Value::Number(1.0)), Ok(Some(1.0)));
    }

    #[test]
    fn what_may_mean_something_else_is_refused() {
        assert!(parse(&Value::Number(0.1)).is_err_and(|wrong| wrong.why == DilutionFault::Fraction));
        for equal in ["1:1", "1/1", "1 in 1"] {
            assert!(parse(&text(equal)).is_err_and(|wrong| wrong.why == DilutionFault::EqualParts), "{equal}");
        }
        for wrong in
            ["0", "-10", "ten", "1:0.1", "10,0", "1:1,000", "NaN", "inf", "2:10", "1:", "x", "fold", "1+0", "1+-5"]
        {
            assert!(parse(&text(wrong)).is_err(), "{wrong}");
        }
        for high in ["1e308", "1e10", "1:1e10", "2000000000"] {
            assert!(parse(&text(high)).is_err_and(|wrong| wrong.why == DilutionFault::TooHigh), "{high}");
        }
        for wrong in ["10", "0", "1e-308", "-0.1", "1.5", "120 %", "neat"] {
            assert!(parse_fraction(&text(wrong)).is_err(), "{wrong}");
        }
    }
}
