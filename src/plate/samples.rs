//! `samples.csv`: what each sample of the study is: whose, from which visit, of which matrix. It knows nothing of arms.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::dilution::{self, NotADilution};
use super::extra_columns;
use super::storage::Storage;
use crate::protocol::SAMPLE_COLUMNS;
use crate::sheet::table::{COLUMN_UNKNOWN, Record};
use crate::sheet::{Code, Location, NumberNotation, Problem, Problems, Sheet, Table, Value};

/// Why a sample is measured.
///
/// ```
/// use platewise::plate::{Purpose, SampleList};
/// use platewise::sheet::Book;
///
/// let text = b"sample,subject,visit,purpose,of,added\nP-301,007,Baseline,,,\nX-1,,,spike,P-301,500\n";
/// let list = SampleList::read(&Book::from_bytes(text, "samples.csv")?.sheets[0])?;
/// assert_eq!(list.get("X-1").unwrap().purpose, Purpose::Spike { of: "P-301".into(), added: 500.0 });
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Purpose {
    /// For its result.
    Study,
    /// To see how much is found of what was added to another sample.
    Spike {
        /// The sample that it was made from.
        of: String,
        /// The concentration that was added, in the unit of the study, of the undiluted sample.
        added: f64,
    },
    /// Incurred-sample reanalysis: another sample, measured again in another run.
    Isr {
        /// The sample that is measured again.
        of: String,
    },
}

/// A sample of the study.
///
/// ```
/// use platewise::plate::SampleList;
/// use platewise::sheet::Book;
///
/// let text = b"sample,subject,visit,purpose,of,added\nP-301,007,Baseline,,,\nX-1,,,spike,P-301,500\n";
/// let list = SampleList::read(&Book::from_bytes(text, "samples.csv")?.sheets[0])?;
/// let sample = list.get("P-301").unwrap();
/// assert_eq!((sample.subject.as_str(), sample.visit.as_str(), sample.dilution), ("007", "Baseline", None));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its name, as in the layouts.
    pub id: String,
    /// Why it is measured. One that tests the method is nobody's result.
    pub purpose: Purpose,
    /// Whose it is.
    pub subject: String,
    /// The visit, by its name in `study.toml`.
    pub visit: String,
    /// Serum, plasma …
    pub matrix: Option<String>,
    /// Study day of collection (CDISC's: 1 is the first, −1 the day before it), where the list has it.
    pub day: Option<i32>,
    /// Dilution factor, ≥ 1, where the layout does not have it.
    pub dilution: Option<f64>,
    /// How it was kept, as far as the list says it.
    pub storage: Storage,
    /// Where it is declared.
    pub location: Location,
}

/// All samples of the study, in the order of the file.
///
/// ```
/// use platewise::plate::SampleList;
/// use platewise::sheet::Book;
///
/// let text = b"sample,subject,visit,purpose,of,added\nP-301,007,Baseline,,,\nX-1,,,spike,P-301,500\n";
/// let list = SampleList::read(&Book::from_bytes(text, "samples.csv")?.sheets[0])?;
/// assert_eq!(list.iter().map(|sample| sample.id.as_str()).collect::<Vec<_>>(), ["P-301", "X-1"]);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SampleList {
    samples: Vec<Sample>,
    by_id: BTreeMap<String, usize>,
    without_subjects: bool,
    /// Columns that are not used.
    note: Option<Problem>,
}

impl SampleList {
    /// Reads the columns `sample, subject, visit` and, where they are there, `matrix, day, dilution` (a factor),
    /// `dilution_fraction, purpose, of, added`, and how it was kept: `collected, age_days, thaws`. A sample that tests the method says its purpose (`spike` or `isr`) and the
    /// sample that it is made from, instead of a subject. A list may do without subjects and visits altogether. Further columns, as a
    /// LIMS exports them, are not used and named in [`SampleList::note`]; one that may say an arm is refused.
    ///
    /// # Errors
    /// Every column that is nearly a known one, empty name, dilution that is not a factor, day that is none, and sample that is declared twice.
    pub fn read(sheet: &Sheet) -> Result<Self, Problems> {
        Self::read_called(sheet, &BTreeMap::new())
    }

    /// As [`SampleList::read`], with what columns are called that do not have our names (`[samples.columns]`).
    ///
    /// ```
    /// use platewise::plate::SampleList;
    /// use platewise::sheet::Book;
    ///
    /// let text = b"Freezer,Specimen ID,Patient,Timepoint\n7,P-301,007,Baseline\n";
    /// let called = [("sample", "Specimen ID".to_string()), ("subject", "Patient".into()), ("visit", "Timepoint".into())];
    /// let list = SampleList::read_called(&Book::from_bytes(text, "lims.csv")?.sheets[0], &called.into_iter().collect())?;
    /// assert_eq!(list.get("P-301").unwrap().subject, "007");
    /// assert!(list.note().unwrap().to_string().contains("the column 'Freezer' is not used"));
    /// # Ok::<(), platewise::sheet::Problems>(())
    /// ```
    ///
    /// # Errors
    /// As [`SampleList::read`], and a column that is not there under its name.
    pub fn read_called(sheet: &Sheet, called: &BTreeMap<&'static str, String>) -> Result<Self, Problems> {
        let optional = &SAMPLE_COLUMNS[3..];
        let renamed = renamed(sheet, called)?;
        let (sheet, note) = extra_columns::set_aside(&renamed, &SAMPLE_COLUMNS, &ASKED);
        let sheet: &Sheet = &sheet;
        let names = |column: &str| {
            let header = sheet.rows.get(sheet.first_row());
            header.is_some_and(|row| row.iter().any(|cell| cell.text().eq_ignore_ascii_case(column)))
        };
        // A blinded laboratory may have a list of samples and know neither subjects nor visits.
        let whose = names("subject") || names("visit") || !names("sample");
        let required: &[&str] = if whose { &["sample", "subject", "visit"] } else { &["sample"] };
        let table = Table::new(sheet, required, optional).map_err(|mut problems| {
            let header = sheet.first_row();
            let titles =
                sheet.rows.get(header).into_iter().flatten().map(|cell| cell.text().to_lowercase()).enumerate();
            let of_arms = titles.filter(|(_, title)| ARMS.iter().any(|arm| title.starts_with(arm)));
            let of_arms: Vec<Location> = of_arms.map(|(at, _)| sheet.location(header, at)).collect();
            let is_arm = |problem: &Problem| problem.code == COLUMN_UNKNOWN && of_arms.contains(&problem.location);
            if let Some(at) = problems.0.iter().position(is_arm) {
                problems.0.swap(0, at);
                problems.0.truncate(1);
                problems.0[0].advice =
                    "This looks like the list of arms: see 'samples' and 'arms' in [study] of study.toml".into();
            }
            problems
        })?;
        let numbers = table.records().flat_map(|record| {
            let dilutions = ["dilution", "dilution_fraction"]
                .map(|column| (dilution::digits(record.value(column)), record.location(column)));
            dilutions.into_iter().chain([(record.text("added"), record.location("added"))])
        });
        let written = NumberNotation::of(sheet, numbers)?;
        let mut problems = Problems::default();
        let said = |record: &Record<'_>| !record.text("subject").is_empty() || !record.text("visit").is_empty();
        let of_nobody = table.records().next().is_some() && !table.records().any(|record| said(&record));
        let mut list = Self { without_subjects: of_nobody, note, ..Self::default() };
        for record in table.records() {
            let purpose = purpose(&record, written);
            // Whose a sample is that says a purpose wrongly, nobody asks.
            let of_subject = !of_nobody && matches!(purpose, Ok(Purpose::Study));
            let needed: &[&str] = if of_subject { &["sample", "subject", "visit"] } else { &["sample"] };
            let purpose = purpose.unwrap_or_else(|problem| {
                problems.push(problem);
                Purpose::Study
            });
            for column in needed.iter().copied() {
                if record.text(column).is_empty() {
                    problems.push(
                        Problem::new(Code::new("samples-no-name"), record.location(column), format!("no {column}"))
                            .expected("a name"),
                    );
                }
            }
            let mut read = |column, parse: fn(&Value, NumberNotation) -> Result<Option<f64>, NotADilution>| {
                parse(record.value(column), written).unwrap_or_else(|wrong| {
                    problems.push(wrong.at(record.location(column)));
                    None
                })
            };
            let factor = read("dilution", dilution::parse);
            let fraction = read("dilution_fraction", dilution::parse_fraction);
            if factor.is_some() && fraction.is_some() {
                let at = record.location("dilution_fraction");
                problems.push(
                    Problem::new(Code::new("samples-two-dilutions"), at, "a dilution and a dilution_fraction")
                        .expected("one of the two"),
                );
            }
            let dilution = factor.or(fraction);
            let mut name = |column| {
                record.name(column).unwrap_or_else(|problem| {
                    problems.push(problem);
                    record.text(column)
                })
            };
            let (id, subject) = (name("sample"), name("subject"));
            let matrix = Some(record.text("matrix")).filter(|matrix| !matrix.is_empty());
            let sample = Sample {
                id,
                purpose,
                subject,
                visit: record.text("visit"),
                matrix,
                day: day(&record, &mut problems),
                dilution,
                storage: Storage::read(&record, &mut problems),
                location: record.location("sample"),
            };
            match list.by_id.get(&sample.id) {
                Some(&first) => problems.push(
                    Problem::new(
                        Code::new("samples-declared-twice"),
                        sample.location,
                        format!("sample '{}' is declared twice", sample.id),
                    )
                    .expected(format!("it once; first at {}", list.samples[first].location))
                    .advice("Remove one of the two lines"),
                ),
                None => {
                    list.by_id.insert(sample.id.clone(), list.samples.len());
                    list.samples.push(sample);
                }
            }
        }
        for sample in &list.samples {
            let of = match &sample.purpose {
                Purpose::Study => continue,
                Purpose::Spike { of, .. } | Purpose::Isr { of } => of,
            };
            if list.get(of).is_none_or(|known| known.purpose != Purpose::Study) {
                let found = format!("sample '{}' is made from '{of}', which is no sample of the study", sample.id);
                problems.push(
                    Problem::new(Code::new("samples-of-unknown"), sample.location.clone(), found)
                        .expected("another sample of this list, in 'of'"),
                );
            }
        }
        problems.or(list)
    }

    /// Whether it says of no sample whose it is: results come by sample then, and no arms can be compared.
    pub fn is_without_subjects(&self) -> bool {
        self.without_subjects
    }

    /// The columns of the list that are not used, where there are such.
    pub fn note(&self) -> Option<&Problem> {
        self.note.as_ref()
    }

    /// The sample of that name.
    pub fn get(&self, id: &str) -> Option<&Sample> {
        self.by_id.get(id).map(|&at| &self.samples[at])
    }

    /// All samples, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter()
    }
}

/// What columns are called that say who is in which arm: such a list is not opened here.
const ARMS: [&str; 6] = ["arm", "treatment", "trt", "randomi", "allocation", "blind"];

/// Columns that are asked about and never set aside: arms, and dilutions under a name that is not ours.
const ASKED: [&str; 7] = [ARMS[0], ARMS[1], ARMS[2], ARMS[3], ARMS[4], ARMS[5], "dil"];

/// The sheet with our names for the columns that have others; a column of our name that is not meant keeps a name of its own.
fn renamed<'a>(sheet: &'a Sheet, called: &BTreeMap<&'static str, String>) -> Result<Cow<'a, Sheet>, Problems> {
    if called.is_empty() {
        return Ok(Cow::Borrowed(sheet));
    }
    let mut renamed = sheet.clone();
    let row = sheet.first_row();
    let width = sheet.rows.get(row).map_or(0, Vec::len);
    let mut problems = Problems::default();
    for (name, title) in called {
        let is_it = |column: &usize, title: &str| sheet.text(row, *column).eq_ignore_ascii_case(title);
        let mut found = (0..width).filter(|column| is_it(column, title));
        let (Some(column), None) = (found.next(), found.next()) else {
            let said = format!("there is no column '{title}', or there are two: [samples.columns] names it for {name}");
            problems.push(
                Problem::new(Code::new("samples-title-unknown"), sheet.location(row, 0), said)
                    .expected("the title of one column of the list"),
            );
            continue;
        };
        for other in (0..width).filter(|other| *other != column && is_it(other, name)) {
            if let Some(cell) = renamed.rows.get_mut(row).and_then(|cells| cells.get_mut(other)) {
                *cell = Value::Text(format!("{name} (not the one that [samples.columns] names)"));
            }
        }
        if let Some(cell) = renamed.rows.get_mut(row).and_then(|cells| cells.get_mut(column)) {
            *cell = Value::Text((*name).to_string());
        }
    }
    problems.or(Cow::Owned(renamed))
}

/// Why a sample is measured, from the columns `purpose, of, added`.
fn purpose(record: &Record<'_>, written: NumberNotation) -> Result<Purpose, Problem> {
    let (purpose, of) = (record.text("purpose").to_lowercase(), record.text("of"));
    let wrong = |code: Code, column: &str, found: String, expected: &str| {
        Err(Problem::new(code, record.location(column), found).expected(expected))
    };
    let added = record.value("added");
    if !added.is_empty() && purpose != "spike" {
        return wrong(
            Code::new("samples-added-without-spike"),
            "added",
            format!("'{}' was added, and the purpose is not 'spike'", added.text()),
            "nothing there",
        );
    }
    match purpose.as_str() {
        "" | "study" if of.is_empty() => Ok(Purpose::Study),
        "" | "study" => wrong(
            Code::new("samples-of-without-purpose"),
            "of",
            format!("'of' is '{of}', and there is no purpose"),
            "purpose 'spike' or 'isr'",
        ),
        "spike" | "isr" if of.is_empty() => wrong(
            Code::new("samples-purpose-without-of"),
            "of",
            format!("purpose '{purpose}' without 'of'"),
            "the sample that it is made from",
        ),
        "isr" => Ok(Purpose::Isr { of }),
        "spike" => match written.number(added).filter(|number| *number > 0.0) {
            Some(added) => Ok(Purpose::Spike { of, added }),
            None => wrong(
                Code::new("samples-added"),
                "added",
                format!("'{}' was added", added.text()),
                "a concentration above 0",
            )
            .map_err(|problem: Problem| problem.advice(written.advice(added))),
        },
        other => wrong(
            Code::new("samples-purpose-unknown"),
            "purpose",
            format!("purpose '{other}'"),
            "study (or nothing), spike or isr",
        ),
    }
}

/// A study day: a whole number that is not 0, or nothing.
fn day(record: &Record<'_>, problems: &mut Problems) -> Option<i32> {
    let text = record.text("day");
    if text.is_empty() {
        return None;
    }
    // A workbook's cell may say 113.0.
    let day = text.parse::<f64>().ok().filter(|day| day.fract() == 0.0 && *day != 0.0 && day.abs() < 100_000.0);
    if day.is_none() {
        problems.push(
            Problem::new(
                Code::new("samples-not-a-study-day"),
                record.location("day"),
                format!("'{text}' is not a study day"),
            )
            .expected("a whole number such as 113; the first day is 1, the day before it -1")
            .advice(NumberNotation::default().advice(record.value("day"))),
        );
    }
    day.map(|day| day as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Book;

    fn read(text: &str, called: &[(&'static str, &str)]) -> Result<SampleList, Problems> {
        let called = called.iter().map(|(name, title)| (*name, title.to_string())).collect();
        SampleList::read_called(&Book::from_bytes(text.as_bytes(), "lims.csv").unwrap().sheets[0], &called)
    }

    #[test]
    fn the_list_of_a_lims_is_read_by_its_own_titles() {
        let text = "sample,Specimen ID,Box,Patient,Timepoint\n1,P-301,B7,007,Baseline\n2,P-302,B7,007,Week 16\n";
        let called = [("sample", "specimen id"), ("subject", "Patient"), ("visit", "Timepoint")];
        let list = read(text, &called).unwrap();
        assert_eq!(list.iter().map(|sample| sample.id.as_str()).collect::<Vec<_>>(), ["P-301", "P-302"]);
        assert_eq!(list.get("P-302").unwrap().visit, "Week 16");
        let note = list.note().unwrap().to_string();
        assert!(note.contains("2 columns are not used") && note.contains("'Box'"), "{note}");
        let said = read(text, &[("sample", "Specimen")]).err().unwrap().to_string();
        assert!(said.contains("no column 'Specimen'"), "{said}");
    }

    #[test]
    fn what_is_wrong_with_a_purpose_is_said_once() {
        let line = |purpose: &str, of: &str, added: &str| {
            let text =
                format!("sample,subject,visit,purpose,of,added\nP-1,S1,Baseline,,,\nX-1,,,{purpose},{of},{added}\n");
            read(&text, &[])
                .map_err(|problems| problems.0.iter().map(|of| of.code.as_str().to_string()).collect::<Vec<_>>())
        };
        assert!(line("spike", "P-1", "500.5").is_ok());
        assert_eq!(line("spike", "P-1", "much").err(), Some(vec!["samples-added".to_string()]));
        assert_eq!(line("isr", "", "").err(), Some(vec!["samples-purpose-without-of".to_string()]));
    }

    #[test]
    fn a_column_that_may_say_an_arm_or_a_dilution_is_never_set_aside() {
        for title in ["Arm", "Treatment group", "TRT01P", "Randomisation", "unblinded", "Dil.", "dilutoin"] {
            let said =
                read(&format!("sample,subject,visit,{title}\nP-1,007,Baseline,x\n"), &[]).err().unwrap().to_string();
            assert!(said.contains("unknown column"), "{title}: {said}");
        }
        assert!(read("sample,subject,visit\nP-1,007,Baseline\n", &[]).unwrap().note().is_none());
    }
}
