//! `platewise compare STUDY` and `compare --values FILE`: the comparison of the arms.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::compare_values::{ValuesOptions, run_values};
use super::study::{Opener, StudyOptions};
use super::work::work;
use super::{CommandStatus, Failure};
use crate::pipeline::Arms;

/// Compare the arms of a study, or of a table of values; opens the list of arms
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise compare plates\n  platewise compare --values fixtures/stats/data/sim_main.csv\n  \
                  platewise compare --values fixtures/stats/data/sim_main.csv --all --format json\n\n\
                  Exit code: 0 done; 1 done, with plates that are not accepted, samples that belong to nobody, were never \
                  measured or may be somebody else's, or subjects without an arm; 2 could not run, or could not compare the arms."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    #[arg(required_unless_present = "values", conflicts_with = "values")]
    study: Option<PathBuf>,
    #[command(flatten)]
    options: StudyOptions,
    #[command(flatten)]
    opener: Opener,
    /// Instead of a study: a table with the columns usubjid, arm, week, value, blq, lloq and perhaps stratum; the smallest
    /// week is the baseline.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "quiet", "threads", "by", "follow_links"])]
    values: Option<PathBuf>,
    #[command(flatten)]
    values_options: ValuesOptions,
}

/// Compares the arms: of a study, quantified anew, with all its outputs; or of a table of values.
///
/// # Errors
/// When the study, the list of arms or the table cannot be read, or the outputs cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    match (&args.values, &args.study) {
        (Some(values), _) => run_values(values, &args.values_options, args.options.shown.format, out),
        (None, Some(study)) => work(study, &args.options, Arms::Required { by: args.opener.name() }, out),
        (None, None) => Err(Failure::Other("name a study folder, or a table with --values".into())),
    }
}
