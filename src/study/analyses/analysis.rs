//! One analysis with its options and its result.

use serde::Serialize;
use serde_json::Value;

use crate::stats::Undefined;
use crate::study::exclusion::UnusedSubjects;

use super::account::{Account, account};
use super::chosen::Chosen;
use super::input::AnalysisInput;

/// One analysis.
///
/// See [`AnalysisRequest`](super::AnalysisRequest) for an example.
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
    pub left_out: Vec<UnusedSubjects>,
    /// Why there is none, or which of its fields have no value for these data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Analysis {
    /// What is written of an analysis with this outcome.
    pub(super) fn new<T: Serialize>(input: &AnalysisInput<'_>, chosen: Chosen, outcome: Result<T, Undefined>) -> Self {
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
        let Account { model, used, left_out } = account(input, &chosen);
        Self { analysis: chosen.name(), options: chosen.options(), result, model, n_used: used, left_out, reason }
    }
}

/// The fields of a result that have no value, in words. A result with a status says itself why.
fn undefined_fields(result: &Value) -> Option<String> {
    let fields = result.as_object()?;
    let empty: Vec<&str> = fields.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| name.as_str()).collect();
    let explained = fields.get("status").is_some_and(|status| !status.is_null());
    (!empty.is_empty() && !explained).then(|| format!("not defined for these data: {}", empty.join(", ")))
}
