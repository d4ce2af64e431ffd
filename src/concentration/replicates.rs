//! Reads responses from a curve: one well, or the replicates of a sample as one value.
//!
//! A group is reported only when each of its wells was measured, all lie on the same side of each limit, and they agree: the CV
//! of their concentrations, sd / mean with n − 1, is at most the method's limit, which near the LLOQ is one of the standard
//! deviation (ICH M10 4.3.4: one replicate inside the range and one outside is not reportable). Nothing is averaged over a
//! limit; replicates that are all below the LLOQ are "below the LLOQ" however much they differ.

use super::quantity::{Estimate, NotReported, Quantity};
use super::result::{GroupResult, Range};
use crate::curve::numerics::cv::{cv_percent, mean};
use crate::curve::{Inverse, InverseStatus, SharedError, StandardCurve};
use crate::plate::{AssayWell, Reading};
use crate::protocol::{Acceptance, Assay, Replicates};

/// Reads responses from the curve of a plate.
pub(super) struct CurveReader<'a> {
    pub(super) curve: Option<&'a StandardCurve>,
    pub(super) range: Option<&'a Range>,
    pub(super) assay: &'a Assay,
}

/// 100 × (value − nominal) / nominal.
pub(super) fn percent_difference(value: f64, nominal: f64) -> f64 {
    100.0 * (value - nominal) / nominal
}

/// Why a response that is no number gives no concentration.
fn not_measured(response: &Reading) -> Option<NotReported> {
    match response {
        Reading::Measured(_) => None,
        Reading::Saturated(_) => Some(NotReported::Saturated),
        Reading::Masked { .. } => Some(NotReported::MaskedByReader),
        Reading::Missing(_) | Reading::NotComputed(_) => Some(NotReported::Missing),
    }
}

fn not_reported(reason: NotReported) -> Quantity {
    Quantity::NotReported { reason }
}

impl CurveReader<'_> {
    fn shared(&self) -> Option<&SharedError> {
        self.assay.method.shared_error.as_ref()
    }

    /// The concentration of one well at a dilution.
    pub(super) fn well(&self, response: &Reading, dilution: f64) -> Quantity {
        match (response, self.curve, self.range) {
            (Reading::Measured(value), Some(curve), Some(range)) => {
                within(curve, &curve.invert_sharing(*value, 1, self.shared()), range, dilution)
            }
            (Reading::Measured(_), ..) => not_reported(NotReported::NoCurve),
            (other, ..) => not_reported(not_measured(other).unwrap_or(NotReported::Missing)),
        }
    }

    /// The concentration of a standard's well on the curve, whatever the range.
    pub(super) fn back_calculated(&self, response: &Reading) -> Quantity {
        match (response, self.curve) {
            (Reading::Measured(value), Some(curve)) => {
                let inverse = curve.invert(*value, 1);
                estimate(&inverse).map_or_else(|| not_reported(NotReported::NotDetermined), Quantity::Quantified)
            }
            (Reading::Measured(_), None) => not_reported(NotReported::NoCurve),
            (other, _) => not_reported(not_measured(other).unwrap_or(NotReported::Missing)),
        }
    }

    /// The replicates of a sample or control as one value.
    pub(super) fn group(&self, name: &str, dilution: f64, all: &[&AssayWell]) -> GroupResult {
        let (excluded, kept): (Vec<&AssayWell>, Vec<&AssayWell>) = all.iter().partition(|well| well.is_left_out());
        let members = kept.as_slice();
        let responses: Vec<f64> = members.iter().filter_map(|well| well.response.measured()).collect();
        let mean_response = mean(&responses);
        // Of a well by itself nobody reads the interval here, which is what takes the time.
        let read = |curve: &StandardCurve| responses.iter().map(|&response| curve.concentration_of(response)).collect();
        let read: Vec<Result<f64, InverseStatus>> = self.curve.map(read).unwrap_or_default();
        let wells: Vec<Quantity> = match (self.curve, self.range) {
            (Some(curve), Some(range)) => {
                let responses = responses.iter().zip(&read);
                responses.map(|(response, read)| without_interval(curve, *response, *read, range, dilution)).collect()
            }
            _ => Vec::new(),
        };
        let on_curve: Vec<f64> = read.into_iter().flatten().collect();
        let cv_percent = (on_curve.len() == members.len()).then(|| cv_percent(&on_curve)).flatten();
        let mut flags: Vec<String> =
            excluded.iter().map(|well| format!("{}: {}", well.position, token(well))).collect();
        let too_few = kept.len() < self.assay.acceptance.replicates_after_exclusion.max(1);
        let quantity = if !excluded.is_empty() && too_few {
            let by_decision = excluded.iter().any(|well| well.excluded.is_some());
            not_reported(if by_decision { NotReported::Excluded } else { NotReported::MaskedByReader })
        } else {
            self.combine(members, &wells, &on_curve, mean_response, dilution, cv_percent, &mut flags)
        };
        GroupResult {
            name: name.to_string(),
            dilution,
            wells: all.iter().map(|well| well.position).collect(),
            mean_response,
            cv_percent,
            quantity,
            flags,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what is known of the group, each once")]
    fn combine(
        &self,
        members: &[&AssayWell],
        wells: &[Quantity],
        on_curve: &[f64],
        mean_response: Option<f64>,
        dilution: f64,
        cv_percent: Option<f64>,
        flags: &mut Vec<String>,
    ) -> Quantity {
        for well in members.iter().filter(|well| well.response.measured().is_none()) {
            flags.push(format!("{}: {}", well.position, token(well)));
        }
        let unmeasured = members.iter().filter_map(|well| not_measured(&well.response)).min();
        if let Some(reason) = unmeasured {
            return not_reported(reason);
        }
        let (Some(curve), Some(range), Some(mean_response)) = (self.curve, self.range, mean_response) else {
            return not_reported(NotReported::NoCurve);
        };
        match together(wells) {
            GroupPosition::Inside => {}
            GroupPosition::Below => return Quantity::BelowLloq { limit: range.lloq * dilution },
            GroupPosition::Above => return Quantity::AboveUloq { limit: range.uloq * dilution },
            GroupPosition::NotDetermined => return not_reported(why_not(wells).unwrap_or(NotReported::NotDetermined)),
            GroupPosition::AcrossLimit => {
                let list: Vec<String> = wells.iter().map(ToString::to_string).collect();
                flags.push(format!("replicates {}", list.join(" and ")));
                return not_reported(NotReported::ReplicatesAcrossLimit);
            }
        }
        match cv_percent.zip(mean(on_curve)) {
            Some((cv, mean)) => {
                let limit = cv_limit_percent(mean, range.lloq, &self.assay.acceptance);
                if cv > limit {
                    flags.push(format!("replicate CV {cv:.1} % above {limit:.1} %"));
                    return not_reported(NotReported::ReplicatesDisagree);
                }
            }
            None => flags.push("single well: replicates cannot be compared".into()),
        }
        let response = match self.assay.method.replicates {
            Replicates::ConcentrationOfMeanResponse => mean_response,
            // The interval of the mean concentration is that of a response which lies there on the curve.
            Replicates::MeanOfConcentrations => mean(on_curve).map_or(mean_response, |mean| curve.response(mean)),
        };
        within(curve, &curve.invert_sharing(response, members.len(), self.shared()), range, dilution)
    }
}

/// Why the first well without a result has none.
fn why_not(wells: &[Quantity]) -> Option<NotReported> {
    wells.iter().find_map(|well| if let Quantity::NotReported { reason } = well { Some(*reason) } else { None })
}

/// Where the wells of a group lie.
#[derive(Debug, PartialEq)]
enum GroupPosition {
    Inside,
    Below,
    Above,
    AcrossLimit,
    NotDetermined,
}

/// A well of which the curve says nothing leaves the group without a result, whatever the others are: it is not known to lie on
/// their side.
fn together(wells: &[Quantity]) -> GroupPosition {
    let all = |of: fn(&Quantity) -> bool| !wells.is_empty() && wells.iter().all(of);
    if all(|well| matches!(well, Quantity::Quantified(_))) {
        GroupPosition::Inside
    } else if all(|well| matches!(well, Quantity::BelowLloq { .. })) {
        GroupPosition::Below
    } else if all(|well| matches!(well, Quantity::AboveUloq { .. })) {
        GroupPosition::Above
    } else if all(|well| !matches!(well, Quantity::NotReported { .. })) {
        GroupPosition::AcrossLimit
    } else {
        GroupPosition::NotDetermined
    }
}

/// The largest CV that replicates with this mean may have, in percent: where the mean is near zero a CV says nothing, and the
/// standard deviation is compared with the LLOQ instead.
///
/// ```text
/// sd ≤ max(replicate_cv_percent × mean, replicate_sd_percent_of_lloq × LLOQ) / 100
/// ```
fn cv_limit_percent(mean: f64, lloq: f64, acceptance: &Acceptance) -> f64 {
    let near_zero = acceptance.replicate_sd_percent_of_lloq.map_or(0.0, |percent| percent * lloq / mean);
    acceptance.replicate_cv_percent.max(near_zero)
}

/// What a well without a number says, for a flag.
fn token(well: &AssayWell) -> String {
    match &well.response {
        Reading::Saturated(text) => format!("saturated ({text})"),
        Reading::Masked { text, .. } if well.excluded.is_some() => text.clone(),
        Reading::Masked { text, .. } => format!("masked in the reader's software ({text})"),
        Reading::Missing(text) | Reading::NotComputed(text) if text.is_empty() => "not read".into(),
        Reading::Missing(text) | Reading::NotComputed(text) => format!("not read ({text})"),
        Reading::Measured(value) => value.to_string(),
    }
}

/// A response that was read from the curve, compared with the range, on the scale of the undiluted sample: a finite result, or the
/// reason why there is none.
fn within(curve: &StandardCurve, inverse: &Inverse, range: &Range, dilution: f64) -> Quantity {
    let read = estimate(inverse).ok_or(inverse.status);
    finite(compared_with_range(curve, inverse.response, read, range, dilution))
}

/// The same of a response of which only the concentration was read.
fn without_interval(
    curve: &StandardCurve,
    response: f64,
    read: Result<f64, InverseStatus>,
    range: &Range,
    dilution: f64,
) -> Quantity {
    let estimate = |value| Estimate { value, standard_error: None, lower: None, upper: None };
    finite(compared_with_range(curve, response, read.map(estimate), range, dilution))
}

fn finite(quantity: Quantity) -> Quantity {
    match quantity {
        Quantity::Quantified(estimate) if !estimate.is_finite() => not_reported(NotReported::NotFinite),
        Quantity::BelowLloq { limit } | Quantity::AboveUloq { limit } if !limit.is_finite() => {
            not_reported(NotReported::NotFinite)
        }
        quantity => quantity,
    }
}

fn compared_with_range(
    curve: &StandardCurve,
    response: f64,
    read: Result<Estimate, InverseStatus>,
    range: &Range,
    dilution: f64,
) -> Quantity {
    let below = Quantity::BelowLloq { limit: range.lloq * dilution };
    let above = Quantity::AboveUloq { limit: range.uloq * dilution };
    match read {
        Ok(estimate) if estimate.value < range.lloq => below,
        Ok(estimate) if estimate.value > range.uloq => above,
        Ok(estimate) => Quantity::Quantified(estimate.times(dilution)),
        Err(InverseStatus::BelowCurve | InverseStatus::BelowLowestStandard) => below,
        Err(InverseStatus::AboveCurve | InverseStatus::AboveHighestStandard | InverseStatus::AboveHook) => above,
        Err(InverseStatus::PlateauNotDetermined) => match beyond(curve, response, range) {
            Some(Side::Below) => below,
            Some(Side::Above) => above,
            None => not_reported(NotReported::NotDetermined),
        },
        Err(_) => not_reported(NotReported::NotDetermined),
    }
}

/// A side of the range.
enum Side {
    Below,
    Above,
}

/// On which side of the range a response lies, by the curve's responses at the limits; `None` between them.
fn beyond(curve: &StandardCurve, response: f64, range: &Range) -> Option<Side> {
    let (at_lloq, at_uloq) = (curve.response(range.lloq), curve.response(range.uloq));
    let rise = (at_uloq - at_lloq).signum();
    if (response - at_uloq) * rise > 0.0 {
        Some(Side::Above)
    } else if (at_lloq - response) * rise > 0.0 {
        Some(Side::Below)
    } else {
        None
    }
}

fn estimate(inverse: &Inverse) -> Option<Estimate> {
    inverse.concentration.map(|value| Estimate {
        value,
        standard_error: inverse.standard_error,
        lower: inverse.lower,
        upper: inverse.upper,
    })
}

#[cfg(test)]
mod tests;
