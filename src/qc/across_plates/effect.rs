//! Effects of edge, row and column on a plate, and drift from its first to its last controls. They are warned of, never corrected.
//!
//! A plate of an ELISA has its standards in fixed columns and its samples where the laboratory put them, so that nothing can be
//! asked of the readings themselves (B-scores assume random samples; Brideau et al., J Biomol Screen 2003;8:634). Replicates of one
//! group differ by their place and by noise only. Each contrast x (1 at the edge, in row C, in column 5; else 0) is compared with
//! the relative residuals within the groups:
//!
//! ```text
//! ρᵢⱼ = (yᵢⱼ − ȳᵢ) / ȳᵢ      x'ᵢⱼ = xᵢⱼ − x̄ᵢ      wᵢ = ȳᵢ² / v(ȳᵢ), v: variance of a well by the plate's model
//! β = Σ w x' ρ / Σ w x'²     se² = Σ w (ρ − β x')² / df / Σ w x'²      df = Σ (nᵢ − 1) − 1
//! ```
//!
//! t = β / se. The contrasts of a plate share one false-alarm rate (`false_alarm_percent`, Bonferroni). Drift takes the logarithm of
//! last over first set of each level of the controls, in the order in which the method says that plates are filled
//! (`controls_bracket`; down the columns where it is not checked), and holds the plate's mean of them against how far the levels
//! disagree, pooled across plates: t with Σ (levels − 1) degrees of freedom. Simulated plates without any effect show the rate
//! that is promised: see the tests.

use rayon::prelude::*;

use crate::concentration::{ControlResult, PlateConcentrations};
use crate::plate::{PlateSize, WellPosition};
use crate::protocol::Bracket;
use crate::qc::bracket::{FillOrder, filled};
use crate::stats::distribution::{t_quantile, t_two_sided};

/// An effect that was asked for.
///
/// See [`AcrossPlates`](super::AcrossPlates) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// The plate; `None`: all plates together.
    pub plate: Option<String>,
    /// `edge`, `row C`, `column 5` or `drift`.
    pub name: String,
    /// What was found, or why nothing could be.
    pub found: Result<TestedEffect, String>,
}

/// An effect with its test.
///
/// ```
/// use platewise::qc::across_plates::TestedEffect;
///
/// let edge = TestedEffect { groups: 9, percent: 12.0, lower: 7.1, upper: 17.1, p: 2e-5, threshold: 5e-4 };
/// assert!(edge.warned(), "warned of, never corrected");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestedEffect {
    /// Groups of replicates (or levels of controls) that bear on it.
    pub groups: usize,
    /// Change of the response (for drift, of the concentration) in percent.
    pub percent: f64,
    /// Lower limit of its interval, in percent.
    pub lower: f64,
    /// Upper limit of its interval, in percent.
    pub upper: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// The p-value below which it is warned of.
    pub threshold: f64,
}

impl TestedEffect {
    /// Whether it is warned of.
    pub fn warned(&self) -> bool {
        self.p < self.threshold
    }
}

/// A well of a group of replicates.
struct ReplicateWell {
    position: WellPosition,
    residual: f64,
}

/// Replicates, and the weight of their relative residuals.
struct ReplicateGroup {
    wells: Vec<ReplicateWell>,
    weight: f64,
}

/// Groups that have to speak to a contrast: one pair alone is a pipetting error, not a place.
const FEWEST_GROUPS: usize = 4;

/// Effects of position on each plate, and on all together where there are several of one size.
pub fn position(plates: &[&PlateConcentrations], alarm: f64, confidence: f64) -> Vec<Effect> {
    let of_plate = |plate: &&PlateConcentrations| {
        let groups = groups(plate);
        (of_groups(Some(&plate.plate.id), &groups, plate.plate.size, alarm, confidence), groups)
    };
    let (effects, all): (Vec<_>, Vec<_>) = plates.par_iter().map(of_plate).unzip();
    let mut effects: Vec<Effect> = effects.into_iter().flatten().collect();
    let all: Vec<ReplicateGroup> = all.into_iter().flatten().collect();
    if let [first, _, ..] = plates
        && plates.iter().all(|plate| plate.plate.size == first.plate.size)
    {
        effects.extend(of_groups(None, &all, first.plate.size, alarm, confidence));
    }
    effects
}

/// Every group of replicates of a plate with two measured wells or more.
fn groups(plate: &PlateConcentrations) -> Vec<ReplicateGroup> {
    let Ok(curve) = &plate.curve else { return Vec::new() };
    let mut of_standards: Vec<(f64, Vec<WellPosition>)> = Vec::new();
    for well in plate.wells.iter().filter(|well| well.role == "standard") {
        let Some(nominal) = well.nominal else { continue };
        match of_standards.iter_mut().find(|(known, _)| *known == nominal) {
            Some((_, wells)) => wells.push(well.position),
            None => of_standards.push((nominal, vec![well.position])),
        }
    }
    let standards = of_standards.into_iter().map(|(_, wells)| wells);
    let controls = plate.controls.iter().map(|control| control.group.wells.clone());
    let samples = plate.samples.iter().map(|sample| sample.wells.clone());
    let members = standards.chain(controls).chain(samples);
    members
        .filter_map(|members| {
            let measured: Vec<(WellPosition, f64)> = plate
                .wells
                .iter()
                .filter(|well| members.contains(&well.position))
                .filter_map(|well| Some((well.position, well.response.measured()?)))
                .collect();
            let mean = measured.iter().map(|(_, response)| response).sum::<f64>() / measured.len() as f64;
            let variance = curve.variance(mean).filter(|variance| *variance > 0.0)?;
            (measured.len() > 1 && mean > 0.0).then(|| ReplicateGroup {
                weight: mean * mean / variance,
                wells: measured
                    .iter()
                    .map(|&(position, response)| ReplicateWell { position, residual: (response - mean) / mean })
                    .collect(),
            })
        })
        .collect()
}

fn of_groups(
    plate: Option<&str>,
    groups: &[ReplicateGroup],
    size: PlateSize,
    alarm: f64,
    confidence: f64,
) -> Vec<Effect> {
    let edge = move |well: WellPosition| {
        well.row == 0
            || well.column == 0
            || usize::from(well.row) + 1 == size.rows
            || usize::from(well.column) + 1 == size.columns
    };
    type InPlace = Box<dyn Fn(WellPosition) -> bool>;
    let mut contrasts: Vec<(String, InPlace)> = vec![("edge".to_string(), Box::new(edge))];
    for row in 0..size.rows as u16 {
        let letters = crate::plate::well::row_letters(row.into());
        contrasts.push((format!("row {letters}"), Box::new(move |well| well.row == row)));
    }
    for column in 0..size.columns as u16 {
        contrasts.push((format!("column {}", column + 1), Box::new(move |well| well.column == column)));
    }
    let asked: Vec<(String, Result<Regression, String>)> =
        contrasts.into_iter().map(|(name, inside)| (name, Regression::of(groups, &*inside))).collect();
    let threshold = alarm / distinct(&asked).max(1) as f64;
    asked
        .into_iter()
        .map(|(name, answer)| Effect {
            plate: plate.map(str::to_string),
            name,
            found: answer.and_then(|regression| regression.found(threshold, confidence)),
        })
        .collect()
}

/// Contrasts that ask different questions. Where every pair stands in columns 3 and 4, the two columns are one contrast.
fn distinct(asked: &[(String, Result<Regression, String>)]) -> usize {
    let mut seen: Vec<(f64, f64)> = Vec::new();
    for regression in asked.iter().filter_map(|(_, answer)| answer.as_ref().ok()) {
        let one = (regression.beta.abs(), regression.se);
        let same =
            |other: &(f64, f64)| (one.0 - other.0).abs() <= 1e-9 * one.1 && (one.1 - other.1).abs() <= 1e-9 * one.1;
        if !seen.iter().any(same) {
            seen.push(one);
        }
    }
    seen.len()
}

/// β of a contrast.
struct Regression {
    groups: usize,
    beta: f64,
    se: f64,
    df: f64,
}

impl Regression {
    fn of(groups: &[ReplicateGroup], inside: &dyn Fn(WellPosition) -> bool) -> Result<Self, String> {
        // Whether each well is inside, centred in its group; the groups one after another.
        let mut x: Vec<f64> = Vec::with_capacity(groups.iter().map(|group| group.wells.len()).sum());
        let mut speaking = 0;
        for group in groups {
            let start = x.len();
            x.extend(group.wells.iter().map(|well| f64::from(u8::from(inside(well.position)))));
            let centred = &mut x[start..];
            let mean = centred.iter().sum::<f64>() / centred.len() as f64;
            centred.iter_mut().for_each(|x| *x -= mean);
            speaking += usize::from(centred.iter().any(|x| *x != 0.0));
        }
        if speaking < FEWEST_GROUPS {
            return Err(format!(
                "{speaking} groups of replicates stand inside and outside of it; at least {FEWEST_GROUPS} needed"
            ));
        }
        let sum = |term: &dyn Fn(f64, f64) -> f64| -> f64 {
            let mut x = x.iter();
            let mut of_group = |group: &ReplicateGroup| {
                group.weight * group.wells.iter().zip(&mut x).map(|(well, x)| term(well.residual, *x)).sum::<f64>()
            };
            groups.iter().map(&mut of_group).sum()
        };
        let xx = sum(&|_, x| x * x);
        let beta = sum(&|residual, x| residual * x) / xx;
        let rss = sum(&|residual, x| (residual - beta * x) * (residual - beta * x));
        let df = groups.iter().map(|group| group.wells.len() as f64 - 1.0).sum::<f64>() - 1.0;
        if df < 1.0 || rss <= 0.0 {
            return Err("the replicates leave no noise to compare it with".into());
        }
        Ok(Self { groups: speaking, beta, se: (rss / df / xx).sqrt(), df })
    }

    fn found(self, threshold: f64, confidence: f64) -> Result<TestedEffect, String> {
        found(self.beta, self.se, self.df, self.groups, threshold, confidence, |beta| 100.0 * beta)
    }
}

fn found(
    estimate: f64,
    se: f64,
    df: f64,
    groups: usize,
    threshold: f64,
    confidence: f64,
    percent: impl Fn(f64) -> f64,
) -> Result<TestedEffect, String> {
    let half = t_quantile(0.5 + confidence / 2.0, df).map_err(|why| why.to_string())? * se;
    let p = t_two_sided(estimate / se, df).map_err(|why| why.to_string())?;
    Ok(TestedEffect {
        groups,
        percent: percent(estimate),
        lower: percent(estimate - half),
        upper: percent(estimate + half),
        p,
        threshold,
    })
}

/// Drift from the first to the last controls of each plate, and of all together where there are several.
pub fn drift(plates: &[&PlateConcentrations], order: Bracket, alarm: f64, confidence: f64) -> Vec<Effect> {
    let place = filled(order).unwrap_or(|at| (at.column, at.row));
    let ratios: Vec<Vec<f64>> = plates.iter().map(|plate| last_over_first(&plate.controls, place)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = ratios.iter().map(|of| of.iter().map(|ratio| (ratio - mean(of)).powi(2)).sum::<f64>()).sum();
    let df = ratios.iter().map(|of| of.len().saturating_sub(1)).sum::<usize>() as f64;
    let test = |ratios: &[f64]| -> Result<TestedEffect, String> {
        if ratios.is_empty() {
            return Err("no level of the controls has values in two places of the plate".into());
        }
        if df < 2.0 || squares <= 0.0 {
            return Err("too few levels of the controls have values in two places to tell drift from noise".into());
        }
        let se = (squares / df / ratios.len() as f64).sqrt();
        let percent = |ln: f64| 100.0 * libm::expm1(ln);
        found(mean(ratios), se, df, ratios.len(), alarm, confidence, percent)
    };
    let effect = |plate: Option<String>, ratios: &[f64]| Effect { plate, name: "drift".into(), found: test(ratios) };
    let mut effects: Vec<Effect> =
        plates.iter().zip(&ratios).map(|(plate, ratios)| effect(Some(plate.plate.id.clone()), ratios)).collect();
    if plates.len() > 1 {
        effects.push(effect(None, &ratios.concat()));
    }
    effects
}

/// ln(last / first) of each level that stands on the plate twice with a value at both ends.
fn last_over_first(controls: &[ControlResult], place: FillOrder) -> Vec<f64> {
    let mut levels: Vec<(&str, Option<f64>)> = Vec::new();
    for control in controls {
        let level = (control.group.name.as_str(), control.nominal);
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    let ratio = |(name, nominal): (&str, Option<f64>)| {
        let sets: Vec<&ControlResult> =
            controls.iter().filter(|set| set.group.name == name && set.nominal == nominal).collect();
        let at = |set: &&&ControlResult| set.group.wells.iter().map(place).min();
        let (first, last) = (sets.iter().min_by_key(at)?, sets.iter().max_by_key(at)?);
        let positive = |set: &ControlResult| set.group.quantity.value().filter(|value| *value > 0.0);
        (sets.len() > 1).then_some(())?;
        Some(libm::log(positive(last)? / positive(first)?))
    };
    levels.into_iter().filter_map(ratio).collect()
}

#[cfg(test)]
mod tests;
