//! What a plate gives for samples whose concentration in the well is known.

use super::replicates::percent_difference;
use super::{NotReported, PlateConcentrations, Quantity};
use crate::curve::{Model, Parameters};
use crate::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use crate::protocol::Assay;

/// Two-fold standards of 31.25 to 2000 in pairs and one sample in a pair with so much in each well, on an exact curve that rises or
/// falls.
fn quantity(in_wells: [f64; 2], dilution: f64, falling: bool) -> Quantity {
    let assay = Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap();
    let (a, d) = if falling { (2.8, 0.05) } else { (0.05, 2.8) };
    let truth = Parameters { a, d, c: 400.0, b: 1.2, g: 1.0 };
    let well = |row: usize, column: usize, role: WellRole, inside: f64| {
        let response = Model::FourParameter.response(&truth, inside) * (1.0 + if column == 0 { 0.002 } else { -0.002 });
        AssayWell::of_reading(WellPosition::new(row, column), role, Reading::Measured(response))
    };
    let standard = |i: usize| 31.25 * f64::from(1_u32 << i);
    let standards = (0..7).flat_map(|i| {
        [0, 1].map(|column| well(i, column, WellRole::Standard { concentration: standard(i) }, standard(i)))
    });
    let sample = WellRole::Sample { id: "S".into(), dilution: Some(dilution) };
    let samples = [0, 1].map(|column| well(7, column, sample.clone(), in_wells[column]));
    let plate = AssayPlate::of_wells("P", PlateSize::WELLS_96, standards.chain(samples).collect());
    PlateConcentrations::evaluate(plate, &assay).samples.remove(0).quantity
}

/// What is reported is of the undiluted sample: the limits of 31.25 and 2000, and every number of a value, times the dilution.
#[test]
fn limits_and_values_are_of_the_undiluted_sample() {
    for falling in [false, true] {
        let of = |inside: f64, dilution: f64| quantity([inside, inside], dilution, falling);
        assert_eq!(of(5.0, 1.0), Quantity::BelowLloq { limit: 31.25 });
        assert_eq!(of(5.0, 10.0), Quantity::BelowLloq { limit: 312.5 });
        assert_eq!(of(5000.0, 1.0), Quantity::AboveUloq { limit: 2000.0 });
        assert_eq!(of(5000.0, 10.0), Quantity::AboveUloq { limit: 20_000.0 });
        let (Quantity::Quantified(plain), Quantity::Quantified(diluted)) = (of(200.0, 1.0), of(200.0, 10.0)) else {
            panic!("inside the limits")
        };
        assert!((plain.value / 200.0 - 1.0).abs() < 0.01, "{plain:?}");
        assert!(plain.lower.unwrap() < plain.value && plain.value < plain.upper.unwrap());
        assert_eq!(diluted, plain.times(10.0));
    }
}

/// One well inside the limits and one outside of them are no result, unless they agree.
#[test]
fn wells_on_both_sides_of_a_limit_are_no_result() {
    let reason = NotReported::ReplicatesAcrossLimit;
    assert_eq!(quantity([15.0, 60.0], 1.0, false), Quantity::NotReported { reason });
}

#[test]
fn a_bias_is_in_percent_of_what_it_should_be() {
    assert_eq!([percent_difference(450.0, 500.0), percent_difference(600.0, 500.0)], [-10.0, 20.0]);
}
