//! Tecan Sunrise: the workbook that its own program (XFluor, Magellan) writes for a single read.

use super::draft::Draft;
use super::tecan::{self, Dialect};
use super::{Description, Format};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct TecanSunrise;

impl Format for TecanSunrise {
    fn description(&self) -> Description<'_> {
        Description {
            name: "tecan-sunrise",
            title: "Tecan Sunrise",
            written_by: "Tecan Sunrise with XFluor or Magellan",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(has_head) {
            Ok(())
        } else {
            Err("its first cell does not begin with 'SUNRISE;'".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let dialect = Dialect { begins: &["Measurement mode"], label: &[] };
        for (index, sheet) in draft.sheets().filter(|(_, sheet)| has_head(sheet)) {
            tecan::read(draft, index, sheet, &dialect);
        }
    }
}

/// A sheet without it is not the program's.
fn has_head(sheet: &Sheet) -> bool {
    sheet.text(sheet.first_row(), 0).starts_with("SUNRISE;")
}
