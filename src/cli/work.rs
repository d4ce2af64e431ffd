//! The work of `quantify`, `compare` and `run`: a study of one analyte, or of several.

use std::path::Path;

use super::progress::RunBars;
use super::study::{StudyOptions, finish};
use super::terminal::shown;
use super::{CommandStatus, Failure, OutputFormat, analytes, summary, waiting};
use crate::files::{AllowedContents, OutputFolder};
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
    let run_options = RunOptions { arms, threads: options.threads.map(usize::from) };
    let bars = RunBars::new(plates, options.quiet);
    let run = pipeline::run(&study, &run_options, &|step| bars.step(step, |plate| shown(plate).into_owned()));
    bars.clear();
    let mut run = run?;
    let (written, status) = finish(&mut run, folder, place, options)?;
    match options.format {
        OutputFormat::Text => summary::text(&run.report(), &results, written.len(), options.verbose, out)?,
        OutputFormat::Json => summary::json(&run.report(), &written, out)?,
    }
    Ok(status)
}
