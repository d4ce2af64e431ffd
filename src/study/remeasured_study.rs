//! The same trial with other results of the same samples: resampled, or evaluated in another way.

use std::collections::BTreeMap;

use crate::protocol::Protocol;
use crate::reportable::ReportableResult;

use super::allocation::Allocation;
use super::subject_visit::SubjectVisit;
use super::trial_data::TrialData;

/// A study's results by subject and visit, whose quantities are replaced. Which sample belongs to which subject and visit, and
/// which results are excluded, is settled; no sample is added.
///
/// ```
/// use platewise::concentration::Quantity;
/// use platewise::reportable::ReportableResult;
/// use platewise::study::remeasured_study::RemeasuredStudy;
/// use platewise::study::{Allocation, SubjectVisit};
///
/// let protocol = platewise::protocol::parse(
///     r#"
///     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
///     method = { name = "ELISA", version = "1" }
///     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
///     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
///     "#,
/// )?;
/// let below = |limit| Quantity::BelowLloq { limit };
/// let visits = [SubjectVisit { sample: "A".into(), ..SubjectVisit::new("S1", "Baseline", 0.0, below(10.0)) }];
/// let arms = [Allocation { subject: "S1".into(), arm: "active".into(), stratum: None, age: None, covariates: Vec::new() }];
/// let again = ReportableResult {
///     sample: "A".into(),
///     quantity: below(20.0),
///     plate: None,
///     dilution: None,
///     candidates: Vec::new(),
///     flags: Vec::new(),
/// };
/// let trial = RemeasuredStudy::new(&visits, &arms, &protocol).with(vec![again]);
/// assert!(matches!(trial.participants[0].results[0], Some(Quantity::BelowLloq { limit: 20.0 })));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct RemeasuredStudy<'a> {
    protocol: &'a Protocol,
    arms: &'a [Allocation],
    visits: Vec<SubjectVisit>,
    /// Where the result of a sample stands among the visits: at several where it is carried on.
    places: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> RemeasuredStudy<'a> {
    /// Of the results and arms of a study.
    pub fn new(visits: &'a [SubjectVisit], arms: &'a [Allocation], protocol: &'a Protocol) -> Self {
        let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, visit) in visits.iter().enumerate() {
            places.entry(&visit.sample).or_default().push(at);
        }
        Self { protocol, arms, visits: visits.to_vec(), places }
    }

    /// The trial with these results.
    pub fn with(&mut self, results: Vec<ReportableResult>) -> TrialData {
        for result in results {
            for &at in self.places.get(result.sample.as_str()).into_iter().flatten() {
                self.visits[at].quantity = result.quantity.clone();
            }
        }
        TrialData::of_study(self.protocol, &self.visits, self.arms)
    }
}
