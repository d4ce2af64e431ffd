//! Promega GloMax (Multi+, Discover, Explorer): csv of a protocol, a grid per read, and grids of results.
//!
//! Written from a published script that splits the csv of GloMax Multi+: lines `Protocol …`, `Step …`, `Notes …`, then for each read
//! a line `,Read 1 …` with its grid (row letters may be followed by a colon), then `Results`, which the program computes.

use std::collections::BTreeSet;

use super::draft::{Draft, PlateDraft, ReadDraft};
use super::grid::{Grid, find};
use super::title::Title;
use super::{Description, Format};
use crate::plate::read::Mode;
use crate::sheet::{Book, Sheet, Value};

/// The format.
pub(super) struct GloMax;

impl Format for GloMax {
    fn description(&self) -> Description {
        Description {
            name: "glomax",
            title: "GloMax",
            written_by: "Promega GloMax Multi+, Discover and Explorer, csv of reads and results",
            general: false,
            provisional: true,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        let is_protocol = |text: String| matches!(text.trim_end_matches(':'), "Protocol" | "Protocol Name");
        let has_protocol = |sheet: &Sheet| (0..sheet.rows.len()).any(|row| is_protocol(sheet.text(row, 0)));
        let has_read = |sheet: &Sheet| find(sheet).iter().any(|grid| is_read(&title(sheet, grid).1));
        if book.sheets.iter().any(|sheet| has_protocol(sheet) && has_read(sheet)) {
            Ok(())
        } else {
            Err("there is no line 'Protocol' with a grid under a title 'Read …'".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        for (index, sheet) in draft.sheets() {
            let grids = find(sheet);
            let mut plate = PlateDraft::default();
            // What the lines above the grid say is measured, and how far they are read.
            let (mut above, mut end) = (BTreeSet::new(), 0);
            for grid in &grids {
                let (row, title) = title(sheet, grid);
                let said = Title::of(&title);
                above.extend(modes(&sheet.rows[end..row.max(end)]));
                end = row.max(end);
                let protocol = if above.len() == 1 { above.first().map(|&at| MODES[at].1) } else { None };
                let mode = if said.mode == Mode::Unknown { protocol.unwrap_or(Mode::Unknown) } else { said.mode };
                let read = if is_read(&title) {
                    ReadDraft::raw(mode, title.as_str(), grid.cells(index)).at(said.wavelength_nm)
                } else {
                    ReadDraft::derived(mode, title.as_str(), grid.cells(index))
                };
                let made = if read.derived { "derived, kept beside" } else { "read" };
                draft.note(index, row..grid.end(), title, made);
                plate.size = plate.size.or(grid.size());
                if plate.reads.is_empty() {
                    plate.at = (index, row, 0);
                }
                plate.reads.push(read);
            }
            if !grids.is_empty() {
                draft.plates.push(plate);
            }
        }
    }
}

/// The nearest line above a grid that begins with `Results`, or behind an empty field with `Read 1`; with its row.
fn title(sheet: &Sheet, grid: &Grid) -> (usize, String) {
    let first = |row: usize| if sheet.text(row, 0).is_empty() { sheet.text(row, 1) } else { sheet.text(row, 0) };
    let is_title =
        |row: usize| sheet.text(row, 0).is_empty() && is_read(&first(row)) || first(row).starts_with("Results");
    let near = grid.header.saturating_sub(12)..grid.header;
    near.rev()
        .find(|&row| is_title(row))
        .map_or((grid.header, "grid without a title".to_string()), |row| (row, first(row)))
}

/// `Read 1`, and what follows.
fn is_read(title: &str) -> bool {
    title.strip_prefix("Read ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Kinds of light that a protocol may name.
const MODES: [(&str, Mode); 3] =
    [("absorbance", Mode::Absorbance), ("luminescence", Mode::Luminescence), ("fluorescence", Mode::Fluorescence)];

/// Which of [`MODES`] the lines of a protocol name.
fn modes(rows: &[Vec<Value>]) -> impl Iterator<Item = usize> {
    let is_step = |text: &String| ["Protocol", "Step", "Read"].iter().any(|key| text.starts_with(key));
    rows.iter().flatten().map(Value::text).filter(is_step).flat_map(|text| {
        let text = text.to_lowercase();
        (0..MODES.len()).filter(move |&at| text.contains(MODES[at].0))
    })
}
