//! The change of a clinical measure over that of the analyte, a point for each participant.

use plotters::element::PathElement;

use super::Figure;
use super::arm_style::ArmStyle;
use super::axis::Axis;
use super::layout::FigureLayout;
use super::palette::{GRID, TEXT};
use super::panel::{DrawingResult, Entry, Frame, Panel, Symbol, extent, line};

/// What the picture shows.
///
/// ```
/// use platewise::report::figure::{ScatterArm, ScatterFigure, ScatterPoint, scatter};
///
/// let point = |ratio, change| ScatterPoint { subject: "001".into(), ratio, change, limit: false };
/// let arm = ScatterArm { arm: "active".into(), correlation: "r 0.62".into(), points: vec![point(0.4, -80.0), point(0.9, -10.0)] };
/// let figure = scatter(&ScatterFigure { title: "EASI and TARC".into(), arms: vec![arm], ..ScatterFigure::default() });
/// assert!(figure.description().contains("active (2 participants): r 0.62"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct ScatterFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the axis of ratios.
    pub ratio: String,
    /// Title of the axis of changes, in percent.
    pub change: String,
    /// The arms.
    pub arms: Vec<ScatterArm>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One arm.
///
/// See [`ScatterFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct ScatterArm {
    /// Its name.
    pub arm: String,
    /// Its correlation, in words.
    pub correlation: String,
    /// Its participants.
    pub points: Vec<ScatterPoint>,
}

/// One participant.
///
/// See [`ScatterFigure`] for an example.
#[derive(Debug, Clone)]
pub struct ScatterPoint {
    /// The subject.
    pub subject: String,
    /// Visit / baseline of the analyte.
    pub ratio: f64,
    /// Percent change of the measure.
    pub change: f64,
    /// Whether the ratio holds a value at a limit: drawn hollow.
    pub limit: bool,
}

/// Draws the points.
pub fn scatter(figure: &ScatterFigure) -> Figure {
    let sheet = Panel::fitted((760, 480), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let arm = |arm: &ScatterArm| format!("{} ({} participants): {}", arm.arm, arm.points.len(), arm.correlation);
    let arms: Vec<String> = figure.arms.iter().map(arm).collect();
    let description = format!("{} over {}. {}.", figure.change, figure.ratio, arms.join("; "));
    sheet.finish(&figure.title, description, drawn)
}

fn draw(sheet: &Panel, figure: &ScatterFigure) -> DrawingResult {
    let mut legend: Vec<Entry> = figure
        .arms
        .iter()
        .enumerate()
        .map(|(at, arm)| {
            let words = format!("{} (n = {}), {}", arm.arm, arm.points.len(), arm.correlation);
            Entry::new(ArmStyle::of(at).symbol(), words)
        })
        .collect();
    let points = || figure.arms.iter().flat_map(|arm| &arm.points);
    let limits = points().filter(|point| point.limit).count();
    if limits > 0 {
        legend.push(Entry::new(Symbol::Ring(TEXT), format!("analyte at a limit (n = {limits})")));
    }
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend)?;
    let (_, body) = sheet.root.split_vertically(top);
    let ratios = points().map(|point| point.ratio).chain([1.0]).filter(|ratio| *ratio > 0.0);
    let (left, right) = extent(ratios).unwrap_or((0.5, 2.0));
    let (low, high) = extent(points().map(|point| point.change).chain([0.0])).unwrap_or((-100.0, 0.0));
    let frame = Frame {
        x: Axis::ratios(left / 1.1, right * 1.1),
        y: Axis::linear(low, high, 6),
        x_title: figure.ratio.clone(),
        y_title: figure.change.clone(),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    let ends = (chart.as_coord_spec().x_spec().ends(), chart.as_coord_spec().y_spec().ends());
    // What did not change, in either.
    chart.draw_series([PathElement::new(vec![(ends.0.0, 0.0), (ends.0.1, 0.0)], line(GRID, 1.6))])?;
    chart.draw_series([PathElement::new(vec![(1.0, ends.1.0), (1.0, ends.1.1)], line(GRID, 1.6))])?;
    for (at, arm) in figure.arms.iter().enumerate() {
        let style = ArmStyle::of(at);
        for point in arm.points.iter().filter(|point| point.ratio > 0.0) {
            sheet.pen.begin(&format!("{}: {:.2}, {:+.0} %", point.subject, point.ratio, point.change));
            let place = (point.ratio, point.change);
            if point.limit { style.hollow_mark(&mut chart, place, 4.0) } else { style.mark(&mut chart, place, 4.0) }?;
            sheet.pen.end();
        }
    }
    Ok(())
}
