//! Coefficients of variation, of wells and of dilutions alike.

/// The mean; `None` of nothing.
pub(super) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// 100 × sd / mean with n − 1; `None` for fewer than two values or a mean that is not positive.
pub(crate) fn cv_percent(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    if values.len() < 2 || mean <= 0.0 {
        return None;
    }
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some(100.0 * (squares / (values.len() - 1) as f64).sqrt() / mean)
}
