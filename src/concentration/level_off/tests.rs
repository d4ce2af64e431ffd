//! Steps of a design, tubes, and levels that are not what they are said to be.

use super::*;
use crate::curve::{Model, Parameters};
use crate::plate::{AssayWell, PlateSize, Reading, WellPosition, WellRole};

/// F(1, 2) of {1, 2} against {4, 5} is 18; of two and two wells the probability beyond F is 1 − √(F / (F + 2)).
#[test]
fn levels_that_differ_by_chance_are_told() {
    let levels = |all: &[&[f64]]| all.iter().map(|level| level.to_vec()).collect::<Vec<_>>();
    let found = chance(&levels(&[&[1.0, 2.0], &[4.0, 5.0]])).unwrap();
    assert!((found - (1.0 - (18.0_f64 / 20.0).sqrt())).abs() < 1e-12, "{found}");
    // Counts of an empty plate, and the levels of a curve.
    let counts: [&[f64]; 6] = [&[1.0, 1.0], &[0.0, 0.0], &[2.0, 0.0], &[1.0, 1.0], &[0.0, 1.0], &[1.0, 3.0]];
    assert!(chance(&levels(&counts)).unwrap() > NOISE);
    let curve: [&[f64]; 5] = [&[0.05, 0.06], &[0.18, 0.17], &[0.57, 0.59], &[1.60, 1.65], &[2.15, 2.20]];
    assert!(chance(&levels(&curve)).unwrap() < 1e-6);
    assert_eq!(chance(&levels(&[&[1.0], &[2.0]])), None, "no replicates");
    assert_eq!(chance(&levels(&[&[0.0, 0.0], &[0.0, 0.0]])), None, "nothing that differs");
    assert_eq!(chance(&levels(&[&[1.0, 1.0], &[2.0, 2.0]])), None, "replicates that do not differ");
    assert_eq!([chance(&levels(&[&[1.0, 2.0]])), chance(&[])], [None; 2], "one level, and none");
    // A level without wells is none.
    let with_an_empty_one = chance(&levels(&[&[1.0, 2.0], &[], &[4.0, 5.0]])).unwrap();
    assert!((with_an_empty_one - found).abs() < 1e-12);
}

/// Seven two-fold levels of which one has its decimal point elsewhere: 6.25 stands for 62.5, and 5000 for 500.
#[test]
fn a_step_out_of_line_is_told_by_the_others() {
    let even = [1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 15.625];
    let with = |at: usize, nominal: f64| {
        let mut levels = even.to_vec();
        levels[at] = nominal;
        uneven_step(&[levels.clone(), levels].concat())
    };
    assert_eq!(uneven_step(&even), None);
    assert_eq!(with(4, 6.25), Some((6.25, 62.5)));
    assert_eq!(with(1, 5000.0), Some((5000.0, 500.0)));
    assert_eq!(with(4, 70.0), None, "no place of the point makes the steps even");
    // Of five levels it is told, of four no longer: that many a curve needs.
    assert_eq!(uneven_step(&[1000.0, 5000.0, 250.0, 125.0, 62.5]), Some((5000.0, 500.0)));
    assert_eq!(uneven_step(&[1000.0, 5000.0, 250.0, 125.0]), None);
}

/// Steps of a factor of 2 within 6 % of each other are even: written with two digits, 1000 / 480 is 2.083 and 480 / 240 is 2.
#[test]
fn steps_are_even_within_what_rounding_makes() {
    assert!(has_even_steps(&[1.0, 2.0, 4.24]), "2 and 2.12 are 6 % apart");
    assert!(!has_even_steps(&[1.0, 2.0, 4.26]));
    assert!(has_even_steps(&[240.0, 480.0, 1000.0]));
    assert!(has_even_steps(&[1.0, 10.0, 100.0]) && !has_even_steps(&[1.0, 2.0, 20.0]));
    // Steps of hardly more than one are no dilution.
    assert!(has_even_steps(&[1.0, 1.07, 1.1449]) && !has_even_steps(&[1.0, 1.05, 1.1025]));
    assert!(!has_even_steps(&[1.0, 1.06]), "the limit itself is hardly more than one");
}

#[test]
fn a_power_of_ten_is_written_as_people_write_it() {
    assert_eq!([times(62.5, 0.1), times(6.25, 10.0), times(31.25, 1e-3)], [6.25, 62.5, 0.03125]);
    assert_eq!([times(0.3, 0.1), times(0.3, 100.0)], [0.03, 30.0]);
}

/// Three levels in pairs and one of four wells: that one may hold the wells of two tubes, its lowest two and its highest two.
#[test]
fn a_level_with_the_wells_of_two_is_also_two_tubes() {
    let of = |n: usize| {
        let pairs = [(100.0, 1.0), (100.0, 1.1), (200.0, 2.0), (200.0, 2.1), (400.0, 3.0), (400.0, 3.1)];
        let four = [(50.0, 0.9), (50.0, 0.4), (50.0, 1.0), (50.0, 0.5)];
        let wells = pairs.into_iter().chain(four.into_iter().take(n));
        let points: Vec<Point> = wells.map(|(concentration, response)| Point { concentration, response }).collect();
        let tubes = tubes(&points, &[50.0, 100.0, 200.0, 400.0]);
        tubes.into_iter().map(|tube| (tube.nominal, tube.points, tube.wells_of_level)).collect::<Vec<_>>()
    };
    let pairs = [(100.0, vec![0, 1], 2), (200.0, vec![2, 3], 2), (400.0, vec![4, 5], 2)];
    let with = |of_50: &[(f64, Vec<usize>, usize)]| [of_50, &pairs].concat();
    assert_eq!(of(4), with(&[(50.0, vec![7, 9, 6, 8], 4), (50.0, vec![7, 9], 4), (50.0, vec![6, 8], 4)]));
    assert_eq!(of(3), with(&[(50.0, vec![7, 6, 8], 3)]), "three wells are not two pairs");
    assert_eq!(of(2), with(&[(50.0, vec![7, 6], 2)]));
}

/// Seven levels about a curve; the limit of the bias is set so that so many of them are within it.
#[test]
fn levels_lie_on_a_curve_where_as_many_as_the_method_asks_for_pass() {
    let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
    let noise = [1.03, 0.96, 1.02, 0.99, 1.05, 0.95, 1.01];
    let point = |i: usize| {
        let x = 31.25 * f64::from(1_u32 << i);
        Point { concentration: x, response: Model::FourParameter.response(&truth, x) * noise[i] }
    };
    let zero = Point { concentration: 0.0, response: 0.05 };
    let points: Vec<Point> = (0..7).map(point).chain([zero]).collect();
    let curve = curve::fit(&points, &Method::default()).unwrap();
    let mut biases: Vec<f64> = curve.levels().iter().filter_map(|level| Some(level.bias_percent?.abs())).collect();
    biases.sort_by(f64::total_cmp);
    assert_eq!(biases.len(), 7);
    let mut assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    let mut lies = |passing: usize, percent: f64| {
        let limit = if passing == 0 { 0.0 } else { biases[passing - 1] };
        let acceptance = &mut assay.acceptance;
        acceptance.standards_pass_percent = percent;
        acceptance.standard_bias_percent = 0.0;
        // The widest of the limits counts.
        (acceptance.standard_bias_percent_at_lloq, acceptance.standard_bias_percent_at_uloq) = (limit, 0.0);
        lie_on(&curve, &assay)
    };
    // 75 % of seven are 5.25, and four are the least.
    assert_eq!([0, 5, 6, 7].map(|passing| lies(passing, 75.0)), [false, false, true, true]);
    assert_eq!([3, 4].map(|passing| lies(passing, 10.0)), [false, true]);
    assert!(lies(7, 100.0) && !lies(6, 100.0));
}

#[test]
fn standards_are_taken_by_level_and_enough_of_them() {
    let assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    let plate = |levels: usize| {
        let nominal = |i: usize| if i == 0 { 0.0 } else { 25.0 * f64::from(1_u32 << i) };
        let wells = (0..=levels).flat_map(|i| {
            [0, 1].map(|column| {
                let role = WellRole::Standard { concentration: nominal(i) };
                let reading = Reading::Measured(0.1 + i as f64 + 0.01 * column as f64);
                AssayWell::of_reading(WellPosition::new(i, column), role, reading)
            })
        });
        AssayPlate::of_wells("P", PlateSize::WELLS_96, wells.collect())
    };
    let responses =
        |levels: usize| TriedStandards::of(&plate(levels), &assay).map(|of| (of.levels.clone(), of.responses()));
    assert!(responses(4).is_none(), "a curve through four levels explains nothing");
    let (levels, found) = responses(5).unwrap();
    assert_eq!(levels, [50.0, 100.0, 200.0, 400.0, 800.0]);
    let expected: Vec<Vec<f64>> = (0..6).map(|i| vec![0.1 + f64::from(i), 0.1 + f64::from(i) + 0.01]).collect();
    assert_eq!(found, expected, "the zero first");
}

/// What is usual is the middle of the levels' wells: of 1, 1, 2, 2 and 2 it is 2. Twice three wells are six, not five.
#[test]
fn two_tubes_are_twice_the_usual_wells() {
    let of = |counts: [usize; 5]| {
        let wells = counts.iter().enumerate().flat_map(|(level, &n)| (0..n).map(move |at| (level, at)));
        let point = |(level, at): (usize, usize)| Point { concentration: 1.0 + level as f64, response: at as f64 };
        let points: Vec<Point> = wells.map(point).collect();
        tubes(&points, &[1.0, 2.0, 3.0, 4.0, 5.0]).len()
    };
    assert_eq!(of([1, 1, 2, 2, 2]), 5);
    assert_eq!([of([3, 3, 3, 3, 5]), of([3, 3, 3, 3, 6])], [5, 7]);
}

/// Eight two-fold levels of 31.25 to 4000 in pairs on a curve, CV 1 %, of which 500 is called something else or holds something else.
fn plate_with(called: f64, held: f64) -> AssayPlate {
    let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.2, g: 1.0 };
    let wells = (0..8).flat_map(|i| {
        [1.01, 0.99].into_iter().enumerate().map(move |(column, noise)| {
            let x = 31.25 * f64::from(1_u32 << i);
            let (called, held) = if i == 4 { (called, held) } else { (x, x) };
            let response = Model::FourParameter.response(&truth, held) * noise;
            let role = WellRole::Standard { concentration: called };
            AssayWell::of_reading(WellPosition::new(i, column), role, Reading::Measured(response))
        })
    });
    AssayPlate::of_wells("P", PlateSize::WELLS_96, wells.collect())
}

#[test]
fn a_level_that_explains_the_others_is_named_with_what_it_reads_as() {
    let assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    let found = |called: f64, held: f64| level_off(&plate_with(called, held), &assay);
    assert_eq!(found(500.0, 500.0), None, "nothing is wrong");
    for called in [5000.0, 50.0, 5.0] {
        let off = found(called, 500.0).unwrap();
        assert_eq!((off.nominal, off.wells, off.wells_of_level), (called, 2, 2));
        assert_eq!(off.slip, Some(DecimalPointError { meant: 500.0, is_certain: true }), "{called}");
        assert!(off.reads_as.is_some_and(|read| (read / 500.0 - 1.0).abs() < 0.03), "{off:?}");
    }
    // It holds 1500: no place of the point explains that.
    let off = found(500.0, 1500.0).unwrap();
    assert_eq!((off.nominal, off.slip), (500.0, None));
    assert!(off.reads_as.is_some_and(|read| (read / 1500.0 - 1.0).abs() < 0.03), "{off:?}");
}

fn default_assay() -> Assay {
    Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap()
}

/// Standards of 50, 100, 200 and so on with these responses, each level in a row.
fn standards_of(levels: &[[f64; 2]]) -> AssayPlate {
    let wells = levels.iter().enumerate().flat_map(|(row, responses)| {
        responses.iter().enumerate().map(move |(column, &response)| {
            let role = WellRole::Standard { concentration: 50.0 * f64::from(1_u32 << row) };
            AssayWell::of_reading(WellPosition::new(row, column), role, Reading::Measured(response))
        })
    });
    AssayPlate::of_wells("P", PlateSize::WELLS_96, wells.collect())
}

/// Five levels that read alike differ in nothing; five of which only the highest scatters widely differ as logarithms and not as plain
/// responses: F(4, 5) is 3.2 there, and some hundred on the logarithm.
#[test]
fn levels_differ_as_responses_or_as_logarithms() {
    let assay = default_assay();
    let differ = |levels: &[[f64; 2]]| TriedStandards::of(&standards_of(levels), &assay).unwrap().differ();
    assert!(!differ(&[[1.0, 1.2], [1.2, 1.0], [1.1, 1.3], [1.0, 1.1], [1.2, 1.1]]));
    let wide = [[0.001, 0.0011], [0.01, 0.011], [0.1, 0.11], [1.0, 1.1], [10.0, 30.0]];
    let plain: Vec<Vec<f64>> = wide.iter().map(|level| level.to_vec()).collect();
    assert!(chance(&plain).unwrap() > NOISE);
    assert!(differ(&wide));
    // Nothing has a logarithm that is not above zero: the levels then differ as they are, or not.
    assert!(!differ(
        &[[-1.0, -1.2], [-1.2, -1.0], [-1.1, -1.3], [1.0, -1.1], [1.2, 1.1]].map(|[one, other]| [one, -other])
    ));
    assert!(differ(&[[-1.0, -1.1], [1.0, 1.1], [3.0, 3.1], [5.0, 5.1], [7.0, 7.1]]), "plain responses");
}

/// As declared the misfit is RSS / df of the curve; where there is none it is worse than anything.
#[test]
fn the_misfit_as_declared_is_that_of_the_curve() {
    let assay = default_assay();
    let plate = plate_with(500.0, 500.0);
    let mut standards = TriedStandards::of(&plate, &assay).unwrap();
    let curve = standards.declared.clone().unwrap();
    assert_eq!(standards.misfit_as_declared(), curve.rss() / curve.df() as f64);
    standards.declared = None;
    assert_eq!(standards.misfit_as_declared(), f64::INFINITY);
}

/// Levels of 31.25 to 4000 on a curve that is near its plateau from 1000 on; the highest is called 40, and reads a little high. As 4000
/// and as 40,000 it lies on the curve alike, the better as 40,000: then the even steps of the design tell, and without them the nearest
/// place of the point.
#[test]
fn on_a_plateau_the_design_or_the_nearest_place_tells() {
    let truth = Parameters { a: 0.05, d: 2.8, c: 60.0, b: 1.2, g: 1.0 };
    let assay = default_assay();
    let plate = |second: f64| {
        let levels = [31.25, second, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0];
        let wells = levels.into_iter().enumerate().flat_map(|(i, x)| {
            [1.002, 0.998].into_iter().enumerate().map(move |(column, noise)| {
                let noise = noise * [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.997, 1.006][i];
                let response = Model::FourParameter.response(&truth, x) * noise;
                let role = WellRole::Standard { concentration: if i == 7 { 40.0 } else { x } };
                AssayWell::of_reading(WellPosition::new(i, column), role, Reading::Measured(response))
            })
        });
        AssayPlate::of_wells("P", PlateSize::WELLS_96, wells.collect())
    };
    for second in [62.5, 70.0] {
        let plate = plate(second);
        let standards = TriedStandards::of(&plate, &assay).unwrap();
        let tube = standards.tubes.iter().position(|tube| tube.nominal == 40.0).unwrap();
        let misfit_as = |meant: f64| misfit(&standards.moved(tube, meant).unwrap().curve);
        assert!(misfit_as(40_000.0) < misfit_as(4000.0) && misfit_as(4000.0) < FACTOR * misfit_as(40_000.0));
        assert_eq!(uneven_step(&standards.levels).is_some(), second == 62.5);
        let off = level_off(&plate, &assay).unwrap();
        assert_eq!((off.nominal, off.slip), (40.0, Some(DecimalPointError { meant: 4000.0, is_certain: true })));
    }
}
