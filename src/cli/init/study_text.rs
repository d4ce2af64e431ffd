//! The commented study file with some of its values changed: comments are what makes it worth having, so it is edited line by
//! line and not written anew.

use crate::curve::Variance;
use crate::protocol::{Assay, LIMITS, MethodSettings, ParameterFrom, quoted};

/// The commented study file, of which `--from` keeps everything that the exports do not say otherwise.
pub(super) const STUDY: &str = include_str!("../template/study.toml");

/// A study file being changed.
#[derive(Debug)]
pub(super) struct StudyText {
    lines: Vec<String>,
}

impl StudyText {
    pub(super) fn new(text: &str) -> Self {
        Self { lines: text.lines().map(str::to_string).collect() }
    }

    /// Gives `key` of `[section]` a value, as TOML writes it; the comment of the line stays.
    pub(super) fn set(&mut self, section: &str, key: &str, value: &str) {
        self.change(section, key, |comment| match format!("{key} = {value}") {
            said if said.chars().count() < 36 || comment.is_empty() => format!("{said:<36}{comment}"),
            said => format!("{said} {comment}"),
        });
    }

    /// Makes the line of `key` a comment: the exports do not say it, or it belongs to the example only.
    pub(super) fn comment_out(&mut self, section: &str, key: &str) {
        let line = self.line_of(section, key).and_then(|at| self.lines.get_mut(at));
        if let Some(line) = line.filter(|line| !line.starts_with('#')) {
            line.insert_str(0, "# ");
        }
    }

    /// Says what plates were evaluated by: every setting of the method and, of the limits, those that differ from its preset. The
    /// layouts say what the standards and controls are.
    pub(super) fn settle(&mut self, assay: &Assay) {
        let (study, method) = (&assay.study, &assay.method);
        self.set("study", "unit", &quoted(&study.unit));
        // Plates of which nobody has said what is measured keep the template's, which init names as such: an empty name is none.
        if !study.analyte.is_empty() {
            self.set("study", "analyte", &quoted(&study.analyte));
        }
        self.set("study", "paramcd", &quoted(&study.paramcd));
        if let serde_json::Value::Object(settings) = serde_json::json!(method) {
            for (key, value) in settings {
                let (key, value) = match (key.as_str(), value) {
                    // Said already, or by the parameter; and what is estimated, not set.
                    ("read_nm" | "reference_nm" | "variance_parameter_from" | "shared_error", _) => continue,
                    ("variance_parameter", _) if method.variance == Variance::TwoComponent => {
                        ("variance_crossover", parameter(method))
                    }
                    ("variance_parameter", _) => ("variance_exponent", parameter(method)),
                    (key, serde_json::Value::Null) => {
                        self.comment_out("method", key);
                        continue;
                    }
                    (key, serde_json::Value::Number(number)) if number.is_f64() => {
                        (key, number.as_f64().unwrap_or_default().to_string())
                    }
                    (key, value) => (key, value.to_string()),
                };
                if !value.is_empty() {
                    self.set("method", key, &value);
                }
            }
        }
        for limit in assay.limits_in_force().iter().filter(|limit| limit.overridden()) {
            let is_word = limit.value.parse::<f64>().is_err() && !["true", "false"].contains(&limit.value.as_str());
            let value = if is_word { quoted(&limit.value) } else { limit.value.clone() };
            self.set("acceptance", limit.key, &value);
        }
        for (key, value) in [
            ("dilutions", serde_json::json!(assay.reportable.dilutions)),
            ("samples", serde_json::json!(assay.reportable.samples)),
        ] {
            self.set("reportable", key, &value.to_string());
        }
        if !assay.anchors.is_empty() {
            let at = self.lines.iter().position(|line| line.starts_with("[acceptance]")).unwrap_or(self.lines.len());
            let anchors = format!("[standards]\nanchors = {:?}\n", assay.anchors);
            self.lines.splice(at..at, anchors.lines().map(str::to_string).chain([String::new()]));
        }
    }

    /// Makes every limit of `[acceptance]` a comment: those of the preset hold, and change with it.
    pub(super) fn leave_limits_to_the_preset(&mut self) {
        for limit in LIMITS {
            self.comment_out("acceptance", limit.key);
        }
    }

    /// Replaces the plate of the example by `plates`; what it explains of further keys stays below the first of them.
    pub(super) fn with_plates(mut self, plates: &[String]) -> String {
        let start = self.lines.iter().position(|line| line == "[[plate]]").unwrap_or(self.lines.len());
        let example = self.lines.split_off(start);
        let explained = example.into_iter().filter(|line| line.starts_with('#'));
        for (index, plate) in plates.iter().enumerate() {
            if index > 0 {
                self.lines.push(String::new());
            }
            self.lines.extend(plate.lines().map(str::to_string));
            if index == 0 {
                self.lines.extend(explained.clone());
            }
        }
        self.lines.join("\n") + "\n"
    }

    fn change(&mut self, section: &str, key: &str, line: impl Fn(&str) -> String) {
        let Some(at) = self.line_of(section, key) else { return };
        let old = &self.lines[at];
        let uncommented = old.trim_start_matches("# ");
        let comment = uncommented.find(" # ").map_or("", |at| uncommented[at..].trim_start());
        self.lines[at] = line(comment).trim_end().to_string();
    }

    /// The line of a key, also where it is a comment.
    fn line_of(&self, section: &str, key: &str) -> Option<usize> {
        let start = self.lines.iter().position(|line| line.starts_with(&format!("[{section}]")))?;
        let inside = self.lines.iter().enumerate().skip(start + 1).take_while(|(_, line)| !line.starts_with('['));
        let is_key = |line: &str| {
            line.trim_start_matches("# ").strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        inside.into_iter().find(|(_, line)| is_key(line)).map(|(at, _)| at)
    }
}

/// The parameter of the variance as `study.toml` says it; nothing where it is not asked.
fn parameter(method: &MethodSettings) -> String {
    match (method.variance_parameter_from, method.variance_parameter) {
        _ if !method.variance.has_parameter() => String::new(),
        (ParameterFrom::Plate, _) => "\"plate\"".into(),
        (ParameterFrom::Method, Some(parameter)) => parameter.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_change_and_comments_stay() {
        let mut text = StudyText::new(
            "[study]\nid = \"A\"   # who\n# unit = 1 # of what\n\n[method]\nid = 2\n[[plate]]\nid = 3\n# lot = 1\n",
        );
        text.set("study", "id", "\"B\"");
        text.set("study", "unit", "\"pg/mL\"");
        text.comment_out("method", "id");
        text.set("study", "nothing", "1");
        assert_eq!(
            text.with_plates(&["[[plate]]\nid = 4".into(), "[[plate]]\nid = 5".into()]),
            format!(
                "[study]\n{:<36}# who\n{:<36}# of what\n\n[method]\n# id = 2\n[[plate]]\nid = 4\n# lot = 1\n\n[[plate]]\nid = 5\n",
                "id = \"B\"", "unit = \"pg/mL\""
            )
        );
    }
}
