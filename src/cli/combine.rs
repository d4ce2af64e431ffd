//! `platewise combine PARTS --out DIR`: parts of a study, each read and fitted by itself, put together to the results of one run.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::cache_file::lies_in;
use super::study::ShownOptions;
use super::terminal::say;
use super::work::{StudyToRun, run_into};
use super::{CommandStatus, Failure, waiting};
use crate::files::{AllowedContents, OutputFolder};
use crate::pipeline::{self, Arms};

/// Put parts of a study together to the results of one run, blinded
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Example:\n  platewise quantify plates --plates 1/2 --out part1\n  platewise quantify plates --plates 2/2 --out part2\n  platewise combine part1 part2 --out blinded\n\nThe parts may come in any order and from any machine; the results are byte for byte those of `platewise quantify`.\nWhat plates have in common is computed here: a pooled variance, control charts, kit lots, whose result is whose.\n\nExit code: as of `platewise quantify`."
)]
pub(super) struct Args {
    /// The parts: folders that `platewise quantify STUDY --plates PLATES --out PART` has written.
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    /// Where the results go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    shown: ShownOptions,
}

/// Quantifies the study of the parts and writes the blinded outputs.
///
/// # Errors
/// When the parts are not those of one study, or the outputs cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    for part in &args.parts {
        if lies_in(&args.out, part)? || lies_in(part, &args.out)? {
            let (results, part) = (args.out.display(), part.display());
            let found = format!("the results in {results} would take the place of the part {part}");
            return Err(Failure::Other(format!("{found}. Name another folder with --out")));
        }
    }
    let gathered = pipeline::gather(&args.parts)?;
    let place = OutputFolder::claim(&args.out, AllowedContents::Results, &waiting(&args.out))?;
    let of_run = args.shown.of_run(Arms::Closed, Some(&gathered.cache));
    let of = StudyToRun { study: &gathered.study, plates: gathered.plates, of_run, results: &args.out };
    let status = run_into(place, &of, &args.shown, out)?;
    if args.shown.verbose {
        let (found, made) = (gathered.cache.found(), gathered.cache.made());
        say("", format!("exports read and plates fitted: {found} in the parts, {made} here"));
    }
    Ok(status)
}
