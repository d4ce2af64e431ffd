//! The samples of a plate measured again, in the computer: every well drawn anew under the plate's own variance model, the
//! standards fitted again, and every sample read from that curve by the rules of the method.
//!
//! All standards are drawn, one that was rejected as well: about the curve without it, since a standard that was made up rightly lies
//! there. Then the rules that stood before any well was read are applied as to the plate itself: of standards that fail one is
//! rejected, and the standards that pass set the range. A rule that now and then rejects a sound standard moves curve and range,
//! and so belongs to the error of the assay. What a person decided stands: exclusions, and the verdict, so that controls, which serve
//! the verdict only, are not drawn. A sample's wells are drawn about the curve at its estimated concentration, or, outside the
//! limits, about their own mean response. What was not reported is not drawn. A draw whose replicates disagree is drawn again,
//! as the laboratory would run the sample again: what was reported had passed that rule as well.
//!
//! A rule that takes the worst standard away takes noise away with it: σ² of the curve without that standard comes out too small,
//! by 20 % where noise alone makes nearly every plate lose one (CV 8 % of a response, duplicates). How small is seen in draws about
//! the plate's own curve, to which the rule is applied in the same way:
//!
//! ```text
//! σ² / σ̂² = 1 / mean of σ̂*² / σ̂²        σ̂*²: RSS / df of a drawn plate after the rule, drawn with σ̂²
//! ```
//!
//! (bootstrap estimate of bias; Davison & Hinkley 1997, section 2.1). A standard that was made up wrongly on a plate of little noise
//! does not come into it: draws of such a plate lose none. σ of the first fit would take that standard for noise.
//!
//! The model knows what a plate shows from within. An error that all its wells share, such as a standard that was weighed
//! wrongly, is in no residual and in no draw; controls and repeated samples over plates are there for it.

use super::evaluate::{PlateConcentrations, given, sample_groups};
use super::quantity::Quantity;
use super::range;
use super::replicates::Reader;
use super::result::GroupResult;
use super::standards;
use crate::curve::{Blank, Method, Point, Redraw};
use crate::plate::{AssayWell, Reading, WellRole};
use crate::protocol::Protocol;
use crate::stats::random::Random;

/// How often a sample is drawn until it can be reported; then it keeps its result.
const ATTEMPTS: usize = 20;

/// Draws from which the share of σ² is learnt that the rejection of a standard leaves: it is known to √(2/df) / √draws, 3 %.
const CALIBRATION: usize = 200;

/// A plate that can be drawn anew.
///
/// ```
/// use platewise::concentration::PlateRedraw;
/// use platewise::stats::random::Random;
///
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let plate = study.plates[0].concentrations.as_ref().ok_or("not read")?;
/// let mut redraw = PlateRedraw::new(plate, &study.protocol, &mut Random::new(2)).ok_or("no noise to draw from")?;
/// let again = redraw.samples(&mut Random::new(1)).ok_or("no curve")?;
/// assert_eq!(again.len(), plate.samples.len(), "the same samples, measured once more in the computer");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PlateRedraw<'a> {
    protocol: &'a Protocol,
    curve: Redraw,
    /// Every well of a standard, with the mean response that it is drawn about.
    standards: Vec<Point>,
    method: Method,
    /// Nominal concentrations of all wells of standards, measured or not.
    given: Vec<f64>,
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
    /// `None` for a plate without a curve, a range or noise. `random` serves to see what the rejection of a standard, where there
    /// was one, has done to σ.
    pub fn new(plate: &PlateConcentrations, protocol: &'a Protocol, random: &mut Random) -> Option<Self> {
        let fitted = plate.curve.as_ref().ok()?;
        let curve = Redraw::new(fitted)?;
        plate.range.as_ref()?;
        let all = plate.first_fit.as_ref().map_or(fitted, |first| &first.curve).points();
        let standards: Vec<Point> =
            all.iter().map(|well| Point { response: fitted.response(well.concentration), ..*well }).collect();
        standards.iter().all(|well| well.response.is_finite()).then_some(())?;
        let groups = sample_groups(&plate.plate)
            .into_iter()
            .zip(&plate.samples)
            .map(|((_, members), reported)| Group {
                mean: mean(reported, &curve),
                reported: reported.clone(),
                wells: members.into_iter().cloned().collect(),
            })
            .collect();
        let redraw = Self {
            protocol,
            blank_error: blank_error(plate, protocol, &curve),
            method: fitted.method().clone(),
            given: given(&plate.plate),
            standards,
            curve,
            groups,
        };
        Some(match &plate.first_fit {
            None => redraw,
            Some(_) => redraw.with_the_noise_that_was_rejected(random),
        })
    }

    /// σ̂ corrected for what the rule takes away.
    fn with_the_noise_that_was_rejected(mut self, random: &mut Random) -> Self {
        let about = self.curve.about();
        // σ̂ under two exponents is in two units.
        let method = standards::at_the_exponent_of(about, &self.method);
        let left: Vec<f64> = (0..CALIBRATION)
            .filter_map(|_| standards::fit(&self.drawn(0.0, random), &method, &self.given, self.protocol).curve.ok())
            .filter_map(|curve| Some((curve.residual_sd()? / about.residual_sd()?).powi(2)))
            .collect();
        let share = left.iter().sum::<f64>() / left.len() as f64;
        if share > 0.0 {
            self.curve = self.curve.with_sd_times(share.sqrt().recip());
        }
        self
    }

    /// The standards, drawn anew, each response so much lower as the mean of the blanks that is subtracted came out too high.
    fn drawn(&self, subtracted: f64, random: &mut Random) -> Vec<Point> {
        let draw = |well: &Point| Point {
            response: self.curve.response(well.response, random.normal()) - subtracted,
            ..*well
        };
        self.standards.iter().map(draw).collect()
    }

    /// Degrees of freedom of the plate's σ.
    pub fn df(&self) -> usize {
        self.curve.about().df()
    }

    /// The samples of the plate, drawn anew. `None` where the drawn standards gave no curve or no range.
    pub fn samples(&mut self, random: &mut Random) -> Option<Vec<GroupResult>> {
        let blank_error = if self.blank_error > 0.0 { self.blank_error * random.normal() } else { 0.0 };
        // Where the method holds `a` at the mean of the blanks, `a` moves along; where it subtracts that mean, every response is
        // so much lower.
        let mut method = self.method.clone();
        method.fixed.a = method.fixed.a.map(|a| a + blank_error);
        let subtracted = if self.protocol.method.blank == Blank::Subtract { blank_error } else { 0.0 };
        let fits = standards::fit(&self.drawn(subtracted, random), &method, &self.given, self.protocol);
        let curve = fits.curve.ok().filter(|curve| curve.verdict().usable)?;
        let range = range::range(&fits.standards, self.protocol)?;
        let reader = Reader { curve: Some(&curve), range: Some(&range), protocol: self.protocol };
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
