//! Exclusions by decision: how many the method allows, and a plate that was excluded as a whole.

use super::verdict::{Finding, Outcome};
use crate::concentration::PlateConcentrations;
use crate::plate::WellRole;
use crate::protocol::Acceptance;

/// Judges the exclusions of a plate; a plate without any has no finding.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(excluded) = &plate.plate.excluded {
        findings.push(Finding {
            rule: "excluded_by_decision",
            subject: "plate".into(),
            observed: format!("excluded by decision {} ({})", excluded.line, excluded.reason),
            limit: "not excluded".into(),
            outcome: Outcome::Fail,
        });
    }
    let wells = plate.plate.wells.iter().filter(|well| well.excluded.is_some()).count();
    if wells == 0 {
        return findings;
    }
    let outcome = |within: bool| if within { Outcome::Pass } else { Outcome::Fail };
    findings.push(Finding {
        rule: "excluded_wells",
        subject: "exclusions".into(),
        observed: format!("{wells} wells excluded by decision"),
        limit: format!("at most {}", acceptance.excluded_wells),
        outcome: outcome(wells <= acceptance.excluded_wells),
    });
    let levels = |excluded_only: bool| {
        let mut levels: Vec<f64> = plate
            .plate
            .wells
            .iter()
            .filter(|well| !excluded_only || well.excluded.is_some())
            .filter_map(|well| match well.role {
                WellRole::Standard { concentration } if concentration > 0.0 => Some(concentration),
                _ => None,
            })
            .collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels.len()
    };
    let (touched, all) = (levels(true), levels(false));
    if touched > 0 {
        let percent = 100.0 * touched as f64 / all as f64;
        findings.push(Finding {
            rule: "excluded_standards_percent",
            subject: "exclusions".into(),
            observed: format!("wells of {touched} of {all} standards excluded by decision ({percent:.1} %)"),
            limit: format!("at most {} %", acceptance.excluded_standards_percent),
            outcome: outcome(percent <= acceptance.excluded_standards_percent),
        });
    }
    findings
}
