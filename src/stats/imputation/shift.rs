//! The tipping point: by how much the imputed values of the active arm would have to differ from those that are missing at random
//! before the conclusion is another (a delta adjustment; Carpenter & Kenward, *Missing Data in Randomised Controlled Trials*, 2007,
//! chapter 6; the National Research Council's *Prevention and Treatment of Missing Data in Clinical Trials*, 2010, pp. 83 ff.).
//!
//! An analysis of covariance is linear in its response: with z the indicator of an imputed end point in the active arm, d the coefficient
//! of the arm when z is the response, r its residuals and eₘ those of set m,
//!
//! ```text
//! Qₘ(δ) = Qₘ + δ d,     RSSₘ(δ) = RSSₘ + 2δ eₘᵗr + δ² rᵗr
//! ```
//!
//! d is the same in all sets, because it is the same subjects who are missing. So the variance between them does not depend on δ, their
//! mean moves on a straight line and the variance within on a parabola: every δ follows from the same imputations, exactly.

use super::super::undefined::Undefined;
use super::completed::{CompletedSetFit, SharedAnalysisTerms};
use super::pool::{Pooled, PoolingTerms, combine};

/// How far the search goes from one point to the next, and how near it comes to where the conclusion tips, as shares of the farthest.
const STEPS: usize = 400;
const HALVINGS: usize = 40;

/// The pooled difference as a function of the shift.
///
/// See [`impute`](super::impute) for an example.
#[derive(Debug, Clone, Copy)]
pub struct Shift {
    parts: PoolingTerms,
    slope: f64,
    /// Coefficients of δ and δ² in the variance within.
    bend: [f64; 2],
    confidence: f64,
}

impl Shift {
    /// Of the sets that were imputed at random; `slope` is d, `square` is rᵗr.
    pub(super) fn new(fits: &[CompletedSetFit], analysis: &SharedAnalysisTerms, slope: f64, square: f64) -> Self {
        let m = fits.len() as f64;
        let mean = |of: fn(&CompletedSetFit) -> f64| fits.iter().map(of).sum::<f64>() / m;
        let estimate = mean(|fit| fit.estimate);
        let between =
            fits.iter().map(|fit| (fit.estimate - estimate) * (fit.estimate - estimate)).sum::<f64>() / (m - 1.0);
        let within = analysis.variance(mean(|fit| fit.rss));
        let bend = [analysis.variance(2.0 * mean(|fit| fit.cross)), analysis.variance(square)];
        let parts = PoolingTerms { estimate, within, between, sets: m, df: analysis.df };
        Self { parts, slope, bend, confidence: analysis.confidence }
    }

    /// The pooled difference when `delta` is added to every imputed end point of the active arm.
    ///
    /// # Errors
    /// When there is no variance.
    pub fn at(&self, delta: f64) -> Result<Pooled, Undefined> {
        let [linear, square] = self.bend;
        let estimate = self.parts.estimate + delta * self.slope;
        let within = self.parts.within + delta * (linear + delta * square);
        combine(PoolingTerms { estimate, within, ..self.parts }, self.confidence)
    }

    /// The shift nearest to zero, up to `farthest` (whose sign is the direction), at which the interval lies otherwise to zero than
    /// without a shift; `None` where it nowhere does.
    ///
    /// # Errors
    /// When there is no variance.
    pub fn tipping(&self, farthest: f64) -> Result<Option<f64>, Undefined> {
        let declared = self.side(0.0)?;
        let mut before = 0.0;
        for step in 1..=STEPS {
            let here = farthest * step as f64 / STEPS as f64;
            if self.side(here)? != declared {
                let (mut near, mut far) = (before, here);
                for _ in 0..HALVINGS {
                    let middle = 0.5 * (near + far);
                    if self.side(middle)? == declared { near = middle } else { far = middle }
                }
                return Ok(Some(far));
            }
            before = here;
        }
        Ok(None)
    }

    /// −1, 0 or 1: the whole interval below zero, about it, or above.
    fn side(&self, delta: f64) -> Result<i8, Undefined> {
        let inference = self.at(delta)?.inference;
        Ok(match (inference.ci_low, inference.ci_high) {
            (_, Some(high)) if high < 0.0 => -1,
            (Some(low), _) if low > 0.0 => 1,
            _ => 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn shift(estimate: f64, slope: f64) -> Shift {
        let parts = PoolingTerms { estimate, within: 0.01, between: 1e-4, sets: 50.0, df: 60.0 };
        Shift { parts, slope, bend: [0.001, 0.002], confidence: 0.95 }
    }

    /// Where it tips one limit is zero; a little nearer to no shift the conclusion is that without one.
    #[test]
    fn the_conclusion_tips_where_a_limit_is_zero() {
        for (estimate, farthest, upper) in
            [(1.0, -8.0, false), (-1.0, 8.0, true), (0.05, 8.0, false), (0.05, -8.0, true)]
        {
            let shift = shift(estimate, 0.5);
            let at = shift.tipping(farthest).unwrap().unwrap();
            let limit = |delta: f64| {
                let inference = shift.at(delta).unwrap().inference;
                if upper { inference.ci_high.unwrap() } else { inference.ci_low.unwrap() }
            };
            assert!(limit(at).abs() < 1e-9 && at * farthest > 0.0, "{estimate} {farthest}: {at} {}", limit(at));
            assert_eq!(shift.side(at * (1.0 - 1e-6)).unwrap(), shift.side(0.0).unwrap());
            assert_ne!(shift.side(at).unwrap(), shift.side(0.0).unwrap());
        }
        assert_eq!(shift(1.0, 0.5).tipping(8.0), Ok(None));
        assert_eq!([1.0, 0.0, -1.0].map(|estimate| shift(estimate, 0.5).side(0.0).unwrap()), [1, 0, -1]);
    }

    #[test]
    fn the_variance_within_bends_with_the_shift() {
        let found = shift(1.0, 0.5).at(2.0).unwrap();
        let expected = combine(
            PoolingTerms { estimate: 2.0, within: 0.01 + 0.002 + 0.008, between: 1e-4, sets: 50.0, df: 60.0 },
            0.95,
        )
        .unwrap();
        let near = |x: Option<f64>, y: Option<f64>| assert!((x.unwrap() - y.unwrap()).abs() < 1e-12, "{found:?}");
        near(found.inference.ci_low, expected.inference.ci_low);
        near(found.inference.ci_high, expected.inference.ci_high);
    }
}
