//! A trial with four visits after baseline, whose primary analysis is the mixed model: from exports to the page.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::result_tables::{Row, table};

const TRIAL: &str = r#"
[study]
id = "FOUR"
title = "SIMULATED: four visits"
[participants]
dropout = 0.2
[[arm]]
name = "active"
participants = 10
ratios = [0.8, 0.7, 0.65, 0.6]
[[arm]]
name = "placebo"
participants = 10
ratios = [1.0, 0.95, 0.95, 0.95]
[[visit]]
name = "Baseline"
week = 0
code = "W00"
[[visit]]
name = "Week 4"
week = 4
code = "W04"
[[visit]]
name = "Week 8"
week = 8
code = "W08"
[[visit]]
name = "Week 12"
week = 12
code = "W12"
[[visit]]
name = "Week 16"
week = 16
code = "W16"
[mishaps]
"#;

fn platewise(arguments: &[&str], folder: &Path) -> String {
    let done =
        Command::new(assert_cmd::cargo::cargo_bin("platewise")).args(arguments).current_dir(folder).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(matches!(done.status.code(), Some(0 | 1)), "{said}");
    said
}

/// Gives the list of samples days, that of the first end point outside its window, and declares the mixed model.
fn declared(study: &Path) -> String {
    let list = fs::read_to_string(study.join("samples.csv")).unwrap();
    let mut late = None;
    let lines = list.lines().enumerate().map(|(at, line)| {
        let fields: Vec<&str> = line.split(',').collect();
        let planned =
            fields[2].rsplit(' ').next().and_then(|week| week.parse::<u32>().ok()).map_or(1, |week| 7 * week + 1);
        let day = match (at, fields[2], &late) {
            (0, ..) => "day".to_string(),
            (_, "Week 16", None) => {
                late = Some(fields[1].to_string());
                "150".to_string()
            }
            _ => planned.to_string(),
        };
        format!("{line},{day}\n")
    });
    let lines: String = lines.collect();
    fs::write(study.join("samples.csv"), lines).unwrap();
    let toml = fs::read_to_string(study.join("study.toml")).unwrap();
    let toml = toml.replacen("[analysis]", "[analysis]\nprimary = \"mmrm\"\nsensitivity_grid = false", 1);
    let toml = toml.replacen("endpoint = true", "endpoint = true\nwindow = [106, 120]", 1);
    fs::write(
        study.join("study.toml"),
        toml.replacen("assay_error_replicates = 2000", "assay_error_replicates = 0", 1),
    )
    .unwrap();
    late.unwrap()
}

fn number(row: &Row, column: &str) -> usize {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

#[test]
fn the_mixed_model_is_the_answer_and_every_table_counts_its_participants() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("trial.toml"), TRIAL).unwrap();
    platewise(&["simulate", "trial.toml", "--seed", "4", "--out", "study"], folder.path());
    let late = declared(&folder.path().join("study"));
    let said = platewise(&["run", "study", "--by", "A. Analyst"], folder.path());
    assert!(said.contains("MMRM"), "{said}");

    let results = folder.path().join("study/results");
    let rows = table(&results, "comparison.csv");
    let primary: Vec<&Row> = rows.iter().filter(|row| row["PRIMARY"] == "Y").collect();
    assert_eq!((primary.len(), primary[0]["ANALYSIS"].as_str(), primary[0]["AVISIT"].as_str()), (1, "mmrm", "Week 16"));
    let model: Vec<&str> =
        rows.iter().filter(|row| row["ANALYSIS"] == "mmrm").map(|row| row["AVISIT"].as_str()).collect();
    assert_eq!(model, ["Week 4", "Week 8", "Week 12", "Week 16"]);
    // Whoever has a later value is in it, with an end point or without: the flow counts the same, the analysis of covariance one fewer.
    let ancova = rows.iter().find(|row| row["ANALYSIS"] == "ancova").unwrap();
    let both = |row: &Row| number(row, "N") + number(row, "N_REF");
    assert_eq!(both(primary[0]), both(ancova) + 1, "{late} is late");
    let flow = table(&results, "flow.csv");
    let analysed = |arm: &str| {
        let step = flow.iter().find(|row| row["TRTP"] == arm && row["STEP"] == "analysed").unwrap();
        number(step, "N")
    };
    assert_eq!(
        [analysed("active"), analysed("placebo")],
        [number(primary[0], "N"), number(primary[0], "N_REF")],
        "{flow:?}"
    );
    let reasons: String = flow.iter().map(|row| row["REASONS"].as_str()).collect();
    assert!(reasons.contains("no sample at every visit after baseline") && !reasons.contains("window"), "{reasons}");
    // ADSL says whose change to the end point can be analysed, the listing why that one's cannot.
    let subjects = table(&results, "adsl.csv");
    let of_late = subjects.iter().find(|row| row["USUBJID"] == late).unwrap();
    assert_eq!(of_late["EVALFL"], "N");
    let printed = fs::read_to_string(results.join("tables.rtf")).unwrap();
    assert!(printed.contains("day 150 is outside the window of Week 16"), "{late}");
    let page = fs::read_to_string(results.join("report.html")).unwrap();
    for sentence in [
        "mixed model for repeated measures",
        "in all randomised participants with a result at baseline and at any later visit",
        "Adjusted means over the visits",
    ] {
        assert!(page.contains(sentence), "{sentence}");
    }
}
