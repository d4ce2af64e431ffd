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
//! (Harville, JASA 1977;72:320). All n subjects of a pattern of visits share `W = V⁻¹`; with `R = Σ r rᵗ` and `G = Σ X Φ Xᵗ` over them
//! and `Aₖ = Σ XᵗW Vₖ W X`, every trace is one of matrices as small as the visits, whatever the number of coefficients:
//!
//! ```text
//! tr(P Vₖ) − rᵗV⁻¹ Vₖ V⁻¹r = tr(Vₖ C)                     C = Σ nW − W(R + G)W, the same for Vₖₗ
//! tr(P Vₖ P Vₗ)            = tr(Vₖ Σ nW Vₗ W − 2 W Vₗ W G W) + tr(Φ Aₖ Φ Aₗ)
//! rᵗV⁻¹ Vₖ P Vₗ V⁻¹r       = tr(Vₖ Σ W Vₗ W R W) − (XᵗV⁻¹VₖV⁻¹r)ᵗ Φ (XᵗV⁻¹VₗV⁻¹r)
//! ```
//!
//! Newton's method with the observed information where it is positive definite, with the expected one elsewhere, and halved steps;
//! the end is exact to rounding, not to a tolerance of an optimiser.

use ndarray::{Array1, Array2, ArrayView2};

use super::super::undefined::Undefined;
use super::patterns::{Data, Pattern};
use super::structure::Structure;
use crate::cholesky::Cholesky;

/// The fit at its maximum, on the scale of [`Data`].
#[derive(Debug, Clone)]
pub(super) struct RemlMaximum {
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
    /// Λ, by which Φ falls short of the covariance of β̂ because θ̂ is an estimate, halved.
    pub(super) lambda: Array2<f64>,
}

/// Newton's method is there within ten steps, from a poor start within twenty.
const MOST_STEPS: usize = 50;

/// A visit whose variance, given those before it, is a smaller share of its whole variance than this is a function of them.
const SMALLEST_SHARE: f64 = 1e-10;

/// Maximises the restricted likelihood.
///
/// # Errors
/// When there is no maximum inside, or the data do not determine it.
pub(super) fn maximise(data: &Data, structure: Structure) -> Result<RemlMaximum, Undefined> {
    let failed = |why: &str| Undefined::NotConverged {
        what: format!("the mixed model with {structure} covariance"),
        why: why.to_string(),
    };
    let mut theta = Array1::from(structure.start(&start(data)));
    let mut here =
        LikelihoodPoint::at(data, structure, &theta).ok_or_else(|| failed("the start is not positive definite"))?;
    for _ in 0..MOST_STEPS {
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
            let (at, point) = match LikelihoodPoint::at(data, structure, &last) {
                Some(point) => (last, point),
                None => (theta, here),
            };
            let slope = point.derivatives(data, structure, &at);
            let observed =
                Cholesky::of(slope.observed.view()).ok_or_else(|| failed("its likelihood has no maximum there"))?;
            // The information is half of the second derivatives of −2ℓ.
            return Ok(point.finish(data, structure, &at, slope.a, observed.inverse() * 2.0));
        }
        // Two likelihoods this near are the same number computed in two ways.
        let noise = 1e-13 * here.minus_two_loglik.abs();
        let mut fraction = 1.0;
        loop {
            let trial = &theta + &(&step * fraction);
            match LikelihoodPoint::at(data, structure, &trial) {
                Some(there) if there.minus_two_loglik <= here.minus_two_loglik + noise => {
                    (theta, here) = (trial, there);
                    break;
                }
                _ if fraction < 1e-8 => return Err(failed("no step improves its likelihood")),
                _ => fraction *= 0.5,
            }
        }
        if smallest_share(&here.sigma) < SMALLEST_SHARE {
            break;
        }
    }
    Err(failed("its likelihood has no maximum inside: a variance goes to zero or a correlation to one"))
}

/// The smallest share of a visit's variance that the visits before it leave.
fn smallest_share(sigma: &Array2<f64>) -> f64 {
    let Some(factor) = Cholesky::of(sigma.view()) else { return 0.0 };
    let pivots = factor.lower().diag();
    let shares = pivots.iter().zip(sigma.diag()).map(|(pivot, variance)| pivot * pivot / variance);
    shares.fold(1.0, f64::min)
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
struct LikelihoodPoint {
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
}

impl LikelihoodPoint {
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
        let mut sums = PatternSums::new(parameters, data);
        for (at, pattern) in data.patterns.iter().enumerate() {
            self.add_pattern(at, pattern, &first, &mut sums);
        }
        let phi_a: Vec<Array2<f64>> = sums.a.iter().map(|a| self.phi.dot(a)).collect();
        let a_phi: Vec<Array2<f64>> = sums.a.iter().map(|a| a.dot(&self.phi)).collect();
        let phi_xkr: Vec<Array1<f64>> = sums.xkr.iter().map(|xkr| self.phi.dot(xkr)).collect();
        let gradient = Array1::from_shape_fn(parameters, |k| trace(&first[k], &sums.slope));
        let (mut observed, mut expected) =
            (Array2::zeros((parameters, parameters)), Array2::zeros((parameters, parameters)));
        for k in 0..parameters {
            for l in 0..=k {
                let traces = trace(&first[k], &sums.traces[l]) + trace(&phi_a[k], &a_phi[l]);
                let quadratic = trace(&first[k], &sums.quadratic[l]) - sums.xkr[k].dot(&phi_xkr[l]);
                let second = structure.second(&theta, data.m, k, l);
                let curved = second.map_or(0.0, |second| trace(&second, &sums.slope));
                for (row, column) in [(k, l), (l, k)] {
                    observed[[row, column]] = -traces + 2.0 * quadratic + curved;
                    expected[[row, column]] = traces;
                }
            }
        }
        Derivatives { gradient, observed, expected, a: sums.a }
    }

    fn add_pattern(&self, at: usize, pattern: &Pattern, first: &[Array2<f64>], sums: &mut PatternSums) {
        let weight = &self.weights[at];
        let (wr, rr) = &self.residuals[at];
        let fitted = pattern.leverage(&self.phi);
        let (wrw, wgw) = (weight.dot(rr).dot(weight), weight.dot(&fitted).dot(weight));
        pattern.add_to_whole(&(pattern.n * weight - &wrw - &wgw), &mut sums.slope);
        for (k, first) in first.iter().enumerate() {
            let part = pattern.part(first);
            let both = product(weight, &part, weight);
            pattern.add_xkx(&both, &mut sums.a[k]);
            pattern.add_xk(&both, wr, &mut sums.xkr[k]);
            let traces = pattern.n * &both - 2.0 * product(weight, &part, &wgw);
            pattern.add_to_whole(&traces, &mut sums.traces[k]);
            pattern.add_to_whole(&product(weight, &part, &wrw), &mut sums.quadratic[k]);
        }
    }

    /// With T the covariance of θ̂, `Λ = Φ {Σₖₗ Tₖₗ (Qₖₗ − AₖΦAₗ)} Φ`, `Qₖₗ = XᵗV⁻¹ Vₖ V⁻¹ Vₗ V⁻¹X`. Summed over l before it is multiplied
    /// by k, so that no Qₖₗ is made.
    fn finish(
        self,
        data: &Data,
        structure: Structure,
        theta: &Array1<f64>,
        a: Vec<Array2<f64>>,
        theta_covariance: Array2<f64>,
    ) -> RemlMaximum {
        let theta = theta.to_vec();
        let first: Vec<Array2<f64>> = (0..theta.len()).map(|k| structure.first(&theta, data.m, k)).collect();
        let combined = |matrices: &[Array2<f64>], k: usize| {
            let mut sum = Array2::zeros(matrices[k].dim());
            for (matrix, &weight) in matrices.iter().zip(theta_covariance.row(k)) {
                sum.scaled_add(weight, matrix);
            }
            sum
        };
        let mut inner = Array2::<f64>::zeros((data.p, data.p));
        for (k, a_k) in a.iter().enumerate() {
            inner -= &a_k.dot(&self.phi).dot(&combined(&a, k));
        }
        let over_l: Vec<Array2<f64>> = (0..first.len()).map(|k| combined(&first, k)).collect();
        for (pattern, weight) in data.patterns.iter().zip(&self.weights) {
            let mut sum = Array2::zeros(weight.dim());
            for (first, over_l) in first.iter().zip(&over_l) {
                sum += &product(&pattern.part(first), weight, &pattern.part(over_l));
            }
            pattern.add_xkx(&weight.dot(&sum).dot(weight), &mut inner);
        }
        RemlMaximum {
            lambda: self.phi.dot(&inner).dot(&self.phi),
            sigma: self.sigma,
            beta: self.beta,
            phi: self.phi,
            minus_two_loglik: self.minus_two_loglik,
            theta_covariance,
            a,
        }
    }
}

/// Sums over patterns that the derivatives are made of; see the head of this file. Matrices over all visits, but for `a`.
struct PatternSums {
    /// C.
    slope: Array2<f64>,
    /// `Σ nW Vₖ W − 2 W Vₖ W G W`.
    traces: Vec<Array2<f64>>,
    /// `Σ W Vₖ W R W`.
    quadratic: Vec<Array2<f64>>,
    /// `Aₖ`.
    a: Vec<Array2<f64>>,
    /// `XᵗV⁻¹VₖV⁻¹r`.
    xkr: Vec<Array1<f64>>,
}

impl PatternSums {
    fn new(parameters: usize, data: &Data) -> Self {
        let visits = || Array2::zeros((data.m, data.m));
        Self {
            slope: visits(),
            traces: vec![visits(); parameters],
            quadratic: vec![visits(); parameters],
            a: vec![Array2::zeros((data.p, data.p)); parameters],
            xkr: vec![Array1::zeros(data.p); parameters],
        }
    }
}

/// `A B C`, where most rows of B may be zero: a derivative by one covariance has two that are not.
fn product(a: &Array2<f64>, b: &Array2<f64>, c: &Array2<f64>) -> Array2<f64> {
    let mut result = Array2::zeros((a.nrows(), c.ncols()));
    let mut inner = Array1::<f64>::zeros(c.ncols());
    for (b, a) in b.rows().into_iter().zip(a.columns()) {
        let filled = b.iter().zip(c.rows()).filter(|(factor, _)| **factor != 0.0);
        inner.fill(0.0);
        let mut any = false;
        for (&factor, row) in filled {
            inner.scaled_add(factor, &row);
            any = true;
        }
        if any {
            for (mut row, &factor) in result.rows_mut().into_iter().zip(a) {
                row.scaled_add(factor, &inner);
            }
        }
    }
    result
}

/// `tr(A Bᵗ)`, which is `tr(A B)` when one of them is symmetric.
fn trace<'a>(a: impl Into<ArrayView2<'a, f64>>, b: impl Into<ArrayView2<'a, f64>>) -> f64 {
    a.into().iter().zip(b.into().iter()).map(|(a, b)| a * b).sum()
}
