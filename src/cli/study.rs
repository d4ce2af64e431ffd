//! What `quantify`, `compare` and `run` share: their options, the work with a progress bar, the outputs.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressStyle};

use super::warnings::print_warnings;
use super::{Failure, Format, Status, summary};
use crate::pipeline::{self, Compared, Quantified};
use crate::protocol;
use crate::record::{self, RunRecord};
use crate::report::{self, StudyReport};
use crate::sheet::{Problem, Problems};

/// The options of the commands that work on a study folder.
#[derive(Debug, ClapArgs)]
pub(super) struct StudyOptions {
    /// Where the results go [default: the folder `results` of the study].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How the summary is printed.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// No progress and no warnings; errors and the summary still stand.
    #[arg(long, short, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Every warning by itself, what was read of each plate, and every file written.
    #[arg(long, short)]
    pub verbose: bool,
    /// Number of threads [default: all cores]. The results do not depend on it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// When the list of arms is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arms {
    /// Never.
    Closed,
    /// It must be there.
    Required,
    /// Where there is one.
    Optional,
}

/// Quantifies the study, compares its arms as far as `arms` says, writes the outputs and the summary.
pub(super) fn work(
    study: &Path,
    options: &StudyOptions,
    arms: Arms,
    out: &mut dyn std::io::Write,
) -> Result<Status, Failure> {
    let started = record::now();
    let quantified = pipeline::with_threads(options.threads.map(usize::from), || quantify(study, options))?;
    // What was quantified is written even when the arms cannot be compared.
    let (compared, failed) = match compare(study, options, arms, &quantified) {
        Some(Err(problems)) => (None, Some(problems)),
        Some(Ok(compared)) => (Some(compared), None),
        None => (None, None),
    };
    let record = run_record(&quantified, compared.as_ref(), started);
    let warnings = warnings(&quantified, compared.as_ref(), failed.is_some());
    let everybody_has_an_arm = compared.as_ref().is_none_or(|compared| compared.comparison.join.without_arm.is_empty());
    let folder = options.out.clone().unwrap_or_else(|| study.join("results"));
    let report = StudyReport {
        protocol: &quantified.protocol,
        plates: &quantified.plates,
        over_plates: &quantified.over_plates,
        results: &quantified.results,
        reruns: &quantified.reruns,
        exclusions: &quantified.exclusions,
        visits: quantified.visits.as_deref().unwrap_or_default(),
        comparison: compared.as_ref().map(|compared| &compared.comparison),
        robustness: compared.as_ref().map(|compared| &compared.robustness),
        record: &record,
        warnings: &warnings,
    };
    let written = report::write(&report, &folder).map_err(|error| Failure::Other(error.to_string()))?;
    if options.verbose {
        describe(&quantified, &written);
    }
    if !options.quiet {
        print_warnings(&warnings, options.verbose);
    }
    match options.format {
        Format::Text => summary::text(&report, &folder, written.len(), out)?,
        Format::Json => summary::json(&report, &written, out)?,
    }
    match failed {
        Some(problems) => Err(problems.into()),
        None if quantified.is_clean() && everybody_has_an_arm => Ok(Status::Done),
        None => Ok(Status::WithFailures),
    }
}

/// Compares the arms as far as `arms` says; `None` where the list stays closed.
fn compare(
    study: &Path,
    options: &StudyOptions,
    arms: Arms,
    quantified: &Quantified,
) -> Option<Result<Compared, Problems>> {
    let list = study.join(&quantified.protocol.study.arms);
    match arms {
        Arms::Closed => None,
        Arms::Optional if !list.exists() => {
            if !options.quiet {
                anstream::eprintln!(
                    "note: there is no {}: the study is quantified, no arms are compared",
                    list.display()
                );
            }
            None
        }
        Arms::Optional | Arms::Required => Some(pipeline::compare(study, quantified)),
    }
}

/// Everything that should be known and did not stop the work; what stopped it is said as an error.
fn warnings(quantified: &Quantified, compared: Option<&Compared>, failed: bool) -> Vec<Problem> {
    let unjoined = quantified.visits.as_ref().err().filter(|_| !failed).map(|problems| problems.0.clone());
    let without_partner = compared.map(|compared| compared.warnings.clone());
    [Some(quantified.warnings.clone()), unjoined, without_partner].into_iter().flatten().flatten().collect()
}

/// Quantifies with a progress bar on standard error, where that is a terminal.
fn quantify(study: &Path, options: &StudyOptions) -> Result<Quantified, Failure> {
    let plates = protocol::read(study)?.plates.len();
    let bar = if options.quiet { ProgressBar::hidden() } else { ProgressBar::new(plates as u64) };
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos} of {len} plates, {eta} left  {wide_msg}") {
        bar.set_style(style);
    }
    let quantified = pipeline::quantify(study, &|plate| {
        bar.inc(1);
        bar.set_message(plate.to_string());
    });
    bar.finish_and_clear();
    Ok(quantified?)
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
        anstream::eprintln!("{}  {}  {}", plate.id, plate.verdict.verdict, read.as_deref().unwrap_or("not read"));
    }
    for file in written {
        anstream::eprintln!("wrote {}", file.display());
    }
}

fn run_record(quantified: &Quantified, compared: Option<&Compared>, started: String) -> RunRecord {
    let mut inputs = quantified.inputs.clone();
    inputs.extend(compared.and_then(|compared| compared.input.clone()));
    RunRecord::new(&quantified.protocol, inputs, compared.is_some(), started)
}
