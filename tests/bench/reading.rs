//! How long it takes to read an export: one file of each kind, and the whole shared corpus where it is there.
//!
//! `cargo bench --bench reading`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "criterion's macros and benchmark set-up"
)]

use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use platewise::plate::vendor;
use platewise::sheet::{Book, isolated};

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

fn examine(path: &Path) -> usize {
    let name = path.display().to_string();
    let Ok(book) = Book::open(path, &name) else { return 0 };
    vendor::examine(&book, None).map_or(0, |(export, _)| export.plates.len())
}

fn one_file(criterion: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut group = criterion.benchmark_group("one file");
    for file in [
        "fixtures/exports/softmax_two_plates.txt",
        "fixtures/exports/gen5_two_plates.txt",
        "fixtures/exports/grid_450_570.csv",
    ] {
        group.bench_function(file.rsplit('/').next().unwrap(), |bencher| bencher.iter(|| examine(&root.join(file))));
    }
    for file in [
        "bmg_labtech/rosalindfranklininstitute__14022024_smCD1_50nM_cohort15_aM13_15mins.xlsx",
        "thermo_skanit/skanit_data.xlsx",
        "perkin_elmer/labkey__m0902051_3997.xls",
    ] {
        let path = root.join("../shared/corpus").join(file);
        if path.exists() {
            group.bench_function(file.rsplit('/').next().unwrap(), |bencher| bencher.iter(|| examine(&path)));
        }
    }
    group.finish();
}

fn whole_corpus(criterion: &mut Criterion) {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"), &mut paths);
    if paths.is_empty() {
        return;
    }
    let mut group = criterion.benchmark_group("corpus");
    group.sample_size(10);
    group.bench_function(format!("{} files", paths.len()), |bencher| {
        bencher.iter_batched(
            || paths.clone(),
            |paths| paths.iter().map(|path| examine(path)).sum::<usize>(),
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn reading(criterion: &mut Criterion) {
    isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
    one_file(criterion);
    whole_corpus(criterion);
}

criterion_group!(benches, reading);
criterion_main!(benches);
