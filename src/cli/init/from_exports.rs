//! A study made from real exports: what they say of plates, wavelengths, units, samples; nothing is made up.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::STUDY;
use super::study_text::StudyText;
use crate::cli::Failure;
use crate::cli::one_study::{self, Reads, sample_names};
use crate::files::OutputFile;
use crate::plate::formats::{self, Asked};
use crate::plate::{Export, ExportedPlate, declared};
use crate::protocol;
use crate::sheet::{Book, Problem, Problems, plain_file};

/// The study that the exports make.
pub(super) struct Draft {
    exports: Vec<ReadExport>,
    plates: Vec<DraftPlate>,
    reads: Reads,
    reader: Option<String>,
    column: Option<String>,
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

impl Draft {
    /// Reads the exports.
    ///
    /// # Errors
    /// Every problem of every export; a draft is made from exports that can be analysed.
    pub(super) fn read(paths: &[PathBuf], asked: Asked<'_>) -> Result<Self, Failure> {
        let mut problems = Problems::default();
        let mut exports: Vec<ReadExport> = Vec::new();
        let mut taken = BTreeSet::new();
        for path in paths {
            let name = path.display().to_string();
            let bytes = plain_file::read(path).map_err(|error| Problems::from(error.problem(&name)));
            let read = bytes.and_then(|bytes| {
                let export = formats::read_book(&Book::from_bytes(&bytes, &name)?, asked)?;
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
        let plates = name_plates(&exports);
        let (reads, doubts) = one_study::look(&exports.iter().map(|read| &read.export).collect::<Vec<_>>());
        let owned = |name: Option<&str>| name.map(str::to_string);
        Ok(Self { exports, plates, reads, reader: owned(asked.reader), column: owned(asked.column), doubts })
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
            let named = [("reader", &self.reader), ("column", &self.column)];
            let named = named.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?)));
            lines.extend(named.map(|(key, name)| format!("{key} = {}", protocol::quoted(name))));
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

/// Names for all plates: the file's name where it holds one plate, else what the file calls them.
fn name_plates(exports: &[ReadExport]) -> Vec<DraftPlate> {
    let mut plates = Vec::new();
    let (mut ids, mut layouts) = (BTreeSet::new(), BTreeSet::new());
    for (export, read) in exports.iter().enumerate() {
        let several = read.export.plates.len() > 1;
        let stem = Path::new(&read.name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (index, plate) in read.export.plates.iter().enumerate() {
            let called = plate.name.clone().or(plate.id.clone()).filter(|_| several);
            let id = free_name(&mut ids, called.as_deref().unwrap_or(&stem));
            let layout = free_name(&mut layouts, &format!("{}.csv", safe(&id)));
            plates.push(DraftPlate { id, export, plate: index, called, layout });
        }
    }
    plates
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

    #[test]
    fn names_that_are_taken_get_a_number() {
        let mut taken = BTreeSet::new();
        let names = ["P.csv", "p.csv", "P.csv", "Q"].map(|name| free_name(&mut taken, name));
        assert_eq!(names, ["P.csv", "p-2.csv", "P-3.csv", "Q"]);
        assert_eq!(safe("a/b:c 1"), "a_b_c_1");
    }
}
