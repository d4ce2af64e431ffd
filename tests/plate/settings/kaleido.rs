//! Kaleido.

use std::fmt::Write as _;

use platewise::plate::read::{ExportKind, Mode};

use super::{PARTS, Part, cell, check, examine, letters, light, read};

/// Kaleido 3: a block for each measurement of a plate, and for each point in time or in the well.
fn kaleido(blocks: &[(&str, &str, usize)], analysis: &str, map: &str, part: Part) -> String {
    let mut text = "Kaleido Results from\nProtocol Name,TARC\nMeasurement Date,2026-01-01 00:00:00\n\n\n".to_string();
    let grid = |k: usize| {
        let mut grid = format!(",{},\n", (1..=12).map(|at| at.to_string()).collect::<Vec<_>>().join(","));
        for row in 0..8 {
            let values: Vec<String> = (0..12).map(|column| cell(row, column, k, part)).collect();
            let _ = writeln!(grid, "{},{},", letters(row), values.join(","));
        }
        grid
    };
    for (label, counted, k) in blocks {
        let _ = write!(
            text,
            "Result for {label}\nBarcode,Repeat,Loop no,Well scan x,Well scan y,Exc wl / filter,Analysis Parameter,\nP07,1,{counted},,,\n\n{}\n",
            grid(*k)
        );
    }
    if !analysis.is_empty() {
        let _ = write!(text, "Analysis Result  default\nResults for {analysis}\n\n{}\n", grid(9));
    }
    let _ = write!(
        text,
        "Plate Type Information\nNumber of Rows,,12\nNumber of Columns,,8\n\nPlatemap\n,1,2,3,\nA,{map},\nB,-,-,-,\n\nDetails of Measurement Sequence\n\n"
    );
    for (label, nm) in [("Absorbance 1", 450), ("Absorbance 2", 570)] {
        let _ = write!(text, "Operation,,,{label}\nMeasurement Mode,,,Single\nExcitation Wavelength [nm],,,{nm}\n\n");
    }
    text
}

#[test]
fn kaleido_measurements_analyses_and_repeats() {
    let both = [("Absorbance 1", ",,", 1), ("Absorbance 2", ",,", 2)];
    for (name, part) in PARTS {
        let export = read(&kaleido(&both, "Ratio ( Absorbance 1 )", "S1,U12,B", part));
        assert_eq!((export.format.as_str(), export.plates.len()), ("Kaleido", 1), "{name}");
        let plate = &export.plates[0];
        let absorbance = |nm| (Mode::Absorbance, Some(nm), false);
        let found: Vec<_> = plate.reads.iter().map(light).collect();
        assert_eq!(found, [absorbance(450.0), absorbance(570.0), (Mode::Absorbance, None, true)], "{name}");
        (0..2).for_each(|k| check(&plate.reads[k], k + 1, part, name));
        let roles: Vec<_> = plate.samples.values().map(|sample| sample.role.clone().unwrap()).collect();
        assert_eq!(roles, ["standard", "sample", "blank"], "{name}");
    }
    let part = PARTS[0].1;
    for (second, kind) in [("2,,", ExportKind::Kinetic), (",2,1", ExportKind::AreaScan)] {
        let blocks = [("Absorbance 1", "1,1,1", 1), ("Absorbance 1", second, 2)];
        assert_eq!(examine(&kaleido(&blocks, "", "-,-,-", part)).0.kind, kind);
        // Beside an end point it is only mentioned.
        let export = read(&kaleido(&[blocks[0], blocks[1], both[1]], "", "-,-,-", part));
        assert_eq!((export.plates[0].reads.len(), light(&export.plates[0].reads[0]).1), (1, Some(570.0)));
    }
    let (export, problems) = examine(&kaleido(&[], "Cells ( IMG 1 )", "-,-,-", part));
    assert_eq!(export.kind, ExportKind::Image, "{problems}");
}

/// An operation at several wavelengths has a block for each; a filter stands with its barcode; a time-resolved read has windows.
#[test]
fn kaleido_blocks_of_one_operation() {
    let part = PARTS[0].1;
    let blocks =
        [("Absorbance 1", ",,,450", 1), ("Absorbance 1", ",,,570", 2), ("Time-resolved Fluorescence 1", ",,,,,2", 3)];
    let text = kaleido(&blocks, "", "-,-,-", part)
        .replace("Exc wl / filter,Analysis Parameter,", "Exc wl / filter,Ems wl,TRF Window,Analysis Parameter,")
        + "Operation,,,Time-resolved Fluorescence 1\nExcitation Filter [nm]/(Barcode),,,360/(141)\nEmission Wavelength [nm],,,615\n";
    let reads = &read(&text).plates[0].reads;
    let found: Vec<_> = reads.iter().map(light).collect();
    let absorbance = |nm| (Mode::Absorbance, Some(nm), false);
    assert_eq!(found, [absorbance(450.0), absorbance(570.0), (Mode::Fluorescence, Some(615.0), false)]);
    assert_eq!(
        (reads[2].excitation_nm, reads[2].label.as_str()),
        (Some(360.0), "Time-resolved Fluorescence 1, window 2")
    );
    (0..3).for_each(|k| check(&reads[k], k + 1, part, "blocks"));
}
