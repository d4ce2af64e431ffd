//! `platewise verify STUDY`: whether a study is what its record says. It reads, and writes nothing.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use serde::Serialize;

use super::study::Inputs;
use super::{CommandStatus, Failure, OutputFormat};
use crate::files::{InputFolder, UnpackedArchive};
use crate::pipeline::{self, Check, CheckOutcome};
use crate::protocol::{AnalyteStudy, STUDY_FILE, SeveralAnalytes};
use crate::sheet::{Code, Location, Problem, Problems};

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
    /// The folder of the results; of an archive, its name there; of several analytes, the folder that --out named. [default: STUDY/results]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    /// As text for people or as JSON for programs.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    /// The folder of the analyte in a study of several; of what was made over all of them `over all`.
    #[serde(skip_serializing_if = "Option::is_none")]
    analyte: Option<&'a str>,
    check: &'a str,
    outcome: &'static str,
    said: Vec<String>,
}

/// Checks, and says what was checked.
///
/// # Errors
/// When there is no study, or no results of it.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let checks = match args.study.is_file() {
        true => {
            let unpacked = UnpackedArchive::new(&args.study).map_err(|error| {
                Problem::new(
                    Code::new("archive-unreadable"),
                    Location::file(args.study.display().to_string()),
                    format!("cannot be unpacked ({error})"),
                )
                .expected("a study, or an archive that `platewise archive` wrote")
            })?;
            let results = args.results.as_deref().unwrap_or(Path::new("results"));
            let study = args.inputs.study(unpacked.path());
            // Of a study of several analytes an archive holds one.
            match archived_analyte(&study)? {
                Some(folder) => {
                    let analyte = study.below(Path::new(&folder));
                    one(pipeline::verify(&analyte, &analyte.path().join(results))?)
                }
                None => one(pipeline::verify(&study, &unpacked.path().join(results))?),
            }
        }
        false => {
            let study = args.inputs.study(&args.study);
            match SeveralAnalytes::read_from(&study)? {
                Some(several) => of_several(&study, &several, args.results.as_deref().unwrap_or(&args.study))?,
                None => {
                    let results = args.results.clone().unwrap_or_else(|| args.study.join("results"));
                    one(pipeline::verify(&study, &results)?)
                }
            }
        }
    };
    let rows: Vec<Row<'_>> =
        checks.iter().flat_map(|(analyte, checks)| checks.iter().map(|check| row(analyte.as_deref(), check))).collect();
    match args.format {
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &rows)?;
            writeln!(out)?;
        }
        OutputFormat::Text => {
            let mut analyte = None;
            for row in &rows {
                if row.analyte != analyte {
                    analyte = row.analyte;
                    writeln!(out, "── {} ──", analyte.unwrap_or_default())?;
                }
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
        true => CommandStatus::WithFailures,
        false => CommandStatus::Done,
    })
}

/// The checks of a part of a study, with the analyte that it is.
type CheckedPart = (Option<String>, Vec<Check>);

fn one(checks: Vec<Check>) -> Vec<CheckedPart> {
    vec![(None, checks)]
}

/// The analyte that is in an archive of one of several.
fn archived_analyte(study: &InputFolder) -> Result<Option<String>, Problems> {
    let folders = SeveralAnalytes::folders(study)?.unwrap_or_default();
    Ok(folders.into_iter().find(|folder| study.path().join(folder).join(STUDY_FILE).is_file()))
}

/// Each analyte, then what was made over all; the results stand in `root`, which is the study or the folder of `--out`.
fn of_several(study: &InputFolder, several: &SeveralAnalytes, root: &Path) -> Result<Vec<CheckedPart>, Problems> {
    let mut parts = Vec::new();
    for AnalyteStudy { folder, .. } in &several.analytes {
        let analyte = study.below(Path::new(folder));
        parts.push((Some(folder.clone()), pipeline::verify(&analyte, &root.join(folder).join("results"))?));
    }
    if let Some(checks) = pipeline::verify_over_analytes(study, &several.id, root)? {
        parts.push((Some("over all".into()), checks));
    }
    Ok(parts)
}

fn row<'a>(analyte: Option<&'a str>, check: &'a Check) -> Row<'a> {
    let (outcome, said) = match &check.outcome {
        CheckOutcome::Holds(said) => ("holds", vec![said.clone()]),
        CheckOutcome::NotChecked(why) => ("not checked", vec![why.clone()]),
        CheckOutcome::Fails(problems) => ("FAILS", problems.0.iter().map(ToString::to_string).collect()),
    };
    Row { analyte, check: check.what, outcome, said }
}
