//! What the names of samples say of subjects and visits, compared with the list of samples: many laboratories write both into the
//! name (`101-007-W16`), so that a line of the list that was exchanged with another shows.
//!
//! Nothing is taken from a name. Where at least nine of ten names hold the subject of their line, those that do not are questioned;
//! where at least nine of ten of the names with one remainder (`-W16`) are of one visit, those of another visit are.

use std::collections::BTreeMap;

use crate::plate::{Purpose, Sample, SampleList};
use crate::reportable::IdentityFinding;
use crate::reportable::identity::IdentityRule;
use crate::sheet::{Code, Problem};

/// So many samples make a custom of a name.
const CUSTOM: usize = 10;

/// The samples whose names say another subject or visit than their line of the list.
///
/// ```
/// use platewise::plate::SampleList;
/// use platewise::sheet::Book;
/// use platewise::study::names;
///
/// let mut text = String::from("sample,subject,visit\n");
/// for subject in 101..120 {
///     text += &format!("{subject}-W00,{subject},Baseline\n{subject}-W16,{subject},Week 16\n");
/// }
/// let list = |text: &str| SampleList::read(&Book::from_bytes(text.as_bytes(), "samples.csv").unwrap().sheets[0]).unwrap();
/// assert!(names::findings(&list(&text)).is_empty());
/// let exchanged = text.replace("101-W00,101,Baseline\n101-W16,101,Week 16", "101-W16,101,Baseline\n101-W00,101,Week 16");
/// assert_eq!(names::findings(&list(&exchanged)).len(), 2);
/// ```
pub fn findings(samples: &SampleList) -> Vec<IdentityFinding> {
    let study: Vec<&Sample> = samples.iter().filter(|sample| sample.purpose == Purpose::Study).collect();
    let rests: Vec<Option<String>> = study.iter().map(|sample| without(&sample.id, &sample.subject)).collect();
    if !is_custom(rests.iter().flatten().count(), study.len()) {
        return Vec::new();
    }
    let mut visits: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for (sample, rest) in study.iter().zip(&rests) {
        if let Some(rest) = rest {
            *visits.entry(rest).or_default().entry(&sample.visit).or_default() += 1;
        }
    }
    let usual = |rest: &str| {
        let of_rest = visits.get(rest)?;
        let all = of_rest.values().sum();
        let (visit, of) = of_rest.iter().max_by_key(|(_, of)| **of)?;
        is_custom(*of, all).then_some((*visit, *of))
    };
    let mut findings = Vec::new();
    for (sample, rest) in study.iter().zip(&rests) {
        let found = match rest {
            None => {
                format!(
                    "sample '{}' belongs to subject '{}', whose number is not in its name",
                    sample.id, sample.subject
                )
            }
            Some(rest) => match usual(rest) {
                Some((visit, of)) if visit != sample.visit => format!(
                    "sample '{}' belongs to visit '{}', but {of} others with '{rest}' in their names belong to '{visit}'",
                    sample.id, sample.visit
                ),
                _ => continue,
            },
        };
        findings.push(IdentityFinding {
            rule: IdentityRule::SampleName,
            of: sample.id.clone(),
            problem: Problem::new(Code::new("sample-name-contradicts"), sample.location.clone(), found)
                .expected("what the names of the other samples suggest")
                .advice("Were two lines or cells exchanged? Compare it with the label of the tube"),
        });
    }
    findings
}

/// Whether nine of ten do so, and so many that it is no accident.
fn is_custom(of: usize, all: usize) -> bool {
    of >= CUSTOM && 10 * of >= 9 * all
}

/// The name without the subject; `None` where the subject does not stand in it as a word of its own.
fn without(name: &str, subject: &str) -> Option<String> {
    if subject.is_empty() {
        return None;
    }
    let at = name.match_indices(subject).map(|(at, _)| at).find(|&at| {
        let (before, after) = (&name[..at], &name[at + subject.len()..]);
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })?;
    Some(format!("{}{}", &name[..at], &name[at + subject.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_a_word_of_the_name() {
        assert_eq!(without("101-007-W16", "101-007").as_deref(), Some("-W16"));
        assert_eq!(without("101-007-W16", "01-007"), None);
        assert_eq!(without("S12", "S1"), None);
        assert_eq!(without("W16/S1/a", "S1").as_deref(), Some("W16//a"));
        assert_eq!(without("4711", ""), None);
    }
}
