//! A number across plates: every set of a control beside its nominal value, every parameter or response beside its history
//! (Levey–Jennings: mean and ±1, ±2, ±3 s), with the Westgard rules that it breaks, in the order of the plates.

use plotters::element::{Circle, EmptyElement, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::{Axis, plain};
use super::canvas::px;
use super::layout::FigureLayout;
use super::palette::{BLUE, GREEN, MUTED, PURPLE, TEXT, VERMILION};
use super::panel::{DrawingResult, Entry, Frame, Panel, Symbol, anchored, extent, fill, line, text};

/// What a control chart shows.
///
/// ```
/// use platewise::report::figure::{ControlChartFigure, ControlPlate, control_chart};
///
/// let plate = ControlPlate { plate: "P01".into(), accepted: true, values: vec![92.0, 88.0], ..ControlPlate::default() };
/// let figure = control_chart(&ControlChartFigure {
///     title: "Control low".into(),
///     unit: "pg/mL".into(),
///     nominal: Some(90.0),
///     limit_percent: 20.0,
///     plates: vec![plate],
///     ..ControlChartFigure::default()
/// });
/// assert!(figure.svg().contains("Control low"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct ControlChartFigure {
    /// Name of the picture, such as the control's level.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// What the numbers are; `Concentration` where it is empty.
    pub quantity: String,
    /// Their unit; may be empty.
    pub unit: String,
    /// Nominal concentration, of a control.
    pub nominal: Option<f64>,
    /// Largest |bias| in percent that passes, of a control.
    pub limit_percent: f64,
    /// The plates, in their order.
    pub plates: Vec<ControlPlate>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// The numbers of one plate.
///
/// ```
/// use platewise::report::figure::ControlPlate;
///
/// let rejected = ControlPlate { plate: "P04".into(), values: vec![130.0], ..ControlPlate::default() };
/// assert!(!rejected.accepted && rejected.limits.is_none());
/// ```
#[derive(Debug, Clone, Default)]
pub struct ControlPlate {
    /// The plate.
    pub plate: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// The number of each set.
    pub values: Vec<f64>,
    /// How many of its sets, standards or parameters are without a number.
    pub without_value: usize,
    /// Mean and standard deviation that the plate is compared with, where there are any.
    pub limits: Option<(f64, f64)>,
    /// The Westgard rules that its numbers complete; empty for none.
    pub rules: String,
}

/// Draws a control chart.
pub fn control_chart(figure: &ControlChartFigure) -> Figure {
    let sheet = Panel::fitted((760, 320), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let sets: usize = figure.plates.iter().map(|plate| plate.values.len()).sum();
    let broken = figure.plates.iter().filter(|plate| !plate.rules.is_empty()).count();
    let description = match figure.nominal {
        Some(nominal) => {
            let within = |value: f64| (100.0 * (value / nominal - 1.0)).abs() <= figure.limit_percent;
            let values = figure.plates.iter().flat_map(|plate| &plate.values);
            format!(
                "Control over {} plates: {sets} sets, {} beyond ±{} % of nominal {} {}; Westgard rules broken on {broken} plates.",
                figure.plates.len(),
                values.filter(|value| !within(**value)).count(),
                plain(figure.limit_percent),
                plain(nominal),
                figure.unit
            )
        }
        None => {
            let plates = figure.plates.len();
            format!("{sets} numbers over {plates} plates; Westgard rules broken on {broken} plates.")
        }
    };
    sheet.finish(&figure.title, description, drawn)
}

fn legend(figure: &ControlChartFigure) -> Vec<Entry> {
    let accepted = figure.plates.iter().filter(|plate| plate.accepted).count();
    let on = if figure.nominal.is_some() { "set on an accepted plate" } else { "on an accepted plate" };
    let mut entries = vec![Entry::new(Symbol::Dot(BLUE), format!("{on} (n = {accepted} plates)"))];
    if accepted < figure.plates.len() {
        let others = figure.plates.len() - accepted;
        entries.push(Entry::new(Symbol::Ring(VERMILION), format!("on a plate that is not (n = {others})")));
    }
    let without_value: usize = figure.plates.iter().map(|plate| plate.without_value).sum();
    if without_value > 0 {
        entries.push(Entry::new(Symbol::Badge(VERMILION, "×"), format!("no value (n = {without_value})")));
    }
    if let Some(nominal) = figure.nominal {
        let limit = plain(figure.limit_percent);
        let nominal = format!("nominal {} {} ± {limit} %", plain(nominal), figure.unit);
        entries.push(Entry::new(Symbol::Band(GREEN, 0.14), nominal));
    }
    if figure.plates.iter().any(|plate| plate.limits.is_some()) {
        entries.push(Entry::new(Symbol::Line(MUTED), "mean, ±1, ±2, ±3 s"));
    }
    if figure.plates.iter().any(|plate| !plate.rules.is_empty()) {
        entries.push(Entry::new(Symbol::Line(PURPLE), "Westgard rule, named above its plate"));
    }
    entries
}

fn draw(sheet: &Panel, figure: &ControlChartFigure) -> DrawingResult {
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend(figure))?;
    let (_, body) = sheet.root.split_vertically(top);
    let share = figure.limit_percent / 100.0;
    let nominal = figure.nominal.map(|nominal| [nominal * (1.0 - share), nominal, nominal * (1.0 + share)]);
    let values = figure.plates.iter().flat_map(|plate| plate.values.iter().copied());
    let three_s =
        figure.plates.iter().filter_map(|plate| plate.limits).flat_map(|(mean, s)| [mean - 3.0 * s, mean + 3.0 * s]);
    let (low, high) = extent(values.chain(nominal.into_iter().flatten()).chain(three_s)).unwrap_or((0.0, 1.0));
    let margin = 0.08 * (high - low);
    // A concentration has no place below zero; a bias or a parameter has.
    let floor = if figure.nominal.is_some() { 0.0 } else { f64::NEG_INFINITY };
    let frame = Frame {
        x: Axis::categories(figure.plates.iter().map(|plate| plate.plate.clone())),
        y: Axis::linear((low - margin).max(floor), high + margin, 5),
        x_title: "Plate, in the order of the study".to_string(),
        y_title: y_title(figure),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    let (left, right) = chart.as_coord_spec().x_spec().ends();
    let (bottom, top) = chart.as_coord_spec().y_spec().ends();
    if let Some([low, nominal, high]) = nominal {
        chart.draw_series([Rectangle::new([(left, high), (right, low)], fill(GREEN, 0.14))])?;
        chart.draw_series([PathElement::new(vec![(left, nominal), (right, nominal)], line(TEXT, 1.0))])?;
    }
    for (index, (mean, s)) in figure.plates.iter().enumerate().filter_map(|(i, plate)| Some((i as f64, plate.limits?)))
    {
        for (steps, width) in [(-3.0, 1.2), (-2.0, 0.8), (-1.0, 0.4), (0.0, 1.0), (1.0, 0.4), (2.0, 0.8), (3.0, 1.2)] {
            let y = mean + steps * s;
            if y >= floor {
                chart.draw_series([PathElement::new(vec![(index - 0.5, y), (index + 0.5, y)], line(MUTED, width))])?;
            }
        }
    }
    for (index, plate) in figure.plates.iter().enumerate() {
        let sets = plate.values.len().max(1) as f64;
        for (set, value) in plate.values.iter().enumerate() {
            let x = index as f64 + (set as f64 - (sets - 1.0) / 2.0) * 0.16;
            sheet.pen.begin(&format!("{}, set {}: {} {}", plate.plate, set + 1, plain(*value), figure.unit));
            let style = if plate.accepted { fill(BLUE, 1.0) } else { line(VERMILION, 1.6) };
            chart.draw_series([Circle::new((x, *value), px(3.6), style)])?;
            sheet.pen.end();
        }
        if !plate.rules.is_empty() {
            sheet.pen.begin(&format!("{} completes {}", plate.plate, plate.rules));
            let style = anchored(&text(PURPLE, 10.5), HPos::Center, VPos::Top);
            for (place, rule) in plate.rules.split(' ').enumerate() {
                let label = Text::new(rule.to_string(), (0, px(3.0 + 11.0 * place as f64)), style.clone());
                chart.draw_series([EmptyElement::at((index as f64, top)) + label])?;
            }
            sheet.pen.end();
        }
        if plate.without_value > 0 {
            let style = anchored(&text(VERMILION, 10.5), HPos::Center, VPos::Bottom);
            let label = Text::new(format!("{} ×", plate.without_value), (0, -px(4.0)), style);
            chart.draw_series([EmptyElement::at((index as f64, bottom)) + label])?;
        }
    }
    Ok(())
}

fn y_title(figure: &ControlChartFigure) -> String {
    let quantity = if figure.quantity.is_empty() { "Concentration" } else { &figure.quantity };
    if figure.unit.is_empty() { quantity.to_string() } else { format!("{quantity} ({})", figure.unit) }
}
