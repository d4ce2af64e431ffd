//! A request with its numbers.

use super::chosen::{ChosenVisit, Substitution};
use super::request::{AnalysisRequest, Extent};
use crate::concentration::Quantity;
use crate::protocol::{AboveLimit, BelowLimit};
use crate::stats::Undefined;
use crate::study::limits::LimitRule;
use crate::study::numbers::Numbers;

const fn substitution(name: &'static str, below: BelowLimit) -> Substitution {
    Substitution { name, rule: LimitRule { below, above: AboveLimit::Uloq } }
}

/// What stands for values below the limit where it is not the choice of an analysis.
pub(super) const MAIN: Substitution = substitution("half", BelowLimit::HalfLloq);

/// The substitutions for values below the limit, the main one first.
const RULES: [Substitution; 3] =
    [MAIN, substitution("sqrt2", BelowLimit::LloqOverSqrt2), substitution("lloq", BelowLimit::Lloq)];

/// A request with its numbers by every rule for values below the limit.
pub(super) struct AnalysisInput<'a> {
    pub(super) request: &'a AnalysisRequest<'a>,
    /// By every substitution; the first is the main one.
    pub(super) by_rule: Vec<(Substitution, Numbers)>,
    /// Index of the baseline visit.
    pub(super) baseline: usize,
    /// Whether a value is below its limit.
    pub(super) any_below: bool,
}

impl<'a> AnalysisInput<'a> {
    pub(super) fn of(request: &'a AnalysisRequest<'a>) -> Result<Self, Undefined> {
        let no_baseline = || Undefined::Because("the trial has no baseline visit".to_string());
        let numbers = |below: Substitution| {
            let found = Numbers::of(request.trial, request.active, request.reference, below.rule);
            found.map(|numbers| (below, numbers))
        };
        let by_rule = RULES.into_iter().map(numbers).collect::<Option<Vec<_>>>().ok_or_else(no_baseline)?;
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

    /// The substitutions that are made: one called `none` where nothing is below a limit.
    pub(super) fn rules(&self) -> Vec<(Substitution, &Numbers)> {
        let named = self.by_rule.iter().map(|(below, numbers)| (*below, numbers));
        match (self.any_below, self.all()) {
            (false, _) => named.take(1).map(|(below, of)| (Substitution { name: "none", ..below }, of)).collect(),
            (true, false) => named.take(1).collect(),
            (true, true) => named.collect(),
        }
    }

    pub(super) fn at(&self, visit: usize) -> ChosenVisit {
        ChosenVisit { visit, week: self.request.trial.visits[visit].week }
    }
}
