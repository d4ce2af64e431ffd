//! `run.json` of a study of several analytes: which runs of its analytes its results over all of them were made from.

use serde::Serialize;

use super::run::RunRecord;
use crate::files::{InputFile, sha256};

/// The record of what was made over several analytes. Everything but `started` depends on the inputs alone.
///
/// ```
/// use platewise::record::{AnalyteRecord, AnalytesRecord};
///
/// let failed = AnalyteRecord::failed("il31", "IL31", "no list of samples".into());
/// let record = AnalytesRecord::new("S", vec![failed], Vec::new(), "2026-11-30T12:00:00Z".into());
/// assert_eq!((record.run_id.len(), record.analytes[0].run_id.as_deref()), (16, None));
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct AnalytesRecord {
    /// The program.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The first 16 digits of the SHA-256 of version, inputs and the runs of the analytes.
    pub run_id: String,
    /// When the run started, in UTC.
    pub started: String,
    /// The study.
    pub study: String,
    /// Its analytes.
    pub analytes: Vec<AnalyteRecord>,
    /// The study files, and what was opened for all analytes, by name.
    pub inputs: Vec<InputFile>,
}

/// The run of one analyte.
///
/// See [`AnalytesRecord`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnalyteRecord {
    /// Its folder in the study.
    pub folder: String,
    /// Its code.
    pub paramcd: String,
    /// Its record, as a path from the folder of the results over all.
    pub record: String,
    /// The run; `None` where it could not be run.
    pub run_id: Option<String>,
    /// SHA-256 of its `concentrations.csv`.
    pub concentrations_sha256: Option<String>,
    /// Why it could not be run, or its arms could not be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

impl AnalyteRecord {
    /// Of a run, with the reason why its arms could not be compared.
    pub fn of(folder: &str, paramcd: &str, run: &RunRecord, failure: Option<String>) -> Self {
        Self {
            run_id: Some(run.run_id.clone()),
            concentrations_sha256: Some(run.concentrations_sha256.clone()),
            ..Self::failed(folder, paramcd, String::new())
        }
        .with(failure)
    }

    /// Of an analyte that could not be run.
    pub fn failed(folder: &str, paramcd: &str, why: String) -> Self {
        Self {
            folder: folder.to_string(),
            paramcd: paramcd.to_string(),
            record: format!("../{folder}/results/{}", super::RUN_FILE),
            run_id: None,
            concentrations_sha256: None,
            failure: Some(why),
        }
    }

    fn with(self, failure: Option<String>) -> Self {
        Self { failure, ..self }
    }
}

impl AnalytesRecord {
    /// The record of what was made of these runs.
    pub fn new(study: &str, analytes: Vec<AnalyteRecord>, mut inputs: Vec<InputFile>, started: String) -> Self {
        inputs.sort();
        inputs.dedup();
        let version = env!("CARGO_PKG_VERSION");
        let files = inputs.iter().map(|input| format!("{}\n{}\n", input.file, input.sha256));
        let runs = analytes.iter().map(|one| {
            format!(
                "{}\n{}\n{}\n",
                one.folder,
                one.run_id.as_deref().unwrap_or_default(),
                one.failure.as_deref().unwrap_or_default()
            )
        });
        let all: String = files.chain(runs).collect();
        let run_id = sha256(format!("{version}\n{all}").as_bytes()).chars().take(16).collect();
        Self { program: "platewise", version, run_id, started, study: study.to_string(), analytes, inputs }
    }
}
