//! From points and a method to a curve.

use super::kernel::Jet;
use super::method::{self, FitError, Fixed, Method};
use super::point::{Point, Standard, merge};
use super::projection::Bound;
use super::search::{Family, Found, Shape, problem_of, search};
use super::solver::minimise;
use super::standard_curve::StandardCurve;
use super::step;
use super::variance::{self, Variance, VarianceFrom, most_likely_exponent, relative_variance};

/// Fits a curve to wells of known concentration.
///
/// Every well counts; replicates are not averaged (merging them inside the algebra is exact). The result is the global
/// minimum of the weighted sum of squares, or the limit at which its infimum lies; see [`StandardCurve::identified`].
///
/// # Errors
/// When there is no curve to speak of: too few concentrations, values that are not numbers, equal responses, a method that
/// contradicts itself. Data that merely do not determine a curve are not an error: the verdict says so.
pub fn fit(points: &[Point], method: &Method) -> Result<StandardCurve, FitError> {
    let standards = merge(points);
    method::check(points, &standards, method)?;
    let family = family(method, &standards);
    let weighting = Weighting::new(method, &standards);
    let fitted = weighting.iterate(&family, &standards);
    Ok(StandardCurve::new(points, method, standards, family, fitted))
}

/// A curve with the weights that it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Fitted {
    pub found: Found,
    pub weights: Vec<f64>,
    pub exponent: f64,
    pub exponent_estimated: bool,
    /// Whether the means that set the variance and the curve agree.
    pub settled: bool,
    pub floor: f64,
}

fn bound(fixed: Option<f64>, bounds: Option<(f64, f64)>) -> Bound {
    fixed.map(|value| (value, value)).or(bounds).unwrap_or((f64::NEG_INFINITY, f64::INFINITY))
}

/// The family that the method describes.
pub(crate) fn family(method: &Method, standards: &[Standard]) -> Family {
    let Fixed { a, d, c, b, g } = method.fixed;
    let logarithm = |(low, high): Bound| (if low > 0.0 { libm::log(low) } else { f64::NEG_INFINITY }, libm::log(high));
    Family {
        model: method.model,
        a: bound(a, method.bounds.a),
        d: bound(d, method.bounds.d),
        stated: [(c, method.bounds.c), (b, method.bounds.b), (g, method.bounds.g)].map(|(fixed, bounds)| {
            match bound(fixed, bounds) {
                (f64::NEG_INFINITY, high) => logarithm((0.0, high)),
                bound => logarithm(bound),
            }
        }),
        has_zero: standards.first().is_some_and(|s| s.x == 0.0),
    }
}

/// Most rounds of the iteration between curve and variance.
const MOST_ROUNDS: usize = 2000;
/// Relative change of the weights below which it has settled.
const SETTLED: f64 = 1e-11;

/// How weights follow from means.
struct Weighting {
    exponent: f64,
    estimated: bool,
    from: VarianceFrom,
    floor: f64,
}

impl Weighting {
    fn new(method: &Method, standards: &[Standard]) -> Self {
        let known = match method.variance {
            Variance::Power => method.exponent,
            other => other.exponent(),
        };
        Self {
            // An unknown exponent is searched from the squared model, as nlme's gnls was for the reference results.
            exponent: known.unwrap_or(1.0),
            estimated: known.is_none(),
            from: method.variance_from,
            floor: variance::floor(standards),
        }
    }

    fn weights(&self, means: impl Iterator<Item = f64>) -> Vec<f64> {
        means.map(|mean| 1.0 / relative_variance(mean, self.exponent, self.floor)).collect()
    }

    /// Alternates between the curve and its variances until they agree. The first curve has the variances of the observed
    /// means; where those of the fitted means lead to another best curve, the iteration starts again from that one.
    fn iterate(mut self, family: &Family, standards: &[Standard]) -> Fitted {
        let observed = || standards.iter().map(|s| s.mean);
        let mut weights = self.weights(observed());
        let mut found = search(family, standards, &weights);
        let constant = self.exponent == 0.0 && !self.estimated;
        let mut settled = constant || (self.from == VarianceFrom::Observed && !self.estimated);
        if !settled {
            for _ in 0..5 {
                settled = self.settle(family, standards, &mut found, &mut weights);
                let again = search(family, standards, &weights);
                let better = again.shape.rss() < found.shape.rss() * (1.0 - 1e-9);
                if !better {
                    found.others = again.others;
                    found.limit = again.limit;
                    break;
                }
                found = again;
            }
        }
        let Self { exponent, estimated, floor, .. } = self;
        Fitted { found, weights, exponent, exponent_estimated: estimated, settled, floor }
    }

    fn settle(&mut self, family: &Family, standards: &[Standard], found: &mut Found, weights: &mut Vec<f64>) -> bool {
        let mut jets = vec![Jet::default(); standards.len()];
        for _ in 0..MOST_ROUNDS {
            let fitted = fitted_means(&found.shape, family, standards, weights, &mut jets);
            let means: Vec<f64> = match self.from {
                VarianceFrom::Fitted => fitted.clone(),
                VarianceFrom::Observed => standards.iter().map(|s| s.mean).collect(),
            };
            if self.estimated {
                let levels = standards
                    .iter()
                    .zip(means.iter().zip(&fitted))
                    .map(|(s, (mean, f))| {
                        (s.n, mean.abs().max(self.floor), s.within + s.n * (s.mean - f) * (s.mean - f))
                    })
                    .collect();
                self.exponent = most_likely_exponent(&[levels]);
            }
            let next = self.weights(means.into_iter());
            let change = weights.iter().zip(&next).map(|(old, new)| (new / old - 1.0).abs()).fold(0.0, f64::max);
            *weights = next;
            refine(found, family, standards, weights, &mut jets);
            if change < SETTLED {
                return !(self.estimated && variance::at_the_end(self.exponent));
            }
        }
        false
    }
}

/// The curve at the standards.
fn fitted_means(shape: &Shape, family: &Family, standards: &[Standard], weights: &[f64], jets: &mut [Jet]) -> Vec<f64> {
    match shape {
        Shape::Smooth { kernel, at } => {
            if let Some(problem) = problem_of(family, *kernel, standards, weights) {
                problem.kernels(&at.theta, jets);
            }
            jets.iter().map(|jet| at.alpha + at.kappa * jet.s).collect()
        }
        Shape::Step(step) => {
            standards.iter().enumerate().map(|(i, s)| step.response_of_level(i).unwrap_or(s.mean)).collect()
        }
    }
}

/// The same local minimum, or the same limit, for other weights.
fn refine(found: &mut Found, family: &Family, standards: &[Standard], weights: &[f64], jets: &mut [Jet]) {
    match &mut found.shape {
        Shape::Smooth { kernel, at } => {
            let problem = problem_of(family, *kernel, standards, weights);
            if let Some((better, _)) = problem.and_then(|problem| minimise(&problem, at.theta, jets)) {
                *at = better;
            }
        }
        Shape::Step(found) => {
            if let Some(better) = step::best(standards, weights, family.a, family.d) {
                *found = better;
            }
        }
    }
}
