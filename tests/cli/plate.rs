//! `platewise plate`: one plate, this layout, concentrations please: the same numbers as a study gives, and nothing of a trial.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command as System, Output, Stdio};

use assert_cmd::Command;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn platewise(place: &Path, args: &[&str]) -> Output {
    Command::cargo_bin("platewise").unwrap().current_dir(place).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const P01: [&str; 8] = [
    "plate",
    "plates/exports/P01.txt",
    "plates/layouts/P01.csv",
    "--method",
    "plates/study.toml",
    "--dilution",
    "10",
    "--format=json",
];

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}{}", text(&output.stdout), text(&output.stderr)))
}

/// Sample, result in full, of those that were measured on a plate.
fn measured(answer: &Value, plate: &str) -> Vec<(String, Value)> {
    let results = answer["results"].as_array().unwrap().iter();
    let of = |result: &Value| {
        let candidates = result["candidates"].as_array().unwrap();
        let here = candidates.iter().find(|candidate| candidate["plate"] == plate)?;
        Some((result["sample"].as_str().unwrap().to_string(), here["group"]["quantity"].clone()))
    };
    results.filter_map(of).collect()
}

#[test]
fn a_plate_gives_the_numbers_that_the_study_gives() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("blinded");
    let study =
        platewise(root(), &["quantify", "plates", "--out", folder.to_str().unwrap(), "--quiet", "--format", "json"]);
    let of_study = measured(&json(&study), "P01");
    let plate = platewise(root(), &P01);
    assert_eq!(plate.status.code(), Some(0), "{}", text(&plate.stderr));
    let answer = json(&plate);
    assert!(of_study.len() > 30);
    assert_eq!(
        measured(&answer, "P01"),
        of_study,
        "the same wells, curve and rules: the same numbers, to the last bit"
    );
    // Nothing of a trial is in the record.
    let settings = answer["record"]["protocol"].as_object().unwrap();
    for key in ["visits", "analysis", "records", "families"] {
        assert!(!settings.contains_key(key), "{key}");
    }
    let files: Vec<&str> =
        answer["record"]["inputs"].as_array().unwrap().iter().map(|input| input["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["plates/exports/P01.txt", "plates/layouts/P01.csv", "plates/study.toml"]);
}

#[test]
fn what_is_printed_says_curve_results_and_what_to_do_next() {
    let words = platewise(root(), &P01[..7]);
    let said = text(&words.stdout);
    for expected in [
        "P01: accepted",
        "450 nm − 570 nm",
        "range 31.25 to 2000 pg/mL",
        "S standard, C control, B blank, U sample (unknown)",
        "  102-001-W00  ",
        " to ",
        "--save-study DIR",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
    assert!(said.lines().any(|line| line.starts_with("  A   S  S  C ")), "the plate as a picture:\n{said}");
}

#[test]
fn a_page_a_workbook_and_a_study_are_written_where_that_is_asked_for() {
    let place = tempfile::tempdir().unwrap();
    let (out, study) = (place.path().join("out"), place.path().join("study"));
    let mut args = P01[..7].to_vec();
    args.extend(["--out", out.to_str().unwrap(), "--save-study", study.to_str().unwrap()]);
    assert_eq!(platewise(root(), &args).status.code(), Some(0));
    let mut names: Vec<String> =
        fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["manifest-sha256.txt", "report.html", "results.xlsx", "run.json"]);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    let section = page.split("<details").find(|part| part.contains("id=\"plate-1\"")).unwrap();
    assert!(section.split("<summary").next().unwrap().contains(" open"), "the plate is what the page is about");
    assert!(page.contains("<h1>Plate P01</h1>") && page.contains("102-001-W00"));
    for word in ["Subject", "Visit", "the list of arms", "figures/"] {
        assert!(!page.contains(word), "{word}");
    }
    // The study folder gives the same concentrations, and asks for nothing that was said already.
    let args = ["quantify", study.to_str().unwrap(), "--quiet", "--format", "json"];
    let quantified = platewise(root(), &args);
    let of_plate = measured(&json(&platewise(root(), &P01)), "P01");
    assert_eq!(measured(&json(&quantified), "P01"), of_plate, "{}", text(&quantified.stderr));
    // By a preset, nobody has said what is measured: the study can be read all the same.
    let by_preset = place.path().join("by-preset");
    let asked = ["--unit", "pg/mL", "--read", "450", "--reference", "570", "--dilution", "10", "--save-study"];
    let saved = platewise(root(), &[&P01[..3], &asked[..], &[by_preset.to_str().unwrap()]].concat());
    assert_eq!(saved.status.code(), Some(0), "{}", text(&saved.stderr));
    let quantified = platewise(root(), &["quantify", by_preset.to_str().unwrap(), "--quiet", "--format", "json"]);
    assert!(!measured(&json(&quantified), "P01").is_empty(), "{}", text(&quantified.stderr));
    // What is there already is not written over.
    let again = platewise(root(), &["plate", "--save-study", study.to_str().unwrap(), P01[1], P01[2], P01[3], P01[4]]);
    assert_eq!(again.status.code(), Some(2));
}

#[test]
fn a_layout_in_the_export_is_shown_and_counts_once_it_is_confirmed() {
    let ask = ["plate", "plates/exports/P01.txt", "--method", "plates/study.toml", "--dilution", "10"];
    let asked = platewise(root(), &ask);
    assert_eq!(asked.status.code(), Some(2));
    let (shown, said) = (text(&asked.stdout), text(&asked.stderr));
    assert!(shown.contains("A01 A02 standard 2000") && shown.contains("  A   S  S  C "), "{shown}");
    let code = said.split("--confirmed ").nth(1).unwrap().trim();
    assert!(shown.contains(&format!("code {code}")), "{said}");
    let confirmed = platewise(root(), &[&ask[..], &["--confirmed", code, "--format", "json"]].concat());
    assert_eq!(confirmed.status.code(), Some(0), "{}", text(&confirmed.stderr));
    assert_eq!(measured(&json(&confirmed), "P01"), measured(&json(&platewise(root(), &P01)), "P01"));
    let other = platewise(root(), &[&ask[..], &["--confirmed", "00000000"]].concat());
    assert_eq!(other.status.code(), Some(2), "another layout's code confirms nothing");
}

/// A group whose name says no role, and dilutions that are fractions: what the user answers makes the layout that the file would have
/// declared, and so the code that confirms it.
#[test]
fn what_an_export_leaves_open_may_be_answered() {
    let place = tempfile::tempdir().unwrap();
    // As SoftMax Pro writes it: UTF-16 behind a byte order mark.
    let bytes = fs::read(root().join("plates/exports/P01.txt")).unwrap();
    let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let export = String::from_utf16(&units).unwrap();
    let code = |text: &str, answers: &[&str]| {
        let file = place.path().join("P01.txt");
        fs::write(&file, text).unwrap();
        let ask = ["plate", file.to_str().unwrap(), "--method", "plates/study.toml", "--dilution", "10"];
        let output = platewise(root(), &[&ask[..], answers].concat());
        assert_eq!(output.status.code(), Some(2));
        let said = self::text(&output.stderr);
        said.split("--confirmed ").nth(1).map(|code| code.trim().to_string()).ok_or(said)
    };
    let known = code(&export, &[]).unwrap();
    assert!(export.contains("Group: Unknowns"));
    let spikes = export.replace("Group: Unknowns", "Group: Spikes");
    let said = code(&spikes, &[]).unwrap_err();
    assert!(said.contains("more wells are like it") && said.contains("Say --role Spikes=sample"), "{said}");
    assert_eq!(code(&spikes, &["--role", "Spikes=sample"]).unwrap(), known);
    assert!(code(&spikes, &["--role", "Spike=sample"]).unwrap_err().contains("no group 'Spike'"));
    assert!(code(&export, &["--role", "Unknowns=blank"]).unwrap_err().contains("have a role in the exports"));
}

#[test]
fn several_plates_may_have_one_layout_and_a_sample_is_that_of_its_plate() {
    let args = [&["plate", "plates/exports/P01.txt", "plates/exports/P02-P03.txt"], &P01[2..]].concat();
    let output = platewise(root(), &args);
    let answer = json(&output);
    let samples: Vec<&str> =
        answer["results"].as_array().unwrap().iter().map(|result| result["sample"].as_str().unwrap()).collect();
    assert!(samples.contains(&"P01:102-001-W00") && samples.contains(&"Plate 2:102-001-W00"), "{samples:?}");
    assert_eq!(answer["verdicts"].as_array().unwrap().len(), 3);
    assert!(!text(&output.stderr).contains("named as another"), "{}", text(&output.stderr));
}

#[test]
fn one_of_several_plates_that_cannot_be_read_does_not_sink_the_others() {
    let place = tempfile::tempdir().unwrap();
    let broken = place.path().join("broken.txt");
    fs::write(&broken, "Dear colleague,\nplease find attached\nthe plates.\n").unwrap();
    let args = ["plate", P01[1], broken.to_str().unwrap(), "--layout", P01[2], P01[3], P01[4], P01[5], P01[6]];
    let output = platewise(root(), &args);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("broken: not evaluable") && text(&output.stdout).contains("P01: accepted"));
    let alone = platewise(root(), &["plate", broken.to_str().unwrap(), "--layout", P01[2], P01[3], P01[4]]);
    assert_eq!(alone.status.code(), Some(2));
}

#[test]
fn the_export_may_come_from_another_program() {
    let mut child = System::new(env!("CARGO_BIN_EXE_platewise"))
        .current_dir(root())
        .args(["plate", "-", P01[2], P01[3], P01[4], P01[5], P01[6], "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(root().join(P01[1])).unwrap()).unwrap();
    let answer = json(&child.wait_with_output().unwrap());
    assert_eq!(answer["verdicts"][0]["plate"], "standard input");
    assert_eq!(measured(&answer, "standard input"), measured(&json(&platewise(root(), &P01)), "P01"));
}

#[test]
fn all_that_is_wrong_with_the_files_is_said_at_once() {
    let place = tempfile::tempdir().unwrap();
    let said = |method: &str| {
        let mut command = Command::cargo_bin("platewise").unwrap();
        let output = command.current_dir(place.path()).args(["plate", "-", "-", "--method", method]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    let unknown = said("no-such-preset");
    assert!(unknown.contains("'-' appears twice") && unknown.contains("neither a preset nor a file"), "{unknown}");
    fs::write(place.path().join("latin.toml"), b"[method]\nname = 'M\xfcnchen'\n").unwrap();
    let latin = said("latin.toml");
    assert!(latin.contains("'-' appears twice") && latin.contains("is not a text in UTF-8"), "{latin}");
}

/// The template went through LibreOffice, as a laboratory without Excel fills it in.
#[test]
fn a_map_that_libreoffice_saved_is_read_as_it_was_written() {
    let place = tempfile::tempdir().unwrap();
    let written = place.path().join("map.xlsx");
    let written = written.to_str().unwrap();
    assert!(platewise(root(), &["layout", "--from", P01[1], written]).status.success());
    let results = |layout: &str| {
        let output = platewise(root(), &["plate", P01[1], layout, P01[3], P01[4], P01[7]]);
        assert_eq!(output.status.code(), Some(0), "{layout}: {}", text(&output.stderr));
        measured(&json(&output), "P01")
    };
    let known = results(written);
    assert!(known.len() > 30);
    for kind in ["xlsx", "ods", "xls"] {
        assert_eq!(results(&format!("fixtures/layouts/P01-libreoffice.{kind}")), known, "{kind}");
    }
}

/// A map as a table of texts.
fn map_of(cell: impl Fn(char, u32) -> String) -> Vec<Vec<String>> {
    let header = std::iter::once(String::new()).chain((1..=12).map(|column| column.to_string()));
    let row = |letter| -> Vec<String> {
        std::iter::once(String::from(letter)).chain((1..=12).map(|column| cell(letter, column))).collect()
    };
    std::iter::once(header.collect()).chain(('A'..='H').map(row)).collect()
}

fn workbook(path: &Path, sheets: &[(&str, Vec<Vec<String>>)]) {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, cells) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (row, cells) in cells.iter().enumerate() {
            sheet.write_row(row as u32, 0, cells).unwrap();
        }
    }
    workbook.save(path).unwrap();
}

/// Standards in the columns 1 and 2, as on the plates of the study; samples elsewhere.
fn with_standards(names: &str) -> Vec<Vec<String>> {
    let top = |letter: char| 2000.0 / 2_f64.powi(i32::from(letter as u8 - b'A'));
    map_of(|letter, column| match (letter, column) {
        ('H', 1 | 2) => "Std 0".into(),
        (_, 1 | 2) => format!("Std {}", top(letter)),
        _ => format!("{names}-{letter}{column} 1:10"),
    })
}

/// `layout --from` gives each plate a sheet; a filled one counts for its plate and for no other.
#[test]
fn a_sheet_that_is_called_as_a_plate_is_the_layout_of_that_plate() {
    let place = tempfile::tempdir().unwrap();
    let map = place.path().join("map.xlsx");
    let (map, export) = (map.to_str().unwrap(), "plates/exports/P02-P03.txt");
    assert!(platewise(root(), &["layout", "--from", export, map]).status.success());
    let run = |args: &[&str]| platewise(root(), &[&["plate", export, map, P01[3], P01[4]], args].concat());
    workbook(
        Path::new(map),
        &[
            ("Plate 2", with_standards("beta")),
            ("Plate 1", with_standards("alpha")),
            ("notes", vec![vec!["by hand".into()]]),
        ],
    );
    let answer = json(&run(&[P01[7]]));
    let samples: Vec<&str> =
        answer["results"].as_array().unwrap().iter().map(|result| result["sample"].as_str().unwrap()).collect();
    assert!(samples.contains(&"Plate 1:alpha-A3") && samples.contains(&"Plate 2:beta-H12"), "{samples:?}");
    assert!(!samples.iter().any(|name| name.starts_with("Plate 1:beta") || name.starts_with("Plate 2:alpha")));

    // A mistake on its sheet is its own: the layout of the other plate is not taken in its place.
    let mut wrong = with_standards("beta");
    wrong[1][3] = "stanard 5".into();
    workbook(Path::new(map), &[("Plate 1", with_standards("alpha")), ("Plate 2", wrong)]);
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("Plate 2: not evaluable") && said.contains("sheet 'Plate 2', cell D2"), "{said}");

    // Nor is it where the plate has no sheet.
    workbook(Path::new(map), &[("Plate 1", with_standards("alpha")), ("notes", vec![vec!["by hand".into()]])]);
    let output = run(&[]);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(said.contains("Plate 2: not evaluable") && said.contains("no sheet 'Plate 2'"), "{said}");
}

/// One mistake all over a map is one line, which names every well.
#[test]
fn the_same_mistake_in_many_wells_is_said_once_with_all_of_them() {
    let place = tempfile::tempdir().unwrap();
    let map = place.path().join("map.xlsx");
    let cells = map_of(|letter, column| format!("col{column} {letter} neat"));
    workbook(&map, &[("map", cells)]);
    let output = platewise(root(), &["plate", P01[1], map.to_str().unwrap(), P01[3], P01[4]]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(said.matches("is nearly 'cal'").count(), 1, "{said}");
    assert!(said.contains("cell B2: well A01") && said.contains("the same in 95 other wells: A02, "), "{said}");
    assert!(said.contains("H12"), "{said}");
}

/// Columns 1 to 6 are for one analyte, the others for another: `--analyte` says whose concentrations are asked for.
#[test]
fn of_a_plate_with_several_analytes_the_one_that_was_asked_for_is_evaluated() {
    let place = tempfile::tempdir().unwrap();
    let map = place.path().join("map.csv");
    let wells = map_of(|letter, column| match (letter, column) {
        ('H', 1 | 2 | 7 | 8) => "Std 0".into(),
        (_, 1 | 2 | 7 | 8) => format!("Std {}", 2000.0 / 2_f64.powi(i32::from(letter as u8 - b'A'))),
        _ => format!("P-{letter}{column} 1:10"),
    });
    let analytes = map_of(|_, column| if column < 7 { "TARC".into() } else { "MDC".to_string() });
    let lines = |cells: &[Vec<String>]| cells.iter().map(|row| row.join(",")).collect::<Vec<_>>().join("\n");
    let text_of_map = lines(&wells) + "\n\nanalyte" + &lines(&analytes) + "\n";
    fs::write(&map, text_of_map).unwrap();
    let run = |args: &[&str]| {
        let common = ["plate", P01[1], map.to_str().unwrap(), "--unit", "pg/mL", "--read", "450", "--reference", "570"];
        platewise(root(), &[&common, args].concat())
    };
    let of = |analyte: &str| -> Vec<String> {
        let answer = json(&run(&["--analyte", analyte, P01[7]]));
        let results = answer["results"].as_array().unwrap();
        results.iter().map(|result| result["sample"].as_str().unwrap().to_string()).collect()
    };
    let (tarc, mdc) = (of("TARC"), of("MDC"));
    assert_eq!((tarc.len(), mdc.len()), (32, 32));
    assert!(tarc.contains(&"P-A3".to_string()) && mdc.contains(&"P-A12".to_string()));
    assert!(!tarc.contains(&"P-A12".to_string()));
    for (args, expected) in [(vec![], "--analyte"), (vec!["--analyte", "IL-6"], "has the analytes 'MDC', 'TARC'")] {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains(expected), "{args:?}: {}", text(&output.stderr));
    }
}

/// A list as a LIMS writes it: concentrations beside roles are no readings, and further columns are no error. Concentrations of
/// samples are results.
#[test]
fn a_list_with_a_row_per_well_is_the_layout_beside_an_export() {
    let place = tempfile::tempdir().unwrap();
    let list = place.path().join("lims.csv");
    let wells = map_of(|letter, column| format!("{letter}{column}"));
    let rows = wells[1..].iter().flat_map(|row| &row[1..]).enumerate();
    let line = |(at, well): (usize, &String)| match (well.as_bytes()[0], at % 12) {
        (b'H', 0 | 1) => format!("{well},Blank,,,,AB\n"),
        (letter, 0 | 1) => format!("{well},STD,,{},,AB\n", 2000.0 / 2_f64.powi(i32::from(letter - b'A'))),
        _ => format!("{well},Unk,S-{well},,10,AB\n"),
    };
    let text_of = |titles: &str| rows.clone().fold(format!("{titles}\n"), |text, row| text + &line(row));
    let run = || platewise(root(), &["plate", P01[1], list.to_str().unwrap(), P01[3], P01[4], P01[7]]);
    fs::write(&list, text_of("Well,Type,Sample ID,Conc,Dilution,Operator")).unwrap();
    let output = run();
    assert_eq!(measured(&json(&output), "P01").len(), 80, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("'Operator'"), "{}", text(&output.stderr));
    fs::write(&list, text_of("Well,Type,Sample ID,Conc,Dil?,Operator")).unwrap();
    let said = text(&run().stderr);
    assert!(said.contains("unknown column 'dil?'") && said.contains("dilution"), "{said}");
    let results = "Well,Type,Sample ID,Conc\nA1,STD,,2000\nB1,Unk,S1,130.5\nC1,Unk,S2,17.2\n";
    fs::write(&list, results).unwrap();
    let inspected = platewise(root(), &["inspect", list.to_str().unwrap()]);
    assert!(text(&inspected.stdout).contains("1 computed by the reader"), "{}", text(&inspected.stdout));
}

/// Who forgets the unit is told what is wrong with the layout in the same breath, and nothing of units that are right.
#[test]
fn a_unit_that_nobody_said_does_not_hide_what_is_wrong_with_the_layout() {
    let place = tempfile::tempdir().unwrap();
    let map = place.path().join("map.xlsx");
    let map = map.to_str().unwrap();
    let mut cells = with_standards("alpha");
    cells[1][1] = "Std 2000 ng/mL".into();
    cells[2][4] = "hello".into();
    workbook(Path::new(map), &[("map", cells)]);
    let said = text(&platewise(root(), &["plate", P01[1], map, "--read", "450"]).stderr);
    assert!(said.contains("nothing says the unit of the concentrations"), "{said}");
    assert!(said.contains("cell E3: well B04: 'hello'") && !said.contains("a concentration in"), "{said}");
    let said = text(&platewise(root(), &["plate", P01[1], map, "--read", "450", "--unit", "pg/mL"]).stderr);
    assert!(said.contains("a concentration in ng/mL") && said.contains("'hello'"), "{said}");
}

/// Two wavelengths of which none is the other's reference are two assays: none is proposed before the other.
#[test]
fn of_several_assays_none_is_proposed_by_itself() {
    let place = tempfile::tempdir().unwrap();
    let export = place.path().join("plate.csv");
    let read = |nm: u32| {
        format!(
            "{nm} nm\n{}\n\n",
            map_of(|_, column| format!("{}.5", column)).iter().map(|row| row.join(",")).collect::<Vec<_>>().join("\n")
        )
    };
    let said = |reads: &[u32]| {
        fs::write(&export, reads.iter().map(|nm| read(*nm)).collect::<String>()).unwrap();
        text(&platewise(root(), &["plate", export.to_str().unwrap(), P01[2], "--unit", "pg/mL"]).stderr)
    };
    let two = said(&[540, 660]);
    assert!(two.contains("Each may be an assay by itself: --read 540, or --read 660"), "{two}");
    let usual = said(&[450, 570]);
    assert!(usual.contains("Probably: --read 450 --reference 570"), "{usual}");
}
