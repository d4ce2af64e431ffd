//! Whether a title or a row of names says that something was read again and again: a kinetic read is no end point, however it is
//! drawn.

/// Units of time, as they follow a number.
const UNITS: [&str; 16] = [
    "ms", "s", "sec", "secs", "second", "seconds", "min", "mins", "minute", "minutes", "h", "hr", "hrs", "hour",
    "hours", "std",
];
/// Words before the number of a read over time.
const COUNTED: [&str; 7] = ["cycle", "zyklus", "timepoint", "time", "zeit", "temps", "iteration"];

/// Whether a text names a kinetic read: `Kinetic read 7 (0:30:48)`, `ABS (F)-Kinetics`, Gen5's `OD600:600 Read#2`.
pub(super) fn is_kinetic(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = || lower.split(|c: char| !c.is_alphabetic());
    let is_word = |word: &str| ["kinetic", "kinetics", "kinetik", "cinétique", "cinetica"].contains(&word);
    let numbered = lower.rsplit_once("read#").is_some_and(|(_, number)| is_digits(number.trim()));
    words().any(is_word) || numbered
}

/// Whether a text is a point of time: `0:05:00`, `00:05`, `300 s`, `5min`, `0h`, a duration in ISO 8601.
pub(super) fn is_time(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    if let Some(days) = text.strip_prefix('p').and_then(|rest| rest.strip_suffix('d')) {
        return days.parse::<f64>().is_ok();
    }
    let text =
        text.rsplit_once('t').map_or(text.as_str(), |(day, clock)| if day.contains('-') { clock } else { &text });
    is_clock(text) || has_unit(text)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_clock(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    (2..=3).contains(&parts.len())
        && parts.iter().enumerate().all(|(at, part)| match part.split_once('.') {
            Some((whole, rest)) => at + 1 == parts.len() && is_digits(whole) && is_digits(rest),
            None => is_digits(part) && (at == 0 || part.len() == 2),
        })
}

fn has_unit(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    number.parse::<f64>().is_ok() && UNITS.contains(&unit.trim())
}

/// A title without the time or cycle that it names, and that time: `T 450 nm` and `5 min` for `T 450 nm 5 min`. Titles that differ by
/// nothing else are one read over time.
pub(super) fn split(title: &str) -> Option<(String, String)> {
    let lower = title.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',' | '=' | '_' | '-' | ';'))
        .filter(|word| !word.is_empty())
        .collect();
    let (mut rest, mut time) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at < words.len() {
        let word = words[at].trim_end_matches(':');
        let next = words.get(at + 1).copied().unwrap_or_default();
        if is_time(word) {
            time.push(word);
        } else if word.parse::<f64>().is_ok() && UNITS.contains(&next)
            || COUNTED.contains(&word) && (next.parse::<f64>().is_ok() || is_time(next))
        {
            time.extend([word, next]);
            at += 1;
        } else {
            rest.push(word);
        }
        at += 1;
    }
    (!time.is_empty()).then(|| (rest.join(" "), time.join(" ")))
}

/// Whether names of columns are points of time: a value for each of several, so no end point.
pub(super) fn are_times<'a>(names: impl Iterator<Item = &'a String>) -> bool {
    names.filter(|name| is_time(name)).take(2).count() == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_names() {
        for text in ["0:05:00", "00:05", "12:30:05", "300 s", "5min", "0h", "1.5 h", "00:05:00.5", "P0.25D"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["A:1", "450 nm", "1:10", "P01", "5", "s", "1:", "2024-01-02", "16"] {
            // `1:10` has a minute of two digits: a clock, as 0:05 is.
            assert_eq!(is_time(text), text == "1:10", "{text}");
        }
        for text in ["Kinetic read 7 (0:30:48)", "ABS (F)-Kinetics", "OD600:600 Read#2", "Kinetik 1"] {
            assert!(is_kinetic(text), "{text}");
        }
        for text in ["Plate 1", "Read 1: Absorbance 450nm", "kineticist"] {
            assert!(!is_kinetic(text), "{text}");
        }
    }

    #[test]
    fn titles_of_one_read_over_time_differ_by_the_time_alone() {
        let rest = |title: &str| split(title).map(|(rest, _)| rest);
        for (one, other) in
            [("OD450 0 min", "OD450 5 min"), ("450 nm, cycle 1", "450 nm, cycle 2"), ("T=0:00:00", "T=0:05:00")]
        {
            assert!(rest(one).is_some() && rest(one) == rest(other), "{one}: {:?}", rest(one));
        }
        assert_ne!(rest("Plate 1 12:30:05"), rest("Plate 2 12:35:10"));
        assert_eq!(rest("Plate 1 450 nm"), None);
    }
}
