//! The library in another program: what the example of it finds.

use platewise::concentration::Quantity;
use platewise::qc::Verdict;

#[path = "od_to_verdict.rs"]
mod od_to_verdict;

/// A sample with its interval, one below and one above the limits, and the standard that was dropped so that the plate passes.
#[test]
fn from_optical_densities_to_a_verdict_without_a_study() {
    let plate = od_to_verdict::judged().unwrap();
    let samples = &plate.concentrations.as_ref().unwrap().samples;
    let Quantity::Quantified(first) = &samples[0].quantity else { panic!("{}", samples[0].quantity) };
    assert!(first.lower.unwrap() < first.value && first.value < first.upper.unwrap());
    // Near the standards at 250 (0.457) and 500 (0.829), times the dilution of 10.
    assert!((2500.0..5000.0).contains(&first.value), "{}", first.value);
    assert_eq!([1, 2].map(|at: usize| samples[at].quantity.to_string()), ["<625", ">20000"]);
    assert_eq!(plate.verdict.verdict, Verdict::AcceptedWithRemarks);
    assert!(plate.verdict.remarks.iter().any(|remark| remark.contains("31.25")), "{:?}", plate.verdict.remarks);
    od_to_verdict::main().unwrap();
}
