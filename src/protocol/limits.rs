//! The limits of a method beside those of its preset.

use serde::Serialize;
use serde_json::Value;

use super::acceptance::{Acceptance, LIMITS};
use super::criteria::Criteria;

/// A limit of a method beside that of its preset.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// let limits = protocol.assay.limits_in_force();
/// assert!(limits.iter().all(|limit| !limit.overridden()), "the demo trial keeps to its preset");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitInForce {
    /// Its key in `[acceptance]`.
    pub key: &'static str,
    /// What it limits.
    pub meaning: &'static str,
    /// Source of the value of the preset `ich-m10`.
    pub source: &'static str,
    /// Its value; `none` where it is not set.
    pub value: String,
    /// The value of the preset.
    pub preset: String,
}

impl LimitInForce {
    /// Whether the study says something else than its preset.
    pub fn overridden(&self) -> bool {
        self.value != self.preset
    }
}

/// Every limit of `acceptance` beside that of the preset `criteria`.
pub fn limits_in_force(acceptance: &Acceptance, criteria: Criteria) -> Vec<LimitInForce> {
    // By name, as they are serialised: a limit that is added to the struct cannot be forgotten here.
    let (own, preset) = (serde_json::json!(acceptance), serde_json::json!(criteria.acceptance()));
    LIMITS
        .iter()
        .map(|limit| LimitInForce {
            key: limit.key,
            meaning: limit.meaning,
            source: limit.source,
            value: words(&own[limit.key]),
            preset: words(&preset[limit.key]),
        })
        .collect()
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_explained_and_none_twice() {
        let serialised = serde_json::json!(Criteria::IchM10.acceptance());
        let mut keys: Vec<&String> = serialised.as_object().unwrap().keys().collect();
        let mut explained: Vec<&str> = LIMITS.iter().map(|limit| limit.key).collect();
        keys.sort();
        explained.sort_unstable();
        assert_eq!(keys, explained);
    }

    #[test]
    fn what_a_study_says_otherwise_is_seen() {
        let own = Acceptance { control_bias_percent: 15.0, standard_cv_percent: None, ..Criteria::IchM10.acceptance() };
        let overridden: Vec<(&str, String, String)> = limits_in_force(&own, Criteria::IchM10)
            .into_iter()
            .filter(LimitInForce::overridden)
            .map(|limit| (limit.key, limit.value, limit.preset))
            .collect();
        assert_eq!(
            overridden,
            [
                ("standard_cv_percent", "none".into(), "20".into()),
                ("control_bias_percent", "15".to_string(), "20".to_string())
            ]
        );
    }

    /// The values that ICH M10 states, one by one.
    #[test]
    fn ich_m10_is_what_the_guideline_states() {
        let m10 = Criteria::IchM10.acceptance();
        assert_eq!((m10.standard_bias_percent, m10.standard_bias_percent_at_lloq), (20.0, 25.0));
        assert_eq!(m10.standard_bias_percent_at_uloq, 25.0);
        assert_eq!((m10.standards_pass_percent, m10.standards_min_levels), (75.0, 6));
        assert_eq!((m10.control_bias_percent, m10.controls_level_pass_percent), (20.0, 50.0));
        assert!((m10.controls_pass_percent - 200.0 / 3.0).abs() < 0.05);
        assert_eq!(m10.dilutions_cv_percent, Some(30.0));
    }
}
