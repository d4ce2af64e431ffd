//! Comparisons below each other: estimate and interval of a ratio, and its numbers beside it.

use plotters::element::{PathElement, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::plain;
use super::canvas::px;
use super::font::Weight;
use super::layout::FigureLayout;
use super::palette::{BLUE, MUTED, TEXT};
use super::panel::{DrawingResult, Panel, Plot, anchored, bold, line, shortened, text};
use super::ratio_rows::{RatioRows, draw_interval, in_words};
use crate::study::IntervalEstimate;

/// What a forest of comparisons shows.
///
/// ```
/// use platewise::report::figure::{ForestFigure, ForestRow, forest};
/// use platewise::study::IntervalEstimate;
///
/// let row = ForestRow {
///     label: "ANCOVA".into(),
///     ratio: Some(IntervalEstimate { estimate: 0.66, lower: 0.47, upper: 0.92 }),
///     numbers: "0.66 (0.47 to 0.92)".into(),
///     primary: true,
///     ..ForestRow::default()
/// };
/// let figure = forest(&ForestFigure { title: "active / placebo".into(), rows: vec![row], ..ForestFigure::default() });
/// assert!(figure.description().contains("0.66"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct ForestFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the ratio axis.
    pub ratio: String,
    /// What a ratio below 1 means, and above 1.
    pub directions: [String; 2],
    /// The comparisons.
    pub rows: Vec<ForestRow>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One comparison.
///
/// ```
/// use platewise::report::figure::ForestRow;
///
/// let no_interval = ForestRow { label: "Permutation test".into(), numbers: "P = 0.02".into(), ..ForestRow::default() };
/// assert!(no_interval.ratio.is_none() && !no_interval.primary);
/// ```
#[derive(Debug, Clone, Default)]
pub struct ForestRow {
    /// By which analysis, rule or group.
    pub label: String,
    /// Which arms are compared, where the rows are of several; stands before the second line.
    pub arms: String,
    /// The second line: number of subjects, the rule, or why there is no estimate.
    pub detail: String,
    /// The ratio; `None` where there is no estimate.
    pub ratio: Option<IntervalEstimate>,
    /// p-value and the like, for the right column.
    pub numbers: String,
    /// Whether it is the primary analysis.
    pub primary: bool,
}

impl ForestRow {
    /// `q2w / placebo: n = 14 + 14`, or what there is of the two.
    fn of_arms(&self, words: &str) -> String {
        match (self.arms.is_empty(), words.is_empty()) {
            (true, _) => words.to_string(),
            (false, true) => self.arms.clone(),
            (false, false) => format!("{}: {words}", self.arms),
        }
    }
}

const WIDTH: u32 = 880;
const ROW: f64 = 44.0;

/// Draws the comparisons.
pub fn forest(figure: &ForestFigure) -> Figure {
    let sheet =
        Panel::new((WIDTH, (150.0 + ROW * figure.rows.len().max(1) as f64) as u32), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let rows: Vec<String> = figure
        .rows
        .iter()
        .map(|row| match row.ratio {
            Some(ratio) => format!(
                "{}: {} ({} to {}), {}",
                row.of_arms(&row.label),
                plain(ratio.estimate),
                plain(ratio.lower),
                plain(ratio.upper),
                row.numbers
            ),
            None => format!("{}: no estimate, {}", row.of_arms(&row.label), row.detail),
        })
        .collect();
    sheet.finish(&figure.title, format!("{}. {}.", figure.ratio, rows.join("; ")), drawn)
}

/// Room for the labels at the left and the numbers at the right, in pixels.
const LEFT: f64 = 320.0;
const RIGHT: f64 = 165.0;

fn draw(sheet: &Panel, figure: &ForestFigure) -> DrawingResult {
    let top = sheet.heading(&figure.title, &figure.subtitle, &[])?;
    let rows = RatioRows {
        rows: figure.rows.len(),
        ratio: &figure.ratio,
        directions: &figure.directions,
        margins: (LEFT, RIGHT),
        beyond: 1.12,
    };
    let area = rows.area(sheet, top);
    let ratios = figure.rows.iter().filter_map(|row| row.ratio).flat_map(|ratio| [ratio.lower, ratio.upper]);
    let mut chart = rows.chart(sheet, &area, ratios)?;
    for (index, row) in figure.rows.iter().rev().enumerate() {
        draw_row(sheet, &mut chart, row, index as f64)?;
    }
    Ok(())
}

fn draw_row(sheet: &Panel, chart: &mut Plot<'_>, row: &ForestRow, place: f64) -> DrawingResult {
    let y = chart.plotting_area().map_coordinate(&(1.0, place)).1;
    let (style, weight) =
        if row.primary { (bold(TEXT, 12.0), Weight::Bold) } else { (text(TEXT, 12.0), Weight::Regular) };
    let muted = anchored(&text(MUTED, 10.5), HPos::Left, VPos::Top);
    let upper = anchored(&style, HPos::Left, VPos::Bottom);
    let room = px(LEFT - 10.0);
    let label = shortened(&row.label, 12.0, weight, room);
    let detail = shortened(&row.of_arms(&row.detail), 10.5, Weight::Regular, room);
    sheet.root.draw(&Text::new(label, (px(14.0), y - px(3.0)), upper.clone()))?;
    sheet.root.draw(&Text::new(detail, (px(14.0), y + px(3.5)), muted.clone()))?;
    let column = sheet.size().0 - px(RIGHT);
    let Some(ratio) = row.ratio else {
        // A test may give a p-value and no estimate.
        let none = anchored(&text(MUTED, 12.0), HPos::Left, VPos::Bottom);
        sheet.root.draw(&Text::new("no estimate", (column, y - px(3.0)), none))?;
        return sheet.root.draw(&Text::new(row.numbers.clone(), (column, y + px(3.5)), muted));
    };
    sheet.root.draw(&Text::new(in_words(ratio), (column, y - px(3.0)), upper))?;
    sheet.root.draw(&Text::new(row.numbers.clone(), (column, y + px(3.5)), muted))?;
    let ink = if row.primary { BLUE } else { MUTED };
    let bar = |x: f64| PathElement::new(vec![(x, place - 0.09), (x, place + 0.09)], line(ink, 2.2));
    chart.draw_series([bar(ratio.lower), bar(ratio.upper)])?;
    draw_interval(chart, ratio, place, ink, 2.2)
}
