//! Values of options that several commands take.

use crate::plate::dilution;
use crate::sheet::{Location, NumberNotation, Value};

/// A dilution factor.
pub(super) fn factor(text: &str) -> Result<f64, String> {
    let value = Value::Text(text.to_string());
    match dilution::parse(&value, NumberNotation::default()) {
        Ok(Some(factor)) => Ok(factor),
        Ok(None) => Err("expected a factor ≥ 1, such as 10 for one part in ten".into()),
        // Whoever reads this was told which option it is.
        Err(wrong) => Err(wrong.at(Location::file("")).to_string().trim_start_matches(": ").to_string()),
    }
}

/// A number of threads.
pub(super) fn threads(text: &str) -> Result<u16, String> {
    let number = text.parse().ok().filter(|number| (1..=1024).contains(number));
    number.ok_or_else(|| "expected a whole number from 1 to 1024".into())
}

/// A number of wells that hold the same.
pub(super) fn wells(text: &str) -> Result<u32, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| "expected a whole number from 1 on".into())
}

/// A group and its role, as an option says them.
pub(super) fn group_role(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((group, role)) if !group.is_empty() && !role.is_empty() => Ok((group.to_string(), role.to_string())),
        _ => Err("expected a group and its role, such as Spikes=sample".into()),
    }
}
