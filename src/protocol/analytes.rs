//! A study of several analytes. What the trial declares stands once, in the `study.toml` at the top; each analyte is a study folder of
//! its own, whose `study.toml` holds what the laboratory declares.

use super::family::Family;
use super::whole_study::Protocol;

/// A study of several analytes: what its trial declares, and its analytes.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::protocol::SeveralAnalytes;
///
/// let folder = |path: &str| InputFolder::new(Path::new(path), LinkPolicy::Refused);
/// let study = SeveralAnalytes::read_from(&folder("fixtures/studies/three_analytes"))?.unwrap();
/// let codes: Vec<&str> = study.analytes.iter().map(|one| one.protocol.assay.study.paramcd.as_str()).collect();
/// assert_eq!(codes, ["CCL17", "IL31", "POSTN"]);
/// assert!(SeveralAnalytes::read_from(&folder("plates"))?.is_none(), "a study of one");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct SeveralAnalytes {
    /// Identifier, CDISC's STUDYID.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Whether the data were simulated. Every output says so.
    pub simulated: bool,
    /// Tests, of any analyte, whose p-values are adjusted together.
    pub families: Vec<Family>,
    /// The analytes, in the order of `study.toml`.
    pub analytes: Vec<AnalyteStudy>,
}

/// An analyte of a study of several.
///
/// See [`SeveralAnalytes`] for an example.
#[derive(Debug, Clone)]
pub struct AnalyteStudy {
    /// Its folder in the study.
    pub folder: String,
    /// What its laboratory and the trial declare.
    pub protocol: Protocol,
}
