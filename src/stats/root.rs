//! The root of a rising function of one variable, to the last digits: regula falsi in its Illinois form (Dowell & Jarratt, BIT
//! 1971;11:168), with a bisection every fourth step, so that it cannot creep.

use super::undefined::Undefined;

/// The root of a function that rises from below zero at `low` to above zero at `high`.
///
/// # Errors
/// Those of the function.
pub fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> Result<f64, Undefined>) -> Result<f64, Undefined> {
    let (mut at_low, mut at_high) = (f(low)?, f(high)?);
    let mut side = 0;
    for iteration in 0..200 {
        if high - low <= 4.0 * f64::EPSILON * (low.abs() + high.abs()) {
            break;
        }
        let secant = (low * at_high - high * at_low) / (at_high - at_low);
        let inside = secant > low && secant < high && iteration % 4 != 3;
        let middle = if inside { secant } else { 0.5 * (low + high) };
        let value = f(middle)?;
        if value == 0.0 {
            return Ok(middle);
        }
        if value < 0.0 {
            (low, at_low) = (middle, value);
            if side == -1 {
                at_high *= 0.5;
            }
            side = -1;
        } else {
            (high, at_high) = (middle, value);
            if side == 1 {
                at_low *= 0.5;
            }
            side = 1;
        }
    }
    Ok(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_roots_to_the_last_digits() {
        let cube = root(0.0, 10.0, |x| Ok(x * x * x - 2.0)).unwrap();
        assert!((cube - 2.0_f64.cbrt()).abs() < 1e-15);
        let flat = root(-3.0, 50.0, |x: f64| Ok(x.powi(9))).unwrap();
        assert!(flat.abs() < 1e-3);
        assert!(root(0.0, 1.0, |_| Err(Undefined::NotFinite)).is_err());
    }
}
