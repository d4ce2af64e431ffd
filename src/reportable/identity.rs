//! Whose result it is: everything of a study that leaves room for another person's, in one list and in one set of words, for
//! terminal, page and tables. Any of them makes the run unclean, as its exit code says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::repeats::{self, UndeclaredRepeats};
use super::result::ReportableResult;
use crate::concentration::{GroupResult, Quantity};
use crate::plate::{SampleList, WellPosition};
use crate::protocol::{Assay, PlateEntry, PlateRuns, STUDY_FILE};
use crate::qc::JudgedPlate;
use crate::sheet::{Code, Location, Problem};

/// What leaves room for another person's result.
///
/// ```
/// use platewise::reportable::identity::IdentityRule;
/// assert_eq!(IdentityRule::NeverMeasured.to_string(), "never measured");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IdentityRule {
    /// A layout or an export that is named as another plate of the study.
    PlateName,
    /// A plate that repeats another, and has none of its samples.
    RepeatOfOthers,
    /// A sample whose name says another subject or visit than the list.
    SampleName,
    /// A sample on two plates that are not declared repeats.
    UndeclaredRepeats,
    /// Repeats of a sample that are further apart than the method allows.
    RepeatsDisagree,
    /// A dilution that is far from every other one of the study.
    Dilution,
    /// A sample whose wells are more, fewer or elsewhere to each other than those of the rest of its plate.
    Replicates,
    /// A sample of the list that is in no layout.
    NeverMeasured,
}

impl fmt::Display for IdentityRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PlateName => "name of a plate",
            Self::RepeatOfOthers => "repeat of other samples",
            Self::SampleName => "name of a sample",
            Self::UndeclaredRepeats => "undeclared repeats",
            Self::RepeatsDisagree => "repeats disagree",
            Self::Dilution => "dilution",
            Self::Replicates => "wells of a sample",
            Self::NeverMeasured => "never measured",
        })
    }
}

/// One thing that leaves room for another person's result.
///
/// ```
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// for finding in &study.identity {
///     println!("{} {}: {}", finding.rule, finding.of, finding.problem);
/// }
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IdentityFinding {
    /// What it is.
    pub rule: IdentityRule,
    /// The sample or plate.
    pub of: String,
    /// What was found, where, and what to do.
    pub problem: Problem,
}

/// Finds them, causes before what follows from them. `names` are those that the list of samples shows by itself.
pub fn findings(
    results: &[ReportableResult],
    plates: &[JudgedPlate],
    samples: &SampleList,
    undeclared: &UndeclaredRepeats,
    names: Vec<IdentityFinding>,
    assay: &Assay,
) -> Vec<IdentityFinding> {
    let mut findings = plate_names(&assay.plates);
    findings.extend(plates_out_of_order(&assay.plates));
    findings.extend(repeats_of_others(plates, assay));
    findings.extend(names);
    findings.extend(undeclared_repeats(results, samples, undeclared));
    findings.extend(disagreeing_repeats(results, samples, assay));
    findings.extend(odd_dilutions(results));
    findings.extend(odd_replicates(plates));
    findings.extend(never_measured(results, plates, samples));
    findings
}

/// Something of a plate in `study.toml` that looks exchanged with that of another.
fn exchanged(plate: &PlateEntry, found: String, expected: &str, advice: &str) -> IdentityFinding {
    let problem = Problem::new(Code::new("plate-names-exchanged"), Location::file(STUDY_FILE), found)
        .expected(expected)
        .advice(advice);
    IdentityFinding { rule: IdentityRule::PlateName, of: plate.id.clone(), problem }
}

/// Layouts and exports named as another plate than the one that has them: two that were exchanged, most likely.
fn plate_names(plates: &[PlateEntry]) -> Vec<IdentityFinding> {
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut by_id: BTreeMap<String, Vec<&PlateEntry>> = BTreeMap::new();
    for plate in plates {
        by_id.entry(plate.id.to_ascii_lowercase()).or_default().push(plate);
    }
    let runs = PlateRuns::of(plates);
    let mut findings = Vec::new();
    for plate in plates {
        let anywhere = |_: &PlateEntry| true;
        let in_workbook = |other: &PlateEntry| other.layout == plate.layout;
        let in_export = |other: &PlateEntry| other.export == plate.export;
        type Among<'a> = &'a dyn Fn(&PlateEntry) -> bool;
        // Names inside a file are known in that file: `Plate 1` of another export is no plate of this one.
        let files: [(&str, Option<String>, Among<'_>); 4] = [
            ("layout", plate.layout_file().and_then(|path| stem(path)), &anywhere),
            ("layout", plate.layout_sheet.clone(), &in_workbook),
            ("export", stem(&plate.export), &anywhere),
            ("export", plate.plate.clone(), &in_export),
        ];
        for (what, name, among) in files.into_iter().filter_map(|(what, name, among)| Some((what, name?, among))) {
            if plate.id.eq_ignore_ascii_case(&name) {
                continue;
            }
            // A repeat may well use the layout of the plate that it repeats.
            let is_other = |other: &&PlateEntry| among(other) && !runs.is_repeat(&other.id, &plate.id);
            let named = by_id.get(&name.to_ascii_lowercase());
            if let Some(other) = named.into_iter().flatten().copied().find(is_other) {
                findings.push(exchanged(
                    plate,
                    format!("the plate '{}' has the {what} that is named as the plate '{}'", plate.id, other.id),
                    "files that are not named as another plate of the study",
                    "Were two exchanged? If they are right, name them otherwise",
                ));
            }
        }
    }
    findings
}

/// Plates of one export whose ids rise while their numbers in the export fall.
fn plates_out_of_order(plates: &[PlateEntry]) -> Vec<IdentityFinding> {
    let number = |plate: &PlateEntry| trailing_number(plate.plate.as_deref()?);
    let out_of_order = |before: &PlateEntry, plate: &PlateEntry| {
        if number(before)? <= number(plate)? || before.id >= plate.id {
            return None;
        }
        let called = |plate: &PlateEntry| plate.plate.clone().unwrap_or_default();
        let found = format!(
            "the plates '{}' and '{}' are the plates '{}' and '{}' of {}: the other way round",
            before.id,
            plate.id,
            called(before),
            called(plate),
            plate.export.display()
        );
        let advice = "Were two exchanged? If they are right, change the order of the [[plate]]s";
        Some(exchanged(plate, found, "the plates of an export in their order", advice))
    };
    let mut last: BTreeMap<&Path, &PlateEntry> = BTreeMap::new();
    let pairs = plates.iter().filter_map(|plate| Some((last.insert(&plate.export, plate)?, plate)));
    pairs.filter_map(|(before, plate)| out_of_order(before, plate)).collect()
}

/// `Plate 12` ends with 12.
fn trailing_number(name: &str) -> Option<u64> {
    let digits: Vec<char> = name.chars().rev().take_while(char::is_ascii_digit).collect();
    digits.into_iter().rev().collect::<String>().parse().ok()
}

/// Plates that are said to repeat a plate of which they have no sample.
fn repeats_of_others(plates: &[JudgedPlate], assay: &Assay) -> Vec<IdentityFinding> {
    let samples = |id: &str| -> BTreeSet<&str> {
        let plate = plates.iter().filter(|plate| plate.id == id);
        let groups = plate.flat_map(|plate| plate.concentrations.iter().flat_map(|of| &of.samples).chain(&plate.lost));
        groups.map(|group| group.name.as_str()).collect()
    };
    let mut findings = Vec::new();
    for (plate, repeated) in assay.plates.iter().flat_map(|plate| plate.repeats.iter().map(move |of| (plate, of))) {
        let (own, other) = (samples(&plate.id), samples(repeated));
        if !own.is_empty() && !other.is_empty() && own.is_disjoint(&other) {
            let found = format!("the plate '{}' repeats '{repeated}', and has none of its samples", plate.id);
            findings.push(IdentityFinding {
                rule: IdentityRule::RepeatOfOthers,
                of: plate.id.clone(),
                problem: Problem::new(Code::new("layout-repeats-undeclared"), Location::file(STUDY_FILE), found)
                    .expected("repeats = the plates that were run before"),
            });
        }
    }
    findings
}

/// Where a sample is declared, or its plates are.
fn place(sample: &str, samples: &SampleList) -> Location {
    samples.get(sample).map_or_else(|| Location::file(STUDY_FILE), |sample| sample.location.clone())
}

/// What became of a sample, in words.
fn outcome(result: &ReportableResult) -> String {
    match result.quantity {
        Quantity::NotReported { .. } => result.quantity.to_string(),
        _ => format!("reported: {}", result.quantity),
    }
}

fn undeclared_repeats(
    results: &[ReportableResult],
    samples: &SampleList,
    undeclared: &UndeclaredRepeats,
) -> Vec<IdentityFinding> {
    let of = |result: &ReportableResult| {
        undeclared.plates_of(&result.sample)?;
        let shown = repeats::side_by_side(&result.candidates);
        let found = format!(
            "sample '{}' was measured on plates that are not declared repeats: {shown}; {}",
            result.sample,
            outcome(result)
        );
        let problem = Problem::new(Code::new("sample-repeats-undeclared"), place(&result.sample, samples), found)
            .expected("one plate for a sample, unless another repeats it or it was to be run again")
            .advice(
                "If one plate repeats the other, say repeats = \"…\" in its [[plate]]; if names hold within one plate, \
                 samples = \"per-plate\" in [reportable]; else correct the layout",
            );
        Some(IdentityFinding { rule: IdentityRule::UndeclaredRepeats, of: result.sample.clone(), problem })
    };
    results.iter().filter_map(of).collect()
}

fn disagreeing_repeats(results: &[ReportableResult], samples: &SampleList, assay: &Assay) -> Vec<IdentityFinding> {
    let of = |result: &ReportableResult| {
        let apart = repeats::disagreement(&result.candidates, assay.reportable.repeats_difference_percent)?;
        let found = format!("sample '{}': {apart}; {}", result.sample, outcome(result));
        let problem = Problem::new(Code::new("repeats-disagree"), place(&result.sample, samples), found)
            .advice("Find out whether both wells held this sample (repeats_difference_percent in [reportable])");
        Some(IdentityFinding { rule: IdentityRule::RepeatsDisagree, of: result.sample.clone(), problem })
    };
    results.iter().filter_map(of).collect()
}

/// A dilution is far from another beyond this ratio: re-runs of samples above the ULOQ take steps of ten, at most of a hundred.
const FAR: f64 = 100.0;

/// Dilutions that no other dilution of the study is near to: `1000000` typed for `10`.
fn odd_dilutions(results: &[ReportableResult]) -> Vec<IdentityFinding> {
    let mut used: BTreeMap<u64, (f64, BTreeSet<&str>)> = BTreeMap::new();
    for result in results {
        for candidate in &result.candidates {
            let dilution = candidate.group.dilution;
            // Factors are above 0: their bits are in their order.
            used.entry(dilution.to_bits()).or_insert((dilution, BTreeSet::new())).1.insert(&result.sample);
        }
    }
    let all: Vec<f64> = used.values().map(|(dilution, _)| *dilution).collect();
    let far = |one: f64| all.iter().all(|&other| other == one || (one / other).max(other / one) > FAR);
    let most = used.values().map(|(_, samples)| samples.len()).max().unwrap_or(0);
    let odd = used.values().filter(|(dilution, samples)| all.len() > 1 && samples.len() < most && far(*dilution));
    odd.flat_map(|(dilution, samples)| samples.iter().map(move |sample| (*dilution, *sample)))
        .map(|(dilution, sample)| {
            let others: Vec<String> = all.iter().filter(|of| **of != dilution).map(ToString::to_string).collect();
            let found = format!(
                "sample '{sample}' has the dilution {dilution}, and the others of the study have {}",
                others.join(", ")
            );
            IdentityFinding {
                rule: IdentityRule::Dilution,
                of: sample.to_string(),
                problem: Problem::new(
                    Code::new("dilution-far-from-others"),
                    Location::file("concentrations.csv"),
                    found,
                )
                .expected(format!("a dilution within a factor of {FAR} of another one"))
                .advice("Compare it with the bench's notes, and correct it in the layout or the list of samples"),
            }
        })
        .collect()
}

/// So many samples of a plate say what is usual on it.
const USUAL: usize = 4;
/// One well that is named as another sample changes the wells of so many.
const OF_ONE_SLIP: usize = 2;

/// Samples whose wells lie to each other in another way than those of the rest of their plate, where they are as few as one slip makes
/// or one in ten at most: one well is named as another sample, or two are exchanged.
fn odd_replicates(plates: &[JudgedPlate]) -> Vec<IdentityFinding> {
    let mut findings = Vec::new();
    for plate in plates {
        let Some(found) = &plate.concentrations else { continue };
        let mut shapes: BTreeMap<Vec<(i64, i64)>, usize> = BTreeMap::new();
        for group in &found.samples {
            *shapes.entry(shape(group)).or_default() += 1;
        }
        let Some((usual, &of)) = shapes.iter().max_by_key(|(_, of)| **of) else { continue };
        let odd = found.samples.len() - of;
        if of < USUAL || (odd > OF_ONE_SLIP && 10 * odd > found.samples.len()) {
            continue;
        }
        for group in found.samples.iter().filter(|group| shape(group) != *usual) {
            let wells: Vec<String> = group.wells.iter().map(ToString::to_string).collect();
            let words = format!(
                "sample '{}' is in {} of the plate '{}', and {of} others have {} wells each, which relate to each other differently",
                group.name,
                wells.join(" "),
                plate.id,
                usual.len()
            );
            findings.push(IdentityFinding {
                rule: IdentityRule::Replicates,
                of: group.name.clone(),
                problem: Problem::new(
                    Code::new("replicate-like-another-sample"),
                    Location::file(found.plate.export.clone()),
                    words,
                )
                .advice("Is one of the wells named as another sample in the layout?"),
            });
        }
    }
    findings
}

/// How the wells of a group lie to its first one.
fn shape(group: &GroupResult) -> Vec<(i64, i64)> {
    let place = |well: &WellPosition| (i64::from(well.row), i64::from(well.column));
    let first = group.wells.first().map_or((0, 0), place);
    group.wells.iter().map(place).map(|(row, column)| (row - first.0, column - first.1)).collect()
}

/// Samples of the list that are in no layout. Those on a plate that could not be read are there, and say so in their results.
fn never_measured(results: &[ReportableResult], plates: &[JudgedPlate], samples: &SampleList) -> Vec<IdentityFinding> {
    let unknown: Vec<&str> = plates
        .iter()
        .filter(|plate| plate.concentrations.is_none() && plate.lost.is_empty())
        .map(|plate| plate.id.as_str())
        .collect();
    let cause = match unknown.as_slice() {
        [] => "is in no layout: it was never measured".to_string(),
        of => format!("is in no layout that could be read; that of {} could not", of.join(", ")),
    };
    let in_a_layout = |sample: &str| ReportableResult::of(results, sample).is_some();
    let missing = samples.iter().filter(|sample| !in_a_layout(&sample.id));
    missing
        .map(|sample| IdentityFinding {
            rule: IdentityRule::NeverMeasured,
            of: sample.id.clone(),
            problem: Problem::new(
                Code::new("sample-never-measured"),
                sample.location.clone(),
                format!("sample '{}' {cause}", sample.id),
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests;
