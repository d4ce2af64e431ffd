//! Mistakes that are made again and again with files, and how to tell them: what a message can say beyond "this is wrong".

use std::io;

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

/// Day, month and year of what a spreadsheet program may take for a date, in any order; a month as its number.
fn date_parts(text: &str) -> Option<Vec<u32>> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
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

    #[test]
    fn look_alikes_are_told_and_names_left_alone() {
        assert_eq!(letters_for_digits("l.5"), Some("It has a letter that looks like a digit: l or I for 1"));
        assert_eq!(letters_for_digits("1O0l"), Some("It has letters that look like digits: O for 0, l or I for 1"));
        for text in ["", "O", "Ol", "OVRFLW", "1.5", "Sol 3", "lO", "1,5"] {
            assert_eq!(letters_for_digits(text), None, "{text}");
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
