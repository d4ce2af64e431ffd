//! Whether a plate may be believed: one rule, one file; the limits are settings of the method and stand beside each finding.

pub mod arrangement;
pub mod before_curve;
pub mod bracket;
pub mod controls;
pub mod curve_usable;
pub mod excluded;
pub mod judge;
mod judged_by;
pub mod kit_expiry;
mod outcome;
pub mod across_plates;
pub mod plate_read_once;
pub mod plate_signal;
pub mod reader_maximum;
mod rule;
mod passed_share;
pub mod signal;
pub mod stability;
pub mod standards;
pub mod verdict;

pub use judge::JudgedPlate;
pub use outcome::Outcome;
pub use rule::{PlateRule, RuleId, RuleUnit};
pub use verdict::{Finding, PlateVerdict, Verdict};

use across_plates::westgard::WESTGARD_REJECTS;
use judged_by::JudgedBy;
use verdict::PLATE_READ;

/// What a plate is judged by once it has been evaluated, in the order in which it decides: rules are constants beside the code that judges
/// by them, and a subject that is added stands here.
const SUBJECTS: [&JudgedBy; 8] = [
    &excluded::RULES,
    &curve_usable::RULES,
    &standards::RULES,
    &signal::RULES,
    &controls::RULES,
    &bracket::RULES,
    &kit_expiry::RULES,
    &stability::RULES,
];

/// What it is judged by before that, and over all plates.
const BEFORE_AND_OVER: [RuleId; 6] = [
    PLATE_READ,
    plate_signal::PLATE_SIGNAL,
    plate_read_once::PLATE_READ_ONCE,
    reader_maximum::READER_MAXIMUM,
    arrangement::PLATE_ARRANGEMENT,
    WESTGARD_REJECTS,
];

/// Every rule that a plate is judged by.
///
/// ```
/// let names: Vec<&str> = platewise::qc::rules().map(|rule| rule.name()).collect();
/// assert!(names.contains(&"plate_signal") && names.contains(&"controls_pass_percent"));
/// ```
pub fn rules() -> impl Iterator<Item = RuleId> {
    BEFORE_AND_OVER.into_iter().chain(SUBJECTS.iter().flat_map(|subject| subject.rules.iter().copied()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A rule that the laboratory is told of has words, and says what would change it: a name of the settings alone helps nobody.
    #[test]
    fn every_rule_has_a_name_of_its_own_and_words() {
        let mut names = BTreeSet::new();
        for rule in rules() {
            assert!(names.insert(rule.name()), "{rule} is a duplicate");
            assert!(!rule.words().is_empty() && !rule.would_change(Outcome::Fail).is_empty(), "{rule} has no words");
        }
        assert!(names.len() > 30, "{}", names.len());
    }
}
