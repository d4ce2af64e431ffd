//! `[stability]`: for how long, and through how many thaws, the method was shown to find the same in a sample.

use serde::Serialize;

use super::section::Section;
use crate::sheet::Problems;

/// `[stability]`: what the validation of the method covers of how samples are kept. `None`: nothing is declared.
///
/// ```
/// use platewise::protocol::Assay;
///
/// let method = "[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n";
/// let assay = Assay::parse(&format!("{method}[stability]\nmax_age_days = 730\nmax_thaws = 3\n"))?;
/// assert_eq!((assay.stability.max_age_days, assay.stability.max_thaws), (Some(730), Some(3)));
/// assert!(Assay::parse(method)?.stability.is_undeclared());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StabilitySettings {
    /// Days from the collection of a sample to the reading of its plate, at most.
    pub max_age_days: Option<u32>,
    /// How often a sample was thawed, at most.
    pub max_thaws: Option<u32>,
}

impl StabilitySettings {
    /// Whether the method says nothing of it.
    pub fn is_undeclared(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads the section.
pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> StabilitySettings {
    let whole = |number: f64| number.fract() == 0.0 && (0.0..=100_000.0).contains(&number);
    let mut most = |key| section.number(key, WHOLE, whole, problems).map(|number| number as u32);
    let settings = StabilitySettings { max_age_days: most("max_age_days"), max_thaws: most("max_thaws") };
    section.finish(problems);
    settings
}

const WHOLE: &str = "a whole number from 0 on";
