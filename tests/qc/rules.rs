//! The rules of the verdicts on plates whose every well is known: one thing is wrong with each, and its rule finds it.

use platewise::curve::Model;
use platewise::plate::{AssayWell, Excluded, Reading, WellRole};
use platewise::qc::{Finding, JudgedPlate, Outcome, RuleUnit, Verdict};
use platewise::reportable;

use crate::support::plate_in_pairs::{Plate, RIGHT, TRUTH, assay, plate, standards};

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
    let judged = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&assay("", "", ""));
    assert_eq!(judged.verdict.verdict, Verdict::Accepted, "{:?}", judged.verdict);
    for finding in &judged.verdict.findings {
        assert!(
            !finding.observed.is_empty() && !finding.limit.is_empty() && !finding.subject.is_empty(),
            "{finding:?}"
        );
    }
    assert_eq!(findings(&judged, "standard_bias_percent").len(), 7, "the zero standard is not judged");
    let share = findings(&judged, "standards_pass_percent")[0];
    assert_eq!((share.value, share.limit_value), (Some(100.0), Some(75.0)));
    for finding in &judged.verdict.findings {
        let has_numbers = finding.value.is_some() && finding.limit_value.is_some();
        assert_eq!(has_numbers, finding.rule.unit() != RuleUnit::None, "{finding:?}");
    }
    assert!(judged.concentrations.unwrap().first_fit.is_none());
}

#[test]
fn a_failing_standard_is_rejected_and_the_curve_fitted_once_more() {
    let judged = plate(&standards(&[(250.0, 400.0)]), [&RIGHT, &RIGHT]).judge(&assay("", "", ""));
    assert_eq!(judged.verdict.verdict, Verdict::AcceptedWithRemarks, "{:?}", judged.verdict);
    assert_eq!(judged.verdict.remarks.len(), 1);
    assert!(judged.verdict.remarks[0].starts_with("standard 250 pg/mL: bias +"), "{:?}", judged.verdict.remarks);
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
    let kept =
        plate(&standards(&[(250.0, 400.0)]), [&RIGHT, &RIGHT]).judge(&assay("", "", "standard_rejection = \"keep\""));
    assert!(kept.concentrations.unwrap().first_fit.is_none());
    // With six standards none may be lost.
    let six: Vec<(f64, f64)> = standards(&[(250.0, 400.0)]).into_iter().filter(|s| s.0 != 62.5).collect();
    let judged = plate(&six, [&RIGHT, &RIGHT]).judge(&assay("", "", ""));
    assert!(judged.concentrations.as_ref().unwrap().first_fit.is_none());
    assert_eq!(judged.verdict.verdict, Verdict::Rejected);
}

#[test]
fn a_lost_end_standard_moves_the_limit_and_its_neighbour_keeps_its_own() {
    for method in ["", "lloq = 31.25"] {
        let assay = assay(method, "", "");
        let judged = plate(&standards(&[(31.25, 55.0)]), [&RIGHT, &RIGHT]).judge(&assay);
        let found = judged.concentrations.as_ref().unwrap();
        let range = found.range.as_ref().unwrap();
        assert_eq!((range.lloq, range.lloq_raised_from), (62.5, Some(31.25)), "{range:?}");
        let next = found.standards.iter().find(|standard| standard.nominal == 62.5).unwrap();
        assert_eq!(next.bias_limit_percent, Some(20.0), "the new LLOQ keeps ±20 %");
        assert_eq!(result(&judged, "S1"), "<62.5", "a sample outside the range that is left");
        assert_eq!(outcome(&judged, "range_holds_controls"), Outcome::Pass);
        assert_eq!(judged.verdict.verdict, Verdict::AcceptedWithRemarks);
        let raised = "LLOQ: raised from 31.25 to 62.5 pg/mL, the lowest standard that passes";
        assert!(judged.verdict.remarks.iter().any(|remark| remark == raised), "{:?}", judged.verdict.remarks);
    }
    // The highest one: 1000 is the limit, and the high control at 1500 is no longer inside.
    let judged = plate(&standards(&[(2000.0, 900.0)]), [&RIGHT, &RIGHT]).judge(&assay("", "", ""));
    let range = judged.concentrations.as_ref().unwrap().range.clone().unwrap();
    assert_eq!((range.uloq, range.uloq_lowered_from), (1000.0, Some(2000.0)));
    assert_eq!(result(&judged, "S3"), ">1000");
    assert_eq!(outcome(&judged, "range_holds_controls"), Outcome::Fail);
    assert_eq!(judged.verdict.verdict, Verdict::Rejected);
}

#[test]
fn a_limit_beyond_the_standards_is_theirs_and_not_moved() {
    let judged = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&assay("lloq = 31.2\nuloq = 2001", "", ""));
    let range = judged.concentrations.as_ref().unwrap().range.clone().unwrap();
    assert_eq!((range.lloq, range.uloq), (31.25, 2000.0));
    assert_eq!((range.lloq_raised_from, range.uloq_lowered_from), (None, None), "no standard was lost: {}", range.rule);
    assert!(findings(&judged, "range_holds_controls").is_empty());
    // A sample below it is below it, and is not run again.
    let results = reportable::resolve(std::slice::from_ref(&judged), &assay("", "", ""));
    assert!(reportable::reruns(&results, &[judged]).is_empty());
}

#[test]
fn the_limits_at_both_ends_are_set_on_their_own() {
    let limit = |acceptance: &str, nominal: f64| {
        let judged = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&assay("", "", acceptance));
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
    let judged = plate(&with_anchors, [&RIGHT, &RIGHT]).judge(&assay(
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
    let hidden = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&assay("", "anchors = [250]", ""));
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
    let judged = plate.controls(&RIGHT).sample("S", 300.0).controls(&RIGHT).judge(&assay("", "", ""));
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
        let judged = plate.controls(&RIGHT).sample("S", 300.0).controls(&RIGHT).judge(&assay("", "", acceptance));
        judged.concentrations.unwrap().first_fit.map(|first| first.why)
    };
    assert_eq!(of("").as_deref(), Some("a CV cannot be computed from one well"));
    assert_eq!(of("standard_cv_percent = \"none\""), None);
}

#[test]
fn two_thirds_of_all_controls_and_half_of_each_level() {
    let verdict = |first: [f64; 3], last: [f64; 3]| plate(&standards(&[]), [&first, &last]).judge(&assay("", "", ""));
    // One level of each end wrong: four of six pass, one of two at two levels.
    let four = verdict([120.0, 400.0, 1500.0], [80.0, 600.0, 1500.0]);
    assert_eq!(four.verdict.verdict, Verdict::Accepted, "{:?}", four.verdict.reason);
    // Both of one level: four of six pass, none at that level.
    let level = verdict([120.0, 400.0, 1500.0], [120.0, 400.0, 1500.0]);
    assert!(level.verdict.reason.starts_with("controls_level_pass_percent: 0 of 2"), "{}", level.verdict.reason);
    let three = verdict([120.0, 600.0, 1500.0], [80.0, 400.0, 1000.0]);
    assert!(three.verdict.reason.starts_with("controls_pass_percent: 3 of 6"), "{}", three.verdict.reason);
    let none = Plate::new().standards(&standards(&[])).sample("S", 300.0).judge(&assay("", "", ""));
    assert_eq!(none.verdict.verdict, Verdict::NotEvaluable);
    let allowed = "controls_required = false";
    let none = Plate::new().standards(&standards(&[])).sample("S", 300.0).judge(&assay("", "", allowed));
    assert_eq!(none.verdict.verdict, Verdict::Accepted);
}

#[test]
fn samples_lie_between_controls() {
    let open = || {
        let mut plate = Plate::new();
        plate.standards(&standards(&[])).controls(&RIGHT).sample("S", 300.0);
        plate
    };
    let judged = open().judge(&assay("", "", ""));
    assert_eq!(outcome(&judged, "controls_bracket"), Outcome::Warning);
    assert_eq!(findings(&judged, "controls_bracket")[0].observed, "the sample at D03 is not between controls");
    assert_eq!(judged.verdict.verdict, Verdict::Accepted);
    let strict = open().judge(&assay("", "", "controls_bracket_outcome = \"reject\""));
    assert_eq!(strict.verdict.verdict, Verdict::Rejected);
    let off = open().judge(&assay("", "", "controls_bracket = \"none\""));
    assert!(findings(&off, "controls_bracket").is_empty());
    let closed = plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&assay("", "", ""));
    assert_eq!(outcome(&closed, "controls_bracket"), Outcome::Pass);
}

#[test]
fn blank_top_and_window_are_judged_where_the_method_says_so() {
    let of = |acceptance: &str| plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&assay("", "", acceptance));
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
    let judged = unread.judge(&assay("", "", "blank_max_response = 0.1"));
    assert_eq!(outcome(&judged, "blank_max_response"), Outcome::NotEvaluable);
    assert_eq!(judged.verdict.verdict, Verdict::NotEvaluable);
    // A blank as high as the sample at the LLOQ.
    let mut high = plate(&standards(&[]), [&RIGHT, &RIGHT]);
    high.at(WellRole::Blank, 60.0);
    assert_eq!(outcome(&high.judge(&assay("", "", "")), "blank_below_lloq"), Outcome::Fail);
}

#[test]
fn a_blank_that_is_subtracted_is_judged_as_it_was_read() {
    // The same readings, and the same outcomes, whatever is done about the blank.
    for blank in ["ignore", "subtract", "constrain"] {
        let of = |acceptance: &str| {
            let method = format!("blank = \"{blank}\"");
            plate(&standards(&[]), [&RIGHT, &RIGHT]).judge(&assay(&method, "", acceptance))
        };
        for (limit, rule, expected) in [
            ("blank_max_response = 0.1", "blank_max_response", Outcome::Pass),
            ("blank_max_response = 0.05", "blank_max_response", Outcome::Fail),
            ("window_min_ratio = 30", "window_min_ratio", Outcome::Pass),
            ("window_min_ratio = 50", "window_min_ratio", Outcome::Fail),
        ] {
            assert_eq!(outcome(&of(limit), rule), expected, "{limit}, blank {blank}");
        }
    }
}

#[test]
fn a_pair_over_a_limit_is_flagged_and_not_averaged() {
    let y = |x| Reading::Measured(Model::FourParameter.response(&TRUTH, x));
    let mut plate = plate(&standards(&[]), [&RIGHT, &RIGHT]);
    let sample = |id: &str| WellRole::Sample { id: id.into(), dilution: Some(10.0) };
    plate.pair(sample("low"), [y(29.0), y(34.0)]).pair(sample("high"), [y(1990.0), y(2100.0)]);
    plate.pair(sample("apart"), [y(100.0), y(150.0)]).pair(sample("near"), [y(31.4), y(42.1)]);
    plate.pair(sample("below"), [y(2.0), y(20.0)]);
    let judged = plate.judge(&assay("", "", ""));
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

/// A plate with eight standards, of which these are excluded by decision.
fn with_excluded(levels: &[f64], anchors: &str, acceptance: &str) -> JudgedPlate {
    let mut given = standards(&[]);
    given.push((4000.0, 4000.0));
    let mut plate = plate(&given, [&RIGHT, &RIGHT]);
    let excluded =
        |well: &AssayWell| matches!(well.role, WellRole::Standard { concentration } if levels.contains(&concentration));
    for well in plate.wells.iter_mut().filter(|well| excluded(well)) {
        well.response = Reading::Masked { text: "excluded by decision 1".into(), value: well.response.measured() };
        well.excluded = Some(Excluded { line: 1, reason: "bubble".into() });
    }
    plate.judge(&assay("", anchors, acceptance))
}

#[test]
fn two_neighbouring_standards_may_not_both_be_excluded() {
    let rule = "excluded_standards_in_a_row";
    // Two of eight are 25 %, as many as may go, and six are left.
    let apart = with_excluded(&[250.0, 1000.0], "", "");
    assert_eq!(
        (apart.verdict.verdict, outcome(&apart, rule)),
        (Verdict::AcceptedWithRemarks, Outcome::Pass),
        "{:?}",
        apart.verdict
    );
    assert_eq!(outcome(&apart, "excluded_standards_percent"), Outcome::Pass);
    let together = with_excluded(&[250.0, 500.0], "", "");
    assert_eq!(together.verdict.verdict, Verdict::Rejected);
    assert_eq!(
        together.verdict.reason,
        "excluded_standards_in_a_row: 2 neighbouring standards with excluded wells: 250, 500 (limit: at most 1 in a row)"
    );
    assert_eq!(outcome(&together, "excluded_standards_percent"), Outcome::Pass, "the share alone would let them go");
    let allowed = with_excluded(&[250.0, 500.0], "", "excluded_standards_in_a_row = 2");
    assert_eq!((allowed.verdict.verdict, outcome(&allowed, rule)), (Verdict::AcceptedWithRemarks, Outcome::Pass));
    // An anchor that is left out to save its neighbour is an exclusion like any other.
    let anchor = with_excluded(&[2000.0, 4000.0], "anchors = [4000]", "");
    assert_eq!(outcome(&anchor, rule), Outcome::Fail);
    // The zero standard is no level of the curve's range, and a plate without exclusions has no finding of them.
    assert!(findings(&with_excluded(&[0.0], "", ""), rule).is_empty());
    assert!(findings(&with_excluded(&[], "", ""), rule).is_empty());
}

/// Every reason for which a sample is run again (ICH M10 4.3.4), with the dilution that the work list suggests.
#[test]
fn the_work_list_says_why_and_at_which_dilution() {
    let y = |x| Reading::Measured(Model::FourParameter.response(&TRUTH, x));
    let of = |wrong: &[(f64, f64)]| {
        let mut plate = plate(&standards(wrong), [&RIGHT, &RIGHT]);
        let sample = |id: &str| WellRole::Sample { id: id.into(), dilution: Some(10.0) };
        plate.pair(sample("inside"), [y(300.0), y(310.0)]).pair(sample("below"), [y(20.0), y(21.0)]);
        plate.pair(sample("above"), [y(3000.0), y(3010.0)]).pair(sample("far"), [Reading::Measured(3.3), y(90_000.0)]);
        plate.pair(sample("saturated"), [Reading::Saturated("OVRFLW".into()), y(3000.0)]);
        plate.pair(sample("missed"), [Reading::Missing("MISSED".into()), y(300.0)]);
        plate.pair(sample("apart"), [y(200.0), y(400.0)]).pair(sample("over"), [y(1900.0), y(2200.0)]);
        plate.pair(sample("under"), [y(29.0), y(34.0)]);
        let assay = assay("", "", "");
        let plates = [plate.judge(&assay)];
        let reruns = reportable::reruns(&reportable::resolve(&plates, &assay), &plates);
        let found = |sample: &str| {
            let rerun = reruns.iter().find(|rerun| rerun.sample == sample)?;
            Some((rerun.reason.clone(), rerun.suggested_dilution))
        };
        (
            plates[0].verdict.verdict,
            ["inside", "below", "above", "far", "saturated", "missed", "apart", "over", "under"].map(found),
        )
    };
    let why = |reason: &str, dilution: Option<f64>| Some((reason.to_string(), dilution));
    let (verdict, found) = of(&[]);
    assert_eq!(verdict, Verdict::Accepted);
    let across = "not reported: replicates on both sides of a limit";
    assert_eq!(
        found,
        [
            None,
            // Below the LLOQ is a result.
            None,
            // 3000 in the well is 12 times the middle of the range, √(31.25 × 2000) = 250: 1:120, and the next that is pipetted.
            why(">20000", Some(200.0)),
            // Above the curve there is no idea of the level.
            why(">20000", None),
            why("not reported: saturated", None),
            why("not reported: well not read", Some(10.0)),
            why("not reported: replicates disagree", Some(10.0)),
            // 2050 in the well: 1:82, and the next is 1:100.
            why(across, Some(100.0)),
            why(across, Some(10.0)),
        ]
    );
    // The lowest standard is lost: below the limit that it has raised is no result any more.
    let (_, found) = of(&[(31.25, 55.0)]);
    assert_eq!(found[1], why("<625", Some(10.0)));
    // The plate is lost: everything on it is run again as it was.
    let (verdict, found) = of(&[(2000.0, 900.0), (31.25, 90.0), (62.5, 200.0)]);
    assert_eq!(verdict, Verdict::Rejected);
    assert!(found.iter().all(|found| *found == why("not reported: plate rejected", Some(10.0))), "{found:?}");
}

#[test]
fn presets_are_versioned_and_what_a_study_overrides_is_said() {
    let own = assay(
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
    assert!(assay("", "", "").criteria_words().ends_with("(preset ich-m10 version 1; no limit overridden)"));
}
