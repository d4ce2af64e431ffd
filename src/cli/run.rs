//! `platewise run STUDY`: the whole way, from the exports to the comparison of the arms.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::study::{Opener, StudyOptions};
use super::work::work;
use super::{CommandStatus, Failure};
use crate::pipeline::Arms;

/// The whole way: quantify a study and compare its arms
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  platewise run plates\n\nExit code: 0 done; 1 done, with plates that are not accepted, samples that belong to nobody, were never measured or may be somebody else's, or subjects without an arm; 2 could not run, or could not compare the arms."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    study: PathBuf,
    #[command(flatten)]
    options: StudyOptions,
    #[command(flatten)]
    opener: Opener,
}

/// Quantifies the study, compares the arms where there is a list of arms, and writes all outputs.
///
/// # Errors
/// When the study cannot be read, the arms cannot be compared or the outputs cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    work(&args.study, &args.options, Arms::Optional { by: args.opener.name() }, out)
}
