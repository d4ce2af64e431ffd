//! `platewise man`: the manual pages, from the same source as the help and the completions.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, CommandFactory};
use clap_mangen::Man;

use super::{Cli, Failure, Status};

/// Print the manual page, or write those of all commands
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  platewise man > platewise.1\n  platewise man --out man1")]
pub(super) struct Args {
    /// Write one page per command into this folder: platewise.1, platewise-run.1, …
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Writes the page to `out`, or all pages into the folder.
///
/// # Errors
/// When `out` or the folder cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Status, Failure> {
    match &args.out {
        None => Man::new(Cli::command().disable_help_subcommand(true)).render(out)?,
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            clap_mangen::generate_to(Cli::command(), folder)?;
            writeln!(out, "wrote the manual pages into {}", folder.display())?;
        }
    }
    Ok(Status::Done)
}
