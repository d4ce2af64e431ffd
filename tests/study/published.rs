//! The studies of `fixtures/studies/published.py`: what published trials print of TARC, beside `published.json`, which a script computed.

use std::path::Path;

use serde_json::Value;

use crate::support::made_study::{Ran, run};
use crate::support::result_tables::Row;

fn expected(study: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/studies/published.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file[study].clone()
}

/// The concentrations of the fixture are those of the program, which may move in the last digits.
#[track_caller]
fn near(found: &str, expected: &Value, what: &str) {
    let (found, expected) = (found.parse::<f64>().unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= 1e-6 * expected.abs().max(1e-3), "{what}: {found}, expected {expected}");
}

#[track_caller]
fn picture(ran: &Ran, name: &str) -> String {
    std::fs::read_to_string(ran.out().join("figures").join(format!("{name}.svg"))).unwrap()
}

fn at<'a>(rows: &'a [Row], arm: &str, week: &Value) -> &'a Row {
    let of_week = |row: &Row| row["AVISITN"].parse::<f64>().ok() == week.as_f64();
    rows.iter().find(|row| row["TRTP"] == arm && of_week(row)).unwrap()
}

#[test]
fn median_percent_changes_over_the_weeks_with_rescue_censored_and_the_last_value_carried_forward() {
    let ran = run("median_change");
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let rows = ran.rows("summary.csv");
    let expected = expected("median_change");
    let expected = expected.as_array().unwrap();
    assert_eq!(expected.len(), 9, "three arms at three visits");
    for one in expected {
        let (arm, week) = (one["arm"].as_str().unwrap(), &one["week"]);
        let row = at(&rows, arm, week);
        for (column, name) in [
            ("N_PCHG", "n"),
            ("PCHG_MEDIAN", "median"),
            ("PCHG_MEDIAN_LOWER", "lower"),
            ("PCHG_MEDIAN_UPPER", "upper"),
            ("PCHG_Q1", "q1"),
            ("PCHG_Q3", "q3"),
        ] {
            near(&row[column], &one[name], &format!("{arm}, week {week}, {name}"));
        }
    }
    let events: Vec<(String, String)> =
        ran.rows("events.csv").iter().map(|row| (row["EVENT"].clone(), row["N"].clone())).collect();
    assert!(events.contains(&("rescue".into(), "3".into())), "{events:?}");
    assert!(picture(&ran, "percent_change").contains("q2w (n = 14, 14, 14)"));
    // The mixed model of three arms is one, and so is its picture.
    let means = picture(&ran, "adjusted_means");
    assert!(means.contains("Adjusted change of TARC (CCL17) over the visits, placebo, q2w and q4w"), "{means}");
    assert!(!ran.out().join("figures/adjusted_means_2.svg").exists());
    let rows = ran.rows("comparison.csv");
    let primary: Vec<&Row> = rows.iter().filter(|row| row["PRIMARY"] == "Y").collect();
    assert_eq!(primary.len(), 2);
    assert_eq!(primary[0]["ADJ_GMR_REF"], primary[1]["ADJ_GMR_REF"]);
    ran.page_says("one model of 3 arms with one covariance matrix");
}

#[test]
fn geometric_mean_ratios_over_the_weeks_and_the_ratio_of_the_arms() {
    let ran = run("geometric_mean_ratio");
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let expected = expected("geometric_mean_ratio");
    let rows = ran.rows("summary.csv");
    let of_arms = expected["arms"].as_array().unwrap();
    assert_eq!(of_arms.len(), 8);
    for one in of_arms {
        let (arm, week) = (one["arm"].as_str().unwrap(), &one["week"]);
        let row = at(&rows, arm, week);
        for (column, name) in [("N_CHG", "n"), ("GMR", "ratio"), ("GMR_LOWER", "lower"), ("GMR_UPPER", "upper")] {
            near(&row[column], &one[name], &format!("{arm}, week {week}, {name}"));
        }
    }
    let (row, expected) = (ran.primary(), &expected["comparison"]);
    for (columns, name) in [
        (["RATIO", "RATIO_LOWER", "RATIO_UPPER"], "ratio"),
        (["ADJ_GMR", "ADJ_GMR_LOWER", "ADJ_GMR_UPPER"], "drug"),
        (["ADJ_GMR_REF", "ADJ_GMR_REF_LOWER", "ADJ_GMR_REF_UPPER"], "placebo"),
    ] {
        for (at, column) in columns.iter().enumerate() {
            near(&row[*column], &expected[name][at], column);
        }
    }
    near(&row["DF"], &expected["df"], "df");
    near(&row["P"], &expected["p"], "p");
    assert!(picture(&ran, "adjusted_means").contains("drug and placebo"));
}

#[test]
fn the_change_in_tarc_goes_with_the_change_in_easi_as_the_script_finds() {
    let ran = run("change_with_easi");
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let (rows, expected) = (ran.rows("correlation.csv"), expected("change_with_easi"));
    let mut compared = 0;
    for row in &rows {
        let way = row["CORRELATION"].split([',', ' ']).next().unwrap().to_lowercase();
        let one = &expected[row["TRTP"].as_str()][&way];
        let what = format!("{} {way}", row["TRTP"]);
        near(&row["N"], &one["n"], &what);
        near(&row["R"], &one["r"], &what);
        near(&row["R_LOWER"], &one["ci"][0], &what);
        near(&row["R_UPPER"], &one["ci"][1], &what);
        near(&row["P"], &one["p"], &what);
        compared += 1;
    }
    assert_eq!(compared, 9, "three ways, in each arm and in both");
    let responders = ran.rows("clinical_responders.csv");
    let row = responders.iter().find(|row| row["RESPONSE"] == "EASI-50").unwrap();
    near(&row["RESPONDERS"], &expected["drug"]["easi_50"], "EASI-50 of the drug");
    near(&row["RESPONDERS_REF"], &expected["placebo"]["easi_50"], "EASI-50 of placebo");
    let rho = rows.iter().find(|row| row["CORRELATION"].starts_with("Spearman") && row["TRTP"] == "ALL").unwrap();
    let printed = format!("all arms together ρ {:.2}", rho["R"].parse::<f64>().unwrap());
    assert!(picture(&ran, "correlation_EASI").contains(&printed), "{printed}");
}
