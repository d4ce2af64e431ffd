//! The command line: arguments in, the library's work, words out. The only place that prints; no arithmetic.
//!
//! One command, one file, each with its arguments and a `run` that writes what it found to `out` and answers how it went.
//! Results go to standard output, progress and warnings to standard error. Colours are written where a terminal shows them, and
//! nowhere else: not into files or pipes, and not where `NO_COLOR` is set.

mod analytes;
mod archive;
mod cache_file;
mod combine;
mod compare_values;
mod compare;
mod completions;
mod curve;
mod decide;
mod explain;
mod init;
mod inspect;
mod layout;
mod man;
mod option_values;
mod outcome;
mod plate;
mod progress;
mod quantify;
mod reconcile;
mod read_workbook;
mod review;
mod run;
mod sign;
mod study;
mod summary;
mod simulate;
mod terminal;
mod validate;
mod verify;
mod warnings;
mod work;

use std::io::{self, Write};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use clap::{CommandFactory, Parser, Subcommand};

use outcome::{CommandStatus, Failure, OutputFormat};
use terminal::{Terminal, TerminalCanvas, waiting};

/// From plate-reader exports to the answer of a trial.
#[derive(Debug, Parser)]
#[command(
    name = "platewise",
    version,
    arg_required_else_help = true,
    max_term_width = 110,
    after_help = "Examples:\n  platewise plate plates/exports/P01.txt plates/layouts/P01.csv --method plates/study.toml\n  platewise init my-study\n  platewise run my-study\n  platewise inspect plates/exports/P01.txt\n\n\
                  Exit code: 0 done; 1 done, with something that failed and is named; 2 could not run.\n\
                  Colours are for terminals; NO_COLOR=1 turns them off. `platewise man` prints this as a manual page."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Plate(plate::Args),
    Layout(layout::Args),
    Init(init::Args),
    Inspect(inspect::Args),
    Curve(curve::Args),
    Quantify(quantify::Args),
    Review(review::Args),
    Decide(decide::Args),
    Sign(sign::Args),
    Archive(archive::Args),
    Verify(verify::Args),
    Validate(validate::Args),
    Explain(explain::Args),
    Reconcile(reconcile::Args),
    Combine(combine::Args),
    Compare(compare::Args),
    Run(run::Args),
    Simulate(simulate::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// Reads the arguments, runs the command, prints what is wrong, and answers with the exit code.
pub fn main() -> ExitCode {
    if read_workbook::is_asked() {
        return read_workbook::main();
    }
    let cli = Cli::parse();
    read_workbook::use_this_program();
    let colours = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
    let mut out = Terminal::new(anstream::stdout().lock(), colours, terminal::stdout_width());
    match run(&cli.command, &mut out).and_then(|status| out.flush().map(|()| status).map_err(Failure::from)) {
        Ok(CommandStatus::Done) => ExitCode::SUCCESS,
        Ok(CommandStatus::WithFailures) => ExitCode::from(1),
        Ok(CommandStatus::WithoutAnswer) => ExitCode::from(2),
        Err(failure) => {
            // What was said before stands before it; that it could not be written is the smaller failure.
            let _ = out.flush();
            warnings::print_failure(&failure);
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command, out: &mut dyn TerminalCanvas) -> Result<CommandStatus, Failure> {
    match command {
        Command::Plate(args) => plate::run(args, out),
        Command::Layout(args) => layout::run(args, out),
        Command::Init(args) => init::run(args, out),
        Command::Inspect(args) => inspect::run(args, out),
        Command::Curve(args) => curve::run(args, out),
        Command::Quantify(args) => quantify::run(args, out),
        Command::Review(args) => review::run(args, out),
        Command::Decide(args) => decide::run(args, out),
        Command::Sign(args) => sign::run(args, out),
        Command::Verify(args) => verify::run(args, out),
        Command::Validate(args) => validate::run(args, out),
        Command::Archive(args) => archive::run(args, out),
        Command::Explain(args) => explain::run(args, out),
        Command::Reconcile(args) => reconcile::run(args, out),
        Command::Combine(args) => combine::run(args, out),
        Command::Compare(args) => compare::run(args, out),
        Command::Run(args) => run::run(args, out),
        Command::Simulate(args) => simulate::run(args, out),
        Command::Completions(args) => completions::run(args, Cli::command(), out),
        Command::Man(args) => man::run(args, Cli::command(), out),
    }
}
