//! Wells and groups of them on curves whose responses are known.

use super::*;
use crate::curve::{Method, Point, fit};
use crate::plate::WellRole;

#[test]
fn near_the_lloq_the_standard_deviation_counts() {
    let m10 = crate::protocol::Criteria::IchM10.acceptance();
    let limits = [31.25, 35.0, 39.0625, 100.0].map(|mean| cv_limit_percent(mean, 31.25, &m10));
    assert_eq!([limits[0], limits[2], limits[3]], [25.0, 20.0, 20.0]);
    assert!((limits[1] - 25.0 * 31.25 / 35.0).abs() < 1e-12);
    // Below the LLOQ, where a CV of 200 % may be one pg/mL, the limit rises without bound.
    assert!((cv_limit_percent(0.5, 31.25, &m10) - 1562.5).abs() < 1e-9);
    let strict = Acceptance { replicate_sd_percent_of_lloq: None, ..m10 };
    assert_eq!(cv_limit_percent(0.5, 31.25, &strict), 20.0);
}

#[test]
fn a_well_that_is_not_determined_leaves_no_limit_to_report() {
    let below = Quantity::BelowLloq { limit: 31.25 };
    let above = Quantity::AboveUloq { limit: 2000.0 };
    let inside = Quantity::Quantified(Estimate { value: 90.0, standard_error: None, lower: None, upper: None });
    let open = not_reported(NotReported::NotDetermined);
    let of = |one: &Quantity, other: &Quantity| together(&[one.clone(), other.clone()]);
    assert_eq!(
        [&inside, &below, &above].map(|one| of(one, one)),
        [GroupPosition::Inside, GroupPosition::Below, GroupPosition::Above]
    );
    for one in [&below, &inside, &above, &open] {
        assert_eq!((of(one, &open), of(&open, one)), (GroupPosition::NotDetermined, GroupPosition::NotDetermined));
    }
    for (one, other) in [(&below, &inside), (&above, &inside), (&below, &above)] {
        assert_eq!(of(one, other), GroupPosition::AcrossLimit);
    }
}

#[test]
fn cv_is_that_of_a_pocket_calculator() {
    // Two values: |x1 − x2| / (√2 × mean).
    assert!((cv_percent(&[90.0, 110.0]).unwrap() - 100.0 * 20.0 / (2f64.sqrt() * 100.0)).abs() < 1e-12);
    // A CV of 20 % is a difference of 28.3 % of the mean; each within 10 % of the mean is a CV of 14.1 %.
    assert!((cv_percent(&[100.0 - 14.142, 100.0 + 14.142]).unwrap() - 20.0).abs() < 1e-3);
    assert!((cv_percent(&[90.0, 110.0]).unwrap() - 14.142).abs() < 1e-3);
    assert_eq!(cv_percent(&[1.0]), None);
    assert_eq!(cv_percent(&[0.0, 0.0]), None);
}

/// A curve through these means in pairs ±1 %, and its range from the first to the last.
fn curve_of(response: impl Fn(f64) -> f64) -> (StandardCurve, Range) {
    let levels = [100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0];
    let points: Vec<Point> = levels
        .into_iter()
        .flat_map(|x| [0.99, 1.01].map(|factor| Point { concentration: x, response: factor * response(x) }))
        .collect();
    let range =
        Range { lloq: 100.0, uloq: 3200.0, lloq_raised_from: None, uloq_lowered_from: None, rule: String::new() };
    (fit(&points, &Method::default()).unwrap(), range)
}

fn assay() -> Assay {
    Assay::parse("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n").unwrap()
}

/// A response beyond the standards, where the curve has no plateau, is on its side of the range nevertheless.
#[test]
fn beyond_a_missing_plateau_the_side_is_known() {
    let assay = assay();
    let well = |curve: &StandardCurve, range: &Range, response: f64| {
        let status = curve.invert(response, 1).status;
        let reader = CurveReader { curve: Some(curve), range: Some(range), assay: &assay };
        (status, reader.well(&Reading::Measured(response), 10.0))
    };
    let (below, above) = (Quantity::BelowLloq { limit: 1000.0 }, Quantity::AboveUloq { limit: 32_000.0 });
    // y = 3 − 20/√x has no lower plateau: 1 at 100, minus infinity at 0.
    let (curve, range) = curve_of(|x| 3.0 - 20.0 / x.sqrt());
    assert_eq!(well(&curve, &range, 0.3), (InverseStatus::PlateauNotDetermined, below.clone()));
    // y = 0.1 + 0.05 √x has no upper one: 2.93 at 3200.
    let (curve, range) = curve_of(|x| 0.1 + 0.05 * x.sqrt());
    assert_eq!(well(&curve, &range, 9.0), (InverseStatus::PlateauNotDetermined, above.clone()));
    // The same on falling curves, where a response above all others is a concentration below them.
    let (curve, range) = curve_of(|x| 20.0 / x.sqrt());
    assert_eq!(well(&curve, &range, 9.0), (InverseStatus::PlateauNotDetermined, below));
}

/// Replicates whose CV is just the limit agree.
#[test]
fn replicates_at_their_limit_agree() {
    let (curve, range) = curve_of(|x| 3.0 * x / (x + 800.0));
    let wells = [300.0, 400.0].map(|x| {
        AssayWell::of_reading(
            "A01".parse().unwrap(),
            WellRole::Sample { id: "S".into(), dilution: None },
            Reading::Measured(curve.response(x)),
        )
    });
    let group = |limit: f64| {
        let mut assay = assay();
        (assay.acceptance.replicate_cv_percent, assay.acceptance.replicate_sd_percent_of_lloq) = (limit, None);
        let reader = CurveReader { curve: Some(&curve), range: Some(&range), assay: &assay };
        reader.group("S", 1.0, &wells.iter().collect::<Vec<_>>())
    };
    // 100 / √2 / 350 = 20.203 %.
    let cv = group(50.0).cv_percent.unwrap();
    assert!((cv - 20.203).abs() < 0.001, "{cv}");
    assert!(matches!(group(cv).quantity, Quantity::Quantified(_)), "{:?}", group(cv));
    assert_eq!(group(cv * (1.0 - 1e-12)).quantity, not_reported(NotReported::ReplicatesDisagree));
    // Of three, with n − 1: 1, 2 and 3 have a standard deviation of 1 and a mean of 2.
    assert_eq!(cv_percent(&[1.0, 2.0, 3.0]), Some(50.0));
}

/// What is left of a sample is reported if as many wells are left as are asked for, and not if one is missing.
#[test]
fn enough_wells_are_left_or_the_sample_is_not_reported() {
    let (curve, range) = curve_of(|x| 3.0 * x / (x + 800.0));
    let wells = |kept: usize, masked: usize| -> Vec<AssayWell> {
        let sample = || WellRole::Sample { id: "S".into(), dilution: None };
        let well = |reading| AssayWell::of_reading("A01".parse().unwrap(), sample(), reading);
        let measured = (0..kept).map(|at| well(Reading::Measured(curve.response(400.0 + at as f64))));
        measured.chain((0..masked).map(|_| well(Reading::Masked { text: "*0.9*".into(), value: Some(0.9) }))).collect()
    };
    let quantity = |kept: usize, masked: usize, asked: usize| {
        let mut assay = assay();
        assay.acceptance.replicates_after_exclusion = asked;
        let reader = CurveReader { curve: Some(&curve), range: Some(&range), assay: &assay };
        let wells = wells(kept, masked);
        reader.group("S", 1.0, &wells.iter().collect::<Vec<_>>()).quantity
    };
    let masked = not_reported(NotReported::MaskedByReader);
    for (kept, asked) in [(1, 1), (2, 2), (3, 2), (2, 1)] {
        assert!(matches!(quantity(kept, 1, asked), Quantity::Quantified(_)), "{kept} of {asked}");
    }
    assert_eq!([quantity(1, 1, 2), quantity(2, 1, 3), quantity(0, 2, 0)], [masked.clone(), masked.clone(), masked]);
    assert!(matches!(quantity(1, 0, 2), Quantity::Quantified(_)), "nothing was excluded of a sample in one well");
}

/// A well without a number says why, as it was written.
#[test]
fn a_well_without_a_number_says_why() {
    let of = |response: Reading, excluded: bool| {
        let role = WellRole::Sample { id: "S".into(), dilution: None };
        let mut well = AssayWell::of_reading("A01".parse().unwrap(), role, response);
        well.excluded = excluded.then(|| crate::plate::Excluded { line: 3, reason: "bubble".into() });
        token(&well)
    };
    let masked = || Reading::Masked { text: "*0.9*".into(), value: Some(0.9) };
    assert_eq!(of(Reading::Saturated("OVER".into()), false), "saturated (OVER)");
    assert_eq!(of(masked(), false), "masked in the reader's software (*0.9*)");
    assert_eq!(of(masked(), true), "*0.9*", "the words of the decision stand alone");
    assert_eq!(of(Reading::Missing(String::new()), false), "not read");
    assert_eq!(of(Reading::Missing("---".into()), false), "not read (---)");
    assert_eq!(of(Reading::NotComputed(String::new()), false), "not read");
    assert_eq!(of(Reading::NotComputed("#N/A".into()), false), "not read (#N/A)");
    assert_eq!(of(Reading::Measured(0.25), false), "0.25");
}

/// Which wells a group names in its flags, and what it says of wells that cannot be compared.
#[test]
fn a_group_names_the_wells_that_are_missing() {
    let (curve, range) = curve_of(|x| 3.0 * x / (x + 800.0));
    let (mut assay, sample) = (assay(), || WellRole::Sample { id: "S".into(), dilution: None });
    assay.acceptance.replicates_after_exclusion = 1;
    let at = |name: &str, reading: Reading| AssayWell::of_reading(name.parse().unwrap(), sample(), reading);
    let of = |wells: &[AssayWell]| {
        let reader = CurveReader { curve: Some(&curve), range: Some(&range), assay: &assay };
        let found = reader.group("S", 1.0, &wells.iter().collect::<Vec<_>>());
        (found.flags, found.quantity)
    };
    let inside = || Reading::Measured(curve.response(400.0));
    let (flags, quantity) = of(&[at("A1", inside()), at("A2", Reading::Saturated("OVER".into()))]);
    assert_eq!((flags, quantity), (vec!["A02: saturated (OVER)".to_string()], not_reported(NotReported::Saturated)));
    let masked = Reading::Masked { text: "*".into(), value: None };
    let (flags, quantity) = of(&[at("A1", masked), at("A2", inside())]);
    assert_eq!(flags, ["A01: masked in the reader's software (*)", "single well: replicates cannot be compared"]);
    assert!(matches!(quantity, Quantity::Quantified(_)));
    // 200 and 800: s = 424.3 and a mean of 500, a CV of 84.9 %.
    let (flags, quantity) =
        of(&[at("A1", Reading::Measured(curve.response(200.0))), at("A2", Reading::Measured(curve.response(800.0)))]);
    assert!(flags[0].starts_with("replicate CV 84.9 % above "), "{flags:?}");
    assert_eq!(quantity, not_reported(NotReported::ReplicatesDisagree));
    let (flags, quantity) = of(&[at("A1", Reading::Measured(curve.response(50.0))), at("A2", inside())]);
    assert!(flags[0].starts_with("replicates <100 and "), "{flags:?}");
    assert_eq!(quantity, not_reported(NotReported::ReplicatesAcrossLimit));
}

/// The limits themselves are between the limits, on a curve that rises and on one that falls; no wells at all are on no side.
#[test]
fn a_side_of_the_range_is_beyond_its_limit() {
    for (curve, range) in [curve_of(|x| 3.0 * x / (x + 800.0)), curve_of(|x| 3.0 - 3.0 * x / (x + 800.0))] {
        let side = |x: f64, more: f64| {
            let rise = (curve.response(range.uloq) - curve.response(range.lloq)).signum();
            match beyond(&curve, curve.response(x) + more * rise, &range) {
                Some(Side::Above) => "above",
                Some(Side::Below) => "below",
                None => "between",
            }
        };
        assert_eq!([side(3200.0, 0.0), side(3200.0, 1e-6), side(3200.0, -1e-6)], ["between", "above", "between"]);
        assert_eq!([side(100.0, 0.0), side(100.0, 1e-6), side(100.0, -1e-6)], ["between", "between", "below"]);
    }
    assert_eq!(together(&[]), GroupPosition::NotDetermined);
}
