//! `decide accept` and `approve`: what was looked at is on record, later changes are noticed, and so is a log that was changed.

use std::fs;
use std::path::Path;

use crate::support::decided_study::{Study, printed};

#[test]
fn a_plate_is_open_then_reviewed_then_approved() {
    let study = Study::new();
    assert_eq!(study.verdict()["review"], "open");
    study.decided(&["accept"], "R. Reviewer");
    let (code, said) = study.quantify();
    assert!(code == 0 && said.contains("1 of 1 plate reviewed or approved as they are now"), "{code} {said}");
    let row = study.verdict();
    assert_eq!((row["review"].as_str(), row["reviewed_by"].as_str()), ("reviewed", "R. Reviewer"));
    study.decided(&["approve"], "H. Head");
    study.quantify();
    let row = study.verdict();
    assert_eq!((row["review"].as_str(), row["reviewed_by"].as_str()), ("approved", "H. Head"));
    let page = fs::read_to_string(study.path("results/report.html")).unwrap();
    assert!(page.contains("approved (H. Head)") && page.contains("Results approved by "));
}

#[test]
fn whatever_changes_later_puts_the_approval_out_of_date() {
    let changes: [(&str, &str, &str, &str); 4] = [
        ("exports/P01.csv", "\n", "\n\n", "the export"),
        ("layouts/P01.csv", "H,", "h,", "the layout"),
        ("samples.csv", "101-W00,101,Baseline", "101-W00,109,Baseline", "the list of samples"),
        ("study.toml", "replicate_cv_percent = 20", "replicate_cv_percent = 19", "the method"),
    ];
    for (file, from, to, what) in changes {
        let study = Study::new();
        study.decided(&["approve"], "H. Head");
        study.edit(file, from, to);
        let (code, said) = study.quantify();
        let row = study.verdict();
        assert_eq!((code, row["review"].as_str()), (1, "out of date"), "{file}: {said}");
        let doubt = format!("approved by H. Head, and {what} has changed since");
        assert!(row["review_doubt"] == doubt && said.contains(&doubt), "{file}: {} {said}", row["review_doubt"]);
        // It is looked at and approved once more.
        study.decided(&["approve"], "H. Head");
        study.quantify();
        assert_eq!(study.verdict()["review"], "approved", "{file}");
    }
}

#[test]
fn a_title_or_a_review_of_another_puts_nothing_out_of_date() {
    let study = Study::new();
    study.decided(&["approve"], "H. Head");
    study.edit("study.toml", "An example to begin with", "Another title");
    study.decided(&["accept"], "R. Reviewer");
    assert_eq!((study.quantify().0, study.verdict()["review"].as_str()), (0, "approved"));
}

#[test]
fn what_was_excluded_is_approved_by_somebody_else_where_the_method_says_so() {
    let study = Study::new();
    study.decided(&["exclude", "--well", "A05"], "A. Analyst");
    study.quantify();
    study.decided(&["approve"], "a.  analyst");
    study.quantify();
    assert_eq!(study.verdict()["review"], "approved", "nobody has asked for a second person");
    study.edit("study.toml", "\n[acceptance]", "\n[review]\nsecond_person = true\n\n[acceptance]");
    assert_eq!(study.quantify().0, 1);
    assert_eq!(study.verdict()["review"], "not by a second person");
    let refused = study.decide(&["approve"], "A. ANALYST");
    assert_eq!(refused.status.code(), Some(2));
    assert!(printed(&refused).contains("excluded well A05 of plate P01 by line 1"), "{}", printed(&refused));
    study.decided(&["approve"], "H. Head");
    assert_eq!((study.quantify().0, study.verdict()["reviewed_by"].as_str()), (0, "H. Head"));
}

#[test]
fn nobody_approves_results_that_are_no_longer_those_of_the_study() {
    let study = Study::new();
    study.edit("layouts/P01.csv", "101-W00", "102-W00");
    study.edit("layouts/P01.csv", "102-W16", "101-W16");
    let refused = study.decide(&["approve"], "H. Head");
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
    assert!(printed(&refused).contains("not those that the study gives now"), "{}", printed(&refused));
    assert!(!study.path("decisions.jsonl").exists());
}

/// Every way to change a log whose chain does not show it.
#[test]
fn a_log_that_was_changed_behind_its_chain_is_found_by_the_run_before() {
    type Edit = fn(&[&str]) -> String;
    let edits: [(&str, Edit); 5] = [
        ("reason of the last line", |lines| [lines[0], &lines[1].replace("all findings", "no finding")].join("\n")),
        ("person of the last line", |lines| [lines[0], &lines[1].replace("H. Head", "I. Head")].join("\n")),
        ("last line removed", |lines| format!("{}\n", lines[0])),
        ("emptied", |_| String::new()),
        ("torn", |lines| [lines[0], &lines[1][..60]].join("\n")),
    ];
    for (what, edited) in edits {
        let study = Study::new();
        study.decided(&["accept"], "R. Reviewer");
        study.decided(&["approve"], "H. Head");
        assert_eq!(study.quantify().0, 0);
        let whole = fs::read_to_string(study.path("decisions.jsonl")).unwrap();
        fs::write(study.path("decisions.jsonl"), edited(&whole.lines().collect::<Vec<_>>())).unwrap();
        for run in 1..=2 {
            let (code, said) = study.quantify();
            assert!(code == 1 && said.contains("decisions.jsonl"), "{what}, run {run}: {code} {said}");
            assert!(said.contains("a log that is only ever added to"), "{what}, run {run}: {said}");
        }
        fs::write(study.path("decisions.jsonl"), &whole).unwrap();
        assert_eq!(study.quantify().0, 0, "{what}: put back as it was");
    }
    let study = Study::new();
    study.decided(&["approve"], "H. Head");
    study.quantify();
    fs::remove_file(study.path("decisions.jsonl")).unwrap();
    assert!(study.quantify().1.contains("the log had 1 line by"));
}

#[test]
fn a_torn_line_is_named_and_the_next_decision_takes_its_place() {
    let study = Study::new();
    study.decided(&["accept"], "R. Reviewer");
    let path = study.path("decisions.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}{{\"previous\":\"12")).unwrap();
    let (code, said) = study.quantify();
    assert!(code == 0 && said.contains("decisions.jsonl, line 2: this last line was not written whole"), "{said}");
    study.decided(&["approve"], "H. Head");
    let log = fs::read_to_string(&path).unwrap();
    assert!(log.starts_with(&whole) && log.lines().count() == 2, "{log}");
    assert!(Path::new(&path).exists() && study.quantify().0 == 0);
}
