//! The library in another program: what the examples of it find.

use platewise::concentration::Quantity;
use platewise::curve::InverseStatus;
use platewise::qc::Verdict;

#[path = "od_to_verdict.rs"]
mod od_to_verdict;
#[path = "plate_to_verdict.rs"]
mod plate_to_verdict;

/// A sample between the standards at 125 (0.58) and 250 (1.045), one below the curve, one between 1000 and 4000.
#[test]
fn from_optical_densities_to_a_verdict_on_the_curve() {
    let curve = od_to_verdict::curve().unwrap();
    assert_eq!(curve.verdict().words(), "usable");
    let [low, none, high] = od_to_verdict::SAMPLES.map(|density| curve.invert(density, 2));
    for (read, between) in [(low, 125.0..250.0), (high, 1000.0..4000.0)] {
        let [lower, found, upper] = [read.lower, read.concentration, read.upper].map(Option::unwrap);
        assert!(lower < found && found < upper && between.contains(&found), "{read:?}");
    }
    assert_eq!((none.status, none.concentration), (InverseStatus::BelowCurve, None));
    od_to_verdict::main().unwrap();
}

/// A sample with its interval, one below and one above the limits, and the standard that was dropped so that the plate passes.
#[test]
fn from_optical_densities_to_a_verdict_on_the_plate_without_a_study() {
    let plate = plate_to_verdict::judged().unwrap();
    let samples = &plate.concentrations.as_ref().unwrap().samples;
    let Quantity::Quantified(first) = &samples[0].quantity else { panic!("{}", samples[0].quantity) };
    assert!(first.lower.unwrap() < first.value && first.value < first.upper.unwrap());
    // Near the standards at 250 (0.457) and 500 (0.829), times the dilution of 10.
    assert!((2500.0..5000.0).contains(&first.value), "{}", first.value);
    assert_eq!([1, 2].map(|at: usize| samples[at].quantity.to_string()), ["<625", ">20000"]);
    assert_eq!(plate.verdict.verdict, Verdict::AcceptedWithRemarks);
    assert!(plate.verdict.remarks.iter().any(|remark| remark.contains("31.25")), "{:?}", plate.verdict.remarks);
    plate_to_verdict::main().unwrap();
}
