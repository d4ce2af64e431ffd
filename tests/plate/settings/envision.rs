//! EnVision and EnSpire.

use std::fmt::Write as _;

use platewise::plate::read::{ExportKind, Mode};

use super::{PARTS, Part, cell, check, examine, letters, light, read, refused};

/// How EnVision's grids are drawn.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Drawn {
    /// Title, column numbers and row letters.
    Full,
    /// Bare numbers.
    Bare,
    /// Bare numbers behind an empty field.
    Indented,
}

/// Two plates, each with a measurement and its double.
fn envision(
    drawn: Drawn,
    below: bool,
    background: bool,
    settings: bool,
    part: Part,
    (rows, columns): (usize, usize),
) -> String {
    let mut text = String::new();
    for plate in 1..=2 {
        for formula in [true, false] {
            let what = if formula { "Formula" } else { "Label,ScanX,ScanY,Measinfo,Kinetics" };
            let said = if formula { "Calc 1: A450 plus" } else { "A450(1),0,0,De=1st Ex=Btm Em=N/A Wdw=N/A (8),0" };
            let mut information = format!(
                "Plate information \nPlate,Repeat,Barcode,{what},Measurement date,\n{plate},1,=\"P0{plate}\",{said},1/15/2024,\n\n"
            );
            if background {
                information += "Background information\nPlate,Label,Result,Signal,MeasInfo,\n1,A450,0,29,De=1st Ex=Btm Em=N/A,\n\n";
            }
            let mut grid = String::new();
            if drawn == Drawn::Full {
                grid += if formula {
                    "Calculated results: Calc 1: A450 plus\n"
                } else {
                    "Results for A450(1) - channel 1 (A)\n"
                };
                let _ =
                    writeln!(grid, ",{},", (1..=columns).map(|at| format!("{at:02}")).collect::<Vec<_>>().join(","));
            }
            for row in 0..rows {
                let k = if formula { 5 } else { plate };
                let values: Vec<String> = (0..columns).map(|column| cell(row, column, k, part)).collect();
                let start = match drawn {
                    Drawn::Full => letters(row) + ",",
                    Drawn::Bare => String::new(),
                    Drawn::Indented => ",".into(),
                };
                let _ =
                    writeln!(grid, "{start}{}{}", values.join(","), if drawn == Drawn::Indented { "" } else { "," });
            }
            text += &if below { format!("{grid}\n{information}") } else { format!("{information}{grid}\n") };
        }
    }
    if settings {
        let _ = write!(
            text,
            "\nBasic assay information \nAssay ID: ,,,,7\n\nPlate type:\nNumber of rows,,,,{rows}\nNumber of columns,,,,{columns}\n\n\
             Platemap:\nPlate,,,,1\nGroup,,,,1\n\n,01,02,03,\nA,STD1 ,STD2 ,- ,\nB,UNK1 ,BL1 ,- ,\n\nPlatemap:\nPlate,,,,2\n\n\
             ,01,02,03,\nA,- ,CTL1 ,- ,\n\n - - Undefined\n\nCalculations:\n\n\
             Auto export parameters:\nPlace plate information at,,,,{}\n\n\
             Labels:\nA450,,,,2000014\nExc. filter,,,,BFP 450\n\nFilters:\nBFP 450,,,,216\nDescription,,,,M450 CWL=450nm BW=10nm\n",
            if below { "End of plate" } else { "Beginning of plate" }
        );
    }
    text
}

/// Why the wells of bare numbers cannot be told, if they cannot: without settings only a whole plate has a size, and an empty first
/// field is either a well or the place of the row letters.
fn is_ambiguous(drawn: Drawn, settings: bool, part: Part, (rows, columns): (usize, usize)) -> bool {
    let is_read = |column: usize| (0..rows).any(|row| part(row, column));
    let is_whole = (0..rows).all(|row| (0..columns).any(|column| part(row, column))) && is_read(columns - 1);
    match drawn {
        Drawn::Full => false,
        Drawn::Bare => !settings && !is_whole || !is_read(0),
        Drawn::Indented => !settings && !is_whole || !is_read(columns - 1),
    }
}

#[test]
fn envision_however_it_is_set_to_export() {
    let (mut read_well, mut not_read) = (0, 0);
    for drawn in [Drawn::Full, Drawn::Bare, Drawn::Indented] {
        for (name, part) in PARTS {
            for (at, size) in [(8, 12), (16, 24), (32, 48)].into_iter().cycle().take(24).enumerate() {
                let (below, background, settings) = (at & 1 == 1, at & 2 == 2, at & 4 == 4);
                let what = format!("{drawn:?}, {name}, {below} {background} {settings}, {size:?}");
                let text = envision(drawn, below, background, settings, part, size);
                if is_ambiguous(drawn, settings, part, size) {
                    assert!(refused(&text).contains("row letters"), "{what}");
                    not_read += 1;
                    continue;
                }
                let export = read(&text);
                assert_eq!(export.plates.len(), 2, "{what}");
                for (plate, number) in export.plates.iter().zip(1..) {
                    let id = format!("P0{number}");
                    assert_eq!(
                        (plate.id.as_deref(), plate.size.count()),
                        (Some(id.as_str()), size.0 * size.1),
                        "{what}"
                    );
                    let wavelength = settings.then_some(450.0);
                    assert!(plate.reads[0].derived, "{what}");
                    assert_eq!(light(&plate.reads[1]), (Mode::Absorbance, wavelength, false), "{what}");
                    check(&plate.reads[0], 5, part, &what);
                    check(&plate.reads[1], number, part, &what);
                }
                read_well += 1;
            }
        }
    }
    assert!(read_well > 200 && not_read > 50, "{read_well} {not_read}");
}

#[test]
fn envision_names_samples_in_its_platemaps() {
    let export = read(&envision(Drawn::Bare, false, true, true, PARTS[0].1, (8, 12)));
    let samples = |plate: usize| {
        let samples = export.plates[plate].samples.iter();
        samples
            .map(|(well, sample)| {
                format!("{well} {} {}", sample.name.as_deref().unwrap(), sample.role.as_deref().unwrap())
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(samples(0), ["A01 STD1 standard", "A02 STD2 standard", "B01 UNK1 sample", "B02 BL1 blank"]);
    assert_eq!(samples(1), ["A02 CTL1 control"]);
}

/// A line of more or fewer rows than the plate has is never cut to fit.
#[test]
fn envision_matrices_of_another_size_are_refused() {
    let text = envision(Drawn::Bare, false, true, true, PARTS[0].1, (8, 12));
    let longer = text.replacen(
        "\n\nPlate information",
        "\n0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.1,0.2,0.3,\n\nPlate information",
        1,
    );
    assert!(refused(&longer).contains("expected 8 lines of 12 values"), "{}", refused(&longer));
    let wider = text.replacen(",\n\nPlate information", ",0.5,0.6,\n\nPlate information", 1);
    assert!(refused(&wider).contains("expected 8 lines of 12 values"), "{}", refused(&wider));
}

/// The list over all plates: what a column holds stands above its name, which may be the same for results and formulas.
#[test]
fn envision_lists_of_plates_and_wells() {
    let list = |described: bool| {
        let mut text = String::new();
        if described {
            text += "\t\tPltRpt=1 Group=1 Eu 665(1) De=1st Ex=Top Em=Top Wdw=1 (14)\t\
                     PltRpt=1 Group=1 Eu 665(1) De=2nd Ex=Top Em=Top Wdw=1 (142)\t\
                     PltRpt=1 Calc 1: General = (X / Y) * Z where X = Eu 665(1) channel 1\n";
        }
        text += "Plate\tWell\tCalcResult\tCalcResult\tCalcResult\n";
        for plate in 1..=2 {
            for (row, column) in (0..16).flat_map(|row| (0..24).map(move |column| (row, column))) {
                let values: Vec<String> = (0..3).map(|k| cell(row, column, plate + k, PARTS[0].1)).collect();
                let _ = writeln!(text, "{plate}\t{}{:02}\t{}", letters(row), column + 1, values.join("\t"));
            }
        }
        text + "\n\nLabels:\nEu 665\t\t\t\t4\nExc. filter\t\t\t\tUV\nEms. filter\t\t\t\tAPC\n2nd ems. filter\t\t\t\tEu\n\nFilters:\n\
                UV\t\t\t\t1\nDescription\t\t\t\tX320 CWL=320nm BW=75nm\n\nAPC\t\t\t\t2\nDescription\t\t\t\tM665 CWL=665nm BW=7nm\n\n\
                Eu\t\t\t\t3\nDescription\t\t\t\tM615 CWL=615nm BW=8nm\n\nExported with EnVision Workstation version 1.13\n"
    };
    let export = read(&list(true));
    assert_eq!((export.format.as_str(), export.plates.len()), ("EnVision or EnSpire", 2));
    for (plate, number) in export.plates.iter().zip(1..) {
        let found: Vec<_> = plate.reads.iter().map(light).collect();
        let fluorescence = |nm| (Mode::Fluorescence, Some(nm), false);
        assert_eq!(found, [fluorescence(665.0), fluorescence(615.0), (Mode::Unknown, None, true)]);
        assert_eq!((plate.reads[0].label.as_str(), plate.reads[0].excitation_nm), ("Eu 665(1)", Some(320.0)));
        (0..3).for_each(|k| check(&plate.reads[k], number + k, PARTS[0].1, "list"));
    }
    // Without a description `CalcResult` may be anything: it is taken for computed.
    assert!(read(&list(false)).plates.iter().flat_map(|plate| &plate.reads).all(|read| read.derived));
}

/// EnSpire repeats the section of a plate for each point of a kinetic read, and counts the points.
#[test]
fn enspire_sections_that_count_points_are_a_kinetic_read() {
    let section = |point: usize| {
        let mut text = format!(
            "Plate information \nPlate,Repeat,Barcode,Meas,ScanX,ScanY,Measinfo,Kinetics,Measurement date,\n\
             1,1,,Meas A,0,0,De=1st Ex=Top Em=Top,{point},2/13/2025,\n\nResults for Meas A -  (RFU)\n,01,02,03,04,05,06,\n"
        );
        (0..4).for_each(|row| writeln!(text, "{},1,2,3,4,5,6,", letters(row)).unwrap());
        text + "\n"
    };
    let (export, problems) = examine(&(section(1) + &section(2) + &section(3)));
    assert_eq!(export.kind, ExportKind::Kinetic, "{problems}");
    assert_eq!(read(&section(1)).plates[0].reads.len(), 1);
}

#[test]
fn envision_repeats_of_a_plate_stand_apart() {
    let text = envision(Drawn::Full, false, true, true, PARTS[0].1, (8, 12));
    let export = read(&text.replace("\n2,1,=\"P02\"", "\n1,2,=\"P01\""));
    let names: Vec<_> = export.plates.iter().filter_map(|plate| plate.name.as_deref()).collect();
    assert_eq!(names, ["Plate 1", "Plate 1, repeat 2"]);
    check(&export.plates[1].reads[1], 2, PARTS[0].1, "the second time");
}
