//! `platewise verify STUDY`: whether a study is what its record says. It reads, and writes nothing.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::study::Inputs;
use super::{Failure, Format, Status};
use crate::files::Unpacked;
use crate::pipeline::{self, Outcome};
use crate::sheet::{Location, Problem};

/// Check inputs, decisions, reviews, signatures and results of a study against its record
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise verify my-study\n  platewise verify my-study --results my-study/results --format json\n  platewise verify my-study.zip\n\nExit code: 0 everything is as the record says; 1 something is not, and is named; 2 could not check.\nNothing is written, and the list of arms stays closed. An archive is unpacked into a folder that is removed at the end."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it, or an archive of one.
    study: PathBuf,
    #[command(flatten)]
    inputs: Inputs,
    /// The folder of the results; of an archive, its name there. [default: STUDY/results]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    /// As text for people or as JSON for programs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    check: &'a str,
    outcome: &'static str,
    said: Vec<String>,
}

/// Checks, and says what was checked.
///
/// # Errors
/// When there is no study, or no results of it.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<Status, Failure> {
    let checks = match args.study.is_file() {
        true => {
            let unpacked = Unpacked::new(&args.study).map_err(|error| {
                Problem::new(Location::file(args.study.display().to_string()), format!("cannot be unpacked ({error})"))
                    .expected("a study, or an archive that `platewise archive` wrote")
            })?;
            let results = unpacked.path().join(args.results.as_deref().unwrap_or(Path::new("results")));
            pipeline::verify(&args.inputs.study(unpacked.path()), &results)?
        }
        false => {
            let results = args.results.clone().unwrap_or_else(|| args.study.join("results"));
            pipeline::verify(&args.inputs.study(&args.study), &results)?
        }
    };
    let rows: Vec<Row<'_>> = checks
        .iter()
        .map(|check| match &check.outcome {
            Outcome::Holds(said) => Row { check: check.what, outcome: "holds", said: vec![said.clone()] },
            Outcome::NotChecked(why) => Row { check: check.what, outcome: "not checked", said: vec![why.clone()] },
            Outcome::Fails(problems) => {
                let said = problems.0.iter().map(ToString::to_string).collect();
                Row { check: check.what, outcome: "FAILS", said }
            }
        })
        .collect();
    match args.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            writeln!(out)?;
        }
        Format::Text => {
            for row in &rows {
                let mut said = row.said.iter();
                let first = said.next().map_or("", String::as_str);
                writeln!(out, "{:<14} {:<12} {first}", row.check, row.outcome)?;
                for more in said {
                    writeln!(out, "{:<14} {:<12} {more}", "", "")?;
                }
            }
        }
    }
    Ok(match rows.iter().any(|row| row.outcome == "FAILS") {
        true => Status::WithFailures,
        false => Status::Done,
    })
}
