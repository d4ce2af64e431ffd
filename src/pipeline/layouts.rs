//! The layout of every plate: from its file or, once a person has confirmed it, from the export; and that no two plates share one
//! unless the study says that this is meant.

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use super::study_book::open;
use crate::concentration::{GroupResult, NotReported, Quantity};
use crate::files::{InputFolder, sha256};
use crate::plate::declared::{self, TakenFor};
use crate::plate::{Export, Layout, SampleList, WellPosition, WellRole};
use crate::protocol::{Assay, PlateEntry, PlateRuns, STUDY_FILE, SampleNames};
use crate::sheet::{Book, Code, Location, Problem, Problems};

/// Where the layouts of the plates of a study stand.
pub(super) struct LayoutSources<'a> {
    study: &'a InputFolder,
    assay: &'a Assay,
    /// The files that hold the layouts of several plates: their sheets, or what is wrong with them.
    books: BTreeMap<&'a Path, Result<Book, Problems>>,
    runs: PlateRuns<'a>,
}

impl<'a> LayoutSources<'a> {
    /// Opens the files in which those of several plates stand.
    pub(super) fn open(study: &'a InputFolder, assay: &'a Assay) -> Self {
        let mut plates_of: BTreeMap<&Path, usize> = BTreeMap::new();
        for file in assay.plates.iter().filter_map(PlateEntry::layout_file) {
            *plates_of.entry(file).or_default() += 1;
        }
        let shared: Vec<&Path> =
            plates_of.into_iter().filter(|(_, plates)| *plates > 1).map(|(file, _)| file).collect();
        let books = shared.par_iter().map(|&path| (path, open(study, path))).collect();
        Self { study, assay, books, runs: PlateRuns::of(&assay.plates) }
    }

    /// The layout of a plate, whose export it may stand in. Where a name stands for a sample on its plate only, samples are called
    /// `PLATE:NAME` from here on.
    ///
    /// # Errors
    /// When it cannot be read, or nobody has confirmed it.
    pub(super) fn of(&self, entry: &'a PlateEntry, export: &Result<Export, Problems>) -> Result<Layout, Problems> {
        let layout = match (entry.layout_file(), export) {
            (Some(path), _) => match self.books.get(path.as_path()) {
                Some(book) => in_book(entry, book.as_ref().map_err(Clone::clone)?, self.assay)?,
                None => {
                    let book = open(self.study, path);
                    self.study.let_go(path);
                    in_book(entry, &book?, self.assay)?
                }
            },
            (None, Ok(export)) => confirmed(entry, export, self.assay)?,
            // What is wrong with the export is said where the plate is read.
            (None, Err(_)) => return Err(Problems::default()),
        };
        Ok(match self.assay.reportable.samples {
            SampleNames::PerStudy => layout,
            SampleNames::PerPlate => layout.with_samples_of(plate_of_names(entry, &self.runs)?),
        })
    }
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

/// What is still asked of a layout when its plate has been read.
#[derive(Debug, Clone, Default)]
pub(super) struct LayoutSamples {
    /// The samples of a plate that could not be read, by the layout, where that can be.
    pub(super) lost: Vec<GroupResult>,
    /// The hash of which samples stand in which wells; `None` where there is none.
    placed: Option<String>,
}

impl LayoutSamples {
    /// Takes it from the layout of a plate.
    pub(super) fn of<T, E>(layout: &Result<Layout, E>, plate: &Result<T, E>, samples: &SampleList) -> Self {
        let Ok(layout) = layout else { return Self::default() };
        let lost = if plate.is_err() { lost_samples(layout, samples) } else { Vec::new() };
        Self { lost, placed: placed(layout) }
    }
}

/// The hash of position, dilution (by its bits) and name of every sample's well.
fn placed(layout: &Layout) -> Option<String> {
    let wells = layout.wells.iter().filter_map(|(position, well)| match &well.role {
        WellRole::Sample { id, dilution } => {
            let (WellPosition { row, column }, dilution) = (position, dilution.map(f64::to_bits));
            Some(format!("{row} {column} {dilution:?} {} {id}\n", id.len()))
        }
        _ => None,
    });
    let wells: String = wells.collect();
    (!wells.is_empty()).then(|| sha256(wells.as_bytes()))
}

/// Whether every plate has a layout of its own: two plates with the same samples in the same wells are a slip of copy and paste,
/// unless one is declared the repeat of the other.
///
/// # Errors
/// Every plate that has the layout of another.
pub(super) fn each_its_own(layouts: &[LayoutSamples], assay: &Assay) -> Result<(), Problems> {
    let mut known: BTreeMap<&str, &PlateEntry> = BTreeMap::new();
    let runs = PlateRuns::of(&assay.plates);
    let mut problems = Problems::default();
    for (entry, layout) in assay.plates.iter().zip(layouts) {
        let Some(samples) = layout.placed.as_deref() else { continue };
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
fn lost_samples(layout: &Layout, samples: &SampleList) -> Vec<GroupResult> {
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
