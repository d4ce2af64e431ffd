//! `plates/` is what its protocol and seed give, in the true formats of readers, and `platewise simulate` overwrites nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use calamine::{Data, Reader as _, Xlsx};
use platewise::files::{MANIFEST, OutputFile};
use platewise::plate::samples::SampleList;
use platewise::plate::{AssayPlate, Layout, Reading, formats};
use platewise::protocol;
use platewise::sheet::Book;
use platewise::simulate::{self, SimulatedPlate, SimulatedTrial, SimulationProtocol, study_files, truth_files};

/// The seed of `plates/`, as its README says it.
const SEED: u64 = 12162;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn protocol() -> SimulationProtocol {
    let text = fs::read_to_string(project("fixtures/simulation/protocol.toml")).unwrap();
    SimulationProtocol::from_toml(&text, "fixtures/simulation/protocol.toml").unwrap()
}

fn trial() -> SimulatedTrial {
    simulate::trial(&protocol(), SEED).unwrap()
}

/// All files below a folder by their path, but for what the program writes into a study.
fn on_disk(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() && name != "results" {
                folders.push(path);
            } else if path.is_file() && ![MANIFEST, "arms-opened.jsonl"].contains(&name.as_str()) {
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

fn by_path(files: Vec<OutputFile>) -> BTreeMap<String, Vec<u8>> {
    files.into_iter().map(|file| (file.name, file.bytes)).collect()
}

#[test]
fn plates_and_truth_are_byte_for_byte_what_protocol_and_seed_give() {
    let trial = trial();
    for (folder, made) in [
        ("plates", by_path(study_files(&trial).unwrap())),
        ("fixtures/simulation/truth", by_path(truth_files(&trial).unwrap())),
    ] {
        let found = on_disk(&project(folder));
        assert_eq!(found.keys().collect::<Vec<_>>(), made.keys().collect::<Vec<_>>(), "{folder}");
        for (path, bytes) in &made {
            assert!(
                found[path] == *bytes,
                "{folder}/{path} differs; make it again as fixtures/simulation/README.md says"
            );
        }
    }
}

#[test]
fn the_protocol_of_plates_writes_out_every_default() {
    assert_eq!(protocol(), SimulationProtocol::default());
    assert!(fs::read_to_string(project("plates/README.md")).unwrap().contains(&format!("--seed {SEED}")));
}

#[test]
fn plates_holds_no_truth_and_says_that_it_is_simulated() {
    let trial = trial();
    let files = by_path(study_files(&trial).unwrap());
    for path in ["README.md", "study.toml", "exports/P02-P03.txt"] {
        assert!(String::from_utf8_lossy(&files[path]).to_lowercase().contains("simulated"), "{path}");
    }
    assert!(utf16(&files["exports/P01.txt"]).contains("SIMULATED DATA"));
    // The arms stand in one file only.
    let says_an_arm = |path: &str| {
        // As cells, so that what is written in UTF-16 or packed in a workbook is seen, too.
        let book = Book::from_bytes(&files[path], path).unwrap();
        let mut cells = book.sheets.iter().flat_map(|sheet| sheet.rows.iter().flatten());
        cells.any(|cell| cell.text().contains("active"))
    };
    for path in files.keys().filter(|path| path.as_str() != "README.md") {
        assert_eq!(says_an_arm(path), path == "arms.csv", "{path}");
    }
    assert!(!String::from_utf8_lossy(&files["README.md"]).contains("active"));
}

#[test]
fn something_of_everything_happens_in_plates() {
    let trial = trial();
    let diluted: Vec<f64> = trial.samples.iter().map(|sample| sample.concentration / 10.0).collect();
    assert!(diluted.iter().filter(|&&x| x > 2000.0).count() >= 3);
    assert!(diluted.iter().filter(|&&x| x < 31.25).count() >= 3);
    let words: Vec<&str> = trial.plates.iter().flat_map(|plate| plate.wells.iter().map(|well| well.mishap)).collect();
    for mishap in ["not washed", "missed by the reader", "wrong volume of sample", "standards exchanged"] {
        assert!(words.contains(&mishap), "{mishap}");
    }
    let purposes: Vec<&str> =
        trial.plates.iter().map(|plate| plate.plate.repeats.as_deref().unwrap_or_default()).collect();
    assert_eq!(purposes, ["", "", "", "", "", "", "", "P04", ""]);
}

/// Text in UTF-16LE, which has to begin with the byte order mark.
fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(units[0], 0xfeff, "byte order mark");
    String::from_utf16(&units[1..]).unwrap()
}

/// What a grid of a file has to hold: one line per row of the plate, each cell as the reader writes it.
fn expected(plate: &SimulatedPlate, reference: bool, number: impl Fn(f64) -> String) -> Vec<Vec<String>> {
    let word = |reading: &Reading| match reading {
        Reading::Measured(value) => number(*value),
        Reading::Saturated(text) | Reading::Missing(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    let cells = plate.wells.iter().map(|well| word(if reference { &well.reference } else { &well.reading }));
    cells.collect::<Vec<_>>().chunks(12).map(<[String]>::to_vec).collect()
}

#[test]
fn softmax_pro_text_is_as_the_software_writes_it() {
    let trial = trial();
    let files = by_path(study_files(&trial).unwrap());
    for (at, path) in [(0, "exports/P01.txt"), (5, "exports/P06.txt")] {
        let plate = &trial.plates[at];
        let text = utf16(&files[path]);
        assert!(text.ends_with("\r\n") && text.matches('\n').count() == text.matches("\r\n").count());
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "##BLOCKS= 5");
        assert_eq!(lines.iter().filter(|line| line.trim() == "~End").count(), 5);
        let start = lines.iter().position(|line| line.starts_with("Plate:")).unwrap();
        let head: Vec<&str> = lines[start].split('\t').collect();
        // Field by field as formats describe it; 24 fields, as real files of this version have.
        assert_eq!(head[1], plate.plate.id);
        assert_eq!(head[2..9], ["1.3", "PlateFormat", "Endpoint", "Absorbance", "Raw", "FALSE", "1"]);
        assert_eq!(head[14..21], ["2", "450 570 ", "1", "12", "96", "1", "8"]);
        assert_eq!(head.len(), 24);
        assert!(lines[start + 1].starts_with("\tTemperature(\u{a1}C)\t1\t2\t"));
        let (read, reference) =
            (expected(plate, false, |od| od.to_string()), expected(plate, true, |od| od.to_string()));
        for row in 0..8 {
            let fields: Vec<&str> = lines[start + 2 + row].split('\t').collect();
            assert_eq!((fields[0], fields[1].is_empty()), ("", row > 0), "temperature on the first line only");
            assert_eq!(fields[2..14], read[row], "450 nm, row {row}");
            assert_eq!(fields[14], "", "between the wavelengths");
            assert_eq!(fields[15..27], reference[row], "570 nm, row {row}");
        }
        assert_eq!(lines[start + 10], "");
        assert!(lines[start + 11].starts_with("\t\t1\t2\t"), "the reduced grid");
        assert!(lines[lines.len() - 2].starts_with("Original Filename: "));
    }
}

#[test]
fn gen5_text_holds_one_section_per_plate() {
    let trial = trial();
    let files = by_path(study_files(&trial).unwrap());
    let text = String::from_utf8(files["exports/P02-P03.txt"].clone()).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    let sections: Vec<&str> = text.split("Software Version\t").skip(1).collect();
    assert_eq!(sections.len(), 2);
    for (n, section) in sections.iter().enumerate() {
        let plate = &trial.plates[1 + n];
        assert!(section.contains(&format!("\r\nPlate Number\tPlate {}\r\n", n + 1)));
        assert!(section.contains("\r\nReading Type\tSimulation\r\n"));
        assert!(section.contains("\r\n\tWavelengths:  450, 570\r\n"));
        let (_, results) = section.split_once("\r\nResults\r\n").unwrap();
        let lines: Vec<Vec<&str>> = results.split("\r\n").map(|line| line.split('\t').collect()).collect();
        assert_eq!(lines[0].len(), 13);
        let (read, reference) =
            (expected(plate, false, |od| format!("{od:.4}")), expected(plate, true, |od| format!("{od:.4}")));
        for (row, letter) in ["A", "B", "C", "D", "E", "F", "G", "H"].into_iter().enumerate() {
            let [first, second, derived] = [0, 1, 2].map(|line| &lines[1 + 3 * row + line]);
            assert_eq!(
                (first[0], &first[1..13], first[13]),
                (letter, read[row].iter().map(String::as_str).collect::<Vec<_>>().as_slice(), "450")
            );
            assert_eq!((second[0], second[13]), ("", "570"));
            assert_eq!(second[1..13], reference[row]);
            assert_eq!((derived[0], derived[13]), ("", "Delta OD"));
        }
    }
    assert!(text.contains("OVRFLW") && text.contains("MISSED") && text.contains("?????"));
}

/// The first sheet of a workbook as rows of text, from A1.
fn sheet(bytes: &[u8]) -> (String, Vec<Vec<Data>>) {
    let mut book = Xlsx::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let name = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&name).unwrap();
    let end = range.end().unwrap();
    let row = |row| (0..=end.1).map(|column| range.get_value((row, column)).cloned().unwrap_or_default()).collect();
    (name, (0..=end.0).map(row).collect())
}

fn text(cell: &Data) -> String {
    cell.to_string()
}

fn texts(cells: &[Data]) -> Vec<String> {
    cells.iter().map(text).collect()
}

#[test]
fn gen5_workbook_stands_one_column_to_the_right() {
    let trial = trial();
    let files = by_path(study_files(&trial).unwrap());
    for (at, path) in [(3, "exports/P04.xlsx"), (6, "exports/P07.xlsx")] {
        let plate = &trial.plates[at];
        let (name, rows) = sheet(&files[path]);
        assert_eq!(name, "Plate 1 - Sheet1");
        assert_eq!((rows[1][0].to_string(), rows[1][1].to_string()), ("Software Version".into(), "3.12.08".into()));
        let key = |key: &str| rows.iter().find(|row| text(&row[0]) == key).unwrap();
        assert!(matches!(key("Date")[1], Data::DateTime(_)));
        assert_eq!(key("Reading Type")[1].to_string(), "Simulation");
        let results = rows.iter().position(|row| text(&row[0]) == "Results").unwrap();
        assert!(rows[results + 1].iter().all(|cell| *cell == Data::Empty));
        assert_eq!(texts(&rows[results + 2][2..5]), ["1", "2", "3"]);
        let (read, reference) =
            (expected(plate, false, |od| od.to_string()), expected(plate, true, |od| od.to_string()));
        for row in 0..8 {
            let [first, second] = [0, 1].map(|line| &rows[results + 3 + 3 * row + line]);
            assert_eq!(first[1].to_string(), char::from(b'A' + row as u8).to_string());
            assert_eq!(texts(&first[2..14]), read[row]);
            assert_eq!(first[14].to_string(), "TARC:450");
            assert_eq!(texts(&second[2..14]), reference[row]);
            assert_eq!(second[14].to_string(), "TARC:570");
        }
    }
}

#[test]
fn grid_workbook_has_a_titled_grid_per_wavelength() {
    let trial = trial();
    let files = by_path(study_files(&trial).unwrap());
    for (at, path) in [(4, "exports/P05.xlsx"), (8, "exports/P09.xlsx")] {
        let plate = &trial.plates[at];
        let (name, rows) = sheet(&files[path]);
        assert_eq!(name, plate.plate.id);
        assert!(rows[0][0].to_string().starts_with("SIMULATED DATA"));
        for (title, reference) in [("450", false), ("570", true)] {
            let top = rows.iter().position(|row| text(&row[0]) == title).unwrap();
            assert_eq!(texts(&rows[top + 1][1..13]), (1..=12).map(|column| column.to_string()).collect::<Vec<_>>());
            for (row, cells) in expected(plate, reference, |od| od.to_string()).iter().enumerate() {
                assert_eq!(texts(&rows[top + 2 + row][1..13]), *cells);
            }
        }
    }
}

#[test]
fn the_program_reads_back_what_was_simulated_to_the_last_digit() {
    let trial = trial();
    let folder = project("plates");
    let declared = protocol::read(&folder).unwrap().assay;
    let samples = SampleList::read(&Book::open(&folder.join("samples.csv"), "samples.csv").unwrap().sheets[0]).unwrap();
    assert_eq!(samples.iter().count(), trial.samples.len());
    assert_eq!(declared.plates.len(), trial.plates.len());
    for (entry, simulated) in declared.plates.iter().zip(&trial.plates) {
        let name = entry.export.display().to_string();
        let export = formats::read(&folder.join(&entry.export), &name, None).unwrap();
        let layouts = Book::open(&folder.join(&entry.layout), "layout").unwrap();
        let sheet = match &entry.layout_sheet {
            Some(name) => layouts.sheets.iter().find(|sheet| sheet.name.as_deref() == Some(name)).unwrap(),
            None => &layouts.sheets[0],
        };
        let layout = Layout::read(sheet, &declared).unwrap();
        let read = AssayPlate::join(entry, &export, &layout, &samples, &declared.method).unwrap();
        let expected = simulated.assay_plate(&trial.protocol);
        assert_eq!((&read.id, &read.read), (&expected.id, &expected.read));
        assert_eq!(read.wells.len(), expected.wells.len(), "{}", entry.id);
        for (read, expected) in read.wells.iter().zip(&expected.wells) {
            assert_eq!(read.position, expected.position);
            assert_eq!(read.role, expected.role, "{} {}", entry.id, read.position);
            assert_eq!(read.reading, expected.reading, "{} {}", entry.id, read.position);
            assert_eq!(read.reference, expected.reference, "{} {}", entry.id, read.position);
            assert_eq!(read.response, expected.response, "{} {}", entry.id, read.position);
        }
        assert_eq!(read.warnings, [], "{}", entry.id);
    }
}

#[test]
fn benchmarks_get_as_many_full_plates_as_they_ask_for() {
    let trial = simulate::plates(25, 1).unwrap();
    assert_eq!(trial.plates.len(), 25);
    assert_eq!(trial.samples.len(), 25 * 34);
    let files = study_files(&trial).unwrap();
    assert_eq!(files.iter().filter(|file| file.name.starts_with("exports/")).count(), 25);
    assert_eq!(files.iter().filter(|file| file.name.starts_with("layouts/")).count(), 25);
}

fn platewise() -> Command {
    Command::cargo_bin("platewise").unwrap()
}

#[test]
fn the_command_makes_a_study_and_overwrites_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let (study, truth) = (temporary.path().join("study"), temporary.path().join("truth"));
    let run = |extra: &[&str]| {
        let mut command = platewise();
        command.arg("simulate").arg(project("fixtures/simulation/protocol.toml"));
        command.args(["--seed", &SEED.to_string()]).arg("--out").arg(&study).arg("--truth").arg(&truth).args(extra);
        command.assert()
    };
    let words = run(&[]).success();
    let words = String::from_utf8(words.get_output().stdout.clone()).unwrap();
    assert!(words.contains("114 participants, 219 samples, 9 plates"), "{words}");
    assert!(on_disk(&study) == on_disk(&project("plates")));
    assert!(on_disk(&truth) == on_disk(&project("fixtures/simulation/truth")));

    let mut into_study = platewise();
    into_study.arg("simulate").arg(project("fixtures/simulation/protocol.toml")).args(["--seed", "1", "--out"]);
    into_study.arg(temporary.path().join("new")).arg("--truth").arg(temporary.path().join("new/truth"));
    into_study.assert().code(2);
    assert!(!temporary.path().join("new").exists());

    fs::write(study.join("notes.txt"), "mine").unwrap();
    let refused = run(&[]).code(2);
    let words = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(words.contains("is not empty") && words.contains("--replace"), "{words}");
    run(&["--replace"]).success();
    assert_eq!(fs::read_to_string(study.join("notes.txt")).unwrap(), "mine");
}

#[test]
fn what_is_wrong_in_a_protocol_is_said_and_nothing_is_made() {
    let temporary = tempfile::tempdir().unwrap();
    let (protocol, out) = (temporary.path().join("protocol.toml"), temporary.path().join("study"));
    for (text, words) in [
        ("[noise]\nsise = 0.1", "line 2: unknown key 'sise' in [noise]"),
        ("[participants]\ndropout = 2", "dropout = 2 in [participants]; expected a probability from 0 to 1"),
        ("[mishaps]\nvolume = [{ plate = 'P01', well = 'A01', factor = 2 }]", "cannot happen in well A01 of plate P01"),
        (
            "[participants]\nnamed = [{ number = 2, id = '106-001' }, { number = 3, id = '101-001' }]\nsites = 1",
            "two participants are called '101-001'",
        ),
        ("[[arm]]\nname = 'all'\nparticipants = 500\nratios = [1]", "do not fit on the declared plates"),
    ] {
        fs::write(&protocol, text).unwrap();
        let mut command = platewise();
        command.arg("simulate").arg(&protocol).args(["--seed", "1", "--out"]).arg(&out);
        let failed = command.assert().code(2);
        let found = String::from_utf8(failed.get_output().stderr.clone()).unwrap();
        assert!(found.contains(words), "{found}");
        assert!(!out.exists());
    }
    let mut command = platewise();
    command.arg("simulate").arg(temporary.path().join("none.toml")).args(["--seed", "1", "--out"]).arg(&out);
    command.assert().code(2);
}
