//! Gen5.

use std::fmt::Write as _;

use platewise::plate::read::Mode;

use super::{PARTS, Part, cell, check, letters, light, read};

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
                assert_eq!((export.format.as_str(), export.plates.len()), ("Gen5", 1), "{what}");
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
        for text in [text(label), text(label).replace("Results", label)] {
            assert!(read(&text).plates[0].reads[0].derived, "{text}");
        }
    }
}
