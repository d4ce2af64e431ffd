//! The tipping point: the ratio of the arms as a function of the factor by which the missing values of one differ from those expected
//! at random.

use plotters::element::{PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::{Axis, plain};
use super::canvas::px;
use super::layout::FigureLayout;
use super::palette::{BLUE, MUTED, PURPLE, TEXT};
use super::panel::{DrawingResult, Entry, Frame, Panel, Plot, Symbol, anchored, bold, extent, fill, line};
use crate::stats::printed_ratio;
use crate::study::IntervalEstimate;

/// What the picture of a tipping point shows.
///
/// ```
/// use platewise::report::figure::{TippingFigure, tipping};
/// use platewise::study::IntervalEstimate;
///
/// let at = |factor: f64| {
///     let estimate = 0.6 * factor.powf(0.2);
///     (factor, IntervalEstimate { estimate, lower: 0.75 * estimate, upper: estimate / 0.75 })
/// };
/// let figure = tipping(&TippingFigure {
///     points: [0.5, 1.0, 2.0, 4.0].map(at).to_vec(),
///     tips: vec![3.05],
///     plausible: 2.0,
///     ..TippingFigure::default()
/// });
/// assert!(figure.description().contains("changes at 3.05"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct TippingFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the axis of factors.
    pub factor: String,
    /// Title of the axis of ratios.
    pub ratio: String,
    /// Level of the intervals in percent.
    pub level_percent: f64,
    /// The ratio at each factor, by factor.
    pub points: Vec<(f64, IntervalEstimate)>,
    /// Factors at which the conclusion changes.
    pub tips: Vec<f64>,
    /// Up to which factor, up or down, a difference is plausible.
    pub plausible: f64,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// Draws the ratio over the factor.
pub fn tipping(figure: &TippingFigure) -> Figure {
    let sheet = Panel::fitted((760, 440), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let tips: Vec<String> = figure.tips.iter().map(|tip| printed_ratio(*tip)).collect();
    let tips = match tips.is_empty() {
        true => "the conclusion changes nowhere".to_string(),
        false => format!("the conclusion changes at {}", tips.join(" and at ")),
    };
    let ends = figure.points.first().zip(figure.points.last());
    let from = ends.map_or_else(String::new, |(first, last)| {
        let words = |(factor, ratio): &(f64, IntervalEstimate)| {
            let [estimate, lower, upper] = [ratio.estimate, ratio.lower, ratio.upper].map(printed_ratio);
            format!("{estimate} ({lower} to {upper}) at {}", plain(*factor))
        };
        format!("from {} to {}; ", words(first), words(last))
    });
    let description = format!("{} by {}: {from}{tips}.", figure.ratio, figure.factor.to_lowercase());
    sheet.finish(&figure.title, description, drawn)
}

fn draw(sheet: &Panel, figure: &TippingFigure) -> DrawingResult {
    let plausible = format!("plausible: up to {} times, up or down", plain(figure.plausible));
    let mut legend = vec![
        Entry::new(Symbol::Line(BLUE), format!("ratio with {} % confidence interval", plain(figure.level_percent))),
        Entry::new(Symbol::Band(PURPLE, 0.14), plausible),
    ];
    if !figure.tips.is_empty() {
        legend.push(Entry::new(Symbol::Dashed(TEXT), "the conclusion changes"));
    }
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend)?;
    let (_, body) = sheet.root.split_vertically(top);
    let ratios = figure.points.iter().flat_map(|(_, ratio)| [ratio.lower, ratio.upper]);
    let (low, high) = extent(ratios.chain([1.0]).filter(|ratio| *ratio > 0.0)).unwrap_or((0.5, 2.0));
    let (first, last) = extent(figure.points.iter().map(|(factor, _)| *factor)).unwrap_or((0.5, 2.0));
    let frame = Frame {
        x: Axis::log(first, last),
        y: Axis::ratios(low / 1.08, high * 1.08),
        x_title: figure.factor.clone(),
        y_title: figure.ratio.clone(),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    let (bottom, top) = chart.as_coord_spec().y_spec().ends();
    if figure.plausible > 1.0 {
        let ends = ((1.0 / figure.plausible).max(first), figure.plausible.min(last));
        chart.draw_series([Rectangle::new([(ends.0, bottom), (ends.1, top)], fill(PURPLE, 0.14))])?;
    }
    draw_ratios(sheet, &mut chart, figure)?;
    chart.draw_series([PathElement::new(vec![(first, 1.0), (last, 1.0)], line(TEXT, 1.2))])?;
    sheet.pen.dash(Some((4.0, 3.0)));
    for &tip in &figure.tips {
        chart.draw_series([PathElement::new(vec![(tip, bottom), (tip, top)], line(TEXT, 1.4))])?;
    }
    sheet.pen.dash(None);
    for &tip in &figure.tips {
        let at = chart.plotting_area().map_coordinate(&(tip, top));
        // Beside its line, on the side where there is room.
        let (side, shift) = if tip > 1.0 { (HPos::Right, -6.0) } else { (HPos::Left, 6.0) };
        let style = anchored(&bold(TEXT, 11.5), side, VPos::Top);
        sheet.root.draw(&Text::new(format!("{}×", printed_ratio(tip)), (at.0 + px(shift), at.1 + px(6.0)), style))?;
    }
    Ok(())
}

fn draw_ratios(sheet: &Panel, chart: &mut Plot<'_>, figure: &TippingFigure) -> DrawingResult {
    let lower = figure.points.iter().map(|(factor, ratio)| (*factor, ratio.lower));
    let upper = figure.points.iter().map(|(factor, ratio)| (*factor, ratio.upper));
    let around: Vec<(f64, f64)> = lower.clone().chain(upper.clone().rev()).collect();
    chart.draw_series([Polygon::new(around, fill(BLUE, 0.18))])?;
    for end in [lower.collect::<Vec<_>>(), upper.collect()] {
        chart.draw_series([PathElement::new(end, line(MUTED, 1.0))])?;
    }
    for pair in figure.points.windows(2) {
        let [(from, one), (to, other)] = pair else { continue };
        sheet.pen.begin(&format!(
            "{} times: {} ({} to {})",
            printed_ratio(*to),
            printed_ratio(other.estimate),
            printed_ratio(other.lower),
            printed_ratio(other.upper)
        ));
        chart.draw_series([PathElement::new(vec![(*from, one.estimate), (*to, other.estimate)], line(BLUE, 2.4))])?;
        sheet.pen.end();
    }
    Ok(())
}
