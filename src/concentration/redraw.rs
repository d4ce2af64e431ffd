//! The samples of a plate measured again, in the computer: every well drawn anew under the plate's own variance model, the
//! standards fitted again, and every sample read from that curve by the rules of the method.
//!
//! What is drawn is measurement, not decisions: the range of the plate, its exclusions, a standard that was rejected and the
//! verdict stand, so that controls, which serve the verdict only, are not drawn. What the choice of a standard to reject adds is
//! therefore in no draw: where many plates lose one, the error of the assay is larger than is said here. A sample's wells are drawn about the curve at its estimated concentration, or,
//! outside the limits, about their own mean response. What was not reported is not drawn. A draw whose replicates disagree is
//! drawn again, as the laboratory would run the sample again: what was reported had passed that rule as well.
//!
//! The model knows what a plate shows from within. An error that all its wells share, such as a standard that was weighed
//! wrongly, is in no residual and in no draw; controls and repeated samples over plates are there for it.

use super::evaluate::{PlateConcentrations, sample_groups};
use super::quantity::Quantity;
use super::replicates::Reader;
use super::result::{GroupResult, Range};
use crate::curve::{Blank, Redraw};
use crate::plate::{AssayWell, Reading, WellRole};
use crate::protocol::Protocol;
use crate::stats::random::Random;

/// How often a sample is drawn until it can be reported; then it keeps its result.
const ATTEMPTS: usize = 20;

/// A plate that can be drawn anew.
///
/// ```
/// use platewise::concentration::PlateRedraw;
/// use platewise::stats::random::Random;
///
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let plate = study.plates[0].concentrations.as_ref().ok_or("not read")?;
/// let mut redraw = PlateRedraw::new(plate, &study.protocol).ok_or("no noise to draw from")?;
/// let again = redraw.samples(&mut Random::new(1)).ok_or("no curve")?;
/// assert_eq!(again.len(), plate.samples.len(), "the same samples, measured once more in the computer");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PlateRedraw<'a> {
    protocol: &'a Protocol,
    curve: Redraw,
    range: Range,
    /// Standard error of the mean of the blanks, where it enters.
    blank_error: f64,
    groups: Vec<Group>,
}

/// The wells of a sample at one dilution.
#[derive(Debug, Clone)]
struct Group {
    reported: GroupResult,
    /// The mean that the wells are drawn about; `None`: not drawn.
    mean: Option<f64>,
    wells: Vec<AssayWell>,
}

impl<'a> PlateRedraw<'a> {
    /// `None` for a plate without a curve, a range or noise.
    pub fn new(plate: &PlateConcentrations, protocol: &'a Protocol) -> Option<Self> {
        let curve = Redraw::new(plate.curve.as_ref().ok()?)?;
        let range = plate.range.clone()?;
        let groups = sample_groups(&plate.plate)
            .into_iter()
            .zip(&plate.samples)
            .map(|((_, members), reported)| Group {
                mean: mean(reported, &curve),
                reported: reported.clone(),
                wells: members.into_iter().cloned().collect(),
            })
            .collect();
        Some(Self { protocol, blank_error: blank_error(plate, protocol, &curve), curve, range, groups })
    }

    /// Degrees of freedom of the plate's σ.
    pub fn df(&self) -> usize {
        self.curve.about().df()
    }

    /// The samples of the plate, drawn anew. `None` where the drawn standards gave no curve.
    pub fn samples(&mut self, random: &mut Random) -> Option<Vec<GroupResult>> {
        let blank_error = if self.blank_error > 0.0 { self.blank_error * random.normal() } else { 0.0 };
        let curve = self.curve.curve(blank_error, &mut || random.normal())?;
        let subtracted = if self.protocol.method.blank == Blank::Subtract { blank_error } else { 0.0 };
        let reader = Reader { curve: Some(&curve), range: Some(&self.range), protocol: self.protocol };
        let groups = &mut self.groups;
        Some(groups.iter_mut().map(|group| group.draw(&self.curve, &reader, subtracted, random)).collect())
    }
}

impl Group {
    fn draw(&mut self, about: &Redraw, reader: &Reader<'_>, subtracted: f64, random: &mut Random) -> GroupResult {
        let Some(mean) = self.mean else { return self.reported.clone() };
        for _ in 0..ATTEMPTS {
            for well in &mut self.wells {
                well.response = Reading::Measured(about.response(mean, random.normal()) - subtracted);
            }
            let members: Vec<&AssayWell> = self.wells.iter().collect();
            let drawn = reader.group(&self.reported.name, self.reported.dilution, &members);
            if !matches!(drawn.quantity, Quantity::NotReported { .. }) {
                return drawn;
            }
        }
        self.reported.clone()
    }
}

/// What the wells of a group are drawn about.
fn mean(reported: &GroupResult, curve: &Redraw) -> Option<f64> {
    match &reported.quantity {
        Quantity::Quantified(estimate) => Some(curve.about().response(estimate.value / reported.dilution)),
        Quantity::BelowLloq { .. } | Quantity::AboveUloq { .. } => reported.mean_response,
        Quantity::NotReported { .. } => None,
    }
    .filter(|mean| mean.is_finite())
}

/// The standard error of the mean of the blanks, where the method subtracts it or holds `a` at it: by the spread of the blanks
/// themselves, or, of a single one, by the variance model.
fn blank_error(plate: &PlateConcentrations, protocol: &Protocol, curve: &Redraw) -> f64 {
    if !matches!(protocol.method.blank, Blank::Subtract | Blank::Constrain) {
        return 0.0;
    }
    let of = |wanted: fn(&WellRole) -> bool| -> Vec<f64> {
        plate.plate.wells.iter().filter(|well| wanted(&well.role)).filter_map(|well| well.response.measured()).collect()
    };
    let mut blanks = of(|role| *role == WellRole::Blank);
    if blanks.is_empty() {
        blanks = of(|role| matches!(role, WellRole::Standard { concentration } if *concentration == 0.0));
    }
    let n = blanks.len() as f64;
    let mean = blanks.iter().sum::<f64>() / n;
    let variance = match blanks.len() {
        0 => return 0.0,
        1 => curve.about().variance(mean).unwrap_or(0.0),
        _ => blanks.iter().map(|blank| (blank - mean).powi(2)).sum::<f64>() / (n - 1.0),
    };
    (variance / n).sqrt()
}
