//! Whole studies with one file edited at random, run to their last output: refused with reasons, or run with numbers that are some. Never a
//! panic, never a number that is none in a table.
//!
//! The short form runs with the tests; `PLATEWISE_FUZZ_STUDIES=100000 cargo test --test stages sheet::fuzz_whole -- --nocapture` runs longer,
//! and `PLATEWISE_FUZZ_SEED=n` makes other edits.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use platewise::files::{InputFolder, LinkPolicy};
use platewise::pipeline::{Arms, RunOptions, run};
use platewise::stats::random::Random;
use tempfile::TempDir;

use crate::support::copied_study::copy;
use crate::support::edits::{mutated, rearranged, texts};

/// A copy of a study, and its files that are edited.
struct Copied {
    folder: TempDir,
    files: Vec<(PathBuf, String)>,
}

fn studies() -> Vec<Copied> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/studies");
    let mut folders: Vec<PathBuf> = fs::read_dir(fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let alone = |folder: &PathBuf| folder.join("samples.csv").exists();
    let copied = |from: PathBuf| {
        let (folder, mut files) = (tempfile::tempdir().unwrap(), Vec::new());
        copy(&from, folder.path());
        texts(folder.path(), &mut files);
        Copied { folder, files }
    };
    folders.into_iter().filter(alone).map(copied).collect()
}

/// Runs a study; whether it was run, or else was refused.
fn is_run(folder: &Path) -> bool {
    let options =
        RunOptions { arms: Arms::Optional { by: "a test".to_string() }, threads: Some(1), ..RunOptions::default() };
    match run(&InputFolder::new(folder, LinkPolicy::Refused), &options, &|_| ()) {
        Err(problems) => {
            assert!(!problems.0.is_empty(), "refused without a reason");
            false
        }
        Ok(run) => {
            for file in run.files().unwrap().iter().filter(|file| file.name.ends_with(".csv")) {
                let text = String::from_utf8(file.bytes.clone()).unwrap();
                let is_none = |field: &str| ["nan", "inf", "-inf"].contains(&field.to_lowercase().as_str());
                let line = text.lines().find(|line| line.split(',').any(is_none));
                assert!(line.is_none(), "{}: {line:?}", file.name);
            }
            true
        }
    }
}

#[test]
fn edited_studies_are_run_or_refused() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (how_many, seed) = (number("PLATEWISE_FUZZ_STUDIES").unwrap_or(24), number("PLATEWISE_FUZZ_SEED").unwrap_or(1));
    let studies = studies();
    let (mut refused, mut was_run) = (0_u64, 0_u64);
    for n in 0..how_many {
        let mut random = Random::of_replicate(seed, n);
        let study = &studies[random.below(studies.len())];
        let (path, text) = &study.files[random.below(study.files.len())];
        let edit = if random.below(3) == 0 { mutated(text, &mut random) } else { rearranged(text, &mut random) };
        fs::write(path, &edit).unwrap();
        let Ok(ran) = catch_unwind(AssertUnwindSafe(|| is_run(study.folder.path()))) else {
            panic!("edit {n} of seed {seed}, of {}:\n{edit}", path.display());
        };
        fs::write(path, text).unwrap();
        *(if ran { &mut was_run } else { &mut refused }) += 1;
    }
    println!("{how_many} edited studies: {refused} refused, {was_run} run");
    assert!(refused > 0 && was_run > 0, "what only makes garbage, or only sound files, tries nothing");
}
