//! A root between two points of different sign, and the crest between two points.

/// Regula falsi with the Illinois rule (Dowell & Jarratt 1971, BIT 11:168): the end that stays put counts half each time,
/// so neither end stays for long. `from` and `to` are (x, f(x)) on the two sides of the root.
pub(crate) fn root(mut f: impl FnMut(f64) -> f64, from: (f64, f64), to: (f64, f64)) -> f64 {
    let (mut left, mut right) = (from, to);
    let mut last = f64::NAN;
    for _ in 0..100 {
        let mut x = (left.0 * right.1 - right.0 * left.1) / (right.1 - left.1);
        if !x.is_finite() {
            x = 0.5 * (left.0 + right.0);
        }
        let value = f(x);
        if value == 0.0 || (x - last).abs() <= 4.0 * f64::EPSILON * x.abs() {
            return x;
        }
        last = x;
        if (value > 0.0) == (right.1 > 0.0) {
            right = (x, value);
            left.1 *= 0.5;
        } else {
            left = right;
            right = (x, value);
        }
    }
    last
}

/// The highest point between `from` and `to` of a function with one crest there, by golden sections, until it is positive
/// or a flat crest is met: (x, f(x)).
pub(crate) fn highest(mut f: impl FnMut(f64) -> f64, from: f64, to: f64) -> (f64, f64) {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let (mut left, mut right) = (from, to);
    let mut p = (right - GOLDEN * (right - left), 0.0);
    let mut q = (left + GOLDEN * (right - left), 0.0);
    (p.1, q.1) = (f(p.0), f(q.0));
    for _ in 0..60 {
        if p.1.max(q.1) > 0.0 {
            break;
        }
        if p.1 < q.1 {
            left = p.0;
            p = q;
            q = (left + GOLDEN * (right - left), 0.0);
            q.1 = f(q.0);
        } else {
            right = q.0;
            q = p;
            p = (right - GOLDEN * (right - left), 0.0);
            p.1 = f(p.0);
        }
    }
    if p.1 > q.1 { p } else { q }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_to_the_last_digits() {
        let mut calls = 0;
        let found = root(
            |x| {
                calls += 1;
                x.exp() - 2.0
            },
            (0.0, -1.0),
            (3.0, 3f64.exp() - 2.0),
        );
        assert!((found - 2f64.ln()).abs() < 1e-15 && calls < 15, "{found} {calls}");
    }

    #[test]
    fn a_crest_is_found() {
        let (x, y) = highest(|x| -1.0 - (x - 0.3) * (x - 0.3), -2.0, 5.0);
        assert!((x - 0.3).abs() < 1e-7 && (y + 1.0).abs() < 1e-14);
    }
}
