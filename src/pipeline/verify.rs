//! Whether a study is what its record says: inputs, logs, reviews, signatures and outputs, and the results computed again. Nothing
//! is written. The list of arms is hashed where a run had opened it, and stays closed.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::check_outcome::CheckOutcome;
use super::older_version;
use super::quantify::quantify_from;
use super::run::Run;
use super::threads::with_threads;
use crate::files::{self, InputFile, InputFolder, MANIFEST, OutputFile, sha256};
use crate::protocol;
use crate::record::{Decisions, EarlierRun, RUN_FILE, Review, Signer, opening, signatures};
use crate::report::WrittenOutputs;
use crate::report::page::PAGE;
use crate::sheet::{Code, Location, Problem, Problems, plain_file};

/// A part of the record, and whether it holds.
///
/// ```
/// use platewise::pipeline::{Check, CheckOutcome};
/// let check = Check { what: "inputs", outcome: CheckOutcome::Holds("13 files".into()) };
/// assert_eq!(check.what, "inputs");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What was checked.
    pub what: &'static str,
    /// What was found.
    pub outcome: CheckOutcome,
}

/// Checks a study against the record of the run whose results are in a folder.
///
/// # Errors
/// When there is no study, or no results of it.
pub fn verify(study: &InputFolder, results: &Path) -> Result<Vec<Check>, Problems> {
    let folder = study.path();
    let declared = protocol::read_from(study)?;
    let run = EarlierRun::read(results, &declared.assay.study.id)?;
    if run.inputs.is_empty() {
        return Err(Problem::new(
            Code::new("verify-no-results"),
            Location::file(results.display().to_string()),
            "no results of this study",
        )
        .expected("a folder that `platewise run` or `quantify` wrote")
        .advice("Name it with --results, or run the study")
        .into());
    }
    let inputs = inputs(folder, &run);
    let same_inputs = matches!(inputs, CheckOutcome::Holds(_));
    let (reviews, again) = if same_inputs {
        computed_again(folder, study, results, &run)
    } else {
        let not = || CheckOutcome::NotChecked("the inputs are not those of the run: run the study again".into());
        (not(), not())
    };
    let checks = [
        ("inputs", inputs),
        ("decisions", decisions(study, &run)),
        ("arms opened", openings(&declared.trial.folder(folder), &run)),
        ("outputs", outputs(results)),
        ("signatures", signed(folder)),
        ("reviews", reviews),
        ("computed again", again),
    ];
    Ok(checks.into_iter().map(|(what, outcome)| Check { what, outcome }).collect())
}

/// What a results folder over several analytes says of their runs.
#[derive(Deserialize)]
struct RecordedAnalytes {
    analytes: Vec<RecordedAnalyteRun>,
    inputs: Vec<InputFile>,
}

#[derive(Deserialize)]
struct RecordedAnalyteRun {
    folder: String,
    run_id: Option<String>,
}

/// Checks what was made over several analytes: that it is of their files, and of the runs whose results stand in the folders of `root`.
/// `None` where nothing was made over them. Each analyte is checked as a study by itself, by [`verify`].
///
/// # Errors
/// When its record is there and cannot be read.
pub fn verify_over_analytes(study: &InputFolder, id: &str, root: &Path) -> Result<Option<Vec<Check>>, Problems> {
    let results = root.join("results");
    let record = results.join(RUN_FILE);
    if !record.is_file() {
        return Ok(None);
    }
    let shown = record.display().to_string();
    let bytes = plain_file::read(&record).map_err(|error| error.problem(&shown))?;
    let over: RecordedAnalytes = serde_json::from_slice(&bytes).map_err(|error| {
        Problem::new(Code::new("verify-no-record"), Location::file(shown), format!("cannot be read ({error})"))
            .expected("the record of a run over several analytes")
    })?;
    let changed = over.inputs.iter().filter_map(|input| differs(study.path(), &input.file, &input.sha256));
    let files = CheckOutcome::of(
        Problems(changed.collect()),
        format!("{} shared files are those of the run", over.inputs.len()),
    );
    let mut others = Problems::default();
    for one in &over.analytes {
        let own = EarlierRun::read(&root.join(&one.folder).join("results"), id)?;
        if one.run_id.as_ref().is_some_and(|run_id| *run_id != own.run_id) {
            let found = format!(
                "is not the run {} that the results over all analytes were made from",
                one.run_id.as_deref().unwrap_or_default()
            );
            others.push(
                Problem::new(
                    Code::new("verify-other-run"),
                    Location::file(format!("{}/results/{RUN_FILE}", one.folder)),
                    found,
                )
                .advice("Run the study of several analytes as a whole"),
            );
        }
    }
    let runs =
        CheckOutcome::of(others, format!("the runs of {} analytes are those of their results", over.analytes.len()));
    let checks = [("inputs", files), ("analytes", runs), ("outputs", outputs(&results))];
    Ok(Some(checks.into_iter().map(|(what, outcome)| Check { what, outcome }).collect()))
}

/// What a file is, beside the hash that it should have.
fn differs(folder: &Path, name: &str, hash: &str) -> Option<Problem> {
    match plain_file::read(&folder.join(name)) {
        Ok(bytes) if sha256(&bytes) == hash => None,
        Ok(_) => Some(
            Problem::new(Code::new("file-changed"), Location::file(name), "is not what it was")
                .expected(format!("SHA-256 {hash}")),
        ),
        Err(error) => Some(error.problem(name)),
    }
}

fn inputs(folder: &Path, run: &EarlierRun) -> CheckOutcome {
    let problems = run.inputs.iter().filter_map(|input| differs(folder, &input.file, &input.sha256)).collect();
    CheckOutcome::of(Problems(problems), format!("{} files are those of the run", run.inputs.len()))
}

fn decisions(study: &InputFolder, run: &EarlierRun) -> CheckOutcome {
    let decisions = match Decisions::read(study) {
        Ok(decisions) => decisions,
        Err(problems) => return CheckOutcome::Fails(problems),
    };
    let mut problems: Vec<Problem> = run.lost_decisions(&decisions).1.into_iter().collect();
    problems.extend(decisions.torn().cloned());
    let statements = signatures(study.path()).unwrap_or_default();
    problems.extend(statements.iter().filter(|one| !decisions.continues(&one.statement.decisions)).map(|one| {
        let then = one.statement.decisions.lines;
        let found = format!("the log had {then} lines by {}, and is no longer that log", one.file);
        Problem::new(Code::new("decisions-lost-by-run"), Location::file(crate::record::DECISIONS_FILE), found)
            .expected("a log that is only ever added to")
    }));
    let anchors = 1 + statements.len();
    let said = format!("{} lines, a whole chain; {anchors} anchors (run.json, signatures)", decisions.head().lines);
    CheckOutcome::of(Problems(problems), said)
}

fn openings(folder: &Path, run: &EarlierRun) -> CheckOutcome {
    match opening::openings(folder) {
        Err(problem) => CheckOutcome::Fails(problem.into()),
        Ok(openings) => {
            let lost = Problems(run.lost_openings(&openings).into_iter().collect());
            CheckOutcome::of(lost, format!("{} times by the log, which is whole", openings.len()))
        }
    }
}

fn outputs(results: &Path) -> CheckOutcome {
    match files::read_manifest(results) {
        Err(error) => {
            let at = Location::file(results.join(MANIFEST).display().to_string());
            CheckOutcome::Fails(
                Problem::new(Code::new("manifest-unreadable"), at, format!("cannot be read ({error})")).into(),
            )
        }
        Ok(listed) => {
            let problems = listed.iter().filter_map(|(name, hash)| differs(results, name, hash)).collect();
            CheckOutcome::of(Problems(problems), format!("{} files are those of {MANIFEST}", listed.len()))
        }
    }
}

fn signed(folder: &Path) -> CheckOutcome {
    let found = match signatures(folder) {
        Ok(found) if found.is_empty() => return CheckOutcome::NotChecked("nobody has signed".into()),
        Ok(found) => found,
        Err(problems) => return CheckOutcome::Fails(problems),
    };
    let mut problems = Vec::new();
    for one in &found {
        if let Signer::NotValid(why) = &one.signer {
            problems.push(Problem::new(
                Code::new("signature-invalid"),
                Location::file(one.file.as_str()),
                format!("signature not valid: {why}"),
            ));
        }
        let changed = one.statement.files.iter().filter_map(|(name, hash)| differs(folder, name, hash));
        problems.extend(changed.map(|problem| {
            Problem::new(
                Code::new("signature-of-changed-file"),
                Location::file(one.file.as_str()),
                format!("covers a file that has changed: {problem}"),
            )
        }));
    }
    let said: Vec<String> = found
        .iter()
        .map(|one| {
            let stamp = format!("{}.tsr", one.file);
            let stamped = match folder.join(&stamp).is_file() {
                true => format!("; its time stamp is checked by openssl ts -verify -data {} -in {stamp}", one.file),
                false => String::new(),
            };
            format!("{} by {} ({}{stamped})", one.statement.meaning, one.statement.name, one.signer)
        })
        .collect();
    CheckOutcome::of(Problems(problems), said.join("; "))
}

/// The reviews by what there is now, and the results computed again without the arms.
fn computed_again(
    folder: &Path,
    study: &InputFolder,
    results: &Path,
    earlier: &EarlierRun,
) -> (CheckOutcome, CheckOutcome) {
    let made = with_threads(None, || -> Result<(Run, Vec<OutputFile>), Problems> {
        let mut run = Run::new(quantify_from(study, &|_| ())?, None, earlier.started.clone())?;
        run.record.arms_opened = earlier.openings.clone();
        // Those that were made after the run are not in what it shows.
        let shown = signatures(folder)?.into_iter().filter(|one| earlier.signatures.contains(&one.file));
        run.show_signatures(shown.collect());
        run.warn(None, results);
        if !files::read_manifest(results).unwrap_or_default().contains_key(PAGE) {
            run.write_only(WrittenOutputs::Tables);
        }
        let at = || Location::file(folder.display().to_string());
        let files =
            run.files().map_err(|error| Problem::new(Code::new("outputs-not-made"), at(), error.to_string()))?;
        Ok((run, files))
    });
    let (run, files) = match made {
        Ok(made) => made,
        Err(problems) => {
            return (CheckOutcome::NotChecked("the study could not be computed".into()), CheckOutcome::Fails(problems));
        }
    };
    (reviews(&run), same_files(results, earlier, &files))
}

fn reviews(run: &Run) -> CheckOutcome {
    let reviews = &run.quantified.exclusions.reviews;
    let doubts: Vec<Problem> = reviews
        .iter()
        .filter_map(|(plate, review)| {
            Some(Problem::new(Code::new("review-doubt"), Location::file(plate.as_str()), review.doubt()?))
        })
        .collect();
    let in_date = reviews.values().filter(|review| matches!(review, Review::InDate(..))).count();
    match (doubts.is_empty(), in_date) {
        (true, 0) => CheckOutcome::NotChecked("nobody has reviewed a plate".into()),
        _ => CheckOutcome::of(Problems(doubts), format!("{in_date} of {} plates, all in date", reviews.len())),
    }
}

/// Compares what was computed again with the files of the run: their bytes, or what a result rests on, where another version of the
/// program made them.
fn same_files(results: &Path, earlier: &EarlierRun, files: &[OutputFile]) -> CheckOutcome {
    let version = env!("CARGO_PKG_VERSION");
    if earlier.version != version {
        return same_numbers(results, earlier, files);
    }
    let listed = files::read_manifest(results).unwrap_or_default();
    // What shows the arms was made with them, and is compared by its hash alone.
    let blinded = |name: &str| !earlier.unblinded || name.ends_with(".csv") || name.starts_with("figures/");
    let again: BTreeMap<&str, String> =
        files.iter().filter(|file| blinded(&file.name)).map(|file| (file.name.as_str(), sha256(&file.bytes))).collect();
    let problems: Vec<Problem> = again
        .iter()
        .filter(|(name, hash)| listed.get(**name).is_none_or(|then| then != *hash))
        .map(|(name, hash)| {
            let at = Location::file(results.join(name).display().to_string());
            Problem::new(
                Code::new("output-not-reproduced"),
                at,
                "is not what the study gives when it is computed again",
            )
            .expected(format!("SHA-256 {hash}"))
        })
        .collect();
    let without = if earlier.unblinded {
        "; the comparison of the arms is not computed again, since their list stays closed"
    } else {
        ""
    };
    CheckOutcome::of(Problems(problems), format!("{} files, the same bytes by version {version}{without}", again.len()))
}

fn same_numbers(results: &Path, earlier: &EarlierRun, files: &[OutputFile]) -> CheckOutcome {
    let name = "concentrations.csv";
    let place = Location::file(results.join(name).display().to_string());
    let now = files.iter().find(|file| file.name == name).map_or(&[][..], |file| &file.bytes);
    match plain_file::read(&results.join(name)) {
        Ok(then) => older_version::compare(&place, &earlier.version, &then, now),
        Err(error) => CheckOutcome::Fails(error.problem(name).into()),
    }
}
