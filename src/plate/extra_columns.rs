//! Columns of a list from a laboratory's information system (LIMS) that the program has no use for: they are set aside and named once.
//!
//! A title that is nearly one that is known, or that speaks of something that would change a number, is not set aside: whoever reads the
//! table asks about it.

use std::borrow::Cow;

use crate::sheet::mistakes::differ_in_one_sign;
use crate::sheet::{Code, Problem, Sheet, Value};

/// The sheet without the columns of which none is among `known`, and what is to be said of them. A title with one of the words in
/// `asked` stays.
pub(super) fn set_aside<'a>(sheet: &'a Sheet, known: &[&str], asked: &[&str]) -> (Cow<'a, Sheet>, Option<Problem>) {
    let row = sheet.first_row();
    let title = |column: usize| sheet.text(row, column).to_lowercase();
    let width = sheet.rows.get(row).map_or(0, Vec::len);
    // Without a title that is known it is another table, or one that is not divided: nothing is extra in it.
    if !(0..width).any(|column| known.contains(&title(column).as_str())) {
        return (Cow::Borrowed(sheet), None);
    }
    let is_extra = |column: &usize| {
        let title = title(*column);
        let nearly = known.iter().any(|known| *known == title || differ_in_one_sign(known, &title));
        !title.is_empty() && !nearly && !asked.iter().any(|word| title.contains(word))
    };
    let extra: Vec<usize> = (0..width).filter(is_extra).collect();
    let Some(&first) = extra.first() else { return (Cow::Borrowed(sheet), None) };
    let names: Vec<String> = extra.iter().map(|&column| format!("'{}'", sheet.text(row, column))).collect();
    let found = match names.len() {
        1 => format!("the column {} is not used", names[0]),
        several => format!("{several} columns are not used: {}", names.join(", ")),
    };
    let note = Problem::new(Code::new("layout-extra-columns"), sheet.location(row, first), found)
        .expected(format!("nothing but {}", known.join(", ")));
    let mut kept = sheet.clone();
    for cells in &mut kept.rows {
        for &column in &extra {
            if let Some(cell) = cells.get_mut(column) {
                *cell = Value::Empty;
            }
        }
    }
    (Cow::Owned(kept), Some(note.advice("Rename one that is meant as one of these")))
}
