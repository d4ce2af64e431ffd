//! `[records]`: which results of a subject are analysed, at which visit, and what happens to the others.

use serde::Serialize;

use super::STUDY_FILE;
use super::Visit;
use super::section::Section;
use crate::sheet::{Code, Location, Problem, Problems};

/// `[records]`: which results are analysed.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// use platewise::protocol::{DuplicateRule, VisitRule};
/// assert_eq!((protocol.trial.records.visits, protocol.trial.records.duplicates), (VisitRule::ByName, DuplicateRule::Refuse));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordRules {
    /// How a sample finds its visit.
    pub visits: VisitRule,
    /// Which result is the baseline.
    pub baseline: BaselineRule,
    /// Which of several results of one subject at one visit is taken.
    pub duplicates: DuplicateRule,
    /// What happens to a subject with samples of two matrices, such as serum and plasma.
    pub mixed_matrices: MixedRule,
    /// What happens to a subject whose samples were measured with two kit lots.
    pub mixed_kit_lots: MixedRule,
    /// What the list of arms calls subjects who were not randomised.
    pub not_randomised: Vec<String>,
}

/// How a sample finds its visit.
///
/// See [`RecordRules`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VisitRule {
    /// By the name of the visit in the list of samples; a day outside the window of that visit excludes the result.
    ByName,
    /// By the day of collection: the visit in whose window it is; a day in no window excludes the result.
    ByDay,
}

/// Which result is the baseline.
///
/// See [`RecordRules`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaselineRule {
    /// That of the visit marked `baseline`.
    Visit,
    /// That of the visit marked `baseline` or, where there is none, of the last visit before it.
    LastOnOrBefore,
}

/// Which of several results of one subject at one visit is taken.
///
/// See [`RecordRules`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateRule {
    /// None: two results are an error.
    Refuse,
    /// The first, by the day of collection.
    First,
    /// The last.
    Last,
    /// The one nearest to the day that is planned for the visit.
    Closest,
}

/// What happens to subjects whose samples are not all alike.
///
/// See [`RecordRules`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MixedRule {
    /// It is an error.
    Refuse,
    /// All results of the subject are excluded.
    Exclude,
    /// They are analysed and named.
    Allow,
}

const REFUSE: (&str, MixedRule) = ("refuse", MixedRule::Refuse);
const EXCLUDE: (&str, MixedRule) = ("exclude", MixedRule::Exclude);
const ALLOW: (&str, MixedRule) = ("allow", MixedRule::Allow);

pub(super) fn read(mut section: Section<'_>, visits: &[Visit], problems: &mut Problems) -> RecordRules {
    let rules = RecordRules {
        visits: section.choice("visits", &[("by-name", VisitRule::ByName), ("by-day", VisitRule::ByDay)], problems),
        baseline: section.choice(
            "baseline",
            &[("visit", BaselineRule::Visit), ("last-on-or-before", BaselineRule::LastOnOrBefore)],
            problems,
        ),
        duplicates: section.choice(
            "duplicates",
            &[
                ("refuse", DuplicateRule::Refuse),
                ("first", DuplicateRule::First),
                ("last", DuplicateRule::Last),
                ("closest", DuplicateRule::Closest),
            ],
            problems,
        ),
        mixed_matrices: section.choice("mixed_matrices", &[REFUSE, EXCLUDE, ALLOW], problems),
        mixed_kit_lots: section.choice("mixed_kit_lots", &[ALLOW, EXCLUDE, REFUSE], problems),
        not_randomised: section.texts("not_randomised", problems).unwrap_or_default(),
    };
    if rules.visits == VisitRule::ByDay {
        windows_that_divide(visits, section.line_of("visits"), problems);
    }
    section.finish(problems);
    rules
}

/// A day leads to one visit only where every visit has a window and no two windows share a day.
fn windows_that_divide(visits: &[Visit], at: Location, problems: &mut Problems) {
    for visit in visits.iter().filter(|visit| visit.window.is_none()) {
        problems.push(
            Problem::new(
                Code::new("visit-without-window"),
                at.clone(),
                format!("visits go by day, and '{}' has no window", visit.name),
            )
            .expected("window = [first day, last day] in each [[visit]]"),
        );
    }
    let mut windows: Vec<(&str, [i32; 2])> =
        visits.iter().filter_map(|visit| Some((visit.name.as_str(), visit.window?))).collect();
    windows.sort_by_key(|(_, window)| *window);
    for pair in windows.windows(2) {
        let [(one, [_, last]), (other, [first, _])] = pair else { continue };
        if first <= last {
            let found = format!("the windows of '{one}' and '{other}' share day {first}");
            problems.push(
                Problem::new(Code::new("visit-windows-overlap"), Location::file(STUDY_FILE), found)
                    .expected("windows apart"),
            );
        }
    }
}
