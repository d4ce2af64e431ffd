//! The participants of a trial with their arms and results: what every analysis starts from.

use std::collections::{BTreeMap, BTreeSet};

use crate::concentration::Quantity;
use crate::protocol::{BaselineRule, Protocol, Visit};

use super::allocation::Allocation;
use super::covariates::{CovariateColumn, CovariateOf};
use super::exclusion::Exclusion;
use super::subject_visit::SubjectVisit;

/// One randomised participant.
///
/// See [`TrialData`] for an example.
#[derive(Debug, Clone)]
pub struct Participant {
    /// The subject.
    pub subject: String,
    /// The arm.
    pub arm: String,
    /// The stratum of the randomisation.
    pub stratum: Option<String>,
    /// Age in years at the randomisation, where the list of arms has it.
    pub age: Option<f64>,
    /// The covariates that the study declares.
    pub covariates: Vec<CovariateOf>,
    /// The result at each of the trial's visits, in their order; `None` where there is none.
    pub results: Vec<Option<Quantity>>,
    /// Why there is none, where it is not that there is no sample: what a rule of the study says of the sample.
    pub absent: Vec<Option<Exclusion>>,
    /// At which visits an earlier result stands, by the strategy for an event.
    pub carried: Vec<bool>,
    /// Whether there was an event that is a failure by its strategy: no response.
    pub failed: bool,
    /// The visit whose result stands at the baseline visit; another one only by [`BaselineRule::LastOnOrBefore`].
    pub baseline_from: Option<usize>,
}

/// A trial: its visits and its participants, both with and without results.
///
/// ```
/// use platewise::sheet::Book;
/// use platewise::study::trial_data::{Participant, TrialData};
/// use platewise::study::values::read_values;
///
/// let table = b"usubjid,arm,week,value,blq,lloq\n\
///     S1,active,0,800,0,10\nS1,active,16,380,0,10\nS2,active,0,900,0,10\nS2,active,16,,1,10\n\
///     S3,placebo,0,700,0,10\nS3,placebo,16,660,0,10\nS4,placebo,0,850,0,10\nS4,placebo,16,790,0,10\n";
/// let book = Book::from_bytes(table, "values.csv")?;
/// let trial: TrialData = read_values(&book.sheets[0])?;
/// assert_eq!((trial.arms(), trial.baseline(), trial.endpoint()), (vec!["active", "placebo"], Some(0), Some(1)));
/// let second: &Participant = &trial.participants[1];
/// assert_eq!(second.results[1].as_ref().map(ToString::to_string).as_deref(), Some("<10"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct TrialData {
    /// The visits, by week.
    pub visits: Vec<Visit>,
    /// The participants, by name.
    pub participants: Vec<Participant>,
    /// The covariates that the study declares, in its order.
    pub covariates: Vec<CovariateColumn>,
}

impl TrialData {
    /// Joins results to arms. Subjects who are in no arm and excluded results are not part of it.
    pub fn new(visits: &[Visit], results: &[SubjectVisit], arms: &[Allocation]) -> Self {
        let mut visits = visits.to_vec();
        visits.sort_by(|a, b| a.week.total_cmp(&b.week));
        let by_place: BTreeMap<(&str, &str), &Quantity> = results
            .iter()
            .filter(|result| result.excluded.is_none())
            .map(|result| ((result.subject.as_str(), result.visit.as_str()), &result.quantity))
            .collect();
        let mut excluded: BTreeMap<(&str, &str), &Exclusion> = BTreeMap::new();
        for result in results {
            let place = (result.subject.as_str(), result.visit.as_str());
            if let Some(why) = result.excluded.as_ref().filter(|_| !by_place.contains_key(&place)) {
                excluded.entry(place).or_insert(why);
            }
        }
        let carried: BTreeSet<(&str, &str)> = results
            .iter()
            .filter(|result| result.carried_from.is_some())
            .map(|result| (result.subject.as_str(), result.visit.as_str()))
            .collect();
        let failed: BTreeSet<&str> =
            results.iter().filter(|result| result.failed).map(|result| result.subject.as_str()).collect();
        let baseline_from = visits.iter().position(|visit| visit.baseline);
        let mut participants: Vec<Participant> = arms
            .iter()
            .map(|allocation| Participant {
                subject: allocation.subject.clone(),
                arm: allocation.arm.clone(),
                stratum: allocation.stratum.clone(),
                age: allocation.age,
                covariates: allocation.covariates.clone(),
                results: visits
                    .iter()
                    .map(|visit| by_place.get(&(allocation.subject.as_str(), visit.name.as_str())).copied().cloned())
                    .collect(),
                absent: visits
                    .iter()
                    .map(|visit| excluded.get(&(allocation.subject.as_str(), visit.name.as_str())).copied().cloned())
                    .collect(),
                carried: visits
                    .iter()
                    .map(|visit| carried.contains(&(allocation.subject.as_str(), visit.name.as_str())))
                    .collect(),
                failed: failed.contains(allocation.subject.as_str()),
                baseline_from,
            })
            .collect();
        participants.sort_by(|a, b| a.subject.cmp(&b.subject));
        let covariates = CovariateColumn::of(arms.iter().map(|one| one.covariates.as_slice()));
        Self { visits, participants, covariates }
    }

    /// The strata of the randomisation, each once, by name: analyses number them by their place here.
    pub fn strata(&self) -> Vec<&str> {
        let names: BTreeSet<&str> = self.participants.iter().filter_map(|one| one.stratum.as_deref()).collect();
        names.into_iter().collect()
    }

    /// The covariates that a participant lacks.
    pub fn lacking<'t>(&'t self, participant: &Participant) -> Vec<&'t str> {
        let lacks = |one: &&CovariateColumn| one.code(&participant.covariates).is_none();
        self.covariates.iter().filter(lacks).map(|one| one.name.as_str()).collect()
    }

    /// The trial of a study, by its rules: subjects whom the list of arms says not to be randomised are not part of it.
    pub fn of_study(protocol: &Protocol, results: &[SubjectVisit], arms: &[Allocation]) -> Self {
        let not_randomised = &protocol.trial.records.not_randomised;
        let randomised: Vec<Allocation> =
            arms.iter().filter(|allocation| !not_randomised.contains(&allocation.arm)).cloned().collect();
        Self::new(&protocol.trial.visits, results, &randomised).with_baseline(protocol.trial.records.baseline)
    }

    /// The trial with its baselines by the rule of the study: a baseline that is missing or was not reported is, if the rule says
    /// so, the last result before it.
    fn with_baseline(mut self, rule: BaselineRule) -> Self {
        let Some(baseline) = self.baseline().filter(|_| rule == BaselineRule::LastOnOrBefore) else { return self };
        let reported = |result: &Option<Quantity>| !matches!(result, None | Some(Quantity::NotReported { .. }));
        for participant in &mut self.participants {
            if let Some(from) = (0..=baseline).rfind(|&visit| reported(&participant.results[visit])) {
                participant.results[baseline] = participant.results[from].clone();
                participant.baseline_from = Some(from);
            }
        }
        self
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
