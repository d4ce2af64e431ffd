//! Opentrons Flex absorbance reader: the csv of one wavelength.
//!
//! Written from the program that writes it (opentrons `PlateReaderData.build_generic_csv`): a grid of absorbances, an empty grid,
//! two empty tables, then the wavelengths. With a reference wavelength the module gives the difference.

use super::draft::{Draft, PlateDraft, ReadDraft};
use super::grid::find;
use super::{Description, Format};
use crate::plate::read::Mode;
use crate::sheet::{Book, Sheet};

/// The format.
pub(super) struct Opentrons;

impl Format for Opentrons {
    fn description(&self) -> Description<'_> {
        Description {
            name: "opentrons",
            title: "Opentrons absorbance reader",
            written_by: "Opentrons Flex absorbance plate reader, csv",
            general: false,
            provisional: true,
        }
    }

    fn recognise(&self, book: &Book) -> Result<(), String> {
        if book.sheets.first().is_some_and(|sheet| {
            wavelength(sheet, "Sample wavelength (nm)").is_some() && sheet.text(sheet.first_row(), 1) == "1"
        }) {
            Ok(())
        } else {
            Err("there is no 'Sample Wavelength (nm)' below a grid in the first line".to_string())
        }
    }

    fn read(&self, draft: &mut Draft<'_>) {
        let book = draft.book;
        let sheet = &book.sheets[0];
        let [measured, reference] =
            ["Sample wavelength (nm)", "Reference wavelength (nm)"].map(|key| wavelength(sheet, key));
        for grid in find(sheet) {
            if grid.census(sheet).readings == 0 {
                draft.note(0, grid.header..grid.end(), "grid without values", "not used");
                continue;
            }
            let mut read = ReadDraft::raw(Mode::Absorbance, "Absorbance", grid.cells(0)).at(measured);
            read.reference_nm = reference;
            draft.note(0, grid.header..grid.end(), "grid", "read");
            draft.plates.push(PlateDraft {
                size: grid.size(),
                reads: vec![read],
                at: (0, grid.header, 0),
                ..PlateDraft::default()
            });
        }
    }
}

fn wavelength(sheet: &Sheet, key: &str) -> Option<f64> {
    let row = (0..sheet.rows.len()).find(|&row| sheet.text(row, 0).eq_ignore_ascii_case(key))?;
    sheet.text(row, 1).parse().ok()
}
