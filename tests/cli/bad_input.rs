//! What bad input gets: an error that names the place and the cure, every other plate done all the same, the exit code of the
//! promise, nothing written over, no panic. Each case starts from the study that `platewise init` makes, with a second plate.

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

use crate::support::locked_workbook;
use crate::support::two_plates::Study;

/// The study, whose plates share one layout.
fn fresh() -> Study {
    Study::new("layouts/P01.csv")
}

fn ran(study: &Study) -> Run {
    let output = platewise(&["run", study.path("").to_str().unwrap()]);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("panicked"), "{text}");
    Run { code: output.status.code().unwrap(), text }
}

struct Run {
    code: i32,
    text: String,
}

impl Run {
    #[track_caller]
    fn says(&self, expected: &[&str]) -> &Self {
        for words in expected {
            assert!(self.text.contains(words), "«{words}» is not in:\n{}", self.text);
        }
        self
    }

    #[track_caller]
    fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}", self.text);
        self
    }
}

fn platewise(args: &[&str]) -> Output {
    Command::cargo_bin("platewise").unwrap().args(args).output().unwrap()
}

/// A plate that cannot be read stands as not evaluable with its reason; the other is done; exit code 1.
#[track_caller]
fn one_plate_is_lost(study: &Study, expected: &[&str]) {
    let run = ran(study);
    run.ends_with(1).says(expected).says(&["2 plates: 1 accepted, 0 rejected, 1 not evaluable"]);
    let verdicts = study.read("results/verdicts.csv");
    assert!(verdicts.contains("not evaluable"), "{verdicts}");
    assert!(study.read("results/concentrations.csv").lines().count() > 20);
}

#[test]
fn the_template_runs() {
    let study = fresh();
    ran(&study).ends_with(0).says(&["2 plates: 2 accepted", "SIMULATED"]);
}

#[test]
fn missing_export() {
    let study = fresh();
    fs::remove_file(study.path("exports/P02.csv")).unwrap();
    one_plate_is_lost(&study, &["P02 not evaluable", "exports/P02.csv: there is no such file"]);
}

#[test]
fn missing_study() {
    let output = platewise(&["run", "no/such/study"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("no/such/study") && text.contains("platewise init"), "{text}");
}

#[test]
fn empty_export() {
    let study = fresh();
    study.write("exports/P02.csv", "");
    one_plate_is_lost(&study, &["P02 not evaluable", "exports/P02.csv", "empty"]);
}

/// The smallest PNG: one pixel.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa75\x81\x84\0\0\0\0IEND\xaeB`\x82";

fn second_export(study: &Study, name: &str, bytes: &[u8]) {
    study.write(name, bytes);
    study.replace("study.toml", "exports/P02.csv", name);
}

#[test]
fn a_picture_renamed_to_a_workbook() {
    let study = fresh();
    second_export(&study, "exports/P02.xlsx", PICTURE);
    one_plate_is_lost(&study, &["P02 not evaluable", "exports/P02.xlsx", "picture"]);
}

#[test]
fn a_workbook_with_a_password() {
    let study = fresh();
    second_export(&study, "exports/P02.xlsx", &locked_workbook::password_protected());
    one_plate_is_lost(&study, &["P02 not evaluable", "exports/P02.xlsx", "password"]);
}

#[test]
fn a_truncated_workbook() {
    let study = fresh();
    let mut workbook = some_workbook();
    workbook.truncate(workbook.len() / 2);
    second_export(&study, "exports/P02.xlsx", &workbook);
    one_plate_is_lost(&study, &["P02 not evaluable", "exports/P02.xlsx"]);
}

/// Some workbook: the one that the study in `plates/` has among its exports.
fn some_workbook() -> Vec<u8> {
    let exports = Path::new(env!("CARGO_MANIFEST_DIR")).join("plates/exports");
    let workbook = fs::read_dir(exports)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "xlsx"))
        .min();
    fs::read(workbook.unwrap()).unwrap()
}

#[test]
fn a_layout_for_another_plate_size() {
    let study = fresh();
    let columns: Vec<String> = (1..=24).map(|column| column.to_string()).collect();
    let mut layout = format!("role,{}\n", columns.join(","));
    for row in "ABCDEFGHIJKLMNOP".chars() {
        layout.push_str(&format!("{row},blank{}\n", ",".repeat(23)));
    }
    study.write("layouts/P02.csv", layout);
    let toml = study.read("study.toml");
    let at = toml.rfind("layouts/P01.csv").unwrap();
    study.write("study.toml", format!("{}layouts/P02.csv{}", &toml[..at], &toml[at + "layouts/P01.csv".len()..]));
    one_plate_is_lost(&study, &["layouts/P02.csv", "a layout for 384 wells (16 × 24)", "96 wells (8 × 12)"]);
}

#[test]
fn a_standard_without_a_concentration() {
    let study = fresh();
    study.replace("layouts/P01.csv", "A,2000,2000", "A,,2000");
    // Both plates have this layout: no plate is left, and no estimate.
    ran(&study).ends_with(2).says(&[
        "layouts/P01.csv, line",
        "well A01: a standard without a concentration",
        "2 not evaluable",
    ]);
}

#[test]
fn two_plates_with_one_id() {
    let study = fresh();
    study.replace("study.toml", "id = \"P02\"", "id = \"P01\"");
    ran(&study).ends_with(2).says(&["study.toml, line", "plate id 'P01' appears twice"]);
    assert!(!study.path("results").exists());
}

#[test]
fn decimal_commas_are_read_or_refused_but_never_guessed() {
    // A semicolon file of a German Excel holds the same numbers: it is read, and said so.
    let study = fresh();
    let german = study.read("exports/P02.csv").replace(',', ";").replace('.', ",");
    study.write("exports/P02.csv", german);
    ran(&study).ends_with(0).says(&["2 plates: 2 accepted", "decimal comma"]);
    // In a file whose fields are separated by commas a decimal comma tears the numbers apart.
    let study = fresh();
    let torn = study.read("exports/P02.csv").replace('.', ",");
    study.write("exports/P02.csv", torn);
    one_plate_is_lost(&study, &["P02 not evaluable", "exports/P02.csv"]);
}

#[test]
fn a_sample_name_that_a_spreadsheet_would_run() {
    let study = fresh();
    let name = "=cmd|' /C calc'!A0";
    for file in ["layouts/P01.csv", "samples.csv"] {
        let text = study.read(file).replace("101-W00", name);
        study.write(file, text);
    }
    ran(&study).ends_with(1).says(&["whose number is not in its name"]);
    for file in ["concentrations.csv", "wells.csv", "change.csv"] {
        let text = study.read(&format!("results/{file}"));
        for field in text.lines().flat_map(|line| line.split(',')) {
            assert!(!field.trim_start_matches('"').starts_with("=cmd"), "{file}: {field}");
        }
    }
}

#[test]
fn a_misspelt_key() {
    let study = fresh();
    study.replace("study.toml", "confidence =", "confidense =");
    ran(&study).ends_with(2).says(&[
        "study.toml, line",
        "unknown key 'confidense' in [method]",
        "Did you mean 'confidence'?",
    ]);
    assert!(!study.path("results").exists());
}

#[test]
fn lists_that_do_not_fit_are_named_all_at_once() {
    let study = fresh();
    study.replace("samples.csv", "sample,subject,visit,matrix", "sample,subject,visit,matrix,dilutoin");
    ran(&study).ends_with(2).says(&["samples.csv, line 1", "unknown column 'dilutoin'"]);

    // What a list holds beside what is asked is named, and no mistake.
    let study = fresh();
    study.replace("samples.csv", "sample,subject,visit,matrix", "sample,subject,visit,matrix,freezer");
    ran(&study).ends_with(0).says(&["samples.csv, line 1", "the column 'freezer' is not used"]);

    let study = fresh();
    let text = study
        .read("samples.csv")
        .replace("101-W00,101,Baseline", "101-W99,101,Baseline")
        .replace("102-W16,102,Week 16", "102-W16,102,Week 61");
    study.write("samples.csv", text);
    let run = ran(&study);
    run.ends_with(2).says(&["'101-W00'", "samples.csv", "Week 61"]);
    assert!(study.path("results/concentrations.csv").exists(), "what was quantified is written");

    let study = fresh();
    study.replace("samples.csv", "102-W16,102,Week 16", "102-W16,102,Baseline");
    ran(&study).ends_with(2).says(&["two results", "102", "Baseline"]);

    let study = fresh();
    study.replace("arms.csv", "103,active\n", "");
    ran(&study).ends_with(1).says(&["arms.csv: no arm for the subject '103', who has results"]);
}

#[test]
fn a_path_may_not_lead_out_of_the_study() {
    let study = fresh();
    study.replace("study.toml", "exports/P02.csv", "../P02.csv");
    ran(&study).ends_with(2).says(&["export = \"../P02.csv\" leads out of the study folder"]);
}

#[cfg(unix)]
#[test]
fn a_link_may_not_lead_out_of_the_study_either() {
    let study = fresh();
    let outside = study.folder.path().join("outside.csv");
    fs::rename(study.path("exports/P02.csv"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, study.path("exports/P02.csv")).unwrap();
    one_plate_is_lost(&study, &["exports/P02.csv is a symbolic link to", "--follow-links"]);
    // Where that is said it is read, and what it leads to is on record.
    let output = platewise(&["run", study.path("").to_str().unwrap(), "--follow-links"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let record: serde_json::Value = serde_json::from_str(&study.read("results/run.json")).unwrap();
    let inputs = record["inputs"].as_array().unwrap();
    let linked: Vec<_> = inputs.iter().filter(|input| input.get("link_to").is_some()).collect();
    assert_eq!((linked.len(), &linked[0]["file"]), (1, &serde_json::json!("exports/P02.csv")));
    assert_eq!(linked[0]["link_to"], outside.canonicalize().unwrap().to_str().unwrap());
    assert_eq!(linked[0]["sha256"], platewise::record::sha256(&fs::read(&outside).unwrap()).as_str());
}

/// A study file or a log that is a link is neither followed nor written through.
#[cfg(unix)]
#[test]
fn study_file_and_logs_are_no_links() {
    for (name, command) in [
        ("study.toml", &["quantify"][..]),
        ("decisions.jsonl", &["quantify"]),
        ("decisions.jsonl", &["decide", "exclude", "--plate", "P01", "--code", "other", "--reason", "r", "--by", "A"]),
        ("arms-opened.jsonl", &["compare"]),
    ] {
        let study = fresh();
        let outside = study.folder.path().join(format!("outside-{name}"));
        let text = if name == "study.toml" { study.read(name) } else { String::new() };
        fs::write(&outside, &text).unwrap();
        fs::remove_file(study.path(name)).ok();
        std::os::unix::fs::symlink(&outside, study.path(name)).unwrap();
        let place = study.path("").to_str().unwrap().to_string();
        let args: Vec<&str> =
            command[..1].iter().copied().chain([place.as_str()]).chain(command[1..].iter().copied()).collect();
        let output = platewise(&args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.contains(name) && said.contains("symbolic link"), "{said}");
        assert_eq!(fs::read_to_string(&outside).unwrap(), text, "{name} was written through");
    }
}

/// A pipe would wait for somebody to write into it, and give other bytes each time.
#[cfg(unix)]
#[test]
fn what_is_no_plain_file_is_refused_at_once() {
    let study = fresh();
    fs::remove_file(study.path("exports/P02.csv")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(study.path("exports/P02.csv")).status().unwrap();
    assert!(made.success());
    one_plate_is_lost(&study, &["exports/P02.csv: is a pipe and no plain file"]);
    let pipe = study.path("exports/P02.csv");
    for (command, file) in [("inspect", pipe.to_str().unwrap()), ("curve", "/dev/null"), ("reconcile", "/dev/null")] {
        let output = platewise(&[command, file]);
        let said = String::from_utf8_lossy(&output.stderr).to_string();
        assert!(output.status.code() == Some(2) && said.contains("no plain file"), "{command}: {said}");
    }
}

/// The list of arms stays closed under whatever name it is given to `quantify`.
#[test]
fn the_list_of_arms_is_no_other_input() {
    for (file, named) in
        [("exports/P02.csv", "export"), ("layouts/P01.csv", "layout"), ("samples.csv", "list of samples")]
    {
        let study = fresh();
        study.replace("study.toml", &format!("\"{file}\""), "\"arms.csv\"");
        let output = platewise(&["quantify", study.path("").to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{file}: {said}");
        assert!(said.contains(&format!("arms.csv is named as {named}, and is the list of arms")), "{said}");
        assert!(!study.path("results").exists());
    }
    // The same file under another name.
    #[cfg(unix)]
    {
        let study = fresh();
        fs::remove_file(study.path("exports/P02.csv")).unwrap();
        fs::hard_link(study.path("arms.csv"), study.path("exports/P02.csv")).unwrap();
        let output = platewise(&["quantify", study.path("").to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("exports/P02.csv is named as export, and is the list of arms arms.csv"), "{said}");
    }
}

#[test]
fn inputs_are_never_written_to_and_foreign_results_stay() {
    let study = fresh();
    let before: Vec<Vec<u8>> = inputs(&study);
    ran(&study).ends_with(0);
    assert_eq!(inputs(&study), before);
    // A folder that somebody put a file of their own into is not ours to replace.
    study.write("results/notes.txt", "mine");
    ran(&study).ends_with(2).says(&["notes.txt"]);
    assert_eq!(study.read("results/notes.txt"), "mine");
    // Nor does `init` write over anything.
    let output = platewise(&["init", study.path("").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
}

fn inputs(study: &Study) -> Vec<Vec<u8>> {
    ["study.toml", "samples.csv", "arms.csv", "exports/P01.csv", "exports/P02.csv", "layouts/P01.csv"]
        .iter()
        .map(|name| fs::read(study.path(name)).unwrap())
        .collect()
}

#[test]
fn quantify_never_opens_the_arm_list() {
    let study = fresh();
    study.write("arms.csv", "this is not a list of arms");
    let output = platewise(&["quantify", study.path("").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    for file in fs::read_dir(study.path("results")).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("placebo") || path.ends_with("run.json"), "{}", path.display());
        }
    }
    let run = study.read("results/run.json");
    assert!(run.contains("\"unblinded\": false") && !run.contains("\"file\": \"arms.csv\""), "{run}");
    assert!(!study.path("results/change.csv").exists());
}
