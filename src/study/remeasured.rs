//! The same trial with other results of the same samples: drawn anew, or evaluated in another way.

use std::collections::BTreeMap;

use crate::reportable::ReportableResult;

use super::result::SubjectVisit;
use super::trial::Trial;

/// A trial whose results are replaced. Which result belongs to which participant and visit is settled; no sample is added.
#[derive(Debug, Clone)]
pub struct Remeasured<'a> {
    trial: Trial,
    /// Participant and visit of each sample.
    places: BTreeMap<&'a str, (usize, usize)>,
}

impl<'a> Remeasured<'a> {
    /// Of a trial and the results that it was made from.
    pub fn new(trial: &Trial, visits: &'a [SubjectVisit]) -> Self {
        let place = |visit: &'a SubjectVisit| {
            let participant = trial.participants.binary_search_by(|one| one.subject.cmp(&visit.subject)).ok()?;
            let at = trial.visits.iter().position(|one| one.name == visit.visit)?;
            Some((visit.sample.as_str(), (participant, at)))
        };
        Self { trial: trial.clone(), places: visits.iter().filter_map(place).collect() }
    }

    /// The trial with these results.
    pub fn with(&mut self, results: Vec<ReportableResult>) -> &Trial {
        for result in results {
            if let Some(&(participant, visit)) = self.places.get(result.sample.as_str()) {
                self.trial.participants[participant].results[visit] = Some(result.quantity);
            }
        }
        &self.trial
    }
}
