//! A subject's missing visits, filled from given parameters.
//!
//! With Σ = L Lᵗ the values of one subject are `y = mean + L z`. Known values give their deviates `z` from the first visit on, and each
//! missing one after them needs a new standard normal deviate: that is the conditional distribution of the rest given what is before,
//!
//! ```text
//! E = m₂ + L₂₁ L₁₁⁻¹ (y₁ − m₁) = m₂ + Σ₂₁ Σ₁₁⁻¹ (y₁ − m₁),    covariance L₂₂ L₂₂ᵗ = Σ₂₂ − Σ₂₁ Σ₁₁⁻¹ Σ₁₂
//! ```
//!
//! Gaps before the last value come first, given all values before and after them, by the same formula with these in the place of 1.

use ndarray::{Array1, Array2, Axis};

use super::super::mmrm::Subject;
use super::super::random::Random;
use super::Strategy;
use crate::cholesky::Cholesky;

/// One draw of the model's parameters, or their estimates.
///
/// ```
/// use ndarray::array;
/// use platewise::stats::imputation::Strategy;
/// use platewise::stats::imputation::completion::{Gaps, ImputationParameters};
/// use platewise::stats::mmrm::Subject;
///
/// // Two visits: the active arm falls by 0.2, then by 0.6, the reference arm not at all.
/// let coefficients = array![[0.0, 0.0], [-0.2, -0.6]];
/// let parameters = ImputationParameters::new(coefficients, array![[1.0, 0.5], [0.5, 1.0]]).unwrap();
/// let responses = [Some(0.3), None];
/// let subject = Subject { arm: 1, baseline: 0.0, stratum: None, responses: &responses, terms: &[] };
/// let gaps = Gaps::of(&subject, [array![1.0, 1.0], array![1.0, 0.0]]);
/// // Its own mean is −0.2 at the first visit, which it exceeds by 0.5; half of that goes on.
/// let expected = |strategy| gaps.complete(&parameters, strategy, &[0.0]).unwrap()[1];
/// let all = Strategy::ALL.map(|strategy| (expected(strategy) * 1e12).round() / 1e12);
/// assert_eq!(all, [-0.35, 0.25, 0.15, 0.05]);
/// ```
#[derive(Debug, Clone)]
pub struct ImputationParameters {
    pub(super) coefficients: Array2<f64>,
    pub(super) covariance: Array2<f64>,
    factor: Cholesky,
}

impl ImputationParameters {
    /// Coefficients, a column for each visit, and covariance; `None` where this is not positive definite.
    pub fn new(coefficients: Array2<f64>, covariance: Array2<f64>) -> Option<Self> {
        let factor = Cholesky::of(covariance.view())?;
        Some(Self { coefficients, covariance, factor })
    }

    fn mean(&self, row: &Array1<f64>) -> Array1<f64> {
        row.dot(&self.coefficients)
    }
}

/// A subject with what is missing.
///
/// See [`ImputationParameters`] for an example.
#[derive(Debug, Clone)]
pub struct Gaps<'a> {
    responses: &'a [Option<f64>],
    /// The subject's row of the model, and the same in the reference arm.
    rows: [Array1<f64>; 2],
    /// Visits up to the last that has a value.
    seen: usize,
    /// Of these, those without and with a value.
    missing: Vec<usize>,
    known: Vec<usize>,
}

impl<'a> Gaps<'a> {
    /// Of a subject; `rows` are those of the model in its own and in the reference arm.
    pub fn of(subject: &Subject<'a>, rows: [Array1<f64>; 2]) -> Self {
        let responses = subject.responses;
        let seen = responses.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let (known, missing) = (0..seen).partition(|&visit| responses[visit].is_some());
        Self { responses, rows, seen, missing, known }
    }

    /// How many values are missing.
    pub fn count(&self) -> usize {
        self.responses.len() - self.known.len()
    }

    /// As many standard normal deviates as values are missing.
    pub fn deviates(&self, random: &mut Random) -> Vec<f64> {
        (0..self.count()).map(|_| random.normal()).collect()
    }

    /// The subject's values at all visits, with a deviate for each missing one: of gaps first, then of the visits after the last value.
    /// `None` where a part of the covariance is not positive definite.
    pub fn complete(
        &self,
        parameters: &ImputationParameters,
        strategy: Strategy,
        deviates: &[f64],
    ) -> Option<Vec<f64>> {
        if self.count() == 0 {
            return self.responses.iter().copied().collect();
        }
        let [own, reference] = [0, 1].map(|which| parameters.mean(&self.rows[which]));
        let (of_gaps, of_rest) = deviates.split_at(self.missing.len());
        let mut values: Vec<f64> = self.responses.iter().map(|value| value.unwrap_or_default()).collect();
        self.fill_gaps(parameters, &own, of_gaps, &mut values)?;
        let mean = self.mean(strategy, own, reference);
        let lower = parameters.factor.lower();
        let mut z = vec![0.0; values.len()];
        for visit in 0..values.len() {
            let before: f64 = (0..visit).map(|k| lower[[visit, k]] * z[k]).sum();
            if visit < self.seen {
                z[visit] = (values[visit] - mean[visit] - before) / lower[[visit, visit]];
            } else {
                z[visit] = of_rest[visit - self.seen];
                values[visit] = mean[visit] + before + lower[[visit, visit]] * z[visit];
            }
        }
        Some(values)
    }

    /// The mean that counts for the visits after the last value.
    fn mean(&self, strategy: Strategy, own: Array1<f64>, reference: Array1<f64>) -> Array1<f64> {
        let last = self.seen.checked_sub(1);
        let from_reference = |shift: f64| {
            let at = |visit| if visit < self.seen { own[visit] } else { reference[visit] + shift };
            (0..own.len()).map(at).collect()
        };
        match strategy {
            Strategy::MissingAtRandom => own,
            Strategy::CopyReference => reference,
            Strategy::JumpToReference => from_reference(0.0),
            Strategy::CopyIncrements => from_reference(last.map_or(0.0, |last| own[last] - reference[last])),
        }
    }

    /// Fills the gaps before the last value, at random, given every value that there is.
    fn fill_gaps(
        &self,
        parameters: &ImputationParameters,
        own: &Array1<f64>,
        deviates: &[f64],
        values: &mut [f64],
    ) -> Option<()> {
        if self.missing.is_empty() {
            return Some(());
        }
        let part =
            |rows: &[usize], columns: &[usize]| parameters.covariance.select(Axis(0), rows).select(Axis(1), columns);
        let known = Cholesky::of(part(&self.known, &self.known).view())?;
        let away: Array1<f64> = self.known.iter().map(|&visit| values[visit] - own[visit]).collect();
        let across = part(&self.missing, &self.known);
        let mean = across.dot(&known.solve(away.view()));
        // Σ_gk Σ_kk⁻¹ Σ_kg as a square.
        let half: Vec<Array1<f64>> = across.rows().into_iter().map(|row| known.half_solve(row)).collect();
        let mut rest = part(&self.missing, &self.missing);
        for ((i, j), value) in rest.indexed_iter_mut() {
            *value -= half[i].dot(&half[j]);
        }
        let spread = Cholesky::of(rest.view())?.lower().dot(&Array1::from(deviates.to_vec()));
        for (i, &visit) in self.missing.iter().enumerate() {
            values[visit] = own[visit] + mean[i] + spread[i];
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use ndarray::array;

    /// The first visit is missing, the second is 0.9 above its mean: the first is expected 0.5/1.5 of that above its own, with the variance
    /// 1 − 0.25/1.5.
    #[test]
    fn a_gap_is_filled_given_what_comes_after_it() {
        let parameters = ImputationParameters::new(array![[0.2, -0.4]], array![[1.0, 0.5], [0.5, 1.5]]).unwrap();
        let responses = [None, Some(0.5)];
        let subject = Subject { arm: 0, baseline: 0.0, stratum: None, responses: &responses, terms: &[] };
        let gaps = Gaps::of(&subject, [array![1.0], array![1.0]]);
        for deviate in [0.0, 1.0, -2.0] {
            let values = gaps.complete(&parameters, Strategy::MissingAtRandom, &[deviate]).unwrap();
            let expected = 0.2 + 0.3 + deviate * (1.0 - 0.25 / 1.5_f64).sqrt();
            assert!((values[0] - expected).abs() < 1e-12 && values[1] == 0.5, "{values:?} {expected}");
        }
    }
}
