//! What a family of tests may hold: the analyses that have a p-value, and the definitions of responders.

use std::fmt;

use serde::{Serialize, Serializer};

use super::analysis_id::AnalysisId;

/// Who is a responder, as a study declares it.
///
/// See [`TestId`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponderDefinition {
    /// By the one definition of `responder_level` that is declared; of two, by the fall below it.
    Level,
    /// Of both definitions of `responder_level`: who is below it, wherever they began.
    LevelBelow,
    /// By `responder_fall_percent`.
    Fall,
}

/// A test that a family may hold.
///
/// ```
/// use platewise::protocol::{AnalysisId, ResponderDefinition, TestId};
///
/// let test = TestId::Responders(ResponderDefinition::Fall);
/// assert_eq!((test.name(), test.words()), ("responder_fall_percent", "responders by the fall"));
/// assert_eq!(TestId::named("mmrm"), Some(TestId::Analysis(AnalysisId::Mmrm)));
/// assert_eq!(TestId::named("tobit"), None, "it has no p-value");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestId {
    /// An analysis of two arms.
    Analysis(AnalysisId),
    /// The test of responders.
    Responders(ResponderDefinition),
}

impl TestId {
    /// All of them, the analyses first.
    pub fn all() -> impl Iterator<Item = Self> {
        use ResponderDefinition::{Fall, Level, LevelBelow};
        let tests = AnalysisId::ALL.into_iter().filter(|analysis| analysis.test().is_some());
        tests.map(Self::Analysis).chain([Level, LevelBelow, Fall].map(Self::Responders))
    }

    /// The test of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|test| test.name() == name)
    }

    /// Its name in a `[[family]]`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Analysis(analysis) => analysis.name(),
            Self::Responders(ResponderDefinition::Level) => "responder_level",
            Self::Responders(ResponderDefinition::LevelBelow) => "responder_level_below",
            Self::Responders(ResponderDefinition::Fall) => "responder_fall_percent",
        }
    }

    /// As a reader of reports knows it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Analysis(analysis) => analysis.test().unwrap_or(analysis.name()),
            Self::Responders(ResponderDefinition::Level) => "responders by the level",
            Self::Responders(ResponderDefinition::LevelBelow) => "those below the level",
            Self::Responders(ResponderDefinition::Fall) => "responders by the fall",
        }
    }
}

impl fmt::Display for TestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for TestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
