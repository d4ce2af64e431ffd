//! A study made from real exports: what they say of plates, wavelengths, units, samples; nothing is made up. Where the plates were
//! evaluated before (`plate --save-study`), their layouts and method are those of that evaluation.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::study_text::{STUDY, StudyText};
use crate::cli::Failure;
use crate::files::{Input, OutputFile};
use crate::pipeline::PlatesRun;
use crate::pipeline::exports::{Exports, NamedPlate, free_name};
use crate::pipeline::one_study::{Reads, sample_names};
use crate::plate::export_answers::ExportAnswers;
use crate::plate::formats::{DescribedFormat, ReadOptions};
use crate::plate::{ExportedPlate, ExportedSample, WellPosition, declared, layout, named_series};
use crate::protocol::{self, Assay, Criteria};
use crate::sheet::{Code, Location, Problem, Problems, plain_file};

/// The unit that the template of the study has, and a study keeps where nobody says another.
const TEMPLATE_UNIT: &str = "pg/mL";

/// The study that the exports make.
pub(crate) struct StudyDraft {
    exports: Exports,
    plates: Vec<DraftPlate>,
    reads: Reads,
    /// What the plates were evaluated by, where they were.
    assay: Option<Assay>,
    /// The samples, each with its dilution where the layout does not say it.
    samples: Vec<(String, Option<f64>)>,
    doubts: Vec<Problem>,
    /// The unit, where the exports or the user say one.
    unit: Option<String>,
    /// Whether the user said that names of samples hold within one plate.
    per_plate: bool,
}

/// What the user says of things that the exports leave open.
pub(super) struct UserAnswers {
    pub(super) answers: ExportAnswers,
    pub(super) unit: Option<String>,
    pub(super) per_plate: bool,
    pub(super) dilution: Option<f64>,
}

struct DraftPlate {
    named: NamedPlate,
    /// The name of its layout's file, and what is in it.
    layout: (String, Vec<u8>),
}

impl StudyDraft {
    /// Reads the exports.
    ///
    /// # Errors
    /// Every problem of every export, and a unit that is not theirs; a draft is made from exports that can be analysed.
    pub(super) fn read(paths: &[PathBuf], asked: ReadOptions<'_>, said: UserAnswers) -> Result<Self, Failure> {
        let mut problems = Problems::default();
        let mut inputs = Vec::new();
        for path in paths {
            let name = path.display().to_string();
            match plain_file::read(path) {
                Ok(bytes) => inputs.push(Input::in_memory(&name, &bytes)),
                Err(error) => problems.push(error.problem(&name)),
            }
        }
        let mut exports = Exports::read(inputs, asked);
        problems.extend(exports.answer(&said.answers).err().unwrap_or_default());
        problems.extend(exports.all_read().err().unwrap_or_default());
        let stated = exports.unit();
        if let (Some(asked), Some(stated)) = (&said.unit, stated)
            && !asked.trim().eq_ignore_ascii_case(stated.trim())
        {
            let found = format!("the exports say concentrations in {stated}, and --unit says {asked}");
            problems
                .push(Problem::new(Code::new("init-two-units"), Location::file("--unit"), found).expected("one unit"));
        }
        problems.or(())?;
        let unit = stated.map(str::to_string).or(said.unit);
        let (reads, mut doubts) = exports.as_one_study();
        doubts.extend(exports.shared_names().filter(|_| !said.per_plate));
        let layout = |plate: &ExportedPlate| declared::write(plate).map_err(in_words);
        let mut names = BTreeSet::new();
        let mut plates = Vec::new();
        let mut samples: Vec<(String, Option<f64>)> = Vec::new();
        for (named, plate) in exports.plates.iter().filter_map(|named| Some((named, exports.exported(named)?))) {
            let file = free_name(&mut names, &format!("{}.csv", safe(&named.id)));
            plates.push(DraftPlate { named: named.clone(), layout: (file, layout(plate)?) });
            for name in sample_names(plate) {
                let listed = if said.per_plate { format!("{}:{name}", named.id) } else { name.to_string() };
                if !samples.iter().any(|(known, _)| *known == listed) {
                    samples.push((listed, said.dilution.filter(|_| !says_dilution(plate, name))));
                }
            }
        }
        let per_plate = said.per_plate;
        Ok(Self { plates, reads, assay: None, samples, doubts, exports, unit, per_plate })
    }

    /// The study of plates that were evaluated without one: what was confirmed and said then is not asked again.
    ///
    /// # Errors
    /// When a layout cannot be written.
    pub(crate) fn of_plates(run: &PlatesRun) -> Result<Self, Failure> {
        let mut names = BTreeSet::new();
        let mut plates = Vec::new();
        let mut samples = Vec::new();
        for (named, read) in run.layouts() {
            let file = free_name(&mut names, &format!("{}.csv", safe(&named.id)));
            plates.push(DraftPlate { named: named.clone(), layout: (file, layout::write(read).map_err(in_words)?) });
        }
        for result in &run.results {
            samples.push((result.sample.clone(), None));
        }
        let method = &run.assay.method;
        let reads = Reads { read: method.read_nm, reference: method.reference_nm };
        let (exports, assay) = (run.exports.clone(), Some(run.assay.clone()));
        Ok(Self {
            exports,
            plates,
            reads,
            assay,
            samples,
            doubts: Vec::new(),
            unit: Some(run.assay.study.unit.clone()),
            per_plate: false,
        })
    }

    /// What should be known of the exports, and what the study cannot say by itself.
    pub(super) fn warnings(&self) -> Vec<Problem> {
        let of_exports = self.exports.files.iter().filter_map(|file| file.export.as_ref().ok());
        of_exports.flat_map(|export| export.warnings.clone()).chain(self.doubts.clone()).collect()
    }

    /// The files of the study folder, by name.
    ///
    /// # Errors
    /// When the list of samples cannot be written.
    pub(crate) fn files(&self, dir: &Path) -> Result<Vec<OutputFile>, Failure> {
        let file = |name: String, bytes: Vec<u8>| OutputFile { name, bytes };
        let mut files =
            vec![file("study.toml".into(), self.study(dir).into_bytes()), file("samples.csv".into(), self.samples()?)];
        files.extend(self.plates.iter().map(|plate| {
            let (name, bytes) = &plate.layout;
            file(format!("layouts/{name}"), bytes.clone())
        }));
        let described = self.exports.described.iter();
        files.extend(described.map(|format| file(format.file_name(), format.text.clone().into_bytes())));
        let used = |at: &usize| self.plates.iter().any(|plate| plate.named.export == *at);
        let exports = self.exports.files.iter().enumerate().filter(|(at, _)| used(at));
        files.extend(exports.map(|(_, read)| file(format!("exports/{}", read.name), read.input.bytes.clone())));
        Ok(files)
    }

    /// What was found, in a line per plate.
    pub(super) fn describe(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\nFound:")?;
        for DraftPlate { named, .. } in &self.plates {
            let Some(exported) = self.exports.exported(named) else { continue };
            let format = self.exports.files[named.export].export.as_ref().map_or("", |export| export.format.as_str());
            let raw = exported.reads.iter().filter(|read| !read.derived).map(|read| read.short_name());
            let declared = match exported.samples.len() {
                0 => "nothing said of its wells".to_string(),
                wells => format!("{wells} wells with a name or a role"),
            };
            let raw = raw.collect::<Vec<_>>().join(" and ");
            writeln!(out, "  {}: {format}, {}, {raw}, {declared}", named.id, exported.size)?;
            for line in evidence(exported) {
                writeln!(out, "    {line}")?;
            }
        }
        Ok(())
    }

    /// What is still to be filled in, and for what, in a line each.
    pub(super) fn missing(&self) -> Vec<String> {
        let name_of = |plate: &DraftPlate, name: &str| {
            if self.per_plate { format!("{}:{name}", plate.named.id) } else { name.to_string() }
        };
        let declared = || self.exports.all_exported().into_iter().flat_map(|plate| plate.samples.values());
        let holds = |role: &str| declared().any(|sample| sample.role.as_deref() == Some(role));
        let undiluted = self.plates.iter().filter_map(|plate| Some((plate, self.exports.exported(&plate.named)?)));
        let undiluted: usize = undiluted
            .map(|(draft, plate)| {
                let names: BTreeSet<&str> = sample_names(plate).collect();
                let known = |name: &&&str| {
                    self.samples.iter().any(|(one, factor)| *one == name_of(draft, name) && factor.is_some())
                };
                names.iter().filter(|name| !says_dilution(plate, name) && !known(name)).count()
            })
            .sum();
        let mut lines = vec!["Still missing:".to_string()];
        if !holds("standard") {
            lines.push(
                "  for concentrations   layouts/: the role of every well that is used, with concentrations and names"
                    .into(),
            );
        }
        if let Some((one, other)) = self.alike().filter(|_| !self.per_plate) {
            lines.push(format!(
                "  for concentrations   whose names they are: {one} and {other} have the same samples in the same wells; the same command with \
                 --per-plate, or repeats in study.toml"
            ));
        }
        if self.unit.is_none() {
            lines.push(format!(
                "  for concentrations   the unit: no export says one, and study.toml has that of its template, {TEMPLATE_UNIT}: the same command with --unit UNIT, or [study] unit"
            ));
        }
        if undiluted > 0 {
            lines.push(format!(
                "  for concentrations   the dilutions of {undiluted} samples: the same command with --dilution FACTOR, or in samples.csv"
            ));
        }
        if !self.has_controls() {
            lines.push("  for verdicts         controls with their concentrations, in layouts/; until then criteria = \"research\", which needs none".into());
        }
        lines.push("  for what is shown    what is measured: analyte and paramcd in study.toml, until then TARC (CCL17) of its template".into());
        lines.push("  for a comparison     samples.csv: whose each sample is, and from which visit; study.toml: the visits; arms.csv".into());
        lines
    }

    /// Two plates that have the same samples in the same wells.
    fn alike(&self) -> Option<(&str, &str)> {
        let of = |plate: &DraftPlate| -> Vec<(WellPosition, String)> {
            let samples = self.exports.exported(&plate.named).map(|exported| &exported.samples).into_iter().flatten();
            let samples = samples.filter(|(_, sample)| sample.role.as_deref() == Some("sample"));
            samples.filter_map(|(well, sample)| Some((*well, sample.name.clone()?))).collect()
        };
        let pairs = self
            .plates
            .iter()
            .enumerate()
            .flat_map(|(at, one)| self.plates[..at].iter().map(move |first| (first, one)));
        let alike = pairs.into_iter().find(|(first, one)| !of(first).is_empty() && of(first) == of(one));
        alike.map(|(first, one)| (first.named.id.as_str(), one.named.id.as_str()))
    }

    /// Whether a control with its concentration is on a plate.
    fn has_controls(&self) -> bool {
        let mut samples = self.exports.all_exported().into_iter().flat_map(|plate| plate.samples.values());
        samples.any(|sample| {
            sample.role.as_deref() == Some("control") && sample.concentration.is_some_and(|value| value > 0.0)
        })
    }

    fn study(&self, dir: &Path) -> String {
        let name = std::path::absolute(dir).ok().and_then(|dir| Some(dir.file_name()?.to_string_lossy().into_owned()));
        let name = name.unwrap_or_else(|| "study".into());
        let mut text = StudyText::new(STUDY);
        text.set("study", "id", &protocol::quoted(&name));
        text.set("study", "title", &protocol::quoted(&name));
        text.comment_out("study", "simulated");
        if let Some(unit) = &self.unit {
            text.set("study", "unit", &protocol::quoted(unit));
        }
        for (key, wavelength) in [("read", self.reads.read), ("reference", self.reads.reference)] {
            match wavelength {
                Some(nm) => text.set("method", key, &nm.to_string()),
                None => text.comment_out("method", key),
            }
        }
        // A threshold of the example, not of this study.
        text.comment_out("analysis", "responder_level");
        text.leave_limits_to_the_preset();
        if self.per_plate {
            text.set("reportable", "samples", &protocol::quoted("per-plate"));
        }
        if !self.has_controls() {
            text.set("method", "criteria", &protocol::quoted(Criteria::Research.name()));
        }
        if let Some(assay) = &self.assay {
            text.settle(assay);
        }
        text.with_plates(&self.plate_entries())
    }

    fn plate_entries(&self) -> Vec<String> {
        let entry = |DraftPlate { named, layout: (layout, _) }: &DraftPlate| {
            let export = &self.exports.files[named.export].name;
            let mut lines = vec![
                "[[plate]]".to_string(),
                format!("id = {}", protocol::quoted(&named.id)),
                format!("export = {}", protocol::quoted(&format!("exports/{export}"))),
            ];
            lines.extend(named.called.as_ref().map(|name| format!("plate = {}", protocol::quoted(name))));
            lines.push(format!("layout = {}", protocol::quoted(&format!("layouts/{layout}"))));
            let described = self.exports.described.as_ref().map(DescribedFormat::file_name);
            let reader = described.or_else(|| self.exports.reader.clone());
            let named = [("reader", reader), ("column", self.exports.column.clone())];
            let named = named.into_iter().filter_map(|(key, name)| Some((key, name?)));
            lines.extend(named.map(|(key, name)| format!("{key} = {}", protocol::quoted(&name))));
            lines.join("\n")
        };
        self.plates.iter().map(entry).collect()
    }

    /// The list of samples with the names that are known, in the order of the plates.
    fn samples(&self) -> Result<Vec<u8>, Failure> {
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        writer.write_record(["sample", "subject", "visit", "matrix", "dilution"]).map_err(in_words)?;
        for (name, dilution) in &self.samples {
            let dilution = dilution.map_or_else(String::new, |factor| factor.to_string());
            writer.write_record([name, "", "", "", dilution.as_str()]).map_err(in_words)?;
        }
        writer.into_inner().map_err(|error| in_words(error.into_error()))
    }
}

/// Whether the export says a dilution factor of a sample.
fn says_dilution(plate: &ExportedPlate, name: &str) -> bool {
    let mut samples = plate.samples.values().filter(|sample| sample.name.as_deref() == Some(name));
    samples.all(|sample| sample.dilution.is_some_and(|factor| factor >= 1.0))
}

/// A plate's name as that of a file.
fn safe(name: &str) -> String {
    name.chars().take(80).map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

fn in_words(error: impl std::fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}

/// What an export says of its wells, in a line for each role, with where it says so.
fn evidence(plate: &ExportedPlate) -> Vec<String> {
    let of = |role: &str| -> Vec<(&WellPosition, &ExportedSample)> {
        plate.samples.iter().filter(|(_, sample)| sample.role.as_deref() == Some(role)).collect()
    };
    let wells = |of_role: &[(&WellPosition, &ExportedSample)]| match of_role {
        [] => String::new(),
        [(one, _)] => format!("well {one}"),
        [(first, _), .., (last, _)] => format!("{} wells, {first} to {last}", of_role.len()),
    };
    let numbers = |values: Vec<Option<f64>>| -> Vec<f64> {
        let mut numbers: Vec<f64> = values.into_iter().flatten().collect();
        numbers.sort_by(f64::total_cmp);
        numbers.dedup();
        numbers
    };
    let listed = |numbers: &[f64]| numbers.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
    let mut lines = Vec::new();
    for (role, plural) in [("standard", "standards"), ("control", "controls")] {
        let found = of(role);
        if found.is_empty() {
            continue;
        }
        let levels = numbers(found.iter().map(|(_, sample)| sample.concentration).collect());
        let unit = found.iter().find_map(|(_, sample)| sample.concentration_unit.as_deref());
        let unit = unit.map(|unit| format!(" {unit}")).unwrap_or_default();
        let said =
            if levels.is_empty() { "no concentration".to_string() } else { format!("{}{unit}", listed(&levels)) };
        lines.push(format!("{plural}: {said} ({})", wells(&found)));
    }
    let blanks = of("blank");
    if !blanks.is_empty() {
        lines.push(format!("blanks: {}", wells(&blanks)));
    }
    let samples = of("sample");
    if !samples.is_empty() {
        let names: BTreeSet<&str> = samples.iter().filter_map(|(_, sample)| sample.name.as_deref()).collect();
        let dilutions = numbers(samples.iter().map(|(_, sample)| sample.dilution).collect());
        let said =
            if dilutions.is_empty() { "no dilutions".to_string() } else { format!("dilutions {}", listed(&dilutions)) };
        lines.push(format!("samples: {} names, {said} ({})", names.len(), wells(&samples)));
    }
    lines.extend(named_series::proposed(plate).map(|series| format!("series: {series}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_the_template_is_the_one_that_is_named() {
        assert!(STUDY.contains(&format!("unit = \"{TEMPLATE_UNIT}\"")));
    }

    #[test]
    fn a_plate_is_called_as_a_file_may_be() {
        assert_eq!(safe("a/b:c 1"), "a_b_c_1");
    }
}
