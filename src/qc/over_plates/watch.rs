//! Everything that is asked over the plates of a study, together.

use super::chart::{Chart, ChartPoint, charts};
use super::history::{History, Observation};
use super::movement::{Movement, movement};
use crate::protocol::Protocol;
use crate::qc::{Finding, JudgedPlate, Outcome, Verdict};
use crate::sheet::{Location, Problem};

/// What the plates of a study say together.
#[derive(Debug, Clone)]
pub struct OverPlates {
    /// The given history with this study's plates: what the next study starts from.
    pub history: History,
    /// The control charts.
    pub charts: Vec<Chart>,
    /// What moved, plate by plate of this study.
    pub movements: Vec<Movement>,
    /// What should be known of the given history.
    pub warnings: Vec<Problem>,
}

impl OverPlates {
    /// Watches the plates of a study, after the plates of `earlier`. Broken Westgard rules of the controls become findings of
    /// their plates: warnings, or, where the method says so and the limits are fixed, reasons to reject. The limits are those
    /// of the verdicts before: a plate that is rejected here does not move them within the run.
    pub fn watch(plates: &mut [JudgedPlate], earlier: &History, protocol: &Protocol) -> Self {
        let run = History::of_study(plates, protocol);
        let warnings = changed(earlier, &run, protocol);
        let mut history = earlier.followed_by(&run);
        let mut charts = charts(&history, &protocol.over_plates);
        let study = protocol.study.id.as_str();
        let mut movements = Vec::new();
        for plate in plates.iter_mut().filter(|plate| plate.concentrations.is_some()) {
            movements.push(movement(study, &plate.id, &charts, &protocol.acceptance));
            plate.add(findings(&charts, study, &plate.id, protocol.over_plates.westgard_rejects));
        }
        let rejected_here = |one: &Observation| {
            let verdict = |plate: &JudgedPlate| plate.id == one.plate && plate.verdict.verdict != Verdict::Accepted;
            one.accepted && one.study == study && plates.iter().any(verdict)
        };
        let of_charts = charts.iter_mut().flat_map(|chart| &mut chart.points).map(|point| &mut point.observation);
        for observation in history.observations.iter_mut().chain(of_charts) {
            observation.accepted &= !rejected_here(observation);
        }
        Self { history, charts, movements, warnings }
    }
}

/// The broken rules of the controls of a plate.
fn findings(charts: &[Chart], study: &str, plate: &str, rejects: bool) -> Vec<Finding> {
    let of_plate = |point: &&ChartPoint| point.observation.study == study && point.observation.plate == plate;
    let mut findings = Vec::new();
    for chart in charts.iter().filter(|chart| chart.item.is_control()) {
        for point in chart.points.iter().filter(of_plate) {
            let fixed = point.limits.is_some_and(|limits| limits.fixed);
            for (rule, words) in point.broken.iter().filter(|(rule, _)| !rule.warns_only()) {
                findings.push(Finding {
                    rule: "westgard_rejects",
                    subject: chart.item.to_string(),
                    observed: format!("{}: {words}", rule.name()),
                    limit: format!("not {}", rule.words()),
                    outcome: if rejects && fixed { Outcome::Fail } else { Outcome::Warning },
                });
            }
        }
    }
    findings
}

/// Numbers of the given history that this run has otherwise: one warning a plate.
fn changed(earlier: &History, run: &History, protocol: &Protocol) -> Vec<Problem> {
    let file = protocol.over_plates.history.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let pairs = earlier.changed_by(run);
    let mut plates: Vec<&str> = pairs.iter().map(|(one, _)| one.plate.as_str()).collect();
    plates.dedup();
    let warning = |plate: &str| {
        let of_plate: Vec<_> = pairs.iter().filter(|(one, _)| one.plate == plate).collect();
        let words = of_plate.first().map(|(one, new)| format!("{} was {}, is {}", one.item, one.value, new.value));
        Problem::new(
            Location::file(file.as_str()),
            format!(
                "{} numbers of plate '{plate}' differ from this run's: {}",
                of_plate.len(),
                words.unwrap_or_default()
            ),
        )
        .advice("The plate was evaluated otherwise when that history was written; the charts use this run's numbers")
    };
    plates.into_iter().map(warning).collect()
}
