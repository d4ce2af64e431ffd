//! Blank, top response and window: whether the plate has the signal that its method is used to.

use super::verdict::{Finding, Outcome};
use crate::concentration::PlateConcentrations;
use crate::concentration::quantity::significant;
use crate::protocol::Acceptance;

/// Judges the responses that the method sets limits to.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance) -> Vec<Finding> {
    let blank = blank(plate);
    let means: Vec<f64> = plate
        .standards
        .iter()
        .map(|standard| standard.mean_response)
        .chain(blank)
        .filter(|mean| mean.is_finite())
        .collect();
    let top = means.iter().copied().reduce(f64::max);
    let bottom = means.iter().copied().reduce(f64::min);
    let finding =
        |rule, subject: &str, observed: Option<f64>, limit: String, met: fn(f64, f64) -> bool, at: f64| Finding {
            rule,
            subject: subject.into(),
            observed: observed.map_or_else(|| "not measured".into(), |value| significant(value, 4)),
            limit,
            outcome: match observed {
                None => Outcome::NotEvaluable,
                Some(value) if met(value, at) => Outcome::Pass,
                Some(_) => Outcome::Fail,
            },
        };
    let mut findings = Vec::new();
    if let Some(most) = acceptance.blank_max_response {
        findings.push(finding("blank_max_response", "blank", blank, format!("at most {most}"), |v, at| v <= at, most));
    }
    if acceptance.blank_below_lloq {
        findings.extend(below_lloq(plate, blank));
    }
    if let Some(least) = acceptance.top_min_response {
        findings.push(finding("top_min_response", "top", top, format!("at least {least}"), |v, at| v >= at, least));
    }
    if let Some(least) = acceptance.window_min_ratio {
        // A ratio to nothing, or to a blank that was subtracted, says nothing.
        let ratio = top.zip(bottom).filter(|(_, bottom)| *bottom > 0.0).map(|(top, bottom)| top / bottom);
        let limit = format!("top response at least {least} × the lowest");
        findings.push(finding("window_min_ratio", "window", ratio, limit, |v, at| v >= at, least));
    }
    findings
}

/// Mean response of the blank wells, or else of the zero standard; `None` where neither was measured.
fn blank(plate: &PlateConcentrations) -> Option<f64> {
    let mean = |role: &str, nominal: Option<f64>| {
        let of = plate.wells.iter().filter(|well| well.role == role && well.nominal == nominal);
        let responses: Vec<f64> = of.filter_map(|well| well.response.measured()).collect();
        (!responses.is_empty()).then(|| responses.iter().sum::<f64>() / responses.len() as f64)
    };
    mean("blank", None).or_else(|| mean("standard", Some(0.0)))
}

/// Whether the blank reads below the LLOQ on the plate's own curve. A plate without any blank is not asked.
fn below_lloq(plate: &PlateConcentrations, blank: Option<f64>) -> Option<Finding> {
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
    Some(Finding {
        rule: "blank_below_lloq",
        subject: "blank".into(),
        observed: blank
            .map_or_else(|| "not measured".into(), |blank| format!("mean response {}", significant(blank, 4))),
        limit: format!("on the blank's side of {}, the response at the LLOQ", significant(at_lloq, 4)),
        outcome,
    })
}
