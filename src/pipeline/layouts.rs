//! The layout of every plate: from its file or, once a person has confirmed it, from the export; and that no two plates share one
//! unless the study says that this is meant.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rayon::prelude::*;

use crate::concentration::{GroupResult, NotReported, Quantity};
use crate::plate::declared::{self, TakenFor};
use crate::plate::{Export, Layout, SampleList, WellPosition, WellRole};
use crate::protocol::{Assay, PlateEntry, PlateRuns, STUDY_FILE, SampleNames};
use crate::sheet::{Book, Code, Location, Problem, Problems};

/// A file of the study that was read: its parts, or what is wrong with it.
pub(super) type ReadFiles<T> = BTreeMap<PathBuf, Result<T, Problems>>;

/// The layout of each plate of the study, in its order. Where a name stands for a sample on its plate only, samples are called
/// `PLATE:NAME` from here on.
pub(super) fn read(
    exports: &ReadFiles<Export>,
    books: &ReadFiles<Book>,
    assay: &Assay,
) -> Vec<Result<Layout, Problems>> {
    let runs = PlateRuns::of(&assay.plates);
    let of_plate = |entry: &PlateEntry| {
        let layout = match (entry.layout_file(), &exports[&entry.export]) {
            (Some(path), _) => in_book(entry, books[path].as_ref().map_err(Clone::clone)?, assay)?,
            (None, Ok(export)) => confirmed(entry, export, assay)?,
            // What is wrong with the export is said where the plate is read.
            (None, Err(_)) => return Err(Problems::default()),
        };
        Ok(match assay.reportable.samples {
            SampleNames::PerStudy => layout,
            SampleNames::PerPlate => layout.with_samples_of(plate_of_names(entry, &runs)?),
        })
    };
    assay.plates.par_iter().map(of_plate).collect()
}

/// The plate on which the names of a plate's samples hold: the one that it repeats, or itself.
///
/// # Errors
/// It repeats several, each of which may have a sample of that name.
fn plate_of_names<'a>(entry: &'a PlateEntry, runs: &PlateRuns<'a>) -> Result<&'a str, Problem> {
    let firsts = runs.first_runs(&entry.id);
    match firsts.first() {
        Some(first) if firsts.len() == 1 => Ok(first),
        _ => {
            let several: Vec<&str> = firsts.into_iter().collect();
            let found =
                format!("the plate '{}' repeats {}, and names hold within one plate", entry.id, several.join(" and "));
            Err(Problem::new(Code::new("layout-names-of-another-plate"), Location::file(STUDY_FILE), found)
                .expected("a name that says of which plate the sample is")
                .advice("Give samples names of their own in the study and remove samples = \"per-plate\", or repeat one plate only"))
        }
    }
}

/// Whether every plate has a layout of its own: two plates with the same samples in the same wells are a slip of copy and paste,
/// unless one is declared the repeat of the other.
///
/// # Errors
/// Every plate that has the layout of another.
pub(super) fn each_its_own(layouts: &[Result<Layout, Problems>], assay: &Assay) -> Result<(), Problems> {
    // Position, name and dilution, by its bits, of every sample's well.
    type LayoutWells<'l> = Vec<(WellPosition, &'l str, Option<u64>)>;
    let mut known: BTreeMap<LayoutWells<'_>, &PlateEntry> = BTreeMap::new();
    let runs = PlateRuns::of(&assay.plates);
    let mut problems = Problems::default();
    for (entry, layout) in assay.plates.iter().zip(layouts) {
        let Ok(layout) = layout else { continue };
        let samples: LayoutWells<'_> = layout
            .wells
            .iter()
            .filter_map(|(&position, well)| match &well.role {
                WellRole::Sample { id, dilution } => Some((position, id.as_str(), dilution.map(f64::to_bits))),
                _ => None,
            })
            .collect();
        if samples.is_empty() {
            continue;
        }
        let first = *known.entry(samples).or_insert(entry);
        if runs.is_repeat(&first.id, &entry.id) {
            continue;
        }
        let found = format!(
            "the plates '{}' and '{}' have the same samples in the same wells: {} and {}",
            first.id,
            entry.id,
            described(first),
            described(entry)
        );
        problems.push(
            Problem::new(Code::new("layout-shared"), Location::file(STUDY_FILE), found).expected("a layout of its own for every plate").advice(format!(
                "If '{}' was run again as '{}', say repeats = \"{}\" in its [[plate]]; if the names hold within one plate only, say \
                 samples = \"per-plate\" in [reportable]; else give each plate its own layout",
                first.id, entry.id, first.id
            )),
        );
    }
    problems.or(())
}

/// Where a plate has its layout from.
fn described(entry: &PlateEntry) -> String {
    match (entry.layout_file(), &entry.layout_sheet) {
        (None, _) => format!("{}, by the export itself", entry.export.display()),
        (Some(path), None) => path.display().to_string(),
        (Some(path), Some(sheet)) => format!("{}, sheet '{sheet}'", path.display()),
    }
}

/// The layout that the export declares, once a person has confirmed what was found.
fn confirmed(entry: &PlateEntry, export: &Export, assay: &Assay) -> Result<Layout, Problems> {
    let declared = declared::layout(entry, export, assay, TakenFor::Study)?;
    let shown = declared.describe();
    let code = declared.code();
    let found = match entry.confirmed.as_deref() {
        Some(confirmed) if confirmed == code => return Ok(declared.layout),
        Some(other) => {
            format!("the layout in the export is not the one that was confirmed as \"{other}\"; it is now {shown}")
        }
        None => format!("the layout in the export is not confirmed yet: {shown}"),
    };
    Err(Problem::new(Code::new("layout-not-confirmed"), declared.layout.location, found)
        .expected("the confirmation of a person who has compared it with the plate")
        .advice(format!("If it is right, the [[plate]] '{}' says in study.toml: confirmed = \"{code}\"", entry.id))
        .into())
}

/// The layout on its sheet of a workbook, or in its file.
fn in_book(entry: &PlateEntry, book: &Book, assay: &Assay) -> Result<Layout, Problems> {
    let names: Vec<&str> = book.sheets.iter().filter_map(|sheet| sheet.name.as_deref()).collect();
    let at = || Location::file(book.file.clone());
    let sheet = match &entry.layout_sheet {
        Some(name) => book.sheets.iter().find(|sheet| sheet.name.as_deref() == Some(name)).ok_or_else(|| {
            Problem::new(Code::new("layout-sheet-unknown"), at(), format!("no sheet '{name}' in it"))
                .expected(format!("one of {}", names.join(", ")))
                .advice("Correct the name of the sheet in study.toml, or in the workbook")
        })?,
        None => match book.sheets.as_slice() {
            [sheet] => sheet,
            sheets => {
                return Err(Problem::new(
                    Code::new("layout-sheet-not-named"),
                    at(),
                    format!("{} sheets in it: {}", sheets.len(), names.join(", ")),
                )
                .expected("layout_sheet = \"…\" beside the layout in study.toml, to say which")
                .into());
            }
        },
    };
    Layout::read(sheet, assay)
}

/// The samples that a plate should have had which could not be read, by its layout where that can be read.
pub(super) fn lost_samples(layout: &Layout, samples: &SampleList) -> Vec<GroupResult> {
    let mut groups: Vec<GroupResult> = Vec::new();
    for (&position, well) in &layout.wells {
        let WellRole::Sample { id, dilution } = &well.role else { continue };
        let listed = || samples.get(id).and_then(|sample| sample.dilution);
        let dilution = dilution.or_else(listed).unwrap_or(1.0);
        match groups.iter_mut().find(|group| group.name == *id && group.dilution == dilution) {
            Some(group) => group.wells.push(position),
            None => groups.push(GroupResult {
                name: id.clone(),
                dilution,
                wells: vec![position],
                mean_response: None,
                cv_percent: None,
                quantity: Quantity::NotReported { reason: NotReported::PlateNotRead },
                flags: Vec::new(),
            }),
        }
    }
    groups
}
