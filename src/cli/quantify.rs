//! `platewise quantify STUDY`: concentrations and verdicts. Blind: the list of arms is neither opened nor hashed.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::study::StudyOptions;
use super::summary::counted;
use super::terminal::say;
use super::warnings::print_warnings;
use super::work::work;
use super::{CommandStatus, Failure, OutputFormat, waiting};
use crate::files::{AllowedContents, OutputFolder};
use crate::pipeline::{self, Arms};

/// Quantify a study, blinded: curves, concentrations, verdicts, re-runs
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise quantify plates --out blinded\n  platewise quantify plates --plates 1/2 --out part1\n\nExit code: 0 done; 1 done, with plates that are not accepted, or samples that belong to nobody, were never measured or may be somebody else's (of a part: with plates that could not be read); 2 could not run."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    study: PathBuf,
    /// Only read and fit these plates, and write them to --out as a part for `platewise combine`: P01-P12,P20 by their order in study.toml, or
    /// 3/20 for the third of twenty parts.
    #[arg(long, requires = "out", conflicts_with_all = ["cache", "tables_only"])]
    plates: Option<String>,
    #[command(flatten)]
    options: StudyOptions,
}

/// Quantifies the study and writes the blinded outputs, or a part of it.
///
/// # Errors
/// When the study cannot be read or the outputs cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    match (&args.plates, &args.options.out) {
        (Some(plates), Some(folder)) => part(args, plates, folder, out),
        _ => work(&args.study, &args.options, Arms::Closed, out),
    }
}

/// Reads and fits some of the plates.
fn part(args: &Args, plates: &str, folder: &Path, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let shown = &args.options.shown;
    let study = args.options.inputs.study(&args.study);
    let part = pipeline::part(&study, plates, shown.threads.map(usize::from))?;
    let place = OutputFolder::claim(folder, AllowedContents::Results, &waiting(folder))?;
    let written = place.write(&part.files)?;
    if !shown.quiet {
        print_warnings(&part.problems, shown.verbose);
    }
    if shown.verbose {
        written.iter().for_each(|file| say("wrote ", file.display()));
    }
    match shown.format {
        OutputFormat::Text => {
            let plates = counted(part.record.plates.len(), "plate");
            writeln!(out, "{}: {plates} read and fitted into {}", part.record.study, folder.display())?;
            writeln!(out, "Put together with the other parts by:  platewise combine PARTS --out RESULTS")?;
        }
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &part.record)?;
            writeln!(out)?;
        }
    }
    Ok(shown.findings.status(part.problems.is_empty()))
}
