//! What somebody says of a study, and of which bytes: the statement that is signed.
//!
//! It is a list of files with their SHA-256, as `sha256sum` writes and checks it, under lines that begin with `#` and say who signed it,
//! when and why:
//!
//! ```text
//! # platewise statement 1
//! # study: NCT04137562
//! # meaning: approved
//! # name: H. Head
//! # when: 2026-11-22T12:01:00+01:00[Europe/Berlin]
//! # decisions: 3 lines, the last with SHA-256 5d1f…
//! 0f3a…  exports/P01.txt
//! 77c2…  results/concentrations.csv
//! ```

use std::collections::BTreeMap;
use std::fmt::Write;

use super::chain::LogHead;
use super::review::ReviewKind;
use crate::files::{self, sha256};
use crate::sheet::{Code, Location, Problem};

/// The folder of the signatures in a study.
pub const SIGNATURES: &str = "signatures";

/// The ending of the file of a statement, which is also a list of checksums.
pub(super) const ENDING: &str = ".sha256";

const FIRST_LINE: &str = "# platewise statement 1";

/// What somebody says of a study, and of which bytes.
///
/// ```
/// use platewise::record::{LogHead, ReviewKind, Statement};
///
/// let statement = Statement {
///     study: "S".into(),
///     meaning: ReviewKind::Approved,
///     name: "H. Head".into(),
///     when: "2026-11-22T12:01:00+01:00".into(),
///     decisions: LogHead::default(),
///     files: [("samples.csv".to_string(), platewise::record::sha256(b"sample"))].into(),
/// };
/// assert_eq!(Statement::parse("signatures/0001-approved.sha256", &statement.text())?, statement);
/// # Ok::<(), platewise::sheet::Problem>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The identifier of the study.
    pub study: String,
    /// What the signature means.
    pub meaning: ReviewKind,
    /// Who makes the statement.
    pub name: String,
    /// When, with the time zone.
    pub when: String,
    /// How far the log of decisions had grown.
    pub decisions: LogHead,
    /// The files, relative to the study folder, each with the SHA-256 of its bytes.
    pub files: BTreeMap<String, String>,
}

impl Statement {
    /// The bytes that are signed.
    pub fn text(&self) -> String {
        let LogHead { lines, sha256 } = &self.decisions;
        let mut text = format!(
            "{FIRST_LINE}\n# study: {}\n# meaning: {}\n# name: {}\n# when: {}\n# decisions: {lines} lines, the last with SHA-256 {sha256}\n",
            in_a_line(&self.study),
            self.meaning,
            in_a_line(&self.name),
            self.when
        );
        for (file, hash) in &self.files {
            let _ = writeln!(text, "{hash}  {file}");
        }
        text
    }

    /// The name of its file, as the one of that number in the study. It holds the first digits of the text's hash, so that two people who
    /// sign at the same moment do not write one file.
    pub fn file(&self, number: usize) -> String {
        let hash: String = sha256(self.text().as_bytes()).chars().take(8).collect();
        format!("{SIGNATURES}/{number:04}-{}-{hash}{ENDING}", self.meaning)
    }

    /// Reads a statement.
    ///
    /// # Errors
    /// The first line of it that is not as we write it.
    pub fn parse(file: &str, text: &str) -> Result<Self, Problem> {
        let wrong = |line: usize, expected: &str| {
            Problem::new(
                Code::new("statement-unreadable"),
                Location::line(file, line as u32),
                "not a statement of platewise",
            )
            .expected(expected)
            .advice(
                "A statement is never edited: put the file back as it was, or remove it together with its signature",
            )
        };
        let mut lines = (1..).zip(text.lines());
        if lines.next().map(|(_, line)| line) != Some(FIRST_LINE) {
            return Err(wrong(1, &format!("'{FIRST_LINE}'")));
        }
        let mut said = |key: &str| match lines.next() {
            Some((line, text)) => text
                .strip_prefix("# ")
                .and_then(|text| text.strip_prefix(key)?.strip_prefix(": "))
                .map(str::to_string)
                .ok_or_else(|| wrong(line, &format!("'# {key}: …'"))),
            None => Err(wrong(1, &format!("a line '# {key}: …'"))),
        };
        let study = said("study")?;
        let meaning = match said("meaning")?.as_str() {
            "reviewed" => ReviewKind::Reviewed,
            "approved" => ReviewKind::Approved,
            _ => return Err(wrong(3, "'# meaning: reviewed' or 'approved'")),
        };
        let (name, when) = (said("name")?, said("when")?);
        let head = said("decisions")?;
        let head = head.split_once(" lines, the last with SHA-256 ");
        let head = head.and_then(|(lines, sha256)| Some(LogHead { lines: lines.parse().ok()?, sha256: sha256.into() }));
        let decisions = head.ok_or_else(|| wrong(6, "'# decisions: 3 lines, the last with SHA-256 …'"))?;
        let mut of = BTreeMap::new();
        // An analyte of several has files in the folder above it, and no further up.
        let is_of_study = |name: &str| files::is_inside(name.strip_prefix("../").unwrap_or(name));
        for (line, text) in lines {
            let inside = text.split_once("  ").filter(|(_, name)| is_of_study(name));
            let expected = "a SHA-256, two blanks and a file of the study folder";
            let (hash, name) = inside.ok_or_else(|| wrong(line, expected))?;
            of.insert(name.to_string(), hash.to_string());
        }
        Ok(Self { study, meaning, name, when, decisions, files: of })
    }
}

fn in_a_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement() -> Statement {
        Statement {
            study: "S".into(),
            meaning: ReviewKind::Reviewed,
            name: "R. Reviewer".into(),
            when: "2026-11-22T12:01:00+01:00".into(),
            decisions: LogHead::default(),
            files: [("a b.csv".to_string(), "00".to_string())].into(),
        }
    }

    #[test]
    fn what_is_no_statement_names_its_line() {
        let text = statement().text();
        for (line, text) in (1..).zip(text.lines()).take(6) {
            let edited = statement().text().replace(text, "# something else");
            let said = Statement::parse("x", &edited).unwrap_err().to_string();
            assert!(said.contains(&format!("line {line}")), "{said}");
        }
        for outside in ["../../b.csv", "/b.csv", "b/../../b.csv"] {
            let outside = statement().text().replace("a b.csv", outside);
            assert!(Statement::parse("x", &outside).unwrap_err().to_string().contains("line 7"));
        }
        let above = statement().text().replace("a b.csv", "../arms.csv");
        assert!(Statement::parse("x", &above).is_ok(), "an analyte's study shares files with the one above");
    }
}
