//! The parts of a workbook's container (xlsx, xlsb, ods), checked before a parser sees them.

use std::io::{Cursor, Read};
use std::sync::Arc;

use super::limits::{self, MAX_INFLATED_BYTES, MAX_RESIDENT_BYTES};
use super::location::Location;
use super::problem::{Problem, Problems};

/// A workbook that breaks the rules of its format.
pub(super) fn damaged(file: &Arc<str>, why: impl std::fmt::Display) -> Problem {
    Problem::new(Location::file(file.clone()), format!("the workbook is damaged ({why})"))
        .expected("a complete workbook")
        .advice("Export it again, or open it in a spreadsheet program and save it anew")
}

/// What the parts hold, seen while they were checked.
pub(super) struct Parts {
    /// Whether any sheet merges cells: to ask the library takes as long as to read the sheet.
    pub(super) have_merged_cells: bool,
}

/// Inflates every part once, counting real bytes: the sizes that a container declares may lie.
pub(super) fn check(bytes: &[u8], file: &Arc<str>) -> Result<Parts, Problems> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged(file, error))?;
    let mut problems = Problems::default();
    let mut total = 0_u64;
    let mut parts = Parts { have_merged_cells: false };
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
                Location::file(file.clone()),
                format!("its part {name} inflates to more than {} MB", most.min(MAX_INFLATED_BYTES) >> 20),
            )
            .expected("the export of a plate reader")
            .into());
        }
        parts.have_merged_cells |= is_sheet && inflated.windows(9).any(|window| window == b"mergeCell");
        if is_sheet && let Some(reference) = bad_reference(&inflated) {
            problems.push(
                damaged(file, format!("part {name} holds the cell reference '{reference}'"))
                    .expected("cells from A1 to XFD1048576"),
            );
        }
    }
    problems.or(parts)
}

/// The first `r="…"` attribute of a sheet that is neither a row nor a cell of a sheet.
fn bad_reference(xml: &[u8]) -> Option<String> {
    xml.windows(4).enumerate().find_map(|(at, window)| {
        if !matches!(window, b" r=\"" | b" r='") {
            return None;
        }
        let rest = &xml[at + 4..];
        let end = rest.iter().position(|&byte| byte == window[3]).unwrap_or(rest.len());
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
