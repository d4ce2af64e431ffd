//! Values that several sections of a simulated trial have.

use jiff::civil::DateTime;

use crate::protocol::Section;
use crate::sheet::{Code, Problem, Problems};

pub(super) const ABOVE_ZERO: &str = "a number above 0";

pub(super) fn above_zero(number: f64) -> bool {
    number > 0.0
}

pub(super) const SD: &str = "a standard deviation from 0 to 5";

pub(super) fn sd(number: f64) -> bool {
    (0.0..=5.0).contains(&number)
}

pub(super) const WHOLE: &str = "a whole number from 1 to 100000";

pub(super) fn whole(number: f64) -> bool {
    number.fract() == 0.0 && (1.0..=100_000.0).contains(&number)
}

pub(super) const WAVELENGTH: &str = "a wavelength in nm from 200 to 1100, without decimals";

pub(super) fn wavelength(number: f64) -> bool {
    number.fract() == 0.0 && (200.0..=1100.0).contains(&number)
}

/// A day and time, as `2025-11-03 10:12`.
pub(super) fn read_at(section: &mut Section<'_>, problems: &mut Problems) -> DateTime {
    let text = section.required_text("read_at", problems);
    match text.parse::<DateTime>() {
        Ok(at) if (2000..2100).contains(&at.year()) => return at,
        _ if text.is_empty() => {}
        _ => problems.push(
            Problem::new(Code::new("simulation-moment"), section.line_of("read_at"), format!("read_at = \"{text}\""))
                .expected("a day and a time of this century, as \"2025-11-03 10:12\""),
        ),
    }
    DateTime::MIN
}
