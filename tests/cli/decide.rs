//! `decide`: exclusions with reasons in an append-only log, and what `quantify` makes of them: both results, side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::result_tables::Row;
use crate::support::{result_tables, second_plate};
use assert_cmd::Command;
use platewise::concentration::{PlateConcentrations, Quantity};
use platewise::plate::{AssayWell, WellPosition, WellRole};
use platewise::qc::JudgedPlate;
use tempfile::TempDir;

/// A study of one plate.
fn study() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("study");
    let made = platewise(&["init", place.to_str().unwrap()]);
    assert!(made.status.success());
    folder
}

fn platewise(arguments: &[&str]) -> Output {
    Command::cargo_bin("platewise").unwrap().args(arguments).output().unwrap()
}

fn decide(folder: &TempDir, arguments: &[&str]) -> Output {
    let place = folder.path().join("study");
    let why = ["--code", "bubble", "--reason", "bubble seen at reading", "--by", "A. Analyst"];
    platewise(&[&["decide", place.to_str().unwrap()], arguments, &why].concat())
}

/// Quantifies, and gives the exit code with what was printed.
fn quantify(folder: &TempDir) -> (i32, String) {
    let place = folder.path().join("study");
    let out = folder.path().join("out");
    let done = platewise(&["quantify", place.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    (
        done.status.code().unwrap(),
        format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr)),
    )
}

/// A table of the results.
fn table(folder: &TempDir, name: &str) -> Vec<Row> {
    result_tables::table(&folder.path().join("out"), name)
}

fn log(folder: &TempDir) -> std::path::PathBuf {
    folder.path().join("study/decisions.jsonl")
}

/// The section of the page about exclusions; nothing where there is none.
fn section(folder: &TempDir) -> String {
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    let rest = page.split_once("<section id=\"exclusions\"").map_or("", |(_, rest)| rest);
    rest.split_once("</section>").map_or("", |(section, _)| section).to_string()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_exclusion_keeps_both_results() {
    let folder = study();
    assert_eq!(quantify(&folder).0, 0);
    assert!(table(&folder, "exclusions.csv").is_empty());
    let done = decide(&folder, &["exclude", "--plate", "P01", "--well", "a5"]);
    assert!(done.status.success(), "{}", words(&done));
    let (code, printed) = quantify(&folder);
    assert_eq!(code, 0, "{printed}");
    let rows = table(&folder, "exclusions.csv");
    let changed: Vec<&BTreeMap<String, String>> = rows.iter().filter(|row| row["changed"] == "Y").collect();
    // One well of a pair: the other alone is not reported under ICH M10, and nothing else moves; the plate has a remark now. The sample
    // is reported as it was measured: it stands once.
    assert_eq!(changed.len(), 2, "{changed:?}");
    assert_eq!((changed[0]["item"].as_str(), changed[0]["after"].as_str()), ("verdict", "accepted, with remarks"));
    for row in &changed[1..] {
        assert!(row["item"].starts_with("sample "), "{row:?}");
        assert!(row["before"].parse::<f64>().is_ok(), "{row:?}");
        assert_eq!((row["after"].as_str(), row["decisions"].as_str()), ("not reported: excluded by decision", "1"));
    }
    let decisions = table(&folder, "decisions.csv");
    assert_eq!(decisions[0]["target"], "well A05 of plate P01");
    assert_eq!((decisions[0]["who"].as_str(), decisions[0]["in_force"].as_str()), ("A. Analyst", "Y"));
    let record = fs::read_to_string(folder.path().join("out/run.json")).unwrap();
    assert!(record.contains("decisions.jsonl"), "the log is hashed among the inputs");
    assert_eq!(table(&folder, "reruns.csv").len(), 1, "the sample has to be run again");

    // Undo is a new event, and everything is as before.
    assert!(decide(&folder, &["undo", "1"]).status.success());
    assert_eq!(quantify(&folder).0, 0);
    assert!(table(&folder, "exclusions.csv").is_empty());
    assert_eq!(table(&folder, "decisions.csv").len(), 2);
    assert_eq!(fs::read_to_string(log(&folder)).unwrap().lines().count(), 2);
}

#[test]
fn an_excluded_standard_changes_the_curve_and_the_method_limits_how_many() {
    let folder = study();
    assert!(decide(&folder, &["exclude", "--plate", "P01", "--standard", "250"]).status.success());
    let (code, printed) = quantify(&folder);
    assert_eq!(code, 0, "{printed}");
    let rows = table(&folder, "exclusions.csv");
    let of = |item: &str| rows.iter().find(|row| row["item"] == item).unwrap();
    assert_eq!(of("curve c")["changed"], "Y");
    assert_eq!(of("verdict")["after"], "accepted, with remarks");
    let verdict = &table(&folder, "verdicts.csv")[0];
    assert!(verdict["remarks"].contains("2 wells excluded by decision"), "{verdict:?}");
    assert_eq!(of("bias of standard 250")["after"], "no well used");
    let findings = table(&folder, "findings.csv");
    let share = findings.iter().find(|row| row["rule"] == "standards_pass_percent").unwrap();
    assert!(share["observed"].starts_with("6 of 7 levels pass"), "an excluded level counts as lost: {share:?}");
    assert!(decide(&folder, &["exclude", "--plate", "P01", "--standard", "1000"]).status.success());
    let (code, printed) = quantify(&folder);
    assert_eq!(code, 1, "{printed}");
    assert!(printed.contains("standards excluded: wells of 2 of 7 standards"), "{printed}");
}

/// A study of two plates whose variance has one exponent, pooled over both.
fn study_with_pooled_exponent() -> TempDir {
    let folder = study();
    let place = folder.path().join("study");
    let read = |name: &str| fs::read_to_string(place.join(name)).unwrap();
    fs::write(place.join("exports/P02.csv"), second_plate::of_the_same_layout(&read("exports/P01.csv"))).unwrap();
    let toml = read("study.toml").replace("variance = \"squared\"", "variance = \"power\"");
    assert!(toml.contains("variance = \"power\""));
    let second =
        "[[plate]]\nid = \"P02\"\nexport = \"exports/P02.csv\"\nlayout = \"layouts/P01.csv\"\nrepeats = \"P01\"\n";
    fs::write(place.join("study.toml"), format!("{toml}\n{second}")).unwrap();
    folder
}

/// What is excluded shapes nothing of what counts, not even the exponent that the plates share: the results are those of a
/// study in which the well was never read. And without the exclusion they are those of the study before the decision, on every plate.
#[test]
fn an_excluded_well_does_not_shape_the_exponent_that_the_plates_share() {
    let folder = study_with_pooled_exponent();
    let place = folder.path().join("study");
    let quantified = || platewise::pipeline::quantify(&place, &|_| ()).unwrap();
    let numbers = |plates: &[JudgedPlate]| -> Vec<(f64, String)> {
        let found = plates.iter().map(|plate| plate.concentrations.as_ref().unwrap());
        let of = |found: &PlateConcentrations| {
            (
                found.curve.as_ref().unwrap().variance_exponent().unwrap(),
                serde_json::to_string(&quantities(found)).unwrap(),
            )
        };
        found.map(of).collect()
    };
    let undecided = quantified();
    assert!(undecided.exclusions.plates_before.is_empty());
    // A standard in the middle of the curve of P01.
    let wells = &undecided.plates[0].concentrations.as_ref().unwrap().plate.wells;
    let level = |well: &&AssayWell| matches!(well.role, WellRole::Standard { concentration } if concentration == 250.0);
    let well = wells.iter().find(level).unwrap().position;
    assert!(decide(&folder, &["exclude", "--plate", "P01", "--well", &well.to_string()]).status.success());
    let decided = quantified();
    assert_eq!(numbers(&decided.exclusions.plates_before), numbers(&undecided.plates), "both results are kept");
    assert_ne!(numbers(&decided.plates)[1].0, numbers(&undecided.plates)[1].0, "the other plate has another exponent");
    let shown = {
        assert!(quantify(&folder).0 < 2);
        table(&folder, "exclusions.csv")
    };
    let changed = |plate: &str| shown.iter().filter(|row| row["plate"] == plate && row["changed"] == "Y").count();
    assert!(changed("P01") > 0 && changed("P02") > 0, "both plates stand without it and with it");

    // The same study whose export has no reading in that well.
    fs::remove_file(log(&folder)).unwrap();
    let export = fs::read_to_string(place.join("exports/P01.csv")).unwrap();
    fs::write(place.join("exports/P01.csv"), without(&export, well)).unwrap();
    assert_eq!(numbers(&quantified().plates), numbers(&decided.plates));
}

/// Every sample of a plate with its quantity.
fn quantities(found: &PlateConcentrations) -> Vec<(&str, &Quantity)> {
    found.samples.iter().map(|group| (group.name.as_str(), &group.quantity)).collect()
}

/// An export whose every grid has an empty cell in the place of a well.
fn without(export: &str, well: WellPosition) -> String {
    let letter = char::from(b'A' + well.row as u8);
    let line = |line: &str| {
        let mut cells: Vec<&str> = line.split(',').collect();
        if cells[0] == letter.to_string() {
            cells[usize::from(well.column) + 1] = "";
        }
        cells.join(",") + "\n"
    };
    export.lines().map(line).collect()
}

#[test]
fn the_page_shows_every_decision_and_both_results() {
    let folder = study();
    assert_eq!(quantify(&folder).0, 0);
    assert_eq!(section(&folder), "", "no decision, no section");
    assert!(decide(&folder, &["exclude", "--plate", "P01", "--standard", "250"]).status.success());
    assert_eq!(quantify(&folder).0, 0);
    let page = section(&folder);
    for decided in ["standard 250 of plate P01", "A. Analyst", "bubble seen at reading"] {
        assert!(page.contains(decided), "{decided} is not in {page}");
    }
    let rows = table(&folder, "exclusions.csv");
    let samples = rows.iter().filter(|row| row["item"].starts_with("sample ") && row["changed"] == "Y");
    assert!(samples.clone().count() > 10, "another curve, other concentrations");
    let names: BTreeSet<&str> = samples.clone().map(|row| row["item"].as_str()).collect();
    assert_eq!(names.len(), samples.clone().count(), "a sample stands twice");
    // The largest change first; before all others what became a number or is none any more.
    let percent = |row: &BTreeMap<String, String>| row["change_percent"].parse::<f64>().map_or(f64::INFINITY, f64::abs);
    let percents: Vec<f64> = samples.clone().map(percent).collect();
    assert!(percents.is_sorted_by(|one, next| one >= next), "{percents:?}");
    let bare = ["number", "short", "long"]
        .iter()
        .fold(page.clone(), |page, class| page.replace(&format!(" class=\"{class}\""), ""));
    for row in samples {
        let (before, after) = (escaped(&row["before"]), escaped(&row["after"]));
        let side_by_side = format!("{}</th><td>{before}</td><td>{after}</td>", row["item"]);
        assert!(bare.contains(&side_by_side), "{side_by_side} is not in {page}");
    }
    for row in rows.iter().filter(|row| row["changed"] != "Y") {
        assert!(!page.contains(&format!(">{}</th>", row["item"])), "{row:?} does not change");
    }

    // Nothing is in force any more: the decisions stay, with a sentence in the place of the numbers.
    assert!(decide(&folder, &["undo", "1"]).status.success());
    assert_eq!(quantify(&folder).0, 0);
    let page = section(&folder);
    assert!(page.contains("No exclusion is in force") && page.contains("undo"), "{page}");
    assert!(!page.contains("Without the exclusions"), "{page}");
}

/// A text as it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[test]
fn an_excluded_plate_reports_nothing() {
    let folder = study();
    assert!(decide(&folder, &["exclude", "--plate", "P01"]).status.success());
    let (code, printed) = quantify(&folder);
    assert_eq!(code, 1);
    assert!(
        printed.contains("excluded by decision: excluded by decision 1 (bubble: bubble seen at reading)"),
        "{printed}"
    );
    for row in table(&folder, "concentrations.csv") {
        assert_eq!((row["concentration"].as_str(), row["reported"].as_str()), ("", "not reported: plate rejected"));
    }
    assert_eq!(table(&folder, "reruns.csv").len(), 24);
}

#[test]
fn a_review_changes_no_verdict() {
    let folder = study();
    let done = decide(&folder, &["accept", "--plate", "P01"]);
    assert!(String::from_utf8_lossy(&done.stdout).contains("plate P01 was accepted, is reviewed"));
    assert_eq!(quantify(&folder).0, 0);
    assert_eq!(table(&folder, "decisions.csv")[0]["old"], "accepted");
    assert!(table(&folder, "exclusions.csv").is_empty());
}

#[test]
fn what_is_not_there_cannot_be_decided_about() {
    let folder = study();
    for (arguments, expected) in [
        (vec!["exclude", "--plate", "P77"], "no plate 'P77' in the study; expected one of P01"),
        (vec!["exclude", "--plate", "P01", "--well", "H12x"], "well 'H12x'"),
        (
            vec!["exclude", "--plate", "P01", "--standard", "300"],
            "no standard 300 on plate P01; expected one of 0, 31.25",
        ),
        (vec!["undo", "1"], "line 1 is no exclusion in force"),
    ] {
        let refused = decide(&folder, &arguments);
        assert_eq!(refused.status.code(), Some(2));
        assert!(words(&refused).contains(expected), "{}", words(&refused));
    }
    let place = folder.path().join("study");
    let silent = ["decide", place.to_str().unwrap(), "exclude", "--plate", "P01", "--code", "bubble", "--by", "A"];
    assert!(words(&platewise(&silent)).contains("--reason"), "no reason, no exclusion");
    assert!(!log(&folder).exists() || fs::read_to_string(log(&folder)).unwrap().is_empty());
}

#[test]
fn a_log_that_was_changed_stops_the_run_and_names_the_line() {
    let folder = study();
    for well in ["A05", "B05", "C05"] {
        assert!(decide(&folder, &["exclude", "--plate", "P01", "--well", well]).status.success());
    }
    let whole = fs::read_to_string(log(&folder)).unwrap();
    fs::write(log(&folder), whole.replacen("A05", "A06", 1)).unwrap();
    let (code, printed) = quantify(&folder);
    assert_eq!(code, 2);
    assert!(printed.contains("decisions.jsonl, line 2: the chain is broken"), "{printed}");
    let refused = decide(&folder, &["exclude", "--plate", "P01", "--well", "D05"]);
    assert_eq!(refused.status.code(), Some(2), "nothing is appended to a broken log");
    // A log that is whole and names what the study does not have.
    fs::write(log(&folder), &whole).unwrap();
    let layout = folder.path().join("study/layouts/P01.csv");
    fs::remove_file(folder.path().join("study/study.toml")).unwrap();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/template/study.toml");
    let renamed = fs::read_to_string(template).unwrap().replace("id = \"P01\"", "id = \"P02\"");
    fs::write(folder.path().join("study/study.toml"), renamed).unwrap();
    let (code, printed) = quantify(&folder);
    assert_eq!(code, 2);
    assert!(printed.contains("decisions.jsonl, line 1: no plate 'P01' in the study"), "{printed}");
    assert!(layout.exists());
}
