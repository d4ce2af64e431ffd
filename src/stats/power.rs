//! Power and size of a trial that compares the means of two arms of the same size by Student's t test.
//!
//! ```text
//! δ = |difference| / (σ √(2/n)),   ν = 2n − 2 − adjusted
//! power = P(|T| > t(1 − α/2, ν)),   T noncentral t with ν degrees of freedom and noncentrality δ
//! ```
//!
//! `n` is the size of an arm, `adjusted` the number of covariates, σ the standard deviation that is left after them (Julious,
//! *Sample Sizes for Clinical Trials*, 2010, chapter 3). Both tails count.

use super::distribution::t_quantile;
use super::noncentral_t::noncentral_t_cdf;
use super::undefined::Undefined;

/// A trial of two arms of the same size.
///
/// ```
/// use platewise::stats::power::TwoArmDesign;
///
/// // R: power.t.test(delta = 1, sd = 2, power = 0.9) asks for 85.03, so that 86 in each arm are the first that reach it.
/// let design = TwoArmDesign { difference: 1.0, sd: 2.0, adjusted: 0, confidence: 0.95 };
/// assert_eq!(design.size(0.9)?, 86);
/// assert!((design.power(86)? - 0.9035).abs() < 1e-3);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TwoArmDesign {
    /// The difference of the means that is to be found.
    pub difference: f64,
    /// Standard deviation of a participant's value, after adjustment.
    pub sd: f64,
    /// Number of covariates.
    pub adjusted: usize,
    /// One less the level of the two-sided test.
    pub confidence: f64,
}

/// The largest arm that is tried.
pub const LARGEST_ARM: usize = 100_000;

impl TwoArmDesign {
    /// The power with `n` in each arm.
    ///
    /// # Errors
    /// When there are no degrees of freedom, or the standard deviation is not positive.
    pub fn power(&self, n: usize) -> Result<f64, Undefined> {
        Undefined::unless_enough("participants in both arms", 2 * n, 3 + self.adjusted)?;
        if !(self.sd > 0.0 && self.sd.is_finite() && self.difference.is_finite()) {
            return Err(Undefined::ZeroVariance);
        }
        let df = (2 * n - 2 - self.adjusted) as f64;
        let ncp = self.difference.abs() / (self.sd * (2.0 / n as f64).sqrt());
        let critical = t_quantile(0.5 + self.confidence / 2.0, df)?;
        Ok((1.0 - noncentral_t_cdf(critical, df, ncp)? + noncentral_t_cdf(-critical, df, ncp)?).clamp(0.0, 1.0))
    }

    /// The smallest size of an arm with at least this power.
    ///
    /// # Errors
    /// As [`TwoArmDesign::power`], and when no size up to [`LARGEST_ARM`] has it.
    pub fn size(&self, power: f64) -> Result<usize, Undefined> {
        let smallest = (4 + self.adjusted) / 2;
        let (mut low, mut high) = (smallest, smallest);
        while self.power(high)? < power {
            if high >= LARGEST_ARM {
                return Err(Undefined::Because(format!("more than {LARGEST_ARM} participants in each arm")));
            }
            (low, high) = (high + 1, (2 * high).min(LARGEST_ARM));
        }
        // Power grows with the size: halve the interval that holds the first that has it.
        while low < high {
            let middle = (low + high) / 2;
            if self.power(middle)? < power { low = middle + 1 } else { high = middle }
        }
        Ok(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    /// R: power.t.test(n = 20, delta = 1, sd = 1) has 0.8689528, of one tail; with the other it is larger by less than 5·10⁻⁷. Without a
    /// difference it is the level.
    #[test]
    fn power_is_that_of_the_noncentral_t() {
        let design = TwoArmDesign { difference: 1.0, sd: 1.0, adjusted: 0, confidence: 0.95 };
        assert!((design.power(20).unwrap() - 0.868_952_8).abs() < 5e-7, "{:?}", design.power(20));
        let none = TwoArmDesign { difference: 0.0, ..design };
        assert!((none.power(20).unwrap() - 0.05).abs() < 1e-10);
        assert!((TwoArmDesign { confidence: 0.9, ..none }.power(7).unwrap() - 0.1).abs() < 1e-10);
        // Twice difference and standard deviation are the same trial; a covariate costs a degree of freedom.
        assert_eq!(TwoArmDesign { difference: -2.0, sd: 2.0, ..design }.power(20), design.power(20));
        assert!(TwoArmDesign { adjusted: 1, ..design }.power(20).unwrap() < design.power(20).unwrap());
        assert!(design.power(1).is_err() && TwoArmDesign { sd: 0.0, ..design }.power(20).is_err());
        // Four in all and a covariate leave one degree of freedom.
        assert!(
            TwoArmDesign { adjusted: 1, ..design }.power(2).is_ok()
                && TwoArmDesign { adjusted: 2, ..design }.power(2).is_err()
        );
    }

    /// R: power.t.test(power = 0.9, delta = 1) asks for 22.02 in each arm.
    #[test]
    fn a_size_is_the_first_with_its_power() {
        let design = TwoArmDesign { difference: 1.0, sd: 1.0, adjusted: 0, confidence: 0.95 };
        for power in [0.1, 0.5, 0.9, 0.99] {
            let n = design.size(power).unwrap();
            assert!(design.power(n).unwrap() >= power && design.power(n - 1).map_or(true, |less| less < power), "{n}");
        }
        assert_eq!(design.size(0.9).unwrap(), 23);
        assert!(TwoArmDesign { difference: 1e-5, ..design }.size(0.9).is_err());
    }
}
