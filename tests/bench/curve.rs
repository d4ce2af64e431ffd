//! How fast curves are fitted and read. `tests/bench/README.md` says what is compared, and how to read the table.
//!
//! The machine may be busy with other things, so a time here is the shortest of many repeats of each single fit, and its
//! median across plates: interruptions lengthen a repeat, they never shorten one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a benchmark prints what it measures"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::neldermead::NelderMead;
use argmin::solver::quasinewton::LBFGS;
use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt};
use nalgebra::storage::Owned;
use nalgebra::{Matrix, SMatrix, SVector, U4, U8, Vector4};
use platewise::curve::{Method, Model, Parameters, Point, Variance, VarianceFrom, fit, fit_locally, fit_many};

/// What one part measures, given plates.
type Part = fn(&[Vec<Point>]);

fn main() {
    // `cargo bench --bench curve -- threads inversion` runs these parts; without names, all.
    let chosen: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|name| name == part);
    let plates = plates(400);
    let parts: [(&str, Part); 4] =
        [("one-start", one_start), ("full-answer", full_answer), ("inversion", inversion), ("threads", |_| threads())];
    for (_, part) in parts.into_iter().filter(|(name, _)| wanted(name)) {
        part(&plates);
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Plates and times

/// The standards of a plate: 31.25 … 2000 two-fold and zero.
const LEVELS: usize = 8;

/// 16 wells each: the levels in duplicate, as `batch/` of the reference sets.
fn plates(n: usize) -> Vec<Vec<Point>> {
    let mut random = Random(42);
    (0..n)
        .map(|_| {
            let truth = Parameters {
                a: 0.03 + 0.05 * random.uniform(),
                d: 2.4 + random.uniform(),
                c: 200.0 * libm::exp(1.2 * random.uniform()),
                b: 0.9 + 0.5 * random.uniform(),
                g: 1.0,
            };
            [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0]
                .into_iter()
                .flat_map(|x| [x, x])
                .map(|concentration| {
                    let mean = Model::FourParameter.response(&truth, concentration);
                    let noise = (0.01 + 0.03 * mean) * random.normal();
                    Point { concentration, response: ((mean + noise) * 1e4).round() / 1e4 }
                })
                .collect()
        })
        .collect()
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
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// The median across plates of each plate's shortest time.
fn shortest<P>(plates: &[P], repeats: usize, mut work: impl FnMut(&P)) -> Duration {
    let mut times: Vec<Duration> = plates
        .iter()
        .map(|plate| {
            (0..repeats)
                .map(|_| {
                    let start = Instant::now();
                    work(black_box(plate));
                    start.elapsed()
                })
                .min()
                .unwrap_or_default()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}

fn microseconds(time: Duration) -> String {
    format!("{:9.2} µs", time.as_secs_f64() * 1e6)
}

// ---------------------------------------------------------------------------------------------------------------------
// One fit from one start, beside other solvers

/// A plate, and where every solver starts on it.
struct Given {
    points: Vec<Point>,
    start: Parameters,
}

/// The start that all solvers get: plateaus from the data, mid-point by interpolation, slope 1.
fn start(points: &[Point]) -> Parameters {
    let a = points.iter().filter(|p| p.concentration == 0.0).map(|p| p.response).sum::<f64>() / 2.0;
    let d = points.iter().map(|p| p.response).fold(0.0, f64::max);
    let middle = 0.5 * (a + d);
    let c = points
        .windows(2)
        .find(|pair| pair[0].concentration > 0.0 && pair[0].response <= middle && pair[1].response > middle)
        .map_or(250.0, |pair| (pair[0].concentration * pair[1].concentration).sqrt());
    Parameters { a, d, c, b: 1.0, g: 1.0 }
}

fn one_start(plates: &[Vec<Point>]) {
    println!("one unweighted 16-well 4PL fit from one start, one thread");
    let plates: Vec<Given> =
        plates.iter().map(|points| Given { points: points.clone(), start: start(points) }).collect();
    let method = Method::default();
    let ours = shortest(&plates, 60, |given| {
        black_box(fit_locally(&given.points, &method, &given.start).ok());
    });
    println!("  platewise, argmin's host, covariance included   {}", microseconds(ours));
    let mut worse = [0; 3];
    let mut row = |name: &str, index: usize, repeats: usize, solve: &dyn Fn(&Given) -> f64| {
        let time = shortest(&plates, repeats, |given| {
            black_box(solve(given));
        });
        worse[index] = plates
            .iter()
            .filter(|given| {
                let best = fit_locally(&given.points, &method, &given.start).map_or(f64::NAN, |fit| fit.rss);
                solve(given) > best * (1.0 + 1e-6)
            })
            .count();
        println!(
            "  {name:<47} {}   {:5.1} times ours; worse optimum on {} of {} plates",
            microseconds(time),
            time.as_secs_f64() / ours.as_secs_f64(),
            worse[index],
            plates.len()
        );
    };
    row("levenberg-marquardt crate, no covariance", 0, 30, &crate_fit);
    row("argmin L-BFGS, no covariance", 1, 10, &lbfgs_fit);
    row("argmin Nelder–Mead, no covariance", 2, 10, &nelder_mead_fit);
}

/// The plain problem in (a, d, ln c, b), as one would write it for a general solver.
#[derive(Clone)]
struct Plain<'a> {
    points: &'a [Point],
}

impl Plain<'_> {
    /// The curve and its derivatives by (a, d, ln c, b).
    fn value(p: &[f64], x: f64) -> (f64, [f64; 4]) {
        if x == 0.0 {
            return (p[0], [1.0, 0.0, 0.0, 0.0]);
        }
        let z = x.ln() - p[2];
        let s = 1.0 / (1.0 + (-p[3] * z).exp());
        let slope = (p[1] - p[0]) * s * (1.0 - s);
        (p[0] + (p[1] - p[0]) * s, [1.0 - s, s, -p[3] * slope, z * slope])
    }
}

impl CostFunction for Plain<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, p: &Vec<f64>) -> Result<f64, Error> {
        Ok(self.points.iter().map(|point| (Plain::value(p, point.concentration).0 - point.response).powi(2)).sum())
    }
}

impl Gradient for Plain<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, p: &Vec<f64>) -> Result<Vec<f64>, Error> {
        let mut gradient = vec![0.0; 4];
        for point in self.points {
            let (value, slopes) = Plain::value(p, point.concentration);
            for (sum, slope) in gradient.iter_mut().zip(slopes) {
                *sum += 2.0 * (value - point.response) * slope;
            }
        }
        Ok(gradient)
    }
}

impl Given {
    fn plain(&self) -> [f64; 4] {
        [self.start.a, self.start.d, self.start.c.ln(), self.start.b]
    }
}

/// The same problem as the levenberg-marquardt crate solves it fastest: replicates merged into their means, arrays of
/// fixed size, ln x taken once, and one exponential a level for the residuals and the Jacobian.
struct Merged {
    ln_x: SVector<f64, LEVELS>,
    mean: SVector<f64, LEVELS>,
    /// √ of the number of replicates.
    weight: SVector<f64, LEVELS>,
    p: Vector4<f64>,
    /// (f − a) / (d − a) of every level under `p`.
    rise: SVector<f64, LEVELS>,
}

impl Merged {
    /// The problem, and the sum of squares of the replicates about their means.
    fn new(points: &[Point]) -> (Self, f64) {
        let zero = SVector::<f64, LEVELS>::zeros();
        let mut merged = Self { ln_x: zero, mean: zero, weight: zero, p: Vector4::zeros(), rise: zero };
        let mut within = 0.0;
        let levels = points.chunk_by(|one, next| one.concentration == next.concentration);
        for (i, wells) in levels.enumerate() {
            let n = wells.len() as f64;
            let mean = wells.iter().map(|well| well.response).sum::<f64>() / n;
            within += wells.iter().map(|well| (well.response - mean).powi(2)).sum::<f64>();
            merged.ln_x[i] = wells[0].concentration.ln();
            merged.mean[i] = mean;
            merged.weight[i] = n.sqrt();
        }
        (merged, within)
    }
}

impl LeastSquaresProblem<f64, U8, U4> for Merged {
    type ParameterStorage = Owned<f64, U4>;
    type ResidualStorage = Owned<f64, U8>;
    type JacobianStorage = Owned<f64, U8, U4>;

    fn set_params(&mut self, p: &Vector4<f64>) {
        self.p = *p;
        self.rise = self
            .ln_x
            .map(|ln_x| if ln_x == f64::NEG_INFINITY { 0.0 } else { 1.0 / (1.0 + (-p[3] * (ln_x - p[2])).exp()) });
    }

    fn params(&self) -> Vector4<f64> {
        self.p
    }

    fn residuals(&self) -> Option<SVector<f64, LEVELS>> {
        let [a, d] = [self.p[0], self.p[1]];
        Some(SVector::from_fn(|i, _| self.weight[i] * (a + (d - a) * self.rise[i] - self.mean[i])))
    }

    fn jacobian(&self) -> Option<Matrix<f64, U8, U4, Self::JacobianStorage>> {
        let mut jacobian = SMatrix::<f64, LEVELS, 4>::zeros();
        for i in 0..LEVELS {
            let (rise, weight) = (self.rise[i], self.weight[i]);
            jacobian[(i, 0)] = weight * (1.0 - rise);
            jacobian[(i, 1)] = weight * rise;
            if self.ln_x[i] != f64::NEG_INFINITY {
                let slope = weight * (self.p[1] - self.p[0]) * rise * (1.0 - rise);
                jacobian[(i, 2)] = -self.p[3] * slope;
                jacobian[(i, 3)] = (self.ln_x[i] - self.p[2]) * slope;
            }
        }
        Some(jacobian)
    }
}

fn crate_fit(given: &Given) -> f64 {
    let (mut problem, within) = Merged::new(&given.points);
    problem.set_params(&Vector4::from(given.plain()));
    let (_, report) = LevenbergMarquardt::new().minimize(problem);
    2.0 * report.objective_function + within
}

fn lbfgs_fit(given: &Given) -> f64 {
    let problem = Plain { points: &given.points };
    let search = MoreThuenteLineSearch::new();
    let Ok(solver) = LBFGS::new(search, 7).with_tolerance_grad(1e-9).and_then(|s| s.with_tolerance_cost(1e-14)) else {
        return f64::NAN;
    };
    Executor::new(problem, solver)
        .configure(|state| state.param(given.plain().to_vec()).max_iters(200))
        .ctrlc(false)
        .run()
        .map_or(f64::NAN, |result| result.state().get_best_cost())
}

fn nelder_mead_fit(given: &Given) -> f64 {
    let start = given.plain().to_vec();
    let mut simplex = vec![start.clone()];
    for j in 0..4 {
        let mut vertex = start.clone();
        vertex[j] += if j == 2 { 0.3 } else { 0.1 };
        simplex.push(vertex);
    }
    let Ok(solver) = NelderMead::new(simplex).with_sd_tolerance(1e-13) else { return f64::NAN };
    Executor::new(Plain { points: &given.points }, solver)
        .configure(|state| state.max_iters(1000))
        .ctrlc(false)
        .run()
        .map_or(f64::NAN, |result| result.state().get_best_cost())
}

// ---------------------------------------------------------------------------------------------------------------------
// What a user gets

fn full_answer(plates: &[Vec<Point>]) {
    println!(
        "the full answer: all starts, limits of the family, covariance, read-back standards, verdict with leave-one-out"
    );
    let of = |variance: Variance, variance_from: VarianceFrom, model: Model| Method {
        model,
        variance,
        variance_from,
        ..Method::default()
    };
    for (name, method) in [
        ("4PL, constant", of(Variance::Constant, VarianceFrom::Fitted, Model::FourParameter)),
        ("4PL, squared, observed", of(Variance::Squared, VarianceFrom::Observed, Model::FourParameter)),
        ("4PL, squared, fitted", of(Variance::Squared, VarianceFrom::Fitted, Model::FourParameter)),
        ("4PL, power", of(Variance::Power, VarianceFrom::Fitted, Model::FourParameter)),
        ("5PL, constant", of(Variance::Constant, VarianceFrom::Fitted, Model::FiveParameter)),
    ] {
        let time = shortest(plates, 15, |points| {
            black_box(fit(points, &method).ok());
        });
        println!("  {name:<47} {}", microseconds(time));
    }
}

fn inversion(plates: &[Vec<Point>]) {
    let responses: Vec<f64> = (0..80).map(|i| 0.15 + 2.0 * f64::from(i) / 80.0).collect();
    let time = shortest(plates, 10, |points| {
        // The fit is part of the time below; it is what the next line subtracts.
        let Ok(curve) = fit(points, &Method::default()) else { return };
        for &response in &responses {
            black_box(curve.invert(response, 2));
        }
    });
    let alone = shortest(plates, 10, |points| {
        black_box(fit(points, &Method::default()).ok());
    });
    println!("80 responses read with standard error and interval");
    println!("  one plate, without its fit                      {}", microseconds(time.saturating_sub(alone)));
}

fn threads() {
    const PLATES: usize = 100_000;
    let plates = plates(PLATES);
    let points: Vec<&[Point]> = plates.iter().map(Vec::as_slice).collect();
    println!("{PLATES} plates, the full answer, wall time of the shortest of 5 runs");
    let mut single = None;
    for threads in [1, 2] {
        let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(threads).build() else { continue };
        let time = (0..5)
            .map(|_| {
                let start = Instant::now();
                let fits = pool.install(|| fit_many(&points, &Method::default()));
                let time = start.elapsed();
                // Thrown away on one thread, when the clock has stopped.
                black_box(fits.len());
                time
            })
            .min()
            .unwrap_or_default();
        let single = *single.get_or_insert(time);
        println!(
            "  {threads} thread{}   {:7.2} s   {:.2} times one thread",
            if threads == 1 { " " } else { "s" },
            time.as_secs_f64(),
            single.as_secs_f64() / time.as_secs_f64()
        );
    }
}
