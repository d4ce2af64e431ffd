//! Large-sample tests of a 2 × 2 table.
//!
//! With the cells a, b (active: responders, others) and c, d (placebo), N in all:
//!
//! ```text
//! Pearson     χ² = N (ad − bc)² / (product of the four margins)          = z² of the pooled proportions
//! Yates       the same with (|ad − bc| − N/2)², at least 0
//! (N − 1)     Pearson × (N − 1)/N: the unstratified Cochran–Mantel–Haenszel test
//! G           2 Σ observed ln(observed / expected)
//! Wald        z = (p₁ − p₂) / √(p₁q₁/n₁ + p₂q₂/n₂);  logistic: z = ln(ad/bc) / √(1/a + 1/b + 1/c + 1/d)
//! ```

use serde::Serialize;

use super::super::distribution::{chi_squared_sf, normal_two_sided};
use super::super::undefined::Undefined;
use super::Counts;

/// Large-sample tests of two proportions.
///
/// The responders of NCT04137562, for which its report prints P = .016:
///
/// ```
/// use platewise::stats::proportions::{ChiSquareTests, Counts};
/// use platewise::stats::two_proportions;
///
/// let responders = Counts { x_active: 14, n_active: 59, x_placebo: 4, n_placebo: 55 };
/// let tests: Option<ChiSquareTests> = two_proportions(responders, 0.95)?.tests;
/// assert!(tests.is_some_and(|tests| (tests.p_pearson - 0.016).abs() < 5e-4 && tests.p_yates > 0.03));
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChiSquareTests {
    /// Pearson's χ², without correction.
    pub chisq_pearson: f64,
    /// Its p-value.
    pub p_pearson: f64,
    /// χ² with Yates' correction.
    pub chisq_yates: f64,
    /// Its p-value.
    pub p_yates: f64,
    /// P-value of the (N − 1) χ², the unstratified CMH test.
    pub p_cmh_n_minus_1: f64,
    /// Likelihood-ratio χ².
    pub g_lr: f64,
    /// Its p-value.
    pub p_lr: f64,
    /// The pooled z, whose square is Pearson's χ².
    pub z_pooled: f64,
    /// P-value of Wald's z; absent when neither proportion varies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_wald_unpooled_z: Option<f64>,
    /// P-value of the logistic Wald z; absent when a cell is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_logistic_wald: Option<f64>,
}

impl ChiSquareTests {
    /// Of a table in which somebody, but not everybody, responds.
    pub(super) fn of(counts: Counts) -> Result<Self, Undefined> {
        let [a, b, c, d] = counts.cells();
        let (n1, n2, responders, others) = (a + b, c + d, a + c, b + d);
        let total = n1 + n2;
        let margins = n1 * n2 * responders * others;
        let cross = a * d - b * c;
        let pearson = total * cross * cross / margins;
        let less = (cross.abs() - total / 2.0).max(0.0);
        let yates = total * less * less / margins;
        let expected = [n1 * responders, n1 * others, n2 * responders, n2 * others].map(|product| product / total);
        let terms = [a, b, c, d].into_iter().zip(expected);
        let g: f64 = 2.0 * terms.map(|(o, e)| if o > 0.0 { o * libm::log(o / e) } else { 0.0 }).sum::<f64>();
        let [p1, p2] = counts.rates();
        let wald = (p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2).sqrt();
        let filled = a > 0.0 && b > 0.0 && c > 0.0 && d > 0.0;
        Ok(Self {
            chisq_pearson: pearson,
            p_pearson: chi_squared_sf(pearson, 1.0)?,
            chisq_yates: yates,
            p_yates: chi_squared_sf(yates, 1.0)?,
            p_cmh_n_minus_1: chi_squared_sf(pearson * (total - 1.0) / total, 1.0)?,
            g_lr: g,
            p_lr: chi_squared_sf(g.max(0.0), 1.0)?,
            z_pooled: pearson.sqrt() * (p1 - p2).signum(),
            p_wald_unpooled_z: (wald > 0.0).then(|| normal_two_sided((p1 - p2) / wald)),
            p_logistic_wald: filled.then(|| {
                let se = (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d).sqrt();
                normal_two_sided(libm::log(a * d / (b * c)) / se)
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    /// 15 of 20 against 6 of 24: ad − bc = 15 · 18 − 5 · 6 = 240, the margins 20 · 24 · 21 · 23, N = 44.
    #[test]
    fn tests_of_a_table_follow_their_equations() {
        let found = ChiSquareTests::of(Counts { x_active: 15, n_active: 20, x_placebo: 6, n_placebo: 24 }).unwrap();
        let near = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        let margins = 20.0 * 24.0 * 21.0 * 23.0;
        near(found.chisq_pearson, 44.0 * 240.0 * 240.0 / margins);
        near(found.chisq_yates, 44.0 * 218.0 * 218.0 / margins);
        near(found.z_pooled, (44.0 * 240.0 * 240.0 / margins).sqrt());
        let term = |o: f64, row: f64, column: f64| o * libm::log(o * 44.0 / (row * column));
        near(
            found.g_lr,
            2.0 * (term(15.0, 20.0, 21.0) + term(5.0, 20.0, 23.0) + term(6.0, 24.0, 21.0) + term(18.0, 24.0, 23.0)),
        );
        near(found.p_cmh_n_minus_1, chi_squared_sf(found.chisq_pearson * 43.0 / 44.0, 1.0).unwrap());
        let wald = 0.5 / (0.75 * 0.25 / 20.0 + 0.25 * 0.75 / 24.0_f64).sqrt();
        near(found.p_wald_unpooled_z.unwrap(), normal_two_sided(wald));
        // The odds ratio is 15 · 18 / (5 · 6) = 9.
        let logistic = libm::log(9.0) / (1.0 / 15.0 + 1.0 / 5.0 + 1.0 / 6.0 + 1.0 / 18.0_f64).sqrt();
        near(found.p_logistic_wald.unwrap(), normal_two_sided(logistic));
        let empty = ChiSquareTests::of(Counts { x_active: 0, n_active: 20, x_placebo: 6, n_placebo: 24 }).unwrap();
        assert_eq!(empty.p_logistic_wald, None);
    }
}
