//! How long it takes to read an export: each file of ours and of the shared corpus, where it is there, on one thread.
//!
//! `cargo bench --bench reading`, or `cargo bench --bench reading -- skanit` for the files whose path holds that word. From the file on
//! the disk to all its plates, without starting the program; xls, xlsb and ods start a process of their own, which is most of their
//! time, and stand apart in the summary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and may fail"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use platewise::plate::formats;
use platewise::sheet::{Book, isolated};

/// Repeats of each file: at least this many, and at most so long.
const REPEATS: usize = 7;
const PATIENCE: Duration = Duration::from_millis(150);

fn files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() && name != "expected" && name != "LICENSES" {
            self::files(&path, files);
        } else if path.is_file() && !name.ends_with(".json") && !name.ends_with(".md") {
            files.push(path);
        }
    }
    files.sort();
}

/// How long a file takes.
struct Timed {
    median: f64,
    largest: usize,
    isolated: bool,
    of_corpus: bool,
}

/// What is in a file: its format, the largest plate, and how many wells were read.
struct Content {
    format: String,
    largest: usize,
    wells: usize,
}

fn read(path: &Path) -> Option<Content> {
    let book = Book::open(path, "export").ok()?;
    let (export, _) = formats::examine(&book, None).ok()?;
    let reads = || export.plates.iter().flat_map(|plate| &plate.reads);
    Some(Content {
        format: export.format.clone(),
        largest: reads().map(|read| read.wells.len()).max().unwrap_or(0),
        wells: reads().map(|read| read.wells.len()).sum(),
    })
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Of times in order, the one at the fraction `at`.
fn quantile(times: &[f64], at: f64) -> f64 {
    times[((times.len() - 1) as f64 * at).round() as usize]
}

fn main() {
    isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    files(&root.join("fixtures/exports"), &mut paths);
    let mut corpus = Vec::new();
    files(&root.join("../shared/corpus"), &mut corpus);
    let word = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let chosen = |path: &PathBuf| path.to_string_lossy().contains(&word);
    paths.retain(chosen);
    corpus.retain(chosen);
    let own = paths.len();
    paths.extend(corpus);
    println!("{:>10} {:>10} {:>8} {:>7}  {:<24} file", "median us", "least us", "kB", "wells", "format");
    let mut all: Vec<Timed> = Vec::new();
    for (at, path) in paths.iter().enumerate() {
        let mut times = Vec::new();
        let begin = Instant::now();
        let mut content = None;
        while times.len() < REPEATS || begin.elapsed() < PATIENCE && times.len() < 200 {
            let start = Instant::now();
            content = read(path);
            times.push(microseconds(start.elapsed()));
        }
        times.sort_by(f64::total_cmp);
        let bytes = std::fs::read(path).unwrap();
        let isolated = bytes.starts_with(b"\xD0\xCF\x11\xE0");
        let name = path.file_name().unwrap().to_string_lossy();
        let (format, largest, wells) =
            content.map_or(("not read".into(), 0, 0), |content| (content.format, content.largest, content.wells));
        let (median, least) = (quantile(&times, 0.5), times[0]);
        println!("{median:>10.0} {least:>10.0} {:>8.1} {wells:>7}  {format:<24} {name}", bytes.len() as f64 / 1024.0);
        all.push(Timed { median, largest, isolated, of_corpus: at >= own });
    }
    println!();
    let summary = |what: &str, chosen: &dyn Fn(&Timed) -> bool| {
        let mut times: Vec<f64> = all.iter().filter(|file| chosen(file)).map(|file| file.median).collect();
        times.sort_by(f64::total_cmp);
        if !times.is_empty() {
            println!(
                "{what:<46} {:>4} files: median {:>7.0} us, 90 % {:>7.0} us, longest {:>7.0} us, together {:>7.1} ms",
                times.len(),
                quantile(&times, 0.5),
                quantile(&times, 0.9),
                quantile(&times, 1.0),
                times.iter().sum::<f64>() / 1e3
            );
        }
    };
    summary("plates of up to 96 wells, read in this process", &|file| {
        (1..=96).contains(&file.largest) && !file.isolated
    });
    summary("plates of 384 and 1536 wells", &|file| file.largest > 96 && !file.isolated);
    summary("no end point", &|file| file.largest == 0 && !file.isolated);
    summary("xls, xlsb, ods, with the start of their process", &|file| file.isolated);
    summary("the whole corpus", &|file| file.of_corpus);
}
