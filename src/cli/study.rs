//! What `quantify`, `compare` and `run` share: their options, the work with a progress bar, the outputs.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::cache_file::{CacheFile, CacheOption};
use super::terminal::say;
use super::warnings::{print_failure, print_warnings};
use super::{CommandStatus, Failure, OutputFormat};
use super::{option_values, progress};
use crate::files::{self, InputFolder, LinkPolicy, OutputFolder};
use crate::pipeline::{Arms, Cache, Quantified, Run, RunOptions};
use crate::report::WrittenOutputs;
use crate::study::Comparison;

/// The options of the commands that work on a study folder.
#[derive(Debug, ClapArgs)]
pub(super) struct StudyOptions {
    /// Where the results go [default: the folder `results` of the study]; of several analytes, the folder in which `results` and a folder for
    /// each analyte are made [default: the study].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub cache: CacheOption,
    #[command(flatten)]
    pub shown: ShownOptions,
}

/// What a run shows of itself, and how it works: the options of every command that ends with the results of a study.
#[derive(Debug, ClapArgs)]
pub(super) struct ShownOptions {
    /// How the summary is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: OutputFormat,
    /// No progress and no warnings; errors and the summary are still printed.
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Every warning by itself, what was read of each plate, and every file written.
    #[arg(long, short)]
    pub verbose: bool,
    #[command(flatten)]
    pub findings: FindingsOption,
    /// Write the tables and the record of the run only: no pages, workbook, pictures or data sets, which take most of the time.
    #[arg(long)]
    pub tables_only: bool,
    /// Number of threads [default: all cores]. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = option_values::threads)]
    pub threads: Option<u16>,
}

impl StudyOptions {
    /// What a run is asked to do.
    pub(super) fn of_run<'a>(&self, arms: Arms, cache: Option<&'a CacheFile<'_>>) -> RunOptions<'a> {
        self.shown.of_run(arms, cache.map(|file| &file.cache))
    }
}

impl ShownOptions {
    /// What a run is asked to do.
    pub(super) fn of_run<'a>(&self, arms: Arms, cache: Option<&'a Cache>) -> RunOptions<'a> {
        let written = if self.tables_only { WrittenOutputs::Tables } else { WrittenOutputs::All };
        RunOptions { arms, threads: self.threads.map(usize::from), cache, written }
    }
}

/// What findings do to the exit code.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(super) struct FindingsOption {
    /// Exit code 0 also with findings, such as a rejected plate: for workflow engines, where the outputs are whole.
    #[arg(long)]
    findings_ok: bool,
}

impl FindingsOption {
    /// How a command ends whose outputs are whole.
    pub(super) fn status(self, clean: bool) -> CommandStatus {
        if clean || self.findings_ok { CommandStatus::Done } else { CommandStatus::WithFailures }
    }
}

/// Who opens the list of arms: of the commands that do.
#[derive(Debug, ClapArgs)]
pub(super) struct Opener {
    /// Who opens the list of arms, for the record in arms-opened.jsonl and run.json [default: the user of the system].
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl Opener {
    /// Who it is.
    pub(super) fn name(&self) -> String {
        self.by.clone().unwrap_or_else(files::user)
    }
}

/// How the files of a study are read.
#[derive(Debug, ClapArgs)]
pub(super) struct Inputs {
    /// Read inputs that are symbolic links, as data managers and workflow engines stage them; what they lead to is recorded.
    #[arg(long)]
    follow_links: bool,
}

impl Inputs {
    /// The study in that folder.
    pub(super) fn study(&self, folder: &Path) -> InputFolder {
        InputFolder::new(folder, self.links())
    }

    /// What is done with links.
    pub(super) fn links(&self) -> LinkPolicy {
        if self.follow_links { LinkPolicy::Followed } else { LinkPolicy::Refused }
    }
}

/// Writes the outputs of the run of the study in `folder`, and says on standard error what there is to say of it; gives the files that
/// were written, and how it went.
pub(super) fn finish(
    run: &mut Run,
    folder: &Path,
    place: OutputFolder,
    options: &ShownOptions,
) -> Result<(Vec<PathBuf>, CommandStatus), Failure> {
    if run.without_list && !options.quiet {
        let list = folder.join(&run.quantified.protocol.trial.arms);
        say("note: ", format!("there is no {}: the study is quantified, no arms are compared", list.display()));
    }
    if run.quantified.without_subjects && !options.quiet {
        let list = folder.join(&run.quantified.protocol.assay.study.samples);
        say("note: ", format!("{} names no subjects: results come by sample", list.display()));
    }
    let written = write(run, place, options)?;
    if options.verbose {
        describe(&run.quantified, &written);
    }
    let no_answer = no_answer(run);
    // What kept the answer back comes before the warnings that follow from it.
    if let Some(failure) = &no_answer {
        print_failure(failure);
    }
    if !options.quiet {
        print_warnings(&run.warnings, options.verbose);
    }
    let status = match no_answer {
        Some(_) => CommandStatus::WithoutAnswer,
        None => options.findings.status(run.is_clean()),
    };
    Ok((written, status))
}

/// Why there is no answer, where there is none.
fn no_answer(run: &Run) -> Option<Failure> {
    let estimate = || without_estimate(&run.compared.as_ref()?.comparison).map(Failure::Other);
    let unread = || {
        let all = run.quantified.plates.iter().all(|plate| plate.concentrations.is_none());
        let why = "no plate could be read: each is named below with its reason, and in findings.csv";
        all.then(|| Failure::Other(why.into()))
    };
    run.not_compared.clone().map(Failure::from).or_else(estimate).or_else(unread)
}

/// Why a primary analysis has no estimate, where one has none: the arms could not be compared.
fn without_estimate(comparison: &Comparison) -> Option<String> {
    let rows = comparison.comparisons.iter().filter(|row| row.primary && row.ratio.is_none());
    let reasons: Vec<String> =
        rows.map(|row| format!("no estimate of {} against {}: {}", row.active, row.reference, row.reason)).collect();
    (!reasons.is_empty()).then(|| format!("{}. What was computed is written", reasons.join("; ")))
}

/// Writes the outputs with a progress bar: drawing takes longer than reckoning.
fn write(run: &mut Run, place: OutputFolder, options: &ShownOptions) -> Result<Vec<PathBuf>, Failure> {
    let bar = progress::bar("pictures", options.quiet);
    let written = run.write(place, &|pictures| {
        bar.set_length(pictures as u64);
        bar.inc(1);
    });
    bar.finish_and_clear();
    written.map_err(|error| Failure::Other(error.to_string()))
}

/// What `--verbose` adds: each plate as it was read, each file as it was written.
fn describe(quantified: &Quantified, written: &[PathBuf]) {
    for plate in &quantified.plates {
        let read = plate.concentrations.as_ref().map(|results| {
            format!(
                "{}: {}, {}, {} wells",
                results.plate.export,
                results.plate.format,
                results.plate.read,
                results.wells.len()
            )
        });
        say("", format!("{}  {}  {}", plate.id, plate.verdict.verdict, read.as_deref().unwrap_or("not read")));
    }
    for file in written {
        say("wrote ", file.display());
    }
}
