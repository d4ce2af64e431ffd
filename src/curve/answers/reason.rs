//! What may be remarkable about a fit, in words that a reviewer can act on.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::curve::definition::variance::Variance;

/// Something remarkable about a fit. Serialised as its name, its words, and whether it decides.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// let top_missing = fit(&plate[..12], &Method::default())?;
/// for reason in &top_missing.verdict().reasons {
///     println!("{}: {reason}", reason.name());
///     assert!(!reason.decides());
/// }
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
#[non_exhaustive]
pub enum Reason {
    /// The responses do not depend on the concentration beyond noise. Decides.
    NoDoseResponse {
        /// Probability of such a fit to noise.
        p_value: f64,
    },
    /// The curve is a step: no slope is steep enough. Decides.
    SlopeNotIdentified {
        /// The concentrations on both sides of the step.
        between: (f64, f64),
    },
    /// Curve and variances do not settle on each other. Decides.
    VarianceNotSettled,
    /// These wells do not determine the exponent of the variance. Decides.
    ExponentNotDetermined {
        /// The end of what is searched up to which its likelihood rises.
        end: f64,
    },
    /// No search ended where the sum of squares is lowest. Decides.
    NotConverged,
    /// The data cannot tell the curve from one without a mid-point; readings among the standards agree.
    MidPointNotDetermined,
    /// The least-squares infimum lies at infinity; the curve is the limit of the family.
    NotAttained {
        /// What runs away.
        parameters: Cow<'static, str>,
    },
    /// The standards do not reach the response at infinite concentration.
    UpperPlateauNotReached {
        /// How far the curve gets from `a` to `d` at the highest standard, in percent; `None` when `d` has run away.
        reached_percent: Option<f64>,
    },
    /// The standards do not reach the response at zero concentration.
    LowerPlateauNotReached {
        /// How far the curve still is from `a`, on the way to `d`, at the lowest standard, in percent; `None` when `a` has
        /// run away.
        left_percent: Option<f64>,
    },
    /// The mid-point is not between the standards.
    MidPointOutside {
        /// The mid-point.
        c: f64,
    },
    /// The response turns back at the top. Decides where no standard below reads back.
    Hook {
        /// The concentration after which it turns.
        concentration: f64,
        /// The highest standard up to there that reads back; beyond it no concentration is given.
        usable_up_to: Option<f64>,
    },
    /// Another minimum of the family, which none of its limits explains, fits the data nearly as well.
    TwoOptima {
        /// Its mid-point.
        c: f64,
        /// By how much its sum of squares is larger, in percent.
        distance_percent: f64,
    },
    /// Without one well the curve reads differently.
    OneWellDrives {
        /// Index of the well among the points.
        index: usize,
        /// Where the reading changes most.
        concentration: f64,
        /// By how much; `None` when there is no reading any more.
        change_percent: Option<f64>,
    },
    /// A well is further from the curve than chance allows. It is named, never removed.
    SuspiciousWell {
        /// Index of the well among the points.
        index: usize,
        /// Its studentised residual.
        studentised: f64,
    },
    /// The model misses the levels by more than the replicates explain.
    LackOfFit {
        /// Probability of such a misfit if the model were right.
        p_value: f64,
    },
    /// A parameter sits at the bound of the method.
    AtBound {
        /// Which.
        parameter: Cow<'static, str>,
    },
    /// The parameter of the variance model is estimated from this curve alone. Intervals are wider for it, by fewer degrees of freedom.
    OwnVariance {
        /// The variance model.
        variance: Variance,
        /// θ of power, ρ of two-component.
        parameter: f64,
    },
    /// The curve meets the data to the last digit: there is no noise to estimate errors from.
    ExactFit,
    /// As many parameters as wells: nothing is left to estimate errors from.
    NoDegreesOfFreedom,
    /// The wells do not determine the parameters apart from each other: no standard errors.
    SingularCovariance,
}

impl Reason {
    /// Its name for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoDoseResponse { .. } => "no_dose_response",
            Self::SlopeNotIdentified { .. } => "slope_not_identified",
            Self::VarianceNotSettled => "variance_not_settled",
            Self::ExponentNotDetermined { .. } => "variance_exponent_not_determined",
            Self::NotConverged => "not_converged",
            Self::MidPointNotDetermined => "mid_point_not_determined",
            Self::NotAttained { .. } => "not_attained",
            Self::UpperPlateauNotReached { .. } => "upper_plateau_not_reached",
            Self::LowerPlateauNotReached { .. } => "lower_plateau_not_reached",
            Self::MidPointOutside { .. } => "mid_point_outside_standards",
            Self::Hook { .. } => "hook",
            Self::TwoOptima { .. } => "two_optima",
            Self::OneWellDrives { .. } => "one_well_drives_the_fit",
            Self::SuspiciousWell { .. } => "suspicious_well",
            Self::LackOfFit { .. } => "lack_of_fit",
            Self::AtBound { .. } => "at_bound",
            Self::OwnVariance { .. } => "own_variance_parameter",
            Self::ExactFit => "exact_fit",
            Self::NoDegreesOfFreedom => "no_degrees_of_freedom",
            Self::SingularCovariance => "singular_covariance",
        }
    }

    /// Index of the well that it names, among the points.
    pub fn well(&self) -> Option<usize> {
        match self {
            Self::OneWellDrives { index, .. } | Self::SuspiciousWell { index, .. } => Some(*index),
            _ => None,
        }
    }

    /// Whether it alone makes the curve unusable.
    pub fn decides(&self) -> bool {
        matches!(
            self,
            Self::NoDoseResponse { .. }
                | Self::SlopeNotIdentified { .. }
                | Self::VarianceNotSettled
                | Self::ExponentNotDetermined { .. }
                | Self::Hook { usable_up_to: None, .. }
                | Self::NotConverged
        )
    }
}

impl Reason {
    /// What it says, with a well called as `name` calls it by its index among the points.
    ///
    /// ```
    /// use platewise::curve::Reason;
    ///
    /// let reason = Reason::SuspiciousWell { index: 3, studentised: 5.71 };
    /// assert_eq!(reason.in_words(|_| "A04".into()), "well A04 is suspicious: studentised residual 5.7");
    /// assert_eq!(reason.to_string(), "well 4 is suspicious: studentised residual 5.7");
    /// ```
    pub fn in_words(&self, name: impl Fn(usize) -> String) -> String {
        let mut words = String::new();
        // Writing to a text cannot fail.
        let _ = self.write(&mut words, &name);
        words
    }

    fn write(&self, f: &mut dyn fmt::Write, name: &dyn Fn(usize) -> String) -> fmt::Result {
        match self {
            Self::NoDoseResponse { p_value } => {
                let p = if *p_value < 0.01 { format!("{p_value:.1e}") } else { format!("{p_value:.2}") };
                write!(f, "no dose response: noise alone fits as well (p = {p})")
            }
            Self::SlopeNotIdentified { between: (low, high) } => {
                write!(f, "slope not identifiable: the curve is a step between {low} and {high}")
            }
            Self::VarianceNotSettled => f.write_str("the curve and the variances that follow from it do not settle"),
            Self::ExponentNotDetermined { end } => write!(
                f,
                "these wells do not determine the exponent of the variance: its likelihood rises up to {end}, the end of what is searched; \
                 pool it across plates, or state it"
            ),
            Self::NotConverged => f.write_str("not converged: no search found where the sum of squares is lowest"),
            Self::MidPointNotDetermined => f.write_str("the mid-point is not determined by these standards"),
            Self::NotAttained { parameters } => write!(f, "the least-squares infimum lies at infinity: {parameters}"),
            Self::UpperPlateauNotReached { reached_percent: Some(reached) } => {
                write!(f, "upper plateau not reached: the highest standard is at {reached:.0} % of the way to it")
            }
            Self::UpperPlateauNotReached { reached_percent: None } => {
                f.write_str("upper plateau not reached: the data set no limit to it")
            }
            Self::LowerPlateauNotReached { left_percent: Some(left) } => {
                write!(f, "lower plateau not reached: the lowest standard is already at {left:.0} % of the way from it")
            }
            Self::LowerPlateauNotReached { left_percent: None } => {
                f.write_str("lower plateau not reached: the data set no limit to it")
            }
            Self::MidPointOutside { c } => write!(f, "the mid-point {} is outside the standards", short(*c)),
            Self::Hook { concentration, usable_up_to: Some(highest) } => write!(
                f,
                "hook: the response turns back above {concentration}; concentrations are given up to {highest}, the highest standard \
                 before the turn that reads back"
            ),
            Self::Hook { concentration, usable_up_to: None } => {
                write!(
                    f,
                    "hook: the response turns back above {concentration}, and no standard before the turn reads back"
                )
            }
            Self::TwoOptima { c, distance_percent } => write!(
                f,
                "two optima: one with mid-point {} has a sum of squares only {distance_percent:.1} % larger",
                short(*c)
            ),
            Self::OneWellDrives { index, concentration, change_percent: Some(change) } => {
                write!(
                    f,
                    "one well drives the fit: without well {} readings at {concentration} change by {change:.0} %",
                    name(*index)
                )
            }
            Self::OneWellDrives { index, concentration, change_percent: None } => {
                write!(
                    f,
                    "one well drives the fit: without well {} there is no reading at {concentration}",
                    name(*index)
                )
            }
            Self::SuspiciousWell { index, studentised } => {
                write!(f, "well {} is suspicious: studentised residual {studentised:.1}", name(*index))
            }
            Self::LackOfFit { p_value } => {
                write!(f, "lack of fit: the levels miss the curve by more than replicates explain (p = {p_value:.1e})")
            }
            Self::AtBound { parameter } => write!(f, "{parameter} sits at its bound"),
            Self::OwnVariance { variance, parameter } => {
                let name = if *variance == Variance::TwoComponent { "crossover" } else { "exponent" };
                write!(
                    f,
                    "the {name} of the variance, {parameter:.2}, comes from these wells alone, which say little about it: intervals are \
                     wider for it; pool it across plates"
                )
            }
            Self::ExactFit => {
                f.write_str("the curve meets every well exactly: there is no noise to estimate errors from")
            }
            Self::NoDegreesOfFreedom => {
                f.write_str("no degrees of freedom: as many parameters as wells, no standard errors")
            }
            Self::SingularCovariance => {
                f.write_str("the wells do not determine the parameters apart from each other: no standard errors")
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &|index| (index + 1).to_string())
    }
}

/// Four significant digits.
fn short(value: f64) -> String {
    if (1e-3..1e6).contains(&value.abs()) {
        let decimals = (3 - libm::log10(value.abs()).floor() as i32).max(0) as usize;
        format!("{value:.decimals$}")
    } else {
        format!("{value:.3e}")
    }
}

// Written for people as its name, its words, and whether it decides; for the program itself, which reads it back, as it is.
impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return Self::serialize(self, serializer);
        }
        #[derive(Serialize)]
        struct ReasonJson<'a> {
            reason: &'a str,
            words: String,
            decides: bool,
        }
        ReasonJson { reason: self.name(), words: self.to_string(), decides: self.decides() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_names_the_well_that_it_is_about() {
        let suspicious = Reason::SuspiciousWell { index: 3, studentised: 5.71 };
        let drives = Reason::OneWellDrives { index: 6, concentration: 40.0, change_percent: Some(21.4) };
        assert_eq!([suspicious.well(), drives.well(), Reason::ExactFit.well()], [Some(3), Some(6), None]);
        assert_eq!(suspicious.to_string(), "well 4 is suspicious: studentised residual 5.7");
        assert_eq!(drives.to_string(), "one well drives the fit: without well 7 readings at 40 change by 21 %");
    }

    /// Four significant digits; beyond six places before the point, or two zeros after it, with an exponent.
    #[test]
    fn a_mid_point_is_written_with_four_digits() {
        let written =
            [0.000_999_9, 0.001, 0.012_346, 0.123_46, 1.234_6, 12.346, 1_234.6, 999_999.4, 1_000_000.0].map(short);
        let expected = ["9.999e-4", "0.001000", "0.01235", "0.1235", "1.235", "12.35", "1235", "999999", "1.000e6"];
        assert_eq!(written, expected);
    }

    /// A hook decides where it leaves nothing.
    #[test]
    fn what_leaves_no_concentration_decides() {
        let hook = |usable_up_to| Reason::Hook { concentration: 500.0, usable_up_to };
        assert!(hook(None).decides() && !hook(Some(250.0)).decides());
        assert!(Reason::NotConverged.decides() && Reason::VarianceNotSettled.decides());
        assert!(Reason::ExponentNotDetermined { end: 4.0 }.decides());
        assert!(Reason::NoDoseResponse { p_value: 0.5 }.decides());
        assert!(Reason::SlopeNotIdentified { between: (1.0, 2.0) }.decides());
        assert!(!Reason::ExactFit.decides() && !Reason::MidPointNotDetermined.decides());
        assert!(!Reason::LackOfFit { p_value: 0.001 }.decides());
    }
}
