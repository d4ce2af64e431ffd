//! `--tables-only`: the tables of a whole run, byte for byte, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use platewise::files::read_manifest;

use crate::support::copied_study::copy;

fn platewise(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("platewise"));
    command.envs([("SOURCE_DATE_EPOCH", "1700000000"), ("USER", "lab")]).current_dir(folder);
    command.args(arguments).output().unwrap()
}

fn study(of: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(of), &place.path().join("study"));
    place
}

#[test]
fn the_tables_are_those_of_a_whole_run() {
    let place = study("plates");
    let run = |command: &str, out: &str, more: &[&str]| {
        let arguments = [&[command, "study", "--out", out, "--quiet"], more].concat();
        let done = platewise(place.path(), &arguments);
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let listed = |out: &str| read_manifest(&place.path().join(out)).unwrap();
    let whole = run("quantify", "whole", &[]);
    let tables = run("quantify", "tables", &["--tables-only"]);
    assert_eq!(tables.0, whole.0);
    assert!(tables.1.ends_with("files in tables: tables and run.json only\n"), "{}", tables.1);
    let of_whole: BTreeMap<String, String> =
        listed("whole").into_iter().filter(|(name, _)| name.ends_with(".csv") || name == "run.json").collect();
    assert!(of_whole.len() > 15);
    assert_eq!(listed("tables"), of_whole);
    // Where the arms are compared, those of the comparison too.
    run("run", "study/results", &["--tables-only"]);
    let compared = listed("study/results");
    assert!(compared.contains_key("comparison.csv") && compared.keys().all(|name| !name.contains("html")));
    assert!(compared.len() > of_whole.len());
    // They are verified as any results are: computed again, and compared byte for byte.
    let verify = || platewise(place.path(), &["verify", "study"]);
    let said = String::from_utf8_lossy(&verify().stdout).into_owned();
    assert!(verify().status.success() && said.contains("the same bytes"), "{said}");
    std::fs::write(place.path().join("study/results/wells.csv"), "nothing").unwrap();
    assert!(!verify().status.success());
}

#[test]
fn of_several_analytes_no_page_leads_to_none() {
    let place = study("fixtures/studies/three_analytes");
    let done = platewise(place.path(), &["run", "study", "--tables-only", "--quiet"]);
    assert!(done.status.code() < Some(2), "{}", String::from_utf8_lossy(&done.stderr));
    for results in ["study/results", "study/tarc/results"] {
        let names: Vec<String> = read_manifest(&place.path().join(results)).unwrap().into_keys().collect();
        assert!(names.len() > 2 && names.iter().all(|name| name.ends_with(".csv") || name == "run.json"), "{names:?}");
    }
}
