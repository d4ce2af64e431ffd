//! `platewise archive STUDY OUT.zip`: everything of a study in one file that anybody can check.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::study::Inputs;
use super::{CommandStatus, Failure};
use crate::files;
use crate::pipeline::{self, ArchivedArms};

/// Pack a study, its decisions, signatures and results into one file that anybody can check
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise archive my-study my-study.zip --with-arms\n  platewise verify my-study.zip\n\nIt is an RO-Crate (Process Run Crate 0.6): ro-crate-metadata.json describes every file. Unpacked, sha256sum -c\nmanifest-sha256.txt checks it without platewise. The same study gives the same bytes. Without\n--with-arms it takes results of `platewise quantify` only, which know nothing of the arms."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    study: PathBuf,
    /// The archive that is written.
    #[arg(value_name = "OUT.zip")]
    archive: PathBuf,
    #[command(flatten)]
    inputs: Inputs,
    /// The folder of the results. [default: STUDY/results]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    /// Take results that show the arms, and the list of arms.
    #[arg(long)]
    with_arms: bool,
}

/// Packs the study.
///
/// # Errors
/// When its results are not those of its files, or show the arms unasked. Nothing is written then.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let results = args.results.clone().unwrap_or_else(|| args.study.join("results"));
    let arms = if args.with_arms { ArchivedArms::Open } else { ArchivedArms::Closed };
    let all = pipeline::archive(&args.inputs.study(&args.study), &results, arms)?;
    let packed = files::pack(&all)?;
    let size = packed.len();
    files::write_files(&[(args.archive.clone(), packed)])?;
    writeln!(out, "{}: {} files, {:.1} MB", args.archive.display(), all.len(), size as f64 / 1e6)?;
    writeln!(out, "Checked by:  platewise verify {}", args.archive.display())?;
    Ok(CommandStatus::Done)
}
