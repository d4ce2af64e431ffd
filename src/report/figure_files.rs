//! The files of the folder `figures`: which pictures are written, and as what.

use rayon::prelude::*;

use super::all_figures::Figures;
use super::figure::{Column, Layout, Texts};
use super::figures::NamedFigure;
use super::{ReportError, StudyReport};
use crate::files::OutputFile;
use crate::protocol::{FigureWidth, PlateFigureFiles, SvgTexts};
use crate::qc::{JudgedPlate, Verdict};

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// Not at all; the pages show it.
    Nowhere,
    /// As SVG.
    Svg,
    /// As SVG and PNG.
    SvgAndPng,
}

impl Written {
    /// The pictures of the study: of all plates together, and of the arms.
    pub(super) const OF_STUDY: Self = Self::SvgAndPng;

    /// The pictures of a plate, as `[report] figures` says.
    pub(super) fn of_plate(report: &StudyReport<'_>, plate: &JudgedPlate) -> Self {
        match report.protocol.report.figures {
            PlateFigureFiles::All => Self::SvgAndPng,
            PlateFigureFiles::Svg => Self::Svg,
            PlateFigureFiles::Flagged if plate.verdict.verdict != Verdict::Accepted => Self::SvgAndPng,
            PlateFigureFiles::Flagged | PlateFigureFiles::None => Self::Nowhere,
        }
    }
}

/// The files of all figures: those of the page where they are laid out alike, else laid out for print.
pub(super) fn draw_for_print(
    report: &StudyReport<'_>,
    shown: &Figures,
    drawn: &(dyn Fn(usize) + Sync),
) -> Result<Vec<OutputFile>, ReportError> {
    let settings = &report.protocol.report;
    let column = match settings.figure_width {
        FigureWidth::Single => Column::Single,
        FigureWidth::Double => Column::Double,
    };
    let texts = match settings.svg_texts {
        SvgTexts::Text => Texts::Live,
        SvgTexts::Outlines => Texts::Outlines,
    };
    let layout = Layout { column, titles: settings.titles };
    if layout == report.layout {
        return draw(&written(report, shown), texts, drawn);
    }
    draw(&written(report, &Figures::of(&StudyReport { layout, ..*report })), texts, drawn)
}

/// The figures that are written, in the order of the files.
fn written<'f>(report: &StudyReport<'_>, figures: &'f Figures) -> Vec<(&'f NamedFigure, Written)> {
    let of_plates = report.plates.iter().zip(&figures.plates).flat_map(|(plate, figures)| {
        let written = Written::of_plate(report, plate);
        figures.iter().flat_map(|figures| figures.all()).map(move |figure| (figure, written))
    });
    let of_study = figures.shown().of_study().map(|figure| (figure, Written::OF_STUDY));
    of_plates.chain(of_study).filter(|(_, written)| *written != Written::Nowhere).collect()
}

/// Their files, drawn side by side.
fn draw(
    figures: &[(&NamedFigure, Written)],
    texts: Texts,
    drawn: &(dyn Fn(usize) + Sync),
) -> Result<Vec<OutputFile>, ReportError> {
    let files = figures.par_iter().map(|(NamedFigure { name, figure }, written)| {
        let mut files =
            vec![OutputFile { name: format!("figures/{name}.svg"), bytes: figure.svg_for_print(texts).into_bytes() }];
        if *written == Written::SvgAndPng {
            files.push(OutputFile { name: format!("figures/{name}.png"), bytes: figure.png_for_print()? });
        }
        drawn(figures.len());
        Ok(files)
    });
    Ok(files.collect::<Result<Vec<_>, ReportError>>()?.into_iter().flatten().collect())
}
