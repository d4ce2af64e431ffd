//! A concentration, or what is known instead of it. Carried as this type from the well to the table of the arms; it becomes a
//! bare number only inside an analysis that names its rule for values outside the limits.

use std::fmt;

use serde::Serialize;

/// What is known of a concentration, in the unit of the study, corrected for dilution.
///
/// ```
/// use platewise::concentration::Quantity;
/// let below = Quantity::BelowLloq { limit: 312.0 };
/// assert_eq!((below.to_string().as_str(), below.value()), ("<312", None));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Quantity {
    /// Measured, inside the limits.
    Quantified(Estimate),
    /// Below the lower limit of quantification.
    BelowLloq {
        /// The limit: the curve's LLOQ × the dilution factor.
        limit: f64,
    },
    /// Above the upper limit of quantification.
    AboveUloq {
        /// The limit: the curve's ULOQ × the dilution factor.
        limit: f64,
    },
    /// No result.
    NotReported {
        /// Why there is none.
        reason: NotReported,
    },
}

/// A concentration with its uncertainty: the curve's and the response's own noise.
///
/// ```
/// use platewise::concentration::{Estimate, Quantity};
///
/// // Near the upper plateau the interval is open above: the curve does not bound it.
/// let estimate = Estimate { value: 19_000.0, standard_error: Some(2500.0), lower: Some(14_900.0), upper: None };
/// assert_eq!(Quantity::Quantified(estimate).to_string(), "19000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The concentration.
    pub value: f64,
    /// Its standard error (delta method).
    pub standard_error: Option<f64>,
    /// Lower limit of its interval; `None` where the interval is open on that side.
    pub lower: Option<f64>,
    /// Upper limit of its interval; `None` where the interval is open on that side.
    pub upper: Option<f64>,
}

impl Estimate {
    /// Whether every number of it is one.
    ///
    /// ```
    /// use platewise::concentration::Estimate;
    /// let in_well = Estimate { value: 80.0, standard_error: Some(4.0), lower: Some(72.0), upper: None };
    /// assert!(in_well.is_finite() && !in_well.times(1e308).is_finite());
    /// ```
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let rest = [self.standard_error, self.lower, self.upper];
        self.value.is_finite() && rest.into_iter().flatten().all(f64::is_finite)
    }

    /// The same on another scale: of the undiluted sample, say.
    ///
    /// ```
    /// use platewise::concentration::Estimate;
    /// let in_well = Estimate { value: 80.0, standard_error: Some(4.0), lower: Some(72.0), upper: None };
    /// assert_eq!(in_well.times(10.0).lower, Some(720.0));
    /// ```
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            standard_error: self.standard_error.map(|value| value * factor),
            lower: self.lower.map(|value| value * factor),
            upper: self.upper.map(|value| value * factor),
        }
    }
}

/// Why there is no result.
///
/// ```
/// use platewise::concentration::{NotReported, Quantity};
///
/// let lost = Quantity::NotReported { reason: NotReported::PlateRejected };
/// assert_eq!((lost.to_string().as_str(), lost.value()), ("not reported: plate rejected", None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NotReported {
    /// A well is above what the reader can measure.
    Saturated,
    /// A well was not measured.
    Missing,
    /// A well was masked in the reader's software.
    MaskedByReader,
    /// A well was excluded by decision, and too few are left.
    Excluded,
    /// The replicates disagree beyond the method's limit.
    ReplicatesDisagree,
    /// One replicate is inside the limits and another is not.
    ReplicatesAcrossLimit,
    /// The plate has no usable standard curve.
    NoCurve,
    /// The curve does not determine a concentration at this response.
    NotDetermined,
    /// The concentration is no finite number, as with an impossible dilution factor.
    NotFinite,
    /// Measurements at several dilutions contradict each other.
    ResultsContradict,
    /// Measured on two plates, neither of which is declared the repeat of the other.
    UndeclaredRepeats,
    /// The plate was rejected.
    PlateRejected,
    /// The plate could not be judged.
    PlateNotEvaluable,
    /// The export or layout of the plate could not be read.
    PlateNotRead,
}

impl fmt::Display for NotReported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Saturated => "saturated",
            Self::Missing => "well not read",
            Self::MaskedByReader => "masked in the reader's software",
            Self::Excluded => "excluded by decision",
            Self::ReplicatesDisagree => "replicates disagree",
            Self::ReplicatesAcrossLimit => "replicates on both sides of a limit",
            Self::NoCurve => "no usable standard curve",
            Self::NotDetermined => "not determined by the curve",
            Self::NotFinite => "not a finite number",
            Self::ResultsContradict => "results contradict each other",
            Self::UndeclaredRepeats => "measured on two plates that are not declared repeats",
            Self::PlateRejected => "plate rejected",
            Self::PlateNotEvaluable => "plate not evaluable",
            Self::PlateNotRead => "plate could not be read",
        })
    }
}

impl Quantity {
    /// The measured value; `None` for anything that is not quantified.
    pub fn value(&self) -> Option<f64> {
        if let Self::Quantified(estimate) = self { Some(estimate.value) } else { None }
    }

    /// Between which numbers the concentration lies, as far as it is known: `[v, v]` quantified, `[0, limit]` below the LLOQ,
    /// `[limit, ∞)` above the ULOQ; `None` where nothing is reported.
    ///
    /// ```
    /// use platewise::concentration::Quantity;
    /// assert_eq!(Quantity::BelowLloq { limit: 312.5 }.bounds(), Some((0.0, 312.5)));
    /// ```
    pub fn bounds(&self) -> Option<(f64, f64)> {
        match self {
            Self::Quantified(estimate) => Some((estimate.value, estimate.value)),
            Self::BelowLloq { limit } => Some((0.0, *limit)),
            Self::AboveUloq { limit } => Some((*limit, f64::INFINITY)),
            Self::NotReported { .. } => None,
        }
    }

    /// The status in one word, as in the tables.
    pub fn status(&self) -> &'static str {
        match self {
            Self::Quantified(_) => "quantified",
            Self::BelowLloq { .. } => "below LLOQ",
            Self::AboveUloq { .. } => "above ULOQ",
            Self::NotReported { .. } => "not reported",
        }
    }
}

/// As reported: `812`, `<312`, `>20000`, `not reported: saturated`. Three significant digits at least.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quantified(estimate) => f.write_str(&significant(estimate.value, 4)),
            Self::BelowLloq { limit } => write!(f, "<{}", significant(*limit, 4)),
            Self::AboveUloq { limit } => write!(f, ">{}", significant(*limit, 4)),
            Self::NotReported { reason } => write!(f, "not reported: {reason}"),
        }
    }
}

/// A number with that many significant digits, without exponent and without trailing zeros after the point. A tie is rounded away from
/// zero, as spreadsheet programs show it: 156.25 is `156.3`, there and here.
pub fn significant(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let magnitude = libm::log10(value.abs()).floor() as i32;
    let decimals = (digits as i32 - 1 - magnitude).max(0) as usize;
    // A tie in decimal digits may lie a rounding below one in binary: they decide by fifteen digits.
    let text = format!("{:.decimals$}", value * (1.0 + 4.0 * f64::EPSILON));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_print_as_they_are_reported() {
        let estimate = Estimate { value: 812.34, standard_error: None, lower: None, upper: None };
        assert_eq!(Quantity::Quantified(estimate).to_string(), "812.3");
        assert_eq!(Quantity::BelowLloq { limit: 312.0 }.to_string(), "<312");
        assert_eq!(Quantity::AboveUloq { limit: 20000.0 }.to_string(), ">20000");
        assert_eq!(Quantity::NotReported { reason: NotReported::Saturated }.to_string(), "not reported: saturated");
        assert_eq!(significant(31.25, 4), "31.25");
        assert_eq!(significant(0.000_123_45, 3), "0.000123");
        assert_eq!(significant(123_456.0, 4), "123456");
        assert_eq!((significant(156.25, 4).as_str(), significant(-0.15, 1).as_str()), ("156.3", "-0.2"));
    }

    #[test]
    fn an_estimate_is_scaled_as_a_whole_and_finite_as_a_whole() {
        let estimate = Estimate { value: 80.0, standard_error: Some(4.0), lower: Some(72.0), upper: Some(90.0) };
        let scaled = Estimate { value: 800.0, standard_error: Some(40.0), lower: Some(720.0), upper: Some(900.0) };
        assert_eq!(estimate.times(10.0), scaled);
        assert!(estimate.is_finite());
        let infinite = Some(f64::INFINITY);
        assert!(!Estimate { value: f64::INFINITY, ..estimate }.is_finite());
        assert!(!Estimate { standard_error: infinite, ..estimate }.is_finite());
        assert!(
            !Estimate { lower: infinite, ..estimate }.is_finite()
                && !Estimate { upper: infinite, ..estimate }.is_finite()
        );
    }
}
