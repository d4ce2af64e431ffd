//! `[missing_data]`: what is tried beside leaving out participants without an end point.

use serde::Serialize;

use super::section::Section;
use crate::sheet::Problems;

/// `[missing_data]`: multiple imputation under missing at random and by the reference arm, and the tipping point.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// let asked = protocol.trial.missing_data.unwrap();
/// assert_eq!((asked.imputations, asked.plausible_factor), (1000, 2.0)); // what an empty section means
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MissingDataSettings {
    /// How many times what is missing is filled.
    pub imputations: usize,
    /// How many times higher, or lower, the missing values of a treated participant may plausibly be than those expected at random.
    pub plausible_factor: f64,
}

/// The largest factor that is tried.
///
/// ```
/// assert!(platewise::protocol::LARGEST_FACTOR > 2.0);
/// ```
pub const LARGEST_FACTOR: f64 = 8.0;

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> MissingDataSettings {
    let whole = |number: f64| number.fract() == 0.0 && (100.0..=100_000.0).contains(&number);
    let imputations = section.number("imputations", "a whole number from 100 to 100000", whole, problems);
    let factor = |number: f64| number > 1.0 && number <= LARGEST_FACTOR;
    let plausible = section.number("plausible_factor", "a factor above 1, up to 8", factor, problems);
    section.finish(problems);
    MissingDataSettings {
        imputations: imputations.map_or(1000, |number| number as usize),
        plausible_factor: plausible.unwrap_or(2.0),
    }
}
