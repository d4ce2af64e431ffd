//! A picture as SVG text.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::canvas::{Canvas, Horizontal, Label, Mark, Paint, Stroke, Surface, UNITS, Vertical};
use super::font::{self, CAPITAL, EM, GlyphKey, Weight};
use super::palette;

/// How texts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// As outlines of the font: the same everywhere. For files and for PNG.
    Outlines,
    /// As text, in the reader's own font of the same width: can be searched, copied and read aloud. For the page.
    Live,
}

/// Fonts as wide as ours, for pictures in the page.
const LIVE_FONTS: &str = "'DejaVu Sans Condensed',Arial,Helvetica,'Liberation Sans',sans-serif";

/// Writes a canvas. `title` names the picture, `description` tells what it shows.
pub(super) fn write(canvas: &Canvas, title: &str, description: &str, texts: Texts) -> String {
    let (width, height) = canvas.size;
    let units = UNITS as u32;
    let mut svg = String::new();
    svg.push_str("<svg xmlns=\"http://www.w3.org/2000/svg\"");
    if texts == Texts::Outlines {
        svg.push_str(" xmlns:xlink=\"http://www.w3.org/1999/xlink\"");
    }
    let _ = write!(
        svg,
        " width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n",
        width / units,
        height / units,
        escape(title),
        escape(description)
    );
    match texts {
        Texts::Outlines => {
            glyph_definitions(&mut svg, canvas);
            let ground = palette::hex(palette::GROUND.light);
            let _ = writeln!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>");
        }
        Texts::Live => {
            let _ = writeln!(svg, "<g font-family=\"{LIVE_FONTS}\">");
        }
    }
    let mut marks = canvas.marks.iter().peekable();
    while let Some(mark) = marks.next() {
        if let Some(both) = marks.peek().and_then(|next| filled_and_outlined(mark, next)) {
            svg.push_str(&both);
            marks.next();
        } else {
            write_mark(&mut svg, mark, texts);
        }
    }
    if texts == Texts::Live {
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

/// plotters fills and outlines in two steps; the same rectangle is one element here. A plate map has hundreds.
fn filled_and_outlined(first: &Mark, second: &Mark) -> Option<String> {
    let (
        Mark::Rectangle { corner, size, surface: Surface::Fill(paint) },
        Mark::Rectangle { corner: same_corner, size: same_size, surface: Surface::Outline(stroke) },
    ) = (first, second)
    else {
        return None;
    };
    let (x, y) = corner;
    (corner == same_corner && size == same_size).then(|| {
        format!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\"{}{}/>\n",
            size.0,
            size.1,
            fill_attributes(paint),
            stroke_attributes(stroke)
        )
    })
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

fn write_mark(svg: &mut String, mark: &Mark, texts: Texts) {
    match mark {
        Mark::Path { points, stroke } => {
            let _ = writeln!(
                svg,
                "<path d=\"{}\" fill=\"none\" stroke-linejoin=\"round\"{}/>",
                path_data(points),
                stroke_attributes(stroke)
            );
        }
        Mark::Area { points, paint } => {
            let _ = writeln!(svg, "<path d=\"{}Z\"{}/>", path_data(points), fill_attributes(paint));
        }
        Mark::Rectangle { corner, size, surface } => {
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"{}/>",
                corner.0,
                corner.1,
                size.0,
                size.1,
                surface_attributes(surface)
            );
        }
        Mark::Circle { centre, radius, surface } => {
            let attributes = surface_attributes(surface);
            let _ = writeln!(svg, "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\"{attributes}/>", centre.0, centre.1);
        }
        Mark::Text(label) => match texts {
            Texts::Outlines => write_outlines(svg, label),
            Texts::Live => write_text(svg, label),
        },
        Mark::Begin(title) => {
            let _ = writeln!(svg, "<g><title>{}</title>", escape(title));
        }
        Mark::End => svg.push_str("</g>\n"),
    }
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

fn fill_attributes(paint: &Paint) -> String {
    let mut text = format!(" fill=\"{}\"", color(paint));
    if paint.opacity < 1.0 {
        let _ = write!(text, " fill-opacity=\"{}\"", paint.opacity);
    }
    text
}

fn stroke_attributes(stroke: &Stroke) -> String {
    let mut text = format!(" stroke=\"{}\" stroke-width=\"{}\"", color(&stroke.paint), stroke.width);
    if stroke.paint.opacity < 1.0 {
        let _ = write!(text, " stroke-opacity=\"{}\"", stroke.paint.opacity);
    }
    if let Some((on, off)) = stroke.dash {
        let _ = write!(text, " stroke-dasharray=\"{on} {off}\"");
    }
    text
}

fn surface_attributes(surface: &Surface) -> String {
    match surface {
        Surface::Fill(paint) => fill_attributes(paint),
        Surface::Outline(stroke) => format!(" fill=\"none\"{}", stroke_attributes(stroke)),
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

fn write_outlines(svg: &mut String, label: &Label) {
    let line = font::lay_out(&label.text, label.weight);
    let scale = label.size / f64::from(EM);
    let start = match label.horizontal {
        Horizontal::Start => 0.0,
        Horizontal::Middle => -f64::from(line.width) / 2.0,
        Horizontal::End => -f64::from(line.width),
    };
    let (x, y) = label.at;
    let _ = write!(
        svg,
        "<g{} transform=\"translate({x} {y}){} scale({scale:.5}) translate({:.0} {:.0})\">",
        fill_attributes(&label.paint),
        rotation(label),
        start,
        base_line(label) / scale
    );
    for (key, offset) in line.glyphs {
        let _ = write!(svg, "<use xlink:href=\"#{}\" x=\"{offset}\"/>", key.id());
    }
    svg.push_str("</g>\n");
}

fn write_text(svg: &mut String, label: &Label) {
    let anchor = match label.horizontal {
        Horizontal::Start => "",
        Horizontal::Middle => " text-anchor=\"middle\"",
        Horizontal::End => " text-anchor=\"end\"",
    };
    let weight = if label.weight == Weight::Bold { " font-weight=\"700\"" } else { "" };
    let (x, y) = label.at;
    let drop = base_line(label).round() as i32;
    let place = if label.rotation == 0 {
        format!("x=\"{x}\" y=\"{}\"", y + drop)
    } else {
        format!("y=\"{drop}\" transform=\"translate({x} {y}){}\"", rotation(label))
    };
    let _ = writeln!(
        svg,
        "<text {place} font-size=\"{:.0}\"{anchor}{weight}{}>{}</text>",
        label.size,
        fill_attributes(&label.paint),
        escape(&label.text)
    );
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
