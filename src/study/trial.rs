//! The participants of a trial with their arms and results: what every analysis starts from.

use std::collections::{BTreeMap, BTreeSet};

use crate::concentration::Quantity;
use crate::protocol::Visit;

use super::result::{Allocation, SubjectVisit};

/// One randomised participant.
#[derive(Debug, Clone)]
pub struct Participant {
    /// The subject.
    pub subject: String,
    /// The arm.
    pub arm: String,
    /// The stratum of the randomisation.
    pub stratum: Option<String>,
    /// The result at each of the trial's visits, in their order; `None` where there is none.
    pub results: Vec<Option<Quantity>>,
}

/// A trial: its visits and its participants, both with and without results.
#[derive(Debug, Clone)]
pub struct Trial {
    /// The visits, by week.
    pub visits: Vec<Visit>,
    /// The participants, by name.
    pub participants: Vec<Participant>,
}

impl Trial {
    /// Joins results to arms. Subjects who are in no arm are not part of it.
    pub fn new(visits: &[Visit], results: &[SubjectVisit], arms: &[Allocation]) -> Self {
        let mut visits = visits.to_vec();
        visits.sort_by(|a, b| a.week.total_cmp(&b.week));
        let by_place: BTreeMap<(&str, &str), &Quantity> =
            results.iter().map(|result| ((result.subject.as_str(), result.visit.as_str()), &result.quantity)).collect();
        let mut participants: Vec<Participant> = arms
            .iter()
            .map(|allocation| Participant {
                subject: allocation.subject.clone(),
                arm: allocation.arm.clone(),
                stratum: allocation.stratum.clone(),
                results: visits
                    .iter()
                    .map(|visit| by_place.get(&(allocation.subject.as_str(), visit.name.as_str())).copied().cloned())
                    .collect(),
            })
            .collect();
        participants.sort_by(|a, b| a.subject.cmp(&b.subject));
        Self { visits, participants }
    }

    /// Which of the visits is the baseline.
    pub fn baseline(&self) -> Option<usize> {
        self.visits.iter().position(|visit| visit.baseline)
    }

    /// Which of the visits is the end point.
    pub fn endpoint(&self) -> Option<usize> {
        self.visits.iter().position(|visit| visit.endpoint)
    }

    /// The visits after baseline.
    pub fn after_baseline(&self) -> impl Iterator<Item = usize> {
        self.baseline().into_iter().flat_map(|baseline| baseline + 1..self.visits.len())
    }

    /// The names of the arms, each once, in order.
    pub fn arms(&self) -> Vec<&str> {
        let arms: BTreeSet<&str> = self.participants.iter().map(|participant| participant.arm.as_str()).collect();
        arms.into_iter().collect()
    }
}
