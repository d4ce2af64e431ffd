//! What an arrangement says is in each well: a known concentration, or the same as in some other wells. Names of samples do not
//! matter here, only which wells hold the same.

use std::collections::BTreeMap;

use crate::plate::{AssayPlate, PlateSize, WellPosition, WellRole};

/// What is said of one well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum WellContent {
    /// A standard, of a concentration.
    Standard(f64),
    /// A control, of a concentration in the well.
    Control(f64),
    /// A blank.
    Blank,
    /// A sample: the same as in the other wells of this number.
    Sample(usize),
}

impl WellContent {
    /// The concentration that is declared of the well.
    pub(super) fn known(self) -> Option<f64> {
        match self {
            Self::Standard(x) | Self::Control(x) => Some(x),
            Self::Blank | Self::Sample(_) => None,
        }
    }
}

/// What an arrangement says of a plate.
///
/// ```
/// use platewise::qc::arrangement::Contents;
/// use platewise::simulate;
///
/// let trial = simulate::plates(2, 1)?;
/// let plates: Vec<_> = trial.plates.iter().map(|plate| plate.assay_plate(&trial.protocol)).collect();
/// // Full plates of one laboratory: other samples, but standards, controls and pairs in the same places.
/// assert_eq!(Contents::of(&plates[0]), Contents::of(&plates[1]));
/// # Ok::<(), simulate::SimulationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Contents {
    pub(super) size: PlateSize,
    pub(super) wells: BTreeMap<WellPosition, WellContent>,
}

impl Contents {
    /// What the declared layout says. Samples are numbered by their first well, so that plates that differ only in whose samples
    /// they hold have the same contents.
    pub fn of(plate: &AssayPlate) -> Self {
        // A control without a nominal concentration is told by its wells only, as a sample is.
        let mut samples: BTreeMap<(bool, &str, u64), usize> = BTreeMap::new();
        let mut content = |role| match role {
            &WellRole::Standard { concentration } => Some(WellContent::Standard(concentration)),
            WellRole::Control { nominal: Some(nominal), dilution, .. } => {
                Some(WellContent::Control(nominal / dilution))
            }
            WellRole::Control { level, nominal: None, dilution } => {
                let next = samples.len();
                Some(WellContent::Sample(*samples.entry((true, level, dilution.to_bits())).or_insert(next)))
            }
            WellRole::Blank => Some(WellContent::Blank),
            WellRole::Sample { id, dilution } => {
                let next = samples.len();
                Some(WellContent::Sample(
                    *samples.entry((false, id, dilution.unwrap_or(1.0).to_bits())).or_insert(next),
                ))
            }
            WellRole::Unused => None,
        };
        let mut wells: Vec<_> = plate.wells.iter().collect();
        wells.sort_by_key(|well| well.position);
        let wells = wells.iter().filter_map(|well| Some((well.position, content(&well.role)?))).collect();
        Self { size: plate.size, wells }
    }

    /// The different concentrations of the standards, rising.
    pub(super) fn levels(&self) -> Vec<f64> {
        let standards = self.wells.values().filter_map(|content| match content {
            WellContent::Standard(x) => Some(*x),
            _ => None,
        });
        let mut levels: Vec<f64> = standards.collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    }

    /// The wells of one concentration of the standards.
    pub(super) fn standard(&self, level: f64) -> Vec<WellPosition> {
        self.wells
            .iter()
            .filter(|(_, content)| **content == WellContent::Standard(level))
            .map(|(&well, _)| well)
            .collect()
    }

    /// The wells of each sample, by its number.
    pub(super) fn samples(&self) -> BTreeMap<usize, Vec<WellPosition>> {
        let mut samples: BTreeMap<usize, Vec<WellPosition>> = BTreeMap::new();
        for (&well, content) in &self.wells {
            if let WellContent::Sample(number) = content {
                samples.entry(*number).or_default().push(well);
            }
        }
        samples
    }

    /// The wells that hold the same, group by group.
    pub(in crate::qc) fn groups(&self) -> Vec<Vec<WellPosition>> {
        let mut groups: Vec<(WellContent, Vec<WellPosition>)> = Vec::new();
        for (&well, &content) in &self.wells {
            match groups.iter_mut().find(|(known, _)| *known == content) {
                Some((_, wells)) => wells.push(well),
                None => groups.push((content, vec![well])),
            }
        }
        groups.into_iter().map(|(_, wells)| wells).collect()
    }
}
