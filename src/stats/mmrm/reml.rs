//! The restricted likelihood, its derivatives, and its maximum.
//!
//! With `P = V⁻¹ − V⁻¹X Φ XᵗV⁻¹`, `Φ = (XᵗV⁻¹X)⁻¹`, `r = y − Xβ̂`, and `Vₖ = ∂V/∂θₖ`:
//!
//! ```text
//! −2ℓ     = (N − p) ln 2π + Σ ln|Vᵢ| + ln|XᵗV⁻¹X| + rᵗV⁻¹r
//! ∂       : tr(P Vₖ) − rᵗV⁻¹ Vₖ V⁻¹r
//! ∂²      : −tr(P Vₖ P Vₗ) + 2 rᵗV⁻¹ Vₖ P Vₗ V⁻¹r + tr(P Vₖₗ) − rᵗV⁻¹ Vₖₗ V⁻¹r
//! expected: tr(P Vₖ P Vₗ)
//! ```
//!
//! (Harville, JASA 1977;72:320). Newton's method with the observed information where it is positive definite, with the expected
//! one elsewhere, and halved steps; the end is exact to rounding, not to a tolerance of an optimiser.

use ndarray::{Array1, Array2, ArrayView2};

use super::super::cholesky::Cholesky;
use super::super::undefined::Undefined;
use super::patterns::{Data, Pattern};
use super::structure::Structure;

/// The fit at its maximum, on the scale of [`Data`].
#[derive(Debug, Clone)]
pub(super) struct Maximum {
    /// Σ over all visits.
    pub(super) sigma: Array2<f64>,
    /// β̂, to be added to the least-squares coefficients.
    pub(super) beta: Array1<f64>,
    /// Φ, the covariance of β̂.
    pub(super) phi: Array2<f64>,
    /// −2 restricted log-likelihood.
    pub(super) minus_two_loglik: f64,
    /// Covariance of θ̂ from the observed information.
    pub(super) theta_covariance: Array2<f64>,
    /// `Aₖ = XᵗV⁻¹ Vₖ V⁻¹X` for each parameter: `∂Φ/∂θₖ = Φ Aₖ Φ`.
    pub(super) a: Vec<Array2<f64>>,
    /// `Qₖₗ = XᵗV⁻¹ Vₖ V⁻¹ Vₗ V⁻¹X`, for k ≥ l row by row.
    pub(super) q: Vec<Array2<f64>>,
}

/// Maximises the restricted likelihood.
///
/// # Errors
/// When there is no maximum inside, or the data do not determine it.
pub(super) fn maximise(data: &Data, structure: Structure) -> Result<Maximum, Undefined> {
    let failed = |why: &str| Undefined::NotConverged {
        what: format!("the mixed model with {structure} covariance"),
        why: why.to_string(),
    };
    let mut theta = Array1::from(structure.start(&start(data)));
    let mut here = Point::at(data, structure, &theta).ok_or_else(|| failed("the start is not positive definite"))?;
    for _ in 0..200 {
        let slope = here.derivatives(data, structure, &theta);
        let factor = Cholesky::of(slope.observed.view())
            .or_else(|| Cholesky::of(slope.expected.view()))
            .ok_or_else(|| failed("the data do not determine all of its variances and covariances"))?;
        // Derivatives are of −2ℓ.
        let step = -factor.solve(slope.gradient.view());
        let decrement = -step.dot(&slope.gradient);
        if decrement < 1e-9 {
            // So near, a full step doubles the digits, while the likelihood is too flat to tell two points apart.
            let last = &theta + &step;
            let (at, point) = match Point::at(data, structure, &last) {
                Some(point) => (last, point),
                None => (theta, here),
            };
            let slope = point.derivatives(data, structure, &at);
            let observed =
                Cholesky::of(slope.observed.view()).ok_or_else(|| failed("its likelihood has no maximum there"))?;
            // The information is half of the second derivatives of −2ℓ.
            return Ok(point.finish(slope, observed.inverse() * 2.0));
        }
        // Two likelihoods this near are the same number computed in two ways.
        let noise = 1e-13 * here.minus_two_loglik.abs();
        let mut fraction = 1.0;
        loop {
            let trial = &theta + &(&step * fraction);
            match Point::at(data, structure, &trial) {
                Some(there) if there.minus_two_loglik <= here.minus_two_loglik + noise => {
                    (theta, here) = (trial, there);
                    break;
                }
                _ if fraction < 1e-8 => return Err(failed("no step improves its likelihood")),
                _ => fraction *= 0.5,
            }
        }
    }
    Err(failed("its likelihood has no maximum inside: a variance goes to zero or a correlation to one"))
}

/// Covariances of the least-squares residuals over the subjects who have both visits, drawn to the diagonal until they are
/// positive definite together.
fn start(data: &Data) -> Array2<f64> {
    let mut sums = Array2::<f64>::zeros((data.m, data.m));
    let mut counts = Array2::<f64>::zeros((data.m, data.m));
    for pattern in &data.patterns {
        for (i, &row) in pattern.visits.iter().enumerate() {
            for (j, &column) in pattern.visits.iter().enumerate() {
                sums[[row, column]] += pattern.yy[[i, j]];
                counts[[row, column]] += pattern.n;
            }
        }
    }
    let mut sigma =
        Array2::from_shape_fn((data.m, data.m), |at| if counts[at] > 0.0 { sums[at] / counts[at] } else { 0.0 });
    for i in 0..data.m {
        sigma[[i, i]] = sigma[[i, i]].max(1e-6);
    }
    while Cholesky::of(sigma.view()).is_none_or(|factor| factor.lower().diag().iter().any(|&d| d < 1e-4)) {
        for i in 0..data.m {
            for j in 0..data.m {
                if i != j {
                    sigma[[i, j]] *= 0.8;
                }
            }
        }
        if sigma.iter().all(|value| value.abs() < 1e-300) {
            break;
        }
    }
    sigma
}

/// The likelihood at one Σ.
struct Point {
    sigma: Array2<f64>,
    /// V⁻¹ of each pattern.
    weights: Vec<Array2<f64>>,
    beta: Array1<f64>,
    phi: Array2<f64>,
    /// `Σ w rᵗ` and `Σ r rᵗ` of each pattern.
    residuals: Vec<(Array2<f64>, Array2<f64>)>,
    minus_two_loglik: f64,
}

struct Derivatives {
    gradient: Array1<f64>,
    observed: Array2<f64>,
    expected: Array2<f64>,
    a: Vec<Array2<f64>>,
    q: Vec<Array2<f64>>,
}

impl Point {
    /// `None` where Σ is not positive definite.
    fn at(data: &Data, structure: Structure, theta: &Array1<f64>) -> Option<Self> {
        let sigma = structure.sigma(theta.as_slice()?, data.m);
        Cholesky::of(sigma.view())?;
        let mut weights = Vec::with_capacity(data.patterns.len());
        let mut information = Array2::zeros((data.p, data.p));
        let mut score = Array1::zeros(data.p);
        let mut value = (data.n_obs - data.p) as f64 * libm::log(2.0 * std::f64::consts::PI);
        for pattern in &data.patterns {
            let factor = Cholesky::of(pattern.part(&sigma).view())?;
            value += pattern.n * factor.ln_determinant();
            let weight = factor.inverse();
            pattern.add_xkx(&weight, &mut information);
            pattern.add_xkr(&weight, &mut score);
            weights.push(weight);
        }
        let factor = Cholesky::of(information.view())?;
        value += factor.ln_determinant();
        let beta = factor.solve(score.view());
        let residuals: Vec<_> = data.patterns.iter().map(|pattern| pattern.residuals(&beta)).collect();
        value += weights.iter().zip(&residuals).map(|(weight, (_, rr))| trace(weight, rr)).sum::<f64>();
        Some(Self { sigma, weights, beta, phi: factor.inverse(), residuals, minus_two_loglik: value })
    }

    fn derivatives(&self, data: &Data, structure: Structure, theta: &Array1<f64>) -> Derivatives {
        let theta = theta.to_vec();
        let parameters = theta.len();
        let first: Vec<Array2<f64>> = (0..parameters).map(|k| structure.first(&theta, data.m, k)).collect();
        let square = || Array2::<f64>::zeros((data.p, data.p));
        let mut sums = Sums::new(parameters, data.p);
        for (at, pattern) in data.patterns.iter().enumerate() {
            self.add_pattern(at, pattern, &first, &mut sums);
        }
        let phi_a: Vec<Array2<f64>> = sums.a.iter().map(|a| self.phi.dot(a)).collect();
        let gradient = Array1::from_shape_fn(parameters, |k| sums.trace[k] - phi_a[k].diag().sum() - sums.quadratic[k]);
        let (mut observed, mut expected) =
            (Array2::zeros((parameters, parameters)), Array2::zeros((parameters, parameters)));
        for k in 0..parameters {
            for l in 0..=k {
                let pair = triangle(k, l);
                // tr(P Vₖ P Vₗ) and rᵗV⁻¹ Vₖ P Vₗ V⁻¹r.
                let traces =
                    sums.pair_trace[pair] - 2.0 * trace(&self.phi, &sums.q[pair]) + trace(&phi_a[k], phi_a[l].t());
                let cross = sums.xkr[k].dot(&self.phi.dot(&sums.xkr[l]));
                let quadratic = sums.pair_quadratic[pair] - cross;
                let curved = structure.second(&theta, data.m, k, l).map_or(0.0, |second| {
                    let mut a = square();
                    let mut rest = 0.0;
                    for (at, pattern) in data.patterns.iter().enumerate() {
                        let weight = &self.weights[at];
                        let part = pattern.part(&second);
                        let inner = weight.dot(&part).dot(weight);
                        pattern.add_xkx(&inner, &mut a);
                        rest += pattern.n * trace(weight, &part) - trace(&inner, &self.residuals[at].1);
                    }
                    rest - trace(&self.phi, &a)
                });
                let value = -traces + 2.0 * quadratic + curved;
                for (row, column) in [(k, l), (l, k)] {
                    observed[[row, column]] = value;
                    expected[[row, column]] = traces;
                }
            }
        }
        Derivatives { gradient, observed, expected, a: sums.a, q: sums.q }
    }

    fn add_pattern(&self, at: usize, pattern: &Pattern, first: &[Array2<f64>], sums: &mut Sums) {
        let weight = &self.weights[at];
        let (wr, rr) = &self.residuals[at];
        let parts: Vec<Array2<f64>> = first.iter().map(|first| pattern.part(first)).collect();
        // V⁻¹Vₖ and V⁻¹VₖV⁻¹.
        let left: Vec<Array2<f64>> = parts.iter().map(|part| weight.dot(part)).collect();
        let both: Vec<Array2<f64>> = left.iter().map(|left| left.dot(weight)).collect();
        for k in 0..first.len() {
            sums.trace[k] += pattern.n * left[k].diag().sum();
            sums.quadratic[k] += trace(&both[k], rr);
            pattern.add_xkx(&both[k], &mut sums.a[k]);
            pattern.add_xk(&both[k], wr, &mut sums.xkr[k]);
            for l in 0..=k {
                let pair = triangle(k, l);
                let triple = left[k].dot(&both[l]);
                let symmetric = 0.5 * (&triple + &triple.t());
                sums.pair_trace[pair] += pattern.n * trace(&left[k], left[l].t());
                sums.pair_quadratic[pair] += trace(&symmetric, rr);
                pattern.add_xkx(&symmetric, &mut sums.q[pair]);
            }
        }
    }

    fn finish(self, slope: Derivatives, theta_covariance: Array2<f64>) -> Maximum {
        Maximum {
            sigma: self.sigma,
            beta: self.beta,
            phi: self.phi,
            minus_two_loglik: self.minus_two_loglik,
            theta_covariance,
            a: slope.a,
            q: slope.q,
        }
    }
}

/// Sums over patterns that the derivatives are made of.
struct Sums {
    trace: Vec<f64>,
    quadratic: Vec<f64>,
    a: Vec<Array2<f64>>,
    xkr: Vec<Array1<f64>>,
    pair_trace: Vec<f64>,
    pair_quadratic: Vec<f64>,
    q: Vec<Array2<f64>>,
}

impl Sums {
    fn new(parameters: usize, p: usize) -> Self {
        let pairs = triangle(parameters, 0);
        Self {
            trace: vec![0.0; parameters],
            quadratic: vec![0.0; parameters],
            a: vec![Array2::zeros((p, p)); parameters],
            xkr: vec![Array1::zeros(p); parameters],
            pair_trace: vec![0.0; pairs],
            pair_quadratic: vec![0.0; pairs],
            q: vec![Array2::zeros((p, p)); pairs],
        }
    }
}

/// Where the pair k ≥ l stands, row by row.
pub(super) fn triangle(k: usize, l: usize) -> usize {
    k * (k + 1) / 2 + l
}

/// `tr(A Bᵗ)`, which is `tr(A B)` when one of them is symmetric.
fn trace<'a>(a: impl Into<ArrayView2<'a, f64>>, b: impl Into<ArrayView2<'a, f64>>) -> f64 {
    a.into().iter().zip(b.into().iter()).map(|(a, b)| a * b).sum()
}
