//! The range of a plate: the lowest and the highest concentration that may be reported.

use super::quantity::significant;
use super::result::Range;
use crate::curve::{LimitCriteria, StandardCurve, passing_standards};
use crate::protocol::Protocol;

/// The range: fixed by the method, but never beyond the standards of the plate; or else from the lowest to the highest non-zero
/// standard that reads back within the limits for the LLOQ and the ULOQ. `None` where no standard does.
pub fn range(curve: &StandardCurve, protocol: &Protocol) -> Option<Range> {
    let nominal = || curve.levels().iter().map(|level| level.concentration).filter(|&nominal| nominal > 0.0);
    let (lowest, highest) = (nominal().fold(f64::INFINITY, f64::min), nominal().fold(0.0, f64::max));
    let passing = |bias_percent| passing_standards(curve.levels(), &LimitCriteria { bias_percent, cv_percent: None });
    let (lloq, lower_rule) = match protocol.method.lloq {
        Some(fixed) if fixed >= lowest => (fixed, "LLOQ fixed by the method".to_string()),
        Some(fixed) => {
            (lowest, format!("LLOQ raised from the method's {} to the lowest standard", significant(fixed, 4)))
        }
        None => {
            let limit = protocol.acceptance.standard_bias_percent_at_lloq;
            (passing(limit)?.0, format!("LLOQ is the lowest standard within ±{limit} %"))
        }
    };
    let (uloq, upper_rule) = match protocol.method.uloq {
        Some(fixed) if fixed <= highest => (fixed, "ULOQ fixed by the method".to_string()),
        Some(fixed) => {
            (highest, format!("ULOQ lowered from the method's {} to the highest standard", significant(fixed, 4)))
        }
        None => {
            let limit = protocol.acceptance.standard_bias_percent_at_uloq;
            (passing(limit)?.1, format!("ULOQ is the highest standard within ±{limit} %"))
        }
    };
    let unit = &protocol.study.unit;
    (lloq < uloq).then(|| Range { lloq, uloq, rule: format!("{lower_rule}; {upper_rule} ({unit})") })
}
