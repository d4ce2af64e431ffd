//! `platewise quantify STUDY`: concentrations and verdicts. Blind: the list of arms is neither opened nor hashed.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::study::StudyOptions;
use super::work::work;
use super::{CommandStatus, Failure};
use crate::pipeline::Arms;

/// Quantify a study, blinded: curves, concentrations, verdicts, re-runs
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  platewise quantify plates --out blinded\n\nExit code: 0 done; 1 done, with plates that are not accepted, or samples that belong to nobody, were never measured or may be somebody else's; 2 could not run."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    study: PathBuf,
    #[command(flatten)]
    options: StudyOptions,
}

/// Quantifies the study and writes the blinded outputs.
///
/// # Errors
/// When the study cannot be read or the outputs cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    work(&args.study, &args.options, Arms::Closed, out)
}
