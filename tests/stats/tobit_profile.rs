//! The profile-likelihood interval of censored regression beside SciPy's (fixtures/stats/scripts/tobit_profile.py).

use std::path::Path;

use platewise::stats::tobit::{Covariates, ProfileInference};
use platewise::stats::{Arm, Censored, tobit_difference, tobit_mean};
use serde_json::Value;

fn near(profile: ProfileInference, expected: &Value, of: &str) -> usize {
    let pairs = [
        (profile.df, "df"),
        (profile.t, "t"),
        (profile.p, "p"),
        (profile.ci_low, "ci_low"),
        (profile.ci_high, "ci_high"),
    ];
    for (found, name) in pairs {
        let wanted = expected[name].as_f64().unwrap();
        // The script's Hessian is numerical, which its degrees of freedom and so its quantile show first.
        assert!((found - wanted).abs() <= 2e-4 * (1.0 + wanted.abs()), "{of}: {name} is {found}, SciPy says {wanted}");
    }
    pairs.len()
}

#[test]
fn test_and_interval_are_those_of_scipy() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats/tobit_profile.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut compared = 0;
    for (at, record) in file["records"].as_array().unwrap().iter().enumerate() {
        let list = |name: &str| record[name].as_array().unwrap().clone();
        let values: Vec<Censored> = list("value")
            .iter()
            .zip(list("kind"))
            .map(|(value, kind)| match (kind.as_str().unwrap(), value.as_f64().unwrap()) {
                ("below", limit) => Censored::Below(limit),
                ("above", limit) => Censored::Above(limit),
                (_, value) => Censored::Measured(value),
            })
            .collect();
        let arm: Vec<Arm> =
            list("arm").iter().map(|arm| if arm == "active" { Arm::Active } else { Arm::Placebo }).collect();
        let baseline: Vec<f64> = list("baseline").iter().map(|value| value.as_f64().unwrap()).collect();
        let covariates = Covariates { ln_baseline: Some(&baseline), stratum: None, terms: &[] };
        let found = tobit_difference(&arm, &values, covariates, 0.95).unwrap();
        assert!((found.diff - record["difference"]["estimate"].as_f64().unwrap()).abs() < 1e-5, "{at}");
        compared += near(found.profile, &record["difference"], &format!("difference {at}"));
        let active: Vec<Censored> =
            values.iter().zip(&arm).filter(|(_, arm)| **arm == Arm::Active).map(|(value, _)| *value).collect();
        let mean = tobit_mean(&active, 0.95).unwrap();
        compared += near(mean.profile, &record["mean_of_active"], &format!("mean {at}"));
    }
    assert_eq!(compared, 60);
}
