//! The change of a clinical measure from baseline, compared between two arms by analysis of covariance of the difference with the
//! baseline (and the strata of the randomisation).

use serde::Serialize;

use super::OfMeasure;
use crate::stats::ancova::Rows;
use crate::stats::quartile;
use crate::stats::{self, Ancova, Arm, StratumWeights, Undefined, Vcov};
use crate::study::result::Interval;

/// One measure at one visit, in two arms.
///
/// See [`Clinical`](super::Clinical) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureChange {
    /// The measure.
    pub measure: String,
    /// The visit.
    pub visit: String,
    /// Its week.
    pub week: f64,
    /// The arm that is compared.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// Participants with both values, of the two arms.
    pub n: [usize; 2],
    /// Randomised participants of the two arms.
    pub randomised: [usize; 2],
    /// Mean at baseline of those with both values.
    pub base_mean: [Option<f64>; 2],
    /// Median percent change from baseline, of those whose baseline is not zero.
    pub median_percent_change: [Option<f64>; 2],
    /// Adjusted mean change of each arm, active first.
    pub adjusted: Option<[Interval; 2]>,
    /// Difference of the adjusted changes, active − reference, with its interval.
    pub difference: Option<Interval>,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// The model in words.
    pub model: String,
    /// Why there is no comparison; empty where there is.
    pub reason: String,
}

/// The participants with both values.
#[derive(Default)]
struct Used {
    arm: Vec<Arm>,
    base: Vec<f64>,
    change: Vec<f64>,
    stratum: Vec<Option<usize>>,
}

impl OfMeasure<'_> {
    pub(super) fn changes(&self) -> Vec<MeasureChange> {
        let (actives, reference) = self.arms();
        let of_pair = |active| self.trial.after_baseline().map(move |visit| self.change(active, reference, visit));
        actives.into_iter().flat_map(of_pair).collect()
    }

    fn change(&self, active: &str, reference: &str, visit: usize) -> MeasureChange {
        let used = &self.used(active, reference, visit);
        let of_arm = |arm: Arm| (0..used.arm.len()).filter(move |&i| used.arm[i] == arm);
        let mean = |arm: Arm| {
            let base: Vec<f64> = of_arm(arm).map(|i| used.base[i]).collect();
            (!base.is_empty()).then(|| base.iter().sum::<f64>() / base.len() as f64)
        };
        let median = |arm: Arm| {
            let of = of_arm(arm).filter(|&i| used.base[i] != 0.0);
            let percents: Vec<f64> = of.map(|i| 100.0 * used.change[i] / used.base[i]).collect();
            quartile::median(&quartile::sorted(&percents))
        };
        let arms = [Arm::Active, Arm::Placebo];
        let strata = used.stratum.iter().copied().collect::<Option<Vec<usize>>>().filter(|strata| !strata.is_empty());
        let also = if strata.is_some() { " and stratum" } else { "" };
        let blank = MeasureChange {
            measure: self.measure.name.clone(),
            visit: self.trial.visits[visit].name.clone(),
            week: self.trial.visits[visit].week,
            active: active.to_string(),
            reference: reference.to_string(),
            n: arms.map(|arm| of_arm(arm).count()),
            randomised: [active, reference]
                .map(|arm| self.trial.participants.iter().filter(|one| one.arm == arm).count()),
            base_mean: arms.map(mean),
            median_percent_change: arms.map(median),
            adjusted: None,
            difference: None,
            standard_error: None,
            df: None,
            p: None,
            model: format!("analysis of covariance of the change by arm with baseline{also}"),
            reason: String::new(),
        };
        let rows = Rows {
            arm: &used.arm,
            response: &used.change,
            baseline: &used.base,
            stratum: strata.as_deref(),
            terms: &[],
        };
        let weights = if strata.is_some() { StratumWeights::Equal } else { StratumWeights::None };
        match stats::ancova(rows, Vcov::Ols, weights, self.protocol.assay.method.confidence) {
            Ok(fit) => with_fit(blank, &fit),
            Err(why) => MeasureChange { reason: why.to_string(), ..blank },
        }
    }

    fn used(&self, active: &str, reference: &str, visit: usize) -> Used {
        let strata = self.trial.strata();
        let mut used = Used::default();
        for one in &self.trial.participants {
            let arm = match one.arm.as_str() {
                arm if arm == active => Arm::Active,
                arm if arm == reference => Arm::Placebo,
                _ => continue,
            };
            if let Some((base, value)) = self.pair(&one.subject, visit) {
                used.arm.push(arm);
                used.base.push(base);
                used.change.push(value - base);
                used.stratum.push(one.stratum.as_deref().and_then(|name| strata.binary_search(&name).ok()));
            }
        }
        used
    }
}

fn with_fit(blank: MeasureChange, fit: &Ancova) -> MeasureChange {
    let interval =
        |estimate, low: Option<f64>, high: Option<f64>| Some(Interval { estimate, lower: low?, upper: high? });
    let adjusted = |arm: Arm| {
        let mean = fit.lsmeans.iter().find(|mean| mean.arm == arm)?;
        interval(mean.est, mean.ci_low, mean.ci_high)
    };
    let reason = if fit.inference.p.is_some() { String::new() } else { Undefined::ZeroVariance.to_string() };
    MeasureChange {
        adjusted: adjusted(Arm::Active).zip(adjusted(Arm::Placebo)).map(|(one, other)| [one, other]),
        difference: interval(fit.diff, fit.inference.ci_low, fit.inference.ci_high),
        standard_error: Some(fit.se),
        df: Some(fit.inference.df),
        p: fit.inference.p,
        reason,
        ..blank
    }
}
