//! EnVision and EnSpire: the settings below the plates, and what they say of how a plate was measured.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::draft::{CellIndex, ReadDraft};
use crate::plate::read::Mode;
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::Sheet;

/// The paragraphs of settings, of keys in the first field and values in the fifth.
pub(super) struct EnvisionSettings<'a> {
    pub(super) sheet: &'a Sheet,
    /// The rows of which something was used.
    pub(super) used: RefCell<BTreeSet<usize>>,
    /// The paragraphs of labels that were asked for.
    labels: RefCell<BTreeMap<String, Option<Range<usize>>>>,
}

impl<'a> EnvisionSettings<'a> {
    pub(super) fn new(sheet: &'a Sheet) -> Self {
        Self { sheet, used: RefCell::default(), labels: RefCell::default() }
    }

    /// The value of the first row with that key, where it has one.
    pub(super) fn first(&self, key: &str) -> Option<String> {
        let row = (0..self.sheet.rows.len()).find(|&row| self.sheet.text(row, 0) == key)?;
        self.used.borrow_mut().insert(row);
        Some(self.sheet.text(row, 4)).filter(|value| !value.is_empty())
    }

    pub(super) fn plate_size(&self) -> Option<PlateSize> {
        let number = |key: &str| self.first(key)?.parse::<usize>().ok();
        let (rows, columns) = (number("Number of rows")?, number("Number of columns")?);
        PlateSize::ALL.into_iter().find(|size| size.rows == rows && size.columns == columns)
    }

    /// The rows of the paragraph of a label: below `Labels:` or `Measurements:`, until the next blank line.
    fn label(&self, name: &str) -> Option<Range<usize>> {
        self.labels.borrow_mut().entry(name.to_string()).or_insert_with(|| self.find_label(name)).clone()
    }

    fn find_label(&self, name: &str) -> Option<Range<usize>> {
        let sheet = self.sheet;
        let start =
            (0..sheet.rows.len()).find(|&row| matches!(sheet.text(row, 0).as_str(), "Labels:" | "Measurements:"))?;
        let is_it = |row: usize| {
            let (key, value) = (sheet.text(row, 0), sheet.text(row, 4));
            key == name && !value.is_empty()
                || key == "Label name" && value == name
                || key == "Meas" && format!("Meas {value}") == name
        };
        let first = (start + 1..sheet.rows.len()).find(|&row| is_it(row))?;
        let end = (first..sheet.rows.len()).find(|&row| sheet.is_blank(row)).unwrap_or(sheet.rows.len());
        Some(first..end)
    }

    fn value(&self, rows: &Range<usize>, key: &str) -> Option<String> {
        let row = rows.clone().find(|&row| self.sheet.text(row, 0).eq_ignore_ascii_case(key))?;
        self.used.borrow_mut().insert(row);
        Some(self.sheet.text(row, 4)).filter(|value| !value.is_empty() && value != "N/A")
    }

    /// The wavelength of a filter from its description `… CWL=450nm BW=10nm …`.
    fn filter(&self, name: &str) -> Option<f64> {
        let sheet = self.sheet;
        let filters = (0..sheet.rows.len()).find(|&row| sheet.text(row, 0) == "Filters:")?;
        let first = (filters + 1..sheet.rows.len()).find(|&row| sheet.text(row, 0) == name)?;
        let description = (first..sheet.rows.len())
            .take_while(|&row| !sheet.is_blank(row))
            .find(|&row| sheet.text(row, 0) == "Description")?;
        self.used.borrow_mut().extend([first, description]);
        let text = sheet.text(description, 4);
        text.split_once("CWL=")?.1.split("nm").next()?.trim().parse().ok()
    }

    fn wavelength(&self, rows: &Range<usize>, wavelength_key: &str, filter_key: &str) -> Option<f64> {
        let written = self.value(rows, wavelength_key).and_then(|text| text.trim_end_matches("nm").trim().parse().ok());
        written.or_else(|| self.filter(&self.value(rows, filter_key)?))
    }

    /// A measured grid or column as a read; `info` is how it was measured.
    pub(super) fn raw(
        &self,
        label: &str,
        info: &str,
        title: Option<&str>,
        cells: Vec<(WellPosition, CellIndex)>,
    ) -> ReadDraft {
        // `A450(1)` is the first repeat of the label `A450`.
        let base = label.rsplit_once('(').map_or(label, |(base, _)| base).trim();
        let paragraph = self.label(base);
        let mode = self.mode(info, title, paragraph.as_ref());
        let mut read = ReadDraft::raw(mode, label, cells);
        if let Some(paragraph) = &paragraph {
            let second = title.map_or(info.contains("De=2nd"), |title| title.contains("channel 2"));
            let excitation = self.wavelength(paragraph, "Excitation wavelength", "Exc. filter");
            let emission = self.wavelength(
                paragraph,
                "Emission wavelength",
                if second { "2nd ems. filter" } else { "Ems. filter" },
            );
            match mode {
                Mode::Absorbance => read.wavelength_nm = excitation.or(emission),
                Mode::Fluorescence => (read.excitation_nm, read.wavelength_nm) = (excitation, emission),
                _ => read.wavelength_nm = emission,
            }
        }
        if mode == Mode::Absorbance && read.wavelength_nm.is_none() {
            read.wavelength_nm = measured_at(info);
        }
        // The unit is in the last brackets of the title: (A), (Counts), (CPS), (RFU).
        let unit = title.and_then(|title| Some(title.rsplit_once('(')?.1.trim_end_matches(')').to_string()));
        read.unit = match unit.as_deref() {
            Some("A") => Some("OD".to_string()),
            Some(_) => unit,
            None if mode == Mode::Absorbance => Some("OD".to_string()),
            None => None,
        };
        read
    }

    /// `De=1st Ex=Btm Em=N/A` and `De=Abs …`: light through the plate; `De=USLum`: no light; `Ex=N/A Em=Top`: the laser of
    /// AlphaScreen.
    pub(super) fn mode(&self, info: &str, title: Option<&str>, paragraph: Option<&Range<usize>>) -> Mode {
        let says = |text: &str| info.contains(text);
        if title.is_some_and(|title| title.ends_with("(A)")) || says("De=Abs") {
            Mode::Absorbance
        } else if says("De=USLum") || says("De=Lum") {
            Mode::Luminescence
        } else if says("Ex=N/A") {
            let is_alpha = paragraph.is_none_or(|rows| self.value(rows, "Excitation time").is_some());
            if is_alpha { Mode::Alpha } else { Mode::Luminescence }
        } else if says("Em=N/A") {
            Mode::Absorbance
        } else if says("Ex=") {
            Mode::Fluorescence
        } else {
            Mode::Unknown
        }
    }
}

/// The wavelength in `De=Abs Ex=N/A Em=450 nm`: the newer program writes it there and not with the label.
fn measured_at(info: &str) -> Option<f64> {
    ["Em=", "Ex="].into_iter().find_map(|key| info.split_once(key)?.1.split_whitespace().next()?.parse().ok())
}
