//! The difference of the arms in each of several groups of participants, and whether it differs between them.
//!
//! ```text
//! change = μ + δ·[active] + γ_group + δ_group·[active] + β·(baseline − mean baseline) + strata + covariates + error
//! ```
//!
//! One model for all groups, so that they share the slope and the variance. The difference of a group is δ + δ_group; the interaction is
//! tested by the F test of this model against the one without δ_group. A difference *between* groups is what this test is about: one
//! group that is significant beside one that is not shows none (Wang et al., N Engl J Med 2007;357:2189).

use ndarray::{Array1, Array2, Axis, concatenate};
use serde::Serialize;

use super::Arm;
use super::ancova::{ARM, AncovaRows, design};
use super::distribution::f_sf;
use super::inference::TInference;
use super::linear_model::LinearModel;
use super::undefined::Undefined;

/// The difference of the arms by group.
///
/// ```
/// use platewise::stats::Arm;
/// use platewise::stats::ancova::AncovaRows;
/// use platewise::stats::subgroups::{GroupEffect, Interaction, SubgroupEffects, subgroups};
///
/// let arm: Vec<Arm> = (0..24).map(|i| if i % 2 == 0 { Arm::Active } else { Arm::Placebo }).collect();
/// let group: Vec<usize> = (0..24).map(|i| i / 12).collect();
/// let baseline: Vec<f64> = (0..24).map(|i| f64::from(i * 5 % 7)).collect();
/// let noise = |i: usize| 0.1 * (i * 7 % 5) as f64;
/// // Down by 1 in the first group of the active arm, by 3 in the second.
/// let effect = |i: usize| if i % 2 == 0 { [-1.0, -3.0][group[i]] } else { 0.0 };
/// let response: Vec<f64> = (0..24).map(|i| effect(i) + noise(i)).collect();
/// let rows = AncovaRows { arm: &arm, response: &response, baseline: &baseline, stratum: None, terms: &[] };
/// let found: SubgroupEffects = subgroups(rows, &group, 0.95)?;
/// let [first, second]: [GroupEffect; 2] = [found.groups[0], found.groups[1]];
/// assert!((first.diff + 1.0).abs() < 0.2 && (second.diff + 3.0).abs() < 0.2);
/// let interaction: Interaction = found.interaction;
/// assert!(interaction.p < 1e-6 && interaction.df1 == 1.0);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SubgroupEffects {
    /// Each group, in the order of their numbers.
    pub groups: Vec<GroupEffect>,
    /// Whether the difference is the same in all of them.
    pub interaction: Interaction,
}

/// The difference of the arms in one group.
///
/// See [`SubgroupEffects`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GroupEffect {
    /// The number of the group.
    pub group: usize,
    /// Subjects of the two arms, active first.
    pub n: [usize; 2],
    /// Adjusted difference, active − placebo.
    pub diff: f64,
    /// Its standard error.
    pub se: f64,
    /// Its test and interval.
    #[serde(flatten)]
    pub inference: TInference,
}

/// The F test of the interaction.
///
/// See [`SubgroupEffects`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interaction {
    /// The statistic.
    pub f: f64,
    /// Degrees of freedom of the interaction.
    pub df1: f64,
    /// Those of the residuals.
    pub df2: f64,
    /// The p-value.
    pub p: f64,
}

/// Fits the model of this module; `group` has a number for each row. Groups of which an arm has nobody must not be among the rows.
///
/// # Errors
/// With fewer than two groups, a group without one of the arms, or data that do not determine a term.
pub fn subgroups(rows: AncovaRows<'_>, group: &[usize], confidence: f64) -> Result<SubgroupEffects, Undefined> {
    let mut names = group.to_vec();
    names.sort_unstable();
    names.dedup();
    Undefined::unless_enough("groups", names.len(), 2)?;
    let count = |name: usize, arm: Arm| rows.arm.iter().zip(group).filter(|(a, g)| **a == arm && **g == name).count();
    let n: Vec<[usize; 2]> =
        names.iter().map(|&name| [Arm::Active, Arm::Placebo].map(|arm| count(name, arm))).collect();
    for of in n.iter().flatten() {
        Undefined::unless_enough("subjects of an arm in a group", *of, 1)?;
    }
    let baseline_ref = rows.baseline.iter().sum::<f64>() / rows.baseline.len() as f64;
    let (common, mut terms, _) = design(rows, baseline_ref);
    let indicators = |active: bool| {
        Array2::from_shape_fn((group.len(), names.len() - 1), |(i, k)| {
            let own = group[i] == names[k + 1] && (!active || rows.arm[i] == Arm::Active);
            f64::from(u8::from(own))
        })
    };
    let join = |parts: &[Array2<f64>]| {
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        concatenate(Axis(1), &views).map_err(|why| Undefined::Because(why.to_string()))
    };
    let without = join(&[common.clone(), indicators(false)])?;
    let with = join(&[common.clone(), indicators(false), indicators(true)])?;
    terms.extend(names.iter().skip(1).map(|name| format!("group {}", name + 1)));
    terms.extend(names.iter().skip(1).map(|name| format!("arm in group {}", name + 1)));
    let y = Array1::from(rows.response.to_vec());
    let (null, fit) =
        (LinearModel::fit(without.view(), y.view(), &terms)?, LinearModel::fit(with.view(), y.view(), &terms)?);
    let scale = y.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let covariance = fit.covariance();
    let first = without.ncols();
    let mut groups = Vec::with_capacity(names.len());
    for (k, &name) in names.iter().enumerate() {
        let mut contrast = Array1::zeros(with.ncols());
        contrast[ARM] = 1.0;
        if k > 0 {
            contrast[first + k - 1] = 1.0;
        }
        let (diff, se) = (contrast.dot(&fit.coefficients), contrast.dot(&covariance.dot(&contrast)).max(0.0).sqrt());
        let inference = TInference::of(diff, se, fit.df, scale, confidence)?;
        groups.push(GroupEffect { group: name, n: n[k], diff, se, inference });
    }
    let df1 = (names.len() - 1) as f64;
    if fit.rss <= (10.0 * f64::EPSILON * scale).powi(2) * y.len() as f64 {
        return Err(Undefined::ZeroVariance);
    }
    let f = ((null.rss - fit.rss) / df1 / (fit.rss / fit.df)).max(0.0);
    let interaction = Interaction { f, df1, df2: fit.df, p: f_sf(f, df1, fit.df)? };
    Ok(SubgroupEffects { groups, interaction })
}
