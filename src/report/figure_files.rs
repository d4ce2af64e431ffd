//! The files of the folder `figures`: which pictures are written, and as what.

use super::figure::{FigureLayout, PrintWidth, Texts};
use super::figures::NamedFigure;
use super::{ReportError, StudyReport};
use crate::files::OutputFile;
use crate::protocol::{FigureWidth, PlateFigureFiles, SvgTexts};
use crate::qc::{JudgedPlate, Verdict};

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PictureFormats {
    /// Not at all; the pages show it.
    Nowhere,
    /// As SVG.
    Svg,
    /// As SVG and PNG.
    SvgAndPng,
}

impl PictureFormats {
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

/// How pictures are laid out that are written as files.
pub(super) fn print_layout(report: &StudyReport<'_>) -> FigureLayout {
    let column = match report.protocol.report.figure_width {
        FigureWidth::Single => PrintWidth::Single,
        FigureWidth::Double => PrintWidth::Double,
    };
    FigureLayout { column, titles: report.protocol.report.titles }
}

/// The files of a picture.
pub(super) fn pictures(
    report: &StudyReport<'_>,
    NamedFigure { name, figure }: &NamedFigure,
    written: PictureFormats,
    drawn: &(dyn Fn() + Sync),
) -> Result<Vec<OutputFile>, ReportError> {
    let texts = match report.protocol.report.svg_texts {
        SvgTexts::Text => Texts::Live,
        SvgTexts::Outlines => Texts::Outlines,
    };
    let file = |ending: &str, bytes| OutputFile { name: format!("figures/{name}.{ending}"), bytes };
    let svg = || file("svg", figure.svg_for_print(texts).into_bytes());
    let files = match written {
        PictureFormats::Nowhere => return Ok(Vec::new()),
        PictureFormats::Svg => vec![svg()],
        PictureFormats::SvgAndPng => vec![svg(), file("png", figure.png_for_print()?)],
    };
    drawn();
    Ok(files)
}
