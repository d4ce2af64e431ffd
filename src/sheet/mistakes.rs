//! Mistakes that are made again and again with files, and how to tell them: what a message can say beyond "this is wrong".

use std::io;

use unicode_normalization::UnicodeNormalization;

use super::cell::Value;

/// Advice for a text that would be a number if its letters were the digits that they look like.
///
/// ```
/// use platewise::sheet::mistakes::letters_for_digits;
/// assert_eq!(letters_for_digits("O.321"), Some("It has a letter that looks like a digit: O for 0"));
/// assert_eq!(letters_for_digits("P-1"), None);
/// ```
pub fn letters_for_digits(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let read = |text: String| text.parse::<f64>().is_ok_and(f64::is_finite);
    let round = text.contains(['O', 'o']);
    let straight = text.contains(['l', 'I']);
    if !(round || straight) || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    read(text.replace(['O', 'o'], "0").replace(['l', 'I'], "1")).then_some(match (round, straight) {
        (true, false) => "It has a letter that looks like a digit: O for 0",
        (false, true) => "It has a letter that looks like a digit: l or I for 1",
        _ => "It has letters that look like digits: O for 0, l or I for 1",
    })
}

/// What a spreadsheet program did to `name` when `found` is all that is left of it: a date, or a number without its zeros.
///
/// ```
/// use platewise::sheet::mistakes::changed_by_spreadsheet;
/// assert_eq!(changed_by_spreadsheet("JAN-3", "3-Jan"), Some("a date"));
/// assert_eq!(changed_by_spreadsheet("0012", "12"), Some("a number"));
/// assert_eq!(changed_by_spreadsheet("P-12", "P-13"), None);
/// ```
pub fn changed_by_spreadsheet(name: &str, found: &str) -> Option<&'static str> {
    let number = |text: &str| text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
    match (number(name), number(found)) {
        (Some(one), Some(other)) if name != found && one == other => return Some("a number"),
        _ => {}
    }
    let (was, is) = (date_parts(name)?, date_parts(found)?);
    // `JAN-3` becomes `3-Jan`, `1/2` becomes `01.02.2026`: the parts stay, in another order, perhaps with a year.
    (name != found && was.iter().all(|part| is.contains(part))).then_some("a date")
}

/// Advice for a cell that should hold a number and holds what a spreadsheet program made of it: a time or a date.
///
/// ```
/// use platewise::sheet::{Value, mistakes::changed_number};
/// let time = changed_number(&Value::Text("01:10:00".into()));
/// assert!(time.is_some_and(|advice| advice.contains("made a time of 1:10")));
/// assert_eq!(changed_number(&Value::Text("1:10".into())), None);
/// ```
pub fn changed_number(value: &Value) -> Option<String> {
    let text = value.text();
    if let Some(original) = ratio_made_a_time(&text) {
        return Some(format!("A spreadsheet program probably made a time of {original}: {AS_TEXT}"));
    }
    let is_date = matches!(value, Value::DateTime(_)) || text.chars().any(char::is_alphabetic);
    let parts = date_parts(&text).filter(|_| is_date)?;
    let original = match parts.as_slice() {
        // 1/10 became the tenth of January, the first of October, or January 2010.
        [1, other] | [other, 1] => format!("1/{other}"),
        [_, 1, other] | [_, other, 1] if *other > 1 => format!("1/{other}"),
        [year, 1, 1] => format!("1/{year}"),
        [one, other] => format!("{one}-{other} or {one}.{other}"),
        [_, one, other] => format!("{other}.{one} or {one}/{other}"),
        _ => return None,
    };
    Some(format!("A spreadsheet program probably made a date of {original}: {AS_TEXT}"))
}

/// Advice for a cell that should hold a name and holds a date.
///
/// ```
/// use platewise::sheet::{Value, mistakes::date_for_name};
/// let advice = date_for_name(&Value::DateTime("2026-02-01".into()));
/// assert!(advice.is_some_and(|advice| advice.contains("such as FEB-1, 1-2 or 2-1")));
/// assert_eq!(date_for_name(&Value::Text("Feb-01".into())), None, "a text may be a name");
/// ```
pub fn date_for_name(value: &Value) -> Option<String> {
    let Value::DateTime(text) = value else { return None };
    let original = match text.split(['-', 'T']).map(|part| part.parse().ok()).collect::<Vec<Option<usize>>>()[..] {
        [_, Some(month), Some(day), ..] if (1..=12).contains(&month) => {
            format!(
                "a date of a name such as {}-{day}, {day}-{month} or {month}-{day}",
                MONTHS[month - 1].to_uppercase()
            )
        }
        _ => "a time of a name".to_string(),
    };
    Some(format!("A spreadsheet program probably made {original}: {AS_TEXT}"))
}

const AS_TEXT: &str = "give the column the format Text and write it again";

/// The ratio of which `01:10:00` or `02:40:00` was made: `1:10`, `1:100` (more than 59 minutes become hours).
fn ratio_made_a_time(text: &str) -> Option<String> {
    let parts: Vec<u32> = text.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    match parts[..] {
        [hours, minutes, 0] => {
            (60 * hours.min(10_000) + minutes).checked_sub(60).filter(|&n| n > 0).map(|n| format!("1:{n}"))
        }
        _ => None,
    }
}

/// How one name came to be written as another.
///
/// ```
/// use platewise::sheet::mistakes::NameMistake;
/// assert_eq!(NameMistake::LeadingZeros.to_string(), "leading zeros were lost. Give the column the format Text and write the name again");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameMistake {
    /// An umlaut as one sign and as two, which look alike.
    Encoding,
    /// `FEB1` became `1-Feb`.
    Date,
    /// `007` became `7`.
    LeadingZeros,
    /// `1E5` became `100000`.
    Number,
    /// `P-1O` for `P-10`.
    LookAlike,
}

impl std::fmt::Display for NameMistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (what, advice) = match self {
            Self::Encoding => ("the same letters are encoded in two ways", "Copy the name from one list to the other"),
            Self::Date => ("a spreadsheet program made a date of the name", AS_TEXT_NAME),
            Self::LeadingZeros => ("leading zeros were lost", AS_TEXT_NAME),
            Self::Number => ("a spreadsheet program made a number of the name", AS_TEXT_NAME),
            Self::LookAlike => (
                "one has a letter where the other has a digit: O for 0, l or I for 1",
                "Write it in the same way in both",
            ),
        };
        write!(f, "{what}. {advice}")
    }
}

const AS_TEXT_NAME: &str = "Give the column the format Text and write the name again";

/// What may have happened to `name` where another list has `found` in its place; `None` for names that only resemble each other.
///
/// ```
/// use platewise::sheet::mistakes::{NameMistake, slip};
/// assert_eq!(slip("P-1O", "P-10"), Some(NameMistake::LookAlike));
/// assert_eq!(slip("P-007", "P-7"), Some(NameMistake::LeadingZeros));
/// assert_eq!(slip("M\u{fc}ller", "Mu\u{308}ller"), Some(NameMistake::Encoding));
/// assert_eq!(slip("P-10", "P-11"), None);
/// ```
pub fn slip(name: &str, found: &str) -> Option<NameMistake> {
    if name == found {
        return None;
    }
    let without_zeros = |text: &str| -> String {
        let mut kept = String::new();
        for (at, c) in text.char_indices() {
            let leading = c == '0' && !kept.ends_with(|last: char| last.is_ascii_digit());
            let more = text[at + c.len_utf8()..].starts_with(|next: char| next.is_ascii_digit());
            if !(leading && more) {
                kept.push(c);
            }
        }
        kept
    };
    let digits = |text: &str| text.replace(['O', 'o'], "0").replace(['l', 'I'], "1");
    if name.nfc().eq(found.nfc()) {
        Some(NameMistake::Encoding)
    } else if changed_by_spreadsheet(name, found) == Some("a date") {
        Some(NameMistake::Date)
    } else if without_zeros(name) == without_zeros(found) {
        Some(NameMistake::LeadingZeros)
    } else if changed_by_spreadsheet(name, found).is_some() {
        Some(NameMistake::Number)
    } else if digits(name) == digits(found) && name.contains(|c: char| c.is_ascii_digit()) {
        Some(NameMistake::LookAlike)
    } else {
        None
    }
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Day, month and year of what a spreadsheet program may take for a date, in any order; a month as its number.
fn date_parts(text: &str) -> Option<Vec<u32>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        let same = |c: char| c.is_ascii_digit() == first.is_ascii_digit() && c.is_alphabetic() == first.is_alphabetic();
        let (part, after) = rest.split_at(rest.find(|c: char| !same(c)).unwrap_or(rest.len()));
        if first.is_ascii_digit() {
            parts.push(part.parse().ok()?);
        } else if first.is_alphabetic() {
            let month = part.to_lowercase();
            parts.push(MONTHS.iter().position(|known| month.starts_with(known))? as u32 + 1);
        } else if !part.chars().all(|c| "-/. ".contains(c)) {
            return None;
        }
        rest = after;
    }
    ((2..=3).contains(&parts.len()) && parts.iter().any(|part| (1..=12).contains(part))).then_some(parts)
}

/// Whether two names differ by one sign that is missing, too many, another, or in the wrong order.
pub fn differ_in_one_sign(one: &str, other: &str) -> bool {
    strsim::damerau_levenshtein(one, other) == 1
}

/// Why a file cannot be read, in words without a number of the system.
pub fn unreadable(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::IsADirectory => "is a folder".into(),
        io::ErrorKind::NotADirectory => "cannot be read: a part of its path is a file and no folder".into(),
        io::ErrorKind::PermissionDenied => "cannot be read: permission denied".into(),
        _ => format!("cannot be read ({error})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters of several bytes before and behind digits.
    #[test]
    fn names_with_umlauts_are_compared() {
        assert_eq!(slip("P01/1ü2", "P01/12"), None);
        assert_eq!(slip("Mü007ß", "Mü7ß"), Some(NameMistake::LeadingZeros));
    }

    #[test]
    fn look_alikes_are_told_and_names_left_alone() {
        assert_eq!(letters_for_digits("l.5"), Some("It has a letter that looks like a digit: l or I for 1"));
        assert_eq!(letters_for_digits("1O0l"), Some("It has letters that look like digits: O for 0, l or I for 1"));
        for text in ["", "O", "Ol", "OVRFLW", "1.5", "Sol 3", "lO", "1,5"] {
            assert_eq!(letters_for_digits(text), None, "{text}");
        }
    }

    /// What Excel and LibreOffice show of a ratio that was typed into a cell without a format.
    #[test]
    fn a_ratio_that_became_a_time_or_date_is_shown_as_it_was() {
        for (n, minutes) in [(10_u32, 70_u32), (5, 65), (59, 119), (100, 160), (1000, 1060)] {
            let time = format!("{:02}:{:02}:00", minutes / 60, minutes % 60);
            let advice = changed_number(&Value::Text(time.clone())).unwrap();
            assert!(advice.contains(&format!(" of 1:{n}:")), "{time} {advice}");
        }
        for (date, original) in
            [("2026-01-10", "1/10"), ("2026-10-01", "1/10"), ("2000-01-01", "1/2000"), ("2026-03-02", "2.3")]
        {
            let advice = changed_number(&Value::DateTime(date.into())).unwrap();
            assert!(advice.contains(&format!(" of {original}")), "{date} {advice}");
        }
        assert!(changed_number(&Value::Text("Jan-10".into())).unwrap().contains("a date of 1/10"));
        for text in ["", "1:10", "10", "1/10", "a", "1:2:3", "99999999999:0:0", "00:00:00"] {
            assert_eq!(changed_number(&Value::Text(text.into())), None, "{text}");
        }
    }

    #[test]
    fn dates_and_numbers_of_spreadsheets_are_told_from_other_names() {
        for (name, found) in
            [("1-2", "01.02.2026"), ("MARCH1", "1-Mar"), ("2/3", "2026-03-02"), ("DEC1", "Dec-01"), ("1-2", "1-Feb")]
        {
            assert_eq!(changed_by_spreadsheet(name, found), Some("a date"), "{name} {found}");
        }
        assert_eq!(changed_by_spreadsheet("1E5", "100000"), Some("a number"));
        for (name, found) in
            [("101-W00", "101-W0"), ("3-Jan", "3-Jan"), ("1-2", "3-4"), ("S1", "1"), ("", ""), ("é1", "1-Jan")]
        {
            assert_eq!(changed_by_spreadsheet(name, found), None, "{name} {found}");
        }
    }
}
