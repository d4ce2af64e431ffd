use super::*;
use crate::qc::arrangement::example::{contents, signals, well, wells};

fn distances_of(of: &[(&str, f64)]) -> Distances {
    of.iter().map(|&(name, distance)| (well(name), distance)).collect()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-9, "{found} instead of {expected}");
}

/// The median of 0.0, 0.1, 0.2 and 5.0 is 0.15; distances grow by √(4 / 3), and nothing is farther than what just does not fit. One
/// well alone has no middle.
#[test]
fn wells_that_are_left_open_are_as_far_as_from_their_middle() {
    let signals = signals(&[("A1", 9.0), ("B1", 0.0), ("B2", 0.1), ("B3", 0.2), ("B4", 5.0)]);
    let found = open(&signals, &contents(&[("A1", WellContent::Blank)]));
    let inflate = (4.0f64 / 3.0).sqrt();
    assert_eq!(found.len(), 4);
    for (name, distance) in [("B1", 0.15 * inflate), ("B2", 0.05 * inflate), ("B3", 0.05 * inflate), ("B4", 0.36)] {
        close(found[&well(name)], distance);
    }
    let all_but_one = ["A1", "B1", "B2", "B3"].map(|name| (name, WellContent::Blank));
    assert!(open(&signals, &contents(&all_but_one)).is_empty());
    assert_eq!(open(&signals, &contents(&all_but_one[1..])).len(), 2);
}

/// A standard and a control of one concentration are two levels; blanks and samples are none.
#[test]
fn each_level_is_left_out_once() {
    let declared = [
        ("A1", WellContent::Standard(1.0)),
        ("A2", WellContent::Standard(2.0)),
        ("B1", WellContent::Standard(1.0)),
        ("C1", WellContent::Control(2.0)),
        ("D1", WellContent::Blank),
        ("E1", WellContent::Sample(0)),
    ];
    let without = |level: WellContent| {
        contents(&declared.iter().copied().filter(|(_, content)| *content != level).collect::<Vec<_>>())
    };
    let expected = [WellContent::Standard(1.0), WellContent::Standard(2.0), WellContent::Control(2.0)].map(without);
    assert_eq!(without_a_level(&contents(&declared)), expected);
}

fn comparison(declared: &[(&str, f64)], other: &[(&str, f64)]) -> ArrangementComparison {
    let nothing = Distances::new();
    ArrangementComparison::of([&distances_of(declared), &distances_of(other)], [&nothing, &nothing])
}

/// ln ratio = n / 2 · ln(S_declared / S_other), with a scatter of 2 % at least.
#[test]
fn the_ratio_is_that_of_the_likelihoods() {
    let (far, near) = ([("A1", 0.5), ("A2", 0.5), ("A3", 0.1)], [("A1", 0.1), ("A2", 0.1), ("A3", 0.2)]);
    close(comparison(&far, &near).ln_ratio(), 1.5 * (0.51f64 / 0.06).ln());
    let (none, beyond) = ([("A1", 0.0), ("A2", 0.01)], [("A1", 0.3), ("A2", 9.0)]);
    close(comparison(&beyond, &none).ln_ratio(), ((0.09 + 0.49) / (2.0 * 0.0004f64)).ln());
    close(comparison(&none, &beyond).ln_ratio(), -((0.09 + 0.49) / (2.0 * 0.0004f64)).ln());
}

/// A well of which only one of the two says something counts for the other by how far it is among those that it leaves open, and by as
/// much as just does not fit where it is none of them. It never counts as unfit.
#[test]
fn a_well_that_is_left_open_counts_little() {
    let (declared, other) = (distances_of(&[("A1", 0.6), ("A2", 0.6)]), distances_of(&[("A2", 0.05), ("A3", 0.05)]));
    let (open, open_in_other) = (distances_of(&[("A3", 0.3)]), distances_of(&[("A2", 0.33)]));
    let found = ArrangementComparison::of([&declared, &other], [&open, &open_in_other]);
    let by_declared = 0.36 + 0.36 + 0.09;
    let by_other = UNSAID * UNSAID + 0.0025 + 0.0025;
    close(found.ln_ratio(), 1.5 * (by_declared / by_other).ln());
    assert_eq!((found.unfit(0), found.unfit(1)), (wells(&["A1", "A2"]), Vec::new()));
}

/// A well fits within three times the scatter of the wells about the other arrangement: 1.4826 times their median distance; within 0.1
/// in any case, and within 0.35 at most.
#[test]
fn wells_fit_within_three_times_the_scatter() {
    let fits = |median: f64| comparison(&[], &[("A1", 0.0), ("A2", median), ("A3", 0.7)]).fits;
    close(fits(0.05), 3.0 * 1.4826 * 0.05);
    assert_eq!([0.0, 0.02, 0.08, 0.6].map(fits), [0.1, 0.1, 0.35, 0.35]);
    assert_eq!(comparison(&[("A1", 0.1), ("A2", 0.11)], &[]).unfit(0), wells(&["A2"]));
}

/// Three wells fewer that do not fit, and a ln ratio of eight: of eight wells a sum that is e² = 7.4 times the other's.
#[test]
fn far_better_is_by_wells_and_by_likelihood() {
    const NAMES: [&str; 8] = ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8"];
    let of = |unfit: [usize; 2], fit: f64| {
        let [declared, other] = unfit.map(|unfit| {
            let distance = |i: usize| if i < unfit { 0.6 } else { fit };
            NAMES.iter().enumerate().map(|(i, &name)| (name, distance(i))).collect::<Vec<_>>()
        });
        comparison(&declared, &other).far_better()
    };
    assert!(of([3, 0], 0.03) && of([8, 0], 0.05));
    assert!(!of([2, 0], 0.03), "two wells are too few, though the ln ratio is 19");
    assert!(!of([4, 2], 0.03) && !of([3, 3], 0.03) && !of([0, 3], 0.03));
    // Three of 0.6 and five of x are 1.08 + 5 x², against 8 x²: 7.39 times as much for x = 0.1413 and less.
    assert!(of([3, 0], 0.141) && !of([3, 0], 0.142));
}

/// Four of five wells have to fit, and three in any case: of all, and of those of which the other says something new.
#[test]
fn what_the_other_says_has_to_hold() {
    const NAMES: [&str; 10] = ["A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8", "A9", "A10"];
    let holds = |new: usize, distances: &[f64]| {
        let of = |at: usize, level: f64| (NAMES[at], WellContent::Standard(level));
        let declared: Vec<_> = (0..distances.len()).map(|at| of(at, 1.0)).collect();
        let other: Vec<_> = (0..distances.len()).map(|at| of(at, if at < new { 2.0 } else { 1.0 })).collect();
        let by_other: Vec<_> = NAMES.iter().copied().zip(distances.iter().copied()).collect();
        super::holds(&contents(&declared), &contents(&other), &distances_of(&by_other))
    };
    assert!(holds(3, &[0.0, 0.35, 0.35]), "the limit itself fits");
    assert!(!holds(2, &[0.0, 0.0, 0.0]), "two wells of something new are too few");
    assert!(!holds(3, &[0.0, 0.0, 0.36]));
    assert!(holds(4, &[0.0, 0.0, 0.0, 0.0, 0.36]), "four of five of all, and four of four");
    assert!(!holds(4, &[0.36, 0.0, 0.0, 0.0, 0.0]), "three of four of what is new");
    assert!(holds(5, &[0.36, 0.0, 0.0, 0.0, 0.0]));
    assert!(!holds(5, &[0.0, 0.0, 0.0, 0.0, 0.0, 0.36, 0.36]), "five of seven of all");
    assert!(holds(5, &[0.36, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.36]));
}

/// New is another concentration, a concentration where there was none, or other wells that hold the same; not another number for the
/// same replicates, nor a well of which nothing is said.
#[test]
fn what_is_new_is_another_content() {
    let sample = WellContent::Sample;
    let declared = contents(&[
        ("A1", WellContent::Standard(1.0)),
        ("A2", WellContent::Control(1.0)),
        ("A3", WellContent::Standard(1.0)),
        ("B1", sample(0)),
        ("B2", sample(0)),
        ("C1", sample(1)),
        ("C2", sample(1)),
        ("D1", WellContent::Blank),
        ("E1", WellContent::Standard(4.0)),
        ("E2", sample(3)),
    ]);
    let other = contents(&[
        ("A1", WellContent::Control(1.0)),
        ("A2", WellContent::Standard(2.0)),
        ("B1", sample(5)),
        ("B2", sample(5)),
        ("C1", sample(6)),
        ("C3", sample(6)),
        ("D1", WellContent::Standard(0.0)),
        ("E1", sample(7)),
        ("E2", sample(7)),
    ]);
    let new: Vec<&str> = ["A1", "A2", "A3", "B1", "B2", "C1", "C2", "C3", "D1", "E1", "E2", "H1"]
        .into_iter()
        .filter(|name| says_new(&declared, &other, well(name)))
        .collect();
    assert_eq!(new, ["A2", "C1", "C3", "D1", "E1", "E2"]);
    assert_eq!(same(&declared, well("A1")), wells(&["A1", "A3"]));
    assert!(same(&declared, well("H1")).is_empty());
}

fn in_words(found: &[Rival]) -> Vec<&str> {
    found.iter().map(|rival| rival.words.as_str()).collect()
}

/// Eight standards of which each reads about one more than the one before, filled from the wrong end.
#[test]
fn standards_in_reverse_order_are_found() {
    const NAMES: [&str; 8] = ["A1", "B1", "C1", "D1", "E1", "F1", "G1", "H1"];
    let of = |level: fn(usize) -> f64| {
        contents(
            &NAMES.iter().enumerate().map(|(row, &name)| (name, WellContent::Standard(level(row)))).collect::<Vec<_>>(),
        )
    };
    let (up, down) = (of(|row| row as f64), of(|row| 7.0 - row as f64));
    let signals = signals(
        &NAMES.iter().zip([7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.4]).map(|(&name, z)| (name, z)).collect::<Vec<_>>(),
    );
    let tried = |declared: &Contents, direction| {
        let other = |words: &str, contents: &Contents| Alternative { words: words.into(), contents: contents.clone() };
        // With one level for the two lowest these are each 0.3 from their mean.
        let near = of(|row| if row < 7 { 7.0 - row as f64 } else { 1.0 });
        rivals(&signals, declared, vec![other("near", &near), other("down", &down), other("up", &up)], direction)
    };
    let found = tried(&up, Some(Direction::Rising));
    assert_eq!(in_words(&found), ["down", "near"], "the best first");
    // Every well is as far as can count as declared, and none is off the other way.
    close(found[0].ln_ratio, 4.0 * (8.0 * 0.49 / (8.0 * 0.0004f64)).ln());
    close(found[1].ln_ratio, 4.0 * (8.0 * 0.49 / (2.0 * 0.09f64)).ln());
    assert_eq!((found[0].compared, &found[0].unfit_declared, found[0].unfit_other.len()), (8, &wells(&NAMES), 0));
    assert!(
        tried(&up, None).is_empty() && tried(&up, Some(Direction::Falling)).is_empty(),
        "they agree with a falling curve"
    );
    assert!(tried(&down, Some(Direction::Rising)).is_empty());
}

/// Controls of 16 that read as nothing, beside standards that read `apart` from their neighbours, which another layout exchanges: its
/// wells are each `apart` / 2 from their means.
fn failed_controls(apart: f64) -> Vec<Rival> {
    let standards = |levels: [f64; 4]| {
        let [a, b, c, d] = levels.map(WellContent::Standard);
        [("A1", a), ("A2", a), ("B1", b), ("B2", b), ("C1", c), ("C2", c), ("D1", d), ("D2", d)]
    };
    let z = [("A1", 0.0), ("A2", 0.0), ("B1", apart), ("B2", apart), ("C1", 1.0), ("C2", 1.0), ("D1", 1.0 + apart)];
    let signals = signals(&[&z[..], &[("D2", 1.0 + apart), ("E1", 0.0), ("E2", 0.0), ("E3", 0.0)]].concat());
    let with =
        |levels, content| contents(&[&standards(levels)[..], &["E1", "E2", "E3"].map(|name| (name, content))].concat());
    let declared = with([1.0, 2.0, 4.0, 8.0], WellContent::Control(16.0));
    let contents = with([2.0, 1.0, 8.0, 4.0], WellContent::Sample(0));
    rivals(&signals, &declared, vec![Alternative { words: "other".into(), contents }], Some(Direction::Rising))
}

/// What leaving out the controls explains nearly as well is no other arrangement: eleven wells, and without the controls
/// 5.5 · ln(3 · 0.36² / (8 · 0.18²)) = 2.2 < 3; with wells 0.3 apart it is 5.5 · ln(3 · 0.36² / (8 · 0.15²)) = 4.2.
#[test]
fn controls_that_failed_are_no_other_arrangement() {
    assert!(failed_controls(0.36).is_empty());
    let found = failed_controls(0.3);
    assert_eq!(in_words(&found), ["other"]);
    // As declared, 1.0, 1.3 and the controls share 4.6 / 7.
    let mean = 4.6 / 7.0;
    let declared = 2.0 * f64::powi(1.0 - mean, 2) + 2.0 * f64::powi(1.3 - mean, 2) + 3.0 * mean * mean;
    close(found[0].ln_ratio, 5.5 * (declared / (8.0 * 0.15 * 0.15)).ln());
    assert_eq!((found[0].compared, found[0].unfit_other.len()), (11, 0));
    assert_eq!(found[0].unfit_declared, wells(&["D1", "D2", "E1", "E2", "E3"]));
}
