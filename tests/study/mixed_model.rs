//! The mixed model as primary analysis, and its adjusted means beside R's nlme and emmeans.

use std::path::Path;

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::{AnalysisId, Protocol};
use platewise::stats::distribution::t_quantile;
use platewise::study::design::design;
use platewise::study::primary::primary;
use platewise::study::trial_data::TrialData;
use platewise::study::{
    Allocation, ArmComparison, Comparison, ConclusionStatus, IntervalEstimate, SubjectVisit, compare, dependences,
};

fn protocol(analysis: &str) -> Protocol {
    let visit = |week: u32, also: &str| format!("[[visit]]\nname = \"Week {week}\"\nweek = {week}\n{also}\n");
    let visits = [visit(0, "baseline = true"), visit(4, ""), visit(8, ""), visit(12, ""), visit(16, "endpoint = true")];
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n[analysis]\n{analysis}\n{}\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n",
        visits.concat()
    );
    platewise::protocol::parse(&text).unwrap()
}

/// The results and arms of a set of `fixtures/stats/data`.
fn trial(name: &str) -> (Vec<SubjectVisit>, Vec<Allocation>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/stats/data/{name}.csv"));
    let (mut visits, mut arms): (Vec<SubjectVisit>, Vec<Allocation>) = (Vec::new(), Vec::new());
    for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let week: f64 = cells[2].parse().unwrap();
        let quantity = match (cells[4], cells[3].parse()) {
            ("1", _) => Quantity::BelowLloq { limit: cells[5].parse().unwrap() },
            (_, Ok(value)) => Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None }),
            _ => continue,
        };
        visits.push(SubjectVisit::new(cells[0], &format!("Week {week}"), week, quantity));
        if arms.iter().all(|one| one.subject != cells[0]) {
            let stratum = (!cells[6].is_empty()).then(|| cells[6].to_string());
            arms.push(Allocation {
                subject: cells[0].into(),
                arm: cells[1].into(),
                stratum,
                age: None,
                covariates: Vec::new(),
            });
        }
    }
    (visits, arms)
}

/// The same, the active arm dealt out to `high` and `low` by turns.
fn three_arms(name: &str) -> (Vec<SubjectVisit>, Vec<Allocation>) {
    let (visits, mut arms) = trial(name);
    for (turn, one) in arms.iter_mut().filter(|one| one.arm == "active").enumerate() {
        one.arm = ["high", "low"][turn % 2].into();
    }
    (visits, arms)
}

fn compared(name: &str, analysis: &str) -> Comparison {
    let (visits, arms) = trial(name);
    compare(&visits, &arms, &protocol(analysis)).unwrap()
}

#[test]
fn adjusted_means_over_the_visits_are_those_of_r() {
    let file = fixture("adjusted_means.json");
    let mut worst = 0.0_f64;
    let mut compared_means = 0;
    for record in file["records"].as_array().unwrap() {
        let found = compared(record["data"].as_str().unwrap(), "mixed_model_df = \"satterthwaite\"");
        let rows: Vec<&ArmComparison> =
            found.comparisons.iter().filter(|row| row.analysis == AnalysisId::Mmrm).collect();
        assert_eq!(rows.len(), 4);
        for (at, mean) in record["mean"].as_array().unwrap().iter().enumerate() {
            let visit = format!("Week {}", record["week"][at]);
            let row = rows.iter().find(|row| row.visit == visit).unwrap();
            let of_arm = usize::from(record["arm"][at] == "placebo");
            let found = row.adjusted_means.unwrap()[of_arm];
            worst = worst.max((found.estimate.ln() - mean.as_f64().unwrap()).abs());
            // The interval is the mean ± t se, and R's model has no degrees of freedom: those of a mean are nearly those of the difference,
            // which is a thousandth of t.
            let half = 0.5 * (found.upper / found.lower).ln();
            let t = half / record["se"][at].as_f64().unwrap();
            let of_difference = t_quantile(0.975, row.df.unwrap()).unwrap();
            assert!((t - of_difference).abs() < 0.002, "{visit}: {t} beside {of_difference}");
            compared_means += 1;
        }
    }
    println!("{compared_means} adjusted means, worst difference {worst:.1e}");
    assert_eq!(compared_means, 16);
    assert!(worst < 2e-5, "{worst}");
}

fn fixture(name: &str) -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The largest difference between the comparisons of one model of three arms and a record of the script, and how many were looked at.
fn apart(record: &serde_json::Value, df: &str) -> (f64, usize) {
    let (visits, arms) = three_arms(record["data"].as_str().unwrap());
    let analysis = format!("primary = \"mmrm\"\nmixed_model_df = \"{df}\"");
    let found = compare(&visits, &arms, &protocol(&analysis)).unwrap();
    let rows: Vec<&ArmComparison> = found.comparisons.iter().filter(|row| row.analysis == AnalysisId::Mmrm).collect();
    assert_eq!(rows.len(), 8, "two arms at four visits");
    let (mut worst, mut looked_at) = (0.0_f64, 0);
    let mut near = |found: f64, expected: f64| {
        worst = worst.max((found - expected).abs());
        looked_at += 1;
    };
    for (at, row) in rows.iter().enumerate() {
        assert!(
            row.model.ends_with(", unstructured covariance, one model of 3 arms with one covariance matrix"),
            "{}",
            row.model
        );
        let one = |list: &str, arm: &str| {
            let at_visit = |one: &&serde_json::Value| one["arm"] == arm && row.visit == format!("Week {}", one["week"]);
            record[list].as_array().unwrap().iter().find(at_visit).unwrap().clone()
        };
        let said = |of: &serde_json::Value, what: &str| of[what].as_f64().unwrap();
        let se = format!("se_{}", df.replace('-', "_"));
        // The interval is the estimate ± t se.
        let mut as_said = |found: IntervalEstimate, of: &serde_json::Value| {
            near(found.estimate.ln(), said(of, "estimate"));
            let t = t_quantile(0.975, said(of, "df")).unwrap();
            near(0.5 * (found.upper / found.lower).ln() / (t * said(of, &se)), 1.0);
        };
        let difference = one("differences", &row.active);
        as_said(row.ratio.unwrap(), &difference);
        for (mean, arm) in row.adjusted_means.unwrap().into_iter().zip([row.active.as_str(), "placebo"]) {
            as_said(mean, &one("means", arm));
        }
        near(row.standard_error.unwrap(), said(&difference, &se));
        near(row.df.unwrap() / said(&difference, "df"), 1.0);
        let n = |arm: &str| record["n"][arm].as_u64().unwrap() as usize;
        assert_eq!(row.n, [n(&row.active), n("placebo")]);
        // The reference arm has one mean, whomever it is compared with.
        assert_eq!(row.adjusted_means.unwrap()[1], rows[at % 4].adjusted_means.unwrap()[1]);
    }
    (worst, looked_at)
}

#[test]
fn three_arms_are_one_model_with_the_numbers_of_an_independent_restricted_likelihood() {
    for record in fixture("mixed_model_arms.json")["records"].as_array().unwrap() {
        for df in ["satterthwaite", "kenward-roger"] {
            let (worst, looked_at) = apart(record, df);
            println!("{}, {df}: {looked_at} numbers, worst difference {worst:.1e}", record["data"]);
            assert!(looked_at == 64 && worst < 1e-8, "{worst}");
        }
    }
}

/// Numbers that stand for limits in all of an arm say nothing of the variance of the others.
#[test]
fn an_arm_without_a_measured_value_at_a_visit_is_not_in_the_model_of_the_others() {
    let (mut visits, mut arms) = three_arms("sim_main");
    for (turn, one) in arms.iter_mut().filter(|one| one.arm == "low").enumerate() {
        one.arm = ["low", "lowest"][turn % 2].into();
    }
    let of_lowest = |subject: &str| arms.iter().any(|one| one.subject == subject && one.arm == "lowest");
    for visit in visits.iter_mut().filter(|visit| visit.week == 12.0 && of_lowest(&visit.subject)) {
        visit.quantity = Quantity::BelowLloq { limit: 150.0 };
    }
    let protocol = protocol("primary = \"mmrm\"");
    let found = compare(&visits, &arms, &protocol).unwrap();
    let others: Vec<Allocation> = arms.iter().filter(|one| one.arm != "lowest").cloned().collect();
    let without = compare(&visits, &others, &protocol).unwrap();
    for row in found.comparisons.iter().filter(|row| row.analysis == AnalysisId::Mmrm) {
        if row.active == "lowest" {
            assert!(row.model.ends_with(", of these two arms alone"), "{}", row.model);
            assert_eq!(row.ratio.is_some(), row.visit != "Week 12", "{}", row.reason);
        } else {
            let same = without
                .comparisons
                .iter()
                .find(|one| (one.analysis, &one.visit, &one.active) == (AnalysisId::Mmrm, &row.visit, &row.active));
            assert_eq!((row.ratio, &row.model), (same.unwrap().ratio, &same.unwrap().model));
            assert!(row.ratio.is_some() && row.model.contains("one model of 3 arms"), "{}", row.model);
        }
    }
}

#[test]
fn participants_of_every_arm_are_left_out_of_the_one_model() {
    let (visits, arms) = three_arms("sim_main");
    let protocol = protocol("primary = \"mmrm\"");
    let whole = TrialData::of_study(&protocol, &visits, &arms);
    let found = design(&whole, &visits, &["high"], &protocol);
    assert_eq!(found.influence.len(), 106);
    let one = found.influence.iter().find(|one| one.arm == "low").unwrap();
    let others: Vec<Allocation> = arms.iter().filter(|arm| arm.subject != one.subject).cloned().collect();
    let again = primary(&TrialData::of_study(&protocol, &visits, &others), "high", &protocol).unwrap();
    assert!(one.ratio == again.ratio && one.change_percent.is_some_and(|change| change != 0.0));
}

#[test]
fn the_mixed_model_is_primary_where_the_study_says_so_and_everywhere() {
    let analysis = "primary = \"mmrm\"";
    let found = compared("sim_main", analysis);
    let rows: Vec<&ArmComparison> = found.comparisons.iter().filter(|row| row.primary).collect();
    assert_eq!(rows.len(), 1);
    let row = rows[0];
    assert_eq!((row.analysis.name(), row.visit.as_str()), ("mmrm", "Week 16"));
    // The same numbers as beside another primary analysis.
    let as_other = compared("sim_main", "")
        .comparisons
        .into_iter()
        .find(|row| row.analysis == AnalysisId::Mmrm && row.visit == "Week 16");
    assert_eq!(row.ratio, as_other.unwrap().ratio);
    // What stands beside it is of the same analysis, but for the censored regression.
    let rules: Vec<&str> = found.sensitivity.iter().map(|row| row.analysis.name()).collect();
    assert_eq!(rules, ["mmrm", "mmrm", "mmrm", "mmrm", "tobit"]);
    assert_eq!(found.sensitivity.iter().find(|row| row.primary).unwrap().ratio, row.ratio);
    let missing = &found.estimands[0].attributes.iter().find(|(name, _)| *name == "Missing values").unwrap().1;
    assert!(missing.starts_with("participants without a baseline or any later value"), "{missing}");
    assert!(found.paragraph.contains("It comes from a mixed model for repeated measures"), "{}", found.paragraph);
    // Nobody is left out, but the end point of some is missing: that is not said to hold.
    let mark = dependences(&found, None).into_iter().find(|one| one.on == "missing data").unwrap();
    assert_eq!(mark.mark, ConclusionStatus::CannotSay);
    assert!(
        mark.words.contains("have no value at Week 16, which the mixed model assumes missing at random"),
        "{}",
        mark.words
    );
}

#[test]
fn single_participants_are_left_out_by_fitting_the_primary_analysis_again() {
    let (visits, arms) = trial("sim_main");
    let protocol = protocol("primary = \"mmrm\"");
    let whole = TrialData::of_study(&protocol, &visits, &arms);
    let found = design(&whole, &visits, &["active"], &protocol);
    let all = primary(&whole, "active", &protocol).unwrap();
    assert_eq!(found.influence.len(), all.n[0] + all.n[1]);
    for at in [0, 40, 100] {
        let one = &found.influence[at];
        let others: Vec<Allocation> = arms.iter().filter(|arm| arm.subject != one.subject).cloned().collect();
        let again = primary(&TrialData::of_study(&protocol, &visits, &others), "active", &protocol).unwrap();
        assert_eq!((one.ratio, one.p), (again.ratio, again.p), "{}", one.subject);
    }
}
