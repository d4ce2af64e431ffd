//! The reference records: where they are, and when a result passes (`fixtures/stats/schema.json`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// One reference record.
#[derive(Clone)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) dataset: Option<String>,
    pub(crate) analysis: String,
    pub(crate) options: Value,
    pub(crate) expected: Value,
    pub(crate) tolerance: Value,
    /// Whether its odds-ratio limits are those of R's `fisher.test`, which its note says are good to about 1e-4.
    pub(crate) coarse_odds_ratio: bool,
    /// Whether it is a result to match; others are information.
    pub(crate) target: bool,
}

/// The folders that hold reference records: our own always, the shared one where it is present.
pub(crate) fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = root.join("../shared/reference/stats");
    let mut folders = vec![root.join("fixtures/stats")];
    if shared.is_dir() {
        folders.push(shared);
    } else {
        println!("skipped: {} is not there; only the records of fixtures/stats are checked", shared.display());
    }
    folders
}

/// All records of a folder, in the order of its files.
pub(crate) fn records(folder: &Path) -> Vec<Record> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join("expected")).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Record> {
    let text = std::fs::read_to_string(file).unwrap();
    let records: Vec<Value> = serde_json::from_str(&text).unwrap();
    let record = |record: Value| Record {
        id: record["id"].as_str().unwrap().to_string(),
        dataset: record["dataset"].as_str().map(str::to_string),
        analysis: record["analysis"].as_str().unwrap().to_string(),
        target: record["options"]["target"] != false && record["options"]["rank_rounding"] != "none",
        coarse_odds_ratio: record["note"].as_str().is_some_and(|note| note.starts_with("R's fisher.test")),
        options: record["options"].clone(),
        expected: record["expected"].clone(),
        tolerance: record["tolerance"].clone(),
    };
    records.into_iter().map(record).collect()
}

/// Results by analysis and options.
pub(crate) type Results = BTreeMap<(String, String), Value>;

/// The results of `compare --values --all`, from its JSON.
pub(crate) fn results(output: &Value) -> Results {
    let key = |found: &Value| (found["analysis"].as_str().unwrap().to_string(), canonical(&found["options"]));
    output["analyses"].as_array().unwrap().iter().map(|found| (key(found), found["result"].clone())).collect()
}

/// Options without regard to their order (maps of `serde_json` are sorted) and to how a number is written.
pub(crate) fn canonical(options: &Value) -> String {
    options.to_string()
}

/// What keeps `actual` from passing as `record`; empty when it passes.
pub(crate) fn mismatches(record: &Record, actual: &Value, as_good_as_r: bool) -> Vec<String> {
    let mut found = Vec::new();
    let mut tolerance = record.tolerance.clone();
    if record.coarse_odds_ratio && as_good_as_r {
        for field in ["or_cond_ci_low", "or_cond_ci_high"] {
            tolerance["fields"][field]["rel"] = 1e-4.into();
        }
    }
    compare("", "", actual, &record.expected, &tolerance, &mut found);
    found
}

fn compare(path: &str, field: &str, actual: &Value, expected: &Value, tolerance: &Value, found: &mut Vec<String>) {
    match (actual, expected) {
        (_, Value::Object(fields)) => {
            for (name, value) in fields {
                compare(&format!("{path}.{name}"), name, &actual[name], value, tolerance, found);
            }
        }
        (Value::Array(actual), Value::Array(items)) if actual.len() == items.len() => {
            for (i, (actual, item)) in actual.iter().zip(items).enumerate() {
                compare(&format!("{path}[{i}]"), field, actual, item, tolerance, found);
            }
        }
        (Value::Number(a), Value::Number(e)) => {
            let (a, e) = (a.as_f64().unwrap(), e.as_f64().unwrap());
            if (a - e).abs() > allowed(field, e, tolerance) {
                found.push(format!("{path}: {a} is not {e}"));
            }
        }
        _ if actual == expected => {}
        _ => found.push(format!("{path}: {actual} is not {expected}")),
    }
}

fn allowed(field: &str, expected: f64, tolerance: &Value) -> f64 {
    let number = |value: &Value| value.as_f64().unwrap();
    let own = &tolerance["fields"][field];
    if own.is_object() {
        return number(&own["abs"]).max(number(&own["rel"]) * expected.abs());
    }
    let is_p = (field == "p" || field.starts_with("p_")) && field != "p_active" && field != "p_placebo";
    if is_p || field.starts_with("fisher_") {
        return number(&tolerance["p_rel"]) * expected.abs();
    }
    number(&tolerance["abs"]).max(number(&tolerance["rel"]) * expected.abs())
}
