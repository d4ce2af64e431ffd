//! A plate as it was pipetted and measured: the role of each well by colour and letter, what is remarkable by a badge.

use plotters::element::{Circle, Rectangle, Text};
use plotters::style::text_anchor::{HPos, VPos};

use super::Figure;
use super::canvas::{UNITS, px, text_width};
use super::font::Weight;
use super::layout::FigureLayout;
use super::palette::{BLUE, GREEN, GRID, GROUND, Ink, MUTED, PURPLE, TEXT, VERMILION};
use super::panel::{
    DrawingResult, Entry, Heading, Panel, PlotArea, Symbol, anchored, bold, fill, line, shortened, text,
};
use crate::plate::well::row_letters;
use crate::plate::{PlateSize, WellPosition};

/// What a picture of a plate shows.
///
/// ```
/// use platewise::plate::PlateSize;
/// use platewise::report::figure::{FigureLayout, MapRole, MapWell, PlateMapFigure, plate_map};
///
/// let well = MapWell {
///     position: "A1".parse()?,
///     role: MapRole::Standard,
///     name: "2000".into(),
///     value: "2.412".into(),
///     flag: None,
///     note: "A01: standard 2000 pg/mL, reading 2.412".into(),
/// };
/// let figure = plate_map(&PlateMapFigure {
///     title: "P01".into(),
///     subtitle: String::new(),
///     size: PlateSize::WELLS_96,
///     wells: vec![well],
///     simulated: false,
///     layout: FigureLayout::default(),
/// });
/// assert!(figure.svg().contains("A01: standard 2000 pg/mL"), "what hovering shows is in the file");
/// # Ok::<(), platewise::plate::well::NotAWell>(())
/// ```
#[derive(Debug, Clone)]
pub struct PlateMapFigure {
    /// Name of the picture, such as the plate's.
    pub title: String,
    /// A line below it; may be empty.
    pub subtitle: String,
    /// Size of the plate.
    pub size: PlateSize,
    /// Its wells; those that are not listed are empty.
    pub wells: Vec<MapWell>,
    /// Whether the picture has to say that the data are simulated.
    pub simulated: bool,
    /// How it is laid out.
    pub layout: FigureLayout,
}

/// One well of the picture.
///
/// See [`PlateMapFigure`] for an example.
#[derive(Debug, Clone)]
pub struct MapWell {
    /// Where on the plate.
    pub position: WellPosition,
    /// What it holds.
    pub role: MapRole,
    /// The standard's concentration, the control's level, the sample's name.
    pub name: String,
    /// Its reading or concentration, as text.
    pub value: String,
    /// What is remarkable.
    pub flag: Option<MapFlag>,
    /// What a browser shows when the pointer rests on it.
    pub note: String,
}

/// What a well holds.
///
/// See [`PlateMapFigure`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MapRole {
    /// A calibrator.
    Standard,
    /// A quality control.
    Control,
    /// Everything but the analyte.
    Blank,
    /// A sample.
    Sample,
}

impl MapRole {
    pub(crate) const ALL: [Self; 4] = [Self::Standard, Self::Control, Self::Blank, Self::Sample];

    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::Standard => "S",
            Self::Control => "C",
            Self::Blank => "B",
            Self::Sample => "U",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Control => "control",
            Self::Blank => "blank",
            Self::Sample => "sample (unknown)",
        }
    }

    pub(crate) fn ink(self) -> Ink {
        match self {
            Self::Standard => BLUE,
            Self::Control => PURPLE,
            Self::Blank => MUTED,
            Self::Sample => GREEN,
        }
    }

    pub(crate) fn tint(self) -> f64 {
        if self == Self::Sample { 0.09 } else { 0.2 }
    }
}

/// What is remarkable about a well.
///
/// See [`PlateMapFigure`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MapFlag {
    /// Below the lower limit of quantification.
    BelowLloq,
    /// Above the upper limit of quantification.
    AboveUloq,
    /// Above what the reader can measure.
    Saturated,
    /// Not measured.
    Missing,
    /// Left out: masked in the reader's software, or by a rule.
    LeftOut,
    /// Its replicates disagree.
    Disagree,
    /// Not reported for another reason.
    NotReported,
}

impl MapFlag {
    pub(crate) const ALL: [Self; 7] = [
        Self::BelowLloq,
        Self::AboveUloq,
        Self::Saturated,
        Self::Missing,
        Self::LeftOut,
        Self::Disagree,
        Self::NotReported,
    ];

    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::BelowLloq => "<",
            Self::AboveUloq => ">",
            Self::Saturated => "!",
            Self::Missing => "–",
            Self::LeftOut => "×",
            Self::Disagree => "≠",
            Self::NotReported => "?",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BelowLloq => "below LLOQ",
            Self::AboveUloq => "above ULOQ",
            Self::Saturated => "saturated",
            Self::Missing => "not measured",
            Self::LeftOut => "left out",
            Self::Disagree => "replicates disagree",
            Self::NotReported => "not reported",
        }
    }
}

const WIDTH: u32 = 800;
/// Height of a row of wells, in pixels: with text in the wells, and without on large plates.
const ROW: u32 = 44;
const SMALL_ROW: u32 = 24;

/// Draws a plate.
pub fn plate_map(figure: &PlateMapFigure) -> Figure {
    let row = if roomy(figure.size) { ROW } else { SMALL_ROW };
    let heading = Heading::new(
        &figure.title,
        &figure.subtitle,
        &legend(figure),
        px(f64::from(WIDTH)),
        figure.layout.titles,
        figure.simulated,
    );
    let heading = heading.height() / UNITS;
    let sheet =
        Panel::new((WIDTH, heading as u32 + 24 + row * figure.size.rows as u32), figure.layout, figure.simulated);
    let drawn = draw(&sheet, figure);
    sheet.finish(&figure.title, describe(figure), drawn)
}

/// Whether a well is wide enough for a name and a value.
fn roomy(size: PlateSize) -> bool {
    size.columns <= 12
}

fn describe(figure: &PlateMapFigure) -> String {
    let counts: Vec<String> = MapRole::ALL
        .into_iter()
        .map(|role| (figure.wells.iter().filter(|well| well.role == role).count(), role.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let mut text = format!("Plate map, {}: wells with {}.", figure.size, counts.join(", "));
    for flag in MapFlag::ALL {
        let wells: Vec<String> =
            figure.wells.iter().filter(|well| well.flag == Some(flag)).map(|well| well.position.to_string()).collect();
        if !wells.is_empty() {
            text.push_str(&format!(" {}: {}.", flag.name(), wells.join(", ")));
        }
    }
    text
}

fn legend(figure: &PlateMapFigure) -> Vec<Entry> {
    let count = |role: MapRole| figure.wells.iter().filter(|well| well.role == role).count();
    let mut entries: Vec<Entry> = MapRole::ALL
        .into_iter()
        .filter(|role| count(*role) > 0)
        .map(|role| {
            let text = format!("{} {} (n = {})", role.letter(), role.name(), count(role));
            Entry::new(Symbol::Box(role.ink(), role.tint()), text)
        })
        .collect();
    for flag in MapFlag::ALL {
        let flagged = figure.wells.iter().filter(|well| well.flag == Some(flag)).count();
        if flagged > 0 {
            let text = format!("{} (n = {flagged})", flag.name());
            entries.push(Entry::new(Symbol::Badge(VERMILION, flag.letter()), text));
        }
    }
    entries
}

fn draw(sheet: &Panel, figure: &PlateMapFigure) -> DrawingResult {
    let top = sheet.heading(&figure.title, &figure.subtitle, &legend(figure))?;
    let (left, header) = (px(34.0), px(16.0));
    let plate = sheet.root.margin(top + header, px(8.0), left, px(14.0));
    let (width, height) = plate.dim_in_pixel();
    let (columns, rows) = (figure.size.columns as i32, figure.size.rows as i32);
    let label = text(MUTED, 11.0);
    for column in 0..columns {
        let x = left + (2 * column + 1) * width as i32 / (2 * columns);
        let style = anchored(&label, HPos::Center, VPos::Center);
        sheet.root.draw(&Text::new((column + 1).to_string(), (x, top + header / 2), style))?;
    }
    for row in 0..rows {
        let y = top + header + (2 * row + 1) * height as i32 / (2 * rows);
        let style = anchored(&label, HPos::Center, VPos::Center);
        sheet.root.draw(&Text::new(row_letters(row as usize), (left - px(12.0), y), style))?;
    }
    let name_size = roomy(figure.size).then(|| name_size(figure, width as i32 / columns));
    let areas = plate.split_evenly((figure.size.rows, figure.size.columns));
    for (position, area) in figure.size.wells().zip(&areas) {
        match figure.wells.iter().find(|well| well.position == position) {
            Some(well) => {
                sheet.pen.begin(&well.note);
                draw_well(area, well, name_size)?;
                sheet.pen.end();
            }
            None => draw_cell(area, line(GRID, 1.0))?,
        }
    }
    Ok(())
}

fn draw_cell(area: &PlotArea, style: plotters::style::ShapeStyle) -> DrawingResult {
    let (width, height) = area.dim_in_pixel();
    let gap = px(1.5);
    area.draw(&Rectangle::new([(gap, gap), (width as i32 - gap, height as i32 - gap)], style))
}

/// Room for text in a well of that width.
fn text_room(width: i32) -> i32 {
    width - px(3.0)
}

/// The largest size at which all names fit their wells; the end of a name often tells the visit.
fn name_size(figure: &PlateMapFigure, width: i32) -> f64 {
    let fits = |size: &f64| {
        let names = figure.wells.iter().map(|well| text_width(&well.name, size * f64::from(UNITS), Weight::Regular));
        names.fold(0.0, f64::max) <= f64::from(text_room(width))
    };
    [10.5, 10.0, 9.5].into_iter().find(fits).unwrap_or(9.5)
}

/// A well; with its texts where there is a size for the name.
fn draw_well(area: &PlotArea, well: &MapWell, name_size: Option<f64>) -> DrawingResult {
    let (width, height) = area.dim_in_pixel();
    let (width, height) = (width as i32, height as i32);
    let ink = well.role.ink();
    draw_cell(area, fill(ink, well.role.tint()))?;
    draw_cell(area, if well.flag.is_some() { line(VERMILION, 1.6) } else { line(ink, 0.7) })?;
    if let Some(size) = name_size {
        let letter = anchored(&bold(ink, 9.5), HPos::Left, VPos::Top);
        area.draw(&Text::new(well.role.letter(), (px(5.0), px(5.5)), letter))?;
        let name = shortened(&well.name, size, Weight::Regular, text_room(width));
        let style = anchored(&text(TEXT, size), HPos::Center, VPos::Center);
        area.draw(&Text::new(name, (width / 2, px(20.5)), style))?;
        let value = shortened(&well.value, 10.0, Weight::Regular, text_room(width));
        let style = anchored(&text(MUTED, 10.0), HPos::Center, VPos::Bottom);
        area.draw(&Text::new(value, (width / 2, px(38.0)), style))?;
    } else {
        let style = anchored(&bold(ink, 10.0), HPos::Center, VPos::Center);
        // Beside the flag, where there is one.
        let across = if well.flag.is_some() { width * 3 / 10 } else { width / 2 };
        area.draw(&Text::new(well.role.letter(), (across, height / 2), style))?;
    }
    if let Some(flag) = well.flag {
        let centre = match name_size {
            Some(_) => (width - px(10.0), px(10.0)),
            None => (width - px(10.0), height / 2),
        };
        area.draw(&Circle::new(centre, px(6.0), fill(VERMILION, 1.0)))?;
        let style = anchored(&bold(GROUND, 9.5), HPos::Center, VPos::Center);
        area.draw(&Text::new(flag.letter(), centre, style))?;
    }
    Ok(())
}
