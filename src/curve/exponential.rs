//! The exponential function for the inner loop of a fit.
//!
//! A fit spends most of its time in exponentials. `libm::exp` is called, checked and branched for each of them; this one is
//! inlined, has no branches, and lets the processor overlap the levels of a plate. Like `libm` it has the same bits on every
//! platform: it is made of IEEE additions and multiplications only.

/// ln 2 in two parts: the first has so few digits that its product with any exponent here is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1.5 · 2⁵²: adding it rounds to an integer, which then stands in the last bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Beyond ±708 (3·10^±307) the result is that of ±708.
const FARTHEST: f64 = 708.0;

/// `e^x`, to within one unit in the last place or two.
///
/// `x = k ln 2 + r` with |r| ≤ ½ ln 2 (Cody & Waite 1980), `e^r` by its Taylor polynomial of degree 13, `2^k` by the bits of
/// the exponent.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    let x = if x > -FARTHEST { x } else { -FARTHEST };
    let x = if x < FARTHEST { x } else { FARTHEST };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    let r2 = r * r;
    let r4 = r2 * r2;
    // Estrin's scheme: short chains instead of one long one.
    let low = (1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0));
    let middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5_040.0));
    let high = (1.0 / 40_320.0 + r * (1.0 / 362_880.0)) + r2 * (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0));
    let highest = 1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0);
    let polynomial = low + r4 * (middle + r4 * (high + r4 * highest));
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023);
    polynomial * f64::from_bits(exponent << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_libm_to_the_last_places() {
        let mut worst: f64 = 0.0;
        for i in 0..200_000 {
            let x = -700.0 * f64::from(i) / 200_000.0 * f64::from(i % 7 + 1) / 7.0;
            for x in [x, -x] {
                worst = worst.max((exp(x) / libm::exp(x) - 1.0).abs());
            }
        }
        assert!(worst < 5e-16, "{worst}");
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(-1e5) < 1e-300 && exp(f64::NEG_INFINITY) < 1e-300);
        assert!(exp(1e5) > 1e300 && exp(f64::INFINITY).is_finite());
    }
}
