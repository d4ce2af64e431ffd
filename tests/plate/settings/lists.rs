//! Victor 1420's lists of wells, and BioTek's older report.

use std::fmt::Write as _;

use platewise::plate::read::{ExportKind, Mode};

use super::{PARTS, cell, check, examine, letters, light, read};

/// Values of several measurements stand in pairs of time and value; plates follow each other.
#[test]
fn victor_names_wavelengths_in_its_columns() {
    let part = PARTS[0].1;
    let names = [
        "Absorbance @ 450 (1.0s) (A)",
        "570nm_Lab001 (0.1s) (A)",
        "Fluorescein (485nm/535nm, 1.0s) (Counts)",
        "CPS (CPS)",
    ];
    let list = |repeats: usize| {
        let mut text = format!("Plate\tRepeat\tWell\tType\tTime\t{}\n", names.join("\tTime\t"));
        for (plate, repeat) in (1..=2).flat_map(|plate| (1..=repeats).map(move |repeat| (plate, repeat))) {
            for (row, column) in (0..8).flat_map(|row| (0..12).map(move |column| (row, column))) {
                let values: Vec<String> = (0..4).map(|k| cell(row, column, plate + k, part)).collect();
                let start = format!("{plate}\t{repeat}\t{}{:02}\tM\t00:00:41.29", letters(row), column + 1);
                let _ = writeln!(text, "{start}\t{}", values.join("\t00:01:44.84\t"));
            }
        }
        text
    };
    let export = read(&list(1));
    assert_eq!((export.format.as_str(), export.plates.len()), ("Victor 1420", 2));
    for (plate, number) in export.plates.iter().zip(1..) {
        let found: Vec<_> = plate.reads.iter().map(light).collect();
        let raw = |mode, nm| (mode, nm, false);
        let absorbance = |nm| raw(Mode::Absorbance, Some(nm));
        let expected =
            [absorbance(450.0), absorbance(570.0), raw(Mode::Fluorescence, Some(535.0)), raw(Mode::Luminescence, None)];
        assert_eq!(found, expected);
        assert_eq!(plate.reads[2].excitation_nm, Some(485.0));
        (0..4).for_each(|k| check(&plate.reads[k], number + k, part, "list"));
    }
    assert_eq!(examine(&list(2)).0.kind, ExportKind::Kinetic);
}

#[test]
fn biotek_reports_name_measurements_of_any_kind() {
    let part = PARTS[0].1;
    let numbers = (1..=12).map(|at| at.to_string()).collect::<Vec<_>>().join("\t");
    let mut text = format!("[Plate: Template]\n\t{numbers}\nA\tSTD1:100.00\tSPL3:10\tBLK\n\n");
    for (k, name) in ["M#1 450", "M#2 485/20,528/20", "M#3 Lum", "Delta OD"].into_iter().enumerate() {
        let _ = writeln!(text, "[Plate: {name}] readout\n\t{numbers}");
        for row in 0..8 {
            let values: Vec<String> = (0..12).map(|column| cell(row, column, k, part)).collect();
            let _ = writeln!(text, "{}\t{}", letters(row), values.join("\t"));
        }
        text.push('\n');
    }
    let export = read(&text);
    let plate = &export.plates[0];
    let found: Vec<_> = plate.reads.iter().map(light).collect();
    let raw = |mode, nm| (mode, nm, false);
    let measured =
        [raw(Mode::Absorbance, Some(450.0)), raw(Mode::Fluorescence, Some(528.0)), raw(Mode::Luminescence, None)];
    assert_eq!((export.format.as_str(), &found[..3], found[3].2), ("BioTek report", &measured[..], true));
    (0..4).for_each(|k| check(&plate.reads[k], k, part, "report"));
    let sample = |well: &str| &plate.samples[&well.parse().unwrap()];
    assert_eq!((sample("A1").concentration, sample("A1").dilution), (Some(100.0), None));
    assert_eq!((sample("A2").concentration, sample("A2").dilution), (None, Some(10.0)));
}
