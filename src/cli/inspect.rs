//! `platewise inspect FILE…`: what is in an export: its format, plates, reads and wells.

mod contents;
mod inspected;
mod json;
mod picture;

use std::io;
use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::terminal::TerminalCanvas;
use super::{CommandStatus, Failure, OutputFormat};
use crate::plate::formats::{self, DescribedFormat, ReadOptions};
use crate::plate::read::{ExportBlock, ExportKind, ExportedPlate, PlateRead};
use crate::sheet::{Book, Code, Location, Place, Problem, Problems};
use inspected::{Inspected, look_at_all};

/// Show what is in the exports of plate readers
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise inspect plates/exports/P01.txt\n  platewise inspect --format json plates/exports/*\n  \
                        platewise inspect --readers\n  platewise inspect --propose fixtures/formats/tally.txt"
)]
pub(super) struct Args {
    /// The files.
    #[arg(required_unless_present = "readers", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Also list every block, sheet and key with what was made of it, and the values of large plates.
    #[arg(long, short)]
    verbose: bool,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
    /// The format of the files, instead of having it recognised: its name, or the file that describes it (.toml).
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
    /// The column that holds the readings, where the files are plain tables and its title does not say so.
    #[arg(long, value_name = "TITLE")]
    column: Option<String>,
    /// Write a description of the format of a file that no reader knows, to check and to name as --reader.
    #[arg(long, conflicts_with_all = ["readers", "reader", "column"])]
    propose: bool,
    /// List the formats that are read, as a table in Markdown.
    #[arg(long, conflicts_with = "files")]
    readers: bool,
}

/// Writes what the files hold to `out`. A file that cannot be analysed makes the status; when none can, it is a failure.
///
/// # Errors
/// When no file can be analysed, or `out` cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn TerminalCanvas) -> Result<CommandStatus, Failure> {
    if args.readers {
        out.write_all(formats::markdown_table().as_bytes())?;
        return Ok(CommandStatus::Done);
    }
    if args.propose {
        return propose(&args.files, out);
    }
    let described = DescribedFormat::named(args.reader.as_deref())?;
    let asked = ReadOptions::said(args.reader.as_deref(), described.as_ref(), args.column.as_deref());
    let mut inspected: Vec<Inspected> = args.files.iter().map(|path| Inspected::of(path, asked)).collect();
    look_at_all(&mut inspected);
    match args.format {
        OutputFormat::Json => json::write(&inspected, out)?,
        OutputFormat::Text => {
            for (index, found) in inspected.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                text(found, args.verbose, out)?;
            }
            // Each file of a study has the same.
            let together = inspected.iter().find(|found| !found.together.is_empty());
            if let Some(found) = together {
                writeln!(out, "\nthe files together, as exports of one study")?;
                found.together.iter().try_for_each(|doubt| writeln!(out, "  note    {doubt}"))?;
            }
        }
    }
    let refused = inspected.iter().filter(|found| !found.problems.0.is_empty()).count();
    if refused == inspected.len() {
        return Err(Failure::Input(Problems(inspected.into_iter().flat_map(|found| found.problems).collect())));
    }
    if args.format == OutputFormat::Text {
        for found in inspected.iter().filter(|found| !found.problems.0.is_empty()) {
            writeln!(out, "\n{}: not readable", found.file)?;
            for problem in &found.problems.0 {
                writeln!(out, "  {problem}")?;
            }
        }
    }
    Ok(if refused == 0 { CommandStatus::Done } else { CommandStatus::WithFailures })
}

/// Writes a description of the format of one file.
fn propose(files: &[PathBuf], out: &mut dyn TerminalCanvas) -> Result<CommandStatus, Failure> {
    let [path] = files else {
        let found = format!("{} files", files.len());
        let problem = Problem::new(Code::new("propose-several-files"), Location::file("--propose"), found);
        return Err(Failure::Input(
            problem.expected("one file: a description is made from it, and tried on the others").into(),
        ));
    };
    let name = path.display().to_string();
    let book = Book::open(path, &name)?;
    let Some(proposed) = formats::propose(&book) else {
        let found = "neither a plate nor a list of wells with readings can be made out in it";
        let problem = Problem::new(Code::new("propose-nothing-found"), Location::file(name), found);
        return Err(Failure::Input(
            problem.expected("a block of numbers of the size of a plate, or a table with one row per well").into(),
        ));
    };
    out.write_all(proposed.as_bytes())?;
    let format = DescribedFormat::parse("proposed", &proposed)?;
    let asked = ReadOptions::said(None, Some(&format), None);
    for problem in formats::examine(&book, asked)?.1.0 {
        writeln!(out, "\n# Not read yet: {}", problem.to_string().replace('\n', " "))?;
    }
    Ok(CommandStatus::Done)
}

fn text(found: &Inspected, verbose: bool, out: &mut dyn TerminalCanvas) -> io::Result<()> {
    writeln!(out, "{}", found.file)?;
    let Some(export) = &found.export else { return Ok(()) };
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let raw = export.plates.iter().flat_map(|plate| &plate.reads).filter(|read| !read.derived).count();
    let all = export.plates.iter().map(|plate| plate.reads.len()).sum::<usize>();
    write!(out, "  format  {}\n  kind    {}\n", export.format, kind_words(export.kind))?;
    write!(out, "  holds   {}, {}", plural(export.plates.len(), "plate"), plural(raw, "raw read"))?;
    if all > raw {
        write!(out, ", {} computed by the reader", all - raw)?;
    }
    writeln!(out)?;
    for warning in found.warnings() {
        writeln!(out, "  note    {warning}")?;
    }
    for plate in &export.plates {
        writeln!(out, "\n{}", plate_title(plate))?;
        for read in &plate.reads {
            writeln!(out, "  {}", read_title(read))?;
            // A picture shows what was measured; computed grids are for comparison.
            if !read.derived || verbose {
                picture::draw(read, plate, verbose, out)?;
            }
        }
        contents::write(plate, out)?;
    }
    if verbose {
        writeln!(out, "\neverything in the file")?;
        for block in &export.blocks {
            let sheet = block.location.sheet.as_ref().map(|name| format!("sheet '{name}', ")).unwrap_or_default();
            writeln!(out, "  {sheet}{}: {}: {}", place(block), block.what, block.made)?;
        }
    }
    Ok(())
}

/// Where a block stands: its only line or cell, or its first and last.
fn place(block: &ExportBlock) -> String {
    let last = |first: u32| first as usize + block.rows.saturating_sub(1);
    match block.location.place {
        Place::Line { line, .. } if block.rows > 1 => format!("lines {line} to {}", last(line)),
        Place::Cell { row, .. } if block.rows > 1 => format!("rows {row} to {}", last(row)),
        place => place.to_string(),
    }
}

fn kind_words(kind: ExportKind) -> &'static str {
    match kind {
        ExportKind::Endpoint => "end-point reads",
        ExportKind::Kinetic => "kinetic read (not an end point)",
        ExportKind::Spectrum => "spectrum (not an end point)",
        ExportKind::AreaScan => "area scan (not an end point)",
        ExportKind::WellScan => "well scan (not an end point)",
        ExportKind::Image => "pictures of wells (not an end point)",
        ExportKind::LayoutOnly => "a layout without readings",
        ExportKind::Malformed => "damaged",
        ExportKind::NotSupported => "another kind of assay",
    }
}

fn plate_title(plate: &ExportedPlate) -> String {
    let name = plate.name.as_deref().unwrap_or("plate without a name");
    match plate.id.as_deref().filter(|id| *id != name) {
        Some(id) => format!("{name} ({id}), {}", plate.size),
        None => format!("{name}, {}", plate.size),
    }
}

fn read_title(read: &PlateRead) -> String {
    let mut words = vec![read.short_name()];
    if read.label != words[0] && !read.label.is_empty() {
        words.push(format!("'{}'", read.label));
    }
    if let Some(reference) = read.reference_nm {
        words.push(format!("less {reference} nm, subtracted by the reader"));
    }
    words.extend(read.unit.clone());
    words.push(if read.derived { "computed by the reader" } else { "raw" }.to_string());
    words.join(", ")
}
