//! `platewise review STUDY`: the pages on which QC decides, on this machine.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::study::Inputs;
use super::terminal::say;
use super::{CommandStatus, Failure};
use crate::review::{ReviewError, Server};

/// Review plates in the browser: look at each, see what an exclusion would change, decide
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise review my-study\n  platewise review my-study --no-browser --port 8080\n\nOnly this machine can open the pages, and only with the address that is printed. Decisions are lines of\ndecisions.jsonl, as `platewise decide` writes them. The list of arms stays closed. Ctrl-C ends it."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    study: PathBuf,
    #[command(flatten)]
    inputs: Inputs,
    /// Print the address, and do not open a browser.
    #[arg(long)]
    no_browser: bool,
    /// The port of this machine. [default: a free one]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    port: u16,
}

impl From<ReviewError> for Failure {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Study(problems) => Self::Input(problems),
            other => Self::Other(other.to_string()),
        }
    }
}

/// Serves the study until Ctrl-C.
///
/// # Errors
/// When the study cannot be read, or the pages cannot be served.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let server = Server::open(&args.study, args.inputs.links(), args.port)?;
    let address = server.address();
    writeln!(out, "{address}\nopens {} for one browser. Ctrl-C ends the review.", args.study.display())?;
    out.flush()?;
    if !args.no_browser && open::that_detached(&address).is_err() {
        say("note: ", "no browser could be opened: open the address yourself");
    }
    server.serve(|next| say("note: ", format!("for another browser: {next}")))?;
    Ok(CommandStatus::Done)
}
