//! Intervals of a proportion and of a difference of two.

use super::super::distribution::beta_quantile;
use super::super::root::root;
use super::super::undefined::Undefined;
use super::Counts;

/// Wilson's interval of a proportion `p` of `n` (JASA 1927;22:209), or the same with a continuity correction (Newcombe, Stat Med
/// 1998;17:857, method 4):
///
/// ```text
/// (2np + z² ± z √(z² + 4np(1 − p))) / (2(n + z²))
/// ```
pub fn wilson(p: f64, n: f64, z: f64, continuity: bool) -> [f64; 2] {
    let (z2, q) = (z * z, 1.0 - p);
    let centre = 2.0 * n * p + z2;
    let width = 2.0 * (n + z2);
    if !continuity {
        let half = z * (z2 + 4.0 * n * p * q).sqrt();
        let low = if p == 0.0 { 0.0 } else { (centre - half) / width };
        let high = if p == 1.0 { 1.0 } else { (centre + half) / width };
        return [low, high];
    }
    let low = centre - 1.0 - z * (z2 - 2.0 - 1.0 / n + 4.0 * p * (n * q + 1.0)).max(0.0).sqrt();
    let high = centre + 1.0 + z * (z2 + 2.0 - 1.0 / n + 4.0 * p * (n * q - 1.0)).max(0.0).sqrt();
    let low = if p == 0.0 { 0.0 } else { (low / width).max(0.0) };
    let high = if p == 1.0 { 1.0 } else { (high / width).min(1.0) };
    [low, high]
}

/// Newcombe's interval of the difference (Newcombe, Stat Med 1998;17:873, method 10; method 11 with continuity correction): the Wilson
/// limits `l`, `u` of the two proportions, squared and added:
///
/// ```text
/// p₁ − p₂ − √((p₁ − l₁)² + (u₂ − p₂)²)   to   p₁ − p₂ + √((u₁ − p₁)² + (p₂ − l₂)²)
/// ```
pub fn newcombe(counts: Counts, z: f64, continuity: bool) -> [f64; 2] {
    let [p1, p2] = counts.rates();
    let [l1, u1] = wilson(p1, f64::from(counts.n_active), z, continuity);
    let [l2, u2] = wilson(p2, f64::from(counts.n_placebo), z, continuity);
    [p1 - p2 - libm::hypot(p1 - l1, u2 - p2), p1 - p2 + libm::hypot(u1 - p1, p2 - l2)]
}

/// Clopper and Pearson's exact interval of `x` of `n` (Biometrika 1934;26:404), by quantiles of the beta distribution.
///
/// # Errors
/// When the numbers are not counts.
pub fn clopper_pearson(x: f64, n: f64, confidence: f64) -> Result<[f64; 2], Undefined> {
    let tail = (1.0 - confidence) / 2.0;
    if !(x >= 0.0 && x <= n && n > 0.0) {
        return Err(Undefined::Because(format!("{x} of {n} is not a proportion")));
    }
    let low = if x == 0.0 { 0.0 } else { beta_quantile(tail, x, n - x + 1.0)? };
    let high = if x == n { 1.0 } else { beta_quantile(1.0 - tail, x + 1.0, n - x)? };
    Ok([low, high])
}

/// Miettinen and Nurminen's score interval of the difference (Stat Med 1985;4:213): all δ with
///
/// ```text
/// (p₁ − p₂ − δ)² ≤ z² (p̃₁(1 − p̃₁)/n₁ + p̃₂(1 − p̃₂)/n₂) N/(N − 1)
/// ```
///
/// where p̃ are the maximum likelihood proportions that differ by δ. `None` where nobody or everybody responds.
///
/// # Errors
/// None in practice; those of the root finder.
pub fn miettinen_nurminen(counts: Counts, z: f64) -> Result<Option<[f64; 2]>, Undefined> {
    if !counts.varies() {
        return Ok(None);
    }
    let [p1, p2] = counts.rates();
    let (n1, n2) = (f64::from(counts.n_active), f64::from(counts.n_placebo));
    let inflate = (n1 + n2) / (n1 + n2 - 1.0);
    // Falls from above z at δ near −1 to below −z near 1.
    let score = |delta: f64| {
        let first = restricted_rate(counts, delta);
        let second = first - delta;
        let variance = (first * (1.0 - first) / n1 + second * (1.0 - second) / n2) * inflate;
        (p1 - p2 - delta) / variance.max(1e-300).sqrt()
    };
    let edge = 1.0 - 1e-12;
    let limit = |target: f64| match target {
        _ if score(-edge) <= target => Ok(-1.0),
        _ if score(edge) >= target => Ok(1.0),
        _ => root(-edge, edge, |delta| Ok(target - score(delta))),
    };
    Ok(Some([limit(z)?, limit(-z)?]))
}

/// The first of the two maximum likelihood proportions that differ by `delta`: the root of the likelihood's derivative
///
/// ```text
/// x₁/p − (n₁ − x₁)/(1 − p) + x₂/(p − δ) − (n₂ − x₂)/(1 − p + δ),    max(0, δ) ≤ p ≤ min(1, 1 + δ)
/// ```
///
/// which falls. (The closed form, a cubic, loses half its digits where roots nearly meet.)
fn restricted_rate(counts: Counts, delta: f64) -> f64 {
    let [a, b, c, d] = counts.cells();
    let (mut low, mut high) = (delta.max(0.0), (1.0 + delta).min(1.0));
    let slope = |p: f64| {
        let term = |count: f64, at: f64| if count == 0.0 { 0.0 } else { count / at };
        term(a, p) - term(b, 1.0 - p) + term(c, p - delta) - term(d, 1.0 - p + delta)
    };
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if slope(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    const Z: f64 = 1.959_963_984_540_054;

    fn near(found: [f64; 2], expected: [f64; 2]) {
        assert!(found.iter().zip(expected).all(|(x, y)| (x - y).abs() < 6e-5), "{found:?} {expected:?}");
    }

    /// 81 of 263 and 1 of 29 of Newcombe, Stat Med 1998;17:857, table I, and 0 of 20: score, score with continuity correction, exact.
    #[test]
    fn intervals_of_a_proportion_are_those_published() {
        for (x, n, plain, corrected, exact) in [
            (81.0, 263.0, [0.2553, 0.3662], [0.2535, 0.3682], [0.2527, 0.3676]),
            (1.0, 29.0, [0.0061, 0.1718], [0.0018, 0.1963], [0.0009, 0.1776]),
            (0.0, 20.0, [0.0, 0.1611], [0.0, 0.2005], [0.0, 0.1684]),
        ] {
            near(wilson(x / n, n, Z, false), plain);
            near(wilson(x / n, n, Z, true), corrected);
            near(clopper_pearson(x, n, 0.95).unwrap(), exact);
            // The others are the mirror image.
            for (one, other) in [(false, plain), (true, corrected)] {
                near(wilson(1.0 - x / n, n, Z, one), [1.0 - other[1], 1.0 - other[0]]);
            }
            near(clopper_pearson(n - x, n, 0.95).unwrap(), [1.0 - exact[1], 1.0 - exact[0]]);
        }
        assert!(clopper_pearson(3.0, 2.0, 0.95).is_err() && clopper_pearson(0.0, 0.0, 0.95).is_err());
    }

    /// 56 of 70 and 48 of 80 of Newcombe, Stat Med 1998;17:873, table II: methods 10, 11 and 6.
    #[test]
    fn intervals_of_a_difference_are_those_published() {
        let counts = Counts { x_active: 56, n_active: 70, x_placebo: 48, n_placebo: 80 };
        near(newcombe(counts, Z, false), [0.0524, 0.3339]);
        near(newcombe(counts, Z, true), [0.0428, 0.3422]);
        near(miettinen_nurminen(counts, Z).unwrap().unwrap(), [0.0528, 0.3382]);
        let none = Counts { x_active: 0, n_active: 10, x_placebo: 0, n_placebo: 10 };
        assert_eq!(miettinen_nurminen(none, Z), Ok(None));
    }

    /// Under the difference δ the likelihood of both arms is highest there.
    #[test]
    fn restricted_rates_have_the_highest_likelihood() {
        let counts = Counts { x_active: 5, n_active: 9, x_placebo: 3, n_placebo: 14 };
        for delta in [-0.6, -0.1, 0.0, 0.3, 0.8] {
            let log = |p: f64| {
                let of = |x: f64, n: f64, p: f64| x * libm::log(p) + (n - x) * libm::log(1.0 - p);
                of(5.0, 9.0, p) + of(3.0, 14.0, p - delta)
            };
            let p = restricted_rate(counts, delta);
            assert!(log(p) >= log(p + 1e-5) && log(p) >= log(p - 1e-5), "{delta}: {p}");
        }
        let equal = restricted_rate(counts, 0.0);
        assert!((equal - 8.0 / 23.0).abs() < 1e-12, "without a difference the common rate");
    }
}
