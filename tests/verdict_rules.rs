//! The rules of the verdicts on plates whose every well is known: one thing is wrong with each, and its rule finds it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail, and says so"
)]

use platewise::concentration::PlateConcentrations;
use platewise::curve::{Model, Parameters};
use platewise::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
use platewise::protocol::{self, Protocol};
use platewise::qc::{Finding, JudgedPlate, Outcome, Verdict};
use platewise::sheet::Location;

const TRUTH: Parameters = Parameters { a: 0.06, d: 3.1, c: 900.0, b: 1.15, g: 1.0 };
const STANDARDS: [f64; 7] = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25];

/// A protocol with lines added to `[method]`, `[standards]` and `[acceptance]`.
fn protocol(method: &str, standards: &str, acceptance: &str) -> Protocol {
    protocol::parse(&format!(
        "[study]\nid = \"S\"\nunit = \"pg/mL\"\n[method]\nname = \"M\"\nversion = \"3\"\n{method}\n[standards]\n{standards}\n\
         [acceptance]\n{acceptance}\n[[visit]]\nname = \"B\"\nweek = 0\nbaseline = true\n[[visit]]\nname = \"E\"\nweek = 16\n\
         endpoint = true\n[[plate]]\nid = \"P\"\nexport = \"p.txt\"\nlayout = \"l.csv\"\n"
    ))
    .unwrap()
}

/// A plate in the making: wells in pairs, column by column, from A01 and A02 on.
struct Plate {
    wells: Vec<AssayWell>,
    next: (u16, u16),
}

impl Plate {
    fn new() -> Self {
        Self { wells: Vec::new(), next: (0, 0) }
    }

    /// Two wells with these readings, side by side.
    fn pair(&mut self, role: WellRole, readings: [Reading; 2]) -> &mut Self {
        let (row, column) = self.next;
        for (i, reading) in readings.into_iter().enumerate() {
            self.wells.push(AssayWell {
                position: WellPosition { row, column: column + i as u16 },
                role: role.clone(),
                reading: reading.clone(),
                reference: None,
                response: reading,
                location: Location::file("p.txt"),
                excluded: None,
            });
        }
        self.next = if row == 7 { (0, column + 2) } else { (row + 1, column) };
        self
    }

    /// Two wells whose responses are those of a concentration in the well, one 1 % above, one 1 % below.
    fn at(&mut self, role: WellRole, in_well: f64) -> &mut Self {
        let y = Model::FourParameter.response(&TRUTH, in_well);
        self.pair(role, [Reading::Measured(y * 1.01), Reading::Measured(y * 0.99)])
    }

    fn standards(&mut self, given: &[(f64, f64)]) -> &mut Self {
        for &(nominal, true_in_well) in given {
            self.at(WellRole::Standard { concentration: nominal }, true_in_well);
        }
        self
    }

    fn controls(&mut self, set: &[f64]) -> &mut Self {
        for (level, nominal, found) in [("low", 80.0, set[0]), ("mid", 400.0, set[1]), ("high", 1500.0, set[2])] {
            self.at(WellRole::Control { level: level.into(), nominal, dilution: 1.0 }, found);
        }
        self
    }

    fn sample(&mut self, id: &str, in_well: f64) -> &mut Self {
        self.at(WellRole::Sample { id: id.into(), dilution: Some(1.0) }, in_well)
    }

    fn judge(&mut self, protocol: &Protocol) -> JudgedPlate {
        let mut wells = std::mem::take(&mut self.wells);
        wells.sort_by_key(|well| well.position);
        let plate = AssayPlate {
            id: "P".into(),
            export: "p.txt".into(),
            format: "test",
            read: "450 nm".into(),
            kit_lot: None,
            repeats: None,
            size: PlateSize::WELLS_96,
            wells,
            unused: Vec::new(),
            warnings: Vec::new(),
            excluded: None,
        };
        JudgedPlate::judge(PlateConcentrations::evaluate(plate, protocol), protocol)
    }
}

/// The standards with what is truly in their wells: nominal, but for those named.
fn standards(wrong: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut all: Vec<(f64, f64)> = STANDARDS.iter().map(|&nominal| (nominal, nominal)).collect();
    for &(nominal, truth) in wrong {
        all.iter_mut().find(|standard| standard.0 == nominal).unwrap().1 = truth;
    }
    all.push((0.0, 0.0));
    all
}

const RIGHT: [f64; 3] = [80.0, 400.0, 1500.0];

/// A plate with these standards, controls at both ends and three samples between them.
fn plate(standards: &[(f64, f64)], controls: [&[f64]; 2]) -> Plate {
    let mut plate = Plate::new();
    plate.standards(standards).controls(controls[0]);
    plate.sample("S1", 40.0).sample("S2", 300.0).sample("S3", 1900.0).controls(controls[1]);
    plate
}

fn findings<'a>(plate: &'a JudgedPlate, rule: &str) -> Vec<&'a Finding> {
    plate.verdict.findings.iter().filter(|finding| finding.rule == rule).collect()
}

fn outcome(plate: &JudgedPlate, rule: &str) -> Outcome {
    let found = findings(plate, rule);
    assert_eq!(found.len(), 1, "{rule}: {:?}", plate.verdict.findings);
    found[0].outcome
}

fn result(plate: &JudgedPlate, sample: &str) -> String {
    let samples = &plate.concentrations.as_ref().unwrap().samples;
    samples.iter().find(|group| group.name == sample).unwrap().quantity.to_string()
}

#[test]
fn a_sound_plate_is_accepted_with_every_finding_shown() {
    let judged = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&protocol("", "", ""));
    assert_eq!(judged.verdict.verdict, Verdict::Accepted, "{:?}", judged.verdict);
    for finding in &judged.verdict.findings {
        assert!(
            !finding.observed.is_empty() && !finding.limit.is_empty() && !finding.subject.is_empty(),
            "{finding:?}"
        );
    }
    assert_eq!(findings(&judged, "standard_bias_percent").len(), 7, "the zero standard is not judged");
    assert!(judged.concentrations.unwrap().first_fit.is_none());
}

#[test]
fn a_failing_standard_is_rejected_and_the_curve_fitted_once_more() {
    let judged = plate(&standards(&[(250.0, 400.0)]), [&RIGHT, &RIGHT]).judge(&protocol("", "", ""));
    assert_eq!(judged.verdict.verdict, Verdict::Accepted, "{:?}", judged.verdict);
    assert!(findings(&judged, "standards_pass_percent")[0].observed.starts_with("6 of 7"));
    let found = judged.concentrations.unwrap();
    let first = found.first_fit.as_ref().unwrap();
    assert_eq!(first.rejected, 250.0);
    assert!(first.why.contains("bias +"), "{}", first.why);
    // Both fits are whole: 16 wells and 14; the refit is the truth again, the first is not.
    assert_eq!((first.curve.points().len(), found.curve.as_ref().unwrap().points().len()), (16, 14));
    let rejected = found.standards.iter().find(|standard| standard.rejected).unwrap();
    assert!((rejected.back_calculated.unwrap() / 400.0 - 1.0).abs() < 0.01, "{rejected:?}");
    assert_eq!(first.standards.len(), found.standards.len());
    assert!((found.samples[1].quantity.value().unwrap() / 300.0 - 1.0).abs() < 0.01);
    // Where the method keeps every standard there is one fit, and the standard counts as failed.
    let kept = plate(&standards(&[(250.0, 400.0)]), [&RIGHT, &RIGHT]).judge(&protocol(
        "",
        "",
        "standard_rejection = \"keep\"",
    ));
    assert!(kept.concentrations.unwrap().first_fit.is_none());
    // With six standards none may be lost.
    let six: Vec<(f64, f64)> = standards(&[(250.0, 400.0)]).into_iter().filter(|s| s.0 != 62.5).collect();
    let judged = plate(&six, [&RIGHT, &RIGHT]).judge(&protocol("", "", ""));
    assert!(judged.concentrations.as_ref().unwrap().first_fit.is_none());
    assert_eq!(judged.verdict.verdict, Verdict::Rejected);
}

#[test]
fn a_lost_end_standard_moves_the_limit_and_its_neighbour_keeps_its_own() {
    for method in ["", "lloq = 31.25"] {
        let protocol = protocol(method, "", "");
        let judged = plate(&standards(&[(31.25, 55.0)]), [&RIGHT, &RIGHT]).judge(&protocol);
        let found = judged.concentrations.as_ref().unwrap();
        let range = found.range.as_ref().unwrap();
        assert_eq!((range.lloq, range.lloq_raised_from), (62.5, Some(31.25)), "{range:?}");
        let next = found.standards.iter().find(|standard| standard.nominal == 62.5).unwrap();
        assert_eq!(next.bias_limit_percent, Some(20.0), "the new LLOQ keeps ±20 %");
        assert_eq!(result(&judged, "S1"), "<62.5", "a sample outside the range that is left");
        assert_eq!(outcome(&judged, "range_holds_controls"), Outcome::Pass);
        assert_eq!(judged.verdict.verdict, Verdict::Accepted);
    }
    // The highest one: 1000 is the limit, and the high control at 1500 is no longer inside.
    let judged = plate(&standards(&[(2000.0, 900.0)]), [&RIGHT, &RIGHT]).judge(&protocol("", "", ""));
    let range = judged.concentrations.as_ref().unwrap().range.clone().unwrap();
    assert_eq!((range.uloq, range.uloq_lowered_from), (1000.0, Some(2000.0)));
    assert_eq!(result(&judged, "S3"), ">1000");
    assert_eq!(outcome(&judged, "range_holds_controls"), Outcome::Fail);
    assert_eq!(judged.verdict.verdict, Verdict::Rejected);
}

#[test]
fn the_limits_at_both_ends_are_set_on_their_own() {
    let limit = |acceptance: &str, nominal: f64| {
        let judged = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&protocol("", "", acceptance));
        let standards = judged.concentrations.unwrap().standards;
        standards.into_iter().find(|standard| standard.nominal == nominal).unwrap().bias_limit_percent.unwrap()
    };
    assert_eq!([limit("", 31.25), limit("", 500.0), limit("", 2000.0)], [25.0, 20.0, 25.0]);
    // As the FDA had it in 2018: the ULOQ is not widened.
    assert_eq!(limit("standard_bias_percent_at_uloq = 20", 2000.0), 20.0);
    assert_eq!(limit("standard_bias_percent_at_lloq = 30", 31.25), 30.0);
}

#[test]
fn anchors_help_the_fit_and_are_neither_judged_nor_counted() {
    let mut with_anchors = standards(&[]);
    with_anchors.extend([(8000.0, 20000.0), (7.8, 7.8)]);
    let judged = plate(&with_anchors, [&RIGHT, &RIGHT]).judge(&protocol(
        "",
        "anchors = [8000, 7.8]",
        "standard_rejection = \"keep\"",
    ));
    let found = judged.concentrations.as_ref().unwrap();
    assert_eq!(findings(&judged, "standard_bias_percent").len(), 7);
    assert!(findings(&judged, "standards_pass_percent")[0].observed.contains("of 7 levels"));
    assert_eq!(found.curve.as_ref().unwrap().points().len(), 20, "the fit has them");
    let range = found.range.as_ref().unwrap();
    assert_eq!((range.lloq, range.uloq), (31.25, 2000.0), "they bound nothing");
    assert_eq!(found.standards.iter().filter(|standard| standard.anchor).count(), 2);
    // Declared or not, a standard between the others is judged: an anchor cannot hide a failure.
    let hidden = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&protocol("", "anchors = [250]", ""));
    assert_eq!(findings(&hidden, "standard_bias_percent").len(), 7);
}

#[test]
fn replicates_of_a_standard_must_agree() {
    let mut plate = Plate::new();
    let good: Vec<(f64, f64)> = standards(&[]).into_iter().filter(|standard| standard.0 != 125.0).collect();
    let y = |x| Model::FourParameter.response(&TRUTH, x);
    plate
        .standards(&good)
        .pair(WellRole::Standard { concentration: 125.0 }, [Reading::Measured(y(95.0)), Reading::Measured(y(160.0))]);
    let judged = plate.controls(&RIGHT).sample("S", 300.0).controls(&RIGHT).judge(&protocol("", "", ""));
    let first = judged.concentrations.as_ref().unwrap().first_fit.as_ref().unwrap();
    assert_eq!(first.rejected, 125.0);
    assert!(first.why.contains("CV"), "{}", first.why);
}

#[test]
fn a_standard_with_one_well_left_has_no_cv_and_does_not_pass() {
    let good: Vec<(f64, f64)> = standards(&[]).into_iter().filter(|standard| standard.0 != 125.0).collect();
    let of = |acceptance: &str| {
        let mut plate = Plate::new();
        plate.standards(&good).pair(
            WellRole::Standard { concentration: 125.0 },
            [Reading::Measured(Model::FourParameter.response(&TRUTH, 125.0)), Reading::Missing("MISSED".into())],
        );
        let judged = plate.controls(&RIGHT).sample("S", 300.0).controls(&RIGHT).judge(&protocol("", "", acceptance));
        judged.concentrations.unwrap().first_fit.map(|first| first.why)
    };
    assert_eq!(of("").as_deref(), Some("a CV cannot be computed from one well"));
    assert_eq!(of("standard_cv_percent = \"none\""), None);
}

#[test]
fn two_thirds_of_all_controls_and_half_of_each_level() {
    let verdict =
        |first: [f64; 3], last: [f64; 3]| plate(&standards(&[]), [&first, &last]).judge(&protocol("", "", ""));
    // One level of each end wrong: four of six pass, one of two at two levels.
    let four = verdict([120.0, 400.0, 1500.0], [80.0, 600.0, 1500.0]);
    assert_eq!(four.verdict.verdict, Verdict::Accepted, "{:?}", four.verdict.reason);
    // Both of one level: four of six pass, none at that level.
    let level = verdict([120.0, 400.0, 1500.0], [120.0, 400.0, 1500.0]);
    assert!(level.verdict.reason.starts_with("controls_level_pass_percent: 0 of 2"), "{}", level.verdict.reason);
    let three = verdict([120.0, 600.0, 1500.0], [80.0, 400.0, 1000.0]);
    assert!(three.verdict.reason.starts_with("controls_pass_percent: 3 of 6"), "{}", three.verdict.reason);
    let none = Plate::new().standards(&standards(&[])).sample("S", 300.0).judge(&protocol("", "", ""));
    assert_eq!(none.verdict.verdict, Verdict::NotEvaluable);
    let allowed = "controls_required = false";
    let none = Plate::new().standards(&standards(&[])).sample("S", 300.0).judge(&protocol("", "", allowed));
    assert_eq!(none.verdict.verdict, Verdict::Accepted);
}

#[test]
fn samples_lie_between_controls() {
    let open = || {
        let mut plate = Plate::new();
        plate.standards(&standards(&[])).controls(&RIGHT).sample("S", 300.0);
        plate
    };
    let judged = open().judge(&protocol("", "", ""));
    assert_eq!(outcome(&judged, "controls_bracket"), Outcome::Warning);
    assert_eq!(findings(&judged, "controls_bracket")[0].observed, "the sample at D03 is not between controls");
    assert_eq!(judged.verdict.verdict, Verdict::Accepted);
    let strict = open().judge(&protocol("", "", "controls_bracket_outcome = \"reject\""));
    assert_eq!(strict.verdict.verdict, Verdict::Rejected);
    let off = open().judge(&protocol("", "", "controls_bracket = \"none\""));
    assert!(findings(&off, "controls_bracket").is_empty());
    let closed = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&protocol("", "", ""));
    assert_eq!(outcome(&closed, "controls_bracket"), Outcome::Pass);
}

#[test]
fn blank_top_and_window_are_judged_where_the_method_says_so() {
    let of = |acceptance: &str| plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&protocol("", "", acceptance));
    // The zero standard reads 0.06, the highest one 2.2.
    for (limit, rule, expected) in [
        ("blank_max_response = 0.1", "blank_max_response", Outcome::Pass),
        ("blank_max_response = 0.05", "blank_max_response", Outcome::Fail),
        ("top_min_response = 2.0", "top_min_response", Outcome::Pass),
        ("top_min_response = 2.5", "top_min_response", Outcome::Fail),
        ("window_min_ratio = 30", "window_min_ratio", Outcome::Pass),
        ("window_min_ratio = 50", "window_min_ratio", Outcome::Fail),
    ] {
        let judged = of(limit);
        assert_eq!(outcome(&judged, rule), expected, "{limit}");
        assert_eq!(judged.verdict.verdict == Verdict::Rejected, expected == Outcome::Fail);
    }
    // A blank that cannot be measured cannot be judged, and the plate does not pass.
    let mut unread = plate(&standards(&[])[..7], [&RIGHT, &RIGHT]);
    unread.pair(WellRole::Blank, [Reading::Missing("MISSED".into()), Reading::Saturated("OVRFLW".into())]);
    let judged = unread.judge(&protocol("", "", "blank_max_response = 0.1"));
    assert_eq!(outcome(&judged, "blank_max_response"), Outcome::NotEvaluable);
    assert_eq!(judged.verdict.verdict, Verdict::NotEvaluable);
    // A blank as high as the sample at the LLOQ.
    let mut high = plate(&standards(&[]), [&RIGHT, &RIGHT]);
    high.at(WellRole::Blank, 60.0);
    assert_eq!(outcome(&high.judge(&protocol("", "", "")), "blank_below_lloq"), Outcome::Fail);
}

#[test]
fn a_pair_over_a_limit_is_flagged_and_not_averaged() {
    let y = |x| Reading::Measured(Model::FourParameter.response(&TRUTH, x));
    let mut plate = plate(&standards(&[]), [&RIGHT, &RIGHT]);
    let sample = |id: &str| WellRole::Sample { id: id.into(), dilution: Some(10.0) };
    plate.pair(sample("low"), [y(29.0), y(34.0)]).pair(sample("high"), [y(1990.0), y(2100.0)]);
    plate.pair(sample("apart"), [y(100.0), y(150.0)]).pair(sample("near"), [y(31.4), y(42.1)]);
    plate.pair(sample("below"), [y(2.0), y(20.0)]);
    let judged = plate.judge(&protocol("", "", ""));
    let across = "not reported: replicates on both sides of a limit";
    assert_eq!([result(&judged, "low"), result(&judged, "high")], [across, across]);
    assert_eq!(result(&judged, "apart"), "not reported: replicates disagree");
    // A CV of 20.6 % is too much in the middle, and not near the LLOQ.
    let near = result(&judged, "near");
    assert!((near.parse::<f64>().unwrap() / 367.5 - 1.0).abs() < 0.01, "{near}");
    assert_eq!(result(&judged, "below"), "<312.5", "near zero a CV of 116 % says nothing");
    let flags =
        &judged.concentrations.as_ref().unwrap().samples.iter().find(|group| group.name == "low").unwrap().flags;
    assert!(flags[0].contains("<312.5"), "{flags:?}");
}

#[test]
fn presets_are_versioned_and_what_a_study_overrides_is_said() {
    let own = protocol(
        "criteria = \"kit-insert\"",
        "",
        "control_bias_percent = 15\nreplicate_cv_percent = \"x\"".split('\n').next().unwrap(),
    );
    assert_eq!(own.acceptance.standards_min_levels, 5);
    let words = own.criteria_words();
    assert_eq!(
        words,
        "criteria of method M version 3 (preset kit-insert version 1; overridden: control_bias_percent = 15 instead of 20)"
    );
    assert!(protocol("", "", "").criteria_words().ends_with("(preset ich-m10 version 1; no limit overridden)"));
}

/// Concentrations and verdict do not depend on the unit of concentration, on the gain of the reader, or on which wells are where.
#[test]
fn units_gain_and_places_change_nothing() {
    let wells = || plate(&standards(&[(250.0, 400.0)]), [&RIGHT, &RIGHT]).wells;
    let judge = |wells: Vec<AssayWell>| Plate { wells, next: (0, 0) }.judge(&protocol("", "", ""));
    let base = judge(wells());
    let values = |judged: &JudgedPlate| -> Vec<(String, f64)> {
        let samples = &judged.concentrations.as_ref().unwrap().samples;
        let mut found: Vec<(String, f64)> =
            samples.iter().map(|group| (group.name.clone(), group.quantity.value().unwrap())).collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found
    };
    let same = |other: &JudgedPlate, factor: f64| {
        assert_eq!(base.verdict.verdict, other.verdict.verdict);
        for (one, other) in values(&base).iter().zip(values(other)) {
            assert_eq!(one.0, other.0);
            assert!((other.1 / (one.1 * factor) - 1.0).abs() < 1e-7, "{one:?} {other:?}");
        }
    };
    let scaled = |mut well: AssayWell| {
        match &mut well.role {
            WellRole::Standard { concentration } => *concentration /= 1000.0,
            WellRole::Control { nominal, .. } => *nominal /= 1000.0,
            _ => {}
        }
        well
    };
    same(&judge(wells().into_iter().map(scaled).collect()), 1e-3);
    let amplified = |mut well: AssayWell| {
        let Reading::Measured(y) = well.response else { return well };
        well.response = Reading::Measured(y * 20_000.0);
        well
    };
    same(&judge(wells().into_iter().map(amplified).collect()), 1.0);
    // The plate turned round: A01 is H12.
    let turned = |mut well: AssayWell| {
        well.position = WellPosition { row: 7 - well.position.row, column: 11 - well.position.column };
        well
    };
    same(&judge(wells().into_iter().map(turned).collect()), 1.0);
}
