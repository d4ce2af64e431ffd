//! What an earlier run read and fitted changes no result: studies are edited at random, and run with and without what is known of the study
//! as it was.
//!
//! `PLATEWISE_FUZZ_STUDIES=10000 cargo test --test stages pipeline::cache -- --nocapture` runs longer, `PLATEWISE_FUZZ_SEED=n` makes other
//! edits.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use platewise::curve::{StandardCurve, fit};
use platewise::files::{InputFolder, LinkPolicy};
use platewise::pipeline::{Cache, RunOptions, run};
use platewise::plate::formats;
use platewise::plate::read::Export;
use platewise::sheet::Book;
use platewise::stats::random::Random;
use tempfile::TempDir;

use crate::support::copied_study::copy;
use crate::support::edits::{mutated, rearranged, texts};
use crate::support::random_curves;

/// Every output of a quantified study but the moment of the run; or why there is none.
fn outputs(study: &Path, cache: Option<&Cache>) -> Result<Vec<(String, Vec<u8>)>, String> {
    let study = InputFolder::new(study, LinkPolicy::Refused);
    let options = RunOptions { cache, ..RunOptions::default() };
    let mut run = run(&study, &options, &|_| ()).map_err(|problems| problems.to_string())?;
    run.record.started = "2026-01-01T00:00:00Z".into();
    let files = run.files().map_err(|error| error.to_string())?;
    Ok(files.into_iter().map(|file| (file.name, file.bytes)).collect())
}

fn copied(from: &str) -> TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(from), place.path());
    place
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}: no '{from}'", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

fn seed() -> u64 {
    std::env::var("PLATEWISE_FUZZ_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

#[test]
fn a_study_edited_anywhere_gives_what_it_gives_from_scratch() {
    let folders = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/studies")).unwrap();
    let mut folders: Vec<PathBuf> = folders.map(|entry| entry.unwrap().path()).collect();
    folders.retain(|folder| folder.join("samples.csv").exists());
    folders.sort();
    let wanted: usize = std::env::var("PLATEWISE_FUZZ_STUDIES").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let mut random = Random::new(seed());
    let (mut ran, mut found, mut made) = (0, 0, 0);
    for at in 0..wanted {
        let place = tempfile::tempdir().unwrap();
        copy(&folders[at % folders.len()], place.path());
        let known = Cache::empty();
        outputs(place.path(), Some(&known)).unwrap();
        let mut files = Vec::new();
        texts(place.path(), &mut files);
        let (path, text) = &files[random.below(files.len())];
        let new = if random.below(2) == 0 { rearranged(text, &mut random) } else { mutated(text, &mut random) };
        fs::write(path, new).unwrap();
        let cache = Cache::read(&known.to_bytes());
        let (once, again) = (outputs(place.path(), None), outputs(place.path(), Some(&cache)));
        let differs = || {
            let (Ok(once), Ok(again)) = (&once, &again) else { return format!("{once:?}\n{again:?}") };
            let names = once.iter().zip(again).filter(|(one, other)| one != other).map(|(one, _)| one.0.as_str());
            names.collect::<Vec<_>>().join(", ")
        };
        assert!(once == again, "seed {}, edit {at}, {}: {}", seed(), path.display(), differs());
        ran += usize::from(once.is_ok());
        found += cache.found();
        made += cache.made();
    }
    println!("{wanted} edited studies, {ran} of which ran: {found} exports and fits were known, {made} made");
    assert!(ran * 3 > wanted && found > 0 && made > 0, "{ran} ran, {found} were known, {made} made");
}

/// Of `plates/` with one more plate one export is read and one plate fitted; of a changed limit for standards every plate is fitted and
/// none read; of a changed name of a sample nothing.
#[test]
fn only_what_changed_is_read_and_fitted() {
    let study = copied("plates");
    let toml = study.path().join("study.toml");
    let whole = fs::read_to_string(&toml).unwrap();
    let last = whole.rfind("[[plate]]").unwrap();
    let (before, plate) = whole.split_at(last);
    let end = plate[2..].find("\n[").map_or(plate.len(), |at| at + 3);
    fs::write(&toml, format!("{before}{}", &plate[end..])).unwrap();
    let first = Cache::empty();
    outputs(study.path(), Some(&first)).unwrap();
    fs::write(&toml, &whole).unwrap();
    let count = |known: &Cache| {
        let cache = Cache::read(&known.to_bytes());
        let with = outputs(study.path(), Some(&cache)).unwrap();
        assert!(with == outputs(study.path(), None).unwrap(), "other results");
        cache
    };
    let second = count(&first);
    assert_eq!((second.made(), second.found()), (2, first.made()), "one export, one fit");
    let third = count(&second);
    assert_eq!((third.made(), third.found()), (0, second.made() + second.found()));
    edit(&study.path().join("samples.csv"), "102-001", "102-901");
    let fourth = count(&third);
    assert_eq!(fourth.made(), 0);
    edit(&toml, "standard_bias_percent = 20", "standard_bias_percent = 19");
    let fifth = count(&fourth);
    assert_eq!((fifth.made(), fifth.made() + fifth.found()), (9, third.found()), "each of the nine plates is fitted");
}

#[test]
fn a_damaged_cache_is_no_cache() {
    let study = copied("fixtures/studies/two_kit_lots");
    let known = Cache::empty();
    let expected = outputs(study.path(), Some(&known)).unwrap();
    let whole = known.to_bytes();
    let mut random = Random::new(seed());
    let mut damaged: Vec<Vec<u8>> = vec![Vec::new(), whole[..whole.len() / 2].to_vec(), b"platewise cache".to_vec()];
    damaged.extend((0..5).map(|_| {
        let mut bytes = whole.clone();
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
        bytes
    }));
    for bytes in damaged {
        let cache = Cache::read(&bytes);
        assert!(outputs(study.path(), Some(&cache)).unwrap() == expected);
        assert_eq!((cache.found(), cache.made()), (0, known.made()));
    }
}

/// By the program: the file is made, used and replaced; another file in its place stays.
#[test]
fn the_file_of_a_cache_takes_nobodys_place() {
    let study = copied("fixtures/studies/two_kit_lots");
    let inside = |name: &str| study.path().join(name).display().to_string();
    let quantify = |out: &str, options: &[&str]| {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("platewise"));
        command.env("SOURCE_DATE_EPOCH", "1700000000").args([
            "quantify",
            "--quiet",
            "--findings-ok",
            "--out",
            &inside(out),
        ]);
        let done = command.args(options).arg(study.path()).output().unwrap();
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let cache = inside("read.cache");
    assert_eq!(quantify("plain", &[]).0, Some(0));
    assert_eq!(quantify("first", &["--cache", &cache]).0, Some(0));
    let kept = fs::read(&cache).unwrap();
    assert_eq!(quantify("second", &["--cache", &cache]).0, Some(0));
    assert_eq!(fs::read(&cache).unwrap(), kept, "the same work, the same bytes");
    for other in ["first", "second"] {
        assert_eq!(manifest(study.path(), other), manifest(study.path(), "plain"), "{other}");
    }
    let list = fs::read(study.path().join("samples.csv")).unwrap();
    let (code, said) = quantify("third", &["--cache", &inside("samples.csv")]);
    assert!(code == Some(2) && said.contains("samples.csv: is no cache of platewise"), "{said}");
    assert_eq!(fs::read(study.path().join("samples.csv")).unwrap(), list);
    let (code, said) = quantify("second", &["--cache", &inside("second/read.cache")]);
    assert!(code == Some(2) && said.contains("lies among the results"), "{said}");
}

#[test]
fn a_cache_lies_among_the_results_of_no_analyte() {
    let study = copied("fixtures/studies/three_analytes");
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("platewise"));
    let done = command.current_dir(study.path()).args(["quantify", ".", "--cache", "tarc/results/read.cache"]).output();
    let done = done.unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.code() == Some(2) && said.contains("lies among the results in ./tarc/results"), "{said}");
}

fn manifest(study: &Path, results: &str) -> String {
    fs::read_to_string(study.join(results).join("manifest-sha256.txt")).unwrap()
}

/// Every export of the fixtures and of the corpus, where it is there, and random curves of every kind: steps, curves without a
/// plateau, none at all.
#[test]
fn what_is_kept_comes_back_as_it_was() {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if path.is_dir() => walk(&path, files),
                path => files.push(path),
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join("fixtures/exports"), &mut files);
    walk(&root.join("../shared/corpus"), &mut files);
    files.sort();
    let mut exports = 0;
    for file in files {
        let book = Book::from_bytes(&fs::read(&file).unwrap(), "export").ok();
        let Some(export) = book.and_then(|book| formats::read_book(&book, None).ok()) else { continue };
        let kept = postcard::to_stdvec(&export).unwrap();
        let again: Export = postcard::from_bytes(&kept).unwrap();
        assert_eq!(format!("{export:?}"), format!("{again:?}"), "{}", file.display());
        exports += 1;
    }
    assert!(exports > 20, "{exports}");
    let mut without = 0;
    for number in 0..400 {
        let drawn = random_curves::draw(11, number);
        let Ok(curve) = fit(&drawn.points, &drawn.method) else { continue };
        let again: StandardCurve = postcard::from_bytes(&postcard::to_stdvec(&curve).unwrap()).unwrap();
        assert_eq!(format!("{curve:?}"), format!("{again:?}"), "{number}");
        without += usize::from(!curve.identified());
    }
    assert!(without > 5, "{without} that are not identified");
}
