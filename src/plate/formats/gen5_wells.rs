//! Gen5: tables with one row per well, with or without the statistics of replicates.
//!
//! A row names its sample only where the sample begins: `Well ID`, `Name` and `Conc/Dil` are empty for further replicates, and so are
//! `Count`, `Mean`, `Std Dev` and `CV (%)`, which are of the sample and not of the well.

use std::ops::Range;

use super::draft::{Draft, PlateDraft, SampleDraft};
use super::gen5_steps::{ReadStep, classify, role_of};
use super::time::{are_times, is_time};
use crate::plate::well::WellPosition;
use crate::sheet::{Sheet, Value};

/// Columns of statistics over the replicates of a sample.
const STATISTICS: [&str; 11] =
    ["Count", "Mean", "Median", "Std Dev", "StdDev", "SD", "SEM", "CV (%)", "CV", "Min", "Max"];

/// A table with one row per well.
pub(super) struct WellTable {
    pub(super) rows: Range<usize>,
    well: usize,
    id: Option<usize>,
    name: Option<usize>,
    concentration: Option<usize>,
    /// The columns of data sets, with their labels.
    values: Vec<(usize, String)>,
}

impl WellTable {
    /// The table whose line of names is `row`.
    pub(super) fn at(sheet: &Sheet, row: usize, end: usize) -> Option<Self> {
        let names: Vec<String> = sheet.rows.get(row)?.iter().map(Value::text).collect();
        let find = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let well = find(&["Well"])?;
        let is_well = |row: usize| sheet.text(row, well).parse::<WellPosition>().is_ok();
        if !is_well(row + 1) {
            return None;
        }
        let (id, name) = (find(&["Well ID"]), find(&["Name"]));
        let concentration = find(&["Conc/Dil", "Conc", "Dil"]);
        let about = [Some(well), id, name, concentration];
        let is_value = |(at, name): &(usize, String)| {
            !name.is_empty() && !about.contains(&Some(*at)) && !STATISTICS.contains(&name.as_str())
        };
        let values: Vec<_> = names.into_iter().enumerate().filter(is_value).collect();
        let last = (row + 1..end).find(|&row| !is_well(row)).unwrap_or(end);
        (!values.is_empty()).then_some(Self { rows: row..last, well, id, name, concentration, values })
    }

    /// Whether its columns are points of time.
    pub(super) fn is_over_time(&self) -> bool {
        are_times(self.values.iter().map(|(_, label)| label))
    }

    /// Whether it has the columns that only Gen5 names so.
    pub(super) fn names_samples(&self) -> bool {
        self.id.is_some()
    }

    /// Adds its data sets, as far as no matrix holds them, and its samples, as far as no layout names them.
    pub(super) fn read(
        &self,
        draft: &mut Draft<'_>,
        index: usize,
        sheet: &Sheet,
        plate: &mut PlateDraft,
        steps: &[ReadStep],
    ) {
        let wells: Vec<(WellPosition, usize)> = (self.rows.start + 1..self.rows.end)
            .filter_map(|row| Some((sheet.text(row, self.well).parse().ok()?, row)))
            .collect();
        for (column, label) in &self.values {
            let made = if plate.reads.iter().any(|read| read.label == *label) {
                "the values of the matrix again: not read twice"
            } else {
                let cells = wells.iter().map(|&(well, row)| (well, (index, row, *column))).collect();
                plate.reads.push(classify(label, steps, cells));
                if plate.reads.last().is_some_and(|read| read.derived) { "derived, kept beside" } else { "read" }
            };
            draft.note(index, self.rows.clone(), format!("table of wells: {label}"), made);
        }
        self.read_samples(index, sheet, plate, &wells);
    }

    fn read_samples(&self, index: usize, sheet: &Sheet, plate: &mut PlateDraft, wells: &[(WellPosition, usize)]) {
        let Some(id) = self.id else { return };
        let mut known: Option<SampleDraft> = None;
        for &(well, row) in wells {
            let text = |column: Option<usize>| column.map(|at| sheet.text(row, at)).filter(|text| !text.is_empty());
            if let Some(code) = text(Some(id)) {
                let role = role_of(&code);
                known = Some(SampleDraft { role, name: Some(code), group: text(self.name), ..SampleDraft::default() });
            }
            let Some(known) = &mut known else { continue };
            known.at = (index, row, id);
            if let Some(value) = text(self.concentration) {
                let of_standard = known.role == Some("standard");
                *(if of_standard { &mut known.concentration } else { &mut known.dilution }) = Some(value);
            }
            plate.samples.entry(well).or_insert_with(|| known.clone());
        }
    }
}

/// A table with one column per well: a line `Well`, then one for each data set, or for what is said of the wells.
pub(super) struct WellsAcross {
    pub(super) rows: Range<usize>,
    /// Whether its lines are points of time.
    pub(super) is_over_time: bool,
    corner: usize,
    wells: Vec<(WellPosition, usize)>,
}

impl WellsAcross {
    /// The table whose line of wells is `row`.
    pub(super) fn at(sheet: &Sheet, row: usize, end: usize) -> Option<Self> {
        let corner = (0..2).find(|&column| sheet.text(row, column) == "Well")?;
        let columns = corner + 1..sheet.rows[row].len();
        let wells: Vec<(WellPosition, usize)> =
            columns.map_while(|column| Some((sheet.text(row, column).parse().ok()?, column))).collect();
        let last = (row + 1..end).find(|&row| sheet.text(row, corner).is_empty()).unwrap_or(end);
        let is_over_time = (row + 1..last).filter(|&row| is_time(&sheet.text(row, corner))).count() > 1;
        (wells.len() > 1).then_some(Self { rows: row..last, is_over_time, corner, wells })
    }

    /// Adds its data sets and its samples.
    pub(super) fn read(
        &self,
        draft: &mut Draft<'_>,
        index: usize,
        sheet: &Sheet,
        plate: &mut PlateDraft,
        steps: &[ReadStep],
    ) {
        for row in self.rows.start + 1..self.rows.end {
            let label = sheet.text(row, self.corner);
            let about = |well: WellPosition, column: usize| {
                Some((well, sheet.text(row, column))).filter(|(_, text)| !text.is_empty())
            };
            let said = self.wells.iter().filter_map(|&(well, column)| Some((about(well, column)?, column)));
            match label.as_str() {
                "Well ID" => {
                    for ((well, code), column) in said {
                        let role = role_of(&code);
                        let at = (index, row, column);
                        plate
                            .samples
                            .insert(well, SampleDraft { role, name: Some(code), at, ..SampleDraft::default() });
                    }
                }
                "Name" | "Conc/Dil" | "Conc" | "Dil" => {
                    for ((well, text), _) in said {
                        let Some(sample) = plate.samples.get_mut(&well) else { continue };
                        match (label.as_str(), sample.role) {
                            ("Name", _) => sample.group = Some(text),
                            (_, Some("standard")) => sample.concentration = Some(text),
                            _ => sample.dilution = Some(text),
                        }
                    }
                }
                _ => {
                    let cells = self.wells.iter().map(|&(well, column)| (well, (index, row, column))).collect();
                    let read = classify(&label, steps, cells);
                    let made = if read.derived { "derived, kept beside" } else { "read" };
                    draft.note(index, row..row + 1, format!("wells across: {label}"), made);
                    plate.reads.push(read);
                    continue;
                }
            }
            draft.note(index, row..row + 1, format!("wells across: {label}"), "kept with the wells");
        }
        draft.note(index, self.rows.start..self.rows.start + 1, "Well", "the wells of the columns below");
    }
}
