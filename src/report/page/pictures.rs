//! The pictures of a page.

use maud::{Markup, PreEscaped, html};

use crate::report::figure::Styles;
use crate::report::figures::{NamedFigure, PlateFigures};

/// The figures of a page.
///
/// ```
/// use platewise::report::page::PageFigures;
/// let blinded = PageFigures { plates: &[], controls: &[], curves: &[], comparison: &[], missing_data: &[], clinical: &[], robustness: &[] };
/// assert!(blinded.comparison.is_empty());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PageFigures<'a> {
    /// Of each plate, in the order of the report's plates; `None` of those that could not be evaluated. Empty where each plate has a
    /// page of its own.
    pub plates: &'a [Option<PlateFigures>],
    /// Of the controls over all plates.
    pub controls: &'a [NamedFigure],
    /// Of what the curves did over all plates.
    pub curves: &'a [NamedFigure],
    /// Of the comparison; empty in a blinded report.
    pub comparison: &'a [NamedFigure],
    /// Of what was assumed of missing values; empty in a blinded report.
    pub missing_data: &'a [NamedFigure],
    /// Of the clinical measures; empty in a blinded report.
    pub clinical: &'a [NamedFigure],
    /// Of what it is checked against; empty in a blinded report.
    pub robustness: &'a [NamedFigure],
}

impl<'a> PageFigures<'a> {
    /// Those that are not of a single plate, in the order of the page.
    pub fn of_study(self) -> impl Iterator<Item = &'a NamedFigure> {
        let blinded = self.controls.iter().chain(self.curves);
        blinded.chain(self.comparison).chain(self.missing_data).chain(self.clinical).chain(self.robustness)
    }

    /// Those of a blinded report.
    pub fn without_arms(self) -> Self {
        Self { comparison: &[], missing_data: &[], clinical: &[], robustness: &[], ..self }
    }
}

/// A picture in the page. The element itself carries title and description.
pub(super) fn picture(named: &NamedFigure, styles: &mut Styles) -> Markup {
    let class = if named.figure.size().0 > 800 { "wide" } else { "narrow" };
    html! { figure class=(class) { (PreEscaped(named.figure.inline_svg(styles))) } }
}
