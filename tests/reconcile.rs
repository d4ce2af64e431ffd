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

use platewise::pipeline::reconcile::{ReconciledCurve, reconcile_file};

/// File, numbers of the reader's own in it, and what has to be said of how they were made.
const FILES: [(&str, usize, &str); 8] = [
    (
        "moldev_softmax_pro/bulqi__Assay_2.txt",
        63,
        "4pl with constant variance (unweighted), the means of the standards",
    ),
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

#[test]
fn a_line_is_found_and_a_number_that_nothing_explains_is_said() {
    // First with placeholders, to learn the line of its own standards; then with the numbers of that line.
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
    let line = move |y: f64| mx + (y - my) / slope;
    let curves = reconciled(&gen5(line));
    assert_eq!((curves.len(), curves[0].wells.len()), (1, 16));
    assert!(curves[0].explained(), "{:?}", curves[0].causes);
    assert!(curves[0].closest.as_ref().unwrap().starts_with("a straight line"), "{:?}", curves[0].closest);
    assert!(curves[0].causes.iter().any(|cause| cause.starts_with("curve: theirs a straight line, ours 4pl")));

    let off = reconciled(&gen5(|y| if y > 0.7 && y < 0.8 { 1.1 * line(y) } else { line(y) }));
    assert!(!off[0].explained());
    assert!(off[0].causes.iter().any(|cause| cause.starts_with("not explained: ")), "{:?}", off[0].causes);
}
