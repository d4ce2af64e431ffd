//! `platewise completions SHELL`: the completion script of a shell.

use std::io::Write;

use clap::{Args as ClapArgs, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure, Status};

/// Print a shell's completion script
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise completions bash > platewise.bash\n  platewise completions zsh > _platewise"
)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

/// Writes the script to `out`.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "platewise", &mut script);
    out.write_all(&script)?;
    Ok(Status::Done)
}
