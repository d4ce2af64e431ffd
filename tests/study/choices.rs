//! What study.toml declares for the comparison, through the program: degrees of freedom, covariance and fallback of the mixed
//! model in a study of five visits.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::result_tables::{Row, table};
use assert_cmd::Command;

/// A simulated trial of `n` participants in each arm, at baseline and at four visits after it.
fn simulate(place: &Path, n: usize) -> PathBuf {
    let visits: String = [0, 4, 8, 12, 16]
        .map(|week| format!("[[visit]]\nname = \"Week {week}\"\nweek = {week}\ncode = \"W{week:02}\"\n"))
        .concat();
    let arm = |name: &str, last: f64| {
        format!("[[arm]]\nname = \"{name}\"\nparticipants = {n}\nratios = [0.95, 0.9, 0.85, {last}]\n")
    };
    let text = format!(
        "[participants]\nsites = 1\ndropout = 0\nnamed = []\n{}{}{visits}\
         [[plate]]\nid = \"P01\"\nexport = \"exports/P01.txt\"\nformat = \"softmax-text\"\nlayout = \"layouts/P01.csv\"\n\
         layout_form = \"grids\"\nkit_lot = \"L1\"\nread_at = \"2025-11-03 10:12\"\n\
         [[plate]]\nid = \"P02\"\nexport = \"exports/P02.txt\"\nformat = \"softmax-text\"\nlayout = \"layouts/P02.csv\"\n\
         layout_form = \"grids\"\nkit_lot = \"L1\"\nread_at = \"2025-11-04 10:12\"\n",
        arm("active", 0.5),
        arm("placebo", 0.9)
    );
    fs::write(place.join("protocol.toml"), text).unwrap();
    let study = place.join("study");
    platewise()
        .arg("simulate")
        .arg(place.join("protocol.toml"))
        .args(["--seed", "4", "--out"])
        .arg(&study)
        .assert()
        .success();
    study
}

fn platewise() -> Command {
    Command::cargo_bin("platewise").unwrap()
}

/// The rows of the mixed model in comparison.csv, by column name, with these lines in `[analysis]`.
fn mixed_model(study: &Path, settings: &str) -> Vec<Row> {
    let file = study.join("study.toml");
    let text = fs::read_to_string(&file).unwrap();
    let quick = "assay_error_replicates = 0\nsensitivity_grid = false";
    let lines =
        text.lines().filter(|line| !line.starts_with("assay_error_replicates") && !line.starts_with("mixed_model"));
    let text: String = lines
        .filter(|line| !line.starts_with("sensitivity_grid"))
        .map(
            |line| {
                if line == "[analysis]" { format!("[analysis]\n{quick}\n{settings}\n") } else { format!("{line}\n") }
            },
        )
        .collect();
    fs::write(&file, text).unwrap();
    let output = platewise().args(["compare", "--quiet"]).arg(study).output().unwrap();
    assert!(output.status.code() < Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = table(&study.join("results"), "comparison.csv");
    rows.into_iter().filter(|row| row["ANALYSIS"] == "mmrm").collect()
}

#[test]
fn degrees_of_freedom_covariance_and_fallback_are_those_of_the_study_file() {
    let place = tempfile::tempdir().unwrap();
    let study = simulate(place.path(), 6);
    let kenward_roger = mixed_model(&study, "mixed_model_df = \"kenward-roger\"");
    let satterthwaite = mixed_model(&study, "mixed_model_df = \"satterthwaite\"");
    assert_eq!((kenward_roger.len(), satterthwaite.len()), (4, 4), "a row for each visit after baseline");
    for (one, other) in kenward_roger.iter().zip(&satterthwaite) {
        assert_eq!(one["RATIO"], other["RATIO"]);
        assert!(one["MODEL"].contains("(REML, Kenward-Roger, linear form") && one["MODEL"].contains("unstructured"));
        assert!(other["MODEL"].contains("(REML, Satterthwaite)"), "{}", other["MODEL"]);
    }
    let symmetric = mixed_model(&study, "mixed_model_covariance = [\"compound-symmetry\"]");
    let degrees = |rows: &[Row]| rows[3]["DF"].parse::<f64>().unwrap();
    assert!(symmetric[3]["MODEL"].contains("compound-symmetric covariance"));
    assert!(
        degrees(&symmetric) > 2.0 * degrees(&kenward_roger),
        "one variance for all visits has more degrees of freedom"
    );
}

/// Six participants have no unstructured covariance of four visits: the next structure of the list is taken, and said.
#[test]
fn the_fallback_is_taken_in_the_declared_order_and_said() {
    let place = tempfile::tempdir().unwrap();
    let study = simulate(place.path(), 3);
    for (order, taken) in [
        ("[\"unstructured\", \"compound-symmetry\", \"autoregressive\"]", "compound-symmetric"),
        ("[\"unstructured\", \"autoregressive\", \"compound-symmetry\"]", "autoregressive"),
    ] {
        let rows = mixed_model(&study, &format!("mixed_model_covariance = {order}"));
        let model = &rows[3]["MODEL"];
        assert!(model.contains(&format!("{taken} covariance, because unstructured was not possible")), "{model}");
        assert!(model.contains("4 visits need at least 7 subjects, and there are 6"), "{model}");
        assert!(!rows[3]["RATIO"].is_empty());
    }
    let alone = mixed_model(&study, "mixed_model_covariance = [\"unstructured\"]");
    assert!(alone[0]["RATIO"].is_empty() && alone[0]["REASON"].contains("at least 7 subjects"), "{alone:?}");
}
