//! Waterfall: every subject's change from baseline as a bar, from the largest rise to the largest fall, coloured by arm.

use plotters::element::{Circle, EmptyElement, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::arm_style::ArmStyle;
use super::axis::{Axis, plain};
use super::canvas::px;
use super::layout::FigureLayout;
use super::palette::{MUTED, TEXT};
use super::panel::{DrawingResult, Entry, Frame, Panel, Symbol, anchored, extent, fill, line, text};
use super::{Figure, SubjectRatio};

/// What a waterfall shows.
///
/// ```
/// use platewise::report::figure::{SubjectRatio, WaterfallFigure, waterfall};
///
/// let figure = waterfall(&WaterfallFigure {
///     arms: vec!["active".into(), "placebo".into()],
///     bars: vec![
///         (0, SubjectRatio { subject: "101-001".into(), ratio: 0.4, limit: true }),
///         (1, SubjectRatio { subject: "101-002".into(), ratio: 1.2, limit: false }),
///     ],
///     ..WaterfallFigure::default()
/// });
/// assert!(figure.description().contains("active: 1 of 1 fell; placebo: 0 of 1 fell"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct WaterfallFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the ratio axis.
    pub ratio: String,
    /// The arms, in the order of their colours.
    pub arms: Vec<String>,
    /// The place of the arm of each subject, and its ratio to baseline.
    pub bars: Vec<(usize, SubjectRatio)>,
    /// A share of the baseline that counts as a response, where the study declares one.
    pub response: Option<f64>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// Draws the bars.
pub fn waterfall(figure: &WaterfallFigure) -> Figure {
    let sheet = Panel::fitted((760, 480), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let falls = |arm: usize| {
        let own = || figure.bars.iter().filter(move |(of, _)| *of == arm);
        (own().filter(|(_, one)| one.ratio < 1.0).count(), own().count())
    };
    let arms: Vec<String> = figure
        .arms
        .iter()
        .enumerate()
        .map(|(at, arm)| format!("{arm}: {} of {} fell", falls(at).0, falls(at).1))
        .collect();
    let limits = figure.bars.iter().filter(|(_, one)| one.limit).count();
    let limits = if limits == 0 { String::new() } else { format!(" {limits} bars are of a value at a limit.") };
    let description = format!(
        "{} of each subject as a bar from no change, on a logarithmic axis, from the largest rise to the largest fall. {}.{limits}",
        figure.ratio,
        arms.join("; ")
    );
    sheet.finish(&figure.title, description, drawn)
}

fn draw(sheet: &Panel, figure: &WaterfallFigure) -> DrawingResult {
    let mut legend: Vec<Entry> = figure
        .arms
        .iter()
        .enumerate()
        .map(|(at, arm)| {
            let n = figure.bars.iter().filter(|(of, _)| *of == at).count();
            Entry::new(Symbol::Box(ArmStyle::of(at).ink, ArmStyle::of(at).opacity()), format!("{arm} (n = {n})"))
        })
        .collect();
    if figure.bars.iter().any(|(_, one)| one.limit) {
        legend.push(Entry::new(Symbol::Ring(TEXT), "of a value at a limit, not measured"));
    }
    if let Some(response) = figure.response {
        legend.push(Entry::new(Symbol::Line(MUTED), format!("response: {} of the baseline", plain(response))));
    }
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend)?;
    let (_, body) = sheet.root.split_vertically(top);
    let mut bars: Vec<&(usize, SubjectRatio)> =
        figure.bars.iter().filter(|(_, one)| one.ratio > 0.0 && one.ratio.is_finite()).collect();
    bars.sort_by(|(_, one), (_, other)| {
        other.ratio.total_cmp(&one.ratio).then_with(|| one.subject.cmp(&other.subject))
    });
    let ratios = bars.iter().map(|(_, one)| one.ratio).chain([1.0]).chain(figure.response);
    let (low, high) = extent(ratios).unwrap_or((0.5, 2.0));
    let frame = Frame {
        x: Axis::counted(bars.len()),
        y: Axis::ratios(low / 1.15, high * 1.15),
        x_title: "Subjects, by their change".into(),
        y_title: format!("{} (log scale)", figure.ratio),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    for (place, (arm, one)) in bars.iter().enumerate() {
        let name = figure.arms.get(*arm).map_or("", String::as_str);
        let limit = if one.limit { ", a value at a limit" } else { "" };
        sheet.pen.begin(&format!("{}, {name}: {}{limit}", one.subject, plain(one.ratio)));
        let middle = place as f64;
        let style = ArmStyle::of(*arm);
        let corners = [(middle - 0.4, 1.0), (middle + 0.4, one.ratio)];
        chart.draw_series([Rectangle::new(corners, fill(style.ink, style.opacity()))])?;
        chart.draw_series([Rectangle::new(corners, line(style.ink, 0.8))])?;
        // The length is that of a number which stands for a limit.
        if one.limit {
            let beyond = if one.ratio < 1.0 { px(5.0) } else { -px(5.0) };
            chart.draw_series([
                EmptyElement::at((middle, one.ratio)) + Circle::new((0, beyond), px(3.0), line(TEXT, 1.2))
            ])?;
        }
        sheet.pen.end();
    }
    let (left, right) = chart.as_coord_spec().x_spec().ends();
    chart.draw_series([PathElement::new(vec![(left, 1.0), (right, 1.0)], line(TEXT, 1.0))])?;
    if let Some(response) = figure.response {
        chart.draw_series([PathElement::new(vec![(left, response), (right, response)], line(MUTED, 1.2))])?;
    }
    let style = anchored(&text(MUTED, 10.5), HPos::Right, VPos::Bottom);
    chart.draw_series([EmptyElement::at((right, 1.0)) + Text::new("no change", (-px(5.0), -px(4.0)), style)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_from_the_largest_rise_to_the_largest_fall() {
        let bars = [("S1", 0, 0.4), ("S2", 1, 1.7), ("S3", 0, 0.9)];
        let figure = WaterfallFigure {
            title: "Change".into(),
            ratio: "Week 16 / baseline".into(),
            arms: vec!["active".into(), "placebo".into()],
            bars: bars
                .map(|(subject, arm, ratio)| (arm, SubjectRatio { subject: subject.into(), ratio, limit: ratio < 0.5 }))
                .to_vec(),
            response: Some(0.5),
            ..WaterfallFigure::default()
        };
        let svg = waterfall(&figure).svg();
        let place = |subject: &str| svg.find(subject).unwrap();
        assert!(place("S2, placebo") < place("S3, active") && place("S3, active") < place("S1, active"));
        assert!(svg.contains("active: 2 of 2 fell; placebo: 0 of 1 fell. 1 bars are of a value at a limit."));
        assert!(svg.contains("S1, active: 0.4, a value at a limit"));
        waterfall(&WaterfallFigure::default()).svg();
    }
}
