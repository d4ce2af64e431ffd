//! The regularised incomplete beta and gamma functions, of which the tails of t, F, χ² and the binomial are made.
//!
//! ```text
//! I_x(p, q) = ∫₀ˣ t^(p−1) (1−t)^(q−1) dt / B(p, q)        P(a, x) = ∫₀ˣ t^(a−1) e^(−t) dt / Γ(a) = 1 − Q(a, x)
//! ```
//!
//! Continued fractions by Lentz's method (DLMF 8.17.22 and 8.9.2) and the series of P (DLMF 8.7.1). What stands before them is
//! computed as Loader does ("Fast and accurate computation of binomial probabilities", 2000): by what Stirling's formula leaves
//! and by deviances, so that large parameters lose no digits as differences of logarithms of Γ would.

use std::f64::consts::PI;

/// Terms after which a series or fraction is given up; with parameters of 10⁹ they need about as many.
const TERMS: u32 = 100_000;
/// The relative change that ends a series or fraction.
const SETTLED: f64 = 1e-16;
/// In place of a zero divisor in Lentz's method.
const TINY: f64 = 1e-300;

/// `I_x(p, q)` for `p`, `q` > 0, with `y` = 1 − x as exactly as the caller knows it; NaN where it cannot be computed.
pub fn beta_lower(p: f64, q: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    // The fraction converges quickly below the mean.
    if x > (p + 1.0) / (p + q + 2.0) {
        return 1.0 - beta_fraction(q, p, y, x);
    }
    beta_fraction(p, q, x, y)
}

fn beta_fraction(p: f64, q: f64, x: f64, y: f64) -> f64 {
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (p + q) * x / (p + 1.0));
    let mut fraction = d;
    for m in 1..TERMS {
        let m = f64::from(m);
        for numerator in [
            m * (q - m) * x / ((p + 2.0 * m - 1.0) * (p + 2.0 * m)),
            -(p + m) * (p + q + m) * x / ((p + 2.0 * m) * (p + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / away(1.0 + numerator * d);
            c = away(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < SETTLED {
            return beta_front(p, q, x, y) * fraction / p;
        }
    }
    f64::NAN
}

/// `x^p y^q / B(p, q)`, x + y = 1.
fn beta_front(p: f64, q: f64, x: f64, y: f64) -> f64 {
    let sum = p + q;
    // By whichever of x and y is the smaller, and so the better known.
    let off = if x <= y { sum * x - p } else { q - sum * y };
    let deviance = deviance(p, off, sum * x) + deviance(q, -off, sum * y);
    let stirling = stirling(sum) - stirling(p) - stirling(q);
    (p / sum * q / (2.0 * PI)).sqrt() * libm::exp(stirling - deviance)
}

/// `P(a, x)` for `a` > 0, `x` ≥ 0; NaN where it cannot be computed.
pub fn gamma_lower(a: f64, x: f64) -> f64 {
    match x {
        _ if x <= 0.0 => 0.0,
        _ if x < a + 1.0 => gamma_series(a, x),
        _ => 1.0 - gamma_fraction(a, x),
    }
}

/// `Q(a, x)` for `a` > 0, `x` ≥ 0; NaN where it cannot be computed.
pub fn gamma_upper(a: f64, x: f64) -> f64 {
    match x {
        _ if x <= 0.0 => 1.0,
        _ if x < a + 1.0 => 1.0 - gamma_series(a, x),
        _ => gamma_fraction(a, x),
    }
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 1..TERMS {
        term *= x / (a + f64::from(k));
        sum += term;
        if term < SETTLED * sum {
            return gamma_front(a, x) * sum / a;
        }
    }
    f64::NAN
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / away(b);
    let mut fraction = d;
    for k in 1..TERMS {
        let k = f64::from(k);
        let numerator = k * (a - k);
        b += 2.0;
        d = 1.0 / away(numerator * d + b);
        c = away(b + numerator / c);
        fraction *= c * d;
        if (c * d - 1.0).abs() < SETTLED {
            return gamma_front(a, x) * fraction;
        }
    }
    f64::NAN
}

/// `x^a e^(−x) / Γ(a)`.
fn gamma_front(a: f64, x: f64) -> f64 {
    (a / (2.0 * PI)).sqrt() * libm::exp(-deviance(a, x - a, x) - stirling(a))
}

/// `at − p − p ln(at/p)` of `at = p + off`: never negative, and small near `p`, where its terms cancel.
fn deviance(p: f64, off: f64, at: f64) -> f64 {
    let part = off / p;
    if part.abs() < 0.5 {
        return p * ln_1p_left(part);
    }
    off - p * libm::log(at / p)
}

/// `u − ln(1 + u)`: by its series near zero.
fn ln_1p_left(u: f64) -> f64 {
    if u.abs() > 0.01 {
        return u - libm::log1p(u);
    }
    // u²/2 − u³/3 + u⁴/4 …
    let terms = (2..=10).rev().fold(0.0, |sum, k| 1.0 / f64::from(k) - u * sum);
    u * u * terms
}

/// What Stirling's formula leaves: `ln Γ(a) − (a − ½) ln a + a − ½ ln 2π` (DLMF 5.11.1).
fn stirling(a: f64) -> f64 {
    if a < 15.0 {
        return libm::lgamma(a) - (a - 0.5) * libm::log(a) + a - 0.5 * libm::log(2.0 * PI);
    }
    let square = 1.0 / (a * a);
    let terms = [1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0, -691.0 / 360_360.0];
    terms.iter().rev().fold(0.0, |sum, term| term + square * sum) / a
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of Poisson and binomial probabilities; the numbers were computed with sixty digits (mpmath).
    #[test]
    fn the_functions_agree_with_sums_and_with_many_digits() {
        let poisson = |a: u32, x: f64| -> f64 {
            let mut term = (-x).exp();
            let mut sum = 0.0;
            for k in 0..a {
                sum += term;
                term *= x / f64::from(k + 1);
            }
            sum
        };
        for (a, x) in [(1, 0.3), (3, 2.0), (10, 14.0), (10, 3.0), (40, 41.0)] {
            assert!((gamma_upper(f64::from(a), x) / poisson(a, x) - 1.0).abs() < 1e-13, "{a} {x}");
            assert!((gamma_lower(f64::from(a), x) + gamma_upper(f64::from(a), x) - 1.0).abs() < 1e-15);
        }
        for (found, known) in KNOWN.map(|(which, a, b, known)| (which(a, b), known)) {
            assert!((found / known - 1.0).abs() < 1e-12, "{found} {known}");
        }
        // I_x(p, 1) = x^p
        for (p, x) in [(0.5, 0.2), (54.0, 1e-5), (3.0, 0.999), (1000.0, 0.99)] {
            assert!((beta_lower(p, 1.0, x, 1.0 - x) / x.powf(p) - 1.0).abs() < 1e-12, "{p} {x}");
        }
    }

    /// A function of two numbers, those, and its value.
    type KnownValue = (fn(f64, f64) -> f64, f64, f64, f64);
    const KNOWN: [KnownValue; 9] = [
        (gamma_upper, 0.5, 8.0, 6.334_248_366_623_985e-5),
        (gamma_upper, 56.5, 113.0, 1.5149105658832818e-9),
        (gamma_lower, 56.5, 30.0, 1.0281769088939438e-5),
        (gamma_lower, 5000.0, 4900.0, 0.077_944_956_226_513_91),
        (gamma_upper, 500.0, 700.0, 7.032_145_641_828_589e-16),
        (|p, q| beta_lower(p, q, 0.25, 0.75), 56.5, 0.5, 8.303_665_989_717_619e-36),
        (|p, q| beta_lower(p, q, 0.25, 0.75), 3.0, 57.0, 0.999_991_037_289_647_8),
        (|p, q| beta_lower(p, q, 0.999, 0.001), 5000.0, 0.5, 0.0015615791602892834),
        (|p, q| beta_lower(p, q, 0.25, 0.75), 1000.0, 3000.0, 0.502_427_980_892_099),
    ];

    #[test]
    fn parameters_too_large_to_settle_give_no_number() {
        assert!(gamma_upper(5e11, 5e11).is_nan());
        assert!(beta_lower(f64::NAN, 1.0, 0.5, 0.5).is_nan() && gamma_upper(1.0, f64::NAN).is_nan());
        assert_eq!((beta_lower(2.0, 3.0, 0.0, 1.0), beta_lower(2.0, 3.0, 1.0, 0.0)), (0.0, 1.0));
    }
}
