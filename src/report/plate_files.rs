//! The files of each plate: its pictures, and its page in a study that has more plates than one page holds.
//!
//! Of such a study the figures of a few plates at a time are held, of any other those of all: they are shown together.

use rayon::prelude::*;

use super::figure_files::{PictureFormats, pictures, print_layout};
use super::figures::{self, PlateFigures, ResponseScale};
use super::page::{PlatePages, PlateRows};
use super::table::ReportTable;
use super::{ReportError, StudyReport};
use crate::files::{OutputFile, TakeFiles};

/// The plates of a study, of which files are made.
pub(super) struct StudyPlateFiles<'a> {
    report: &'a StudyReport<'a>,
    /// The same, laid out for print.
    print: StudyReport<'a>,
    stems: &'a [String],
    scale: ResponseScale,
    /// Of all plates where one page holds them, else empty.
    figures: Vec<Option<PlateFigures>>,
}

/// Plates whose files are made side by side, and held until they are taken.
const TOGETHER: usize = 64;

impl<'a> StudyPlateFiles<'a> {
    /// Of the plates whose file names begin with `stems`.
    pub(super) fn new(report: &'a StudyReport<'a>, stems: &'a [String]) -> Self {
        let scale = ResponseScale::of(report);
        let print = StudyReport { layout: print_layout(report), ..*report };
        let mut new = Self { report, print, stems, scale, figures: Vec::new() };
        if !report.is_large() {
            new.figures = (0..report.plates.len()).into_par_iter().map(|at| new.figures_of(report, at)).collect();
        }
        new
    }

    /// The figures of all plates where one page holds them, else none.
    pub(super) fn figures(&self) -> &[Option<PlateFigures>] {
        &self.figures
    }

    fn figures_of(&self, report: &StudyReport<'_>, at: usize) -> Option<PlateFigures> {
        figures::of_plate(report, &report.plates[at], &self.stems[at], self.scale)
    }

    /// How many pictures are written.
    pub(super) fn pictures(&self) -> usize {
        let plates = self.report.plates.iter().zip(self.stems);
        let written =
            plates.filter(|(plate, _)| PictureFormats::of_plate(self.report, plate) != PictureFormats::Nowhere);
        written.map(|(plate, stem)| figures::names_of_plate(plate, stem).len()).sum()
    }

    /// The pages of all plates where each has its own, else none.
    pub(super) fn pages(&self, tables: &[ReportTable]) -> Vec<OutputFile> {
        if !self.report.is_large() {
            return Vec::new();
        }
        let rows = PlateRows::new(tables);
        let pages = PlatePages::new(self.report, self.stems, &rows);
        let all = (0..self.report.plates.len()).into_par_iter();
        all.map(|at| pages.page(at, self.figures_of(self.report, at).as_ref()).into()).collect()
    }

    /// Makes the files of all plates, some side by side, and gives them to `take` in the order of the plates.
    pub(super) fn write<E: From<ReportError> + Send>(
        &self,
        tables: &[ReportTable],
        drawn: &(dyn Fn() + Sync),
        take: TakeFiles<'_, E>,
    ) -> Result<(), E> {
        let rows = PlateRows::new(tables);
        let pages = self.report.is_large().then(|| PlatePages::new(self.report, self.stems, &rows));
        let all: Vec<usize> = (0..self.report.plates.len()).collect();
        let made = |some: &[usize]| -> Result<Vec<OutputFile>, ReportError> {
            let files = some.par_iter().map(|at| self.files(*at, pages.as_ref(), drawn));
            Ok(files.collect::<Result<Vec<_>, ReportError>>()?.concat())
        };
        // What was made is written while the next are made.
        let mut waiting = Vec::new();
        for some in all.chunks(TOGETHER) {
            let (written, next) = rayon::join(|| take(&waiting), || made(some));
            written?;
            waiting = next?;
        }
        take(&waiting)
    }

    fn files(
        &self,
        at: usize,
        pages: Option<&PlatePages<'_>>,
        drawn: &(dyn Fn() + Sync),
    ) -> Result<Vec<OutputFile>, ReportError> {
        let written = PictureFormats::of_plate(self.report, &self.report.plates[at]);
        let made = if pages.is_some() { self.figures_of(self.report, at) } else { None };
        let shown = made.as_ref().or_else(|| self.figures.get(at)?.as_ref());
        let mut files: Vec<OutputFile> = pages.iter().map(|pages| pages.page(at, shown).into()).collect();
        if written == PictureFormats::Nowhere {
            return Ok(files);
        }
        let laid_out = if self.print.layout == self.report.layout { None } else { self.figures_of(&self.print, at) };
        for figure in laid_out.as_ref().or(shown).into_iter().flat_map(PlateFigures::all) {
            files.extend(pictures(self.report, figure, written, drawn)?);
        }
        Ok(files)
    }
}
