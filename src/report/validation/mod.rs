//! The report of a validation: what the program is used for, what was checked of it on this machine, and how that ended.
//!
//! Its shape follows FDA's guidance on computer software assurance (Computer Software Assurance for Production and Quality System
//! Software, September 2025): per function the intended use, the risk where it fails, the assurance activity, and the evidence as a record
//! with date, version and result. That a check can fail is part of the evidence: each function is checked once more with something in its
//! input spoiled, and has to be found wrong.

mod page;

use serde::Serialize;

pub use page::page;

/// What is to come out, or came out.
///
/// See [`Validation`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CheckValue {
    /// A number, in the unit of what it is.
    Number(f64),
    /// Words, such as a hash or a verdict.
    Text(String),
    /// That there is no such number.
    None,
}

impl From<f64> for CheckValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Option<f64>> for CheckValue {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::None, Self::Number)
    }
}

impl From<&str> for CheckValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_string())
    }
}

impl From<String> for CheckValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl std::fmt::Display for CheckValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::None => f.write_str("none"),
        }
    }
}

/// One answer beside the one that is expected.
///
/// ```
/// use platewise::report::validation::ValidationCheck;
/// assert!(ValidationCheck::number("mid-point", 400.0, 400.0001, 0.001).passes());
/// assert!(!ValidationCheck::number("mid-point", 400.0, f64::NAN, 0.001).passes());
/// assert!(!ValidationCheck::text("verdict", "accepted", "rejected").passes());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValidationCheck {
    /// What was looked at.
    pub what: String,
    /// What has to come out.
    pub expected: CheckValue,
    /// What came out.
    pub obtained: CheckValue,
    /// By how much a number may differ, in its own unit; 0 for words.
    pub tolerance: f64,
}

impl ValidationCheck {
    /// A number, or that there is none.
    pub fn number(
        what: impl Into<String>,
        expected: impl Into<CheckValue>,
        obtained: impl Into<CheckValue>,
        tolerance: f64,
    ) -> Self {
        Self { what: what.into(), expected: expected.into(), obtained: obtained.into(), tolerance }
    }

    /// Words, which have to be the same.
    pub fn text(what: impl Into<String>, expected: impl Into<String>, obtained: impl Into<String>) -> Self {
        Self::number(what, expected.into(), obtained.into(), 0.0)
    }

    /// Whether it came out.
    pub fn passes(&self) -> bool {
        self.share() <= 1.0
    }

    /// The difference as a share of the tolerance: 1 and below passes. Infinite where there is nothing to subtract.
    pub fn share(&self) -> f64 {
        match (&self.expected, &self.obtained) {
            (CheckValue::Number(expected), CheckValue::Number(obtained)) => match (expected - obtained).abs() {
                0.0 => 0.0,
                // Of an answer or a tolerance that is no number nothing is known to be near.
                difference if !difference.is_finite() || self.tolerance.is_nan() => f64::INFINITY,
                difference => difference / self.tolerance,
            },
            (expected, obtained) if expected == obtained => 0.0,
            _ => f64::INFINITY,
        }
    }
}

/// What came of a case whose input was spoiled: it has to be found wrong.
///
/// See [`Validation`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpoiledCase {
    /// What was changed.
    pub how: String,
    /// The first that was found wrong; `None` where nothing was.
    pub found: Option<ValidationCheck>,
}

impl SpoiledCase {
    /// A changed input, and what came out of it.
    pub fn new(how: impl Into<String>, case: Case) -> Self {
        let failed = case.checks.into_iter().find(|check| !check.passes());
        let refused = case.error.map(|error| ValidationCheck::text("the answer", "one", error));
        Self { how: how.into(), found: failed.or(refused) }
    }

    /// Whether it was found wrong.
    pub fn is_seen(&self) -> bool {
        self.found.is_some()
    }
}

/// One input with everything that has to come out of it.
///
/// See [`Validation`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// Who says what has to come out.
    pub source: String,
    /// What was looked at.
    pub checks: Vec<ValidationCheck>,
    /// Why there is no answer, where there should be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Case {
    /// A case of which nothing has been looked at yet.
    pub fn new(id: impl Into<String>, source: impl Into<String>) -> Self {
        Self { id: id.into(), source: source.into(), checks: Vec::new(), error: None }
    }

    /// The same with what was found, or with why nothing was.
    pub fn with<E: ToString>(self, found: Result<Vec<ValidationCheck>, E>) -> Self {
        match found {
            Ok(checks) => Self { checks, ..self },
            Err(error) => Self { error: Some(error.to_string()), ..self },
        }
    }

    /// Whether there was something to look at, and all of it came out.
    pub fn passes(&self) -> bool {
        self.error.is_none() && !self.checks.is_empty() && self.checks.iter().all(ValidationCheck::passes)
    }

    /// The check that is nearest to its tolerance, or farthest beyond it.
    pub fn nearest(&self) -> Option<&ValidationCheck> {
        self.checks.iter().max_by(|one, other| one.share().total_cmp(&other.share()))
    }
}

/// The risk of a function in the words of the guidance.
///
/// See [`Validation`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Risk {
    /// Its failure may lead to a wrong result that nobody notices.
    #[serde(rename = "high process risk")]
    High,
    /// Its failure is noticed, or changes no result.
    #[serde(rename = "not high process risk")]
    NotHigh,
}

impl Risk {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::High => "high process risk",
            Self::NotHigh => "not high process risk",
        }
    }
}

/// Something that the program is used for.
///
/// ```
/// use platewise::report::validation::{Case, ValidationCheck, Function, Risk, SpoiledCase};
///
/// let case = |obtained: f64| Case::new("2 + 2", "a slide rule").with(Ok::<_, String>(vec![ValidationCheck::number("sum", 4.0, obtained, 0.1)]));
/// let function = Function {
///     name: "Sums",
///     intended_use: "Adds numbers.",
///     risk: Risk::High,
///     failure: "A sum is wrong.",
///     activity: "A sum is compared.",
///     cases: vec![case(2.0 + 2.0)],
///     spoiled: vec![SpoiledCase::new("a summand is 3", case(2.0 + 3.0))],
/// };
/// assert!(function.passes());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// What it is used for.
    pub intended_use: &'static str,
    /// How bad a failure is.
    pub risk: Risk,
    /// What a failure would do.
    pub failure: &'static str,
    /// How it is checked.
    pub activity: &'static str,
    /// What was checked.
    pub cases: Vec<Case>,
    /// What was spoiled, to see that the checks can fail.
    pub spoiled: Vec<SpoiledCase>,
}

impl Function {
    /// Whether everything came out, and everything spoiled was seen.
    pub fn passes(&self) -> bool {
        let seen = !self.spoiled.is_empty() && self.spoiled.iter().all(SpoiledCase::is_seen);
        seen && !self.cases.is_empty() && self.cases.iter().all(Case::passes)
    }

    /// Checks that came out, and all.
    pub fn counts(&self) -> (usize, usize) {
        let all = || self.cases.iter().flat_map(|case| &case.checks);
        (all().filter(|check| check.passes()).count(), all().count())
    }
}

/// Which program was checked, and where. See [`Validation`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installation {
    /// Name of the program.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The file that ran.
    pub executable: String,
    /// Its size in bytes.
    pub bytes: Option<usize>,
    /// Its SHA-256.
    pub sha256: Option<String>,
    /// Operating system and processor family.
    pub system: String,
    /// Threads that the program uses.
    pub threads: usize,
    /// Who ran it.
    pub user: String,
}

/// Everything that was checked.
///
/// ```
/// use platewise::report::validation::{Installation, Validation};
///
/// let installation = Installation {
///     program: "platewise",
///     version: "0.1.0",
///     executable: "/usr/bin/platewise".into(),
///     bytes: Some(14_000_000),
///     sha256: Some(platewise::files::sha256(b"the program")),
///     system: "linux on x86_64".into(),
///     threads: 2,
///     user: "a.b".into(),
/// };
/// let nothing = Validation { made: "2026-11-30".into(), installation, functions: Vec::new() };
/// assert!(!nothing.passes(), "who checked nothing has shown nothing");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Validation {
    /// When, with the time zone.
    pub made: String,
    /// Of which program, and where.
    pub installation: Installation,
    /// What it is used for.
    pub functions: Vec<Function>,
}

impl Validation {
    /// Whether everything came out.
    pub fn passes(&self) -> bool {
        !self.functions.is_empty() && self.functions.iter().all(Function::passes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(cases: Vec<Case>, spoiled: Vec<SpoiledCase>) -> Function {
        Function { name: "Fits", intended_use: "", risk: Risk::High, failure: "", activity: "", cases, spoiled }
    }

    fn case(checks: Vec<ValidationCheck>) -> Case {
        Case::new("one", "somebody").with(Ok::<_, String>(checks))
    }

    #[test]
    fn a_number_passes_up_to_its_tolerance_and_what_is_no_number_never() {
        let passes = |expected: Option<f64>, obtained: Option<f64>, tolerance| {
            ValidationCheck::number("", expected, obtained, tolerance).passes()
        };
        assert!(passes(Some(1.0), Some(1.25), 0.25) && !passes(Some(1.0), Some(1.251), 0.25));
        assert!(passes(Some(0.0), Some(0.0), 0.0) && !passes(Some(0.0), Some(1e-300), 0.0));
        assert!(passes(None, None, 0.0) && !passes(None, Some(1.0), 9.0) && !passes(Some(1.0), None, 9.0));
        assert!(!passes(Some(1.0), Some(f64::NAN), 9.0) && !passes(Some(f64::NAN), Some(f64::NAN), 9.0));
        assert!(!passes(Some(1.0), Some(2.0), f64::NAN), "a tolerance that is not there");
        assert!(!passes(Some(1.0), Some(f64::INFINITY), f64::INFINITY));
    }

    #[test]
    fn nothing_passes_unless_something_was_compared_and_something_spoiled_was_seen() {
        let right = || case(vec![ValidationCheck::text("", "a", "a")]);
        let wrong = || case(vec![ValidationCheck::text("", "a", "a"), ValidationCheck::text("", "a", "b")]);
        let seen = || vec![SpoiledCase::new("a word", wrong())];
        assert!(function(vec![right()], seen()).passes());
        assert!(!function(vec![right(), wrong()], seen()).passes());
        assert!(!function(vec![case(Vec::new())], seen()).passes(), "nothing was compared");
        assert!(!function(Vec::new(), seen()).passes());
        assert!(!function(vec![right()], Vec::new()).passes(), "nothing was spoiled");
        assert!(!function(vec![right()], vec![SpoiledCase::new("nothing", right())]).passes(), "nothing was seen");
        let refused = Case::new("one", "").with(Err("no minimum"));
        assert!(!refused.passes() && SpoiledCase::new("a file", refused).is_seen());
        assert_eq!(function(vec![right(), wrong()], seen()).counts(), (2, 3));
    }

    #[test]
    fn what_failed_stands_in_the_page_with_what_was_expected() {
        let failed = case(vec![
            ValidationCheck::number("mid-point <c>", 400.0, 380.0, 0.4),
            ValidationCheck::text("verdict", "accepted", "accepted"),
        ]);
        let installation = Installation {
            program: "platewise",
            version: "0",
            executable: "platewise".into(),
            bytes: None,
            sha256: None,
            system: "here".into(),
            threads: 1,
            user: "nobody".into(),
        };
        let functions = vec![function(vec![failed], vec![SpoiledCase { how: "a digit".into(), found: None }])];
        let page = page(&Validation { made: "today".into(), installation, functions });
        assert!(page.contains("mid-point &lt;c&gt;") && page.contains("380") && page.contains("4.0e-1"), "{page}");
        assert!(page.contains("nothing was found wrong") && page.contains(">Failed<") && !page.contains(">Passed<"));
    }
}
