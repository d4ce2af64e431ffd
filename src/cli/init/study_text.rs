//! The commented study file with some of its values changed: comments are what makes it worth having, so it is edited line by
//! line and not written anew.

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
        self.change(section, key, |comment| format!("{:<36}{comment}", format!("{key} = {value}")));
    }

    /// Makes the line of `key` a comment: the exports do not say it, or it belongs to the example only.
    pub(super) fn comment_out(&mut self, section: &str, key: &str) {
        let line = self.line_of(section, key).and_then(|at| self.lines.get_mut(at));
        if let Some(line) = line.filter(|line| !line.starts_with('#')) {
            line.insert_str(0, "# ");
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
