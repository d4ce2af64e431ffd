//! `platewise reconcile FILE|STUDY`: our curve and concentrations beside those that the export holds, and why they differ.

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::study::Inputs;
use super::{CommandStatus, Failure, OutputFormat};
use crate::concentration::quantity::significant;
use crate::pipeline::reconcile::{ReconciledCurve, reconcile_file, reconcile_study};

/// Our curve and concentrations beside the reader's own, and why they differ
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise reconcile fixtures/reconcile/gen5.txt\n  platewise reconcile fixtures/reconcile/gen5.txt --format json\n\nExit code: 0 all differences are explained; 1 some are not; 2 could not run."
)]
pub(super) struct Args {
    /// An export that holds concentrations of its own, or a study: a folder with a study.toml in it.
    path: PathBuf,
    #[command(flatten)]
    inputs: Inputs,
    /// How the answer is printed.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// Compares, and says what was found.
///
/// # Errors
/// When nothing can be read, or there is nothing to compare with.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let curves =
        if args.path.is_dir() { reconcile_study(&args.inputs.study(&args.path))? } else { reconcile_file(&args.path)? };
    match args.format {
        OutputFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &curves)?;
            writeln!(out)?;
        }
        OutputFormat::Text => {
            for curve in &curves {
                text(curve, out)?;
            }
        }
    }
    Ok(if curves.iter().all(ReconciledCurve::explained) { CommandStatus::Done } else { CommandStatus::WithFailures })
}

fn text(curve: &ReconciledCurve, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}: {}", curve.location, curve.label)?;
    writeln!(out, "  ours        {}", curve.ours)?;
    writeln!(out, "              {}", curve.our_curve)?;
    if let Some(theirs) = &curve.their_curve {
        writeln!(out, "  theirs      {theirs}")?;
    }
    if let Some(closest) = &curve.closest {
        writeln!(out, "  as theirs   {closest}")?;
    }
    for cause in &curve.causes {
        writeln!(out, "  why         {cause}")?;
    }
    writeln!(out, "  {:<18} {:>12} {:>12} {:>9} {:>12}", "well", "ours", "theirs", "differ %", "as theirs")?;
    let number = |value: Option<f64>| value.map_or_else(|| "–".to_string(), |value| significant(value, 6));
    for well in &curve.wells {
        let difference = well.difference_percent().map_or_else(|| "–".to_string(), |percent| format!("{percent:+.2}"));
        writeln!(
            out,
            "  {:<18} {:>12} {:>12} {:>9} {:>12}{}",
            format!("{} {}", well.plate, well.well).trim(),
            number(well.ours),
            number(Some(well.theirs)),
            difference,
            number(well.tried),
            if well.explained() { "" } else { "  not explained" }
        )?;
    }
    writeln!(out)
}
