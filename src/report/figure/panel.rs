//! What all figures share: a heading, a legend, a plot with axes, the note that data are simulated.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBAColor, ShapeStyle, TextStyle};

use super::Figure;
use super::axis::Axis;
use super::canvas::{Pen, UNITS, px, text_width};
use super::font::Weight;
use super::layout::FigureLayout;
use super::palette::{self, Ink};

/// Sizes of text, in pixels.
pub(super) const TITLE: f64 = 15.0;
pub(super) const NOTE: f64 = 11.5;
pub(super) const TICK: f64 = 11.5;

/// Of the heading, in units of the canvas: left edge, base line of the title, height of a line, width of a symbol.
const LEFT_EDGE: i32 = 14 * UNITS;
const TITLE_BASE: i32 = 24 * UNITS;
const LINE: i32 = 18 * UNITS;
const SYMBOL: i32 = 20 * UNITS;

/// Drawing into the canvas cannot fail; plotters' own errors end the drawing and are told by the caller.
pub(super) type DrawingError = DrawingAreaErrorKind<std::convert::Infallible>;
pub(super) type DrawingResult = Result<(), DrawingError>;
pub(super) type PlotArea = DrawingArea<Pen, Shift>;
pub(super) type Plot<'a> = ChartContext<'a, Pen, Cartesian2d<Axis, Axis>>;

/// A picture being drawn.
pub(super) struct Panel {
    pub(super) pen: Pen,
    pub(super) root: PlotArea,
    width: i32,
    height: i32,
    titles: bool,
    simulated: bool,
}

/// What a symbol of the legend looks like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Symbol {
    Dot(Ink),
    Ring(Ink),
    Line(Ink),
    Dashed(Ink),
    Band(Ink, f64),
    Tick(Ink),
    Diamond(Ink),
    Box(Ink, f64),
    Badge(Ink, &'static str),
}

/// One entry of a legend.
pub(super) struct Entry {
    pub(super) symbol: Symbol,
    pub(super) text: String,
}

impl Entry {
    pub(super) fn new(symbol: Symbol, text: impl Into<String>) -> Self {
        Self { symbol, text: text.into() }
    }
}

/// A line style: colour and width in pixels.
pub(super) fn line(ink: Ink, width: f64) -> ShapeStyle {
    ink.light.stroke_width(px(width).max(1) as u32)
}

/// A filled style with an opacity.
pub(super) fn fill(ink: Ink, opacity: f64) -> ShapeStyle {
    let color: RGBAColor = ink.light.mix(opacity);
    color.filled()
}

/// A text style: colour and size in pixels.
pub(super) fn text(ink: Ink, size: f64) -> TextStyle<'static> {
    ("DejaVu Sans", size * f64::from(UNITS)).into_font().color(&ink.light)
}

/// The same in bold.
pub(super) fn bold(ink: Ink, size: f64) -> TextStyle<'static> {
    ("DejaVu Sans", size * f64::from(UNITS), FontStyle::Bold).into_font().color(&ink.light)
}

/// The point of a text that is at its coordinate.
pub(super) fn anchored<'a>(style: &TextStyle<'a>, horizontal: HPos, vertical: VPos) -> TextStyle<'a> {
    style.pos(Pos::new(horizontal, vertical))
}

impl Panel {
    /// An empty picture of that many pixels, which needs them all: it is printed two columns wide.
    pub(super) fn new((width, height): (u32, u32), layout: FigureLayout, simulated: bool) -> Self {
        let pen = Pen::new(width, height);
        let root = pen.clone().into_drawing_area();
        let (width, height) = (width as i32 * UNITS, height as i32 * UNITS);
        Self { pen, root, width, height, titles: layout.titles, simulated }
    }

    /// An empty picture of that many pixels in two columns, of fewer in one.
    pub(super) fn fitted(size: (u32, u32), layout: FigureLayout, simulated: bool) -> Self {
        Self::new(layout.fitted(size), layout, simulated)
    }

    /// Width and height in units of the canvas.
    pub(super) fn size(&self) -> (i32, i32) {
        (self.width, self.height)
    }

    /// Title, subtitle and legend at the top; gives the first free unit below them.
    pub(super) fn heading(&self, title: &str, subtitle: &str, legend: &[Entry]) -> Result<i32, DrawingError> {
        let heading = Heading::new(title, subtitle, legend, self.width, self.titles, self.simulated);
        let lines = heading.title.iter().map(|line| (line, bold(palette::TEXT, TITLE)));
        let lines = lines.chain(heading.subtitle.iter().map(|line| (line, text(palette::MUTED, NOTE))));
        for (row, (line, style)) in (0..).zip(lines) {
            let style = anchored(&style, HPos::Left, VPos::Bottom);
            self.root.draw(&Text::new(line.clone(), (LEFT_EDGE, TITLE_BASE + row * LINE), style))?;
        }
        for (&(x, row), entry) in heading.places.iter().zip(legend) {
            let at = (x, heading.legend_start() + row * LINE);
            self.symbol(entry.symbol, at, SYMBOL)?;
            let style = anchored(&text(palette::TEXT, NOTE), HPos::Left, VPos::Center);
            self.root.draw(&Text::new(entry.text.clone(), (at.0 + SYMBOL + px(5.0), at.1), style))?;
        }
        Ok(heading.height())
    }

    fn symbol(&self, symbol: Symbol, (x, y): (i32, i32), width: i32) -> DrawingResult {
        let middle = (x + width / 2, y);
        let across = |y: i32| vec![(x, y), (x + width, y)];
        match symbol {
            Symbol::Dot(ink) => self.root.draw(&Circle::new(middle, px(3.6), fill(ink, 1.0)))?,
            Symbol::Ring(ink) => self.root.draw(&Circle::new(middle, px(3.6), line(ink, 1.4)))?,
            Symbol::Line(ink) => self.root.draw(&PathElement::new(across(y), line(ink, 2.0)))?,
            Symbol::Dashed(ink) => {
                self.pen.dash(Some((4.0, 3.0)));
                self.root.draw(&PathElement::new(across(y), line(ink, 1.4)))?;
                self.pen.dash(None);
            }
            Symbol::Band(ink, opacity) | Symbol::Box(ink, opacity) => {
                let half = px(5.0);
                self.root.draw(&Rectangle::new([(x, y - half), (x + width, y + half)], fill(ink, opacity)))?;
                if matches!(symbol, Symbol::Box(..)) {
                    self.root.draw(&Rectangle::new([(x, y - half), (x + width, y + half)], line(ink, 1.0)))?;
                }
            }
            Symbol::Tick(ink) => {
                let half = px(5.0);
                for step in [0, 4, 9] {
                    let y = y - half + px(f64::from(step) * 1.1);
                    self.root.draw(&PathElement::new(vec![(x + px(5.0), y), (x + px(15.0), y)], line(ink, 1.2)))?;
                }
            }
            Symbol::Badge(ink, letter) => {
                self.root.draw(&Circle::new(middle, px(6.0), fill(ink, 1.0)))?;
                let style = anchored(&bold(palette::GROUND, 10.0), HPos::Center, VPos::Center);
                self.root.draw(&Text::new(letter, middle, style))?;
            }
            Symbol::Diamond(ink) => self.root.draw(&Polygon::new(diamond(middle, px(5.0)), fill(ink, 1.0)))?,
        }
        Ok(())
    }

    /// A plot on the given part of the picture, with its grid, axes, tick labels and axis titles drawn.
    pub(super) fn chart<'a>(&'a self, area: &'a PlotArea, frame: Frame) -> Result<Plot<'a>, DrawingError> {
        let tick = TICK * f64::from(UNITS);
        let titled = |title: &str, size: f64| if title.is_empty() { 0 } else { px(size) };
        let x_labels = if frame.x_hidden { px(6.0) } else { px(24.0) + titled(&frame.x_title, 20.0) };
        let y_labels = frame.y_labels.unwrap_or_else(|| frame.y.label_width(tick) as i32) + px(10.0);
        let y_labels = y_labels + titled(&frame.y_title, 22.0);
        let length = area.dim_in_pixel().0 as i32 - y_labels - px(26.0) - frame.right;
        let mut chart = ChartBuilder::on(area)
            .margin_left(px(12.0))
            .margin_right(px(14.0) + frame.right)
            .margin_top(px(8.0))
            .margin_bottom(px(7.0))
            .x_label_area_size(x_labels)
            .y_label_area_size(y_labels)
            .build_cartesian_2d(frame.x.thinned(length, tick), frame.y)?;
        let nothing = |_: &f64| String::new();
        let mut mesh = chart.configure_mesh();
        mesh.bold_line_style(line(palette::GRID, 1.0))
            .axis_style(line(palette::MUTED, 1.0))
            .set_all_tick_mark_size(px(4.0))
            .label_style(text(palette::TEXT, TICK))
            .axis_desc_style(text(palette::TEXT, TICK + 0.5));
        if frame.x_hidden {
            mesh.x_label_formatter(&nothing);
        } else if !frame.x_title.is_empty() {
            mesh.x_desc(frame.x_title);
        }
        if !frame.y_title.is_empty() {
            mesh.y_desc(frame.y_title);
        }
        mesh.draw()?;
        Ok(chart)
    }

    /// The finished picture. What could not be drawn is said in the picture itself.
    pub(super) fn finish(self, title: &str, description: String, drawn: DrawingResult) -> Figure {
        let simulated = self.simulated;
        let mut notes = Vec::new();
        if let Err(error) = drawn {
            notes.push(format!("not all of this could be drawn: {error}"));
        }
        if simulated {
            notes.push("simulated data".to_string());
        }
        let description = if simulated { format!("Simulated data. {description}") } else { description };
        let style = anchored(&text(palette::MUTED, NOTE), HPos::Right, VPos::Bottom);
        let place = (self.width - px(14.0), px(24.0));
        // A pen that draws cannot fail, and there is nobody left to tell.
        let _ = self.root.draw(&Text::new(notes.join("; "), place, style));
        drop(self.root);
        Figure { canvas: self.pen.take(), title: title.to_string(), description }
    }
}

/// What stands above a plot, in lines.
pub(super) struct Heading {
    title: Vec<String>,
    subtitle: Vec<String>,
    /// Start and row of each entry of the legend.
    places: Vec<(i32, i32)>,
    simulated: bool,
}

impl Heading {
    /// On a picture of that width in units of the canvas.
    pub(super) fn new(
        title: &str,
        subtitle: &str,
        legend: &[Entry],
        width: i32,
        titles: bool,
        simulated: bool,
    ) -> Self {
        // Right of the title stands whether the data are simulated.
        let (room, note) = (width - 2 * LEFT_EDGE, px(95.0));
        let lines = |words: &str, size: f64, weight: Weight, room: i32| match titles {
            true => wrapped(words, size, weight, room),
            false => Vec::new(),
        };
        Self {
            title: lines(title, TITLE, Weight::Bold, room - if simulated { note } else { 0 }),
            subtitle: lines(subtitle, NOTE, Weight::Regular, room),
            places: legend_places(legend, width),
            simulated,
        }
    }

    /// Base line of the last line above the legend; the note on simulated data takes the first where there is no title.
    fn last_line(&self) -> i32 {
        let lines = self.title.len() + self.subtitle.len();
        let lines = if lines == 0 && self.simulated { 1 } else { lines };
        TITLE_BASE + (lines as i32 - 1) * LINE
    }

    /// Middle of the first row of the legend.
    fn legend_start(&self) -> i32 {
        self.last_line() + px(15.0)
    }

    /// Height that it takes, in units of the canvas.
    pub(super) fn height(&self) -> i32 {
        let last = self.places.last().map(|(_, row)| self.legend_start() + row * LINE);
        last.unwrap_or(self.last_line()) + px(12.0)
    }
}

/// Start and row of each entry: as many to a row as fit.
fn legend_places(entries: &[Entry], width: i32) -> Vec<(i32, i32)> {
    let (mut x, mut row) = (LEFT_EDGE, 0);
    let mut places = Vec::new();
    for entry in entries {
        let length = SYMBOL + px(5.0) + text_width(&entry.text, NOTE * f64::from(UNITS), Weight::Regular) as i32;
        if x > LEFT_EDGE && x + length > width - px(10.0) {
            (x, row) = (LEFT_EDGE, row + 1);
        }
        places.push((x, row));
        x += length + px(16.0);
    }
    places
}

/// A text in lines of a width, broken between words; a word that is wider than a line is cut with an ellipsis.
fn wrapped(words: &str, size: f64, weight: Weight, width: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer.filter(|line| text_width(line, size * f64::from(UNITS), weight) <= f64::from(width)) {
            Some(longer) => {
                lines.pop();
                lines.push(longer);
            }
            None => lines.push(shortened(word, size, weight, width)),
        }
    }
    lines
}

/// Where a plot's axes are and what they are called.
pub(super) struct Frame {
    pub(super) x: Axis,
    pub(super) y: Axis,
    /// With the unit; empty for none.
    pub(super) x_title: String,
    /// With the unit; empty for none.
    pub(super) y_title: String,
    /// Whether the labels of x are left out, because another plot below has them.
    pub(super) x_hidden: bool,
    /// Width that the labels of y get, so that plots above each other stand in line.
    pub(super) y_labels: Option<i32>,
    /// What stays free right of the plot.
    pub(super) right: i32,
}

/// A square on its corner.
pub(super) fn diamond((x, y): (i32, i32), radius: i32) -> Vec<(i32, i32)> {
    vec![(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)]
}

/// A text cut to a width, with an ellipsis where something is missing.
pub(super) fn shortened(text: &str, size: f64, weight: Weight, width: i32) -> String {
    let fits = |text: &str| text_width(text, size * f64::from(UNITS), weight) <= f64::from(width);
    if fits(text) {
        return text.to_string();
    }
    let characters: Vec<char> = text.chars().collect();
    let kept = (0..characters.len()).rev().map(|count| characters[..count].iter().collect::<String>() + "…");
    kept.into_iter().find(|candidate| fits(candidate)).unwrap_or_default()
}

/// The values that are numbers, as lowest and highest; `None` where there are none.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |ends, value| match ends {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}
