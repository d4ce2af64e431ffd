//! Whether the samples of a plate were kept as the method's stability covers it: no longer, and thawed no more often. A warning for the
//! plate, with the samples named: by ICH M10 (2022), 4.2.7, a method shows stability for the conditions and the time under which study
//! samples are kept, and what follows for a result beyond it is the laboratory's decision.

use std::fmt;

use super::judged_by::JudgedBy;
use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId, RuleUnit};
use super::verdict::Finding;
use crate::plate::{Age, AssayPlate, Handling, Storage};
use crate::protocol::StabilitySettings;

pub(super) const MAX_AGE_DAYS: RuleId = RuleId::of(
    &PlateRule::new(
        "max_age_days",
        "age of the samples",
        "what the list of samples leaves open; else whether such a result may stand is the laboratory's decision",
    )
    .of(RuleUnit::Days),
);
pub(super) const MAX_THAWS: RuleId = RuleId::of(
    &PlateRule::new(
        "max_thaws",
        "thaws of the samples",
        "what the list of samples leaves open; else whether such a result may stand is the laboratory's decision",
    )
    .of(RuleUnit::Thaws),
);

/// The rules of this file.
pub(super) const RULES: JudgedBy = JudgedBy {
    rules: &[MAX_AGE_DAYS, MAX_THAWS],
    needs_curve: false,
    judge: |of| judge(&of.plate.plate, &of.assay.stability),
};

/// Whether one sample was kept within one limit.
///
/// ```
/// use platewise::plate::Age;
/// use platewise::qc::stability::StorageStatus;
///
/// let within = |least, most| StorageStatus::of_age(Some(Age { least, most }), 30);
/// assert_eq!([within(7, 7), within(31, 31), within(3, 33)], [StorageStatus::Within, StorageStatus::Beyond, StorageStatus::Unknown]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StorageStatus {
    /// It was.
    Within,
    /// It cannot be said: a fact is missing, or a date may mean a day on either side.
    Unknown,
    /// It was not, or it was collected after its plate was read.
    Beyond,
}

impl fmt::Display for StorageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Within => "within",
            Self::Unknown => "unknown",
            Self::Beyond => "beyond",
        })
    }
}

impl StorageStatus {
    /// A sample of a plate by all limits that the method declares, of which the worst counts; `None` where it declares none, or where
    /// the sample is none of the study.
    pub fn of_sample(handling: &Handling, sample: &str, stability: &StabilitySettings) -> Option<Self> {
        let storage = handling.samples.get(sample)?;
        let age = stability.max_age_days.map(|most| Self::of_age(handling.age(sample), most));
        age.max(stability.max_thaws.map(|most| Self::of_thaws(storage.thaws, most)))
    }

    /// By an age and the most that it may be, in days.
    pub fn of_age(age: Option<Age>, most: u32) -> Self {
        let Some(age) = age else { return Self::Unknown };
        let most = i64::from(most);
        let (least, highest) = (i64::from(age.least), i64::from(age.most));
        match () {
            () if least >= 0 && highest <= most => Self::Within,
            () if highest < 0 || least > most => Self::Beyond,
            () => Self::Unknown,
        }
    }

    /// By a number of thaws and the most that it may be.
    fn of_thaws(thaws: Option<u32>, most: u32) -> Self {
        match thaws {
            Some(thaws) if thaws <= most => Self::Within,
            Some(_) => Self::Beyond,
            None => Self::Unknown,
        }
    }
}

/// Judges the samples of a plate by each limit that the method declares.
pub fn judge(plate: &AssayPlate, stability: &StabilitySettings) -> Vec<Finding> {
    let handling = &plate.handling;
    let age = stability.max_age_days.map(|most| {
        let seen = |name: &str, _: &Storage| {
            let age = handling.age(name);
            (StorageStatus::of_age(age, most), age.map(|age| format!("{age} days")))
        };
        let limit = format!("at most {most} days from collection to reading");
        // A date that may mean two days makes a sample as old as it is in any case.
        let oldest = handling.samples.keys().filter_map(|name| handling.age(name)).map(|age| age.least).max();
        finding(
            MAX_AGE_DAYS,
            limit,
            "without an age, or a date of one meaning, of collection and of reading",
            handling,
            seen,
        )
        .numbers(oldest.map(f64::from), f64::from(most))
    });
    let thaws = stability.max_thaws.map(|most| {
        let seen = |_: &str, storage: &Storage| {
            let thaws = storage.thaws;
            (StorageStatus::of_thaws(thaws, most), thaws.map(|thaws| format!("thawed {}", times(thaws))))
        };
        let most_often = handling.samples.values().filter_map(|storage| storage.thaws).max();
        finding(
            MAX_THAWS,
            format!("thawed {}", if most == 0 { times(0) } else { format!("at most {}", times(most)) }),
            "without a number of thaws",
            handling,
            seen,
        )
        .numbers(most_often.map(f64::from), f64::from(most))
    });
    age.into_iter().chain(thaws).collect()
}

fn finding(
    rule: RuleId,
    limit: String,
    asked: &str,
    handling: &Handling,
    seen: impl Fn(&str, &Storage) -> (StorageStatus, Option<String>),
) -> Finding {
    let of = |which: StorageStatus| {
        let all = handling.samples.iter().map(|(name, storage)| (name, seen(name, storage)));
        let such = all.filter(move |(_, (kept, _))| *kept == which);
        such.map(|(name, (_, words))| words.map_or_else(|| name.clone(), |words| format!("{name}: {words}")))
            .collect::<Vec<_>>()
    };
    let (beyond, unknown, all) = (of(StorageStatus::Beyond), of(StorageStatus::Unknown), handling.samples.len());
    let mut parts = Vec::new();
    if !beyond.is_empty() {
        parts.push(format!("{} of {all} samples beyond it ({})", beyond.len(), some(&beyond)));
    }
    if !unknown.is_empty() {
        parts.push(format!("for {} of {all} it cannot be said, {asked} ({})", unknown.len(), some(&unknown)));
    }
    let (observed, outcome) = match (parts.is_empty(), all) {
        (true, 0) => ("no sample of the list is on the plate".to_string(), Outcome::Pass),
        (true, _) => (format!("all {all} samples within it"), Outcome::Pass),
        (false, _) => (parts.join("; "), Outcome::Warning),
    };
    Finding::new(rule, "samples", observed, limit, outcome)
}

fn times(n: u32) -> String {
    match n {
        0 => "never".into(),
        1 => "once".into(),
        n => format!("{n} times"),
    }
}

/// The first few of a list; a table has them all.
fn some(all: &[String]) -> String {
    const SHOWN: usize = 8;
    let first = all.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match all.len().checked_sub(SHOWN) {
        None | Some(0) => first,
        Some(more) => format!("{first} and {more} more: see measurements.csv"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::PlateSize;
    use crate::sheet::WrittenDate;

    fn plate(read_on: &str, samples: &[(&str, &str, Option<u32>)]) -> AssayPlate {
        let mut plate = AssayPlate::of_wells("P", PlateSize::WELLS_96, Vec::new());
        let storage = |collected: &str, thaws: Option<u32>| Storage {
            collected: WrittenDate::read(collected),
            age_days: None,
            thaws,
        };
        let samples = samples.iter().map(|(name, collected, thaws)| (name.to_string(), storage(collected, *thaws)));
        plate.handling = Handling {
            kit_expiry: None,
            declared_read_on: None,
            read_on: WrittenDate::read(read_on),
            samples: samples.collect(),
        };
        plate
    }

    #[test]
    fn samples_beyond_a_limit_are_named_and_those_of_which_nothing_is_known_counted() {
        let stability = StabilitySettings { max_age_days: Some(30), max_thaws: Some(2) };
        let plate = plate(
            "2026-03-31",
            &[
                ("A", "2026-03-01", Some(2)),
                ("B", "2026-02-28", Some(3)),
                ("C", "", None),
                // 2 March or 3 February: 29 or 56 days.
                ("D", "02/03/2026", Some(0)),
                ("E", "2026-04-02", Some(1)),
            ],
        );
        let found = judge(&plate, &stability);
        let words: Vec<(&str, &str, Outcome)> =
            found.iter().map(|finding| (finding.rule.name(), finding.observed.as_str(), finding.outcome)).collect();
        assert_eq!(
            words,
            [
                (
                    "max_age_days",
                    "2 of 5 samples beyond it (B: 31 days, E: −2 days); for 2 of 5 it cannot be said, without an age, or a date of one \
                     meaning, of collection and of reading (C, D: 29 to 56 days)",
                    Outcome::Warning
                ),
                (
                    "max_thaws",
                    "1 of 5 samples beyond it (B: thawed 3 times); for 1 of 5 it cannot be said, without a number of thaws (C)",
                    Outcome::Warning
                ),
            ]
        );
        let numbers: Vec<_> = found.iter().map(|finding| (finding.value, finding.limit_value)).collect();
        assert_eq!(numbers, [(Some(31.0), Some(30.0)), (Some(3.0), Some(2.0))], "the most that is certain");
        assert!(judge(&plate, &StabilitySettings::default()).is_empty(), "nothing is judged that is not declared");
    }

    #[test]
    fn the_limits_themselves_are_within() {
        let stability = StabilitySettings { max_age_days: Some(30), max_thaws: Some(0) };
        let found = judge(&plate("2026-03-31", &[("A", "2026-03-01", Some(0))]), &stability);
        assert!(found.iter().all(|finding| finding.outcome == Outcome::Pass), "{found:?}");
    }
}
