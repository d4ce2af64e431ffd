//! What is to be said about a fit, with reasons that a reviewer can act on.

use std::fmt;

use serde::Serialize;

use super::search::Shape;
use super::standard_curve::StandardCurve;

/// The verdict on a fit.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CurveVerdict {
    /// Whether concentrations may be read from the curve at all.
    pub usable: bool,
    /// What a reviewer should know, the deciding reasons first.
    pub reasons: Vec<Reason>,
}

/// Something remarkable about a fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "name")]
#[non_exhaustive]
pub enum Reason {
    /// The responses do not depend on the concentration beyond noise.
    NoDoseResponse,
    /// The curve is a step.
    SlopeNotIdentified,
    /// The least-squares infimum lies at infinity.
    NotAttained {
        /// What runs away.
        parameters: String,
    },
}

impl Reason {
    /// Its name for programs, as in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoDoseResponse => "no_dose_response",
            Self::SlopeNotIdentified => "slope_not_identified",
            Self::NotAttained { .. } => "not_attained",
        }
    }

    /// Whether it alone makes the curve unusable.
    pub fn decides(&self) -> bool {
        matches!(self, Self::NoDoseResponse | Self::SlopeNotIdentified)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDoseResponse => {
                f.write_str("no dose response: the responses do not depend on the concentration beyond noise")
            }
            Self::SlopeNotIdentified => {
                f.write_str("slope not identifiable: the curve is a step between two standards")
            }
            Self::NotAttained { parameters } => write!(f, "the least-squares infimum lies at infinity: {parameters}"),
        }
    }
}

impl CurveVerdict {
    pub(crate) fn has_dose_response(&self) -> bool {
        !self.reasons.contains(&Reason::NoDoseResponse)
    }
}

/// Judges a fit.
pub(crate) fn judge(curve: &StandardCurve) -> CurveVerdict {
    let mut reasons = Vec::new();
    if matches!(curve.shape, Shape::Step(_)) {
        reasons.push(Reason::SlopeNotIdentified);
    } else if !curve.identified() {
        reasons.push(Reason::NotAttained { parameters: "see the estimates".to_string() });
    }
    let usable = !reasons.iter().any(Reason::decides);
    CurveVerdict { usable, reasons }
}
