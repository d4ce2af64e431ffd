//! How often a suspicious well is named, on plates where all wells are sound and on plates where one is not.
//!
//! A well is named below a chance of 1 % per plate, so on sound plates of the right variance model about one in a hundred has
//! a named well. Where the variance model is wrong, more would; a second question keeps that low (see
//! `StandardCurve::suspicious_wells`), and its price is paid in detection.

use platewise::curve::{Method, Model, Parameters, Point, Variance, VarianceFrom, fit};
use platewise::stats::random::Random;

const PLATES: usize = 2000;

/// SD = σ mean^θ.
#[derive(Clone, Copy)]
struct Noise {
    sigma: f64,
    theta: f64,
}

/// The noise of the laboratories, and the variance model that describes it.
const MODELS: [(Variance, Noise); 3] = [
    (Variance::Constant, Noise { sigma: 0.03, theta: 0.0 }),
    (Variance::Proportional, Noise { sigma: 0.03, theta: 0.5 }),
    (Variance::Squared, Noise { sigma: 0.05, theta: 1.0 }),
];

fn method(variance: Variance) -> Method {
    Method { variance, variance_from: VarianceFrom::Fitted, ..Method::default() }
}

/// Sixteen wells in duplicate; one of them, `off` standard deviations from where it belongs.
fn plate(random: &mut Random, noise: Noise, off: f64) -> (Vec<Point>, usize) {
    let truth = Parameters {
        a: 0.05 + 0.03 * random.uniform(),
        d: 2.6 + random.uniform(),
        c: 300.0 + 300.0 * random.uniform(),
        b: 0.9 + 0.4 * random.uniform(),
        g: 1.0,
    };
    let odd = random.below(16);
    let side = if random.uniform() < 0.5 { -1.0 } else { 1.0 };
    let levels = [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0].into_iter().flat_map(|x| [x, x]);
    let wells = levels.enumerate().map(|(i, concentration)| {
        let mean = Model::FourParameter.response(&truth, concentration);
        let deviate = random.normal() + if i == odd { side * off } else { 0.0 };
        Point { concentration, response: mean + noise.sigma * libm::pow(mean, noise.theta) * deviate }
    });
    (wells.collect(), odd)
}

/// Percent of plates on which some well is named, and on which the odd one is.
fn named(variance: Variance, noise: Noise, off: f64, seed: u64) -> (f64, f64) {
    let mut random = Random::new(seed);
    let method = method(variance);
    let (mut any, mut odd) = (0, 0);
    for _ in 0..PLATES {
        let (points, planted) = plate(&mut random, noise, off);
        let curve = fit(&points, &method).unwrap();
        let reasons = &curve.verdict().reasons;
        let named: Vec<usize> = reasons
            .iter()
            .filter(|reason| reason.name() == "suspicious_well")
            .filter_map(|reason| reason.well())
            .collect();
        any += usize::from(!named.is_empty());
        odd += usize::from(named.contains(&planted));
    }
    let percent = |count: usize| 100.0 * count as f64 / PLATES as f64;
    (percent(any), percent(odd))
}

#[test]
fn sound_plates_have_a_suspicious_well_as_rarely_as_chance_allows() {
    for (variance, noise) in MODELS {
        let (any, _) = named(variance, noise, 0.0, 3);
        println!("{variance:?}: {any:.2} % of sound plates");
        assert!(any <= 1.0, "{variance:?}: {any} %");
    }
}

#[test]
fn a_wrong_variance_model_accuses_few_wells() {
    for (variance, noise) in [
        (Variance::Constant, MODELS[2].1),
        (Variance::Constant, MODELS[1].1),
        (Variance::Squared, MODELS[0].1),
        (Variance::Squared, MODELS[1].1),
    ] {
        let (any, _) = named(variance, noise, 0.0, 5);
        println!("{variance:?} fitted to noise of exponent {}: {any:.2} % of sound plates", noise.theta);
        assert!(any <= 7.5, "{variance:?} at {}: {any} %", noise.theta);
    }
}

#[test]
fn a_well_that_is_far_off_is_named() {
    for (variance, noise) in MODELS {
        let shares = [6.0, 10.0, 15.0].map(|off| named(variance, noise, off, 7).1);
        println!("{variance:?}: {shares:?} % of wells 6, 10 and 15 SD off");
        for (share, least) in shares.into_iter().zip([32.0, 77.0, 90.0]) {
            assert!(share >= least, "{variance:?}: {shares:?}");
        }
    }
}
