//! How far the matrix formulas of an OpenDocument sheet reach: `{=B2:M9*2}` stands in its first cell, and the library does not tell
//! that it fills others too.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use memchr::memmem;

use super::limits::MAX_RESIDENT_BYTES;
use super::parts::{attribute, unescaped};

/// How many further rows and columns each matrix formula fills, by its text. The content does not say where a cell is (cells and
/// rows are counted, and repeated), so they are found again by what they compute; of two with one text the larger counts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Matrices(BTreeMap<String, (u32, u32)>);

impl Matrices {
    /// Those of the document in `bytes`; none where it cannot be read, which the reader of its cells says.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Self::default() };
        let Ok(part) = archive.by_name("content.xml") else { return Self::default() };
        let mut xml = Vec::new();
        match part.take(MAX_RESIDENT_BYTES).read_to_end(&mut xml) {
            Ok(_) => Self::in_content(&xml),
            Err(_) => Self::default(),
        }
    }

    /// `<table:table-cell table:formula="of:=…" table:number-matrix-columns-spanned="12" table:number-matrix-rows-spanned="8" …>`
    /// (OpenDocument 1.3, part 3, 19.676 and 19.677).
    fn in_content(xml: &[u8]) -> Self {
        let mut found = Self::default();
        let mut seen_to = 0;
        for at in memmem::find_iter(xml, b"number-matrix-") {
            let Some(start) = memchr::memrchr(b'<', &xml[..at]).filter(|start| *start >= seen_to) else { continue };
            let Some(end) = memchr::memchr(b'>', &xml[at..]).map(|end| at + end) else { continue };
            seen_to = end;
            let tag = String::from_utf8_lossy(&xml[start..end]);
            let further = |name: &str| {
                let spanned = attribute(&tag, &format!(":number-matrix-{name}-spanned"));
                spanned.and_then(|number| number.trim().parse::<u32>().ok()).unwrap_or(1).saturating_sub(1)
            };
            let Some(formula) = attribute(&tag, ":formula") else { continue };
            let reach = found.0.entry(unescaped(formula)).or_default();
            *reach = (reach.0.max(further("rows")), reach.1.max(further("columns")));
        }
        found
    }

    /// The last cell (row, column from 0) that the formula of `cell` fills: the cell itself where it is no matrix formula.
    pub(super) fn end_of(&self, cell: (u32, u32), formula: &str) -> (u32, u32) {
        let (rows, columns) = self.0.get(formula).copied().unwrap_or_default();
        (cell.0.saturating_add(rows), cell.1.saturating_add(columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_is_found_by_its_formula() {
        let cell = |attributes: &str| format!("<table:table-cell {attributes} office:value='1'/>");
        let spans = "table:number-matrix-columns-spanned=\"12\" table:number-matrix-rows-spanned=\"8\"";
        let xml =
            cell(&format!("{spans} table:formula=\"of:=IF([.B2:.M9]&gt;0;1)\"")) + &cell("table:formula=\"of:=1\"");
        let found = Matrices::in_content(xml.as_bytes());
        assert_eq!(found.end_of((1, 1), "of:=IF([.B2:.M9]>0;1)"), (8, 12));
        assert_eq!(found.end_of((1, 1), "of:=1"), (1, 1));
        let odd = cell("table:number-matrix-rows-spanned=\"many\" table:formula=\"of:=2\"");
        assert_eq!(Matrices::in_content(odd.as_bytes()).end_of((3, 4), "of:=2"), (3, 4));
        assert_eq!(Matrices::in_content(b"number-matrix-rows-spanned=\"2"), Matrices::default());
    }
}
