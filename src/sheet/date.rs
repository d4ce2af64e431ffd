//! Days, and the days that a written date may mean.
//!
//! `03/04/2024` is the third of April or the fourth of March: nothing in a file says which number is the month. So a written date is
//! never guessed, it is all the days that it may mean, and what is computed from it is a range. Only where every meaning leads to the
//! same answer is there an answer.
//!
//! | written | means |
//! |---|---|
//! | `2024-03-04`, `2024/03/04`, `2024.03.04`, `20240304`, `2024年3月4日` | year, month, day |
//! | `4.3.2024` | day, month, year: nobody writes points between them in another order |
//! | `3/4/2024`, `3-4-2024` | both orders, of which a month above 12 leaves one |
//! | `3/4/24` | also year, month, day |
//! | `4-Mar-2024`, `March 4, 2024`, `Monday, 4 March 2024` | the month by its English name |
//!
//! A time of day behind the date is passed over.

use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

/// A day of the calendar.
///
/// ```
/// use platewise::sheet::Day;
///
/// let day = Day::parse("2026-12-05").unwrap();
/// assert_eq!((day.to_string().as_str(), day.end_of_month().to_string().as_str()), ("2026-12-05", "2026-12-31"));
/// assert_eq!(day.days_since(Day::parse("2026-11-28").unwrap()), 7);
/// assert!(Day::parse("05.12.2026").is_none() && Day::parse("2026-02-30").is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// A day written as ISO 8601 has it: `2026-12-05`.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let widths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        if widths != [4, 2, 2] {
            return None;
        }
        Self::new(number(parts[0])?, number(parts[1])?, number(parts[2])?)
    }

    fn new(year: i16, month: i16, day: i16) -> Option<Self> {
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().map(Self)
    }

    /// The last day of its month.
    #[must_use]
    pub fn end_of_month(self) -> Self {
        Self(self.0.last_of_month())
    }

    /// How many days it lies after another day; negative where it lies before it.
    pub fn days_since(self, earlier: Self) -> i32 {
        (self.0 - earlier.0).get_days()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A date as somebody wrote it, with every day that it may mean.
///
/// ```
/// use platewise::sheet::WrittenDate;
///
/// let words = |text| WrittenDate::read(text).map(|date| date.to_string());
/// assert_eq!(words("Sep 13, 2017 10:22 AM").as_deref(), Some("2017-09-13"));
/// assert_eq!(words("13/09/2017").as_deref(), Some("2017-09-13"), "there is no month 13");
/// assert_eq!(words("03/04/2024").as_deref(), Some("03/04/2024, which may be 2024-03-04 or 2024-04-03"));
/// assert_eq!(words("29/02/2026"), None, "there is no such day");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenDate {
    text: String,
    /// The days that it may mean, in their order; at least one.
    days: Vec<Day>,
}

impl WrittenDate {
    /// Reads a text that holds a date; `None` where it means no day.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut days = meanings(text);
        days.sort();
        days.dedup();
        (!days.is_empty()).then(|| Self { text: text.to_string(), days })
    }

    /// The days that it may mean, in their order; at least one.
    pub fn days(&self) -> &[Day] {
        &self.days
    }

    /// How many days it lies after another date: the least and the most that the two texts may mean.
    ///
    /// ```
    /// use platewise::sheet::WrittenDate;
    ///
    /// let [read, collected] = ["03/04/2024", "2024-03-01"].map(|text| WrittenDate::read(text).unwrap());
    /// assert_eq!(read.days_since(&collected), (3, 33));
    /// ```
    pub fn days_since(&self, earlier: &Self) -> (i32, i32) {
        let (first, last) = (self.days[0], self.days[self.days.len() - 1]);
        (first.days_since(earlier.days[earlier.days.len() - 1]), last.days_since(earlier.days[0]))
    }
}

impl From<Day> for WrittenDate {
    fn from(day: Day) -> Self {
        Self { text: day.to_string(), days: vec![day] }
    }
}

/// The day where there is one; else the text with the days that it may mean.
impl fmt::Display for WrittenDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days.as_slice() {
            [day] => day.fmt(f),
            days => {
                let days: Vec<String> = days.iter().map(Day::to_string).collect();
                write!(f, "{}, which may be {}", self.text, days.join(" or "))
            }
        }
    }
}

impl Serialize for WrittenDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn number(text: &str) -> Option<i16> {
    let is_number = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// The days that a text may mean, with repetitions.
fn meanings(text: &str) -> Vec<Day> {
    let text = text.replace(['年', '月'], "-").replace('日', " ");
    let characters: Vec<char> = text.chars().collect();
    // 2026-03-05T09:12:44
    let is_between = |at: usize| {
        at > 0 && characters[at - 1].is_ascii_digit() && characters.get(at + 1).is_some_and(char::is_ascii_digit)
    };
    let split = |(at, &c): (usize, &char)| if c == 'T' && is_between(at) { ' ' } else { c };
    let text: String = characters.iter().enumerate().map(split).collect();
    let words: Vec<&str> = text.split([' ', ',', '\t', '\u{a0}']).filter(|word| !word.is_empty()).collect();
    words.iter().map(|word| of_numbers(word)).find(|days| !days.is_empty()).unwrap_or_else(|| with_month_name(&words))
}

/// The days of a word of three numbers, or of eight digits.
fn of_numbers(word: &str) -> Vec<Day> {
    if word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Day::parse(&format!("{}-{}-{}", &word[..4], &word[4..6], &word[6..])).into_iter().collect();
    }
    let Some(between) = ['-', '/', '.'].into_iter().find(|&c| word.matches(c).count() == 2) else { return Vec::new() };
    let texts: Vec<&str> = word.split(between).collect();
    let widths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
    let numbers: Vec<i16> = texts.iter().filter_map(|text| number(text)).collect();
    let (&[a, b, c], &[first, _, last]) = (numbers.as_slice(), widths.as_slice()) else { return Vec::new() };
    let short = |width: usize| width == 1 || width == 2;
    if !short(widths[1]) {
        return Vec::new();
    }
    let orders = match (first, last) {
        (4, last) if short(last) => vec![Day::new(a, b, c)],
        (first, 4) if short(first) && between == '.' => vec![Day::new(c, b, a)],
        (first, 4) if short(first) => vec![Day::new(c, b, a), Day::new(c, a, b)],
        (first, 2) if short(first) && between == '.' => vec![Day::new(2000 + c, b, a)],
        (first, 2) if short(first) => {
            vec![Day::new(2000 + c, b, a), Day::new(2000 + c, a, b), Day::new(2000 + a, b, c)]
        }
        _ => Vec::new(),
    };
    orders.into_iter().flatten().collect()
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The days of words of which one is the name of a month, in full or by at least three letters: one number is the year, one the day.
fn with_month_name(words: &[&str]) -> Vec<Day> {
    let parts = words.iter().filter(|word| !word.contains(':')).flat_map(|word| word.split(['-', '/', '.']));
    let parts: Vec<String> = parts.filter(|part| !part.is_empty()).map(str::to_lowercase).collect();
    let month_of = |part: &String| {
        let is_it = |name: &&str| {
            part.len() >= 3 && (name.starts_with(part.as_str()) || part == "sept" && **name == *MONTHS[8])
        };
        Some(MONTHS.iter().position(is_it)? as i16 + 1)
    };
    let mut months = parts.iter().filter_map(month_of);
    let (Some(month), None) = (months.next(), months.next()) else { return Vec::new() };
    let numbers: Vec<(usize, i16)> = parts
        .iter()
        .map(|part| part.trim_end_matches(|c: char| c.is_ascii_alphabetic()))
        .filter_map(|part| Some((part.len(), number(part)?)))
        .take(2)
        .collect();
    let days = match numbers.as_slice() {
        [(4, year), (_, day)] | [(_, day), (4, year)] => vec![Day::new(*year, month, *day)],
        [(_, one), (_, other)] => vec![Day::new(2000 + other, month, *one), Day::new(2000 + one, month, *other)],
        _ => Vec::new(),
    };
    days.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_as_it_is_written() {
        for (text, expected) in [
            ("2026-03-05 09:12:44", "2026-03-05"),
            ("2026-03-05T09:12:44Z", "2026-03-05"),
            ("2026/3/5", "2026-03-05"),
            ("20260305", "2026-03-05"),
            ("2026年3月5日 9:12", "2026-03-05"),
            ("5.3.2026", "2026-03-05"),
            ("05.03.26", "2026-03-05"),
            ("9/13/2017 10:22:00 AM", "2017-09-13"),
            ("13-09-2017", "2017-09-13"),
            ("5/5/2026", "2026-05-05"),
            ("13-Sep-2017", "2017-09-13"),
            ("Wednesday, September 13, 2017 10:22", "2017-09-13"),
            ("Sept 13th 2017", "2017-09-13"),
            ("Wed 13 Sep 2017", "2017-09-13"),
            ("9/13/17", "2017-09-13"),
            ("6/12/2026", "6/12/2026, which may be 2026-06-12 or 2026-12-06"),
            ("01/02/03", "01/02/03, which may be 2001-02-03 or 2003-01-02 or 2003-02-01"),
            ("13-Sep-17", "13-Sep-17, which may be 2013-09-17 or 2017-09-13"),
        ] {
            assert_eq!(WrittenDate::read(text).map(|date| date.to_string()).as_deref(), Some(expected), "{text}");
        }
        for nothing in
            ["", "n/a", "09:12:44", "Today", "2026", "2026-13-01", "31.02.2026", "1-2", "12345678", "a/b/2024", "1.25"]
        {
            assert_eq!(WrittenDate::read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_difference_spans_everything_that_both_dates_may_mean() {
        let [read, collected] = ["03/04/2024", "01/02/2024"].map(|text| WrittenDate::read(text).unwrap());
        let all: Vec<i32> = read
            .days()
            .iter()
            .flat_map(|read| collected.days().iter().map(|collected| read.days_since(*collected)))
            .collect();
        let (least, most) = (*all.iter().min().unwrap(), *all.iter().max().unwrap());
        assert_eq!(read.days_since(&collected), (least, most));
        // 2024-03-04 less 2024-02-01, and 2024-04-03 less 2024-01-02, counted by hand in a leap year.
        assert_eq!((least, most), (32, 92));
    }
}

#[cfg(test)]
mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the order of a writing, the day that was meant is among its meanings.
        #[test]
        fn the_day_that_was_meant_is_among_them(days in 0..20_000_i32, form in 0..10_usize) {
            let epoch = Day::parse("2000-01-01").unwrap();
            let day = Day(epoch.0.checked_add(jiff::Span::new().days(days)).unwrap());
            let form = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%-m/%-d/%y", "%d-%b-%Y", "%B %-d, %Y", "%Y%m%d", "%d-%b-%y", "%y/%m/%d"][form];
            let text = day.0.strftime(form).to_string();
            let read = WrittenDate::read(&text);
            prop_assert!(read.as_ref().is_some_and(|read| read.days().contains(&day)), "{text}: {read:?}");
        }

        /// No text makes it panic.
        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,24}") {
            let _ = WrittenDate::read(&text);
        }
    }
}
