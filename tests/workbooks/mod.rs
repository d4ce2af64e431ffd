//! Workbooks made for tests: the smallest ones that a spreadsheet program opens, from the XML of their sheet.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

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
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
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
