//! Whether a likelihood of censored normal values has a maximum.
//!
//! Over γ = β/σ and θ = 1/σ the log-likelihood is concave, so it lacks a maximum exactly where some direction (g, t) ≠ 0 leads on
//! for ever without going down:
//!
//! ```text
//! measured y: t y − xg = 0        below L: t L − xg ≥ 0        above U: t U − xg ≤ 0        t ≥ 0
//! ```
//!
//! (Silvapulle & Burridge, JRSS B 1986;48:100). The equations leave a small space; whether the inequalities leave a direction of it
//! is asked by non-negative least squares, which by Stiemke's theorem answers either way: a combination of all inequalities with
//! positive weights vanishes, or what is left of the best one is such a direction. An optimiser asked the same would stop where
//! the likelihood is flat, far out, and call that an estimate.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::Censored;

/// A number smaller than this share of what it was computed from is zero but for rounding.
const ZERO: f64 = 1e-9;

/// A direction in which the likelihood never goes down.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RecessionDirection {
    /// The columns of the design whose coefficients go to infinity; empty where it is the precision alone.
    pub(super) columns: Vec<usize>,
    /// The values that the direction moves further beyond their limit.
    pub(super) values: Vec<usize>,
    /// Whether the measured values lie on the model, so that σ goes to zero.
    pub(super) without_spread: bool,
}

/// Such a direction for `values` with the design `x`; `None` where the likelihood has its maximum.
pub(super) fn escape(values: &[Censored], x: ArrayView2<'_, f64>) -> Option<RecessionDirection> {
    let directions = scaled(values, x);
    let measured = |i: &usize| matches!(values[*i], Censored::Measured(_));
    let rows: Vec<usize> = (0..values.len()).filter(measured).collect();
    let space = null_space(directions.select(Axis(0), &rows));
    let free = space.ncols();
    if free == 0 {
        return None;
    }
    // Each inequality as one row that must not be above zero; the last is θ's own.
    let moved = directions.dot(&space);
    let beyond: Vec<usize> = (0..values.len()).filter(|i| !measured(i)).collect();
    let mut rows: Vec<Array1<f64>> = Vec::with_capacity(beyond.len() + 1);
    for &i in &beyond {
        let sign = if matches!(values[i], Censored::Below(_)) { -1.0 } else { 1.0 };
        rows.push(moved.row(i).mapv(|u| sign * u));
    }
    let precision = space.nrows() - 1;
    rows.push(space.row(precision).mapv(|t| -t));
    let left = least_combination(&rows, free)?;
    let direction = space.dot(&left);
    let largest = direction.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
    let moves = |part: f64| part.abs() > 1e-6 * largest;
    Some(RecessionDirection {
        columns: (0..precision).filter(|&j| moves(direction[j])).collect(),
        values: beyond.into_iter().filter(|&i| moves(directions.row(i).dot(&direction))).collect(),
        without_spread: moves(direction[precision]),
    })
}

/// The rows `(−x, y)` of the derivative of `θy − xγ`, each column divided by its length; y without its mean, which only moves the
/// intercept's part of a direction, so that rounding is measured against the spread.
fn scaled(values: &[Censored], x: ArrayView2<'_, f64>) -> Array2<f64> {
    let (n, p) = x.dim();
    let mean = values.iter().map(|value| value.number()).sum::<f64>() / n as f64;
    let mut rows =
        Array2::from_shape_fn((n, p + 1), |(i, j)| if j < p { -x[[i, j]] } else { values[i].number() - mean });
    for mut column in rows.columns_mut() {
        let length = column.dot(&column).sqrt();
        if length > 0.0 {
            column /= length;
        }
    }
    rows
}

/// A basis of the vectors that every row of `a` makes zero, as columns: elimination with full pivoting.
fn null_space(mut a: Array2<f64>) -> Array2<f64> {
    let (m, n) = a.dim();
    let mut order: Vec<usize> = (0..n).collect();
    let mut rank = 0;
    while rank < m.min(n) {
        let place = (rank..m)
            .flat_map(|i| (rank..n).map(move |j| (i, j)))
            .max_by(|&one, &other| a[one].abs().total_cmp(&a[other].abs()));
        let Some((row, column)) = place.filter(|&at| a[at].abs() > ZERO) else { break };
        for j in 0..n {
            a.swap([rank, j], [row, j]);
        }
        for i in 0..m {
            a.swap([i, rank], [i, column]);
        }
        order.swap(rank, column);
        let pivot = a.row(rank).mapv(|value| value / a[[rank, rank]]);
        a.row_mut(rank).assign(&pivot);
        for i in (0..m).filter(|&i| i != rank) {
            let factor = a[[i, rank]];
            a.row_mut(i).scaled_add(-factor, &pivot);
        }
        rank += 1;
    }
    let mut basis = Array2::zeros((n, n - rank));
    for (k, column) in (rank..n).enumerate() {
        for i in 0..rank {
            basis[[order[i], k]] = -a[[i, column]];
        }
        basis[[order[column], k]] = 1.0;
    }
    basis
}

/// What is left, with the opposite sign, of the smallest combination of `rows` with weights of at least one; `None` where it vanishes.
/// Non-negative least squares (Lawson & Hanson, *Solving Least Squares Problems*, 1974, chapter 23).
fn least_combination(rows: &[Array1<f64>], dimension: usize) -> Option<Array1<f64>> {
    let lengths: Vec<f64> = rows.iter().map(|row| row.dot(row).sqrt()).collect();
    // A row of zeros is an inequality that holds anyway.
    let kept = rows.iter().zip(lengths).filter(|(_, length)| *length > ZERO);
    let rows: Vec<Array1<f64>> = kept.map(|(row, length)| row / length).collect();
    let sum = rows.iter().fold(Array1::<f64>::zeros(dimension), |sum, row| sum + row);
    let mut weights = vec![0.0; rows.len()];
    let mut inside: Vec<usize> = Vec::new();
    let left = |weights: &[f64]| {
        let mut left = sum.clone();
        for (row, &weight) in rows.iter().zip(weights) {
            left.scaled_add(weight, row);
        }
        left
    };
    let small = ZERO * rows.len() as f64;
    for _ in 0..10 * rows.len() + 10 {
        let rest = left(&weights);
        if rest.dot(&rest).sqrt() <= small {
            return None;
        }
        // The row against which the rest still points.
        let next = (0..rows.len())
            .filter(|i| !inside.contains(i))
            .map(|i| (i, rows[i].dot(&rest)))
            .min_by(|one, other| one.1.total_cmp(&other.1))
            .filter(|(_, slope)| *slope < -small);
        let Some((next, _)) = next else { return Some(-rest) };
        inside.push(next);
        while !inside.is_empty() {
            let wanted = solve(&rows, &inside, sum.view());
            let stays = wanted.iter().all(|&weight| weight > 0.0);
            let step = if stays { 1.0 } else { longest_step(&weights, &inside, &wanted) };
            for (&i, &wanted) in inside.iter().zip(&wanted) {
                weights[i] += step * (wanted - weights[i]);
            }
            if stays {
                break;
            }
            inside.retain(|&i| weights[i] > ZERO);
            weights.iter_mut().enumerate().filter(|(i, _)| !inside.contains(i)).for_each(|(_, weight)| *weight = 0.0);
        }
    }
    Some(-left(&weights))
}

/// How far the weights can go to those that are wanted before one of them is negative.
fn longest_step(weights: &[f64], inside: &[usize], wanted: &[f64]) -> f64 {
    let to_zero = inside.iter().zip(wanted).filter(|(_, wanted)| **wanted <= 0.0);
    to_zero.map(|(&i, wanted)| weights[i] / (weights[i] - wanted)).filter(|step| step.is_finite()).fold(1.0, f64::min)
}

/// The weights of the rows `inside` that bring `sum` nearest to zero, by their normal equations; a row that depends on those before
/// it has weight zero.
fn solve(rows: &[Array1<f64>], inside: &[usize], sum: ArrayView1<'_, f64>) -> Vec<f64> {
    let k = inside.len();
    let mut a = Array2::from_shape_fn((k, k + 1), |(i, j)| {
        let row = &rows[inside[i]];
        if j < k { row.dot(&rows[inside[j]]) } else { -row.dot(&sum) }
    });
    for i in 0..k {
        let pivot = a[[i, i]];
        if pivot.abs() <= ZERO {
            a.row_mut(i).fill(0.0);
            continue;
        }
        let pivot = a.row(i).mapv(|value| value / pivot);
        a.row_mut(i).assign(&pivot);
        for other in (0..k).filter(|&other| other != i) {
            let factor = a[[other, i]];
            a.row_mut(other).scaled_add(-factor, &pivot);
        }
    }
    a.column(k).to_vec()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::super::random::Random;
    use super::*;
    use Censored::{Above, Below, Measured};

    #[test]
    fn an_arm_that_is_all_below_escapes_and_one_measured_value_holds_it() {
        let x = array![[1.0, 1.0], [1.0, 1.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0]];
        let mut values = [Below(1.0), Below(1.0), Measured(2.0), Measured(2.5), Measured(3.0)];
        let found = escape(&values, x.view()).unwrap();
        assert_eq!(found, RecessionDirection { columns: vec![1], values: vec![0, 1], without_spread: false });
        values[0] = Measured(0.5);
        assert_eq!(escape(&values, x.view()), None);
        // Below on one side and above on the other hold the arm from both.
        values[0] = Above(0.5);
        assert_eq!(escape(&values, x.view()), None);
        // On a line the measured values leave no spread.
        let exact = [Below(1.0), Measured(0.0), Measured(2.0), Measured(2.0), Measured(2.0)];
        assert!(escape(&exact, x.view()).unwrap().without_spread);
    }

    /// Beside a count of every direction of a fine grid in the free space of two slopes.
    #[test]
    fn agrees_with_a_search_over_directions() {
        let mut random = Random::new(3);
        let mut escapes = 0;
        for _ in 0..400 {
            // Three measured values share one row, so that two of three coefficients are held by censored values alone.
            let n = 4 + (random.uniform() * 5.0) as usize;
            let mut x = Array2::zeros((3 + n, 3));
            let mut values = vec![Measured(1.0), Measured(2.0), Measured(4.0)];
            x.column_mut(0).fill(1.0);
            for i in 0..n {
                x[[3 + i, 1]] = (6.0 * random.uniform()).floor() - 3.0;
                x[[3 + i, 2]] = (6.0 * random.uniform()).floor() - 3.0;
                values.push(if random.uniform() < 0.5 { Below(1.0) } else { Above(1.0) });
            }
            let never_down = |angle: f64| {
                (3..3 + n).all(|i| {
                    let along = x[[i, 1]] * angle.cos() + x[[i, 2]] * angle.sin();
                    if matches!(values[i], Below(_)) { along <= 1e-9 } else { along >= -1e-9 }
                })
            };
            // Edges of the cone stand at right angles to a row: these and a grid.
            let edges = (3..3 + n).flat_map(|i| {
                let across = f64::atan2(x[[i, 1]], -x[[i, 2]]);
                [across, across + std::f64::consts::PI]
            });
            let grid = (0..720).map(|step| f64::from(step) * std::f64::consts::PI / 360.0);
            let searched = grid.chain(edges).any(never_down);
            let found = escape(&values, x.view());
            assert_eq!(found.is_some(), searched, "{x:?} {values:?}");
            escapes += usize::from(searched);
        }
        assert!((50..350).contains(&escapes), "{escapes}: both answers occur");
    }

    /// The basis has as many columns as the rows leave free, and no row sees any of them.
    #[test]
    fn a_null_space_is_what_no_row_sees() {
        let rows = [
            [1.0, 2.0, 0.0, -1.0, 3.0],
            [2.0, 4.0, 0.0, -2.0, 6.0],
            [0.0, 1.0, 1.0, 0.5, -1.0],
            [3.0, 0.0, -2.0, 1.0, 4.0],
            [1.0, 1.0, 1.0, 1.0, 1.0],
        ];
        for (taken, rank) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 3), (5, 4)] {
            let a = Array2::from_shape_fn((taken, 5), |(i, j)| rows[i][j]);
            let basis = null_space(a.clone());
            assert_eq!(basis.dim(), (5, 5 - rank), "{taken}");
            assert!(a.dot(&basis).iter().all(|seen| seen.abs() < 1e-12), "{taken}: {basis:?}");
            assert!(basis.columns().into_iter().all(|column| column.dot(&column) >= 1.0 - 1e-12), "{taken}: {basis:?}");
        }
    }
}
