//! What is asked for.

use crate::study::trial_data::TrialData;

/// How much is computed.
///
/// See [`AnalysisRequest`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What a trial report needs: log changes to the last visit, below-limit values as half their limit.
    Main,
    /// Every analysis with every option.
    All,
}

/// Two arms of a trial and what is to be computed for them.
///
/// ```
/// use platewise::sheet::Book;
/// use platewise::study::analyses::{Analysis, Extent, AnalysisRequest, analyses};
/// use platewise::study::values::read_values;
///
/// let table = b"usubjid,arm,week,value,blq,lloq\n\
///     S1,active,0,800,0,10\nS1,active,16,380,0,10\nS2,active,0,900,0,10\nS2,active,16,,1,10\n\
///     S3,placebo,0,700,0,10\nS3,placebo,16,660,0,10\nS4,placebo,0,850,0,10\nS4,placebo,16,790,0,10\n";
/// let book = Book::from_bytes(table, "values.csv")?;
/// let trial = read_values(&book.sheets[0])?;
/// let request =
///     AnalysisRequest { trial: &trial, active: "active", reference: "placebo", confidence: 0.95, seed: 1, extent: Extent::Main };
/// let found: Vec<Analysis> = analyses(&request).unwrap();
/// let welch = found.iter().find(|analysis| analysis.analysis == "welch_t").unwrap();
/// assert_eq!((welch.options["change"].as_str(), welch.n_used), (Some("ln"), [2, 2]));
/// assert!(welch.result["p"].as_f64().is_some_and(|p| p > 0.05));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AnalysisRequest<'a> {
    /// The trial.
    pub trial: &'a TrialData,
    /// The arm in the numerator.
    pub active: &'a str,
    /// The reference arm.
    pub reference: &'a str,
    /// The level of all intervals.
    pub confidence: f64,
    /// Seed of what is resampled.
    pub seed: u64,
    /// How much.
    pub extent: Extent,
}
