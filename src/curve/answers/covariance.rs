//! Covariance of what was fitted, and the variance of the curve that follows from it.
//!
//! ```text
//! Cov = σ² (JᵀWJ)⁻¹ = σ² R⁻¹ R⁻ᵀ,   W^½ J = Q R,   σ² = RSS / (N − p)
//! ```
//!
//! (Gauss–Newton, as R's `nls` and `gnls`. drc uses the observed Hessian: on the data sets that come with drc its standard errors
//! differ from these by −32 to +35 %.) `J` is taken in the coordinates of the projection: the height of the line at its pivot, `κ`, and the shape. They are nearly orthogonal
//! where `a, d, c, b, g` are nearly collinear, and they exist at the limits of a family too; the covariance of the
//! parameters is a linear map of theirs. The QR decomposition (modified Gram–Schmidt) loses half as many digits as `JᵀWJ`.

use serde::{Deserialize, Serialize};

use crate::curve::definition::kernel::{Jet, Kernel};
use crate::curve::definition::point::Standard;
use crate::curve::fitting::projection::{Evaluation, Line};
use crate::curve::fitting::quad::{KernelPoint, Quad};
use crate::curve::numerics::lanes::{Four, Numeric};

/// Most coordinates: two of the line and three of the shape.
pub(crate) const MOST: usize = 5;

/// A smooth curve: a kernel with its fitted line and shape.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Smooth {
    pub kernel: Kernel,
    pub at: Evaluation,
    /// Which of `ln c`, `ln b`, `ln g` were fitted and do not sit at a bound.
    pub free: [bool; 3],
    /// The parameters of its shape.
    pub c: f64,
    pub b: f64,
    pub g: f64,
}

/// The value of a curve at one concentration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CurveValue<T = f64> {
    pub response: T,
    /// Derivative by `ln x`.
    pub slope: T,
    /// Derivatives by the fitted coordinates.
    pub gradient: [T; MOST],
}

/// The derivatives of a value by `ln x`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LogDerivatives<T> {
    pub slope: T,
    pub gradient: [T; MOST],
}

impl Smooth {
    pub(crate) fn new(kernel: Kernel, at: Evaluation, free: [bool; 3]) -> Self {
        let [c, b, g] = at.theta.map(libm::exp);
        Self { kernel, at, free, c, b, g }
    }

    /// The number of fitted coordinates.
    pub(crate) fn size(&self) -> usize {
        let line = match self.at.line {
            Line::Free => 2,
            Line::Through { .. } => 1,
            Line::Fixed { .. } => 0,
        };
        line + self.free.iter().filter(|&&free| free).count()
    }

    fn jet(&self, ln_x: f64) -> Jet {
        if ln_x == f64::NEG_INFINITY {
            Jet { s: self.kernel.at_zero().unwrap_or(f64::NEG_INFINITY), ..Jet::default() }
        } else {
            self.kernel.jet(self.b * (ln_x - self.at.theta[0]), self.g)
        }
    }

    /// The response at `ln x`.
    pub(crate) fn response(&self, ln_x: f64) -> f64 {
        self.at.alpha + self.at.kappa * self.jet(ln_x).s
    }

    /// Response, slope and gradient at `ln x`.
    pub(crate) fn value(&self, ln_x: f64) -> CurveValue {
        let zero = ln_x == f64::NEG_INFINITY;
        self.value_of(self.jet(ln_x), if zero { 0.0 } else { self.b * (ln_x - self.at.theta[0]) }).0
    }

    /// The same at finite places, with the derivatives by `ln x`.
    #[inline(always)]
    pub(crate) fn value_along<T: Numeric>(&self, ln_x: T) -> (CurveValue<T>, LogDerivatives<T>) {
        let t = T::all(self.b) * (ln_x - T::all(self.at.theta[0]));
        let jet = match self.kernel {
            // The family that most curves are of is spared the choice among all kernels.
            Kernel::Logistic => Kernel::Logistic.jet(t, self.g),
            kernel => any_jet(kernel, t, self.g),
        };
        self.value_of(jet, t)
    }

    #[inline(always)]
    fn value_of<T: Numeric>(&self, jet: Jet<T>, t: T) -> (CurveValue<T>, LogDerivatives<T>) {
        let Jet { s, t: slope, tt: bend, g, tg, .. } = jet;
        let [alpha, kappa, pivot, b] = [self.at.alpha, self.at.kappa, self.at.pivot, self.b].map(T::all);
        let line = match self.at.line {
            Line::Free => 2,
            Line::Through { .. } => 1,
            Line::Fixed { .. } => 0,
        };
        let (mut gradient, mut along) = ([T::default(); MOST], [T::default(); MOST]);
        if line == 2 {
            gradient[0] = T::all(1.0);
        }
        if line > 0 {
            (gradient[line - 1], along[line - 1]) = (s - pivot, b * slope);
        }
        let shape = [(-b * slope, -b * b * bend), (t * slope, b * (slope + t * bend)), (g, b * tg)];
        let mut k = line;
        for j in 0..3 {
            if self.free[j] {
                (gradient[k], along[k]) = (kappa * shape[j].0, kappa * shape[j].1);
                k += 1;
            }
        }
        let value = CurveValue { response: alpha + kappa * s, slope: kappa * b * slope, gradient };
        (value, LogDerivatives { slope: kappa * b * b * bend, gradient: along })
    }

    /// The columns of `W^½ J`, four levels at a time.
    fn columns(&self, levels: &mut [Quad]) -> Vec<[Four; MOST]> {
        let at = KernelPoint { ln_c: self.at.theta[0], b: self.b, g: self.g };
        let four = |quad: &mut Quad| {
            quad.fill::<3>(self.kernel, at);
            let root = quad.weight.map(f64::sqrt);
            let mut columns = [Four::default(); MOST];
            let mut k = 0;
            let mut push = |column: Four| {
                columns[k] = root * column;
                k += 1;
            };
            if self.at.line == Line::Free {
                push(Four::all(1.0));
            }
            if !matches!(self.at.line, Line::Fixed { .. }) {
                push(quad.s - Four::all(self.at.pivot));
            }
            for j in (0..3).filter(|&j| self.free[j]) {
                push(Four::all(self.at.kappa) * quad.first[j]);
            }
            columns
        };
        levels.iter_mut().map(four).collect()
    }

    /// `ln x` at which the curve has this response; −∞ at `a` itself, `None` beyond the curve.
    pub(crate) fn inverse(&self, response: f64) -> Option<f64> {
        let s = (response - self.at.alpha) / self.at.kappa;
        if Some(s) == self.kernel.at_zero() {
            return Some(f64::NEG_INFINITY);
        }
        let inside = |end: Option<f64>, sign: f64| end.is_none_or(|end| sign * (end - s) > 0.0);
        if !(inside(self.kernel.at_infinity(), 1.0) && inside(self.kernel.at_zero(), -1.0)) {
            return None;
        }
        self.kernel.inverse(s, self.g).map(|t| self.at.theta[0] + t / self.b)
    }

    /// The response that the curve approaches towards zero concentration, where it approaches one.
    pub(crate) fn lower_end(&self) -> Option<f64> {
        self.kernel.at_zero().map(|s| self.at.alpha + self.at.kappa * s)
    }

    /// The response that the curve approaches towards infinite concentration, where it approaches one.
    pub(crate) fn upper_end(&self) -> Option<f64> {
        self.kernel.at_infinity().map(|s| self.at.alpha + self.at.kappa * s)
    }

    /// Derivatives of `a, d, c, b, g` by the fitted coordinates. Rows of what is not fitted, or has run away, are zero.
    pub(crate) fn parameter_gradients(&self) -> [[f64; MOST]; 5] {
        let mut rows = [[0.0; MOST]; 5];
        let line = self.size() - self.free.iter().filter(|&&free| free).count();
        let mut k = line;
        for j in 0..3 {
            if self.free[j] {
                rows[2 + j][k] = [self.c, self.b, self.g][j];
                k += 1;
            }
        }
        for (row, end) in [(0, self.kernel.at_zero()), (1, self.kernel.at_infinity())] {
            if let (Some(s), true) = (end, line > 0) {
                if line == 2 {
                    rows[row][0] = 1.0;
                }
                rows[row][line - 1] = s - self.at.pivot;
            }
        }
        rows
    }
}

/// The curve at a standard.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct CurveAtStandard {
    pub response: f64,
    /// Derivative by `ln x`.
    pub slope: f64,
    /// `R⁻ᵀg`: two standards' have the dot product `gᵀ (JᵀWJ)⁻¹ g`.
    pub half: [f64; MOST],
}

impl CurveAtStandard {
    /// The curve at each standard; without halves where there is no root.
    pub(crate) fn all(smooth: &Smooth, root: Option<&Root>, standards: &[Standard]) -> Vec<Self> {
        let see = |standard: &Standard| {
            let CurveValue { response, slope, gradient } = smooth.value(standard.ln_x);
            Self { response, slope, half: root.map_or([0.0; MOST], |root| root.half(&gradient)) }
        };
        standards.iter().map(see).collect()
    }
}

/// `R⁻¹` of the decomposition; times σ it is a square root of the covariance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Root {
    inverse: [[f64; MOST]; MOST],
    size: usize,
}

impl Root {
    /// The root for a curve and its levels; `None` where they do not determine the coordinates.
    pub(crate) fn new(smooth: &Smooth, levels: &mut [Quad]) -> Option<Self> {
        let columns = smooth.columns(levels);
        // Loops of known length are unrolled, which takes half of the time.
        match smooth.size() {
            5 => Self::of::<5>(columns),
            4 => Self::of::<4>(columns),
            3 => Self::of::<3>(columns),
            2 => Self::of::<2>(columns),
            1 => Self::of::<1>(columns),
            _ => Self::of::<0>(columns),
        }
    }

    /// From the first `N` columns of `W^½ J`.
    fn of<const N: usize>(mut columns: Vec<[Four; MOST]>) -> Option<Self> {
        let mut r = [[0.0; N]; N];
        let mut inverse = [[0.0; MOST]; MOST];
        for j in 0..N {
            let mut taken = 0.0;
            for k in 0..j {
                let dot = product(&columns, k, j);
                r[k][j] = dot;
                taken += dot * dot;
                for four in &mut columns {
                    four[j] = four[j] - Four::all(dot) * four[k];
                }
            }
            let left = product(&columns, j, j);
            // Less than this is left when the column is a combination of the others but for rounding.
            if !(left > 1e-22 * (left + taken) && left.is_finite()) {
                return None;
            }
            let per_length = 1.0 / left.sqrt();
            for four in &mut columns {
                four[j] = four[j] * Four::all(per_length);
            }
            // Column j of R⁻¹, from the bottom up.
            inverse[j][j] = per_length;
            for i in (0..j).rev() {
                let mut sum = 0.0;
                for k in i + 1..=j {
                    sum += r[i][k] * inverse[k][j];
                }
                inverse[i][j] = -sum * inverse[i][i];
            }
        }
        Some(Self { inverse, size: N })
    }

    /// ln det JᵀWJ.
    pub(crate) fn ln_determinant(&self) -> f64 {
        -2.0 * (0..self.size).map(|i| libm::log(self.inverse[i][i])).sum::<f64>()
    }

    /// `R⁻ᵀ v`: two such vectors have the dot product `vᵀ (JᵀWJ)⁻¹ u`.
    #[inline(always)]
    pub(crate) fn half<T: Numeric>(&self, v: &[T; MOST]) -> [T; MOST] {
        let mut half = [T::default(); MOST];
        for j in 0..MOST {
            for i in 0..=j {
                half[j] = half[j] + T::all(self.inverse[i][j]) * v[i];
            }
        }
        half
    }

    /// `vᵀ (JᵀWJ)⁻¹ v`.
    pub(crate) fn variance(&self, v: &[f64; MOST]) -> f64 {
        dot(&self.half(v), &self.half(v))
    }
}

/// Covariance of a, d, c, b, g for the variance σ² of a well of weight 1. Rows of what was not fitted are zero.
pub(crate) fn covariance_of(smooth: &Smooth, root: &Root, variance: f64) -> [[f64; 5]; 5] {
    let halves = smooth.parameter_gradients().map(|gradient| root.half(&gradient));
    let mut covariance = [[0.0; 5]; 5];
    for i in 0..5 {
        for j in 0..=i {
            covariance[i][j] = variance * dot(&halves[i], &halves[j]);
            covariance[j][i] = covariance[i][j];
        }
    }
    covariance
}

/// The dot product.
#[inline(always)]
pub(crate) fn dot<T: Numeric>(u: &[T; MOST], v: &[T; MOST]) -> T {
    let mut sum = T::default();
    for i in 0..MOST {
        sum = sum + u[i] * v[i];
    }
    sum
}

/// The value of any kernel with its derivatives.
#[inline(never)]
fn any_jet<T: Numeric>(kernel: Kernel, t: T, g: f64) -> Jet<T> {
    kernel.jet(t, g)
}

/// The dot product of two columns of `W^½ J`.
fn product(columns: &[[Four; MOST]], j: usize, k: usize) -> f64 {
    let mut sum = Four::default();
    for four in columns {
        sum += four[j] * four[k];
    }
    sum.sum()
}
