//! Our concentrations beside the reader's own: real files (in `../shared/corpus`, not part of the project) and an export in Gen5's
//! format that is made here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail, and says so"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use platewise::curve::{Method, Point, Variance, fit};
use platewise::pipeline::reconcile::{ReconciledCurve, reconcile_file};

/// File, numbers of the reader's own in it, and what has to be said of how they were made.
const FILES: [(&str, usize, &str); 10] = [
    (
        "moldev_softmax_pro/bulqi__Assay_2.txt",
        63,
        "4pl with constant variance (unweighted), the means of the standards",
    ),
    // Its tables show two standards as masked or out of range; the curve was made with them.
    ("moldev_softmax_pro/group_cols_with_int_sample_names.txt", 74, "4pl with constant variance (unweighted)"),
    // It declares no standards: its numbers lie on one line all the same.
    ("agilent_gen5/labkey__biotek_01.xlsx", 94, "a straight line, through the reader's own concentrations"),
    ("moldev_softmax_pro/MD_SMP_absorbance_endpoint_example01.txt", 186, "a straight line of the logarithms"),
    ("moldev_softmax_pro/MD_SMP_absorbance_endpoint_partial_plate_example01.txt", 80, "a straight line"),
    ("thermo_skanit/skanit_data.xlsx", 59, "4pl with constant variance (unweighted), every well of the standards"),
    ("agilent_gen5/absorbance__010307_114129_BNCH654563_stdcurve_singleplate01.txt", 96, "a straight line"),
    ("agilent_gen5/absorbance__endpoint_stdcurve_singleplate.txt", 96, "a straight line"),
    ("agilent_gen5/absorbance__exclude__endpoint_stdcurve_multiplate.txt", 288, "a straight line"),
    ("agilent_gen5/absorbance__Lowry_Protein_Assay_no_results_matrix.txt", 93, "a straight line"),
];

#[test]
fn the_readers_own_numbers_are_explained_to_their_printed_digits() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    for (name, numbers, way) in FILES {
        let path = corpus.join(name);
        if !path.exists() {
            println!("skipped: {name} is not on this machine (it is not part of the project)");
            continue;
        }
        let curves = reconcile_file(&path).unwrap();
        assert_eq!(curves.iter().map(|curve| curve.wells.len()).sum::<usize>(), numbers, "{name}");
        for curve in &curves {
            assert!(curve.explained(), "{name}, {}: {:?}", curve.label, curve.causes);
            assert!(curve.closest.as_ref().unwrap().contains(way), "{name}: {:?}", curve.closest);
        }
    }
}

/// A plate as Gen5 writes it: standards 2000, 1000 … 62.5 in duplicate, two samples, and `[Concentration]` from a line.
fn gen5(concentration: impl Fn(f64) -> f64) -> String {
    let levels = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5];
    let mut text = "Software Version\t3.12.08\n\nPlate Number\tPlate 1\nDate\t10/10/2022\nTime\t9:00:04 PM\nReading Type\tReader\n\n\
                    Procedure Details\n\nPlate Type\t96 WELL PLATE\nRead\tAbsorbance Endpoint\n\tFull Plate\n\tWavelengths:  450\n\n\
                    Layout\n\n\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\n"
        .to_string();
    let letter = |row: usize| char::from(b'A' + row as u8);
    for row in 0..8 {
        let (id, value) = match levels.get(row) {
            Some(level) => (format!("STD{}", row + 1), level.to_string()),
            None => (format!("SPL{}", row + 1 - levels.len()), "1".to_string()),
        };
        let _ = writeln!(text, "{}\t{id}\t{id}{}\tWell ID", letter(row), "\t".repeat(10));
        let _ = writeln!(text, "\t{value}\t{value}{}\tConc/Dil", "\t".repeat(10));
    }
    text.push_str("\nResults\n\n\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\n");
    for row in 0..8 {
        let level = levels.get(row).copied().unwrap_or(300.0 * (row as f64 - 5.0));
        let responses = [0.997, 1.004].map(|scatter| ((0.05 + 0.0012 * level) * scatter * 1000.0).round() / 1000.0);
        let gap = "\t".repeat(10);
        let _ = writeln!(text, "{}\t{:.3}\t{:.3}{gap}\t450", letter(row), responses[0], responses[1]);
        let [one, other] = responses.map(&concentration);
        let _ = writeln!(text, "\t{one:.3}\t{other:.3}{gap}\t[Concentration]");
    }
    text
}

fn reconciled(text: &str) -> Vec<ReconciledCurve> {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("plate.txt");
    fs::write(&path, text).unwrap();
    reconcile_file(&path).unwrap()
}

/// The line through the wells of the standards of [`gen5`], read backwards.
fn line() -> impl Fn(f64) -> f64 {
    let levels = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5];
    let points: Vec<(f64, f64)> = levels
        .iter()
        .flat_map(|level| {
            [0.997, 1.004].map(|scatter| (*level, ((0.05 + 0.0012 * level) * scatter * 1000.0_f64).round() / 1000.0))
        })
        .collect();
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let slope = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum::<f64>()
        / points.iter().map(|p| (p.0 - mx) * (p.0 - mx)).sum::<f64>();
    move |y| mx + (y - my) / slope
}

/// The export that the help of `reconcile` takes for its example is the one that is made here.
#[test]
fn the_example_of_the_help_is_made_here() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reconcile/gen5.txt");
    let made = gen5(line());
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == made, "PLATEWISE_BLESS=1 cargo test --test reconcile");
}

#[test]
fn a_line_is_found_and_a_number_that_nothing_explains_is_said() {
    let line = line();
    let line = &line;
    let curves = reconciled(&gen5(line));
    assert_eq!((curves.len(), curves[0].wells.len()), (1, 16));
    assert!(curves[0].explained(), "{:?}", curves[0].causes);
    assert!(curves[0].closest.as_ref().unwrap().starts_with("a straight line"), "{:?}", curves[0].closest);
    assert!(curves[0].causes.iter().any(|cause| cause.starts_with("curve: theirs a straight line, ours 4pl")));

    let off = reconciled(&gen5(|y| if y > 0.7 && y < 0.8 { 1.1 * line(y) } else { line(y) }));
    assert!(!off[0].explained());
    assert!(off[0].causes.iter().any(|cause| cause.starts_with("not explained: ")), "{:?}", off[0].causes);
}

/// An export as SoftMax Pro writes it: standards 320 … 5 and 0 in duplicate, two samples, the means of the standards and the
/// single samples read from a 4PL that was made with the well A2, which the table shows as masked.
fn softmax(concentration: impl Fn(f64) -> f64) -> String {
    let levels = [320.0, 160.0, 80.0, 40.0, 20.0, 10.0, 5.0, 0.0];
    let single = [0.25, 0.4, 0.7, 1.1, 1.3, 0.3, 0.5, 0.9];
    let mut text = "##BLOCKS= 3\nPlate:\tPlate1\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t12\t96\t1\t8\n\
                    \tTemperature(\u{a1}C)\t1\t2\t3\t4\t5\t6\t7\t8\t9\t10\t11\t12\n"
        .to_string();
    for (row, level) in levels.into_iter().enumerate() {
        let [one, other] = duplicate(level);
        let start = if row == 0 { "NaN" } else { "" };
        let _ = writeln!(text, "\t{start}\t{one:.3}\t{other:.3}\t{:.3}{}", single[row], "\t".repeat(9));
    }
    text.push_str("\n~End\nGroup: Std\nSample\tConc\tBackCalcConc\tWells\tOD\tAvgOD\tWellPlateName\n");
    for (row, level) in levels.into_iter().enumerate() {
        let (letter, [one, other]) = (char::from(b'A' + row as u8), duplicate(level));
        let mean = (one + other) / 2.0;
        let found = if level == 0.0 { "Range?".to_string() } else { format!("{:.3}", concentration(mean)) };
        let _ = writeln!(text, "St{}\t{level:.3}\t{found}\t{letter}1\t{one:.3}\t{mean:.3}\tPlate1", row + 1);
        let second = if row == 0 { "Masked".to_string() } else { format!("{other:.3}") };
        let _ = writeln!(text, " \t \t \t{letter}2\t{second}\t \tPlate1");
    }
    text.push_str(
        "\nGroup Column\tFormula Name\tFormula\tPrecision\tNotation\n1\tSample\n2\tConc\t!Conc\t3 DP\tNumeric\n\
         3\tBackCalcConc\tInterpX(Plot1@Graph1,AvgOD)\t3 DP\tNumeric\n4\tWells\t!WellIDs\t2 DP\tNumeric\n\
         5\tOD\t!WellValues\t3 DP\tNumeric\n6\tAvgOD\tAverage(OD)\t3 DP\tNumeric\n\
         7\tWellPlateName\t!WellPlateName\t0 DP\tNumeric\n\nGroup Summaries\n~End\n\
         Group: Unk\nSample\tWell\tValues\tResult\tWellPlateName\n",
    );
    for (row, reading) in single.into_iter().enumerate() {
        let well = char::from(b'A' + row as u8);
        let _ = writeln!(text, "{}\t{well}3\t{reading:.3}\t{:.3}\tPlate1", 62195 + row, concentration(reading));
    }
    text.push_str(
        "\nGroup Column\tFormula Name\tFormula\tPrecision\tNotation\n1\tSample\n2\tWells\t!WellIDs\t3 DP\tNumeric\n\
         3\tValues\t!WellValues\t3 DP\tNumeric\n4\tResult\tInterpX(Plot1@Graph1,Values)\t3 DP\tNumeric\n\
         5\tWellPlateName\t!WellPlateName\t0 DP\tNumeric\n\nGroup Summaries\n~End\n\
         Original Filename: plate1; Date Last Saved: 2/14/2024 4:07:59 PM\n",
    );
    text
}

/// A level of the standards as the reader prints it; A2 lies far from A1.
fn duplicate(level: f64) -> [f64; 2] {
    let mean = 3.6 + (0.06 - 3.6) / (1.0 + (level / 360.0_f64).powf(1.08));
    let scatter = if level == 320.0 { [1.08, 0.9] } else { [0.99, 1.01] };
    scatter.map(|scatter| (mean * scatter * 1000.0).round() / 1000.0)
}

#[test]
fn softmax_groups_of_one_plot_have_one_curve_and_masked_wells_are_tried() {
    let points: Vec<Point> = [320.0, 160.0, 80.0, 40.0, 20.0, 10.0, 5.0, 0.0]
        .into_iter()
        .flat_map(|concentration| duplicate(concentration).map(|response| Point { concentration, response }))
        .collect();
    let method = Method { variance: Variance::Constant, ..Method::default() };
    let curve = fit(&points, &method).unwrap();
    let curves = reconciled(&softmax(|y| method.model.concentration(curve.parameters(), y).unwrap()));
    assert_eq!((curves.len(), curves[0].wells.len()), (1, 15), "{:?}", curves[0].label);
    assert_eq!(curves[0].label, "BackCalcConc of group 'Std', Result of group 'Unk'");
    assert!(curves[0].explained(), "{:?}", curves[0].causes);
    let masked = "standards: theirs with the wells that the table shows as masked, ours without them";
    assert!(curves[0].causes.iter().any(|cause| cause == masked), "{:?}", curves[0].causes);
}

#[test]
fn a_file_that_contradicts_itself_is_told_so() {
    // H1 and H2 read the same, and have concentrations that differ tenfold.
    let text = gen5(|y| (y - 0.05) / 0.0012);
    let (start, last) = text.rsplit_once("\nH\t").unwrap();
    let gap = "\t".repeat(10);
    let (_, line) = last.split_once('\n').unwrap();
    assert!(line.contains("[Concentration]"));
    let curves = reconciled(&format!("{start}\nH\t0.770\t0.770{gap}\t450\n\t600.000\t60.000{gap}\t[Concentration]\n"));
    let cause = "the file contradicts itself: H02 and H01 have the same readings and the concentrations 60 and 600; no curve gives both";
    assert!(curves[0].causes.iter().any(|found| found == cause), "{:?}", curves[0].causes);
}
