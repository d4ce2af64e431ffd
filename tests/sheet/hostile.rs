//! Files that are broken, crafted or protected give an error in words: never a panic, an abort, or a wrong number.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::support::workbooks::{
    NO_STRINGS, grid_rows, ods, ods_below_empty_rows, ods_of_rows, sheet_xml, workbook_xml, xls, xlsb, xlsx,
    xlsx_of_rows, zipped,
};
use platewise::plate::formats;
use platewise::plate::{Reading, WellPosition};
use platewise::sheet::{Book, Problems, Value, isolated};

fn open(bytes: &[u8]) -> Result<Book, Problems> {
    isolated::use_program(env!("CARGO_BIN_EXE_platewise").into());
    Book::from_bytes(bytes, "file")
}

/// The words of the error, and that the file is not read.
fn refused(bytes: &[u8]) -> String {
    open(bytes).map(|_| ()).unwrap_err().to_string()
}

/// What reading the first plate says: the problems in words, or the reading of B2.
fn well_b2(bytes: &[u8]) -> Result<Reading, String> {
    let book = open(bytes).map_err(|problems| problems.to_string())?;
    let (export, problems) = formats::examine(&book, None).map_err(|problems| problems.to_string())?;
    if !problems.0.is_empty() {
        return Err(problems.to_string());
    }
    Ok(export.plates[0].reads[0].reading(WellPosition::new(1, 1)).unwrap().clone())
}

fn with_b2(cell: &str) -> Vec<u8> {
    xlsx_of_rows(&grid_rows(cell))
}

#[test]
fn a_sound_workbook_is_read() {
    assert_eq!(well_b2(&with_b2(r#"<c r="C4"><v>1.25</v></c>"#)), Ok(Reading::Measured(1.25)));
    assert_eq!(well_b2(&with_b2("")), Ok(Reading::UNREAD));
    let text = r#"<c r="C4" t="inlineStr"><is><t>OVRFLW</t></is></c>"#;
    assert_eq!(well_b2(&with_b2(text)), Ok(Reading::Saturated("OVRFLW".into())));
}

#[test]
fn a_formula_is_no_reading() {
    assert_eq!(well_b2(&with_b2(r#"<c r="C4"><f>1+1</f></c>"#)), Ok(Reading::Missing("formula".into())));
    assert_eq!(well_b2(&with_b2(r#"<c r="C4"><f>1+1</f><v>2</v></c>"#)), Ok(Reading::Missing("formula".into())));
}

#[test]
fn cells_that_hold_no_reading_are_named() {
    for (cell, words) in [
        (r#"<c r="C4" t="e"><v>#DIV/0!</v></c>"#, "#DIV/0!"),
        (r#"<c r="C4" t="e"><v>#SPILL!</v></c>"#, "the cell after this one"),
        (r#"<c r="C4"><v>NaN</v></c>"#, "not finite"),
        (r#"<c r="C4"><v>1e999</v></c>"#, "not finite"),
        (r#"<c r="C4" t="d"><v>2024-01-01</v></c>"#, "date or time 2024-01-01"),
        (r#"<c r="C4" t="b"><v>1</v></c>"#, "TRUE"),
        (r#"<c r="C4" t="inlineStr"><is><t>abc</t></is></c>"#, "'abc'"),
        (r#"<c r="C4"><v>1</v></c><c r="C4"><v>2</v></c>"#, "twice"),
    ] {
        let error = well_b2(&with_b2(cell)).map(|reading| panic!("{cell}: {reading:?}")).unwrap_err();
        assert!(error.contains(words), "{cell}: {error}");
        assert!(error.contains("C4") || error.contains("B4"), "{cell} without its place: {error}");
    }
}

#[test]
fn a_well_that_is_merged_away_is_named() {
    let merged = r#"<mergeCells count="1"><mergeCell ref="B4:C4"/></mergeCells>"#;
    let sheet = sheet_xml(&grid_rows(""), merged);
    let error = well_b2(&xlsx(&workbook_xml(""), &sheet, NO_STRINGS)).unwrap_err();
    assert!(error.contains("merged") && error.contains("C4"), "{error}");
}

#[test]
fn a_hidden_sheet_is_not_read_and_said() {
    let bytes = xlsx(&workbook_xml(r#"state="hidden""#), &sheet_xml(&grid_rows(""), ""), NO_STRINGS);
    let book = open(&bytes).unwrap();
    assert!(book.sheets[0].hidden);
    let error = formats::examine(&book, None).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("the format of this file is not known"), "{error}");
}

#[test]
fn cell_references_outside_of_a_sheet_are_refused() {
    for reference in ["ABCDEFGHI1", "XFE1", "A1048577", "A0", "A99999999999", "1A", "ÄÖ1", "A1B", ""] {
        let error = refused(&xlsx_of_rows(&format!(r#"<row r="1"><c r="{reference}"><v>1</v></c></row>"#)));
        assert!(error.contains("reference"), "{reference}: {error}");
    }
    assert!(refused(&xlsx_of_rows(r#"<row r="99999999999999"><c><v>1</v></c></row>"#)).contains("reference"));
}

#[test]
fn a_far_cell_takes_no_memory() {
    // Cells A1 and XFD1048576: the library's own range would ask for 500 GB.
    let rows = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#;
    assert!(refused(&xlsx_of_rows(rows)).contains("cells"));
    let rows: String = (1..=1000).map(|row| format!(r#"<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>"#)).collect();
    assert!(refused(&xlsx_of_rows(&rows)).contains("cells"));
    // A declared dimension of the whole sheet is only a word.
    let sheet = sheet_xml(r#"<row r="1"><c r="A1"><v>1</v></c></row>"#, "")
        .replace("<sheetData>", r#"<dimension ref="A1:XFD1048576"/><sheetData>"#);
    assert_eq!(open(&xlsx(&workbook_xml(""), &sheet, NO_STRINGS)).unwrap().sheets[0].rows, [[Value::Number(1.0)]]);
}

#[test]
fn bombs_are_stopped_by_their_real_size() {
    let blanks = vec![b' '; 200 << 20];
    let bomb = zipped(&[("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/sheet1.xml", &blanks)]);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    assert!(refused(&bomb).contains("inflates"));
    let bomb = zipped(&[("[Content_Types].xml", b"<Types/>"), ("xl/sharedStrings.xml", &blanks[..10 << 20])]);
    assert!(refused(&bomb).contains("inflates"));
    let many: String =
        (0..600_000).map(|row| format!("<row r=\"{}\"><c><v>1</v></c></row>", row % 1_000_000 + 1)).collect();
    assert!(refused(&xlsx_of_rows(&many)).contains("cells"));
}

/// One string of 7 MB that 20,000 cells share: each cell would get a copy of its own.
fn shared_string() -> Vec<u8> {
    let cell = |row: u32| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>"#);
    let strings = NO_STRINGS.replace("/>", &format!("><si><t>{}</t></si></sst>", "x".repeat(7 << 20)));
    xlsx(&workbook_xml(""), &sheet_xml(&(1..=20_000).map(cell).collect::<String>(), ""), &strings)
}

#[test]
fn a_string_that_many_cells_share_takes_no_memory() {
    assert!(shared_string().len() < 200_000);
    assert!(refused(&shared_string()).contains("texts of the cells are too long"));
}

#[test]
fn a_truncated_workbook_is_refused_at_every_length() {
    let whole = with_b2(r#"<c r="C4"><v>1.25</v></c>"#);
    // The first bytes alone are not yet known for a workbook.
    for length in 4..whole.len() {
        let error = open(&whole[..length]).map(|_| ()).expect_err(&format!("{length} of {} bytes", whole.len()));
        let words = if length < 64 { "a zip archive without a workbook" } else { "damaged" };
        assert!(error.to_string().contains(words) || error.to_string().contains("damaged"), "{length}: {error}");
    }
}

#[test]
fn what_is_no_workbook_is_said() {
    assert!(refused(b"").contains("empty"));
    assert!(refused(b"  \n\n ").contains("empty"));
    assert!(refused(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").contains("picture"));
    assert!(refused(b"%PDF-1.7").contains("PDF"));
    assert!(refused(&[0, 1, 2, 3, 255, 254, 0, 0, 7, 7, 7, 7]).contains("neither text nor a workbook"));
    assert!(refused(&zipped(&[("photo.jpg", b"...")])).contains("zip archive"));
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_refused() {
    let error = Book::open(std::path::Path::new("/dev/zero"), "zero").map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("is a device and no plain file"), "{error}");
    let error = Book::open(std::path::Path::new("/"), "folder").map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("is a folder"), "{error}");
}

#[test]
fn a_workbook_with_a_password_is_said() {
    // What Office writes: an OLE container with the stream `EncryptedPackage`.
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.resize(1024, 0);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(4096, 0);
    assert!(refused(&bytes).contains("password"));
}

#[test]
fn xls_ods_and_xlsb_are_read_in_a_process_of_their_own() {
    assert_eq!(well_b2(&ods("1.25")), Ok(Reading::Measured(1.25)));
    for make in [xlsb, xls] {
        assert_eq!(well_b2(&make(1.25)), Ok(Reading::Measured(1.25)));
        let error = well_b2(&make(f64::NAN)).unwrap_err();
        assert!(error.contains("not finite") && error.contains("C3"), "{error}");
    }
    // One cell that says it is the whole sheet.
    let row = r#"<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row>"#;
    assert!(refused(&ods_of_rows(row)).contains("damaged"));
}

#[test]
fn cells_keep_their_names_when_a_sheet_begins_with_empty_rows() {
    let place = |bytes: &[u8]| {
        let (export, _) = formats::examine(&open(bytes).unwrap(), None).unwrap();
        export.plates[0].reads[0].location(WellPosition::new(1, 1)).to_string()
    };
    let rows = grid_rows(r#"<c r="C4"><v>1</v></c>"#);
    assert_eq!(place(&xlsx_of_rows(&rows)), "file, sheet 'Sheet1', cell C4");
    assert_eq!(place(&ods("1.25")), "file, sheet 'Sheet1', cell C4");
    assert_eq!(place(&ods_below_empty_rows("1.25", 3)), "file, sheet 'Sheet1', cell C7");
    assert_eq!(place(&xlsb(1.25)), "file, sheet 'Sheet1', cell C3");
}

#[test]
fn truncated_ods_and_xlsb_are_refused() {
    // Each is a container that ends with its table of contents: without it, no child is started.
    for whole in [ods("1.25"), xlsb(1.25)] {
        for length in 4..whole.len() {
            assert!(open(&whole[..length]).is_err(), "{length} of {} bytes", whole.len());
        }
    }
    // Of xls, the unit tests of the child try every length.
    let whole = xls(1.25);
    let rows = open(&whole).unwrap().sheets[0].rows.clone();
    for length in (8..whole.len()).step_by(701) {
        // Behind the last record, from byte 3664 on, there is nothing but zeros.
        let whole = open(&whole[..length]).ok().map(|book| book.sheets[0].rows == rows);
        assert!(whole.is_none_or(|whole| whole && length >= 3664), "{length}");
    }
}

/// A text that ends too early is a text: what is read of it is what stands in the whole, but for the number that was cut. Some
/// lengths of each export run with the tests; `PLATEWISE_CUT=all` runs them all.
#[test]
fn a_text_export_cut_off_anywhere_gives_no_other_values() {
    let step = if std::env::var("PLATEWISE_CUT").is_ok_and(|cut| cut == "all") { 1 } else { 41 };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/exports");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let examine = |bytes: &[u8]| formats::examine(&open(bytes).ok()?, None).ok().map(|(export, _)| export);
        let Some(whole) = examine(&bytes) else { continue };
        for length in (0..bytes.len()).step_by(step) {
            tried += 1;
            let Some(cut) = examine(&bytes[..length]).filter(|cut| cut.format == whole.format) else { continue };
            for (plate, whole) in cut.plates.iter().zip(&whole.plates) {
                for read in plate.reads.iter().filter(|read| !read.derived) {
                    let Some(whole) = whole.reads.iter().find(|whole| {
                        (&whole.label, whole.wavelength_nm, whole.derived) == (&read.label, read.wavelength_nm, false)
                    }) else {
                        continue;
                    };
                    let differs = |(at, reading): &((usize, usize), &Reading)| {
                        reading.measured().is_some() && whole.wells.get(*at).is_some_and(|known| known != *reading)
                    };
                    let others = read.wells.indexed_iter().filter(differs).count();
                    assert!(others <= 1, "{}: {length} bytes: {others} wells of '{}'", path.display(), read.label);
                }
            }
        }
    }
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn a_crafted_xls_ends_its_own_process_only() {
    // Containers that say they are xls and are not: the child may fail as it likes.
    let mut state = 7_u64;
    for _ in 0..20 {
        let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
        bytes.extend((0..8192).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        }));
        bytes.extend("Workbook".encode_utf16().flat_map(u16::to_le_bytes));
        let error = refused(&bytes);
        assert!(error.contains("damaged") || error.contains("memory"), "{error}");
    }
}

/// Runs `inspect` on a file in a process of its own, on Linux with 200 MB of memory for its data, and gives its exit code and what
/// it says.
fn inspect(bytes: &[u8]) -> (Option<i32>, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let program = env!("CARGO_BIN_EXE_platewise");
    let mut command = if cfg!(target_os = "linux") {
        let mut shell = Command::new("sh");
        shell.args(["-c", "ulimit -d 204800 && exec \"$0\" \"$@\"", program]);
        shell
    } else {
        Command::new(program)
    };
    let output = command.arg("inspect").arg(file.path()).stdin(Stdio::null()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn the_program_refuses_in_words_and_with_exit_code_2() {
    let blanks = vec![b' '; 100 << 20];
    let far: String = (1..=1000).map(|row| format!(r#"<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>"#)).collect();
    let mut slowest = 0.0_f64;
    for bytes in [
        Vec::new(),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
        zipped(&[("[Content_Types].xml", b"<Types/>"), ("xl/worksheets/sheet1.xml", &blanks)]),
        xlsx_of_rows(&far),
        xlsx_of_rows(r#"<row r="1"><c r="ABCDEFGHI1"><v>1</v></c></row>"#),
        with_b2(r#"<c r="C4" t="e"><v>#SPILL!</v></c>"#),
        shared_string(),
        xlsx_of_rows(&"<row><c><v>1</v></c></row>".repeat(600_000)),
        zipped(&[("[Content_Types].xml", b"<Types/>"), ("xl/sharedStrings.xml", &blanks[..10 << 20])]),
        format!("{}\n", ",".repeat(30 << 20)).into_bytes(),
        with_b2(r#"<c r="C4"><v>1.25</v></c>"#)[..900].to_vec(),
        b"just\nsome\nwords\n".to_vec(),
    ] {
        let start = Instant::now();
        let (code, words) = inspect(&bytes);
        slowest = slowest.max(start.elapsed().as_secs_f64());
        assert_eq!(code, Some(2), "{words}");
        assert!(words.starts_with("error: ") && !words.contains("panicked"), "{words}");
    }
    println!("slowest refusal: {slowest:.3} s");
}

/// The library reserves memory for as many strings as a workbook declares, and ends the process where there is not as much.
#[test]
fn more_strings_declared_than_there_is_room_for_is_refused() {
    let sheet = sheet_xml(&grid_rows(r#"<c r="C4"><v>1.25</v></c>"#), "");
    let strings = |count: &str| NO_STRINGS.replace("/>", &format!(" count=\"1\" {count}/>"));
    for count in ["uniqueCount=\"100000000000\"", "uniqueCount = '18446744073709551615'", "uniqueCount=\"4000000000\""]
    {
        let said = refused(&xlsx(&workbook_xml(""), &sheet, &strings(count)));
        assert!(said.contains("strings in") && said.contains("sharedStrings.xml"), "{said}");
    }
    // In UTF-16 the count would not be seen.
    let utf16: Vec<u8> = strings("uniqueCount=\"100000000000\"")
        .replace("UTF-8", "UTF-16")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let parts: Vec<(&str, &[u8])> = vec![("xl/workbook.xml", b"<workbook/>"), ("xl/sharedStrings.xml", &utf16)];
    let said = refused(&zipped(&parts));
    assert!(said.contains("not in UTF-8"), "{said}");
}

/// The limits are for what comes from elsewhere: a list of 100,000 samples is the study's own.
#[test]
fn a_long_list_of_the_study_is_read() {
    let rows: String = (0..100_000).map(|n| format!("S{n},P{n},Baseline,serum,1,10\n")).collect();
    let list = format!("sample,subject,visit,matrix,day,dilution\n{rows}");
    assert!(
        Book::from_bytes(list.as_bytes(), "samples.csv").unwrap_err().to_string().contains("more than 400000 fields")
    );
    let book = Book::of_study(list.as_bytes(), "samples.csv").unwrap();
    let samples = platewise::plate::SampleList::read(&book.sheets[0]).unwrap();
    assert_eq!(samples.iter().count(), 100_000);
    assert_eq!(samples.get("S99999").map(|sample| sample.dilution), Some(Some(10.0)));
}
