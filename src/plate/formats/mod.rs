//! The formats of plate readers: one file each, behind one trait.
//!
//! A format is recognised by what stands in the file, never by its name. The special formats are asked first; where none
//! knows the file, the general ones (grids, tables) are. Two that accept are never chosen between: the user is asked.
//! To add a format, write its file and add its line to [`FORMATS`].

mod copies;
mod described;
mod doubts;
mod draft;
mod finish;
mod format;
mod grid;
mod left_out;
mod rest;
mod sheets;
mod time;
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
mod glomax_list;
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

pub use described::{DescribedFormat, propose};
pub(in crate::plate) use doubts::fractions;
pub use draft::Draft;
pub use format::{Description, Format};

use draft::ReadingColumn;
use sheets::Sheets;

use super::read::{Export, ExportKind};
use crate::sheet::{Book, Code, Location, Problem, Problems, Sheet};

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

/// The format that a file is said to be in.
///
/// See [`DescribedFormat`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reader<'a> {
    /// One of [`FORMATS`], by its name.
    Named(&'a str),
    /// One that a file describes.
    Described(&'a DescribedFormat),
}

/// How a file is to be read, where that is not left to what stands in it. A name alone is that of the reader.
///
/// ```
/// use platewise::plate::formats::{self, ReadOptions};
/// use platewise::sheet::Book;
///
/// // `TARC` says neither what was measured nor at which wavelength: by itself it is no column of readings.
/// let book = Book::from_bytes(b"well,box,TARC\nA1,3,0.1\nA2,3,0.2\n", "plate.csv")?;
/// let asked = ReadOptions { column: Some("TARC"), ..ReadOptions::default() };
/// let (export, _) = formats::examine(&book, asked)?;
/// assert_eq!(export.plates[0].reads[0].label, "TARC");
/// assert!(formats::read_book(&book, None).is_err());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct ReadOptions<'a> {
    /// The format.
    pub reader: Option<Reader<'a>>,
    /// The title of the column of a plain table that holds the readings.
    pub column: Option<&'a str>,
}

impl<'a> From<Option<&'a str>> for ReadOptions<'a> {
    fn from(reader: Option<&'a str>) -> Self {
        Self { reader: reader.map(Reader::Named), column: None }
    }
}

impl<'a> ReadOptions<'a> {
    /// As somebody says: the name of a reader, or the description that was read from the file of that name, and the column of readings.
    pub fn said(reader: Option<&'a str>, described: Option<&'a DescribedFormat>, column: Option<&'a str>) -> Self {
        let reader = described.map(Reader::Described).or_else(|| reader.map(Reader::Named));
        Self { reader, column }
    }
}

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

/// All formats as a table in Markdown: what the guide shows.
pub fn markdown_table() -> String {
    let mut table = String::from("| format | written by | `--reader` |\n|---|---|---|\n");
    for format in FORMATS {
        let Description { name, title, written_by, provisional, .. } = format.description();
        let mark = if provisional { " *(provisional)*" } else { "" };
        table += &format!("| {title}{mark} | {written_by} | `{name}` |\n");
    }
    table
}

/// The format that a file is in; the formats, where the sheets of a workbook are those of several programs.
///
/// # Errors
/// None or several: a problem that says for each format why not, or which ones accept.
pub fn recognise(book: &Book, reader: Option<&str>) -> Result<Vec<&'static dyn Format>, Problem> {
    if let Some(name) = reader {
        return named(book, name).map(|format| vec![format]);
    }
    let mut refusals = Vec::new();
    for general in [false, true] {
        let accepting = accepting(book, general, &mut refusals);
        if accepting.len() == 1 || !general && Sheets::of(book, &accepting).is_some() {
            return Ok(accepting);
        }
        if !accepting.is_empty() {
            return Err(several(book, &accepting));
        }
    }
    Err(unknown(book, &refusals))
}

/// The format of that name, if the file is in it.
fn named(book: &Book, name: &str) -> Result<&'static dyn Format, Problem> {
    let file = Location::file(book.file.clone());
    let format = by_name(name).map_err(|words| Problem::new(Code::new("reader-unknown"), file, words))?;
    known(book, format)
}

/// The format, if the file is in it.
fn known<'f>(book: &Book, format: &'f dyn Format) -> Result<&'f dyn Format, Problem> {
    format.recognise(book).map(|()| format).map_err(|why| {
        Problem::new(
            Code::new("reader-does-not-know-file"),
            Location::file(book.file.clone()),
            format!("the file is not in the format {}: {why}", format.description().title),
        )
        .advice("Leave the reader out to have the format recognised")
    })
}

/// The formats that accept a file; what the others missed goes to `refusals`.
fn accepting(book: &Book, general: bool, refusals: &mut Vec<String>) -> Vec<&'static dyn Format> {
    let mut accepting = Vec::new();
    for format in FORMATS.iter().filter(|format| format.description().general == general) {
        match format.recognise(book) {
            Ok(()) => accepting.push(*format),
            Err(why) => refusals.push(format!("\n  {}: {why}", format.description().title)),
        }
    }
    accepting
}

fn several(book: &Book, accepting: &[&'static dyn Format]) -> Problem {
    let names: Vec<&str> = accepting.iter().map(|format| format.description().name).collect();
    Problem::new(
        Code::new("format-ambiguous"),
        Location::file(book.file.clone()),
        format!("the file can be read as {}", names.join(" and as ")),
    )
    .expected("exactly one format")
    .advice("Name the reader")
}

fn unknown(book: &Book, refusals: &[String]) -> Problem {
    Problem::new(Code::new("format-unknown"), Location::file(book.file.clone()), "the format of this file is not known")
        .expected("the export of a plate reader, a plate-shaped grid, or a table with one row per well")
        .advice(format!(
            "Export the plate from the reader's software as a table or as text, or describe the format: 'platewise inspect --propose FILE' writes a \
             description to check. What each reader missed:{}",
            refusals.concat()
        ))
}

/// The workbook with the sheet of a program in front, where that program is not known by the workbook as it is: people put sheets of their
/// own there, and several programs write one sheet only. Every cell keeps its sheet's name.
fn program_first(book: &Book) -> Option<Book> {
    if book.sheets.len() < 2 {
        return None;
    }
    let special = FORMATS.iter().filter(|format| !format.description().general);
    let unseen: Vec<_> = special.filter(|format| format.recognise(book).is_err()).collect();
    let is_known = |sheet: &Sheet| {
        let alone = Book { file: book.file.clone(), sheets: vec![sheet.clone()] };
        !sheet.hidden && unseen.iter().any(|format| format.recognise(&alone).is_ok() && format.has_head(sheet))
    };
    let at = book.sheets.iter().position(is_known)?;
    let mut reordered = book.clone();
    reordered.sheets[..=at].rotate_right(1);
    Some(reordered)
}

/// What the name of a read says besides how it was measured: the assay, where the file has one for each of several. Numbers and single
/// letters count reads and name nothing.
///
/// ```
/// use platewise::plate::formats::assay_in;
///
/// assert_eq!(assay_in("nitrite:540").as_deref(), Some("nitrite"));
/// assert_eq!((assay_in("OD450:450"), assay_in("Label2"), assay_in("Raw")), (None, Some("Label".into()), None));
/// ```
pub fn assay_in(label: &str) -> Option<String> {
    let rest = title::Title::of(label).plate?;
    let words = rest.split_whitespace().map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()));
    let words: Vec<&str> = words.filter(|word| word.chars().count() > 1).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The number of the read step that the name of a read says, where it says one: reads of two steps are of two measurements.
///
/// ```
/// use platewise::plate::formats::step_in;
///
/// assert_eq!((step_in("Read 2:570"), step_in("Step 1: 450 nm")), (Some(2), Some(1)));
/// assert_eq!((step_in("450"), step_in("Label2"), step_in("Raw Data (450 1)")), (None, None, None));
/// ```
pub fn step_in(label: &str) -> Option<u32> {
    let lower = label.to_lowercase();
    let rest = ["read", "step"].iter().find_map(|word| lower.strip_prefix(word))?.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok().filter(|_| digits <= 2)
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
pub fn examine<'a>(book: &Book, asked: impl Into<ReadOptions<'a>>) -> Result<(Export, Problems), Problems> {
    let asked = asked.into();
    let reordered = program_first(book);
    let book = reordered.as_ref().unwrap_or(book);
    match asked.reader {
        Some(Reader::Named(name)) => return Ok(read_as(book, &[named(book, name)?], asked)),
        Some(Reader::Described(format)) => return Ok(read_as(book, &[known(book, format)?], asked)),
        None => {}
    }
    let (mut refusals, mut empty) = (Vec::new(), None);
    for general in [false, true] {
        let accepting = accepting(book, general, &mut refusals);
        let readings = if general || Sheets::of(book, &accepting).is_none() {
            // Each by itself: a format that finds no plate does not stand beside one that does.
            accepting.iter().map(|format| read_as(book, &[*format], asked)).collect()
        } else {
            vec![read_as(book, &accepting, asked)]
        };
        let (found, without): (Vec<_>, Vec<_>) = readings.into_iter().partition(finds_something);
        empty = empty.or(without.into_iter().next());
        match found.len() {
            0 => {}
            1 if general && empty.is_some() && !found[0].1.0.is_empty() => break,
            1 => return found.into_iter().next().ok_or_else(Problems::default),
            _ => return Err(several(book, &accepting).into()),
        }
    }
    empty.ok_or_else(|| unknown(book, &refusals).into())
}

/// Reads a file in a format, or each of its sheets in the one of several that it is in.
fn read_as(book: &Book, accepting: &[&dyn Format], asked: ReadOptions<'_>) -> (Export, Problems) {
    let special: Vec<&'static dyn Format> =
        FORMATS.iter().copied().filter(|format| !format.description().general).collect();
    let is_general = accepting.iter().any(|format| format.description().general);
    // Whose sheets these are is asked of every format, also where the user names one.
    let sheets = if is_general || book.sheets.len() < 2 { None } else { Sheets::of(book, &special) };
    let mut whole: Option<Draft<'_>> = None;
    let mut titles = Vec::new();
    for format in accepting {
        let title = format.description().title;
        let mut draft = Draft::new(book);
        draft.is_named = asked.reader.is_some();
        draft.column = asked.column.map(|title| ReadingColumn { title: title.trim().to_string(), is_found: false });
        if let Some(sheets) = &sheets {
            let at = special.iter().position(|known| known.description().name == format.description().name);
            let at = at.unwrap_or(special.len());
            if accepting.len() > 1 && !sheets.has_any(at) {
                continue; // It knows a sheet by its shape alone, beside others that have a head.
            }
            draft.hide(&sheets.hidden_from(at));
        }
        format.read(&mut draft);
        titles.push(title);
        whole = Some(match whole {
            None => draft,
            Some(mut whole) => {
                whole.append(draft);
                whole
            }
        });
    }
    let title = if let [only] = titles[..] { only } else { SEVERAL_PROGRAMS };
    whole.unwrap_or_else(|| Draft::new(book)).finish(title, is_general)
}

/// What an export is called whose sheets are those of several programs.
const SEVERAL_PROGRAMS: &str = "several programs";

/// Whether anything came of a reading, be it a refusal that says what the file is.
fn finds_something((export, problems): &(Export, Problems)) -> bool {
    let is_empty = export.plates.iter().all(|plate| plate.reads.is_empty() && plate.other.is_none());
    !(is_empty && problems.0.iter().any(|problem| problem.code == finish::NO_PLATE))
}

/// Reads the export at `path`, called `name` in messages, for analysis; `asked` names the format where it is not to be recognised,
/// or the column of the readings.
///
/// # Errors
/// Every problem found: the file cannot be read, no format or several know it, a well holds what is not a reading, or it holds
/// no end-point read (a kinetic read, a spectrum, another kind of assay).
pub fn read<'a>(path: &Path, name: &str, asked: impl Into<ReadOptions<'a>>) -> Result<Export, Problems> {
    read_book(&Book::open(path, name)?, asked)
}

/// Reads an export that is in memory already, as [`read`] does.
///
/// # Errors
/// As [`read`].
pub fn read_book<'a>(book: &Book, asked: impl Into<ReadOptions<'a>>) -> Result<Export, Problems> {
    let (export, problems) = examine(book, asked)?;
    debug_assert!(!problems.0.is_empty() || export.kind == ExportKind::Endpoint);
    problems.or(export)
}
