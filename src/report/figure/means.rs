//! Adjusted means of the arms over the visits, as ratios to baseline with their intervals.

use plotters::element::PathElement;

use super::Figure;
use super::arm_style::ArmStyle;
use super::axis::{Axis, plain};
use super::layout::FigureLayout;
use super::palette::TEXT;
use super::panel::{DrawingResult, Entry, Frame, Panel, Plot, extent, line};
use crate::stats::printed_ratio;
use crate::study::IntervalEstimate;

/// What a picture of adjusted means shows.
///
/// ```
/// use platewise::report::figure::{MeansArm, MeansFigure, means};
/// use platewise::study::IntervalEstimate;
///
/// let mean = |week, estimate: f64| (week, IntervalEstimate { estimate, lower: 0.9 * estimate, upper: 1.1 * estimate });
/// let arm = |name: &str, last| MeansArm { arm: name.into(), means: vec![mean(8.0, 0.9), mean(16.0, last)] };
/// let figure = means(&MeansFigure {
///     visits: vec![(0.0, "Baseline".into()), (8.0, "Week 8".into()), (16.0, "Week 16".into())],
///     arms: vec![arm("active", 0.64), arm("placebo", 0.97)],
///     ..MeansFigure::default()
/// });
/// assert!(figure.description().contains("active 0.64 (0.58 to 0.70) at Week 16"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct MeansFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the axis of ratios.
    pub ratio: String,
    /// Level of the intervals in percent.
    pub level_percent: f64,
    /// Week and name of each visit; the first is the baseline, at which the ratio is 1.
    pub visits: Vec<(f64, String)>,
    /// The arms.
    pub arms: Vec<MeansArm>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One arm.
///
/// ```
/// let arm = platewise::report::figure::MeansArm { arm: "placebo".into(), means: vec![] };
/// assert!(arm.means.is_empty());
/// ```
#[derive(Debug, Clone, Default)]
pub struct MeansArm {
    /// Its name.
    pub arm: String,
    /// Week and adjusted mean of visit / baseline with its interval.
    pub means: Vec<(f64, IntervalEstimate)>,
}

/// Draws the means.
pub fn means(figure: &MeansFigure) -> Figure {
    let sheet = Panel::fitted((760, 420), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let visit =
        |week: f64| figure.visits.iter().find(|(known, _)| *known == week).map_or("", |(_, name)| name.as_str());
    let of_arm = |arm: &MeansArm| {
        let words = arm.means.iter().map(|(week, mean)| {
            let [estimate, lower, upper] = [mean.estimate, mean.lower, mean.upper].map(printed_ratio);
            format!("{} {estimate} ({lower} to {upper}) at {}", arm.arm, visit(*week))
        });
        words.collect::<Vec<_>>().join(", ")
    };
    let arms: Vec<String> = figure.arms.iter().map(of_arm).collect();
    sheet.finish(&figure.title, format!("{}: {}.", figure.ratio, arms.join("; ")), drawn)
}

fn draw(sheet: &Panel, figure: &MeansFigure) -> DrawingResult {
    let level = plain(figure.level_percent);
    let legend: Vec<Entry> = figure
        .arms
        .iter()
        .enumerate()
        .map(|(at, arm)| {
            let interval = if at == 0 { format!(", with {level} % confidence interval") } else { String::new() };
            Entry::new(ArmStyle::of(at).line(), format!("{}{interval}", arm.arm))
        })
        .collect();
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend)?;
    let (_, body) = sheet.root.split_vertically(top);
    let ends = figure.arms.iter().flat_map(|arm| arm.means.iter().flat_map(|(_, mean)| [mean.lower, mean.upper]));
    let (low, high) = extent(ends.chain([1.0]).filter(|ratio| *ratio > 0.0)).unwrap_or((0.5, 2.0));
    let frame = Frame {
        x: Axis::at(figure.visits.clone()),
        y: Axis::ratios(low / 1.08, high * 1.08),
        x_title: String::new(),
        y_title: figure.ratio.clone(),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    let (left, right) = chart.as_coord_spec().x_spec().ends();
    chart.draw_series([PathElement::new(vec![(left, 1.0), (right, 1.0)], line(TEXT, 1.2))])?;
    let weeks = extent(figure.visits.iter().map(|(week, _)| *week)).unwrap_or((0.0, 1.0));
    // Arms stand side by side at a visit.
    let apart = 0.012 * (weeks.1 - weeks.0);
    for (at, arm) in figure.arms.iter().enumerate() {
        let shift = apart * (at as f64 - (figure.arms.len() as f64 - 1.0) / 2.0);
        draw_arm(sheet, &mut chart, arm, ArmStyle::of(at), weeks.0, shift)?;
    }
    Ok(())
}

fn draw_arm(
    sheet: &Panel,
    chart: &mut Plot<'_>,
    arm: &MeansArm,
    style: ArmStyle,
    baseline: f64,
    shift: f64,
) -> DrawingResult {
    let course =
        std::iter::once((baseline, 1.0)).chain(arm.means.iter().map(|(week, mean)| (week + shift, mean.estimate)));
    sheet.pen.dash(style.dash());
    chart.draw_series([PathElement::new(course.collect::<Vec<_>>(), line(style.ink, 2.0))])?;
    sheet.pen.dash(None);
    for (week, mean) in &arm.means {
        let [estimate, lower, upper] = [mean.estimate, mean.lower, mean.upper].map(printed_ratio);
        sheet.pen.begin(&format!("{}, week {}: {estimate} ({lower} to {upper})", arm.arm, plain(*week)));
        let at = week + shift;
        chart.draw_series([PathElement::new(vec![(at, mean.lower), (at, mean.upper)], line(style.ink, 1.8))])?;
        style.mark(chart, (at, mean.estimate), 4.6)?;
        sheet.pen.end();
    }
    Ok(())
}
