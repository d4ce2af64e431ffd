//! The arrangements that are tried beside the declared one: the whole plate moved, its standards in reverse order, or the layout
//! of another plate of the study.

use super::contents::{Contents, WellContent};
use crate::plate::{PlateSize, WellPosition};

/// An arrangement in words, and what it says of the wells.
pub(super) struct Alternative {
    /// As in "the wells fit …".
    pub(super) words: String,
    pub(super) contents: Contents,
}

/// Where a well goes when the plate is moved, both from 0; past the edge is off the plate.
type Move = fn(PlateSize, usize, usize) -> (usize, usize);

/// `usize::MAX` stands for the place before the first one.
const MOVES: [(&str, Move); 7] = [
    ("a plate turned by 180°", |size, row, column| (size.rows - 1 - row, size.columns - 1 - column)),
    ("a plate mirrored left to right", |size, row, column| (row, size.columns - 1 - column)),
    ("a plate mirrored top to bottom", |size, row, column| (size.rows - 1 - row, column)),
    ("a plate shifted down by one row", |_, row, column| (row + 1, column)),
    ("a plate shifted up by one row", |_, row, column| (row.wrapping_sub(1), column)),
    ("a plate shifted to the right by one column", |_, row, column| (row, column + 1)),
    ("a plate shifted to the left by one column", |_, row, column| (row, column.wrapping_sub(1))),
];

/// Every arrangement that says something else than the declared one. `others` are the layouts of other plates, by name.
pub(super) fn alternatives(declared: &Contents, others: &[(String, Contents)]) -> Vec<Alternative> {
    let moved =
        MOVES.iter().map(|&(words, go)| Alternative { words: words.to_string(), contents: moved(declared, go) });
    let levels = declared.levels();
    let reversed = [
        ("standards in reverse order", 0),
        // Whoever pipettes the dilution series the wrong way round may still know which wells get the buffer.
        ("standards in reverse order but for the zero", levels.partition_point(|&level| level <= 0.0)),
    ]
    .map(|(words, from)| Alternative { words: words.to_string(), contents: reversed(declared, &levels[from..]) });
    let others = others.iter().filter(|(_, contents)| contents.size == declared.size).map(|(plate, contents)| {
        Alternative { words: format!("the layout of plate {plate}"), contents: contents.clone() }
    });
    moved.chain(reversed).chain(others).filter(|other| other.contents != *declared).collect()
}

fn moved(declared: &Contents, go: Move) -> Contents {
    let size = declared.size;
    let wells = declared.wells.iter().filter_map(|(well, &content)| {
        let (row, column) = go(size, well.row.into(), well.column.into());
        (row < size.rows && column < size.columns).then(|| (WellPosition::new(row, column), content))
    });
    Contents { size, wells: wells.collect() }
}

/// The declared contents with these levels of the standards, which rise, in reverse order.
fn reversed(declared: &Contents, levels: &[f64]) -> Contents {
    let wells = declared.wells.iter().map(|(&well, &content)| match content {
        WellContent::Standard(x) => match levels.iter().position(|&level| level == x) {
            Some(at) => (well, WellContent::Standard(levels[levels.len() - 1 - at])),
            None => (well, content),
        },
        other => (well, other),
    });
    Contents { size: declared.size, wells: wells.collect() }
}

/// The declared contents with two levels of the standards exchanged.
pub(super) fn exchanged(declared: &Contents, one: f64, other: f64) -> Contents {
    let wells = declared.wells.iter().map(|(&well, &content)| match content {
        WellContent::Standard(x) if x == one => (well, WellContent::Standard(other)),
        WellContent::Standard(x) if x == other => (well, WellContent::Standard(one)),
        content => (well, content),
    });
    Contents { size: declared.size, wells: wells.collect() }
}
