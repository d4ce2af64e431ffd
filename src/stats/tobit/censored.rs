//! A value that is measured, or known to lie on one side of a limit.

/// A value, or what is known of it.
///
/// ```
/// use platewise::stats::Censored;
///
/// assert_eq!(Censored::Below(31.25).map(|limit| 50.0 * limit), Censored::Below(1562.5));
/// assert_eq!(Censored::Above(1000.0).number(), 1000.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Censored {
    /// Measured.
    Measured(f64),
    /// Below the limit.
    Below(f64),
    /// Above the limit.
    Above(f64),
}

impl Censored {
    /// The value or the limit.
    pub fn number(self) -> f64 {
        match self {
            Self::Measured(value) | Self::Below(value) | Self::Above(value) => value,
        }
    }

    /// The same with its number transformed by a rising function.
    #[must_use]
    pub fn map(self, f: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Measured(value) => Self::Measured(f(value)),
            Self::Below(limit) => Self::Below(f(limit)),
            Self::Above(limit) => Self::Above(f(limit)),
        }
    }
}
