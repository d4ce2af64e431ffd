//! Responders by a clinical measure: EASI-75 and its like.

use serde::Serialize;

use super::measure_data::MeasureData;
use crate::protocol::MeasureResponder;
use crate::stats::proportions::Counts;
use crate::study::responders::{Responders, compared};

/// Responders in two arms by one definition.
///
/// See [`clinical`](super) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureResponders {
    /// The measure.
    pub measure: String,
    /// What the definition is called, such as `EASI-75`.
    pub name: String,
    /// The counts and their comparison.
    pub counted: Responders,
}

impl MeasureData<'_> {
    pub(super) fn responders(&self) -> Vec<MeasureResponders> {
        let (actives, reference) = self.arms();
        let mut found = Vec::new();
        for active in actives {
            for definition in &self.measure.responders {
                found.extend([false, true].map(|all| self.counted(active, reference, definition, all)));
            }
        }
        found
    }

    fn counted(&self, active: &str, reference: &str, definition: &MeasureResponder, all: bool) -> MeasureResponders {
        let visits = [self.baseline, self.endpoint].map(|visit| self.trial.visits[visit].name.as_str());
        let of_arm = |arm: &str| {
            let members = self.trial.participants.iter().filter(|one| one.arm == arm);
            let answers: Vec<bool> = members
                .clone()
                .filter_map(|one| {
                    let values = self.pair(&one.subject, self.endpoint);
                    // Who had an event that is a failure does not respond.
                    if one.failed { Some(false) } else { values.map(|(base, value)| definition.responds(base, value)) }
                })
                .collect();
            let n = if all { members.count() } else { answers.len() };
            (answers.into_iter().filter(|responds| *responds).count() as u32, n as u32)
        };
        let ((x_active, n_active), (x_placebo, n_placebo)) = (of_arm(active), of_arm(reference));
        let counts = Counts { x_active, n_active, x_placebo, n_placebo };
        let name = definition.name(&self.measure.name);
        let words =
            format!("{name}: {} of {} from {} to {}", definition.words(), self.measure.name, visits[0], visits[1]);
        MeasureResponders {
            measure: self.measure.name.clone(),
            name,
            counted: compared(counts, all, words, [active, reference, visits[1]], self.protocol),
        }
    }
}
