//! The presets of acceptance criteria: every limit with its value, what it is and where it comes from.
//!
//! | preset | for | source |
//! |---|---|---|
//! | `ich-m10` | validated and regulated work | ICH M10 (2022), ligand-binding assays, sections 4.2.3, 4.3.2 and 4.3.4; where M10 asks for a limit and names none, the usual practice, marked so |
//! | `kit-insert` | a kit used as its insert says | as `ich-m10`, with five levels for a 4PL, duplicates within 10 % of their mean (Thermo/Pierce human TNFα ELISA guide) and no controls of its own |
//! | `research` | exploratory work | ours: no guideline; wider, so that what is lost is lost for cause |
//!
//! ICH M10 leaves biomarkers out of its scope: a report says "criteria of method X version N", never "M10 compliant".

use serde::Serialize;

/// A preset of acceptance criteria.
///
/// ```
/// use platewise::protocol::Criteria;
///
/// let levels = [Criteria::IchM10, Criteria::KitInsert, Criteria::Research].map(|of| (of.name(), of.acceptance().standards_min_levels));
/// assert_eq!(levels, [("ich-m10", 6), ("kit-insert", 5), ("research", 5)]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Criteria {
    /// Those of ICH M10 for ligand-binding assays.
    IchM10,
    /// Those of a kit's insert.
    KitInsert,
    /// Wide ones for exploratory work.
    Research,
}

/// Version of the values of the presets. It rises when one of them changes.
pub const PRESETS_VERSION: u32 = 1;

impl Criteria {
    /// The presets, as `study.toml` names them.
    pub(super) const CHOICES: [(&'static str, Self); 3] =
        [("ich-m10", Self::IchM10), ("kit-insert", Self::KitInsert), ("research", Self::Research)];

    /// Its name in `study.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::IchM10 => "ich-m10",
            Self::KitInsert => "kit-insert",
            Self::Research => "research",
        }
    }
}
