//! Samples that test the method: spiked samples and incurred samples that are measured again. `samples.csv` declares them.
//!
//! ```text
//! spike   recovery   = 100 × (spiked − sample) / added                     (ICH M10 7.1.5)
//! isr     difference = 100 × (repeat − first) / ((repeat + first) / 2)     (ICH M10 5)
//! ```
//!
//! ISR is passed when at least two thirds of the repeats differ by 30 % at most; it never changes the first result. A pair
//! that cannot be computed does not pass, and a repeat on the plate of the first result is no repeat. M10 asks for repeats of
//! 10 % of the first 1000 samples and 5 % of the rest; the number is said beside, it decides nothing.

use crate::concentration::Quantity;
use crate::plate::{Purpose, SampleList};
use crate::protocol::AcrossPlatesSettings;
use crate::qc::Outcome;
use crate::qc::passed_share::PassedShare;
use crate::stats::distribution::normal_quantile;

/// What was measured of a sample, and on which plate.
///
/// ```
/// use platewise::{concentration::Quantity, qc::across_plates::MeasuredQuantity};
///
/// let below = Quantity::BelowLloq { limit: 312.5 };
/// let measured = MeasuredQuantity { quantity: &below, plate: Some("P01") };
/// assert_eq!(measured.quantity.value(), None, "a limit is no number to compare");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct MeasuredQuantity<'a> {
    /// Its result.
    pub quantity: &'a Quantity,
    /// The plate that it comes from.
    pub plate: Option<&'a str>,
}

/// A spiked sample beside the sample that it was made from.
///
/// ```
/// use platewise::qc::across_plates::{Recovery, Spike};
///
/// let recovery = Ok(Recovery { percent: 94.0, interval: Some((88.0, 100.0)), within: true });
/// let spike = Spike { sample: "S1+".into(), of: "S1".into(), added: 500.0, spiked: None, unspiked: None, recovery };
/// assert!(spike.recovery.is_ok_and(|recovery| recovery.within));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Spike {
    /// The spiked sample.
    pub sample: String,
    /// The sample that it was made from.
    pub of: String,
    /// What was added, in the unit of the study, of the undiluted sample.
    pub added: f64,
    /// Result of the spiked sample.
    pub spiked: Option<Quantity>,
    /// Result of the sample.
    pub unspiked: Option<Quantity>,
    /// Recovery with its interval in percent, or why there is none.
    pub recovery: Result<Recovery, String>,
}

/// A recovery in percent.
///
/// ```
/// use platewise::qc::across_plates::Recovery;
///
/// // 470 of 500 that were added.
/// let recovery = Recovery { percent: 100.0 * 470.0 / 500.0, interval: None, within: true };
/// assert_eq!(recovery.percent, 94.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recovery {
    /// The recovery.
    pub percent: f64,
    /// Its interval, from the standard errors of both results taken as independent (normal); `None` where one has none.
    pub interval: Option<(f64, f64)>,
    /// Whether it is within the method's limit.
    pub within: bool,
}

/// An incurred sample beside its repeat.
///
/// ```
/// use platewise::qc::across_plates::IncurredPair;
///
/// let pair = IncurredPair {
///     sample: "S1r".into(),
///     of: "S1".into(),
///     first: None,
///     repeat: None,
///     difference_percent: Err("the repeat is in no layout that could be read".into()),
///     within: false,
/// };
/// assert!(!pair.within, "what cannot be computed does not pass");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct IncurredPair {
    /// The name of the repeat.
    pub sample: String,
    /// The sample.
    pub of: String,
    /// The first result, which is the reported one.
    pub first: Option<Quantity>,
    /// The repeat.
    pub repeat: Option<Quantity>,
    /// The difference in percent of the mean of the two, or why there is none.
    pub difference_percent: Result<f64, String>,
    /// Whether it is within the method's limit; what cannot be computed is not.
    pub within: bool,
}

/// The incurred-sample reanalysis of a study.
///
/// ```
/// use platewise::qc::across_plates::IncurredReanalysis;
///
/// // 16 of 23 repeats are within 30 %: more than two thirds.
/// let isr = IncurredReanalysis { pairs: Vec::new(), within: 16, passed: true, expected: 23 };
/// assert!(3 * isr.within >= 2 * isr.expected && isr.passed);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct IncurredReanalysis {
    /// Every pair.
    pub pairs: Vec<IncurredPair>,
    /// Pairs within the limit.
    pub within: usize,
    /// Whether enough are.
    pub passed: bool,
    /// Repeats that ICH M10 asks for, for as many samples.
    pub expected: usize,
}

/// What the test samples of a study say.
///
/// ```
/// use platewise::concentration::{Estimate, Quantity};
/// use platewise::plate::SampleList;
/// use platewise::qc::across_plates::{MeasuredQuantity, TestSamples};
/// use platewise::sheet::Book;
///
/// let list = "sample,subject,visit,purpose,of,added\nS1,001,Baseline,,,\nS1+,,,spike,S1,500\nS1r,,,isr,S1,\n";
/// let samples = SampleList::read(&Book::from_bytes(list.as_bytes(), "samples.csv")?.sheets[0])?;
/// let result = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
/// let (first, spiked, repeat) = (result(300.0), result(770.0), result(330.0));
/// let measured = |name: &str| match name {
///     "S1" => Some(MeasuredQuantity { quantity: &first, plate: Some("P1") }),
///     "S1+" => Some(MeasuredQuantity { quantity: &spiked, plate: Some("P1") }),
///     _ => Some(MeasuredQuantity { quantity: &repeat, plate: Some("P2") }),
/// };
/// let assay = platewise::protocol::read(std::path::Path::new("plates"))?.assay;
/// let tests = TestSamples::evaluate(&samples, measured, &assay.across_plates, 0.95);
/// assert_eq!(tests.spikes[0].recovery.as_ref().map(|recovery| recovery.percent), Ok(94.0)); // 100 × (770 − 300) / 500
/// assert!(tests.isr.is_some_and(|isr| isr.passed)); // 100 × (330 − 300) / 315 = 9.5 %
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TestSamples {
    /// Every spiked sample, in the order of the list.
    pub spikes: Vec<Spike>,
    /// The reanalysis; `None` where no sample was measured again for it.
    pub isr: Option<IncurredReanalysis>,
}

impl TestSamples {
    /// What a sample is measured for, as in `samples.csv`: `study`, `spike` or `isr`.
    pub fn purpose(&self, sample: &str) -> &'static str {
        let mut repeats = self.isr.iter().flat_map(|isr| &isr.pairs);
        if self.spikes.iter().any(|spike| spike.sample == sample) {
            "spike"
        } else if repeats.any(|pair| pair.sample == sample) {
            "isr"
        } else {
            "study"
        }
    }

    /// Evaluates the test samples of the list; `measured` gives the result of a sample.
    pub fn evaluate<'a>(
        samples: &SampleList,
        measured: impl Fn(&str) -> Option<MeasuredQuantity<'a>>,
        settings: &AcrossPlatesSettings,
        confidence: f64,
    ) -> Self {
        let mut found = Self::default();
        let mut pairs = Vec::new();
        for sample in samples.iter() {
            match &sample.purpose {
                Purpose::Study => {}
                Purpose::Spike { of, added } => {
                    let (spiked, unspiked) = (measured(&sample.id), measured(of));
                    found.spikes.push(Spike {
                        sample: sample.id.clone(),
                        of: of.clone(),
                        added: *added,
                        recovery: recovery(spiked, unspiked, *added, settings, confidence),
                        spiked: spiked.map(|one| one.quantity.clone()),
                        unspiked: unspiked.map(|one| one.quantity.clone()),
                    });
                }
                Purpose::Isr { of } => pairs.push(pair(&sample.id, of, measured(of), measured(&sample.id), settings)),
            }
        }
        let study = samples.iter().filter(|sample| sample.purpose == Purpose::Study).count();
        found.isr = (!pairs.is_empty()).then(|| reanalysis(pairs, study, settings));
        found
    }
}

fn value(measured: Option<MeasuredQuantity<'_>>, name: &str) -> Result<f64, String> {
    match measured.map(|one| one.quantity) {
        Some(Quantity::Quantified(estimate)) => Ok(estimate.value),
        Some(other) => Err(format!("{name} is {other}")),
        None => Err(format!("{name} is in no layout that could be read")),
    }
}

fn recovery(
    spiked: Option<MeasuredQuantity<'_>>,
    unspiked: Option<MeasuredQuantity<'_>>,
    added: f64,
    settings: &AcrossPlatesSettings,
    confidence: f64,
) -> Result<Recovery, String> {
    let percent =
        100.0 * (value(spiked, "the spiked sample")? - value(unspiked, "the sample without the spike")?) / added;
    let standard_error = |measured: Option<MeasuredQuantity<'_>>| match measured?.quantity {
        Quantity::Quantified(estimate) => estimate.standard_error,
        _ => None,
    };
    let interval = standard_error(spiked).zip(standard_error(unspiked)).map(|(one, other)| {
        let half = 100.0 * normal_quantile(0.5 + confidence / 2.0) * libm::hypot(one, other) / added;
        (percent - half, percent + half)
    });
    Ok(Recovery { percent, interval, within: (percent - 100.0).abs() <= settings.spike_recovery_percent })
}

fn pair(
    sample: &str,
    of: &str,
    first: Option<MeasuredQuantity<'_>>,
    repeat: Option<MeasuredQuantity<'_>>,
    settings: &AcrossPlatesSettings,
) -> IncurredPair {
    let same_plate =
        first.zip(repeat).is_some_and(|(first, repeat)| first.plate.is_some() && first.plate == repeat.plate);
    let difference = || {
        let (one, other) = (value(first, "the first result")?, value(repeat, "the repeat")?);
        if same_plate {
            return Err("both are from one plate: a repeat takes another run".to_string());
        }
        Ok(100.0 * (other - one) / ((one + other) / 2.0))
    };
    let difference_percent = difference();
    IncurredPair {
        sample: sample.to_string(),
        of: of.to_string(),
        first: first.map(|one| one.quantity.clone()),
        repeat: repeat.map(|one| one.quantity.clone()),
        within: difference_percent.as_ref().is_ok_and(|percent| percent.abs() <= settings.isr_difference_percent),
        difference_percent,
    }
}

fn reanalysis(pairs: Vec<IncurredPair>, samples: usize, settings: &AcrossPlatesSettings) -> IncurredReanalysis {
    let within = pairs.iter().filter(|pair| pair.within).count();
    let passed = PassedShare::of(within, pairs.len(), settings.isr_pass_percent).outcome == Outcome::Pass;
    IncurredReanalysis { pairs, within, passed, expected: expected_repeats(samples) }
}

/// Repeats that ICH M10 asks for: 10 % of the first 1000 samples and 5 % of the rest.
fn expected_repeats(samples: usize) -> usize {
    // In twentieths, because 0.05 is no number of a computer.
    (2 * samples.min(1000) + samples.saturating_sub(1000)).div_ceil(20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::{Estimate, NotReported};
    use crate::qc::across_plates::example;
    use crate::sheet::Book;

    const LIST: &str = "sample,subject,visit,purpose,of,added\nS1,001,Baseline,,,\nS2,002,Baseline,study,,\nS3,003,Baseline,,,\n\
                        S1+,,,spike,S1,500\nS1r,,,isr,S1,\nS2r,,,isr,S2,\nS3r,,,isr,S3,\n";

    fn quantified(value: f64) -> Quantity {
        Quantity::Quantified(Estimate { value, standard_error: Some(10.0), lower: None, upper: None })
    }

    fn evaluate(values: &[(&str, Quantity, &str)]) -> TestSamples {
        let book = Book::from_bytes(LIST.as_bytes(), "samples.csv").unwrap();
        let samples = SampleList::read(&book.sheets[0]).unwrap();
        let measured = |name: &str| {
            let (_, quantity, plate) = values.iter().find(|(known, ..)| *known == name)?;
            Some(MeasuredQuantity { quantity, plate: Some(plate) })
        };
        TestSamples::evaluate(&samples, measured, &example::assay("").across_plates, 0.95)
    }

    #[test]
    fn recovery_is_what_was_found_of_what_was_added() {
        let found = evaluate(&[("S1", quantified(300.0), "P1"), ("S1+", quantified(770.0), "P1")]);
        let recovery = found.spikes[0].recovery.as_ref().unwrap();
        assert_eq!((recovery.percent, recovery.within), (94.0, true));
        let (lower, upper) = recovery.interval.unwrap();
        assert!((upper - lower - 2.0 * 100.0 * 1.959_963_984_540_054 * 200f64.sqrt() / 500.0).abs() < 1e-9);
        let below = evaluate(&[("S1", Quantity::BelowLloq { limit: 31.0 }, "P1"), ("S1+", quantified(470.0), "P1")]);
        assert_eq!(below.spikes[0].recovery, Err("the sample without the spike is <31".into()));
    }

    #[test]
    fn a_tenth_of_the_first_thousand_and_a_twentieth_of_the_rest() {
        assert_eq!([3, 228, 1000, 1001, 1200, 3000].map(expected_repeats), [1, 23, 100, 101, 110, 200]);
    }

    #[test]
    fn two_thirds_within_thirty_percent_of_the_mean() {
        // (115 − 85) / 100 = 30 % is within; (117 − 83) / 100 = 34 % is not.
        let values = [("S1", 85.0, "P1"), ("S1r", 115.0, "P2"), ("S2", 83.0, "P1"), ("S2r", 117.0, "P2")];
        let mut values: Vec<(&str, Quantity, &str)> =
            values.into_iter().map(|(name, value, plate)| (name, quantified(value), plate)).collect();
        values.extend([("S3", quantified(100.0), "P1"), ("S3r", quantified(90.0), "P2")]);
        let isr = evaluate(&values).isr.unwrap();
        assert_eq!((isr.pairs[0].difference_percent.clone(), isr.pairs[0].within), (Ok(30.0), true));
        assert_eq!((isr.pairs[1].difference_percent.clone(), isr.pairs[1].within), (Ok(34.0), false));
        assert_eq!((isr.within, isr.passed, isr.expected), (2, true, 1));
        // What cannot be computed never passes, and the same plate is no repeat.
        values[5] = ("S3r", Quantity::NotReported { reason: NotReported::PlateRejected }, "P2");
        assert!(!evaluate(&values).isr.unwrap().passed);
        values[5] = ("S3r", quantified(100.0), "P1");
        assert!(!evaluate(&values).isr.unwrap().passed);
    }

    /// A recovery of 80 % or 120 % is just within ±20 %.
    #[test]
    fn a_recovery_at_its_limit_is_within() {
        let within = |spiked: f64| {
            let found = evaluate(&[("S1", quantified(300.0), "P1"), ("S1+", quantified(spiked), "P1")]);
            found.spikes[0].recovery.as_ref().unwrap().within
        };
        assert_eq!(example::assay("").across_plates.spike_recovery_percent, 20.0);
        assert_eq!([699.5, 700.0, 800.0, 900.0, 900.5].map(within), [false, true, true, true, false]);
    }
}
