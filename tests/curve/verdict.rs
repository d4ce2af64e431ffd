//! What a fit says about itself: the designed hard cases, symmetries, and inputs that are not curves.

use std::fs;
use std::path::Path;

use platewise::curve::{
    FitError, Fixed, InverseStatus, Method, Model, Parameters, Point, Reason, Redraw, StandardCurve, Variance,
    VarianceFrom, fit, pooled_variance_parameter,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::support::random_curves::draw;

fn points(name: &str) -> Vec<Point> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/curves/hard/{name}.json"));
    let set: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let numbers = |name: &str| set[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<f64>>();
    numbers("x")
        .into_iter()
        .zip(numbers("y"))
        .map(|(concentration, response)| Point { concentration, response })
        .collect()
}

fn reasons(curve: &StandardCurve) -> Vec<&'static str> {
    curve.verdict().reasons.iter().map(|reason| reason.name()).collect()
}

fn with(variance: Variance) -> Method {
    Method { variance, ..Method::default() }
}

#[test]
fn the_hard_cases_get_the_reason_that_they_were_made_for() {
    for (name, usable, reason) in [
        ("hc_incomplete_upper_A", true, "upper_plateau_not_reached"),
        ("hc_incomplete_lower_A", true, "lower_plateau_not_reached"),
        ("hc_hook_A", true, "hook"),
        ("hc_step_A", false, "slope_not_identified"),
        ("hc_flat_A", false, "no_dose_response"),
        ("hc_outlier_A", true, "suspicious_well"),
        ("hc_noisefree_A", true, "exact_fit"),
        ("hc_exact_linear_A", true, "not_attained"),
        ("hc_near_linear_A", true, "upper_plateau_not_reached"),
    ] {
        for variance in [Variance::Constant, Variance::Squared] {
            let curve = fit(&points(name), &with(variance)).unwrap();
            assert_eq!(curve.verdict().usable, usable, "{name}");
            assert!(reasons(&curve).contains(&reason), "{name}: {:?}", reasons(&curve));
        }
    }
    for name in ["hc_8decades_A", "hc_triplicate_lowsignal_A"] {
        let curve = fit(&points(name), &Method::default()).unwrap();
        assert_eq!(reasons(&curve), Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn every_other_reason_has_a_case_too() {
    let observed = |variance| Method { variance_from: VarianceFrom::Observed, ..with(variance) };
    let five = |method| Method { model: Model::FiveParameter, ..method };
    let constant = || with(Variance::Constant);
    for (name, method, reason) in [
        ("hc_five_points_A", five(constant()), "no_degrees_of_freedom"),
        ("hc_five_points_A", five(constant()), "mid_point_outside_standards"),
        ("hc_five_points_A", with(Variance::Power), "variance_not_settled"),
        ("hc_zero_A", with(Variance::Power), "own_variance_parameter"),
        ("hc_hook_A", constant(), "lack_of_fit"),
        ("hc_singletons7_A", observed(Variance::Squared), "one_well_drives_the_fit"),
        ("hc_steep_A", five(observed(Variance::Squared)), "mid_point_not_determined"),
    ] {
        let curve = fit(&points(name), &method).unwrap();
        assert!(reasons(&curve).contains(&reason), "{name}: {:?}", reasons(&curve));
        if reason == "no_degrees_of_freedom" {
            assert_eq!((curve.standard_errors(), curve.invert(1.0, 2).lower), (None, None), "{name}");
        }
    }
}

/// Random curve 32903, seed 1, has minima of 0.386907266 and 2.129896523 from SciPy's Nelder–Mead as well. The second ones of 30010 and of
/// `hc_steep_A` were a step and a kink between two standards, which the family runs to: the open interval of the slope tells of these.
#[test]
fn two_optima_are_two_minima_of_the_family() {
    let random = |number| {
        let drawn = draw(1, number);
        fit(&drawn.points, &drawn.method).unwrap()
    };
    let two = random(32903);
    let distance = two.verdict().reasons.iter().find_map(|reason| match reason {
        Reason::TwoOptima { distance_percent, .. } => Some(*distance_percent),
        _ => None,
    });
    assert!((distance.unwrap() - 100.0 * (2.129_896_523 / 0.386_907_266 - 1.0)).abs() < 1e-4, "{distance:?}");
    assert_eq!(reasons(&random(30010)), Vec::<&str>::new());
    let steep =
        Method { model: Model::FiveParameter, variance_from: VarianceFrom::Observed, ..with(Variance::Squared) };
    assert!(!reasons(&fit(&points("hc_steep_A"), &steep).unwrap()).contains(&"two_optima"));
}

#[test]
fn a_hook_leaves_a_curve_usable_up_to_the_last_standard_that_reads_back() {
    let curve = fit(&points("hc_hook_A"), &with(Variance::Constant)).unwrap();
    let verdict = curve.verdict();
    let highest = verdict.usable_up_to.unwrap();
    assert!(verdict.usable && highest < 500.0 && verdict.words() == format!("usable up to {highest}"), "{verdict:?}");
    // Where the standards go wrong no concentration is read, although the curve has one; below it is.
    for level in curve.levels().iter().filter(|level| level.concentration > 0.0) {
        let read = curve.invert(curve.response(level.concentration), 2);
        let inside = level.concentration <= highest;
        assert_eq!(
            (read.status == InverseStatus::AboveHook, read.concentration.is_some()),
            (!inside, inside),
            "{level:?}"
        );
        assert!(!inside || level.concentration < highest || level.bias_percent.unwrap().abs() <= 25.0, "{level:?}");
    }
    // A hook at once: nothing before the turn reads back.
    let falling = [(1.0, 2.0), (2.0, 2.5), (4.0, 0.4), (8.0, 0.35), (16.0, 0.3), (32.0, 0.3)];
    let wells = falling.map(|(concentration, response)| Point { concentration, response });
    let method = Method { fixed: Fixed { a: Some(0.05), ..Fixed::default() }, ..Method::default() };
    let curve = fit(&wells, &method).unwrap();
    for reason in curve.verdict().reasons.iter().filter(|reason| reason.name() == "hook") {
        assert_eq!(reason.decides(), curve.verdict().usable_up_to.is_none());
        assert_eq!(curve.verdict().usable, curve.verdict().usable_up_to.is_some());
    }
}

#[test]
fn a_missing_plateau_takes_no_concentration_inside_the_standards_away() {
    let curve = fit(&points("hc_incomplete_upper_A"), &with(Variance::Squared)).unwrap();
    assert!(!curve.identified() && curve.parameters().d.is_nan() && curve.parameters().c.is_nan());
    for level in &curve.levels()[1..] {
        assert!(level.bias_percent.unwrap().abs() < 15.0, "{level:?}");
    }
    let inside = curve.invert(0.2, 2);
    assert_eq!(inside.status, InverseStatus::InsideStandards);
    assert!(inside.lower.unwrap() < inside.concentration.unwrap() && inside.concentration < inside.upper);
    // Beyond the standards the missing plateau matters.
    let beyond = curve.invert(2.0, 2);
    assert_eq!((beyond.status, beyond.concentration), (InverseStatus::PlateauNotDetermined, None));
}

#[test]
fn a_step_and_a_flat_plate_give_no_concentration() {
    let step = fit(&points("hc_step_A"), &Method::default()).unwrap();
    assert_eq!((step.invert(1.0, 1).status, step.invert(1.0, 1).concentration), (InverseStatus::OnStep, None));
    let flat = fit(&points("hc_flat_A"), &Method::default()).unwrap();
    let read = flat.invert(0.085, 1);
    assert_eq!((read.status, read.concentration), (InverseStatus::NoDoseResponse, None));
}

#[test]
fn what_is_no_curve_is_an_error_in_words() {
    let at = |concentration: f64, response: f64| Point { concentration, response };
    let good: Vec<Point> = (0..8).map(|i| at(f64::from(i), f64::from(i).sqrt())).collect();
    let with = |index: usize, point: Point| {
        let mut points = good.clone();
        points[index] = point;
        fit(&points, &Method::default()).unwrap_err()
    };
    assert!(matches!(with(3, at(f64::NAN, 1.0)), FitError::Concentration { index: 3, .. }));
    assert!(matches!(with(3, at(-1.0, 1.0)), FitError::Concentration { index: 3, .. }));
    assert!(matches!(with(2, at(2.0, f64::INFINITY)), FitError::Response { index: 2, .. }));
    assert_eq!(fit(&good[..3], &Method::default()).unwrap_err(), FitError::TooFewLevels { levels: 3, parameters: 4 });
    assert!(fit(&[], &Method::default()).is_err());
    let same: Vec<Point> = good.iter().map(|point| at(point.concentration, 0.1)).collect();
    assert_eq!(fit(&same, &Method::default()).unwrap_err(), FitError::Flat { response: 0.1 });
    let wrong = Method { fixed: Fixed { c: Some(-1.0), ..Fixed::default() }, ..Method::default() };
    assert_eq!(fit(&good, &wrong).unwrap_err().to_string(), "c is fixed to -1, which is not a number > 0");
}

#[test]
fn a_mid_point_beyond_all_numbers_is_not_identified() {
    let low = [-337.66, 878.53, -645.79, -557.36].map(|response| (1e-300, response));
    let zero = [-966.84, 536.11, -519.18].map(|response| (0.0, response));
    let wells = [low.as_slice(), &zero, &[(412316.476, 164.756), (1e300, 906.94)]].concat();
    let point = |(concentration, response)| Point { concentration, response };
    let points: Vec<Point> = wells.into_iter().map(point).collect();
    let curve = fit(&points, &Method::default()).unwrap();
    assert!(!curve.identified() || curve.parameters().c.is_finite(), "{:?}", curve.parameters());
    assert!(curve.standard_errors().iter().flatten().flatten().all(|se| se.is_finite()));
}

#[test]
fn fixed_and_bounded_parameters_stay_where_they_must() {
    let points = points("hc_zero_A");
    let free = fit(&points, &Method::default()).unwrap();
    let fixed = Fixed { a: Some(0.06), b: Some(1.1), ..Fixed::default() };
    let curve = fit(&points, &Method { fixed, ..Method::default() }).unwrap();
    assert_eq!((curve.parameters().a, curve.fitted_parameters()), (0.06, 2));
    assert!((curve.parameters().b - 1.1).abs() < 1e-12 && curve.rss() > free.rss());
    let errors = curve.standard_errors().unwrap();
    assert!(errors[0].is_none() && errors[3].is_none() && errors[1].is_some() && errors[2].is_some());
    let mut method = Method::default();
    let limit = 0.8 * free.parameters().d;
    method.bounds.d = Some((0.0, limit));
    let curve = fit(&points, &method).unwrap();
    assert!((curve.parameters().d - limit).abs() < 1e-9 && reasons(&curve).contains(&"at_bound"));
}

/// Numbers between 0 and 1 (a linear congruential generator, Knuth's MMIX), and of them standard normal ones (Box & Muller).
fn normal(state: &mut u64) -> f64 {
    let mut uniform = || {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((*state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    };
    (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
}

#[test]
fn resampled_plates_spread_as_the_standard_errors_say() {
    let (wells, method) = (points("hc_8decades_A"), Method::default());
    let curve = fit(&wells, &method).unwrap();
    let redraw = Redraw::new(&curve).unwrap();
    let mut state = 11;
    let mut resample = |well: &Point| Point {
        response: redraw.response(curve.response(well.concentration), normal(&mut state)),
        ..*well
    };
    let resampled: Vec<Parameters> = (0..1000)
        .map(|_| *fit(&wells.iter().map(&mut resample).collect::<Vec<_>>(), &method).unwrap().parameters())
        .collect();
    let errors = curve.standard_errors().unwrap();
    for (i, pick) in
        [|p: &Parameters| p.a, |p: &Parameters| p.d, |p: &Parameters| p.c, |p: &Parameters| p.b].iter().enumerate()
    {
        let mean = resampled.iter().map(pick).sum::<f64>() / resampled.len() as f64;
        let variance = resampled.iter().map(|p| (pick(p) - mean).powi(2)).sum::<f64>() / resampled.len() as f64;
        let ratio = variance.sqrt() / errors[i].unwrap();
        // The SD of 1,000 has a standard error of 2.2 %.
        assert!((0.9..1.1).contains(&ratio), "parameter {i}: {ratio}");
    }
}

#[test]
fn one_plate_and_its_copies_have_the_same_exponent() {
    let points = points("hc_decreasing_A");
    let method = with(Variance::Power);
    let plate = (points.as_slice(), &method);
    let alone = pooled_variance_parameter(Variance::Power, &[plate]).unwrap();
    let pooled = pooled_variance_parameter(Variance::Power, &[plate, plate, plate]).unwrap();
    assert!((alone - pooled).abs() < 1e-6, "{alone} {pooled}");
    // By likelihood instead of restricted likelihood it differs, but not by much.
    let by_likelihood = fit(&points, &method).unwrap().variance_exponent().unwrap();
    assert!((alone - by_likelihood).abs() < 0.3, "{alone} {by_likelihood}");
}

/// A curve with noise that a test may draw.
fn plate() -> impl Strategy<Value = Vec<Point>> {
    (0.02..0.2f64, 1.5..3.5f64, 5.0..7.0f64, 0.8..2.0f64, any::<bool>(), prop::collection::vec(-0.02..0.02f64, 16))
        .prop_map(|(a, d, ln_c, b, rising, noise)| {
            let (a, d) = if rising { (a, d) } else { (d, a) };
            let truth = Parameters { a, d, c: ln_c.exp(), b, g: 1.0 };
            [0.0, 15.6, 62.5, 125.0, 250.0, 500.0, 1000.0, 4000.0]
                .into_iter()
                .flat_map(|x| [x, x])
                .zip(noise)
                .map(|(x, noise)| Point {
                    concentration: x,
                    response: Model::FourParameter.response(&truth, x) + noise,
                })
                .collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn units_do_not_matter(points in plate(), scale in 1e-6..1e6f64) {
        let scaled: Vec<Point> =
            points.iter().map(|p| Point { concentration: p.concentration * scale, response: p.response * 1000.0 }).collect();
        let (one, other) = (fit(&points, &Method::default()).unwrap(), fit(&scaled, &Method::default()).unwrap());
        prop_assert_eq!(one.identified(), other.identified());
        if one.identified() {
            let (p, q) = (one.parameters(), other.parameters());
            prop_assert!((q.c / p.c / scale - 1.0).abs() < 1e-5);
            prop_assert!((q.b / p.b - 1.0).abs() < 1e-6);
            prop_assert!((q.d / p.d / 1000.0 - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn the_order_of_wells_does_not_matter(points in plate()) {
        let mut reversed = points.clone();
        reversed.reverse();
        let (one, other) = (fit(&points, &Method::default()).unwrap(), fit(&reversed, &Method::default()).unwrap());
        prop_assert!((one.rss() / other.rss() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_curve_upside_down_reads_the_same_concentrations(points in plate()) {
        let flipped: Vec<Point> = points.iter().map(|p| Point { response: 4.0 - p.response, ..*p }).collect();
        let (one, other) = (fit(&points, &Method::default()).unwrap(), fit(&flipped, &Method::default()).unwrap());
        prop_assert_eq!(one.rising(), !other.rising());
        let (read, mirrored) = (one.invert(1.0, 2), other.invert(3.0, 2));
        prop_assert_eq!(read.concentration.is_some(), mirrored.concentration.is_some());
        if let (Some(x), Some(y)) = (read.concentration, mirrored.concentration) {
            prop_assert!((x / y - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn reading_a_curve_at_its_own_response_gives_the_concentration(points in plate(), x in 20.0..3000.0f64) {
        let curve = fit(&points, &Method::default()).unwrap();
        if curve.identified() {
            let read = curve.invert(curve.response(x), 1);
            prop_assert!((read.concentration.unwrap() / x - 1.0).abs() < 1e-6);
            prop_assert!(read.lower.is_none_or(|lower| lower <= x * (1.0 + 1e-9)));
            prop_assert!(read.upper.is_none_or(|upper| upper >= x * (1.0 - 1e-9)));
        }
    }

    #[test]
    fn no_input_panics_or_gives_a_number_that_is_none(
        wells in prop::collection::vec((prop_oneof![Just(0.0), 0.0..1e6f64, Just(1e-300), Just(1e300)], -1e3..1e3f64), 0..20),
        five in any::<bool>(),
        variance in prop_oneof![
            Just(Variance::Constant), Just(Variance::Proportional), Just(Variance::Squared), Just(Variance::Power)
        ],
        observed in any::<bool>(),
        response in -1e4..1e4f64,
    ) {
        let points: Vec<Point> = wells.iter().map(|&(concentration, response)| Point { concentration, response }).collect();
        let method = Method {
            model: if five { Model::FiveParameterMirror } else { Model::FourParameter },
            variance,
            variance_from: if observed { VarianceFrom::Observed } else { VarianceFrom::Fitted },
            ..Method::default()
        };
        if let Ok(curve) = fit(&points, &method) {
            let read = curve.invert(response, 2);
            for value in [read.concentration, read.standard_error, read.lower, read.upper].into_iter().flatten() {
                prop_assert!(value.is_finite() && value >= 0.0, "{read:?}");
            }
            prop_assert!(curve.rss() >= 0.0);
            prop_assert!(curve.standard_errors().iter().flatten().flatten().all(|se| se.is_finite()));
        }
    }
}
