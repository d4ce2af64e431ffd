//! What is asked of a curve, worked out a second time from its definition: from the wells and the fitted responses alone.

use super::curve_verdict::CurveVerdict;
use super::inverse::InverseStatus;
use super::reason::Reason;
use super::standard_curve::StandardCurve;
use crate::curve::definition::method::{Fixed, Method};
use crate::curve::definition::model::{Model, Parameters};
use crate::curve::definition::point::Point;
use crate::curve::definition::variance::{Variance, VarianceFrom};
use crate::curve::fit;

fn wells(of: &[(f64, f64)]) -> Vec<Point> {
    of.iter().map(|&(concentration, response)| Point { concentration, response }).collect()
}

pub(super) fn fitted(of: &[(f64, f64)]) -> StandardCurve {
    fit(&wells(of), &Method::default()).unwrap()
}

pub(super) fn names(curve: &StandardCurve) -> Vec<&'static str> {
    curve.verdict().reasons.iter().map(Reason::name).collect()
}

pub(super) fn near(found: Option<f64>, expected: f64) -> bool {
    found.is_some_and(|found| (found / expected - 1.0).abs() < 1e-9)
}

/// Sixteen wells of a plate.
pub(super) const PLATE: [(f64, f64); 16] = [
    (0.0, 0.06),
    (0.0, 0.05),
    (31.25, 0.18),
    (31.25, 0.17),
    (62.5, 0.32),
    (62.5, 0.30),
    (125.0, 0.59),
    (125.0, 0.57),
    (250.0, 1.03),
    (250.0, 1.06),
    (500.0, 1.65),
    (500.0, 1.60),
    (1000.0, 2.15),
    (1000.0, 2.20),
    (4000.0, 2.68),
    (4000.0, 2.71),
];

/// Σ (y − f)² of the wells, and about their mean.
fn sums(curve: &StandardCurve) -> (f64, f64) {
    let n = curve.points().len() as f64;
    let mean = curve.points().iter().map(|well| well.response).sum::<f64>() / n;
    let about = |f: &dyn Fn(f64) -> f64| -> f64 {
        curve.points().iter().map(|well| (well.response - f(well.concentration)).powi(2)).sum()
    };
    (about(&|x| curve.response(x)), about(&|_| mean))
}

/// Four parameters and σ from sixteen wells: k = 5, so that AICc = AIC + 2·5·6 / (16 − 6) = AIC + 6.
#[test]
fn criteria_follow_from_the_residuals() {
    let curve = fitted(&PLATE);
    let (rss, total) = sums(&curve);
    assert!(near(Some(curve.rss()), rss) && near(Some(curve.total_sum_of_squares()), total));
    assert!(near(Some(curve.r_squared()), 1.0 - rss / total));
    assert!(near(curve.residual_sd(), (rss / 12.0).sqrt()), "sixteen wells less four parameters");
    let log_likelihood = -8.0 * (libm::log(2.0 * std::f64::consts::PI) + libm::log(rss / 16.0) + 1.0);
    assert!(near(curve.log_likelihood(), log_likelihood), "{:?}", curve.log_likelihood());
    assert!(near(curve.aic(), 10.0 - 2.0 * log_likelihood));
    assert!(near(curve.aicc(), 16.0 - 2.0 * log_likelihood));
    // 0.05 above the curve, in standard deviations of a well; under a constant variance the same everywhere.
    let sd = (rss / 12.0).sqrt();
    for x in [40.0, 900.0] {
        assert!(near(curve.standardized_residual(x, curve.response(x) + 0.05), 0.05 / sd));
        assert!(near(curve.standardized_residual(x, curve.response(x) - 0.05), -0.05 / sd));
    }
}

/// AICc needs N > k + 1 = 6 wells.
#[test]
fn aicc_needs_more_wells_than_it_counts() {
    let of = |n: usize| fitted(&PLATE.iter().step_by(2).copied().take(n).collect::<Vec<_>>());
    let six = of(6);
    assert!(six.aic().is_some() && six.aicc().is_none());
    let seven = of(7);
    // 2·5·6 / (7 − 6) = 60.
    assert!(near(seven.aicc(), seven.aic().unwrap() + 60.0), "{:?}", seven.aicc());
}

/// A parameter of the variance that comes from these wells is counted: k = 6, and AICc = AIC + 2·6·7 / (16 − 7).
#[test]
fn an_estimated_variance_costs_a_parameter() {
    let with = |variance| fit(&wells(&PLATE), &Method { variance, ..Method::default() }).unwrap();
    for variance in [Variance::Power, Variance::TwoComponent] {
        let curve = with(variance);
        assert!(near(curve.aic(), 12.0 - 2.0 * curve.log_likelihood().unwrap()), "{variance:?}");
        assert!(near(curve.aicc(), curve.aic().unwrap() + 84.0 / 9.0), "{variance:?}");
        let [exponent, crossover] = [curve.variance_exponent(), curve.variance_crossover()];
        assert_eq!(
            [exponent.is_some(), crossover.is_some()],
            [variance == Variance::Power, variance != Variance::Power]
        );
        assert_eq!(curve.variance_parameter(), exponent.or(crossover));
    }
    let squared = with(Variance::Squared);
    assert_eq!((squared.variance_exponent(), squared.variance_parameter()), (Some(1.0), None));
    assert_eq!(with(Variance::Constant).variance_exponent(), Some(0.0));
}

/// Half the wells low, half high, and nothing between: the curve is a step between 40 and 80.
#[test]
fn a_step_has_responses_beside_it_and_no_concentrations() {
    let below = [(10.0, 0.11), (20.0, 0.09), (40.0, 0.10), (10.0, 0.09), (20.0, 0.11), (40.0, 0.10)];
    let above = [(80.0, 2.01), (160.0, 1.99), (320.0, 2.0), (80.0, 1.99), (160.0, 2.01), (320.0, 2.0)];
    let curve = fitted(&[below, above].concat());
    assert!(
        curve.verdict().reasons.contains(&Reason::SlopeNotIdentified { between: (40.0, 80.0) }),
        "{:?}",
        curve.verdict()
    );
    for x in [10.0, 30.0, 40.0] {
        assert!(near(Some(curve.response(x)), 0.1), "{x}");
    }
    for x in [80.0, 100.0, 320.0, 1000.0] {
        assert!(near(Some(curve.response(x)), 2.0), "{x}");
    }
    assert!(curve.response(60.0).is_nan(), "between them anything may be");
    assert!(curve.rising());
    // Falling: 3 − y.
    let falling: Vec<(f64, f64)> = [below, above].concat().into_iter().map(|(x, y)| (x, 3.0 - y)).collect();
    let falling = fitted(&falling);
    assert!(!falling.rising() && near(Some(falling.response(30.0)), 2.9) && near(Some(falling.response(100.0)), 1.0));
}

/// The means of a step set its variances, and these leave it where it is.
#[test]
fn a_step_has_the_variances_of_its_own_means() {
    let below = [(10.0, 0.11), (20.0, 0.09), (40.0, 0.10), (10.0, 0.09), (20.0, 0.11), (40.0, 0.10)];
    let above = [(80.0, 2.2), (160.0, 1.8), (320.0, 2.0), (80.0, 1.8), (160.0, 2.2), (320.0, 2.0)];
    let method = Method { variance: Variance::Squared, variance_from: VarianceFrom::Fitted, ..Method::default() };
    let curve = fit(&wells(&[below, above].concat()), &method).unwrap();
    assert!(names(&curve).contains(&"slope_not_identified"), "{:?}", names(&curve));
    // Deviations of a tenth of the mean: eight of them, squared, and over the variance.
    assert!(near(Some(curve.rss()), 8.0 * 0.01), "{}", curve.rss());
}

/// A level that stands on the step: its own response is known, those beside it are those of the two sides.
#[test]
fn a_level_on_a_step_has_its_own_response() {
    let levels = [(10.0, 0.1), (20.0, 0.1), (40.0, 0.1), (80.0, 1.0), (160.0, 2.0), (320.0, 2.0), (640.0, 2.0)];
    let curve = fitted(&levels.iter().flat_map(|&(x, y)| [(x, y - 0.01), (x, y + 0.01)]).collect::<Vec<_>>());
    assert!(
        curve.verdict().reasons.contains(&Reason::SlopeNotIdentified { between: (40.0, 160.0) }),
        "{:?}",
        curve.verdict()
    );
    let responses = [30.0, 40.0, 60.0, 80.0, 100.0, 160.0].map(|x| curve.response(x));
    for (found, expected) in responses.into_iter().zip([0.1, 0.1, 0.1, 1.0, 2.0, 2.0]) {
        assert!(near(Some(found), expected), "{responses:?}");
    }
}

/// Power laws have a plateau on one side only: `0.1 + 0.02 √x` has none above, `3 − 20 / √x` none below.
#[test]
fn a_plateau_that_the_curve_does_not_have_is_missing_on_its_side() {
    let of = |response: &dyn Fn(f64) -> f64| {
        let levels = (0..9_i32).map(|i| 100.0 * 2.0_f64.powi(i));
        fitted(&levels.flat_map(|x| [(x, response(x) + 0.004), (x, response(x) - 0.004)]).collect::<Vec<_>>())
    };
    let above = of(&|x| 0.1 + 0.02 * x.sqrt());
    assert!(
        above.verdict().reasons.contains(&Reason::UpperPlateauNotReached { reached_percent: None }),
        "{:?}",
        names(&above)
    );
    assert!(!names(&above).contains(&"lower_plateau_not_reached"), "{:?}", names(&above));
    let below = of(&|x| 3.0 - 20.0 / x.sqrt());
    assert!(
        below.verdict().reasons.contains(&Reason::LowerPlateauNotReached { left_percent: None }),
        "{:?}",
        names(&below)
    );
    assert!(!names(&below).contains(&"upper_plateau_not_reached"), "{:?}", names(&below));
}

/// With `a` fixed there are three parameters, and the F test has 2 and `m` degrees of freedom, whose upper tail is
/// `(1 + 2F/m)^(−m/2)` = `(1 − R²)^(m/2)`.
#[test]
fn the_test_of_a_dose_response_is_that_of_f() {
    let noise = [0.03, -0.02, 0.01, -0.03, 0.04, 0.0, -0.01, 0.02, 0.03, -0.04];
    let levels: Vec<(f64, f64)> = (0..10_i32).map(|i| (10.0 * 2.0_f64.powi(i / 2), 1.0 + noise[i as usize])).collect();
    let method = Method { fixed: Fixed { a: Some(1.0), ..Fixed::default() }, ..Method::default() };
    let curve = fit(&wells(&levels), &method).unwrap();
    let (rss, total) = sums(&curve);
    let expected = libm::pow(rss / total, 3.5);
    let p_value = curve.verdict().reasons.iter().find_map(|reason| match reason {
        Reason::NoDoseResponse { p_value } => Some(*p_value),
        _ => None,
    });
    assert!(near(p_value, expected), "{p_value:?} {expected}");
    assert!(!curve.verdict().usable);
    assert_eq!(curve.invert(1.01, 2).status, InverseStatus::NoDoseResponse);
}

/// Eight levels in duplicate, ±0.05 each, with a third well at the top: the noise within levels has nine degrees of freedom and the
/// variance s² = (7 × 0.005 + 0.005) / 9. Between a top of three wells and a last level of two, chance makes a difference above
/// t s √(1/3 + 1/2) in 1 of 100 cases, t = 3.2498: 0.19777. (That is more than 3 % of the range.)
#[test]
fn a_hook_is_a_way_back_beyond_the_noise_of_the_wells() {
    let truth = Parameters { a: 0.1, d: 3.0, c: 60.0, b: 1.5, g: 1.0 };
    let plate = |back: f64, falling: bool| {
        let mut of = Vec::new();
        for i in 0..8_i32 {
            let x = 5.0 * 2.0_f64.powi(i);
            let top = Model::FourParameter.response(&truth, 320.0);
            let mean = if i == 7 { top - back } else { Model::FourParameter.response(&truth, x) };
            of.extend([(x, mean - 0.05), (x, mean + 0.05)]);
            if i == 6 {
                of.push((x, mean));
            }
        }
        let side = |(x, y): (f64, f64)| (x, if falling { 4.0 - y } else { y });
        fitted(&of.into_iter().map(side).collect::<Vec<_>>())
    };
    for falling in [false, true] {
        let hooked = plate(0.199, falling);
        let found = hooked.verdict().reasons.iter().find_map(|reason| match reason {
            Reason::Hook { concentration, .. } => Some(*concentration),
            _ => None,
        });
        assert_eq!(found, Some(320.0), "{:?}", hooked.verdict());
        // Usable up to the highest level, the top at most, that reads back within 25 %: x = c ((y − a) / (d − y))^(1/b).
        let p = hooked.parameters();
        let reads_back = |i: &i32| {
            let (x, top) = (5.0 * 2.0_f64.powi(*i), Model::FourParameter.response(&truth, 5.0 * 2.0_f64.powi(*i)));
            let mean = if falling { 4.0 - top } else { top };
            (p.c * libm::pow((mean - p.a) / (p.d - mean), 1.0 / p.b) / x - 1.0).abs() <= 0.25
        };
        let highest = (0..7_i32).rev().find(reads_back).map(|i| 5.0 * 2.0_f64.powi(i));
        assert_eq!(hooked.verdict().usable_up_to, highest);
        assert!(!names(&plate(0.1965, falling)).contains(&"hook"), "falling: {falling}");
    }
}

#[test]
fn a_verdict_says_how_far_the_curve_may_be_used() {
    let verdict = |usable, usable_up_to| CurveVerdict { usable, usable_up_to, reasons: Vec::new() }.words();
    assert_eq!(verdict(true, None), "usable");
    assert_eq!(verdict(true, Some(500.0)), "usable up to 500");
    assert_eq!(verdict(false, Some(500.0)), "not usable");
}

/// Six levels in pairs and four parameters: the lack of fit has 2 degrees of freedom, noise 6, and the upper tail of F(2, 6) is
/// `(1 + 2F/6)^−3`.
#[test]
fn a_lack_of_fit_is_what_is_left_beside_the_noise_of_the_wells() {
    let levels = [(10.0, 0.30), (30.0, 0.62), (90.0, 1.30), (270.0, 1.95), (810.0, 2.52), (2430.0, 2.60)];
    let curve = fitted(&levels.iter().flat_map(|&(x, y)| [(x, y - 0.05), (x, y + 0.05)]).collect::<Vec<_>>());
    let pure = 6.0 * 2.0 * 0.05 * 0.05;
    let f = (sums(&curve).0 - pure) / 2.0 / (pure / 6.0);
    let lack = curve.lack_of_fit().unwrap();
    assert!(near(Some(lack.p_value), libm::pow(1.0 + f / 3.0, -3.0)), "{lack:?} {f}");
    // Four levels leave nothing that could lack, and single wells no noise to compare with.
    let four: Vec<(f64, f64)> = levels[..4].iter().flat_map(|&(x, y)| [(x, y - 0.05), (x, y + 0.05)]).collect();
    assert!(fitted(&four).lack_of_fit().is_none());
    assert!(fitted(&levels).lack_of_fit().is_none());
}

/// The lowest standard that is not zero is 31.25, the highest 4000.
#[test]
fn a_concentration_is_inside_the_standards_or_beyond_them() {
    let curve = fitted(&PLATE);
    let status = |x: f64| curve.invert(curve.response(x), 2).status;
    assert_eq!([31.25, 32.0, 500.0, 3900.0, 4000.0].map(status), [InverseStatus::InsideStandards; 5]);
    assert_eq!([5.0, 30.0].map(status), [InverseStatus::BelowLowestStandard; 2]);
    assert_eq!([4100.0, 9000.0].map(status), [InverseStatus::AboveHighestStandard; 2]);
    assert_eq!([0.01, 5.0].map(|y| curve.invert(y, 2).status), [InverseStatus::BelowCurve, InverseStatus::AboveCurve]);
}

/// Where θ comes from these wells, ln v is a straight line in z = ∂ ln v / ∂θ = 2 ln μ fitted to them, and a variance away from the
/// middle of z has `df / (1 + N (z − z̄)² / Σ (z − z̄)²)` degrees of freedom.
#[test]
fn a_variance_is_less_certain_towards_the_ends_of_the_wells() {
    let curve = fit(&wells(&PLATE), &Method { variance: Variance::Power, ..Method::default() }).unwrap();
    let z = |mean: f64| 2.0 * libm::log(mean);
    let of_wells: Vec<f64> = PLATE.iter().map(|&(x, _)| z(curve.response(x))).collect();
    let middle = of_wells.iter().sum::<f64>() / 16.0;
    let spread = of_wells.iter().map(|z| (z - middle).powi(2)).sum::<f64>();
    for mean in [0.06, 0.3, 1.0, 2.6] {
        let expected = 12.0 / (1.0 + 16.0 * (z(mean) - middle).powi(2) / spread);
        assert!(near(Some(curve.variance_df(mean)), expected), "{mean}: {} {expected}", curve.variance_df(mean));
    }
    assert_eq!(fitted(&PLATE).variance_df(0.06), 12.0, "a known variance model");
}

#[test]
fn a_probability_is_written_with_the_digits_that_tell() {
    let words = |p_value: f64| Reason::NoDoseResponse { p_value }.to_string();
    let [small, limit, large] = [0.0051, 0.01, 0.5].map(words);
    assert!(
        small.ends_with("(p = 5.1e-3)") && limit.ends_with("(p = 0.01)") && large.ends_with("(p = 0.50)"),
        "{small}"
    );
}

/// Wells of a curve that runs up to a limit of its family: what runs away is not a number, what does not has its value.
#[test]
fn a_parameter_that_has_run_away_is_not_a_number() {
    let of = |model: Model, response: &dyn Fn(f64) -> f64| {
        let levels = (0..9_i32).map(|i| 100.0 * 2.0_f64.powi(i));
        let wells =
            levels.flat_map(|x| [0.001, -0.001].map(|by| Point { concentration: x, response: response(x) + by }));
        let curve = fit(&wells.collect::<Vec<_>>(), &Method { model, ..Method::default() }).unwrap();
        assert_eq!(
            curve.identified(),
            [curve.parameters().c, curve.parameters().g].iter().all(|value| !value.is_nan())
        );
        *curve.parameters()
    };
    let gone = |p: &Parameters| [p.a, p.d, p.c, p.b, p.g].map(f64::is_nan);
    let power = of(Model::FourParameter, &|x| 0.1 + 0.02 * x.sqrt());
    assert_eq!(gone(&power), [false, true, true, false, false], "{power:?}");
    assert!((power.a - 0.1).abs() < 0.005 && (power.b - 0.5).abs() < 0.005 && power.g == 1.0, "{power:?}");
    let inverse = of(Model::FourParameter, &|x| 3.0 - 20.0 / x.sqrt());
    assert_eq!(gone(&inverse), [true, false, true, false, false], "{inverse:?}");
    assert!((inverse.d - 3.0).abs() < 0.005 && (inverse.b - 0.5).abs() < 0.005, "{inverse:?}");
    let straight = of(Model::FourParameter, &|x| 0.3 * libm::log(x));
    assert_eq!(gone(&straight), [true, true, true, true, false], "{straight:?}");
    // Weibull and Fréchet curves, of the one 5PL and of the other: c and g have run away.
    let weibull = of(Model::FiveParameter, &|x| 3.0 * (1.0 - libm::exp(-x / 3000.0)));
    assert_eq!(gone(&weibull), [false, false, true, false, true], "{weibull:?}");
    let frechet = of(Model::FiveParameterMirror, &|x| 3.0 * libm::exp(-3000.0 / x));
    assert_eq!(gone(&frechet), [false, false, true, false, true], "{frechet:?}");
    // A 5PL has its own asymmetry, a 4PL that of 1.
    let truth = Parameters { a: 0.1, d: 3.0, c: 2000.0, b: 1.4, g: 0.6 };
    let five = of(Model::FiveParameter, &|x| Model::FiveParameter.response(&truth, x));
    assert!((five.g - 0.6).abs() < 0.02, "{five:?}");
}

/// Optical densities in another unit are the same plate: what is said of it, and where it is read, is the same.
#[test]
fn the_unit_of_the_response_makes_no_difference() {
    let noise = [0.02, -0.03, 0.01, 0.03, -0.02, -0.01, 0.03, -0.02];
    let truth = Parameters { a: 0.1, d: 3.0, c: 700.0, b: 1.1, g: 1.0 };
    let plate = |unit: f64, kept: usize, off: f64| {
        let levels = (0..kept).map(|i| (5.0 * 2.0_f64.powi(i as i32), noise[i] + if i == 1 { off } else { 0.0 }));
        let well = |x: f64, by: f64| (x, unit * (Model::FourParameter.response(&truth, x) + by));
        fitted(&levels.flat_map(|(x, by)| [well(x, 0.02 + by), well(x, by - 0.02)]).collect::<Vec<_>>())
    };
    for (kept, off) in [(6, 0.0), (7, 0.0), (8, 0.0), (8, 0.3)] {
        let one = plate(1.0, kept, off);
        assert!(kept > 7 || names(&one).contains(&"mid_point_not_determined"), "{kept}: {:?}", names(&one));
        for unit in [1e-3, 1e3] {
            let other = plate(unit, kept, off);
            assert_eq!(names(&one), names(&other));
            let [x, y] =
                [(&one, 0.4), (&other, 0.4 * unit)].map(|(curve, at)| curve.invert(at, 2).concentration.unwrap());
            assert!((x / y - 1.0).abs() < 1e-6, "{x} {y}");
        }
    }
}

/// The normal log-likelihood of the wells, one by one: of variances σ² / w, w one over the square of the level's mean, and σ² = RSS / N.
#[test]
fn a_likelihood_is_that_of_the_wells() {
    let method = Method { variance: Variance::Squared, variance_from: VarianceFrom::Observed, ..Method::default() };
    let curve = fit(&wells(&PLATE), &method).unwrap();
    let mean = |x: f64| {
        let level: Vec<f64> = PLATE.iter().filter(|well| well.0 == x).map(|well| well.1).collect();
        level.iter().sum::<f64>() / level.len() as f64
    };
    let sigma2 = curve.rss() / 16.0;
    let of_well = |&(x, y): &(f64, f64)| {
        let (variance, off) = (sigma2 * mean(x).powi(2), y - curve.response(x));
        -0.5 * (libm::log(2.0 * std::f64::consts::PI * variance) + off * off / variance)
    };
    let expected = PLATE.iter().map(of_well).sum::<f64>();
    assert!(near(curve.log_likelihood(), expected), "{:?} {expected}", curve.log_likelihood());
    let squares: f64 = PLATE.iter().map(|&(x, y)| ((y - curve.response(x)) / mean(x)).powi(2)).sum();
    assert!(near(Some(curve.rss()), squares));
}

/// Rounding is below 10⁻²⁶ of the squares. Without a degree of freedom there is no noise, whatever is left: four levels that turn back.
#[test]
fn what_is_left_is_noise_or_rounding() {
    let curve = fitted(&PLATE);
    let left = |share: f64| {
        let mut other = curve.clone();
        other.rss = share * other.total_sum_of_squares();
        (other.exact(), other.residual_sd().is_some())
    };
    assert_eq!([left(0.9e-26), left(1.1e-26), left(1e-20)], [(true, false), (false, true), (false, true)]);
    let turning = fitted(&[(1.0, 0.1), (2.0, 2.0), (4.0, 0.5), (8.0, 1.5)]);
    assert!(turning.df() == 0 && !turning.exact() && turning.residual_sd().is_none(), "{turning:?}");
}
