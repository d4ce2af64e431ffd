//! A study made from real exports: what they say of plates, wavelengths, units, samples; nothing is made up.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::STUDY;
use super::study_text::StudyText;
use crate::cli::Failure;
use crate::files::OutputFile;
use crate::plate::{Export, ExportedPlate, Mode, declared, formats};
use crate::protocol;
use crate::sheet::{Book, Location, Problem, Problems, plain_file};

/// The wavelengths between which ELISA protocols put the reference that is subtracted from a reading of stopped TMB, in nm.
const REFERENCE_NM: std::ops::RangeInclusive<f64> = 540.0..=630.0;
/// The wavelength of stopped TMB, the substrate of nearly every ELISA, in nm.
const TMB_NM: f64 = 450.0;

/// The study that the exports make.
pub(super) struct Draft {
    exports: Vec<ReadExport>,
    plates: Vec<DraftPlate>,
    reads: Reads,
    reader: Option<String>,
    doubts: Vec<Problem>,
}

struct ReadExport {
    export: Export,
    /// Its name in the study folder.
    name: String,
    bytes: Vec<u8>,
}

struct DraftPlate {
    id: String,
    /// Which export, and which plate of it.
    export: usize,
    plate: usize,
    /// How the study says which plate, where the export holds several.
    called: Option<String>,
    layout: String,
}

/// What is analysed, as far as the exports agree.
#[derive(Debug, Default, PartialEq)]
struct Reads {
    read: Option<f64>,
    reference: Option<f64>,
}

impl Draft {
    /// Reads the exports.
    ///
    /// # Errors
    /// Every problem of every export; a draft is made from exports that can be analysed.
    pub(super) fn read(paths: &[PathBuf], reader: Option<&str>) -> Result<Self, Failure> {
        let mut problems = Problems::default();
        let mut exports: Vec<ReadExport> = Vec::new();
        let mut taken = BTreeSet::new();
        for path in paths {
            let name = path.display().to_string();
            let bytes = plain_file::read(path).map_err(|error| Problems::from(error.problem(&name)));
            let read = bytes.and_then(|bytes| {
                let export = formats::read_book(&Book::from_bytes(&bytes, &name)?, reader)?;
                Ok((export, bytes))
            });
            match read {
                Ok((export, bytes)) => {
                    let name = free_name(&mut taken, &file_name(path));
                    exports.push(ReadExport { export, name, bytes });
                }
                Err(wrong) => problems.extend(wrong),
            }
        }
        problems.or(())?;
        let (plates, mut doubts) = name_plates(&exports);
        let all: Vec<&ExportedPlate> = exports.iter().flat_map(|read| &read.export.plates).collect();
        let reads = Reads::of(&all, &mut doubts);
        doubts.extend(shared_names(&all));
        Ok(Self { exports, plates, reads, reader: reader.map(str::to_string), doubts })
    }

    /// What should be known of the exports, and what the study cannot say by itself.
    pub(super) fn warnings(&self) -> Vec<Problem> {
        self.exports.iter().flat_map(|read| read.export.warnings.clone()).chain(self.doubts.clone()).collect()
    }

    /// The files of the study folder, by name.
    ///
    /// # Errors
    /// When a layout cannot be written.
    pub(super) fn files(&self, dir: &Path) -> Result<Vec<OutputFile>, Failure> {
        let file = |name: String, bytes: Vec<u8>| OutputFile { name, bytes };
        let mut files =
            vec![file("study.toml".into(), self.study(dir).into_bytes()), file("samples.csv".into(), self.samples()?)];
        for plate in &self.plates {
            let layout = declared::write(self.exported(plate)).map_err(in_words)?;
            files.push(file(format!("layouts/{}", plate.layout), layout));
        }
        files.extend(self.exports.iter().map(|read| file(format!("exports/{}", read.name), read.bytes.clone())));
        Ok(files)
    }

    /// What was found, in a line per plate.
    pub(super) fn describe(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\nFound:")?;
        for plate in &self.plates {
            let (read, exported) = (&self.exports[plate.export], self.exported(plate));
            let raw = exported.reads.iter().filter(|read| !read.derived).map(|read| read.short_name());
            let declared = match exported.samples.len() {
                0 => "nothing said of its wells".to_string(),
                wells => format!("{wells} wells with a name or a role"),
            };
            writeln!(
                out,
                "  {}: {}, {}, {}, {declared}",
                plate.id,
                read.export.format,
                exported.size,
                raw.collect::<Vec<_>>().join(" and ")
            )?;
        }
        Ok(())
    }

    fn exported(&self, plate: &DraftPlate) -> &ExportedPlate {
        &self.exports[plate.export].export.plates[plate.plate]
    }

    fn study(&self, dir: &Path) -> String {
        let name = std::path::absolute(dir).ok().and_then(|dir| Some(dir.file_name()?.to_string_lossy().into_owned()));
        let name = name.unwrap_or_else(|| "study".into());
        let mut text = StudyText::new(STUDY);
        text.set("study", "id", &protocol::quoted(&name));
        text.set("study", "title", &protocol::quoted(&name));
        text.comment_out("study", "simulated");
        if let Some(unit) = self.unit() {
            text.set("study", "unit", &protocol::quoted(&unit));
        }
        for (key, wavelength) in [("read", self.reads.read), ("reference", self.reads.reference)] {
            match wavelength {
                Some(nm) => text.set("method", key, &nm.to_string()),
                None => text.comment_out("method", key),
            }
        }
        // A threshold of the example, not of this study.
        text.comment_out("analysis", "responder_level");
        text.with_plates(&self.plate_entries())
    }

    fn plate_entries(&self) -> Vec<String> {
        let entry = |plate: &DraftPlate| {
            let mut lines = vec![
                "[[plate]]".to_string(),
                format!("id = {}", protocol::quoted(&plate.id)),
                format!("export = {}", protocol::quoted(&format!("exports/{}", self.exports[plate.export].name))),
            ];
            lines.extend(plate.called.as_ref().map(|name| format!("plate = {}", protocol::quoted(name))));
            lines.push(format!("layout = {}", protocol::quoted(&format!("layouts/{}", plate.layout))));
            lines.extend(self.reader.as_ref().map(|reader| format!("reader = {}", protocol::quoted(reader))));
            lines.join("\n")
        };
        self.plates.iter().map(entry).collect()
    }

    /// The unit of the standards, where the exports say one and the same.
    fn unit(&self) -> Option<String> {
        let samples = self.exports.iter().flat_map(|read| &read.export.plates).flat_map(|plate| plate.samples.values());
        let units: BTreeSet<&String> = samples.filter_map(|sample| sample.concentration_unit.as_ref()).collect();
        units.first().filter(|_| units.len() == 1).map(|unit| (*unit).clone())
    }

    /// The list of samples with the names that the exports declare, in the order of the plates.
    fn samples(&self) -> Result<Vec<u8>, Failure> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(["sample", "subject", "visit", "matrix", "dilution"]).map_err(in_words)?;
        let mut listed = BTreeSet::new();
        for plate in &self.plates {
            for name in sample_names(self.exported(plate)) {
                if listed.insert(name) {
                    writer.write_record([name, "", "", "", ""]).map_err(in_words)?;
                }
            }
        }
        writer.into_inner().map_err(|error| in_words(error.into_error()))
    }
}

impl Reads {
    /// The wavelengths that every plate has exactly once among its raw reads: 450 nm first, else the shortest; with it a
    /// reference, where there is one and no reader has subtracted it already.
    fn of(plates: &[&ExportedPlate], doubts: &mut Vec<Problem>) -> Self {
        let raw = |plate: &ExportedPlate| plate.reads.iter().filter(|read| !read.derived).cloned().collect::<Vec<_>>();
        let mut shared: Option<Vec<f64>> = None;
        let mut subtracted = false;
        for plate in plates {
            let reads = raw(plate);
            let all: Vec<f64> = reads.iter().filter_map(|read| read.wavelength_nm).collect();
            let once: Vec<f64> =
                all.iter().copied().filter(|nm| all.iter().filter(|other| *other == nm).count() == 1).collect();
            subtracted |= reads.iter().any(|read| read.reference_nm.is_some() || read.mode == Mode::Fluorescence);
            if reads.is_empty() {
                continue; // The export warns of it.
            }
            if reads.len() > 1 && once.len() < reads.len() {
                let names: Vec<String> = reads.iter().map(|read| format!("'{}'", read.short_name())).collect();
                doubts.push(
                    Problem::new(
                        plate.location.clone(),
                        format!(
                            "the wavelength does not tell its {} raw reads apart: {}",
                            reads.len(),
                            names.join(", ")
                        ),
                    )
                    .advice("Export the read that is analysed by itself, and its reference if there is one"),
                );
            }
            if all.is_empty() && reads.len() == 1 {
                continue; // The only read of a file that does not say its wavelength goes with any.
            }
            shared = Some(match shared {
                None => once,
                Some(shared) => shared.into_iter().filter(|nm| once.contains(nm)).collect(),
            });
        }
        let Some(mut shared) = shared else { return Self::default() };
        shared.sort_by(f64::total_cmp);
        let read = shared.iter().copied().find(|nm| (nm - TMB_NM).abs() < 0.5).or(shared.first().copied());
        if read.is_none() {
            doubts.push(
                Problem::new(Location::file("the exports"), "no wavelength is in all of them")
                    .advice("A study has one method: put plates that were read differently into studies of their own"),
            );
        }
        let others: Vec<f64> = shared.into_iter().filter(|nm| Some(*nm) != read).collect();
        let is_reference = |nm: &f64| {
            let (Some(read), false) = (read, subtracted) else { return false };
            (read - TMB_NM).abs() < 0.5
                && REFERENCE_NM.contains(nm)
                && plates.iter().all(|plate| are_of_one_assay(plate, read, *nm))
        };
        let reference = others.iter().copied().find(is_reference);
        if let (Some(read), None, false) = (read, reference, others.is_empty() || subtracted) {
            let listed: Vec<String> = others.iter().map(|nm| format!("{nm} nm")).collect();
            doubts.push(
                Problem::new(
                    Location::file("the exports"),
                    format!("read = {read} is proposed; {} is measured too, and not taken for its reference", listed.join(" and ")),
                )
                .advice(
                    "Set 'read' in study.toml to the wavelength of the assay, and 'reference' only if the second was measured to be \
                     subtracted from it",
                ),
            );
        }
        Self { read, reference }
    }
}

/// Whether the reads of a plate at two wavelengths are called after the same thing, or after nothing but how they were measured.
fn are_of_one_assay(plate: &ExportedPlate, one: f64, other: f64) -> bool {
    let assay = |nm: f64| {
        let mut reads = plate.reads.iter().filter(|read| !read.derived);
        reads.find(|read| read.wavelength_nm == Some(nm)).and_then(|read| formats::assay_in(&read.label))
    };
    assay(one) == assay(other)
}

/// Names for all plates: the file's name where it holds one plate, else what the file calls them.
fn name_plates(exports: &[ReadExport]) -> (Vec<DraftPlate>, Vec<Problem>) {
    let (mut plates, mut doubts) = (Vec::new(), Vec::new());
    let (mut ids, mut layouts) = (BTreeSet::new(), BTreeSet::new());
    for (export, read) in exports.iter().enumerate() {
        let several = read.export.plates.len() > 1;
        let stem = Path::new(&read.name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let names: Vec<Option<String>> =
            read.export.plates.iter().map(|plate| plate.name.clone().or(plate.id.clone())).collect();
        for (index, plate) in read.export.plates.iter().enumerate() {
            let called = names[index].clone().filter(|_| several);
            if several && names.iter().filter(|name| **name == called).count() > 1 {
                let found = match &called {
                    Some(name) => format!("several plates are called '{name}'"),
                    None => "several plates have no name".to_string(),
                };
                doubts.push(Problem::new(plate.location.clone(), found).advice(
                    "Export the plates under names of their own, or each into a file of its own: study.toml tells them apart by name",
                ));
            }
            let id = free_name(&mut ids, called.as_deref().unwrap_or(&stem));
            let layout = free_name(&mut layouts, &format!("{}.csv", safe(&id)));
            plates.push(DraftPlate { id, export, plate: index, called, layout });
        }
    }
    (plates, doubts)
}

fn sample_names(plate: &ExportedPlate) -> impl Iterator<Item = &String> {
    plate
        .samples
        .values()
        .filter(|sample| sample.role.as_deref() == Some("sample"))
        .filter_map(|sample| sample.name.as_ref())
}

/// Names such as `SPL1` that stand for another sample on every plate: to a study they are one sample.
fn shared_names(plates: &[&ExportedPlate]) -> Option<Problem> {
    let mut on: BTreeMap<&String, usize> = BTreeMap::new();
    for plate in plates {
        for name in sample_names(plate).collect::<BTreeSet<_>>() {
            *on.entry(name).or_default() += 1;
        }
    }
    let shared: Vec<&str> = on.into_iter().filter(|(_, plates)| *plates > 1).map(|(name, _)| name.as_str()).collect();
    let first = shared.first()?;
    Some(
        Problem::new(
            Location::file("the exports"),
            format!("{} sample names are on more than one plate, such as '{first}'", shared.len()),
        )
        .advice(
            "One name is one sample: give different samples different names in the layouts and in samples.csv, or say \
             samples = \"per-plate\" in [reportable] of study.toml: they are PLATE:NAME in samples.csv and in results then",
        ),
    )
}

/// `name`, or with a number behind it where that is taken; case does not tell file names apart everywhere.
fn free_name(taken: &mut BTreeSet<String>, name: &str) -> String {
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let numbered = (2..).map(|number| format!("{stem}-{number}{ending}"));
    let mut names = std::iter::once(name.to_string()).chain(numbered);
    let free = names.find(|name| !taken.contains(&name.to_lowercase())).unwrap_or_default();
    taken.insert(free.to_lowercase());
    free
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A plate's name as that of a file.
fn safe(name: &str) -> String {
    name.chars().take(80).map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

fn in_words(error: impl std::fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plate(text: &str) -> ExportedPlate {
        let (export, _) = formats::examine(&Book::from_bytes(text.as_bytes(), "plate.csv").unwrap(), None).unwrap();
        export.plates[0].clone()
    }

    #[test]
    fn wavelengths_that_all_plates_share_become_the_read_and_its_reference() {
        let both = plate("450 nm\n,1,2\nA,1,2\nB,3,4\n\n570 nm\n,1,2\nA,1,2\nB,3,4\n");
        let one = plate("450 nm\n,1,2\nA,1,2\nB,3,4\n");
        let silent = plate("Absorbance\n,1,2\nA,1,2\nB,3,4\n");
        let other = plate("405 nm\n,1,2\nA,1,2\nB,3,4\n");
        let of = |plates: &[&ExportedPlate]| {
            let mut doubts = Vec::new();
            let reads = Reads::of(plates, &mut doubts);
            (reads.read, reads.reference, doubts.len())
        };
        assert_eq!(of(&[&both]), (Some(450.0), Some(570.0), 0));
        assert_eq!(of(&[&both, &one]), (Some(450.0), None, 0));
        assert_eq!(of(&[&one, &silent]), (Some(450.0), None, 0));
        assert_eq!(of(&[&silent]), (None, None, 0));
        assert_eq!(of(&[&one, &other]), (None, None, 1));
    }

    #[test]
    fn names_that_are_taken_get_a_number() {
        let mut taken = BTreeSet::new();
        let names = ["P.csv", "p.csv", "P.csv", "Q"].map(|name| free_name(&mut taken, name));
        assert_eq!(names, ["P.csv", "p-2.csv", "P-3.csv", "Q"]);
        assert_eq!(safe("a/b:c 1"), "a_b_c_1");
    }
}
