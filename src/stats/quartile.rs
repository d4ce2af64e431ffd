//! Quantiles of a sample, by the three definitions that programs disagree on.
//!
//! Numbered as by Hyndman & Fan, Am Stat 1996;50:361. With the sorted values `x₁ … xₙ` and `⌊h⌋ = j`:
//!
//! ```text
//! type 2   SAS (PCTLDEF=5)           h = np:        xⱼ₊₁, or (xⱼ + xⱼ₊₁)/2 when h is whole
//! type 6   SPSS, Minitab, Excel EXC  h = (n + 1)p:  xⱼ + (h − j)(xⱼ₊₁ − xⱼ)
//! type 7   R, NumPy, Excel INC       h = (n − 1)p + 1, interpolated alike
//! ```

/// Which definition.
///
/// ```
/// use platewise::stats::quartile::{QuantileType, quantile};
///
/// let first = |definition| quantile(&[1.0, 2.0, 3.0, 4.0], 0.25, definition);
/// let found = [QuantileType::Two, QuantileType::Six, QuantileType::Seven].map(first);
/// assert_eq!(found, [Some(1.5), Some(1.25), Some(1.75)]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantileType {
    /// SAS's default.
    Two,
    /// SPSS and Minitab.
    Six,
    /// R and NumPy.
    Seven,
}

/// The `p`-quantile of `sorted`, ascending; `None` when it is empty.
pub fn quantile(sorted: &[f64], p: f64, definition: QuantileType) -> Option<f64> {
    let n = sorted.len() as f64;
    // The `j`-th smallest, from 1, and the nearest one outside.
    let at = |j: f64| sorted.get((j.max(1.0) as usize).min(sorted.len()).checked_sub(1)?).copied();
    let interpolated = |h: f64| {
        let (low, high) = (at(h.floor())?, at(h.floor() + 1.0)?);
        Some(low + (h - h.floor()).clamp(0.0, 1.0) * (high - low))
    };
    match definition {
        QuantileType::Two => {
            let h = n * p;
            // A whole h is meant even when p is not exact in binary.
            if (h - h.round()).abs() < 1e-9 {
                Some(0.5 * (at(h.round())? + at(h.round() + 1.0)?))
            } else {
                at(h.ceil())
            }
        }
        QuantileType::Six => interpolated((n + 1.0) * p),
        QuantileType::Seven => interpolated((n - 1.0) * p + 1.0),
    }
}

/// The median: the same by all three definitions.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    let upper = *sorted.get(n / 2)?;
    Some(if n % 2 == 1 { upper } else { 0.5 * (sorted[n / 2 - 1] + upper) })
}

/// The values in ascending order.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_differ_as_the_programs_do() {
        // R 4.2: quantile(c(1, 2, 4, 8, 16), .25, type = 2 | 6 | 7).
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert_eq!(quantile(&values, 0.25, QuantileType::Two), Some(2.0));
        assert_eq!(quantile(&values, 0.25, QuantileType::Six), Some(1.5));
        assert_eq!(quantile(&values, 0.25, QuantileType::Seven), Some(2.0));
        assert_eq!(quantile(&values[..4], 0.25, QuantileType::Two), Some(1.5));
        assert_eq!(quantile(&values[..4], 0.25, QuantileType::Seven), Some(1.75));
        assert_eq!(quantile(&[], 0.25, QuantileType::Seven), None);
        assert_eq!(quantile(&[3.0], 0.75, QuantileType::Six), Some(3.0));
        assert_eq!(median(&[]), None);
        assert_eq!(median(&values[..4]), Some(3.0));
    }
}
