//! Results appear whole: when two runs write one folder at the same time, and when a run is killed at any moment.
//!
//! `PLATEWISE_PAIRS=1000` and `PLATEWISE_KILLS=300` give the numbers of pairs and kills; a few are tried without.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use platewise::files::MANIFEST;
use platewise::record::sha256;

fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// The study that `init` makes, under a name of its own. One that cannot read its plate is done sooner: it draws no figures.
fn study(place: &Path, name: &str, reads_its_plate: bool) -> PathBuf {
    let study = place.join(name);
    assert!(platewise(&["init", study.to_str().unwrap()]).stdout(Stdio::null()).status().unwrap().success());
    let text = fs::read_to_string(study.join("study.toml")).unwrap();
    let id = text.lines().find(|line| line.starts_with("id = ")).unwrap();
    fs::write(study.join("study.toml"), text.replacen(id, &format!("id = \"{name}\""), 1)).unwrap();
    if !reads_its_plate {
        fs::remove_file(study.join("exports/P01.csv")).unwrap();
    }
    study
}

fn platewise(args: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("platewise"));
    command.args(args);
    command
}

fn quantify(study: &Path, results: &Path) -> Command {
    let mut command = platewise(&["quantify", "--quiet", "--threads", "1", study.to_str().unwrap(), "--out"]);
    command.arg(results).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Whether a run came to its end: exit code 2 alone could also be a folder that it was not given.
fn has_written(output: &Output) -> bool {
    let said = String::from_utf8_lossy(&output.stderr);
    output.status.code().is_some_and(|code| code < 2) || said.contains("no plate could be read")
}

/// All files below a folder, by their paths in it.
fn files(folder: &Path, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() {
            found.extend(files(&entry.path(), &format!("{name}/")));
        } else {
            found.insert(name);
        }
    }
    found
}

/// The study whose results a folder holds; fails where they are not whole.
fn whole(results: &Path) -> String {
    let manifest = fs::read_to_string(results.join(MANIFEST)).unwrap();
    let mut listed = BTreeSet::from([MANIFEST.to_string()]);
    for line in manifest.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(sum, sha256(&fs::read(results.join(name)).unwrap()), "{name}");
        listed.insert(name.to_string());
    }
    assert_eq!(files(results, ""), listed);
    let record: serde_json::Value = serde_json::from_slice(&fs::read(results.join("run.json")).unwrap()).unwrap();
    record["protocol"]["study"]["id"].as_str().or(record["trial"]["study"]["id"].as_str()).unwrap().to_string()
}

#[test]
fn two_runs_at_the_same_time_leave_the_results_of_one() {
    let place = tempfile::tempdir().unwrap();
    let one = study(place.path(), "one", false);
    let other = study(place.path(), "other", number("PLATEWISE_PAIRS", 5) < 100);
    let out = place.path().join("out");
    let mut of_one = 0;
    let pairs = number("PLATEWISE_PAIRS", 5);
    for _ in 0..pairs {
        let results = out.join("results");
        let both = [&one, &other].map(|study| quantify(study, &results).stderr(Stdio::piped()).spawn().unwrap());
        for run in both {
            let output = run.wait_with_output().unwrap();
            assert!(has_written(&output), "{}", String::from_utf8_lossy(&output.stderr));
        }
        of_one += usize::from(whole(&results) == "one");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "nothing beside the results");
    }
    println!("{pairs} pairs, each with one whole folder; {of_one} ended with the results of the first");
}

#[test]
fn a_run_that_is_killed_leaves_whole_results() {
    let place = tempfile::tempdir().unwrap();
    let old = study(place.path(), "old", false);
    let new = study(place.path(), "new", true);
    let out = place.path().join("out");
    let results = out.join("results");
    quantify(&old, &results).status().unwrap();
    let begun = Instant::now();
    quantify(&new, &results).status().unwrap();
    let takes = begun.elapsed();
    let kills = number("PLATEWISE_KILLS", 8);
    let (mut kept, mut replaced) = (0, 0);
    for kill in 0..kills {
        quantify(&old, &results).status().unwrap();
        assert_eq!(whole(&results), "old");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "what the killed run left is gone");
        let mut run = quantify(&new, &results).spawn().unwrap();
        // Most of the writing is at the end of a run.
        let share = 1.0 - 0.7 * (kill as f64 / kills as f64).powi(2);
        std::thread::sleep(Duration::from_secs_f64(takes.as_secs_f64() * share));
        run.kill().unwrap();
        run.wait().unwrap();
        match whole(&results).as_str() {
            "old" => kept += 1,
            "new" => replaced += 1,
            other => panic!("{other}"),
        }
    }
    println!("{kills} runs killed: {kept} left the old results, {replaced} the new ones, all whole");
}

/// What an outsider would do to see whether a file was changed.
#[test]
fn the_manifest_is_checked_by_sha256sum() {
    let place = tempfile::tempdir().unwrap();
    let results = place.path().join("results");
    quantify(&study(place.path(), "study", false), &results).status().unwrap();
    let check = || Command::new("sha256sum").args(["--check", "--quiet", MANIFEST]).current_dir(&results).output();
    let Ok(checked) = check() else {
        println!("skipped: there is no sha256sum");
        return;
    };
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let table = fs::read_to_string(results.join("concentrations.csv")).unwrap();
    fs::write(results.join("concentrations.csv"), table + " ").unwrap();
    let checked = check().unwrap();
    assert!(String::from_utf8_lossy(&checked.stdout).contains("concentrations.csv: FAILED"));
    // A folder that somebody has edited is still ours, and replaced.
    let output = quantify(&place.path().join("study"), &results).stderr(Stdio::piped()).output().unwrap();
    assert!(has_written(&output), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(whole(&results), "study");
}
