//! What every format keeps to: nothing that is no reading becomes one, nothing is guessed, nothing is cut short, and what is no end
//! point is said to be none.

use crate::support::examined::examine;
use platewise::plate::read::ExportKind;
use platewise::plate::{Reading, formats};
use platewise::sheet::Book;

/// The words of what is wrong with a text, whether or not something could be made of it.
fn refused(text: &str) -> String {
    match formats::examine(&Book::from_bytes(text.as_bytes(), "file").unwrap(), None) {
        Ok((_, problems)) | Err(problems) => problems.to_string(),
    }
}

/// A grid of 32 rows as BMG LABTECH letters them: A to Z, then a to f.
#[test]
fn rows_beyond_z() {
    let value = |row: usize, column: usize| 0.05 + 0.02 * row as f64 + 0.0003 * column as f64;
    let letters = |bmg: bool| {
        (0..32_usize).map(move |row| match row {
            0..26 => char::from(b'A' + row as u8).to_string(),
            _ if bmg => char::from(b'a' + (row - 26) as u8).to_string(),
            _ => format!("A{}", char::from(b'A' + (row - 26) as u8)),
        })
    };
    for bmg in [true, false] {
        let header: Vec<String> = (1..=48).map(|column| column.to_string()).collect();
        let rows: String = letters(bmg)
            .enumerate()
            .map(|(row, letter)| {
                let values: Vec<String> = (0..48).map(|column| format!("{:.4}", value(row, column))).collect();
                format!("{letter},{}\n", values.join(","))
            })
            .collect();
        let (export, problems) = examine(&format!("OD 450,\n,{}\n{rows}", header.join(",")));
        assert!(problems.0.is_empty(), "{problems}");
        assert_eq!(export.plates[0].size.count(), 1536);
        for ((row, column), reading) in export.plates[0].reads[0].wells.indexed_iter() {
            let found = reading.measured().unwrap();
            assert!((found - value(row, column)).abs() < 1e-9, "row {row}, column {column}: {found}");
        }
    }
}

fn grid_with(b2: &str, separator: &str) -> String {
    let row = |letter: &str, b2: &str| format!("{letter}{separator}0.1{separator}{b2}{separator}0.3{separator}0.4\n");
    let header = ["", "1", "2", "3", "4"].join(separator);
    format!("{header}\n{}{}{}", row("A", "0.2"), row("B", b2), row("C", "0.2"))
}

#[test]
fn what_is_no_reading_is_named_with_its_place() {
    for (b2, words) in
        [("abc", "'abc'"), ("0.2.1", "'0.2.1'"), ("1e999", "'1e999'"), ("inf", "'inf'"), ("0x1F", "'0x1F'")]
    {
        let error = refused(&grid_with(b2, "\t"));
        assert!(error.contains("line 3, field 3") && error.contains(words) && error.contains("B02"), "{b2}: {error}");
    }
    assert!(examine(&grid_with("", "\t")).1.0.is_empty(), "an empty well was not read");
}

#[test]
fn decimal_marks_are_never_guessed() {
    assert!(refused(&grid_with("1,234", "\t")).contains("has a comma"));
    let thousands = "\t1\t2\t3\nA\t1,234\t2,345\t3,456\nB\t1,234\t2,345\t3,456\n";
    assert!(refused(thousands).contains("thousands"));
    // Decimal commas between commas: the row has twice as many fields.
    assert!(refused(",1,2,3\nA,0,1,0,2,0,3\nB,0,1,0,2,0,3\n").contains("after the last column number"));
}

#[test]
fn a_grid_with_a_gap_is_not_cut_short() {
    assert!(refused(",1,2,4,5\nA,0.1,0.2,0.3,0.4\nB,0.1,0.2,0.3,0.4\n").contains("column number '4'"));
    assert!(refused(",1,2,,3\nA,0.1,0.2,,0.3\nB,0.1,0.2,,0.3\n").contains("column number '3'"));
    assert!(refused(",1,2,3\nA,0.1,0.2,0.3\n\nC,0.1,0.2,0.3\n").contains("row 'C'"));
    assert!(refused(",1,2,3\nA,0.1,0.2,0.3\nC,0.1,0.2,0.3\nB,0.1,0.2,0.3\n").contains("row 'B'"));
    assert!(refused(",1,2,3\nA,0.1,0.2,0.3\nA,0.1,0.2,0.3\n").contains("row 'A'"));
}

#[test]
fn what_is_no_end_point_is_said() {
    for (text, kind) in [
        ("##BLOCKS= 1\nPlate:\tP\t1.3\tPlateFormat\tKinetic\tAbsorbance\tRaw\tFALSE\t9\n~End\n", ExportKind::Kinetic),
        ("##BLOCKS= 1\nPlate:\tP\t1.3\tPlateFormat\tSpectrum\tAbsorbance\tRaw\tFALSE\t9\n~End\n", ExportKind::Spectrum),
        (
            "##BLOCKS= 1\nPlate:\tP\t1.3\tPlateFormat\tWell Scan\tAbsorbance\tRaw\tFALSE\t9\n~End\n",
            ExportKind::WellScan,
        ),
        ("\"Program\",\"xPONENT\"\n", ExportKind::NotSupported),
        ("Time,A1,A2,A3,A4\n0,0.1,0.2,0.3,0.4\n", ExportKind::Kinetic),
        ("Well,Time (s),OD 450\nA1,0,0.1\nA2,0,0.1\nA1,60,0.2\nA2,60,0.2\n", ExportKind::Kinetic),
        ("Wavelength [nm],A1,A2,A3,A4\n400,0.1,0.2,0.3,0.4\n", ExportKind::Spectrum),
        (",1,2,3\nA,S1,S2,S3\nB,S1,S2,S3\n", ExportKind::LayoutOnly),
        ("sample,1,2\nA,S1,S2\nB,S1,S2\n\nconcentration,1,2\nA,100,50\nB,100,50\n", ExportKind::LayoutOnly),
        ("well,role,concentration\nA1,standard,100\nA2,standard,50\n", ExportKind::LayoutOnly),
    ] {
        let (export, problems) = examine(text);
        assert_eq!(export.kind, kind);
        assert!(problems.to_string().contains("this is a"), "{problems}");
    }
}

#[test]
fn beside_end_points_other_reads_are_only_mentioned() {
    let kinetic = "Plate:\tK\t1.3\tPlateFormat\tKinetic\tAbsorbance\tRaw\tFALSE\t9\n~End\n";
    let end_point = "Plate:\tE\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t3\t6\t1\t2\n\tTemperature\t1\t2\t3\n\t24\t0.1\t0.2\t0.3\n\t\t0.1\t0.2\t0.3\n\n~End\n";
    for order in [[kinetic, end_point], [end_point, kinetic]] {
        let (export, problems) = examine(&format!("##BLOCKS= 2\n{}", order.concat()));
        assert!(problems.0.is_empty(), "{problems}");
        assert_eq!((export.kind, export.plates.len()), (ExportKind::Endpoint, 2));
        assert!(export.warnings[0].to_string().contains("a kinetic read"));
    }
}

#[test]
fn a_damaged_softmax_plate_is_reported_not_shifted() {
    let text = "##BLOCKS= 1\nPlate:\tP\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t3\t6\t1\t2\n\tTemperature\t1\t2\t3\n\t24\t0.1\t0.2\t0.3\n\n~End\n";
    let (export, problems) = examine(text);
    assert_eq!(export.kind, ExportKind::Malformed);
    assert!(problems.to_string().contains("ends after 1 rows"), "{problems}");
    let wells = &export.plates[0].reads[0].wells;
    assert_eq!(wells[(0, 2)], Reading::Measured(0.3));
    assert!(wells.row(1).iter().all(Reading::is_unread));
}

#[test]
fn a_reader_can_be_named() {
    let book = Book::from_bytes(b"##BLOCKS= 1\n", "file").unwrap();
    let error = formats::examine(&book, Some("gen5")).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("not in the format Gen5") && error.contains("Software Version"), "{error}");
    let error = formats::examine(&book, Some("nothing")).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("softmax-pro") && error.contains("tecan-spark"), "all names are said: {error}");
}

#[test]
fn two_formats_that_fit_are_not_chosen_between() {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let grid = workbook.add_worksheet();
    for column in 1..=3_u16 {
        grid.write(0, column, column).unwrap();
        grid.write(1, column, 0.5).unwrap();
    }
    grid.write(1, 0, "A").unwrap();
    let table = workbook.add_worksheet();
    for (row, cells) in (0..).zip([["Well", "OD 450"], ["A1", "0.7"], ["A2", "0.8"]]) {
        table.write_row(row, 0, cells).unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    let book = Book::from_bytes(&bytes, "file").unwrap();
    let error = formats::examine(&book, None).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("as grid and as table") && error.contains("Name the reader"), "{error}");
    for (reader, value) in [("grid", 0.5), ("table", 0.7)] {
        let (export, problems) = formats::examine(&book, Some(reader)).unwrap();
        assert!(problems.0.is_empty(), "{problems}");
        assert_eq!(export.plates[0].reads[0].wells[(0, 0)], Reading::Measured(value));
    }
}

#[test]
fn names_of_formats_are_unique() {
    let mut names: Vec<&str> = formats::FORMATS.iter().map(|format| format.description().name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')));
}
