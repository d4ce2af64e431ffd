//! Dilution series that an export shows by the names of its samples: Gen5 calls the dilutions of `SPL1` `SPL1:1`, `SPL1:2`, `SPL1:3` …
//!
//! That these are one sample is not said in the file: it may be proposed, with its evidence, and somebody says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::read::ExportedPlate;
use super::well::WellPosition;

/// Names `SPL1:1`, `SPL1:2` … whose dilutions go on by one factor.
///
/// ```
/// use platewise::plate::named_series;
/// use platewise::plate::formats;
/// use platewise::sheet::Book;
///
/// let text = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/reconcile/gen5.txt"));
/// let (export, _) = formats::examine(&Book::from_bytes(text, "gen5.txt")?, None)?;
/// assert!(named_series::find(&export.plates[0]).is_empty(), "SPL1 and SPL2 are two samples");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NamedSeries {
    /// The name that they share: `SPL1`.
    pub name: String,
    /// Their dilutions, as the file writes them.
    pub dilutions: Vec<f64>,
    /// The wells of all of them.
    pub wells: Vec<WellPosition>,
}

/// One of the numbered names: its dilution, and its wells.
type Member = (Option<f64>, Vec<WellPosition>);

/// The series of a plate: at least two names `NAME:1`, `NAME:2` … without a gap, of samples, each with one dilution, and the
/// dilutions in one ratio.
pub fn find(plate: &ExportedPlate) -> Vec<NamedSeries> {
    let mut numbered: BTreeMap<&str, BTreeMap<usize, Member>> = BTreeMap::new();
    let mut uneven: BTreeSet<&str> = BTreeSet::new();
    for (well, sample) in &plate.samples {
        let name = sample.name.as_deref().filter(|_| sample.role.as_deref() == Some("sample"));
        let Some((name, number)) = name.and_then(|name| name.rsplit_once(':')) else { continue };
        let Ok(number) = number.parse::<usize>() else { continue };
        let (dilution, wells) =
            numbered.entry(name).or_default().entry(number).or_insert((sample.dilution, Vec::new()));
        if *dilution != sample.dilution {
            uneven.insert(name);
        }
        wells.push(*well);
    }
    let series = numbered.into_iter().filter(|(name, _)| !uneven.contains(name)).filter_map(|(name, members)| {
        let numbers: Vec<usize> = members.keys().copied().collect();
        let dilutions = members.values().map(|(dilution, _)| *dilution).collect::<Option<Vec<f64>>>()?;
        let whole = numbers.len() > 1 && numbers.into_iter().eq(1..=members.len());
        let wells = members.into_values().flat_map(|(_, wells)| wells).collect();
        (whole && in_one_ratio(&dilutions)).then(|| NamedSeries { name: name.to_string(), dilutions, wells })
    });
    series.collect()
}

/// Whether each number is the same multiple of the one before, to the digits that people write, and none is the same as it.
fn in_one_ratio(numbers: &[f64]) -> bool {
    let ratios: Vec<f64> = numbers.windows(2).map(|pair| pair[1] / pair[0]).collect();
    let [first, ..] = ratios.as_slice() else { return false };
    numbers.iter().all(|number| *number > 0.0)
        && (first - 1.0).abs() > 0.05
        && ratios.iter().all(|ratio| (ratio / first - 1.0).abs() < 0.02)
}

/// As a person is told: `SPL1:1 to SPL1:4, dilutions 1, 2, 4, 8`.
impl fmt::Display for NamedSeries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dilutions: Vec<String> = self.dilutions.iter().map(f64::to_string).collect();
        write!(f, "{0}:1 to {0}:{1}, dilutions {2}", self.name, self.dilutions.len(), dilutions.join(", "))
    }
}

/// What is proposed of the series of a plate, in one line; `None` where it has none.
pub fn proposed(plate: &ExportedPlate) -> Option<String> {
    let found = find(plate);
    let first = found.first()?;
    let more = match found.len() {
        1 => String::new(),
        2 => ", and 1 more like it".to_string(),
        several => format!(", and {} more like it", several - 1),
    };
    Some(format!(
        "{first}{more}: if each is one sample in a dilution series, give the same command with --dilution-series"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::{ExportedSample, formats};
    use crate::sheet::Book;

    fn plate(samples: &[(&str, Option<f64>)]) -> ExportedPlate {
        let book = Book::from_bytes(b"450 nm\n,1,2,3,4\nA,1,2,3,4\nB,1,2,3,4\n", "plate.csv").unwrap();
        let mut plate = formats::examine(&book, None).unwrap().0.plates.remove(0);
        let of = |(at, (name, dilution)): (usize, &(&str, Option<f64>))| {
            let (name, role) = (Some(name.to_string()), Some("sample".to_string()));
            let sample = ExportedSample { name, role, dilution: *dilution, ..ExportedSample::default() };
            (WellPosition::new(at / 4, at % 4), sample)
        };
        plate.samples = samples.iter().enumerate().map(of).collect();
        plate
    }

    #[test]
    fn names_and_dilutions_have_to_go_on_together() {
        let whole =
            plate(&[("SPL1:1", Some(1.0)), ("SPL1:2", Some(0.5)), ("SPL1:2", Some(0.5)), ("SPL1:3", Some(0.25))]);
        let found = find(&whole);
        assert_eq!((found.len(), found[0].wells.len()), (1, 4));
        assert_eq!(found[0].to_string(), "SPL1:1 to SPL1:3, dilutions 1, 0.5, 0.25");
        for other in [
            plate(&[("SPL1:1", Some(1.0)), ("SPL1:3", Some(4.0))]),
            plate(&[("SPL1:1", Some(1.0)), ("SPL1:2", Some(1.0))]),
            plate(&[("SPL1:1", Some(1.0)), ("SPL1:2", None)]),
            plate(&[("SPL1:1", Some(1.0)), ("SPL1:2", Some(2.0)), ("SPL1:3", Some(8.0))]),
            plate(&[("SPL1:1", Some(1.0)), ("SPL1:2", Some(2.0)), ("SPL1:2", Some(4.0))]),
            plate(&[("S1", Some(1.0)), ("S2", Some(2.0))]),
        ] {
            assert!(find(&other).is_empty() && proposed(&other).is_none());
        }
    }
}
