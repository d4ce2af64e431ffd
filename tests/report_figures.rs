//! Every kind of figure, compared with the picture that was looked at and found good (`fixtures/figures`).
//!
//! After a change that is meant, look at the new pictures and bless them: `PLATEWISE_BLESS=1 cargo test --test report_figures`.

use std::fs;
use std::path::{Path, PathBuf};

use platewise::report::figure::*;
use resvg::tiny_skia::Pixmap;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/figures").join(name)
}

/// Largest share of pixels that may differ visibly: renderers may place an edge a hair differently, labels may not move.
const TOLERANCE: f64 = 0.002;

fn compare(name: &str, figure: &Figure) {
    assert_eq!(figure.svg(), figure.svg());
    let png = figure.png(1.0).unwrap();
    let path = golden(&format!("{name}.png"));
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &png).unwrap();
    }
    let expected =
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; see the head of this file", path.display()));
    let (seen, expected) = (Pixmap::decode_png(&png).unwrap(), Pixmap::decode_png(&expected).unwrap());
    assert_eq!((seen.width(), seen.height()), (expected.width(), expected.height()), "{name}: another size");
    let differs = |a: &[u8], b: &[u8]| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > 40);
    let different = seen.data().chunks(4).zip(expected.data().chunks(4)).filter(|(a, b)| differs(a, b)).count();
    let share = different as f64 / f64::from(seen.width() * seen.height());
    if share > TOLERANCE {
        let beside = std::env::temp_dir().join(format!("platewise_{name}.png"));
        fs::write(&beside, &png).unwrap();
        panic!("{name}: {:.2} % of the pixels differ from the golden picture; see {}", 100.0 * share, beside.display());
    }
}

fn response(x: f64) -> f64 {
    let (a, d, c, b) = (0.052_f64, 2.94, 720.0, 1.12);
    if x <= 0.0 { a } else { d + (a - d) / (1.0 + (x / c).powf(b)) }
}

fn curve() -> StandardCurveFigure {
    let levels = [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0];
    let noise = [0.021, -0.034, 0.017, -0.008, 0.028, -0.019, 0.011, -0.026, 0.031, 0.006];
    let points: Vec<CurvePoint> = levels
        .iter()
        .flat_map(|level| [*level, *level])
        .enumerate()
        .map(|(i, level)| CurvePoint {
            concentration: level,
            response: response(level) * (1.0 + noise[i % 10]),
            used: i != 8,
            note: format!("well {i}: standard {level} pg/mL"),
        })
        .collect();
    let grid: Vec<f64> = (0..=120).map(|i| 22.0 * (2800.0_f64 / 22.0).powf(f64::from(i) / 120.0)).collect();
    let band = |share: f64| -> Vec<Band> {
        grid.iter()
            .map(|&x| {
                let half = share * response(x) * (1.0 + (x / 900.0).ln().abs() / 3.0);
                Band { concentration: x, lower: response(x) - half, upper: response(x) + half }
            })
            .collect()
    };
    let residuals = points.iter().map(|p| (p.concentration, (p.response / response(p.concentration) - 1.0) * 50.0));
    StandardCurveFigure {
        title: "Plate P01".into(),
        subtitle: "4PL, variance ∝ mean² (fitted), accepted; LLOQ and ULOQ: lowest and highest standard that pass"
            .into(),
        unit: "pg/mL".into(),
        response: "Response (OD, 450 nm − 570 nm)".into(),
        line: std::iter::once((0.0, response(0.0))).chain(grid.iter().map(|&x| (x, response(x)))).collect(),
        confidence: band(0.012),
        prediction: band(0.05),
        level_percent: 95.0,
        lloq: Some(31.25),
        uloq: Some(2000.0),
        samples: (0..38).map(|i| response(40.0 * 1.11_f64.powi(i))).collect(),
        residuals: Some(Residuals { label: "Std. residual".into(), points: residuals.collect() }),
        points,
        simulated: true,
        ..StandardCurveFigure::default()
    }
}

#[test]
fn standard_curve_with_everything() {
    compare("standard_curve", &standard_curve(&curve()));
}

/// What `platewise curve --plot` of a bare table gives: nothing optional.
#[test]
fn standard_curve_of_points_alone() {
    let full = curve();
    let figure = StandardCurveFigure {
        title: "dnase.csv".into(),
        unit: "ng/mL".into(),
        response: "Response".into(),
        points: full.points.into_iter().filter(|point| point.concentration > 0.0).collect(),
        line: full.line.into_iter().filter(|point| point.0 > 0.0).collect(),
        ..StandardCurveFigure::default()
    };
    compare("standard_curve_bare", &standard_curve(&figure));
}

#[test]
fn a_figure_is_written_by_the_ending_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let figure = standard_curve(&curve());
    figure.write(&folder.path().join("curve.svg")).unwrap();
    figure.write(&folder.path().join("curve.PNG")).unwrap();
    assert!(fs::read_to_string(folder.path().join("curve.svg")).unwrap().starts_with("<svg"));
    assert!(fs::read(folder.path().join("curve.PNG")).unwrap().starts_with(b"\x89PNG"));
    for name in ["curve.pdf", "curve", "curve.svg.txt"] {
        let error = figure.write(&folder.path().join(name)).unwrap_err().to_string();
        assert!(error.contains(".svg") && error.contains(".png"), "{error}");
        assert!(!folder.path().join(name).exists());
    }
}

#[test]
fn every_figure_says_in_words_what_it_shows() {
    let svg = standard_curve(&curve()).svg();
    for needed in
        ["role=\"img\"", "<title>Plate P01</title>", "<desc>Simulated data. Standard curve", "LLOQ 31.25 pg/mL"]
    {
        assert!(svg.contains(needed), "{needed}");
    }
    assert!(!svg.contains("<text"), "texts are outlines");
}
