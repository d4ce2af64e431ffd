//! The ranges that several sections ask of their numbers, each with its words.

/// What a concentration, a factor or a limit is.
pub(super) const POSITIVE: &str = "a number above 0";

/// Whether a number is that.
pub(super) fn positive(number: f64) -> bool {
    number > 0.0
}

/// What a share or a bias is.
pub(super) const PERCENT: &str = "percent, above 0 and at most 100";

/// Whether a number is that.
pub(super) fn percent(number: f64) -> bool {
    number > 0.0 && number <= 100.0
}
