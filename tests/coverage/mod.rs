//! Simulation of the coverage of concentration intervals: realistic plates, samples over the range of quantification.

use platewise::curve::{Method, Model, Parameters, Point, Variance, VarianceFrom, fit, pooled_exponent};

/// A variance model to simulate under and to fit with.
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: &'static str,
    method: Method,
    /// σ and θ of the truth: SD = σ mean^θ.
    sigma: f64,
    theta: f64,
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
            name: "power, exponent pooled over 40 plates",
            method: method(Variance::Power),
            sigma: 0.04,
            theta: 0.8,
        },
    ]
}

/// Wells of a level, and of a sample.
const REPLICATES: usize = 2;

/// Simulates `plates` plates and reads two samples at each of a few concentrations between LLOQ and ULOQ.
pub(crate) fn coverage(case: &Case, plates: usize, seed: u64) -> Vec<Bin> {
    let mut random = Random(seed);
    let method = case.ready(&mut random);
    let mut bins: Vec<Bin> = [40.0, 80.0, 160.0, 320.0, 640.0, 1000.0, 1500.0]
        .map(|concentration| Bin { concentration, read: 0, covered: 0 })
        .into();
    for _ in 0..plates {
        let truth = truth(&mut random);
        let points = case.plate(&truth, &mut random);
        let Ok(curve) = fit(&points, &method) else { continue };
        for bin in &mut bins {
            for _ in 0..2 {
                let wells = (0..REPLICATES).map(|_| case.well(&truth, bin.concentration, &mut random));
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
    bins
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
    /// The method, with the exponent of `power` from 40 plates of the same laboratory.
    fn ready(&self, random: &mut Random) -> Method {
        let mut method = self.method.clone();
        if method.variance == Variance::Power {
            let plates: Vec<Vec<Point>> = (0..40)
                .map(|_| {
                    let truth = truth(random);
                    self.plate(&truth, random)
                })
                .collect();
            let plates: Vec<(&[Point], &Method)> = plates.iter().map(|points| (points.as_slice(), &method)).collect();
            method.exponent = pooled_exponent(&plates).ok();
            println!("pooled exponent {:?}, true {}", method.exponent, self.theta);
        }
        method
    }

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

/// SplitMix64 (Steele, Lea & Flood 2014).
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * libm::log(1.0 - self.uniform())).sqrt() * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}
