//! `platewise validate`: whether this program, on this machine, gives the answers that are expected of it.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::{CommandStatus, Failure, OutputFormat, waiting};
use crate::files::{AllowedContents, OutputFile, OutputFolder};
use crate::report::validation::{Function, Validation, page};
use crate::validate::validate;

/// Check this installation against certified and reference values, and write a report
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise validate\n  platewise validate --out validation-2026\n\nExit code: 0 everything is as expected; 1 something is not, and is named; 2 could not check.\nOffline: everything that is compared comes with the program."
)]
pub(super) struct Args {
    /// The folder of the report: validation.html and validation.json. One that an earlier validation wrote is replaced.
    #[arg(long, value_name = "DIR", default_value = "validation")]
    out: PathBuf,
    /// As text for people or as JSON for programs.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// Checks, writes the report, and says what came of it.
///
/// # Errors
/// When the report cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let place = OutputFolder::claim(&args.out, AllowedContents::Results, &waiting(&args.out))?;
    let validation = validate();
    let mut json = serde_json::to_vec_pretty(&validation)?;
    json.push(b'\n');
    place.write(&[
        OutputFile { name: "validation.html".into(), bytes: page(&validation).into_bytes() },
        OutputFile { name: "validation.json".into(), bytes: json.clone() },
    ])?;
    match args.format {
        OutputFormat::Json => out.write_all(&json)?,
        OutputFormat::Text => text(&validation, args, out)?,
    }
    Ok(if validation.passes() { CommandStatus::Done } else { CommandStatus::WithFailures })
}

fn text(validation: &Validation, args: &Args, out: &mut dyn Write) -> std::io::Result<()> {
    let installation = &validation.installation;
    writeln!(out, "{} {}, {}", installation.program, installation.version, installation.system)?;
    writeln!(out, "SHA-256 {}", installation.sha256.as_deref().unwrap_or("not known"))?;
    for function in &validation.functions {
        let (passed, all) = function.counts();
        let outcome = if function.passes() { "passed" } else { "FAILED" };
        writeln!(out, "{outcome}  {:<52} {passed} of {all} answers", function.name)?;
        failures(function, out)?;
    }
    let whole = if validation.passes() { "Everything is as expected" } else { "Not everything is as expected" };
    writeln!(out, "{whole}: {}", args.out.join("validation.html").display())
}

/// What is not as expected, and what was spoiled and not found wrong.
fn failures(function: &Function, out: &mut dyn Write) -> std::io::Result<()> {
    for case in function.cases.iter().filter(|case| !case.passes()) {
        match (&case.error, case.nearest()) {
            (Some(error), _) => writeln!(out, "        {}: {error}", case.id)?,
            (None, Some(check)) => writeln!(
                out,
                "        {}, {}: expected {}, obtained {}",
                case.id, check.what, check.expected, check.obtained
            )?,
            (None, None) => writeln!(out, "        {}: nothing was compared", case.id)?,
        }
    }
    for spoiled in function.spoiled.iter().filter(|spoiled| !spoiled.is_seen()) {
        writeln!(out, "        nothing was found wrong although {}", spoiled.how)?;
    }
    Ok(())
}
