//! The sensitivity grid: for each level of each choice the ratio when only this choice is changed, before the range of all cells
//! that share the level.

use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::plain;
use super::canvas::px;
use super::font::Weight;
use super::layout::FigureLayout;
use super::palette::{BLUE, GRID, MUTED, PURPLE, TEXT};
use super::panel::{DrawingResult, Entry, Panel, Plot, Symbol, anchored, bold, extent, fill, line, shortened, text};
use super::ratio_rows::{RatioRows, draw_interval, in_words};
use crate::study::IntervalEstimate;
use crate::study::capitalised;

/// What the picture of a grid shows.
///
/// ```
/// use platewise::report::figure::{SensitivityFigure, SensitivityRow, sensitivity};
/// use platewise::study::IntervalEstimate;
///
/// let declared = IntervalEstimate { estimate: 0.66, lower: 0.47, upper: 0.92 };
/// let row = SensitivityRow {
///     choice: "curve".into(),
///     level: "4pl".into(),
///     declared: true,
///     alone: Some(declared),
///     range: Some((0.55, 0.89)),
///     ..SensitivityRow::default()
/// };
/// let figure = sensitivity(&SensitivityFigure { declared: Some(declared), rows: vec![row], ..SensitivityFigure::default() });
/// assert!(figure.description().contains("between 0.55 and 0.89"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct SensitivityFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Title of the ratio axis.
    pub ratio: String,
    /// What a ratio below 1 means, and above 1.
    pub directions: [String; 2],
    /// The declared primary comparison.
    pub declared: Option<IntervalEstimate>,
    /// The levels, choice by choice.
    pub rows: Vec<SensitivityRow>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One level of one choice.
///
/// ```
/// let row = platewise::report::figure::SensitivityRow { cells: 400, excluding_one: 380, ..Default::default() };
/// assert!(row.alone.is_none() && row.excluding_one <= row.cells);
/// ```
#[derive(Debug, Clone, Default)]
pub struct SensitivityRow {
    /// The choice.
    pub choice: String,
    /// The level.
    pub level: String,
    /// Whether it is the declared one.
    pub declared: bool,
    /// The ratio with this level and all else as declared.
    pub alone: Option<IntervalEstimate>,
    /// Smallest and largest ratio of all cells with this level.
    pub range: Option<(f64, f64)>,
    /// Cells with this level that have an estimate.
    pub cells: usize,
    /// Of these, those whose interval does not hold 1.
    pub excluding_one: usize,
}

const WIDTH: u32 = 940;
const ROW: f64 = 21.0;
/// Room for the labels at the left and the numbers at the right, in pixels.
const LEFT: f64 = 330.0;
const RIGHT: f64 = 240.0;

/// Draws a sensitivity grid.
pub fn sensitivity(figure: &SensitivityFigure) -> Figure {
    let choices = lines(figure).iter().filter(|row| matches!(row, PictureLine::Choice(_))).count();
    let height = 165.0 + ROW * (figure.rows.len() + choices).max(1) as f64;
    let sheet = Panel::new((WIDTH, height as u32), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    let declared = figure.declared.map_or_else(
        || "no estimate".to_string(),
        |ratio| format!("{} ({} to {})", plain(ratio.estimate), plain(ratio.lower), plain(ratio.upper)),
    );
    let ranges = figure.rows.iter().filter_map(|row| row.range).flat_map(|(low, high)| [low, high]);
    let range = extent(ranges).map_or_else(String::new, |(low, high)| {
        format!(" Over all cells the ratio lies between {} and {}.", plain(low), plain(high))
    });
    let description =
        format!("Declared primary comparison: {declared}.{range} {} levels of choices.", figure.rows.len());
    sheet.finish(&figure.title, description, drawn)
}

/// A line of the picture.
enum PictureLine<'a> {
    Choice(&'a str),
    Level(&'a SensitivityRow),
}

fn lines(figure: &SensitivityFigure) -> Vec<PictureLine<'_>> {
    let mut lines = Vec::new();
    let mut choice = "";
    for row in &figure.rows {
        if row.choice != choice {
            choice = &row.choice;
            lines.push(PictureLine::Choice(choice));
        }
        lines.push(PictureLine::Level(row));
    }
    lines
}

fn draw(sheet: &Panel, figure: &SensitivityFigure) -> DrawingResult {
    let legend = [
        Entry::new(Symbol::Diamond(BLUE), "declared"),
        Entry::new(Symbol::Diamond(MUTED), "this choice changed alone, with its interval"),
        Entry::new(Symbol::Band(PURPLE, 0.28), "ratios of all cells of the level"),
    ];
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend)?;
    let lines = lines(figure);
    let rows = RatioRows {
        rows: lines.len(),
        ratio: &figure.ratio,
        directions: &figure.directions,
        margins: (LEFT, RIGHT),
        beyond: 1.08,
    };
    let area = rows.area(sheet, top);
    let ratios = figure.rows.iter().flat_map(|row| {
        let alone = row.alone.map(|ratio| [ratio.lower, ratio.upper]);
        [alone, row.range.map(|(low, high)| [low, high])].into_iter().flatten().flatten()
    });
    let mut chart = rows.chart(sheet, &area, ratios)?;
    if let Some(declared) = figure.declared {
        let (bottom, top) = chart.as_coord_spec().y_spec().ends();
        let estimate = declared.estimate;
        chart.draw_series([PathElement::new(vec![(estimate, bottom), (estimate, top)], line(BLUE, 0.8))])?;
    }
    for (index, row) in lines.iter().rev().enumerate() {
        let place = index as f64;
        match row {
            PictureLine::Choice(choice) => draw_choice(sheet, &mut chart, choice, place)?,
            PictureLine::Level(row) => draw_level(sheet, &mut chart, row, place)?,
        }
    }
    Ok(())
}

fn draw_choice(sheet: &Panel, chart: &mut Plot<'_>, choice: &str, place: f64) -> DrawingResult {
    let y = chart.plotting_area().map_coordinate(&(1.0, place)).1;
    let title = capitalised(choice);
    let style = anchored(&bold(TEXT, 12.0), HPos::Left, VPos::Center);
    sheet.root.draw(&Text::new(title, (px(14.0), y), style))?;
    let across = vec![(px(14.0), y + px(ROW / 2.0)), (sheet.size().0 - px(14.0), y + px(ROW / 2.0))];
    sheet.root.draw(&PathElement::new(across, line(GRID, 1.0)))
}

fn draw_level(sheet: &Panel, chart: &mut Plot<'_>, row: &SensitivityRow, place: f64) -> DrawingResult {
    let y = chart.plotting_area().map_coordinate(&(1.0, place)).1;
    let (style, weight) =
        if row.declared { (bold(TEXT, 11.5), Weight::Bold) } else { (text(TEXT, 11.5), Weight::Regular) };
    let style = anchored(&style, HPos::Left, VPos::Center);
    let label = shortened(&row.level, 11.5, weight, px(LEFT - 40.0));
    sheet.root.draw(&Text::new(label, (px(30.0), y), style.clone()))?;
    let column = sheet.size().0 - px(RIGHT);
    let numbers = row.alone.map_or_else(|| "no estimate".to_string(), in_words);
    sheet.root.draw(&Text::new(numbers, (column, y), style))?;
    let share = format!("{} of {} exclude 1", row.excluding_one, row.cells);
    let muted = anchored(&text(MUTED, 11.5), HPos::Right, VPos::Center);
    sheet.root.draw(&Text::new(share, (sheet.size().0 - px(14.0), y), muted))?;
    if let Some((low, high)) = row.range {
        chart.draw_series([Rectangle::new([(low, place - 0.32), (high, place + 0.32)], fill(PURPLE, 0.28))])?;
    }
    if let Some(ratio) = row.alone {
        let ink = if row.declared { BLUE } else { MUTED };
        let words = format!("{}, {}: {}", row.choice, row.level, plain(ratio.estimate));
        sheet.pen.begin(&words);
        draw_interval(chart, ratio, place, ink, 1.8)?;
        sheet.pen.end();
    }
    Ok(())
}
