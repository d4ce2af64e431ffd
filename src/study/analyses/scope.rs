//! A request with its numbers.

use serde_json::Value;

use super::request::{Extent, Request};
use crate::concentration::Quantity;
use crate::protocol::{AboveLimit, BelowLimit};
use crate::stats::Undefined;
use crate::study::limits::LimitRule;
use crate::study::numbers::Numbers;

/// The substitutions for values below the limit, by the names of the option `blq`.
const RULES: [(&str, BelowLimit); 3] =
    [("half", BelowLimit::HalfLloq), ("sqrt2", BelowLimit::LloqOverSqrt2), ("lloq", BelowLimit::Lloq)];

/// A request with its numbers by every rule for values below the limit.
pub(super) struct Scope<'a> {
    pub(super) request: &'a Request<'a>,
    /// By every substitution, named as the option `blq` names it; the first is the main one.
    pub(super) by_rule: Vec<(&'static str, Numbers)>,
    /// Index of the baseline visit.
    pub(super) baseline: usize,
    /// Whether a value is below its limit.
    pub(super) any_below: bool,
}

impl<'a> Scope<'a> {
    pub(super) fn of(request: &'a Request<'a>) -> Result<Self, Undefined> {
        let no_baseline = || Undefined::Because("the trial has no baseline visit".to_string());
        let by_rule = RULES
            .into_iter()
            .map(|(name, below)| {
                let rule = LimitRule { below, above: AboveLimit::Uloq };
                Numbers::of(request.trial, request.active, request.reference, rule).map(|numbers| (name, numbers))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(no_baseline)?;
        let any_below = request
            .trial
            .participants
            .iter()
            .flat_map(|participant| &participant.results)
            .any(|result| matches!(result, Some(Quantity::BelowLloq { .. })));
        Ok(Self { request, by_rule, baseline: request.trial.baseline().ok_or_else(no_baseline)?, any_below })
    }

    pub(super) fn all(&self) -> bool {
        self.request.extent == Extent::All
    }

    /// The visits after baseline that are analysed: every one, or the last.
    pub(super) fn visits(&self) -> Vec<usize> {
        let after: Vec<usize> = self.request.trial.after_baseline().collect();
        if self.all() { after } else { after.last().copied().into_iter().collect() }
    }

    /// The substitutions that are made, with their names: `none` where nothing is below a limit.
    pub(super) fn rules(&self) -> Vec<(&'static str, &Numbers)> {
        let named = self.by_rule.iter().map(|(name, numbers)| (*name, numbers));
        match (self.any_below, self.all()) {
            (false, _) => named.take(1).map(|(_, numbers)| ("none", numbers)).collect(),
            (true, false) => named.take(1).collect(),
            (true, true) => named.collect(),
        }
    }

    /// The rule that the option `blq` names; that of a half where it names none.
    pub(super) fn rule(&self, name: &str) -> LimitRule {
        let below =
            RULES.into_iter().find(|(known, _)| *known == name).map_or(BelowLimit::HalfLloq, |(_, below)| below);
        LimitRule { below, above: AboveLimit::Uloq }
    }

    pub(super) fn week(&self, visit: usize) -> Value {
        number(self.request.trial.visits[visit].week)
    }
}

/// A number as JSON writes it: 16, not 16.0.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { Value::from(value as i64) } else { Value::from(value) }
}
