//! Our concentrations beside the reader's own: real files (in `../shared/corpus`, not part of the project) and exports in the
//! formats of Gen5, SoftMax Pro and SkanIt that are made here.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use platewise::curve::{Method, Point, Variance, fit};
use platewise::files::{InputFolder, LinkPolicy};
use platewise::pipeline::reconcile::{ComparedValue, ReconciledCurve, reconcile_file, reconcile_study};
use platewise::sheet::{Book, Sheet};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};

/// File, numbers of the reader's own in it, and what has to be said of how they were made.
const FILES: [(&str, usize, &str); 16] = [
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
    (
        "agilent_gen5/absorbance__exclude__endpoint_pathlength_correct_singleplate_no_pm_in_time.txt",
        96,
        "a straight line, through the reader's own concentrations",
    ),
    ("agilent_gen5/fluorescence__endpoint_single_plate_example.txt", 1, "the parameters that the file prints"),
    ("agilent_gen5/fluorescence__endpoint_singleplate_filter.txt", 77, "the parameters that the file prints"),
    ("moldev_softmax_pro/MD_SMP_absorbance_endpoint_example02.txt", 186, "a straight line of the logarithms"),
    ("moldev_softmax_pro/MD_SMP_absorbance_endpoint_partial_plate_example02.txt", 80, "a straight line"),
    ("moldev_softmax_pro/softmaxpro_example_reduced.txt", 66, "4pl with constant variance (unweighted)"),
];

/// The one file of the corpus whose numbers no curve gives: wells with equal readings have concentrations 50 times apart.
const CONTRADICTORY: &str = "agilent_gen5/fluorescence__alphalisa_endpoint_singleplate.txt";

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
    let path = corpus.join(CONTRADICTORY);
    if path.exists() {
        let curves = reconcile_file(&path).unwrap();
        let causes = &curves[0].causes;
        assert!(!curves[0].explained() && causes.iter().any(|cause| cause.starts_with("the file contradicts itself")));
        let mut program = assert_cmd::Command::cargo_bin("platewise").unwrap();
        assert_eq!(program.arg("reconcile").arg(path).output().unwrap().status.code(), Some(1), "not explained");
    }
}

/// No other file of the corpus holds numbers of the reader's own.
#[test]
fn the_files_above_are_all_that_hold_such_numbers() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let Ok(readers) = fs::read_dir(&corpus) else {
        println!("skipped: the corpus is not on this machine (it is not part of the project)");
        return;
    };
    let mut others = Vec::new();
    for reader in readers.map(|reader| reader.unwrap().path()).filter(|reader| reader.is_dir()) {
        for file in fs::read_dir(&reader).unwrap().map(|file| file.unwrap().path()).filter(|file| file.is_file()) {
            let name = file.strip_prefix(&corpus).unwrap().to_string_lossy().replace('\\', "/");
            let known = name == CONTRADICTORY || FILES.iter().any(|(of, ..)| *of == name);
            if !known && reconcile_file(&file).is_ok() {
                others.push(name);
            }
        }
    }
    assert!(others.is_empty(), "{others:?}");
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
    assert!(
        fs::read_to_string(&path).unwrap() == made,
        "PLATEWISE_BLESS=1 cargo test --test stages pipeline::reconcile"
    );
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

/// What a well of the plate of [`skanit`] holds: its name, and the standard's concentration (1:10 for a sample).
fn skanit_well(row: usize, column: usize) -> (String, Option<f64>) {
    const LEVELS: [f64; 7] = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25];
    match (column, LEVELS.get(row)) {
        (0 | 1, Some(&level)) => (format!("Std{:04}", row + 1), Some(level)),
        (0 | 1, None) => ("Blank1".to_string(), None),
        _ => (format!("Un{:04}", 8 * (column / 2 - 1) + row + 1), None),
    }
}

/// The reading of a well with all the digits that SkanIt keeps to itself: samples from below the lowest to above the highest
/// standard, each well with its own scatter.
fn skanit_reading(row: usize, column: usize) -> f64 {
    let inside = match skanit_well(row, column) {
        (_, Some(level)) => level,
        (name, None) if name == "Blank1" => 0.0,
        _ => 15.0 * 1.145_f64.powi(8 * (column as i32 / 2 - 1) + row as i32),
    };
    let scatter = 1.0 + 0.02 * f64::sin((12 * row + column) as f64 * 1.7);
    (0.09 + (3.1 - 3.1 / (1.0 + (inside / 850.0).powf(1.1)))) * scatter
}

/// A report workbook as SkanIt 7 writes it: readings to four places, the readings less the mean of the blanks to four significant
/// digits, and concentrations to as many from an unweighted 4PL through the standards less the blank.
fn skanit() -> Vec<u8> {
    let blank = (skanit_reading(7, 0) + skanit_reading(7, 1)) / 2.0;
    let signal = |row: usize, column: usize| skanit_reading(row, column) - blank;
    let four = |value: f64| format!("{value:.3e}").parse::<f64>().unwrap();
    let points: Vec<Point> = (0..7)
        .flat_map(|row| [0, 1].map(|column| (row, column)))
        .map(|(row, column)| Point {
            concentration: skanit_well(row, column).1.unwrap(),
            response: signal(row, column),
        })
        .collect();
    let method = Method { variance: Variance::Constant, ..Method::default() };
    let curve = fit(&points, &method).unwrap();
    let p = curve.parameters();
    let concentration = |row: usize, column: usize| {
        let value = method.model.concentration(p, signal(row, column));
        match value {
            Some(value) if value > 2000.0 => Err(" > Max"),
            Some(value) if value >= 31.25 => Ok(four(value)),
            _ => Err(" < Min"),
        }
    };

    let mut book = Workbook::new();
    let made = ExcelDateTime::from_ymd(2026, 1, 5).unwrap();
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let head = |sheet: &mut Worksheet, lines: &[&str]| {
        let before = ["Measurement results", "SIMULATED.skax", "1/5/2026 10:12:31 AM", " "];
        for (row, line) in before.iter().chain(lines).enumerate() {
            sheet.write(row as u32, 0, *line).unwrap();
        }
        (before.len() + lines.len()) as u32
    };
    let grid = |sheet: &mut Worksheet, top: u32, corner: &str, cell: &dyn Fn(usize, usize) -> Result<f64, String>| {
        sheet.write(top, 0, corner).unwrap();
        for column in 0..12 {
            sheet.write(top, column + 1, f64::from(column) + 1.0).unwrap();
        }
        for row in 0..8 {
            let at = top + 1 + row as u32;
            sheet.write(at, 0, char::from(b'A' + row as u8).to_string()).unwrap();
            for column in 0..12 {
                match cell(row, column) {
                    Ok(number) => sheet.write(at, column as u16 + 1, number).unwrap(),
                    Err(text) => sheet.write(at, column as u16 + 1, text).unwrap(),
                };
            }
        }
        top + 10
    };
    let names = |row: usize, column: usize| Err(skanit_well(row, column).0);
    let plate = ["Wavelength: 450 nm", " ", "Plate 1", " "];

    let sheet = book.add_worksheet().set_name("Absorbance 1_01").unwrap();
    let top = head(sheet, &[&["Absorbance 1"][..], &plate].concat());
    let top = grid(sheet, top, "Abs", &|row, column| Ok((skanit_reading(row, column) * 1e4).round() / 1e4));
    grid(sheet, top, "Sample", &names);

    let sheet = book.add_worksheet().set_name("Blank Subtraction 1_02").unwrap();
    let top = head(sheet, &[&["Blank Subtraction 1"][..], &plate].concat());
    let top = grid(sheet, top, "Blank subtracted", &|row, column| Ok(four(signal(row, column))));
    grid(sheet, top, "Sample", &names);

    let sheet = book.add_worksheet().set_name("Standard Curve 1_03").unwrap();
    let six = |value: f64| format!("{value:.5e}").parse::<f64>().unwrap();
    let [a, b, c, d] = [p.a, p.b, p.c, p.d].map(six);
    let printed = format!("y = {d} + ( ({a} - {d}) / ( 1 + (x/{c})^{b}) )");
    let lines = [
        "Standard Curve 1",
        "Fit type: 4PL",
        "Concentration transformation: Logarithmic",
        "Signal transformation: Linear",
        "Wavelength: 450 nm",
        "Saved curve: No",
        "Sample group: Group 1",
        " ",
        " ",
        &printed,
        "y = d + ( (a - d) / ( 1 + (x/c)^b) )",
        "Where:",
    ];
    let mut top = head(sheet, &lines);
    for (letter, value) in [("a =", a), ("b =", b), ("c =", c), ("d =", d)] {
        sheet.write(top, 0, letter).unwrap().write(top, 1, value).unwrap();
        top += 1;
    }
    sheet.write(top + 1, 0, "Plate 1").unwrap();
    let top = grid(sheet, top + 3, "Signal", &|row, column| Ok(four(signal(row, column))));
    let top = grid(sheet, top, "Conc. [pg/ml]", &|row, column| match skanit_well(row, column) {
        (name, _) if name == "Blank1" => Err(String::new()),
        _ => concentration(row, column).map_err(str::to_string),
    });
    grid(sheet, top, "Sample", &names);

    let sheet = book.add_worksheet().set_name("Layout definitions").unwrap();
    sheet.write(0, 0, "Name").unwrap().write(0, 1, "Plate 1").unwrap();
    sheet.write(1, 0, "Plate template").unwrap().write(1, 1, "ANSI/SBS Standard, 96-well").unwrap();
    for column in 0..12_u16 {
        sheet.write(3, column + 1, f64::from(column) + 1.0).unwrap();
        for row in 0..8_u32 {
            let at = 4 + 3 * row;
            sheet.write(at, 0, char::from(b'A' + row as u8).to_string()).unwrap();
            let (name, level) = skanit_well(row as usize, column.into());
            let last = match level {
                Some(level) => format!("{level} pg/ml"),
                None if name == "Blank1" => String::new(),
                None => "1:10".to_string(),
            };
            for (line, text) in (0..).zip([name, "Group 1".to_string(), last]) {
                sheet.write(at + line, column + 1, text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// Every cell of a workbook as the program reads it.
fn cells(workbook: &[u8]) -> Vec<(String, Vec<Vec<String>>)> {
    let book = Book::from_bytes(workbook, "skanit.xlsx").unwrap();
    let rows = |sheet: &Sheet| -> Vec<Vec<String>> {
        (0..sheet.rows.len())
            .map(|row| (0..sheet.rows[row].len()).map(|column| sheet.text(row, column)).collect())
            .collect()
    };
    book.sheets.iter().map(|sheet| (sheet.name.as_deref().unwrap_or_default().to_string(), rows(sheet))).collect()
}

#[test]
fn a_report_of_skanit_is_explained() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reconcile/skanit.xlsx");
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::write(&path, skanit()).unwrap();
    }
    assert_eq!(
        cells(&fs::read(&path).unwrap()),
        cells(&skanit()),
        "PLATEWISE_BLESS=1 cargo test --test stages pipeline::reconcile"
    );
    let curves = reconcile_file(&path).unwrap();
    assert_eq!(curves.len(), 1);
    let curve = &curves[0];
    assert_eq!(curve.label, "Conc. [pg/ml] of 'Standard Curve 1_03'");
    // Not those that SkanIt says are below or above its standards.
    assert!((60..90).contains(&curve.wells.len()), "{}", curve.wells.len());
    assert!(curve.explained(), "{:?}", curve.causes);
    // SkanIt subtracted the blanks, which moves a and d alike and no concentration: the simpler of two equal ways is named.
    let closest = "4pl with constant variance (unweighted), every well of the standards, 450 nm";
    assert_eq!(curve.closest.as_deref(), Some(closest));
    assert!(curve.their_curve.as_ref().unwrap().starts_with("y = "));
    assert!(curve.causes[0].starts_with("curve: theirs 4pl with constant variance"), "{:?}", curve.causes);
    assert!(curve.causes[1].starts_with("what is left is rounding: all "), "{:?}", curve.causes);
    // Ours weighs the wells: other numbers.
    let largest = curve
        .wells
        .iter()
        .filter_map(ComparedValue::difference_percent)
        .fold(0.0, |most, one| f64::max(most, one.abs()));
    assert!(largest > 1.0, "{largest}");
}

/// `reconcile STUDY`: ours is then what the study makes of the wells, by its method and its layout.
#[test]
fn a_study_is_reconciled_by_its_own_method() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    fs::write(folder.join("gen5.txt"), gen5(line())).unwrap();
    let mut layout = "well,role,sample,concentration,dilution\n".to_string();
    for (row, letter) in ('A'..='H').enumerate() {
        for column in 1..=2 {
            let _ = match [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5].get(row) {
                Some(level) => writeln!(layout, "{letter}{column},standard,,{level},"),
                None => writeln!(layout, "{letter}{column},sample,S{row},,10"),
            };
        }
    }
    fs::write(folder.join("layout.csv"), layout).unwrap();
    fs::write(folder.join("samples.csv"), "sample,subject,visit\nS6,1,Baseline\nS7,1,Week 16\n").unwrap();
    fs::write(
        folder.join("study.toml"),
        "[study]\nid='S'\nunit='pg/mL'\nsimulated=true\n[method]\nname='m'\nversion='1'\nread=450\nvariance='proportional'\n\
         [[visit]]\nname='Baseline'\nweek=0\nbaseline=true\n[[visit]]\nname='Week 16'\nweek=16\nendpoint=true\n\
         [[plate]]\nid='P01'\nexport='gen5.txt'\nlayout='layout.csv'\n",
    )
    .unwrap();
    let curves = reconcile_study(&InputFolder::new(folder, LinkPolicy::Refused)).unwrap();
    assert_eq!((curves.len(), curves[0].wells.len()), (1, 16));
    assert!(curves[0].ours.starts_with("4pl with variance ∝ mean"), "{}", curves[0].ours);
    assert!(curves[0].explained(), "{:?}", curves[0].causes);
    // Theirs stand before the dilution, and so do ours.
    let quantified = platewise::pipeline::quantify(folder, &|_| {}).unwrap();
    let wells = &quantified.plates[0].concentrations.as_ref().unwrap().wells;
    for beside in &curves[0].wells {
        let well = wells.iter().find(|well| well.position == beside.well).unwrap();
        let ours = well.quantity.value().unwrap() / well.dilution;
        assert!((beside.ours.unwrap() / ours - 1.0).abs() < 1e-9, "{beside:?}, {ours}");
    }
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
