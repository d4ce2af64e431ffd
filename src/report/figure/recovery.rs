//! How well the standards are read back from their own curve: bias of each level beside its limit.

use plotters::element::{Circle, EmptyElement, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::{Axis, plain};
use super::canvas::px;
use super::layout::FigureLayout;
use super::palette::{BLUE, GREEN, TEXT, VERMILION};
use super::panel::{DrawingResult, Entry, Frame, NOTE, Panel, Plot, Symbol, anchored, extent, fill, line, text};

/// What a picture of back-calculated standards shows.
///
/// ```
/// use platewise::report::figure::{RecoveryFigure, RecoveryLevel, recovery};
///
/// let level = RecoveryLevel { concentration: 250.0, bias_percent: Some(-3.0), limit_percent: 20.0 };
/// let figure = recovery(&RecoveryFigure {
///     title: "P01: standards read back".into(),
///     unit: "pg/mL".into(),
///     levels: vec![level],
///     ..RecoveryFigure::default()
/// });
/// assert!(figure.svg().contains("standards read back"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct RecoveryFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Unit of the concentrations.
    pub unit: String,
    /// The levels above zero.
    pub levels: Vec<RecoveryLevel>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One level of the standards.
///
/// ```
/// let unread = platewise::report::figure::RecoveryLevel { concentration: 2000.0, bias_percent: None, limit_percent: 25.0 };
/// assert!(unread.bias_percent.is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecoveryLevel {
    /// Nominal concentration.
    pub concentration: f64,
    /// 100 × (back-calculated − nominal) / nominal; `None` where it cannot be computed.
    pub bias_percent: Option<f64>,
    /// Largest |bias| that passes.
    pub limit_percent: f64,
}

impl RecoveryLevel {
    fn passes(&self) -> bool {
        self.bias_percent.is_some_and(|bias| bias.abs() <= self.limit_percent)
    }
}

/// Draws the bias of each level.
pub fn recovery(figure: &RecoveryFigure) -> Figure {
    let sheet = Panel::fitted((760, 330), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let passed = figure.levels.iter().filter(|level| level.passes()).count();
    let description = format!(
        "Bias of the back-calculated standards in percent of nominal, by concentration ({}): {passed} of {} levels are \
         within their limit.",
        figure.unit,
        figure.levels.len()
    );
    sheet.finish(&figure.title, description, drawn)
}

fn legend(figure: &RecoveryFigure) -> Vec<Entry> {
    let passed = figure.levels.iter().filter(|level| level.passes()).count();
    let failed = figure.levels.len() - passed;
    let mut entries = vec![Entry::new(Symbol::Dot(BLUE), format!("within the limit (n = {passed} levels)"))];
    if failed > 0 {
        entries.push(Entry::new(Symbol::Ring(VERMILION), format!("beyond it, or not computable (n = {failed})")));
    }
    entries.push(Entry::new(Symbol::Band(GREEN, 0.16), "limit of the method"));
    entries
}

fn draw(sheet: &Panel, figure: &RecoveryFigure) -> DrawingResult {
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend(figure))?;
    let (_, body) = sheet.root.split_vertically(top);
    let levels: Vec<f64> = figure.levels.iter().map(|level| level.concentration).collect();
    let (low, high) = extent(levels.iter().copied()).unwrap_or((1.0, 1000.0));
    let limit = figure.levels.iter().map(|level| level.limit_percent).fold(0.0, f64::max).max(1.0);
    let largest = figure.levels.iter().filter_map(|level| level.bias_percent).map(f64::abs).fold(0.0, f64::max);
    let end = largest.clamp(limit * 1.25, limit * 3.0);
    let frame = Frame {
        x: Axis::concentrations(&levels, low / 1.5, high * 1.5),
        y: Axis::linear(-end, end, 6),
        x_title: format!("Nominal concentration ({})", figure.unit),
        y_title: "Bias (%)".to_string(),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    let (left, right) = chart.as_coord_spec().x_spec().ends();
    let apart = levels.windows(2).map(|pair| f64::max(pair[1] / pair[0], pair[0] / pair[1])).fold(4.0, f64::min);
    let wide = libm::pow(apart.max(1.05), 0.42);
    for level in &figure.levels {
        let x = level.concentration;
        let corners = [(x / wide, level.limit_percent), (x * wide, -level.limit_percent)];
        chart.draw_series([Rectangle::new(corners, fill(GREEN, 0.16))])?;
    }
    chart.draw_series([PathElement::new(vec![(left, 0.0), (right, 0.0)], line(TEXT, 1.0))])?;
    figure.levels.iter().try_for_each(|level| draw_level(&mut chart, level))
}

/// The point of a level; one that lies off the axis stands at its end with its number.
fn draw_level(chart: &mut Plot<'_>, level: &RecoveryLevel) -> DrawingResult {
    let (bottom, top) = chart.as_coord_spec().y_spec().ends();
    let x = level.concentration;
    let Some(bias) = level.bias_percent else {
        let style = anchored(&text(VERMILION, NOTE), HPos::Center, VPos::Center);
        chart.draw_series([Text::new("not computable", (x, bottom * 0.85), style)])?;
        return Ok(());
    };
    let shown = bias.clamp(bottom, top);
    if level.passes() {
        chart.draw_series([Circle::new((x, shown), px(4.0), fill(BLUE, 1.0))])?;
    } else {
        chart.draw_series([Circle::new((x, shown), px(4.2), line(VERMILION, 1.8))])?;
        let style = anchored(&text(VERMILION, NOTE), HPos::Left, VPos::Center);
        let label = format!("{}{} %", if bias > 0.0 { "+" } else { "" }, plain((bias * 10.0).round() / 10.0));
        chart.draw_series([EmptyElement::at((x, shown)) + Text::new(label, (px(8.0), 0), style)])?;
    }
    Ok(())
}
