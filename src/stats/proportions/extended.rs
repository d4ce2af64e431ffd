//! A ratio that may be infinite or undefined.

use serde::{Serialize, Serializer};

/// A ratio that may be infinite; serialises as a number, `"Inf"`, or null where it is 0/0.
///
/// ```
/// use platewise::stats::proportions::ExtendedNumber;
///
/// let written = |ratio: ExtendedNumber| serde_json::to_string(&ratio).unwrap_or_default();
/// assert_eq!(written(ExtendedNumber(Some(2.5))), "2.5");
/// assert_eq!(written(ExtendedNumber(Some(f64::INFINITY))), "\"Inf\"");
/// assert_eq!(written(ExtendedNumber(None)), "null");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExtendedNumber(pub Option<f64>);

impl ExtendedNumber {
    pub(super) fn ratio(numerator: f64, denominator: f64) -> Self {
        Self((numerator != 0.0 || denominator != 0.0).then(|| numerator / denominator))
    }
}

impl Serialize for ExtendedNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(value) if value.is_infinite() => serializer.serialize_str("Inf"),
            other => other.serialize(serializer),
        }
    }
}
