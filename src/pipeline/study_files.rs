//! The files of a study, read: what is declared, every plate joined to its layout, the decisions. Blind: the list of arms is neither
//! opened nor hashed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use super::cache::Cache;
use super::layouts::{self, LayoutSamples, LayoutSources};
use super::study_book::open;
use crate::files::{InputFile, InputFolder};
use crate::plate::formats::{self, DescribedFormat, ReadOptions};
use crate::plate::{AssayPlate, Export, Layout, SampleList};
use crate::protocol::{self, Assay, PlateEntry, Protocol, STUDY_FILE};
use crate::qc::across_plates::History;
use crate::record::Decisions;
use crate::sheet::{Book, Code, Location, Problem, Problems};

/// The ids of the plates that are read of those that are declared, or why it cannot be said which.
pub(super) type WantedPlates = Result<BTreeSet<String>, Problem>;

/// What the files of a study hold, before anything is fitted.
#[derive(Debug, Clone)]
pub(super) struct StudyFiles {
    /// What `study.toml` declares.
    pub(super) protocol: Protocol,
    /// The list of samples.
    pub(super) samples: SampleList,
    /// The samples of each plate by its layout, in the order of `study.toml`.
    pub(super) layouts: Vec<LayoutSamples>,
    /// Each plate, or why it could not be read.
    pub(super) joined: Vec<Result<AssayPlate, Problems>>,
    /// The numbers of earlier plates.
    pub(super) earlier: History,
    /// What people decided.
    pub(super) decisions: Decisions,
    /// Every file that was read.
    pub(super) inputs: Vec<InputFile>,
}

impl StudyFiles {
    /// Reads the study.
    ///
    /// # Errors
    /// When the study itself cannot be read: `study.toml`, the list of samples, or the log of decisions.
    pub(super) fn read(study: &InputFolder, cache: Option<&Cache>) -> Result<Self, Problems> {
        let all = |declared: &[PlateEntry]| Ok(declared.iter().map(|entry| entry.id.clone()).collect());
        let files = Self::read_some(study, &all, cache)?;
        layouts::each_its_own(&files.layouts, &files.protocol.assay)?;
        Ok(files)
    }

    /// Reads the study as if it had those plates only that are `wanted` of the declared ones.
    ///
    /// # Errors
    /// As [`StudyFiles::read`], and where it cannot be said which are wanted.
    pub(super) fn read_some(
        study: &InputFolder,
        wanted: &dyn Fn(&[PlateEntry]) -> WantedPlates,
        cache: Option<&Cache>,
    ) -> Result<Self, Problems> {
        let mut protocol = protocol::read_from(study)?;
        stays_closed(study, &protocol)?;
        let decisions = Decisions::read(study)?;
        decisions.unknown_plates(protocol.assay.plates.iter().map(|entry| entry.id.as_str())).or(())?;
        let wanted = wanted(&protocol.assay.plates)?;
        protocol.assay.plates.retain(|entry| wanted.contains(&entry.id));
        let samples_book = open(study, &protocol.assay.study.samples)?;
        let samples = match samples_book.sheets.first() {
            Some(sheet) => SampleList::read_called(sheet, &protocol.assay.study.sample_columns)?,
            None => {
                return Err(Problem::new(
                    Code::new("samples-no-sheet"),
                    Location::file(samples_book.file),
                    "there is no sheet in it",
                )
                .into());
            }
        };
        let (layouts, joined) = plates(study, &protocol.assay, &samples, cache);
        let earlier = match &protocol.assay.across_plates.history {
            Some(path) => read_history(study, path, &protocol.assay.study.unit)?,
            None => History::default(),
        };
        Ok(Self { protocol, samples, layouts, joined, earlier, decisions, inputs: study.inputs() })
    }
}

/// Each plate, or why it could not be read, and its samples by its layout, in the order of the study. An export and a layout are gone
/// once their plates are read: those of thousands of plates would take more room than the plates.
fn plates(
    study: &InputFolder,
    assay: &Assay,
    samples: &SampleList,
    cache: Option<&Cache>,
) -> (Vec<LayoutSamples>, Vec<Result<AssayPlate, Problems>>) {
    let sources = LayoutSources::open(study, assay);
    let mut of_export: BTreeMap<&Path, Vec<(usize, &PlateEntry)>> = BTreeMap::new();
    for (at, entry) in assay.plates.iter().enumerate() {
        of_export.entry(&entry.export).or_default().push((at, entry));
    }
    let of_export: Vec<Vec<(usize, &PlateEntry)>> = of_export.into_values().collect();
    let read = |entries: &Vec<(usize, &PlateEntry)>| -> Vec<_> {
        // All plates of an export name one reader and one column.
        let Some((_, first)) = entries.first() else { return Vec::new() };
        let export = read_export(study, first, cache);
        let of_plate = |&(at, entry): &(usize, _)| {
            let layout = sources.of(entry, &export);
            let plate = assay_plate(entry, &export, &layout, samples, assay);
            (at, LayoutSamples::of(&layout, &plate, samples), plate)
        };
        let plates = entries.iter().map(of_plate).collect();
        study.let_go(&first.export);
        plates
    };
    let mut plates: Vec<_> = of_export.par_iter().flat_map_iter(read).collect();
    plates.sort_by_key(|&(at, ..)| at);
    plates.into_iter().map(|(_, layout, plate)| (layout, plate)).unzip()
}

/// The numbers of earlier plates.
fn read_history(study: &InputFolder, path: &Path, unit: &str) -> Result<History, Problems> {
    let book = open(study, path)?;
    match book.sheets.first() {
        Some(sheet) => History::read(sheet, unit),
        None => {
            Err(Problem::new(Code::new("history-no-sheet"), Location::file(book.file), "there is no sheet in it")
                .into())
        }
    }
}

/// Reads the export of a plate in the format that the study says, where it is not known what comes of it.
fn read_export(study: &InputFolder, entry: &PlateEntry, cache: Option<&Cache>) -> Result<Export, Problems> {
    let input = study.read(&entry.export)?;
    let described = described(study, entry)?;
    let asked = asked(entry, described.as_ref());
    let read = || formats::read_book(&Book::from_bytes(&input.bytes, &input.name)?, asked);
    cache.map_or_else(read, |cache| cache.export(&input, asked, read))
}

/// Reads the export of a plate in the format that the study says.
pub(super) fn read_as_declared(study: &InputFolder, entry: &PlateEntry, book: &Book) -> Result<Export, Problems> {
    let described = described(study, entry)?;
    formats::read_book(book, asked(entry, described.as_ref()))
}

/// How the study says that the export of a plate is read.
fn asked<'a>(entry: &'a PlateEntry, described: Option<&'a DescribedFormat>) -> ReadOptions<'a> {
    ReadOptions::said(entry.reader.as_deref(), described, entry.column.as_deref())
}

/// The description of the format of a plate's export, where the study names one.
fn described(study: &InputFolder, entry: &PlateEntry) -> Result<Option<DescribedFormat>, Problems> {
    let Some(path) = entry.format_file() else { return Ok(None) };
    let input = study.read(path)?;
    DescribedFormat::from_bytes(&input.name, &input.bytes).map(Some)
}

/// The list of arms is opened neither under its own name nor under another: no other file of the study is it.
fn stays_closed(study: &InputFolder, protocol: &Protocol) -> Result<(), Problems> {
    let of_plates = protocol.assay.plates.iter().flat_map(|entry| {
        let export = ("export", entry.export.as_path());
        let layout = entry.layout_file().map(|layout| ("layout", layout.as_path()));
        let format = entry.format_file().map(|format| ("format", format));
        std::iter::once(export).chain(layout).chain(format)
    });
    let history = protocol.assay.across_plates.history.as_deref().map(|history| ("history", history));
    let named = of_plates.chain(history).chain([("list of samples", protocol.assay.study.samples.as_path())]);
    let mut problems = Problems::default();
    let arms = &protocol.trial.arms;
    for (what, path) in named.filter(|(_, path)| study.is_same(path, arms)) {
        let list = arms.display();
        let found = format!("{} is named as {what}, and is the list of arms {list}", path.display());
        problems.push(
            Problem::new(Code::new("arms-declared-twice"), Location::file(STUDY_FILE), found)
                .expected("a list of arms that stays closed until the arms are compared")
                .advice("Correct the name in study.toml; nothing was opened"),
        );
    }
    problems.or(())
}

/// One plate of the study: its part of the export joined to its layout.
fn assay_plate(
    entry: &PlateEntry,
    export: &Result<Export, Problems>,
    layout: &Result<Layout, Problems>,
    samples: &SampleList,
    assay: &Assay,
) -> Result<AssayPlate, Problems> {
    match (export, layout) {
        (Ok(export), Ok(layout)) => AssayPlate::join(entry, export, layout, samples, &assay.method),
        (export, layout) => {
            let wrong = [export.as_ref().err(), layout.as_ref().err()].into_iter().flatten();
            Err(Problems(wrong.flat_map(|problems| problems.0.clone()).collect()))
        }
    }
}
