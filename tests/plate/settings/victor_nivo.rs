//! Victor Nivo.

use std::fmt::Write as _;

use platewise::plate::read::{ExportKind, Mode};

use super::{PARTS, Part, cell, check, examine, letters, light, read};

/// Victor Nivo: columns are plates or cycles, settings stand under the number of the operation.
fn nivo(operation: &str, cycles: &[usize], plates: &[usize], part: Part) -> String {
    let columns: Vec<(usize, usize)> =
        plates.iter().flat_map(|&plate| cycles.iter().map(move |&cycle| (cycle, plate))).collect();
    let line = |key: &str, of: &dyn Fn(&(usize, usize)) -> String| {
        format!(",{key},{}\n", columns.iter().map(of).collect::<Vec<_>>().join(","))
    };
    let mut text = format!(
        "WELL RESULTS\n\nPROTOCOL NAME,TARC\n\nMEASUREMENT START DATE,10/3/2022  10:44:45 AM,,UTC,2022-10-03\n\nPlate,0\nBarcode,0\n\n\
         3 OPERATION,{operation}\nTEMPERATURE(Celsius),30.0\n\n{}{}{}",
        line("Cycle", &|(cycle, _)| cycle.to_string()),
        line("Plate", &|(_, plate)| plate.to_string()),
        line("Barcode", &|(_, plate)| if *plate == 0 { "0".into() } else { format!("P0{plate}") }),
    );
    let _ = writeln!(
        text,
        "Well,Time(s),{}",
        columns.iter().map(|(cycle, _)| format!("{}.0", 60 * cycle)).collect::<Vec<_>>().join(",")
    );
    for (row, column) in (0..8).flat_map(|row| (0..12).map(move |column| (row, column))) {
        let values: Vec<String> = columns.iter().map(|&(_, plate)| cell(row, column, plate, part)).collect();
        let _ = writeln!(text, "{}{},,{}", letters(row), column + 1, values.join(","));
    }
    text + "PARAMETERS\n\nPLATE TYPE,General 96\nPLATE FORMAT,96 wells (8X12)\nPLATE PARAMETERS\nWell volume(µl),200\n\n\
            1 OPERATION,Shaker-Shake\nSHAKE TYPE,Orbital\n\n3 OPERATION,ABS (F)\nMEASUREMENT UNIT,OD\nEXCITATION FILTER,450/10nm\n\n\
            PROTOCOL COMMENT,\n\nPLATE MAP\n\n,1,2,3,\nA,X,X,X,\nB,X,X,X,\n"
}

#[test]
fn victor_nivo_columns_are_plates_or_cycles() {
    for (name, part) in PARTS.into_iter().filter(|(name, _)| *name != "one well") {
        let export = read(&nivo("ABS (F)", &[1], &[0], part));
        assert_eq!(
            (export.format.as_str(), export.plates.len(), export.plates[0].id.as_deref()),
            ("Victor Nivo", 1, None),
            "{name}"
        );
        assert_eq!(light(&export.plates[0].reads[0]), (Mode::Absorbance, Some(450.0), false), "{name}");
        check(&export.plates[0].reads[0], 0, part, name);
        let export = read(&nivo("ABS (F)", &[1], &[1, 2], part));
        for (plate, number) in export.plates.iter().zip(1..) {
            assert_eq!((plate.id.clone(), plate.reads.len()), (Some(format!("P0{number}")), 1), "{name}");
            check(&plate.reads[0], number, part, name);
        }
    }
    for (operation, cycles) in [("ABS (F) - Kinetics", vec![1, 2, 3]), ("ABS (F)", vec![1, 2])] {
        let (export, problems) = examine(&nivo(operation, &cycles, &[0], PARTS[0].1));
        assert_eq!((export.kind, export.plates.len()), (ExportKind::Kinetic, 1), "{problems}");
    }
}
