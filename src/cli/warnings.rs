//! Warnings and errors on standard error: those of one kind together with their number, never a wall.

use std::collections::BTreeMap;

use clap::builder::styling::{AnsiColor, Style};

use super::Failure;
use super::terminal::say;
use crate::sheet::{Code, Problem};

const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const RED: Style = AnsiColor::Red.on_default().bold();
/// So many warnings of one kind are printed in full: the report lists them all.
const WARNINGS: usize = 1;
/// So many errors of one kind are printed in full: what is alike is corrected alike.
const ERRORS: usize = 8;
/// So many places of further ones of a kind are named.
const PLACES: usize = 4;

/// Prints warnings, one for each kind with the number of the others like it; each of them with `all`.
pub(super) fn print_warnings(warnings: &[Problem], all: bool) {
    let label = format!("{YELLOW}warning:{YELLOW:#}");
    for line in lines(warnings, if all { usize::MAX } else { WARNINGS }, "; --verbose shows each") {
        print(&label, &line);
    }
}

/// Prints what stopped the work.
pub(super) fn print_failure(failure: &Failure) {
    let label = format!("{RED}error:{RED:#}");
    match failure {
        Failure::Input(problems) => lines(&problems.0, ERRORS, "").iter().for_each(|line| print(&label, line)),
        other => print(&label, &other.to_string()),
    }
}

/// A label before what was found; what belongs to it stands indented below.
fn print(label: &str, text: &str) {
    for (index, line) in text.lines().enumerate() {
        if index == 0 { say(&format!("{label} "), line) } else { say("       ", line) }
    }
}

/// The first `shown` problems of each kind in full, and how many more there are and where.
fn lines(problems: &[Problem], shown: usize, hint: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for group in groups(problems) {
        // The same words at another place are a place, not another message.
        let alike = |problem: &&Problem| words(problem) == words(group[0]);
        let shown = if group.iter().all(alike) { shown.min(1) } else { shown };
        let (full, others) = group.split_at(group.len().min(shown));
        lines.extend(full.iter().map(|problem| problem.to_string()));
        if let (Some(last), false) = (lines.last_mut(), others.is_empty()) {
            last.push('\n');
            last.push_str(&like_it(others, hint));
        }
    }
    lines
}

fn words(problem: &Problem) -> [&str; 3] {
    [&problem.found, &problem.expected, &problem.advice]
}

/// The warnings by their code, in the order of the first of each.
fn groups(warnings: &[Problem]) -> Vec<Vec<&Problem>> {
    let mut order: BTreeMap<&Code, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Problem>> = Vec::new();
    for warning in warnings {
        let at = *order.entry(&warning.code).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(warning),
            None => groups.push(vec![warning]),
        }
    }
    groups
}

/// `and 7 more like it: samples.csv, line 4; samples.csv, line 5; …`.
fn like_it(others: &[&Problem], hint: &str) -> String {
    let mut places: Vec<String> = others.iter().map(|warning| warning.location.to_string()).collect();
    places.dedup();
    let shown = places.len().min(PLACES);
    let rest = if places.len() > shown { format!("; … {}", places[places.len() - 1]) } else { String::new() };
    format!("and {} more like it: {}{rest}{hint}", others.len(), places[..shown].join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheet::Location;

    #[test]
    fn warnings_of_one_code_are_one_kind_whatever_their_words() {
        let warning = |code, line, words: &str| Problem::new(code, Location::line("samples.csv", line), words);
        let unmeasured =
            |line| warning(Code::new("sample-never-measured"), line, &format!("sample 'S{line}' is on no plate"));
        let mut all: Vec<Problem> = (2..10).map(unmeasured).collect();
        let empty = || Code::new("wells-empty");
        all.insert(1, warning(empty(), 40, "3 wells of plate P01 are empty"));
        all.push(warning(empty(), 41, "the wells of P02 are all empty"));
        let groups = groups(&all);
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [8, 2]);
        let lines = lines(&all, 2, "");
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines[1],
            "samples.csv, line 3: sample 'S3' is on no plate\nand 6 more like it: samples.csv, line 4; samples.csv, line 5; \
             samples.csv, line 6; samples.csv, line 7; … samples.csv, line 9"
        );
    }
}
