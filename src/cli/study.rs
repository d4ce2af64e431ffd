//! What `quantify`, `compare` and `run` share: their options, the work with a progress bar, the outputs.

use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use indicatif::{ProgressBar, ProgressStyle};

use super::warnings::print_warnings;
use super::{Failure, Format, Status, summary, waiting};
use crate::files::{self, Holds, OutputFolder};
use crate::pipeline::{self, Compared, NotCompared, Quantified};
use crate::protocol;
use crate::record::{self, InputFile, Opening, RunRecord, opening};
use crate::report::{self, StudyReport};
use crate::sheet::{Location, Problem};

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

/// Who opens the list of arms: of the commands that do.
#[derive(Debug, ClapArgs)]
pub(super) struct Opener {
    /// Who opens the list of arms, for the record in run.json [default: the user of the system].
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
}

/// When the list of arms is opened, and by whom.
#[derive(Debug, Clone, Copy)]
pub(super) enum Arms<'a> {
    /// Never.
    Closed,
    /// It must be there.
    Required(&'a Opener),
    /// Where there is one.
    Optional(&'a Opener),
}

/// Quantifies the study, compares its arms as far as `arms` says, writes the outputs and the summary.
pub(super) fn work(
    study: &Path,
    options: &StudyOptions,
    arms: Arms<'_>,
    out: &mut dyn std::io::Write,
) -> Result<Status, Failure> {
    let started = record::now();
    let folder = options.out.clone().unwrap_or_else(|| study.join("results"));
    protocol::read(study)?; // nothing is made where there is no study
    let place = OutputFolder::claim(&folder, Holds::Results, &waiting(&folder))?;
    let threads = options.threads.map(usize::from);
    let (quantified, compared) = pipeline::with_threads(threads, || {
        let quantified = quantify(study, options)?;
        let compared = compare(study, options, arms, &quantified);
        Ok::<_, Failure>((quantified, compared))
    })?;
    // What was quantified is written even when the arms cannot be compared.
    let (compared, failed) = match compared {
        Some(Err(not_compared)) => (None, Some(not_compared)),
        Some(Ok(compared)) => (Some(compared), None),
        None => (None, None),
    };
    let list = compared.as_ref().and_then(|compared| compared.input.clone());
    let list = list.or_else(|| failed.as_ref().and_then(|failed| failed.opened.clone()));
    let mut record = run_record(&quantified, list.as_ref(), started);
    let mut warnings = warnings(&quantified, compared.as_ref(), failed.is_some());
    let everybody_has_an_arm = compared.as_ref().is_none_or(|compared| compared.comparison.join.without_arm.is_empty());
    record.arms_opened = opening::openings(&folder)?;
    let unrecorded = view(&quantified, compared.as_ref(), &record, &warnings);
    let concentrations = report::concentrations(&unrecorded).map_err(|error| Failure::Other(error.to_string()))?;
    let concentrations = record::sha256(&concentrations);
    let opened = opening(&record, list.as_ref(), failed.as_ref(), arms, &concentrations);
    warnings.extend(opening::changed_since(&record.arms_opened, &concentrations));
    record.arms_opened.extend(opened);
    record.concentrations_sha256 = concentrations;
    let report = view(&quantified, compared.as_ref(), &record, &warnings);
    let written = pipeline::with_threads(threads, || write(&report, place, options))?;
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
        Some(failed) => Err(failed.problems.into()),
        None if quantified.is_clean() && everybody_has_an_arm => Ok(Status::Done),
        None => Ok(Status::WithFailures),
    }
}

/// What is shown of the work.
fn view<'a>(
    quantified: &'a Quantified,
    compared: Option<&'a Compared>,
    record: &'a RunRecord,
    warnings: &'a [Problem],
) -> StudyReport<'a> {
    StudyReport {
        protocol: &quantified.protocol,
        plates: &quantified.plates,
        over_plates: &quantified.over_plates,
        results: &quantified.results,
        test_results: &quantified.test_results,
        reruns: &quantified.reruns,
        exclusions: &quantified.exclusions,
        visits: quantified.visits.as_deref().unwrap_or_default(),
        comparison: compared.map(|compared| &compared.comparison),
        robustness: compared.map(|compared| &compared.robustness),
        record,
        warnings,
    }
}

/// Compares the arms as far as `arms` says; `None` where the list stays closed.
fn compare(
    study: &Path,
    options: &StudyOptions,
    arms: Arms<'_>,
    quantified: &Quantified,
) -> Option<Result<Compared, NotCompared>> {
    let list = study.join(&quantified.protocol.trial.arms);
    match arms {
        Arms::Closed => None,
        Arms::Optional(_) if !list.exists() => {
            if !options.quiet {
                anstream::eprintln!(
                    "note: there is no {}: the study is quantified, no arms are compared",
                    list.display()
                );
            }
            None
        }
        Arms::Optional(_) | Arms::Required(_) => Some(pipeline::compare(study, quantified)),
    }
}

/// Everything that should be known and did not stop the work; what stopped it is said as an error.
fn warnings(quantified: &Quantified, compared: Option<&Compared>, failed: bool) -> Vec<Problem> {
    let unjoined = quantified.visits.as_ref().err().filter(|_| !failed).map(|problems| problems.0.clone());
    let without_partner = compared.map(|compared| compared.warnings.clone());
    let no_transport_file =
        compared.and_then(|compared| report::adam::xport::write(&compared.comparison.records).err());
    let no_transport_file = no_transport_file.map(|why| {
        vec![
            Problem::new(Location::file("adlb.xpt"), format!("not written: {why}"))
                .advice("Use adlb.json, or rename it"),
        ]
    });
    let all = [Some(quantified.warnings.clone()), unjoined, without_partner, no_transport_file];
    all.into_iter().flatten().flatten().collect()
}

/// Quantifies with a progress bar on standard error, where that is a terminal.
fn quantify(study: &Path, options: &StudyOptions) -> Result<Quantified, Failure> {
    let bar = progress("plates", options);
    bar.set_length(protocol::read(study)?.assay.plates.len() as u64);
    let quantified = pipeline::quantify(study, &|plate| {
        bar.inc(1);
        bar.set_message(plate.to_string());
    });
    bar.finish_and_clear();
    Ok(quantified?)
}

/// Writes the outputs with a progress bar: drawing takes longer than reckoning.
fn write(report: &StudyReport<'_>, place: OutputFolder, options: &StudyOptions) -> Result<Vec<PathBuf>, Failure> {
    let bar = progress("pictures", options);
    let files = report::files(report, &|pictures| {
        bar.set_length(pictures as u64);
        bar.inc(1);
    });
    bar.finish_and_clear();
    Ok(place.write(&files.map_err(|error| Failure::Other(error.to_string()))?)?)
}

/// A bar that says how many are done, how long the others will take, and which was the last; only where standard error is a
/// terminal.
fn progress(what: &str, options: &StudyOptions) -> ProgressBar {
    let bar = if options.quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
    match ProgressStyle::with_template(&format!("{{bar:24}} {{pos}} of {{len}} {what}, {{eta}} left  {{wide_msg}}")) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
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

/// The record of this run, which read `list`, the list of arms, where it was opened.
fn run_record(quantified: &Quantified, list: Option<&InputFile>, started: String) -> RunRecord {
    let mut inputs = quantified.inputs.clone();
    inputs.extend(list.cloned());
    RunRecord::new(&quantified.protocol, inputs, list.is_some(), started)
}

/// The record of this run's opening of `list`, the list of arms; `None` where it stayed closed.
fn opening(
    record: &RunRecord,
    list: Option<&InputFile>,
    failed: Option<&NotCompared>,
    arms: Arms<'_>,
    concentrations: &str,
) -> Option<Opening> {
    let (Arms::Required(opener) | Arms::Optional(opener)) = arms else { return None };
    Some(Opening {
        started: record.started.clone(),
        by: opener.by.clone().unwrap_or_else(files::user),
        run_id: record.run_id.clone(),
        concentrations_sha256: concentrations.to_string(),
        arms_sha256: list?.sha256.clone(),
        failure: failed.map(|failed| failed.to_string().replace('\n', "; ")),
    })
}
