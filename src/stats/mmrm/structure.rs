//! Covariance structures over the visits and their derivatives.
//!
//! ```text
//! us     every variance and covariance its own parameter                    m(m + 1)/2 parameters
//! toeph  σᵢ σⱼ ρ₍|i−j|₎   a correlation for every distance of visits         m + (m − 1)
//! arh1   σᵢ σⱼ ρ^|i−j|    the visits counted as evenly spaced               m + 1
//! csh    σᵢ σⱼ ρ          one correlation                                   m + 1
//! toep, ar1, cs           the same with one σ
//! ```
//!
//! Unstructured, the parameters are the entries themselves, in which Σ is linear. Otherwise they are ln σ and the correlations.

use std::fmt;

use ndarray::Array2;
use serde::Serialize;

/// A covariance structure.
///
/// ```
/// use platewise::stats::mmrm::Structure;
///
/// let parameters = [Structure::Us, Structure::Toeph, Structure::Csh, Structure::Cs].map(|of| of.parameters(4));
/// assert_eq!(parameters, [10, 7, 5, 2]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Structure {
    /// Unstructured.
    Us,
    /// Heterogeneous Toeplitz.
    Toeph,
    /// Toeplitz.
    Toep,
    /// Heterogeneous first-order autoregressive.
    Arh1,
    /// First-order autoregressive.
    Ar1,
    /// Heterogeneous compound symmetry.
    Csh,
    /// Compound symmetry.
    Cs,
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Us => "unstructured",
            Self::Toeph => "heterogeneous Toeplitz",
            Self::Toep => "Toeplitz",
            Self::Arh1 => "heterogeneous autoregressive",
            Self::Ar1 => "autoregressive",
            Self::Csh => "heterogeneous compound-symmetric",
            Self::Cs => "compound-symmetric",
        })
    }
}

impl Structure {
    /// Number of parameters for `m` visits.
    pub fn parameters(self, m: usize) -> usize {
        match self {
            Self::Us => m * (m + 1) / 2,
            _ => self.deviations(m) + self.correlations(m),
        }
    }

    fn deviations(self, m: usize) -> usize {
        if matches!(self, Self::Toeph | Self::Arh1 | Self::Csh) { m } else { 1 }
    }

    fn correlations(self, m: usize) -> usize {
        match self {
            Self::Toeph | Self::Toep => m - 1,
            _ => usize::from(m > 1),
        }
    }

    /// Parameters near a covariance matrix, to start from.
    pub(super) fn start(self, sigma: &Array2<f64>) -> Vec<f64> {
        let m = sigma.nrows();
        if self == Self::Us {
            return entries(m).map(|(i, j)| sigma[[i, j]]).collect();
        }
        let sd: Vec<f64> = sigma.diag().iter().map(|variance| variance.sqrt()).collect();
        let mean_variance = sigma.diag().sum() / m as f64;
        let mut theta: Vec<f64> = if self.deviations(m) == m {
            sd.iter().map(|&sd| libm::log(sd)).collect()
        } else {
            vec![0.5 * libm::log(mean_variance)]
        };
        let correlations: Vec<f64> = (1..m)
            .map(|lag| {
                let at_lag = (lag..m).map(|i| sigma[[i, i - lag]] / (sd[i] * sd[i - lag]));
                (at_lag.sum::<f64>() / (m - lag) as f64).clamp(-0.3 / m as f64, 0.9)
            })
            .collect();
        match self {
            Self::Toeph | Self::Toep => theta.extend(&correlations),
            Self::Arh1 | Self::Ar1 => theta.extend(correlations.first()),
            _ => theta.extend((m > 1).then(|| correlations.iter().sum::<f64>() / (m - 1) as f64)),
        }
        theta
    }

    /// Σ(θ), m × m. It need not be positive definite.
    pub(super) fn sigma(self, theta: &[f64], m: usize) -> Array2<f64> {
        self.build(m, |i, j| self.entry(theta, m, i, j))
    }

    /// ∂Σ/∂θₖ.
    pub(super) fn first(self, theta: &[f64], m: usize, k: usize) -> Array2<f64> {
        self.build(m, |i, j| match self {
            Self::Us => f64::from(u8::from(i * (i + 1) / 2 + j == k)),
            _ if k < self.deviations(m) => self.multiplicity(m, k, i, j) * self.entry(theta, m, i, j),
            _ => self.scale(theta, m, i, j) * self.correlation(theta, m, i - j, &[k]),
        })
    }

    /// ∂²Σ/∂θₖ∂θₗ; `None` where it is zero throughout.
    pub(super) fn second(self, theta: &[f64], m: usize, k: usize, l: usize) -> Option<Array2<f64>> {
        if self == Self::Us {
            return None;
        }
        let (k, l) = (k.min(l), k.max(l));
        let deviations = self.deviations(m);
        Some(self.build(m, |i, j| {
            if l < deviations {
                self.multiplicity(m, k, i, j) * self.multiplicity(m, l, i, j) * self.entry(theta, m, i, j)
            } else if k < deviations {
                self.multiplicity(m, k, i, j) * self.scale(theta, m, i, j) * self.correlation(theta, m, i - j, &[l])
            } else {
                self.scale(theta, m, i, j) * self.correlation(theta, m, i - j, &[k, l])
            }
        }))
    }

    /// A symmetric matrix from its lower triangle.
    fn build(self, m: usize, entry: impl Fn(usize, usize) -> f64) -> Array2<f64> {
        let mut matrix = Array2::zeros((m, m));
        for (i, j) in entries(m) {
            let value = entry(i, j);
            matrix[[i, j]] = value;
            matrix[[j, i]] = value;
        }
        matrix
    }

    fn entry(self, theta: &[f64], m: usize, i: usize, j: usize) -> f64 {
        match self {
            Self::Us => theta[i * (i + 1) / 2 + j],
            _ => self.scale(theta, m, i, j) * self.correlation(theta, m, i - j, &[]),
        }
    }

    /// σᵢ σⱼ.
    fn scale(self, theta: &[f64], m: usize, i: usize, j: usize) -> f64 {
        if self.deviations(m) == 1 { libm::exp(2.0 * theta[0]) } else { libm::exp(theta[i] + theta[j]) }
    }

    /// How often σ of parameter `k` stands in the entry.
    fn multiplicity(self, m: usize, k: usize, i: usize, j: usize) -> f64 {
        if self.deviations(m) == 1 { 2.0 } else { f64::from(u8::from(i == k)) + f64::from(u8::from(j == k)) }
    }

    /// The correlation of visits `lag` apart, or its derivative by the parameters `by` (at most two).
    fn correlation(self, theta: &[f64], m: usize, lag: usize, by: &[usize]) -> f64 {
        if lag == 0 {
            return if by.is_empty() { 1.0 } else { 0.0 };
        }
        let first = self.deviations(m);
        match (self, by) {
            (Self::Toeph | Self::Toep, []) => theta[first + lag - 1],
            (Self::Toeph | Self::Toep, [k]) => f64::from(u8::from(*k == first + lag - 1)),
            (Self::Arh1 | Self::Ar1, by) => {
                // The derivatives of ρ^lag.
                let falling: f64 = (0..by.len()).map(|d| lag as f64 - d as f64).product();
                let power = lag as i32 - by.len() as i32;
                if falling == 0.0 { 0.0 } else { falling * theta[first].powi(power) }
            }
            (_, []) => theta[first],
            (_, [_]) => 1.0,
            _ => 0.0,
        }
    }
}

/// The entries of the lower triangle, row by row.
fn entries(m: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..m).flat_map(|i| (0..=i).map(move |j| (i, j)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Structure; 7] = [
        Structure::Us,
        Structure::Toeph,
        Structure::Toep,
        Structure::Arh1,
        Structure::Ar1,
        Structure::Csh,
        Structure::Cs,
    ];

    #[test]
    fn derivatives_are_those_of_small_steps() {
        let m = 4;
        let sigma =
            Array2::from_shape_fn((m, m), |(i, j)| 0.6_f64.powi(i.abs_diff(j) as i32) * (1.0 + 0.2 * (i + j) as f64));
        for structure in ALL {
            let theta = structure.start(&sigma);
            assert_eq!(theta.len(), structure.parameters(m), "{structure:?}");
            for k in 0..theta.len() {
                let moved = |h: f64| {
                    let mut moved = theta.clone();
                    moved[k] += h;
                    moved
                };
                let h = 1e-6;
                let numeric = (structure.sigma(&moved(h), m) - structure.sigma(&moved(-h), m)) / (2.0 * h);
                let error = (numeric - structure.first(&theta, m, k)).iter().fold(0.0_f64, |e, v| e.max(v.abs()));
                assert!(error < 1e-8, "{structure:?} {k}: {error}");
                for l in 0..theta.len() {
                    let numeric = (structure.first(&moved(h), m, l) - structure.first(&moved(-h), m, l)) / (2.0 * h);
                    let exact = structure.second(&theta, m, k, l).unwrap_or_else(|| Array2::zeros((m, m)));
                    let error = (numeric - exact).iter().fold(0.0_f64, |e, v| e.max(v.abs()));
                    assert!(error < 1e-8, "{structure:?} {k} {l}: {error}");
                }
            }
        }
    }

    #[test]
    fn one_visit_is_a_variance() {
        let sigma = Array2::from_elem((1, 1), 2.0);
        for structure in ALL {
            let theta = structure.start(&sigma);
            assert!((structure.sigma(&theta, 1)[[0, 0]] - 2.0).abs() < 1e-14, "{structure:?}");
        }
    }
}
