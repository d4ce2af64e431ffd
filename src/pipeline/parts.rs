//! A study in parts: each part reads and fits some of its plates, on any machine, and takes along every file that it read; all of them
//! together give the results of one run.
//!
//! What is pooled is computed where the parts are put together, from all plates: a variance parameter that the plates have in common
//! (the fits are then made there too), the error that wells of a sample share, control charts, kit lots, whether a plate was read
//! twice, identities, and one result per sample. A part that is damaged or of another program costs time, not truth: its plates are
//! read and fitted again, from the copies that it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::cache::Cache;
use super::judge::{evaluate, excluded};
use super::study_files::{StudyFiles, WantedPlates};
use super::threads::with_threads;
use crate::files::{self, GatheredFile, InputFile, InputFolder, OutputFile};
use crate::plate::AssayPlate;
use crate::protocol::{self, ParameterFrom, PlateEntry, STUDY_FILE};
use crate::record::{ALLOWED_SIGNERS, RUN_FILE, SIGNATURES, opening::OPENINGS_FILE};
use crate::sheet::{Code, Location, Problem, Problems, plain_file};

/// What a part says of itself.
const PART_FILE: &str = "part.json";
/// The folder of the copies of the files of the study, but of an analyte of several: that has its own name.
const STUDY: &str = "study";
/// What was read and fitted.
const CACHE: &str = "read-and-fitted.cache";

/// What a part of a study holds.
///
/// See [`part`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRecord {
    /// The study.
    pub study: String,
    /// The folder of the part in which the copies of its files are; those of a study above it stand beside that folder.
    pub folder: String,
    /// Its plates, in the order of the study.
    pub plates: Vec<String>,
    /// The files that were read, of which the part holds a copy.
    pub inputs: Vec<InputFile>,
    /// Files that could not be read.
    pub refused: Vec<RefusedFile>,
    /// What is no input and still shown by a run: openings of the arms, signatures, the record of the last run.
    pub beside: Vec<InputFile>,
}

/// A file of a study that could not be read when the part was made.
///
/// See [`part`] for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFile {
    /// Its name in the study.
    pub file: String,
    /// What kind of problem it is.
    pub code: Code,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub advice: String,
}

/// A part of a study: some of its plates, read and fitted.
///
/// See [`part`] for an example.
#[derive(Debug, Clone)]
pub struct StudyPart {
    /// What it holds.
    pub record: PartRecord,
    /// Its files.
    pub files: Vec<OutputFile>,
    /// What is wrong with plates that could not be read.
    pub problems: Vec<Problem>,
}

/// Reads and fits the plates of a study that `wanted` names: `P01-P12,P20`, by their order in `study.toml`, or `3/20`, the third of twenty
/// parts of about the same size. Blind: the list of arms is neither opened nor hashed.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{AllowedContents, InputFolder, LinkPolicy, OutputFolder};
/// use platewise::pipeline::{self, Cache, RunOptions};
///
/// let study = InputFolder::new(Path::new("plates"), LinkPolicy::Refused);
/// let place = std::env::temp_dir().join(format!("platewise-parts-{}", std::process::id()));
/// let mut parts = Vec::new();
/// for wanted in ["1/2", "2/2"] {
///     let part = pipeline::part(&study, wanted, None)?;
///     let folder = place.join(wanted.replace('/', "-of-"));
///     OutputFolder::claim(&folder, AllowedContents::Nothing, &|_| ())?.write(&part.files)?;
///     parts.push(folder);
/// }
/// let gathered = pipeline::gather(&parts)?;
/// let options = RunOptions { cache: Some(&gathered.cache), ..RunOptions::default() };
/// let together = pipeline::run(&gathered.study, &options, &|_| ())?;
/// let once = pipeline::run(&study, &RunOptions::default(), &|_| ())?;
/// assert_eq!(together.record.concentrations_sha256, once.record.concentrations_sha256);
/// assert_eq!(gathered.cache.made(), 0, "everything was read and fitted in the parts");
/// # std::fs::remove_dir_all(&place)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the study itself cannot be read, or names that are `wanted` are none of its plates.
pub fn part(study: &InputFolder, wanted: &str, threads: Option<usize>) -> Result<StudyPart, Problems> {
    with_threads(threads, || {
        let cache = Cache::empty();
        let read = StudyFiles::read_some(study, &|declared| chosen(wanted, declared), Some(&cache))?;
        fit(&read, &cache)?;
        let openings = read.protocol.trial.folder(Path::new("")).join(OPENINGS_FILE);
        let beside = beside(study.path(), &openings.display().to_string())?;
        let record = PartRecord {
            study: read.protocol.assay.study.id.clone(),
            folder: read.protocol.trial.analyte_folder().unwrap_or(STUDY).to_string(),
            plates: read.protocol.assay.plates.iter().map(|entry| entry.id.clone()).collect(),
            inputs: study.inputs(),
            refused: study.refused().into_iter().map(RefusedFile::from).collect(),
            beside: beside.iter().map(|(name, bytes)| InputFile::new(Path::new(name), bytes)).collect(),
        };
        let copy = |(name, bytes): (String, Vec<u8>)| OutputFile { name: place_of_copy(&record.folder, &name), bytes };
        let copies = study.all_read()?.into_iter().map(|input| (input.record.file.clone(), input.bytes.clone()));
        let mut files: Vec<OutputFile> = copies.chain(beside).map(copy).collect();
        files.push(OutputFile { name: CACHE.into(), bytes: cache.to_bytes() });
        files.push(OutputFile { name: PART_FILE.into(), bytes: json(&record)? });
        let problems = read.joined.into_iter().filter_map(Result::err).flatten().collect();
        Ok(StudyPart { record, files, problems })
    })
}

/// Fits the plates of a part as they count, and as they are without what decisions exclude. Where all plates have a variance parameter in
/// common, nothing is fitted before it is known.
fn fit(read: &StudyFiles, cache: &Cache) -> Result<(), Problems> {
    let assay = &read.protocol.assay;
    let method = &assay.method;
    if method.variance.has_parameter() && method.variance_parameter_from == ParameterFrom::Study {
        return Ok(());
    }
    let excluded = excluded(&read.joined, &read.decisions)?;
    let plates: Vec<&AssayPlate> = read.joined.iter().flatten().chain(excluded.iter().flatten()).collect();
    plates.par_iter().for_each(|plate| drop(evaluate(plate, assay, Some(cache))));
    Ok(())
}

/// What is no input and still shown by a run: openings of the arms, signatures, the record of the last run.
fn beside(study: &Path, openings: &str) -> Result<Vec<(String, Vec<u8>)>, Problems> {
    let signatures = files::names_in(&study.join(SIGNATURES)).unwrap_or_default();
    let signatures = signatures.iter().map(|name| format!("{SIGNATURES}/{name}"));
    let names =
        signatures.chain([ALLOWED_SIGNERS.to_string(), format!("results/{RUN_FILE}")]).chain([openings.to_string()]);
    let mut problems = Problems::default();
    let mut found = Vec::new();
    for name in names.filter(|name| study.join(name).is_file()) {
        match plain_file::read(&study.join(&name)) {
            Ok(bytes) => found.push((name, bytes)),
            Err(error) => problems.push(error.problem(&name)),
        }
    }
    problems.or(found)
}

/// Where the copy of a file of the study is in a part.
fn place_of_copy(folder: &str, file: &str) -> String {
    file.strip_prefix("../").map_or_else(|| format!("{folder}/{file}"), str::to_string)
}

fn json(record: &PartRecord) -> Result<Vec<u8>, Problem> {
    let mut bytes = serde_json::to_vec_pretty(record)
        .map_err(|error| Problem::new(Code::new("part-not-described"), Location::file(PART_FILE), error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

impl From<(PathBuf, Problem)> for RefusedFile {
    fn from((path, problem): (PathBuf, Problem)) -> Self {
        let Problem { code, found, expected, advice, .. } = problem;
        Self { file: InputFile::new(&path, b"").file, code, found, expected, advice }
    }
}

impl RefusedFile {
    fn problem(&self) -> Problem {
        Problem::new(self.code.clone(), Location::file(self.file.as_str()), self.found.as_str())
            .expected(self.expected.as_str())
            .advice(self.advice.as_str())
    }
}

/// The plates that a text names.
fn chosen(text: &str, declared: &[PlateEntry]) -> WantedPlates {
    let at = |name: &str| declared.iter().position(|entry| entry.id == name.trim());
    let wrong = |found: String| {
        let known: Vec<&str> = declared.iter().map(|entry| entry.id.as_str()).collect();
        let known = match known.as_slice() {
            [first, .., last] if known.len() > 12 => format!("plates of study.toml, from {first} to {last}"),
            known => format!("plates of study.toml: {}", known.join(", ")),
        };
        Problem::new(Code::new("part-of-unknown-plates"), Location::file("--plates"), found)
            .expected(format!("{known}; such as P01-P12,P20, or 3/20 for the third of twenty parts"))
    };
    let names = |places: std::ops::Range<usize>| declared[places].iter().map(|entry| entry.id.clone());
    let share = |(part, of): (&str, &str)| Some((part.trim().parse::<usize>().ok()?, of.trim().parse::<usize>().ok()?));
    if let (None, Some((part, of))) = (at(text), text.split_once('/').and_then(share)) {
        if part == 0 || part > of {
            return Err(wrong(format!("there is no part {part} of {of}")));
        }
        let edge = |part: usize| (declared.len() as u128 * part as u128 / of as u128) as usize;
        return Ok(names(edge(part - 1)..edge(part)).collect());
    }
    let mut chosen = BTreeSet::new();
    for one in text.split(',') {
        // A name may itself have a hyphen in it.
        let range = |(hyphen, _): (usize, &str)| Some((at(&one[..hyphen])?, at(&one[hyphen + 1..])?));
        let ranges: Vec<(usize, usize)> = one.match_indices('-').filter_map(range).collect();
        match (at(one), ranges.as_slice()) {
            (Some(place), _) => chosen.extend(names(place..place + 1)),
            (None, &[(first, last)]) if first <= last => chosen.extend(names(first..last + 1)),
            (None, _) => return Err(wrong(format!("'{}' names no plates", one.trim()))),
        }
    }
    Ok(chosen)
}

/// The parts of a study, put together.
///
/// See [`part`] for an example.
#[derive(Debug)]
pub struct GatheredStudy {
    /// Its files, wherever their copies are.
    pub study: InputFolder,
    /// What the parts read and fitted.
    pub cache: Cache,
    /// Number of its plates.
    pub plates: usize,
}

/// Puts the parts of a study together, in whatever order.
///
/// # Errors
/// A folder that is no part, parts of different studies or of different states of one, plates that are in none. All of them at once.
pub fn gather(parts: &[PathBuf]) -> Result<GatheredStudy, Problems> {
    let mut problems = Problems::default();
    let mut gathered = GatheredParts::default();
    let mut cache = Cache::empty();
    for folder in parts {
        match record(folder) {
            Ok(record) => {
                gathered.add(folder, record, &mut problems);
                cache = cache.with(&plain_file::read_own(&folder.join(CACHE)).unwrap_or_default());
            }
            Err(problem) => problems.push(problem),
        }
    }
    problems.or(())?;
    let study = InputFolder::gathered(&gathered.root, gathered.files);
    let declared = protocol::read_from(&study)?.assay.plates;
    let without: Vec<&str> =
        declared.iter().map(|entry| entry.id.as_str()).filter(|id| !gathered.plates.contains(*id)).collect();
    if !without.is_empty() {
        let found = format!("no part holds {}", counted_plates(&without));
        return Err(Problem::new(Code::new("part-missing"), Location::file(STUDY_FILE), found)
            .expected("every plate of the study in a part")
            .advice(format!("Make the part: `platewise quantify STUDY --plates {} --out PART`", without.join(",")))
            .into());
    }
    Ok(GatheredStudy { study, cache, plates: declared.len() })
}

fn counted_plates(plates: &[&str]) -> String {
    match plates {
        [one] => format!("the plate {one}"),
        several if several.len() <= 12 => format!("the plates {}", several.join(", ")),
        [first, .., last] => format!("{} plates, from {first} to {last}", plates.len()),
        [] => "nothing".into(),
    }
}

/// What a folder says of itself as a part.
fn record(folder: &Path) -> Result<PartRecord, Problem> {
    let name = folder.join(PART_FILE).display().to_string();
    let bytes = plain_file::read(&folder.join(PART_FILE)).map_err(|error| {
        Problem::new(Code::new("part-unreadable"), Location::file(name.as_str()), error.to_string())
            .expected("a folder that `platewise quantify STUDY --plates PLATES --out PART` has written")
    })?;
    let damaged = |found: String| {
        Problem::new(Code::new("part-damaged"), Location::file(name.as_str()), found)
            .expected("what was written when the part was made")
            .advice("Make the part again")
    };
    let record: PartRecord = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
    let place = |input: &InputFile| place_of_copy(&record.folder, &input.file);
    match record.inputs.iter().find(|input| !files::is_inside(&place(input))) {
        Some(outside) => Err(damaged(format!("{} is no file of a part", outside.file))),
        None => Ok(record),
    }
}

#[derive(Default)]
struct GatheredParts {
    /// Where what is no input is found: in the first part.
    root: PathBuf,
    /// The first part, its study, and what is no input there.
    first: Option<(PathBuf, String, Vec<InputFile>)>,
    plates: BTreeSet<String>,
    files: BTreeMap<PathBuf, GatheredFile>,
    /// Which part each file came from, and the hash that it has there.
    known: BTreeMap<String, (PathBuf, String)>,
}

impl GatheredParts {
    fn add(&mut self, folder: &Path, part: PartRecord, problems: &mut Problems) {
        let shown = folder.display().to_string();
        let (first, study, beside) = self.first.get_or_insert_with(|| {
            self.root = folder.join(&part.folder);
            (folder.to_path_buf(), part.study.clone(), part.beside.clone())
        });
        if *study != part.study {
            let found = format!("is a part of the study '{}', and {} one of '{study}'", part.study, first.display());
            problems.push(Problem::new(Code::new("parts-of-two-studies"), Location::file(shown), found));
            return;
        }
        if *beside != part.beside {
            let found = format!(
                "signatures, openings of the arms or the last results are not what they are in {}",
                first.display()
            );
            problems.push(differ(&shown, found));
        }
        let mut differs = |file: &str, hash: String| {
            let (other, known) = self.known.entry(file.to_string()).or_insert((folder.to_path_buf(), hash.clone()));
            if *known != hash {
                problems.push(differ(&shown, format!("{file} is not what it is in {}", other.display())));
            }
        };
        for record in part.inputs {
            differs(&record.file, format!("{} {}", record.sha256, record.link_to.as_deref().unwrap_or("")));
            let place = folder.join(place_of_copy(&part.folder, &record.file));
            self.files.insert(PathBuf::from(&record.file), GatheredFile::Copy { place, record });
        }
        for refused in part.refused {
            differs(&refused.file, refused.found.clone());
            self.files.insert(PathBuf::from(&refused.file), GatheredFile::Refused(refused.problem()));
        }
        self.plates.extend(part.plates);
    }
}

fn differ(part: &str, found: String) -> Problem {
    Problem::new(Code::new("parts-differ"), Location::file(part), found)
        .expected("parts of one study, made from the same files")
        .advice("Make the older part again")
}
