//! Simulation of the coverage of concentration intervals: realistic plates, samples over the range of quantification.

use platewise::curve::{Method, Model, Parameters, Point, Variance, VarianceFrom, fit, pooled_exponent};
use platewise::stats::random::Random;

/// A variance model to simulate under and to fit with.
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: &'static str,
    method: Method,
    /// σ and θ of the truth: SD = σ mean^θ.
    sigma: f64,
    pub(crate) theta: f64,
}

/// Readings at one true concentration.
pub(crate) struct Bin {
    /// The true concentration.
    pub(crate) concentration: f64,
    /// Readings that gave an interval.
    pub(crate) read: usize,
    /// Intervals that held the truth.
    pub(crate) covered: usize,
}

impl Bin {
    /// Share of intervals that held the truth.
    pub(crate) fn percent(&self) -> f64 {
        100.0 * self.covered as f64 / self.read as f64
    }
}

/// The four variance models.
pub(crate) fn cases() -> Vec<Case> {
    let method = |variance| Method { variance, variance_from: VarianceFrom::Fitted, ..Method::default() };
    vec![
        Case { name: "constant", method: method(Variance::Constant), sigma: 0.015, theta: 0.0 },
        Case { name: "proportional", method: method(Variance::Proportional), sigma: 0.03, theta: 0.5 },
        Case { name: "squared", method: method(Variance::Squared), sigma: 0.05, theta: 1.0 },
        Case {
            name: "power, exponent pooled over each 40 plates",
            method: method(Variance::Power),
            sigma: 0.04,
            theta: 0.8,
        },
    ]
}

/// Wells of a level, and of a sample.
const REPLICATES: usize = 2;

/// Plates of a study: those that share an exponent.
const PLATES_OF_A_STUDY: usize = 40;

/// Simulates `plates` plates and reads two samples at each of a few concentrations between LLOQ and ULOQ. Where the exponent of
/// the variance is pooled, each forty plates are a study with an exponent of its own: they come second.
pub(crate) fn coverage(case: &Case, plates: usize, seed: u64) -> (Vec<Bin>, Vec<f64>) {
    let mut random = Random::new(seed);
    let mut bins: Vec<Bin> = [40.0, 80.0, 160.0, 320.0, 640.0, 1000.0, 1500.0]
        .map(|concentration| Bin { concentration, read: 0, covered: 0 })
        .into();
    let mut exponents = Vec::new();
    for first in (0..plates).step_by(PLATES_OF_A_STUDY) {
        let study: Vec<(Parameters, Vec<Point>)> = (first..plates.min(first + PLATES_OF_A_STUDY))
            .map(|_| {
                let truth = truth(&mut random);
                (truth, case.plate(&truth, &mut random))
            })
            .collect();
        let mut method = case.method.clone();
        if method.variance == Variance::Power {
            let plates: Vec<(&[Point], &Method)> =
                study.iter().map(|(_, points)| (points.as_slice(), &method)).collect();
            method.exponent = pooled_exponent(&plates).ok();
            exponents.extend(method.exponent);
        }
        for (truth, points) in &study {
            let Ok(curve) = fit(points, &method) else { continue };
            for bin in &mut bins {
                for _ in 0..2 {
                    let wells = (0..REPLICATES).map(|_| case.well(truth, bin.concentration, &mut random));
                    let reading = curve.invert(wells.sum::<f64>() / REPLICATES as f64, REPLICATES);
                    // An open side holds everything on it.
                    let lower = reading.lower.unwrap_or(0.0);
                    let upper = reading.upper.unwrap_or(f64::INFINITY);
                    bin.read += usize::from(reading.concentration.is_some());
                    bin.covered += usize::from(
                        reading.concentration.is_some() && lower <= bin.concentration && bin.concentration <= upper,
                    );
                }
            }
        }
    }
    (bins, exponents)
}

/// Mean and standard error.
pub(crate) fn mean_with_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}

/// The curve of a plate.
fn truth(random: &mut Random) -> Parameters {
    Parameters {
        a: 0.05 + 0.03 * random.uniform(),
        d: 2.6 + random.uniform(),
        c: 300.0 + 300.0 * random.uniform(),
        b: 0.9 + 0.4 * random.uniform(),
        g: 1.0,
    }
}

impl Case {
    fn plate(&self, truth: &Parameters, random: &mut Random) -> Vec<Point> {
        [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0]
            .into_iter()
            .flat_map(|concentration| [concentration; REPLICATES])
            .map(|concentration| Point { concentration, response: self.well(truth, concentration, random) })
            .collect()
    }

    fn well(&self, truth: &Parameters, concentration: f64, random: &mut Random) -> f64 {
        let mean = Model::FourParameter.response(truth, concentration);
        mean + self.sigma * libm::pow(mean, self.theta) * random.normal()
    }
}
