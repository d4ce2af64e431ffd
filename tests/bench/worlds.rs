//! The worlds that trials are drawn from to see how often intervals hold the truth, and the table of what was found.
//!
//! ```text
//! baseline  b = 7 + s z                                                natural logarithms, z ~ N(0, 1)
//! value     y = 7 + 0.7 (b − 7) + [active] ln r + s √(1 − 0.7²) e      e ~ N(0, 1), between visits correlated by 0.5
//! ```
//!
//! Two worlds, of which the table has the lower number: a moderate effect (r = 0.65) with the spread that `simulate` takes for TARC
//! (s = 1), and a large effect with a wide spread (r = 0.4, s = 1.3). The limit is the quantile of the end point, over both arms,
//! that the share asks for, and holds at baseline and at earlier visits too.

use platewise::stats::Arm;
use platewise::stats::distribution::normal_sf;
use platewise::stats::random::Random;

/// Shares of the end points that are below the limit.
pub(crate) const SHARES: [f64; 4] = [0.0, 0.1, 0.3, 0.5];
/// Participants in each arm.
pub(crate) const SIZES: [usize; 5] = [5, 10, 20, 30, 60];
/// Visits after baseline.
pub(crate) const VISITS: usize = 4;

/// A world to draw trials from.
#[derive(Clone, Copy)]
pub(crate) struct World {
    /// Standard deviation of the logarithms.
    pub(crate) sd: f64,
    /// ln of the true ratio of the arms.
    pub(crate) truth: f64,
}

/// Of the value on the baseline.
pub(crate) const SLOPE: f64 = 0.7;

fn worlds() -> [World; 2] {
    [World { sd: 1.0, truth: 0.65_f64.ln() }, World { sd: 1.3, truth: 0.4_f64.ln() }]
}

/// One trial: ln of baseline, and of the visits after it, without a limit.
pub(crate) struct Trial {
    pub(crate) arm: Vec<Arm>,
    pub(crate) baseline: Vec<f64>,
    pub(crate) visits: Vec<[f64; VISITS]>,
}

pub(crate) fn simulate(world: World, size: usize, seed: u64) -> Trial {
    let mut random = Random::of_replicate(16, seed);
    let mut trial = Trial { arm: Vec::new(), baseline: Vec::new(), visits: Vec::new() };
    for i in 0..2 * size {
        let arm = if i < size { Arm::Active } else { Arm::Placebo };
        let baseline = 7.0 + world.sd * random.normal();
        let own = random.normal();
        trial.arm.push(arm);
        trial.baseline.push(baseline);
        trial.visits.push([0; VISITS].map(|_| {
            let residual = world.sd * (1.0 - SLOPE * SLOPE).sqrt();
            let error = residual * (0.5_f64.sqrt() * own + 0.5_f64.sqrt() * random.normal());
            let effect = if arm == Arm::Active { world.truth } else { 0.0 };
            7.0 + SLOPE * (baseline - 7.0) + effect + error
        }));
    }
    trial
}

/// ln of the limit below which this share of the end points lies.
pub(crate) fn limit(world: World, share: f64) -> f64 {
    if share == 0.0 {
        return f64::NEG_INFINITY;
    }
    let World { sd, truth } = world;
    let below = |at: f64| 0.5 * (normal_sf((7.0 - at) / sd) + normal_sf((7.0 + truth - at) / sd));
    let (mut low, mut high) = (-10.0, 24.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if below(middle) < share { low = middle } else { high = middle }
    }
    low
}

/// The ends of an interval, where there is one.
pub(crate) type Found = Option<(f64, f64)>;

/// The name of an interval, the percent that hold the truth, and of the trials that have one.
pub(crate) type Cell = (&'static str, f64, f64);

/// Percent of the intervals that hold the truth, and of the trials that have one; `of_trial` gives those of a trial, by name, each with the
/// truth that it should hold.
pub(crate) fn cell(trials: u64, of_trial: impl Fn(u64) -> Vec<(&'static str, f64, Found)>) -> Vec<Cell> {
    let mut counts: Vec<(&'static str, [u32; 3])> = Vec::new();
    for seed in 0..trials {
        for (name, truth, found) in of_trial(seed) {
            let at = counts.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
                counts.push((name, [0; 3]));
                counts.len() - 1
            });
            let [tried, had, held] = &mut counts[at].1;
            *tried += 1;
            *had += u32::from(found.is_some());
            *held += u32::from(found.is_some_and(|(low, high)| low <= truth && truth <= high));
        }
    }
    let percent = |of: u32, all: u32| if all == 0 { f64::NAN } else { 100.0 * f64::from(of) / f64::from(all) };
    counts.into_iter().map(|(name, [tried, had, held])| (name, percent(held, had), percent(had, tried))).collect()
}

/// The lower of two worlds' numbers.
fn lower((first, second): (Cell, Cell)) -> Cell {
    (first.0, first.1.min(second.1), first.2.min(second.2))
}

fn number((_, held, had): Cell) -> String {
    if had < 50.0 { "–".to_string() } else { format!("{held:.1}") }
}

/// Prints the table whose cells `of` gives for a world, a share below the limit and a size; each cell is on the terminal (standard error)
/// as soon as it is there, so that a run that is stopped has not been for nothing.
pub(crate) fn table(of: impl Fn(World, f64, usize) -> Vec<Cell>) {
    let start = std::time::Instant::now();
    let mut cells: Vec<Vec<Cell>> = Vec::new();
    for share in SHARES {
        for size in SIZES {
            let [one, other] = worlds().map(|world| of(world, share, size));
            let found: Vec<Cell> = one.into_iter().zip(other).map(lower).collect();
            let words: Vec<String> = found.iter().map(|cell| format!("{} {}", cell.0, number(*cell))).collect();
            let seconds = start.elapsed().as_secs();
            eprintln!("{} % below, {size} in each arm ({seconds} s): {}", 100.0 * share, words.join("; "));
            cells.push(found);
        }
    }
    println!(
        "| interval | {} |",
        SHARES
            .map(|share| format!("{} % below: {}", 100.0 * share, SIZES.map(|n| n.to_string()).join(", ")))
            .join(" | ")
    );
    println!("|---|{}", "---|".repeat(SHARES.len()));
    for (at, (name, ..)) in cells[0].iter().enumerate() {
        let columns = cells.chunks(SIZES.len()).map(|sizes| {
            let of_size = sizes.iter().map(|found| number(found[at]));
            of_size.collect::<Vec<_>>().join(", ")
        });
        println!("| {name} | {} |", columns.collect::<Vec<_>>().join(" | "));
    }
}
