//! Why a statistic is not defined for the data at hand.

use thiserror::Error;

/// Why there is no result. Prints as a sentence without a full stop.
///
/// ```
/// use platewise::stats::{Undefined, one_sample_t};
///
/// let why: Option<Undefined> = one_sample_t(&[5.0], 0.95).err();
/// assert_eq!(why.map(|why| why.to_string()).as_deref(), Some("values: 1 found, at least 2 needed"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Undefined {
    /// Not enough values.
    #[error("{what}: {found} found, at least {needed} needed")]
    TooFew {
        /// What was counted, such as `values in the placebo arm`.
        what: String,
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A logarithm of a value that is not positive.
    #[error("a value is not positive, so that its logarithm is not defined")]
    NotPositive,
    /// A value is infinite or not a number.
    #[error("a value is not finite")]
    NotFinite,
    /// All values of a sample are the same where spread is needed.
    #[error("no variance: all values are the same")]
    ZeroVariance,
    /// A column of the design matrix depends on the others, so that its coefficient is not estimable.
    #[error("the data do not determine the effect of '{column}': it is constant or follows from the other terms")]
    NotEstimable {
        /// The first such column.
        column: String,
    },
    /// An iteration that did not come to its end.
    #[error("{what} did not converge: {why}")]
    NotConverged {
        /// What was computed.
        what: String,
        /// What happened instead.
        why: String,
    },
    /// A likelihood that grows without end in some direction: there is no estimate, however far an optimiser goes.
    #[error("{what} has no maximum: {why}")]
    NoMaximum {
        /// What was to be maximised.
        what: String,
        /// What lets it grow.
        why: String,
    },
    /// Anything else, in words.
    #[error("{0}")]
    Because(String),
}

impl Undefined {
    /// `Ok` when `found` is at least `needed`.
    ///
    /// # Errors
    /// [`Undefined::TooFew`] otherwise.
    pub fn unless_enough(what: &str, found: usize, needed: usize) -> Result<(), Self> {
        if found >= needed { Ok(()) } else { Err(Self::TooFew { what: what.to_string(), found, needed }) }
    }

    /// `Ok` when all values are finite.
    ///
    /// # Errors
    /// [`Undefined::NotFinite`] otherwise.
    pub fn unless_finite(values: &[f64]) -> Result<(), Self> {
        if values.iter().all(|value| value.is_finite()) { Ok(()) } else { Err(Self::NotFinite) }
    }
}
