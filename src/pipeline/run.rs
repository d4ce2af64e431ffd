//! One run of a study, from its folder to its files: quantified, its arms compared where that is wanted, and all of it on record.

use std::path::PathBuf;

use super::arms::{self, ArmList};
use super::cache::Cache;
use super::compare::{Compared, compare_telling};
use super::quantify::Quantified;
use super::run_step::{Finished, RunStep};
use super::study_files::StudyFiles;
use super::threads::with_threads;
use crate::files::{InputFile, InputFolder, OutputError, OutputFile, OutputFolder, TakeFiles};
use crate::record::{self, EarlierRun, RunRecord, Signature, SignatureState, opening};
use crate::report::{self, ReportError, StudyReport, WrittenOutputs};
use crate::sheet::{Code, Location, Problem, Problems};

/// Whether the list of arms is opened, and by whom.
///
/// ```
/// assert_eq!(platewise::pipeline::Arms::default(), platewise::pipeline::Arms::Closed);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Arms {
    /// It stays closed.
    #[default]
    Closed,
    /// It is opened where there is one.
    Optional {
        /// By whom.
        by: String,
    },
    /// It is opened; that there is none is an error.
    Required {
        /// By whom.
        by: String,
    },
}

/// What a run is asked to do.
///
/// ```
/// use platewise::pipeline::{Arms, RunOptions};
///
/// let whole = RunOptions { arms: Arms::Optional { by: "A. B.".into() }, ..RunOptions::default() };
/// assert_eq!(whole.threads, None, "all cores");
/// ```
#[derive(Debug, Clone, Default)]
pub struct RunOptions<'a> {
    /// Whether the arms are compared.
    pub arms: Arms,
    /// Number of threads; all cores where there is none. The results do not depend on it.
    pub threads: Option<usize>,
    /// What was read and fitted before, where that is kept. The results do not depend on it.
    pub cache: Option<&'a Cache>,
    /// Which outputs are written.
    pub written: WrittenOutputs,
}

/// A run: everything that is known of it, and written.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::pipeline::{self, RunOptions, RunStep};
///
/// let study = InputFolder::new(Path::new("plates"), LinkPolicy::Refused);
/// let said = |step: RunStep<'_>| println!("{step:?} is done");
/// let blinded = pipeline::run(&study, &RunOptions::default(), &said)?;
/// assert!(blinded.report().comparison.is_none() && !blinded.record.unblinded);
/// assert!(blinded.record.inputs.iter().all(|input| input.file != "arms.csv"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Run {
    /// The quantified study.
    pub quantified: Quantified,
    /// The comparison of its arms, where it was wanted and could be made.
    pub compared: Option<Compared>,
    /// Why the arms could not be compared, although that was wanted.
    pub not_compared: Option<Problems>,
    /// Whether the arms were to be compared where there is a list, and there is none.
    pub without_list: bool,
    /// With which program, settings and inputs, and when the arms were opened.
    pub record: RunRecord,
    /// What people signed, and whether it covers these results.
    pub signatures: Vec<SignatureState>,
    /// Why what people signed cannot be read. The numbers do not depend on it.
    pub signatures_unread: Problems,
    /// Everything that should be known and did not stop the work.
    pub warnings: Vec<Problem>,
    threads: Option<usize>,
    written: WrittenOutputs,
}

/// Why the files of a run were not written.
///
/// ```
/// use platewise::files::OutputError;
/// use platewise::pipeline::WriteError;
///
/// let error = WriteError::from(OutputError::NotEmpty("results".into()));
/// assert!(error.to_string().starts_with("results already exists"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// They could not be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The folder could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The threads could not be started.
    #[error(transparent)]
    Threads(#[from] Problem),
}

/// Quantifies a study and compares its arms as far as `options` say. `finished` is told each step when it is done.
///
/// The opening of the list of arms is recorded in the study before the list is opened. That the arms cannot be compared is no
/// error of the run: what was quantified is there, and [`Run::not_compared`] says why.
///
/// # Errors
/// As [`quantify`](super::quantify()).
pub fn run(study: &InputFolder, options: &RunOptions<'_>, finished: Finished<'_>) -> Result<Run, Problems> {
    let mut run = begin(study, options, &|plate| finished(RunStep::Plate(plate)))?;
    run.go_on(study, &options.arms, &record::now(), finished)?;
    Ok(run)
}

/// The first half of a run, in which the list of arms stays closed: quantifies a study.
///
/// # Errors
/// As [`quantify`](super::quantify()).
pub(super) fn begin(
    study: &InputFolder,
    options: &RunOptions<'_>,
    finished: &(dyn Fn(&str) + Sync),
) -> Result<Run, Problems> {
    with_threads(options.threads, || {
        let started = record::now();
        let quantified = StudyFiles::read(study, options.cache)?.quantified(options.cache, finished)?;
        let run = Run::new(quantified, None, started)?;
        Ok(Run { threads: options.threads, written: options.written, ..run })
    })
}

impl Run {
    /// A run of what was quantified, and of a comparison with the record of its list of arms.
    ///
    /// # Errors
    /// Only when the table of concentrations cannot be made.
    pub fn new(
        quantified: Quantified,
        compared: Option<(Compared, InputFile)>,
        started: String,
    ) -> Result<Self, Problems> {
        let (compared, list) = compared.unzip();
        let mut run = Self {
            record: record_of(&quantified, list.as_slice(), started),
            quantified,
            compared,
            not_compared: None,
            without_list: false,
            signatures: Vec::new(),
            signatures_unread: Problems::default(),
            warnings: Vec::new(),
            threads: None,
            written: WrittenOutputs::All,
        };
        let table = report::concentrations(&run.report()).map_err(|error| {
            Problem::new(Code::new("concentrations-not-made"), Location::file("concentrations.csv"), error.to_string())
        })?;
        run.record.concentrations_sha256 = record::sha256(&table);
        run.warnings = run.warnings_of_parts();
        Ok(run)
    }

    /// The second half of a run: opens the list of arms as far as `arms` says, at the moment `when`, and compares them; then says what
    /// there is to say of the records of the study.
    ///
    /// # Errors
    /// When the threads cannot be started.
    pub(super) fn go_on(
        &mut self,
        study: &InputFolder,
        arms: &Arms,
        when: &str,
        finished: Finished<'_>,
    ) -> Result<(), Problems> {
        with_threads(self.threads, || {
            let trial = self.quantified.protocol.trial.folder(study.path());
            let known = opening::openings(&trial);
            match arms {
                Arms::Closed => {}
                Arms::Optional { .. } if !arms::is_there(study, &self.quantified.protocol.trial.arms) => {
                    self.without_list = true
                }
                Arms::Optional { by } | Arms::Required { by } => self.open_arms(study, by, when, finished),
            }
            self.record.arms_opened = match opening::openings(&trial) {
                Ok(openings) => openings,
                // What was known when the run began is still known.
                Err(_) => known.as_ref().cloned().unwrap_or_default(),
            };
            match record::signatures(study.path()) {
                Ok(signatures) => self.show_signatures(signatures),
                Err(problems) => self.signatures_unread = problems,
            }
            self.warn(known.err(), &study.path().join("results"));
            Ok(())
        })
    }

    /// Opens the list of arms, on record, and compares them.
    fn open_arms(&mut self, study: &InputFolder, by: &str, when: &str, finished: Finished<'_>) {
        // The list stays closed where nothing could come of it.
        if let Err(problems) = &self.quantified.visits {
            self.not_compared = Some(problems.clone());
        } else if self.quantified.without_subjects {
            let list = self.quantified.protocol.assay.study.samples.display().to_string();
            let found = Problem::new(
                Code::new("samples-of-nobody"),
                Location::file(list),
                "the list of samples says of none whose it is",
            );
            let advice =
                "Fill in the two columns; the results by sample are written, and the list of arms stays closed";
            self.not_compared = Some(found.expected("the subject and the visit of each sample").advice(advice).into());
        } else {
            match ArmList::open(study, &self.quantified, by, when, &self.record.concentrations_sha256) {
                Err(problems) => self.not_compared = Some(problems),
                Ok((line, list)) => self.compare_on_record(study, line, list, finished),
            }
        }
        self.warnings = self.warnings_of_parts();
    }

    fn compare_on_record(
        &mut self,
        study: &InputFolder,
        line: usize,
        list: Result<ArmList, Problems>,
        finished: Finished<'_>,
    ) {
        let compared =
            list.as_ref().map_err(Clone::clone).and_then(|list| compare_telling(&self.quantified, list, finished));
        let list = list.ok();
        let concentrations = std::mem::take(&mut self.record.concentrations_sha256);
        let started = std::mem::take(&mut self.record.started);
        let opened: Vec<InputFile> = list.iter().flat_map(ArmList::records).cloned().collect();
        self.record = record_of(&self.quantified, &opened, started);
        self.record.concentrations_sha256 = concentrations;
        let ended = arms::ended(list.as_ref(), &self.record.run_id, compared.as_ref().err());
        match compared {
            Ok(compared) => self.compared = Some(compared),
            Err(problems) => self.not_compared = Some(problems),
        }
        // That it was opened is on record whether or not this can be added.
        if let Err(problem) = opening::record_end(&self.quantified.protocol.trial.folder(study.path()), line, &ended) {
            self.quantified.warnings.push(problem);
        }
    }

    /// What the parts of the run warn of; what stopped one of them is said as an error.
    fn warnings_of_parts(&self) -> Vec<Problem> {
        let mut warnings = self.warnings_of_plates();
        if let Some(compared) = &self.compared {
            warnings.extend(compared.warnings.clone());
            for dataset in report::adam::datasets(&compared.comparison) {
                let (file, written) = (dataset.file(), report::adam::xport::write(&dataset, &self.record.started));
                warnings.extend(written.err().map(|why| {
                    Problem::new(
                        Code::new("xpt-not-written"),
                        Location::file(format!("{file}.xpt")),
                        format!("not written: {why}"),
                    )
                    .advice(format!("Use {file}.json, or rename it"))
                }));
            }
        }
        warnings
    }

    /// The same of everything but the arms.
    fn warnings_of_plates(&self) -> Vec<Problem> {
        // Causes before what follows from them: a sample that no list knows, then the listed one that was never measured.
        let mut warnings = Vec::new();
        if self.not_compared.is_none() {
            warnings.extend(self.quantified.visits.as_ref().err().into_iter().flat_map(|problems| problems.0.clone()));
        }
        warnings.extend(self.quantified.identity.iter().map(|finding| finding.problem.clone()));
        warnings.extend(self.quantified.warnings.clone());
        warnings
    }

    /// What there is to say of the openings of the arms, and of a log of decisions that is not what it was.
    pub(super) fn warn(&mut self, edited: Option<Problem>, results: &std::path::Path) {
        let (opened, concentrations) = (&self.record.arms_opened, &self.record.concentrations_sha256);
        let analyte = self.quantified.protocol.trial.analyte_folder();
        let mut said = vec![edited, opening::changed_since(opened, analyte, concentrations)];
        match EarlierRun::read(results, &self.quantified.protocol.assay.study.id) {
            Ok(earlier) => {
                said.push(earlier.lost_openings(opened));
                let (lost, problem) = earlier.lost_decisions(&self.quantified.exclusions.decisions);
                // What is missed is carried on: the next run replaces this record.
                self.record.decisions_lost.extend(lost);
                self.record.decisions_lost.sort_by_key(|head| (head.lines, head.sha256.clone()));
                self.record.decisions_lost.dedup();
                said.push(problem);
            }
            Err(problem) => said.push(Some(problem)),
        }
        said.extend(self.signatures_unread.0.iter().cloned().map(Some));
        for problem in said.into_iter().flatten() {
            if !self.warnings.contains(&problem) {
                self.warnings.push(problem);
            }
        }
    }

    /// Shows what people signed of the study, and whether it is this.
    pub(super) fn show_signatures(&mut self, signatures: Vec<Signature>) {
        let RunRecord { inputs, concentrations_sha256, .. } = &self.record;
        let beside = |signature| SignatureState::beside(signature, inputs, concentrations_sha256);
        self.signatures = signatures.into_iter().map(beside).collect();
        self.record.signatures = self.signatures.iter().map(|one| one.signature.file.clone()).collect();
    }

    /// Whether everything is as it should be: every plate accepted, every sample in its place, every subject in an arm.
    pub fn is_clean(&self) -> bool {
        let without_arm = self.compared.as_ref().is_some_and(|run| !run.comparison.join.without_arm.is_empty());
        self.quantified.is_clean()
            && !without_arm
            && self.record.decisions_lost.is_empty()
            && self.signatures.iter().all(SignatureState::holds)
            && self.signatures_unread.0.is_empty()
    }

    /// From here on, only those outputs are written.
    pub(super) fn write_only(&mut self, written: WrittenOutputs) {
        self.written = written;
    }

    /// What is shown of the run.
    pub fn report(&self) -> StudyReport<'_> {
        let Quantified { protocol, plates, across_plates, results, test_results, exclusions, reruns, .. } =
            &self.quantified;
        StudyReport {
            protocol: protocol.into(),
            plates,
            across_plates,
            results,
            test_results,
            reruns,
            exclusions,
            signatures: &self.signatures,
            identity: &self.quantified.identity,
            visits: self.quantified.visits.as_deref().unwrap_or_default(),
            not_joined: self.quantified.visits.as_ref().err().map_or(&[], |problems| problems.0.as_slice()),
            comparison: self.compared.as_ref().map(|compared| &compared.comparison),
            events: self.compared.as_ref().and_then(|compared| compared.events.as_deref()),
            clinical: self.compared.as_ref().and_then(|compared| compared.clinical.as_ref()),
            robustness: self.compared.as_ref().map(|compared| &compared.robustness),
            layout: report::figure::FigureLayout::default(),
            record: &self.record,
            warnings: &self.warnings,
        }
    }

    /// Makes all outputs, as files of one folder, and gives them to `take` in their order: nobody has to hold all of them. `drawn` is
    /// told after each picture how many there are.
    ///
    /// # Errors
    /// When an output cannot be made, or `take` refuses it.
    pub fn outputs<E: From<ReportError> + Send>(
        &self,
        drawn: &(dyn Fn(usize) + Sync),
        take: TakeFiles<'_, E>,
    ) -> Result<(), E> {
        // The laboratory's page is what `quantify` would write: the bench and QC of an unblinded study read it without the arms.
        let record = RunRecord {
            concentrations_sha256: self.record.concentrations_sha256.clone(),
            decisions_lost: self.record.decisions_lost.clone(),
            signatures: self.record.signatures.clone(),
            ..record_of(&self.quantified, &[], self.record.started.clone())
        };
        let warnings = self.warnings_of_plates();
        let report = self.report();
        let blinded = report.without_arms(&record, &warnings);
        let blinded = report.comparison.is_some().then_some(&blinded);
        report::write_outputs(&report, blinded, self.written, drawn, take)
    }

    /// All outputs at once.
    ///
    /// # Errors
    /// When an output cannot be made.
    pub fn files(&self) -> Result<Vec<OutputFile>, ReportError> {
        let mut all = Vec::new();
        self.outputs(&|_| (), &mut |files| {
            all.extend_from_slice(files);
            Ok::<_, ReportError>(())
        })?;
        Ok(all)
    }

    /// Makes all outputs and writes them as the content of a folder that was claimed before the run; gives their paths.
    /// `drawn` is told after each picture how many there are.
    ///
    /// # Errors
    /// When an output cannot be made, or the folder cannot be written. It is then as it was.
    pub fn write(&mut self, place: OutputFolder, drawn: &(dyn Fn(usize) + Sync)) -> Result<Vec<PathBuf>, WriteError> {
        self.warn(None, place.path());
        let mut filling = place.fill()?;
        with_threads(self.threads, || self.outputs(drawn, &mut |files| filling.put(files).map_err(WriteError::from)))?;
        Ok(filling.finish()?)
    }
}

/// The record of a run that read `list`, the list of arms and what was opened with it; nothing where it stayed closed.
fn record_of(quantified: &Quantified, list: &[InputFile], started: String) -> RunRecord {
    let unblinded = !list.is_empty();
    let inputs = quantified.inputs.iter().chain(list).cloned().collect();
    let decisions = quantified.exclusions.decisions.head().clone();
    let read = quantified.plates.iter().filter_map(|plate| Some(&plate.concentrations.as_ref()?.plate));
    let record = RunRecord::new(&quantified.protocol, inputs, unblinded, started).of_plates(read);
    RunRecord { decisions, ..record }
}
