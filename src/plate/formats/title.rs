//! What the title of a grid or the name of a column says: wavelength, kind of light, plate, and whether it was computed.

use crate::plate::read::Mode;

/// What a title says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Title {
    pub(super) mode: Mode,
    pub(super) wavelength_nm: Option<f64>,
    /// Computed by a program: corrected, a ratio, a difference of two wavelengths, a concentration.
    pub(super) is_derived: bool,
    /// No readings at all, though perhaps numbers: dilutions, nominal concentrations.
    pub(super) is_layout: bool,
    /// The plate that it names: what remains without the words for what was measured.
    pub(super) plate: Option<String>,
}

/// Words that say what was measured, not on which plate.
const MEASURED: [&str; 20] = [
    "nm",
    "od",
    "a",
    "abs",
    "absorbance",
    "optical",
    "density",
    "raw",
    "data",
    "read",
    "reading",
    "readings",
    "reads",
    "values",
    "at",
    "wavelength",
    "wavelengths",
    "measurement",
    "results",
    "result",
];
/// Words of computed values.
const COMPUTED: [&str; 16] = [
    "corrected",
    "blank",
    "blanked",
    "reduced",
    "ratio",
    "delta",
    "mean",
    "average",
    "concentration",
    "concentrations",
    "conc",
    "%",
    "cv",
    "sd",
    "minus",
    "normalized",
];
/// Words of grids that hold no readings.
const LAYOUT: [&str; 8] = ["layout", "platemap", "map", "dilution", "dilutions", "sample", "samples", "role"];

impl Title {
    pub(super) fn of(title: &str) -> Self {
        let is_between =
            |c: char| c.is_whitespace() || matches!(c, ',' | ':' | '(' | ')' | '[' | ']' | ';' | '=' | '/' | '_');
        let words: Vec<&str> = title.split(is_between).filter(|word| !word.is_empty()).collect();
        let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let any = |known: &[&str]| lower.iter().any(|word| known.contains(&word.as_str()));
        let starts = |known: &[&str]| lower.iter().any(|word| known.iter().any(|start| word.starts_with(start)));
        let wavelengths: Vec<f64> = lower.iter().flat_map(|word| wavelengths(word)).collect();
        let wavelength_nm = if let [only] = wavelengths[..] { Some(only) } else { None };
        let other_light = if starts(&["fluor", "rfu"]) {
            Some(Mode::Fluorescence)
        } else {
            starts(&["lumin", "rlu", "cps"]).then_some(Mode::Luminescence)
        };
        let is_absorbance = !wavelengths.is_empty() || any(&["od", "abs", "absorbance", "optical"]);
        let is_derived = any(&COMPUTED) || wavelengths.len() > 1 || title.contains('%');
        let rest: Vec<&str> = words
            .iter()
            .zip(&lower)
            .filter(|(word, lower)| {
                let is_sign = !word.contains(char::is_alphanumeric);
                !is_sign && !MEASURED.contains(&lower.as_str()) && self::wavelengths(lower).is_empty()
            })
            .map(|(word, _)| *word)
            .collect();
        Self {
            mode: other_light.unwrap_or(if is_absorbance { Mode::Absorbance } else { Mode::Unknown }),
            wavelength_nm,
            is_derived,
            is_layout: any(&LAYOUT)
                || any(&["standard", "standards", "nominal"]) && any(&["conc", "concentration", "concentrations"]),
            plate: Some(rest.join(" ")).filter(|name| !name.is_empty() && !is_derived && other_light.is_none()),
        }
    }
}

/// The wavelengths in a word: `450`, `450nm`, `od450`, `a450`, `abs450`, and both of `450-570`. A number in a name (`P-301`,
/// `501-IgA`) is none.
fn wavelengths(word: &str) -> Vec<f64> {
    let number = |part: &str| {
        let part = ["abs", "od", "a"].iter().find_map(|start| part.strip_prefix(start)).unwrap_or(part);
        let digits = part.strip_suffix("nm").unwrap_or(part);
        let is_number = (3..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<f64>().ok().filter(|nm| is_number && (200.0..=1100.0).contains(nm))
    };
    let parts: Vec<Option<f64>> = word.split(['-', '–', '−']).map(number).collect();
    parts.into_iter().collect::<Option<Vec<f64>>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_say_wavelength_plate_and_kind() {
        for (title, wavelength, plate, derived) in [
            ("450", Some(450.0), None, false),
            ("570 nm", Some(570.0), None, false),
            ("OD450", Some(450.0), None, false),
            ("Absorbance at 450nm (OD)", Some(450.0), None, false),
            ("Plate 1 450 nm", Some(450.0), Some("Plate 1"), false),
            ("P07: 450 nm", Some(450.0), Some("P07"), false),
            ("Plate 1 - 450 nm", Some(450.0), Some("Plate 1"), false),
            ("501-IgA", None, Some("501-IgA"), false),
            ("P-301", None, Some("P-301"), false),
            ("450-570", None, None, true),
            ("450 nm - 570 nm", None, None, true),
            ("Blank corrected 450", Some(450.0), None, true),
            ("mean OD", None, None, true),
            ("Raw data", None, None, false),
        ] {
            let found = Title::of(title);
            assert_eq!(
                (found.wavelength_nm, found.plate.as_deref(), found.is_derived),
                (wavelength, plate, derived),
                "{title}"
            );
        }
        assert!(Title::of("Dilution").is_layout && Title::of("Nominal concentration").is_layout);
        assert_eq!(Title::of("RLU").mode, Mode::Luminescence);
        assert_eq!(Title::of("OD").mode, Mode::Absorbance);
        assert_eq!(Title::of("Measure").mode, Mode::Unknown);
    }
}
