//! The files of plates that belong to no study: exports and a layout are read, and everything that is wrong or left open is said at once.

use std::path::{Path, PathBuf};

use super::exports::{Exports, NamedPlate};
use super::one_study;
use super::plate_layouts::Layouts;
use super::plates::{ReadyPlate, ReadyPlates};
use crate::files::{Input, InputFile};
use crate::plate::declared::{self, DeclaredPlate, TakenFor};
use crate::plate::export_answers::ExportAnswers;
use crate::plate::formats::{self, DescribedFormat};
use crate::plate::named_series;
use crate::plate::{Export, ExportedPlate, Layout, WellRole};
use crate::protocol::{Assay, MethodOptions, PlateEntry, SampleNames};
use crate::sheet::{Code, Problem, Problems};

/// The files of plates that belong to no study, and what is said of them.
///
/// ```
/// use platewise::files::Input;
/// use platewise::pipeline::{OpenedPlates, PlateFiles};
/// use platewise::protocol::{MethodOptions, Criteria};
///
/// let file = |name: &str| Ok::<_, std::io::Error>(Input::in_memory(name, &std::fs::read(name)?));
/// let asked = MethodOptions { unit: Some("pg/mL".into()), read_nm: Some(450.0), reference_nm: Some(570.0), ..MethodOptions::by_preset(Criteria::Research) };
/// let mut files = PlateFiles::new(vec![file("plates/exports/P01.txt")?], asked);
/// files.layout = Some(file("plates/layouts/P01.csv")?);
/// files.dilution = Some(10.0);
/// let OpenedPlates::Ready(plates) = files.open()? else { return Err("nothing to confirm".into()) };
/// let run = plates.evaluate(&|_| {})?;
/// assert!(run.plates[0].verdict.verdict.is_accepted() && run.results.len() > 30);
/// // Nothing of a trial is in what it shows.
/// assert!(run.report().protocol.trial.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct PlateFiles {
    /// The exports. Where there are several files and one of them is no export, that one is the layout.
    pub exports: Vec<Input>,
    /// The layout of all plates; where there is none, each export has to say what is in its wells.
    pub layout: Option<Input>,
    /// The sheet of the layout, where it is a workbook with several.
    pub layout_sheet: Option<String>,
    /// The reader whose format the exports have; recognised by content where it is not said.
    pub reader: Option<String>,
    /// The description of their format that `reader` names, where it is the file of one.
    pub described: Option<DescribedFormat>,
    /// The column that holds the readings, where the exports are plain tables whose titles do not say it.
    pub column: Option<String>,
    /// What is said of things that the exports leave open.
    pub answers: ExportAnswers,
    /// The dilution factor, ≥ 1, of every sample whose layout says none.
    pub dilution: Option<f64>,
    /// The codes of layouts in the exports that a person has seen and found right.
    pub confirmed: Vec<String>,
    /// How the plates are evaluated.
    pub asked: MethodOptions,
    /// The file of the method, for the record.
    pub method_file: Option<InputFile>,
}

/// Plates whose files were read.
///
/// See [`PlateFiles`] for an example.
#[derive(Debug)]
pub enum OpenedPlates {
    /// They can be evaluated.
    Ready(Box<ReadyPlates>),
    /// Layouts that the exports hold have to be confirmed by a person first.
    Unconfirmed {
        /// Those that are not.
        layouts: Vec<UnconfirmedLayout>,
        /// The codes of those that are.
        confirmed: Vec<String>,
    },
}

/// A layout that an export holds and nobody has confirmed.
///
/// ```
/// use platewise::files::Input;
/// use platewise::pipeline::{OpenedPlates, PlateFiles};
/// use platewise::protocol::{MethodOptions, Criteria};
///
/// let name = "plates/exports/P01.txt";
/// let asked = MethodOptions { unit: Some("pg/mL".into()), read_nm: Some(450.0), ..MethodOptions::by_preset(Criteria::Research) };
/// let files = || PlateFiles::new(vec![Input::in_memory(name, &std::fs::read(name).unwrap())], asked.clone());
/// let OpenedPlates::Unconfirmed { layouts, .. } = files().open()? else { return Err("it holds its layout".into()) };
/// let code = layouts[0].declared.code();
/// let confirmed = PlateFiles { confirmed: vec![code], dilution: Some(10.0), ..files() };
/// assert!(matches!(confirmed.open()?, OpenedPlates::Ready(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct UnconfirmedLayout {
    /// The plate.
    pub plate: String,
    /// What its export says of its wells.
    pub declared: DeclaredPlate,
    /// Names that may be one sample in a dilution series, and what to say then.
    pub series: Option<String>,
}

impl PlateFiles {
    /// Exports that say themselves what is in their wells.
    pub fn new(exports: Vec<Input>, asked: MethodOptions) -> Self {
        let (layout, layout_sheet, reader, column, dilution, method_file) = (None, None, None, None, None, None);
        let (answers, confirmed) = (ExportAnswers::default(), Vec::new());
        let described = None;
        Self {
            exports,
            layout,
            layout_sheet,
            reader,
            described,
            column,
            answers,
            dilution,
            confirmed,
            asked,
            method_file,
        }
    }

    /// Reads the files and says of each plate what is in its wells.
    ///
    /// # Errors
    /// Everything that keeps all of the plates from being evaluated, at once. Of several plates some may be unreadable: they have
    /// their row among the others.
    pub fn open(mut self) -> Result<OpenedPlates, Problems> {
        let inputs = std::mem::take(&mut self.exports);
        let (reader, column) = (self.reader.as_deref(), self.column.as_deref());
        let mut exports = Exports::read(inputs, formats::ReadOptions::said(reader, self.described.as_ref(), column));
        if self.layout.is_none() {
            self.layout = take_layout(&mut exports);
        }
        let named = plates_with_reads(&exports);
        if named.iter().all(|plate| plate.plate.is_none()) {
            return Err(exports.all_read().err().unwrap_or_default());
        }
        let mut problems = exports.answer(&self.answers).err().unwrap_or_default();
        let assay = self.asked.assay(exports.unit());
        problems.extend(assay.as_ref().err().cloned().unwrap_or_default());
        problems.extend(Problems(which_read(&exports, &named, assay.as_ref().ok())));
        let Ok(mut assay) = assay else {
            // What is wrong with the layout whatever the unit is said with it.
            let unit = self.layout.as_ref().and_then(|_| self.asked.assay(Some(ANY_UNIT)).ok());
            if let (Some(assay), Some(input)) = (unit, &self.layout) {
                let wrong = Layouts::read(input, self.layout_sheet.as_deref(), &assay, &named)
                    .and_then(|layouts| layouts.sound());
                problems.extend(wrong.err().unwrap_or_default());
            }
            return Err(problems);
        };
        if named.len() > 1 {
            // One layout, or names that each export counts from 1: a name is a sample on its plate.
            assay.reportable.samples = SampleNames::PerPlate;
        }
        let of_file =
            self.layout.as_ref().map(|input| Layouts::read(input, self.layout_sheet.as_deref(), &assay, &named));
        if let Some(Err(wrong)) = &of_file {
            problems.extend(wrong.clone());
        }
        let (mut unconfirmed, mut confirmed, mut plates) = (Vec::new(), Vec::new(), Vec::new());
        for named in named {
            let mut entry = self.entry(&named, &exports);
            let read = match (exports.files[named.export].export.as_ref(), exports.exported(&named)) {
                (Ok(export), Some(plate)) => {
                    let export = only(export, plate);
                    let layout = match &of_file {
                        Some(layouts) => layouts.as_ref().map_err(Problems::clone).and_then(|layouts| {
                            if let Some(sheet) = layouts.sheet_of(&named.id) {
                                entry.layout_sheet = Some(sheet);
                            }
                            layouts.of(&named.id)
                        }),
                        None => declared::layout(&entry, &export, &assay, TakenFor::PlatesAlone)
                            .inspect(|declared| {
                                let code = declared.code();
                                if self.confirmed.contains(&code) {
                                    confirmed.push(code);
                                } else {
                                    unconfirmed.push(UnconfirmedLayout {
                                        plate: named.id.clone(),
                                        declared: declared.clone(),
                                        series: named_series::proposed(plate),
                                    });
                                }
                            })
                            .map(|declared| declared.layout),
                    };
                    layout.and_then(|layout| self.with_dilutions(layout)).map(|layout| (export, layout))
                }
                (Err(wrong), _) => Err(wrong.clone()),
                (Ok(_), None) => Err(Problems::default()),
            };
            assay.plates.push(entry);
            plates.push(ReadyPlate { named, read });
        }
        if plates.iter().all(|plate| plate.read.is_err()) {
            let wrong = plates.iter().filter_map(|plate| plate.read.as_ref().err()).flat_map(|wrong| wrong.0.clone());
            for problem in wrong {
                if !problems.0.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
        problems.or(())?;
        if !unconfirmed.is_empty() {
            return Ok(OpenedPlates::Unconfirmed { layouts: unconfirmed, confirmed });
        }
        let inputs = exports.files.iter().map(|file| record_of(&file.input));
        let described = self.described.as_ref().map(|format| Input::in_memory(&format.file, format.text.as_bytes()));
        let inputs = inputs.chain(self.layout.as_ref().map(record_of)).chain(described.as_ref().map(record_of));
        let inputs = inputs.chain(self.method_file).collect();
        let shared_layout = matches!(of_file, Some(Ok(Layouts::Shared(_)))) && plates.len() > 1;
        Ok(OpenedPlates::Ready(Box::new(ReadyPlates { assay, exports, plates, inputs, shared_layout })))
    }

    fn entry(&self, named: &NamedPlate, exports: &Exports) -> PlateEntry {
        PlateEntry {
            id: named.id.clone(),
            export: PathBuf::from(&exports.files[named.export].input.name),
            plate: named.called.clone(),
            layout: self.layout.as_ref().map_or_else(|| "from-export".into(), |layout| PathBuf::from(&layout.name)),
            confirmed: None,
            layout_sheet: self.layout_sheet.clone(),
            reader: self.reader.clone(),
            column: self.column.clone(),
            kit_lot: None,
            kit_expiry: None,
            read_on: None,
            repeats: Vec::new(),
        }
    }

    /// The layout with the dilution of every sample.
    fn with_dilutions(&self, mut layout: Layout) -> Result<Layout, Problems> {
        let mut without = Vec::new();
        for well in layout.wells.values_mut() {
            if let WellRole::Sample { id, dilution: dilution @ None } = &mut well.role {
                *dilution = self.dilution;
                if self.dilution.is_none() && !without.contains(id) {
                    without.push(id.clone());
                }
            }
        }
        let Some(first) = without.first() else { return Ok(layout) };
        let found = match without.len() {
            1 => format!("the sample '{first}' has no dilution"),
            several => format!("{several} samples have no dilution, such as '{first}'"),
        };
        Err(Problem::new(Code::new("dilution-not-said"), layout.location.clone(), found)
            .expected("the factor of each sample in the layout, or --dilution for all that say none: 10 for one part in ten, 1 for neat samples")
            .into())
    }
}

/// The record of a file, called as the user named it.
fn record_of(input: &Input) -> InputFile {
    InputFile { file: input.name.replace('\\', "/"), ..InputFile::new(Path::new("file"), &input.bytes) }
}

/// The one of several files that is no export; of several of them the last.
fn take_layout(exports: &mut Exports) -> Option<Input> {
    let others: Vec<usize> =
        exports.files.iter().enumerate().filter(|(_, file)| file.export.is_err()).map(|(at, _)| at).collect();
    let at = *others.last().filter(|_| exports.files.len() > 1)?;
    let layout = exports.files[at].input.clone();
    let inputs = exports.files.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, file)| file);
    let files: Vec<_> = inputs.cloned().collect();
    *exports = Exports::of_files(files);
    Some(layout)
}

/// The plates that can be evaluated: those of which nothing but a kinetic read or a scan is in the file are none.
fn plates_with_reads(exports: &Exports) -> Vec<NamedPlate> {
    let has_reads = |plate: &&NamedPlate| exports.exported(plate).is_none_or(|plate| !plate.reads.is_empty());
    exports.plates.iter().filter(has_reads).cloned().collect()
}

/// The export with one of its plates only.
fn only(export: &Export, plate: &ExportedPlate) -> Export {
    Export { plates: vec![plate.clone()], ..export.clone() }
}

/// What is to be said where a plate was read at several wavelengths, and nobody has said at which it is analysed.
fn which_read(exports: &Exports, named: &[NamedPlate], assay: Option<&Assay>) -> Vec<Problem> {
    if assay.is_none_or(|assay| assay.method.read_nm.is_some() || assay.method.derived.is_some()) {
        return Vec::new();
    }
    let (proposed, _) = exports.as_one_study();
    let mut options: Vec<String> = proposed.read.map(|nm| format!("--read {nm}")).into_iter().collect();
    options.extend(proposed.reference.map(|nm| format!("--reference {nm}")));
    let usual = proposed.reference.is_some() || proposed.read.is_some_and(one_study::is_tmb);
    let several = named.iter().filter_map(|named| exports.exported(named)).filter_map(|plate| {
        let raw: Vec<String> =
            plate.reads.iter().filter(|read| !read.derived).map(|read| format!("'{}'", read.short_name())).collect();
        let found = format!("{} raw reads, and nothing says which of them is analysed: {}", raw.len(), raw.join(", "));
        let problem = Problem::new(Code::new("read-not-said"), plate.location.clone(), found)
            .expected("--read with its wavelength, and --reference where one is subtracted");
        (raw.len() > 1).then(|| {
            let each: Vec<String> = wavelengths(plate).iter().map(|nm| format!("--read {nm}")).collect();
            match (options.is_empty(), usual) {
                (true, _) => problem,
                (false, true) => problem.advice(format!("Probably: {}", options.join(" "))),
                // Two assays, or a ratio of two: neither is the other's reference.
                (false, false) => problem.advice(format!("Each may be an assay by itself: {}", each.join(", or "))),
            }
        })
    });
    several.collect()
}

/// The wavelengths of the raw reads of a plate, each once.
fn wavelengths(plate: &ExportedPlate) -> Vec<f64> {
    let mut all: Vec<f64> =
        plate.reads.iter().filter(|read| !read.derived).filter_map(|read| read.wavelength_nm).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all
}

/// The unit of an assay whose unit nobody has said: every unit in a layout is as good.
const ANY_UNIT: &str = "";
