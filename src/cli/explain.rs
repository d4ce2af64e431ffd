//! `platewise explain STUDY SUBJECT VISIT`: how the result of a subject's visit came about, step by step. Blind.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::study::Inputs;
use super::{CommandStatus, Failure, OutputFormat};
use crate::pipeline;
use crate::report::Explanation;
use crate::sheet::{Code, Location, Problem};

/// Show the arithmetic behind one result, from the cells of the export onwards
#[derive(Debug, ClapArgs)]
#[command(after_help = "Example:\n  platewise explain plates 101-002 \"Week 16\"")]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    study: PathBuf,
    /// The subject, as in the list of samples.
    subject: String,
    /// The visit, as in the list of samples.
    visit: String,
    #[command(flatten)]
    inputs: Inputs,
    /// How it is printed.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// Quantifies the study and prints the way of every sample of the visit.
///
/// # Errors
/// When the study cannot be read, or has no measured sample of that subject and visit.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let study = pipeline::quantify_from(&args.inputs.study(&args.study), &|_| ())?;
    let visits = study.visits.as_ref().map_err(Clone::clone)?;
    let measured = |sample: &str| study.results.iter().any(|result| result.sample == sample);
    let of_subject: Vec<_> =
        visits.iter().filter(|visit| visit.subject == args.subject && measured(&visit.sample)).collect();
    let explanations: Vec<Explanation> = of_subject
        .iter()
        .filter(|visit| visit.visit == args.visit)
        .filter_map(|visit| study.results.iter().find(|result| result.sample == visit.sample))
        .map(|result| Explanation::new((&args.subject, &args.visit), result, &study.plates, &study.protocol))
        .collect();
    if explanations.is_empty() {
        let expected = if of_subject.is_empty() {
            "a subject of the list of samples that was measured".to_string()
        } else {
            let known: Vec<String> = of_subject.iter().map(|visit| format!("'{}'", visit.visit)).collect();
            format!("one of its visits: {}", known.join(", "))
        };
        let at = Location::file(study.protocol.assay.study.samples.display().to_string());
        let found = format!("no measured sample of subject '{}', visit '{}'", args.subject, args.visit);
        return Err(Problem::new(Code::new("explain-no-sample"), at, found).expected(expected).into());
    }
    match args.format {
        OutputFormat::Text => explanations.iter().try_for_each(|explanation| writeln!(out, "{explanation}"))?,
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &explanations)?;
            writeln!(out)?;
        }
    }
    Ok(CommandStatus::Done)
}
