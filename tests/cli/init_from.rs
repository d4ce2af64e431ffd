//! `init --from`: the study that it makes of real exports runs once its layouts and its list of samples are filled in.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use platewise::pipeline;
use platewise::plate::formats;
use platewise::plate::read::ExportKind;
use platewise::sheet::{Book, isolated};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn init(dir: &Path, exports: &[PathBuf]) -> std::process::Output {
    let mut command = Command::cargo_bin("platewise").unwrap();
    command.arg("init").arg(dir).arg("--from").args(exports).output().unwrap()
}

/// Fills in a layout as a laboratory would: standards in the first used wells, two controls, samples in the others.
fn fill_in(study: &Path) {
    let mut samples = String::from("sample,subject,visit,dilution\n");
    for entry in fs::read_dir(study.join("layouts")).unwrap() {
        let path = entry.unwrap().path();
        let plate = path.file_stem().unwrap().to_string_lossy().into_owned();
        let form = fs::read_to_string(&path).unwrap();
        let grid: Vec<Vec<String>> = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(form.split("\n\n").next().unwrap().as_bytes())
            .records()
            .map(|row| row.unwrap().iter().map(str::to_string).collect())
            .collect();
        let used: Vec<String> = grid[1..]
            .iter()
            .flat_map(|row| (1..row.len()).filter(|&at| row[at] != "unused").map(|at| format!("{}{at}", row[0])))
            .collect();
        let standards = (used.len() / 2).min(16);
        let mut layout = String::from("well,role,sample,concentration\n");
        for (index, well) in used.iter().enumerate() {
            layout += &match index {
                _ if index < standards => format!("{well},standard,,{}\n", 2000.0 / 2_f64.powi(index as i32 / 2)),
                _ if index < standards + 2 => format!("{well},control,mid,300\n"),
                _ => format!("{well},sample,{plate} {well},\n"),
            };
            if index >= standards + 2 {
                samples += &format!("{plate} {well},{plate}-{index},Baseline,1\n");
            }
        }
        fs::write(path, layout).unwrap();
    }
    fs::write(study.join("samples.csv"), samples).unwrap();
}

/// Makes a study of the exports, fills it in and quantifies it; gives the plates that could not be read, with the reason.
fn unread_plates(exports: &[PathBuf]) -> (usize, Vec<String>) {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    let output = init(&study, exports);
    assert!(output.status.success(), "{exports:?}: {}", String::from_utf8_lossy(&output.stderr));
    for export in exports {
        let copy = study.join("exports").join(export.file_name().unwrap());
        assert_eq!(fs::read(copy).unwrap(), fs::read(export).unwrap(), "exports stay as they are");
    }
    fill_in(&study);
    let quantified = pipeline::quantify(&study, &|_| {}).unwrap_or_else(|wrong| panic!("{exports:?}: {wrong}"));
    let unread: Vec<_> = quantified.plates.iter().filter(|plate| plate.concentrations.is_none()).collect();
    let said = String::from_utf8_lossy(&output.stderr).contains("raw read");
    assert!(unread.is_empty() || said, "{exports:?}: init did not say that more than a layout is needed");
    (quantified.plates.len(), unread.iter().map(|plate| format!("{exports:?} {}", plate.verdict.reason)).collect())
}

/// The files below a folder that hold end-point reads, each with the number of its plates.
fn end_point_exports(folder: &Path) -> Vec<(PathBuf, usize)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.extend((name != "expected" && name != "LICENSES").then_some(path));
                continue;
            }
            let examined = Book::open(&path, &name).and_then(|book| formats::examine(&book, None));
            if let Ok((export, problems)) = examined
                && export.kind == ExportKind::Endpoint
                && problems.0.is_empty()
            {
                found.push((path, export.plates.len()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn the_exports_of_the_study_that_comes_with_the_program() {
    let exports: Vec<PathBuf> =
        end_point_exports(&root().join("plates/exports")).into_iter().map(|(path, _)| path).collect();
    let (plates, unread) = unread_plates(&exports);
    assert_eq!((plates, unread), (9, vec![]));
}

#[test]
fn what_the_exports_declare_is_in_the_files() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("my study");
    let output = init(&study, &[root().join("plates/exports/P01.txt"), root().join("plates/exports/P02-P03.txt")]);
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(words.contains("P01: SoftMax Pro text, 96 wells (8 × 12), 450 nm and 570 nm, 94 wells"), "{words}");
    let toml = fs::read_to_string(study.join("study.toml")).unwrap();
    let protocol = platewise::protocol::parse(&toml).unwrap();
    assert_eq!((protocol.assay.study.id.as_str(), protocol.assay.study.simulated), ("my study", false));
    assert_eq!((protocol.assay.method.read_nm, protocol.assay.method.reference_nm), (Some(450.0), Some(570.0)));
    let plates: Vec<_> =
        protocol.assay.plates.iter().map(|plate| (plate.id.as_str(), plate.plate.as_deref())).collect();
    assert_eq!(plates, [("P01", None), ("Plate 1", Some("Plate 1")), ("Plate 2", Some("Plate 2"))]);
    assert!(toml.contains("# CDISC's STUDYID") && toml.contains("# kit_lot"), "the comments are there");
    let layout = fs::read_to_string(study.join("layouts/P01.csv")).unwrap();
    assert!(layout.contains("\nA,standard,standard,control,") && layout.contains("\nA,2000,2000,90,"), "{layout}");
    assert!(fs::read_to_string(study.join("samples.csv")).unwrap().contains("\n102-001-W00,,,,\n"));
    // Nothing is written over.
    assert_eq!(init(&study, &[root().join("plates/exports/P01.txt")]).status.code(), Some(2));
}

#[test]
fn an_export_that_cannot_be_analysed_is_named_and_nothing_is_written() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    let output = init(&study, &[root().join("plates/exports/P01.txt"), root().join("README.md")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("README.md: no reader knows this file"));
    assert!(!study.exists());
}

/// Every end-point export of the corpus of real files, where that is there: each as a study of its own.
#[test]
fn every_real_export_becomes_a_study_that_runs() {
    let corpus = root().join("../shared/corpus");
    if !corpus.exists() {
        println!("skipped: there is no ../shared/corpus");
        return;
    }
    isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
    let (mut runs, mut unread) = (0, Vec::new());
    for (path, plates) in end_point_exports(&corpus) {
        let (found, wrong) = unread_plates(&[path]);
        assert_eq!(found, plates);
        runs += 1;
        unread.extend(wrong);
    }
    assert!(runs > 40, "{runs}");
    // Two fluorescence reads of one emission wavelength, or nothing but derived values: no setting says which to analyse.
    assert!(unread.len() <= 7 && unread.iter().all(|reason| reason.contains("raw read")), "{unread:#?}");
}
