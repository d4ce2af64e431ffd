//! The formats of plate readers: one file each, behind one trait.
//!
//! A format is recognised by what stands in the file, never by its name. The special formats are asked first; where none
//! knows the file, the general ones (grids, tables) are. Two that accept are never chosen between: the user is asked.
//! To add a format, write its file and add its line to [`FORMATS`].

mod draft;
mod finish;
mod grid;
mod rest;
mod title;

mod biorad;
mod biotek_report;
mod bmg;
mod envision;
mod envision_list;
mod envision_matrix;
mod envision_settings;
mod gen5;
mod gen5_steps;
mod gen5_wells;
mod glomax;
mod kaleido;
mod opentrons;
mod other_assays;
mod plain_grid;
mod plain_series;
mod plain_table;
mod skanit;
mod softmax_groups;
mod softmax_pro;
mod tecan;
mod tecan_icontrol;
mod tecan_magellan;
mod tecan_spark;
mod tecan_sunrise;
mod victor;
mod victor_nivo;

use std::path::Path;

pub use draft::Draft;

use super::read::{Export, ExportKind};
use crate::sheet::{Book, Location, Problem, Problems};

/// What a format is called and how sure we are of it.
///
/// ```
/// use platewise::plate::formats;
///
/// let gen5 = formats::by_name("gen5").unwrap().description();
/// assert_eq!((gen5.title, gen5.general, gen5.provisional), ("Gen5", false, false));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description {
    /// Its name for `--reader`: lower case with hyphens.
    pub name: &'static str,
    /// What it is called in outputs.
    pub title: &'static str,
    /// Which programs and instruments write it.
    pub written_by: &'static str,
    /// Whether any file may be in it, so that it is asked only when no special format knows the file.
    pub general: bool,
    /// Whether it was written from documentation alone: no real file has been seen.
    pub provisional: bool,
}

/// A format in which plate readers write.
///
/// ```
/// use platewise::plate::formats;
/// use platewise::sheet::Book;
///
/// let book = Book::from_bytes(b",1,2\nA,0.1,0.2\nB,0.3,0.4\n", "plate.csv")?;
/// assert!(formats::by_name("grid").unwrap().recognise(&book).is_ok());
/// let why = formats::by_name("softmax-pro").unwrap().recognise(&book).unwrap_err();
/// assert!(why.contains("##BLOCKS="));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub trait Format: Sync {
    /// What it is called.
    fn description(&self) -> Description;

    /// Whether the file is in this format.
    ///
    /// # Errors
    /// Why not, in one line.
    fn recognise(&self, book: &Book) -> Result<(), String>;

    /// Reads the file into `draft`: plates, reads, samples, and what was made of everything else. What is wrong goes there too.
    fn read(&self, draft: &mut Draft<'_>);
}

/// Every format, in the order of their families.
pub const FORMATS: &[&dyn Format] = &[
    &softmax_pro::SoftMaxPro,
    &gen5::Gen5,
    &biotek_report::BioTekReport,
    &bmg::Bmg,
    &tecan_icontrol::TecanIControl,
    &tecan_spark::TecanSpark,
    &tecan_magellan::TecanMagellan,
    &tecan_sunrise::TecanSunrise,
    &skanit::SkanIt,
    &envision::EnVision,
    &kaleido::Kaleido,
    &victor::Victor,
    &victor_nivo::VictorNivo,
    &biorad::BioRad,
    &glomax::GloMax,
    &opentrons::Opentrons,
    &other_assays::OtherAssays,
    &plain_grid::PlainGrid,
    &plain_table::PlainTable,
    &plain_series::PlainSeries,
];

/// The format of that name.
///
/// # Errors
/// A problem with all names, when there is none.
pub fn by_name(name: &str) -> Result<&'static dyn Format, String> {
    FORMATS.iter().copied().find(|format| format.description().name.eq_ignore_ascii_case(name)).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.description().name).collect();
        format!("there is no reader '{name}'; the readers are {}", names.join(", "))
    })
}

/// All formats as a table in Markdown: what the README shows.
pub fn markdown_table() -> String {
    let mut table = String::from("| format | written by | `--reader` |\n|---|---|---|\n");
    for format in FORMATS {
        let Description { name, title, written_by, provisional, .. } = format.description();
        let mark = if provisional { " *(provisional)*" } else { "" };
        table += &format!("| {title}{mark} | {written_by} | `{name}` |\n");
    }
    table
}

/// The one format that a file is in.
///
/// # Errors
/// None or several: a problem that says for each format why not, or which ones accept.
pub fn recognise(book: &Book, reader: Option<&str>) -> Result<&'static dyn Format, Problem> {
    let file = || Location::file(book.file.clone());
    if let Some(name) = reader {
        let format = by_name(name).map_err(|words| Problem::new(file(), words))?;
        return format.recognise(book).map(|()| format).map_err(|why| {
            Problem::new(file(), format!("the file is not in the format {}: {why}", format.description().title))
                .advice("Leave the reader out to have the format recognised")
        });
    }
    let mut refusals = Vec::new();
    for general in [false, true] {
        let mut accepting = Vec::new();
        for format in FORMATS.iter().filter(|format| format.description().general == general) {
            match format.recognise(book) {
                Ok(()) => accepting.push(*format),
                Err(why) => refusals.push(format!("\n  {}: {why}", format.description().title)),
            }
        }
        match accepting[..] {
            [] => {}
            [format] => return Ok(format),
            _ => {
                let names: Vec<&str> = accepting.iter().map(|format| format.description().name).collect();
                return Err(Problem::new(file(), format!("the file can be read as {}", names.join(" and as ")))
                    .expected("exactly one format")
                    .advice("Name the reader"));
            }
        }
    }
    Err(Problem::new(file(), "no reader knows this file")
        .expected("the export of a plate reader, a plate-shaped grid, or a table with one row per well")
        .advice(format!(
            "Export the plate from the reader's software as a table or as text. What each reader missed:{}",
            refusals.concat()
        )))
}

/// Everything that a file holds, with what is wrong with it: for looking at a file. What is analysed comes from [`read`].
///
/// ```
/// use platewise::plate::{Reading, formats};
/// use platewise::sheet::Book;
///
/// let book = Book::from_bytes(b"450 nm\n,1,2\nA,0.1,OVRFLW\nB,0.3,\n", "plate.csv")?;
/// let (export, problems) = formats::examine(&book, None)?;
/// assert!(problems.0.is_empty());
/// let read = &export.plates[0].reads[0];
/// assert_eq!(read.wavelength_nm, Some(450.0));
/// assert_eq!(read.wells[(0, 1)], Reading::Saturated("OVRFLW".to_string()));
/// assert_eq!(read.location("B1".parse().unwrap()).to_string(), "plate.csv, line 4, field 2");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
///
/// # Errors
/// When no format knows the file, or several do.
pub fn examine(book: &Book, reader: Option<&str>) -> Result<(Export, Problems), Problems> {
    let format = recognise(book, reader)?;
    let mut draft = Draft::new(book);
    format.read(&mut draft);
    Ok(draft.finish(format.description().title))
}

/// Reads the export at `path`, called `name` in messages, for analysis; `reader` names the format where it is not to be
/// recognised.
///
/// # Errors
/// Every problem found: the file cannot be read, no format or several know it, a well holds what is not a reading, or it holds
/// no end-point read (a kinetic read, a spectrum, another kind of assay).
pub fn read(path: &Path, name: &str, reader: Option<&str>) -> Result<Export, Problems> {
    read_book(&Book::open(path, name)?, reader)
}

/// Reads an export that is in memory already, as [`read`] does.
///
/// # Errors
/// As [`read`].
pub fn read_book(book: &Book, reader: Option<&str>) -> Result<Export, Problems> {
    let (export, problems) = examine(book, reader)?;
    debug_assert!(!problems.0.is_empty() || export.kind == ExportKind::Endpoint);
    problems.or(export)
}
