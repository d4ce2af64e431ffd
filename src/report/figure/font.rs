//! The one font of all pictures, as outlines, so that a picture looks the same on every machine.
//!
//! DejaVu Sans Condensed 2.37; its licence (`DEJAVU-LICENSE.txt` beside this file) allows to embed it. Metrics and outlines are in font units,
//! 2048 to the em, y upwards.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, GlyphId, OutlineCurve, Point};

/// Regular or bold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// A glyph of a weight; orders by weight, then by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GlyphKey {
    pub(super) weight: Weight,
    pub(super) glyph: u16,
}

impl GlyphKey {
    /// Its name inside an SVG; the same glyph has the same name in every picture.
    pub(super) fn id(self) -> String {
        let weight = if self.weight == Weight::Bold { 'b' } else { 'r' };
        format!("g{weight}{}", self.glyph)
    }
}

/// A line of text, laid out.
pub(super) struct TextLine {
    /// Each glyph with its offset from the start, in font units.
    pub(super) glyphs: Vec<(GlyphKey, i32)>,
    /// Advance of the whole line, in font units.
    pub(super) width: i32,
}

/// Font units to the em.
pub(super) const EM: i32 = 2048;
/// Height of a capital, in font units: texts are centred on their capitals and digits, not on a box.
pub(super) const CAPITAL: i32 = 1493;

fn font(weight: Weight) -> Option<&'static FontRef<'static>> {
    static REGULAR: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    static BOLD: OnceLock<Option<FontRef<'static>>> = OnceLock::new();
    let (cell, bytes): (_, fn() -> &'static [u8]) = match weight {
        Weight::Regular => (&REGULAR, dejavu::sans_condensed::regular),
        Weight::Bold => (&BOLD, dejavu::sans_condensed::bold),
    };
    cell.get_or_init(|| FontRef::try_from_slice(bytes()).ok()).as_ref()
}

/// Lays out a line of text with the font's kerning. A character that the font lacks shows as its empty box.
pub(super) fn lay_out(text: &str, weight: Weight) -> TextLine {
    let mut line = TextLine { glyphs: Vec::new(), width: 0 };
    let Some(font) = font(weight) else { return line };
    let mut previous: Option<GlyphId> = None;
    for character in text.chars() {
        let id = font.glyph_id(character);
        if let Some(previous) = previous {
            line.width += font.kern_unscaled(previous, id).round() as i32;
        }
        if character != ' ' {
            line.glyphs.push((GlyphKey { weight, glyph: id.0 }, line.width));
        }
        line.width += font.h_advance_unscaled(id).round() as i32;
        previous = Some(id);
    }
    line
}

/// The outline of a glyph as SVG path data in font units, y downwards.
pub(super) fn outline(key: GlyphKey) -> String {
    let Some(outline) = font(key.weight).and_then(|font| font.outline(GlyphId(key.glyph))) else {
        return String::new();
    };
    let at = |point: Point| (point.x.round() as i32, -point.y.round() as i32);
    let mut data = String::new();
    let mut last = None;
    for curve in outline.curves {
        let (start, commands, end) = match curve {
            OutlineCurve::Line(a, b) => (at(a), format!("L{} {}", at(b).0, at(b).1), at(b)),
            OutlineCurve::Quad(a, c, b) => (at(a), format!("Q{} {} {} {}", at(c).0, at(c).1, at(b).0, at(b).1), at(b)),
            OutlineCurve::Cubic(a, c, e, b) => {
                (at(a), format!("C{} {} {} {} {} {}", at(c).0, at(c).1, at(e).0, at(e).1, at(b).0, at(b).1), at(b))
            }
        };
        if last != Some(start) {
            if last.is_some() {
                data.push('Z');
            }
            data.push_str(&format!("M{} {}", start.0, start.1));
        }
        data.push_str(&commands);
        last = Some(end);
    }
    if last.is_some() {
        data.push('Z');
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_every_character_of_our_pictures() {
        for weight in [Weight::Regular, Weight::Bold] {
            let missing = font(weight).unwrap().glyph_id('\u{10FFFF}');
            for character in ('!'..='~').chain("µ²₂×±−–≤≥°·…αβ÷→←↓↑√‰ÄÖÜäöüßé".chars())
            {
                assert_ne!(font(weight).unwrap().glyph_id(character), missing, "{character}");
            }
        }
    }

    #[test]
    fn constants_are_those_of_the_font() {
        let font = font(Weight::Regular).unwrap();
        assert_eq!(font.units_per_em(), Some(EM as f32));
        let capital = font.outline(font.glyph_id('H')).unwrap().bounds;
        assert_eq!(capital.min.y.max(capital.max.y) as i32, CAPITAL);
    }

    #[test]
    fn text_has_width_and_outlines_are_closed() {
        let line = lay_out("TARC 31.25", Weight::Regular);
        assert_eq!(line.glyphs.len(), 9);
        assert!(line.width > 5 * EM / 2 && line.width < 10 * EM);
        let data = outline(line.glyphs[0].0);
        assert!(data.starts_with('M') && data.ends_with('Z'), "{data}");
    }
}
