//! A finished picture, and the files that it is written as.

use std::path::{Path, PathBuf};

use super::layout::PrintWidth;
use super::style::Styles;
use super::texts::Texts;
use super::{canvas, layout, raster, svg};

/// A finished picture.
///
/// ```
/// use platewise::report::figure::{RecoveryFigure, recovery};
///
/// let figure = recovery(&RecoveryFigure { title: "Standards".into(), ..RecoveryFigure::default() });
/// assert_eq!(figure.title(), "Standards");
/// assert!(figure.png(1.0)?.starts_with(b"\x89PNG"));
/// # Ok::<(), platewise::report::figure::FigureError>(())
/// ```
#[derive(Debug)]
pub struct Figure {
    pub(super) canvas: canvas::Canvas,
    pub(super) title: String,
    pub(super) description: String,
}

/// Why a picture could not be made into a file.
///
/// ```
/// use std::path::Path;
/// use platewise::report::figure::{FigureError, RecoveryFigure, recovery};
///
/// let error = recovery(&RecoveryFigure::default()).file(Path::new("curve.docx")).unwrap_err();
/// assert!(matches!(error, FigureError::UnknownExtension(_)));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// The name does not say which kind of file.
    #[error("'{}' ends in neither .svg nor .png; expected a name such as curve.svg or curve.png", .0.display())]
    UnknownExtension(PathBuf),
    /// The picture could not be rendered.
    #[error("cannot render the figure '{title}' as PNG: {cause}")]
    Render {
        /// The picture.
        title: String,
        /// What went wrong.
        cause: String,
    },
}

impl Figure {
    /// What it is called.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it shows, in words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Width and height in pixels at scale 1.
    pub fn size(&self) -> (u32, u32) {
        let units = canvas::UNITS as u32;
        (self.canvas.size.0 / units, self.canvas.size.1 / units)
    }

    /// How wide it is printed.
    pub fn column(&self) -> PrintWidth {
        PrintWidth::of(self.size().0)
    }

    /// The picture as an SVG file: texts are outlines, so that it looks the same everywhere.
    pub fn svg(&self) -> String {
        svg::write(&self.canvas, &self.title, &self.description, svg::SvgPlace::File { print: None })
    }

    /// The picture as an SVG file for print, as wide as its column.
    pub fn svg_for_print(&self, texts: Texts) -> String {
        let print = Some((self.column().millimetres(), texts));
        svg::write(&self.canvas, &self.title, &self.description, svg::SvgPlace::File { print })
    }

    /// The picture as a PNG file for print, as wide as its column, of 300 dots to the inch (which the file says).
    ///
    /// # Errors
    /// When a picture of that size cannot be rendered.
    pub fn png_for_print(&self) -> Result<Vec<u8>, FigureError> {
        const DOTS_PER_INCH: f64 = 300.0;
        let dots = self.column().millimetres() / layout::INCH * DOTS_PER_INCH;
        let scale = dots.round() / f64::from(self.size().0);
        let per_metre = (DOTS_PER_INCH * 1000.0 / layout::INCH).round();
        let fail = |cause: String| FigureError::Render { title: self.title.clone(), cause };
        raster::render(&self.svg(), self.size(), scale as f32, Some(per_metre as u32)).map_err(fail)
    }

    /// The picture for a page: without ground, texts as text, its styles among those of the page.
    pub(crate) fn inline_svg(&self, styles: &mut Styles) -> String {
        svg::write(&self.canvas, &self.title, &self.description, svg::SvgPlace::Page(styles))
    }

    /// The SVG file, rendered with `scale` dots to its pixel: 2 suits screens, 4 print.
    ///
    /// # Errors
    /// When a picture of that size cannot be rendered.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>, FigureError> {
        let fail = |cause: String| FigureError::Render { title: self.title.clone(), cause };
        raster::render(&self.svg(), self.size(), scale, None).map_err(fail)
    }

    /// The bytes of the picture as a file of that name: `.svg` or `.png` (2 dots to the pixel) by its ending.
    ///
    /// # Errors
    /// When the name ends otherwise.
    pub fn file(&self, path: &Path) -> Result<Vec<u8>, FigureError> {
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        match extension.as_deref() {
            Some("svg") => Ok(self.svg().into_bytes()),
            Some("png") => self.png(2.0),
            _ => Err(FigureError::UnknownExtension(path.to_path_buf())),
        }
    }
}
