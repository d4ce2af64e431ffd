//! Student's t and Fisher's F.

use std::cell::Cell;
use std::f64::consts::PI;

use super::incomplete::beta_lower;
use super::normal;

/// Degrees of freedom beyond which the fraction of the incomplete beta function loses digits, and t is computed by the normal.
const NEARLY_NORMAL: f64 = 1e4;

/// `P(|T| > t)` of Student's t with `df` degrees of freedom, which may be infinite (the normal).
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    if df > NEARLY_NORMAL {
        return 2.0 * normal::normal_upper(normal_deviate(t.abs(), df));
    }
    let sum = df + t * t;
    beta_lower(0.5 * df, 0.5, df / sum, t * t / sum)
}

/// The normal deviate with the tail of `t` (Hill, Algorithm 395, Commun ACM 1970;13:617); the next term is of the order of 1/df⁴.
fn normal_deviate(t: f64, df: f64) -> f64 {
    // With more, t is the normal in all digits.
    let df = df.min(1e150);
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let z2 = a * libm::log1p(t * t / df);
    let z = z2.sqrt();
    let second = (((4.0 * z2 + 33.0) * z2 + 240.0) * z2 + 855.0) / (10.0 * (b + 0.8 * z2 * z2 + 100.0));
    z + z * (z2 + 3.0 - second) / b
}

/// `P(F > f)` of Fisher's F.
pub fn f_upper(f: f64, df1: f64, df2: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    let sum = df2 + df1 * f;
    beta_lower(0.5 * df2, 0.5 * df1, df2 / sum, df1 * f / sum)
}

/// The `t` with `P(|T| > t) = tail`; `df` may be infinite (the normal).
///
/// Plates of one design ask for the same one after another: the last is kept.
pub fn t_quantile(tail: f64, df: f64) -> f64 {
    thread_local! {
        static LAST: Cell<[f64; 3]> = const { Cell::new([f64::NAN; 3]) };
    }
    let [last_tail, last_df, last] = LAST.get();
    if last_tail == tail && last_df == df {
        return last;
    }
    let t = t_quantile_anew(tail, df);
    LAST.set([tail, df, t]);
    t
}

fn t_quantile_anew(tail: f64, df: f64) -> f64 {
    let df = df.min(1e150);
    let ln_density_constant = if df > NEARLY_NORMAL {
        -0.5 * libm::log(2.0 * PI) - 0.25 / df
    } else {
        libm::lgamma(0.5 * (df + 1.0)) - libm::lgamma(0.5 * df) - 0.5 * libm::log(df * PI)
    };
    // Halley's method on P(|T| > t): the density's own slope is known, and an evaluation of P costs more than all else.
    let mut t = start_of_quantile(tail, df);
    for _ in 0..100 {
        let p = t_two_sided(t, df);
        let density = libm::exp(ln_density_constant - 0.5 * (df + 1.0) * libm::log1p(t * t / df));
        let newton = (p - tail) / (2.0 * density);
        let bend = 0.5 * newton * (df + 1.0) * t / (df + t * t);
        // Far out P is nearly flat and its tangents lead nowhere; its logarithm is concave there.
        let near = bend.abs() < 0.5;
        let step = if near { newton / (1.0 - bend) } else { (libm::log(p) - libm::log(tail)) * p / (2.0 * density) };
        t = (t + step).max(0.5 * t);
        if near && step.abs() <= 1e-5 * t {
            // The step after this one would be about its cube.
            break;
        }
    }
    t
}

/// Near the quantile: that of the normal, and the first terms of Cornish and Fisher's expansion, which serve from a few degrees of
/// freedom on.
fn start_of_quantile(tail: f64, df: f64) -> f64 {
    let z = normal::about(0.5 * tail);
    if df < 3.0 { z } else { expansion(normal::closer(z, 0.5 * tail), df) }
}

/// The quantile of t by that of the normal: Cornish and Fisher's expansion in 1/df (Abramowitz & Stegun 26.7.5).
fn expansion(z: f64, df: f64) -> f64 {
    let z2 = z * z;
    let terms = [
        z2 + 1.0,
        (5.0 * z2 + 16.0) * z2 + 3.0,
        ((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0,
        (((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0,
    ];
    z * (1.0 + (terms[0] + (terms[1] / 24.0 + (terms[2] / 96.0 + terms[3] / (23_040.0 * df)) / df) / df) / (4.0 * df))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed forms for 1 and 2 degrees of freedom and for F with 2 in the numerator; 12 as in the reference sets.
    #[test]
    fn quantiles_and_tails_agree_with_closed_forms() {
        let quantile = |p: f64| (2.0 * p - 1.0) * (2.0 / (4.0 * p * (1.0 - p))).sqrt();
        for (tail, df, t) in [
            (0.05, 1.0, (PI * 0.475).tan()),
            (0.05, 2.0, quantile(0.975)),
            (0.01, 2.0, quantile(0.995)),
            (0.05, 12.0, 2.178_812_829_667_228_4),
            (0.05, f64::INFINITY, 1.959_963_984_540_054),
        ] {
            let found = t_quantile(tail, df);
            assert!((found / t - 1.0).abs() < 1e-14, "{tail} {df}: {found} {t}");
        }
        for (f, df2) in [(0.2, 5.0), (3.0, 8.0), (60.0, 12.0), (2.0, 1e4)] {
            let exact = (1.0_f64 + 2.0 * f / df2).powf(-0.5 * df2);
            assert!((f_upper(f, 2.0, df2) / exact - 1.0).abs() < 1e-12, "{f} {df2}");
        }
    }

    #[test]
    fn f_is_t_squared() {
        for t in [0.3, 1.0, 2.5, 8.0] {
            assert!((f_upper(t * t, 1.0, 7.0) - t_two_sided(t, 7.0)).abs() < 1e-14);
        }
    }

    /// Where the fraction hands over to the normal, both give the same.
    #[test]
    fn many_degrees_of_freedom_are_computed_alike_by_both_ways() {
        for t in [1e-9, 0.01, 0.5, 1.96, 3.0, 8.0, 20.0] {
            let sum = NEARLY_NORMAL + t * t;
            let fraction = beta_lower(0.5 * NEARLY_NORMAL, 0.5, NEARLY_NORMAL / sum, t * t / sum);
            let normal = 2.0 * normal::normal_upper(normal_deviate(t, NEARLY_NORMAL));
            assert!((fraction / normal - 1.0).abs() < 1e-12, "{t}: {fraction} {normal}");
        }
    }

    /// A quantile is where the tail is what was asked, over all that is asked in practice.
    #[test]
    fn quantiles_are_those_of_the_tails() {
        for df in [0.3, 1.0, 2.5, 3.0, 7.0, 52.4, 113.0, 5e3, 2e4, 1e8] {
            for tail in [0.9, 0.5, 0.1, 0.05, 0.01, 1e-4, 1e-10] {
                let back = t_two_sided(t_quantile(tail, df), df);
                assert!((back / tail - 1.0).abs() < 1e-12, "{df} {tail}: {back}");
            }
        }
    }
}
