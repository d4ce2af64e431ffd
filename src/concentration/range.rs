//! The range of a plate: the lowest and the highest concentration that may be reported.
//!
//! It begins at the lowest standard that passes and ends at the highest; limits that the method fixes hold within that. A
//! standard that fails or was rejected at an end therefore moves the limit to the next one that passes (ICH M10 4.3.2), which
//! keeps its own, narrower limits of bias. A limit that the method fixes beyond the standards, such as the 31.2 of a kit insert beside
//! 2000 / 2⁶ = 31.25, is the standard's and not moved. Anchors bound nothing.

use super::quantity::significant;
use super::result::{Range, StandardResult};
use crate::protocol::Assay;

/// The range that these standards support; `None` where none passes, or nothing is left between the limits.
pub fn range(standards: &[StandardResult], assay: &Assay) -> Option<Range> {
    let ends = |of: &mut dyn Iterator<Item = &StandardResult>| {
        of.map(|standard| standard.nominal).fold(None, |ends: Option<(f64, f64)>, x| {
            Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
        })
    };
    let given = ends(&mut standards.iter().filter(|standard| standard.is_given()))?;
    let passing = ends(&mut standards.iter().filter(|standard| standard.passes()))?;
    let (fixed_lloq, fixed_uloq) = (assay.method.lloq, assay.method.uloq);
    let lloq = fixed_lloq.map_or(passing.0, |fixed| fixed.max(passing.0));
    let uloq = fixed_uloq.map_or(passing.1, |fixed| fixed.min(passing.1));
    // What the plate could have given, had every standard passed.
    let wanted = (
        fixed_lloq.map_or(given.0, |fixed| fixed.max(given.0)),
        fixed_uloq.map_or(given.1, |fixed| fixed.min(given.1)),
    );
    let lower_rule = match fixed_lloq {
        Some(fixed) if fixed == lloq => "LLOQ fixed by the method".to_string(),
        _ if lloq > wanted.0 => {
            format!("LLOQ raised from {} to the lowest standard that passes", significant(wanted.0, 4))
        }
        _ => "LLOQ is the lowest standard".to_string(),
    };
    let upper_rule = match fixed_uloq {
        Some(fixed) if fixed == uloq => "ULOQ fixed by the method".to_string(),
        _ if uloq < wanted.1 => {
            format!("ULOQ lowered from {} to the highest standard that passes", significant(wanted.1, 4))
        }
        _ => "ULOQ is the highest standard".to_string(),
    };
    let unit = &assay.study.unit;
    (lloq < uloq).then(|| Range {
        lloq,
        uloq,
        lloq_raised_from: (lloq > wanted.0).then_some(wanted.0),
        uloq_lowered_from: (uloq < wanted.1).then_some(wanted.1),
        rule: format!("{lower_rule}; {upper_rule} ({unit})"),
    })
}
