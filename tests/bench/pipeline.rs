//! How long the whole way takes: one plate from its file to concentrations, the study in `plates/`, and 1,000 simulated plates
//! from their files, on one and on two threads. See README.md beside this file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

use std::fs;
use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use platewise::concentration::PlateConcentrations;
use platewise::pipeline::assay_error::assay_error;
use platewise::pipeline::sensitivity_grid::sensitivity_grid;
use platewise::pipeline::{quantify, with_threads};
use platewise::plate::{AssayPlate, Layout, SampleList, formats};
use platewise::sheet::{Book, Problems};
use platewise::study::ArmComparison;
use platewise::{protocol, simulate, study};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/plates"))
}

/// Reading a plate's file, and everything that follows the reading, side by side: reading should be what takes the time.
fn one_plate(criterion: &mut Criterion) {
    let protocol = protocol::read(folder()).unwrap();
    let samples =
        SampleList::read(&Book::open(&folder().join("samples.csv"), "samples.csv").unwrap().sheets[0]).unwrap();
    let mut group = criterion.benchmark_group("one plate");
    for id in ["P01", "P05"] {
        let entry = protocol.assay.plates.iter().find(|plate| plate.id == id).unwrap();
        let path = folder().join(&entry.export);
        let name = entry.export.display().to_string();
        let layout = Book::open(&folder().join(&entry.layout), "layout").unwrap();
        let layout = Layout::read(&layout.sheets[0], &protocol.assay).unwrap();
        let export = formats::read(&path, &name, None).unwrap();
        group.bench_function(format!("read {name}"), |bench| bench.iter(|| formats::read(&path, &name, None).unwrap()));
        group.bench_function(format!("fit and quantify {id}"), |bench| {
            bench.iter(|| {
                let plate = AssayPlate::join(entry, &export, &layout, &samples, &protocol.assay.method).unwrap();
                PlateConcentrations::evaluate(plate, &protocol.assay)
            });
        });
    }
    group.finish();
}

fn whole_study(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plates/ (9 plates), quantified");
    for threads in [1, 2] {
        group.bench_function(BenchmarkId::new("threads", threads), |bench| {
            bench.iter(|| with_threads(Some(threads), || quantify(folder(), &|_| {})).unwrap());
        });
    }
    group.finish();
}

fn thousand_plates(criterion: &mut Criterion) {
    const PLATES: usize = 1000;
    let folder = tempfile::tempdir().unwrap();
    let trial = simulate::plates(PLATES, 20_261_122).unwrap();
    for file in simulate::study_files(&trial).unwrap() {
        let path = folder.path().join(&file.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.bytes).unwrap();
    }
    let mut group = criterion.benchmark_group("1,000 simulated plates from their files");
    group.throughput(Throughput::Elements(PLATES as u64)).sample_size(10).measurement_time(Duration::from_secs(20));
    for threads in [1, 2] {
        group.bench_function(BenchmarkId::new("threads", threads), |bench| {
            bench.iter(|| -> Result<_, Problems> { with_threads(Some(threads), || quantify(folder.path(), &|_| {})) });
        });
    }
    group.finish();
}

/// What the comparison of the study in `plates/` is checked against: whole studies resampled, and every cell of the grid.
fn robustness(criterion: &mut Criterion) {
    let quantified = quantify(folder(), &|_| {}).unwrap();
    let protocol = &quantified.protocol;
    let visits = quantified.visits.as_deref().unwrap();
    let arms = study::read_arms(&Book::open(&folder().join("arms.csv"), "arms.csv").unwrap().sheets[0], &[]).unwrap();
    let comparison = study::compare(visits, &arms, protocol).unwrap();
    let primaries: Vec<&ArmComparison> = comparison.comparisons.iter().filter(|row| row.primary).collect();
    let plates = &quantified.plates;

    let replicates = protocol.trial.analysis.assay_error_replicates as u64;
    let mut group = criterion.benchmark_group("assay error: whole studies of plates/ resampled");
    group.throughput(Throughput::Elements(replicates)).sample_size(10).measurement_time(Duration::from_secs(20));
    for threads in [1, 2] {
        group.bench_function(BenchmarkId::new("threads", threads), |bench| {
            bench.iter(|| -> Result<_, Problems> {
                with_threads(Some(threads), || Ok(assay_error(plates, visits, &arms, &primaries, protocol, &|_| ())))
            });
        });
    }
    group.finish();

    let cells = sensitivity_grid(plates, visits, &arms, &["active"], protocol, &|_| ())[0].cells.len() as u64;
    let mut group = criterion.benchmark_group("sensitivity grid of plates/, cells from the wells");
    group.throughput(Throughput::Elements(cells)).sample_size(10).measurement_time(Duration::from_secs(20));
    for threads in [1, 2] {
        group.bench_function(BenchmarkId::new("threads", threads), |bench| {
            bench.iter(|| -> Result<_, Problems> {
                with_threads(Some(threads), || {
                    Ok(sensitivity_grid(plates, visits, &arms, &["active"], protocol, &|_| ()))
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, one_plate, whole_study, thousand_plates, robustness);
criterion_main!(benches);
