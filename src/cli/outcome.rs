//! How a command ends, and how its results are written.

use std::{fmt, io};

use clap::ValueEnum;

use crate::files::OutputError;
use crate::sheet::{Problem, Problems};

/// How results are written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum OutputFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// How a command that could run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CommandStatus {
    /// Done: exit code 0.
    Done,
    /// Done, with rejected plates or failed criteria: exit code 1.
    WithFailures,
    /// Done but for what was asked, and why is printed already: exit code 2.
    WithoutAnswer,
}

/// Why a command could not run: exit code 2.
#[derive(Debug)]
pub(super) enum Failure {
    /// Something is wrong with what came in.
    Input(Problems),
    /// Something could not be written.
    Output(io::Error),
    /// Anything else, in words.
    Other(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(problems) => problems.fmt(f),
            Self::Output(error) => write!(f, "cannot write: {error}"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        Self::Input(problems)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Input(problem.into())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Output(error.into())
    }
}
