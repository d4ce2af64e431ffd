//! The standard curve of a plate: wells, fitted line, bands, limits, where the samples fall, residuals.

use plotters::element::{Circle, EmptyElement, PathElement, Polygon, Rectangle, Text};
use plotters::series::LineSeries;
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::{Axis, plain};
use super::canvas::{UNITS, px};
use super::layout::FigureLayout;
use super::palette::{BLUE, GREEN, GROUND, MUTED, PURPLE, TEXT, VERMILION};
use super::panel::{DrawingResult, Entry, Frame, NOTE, Panel, Plot, Symbol, TICK, anchored, extent, fill, line, text};

/// What a picture of a standard curve shows. Everything but the points may be left at its default.
///
/// ```
/// use platewise::report::figure::{BandPoint, CurvePoint, Residuals, StandardCurveFigure, standard_curve};
///
/// let figure = standard_curve(&StandardCurveFigure {
///     title: "P01".into(),
///     unit: "pg/mL".into(),
///     response: "Response (450 nm)".into(),
///     points: vec![CurvePoint::used(0.0, 0.05), CurvePoint::used(31.25, 0.11), CurvePoint::used(2000.0, 2.4)],
///     line: vec![(0.0, 0.05), (31.25, 0.11), (2000.0, 2.4)],
///     confidence: vec![BandPoint { concentration: 31.25, lower: 0.10, upper: 0.12 }],
///     residuals: Some(Residuals { label: "Residual / SD".into(), points: vec![(31.25, 0.4)] }),
///     lloq: Some(31.25),
///     ..StandardCurveFigure::default()
/// });
/// assert!(figure.description().contains("LLOQ 31.25 pg/mL"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct StandardCurveFigure {
    /// Name of the picture, such as the plate's.
    pub title: String,
    /// A line below it: model, variance model, verdict; may be empty.
    pub subtitle: String,
    /// Unit of the concentrations.
    pub unit: String,
    /// Title of the response axis, with its unit.
    pub response: String,
    /// The wells of the standards.
    pub points: Vec<CurvePoint>,
    /// The fitted curve: (concentration, response), by concentration; a point at 0 is drawn left of the axis break.
    pub line: Vec<(f64, f64)>,
    /// Another curve of the same plate, dashed; `None` where there is none.
    pub beside: Option<CurveBeside>,
    /// Confidence band of the curve, by concentration.
    pub confidence: Vec<BandPoint>,
    /// Prediction band of a new well, by concentration.
    pub prediction: Vec<BandPoint>,
    /// Level of both bands in percent, such as 95.
    pub level_percent: f64,
    /// Lower limit of quantification.
    pub lloq: Option<f64>,
    /// Upper limit of quantification.
    pub uloq: Option<f64>,
    /// Mean responses of the samples, for the rug at the right.
    pub samples: Vec<f64>,
    /// The residuals, below the curve.
    pub residuals: Option<Residuals>,
    /// Responses that the axis has to hold besides its own, so that plates have one scale.
    pub response_range: Option<(f64, f64)>,
    /// How the response axis is spaced.
    pub spacing: Spacing,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// How the response axis of a standard curve is spaced. On a linear one the low standards of a steep curve lie on one another.
///
/// See [`StandardCurveFigure`] for an example.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Spacing {
    /// Equal steps for equal differences.
    #[default]
    Linear,
    /// By the square root, which has a place for 0 and, mirrored, for responses below it.
    SquareRoot,
    /// By the logarithm; where a response is not above 0, by the square root, since a logarithm has no place for it.
    Log,
}

impl Spacing {
    /// What the title of the axis adds.
    fn words(self) -> &'static str {
        match self {
            Self::Linear => "",
            Self::SquareRoot => ", square-root scale",
            Self::Log => ", log scale",
        }
    }
}

/// A curve that stands beside the fitted one.
///
/// See [`StandardCurveFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct CurveBeside {
    /// What it is, in the words of the legend.
    pub name: &'static str,
    /// (Concentration, response), by concentration.
    pub line: Vec<(f64, f64)>,
}

/// A standard well.
///
/// See [`StandardCurveFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct CurvePoint {
    /// Nominal concentration; 0 is the zero standard.
    pub concentration: f64,
    /// Response.
    pub response: f64,
    /// Whether the fit used it.
    pub used: bool,
    /// What a browser shows when the pointer rests on it; may be empty.
    pub note: String,
    /// The name of the well, by which a page finds it; may be empty.
    pub well: String,
}

impl CurvePoint {
    /// A well that the fit used.
    pub fn used(concentration: f64, response: f64) -> Self {
        Self { concentration, response, used: true, ..Self::default() }
    }
}

/// Both sides of a band at a concentration.
///
/// See [`StandardCurveFigure`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandPoint {
    /// Concentration.
    pub concentration: f64,
    /// Lower response.
    pub lower: f64,
    /// Upper response.
    pub upper: f64,
}

/// The panel below the curve.
///
/// See [`StandardCurveFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct Residuals {
    /// Title of its axis.
    pub label: String,
    /// (concentration, residual) of each well that the fit used.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: u32 = 760;
const HEIGHT: u32 = 470;
const RESIDUALS: u32 = 130;
/// Room for the rug, in pixels.
const RUG: f64 = 16.0;

/// Draws a standard curve.
pub fn standard_curve(figure: &StandardCurveFigure) -> Figure {
    let sheet = Panel::fitted(
        (WIDTH, HEIGHT + if figure.residuals.is_some() { RESIDUALS } else { 0 }),
        figure.layout,
        figure.simulated,
    );
    let drawn = draw(&sheet, figure);
    sheet.finish(&figure.title, describe(figure), drawn)
}

fn describe(figure: &StandardCurveFigure) -> String {
    let used = figure.points.iter().filter(|point| point.used).count();
    let mut text = format!(
        "Standard curve: response{} against {} on a logarithmic axis, {used} standard wells used",
        match response_axis(figure).1 {
            Spacing::Linear => "",
            Spacing::SquareRoot => " on a square-root axis",
            Spacing::Log => " on a logarithmic axis",
        },
        with_unit("concentration", &figure.unit)
    );
    let left_out = figure.points.len() - used;
    if left_out > 0 {
        text.push_str(&format!(", {left_out} left out"));
    }
    if let Some(other) = &figure.beside {
        text.push_str(&format!(", the curve {} beside it", other.name));
    }
    for (name, limit) in [("LLOQ", figure.lloq), ("ULOQ", figure.uloq)] {
        if let Some(limit) = limit {
            text.push_str(&format!(", {name} {} {}", plain(limit), figure.unit));
        }
    }
    if !figure.samples.is_empty() {
        text.push_str(&format!(", {} samples at the right margin", figure.samples.len()));
    }
    text.push('.');
    text
}

/// A quantity with its unit in brackets, where it has one.
fn with_unit(quantity: &str, unit: &str) -> String {
    if unit.is_empty() { quantity.to_string() } else { format!("{quantity} ({unit})") }
}

fn legend(figure: &StandardCurveFigure) -> Vec<Entry> {
    let used = figure.points.iter().filter(|point| point.used).count();
    let left_out = figure.points.len() - used;
    let mut entries = vec![Entry::new(Symbol::Dot(BLUE), format!("standard wells (n = {used})"))];
    if left_out > 0 {
        entries.push(Entry::new(Symbol::Ring(VERMILION), format!("left out (n = {left_out})")));
    }
    if !figure.line.is_empty() {
        entries.push(Entry::new(Symbol::Line(BLUE), "fitted curve"));
    }
    if let Some(other) = &figure.beside {
        entries.push(Entry::new(Symbol::Dashed(PURPLE), other.name));
    }
    if !figure.confidence.is_empty() {
        let text = format!("{} % confidence, curve", plain(figure.level_percent));
        entries.push(Entry::new(Symbol::Band(BLUE, CONFIDENCE), text));
    }
    if !figure.prediction.is_empty() {
        let text = format!("{} % prediction, well", plain(figure.level_percent));
        entries.push(Entry::new(Symbol::Band(BLUE, PREDICTION), text));
    }
    if figure.lloq.is_some() || figure.uloq.is_some() {
        entries.push(Entry::new(Symbol::Dashed(VERMILION), "limits of quantification"));
    }
    if !figure.samples.is_empty() {
        entries.push(Entry::new(Symbol::Tick(GREEN), format!("samples (n = {})", figure.samples.len())));
    }
    entries
}

const CONFIDENCE: f64 = 0.32;
const PREDICTION: f64 = 0.14;

fn draw(sheet: &Panel, figure: &StandardCurveFigure) -> DrawingResult {
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend(figure))?;
    let (_, body) = sheet.root.split_vertically(top);
    let (main, below) = match figure.residuals {
        Some(_) => {
            let (main, below) = body.split_vertically(sheet.size().1 - top - px(f64::from(RESIDUALS) + 20.0));
            (main, Some(below))
        }
        None => (body, None),
    };
    let x = concentration_axis(figure);
    let (y, spacing) = response_axis(figure);
    let residual_axis = figure.residuals.as_ref().map(|residuals| {
        let largest = residuals.points.iter().map(|point| point.1.abs()).filter(|r| r.is_finite()).fold(0.0, f64::max);
        Axis::linear(-largest, largest, 4)
    });
    let tick = TICK * f64::from(UNITS);
    let y_labels = residual_axis.as_ref().map_or(0.0, |axis| axis.label_width(tick)).max(y.label_width(tick)) as i32;
    let x_title = with_unit("Concentration", &figure.unit);
    let frame = Frame {
        x: x.clone(),
        y,
        x_title: x_title.clone(),
        y_title: format!("{}{}", figure.response, spacing.words()),
        x_hidden: below.is_some(),
        y_labels: Some(y_labels),
        right: px(RUG),
    };
    let mut chart = sheet.chart(&main, frame)?;
    draw_curve(sheet, &mut chart, figure)?;
    if let (Some(below), Some(residuals), Some(y)) = (below, &figure.residuals, residual_axis) {
        let y_title = residuals.label.clone();
        let frame = Frame { x, y, x_title, y_title, x_hidden: false, y_labels: Some(y_labels), right: px(RUG) };
        draw_residuals(&mut sheet.chart(&below, frame)?, residuals)?;
    }
    Ok(())
}

fn concentration_axis(figure: &StandardCurveFigure) -> Axis {
    let levels: Vec<f64> = figure.points.iter().map(|point| point.concentration).collect();
    let limits = [figure.lloq, figure.uloq].into_iter().flatten();
    let shown = levels.iter().copied().chain(limits).chain(figure.line.iter().map(|point| point.0));
    let (low, high) = extent(shown.filter(|x| *x > 0.0)).unwrap_or((1.0, 1000.0));
    Axis::concentrations(&levels, low / 1.35, high * 1.25)
}

/// From the responses of wells, line and samples; the bands may run out of the picture. With the spacing that it has.
fn response_axis(figure: &StandardCurveFigure) -> (Axis, Spacing) {
    let wells = figure.points.iter().map(|point| point.response);
    let curve = figure.line.iter().map(|point| point.1);
    let asked = figure.response_range.iter().flat_map(|range| [range.0, range.1]);
    let shown = wells.chain(curve).chain(figure.samples.iter().copied()).chain(asked);
    let (low, high) = extent(shown).unwrap_or((0.0, 1.0));
    let above = 0.03 * (high - low);
    match figure.spacing {
        Spacing::Log if low > 0.0 => (Axis::log(low / 1.15, high * 1.1), Spacing::Log),
        Spacing::Log | Spacing::SquareRoot => {
            let low = if low > 0.0 { 0.0 } else { low - above.min(low.abs()) };
            (Axis::square_root(low, high + above), Spacing::SquareRoot)
        }
        Spacing::Linear => {
            let low = if low > 0.0 && low < 0.3 * high { 0.0 } else { low };
            (Axis::linear(low, high + above, 6), Spacing::Linear)
        }
    }
}

fn draw_curve(sheet: &Panel, chart: &mut Plot<'_>, figure: &StandardCurveFigure) -> DrawingResult {
    draw_limits(sheet, chart, figure)?;
    for (band, opacity) in [(&figure.prediction, PREDICTION), (&figure.confidence, CONFIDENCE)] {
        draw_band(chart, band, opacity)?;
    }
    sheet.pen.dash(Some((4.0, 3.0)));
    let other = figure.beside.iter().flat_map(|other| other.line.iter().copied()).filter(|point| point.0 > 0.0);
    chart.draw_series(LineSeries::new(other, line(PURPLE, 1.6)))?;
    sheet.pen.dash(None);
    let curve = figure.line.iter().copied().filter(|point| point.0 > 0.0);
    chart.draw_series(LineSeries::new(curve, line(BLUE, 2.2)))?;
    draw_zero(chart, figure)?;
    for point in &figure.points {
        let at = (point.concentration, point.response);
        if !point.note.is_empty() {
            sheet.pen.begin_well(&point.note, &point.well);
        }
        if point.used {
            chart.draw_series([Circle::new(at, px(4.2), fill(GROUND, 1.0))])?;
            chart.draw_series([Circle::new(at, px(3.6), fill(BLUE, 1.0))])?;
        } else {
            chart.draw_series([Circle::new(at, px(4.0), line(VERMILION, 1.6))])?;
        }
        if !point.note.is_empty() {
            sheet.pen.end();
        }
    }
    draw_rug(chart, &figure.samples)?;
    draw_break(chart)
}

/// The limits as dashed lines, the outside of the range shaded, their values at the top.
fn draw_limits(sheet: &Panel, chart: &mut Plot<'_>, figure: &StandardCurveFigure) -> DrawingResult {
    let (bottom, top) = chart.as_coord_spec().y_spec().ends();
    for (name, limit, side) in [("LLOQ", figure.lloq, HPos::Left), ("ULOQ", figure.uloq, HPos::Right)] {
        let Some(limit) = limit.filter(|limit| *limit > 0.0) else { continue };
        sheet.pen.dash(Some((5.0, 3.5)));
        chart.draw_series([PathElement::new(vec![(limit, bottom), (limit, top)], line(VERMILION, 1.3))])?;
        sheet.pen.dash(None);
        let shift = if matches!(side, HPos::Left) { px(5.0) } else { -px(5.0) };
        let style = anchored(&text(VERMILION, NOTE), side, VPos::Top);
        let label = format!("{name} {}", plain(limit));
        chart.draw_series([EmptyElement::at((limit, top)) + Text::new(label, (shift, px(6.0)), style)])?;
    }
    Ok(())
}

fn draw_band(chart: &mut Plot<'_>, band: &[BandPoint], opacity: f64) -> DrawingResult {
    let (bottom, top) = chart.as_coord_spec().y_spec().ends();
    let inside = |y: f64| y.clamp(bottom, top);
    let usable: Vec<&BandPoint> = band
        .iter()
        .filter(|point| point.concentration > 0.0 && point.lower.is_finite() && point.upper.is_finite())
        .collect();
    if usable.len() < 2 {
        return Ok(());
    }
    let upper = usable.iter().map(|point| (point.concentration, inside(point.upper)));
    let lower = usable.iter().rev().map(|point| (point.concentration, inside(point.lower)));
    chart.draw_series([Polygon::new(upper.chain(lower).collect::<Vec<_>>(), fill(BLUE, opacity))])?;
    Ok(())
}

/// The curve at concentration 0: a short level line in the place of its own.
fn draw_zero(chart: &Plot<'_>, figure: &StandardCurveFigure) -> DrawingResult {
    let area = chart.plotting_area();
    let (limits, _) = area.get_pixel_range();
    let zero = chart.as_coord_spec().x_spec().zero_place((limits.start, limits.end));
    let response = figure.line.iter().find(|point| point.0 == 0.0).map(|point| point.1);
    if let (Some((start, end)), Some(response)) = (zero, response) {
        let y = area.map_coordinate(&(0.0, response)).1;
        let screen = area.strip_coord_spec();
        let base = screen.get_base_pixel();
        let points = vec![(start - base.0, y - base.1), (end - base.0, y - base.1)];
        screen.draw(&PathElement::new(points, line(BLUE, 2.2)))?;
    }
    Ok(())
}

/// Where the samples' responses fall: a tick for each, right of the plot.
fn draw_rug(chart: &Plot<'_>, samples: &[f64]) -> DrawingResult {
    let (_, high) = chart.as_coord_spec().x_spec().ends();
    let y = chart.as_coord_spec().y_spec();
    for response in samples.iter().copied().filter(|response| y.shows(*response)) {
        let tick = PathElement::new(vec![(px(3.0), 0), (px(RUG - 2.0), 0)], line(GREEN, 1.1));
        chart.plotting_area().draw(&(EmptyElement::at((high, response)) + tick))?;
    }
    Ok(())
}

/// Two short strokes across the axis where it is broken, with the axis taken away between them.
fn draw_break(chart: &Plot<'_>) -> DrawingResult {
    let area = chart.plotting_area();
    let (across, down) = area.get_pixel_range();
    if let Some(x) = chart.as_coord_spec().x_spec().break_at((across.start, across.end)) {
        let screen = area.strip_coord_spec();
        let base = screen.get_base_pixel();
        let (x, y) = (x - base.0, down.end - base.1);
        let half = px(2.5);
        screen.draw(&Rectangle::new([(x - half, y - px(1.5)), (x + half, y + px(1.5))], fill(GROUND, 1.0)))?;
        for x in [x - half, x + half] {
            let stroke = vec![(x - px(2.0), y + px(5.0)), (x + px(2.0), y - px(5.0))];
            screen.draw(&PathElement::new(stroke, line(MUTED, 1.2)))?;
        }
    }
    Ok(())
}

fn draw_residuals(chart: &mut Plot<'_>, residuals: &Residuals) -> DrawingResult {
    // Zero is left of everything, with or without a place of its own.
    let (_, high) = chart.as_coord_spec().x_spec().ends();
    chart.draw_series([PathElement::new(vec![(0.0, 0.0), (high, 0.0)], line(TEXT, 1.0))])?;
    chart.draw_series(
        residuals
            .points
            .iter()
            .filter(|point| point.1.is_finite())
            .map(|point| Circle::new(*point, px(3.2), fill(BLUE, 1.0))),
    )?;
    draw_break(chart)
}
