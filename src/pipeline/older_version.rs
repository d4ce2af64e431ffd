//! Results of another version of the program, compared with what this one makes of the same inputs.
//!
//! Versions differ in the last digits, in columns and in words, so their bytes say nothing. What a result rests on is compared: the
//! columns of `concentrations.csv` that both versions have, sample by sample, numbers to [`TOLERANCE`] of each, everything else word
//! for word. Sentences about a result (`rule`, `flags`) may be said in other words, and are not compared.

use std::collections::BTreeMap;

use super::check_outcome::CheckOutcome;
use crate::sheet::{Book, Code, Location, Problem, Problems, Sheet};

/// How far two numbers may be apart, as a share of the larger.
const TOLERANCE: f64 = 1e-6;

/// The columns that are sentences.
const WORDS: [&str; 2] = ["rule", "flags"];

/// The column that names a row.
const KEY: &str = "sample";

/// Compares two tables of concentrations; `place` is where the older one stands, `older` the version that made it.
pub(super) fn compare(place: &Location, older: &str, then: &[u8], now: &[u8]) -> CheckOutcome {
    match (read(place, then), read(place, now)) {
        (Ok(then), Ok(now)) => differences(place, older, &then, &now),
        (Err(problems), _) | (_, Err(problems)) => CheckOutcome::Fails(problems),
    }
}

/// The rows of a table by sample, each cell by its column.
struct RowsBySample {
    columns: Vec<String>,
    by_sample: BTreeMap<String, BTreeMap<String, String>>,
}

fn read(place: &Location, bytes: &[u8]) -> Result<RowsBySample, Problems> {
    let book = Book::of_study(bytes, &place.file)?;
    let none = || {
        Problems::from(Problem::new(
            Code::new("older-results-unreadable"),
            place.clone(),
            format!("is no table with a column '{KEY}'"),
        ))
    };
    let sheet: &Sheet = book.sheets.first().ok_or_else(none)?;
    let columns: Vec<String> = sheet.rows.first().into_iter().flatten().map(|cell| cell.text()).collect();
    let key = columns.iter().position(|name| name == KEY).ok_or_else(none)?;
    let row = |at: usize| {
        let cells = columns.iter().enumerate().map(|(column, name)| (name.clone(), sheet.text(at, column)));
        (sheet.text(at, key), cells.collect())
    };
    Ok(RowsBySample { by_sample: (1..sheet.rows.len()).map(row).collect(), columns })
}

fn differences(place: &Location, older: &str, then: &RowsBySample, now: &RowsBySample) -> CheckOutcome {
    let versions = format!("made by version {older}, computed again by {}", env!("CARGO_PKG_VERSION"));
    let problem =
        |found: String| Problem::new(Code::new("older-results-differ"), place.clone(), format!("{found} ({versions})"));
    let mut problems = Vec::new();
    for (sample, cells) in &then.by_sample {
        let Some(again) = now.by_sample.get(sample) else {
            problems.push(problem(format!("sample '{sample}' has no result now")));
            continue;
        };
        for (column, value) in cells.iter().filter(|(column, _)| !WORDS.contains(&column.as_str())) {
            if let Some(value_now) = again.get(column).filter(|other| !is_close(value, other)) {
                problems.push(problem(format!("sample '{sample}', {column}: '{value}' then, '{value_now}' now")));
            }
        }
    }
    let new = now.by_sample.keys().filter(|sample| !then.by_sample.contains_key(*sample));
    problems.extend(new.map(|sample| problem(format!("sample '{sample}' had no result then"))));
    let only = |one: &RowsBySample, other: &RowsBySample| {
        let names: Vec<&str> =
            one.columns.iter().filter(|name| !other.columns.contains(name)).map(String::as_str).collect();
        names.join(", ")
    };
    let mut said = format!("{versions}: {} samples, numbers the same to {TOLERANCE:e} of each", now.by_sample.len());
    for (which, names) in [("then", only(then, now)), ("now", only(now, then))] {
        if !names.is_empty() {
            said += &format!("; columns only {which}: {names}");
        }
    }
    CheckOutcome::of(Problems(problems), said)
}

fn is_close(one: &str, other: &str) -> bool {
    match (one.parse::<f64>(), other.parse::<f64>()) {
        (Ok(one), Ok(other)) => (one - other).abs() <= TOLERANCE * one.abs().max(other.abs()),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THEN: &str = "sample,status,value,rule,old\nA,quantified,\"100\",first,x\nB,below LLOQ,,first,x\n";

    fn outcome(now: &str) -> CheckOutcome {
        compare(&Location::file("concentrations.csv"), "0.0.1", THEN.as_bytes(), now.as_bytes())
    }

    #[test]
    fn numbers_may_differ_in_their_last_digits_and_sentences_in_their_words() {
        let CheckOutcome::Holds(said) =
            outcome("sample,value,status,rule,new\nB,,below LLOQ,the first,1\nA,100.00009,quantified,\"one, two\",2\n")
        else {
            panic!("fails")
        };
        assert!(
            said.contains("made by version 0.0.1") && said.contains("2 samples, numbers the same to 1e-6"),
            "{said}"
        );
        assert!(said.ends_with("columns only then: old; columns only now: new"), "{said}");
    }

    #[test]
    fn every_sample_number_and_status_that_is_another_one_is_named() {
        for (now, expected) in [
            (
                "sample,status,value\nA,quantified,100.0002\nB,below LLOQ,\n",
                "sample 'A', value: '100' then, '100.0002' now",
            ),
            ("sample,status,value\nA,quantified,100\nB,not reported,\n", "sample 'B', status: 'below LLOQ' then"),
            ("sample,status,value\nA,quantified,100\nB,below LLOQ,5\n", "sample 'B', value: '' then, '5' now"),
            ("sample,status,value\nA,quantified,100\n", "sample 'B' has no result now"),
            ("sample,status,value\nA,quantified,100\nB,below LLOQ,\nC,quantified,1\n", "sample 'C' had no result then"),
        ] {
            let CheckOutcome::Fails(problems) = outcome(now) else { panic!("{now}") };
            assert!(problems.0.len() == 1 && problems.to_string().contains(expected), "{problems}");
        }
        assert!(matches!(outcome("a,b\n1,2\n"), CheckOutcome::Fails(_)), "another table");
    }
}
