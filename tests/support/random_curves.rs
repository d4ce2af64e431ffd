//! Random standard curves to look for missed optima with: every design, shape and noise that a plate may have, and some that it
//! should not. Each curve has a generator of its own, so that any of them can be drawn again by its number.

use platewise::curve::{Method, Model, Parameters, Point, Variance, VarianceFrom};
use platewise::stats::random::Random;

/// A random curve: how it is to be fitted, what it was made from, and its wells.
pub(crate) struct RandomCurve {
    pub(crate) method: Method,
    pub(crate) truth: Parameters,
    pub(crate) points: Vec<Point>,
}

/// The methods, by turns.
pub(crate) const METHODS: [(&str, Model, Variance, VarianceFrom); 11] = {
    use Model::{FiveParameter, FiveParameterMirror, FourParameter};
    use Variance::{Constant, Power, Proportional, Squared};
    use VarianceFrom::{Fitted, Observed};
    [
        ("4pl constant", FourParameter, Constant, Fitted),
        ("4pl proportional", FourParameter, Proportional, Fitted),
        ("4pl squared observed", FourParameter, Squared, Observed),
        ("4pl squared fitted", FourParameter, Squared, Fitted),
        ("4pl power", FourParameter, Power, Fitted),
        ("5pl constant", FiveParameter, Constant, Fitted),
        ("5pl squared observed", FiveParameter, Squared, Observed),
        ("5pl squared fitted", FiveParameter, Squared, Fitted),
        ("5plm constant", FiveParameterMirror, Constant, Fitted),
        ("5plm squared observed", FiveParameterMirror, Squared, Observed),
        ("5plm squared fitted", FiveParameterMirror, Squared, Fitted),
    ]
};

/// The curve with this number.
pub(crate) fn draw(seed: u64, number: u64) -> RandomCurve {
    let mut random = Random::of_replicate(seed, number);
    let (_, model, variance, variance_from) = METHODS[number as usize % METHODS.len()];
    let method = Method { model, variance, variance_from, ..Method::default() };
    let truth = truth(model, &mut random);
    let concentrations = concentrations(&truth, &mut random);
    let points = wells(&truth, model, &concentrations, &mut random);
    RandomCurve { method, truth, points }
}

/// Log-uniform between two positive numbers.
fn between(random: &mut Random, low: f64, high: f64) -> f64 {
    low * libm::pow(high / low, random.uniform())
}

/// Whether something that happens to this share of curves happens.
fn happens(random: &mut Random, share: f64) -> bool {
    random.uniform() < share
}

/// Rising two times in three, falling otherwise. A quarter of the curves that a 4PL is to be fitted to are asymmetric.
fn truth(model: Model, random: &mut Random) -> Parameters {
    let (low, high) = (between(random, 0.01, 0.2), between(random, 0.8, 4.0));
    let (a, d) = if happens(random, 2.0 / 3.0) { (low, high) } else { (high, low) };
    let (c, b) = (between(random, 0.1, 1e4), between(random, 0.5, 3.0));
    let asymmetric = model != Model::FourParameter || happens(random, 0.25);
    let g = between(random, 0.3, 3.0);
    Parameters { a, d, c, b, g: if asymmetric { g } else { 1.0 } }
}

/// 5 to 12 levels in steps of 1.5 to 10 below a top of 0.25 to 50 mid-points, six times in ten with a zero beside them.
fn concentrations(truth: &Parameters, random: &mut Random) -> Vec<f64> {
    let levels = 5 + random.below(8);
    let (top, step) = (truth.c * between(random, 0.25, 50.0), between(random, 1.5, 10.0));
    let mut concentrations: Vec<f64> = (0..levels).map(|i| top * libm::pow(step, -(i as f64))).collect();
    if happens(random, 0.6) {
        concentrations.push(0.0);
    }
    concentrations
}

/// 1 to 4 wells a level, CV 0.2 to 20 % with noise that is constant, grows with the mean or has a floor; one curve in ten has
/// an outlier, one in ten a hook; rounded to 3 or 4 decimals.
fn wells(truth: &Parameters, model: Model, concentrations: &[f64], random: &mut Random) -> Vec<Point> {
    let model = if truth.g == 1.0 || model != Model::FourParameter { model } else { Model::FiveParameter };
    let replicates = 1 + random.below(4);
    let cv = between(random, 0.002, 0.2);
    let middle = 0.5 * (truth.a + truth.d);
    let exponent = [0.0, 0.5, 1.0, 1.0][random.below(4)];
    let floor = if happens(random, 0.5) { 0.002 } else { 0.0 };
    let hook = happens(random, 0.1).then(|| between(random, 0.05, 0.5));
    let mut points = Vec::with_capacity(concentrations.len() * replicates);
    for (level, &concentration) in concentrations.iter().enumerate() {
        let mut mean = model.response(truth, concentration);
        if let (Some(back), 0 | 1) = (hook, level) {
            // The top level turns back by this share of the way from the zero response, the next by a third of it.
            mean += back * (truth.a - mean) * if level == 0 { 1.0 } else { 1.0 / 3.0 };
        }
        let sd = libm::hypot(cv * middle * libm::pow(mean / middle, exponent), floor);
        for _ in 0..replicates {
            points.push(Point { concentration, response: mean + sd * random.normal() });
        }
    }
    if happens(random, 0.1) {
        let index = random.below(points.len());
        points[index].response *= between(random, 0.3, 3.0);
    }
    let digits = if happens(random, 0.5) { 1e3 } else { 1e4 };
    for point in &mut points {
        point.response = (point.response * digits).round() / digits;
    }
    points
}
