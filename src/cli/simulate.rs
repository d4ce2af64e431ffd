//! `platewise simulate PROTOCOL.toml --seed N --out DIR`: a study folder of a trial that never was.

use std::io::Write;
use std::path::{self, PathBuf};

use clap::Args as ClapArgs;

use super::{CommandStatus, Failure, waiting};
use crate::files::{AllowedContents, OutputError, OutputFolder};
use crate::sheet::{Code, Location, Problem, plain_file};
use crate::simulate::{self, SimulationProtocol, study_files, truth_files};

/// Make a study folder of simulated data, in the formats of real readers
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  platewise simulate fixtures/simulation/protocol.toml --seed 1 --out simulated")]
pub(super) struct Args {
    /// What is simulated. An empty file is the trial that comes with platewise.
    protocol: PathBuf,
    /// The seed: the same protocol and seed give the same files, byte for byte.
    #[arg(long)]
    seed: u64,
    /// The study folder to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Where to write what is true of the trial: arms, concentrations, curves.
    #[arg(long, value_name = "DIR")]
    truth: Option<PathBuf>,
    /// Replace what an earlier `simulate` made in these folders. Nothing else is touched.
    #[arg(long)]
    replace: bool,
}

/// Simulates, writes, and says what was made.
///
/// # Errors
/// When the protocol is wrong or cannot be carried out, or a folder cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let name = args.protocol.display().to_string();
    let bytes = plain_file::read(&args.protocol).map_err(|error| error.problem(&name))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Problem::new(Code::new("simulation-not-utf8"), Location::file(name.as_str()), "is not a text in UTF-8")
            .expected("a protocol in TOML")
    })?;
    let protocol = SimulationProtocol::from_toml(&text, &name)?;
    let trial = simulate::trial(&protocol, args.seed).map_err(in_words)?;
    let mut folders = vec![(&args.out, study_files(&trial).map_err(in_words)?)];
    if let Some(truth) = &args.truth {
        if path::absolute(truth)?.starts_with(path::absolute(&args.out)?) {
            return Err(Failure::Other(
                "the truth belongs beside the study folder, not into it: choose another --truth".into(),
            ));
        }
        folders.push((truth, truth_files(&trial).map_err(in_words)?));
    }
    // Nothing is written unless everything may be.
    let holds = if args.replace { AllowedContents::OursAmongOthers } else { AllowedContents::Nothing };
    let mut claimed = Vec::new();
    for (folder, files) in folders {
        let place = OutputFolder::claim(folder, holds, &waiting(folder)).map_err(with_replace)?;
        place.check(&files)?;
        claimed.push((folder, place, files));
    }
    for (folder, place, files) in claimed {
        place.write(&files)?;
        writeln!(out, "{}: {} files", folder.display(), files.len())?;
    }
    writeln!(
        out,
        "simulated: {} participants, {} samples, {} plates, seed {}",
        trial.participants.len(),
        trial.samples.len(),
        trial.plates.len(),
        trial.seed
    )?;
    Ok(CommandStatus::Done)
}

/// What is there already can be replaced where this command made it.
fn with_replace(error: OutputError) -> Failure {
    match error {
        OutputError::NotEmpty(folder) => Failure::Other(format!(
            "{} already exists and is not empty; choose another folder, or say --replace if `platewise simulate` made it",
            folder.display()
        )),
        other => other.into(),
    }
}

fn in_words(error: impl std::fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}
