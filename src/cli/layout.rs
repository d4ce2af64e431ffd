//! `platewise layout FILE`: a plate map to fill in with a spreadsheet program.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::terminal::typed;
use super::{CommandStatus, Failure};
use crate::files::{Input, write_files};
use crate::pipeline::exports::Exports;
use crate::plate::{PlateSize, declared};
use crate::report::layout_form::{self, PlateForm};
use crate::sheet::plain_file;

/// Write a plate map to fill in, with lists to choose from
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise layout map.xlsx\n  platewise layout --from plates/exports/P01.txt P01-map.xlsx\n\n\
                        In the map a cell says it all: Std 2000, S1, QC low 90, Blank, 102-001-W00 1:10. Fill it in and give it to \
                        `platewise plate EXPORT map.xlsx`, or name it as a layout in study.toml. With --from the map holds what the \
                        export says of its wells; what it leaves open is left open."
)]
pub(super) struct Args {
    /// The workbook to write, .xlsx.
    file: PathBuf,
    /// The number of wells.
    #[arg(long, value_enum, default_value_t, conflicts_with = "from")]
    plate: MapSize,
    /// Fill in what this export of a reader says of its wells; a sheet for each of its plates.
    #[arg(long, value_name = "EXPORT")]
    from: Option<PathBuf>,
    /// Replace the workbook if it already exists.
    #[arg(long)]
    replace: bool,
}

/// The sizes of plates for which there is a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum MapSize {
    /// 8 rows, 12 columns.
    #[default]
    #[value(name = "96")]
    W96,
    /// 16 rows, 24 columns.
    #[value(name = "384")]
    W384,
}

/// Writes the workbook.
///
/// # Errors
/// When the export cannot be read, or the workbook is there already or cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    if args.file.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("xlsx")) {
        return Err(Failure::Other(format!(
            "{}: a plate map is an Excel workbook; nothing was written. Name it {}",
            args.file.display(),
            args.file.with_extension("xlsx").display()
        )));
    }
    if args.file.exists() && !args.replace {
        let file = args.file.display();
        return Err(Failure::Other(format!(
            "{file} already exists; nothing was written. Name another file, or say --replace"
        )));
    }
    let plates = match &args.from {
        None => {
            let size = if args.plate == MapSize::W384 { PlateSize::WELLS_384 } else { PlateSize::WELLS_96 };
            vec![PlateForm { name: "map".into(), size, wells: BTreeMap::new() }]
        }
        Some(path) => {
            let name = path.display().to_string();
            let bytes = plain_file::read(path).map_err(|error| error.problem(&name))?;
            let exports = Exports::read(vec![Input::in_memory(&name, &bytes)], None);
            exports.all_read()?;
            let form = |plate: &crate::pipeline::exports::NamedPlate| {
                let exported = exports.exported(plate)?;
                Some(PlateForm { name: plate.id.clone(), size: exported.size, wells: declared::map(exported) })
            };
            exports.plates.iter().filter_map(form).collect()
        }
    };
    let bytes = layout_form::write(&plates).map_err(|error| Failure::Other(error.to_string()))?;
    write_files(&[(args.file.clone(), bytes)])?;
    let filled: usize = plates.iter().map(|plate| plate.wells.len()).sum();
    writeln!(out, "wrote {}, {filled} wells filled in", args.file.display())?;
    writeln!(out, "Fill it in, then: platewise plate EXPORT {}", typed(&args.file))?;
    Ok(CommandStatus::Done)
}
