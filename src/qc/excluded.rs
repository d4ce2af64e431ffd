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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::{Excluded, Reading};
    use crate::qc::across_plates::example;

    /// The findings on a plate whose wells of these standards, and so many of its samples, are left out: of each standard the first
    /// well. The last `masked` of them by the reader's software, the others by decision.
    fn found(levels: &[f64], samples: usize, masked: usize, acceptance: &Acceptance) -> Vec<(String, Outcome)> {
        let mut plate = example::plate("P", &[], 1.0, 1);
        let wells = &mut plate.plate.wells;
        let of_level = |level: &f64| {
            wells.iter().position(|well| well.role == WellRole::Standard { concentration: *level }).unwrap()
        };
        let mut out: Vec<usize> = levels.iter().map(of_level).collect();
        let is_sample = |at: &usize| matches!(wells[*at].role, WellRole::Sample { .. });
        out.extend((0..wells.len()).filter(is_sample).take(samples));
        for (i, &at) in out.iter().enumerate() {
            wells[at].response = Reading::Masked { text: "out".into(), value: None };
            let excluded = || Excluded { line: 1, reason: "bubble".into() };
            wells[at].excluded = (i + masked < out.len()).then(excluded);
        }
        judge(&plate, acceptance).into_iter().map(|finding| (finding.observed, finding.outcome)).collect()
    }

    fn acceptance(wells: usize, percent: f64, in_a_row: usize) -> Acceptance {
        Acceptance {
            excluded_wells: wells,
            excluded_standards_percent: percent,
            excluded_standards_in_a_row: in_a_row,
            ..crate::protocol::Criteria::IchM10.acceptance()
        }
    }

    #[test]
    fn a_plate_without_exclusions_has_no_finding() {
        assert_eq!(found(&[], 0, 0, &acceptance(0, 0.0, 0)), []);
        let mut plate = example::plate("P", &[], 1.0, 1);
        plate.plate.excluded = Some(Excluded { line: 7, reason: "instrument: lamp".into() });
        let found = judge(&plate, &acceptance(0, 0.0, 0));
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].observed.as_str(), found[0].outcome),
            ("excluded by decision 7 (instrument: lamp)", Outcome::Fail)
        );
    }

    /// A well that the reader masked counts as one that was excluded; the limit itself is allowed.
    #[test]
    fn wells_count_however_they_were_left_out() {
        let of = |samples, masked, most| found(&[], samples, masked, &acceptance(most, 25.0, 1));
        let said = |words: &str, outcome| vec![(words.to_string(), outcome)];
        assert_eq!(of(3, 0, 3), said("3 wells excluded by decision", Outcome::Remark));
        assert_eq!(of(3, 0, 2), said("3 wells excluded by decision", Outcome::Fail));
        let both = "2 wells excluded by decision, 1 masked in the reader's software";
        assert_eq!([of(3, 1, 3), of(3, 1, 2)], [said(both, Outcome::Remark), said(both, Outcome::Fail)]);
    }

    /// The plate has seven standards above 0: one is 14.3 %, two are 28.6 %. Neighbours are levels next to each other, and the zero
    /// standard is none.
    #[test]
    fn standards_have_limits_of_their_own() {
        let of = |levels: &[f64], percent, row| {
            let mut found = found(levels, 0, 0, &acceptance(9, percent, row));
            found.remove(0);
            found
        };
        let one = |outcome, in_a_row| {
            vec![
                ("wells of 1 of 7 standards excluded (14.3 %)".to_string(), outcome),
                ("standard 250 has excluded wells, its neighbours have none".to_string(), in_a_row),
            ]
        };
        assert_eq!(of(&[250.0], 25.0, 1), one(Outcome::Pass, Outcome::Pass));
        assert_eq!(of(&[250.0], 14.0, 0), one(Outcome::Fail, Outcome::Fail));
        assert_eq!(of(&[250.0], 100.0 / 7.0, 0), one(Outcome::Pass, Outcome::Fail), "the limit itself is allowed");
        let two = |words: &str| {
            vec![
                ("wells of 2 of 7 standards excluded (28.6 %)".to_string(), Outcome::Fail),
                (words.to_string(), Outcome::Fail),
            ]
        };
        assert_eq!(of(&[250.0, 500.0], 25.0, 1), two("2 neighbouring standards with excluded wells: 250, 500"));
        let apart = of(&[250.0, 1000.0], 25.0, 1);
        assert_eq!(apart[1], ("standard 250 has excluded wells, its neighbours have none".to_string(), Outcome::Pass));
        assert_eq!(of(&[0.0], 0.0, 0), [], "the zero standard");
    }

    /// A level is touched by any of its wells, whichever stands first; of runs of one length the lowest is named.
    #[test]
    fn the_longest_run_of_levels_counts() {
        let row = |levels: &[(f64, bool)]| in_a_row(levels).iter().map(|(level, _)| *level).collect::<Vec<_>>();
        let (out, kept) = (true, false);
        assert_eq!(row(&[(1.0, out), (2.0, kept), (4.0, out), (8.0, out), (16.0, kept)]), [4.0, 8.0]);
        assert_eq!(row(&[(1.0, kept), (2.0, out), (4.0, kept), (8.0, out)]), [2.0]);
        assert_eq!(row(&[(1.0, kept), (2.0, kept)]), [0.0; 0]);
        let mut plate = example::plate("P", &[], 1.0, 1);
        let second = |well: &&mut crate::plate::AssayWell| {
            well.role == WellRole::Standard { concentration: 62.5 } && well.position.column == 1
        };
        plate.plate.wells.iter_mut().find(second).unwrap().response =
            Reading::Masked { text: "*".into(), value: Some(1.0) };
        let of = levels(&plate);
        assert_eq!(
            of.iter().map(|(level, _)| *level).collect::<Vec<_>>(),
            [31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0]
        );
        assert_eq!(of.iter().filter(|(_, out)| *out).map(|(level, _)| *level).collect::<Vec<_>>(), [62.5]);
    }
}
