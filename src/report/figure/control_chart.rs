//! A control over the plates: every set of it beside its nominal value and limits, in the order of the plates.

use plotters::element::{Circle, EmptyElement, PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::{Axis, plain};
use super::canvas::px;
use super::palette::{BLUE, GREEN, TEXT, VERMILION};
use super::panel::{Drawn, Entry, Frame, Sheet, Symbol, anchored, extent, fill, line, text};

/// What a control chart shows.
#[derive(Debug, Clone, Default)]
pub struct ControlChartFigure {
    /// Name of the picture, such as the control's level.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Unit of the concentrations.
    pub unit: String,
    /// Nominal concentration.
    pub nominal: f64,
    /// Largest |bias| in percent that passes.
    pub limit_percent: f64,
    /// The plates, in their order.
    pub plates: Vec<ControlPlate>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
}

/// The control on one plate.
#[derive(Debug, Clone, Default)]
pub struct ControlPlate {
    /// The plate.
    pub plate: String,
    /// Whether it was accepted.
    pub accepted: bool,
    /// Concentration of each set of the control.
    pub values: Vec<f64>,
    /// Number of sets without a concentration.
    pub without_value: usize,
}

/// Draws a control chart.
pub fn control_chart(figure: &ControlChartFigure) -> Figure {
    let sheet = Sheet::new(760, 320);
    let drawn = draw(&sheet, figure);
    let outside = figure.plates.iter().flat_map(|plate| &plate.values).filter(|value| !within(figure, **value)).count();
    let sets: usize = figure.plates.iter().map(|plate| plate.values.len()).sum();
    let description = format!(
        "Control over {} plates: {sets} sets, {outside} beyond ±{} % of nominal {} {}.",
        figure.plates.len(),
        plain(figure.limit_percent),
        plain(figure.nominal),
        figure.unit
    );
    sheet.finish(&figure.title, description, figure.simulated, drawn)
}

fn within(figure: &ControlChartFigure, value: f64) -> bool {
    (100.0 * (value / figure.nominal - 1.0)).abs() <= figure.limit_percent
}

fn legend(figure: &ControlChartFigure) -> Vec<Entry> {
    let accepted = figure.plates.iter().filter(|plate| plate.accepted).count();
    let mut entries = vec![Entry::new(Symbol::Dot(BLUE), format!("set on an accepted plate (n = {accepted} plates)"))];
    if accepted < figure.plates.len() {
        let others = figure.plates.len() - accepted;
        entries.push(Entry::new(Symbol::Ring(VERMILION), format!("on a plate that is not (n = {others})")));
    }
    let limit = plain(figure.limit_percent);
    let nominal = format!("nominal {} {} ± {limit} %", plain(figure.nominal), figure.unit);
    entries.push(Entry::new(Symbol::Band(GREEN, 0.14), nominal));
    entries
}

fn draw(sheet: &Sheet, figure: &ControlChartFigure) -> Drawn {
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend(figure))?;
    let (_, body) = sheet.root.split_vertically(top);
    let share = figure.limit_percent / 100.0;
    let limits = [figure.nominal * (1.0 - share), figure.nominal * (1.0 + share)];
    let values = figure.plates.iter().flat_map(|plate| plate.values.iter().copied());
    let (low, high) = extent(values.chain(limits)).unwrap_or((0.0, 1.0));
    let margin = 0.08 * (high - low);
    let frame = Frame {
        x: Axis::categories(figure.plates.iter().map(|plate| plate.plate.clone())),
        y: Axis::linear((low - margin).max(0.0), high + margin, 5),
        x_title: "Plate, in the order of the study".to_string(),
        y_title: format!("Concentration ({})", figure.unit),
        x_hidden: false,
        y_labels: None,
        right: 0,
    };
    let mut chart = sheet.chart(&body, frame)?;
    let (left, right) = chart.as_coord_spec().x_spec().ends();
    let (bottom, _) = chart.as_coord_spec().y_spec().ends();
    chart.draw_series([Rectangle::new([(left, limits[1]), (right, limits[0])], fill(GREEN, 0.14))])?;
    chart.draw_series([PathElement::new(vec![(left, figure.nominal), (right, figure.nominal)], line(TEXT, 1.0))])?;
    for (index, plate) in figure.plates.iter().enumerate() {
        let sets = plate.values.len().max(1) as f64;
        for (set, value) in plate.values.iter().enumerate() {
            let x = index as f64 + (set as f64 - (sets - 1.0) / 2.0) * 0.16;
            sheet.pen.begin(&format!("{}, set {}: {} {}", plate.plate, set + 1, plain(*value), figure.unit));
            let style = if plate.accepted { fill(BLUE, 1.0) } else { line(VERMILION, 1.6) };
            chart.draw_series([Circle::new((x, *value), px(3.6), style)])?;
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
