//! The parts of a workbook's container (xlsx, xlsb, ods), checked before a parser sees them.

use std::io::{self, Cursor, Read, Write};
use std::sync::Arc;

use memchr::memmem;
use zip::write::SimpleFileOptions;

use super::limits::{self, MAX_INFLATED_BYTES, MAX_RESIDENT_BYTES};
use super::location::Location;
use super::problem::{Code, Problem, Problems};

/// A workbook that breaks the rules of its format.
pub(super) fn damaged(file: &Arc<str>, why: impl std::fmt::Display) -> Problem {
    Problem::new(
        Code::new("workbook-damaged"),
        Location::file(file.clone()),
        format!("the workbook is damaged ({why})"),
    )
    .expected("a complete workbook")
    .advice("Export it again, or open it in a spreadsheet program and save it again")
}

/// The parts that the library reads, inflated once and checked, in containers that do not compress.
pub(super) struct Parts {
    /// All of them.
    pub(super) whole: Vec<u8>,
    /// The same without the cells of the sheets, where any sheet merges some: the library goes through a whole sheet to find
    /// which, and that takes as long as to read it.
    pub(super) without_cells: Option<Vec<u8>>,
    /// Which cells the formulas of arrays fill.
    pub(super) arrays: Arrays,
}

/// The areas of cells that one formula fills (`{=B2:C9*2}`, and what spills over in newer versions): the formula stands in the first
/// cell, and nothing in the others tells them from values that were typed.
///
/// An area is found again by its first cell and its formula, for the parts of a container do not say which sheet they are.
#[derive(Default)]
pub(super) struct Arrays(Vec<Array>);

struct Array {
    first: (u32, u32),
    last: (u32, u32),
    formula: String,
}

impl Arrays {
    /// The last cell (row, column from 0) of the array whose formula stands in `cell`.
    pub(super) fn end_of(&self, cell: (u32, u32), formula: &str) -> Option<(u32, u32)> {
        self.0.iter().find(|array| array.first == cell && array.formula == formula).map(|array| array.last)
    }

    /// Adds those of a sheet: `<f t="array" ref="B2:M9">raw!B2:M9*2</f>`.
    fn add(&mut self, xml: &[u8]) {
        for at in memmem::find_iter(xml, b"array") {
            let Some(start) = memchr::memrchr(b'<', &xml[..at]) else { continue };
            let Some(end) = memchr::memchr(b'>', &xml[at..]).map(|end| at + end) else { continue };
            let tag = String::from_utf8_lossy(&xml[start..end]);
            let is_formula = tag.strip_prefix("<f").or(tag.split_once(":f").map(|(_, rest)| rest));
            if !is_formula.is_some_and(|rest| rest.starts_with(char::is_whitespace)) {
                continue;
            }
            let area = attribute(&tag, " ref").filter(|_| attribute(&tag, " t") == Some("array"));
            let Some((first, last)) = area.and_then(area_of) else { continue };
            let text = &xml[end + 1..];
            let text = String::from_utf8_lossy(&text[..memchr::memchr(b'<', text).unwrap_or(text.len())]);
            self.0.push(Array { first, last, formula: unescaped(&text) });
        }
    }
}

/// The value of an attribute in a tag of XML; `name` with what stands before it, a space or the colon of its namespace.
pub(super) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!("{name}="))?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    rest[1..].split(quote).next()
}

/// A text of XML with its characters in the place of their entities.
pub(super) fn unescaped(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_string(), |text, (entity, character)| text.replace(entity, character))
}

/// First and last cell (row, column from 0) of `B2:M9`, or of a single cell.
fn area_of(reference: &str) -> Option<((u32, u32), (u32, u32))> {
    let cell = |reference: &str| {
        is_reference(reference.as_bytes()).then_some(())?;
        let digits = reference.find(|c: char| c.is_ascii_digit())?;
        let letters = reference[..digits].bytes();
        let column = letters.fold(0, |sum, letter| sum * 26 + u32::from(letter.to_ascii_uppercase() - b'A') + 1);
        Some((reference[digits..].parse::<u32>().ok()? - 1, column.checked_sub(1)?))
    };
    let (first, last) = reference.split_once(':').unwrap_or((reference, reference));
    Some((cell(first)?, cell(last)?))
}

/// Inflates every part once, counting real bytes: the sizes that a container declares may lie.
pub(super) fn check(bytes: &[u8], file: &Arc<str>) -> Result<Parts, Problems> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(file, error))?;
    let (mut whole, mut without_cells) = (StoredContainer::default(), StoredContainer::default());
    let (mut merged, mut arrays) = (false, Arrays::default());
    let mut problems = Problems::default();
    let mut total = 0_u64;
    // One buffer for all: parts are many and small.
    let mut inflated = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(file, error))?;
        let name = part.name().map_err(|error| damaged(file, error))?.into_owned();
        let is_sheet = name.starts_with("xl/worksheets/");
        // What the library keeps whole in memory; the content of ods is among it.
        let is_resident = [".xml", ".rels", ".bin"].iter().any(|end| name.ends_with(end));
        let most = if is_sheet || !is_resident { MAX_INFLATED_BYTES } else { MAX_RESIDENT_BYTES };
        inflated.clear();
        part.take(most + 1)
            .read_to_end(&mut inflated)
            .map_err(|error| damaged(file, format!("part {name}: {error}")))?;
        let size = inflated.len() as u64;
        total += size;
        if size > most || total > MAX_INFLATED_BYTES {
            return Err(Problem::new(
                Code::new("workbook-part-too-large"),
                Location::file(file.clone()),
                format!("its part {name} inflates to more than {} MB", most.min(MAX_INFLATED_BYTES) >> 20),
            )
            .expected("the export of a plate reader")
            .into());
        }
        // XML has no zero bytes but in encodings in which the checks below would see nothing.
        if [".xml", ".rels"].iter().any(|end| name.ends_with(end)) && memchr::memchr(0, &inflated).is_some() {
            return Err(damaged(file, format!("its part {name} is not in UTF-8")).into());
        }
        if let Some(count) = impossible_count(&inflated) {
            return Err(damaged(file, format!("its part {name} declares {count} strings in {size} bytes")).into());
        }
        if is_sheet && let Some(reference) = bad_reference(&inflated) {
            problems.push(
                damaged(file, format!("part {name} holds the cell reference '{reference}'"))
                    .expected("cells from A1 to XFD1048576"),
            );
        }
        whole.add(&name, &[&inflated]).map_err(|error| damaged(file, error))?;
        if is_sheet {
            arrays.add(&inflated);
            merged |= memmem::find(&inflated, b"mergeCell").is_some();
            let (before, after) = around_cells(&inflated);
            without_cells.add(&name, &[before, after]).map_err(|error| damaged(file, error))?;
        } else if is_resident && !LARGE.contains(&&*name) {
            without_cells.add(&name, &[&inflated]).map_err(|error| damaged(file, error))?;
        }
    }
    let whole = whole.finish().map_err(|error| damaged(file, error))?;
    let without_cells = without_cells.finish().map_err(|error| damaged(file, error))?;
    problems.or(Parts { whole, without_cells: merged.then_some(without_cells), arrays })
}

/// What only cells refer to.
const LARGE: [&str; 2] = ["xl/sharedStrings.xml", "xl/styles.xml"];

/// A container that does not compress.
struct StoredContainer(zip::ZipWriter<Cursor<Vec<u8>>>);

impl Default for StoredContainer {
    fn default() -> Self {
        Self(zip::ZipWriter::new(Cursor::default()))
    }
}

impl StoredContainer {
    fn add(&mut self, name: &str, pieces: &[&[u8]]) -> io::Result<()> {
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        self.0.start_file(name, stored)?;
        pieces.iter().try_for_each(|piece| self.0.write_all(piece))
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        Ok(self.0.finish()?.into_inner())
    }
}

/// What stands in a sheet before the element `sheetData` and after it.
fn around_cells(xml: &[u8]) -> (&[u8], &[u8]) {
    let start = memmem::find(xml, b"sheetData").and_then(|at| memchr::memrchr(b'<', &xml[..at]));
    let end = memmem::rfind(xml, b"sheetData").and_then(|at| Some(at + memchr::memchr(b'>', &xml[at..])? + 1));
    match (start, end) {
        (Some(start), Some(end)) => (&xml[..start], &xml[end..]),
        _ => (xml, &[]),
    }
}

/// The first declared number of strings that the part has no room for: the library reserves memory for as many as are declared.
fn impossible_count(xml: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"uniqueCount";
    memmem::find_iter(xml, NAME).find_map(|at| {
        let rest = xml[at + NAME.len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let (&quote, rest) = rest.split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
        let end = memchr::memchr(quote, rest).unwrap_or(rest.len());
        let count = std::str::from_utf8(&rest[..end]).ok()?.trim();
        let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+');
        // The shortest string takes five bytes.
        let fits = count.trim_start_matches('+').parse::<usize>().is_ok_and(|count| count <= xml.len() / 5);
        (is_number && !fits).then(|| count.chars().take(40).collect())
    })
}

/// The first `r="…"` attribute of a sheet that is neither a row nor a cell of a sheet.
fn bad_reference(xml: &[u8]) -> Option<String> {
    memmem::find_iter(xml, b" r=").find_map(|at| {
        let (&quote, rest) = xml[at + 3..].split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
        let end = memchr::memchr(quote, rest).unwrap_or(rest.len());
        let reference = &rest[..end];
        (!is_reference(reference)).then(|| String::from_utf8_lossy(&reference[..reference.len().min(40)]).into_owned())
    })
}

fn is_reference(reference: &[u8]) -> bool {
    let letters = reference.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (column, row) = reference.split_at(letters);
    let column = column.iter().take(4).fold(0, |sum, byte| sum * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1);
    let row = if row.len() <= 7 { std::str::from_utf8(row).ok().and_then(|row| row.parse::<u32>().ok()) } else { None };
    letters <= 3 && column <= limits::MAX_COLUMNS && row.is_some_and(|row| (1..=limits::MAX_ROWS).contains(&row))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cells_are_cut_out_of_a_sheet() {
        let around = |xml: &str| {
            let (before, after) = around_cells(xml.as_bytes());
            [before, after].map(|piece| String::from_utf8_lossy(piece).into_owned()).concat()
        };
        assert_eq!(
            around("<worksheet><sheetData><row/></sheetData><mergeCells/></worksheet>"),
            "<worksheet><mergeCells/></worksheet>"
        );
        assert_eq!(
            around("<x:worksheet><x:sheetData ><x:row/></x:sheetData ></x:worksheet>"),
            "<x:worksheet></x:worksheet>"
        );
        assert_eq!(around("<worksheet><sheetData/></worksheet>"), "<worksheet></worksheet>");
        assert_eq!(around("<worksheet></worksheet>"), "<worksheet></worksheet>");
        assert_eq!(around("sheetData"), "sheetData");
    }

    #[test]
    fn a_count_without_room_is_found() {
        let sst = |attribute: &str| format!("<sst {attribute}><si><t>a</t></si></sst>");
        for good in
            ["uniqueCount=\"1\"", "uniqueCount = '2'", "count=\"100000000000\"", "uniqueCount=\"many\"", "uniqueCount"]
        {
            assert_eq!(impossible_count(sst(good).as_bytes()), None, "{good}");
        }
        for bad in [
            "uniqueCount=\"100000000000\"",
            "uniqueCount='99'",
            "uniqueCount =\n\"99999999999999999999999\"",
            "uniqueCount=\"+99\"",
        ] {
            assert!(impossible_count(sst(bad).as_bytes()).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_reference_outside_of_any_sheet_is_found() {
        for good in [r#"<row r="1"><c r="A1"/>"#, r#"<c r='XFD1048576'/>"#, r#"<c s="1" color="r=9"/>"#, "<c r="] {
            assert_eq!(bad_reference(good.as_bytes()), None, "{good}");
        }
        for (bad, reference) in
            [(r#"<c r="XFE1"/>"#, "XFE1"), (r#"<row r='0'/>"#, "0"), (r#"<c r="A1"/><c r="A1048577"/>"#, "A1048577")]
        {
            assert_eq!(bad_reference(bad.as_bytes()).as_deref(), Some(reference));
        }
    }
}
