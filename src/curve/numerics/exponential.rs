//! Exponential and logarithm for the inner loop of a fit.
//!
//! A fit spends most of its time in exponentials. `libm::exp` is called, checked and branched for each of them; these are inlined,
//! have no branches, and are computed for four levels of a plate side by side. Like `libm` they have the same bits on every
//! platform: they are made of IEEE operations only.

use super::lanes::Numeric;

/// ln 2 in two parts: the first has so few digits that its product with any exponent here is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// 1.5 · 2⁵²: adding it rounds to an integer, which then stands in the last bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// Beyond ±708 (3·10^±307) the result is that of ±708.
const FARTHEST: f64 = 708.0;

/// `x = k ln 2 + r` with |r| ≤ ½ ln 2 (Cody & Waite 1980): `r`, and `2^k` by the bits of the exponent.
#[inline(always)]
fn reduced<T: Numeric>(x: T) -> (T, T) {
    let x = x.map(|x| if x > -FARTHEST { x } else { -FARTHEST }).map(|x| if x < FARTHEST { x } else { FARTHEST });
    let shifted = x * T::all(std::f64::consts::LOG2_E) + T::all(ROUND);
    let k = shifted - T::all(ROUND);
    let r = (x - k * T::all(LN_2_HIGH)) - k * T::all(LN_2_LOW);
    let power = |shifted: f64| f64::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(1023) << 52);
    (r, shifted.map(power))
}

/// The Taylor polynomial of `e^r` of degree 13. `first` is its part up to `r`: `1 + r`, or `r` alone for that of `e^r − 1`.
#[inline(always)]
fn taylor<T: Numeric>(r: T, first: T) -> T {
    let pair = |p: f64, q: f64| T::all(p) + r * T::all(q);
    let r2 = r * r;
    let r4 = r2 * r2;
    // Estrin's scheme: short chains instead of one long one.
    let low = first + r2 * pair(1.0 / 2.0, 1.0 / 6.0);
    let middle = pair(1.0 / 24.0, 1.0 / 120.0) + r2 * pair(1.0 / 720.0, 1.0 / 5_040.0);
    let high = pair(1.0 / 40_320.0, 1.0 / 362_880.0) + r2 * pair(1.0 / 3_628_800.0, 1.0 / 39_916_800.0);
    let highest = pair(1.0 / 479_001_600.0, 1.0 / 6_227_020_800.0);
    low + r4 * (middle + r4 * (high + r4 * highest))
}

/// `e^x`, to within one unit in the last place or two.
#[inline(always)]
pub(crate) fn exp<T: Numeric>(x: T) -> T {
    let (r, power) = reduced(x);
    taylor(r, T::all(1.0) + r) * power
}

/// `e^x − 1`, to within two units in the last place or three: `2^k (e^r − 1) + (2^k − 1)`.
#[inline(always)]
pub(crate) fn exp_m1<T: Numeric>(x: T) -> T {
    let (r, power) = reduced(x);
    taylor(r, r) * power + (power - T::all(1.0))
}

/// `ln(1 + e)` of a number between 0 and 1, to within two units in the last place or three.
///
/// `ln(1 + f) = 2 artanh(f / (2 + f))` by its series up to the 21st power; above √2 − 1 of half of it, and `ln 2` besides.
#[inline(always)]
pub(crate) fn ln_1p_of_share<T: Numeric>(e: T) -> T {
    let above = |e: f64| e > std::f64::consts::SQRT_2 - 1.0;
    let over = e.choose(above, e - T::all(1.0), e);
    let under = e.choose(above, e + T::all(3.0), e + T::all(2.0));
    let s = over * under.map(|under| 1.0 / under);
    let s2 = s * s;
    let s4 = s2 * s2;
    let s8 = s4 * s4;
    let pair = |p: f64, q: f64| T::all(2.0 / p) + s2 * T::all(2.0 / q);
    let low = pair(3.0, 5.0) + s4 * pair(7.0, 9.0);
    let high = pair(11.0, 13.0) + s4 * pair(15.0, 17.0);
    let highest = pair(19.0, 21.0);
    let series = s * T::all(2.0) + s * s2 * (low + s8 * (high + s8 * highest));
    e.choose(above, T::all(std::f64::consts::LN_2), T::all(0.0)) + series
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::numerics::lanes::Lanes;

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

    #[test]
    fn what_is_close_to_nothing_keeps_its_digits() {
        let (mut worst_exponential, mut worst_logarithm): (f64, f64) = (0.0, 0.0);
        for i in 0..200_000 {
            let share = f64::from(i) / 200_000.0 + 2.5e-6;
            for scale in [1.0, 1e-3, 1e-9, 1e-200] {
                let e = share * scale;
                worst_logarithm = worst_logarithm.max((ln_1p_of_share(e) / libm::log1p(e) - 1.0).abs());
                for x in [e, -e, 40.0 * e, -40.0 * e, -700.0 * e] {
                    worst_exponential = worst_exponential.max((exp_m1(x) / libm::expm1(x) - 1.0).abs());
                }
            }
        }
        assert!(worst_logarithm < 8e-16 && worst_exponential < 8e-16, "{worst_logarithm} {worst_exponential}");
        assert_eq!((ln_1p_of_share(0.0), exp_m1(0.0)), (0.0, 0.0));
        assert!((ln_1p_of_share(1.0) - std::f64::consts::LN_2).abs() < 2e-16);
    }

    #[test]
    fn four_have_the_bits_of_one() {
        for i in 0..10_000 {
            let four = Lanes([0.1, -0.7, 3.0, -11.0].map(|by| f64::from(i) * 1e-2 * by));
            let shares = four.map(|x| exp(-x.abs()));
            assert_eq!((exp(four), exp_m1(four)), (four.map(exp), four.map(exp_m1)));
            assert_eq!(ln_1p_of_share(shares), shares.map(ln_1p_of_share));
        }
    }
}
