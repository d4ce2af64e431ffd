//! Dilution factors as laboratories write them: `10`, `1:10`, `10x`, `x10`, `neat`. Always a factor ≥ 1: 10 means one part in
//! ten. A number below 1 is a fraction and is refused: 0.1 may have been meant as 1:10, or be a slip for 10.

use crate::sheet::{Location, Problem, Value};

/// A text that is not a dilution factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotADilution {
    text: String,
    fraction: bool,
}

impl NotADilution {
    /// The problem at its place.
    pub fn at(self, location: Location) -> Problem {
        let problem =
            Problem::new(location, format!("dilution '{}'", self.text)).expected("a factor ≥ 1 such as 10 or 1:10");
        if self.fraction {
            problem.advice("A fraction is not taken for a factor: write 10 for one part in ten")
        } else {
            problem
        }
    }
}

/// The dilution factor in a cell; `None` for an empty one.
///
/// # Errors
/// When there is something else than a factor ≥ 1.
pub fn parse(value: &Value) -> Result<Option<f64>, NotADilution> {
    if value.is_empty() {
        return Ok(None);
    }
    let text = value.text();
    let refused = |fraction| NotADilution { text: text.clone(), fraction };
    let plain: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    if ["neat", "undiluted"].contains(&plain.as_str()) {
        return Ok(Some(1.0));
    }
    let digits = match plain.strip_prefix("1:").or_else(|| plain.strip_prefix("1/")) {
        Some(rest) => rest,
        None => plain.trim_start_matches(['x', '×']).trim_end_matches(['x', '×']),
    };
    match digits.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor >= 1.0 => Ok(Some(factor)),
        Ok(factor) => Err(refused(factor > 0.0)),
        Err(_) => Err(refused(false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_spellings_are_factors_and_fractions_are_refused() {
        for text in ["10", "1:10", "1/10", "10x", "x10", "×10", " 1 : 10 ", "10.0", "10X"] {
            assert_eq!(parse(&Value::Text(text.into())), Ok(Some(10.0)), "{text}");
        }
        assert_eq!(parse(&Value::Number(10.0)), Ok(Some(10.0)));
        assert_eq!(parse(&Value::Text("neat".into())), Ok(Some(1.0)));
        assert_eq!(parse(&Value::Empty), Ok(None));
        assert!(parse(&Value::Number(0.1)).is_err_and(|wrong| wrong.fraction));
        for text in ["0", "-10", "ten", "1:0.1", "10,0", "NaN", "inf", "2:10"] {
            assert!(parse(&Value::Text(text.into())).is_err(), "{text}");
        }
    }
}
