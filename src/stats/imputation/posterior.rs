//! Draws of the parameters from their posterior, by data augmentation.
//!
//! Of complete values Y (n × T) on X (n × k) with Jeffreys' prior it is known (Box & Tiao, *Bayesian Inference in Statistical Analysis*,
//! 1973, section 8.4):
//!
//! ```text
//! Σ | Y ~ inverse Wishart(n − k, S),  S = (Y − XB̂)ᵗ(Y − XB̂);      B | Σ, Y ~ N(B̂, (XᵗX)⁻¹ ⊗ Σ),  B̂ = (XᵗX)⁻¹XᵗY
//! ```
//!
//! With S = L Lᵗ and Bartlett's A (lower triangular, `A²ᵢᵢ ~ χ²(n − k − i)` for i = 0, 1, …, standard normal below) `Σ = M Mᵗ` with
//! `M = L A⁻ᵗ`, and `B = B̂ + C Z Mᵗ` with `C Cᵗ = (XᵗX)⁻¹` and Z standard normal. Where values are missing, these and the parameters are
//! drawn in turn, each given the other (Tanner & Wong, JASA 1987;82:528; Schafer, *Analysis of Incomplete Multivariate Data*, 1997,
//! section 5.4): no tuning, no rejected step. Subjects without any value after baseline tell nothing of the parameters and are not in the
//! chain. With one visit nothing is missing in it, and every draw is independent of the last.

use ndarray::{Array1, Array2};

use super::super::linear_model::LinearModel;
use super::super::mmrm::Subject;
use super::super::random::Random;
use super::super::undefined::Undefined;
use super::Strategy;
use super::completion::{Gaps, ImputationParameters};
use crate::cholesky::Cholesky;
use crate::stats::ancova::ARM;

/// Rounds before the first draw that is used, and from one to the next: the chain forgets what it came from at about the rate of the
/// share of information that is missing, per round.
const BURN_IN: usize = 200;
const THINNING: usize = 10;

/// The chain.
///
/// See [`impute`](super::impute) for an example.
#[derive(Debug)]
pub struct Posterior<'a> {
    /// X of the subjects with values.
    x: Array2<f64>,
    /// `(XᵗX)⁻¹Xᵗ`.
    projector: Array2<f64>,
    /// C.
    spread: Array2<f64>,
    /// Y, completed.
    y: Array2<f64>,
    /// Whose values in Y are not all measured, by row.
    incomplete: Vec<(usize, Gaps<'a>)>,
}

impl<'a> Posterior<'a> {
    /// The chain for these subjects, whose rows of the model are `x`, after its burn-in.
    ///
    /// # Errors
    /// When subjects with a value at every visit are too few, or do not determine the model: what is known of it would rest on the prior.
    pub fn new(subjects: &[Subject<'a>], x: &Array2<f64>, random: &mut Random) -> Result<Self, Undefined> {
        let visits = subjects.first().map_or(0, |one| one.responses.len());
        let with_values: Vec<usize> =
            (0..subjects.len()).filter(|&i| subjects[i].responses.iter().any(Option::is_some)).collect();
        let rows = |which: &[usize]| x.select(ndarray::Axis(0), which);
        let whole: Vec<usize> =
            with_values.iter().copied().filter(|&i| subjects[i].responses.iter().all(Option::is_some)).collect();
        let what = "participants with a value at every visit, by which to impute";
        Undefined::unless_enough(what, whole.len(), x.ncols() + visits)?;
        let names: Vec<String> = (0..x.ncols()).map(column_name).collect();
        let first = |which: &[usize]| which.iter().map(|&i| subjects[i].responses[0].unwrap_or_default()).collect();
        let _: LinearModel = LinearModel::fit(rows(&whole).view(), Array1::from_vec(first(&whole)).view(), &names)?;
        let x = rows(&with_values);
        let model = LinearModel::fit(x.view(), Array1::from_vec(first(&with_values)).view(), &names)?;
        let spread = Cholesky::of(model.unscaled.view()).ok_or(Undefined::ZeroVariance)?.lower().clone();
        let projector = model.unscaled.dot(&x.t());
        let value = |(row, visit): (usize, usize)| subjects[with_values[row]].responses[visit];
        let mut y = Array2::from_shape_fn((with_values.len(), visits), |at| value(at).unwrap_or_default());
        for visit in 0..visits {
            // What is missing begins at the mean of the visit.
            let known: Vec<f64> = (0..with_values.len()).filter_map(|row| value((row, visit))).collect();
            let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
            (0..with_values.len()).filter(|&row| value((row, visit)).is_none()).for_each(|row| y[[row, visit]] = mean);
        }
        let gaps = |(row, &i): (usize, &usize)| {
            let own = x.row(row).to_owned();
            (row, Gaps::of(&subjects[i], [own.clone(), own]))
        };
        let all = with_values.iter().enumerate().map(gaps);
        let incomplete = all.filter(|(_, gaps)| gaps.count() > 0).collect();
        let mut chain = Self { x, projector, spread, y, incomplete };
        if !chain.incomplete.is_empty() {
            for _ in 0..BURN_IN {
                chain.round(random)?;
            }
        }
        Ok(chain)
    }

    /// The next draw.
    ///
    /// # Errors
    /// When the values do not vary.
    pub fn draw(&mut self, random: &mut Random) -> Result<ImputationParameters, Undefined> {
        if !self.incomplete.is_empty() {
            for _ in 1..THINNING {
                self.round(random)?;
            }
        }
        self.round(random)
    }

    /// Parameters given all values, then the missing values given these.
    fn round(&mut self, random: &mut Random) -> Result<ImputationParameters, Undefined> {
        let parameters = self.parameters(random).ok_or(Undefined::ZeroVariance)?;
        for (row, gaps) in &self.incomplete {
            let deviates = gaps.deviates(random);
            let values = gaps.complete(&parameters, Strategy::MissingAtRandom, &deviates);
            let values = values.ok_or(Undefined::ZeroVariance)?;
            self.y.row_mut(*row).assign(&Array1::from(values));
        }
        Ok(parameters)
    }

    /// `None` where the residuals do not span all visits.
    fn parameters(&self, random: &mut Random) -> Option<ImputationParameters> {
        let (n, k) = self.x.dim();
        let visits = self.y.ncols();
        let estimates = self.projector.dot(&self.y);
        let residuals = &self.y - &self.x.dot(&estimates);
        let lower = Cholesky::of(residuals.t().dot(&residuals).view())?.lower().clone();
        // The transpose of A⁻¹Lᵗ, by substitution.
        let mut bartlett = Array2::zeros((visits, visits));
        for i in 0..visits {
            for j in 0..i {
                bartlett[[i, j]] = random.normal();
            }
            bartlett[[i, i]] = random.chi_squared((n - k - i) as f64).sqrt();
        }
        let mut transposed = lower.t().to_owned();
        for i in 0..visits {
            for j in 0..visits {
                let known: f64 = (0..i).map(|h| bartlett[[i, h]] * transposed[[h, j]]).sum();
                transposed[[i, j]] = (transposed[[i, j]] - known) / bartlett[[i, i]];
            }
        }
        let z = Array2::from_shape_simple_fn((k, visits), || random.normal());
        let coefficients = estimates + self.spread.dot(&z).dot(&transposed);
        ImputationParameters::new(coefficients, transposed.t().dot(&transposed))
    }
}

fn column_name(column: usize) -> String {
    match column {
        0 => "intercept".into(),
        ARM => "arm".into(),
        2 => "baseline".into(),
        more => format!("stratum or covariate {}", more - 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::mmrm::Subject;

    /// Of complete values Σ is inverse Wishart with n − k = 28 degrees of freedom about S, so that its mean over draws is S / (28 − 2 − 1),
    /// and B is about the least squares with the variance (XᵗX)⁻¹ E(Σ).
    #[test]
    fn draws_of_complete_values_spread_as_the_posterior() {
        let value = |i: usize, by: usize| ((i * by % 31) as f64 - 15.0) / 9.0;
        let responses: Vec<[Option<f64>; 2]> =
            (0..30).map(|i| [value(i, 7), value(i, 7) + 0.8 * value(i, 12)].map(Some)).collect();
        let subject = |responses| Subject { arm: 0, baseline: 0.0, stratum: None, responses, terms: &[] };
        let subjects: Vec<Subject<'_>> = responses.iter().map(|responses| subject(responses.as_slice())).collect();
        let x = Array2::from_shape_fn((30, 2), |(i, j)| if j == 0 { 1.0 } else { f64::from(u8::from(i < 12)) });
        let y = Array2::from_shape_fn((30, 2), |(i, j)| responses[i][j].unwrap());
        // Two groups: their means are the least squares.
        let mean = |j: usize, from: usize, to: usize| (from..to).map(|i| y[[i, j]]).sum::<f64>() / (to - from) as f64;
        let means = [0, 1].map(|j| [mean(j, 12, 30), mean(j, 0, 12)]);
        let off = |i: usize, j: usize| y[[i, j]] - means[j][usize::from(i < 12)];
        let s = |j: usize, k: usize| (0..30).map(|i| off(i, j) * off(i, k)).sum::<f64>();
        let mut random = Random::new(11);
        let mut chain = Posterior::new(&subjects, &x, &mut random).unwrap();
        let count = 8000;
        let (mut sigma, mut b, mut bb) = ([0.0; 3], [0.0; 2], [0.0; 2]);
        for _ in 0..count {
            let found = chain.draw(&mut random).unwrap();
            let (covariance, coefficients) = (&found.covariance, &found.coefficients);
            for (sum, (j, k)) in sigma.iter_mut().zip([(0, 0), (0, 1), (1, 1)]) {
                *sum += covariance[[j, k]] / f64::from(count);
            }
            for j in 0..2 {
                b[j] += coefficients[[0, j]] / f64::from(count);
                bb[j] += (coefficients[[0, j]] - means[j][0]).powi(2) / f64::from(count);
            }
        }
        for (found, (j, k)) in sigma.into_iter().zip([(0, 0), (0, 1), (1, 1)]) {
            let expected = s(j, k) / 25.0;
            assert!((found - expected).abs() < 0.015 * (s(j, j) * s(k, k)).sqrt() / 25.0, "{j}{k}: {found} {expected}");
        }
        for j in 0..2 {
            // The intercept is the mean of the 18.
            let variance = s(j, j) / 25.0 / 18.0;
            assert!((b[j] - means[j][0]).abs() < 4.0 * (variance / f64::from(count)).sqrt(), "{b:?} {means:?}");
            assert!((bb[j] / variance - 1.0).abs() < 0.06, "{bb:?} {variance}");
        }
    }
}
