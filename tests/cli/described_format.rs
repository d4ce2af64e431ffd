//! A reader that platewise does not know, as a laboratory would bring it in: look, describe, evaluate, make a study of it.

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

fn platewise(args: &[&str]) -> Output {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
    Command::cargo_bin("platewise").unwrap().current_dir(place).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

/// Standards in the first two columns, as the numbers of the fixtures were drawn, and a sample in each pair of wells beside.
fn layout() -> String {
    let mut text = String::from("well,role,sample,concentration,dilution\n");
    for (row, letter) in ('A'..='H').enumerate() {
        for column in 1..=12 {
            text += &match (column, row) {
                (1 | 2, 7) => format!("{letter}{column},blank,,,\n"),
                (1 | 2, _) => format!("{letter}{column},standard,,{},\n", 2000.0 / 2_f64.powi(row as i32)),
                _ => format!("{letter}{column},sample,S{}{letter},,10\n", column / 2),
            };
        }
    }
    text
}

#[test]
fn what_a_file_does_not_say_is_left_to_a_person() {
    let proposed = platewise(&["inspect", "--propose", "tally.txt"]);
    let text = said(&proposed);
    assert!(proposed.status.success(), "{text}");
    for part in
        ["# counted = \"along\"", "# counted = \"down\"", "column = \"A450\"", "wavelength = 570", "# Not read yet: "]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tally.toml");
    fs::write(&file, &text).unwrap();
    let open = platewise(&["inspect", "--reader", file.to_str().unwrap(), "tally.txt"]);
    assert!(!open.status.success() && said(&open).contains("is not a well"), "{}", said(&open));
    fs::write(&file, text.replace("# counted = \"down\"", "counted = \"down\"")).unwrap();
    let [by_proposal, by_fixture] = [file.to_str().unwrap(), "tally.toml"]
        .map(|reader| said(&platewise(&["inspect", "--format", "json", "--reader", reader, "tally.txt"])));
    let plates = |text: &str| serde_json::from_str::<Value>(text).unwrap()[0]["plates"].clone();
    assert_eq!(plates(&by_proposal), plates(&by_fixture));

    let nothing = platewise(&["inspect", "--propose", "tally.toml"]);
    assert!(said(&nothing).contains("neither a plate nor a list of wells"), "{}", said(&nothing));
    let two = platewise(&["inspect", "--propose", "tally.txt", "lumina.csv"]);
    assert!(said(&two).contains("one file"), "{}", said(&two));
    let unknown = platewise(&["inspect", "lumina.csv"]);
    assert!(said(&unknown).contains("inspect --propose"), "{}", said(&unknown));
    let missing = platewise(&["inspect", "--reader", "nowhere.toml", "tally.txt"]);
    assert!(!missing.status.success() && said(&missing).contains("nowhere.toml"), "{}", said(&missing));
}

#[test]
fn plates_and_studies_are_read_by_a_description() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    fs::write(path("layout.csv"), layout()).unwrap();
    // The same numbers in a form that is known.
    let numbers: Vec<String> = (1..=12).map(|number| number.to_string()).collect();
    let head = format!(";{}\nA;", numbers.join(";"));
    let known = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/lumina.csv")).unwrap();
    let known = known.replace("\nA;", &format!("\n{head}")).replace("TMB ", "").replace("Turbidity ", "");
    let (first, second) = known.split_once("Plate: P32").unwrap();
    fs::write(path("P31.csv"), first.rsplit_once("Plate: P31").unwrap().1.trim_start()).unwrap();
    fs::write(path("P32.csv"), second.replace("End of report\n", "").trim_start()).unwrap();
    let evaluate = |exports: &[&str], reader: &[&str]| {
        let layout = path("layout.csv");
        let options =
            ["--unit", "pg/mL", "--read", "450", "--reference", "570", "--method", "research", "--format=json"];
        let done = platewise(&[&["plate"], exports, &[&layout], reader, &options].concat());
        serde_json::from_slice::<Value>(&done.stdout).unwrap_or_else(|_| panic!("{}", said(&done)))
    };
    let described = evaluate(&["lumina.csv"], &["--reader", "lumina.toml"]);
    let known = evaluate(&[&path("P31.csv"), &path("P32.csv")], &[]);
    let quantities = |answer: &Value| -> Vec<(Value, Value)> {
        let results = answer["results"].as_array().unwrap().iter();
        results.map(|result| (result["sample"].clone(), result["quantity"].clone())).collect()
    };
    assert!(quantities(&described).len() > 60, "{described}");
    assert_eq!(quantities(&described), quantities(&known));

    let study = path("study");
    let made = platewise(&[
        "init",
        &study,
        "--from",
        "lumina.csv",
        "--reader",
        "lumina.toml",
        "--unit",
        "pg/mL",
        "--per-plate",
    ]);
    assert!(made.status.success(), "{}", said(&made));
    let file = |name: &str| folder.path().join("study").join(name);
    assert!(fs::read_to_string(file("study.toml")).unwrap().contains("reader = \"lumina.toml\""));
    assert_eq!(
        fs::read(file("lumina.toml")).unwrap(),
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats/lumina.toml")).unwrap()
    );
    let mut samples = String::from("sample,subject,visit\n");
    for plate in ["P31", "P32"] {
        fs::write(file(&format!("layouts/{plate}.csv")), layout()).unwrap();
        for (at, letter) in (1..=6).flat_map(|at| ('A'..='H').map(move |letter| (at, letter))) {
            samples += &format!("{plate}:S{at}{letter},{plate}-{at}{letter},Baseline\n");
        }
    }
    fs::write(file("samples.csv"), samples).unwrap();
    let run = platewise(&["quantify", &study, "--quiet"]);
    let record = fs::read_to_string(file("results/run.json")).unwrap_or_else(|_| panic!("{}", said(&run)));
    let record: Value = serde_json::from_str(&record).unwrap();
    let inputs: Vec<&str> =
        record["inputs"].as_array().unwrap().iter().map(|input| input["file"].as_str().unwrap()).collect();
    assert!(inputs.contains(&"lumina.toml"), "{inputs:?}");
    let curves = fs::read_to_string(file("results/curves.csv")).unwrap();
    assert_eq!(curves.lines().count(), 3, "{curves}");

    // Whoever reviewed a plate has read it by the description, too: another one is named where the review is out of date.
    let reviewed = [
        "decide",
        &study,
        "accept",
        "--plate",
        "P31",
        "--code",
        "reviewed",
        "--reason",
        "all findings read",
        "--by",
        "AB",
    ];
    let done = platewise(&reviewed);
    assert!(done.status.success(), "{}", said(&done));
    let description = fs::read_to_string(file("lumina.toml")).unwrap();
    fs::write(file("lumina.toml"), description.replace("wavelength = 570", "wavelength = 575")).unwrap();
    let again = said(&platewise(&["quantify", &study]));
    assert!(again.contains("the description of its format"), "{again}");

    // A description that no longer fits, or lies outside of the study, is an error with its place.
    fs::write(file("lumina.toml"), "[format]\nname = 1\n").unwrap();
    let broken = said(&platewise(&["quantify", &study, "--quiet"]));
    assert!(broken.contains("lumina.toml, line 2"), "{broken}");
    let declared = fs::read_to_string(file("study.toml")).unwrap();
    fs::write(file("study.toml"), declared.replace("reader = \"lumina.toml\"", "reader = \"../lumina.toml\"")).unwrap();
    let outside = said(&platewise(&["quantify", &study, "--quiet"]));
    assert!(outside.contains("leads out of the study folder"), "{outside}");
}
