//! Quality controls beside their nominal concentration.
//!
//! ICH M10 4.3.2 (ligand-binding assays): at least two thirds of all controls, and at least half at each level, within ±20 % of
//! nominal. A control whose concentration cannot be computed does not pass, and is counted.

use std::collections::BTreeMap;

use super::standards::share;
use super::verdict::{Finding, Outcome};
use crate::concentration::PlateConcentrations;
use crate::protocol::Acceptance;

/// Judges each set of a control, all of them, and each level.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance) -> Vec<Finding> {
    if plate.controls.is_empty() && !acceptance.controls_required {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut levels: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for control in &plate.controls {
        let pass = control.bias_percent.is_some_and(|bias| bias.abs() <= acceptance.control_bias_percent);
        let counts = levels.entry(&control.group.name).or_default();
        counts.0 += usize::from(pass);
        counts.1 += 1;
        let wells: Vec<String> = control.group.wells.iter().map(ToString::to_string).collect();
        findings.push(Finding {
            rule: "control_bias_percent",
            subject: format!("control {} ({})", control.group.name, wells.join(", ")),
            observed: control
                .bias_percent
                .map_or_else(|| control.group.quantity.to_string(), |bias| format!("bias {bias:+.1} %")),
            limit: format!("within ±{} %", acceptance.control_bias_percent),
            outcome: if pass { Outcome::Pass } else { Outcome::Warning },
        });
    }
    let (passed, all) = levels.values().fold((0, 0), |(passed, all), counts| (passed + counts.0, all + counts.1));
    let (words, outcome) = share(passed, all, acceptance.controls_pass_percent);
    findings.push(Finding {
        rule: "controls_pass_percent",
        subject: "controls".into(),
        observed: if all == 0 { "no control on the plate".into() } else { format!("{passed} of {all} pass{words}") },
        limit: format!("at least {} %", acceptance.controls_pass_percent),
        outcome,
    });
    for (level, (passed, all)) in levels {
        let (words, outcome) = share(passed, all, acceptance.controls_level_pass_percent);
        findings.push(Finding {
            rule: "controls_level_pass_percent",
            subject: format!("controls {level}"),
            observed: format!("{passed} of {all} pass{words}"),
            limit: format!("at least {} %", acceptance.controls_level_pass_percent),
            outcome,
        });
    }
    findings
}
