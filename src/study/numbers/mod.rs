//! A trial's results as numbers, by a rule for values outside the limits: what the functions of [`crate::stats`] take.

mod change_scale;
mod models;
mod rows;

use super::covariates::CovariateColumn;
use super::limits::LimitRule;
use super::trial_data::{Participant, TrialData};
use crate::concentration::Quantity;
use crate::stats::{Arm, Censored, Undefined};

pub use change_scale::ChangeScale;
pub use models::ModelScale;
pub(super) use models::{AncovaChoice, TobitAdjustment};
pub use rows::{AncovaData, CensoredRow, Longitudinal, ResponderStatus};

/// The numbers of two arms of a trial.
///
/// ```
/// use platewise::protocol::{AboveLimit, BelowLimit};
/// use platewise::sheet::Book;
/// use platewise::stats::{Arm, Censored};
/// use platewise::study::limits::LimitRule;
/// use platewise::study::numbers::{CensoredRow, ChangeScale, Longitudinal, Numbers, AncovaData, ModelScale};
/// use platewise::study::values::read_values;
///
/// let table = b"usubjid,arm,week,value,blq,lloq\n\
///     S1,active,0,800,0,10\nS1,active,16,380,0,10\nS2,active,0,900,0,10\nS2,active,16,,1,10\n\
///     S3,placebo,0,700,0,10\nS3,placebo,16,660,0,10\nS4,placebo,0,850,0,10\nS4,placebo,16,790,0,10\n";
/// let book = Book::from_bytes(table, "values.csv")?;
/// let trial = read_values(&book.sheets[0])?;
/// let rule = LimitRule { below: BelowLimit::HalfLloq, above: AboveLimit::Uloq };
/// let numbers = Numbers::of(&trial, "active", "placebo", rule).unwrap();
/// assert_eq!(numbers.changes(Arm::Active, 1, ChangeScale::Absolute), Some(vec![-420.0, -895.0]));
/// let paired: AncovaData = numbers.paired(1);
/// assert_eq!(paired.value, [380.0, 5.0, 660.0, 790.0]);
/// // As censored the value below its limit is that and no number.
/// let rows: Vec<CensoredRow> = numbers.censored(1).unwrap();
/// assert_eq!(rows[1].ln_value, Censored::Below(10.0_f64.ln()));
/// // For the mixed model: every visit after baseline.
/// let rows: Vec<Longitudinal> = numbers.longitudinal(&[1], ModelScale::Raw).unwrap();
/// assert_eq!(rows[0].subject(&[]).responses, [Some(-420.0)]);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Numbers {
    baseline: usize,
    /// The covariates of the trial.
    pub(in crate::study) covariates: Vec<CovariateColumn>,
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    arm: Arm,
    stratum: Option<usize>,
    age: Option<f64>,
    /// `None` where one of the covariates is not known.
    covariates: Option<Vec<f64>>,
    failed: bool,
    values: Vec<Option<f64>>,
    results: Vec<Option<Quantity>>,
}

impl Numbers {
    /// Of the arms `active` and `reference` of `trial` by `rule`. `None` for a trial without a baseline visit.
    pub fn of(trial: &TrialData, active: &str, reference: &str, rule: LimitRule) -> Option<Self> {
        let strata = trial.strata();
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
            Some(Row {
                arm,
                stratum,
                age: participant.age,
                covariates: trial.covariates.iter().map(|one| one.code(&participant.covariates)).collect(),
                failed: participant.failed,
                values,
                results: participant.results.clone(),
            })
        };
        let rows = trial.participants.iter().filter_map(row).collect();
        Some(Self { baseline: trial.baseline()?, covariates: trial.covariates.clone(), rows })
    }

    /// The numbers of an arm at a visit.
    pub fn values(&self, arm: Arm, visit: usize) -> Vec<f64> {
        self.of_arm(arm).filter_map(|row| row.values.get(visit).copied().flatten()).collect()
    }

    /// The changes of an arm from baseline to a visit; `None` where a change is not defined for everyone who has both numbers.
    pub fn changes(&self, arm: Arm, visit: usize, scale: ChangeScale) -> Option<Vec<f64>> {
        self.pairs(arm, visit).map(|(base, value)| scale.change(value, base)).collect()
    }

    /// The changes of both arms, the active one first.
    ///
    /// # Errors
    /// Where a change is not defined for everyone who has both numbers.
    pub fn changes_of_both(&self, visit: usize, scale: ChangeScale) -> Result<[Vec<f64>; 2], Undefined> {
        let of = |arm: Arm| self.changes(arm, visit, scale).ok_or(Undefined::NotPositive);
        Ok([of(Arm::Active)?, of(Arm::Placebo)?])
    }

    /// Baseline and value at a visit of everyone in an arm who has both numbers.
    pub fn pairs(&self, arm: Arm, visit: usize) -> impl Iterator<Item = (f64, f64)> {
        self.of_arm(arm).filter_map(move |row| self.pair(row, visit))
    }

    /// Everyone with numbers at baseline and at the visit.
    pub fn paired(&self, visit: usize) -> AncovaData {
        self.paired_by(|row| self.pair(row, visit))
    }

    /// Of these, those whose covariates are known.
    pub fn adjustable(&self, visit: usize) -> AncovaData {
        self.paired_by(|row| self.pair(row, visit).filter(|_| row.covariates.is_some()))
    }

    /// Everyone whose covariates are known with a number at baseline and one at the visit or between the two: where there is none at the
    /// visit, the last before it (last observation carried forward). A baseline is not carried.
    pub fn carried_forward(&self, visit: usize) -> AncovaData {
        self.paired_by(|row| {
            row.covariates.as_ref()?;
            let last = (self.baseline + 1..=visit).rev().find_map(|at| row.values.get(at).copied().flatten());
            row.values.get(self.baseline).copied().flatten().zip(last)
        })
    }

    fn paired_by(&self, pair: impl Fn(&Row) -> Option<(f64, f64)>) -> AncovaData {
        let mut paired = AncovaData::default();
        for row in &self.rows {
            if let Some((base, value)) = pair(row) {
                paired.arm.push(row.arm);
                paired.stratum.extend(row.stratum);
                paired.base.push(base);
                paired.value.push(value);
                paired.age.push(row.age);
                paired.own_stratum.push(row.stratum);
                paired.covariates.push(row.covariates.clone());
            }
        }
        if paired.stratum.len() < paired.arm.len() {
            paired.stratum.clear();
        }
        paired
    }

    /// Everyone whose covariates are known with a number at baseline, with the changes to `visits`, on a scale.
    ///
    /// # Errors
    /// When a logarithm is not defined.
    pub fn longitudinal(&self, visits: &[usize], scale: ModelScale) -> Result<Vec<Longitudinal>, Undefined> {
        let with_baseline = self
            .rows
            .iter()
            .filter_map(|row| Some((row, row.values.get(self.baseline).copied().flatten()?, row.covariates.as_ref()?)));
        with_baseline
            .map(|(row, base, covariates)| {
                let baseline = scale.take(base)?;
                let change = |&visit: &usize| {
                    let value = row.values.get(visit).copied().flatten();
                    value.map(|value| scale.take(value).map(|value| value - baseline)).transpose()
                };
                let changes = visits.iter().map(change).collect::<Result<_, _>>()?;
                let covariates = covariates.clone();
                Ok(Longitudinal { arm: row.arm, stratum: row.stratum, baseline, covariates, changes })
            })
            .collect()
    }

    /// Whether every subject has a stratum.
    pub fn stratified(&self) -> bool {
        !self.rows.is_empty() && self.rows.iter().all(|row| row.stratum.is_some())
    }

    /// Everyone with a result at the visit, values outside the limits as such; baselines by the rule.
    ///
    /// # Errors
    /// When a number is not positive.
    pub fn censored(&self, visit: usize) -> Result<Vec<CensoredRow>, Undefined> {
        let mut rows = Vec::new();
        for row in &self.rows {
            let value = match row.results.get(visit) {
                Some(Some(Quantity::Quantified(estimate))) => Censored::Measured(estimate.value),
                Some(Some(Quantity::BelowLloq { limit })) => Censored::Below(*limit),
                Some(Some(Quantity::AboveUloq { limit })) => Censored::Above(*limit),
                _ => continue,
            };
            let base = row.values.get(self.baseline).copied().flatten();
            if value.number() <= 0.0 || base.is_some_and(|base| base <= 0.0) {
                return Err(Undefined::NotPositive);
            }
            rows.push(CensoredRow {
                arm: row.arm,
                stratum: row.stratum,
                covariates: row.covariates.clone(),
                ln_value: value.map(libm::log),
                ln_base: base.map(libm::log),
            });
        }
        Ok(rows)
    }

    /// Whether each participant is below the own level at a visit; `level` gives the level of an age.
    /// A limit says it where it lies on one side of the level, whatever number the rule has for it.
    pub fn below_level(&self, visit: usize, level: impl Fn(Option<f64>) -> Option<f64>) -> Vec<ResponderStatus> {
        self.answers(|row| is_below(row.results.get(visit)?.as_ref()?, level(row.age)?))
    }

    /// Whether each participant has fallen below the own level: was not below at baseline and is at the visit. Who is below at baseline
    /// has not fallen; it takes both results to be counted.
    pub fn fallen_below(&self, visit: usize, level: impl Fn(Option<f64>) -> Option<f64>) -> Vec<ResponderStatus> {
        self.answers(|row| {
            let level = level(row.age)?;
            let at = |visit: usize| is_below(row.results.get(visit)?.as_ref()?, level);
            let (before, after) = (at(self.baseline)?, at(visit)?);
            Some(!before && after)
        })
    }

    /// Whether each participant fell from baseline to a visit by at least `percent` of the baseline. With `by_limit` it is known also of
    /// those whose result the rule leaves out and whose limit says it: only for a count among everybody, because a limit shows many
    /// falls and few that are none.
    pub fn fell_by(&self, visit: usize, percent: f64, by_limit: bool) -> Vec<ResponderStatus> {
        self.answers(|row| {
            let base = row.values.get(self.baseline).copied().flatten()?;
            // Reached exactly counts, whatever the rounding of the product.
            let response = (1.0 - percent / 100.0) * base * (1.0 + 1e-12);
            match (row.values.get(visit).copied().flatten(), row.results.get(visit)) {
                (Some(value), _) => Some(value <= response),
                (None, Some(Some(Quantity::BelowLloq { limit }))) if by_limit && *limit <= response => Some(true),
                (None, Some(Some(Quantity::AboveUloq { limit }))) if by_limit && *limit > response => Some(false),
                _ => None,
            }
        })
    }

    fn answers(&self, known: impl Fn(&Row) -> Option<bool>) -> Vec<ResponderStatus> {
        let answer = |row: &Row| ResponderStatus {
            arm: row.arm,
            stratum: row.stratum,
            covariates: row.covariates.clone(),
            base: row.values.get(self.baseline).copied().flatten(),
            responds: if row.failed { Some(false) } else { known(row) },
        };
        self.rows.iter().map(answer).collect()
    }

    /// How many of an arm have a value or a limit at a visit, and how many of these a value.
    pub fn measured(&self, arm: Arm, visit: usize) -> (usize, usize) {
        let results = || self.of_arm(arm).filter_map(|row| row.results.get(visit)?.as_ref());
        let reported = results().filter(|quantity| !matches!(quantity, Quantity::NotReported { .. })).count();
        (reported, results().filter(|quantity| matches!(quantity, Quantity::Quantified(_))).count())
    }

    /// How many of an arm are below their limit at a visit.
    pub fn below(&self, arm: Arm, visit: usize) -> usize {
        self.of_arm(arm).filter(|row| matches!(row.results.get(visit), Some(Some(Quantity::BelowLloq { .. })))).count()
    }

    /// How many participants an arm has, with or without results.
    pub fn size(&self, arm: Arm) -> usize {
        self.of_arm(arm).count()
    }

    fn of_arm(&self, arm: Arm) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.arm == arm)
    }

    fn pair(&self, row: &Row, visit: usize) -> Option<(f64, f64)> {
        row.values.get(self.baseline).copied().flatten().zip(row.values.get(visit).copied().flatten())
    }
}

/// Whether a result is below `level`, where that is known.
pub(in crate::study) fn is_below(quantity: &Quantity, level: f64) -> Option<bool> {
    match quantity {
        Quantity::Quantified(estimate) => Some(estimate.value < level),
        Quantity::BelowLloq { limit } if *limit <= level => Some(true),
        Quantity::AboveUloq { limit } if *limit >= level => Some(false),
        _ => None,
    }
}
