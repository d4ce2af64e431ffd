//! A floor and a percentage: the variance model with two components, against SciPy and on simulated plates.

use std::fs;
use std::path::Path;

use platewise::curve::{Method, Model, Parameters, Point, Variance, VarianceChoice, fit, pooled_variance_parameter};
use platewise::stats::random::Random;
use serde_json::Value;

const METHOD: Method = Method {
    model: Model::FourParameter,
    variance: Variance::TwoComponent,
    variance_from: platewise::curve::VarianceFrom::Fitted,
    variance_parameter: None,
    fixed: platewise::curve::Fixed { a: None, d: None, c: None, b: None, g: None },
    bounds: platewise::curve::Bounds { a: None, d: None, c: None, b: None, g: None },
    confidence: 0.95,
};

fn read(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/curves").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{what}: {found}, expected {expected}");
}

/// `tests/bench/two_component.py` made the numbers.
#[test]
fn one_plates_own_components_are_those_of_scipy() {
    let references = read("two_component.json");
    let (mut plates, mut readings, mut at_an_end) = (0, 0, 0);
    for reference in references["references"].as_array().unwrap() {
        let name = reference["set"].as_str().unwrap();
        let set = read(&format!("real/{name}.json"));
        let numbers = |key: &str| set[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<_>>();
        let points: Vec<Point> = numbers("x")
            .into_iter()
            .zip(numbers("y"))
            .map(|(concentration, response)| Point { concentration, response })
            .collect();
        let curve = fit(&points, &METHOD).unwrap();
        let number = |key: &str| reference[key].as_f64().unwrap();
        let crossover = curve.variance_crossover().unwrap();
        close(&format!("{name} crossover"), crossover, number("crossover"), 1e-6 * number("crossover"));
        close(&format!("{name} rss"), curve.rss(), number("rss_weighted"), 1e-6 * number("rss_weighted"));
        close(&format!("{name} loglik"), curve.log_likelihood().unwrap(), number("loglik"), 1e-6);
        close(&format!("{name} aicc"), curve.aicc().unwrap(), number("aicc"), 1e-6);
        let (found, errors) = (curve.parameters(), curve.standard_errors().unwrap());
        for (i, (key, value)) in
            [("a", found.a), ("d", found.d), ("c", found.c), ("b", found.b)].into_iter().enumerate()
        {
            let se = reference["se_gauss_newton"][key].as_f64().unwrap();
            let expected = reference["estimates"][key].as_f64().unwrap();
            close(&format!("{name} {key}"), value, expected, 1e-6 * expected.abs().max(se));
            close(&format!("{name} SE of {key}"), errors[i].unwrap(), se, 1e-5 * se);
        }
        for inverse in reference["inverse"].as_array().unwrap() {
            for wells in 1..=3 {
                let expected = &inverse[format!("curve_plus_response_m{wells}")];
                let read = curve.invert(inverse["y0"].as_f64().unwrap(), wells);
                let what = format!("{name} at {}, {wells} wells", inverse["y0"]);
                let (x0, se) = (inverse["x0"].as_f64().unwrap(), expected["se"].as_f64().unwrap());
                close(&what, read.concentration.unwrap(), x0, 1e-6 * x0);
                close(&what, read.standard_error.unwrap(), se, 1e-5 * se);
                for (found, limit) in
                    [read.lower, read.upper].into_iter().zip(expected["ci95_inversion"].as_array().unwrap())
                {
                    close(&what, found.unwrap(), limit.as_f64().unwrap(), 1e-4 * se);
                    readings += 1;
                }
            }
        }
        plates += 1;
        at_an_end += usize::from(reference["component_not_seen"] == true);
    }
    assert_eq!((plates, readings, at_an_end), (6, 108, 5), "one plate seldom shows both components");
}

/// Plates with a floor of 0.01 and a CV of 4 %: equal at 0.25.
fn plates(n: usize, seed: u64) -> Vec<Vec<Point>> {
    let truth = Parameters { a: 0.06, d: 2.8, c: 400.0, b: 1.1, g: 1.0 };
    let mut random = Random::new(seed);
    let mut well = |concentration: f64| {
        let mean = Model::FourParameter.response(&truth, concentration);
        Point { concentration, response: mean + 0.01f64.hypot(0.04 * mean) * random.normal() }
    };
    let levels = [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0];
    (0..n).map(|_| levels.iter().flat_map(|&x| [well(x), well(x)]).collect()).collect()
}

fn pooled(plates: &[Vec<Point>]) -> f64 {
    let plates: Vec<(&[Point], &Method)> = plates.iter().map(|points| (points.as_slice(), &METHOD)).collect();
    pooled_variance_parameter(Variance::TwoComponent, &plates).unwrap()
}

#[test]
fn both_components_are_found_again_across_plates() {
    let (mut crossovers, mut percents) = (Vec::new(), Vec::new());
    for study in 0..10 {
        let plates = plates(40, study);
        let crossover = pooled(&plates);
        let method = Method { variance_parameter: Some(crossover), ..METHOD };
        let curves = plates.iter().map(|points| fit(points, &method).unwrap());
        percents.push((curves.map(|curve| curve.residual_sd().unwrap().powi(2)).sum::<f64>() / 40.0).sqrt());
        crossovers.push(crossover);
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    println!("crossover {:.4}, percent {:.4}: {crossovers:.3?}", mean(&crossovers), mean(&percents));
    assert!((mean(&crossovers) / 0.25 - 1.0).abs() < 0.1 && (mean(&percents) / 0.04 - 1.0).abs() < 0.05);
}

#[test]
fn wells_with_both_components_speak_for_them_across_plates_only() {
    let plates = plates(40, 3);
    let points: Vec<&[Point]> = plates.iter().map(Vec::as_slice).collect();
    let choice = VarianceChoice::of(&points, &Method::default()).unwrap();
    assert_eq!(choice.best(), Variance::TwoComponent, "{choice:?}");
    assert!(choice.speaks_against(Variance::Constant).is_some() && choice.speaks_against(Variance::Squared).is_some());
    let alone = VarianceChoice::of(&points[..1], &Method::default()).unwrap();
    assert!(alone.models.iter().all(|(model, _)| *model != Variance::TwoComponent), "{alone:?}");
}

/// In another unit of the response the crossover is another number, and concentrations and their intervals are the same.
#[test]
fn the_unit_of_the_responses_does_not_matter() {
    let one = plates(6, 5);
    let other: Vec<Vec<Point>> =
        one.iter().map(|wells| wells.iter().map(|p| Point { response: 1000.0 * p.response, ..*p }).collect()).collect();
    assert!((pooled(&other) / pooled(&one) / 1000.0 - 1.0).abs() < 1e-6);
    for (one, other) in one.iter().zip(&other) {
        let (one, other) = (fit(one, &METHOD).unwrap().invert(0.8, 2), fit(other, &METHOD).unwrap().invert(800.0, 2));
        for (one, other) in
            [(one.concentration, other.concentration), (one.lower, other.lower), (one.upper, other.upper)]
        {
            close("concentration", other.unwrap(), one.unwrap(), 1e-6 * one.unwrap());
        }
    }
}

/// A crossover far below the responses is squared variance, far above them constant variance.
#[test]
fn at_its_ends_it_is_the_simple_models() {
    let points = &plates(1, 9)[0];
    for (crossover, variance) in [(1e-7, Variance::Squared), (1e6, Variance::Constant)] {
        let simple = fit(points, &Method { variance, ..METHOD }).unwrap().invert(0.8, 2);
        let found = fit(points, &Method { variance_parameter: Some(crossover), ..METHOD }).unwrap().invert(0.8, 2);
        for (found, simple) in
            [(found.concentration, simple.concentration), (found.lower, simple.lower), (found.upper, simple.upper)]
        {
            close(variance.name(), found.unwrap(), simple.unwrap(), 1e-6 * simple.unwrap());
        }
    }
}
