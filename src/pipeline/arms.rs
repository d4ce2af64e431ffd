//! The list of arms, opened on record.

use std::path::Path;
use std::sync::Arc;

use super::quantify::Quantified;
use crate::files::{Input, InputFolder};
use crate::record::opening::{self, OpeningOutcome};
use crate::record::{InputFile, Opening};
use crate::sheet::{Problem, Problems};

/// The list of arms of a study, in memory.
///
/// That of a study folder comes from [`ArmList::open`] alone, which records the opening in the study before it reads a byte.
///
/// ```
/// use platewise::pipeline::ArmList;
///
/// let list = ArmList::in_memory("arms.csv", b"subject,arm\n101,active\n102,placebo\n");
/// assert_eq!(list.record().bytes, 35);
/// ```
#[derive(Debug, Clone)]
pub struct ArmList {
    pub(super) input: Arc<Input>,
    /// The list of clinical measurements, where the study declares one.
    pub(super) clinical: Option<Arc<Input>>,
    /// The list of intercurrent events, where the study declares one.
    pub(super) events: Option<Arc<Input>>,
}

impl ArmList {
    /// A list that somebody has opened already, as that of a simulated trial.
    pub fn in_memory(name: &str, bytes: &[u8]) -> Self {
        Self { input: Arc::new(Input::in_memory(name, bytes)), clinical: None, events: None }
    }

    /// The same with a list of clinical measurements.
    #[must_use]
    pub fn with_clinical(self, name: &str, bytes: &[u8]) -> Self {
        Self { clinical: Some(Arc::new(Input::in_memory(name, bytes))), ..self }
    }

    /// The same with a list of intercurrent events.
    #[must_use]
    pub fn with_events(self, name: &str, bytes: &[u8]) -> Self {
        Self { events: Some(Arc::new(Input::in_memory(name, bytes))), ..self }
    }

    /// Records in the study, in `arms-opened.jsonl`, that `by` opens its list of arms at the moment `when` on these concentrations, and
    /// only then reads the list. Gives it with the line of the record, whatever was read. The list of several analytes and its record
    /// stand in the study above them.
    ///
    /// # Errors
    /// When there is no list that could be read, or the opening cannot be recorded. The list stays closed then.
    pub fn open(
        study: &InputFolder,
        quantified: &Quantified,
        by: &str,
        when: &str,
        concentrations_sha256: &str,
    ) -> Result<(usize, Result<Self, Problems>), Problems> {
        let trial = &quantified.protocol.trial;
        let path = trial.arms.as_path();
        study.check(path).map_err(|error| study.problem(path, &error))?;
        let clinical = trial.clinical.as_ref().map(|clinical| clinical.list.as_path());
        let events = trial.events.as_ref().map(|events| events.list.as_path());
        for path in clinical.iter().chain(&events) {
            study.check(path).map_err(|error| study.problem(path, &error))?;
        }
        let opening = Opening {
            started: when.to_string(),
            by: by.to_string(),
            // By its name where the record stands.
            list: InputFile::new(path.strip_prefix("..").unwrap_or(path), &[]).file,
            analyte: trial.analyte_folder().map(str::to_string),
            concentrations_sha256: concentrations_sha256.to_string(),
            ended: None,
        };
        let line = opening::record(&trial.folder(study.path()), &opening)?;
        let read = || {
            let clinical = clinical.map(|path| study.read(path)).transpose()?;
            let events = events.map(|path| study.read(path)).transpose()?;
            Ok(Self { input: study.read(path)?, clinical, events })
        };
        Ok((line, read().map_err(|problem: Problem| problem.into())))
    }

    /// The record of its bytes.
    pub fn record(&self) -> &InputFile {
        &self.input.record
    }

    /// The records of everything that was opened with it: the list itself, clinical measurements, events.
    pub fn records(&self) -> impl Iterator<Item = &InputFile> {
        std::iter::once(&self.input).chain(&self.clinical).chain(&self.events).map(|input| &input.record)
    }
}

/// What became of an opening, for its record.
pub(super) fn ended(list: Option<&ArmList>, run_id: &str, failure: Option<&Problems>) -> OpeningOutcome {
    OpeningOutcome {
        run_id: run_id.to_string(),
        arms_sha256: list.map(|list| list.record().sha256.clone()).unwrap_or_default(),
        failure: failure.map(|problems| problems.to_string().replace('\n', "; ")),
    }
}

/// Whether the study has a list of arms. It is not opened.
pub(super) fn is_there(study: &InputFolder, list: &Path) -> bool {
    study.check(list).map_or_else(|error| !error.is_missing(), |()| true)
}
