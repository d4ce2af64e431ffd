//! A study of several analytes: each run as a study of its own, then what they say together. All of them are quantified before the list
//! of arms is opened for the first, and one that cannot be run does not keep the others back.

use std::collections::BTreeMap;
use std::path::Path;

use super::run::{Arms, Run, RunOptions, begin};
use super::run_step::RunStep;
use crate::files::{InputFile, InputFolder, OutputFile};
use crate::protocol::{AnalyteStudy, SeveralAnalytes};
use crate::record::{self, AnalyteRecord, AnalytesRecord};
use crate::report::{AnalytesReport, ReportError, WrittenOutputs, files_of_analytes};
use crate::sheet::{Code, Location, Problem, Problems};
use crate::study::{AnalyteData, OverAnalytes};

/// The run of one analyte of several.
///
/// See [`run_analytes`] for an example.
#[derive(Debug, Clone)]
pub struct AnalyteRun {
    /// Its folder in the study.
    pub folder: String,
    /// Its run, or why there is none.
    pub run: Result<Run, Problems>,
}

/// The runs of a study of several analytes, and what they say together.
///
/// See [`run_analytes`] for an example.
#[derive(Debug, Clone)]
pub struct AnalytesRun {
    /// What the study declares.
    pub declared: SeveralAnalytes,
    /// The run of each analyte, in the order of the study.
    pub analytes: Vec<AnalyteRun>,
    /// What they say together; `None` where the list of arms stayed closed, or was not the same for all.
    pub over: Option<OverAnalytes>,
    /// The files that they share were not the same for all: somebody changed one in the meantime.
    pub changed: Problems,
    /// With which runs and files.
    pub record: AnalytesRecord,
    written: WrittenOutputs,
}

/// Runs every analyte of a study, and compares the arms of each as far as `options` say. `finished` is told the folder and the
/// step when one is done.
///
/// ```
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::pipeline::{RunOptions, run_analytes};
/// use platewise::protocol::SeveralAnalytes;
///
/// // The arms stay closed: each analyte is quantified, and nothing is said over them.
/// let study = InputFolder::new(std::path::Path::new("fixtures/studies/three_analytes"), LinkPolicy::Refused);
/// let declared = SeveralAnalytes::read_from(&study)?.unwrap();
/// let blinded = run_analytes(&study, declared, &RunOptions::default(), &|_, _| ());
/// assert_eq!((blinded.analytes.len(), blinded.over.is_none()), (3, true));
/// let periostin = blinded.analytes[2].run.as_ref().unwrap();
/// let mut shared = periostin.record.inputs.iter().filter(|input| input.file.starts_with("../"));
/// assert_eq!(shared.next().map(|input| input.file.as_str()), Some("../study.toml"));
/// assert_eq!(shared.next(), None, "not the list of arms");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub fn run_analytes(
    study: &InputFolder,
    declared: SeveralAnalytes,
    options: &RunOptions<'_>,
    finished: &(dyn Fn(&str, RunStep<'_>) + Sync),
) -> AnalytesRun {
    let started = record::now();
    let folders: Vec<InputFolder> = declared.analytes.iter().map(|one| study.below(Path::new(&one.folder))).collect();
    let mut analytes: Vec<AnalyteRun> = declared
        .analytes
        .iter()
        .zip(&folders)
        .map(|(one, folder)| AnalyteRun {
            folder: one.folder.clone(),
            run: begin(folder, options, &|plate| finished(&one.folder, RunStep::Plate(plate))),
        })
        .collect();
    // One moment for all: none is opened before every concentration is known.
    let opened = record::now();
    for (one, folder) in analytes.iter_mut().zip(&folders) {
        let name = &one.folder;
        let said = |step: RunStep<'_>| finished(name, step);
        let gone_on = one.run.as_mut().map(|run| run.go_on(folder, &options.arms, &opened, &said));
        if let Ok(Err(problems)) = gone_on {
            one.run = Err(problems);
        }
    }
    let (inputs, changed) = shared(study, &analytes);
    let compared = analytes.iter().any(|one| one.run.as_ref().is_ok_and(|run| run.record.unblinded));
    let closed = options.arms == Arms::Closed || !compared || !changed.0.is_empty();
    let record = record_of(&declared, &analytes, inputs, started);
    let over = (!closed).then(|| over(&declared, &analytes));
    AnalytesRun { declared, analytes, over, changed, record, written: options.written }
}

/// The answers over all analytes.
fn over(declared: &SeveralAnalytes, analytes: &[AnalyteRun]) -> OverAnalytes {
    let reasons: Vec<String> = analytes.iter().map(|one| one.why_not_compared().unwrap_or_default()).collect();
    let analytes: Vec<AnalyteData<'_>> = analytes
        .iter()
        .zip(&declared.analytes)
        .zip(&reasons)
        .map(|((one, AnalyteStudy { folder, protocol }), why)| {
            let run = one.run.as_ref().ok();
            let compared = run.and_then(|run| run.compared.as_ref());
            AnalyteData {
                folder,
                settings: &protocol.assay.study,
                confidence: protocol.assay.method.confidence,
                compared: compared.map(|compared| &compared.comparison).ok_or(why),
                visits: run.and_then(|run| run.quantified.visits.as_deref().ok()).unwrap_or_default(),
            }
        })
        .collect();
    OverAnalytes::new(declared, &analytes)
}

impl AnalyteRun {
    /// Why its arms were not compared; `None` where they were.
    pub fn why_not_compared(&self) -> Option<String> {
        let one_line = |problems: &Problems| problems.to_string().replace('\n', "; ");
        match &self.run {
            Err(problems) => Some(format!("could not be run: {}", one_line(problems))),
            Ok(run) => match (&run.compared, &run.not_compared) {
                (Some(_), _) => None,
                (None, Some(problems)) => Some(format!("arms not compared: {}", one_line(problems))),
                (None, None) => Some("there is no list of arms".into()),
            },
        }
    }
}

impl AnalytesRun {
    /// What is shown over the analytes; `None` where nothing is said over them.
    pub fn report(&self) -> Option<AnalytesReport<'_>> {
        let over = self.over.as_ref()?;
        let SeveralAnalytes { title, simulated, .. } = &self.declared;
        Some(AnalytesReport { title, simulated: *simulated, over, record: &self.record })
    }

    /// All outputs over the analytes, as files of one folder; `None` where nothing is said over them.
    ///
    /// # Errors
    /// When an output cannot be made.
    pub fn files(&self) -> Result<Option<Vec<OutputFile>>, ReportError> {
        self.report().map(|report| files_of_analytes(&report, self.written)).transpose()
    }
}

/// The files that the analytes share, by their names in the study, and what differs from one analyte to the next: somebody changed a
/// file while the study was run.
fn shared(study: &InputFolder, analytes: &[AnalyteRun]) -> (Vec<InputFile>, Problems) {
    let mut known: BTreeMap<String, InputFile> =
        study.inputs().into_iter().map(|input| (input.file.clone(), input)).collect();
    let mut problems = Problems::default();
    for run in analytes.iter().filter_map(|one| one.run.as_ref().ok()) {
        for input in &run.record.inputs {
            let Some(name) = input.file.strip_prefix("../") else { continue };
            let first =
                known.entry(name.to_string()).or_insert_with(|| InputFile { file: name.into(), ..input.clone() });
            let changed = || {
                Problem::new(
                    Code::new("input-changed-during-run"),
                    Location::file(name),
                    "was changed while the analytes were run",
                )
            };
            if first.sha256 != input.sha256 && problems.0.iter().all(|problem| *problem.location.file != *name) {
                problems.push(changed().expected("one file for all of them").advice("Run the study again"));
            }
        }
    }
    (known.into_values().collect(), problems)
}

fn record_of(
    declared: &SeveralAnalytes,
    analytes: &[AnalyteRun],
    inputs: Vec<InputFile>,
    started: String,
) -> AnalytesRecord {
    let of = |(one, declared): (&AnalyteRun, &AnalyteStudy)| {
        let code = &declared.protocol.assay.study.paramcd;
        match &one.run {
            Ok(run) => AnalyteRecord::of(&one.folder, code, &run.record, one.why_not_compared()),
            Err(_) => AnalyteRecord::failed(&one.folder, code, one.why_not_compared().unwrap_or_default()),
        }
    };
    AnalytesRecord::new(&declared.id, analytes.iter().zip(&declared.analytes).map(of).collect(), inputs, started)
}
