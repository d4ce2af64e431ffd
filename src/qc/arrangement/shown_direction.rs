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

#[cfg(test)]
mod tests {
    use super::super::example::{plate, sample, standard};
    use super::*;
    use crate::plate::WellPosition;

    /// Standards of 1, 2, 4 and so on with these responses, and a sample that reads as the highest.
    fn of(responses: &[f64]) -> AssayPlate {
        let highest = responses.iter().copied().fold(0.0, f64::max);
        let mut level = 0.5;
        let mut wells: Vec<_> = responses
            .iter()
            .enumerate()
            .map(|(row, &response)| {
                level *= 2.0;
                (WellPosition::new(row, 0), standard(level), response)
            })
            .collect();
        wells.push((WellPosition::new(0, 1), sample("S1", 1.0), highest));
        plate("P", wells)
    }

    fn direction(plates: &[(usize, &[f64])]) -> Option<Direction> {
        let all: Vec<AssayPlate> =
            plates.iter().flat_map(|&(n, responses)| (0..n).map(move |_| of(responses))).collect();
        Direction::of_study(&all.iter().collect::<Vec<_>>())
    }

    /// Three plates at least, and three of four of those that show a direction.
    #[test]
    fn three_plates_and_three_quarters_show_a_direction() {
        let (up, down, level): (&[f64], &[f64], &[f64]) =
            (&[0.1, 0.4, 1.2, 2.0], &[2.0, 1.2, 0.4, 0.1], &[1.0, 1.0, 1.0, 1.0]);
        let (rising, falling) = (Some(Direction::Rising), Some(Direction::Falling));
        assert_eq!([direction(&[]), direction(&[(2, up)]), direction(&[(2, down)])], [None; 3]);
        assert_eq!([direction(&[(3, up)]), direction(&[(3, down)])], [rising, falling]);
        assert_eq!([direction(&[(3, up), (1, down)]), direction(&[(1, up), (3, down)])], [rising, falling]);
        assert_eq!([direction(&[(5, up), (2, down)]), direction(&[(2, up), (5, down)])], [None; 2], "71 %");
        assert_eq!([direction(&[(4, up), (4, down)]), direction(&[(3, level)])], [None; 2]);
        assert_eq!(direction(&[(3, up), (5, level)]), rising, "plates that show none do not count");
    }

    /// A direction has to agree four times better than the other.
    #[test]
    fn standards_that_nearly_agree_with_both_show_none() {
        // On the scale of the plate: x below the highest, the highest, and y below it. Rising, the last two are y / 2 from their mean:
        // twice 0.2² = 0.08 for y = 0.4. Falling, the first two are x / 2 from theirs, and 0.14 of 40 % of the span are missing of all
        // three: 0.44² + 0.44² + 0.14² = 0.41, five times as much. For y = 0.45 it is 0.10 and 0.31, three times.
        let at = |below: f64| 0.02 * libm::sinh(libm::asinh(50.0) - below);
        let shown = |x: f64, y: f64| Direction::of_standards(&of(&[at(x), 1.0, at(y)]));
        assert_eq!([shown(0.6, 0.4), shown(0.6, 0.45)], [Some(Direction::Rising), None]);
        assert_eq!([shown(0.6, 0.4235), shown(0.6, 0.425)], [Some(Direction::Rising), None], "4.02 and 3.96 times");
        assert_eq!([shown(0.4, 0.6), shown(0.45, 0.6)], [Some(Direction::Falling), None]);
        assert_eq!([shown(0.4235, 0.6), shown(0.425, 0.6)], [Some(Direction::Falling), None]);
    }
}
