//! The number that stands for a result in an analysis. Values outside the limits keep their type up to here.

use crate::concentration::Quantity;
use crate::protocol::{AboveLimit, BelowLimit};

/// What stands for values outside the limits in one analysis.
///
/// ```
/// use platewise::concentration::Quantity;
/// use platewise::protocol::{AboveLimit, BelowLimit};
/// use platewise::study::limits::{LimitRule, Number};
///
/// let rule = LimitRule { below: BelowLimit::HalfLloq, above: AboveLimit::Uloq };
/// let stands = rule.number(&Quantity::BelowLloq { limit: 16.0 });
/// assert_eq!(stands, Some(Number { value: 8.0, derivation: Some("HALFLLOQ") }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitRule {
    /// Below the lower limit.
    pub below: BelowLimit,
    /// Above the upper limit.
    pub above: AboveLimit,
}

/// A result as a number.
///
/// See [`LimitRule`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// How it was derived, in the terms of CDISC's DTYPE (`HALFLLOQ`, `LLOQ`, `ULOQ`; `SQRT2LLOQ` extends the codelist); `None`
    /// for a measured value.
    pub derivation: Option<&'static str>,
}

impl LimitRule {
    /// The number that stands for `quantity`; `None` where it is left out. A limit is that of the diluted sample, so that
    /// `<15.6` and `<780` stand for different numbers.
    pub fn number(&self, quantity: &Quantity) -> Option<Number> {
        let imputed = |value, derivation| Some(Number { value, derivation: Some(derivation) });
        match quantity {
            Quantity::Quantified(estimate) => Some(Number { value: estimate.value, derivation: None }),
            Quantity::BelowLloq { limit } => match self.below {
                BelowLimit::HalfLloq => imputed(limit / 2.0, "HALFLLOQ"),
                BelowLimit::LloqOverSqrt2 => imputed(limit / std::f64::consts::SQRT_2, "SQRT2LLOQ"),
                BelowLimit::Lloq => imputed(*limit, "LLOQ"),
                BelowLimit::Exclude => None,
            },
            Quantity::AboveUloq { limit } => match self.above {
                AboveLimit::Uloq => imputed(*limit, "ULOQ"),
                AboveLimit::Exclude => None,
            },
            Quantity::NotReported { .. } => None,
        }
    }

    /// The rule in words.
    pub fn describe(&self) -> String {
        let below = match self.below {
            BelowLimit::HalfLloq => "below LLOQ: LLOQ/2",
            BelowLimit::LloqOverSqrt2 => "below LLOQ: LLOQ/√2",
            BelowLimit::Lloq => "below LLOQ: LLOQ",
            BelowLimit::Exclude => "below LLOQ: left out",
        };
        let above = match self.above {
            AboveLimit::Uloq => "above ULOQ: ULOQ",
            AboveLimit::Exclude => "above ULOQ: left out",
        };
        format!("{below}; {above}")
    }
}
