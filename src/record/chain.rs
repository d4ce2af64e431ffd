//! What the logs of a study have in common: an event a line, each with the SHA-256 of the line before.
//!
//! `previous` is the SHA-256 of the bytes of the line before, without its line end, and 64 zeros in the first line. A line that was
//! changed, removed or put in between is found by the next one. The last lines have none: that they were changed or cut is found by a
//! [`LogHead`] that was kept elsewhere, in the record of each run and in each signature.
//!
//! A line that was not written whole, because the power failed or the disk was full, was never acknowledged to anybody. It is no event:
//! it is left out, and cut off when the next line is appended.

use serde::{Deserialize, Serialize};

use crate::files::sha256;
use crate::sheet::{Code, Location, Problem};

/// `previous` of the first line.
pub(super) const BEGINNING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What to do with a log that is not as it was written.
pub(super) const RESTORE: &str = "The log is append-only: put the file back as it was";

/// How far a log had grown: by it a log that was cut, or whose last lines were changed, is found.
///
/// ```
/// assert_eq!(platewise::record::LogHead::default().lines, 0);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// The number of its lines.
    pub lines: usize,
    /// SHA-256 of the last of them; 64 zeros where there is none.
    pub sha256: String,
}

impl Default for LogHead {
    fn default() -> Self {
        Self { lines: 0, sha256: BEGINNING.to_string() }
    }
}

/// The text of a log by its lines.
pub(super) struct Lines<'t> {
    /// The events, without line ends.
    pub(super) whole: Vec<&'t str>,
    /// Whether a last line was not written whole.
    pub(super) torn: bool,
    /// The bytes of the text that belong to whole lines: what follows is cut off by the next.
    pub(super) bytes: usize,
}

impl<'t> Lines<'t> {
    /// The lines of a text. A byte order mark before them and blank lines after them, which editors leave, are no part of the log.
    pub(super) fn of(text: &'t str) -> Self {
        let start = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut whole: Vec<&str> = start.lines().collect();
        let is_json = |line: &str| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
        let torn = !start.ends_with('\n') && whole.last().is_some_and(|line| !line.trim().is_empty() && !is_json(line));
        if torn {
            whole.pop();
        }
        while whole.last().is_some_and(|line| line.trim().is_empty()) {
            whole.pop();
        }
        let bytes = whole.last().map_or(0, |last| last.as_ptr() as usize - text.as_ptr() as usize + last.len());
        Self { whole, torn, bytes }
    }

    /// How far the log has grown.
    pub(super) fn head(&self) -> LogHead {
        LogHead {
            lines: self.whole.len(),
            sha256: self.whole.last().map_or_else(|| BEGINNING.to_string(), |line| sha256(line.as_bytes())),
        }
    }

    /// What is said of a line that was not written whole.
    pub(super) fn warning(&self, file: &str) -> Option<Problem> {
        self.torn.then(|| {
            let at = Location::line(file, self.whole.len() as u32 + 1);
            Problem::new(
                Code::new("log-line-not-whole"),
                at,
                "this last line was not written whole, as when the power fails or the disk is full",
            )
            .expected("a line end after each event")
            .advice("It is no event and counts for nothing; the next event takes its place")
        })
    }
}

/// What is wrong where the event of a line does not follow the line before, whose hash is `expected`.
pub(super) fn broken(file: &str, line: usize, expected: &str) -> Problem {
    Problem::new(
        Code::new("log-chain-broken"),
        Location::line(file, line as u32),
        "the chain is broken: this line does not follow the one before",
    )
    .expected(format!("previous = \"{expected}\""))
    .advice(RESTORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_editors_and_power_cuts_leave_is_no_event() {
        let parts = |text: &'static str| {
            let lines = Lines::of(text);
            (lines.whole.clone(), lines.torn, lines.bytes)
        };
        assert_eq!(parts(""), (vec![], false, 0));
        assert_eq!(parts("{}\n[1]\n"), (vec!["{}", "[1]"], false, 6));
        assert_eq!(parts("{}\r\n[1]"), (vec!["{}", "[1]"], false, 7), "a last line that is whole but for its end");
        assert_eq!(parts("\u{feff}{}\n\n \n"), (vec!["{}"], false, 5));
        assert_eq!(parts("{}\n[1"), (vec!["{}"], true, 2));
        assert_eq!(parts("{}\n\0\0\0"), (vec!["{}"], true, 2), "a file that had grown before its bytes were written");
        assert_eq!(parts("{}\n[1\n"), (vec!["{}", "[1"], false, 5), "a line with its end was edited, not torn");
        assert_eq!(parts("["), (vec![], true, 0));
    }

    #[test]
    fn the_head_is_that_of_whole_lines() {
        assert_eq!(Lines::of("[").head(), LogHead::default());
        assert_eq!(Lines::of("{}\n[1").head(), LogHead { lines: 1, sha256: sha256(b"{}") });
    }
}
