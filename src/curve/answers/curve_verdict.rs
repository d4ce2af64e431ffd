//! The verdict on a fit.

use serde::{Deserialize, Serialize};

use super::reason::Reason;

/// The verdict on a fit.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let verdict: &CurveVerdict = curve.verdict();
/// assert!(verdict.usable);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CurveVerdict {
    /// Whether concentrations may be read from the curve at all.
    pub usable: bool,
    /// The concentration beyond which none may be read although the standards go on: the response turns back. `None`: the standards
    /// are the limit.
    pub usable_up_to: Option<f64>,
    /// What a reviewer should know, the deciding reasons first.
    pub reasons: Vec<Reason>,
}

impl CurveVerdict {
    /// The verdict in words: `usable`, `usable up to 500`, `not usable`.
    pub fn words(&self) -> String {
        match self.usable_up_to {
            _ if !self.usable => "not usable".to_string(),
            Some(highest) => format!("usable up to {highest}"),
            None => "usable".to_string(),
        }
    }

    pub(crate) fn has_dose_response(&self) -> bool {
        !self.reasons.iter().any(|reason| matches!(reason, Reason::NoDoseResponse { .. }))
    }

    pub(crate) fn is_readable(&self) -> bool {
        let withheld = |reason: &Reason| {
            matches!(
                reason,
                Reason::NoDoseResponse { .. }
                    | Reason::NotConverged
                    | Reason::VarianceNotSettled
                    | Reason::ExponentNotDetermined { .. }
            )
        };
        !self.reasons.iter().any(withheld)
    }
}
