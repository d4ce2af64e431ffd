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

#[cfg(test)]
mod tests {
    use super::super::example::{contents, well};
    use super::*;

    /// The standard of 1 stands in B03 and one of 2 in A01; where each alternative says that they are.
    #[test]
    fn a_plate_is_moved_to_every_side() {
        let declared = contents(&[("B3", WellContent::Standard(1.0)), ("A1", WellContent::Standard(2.0))]);
        let place = |alternative: &Alternative, level: f64| {
            let wells = alternative.contents.standard(level);
            wells.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        let found = alternatives(&declared, &[]);
        let moved: Vec<(&str, String, String)> = found
            .iter()
            .filter(|one| one.words.starts_with("a plate"))
            .map(|one| (one.words.as_str(), place(one, 1.0), place(one, 2.0)))
            .collect();
        let expected = [
            ("a plate turned by 180°", "G10", "H12"),
            ("a plate mirrored left to right", "B10", "A12"),
            ("a plate mirrored top to bottom", "G03", "H01"),
            ("a plate shifted down by one row", "C03", "B01"),
            // What is moved past the edge is off the plate.
            ("a plate shifted up by one row", "A03", ""),
            ("a plate shifted to the right by one column", "B04", "A02"),
            ("a plate shifted to the left by one column", "B02", ""),
        ];
        assert_eq!(moved, expected.map(|(words, one, two)| (words, one.to_string(), two.to_string())));
        let last = contents(&[("H12", WellContent::Blank), ("D6", WellContent::Blank)]);
        let on_the_plate = |alternative: &Alternative| alternative.contents.wells.len();
        assert_eq!(alternatives(&last, &[]).iter().map(on_the_plate).collect::<Vec<_>>(), [2, 2, 2, 1, 2, 1, 2]);
    }

    /// Every level takes the place of the one as far from the other end; without the zero the levels above it do.
    #[test]
    fn standards_are_tried_in_reverse_order() {
        let standards = |levels: [f64; 4]| {
            let [a, b, c, d] = levels.map(WellContent::Standard);
            contents(&[("A1", a), ("A2", b), ("B1", c), ("C1", d), ("D1", WellContent::Control(9.0))])
        };
        let reversed = |levels: [f64; 4]| {
            let found = alternatives(&standards(levels), &[]);
            let words = |one: &Alternative| one.words.starts_with("standards").then(|| one.contents.clone());
            found.iter().filter_map(words).collect::<Vec<_>>()
        };
        assert_eq!(
            reversed([0.0, 1.0, 2.0, 8.0]),
            [standards([8.0, 2.0, 1.0, 0.0]), standards([0.0, 8.0, 2.0, 1.0])],
            "from the zero, and from the lowest above it"
        );
        assert_eq!(reversed([1.0, 1.0, 2.0, 4.0]), [standards([4.0, 4.0, 2.0, 1.0]), standards([4.0, 4.0, 2.0, 1.0])]);
        assert!(reversed([3.0; 4]).is_empty(), "says the same");
    }

    #[test]
    fn layouts_of_plates_of_that_size_are_tried_that_say_something_else() {
        let declared = contents(&[("A1", WellContent::Standard(1.0))]);
        let other = contents(&[("A1", WellContent::Standard(2.0))]);
        let large = Contents { size: PlateSize::WELLS_384, ..other.clone() };
        let others = [("P1", declared.clone()), ("P2", other), ("P3", large)].map(|(id, of)| (id.to_string(), of));
        let found = alternatives(&declared, &others);
        let layouts: Vec<&str> =
            found.iter().map(|one| one.words.as_str()).filter(|words| words.starts_with("the layout")).collect();
        assert_eq!(layouts, ["the layout of plate P2"]);
    }

    #[test]
    fn two_levels_change_places() {
        let of = |one, other| {
            contents(&[
                ("A1", WellContent::Standard(one)),
                ("A2", WellContent::Standard(one)),
                ("B1", WellContent::Standard(other)),
                ("C1", WellContent::Standard(5.0)),
                ("D1", WellContent::Control(1.0)),
            ])
        };
        assert_eq!(exchanged(&of(1.0, 2.0), 1.0, 2.0), of(2.0, 1.0));
        assert_eq!(exchanged(&of(1.0, 2.0), 3.0, 4.0), of(1.0, 2.0));
        assert!(exchanged(&of(1.0, 2.0), 1.0, 2.0).wells.contains_key(&well("D1")));
    }
}
