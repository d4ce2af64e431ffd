//! What a curve is fitted to: wells of known concentration, and the same wells merged by concentration.

use serde::{Deserialize, Serialize};

/// One well of a standard.
///
/// ```
/// use platewise::curve::Point;
///
/// let zero = Point { concentration: 0.0, response: 0.06 };
/// assert!(zero.concentration == 0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Concentration, ≥ 0. Zero is exact: nothing is added to it.
    pub concentration: f64,
    /// Response: an optical density, a fluorescence, a count.
    pub response: f64,
}

/// All wells of one concentration.
///
/// Every variance model gives the wells of one concentration the same weight `w`, so merging them is exact:
///
/// ```text
/// Σ w (yᵢ − f)² = n w (ȳ − f)² + w Σ (yᵢ − ȳ)²
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Standard {
    /// Concentration.
    pub x: f64,
    /// Its logarithm; −∞ at zero.
    pub ln_x: f64,
    /// Number of wells.
    pub n: f64,
    /// Mean response.
    pub mean: f64,
    /// Sum of squares of the responses about their mean.
    pub within: f64,
    /// The lowest and the highest response.
    pub range: (f64, f64),
}

/// Merges wells by concentration, in rising order.
pub(crate) fn merge(points: &[Point]) -> Vec<Standard> {
    let in_order = |p: &Point, q: &Point| p.concentration.total_cmp(&q.concentration);
    let mut standards = Vec::with_capacity(points.len());
    // Most plates come in order.
    if points.is_sorted_by(|p, q| in_order(p, q).is_le()) {
        merge_sorted(points, &mut standards);
    } else {
        let mut sorted = points.to_vec();
        sorted.sort_by(in_order);
        merge_sorted(&sorted, &mut standards);
    }
    standards
}

fn merge_sorted(points: &[Point], standards: &mut Vec<Standard>) {
    for wells in points.chunk_by(|p, q| p.concentration == q.concentration) {
        let n = wells.len() as f64;
        let (mut sum, mut within) = (0.0, 0.0);
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        for well in wells {
            sum += well.response;
            range = (range.0.min(well.response), range.1.max(well.response));
        }
        let mean = sum / n;
        for well in wells {
            within += (well.response - mean) * (well.response - mean);
        }
        // −0 sorts before 0 and equals it.
        let x = wells[0].concentration.abs();
        let ln_x = if x > 0.0 { libm::log(x) } else { f64::NEG_INFINITY };
        standards.push(Standard { x, ln_x, n, mean, within, range });
    }
}

impl Standard {
    /// The same without one of its wells, which had this response; `n` may become 0, which takes it out of every sum. The range stays:
    /// it tells how the wells of the plate scatter, which one of them does not change.
    pub(crate) fn without(&self, response: f64) -> Self {
        let n = self.n - 1.0;
        if n < 0.5 {
            return Self { n: 0.0, within: 0.0, ..*self };
        }
        let mean = (self.mean * self.n - response) / n;
        let within = (self.within - (response - self.mean) * (response - mean)).max(0.0);
        Self { n, mean, within, ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wells_of_one_concentration_are_merged_exactly() {
        let at = |concentration, response| Point { concentration, response };
        let standards = merge(&[at(2.0, 1.0), at(0.0, 0.1), at(2.0, 3.0), at(-0.0, 0.3), at(2.0, 2.0)]);
        assert_eq!(standards.len(), 2);
        assert_eq!((standards[0].x, standards[0].n, standards[0].mean), (0.0, 2.0, 0.2));
        assert_eq!((standards[1].n, standards[1].mean, standards[1].within), (3.0, 2.0, 2.0));
        assert_eq!((standards[0].range, standards[1].range), ((0.1, 0.3), (1.0, 3.0)));
        let fewer = standards[1].without(3.0);
        assert_eq!((fewer.n, fewer.mean, fewer.within), (2.0, 1.5, 0.5));
        assert_eq!(standards[1].without(3.0).without(1.0).without(2.0).n, 0.0);
    }
}
