//! Mean and coefficient of variation, of wells and of dilutions alike.

/// The mean; `None` of nothing.
pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// 100 × sd / mean with n − 1; `None` for fewer than two values, or a mean that is not positive and finite.
pub(crate) fn cv_percent(values: &[f64]) -> Option<f64> {
    let mean = mean(values).filter(|mean| *mean > 0.0 && mean.is_finite())?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (values.len() > 1).then(|| 100.0 * (squares / (values.len() - 1) as f64).sqrt() / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8, 10 and 12: squares of deviations 4 + 0 + 4 over 2 give an SD of 2, which is 20 % of 10.
    #[test]
    fn the_cv_divides_by_n_minus_one() {
        assert_eq!(cv_percent(&[8.0, 10.0, 12.0]), Some(20.0));
        assert_eq!(
            [&[10.0][..], &[], &[-1.0, 1.0], &[1.0, f64::NAN], &[1.0, f64::INFINITY]].map(cv_percent),
            [None; 5]
        );
        assert_eq!((mean(&[1.0, 2.0]), mean(&[])), (Some(1.5), None));
    }
}
