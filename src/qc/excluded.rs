//! Exclusions: how many the method allows, and a plate that was excluded as a whole. A well that was masked in the reader's software
//! counts like one that was excluded by decision, or masks would be a way around the limits.
//!
//! Beside a largest number of wells there are two limits on the standards, as is usual practice (guidelines name none): at most
//! 25 % of the levels, and no two neighbouring ones, because between two standards that are gone nothing holds the curve.

use super::judged_by::JudgedBy;
use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId, RuleUnit};
use super::verdict::Finding;
use crate::concentration::PlateConcentrations;
use crate::plate::WellRole;
use crate::protocol::Acceptance;

const EXCLUDED_BY_DECISION: RuleId = RuleId::of(&PlateRule::new(
    "excluded_by_decision",
    "excluded by decision",
    "an undo of the exclusion, with its reason: 'platewise decide undo'",
));
pub(crate) const EXCLUDED_WELLS: RuleId = RuleId::of(
    &PlateRule::new(
        "excluded_wells",
        "wells excluded",
        "an undo of the exclusion, with its reason: 'platewise decide undo'",
    )
    .of(RuleUnit::Wells),
);
const EXCLUDED_STANDARDS: RuleId = RuleId::of(
    &PlateRule::new("excluded_standards_percent", "standards excluded", "fewer exclusions, or a new plate")
        .of(RuleUnit::Percent),
);
const EXCLUDED_IN_A_ROW: RuleId = RuleId::of(
    &PlateRule::new(
        "excluded_standards_in_a_row",
        "neighbouring standards excluded",
        "fewer exclusions side by side, or a new plate",
    )
    .of(RuleUnit::Levels),
);

/// The rules of this file.
pub(super) const RULES: JudgedBy = JudgedBy {
    rules: &[EXCLUDED_BY_DECISION, EXCLUDED_WELLS, EXCLUDED_STANDARDS, EXCLUDED_IN_A_ROW],
    needs_curve: false,
    judge: |of| judge(of.plate, &of.assay.acceptance),
};

/// Judges the exclusions of a plate; a plate without any has no finding.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(excluded) = &plate.plate.excluded {
        let observed = format!("excluded by decision {} ({})", excluded.line, excluded.reason);
        findings.push(Finding::new(EXCLUDED_BY_DECISION, "plate", observed, "not excluded", Outcome::Fail));
    }
    let left_out = || plate.plate.wells.iter().filter(|well| well.is_left_out());
    let (wells, by_decision) = (left_out().count(), left_out().filter(|well| well.excluded.is_some()).count());
    if wells == 0 {
        return findings;
    }
    let outcome = |within: bool| if within { Outcome::Pass } else { Outcome::Fail };
    let observed = match wells - by_decision {
        0 => format!("{wells} wells excluded by decision"),
        masked => format!("{by_decision} wells excluded by decision, {masked} masked in the reader's software"),
    };
    let most = acceptance.excluded_wells;
    let within = if wells <= most { Outcome::Remark } else { Outcome::Fail };
    findings.push(
        Finding::new(EXCLUDED_WELLS, "exclusions", observed, format!("at most {most}"), within)
            .numbers(wells as f64, most as f64),
    );
    let levels = levels(plate);
    let touched = levels.iter().filter(|(_, excluded)| *excluded).count();
    if touched > 0 {
        let percent = 100.0 * touched as f64 / levels.len() as f64;
        let observed = format!("wells of {touched} of {} standards excluded ({percent:.1} %)", levels.len());
        let most = acceptance.excluded_standards_percent;
        let limit = format!("at most {most} %");
        findings.push(
            Finding::new(EXCLUDED_STANDARDS, "exclusions", observed, limit, outcome(percent <= most))
                .numbers(percent, most),
        );
        let row = in_a_row(&levels);
        let observed = match row {
            [(level, _)] => format!("standard {level} has excluded wells, its neighbours have none"),
            _ => {
                let names: Vec<String> = row.iter().map(|(level, _)| level.to_string()).collect();
                format!("{} neighbouring standards with excluded wells: {}", row.len(), names.join(", "))
            }
        };
        let most = acceptance.excluded_standards_in_a_row;
        let limit = format!("at most {most} in a row");
        findings.push(
            Finding::new(EXCLUDED_IN_A_ROW, "exclusions", observed, limit, outcome(row.len() <= most))
                .numbers(row.len() as f64, most as f64),
        );
    }
    findings
}

/// The levels of the standards above 0, rising, and whether wells of them are excluded. Anchors are among them: leaving one out to
/// save the lowest standard is an exclusion like any other.
fn levels(plate: &PlateConcentrations) -> Vec<(f64, bool)> {
    let mut levels: Vec<(f64, bool)> = plate
        .plate
        .wells
        .iter()
        .filter_map(|well| match well.role {
            WellRole::Standard { concentration } if concentration > 0.0 => Some((concentration, well.is_left_out())),
            _ => None,
        })
        .collect();
    levels.sort_by(|one, other| one.0.total_cmp(&other.0));
    levels.dedup_by(|later, first| {
        let same = later.0 == first.0;
        first.1 |= same && later.1;
        same
    });
    levels
}

/// The longest run of neighbouring levels with excluded wells; of several the lowest.
fn in_a_row(levels: &[(f64, bool)]) -> &[(f64, bool)] {
    let runs = levels.chunk_by(|one, other| one.1 == other.1).filter(|run| run[0].1);
    // `max_by_key` gives the last of several; from the highest level down that is the lowest run.
    runs.rev().max_by_key(|run| run.len()).unwrap_or_default()
}
