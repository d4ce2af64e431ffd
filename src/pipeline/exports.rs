//! Exports of readers about which nobody has declared anything yet: names for their plates, and what they say of wavelengths and
//! units. Nothing is made up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::files::Input;
use crate::plate::{Export, ExportedPlate, Mode, formats};
use crate::sheet::{Book, Location, Problem, Problems};

/// The wavelengths between which ELISA protocols put the reference that is subtracted from a reading of stopped TMB, in nm.
const REFERENCE_NM: std::ops::RangeInclusive<f64> = 540.0..=630.0;
/// The wavelength of stopped TMB, the substrate of nearly every ELISA, in nm.
const TMB_NM: f64 = 450.0;

/// Some exports, read, with a name for each of their plates.
///
/// ```
/// use platewise::files::Input;
/// use platewise::pipeline::exports::Exports;
///
/// let text = b"450 nm\n,1,2\nA,0.1,0.2\nB,0.3,0.4\n";
/// let exports = Exports::read(vec![Input::in_memory("runs/P01.csv", text), Input::in_memory("other/P01.csv", text)], None);
/// let ids: Vec<&str> = exports.plates.iter().map(|plate| plate.id.as_str()).collect();
/// assert_eq!(ids, ["P01", "P01-2"]);
/// assert_eq!(exports.reads().0.read, Some(450.0));
/// ```
#[derive(Debug, Clone)]
pub struct Exports {
    /// The files, in the order in which they were named.
    pub files: Vec<ReadExport>,
    /// Their plates, in the order of the files.
    pub plates: Vec<NamedPlate>,
    /// What leaves open which plate is meant by a name.
    pub doubts: Vec<Problem>,
}

/// One export.
///
/// See [`Exports`] for an example.
#[derive(Debug, Clone)]
pub struct ReadExport {
    /// A name for the file that no other of the exports has, without folders.
    pub name: String,
    /// The file.
    pub input: Input,
    /// What is in it, or why it cannot be analysed.
    pub export: Result<Export, Problems>,
}

/// A plate of an export, with a name for it.
///
/// See [`Exports`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPlate {
    /// Its name: the file's where that holds one plate, else what the file calls it.
    pub id: String,
    /// Which of the exports.
    pub export: usize,
    /// Which plate of it; `None` of an export that cannot be analysed.
    pub plate: Option<usize>,
    /// How the export calls it, where it holds several.
    pub called: Option<String>,
}

impl Exports {
    /// Reads them, with the reader of that name where it is given.
    pub fn read(inputs: Vec<Input>, reader: Option<&str>) -> Self {
        let mut taken = BTreeSet::new();
        let files: Vec<ReadExport> = inputs
            .into_iter()
            .map(|input| ReadExport {
                name: free_name(&mut taken, &file_name(&input.name)),
                export: Book::from_bytes(&input.bytes, &input.name).and_then(|book| formats::read_book(&book, reader)),
                input,
            })
            .collect();
        Self::of_files(files)
    }

    /// Names the plates of files that were read.
    pub(super) fn of_files(files: Vec<ReadExport>) -> Self {
        let (plates, doubts) = name_plates(&files);
        Self { files, plates, doubts }
    }

    /// What is wrong with those that cannot be analysed.
    ///
    /// # Errors
    /// Every problem of each of them.
    pub fn all_read(&self) -> Result<(), Problems> {
        let wrong = self.files.iter().filter_map(|file| file.export.as_ref().err());
        Problems(wrong.flat_map(|problems| problems.0.clone()).collect()).or(())
    }

    /// A plate as its export has it.
    pub fn exported(&self, plate: &NamedPlate) -> Option<&ExportedPlate> {
        self.files.get(plate.export)?.export.as_ref().ok()?.plates.get(plate.plate?)
    }

    /// The plates that could be read.
    pub fn all_exported(&self) -> Vec<&ExportedPlate> {
        self.plates.iter().filter_map(|plate| self.exported(plate)).collect()
    }

    /// The wavelengths that they propose, and what speaks against it.
    pub fn reads(&self) -> (Reads, Vec<Problem>) {
        let mut doubts = Vec::new();
        let reads = Reads::of(&self.all_exported(), &mut doubts);
        (reads, doubts)
    }

    /// The unit of the standards, where the exports say one and the same.
    pub fn unit(&self) -> Option<&str> {
        let samples = self.all_exported().into_iter().flat_map(|plate| plate.samples.values());
        let units: BTreeSet<&str> = samples.filter_map(|sample| sample.concentration_unit.as_deref()).collect();
        units.first().copied().filter(|_| units.len() == 1)
    }

    /// Sample names that are on more than one plate, with the number of those.
    pub fn shared_names(&self) -> Vec<&str> {
        let mut on: BTreeMap<&str, usize> = BTreeMap::new();
        for plate in self.all_exported() {
            for name in sample_names(plate).collect::<BTreeSet<_>>() {
                *on.entry(name).or_default() += 1;
            }
        }
        on.into_iter().filter(|(_, plates)| *plates > 1).map(|(name, _)| name).collect()
    }
}

/// The names of the samples that an export declares, in plate order.
pub fn sample_names(plate: &ExportedPlate) -> impl Iterator<Item = &str> {
    let is_sample = |role: Option<&str>| role == Some("sample");
    let samples = plate.samples.values().filter(move |sample| is_sample(sample.role.as_deref()));
    samples.filter_map(|sample| sample.name.as_deref())
}

/// What may be analysed, as far as the exports agree: a proposal, for a person to confirm.
///
/// ```
/// assert_eq!(platewise::pipeline::exports::Reads::default().read, None);
/// ```
#[derive(Debug, Default, PartialEq)]
pub struct Reads {
    /// The wavelength that is proposed to be analysed, in nm.
    pub read: Option<f64>,
    /// That which is proposed to be subtracted from it, in nm.
    pub reference: Option<f64>,
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
fn name_plates(files: &[ReadExport]) -> (Vec<NamedPlate>, Vec<Problem>) {
    let (mut plates, mut doubts) = (Vec::new(), Vec::new());
    let mut ids = BTreeSet::new();
    for (export, file) in files.iter().enumerate() {
        let stem = Path::new(&file.name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(read) = &file.export else {
            let id = free_name(&mut ids, &stem);
            plates.push(NamedPlate { id, export, plate: None, called: None });
            continue;
        };
        let several = read.plates.len() > 1;
        let names: Vec<Option<String>> =
            read.plates.iter().map(|plate| plate.name.clone().or(plate.id.clone())).collect();
        for (index, plate) in read.plates.iter().enumerate() {
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
            plates.push(NamedPlate { id, export, plate: Some(index), called });
        }
    }
    (plates, doubts)
}

/// `name`, or the same with a number behind it where that is taken; case does not tell file names apart everywhere.
pub fn free_name(taken: &mut BTreeSet<String>, name: &str) -> String {
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

fn file_name(path: &str) -> String {
    Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
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
    }
}
