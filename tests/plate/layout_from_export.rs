//! `layout = "from-export"`: what an export of Gen5 or SoftMax Pro declares of its wells is shown, confirmed, and then evaluated as a
//! layout file is.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use platewise::concentration::{NotReported, Quantity};
use platewise::pipeline::{Quantified, quantify};
use platewise::plate::{Reading, WellPosition};
use platewise::qc::Verdict;

const LEVELS: [f64; 8] = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 15.625];

/// A plate as Gen5 writes it: standards in columns 1 and 2, samples SPL1 … SPL8 diluted tenfold in columns 3 and 4.
fn gen5() -> String {
    let response = |x: f64, scatter: f64| (3.2 + (0.05 - 3.2) / (1.0 + (x / 600.0).powf(1.1))) * scatter;
    let letter = |row: usize| char::from(b'A' + row as u8);
    let gap = "\t".repeat(8);
    let mut text = "Software Version\t3.12.08\n\nPlate Number\tPlate 1\nDate\t10/10/2022\nTime\t9:00:04 PM\nReading Type\tReader\n\n\
                    Procedure Details\n\nPlate Type\t96 WELL PLATE\nRead\tAbsorbance Endpoint\n\tFull Plate\n\tWavelengths:  450\n\n\
                    Layout\n\n\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\n"
        .to_string();
    for (row, level) in LEVELS.into_iter().enumerate() {
        let number = row + 1;
        let _ = writeln!(text, "{}\tSTD{number}\tSTD{number}\tSPL{number}\tSPL{number}{gap}\tWell ID", letter(row));
        let _ = writeln!(text, "\t{level}\t{level}\t10\t10{gap}\tConc/Dil");
    }
    text.push_str("\nResults\n\n\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\n");
    for (row, level) in LEVELS.into_iter().enumerate() {
        let of = |level, scatter| format!("{:.3}", response(level, scatter));
        let sample = 70.0 * (row + 1) as f64;
        let wells = [of(level, 0.99), of(level, 1.01), of(sample, 0.995), of(sample, 1.005)];
        let _ = writeln!(text, "{}\t{}{gap}\t450", letter(row), wells.join("\t"));
    }
    text
}

const WAVELENGTHS: &str =
    "reference = 570                     # nm, subtracted from it; remove the line when there is none";

/// Plates as SoftMax Pro writes them into one file, with the same wells: samples SPL1 … SPL8 on the first, SPL9 … SPL16 on the next.
fn softmax(plates: usize) -> String {
    let response = |x: f64, scatter: f64| (3.2 + (0.05 - 3.2) / (1.0 + (x / 600.0).powf(1.1))) * scatter;
    let mut text = format!("##BLOCKS= {}\n", 3 * plates);
    let definitions = |descriptor: &str| {
        format!(
            "\nGroup Column\tFormula Name\tFormula\tPrecision\tNotation\n1\tSample\t!SampleNames\t2 decimal places\tNumeric\n\
             2\t{descriptor}\t!SampleDescriptor\t3 decimal places\tNumeric\n3\tWells\t!WellIDs\t2 decimal places\tNumeric\n\
             4\tWellPlateName\t!WellPlateName\t2 decimal places\tNumeric\n\nGroup Summaries\n~End\n"
        )
    };
    for plate in 1..=plates {
        let _ = writeln!(
            text,
            "Plate:\tPlate{plate}\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t12\t96\t1\t8\n\
             \tTemperature(¡C)\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12"
        );
        for (row, level) in LEVELS.into_iter().enumerate() {
            let of = |level, scatter| format!("{:.3}", response(level, scatter));
            let sample = 70.0 * (row + 1) as f64;
            let wells = [of(level, 0.99), of(level, 1.01), of(sample, 0.995), of(sample, 1.005)];
            let _ = writeln!(text, "\t\t{}{}", wells.join("\t"), "\t".repeat(8));
        }
        text.push_str("\n~End\n");
    }
    for plate in 1..=plates {
        // Name and number stand on the first line of a sample only.
        let _ = writeln!(text, "Group: Standards{plate}\nSample\tConcentration pg/mL\tWells\tWellPlateName");
        for (row, level) in LEVELS.into_iter().enumerate() {
            let letter = char::from(b'A' + row as u8);
            let _ = writeln!(text, "{:02}\t{level}\t{letter}1\tPlate{plate}\n \t \t{letter}2\tPlate{plate}", row + 1);
        }
        text.push_str(&definitions("Concentration"));
        let _ = writeln!(text, "Group: Unknowns{plate}\nSample\tDilution\tWells\tWellPlateName");
        for row in 0..8 {
            let (letter, name) = (char::from(b'A' + row as u8), 8 * (plate - 1) + row + 1);
            let _ = writeln!(text, "SPL{name}\t10.000\t{letter}3\tPlate{plate}\n \t \t{letter}4\tPlate{plate}");
        }
        text.push_str(&definitions("Dilution"));
    }
    text
}

/// The template study with this export and these lines for its layout.
fn study(export: &str, layout: &str) -> Quantified {
    let folder = tempfile::tempdir().unwrap();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/template");
    let mut text = fs::read_to_string(template.join("study.toml")).unwrap();
    for (old, new) in [
        (WAVELENGTHS, ""),
        ("controls_required = true", "controls_required = false"),
        ("exports/P01.csv", "P01.txt"),
        ("layout = \"layouts/P01.csv\"", layout),
    ] {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    fs::write(folder.path().join("study.toml"), text).unwrap();
    let samples: String =
        (1..=16).map(|n| format!("SPL{n},{},{},serum\n", 100 + n / 2, ["Baseline", "Week 16"][n % 2])).collect();
    fs::write(folder.path().join("samples.csv"), format!("sample,subject,visit,matrix\n{samples}")).unwrap();
    fs::write(folder.path().join("P01.txt"), export).unwrap();
    let mut long = "well,role,sample,concentration,dilution\n".to_string();
    for (row, level) in LEVELS.into_iter().enumerate() {
        let letter = char::from(b'A' + row as u8);
        let _ = writeln!(long, "{letter}1,standard,,{level},\n{letter}2,standard,,{level},");
        let _ = writeln!(long, "{letter}3,sample,SPL{0},,10\n{letter}4,sample,SPL{0},,10", row + 1);
    }
    fs::write(folder.path().join("layout.csv"), long).unwrap();
    quantify(folder.path(), &|_| {}).unwrap()
}

fn refused(study: &Quantified) -> String {
    refused_plate(study, 0)
}

fn refused_plate(study: &Quantified, plate: usize) -> String {
    let verdict = &study.plates[plate].verdict;
    assert_eq!(verdict.verdict, Verdict::NotEvaluable, "{}", verdict.reason);
    assert!(study.plates[plate].concentrations.is_none());
    verdict.reason.clone()
}

/// Wells, names and concentrations of a plate that was evaluated.
fn wells(study: &Quantified, plate: usize) -> Vec<(WellPosition, String, Option<f64>)> {
    let plate = &study.plates[plate];
    let found = plate.concentrations.as_ref().unwrap_or_else(|| panic!("{}", plate.verdict.reason));
    found.wells.iter().map(|well| (well.position, well.name.clone(), well.quantity.value())).collect()
}

/// The line that the refusal tells to add.
fn line_to_add(reason: &str) -> String {
    let start = reason.find("confirmed = \"").unwrap();
    reason[start..].split_inclusive('"').take(2).collect()
}

#[test]
fn a_declared_layout_is_shown_then_confirmed_then_evaluated_like_a_file() {
    let first = refused(&study(&gen5(), "layout = \"from-export\""));
    for words in ["not confirmed yet", "A01 A02 standard 2000;", "H03 H04 sample 'SPL8', dilution 10"] {
        assert!(first.contains(words), "{words}: {first}");
    }
    let confirmed = format!("layout = \"from-export\"\n{}", line_to_add(&first));
    let declared = study(&gen5(), &confirmed);
    let file = study(&gen5(), "layout = \"layout.csv\"");
    let wells = |study: &Quantified| wells(study, 0);
    assert_eq!(wells(&declared).len(), 32);
    assert!(wells(&declared).iter().filter(|(.., value)| value.is_some()).count() >= 16);
    assert_eq!(wells(&declared), wells(&file));

    // The export says something else afterwards: of one well, then of a reading only, which is no change of the layout.
    let other = gen5().replacen("\t10\t10\t", "\t10\t20\t", 1);
    let changed = refused(&study(&other, &confirmed));
    assert!(
        changed.contains("not the one that was confirmed") && changed.contains("A04 sample 'SPL1', dilution 20"),
        "{changed}"
    );
    assert_ne!(line_to_add(&changed), line_to_add(&first));
    let read_again = gen5().replace("\nA\t2.", "\nA\t3.");
    assert_ne!(read_again, gen5());
    assert_eq!(wells(&study(&read_again, &confirmed)).len(), 32);
}

#[test]
fn what_the_export_leaves_open_is_refused() {
    for (old, new, words) in [
        ("\t10\t10\t", "\t0.1\t0.1\t", "the dilution 0.1 may be a fraction"),
        ("SPL3\tSPL3", "CTL1\tCTL1", "the control's 10 may be its concentration or its dilution"),
        ("SPL3\tSPL3", "Anna\tAnna", "'Anna' has no role"),
    ] {
        let text = gen5();
        assert!(text.contains(old));
        let reason = refused(&study(&text.replacen(old, new, 1), "layout = \"from-export\""));
        assert!(reason.contains(words), "{words}: {reason}");
    }
    let (head, results) = gen5().split_once("\nLayout\n").map(|(a, b)| (a.to_string(), b.to_string())).unwrap();
    let silent = format!("{head}\nResults\n{}", results.split_once("\nResults\n").unwrap().1);
    assert!(refused(&study(&silent, "layout = \"from-export\"")).contains("does not say what is in the wells"));
}

#[test]
fn a_confirmation_without_a_declared_layout_is_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let template = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/template/study.toml");
    for (lines, words) in [
        (
            "layout = \"layouts/P01.csv\"\nconfirmed = \"12345678\"",
            "confirmed does nothing beside layout = \"layouts/P01.csv\"",
        ),
        (
            "layout = \"from-export\"\nlayout_sheet = \"P01\"",
            "layout_sheet does nothing beside layout = \"from-export\"",
        ),
    ] {
        let text = fs::read_to_string(&template).unwrap().replace("layout = \"layouts/P01.csv\"", lines);
        fs::write(folder.path().join("study.toml"), text).unwrap();
        let error = quantify(folder.path(), &|_| {}).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn plates_of_one_softmax_file_have_each_their_own_layout() {
    let plate = |number: usize, confirmed: &str| {
        let head = if number > 1 {
            format!("\n[[plate]]\nid = \"P{number:02}\"\nexport = \"P01.txt\"\n")
        } else {
            String::new()
        };
        format!("{head}layout = \"from-export\"\nplate = \"Plate{number}\"\n{confirmed}")
    };
    let both = |first: &str, second: &str| plate(1, first) + &plate(2, second);
    let open = study(&softmax(2), &both("", ""));
    let shown = [0, 1].map(|at| refused_plate(&open, at));
    for (shown, words) in shown.iter().zip(["A03 A04 sample 'SPL1', dilution 10", "A03 A04 sample 'SPL9', dilution 10"])
    {
        assert!(shown.contains("A01 A02 standard 2000;") && shown.contains(words), "{words}: {shown}");
    }
    let lines = [line_to_add(&shown[0]), line_to_add(&shown[1])];
    assert_ne!(lines[0], lines[1]);
    let confirmed = study(&softmax(2), &both(&lines[0], &lines[1]));
    let file = study(&softmax(1), "layout = \"layout.csv\"");
    assert_eq!(wells(&confirmed, 0), wells(&file, 0));
    let named: Vec<_> = wells(&confirmed, 1).into_iter().map(|(_, name, _)| name).collect();
    assert!(named.iter().any(|name| name == "SPL16") && !named.iter().any(|name| name == "SPL1"), "{named:?}");
    // One plate's code does not confirm the other.
    assert!(
        refused_plate(&study(&softmax(2), &both(&lines[0], &lines[0])), 1).contains("not the one that was confirmed")
    );
    // A file of several plates whose groups do not say the plate leaves the wells without one.
    let silent = softmax(2).replace("!WellPlateName", "").replace("WellPlateName", "Remark");
    assert!(refused_plate(&study(&silent, &both("", "")), 0).contains("does not say what is in the wells"));
}

#[test]
fn a_number_that_several_groups_use_is_no_name_of_a_sample() {
    // SoftMax Pro numbers the samples of each group from 01.
    let twice = softmax(1).replace("SPL5\t", "SPL1\t").replacen("Group: Unknowns1", "Group: Unknowns", 1);
    let (head, tail) = twice.split_once("SPL1\t10.000\tE3").unwrap();
    let other = "\nGroup Column\tFormula Name\tFormula\n1\tSample\t!SampleNames\n2\tDilution\t!SampleDescriptor\n3\tWells\t!WellIDs\n~End\n\
                 Group: Unknowns of March\nSample\tDilution\tWells\tWellPlateName\n";
    let twice = format!("{head}{other}SPL1\t10.000\tE3{tail}");
    let reason = refused(&study(&twice, "layout = \"from-export\""));
    assert!(reason.contains("a sample 'SPL1' is in each of the groups Unknowns, Unknowns of March"), "{reason}");
}

#[test]
fn a_declared_sample_that_the_list_does_not_know_is_named() {
    let export = softmax(1).replace("SPL3\t", "P-301\t");
    let first = refused(&study(&export, "layout = \"from-export\""));
    let confirmed = study(&export, &format!("layout = \"from-export\"\n{}", line_to_add(&first)));
    assert!(wells(&confirmed, 0).iter().any(|(_, name, value)| name == "P-301" && value.is_some()));
    let missing = confirmed.visits.unwrap_err().to_string();
    assert!(missing.contains("P-301"), "{missing}");
}

/// The export with these wells masked: SoftMax Pro shows it in the group's table, and writes the reading as ever.
fn with_masks(export: &str, wells: &[&str]) -> String {
    wells.iter().fold(export.to_string(), |text, well| {
        let line = format!("\t{well}\tPlate1\n");
        assert!(text.contains(&line), "{well}");
        text.replacen(&line, &format!("\t{well}\tPlate1\tMasked\n"), 1)
    })
}

#[test]
fn a_well_that_the_reader_masks_is_left_out_whatever_the_layout() {
    let export = with_masks(&softmax(1), &["A2", "B4"]);
    let shown = refused(&study(&export, "layout = \"from-export\""));
    assert!(shown.contains("A02 B04 masked in the reader's software, left out"), "{shown}");
    let declared = study(&export, &format!("layout = \"from-export\"\n{}", line_to_add(&shown)));
    let file = study(&export, "layout = \"layout.csv\"");
    assert_eq!(wells(&declared, 0), wells(&file, 0));
    for study in [&declared, &file] {
        let plate = &study.plates[0];
        let found = plate.concentrations.as_ref().unwrap();
        for well in ["A2", "B4"] {
            let well = found.wells.iter().find(|of| of.position == well.parse().unwrap()).unwrap();
            assert!(matches!(well.quantity, Quantity::NotReported { reason: NotReported::MaskedByReader }), "{well:?}");
            assert!(matches!(&well.response, Reading::Masked { value: Some(_), .. }), "{well:?}");
        }
        // The curve is made without the standard's well, and a sample with one well left is not reported.
        let well = found.wells.iter().find(|well| well.position.to_string() == "A02").unwrap();
        let Reading::Masked { value: Some(masked), .. } = well.response else { panic!("{well:?}") };
        let points = found.curve.as_ref().unwrap().points();
        assert!(points.len() >= 14 && points.iter().all(|point| point.response != masked), "{masked}");
        let sample = found.samples.iter().find(|sample| sample.name == "SPL2").unwrap();
        assert_eq!(sample.quantity, Quantity::NotReported { reason: NotReported::MaskedByReader });
        assert!(study.warnings.iter().any(|warning| warning.found == "masked in the reader's software: A02 B04"));
        let counted = plate.verdict.findings.iter().find(|finding| finding.rule == "excluded_wells").unwrap();
        assert_eq!(counted.observed, "0 wells excluded by decision, 2 masked in the reader's software");
    }
}

#[test]
fn masks_are_no_way_around_the_limit_of_exclusions() {
    let export = with_masks(&softmax(1), &["A4", "B4", "C4", "D4", "E4"]);
    let study = study(&export, "layout = \"layout.csv\"");
    assert_eq!(study.plates[0].verdict.verdict, Verdict::Rejected);
    assert!(
        study.plates[0].verdict.reason.contains("5 masked in the reader's software"),
        "{}",
        study.plates[0].verdict.reason
    );
}
