//! What the pictures of ratios share: rows below each other on one logarithmic axis, the line at 1, and in words what lies on
//! either side of it.

use plotters::element::{EmptyElement, PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::axis::Axis;
use super::canvas::px;
use super::palette::{Ink, MUTED, TEXT};
use super::panel::{
    DrawingError, DrawingResult, Frame, Panel, Plot, PlotArea, anchored, diamond, extent, fill, line, text,
};
use crate::study::IntervalEstimate;

/// The part of a picture that holds the rows.
pub(super) struct RatioRows<'a> {
    /// How many.
    pub(super) rows: usize,
    /// Title of the axis.
    pub(super) ratio: &'a str,
    /// What a ratio below 1 means, and above 1.
    pub(super) directions: &'a [String; 2],
    /// Room for labels at the left and numbers at the right, in pixels.
    pub(super) margins: (f64, f64),
    /// By what factor the axis is longer than what it has to hold, at both ends.
    pub(super) beyond: f64,
}

impl RatioRows<'_> {
    /// The part of the sheet that [`RatioRows::chart`] draws on.
    pub(super) fn area(&self, sheet: &Panel, top: i32) -> PlotArea {
        sheet.root.margin(top, px(22.0), px(self.margins.0), 0)
    }

    /// The axis, long enough for these ratios, with the line at 1 and the directions beside it.
    pub(super) fn chart<'s>(
        &self,
        sheet: &'s Panel,
        area: &'s PlotArea,
        ratios: impl Iterator<Item = f64>,
    ) -> Result<Plot<'s>, DrawingError> {
        let (low, high) = extent(ratios.chain([1.0]).filter(|ratio| *ratio > 0.0)).unwrap_or((0.5, 2.0));
        let frame = Frame {
            x: Axis::ratios(low / self.beyond, high * self.beyond),
            y: Axis::categories((0..self.rows).map(|_| String::new())).without_ticks(),
            x_title: self.ratio.to_string(),
            y_title: String::new(),
            x_hidden: false,
            y_labels: Some(0),
            right: px(self.margins.1),
        };
        let mut chart = sheet.chart(area, frame)?;
        let (bottom, top) = chart.as_coord_spec().y_spec().ends();
        chart.draw_series([PathElement::new(vec![(1.0, bottom), (1.0, top)], line(TEXT, 1.2))])?;
        let one = chart.plotting_area().map_coordinate(&(1.0, 0.0)).0;
        let base = sheet.size().1 - px(14.0);
        for (direction, side, shift) in
            [(&self.directions[0], HPos::Right, -6.0), (&self.directions[1], HPos::Left, 6.0)]
        {
            let style = anchored(&text(MUTED, 11.5), side, VPos::Bottom);
            sheet.root.draw(&Text::new(direction.clone(), (one + px(shift), base), style))?;
        }
        Ok(chart)
    }
}

/// An interval with its estimate as a diamond; `weight` in pixels is that of the line, the diamond is three times as large.
pub(super) fn draw_interval(
    chart: &mut Plot<'_>,
    ratio: IntervalEstimate,
    place: f64,
    ink: Ink,
    weight: f64,
) -> DrawingResult {
    let span = PathElement::new(vec![(ratio.lower, place), (ratio.upper, place)], line(ink, weight));
    chart.draw_series([span])?;
    let shape = Polygon::new(diamond((0, 0), px(3.1 * weight)), fill(ink, 1.0));
    chart.draw_series([EmptyElement::at((ratio.estimate, place)) + shape])?;
    Ok(())
}

/// `0.66 (0.47 to 0.92)`.
pub(super) fn in_words(ratio: IntervalEstimate) -> String {
    format!("{:.2} ({:.2} to {:.2})", ratio.estimate, ratio.lower, ratio.upper)
}
