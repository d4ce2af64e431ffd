//! What a rule is: its name, what it is called, what would change its outcome, and what its numbers are in. Each is declared beside the
//! code that judges by it; [`rules`](super::rules) lists them all.

use std::fmt;

use serde::{Serialize, Serializer};

use super::outcome::Outcome;

/// What the numbers of a rule are in.
///
/// ```
/// use platewise::qc::RuleUnit;
/// assert_eq!([RuleUnit::Percent, RuleUnit::Study].map(|unit| unit.shown("ng/mL")), ["%", "ng/mL"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleUnit {
    /// It has none: it is met or not.
    None,
    /// Percent.
    Percent,
    /// The unit of the study's concentrations.
    Study,
    /// That of the reader: optical density, counts.
    Response,
    /// A multiple of something that the limit names.
    Times,
    /// A number of wells.
    Wells,
    /// A number of levels of the standards.
    Levels,
    /// A number of samples.
    Samples,
    /// Days.
    Days,
    /// How often a sample was thawed.
    Thaws,
}

impl RuleUnit {
    /// As it is written, where the concentrations of the study are in `study`; empty where there is none.
    pub fn shown(self, study: &str) -> &str {
        match self {
            Self::None => "",
            Self::Percent => "%",
            Self::Study => study,
            Self::Response => "response",
            Self::Times => "times",
            Self::Wells => "wells",
            Self::Levels => "levels",
            Self::Samples => "samples",
            Self::Days => "days",
            Self::Thaws => "thaws",
        }
    }
}

/// What is declared of a rule.
///
/// See [`RuleId`] for an example.
#[derive(Debug, PartialEq, Eq)]
pub struct PlateRule {
    name: &'static str,
    words: &'static str,
    would_change: &'static str,
    /// The same of its warnings, where that is something else.
    would_change_warning: Option<&'static str>,
    unit: RuleUnit,
}

impl PlateRule {
    /// A rule of that name, which is that of its setting where it has one; `words` are those of a laboratory, and `would_change` says
    /// what would change its outcome where it was not met: at the bench, or in what is declared. Limits belong to the method: they are
    /// set before a plate is read.
    pub(super) const fn new(name: &'static str, words: &'static str, would_change: &'static str) -> Self {
        Self { name, words, would_change, would_change_warning: None, unit: RuleUnit::None }
    }

    /// The same with what would change its warnings.
    pub(super) const fn warning(mut self, would_change: &'static str) -> Self {
        self.would_change_warning = Some(would_change);
        self
    }

    /// The same with numbers in that unit.
    pub(super) const fn of(mut self, unit: RuleUnit) -> Self {
        self.unit = unit;
        self
    }
}

/// Which rule.
///
/// ```
/// use platewise::qc::{Outcome, RuleUnit, rules};
///
/// let bias = rules().find(|rule| rule.name() == "control_bias_percent").ok_or("no such rule")?;
/// assert_eq!((bias.words(), bias.unit()), ("bias of a control", RuleUnit::Percent));
/// assert!(bias.would_change(Outcome::Warning).contains("how many of the controls pass"));
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleId(&'static PlateRule);

impl RuleId {
    /// Of what is declared.
    pub(super) const fn of(rule: &'static PlateRule) -> Self {
        Self(rule)
    }

    /// Its name in `study.toml` and in tables.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What a laboratory calls it.
    pub fn words(self) -> &'static str {
        self.0.words
    }

    /// What would change an outcome in which it was not met.
    pub fn would_change(self, outcome: Outcome) -> &'static str {
        self.0.would_change_warning.filter(|_| outcome == Outcome::Warning).unwrap_or(self.0.would_change)
    }

    /// What its numbers are in.
    pub fn unit(self) -> RuleUnit {
        self.0.unit
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name)
    }
}

impl PartialEq<&str> for RuleId {
    fn eq(&self, name: &&str) -> bool {
        self.0.name == *name
    }
}

impl PartialEq<str> for RuleId {
    fn eq(&self, name: &str) -> bool {
        self.0.name == name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule is compared with a name by its own; what would change its warnings is said of these alone.
    #[test]
    fn a_rule_goes_by_its_name() {
        let of = |name: &str| crate::qc::rules().find(|rule| rule.name() == name).unwrap();
        let (age, curve) = (of("max_age_days"), of("curve_usable"));
        assert!(age == "max_age_days" && age == *"max_age_days" && age != "curve_usable" && age != *"curve_usable");
        assert_eq!(
            (age.to_string().as_str(), age.words(), age.unit()),
            ("max_age_days", "age of the samples", RuleUnit::Days)
        );
        let alike = |rule: RuleId| rule.would_change(Outcome::Fail) == rule.would_change(Outcome::Warning);
        assert!(alike(age) && !alike(curve) && curve.would_change(Outcome::Warning).starts_with("nothing needs to"));
    }
}
