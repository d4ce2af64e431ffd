//! Exports of readers about which nobody has declared anything yet: names for their plates, and what they say of wavelengths and
//! units. Nothing is made up.

use std::collections::BTreeSet;
use std::path::Path;

use super::one_study::{self, Reads};
use crate::files::Input;
use crate::plate::export_answers::ExportAnswers;
use crate::plate::formats::{self, DescribedFormat, ReadOptions, Reader};
use crate::plate::{Export, ExportedPlate};
use crate::sheet::{Book, Problem, Problems};

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
/// assert_eq!(exports.as_one_study().0.read, Some(450.0));
/// ```
#[derive(Debug, Clone)]
pub struct Exports {
    /// The files, in the order in which they were named.
    pub files: Vec<ReadExport>,
    /// Their plates, in the order of the files.
    pub plates: Vec<NamedPlate>,
    /// The reader that was named; recognised by content where none was.
    pub reader: Option<String>,
    /// The description by which they were read, where one was named instead.
    pub described: Option<DescribedFormat>,
    /// The column of plain tables that was said to hold the readings.
    pub column: Option<String>,
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
    /// Reads them, as is asked where a file does not say it: in that format, from that column.
    pub fn read<'a>(inputs: Vec<Input>, asked: impl Into<ReadOptions<'a>>) -> Self {
        let asked = asked.into();
        let mut taken = BTreeSet::new();
        let files: Vec<ReadExport> = inputs
            .into_iter()
            .map(|input| ReadExport {
                name: free_name(&mut taken, &file_name(&input.name)),
                export: Book::from_bytes(&input.bytes, &input.name).and_then(|book| formats::read_book(&book, asked)),
                input,
            })
            .collect();
        let (reader, described) = match asked.reader {
            Some(Reader::Named(name)) => (Some(name.to_string()), None),
            Some(Reader::Described(format)) => (None, Some(format.clone())),
            None => (None, None),
        };
        Self { reader, described, column: asked.column.map(str::to_string), ..Self::of_files(files) }
    }

    /// Names the plates of files that were read.
    pub(super) fn of_files(files: Vec<ReadExport>) -> Self {
        let plates = name_plates(&files);
        Self { files, plates, reader: None, described: None, column: None }
    }

    /// Takes what a person says of things that they leave open.
    ///
    /// # Errors
    /// As [`ExportAnswers::apply`].
    pub fn answer(&mut self, answers: &ExportAnswers) -> Result<(), Problems> {
        let mut read: Vec<&mut Export> = self.files.iter_mut().filter_map(|file| file.export.as_mut().ok()).collect();
        answers.apply(&mut read)
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

    /// What a study of them would analyse, and what they leave open together.
    pub fn as_one_study(&self) -> (Reads, Vec<Problem>) {
        one_study::look(&self.all_files_read())
    }

    /// Names of samples that several plates have.
    pub fn shared_names(&self) -> Option<Problem> {
        one_study::shared_names(&self.all_files_read())
    }

    fn all_files_read(&self) -> Vec<&Export> {
        self.files.iter().filter_map(|file| file.export.as_ref().ok()).collect()
    }

    /// The unit of the standards, where the exports say one and the same.
    pub fn unit(&self) -> Option<&str> {
        let samples = self.all_exported().into_iter().flat_map(|plate| plate.samples.values());
        let units: BTreeSet<&str> = samples.filter_map(|sample| sample.concentration_unit.as_deref()).collect();
        units.first().copied().filter(|_| units.len() == 1)
    }
}

/// Names for all plates: the file's name where it holds one plate, else what the file calls them.
fn name_plates(files: &[ReadExport]) -> Vec<NamedPlate> {
    let mut plates = Vec::new();
    let mut ids = BTreeSet::new();
    for (export, file) in files.iter().enumerate() {
        let stem = Path::new(&file.name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(read) = &file.export else {
            let id = free_name(&mut ids, &stem);
            plates.push(NamedPlate { id, export, plate: None, called: None });
            continue;
        };
        let several = read.plates.len() > 1;
        for (index, plate) in read.plates.iter().enumerate() {
            let called = plate.name.clone().or(plate.id.clone()).filter(|_| several);
            let id = free_name(&mut ids, called.as_deref().unwrap_or(&stem));
            plates.push(NamedPlate { id, export, plate: Some(index), called });
        }
    }
    plates
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

    #[test]
    fn names_that_are_taken_get_a_number() {
        let mut taken = BTreeSet::new();
        let names = ["P.csv", "p.csv", "P.csv", "Q"].map(|name| free_name(&mut taken, name));
        assert_eq!(names, ["P.csv", "p-2.csv", "P-3.csv", "Q"]);
    }
}
