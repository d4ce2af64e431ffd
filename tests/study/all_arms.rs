//! More than two arms: the analysis of covariance and the mixed model are each one model of all of them, and so is what stands beside it on the same participants.

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::{AnalysisId, Protocol};
use platewise::study::design::design;
use platewise::study::trial_data::TrialData;
use platewise::study::{Allocation, ArmComparison, Comparison, SubjectVisit, compare};

fn compared(arms: &[&str], lost: &str) -> Comparison {
    let (protocol, visits, list) = trial(arms, lost);
    compare(&visits, &list, &protocol).unwrap()
}

/// 16 participants in each arm; those of `lost` have no end point.
fn trial(arms: &[&str], lost: &str) -> (Protocol, Vec<SubjectVisit>, Vec<Allocation>) {
    let protocol = platewise::protocol::parse(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n\
         [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
         [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n",
    )
    .unwrap();
    let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
    let (mut visits, mut list) = (Vec::new(), Vec::new());
    for (at, arm) in arms.iter().enumerate() {
        for i in 0..16_usize {
            let subject = format!("{arm}-{i:02}");
            let base = 900.0 * (1.0 + 0.07 * ((i * 7 + at) % 19) as f64);
            let end = base * [0.95, 0.5, 0.7][at] * (0.12 * ((i * (3 + at)) % 13) as f64 - 0.72).exp();
            visits.push(SubjectVisit::new(&subject, "Baseline", 0.0, number(base)));
            if *arm != lost {
                visits.push(SubjectVisit::new(&subject, "Week 16", 16.0, number(end)));
            }
            let stratum = Some(["A", "B"][i % 2].to_string());
            list.push(Allocation { subject, arm: arm.to_string(), stratum, age: None, covariates: Vec::new() });
        }
    }
    (protocol, visits, list)
}

fn together(found: &Comparison) -> Vec<&ArmComparison> {
    found.comparisons.iter().filter(|row| row.analysis == AnalysisId::Ancova).collect()
}

#[test]
fn three_arms_have_one_model_with_one_adjusted_mean_each() {
    let found = compared(&["placebo", "high", "low"], "");
    let rows = together(&found);
    assert_eq!(rows.iter().map(|row| row.active.as_str()).collect::<Vec<_>>(), ["high", "low"]);
    let [high, low] = [0, 1].map(|at| rows[at].adjusted_means.unwrap());
    assert_eq!(high[1], low[1], "the reference arm has one mean, whomever it is compared with");
    for row in &rows {
        // 48 participants, three arms, a slope and one more stratum.
        assert_eq!((row.n, row.df, row.primary), ([16, 16], Some(43.0), true));
        let [active, reference] = row.adjusted_means.unwrap().map(|mean| mean.estimate);
        assert!((row.ratio.unwrap().estimate - active / reference).abs() < 1e-12);
        assert!(
            row.model.ends_with("with log baseline and stratum, one model of 3 arms with one residual variance"),
            "{}",
            row.model
        );
    }
    // The row of the declared rule is the primary analysis; where there is one model of two arms, it says so.
    for row in found.sensitivity.iter().filter(|row| row.primary) {
        assert_eq!(row.ratio, rows.iter().find(|one| one.active == row.active).unwrap().ratio);
    }
    let alone = |analysis: AnalysisId| {
        found.comparisons.iter().chain(&found.sensitivity).find(|row| row.analysis == analysis).unwrap()
    };
    // With one visit the mixed model is the analysis of covariance of the same arms.
    for row in &rows {
        let mixed =
            found.comparisons.iter().find(|one| one.analysis == AnalysisId::Mmrm && one.active == row.active).unwrap();
        let [mixed_ratio, ratio] = [mixed.ratio.unwrap(), row.ratio.unwrap()];
        assert!((mixed_ratio.lower / ratio.lower - 1.0).abs() < 1e-9 && (mixed.df.unwrap() - 43.0).abs() < 1e-6);
        assert!(mixed.model.ends_with(", one model of 3 arms with one covariance matrix"), "{}", mixed.model);
    }
    for analysis in [AnalysisId::AncovaHc3, AnalysisId::Tobit] {
        assert!(alone(analysis).model.ends_with(", of these two arms alone"), "{}", alone(analysis).model);
    }
    assert!(
        found.comparisons.iter().filter(|row| row.analysis == AnalysisId::AncovaHc3).all(|row| row.df == Some(28.0))
    );
    assert!(found.paragraph.contains("one model of 3 arms with one residual variance"), "{}", found.paragraph);
}

/// The term of a plate and the participants left out are of the model of all arms: without them it is the primary analysis.
#[test]
fn the_design_is_looked_at_in_the_same_model() {
    let arms = ["placebo", "high", "low"];
    let (protocol, mut visits, list) = trial(&arms, "");
    for (at, visit) in visits.iter_mut().enumerate() {
        visit.plate = Some(["P1", "P2", "P3"][at / 2 % 3].into());
    }
    let found = compare(&visits, &list, &protocol).unwrap();
    let of_trial = TrialData::of_study(&protocol, &visits, &list);
    let design = design(&of_trial, &visits, &["high", "low"], &protocol);
    assert_eq!((design.effects.len(), design.influence.len()), (4, 2 * 48));
    for effect in &design.effects {
        let primary = found.comparisons.iter().find(|row| row.primary && row.active == effect.active).unwrap();
        let [without, ratio] = [effect.without.unwrap(), primary.ratio.unwrap()];
        assert!((without.lower / ratio.lower - 1.0).abs() < 1e-12 && (without.upper / ratio.upper - 1.0).abs() < 1e-12);
        assert_eq!((effect.n, effect.df), (48, Some([2.0, 41.0])));
    }
    // Somebody of the third arm, by doing it again.
    let left_out = "low-03";
    let others: Vec<Allocation> = list.iter().filter(|one| one.subject != left_out).cloned().collect();
    let again = compare(&visits, &others, &protocol).unwrap();
    let again = again.comparisons.iter().find(|row| row.primary && row.active == "high").unwrap().ratio.unwrap();
    let influence = design.influence.iter().find(|one| one.subject == left_out && one.active == "high").unwrap();
    let closed = influence.ratio.unwrap();
    assert!((closed.estimate / again.estimate - 1.0).abs() < 1e-12 && (closed.upper / again.upper - 1.0).abs() < 1e-12);
}

#[test]
fn two_arms_are_as_they_are_and_an_arm_without_end_points_is_not_in_it() {
    let two = compared(&["placebo", "high"], "");
    assert!(two.comparisons.iter().all(|row| !row.model.contains(" arms")), "{:?}", together(&two)[0].model);
    let found = compared(&["placebo", "high", "low"], "low");
    let rows = together(&found);
    assert!(rows[0].ratio.is_some() && rows[0].model.ends_with("with log baseline and stratum"), "{rows:?}");
    assert!(
        rows[1].ratio.is_none() && rows[1].reason.contains("nobody of low is in the analysis"),
        "{}",
        rows[1].reason
    );
    let found = compared(&["placebo", "high", "low"], "placebo");
    assert!(
        together(&found).iter().all(|row| row.ratio.is_none() && row.reason.contains("nobody of placebo")),
        "{found:?}"
    );
}
