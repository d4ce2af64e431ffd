//! How an arm is drawn: by colour, and every second arm by dashes, diamonds and pale bars as well, so that arms differ in grey too.

use plotters::element::{Circle, EmptyElement, PathElement, Polygon};

use super::canvas::px;
use super::palette::{self, GROUND, Ink};
use super::panel::{DrawingResult, Plot, Symbol, diamond, fill, line};

/// The style of an arm.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArmStyle {
    pub(super) ink: Ink,
    second: bool,
}

impl ArmStyle {
    /// Of the arm at this place in the list of arms.
    pub(super) fn of(place: usize) -> Self {
        Self { ink: palette::arm(place), second: !place.is_multiple_of(2) }
    }

    /// The dashes of its lines.
    pub(super) fn dash(self) -> Option<(f64, f64)> {
        self.second.then_some((5.0, 3.5))
    }

    /// How full its bars are.
    pub(super) fn opacity(self) -> f64 {
        if self.second { 0.25 } else { 0.9 }
    }

    /// Its line in a legend.
    pub(super) fn line(self) -> Symbol {
        if self.second { Symbol::Dashed(self.ink) } else { Symbol::Line(self.ink) }
    }

    /// Its mark in a legend.
    pub(super) fn symbol(self) -> Symbol {
        if self.second { Symbol::Diamond(self.ink) } else { Symbol::Dot(self.ink) }
    }

    /// Draws its mark, of so many pixels from the middle to the edge.
    pub(super) fn mark(self, chart: &mut Plot<'_>, at: (f64, f64), radius: f64) -> DrawingResult {
        if self.second {
            chart.draw_series([
                EmptyElement::at(at) + Polygon::new(diamond((0, 0), px(1.3 * radius)), fill(self.ink, 1.0))
            ])?;
        } else {
            chart.draw_series([EmptyElement::at(at) + Circle::new((0, 0), px(radius), fill(self.ink, 1.0))])?;
        }
        Ok(())
    }

    /// The same mark, empty: of a value that was not measured.
    pub(super) fn hollow_mark(self, chart: &mut Plot<'_>, at: (f64, f64), radius: f64) -> DrawingResult {
        if self.second {
            let mut edge = diamond((0, 0), px(1.3 * radius));
            chart.draw_series([EmptyElement::at(at) + Polygon::new(edge.clone(), fill(GROUND, 1.0))])?;
            edge.extend(edge.first().copied());
            chart.draw_series([EmptyElement::at(at) + PathElement::new(edge, line(self.ink, 1.5))])?;
        } else {
            chart.draw_series([EmptyElement::at(at) + Circle::new((0, 0), px(radius), fill(GROUND, 1.0))])?;
            chart.draw_series([EmptyElement::at(at) + Circle::new((0, 0), px(radius), line(self.ink, 1.5))])?;
        }
        Ok(())
    }
}
