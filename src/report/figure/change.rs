//! Change from baseline per arm: every subject's ratio, and each arm's geometric mean ratio with its interval.

use plotters::element::{Circle, EmptyElement, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::{Axis, plain};
use super::canvas::{UNITS, px, text_width};
use super::font::Weight;
use super::layout::FigureLayout;
use super::palette::{self, GROUND, Ink, MUTED, TEXT};
use super::panel::{
    DrawingResult, Entry, Frame, Panel, Plot, Symbol, anchored, bold, diamond, extent, fill, line, text,
};
use crate::stats::printed_ratio;
use crate::study::IntervalEstimate;

/// What a picture of the change per arm shows.
///
/// ```
/// use platewise::report::figure::{ChangeArm, ChangeFigure, SubjectRatio, change};
/// use platewise::study::IntervalEstimate;
///
/// let active = ChangeArm {
///     arm: "active".into(),
///     ratios: vec![
///         SubjectRatio { subject: "001".into(), ratio: 0.5, limit: false },
///         SubjectRatio { subject: "002".into(), ratio: 0.1, limit: true },
///     ],
///     mean: Some(IntervalEstimate { estimate: 0.63, lower: 0.4, upper: 1.0 }),
/// };
/// let figure = change(&ChangeFigure {
///     title: "Change to week 16".into(),
///     ratio: "Week 16 / baseline".into(),
///     level_percent: 95.0,
///     arms: vec![active],
///     ..ChangeFigure::default()
/// });
/// assert!(figure.svg().contains("<title>Change to week 16</title>"));
/// assert!(figure.description().contains("2 subjects, 1 of them with a value at a limit"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct ChangeFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the ratio axis, such as `TARC, week 16 / baseline`.
    pub ratio: String,
    /// Level of the intervals in percent.
    pub level_percent: f64,
    /// The arms, the reference last.
    pub arms: Vec<ChangeArm>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One arm.
///
/// ```
/// use platewise::report::figure::ChangeArm;
///
/// let arm = ChangeArm { arm: "placebo".into(), ratios: Vec::new(), mean: None };
/// assert!(arm.ratios.is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct ChangeArm {
    /// Its name.
    pub arm: String,
    /// Each subject with its ratio to baseline.
    pub ratios: Vec<SubjectRatio>,
    /// Geometric mean ratio with its interval.
    pub mean: Option<IntervalEstimate>,
}

/// One subject.
///
/// See [`ChangeFigure`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectRatio {
    /// The subject.
    pub subject: String,
    /// Its ratio to baseline.
    pub ratio: f64,
    /// Whether one of its two values is outside the limits, so that the ratio is of the number that stands for a limit.
    pub limit: bool,
}

/// Draws the change per arm.
pub fn change(figure: &ChangeFigure) -> Figure {
    let sheet = Panel::fitted((760, 480), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let arms: Vec<String> = figure
        .arms
        .iter()
        .map(|arm| {
            let mean = arm.mean.map_or("no estimate".to_string(), |mean| {
                format!("{} ({} to {})", plain(mean.estimate), plain(mean.lower), plain(mean.upper))
            });
            let limits = arm.ratios.iter().filter(|one| one.limit).count();
            let limits =
                if limits == 0 { String::new() } else { format!(", {limits} of them with a value at a limit") };
            format!("{}, {} subjects{limits}: geometric mean ratio {mean}", arm.arm, arm.ratios.len())
        })
        .collect();
    let description = format!(
        "{} for each subject, by arm, on a logarithmic axis. With {} % interval: {}.",
        figure.ratio,
        plain(figure.level_percent),
        arms.join("; ")
    );
    sheet.finish(&figure.title, description, drawn)
}

fn draw(sheet: &Panel, figure: &ChangeFigure) -> DrawingResult {
    let limits = figure.arms.iter().flat_map(|arm| &arm.ratios).filter(|one| one.limit).count();
    let mut legend = vec![Entry::new(Symbol::Dot(MUTED), "one subject")];
    if limits > 0 {
        legend.push(Entry::new(Symbol::Ring(MUTED), format!("with a value at a limit, not measured (n = {limits})")));
    }
    legend.push(Entry::new(
        Symbol::Diamond(TEXT),
        format!("geometric mean ratio with {} % confidence interval", plain(figure.level_percent)),
    ));
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend)?;
    let (_, body) = sheet.root.split_vertically(top);
    let ratios = figure.arms.iter().flat_map(|arm| arm.ratios.iter().map(|one| one.ratio));
    let means = figure.arms.iter().filter_map(|arm| arm.mean).flat_map(|mean| [mean.lower, mean.upper]);
    let (low, high) = extent(ratios.chain(means).chain([1.0]).filter(|ratio| *ratio > 0.0)).unwrap_or((0.5, 2.0));
    let frame = Frame {
        x: Axis::categories(figure.arms.iter().map(|arm| format!("{} (n = {})", arm.arm, arm.ratios.len()))),
        y: Axis::ratios(low / 1.15, high * 1.15),
        x_title: String::new(),
        y_title: format!("{} (log scale)", figure.ratio),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    let (left, right) = chart.as_coord_spec().x_spec().ends();
    chart.draw_series([PathElement::new(vec![(left, 1.0), (right, 1.0)], line(TEXT, 1.0))])?;
    let style = anchored(&text(MUTED, 10.5), HPos::Left, VPos::Bottom);
    chart.draw_series([EmptyElement::at((left, 1.0)) + Text::new("no change", (px(5.0), -px(4.0)), style)])?;
    for (index, arm) in figure.arms.iter().enumerate() {
        draw_arm(sheet, &mut chart, index, arm)?;
    }
    Ok(())
}

fn draw_arm(sheet: &Panel, chart: &mut Plot<'_>, index: usize, arm: &ChangeArm) -> DrawingResult {
    let ink = palette::arm(index);
    let centre = index as f64;
    let drawable = |one: &&SubjectRatio| one.ratio > 0.0 && one.ratio.is_finite();
    let shown: Vec<&SubjectRatio> = arm.ratios.iter().filter(drawable).collect();
    let places = side_by_side(chart, &shown.iter().map(|one| one.ratio).collect::<Vec<_>>());
    for (one, shift) in shown.iter().zip(places) {
        let limit = if one.limit { ", a value at a limit" } else { "" };
        sheet.pen.begin(&format!("{}: {}{limit}", one.subject, plain(one.ratio)));
        let style = if one.limit { line(ink, 1.2) } else { fill(ink, 0.55) };
        let point = Circle::new((shift, 0), px(3.2), style);
        chart.draw_series([EmptyElement::at((centre - 0.1, one.ratio)) + point])?;
        sheet.pen.end();
    }
    arm.mean.map_or(Ok(()), |mean| draw_mean(chart, centre + 0.16, mean, ink))
}

/// A diamond on its interval, with its numbers at the right.
fn draw_mean(chart: &mut Plot<'_>, x: f64, mean: IntervalEstimate, ink: Ink) -> DrawingResult {
    let bar = |y: f64| PathElement::new(vec![(x - 0.025, y), (x + 0.025, y)], line(ink, 2.2));
    chart.draw_series([
        PathElement::new(vec![(x, mean.lower), (x, mean.upper)], line(ink, 2.2)),
        bar(mean.lower),
        bar(mean.upper),
    ])?;
    let shape = Polygon::new(diamond((0, 0), px(6.5)), fill(ink, 1.0));
    chart.draw_series([EmptyElement::at((x, mean.estimate)) + shape])?;
    let name = anchored(&bold(ink, 12.5), HPos::Left, VPos::Bottom);
    let limits = anchored(&text(TEXT, 10.5), HPos::Left, VPos::Top);
    let [estimate, lower, upper] = [mean.estimate, mean.lower, mean.upper].map(printed_ratio);
    let numbers = [estimate, format!("{lower} to {upper}")];
    let [estimate, interval] = numbers;
    let width = text_width(&interval, 10.5 * f64::from(UNITS), Weight::Regular) as i32;
    let ground = Rectangle::new([(px(9.0), -px(13.0)), (px(13.0) + width, px(14.0))], fill(GROUND, 0.85));
    chart.draw_series([EmptyElement::at((x, mean.estimate)) + ground])?;
    chart.draw_series([EmptyElement::at((x, mean.estimate))
        + Text::new(estimate, (px(11.0), -px(1.0)), name)
        + Text::new(interval, (px(11.0), px(4.0)), limits)])?;
    Ok(())
}

/// Sideways shifts that keep the points of an arm apart: those of nearly the same height fan out from the middle.
fn side_by_side(chart: &Plot<'_>, ratios: &[f64]) -> Vec<i32> {
    let area = chart.plotting_area();
    let heights: Vec<i32> = ratios.iter().map(|ratio| area.map_coordinate(&(0.0, *ratio)).1).collect();
    let apart = px(7.0);
    let mut placed: Vec<(i32, i32)> = Vec::new();
    heights
        .into_iter()
        .map(|y| {
            let free = |x: i32| placed.iter().all(|(px, py)| (px - x).pow(2) + (py - y).pow(2) >= apart * apart);
            let candidates = (0..40).flat_map(|step| [step * apart / 2, -step * apart / 2]);
            let x = candidates.into_iter().find(|x| free(*x)).unwrap_or(0);
            placed.push((x, y));
            x
        })
        .collect()
}
