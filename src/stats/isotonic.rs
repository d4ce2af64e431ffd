//! Isotonic regression: the rising sequence nearest to a sequence of means.
//!
//! ```text
//! minimise Σ wᵢ (yᵢ − fᵢ)²   subject to   f₁ ≤ f₂ ≤ … ≤ f_n
//! ```
//!
//! Pool-adjacent-violators: neighbours that fall are replaced by their weighted mean until nothing falls (Ayer, Brunk, Ewing,
//! Reid & Silverman, Ann. Math. Stat. 1955;26:641; Robertson, Wright & Dykstra, *Order Restricted Statistical Inference*,
//! 1988, §1.2).

/// The rising sequence nearest to `means`, each a (mean, positive weight).
///
/// ```
/// use platewise::stats::isotonic::isotonic;
///
/// assert_eq!(isotonic(&[(1.0, 1.0), (3.0, 1.0), (2.0, 1.0), (4.0, 1.0)]), [1.0, 2.5, 2.5, 4.0]);
/// ```
pub fn isotonic(means: &[(f64, f64)]) -> Vec<f64> {
    /// Neighbours with one value.
    struct PooledBlock {
        mean: f64,
        weight: f64,
        length: usize,
    }
    let mut blocks: Vec<PooledBlock> = Vec::with_capacity(means.len());
    for &(mean, weight) in means {
        let mut block = PooledBlock { mean, weight, length: 1 };
        while let Some(before) = blocks.pop_if(|before| before.mean > block.mean) {
            let weight = before.weight + block.weight;
            block.mean = (before.mean * before.weight + block.mean * block.weight) / weight;
            block.weight = weight;
            block.length += before.length;
        }
        blocks.push(block);
    }
    blocks.iter().flat_map(|block| std::iter::repeat_n(block.mean, block.length)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(means: &[f64]) -> Vec<f64> {
        isotonic(&means.iter().map(|&mean| (mean, 1.0)).collect::<Vec<_>>())
    }

    #[test]
    fn keeps_what_rises_and_pools_what_falls() {
        assert_eq!(fit(&[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
        assert_eq!(fit(&[3.0, 2.0, 1.0]), [2.0, 2.0, 2.0]);
        assert_eq!(fit(&[]), [0.0; 0]);
        // Violators that only appear after pooling: 1, 4, 3, 2, 5 → 4, 3 → 3.5 and 2 → 3.
        assert_eq!(fit(&[1.0, 4.0, 3.0, 2.0, 5.0]), [1.0, 3.0, 3.0, 3.0, 5.0]);
    }

    #[test]
    fn weights_pull() {
        assert_eq!(isotonic(&[(4.0, 1.0), (1.0, 2.0)]), [2.0, 2.0]);
    }

    /// The definition by max-min: fᵢ = max over a ≤ i of min over b ≥ i of the mean from a to b.
    #[test]
    fn is_the_max_min_of_means() {
        let mut random = crate::stats::random::Random::new(3);
        for _ in 0..200 {
            let means: Vec<f64> = (0..7).map(|_| random.normal()).collect();
            let mean = |a: usize, b: usize| means[a..=b].iter().sum::<f64>() / (b - a + 1) as f64;
            for (i, fitted) in fit(&means).into_iter().enumerate() {
                let expected = (0..=i)
                    .map(|a| (i..7).map(|b| mean(a, b)).fold(f64::INFINITY, f64::min))
                    .fold(f64::NEG_INFINITY, f64::max);
                assert!((fitted - expected).abs() < 1e-12);
            }
        }
    }
}
