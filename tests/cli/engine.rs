//! Exit codes, as workflow engines and scripts go by them: a step that ends with another code than 0 stops what follows, and an engine
//! removes what the step wrote.

#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn program() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("platewise").to_path_buf()
}

/// The study that `init` makes: as it is, with a second plate that cannot be read, or without any that can.
fn studies(place: &Path) -> [(PathBuf, i32); 3] {
    ["clean", "one-unreadable", "unreadable"].map(|name| {
        let study = place.join(name);
        assert!(Command::new(program()).arg("init").arg(&study).output().unwrap().status.success());
        let toml = study.join("study.toml");
        let text = fs::read_to_string(&toml).unwrap();
        match name {
            "one-unreadable" => {
                let plate = "\n[[plate]]\nid = \"P02\"\nexport = \"exports/P02.csv\"\nlayout = \"layouts/P02.csv\"\n";
                fs::write(&toml, text + plate).unwrap();
            }
            "unreadable" => fs::remove_file(study.join("exports/P01.csv")).unwrap(),
            _ => {}
        }
        let code = ["clean", "one-unreadable", "unreadable"].iter().position(|known| *known == name).unwrap();
        (study, code as i32)
    })
}

/// A script that stops at the first step that fails (`set -e`), with a step behind ours.
fn script(study: &Path, flag: &str) -> (Option<i32>, bool) {
    let next = study.join("next-step");
    let _ = fs::remove_file(&next);
    let steps = format!(
        "set -e\n\"$PLATEWISE\" quantify --quiet \"$STUDY\" --out \"$STUDY/results\" {flag}\n: > \"$STUDY/next-step\"\n"
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &steps]).env("PLATEWISE", program()).env("STUDY", study);
    (shell.output().unwrap().status.code(), next.exists())
}

#[test]
fn findings_stop_a_script_unless_they_are_said_to_be_results() {
    let place = tempfile::tempdir().unwrap();
    for (study, code) in studies(place.path()) {
        assert_eq!(script(&study, ""), (Some(code), code == 0), "{}", study.display());
        // Findings are results; a study of which nothing could be read has none.
        let with_flag = if code == 1 { 0 } else { code };
        assert_eq!(script(&study, "--findings-ok"), (Some(with_flag), with_flag == 0), "{}", study.display());
        if code < 2 {
            assert!(study.join("results/concentrations.csv").exists());
        }
    }
}

/// The same under Snakemake, where it is installed (`pip install snakemake`): a rule whose command fails loses its outputs.
#[test]
fn a_workflow_engine_goes_on_behind_findings() {
    if Command::new("snakemake").arg("--version").output().is_err() {
        println!("skipped: snakemake is not installed");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let engine = |study: &Path, flag: &str| -> Output {
        let rules = format!(
            "rule summary:\n    input: 'results/concentrations.csv'\n    output: 'lines.txt'\n    shell: 'wc -l < {{input}} > {{output}}'\n\
             rule quantify:\n    input: 'study.toml'\n    output: 'results/concentrations.csv'\n    \
             shell: '{} quantify --quiet . --out results {flag}'\n",
            program().display()
        );
        fs::write(study.join("Snakefile"), rules).unwrap();
        let mut command = Command::new("snakemake");
        command.args(["--cores", "1", "--quiet", "all", "--", "lines.txt"]).current_dir(study).output().unwrap()
    };
    for (study, code) in studies(place.path()) {
        let ran = engine(&study, "");
        assert_eq!(ran.status.success(), code == 0, "{}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(study.join("lines.txt").exists(), code == 0);
        let ran = engine(&study, "--findings-ok");
        assert_eq!(ran.status.success(), code < 2, "{}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(study.join("lines.txt").exists(), code < 2);
    }
}

/// One run, parts by hand and, where it is installed, under Snakemake, on files and on links to them: the same bytes, and exit codes as engines
/// read them.
#[test]
fn parts_under_engines_give_the_bytes_of_one_run() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: python3 is not installed");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines/try.py");
    let tried = Command::new("python3").arg(script).arg(program()).args(["--shards", "3"]).output().unwrap();
    let said = String::from_utf8_lossy(&tried.stdout);
    assert!(tried.status.success(), "{said}{}", String::from_utf8_lossy(&tried.stderr));
    assert!(said.contains("3 parts together give the same bytes") && said.matches("ok ").count() >= 7, "{said}");
}
