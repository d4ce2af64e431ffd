//! The work of `quantify`, `compare`, `run` and `combine`: a study of one analyte, or of several.

use std::path::Path;

use super::cache_file::CacheFile;
use super::progress::RunBars;
use super::study::{ShownOptions, StudyOptions, finish};
use super::terminal::shown;
use super::{CommandStatus, Failure, OutputFormat, analytes, summary, waiting};
use crate::files::{AllowedContents, InputFolder, OutputFolder};
use crate::pipeline::{self, Arms, RunOptions};
use crate::protocol::{self, SeveralAnalytes};

/// Quantifies the study, compares its arms as far as `arms` says, writes the outputs and the summary.
pub(super) fn work(
    folder: &Path,
    options: &StudyOptions,
    arms: Arms,
    out: &mut dyn std::io::Write,
) -> Result<CommandStatus, Failure> {
    let study = options.inputs.study(folder);
    if let Some(several) = SeveralAnalytes::read_from(&study)? {
        return analytes::work(&study, several, options, arms, out);
    }
    // Nothing is made where there is no study, and nothing is computed that could not be written.
    let plates = protocol::read_from(&study)?.assay.plates.len();
    let results = options.out.clone().unwrap_or_else(|| folder.join("results"));
    let place = OutputFolder::claim(&results, AllowedContents::Results, &waiting(&results))?;
    let cache = options.cache.open(std::slice::from_ref(&results))?;
    let of_run = options.of_run(arms, cache.as_ref());
    let status =
        run_into(place, &StudyToRun { study: &study, plates, of_run, results: &results }, &options.shown, out)?;
    cache.iter().try_for_each(CacheFile::keep)?;
    Ok(status)
}

/// A study that is run, and where its results go.
pub(super) struct StudyToRun<'a> {
    pub(super) study: &'a InputFolder,
    /// Number of its plates.
    pub(super) plates: usize,
    pub(super) of_run: RunOptions<'a>,
    pub(super) results: &'a Path,
}

/// Runs a study of one analyte, writes the outputs into the folder that was claimed for them, and the summary.
pub(super) fn run_into(
    place: OutputFolder,
    of: &StudyToRun<'_>,
    options: &ShownOptions,
    out: &mut dyn std::io::Write,
) -> Result<CommandStatus, Failure> {
    let bars = RunBars::new(of.plates, options.quiet);
    let run = pipeline::run(of.study, &of.of_run, &|step| bars.step(step, |plate| shown(plate).into_owned()));
    bars.clear();
    let mut run = run?;
    let (written, status) = finish(&mut run, of.study.path(), place, options)?;
    match options.format {
        OutputFormat::Text => summary::text(&run.report(), of.results, &written, options.verbose, out)?,
        OutputFormat::Json => summary::json(&run.report(), &written, out)?,
    }
    // The program ends here: the system takes back what thousands of plates hold at once, and not piece by piece.
    std::mem::forget(run);
    Ok(status)
}
