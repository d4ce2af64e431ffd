//! Standards read back from their own curve: each level's bias, and how many levels have to pass.
//!
//! ICH M10 4.3.2 (ligand-binding assays): back-calculated concentrations within ±20 % of nominal, ±25 % at the LLOQ and the
//! ULOQ; at least 75 % of the non-zero standards and at least 6 levels. The zero standard is neither judged nor counted.

use super::verdict::{Finding, Outcome};
use crate::concentration::quantity::significant;
use crate::concentration::{PlateConcentrations, StandardResult};
use crate::protocol::Acceptance;

/// The limit of |bias| of a level, in percent: the lowest and highest standard of the range have their own.
pub fn bias_limit(nominal: f64, lowest: f64, highest: f64, acceptance: &Acceptance) -> f64 {
    if nominal == lowest {
        acceptance.standard_bias_percent_at_lloq
    } else if nominal == highest {
        acceptance.standard_bias_percent_at_uloq
    } else {
        acceptance.standard_bias_percent
    }
}

/// Whether a level passes: a bias that cannot be computed never does.
fn passes(standard: &StandardResult, limit: f64) -> bool {
    standard.bias_percent.is_some_and(|bias| bias.abs() <= limit)
}

/// Judges each level, and their number.
pub fn judge(plate: &PlateConcentrations, acceptance: &Acceptance, unit: &str) -> Vec<Finding> {
    let levels: Vec<&StandardResult> = plate.standards.iter().filter(|standard| standard.nominal > 0.0).collect();
    let lowest = levels.iter().map(|standard| standard.nominal).fold(f64::INFINITY, f64::min);
    let highest = levels.iter().map(|standard| standard.nominal).fold(0.0, f64::max);
    let mut findings = Vec::new();
    let mut passed = 0;
    for standard in &levels {
        let limit = bias_limit(standard.nominal, lowest, highest, acceptance);
        let pass = passes(standard, limit);
        passed += usize::from(pass);
        findings.push(Finding {
            rule: "standard_bias_percent",
            subject: format!("standard {} {unit}", significant(standard.nominal, 6)),
            observed: standard
                .bias_percent
                .map_or_else(|| "not on the curve".into(), |bias| format!("bias {bias:+.1} %")),
            limit: format!("within ±{limit} %"),
            // A single level does not decide; the share of levels below does.
            outcome: if pass { Outcome::Pass } else { Outcome::Warning },
        });
    }
    let (share, outcome) = share(passed, levels.len(), acceptance.standards_pass_percent);
    findings.push(Finding {
        rule: "standards_pass_percent",
        subject: "standards".into(),
        observed: format!("{passed} of {} levels pass{share}", levels.len()),
        limit: format!("at least {} %", acceptance.standards_pass_percent),
        outcome,
    });
    findings.push(Finding {
        rule: "standards_min_levels",
        subject: "standards".into(),
        observed: format!("{passed} levels pass"),
        limit: format!("at least {}", acceptance.standards_min_levels),
        outcome: if passed >= acceptance.standards_min_levels { Outcome::Pass } else { Outcome::Fail },
    });
    findings
}

/// The share that passed, in words, and whether it is enough; nothing at all never is.
pub(super) fn share(passed: usize, all: usize, needed_percent: f64) -> (String, Outcome) {
    if all == 0 {
        return (String::new(), Outcome::NotEvaluable);
    }
    let percent = 100.0 * passed as f64 / all as f64;
    // 66.7 % in a guideline means two thirds: compare at the precision at which limits are written.
    let enough = (percent * 10.0).round() >= (needed_percent * 10.0).round();
    (format!(" ({percent:.1} %)"), if enough { Outcome::Pass } else { Outcome::Fail })
}
