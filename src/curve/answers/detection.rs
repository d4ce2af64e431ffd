//! Limits of blank and of detection from pooled blanks, CLSI EP17-A2 (parametric), in responses.
//!
//! ```text
//! LoB = mean of blanks ± c_B SD_B,   c_B = 1.645 / (1 − 1/(4 (B − K)))      B blank wells on K plates
//! LoD = LoB ± c_L SD_L,              c_L = 1.645 / (1 − 1/(4 (L − J)))      L wells of J low samples
//! ```
//!
//! `+` on rising curves, `−` on falling ones. The SDs are pooled within plates and within low samples, so that plates with
//! different backgrounds do not count as noise; the mean of the blanks is over all. A limit becomes a concentration by
//! [`StandardCurve::invert`](crate::curve::StandardCurve::invert) on the curve of the plate.

use serde::Serialize;

/// The 95 % point of the normal.
const Z: f64 = 1.644_853_626_951_472_7;
/// Degrees of freedom below which an SD is not worth a limit: two blank wells on one plate say nothing.
pub const LEAST_DF: usize = 18;

/// A limit of blank and, where low samples were given, of detection, as responses.
///
/// ```
/// use platewise::curve::detection::{Detection, detection};
///
/// let plate = [0.048, 0.052, 0.050, 0.051];
/// let limits: Detection = detection(&[plate.as_slice(); 8], &[], true)?;
/// assert!(limits.df == 24 && limits.limit_of_blank > limits.blank_mean);
/// # Ok::<(), platewise::curve::detection::NotEstimable>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Detection {
    /// Mean of the blanks.
    pub blank_mean: f64,
    /// SD of a blank well within its plate.
    pub blank_sd: f64,
    /// Degrees of freedom of that SD.
    pub df: usize,
    /// Limit of blank.
    pub limit_of_blank: f64,
    /// Limit of detection; `None` without low samples.
    pub limit_of_detection: Option<f64>,
}

/// Why there is no limit.
///
/// ```
/// use platewise::curve::detection::{NotEstimable, detection};
///
/// assert_eq!(detection(&[&[0.05, 0.06]], &[], true), Err(NotEstimable::Blanks { df: 1 }));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotEstimable {
    /// Too few blank wells beyond one per plate.
    #[error(
        "the blanks leave {df} degrees of freedom for their SD, {LEAST_DF} are needed: pool the blanks of more plates"
    )]
    Blanks {
        /// Degrees of freedom.
        df: usize,
    },
    /// Too few wells of low samples beyond one per sample.
    #[error("the low samples leave {df} degrees of freedom for their SD, {LEAST_DF} are needed")]
    LowSamples {
        /// Degrees of freedom.
        df: usize,
    },
}

/// The limits from the blanks of several plates and, for the limit of detection, the wells of low samples; `rising` says to
/// which side concentrations lie.
///
/// # Errors
/// When either has too few wells for an SD.
pub fn detection(plates: &[&[f64]], low_samples: &[&[f64]], rising: bool) -> Result<Detection, NotEstimable> {
    let side = if rising { 1.0 } else { -1.0 };
    let (blank_sd, df) = pooled_sd(plates);
    if df < LEAST_DF {
        return Err(NotEstimable::Blanks { df });
    }
    let wells: usize = plates.iter().map(|plate| plate.len()).sum();
    let blank_mean = plates.iter().flat_map(|plate| plate.iter()).sum::<f64>() / wells as f64;
    let limit_of_blank = blank_mean + side * factor(df) * blank_sd;
    let limit_of_detection = if low_samples.is_empty() {
        None
    } else {
        let (sd, df) = pooled_sd(low_samples);
        if df < LEAST_DF {
            return Err(NotEstimable::LowSamples { df });
        }
        Some(limit_of_blank + side * factor(df) * sd)
    };
    Ok(Detection { blank_mean, blank_sd, df, limit_of_blank, limit_of_detection })
}

fn factor(df: usize) -> f64 {
    Z / (1.0 - 1.0 / (4.0 * df as f64))
}

/// SD within groups, and its degrees of freedom.
fn pooled_sd(groups: &[&[f64]]) -> (f64, usize) {
    let (mut squares, mut df) = (0.0, 0);
    for group in groups.iter().filter(|group| !group.is_empty()) {
        let mean = group.iter().sum::<f64>() / group.len() as f64;
        squares += group.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        df += group.len() - 1;
    }
    ((squares / df as f64).sqrt(), df)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_ep17() {
        // Ten plates of three wells at ±0.01 about different backgrounds: SD 0.01 within plates, 20 degrees of freedom.
        let plates: Vec<[f64; 3]> = (0..10).map(|i| [0.04, 0.05, 0.06].map(|y| y + 0.002 * f64::from(i))).collect();
        let plates: Vec<&[f64]> = plates.iter().map(<[f64; 3]>::as_slice).collect();
        let found = detection(&plates, &[], true).unwrap();
        assert_eq!(found.df, 20);
        assert!((found.blank_sd - 0.01).abs() < 1e-12);
        assert!((found.blank_mean - 0.059).abs() < 1e-12);
        let expected = 0.059 + 1.644_853_626_951_472_7 / (1.0 - 1.0 / 80.0) * 0.01;
        assert!((found.limit_of_blank - expected).abs() < 1e-12);
        assert_eq!(found.limit_of_detection, None);
        let low = detection(&plates, &plates, true).unwrap();
        assert!((low.limit_of_detection.unwrap() - expected - (expected - 0.059)).abs() < 1e-12);
        let falling = detection(&plates, &[], false).unwrap();
        assert!((falling.limit_of_blank - (0.118 - expected)).abs() < 1e-12);
    }

    #[test]
    fn two_blanks_are_no_limit() {
        assert_eq!(detection(&[&[0.05, 0.06]], &[], true), Err(NotEstimable::Blanks { df: 1 }));
    }

    /// Eighteen degrees of freedom are enough: six plates of four blanks have them, with a blank less there are 17.
    #[test]
    fn an_sd_needs_eighteen_degrees_of_freedom() {
        let wells = [0.05, 0.06, 0.05, 0.06];
        let mut plates = [wells.as_slice(); 6];
        assert_eq!(detection(&plates, &[], true).map(|found| found.df), Ok(18));
        assert!(detection(&plates, &plates, true).is_ok());
        plates[0] = &wells[..3];
        assert_eq!(detection(&plates, &[], true), Err(NotEstimable::Blanks { df: 17 }));
        assert_eq!(detection(&[wells.as_slice(); 6], &plates, true), Err(NotEstimable::LowSamples { df: 17 }));
    }
}
