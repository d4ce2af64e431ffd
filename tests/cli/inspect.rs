//! `platewise inspect`, as a user runs it.

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

fn inspect(arguments: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("platewise").unwrap();
    command
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/exports"))
        .arg("inspect")
        .args(arguments)
        .assert()
}

fn json(arguments: &[&str]) -> Vec<Value> {
    let output = inspect(&[arguments, &["--format", "json"]].concat()).get_output().stdout.clone();
    serde_json::from_slice::<Value>(&output).unwrap().as_array().unwrap().clone()
}

#[test]
fn a_plate_is_drawn() {
    let shown = inspect(&["gen5_two_plates.txt"]).success().get_output().stdout.clone();
    let shown = String::from_utf8(shown).unwrap();
    for words in
        ["Gen5", "2 plates, 4 raw reads, 2 computed by the reader", "450 nm, 'tmb:450', OD, raw", "Plate 2, 96 wells"]
    {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    assert!(shown.contains("██ !!") && shown.contains("OVRFLW") && shown.contains("*0.356*"), "{shown}");
    assert!(!shown.contains('\x1b'), "no colours but on a terminal");
}

#[test]
fn everything_in_the_file_is_listed() {
    inspect(&["gen5_two_plates.txt", "--verbose"])
        .success()
        .stdout(predicate::str::contains(
            "line 4, field 1: Experiment File Path: | C:\\Data\\tarc.xpt: information, not used",
        ))
        .stdout(predicate::str::contains("Layout: sample names, concentrations and dilutions"));
}

#[test]
fn json_has_the_shape_that_programs_rely_on() {
    let files = json(&["gen5_two_plates.txt", "grid_semicolon_comma.csv"]);
    assert_eq!(files.len(), 2);
    let file = &files[0];
    assert_eq!(
        (&file["file"], &file["format"], &file["kind"]),
        (&"gen5_two_plates.txt".into(), &"Gen5".into(), &"endpoint".into())
    );
    let plate = &file["plates"][0];
    assert_eq!((&plate["plate_id"], &plate["plate_name"]), (&Value::Null, &"Plate 1".into()));
    assert_eq!((&plate["rows"], &plate["cols"]), (&8.into(), &12.into()));
    let read = &plate["reads"][0];
    for (key, value) in [
        ("mode", Value::from("absorbance")),
        ("wavelength_nm", 450.0.into()),
        ("reference_nm", Value::Null),
        ("kinetic", false.into()),
        ("label", "tmb:450".into()),
        ("unit", "OD".into()),
        ("derived", false.into()),
        ("masked", vec!["B12"].into()),
    ] {
        assert_eq!(read[key], value, "{key}");
    }
    assert_eq!(read["wells"].as_object().unwrap().len(), 96);
    assert_eq!((&read["wells"]["A01"], &read["wells"]["A12"]), (&0.05.into(), &"OVRFLW".into()));
    assert_eq!(read["wells"]["B12"], 0.356);
    assert_eq!(plate["samples"]["A01"]["concentration"], 2000.0);
    assert_eq!(file["error"], Value::Null);
    assert!(files[1]["warnings"][0]["found"].as_str().unwrap().contains("decimal comma"));
}

#[test]
fn a_refusal_says_where_and_the_exit_code_says_so() {
    let files = json(&["README.md", "nothing.csv"]);
    assert_eq!(files[0]["error"]["location"], "README.md");
    assert_eq!(files[0]["kind"], "malformed");
    assert!(files[1]["error"]["found"].as_str().unwrap().contains("there is no such file"));
    inspect(&["nothing.csv"]).code(2).stderr(predicate::str::contains("nothing.csv"));
    inspect(&["README.md"]).code(2).stderr(predicate::str::contains("Gen5: there is no 'Software Version'"));
    inspect(&["mars.csv", "nothing.csv"]).code(1).stdout(predicate::str::contains("BMG MARS"));
    inspect(&["mars.csv", "--reader", "gen5"]).code(2);
    inspect(&[]).code(2);
}

#[test]
fn the_formats_are_listed() {
    inspect(&["--readers"])
        .success()
        .stdout(predicate::str::contains("| `softmax-pro` |"))
        .stdout(predicate::str::contains("*(provisional)*"));
}
