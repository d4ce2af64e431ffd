//! The list of arms.

use std::collections::BTreeMap;

use crate::protocol::CovariateSetting;
use crate::sheet::mistakes::differ_in_one_sign;
use crate::sheet::{Code, Location, Problem, Problems, Sheet, Table};

use super::allocation::Allocation;
use super::covariates::{self, MISSING};

/// Reads `arms.csv`: columns `subject`, `arm` and, where the randomisation was stratified, `stratum`; `age` in years where a level
/// of the study depends on it; and the columns that the study declares as covariates.
///
/// # Errors
/// Every field that is empty or says that something is missing, every subject that stands twice, with its line and what the first
/// line says, and every arm that looks like another one misspelt: a subject would be in an arm of its own, and nobody would see it.
pub fn read_arms(sheet: &Sheet, covariates: &[CovariateSetting]) -> Result<Vec<Allocation>, Problems> {
    let declared: Vec<String> = covariates.iter().map(|one| one.name.to_lowercase()).collect();
    let mut optional = vec!["stratum", "age"];
    let others: Vec<&str> = declared.iter().map(String::as_str).filter(|name| !optional.contains(name)).collect();
    optional.extend(others);
    let table = Table::new(sheet, &["subject", "arm"], &optional)?;
    let stratified = table.has("stratum");
    let mut problems = Problems::default();
    let mut of_records = covariates::read(&table, &sheet.whole(), covariates, &mut problems).into_iter();
    let mut allocations: Vec<Allocation> = Vec::new();
    let mut arms: BTreeMap<String, Vec<Location>> = BTreeMap::new();
    let mut seen: BTreeMap<String, (Location, Allocation)> = BTreeMap::new();
    for record in table.records() {
        for column in ["subject", "arm", "stratum"] {
            let text = record.text(column);
            if text.is_empty() && (column != "stratum" || stratified) {
                problems.push(
                    Problem::new(
                        Code::new("arms-empty-cell"),
                        record.location(column),
                        format!("the column '{column}' is empty"),
                    )
                    .expected(format!("the {column} of every subject")),
                );
            } else if MISSING.contains(&text.to_lowercase().as_str()) {
                problems.push(
                    Problem::new(
                        Code::new("arms-word-for-missing"),
                        record.location(column),
                        format!("the column '{column}' holds '{text}'"),
                    )
                    .expected(format!("the {column} of every subject"))
                    .advice("Remove the line of a subject that was not randomised"),
                );
            }
        }
        for column in ["subject", "arm"] {
            problems.extend(record.name(column).err());
        }
        arms.entry(record.text("arm")).or_default().push(record.location("arm"));
        let stratum = stratified.then(|| record.text("stratum"));
        let age = age(&record.text("age"), || record.location("age")).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let covariates = of_records.next().unwrap_or_default();
        let allocation =
            Allocation { subject: record.text("subject"), arm: record.text("arm"), stratum, age, covariates };
        if allocation.subject.is_empty() {
            continue;
        }
        if let Some((place, first)) = seen.get(&allocation.subject) {
            problems.push(twice(record.location("subject"), place, first, &allocation));
        } else {
            seen.insert(allocation.subject.clone(), (record.location("subject"), allocation.clone()));
            allocations.push(allocation);
        }
    }
    if arms.len() > MOST_ARMS {
        let found = format!("{} different arms, of {} subjects", arms.len(), allocations.len());
        return Err(Problem::new(Code::new("arms-too-many"), sheet.whole(), found)
            .expected(format!("at most {MOST_ARMS} arms"))
            .advice("Is there a code for each subject in the column 'arm', as in a blinded list?")
            .into());
    }
    problems.extend(misspelt(&arms));
    problems.or(allocations)
}

/// The most arms of a trial. Every arm is compared with the reference, at every visit and by every analysis.
pub const MOST_ARMS: usize = 24;

/// An age in years; `None` for an empty cell.
fn age(text: &str, at: impl Fn() -> Location) -> Result<Option<f64>, Problem> {
    match text.parse::<f64>() {
        _ if text.is_empty() => Ok(None),
        Ok(age) if (0.0..=130.0).contains(&age) => Ok(Some(age)),
        _ => Err(Problem::new(Code::new("arms-age"), at(), format!("the column 'age' holds '{text}'"))
            .expected("an age in years, such as 34 or 0.75, or nothing")),
    }
}

/// Arms that differ from another one in upper and lower case only, and arms of a single subject that differ in one sign.
fn misspelt(arms: &BTreeMap<String, Vec<Location>>) -> Vec<Problem> {
    let more_often = |one: &String, other: &String| (arms[other].len(), other) > (arms[one].len(), one);
    let same = |one: &str, other: &str| {
        let long_enough = one.chars().count().min(other.chars().count()) >= 4;
        let single = arms[one].len() == 1 && arms[other].len() > 1;
        one.to_lowercase() == other.to_lowercase() || long_enough && single && differ_in_one_sign(one, other)
    };
    let problem = |(arm, places): (&String, &Vec<Location>)| {
        let other = arms.keys().find(|other| *other != arm && more_often(arm, other) && same(arm, other))?;
        let found = format!("the arm '{arm}' appears {}", counted(places.len()));
        let expected = format!("one spelling of each arm; '{other}' appears {}", counted(arms[other].len()));
        Some(
            Problem::new(Code::new("arms-spelt-two-ways"), places.first()?.clone(), found)
                .expected(expected)
                .advice("Write both the same way"),
        )
    };
    arms.iter().filter_map(problem).collect()
}

fn counted(times: usize) -> String {
    if times == 1 { "once".into() } else { format!("{times} times") }
}

fn twice(here: Location, place: &Location, first: &Allocation, second: &Allocation) -> Problem {
    if first == second {
        Problem::new(
            Code::new("arms-subject-twice"),
            here,
            format!("subject '{}' appears twice, first at {place}", second.subject),
        )
        .advice("Remove one of the two lines")
    } else {
        let what = |allocation: &Allocation| {
            let stratum = allocation.stratum.as_ref().map(|name| format!(", stratum '{name}'")).unwrap_or_default();
            format!("arm '{}'{stratum}", allocation.arm)
        };
        let found =
            format!("subject '{}' is in {} here and in {} at {place}", second.subject, what(second), what(first));
        Problem::new(Code::new("arms-subject-contradicted"), here, found)
            .expected("one arm for a subject")
            .advice("Ask who keeps the randomisation list")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Book;

    fn problems(list: &str) -> String {
        let book = Book::from_bytes(list.as_bytes(), "arms.csv").unwrap();
        read_arms(&book.sheets[0], &[]).map_or_else(|problems| problems.to_string(), |_| String::new())
    }

    #[test]
    fn an_arm_that_nobody_meant_is_named() {
        let misspelt = problems("subject,arm\n1,placebo\n2,placebo\n3,active\n4,active\n5,placbo\n6,Active\n");
        assert!(misspelt.contains("arms.csv, line 6, field 2: the arm 'placbo' appears once"), "{misspelt}");
        assert!(misspelt.contains("arms.csv, line 7, field 2: the arm 'Active'"), "{misspelt}");
        assert!(problems("subject,arm\n1,a\n2,b\n3,n/a\n").contains("line 4, field 2: the column 'arm' holds 'n/a'"));
    }

    #[test]
    fn a_code_for_each_subject_is_no_list_of_arms() {
        let list = |arms: usize| (0..60).map(|n| format!("S{n},arm {}\n", n % arms)).collect::<String>();
        assert_eq!(problems(&format!("subject,arm\n{}", list(MOST_ARMS))), "");
        let coded = problems(&format!("subject,arm\n{}", list(60)));
        assert!(coded.contains("60 different arms, of 60 subjects") && coded.contains("at most 24"), "{coded}");
    }

    #[test]
    fn a_covariate_that_may_stand_there_anyway_is_named_once() {
        let book = Book::from_bytes(b"subject,arm,age,site\n1,a,40,x\n", "arms.csv").unwrap();
        let age = CovariateSetting { name: "age".into(), classes: false };
        let unknown = read_arms(&book.sheets[0], &[age]).unwrap_err().to_string();
        assert!(unknown.contains("expected one of subject, arm, stratum, age. Rename"), "{unknown}");
    }

    #[test]
    fn arms_that_are_alike_are_not_taken_for_one() {
        assert_eq!(problems("subject,arm\n1,dose 1\n2,dose 1\n3,dose 2\n4,dose 2\n"), "");
        assert_eq!(problems("subject,arm\n1,A\n2,A\n3,B\n"), "");
    }
}
