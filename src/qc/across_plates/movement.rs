//! Bad plate or bad control? When a control stands out, whether it moved alone or the whole plate did.
//!
//! Each set of a control has a deviation: its z in the control chart, or while there are no limits 2 × bias / the limit of its
//! bias, so that 2 means "at the limit" on both scales. A level stands out when the mean of its sets' deviations, times √sets,
//! is beyond ±2. One level out and the others, taken together in the same way, not beyond 2 on its side: that control
//! alone. Several levels out, or the others moved with it: the whole plate. Levels out on both sides: no common cause.
//! Whether the curve moved too (a parameter, the blank or the top response beyond ±2 s) is said beside it.

use super::chart::{Chart, ChartPoint};
use super::item::Item;
use crate::protocol::Acceptance;

/// What moved on a plate.
///
/// ```
/// use platewise::qc::across_plates::{MovedItem, movement::mover};
///
/// // Deviations of two sets of each of three levels, in standard deviations.
/// assert_eq!(mover(&[vec![4.0, 3.5], vec![0.2, -0.3], vec![-0.4, 0.1]]), MovedItem::ControlAlone);
/// assert_eq!(mover(&[vec![4.0, 3.5], vec![2.2, 1.9], vec![1.6, 2.4]]), MovedItem::WholePlate);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovedItem {
    /// Nothing stands out.
    Nothing,
    /// One control by itself.
    ControlAlone,
    /// All controls, to one side.
    WholePlate,
    /// Controls to both sides.
    BothWays,
    /// One level stands out, and there is no other to compare it with.
    NothingToCompare,
}

impl MovedItem {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing stands out",
            Self::ControlAlone => "the control alone",
            Self::WholePlate => "the whole plate",
            Self::BothWays => "controls to both sides",
            Self::NothingToCompare => "no other control to compare with",
        }
    }
}

/// The answer for a plate.
///
/// See [`AcrossPlates`](super::AcrossPlates) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Movement {
    /// The plate.
    pub plate: String,
    /// Each level with its deviation: mean of its sets × √sets.
    pub levels: Vec<(String, f64)>,
    /// What moved.
    pub mover: MovedItem,
    /// Items of the curve beyond ±2 s, with their z.
    pub curve: Vec<(String, f64)>,
}

/// Beyond this a deviation stands out.
const OUT: f64 = 2.0;

/// What moved on a plate, by its points of every chart.
pub(super) fn movement(plate: &str, points: &[(&Chart, Vec<&ChartPoint>)], acceptance: &Acceptance) -> Movement {
    let mut levels: Vec<(String, Vec<f64>)> = Vec::new();
    let mut curve = Vec::new();
    for (chart, points) in points {
        match &chart.item {
            Item::Control { nominal, .. } => {
                let deviations: Vec<f64> =
                    points.iter().filter_map(|point| deviation(point, *nominal, acceptance)).collect();
                if !deviations.is_empty() {
                    levels.push((chart.item.to_string(), deviations));
                }
            }
            Item::Parameter(_) | Item::Blank | Item::Top => {
                let out = points.iter().filter_map(|point| point.z()).filter(|z| z.abs() > OUT);
                curve.extend(out.map(|z| (chart.item.to_string(), z)));
            }
            _ => {}
        }
    }
    Movement {
        plate: plate.to_string(),
        mover: mover(&levels.iter().map(|(_, deviations)| deviations.clone()).collect::<Vec<_>>()),
        levels: levels.into_iter().map(|(level, deviations)| (level, together(&deviations))).collect(),
        curve,
    }
}

/// From its history or, where there is none yet, from its nominal concentration; `None` where there is neither.
fn deviation(point: &ChartPoint, nominal: Option<f64>, acceptance: &Acceptance) -> Option<f64> {
    let of_nominal = |nominal: f64| 100.0 * (point.observation.value - nominal) / nominal;
    point.z().or_else(|| nominal.map(|nominal| OUT * of_nominal(nominal) / acceptance.control_bias_percent))
}

/// Mean × √n: standard normal where each deviation is.
fn together(deviations: &[f64]) -> f64 {
    deviations.iter().sum::<f64>() / (deviations.len() as f64).sqrt()
}

/// What moved, from the deviations of each level.
pub fn mover(levels: &[Vec<f64>]) -> MovedItem {
    let whole: Vec<f64> = levels.iter().map(|deviations| together(deviations)).collect();
    let out: Vec<usize> = (0..whole.len()).filter(|&level| whole[level].abs() > OUT).collect();
    let Some(&first) = out.first() else { return MovedItem::Nothing };
    if out.iter().any(|&level| whole[level] * whole[first] < 0.0) {
        return MovedItem::BothWays;
    }
    let others: Vec<f64> =
        levels.iter().enumerate().filter(|(level, _)| *level != first).flat_map(|(_, values)| values.clone()).collect();
    if others.is_empty() {
        MovedItem::NothingToCompare
    } else if out.len() > 1 || together(&others) * whole[first].signum() > OUT {
        MovedItem::WholePlate
    } else {
        MovedItem::ControlAlone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::{Limits, Observation};

    #[test]
    fn alone_together_or_apart() {
        assert_eq!(mover(&[vec![0.3, -0.5], vec![1.1, 0.2], vec![-0.4, 0.1]]), MovedItem::Nothing);
        assert_eq!(mover(&[vec![4.0, 3.5], vec![0.2, -0.3], vec![-0.4, 0.1]]), MovedItem::ControlAlone);
        assert_eq!(mover(&[vec![4.0, 3.5], vec![2.2, 1.9], vec![1.6, 2.4]]), MovedItem::WholePlate);
        // Neither of the others is out by itself, and together they are.
        assert_eq!(mover(&[vec![3.0], vec![1.7], vec![1.8]]), MovedItem::WholePlate);
        assert_eq!(mover(&[vec![3.0], vec![-3.0], vec![0.0]]), MovedItem::BothWays);
        assert_eq!(mover(&[vec![3.0]]), MovedItem::NothingToCompare);
        assert_eq!(mover(&[]), MovedItem::Nothing);
    }

    /// A deviation is the mean of its sets × √sets, and stands out beyond 2: of two sets at 1.4 it is 1.98, of two at 1.45 2.05.
    #[test]
    fn a_deviation_stands_out_beyond_two() {
        assert_eq!(mover(&[vec![1.4, 1.4]]), MovedItem::Nothing);
        assert_eq!(mover(&[vec![1.45, 1.45]]), MovedItem::NothingToCompare);
        assert_eq!([mover(&[vec![2.0]]), mover(&[vec![-2.0]])], [MovedItem::Nothing; 2], "on the line is inside");
        assert_eq!([mover(&[vec![2.01]]), mover(&[vec![-2.01]])], [MovedItem::NothingToCompare; 2]);
        // The others count together, on the side of the first: 2 × 1.45 / √2 is 2.05.
        assert_eq!(mover(&[vec![-3.0], vec![-1.45], vec![-1.45]]), MovedItem::WholePlate);
        assert_eq!(mover(&[vec![-3.0], vec![1.45], vec![1.45]]), MovedItem::ControlAlone);
        assert_eq!(mover(&[vec![3.0], vec![2.0]]), MovedItem::ControlAlone, "on the line is inside");
    }

    fn chart(item: Item, zs: &[Option<f64>], values: &[f64]) -> Chart {
        let point = |(set, (&z, &value)): (usize, (&Option<f64>, &f64))| {
            let observation = Observation {
                study: "S".into(),
                plate: "P".into(),
                kit_lot: String::new(),
                accepted: true,
                item: item.clone(),
                set: set + 1,
                value,
                unit: String::new(),
            };
            let limits = z.map(|z| Limits { mean: value - 2.0 * z, sd: 2.0, plates: 20, fixed: true });
            ChartPoint { observation, run: 0, limits, broken: Vec::new() }
        };
        Chart { kit_lot: String::new(), points: zs.iter().zip(values).enumerate().map(point).collect(), item }
    }

    /// By z where there are limits, else by the bias: 10 % of a limit of 20 % is a deviation of 1. A level with neither has none, and of
    /// the curve what is beyond 2 s is named.
    #[test]
    fn a_level_deviates_by_its_history_or_its_nominal_concentration() {
        let control = |level: &str, nominal| Item::Control { level: level.into(), nominal };
        let charts = [
            chart(control("low", Some(100.0)), &[None, None], &[110.0, 130.0]),
            chart(control("mid", Some(300.0)), &[Some(-1.0), Some(-1.0)], &[390.0, 390.0]),
            chart(control("none", None), &[None], &[7.0]),
            chart(Item::Parameter("c".into()), &[Some(-2.1)], &[400.0]),
            chart(Item::Parameter("b".into()), &[Some(2.0)], &[1.2]),
            chart(Item::Blank, &[Some(3.0)], &[0.05]),
            chart(Item::Top, &[None], &[2.7]),
            chart(Item::Standard { nominal: 62.5 }, &[Some(9.0)], &[50.0]),
        ];
        let points: Vec<(&Chart, Vec<&ChartPoint>)> =
            charts.iter().map(|chart| (chart, chart.points.iter().collect())).collect();
        let acceptance = Acceptance { control_bias_percent: 20.0, ..crate::protocol::Criteria::IchM10.acceptance() };
        let found = movement("P", &points, &acceptance);
        let near = |of: &[(String, f64)], expected: &[(&str, f64)]| {
            assert_eq!(of.len(), expected.len(), "{of:?}");
            for ((name, found), (item, expected)) in of.iter().zip(expected) {
                assert!(name == item && (found - expected).abs() < 1e-9, "{of:?}");
            }
        };
        // Means of 2 and −1, times √2.
        near(&found.levels, &[("control low (100)", 8f64.sqrt()), ("control mid (300)", -(2f64.sqrt()))]);
        near(&found.curve, &[("parameter c", -2.1), ("blank response", 3.0)]);
        assert_eq!((found.plate.as_str(), found.mover), ("P", MovedItem::ControlAlone));
    }
}
