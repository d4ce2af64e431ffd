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

/// Two plates of one protocol of the reader: the same names in the same wells, which are other samples.
#[test]
fn names_that_hold_within_one_plate_are_said_by_one_word() {
    let place = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(root().join("fixtures/reconcile/gen5.txt")).unwrap();
    let second = text.lines().map(|line| {
        let is_read = line.ends_with("\t450");
        let cell = |(at, cell): (usize, &str)| match cell.parse::<f64>() {
            Ok(od) if is_read && at > 0 && cell != "450" => format!("{:.3}", od * [1.031, 0.983][at % 2] + 0.002),
            _ => cell.to_string(),
        };
        line.split('\t').enumerate().map(cell).collect::<Vec<_>>().join("\t")
    });
    let paths = ["A.txt", "B.txt"].map(|name| place.path().join(name));
    fs::write(&paths[0], &text).unwrap();
    fs::write(&paths[1], second.collect::<Vec<_>>().join("\n")).unwrap();

    let asked = init(&place.path().join("asked"), &paths);
    assert!(String::from_utf8_lossy(&asked.stdout).contains("whose names they are: A and B"), "{asked:?}");
    assert!(String::from_utf8_lossy(&asked.stderr).contains("2 sample names are on more than one plate"), "{asked:?}");

    let study = place.path().join("said");
    let mut command = Command::cargo_bin("platewise").unwrap();
    let said = command.arg("init").arg(&study).args(["--unit", "pg/mL", "--per-plate", "--from"]).args(&paths);
    let said = said.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(!out.contains("whose names") && !err.contains("on more than one plate"), "{out}{err}");
    let quantified = pipeline::quantify(&study, &|_| {}).unwrap();
    let mut names: Vec<&str> = quantified.results.iter().map(|result| result.sample.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["A:SPL1", "A:SPL2", "B:SPL1", "B:SPL2"]);
    assert!(quantified.results.iter().all(|result| result.quantity.to_string().parse::<f64>().is_ok()), "{names:?}");
}

#[test]
fn an_export_that_cannot_be_analysed_is_named_and_nothing_is_written() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    let output = init(&study, &[root().join("plates/exports/P01.txt"), root().join("README.md")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("README.md: the format of this file is not known"));
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

/// Writes one export and makes a study of it: the wavelengths that it analyses, and what was said.
fn proposed(text: &str) -> (Option<f64>, Option<f64>, String) {
    let place = tempfile::tempdir().unwrap();
    let export = place.path().join("export.txt");
    fs::write(&export, text).unwrap();
    of_study(&place.path().join("study"), &[export])
}

fn of_study(study: &Path, exports: &[PathBuf]) -> (Option<f64>, Option<f64>, String) {
    let output = init(study, exports);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let method =
        platewise::protocol::parse(&fs::read_to_string(study.join("study.toml")).unwrap()).unwrap().assay.method;
    (method.read_nm, method.reference_nm, said)
}

/// A plate drawn once for each title, with made-up values.
fn grids(titles: &[&str]) -> String {
    let value = |row: usize, column: usize, k: usize| {
        format!("\t{:.3}", 0.05 + 0.1 * row as f64 + 0.007 * column as f64 + 0.01 * k as f64)
    };
    let row = |row: usize, k: usize| {
        format!("{}{}\n", char::from(b'A' + row as u8), (0..12).map(|column| value(row, column, k)).collect::<String>())
    };
    let header: String = (1..=12).map(|column| format!("\t{column}")).collect();
    let grid = |(k, title): (usize, &&str)| {
        format!("{title}\n{header}\n{}\n", (0..8).map(|at| row(at, k)).collect::<String>())
    };
    titles.iter().enumerate().map(grid).collect()
}

/// Gen5 with one read step for each of two assays, or with one for both wavelengths.
fn gen5(steps: &[(&str, &[u32])]) -> String {
    let mut procedure = String::new();
    let mut labels = Vec::new();
    for (name, wavelengths) in steps {
        let listed: Vec<String> = wavelengths.iter().map(u32::to_string).collect();
        procedure +=
            &format!("Read\t{name}\n\tAbsorbance Endpoint\n\tFull Plate\n\tWavelengths:  {}\n", listed.join(", "));
        let prefix = if name.is_empty() { String::new() } else { format!("{name}:") };
        labels.extend(listed.iter().map(|nm| format!("{prefix}{nm}")));
    }
    let mut results: String = (1..=12).map(|column| format!("\t{column}")).collect::<String>() + "\n";
    for row in 0..8 {
        for (k, label) in labels.iter().enumerate() {
            let letter = if k == 0 { char::from(b'A' + row as u8).to_string() } else { String::new() };
            let values: String = (0..12)
                .map(|column| {
                    format!("\t{:.3}", 0.1 + 0.1 * f64::from(row) + 0.003 * f64::from(column) + 0.01 * k as f64)
                })
                .collect();
            results += &format!("{letter}{values}\t{label}\n");
        }
    }
    format!(
        "\nSoftware Version\t3.12.08\n\nPlate Number\tPlate 1\nReader Type:\tSynergy H1\n\nProcedure Details\n\nPlate Type\t96 WELL PLATE\n\
         {procedure}\nResults\n{results}"
    )
}

#[test]
fn the_usual_pairs_of_one_read_step_are_proposed() {
    for reference in [540, 560, 570, 595, 600, 620, 630] {
        let found = proposed(&grids(&["450 nm", &format!("{reference} nm")]));
        assert_eq!((found.0, found.1), (Some(450.0), Some(f64::from(reference))), "{}", found.2);
        let found = proposed(&gen5(&[("", &[450, reference])]));
        assert_eq!((found.0, found.1), (Some(450.0), Some(f64::from(reference))), "{}", found.2);
        let found = proposed(&gen5(&[("TARC", &[450, reference])]));
        assert_eq!((found.0, found.1), (Some(450.0), Some(f64::from(reference))), "{}", found.2);
        assert!(!found.2.contains("measured too"), "{}", found.2);
    }
}

#[test]
fn other_wavelengths_are_no_reference_unless_the_file_says_so() {
    for (read, other) in [(450, 655), (450, 690), (405, 570), (405, 650), (540, 690), (490, 630)] {
        let (first, reference, said) = proposed(&grids(&[&format!("{read} nm"), &format!("{other} nm")]));
        assert_eq!((first, reference), (Some(f64::from(read)), None), "{said}");
        assert!(said.contains(&format!("{other} nm is measured too, and not taken for its reference")), "{said}");
    }
    // The difference of the two, of that sign, says so.
    let (read, reference, said) = proposed(&grids(&["405 nm", "492 nm", "405-492"]));
    assert_eq!((read, reference), (Some(405.0), Some(492.0)), "{said}");
    let (read, reference, said) = proposed(&grids(&["405 nm", "492 nm", "492-405"]));
    assert_eq!((read, reference), (Some(405.0), None), "{said}");
}

#[test]
fn two_assays_are_never_subtracted() {
    for (one, other) in [(("nitrite", 540), ("phosphate", 660)), (("TARC", 450), ("viability", 570))] {
        let text = gen5(&[(one.0, &[one.1]), (other.0, &[other.1])]);
        let (read, reference, said) = proposed(&text);
        assert_eq!((read, reference), (Some(f64::from(one.1)), None), "{said}");
        assert!(said.contains(&format!("{} nm is measured too, and not taken for its reference", other.1)), "{said}");
    }
    // Two steps of one name are two measurements as well.
    let (_, reference, said) = proposed(&gen5(&[("Read 1", &[450]), ("Read 2", &[570])]));
    assert_eq!(reference, None, "{said}");
}

#[test]
fn what_the_reader_has_subtracted_or_not_is_no_second_reference() {
    let optron = fs::read_to_string(root().join("fixtures/exports/opentrons_450.csv")).unwrap();
    let with = |nm: &str| {
        optron.replace(
            "Sample Wavelength (nm),450",
            &format!("Sample Wavelength (nm),450\nReference Wavelength (nm),{nm}"),
        )
    };
    for (nm, in_json) in [("-1", serde_json::Value::Null), ("0", serde_json::Value::Null), ("620", 620.0.into())] {
        let (read, reference, said) = proposed(&with(nm));
        assert_eq!((read, reference), (Some(450.0), None), "{nm}: {said}");
        assert!(!said.contains("reference"), "{nm}: {said}");
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("export.csv");
        fs::write(&path, with(nm)).unwrap();
        let shown =
            Command::cargo_bin("platewise").unwrap().args(["inspect", "--format", "json"]).arg(&path).output().unwrap();
        let files: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
        assert_eq!(files[0]["plates"][0]["reads"][0]["reference_nm"], in_json, "{nm}");
    }
}

/// The same faults in a file of the shared cases, where those are there.
#[test]
fn two_assays_of_a_shared_case_are_not_subtracted() {
    let case = root().join("../shared/cases/readers/20_two_assays_two_wavelengths.txt");
    if !case.exists() {
        println!("skipped: there is no ../shared/cases/readers");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let (read, reference, said) = of_study(&place.path().join("study"), &[case]);
    assert_eq!((read, reference), (Some(540.0), None));
    assert!(said.contains("660 nm is measured too, and not taken for its reference"), "{said}");
}

/// What `init` warns of stands in `inspect` as well, in text and in JSON.
#[test]
fn inspect_says_all_that_init_warns_of() {
    let place = tempfile::tempdir().unwrap();
    let named = |plates: &[&str], names: &[&str]| {
        let mut text = "plate,well,sample,OD 450\n".to_string();
        for plate in plates {
            names.iter().enumerate().for_each(|(at, name)| text += &format!("{plate},A{},{name},0.{at}5\n", at + 1));
        }
        text
    };
    let two_plates = fs::read_to_string(root().join("fixtures/exports/gen5_two_plates.txt")).unwrap();
    let files: [(&str, Vec<String>); 6] = [
        ("names on both plates", vec![two_plates]),
        ("plates without a name", vec![grids(&[""]) + &grids(&[""])]),
        ("two wavelengths and no pair", vec![grids(&["450 nm", "690 nm"])]),
        ("wavelengths that differ", vec![grids(&["450 nm"]), grids(&["405 nm"])]),
        ("two plates of a table", vec![named(&["P1", "P2"], &["a", "b", "c", "d"])]),
        ("nothing", vec![grids(&["450 nm", "570 nm"])]),
    ];
    let mut said_something = 0;
    for (what, texts) in files {
        let mut paths = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            paths.push(place.path().join(format!("{}-{at}.txt", what.replace(' ', "_"))));
            fs::write(&paths[at], text).unwrap();
        }
        let made = init(&place.path().join(what), &paths);
        let warnings = String::from_utf8_lossy(&made.stderr).into_owned();
        assert!(made.status.success(), "{what}: {warnings}");
        let inspect = |format: &str| {
            let output = Command::cargo_bin("platewise")
                .unwrap()
                .args(["inspect", "--format", format])
                .args(&paths)
                .output()
                .unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let json: serde_json::Value = serde_json::from_str(&inspect("json")).unwrap();
        let in_json: Vec<String> = json
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|file| file["warnings"].as_array().unwrap())
            .map(|warning| warning["found"].as_str().unwrap().to_string())
            .collect();
        let text = inspect("text");
        // Each warning of `init` begins its line; its sentence is one of those of `inspect`.
        for line in warnings.lines().filter_map(|line| line.trim_start().strip_prefix("warning: ")) {
            said_something += 1;
            assert!(in_json.iter().any(|found| line.contains(found.as_str())), "{what}: {line}\n{in_json:#?}");
            assert!(
                in_json.iter().any(|found| line.contains(found.as_str()) && text.contains(found.as_str())),
                "{what}: {line}\n{text}"
            );
        }
        assert!(what != "nothing" || in_json.is_empty(), "{in_json:#?}");
    }
    assert!(said_something >= 4, "{said_something}");
}

/// A plain table whose column of readings has a title that says nothing: the study names it.
#[test]
fn the_study_names_the_column_of_readings() {
    let place = tempfile::tempdir().unwrap();
    let export = place.path().join("ag.csv");
    let row = |at: usize| {
        format!(
            "{}{},{},{:.3},{:.3}\n",
            char::from(b'A' + (at / 12) as u8),
            at % 12 + 1,
            100 + at,
            0.05 + 0.02 * at as f64,
            0.04 + 0.0001 * at as f64
        )
    };
    fs::write(&export, "well,box,TARC,background\n".to_string() + &(0..96).map(row).collect::<String>()).unwrap();
    let run = |arguments: &[&str]| {
        Command::cargo_bin("platewise").unwrap().current_dir(place.path()).args(arguments).output().unwrap()
    };
    let words = |output: &std::process::Output| {
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    // Unnamed, it is a table without readings, and that is where the setting is named.
    let unnamed = run(&["inspect", "ag.csv"]);
    assert_eq!(unnamed.status.code(), Some(2));
    assert!(words(&unnamed).contains("column = \"…\" beside the export in study.toml"), "{}", words(&unnamed));
    let shown = run(&["inspect", "--column", "TARC", "ag.csv"]);
    assert!(shown.status.success() && words(&shown).contains("TARC, raw"), "{}", words(&shown));
    assert!(words(&shown).contains("the column 'background' is not used"), "{}", words(&shown));
    let missing = run(&["inspect", "--column", "CCL17", "ag.csv"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(words(&missing).contains("there is no column 'CCL17' in it"), "{}", words(&missing));
    // A file of another form has no such column.
    let grid = root().join("fixtures/exports/grid_450_570.csv");
    let other = run(&["inspect", "--column", "TARC", grid.to_str().unwrap()]);
    assert!(words(&other).contains("there is no column 'TARC' in it"), "{}", words(&other));
    // The study that `init` makes reads it by that name, and gives results.
    let made = run(&["init", "study", "--from", "ag.csv", "--column", "TARC"]);
    assert!(made.status.success(), "{}", words(&made));
    let study = place.path().join("study");
    let toml = fs::read_to_string(study.join("study.toml")).unwrap();
    assert!(toml.contains("\ncolumn = \"TARC\"\n"), "{toml}");
    fill_in(&study);
    let quantified = pipeline::quantify(&study, &|_| {}).unwrap();
    let plate = quantified.plates[0]
        .concentrations
        .as_ref()
        .unwrap_or_else(|| panic!("{}", quantified.plates[0].verdict.reason));
    let well = plate.plate.wells.iter().find(|well| well.position.to_string() == "B01").unwrap();
    assert_eq!(well.reading.measured(), Some(0.29));
    // A name that is not there, one whose title says that it was computed, or the name of another wavelength is refused.
    fs::write(study.join("study.toml"), toml.replace("column = \"TARC\"", "column = \"CCL17\"")).unwrap();
    let quantified = pipeline::quantify(&study, &|_| {}).unwrap();
    let said = quantified.plates[0].problems.to_string();
    assert!(
        quantified.plates[0].concentrations.is_none() && said.contains("there is no column 'CCL17' in it"),
        "{said}"
    );
    for (title, said) in [("mean OD", "holds computed values, as its title says"), ("570 nm", "was read at 570 nm")] {
        let table = fs::read_to_string(&export).unwrap().replace("TARC", title);
        fs::write(study.join("exports/ag.csv"), table).unwrap();
        let named =
            toml.replace("column = \"TARC\"", &format!("column = \"{title}\"")).replace("# read = 450", "read = 450");
        fs::write(study.join("study.toml"), named).unwrap();
        let quantified = pipeline::quantify(&study, &|_| {}).unwrap();
        assert!(quantified.plates[0].verdict.reason.contains(said), "{title}: {}", quantified.plates[0].verdict.reason);
    }
}
