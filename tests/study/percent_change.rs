//! Median percent changes beside NumPy's and SciPy's (fixtures/stats/scripts/percent_change.py).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::study::{PercentChange, Quantile};
use serde_json::Value;

/// Results by arm, subject and week.
type Results = BTreeMap<(String, String, i64), Quantity>;

fn results(folder: &Path, set: &str) -> Results {
    let text = fs::read_to_string(folder.join("data").join(format!("{set}.csv"))).unwrap();
    let result = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let [subject, arm, week, value, below, lloq, _] = fields[..] else { panic!("{line}") };
        let quantity = match (value, below) {
            (_, "1") => Quantity::BelowLloq { limit: lloq.parse().unwrap() },
            ("", _) => return None,
            (value, _) => Quantity::Quantified(Estimate {
                value: value.parse().unwrap(),
                standard_error: None,
                lower: None,
                upper: None,
            }),
        };
        Some(((arm.to_string(), subject.to_string(), week.parse().unwrap()), quantity))
    };
    text.lines().skip(1).filter_map(result).collect()
}

#[test]
fn medians_quartiles_and_intervals_are_those_of_numpy_and_scipy() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats");
    let expected: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("percent_change.json")).unwrap()).unwrap();
    let (mut numbers, mut limits) = (0, 0);
    for row in expected["found"].as_array().unwrap() {
        let (arm, week) = (row["arm"].as_str().unwrap(), row["week"].as_i64().unwrap());
        let all = results(&folder, row["set"].as_str().unwrap());
        let at = |week: i64| move |key: &&(String, String, i64)| key.0 == arm && key.2 == week;
        let pairs: Vec<(&Quantity, &Quantity)> = all
            .keys()
            .filter(at(week))
            .filter_map(|key| Some((&all[key], all.get(&(key.0.clone(), key.1.clone(), 0))?)))
            .collect();
        let found = PercentChange::of(&pairs, 0.95);
        assert_eq!(found.n as u64, row["n"].as_u64().unwrap(), "{row}");
        for (name, ours) in [
            ("median", found.median),
            ("q1", found.q1),
            ("q3", found.q3),
            ("lower", found.lower),
            ("upper", found.upper),
        ] {
            // The reference writes sixteen digits; where the two ends differ it has no number, and ours says a limit.
            match (row[name].as_f64(), ours.and_then(Quantile::known)) {
                (Some(theirs), Some(ours)) => {
                    assert!((theirs - ours).abs() <= 1e-12 * theirs.abs().max(1.0), "{name} {ours} in {row}");
                    numbers += 1;
                }
                (None, None) => limits += 1,
                (theirs, _) => panic!("{name}: {ours:?} for {theirs:?} in {row}"),
            }
        }
    }
    assert!(numbers > 80 && limits > 0, "{numbers} numbers, {limits} limits");
}
