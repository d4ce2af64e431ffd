//! What the settings of an exporting program change in its files: the same plate, written in each way that EnVision, Gen5, Kaleido
//! and Victor Nivo offer, gives the same values. The files are made here, after descriptions of real ones.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail, and says so"
)]

mod examined;

use std::fmt::Write as _;

use examined::examine;

use platewise::plate::read::{Export, ExportKind, Mode};
use platewise::plate::{PlateRead, Reading};

fn read(text: &str) -> Export {
    let (export, problems) = examine(text);
    assert!(problems.0.is_empty(), "{problems}\n{text}");
    export
}

/// What is wrong with a text that some format knows.
fn refused(text: &str) -> String {
    let (_, problems) = examine(text);
    assert!(!problems.0.is_empty(), "{text}");
    problems.to_string()
}

/// The wells of a plate that are read; the others are empty.
type Part = fn(usize, usize) -> bool;

const PARTS: [(&str, Part); 5] = [
    ("all", |_, _| true),
    ("the first four rows", |row, _| row < 4),
    ("without the first two rows and columns", |row, column| row > 1 && column > 1),
    ("without the last column", |_, column| column < 11),
    ("one well", |row, column| (row, column) == (5, 0)),
];

/// The made-up value of a well of read `k`.
fn value(row: usize, column: usize, k: usize) -> f64 {
    0.05 + 0.1 * row as f64 + 0.001 * column as f64 + 0.01 * k as f64
}

fn cell(row: usize, column: usize, k: usize, part: Part) -> String {
    if part(row, column) { format!("{:.3}", value(row, column, k)) } else { String::new() }
}

fn letters(row: usize) -> String {
    let letter = |at: usize| char::from(b'A' + at as u8);
    if row < 26 { letter(row).to_string() } else { format!("A{}", letter(row - 26)) }
}

fn check(read: &PlateRead, k: usize, part: Part, what: &str) {
    for ((row, column), reading) in read.wells.indexed_iter() {
        match reading.measured() {
            Some(found) => assert!((found - value(row, column, k)).abs() < 1e-9, "{what}: {row} {column}: {found}"),
            None => assert_eq!(reading, &Reading::UNREAD, "{what}: {row} {column}"),
        }
        assert_eq!(reading.measured().is_some(), part(row, column), "{what}: {row} {column}");
    }
}

fn light(read: &PlateRead) -> (Mode, Option<f64>, bool) {
    (read.mode, read.wavelength_nm, read.derived)
}

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
    assert_eq!((export.format, export.plates.len()), ("EnVision or EnSpire", 2));
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

/// How Gen5 writes its results.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Results {
    /// All data sets in one matrix, a line each.
    Matrix,
    /// A grid for each data set, under its name.
    Grids,
    /// One row per well.
    Wells,
    /// One row per well, with the statistics of replicates.
    Statistics,
}

/// Two measured wavelengths, and their difference.
const LABELS: [&str; 3] = ["450", "570", "Delta OD"];

fn gen5(
    results: Results,
    header: bool,
    margin: &str,
    padding: &str,
    part: Part,
    (rows, columns): (usize, usize),
) -> String {
    let mut text = String::new();
    if header {
        let _ = write!(
            text,
            "\n\nSoftware Version\t3.08.01\n\n\nExperiment File Path:\tC:\\x.xpt\n\nPlate Number\tPlate 7\nDate\t1/2/2026\nReader Type:\tELx808\n\n\
             Procedure Details\n\nPlate Type\tGreiner 6 (Custom) {} WELL PLATE\nRead\tAbsorbance Endpoint\n\tFull Plate\n\tWavelengths:  450, 570\n\
             \tRead Speed: Normal,  Delay: 100 msec\n\n\n\nActual Temperature:\t24.5\n\n",
            rows * columns
        );
    }
    let numbers = || (1..=columns).map(|at| at.to_string()).collect::<Vec<_>>().join("\t");
    let line =
        |row: usize, k: usize| (0..columns).map(|column| cell(row, column, k, part)).collect::<Vec<_>>().join("\t");
    match results {
        Results::Matrix => {
            let _ = writeln!(text, "Results\n{margin}\t{}", numbers());
            for row in 0..rows {
                for (k, label) in LABELS.iter().enumerate() {
                    let letter = if k == 0 { letters(row) } else { String::new() };
                    let _ = writeln!(text, "{margin}{letter}\t{}\t{label}", line(row, k));
                }
            }
        }
        Results::Grids => {
            for (k, label) in LABELS.iter().enumerate() {
                let _ = writeln!(text, "{label}\n{margin}\t{}", numbers());
                (0..rows)
                    .for_each(|row| writeln!(text, "{margin}{}\t{}\t{label}", letters(row), line(row, k)).unwrap());
                text.push('\n');
            }
        }
        Results::Wells | Results::Statistics => {
            let statistics = results == Results::Statistics;
            let _ = writeln!(
                text,
                "{margin}Well ID\tName\tWell\tConc/Dil\t{}{}",
                LABELS.join("\t"),
                if statistics { "\tCount\tMean\tStd Dev\tCV (%)" } else { "" }
            );
            // Down the columns, in duplicates of the next row.
            for (column, row) in (0..columns).flat_map(|column| (0..rows).map(move |row| (column, row))) {
                let number = 1 + (column * rows + row) / 2;
                let first = row % 2 == 0;
                let (id, name) =
                    if first { (format!("SPL{number}"), format!("P{number}")) } else { Default::default() };
                let values: Vec<String> = (0..3).map(|k| cell(row, column, k, part)).collect();
                let end = match (statistics, first) {
                    (false, _) => "",
                    (true, true) => "\t2\t0.5\t0.01\t2.0",
                    (true, false) => "\t\t\t\t",
                };
                let _ = writeln!(
                    text,
                    "{margin}{id}\t{name}\t{}{}\t{}\t{}{end}",
                    letters(row),
                    column + 1,
                    if first { "10" } else { "" },
                    values.join("\t")
                );
            }
        }
    }
    text.lines().map(|line| format!("{line}{padding}\n")).collect()
}

#[test]
fn gen5_however_it_is_set_to_export() {
    for results in [Results::Matrix, Results::Grids, Results::Wells, Results::Statistics] {
        for (name, part) in PARTS {
            for (at, size) in [(8, 12), (16, 24), (4, 6)].into_iter().cycle().take(12).enumerate() {
                if name == "one well" && size.0 == 4 {
                    continue;
                }
                let (header, margin, padding) =
                    (at & 1 == 1, if at & 2 == 2 { "\t" } else { "" }, if at % 5 == 0 { "\t\t\t" } else { "" });
                let what = format!("{results:?}, {name}, {header} {margin:?} {padding:?}, {size:?}");
                let export = read(&gen5(results, header, margin, padding, part, size));
                assert_eq!((export.format, export.plates.len()), ("Gen5", 1), "{what}");
                let plate = &export.plates[0];
                assert_eq!(plate.size.count(), size.0 * size.1, "{what}");
                assert_eq!(plate.name.as_deref(), header.then_some("Plate 7"), "{what}");
                let found: Vec<_> = plate.reads.iter().map(light).collect();
                let absorbance = |nm| (Mode::Absorbance, Some(nm), false);
                assert_eq!(found[..2], [absorbance(450.0), absorbance(570.0)], "{what}");
                assert!(found.len() == 3 && found[2].2, "{what}");
                (0..3).for_each(|k| check(&plate.reads[k], k, part, &what));
                if matches!(results, Results::Wells | Results::Statistics) {
                    let sample = &plate.samples[&"B1".parse().unwrap()];
                    assert_eq!(
                        (sample.name.as_deref(), sample.group.as_deref(), sample.dilution),
                        (Some("SPL1"), Some("P1"), Some(10.0))
                    );
                }
            }
        }
    }
}

/// A table of wells below a matrix holds the same values: it is not read twice, but names the samples.
#[test]
fn gen5_statistics_below_a_matrix_are_not_read_twice() {
    let part = PARTS[0].1;
    let matrix = gen5(Results::Matrix, true, "", "", part, (8, 12));
    let statistics = gen5(Results::Statistics, false, "", "", part, (8, 12));
    let export = read(&format!("{matrix}\n{statistics}"));
    assert_eq!(export.plates[0].reads.len(), 3);
    assert_eq!(export.plates[0].samples.len(), 96);
}

/// Where a procedure has several reads without a label, Gen5 numbers them in the names of their data.
#[test]
fn gen5_numbers_reads_without_a_label() {
    let mut text = "Software Version\t3.15.15\n\nPlate Number\tPlate 1\n\nProcedure Details\n\nPlate Type\t96 WELL PLATE (Use plate lid)\n\
                    Read\tAbsorbance Endpoint\n\tFull Plate\n\tWavelengths:  450\nRead\tFluorescence Endpoint\n\tFull Plate\n\tFilter Set 1\n\
                    \t    Excitation: 295,  Emission: 350\nStart Kinetic\tRuntime 1:00:00, Interval 0:10:00, 7 Reads\n    Read\tFluorescence Endpoint\n\
                    \tFilter Set 1\n\t    Excitation: 450,  Emission: 490\nEnd Kinetic\t\n\n"
        .to_string();
    for label in ["Read 1:450", "Read 2:295,350", "Mean V [Read 3:450,490]"] {
        let _ = writeln!(text, "{label}\n\t1\t2\t3\nA\t0.050\t0.051\t0.052\t{label}\n");
    }
    text += "Read 3:450,490\n\nTime\tT\u{fffd} Read 3:450,490\tA1\tA2\tA3\n0:07:31\t40.0\t211\t1114\t1182\n0:17:31\t40.0\t211\t1114\t1182\n";
    let export = read(&text);
    let found: Vec<_> = export.plates[0].reads.iter().map(light).collect();
    let expected = [(Mode::Absorbance, Some(450.0), false), (Mode::Fluorescence, Some(350.0), false)];
    assert_eq!((found.len(), &found[..2], found[2].2), (3, &expected[..], true));
    let said: Vec<_> = export.warnings.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|said| said.contains("here is a kinetic read")), "{said:?}");
}

/// Without a procedure a ratio of two wavelengths is not taken for a filter with its bandwidth.
#[test]
fn gen5_names_of_computed_data_are_told_from_measured_ones() {
    let text =
        |label: &str| format!("Results\n\t1\t2\t3\nA\t0.050\t0.051\t0.052\t{label}\nB\t0.050\t0.051\t0.052\t{label}\n");
    for (label, mode, nm) in [
        ("450", Mode::Absorbance, Some(450.0)),
        ("OD:450", Mode::Absorbance, Some(450.0)),
        ("485/20,528/20", Mode::Fluorescence, Some(528.0)),
        ("460/40", Mode::Luminescence, Some(460.0)),
        ("Lum", Mode::Luminescence, None),
    ] {
        assert_eq!(light(&read(&text(label)).plates[0].reads[0]), (mode, nm, false), "{label}");
    }
    for label in ["260/280", "Blank 450", "Delta OD", "[Concentration]", "12", "450-570"] {
        assert!(read(&text(label)).plates[0].reads[0].derived, "{label}");
    }
}
