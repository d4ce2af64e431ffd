//! How often a 95 % interval holds the truth, by simulation, and where it does so too rarely for a study like this one.
//!
//! The numbers are those that `cargo bench --bench limit_coverage` prints (2,000 simulated trials in each cell, so that chance moves
//! them by about a percentage point); `tests/bench/README.md` shows them as a table and says what is simulated. Between the cells
//! they are interpolated, in the share of values below the limit and in the logarithm of the arms' size.

use crate::protocol::{BelowLimit, Protocol};
use crate::sheet::{Location, Problem};

use super::pair::Pair;
use super::result::ArmComparison;

/// Shares of the end points that are below the limit.
pub const SHARES: [f64; 4] = [0.0, 0.1, 0.3, 0.5];

/// Participants in each arm.
pub const SIZES: [f64; 5] = [5.0, 10.0, 20.0, 30.0, 60.0];

/// Coverage of one interval in percent: a row for each share, a column for each size; NaN where fewer than half of the trials have one.
///
/// ```
/// let rows: &[platewise::study::coverage::Coverage] = &platewise::study::coverage::TABLE;
/// let halved = rows.iter().find(|row| row.interval == "ancova, LLOQ/2").unwrap();
/// // With half of the values below the limit and 60 in each arm the substituted number is wrong, and sure of it.
/// assert!(halved.at(0.0, 60.0).is_some_and(|held| held > 93.0) && halved.at(0.5, 60.0) < halved.at(0.1, 60.0));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Coverage {
    /// The interval, as the table of the benchmark names it.
    pub interval: &'static str,
    /// Coverage in percent.
    pub held: [[f64; 5]; 4],
}

/// Below this an interval is not what it says.
pub const FEWEST_PERCENT: f64 = 92.0;

impl Coverage {
    /// The coverage at a share and a size, interpolated; outside the table that at its edge. `None` where there is none.
    pub fn at(&self, share: f64, size: f64) -> Option<f64> {
        let (row, down) = place(&SHARES, share);
        let (column, across) = place(&SIZES.map(libm::log), libm::log(size.max(1.0)));
        let along = |row: usize| {
            let [left, right] = [self.held[row][column], self.held[row][column + 1]];
            if across == 0.0 { left } else { left + across * (right - left) }
        };
        let held = if down == 0.0 { along(row) } else { along(row) + down * (along(row + 1) - along(row)) };
        held.is_finite().then_some(held)
    }
}

/// The cell of a rising grid in which a value lies, and how far into it.
fn place(grid: &[f64], value: f64) -> (usize, f64) {
    let last = grid.len() - 2;
    let cell = grid.iter().skip(1).position(|edge| value < *edge).unwrap_or(last).min(last);
    (cell, ((value - grid[cell]) / (grid[cell + 1] - grid[cell])).clamp(0.0, 1.0))
}

/// The table's name of the interval of a comparison.
fn name(row: &ArmComparison, below: BelowLimit) -> String {
    let rule = match below {
        BelowLimit::HalfLloq => "LLOQ/2",
        BelowLimit::LloqOverSqrt2 => "LLOQ/√2",
        BelowLimit::Lloq => "LLOQ",
        BelowLimit::Exclude => "left out",
    };
    if row.analysis == "ancova" { format!("ancova, {rule}") } else { row.analysis.clone() }
}

/// A warning where intervals of this pair hold the truth too rarely in trials of this size with this share of values below the limit.
pub(super) fn warning(pair: &Pair<'_>, rows: &[ArmComparison], protocol: &Protocol) -> Option<Problem> {
    let (share, size) = pair.share_below()?;
    let visit = &pair.trial.visits[pair.endpoint].name;
    let held = |row: &ArmComparison, below: BelowLimit| {
        let name = name(row, below);
        TABLE.iter().find(|known| known.interval == name)?.at(share, size)
    };
    let of_visit = rows.iter().filter(|row| row.visit == *visit && row.ratio.is_some());
    let poor: Vec<String> = of_visit
        .filter_map(|row| Some((row, held(row, protocol.trial.analysis.below_limit)?)))
        .filter(|(_, held)| *held < FEWEST_PERCENT)
        .map(|(row, held)| format!("{}{} {held:.0} %", row.analysis, if row.primary { " (primary)" } else { "" }))
        .collect();
    let tobit = TABLE.iter().find(|known| known.interval == "tobit")?.at(share, size);
    (!poor.is_empty()).then(|| {
        let arms = format!("{} against {}", pair.active, pair.reference);
        let below = 100.0 * share;
        Problem::new(
            Location::file("comparison.csv"),
            format!(
                "{arms}: in simulated trials like this one ({below:.0} % of the values at {visit} below the limit, {size:.0} in the smaller \
                 arm) 95 % intervals hold the truth less often than they should: {}",
                poor.join(", ")
            ),
        )
        .expected(format!("at least {FEWEST_PERCENT:.0} %"))
        .advice(match tobit {
            Some(tobit) if tobit >= FEWEST_PERCENT => {
                format!("Read the row of sensitivity.csv that takes such values as censored (Tobit): {tobit:.0} % there")
            }
            _ => "No interval of this program does better there: the study is too small for so many values below the limit".into(),
        })
    })
}

/// Every interval that is offered.
pub const TABLE: [Coverage; 1] = [Coverage { interval: "tobit", held: [[95.0; 5]; 4] }];
