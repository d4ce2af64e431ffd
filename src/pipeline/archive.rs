//! A study as one file that can be kept, sent, and verified years later: what went in, what was decided and signed, what came out, and a
//! description of it all. Who was in which arm is in it only where that is asked for.

use std::path::Path;

use super::signatures::inside;
use crate::files::{self, InputFile, InputFolder, MANIFEST, OutputFile, sha256};
use crate::protocol::{self, Protocol};
use crate::record::{self, ALLOWED_SIGNERS, CrateFiles, EarlierRun, SIGNATURES, opening::OPENINGS_FILE};
use crate::sheet::{Code, Location, Problem, Problems, plain_file};

/// Whether an archive may show who was in which arm.
///
/// ```
/// assert_eq!(platewise::pipeline::ArchivedArms::default(), platewise::pipeline::ArchivedArms::Closed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArchivedArms {
    /// No.
    #[default]
    Closed,
    /// Yes: somebody has asked for it.
    Open,
}

/// The files of an archive of a study and the results in a folder, in the order of their names; `manifest-sha256.txt` has the hash of
/// each. The archive of an analyte of several begins with the folder of the study above it, whose files it needs too.
///
/// # Errors
/// When there are no results of the study, they show the arms and that was not asked for, or a file is not what the run recorded. All of
/// them at once.
pub fn archive(study: &InputFolder, results: &Path, arms: ArchivedArms) -> Result<Vec<OutputFile>, Problems> {
    let folder = study.path();
    let Protocol { assay, trial, .. } = protocol::read_from(study)?;
    let settings = assay.study;
    let run = EarlierRun::read(results, &settings.id)?;
    let shown = || Location::file(results.display().to_string());
    if run.inputs.is_empty() {
        return Err(Problem::new(Code::new("archive-no-results"), shown(), "no results of this study")
            .expected("a folder that `platewise run` or `quantify` wrote")
            .advice("Name it with --results, or run the study")
            .into());
    }
    if run.unblinded && arms == ArchivedArms::Closed {
        return Err(Problem::new(Code::new("archive-shows-arms"), shown(), "the results show the arms, and so does the list of arms that they were made with")
            .expected("results of `platewise quantify`, which know nothing of the arms")
            .advice(format!(
                "Archive blinded results: `platewise quantify {} --out blinded`, then --results blinded. Or say --with-arms",
                folder.display()
            ))
            .into());
    }
    let mut problems = Problems::default();
    let recorded = run.inputs.iter().map(|input| (input.file.clone(), Some(input.sha256.as_str())));
    let mut inputs = taken(folder, "", recorded, &mut problems);
    let listed = files::read_manifest(results).map_err(|error| {
        Problem::new(Code::new("archive-no-manifest"), shown(), format!("{MANIFEST} cannot be read ({error})"))
            .advice("Run the study again")
    })?;
    let place = inside(folder, results).unwrap_or_else(|| "results".into());
    let made = listed.iter().map(|(name, hash)| (name.clone(), Some(hash.as_str()))).chain([(MANIFEST.into(), None)]);
    let mut outputs = taken(results, &format!("{place}/"), made, &mut problems);
    let signatures = files::names_in(&folder.join(SIGNATURES)).unwrap_or_default();
    let beside = signatures.iter().map(|name| format!("{SIGNATURES}/{name}"));
    let openings = InputFile::new(&trial.folder(Path::new("")).join(OPENINGS_FILE), b"").file;
    let beside = beside.chain([ALLOWED_SIGNERS.to_string(), openings]);
    let beside = beside.filter(|name| folder.join(name).is_file() && !inputs.iter().any(|input| input.name == *name));
    let mut others = taken(folder, "", beside.map(|name| (name, None)), &mut problems);
    problems.or(())?;
    if let Some(analyte) = trial.analyte_folder() {
        [&mut inputs, &mut outputs, &mut others].into_iter().flatten().for_each(|file| below(analyte, file));
    }
    let about = CrateFiles { inputs: &inputs, outputs: &outputs, others: &others };
    let described = record::describe(&settings, &run, about).map_err(|error| {
        Problem::new(Code::new("archive-not-described"), Location::file(record::CRATE_FILE), error.to_string())
    })?;
    let mut all: Vec<OutputFile> = [inputs, outputs, others, vec![described]].concat();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    let manifest: String = all.iter().map(|file| format!("{}  {}\n", sha256(&file.bytes), file.name)).collect();
    all.push(OutputFile { name: MANIFEST.into(), bytes: manifest.into_bytes() });
    Ok(all)
}

/// A file of an analyte of several, in an archive that begins with the folder of the study above.
fn below(analyte: &str, file: &mut OutputFile) {
    file.name = match file.name.strip_prefix("../") {
        Some(above) => above.to_string(),
        None => format!("{analyte}/{}", file.name),
    };
}

/// Files of a folder with what stands before their names in the archive, each with the hash that it should have where that is known.
fn taken<'a>(
    folder: &Path,
    before: &str,
    names: impl Iterator<Item = (String, Option<&'a str>)>,
    problems: &mut Problems,
) -> Vec<OutputFile> {
    let mut files = Vec::new();
    for (name, hash) in names {
        match plain_file::read(&folder.join(&name)) {
            Ok(bytes) if hash.is_none_or(|hash| sha256(&bytes) == hash) => {
                files.push(OutputFile { name: format!("{before}{name}"), bytes });
            }
            Ok(_) => problems.push(
                Problem::new(
                    Code::new("archive-file-changed"),
                    Location::file(format!("{before}{name}")),
                    "is not what it was when the results were made",
                )
                .expected("the file of the run")
                .advice("Run the study again, and archive then"),
            ),
            Err(error) => problems.push(error.problem(&format!("{before}{name}"))),
        }
    }
    files
}
