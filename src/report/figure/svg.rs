//! A picture as SVG text: in a file of its own, or in a page.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Texts;
use super::canvas::{Canvas, Horizontal, Label, Mark, Paint, Stroke, Surface, UNITS, Vertical};
use super::font::{self, CAPITAL, EM, GlyphKey, Weight};
use super::palette;
use super::style::{Properties, Styles};

/// Where a picture is going to stand.
pub(super) enum SvgPlace<'a> {
    /// In a file of its own, and as PNG: each mark carries its style. Texts are outlines of the font, the same everywhere, unless a
    /// file for print, of so many millimetres across, has them as text.
    File { print: Option<(f64, Texts)> },
    /// In a page: texts are text, in the reader's own font of the same width: can be searched, copied and read aloud. Styles are
    /// classes.
    Page(&'a mut Styles),
}

/// Fonts as wide as ours, for pictures in the page.
const LIVE_FONTS: &str = "'DejaVu Sans Condensed',Arial,Helvetica,'Liberation Sans',sans-serif";

/// Writes a canvas. `title` names the picture, `description` tells what it shows.
pub(super) fn write(canvas: &Canvas, title: &str, description: &str, place: SvgPlace<'_>) -> String {
    let (width, height) = canvas.size;
    let units = UNITS as u32;
    let in_file = matches!(place, SvgPlace::File { .. });
    let live = !matches!(place, SvgPlace::File { print: None | Some((_, Texts::Outlines)) });
    let mut svg = String::new();
    svg.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\"");
    if !live {
        svg.push_str(" xmlns:xlink=\"http://www.w3.org/1999/xlink\"");
    }
    let _ = write!(
        svg,
        " {} viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n",
        match place {
            SvgPlace::File { print: Some((millimetres, _)) } => format!(
                "width=\"{millimetres}mm\" height=\"{:.2}mm\"",
                millimetres * f64::from(height) / f64::from(width)
            ),
            _ => format!("width=\"{}\" height=\"{}\"", width / units, height / units),
        },
        escape(title),
        escape(description)
    );
    if !live {
        glyph_definitions(&mut svg, canvas);
    }
    if in_file {
        let ground = palette::hex(palette::GROUND.light);
        let _ = writeln!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>");
    }
    if live {
        let _ = writeln!(svg, "<g font-family=\"{LIVE_FONTS}\">");
    }
    let mut writer = Writer { svg, place };
    let mut rest = canvas.marks.as_slice();
    while !rest.is_empty() {
        rest = writer.next(rest);
    }
    writer.svg.push_str(if live { "</g>\n</svg>\n" } else { "</svg>\n" });
    writer.svg
}

/// The outline of every glyph that the picture uses, once.
fn glyph_definitions(svg: &mut String, canvas: &Canvas) {
    let labels = canvas.marks.iter().filter_map(|mark| if let Mark::Text(label) = mark { Some(label) } else { None });
    let used: BTreeSet<GlyphKey> = labels
        .flat_map(|label| font::lay_out(&label.text, label.weight).glyphs.into_iter().map(|(key, _)| key))
        .collect();
    svg.push_str("<defs>\n");
    for key in used {
        let _ = writeln!(svg, "<path id=\"{}\" d=\"{}\"/>", key.id(), font::outline(key));
    }
    svg.push_str("</defs>\n");
}

/// A picture being written.
struct Writer<'a> {
    svg: String,
    place: SvgPlace<'a>,
}

impl Writer<'_> {
    /// Writes the first mark, with those that make one element with it; gives the marks that are left.
    fn next<'m>(&mut self, marks: &'m [Mark]) -> &'m [Mark] {
        let Some((mark, rest)) = marks.split_first() else { return marks };
        match mark {
            Mark::Path { stroke, .. } => return self.paths(stroke, marks),
            Mark::Area { points, paint } => {
                self.element("path", &format!(" d=\"{}Z\"", path_data(points)), fill(paint));
            }
            Mark::Rectangle { corner, size, surface } => {
                let outline = outline_of(mark, rest.first());
                let mut style = surface_style(surface);
                style.extend(outline.into_iter().flat_map(stroke_style));
                let ((x, y), (width, height)) = (corner, size);
                self.element("path", &format!(" d=\"M{x} {y}h{width}v{height}h-{width}z\""), style);
                return if outline.is_some() { &rest[1..] } else { rest };
            }
            Mark::Circle { centre, radius, surface } => {
                let place = format!(" cx=\"{}\" cy=\"{}\" r=\"{radius}\"", centre.0, centre.1);
                self.element("circle", &place, surface_style(surface));
            }
            Mark::Text(label) => match self.place {
                SvgPlace::File { print: None | Some((_, Texts::Outlines)) } => self.outlines(label),
                SvgPlace::File { .. } | SvgPlace::Page(_) => self.text(label),
            },
            Mark::Begin { title, well } => {
                let of_page = matches!(self.place, SvgPlace::Page(_)) && !well.is_empty();
                let well = if of_page { format!(" data-well=\"{}\"", escape(well)) } else { String::new() };
                let _ = write!(self.svg, "<g{well}><title>{}</title>", escape(title));
            }
            Mark::End => self.svg.push_str("</g>\n"),
        }
        rest
    }

    /// Lines that follow each other in the same solid ink are one path: ticks and grids have many.
    fn paths<'m>(&mut self, stroke: &Stroke, marks: &'m [Mark]) -> &'m [Mark] {
        let alike = |mark: &Mark| matches!(mark, Mark::Path { stroke: other, .. } if other == stroke);
        let solid = stroke.dash.is_none() && stroke.paint.opacity >= 1.0;
        let count = if solid { marks.iter().take_while(|mark| alike(mark)).count() } else { 1 };
        let (paths, rest) = marks.split_at(count);
        let data = paths
            .iter()
            .map(|mark| if let Mark::Path { points, .. } = mark { path_data(points) } else { String::new() });
        let data: String = data.collect();
        let mut style = vec![("fill", "none".to_string()), ("stroke-linejoin", "round".to_string())];
        style.extend(stroke_style(stroke));
        self.element("path", &format!(" d=\"{data}\""), style);
        rest
    }

    fn element(&mut self, name: &str, place: &str, style: Properties) {
        let style = self.style(style);
        let _ = writeln!(self.svg, "<{name}{style}{place}/>");
    }

    /// A style as the attributes of an element.
    fn style(&mut self, style: Properties) -> String {
        match &mut self.place {
            SvgPlace::File { .. } => style.iter().map(|(property, value)| format!(" {property}=\"{value}\"")).collect(),
            SvgPlace::Page(styles) => format!(" class=\"{}\"", styles.class(&style)),
        }
    }

    /// A text as outlines.
    fn outlines(&mut self, label: &Label) {
        let line = font::lay_out(&label.text, label.weight);
        let scale = label.size / f64::from(EM);
        let start = match label.horizontal {
            Horizontal::Start => 0.0,
            Horizontal::Middle => -f64::from(line.width) / 2.0,
            Horizontal::End => -f64::from(line.width),
        };
        let (x, y) = label.at;
        let style = self.style(fill(&label.paint));
        let _ = write!(
            self.svg,
            "<g{style} transform=\"translate({x} {y}){} scale({scale:.5}) translate({:.0} {:.0})\">",
            rotation(label),
            start,
            base_line(label) / scale
        );
        for (key, offset) in line.glyphs {
            let _ = write!(self.svg, "<use xlink:href=\"#{}\" x=\"{offset}\"/>", key.id());
        }
        self.svg.push_str("</g>\n");
    }

    /// A text as text.
    fn text(&mut self, label: &Label) {
        let mut style = fill(&label.paint);
        style.push(("font-size", format!("{:.0}", label.size)));
        match label.horizontal {
            Horizontal::Start => {}
            Horizontal::Middle => style.push(("text-anchor", "middle".into())),
            Horizontal::End => style.push(("text-anchor", "end".into())),
        }
        if label.weight == Weight::Bold {
            style.push(("font-weight", "700".into()));
        }
        let style = self.style(style);
        let (x, y) = label.at;
        let drop = base_line(label).round() as i32;
        let place = if label.rotation == 0 {
            format!("x=\"{x}\" y=\"{}\"", y + drop)
        } else {
            format!("y=\"{drop}\" transform=\"translate({x} {y}){}\"", rotation(label))
        };
        let _ = writeln!(self.svg, "<text{style} {place}>{}</text>", escape(&label.text));
    }
}

/// The outline of a filled rectangle, where the next mark is just that: plotters fills and outlines in two steps.
fn outline_of<'m>(mark: &Mark, next: Option<&'m Mark>) -> Option<&'m Stroke> {
    let (
        Mark::Rectangle { corner, size, surface: Surface::Fill(_) },
        Some(Mark::Rectangle { corner: same_corner, size: same_size, surface: Surface::Outline(stroke) }),
    ) = (mark, next)
    else {
        return None;
    };
    (corner == same_corner && size == same_size).then_some(stroke)
}

/// Absolute start, then relative steps: short, and exact because everything is a whole number of units.
fn path_data(points: &[(i32, i32)]) -> String {
    let mut data = String::new();
    let mut last = None;
    for &(x, y) in points {
        match last {
            None => {
                let _ = write!(data, "M{x} {y}");
            }
            Some((x0, y0)) => {
                let _ = write!(data, "l{} {}", x - x0, y - y0);
            }
        }
        last = Some((x, y));
    }
    data
}

fn color(paint: &Paint) -> String {
    format!("#{:02x}{:02x}{:02x}", paint.rgb.0, paint.rgb.1, paint.rgb.2)
}

fn fill(paint: &Paint) -> Properties {
    let mut style = vec![("fill", color(paint))];
    if paint.opacity < 1.0 {
        style.push(("fill-opacity", paint.opacity.to_string()));
    }
    style
}

fn stroke_style(stroke: &Stroke) -> Properties {
    let mut style = vec![("stroke", color(&stroke.paint)), ("stroke-width", stroke.width.to_string())];
    if stroke.paint.opacity < 1.0 {
        style.push(("stroke-opacity", stroke.paint.opacity.to_string()));
    }
    if let Some((on, off)) = stroke.dash {
        style.push(("stroke-dasharray", format!("{on} {off}")));
    }
    style
}

fn surface_style(surface: &Surface) -> Properties {
    match surface {
        Surface::Fill(paint) => fill(paint),
        Surface::Outline(stroke) => {
            let mut style = vec![("fill", "none".to_string())];
            style.extend(stroke_style(stroke));
            style
        }
    }
}

/// How far below its point the base line of a text is, in units of the canvas.
fn base_line(label: &Label) -> f64 {
    let capital = label.size * f64::from(CAPITAL) / f64::from(EM);
    match label.vertical {
        Vertical::Top => capital,
        Vertical::Middle => capital / 2.0,
        Vertical::Base => 0.0,
    }
}

/// `rotate(…)` around the label's point, or nothing.
fn rotation(label: &Label) -> String {
    if label.rotation == 0 { String::new() } else { format!(" rotate({})", label.rotation) }
}

/// Text inside an element. Control characters, which XML cannot hold, are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            character if character.is_control() => {}
            character => escaped.push(character),
        }
    }
    escaped
}
