//! `platewise compare --values FILE`: the statistics of a trial from a table of values.

use std::io::Write;
use std::path::Path;

use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::Value;

use crate::concentration::quantity::significant;
use crate::sheet::{Book, Code, Location, Problem};
use crate::study::analyses::{Analysis, AnalysisRequest, Extent, analyses};
use crate::study::values::{other_arm, read_values};

use super::{CommandStatus, Failure, OutputFormat};

/// What is computed from a table of values.
#[derive(Debug, ClapArgs)]
pub(super) struct ValuesOptions {
    /// Compute every analysis with every option, at every visit.
    #[arg(long, requires = "values")]
    all: bool,
    /// The arm that the other is compared with.
    #[arg(long, value_name = "ARM", default_value = "placebo", requires = "values")]
    reference: String,
    /// Level of all intervals, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 95.0, requires = "values")]
    level: f64,
    /// Seed of the bootstrap and the permutation test.
    #[arg(long, default_value_t = 1, requires = "values")]
    seed: u64,
}

/// Everything that is written as JSON.
#[derive(Serialize)]
struct Output<'a> {
    file: &'a str,
    active: &'a str,
    reference: &'a str,
    confidence: f64,
    seed: u64,
    analyses: &'a [Analysis],
}

/// Computes the analyses of the table in `file` and writes them to `out`.
///
/// # Errors
/// Everything wrong in the table, at once; arms that are not two; a level that is none.
pub(super) fn run_values(
    file: &Path,
    options: &ValuesOptions,
    format: OutputFormat,
    out: &mut dyn Write,
) -> Result<CommandStatus, Failure> {
    let name = file.display().to_string();
    if !(options.level > 0.0 && options.level < 100.0) {
        return Err(Failure::Other(format!("--level {} is not between 0 and 100", options.level)));
    }
    let book = Book::open(file, &name)?;
    let [sheet] = &book.sheets[..] else {
        let found = format!("the file has {} sheets", book.sheets.len());
        return Err(Problem::new(Code::new("values-several-sheets"), Location::file(name), found)
            .expected("one table")
            .into());
    };
    let trial = read_values(sheet)?;
    let active = other_arm(&trial, &options.reference, &name)?;
    let request = AnalysisRequest {
        trial: &trial,
        active,
        reference: &options.reference,
        confidence: options.level / 100.0,
        seed: options.seed,
        extent: if options.all { Extent::All } else { Extent::Main },
    };
    let analyses = analyses(&request).map_err(|why| Failure::Other(why.to_string()))?;
    match format {
        OutputFormat::Json => {
            let (confidence, seed) = (request.confidence, options.seed);
            let output =
                Output { file: &name, active, reference: &options.reference, confidence, seed, analyses: &analyses };
            serde_json::to_writer_pretty(&mut *out, &output)?;
            writeln!(out)?;
        }
        OutputFormat::Text => {
            writeln!(out, "{name}: {active} against {}", options.reference)?;
            for analysis in &analyses {
                write_analysis(analysis, out)?;
            }
        }
    }
    Ok(CommandStatus::Done)
}

/// An analysis for people: its name and options, and its numbers in lines below.
fn write_analysis(analysis: &Analysis, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "\n{} ({})", analysis.analysis, numbers(&analysis.options).join(", "))?;
    let [active, reference] = analysis.n_used;
    writeln!(out, "  {}", analysis.model)?;
    let left_out =
        analysis.left_out.iter().map(|left| format!("; left out: {} + {}, {}", left.n[0], left.n[1], left.reason));
    writeln!(out, "  n {active} + {reference}{}", left_out.collect::<String>())?;
    if let Some(reason) = &analysis.reason {
        let what = if analysis.result.is_null() { "no result: " } else { "" };
        writeln!(out, "  {what}{reason}")?;
    }
    for line in numbers(&analysis.result).chunks(6) {
        writeln!(out, "  {}", line.join("  "))?;
    }
    let rows = analysis.result.as_object().into_iter().flatten();
    for (name, value) in rows {
        let Value::Array(items) = value else { continue };
        if items.iter().all(Value::is_object) {
            writeln!(out, "  {name}")?;
            for item in items {
                writeln!(out, "    {}", numbers(item).join("  "))?;
            }
        }
    }
    Ok(())
}

/// The fields of a record as `name value`, without those that are tables themselves.
fn numbers(record: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if !number.is_i64() && !number.is_u64() => significant(float, 5),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Null => "none".to_string(),
        other => other.to_string(),
    };
    let fields = record.as_object().into_iter().flatten();
    fields.filter(|(_, value)| !value.is_array()).map(|(name, value)| format!("{name} {}", text(value))).collect()
}
