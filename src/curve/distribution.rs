//! Student's t and Fisher's F, on `libm` alone: quantiles of the platform's own `exp` and `ln` would differ in the last
//! bits between platforms, and limits of concentrations with them.

/// Regularised incomplete beta function `I_x(p, q)`, by Lentz's continued fraction (DLMF 8.17.22).
fn incomplete_beta(p: f64, q: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges quickly below the mean.
    if x > (p + 1.0) / (p + q + 2.0) {
        return 1.0 - incomplete_beta(q, p, 1.0 - x);
    }
    let ln_front = libm::lgamma(p + q) - libm::lgamma(p) - libm::lgamma(q) + p * libm::log(x) + q * libm::log1p(-x);
    let tiny = 1e-300;
    let away = |v: f64| if v.abs() < tiny { tiny } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (p + q) * x / (p + 1.0));
    let mut fraction = d;
    for m in 1..500 {
        let m = f64::from(m);
        for numerator in [
            m * (q - m) * x / ((p + 2.0 * m - 1.0) * (p + 2.0 * m)),
            -(p + m) * (p + q + m) * x / ((p + 2.0 * m) * (p + 2.0 * m + 1.0)),
        ] {
            d = 1.0 / away(1.0 + numerator * d);
            c = away(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-16 {
            break;
        }
    }
    libm::exp(ln_front) * fraction / p
}

/// P(|T| > t) of Student's t with `df` degrees of freedom.
pub(crate) fn t_two_sided(t: f64, df: f64) -> f64 {
    incomplete_beta(0.5 * df, 0.5, df / (df + t * t))
}

/// P(F > f) of Fisher's F.
pub(crate) fn f_upper(f: f64, df1: f64, df2: f64) -> f64 {
    if f <= 0.0 { 1.0 } else { incomplete_beta(0.5 * df2, 0.5 * df1, df2 / (df2 + df1 * f)) }
}

/// The `t` with P(|T| ≤ t) = `confidence`; `df` may be infinite (the normal).
pub(crate) fn t_quantile(confidence: f64, df: f64) -> f64 {
    let tail = 1.0 - confidence;
    // Beyond this many degrees of freedom t and normal agree to the last digits, while the fraction needs long.
    let df = df.min(1e8);
    let ln_density_constant =
        libm::lgamma(0.5 * (df + 1.0)) - libm::lgamma(0.5 * df) - 0.5 * libm::log(df * std::f64::consts::PI);
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

/// Near the quantile: the normal quantile (Abramowitz & Stegun 26.2.23, to 4.5·10⁻⁴, and one step of Halley's) with the first
/// terms of Cornish and Fisher's expansion in 1/df (26.7.5), which serve from a few degrees of freedom on.
fn start_of_quantile(tail: f64, df: f64) -> f64 {
    let u = (-2.0 * libm::log(0.5 * tail)).sqrt();
    let z = u - (2.515517 + u * (0.802853 + u * 0.010328)) / (1.0 + u * (1.432788 + u * (0.189269 + u * 0.001308)));
    if df < 3.0 {
        return z;
    }
    let density = libm::exp(-0.5 * z * z) / (2.0 * std::f64::consts::PI).sqrt();
    let newton = (libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) - tail) / (2.0 * density);
    let z = z + newton / (1.0 - 0.5 * newton * z);
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
        for (confidence, df, t) in [
            (0.95, 1.0, (std::f64::consts::PI * 0.475).tan()),
            (0.95, 2.0, quantile(0.975)),
            (0.99, 2.0, quantile(0.995)),
            (0.95, 12.0, 2.178_812_829_667_228_4),
        ] {
            let found = t_quantile(confidence, df);
            assert!((found / t - 1.0).abs() < 1e-12, "{confidence} {df}: {found} {t}");
        }
        assert!((t_quantile(0.95, f64::INFINITY) - 1.959_963_984_540_054).abs() < 1e-6);
        for (f, df2) in [(0.2, 5.0), (3.0, 8.0), (60.0, 12.0)] {
            let exact: f64 = (1.0_f64 + 2.0 * f / df2).powf(-0.5 * df2);
            assert!((f_upper(f, 2.0, df2) / exact - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn f_is_t_squared() {
        for t in [0.3, 1.0, 2.5, 8.0] {
            assert!((f_upper(t * t, 1.0, 7.0) - t_two_sided(t, 7.0)).abs() < 1e-14);
        }
    }
}
