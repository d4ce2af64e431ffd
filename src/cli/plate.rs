//! `platewise plate EXPORT… [LAYOUT]`: concentrations of plates that belong to no study, at once.

mod map;
mod words;

use std::io;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;

use super::init::StudyDraft;
use super::option_values::{factor, group_role};
use super::study::FindingsOption;
use super::terminal::TerminalCanvas;
use super::warnings::print_warnings;
use super::{CommandStatus, Failure, OutputFormat, summary, waiting};
use crate::files::{AllowedContents, Input, InputFile, OutputFolder};
use crate::pipeline::{OpenedPlates, PlateFiles, UnconfirmedLayout};
use crate::plate::export_answers::ExportAnswers;
use crate::plate::formats::DescribedFormat;
use crate::protocol::{Criteria, MethodOptions, StandardsSeries};
use crate::sheet::{Code, Location, Problem, Problems, plain_file};
use words::WrittenFolders;

/// What standard input is called in messages and records.
const STANDARD_INPUT: &str = "standard input";

/// Concentrations of one or more plates, without a study: curve, results and flags at once
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise plate plates/exports/P01.txt plates/layouts/P01.csv --unit pg/mL --read 450\n  \
                  platewise plate plates/exports/P01.txt plates/layouts/P01.csv --method plates/study.toml\n  \
                  platewise plate plates/exports/P01.txt --method plates/study.toml --confirmed 5b66197c\n\n\
                  Of several files, the one that is not a reader's export is the layout of all plates. Without one, the export has to say \
                  what is in its wells: that layout is shown with a code, and counts once --confirmed CODE says that it is right.\n\
                  No subjects, visits or arms are asked for. On several plates a sample is called PLATE:NAME.\n\n\
                  Exit code: 0 done; 1 done, with plates that are not accepted, or samples that may be somebody else's; 2 could not run, \
                  or a layout is not confirmed yet."
)]
pub(super) struct Args {
    /// The exports, and the layout, where the exports do not hold it. `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The layout, where it cannot be told from the exports.
    #[arg(long, value_name = "FILE")]
    layout: Option<PathBuf>,
    /// The sheet of the layout, where its workbook has several that hold one.
    #[arg(long, value_name = "NAME")]
    layout_sheet: Option<String>,
    /// The code of the layout in an export that you have seen and found right; several, of several plates.
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    confirmed: Vec<String>,
    /// The standards by level: highest, dilution step and number of levels (2000:2:7, with a zero 2000:2:7,0), or a list
    /// (2000,500,125,0); for layouts that say levels (S1, S2 …).
    #[arg(long, value_name = "TOP:STEP:LEVELS")]
    standards: Option<StandardsSeries>,
    /// What is measured, where the layout holds several analytes: one run for each.
    #[arg(long, value_name = "NAME")]
    analyte: Option<String>,
    /// The unit of all concentrations, such as pg/mL.
    #[arg(long)]
    unit: Option<String>,
    /// The wavelength that is analysed, in nm.
    #[arg(long, value_name = "NM")]
    read: Option<f64>,
    /// The wavelength that is subtracted from it, in nm.
    #[arg(long, value_name = "NM")]
    reference: Option<f64>,
    /// The dilution factor of every sample whose layout says none: 10 for one part in ten, 1 for neat samples.
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    dilution: Option<f64>,
    /// The role of the wells of a group, where the exports do not say it, such as Spikes=sample; several, separated by commas.
    #[arg(long, value_name = "GROUP=ROLE", value_delimiter = ',', value_parser = group_role)]
    role: Vec<(String, String)>,
    /// Dilutions in the exports are fractions: 0.1 is one part in ten.
    #[arg(long)]
    dilution_fractions: bool,
    /// Samples called SPL1:1, SPL1:2, SPL1:3 in the exports are one sample, SPL1, in a dilution series.
    #[arg(long)]
    dilution_series: bool,
    /// How plates are evaluated and judged: a preset (research, kit-insert, ich-m10), or a file with the sections [method],
    /// [standards], [[control]], [acceptance] of a study.toml.
    #[arg(long, value_name = "FILE|PRESET", default_value = "research")]
    method: String,
    /// The format of the exports, instead of having it recognised: its name, or the file that describes it (.toml).
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
    /// The column that holds the readings, where the exports are plain tables and its title does not say so.
    #[arg(long, value_name = "TITLE")]
    column: Option<String>,
    /// Where one page, one workbook and the record of the run are written; without it nothing is.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Also make a study folder of the plates, with their layouts and the method. It must not exist, or be empty.
    #[arg(long, value_name = "DIR")]
    save_study: Option<PathBuf>,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
    /// Every warning by itself.
    #[arg(long, short)]
    verbose: bool,
    #[command(flatten)]
    findings: FindingsOption,
}

/// Evaluates the plates, prints what came out, and writes what was asked for.
///
/// # Errors
/// When no plate can be evaluated, a layout has to be confirmed, or a folder cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn TerminalCanvas) -> Result<CommandStatus, Failure> {
    let files = plate_files(args)?;
    // Nothing is computed that could not be written.
    let results = args.out.as_deref().map(|folder| claim(folder, AllowedContents::Results)).transpose()?;
    let study = args.save_study.as_deref().map(|folder| claim(folder, AllowedContents::Nothing)).transpose()?;
    let ready = match files.open()? {
        OpenedPlates::Ready(ready) => ready,
        OpenedPlates::Unconfirmed { layouts, confirmed } => {
            words::unconfirmed(&layouts, out)?;
            return Err(Failure::Other(not_confirmed(&layouts, confirmed, &args.confirmed)));
        }
    };
    let run = ready.evaluate(&|_| {})?;
    let mut written = Vec::new();
    if let Some(place) = results {
        written.extend(run.write(place).map_err(|error| Failure::Other(error.to_string()))?);
    }
    if let (Some(place), Some(folder)) = (study, &args.save_study) {
        written.extend(place.write(&StudyDraft::of_plates(&run)?.files(folder)?)?);
    }
    print_warnings(&run.warnings, args.verbose);
    match args.format {
        OutputFormat::Json => summary::json(&run.report(), &written, out)?,
        OutputFormat::Text => {
            words::text(&run, WrittenFolders { results: args.out.as_deref(), study: args.save_study.as_deref() }, out)?
        }
    }
    Ok(args.findings.status(run.is_clean()))
}

/// Which code is asked for, and which of those that were given belong to no layout.
fn not_confirmed(layouts: &[UnconfirmedLayout], mut codes: Vec<String>, given: &[String]) -> String {
    let strange: Vec<&str> = given.iter().filter(|code| !codes.contains(code)).map(String::as_str).collect();
    let strange = match strange.as_slice() {
        [] => String::new(),
        codes => format!(" ({} is the code of no layout here)", codes.join(", ")),
    };
    codes.extend(layouts.iter().map(|layout| layout.declared.code()));
    codes.dedup();
    let (are, right) = match layouts.len() {
        1 => ("the layout in the export is", "compare it with the plate and, if it is right,"),
        _ => ("the layouts in the exports are", "compare them with the plates and, if they are right,"),
    };
    format!("{are} not confirmed yet{strange}: {right} give the same command with --confirmed {}", codes.join(","))
}

fn claim(folder: &Path, holds: AllowedContents) -> Result<OutputFolder, Failure> {
    Ok(OutputFolder::claim(folder, holds, &waiting(folder))?)
}

/// The files, each read once.
fn plate_files(args: &Args) -> Result<PlateFiles, Problems> {
    let mut problems = Problems::default();
    let mut read = |path: &Path| match read_input(path) {
        Ok(input) => Some(input),
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let exports: Vec<Input> = args.files.iter().filter_map(|path| read(path)).collect();
    let layout = args.layout.as_deref().and_then(&mut read);
    let preset =
        [Criteria::Research, Criteria::KitInsert, Criteria::IchM10].into_iter().find(|of| of.name() == args.method);
    let method = if preset.is_none() { read_input(Path::new(&args.method)).ok() } else { None };
    if args.files.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        problems.push(
            Problem::new(Code::new("standard-input-twice"), Location::file(STANDARD_INPUT), "'-' appears twice")
                .expected("it once"),
        );
    }
    let asked = match (preset, &method) {
        (Some(preset), _) => MethodOptions::by_preset(preset),
        (None, Some(file)) => match std::str::from_utf8(&file.bytes) {
            Ok(text) => MethodOptions::by_file(file.name.clone(), text.to_string()),
            Err(_) => {
                let found = Problem::new(
                    Code::new("method-not-utf8"),
                    Location::file(file.name.as_str()),
                    "is not a text in UTF-8",
                );
                problems.push(found.expected("a method as study.toml writes it, in UTF-8"));
                MethodOptions::by_preset(Criteria::Research)
            }
        },
        (None, None) => {
            let found = format!("'{}' is neither a preset nor a file that can be read", args.method);
            problems.push(
                Problem::new(Code::new("method-unknown"), Location::file("--method"), found)
                    .expected("research, kit-insert or ich-m10, or a file with the section [method]"),
            );
            MethodOptions::by_preset(Criteria::Research)
        }
    };
    let asked = MethodOptions {
        analyte: args.analyte.clone(),
        unit: args.unit.clone(),
        standards: args.standards.clone(),
        read_nm: args.read,
        reference_nm: args.reference,
        ..asked
    };
    let described = DescribedFormat::named(args.reader.as_deref());
    problems.extend(described.as_ref().err().cloned().unwrap_or_default());
    let method_file = method.map(|file| InputFile { file: file.name.clone(), ..file.record });
    problems.or(PlateFiles {
        layout,
        layout_sheet: args.layout_sheet.clone(),
        reader: args.reader.clone(),
        described: described.ok().flatten(),
        column: args.column.clone(),
        answers: ExportAnswers {
            fractions: args.dilution_fractions,
            series: args.dilution_series,
            roles: args.role.clone(),
        },
        dilution: args.dilution,
        confirmed: args.confirmed.clone(),
        method_file,
        ..PlateFiles::new(exports, asked)
    })
}

fn read_input(path: &Path) -> Result<Input, Problem> {
    if path.as_os_str() == "-" {
        let bytes = plain_file::read_from(io::stdin().lock()).map_err(|error| error.problem(STANDARD_INPUT))?;
        return Ok(Input::in_memory(STANDARD_INPUT, &bytes));
    }
    let name = path.display().to_string();
    Ok(Input::in_memory(&name, &plain_file::read(path).map_err(|error| error.problem(&name))?))
}
