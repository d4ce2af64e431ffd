//! Simulation of the coverage of concentration intervals: realistic plates, samples over the range of quantification.

use platewise::curve::{
    Method, Model, Parameters, Point, SharedError, StandardCurve, Variance, VarianceChoice, VarianceFrom, fit,
    pooled_variance_parameter,
};
use platewise::stats::random::Random;
use platewise::stats::{between_sets, pooled_between_sets};

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
    /// Whether each plate has three controls in pairs in two places, and intervals hold what these say that wells share.
    controls: bool,
    /// Asymmetries of the truth, from 1/g to g.
    asymmetry: f64,
    /// Degrees of freedom of Student's t, scaled to SD 1, that deviates come from; none: normal.
    tails: Option<usize>,
    /// By how much responses drift over the plate, standards at one side of it: from a fifth of this to all of it, up or down.
    drift: f64,
    /// CV of each step of the serial dilution that the standards are made by.
    dilution: f64,
}

/// Where the variance model of a plate comes from.
enum FitBy {
    Stated(Variance),
    /// Its parameter pooled over each forty plates.
    Pooled(Variance),
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

const QUIET: Case = Case {
    name: "",
    by: FitBy::Stated(Variance::Constant),
    sigma: 0.0,
    theta: 0.0,
    floor: 0.0,
    shared: 0.0,
    controls: false,
    asymmetry: 1.0,
    tails: None,
    drift: 0.0,
    dilution: 0.0,
};

/// The variance models where each is right.
pub(crate) fn cases() -> Vec<Case> {
    use FitBy::{Pooled, Stated};
    use Variance::{Constant, Power, Proportional, Squared, TwoComponent};
    vec![
        Case { name: "constant", by: Stated(Constant), sigma: 0.015, theta: 0.0, ..QUIET },
        Case { name: "proportional", by: Stated(Proportional), sigma: 0.03, theta: 0.5, ..QUIET },
        Case { name: "squared", by: Stated(Squared), sigma: 0.05, theta: 1.0, ..QUIET },
        Case {
            name: "power, exponent pooled over each 40 plates",
            by: Pooled(Power),
            sigma: 0.04,
            theta: 0.8,
            ..QUIET
        },
        Case {
            name: "two-component, crossover pooled over each 40 plates",
            by: Pooled(TwoComponent),
            sigma: 0.04,
            theta: 1.0,
            floor: 0.01,
            ..QUIET
        },
    ]
}

/// Where an assumption does not hold, or is chosen by the data.
pub(crate) fn scenarios() -> Vec<Case> {
    use FitBy::{Plates, Pooled, Stated, Wells};
    use Variance::{Constant, Power, Proportional, Squared, TwoComponent};
    let constant = Case { sigma: 0.015, theta: 0.0, ..QUIET };
    let percent = Case { sigma: 0.05, theta: 1.0, ..QUIET };
    let floored = Case { sigma: 0.04, theta: 1.0, floor: 0.01, ..QUIET };
    let power = Case { sigma: 0.04, theta: 0.8, ..QUIET };
    vec![
        Case { name: "power, own exponent", by: Stated(Power), ..power },
        Case { name: "power, own exponent; floor and 4 %", by: Stated(Power), ..floored },
        Case { name: "power, pooled; floor and 4 %", by: Pooled(Power), ..floored },
        Case { name: "two-component, own crossover; floor and 4 %", by: Stated(TwoComponent), ..floored },
        Case { name: "two-component, pooled; 5 %", by: Pooled(TwoComponent), ..percent },
        Case { name: "two-component, pooled; constant noise", by: Pooled(TwoComponent), ..constant },
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
        Case { name: "squared; 5 %, 5PL truth, g from 0.7 to 1.4", by: Stated(Squared), asymmetry: 1.4, ..percent },
        Case { name: "squared; 5 %, Student's t with 4 df", by: Stated(Squared), tails: Some(4), ..percent },
        Case { name: "squared; 5 %, drift of 2 to 10 %", by: Stated(Squared), drift: 0.1, ..percent },
        Case { name: "squared; 5 %, serial dilution 4 % a step", by: Stated(Squared), dilution: 0.04, ..percent },
        Case { name: "squared; 5 %, wells of a sample share 4 %", by: Stated(Squared), shared: 0.04, ..percent },
        Case { name: "squared; 5 %, wells of a sample share 8 %", by: Stated(Squared), shared: 0.08, ..percent },
        Case { name: "the same, 0 %, with controls", by: Stated(Squared), controls: true, ..percent },
        Case { name: "the same, 4 %, with controls", by: Stated(Squared), shared: 0.04, controls: true, ..percent },
        Case { name: "the same, 8 %, with controls", by: Stated(Squared), shared: 0.08, controls: true, ..percent },
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
        let study: Vec<(Parameters, f64, Vec<Point>)> = (first..plates.min(first + PLATES_OF_A_STUDY))
            .map(|_| {
                let truth = case.truth(&mut random);
                let drift = case.drift_of(&mut random);
                (truth, drift, case.plate(&truth, drift, &mut random))
            })
            .collect();
        let plates: Vec<&[Point]> = study.iter().map(|(_, _, points)| points.as_slice()).collect();
        let chosen_by = |plates: &[&[Point]]| {
            let choice = VarianceChoice::of(plates, &Method::default());
            let variance = choice.map_or(Variance::Constant, |choice| choice.best());
            let variance_parameter = variance.has_parameter().then(|| pooled(variance, plates)).flatten();
            Method { variance_parameter, ..of(variance) }
        };
        let mut method = match case.by {
            FitBy::Stated(variance) => of(variance),
            FitBy::Wells => Method::default(),
            FitBy::Plates => chosen_by(&plates),
            FitBy::Pooled(variance) => {
                let method = of(variance);
                let variance_parameter = pooled(variance, &plates);
                exponents.extend(variance_parameter.filter(|_| variance == Variance::Power));
                Method { variance_parameter, ..method }
            }
        };
        let mut curves = Vec::new();
        for (truth, drift, points) in &study {
            if matches!(case.by, FitBy::Wells) {
                method = chosen_by(&[points]);
            }
            curves.extend(fit(points, &method).ok().map(|curve| (truth, *drift, curve)));
        }
        let shared = case.controls.then(|| case.shared_error(&curves, &mut random)).flatten();
        for (truth, drift, curve) in &curves {
            for bin in &mut bins {
                for _ in 0..2 {
                    // What the wells of a sample share moves what they hold.
                    let moved = case.shared_by_a_set(&mut random);
                    // Samples lie anywhere but in the columns of the standards.
                    let place = if *drift == 0.0 { 0.0 } else { STANDARDS + (1.0 - STANDARDS) * random.uniform() };
                    let wells = (0..REPLICATES).map(|_| case.well(truth, moved * bin.concentration, &mut random));
                    let mean = (1.0 + drift * place) * wells.sum::<f64>() / REPLICATES as f64;
                    let reading = curve.invert_sharing(mean, REPLICATES, shared.as_ref());
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

fn pooled(variance: Variance, plates: &[&[Point]]) -> Option<f64> {
    let method = of(variance);
    let plates: Vec<(&[Point], &Method)> = plates.iter().map(|points| (*points, &method)).collect();
    pooled_variance_parameter(variance, &plates).ok()
}

/// The share of a plate that the standards take.
const STANDARDS: f64 = 1.0 / 6.0;

/// The family of the truth.
fn model(truth: &Parameters) -> Model {
    if truth.g == 1.0 { Model::FourParameter } else { Model::FiveParameter }
}

impl Case {
    /// The curve of a plate.
    fn truth(&self, random: &mut Random) -> Parameters {
        let mut truth = Parameters {
            a: 0.05 + 0.03 * random.uniform(),
            d: 2.6 + random.uniform(),
            c: 300.0 + 300.0 * random.uniform(),
            b: 0.9 + 0.4 * random.uniform(),
            g: 1.0,
        };
        if self.asymmetry != 1.0 {
            truth.g = libm::pow(self.asymmetry, 2.0 * random.uniform() - 1.0);
        }
        truth
    }

    /// What the wells of one set hold, as a share of what they should.
    fn shared_by_a_set(&self, random: &mut Random) -> f64 {
        if self.shared > 0.0 { 1.0 + self.shared * random.normal() } else { 1.0 }
    }

    /// What the controls of these plates say that the wells of a set share.
    fn shared_error(&self, curves: &[(&Parameters, f64, StandardCurve)], random: &mut Random) -> Option<SharedError> {
        let mut levels = Vec::new();
        for concentration in [90.0, 250.0, 1500.0] {
            let mut groups = Vec::new();
            for (truth, _, curve) in curves {
                let mut set = |_: usize| -> Option<Vec<f64>> {
                    let moved = self.shared_by_a_set(random);
                    let well = |_| curve.invert(self.well(truth, moved * concentration, random), 1).concentration;
                    (0..REPLICATES).map(well).map(|read| read.map(f64::ln)).collect()
                };
                groups.push((0..2).filter_map(&mut set).collect());
            }
            levels.extend(between_sets(&groups));
        }
        let found = pooled_between_sets(&levels)?;
        Some(SharedError { sd_ln: found.variance.sqrt(), df: found.df })
    }

    /// The drift of a plate, from its first column to its last.
    fn drift_of(&self, random: &mut Random) -> f64 {
        if self.drift == 0.0 {
            return 0.0;
        }
        let size = self.drift * (0.2 + 0.8 * random.uniform());
        if random.uniform() < 0.5 { size } else { -size }
    }

    fn plate(&self, truth: &Parameters, drift: f64, random: &mut Random) -> Vec<Point> {
        const LEVELS: [f64; 8] = [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0];
        // What a level holds, as a share of what it should: errors add up from the highest down.
        let mut holds = [1.0; LEVELS.len()];
        if self.dilution > 0.0 {
            for level in (0..LEVELS.len() - 1).rev() {
                holds[level] = holds[level + 1] * (1.0 + self.dilution * random.normal());
            }
        }
        let mut points = Vec::with_capacity(REPLICATES * LEVELS.len());
        for (concentration, holds) in LEVELS.into_iter().zip(holds) {
            for column in 0..REPLICATES {
                let place = STANDARDS * column as f64 / REPLICATES as f64;
                let response = (1.0 + drift * place) * self.well(truth, holds * concentration, random);
                points.push(Point { concentration, response });
            }
        }
        points
    }

    fn well(&self, truth: &Parameters, concentration: f64, random: &mut Random) -> f64 {
        let mean = model(truth).response(truth, concentration);
        let deviate = match self.tails {
            None => random.normal(),
            Some(df) => {
                let squares: f64 = (0..df).map(|_| random.normal().powi(2)).sum();
                random.normal() / (squares / (df - 2) as f64).sqrt()
            }
        };
        mean + libm::hypot(self.floor, self.sigma * libm::pow(mean, self.theta)) * deviate
    }
}
