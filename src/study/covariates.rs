//! The covariates that a study declares, of each participant: read from the list of arms, and as columns of a model.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::protocol::CovariateSetting;
use crate::sheet::{Code, Location, Problem, Problems, Table};
use crate::stats::covariates::{Covariate, Term, terms};
use crate::stats::{Arm, Undefined};

/// What a covariate is of one participant.
///
/// See [`CovariateOf`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CovariateValue {
    /// A number.
    Number(f64),
    /// The name of a class.
    Class(String),
}

/// A covariate of one participant.
///
/// ```
/// use platewise::protocol::CovariateSetting;
/// use platewise::sheet::Book;
/// use platewise::study::covariates::{CovariateOf, CovariateValue};
/// use platewise::study::read_arms;
///
/// let book = Book::from_bytes(b"subject,arm,BMI\nS1,active,24.5\nS2,placebo,\nS3,placebo,31\n", "arms.csv")?;
/// let asked = [CovariateSetting { name: "BMI".into(), classes: false }];
/// let arms = read_arms(&book.sheets[0], &asked)?;
/// let of: Vec<&CovariateOf> = arms.iter().map(|one| &one.covariates[0]).collect();
/// assert_eq!((of[0].name.as_str(), &of[0].value, &of[1].value), ("BMI", &Some(CovariateValue::Number(24.5)), &None));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CovariateOf {
    /// Its name, as the study writes it.
    pub name: String,
    /// Its value; `None` where the list has none.
    pub value: Option<CovariateValue>,
}

/// The covariates of each record of the list, in the order in which the study declares them.
pub(super) fn read(
    table: &Table<'_>,
    list: &Location,
    asked: &[CovariateSetting],
    problems: &mut Problems,
) -> Vec<Vec<CovariateOf>> {
    let records = table.records().count();
    let mut of_records: Vec<Vec<CovariateOf>> = vec![Vec::new(); records];
    for setting in asked {
        if !table.has(&setting.name.to_lowercase()) {
            let found = format!("there is no column '{}', which [analysis] names as a covariate", setting.name);
            let known = asked.iter().map(|one| format!("'{}'", one.name)).collect::<Vec<_>>();
            problems.push(
                Problem::new(Code::new("covariate-column-missing"), list.clone(), found)
                    .expected(format!("columns 'subject', 'arm', {}", known.join(", "))),
            );
        }
        let values = column(table, setting, problems);
        for (own, value) in of_records.iter_mut().zip(values) {
            own.push(CovariateOf { name: setting.name.clone(), value });
        }
    }
    of_records
}

fn column(table: &Table<'_>, setting: &CovariateSetting, problems: &mut Problems) -> Vec<Option<CovariateValue>> {
    let (name, key) = (&setting.name, setting.name.to_lowercase());
    let cells: Vec<(String, Location)> =
        table.records().map(|record| (record.text(&key), record.location(&key))).collect();
    if !table.has(&key) {
        return vec![None; cells.len()];
    }
    let filled: Vec<&(String, Location)> = cells.iter().filter(|(text, _)| !text.is_empty()).collect();
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let numbers = filled.iter().filter(|(text, _)| number(text).is_some()).count();
    // Mixed columns are columns of numbers with mistakes in them, unless most cells are none.
    let classes = setting.classes || 2 * numbers <= filled.len();
    let declared = format!("the column '{name}', which [analysis] names as a covariate");
    for (text, at) in filled.iter().copied() {
        let unknown = MISSING.contains(&text.to_lowercase().as_str());
        if unknown || !classes && number(text).is_none() {
            let found = format!("the column '{name}' holds '{text}'");
            let expected = if classes {
                "the name of a class, or nothing where it is not known"
            } else {
                "a number, or nothing where it is not known"
            };
            let problem = Problem::new(Code::new("covariate-value"), at.clone(), found).expected(expected);
            problems.push(match unknown {
                true => problem.advice(
                    "Leave the cell empty: the participant is then left out of the analyses that are adjusted for it",
                ),
                false => {
                    problem.advice(format!("Where its numbers are names, declare covariate_classes = [\"{name}\"]"))
                }
            });
        } else if classes && !setting.classes && number(text).is_some() {
            problems.push(
                Problem::new(
                    Code::new("covariate-number-among-names"),
                    at.clone(),
                    format!("the column '{name}' holds the number {text} among names"),
                )
                .expected("the name of a class, or nothing where it is not known")
                .advice(format!("Where the number is a name, declare covariate_classes = [\"{name}\"]")),
            );
        }
    }
    if let Some((first, at)) = filled.first() {
        if filled.iter().all(|(text, _)| text == first) {
            let found = format!("{declared}, holds '{first}' for everybody");
            problems.push(
                Problem::new(Code::new("covariate-constant"), at.clone(), found)
                    .expected("values that differ")
                    .advice("Take it out of covariates"),
            );
        }
    } else if let Some((_, at)) = cells.first() {
        let found = format!("{declared}, is empty");
        problems.push(
            Problem::new(Code::new("covariate-empty"), at.clone(), found)
                .expected("a value of each participant of whom it is known"),
        );
    }
    if classes {
        problems.extend(spelt_otherwise(name, &filled));
    }
    let value = |text: &str| match number(text) {
        _ if text.is_empty() => None,
        Some(number) if !classes => Some(CovariateValue::Number(number)),
        _ => Some(CovariateValue::Class(text.to_string())),
    };
    cells.iter().map(|(text, _)| value(text)).collect()
}

/// Classes that differ in upper and lower case only.
fn spelt_otherwise(name: &str, filled: &[&(String, Location)]) -> Vec<Problem> {
    let mut first: BTreeMap<String, &str> = BTreeMap::new();
    let mut told: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for (text, at) in filled.iter().copied() {
        let known = *first.entry(text.to_lowercase()).or_insert(text);
        if known != text && !told.contains(&text.as_str()) {
            told.push(text);
            found.push(
                Problem::new(
                    Code::new("covariate-class-spelt-two-ways"),
                    at.clone(),
                    format!("the column '{name}' holds '{text}' and '{known}'"),
                )
                .expected("one spelling of each class"),
            );
        }
    }
    found
}

/// What people write where they know of nothing.
pub(super) const MISSING: [&str; 10] = ["n/a", "#n/a", "na", "n.a.", "nan", "null", "?", "missing", "unknown", "tbd"];

/// A covariate of a trial.
///
/// ```
/// use platewise::study::covariates::CovariateColumn;
///
/// let sex = CovariateColumn { name: "sex".into(), levels: vec!["f".into(), "m".into()] };
/// assert_eq!(sex.words(), "sex (classes f, m)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CovariateColumn {
    /// Its name.
    pub name: String,
    /// The names of its classes, in order; empty for a number.
    pub levels: Vec<String>,
}

impl CovariateColumn {
    /// The covariates of these participants, each with its classes.
    pub(super) fn of<'a>(participants: impl Iterator<Item = &'a [CovariateOf]>) -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for one in participants.flatten() {
            let at = found.iter().position(|known| known.name == one.name).unwrap_or_else(|| {
                found.push(Self { name: one.name.clone(), levels: Vec::new() });
                found.len() - 1
            });
            if let Some(CovariateValue::Class(class)) = &one.value
                && let Err(place) = found[at].levels.binary_search(class)
            {
                found[at].levels.insert(place, class.clone());
            }
        }
        found
    }

    /// The number of a participant, or the place of the class.
    pub(super) fn code(&self, of: &[CovariateOf]) -> Option<f64> {
        match of.iter().find(|one| one.name == self.name)?.value.as_ref()? {
            CovariateValue::Number(number) => Some(*number),
            CovariateValue::Class(class) => self.levels.binary_search(class).ok().map(|at| at as f64),
        }
    }

    /// How it enters a model.
    pub fn words(&self) -> String {
        match self.levels.len() {
            0 => format!("{} (linear)", self.name),
            1..=4 => format!("{} (classes {})", self.name, self.levels.join(", ")),
            more => format!("{} ({more} classes)", self.name),
        }
    }
}

/// What a model adjusts for: `log baseline, stratum, age (linear) and sex (classes f, m)`.
pub(super) fn adjusted_for(first: &str, stratified: bool, covariates: &[CovariateColumn]) -> String {
    let mut all = vec![first.to_string()];
    all.extend(stratified.then(|| "stratum".to_string()));
    all.extend(covariates.iter().map(CovariateColumn::words));
    listed(&all)
}

/// `a, b and c`.
pub(crate) fn listed(all: &[String]) -> String {
    match all {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// The terms of a model whose subjects have these values of `declared`.
///
/// # Errors
/// As [`terms`].
pub(super) fn terms_of(
    declared: &[CovariateColumn],
    rows: &[&[f64]],
    arm: &[usize],
    weights: &[f64],
) -> Result<Vec<Term>, Undefined> {
    let column = |(at, one): (usize, &CovariateColumn)| Covariate {
        name: one.name.clone(),
        levels: one.levels.clone(),
        values: rows.iter().filter_map(|row| row.get(at).copied()).collect(),
    };
    let columns: Vec<Covariate> = declared.iter().enumerate().map(column).collect();
    terms(&columns, arm, weights)
}

/// The terms where every subject of two arms counts once.
///
/// # Errors
/// As [`terms`].
pub(super) fn terms_of_two(declared: &[CovariateColumn], rows: &[&[f64]], arm: &[Arm]) -> Result<Vec<Term>, Undefined> {
    let arm: Vec<usize> = arm.iter().map(|arm| usize::from(*arm == Arm::Active)).collect();
    terms_of(declared, rows, &arm, &vec![1.0; arm.len()])
}
