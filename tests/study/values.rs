//! `compare --values` as its users run it: every reference record of a data set through the program, and inputs that are wrong.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::reference::{folders, mismatches, records};
use assert_cmd::Command;
use platewise::stats::random::Random;
use platewise::validate::statistics::{Results, canonical};
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

fn platewise() -> Command {
    Command::cargo_bin("platewise").unwrap()
}

fn run(file: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = platewise().args(["compare", "--values"]).arg(file).args(arguments).assert().success();
    output.get_output().stdout.clone()
}

/// The results of `compare --values --all`, from its JSON.
fn results(output: &Value) -> Results {
    let key = |found: &Value| (found["analysis"].as_str().unwrap().to_string(), canonical(&found["options"]));
    output["analyses"].as_array().unwrap().iter().map(|found| (key(found), found["result"].clone())).collect()
}

/// Whatever is missing has a status or a reason; model, numbers used and left out always stand there.
#[track_caller]
fn explained(analysis: &Value) {
    let result = analysis["result"].as_object();
    let missing = result.is_none_or(|fields| fields.values().any(Value::is_null));
    let said = analysis["reason"].is_string() || analysis["result"]["status"].is_string();
    assert!(said || !missing, "{analysis}");
    assert!(analysis["n_used"].is_array() && analysis["left_out"].is_array(), "{analysis}");
    let model = analysis["model"].as_str().unwrap();
    assert!(!model.is_empty(), "{analysis}");
    // What is chosen is said, and the numbers beside an analysis are those that it used itself.
    assert_eq!(analysis["options"]["vcov"] == "HC3", model.contains("HC3"), "{analysis}");
    let used = analysis["n_used"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>();
    let result = &analysis["result"];
    let own = match (&result["n_active"], &result["n_placebo"], &result["n"], &result["n_subjects"]) {
        (Value::Number(active), Value::Number(placebo), ..) => {
            active.as_u64().zip(placebo.as_u64()).map(|(a, b)| a + b)
        }
        (_, _, Value::Number(n), _) | (.., Value::Number(n)) => n.as_u64(),
        _ => None,
    };
    assert!(own.is_none_or(|own| own == used), "{analysis}");
}

#[test]
fn every_record_is_found_in_the_output_by_analysis_and_options_alone() {
    for folder in folders() {
        let mut computed: BTreeMap<String, Results> = BTreeMap::new();
        let mut checked = 0;
        for record in records(&folder) {
            let Some(dataset) = record.dataset.clone().filter(|_| record.is_target()) else { continue };
            let found = computed.entry(dataset).or_insert_with_key(|dataset| {
                let json: Value =
                    serde_json::from_slice(&run(&folder.join(dataset), &["--all", "--format", "json"])).unwrap();
                json["analyses"].as_array().unwrap().iter().for_each(explained);
                results(&json)
            });
            let actual = &found[&(record.analysis.clone(), canonical(&record.options))];
            let record = record.as_good_as_r();
            assert_eq!(mismatches(&record, actual), Vec::<String>::new(), "{}", record.id);
            checked += 1;
        }
        println!("{}: {checked} records through the program", folder.display());
        assert!(checked > 0);
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats/data/sim_tiny.csv");
    for arguments in [&["--all", "--format", "json"][..], &[]] {
        assert_eq!(run(&file, arguments), run(&file, arguments));
    }
    assert!(String::from_utf8(run(&file, &[])).unwrap().contains("ancova"));
}

const HEADER: &str = "usubjid,arm,week,value,blq,lloq,stratum\n";

/// Runs the program on a table and expects it to be refused with all of `parts` in the message.
fn refused(rows: &str, parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.csv");
    std::fs::write(&file, format!("{HEADER}{rows}")).unwrap();
    let mut assert = platewise().args(["compare", "--values"]).arg(&file).assert().code(2);
    for part in parts {
        assert = assert.stderr(contains(*part));
    }
    assert.stderr(contains("panicked").not());
}

#[test]
fn every_problem_of_a_table_is_named_with_its_line() {
    let rows = "S1,active,0,100,0,10,\nS1,active,0,90,0,10,\nS1,placebo,16,90,0,10,\nS2,placebo,0,abc,0,10,\nS2,placebo,16,,1,,\n\
                S3,placebo,0,5,1,10,\nS3,placebo,16,5,2,10,\n,active,x,5,0,10,\nS4,placebo,0,1,0,10,A\nS4,placebo,16,1,0,10,B\n";
    let parts = [
        "line 3",
        "twice at week 0",
        "line 4",
        "arm 'placebo' here",
        "line 5",
        "'abc' is not a value",
        "line 6",
        "no positive limit",
        "line 7",
        "blq is 1",
        "line 8",
        "'2' does not say",
        "line 9",
        "'x' is not a week",
        "line 11",
        "stratum 'B' here",
    ];
    refused(rows, &parts);
}

#[test]
fn arms_that_are_not_two_are_an_error_in_words() {
    refused("S1,active,0,100,0,10,\n", &["the arms are 'active'", "--reference"]);
    refused("S1,a,0,1,0,1,\nS2,b,0,1,0,1,\nS3,placebo,0,1,0,1,\n", &["'a', 'b', 'placebo'"]);
    refused("", &["no row"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name_and_a_decimal_comma_is_no_number() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.csv");
    let rows = "S1,active,0,9,0,1,\nS1,active,16,5,0,1,\nS2,placebo,0,7,0,1,\nS2,placebo,16,3,0,1,\n";
    std::fs::write(&file, format!("\u{feff}{HEADER}{rows}")).unwrap();
    run(&file, &[]);
    refused("S1,active,0,\"9,5\",0,1,\n", &["line 2, field 4", "'9,5' is not a value", "decimal point"]);
    refused("S1,a,0,1,0,1,\nS2,b,0,1,0,1,\nS3,placebo,0,1,0,1,\n", &["Give a table with two of the arms"]);
}

/// A trial of few subjects and many visits, a tenth of them missing.
fn many_visits(subjects: usize, visits: usize) -> String {
    let mut random = Random::new(3);
    let mut rows = String::new();
    for subject in 0..subjects {
        let arm = if subject % 2 == 0 { "active" } else { "placebo" };
        let own = 7.0 + 0.5 * random.normal();
        for week in 0..=visits {
            let value = libm::exp(own + 0.3 * random.normal());
            if week == 0 || random.uniform() > 0.1 {
                rows.push_str(&format!("S{subject:02},{arm},{week},{value:.1},0,10,\n"));
            }
        }
    }
    rows
}

/// With 55 covariances to be estimated from 16 subjects, and with more visits than subjects, every analysis ends.
#[test]
fn ten_visits_of_sixteen_subjects_and_more_visits_than_subjects_have_answers() {
    let folder = tempfile::tempdir().unwrap();
    for (subjects, visits) in [(16, 10), (12, 14)] {
        let file = folder.path().join(format!("{subjects}x{visits}.csv"));
        std::fs::write(&file, format!("{HEADER}{}", many_visits(subjects, visits))).unwrap();
        let all: Value = serde_json::from_slice(&run(&file, &["--all", "--format", "json"])).unwrap();
        let models: Vec<&Value> =
            all["analyses"].as_array().unwrap().iter().filter(|analysis| analysis["analysis"] == "mmrm").collect();
        assert!(models.len() >= 20);
        all["analyses"].as_array().unwrap().iter().for_each(explained);
        assert!(models.iter().any(|model| model["result"].is_object()));
        // What is declared: unstructured, and where that has no maximum the next structure that has, with the reason.
        let main: Value = serde_json::from_slice(&run(&file, &["--format", "json"])).unwrap();
        let models: Vec<&Value> =
            main["analyses"].as_array().unwrap().iter().filter(|analysis| analysis["analysis"] == "mmrm").collect();
        assert!(models.iter().any(|model| model["result"].is_object()), "{models:?}");
        if visits > subjects {
            let refused = models.iter().find(|model| model["options"]["covariance"] == "us").unwrap();
            assert!(refused["reason"].as_str().unwrap().contains("14 visits need at least 17 subjects"), "{refused}");
        }
    }
}

/// Inputs on which little or nothing is defined: there is an answer with a reason, and nowhere a NaN.
#[test]
fn what_cannot_be_computed_has_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let tables = [
        // Nobody has both visits.
        "S1,active,0,100,0,10,\nS2,placebo,16,100,0,10,\n",
        // One subject in each arm.
        "S1,active,0,100,0,10,\nS1,active,16,50,0,10,\nS2,placebo,0,100,0,10,\nS2,placebo,16,90,0,10,\n",
        // Everybody the same, at every visit.
        "S1,active,0,5,0,1,\nS1,active,16,5,0,1,\nS2,active,0,5,0,1,\nS2,active,16,5,0,1,\nS3,placebo,0,5,0,1,\n\
         S3,placebo,16,5,0,1,\nS4,placebo,0,5,0,1,\nS4,placebo,16,5,0,1,\n",
        // Zeros and negative values.
        "S1,active,0,0,0,1,\nS1,active,16,-1,0,1,\nS2,active,0,0,0,1,\nS2,active,16,3,0,1,\nS3,placebo,0,0,0,1,\n\
         S3,placebo,16,2,0,1,\nS4,placebo,0,0,0,1,\nS4,placebo,16,1,0,1,\n",
        // Everything below the limit, at three visits.
        "S1,active,0,,1,10,\nS1,active,8,,1,10,\nS1,active,16,,1,10,\nS2,active,0,,1,10,\nS2,active,8,,1,10,\nS2,active,16,,1,10,\n\
         S3,placebo,0,,1,10,\nS3,placebo,8,,1,10,\nS3,placebo,16,,1,20,\nS4,placebo,0,,1,10,\nS4,placebo,8,,1,10,\nS4,placebo,16,,1,10,\n",
        // Five against four, with ties, and an arm without any value.
        "A1,active,0,4,0,1,\nA1,active,16,2,0,1,\nA2,active,0,4,0,1,\nA2,active,16,2,0,1,\nA3,active,0,8,0,1,\nA3,active,16,4,0,1,\n\
         A4,active,0,8,0,1,\nA4,active,16,8,0,1,\nA5,active,0,2,0,1,\nA5,active,16,2,0,1,\nP1,placebo,0,4,0,1,\nP1,placebo,16,4,0,1,\n\
         P2,placebo,0,8,0,1,\nP2,placebo,16,8,0,1,\nP3,placebo,0,2,0,1,\nP3,placebo,16,4,0,1,\nP4,placebo,0,2,0,1,\nP4,placebo,16,2,0,1,\n",
        "S1,active,0,9,0,1,\nS1,active,16,5,0,1,\nS2,active,0,7,0,1,\nS2,active,16,3,0,1,\nS3,placebo,0,,0,1,\nS3,placebo,16,,0,1,\n",
    ];
    for (i, rows) in tables.iter().enumerate() {
        let file = folder.path().join("values.csv");
        std::fs::write(&file, format!("{HEADER}{rows}")).unwrap();
        let text = String::from_utf8(run(&file, &["--all", "--format", "json"])).unwrap();
        assert!(!text.contains("NaN"), "table {i}");
        let json: Value = serde_json::from_str(&text).unwrap();
        for analysis in json["analyses"].as_array().unwrap() {
            explained(analysis);
            // A result holds no number that is undefined without saying so.
            for field in ["diff", "est", "mean", "gmean", "hl", "p_active"] {
                assert!(analysis["result"].get(field).is_none_or(|value| !value.is_null()), "table {i}: {analysis}");
            }
        }
    }
}
