//! A study of several analytes: `quantify`, `compare` and `run` on each of them as on a study of one, then what they say together.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::cache_file::CacheFile;
use super::progress::RunBars;
use super::study::{StudyOptions, finish};
use super::summary::{self, Summary, counted, wrapped};
use super::terminal::{say, shown};
use super::warnings::{print_failure, print_warnings};
use super::{CommandStatus, Failure, OutputFormat, waiting};
use crate::files::{AllowedContents, InputFolder, OutputFolder};
use crate::pipeline::{AnalytesRun, Arms, run_analytes};
use crate::protocol::SeveralAnalytes;
use crate::record::AnalytesRecord;
use crate::report::page::PAGE;
use crate::stats::{printed_p, printed_ratio};
use crate::study::{AnalyteAnswer, OverAnalytes};

/// What became of one analyte.
struct Done {
    results: PathBuf,
    written: Vec<PathBuf>,
}

/// Runs all analytes, writes the outputs of each and those over all, and the summaries.
pub(super) fn work(
    study: &InputFolder,
    declared: SeveralAnalytes,
    options: &StudyOptions,
    arms: Arms,
    out: &mut dyn Write,
) -> Result<CommandStatus, Failure> {
    let root = options.out.clone().unwrap_or_else(|| study.path().to_path_buf());
    let claim = |results: &Path| OutputFolder::claim(results, AllowedContents::Results, &waiting(results));
    let place_over_all = claim(&root.join("results"))?;
    let results = |folder: &str| root.join(folder).join("results");
    let places: Vec<OutputFolder> =
        declared.analytes.iter().map(|one| claim(&results(&one.folder))).collect::<Result<_, _>>()?;
    let all_results = declared.analytes.iter().map(|one| results(&one.folder)).chain([root.join("results")]);
    let cache = options.cache.open(&all_results.collect::<Vec<_>>())?;
    let run_options = options.of_run(arms, cache.as_ref());
    let bars =
        RunBars::new(declared.analytes.iter().map(|one| one.protocol.assay.plates.len()).sum(), options.shown.quiet);
    let mut run = run_analytes(study, declared, &run_options, &|folder, step| {
        bars.step(step, |plate| format!("{} {}", shown(folder), shown(plate)));
    });
    bars.clear();
    let mut worst = options.shown.findings.status(true);
    let mut done: Vec<Option<Done>> = Vec::new();
    for (one, place) in run.analytes.iter_mut().zip(places) {
        let results = results(&one.folder);
        let says = one.run.as_ref().map_or(true, |run| !run.warnings.is_empty() || run.not_compared.is_some());
        if says && !options.shown.quiet {
            say("", format!("{}:", one.folder));
        }
        match &mut one.run {
            Err(problems) => {
                print_failure(&Failure::Input(problems.clone()));
                worst = CommandStatus::WithoutAnswer;
                done.push(None);
            }
            Ok(run) => {
                let (written, status) = finish(run, &study.path().join(&one.folder), place, &options.shown)?;
                worst = worse(worst, status);
                done.push(Some(Done { results, written }));
            }
        }
    }
    let over_all = write(&run, place_over_all)?;
    cache.iter().try_for_each(CacheFile::keep)?;
    if let Some(report) = run.report() {
        let warnings = report.warnings();
        if !warnings.is_empty() && !options.shown.quiet {
            say("", "over all analytes:");
            print_warnings(&warnings, options.shown.verbose);
        }
        worst = worse(worst, options.shown.findings.status(report.over.identity.is_empty()));
    }
    if !run.changed.0.is_empty() {
        print_failure(&Failure::Input(run.changed.clone()));
        worst = CommandStatus::WithoutAnswer;
    }
    match options.shown.format {
        OutputFormat::Text => text(&run, &done, &root.join("results"), &over_all, options.shown.verbose, out)?,
        OutputFormat::Json => json(&run, &done, &over_all, out)?,
    }
    Ok(worst)
}

/// Writes what is said over all analytes; nothing where nothing is.
fn write(run: &AnalytesRun, place: OutputFolder) -> Result<Vec<PathBuf>, Failure> {
    match run.files().map_err(|error| Failure::Other(error.to_string()))? {
        Some(files) => Ok(place.write(&files)?),
        None => Ok(Vec::new()),
    }
}

fn worse(one: CommandStatus, other: CommandStatus) -> CommandStatus {
    let rank = |status: CommandStatus| match status {
        CommandStatus::Done => 0,
        CommandStatus::WithFailures => 1,
        CommandStatus::WithoutAnswer => 2,
    };
    if rank(other) > rank(one) { other } else { one }
}

/// For people: the summary of each analyte, then the answers below each other.
fn text(
    run: &AnalytesRun,
    done: &[Option<Done>],
    results: &Path,
    files: &[PathBuf],
    verbose: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (one, done) in run.analytes.iter().zip(done) {
        writeln!(out, "── {} ──", one.folder)?;
        match (&one.run, done) {
            (Ok(run), Some(done)) => {
                summary::text(&run.report(), &done.results, &done.written, verbose, out)?;
            }
            _ => writeln!(out, "{}", one.why_not_compared().unwrap_or_default())?,
        }
        writeln!(out)?;
    }
    let Some(over) = &run.over else { return Ok(()) };
    writeln!(out, "── {} ──", counted(run.analytes.len(), "analyte"))?;
    answers(over, out)?;
    let begin = if files.iter().any(|file| file.ends_with(PAGE)) {
        "begin with report.html"
    } else {
        "tables and run.json only"
    };
    writeln!(out, "\n{} files in {}: {begin}", files.len(), results.display())
}

fn answers(over: &OverAnalytes, out: &mut dyn Write) -> io::Result<()> {
    for answer in &over.answers {
        let Some(row) = &answer.row else {
            wrapped(&format!("{}: {}", answer.analyte, answer.reason), "  ", "    ", out)?;
            continue;
        };
        let label = format!("{}, {} / {} at {}", answer.analyte, row.active, row.reference, row.visit);
        writeln!(out, "  {label:<48} {}", answered(answer).unwrap_or_else(|| format!("no estimate: {}", row.reason)))?;
    }
    wrapped(&over.multiplicity, "  ", "  ", out)
}

/// `0.56 (0.47 to 0.67)  p < 0.001, adjusted p = 0.002  n 12 + 12`.
fn answered(answer: &AnalyteAnswer) -> Option<String> {
    let row = answer.row.as_ref()?;
    let ratio = row.ratio?;
    let [estimate, lower, upper] = [ratio.estimate, ratio.lower, ratio.upper].map(printed_ratio);
    let p = row.p.map(|p| format!("  p {}", printed_p(p))).unwrap_or_default();
    let adjusted = row.adjusted.as_ref().map(|adjusted| format!(", adjusted p {}", printed_p(adjusted.p)));
    let adjusted = adjusted.unwrap_or_default();
    Some(format!("{estimate} ({lower} to {upper}){p}{adjusted}  n {} + {}", row.n[0], row.n[1]))
}

#[derive(Serialize)]
struct AnalytesJson<'a> {
    record: &'a AnalytesRecord,
    over: Option<&'a OverAnalytes>,
    analytes: Vec<OneOf<'a>>,
    files: &'a [PathBuf],
}

#[derive(Serialize)]
struct OneOf<'a> {
    folder: &'a str,
    /// Why it was not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
    summary: Option<Summary<'a>>,
}

fn json(run: &AnalytesRun, done: &[Option<Done>], files: &[PathBuf], out: &mut dyn Write) -> io::Result<()> {
    let analytes = run.analytes.iter().zip(done).map(|(one, done)| OneOf {
        folder: &one.folder,
        failure: one.why_not_compared(),
        summary: one.run.as_ref().ok().zip(done.as_ref()).map(|(run, done)| Summary::of(&run.report(), &done.written)),
    });
    let several = AnalytesJson { record: &run.record, over: run.over.as_ref(), analytes: analytes.collect(), files };
    serde_json::to_writer_pretty(&mut *out, &several)?;
    writeln!(out)
}
