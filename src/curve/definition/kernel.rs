//! The shapes that a curve may take: `y = α + κ s(t)` with `t = b (ln x − ln c)`, where `s` is the kernel.
//!
//! The logistic families are kernels that run from 0 to 1. When the least-squares infimum of a family is not attained at
//! finite parameters, it is attained by one of the limits of the family, and these are kernels too. Up to `α` and `κ`:
//!
//! ```text
//! kernel              s(t)                     limit of
//! logistic            1 / (1 + e^−t)           the 4PL itself
//! five                1 − (1 + e^t)^−g         the 5PL itself
//! five mirror         (1 + e^−t)^−g            the mirror itself
//! power               e^t                      any, c → ∞ and d → ∞
//! inverse power       −e^−t                    any, c → 0 and a → −∞ (without a zero standard)
//! log-linear          t                        any, b → 0, a → −∞, d → ∞ (without a zero standard)
//! Weibull             1 − exp(−g e^t)          5pl,  c → ∞, g → ∞
//! Fréchet             exp(−g e^−t)             5plm, c → 0, g → ∞
//! softplus            ln(1 + e^t)              5pl,  g → 0, d → ∞
//! mirror softplus     −ln(1 + e^−t)            5plm, g → 0, a → −∞ (without a zero standard)
//! hinge               1 − e^−t, 0 for t < 0    5pl,  b → ∞, g → 0
//! mirror hinge        e^t, 1 for t > 0         5plm, b → ∞, g → 0
//! ramp                t, 0 for t < 0           5pl,  b → ∞, g → 0, d → ∞
//! mirror ramp         t, 0 for t > 0           5plm, b → ∞, g → 0, a → −∞ (without a zero standard)
//! Fréchet foot        exp(−g (e^−t − 1))       5plm, c → 0, g → ∞, and d out of reach
//! Weibull tail        −exp(−g (e^t − 1))       5pl,  c → ∞, g → ∞, and a out of reach (without a zero standard)
//! ```
//!
//! Power, inverse power, Weibull and Fréchet have no location: `c` is put where it keeps the numbers near 1. The `g` of Weibull and Fréchet
//! is a scale, not the asymmetry. The foot and the tail are these two again where all responses are the smallest part of the way to the far
//! plateau (with `b → 0` they are the powers): measured at the outermost standard and not at the plateau, which may be 10⁴⁰⁰ ranges away.
//!
//! The remaining limit, `b → ∞` alone, is a step and stands in [`crate::curve::fitting::step`].

use serde::{Deserialize, Serialize};

use super::model::Model;
use crate::curve::numerics::exponential::{exp, exp_m1, ln_1p_of_share};
use crate::curve::numerics::lanes::Numeric;

/// A shape; see the table of this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kernel {
    Logistic,
    Five,
    FiveMirror,
    Power,
    InversePower,
    LogLinear,
    Weibull,
    Frechet,
    Softplus,
    MirrorSoftplus,
    Hinge,
    MirrorHinge,
    Ramp,
    MirrorRamp,
    FrechetFoot,
    WeibullTail,
}

/// A kernel's value with its derivatives by `t` and by `γ = ln g`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Jet<T = f64> {
    pub s: T,
    pub t: T,
    pub tt: T,
    pub g: T,
    pub tg: T,
    pub gg: T,
}

impl<T> Jet<T> {
    /// The function of each of its parts.
    #[inline(always)]
    pub(crate) fn map(self, function: impl Fn(T) -> T) -> Self {
        let Self { s, t, tt, g, tg, gg } = self;
        Self { s: function(s), t: function(t), tt: function(tt), g: function(g), tg: function(tg), gg: function(gg) }
    }
}

impl From<Model> for Kernel {
    fn from(model: Model) -> Self {
        match model {
            Model::FourParameter => Self::Logistic,
            Model::FiveParameter => Self::Five,
            Model::FiveParameterMirror => Self::FiveMirror,
        }
    }
}

impl Kernel {
    /// Which of `ln c`, `ln b`, `ln g` the kernel depends on beyond what `α`, `κ` and the others already express.
    pub(crate) fn depends_on(self) -> [bool; 3] {
        match self {
            Self::Five | Self::FiveMirror => [true, true, true],
            Self::Weibull | Self::Frechet | Self::FrechetFoot | Self::WeibullTail => [false, true, true],
            Self::Power | Self::InversePower => [false, true, false],
            Self::Ramp | Self::MirrorRamp => [true, false, false],
            Self::LogLinear => [false, false, false],
            _ => [true, true, false],
        }
    }

    /// Whether it is a power of `x`: searched over its exponent alone, along which its sum of squares has no surprises.
    pub(crate) fn is_power(self) -> bool {
        matches!(self, Self::Power | Self::InversePower)
    }

    /// Whether it has no mid-point: a limit in which `c` has run away.
    pub(crate) fn loses_mid_point(self) -> bool {
        matches!(self, Self::Power | Self::InversePower | Self::LogLinear | Self::Weibull | Self::Frechet)
            || self.is_out_of_reach()
    }

    /// Whether its far plateau lies beyond what is searched: such a limit is asked for only where a valley leads there.
    pub(crate) fn is_out_of_reach(self) -> bool {
        matches!(self, Self::FrechetFoot | Self::WeibullTail)
    }

    /// Whether it is a five-parameter family itself.
    pub(crate) fn is_five(self) -> bool {
        matches!(self, Self::Five | Self::FiveMirror)
    }

    /// Whether its slope jumps, at `c`.
    pub(crate) fn has_kink(self) -> bool {
        matches!(self, Self::Hinge | Self::MirrorHinge | Self::Ramp | Self::MirrorRamp)
    }

    /// `s` as `x → 0`, where the response is `a`; `None` where it runs away.
    pub(crate) fn at_zero(self) -> Option<f64> {
        match self {
            Self::InversePower | Self::LogLinear | Self::MirrorSoftplus | Self::MirrorRamp | Self::WeibullTail => None,
            _ => Some(0.0),
        }
    }

    /// `s` as `x → ∞`, where the response is `d`; `None` where it runs away.
    pub(crate) fn at_infinity(self) -> Option<f64> {
        match self {
            Self::Power | Self::LogLinear | Self::Softplus | Self::Ramp | Self::FrechetFoot => None,
            Self::InversePower | Self::MirrorSoftplus | Self::MirrorRamp | Self::WeibullTail => Some(0.0),
            _ => Some(1.0),
        }
    }

    /// The value with its derivatives, at one place or at four.
    #[inline(always)]
    pub(crate) fn jet<T: Numeric>(self, t: T, g: f64) -> Jet<T> {
        let (zero, one) = (T::all(0.0), T::all(1.0));
        match self {
            Self::Logistic => logistic(t),
            Self::Five => five(t, g),
            Self::FiveMirror => five_mirror(t, g),
            Self::Power => {
                let e = exp(t);
                Jet { s: e, t: e, tt: e, ..Jet::default() }
            }
            Self::InversePower => {
                let e = exp(-t);
                Jet { s: -e, t: e, tt: -e, ..Jet::default() }
            }
            Self::LogLinear => Jet { s: t, t: one, ..Jet::default() },
            Self::Weibull => {
                let e = T::all(g) * exp(t.map(at_most_700));
                let slope = e * exp(-e);
                let curved = slope * (one - e);
                Jet { s: -exp_m1(-e), t: slope, tt: curved, g: slope, tg: curved, gg: curved }
            }
            Self::Frechet => {
                let e = T::all(g) * exp((-t).map(at_most_700));
                let s = exp(-e);
                let slope = e * s;
                let curved = slope * (e - one);
                Jet { s, t: slope, tt: curved, g: -slope, tg: -curved, gg: curved }
            }
            Self::FrechetFoot => {
                let Scaled { s, e, m } = scaled(-t, g);
                let (es, ms) = (e * s, m * s);
                Jet { s, t: es, tt: es * (e - one), g: ms, tg: es * (m + one), gg: ms * (m + one) }
            }
            Self::WeibullTail => {
                let Scaled { s, e, m } = scaled(t, g);
                let (es, ms) = (e * s, m * s);
                Jet { s: -s, t: es, tt: es * (one - e), g: -ms, tg: es * (m + one), gg: -ms * (m + one) }
            }
            Self::Softplus => {
                let p = logistic(t);
                Jet { s: softplus(t), t: p.s, tt: p.t, ..Jet::default() }
            }
            Self::MirrorSoftplus => {
                let q = logistic(-t);
                Jet { s: -softplus(-t), t: q.s, tt: -q.t, ..Jet::default() }
            }
            Self::Hinge => {
                let e = exp(-t);
                let [s, slope] = [-exp_m1(-t), e].map(|value| t.choose(above_zero, value, zero));
                Jet { s, t: slope, tt: -slope, ..Jet::default() }
            }
            Self::MirrorHinge => {
                let e = exp(t);
                let slope = t.choose(below_zero, e, zero);
                Jet { s: t.choose(below_zero, e, one), t: slope, tt: slope, ..Jet::default() }
            }
            Self::Ramp => {
                let [s, slope] = [t, one].map(|value| t.choose(above_zero, value, zero));
                Jet { s, t: slope, ..Jet::default() }
            }
            Self::MirrorRamp => {
                let [s, slope] = [t, one].map(|value| t.choose(below_zero, value, zero));
                Jet { s, t: slope, ..Jet::default() }
            }
        }
    }

    /// The `t` at which the kernel has the value `s`; `None` outside its range or where it is flat.
    pub(crate) fn inverse(self, s: f64, g: f64) -> Option<f64> {
        let t = match self {
            Self::Logistic => libm::log(s / (1.0 - s)),
            Self::Five => libm::log(libm::expm1(-libm::log1p(-s) / g)),
            Self::FiveMirror => -libm::log(libm::expm1(-libm::log(s) / g)),
            Self::Power | Self::MirrorHinge => libm::log(s),
            Self::InversePower => -libm::log(-s),
            Self::LogLinear => s,
            Self::Weibull => libm::log(-libm::log1p(-s) / g),
            Self::Frechet => -libm::log(-libm::log(s) / g),
            Self::FrechetFoot => -libm::log1p(-libm::log(s) / g),
            Self::WeibullTail => libm::log1p(-libm::log(-s) / g),
            Self::Softplus => libm::log(libm::expm1(s)),
            Self::MirrorSoftplus => -libm::log(libm::expm1(-s)),
            Self::Hinge => -libm::log1p(-s),
            Self::Ramp => {
                if s > 0.0 {
                    s
                } else {
                    return None;
                }
            }
            Self::MirrorRamp => {
                if s < 0.0 {
                    s
                } else {
                    return None;
                }
            }
        };
        t.is_finite().then_some(t)
    }
}

fn above_zero(t: f64) -> bool {
    t > 0.0
}

fn below_zero(t: f64) -> bool {
    t < 0.0
}

/// What an exponential takes whose multiples stay finite.
fn at_most_700(t: f64) -> f64 {
    if t < 700.0 { t } else { 700.0 }
}

/// `p = 1 / (1 + e^−t)`, with `p' = p (1 − p)` and `p'' = p' (1 − 2p)`, without overflow.
#[inline(always)]
pub(crate) fn logistic<T: Numeric>(t: T) -> Jet<T> {
    let e = exp(t.map(|t| -t.abs()));
    let near_one = e.map(|e| 1.0 / (1.0 + e));
    let near_zero = e * near_one;
    let (p, q) = (t.choose(below_zero, near_zero, near_one), t.choose(below_zero, near_one, near_zero));
    let slope = near_one * near_zero;
    Jet { s: p, t: slope, tt: slope * (q - p), ..Jet::default() }
}

/// `ln(1 + e^t)`, without overflow.
#[inline(always)]
pub(crate) fn softplus<T: Numeric>(t: T) -> T {
    t.choose(above_zero, t, T::all(0.0)) + ln_1p_of_share(exp(t.map(|t| -t.abs())))
}

/// What foot and tail are made of.
struct Scaled<T> {
    /// `e^m`.
    s: T,
    /// `g e^t`.
    e: T,
    /// `−g (e^t − 1)`.
    m: T,
}

#[inline(always)]
fn scaled<T: Numeric>(t: T, g: f64) -> Scaled<T> {
    let t = t.map(at_most_700);
    let m = T::all(-g) * exp_m1(t);
    Scaled { s: exp(m.map(at_most_700)), e: T::all(g) * exp(t), m }
}

/// `1 − (1 + e^t)^−g`.
#[inline(always)]
fn five<T: Numeric>(t: T, g: f64) -> Jet<T> {
    let (one, g) = (T::all(1.0), T::all(g));
    let p = logistic(t);
    let v = g * softplus(t);
    let rest = exp(-v);
    let slope = g * p.s * rest;
    Jet {
        s: -exp_m1(-v),
        t: slope,
        tt: g * rest * (p.t - g * p.s * p.s),
        g: v * rest,
        tg: slope * (one - v),
        gg: v * rest * (one - v),
    }
}

/// `(1 + e^−t)^−g`.
#[inline(always)]
fn five_mirror<T: Numeric>(t: T, g: f64) -> Jet<T> {
    let (one, g) = (T::all(1.0), T::all(g));
    let q = logistic(-t);
    let v = g * softplus(-t);
    let s = exp(-v);
    let slope = g * q.s * s;
    Jet { s, t: slope, tt: g * s * (g * q.s * q.s - q.t), g: -v * s, tg: slope * (one - v), gg: -v * s * (one - v) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Kernel; 16] = [
        Kernel::Logistic,
        Kernel::Five,
        Kernel::FiveMirror,
        Kernel::Power,
        Kernel::InversePower,
        Kernel::LogLinear,
        Kernel::Weibull,
        Kernel::Frechet,
        Kernel::Softplus,
        Kernel::MirrorSoftplus,
        Kernel::Hinge,
        Kernel::MirrorHinge,
        Kernel::Ramp,
        Kernel::MirrorRamp,
        Kernel::FrechetFoot,
        Kernel::WeibullTail,
    ];

    #[test]
    fn derivatives_agree_with_differences() {
        let h = 1e-5;
        for kernel in ALL {
            for t in [-3.0, -0.7, 0.4, 2.5] {
                for g in [0.3, 1.0, 2.2] {
                    let at = |t: f64, ln_g: f64| kernel.jet(t, libm::exp(ln_g));
                    let ln_g = libm::log(g);
                    let (jet, up, down) = (at(t, ln_g), at(t + h, ln_g), at(t - h, ln_g));
                    let close = |x: f64, y: f64, what: &str| {
                        assert!((x - y).abs() < 1e-8 * (1.0 + x.abs()), "{kernel:?} {what} at {t}, {g}: {x} {y}");
                    };
                    close(jet.t, (up.s - down.s) / (2.0 * h), "s_t");
                    close(jet.tt, (up.t - down.t) / (2.0 * h), "s_tt");
                    let (up, down) = (at(t, ln_g + h), at(t, ln_g - h));
                    close(jet.g, (up.s - down.s) / (2.0 * h), "s_g");
                    close(jet.tg, (up.t - down.t) / (2.0 * h), "s_tg");
                    close(jet.gg, (up.g - down.g) / (2.0 * h), "s_gg");
                    if jet.t.abs() > 1e-3 {
                        close(t, kernel.inverse(jet.s, g).unwrap(), "inverse");
                    }
                }
            }
        }
    }

    #[test]
    fn far_out_nothing_overflows() {
        for kernel in [Kernel::Logistic, Kernel::Five, Kernel::FiveMirror, Kernel::Weibull, Kernel::Frechet] {
            for t in [-1e4, -800.0, 800.0, 1e4] {
                for g in [3.0, 1000.0] {
                    let jet = kernel.jet(t, g);
                    assert!((0.0..=1.0).contains(&jet.s) && jet.t.is_finite() && jet.tt.is_finite(), "{kernel:?} {t}");
                }
            }
        }
    }

    /// Where a kernel has an end it comes to it, and where it has none it goes on beyond; a foot and a tail as far as e^g.
    #[test]
    fn a_kernel_ends_where_it_says() {
        for kernel in ALL {
            for (t, end) in [(-60.0, kernel.at_zero()), (60.0, kernel.at_infinity())] {
                let s = kernel.jet(t, 0.8).s;
                match end {
                    Some(end) => assert!((s - end).abs() < 1e-12, "{kernel:?} {t}: {s}"),
                    None => assert!(s.abs() > 2.0, "{kernel:?} {t}: {s}"),
                }
            }
        }
        let families = [Kernel::Logistic, Kernel::Five, Kernel::FiveMirror];
        assert_eq!(families.map(Kernel::is_five), [false, true, true]);
        assert_eq!(families.map(Kernel::loses_mid_point), [false; 3]);
        assert!(
            Kernel::Power.loses_mid_point()
                && Kernel::WeibullTail.loses_mid_point()
                && !Kernel::Hinge.loses_mid_point()
        );
    }
}
