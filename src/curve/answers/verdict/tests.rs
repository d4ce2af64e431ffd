//! Each reason at its limit.

use super::*;
use crate::curve::fitting::quad::Quad;
use crate::curve::fitting::solver::Converged;
use crate::curve::{Bounds, Fixed, Method, Model, Parameters, Point, Variance, fit};

/// What is said of the plateaus of an exact curve whose standards go from `lowest` to `highest`, 400 being its mid-point.
fn plateaus_of(lowest: f64, highest: f64, zero: bool) -> Vec<&'static str> {
    let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
    let step = libm::log(highest / lowest) / 7.0;
    let levels = (0..8).map(|i| lowest * libm::exp(step * f64::from(i))).chain(zero.then_some(0.0));
    let well = |x: f64| Point { concentration: x, response: Model::FourParameter.response(&truth, x) };
    let points: Vec<Point> = levels.flat_map(|x| [well(x), well(x)]).collect();
    let curve = fit(&points, &Method::default()).unwrap();
    let names = curve.verdict().reasons.iter().map(Reason::name);
    names.filter(|name| name.contains("plateau")).collect()
}

/// At x the curve is 1 / (1 + (x / 400)^−1.2) of its way up: at 150 it is 23.6 %, at 250 36.3 %; at 700 66.2 %, at 1000 75.0 %.
/// The limits are 30 % and 70 %.
#[test]
fn a_plateau_is_missing_on_the_side_where_the_standards_stop_short() {
    assert_eq!(plateaus_of(150.0, 40_000.0, false), Vec::<&str>::new());
    assert_eq!(plateaus_of(250.0, 40_000.0, false), ["lower_plateau_not_reached"]);
    assert_eq!(plateaus_of(250.0, 40_000.0, true), Vec::<&str>::new(), "a zero standard lies on it");
    assert_eq!(plateaus_of(5.0, 1000.0, false), Vec::<&str>::new());
    assert_eq!(plateaus_of(5.0, 700.0, false), ["upper_plateau_not_reached"]);
    // 29.7 % at 195 and 30.3 % at 200; 69.7 % at 800 and 70.3 % at 820.
    assert_eq!(plateaus_of(195.0, 40_000.0, false), Vec::<&str>::new());
    assert_eq!(plateaus_of(200.0, 40_000.0, false), ["lower_plateau_not_reached"]);
    assert_eq!(plateaus_of(5.0, 820.0, false), Vec::<&str>::new());
    assert_eq!(plateaus_of(5.0, 800.0, false), ["upper_plateau_not_reached"]);
}

/// A limit of the family is as likely while its sum of squares is at most 1 + t² / df times that of the curve: of sixteen wells and four
/// parameters t is 2.178813, and the factor 1.395602.
#[test]
fn a_limit_is_as_likely_within_the_confidence_region() {
    let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
    let noise = [0.03, -0.02, 0.01, -0.03, 0.02, 0.03, -0.01, -0.02];
    let well = |i: usize, sign: f64| {
        let x = 31.25 * f64::from(1_u32 << i);
        let response = Model::FourParameter.response(&truth, x) + noise[i] + 0.01 * sign;
        Point { concentration: x, response }
    };
    let points: Vec<Point> = (0..8).flat_map(|i| [well(i, 1.0), well(i, -1.0)]).collect();
    let curve = fit(&points, &Method::default()).unwrap();
    let of = |factor: f64| {
        let mut other = curve.clone();
        other.rss = (curve.shape.rss() + curve.pure_error()) / factor;
        as_likely(&other, &curve.shape)
    };
    assert_eq!([of(1.0), of(1.3955), of(1.3957)], [true, true, false]);
}

/// Eight levels in pairs, ±0.001 each, from 5 to 640 by two.
fn quiet(response: impl Fn(f64) -> f64, method: &Method) -> StandardCurve {
    let levels = (0..8_u32).map(|i| 5.0 * f64::from(1_u32 << i));
    let wells = levels.flat_map(|x| [0.001, -0.001].map(|by| (x, response(x) + by)));
    let points: Vec<Point> = wells.map(|(concentration, response)| Point { concentration, response }).collect();
    fit(&points, method).unwrap()
}

fn sigmoid(x: f64) -> f64 {
    Model::FourParameter.response(&Parameters { a: 0.1, d: 3.0, c: 60.0, b: 1.5, g: 1.0 }, x)
}

/// The noise of the wells, 0.001, makes any way back significant; one of 3 % of the range from the lowest level to the top is none.
#[test]
fn a_way_back_of_less_than_three_percent_of_the_range_is_no_hook() {
    let curve = quiet(sigmoid, &Method::default());
    let turned = |percent: f64, highest: f64| {
        let mut curve = curve.clone();
        let range = curve.standards[7].mean - curve.standards[0].mean;
        // Level 6 as high as the last was, the last so much lower.
        curve.standards[6].mean = curve.standards[7].mean;
        curve.standards[7].mean -= 0.01 * percent * range;
        curve.standards[5].mean = curve.response(160.0 * highest);
        curve.standards[6].x = 320.0;
        hook(&curve)
    };
    assert_eq!(turned(2.98, 1.0), None);
    // The top itself reads back as 640, which it is not.
    let hook_up_to = |usable_up_to| Some(Reason::Hook { concentration: 320.0, usable_up_to });
    assert_eq!(turned(3.02, 1.0), hook_up_to(Some(160.0)));
    // Reading back is being within 25 %.
    assert_eq!(turned(5.0, 1.249), hook_up_to(Some(160.0)));
    assert_eq!(turned(5.0, 1.251), hook_up_to(Some(80.0)));
    assert_eq!(turned(5.0, 0.751), hook_up_to(Some(160.0)));
    assert_eq!(turned(5.0, 0.749), hook_up_to(Some(80.0)));
}

/// Another minimum counts up to 1 + t² / df times the sum of squares: of sixteen wells and four parameters 1.395602.
#[test]
fn another_minimum_is_an_optimum_within_the_confidence_region() {
    let curve = quiet(|x| sigmoid(x) + 0.003 * (0.07 * x).sin(), &Method::default());
    let problem = curve.family.problem(&curve.standards, &curve.weights);
    let Shape::Smooth { at, .. } = &curve.shape else { panic!("{:?}", curve.shape) };
    let minimum = Converged::standing(&problem, at.theta, &mut Quad::of(&curve.standards, &curve.weights)).unwrap();
    let found = |factor: f64| {
        let mut other = curve.clone();
        other.others = vec![minimum];
        other.rss = (minimum.rss + curve.pure_error()) / factor;
        match two_optima(&other) {
            Some(Reason::TwoOptima { c, distance_percent }) => Some((c, distance_percent)),
            _ => None,
        }
    };
    let (c, distance_percent) = found(1.3955).unwrap();
    assert!((c / curve.parameters.c - 1.0).abs() < 1e-12 && (distance_percent - 39.55).abs() < 1e-9);
    assert_eq!(found(1.3957), None);
    assert_eq!(found(1.0).map(|(_, percent)| percent < 1e-9), Some(true));
}

/// `0.1 + 0.02 √x` has no mid-point, nor has `0.3 ln x`.
#[test]
fn a_curve_without_a_mid_point_is_said_to_have_none() {
    let lost = |response: &dyn Fn(f64) -> f64| mid_point_not_determined(&quiet(response, &Method::default()));
    assert_eq!(lost(&|x| 0.1 + 0.02 * x.sqrt()), Some(Reason::MidPointNotDetermined));
    assert_eq!(lost(&|x| 0.3 * libm::log(x)), Some(Reason::MidPointNotDetermined));
    assert_eq!(lost(&sigmoid), None);
}

/// Of a curve from 0.1 to 3 with mid-point 1500 the standards show up to 22 % of the way, of one with mid-point 2 from 80 % on. A plateau that
/// is stated need not be among them, one that is looked for in a range must.
#[test]
fn a_stated_plateau_need_not_be_reached() {
    let reasons = |c: f64, fixed: Fixed, bounds: Bounds| {
        let truth = Parameters { a: 0.1, d: 3.0, c, b: 1.5, g: 1.0 };
        let response = |x: f64| Model::FourParameter.response(&truth, x);
        let curve = quiet(response, &Method { fixed, bounds, ..Method::default() });
        let mut reasons = Vec::new();
        plateaus(&curve, &mut reasons);
        reasons.iter().map(Reason::name).filter(|name| name.contains("plateau")).collect::<Vec<_>>()
    };
    let (stated, ranges) = (Fixed::default(), Bounds::default());
    assert_eq!(reasons(1500.0, Fixed { d: Some(3.0), ..stated }, ranges), Vec::<&str>::new());
    let range = Bounds { d: Some((2.9, 3.1)), ..ranges };
    assert_eq!(reasons(1500.0, stated, range), ["upper_plateau_not_reached"]);
    assert_eq!(reasons(2.0, Fixed { a: Some(0.1), ..stated }, ranges), Vec::<&str>::new());
    let range = Bounds { a: Some((0.05, 0.15)), ..ranges };
    assert_eq!(reasons(2.0, stated, range), ["lower_plateau_not_reached"]);
}

#[test]
fn a_variance_of_its_own_is_said_unless_nothing_is_left() {
    let of = |variance, response: &dyn Fn(f64) -> f64| {
        let curve = quiet(response, &Method { variance, ..Method::default() });
        curve.verdict().reasons.iter().any(|reason| matches!(reason, Reason::OwnVariance { .. }))
    };
    assert!(of(Variance::Power, &|x| sigmoid(x) * (1.0 + 0.02 * (0.9 * x).sin())));
    assert!(!of(Variance::Squared, &|x| sigmoid(x) * (1.0 + 0.02 * (0.9 * x).sin())));
    let mut curve = quiet(sigmoid, &Method { variance: Variance::Squared, ..Method::default() });
    (curve.law_estimated, curve.rss) = (true, 0.0);
    let reasons = judge(&curve).unwrap().reasons;
    assert!(reasons.contains(&Reason::ExactFit), "{reasons:?}");
    assert!(!reasons.iter().any(|reason| matches!(reason, Reason::OwnVariance { .. })), "{reasons:?}");
}

/// Wells of one level: the wells' own values decide. Small responses that follow the curve and count most, large ones that do not.
#[test]
fn the_plain_share_explained_is_that_of_the_wells() {
    let curve =
        quiet(|x| sigmoid(x) + 0.05 * (0.07 * x).sin(), &Method { variance: Variance::Squared, ..Method::default() });
    let n = curve.points().len() as f64;
    let mean = curve.points().iter().map(|well| well.response).sum::<f64>() / n;
    let about = |f: &dyn Fn(f64) -> f64| {
        curve.points().iter().map(|well| (well.response - f(well.concentration)).powi(2)).sum::<f64>()
    };
    let expected = 1.0 - about(&|x| curve.response(x)) / about(&|_| mean);
    assert!((plain_r_squared(&curve) - expected).abs() < 1e-12, "{}", plain_r_squared(&curve));
    assert!((curve.r_squared() - expected).abs() > 1e-6, "the weighted one is another");
}

/// The range that a way back is a share of is that of the levels above zero: here 0.4 from 2.6, with a zero standard far below.
#[test]
fn a_zero_standard_does_not_widen_the_range_of_a_hook() {
    let levels = [0.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0];
    let response = |x: f64| if x == 0.0 { 0.0 } else { sigmoid(60.0 + x) };
    let wells = levels.into_iter().flat_map(|x| [0.001, -0.001].map(|by| (x, response(x) + by)));
    let points: Vec<Point> = wells.map(|(concentration, response)| Point { concentration, response }).collect();
    let mut curve = fit(&points, &Method::default()).unwrap();
    let range = curve.standards[6].mean - curve.standards[1].mean;
    let mut turned = |percent: f64| {
        curve.standards[5].mean = curve.standards[1].mean + range;
        curve.standards[6].mean = curve.standards[5].mean - 0.01 * percent * range;
        hook(&curve).is_some()
    };
    assert!(!turned(2.9) && turned(3.1));
}

/// Three wells beside the first of their level tell the noise, 0.001; two do not, and the residuals of a curve that misses by 0.1 hide the
/// same way back.
#[test]
fn the_noise_of_a_hook_is_that_of_three_replicates_at_least() {
    let plate = |pairs: usize| {
        let mut points = Vec::new();
        for i in 0..8_usize {
            let concentration = 5.0 * 2.0_f64.powi(i as i32);
            let miss = if i % 2 == 0 { 0.1 } else { -0.1 };
            let mean =
                if i == 7 { sigmoid(320.0) - 0.25 } else { sigmoid(concentration) + miss * f64::from(u8::from(i < 6)) };
            points.push(Point { concentration, response: mean + 0.001 });
            if i < pairs {
                points.push(Point { concentration, response: mean - 0.001 });
            }
        }
        fit(&points, &Method::default()).unwrap()
    };
    assert!(hook(&plate(3)).is_some() && hook(&plate(2)).is_none());
}

/// Six levels in pairs and four parameters: the upper tail of F(2, 6) is (1 + F/3)⁻³.
#[test]
fn a_lack_of_fit_is_said_below_one_percent() {
    let levels = [10.0, 30.0, 90.0, 270.0, 810.0, 2430.0];
    let wells = levels.into_iter().flat_map(|x| [0.05, -0.05].map(|by| (x, sigmoid(x) + by)));
    let points: Vec<Point> = wells.map(|(concentration, response)| Point { concentration, response }).collect();
    let curve = fit(&points, &Method::default()).unwrap();
    let said = |p_value: f64| {
        let mut other = curve.clone();
        other.rss = curve.pure_error() * (1.0 + (libm::pow(p_value, -1.0 / 3.0) - 1.0) * 3.0 * 2.0 / 6.0);
        judge(&other).unwrap().reasons.iter().any(|reason| matches!(reason, Reason::LackOfFit { .. }))
    };
    assert!(said(0.009_97) && !said(0.010_03));
}

/// A plate with nothing to remark; and one whose power law has a reason of its own, but no other minimum.
#[test]
fn what_is_not_remarkable_is_not_said() {
    let noisy = |x: f64| sigmoid(x) + 0.0015 * (0.9 * x).sin();
    let reasons = |curve: &StandardCurve| curve.verdict().reasons.iter().map(Reason::name).collect::<Vec<_>>();
    let good = quiet(noisy, &Method::default());
    assert!(good.verdict().usable && good.identified());
    assert_eq!(reasons(&good), Vec::<&str>::new());
    let power = quiet(|x| 0.1 + 0.02 * x.sqrt(), &Method::default());
    assert!(!power.identified() && power.verdict().usable);
    let attained =
        |reason: &Reason| matches!(reason, Reason::NotAttained { parameters } if parameters.contains("a + k x^b"));
    assert!(power.verdict().reasons.iter().any(attained), "{:?}", power.verdict());
    assert!(!reasons(&power).contains(&"singular_covariance"));
    let Shape::Smooth { at, .. } = good.shape else { panic!("{:?}", good.shape) };
    let with_other =
        |curve: &StandardCurve| StandardCurve { others: vec![at], rss: 2.0 * at.rss + 1.0, ..curve.clone() };
    assert!(two_optima(&with_other(&good)).is_some() && two_optima(&with_other(&power)).is_none());
}
