//! How a sample was kept until its plate was read, as the list of samples says it.

use std::fmt;

use serde::Serialize;

use crate::sheet::table::Record;
use crate::sheet::{Code, Problem, Problems, Value, WrittenDate};

/// What the list says of how a sample was kept.
///
/// ```
/// use platewise::plate::SampleList;
/// use platewise::sheet::{Book, WrittenDate};
///
/// let text = b"sample,subject,visit,collected,thaws\nP-301,007,Baseline,2025-03-05,2\nP-302,008,Baseline,,\n";
/// let list = SampleList::read(&Book::from_bytes(text, "samples.csv")?.sheets[0])?;
/// let storage = &list.get("P-301").unwrap().storage;
/// let read_on = WrittenDate::read("2026-03-05");
/// assert_eq!(storage.age(read_on.as_ref()).unwrap().to_string(), "365");
/// assert_eq!((storage.thaws, storage.age(None)), (Some(2), None));
/// assert!(list.get("P-302").unwrap().storage.is_unknown());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Storage {
    /// When it was collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected: Option<WrittenDate>,
    /// Its age when its plate was read, in days, where the list has that instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_days: Option<u32>,
    /// How often it had been thawed by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thaws: Option<u32>,
}

/// The age of a sample when its plate was read, in days: a range where a date may mean several days.
///
/// ```
/// use platewise::plate::Age;
/// assert_eq!([Age { least: 7, most: 7 }, Age { least: 3, most: 33 }].map(|age| age.to_string()), ["7", "3 to 33"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age {
    /// The least that it may be. Below 0 the sample was collected after its plate was read.
    pub least: i32,
    /// The most that it may be.
    pub most: i32,
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A text that begins with a hyphen is one that a spreadsheet program would take for a formula.
        let days = |days: i32| days.to_string().replace('-', "−");
        match self.least == self.most {
            true => f.write_str(&days(self.least)),
            false => write!(f, "{} to {}", days(self.least), days(self.most)),
        }
    }
}

impl Storage {
    /// Whether the list says nothing.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }

    /// The age on the day of the reading; `None` where the list or the export does not say enough.
    pub fn age(&self, read_on: Option<&WrittenDate>) -> Option<Age> {
        if let Some(days) = self.age_days.and_then(|days| i32::try_from(days).ok()) {
            return Some(Age { least: days, most: days });
        }
        let (least, most) = read_on?.days_since(self.collected.as_ref()?);
        Some(Age { least, most })
    }

    /// Reads the columns `collected`, `age_days` and `thaws` of a line.
    pub(super) fn read(record: &Record<'_>, problems: &mut Problems) -> Self {
        let text = record.text("collected");
        let collected = WrittenDate::read(&text);
        if collected.is_none() && !text.is_empty() {
            problems.push(
                Problem::new(
                    Code::new("samples-not-a-date"),
                    record.location("collected"),
                    format!("collected on '{text}', which is no date"),
                )
                .expected("a date such as 2026-03-05, or nothing"),
            );
        }
        let mut count = |column: &str| {
            let value = record.value(column);
            let count = whole(value);
            if count.is_none() && !value.is_empty() {
                problems.push(
                    Problem::new(
                        Code::new("samples-not-a-count"),
                        record.location(column),
                        format!("{column} is '{}'", value.text()),
                    )
                    .expected("a whole number from 0 on, or nothing"),
                );
            }
            count
        };
        let (age_days, thaws) = (count("age_days"), count("thaws"));
        if collected.is_some() && age_days.is_some() {
            problems.push(
                Problem::new(
                    Code::new("samples-two-ages"),
                    record.location("age_days"),
                    "a date in 'collected' and an age in 'age_days'",
                )
                .expected("one of the two"),
            );
        }
        Self { collected, age_days, thaws }
    }
}

/// A whole number from 0 on; a workbook's cell may say 3.0.
fn whole(value: &Value) -> Option<u32> {
    let number = value.text().parse::<f64>().ok()?;
    (number.fract() == 0.0 && (0.0..=1_000_000.0).contains(&number)).then_some(number as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::SampleList;
    use crate::sheet::Book;

    fn list(text: &str) -> Result<SampleList, String> {
        let book = Book::from_bytes(text.as_bytes(), "samples.csv").unwrap();
        SampleList::read(&book.sheets[0]).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn what_is_no_date_and_no_count_is_refused_at_its_cell() {
        let said = list(
            "sample,subject,visit,collected,age_days,thaws\nA,1,V,soon,,\nB,1,V,,-3,\nC,1,V,,,1.5\nD,1,V,2026-03-05,4,\nE,1,V,,4,0\n",
        )
        .unwrap_err();
        for part in [
            "line 2, field 4: collected on 'soon', which is no date",
            "line 3, field 5: age_days is '-3'",
            "line 4, field 6: thaws is '1.5'",
            "line 5, field 5: a date in 'collected' and an age in 'age_days'",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("line 6"), "{said}");
    }

    #[test]
    fn an_age_spans_what_the_dates_may_mean() {
        let list = list("sample,subject,visit,collected\nA,1,V,01/02/2024\nB,1,V,2024-05-01\n").unwrap();
        let age = |sample: &str, read: &str| list.get(sample).unwrap().storage.age(WrittenDate::read(read).as_ref());
        assert_eq!(age("A", "2024-03-04"), Some(Age { least: 32, most: 62 }));
        assert_eq!(age("B", "2024-04-01"), Some(Age { least: -30, most: -30 }));
        assert_eq!(age("A", "yesterday"), None);
    }
}
