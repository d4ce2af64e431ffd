//! What is wrong with an input, said so that its owner can correct it: where, what was found, what was expected, what to do.
//!
//! Readers and checks collect every problem of an input and return them together; nobody corrects a file one error at a time.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::location::Location;

/// What kind of problem it is, the same whatever the names and numbers in its words: by it a program knows a problem again, and the
/// program groups warnings. Words may be improved, a code stays; each stands beside the one place that makes its problem.
///
/// ```
/// use platewise::sheet::{Code, Location, Problem};
///
/// const NO_WELL: Code = Code::new("layout-not-a-well");
/// let problem = |text: &str| Problem::new(NO_WELL, Location::line("layout.csv", 4), format!("'{text}' is no well"));
/// assert_eq!(problem("A13").code, problem("Q1").code);
/// assert_eq!(NO_WELL.to_string(), "layout-not-a-well");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Code(Cow<'static, str>);

impl Code {
    /// A code of this name: words in lower case with hyphens, what it is about first.
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing wrong (or, as a warning, remarkable) in an input.
///
/// ```
/// use platewise::sheet::{Code, Location, Problem};
///
/// let problem = Problem::new(Code::new("layout-not-a-well"), Location::line("layout.csv", 4), "'A13' is no well")
///     .expected("a well from A1 to H12")
///     .advice("Correct the well");
/// assert_eq!(
///     problem.to_string(),
///     "layout.csv, line 4: 'A13' is no well; expected a well from A1 to H12. Correct the well"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem it is.
    pub code: Code,
    /// Where it stands.
    pub location: Location,
    /// What was found there, with the offending text in quotes.
    pub found: String,
    /// What was expected instead; empty where that is plain.
    pub expected: String,
    /// What to do about it; empty where that is plain.
    pub advice: String,
}

impl Problem {
    /// A problem with what was found and nothing else said yet.
    pub fn new(code: Code, location: Location, found: impl Into<String>) -> Self {
        Self { code, location, found: found.into(), expected: String::new(), advice: String::new() }
    }

    /// Adds what was expected.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = expected.into();
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.location, self.found)?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        if !self.advice.is_empty() {
            write!(f, ". {}", self.advice)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// All problems of an input, in the order of the input. As an error it is never empty.
///
/// ```
/// use platewise::sheet::{Code, Location, Problem, Problems};
///
/// let mut problems = Problems::default();
/// assert_eq!(problems.clone().or("read"), Ok("read"));
/// problems.push(Problem::new(Code::new("file-empty"), Location::file("P01.txt"), "the file is empty"));
/// assert!(problems.or("read").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl Problems {
    /// Adds one.
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// `value` when there was no problem, all problems otherwise.
    ///
    /// # Errors
    /// The problems themselves, when there are any.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl Extend<Problem> for Problems {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        self.0.extend(problems);
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
