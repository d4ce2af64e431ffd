//! Which direction standards show. A plate alone may not tell standards in reverse order from an assay of the other kind; the plates of
//! a study together do.

use super::agreement::{distances, sum};
use super::contents::{Contents, WellContent};
use super::direction::Direction;
use super::scale::SignalScale;
use crate::plate::AssayPlate;

/// Plates that must show the same direction before the others are judged by it.
const PLATES: usize = 3;

impl Direction {
    /// The direction that at least three plates and three quarters of all show by their standards; `None` when the plates do not
    /// tell.
    ///
    /// ```
    /// use platewise::qc::arrangement::Direction;
    /// use platewise::simulate;
    ///
    /// let trial = simulate::plates(3, 1)?;
    /// let plates: Vec<_> = trial.plates.iter().map(|plate| plate.assay_plate(&trial.protocol)).collect();
    /// assert_eq!(Direction::of_study(&plates.iter().collect::<Vec<_>>()), Some(Direction::Rising));
    /// # Ok::<(), simulate::SimulationError>(())
    /// ```
    pub fn of_study(plates: &[&AssayPlate]) -> Option<Self> {
        let shown: Vec<Self> = plates.iter().filter_map(|plate| Self::of_standards(plate)).collect();
        let rising = shown.iter().filter(|&&direction| direction == Self::Rising).count();
        let falling = shown.len() - rising;
        let (direction, most) = if rising >= falling { (Self::Rising, rising) } else { (Self::Falling, falling) };
        (most >= PLATES && 4 * most >= 3 * shown.len()).then_some(direction)
    }

    /// The direction in which the standards of a plate agree better.
    fn of_standards(plate: &AssayPlate) -> Option<Self> {
        let mut contents = Contents::of(plate);
        contents.wells.retain(|_, content| matches!(content, WellContent::Standard(_)));
        let signals = SignalScale::of(plate)?.signals(plate);
        let [rising, falling] =
            [Self::Rising, Self::Falling].map(|direction| sum(&distances(&signals, &contents, Some(direction))));
        match () {
            () if 4.0 * rising < falling => Some(Self::Rising),
            () if 4.0 * falling < rising => Some(Self::Falling),
            () => None,
        }
    }
}
