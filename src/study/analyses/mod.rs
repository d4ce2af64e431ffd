//! Every analysis of a two-arm trial with its options and result, for analysts who start from values.
//!
//! Names of analyses, options and fields are those of the reference results (`fixtures/stats`), so that a result is found by
//! analysis and options alone. What is not defined for the data stands there with its reason.

mod account;
mod models;
mod one_arm;
mod responders;
mod two_arms;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::concentration::Quantity;
use crate::protocol::{AboveLimit, BelowLimit};
use crate::stats::{Arm, Undefined};

use super::exclusion::LeftOut;
use super::limits::LimitRule;
use super::numbers::{ChangeScale, Numbers};
use super::trial::Trial;
use account::{Account, account};

/// One analysis.
///
/// See [`Request`] for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Analysis {
    /// Its name.
    pub analysis: &'static str,
    /// What was chosen for it.
    pub options: Value,
    /// The result; null where there is none.
    pub result: Value,
    /// The model in words.
    pub model: String,
    /// Subjects used, of the active and of the reference arm.
    pub n_used: [usize; 2],
    /// Subjects of these arms who are not used, by reason.
    pub left_out: Vec<LeftOut>,
    /// Why there is none, or which of its fields have no value for these data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Analysis {
    fn new<T: Serialize>(analysis: &'static str, options: Value, outcome: Result<T, Undefined>) -> Self {
        let outcome = outcome.and_then(|result| {
            serde_json::to_value(result).map_err(|error| Undefined::Because(format!("cannot be written: {error}")))
        });
        let (result, reason) = match outcome {
            Ok(result) => {
                let undefined = undefined_fields(&result);
                (result, undefined)
            }
            Err(why) => (Value::Null, Some(why.to_string())),
        };
        Self { analysis, options, result, model: String::new(), n_used: [0, 0], left_out: Vec::new(), reason }
    }
}

/// The fields of a result that have no value, in words. A result with a status says itself why.
fn undefined_fields(result: &Value) -> Option<String> {
    let fields = result.as_object()?;
    let empty: Vec<&str> = fields.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| name.as_str()).collect();
    let explained = fields.get("status").is_some_and(|status| !status.is_null());
    (!empty.is_empty() && !explained).then(|| format!("not defined for these data: {}", empty.join(", ")))
}

/// How much is computed.
///
/// See [`Request`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What a trial report needs: log changes to the last visit, below-limit values as half their limit.
    Main,
    /// Every analysis with every option.
    All,
}

/// Two arms of a trial and what is to be computed for them.
///
/// ```
/// use platewise::sheet::Book;
/// use platewise::study::analyses::{Analysis, Extent, Request, analyses};
/// use platewise::study::values::read_values;
///
/// let table = b"usubjid,arm,week,value,blq,lloq\n\
///     S1,active,0,800,0,10\nS1,active,16,380,0,10\nS2,active,0,900,0,10\nS2,active,16,,1,10\n\
///     S3,placebo,0,700,0,10\nS3,placebo,16,660,0,10\nS4,placebo,0,850,0,10\nS4,placebo,16,790,0,10\n";
/// let book = Book::from_bytes(table, "values.csv")?;
/// let trial = read_values(&book.sheets[0])?;
/// let request =
///     Request { trial: &trial, active: "active", reference: "placebo", confidence: 0.95, seed: 1, extent: Extent::Main };
/// let found: Vec<Analysis> = analyses(&request).unwrap();
/// let welch = found.iter().find(|analysis| analysis.analysis == "welch_t").unwrap();
/// assert_eq!((welch.options["change"].as_str(), welch.n_used), (Some("ln"), [2, 2]));
/// assert!(welch.result["p"].as_f64().is_some_and(|p| p > 0.05));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The trial.
    pub trial: &'a Trial,
    /// The arm in the numerator.
    pub active: &'a str,
    /// The reference arm.
    pub reference: &'a str,
    /// The level of all intervals.
    pub confidence: f64,
    /// Seed of what is resampled.
    pub seed: u64,
    /// How much.
    pub extent: Extent,
}

/// All analyses that were asked for, in a fixed order.
///
/// # Errors
/// For a trial without a baseline visit.
pub fn analyses(request: &Request<'_>) -> Result<Vec<Analysis>, Undefined> {
    let scope = Scope::of(request)?;
    let found =
        [one_arm::analyses(&scope), two_arms::analyses(&scope), models::analyses(&scope), responders::analyses(&scope)];
    let accounted = |analysis: Analysis| {
        let Account { model, used, left_out } = account(&scope, analysis.analysis, &analysis.options);
        Analysis { model, n_used: used, left_out, ..analysis }
    };
    Ok(found.concat().into_iter().map(accounted).collect())
}

/// The substitutions for values below the limit, by the names of the option `blq`.
const RULES: [(&str, BelowLimit); 3] =
    [("half", BelowLimit::HalfLloq), ("sqrt2", BelowLimit::LloqOverSqrt2), ("lloq", BelowLimit::Lloq)];

/// A request with its numbers by every rule for values below the limit.
struct Scope<'a> {
    request: &'a Request<'a>,
    /// By every substitution, named as the option `blq` names it; the first is the main one.
    by_rule: Vec<(&'static str, Numbers)>,
    /// Index of the baseline visit.
    baseline: usize,
    /// Whether a value is below its limit.
    any_below: bool,
}

impl<'a> Scope<'a> {
    fn of(request: &'a Request<'a>) -> Result<Self, Undefined> {
        let no_baseline = || Undefined::Because("the trial has no baseline visit".to_string());
        let by_rule = RULES
            .into_iter()
            .map(|(name, below)| {
                let rule = LimitRule { below, above: AboveLimit::Uloq };
                Numbers::of(request.trial, request.active, request.reference, rule).map(|numbers| (name, numbers))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(no_baseline)?;
        let any_below = request
            .trial
            .participants
            .iter()
            .flat_map(|participant| &participant.results)
            .any(|result| matches!(result, Some(Quantity::BelowLloq { .. })));
        Ok(Self { request, by_rule, baseline: request.trial.baseline().ok_or_else(no_baseline)?, any_below })
    }

    fn all(&self) -> bool {
        self.request.extent == Extent::All
    }

    /// The visits after baseline that are analysed: every one, or the last.
    fn visits(&self) -> Vec<usize> {
        let after: Vec<usize> = self.request.trial.after_baseline().collect();
        if self.all() { after } else { after.last().copied().into_iter().collect() }
    }

    /// The substitutions that are made, with their names: `none` where nothing is below a limit.
    fn rules(&self) -> Vec<(&'static str, &Numbers)> {
        let named = self.by_rule.iter().map(|(name, numbers)| (*name, numbers));
        match (self.any_below, self.all()) {
            (false, _) => named.take(1).map(|(_, numbers)| ("none", numbers)).collect(),
            (true, false) => named.take(1).collect(),
            (true, true) => named.collect(),
        }
    }

    /// The rule that the option `blq` names; that of a half where it names none.
    fn rule(&self, name: &str) -> LimitRule {
        let below =
            RULES.into_iter().find(|(known, _)| *known == name).map_or(BelowLimit::HalfLloq, |(_, below)| below);
        LimitRule { below, above: AboveLimit::Uloq }
    }

    fn week(&self, visit: usize) -> Value {
        number(self.request.trial.visits[visit].week)
    }
}

/// A number as JSON writes it: 16, not 16.0.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { Value::from(value as i64) } else { Value::from(value) }
}

/// Options in their order.
fn options<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Object(pairs.into_iter().map(|(name, value)| (name.to_string(), value)).collect::<Map<_, _>>())
}

fn arm_name(arm: Arm) -> Value {
    Value::from(match arm {
        Arm::Active => "active",
        Arm::Placebo => "placebo",
    })
}

fn scale_name(scale: ChangeScale) -> &'static str {
    match scale {
        ChangeScale::Absolute => "abs",
        ChangeScale::Percent => "pct",
        ChangeScale::Ln => "ln",
        ChangeScale::Log2 => "log2",
    }
}
