//! A trial's results as numbers, by a rule for values outside the limits: what the functions of [`crate::stats`] take.

use std::collections::BTreeSet;

use crate::stats::Arm;

use super::limits::LimitRule;
use super::trial::{Participant, Trial};

/// On which scale a change is taken, of a visit's value `v` from the baseline `b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeScale {
    /// `v − b`.
    Absolute,
    /// `100 (v − b) / b`.
    Percent,
    /// `ln v − ln b`.
    Ln,
    /// `log₂ v − log₂ b`.
    Log2,
}

impl ChangeScale {
    /// The change; `None` where it is not defined: a percentage of nothing, a logarithm of a value that is not positive.
    pub fn change(self, value: f64, base: f64) -> Option<f64> {
        let positive = value > 0.0 && base > 0.0;
        match self {
            Self::Absolute => Some(value - base),
            Self::Percent => (base != 0.0).then(|| 100.0 * (value - base) / base),
            Self::Ln => positive.then(|| libm::log(value) - libm::log(base)),
            Self::Log2 => positive.then(|| libm::log2(value) - libm::log2(base)),
        }
    }
}

/// The numbers of two arms of a trial.
#[derive(Debug, Clone)]
pub struct Numbers {
    baseline: usize,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    arm: Arm,
    stratum: Option<usize>,
    values: Vec<Option<f64>>,
}

/// Subjects with numbers at baseline and at one visit, as an analysis of covariance takes them; all of one length.
#[derive(Debug, Clone, Default)]
pub struct Paired {
    /// The arm.
    pub arm: Vec<Arm>,
    /// The stratum, numbered from 0; as long as `arm` when every subject has one, empty otherwise.
    pub stratum: Vec<usize>,
    /// The baseline.
    pub base: Vec<f64>,
    /// The visit's value.
    pub value: Vec<f64>,
}

impl Numbers {
    /// Of the arms `active` and `reference` of `trial` by `rule`. `None` for a trial without a baseline visit.
    pub fn of(trial: &Trial, active: &str, reference: &str, rule: LimitRule) -> Option<Self> {
        let strata: BTreeSet<&str> = trial.participants.iter().filter_map(|p| p.stratum.as_deref()).collect();
        let strata: Vec<&str> = strata.into_iter().collect();
        let row = |participant: &Participant| {
            let arm = match participant.arm.as_str() {
                name if name == active => Arm::Active,
                name if name == reference => Arm::Placebo,
                _ => return None,
            };
            let stratum = participant.stratum.as_deref().and_then(|name| strata.binary_search(&name).ok());
            let values = participant
                .results
                .iter()
                .map(|result| result.as_ref().and_then(|quantity| rule.number(quantity)).map(|number| number.value))
                .collect();
            Some(Row { arm, stratum, values })
        };
        Some(Self { baseline: trial.baseline()?, rows: trial.participants.iter().filter_map(row).collect() })
    }

    /// The numbers of an arm at a visit.
    pub fn values(&self, arm: Arm, visit: usize) -> Vec<f64> {
        self.of_arm(arm).filter_map(|row| row.values.get(visit).copied().flatten()).collect()
    }

    /// The changes of an arm from baseline to a visit; `None` where a change is not defined for everyone who has both numbers.
    pub fn changes(&self, arm: Arm, visit: usize, scale: ChangeScale) -> Option<Vec<f64>> {
        self.of_arm(arm)
            .filter_map(|row| self.pair(row, visit))
            .map(|(base, value)| scale.change(value, base))
            .collect()
    }

    /// Everyone with numbers at baseline and at the visit.
    pub fn paired(&self, visit: usize) -> Paired {
        let mut paired = Paired::default();
        for row in &self.rows {
            if let Some((base, value)) = self.pair(row, visit) {
                paired.arm.push(row.arm);
                paired.stratum.extend(row.stratum);
                paired.base.push(base);
                paired.value.push(value);
            }
        }
        if paired.stratum.len() < paired.arm.len() {
            paired.stratum.clear();
        }
        paired
    }

    fn of_arm(&self, arm: Arm) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.arm == arm)
    }

    fn pair(&self, row: &Row, visit: usize) -> Option<(f64, f64)> {
        row.values.get(self.baseline).copied().flatten().zip(row.values.get(visit).copied().flatten())
    }
}
