//! Median percent change from baseline over the visits, as trials publish it: per arm the median with its interval, and the quartiles.

use plotters::element::{EmptyElement, PathElement, Rectangle};
use plotters::series::LineSeries;

use super::Figure;
use super::arm_style::ArmStyle;
use super::axis::{Axis, plain};
use super::canvas::px;
use super::layout::FigureLayout;
use super::palette::{MUTED, TEXT};
use super::panel::{DrawingResult, Entry, Frame, Panel, Plot, Symbol, extent, fill, line};

/// What a picture of median percent changes shows.
///
/// ```
/// use platewise::report::figure::{PercentChangeArm, PercentChangeFigure, PercentChangeVisit, QuantileBounds, percent_change};
///
/// let week_16 = PercentChangeVisit {
///     week: 16.0,
///     n: 54,
///     median: QuantileBounds::known(-36.0),
///     interval: Some((QuantileBounds::known(-55.0), QuantileBounds::known(3.0))),
///     quartiles: None,
/// };
/// let figure = percent_change(&PercentChangeFigure {
///     title: "Median change of TARC".into(),
///     baseline: (0.0, "Baseline".into()),
///     visits: vec![(16.0, "Week 16".into())],
///     arms: vec![PercentChangeArm { arm: "active".into(), visits: vec![week_16] }],
///     ..PercentChangeFigure::default()
/// });
/// assert!(figure.description().contains("active: Week 16 -36 % (n = 54)"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct PercentChangeFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the axis, without its unit.
    pub change: String,
    /// Level of the intervals in percent, such as 95.
    pub level_percent: f64,
    /// Week and name of the baseline, where every change is 0.
    pub baseline: (f64, String),
    /// Week and name of each visit after it.
    pub visits: Vec<(f64, String)>,
    /// The arms, in their order.
    pub arms: Vec<PercentChangeArm>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One arm.
///
/// See [`PercentChangeFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct PercentChangeArm {
    /// Its name.
    pub arm: String,
    /// Its visits with a median, by week.
    pub visits: Vec<PercentChangeVisit>,
}

/// The changes of an arm at a visit, in percent of baseline.
///
/// See [`PercentChangeFigure`] for an example.
#[derive(Debug, Clone)]
pub struct PercentChangeVisit {
    /// Week.
    pub week: f64,
    /// Participants.
    pub n: usize,
    /// Median.
    pub median: QuantileBounds,
    /// Both ends of its interval.
    pub interval: Option<(QuantileBounds, QuantileBounds)>,
    /// First and third quartile.
    pub quartiles: Option<(QuantileBounds, QuantileBounds)>,
}

/// Where a quantile is: at one value, or between two where values outside the limits leave it open.
///
/// See [`PercentChangeFigure`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileBounds {
    /// Not below this; −∞ where there is no bound.
    pub low: f64,
    /// Not above this; ∞ where there is no bound.
    pub high: f64,
}

impl QuantileBounds {
    /// A quantile that is known.
    pub fn known(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// Whether it is known.
    pub fn is_known(self) -> bool {
        self.low == self.high
    }

    /// Where its mark stands: in the middle, or at the bound that there is.
    fn mark(self) -> f64 {
        match (self.low.is_finite(), self.high.is_finite()) {
            (true, true) => 0.5 * (self.low + self.high),
            (true, false) => self.low,
            (false, _) => self.high,
        }
    }

    fn words(self) -> String {
        if self.is_known() {
            format!("{} %", plain(self.low))
        } else {
            format!("between {} and {} %", plain(self.low), plain(self.high))
        }
    }
}

/// Draws the median changes.
pub fn percent_change(figure: &PercentChangeFigure) -> Figure {
    let sheet = Panel::fitted((760, 440), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let visit = |one: &PercentChangeVisit| {
        let name = figure.visits.iter().find(|(week, _)| *week == one.week).map_or("", |(_, name)| name.as_str());
        format!("{name} {} (n = {})", one.median.words(), one.n)
    };
    let arm = |arm: &PercentChangeArm| {
        format!("{}: {}", arm.arm, arm.visits.iter().map(visit).collect::<Vec<_>>().join(", "))
    };
    let arms: Vec<String> = figure.arms.iter().map(arm).collect();
    sheet.finish(&figure.title, format!("Median percent change from baseline. {}.", arms.join("; ")), drawn)
}

fn legend(figure: &PercentChangeFigure) -> Vec<Entry> {
    let mut entries: Vec<Entry> = figure
        .arms
        .iter()
        .enumerate()
        .map(|(place, arm)| {
            let n: Vec<String> = arm.visits.iter().map(|visit| visit.n.to_string()).collect();
            Entry::new(ArmStyle::of(place).line(), format!("{} (n = {})", arm.arm, n.join(", ")))
        })
        .collect();
    let visits = || figure.arms.iter().flat_map(|arm| &arm.visits);
    if visits().any(|visit| visit.interval.is_some()) {
        entries.push(Entry::new(Symbol::Diamond(MUTED), format!("median, {} % interval", plain(figure.level_percent))));
    }
    if visits().any(|visit| visit.quartiles.is_some()) {
        entries.push(Entry::new(Symbol::Band(MUTED, QUARTILES), "first to third quartile"));
    }
    if visits().any(|visit| !visit.median.is_known()) {
        entries.push(Entry::new(Symbol::Ring(MUTED), "between bounds: values at a limit"));
    }
    entries
}

const QUARTILES: f64 = 0.25;

fn draw(sheet: &Panel, figure: &PercentChangeFigure) -> DrawingResult {
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend(figure))?;
    let (_, body) = sheet.root.split_vertically(top);
    let visits = figure.arms.iter().flat_map(|arm| &arm.visits);
    let ranges = visits.flat_map(|visit| {
        let ends = visit.interval.into_iter().chain(visit.quartiles).flat_map(|(low, high)| [low, high]);
        ends.chain([visit.median]).flat_map(|range| [range.low, range.high])
    });
    let (low, high) = extent(ranges.chain([0.0])).unwrap_or((-50.0, 50.0));
    let weeks = std::iter::once(&figure.baseline).chain(&figure.visits);
    let frame = Frame {
        x: Axis::at(weeks.map(|(week, name)| (*week, name.clone())).collect()),
        y: Axis::linear(low.max(-100.0), high, 6),
        x_title: String::new(),
        y_title: format!("{} (%)", figure.change),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    let (left, right) = chart.as_coord_spec().x_spec().ends();
    chart.draw_series([PathElement::new(vec![(left, 0.0), (right, 0.0)], line(TEXT, 1.0))])?;
    // Arms side by side at each visit.
    let step = 0.035 * (right - left);
    for (place, arm) in figure.arms.iter().enumerate() {
        let aside = step * (place as f64 - (figure.arms.len() as f64 - 1.0) / 2.0);
        draw_arm(sheet, &mut chart, figure, arm, (ArmStyle::of(place), aside))?;
    }
    Ok(())
}

fn draw_arm(
    sheet: &Panel,
    chart: &mut Plot<'_>,
    figure: &PercentChangeFigure,
    arm: &PercentChangeArm,
    (style, aside): (ArmStyle, f64),
) -> DrawingResult {
    let (bottom, top) = chart.as_coord_spec().y_spec().ends();
    let inside =
        |range: (QuantileBounds, QuantileBounds)| (range.0.low.clamp(bottom, top), range.1.high.clamp(bottom, top));
    sheet.pen.dash(style.dash());
    let course = arm.visits.iter().map(|visit| (visit.week + aside, visit.median.mark()));
    let course = std::iter::once((figure.baseline.0 + aside, 0.0)).chain(course);
    chart.draw_series(LineSeries::new(course, line(style.ink, 1.8)))?;
    sheet.pen.dash(None);
    for visit in &arm.visits {
        let x = visit.week + aside;
        let name = figure.visits.iter().find(|(week, _)| *week == visit.week).map_or("", |(_, name)| name.as_str());
        sheet.pen.begin(&format!("{}, {name}: median {} (n = {})", arm.arm, visit.median.words(), visit.n));
        if let Some((low, high)) = visit.quartiles.map(inside) {
            let pixel = |y: f64| chart.plotting_area().map_coordinate(&(x, y)).1;
            let corners = [(-px(6.0), 0), (px(6.0), pixel(low) - pixel(high))];
            let band = Rectangle::new(corners, fill(style.ink, QUARTILES));
            chart.draw_series([EmptyElement::at((x, high)) + band])?;
        }
        if let Some((low, high)) = visit.interval.map(inside) {
            chart.draw_series([PathElement::new(vec![(x, low), (x, high)], line(style.ink, 1.6))])?;
        }
        draw_mark(chart, visit.median, x, style)?;
        sheet.pen.end();
    }
    Ok(())
}

/// A full mark where the median is known; where it is only known to lie between bounds, a thick line between them with an empty mark.
fn draw_mark(chart: &mut Plot<'_>, median: QuantileBounds, x: f64, style: ArmStyle) -> DrawingResult {
    let at = (x, median.mark());
    if median.is_known() {
        return style.mark(chart, at, 4.6);
    }
    let (bottom, top) = chart.as_coord_spec().y_spec().ends();
    let ends = [median.low, median.high].map(|end| (x, end.clamp(bottom, top)));
    chart.draw_series([PathElement::new(ends.to_vec(), line(style.ink, 4.0))])?;
    style.hollow_mark(chart, at, 5.0)
}
