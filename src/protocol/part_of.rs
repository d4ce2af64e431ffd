//! The study of several analytes that an analyte belongs to.

use serde::Serialize;

use super::family::Family;

/// The study of several analytes that an analyte belongs to.
///
/// ```
/// let study = std::path::Path::new("fixtures/studies/three_analytes");
/// let protocol = platewise::protocol::read(&study.join("periostin"))?;
/// let above = protocol.trial.part_of.as_ref().unwrap();
/// assert_eq!((above.study.as_str(), above.folder.as_str(), above.analytes), ("THREE_ANALYTES", "periostin", 3));
/// assert_eq!(protocol.trial.arms, std::path::Path::new("../arms.csv"), "the list of the study above");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartOf {
    /// Its identifier.
    pub study: String,
    /// The folder of the analyte there.
    pub folder: String,
    /// How many analytes it has.
    pub analytes: usize,
    /// Tests, of any of them, whose p-values are adjusted together, over all analytes.
    pub families: Vec<Family>,
}
