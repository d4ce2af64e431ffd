//! Mutated exports never make the reading panic, abort or hang, and never give a value that is not finite.
//!
//! The short form runs with the tests. For longer:
//! `PLATEWISE_FUZZ_MUTANTS=1000000 cargo test --test stages sheet::fuzz -- --nocapture`, or `PLATEWISE_FUZZ_SECONDS=3600`, and
//! `PLATEWISE_FUZZ_SEED=n` for other mutants. Seeds are our own fixtures and, where it is there, the shared corpus.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use platewise::plate::formats;
use platewise::plate::{Reading, read::Export};
use platewise::sheet::{Book, isolated};
use platewise::stats::random::Random;

use crate::support::edits::{mutate, mutate_parts};

fn seeds() -> Vec<Vec<u8>> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() && name != "expected" && name != "LICENSES" {
                walk(&path, files);
            } else if path.is_file() && !name.ends_with(".json") && !name.ends_with(".md") {
                files.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join("fixtures/exports"), &mut files);
    walk(&root.join("../shared/corpus"), &mut files);
    files.sort();
    // Large seeds make few mutants.
    let small = |bytes: &Vec<u8>| bytes.len() < 60_000;
    files.iter().map(|path| std::fs::read(path).unwrap()).filter(small).collect()
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// An export with a few edits.
fn mutant(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let seed = loop {
        let seed = &seeds[random.below(seeds.len())];
        // Every xls starts a process: few of them.
        if !seed.starts_with(b"\xD0\xCF") || random.below(50) == 0 {
            break seed;
        }
    };
    if seed.starts_with(b"PK") && random.below(10) > 0 {
        return mutate_parts(seed, random).unwrap_or_else(|| seed.clone());
    }
    let mut bytes = seed.clone();
    mutate(&mut bytes, &seeds[random.below(seeds.len())], random);
    bytes
}

/// What must hold of an export, whatever the file.
fn check(export: &Export) {
    for plate in &export.plates {
        for read in &plate.reads {
            assert_eq!(read.wells.dim(), (plate.size.rows, plate.size.columns));
            assert_eq!(read.places.dim(), read.wells.dim());
            assert!(read.wells.iter().filter_map(Reading::measured).all(f64::is_finite));
        }
        assert!(plate.samples.keys().all(|&well| plate.size.contains(well)));
    }
}

#[test]
fn mutated_exports_are_read_or_refused() {
    isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
    // Panics of the spreadsheet library are caught and become errors; those of ours must not happen.
    static OF_THE_LIBRARY: AtomicUsize = AtomicUsize::new(0);
    let standard = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.location().is_some_and(|location| location.file().contains("calamine")) {
            OF_THE_LIBRARY.fetch_add(1, Ordering::Relaxed);
        } else {
            standard(panic);
        }
    }));
    let seeds = seeds();
    assert!(!seeds.is_empty());
    let seconds = number("PLATEWISE_FUZZ_SECONDS").map(Duration::from_secs);
    let mutants = number("PLATEWISE_FUZZ_MUTANTS").unwrap_or(if seconds.is_some() { u64::MAX } else { 3_000 });
    let of = number("PLATEWISE_FUZZ_SEED").unwrap_or(1);
    let (start, mut tried, mut read, mut slowest) = (Instant::now(), 0_u64, 0_u64, Duration::ZERO);
    while tried < mutants && seconds.is_none_or(|seconds| start.elapsed() < seconds) {
        let bytes = mutant(&seeds, &mut Random::of_replicate(of, tried));
        let began = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let Ok(book) = Book::from_bytes(&bytes, "mutant") else { return false };
            let reader = if tried % 16 == 0 {
                Some(formats::FORMATS[tried as usize / 16 % formats::FORMATS.len()].description().name)
            } else {
                None
            };
            let Ok((export, _)) = formats::examine(&book, reader) else { return false };
            check(&export);
            true
        }));
        let Ok(was_read) = outcome else {
            let file = std::env::temp_dir().join(format!("platewise-mutant-{of}-{tried}"));
            std::fs::write(&file, &bytes).unwrap();
            panic!("mutant {tried} of seed {of} panics; it is in {}", file.display());
        };
        slowest = slowest.max(began.elapsed());
        assert!(began.elapsed() < Duration::from_secs(60), "mutant {tried} of seed {of} hangs");
        tried += 1;
        read += u64::from(was_read);
    }
    let caught = OF_THE_LIBRARY.load(Ordering::Relaxed);
    println!(
        "{tried} mutants of {} seeds in {:.1} s: {read} read, the others refused; {caught} panics of the library caught; slowest {slowest:.2?}",
        seeds.len(),
        start.elapsed().as_secs_f64()
    );
}
