//! How the weights of wells follow from means.

use super::quasi::deviance;
use crate::curve::definition::method::Method;
use crate::curve::definition::point::Standard;
use crate::curve::definition::variance::{self, VarianceFrom};
use crate::curve::definition::variance_law::{Law, Spread};

/// Crossovers that the search for an unknown one begins with, in floors of the means: below all standards, among them, above all.
const CROSSOVERS: [f64; 3] = [1.0, 30.0, 1e5];

/// How weights follow from means.
#[derive(Clone, Copy)]
pub(crate) struct Weighting {
    pub law: Law,
    pub(super) estimated: bool,
    pub(super) from: VarianceFrom,
    pub(super) floor: f64,
}

impl Weighting {
    pub(crate) fn new(method: &Method, standards: &[Standard]) -> Self {
        let floor = variance::floor(standards);
        let known = Law::known(method.variance, method.variance_parameter);
        Self {
            law: known.unwrap_or_else(|| Law::first(method.variance, floor)),
            estimated: known.is_none(),
            from: method.variance_from,
            floor,
        }
    }

    /// What the iteration begins with: one law, or several where the likelihood of its parameter may have several maxima.
    pub(crate) fn starts(method: &Method, standards: &[Standard]) -> Vec<Self> {
        let first = Self::new(method, standards);
        match first.law {
            Law::TwoComponent(_) if first.estimated => {
                let laws = CROSSOVERS.map(|floors| Law::TwoComponent(floors * first.floor));
                laws.into_iter().map(|law| Self { law, ..first }).collect()
            }
            _ => vec![first],
        }
    }

    /// The same with this law and no other.
    pub(crate) fn holding(&self, law: Law) -> Self {
        Self { law, estimated: false, ..*self }
    }

    pub(super) fn weights(&self, means: impl Iterator<Item = f64>) -> Vec<f64> {
        means.map(|mean| 1.0 / self.law.variance(mean, self.floor)).collect()
    }

    /// The weights that follow from the observed means of the levels.
    pub(crate) fn observed(&self, standards: &[Standard]) -> Vec<f64> {
        self.weights(standards.iter().map(|s| s.mean))
    }

    /// The quasi-deviance of means under this law.
    pub(super) fn cost(&self, standards: &[Standard], means: &[f64]) -> f64 {
        deviance(standards, means, self.law, self.floor)
    }

    /// What the law is estimated from.
    pub(crate) fn spread(&self, fitted: &[f64], standards: &[Standard]) -> Vec<Spread> {
        standards
            .iter()
            .zip(fitted)
            .map(|(s, &f)| {
                let mean = if self.from == VarianceFrom::Fitted { f } else { s.mean };
                let squares = s.within + s.n * (s.mean - f) * (s.mean - f);
                Spread { n: s.n, ln_mean: libm::log(mean.abs().max(self.floor)), squares }
            })
            .collect()
    }
}
