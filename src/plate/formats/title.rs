//! What the title of a grid or the name of a column says: wavelength, kind of light, plate, and whether it was computed.

use crate::plate::read::Mode;

/// What a title says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Title {
    pub(super) mode: Mode,
    pub(super) wavelength_nm: Option<f64>,
    /// Computed by a program: corrected, a ratio, a difference of two wavelengths, a concentration.
    pub(super) is_derived: bool,
    /// It says what was measured: a wavelength, optical density, a kind of light, a signal.
    pub(super) is_measured: bool,
    /// No readings at all, though perhaps numbers: dilutions, nominal concentrations.
    pub(super) is_layout: bool,
    /// The plate that it names: what remains without the words for what was measured.
    pub(super) plate: Option<String>,
}

/// Words that say what was measured, not on which plate.
const MEASURED: [&str; 33] = [
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
    "absorbances",
    "absorption",
    "extinction",
    "extinktion",
    "measured",
    "measure",
    "value",
    "signal",
    "signals",
    "intensity",
    "counts",
    "filter",
    "nanometer",
];
/// Those of them that do not say that a column or grid holds readings: the place of a read, or a part of a longer title.
const WEAK: [&str; 6] = ["a", "at", "nm", "data", "filter", "nanometer"];
/// Words before the number of a read, which is no name of a plate: `Filter 1: 450nm`, `Read 2`.
const NUMBERED: [&str; 7] = ["filter", "read", "reading", "measurement", "wavelength", "label", "step"];
/// Words of computed values.
const COMPUTED: [&str; 23] = [
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
    "normalised",
    "percent",
    "percentage",
    "subtracted",
    "inhibition",
    "viability",
    "fold",
];
/// Words of grids that hold no readings.
const LAYOUT: [&str; 8] = ["layout", "platemap", "map", "dilution", "dilutions", "sample", "samples", "role"];

/// Words for what stands in wells or boxes, or whom it is from. A title of nothing else is that of a layout; `Box 3 450 nm` is a plate.
const CONTENTS: [&str; 40] = [
    "standard",
    "standards",
    "std",
    "stds",
    "replicate",
    "replicates",
    "rep",
    "reps",
    "box",
    "boxes",
    "volume",
    "volumes",
    "vol",
    "µl",
    "ul",
    "ml",
    "id",
    "ids",
    "animal",
    "animals",
    "mouse",
    "mice",
    "patient",
    "patients",
    "subject",
    "subjects",
    "position",
    "positions",
    "content",
    "contents",
    "treatment",
    "treatments",
    "group",
    "groups",
    "compound",
    "compounds",
    "dose",
    "doses",
    "factor",
    "barcode",
];

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
        let is_measured = !wavelengths.is_empty()
            || other_light.is_some()
            || lower.iter().any(|word| MEASURED.contains(&word.as_str()) && !WEAK.contains(&word.as_str()));
        let is_contents =
            !is_measured && !lower.is_empty() && lower.iter().all(|word| CONTENTS.contains(&word.as_str()));
        let is_number_of_read = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| lower.get(before));
            before.is_some_and(|word| NUMBERED.contains(&word.as_str()))
                && lower[at].len() <= 2
                && lower[at].bytes().all(|byte| byte.is_ascii_digit())
        };
        let rest: Vec<&str> = words
            .iter()
            .zip(&lower)
            .enumerate()
            .filter(|(at, (word, lower))| {
                let is_sign = !word.contains(char::is_alphanumeric);
                !is_sign
                    && !is_number_of_read(*at)
                    && !MEASURED.contains(&lower.as_str())
                    && self::wavelengths(lower).is_empty()
            })
            .map(|(_, (word, _))| *word)
            .collect();
        Self {
            mode: other_light.unwrap_or(if is_absorbance { Mode::Absorbance } else { Mode::Unknown }),
            wavelength_nm,
            is_derived,
            is_measured,
            is_layout: is_contents
                || any(&LAYOUT)
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
            ("Absorbances     Filter 2: 620nm", Some(620.0), None, false),
            ("Read 1: Absorbance 450nm", Some(450.0), None, false),
            ("Box 3", None, Some("Box 3"), false),
            ("percent of control", None, None, true),
        ] {
            let found = Title::of(title);
            assert_eq!(
                (found.wavelength_nm, found.plate.as_deref(), found.is_derived),
                (wavelength, plate, derived),
                "{title}"
            );
        }
        for layout in ["standards", "replicate", "box ids", "Volume (µL)", "animal ID"] {
            assert!(Title::of(layout).is_layout && !Title::of(layout).is_measured, "{layout}");
        }
        for measured in ["450 nm", "OD", "Absorbance", "value", "Measure", "RLU", "Signal", "Counts (1.0 s)"] {
            assert!(Title::of(measured).is_measured, "{measured}");
        }
        assert!(!Title::of("Box 3").is_layout && !Title::of("Run-ID").is_measured);
        assert!(Title::of("Dilution").is_layout && Title::of("Nominal concentration").is_layout);
        assert_eq!(Title::of("RLU").mode, Mode::Luminescence);
        assert_eq!(Title::of("OD").mode, Mode::Absorbance);
        assert_eq!(Title::of("Measure").mode, Mode::Unknown);
    }
}
