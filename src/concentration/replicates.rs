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
mod tests {
    use super::*;
    use crate::curve::{Method, Point, fit};
    use crate::plate::WellRole;

    #[test]
    fn near_the_lloq_the_standard_deviation_counts() {
        let m10 = crate::protocol::Criteria::IchM10.acceptance();
        let limits = [31.25, 35.0, 39.0625, 100.0].map(|mean| cv_limit_percent(mean, 31.25, &m10));
        assert_eq!([limits[0], limits[2], limits[3]], [25.0, 20.0, 20.0]);
        assert!((limits[1] - 25.0 * 31.25 / 35.0).abs() < 1e-12);
        // Below the LLOQ, where a CV of 200 % may be one pg/mL, the limit rises without bound.
        assert!((cv_limit_percent(0.5, 31.25, &m10) - 1562.5).abs() < 1e-9);
        let strict = Acceptance { replicate_sd_percent_of_lloq: None, ..m10 };
        assert_eq!(cv_limit_percent(0.5, 31.25, &strict), 20.0);
    }

    #[test]
    fn a_well_that_is_not_determined_leaves_no_limit_to_report() {
        let below = Quantity::BelowLloq { limit: 31.25 };
        let above = Quantity::AboveUloq { limit: 2000.0 };
        let inside = Quantity::Quantified(Estimate { value: 90.0, standard_error: None, lower: None, upper: None });
        let open = not_reported(NotReported::NotDetermined);
        let of = |one: &Quantity, other: &Quantity| together(&[one.clone(), other.clone()]);
        assert_eq!(
            [&inside, &below, &above].map(|one| of(one, one)),
            [GroupPosition::Inside, GroupPosition::Below, GroupPosition::Above]
        );
        for one in [&below, &inside, &above, &open] {
            assert_eq!((of(one, &open), of(&open, one)), (GroupPosition::NotDetermined, GroupPosition::NotDetermined));
        }
        for (one, other) in [(&below, &inside), (&above, &inside), (&below, &above)] {
            assert_eq!(of(one, other), GroupPosition::AcrossLimit);
        }
    }

    #[test]
    fn cv_is_that_of_a_pocket_calculator() {
        // Two values: |x1 − x2| / (√2 × mean).
        assert!((cv_percent(&[90.0, 110.0]).unwrap() - 100.0 * 20.0 / (2f64.sqrt() * 100.0)).abs() < 1e-12);
        // A CV of 20 % is a difference of 28.3 % of the mean; each within 10 % of the mean is a CV of 14.1 %.
        assert!((cv_percent(&[100.0 - 14.142, 100.0 + 14.142]).unwrap() - 20.0).abs() < 1e-3);
        assert!((cv_percent(&[90.0, 110.0]).unwrap() - 14.142).abs() < 1e-3);
        assert_eq!(cv_percent(&[1.0]), None);
        assert_eq!(cv_percent(&[0.0, 0.0]), None);
    }

    /// A curve through these means in pairs ±1 %, and its range from the first to the last.
    fn curve_of(response: impl Fn(f64) -> f64) -> (StandardCurve, Range) {
        let levels = [100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0];
        let points: Vec<Point> = levels
            .into_iter()
            .flat_map(|x| [0.99, 1.01].map(|factor| Point { concentration: x, response: factor * response(x) }))
            .collect();
        let range =
            Range { lloq: 100.0, uloq: 3200.0, lloq_raised_from: None, uloq_lowered_from: None, rule: String::new() };
        (fit(&points, &Method::default()).unwrap(), range)
    }

    fn assay() -> Assay {
        Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap()
    }

    /// A response beyond the standards, where the curve has no plateau, is on its side of the range nevertheless.
    #[test]
    fn beyond_a_missing_plateau_the_side_is_known() {
        let assay = assay();
        let well = |curve: &StandardCurve, range: &Range, response: f64| {
            let status = curve.invert(response, 1).status;
            let reader = CurveReader { curve: Some(curve), range: Some(range), assay: &assay };
            (status, reader.well(&Reading::Measured(response), 10.0))
        };
        let (below, above) = (Quantity::BelowLloq { limit: 1000.0 }, Quantity::AboveUloq { limit: 32_000.0 });
        // y = 3 − 20/√x has no lower plateau: 1 at 100, minus infinity at 0.
        let (curve, range) = curve_of(|x| 3.0 - 20.0 / x.sqrt());
        assert_eq!(well(&curve, &range, 0.3), (InverseStatus::PlateauNotDetermined, below.clone()));
        // y = 0.1 + 0.05 √x has no upper one: 2.93 at 3200.
        let (curve, range) = curve_of(|x| 0.1 + 0.05 * x.sqrt());
        assert_eq!(well(&curve, &range, 9.0), (InverseStatus::PlateauNotDetermined, above.clone()));
        // The same on falling curves, where a response above all others is a concentration below them.
        let (curve, range) = curve_of(|x| 20.0 / x.sqrt());
        assert_eq!(well(&curve, &range, 9.0), (InverseStatus::PlateauNotDetermined, below));
    }

    /// Replicates whose CV is just the limit agree.
    #[test]
    fn replicates_at_their_limit_agree() {
        let (curve, range) = curve_of(|x| 3.0 * x / (x + 800.0));
        let wells = [300.0, 400.0].map(|x| {
            AssayWell::of_reading(
                "A01".parse().unwrap(),
                WellRole::Sample { id: "S".into(), dilution: None },
                Reading::Measured(curve.response(x)),
            )
        });
        let group = |limit: f64| {
            let mut assay = assay();
            (assay.acceptance.replicate_cv_percent, assay.acceptance.replicate_sd_percent_of_lloq) = (limit, None);
            let reader = CurveReader { curve: Some(&curve), range: Some(&range), assay: &assay };
            reader.group("S", 1.0, &wells.iter().collect::<Vec<_>>())
        };
        // 100 / √2 / 350 = 20.203 %.
        let cv = group(50.0).cv_percent.unwrap();
        assert!((cv - 20.203).abs() < 0.001, "{cv}");
        assert!(matches!(group(cv).quantity, Quantity::Quantified(_)), "{:?}", group(cv));
        assert_eq!(group(cv * (1.0 - 1e-12)).quantity, not_reported(NotReported::ReplicatesDisagree));
        // Of three, with n − 1: 1, 2 and 3 have a standard deviation of 1 and a mean of 2.
        assert_eq!(cv_percent(&[1.0, 2.0, 3.0]), Some(50.0));
    }

    /// What is left of a sample is reported if as many wells are left as are asked for, and not if one is missing.
    #[test]
    fn enough_wells_are_left_or_the_sample_is_not_reported() {
        let (curve, range) = curve_of(|x| 3.0 * x / (x + 800.0));
        let wells = |kept: usize, masked: usize| -> Vec<AssayWell> {
            let sample = || WellRole::Sample { id: "S".into(), dilution: None };
            let well = |reading| AssayWell::of_reading("A01".parse().unwrap(), sample(), reading);
            let measured = (0..kept).map(|at| well(Reading::Measured(curve.response(400.0 + at as f64))));
            measured
                .chain((0..masked).map(|_| well(Reading::Masked { text: "*0.9*".into(), value: Some(0.9) })))
                .collect()
        };
        let quantity = |kept: usize, masked: usize, asked: usize| {
            let mut assay = assay();
            assay.acceptance.replicates_after_exclusion = asked;
            let reader = CurveReader { curve: Some(&curve), range: Some(&range), assay: &assay };
            let wells = wells(kept, masked);
            reader.group("S", 1.0, &wells.iter().collect::<Vec<_>>()).quantity
        };
        let masked = not_reported(NotReported::MaskedByReader);
        for (kept, asked) in [(1, 1), (2, 2), (3, 2), (2, 1)] {
            assert!(matches!(quantity(kept, 1, asked), Quantity::Quantified(_)), "{kept} of {asked}");
        }
        assert_eq!([quantity(1, 1, 2), quantity(2, 1, 3), quantity(0, 2, 0)], [masked.clone(), masked.clone(), masked]);
        assert!(matches!(quantity(1, 0, 2), Quantity::Quantified(_)), "nothing was excluded of a sample in one well");
    }
}
