//! Workbooks made for tests: the smallest ones that a spreadsheet program opens, from the XML of their sheet.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK_RELS: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;

/// The XML of the list of sheets, with one sheet called `Sheet1`.
pub(crate) fn workbook_xml(state: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" {state} r:id="rId1"/></sheets></workbook>"#
    )
}

/// The XML of a sheet around its rows; `after` comes behind them, as merged cells do.
pub(crate) fn sheet_xml(rows: &str, after: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData>{after}</worksheet>"#
    )
}

/// A container of parts.
pub(crate) fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        // OpenDocument asks that its kind stands in the container in clear.
        let method = if *name == "mimetype" { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        archive.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A workbook from the XML of its list of sheets, its only sheet, and its strings.
pub(crate) fn xlsx(workbook: &str, sheet: &str, strings: &str) -> Vec<u8> {
    zipped(&[
        ("[Content_Types].xml", CONTENT_TYPES.as_bytes()),
        ("_rels/.rels", RELS.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// The XML of no strings.
pub(crate) const NO_STRINGS: &str =
    r#"<?xml version="1.0" encoding="UTF-8"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>"#;

/// A workbook with one visible sheet of these rows.
pub(crate) fn xlsx_of_rows(rows: &str) -> Vec<u8> {
    xlsx(&workbook_xml(""), &sheet_xml(rows, ""), NO_STRINGS)
}

/// The rows of a 96-well grid titled `450`, in which the cell of well B2 is `b2`.
pub(crate) fn grid_rows(b2: &str) -> String {
    let mut rows = String::from(r#"<row r="1"><c r="A1" t="inlineStr"><is><t>450</t></is></c></row><row r="2">"#);
    for column in 1..=12_u8 {
        rows += &format!(r#"<c r="{}2"><v>{column}</v></c>"#, char::from(b'A' + column));
    }
    rows += "</row>";
    for (at, letter) in "ABCDEFGH".chars().enumerate() {
        let row = at + 3;
        rows += &format!(r#"<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{letter}</t></is></c>"#);
        for column in 1..=12_u8 {
            let name = format!("{}{row}", char::from(b'A' + column));
            rows += &if name == "C4" { b2.to_string() } else { format!(r#"<c r="{name}"><v>0.{column}{at}</v></c>"#) };
        }
        rows += "</row>";
    }
    rows
}

/// An OpenDocument sheet with a 96-well grid titled `450`; `b2` goes into the attribute of the value of B2.
pub(crate) fn ods(b2: &str) -> Vec<u8> {
    ods_below_empty_rows(b2, 0)
}

/// The same below some empty rows.
pub(crate) fn ods_below_empty_rows(b2: &str, empty: usize) -> Vec<u8> {
    let number = |value: &str| format!(r#"<table:table-cell office:value-type="float" office:value="{value}"/>"#);
    let text = |value: &str| {
        format!(r#"<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>"#)
    };
    let row = |cells: String| format!("<table:table-row>{cells}</table:table-row>");
    let header: String = (1..=12).map(|column| number(&column.to_string())).collect();
    let wells = |letter: char| -> String {
        let cells = (1..=12).map(|column| if letter == 'B' && column == 2 { number(b2) } else { number("0.5") });
        text(&letter.to_string()) + &cells.collect::<String>()
    };
    let rows: String = "ABCDEFGH".chars().map(|letter| row(wells(letter))).collect();
    let rows = row("<table:table-cell/>".to_string()).repeat(empty)
        + &row(text("450"))
        + &row(format!("<table:table-cell/>{header}"))
        + &rows;
    ods_of_rows(&rows)
}

/// An OpenDocument sheet from the XML of its rows.
pub(crate) fn ods_of_rows(rows: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="Sheet1">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let manifest = br#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#;
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifest),
        ("content.xml", content.as_bytes()),
    ])
}

/// A record of the binary format: type and length in seven bits a byte, then the content.
fn record(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut bytes = if kind < 0x80 { vec![kind as u8] } else { vec![(kind & 0x7F) as u8 | 0x80, (kind >> 7) as u8] };
    let length = content.len();
    bytes.extend(if length < 0x80 {
        vec![length as u8]
    } else {
        vec![(length & 0x7F) as u8 | 0x80, (length >> 7) as u8]
    });
    bytes.extend(content);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&(text.len() as u32).to_le_bytes()[..], &units].concat()
}

/// How a formula of a well is written in a binary workbook.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Computed {
    /// With its own text, `=1*2`.
    Alone,
    /// Filled down from another cell, or one of those of an array: the cell says only where the formula stands.
    Elsewhere,
}

/// The parsed formula of a cell: `1*2`, or the cell (row, column) where it stands; `wide_row` as xlsb has it.
fn parsed(computed: Computed, wide_row: bool) -> Vec<u8> {
    match (computed, wide_row) {
        (Computed::Alone, _) => vec![0x1E, 1, 0, 0x1E, 2, 0, 0x05],
        (Computed::Elsewhere, true) => vec![0x01, 1, 0, 0, 0],
        (Computed::Elsewhere, false) => vec![0x01, 1, 0, 2, 0],
    }
}

/// A workbook of the binary format with a 96-well grid; `b2` is the value of B2, in cell C3.
pub(crate) fn xlsb(b2: f64) -> Vec<u8> {
    xlsb_computed(b2, |_, _| None)
}

/// The same, in which formulas compute wells (row and column of the sheet, from 0).
pub(crate) fn xlsb_computed(b2: f64, computed: impl Fn(u32, u32) -> Option<Computed>) -> Vec<u8> {
    let sheet = [vec![0; 4], 1_u32.to_le_bytes().to_vec(), wide("rId1"), wide("Sheet1")].concat();
    let workbook = [record(0x9C, &sheet), record(0x90, &[]), record(0x9D, &[0; 26])].concat();
    let at = |column: u32| [column.to_le_bytes(), [0; 4]].concat();
    let number = |column: u32, value: f64| record(0x05, &[at(column), value.to_le_bytes().to_vec()].concat());
    let text = |column: u32, value: &str| record(0x06, &[at(column), wide(value)].concat());
    // BrtFmlaNum: the value, flags, then the formula with its length and that of what it refers to.
    let formula = |column: u32, value: f64, computed: Computed| {
        let tokens = parsed(computed, true);
        let length = (tokens.len() as u32).to_le_bytes().to_vec();
        record(0x09, &[at(column), value.to_le_bytes().to_vec(), vec![0, 0], length, tokens, vec![0; 4]].concat())
    };
    let well = |row: u32, column: u32, value: f64| match computed(row, column) {
        Some(computed) => formula(column, value, computed),
        None => number(column, value),
    };
    let mut cells = [record(0x94, &[0; 16]), record(0x91, &[])].concat();
    cells.extend(record(0x00, &[0; 17]));
    cells.extend((1..=12).flat_map(|column| number(column, f64::from(column))));
    for (row, letter) in (1_u32..).zip(["A", "B", "C", "D", "E", "F", "G", "H"]) {
        cells.extend(record(0x00, &[row.to_le_bytes().to_vec(), vec![0; 13]].concat()));
        cells.extend(text(0, letter));
        cells.extend((1..=12).flat_map(|column| well(row, column, if (row, column) == (2, 2) { b2 } else { 0.5 })));
    }
    cells.extend(record(0x92, &[]));
    zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", WORKBOOK_RELS.replace("sheet1.xml", "sheet1.bin").as_bytes()),
        ("xl/worksheets/sheet1.bin", &cells),
    ])
}

/// A record of Excel's older binary format: type and length in two bytes each, then the content.
fn biff(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(content.len() as u16).to_le_bytes(), content].concat()
}

/// The beginning of a part of such a workbook: 5 for its globals, 16 for a sheet.
fn biff_begin(part: u16) -> Vec<u8> {
    let [low, high] = part.to_le_bytes();
    biff(0x0809, &[0, 6, low, high, 0xBB, 0x0D, 0xCC, 0x07, 0, 0, 0, 0, 6, 0, 0, 0])
}

/// A workbook of Excel 97 to 2003 with a 96-well grid; `b2` is the value of B2, in cell C3.
pub(crate) fn xls(b2: f64) -> Vec<u8> {
    xls_computed(b2, |_, _| None)
}

/// The same, in which formulas compute wells (row and column of the sheet, from 0).
pub(crate) fn xls_computed(b2: f64, computed: impl Fn(u16, u16) -> Option<Computed>) -> Vec<u8> {
    let at = |row: u16, column: u16| [row.to_le_bytes(), column.to_le_bytes(), [0; 2]].concat();
    let number =
        |row: u16, column: u16, value: f64| biff(0x0203, &[at(row, column), value.to_le_bytes().to_vec()].concat());
    let text = |row: u16, column: u16, text: &str| {
        let length = (text.len() as u16).to_le_bytes().to_vec();
        biff(0x0204, &[at(row, column), length, vec![0], text.as_bytes().to_vec()].concat())
    };
    // The value, flags, a field that is not used, then the formula with its length.
    let formula = |row: u16, column: u16, value: f64, computed: Computed| {
        let tokens = parsed(computed, false);
        let length = (tokens.len() as u16).to_le_bytes().to_vec();
        biff(0x0006, &[at(row, column), value.to_le_bytes().to_vec(), vec![0; 6], length, tokens].concat())
    };
    let well = |row: u16, column: u16, value: f64| match computed(row, column) {
        Some(computed) => formula(row, column, value, computed),
        None => number(row, column, value),
    };
    let mut sheet = biff_begin(16);
    sheet.extend((1..=12).flat_map(|column| number(0, column, f64::from(column))));
    for (row, letter) in (1_u16..).zip(["A", "B", "C", "D", "E", "F", "G", "H"]) {
        sheet.extend(text(row, 0, letter));
        sheet.extend((1..=12).flat_map(|column| well(row, column, if (row, column) == (2, 2) { b2 } else { 0.5 })));
    }
    sheet.extend(biff(0x000A, &[]));
    let globals = |sheet_at: usize| {
        let entry = [&(sheet_at as u32).to_le_bytes()[..], &[0, 0, 6, 0], b"Sheet1"].concat();
        [biff_begin(5), biff(0x0042, &[0xB0, 0x04]), biff(0x0085, &entry), biff(0x000A, &[])].concat()
    };
    compound(&[globals(globals(0).len()), sheet].concat())
}

/// A compound file with one stream called `Workbook`: header, table of sectors, directory, and the stream.
fn compound(stream: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    const FREE: u32 = 0xFFFF_FFFF;
    const END: u32 = 0xFFFF_FFFE;
    // A stream of less than 4096 bytes would lie in sectors of another kind.
    let sectors = stream.len().max(4096).div_ceil(SECTOR);
    let mut header =
        [&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], &[0; 16], &[0x3E, 0, 3, 0, 0xFE, 0xFF, 9, 0, 6, 0]].concat();
    header.resize(44, 0);
    for word in [1, 1, 0, 4096, END, 0, END, 0, 0] {
        header.extend(word.to_le_bytes());
    }
    header.resize(SECTOR, 0xFF);
    let mut table: Vec<u32> = vec![0xFFFF_FFFD, END];
    table.extend((3..2 + sectors as u32).chain([END]));
    table.resize(SECTOR / 4, FREE);
    let entry = |name: &str, kind: u8, child: u32, start: u32, size: usize| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry.resize(64, 0);
        entry.extend((2 * name.len() as u16 + 2).to_le_bytes());
        entry.extend([kind, 1]);
        for word in [FREE, FREE, child] {
            entry.extend(word.to_le_bytes());
        }
        entry.resize(116, 0);
        entry.extend(start.to_le_bytes());
        entry.extend((size as u64).to_le_bytes());
        entry
    };
    let mut directory = entry("Root Entry", 5, 1, END, 0);
    directory.extend(entry("Workbook", 2, FREE, 2, sectors * SECTOR));
    directory.resize(SECTOR, 0);
    let mut file =
        [header, table.iter().flat_map(|word| word.to_le_bytes()).collect(), directory, stream.to_vec()].concat();
    file.resize((3 + sectors) * SECTOR, 0);
    file
}
