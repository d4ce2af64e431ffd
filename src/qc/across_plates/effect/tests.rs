//! Effects of place and order by numbers worked by hand, and the rate of false alarms.

use super::*;
use crate::concentration::{Estimate, Quantity};
use crate::qc::across_plates::example;

fn warned(effects: &[Effect]) -> Vec<&str> {
    let found = |effect: &&Effect| effect.found.as_ref().is_ok_and(TestedEffect::warned);
    effects.iter().filter(found).map(|effect| effect.name.as_str()).collect()
}

/// The promised rate: plates without any effect that are warned of, of position and of drift. `PLATEWISE_LONG=1` takes 4000
/// plates and prints the rates.
#[test]
fn plates_without_an_effect_are_warned_of_as_rarely_as_promised() {
    let plates = if std::env::var_os("PLATEWISE_LONG").is_some() { 4000 } else { 150 };
    let alarm = 0.05;
    let (mut of_position, mut of_drift) = (0, 0);
    for seed in 0..plates {
        let plate = example::plate("P", &[], 1.0, seed);
        of_position += usize::from(!warned(&position(&[&plate], alarm, 0.95)).is_empty());
        of_drift += usize::from(!warned(&drift(&[&plate], Bracket::ByColumn, alarm, 0.95)).is_empty());
    }
    let rate = |count: usize| count as f64 / plates as f64;
    println!("false alarms at {alarm}: position {}, drift {} of {plates}", rate(of_position), rate(of_drift));
    // Three standard errors above what is promised.
    let most = alarm + 3.0 * (alarm * (1.0 - alarm) / plates as f64).sqrt();
    assert!(rate(of_position) <= most && rate(of_drift) <= most, "{of_position} and {of_drift} of {plates}");
}

#[test]
fn an_edge_that_reads_high_is_found_with_its_size() {
    let edge = |well: WellPosition| {
        let outside = well.row == 0 || well.row == 7 || well.column == 0 || well.column == 11;
        if outside { 1.15 } else { 1.0 }
    };
    let plate = example::with_effect("P", &[], 1.0, 3, &edge);
    let effects = position(&[&plate], 0.01, 0.95);
    assert!(warned(&effects).contains(&"edge"), "{:?}", warned(&effects));
    let found = effects[0].found.as_ref().unwrap();
    assert!(found.lower < 15.0 && 15.0 < found.upper && found.percent > 5.0, "{found:?}");
    // Every pair stands in one row: nothing can be said of rows, and that is said.
    let row = effects.iter().find(|effect| effect.name == "row C").unwrap();
    assert!(row.found.as_ref().unwrap_err().starts_with("0 groups"));
}

#[test]
fn a_column_of_a_blocked_channel_is_found() {
    let column = |well: WellPosition| if well.column == 6 { 0.85 } else { 1.0 };
    let plate = example::with_effect("P", &[], 1.0, 5, &column);
    assert!(warned(&position(&[&plate], 0.01, 0.95)).contains(&"column 7"));
}

#[test]
fn drift_is_found_across_plates_and_has_the_right_sign() {
    // Concentrations fall along the plate: the last controls stand in rows F to H.
    let fall = |well: WellPosition| if well.row > 4 { 0.85 } else { 1.0 };
    let plates: Vec<_> = (0..6).map(|seed| example::with_effect("P", &[], 1.0, seed, &fall)).collect();
    let effects = drift(&plates.iter().collect::<Vec<_>>(), Bracket::ByColumn, 0.01, 0.95);
    let all = effects.last().unwrap();
    assert_eq!(all.plate, None);
    let found = all.found.as_ref().unwrap();
    assert!(found.warned() && found.upper < 0.0, "{found:?}");
}

#[test]
fn first_and_last_are_those_of_the_order_in_which_the_plate_is_filled() {
    let mut controls = example::plate("P", &[], 1.0, 1).controls;
    controls.retain(|set| set.group.name == "low");
    // Filled down the columns, column 2 comes before column 11 whatever the rows.
    controls[0].group.wells = vec![WellPosition::new(7, 1)];
    controls[1].group.wells = vec![WellPosition::new(0, 10)];
    let value = |set: &ControlResult| set.group.quantity.value().unwrap();
    let (first, last) = (value(&controls[0]), value(&controls[1]));
    let (down, along) = (libm::log(last / first), libm::log(first / last));
    let found = |order| last_over_first(&controls, filled(order).unwrap())[0];
    assert_eq!((found(Bracket::ByColumn), found(Bracket::ByRow)), (down, along));
    controls.reverse();
    assert_eq!(last_over_first(&controls, filled(Bracket::ByColumn).unwrap())[0], down);
}

#[test]
fn plates_of_different_sizes_have_no_edge_in_common() {
    let plates = [1, 2, 3].map(|seed| example::plate("P", &[], 1.0, seed));
    let together = |sizes: [PlateSize; 3]| {
        let mut plates = plates.clone();
        plates.iter_mut().zip(sizes).for_each(|(plate, size)| plate.plate.size = size);
        position(&plates.iter().collect::<Vec<_>>(), 0.01, 0.95).iter().any(|effect| effect.plate.is_none())
    };
    let (small, large) = (PlateSize::WELLS_96, PlateSize { rows: 16, columns: 24 });
    assert!(together([small; 3]));
    assert!(!together([small, large, small]) && !together([small, large, large]));
}

/// The places of two wells by row and column, the residual of the first, and the weight of the pair.
type Pair = ([(usize, usize); 2], f64, f64);

/// Pairs of which the first well reads `residuals` above their mean, and the second as much below, in these places.
fn pairs(of: &[Pair]) -> Vec<ReplicateGroup> {
    let group = |&([one, other], residual, weight): &Pair| ReplicateGroup {
        wells: vec![
            ReplicateWell { position: WellPosition::new(one.0, one.1), residual },
            ReplicateWell { position: WellPosition::new(other.0, other.1), residual: -residual },
        ],
        weight,
    };
    of.iter().map(group).collect()
}

fn in_row_a(well: WellPosition) -> bool {
    well.row == 0
}

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
}

/// x' is ±1/2, so that Σ w x'² = Σ w / 2 and β = 2 Σ w r / Σ w = 2 · 0.18 / 6 = 0.06, of which each well has half:
/// Σ w (ρ − β x')² = 2 · (0.02² + 0.01² + 0² + 3 · 0.01²) = 0.0016, and df = 4 − 1.
#[test]
fn an_effect_is_a_weighted_regression_within_the_groups() {
    let of = |n: usize| {
        let residuals = [(0.01, 1.0), (0.02, 1.0), (0.03, 1.0), (0.04, 3.0)];
        let all: Vec<_> = residuals.iter().enumerate().map(|(at, &(r, w))| ([(0, at), (1, at)], r, w)).collect();
        Regression::of(&pairs(&all[..n]), &in_row_a)
    };
    let found = of(4).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!((found.groups, found.df), (4, 3.0));
    near(found.beta, 0.06);
    near(found.se, (0.0016f64 / 3.0 / 3.0).sqrt());
    // t of 97.5 % with 3 degrees of freedom is 3.18245.
    let (se, half) = (found.se, 3.182_446_305_284_263 * found.se);
    let found = found.found(0.01, 0.95).unwrap();
    near(found.percent, 6.0);
    near(found.lower, 100.0 * (0.06 - half));
    near(found.upper, 100.0 * (0.06 + half));
    near(found.p, t_two_sided(0.06 / se, 3.0).unwrap());
    assert_eq!((found.groups, found.threshold), (4, 0.01));
    assert!(
        of(3).is_err_and(|why| why.starts_with("3 groups of replicates stand inside and outside of it; at least 4"))
    );
}

/// Groups that stand wholly inside or outside of a place say nothing of it but how replicates scatter; without scatter nothing is said.
#[test]
fn groups_on_one_side_give_noise_and_no_effect() {
    let both = |at: usize| ([(0, at), (1, at)], 0.02, 1.0);
    let inside = ([(0, 8), (0, 9)], 0.01, 1.0);
    let outside = ([(5, 8), (5, 9)], 0.01, 1.0);
    let found = Regression::of(&pairs(&[both(0), both(1), both(2), both(3), inside, outside]), &in_row_a);
    let found = found.unwrap_or_else(|why| panic!("{why}"));
    // β explains the four; 2 · 0.01² of each of the others is left, over 6 − 1.
    assert_eq!((found.groups, found.df), (4, 5.0));
    near(found.beta, 0.04);
    near(found.se, (0.0004f64 / 5.0 / 2.0).sqrt());
    let without = Regression::of(&pairs(&[both(0), both(1), both(2), both(3)]), &in_row_a);
    assert!(without.is_err_and(|why| why.contains("no noise")));
}

/// Four pairs at each side of the plate, one well of each at the edge: all sixteen speak of it, and four of each row and column.
#[test]
fn each_side_is_an_edge() {
    let size = PlateSize::WELLS_96;
    let sides = |at: usize| {
        let r = 0.01 * (1 + at) as f64;
        [
            ([(0, at + 1), (3, 5)], r, 1.0),
            ([(size.rows - 1, at + 1), (3, 5)], r, 1.0),
            ([(at + 1, 0), (3, 5)], r, 1.0),
            ([(at + 1, size.columns - 1), (3, 5)], r, 1.0),
        ]
    };
    let all: Vec<_> = (0..4).flat_map(sides).collect();
    let effects = of_groups(Some("P"), &pairs(&all), size, 0.05, 0.95);
    assert_eq!(effects.len(), 1 + size.rows + size.columns);
    let groups = |name: &str| {
        let effect = effects.iter().find(|effect| effect.name == name).unwrap();
        effect.found.as_ref().map_or(0, |found| found.groups)
    };
    assert_eq!(["edge", "row A", "row H", "column 1", "column 12"].map(groups), [16, 4, 4, 4, 4]);
    assert_eq!((groups("column 6"), groups("row B")), (16, 0), "two groups are too few");
}

/// Contrasts of one size and error are one question, whichever side of it they ask about; the threshold is shared among questions.
#[test]
fn contrasts_that_ask_the_same_count_once() {
    let of = |all: &[(f64, f64)]| {
        let asked: Vec<(String, Result<Regression, String>)> = all
            .iter()
            .map(|&(beta, se)| (String::new(), Ok(Regression { groups: 4, beta, se, df: 3.0 })))
            .chain([(String::new(), Err("too few".to_string()))])
            .collect();
        distinct(&asked)
    };
    assert_eq!([of(&[]), of(&[(0.05, 0.02)])], [0, 1]);
    assert_eq!(of(&[(0.05, 0.02), (-0.05, 0.02), (0.05, 0.02)]), 1);
    assert_eq!([of(&[(0.05, 0.02), (0.06, 0.02)]), of(&[(0.05, 0.02), (0.05, 0.03)])], [2, 2]);
    assert_eq!(of(&[(0.05, 0.02), (0.06, 0.02), (0.05, 0.02), (0.07, 0.02)]), 3);
    let pair = |at: usize| ([(2, 2), (2, 3)], 0.01 * (1 + at) as f64, 1.0);
    let effects = of_groups(None, &pairs(&[pair(0), pair(1), pair(2), pair(3)]), PlateSize::WELLS_96, 0.05, 0.95);
    let thresholds: Vec<f64> =
        effects.iter().filter_map(|effect| Some(effect.found.as_ref().ok()?.threshold)).collect();
    assert_eq!(thresholds, [0.05, 0.05], "columns 3 and 4 are one contrast");
}

/// Every level, control set and sample with two wells or more, with residuals in shares of the mean and the weight ȳ² / v(ȳ).
#[test]
fn groups_are_the_replicates_of_a_plate() {
    let mut plate = example::plate("P", &[], 1.0, 1);
    let of = |plate: &PlateConcentrations| groups(plate).len();
    // 8 standards, 6 sets of controls, and the other pairs of the 48.
    assert_eq!(of(&plate), 48);
    let curve = plate.curve.clone().unwrap();
    let read: Vec<f64> = plate.wells[..2].iter().filter_map(|well| well.response.measured()).collect();
    let mean = (read[0] + read[1]) / 2.0;
    let first = groups(&plate).remove(0);
    assert_eq!(first.wells.iter().map(|well| well.position.to_string()).collect::<Vec<_>>(), ["A01", "A02"]);
    near(first.wells[0].residual, (read[0] - mean) / mean);
    near(first.wells[1].residual, (read[1] - mean) / mean);
    near(first.weight, mean * mean / curve.variance(mean).unwrap());
    plate.wells[0].response = crate::plate::Reading::Missing(String::new());
    assert_eq!(of(&plate), 47, "one well has nothing to differ from");
    plate.wells.iter_mut().for_each(|well| well.response = crate::plate::Reading::Measured(-0.01));
    assert_eq!(of(&plate), 0, "no share of what is not positive");
}

/// A plate whose three levels have first and last sets in these ratios, as logarithms.
fn drifting(id: &str, ln: [f64; 3]) -> PlateConcentrations {
    let mut plate = example::plate(id, &[], 1.0, 1);
    let levels = ["low", "mid", "high"];
    for set in &mut plate.controls {
        let level = levels.iter().position(|level| *level == set.group.name).unwrap();
        let last = set.group.wells[0].column > 6;
        let value = 100.0 * libm::exp(if last { ln[level] } else { 0.0 });
        set.group.quantity = Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
    }
    plate
}

/// Means of 0.2 and 0 on the logarithm, squares about them of 0.02 each: s² = 0.04 / 4, of a plate over three levels and of both over six.
#[test]
fn drift_is_held_against_how_levels_disagree() {
    let plates = [drifting("P1", [0.1, 0.2, 0.3]), drifting("P2", [0.0, 0.1, -0.1])];
    let effects = drift(&plates.iter().collect::<Vec<_>>(), Bracket::ByColumn, 0.01, 0.95);
    let found: Vec<TestedEffect> = effects.iter().map(|effect| *effect.found.as_ref().unwrap()).collect();
    assert_eq!(effects.iter().map(|of| of.plate.as_deref()).collect::<Vec<_>>(), [Some("P1"), Some("P2"), None]);
    let expected = [(0.2f64, 3), (0.0, 3), (0.1, 6)];
    for (found, (mean, levels)) in found.iter().zip(expected) {
        let se = (0.01 / f64::from(levels)).sqrt();
        // t of 97.5 % with 4 degrees of freedom is 2.77645.
        let half = 2.776_445_105_197_799 * se;
        near(found.percent, 100.0 * mean.exp_m1());
        near(found.lower, 100.0 * (mean - half).exp_m1());
        near(found.upper, 100.0 * (mean + half).exp_m1());
        near(found.p, t_two_sided(mean / se, 4.0).unwrap());
        assert_eq!((found.groups, found.threshold), (levels as usize, 0.01));
    }
}

#[test]
fn drift_takes_levels_in_two_places() {
    let of = |keep: fn(&ControlResult) -> bool| {
        let mut plate = drifting("P1", [0.1, 0.2, 0.4]);
        plate.controls.retain(keep);
        drift(&[&plate], Bracket::Unchecked, 0.01, 0.95).remove(0).found
    };
    assert!(of(|_| true).is_ok_and(|found| found.groups == 3));
    let once = of(|set| set.group.wells[0].column < 6);
    assert!(once.is_err_and(|why| why.starts_with("no level of the controls")));
    // Two levels leave one degree of freedom, which is too few.
    assert!(of(|set| set.group.name != "mid").is_err_and(|why| why.starts_with("too few levels of the controls")));
    let alike = drifting("P1", [0.2, 0.2, 0.2]);
    let found = drift(&[&alike], Bracket::ByColumn, 0.01, 0.95);
    assert_eq!(found.len(), 1, "one plate is all plates");
}
