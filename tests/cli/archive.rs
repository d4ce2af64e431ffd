//! `archive`: one file that anybody can check, with nothing of the arms unless that is asked for.

use std::fs;
use std::path::{Path, PathBuf};

use platewise::files::UnpackedArchive;
use serde_json::Value;

use crate::support::copied_study::copy;
use crate::support::decided_study::{Study, platewise, printed};

fn archived(study: &Path, out: &Path, more: &[&str]) -> std::process::Output {
    platewise(&[&["archive", study.to_str().unwrap(), out.to_str().unwrap()], more].concat())
}

fn graph(unpacked: &Path) -> Vec<Value> {
    let crate_file = fs::read_to_string(unpacked.join("ro-crate-metadata.json")).unwrap();
    serde_json::from_str::<Value>(&crate_file).unwrap()["@graph"].as_array().unwrap().clone()
}

#[test]
fn an_archive_is_whole_described_verified_and_the_same_bytes() {
    let study = Study::new();
    study.decided(&["exclude", "--well", "A05"], "A. Analyst");
    study.quantify();
    study.decided(&["approve"], "H. Head");
    study.quantify();
    let signed = platewise(&["sign", study.path("").to_str().unwrap(), "--meaning", "approved", "--by", "H. Head"]);
    assert!(signed.status.success(), "{}", printed(&signed));
    let place = tempfile::tempdir().unwrap();
    let [one, other] = ["one.zip", "other.zip"].map(|name| place.path().join(name));
    for out in [&one, &other] {
        let done = archived(&study.path(""), out, &[]);
        assert!(done.status.success(), "{}", printed(&done));
    }
    assert_eq!(fs::read(&one).unwrap(), fs::read(&other).unwrap());

    let verified = platewise(&["verify", one.to_str().unwrap()]);
    let said = printed(&verified);
    assert_eq!(verified.status.code(), Some(0), "{said}");
    assert!(said.contains("the same bytes by version") && said.contains("1 of 1 plates, all in date"), "{said}");

    let unpacked = UnpackedArchive::new(&one).unwrap();
    let manifest = fs::read_to_string(unpacked.path().join("manifest-sha256.txt")).unwrap();
    let graph = graph(unpacked.path());
    let entity =
        |id: &str| graph.iter().find(|one| one["@id"] == id).unwrap_or_else(|| panic!("{id} is not described"));
    for line in manifest.lines() {
        let (hash, name) = line.split_once("  ").unwrap();
        assert_eq!(platewise::files::sha256(&fs::read(unpacked.path().join(name)).unwrap()), hash, "{name}");
        if name != "ro-crate-metadata.json" {
            assert_eq!(entity(name)["sha256"], hash);
        }
    }
    let run = entity("#run");
    let ids = |field: &str| -> Vec<String> {
        run[field].as_array().unwrap().iter().map(|one| one["@id"].as_str().unwrap().to_string()).collect()
    };
    assert!(
        ids("object").contains(&"exports/P01.csv".to_string())
            && ids("object").contains(&"decisions.jsonl".to_string())
    );
    assert!(ids("result").contains(&"results/concentrations.csv".to_string()));
    assert!(manifest.contains("  signatures/0001-approved"), "{manifest}");

    // A byte of an input, and of a result, changed on the way.
    for (name, from, to) in [("samples.csv", "101-W00,101", "101-W00,102"), ("results/concentrations.csv", "1", "2")] {
        let file = unpacked.path().join(name);
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        let verified = platewise(&["verify", unpacked.path().to_str().unwrap()]);
        assert!(verified.status.code() == Some(1) && printed(&verified).contains(name), "{}", printed(&verified));
        fs::write(&file, text).unwrap();
    }
}

#[test]
fn the_arms_are_in_it_only_when_asked_for() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let call =
        |command: &str, more: &[&str]| platewise(&[&[command, study.to_str().unwrap(), "--quiet"], more].concat());
    assert_eq!(call("run", &[]).status.code(), Some(1));
    let out = place.path().join("out.zip");
    let refused = archived(&study, &out, &[]);
    assert!(refused.status.code() == Some(2) && printed(&refused).contains("--with-arms"), "{}", printed(&refused));
    assert!(!out.exists(), "nothing was written");

    let blinded = place.path().join("blinded");
    let arguments = ["--out", blinded.to_str().unwrap()];
    assert_eq!(call("quantify", &arguments).status.code(), Some(1));
    let done = archived(&study, &out, &["--results", blinded.to_str().unwrap()]);
    assert!(done.status.success(), "{}", printed(&done));
    let unpacked = UnpackedArchive::new(&out).unwrap();
    assert!(!unpacked.path().join("arms.csv").exists() && unpacked.path().join("results/report.html").exists());
    // Whose arm is which stands in no file: no line has a subject and an arm.
    let arms = fs::read_to_string(study.join("arms.csv")).unwrap();
    let lines: Vec<&str> = arms.lines().skip(1).take(20).collect();
    for file in files(unpacked.path()) {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(lines.iter().all(|line| !text.contains(line)), "{}", file.display());
    }
    let verified = platewise(&["verify", out.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(0), "{}", printed(&verified));

    let done = archived(&study, &out, &["--with-arms"]);
    assert!(done.status.success(), "{}", printed(&done));
    assert!(UnpackedArchive::new(&out).unwrap().path().join("arms.csv").exists());
    let verified = platewise(&["verify", out.to_str().unwrap()]);
    assert_eq!(verified.status.code(), Some(0), "{}", printed(&verified));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn what_is_not_as_the_run_left_it_is_not_archived() {
    let study = Study::new();
    let out = study.path("out.zip");
    study.edit("samples.csv", "101-W00,101", "101-W00,102");
    fs::write(study.path("results/concentrations.csv"), "").unwrap();
    let said = printed(&archived(&study.path(""), &out, &[]));
    assert!(said.contains("samples.csv") && said.contains("results/concentrations.csv"), "all at once: {said}");
    assert!(!out.exists());
    fs::write(&out, "no zip").unwrap();
    let verified = platewise(&["verify", out.to_str().unwrap()]);
    assert!(
        verified.status.code() == Some(2) && printed(&verified).contains("cannot be unpacked"),
        "{}",
        printed(&verified)
    );
}
