//! What is to be said about a fit: which of the reasons of [`super::reason`] apply.
//!
//! Reasons that decide make the curve unusable. All others are for the reviewer: whether a curve with such a reason is
//! accepted is a rule of the method, not of the mathematics.

use super::curve_verdict::CurveVerdict;
use super::reason::Reason;
use super::standard_curve::StandardCurve;
use crate::curve::definition::kernel::Kernel;
use crate::curve::fitting::lower_curve::LowerCurve;
use crate::curve::fitting::shape::{Missing, Shape};
use crate::probability::{f_upper, t_quantile};

/// Noise passes for a dose response with less than this probability.
const NOISE: f64 = 1e-3;
/// The upper plateau counts as reached when the highest standard is that far on the way; the lower one mirrors it.
const REACHED_PERCENT: f64 = 70.0;
/// A turn at the top counts as a hook beyond this share of the curve's range, when noise makes it with less than …
const HOOK_SHARE: f64 = 0.03;
/// … this probability.
const HOOK_CONFIDENCE: f64 = 0.99;
/// A standard reads back when its bias is within this many percent: ICH M10, section 4.2.3, at the ends of the range.
const READS_BACK_PERCENT: f64 = 25.0;
/// A well drives the fit when a reading changes by more than this without it.
const DRIVES_PERCENT: f64 = 20.0;
/// A well is suspicious, or the fit lacking, below this probability.
const CHANCE: f64 = 0.01;

/// Judges a fit; a lower curve, where the one without a well comes by it.
pub(crate) fn judge(curve: &StandardCurve) -> Result<CurveVerdict, LowerCurve> {
    let mut reasons = Vec::new();
    if let Shape::None(missing) = curve.shape {
        let why = match missing {
            Missing::NotConverged => Reason::NotConverged,
            Missing::VarianceNotSettled => Reason::VarianceNotSettled,
            Missing::NoExponent(end) => Reason::ExponentNotDetermined { end },
        };
        return Ok(CurveVerdict { usable: false, usable_up_to: None, reasons: vec![why] });
    }
    reasons.extend(no_dose_response(curve));
    if let Shape::Step(step) = &curve.shape {
        let below = &curve.standards[step.first_above - 1];
        let above =
            &curve.standards[(step.first_above + usize::from(step.on.is_some())).min(curve.standards.len() - 1)];
        reasons.push(Reason::SlopeNotIdentified { between: (below.x, above.x) });
    }
    if reasons.is_empty() {
        reasons.extend(hook(curve));
    }
    let usable = !reasons.iter().any(Reason::decides);
    let usable_up_to = reasons.iter().find_map(|reason| match reason {
        Reason::Hook { usable_up_to, .. } => *usable_up_to,
        _ => None,
    });
    if usable {
        plateaus(curve, &mut reasons);
        reasons.extend(two_optima(curve));
        wells(curve, &mut reasons)?;
        if let Some(lack) = curve.lack_of_fit().filter(|lack| lack.p_value < CHANCE) {
            reasons.push(Reason::LackOfFit { p_value: lack.p_value });
        }
        bounds(curve, &mut reasons);
        if curve.law_estimated && !curve.exact() {
            reasons.push(Reason::OwnVariance { variance: curve.method.variance, parameter: curve.law.parameter() });
        }
    }
    if curve.df() == 0 {
        reasons.push(Reason::NoDegreesOfFreedom);
    } else if curve.exact() {
        reasons.push(Reason::ExactFit);
    } else if curve.smooth.is_some() && curve.root.is_none() {
        reasons.push(Reason::SingularCovariance);
    }
    Ok(CurveVerdict { usable, usable_up_to, reasons })
}

/// The F test of the curve against a constant, in the variance model and in plain responses. Either suffices: where small
/// responses count most, a constant near them looks good, however far the large ones are away.
fn no_dose_response(curve: &StandardCurve) -> Option<Reason> {
    let (df1, df2) = (curve.fitted_parameters().saturating_sub(1).max(1) as f64, curve.df() as f64);
    let explained = |r_squared: f64| {
        // A curve that explains nearly everything needs no test.
        if r_squared > 0.98 { 0.0 } else { f_upper(r_squared / df1 / ((1.0 - r_squared) / df2), df1, df2) }
    };
    if df2 == 0.0 {
        return None;
    }
    let p_value = explained(curve.r_squared());
    (p_value > NOISE)
        .then(|| p_value.min(explained(plain_r_squared(curve))))
        .filter(|p_value| *p_value > NOISE)
        .map(|p_value| Reason::NoDoseResponse { p_value })
}

fn plain_r_squared(curve: &StandardCurve) -> f64 {
    let n: f64 = curve.standards.iter().map(|s| s.n).sum();
    let mean = curve.standards.iter().map(|s| s.n * s.mean).sum::<f64>() / n;
    let about = |f: &dyn Fn(&crate::curve::definition::point::Standard) -> f64| -> f64 {
        curve.standards.iter().map(|s| s.within + s.n * (s.mean - f(s)) * (s.mean - f(s))).sum()
    };
    1.0 - about(&|s| curve.response(s.x)) / about(&|_| mean)
}

fn plateaus(curve: &StandardCurve, reasons: &mut Vec<Reason>) {
    let p = &curve.parameters;
    if let Shape::Smooth { kernel, .. } = &curve.shape
        && !curve.identified()
    {
        reasons.push(Reason::NotAttained { parameters: runs_away(*kernel).into() });
    }
    reasons.extend(mid_point_not_determined(curve));
    let rise = |x: f64| 100.0 * (curve.response(x) - p.a) / (p.d - p.a);
    let (first, last) = (libm::exp(curve.ends.0), libm::exp(curve.ends.1));
    // What the data cannot tell from a curve without the plateau has not been reached, however far the estimate says.
    let unlimited = |end: fn(Kernel) -> Option<f64>| {
        curve.limit.as_ref().is_some_and(|limit| {
            matches!(limit, Shape::Smooth { kernel, .. } if end(*kernel).is_none()) && as_likely(curve, limit)
        })
    };
    if p.d.is_nan() || unlimited(Kernel::at_infinity) {
        reasons.push(Reason::UpperPlateauNotReached { reached_percent: None });
    } else if !p.a.is_nan() && curve.family.d.0 < curve.family.d.1 && rise(last) < REACHED_PERCENT {
        reasons.push(Reason::UpperPlateauNotReached { reached_percent: Some(rise(last)) });
    }
    let has_zero = curve.family.has_zero;
    if p.a.is_nan() || unlimited(Kernel::at_zero) {
        reasons.push(Reason::LowerPlateauNotReached { left_percent: None });
    } else if !p.d.is_nan() && curve.family.a.0 < curve.family.a.1 && !has_zero && rise(first) > 100.0 - REACHED_PERCENT
    {
        reasons.push(Reason::LowerPlateauNotReached { left_percent: Some(rise(first)) });
    }
    if curve.identified() && (p.c < first || p.c > last) {
        reasons.push(Reason::MidPointOutside { c: p.c });
    }
}

/// The mid-point has run away, or the data cannot tell the curve from one without it.
fn mid_point_not_determined(curve: &StandardCurve) -> Option<Reason> {
    let loses_it = |shape: &Shape| match shape {
        Shape::Smooth { kernel, .. } => kernel.loses_mid_point(),
        Shape::Step(_) | Shape::None(_) => false,
    };
    let lost = curve.parameters.c.is_nan();
    (lost || curve.limit.as_ref().is_some_and(|limit| loses_it(limit) && as_likely(curve, limit)))
        .then_some(Reason::MidPointNotDetermined)
}

/// Whether the data cannot tell the curve from this limit of its family.
fn as_likely(curve: &StandardCurve, limit: &Shape) -> bool {
    let allowed = curve.t.map_or(1.0, |t| 1.0 + t * t / curve.df() as f64);
    curve.identified() && limit.rss() + curve.pure_error() <= curve.rss * allowed
}

fn runs_away(kernel: Kernel) -> &'static str {
    match kernel {
        Kernel::Power => "c and d without limit, the curve is a + k x^b",
        Kernel::InversePower => "c to zero and a without limit, the curve is d + k x^−b",
        Kernel::LogLinear => "a and d without limit and b to zero, the curve is linear in ln x",
        Kernel::Weibull => "c and g without limit, the curve is a Weibull curve",
        Kernel::Frechet => "c to zero and g without limit, the curve is a Fréchet curve",
        Kernel::FrechetFoot => {
            "c to zero, g without limit and d out of reach, the curve is the foot of a Fréchet curve"
        }
        Kernel::WeibullTail => "c and g without limit and a out of reach, the curve is the tail of a Weibull curve",
        Kernel::Softplus => "g to zero and d without limit",
        Kernel::MirrorSoftplus => "g to zero and a without limit",
        Kernel::Hinge | Kernel::MirrorHinge => "b without limit and g to zero, the curve has a kink",
        Kernel::Ramp => "b and d without limit and g to zero, the curve has a kink",
        Kernel::MirrorRamp => "b and a without limit and g to zero, the curve has a kink",
        Kernel::Logistic | Kernel::Five | Kernel::FiveMirror => "a parameter runs to the edge of what is searched",
    }
}

/// The level with the extreme mean is not the last, and the way back is more than noise. The noise is that of the
/// replicates, where there are some: a hook inflates the residuals of the curve.
fn hook(curve: &StandardCurve) -> Option<Reason> {
    let sign = if curve.rising() { 1.0 } else { -1.0 };
    let levels: Vec<_> = curve.standards.iter().filter(|s| s.x > 0.0).collect();
    let (last, top) = (levels.last()?, levels.iter().max_by(|p, q| (sign * p.mean).total_cmp(&(sign * q.mean)))?);
    let lowest = levels.iter().map(|s| sign * s.mean).fold(f64::INFINITY, f64::min);
    let back = sign * (top.mean - last.mean);
    if last.x == top.x || back <= HOOK_SHARE * (sign * top.mean - lowest) {
        return None;
    }
    let df_pure = curve.points.len() - curve.standards.len();
    let (variance, df) = if df_pure >= 3 {
        (curve.pure_error() / df_pure as f64, df_pure)
    } else {
        let sd = curve.residual_sd()?;
        (sd * sd, curve.df())
    };
    let relative = |s: &crate::curve::definition::point::Standard| curve.law.variance(s.mean, curve.floor) / s.n;
    let noise = (variance * (relative(top) + relative(last))).sqrt();
    let reads_back = |s: &crate::curve::definition::point::Standard| {
        let ln_x = curve.smooth.as_ref().and_then(|smooth| smooth.inverse(s.mean));
        ln_x.is_some_and(|ln_x| (100.0 * libm::expm1(ln_x - s.ln_x)).abs() <= READS_BACK_PERCENT)
    };
    let highest = levels.iter().rfind(|s| s.x <= top.x && reads_back(s));
    (back > t_quantile(1.0 - HOOK_CONFIDENCE, df as f64) * noise)
        .then(|| Reason::Hook { concentration: top.x, usable_up_to: highest.map(|s| s.x) })
}

/// Another minimum inside the confidence region of this one.
fn two_optima(curve: &StandardCurve) -> Option<Reason> {
    let other = curve.others.first().filter(|_| curve.identified() && !curve.exact())?;
    let rss = other.rss + curve.pure_error();
    let allowed = 1.0 + curve.t.map_or(0.0, |t| t * t / curve.df() as f64);
    (rss <= curve.rss * allowed).then(|| Reason::TwoOptima {
        c: libm::exp(other.theta[0]),
        distance_percent: 100.0 * (rss / curve.rss - 1.0).max(0.0),
    })
}

fn wells(curve: &StandardCurve, reasons: &mut Vec<Reason>) -> Result<(), LowerCurve> {
    if let Some(left) = curve.driving_well(DRIVES_PERCENT)? {
        reasons.push(Reason::OneWellDrives {
            index: left.index,
            concentration: left.concentration,
            change_percent: left.change_percent,
        });
    }
    reasons.extend(curve.suspicious_wells(CHANCE).into_iter().filter_map(|residual| {
        residual.studentised.map(|studentised| Reason::SuspiciousWell { index: residual.index, studentised })
    }));
    Ok(())
}

fn bounds(curve: &StandardCurve, reasons: &mut Vec<Reason>) {
    let p = &curve.parameters;
    let stated = &curve.method.bounds;
    for (parameter, value, bound) in
        [("a", p.a, stated.a), ("d", p.d, stated.d), ("c", p.c, stated.c), ("b", p.b, stated.b), ("g", p.g, stated.g)]
    {
        let at = |bound: f64| (value - bound).abs() <= 1e-9 * bound.abs().max(f64::MIN_POSITIVE);
        if bound.is_some_and(|(low, high)| at(low) || at(high)) {
            reasons.push(Reason::AtBound { parameter: parameter.into() });
        }
    }
}

#[cfg(test)]
mod tests;
