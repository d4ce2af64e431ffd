//! How the rules on one subject are listed: those that a plate is judged by once it has been evaluated.

use super::rule::RuleId;
use super::verdict::Finding;
use crate::concentration::{LevelOff, PlateConcentrations};
use crate::protocol::Assay;

/// A plate that is judged.
#[derive(Clone, Copy)]
pub(super) struct PlateToJudge<'a> {
    pub(super) plate: &'a PlateConcentrations,
    pub(super) assay: &'a Assay,
    /// The level of the standards that explains why the others do not lie on one curve, where there is one.
    pub(super) off: Option<&'a LevelOff>,
}

/// The rules on one subject, and what judges by them.
pub(super) struct JudgedBy {
    pub(super) rules: &'static [RuleId],
    /// Without a curve there is nothing to read standards and controls from: the reason is the curve's.
    pub(super) needs_curve: bool,
    pub(super) judge: fn(PlateToJudge<'_>) -> Vec<Finding>,
}
