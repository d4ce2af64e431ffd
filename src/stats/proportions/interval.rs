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
