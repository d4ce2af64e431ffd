//! Statistics of trials beside R, SciPy and NIST: the reference records of `fixtures/stats`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::report::validation::{Case, CheckValue, Function, Risk, SpoiledCase, ValidationCheck};
use crate::sheet::{Book, Problems};
use crate::stats::multiplicity::{Adjustment, adjust};
use crate::stats::proportions::{Counts, two_proportions};
use crate::stats::ranks::{rank_sum_null, signed_rank_null};
use crate::stats::{Moments, distribution, noncentral_t};
use crate::study::analyses::{AnalysisRequest, Extent, analyses};
use crate::study::values::{other_arm, read_values};

/// The trial that comes with the program, and what R made of it.
const VALUES: &str = include_str!("../../fixtures/stats/data/sim_strata.csv");
const OF_VALUES: &str = include_str!("../../fixtures/stats/expected/sim_strata.json");
/// Results of inputs that stand in the records themselves.
const LITERAL: &str = include_str!("../../fixtures/stats/expected/misc.json");

/// A result that another program computed, and how near ours has to come (`fixtures/stats/schema.json`).
///
/// ```
/// use platewise::validate::statistics::{ReferenceResult, literal};
///
/// let records: Vec<ReferenceResult> =
///     serde_json::from_str(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/stats/expected/misc.json")))?;
/// let found = literal(&records[0]).expect("two proportions");
/// assert!(records[0].checks(&found).iter().all(|check| check.passes()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
pub struct ReferenceResult {
    /// Its name.
    pub id: String,
    /// The file of its values; `None` where its input stands in the options.
    pub dataset: Option<String>,
    /// The analysis.
    pub analysis: String,
    /// What was chosen for it, or its input.
    pub options: Value,
    /// The result.
    pub expected: Value,
    /// How near a result has to come.
    pub tolerance: Value,
    produced_by: String,
    #[serde(default)]
    note: Option<String>,
}

impl ReferenceResult {
    /// Whether it is a result to match; others are information.
    pub fn is_target(&self) -> bool {
        self.options["target"] != false && self.options["rank_rounding"] != "none"
    }

    /// Whether its limits of the odds ratio are those of R's `fisher.test`, which solves for them to about four digits.
    pub fn has_coarse_odds_ratio(&self) -> bool {
        self.note.as_deref().is_some_and(|note| note.starts_with("R's fisher.test"))
    }

    /// The record with the limits of the odds ratio as near as R solves for them, 1e-4.
    pub fn as_good_as_r(mut self) -> Self {
        if self.has_coarse_odds_ratio() {
            for field in ["or_cond_ci_low", "or_cond_ci_high"] {
                self.tolerance["fields"][field]["rel"] = 1e-4.into();
            }
        }
        self
    }

    /// Every number of the record beside that of a result.
    pub fn checks(&self, found: &Value) -> Vec<ValidationCheck> {
        let mut checks = Vec::new();
        self.compare("", "", found, &self.expected, &mut checks);
        checks
    }

    fn compare(&self, path: &str, field: &str, found: &Value, expected: &Value, checks: &mut Vec<ValidationCheck>) {
        match (found, expected) {
            (_, Value::Object(fields)) => {
                for (name, value) in fields {
                    let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    self.compare(&path, name, &found[name], value, checks);
                }
            }
            (Value::Array(found), Value::Array(items)) if found.len() == items.len() => {
                for (i, (found, item)) in found.iter().zip(items).enumerate() {
                    self.compare(&format!("{path}[{i}]"), field, found, item, checks);
                }
            }
            _ => {
                let tolerance = expected.as_f64().map_or(0.0, |expected| self.allowed(field, expected));
                checks.push(ValidationCheck::number(path, answer(expected), answer(found), tolerance));
            }
        }
    }

    /// By how much a number may differ: that of its field, relative for p-values, else the larger of relative and absolute.
    fn allowed(&self, field: &str, expected: f64) -> f64 {
        // A tolerance that is not there lets nothing pass.
        let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
        let own = &self.tolerance["fields"][field];
        if own.is_object() {
            return number(&own["abs"]).max(number(&own["rel"]) * expected.abs());
        }
        let is_p = (field == "p" || field.starts_with("p_")) && field != "p_active" && field != "p_placebo";
        if is_p || field.starts_with("fisher_") {
            return number(&self.tolerance["p_rel"]) * expected.abs();
        }
        number(&self.tolerance["abs"]).max(number(&self.tolerance["rel"]) * expected.abs())
    }
}

fn answer(value: &Value) -> CheckValue {
    match value {
        Value::Null => CheckValue::None,
        Value::Number(number) => number.as_f64().into(),
        Value::String(text) => text.as_str().into(),
        other => other.to_string().into(),
    }
}

/// Results by analysis and options.
pub type Results = BTreeMap<(String, String), Value>;

/// Options without regard to their order (maps of `serde_json` are sorted) and to how a number is written.
pub fn canonical(options: &Value) -> String {
    options.to_string()
}

/// All analyses of a table of values with the arm `placebo`, as [`read_values`] takes it.
///
/// # Errors
/// When the table cannot be read, or has no baseline.
pub fn results(values: &[u8]) -> Result<Results, String> {
    let words = |problems: Problems| problems.to_string();
    let book = Book::from_bytes(values, "values.csv").map_err(|problem| problem.to_string())?;
    let sheet = book.sheets.first().ok_or("the table of values is empty")?;
    let trial = read_values(sheet).map_err(words)?;
    let active = other_arm(&trial, "placebo", "values.csv").map_err(|problem| problem.to_string())?;
    let request = AnalysisRequest {
        trial: &trial,
        active,
        reference: "placebo",
        confidence: 0.95,
        seed: 20_251_202,
        extent: Extent::All,
    };
    let found = analyses(&request).map_err(|undefined| undefined.to_string())?;
    let key = |analysis: &'static str, options: &Value| (analysis.to_string(), canonical(options));
    Ok(found.into_iter().map(|one| (key(one.analysis, &one.options), one.result)).collect())
}

/// The result of a record whose input stands in its options; `None` where there is no such analysis.
pub fn literal(record: &ReferenceResult) -> Option<Value> {
    let options = &record.options;
    let number = |name: &str| options[name].as_f64();
    let count = |name: &str| options[name].as_u64();
    let whole = |name: &str| count(name).and_then(|count| usize::try_from(count).ok());
    let small = |name: &str| count(name).and_then(|count| u32::try_from(count).ok());
    let p_values = || Some(options["p"].as_array()?.iter().map(Value::as_f64).collect::<Vec<_>>());
    Some(match record.analysis.as_str() {
        "two_proportions" => {
            let counts = Counts {
                x_active: small("x_active")?,
                n_active: small("n_active")?,
                x_placebo: small("x_placebo")?,
                n_placebo: small("n_placebo")?,
            };
            serde_json::to_value(two_proportions(counts, 0.95).ok()?).ok()?
        }
        "multiplicity" => {
            let p = p_values()?;
            let by = |name: &str| {
                let adjusted = serde_json::from_value(json!(name)).map(|adjustment| json!(adjust(&p, adjustment)));
                (name.to_string(), adjusted.unwrap_or(Value::Null))
            };
            Value::Object(["holm", "bh", "hochberg", "bonferroni", "by"].map(by).into_iter().collect())
        }
        "multiplicity_with_missing" => {
            let p = p_values()?;
            json!({ "holm_n_observed": adjust(&p, Adjustment::Holm), "bh_n_observed": adjust(&p, Adjustment::Bh) })
        }
        "nist_strd_univariate" => {
            let first: Vec<f64> = options["first"].as_array()?.iter().filter_map(Value::as_f64).collect();
            // NIST's sets NumAcc2 to 4: three values, of which the last two alternate.
            let at = |i: usize| first.get(if i < 3 { i } else { 1 + (i - 1) % 2 }).copied();
            let values: Vec<f64> = (0..whole("n")?).map(at).collect::<Option<_>>()?;
            let moments = Moments::of(&values).ok()?;
            json!({ "mean": moments.mean, "sd": moments.sd, "r_mean": moments.mean, "r_sd": moments.sd })
        }
        "dist_t_sf" => {
            let (t, df) = (number("t")?, number("df")?);
            json!({ "p_upper": distribution::t_sf(t, df).ok()?, "p_two_sided": distribution::t_two_sided(t, df).ok()? })
        }
        "dist_t_quantile" => json!({ "q": distribution::t_quantile(number("p")?, number("df")?).ok()? }),
        "dist_normal_sf" => json!({ "p_upper": distribution::normal_sf(number("z")?) }),
        "dist_normal_quantile" => json!({ "q": distribution::normal_quantile(number("p")?) }),
        "dist_chisq_sf" => json!({ "p_upper": distribution::chi_squared_sf(number("x")?, number("df")?).ok()? }),
        "dist_f_sf" => {
            json!({ "p_upper": distribution::f_sf(number("f")?, number("df1")?, number("df2")?).ok()? })
        }
        "dist_signrank_cdf" => json!({ "p_lower": signed_rank_null(whole("n")?).lower(whole("v")?) }),
        "dist_wilcoxon_cdf" => json!({ "p_lower": rank_sum_null(whole("m")?, whole("n")?).lower(whole("u")?) }),
        "dist_noncentral_t_cdf" => {
            let tail = noncentral_t::noncentral_t_cdf(number("t")?, number("df")?, number("ncp")?);
            json!({ "p_lower": tail.ok()? })
        }
        _ => return None,
    })
}

/// Statistics, and a spoiled trial.
pub(super) fn function() -> Function {
    let mut cases = of_records(LITERAL, literal);
    let found = results(VALUES.as_bytes());
    let of = |results: &Result<Results, String>, record: &ReferenceResult| {
        let results = results.as_ref().ok()?;
        results.get(&(record.analysis.clone(), canonical(&record.options))).cloned()
    };
    cases.extend(of_records(OF_VALUES, |record| of(&found, record)));
    let spoiled = results(higher().as_bytes());
    let wrong = of_records(OF_VALUES, |record| of(&spoiled, record)).into_iter().find(|case| !case.passes());
    let how = "one value of a participant is 1 % higher";
    Function {
        name: "Statistics of the trial",
        intended_use: "Describes the change from baseline in each arm and compares the arms, with tests, intervals and models.",
        risk: Risk::High,
        failure: "The answer of the trial is wrong.",
        activity: "Analyses of a simulated trial and of printed inputs beside R, SciPy, mpmath and NIST's certified values, each to the \
                   digits that its program gives.",
        cases,
        spoiled: vec![wrong.map_or(SpoiledCase { how: how.into(), found: None }, |case| SpoiledCase::new(how, case))],
    }
}

fn of_records(text: &str, result: impl Fn(&ReferenceResult) -> Option<Value>) -> Vec<Case> {
    match serde_json::from_str::<Vec<ReferenceResult>>(text) {
        Ok(records) => records.into_iter().filter_map(|record| case(record, &result)).collect(),
        Err(error) => vec![Case::new("records", "fixtures/stats").with(Err(error))],
    }
}

/// The case of a record; `None` for what is information only or is deliberately not computed (see `fixtures/stats/README.md`).
fn case(record: ReferenceResult, result: impl Fn(&ReferenceResult) -> Option<Value>) -> Option<Case> {
    let not_ours = record.options["df"] == "kenward_roger_nonlinear_cholesky";
    if !record.is_target() || not_ours {
        return None;
    }
    let record = record.as_good_as_r();
    let checks = match result(&record) {
        Some(Value::Null) | None => Err("no result"),
        Some(found) => Ok(record.checks(&found)),
    };
    Some(Case::new(&*record.id, &*record.produced_by).with(checks))
}

/// The table with the first value of the third participant 1 % higher.
fn higher() -> String {
    let mut lines: Vec<String> = VALUES.lines().map(str::to_string).collect();
    if let Some(line) = lines.get_mut(5) {
        let mut cells: Vec<String> = line.split(',').map(str::to_string).collect();
        if let Some(value) = cells.get_mut(3) {
            *value = value.parse::<f64>().map_or_else(|_| value.clone(), |number| format!("{:.1}", number * 1.01));
        }
        *line = cells.join(",");
    }
    lines.join("\n")
}
