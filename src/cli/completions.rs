//! `platewise completions SHELL`: the completion script of a shell.

use std::io::Write;

use clap::{Args as ClapArgs, Command};
use clap_complete::Shell;

use super::{CommandStatus, Failure};

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
pub(super) fn run(args: &Args, mut command: Command, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "platewise", &mut script);
    out.write_all(&script)?;
    Ok(CommandStatus::Done)
}
