//! Values of options that several commands take.

use crate::plate::dilution;
use crate::sheet::{Location, Value, Written};

/// A dilution factor.
pub(super) fn factor(text: &str) -> Result<f64, String> {
    let value = Value::Text(text.to_string());
    match dilution::parse(&value, Written::default()) {
        Ok(Some(factor)) => Ok(factor),
        Ok(None) => Err("expected a factor ≥ 1, such as 10 for one part in ten".into()),
        Err(wrong) => Err(wrong.at(Location::file("--dilution")).to_string()),
    }
}

/// A group and its role, as an option says them.
pub(super) fn group_role(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((group, role)) if !group.is_empty() && !role.is_empty() => Ok((group.to_string(), role.to_string())),
        _ => Err("expected a group and its role, such as Spikes=sample".into()),
    }
}
