//! One small export of each format that is not in the shared corpus, or of a variant that is not: read from `fixtures/exports`.
//! The values are those of [`od`]; what stands instead of a value is listed with each file.

use std::path::Path;

use crate::support::examined::examine;

use platewise::plate::read::{Export, ExportKind, Mode};
use platewise::plate::{PlateRead, Reading, WellPosition, formats};
use platewise::sheet::Book;

fn read(file: &str) -> Export {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports").join(file);
    formats::read(&path, file, None).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The made-up absorbance of a well: rising over rows and columns, `k` tells the reads apart.
fn od(row: usize, column: usize, k: usize) -> f64 {
    0.05 + 0.021 * row as f64 + 0.17 * column as f64 + 0.0013 * ((row * 31 + column * 17 + k * 7) % 23) as f64
}

/// Compares every well with `od`, times `factor`, to the digits of the file; `others` are wells that hold something else.
fn check(read: &PlateRead, k: usize, factor: f64, digits: f64, others: &[(&str, Reading)]) {
    for ((row, column), reading) in read.wells.indexed_iter() {
        let well = WellPosition::new(row, column);
        if let Some((_, expected)) = others.iter().find(|(name, _)| name.parse::<WellPosition>().unwrap() == well) {
            assert_eq!(reading, expected, "{well}");
        } else {
            let value = reading.measured().unwrap_or_else(|| panic!("{well}: {reading:?}"));
            assert!((value - od(row, column, k) * factor).abs() <= digits, "{well}: {value}");
        }
    }
}

/// Format, names and sizes of the plates, and each read as mode, wavelength, reference, derived.
type Shape<'a> = (&'a str, Option<&'a str>, usize, Vec<(Mode, Option<f64>, Option<f64>, bool)>);

fn shape(export: &Export) -> Vec<Shape<'_>> {
    let read = |read: &PlateRead| (read.mode, read.wavelength_nm, read.reference_nm, read.derived);
    let plates = export.plates.iter();
    plates
        .map(|plate| {
            (export.format.as_str(), plate.name.as_deref(), plate.size.count(), plate.reads.iter().map(read).collect())
        })
        .collect()
}

const OD450: (Mode, Option<f64>, Option<f64>, bool) = (Mode::Absorbance, Some(450.0), None, false);
const OD570: (Mode, Option<f64>, Option<f64>, bool) = (Mode::Absorbance, Some(570.0), None, false);

fn saturated(text: &str) -> Reading {
    Reading::Saturated(text.into())
}

fn missing(text: &str) -> Reading {
    Reading::Missing(text.into())
}

#[test]
fn softmax_pro_with_plates_of_one_name() {
    // UTF-16; a note with an open quotation mark; two plates called Plate1; two wavelengths side by side.
    let export = read("softmax_two_plates.txt");
    assert_eq!(shape(&export), vec![("SoftMax Pro text", Some("Plate1"), 96, vec![OD450, OD570]); 2]);
    check(&export.plates[0].reads[0], 0, 1.0, 5e-5, &[("A12", saturated("#SAT")), ("B12", missing("#Low"))]);
    check(&export.plates[1].reads[0], 0, 1.0, 5e-5, &[]);
    check(&export.plates[1].reads[1], 1, 0.1, 1.1e-4, &[]);
    let place = export.plates[0].reads[0].location(WellPosition::new(0, 0)).to_string();
    assert_eq!(place, "softmax_two_plates.txt, line 7, field 3");
}

#[test]
fn softmax_pro_in_time_format_with_a_group() {
    let export = read("softmax_time_format.txt");
    let reduced = (Mode::Absorbance, None, None, true);
    assert_eq!(shape(&export), [("SoftMax Pro text", Some("Plate7"), 96, vec![OD450, reduced])]);
    check(&export.plates[0].reads[0], 0, 1.0, 5e-5, &[]);
    let samples = &export.plates[0].samples;
    assert_eq!(samples.len(), 4);
    let masked = &samples[&"A2".parse().unwrap()];
    assert_eq!(
        (masked.concentration, masked.concentration_unit.as_deref(), masked.masked),
        (Some(2000.0), Some("pg/mL"), true)
    );
    assert_eq!((masked.role.as_deref(), masked.name.as_deref()), (Some("standard"), Some("01")));
}

#[test]
fn gen5_with_two_plates_and_with_commas() {
    let derived = (Mode::Absorbance, None, None, true);
    let others = [
        ("A12", saturated("OVRFLW")),
        ("B12", Reading::Masked { text: "*0.356*".into(), value: Some(0.356) }),
        ("C12", missing("MISSED")),
    ];
    for (file, plates) in [("gen5_two_plates.txt", vec!["Plate 1", "Plate 2"]), ("gen5_commas.csv", vec!["Plate 1"])] {
        let export = read(file);
        let expected: Vec<Shape<'_>> =
            plates.iter().map(|name| ("Gen5", Some(*name), 96, vec![OD450, OD570, derived])).collect();
        assert_eq!(shape(&export), expected, "{file}");
        check(&export.plates[0].reads[0], 0, 1.0, 5.1e-4, &others);
        check(&export.plates[0].reads[1], 1, 0.1, 5.1e-4, &[]);
        assert_eq!(export.plates[0].reads[2].wells[(0, 11)], Reading::NotComputed("?????".into()));
        let samples = &export.plates[0].samples;
        let standard = &samples[&"C2".parse().unwrap()];
        assert_eq!(
            (standard.role.as_deref(), standard.concentration, standard.dilution),
            (Some("standard"), Some(500.0), None)
        );
        let sample = &samples[&"C3".parse().unwrap()];
        assert_eq!((sample.role.as_deref(), sample.concentration, sample.dilution), (Some("sample"), None, Some(10.0)));
    }
}

#[test]
fn plain_grids_with_titles() {
    let export = read("grid_450_570.csv");
    assert_eq!(shape(&export), [("plain grid", None, 96, vec![OD450, OD570])]);
    check(&export.plates[0].reads[0], 0, 1.0, 5e-5, &[]);
    check(&export.plates[0].reads[1], 1, 0.1, 1e-4, &[]);

    let export = read("grid_two_plates.tsv");
    assert_eq!(
        shape(&export),
        [("plain grid", Some("Plate 1"), 96, vec![OD450, OD570]), ("plain grid", Some("Plate 2"), 96, vec![OD450])]
    );
    check(&export.plates[1].reads[0], 2, 1.0, 5e-5, &[]);

    let export = read("matrix_384.csv");
    assert_eq!(shape(&export), [("plain grid", None, 384, vec![(Mode::Unknown, None, None, false)])]);
    check(&export.plates[0].reads[0], 0, 1.0, 5e-5, &[]);
    assert_eq!(export.warnings.len(), 1, "the size is a guess: said");
}

/// The text of the well at row and column.
type Fill = fn(usize, usize) -> String;

/// A workbook of sheets, each with a grid that is filled by a function.
fn workbook(sheets: &[(&str, Fill)]) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    for (name, value) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for column in 0..12_u16 {
            sheet.write(0, column + 1, f64::from(column + 1)).unwrap();
        }
        for row in 0..8_u32 {
            sheet.write(row + 1, 0, char::from(b'A' + row as u8).to_string()).unwrap();
            for column in 0..12_u16 {
                let text = value(row as usize, usize::from(column));
                match text.parse::<f64>() {
                    Ok(number) => sheet.write(row + 1, column + 1, number).unwrap(),
                    Err(_) => sheet.write(row + 1, column + 1, text).unwrap(),
                };
            }
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn sheets_that_are_named_by_what_was_measured_are_reads_of_one_plate() {
    let bytes = workbook(&[
        ("450 nm", |row, column| od(row, column, 0).to_string()),
        ("570 nm", |row, column| od(row, column, 1).to_string()),
        ("Dilution", |_, _| "10".to_string()),
        ("Samples", |row, column| format!("S{row}{column}")),
    ]);
    let (export, problems) = formats::examine(&Book::from_bytes(&bytes, "file").unwrap(), None).unwrap();
    assert!(problems.0.is_empty(), "{problems}");
    assert_eq!(shape(&export), [("plain grid", None, 96, vec![OD450, OD570])]);
    check(&export.plates[0].reads[1], 1, 1.0, 1e-12, &[]);
    assert_eq!(export.blocks.iter().filter(|block| block.made.contains("not used")).count(), 2);

    let fill: Fill = |row, column| od(row, column, 0).to_string();
    let bytes = workbook(&[("P1 450", fill), ("P1 570", fill), ("P2 450", fill)]);
    let (export, _) = formats::examine(&Book::from_bytes(&bytes, "file").unwrap(), None).unwrap();
    assert_eq!(
        shape(&export),
        [("plain grid", Some("P1"), 96, vec![OD450, OD570]), ("plain grid", Some("P2"), 96, vec![OD450])]
    );

    let bytes = workbook(&[("P1", |row, column| od(row, column, 0).to_string()), ("P2", |_, _| "OVRFLW".to_string())]);
    let (export, _) = formats::examine(&Book::from_bytes(&bytes, "file").unwrap(), None).unwrap();
    let names: Vec<Option<&str>> = export.plates.iter().map(|plate| plate.name.as_deref()).collect();
    assert_eq!(names, [Some("P1"), Some("P2")]);
    assert!(
        export.plates[1].reads[0].wells.iter().all(|reading| *reading == saturated("OVRFLW")),
        "a saturated plate is no layout"
    );
}

#[test]
fn a_long_table_of_two_plates() {
    let export = read("table_two_plates.csv");
    let expected = |name| ("plain table", Some(name), 96, vec![OD450, OD570]);
    assert_eq!(shape(&export), [expected("P1"), expected("P2")]);
    for (plate, k) in [(0, 1), (1, 2)] {
        check(&export.plates[plate].reads[0], k, 1.0, 5e-5, &[]);
    }
    assert!(export.warnings[0].to_string().contains("Operator"), "an unused column is said");
}

#[test]
fn decimal_commas_are_read_and_said() {
    for file in ["grid_semicolon_comma.csv", "skanit_semicolon.csv"] {
        let export = read(file);
        check(&export.plates[0].reads[0], 0, 1.0, 5e-5, &[]);
        assert!(export.warnings[0].found.contains("decimal comma"), "{file}");
    }
    let export = read("skanit_semicolon.csv");
    assert_eq!(export.plates[0].samples[&"A1".parse().unwrap()].name.as_deref(), Some("Un_0001 1/1"));
}

#[test]
fn other_readers() {
    let with_reference = (Mode::Absorbance, Some(450.0), Some(620.0), false);
    for (file, format, name, reads, others) in [
        ("ascent.txt", "SkanIt", Some("Plate 1"), vec![OD450], vec![]),
        ("kaleido_2.csv", "Kaleido", Some("P07"), vec![OD450], vec![]),
        ("mars.csv", "BMG MARS", Some("P07"), vec![OD450, OD570], vec![]),
        ("tecan_icontrol_german.txt", "Tecan i-control", None, vec![with_reference], vec![]),
        ("tecan_magellan_short.asc", "Tecan Magellan", Some("P07"), vec![with_reference], vec![]),
        ("opentrons_450.csv", "Opentrons absorbance reader", None, vec![OD450], vec![]),
        (
            "biorad_680.txt",
            "Bio-Rad reader text",
            None,
            vec![OD450, (Mode::Absorbance, Some(655.0), None, false)],
            vec![("A1", Reading::Measured(-0.010)), ("H12", saturated("*.***"))],
        ),
    ] {
        let export = read(file);
        assert_eq!(shape(&export), [(format, name, 96, reads)], "{file}");
        check(&export.plates[0].reads[0], 0, 1.0, 5.1e-4, &others);
    }
    let export = read("tecan_spark.csv");
    let others: Vec<(String, Reading)> = (1..=12).map(|column| (format!("H{column}"), Reading::UNREAD)).collect();
    let mut others: Vec<(&str, Reading)> =
        others.iter().map(|(well, reading)| (well.as_str(), reading.clone())).collect();
    others.push(("A12", saturated("OVER")));
    check(&export.plates[0].reads[0], 0, 1.0, 5e-5, &others);
}

/// Formats of which no real file has been seen: their fixtures follow the descriptions that the readers were written from.
#[test]
fn provisional_formats() {
    let by_reader = (Mode::Absorbance, None, None, true);
    let with_reference = (Mode::Absorbance, Some(450.0), Some(655.0), false);
    for (file, format, name, reads, others) in [
        ("glomax_multi.csv", "GloMax", None, vec![OD450, OD570, by_reader], vec![]),
        ("victor_nivo.csv", "Victor Nivo", Some("P07"), vec![OD450], vec![("H12", saturated("OVER"))]),
        ("envision_list.csv", "EnVision or EnSpire", Some("Plate 1"), vec![OD450], vec![]),
        ("biorad_imark.txt", "Bio-Rad reader text", None, vec![with_reference], vec![("H12", saturated("*.***"))]),
    ] {
        let export = read(file);
        assert_eq!(shape(&export), [(format, name, 96, reads)], "{file}");
        check(&export.plates[0].reads[0], 0, 1.0, 5.1e-4, &others);
    }
    check(&read("glomax_multi.csv").plates[0].reads[1], 1, 1.0, 5.1e-5, &[]);
    let warnings = read("victor_nivo.csv").warnings;
    assert!(warnings[0].to_string().contains("a kinetic read"), "{warnings:?}");
    let list = read("envision_list.csv");
    assert_eq!(list.plates[0].samples[&"B2".parse().unwrap()].name.as_deref(), Some("STD2"));
    assert!(list.warnings[0].to_string().contains("'MeasA:Temperature' is not used"));
    let (kinetic, problems) = examine("MTX\n3\n8\t12\n00:00:10\n0.1\t0.2\n");
    assert_eq!(kinetic.kind, ExportKind::Kinetic, "{problems}");
}

#[test]
fn skanit_text_with_two_measurements() {
    let grid = "Abs;1;2;3\nA;0.1;0.2;0.3\nB;0.1;0.2;0.3\n";
    let text = format!("Photometric1\n\nPlate 1: P07\n\n{grid}\nPhotometric2\n\nPlate 1: P07\n\n{grid}");
    let (export, problems) = examine(&text);
    assert!(problems.0.is_empty(), "{problems}");
    let labels: Vec<&str> = export.plates[0].reads.iter().map(|read| read.label.as_str()).collect();
    assert_eq!(
        (export.format.as_str(), export.plates.len(), labels),
        ("SkanIt", 1, vec!["Photometric1", "Photometric2"])
    );
}

#[test]
fn envision_places_rows_by_their_letter() {
    let export = read("envision_some_rows.csv");
    assert_eq!(shape(&export), [("EnVision or EnSpire", Some("Plate 1"), 384, vec![OD450])]);
    assert_eq!(export.plates[0].id.as_deref(), Some("P07"));
    for ((row, column), reading) in export.plates[0].reads[0].wells.indexed_iter() {
        if [0, 4, 15].contains(&row) {
            assert!((reading.measured().unwrap() - od(row, column, 0)).abs() <= 5e-5);
        } else {
            assert!(reading.is_unread());
        }
    }
}

/// What a spreadsheet program makes of a text file that is opened and saved as a workbook.
fn saved_as_workbook(book: &Book) -> Vec<u8> {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(&book.sheets[0].rows) {
        for (column, cell) in (0..).zip(cells) {
            let text = cell.text();
            // Excel takes ="P07" for a formula and keeps its value.
            let text = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"')).unwrap_or(&text);
            match text.parse::<f64>() {
                // A name such as 01 is kept as text.
                Ok(number) if (text.contains('.') || !text.starts_with('0')) && number.is_finite() => {
                    sheet.write(row, column, number).unwrap()
                }
                _ if text.is_empty() => continue,
                _ => sheet.write(row, column, text).unwrap(),
            };
        }
    }
    workbook.save_to_buffer().unwrap()
}

#[test]
fn a_file_that_was_saved_as_a_workbook_is_read_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_none_or(|extension| extension != "md"));
    assert!(files.len() > 15);
    for path in files {
        let text = Book::open(&path, "text").unwrap();
        let (expected, _) = formats::examine(&text, None).unwrap();
        let workbook = Book::from_bytes(&saved_as_workbook(&text), "workbook").unwrap();
        let (found, problems) =
            formats::examine(&workbook, None).unwrap_or_else(|problems| panic!("{}: {problems}", path.display()));
        assert!(problems.0.is_empty(), "{}: {problems}", path.display());
        assert_eq!(found.format, expected.format, "{}", path.display());
        assert_eq!(found.plates.len(), expected.plates.len(), "{}", path.display());
        for (found, expected) in found.plates.iter().zip(&expected.plates) {
            assert_eq!((&found.id, found.size), (&expected.id, expected.size), "{}", path.display());
            assert_eq!(found.samples, expected.samples, "{}", path.display());
            for (found, expected) in found.reads.iter().zip(&expected.reads) {
                let of = |read: &PlateRead| {
                    (read.mode, read.wavelength_nm, read.reference_nm, read.derived, read.label.clone())
                };
                assert_eq!(of(found), of(expected), "{}", path.display());
                assert_eq!(found.wells, expected.wells, "{}", path.display());
            }
        }
    }
}
