//! The course of every subject over the visits, one panel per arm, with the arm's geometric means.

use plotters::element::{Circle, EmptyElement, PathElement, Polygon, Text};
use plotters::series::LineSeries;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::{Axis, plain};
use super::canvas::{UNITS, px};
use super::layout::FigureLayout;
use super::palette::{self, Ink, MUTED, TEXT};
use super::panel::{DrawingResult, Entry, Frame, Panel, Plot, Symbol, TICK, anchored, bold, diamond, extent, line};
use crate::study::IntervalEstimate;

/// What a picture of the courses shows.
///
/// ```
/// use platewise::report::figure::{LineValue, LinesArm, LinesFigure, SubjectLine, lines};
///
/// let value = |week, value| LineValue { week, value, limit: false };
/// let subject = SubjectLine { subject: "001".into(), values: vec![value(0.0, 2600.0), value(16.0, 1700.0)] };
/// let arm = LinesArm { arm: "active".into(), subjects: vec![subject], means: vec![] };
/// let figure = lines(&LinesFigure {
///     title: "TARC of every subject".into(),
///     concentration: "TARC (pg/mL)".into(),
///     visits: vec![(0.0, "Baseline".into()), (16.0, "Week 16".into())],
///     arms: vec![arm],
///     ..LinesFigure::default()
/// });
/// assert!(figure.svg().contains("TARC of every subject"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct LinesFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the concentration axis, with its unit.
    pub concentration: String,
    /// Level of the intervals in percent.
    pub level_percent: f64,
    /// Week and name of each visit.
    pub visits: Vec<(f64, String)>,
    /// The arms.
    pub arms: Vec<LinesArm>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One arm.
///
/// See [`LinesFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct LinesArm {
    /// Its name.
    pub arm: String,
    /// The course of each subject.
    pub subjects: Vec<SubjectLine>,
    /// Week and geometric mean with its interval.
    pub means: Vec<(f64, IntervalEstimate)>,
}

/// One subject.
///
/// See [`LinesFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct SubjectLine {
    /// Its name.
    pub subject: String,
    /// Its values, by week.
    pub values: Vec<LineValue>,
}

/// A value at a visit.
///
/// See [`LinesFigure`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineValue {
    /// Week.
    pub week: f64,
    /// The concentration, or the limit that it is beyond.
    pub value: f64,
    /// Whether it is a limit.
    pub limit: bool,
}

/// Draws the courses.
pub fn lines(figure: &LinesFigure) -> Figure {
    let sheet = Panel::new((760, 480), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let arms: Vec<String> =
        figure.arms.iter().map(|arm| format!("{} ({} subjects)", arm.arm, arm.subjects.len())).collect();
    let description = format!(
        "{} of every subject over the visits on a logarithmic axis, one panel per arm: {}; the thick line joins the \
         geometric means.",
        figure.concentration,
        arms.join(", ")
    );
    sheet.finish(&figure.title, description, drawn)
}

fn draw(sheet: &Panel, figure: &LinesFigure) -> DrawingResult {
    let mut legend = vec![
        Entry::new(Symbol::Line(MUTED), "one subject"),
        Entry::new(
            Symbol::Diamond(TEXT),
            format!("geometric mean with {} % confidence interval", plain(figure.level_percent)),
        ),
    ];
    let values = || figure.arms.iter().flat_map(|arm| arm.subjects.iter().flat_map(|subject| &subject.values));
    let limits = values().filter(|value| value.limit).count();
    if limits > 0 {
        legend.push(Entry::new(Symbol::Ring(MUTED), format!("at the limit, not measured (n = {limits})")));
    }
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend)?;
    let (_, body) = sheet.root.split_vertically(top);
    let means = figure.arms.iter().flat_map(|arm| arm.means.iter().flat_map(|(_, mean)| [mean.lower, mean.upper]));
    let shown = values().map(|value| value.value).chain(means).filter(|value| *value > 0.0);
    let (low, high) = extent(shown).unwrap_or((1.0, 1000.0));
    let y = Axis::log(low / 1.2, high * 1.2);
    let weeks = Axis::at(figure.visits.iter().map(|(week, name)| (*week, name.clone())).collect());
    let labels = y.label_width(TICK * f64::from(UNITS)) as i32;
    let panels = body.split_evenly((1, figure.arms.len().max(1)));
    for (index, (arm, panel)) in figure.arms.iter().zip(&panels).enumerate() {
        let frame = Frame {
            x: weeks.clone(),
            y: y.clone(),
            x_title: String::new(),
            y_title: if index == 0 { format!("{} (log scale)", figure.concentration) } else { String::new() },
            x_hidden: false,
            y_labels: Some(labels),
            right: 0,
        };
        let (name, plot) = panel.split_vertically(px(18.0));
        let style = anchored(&bold(palette::arm(index), 12.5), HPos::Left, VPos::Center);
        let left = px(20.0) + if index == 0 { labels + px(22.0) } else { labels };
        name.draw(&Text::new(format!("{} (n = {})", arm.arm, arm.subjects.len()), (left, px(11.0)), style))?;
        draw_arm(sheet, &mut sheet.chart(&plot, frame)?, arm, palette::arm(index))?;
    }
    Ok(())
}

fn draw_arm(sheet: &Panel, chart: &mut Plot<'_>, arm: &LinesArm, ink: Ink) -> DrawingResult {
    for subject in &arm.subjects {
        let points = || subject.values.iter().filter(|value| value.value > 0.0);
        sheet.pen.begin(&subject.subject);
        let course = points().map(|value| (value.week, value.value));
        let thin = ink.light.mix(0.35).stroke_width(px(1.0) as u32);
        chart.draw_series(LineSeries::new(course, thin))?;
        chart.draw_series(points().map(|value| {
            let style = if value.limit { line(ink, 1.2) } else { ink.light.mix(0.55).filled() };
            Circle::new((value.week, value.value), px(if value.limit { 3.4 } else { 2.4 }), style)
        }))?;
        sheet.pen.end();
    }
    chart.draw_series(LineSeries::new(arm.means.iter().map(|(week, mean)| (*week, mean.estimate)), line(TEXT, 2.6)))?;
    for (week, mean) in &arm.means {
        chart.draw_series([PathElement::new(vec![(*week, mean.lower), (*week, mean.upper)], line(TEXT, 2.2))])?;
        let shape = Polygon::new(diamond((0, 0), px(6.0)), plotters::style::ShapeStyle::from(&TEXT.light).filled());
        chart.draw_series([EmptyElement::at((*week, mean.estimate)) + shape])?;
    }
    Ok(())
}
