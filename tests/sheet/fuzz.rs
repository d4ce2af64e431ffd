//! Mutated exports never make the reading panic, abort or hang, and never give a value that is not finite.
//!
//! The short form runs with the tests. For longer:
//! `PLATEWISE_FUZZ_MUTANTS=1000000 cargo test --test stages sheet::fuzz -- --nocapture`, or `PLATEWISE_FUZZ_SECONDS=3600`, and
//! `PLATEWISE_FUZZ_SEED=n` for other mutants. Seeds are our own fixtures and, where it is there, the shared corpus.

use std::io::{Cursor, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use platewise::plate::formats;
use platewise::plate::{Reading, read::Export};
use platewise::sheet::{Book, isolated};

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// Pieces of the formats, put where they do not belong.
const PIECES: [&[u8]; 36] = [
    b"\t",
    b",",
    b";",
    b"\n",
    b"\r",
    b"\"",
    b"~End\n",
    b"Plate:",
    b"##BLOCKS= 9",
    b"Group:",
    b"<>",
    b"A1",
    b"H12",
    b"AF48",
    b"ZZ99",
    b"OVRFLW",
    b"MISSED",
    b"*0.5*",
    b"?????",
    b"NaN",
    b"-1e308",
    b"1e999",
    b"0,5",
    b"1.2.3",
    b"Raw",
    b"Reduced",
    b"TimeFormat",
    b"PlateFormat",
    b"\0",
    b"\xFF\xFE",
    b"Results\n",
    b"Layout\n",
    b"Software Version\t",
    b"Well positions",
    b"99999999999999999999",
    b"\xC2\xA0",
];

fn mutate(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let length = random.below(40).min(bytes.len() - at);
        match random.below(9) {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1 << random.below(8);
            }
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            4 => {
                let from = random.below(other.len() + 1);
                let piece = &other[from..(from + random.below(400)).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            5 => drop(bytes.splice(at..at + length, random.pick(&PIECES).iter().copied())),
            6 => remove_line(bytes, at),
            7 => {
                // Digits are where sizes, wells and values stand.
                let digits: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    bytes[*random.pick(&digits)] = b'0' + random.below(10) as u8;
                }
            }
            _ => drop(bytes.splice(at..at, random.pick(&PIECES).iter().copied())),
        }
    }
}

fn remove_line(bytes: &mut Vec<u8>, at: usize) {
    let start = bytes[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |start| start + 1);
    let end = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
    drop(bytes.drain(start..end));
}

/// A workbook whose parts are mutated inside the container: mutated outside, it only fails its checksum.
fn mutate_parts(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).ok()?;
        let mut content = Vec::new();
        part.read_to_end(&mut content).ok()?;
        parts.push((part.name().ok()?.into_owned(), content));
    }
    let chosen = random.below(parts.len());
    let sheets: Vec<usize> = (0..parts.len()).filter(|&at| parts[at].0.contains("sheet")).collect();
    let chosen = if random.below(4) > 0 && !sheets.is_empty() { *random.pick(&sheets) } else { chosen };
    let other = parts[random.below(parts.len())].1.clone();
    mutate(&mut parts[chosen].1, &other, random);
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in parts {
        writer.start_file(name, options).ok()?;
        writer.write_all(&content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

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
    let mut random = Random(number("PLATEWISE_FUZZ_SEED").unwrap_or(1));
    let (start, mut tried, mut read, mut slowest) = (Instant::now(), 0_u64, 0_u64, Duration::ZERO);
    while tried < mutants && seconds.is_none_or(|seconds| start.elapsed() < seconds) {
        let seed = random.pick(&seeds).clone();
        // Every xls starts a process: few of them.
        if seed.starts_with(b"\xD0\xCF") && random.below(50) > 0 {
            continue;
        }
        let state = random.0;
        let bytes = if seed.starts_with(b"PK") && random.below(10) > 0 {
            mutate_parts(&seed, &mut random).unwrap_or(seed)
        } else {
            let other = random.pick(&seeds).clone();
            let mut bytes = seed;
            mutate(&mut bytes, &other, &mut random);
            bytes
        };
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
            let file = std::env::temp_dir().join(format!("platewise-mutant-{state:x}"));
            std::fs::write(&file, &bytes).unwrap();
            panic!("mutant {tried} (state {state:#x}) panics; it is in {}", file.display());
        };
        slowest = slowest.max(began.elapsed());
        assert!(began.elapsed() < Duration::from_secs(60), "mutant {tried} (state {state:#x}) hangs");
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
