//! No estimate that does not exist: arms without a measured value, means of limits, responders who did not fall, reasons that add up.

use std::path::Path;
use std::process::Command;

use platewise::concentration::{NotReported, Quantity, quantity::Estimate};
use platewise::protocol::{AnalysisId, Protocol};
use platewise::study::exclusion::{Exclusion, ExclusionRule};
use platewise::study::{Allocation, Comparison, Quantile, SubjectVisit, compare};

use crate::support::copied_study::copy;

fn protocol(analysis: &str) -> Protocol {
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n[analysis]\n{analysis}\n\
         [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
         [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n"
    );
    platewise::protocol::parse(&text).unwrap()
}

fn measured(value: f64) -> Quantity {
    Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None })
}

const BELOW: Quantity = Quantity::BelowLloq { limit: 312.5 };

/// A trial of these results: arm, baseline and end point of each participant.
fn trial(results: &[(&str, Option<Quantity>, Option<Quantity>)]) -> (Vec<SubjectVisit>, Vec<Allocation>) {
    let (mut visits, mut arms) = (Vec::new(), Vec::new());
    for (i, (arm, base, end)) in results.iter().enumerate() {
        let subject = format!("S{i:02}");
        for (visit, week, quantity) in [("Baseline", 0.0, base), ("Week 16", 16.0, end)] {
            visits.extend(quantity.clone().map(|quantity| SubjectVisit::new(&subject, visit, week, quantity)));
        }
        arms.push(Allocation { subject, arm: arm.to_string(), stratum: None, age: None, covariates: Vec::new() });
    }
    (visits, arms)
}

/// Eight in each arm; the first `below` of the active arm are below the limit at the end point.
fn with_below(below: usize) -> Vec<(&'static str, Option<Quantity>, Option<Quantity>)> {
    (0..16)
        .map(|i| {
            let base = 1500.0 * (1.0 + 0.13 * ((i * 7) % 11) as f64);
            let end = base * (0.5 + 0.09 * ((i * 5) % 8) as f64);
            let end = if i < below { BELOW } else { measured(end) };
            (if i < 8 { "active" } else { "placebo" }, Some(measured(base)), Some(end))
        })
        .collect()
}

fn compared(results: &[(&str, Option<Quantity>, Option<Quantity>)], analysis: &str) -> Comparison {
    let (visits, arms) = trial(results);
    compare(&visits, &arms, &protocol(analysis)).unwrap()
}

#[test]
fn an_arm_without_a_measured_value_has_no_estimate_by_any_rule() {
    let found = compared(&with_below(8), "");
    let reason = "all 8 values of active at Week 16 are outside the limits";
    for row in &found.comparisons {
        assert!(row.ratio.is_none() && row.p.is_none() && row.adjusted_means.is_none(), "{}", row.analysis);
        assert_eq!(row.reason, reason, "{}", row.analysis);
    }
    assert!(found.sensitivity.iter().all(|row| row.ratio.is_none() && !row.reason.is_empty()));
    assert!(found.paragraph.contains("There is no estimate of the difference between the arms: all 8 values"));
    assert!(!found.paragraph.contains("inf") && !found.paragraph.contains("of 0 %"), "{}", found.paragraph);
    assert!(
        found.sensitivity_verdict.starts_with("There is no primary estimate, and none"),
        "{}",
        found.sensitivity_verdict
    );
    // One measured value is enough for a censored regression.
    let one = compared(&with_below(7), "");
    let tobit = one.sensitivity.iter().find(|row| row.analysis == AnalysisId::Tobit).unwrap();
    let ratio = tobit.ratio.unwrap();
    assert!(ratio.lower > 0.0 && ratio.upper.is_finite() && tobit.df.is_some(), "{ratio:?}");
}

#[test]
fn means_are_shown_below_the_declared_share_only_and_quantiles_as_limits() {
    let of = |below: usize, analysis: &str| {
        let found = compared(&with_below(below), analysis);
        found.arms.into_iter().find(|row| row.arm == "active" && row.week == 16.0).unwrap()
    };
    let few = of(2, "");
    assert_eq!((few.n, few.below, few.n_mean, few.n_change), (8, 2, 8, 8));
    assert!(few.geometric_mean.is_some() && few.censored_geometric_mean.is_some() && few.not_estimable.is_empty());
    assert_eq!(few.min.unwrap(), Quantile::Below(312.5));
    let many = of(3, "");
    assert_eq!((many.n, many.n_mean, many.n_change), (8, 0, 0));
    assert_eq!(many.not_estimable, "not estimable: 3 of 8 below LLOQ");
    assert_eq!(many.change_not_estimable, "not estimable: 3 of 8 below LLOQ");
    assert!(many.geometric_mean.is_none() && many.mean.is_none() && many.geometric_mean_ratio.is_none());
    assert!(many.p_paired_t.is_none() && many.p_signed_rank.is_none() && many.hodges_lehmann_ratio.is_none());
    assert!(many.censored_geometric_mean.is_some() && many.censored_ratio.is_some());
    assert!(many.median.unwrap().known().is_some());
    assert_eq!(of(5, "").median.unwrap().to_string(), "<312.5");
    // The share is the study's to declare; a rule that leaves values out has its own n beside its means.
    assert!(of(3, "limit_share_percent = 40").geometric_mean.is_some());
    let left_out = of(2, "below_limit = \"exclude\"");
    assert_eq!((left_out.n, left_out.n_mean, left_out.n_change), (8, 6, 6));
}

#[test]
fn who_is_below_the_level_at_baseline_has_not_fallen_below_it() {
    let results: Vec<_> = [(400.0, 300.0), (900.0, 400.0), (900.0, 800.0)]
        .into_iter()
        .flat_map(|(base, end)| ["active", "placebo"].map(|arm| (arm, Some(measured(base)), Some(measured(end)))))
        .collect();
    let of = |analysis: &str| {
        let found = compared(&results, &format!("responder_level = 450\n{analysis}"));
        found.responders.iter().map(|row| (row.definition.clone(), row.responders, row.n)).collect::<Vec<_>>()
    };
    let fallen = ("fallen below 450 pg/mL from baseline to Week 16".to_string(), [1, 1], [3, 3]);
    let below = ("below 450 pg/mL at Week 16".to_string(), [2, 2], [3, 3]);
    assert_eq!(of(""), [fallen.clone(), fallen.clone()]);
    assert_eq!(of("responder_level_definition = \"below\""), [below.clone(), below.clone()]);
    assert_eq!(of("responder_level_definition = \"both\""), [fallen.clone(), fallen, below.clone(), below]);
}

/// Of participants without an end point those who begin below the level are no more counted than the others.
#[test]
fn who_has_no_end_point_is_no_responder_of_those_observed() {
    let pairs = [(400.0, None), (900.0, None), (900.0, Some(400.0)), (900.0, Some(800.0))];
    let results: Vec<_> = (pairs.into_iter())
        .flat_map(|(base, end)| ["active", "placebo"].map(|arm| (arm, Some(measured(base)), end.map(measured))))
        .collect();
    let found = compared(&results, "responder_level = 450");
    let counts: Vec<_> = found.responders.iter().map(|row| (row.all_randomised, row.responders, row.n)).collect();
    assert_eq!(counts, [(false, [1, 1], [2, 2]), (true, [1, 1], [4, 4])]);
}

#[test]
fn levels_go_by_age_and_a_missing_age_is_said() {
    let results: Vec<_> = (0..6)
        .map(|i| (if i < 3 { "active" } else { "placebo" }, Some(measured(2000.0)), Some(measured(900.0))))
        .collect();
    let (visits, mut arms) = trial(&results);
    for (arm, age) in arms.iter_mut().zip([Some(0.7), Some(1.5), Some(30.0), Some(1.0), Some(40.0), None]) {
        arm.age = age;
    }
    let levels = "responder_level_by_age = [{ from_years = 2, level = 743 }, { from_years = 0.5, level = 1367 }, \
                  { from_years = 1, level = 998 }, { from_years = 18, level = 450 }]";
    let found = compare(&visits, &arms, &protocol(levels)).unwrap();
    let observed = found.responders.iter().find(|row| !row.all_randomised).unwrap();
    assert_eq!((observed.responders, observed.n), ([2, 1], [3, 2]), "{}", observed.definition);
    let warned = found.warnings.iter().find(|warning| warning.found.contains("no level by age")).unwrap();
    assert!(warned.found.contains("1 subjects") && warned.found.ends_with("S05"), "{}", warned.found);
    assert!(compare(&visits, &arms, &protocol("responder_level = 450")).unwrap().warnings.is_empty());
}

#[test]
fn everybody_left_out_has_one_true_reason_and_the_flow_adds_up() {
    let lost = |reason| Some(Quantity::NotReported { reason });
    let mut results = with_below(0);
    results[0].2 = None;
    results[1].2 = lost(NotReported::PlateRejected);
    results[2].2 = lost(NotReported::ReplicatesAcrossLimit);
    results[8].1 = None;
    results[8].2 = None;
    let (mut visits, arms) = trial(&results);
    let mut exclude = |subject: &str, rule, reason: &str| {
        for visit in visits.iter_mut().filter(|visit| visit.subject == subject && visit.visit == "Week 16") {
            visit.excluded = Some(Exclusion::new(rule, reason));
        }
    };
    exclude("S03", ExclusionRule::VisitWindow, "day 131 is outside the window of Week 16");
    exclude("S09", ExclusionRule::NotMeasured, "sample 'X' is on no plate");
    let found = compare(&visits, &arms, &protocol("")).unwrap();
    let primary = found.comparisons.iter().find(|row| row.primary).unwrap();
    let reasons: Vec<(&str, [usize; 2])> = primary.left_out.iter().map(|left| (left.reason.as_str(), left.n)).collect();
    assert_eq!(
        reasons,
        [
            ("collected outside the window of Week 16", [1, 0]),
            ("no sample at Baseline and Week 16", [0, 1]),
            ("no sample at Week 16", [1, 0]),
            ("result of Week 16 not reported: plate rejected", [1, 0]),
            ("result of Week 16 not reported: replicates on both sides of a limit", [1, 0]),
            ("sample of Week 16 not measured", [0, 1]),
        ]
    );
    let of = |arm: &str| -> Vec<(&str, usize)> {
        found.flow.iter().filter(|step| step.arm == arm).map(|step| (step.step, step.participants)).collect()
    };
    assert_eq!(of("active"), [("randomised", 8), ("sampled", 7), ("measured", 7), ("reported", 5), ("analysed", 4)]);
    assert_eq!(of("placebo"), [("randomised", 8), ("sampled", 7), ("measured", 6), ("reported", 6), ("analysed", 6)]);
    assert_eq!(primary.n, [4, 6]);
    // What is lost at a limit is not lost at random.
    assert!(
        found.warnings.iter().any(|warning| warning.found.contains("Of 2 results that were not reported, 1 was lost"))
    );
}

/// Everybody has results of two kit lots, and the study leaves such out: no estimate, and the lots are why, wherever there is a number
/// otherwise.
#[test]
fn nobody_is_left_for_the_reason_that_left_them_out() {
    let (mut visits, arms) = trial(&with_below(0));
    for visit in &mut visits {
        let brief = "results of two kit lots (A and B)";
        visit.excluded = Some(Exclusion::new(ExclusionRule::MixedKitLots, "subject has two lots").counted_as(brief));
    }
    let found = compare(&visits, &arms, &protocol("")).unwrap();
    let reason = "nobody of active is in the analysis: results of two kit lots (A and B) (8); \
                  nobody of placebo is in the analysis: results of two kit lots (A and B) (8)";
    assert!(found.comparisons.iter().all(|row| row.ratio.is_none()));
    for row in found.comparisons.iter().chain(&found.sensitivity) {
        assert_eq!((row.reason.as_str(), row.n), (reason, [0, 0]), "{}", row.analysis);
    }
    for arm in &found.arms {
        assert_eq!(
            arm.not_estimable,
            "not estimable: all 8 participants are left out (results of two kit lots (A and B))"
        );
    }
    assert!(found.changes.iter().all(|change| change.left_out == [true, true]));
    // They stay in the dataset, in no analysis.
    assert_eq!(found.records.len(), visits.len());
    assert!(found.records.iter().all(|record| record.anl01fl.is_none() && record.aval.is_some()));
    assert!(found.records.iter().all(|record| record.exclreas.as_deref() == Some("subject has two lots")));
}

/// Serum for one arm and plasma for the other is a confounding like one plate for each.
#[test]
fn a_matrix_that_goes_with_the_arm_is_named() {
    let (mut visits, arms) = trial(&with_below(0));
    let protocol = protocol("");
    let warnings = |visits: &[SubjectVisit]| {
        let trial = platewise::study::trial_data::TrialData::of_study(&protocol, visits, &arms);
        platewise::study::design::design(&trial, visits, &["active"], &protocol).warnings
    };
    for (i, visit) in visits.iter_mut().enumerate() {
        visit.plate = Some(if i % 2 == 0 { "P01" } else { "P02" }.to_string());
        visit.matrix = Some("serum".to_string());
    }
    assert!(!warnings(&visits).iter().any(|warning| warning.found.contains("matri")), "{:?}", warnings(&visits));
    for visit in visits.iter_mut().filter(|visit| visit.subject.as_str() >= "S08") {
        visit.matrix = Some("Plasma".to_string());
    }
    let found = warnings(&visits);
    let said = "2 of 2 matrices hold samples of one arm only at Week 16: plasma, serum.";
    let warned = found.iter().find(|warning| warning.found == said);
    assert_eq!(warned.map(|warning| warning.code.as_str()), Some("matrix-of-one-arm"), "{found:?}");
}

/// The exit code says that there is no estimate; what was computed is written.
#[test]
fn a_run_without_an_estimate_ends_with_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let study = folder.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let arms = std::fs::read_to_string(study.join("arms.csv")).unwrap();
    let lines: Vec<&str> = arms.lines().collect();
    let column = lines[0].split(',').position(|name| name == "arm").unwrap();
    let of = |arm: &str| *lines.iter().find(|line| line.split(',').nth(column) == Some(arm)).unwrap();
    let reference = of("placebo");
    let other = lines[1..].iter().find(|line| line.split(',').nth(column) != Some("placebo")).unwrap();
    std::fs::write(study.join("arms.csv"), [lines[0], reference, other, ""].join("\n")).unwrap();
    let text = std::fs::read_to_string(study.join("study.toml")).unwrap();
    let text = text.replace("assay_error_replicates = 2000", "assay_error_replicates = 0\nsensitivity_grid = false");
    std::fs::write(study.join("study.toml"), text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_platewise")).args(["run", study.to_str().unwrap()]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("no estimate of") && error.contains("What was computed is written"), "{error}");
    assert!(study.join("results/comparison.csv").exists());
}
