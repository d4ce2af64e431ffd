//! How the texts of an SVG file are written.

/// How the texts of an SVG file are written.
///
/// ```
/// use platewise::report::figure::{RecoveryFigure, Texts, recovery};
///
/// let figure = recovery(&RecoveryFigure { title: "Standards".into(), ..RecoveryFigure::default() });
/// assert!(figure.svg_for_print(Texts::Live).contains(">Standards</text>"));
/// assert!(!figure.svg_for_print(Texts::Outlines).contains("<text"));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Texts {
    /// As text, in the font of whoever opens it: it can be edited, searched and read aloud.
    #[default]
    Live,
    /// As outlines: the same on every machine, and no font is needed.
    Outlines,
}
