//! Tecan SparkControl (Spark): workbooks and csv of actions, each read with settings and a grid.

use super::draft::Draft;
use super::tecan::{self, Dialect};
use super::{Description, Format};
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct TecanSpark;

impl Format for TecanSpark {
    fn description(&self) -> Description<'_> {
        Description {
            name: "tecan-spark",
            title: "Tecan SparkControl",
            written_by: "Tecan SparkControl (Spark), workbook and csv, grids and lists of wells",
            general: false,
            provisional: false,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.iter().any(has_head) {
            Ok(())
        } else {
            Err("there is no 'Application: SparkControl' in the first lines".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let dialect = Dialect { begins: &["Mode"], label: &["Name"] };
        for (index, sheet) in draft.sheets().filter(|(_, sheet)| has_head(sheet)) {
            tecan::read(draft, index, sheet, &dialect);
        }
    }
}

/// A sheet without it is not the program's.
fn has_head(sheet: &Sheet) -> bool {
    (0..4).any(|row| sheet.text(row, 0).starts_with("Application: SparkControl"))
}
