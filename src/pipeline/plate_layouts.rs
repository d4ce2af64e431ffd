//! What one file says of the wells of several plates: one layout for all, or a sheet for each.

use super::exports::NamedPlate;
use crate::files::Input;
use crate::plate::Layout;
use crate::protocol::Assay;
use crate::report::layout_form;
use crate::sheet::{Book, Code, Location, Problem, Problems};

/// What a file says of the wells of several plates.
pub(super) enum Layouts {
    /// One layout for all of them.
    Shared(Layout),
    /// A sheet for each, called as the plate.
    BySheet(Location, Vec<(String, Result<Layout, Problems>)>),
}

impl Layouts {
    /// Reads the layouts in a file for plates of these names.
    pub(super) fn read(
        input: &Input,
        asked: Option<&str>,
        assay: &Assay,
        plates: &[NamedPlate],
    ) -> Result<Self, Problems> {
        let book = Book::of_study(&input.bytes, &input.name)?;
        let names: Vec<&str> = book.sheets.iter().filter_map(|sheet| sheet.name.as_deref()).collect();
        let at = Location::file(book.file.clone());
        if let Some(name) = asked {
            let sheet = book.sheets.iter().find(|sheet| sheet.name.as_deref() == Some(name)).ok_or_else(|| {
                Problem::new(Code::new("layout-option-sheet-unknown"), at, format!("no sheet '{name}' in it"))
                    .expected(format!("one of {}", names.join(", ")))
                    .advice("Correct --layout-sheet")
            })?;
            return Layout::read(sheet, assay).map(Self::Shared);
        }
        if let [sheet] = book.sheets.as_slice() {
            return Layout::read(sheet, assay).map(Self::Shared);
        }
        let of_plates = plates.iter().map(|plate| layout_form::sheet_name(&plate.id));
        if of_plates.into_iter().any(|name| names.contains(&name.as_str())) {
            let sheets = book.sheets.iter().filter_map(|sheet| Some((sheet.name.as_deref()?, sheet)));
            let called_as_plates: Vec<(String, Result<Layout, Problems>)> =
                sheets.map(|(name, sheet)| (name.to_string(), Layout::read(sheet, assay))).collect();
            return Ok(Self::BySheet(at, called_as_plates));
        }
        let read: Vec<Result<Layout, Problems>> = book.sheets.iter().map(|sheet| Layout::read(sheet, assay)).collect();
        let (good, wrong): (Vec<_>, Vec<_>) = read.into_iter().partition(Result::is_ok);
        match good.len() {
            1 => good.into_iter().next().unwrap_or_else(|| Err(Problems::default())).map(Self::Shared),
            0 => Err(Problems(wrong.into_iter().filter_map(Result::err).flat_map(|wrong| wrong.0).collect())),
            several => Err(Problem::new(
                Code::new("layout-of-several-sheets"),
                at,
                format!("{several} of its sheets hold a layout: {}", names.join(", ")),
            )
            .expected("--layout-sheet, to say which is that of all plates, or sheets that are called as the plates")
            .into()),
        }
    }

    /// What is wrong with any of them.
    pub(super) fn sound(self) -> Result<(), Problems> {
        match self {
            Self::Shared(_) => Ok(()),
            Self::BySheet(_, sheets) => {
                let wrong = sheets.into_iter().filter_map(|(_, layout)| layout.err());
                Problems(wrong.flat_map(|wrong| wrong.0).collect()).or(())
            }
        }
    }

    /// The sheet of a plate, where each has its own.
    pub(super) fn sheet_of(&self, plate: &str) -> Option<String> {
        matches!(self, Self::BySheet(..)).then(|| layout_form::sheet_name(plate))
    }

    /// The layout of a plate.
    pub(super) fn of(&self, plate: &str) -> Result<Layout, Problems> {
        match self {
            Self::Shared(layout) => Ok(layout.clone()),
            Self::BySheet(at, sheets) => {
                let name = layout_form::sheet_name(plate);
                let own = sheets.iter().find(|(sheet, _)| *sheet == name);
                own.map(|(_, layout)| layout.clone()).unwrap_or_else(|| {
                    Err(Problem::new(
                        Code::new("layout-sheet-of-plate-missing"),
                        at.clone(),
                        format!("no sheet '{name}' in it, and other sheets are called as plates"),
                    )
                    .expected("a sheet for each plate, or --layout-sheet with that of all plates")
                    .into())
                })
            }
        }
    }
}
