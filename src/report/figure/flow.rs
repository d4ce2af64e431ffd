//! The flow of participants and samples, one column of boxes per arm, with those lost between two boxes and their reasons.

use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::canvas::{UNITS, px};
use super::font::Weight;
use super::layout::FigureLayout;
use super::palette::{self, MUTED, TEXT};
use super::panel::{DrawingResult, Heading, Panel, anchored, bold, line, shortened, text};

/// What a flow shows.
///
/// ```
/// use platewise::report::figure::{FlowArm, FlowBox, FlowFigure, flow};
///
/// let step = |name: &str, participants, lost: &[&str]| FlowBox {
///     step: name.into(),
///     participants,
///     samples: 2 * participants,
///     lost: lost.iter().map(ToString::to_string).collect(),
/// };
/// let boxes = vec![step("randomised", 12, &[]), step("sampled", 11, &["no sample at Week 16: 1"])];
/// let arm = FlowArm { arm: "active".into(), boxes };
/// let figure = flow(&FlowFigure { title: "Flow".into(), arms: vec![arm], ..FlowFigure::default() });
/// assert!(figure.description().contains("active: randomised 12, sampled 11 (no sample at Week 16: 1)"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct FlowFigure {
    /// Name of the picture.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// The arms, as their columns stand.
    pub arms: Vec<FlowArm>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One arm.
///
/// See [`FlowFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct FlowArm {
    /// Its name.
    pub arm: String,
    /// Its steps from top to bottom.
    pub boxes: Vec<FlowBox>,
}

/// One step.
///
/// See [`FlowFigure`] for an example.
#[derive(Debug, Clone, Default)]
pub struct FlowBox {
    /// Its name.
    pub step: String,
    /// Participants who got this far.
    pub participants: usize,
    /// Samples that got this far.
    pub samples: usize,
    /// Those lost on the way to it: `no sample at Week 16: 2`.
    pub lost: Vec<String>,
}

/// Width of the column of an arm, the part of it that its boxes take, their height, and one line of a reason, in pixels.
const COLUMN: i32 = 380;
const BOX: i32 = 150;
const HEIGHT: i32 = 40;
const REASON: i32 = 15;
/// Arms side by side; more stand below them, so that the texts stay legible in print.
const ABREAST: usize = 2;
/// Height of what an arm has besides its boxes.
const NAME: i32 = 26;
const BELOW: i32 = 18;

/// Draws the flow.
pub fn flow(figure: &FlowFigure) -> Figure {
    let gaps = gaps(figure);
    let arms = figure.arms.len().max(1);
    let width = COLUMN * arms.min(ABREAST) as i32 + 20;
    let (titles, units) = (figure.layout.titles, px(f64::from(width)));
    let heading = Heading::new(&figure.title, &figure.subtitle, &[], units, titles, figure.simulated).height() / UNITS;
    let height = heading + block(&gaps) * arms.div_ceil(ABREAST) as i32 + 6;
    let sheet = Panel::new((width as u32, height.max(120) as u32), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure, &gaps);
    let arms: Vec<String> = figure
        .arms
        .iter()
        .map(|arm| {
            let boxes = arm.boxes.iter().map(|step| {
                let lost = if step.lost.is_empty() { String::new() } else { format!(" ({})", step.lost.join("; ")) };
                format!("{} {}{lost}", step.step, step.participants)
            });
            format!("{}: {}", arm.arm, boxes.collect::<Vec<_>>().join(", "))
        })
        .collect();
    let description = format!(
        "Participants of each arm from randomisation to the primary analysis, with those lost on the way. {}.",
        arms.join(". ")
    );
    sheet.finish(&figure.title, description, drawn)
}

/// The height of an arm.
fn block(gaps: &[i32]) -> i32 {
    NAME + gaps.iter().map(|gap| gap + HEIGHT).sum::<i32>() + BELOW
}

/// The room above each row of boxes, for the reasons of the arm that has most.
fn gaps(figure: &FlowFigure) -> Vec<i32> {
    let rows = figure.arms.iter().map(|arm| arm.boxes.len()).max().unwrap_or(0);
    (0..rows)
        .map(|row| {
            let lines = figure.arms.iter().filter_map(|arm| Some(arm.boxes.get(row)?.lost.len())).max().unwrap_or(0);
            if row == 0 { 0 } else { (REASON * lines as i32 + 10).max(22) }
        })
        .collect()
}

fn draw(sheet: &Panel, figure: &FlowFigure, gaps: &[i32]) -> DrawingResult {
    let heading = sheet.heading(&figure.title, &figure.subtitle, &[])? / UNITS;
    for (place, arm) in figure.arms.iter().enumerate() {
        let left = 20 + COLUMN * (place % ABREAST) as i32;
        let mut top = heading + block(gaps) * (place / ABREAST) as i32;
        let name = anchored(&bold(palette::arm(place), 13.0), HPos::Left, VPos::Center);
        let name_place = (px(f64::from(left)), px(f64::from(top + 12)));
        sheet.root.draw(&Text::new(arm.arm.clone(), name_place, name))?;
        top += NAME;
        for (row, step) in arm.boxes.iter().enumerate() {
            let gap = gaps.get(row).copied().unwrap_or(22);
            if row > 0 {
                between(sheet, (left, top), gap, &step.lost)?;
            }
            top += gap;
            draw_box(sheet, (left, top), place, step)?;
            top += HEIGHT;
        }
    }
    Ok(())
}

fn draw_box(sheet: &Panel, (left, top): (i32, i32), arm: usize, step: &FlowBox) -> DrawingResult {
    let at = |x: i32, y: i32| (px(f64::from(x)), px(f64::from(y)));
    let outline = line(palette::arm(arm), 1.4);
    sheet.root.draw(&Rectangle::new([at(left, top), at(left + BOX, top + HEIGHT)], outline))?;
    let style = anchored(&bold(TEXT, 11.5), HPos::Left, VPos::Center);
    let words = format!("{} {}", step.step, step.participants);
    sheet.root.draw(&Text::new(words, at(left + 9, top + 14), style))?;
    let style = anchored(&text(MUTED, 10.0), HPos::Left, VPos::Center);
    sheet.root.draw(&Text::new(format!("{} samples", step.samples), at(left + 9, top + 29), style))?;
    Ok(())
}

/// The line from box to box, and beside it who was lost.
fn between(sheet: &Panel, (left, top): (i32, i32), gap: i32, lost: &[String]) -> DrawingResult {
    let at = |x: i32, y: i32| (px(f64::from(x)), px(f64::from(y)));
    let middle = left + 24;
    sheet.root.draw(&PathElement::new(vec![at(middle, top), at(middle, top + gap)], line(MUTED, 1.2)))?;
    let style = anchored(&text(TEXT, 10.5), HPos::Left, VPos::Center);
    let room = px(f64::from(COLUMN - 48));
    for (row, reason) in lost.iter().enumerate() {
        let y = top + 5 + REASON / 2 + REASON * row as i32;
        sheet.root.draw(&PathElement::new(vec![at(middle, y), at(middle + 10, y)], line(MUTED, 1.2)))?;
        let words = shortened(reason, 10.5, Weight::Regular, room);
        sheet.root.draw(&Text::new(words, at(middle + 14, y), style.clone()))?;
    }
    Ok(())
}
