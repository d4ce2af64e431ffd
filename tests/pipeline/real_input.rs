//! Real exports through read → fit → concentration, beside the numbers of the instruments that wrote them.
//!
//! The files are in `../shared/corpus` and are not part of the project: without them these tests are skipped and say so.
//!
//! * SoftMax Pro, ELISAtools' assay 2 (450 − 620 nm, eight levels in triplicate with masked wells). SoftMax fits an unweighted
//!   4PL to the *means* of the levels; ours, given the means, reads back every one of its concentrations to the printed digits.
//! * SkanIt, an APOE ELISA (450 nm, blank subtracted, seven levels in duplicate): an unweighted 4PL on wells.
//! * Gen5, a plate with a linear standard curve: its data lie on the linear part of any 4PL.

use std::path::{Path, PathBuf};

use platewise::curve::{Method, Model, Point, StandardCurve, Variance, fit};
use platewise::plate::{Export, PlateRead, WellPosition, formats};
use platewise::sheet::{Book, Value};

fn corpus(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {name} is not on this machine (it is not part of the project)");
    None
}

fn read(path: &Path) -> Export {
    formats::read(path, &path.file_name().unwrap().to_string_lossy(), None).unwrap()
}

fn raw_at(export: &Export, nm: f64) -> &PlateRead {
    let raw = export.plates[0].reads.iter().filter(|read| !read.derived);
    raw.into_iter().find(|read| read.wavelength_nm == Some(nm)).unwrap()
}

fn value(read: &PlateRead, well: WellPosition) -> f64 {
    read.reading(well).unwrap().measured().unwrap()
}

fn unweighted(points: &[Point]) -> StandardCurve {
    let method = Method { model: Model::FourParameter, variance: Variance::Constant, ..Method::default() };
    fit(points, &method).unwrap()
}

/// The standards of an export that its reader did not mask: concentration, well.
fn standards(export: &Export) -> Vec<(f64, WellPosition)> {
    export.plates[0]
        .samples
        .iter()
        .filter(|(_, sample)| sample.role.as_deref() == Some("standard") && !sample.masked)
        .map(|(&well, sample)| (sample.concentration.unwrap(), well))
        .collect()
}

#[test]
fn softmax_reads_back_the_same_concentrations() {
    let Some(path) = corpus("moldev_softmax_pro/bulqi__Assay_2.txt") else { return };
    let export = read(&path);
    let (measured, reference) = (raw_at(&export, 450.0), raw_at(&export, 620.0));
    let response = |well| value(measured, well) - value(reference, well);

    let standards = standards(&export);
    assert_eq!(standards.len(), 20, "24 wells, of which four are masked");
    let mut levels: Vec<f64> = standards.iter().map(|(level, _)| *level).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let means: Vec<Point> = levels
        .iter()
        .map(|&level| {
            let wells: Vec<f64> =
                standards.iter().filter(|(of, _)| *of == level).map(|&(_, well)| response(well)).collect();
            Point { concentration: level, response: wells.iter().sum::<f64>() / wells.len() as f64 }
        })
        .collect();
    let curve = unweighted(&means);

    // The instrument's own numbers, from the tables of the file: a well's name, and the concentration in its row.
    let book = Book::open(&path, "Assay_2.txt").unwrap();
    let (mut title, mut column, mut compared, mut outside) = (Vec::<String>::new(), None, 0, 0);
    for row in &book.sheets[0].rows {
        let cells: Vec<String> = row.iter().map(Value::text).collect();
        if cells.iter().any(|cell| cell == "Wells") {
            column = cells.iter().position(|cell| ["BackCalcConc", "Result", "Results"].contains(&cell.as_str()));
            title = cells;
            continue;
        }
        let wells = title.iter().position(|cell| cell == "Wells");
        let (Some(column), Some(wells)) = (column, wells) else { continue };
        let Some(well) = cells.get(wells).and_then(|cell| cell.parse::<WellPosition>().ok()) else { continue };
        match cells[column].parse::<f64>() {
            Ok(theirs) => {
                let ours = curve.invert(response(well), 1).concentration.unwrap();
                assert!((ours - theirs).abs() < 0.000_51, "{well}: ours {ours}, SoftMax Pro {theirs}");
                compared += 1;
            }
            // What SoftMax cannot read from its curve, ours cannot either.
            Err(_) if cells[column] == "Range?" => {
                assert_eq!(curve.invert(response(well), 1).concentration, None, "{well}");
                outside += 1;
            }
            Err(_) => assert_eq!(cells[column], "Masked", "{well}"),
        }
    }
    println!("{compared} concentrations of SoftMax Pro agree to the printed digits, {outside} outside the curve");
    assert!(compared >= 60 && outside >= 1, "{compared} compared, {outside} outside");
}

#[test]
fn skanit_fits_the_same_curve() {
    let Some(path) = corpus("thermo_skanit/skanit_data.xlsx") else { return };
    let export = read(&path);
    let measured = raw_at(&export, 450.0);
    let blanks: Vec<f64> = ["H1", "H2"].iter().map(|well| value(measured, well.parse().unwrap())).collect();
    let blank = blanks.iter().sum::<f64>() / 2.0;
    let points: Vec<Point> = standards(&export)
        .into_iter()
        .map(|(concentration, well)| Point { concentration, response: value(measured, well) - blank })
        .collect();
    assert_eq!(points.len(), 14);
    let curve = unweighted(&points);
    let ours = curve.parameters();

    // SkanIt prints six digits of a fit that it stops early: where ours differs, ours is the smaller sum of squares.
    let theirs = platewise::curve::Parameters { a: -0.067_814_1, d: 2.897_58, c: 0.748_878, b: 0.789_81, g: 1.0 };
    let rss = |p: &platewise::curve::Parameters| -> f64 {
        points
            .iter()
            .map(|point| (point.response - Model::FourParameter.response(p, point.concentration)).powi(2))
            .sum()
    };
    assert!(rss(ours) <= rss(&theirs));
    assert!(rss(&theirs) < rss(ours) * 1.001, "{} {}", rss(ours), rss(&theirs));

    // Its concentrations, to four digits, from the sheet that multiplies them by the dilution.
    let book = Book::open(&path, "skanit_data.xlsx").unwrap();
    let sheet = book.sheets.iter().find(|sheet| sheet.name.as_deref() == Some("Dilution Factor 1_04")).unwrap();
    let first = sheet.rows.iter().position(|row| row.first().is_some_and(|cell| cell.text() == "Value")).unwrap();
    let mut compared = 0;
    for row in 0..8 {
        for column in 0..12 {
            let well = WellPosition::new(row, column);
            let Value::Number(theirs) = sheet.value(first + 1 + row, column + 1) else { continue };
            let dilution = export.plates[0].samples.get(&well).and_then(|sample| sample.dilution).unwrap_or(1.0);
            let ours = curve.invert(value(measured, well) - blank, 1).concentration.unwrap() * dilution;
            assert!((ours / theirs - 1.0).abs() < 2e-3, "{well}: ours {ours}, SkanIt {theirs}");
            compared += 1;
        }
    }
    println!("{compared} concentrations of SkanIt agree to 0.2 %");
    assert!(compared >= 50, "{compared}");
}

#[test]
fn gen5_reads_the_same_from_its_line() {
    let Some(path) = corpus("agilent_gen5/absorbance__endpoint_stdcurve_singleplate.txt") else { return };
    let export = read(&path);
    let measured = raw_at(&export, 630.0);
    let blanks: Vec<f64> = ["H1", "H2", "H3"].iter().map(|well| value(measured, well.parse().unwrap())).collect();
    let blank = blanks.iter().sum::<f64>() / 3.0;
    let points: Vec<Point> = standards(&export)
        .into_iter()
        .map(|(concentration, well)| Point { concentration, response: value(measured, well) - blank })
        .collect();
    assert_eq!(points.len(), 21);
    let curve = unweighted(&points);
    let theirs = export.plates[0].reads.iter().find(|read| read.label.contains("Concentration")).unwrap();
    let mut compared = 0;
    for well in export.plates[0].size.wells() {
        let (Some(theirs), response) = (theirs.reading(well).unwrap().measured(), value(measured, well) - blank) else {
            continue;
        };
        // Inside the standards, where three decimals of the response still carry the figure.
        if !(100.0..=1900.0).contains(&theirs) {
            continue;
        }
        let ours = curve.invert(response, 1).concentration.unwrap();
        assert!((ours / theirs - 1.0).abs() < 0.01, "{well}: ours {ours}, Gen5 {theirs}");
        compared += 1;
    }
    println!("{compared} concentrations of Gen5's line agree to 1 %");
    assert!(compared >= 60, "{compared}");
}
