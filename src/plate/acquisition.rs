//! When, on which reader and by whom a plate was read, as its export says it.
//!
//! Every program writes these facts its own way, and all of them as a name with the value behind it: in the next cell that is
//! filled (`Reader Serial Number:` | `1402191`), or in the same one (`User: USER`). So they are found by their names, once for
//! all formats, and kept word for word: a date such as 03/04/2024 is not read, because nothing says which number is the month.

use serde::{Deserialize, Serialize};

use crate::sheet::{Book, Sheet, Value};

/// What an export says of the reading of a plate. Nothing is judged by it.
///
/// ```
/// use platewise::plate::formats;
/// use platewise::sheet::Book;
///
/// let text = "Date,2026-03-05\nTime,09:12:44\nReader Type:,Epoch 2\nReader Serial Number:,n/a\n450 nm\n,1,2\nA,0.1,0.2\nB,0.3,0.4\n";
/// let (export, _) = formats::examine(&Book::from_bytes(text.as_bytes(), "plate.csv")?, None)?;
/// let said = &export.plates[0].acquisition;
/// assert_eq!((said.moment().as_deref(), said.reader.as_deref()), (Some("2026-03-05 09:12:44"), Some("Epoch 2")));
/// assert_eq!(said.serial, None, "n/a says nothing");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acquisition {
    /// Date of the reading, with its time where the file writes both together.
    pub date: Option<String>,
    /// Time of day, where it stands apart.
    pub time: Option<String>,
    /// The reader: its model or the name that the laboratory gave it.
    pub reader: Option<String>,
    /// Serial number of the reader.
    pub serial: Option<String>,
    /// Who read the plate: the user of the reader's software.
    pub operator: Option<String>,
    /// Version of the reader's software.
    pub software: Option<String>,
}

/// A fact by the names that programs give it. The first name counts most: a file may hold a model and a nickname.
const NAMES: [(Fact, &[&str]); 6] = [
    (
        Fact::Date,
        &[
            "measured on",
            "date of measurement",
            "measurement date",
            "read date",
            "run date",
            "executed",
            "start time",
            "date",
        ],
    ),
    (Fact::Time, &["read time", "measurement time", "time"]),
    (
        Fact::Reader,
        &["reader type", "instrument type", "instrument name", "instrument nickname", "device", "instrument", "reader"],
    ),
    (
        Fact::Serial,
        &[
            "reader serial number",
            "instrument serial number",
            "instrument serial no",
            "serial number",
            "serial no",
            "serial#",
        ],
    ),
    (Fact::Operator, &["operator", "measured by", "user name", "user"]),
    (Fact::Software, &["software version", "application"]),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Date,
    Time,
    Reader,
    Serial,
    Operator,
    Software,
}

/// What programs write where they know nothing.
const NOTHING: [&str; 6] = ["n/a", "na", "unknown", "none", "-", "<>"];

/// Cells of a line that names a fact: a table with a column of that name has more.
const MOST_CELLS: usize = 5;

impl Acquisition {
    /// What the file says of the plate whose readings begin in that row (from 0) of that sheet: what stands closest above it in its sheet, else
    /// below it, else in another sheet, where all of the file agrees. What differs between other sheets belongs to other plates.
    pub(super) fn of(told: &StatedFacts, (sheet, row): (usize, usize)) -> Self {
        let of = |fact: Fact| told.near(fact, sheet, row);
        Self {
            date: of(Fact::Date),
            time: of(Fact::Time),
            reader: of(Fact::Reader),
            serial: of(Fact::Serial),
            operator: of(Fact::Operator),
            software: of(Fact::Software),
        }
    }

    /// Date and time of the reading, as the file writes them.
    pub fn moment(&self) -> Option<String> {
        match (&self.date, &self.time) {
            (Some(date), Some(time)) if !date.contains(':') => Some(format!("{date} {time}")),
            (Some(date), _) => Some(date.clone()),
            (None, time) => time.clone(),
        }
    }
}

/// Everything that the sheets of a file say, sheet by sheet in the order of their lines.
pub(super) struct StatedFacts(Vec<Vec<StatedFact>>);

impl StatedFacts {
    pub(super) fn by(book: &Book) -> Self {
        Self(book.sheets.iter().map(said).collect())
    }

    fn near(&self, fact: Fact, sheet: usize, row: usize) -> Option<String> {
        let own: Vec<&StatedFact> = self.0.get(sheet)?.iter().filter(|one| one.fact == fact).collect();
        let above = own.iter().rfind(|one| one.row <= row).map(|one| one.row);
        let beside: Vec<&StatedFact> = match above.or_else(|| own.first().map(|one| one.row)) {
            // A head of a few lines may hold two names of one fact.
            Some(near) => {
                let is_of_head =
                    |one: &&StatedFact| one.row.abs_diff(near) <= HEAD && (above.is_none() || one.row <= row);
                own.into_iter().filter(is_of_head).collect()
            }
            None => self.0.iter().flatten().filter(|one| one.fact == fact).collect(),
        };
        let best = beside.iter().map(|one| one.rank).min()?;
        let mut texts = beside.iter().filter(|one| one.rank == best).map(|one| &one.text);
        if above.is_some() {
            return texts.next_back().cloned();
        }
        let text = texts.next()?;
        texts.all(|other| other == text).then(|| text.clone())
    }
}

/// Lines of a head.
const HEAD: usize = 8;

/// A fact that a line names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct StatedFact {
    row: usize,
    fact: Fact,
    /// The place of its name among those of the fact.
    rank: usize,
    text: String,
}

/// Everything that the lines of a sheet say.
fn said(sheet: &Sheet) -> Vec<StatedFact> {
    let of_line = |(row, cells): (usize, &Vec<Value>)| {
        let filled: Vec<String> = (0..cells.len())
            .map(|column| sheet.text(row, column))
            .filter(|text| !text.is_empty())
            .take(MOST_CELLS + 1)
            .collect();
        if filled.len() > MOST_CELLS { Vec::new() } else { of_cells(row, &filled) }
    };
    sheet.rows.iter().enumerate().flat_map(of_line).collect()
}

fn of_cells(row: usize, filled: &[String]) -> Vec<StatedFact> {
    let together = filled.iter().filter_map(|cell| cell.split_once(':')).filter(|(_, text)| !text.trim().is_empty());
    let apart = filled.first().map(|name| (name.as_str(), filled.get(1).map_or("", String::as_str)));
    let named = |(name, text): (&str, &str)| {
        let (fact, rank) = fact(name)?;
        let text = bare(text);
        is_told(fact, &text).then_some(StatedFact { row, fact, rank, text })
    };
    together.chain(apart).filter_map(named).collect()
}

/// The fact that goes by this name.
fn fact(name: &str) -> Option<(Fact, usize)> {
    let name = name.trim().trim_end_matches([':', '.', ' ']).to_lowercase();
    NAMES.iter().find_map(|(fact, names)| Some((*fact, names.iter().position(|known| *known == name)?)))
}

/// A text without the quotes that keep a spreadsheet program from reading it as a number: `="1051017"`.
fn bare(text: &str) -> String {
    let text = text.trim().trim_start_matches('=').trim_matches('"').trim();
    let text = text.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(text);
    text.trim_start_matches(|c: char| c == '.' || c.is_whitespace()).to_string()
}

/// Whether a value says something, and looks like one of its kind.
fn is_told(fact: Fact, text: &str) -> bool {
    let has_digit = text.chars().any(|c| c.is_ascii_digit());
    let kind = match fact {
        Fact::Date => has_digit && text.contains(['/', '-', '.', ' ']) && text.chars().count() >= 6,
        Fact::Time => has_digit && text.contains(':'),
        Fact::Serial => has_digit,
        Fact::Reader | Fact::Operator | Fact::Software => text.chars().any(char::is_alphanumeric),
    };
    kind && text.chars().count() <= 80 && !NOTHING.contains(&text.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, row: usize) -> Acquisition {
        Acquisition::of(&StatedFacts::by(&Book::from_bytes(text.as_bytes(), "x.txt").unwrap()), (0, row))
    }

    #[test]
    fn each_plate_of_a_file_has_what_stands_above_it() {
        let text = "Software Version\t3.15\nDate\t6/12/2026\nTime\t5:47:49 PM\nReader Serial Number:\t1402191\nResults\nA\t0.1\n\
                    Software Version\t3.15\nDate\t6/13/2026\nTime\t5:50:01 PM\nReader Serial Number:\tUnknown\nResults\nA\t0.2\n";
        assert_eq!(of(text, 5).moment().as_deref(), Some("6/12/2026 5:47:49 PM"));
        assert_eq!(of(text, 11).moment().as_deref(), Some("6/13/2026 5:50:01 PM"));
        assert_eq!(of(text, 5).serial.as_deref(), Some("1402191"));
    }

    #[test]
    fn a_name_and_its_value_stand_in_one_cell_or_in_two() {
        let bmg =
            "User: USER,Path: C:\\Data,Test run no.: 4\nTest name: TARC,Date: 29/02/2026,Time: 14:34:46\n,1,2\nA,1,2\n";
        let said = of(bmg, 2);
        assert_eq!((said.operator.as_deref(), said.moment().as_deref()), (Some("USER"), Some("29/02/2026 14:34:46")));
        let quoted = "a,b\nSerial#: ,,,,=\"1051017\"\nInstrument nickname,,,,Two\n";
        assert_eq!((of(quoted, 0).serial.as_deref(), of(quoted, 0).reader.as_deref()), (Some("1051017"), Some("Two")));
    }

    #[test]
    fn a_column_of_that_name_says_nothing() {
        assert_eq!(of("Time\tA1\tA2\n0:00:10\t1\t2\nDate\tToday\nUser\tN/A\n", 0), Acquisition::default());
    }
}
