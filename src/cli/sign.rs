//! `platewise sign STUDY`: a statement over the results of a study, signed with an SSH key, or named and unsigned.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::study::Inputs;
use super::{CommandStatus, Failure};
use crate::pipeline::{self, ToSign};
use crate::record::{ALLOWED_SIGNERS, NAMESPACE, ReviewKind, Signer};

/// Sign the results of a study as reviewed or approved
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise sign my-study --meaning reviewed --by \"R. Reviewer\"\n  platewise sign my-study --meaning approved --by \"H. Head\"\n\nWith --key FILE it is signed by an SSH key, as git signs. The statement is a list of files with their SHA-256; sha256sum and ssh-keygen check it without platewise.\nWhose keys may sign stands in allowed_signers in the study folder, in OpenSSH's format."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    study: PathBuf,
    #[command(flatten)]
    inputs: Inputs,
    /// What the signature means.
    #[arg(long)]
    meaning: Meaning,
    /// The name of who signs.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// The private key, as ssh-keygen -t ed25519 makes it; without one the statement is a named approval, and says that it is unsigned.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The folder of the results, in the study folder. [default: STUDY/results]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Meaning {
    /// The results were reviewed.
    Reviewed,
    /// The results are approved.
    Approved,
}

/// Writes the statement, and says how it is checked.
///
/// # Errors
/// When the results are not those of the study, or the key may not sign. Nothing is written then.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let asked = ToSign {
        meaning: match args.meaning {
            Meaning::Reviewed => ReviewKind::Reviewed,
            Meaning::Approved => ReviewKind::Approved,
        },
        name: args.by.clone(),
        results: args.results.clone().unwrap_or_else(|| args.study.join("results")),
        key: args.key.clone(),
    };
    let signature = pipeline::sign(&args.inputs.study(&args.study), &asked)?;
    let (statement, file, study) = (&signature.statement, &signature.file, args.study.display());
    writeln!(
        out,
        "{} by {}: {} files, {}",
        statement.meaning,
        statement.name,
        statement.files.len(),
        signature.signer
    )?;
    writeln!(out, "Written to {study}: {file}")?;
    writeln!(out, "Checked, in that folder, by:  sha256sum -c {file}")?;
    match &signature.signer {
        Signer::Valid { principal, .. } => writeln!(
            out,
            "                              ssh-keygen -Y verify -f {ALLOWED_SIGNERS} -I {principal} -n {NAMESPACE} -s {file}.sig < {file}"
        )?,
        _ => writeln!(
            out,
            "Signed, with a key that has a passphrase or is in a token, by:  ssh-keygen -Y sign -f KEY -n {NAMESPACE} {study}/{file}"
        )?,
    }
    writeln!(out, "Run `platewise quantify {study}` or `run` again for pages and a workbook that show it.")?;
    Ok(CommandStatus::Done)
}
