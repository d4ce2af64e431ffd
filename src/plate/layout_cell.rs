//! What one cell of a map says of its well, and how a map says it.
//!
//! | cell | well |
//! |---|---|
//! | `Std 2000`, `Standard 62.5 pg/mL`, `Cal 0` | a standard of that concentration |
//! | `Std 1`, `S1`, `Cal 3` | a standard of that level, where the levels of the map are 1, 2, 3 … and `[standards]` says their concentrations |
//! | `Std1 2000`, `S1: 2000` | the same with its concentration |
//! | `QC low`, `Ctrl high 1500`, `QC low 90 1:10` | a control: level, nominal concentration (without one it is watched, not judged), dilution |
//! | `Blank`, `BLK`, `B`, `B1`, `NSB`, `NTC` | a blank |
//! | `102-001-W00`, `Sample 7 1:10`, `Unk3`, `P-301 (1:50)`, `S12 1:10` | a sample: its name as it stands, but for a role word before a name, and its dilution |
//! | `B 102-001-W00 1:10` | a sample called `B 102-001-W00`: see below |
//! | `"01" 1:10` | a sample of that name, whatever else it may mean |
//! | `S12 1:10 ×4 down 8` | a sample in several dilutions: see `layout_series.rs` |
//! | empty, `-`, `empty` | nothing |
//!
//! The letter `B` alone, or with a number, is a blank. Before a name it can be none, for a blank has no name and no dilution; what else
//! it stands for (a batch, a box, a baseline visit) nobody but the laboratory knows, and a letter that is cut off could make the sample
//! somebody else's. So it stays part of the name, under which the result comes back, and a study whose list does not have that name says
//! so. `B 7 1:10` may be a blank with a slip or a sample, and is asked about.

use super::dilution;
use super::layout_series::{self, NotUnderstood, Series};
use super::layout_words::{ROLES, role_word};
use super::well_role::WellRole;
use crate::sheet::Value;
use crate::sheet::mistakes::{date_for_name, differ_in_one_sign};

/// What a cell says, before its numbers are read.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CellContent {
    Nothing,
    Blank,
    /// `Std` with one number, which is a level or a concentration; whether it was the letter S only, and whether a unit is there.
    Standard {
        number: String,
        letter: bool,
        unit: Option<String>,
    },
    /// A standard's level and its concentration.
    Level {
        level: usize,
        concentration: String,
        unit: Option<String>,
    },
    Control {
        level: String,
        nominal: Option<String>,
        unit: Option<String>,
        dilution: Option<String>,
    },
    Sample {
        name: String,
        dilution: Option<String>,
    },
    /// A sample and the dilutions of several wells.
    Series(Series),
}

pub(super) const EXPECTED: &str =
    "cells such as Std 2000, S1, QC low, Blank, a sample's name with its dilution (P-301 1:10), or nothing";

/// The texts in a cell that are to be numbers.
pub(super) fn numbers(said: &CellContent) -> Vec<String> {
    let bare = |dilution: &Option<String>| dilution.as_ref().map(|text| dilution::digits(&Value::Text(text.clone())));
    match said {
        CellContent::Nothing | CellContent::Blank => Vec::new(),
        CellContent::Standard { number, .. } => vec![number.clone()],
        CellContent::Level { concentration, .. } => vec![concentration.clone()],
        CellContent::Control { nominal, dilution, .. } => nominal.iter().cloned().chain(bare(dilution)).collect(),
        CellContent::Sample { dilution, .. } => bare(dilution).into_iter().collect(),
        CellContent::Series(series) => {
            bare(&Some(series.first.clone())).into_iter().chain([series.step.clone()]).collect()
        }
    }
}

/// What a cell says.
pub(super) fn said(value: &Value) -> Result<CellContent, NotUnderstood> {
    if value.is_empty() {
        return Ok(CellContent::Nothing);
    }
    if let Some(advice) = date_for_name(value) {
        return Err(("is a date or time".into(), format!("{EXPECTED}. {advice}")));
    }
    if let Value::Boolean(_) | Value::Error(_) = value {
        return Err(("is no content of a well".into(), EXPECTED.into()));
    }
    let text = value.text().split_whitespace().collect::<Vec<_>>().join(" ");
    let not = |why: &str| Err((why.to_string(), EXPECTED.to_string()));
    if text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) {
        return not("may be a concentration or a name");
    }
    if let Some(tail) = layout_series::tail(&text) {
        return match said(&Value::Text(tail.sample.to_string()))? {
            CellContent::Sample { name, dilution } => tail.of(name, dilution).map(CellContent::Series),
            _ => not("is a dilution series of something that is no sample"),
        };
    }
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted_name(quoted);
    }
    let (word, rest) = first_word(&text);
    let lower = word.to_lowercase();
    match role_word(&word) {
        Some("unused") if rest.is_empty() => return Ok(CellContent::Nothing),
        Some("blank") => {
            return if rest.chars().all(|c| c.is_ascii_digit()) {
                Ok(CellContent::Blank)
            } else {
                not("is a blank with something behind it")
            };
        }
        Some("standard") => {
            return standard_cell(rest, false)
                .ok_or_else(|| ("is a standard of no concentration and no level".into(), EXPECTED.into()));
        }
        Some("control") => return control_cell(rest),
        Some("sample") => return sample_cell(&text, Some(rest)),
        _ => {}
    }
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    match lower.as_str() {
        "b" if rest.is_empty() || (digits(rest) && rest != "0") => return Ok(CellContent::Blank),
        "b" if rest == "0" => return not("may be a zero standard or a blank"),
        "b" if digits(&split_dilution(rest).0) => {
            return Err((
                "may be a blank or a sample".into(),
                format!("Blank, or the name of the sample: \"{}\" with its dilution after it", split_dilution(&text).0),
            ));
        }
        "s" if !rest.is_empty() => {
            let (_, dilution) = split_dilution(&text);
            if dilution.is_none()
                && let Some(standard) = standard_cell(rest, true)
            {
                return Ok(standard);
            }
        }
        // As Magellan and its kin number them.
        "st" if digits(rest) => {
            return standard_cell(rest, true).ok_or_else(|| ("is no standard".into(), EXPECTED.into()));
        }
        "bl" if rest.is_empty() || digits(rest) => return Ok(CellContent::Blank),
        "pc" | "nc" | "co" | "lqc" | "mqc" | "hqc" if rest.is_empty() || digits(rest) => return control_cell(&text),
        "neg" | "pos" | "negative" | "positive" => return control_cell(&lower),
        "c" if digits(rest) => return not("may be a control or a sample"),
        _ => {}
    }
    sample_cell(&text, None)
}

/// The letters that a cell begins with, and what follows them without what separates the two.
fn first_word(text: &str) -> (String, &str) {
    if matches!(text, "-" | "–" | "—") || text.eq_ignore_ascii_case("n/a") {
        return (text.to_string(), "");
    }
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let rest = text[end..].trim_start_matches([' ', '.', ':', '_', '#', '-']);
    (text[..end].to_string(), rest)
}

/// `2000`, `2000 pg/mL`, `1`, `1: 2000`, `1 (2000 pg/mL)`.
fn standard_cell(rest: &str, letter: bool) -> Option<CellContent> {
    let plain = rest.replace(['(', ')', '='], " ");
    let parts: Vec<&str> = plain.split([' ', ':']).filter(|part| !part.is_empty()).collect();
    let number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['/']);
    let unit = |text: &&str| !text.starts_with(|c: char| c.is_ascii_digit());
    match parts.as_slice() {
        [one] if number(one) => {
            let end = one.find(|c: char| c.is_alphabetic() || c == 'µ').unwrap_or(one.len());
            let unit = (end < one.len()).then(|| one[end..].to_string());
            Some(CellContent::Standard { number: one[..end].to_string(), letter, unit })
        }
        [one, of] if number(one) && unit(of) && !letter => {
            Some(CellContent::Standard { number: (*one).to_string(), letter, unit: Some((*of).to_string()) })
        }
        [level, one] if number(level) && number(one) => {
            Some(CellContent::Level { level: level.parse().ok()?, concentration: (*one).to_string(), unit: None })
        }
        [level, one, of] if number(level) && number(one) && unit(of) => Some(CellContent::Level {
            level: level.parse().ok()?,
            concentration: (*one).to_string(),
            unit: Some((*of).to_string()),
        }),
        _ => None,
    }
}

/// `low`, `low 90`, `high 1500 pg/mL 1:10`, `1`.
fn control_cell(rest: &str) -> Result<CellContent, NotUnderstood> {
    let (rest, dilution) = split_dilution(rest);
    let parts: Vec<&str> = rest.split(' ').filter(|part| !part.is_empty()).collect();
    let number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let (level, nominal, unit) = match parts.as_slice() {
        [] => {
            return Err((
                "is a control without a level".into(),
                "its level, as in QC low, or QC low 90 with its concentration".into(),
            ));
        }
        [level] => (*level, None, None),
        [level, nominal] if number(nominal) => (*level, Some(*nominal), None),
        [level, nominal, unit] if number(nominal) && !number(unit) => (*level, Some(*nominal), Some(*unit)),
        _ => {
            return Err((
                "is a control of which not all is understood".into(),
                "level, concentration and dilution, as in QC low 90 1:10".into(),
            ));
        }
    };
    let owned = |text: Option<&str>| text.map(str::to_string);
    Ok(CellContent::Control { level: level.to_string(), nominal: owned(nominal), unit: owned(unit), dilution })
}

/// A sample by its name; `behind` is what follows a word for samples. The name is what stands there: a word for samples is left out
/// only before a name that is more than a number.
fn sample_cell(text: &str, behind: Option<&str>) -> Result<CellContent, NotUnderstood> {
    let (name, dilution) = match behind {
        Some("") => {
            return Err(("is a sample without a name".into(), "its name behind the word, as in Sample P-301".into()));
        }
        Some(rest) if !split_dilution(rest).0.chars().all(|c| c.is_ascii_digit()) && text.contains(' ') => {
            split_dilution(rest)
        }
        _ => split_dilution(text),
    };
    if behind.is_none() && name.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',')) && !name.is_empty() {
        let expected = format!(
            "a sample's name in quotation marks, \"{name}\" with its dilution after it, or a standard as 'Std {name}'"
        );
        return Err(("is a bare number with a dilution: it may be a concentration or a name".into(), expected));
    }
    let named = !name.is_empty() && (behind.is_some() || name.chars().any(|c| c.is_ascii_digit()));
    if !named {
        return Err((
            "is neither a word for what is in a well nor a name with a number in it".into(),
            format!("{EXPECTED}; a name of letters only as 'Sample {text}'"),
        ));
    }
    if behind.is_none()
        && let Some(word) = nearly_a_role(&first_word(&name).0)
    {
        return Err((
            format!("is nearly '{word}'"),
            format!("'{word}' spelt as such, or 'Sample {text}' if it is a name"),
        ));
    }
    Ok(CellContent::Sample { name, dilution })
}

/// `"01" 1:10`: a name that would be understood otherwise stands in quotation marks.
fn quoted_name(quoted: &str) -> Result<CellContent, NotUnderstood> {
    let closed = quoted.rsplit_once('"').filter(|(name, _)| !name.is_empty());
    let (name, behind) = closed.ok_or_else(|| {
        ("has a quotation mark that does not close".to_string(), "a name as in \"01\" 1:10".to_string())
    })?;
    let dilution = match split_dilution(&format!("x {}", behind.trim())) {
        (_, Some(dilution)) => Some(dilution),
        _ if behind.trim().is_empty() => None,
        _ => {
            return Err((
                "has something behind the name that is no dilution".into(),
                "a dilution as in \"01\" 1:10".into(),
            ));
        }
    };
    Ok(CellContent::Sample { name: name.to_string(), dilution })
}

/// A word for a role of which the text differs in one sign.
fn nearly_a_role(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let words = ROLES.iter().flat_map(|(_, words)| words.iter().copied()).filter(|word| word.len() >= 3);
    words.into_iter().find(|word| text.len() >= 3 && differ_in_one_sign(word, &text))
}

/// A name and the dilution behind it, where one is there: `P-301 1:10`, `P-301 (1/10)`, `P-301, 10x`, `P-301 neat`.
fn split_dilution(text: &str) -> (String, Option<String>) {
    let whole = || (text.trim().to_string(), None);
    let Some((name, last)) = text.trim_end_matches(')').rsplit_once([' ', '(', '@']) else { return whole() };
    let last = last.trim();
    let lower = last.to_lowercase();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let spelled = ["neat", "undiluted"].contains(&lower.as_str())
        || (digit(lower.chars().next()) && lower.contains([':', '/', '+']))
        || (digit(lower.chars().next()) && (lower.ends_with('x') || lower.ends_with("fold")));
    if !spelled {
        return whole();
    }
    let name = name.trim_end_matches([' ', '(', '@', ',', ';']).trim();
    (name.to_string(), Some(last.to_string()))
}

/// How a map says what is in a well, so that [`Layout::read`](super::layout::Layout::read) reads just that; empty for nothing.
pub fn cell(role: &WellRole) -> String {
    let diluted = |dilution: &Option<f64>| dilution.map_or_else(String::new, |factor| format!(" 1:{}", number(factor)));
    match role {
        WellRole::Unused => String::new(),
        WellRole::Blank => "Blank".into(),
        WellRole::Standard { concentration } => format!("Std {}", number(*concentration)),
        WellRole::Control { level, nominal, dilution } => {
            let dilution = Some(*dilution).filter(|factor| *factor > 1.0);
            let nominal = nominal.map_or_else(String::new, |nominal| format!(" {}", number(nominal)));
            format!("QC {level}{nominal}{}", diluted(&dilution))
        }
        WellRole::Sample { id, dilution } => {
            // A factor of 1 is neat: `1:1` may mean two things.
            let behind = if *dilution == Some(1.0) { " neat".into() } else { diluted(dilution) };
            let ways = [format!("{id}{behind}"), format!("Sample {id}{behind}")];
            let reads_back = |text: &&String| matches!(said(&Value::Text((*text).clone())), Ok(CellContent::Sample { name, .. }) if name == *id);
            ways.iter().find(reads_back).cloned().unwrap_or_else(|| format!("\"{id}\"{behind}"))
        }
    }
}

/// A number that cannot be taken for one with thousands separated.
fn number(number: f64) -> String {
    let text = number.to_string();
    match text.split_once('.') {
        Some((_, decimals)) if decimals.len() == 3 => text + "0",
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever a sample is called, the map says it so that it is read back.
    #[test]
    fn a_name_is_read_back_as_it_is() {
        for id in [
            "102-001-W00",
            "01",
            "S12",
            "Smith",
            "B1",
            "Std 3",
            "P 1:10",
            "QC7",
            "blank",
            "C1",
            "Stnd 7",
            "2000",
            "X \"y\" 1",
            "P-1 1:10 x4 down",
            "B 7",
            "B 102-001-W00",
            "n/a",
        ] {
            for (dilution, text) in [(Some(10.0), Some("1:10")), (Some(1.0), Some("neat")), (None, None)] {
                let role = WellRole::Sample { id: id.into(), dilution };
                let cell = cell(&role);
                let expected = CellContent::Sample { name: id.into(), dilution: text.map(str::to_string) };
                assert_eq!(said(&Value::Text(cell.clone())), Ok(expected), "{cell}");
            }
        }
        assert_eq!(cell(&WellRole::Standard { concentration: 15.625 }), "Std 15.6250");
    }
}
