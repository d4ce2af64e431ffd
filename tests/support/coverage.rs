//! Simulation of the coverage of concentration intervals: realistic plates, samples over the range of quantification.

use platewise::curve::{
    Method, Model, Parameters, Point, Variance, VarianceChoice, VarianceFrom, fit, pooled_exponent,
};
use platewise::stats::random::Random;

/// Noise to simulate under and how to fit it.
pub(crate) struct Case {
    /// Its name.
    pub(crate) name: &'static str,
    by: FitBy,
    /// σ and θ of the truth: SD² = floor² + (σ mean^θ)².
    sigma: f64,
    pub(crate) theta: f64,
    floor: f64,
    /// CV of what the wells of a sample share.
    shared: f64,
}

/// Where the variance model of a plate comes from.
enum FitBy {
    Stated(Variance),
    /// Power, its exponent pooled over each forty plates.
    PooledPower,
    /// The likeliest of the simple models for the plate's own wells.
    Wells,
    /// The likeliest over each forty plates.
    Plates,
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

const QUIET: Case =
    Case { name: "", by: FitBy::Stated(Variance::Constant), sigma: 0.0, theta: 0.0, floor: 0.0, shared: 0.0 };

/// The variance models where each is right.
pub(crate) fn cases() -> Vec<Case> {
    use FitBy::{PooledPower, Stated};
    use Variance::{Constant, Proportional, Squared};
    vec![
        Case { name: "constant", by: Stated(Constant), sigma: 0.015, theta: 0.0, ..QUIET },
        Case { name: "proportional", by: Stated(Proportional), sigma: 0.03, theta: 0.5, ..QUIET },
        Case { name: "squared", by: Stated(Squared), sigma: 0.05, theta: 1.0, ..QUIET },
        Case { name: "power, exponent pooled over each 40 plates", by: PooledPower, sigma: 0.04, theta: 0.8, ..QUIET },
    ]
}

/// Where an assumption does not hold, or is chosen by the data.
pub(crate) fn scenarios() -> Vec<Case> {
    use FitBy::{Plates, PooledPower, Stated, Wells};
    use Variance::{Constant, Power, Proportional, Squared};
    let constant = Case { sigma: 0.015, theta: 0.0, ..QUIET };
    let percent = Case { sigma: 0.05, theta: 1.0, ..QUIET };
    let floored = Case { sigma: 0.04, theta: 1.0, floor: 0.01, ..QUIET };
    let power = Case { sigma: 0.04, theta: 0.8, ..QUIET };
    vec![
        Case { name: "power, own exponent", by: Stated(Power), ..power },
        Case { name: "power, own exponent; floor and 4 %", by: Stated(Power), ..floored },
        Case { name: "power, pooled; floor and 4 %", by: PooledPower, ..floored },
        Case { name: "constant; 5 %", by: Stated(Constant), ..percent },
        Case { name: "constant; floor and 4 %", by: Stated(Constant), ..floored },
        Case { name: "proportional; floor and 4 %", by: Stated(Proportional), ..floored },
        Case { name: "squared; floor and 4 %", by: Stated(Squared), ..floored },
        Case { name: "squared; constant noise", by: Stated(Squared), ..constant },
        Case { name: "chosen by one plate; constant noise", by: Wells, ..constant },
        Case { name: "chosen by one plate; 5 %", by: Wells, ..percent },
        Case { name: "chosen by one plate; floor and 4 %", by: Wells, ..floored },
        Case { name: "chosen by 40 plates; constant noise", by: Plates, ..constant },
        Case { name: "chosen by 40 plates; 5 %", by: Plates, ..percent },
        Case { name: "chosen by 40 plates; floor and 4 %", by: Plates, ..floored },
        Case { name: "squared; 5 %, wells of a sample share 4 %", by: Stated(Squared), shared: 0.04, ..percent },
        Case { name: "squared; 5 %, wells of a sample share 8 %", by: Stated(Squared), shared: 0.08, ..percent },
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
        let plates: Vec<&[Point]> = study.iter().map(|(_, points)| points.as_slice()).collect();
        let chosen_by = |plates: &[&[Point]]| {
            let choice = VarianceChoice::of(plates, &Method::default());
            of(choice.map_or(Variance::Constant, |choice| choice.best()))
        };
        let mut method = match case.by {
            FitBy::Stated(variance) => of(variance),
            FitBy::Wells => Method::default(),
            FitBy::Plates => chosen_by(&plates),
            FitBy::PooledPower => {
                let power = of(Variance::Power);
                let plates: Vec<(&[Point], &Method)> = plates.iter().map(|points| (*points, &power)).collect();
                let exponent = pooled_exponent(&plates).ok();
                exponents.extend(exponent);
                Method { exponent, ..power }
            }
        };
        for (truth, points) in &study {
            if matches!(case.by, FitBy::Wells) {
                method = chosen_by(&[points]);
            }
            let Ok(curve) = fit(points, &method) else { continue };
            for bin in &mut bins {
                for _ in 0..2 {
                    // What the wells of a sample share moves what they hold.
                    let shared = if case.shared > 0.0 { 1.0 + case.shared * random.normal() } else { 1.0 };
                    let wells = (0..REPLICATES).map(|_| case.well(truth, shared * bin.concentration, &mut random));
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

fn of(variance: Variance) -> Method {
    Method { variance, variance_from: VarianceFrom::Fitted, ..Method::default() }
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
        mean + libm::hypot(self.floor, self.sigma * libm::pow(mean, self.theta)) * random.normal()
    }
}
