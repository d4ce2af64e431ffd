//! Whether a plate was reviewed or approved, and whether what was looked at then is what there is now.

use std::fmt;

use super::decisions::{Action, Decision, Decisions};
use super::looked_at::LookedAt;

/// What a person lets stand: two steps, as laboratories have them.
///
/// ```
/// assert_eq!(platewise::record::ReviewKind::Approved.to_string(), "approved");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewKind {
    /// The findings of a plate.
    Reviewed,
    /// Its results.
    Approved,
}

impl fmt::Display for ReviewKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reviewed => "reviewed",
            Self::Approved => "approved",
        })
    }
}

/// What there is of reviews of a plate.
///
/// ```
/// use platewise::record::{Decisions, LookedAt, Review};
/// assert_eq!(Decisions::default().review("P01", &LookedAt::default(), false), Review::Open);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Review {
    /// Nobody has looked at it on record.
    Open,
    /// It was reviewed or approved, and nothing has changed since.
    InDate(ReviewKind, Box<Decision>),
    /// It was reviewed or approved, and this has changed since.
    OutOfDate(ReviewKind, Box<Decision>, Vec<&'static str>),
    /// Whoever reviewed or approved it had excluded something of it, where the method asks for a second person.
    SamePerson(ReviewKind, Box<Decision>),
}

impl Review {
    /// The state in a word or three: `open`, `reviewed`, `approved`, `out of date`.
    pub fn state(&self) -> String {
        match self {
            Self::Open => "open".into(),
            Self::InDate(kind, _) => kind.to_string(),
            Self::OutOfDate(..) => "out of date".into(),
            Self::SamePerson(..) => "not by a second person".into(),
        }
    }

    /// The decision that it rests on.
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Open => None,
            Self::InDate(_, decision) | Self::OutOfDate(_, decision, _) | Self::SamePerson(_, decision) => {
                Some(decision)
            }
        }
    }

    /// Why a review that is on record does not count; `None` where it does, or where there is none.
    pub fn doubt(&self) -> Option<String> {
        match self {
            Self::Open | Self::InDate(..) => None,
            Self::OutOfDate(kind, decision, changed) => {
                let (has, what) = (if changed.len() == 1 { "has" } else { "have" }, and(changed));
                Some(format!("{kind} by {}, and {what} {has} changed since", decision.who))
            }
            Self::SamePerson(kind, decision) => {
                let who = &decision.who;
                Some(format!("{kind} by {who}, who had excluded something of it: [review] asks for a second person"))
            }
        }
    }
}

fn and(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_string(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

impl Decisions {
    /// The exclusions in force on a plate, each with its line.
    pub fn exclusions_of<'a>(&'a self, plate: &'a str) -> impl Iterator<Item = (usize, &'a Decision)> {
        self.in_force().filter(move |(_, decision)| decision.target.plate == plate)
    }

    /// What there is of reviews of a plate, when this is what there is to look at now. Of several reviews the highest counts that is
    /// in date; without one, the last.
    pub fn review(&self, plate: &str, now: &LookedAt, second_person: bool) -> Review {
        let state = |decision: &Decision| {
            let kind = match decision.action {
                Action::Accept => ReviewKind::Reviewed,
                Action::Approve => ReviewKind::Approved,
                Action::Exclude | Action::Undo => return None,
            };
            let of = Box::new(decision.clone());
            let changed = match &decision.looked_at {
                Some(then) => then.changes(now),
                None => vec!["what was looked at, which is not on record,"],
            };
            Some(if !changed.is_empty() {
                Review::OutOfDate(kind, of, changed)
            } else if second_person && self.exclusions_of(plate).any(|(_, of)| is_same_person(&of.who, &decision.who)) {
                Review::SamePerson(kind, of)
            } else {
                Review::InDate(kind, of)
            })
        };
        let of_plate = self.lines().filter(|(_, decision)| decision.target.plate == plate);
        let rank = |review: &Review| match review {
            Review::InDate(ReviewKind::Approved, _) => 2,
            Review::InDate(ReviewKind::Reviewed, _) => 1,
            _ => 0,
        };
        of_plate.filter_map(|(_, decision)| state(decision)).max_by_key(rank).unwrap_or(Review::Open)
    }
}

/// Whether two names are one person's: neither letters' case nor blanks make another.
///
/// ```
/// assert!(platewise::record::is_same_person("A.  Analyst ", "a. analyst"));
/// ```
pub fn is_same_person(one: &str, other: &str) -> bool {
    let name = |of: &str| of.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    name(one) == name(other)
}
