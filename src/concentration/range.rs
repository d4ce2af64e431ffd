//! The range of a plate: the lowest and the highest concentration that may be reported.

use super::quantity::significant;
use super::result::{Range, StandardResult};
use crate::protocol::Protocol;

/// The range: fixed by the method, but never beyond the standards of the plate; or else from the lowest to the highest non-zero
/// standard that reads back within the limits for the LLOQ and the ULOQ. `None` where no standard does.
pub fn range(standards: &[StandardResult], protocol: &Protocol) -> Option<Range> {
    let passes = |standard: &&StandardResult, limit: f64| {
        standard.nominal > 0.0 && standard.bias_percent.is_some_and(|bias| bias.abs() <= limit)
    };
    let nominal = || standards.iter().map(|standard| standard.nominal).filter(|&nominal| nominal > 0.0);
    let (lowest, highest) = (nominal().fold(f64::INFINITY, f64::min), nominal().fold(0.0, f64::max));
    let passing =
        |limit: f64| standards.iter().filter(move |standard| passes(standard, limit)).map(|standard| standard.nominal);
    let unit = &protocol.study.unit;
    let (lloq, lower_rule) = match protocol.method.lloq {
        Some(fixed) if fixed >= lowest => (fixed, "LLOQ fixed by the method".to_string()),
        Some(fixed) => {
            (lowest, format!("LLOQ raised from the method's {} to the lowest standard", significant(fixed, 4)))
        }
        None => {
            let limit = protocol.acceptance.standard_bias_percent_at_lloq;
            (passing(limit).min_by(f64::total_cmp)?, format!("LLOQ is the lowest standard within ±{limit} %"))
        }
    };
    let (uloq, upper_rule) = match protocol.method.uloq {
        Some(fixed) if fixed <= highest => (fixed, "ULOQ fixed by the method".to_string()),
        Some(fixed) => {
            (highest, format!("ULOQ lowered from the method's {} to the highest standard", significant(fixed, 4)))
        }
        None => {
            let limit = protocol.acceptance.standard_bias_percent_at_uloq;
            (passing(limit).max_by(f64::total_cmp)?, format!("ULOQ is the highest standard within ±{limit} %"))
        }
    };
    (lloq < uloq).then(|| Range { lloq, uloq, rule: format!("{lower_rule}; {upper_rule} ({unit})") })
}
