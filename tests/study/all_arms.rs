//! More than two arms: one model of all of them beside the comparisons of pairs.

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::study::{Allocation, ArmComparison, Comparison, SubjectVisit, compare};

/// 16 participants in each arm; those of `lost` have no end point.
fn compared(arms: &[&str], lost: &str) -> Comparison {
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
    compare(&visits, &list, &protocol).unwrap()
}

fn together(found: &Comparison) -> Vec<&ArmComparison> {
    found.comparisons.iter().filter(|row| row.analysis == "ancova_all_arms").collect()
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
        assert_eq!((row.n, row.df, row.primary), ([16, 16], Some(43.0), false));
        let [active, reference] = row.adjusted_means.unwrap().map(|mean| mean.estimate);
        assert!((row.ratio.unwrap().estimate - active / reference).abs() < 1e-12);
        assert!(
            row.model.ends_with("with log baseline and stratum, one model of 3 arms with one residual variance"),
            "{}",
            row.model
        );
    }
    let primary: Vec<&ArmComparison> = found.comparisons.iter().filter(|row| row.primary).collect();
    assert!(primary.iter().all(|row| row.analysis == "ancova" && row.df == Some(28.0)), "pairs stay pairs");
}

#[test]
fn two_arms_have_none_and_an_arm_without_end_points_is_not_in_it() {
    assert!(together(&compared(&["placebo", "high"], "")).is_empty());
    let found = compared(&["placebo", "high", "low"], "low");
    let rows = together(&found);
    assert!(rows[0].ratio.is_some() && rows[0].model.contains("one model of 2 arms"), "{rows:?}");
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
