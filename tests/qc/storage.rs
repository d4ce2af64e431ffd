//! When a plate was read, whether its kit was in date, and how its samples were kept: in verdict, tables, page and record, by the real program.

use std::fs;

use serde_json::Value;

use crate::support::decided_study::{Study, platewise, printed};
use crate::support::result_tables::table;

/// The study of `init` whose export says on which day the plate was read.
fn read_on(date: &str) -> Study {
    let study = Study::new();
    let head = format!("Date,{date}\nReader Serial Number:,1402191\nUser:,R. Reader\n\n450 nm,");
    study.edit("exports/P01.csv", "450 nm,", &head);
    study
}

/// A finding on the plate: outcome, and what was observed.
fn finding(study: &Study, rule: &str) -> Option<(String, String)> {
    let findings = table(&study.path("results"), "findings.csv");
    let row = findings.iter().find(|row| row["rule"] == rule)?;
    Some((row["outcome"].clone(), row["observed"].clone()))
}

#[test]
fn an_expired_kit_is_said_and_a_date_that_may_mean_two_days_is_never_guessed() {
    let study = read_on("6/12/2026");
    assert_eq!(study.quantify().0, 0);
    assert_eq!(finding(&study, "kit_expiry"), None, "nothing is declared");
    assert_eq!(study.verdict()["read_on"], "6/12/2026, which may be 2026-06-12 or 2026-12-06");

    let layout = "layout = \"layouts/P01.csv\"";
    study.edit("study.toml", layout, &format!("{layout}\nkit_lot = \"L7\"\nkit_expiry = \"2026-05\""));
    let (code, said) = study.quantify();
    assert!(code == 0, "a warning decides nothing: {said}");
    assert!(said.contains("plate P01, kit_expiry: read on 6/12/2026"), "the terminal says it: {said}");
    let (outcome, observed) = finding(&study, "kit_expiry").unwrap();
    assert!(outcome == "warning" && observed.ends_with("after kit lot L7 had expired"), "{observed}");
    let page = fs::read_to_string(study.path("results/report.html")).unwrap();
    assert!(page.contains("L7, expires 2026-05-31") && page.contains("after kit lot L7 had expired"));
    let to_do = page.split("What to do next</h2>").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(to_do.contains("kit in date: read on 6/12/2026") && !to_do.contains("Nothing:"), "{to_do}");

    study.edit("study.toml", "2026-05", "2026-06");
    study.quantify();
    let (outcome, observed) = finding(&study, "kit_expiry").unwrap();
    assert!(outcome == "warning" && observed.contains("so it cannot be said"), "{observed}");

    study.edit("study.toml", layout, &format!("{layout}\nread_on = 2026-06-12"));
    study.quantify();
    assert_eq!(finding(&study, "kit_expiry"), Some(("pass".into(), "read on 2026-06-12".into())));
    let row = study.verdict();
    assert_eq!(
        [&row["read_at"], &row["read_on"], &row["kit_lot"], &row["kit_expiry"]],
        ["6/12/2026", "2026-06-12", "L7", "2026-06-30"]
    );
    let record: Value = serde_json::from_slice(&fs::read(study.path("results/run.json")).unwrap()).unwrap();
    let expected = serde_json::json!([{
        "plate": "P01", "read_at": "6/12/2026", "read_on": "2026-06-12", "operator": "R. Reader", "reader_serial": "1402191",
        "kit_lot": "L7", "kit_expiry": "2026-06-30"
    }]);
    assert_eq!(record["readings"], expected);

    study.edit("study.toml", "2026-06-12", "2026-06-13");
    let (code, said) = study.quantify();
    assert!(code != 0 && said.contains("study.toml says 2026-06-13"), "{code}: {said}");
}

#[test]
fn samples_beyond_the_declared_stability_are_named_with_their_age_and_thaws() {
    let study = read_on("2026-12-06");
    let list = fs::read_to_string(study.path("samples.csv")).unwrap();
    // The first is too old by a day, the second was thawed too often, of the third nothing is known; the others are right.
    let with = |(at, line): (usize, &str)| match at {
        0 => format!("{line},collected,thaws\n"),
        1 => format!("{line},2025-12-05,1\n"),
        2 => format!("{line},2026-12-01,4\n"),
        3 => format!("{line},,\n"),
        _ => format!("{line},2026-11-30,1\n"),
    };
    fs::write(study.path("samples.csv"), list.lines().enumerate().map(with).collect::<String>()).unwrap();
    assert_eq!(study.quantify().0, 0);
    assert_eq!(finding(&study, "max_age_days"), None, "nothing is declared");
    study.edit("study.toml", "\n[[plate]]\n", "\n[stability]\nmax_age_days = 365\nmax_thaws = 3\n\n[[plate]]\n");
    let (code, said) = study.quantify();
    assert!(
        code == 0 && said.contains("plate P01, max_age_days: 1 of") && said.contains("plate P01, max_thaws: 1 of"),
        "{said}"
    );
    let names: Vec<String> = list.lines().skip(1).map(|line| line.split(',').next().unwrap().to_string()).collect();
    let all = names.len();
    let (outcome, observed) = finding(&study, "max_age_days").unwrap();
    assert!(
        outcome == "warning" && observed.contains(&format!("1 of {all} samples beyond it ({}: 366 days)", names[0])),
        "{observed}"
    );
    assert!(
        observed.contains(&format!("for 1 of {all} it cannot be said")) && observed.contains(&names[2]),
        "{observed}"
    );
    let (outcome, observed) = finding(&study, "max_thaws").unwrap();
    assert!(outcome == "warning" && observed.contains(&format!("({}: thawed 4 times)", names[1])), "{observed}");

    let measured = table(&study.path("results"), "measurements.csv");
    let of = |name: &str| {
        let row = measured.iter().find(|row| row["sample"] == name).unwrap();
        ["collected", "age_days", "thaws", "stability"].map(|column| row[column].clone())
    };
    assert_eq!(of(&names[0]), ["2025-12-05", "366", "1", "beyond"]);
    assert_eq!(of(&names[1]), ["2026-12-01", "5", "4", "beyond"]);
    assert_eq!(of(&names[2]), ["", "", "", "unknown"]);
    assert_eq!(of(&names[3]), ["2026-11-30", "6", "1", "within"]);
    let reported = table(&study.path("results"), "concentrations.csv");
    assert!(reported.iter().all(|row| row["stability"] == of(&row["sample"])[3]));
    let page = fs::read_to_string(study.path("results/report.html")).unwrap();
    assert!(page.contains("Age (days)") && page.contains("366 days"));
}

/// What the list says of a sample belongs to what was looked at.
#[test]
fn a_review_is_out_of_date_when_a_thaw_is_added() {
    let study = Study::new();
    study.decided(&["accept"], "R. R.");
    let list = fs::read_to_string(study.path("samples.csv")).unwrap();
    let verify = || printed(&platewise(&["verify", study.path("").to_str().unwrap()]));
    study.quantify();
    assert_eq!(study.verdict()["review"], "reviewed");
    let with = |value: &str| {
        let line = |(at, line): (usize, &str)| format!("{line},{}\n", if at == 0 { "thaws" } else { value });
        list.lines().enumerate().map(line).collect::<String>()
    };
    fs::write(study.path("samples.csv"), with("")).unwrap();
    study.quantify();
    assert_eq!(study.verdict()["review"], "reviewed", "an empty column says nothing: {}", verify());
    fs::write(study.path("samples.csv"), with("2")).unwrap();
    study.quantify();
    assert_eq!(study.verdict()["review"], "out of date");
}
