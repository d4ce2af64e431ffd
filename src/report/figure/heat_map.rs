//! Ratios as a table of tinted cells: rows below each other, comparisons beside each other. Each cell has its number and interval in
//! words; the tint says on one logarithmic scale, the same on both sides of 1, how far from 1 it is, and an arrow on which side: nothing
//! is told by colour alone.

use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::axis::plain;
use super::canvas::px;
use super::font::Weight;
use super::layout::FigureLayout;
use super::palette::{BLUE, GRID, Ink, MUTED, TEXT, VERMILION};
use super::panel::{DrawingResult, Panel, anchored, bold, fill, line, shortened, text};
use crate::stats::printed_ratio;
use crate::study::IntervalEstimate;

/// What a heat map of ratios shows.
///
/// ```
/// use platewise::report::figure::{HeatMapCell, HeatMapFigure, HeatMapRow, heat_map};
/// use platewise::study::IntervalEstimate;
///
/// let ratio = IntervalEstimate { estimate: 0.56, lower: 0.47, upper: 0.67 };
/// let cell = HeatMapCell { ratio: Some(ratio), detail: "p < 0.001".into(), ..HeatMapCell::default() };
/// let none = HeatMapCell { none: "not estimable".into(), ..HeatMapCell::default() };
/// let figure = heat_map(&HeatMapFigure {
///     title: "Analytes".into(),
///     columns: vec![["drug / placebo".into(), "Week 12".into()], ["drug / placebo".into(), "Week 4".into()]],
///     rows: vec![HeatMapRow { label: "TARC".into(), detail: "pg/mL".into(), cells: vec![cell, none] }],
///     ..HeatMapFigure::default()
/// });
/// assert!(figure.description().contains("TARC, drug / placebo, Week 12: 0.56 (0.47 to 0.67)"));
/// assert!(figure.description().contains("Week 4: not estimable"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct HeatMapFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// What a ratio below 1 means, and above 1.
    pub directions: [String; 2],
    /// The two lines above each column.
    pub columns: Vec<[String; 2]>,
    /// The rows.
    pub rows: Vec<HeatMapRow>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// A row of a heat map.
///
/// See [`HeatMapFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct HeatMapRow {
    /// What it is of.
    pub label: String,
    /// A second line below that.
    pub detail: String,
    /// Its cells, one for each column.
    pub cells: Vec<HeatMapCell>,
}

/// A cell of a heat map.
///
/// See [`HeatMapFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct HeatMapCell {
    /// The ratio; `None` where there is none.
    pub ratio: Option<IntervalEstimate>,
    /// A line below it: its p-value.
    pub detail: String,
    /// What stands in the cell instead, where there is no ratio.
    pub none: String,
}

/// Sizes in pixels: of the picture, of a row, of what stands at the left, above the columns and below the cells, of the widest column.
const WIDTH: u32 = 880;
const ROW: f64 = 62.0;
const LEFT: f64 = 170.0;
const HEAD: f64 = 40.0;
const FOOT: f64 = 62.0;
const WIDEST: f64 = 210.0;
/// The darkest tint: text stays readable on it.
const DARKEST: f64 = 0.5;
/// Ends of the scale, of which the first that holds every ratio is taken.
const ENDS: [f64; 10] = [1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 30.0, 100.0, 1000.0];

/// Draws the ratios.
pub fn heat_map(figure: &HeatMapFigure) -> Figure {
    let height = 56.0 + HEAD + FOOT + ROW * figure.rows.len().max(1) as f64;
    let sheet = Panel::new((WIDTH, height as u32), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    sheet.finish(&figure.title, in_words(figure), drawn)
}

/// Every cell in words.
fn in_words(figure: &HeatMapFigure) -> String {
    let cell = |row: &HeatMapRow, column: &[String; 2], cell: &HeatMapCell| {
        let said = match cell.ratio {
            Some(ratio) => format!("{} {}, {}", printed_ratio(ratio.estimate), interval(ratio), cell.detail),
            None => cell.none.clone(),
        };
        format!("{}, {}, {}: {said}", row.label, column[0], column[1])
    };
    let cells = figure
        .rows
        .iter()
        .flat_map(|row| figure.columns.iter().zip(&row.cells).map(move |(column, one)| cell(row, column, one)));
    format!("Ratios with their intervals. {}.", cells.collect::<Vec<_>>().join("; "))
}

fn interval(ratio: IntervalEstimate) -> String {
    format!("({} to {})", printed_ratio(ratio.lower), printed_ratio(ratio.upper))
}

/// The end of the scale: it runs from one over it to it.
fn scale_end(figure: &HeatMapFigure) -> f64 {
    let ratios = figure.rows.iter().flat_map(|row| &row.cells).filter_map(|cell| cell.ratio);
    let farthest = ratios.map(|ratio| libm::exp(libm::log(ratio.estimate).abs())).fold(1.0, f64::max);
    ENDS.into_iter().find(|end| *end >= farthest).unwrap_or(ENDS[ENDS.len() - 1])
}

/// Colour and opacity of a ratio on a scale that ends at `end`: the same for a ratio and one over it, but for the colour.
fn tint(ratio: f64, end: f64) -> (Ink, f64) {
    let share = (libm::log(ratio).abs() / libm::log(end)).min(1.0);
    (if ratio < 1.0 { BLUE } else { VERMILION }, DARKEST * share)
}

fn draw(sheet: &Panel, figure: &HeatMapFigure) -> DrawingResult {
    let top = sheet.heading(&figure.title, &figure.subtitle, &[])? + px(HEAD);
    let room = sheet.size().0 - px(LEFT) - px(14.0);
    let width = (room / figure.columns.len().max(1) as i32).min(px(WIDEST));
    let end = scale_end(figure);
    for (column, [upper, lower]) in figure.columns.iter().enumerate() {
        let middle = px(LEFT) + width * column as i32 + width / 2;
        let (style, muted) = (bold(TEXT, 11.5), text(MUTED, 10.5));
        let upper = shortened(upper, 11.5, Weight::Bold, width - px(6.0));
        let lower = shortened(lower, 10.5, Weight::Regular, width - px(6.0));
        sheet.root.draw(&Text::new(upper, (middle, top - px(22.0)), anchored(&style, HPos::Center, VPos::Bottom)))?;
        sheet.root.draw(&Text::new(lower, (middle, top - px(7.0)), anchored(&muted, HPos::Center, VPos::Bottom)))?;
    }
    for (at, row) in figure.rows.iter().enumerate() {
        let y = top + px(ROW) * at as i32;
        let label = shortened(&row.label, 12.0, Weight::Bold, px(LEFT - 22.0));
        let detail = shortened(&row.detail, 10.5, Weight::Regular, px(LEFT - 22.0));
        let (style, muted) = (bold(TEXT, 12.0), text(MUTED, 10.5));
        let middle = y + px(ROW) / 2;
        sheet.root.draw(&Text::new(label, (px(14.0), middle - px(3.0)), anchored(&style, HPos::Left, VPos::Bottom)))?;
        sheet.root.draw(&Text::new(detail, (px(14.0), middle + px(4.0)), anchored(&muted, HPos::Left, VPos::Top)))?;
        for (column, cell) in row.cells.iter().enumerate() {
            let x = px(LEFT) + width * column as i32;
            draw_cell(sheet, cell, [x, y, width], end)?;
        }
    }
    draw_scale(sheet, figure, end)
}

/// A cell with its left upper corner and its width. One whose interval leaves out 1 has a heavy frame.
fn draw_cell(sheet: &Panel, cell: &HeatMapCell, [x, y, width]: [i32; 3], end: f64) -> DrawingResult {
    let gap = px(3.0);
    let corners = [(x + gap, y + gap), (x + width - gap, y + px(ROW) - gap)];
    let middle = (x + width / 2, y + px(ROW) / 2);
    let centred = |style| anchored(&style, HPos::Center, VPos::Center);
    let Some(ratio) = cell.ratio else {
        sheet.pen.dash(Some((4.0, 3.0)));
        sheet.root.draw(&Rectangle::new(corners, line(MUTED, 1.0)))?;
        sheet.pen.dash(None);
        let none = shortened(&cell.none, 10.5, Weight::Regular, width - 4 * gap);
        return sheet.root.draw(&Text::new(none, middle, centred(text(MUTED, 10.5))));
    };
    let (ink, opacity) = tint(ratio.estimate, end);
    sheet.root.draw(&Rectangle::new(corners, fill(ink, opacity)))?;
    let leaves_out_one = ratio.side_of_one() != std::cmp::Ordering::Equal;
    let frame = if leaves_out_one { line(TEXT, 1.8) } else { line(GRID, 1.0) };
    sheet.root.draw(&Rectangle::new(corners, frame))?;
    let arrow = if ratio.estimate < 1.0 { "↓ " } else { "↑ " };
    let estimate = format!("{arrow}{}", printed_ratio(ratio.estimate));
    let room = width - 3 * gap;
    let [interval, detail] =
        [interval(ratio), cell.detail.clone()].map(|words| shortened(&words, 10.5, Weight::Regular, room));
    sheet.root.draw(&Text::new(estimate, (middle.0, middle.1 - px(16.0)), centred(bold(TEXT, 13.0))))?;
    sheet.root.draw(&Text::new(interval, middle, centred(text(TEXT, 10.5))))?;
    sheet.root.draw(&Text::new(detail, (middle.0, middle.1 + px(16.0)), centred(text(TEXT, 10.5))))
}

/// The scale below the cells, with its ends, its middle, and what lies on either side of 1.
fn draw_scale(sheet: &Panel, figure: &HeatMapFigure, end: f64) -> DrawingResult {
    const STEPS: i32 = 40;
    let (width, height) = (sheet.size().0, px(9.0));
    let (left, length) = (width / 2 - px(150.0), px(300.0));
    let y = sheet.size().1 - px(44.0);
    for step in 0..STEPS {
        let share = (2.0 * (f64::from(step) + 0.5) / f64::from(STEPS)) - 1.0;
        let (ink, opacity) = tint(libm::exp(share * libm::log(end)), end);
        let at = |step: i32| left + length * step / STEPS;
        sheet.root.draw(&Rectangle::new([(at(step), y), (at(step + 1), y + height)], fill(ink, opacity)))?;
    }
    sheet.root.draw(&Rectangle::new([(left, y), (left + length, y + height)], line(MUTED, 1.0)))?;
    let middle = left + length / 2;
    sheet.root.draw(&PathElement::new(vec![(middle, y), (middle, y + height)], line(TEXT, 1.2)))?;
    let labels = [(left, format!("1/{}", plain(end))), (middle, "1".to_string()), (left + length, plain(end))];
    for (x, label) in labels {
        let style = anchored(&text(MUTED, 10.5), HPos::Center, VPos::Top);
        sheet.root.draw(&Text::new(label, (x, y + height + px(5.0)), style))?;
    }
    let beside = y + height + px(22.0);
    for (direction, x, side) in
        [(&figure.directions[0], middle - px(8.0), HPos::Right), (&figure.directions[1], middle + px(8.0), HPos::Left)]
    {
        let style = anchored(&text(MUTED, 11.0), side, VPos::Top);
        sheet.root.draw(&Text::new(direction.clone(), (x, beside), style))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(ratios: &[f64]) -> HeatMapFigure {
        let cell = |&ratio: &f64| HeatMapCell {
            ratio: Some(IntervalEstimate { estimate: ratio, lower: ratio / 1.1, upper: ratio * 1.1 }),
            ..HeatMapCell::default()
        };
        let cells = ratios.iter().map(cell).collect();
        HeatMapFigure { rows: vec![HeatMapRow { cells, ..HeatMapRow::default() }], ..HeatMapFigure::default() }
    }

    #[test]
    fn a_ratio_and_one_over_it_are_equally_dark_in_two_colours() {
        let ((one, dark), (other, as_dark)) = (tint(0.5, 3.0), tint(2.0, 3.0));
        assert!((dark - as_dark).abs() < 1e-12 && one != other);
        assert_eq!(tint(1.0, 3.0).1, 0.0);
        assert_eq!((tint(3.0, 3.0).1, tint(9.0, 3.0).1), (DARKEST, DARKEST), "never darker than text can be read on");
    }

    #[test]
    fn the_scale_holds_every_ratio_on_both_sides_of_one() {
        assert_eq!(scale_end(&map(&[0.9, 1.1])), 1.25);
        assert_eq!(scale_end(&map(&[0.3, 1.1])), 4.0, "1/0.3 is 3.3");
        assert_eq!(scale_end(&map(&[])), 1.25);
    }

    #[test]
    fn an_arrow_tells_what_the_colour_tells() {
        let columns = vec![["a / b".to_string(), "Week 4".to_string()]; 2];
        let svg =
            heat_map(&HeatMapFigure { columns, ..map(&[0.5, 2.0]) }).svg_for_print(crate::report::figure::Texts::Live);
        assert!(svg.contains("↓ 0.5") && svg.contains("↑ 2"), "{svg}");
    }
}
