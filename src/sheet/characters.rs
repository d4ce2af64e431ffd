//! Characters that no text of people holds.

/// Whether a text holds control characters other than ends of lines and tabs: they steer terminals, and no XML file may hold them.
///
/// ```
/// use platewise::sheet::has_controls;
/// assert!(has_controls("\u{1b}[2J") && !has_controls("Größe\tµg/mL\n"));
/// ```
pub fn has_controls(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}
