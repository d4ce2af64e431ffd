//! `platewise init DIR`: a study folder to begin with: a commented one that runs, or one made from real exports.

mod from_exports;
mod study_text;

use std::io::Write;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::terminal::typed;
use super::warnings::print_warnings;
use super::{CommandStatus, Failure, waiting};
use crate::files::{AllowedContents, OutputFile, OutputFolder};
use crate::plate::export_answers::ExportAnswers;
use crate::plate::formats::{DescribedFormat, ReadOptions};
pub(super) use from_exports::StudyDraft;
use from_exports::UserAnswers;
use study_text::STUDY;

/// The files of the template: small, simulated, and saying so.
const TEMPLATE: [(&str, &str); 5] = [
    ("study.toml", STUDY),
    ("samples.csv", include_str!("../template/samples.csv")),
    ("arms.csv", include_str!("../template/arms.csv")),
    ("layouts/P01.csv", include_str!("../template/layout.csv")),
    ("exports/P01.csv", include_str!("../template/export.csv")),
];

/// Write a commented study folder: an example that runs, or one from your exports
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  platewise init my-study\n  platewise run my-study\n  \
                        platewise init my-plates --from plates/exports/P01.txt plates/exports/P02-P03.txt\n\n\
                        With --from, the exports are copied into the new folder; what they say (plates, wavelengths, unit) is entered \
                        in study.toml, and each plate gets a layout to fill in, with the wells, names and \
                        concentrations that the export declares.")]
pub(super) struct Args {
    /// The folder to make. It must not exist, or be empty.
    dir: PathBuf,
    /// Make the study from these exports of a plate reader instead of the example.
    #[arg(long, value_name = "EXPORT", num_args = 1..)]
    from: Vec<PathBuf>,
    /// The format of the exports, instead of having it recognised: its name, or the file that describes it (.toml).
    #[arg(long, value_name = "NAME", requires = "from")]
    reader: Option<String>,
    /// The column that holds the readings, where the exports are plain tables and its title does not say so.
    #[arg(long, value_name = "TITLE", requires = "from")]
    column: Option<String>,
    /// The unit of all concentrations, where the exports say none.
    #[arg(long, requires = "from")]
    unit: Option<String>,
    /// The role of the wells of a group, where the exports do not say it, such as Spikes=sample; several, separated by commas.
    #[arg(long, value_name = "GROUP=ROLE", value_delimiter = ',', requires = "from", value_parser = super::option_values::group_role)]
    role: Vec<(String, String)>,
    /// Dilutions in the exports are fractions: 0.1 is one part in ten.
    #[arg(long, requires = "from")]
    dilution_fractions: bool,
    /// Samples called SPL1:1, SPL1:2, SPL1:3 in the exports are one sample, SPL1, in a dilution series.
    #[arg(long, requires = "from")]
    dilution_series: bool,
    /// Names of samples hold within one plate: 01 on P02 is P02:01 in samples.csv and in results.
    #[arg(long, requires = "from")]
    per_plate: bool,
    /// The dilution factor of every sample whose export says none: 10 for one part in ten, 1 for neat samples.
    #[arg(long, value_name = "FACTOR", requires = "from", value_parser = super::option_values::factor)]
    dilution: Option<f64>,
}

/// Writes the folder.
///
/// # Errors
/// When the folder holds something already, an export cannot be read, or the folder cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let place = OutputFolder::claim(&args.dir, AllowedContents::Nothing, &waiting(&args.dir))?;
    if args.from.is_empty() {
        let files = TEMPLATE.map(|(name, text)| OutputFile { name: name.into(), bytes: text.into() });
        write(place, &files, out)?;
        writeln!(
            out,
            "\nRun it:   platewise run {}\nThen put your exports, layouts and samples in, and change {}.",
            typed(&args.dir),
            args.dir.join("study.toml").display()
        )?;
        return Ok(CommandStatus::Done);
    }
    let described = DescribedFormat::named(args.reader.as_deref())?;
    let asked = ReadOptions::said(args.reader.as_deref(), described.as_ref(), args.column.as_deref());
    let answers =
        ExportAnswers { fractions: args.dilution_fractions, series: args.dilution_series, roles: args.role.clone() };
    let said = UserAnswers { answers, unit: args.unit.clone(), per_plate: args.per_plate, dilution: args.dilution };
    let draft = StudyDraft::read(&args.from, asked, said)?;
    write(place, &draft.files(&args.dir)?, out)?;
    draft.describe(out)?;
    print_warnings(&draft.warnings(), false);
    writeln!(
        out,
        "\n{1}Then:\n  platewise quantify {0}        concentrations; says what is still missing, with file and line\n\
         When the concentrations are final, and with arms.csv (subject,arm) from whoever keeps the list:\n  platewise run {0}",
        typed(&args.dir),
        draft.missing().iter().map(|line| format!("{line}\n")).collect::<String>()
    )?;
    Ok(CommandStatus::Done)
}

fn write(place: OutputFolder, files: &[OutputFile], out: &mut dyn Write) -> Result<(), Failure> {
    for path in place.write(files)? {
        writeln!(out, "wrote {}", path.display())?;
    }
    Ok(())
}
