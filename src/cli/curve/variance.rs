//! The variance model of the curves of a file: stated, or chosen by the wells; and what the wells say of it.

use std::fmt;

use serde::Serialize;

use super::input::CurveWells;
use crate::curve::{Method, Point, Variance, VarianceChoice, pooled_variance_parameter};

/// Where the variance model comes from.
#[derive(Debug, Serialize)]
pub(super) struct VarianceModel {
    /// The model.
    variance: Variance,
    /// Whether it was stated on the command line.
    stated: bool,
    /// What the wells say; `None` where no curve is usable under every model.
    choice: Option<VarianceChoice>,
    /// The parameter that all curves of the file share, of a model that has one: θ of power, ρ of two-component.
    pooled_parameter: Option<f64>,
}

impl VarianceModel {
    /// Completes the method: the likeliest variance where none is stated, constant where the wells do not say; the parameter of a model
    /// that has one pooled over several curves.
    pub(super) fn settle(stated: Option<Variance>, mut method: Method, curves: &[CurveWells]) -> (Method, Self) {
        let points: Vec<&[Point]> = curves.iter().map(|curve| curve.points.as_slice()).collect();
        let choice = VarianceChoice::of(&points, &method);
        let variance = stated.or(choice.as_ref().map(VarianceChoice::best)).unwrap_or(Variance::Constant);
        method.variance = variance;
        if variance.has_parameter() && curves.len() > 1 {
            let plates: Vec<(&[Point], &Method)> = points.iter().map(|points| (*points, &method)).collect();
            method.variance_parameter = pooled_variance_parameter(variance, &plates).ok();
        }
        let said = Self { variance, stated: stated.is_some(), choice, pooled_parameter: method.variance_parameter };
        (method, said)
    }
}

impl fmt::Display for VarianceModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variance, stated, choice, pooled_parameter } = self;
        let from = if *stated { "as stated" } else { "chosen by these wells" };
        let Some(choice) = choice else {
            return write!(f, "Variance {}: {from}", variance.name()).and_then(|()| match stated {
                true => f.write_str("; the wells cannot be asked, no curve is usable under every model"),
                false => f.write_str(" for want of another: no curve is usable under every model"),
            });
        };
        write!(f, "Variance {}: {from}", variance.name())?;
        if let Some(parameter) = pooled_parameter {
            let name = if *variance == Variance::TwoComponent { "crossover" } else { "exponent" };
            write!(f, ", {name} {parameter:.3} pooled over the curves")?;
        }
        let beside: Vec<String> =
            choice.models.iter().map(|(model, below)| format!("{} {below:.1}", model.name())).collect();
        write!(f, " (restricted log-likelihood: {})", beside.join(", "))?;
        let best = choice.best();
        match choice.speaks_against(*variance) {
            Some(_) => {
                write!(f, "; the wells speak against it and for {}, so intervals are not what they say", best.name())
            }
            None if choice.models.iter().all(|(model, _)| choice.speaks_against(*model).is_none()) => {
                f.write_str("; these wells do not tell the models apart: state --variance if the assay's is known")
            }
            None => Ok(()),
        }
    }
}
