//! On which scale a change is taken.

/// On which scale a change is taken, of a visit's value `v` from the baseline `b`.
///
/// ```
/// use platewise::study::numbers::ChangeScale;
///
/// assert_eq!(ChangeScale::Percent.change(380.0, 800.0), Some(-52.5));
/// assert_eq!(ChangeScale::Log2.change(400.0, 800.0), Some(-1.0));
/// assert_eq!(ChangeScale::Ln.change(0.0, 800.0), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeScale {
    /// `v − b`.
    Absolute,
    /// `100 (v − b) / b`.
    Percent,
    /// `ln v − ln b`.
    Ln,
    /// `log₂ v − log₂ b`.
    Log2,
}

impl ChangeScale {
    /// The change; `None` where it is not defined: a percentage of nothing, a logarithm of a value that is not positive.
    pub fn change(self, value: f64, base: f64) -> Option<f64> {
        let positive = value > 0.0 && base > 0.0;
        match self {
            Self::Absolute => Some(value - base),
            Self::Percent => (base != 0.0).then(|| 100.0 * (value - base) / base),
            Self::Ln => positive.then(|| libm::log(value) - libm::log(base)),
            Self::Log2 => positive.then(|| libm::log2(value) - libm::log2(base)),
        }
    }
}
