//! Gen5: the steps of a procedure, what the name of a data set says of the step that measured it, and the codes of samples.

use std::ops::Range;

use super::draft::{CellIndex, ReadDraft};
use crate::plate::read::{ExportKind, Mode};
use crate::plate::well::{PlateSize, WellPosition};
use crate::sheet::Sheet;

/// One `Read` of the procedure.
pub(super) struct ReadStep {
    pub(super) label: String,
    pub(super) mode: Mode,
    /// Why it is no end-point read.
    pub(super) other: Option<(ExportKind, &'static str)>,
    /// Wavelengths of absorbance, emission of the filters of luminescence; empty for others.
    pub(super) wavelengths: Vec<f64>,
}

impl ReadStep {
    /// What follows the name of the step in that of a data set. A step without a label is called `Read 1` where there are several.
    fn rest_of<'a>(&self, label: &'a str) -> Option<&'a str> {
        if !self.label.is_empty() {
            return label.strip_prefix(self.label.as_str())?.strip_prefix(':');
        }
        let numbered = label.strip_prefix("Read ").and_then(|rest| rest.split_once(':'));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        Some(numbered.filter(|(number, _)| is_number(number)).map_or(label, |(_, rest)| rest))
    }
}

/// The steps that the lines of a procedure list; `size` is set to that of its plate type.
pub(super) fn procedure(sheet: &Sheet, rows: Range<usize>, size: &mut Option<PlateSize>) -> Vec<ReadStep> {
    let mut steps: Vec<ReadStep> = Vec::new();
    let mut kinetic = false;
    for row in rows {
        let (key, value) = (sheet.text(row, 0), sheet.text(row, 1));
        match key.as_str() {
            "Plate Type" => *size = plate_type(&value).or(*size),
            "Start Kinetic" => kinetic = true,
            "End Kinetic" => kinetic = false,
            "Read" => {
                let (mode, other) = detection(&value).unwrap_or((Mode::Unknown, None));
                let label = if detection(&value).is_some() { String::new() } else { value.clone() };
                let other = if kinetic { Some((ExportKind::Kinetic, "a kinetic read")) } else { other };
                steps.push(ReadStep { label, mode, other, wavelengths: Vec::new() });
            }
            _ => {}
        }
        let Some(step) = steps.last_mut().filter(|_| key.is_empty()) else { continue };
        if let Some((mode, other)) = detection(&value).filter(|_| step.mode == Mode::Unknown) {
            step.mode = mode;
            step.other = step.other.or(other);
        } else if let Some(list) = value.strip_prefix("Wavelengths:") {
            step.wavelengths.extend(list.split(',').filter_map(|nm| nm.trim().parse::<f64>().ok()));
        } else if let Some(emission) = value.strip_prefix("Emission:").filter(|_| step.mode == Mode::Luminescence) {
            // `460/40` is a filter with its bandwidth; `Full light` and `Hole` are none.
            step.wavelengths.extend(emission.split('/').next().and_then(|nm| nm.trim().parse::<f64>().ok()));
        } else if let Some(list) = value.strip_prefix("Pathlength Correction:") {
            step.wavelengths.extend(list.split('/').filter_map(|nm| nm.trim().parse::<f64>().ok()));
        }
    }
    steps
}

/// `96 WELL PLATE (Use plate lid)`, `Eppendorf 24-well 0030722…`, `Nunc 384 flat bottom`: the number of wells, or the first number
/// that a plate has as many wells as.
fn plate_type(text: &str) -> Option<PlateSize> {
    let lower = text.to_lowercase();
    let before_well = lower.split("well").next().filter(|before| before.len() < lower.len()).unwrap_or_default();
    let number = |digits: &str| digits.parse().ok().and_then(PlateSize::with_wells);
    let last = before_well.trim_end_matches([' ', '-']).rsplit(|c: char| !c.is_ascii_digit()).next();
    last.and_then(number).or_else(|| lower.split(|c: char| !c.is_ascii_digit()).find_map(number))
}

/// `Absorbance Endpoint` and its kin; `None` for a step's label.
fn detection(text: &str) -> Option<(Mode, Option<(ExportKind, &'static str)>)> {
    let (mode, rest) = [
        ("Absorbance ", Mode::Absorbance),
        ("Fluorescence Polarization ", Mode::Fluorescence),
        ("Time Resolved Fluorescence ", Mode::Fluorescence),
        ("Fluorescence ", Mode::Fluorescence),
        ("Luminescence ", Mode::Luminescence),
        ("Alpha ", Mode::Alpha),
    ]
    .into_iter()
    .find_map(|(word, mode)| text.strip_prefix(word).map(|rest| (mode, rest)))?;
    let other = match rest {
        "Endpoint" => None,
        "Kinetic" => Some((ExportKind::Kinetic, "a kinetic read")),
        "Spectrum" => Some((ExportKind::Spectrum, "a spectrum")),
        "Area Scan" => Some((ExportKind::AreaScan, "an area scan")),
        _ => return None,
    };
    Some((mode, other))
}

/// A data set as a read. Gen5 names raw data sets after the step and the wavelength; every other name is computed.
pub(super) fn classify(label: &str, steps: &[ReadStep], cells: Vec<(WellPosition, CellIndex)>) -> ReadDraft {
    let steps_of_data = || steps.iter().filter(|step| step.other.is_none());
    for step in steps_of_data() {
        if let Some(rest) = step.rest_of(label)
            && let Some((wavelength, excitation)) = raw_name(rest, step.mode)
            && (step.wavelengths.is_empty() || wavelength.is_none_or(|nm| step.wavelengths.contains(&nm)))
        {
            return ReadDraft::raw(step.mode, label, cells).at(wavelength).excited_at(excitation);
        }
    }
    if steps.is_empty() {
        // The export has no procedure: the name alone tells.
        for mode in [Mode::Absorbance, Mode::Fluorescence, Mode::Luminescence, Mode::Alpha] {
            let rest = label.rsplit(':').next().unwrap_or(label);
            if !label.starts_with("Blank ")
                && let Some((wavelength, excitation)) = raw_name(rest, mode)
                && wavelength.is_none_or(|nm| (190.0..=1100.0).contains(&nm))
            {
                return ReadDraft::raw(mode, label, cells).at(wavelength).excited_at(excitation);
            }
        }
    }
    ReadDraft::derived(steps.first().map_or(Mode::Unknown, |step| step.mode), label, cells)
}

/// Emission (or measured) and excitation wavelength, if `name` is one that Gen5 gives to a raw data set of that mode.
fn raw_name(name: &str, mode: Mode) -> Option<(Option<f64>, Option<f64>)> {
    let name = name.split(" [").next().unwrap_or(name);
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|nm| (1.0..2000.0).contains(nm));
    // A filter is written as its centre and its bandwidth; `260/280` is a ratio.
    let filter = |text: &str| match text.split_once('/') {
        Some((centre, bandwidth)) => number(bandwidth).filter(|&nm| nm <= 150.0).and(number(centre)),
        None => number(text),
    };
    match mode {
        Mode::Absorbance => number(name).map(|nm| (Some(nm), None)),
        Mode::Fluorescence => {
            let (excitation, emission) = name.split_once(',')?;
            Some((Some(filter(emission)?), Some(filter(excitation)?)))
        }
        Mode::Luminescence if name == "Lum" => Some((None, None)),
        Mode::Luminescence => filter(name).map(|nm| (Some(nm), None)),
        Mode::Alpha => (name == "Alpha").then_some((None, None)),
        Mode::Unknown => None,
    }
}

/// The role that Gen5's own codes stand for.
pub(super) fn role_of(id: &str) -> Option<&'static str> {
    let code: String = id.chars().take_while(char::is_ascii_alphabetic).collect();
    match code.as_str() {
        "STD" => Some("standard"),
        "SPL" => Some("sample"),
        "BLK" => Some("blank"),
        "CTL" | "POS" | "NEG" | "POSCON" | "NEGCON" | "PC" | "NC" => Some("control"),
        _ => None,
    }
}
