//! Tecan i-control (Infinite): workbooks of labels, each with settings and a grid.

use super::draft::Draft;
use super::tecan::{self, Dialect};
use super::{Description, Format};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct TecanIControl;

impl Format for TecanIControl {
    fn description(&self) -> Description<'_> {
        Description {
            name: "tecan-i-control",
            title: "Tecan i-control",
            written_by: "Tecan i-control (Infinite); the German interface, csv without labels and several reads in each well are \
                         provisional",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(has_head) {
            Ok(())
        } else {
            Err("its first cell is not 'Application: Tecan i-control'".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let dialect = Dialect { begins: &["Label", "Bezeichnung"], label: &["Label", "Bezeichnung"] };
        for (index, sheet) in draft.sheets().filter(|(_, sheet)| has_head(sheet)) {
            tecan::read(draft, index, sheet, &dialect);
        }
    }
}

/// A sheet without it is not the program's: the user's layout, or values computed from the reads.
fn has_head(sheet: &Sheet) -> bool {
    let first = sheet.text(sheet.first_row(), 0);
    ["Application: Tecan i-control", "Programm: Tecan i-control"].iter().any(|start| first.starts_with(start))
}
