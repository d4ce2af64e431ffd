//! Which subject and visit a result belongs to, and whether it may be analysed: the rules of `[records]`, without the arms.

use std::collections::{BTreeMap, BTreeSet};

use crate::concentration::Quantity;
use crate::concentration::quantity::NotReported;
use crate::plate::{Purpose, Sample, SampleList};
use crate::protocol::{DuplicateRule, MixedRule, Protocol, Visit, VisitRule};
use crate::reportable::ReportableResult;
use crate::sheet::mistakes::{differ_in_one_sign, slip};
use crate::sheet::{Code, Location, Problem, Problems};

use super::exclusion::{Exclusion, ExclusionRule};
use super::subject_visit::SubjectVisit;

/// A result with the sample that it is of.
struct JoinedResult<'a> {
    sample: &'a Sample,
    result: SubjectVisit,
    /// The visit's planned day.
    planned: f64,
}

/// Joins every result to its subject and visit, in the order of subjects and weeks. What the rules of the study leave out is
/// there too, with its reason.
///
/// Of a list without subjects there is none.
///
/// # Errors
/// All of these at once: a result without a sample in the list, a visit that the study does not declare, a day that is missing
/// where a rule needs it, and what the study refuses: a baseline that was not collected before a later visit, two results for one
/// subject and visit, a subject with samples of two matrices (serum and plasma levels of TARC are not comparable) or of two kit lots.
pub fn subject_visits(
    results: &[ReportableResult],
    samples: &SampleList,
    protocol: &Protocol,
) -> Result<Vec<SubjectVisit>, Problems> {
    let mut problems = Problems::default();
    let mut joined: Vec<JoinedResult<'_>> = Vec::with_capacity(results.len());
    let plates = protocol.assay.plates.iter();
    let kit_lots = plates.filter_map(|plate| Some((plate.id.as_str(), plate.kit_lot.as_deref()?))).collect();
    for result in results {
        let found = match samples.get(&result.sample) {
            // A spiked or incurred sample tests the method: it is nobody's result.
            Some(sample) if sample.purpose != Purpose::Study => continue,
            Some(_) if samples.is_without_subjects() => continue,
            Some(sample) => join(result, sample, protocol, &kit_lots),
            None => Err(no_sample(result, results, samples, protocol)),
        };
        match found {
            Ok(found) => joined.push(found),
            Err(problem) => problems.push(problem),
        }
    }
    let rules = &protocol.trial.records;
    problems.extend(against_the_days(&joined, protocol));
    problems.extend(mixed(&mut joined, rules.mixed_matrices, &MATRIX));
    problems.extend(mixed(&mut joined, rules.mixed_kit_lots, &KIT_LOT));
    problems.extend(duplicates(&mut joined, rules.duplicates));
    let mut visits: Vec<SubjectVisit> = joined.into_iter().map(|joined| joined.result).collect();
    visits.extend(not_measured(results, samples, protocol));
    visits.sort_by(|a, b| a.subject.cmp(&b.subject).then(a.week.total_cmp(&b.week)));
    problems.or(visits)
}

/// Samples of the list that no plate has a result of: they are there, so that nobody is said to have given none. One at a visit that the
/// study does not know has no place here; it is named where it is measured.
fn not_measured(results: &[ReportableResult], samples: &SampleList, protocol: &Protocol) -> Vec<SubjectVisit> {
    let measured: BTreeSet<&str> = results.iter().map(|result| result.sample.as_str()).collect();
    let of_study = samples.iter().filter(|sample| sample.purpose == Purpose::Study);
    let unmeasured = of_study.filter(|sample| !measured.contains(sample.id.as_str()));
    unmeasured
        .filter_map(|sample| {
            let visit = match protocol.trial.records.visits {
                VisitRule::ByName => protocol.trial.visits.iter().find(|visit| visit.name == sample.visit)?,
                VisitRule::ByDay => {
                    protocol.trial.visits.iter().find(|visit| sample.day.is_some_and(|day| inside(visit, day)))?
                }
            };
            let quantity = Quantity::NotReported { reason: NotReported::Missing };
            let reason = format!("sample '{}' is on no plate", sample.id);
            Some(SubjectVisit {
                sample: sample.id.clone(),
                day: sample.day,
                matrix: sample.matrix.clone(),
                excluded: Some(Exclusion::new(ExclusionRule::NotMeasured, reason)),
                ..SubjectVisit::new(&sample.subject, &visit.name, visit.week, quantity)
            })
        })
        .collect()
}

/// The limits of the measurement that is reported.
fn limits(result: &ReportableResult) -> Option<[f64; 2]> {
    let chosen = result.candidates.iter().find(|candidate| candidate.chosen)?;
    Some([chosen.lloq?, chosen.uloq?])
}

/// Whether a day is in the window of a visit.
fn inside(visit: &Visit, day: i32) -> bool {
    visit.window.is_some_and(|[first, last]| (first..=last).contains(&day))
}

fn no_sample(
    result: &ReportableResult,
    results: &[ReportableResult],
    samples: &SampleList,
    protocol: &Protocol,
) -> Problem {
    let list = protocol.assay.study.samples.display().to_string();
    let near = near_miss(&result.sample, results, samples);
    Problem::new(
        Code::new("result-without-sample"),
        Location::file(list),
        format!("there is no sample '{}', which has a result", result.sample),
    )
    .advice(near.unwrap_or("Add it, with its subject and visit".into()))
}

/// The result at its visit, by name or by day.
fn join<'a>(
    result: &ReportableResult,
    sample: &'a Sample,
    protocol: &Protocol,
    kit_lots: &BTreeMap<&str, &str>,
) -> Result<JoinedResult<'a>, Problem> {
    let kit_lot = result.plate.as_deref().and_then(|plate| kit_lots.get(plate));
    let at = |visit: &Visit, excluded: Option<Exclusion>| JoinedResult {
        sample,
        result: SubjectVisit {
            sample: sample.id.clone(),
            plate: result.plate.clone(),
            limits: limits(result),
            day: sample.day,
            matrix: sample.matrix.clone(),
            kit_lot: kit_lot.map(ToString::to_string),
            excluded,
            ..SubjectVisit::new(&sample.subject, &visit.name, visit.week, result.quantity.clone())
        },
        planned: visit.planned_day(),
    };
    match protocol.trial.records.visits {
        VisitRule::ByName => {
            let visit = protocol.trial.visits.iter().find(|visit| visit.name == sample.visit);
            let visit = visit.ok_or_else(|| unknown_visit(sample, protocol))?;
            let outside = |reason: String| Exclusion::new(ExclusionRule::VisitWindow, reason);
            let excluded = match (visit.window, sample.day) {
                (Some([first, last]), Some(day)) if !inside(visit, day) => {
                    Some(outside(format!("day {day} is outside the window of {}, days {first} to {last}", visit.name)))
                }
                (Some(_), None) => {
                    let reason = format!("no day of collection to compare with the window of {}", visit.name);
                    Some(outside(reason).counted_as(format!("no day of collection at {}", visit.name)))
                }
                _ => None,
            };
            Ok(at(visit, excluded))
        }
        VisitRule::ByDay => {
            let Some(day) = sample.day else {
                return Err(Problem::new(
                    Code::new("sample-without-day"),
                    sample.location.clone(),
                    format!("sample '{}' has no day, and visits go by day", sample.id),
                )
                .expected("a study day in the column 'day'"));
            };
            match protocol.trial.visits.iter().find(|visit| inside(visit, day)) {
                Some(visit) => Ok(at(visit, None)),
                None => {
                    let elapsed = if day > 0 { day - 1 } else { day };
                    let visit =
                        Visit { name: sample.visit.clone(), week: f64::from(elapsed) / 7.0, ..Visit::default() };
                    let reason = format!("day {day} is in the window of no visit");
                    Ok(at(&visit, Some(Exclusion::new(ExclusionRule::VisitWindow, reason))))
                }
            }
        }
    }
}

/// A sample of the list that is nearly `name`, and what probably happened to it: one without a result if there is one, else one of
/// whose wells some are called as they should be.
fn near_miss(name: &str, results: &[ReportableResult], samples: &SampleList) -> Option<String> {
    let unmeasured = || samples.iter().filter(|sample| results.iter().all(|result| result.sample != sample.id));
    unmeasured()
        .chain(samples.iter())
        .find_map(|sample| {
            let slip = slip(name, &sample.id)?;
            Some(format!("{}, has '{}': {slip}", sample.location, sample.id))
        })
        .or_else(|| {
            let sample = samples.iter().find(|sample| sample.id.to_lowercase() == name.to_lowercase())?;
            Some(format!(
                "{}, has '{}': upper and lower case differ. Write it in the same way in layout and list",
                sample.location, sample.id
            ))
        })
        .or_else(|| {
            let sample = unmeasured().find(|sample| differ_in_one_sign(name, &sample.id))?;
            Some(format!("{}, has '{}', which has no result: is it the same?", sample.location, sample.id))
        })
}

fn unknown_visit(sample: &Sample, protocol: &Protocol) -> Problem {
    let known: Vec<&str> = protocol.trial.visits.iter().map(|visit| visit.name.as_str()).collect();
    let meant = known.iter().find_map(|visit| Some(format!("'{visit}' is meant? {}", slip(visit, &sample.visit)?)));
    Problem::new(
        Code::new("visit-unknown"),
        sample.location.clone(),
        format!("sample '{}' is of the visit '{}'", sample.id, sample.visit),
    )
    .expected(format!("a visit of the study: {}", known.join(", ")))
    .advice(meant.unwrap_or_else(|| "Correct the visit, or declare it in study.toml".into()))
}

/// Subjects whose days of collection run against their visits: the baseline on the day of a later visit or after it, two other
/// visits the wrong way round. Whether a window excludes them does not matter: it is most likely two samples exchanged.
fn against_the_days(joined: &[JoinedResult<'_>], protocol: &Protocol) -> Vec<Problem> {
    let baseline = protocol.trial.visits.iter().find(|visit| visit.baseline).map(|visit| visit.name.as_str());
    let mut subjects: BTreeMap<&str, Vec<(&JoinedResult<'_>, i32)>> = BTreeMap::new();
    for one in joined {
        if let Some(day) = one.sample.day {
            subjects.entry(&one.result.subject).or_default().push((one, day));
        }
    }
    let wrong = |(before, day): (&JoinedResult<'_>, i32), (after, later): (&JoinedResult<'_>, i32)| {
        let is_baseline = Some(before.result.visit.as_str()) == baseline;
        before.result.week < after.result.week && (day > later || (is_baseline && day == later))
    };
    let mut problems = Vec::new();
    for (subject, visits) in subjects {
        let pairs = visits.iter().flat_map(|&one| visits.iter().map(move |&other| (one, other)));
        let Some(((before, day), (after, later))) = pairs.into_iter().find(|&(one, other)| wrong(one, other)) else {
            continue;
        };
        let found = format!(
            "subject '{subject}' has '{}' on day {day} (sample '{}') and '{}' on day {later} (sample '{}', {})",
            before.result.visit, before.sample.id, after.result.visit, after.sample.id, after.sample.location
        );
        problems.push(
            Problem::new(Code::new("visits-against-days"), before.sample.location.clone(), found)
                .expected("days in the order of the visits")
                .advice("Were the two samples exchanged? Correct the visits or the days in the list of samples"),
        );
    }
    problems
}

/// Something in which the samples of a subject should be alike.
struct Likeness {
    /// What it is where the study refuses it.
    code: Code,
    rule: ExclusionRule,
    of: fn(&SubjectVisit) -> Option<&str>,
    /// What a subject has of several of them, and what these are called.
    many: [&'static str; 2],
    expected: &'static str,
}

const MATRIX: Likeness = Likeness {
    code: Code::new("subject-of-two-matrices"),
    rule: ExclusionRule::MixedMatrices,
    of: |result| result.matrix.as_deref(),
    many: ["samples of", "matrices"],
    expected: "one matrix within a subject: a change from serum to plasma is not a change of the patient",
};
const KIT_LOT: Likeness = Likeness {
    code: Code::new("subject-of-two-kit-lots"),
    rule: ExclusionRule::MixedKitLots,
    of: |result| result.kit_lot.as_deref(),
    many: ["results of", "kit lots"],
    expected: "one kit lot within a subject: a change from lot to lot is not a change of the patient",
};

/// Finds subjects whose results are not alike, and refuses or excludes them as the rule says.
fn mixed(joined: &mut [JoinedResult<'_>], rule: MixedRule, likeness: &Likeness) -> Vec<Problem> {
    let mut first: BTreeMap<&str, &JoinedResult<'_>> = BTreeMap::new();
    let mut unlike: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut of_subject: BTreeMap<&str, BTreeMap<String, &str>> = BTreeMap::new();
    let taking_part = joined.iter().enumerate().filter(|(_, one)| one.result.excluded.is_none());
    for (at, one) in taking_part {
        let Some(own) = (likeness.of)(&one.result) else { continue };
        of_subject.entry(&one.result.subject).or_default().entry(own.to_ascii_lowercase()).or_insert(own);
        let known = *first.entry(&one.result.subject).or_insert(one);
        let other = (likeness.of)(&known.result).unwrap_or_default();
        if !other.eq_ignore_ascii_case(own) {
            let [what, of] = likeness.many;
            let found = format!(
                "subject '{}' has {what} two {of}: '{}' is {own}, '{}' is {other}",
                one.result.subject, one.sample.id, known.sample.id
            );
            unlike.entry(one.result.subject.clone()).or_insert((at, found));
        }
    }
    let counted: BTreeMap<String, String> = of_subject
        .into_iter()
        .map(|(subject, names)| (subject.to_string(), several(likeness.many, &names.into_values().collect::<Vec<_>>())))
        .collect();
    match rule {
        MixedRule::Allow => Vec::new(),
        MixedRule::Refuse => unlike
            .into_values()
            .map(|(at, found)| {
                Problem::new(likeness.code.clone(), joined[at].sample.location.clone(), found)
                    .expected(likeness.expected)
            })
            .collect(),
        MixedRule::Exclude => {
            for one in joined.iter_mut().filter(|one| one.result.excluded.is_none()) {
                if let Some((_, found)) = unlike.get(&one.result.subject) {
                    let brief = counted.get(&one.result.subject).cloned().unwrap_or_default();
                    one.result.excluded = Some(Exclusion::new(likeness.rule, found.clone()).counted_as(brief));
                }
            }
            Vec::new()
        }
    }
}

/// `results of two kit lots (A and B)`.
fn several([what, of]: [&str; 2], names: &[&str]) -> String {
    match names {
        [one, other] => format!("{what} two {of} ({one} and {other})"),
        _ => format!("{what} {} {of} ({})", names.len(), names.join(", ")),
    }
}

/// Leaves one result for each subject and visit, by the rule.
fn duplicates(joined: &mut [JoinedResult<'_>], rule: DuplicateRule) -> Vec<Problem> {
    let mut places: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (at, one) in joined.iter().enumerate().filter(|(_, one)| one.result.excluded.is_none()) {
        places.entry((one.result.subject.clone(), one.result.visit.clone())).or_default().push(at);
    }
    let mut problems = Vec::new();
    for group in places.into_values().filter(|group| group.len() > 1) {
        match choose(joined, &group, rule) {
            Ok(chosen) => {
                let taken = joined[chosen].sample.id.clone();
                for at in group.into_iter().filter(|at| *at != chosen) {
                    let reason = format!("sample '{taken}' is taken for this visit ({})", words(rule));
                    joined[at].result.excluded = Some(Exclusion::new(ExclusionRule::DuplicateVisit, reason));
                }
            }
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

fn words(rule: DuplicateRule) -> &'static str {
    match rule {
        DuplicateRule::Refuse => "the only one with a value",
        DuplicateRule::First => "the first with a value",
        DuplicateRule::Last => "the last with a value",
        DuplicateRule::Closest => "the one with a value that is closest to the planned day",
    }
}

/// Which of several results is taken. One that was not reported gives way to one that was.
fn choose(joined: &[JoinedResult<'_>], group: &[usize], rule: DuplicateRule) -> Result<usize, Problem> {
    let one = &joined[group[0]];
    let other = &joined[group[1]];
    let two = format!(
        "subject '{}' has two results at '{}': samples '{}' ({}) and '{}'",
        one.result.subject, one.result.visit, one.sample.id, one.sample.location, other.sample.id
    );
    if rule == DuplicateRule::Refuse {
        return Err(Problem::new(Code::new("visit-two-results"), other.sample.location.clone(), two)
            .expected("one result for a subject and visit")
            .advice(
                "Give a repeated measurement the name of the first sample, or declare in [records] which one counts",
            ));
    }
    let reported = |at: &usize| !matches!(joined[*at].result.quantity, Quantity::NotReported { .. });
    let mut candidates: Vec<usize> = group.iter().copied().filter(reported).collect();
    if candidates.is_empty() {
        candidates = group.to_vec();
    }
    if let [only] = candidates[..] {
        return Ok(only);
    }
    let undecided = |why: &str| {
        Problem::new(
            Code::new("visit-two-results-not-told-apart"),
            other.sample.location.clone(),
            format!("{two}; {why}"),
        )
        .expected("days of collection by which one of them is taken")
    };
    let days: Option<Vec<(f64, usize)>> = candidates
        .iter()
        .map(|&at| {
            let day = f64::from(joined[at].sample.day?);
            let rank = match rule {
                DuplicateRule::Last => -day,
                DuplicateRule::Closest => (day - joined[at].planned).abs(),
                DuplicateRule::First | DuplicateRule::Refuse => day,
            };
            Some((rank, at))
        })
        .collect();
    let mut days = days.ok_or_else(|| undecided("not all of them have a day"))?;
    days.sort_by(|a, b| a.0.total_cmp(&b.0));
    match days[..] {
        [(first, _), (second, _), ..] if first == second => Err(undecided("their days do not decide between them")),
        [(_, first), ..] => Ok(first),
        [] => Err(undecided("none can be taken")),
    }
}
