//! Every real export of the shared corpus gives exactly what a careful reader of the file finds in it.
//!
//! The corpus (107 files of instruments, with the expected content of each as JSON) lies beside the project; without it these
//! tests say so and pass.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use platewise::plate::read::{Export, ExportKind, Mode};
use platewise::plate::{Reading, WellPosition, formats};
use platewise::sheet::{Book, Place, Problems, isolated};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if folder.join("manifest.json").exists() {
        isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
        Some(folder)
    } else {
        println!("skipped: there is no ../shared/corpus");
        None
    }
}

/// Every file of the corpus with its expected content.
fn files(folder: &Path) -> Vec<(PathBuf, Value)> {
    let manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    let entries = manifest.as_array().unwrap();
    let path = |entry: &Value, key: &str| folder.join(entry[key].as_str().unwrap());
    entries
        .iter()
        .map(|entry| {
            let expected = serde_json::from_slice(&std::fs::read(path(entry, "expected")).unwrap()).unwrap();
            (path(entry, "path"), expected)
        })
        .collect()
}

fn examine(path: &Path) -> Result<(Export, Problems), Problems> {
    let name = path.file_name().unwrap().to_string_lossy();
    formats::examine(&Book::open(path, &name)?, None)
}

/// What differs between an export and what is expected, with counts of what was compared.
#[derive(Default)]
struct Comparison {
    differences: Vec<String>,
    plates: usize,
    reads: usize,
    wells: usize,
    samples: usize,
}

impl Comparison {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: T, expected: T) {
        if found != expected {
            self.differences.push(format!("{what}: found {found:?}, expected {expected:?}"));
        }
    }

    fn export(&mut self, export: &Export, expected: &Value) {
        let kind = serde_json::to_value(export.kind).unwrap();
        self.same("kind", &kind, &expected["kind"]);
        if export.kind != ExportKind::Endpoint && export.kind != ExportKind::Malformed {
            let reads: usize = export.plates.iter().map(|plate| plate.reads.len()).sum();
            self.same("reads of a file without end points", reads, 0);
            self.others(export, expected);
            return;
        }
        let plates = expected["plates"].as_array().unwrap();
        self.same("plates", export.plates.len(), plates.len());
        for (plate, expected) in export.plates.iter().zip(plates) {
            self.plates += 1;
            self.same("plate_id", plate.id.as_deref(), expected["plate_id"].as_str());
            self.same("plate_name", plate.name.as_deref(), expected["plate_name"].as_str());
            self.same("rows", Some(plate.size.rows as u64), expected["rows"].as_u64());
            self.same("cols", Some(plate.size.columns as u64), expected["cols"].as_u64());
            let reads = expected["reads"].as_array().unwrap();
            let labels: Vec<&str> = plate.reads.iter().map(|read| read.label.as_str()).collect();
            self.same(&format!("reads {labels:?}"), plate.reads.len(), reads.len());
            for (read, expected) in plate.reads.iter().zip(reads) {
                self.read(read, expected);
            }
            self.samples(plate, expected);
        }
        self.without_plate(export, expected);
    }

    /// What is named and not read. Where the expected content leaves size, name or mode open, ours may say more.
    fn others(&mut self, export: &Export, expected: &Value) {
        let plates = expected["plates"].as_array().unwrap();
        // BMG LABTECH writes a sheet per plate; the expected content counts the file.
        self.same("at least as many plates", export.plates.len() >= plates.len(), true);
        for (plate, expected) in export.plates.iter().zip(plates) {
            let other = plate.other.expect("a plate without an end point says what it has");
            let read = &expected["reads"][0];
            self.same("type of the read", serde_json::to_value(other.kind).unwrap(), read["type"].clone());
            if let (Some(mode), true) = (read["mode"].as_str(), other.kind != ExportKind::Image) {
                self.same("mode of the read", serde_json::to_value(other.mode).unwrap(), Value::from(mode));
            }
            if let Some(rows) = expected["rows"].as_u64() {
                self.same("rows", other.size.map(|size| size.rows as u64), Some(rows));
                self.same("cols", other.size.map(|size| size.columns as u64), expected["cols"].as_u64());
            }
            if let Some(name) = expected["plate_name"].as_str() {
                self.same("plate_name", plate.name.as_deref(), Some(name));
            }
        }
    }

    fn without_plate(&mut self, export: &Export, expected: &Value) {
        let expected = expected["samples_without_plate"].as_array().cloned().unwrap_or_default();
        self.same("samples without a plate", export.samples_without_plate.len(), expected.len());
        for (found, expected) in export.samples_without_plate.iter().zip(&expected) {
            let text = |key: &str| expected.get(key).and_then(Value::as_str);
            self.same("well of a sample", Some(found.well), text("well").map(|well| well.parse().unwrap()));
            self.same("its name", found.sample.name.as_deref(), text("name"));
            self.same("its group", found.sample.group.as_deref(), text("group"));
        }
    }

    fn read(&mut self, read: &platewise::plate::PlateRead, expected: &Value) {
        self.reads += 1;
        let name = format!("read '{}'", read.label);
        self.same(&format!("{name} label"), read.label.as_str(), expected["label"].as_str().unwrap_or(""));
        let mode = match read.mode {
            Mode::Unknown => Value::Null,
            mode => serde_json::to_value(mode).unwrap(),
        };
        self.same(&format!("{name} mode"), &mode, &expected["mode"]);
        self.same(&format!("{name} derived"), Some(read.derived), expected["derived"].as_bool());
        self.same(&format!("{name} wavelength"), read.wavelength_nm, expected["wavelength_nm"].as_f64());
        self.same(&format!("{name} reference"), read.reference_nm, expected["reference_nm"].as_f64());
        self.same(
            &format!("{name} excitation"),
            read.excitation_nm,
            expected.get("excitation_nm").and_then(Value::as_f64),
        );
        self.same(&format!("{name} unit"), read.unit.as_deref(), expected["unit"].as_str());
        let wells = expected["wells"].as_object().unwrap();
        self.same(&format!("{name} wells"), read.wells.len(), wells.len());
        let masked: Vec<WellPosition> = expected
            .get("masked")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|well| well.as_str().unwrap().parse().unwrap())
            .collect();
        for (well, expected) in wells {
            self.wells += 1;
            let position: WellPosition = well.parse().unwrap();
            let Some(reading) = read.reading(position) else {
                self.differences.push(format!("{name} well {well} is not on the plate"));
                continue;
            };
            let found = serde_json::to_value(reading).unwrap();
            let close = match (found.as_f64(), expected.as_f64()) {
                (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 * expected.abs(),
                _ => &found == expected,
            };
            if !close {
                self.differences.push(format!("{name} well {well}: found {found}, expected {expected}"));
            }
            self.same(
                &format!("{name} well {well} masked"),
                matches!(reading, Reading::Masked { .. }),
                masked.contains(&position),
            );
            if !reading.is_unread() && read.location(position).place == platewise::sheet::Place::Whole {
                self.differences.push(format!("{name} well {well} has no place"));
            }
        }
    }

    fn samples(&mut self, plate: &platewise::plate::ExportedPlate, expected: &Value) {
        let none = serde_json::Map::new();
        let expected: BTreeMap<WellPosition, &Value> = expected["samples"]
            .as_object()
            .unwrap_or(&none)
            .iter()
            // A type code alone is no sample.
            .filter(|(_, sample)| sample.get("name").is_some())
            .map(|(well, sample)| (well.parse().unwrap(), sample))
            .collect();
        self.same("wells with samples", plate.samples.keys().collect::<Vec<_>>(), expected.keys().collect());
        for (well, sample) in &plate.samples {
            self.samples += 1;
            let Some(expected) = expected.get(well) else { continue };
            let text = |key: &str| expected.get(key).and_then(Value::as_str);
            // The corpus says `unknown` where the project says `sample`.
            let role = text("role").map(|role| if role == "unknown" { "sample" } else { role });
            self.same(&format!("sample {well} name"), sample.name.as_deref(), text("name"));
            self.same(&format!("sample {well} role"), sample.role.as_deref(), role);
            self.same(&format!("sample {well} group"), sample.group.as_deref(), text("group"));
            let number = |key: &str| expected.get(key).and_then(Value::as_f64);
            self.same(&format!("sample {well} concentration"), sample.concentration, number("concentration"));
            self.same(&format!("sample {well} unit"), sample.concentration_unit.as_deref(), text("concentration_unit"));
            self.same(
                &format!("sample {well} dilution"),
                sample.dilution,
                number("dilution").or(number("conc_or_dil")),
            );
            let masked = expected.get("masked").and_then(Value::as_bool).unwrap_or(false);
            self.same(&format!("sample {well} masked"), sample.masked, masked);
        }
    }
}

#[test]
fn every_real_export_gives_exactly_its_content() {
    let Some(folder) = corpus() else { return };
    let (mut total, mut wrong) = (Comparison::default(), Vec::new());
    let files = files(&folder);
    for (path, expected) in &files {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let mut comparison = Comparison::default();
        match examine(path) {
            Ok((export, problems)) => {
                comparison.export(&export, expected);
                let refused = !problems.0.is_empty();
                comparison.same("refused", refused, export.kind != ExportKind::Endpoint);
            }
            Err(problems) if expected["kind"] == "malformed" => assert!(!problems.0.is_empty()),
            Err(problems) => comparison.differences.push(problems.to_string()),
        }
        if !comparison.differences.is_empty() {
            comparison.differences.truncate(12);
            wrong.push(format!("{name}\n    {}", comparison.differences.join("\n    ")));
        }
        total.plates += comparison.plates;
        total.reads += comparison.reads;
        total.wells += comparison.wells;
        total.samples += comparison.samples;
    }
    println!(
        "{} files: {} plates, {} reads, {} wells, {} samples compared",
        files.len(),
        total.plates,
        total.reads,
        total.wells,
        total.samples
    );
    assert!(wrong.is_empty(), "{} of {} files differ:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

/// The comparison above sees one digit, one token and one sample that are not as expected.
#[test]
fn a_wrong_digit_is_seen() {
    let Some(folder) = corpus() else { return };
    let files = files(&folder);
    let (path, expected) = files.iter().find(|(path, _)| path.ends_with("bulqi__Assay_2.txt")).unwrap();
    let (export, _) = examine(path).unwrap();
    let differences = |expected: &Value| {
        let mut comparison = Comparison::default();
        comparison.export(&export, expected);
        comparison.differences
    };
    assert_eq!(differences(expected), Vec::<String>::new());
    let mut wrong = expected.clone();
    let well = &mut wrong["plates"][0]["reads"][0]["wells"]["C3"];
    let value = well.as_f64().unwrap();
    *well = Value::from(value + 1e-4);
    assert!(matches!(&differences(&wrong)[..], [only] if only.contains("well C3")), "{:?}", differences(&wrong));
    let mut wrong = expected.clone();
    wrong["plates"][0]["reads"][0]["wells"]["C3"] = Value::from("OVRFLW");
    assert!(matches!(&differences(&wrong)[..], [only] if only.contains("OVRFLW")));
    let mut wrong = expected.clone();
    let (_, sample) = wrong["plates"][0]["samples"].as_object_mut().unwrap().iter_mut().next().unwrap();
    sample["name"] = Value::from("another");
    assert_eq!(differences(&wrong).len(), 1);
}

#[test]
fn exactly_one_format_knows_each_file() {
    let Some(folder) = corpus() else { return };
    for (path, expected) in files(&folder) {
        let name = path.file_name().unwrap().to_string_lossy().to_string();
        let book = Book::open(&path, &name).unwrap();
        for general in [false, true] {
            let formats = || formats::FORMATS.iter().filter(|format| format.description().general == general);
            let accepting: Vec<&str> = formats()
                .filter(|format| format.recognise(&book).is_ok())
                .map(|format| format.description().name)
                .collect();
            // Of the general formats several may fit a file that a special one knows; they are not asked then.
            assert!(general || accepting.len() <= 1, "{name}: {accepting:?}");
        }
        let known = formats::recognise(&book, None);
        assert_eq!(known.is_err(), name == "garbage_error.txt", "{name} ({}): {:?}", expected["kind"], known.err());
        // Read by force as another format, a file gives a refusal, never a panic.
        for format in formats::FORMATS {
            let _ = formats::examine(&book, Some(format.description().name));
        }
    }
}

/// Every line of text and every row of a sheet in which something stands belongs to a block that says what was made of it; a
/// sheet as a whole may be one.
fn lines_without_a_word(book: &Book, export: &Export) -> Vec<String> {
    let mut covered: std::collections::BTreeSet<(Option<&str>, usize)> = std::collections::BTreeSet::new();
    for block in &export.blocks {
        let first = match block.location.place {
            Place::Line { line, .. } => line,
            Place::Cell { row, .. } => row,
            Place::Whole => panic!("a block without a place: {}", block.what),
        };
        assert!(!block.what.is_empty() && !block.made.is_empty(), "{block:?}");
        covered.extend((0..block.rows).map(|row| (block.location.sheet.as_deref(), first as usize + row)));
    }
    let rows = book.sheets.iter().flat_map(|sheet| (0..sheet.rows.len()).map(move |row| (sheet, row)));
    rows.filter(|&(sheet, row)| !sheet.is_blank(row) && !covered.contains(&(sheet.name.as_deref(), row + 1)))
        .map(|(sheet, row)| sheet.location(row, 0).to_string())
        .collect()
}

#[test]
fn every_row_of_every_file_is_accounted_for() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let own = std::fs::read_dir(own).unwrap().map(|entry| entry.unwrap().path());
    let own = own.filter(|path| path.extension().is_none_or(|extension| extension != "md"));
    let corpus = corpus().map(|folder| files(&folder)).unwrap_or_default();
    let mut rows = 0;
    for path in own.chain(corpus.into_iter().map(|(path, _)| path)) {
        let Ok((export, _)) = examine(&path) else { continue };
        let book = Book::open(&path, &export.file).unwrap();
        rows += book.sheets.iter().map(|sheet| sheet.rows.len()).sum::<usize>();
        assert_eq!(lines_without_a_word(&book, &export), Vec::<String>::new(), "{}", export.file);
    }
    assert!(rows > 100);
    println!("{rows} rows accounted for");
}
