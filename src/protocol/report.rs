//! `[report]`: how the results are shown.

use serde::Serialize;

use super::section::Section;
use crate::sheet::Problems;

/// `[report]`: how the results are shown. It changes no number.
///
/// ```
/// use platewise::protocol::{self, ScaleSharing};
///
/// let report = protocol::read(std::path::Path::new("plates"))?.report;
/// assert_eq!((report.scale, report.plates_in_page), (ScaleSharing::Shared, 200)); // what a study that says nothing has
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct ReportSettings {
    /// Which responses the picture of a standard curve holds.
    pub scale: ScaleSharing,
    /// How the response axis of that picture is spaced.
    pub response_axis: ResponseAxis,
    /// How wide the figures are printed.
    pub figure_width: FigureWidth,
    /// Whether they carry their titles.
    pub titles: bool,
    /// How their texts are written as SVG.
    pub svg_texts: SvgTexts,
    /// Of which plates the pictures are written as files, and as what.
    pub figures: PlateFigureFiles,
    /// Plates that `report.html` holds itself; in a study with more of them each plate has a page of its own.
    pub plates_in_page: usize,
}

/// The response axis of the pictures of standard curves.
///
/// See [`ReportSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ScaleSharing {
    /// One scale over all plates, so that they can be compared by eye.
    Shared,
    /// Each plate its own, so that a plate with low responses fills its picture.
    Own,
}

/// The spacing of the response axis of the pictures of standard curves.
///
/// See [`ReportSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResponseAxis {
    /// Square root where a linear axis would press the low end together, else linear.
    ByData,
    /// Linear.
    Linear,
    /// By the square root.
    SquareRoot,
    /// By the logarithm, where all responses are above 0.
    Log,
}

/// How wide the figures in the folder `figures` are printed.
///
/// See [`ReportSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FigureWidth {
    /// One column of a journal, 85 mm, where the texts of a figure leave it legible.
    Single,
    /// Two columns, 180 mm.
    Double,
}

/// How the texts of the figures are written as SVG.
///
/// See [`ReportSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SvgTexts {
    /// As text, which can be edited and searched.
    Text,
    /// As outlines, which are the same on every machine.
    Outlines,
}

/// Of which plates the pictures are written into the folder `figures`, and as what. The pages show all of them in any case, and the
/// pictures over all plates and of the arms are always written as SVG and PNG.
///
/// Drawing the PNG files of a plate takes several times as long as everything else that is done with it.
///
/// See [`ReportSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PlateFigureFiles {
    /// Of every plate, as SVG and PNG.
    All,
    /// Of every plate, as SVG.
    Svg,
    /// Of plates that are not plainly accepted, as SVG and PNG.
    Flagged,
    /// Of none.
    None,
}

/// So many make a page of about 13 MB.
const PLATES_IN_PAGE: usize = 200;

/// What a study that says nothing has.
impl Default for ReportSettings {
    fn default() -> Self {
        Self {
            scale: ScaleSharing::Shared,
            response_axis: ResponseAxis::ByData,
            figure_width: FigureWidth::Double,
            titles: true,
            svg_texts: SvgTexts::Text,
            figures: PlateFigureFiles::Svg,
            plates_in_page: PLATES_IN_PAGE,
        }
    }
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> ReportSettings {
    let plates = |number: f64| number.fract() == 0.0 && (0.0..=10_000.0).contains(&number);
    let plates_in_page = section.number("plates_in_page", "a whole number of plates from 0 to 10000", plates, problems);
    let settings = ReportSettings {
        scale: section.choice("scale", &[("shared", ScaleSharing::Shared), ("own", ScaleSharing::Own)], problems),
        response_axis: section.choice(
            "response_axis",
            &[
                ("by-data", ResponseAxis::ByData),
                ("linear", ResponseAxis::Linear),
                ("square-root", ResponseAxis::SquareRoot),
                ("log", ResponseAxis::Log),
            ],
            problems,
        ),
        figure_width: section.choice(
            "figure_width",
            &[("double", FigureWidth::Double), ("single", FigureWidth::Single)],
            problems,
        ),
        titles: section.flag_or("titles", true, problems),
        svg_texts: section.choice("svg_texts", &[("text", SvgTexts::Text), ("outlines", SvgTexts::Outlines)], problems),
        figures: section.choice(
            "figures",
            &[
                ("svg", PlateFigureFiles::Svg),
                ("all", PlateFigureFiles::All),
                ("flagged", PlateFigureFiles::Flagged),
                ("none", PlateFigureFiles::None),
            ],
            problems,
        ),
        plates_in_page: plates_in_page.map_or(PLATES_IN_PAGE, |plates| plates as usize),
    };
    section.finish(problems);
    settings
}
