//! How often a 95 % interval holds the truth, by simulation, and where it does so too rarely for a study like this one.
//!
//! The numbers are those that `cargo bench --bench limit_coverage` prints (2,000 simulated trials in each cell, so that chance moves
//! them by about a percentage point; 10,000 and half a point for the five from `van_elteren` on), the last eight those of `--bench
//! further_coverage` (1,000); `tests/bench/README.md` shows them as a table and says what is simulated. Between the cells
//! they are interpolated, in the share of values below the limit and in the logarithm of the arms' size.

use super::clinical::CorrelationMethod;
use super::interval_of::IntervalOf;
use crate::protocol::{AnalysisId, BelowLimit};
use crate::stats::imputation::Strategy;

/// Shares of the end points that are below the limit.
pub const SHARES: [f64; 4] = [0.0, 0.1, 0.3, 0.5];

/// Participants in each arm.
pub const SIZES: [f64; 5] = [5.0, 10.0, 20.0, 30.0, 60.0];

/// Coverage of one interval in percent: a row for each share, a column for each size; NaN where fewer than half of the trials have one.
///
/// ```
/// use platewise::protocol::BelowLimit;
/// use platewise::study::IntervalOf;
/// use platewise::study::coverage::{Coverage, TABLE};
///
/// let rows: &[Coverage] = &TABLE;
/// let halved = rows.iter().find(|row| row.interval == IntervalOf::Ancova(BelowLimit::HalfLloq)).unwrap();
/// // With half of the values below the limit and 60 in each arm the substituted number is wrong, and sure of it.
/// assert!(halved.at(0.0, 60.0).is_some_and(|held| held > 93.0) && halved.at(0.5, 60.0) < halved.at(0.1, 60.0));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Coverage {
    /// The interval.
    pub interval: IntervalOf,
    /// The participants in each arm, of each column: [`SIZES`], or from the smallest that has such an interval.
    pub sizes: [f64; 5],
    /// Coverage in percent.
    pub held: [[f64; 5]; 4],
}

/// Below this an interval is not what it says.
pub const FEWEST_PERCENT: f64 = 92.0;

impl Coverage {
    /// The coverage at a share and a size, interpolated; outside the table that at its edge. `None` where there is none.
    pub fn at(&self, share: f64, size: f64) -> Option<f64> {
        let (row, down) = place(&SHARES, share);
        let (column, across) = place(&self.sizes.map(libm::log), libm::log(size.max(1.0)));
        let along = |row: usize| {
            let [left, right] = [self.held[row][column], self.held[row][column + 1]];
            if across == 0.0 { left } else { left + across * (right - left) }
        };
        let held = if down == 0.0 { along(row) } else { along(row) + down * (along(row + 1) - along(row)) };
        held.is_finite().then_some(held)
    }
}

/// The coverage of an interval in percent at a share of values below the limit and a size of the arms; `None` where that is not known.
pub(super) fn held_at(interval: IntervalOf, share: f64, size: f64) -> Option<f64> {
    TABLE.iter().find(|known| known.interval == interval)?.at(share, size)
}

/// The cell of a rising grid in which a value lies, and how far into it.
fn place(grid: &[f64], value: f64) -> (usize, f64) {
    let last = grid.len() - 2;
    let cell = grid.iter().skip(1).position(|edge| value < *edge).unwrap_or(last).min(last);
    (cell, ((value - grid[cell]) / (grid[cell + 1] - grid[cell])).clamp(0.0, 1.0))
}

/// Every interval that is offered.
pub const TABLE: [Coverage; 28] = [
    Coverage {
        interval: IntervalOf::Ancova(BelowLimit::HalfLloq),
        sizes: SIZES,
        held: [
            [95.0, 95.8, 95.3, 94.9, 95.1],
            [95.0, 95.4, 94.8, 95.1, 95.0],
            [94.7, 94.6, 92.9, 92.8, 90.0],
            [91.1, 89.1, 80.9, 75.5, 54.9],
        ],
    },
    Coverage {
        interval: IntervalOf::Ancova(BelowLimit::LloqOverSqrt2),
        sizes: SIZES,
        held: [
            [95.0, 95.8, 95.3, 94.9, 95.1],
            [94.8, 95.3, 94.7, 94.4, 94.0],
            [93.7, 93.2, 89.0, 85.5, 75.0],
            [85.6, 78.0, 62.0, 46.1, 20.8],
        ],
    },
    Coverage {
        interval: IntervalOf::Ancova(BelowLimit::Lloq),
        sizes: SIZES,
        held: [
            [95.0, 95.8, 95.3, 94.9, 95.1],
            [94.5, 95.0, 94.0, 93.2, 91.3],
            [91.5, 87.3, 78.6, 71.8, 50.1],
            [73.4, 60.0, 36.4, 19.1, 2.9],
        ],
    },
    Coverage {
        interval: IntervalOf::Ancova(BelowLimit::Exclude),
        sizes: SIZES,
        held: [
            [95.0, 95.8, 95.3, 94.9, 95.1],
            [94.0, 94.3, 92.7, 91.7, 86.4],
            [93.1, 92.2, 86.4, 81.5, 66.0],
            [92.2, 91.7, 83.1, 75.4, 54.6],
        ],
    },
    Coverage {
        interval: IntervalOf::Analysis(AnalysisId::AncovaHc3),
        sizes: SIZES,
        held: [
            [97.0, 96.6, 95.8, 95.5, 95.2],
            [97.0, 96.5, 95.7, 95.7, 95.1],
            [96.4, 96.3, 94.0, 93.7, 90.5],
            [93.9, 91.5, 83.0, 77.5, 56.4],
        ],
    },
    Coverage {
        interval: IntervalOf::Analysis(AnalysisId::WelchT),
        sizes: SIZES,
        held: [
            [95.9, 95.2, 95.3, 95.5, 94.8],
            [95.5, 95.2, 95.2, 94.7, 94.5],
            [95.0, 94.2, 94.3, 92.9, 91.3],
            [93.2, 90.5, 85.6, 80.6, 65.5],
        ],
    },
    Coverage {
        interval: IntervalOf::Analysis(AnalysisId::StudentT),
        sizes: SIZES,
        held: [
            [95.4, 94.9, 95.3, 95.5, 94.8],
            [94.9, 95.0, 95.2, 94.7, 94.5],
            [94.5, 93.8, 94.3, 92.9, 91.3],
            [92.2, 90.2, 85.4, 80.5, 65.5],
        ],
    },
    Coverage {
        interval: IntervalOf::Analysis(AnalysisId::MannWhitney),
        sizes: SIZES,
        held: [
            [96.5, 95.8, 95.0, 95.2, 94.7],
            [96.2, 95.3, 94.8, 95.0, 94.5],
            [96.5, 95.3, 93.7, 92.8, 89.8],
            [94.5, 90.2, 83.5, 77.5, 59.1],
        ],
    },
    Coverage {
        interval: IntervalOf::Analysis(AnalysisId::Tobit),
        sizes: SIZES,
        held: [
            [95.0, 95.8, 95.3, 94.9, 95.1],
            [95.9, 95.9, 95.2, 95.0, 94.6],
            [97.0, 96.4, 95.3, 95.5, 94.9],
            [98.1, 97.8, 96.2, 95.7, 95.2],
        ],
    },
    Coverage {
        interval: IntervalOf::Mean,
        sizes: SIZES,
        held: [
            [94.9, 95.2, 95.2, 95.8, 95.3],
            [94.8, 95.0, 95.0, 94.8, 95.3],
            [93.5, 94.8, 94.8, 93.5, 90.0],
            [86.6, 89.2, 69.5, 47.6, 9.6],
        ],
    },
    Coverage {
        interval: IntervalOf::CensoredMean,
        sizes: SIZES,
        held: [
            [94.9, 95.2, 95.2, 95.8, 95.3],
            [95.7, 96.0, 95.3, 95.2, 95.3],
            [97.0, 97.2, 96.7, 96.3, 94.8],
            [97.2, 97.3, 97.3, 97.0, 96.2],
        ],
    },
    Coverage {
        interval: IntervalOf::Change,
        sizes: SIZES,
        held: [
            [94.8, 95.4, 95.5, 95.5, 94.7],
            [94.7, 95.5, 95.5, 95.2, 94.3],
            [93.7, 93.7, 93.0, 90.8, 86.5],
            [88.2, 84.6, 75.5, 65.6, 38.5],
        ],
    },
    Coverage {
        interval: IntervalOf::HodgesLehmannChange,
        sizes: [6.0, 10.0, 20.0, 30.0, 60.0],
        held: [
            [96.4, 95.2, 95.6, 95.2, 94.7],
            [96.6, 95.3, 95.8, 95.0, 94.3],
            [96.3, 94.1, 92.7, 90.5, 85.0],
            [93.8, 86.2, 74.5, 62.6, 33.1],
        ],
    },
    Coverage {
        interval: IntervalOf::Analysis(AnalysisId::Mmrm),
        sizes: SIZES,
        held: [
            [95.0, 95.8, 95.3, 94.9, 95.1],
            [95.0, 95.4, 94.8, 95.1, 95.0],
            [94.7, 94.6, 92.9, 92.8, 90.0],
            [91.1, 89.1, 80.9, 75.5, 54.9],
        ],
    },
    Coverage {
        interval: IntervalOf::Analysis(AnalysisId::BootstrapMedians),
        sizes: SIZES,
        held: [
            [93.4, 95.4, 94.2, 94.6, 93.6],
            [93.0, 95.4, 95.2, 94.6, 94.8],
            [94.8, 94.0, 94.8, 88.8, 88.2],
            [92.6, 90.2, 88.0, 79.2, 58.0],
        ],
    },
    Coverage {
        interval: IntervalOf::Analysis(AnalysisId::VanElteren),
        sizes: SIZES,
        held: [
            [94.8, 95.6, 94.9, 95.0, 95.2],
            [94.7, 95.6, 94.8, 95.1, 95.1],
            [94.8, 95.1, 93.6, 92.9, 90.5],
            [92.6, 90.5, 83.9, 77.9, 60.3],
        ],
    },
    Coverage {
        interval: IntervalOf::Subgroups,
        sizes: SIZES,
        held: [
            [95.1, 95.1, 94.9, 95.0, 95.0],
            [95.0, 95.1, 94.8, 95.1, 95.1],
            [94.5, 94.9, 94.4, 94.0, 92.8],
            [92.5, 91.7, 88.3, 84.9, 74.3],
        ],
    },
    Coverage {
        interval: IntervalOf::StandardisedRatio,
        sizes: SIZES,
        held: [
            [91.8, 95.0, 96.0, 95.7, 95.3],
            [91.8, 94.7, 95.7, 95.3, 95.3],
            [91.1, 92.9, 93.7, 93.5, 91.8],
            [f64::NAN, 89.9, 89.8, 89.3, 86.6],
        ],
    },
    Coverage {
        interval: IntervalOf::StandardisedDifference,
        sizes: SIZES,
        held: [
            [92.1, 92.1, 92.6, 93.3, 94.3],
            [92.2, 91.8, 92.8, 93.5, 93.9],
            [91.5, 91.1, 91.8, 92.7, 91.2],
            [f64::NAN, 85.9, 84.3, 80.5, 68.0],
        ],
    },
    Coverage {
        interval: IntervalOf::Responders,
        sizes: SIZES,
        held: [
            [91.7, 94.8, 94.0, 94.8, 94.9],
            [91.5, 94.6, 94.0, 94.6, 94.8],
            [90.2, 93.6, 92.2, 92.8, 90.6],
            [87.5, 88.8, 86.0, 82.4, 70.7],
        ],
    },
    Coverage {
        interval: IntervalOf::Imputed(Strategy::MissingAtRandom),
        sizes: SIZES,
        held: [
            [97.6, 97.5, 95.4, 96.3, 93.9],
            [97.4, 97.6, 94.9, 95.9, 94.5],
            [96.5, 96.1, 93.9, 93.3, 90.6],
            [95.7, 92.3, 85.3, 79.3, 60.2],
        ],
    },
    Coverage {
        interval: IntervalOf::Imputed(Strategy::JumpToReference),
        sizes: SIZES,
        held: [
            [98.5, 98.4, 98.7, 98.7, 98.0],
            [98.9, 98.5, 98.5, 98.5, 98.4],
            [97.8, 97.9, 97.8, 97.7, 95.7],
            [97.4, 95.6, 93.8, 89.1, 75.7],
        ],
    },
    Coverage {
        interval: IntervalOf::Imputed(Strategy::CopyReference),
        sizes: SIZES,
        held: [
            [97.8, 98.2, 97.3, 98.1, 96.7],
            [98.2, 98.4, 97.6, 98.3, 97.3],
            [97.3, 98.2, 96.8, 96.1, 93.6],
            [95.7, 94.2, 89.2, 83.7, 65.7],
        ],
    },
    Coverage {
        interval: IntervalOf::Imputed(Strategy::CopyIncrements),
        sizes: SIZES,
        held: [
            [98.6, 98.3, 96.9, 98.0, 96.3],
            [98.7, 98.3, 96.9, 97.8, 96.5],
            [98.2, 98.1, 96.2, 95.9, 93.1],
            [97.6, 93.4, 88.2, 81.1, 60.4],
        ],
    },
    Coverage {
        interval: IntervalOf::ClinicalChange,
        sizes: SIZES,
        held: [
            [93.4, 92.4, 94.4, 94.2, 94.2],
            [93.4, 92.4, 94.4, 94.2, 94.2],
            [93.4, 92.4, 94.4, 94.2, 94.2],
            [93.4, 92.4, 94.4, 94.2, 94.2],
        ],
    },
    Coverage {
        interval: IntervalOf::Correlation(CorrelationMethod::Spearman),
        sizes: SIZES,
        held: [
            [94.4, 96.8, 95.1, 94.6, 95.2],
            [94.7, 96.1, 94.9, 94.6, 95.5],
            [96.1, 95.1, 92.9, 91.4, 88.2],
            [97.5, 93.8, 86.6, 83.0, 68.1],
        ],
    },
    Coverage {
        interval: IntervalOf::Correlation(CorrelationMethod::Pearson),
        sizes: SIZES,
        held: [
            [95.8, 96.3, 93.9, 94.9, 95.5],
            [96.5, 96.1, 94.1, 94.3, 95.2],
            [96.7, 95.1, 93.1, 91.3, 88.3],
            [96.2, 93.4, 87.5, 83.6, 69.1],
        ],
    },
    Coverage {
        interval: IntervalOf::Correlation(CorrelationMethod::WithinParticipants),
        sizes: SIZES,
        held: [
            [94.8, 95.5, 95.2, 96.5, 95.4],
            [94.8, 96.0, 95.1, 95.2, 95.0],
            [94.4, 94.0, 92.6, 87.8, 80.1],
            [89.5, 85.1, 73.8, 62.9, 31.3],
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the README is this one.
    #[test]
    fn the_readme_has_these_numbers() {
        let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/README.md")).unwrap();
        for row in &TABLE {
            let number = |held: &f64| if held.is_nan() { "–".to_string() } else { format!("{held:.1}") };
            let cells = row.held.map(|cell| cell.iter().map(number).collect::<Vec<_>>().join(", ")).join(" | ");
            let line = format!("| {} | {cells} |", row.interval.name());
            assert!(readme.contains(&line), "not in tests/bench/README.md: {line}");
        }
    }

    #[test]
    fn between_the_cells_it_is_interpolated_and_outside_it_is_the_edge() {
        let row = Coverage {
            interval: IntervalOf::Mean,
            sizes: SIZES,
            held: [[90.0; 5], [80.0; 5], [f64::NAN, 60.0, 60.0, 60.0, 60.0], [20.0; 5]],
        };
        assert_eq!([row.at(0.0, 3.0), row.at(0.05, 12.0), row.at(0.9, 500.0)], [Some(90.0), Some(85.0), Some(20.0)]);
        assert_eq!((row.at(0.3, 5.0), row.at(0.3, 10.0), row.at(0.2, 60.0)), (None, Some(60.0), Some(70.0)));
    }
}
