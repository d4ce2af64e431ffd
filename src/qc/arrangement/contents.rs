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

#[cfg(test)]
mod tests {
    use super::super::example::{contents, plate, sample, standard, well, wells};
    use super::*;

    fn control(level: &str, nominal: Option<f64>, dilution: f64) -> WellRole {
        WellRole::Control { level: level.into(), nominal, dilution }
    }

    /// A control is known by what is in the well; one without a nominal concentration only by its wells, as a sample is, and never the
    /// same as a sample of its name. Another dilution is another content, and nothing is said of what is unused.
    #[test]
    fn what_a_layout_says_of_each_well() {
        let layout = [
            ("A1", standard(8.0)),
            ("B1", control("low", Some(500.0), 10.0)),
            ("C1", WellRole::Blank),
            ("D1", sample("S1", 2.0)),
            ("D2", sample("S1", 4.0)),
            ("D3", sample("S1", 2.0)),
            ("D4", WellRole::Sample { id: "S2".into(), dilution: None }),
            ("D5", sample("S2", 1.0)),
            ("E1", control("S1", None, 2.0)),
            ("E2", control("S1", None, 2.0)),
            ("E3", control("S1", None, 4.0)),
            ("F1", WellRole::Unused),
        ];
        let found = Contents::of(&plate("P", layout.map(|(name, role)| (well(name), role, 1.0)).into()));
        let expected = contents(&[
            ("A1", WellContent::Standard(8.0)),
            ("B1", WellContent::Control(50.0)),
            ("C1", WellContent::Blank),
            ("D1", WellContent::Sample(0)),
            ("D2", WellContent::Sample(1)),
            ("D3", WellContent::Sample(0)),
            ("D4", WellContent::Sample(2)),
            ("D5", WellContent::Sample(2)),
            ("E1", WellContent::Sample(3)),
            ("E2", WellContent::Sample(3)),
            ("E3", WellContent::Sample(4)),
        ]);
        assert_eq!(found, expected);
        assert_eq!(
            found.groups(),
            [&["A1"][..], &["B1"], &["C1"], &["D1", "D3"], &["D2"], &["D4", "D5"], &["E1", "E2"], &["E3"]].map(wells)
        );
        let samples: Vec<_> = found.samples().into_iter().collect();
        let expected = [&["D1", "D3"][..], &["D2"], &["D4", "D5"], &["E1", "E2"], &["E3"]].map(wells);
        assert_eq!(samples, (0..5).zip(expected).collect::<Vec<_>>());
    }

    #[test]
    fn levels_rise_and_have_their_wells() {
        let found = contents(&[
            ("A1", WellContent::Standard(8.0)),
            ("A2", WellContent::Standard(1.0)),
            ("B1", WellContent::Standard(8.0)),
            ("C1", WellContent::Control(4.0)),
            ("D1", WellContent::Blank),
        ]);
        assert_eq!(found.levels(), [1.0, 8.0]);
        assert_eq!([1.0, 4.0, 8.0].map(|level| found.standard(level)), [&["A2"][..], &[], &["A1", "B1"]].map(wells));
        let known = [WellContent::Standard(2.0), WellContent::Control(3.0), WellContent::Blank, WellContent::Sample(4)];
        assert_eq!(known.map(WellContent::known), [Some(2.0), Some(3.0), None, None]);
    }
}
