//! `platewise man`: the manual pages, from the same source as the help and the completions.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Command};
use clap_mangen::Man;

use super::{CommandStatus, Failure};
use crate::files::{make_folder, write_files};

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
pub(super) fn run(args: &Args, command: Command, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    match &args.out {
        None => Man::new(command.disable_help_subcommand(true)).render(out)?,
        Some(folder) => {
            let mut command = command.disable_help_subcommand(true);
            command.build();
            make_folder(folder)?;
            write_files(&pages(&command, folder)?)?;
            writeln!(out, "wrote the manual pages into {}", folder.display())?;
        }
    }
    Ok(CommandStatus::Done)
}

/// The page of a command and those of its subcommands, each with its file.
fn pages(command: &Command, folder: &Path) -> io::Result<Vec<(PathBuf, Vec<u8>)>> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render(&mut page)?;
    let mut pages = vec![(folder.join(man.get_filename()), page)];
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        pages.extend(self::pages(below, folder)?);
    }
    Ok(pages)
}
