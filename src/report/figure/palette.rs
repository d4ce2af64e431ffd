//! The colours of every picture and of the page: told apart by colour-blind people (Okabe & Ito, "Color Universal Design",
//! 2008), each with its counterpart for dark screens. Files are always light; the page follows the reader's screen.

use plotters::style::RGBColor;

/// One colour: on paper and in files, and on a dark screen.
///
/// ```
/// use platewise::report::figure::palette::{BLUE, hex};
/// assert_eq!(hex(BLUE.light), "#005f99");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    /// What the page calls it.
    pub name: &'static str,
    /// On a light ground.
    pub light: RGBColor,
    /// On a dark ground.
    pub dark: RGBColor,
}

const fn ink(name: &'static str, light: (u8, u8, u8), dark: (u8, u8, u8)) -> Ink {
    Ink { name, light: RGBColor(light.0, light.1, light.2), dark: RGBColor(dark.0, dark.1, dark.2) }
}

/// Text and axes.
pub const TEXT: Ink = ink("text", (0x1b, 0x24, 0x30), (0xe8, 0xec, 0xf1));
/// Secondary text.
pub const MUTED: Ink = ink("muted", (0x55, 0x60, 0x6e), (0xa3, 0xae, 0xbb));
/// Grid lines and frames.
pub const GRID: Ink = ink("grid", (0xdd, 0xe2, 0xe8), (0x37, 0x41, 0x4d));
/// The ground.
pub const GROUND: Ink = ink("ground", (0xff, 0xff, 0xff), (0x15, 0x1a, 0x21));
/// Standards, the fitted curve, the first arm.
pub const BLUE: Ink = ink("blue", (0x00, 0x5f, 0x99), (0x63, 0xb3, 0xf0));
/// Rejection, limits, the second arm.
pub const VERMILION: Ink = ink("vermilion", (0xc2, 0x4e, 0x00), (0xff, 0x9a, 0x55));
/// Samples, acceptance, the third arm.
pub const GREEN: Ink = ink("green", (0x00, 0x7a, 0x59), (0x3d, 0xcf, 0xa3));
/// Controls, the fourth arm.
pub const PURPLE: Ink = ink("purple", (0xa3, 0x4a, 0x7e), (0xe9, 0x9c, 0xc8));
/// Warnings.
pub const AMBER: Ink = ink("amber", (0x8f, 0x63, 0x00), (0xf2, 0xb8, 0x3a));

/// All of them, for the page's style sheet.
pub const ALL: [Ink; 9] = [TEXT, MUTED, GRID, GROUND, BLUE, VERMILION, GREEN, PURPLE, AMBER];

/// The colour of an arm by its place in the list of arms; told apart by shape as well from the fifth on.
pub fn arm(index: usize) -> Ink {
    [BLUE, VERMILION, GREEN, PURPLE][index % 4]
}

/// `#rrggbb`.
pub fn hex(color: RGBColor) -> String {
    format!("#{:02x}{:02x}{:02x}", color.0, color.1, color.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast ratio of WCAG 2.2.
    fn contrast(a: RGBColor, b: RGBColor) -> f64 {
        let luminance = |color: RGBColor| {
            let channel = |value: u8| {
                let value = f64::from(value) / 255.0;
                if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * channel(color.0) + 0.7152 * channel(color.1) + 0.0722 * channel(color.2)
        };
        let (light, dark) = (luminance(a).max(luminance(b)), luminance(a).min(luminance(b)));
        (light + 0.05) / (dark + 0.05)
    }

    #[test]
    fn every_colour_that_writes_text_is_readable_on_its_ground() {
        for ink in ALL.into_iter().filter(|ink| ![GRID, GROUND].contains(ink)) {
            assert!(contrast(ink.light, GROUND.light) >= 4.5, "{} light", ink.name);
            assert!(contrast(ink.dark, GROUND.dark) >= 4.5, "{} dark", ink.name);
        }
    }

    #[test]
    fn no_two_inks_share_a_colour() {
        for (i, a) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|b| b.light != a.light && b.dark != a.dark), "{}", a.name);
        }
    }
}
