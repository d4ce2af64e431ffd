//! Blank, top response and window: whether the plate has the signal that its method is used to.
//!
//! The limits of these are limits of what was read, less the reference and nothing else: a blank that is subtracted would be 0 on
//! every plate, and would never be too high. Only against the curve is the blank held as the curve takes it.

use super::judged_by::JudgedBy;
use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId, RuleUnit};
use super::verdict::Finding;
use crate::concentration::PlateConcentrations;
use crate::concentration::quantity::significant;
use crate::plate::{AssayPlate, AssayWell, WellRole};
use crate::protocol::Acceptance;

const BLANK_MAX_RESPONSE: RuleId = RuleId::of(
    &PlateRule::new(
        "blank_max_response",
        "response of the blank",
        "a plate whose blanks and highest standard read as the method asks",
    )
    .of(RuleUnit::Response),
);
const BLANK_BELOW_LLOQ: RuleId = RuleId::of(
    &PlateRule::new("blank_below_lloq", "blank against the LLOQ", "a cleaner blank, or a higher LLOQ in the method")
        .of(RuleUnit::Response),
);
const TOP_MIN_RESPONSE: RuleId = RuleId::of(
    &PlateRule::new(
        "top_min_response",
        "response of the highest standard",
        "a plate whose blanks and highest standard read as the method asks",
    )
    .of(RuleUnit::Response),
);
const WINDOW_MIN_RATIO: RuleId = RuleId::of(
    &PlateRule::new(
        "window_min_ratio",
        "highest standard beside the blank",
        "a plate whose blanks and highest standard read as the method asks",
    )
    .of(RuleUnit::Times),
);

/// The rules of this file.
pub(super) const RULES: JudgedBy = JudgedBy {
    rules: &[BLANK_MAX_RESPONSE, BLANK_BELOW_LLOQ, TOP_MIN_RESPONSE, WINDOW_MIN_RATIO],
    needs_curve: true,
    judge: |of| judge(of.plate, &of.assay.acceptance),
};

/// Judges the responses that the method sets limits to.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance) -> Vec<Finding> {
    let blank = blank_as_read(&plate.plate);
    let levels = plate.standards.iter().map(|standard| standard.nominal);
    let means: Vec<f64> = levels.filter_map(|level| standard_as_read(&plate.plate, level)).chain(blank).collect();
    let top = means.iter().copied().reduce(f64::max);
    let bottom = means.iter().copied().reduce(f64::min);
    let finding = |rule, subject: &str, value: Option<f64>, limit: String, met: fn(f64, f64) -> bool, at: f64| {
        let observed = value.map_or_else(|| "not measured".into(), |value| significant(value, 4));
        let outcome = match value {
            None => Outcome::NotEvaluable,
            Some(value) if met(value, at) => Outcome::Pass,
            Some(_) => Outcome::Fail,
        };
        Finding::new(rule, subject, observed, limit, outcome).numbers(value, at)
    };
    let mut findings = Vec::new();
    if let Some(most) = acceptance.blank_max_response {
        findings.push(finding(BLANK_MAX_RESPONSE, "blank", blank, format!("at most {most}"), |v, at| v <= at, most));
    }
    if acceptance.blank_below_lloq {
        findings.extend(below_lloq(plate));
    }
    if let Some(least) = acceptance.top_min_response {
        findings.push(finding(TOP_MIN_RESPONSE, "top", top, format!("at least {least}"), |v, at| v >= at, least));
    }
    if let Some(least) = acceptance.window_min_ratio {
        // A ratio to nothing, or to a blank that the reader's software subtracted, says nothing.
        let ratio = top.zip(bottom).filter(|(_, bottom)| *bottom > 0.0).map(|(top, bottom)| top / bottom);
        let limit = format!("top response at least {least} × the lowest");
        findings.push(finding(WINDOW_MIN_RATIO, "window", ratio, limit, |v, at| v >= at, least));
    }
    findings
}

/// Mean response of the blank wells, or else of the zero standard, as they were read; `None` where neither was measured.
pub(in crate::qc) fn blank_as_read(plate: &AssayPlate) -> Option<f64> {
    blank(plate, as_read)
}

/// Mean response of a level of the standards, as it was read.
pub(in crate::qc) fn standard_as_read(plate: &AssayPlate, level: f64) -> Option<f64> {
    mean(plate, as_read, |role| *role == WellRole::Standard { concentration: level })
}

fn as_read(well: &AssayWell) -> Option<f64> {
    well.response_as_read().measured()
}

fn blank(plate: &AssayPlate, response: fn(&AssayWell) -> Option<f64>) -> Option<f64> {
    let zero = WellRole::Standard { concentration: 0.0 };
    mean(plate, response, |role| *role == WellRole::Blank).or_else(|| mean(plate, response, |role| *role == zero))
}

/// The mean over the wells of a role that have a response.
fn mean(
    plate: &AssayPlate,
    response: fn(&AssayWell) -> Option<f64>,
    wanted: impl Fn(&WellRole) -> bool,
) -> Option<f64> {
    let of_role = plate.wells.iter().filter(|well| wanted(&well.role));
    let responses: Vec<f64> = of_role.filter_map(response).collect();
    (!responses.is_empty()).then(|| responses.iter().sum::<f64>() / responses.len() as f64)
}

/// Whether the blank reads below the LLOQ on the plate's own curve. A plate without any blank is not asked.
fn below_lloq(plate: &PlateConcentrations) -> Option<Finding> {
    let blank = blank(&plate.plate, |well| well.response.measured());
    let there =
        plate.wells.iter().any(|well| well.role == "blank" || (well.role == "standard" && well.nominal == Some(0.0)));
    let (curve, range) = (plate.curve.as_ref().ok()?, plate.range.as_ref()?);
    let at_lloq = curve.response(range.lloq);
    let outcome = match blank {
        _ if !there => return None,
        None => Outcome::NotEvaluable,
        Some(blank) if (blank - at_lloq) * (curve.response(range.uloq) - at_lloq) < 0.0 => Outcome::Pass,
        Some(_) => Outcome::Fail,
    };
    let observed =
        blank.map_or_else(|| "not measured".into(), |blank| format!("mean response {}", significant(blank, 4)));
    let limit = format!("on the blank's side of {}, the response at the LLOQ", significant(at_lloq, 4));
    Some(Finding::new(BLANK_BELOW_LLOQ, "blank", observed, limit, outcome).numbers(blank, at_lloq))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::example;

    /// The limits themselves are inside: at most, at least.
    #[test]
    fn a_response_at_its_limit_passes() {
        let plate = example::plate("P", &[], 1.0, 1);
        let of_level = |level: f64| {
            let wells =
                plate.plate.wells.iter().filter(|well| well.role == WellRole::Standard { concentration: level });
            let readings: Vec<f64> = wells.filter_map(|well| well.reading.measured()).collect();
            readings.iter().sum::<f64>() / readings.len() as f64
        };
        // The curve rises, and the plate has no blanks but its zero standard.
        let (top, bottom) = (of_level(2000.0), of_level(0.0));
        let none = crate::protocol::Criteria::IchM10.acceptance();
        let none = Acceptance {
            blank_max_response: None,
            blank_below_lloq: false,
            top_min_response: None,
            window_min_ratio: None,
            ..none
        };
        let outcome =
            |acceptance: Acceptance| judge(&plate, &acceptance).iter().map(|of| of.outcome).collect::<Vec<_>>();
        assert!(outcome(none.clone()).is_empty());
        let (pass, fail) = ([Outcome::Pass], [Outcome::Fail]);
        let blank = |most: f64| outcome(Acceptance { blank_max_response: Some(most), ..none.clone() });
        assert_eq!([blank(bottom), blank(0.999 * bottom)], [pass, fail]);
        let at_top = |least: f64| outcome(Acceptance { top_min_response: Some(least), ..none.clone() });
        assert_eq!([at_top(top), at_top(1.001 * top)], [pass, fail]);
        let window = |least: f64| outcome(Acceptance { window_min_ratio: Some(least), ..none.clone() });
        assert_eq!([window(top / bottom), window(1.001 * top / bottom)], [pass, fail]);
    }

    /// A blank of which all wells read the same, beside the response of the curve at the LLOQ; on a plate that falls the blank is above.
    #[test]
    fn a_blank_is_on_its_own_side_of_the_lloq() {
        let whole = example::plate("P", &[], 1.0, 1);
        let at_lloq = whole.curve.as_ref().unwrap().response(whole.range.as_ref().unwrap().lloq);
        let of = |share: f64| {
            let mut plate = whole.clone();
            for well in plate.plate.wells.iter_mut().filter(|of| of.role == WellRole::Standard { concentration: 0.0 }) {
                well.response = crate::plate::Reading::Measured(share * at_lloq);
            }
            below_lloq(&plate).map(|finding| finding.outcome)
        };
        assert_eq!([of(0.99), of(1.01)], [Some(Outcome::Pass), Some(Outcome::Fail)]);
    }

    /// On a plate that falls the blank is above the LLOQ's response; a plate without a blank is not asked, and one whose blank was not
    /// measured cannot be told.
    #[test]
    fn a_blank_of_a_falling_plate_is_above() {
        let mut read = example::plate("P", &[], 1.0, 1).plate.as_read();
        for well in &mut read.wells {
            let falling = crate::plate::Reading::Measured(3.0 - well.reading.measured().unwrap());
            (well.reading, well.response) = (falling.clone(), falling);
        }
        let whole = PlateConcentrations::evaluate(read, &example::assay(""));
        let at_lloq = whole.curve.as_ref().unwrap().response(whole.range.as_ref().unwrap().lloq);
        let zero = WellRole::Standard { concentration: 0.0 };
        let of = |response: crate::plate::Reading| {
            let mut plate = whole.clone();
            plate.plate.wells.iter_mut().filter(|of| of.role == zero).for_each(|well| well.response = response.clone());
            below_lloq(&plate).map(|finding| finding.outcome)
        };
        let share = |share: f64| of(crate::plate::Reading::Measured(share * at_lloq));
        assert_eq!([share(1.01), share(0.99)], [Some(Outcome::Pass), Some(Outcome::Fail)]);
        assert_eq!(of(crate::plate::Reading::Missing(String::new())), Some(Outcome::NotEvaluable));
        let mut without = whole.clone();
        without.plate.wells.retain(|well| well.role != zero);
        without.wells.retain(|well| well.nominal != Some(0.0));
        assert_eq!(below_lloq(&without).map(|finding| finding.outcome), None);
    }

    /// The mean of the blanks, 0.2 and 0.4; where there are none, that of the zero standard.
    #[test]
    fn a_blank_is_the_mean_of_its_wells() {
        let mut plate = example::plate("P", &[], 1.0, 1).plate;
        let zero = standard_as_read(&plate, 0.0);
        assert!(zero.is_some() && blank_as_read(&plate) == zero);
        for (well, reading) in
            plate.wells.iter_mut().filter(|well| matches!(well.role, WellRole::Sample { .. })).zip([0.2, 0.4])
        {
            let reading = crate::plate::Reading::Measured(reading);
            (well.role, well.reading, well.response) = (WellRole::Blank, reading.clone(), reading);
        }
        assert!((blank_as_read(&plate).unwrap() - 0.3).abs() < 1e-12);
        assert_eq!(standard_as_read(&plate, 7.0), None);
    }
}
