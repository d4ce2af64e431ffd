//! How far the answer depends on what is assumed of values that nobody measured: multiple imputation at random and by the reference
//! arm, and by which factor the missing values of the treated would have to differ before the conclusion is another.
//!
//! The arithmetic is that of [`crate::stats::imputation`], on the log change; a shift δ there is a factor exp(δ) here.
//!
//! ```
//! use platewise::concentration::{Quantity, quantity::Estimate};
//! use platewise::study::missing_data::{ImputedRatio, MissingData, ShiftedRatio, TippingPoint};
//! use platewise::study::{Allocation, SubjectVisit, compare};
//!
//! let protocol = platewise::protocol::parse(
//!     r#"
//!     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
//!     method = { name = "ELISA", version = "1" }
//!     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
//!     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
//!     missing_data = { imputations = 200 }
//!     "#,
//! )?;
//! let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
//! let (mut visits, mut arms) = (Vec::new(), Vec::new());
//! for i in 0..20 {
//!     let subject = format!("S{i:02}");
//!     let base = 800.0 + 37.0 * f64::from(i * 7 % 20);
//!     visits.push(SubjectVisit::new(&subject, "Baseline", 0.0, number(base)));
//!     // Ten treated, whose values fall by half; two of them did not come back.
//!     let ratio = if i < 10 { 0.5 } else { 1.0 } * (0.9 + 0.02 * f64::from(i * 3 % 10));
//!     if i > 1 {
//!         visits.push(SubjectVisit::new(&subject, "Week 16", 16.0, number(ratio * base)));
//!     }
//!     let arm = if i < 10 { "active" } else { "placebo" };
//!     arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: None, covariates: Vec::new() });
//! }
//! let found: &MissingData = &compare(&visits, &arms, &protocol)?.missing_data[0];
//! assert_eq!((found.n, found.imputed), ([10, 10], [2, 0]));
//! // As if the two had been on placebo: the ratio is nearer to 1.
//! let [random, jump] = [0, 1].map(|at: usize| found.assumptions[at]).map(|row: ImputedRatio| row.ratio.unwrap().estimate);
//! assert!((0.48..0.52).contains(&random) && jump > 1.1 * random, "{random} {jump}");
//! let tipping: &TippingPoint = found.tipping.as_ref().unwrap();
//! let twice: &ShiftedRatio = tipping.points.iter().find(|point| (point.factor - 2.0).abs() < 1e-9).unwrap();
//! assert!(twice.ratio.unwrap().estimate > random);
//! # Ok::<(), platewise::sheet::Problems>(())
//! ```

use serde::Serialize;

use super::arm_comparison::ArmComparison;
use super::arm_pair::{ArmPair, ratio};
use super::interval_estimate::IntervalEstimate;
use super::mixed_model::longitudinal_terms;
use super::numbers::{Longitudinal, ModelScale};
use super::paragraph_part::capitalised;
use crate::protocol::{LARGEST_FACTOR, MissingDataSettings};
use crate::stats::imputation::pool::Pooled;
use crate::stats::imputation::shift::Shift;
use crate::stats::imputation::{Plan, Strategy, impute};
use crate::stats::{Arm, Undefined, printed_ratio};

/// One arm against the reference, with what is missing filled.
#[derive(Debug, Clone, Serialize)]
pub struct MissingData {
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// The visit.
    pub visit: String,
    /// Participants in the analysis, of the two arms: everybody with a baseline and the covariates of the study.
    pub n: [usize; 2],
    /// Of these, those whose end point was imputed.
    pub imputed: [usize; 2],
    /// Randomised participants without a baseline, or without a covariate of the study, who are not in it.
    pub without_baseline: [usize; 2],
    /// How many times what is missing was filled.
    pub imputations: usize,
    /// The seed of the draws.
    pub seed: u64,
    /// The ratio under each assumption.
    pub assumptions: Vec<ImputedRatio>,
    /// What it takes to change the conclusion; `None` where nothing was imputed in the arm, or there is a reason.
    pub tipping: Option<TippingPoint>,
    /// The result in words.
    pub words: String,
    /// Why nothing was imputed; empty where something was.
    pub reason: String,
}

/// The ratio under one assumption about what is missing.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ImputedRatio {
    /// The assumption.
    pub assumption: Strategy,
    /// Ratio of the geometric mean ratios to baseline, with its interval.
    pub ratio: Option<IntervalEstimate>,
    /// Standard error of ln ratio.
    pub standard_error: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// Share of the variance that is due to what is missing.
    pub missing_share: f64,
    /// Standard deviation of ln ratio from seed to seed.
    pub monte_carlo_error: f64,
}

/// By which factor the imputed values of the arm in the numerator would have to differ.
#[derive(Debug, Clone, Serialize)]
pub struct TippingPoint {
    /// The ratio by factor.
    pub points: Vec<ShiftedRatio>,
    /// The factor nearest to 1, below it and above, at which the interval lies otherwise to 1 than at the factor 1; `None` where
    /// none is found up to [`LARGEST_FACTOR`].
    pub tips: [Option<f64>; 2],
    /// What the study regards as plausible.
    pub plausible_factor: f64,
}

impl TippingPoint {
    /// The tips within what is plausible.
    pub fn plausible(&self) -> impl Iterator<Item = f64> {
        let factor = self.plausible_factor;
        self.tips.into_iter().flatten().filter(move |tip| (1.0 / factor..=factor).contains(tip))
    }
}

/// The ratio when every imputed value of the arm is so many times as high.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ShiftedRatio {
    /// The factor.
    pub factor: f64,
    /// Whether it is where the conclusion tips.
    pub tips: bool,
    /// The ratio with its interval.
    pub ratio: Option<IntervalEstimate>,
    /// Two-sided p-value.
    pub p: Option<f64>,
}

/// Steps to a doubling of the factor in the table and the picture.
const STEPS: i32 = 4;

/// An assumption as a reader knows it.
pub fn in_words(assumption: Strategy) -> &'static str {
    match assumption {
        Strategy::MissingAtRandom => "missing at random",
        Strategy::JumpToReference => "jump to reference",
        Strategy::CopyReference => "copy reference",
        Strategy::CopyIncrements => "copy increments in reference",
    }
}

impl ArmPair<'_> {
    /// Fills what is missing; `primary` is the primary analysis of the pair.
    pub(super) fn missing_data(&self, primary: &ArmComparison, asked: MissingDataSettings) -> MissingData {
        let blank = MissingData {
            active: self.active.to_string(),
            reference: self.reference.to_string(),
            visit: primary.visit.clone(),
            n: [0, 0],
            imputed: [0, 0],
            without_baseline: [0, 0],
            imputations: asked.imputations,
            seed: self.settings.seed,
            assumptions: Vec::new(),
            tipping: None,
            words: String::new(),
            reason: String::new(),
        };
        if primary.ratio.is_none() {
            let reason = format!("there is no primary estimate: {}", primary.reason);
            return MissingData { reason, ..blank };
        }
        match self.impute(&blank, asked) {
            Ok(found) => found,
            Err(why) => MissingData { reason: why.to_string(), ..blank },
        }
    }

    fn impute(&self, blank: &MissingData, asked: MissingDataSettings) -> Result<MissingData, Undefined> {
        let visits: Vec<usize> = self.trial.after_baseline().collect();
        let no_end = || Undefined::Because("the end point is not after the baseline".into());
        let endpoint = visits.iter().position(|&visit| visit == self.endpoint).ok_or_else(no_end)?;
        let rows = self.numbers.longitudinal(&visits, ModelScale::Ln)?;
        let stratified = self.numbers.stratified();
        let arm: Vec<usize> = rows.iter().map(|row| row.arm.number()).collect();
        let of_each: Vec<&Longitudinal> = rows.iter().collect();
        let terms = longitudinal_terms(&self.numbers.covariates, &of_each, &arm, &vec![1.0; rows.len()])?;
        let subjects = Longitudinal::subjects(&rows, &terms, stratified);
        let plan = Plan { imputations: asked.imputations, seed: self.settings.seed, confidence: self.confidence };
        let found = impute(&subjects, endpoint, plan)?;
        let size = [Arm::Active, Arm::Placebo].map(|arm| self.numbers.size(arm));
        let tips = if found.missing[0] > 0 { Some(tipping(&found.shift, asked.plausible_factor)?) } else { None };
        let filled = MissingData {
            n: found.n,
            imputed: found.missing,
            without_baseline: [size[0] - found.n[0], size[1] - found.n[1]],
            assumptions: found.pooled.iter().map(|(assumption, pooled)| assumed(*assumption, pooled)).collect(),
            tipping: tips,
            ..blank.clone()
        };
        let alone = if self.among_others() { " All of this is of these two arms alone." } else { "" };
        Ok(MissingData { words: format!("{}{alone}", words(&filled, visits.len())), ..filled })
    }
}

fn assumed(assumption: Strategy, pooled: &Pooled) -> ImputedRatio {
    ImputedRatio {
        assumption,
        ratio: ratio(pooled.estimate, pooled.inference.ci_low, pooled.inference.ci_high),
        standard_error: pooled.se,
        df: pooled.inference.df,
        p: pooled.inference.p,
        missing_share: pooled.missing_share,
        monte_carlo_error: pooled.monte_carlo_error,
    }
}

fn tipping(shift: &Shift, plausible_factor: f64) -> Result<TippingPoint, Undefined> {
    let farthest = libm::log(LARGEST_FACTOR);
    let tips = [shift.tipping(-farthest)?, shift.tipping(farthest)?];
    let last = STEPS * libm::log2(LARGEST_FACTOR) as i32;
    let deltas = (-last..=last).map(|step| (std::f64::consts::LN_2 * f64::from(step) / f64::from(STEPS), false));
    let mut deltas: Vec<(f64, bool)> = deltas.chain(tips.iter().flatten().map(|&delta| (delta, true))).collect();
    deltas.sort_by(|one, other| one.0.total_cmp(&other.0));
    let point = |(delta, tips): (f64, bool)| {
        let Pooled { estimate, inference, .. } = shift.at(delta)?;
        let ratio = ratio(estimate, inference.ci_low, inference.ci_high);
        Ok(ShiftedRatio { factor: libm::exp(delta), tips, ratio, p: inference.p })
    };
    let points = deltas.into_iter().map(point).collect::<Result<_, Undefined>>()?;
    Ok(TippingPoint { points, tips: tips.map(|tip| tip.map(libm::exp)), plausible_factor })
}

fn words(found: &MissingData, visits: usize) -> String {
    let one = |row: &ImputedRatio| {
        let ratio = row.ratio?;
        let [estimate, lower, upper] = [ratio.estimate, ratio.lower, ratio.upper].map(printed_ratio);
        Some(format!("{} {estimate} ({lower} to {upper})", in_words(row.assumption)))
    };
    let ratios: Vec<String> = found.assumptions.iter().filter_map(one).collect();
    let same = match visits {
        1 => " With one visit after baseline the three assumptions by the reference arm are one.",
        _ => "",
    };
    let [imputed, of_reference] = found.imputed;
    format!(
        "The end point was imputed for {imputed} of {} participants of {} and {of_reference} of {} of {}, {} times with the seed {}: {}.{same}{}",
        found.n[0],
        found.active,
        found.n[1],
        found.reference,
        found.imputations,
        found.seed,
        ratios.join("; "),
        found
            .tipping
            .as_ref()
            .map(|tipping| format!(" {}.", capitalised(&tips_in_words(tipping, &found.active))))
            .unwrap_or_default()
    )
}

/// What it takes to change the conclusion: a clause, to stand alone with a capital and a full stop.
pub(super) fn tips_in_words(tipping: &TippingPoint, active: &str) -> String {
    let factors: Vec<String> =
        tipping.tips.iter().flatten().map(|tip| format!("{} times", printed_ratio(*tip))).collect();
    let largest = printed_ratio(LARGEST_FACTOR);
    if factors.is_empty() {
        return format!(
            "no factor up to {largest}, up or down, by which the missing values of {active} differ from those expected at random \
             changes the conclusion"
        );
    }
    format!(
        "the conclusion changes where the missing values of {active} are {} those expected at random",
        factors.join(" or ")
    )
}
