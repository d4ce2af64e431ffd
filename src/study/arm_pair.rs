//! One arm against the reference arm: what all comparisons of the two share.

use crate::protocol::{AnalysisId, AnalysisSettings, PrimaryAnalysis, Protocol};
use crate::stats::{Arm, Undefined, Vcov};

use super::arm_comparison::ArmComparison;
use super::exclusion::UnusedSubjects;
use super::interval_estimate::IntervalEstimate;
use super::limits::LimitRule;
use super::missing_reason::{VisitRequirement, left_out};
use super::numbers::Numbers;
use super::trial_data::TrialData;

/// Two arms of a trial at its end point, with numbers by one rule for values outside the limits.
#[derive(Debug, Clone)]
pub(super) struct ArmPair<'a> {
    pub(super) trial: &'a TrialData,
    pub(super) active: &'a str,
    pub(super) reference: &'a str,
    /// The level of intervals.
    pub(super) confidence: f64,
    pub(super) rule: LimitRule,
    pub(super) numbers: Numbers,
    /// Index of the end point.
    pub(super) endpoint: usize,
    /// What the study declares.
    pub(super) settings: &'a AnalysisSettings,
}

impl<'a> ArmPair<'a> {
    /// `None` for a trial without a baseline or an end point.
    pub(super) fn new(trial: &'a TrialData, active: &'a str, protocol: &'a Protocol, rule: LimitRule) -> Option<Self> {
        let settings = &protocol.trial.analysis;
        let reference = settings.reference_arm.as_str();
        let numbers = Numbers::of(trial, active, reference, rule)?;
        let (endpoint, confidence) = (trial.endpoint()?, protocol.assay.method.confidence);
        Some(Self { trial, active, reference, confidence, rule, numbers, endpoint, settings })
    }

    /// A comparison at a visit without an estimate yet.
    pub(super) fn blank(&self, analysis: AnalysisId, model: &str, visit: usize) -> ArmComparison {
        ArmComparison {
            analysis,
            model: model.to_string(),
            primary: false,
            visit: self.trial.visits[visit].name.clone(),
            active: self.active.to_string(),
            reference: self.reference.to_string(),
            n: [0, 0],
            left_out: Vec::new(),
            ratio: None,
            adjusted_means: None,
            standard_error: None,
            statistic: None,
            df: None,
            p: None,
            adjusted: None,
            below_limit_rule: self.rule.describe(),
            reason: String::new(),
        }
    }
}

impl ArmPair<'_> {
    /// Whether there are arms beside these two.
    pub(super) fn among_others(&self) -> bool {
        self.trial.arms().len() > 2
    }

    /// What the model of these two says of the others, where there are any.
    pub(super) fn alone(&self) -> &'static str {
        if self.among_others() { ", of these two arms alone" } else { "" }
    }

    /// The declared primary analysis.
    pub(super) fn primary(&self) -> ArmComparison {
        let found = match self.settings.primary {
            PrimaryAnalysis::Ancova => self.ancova(Vcov::Ols),
            PrimaryAnalysis::Mmrm => {
                let at_the_end = |row: &ArmComparison| row.visit == self.trial.visits[self.endpoint].name;
                self.mixed_model()
                    .into_iter()
                    .find(at_the_end)
                    .unwrap_or_else(|| self.blank(AnalysisId::Mmrm, "", self.endpoint))
            }
        };
        ArmComparison { primary: true, ..found }
    }

    /// Whether a comparison is the declared primary analysis.
    pub(super) fn is_primary(&self, row: &ArmComparison) -> bool {
        row.analysis == self.settings.primary.id() && row.visit == self.trial.visits[self.endpoint].name
    }

    /// Why there is no estimate at a visit: one of the arms has not one measured value there. Whatever then comes out is made of the
    /// numbers that stand for limits, and no rule for these makes it an estimate.
    pub(super) fn unmeasured(&self, visit: usize) -> Option<String> {
        let at = &self.trial.visits[visit].name;
        [(Arm::Active, self.active), (Arm::Placebo, self.reference)].into_iter().find_map(|(arm, name)| {
            let (reported, measured) = self.numbers.measured(arm, visit);
            (reported > 0 && measured == 0)
                .then(|| format!("all {reported} values of {name} at {at} are outside the limits"))
        })
    }

    /// The comparison, or its blank where it is [`Self::unmeasured`].
    pub(super) fn if_measured(&self, row: ArmComparison) -> ArmComparison {
        let visit = self.trial.visits.iter().position(|visit| visit.name == row.visit).unwrap_or(self.endpoint);
        match self.unmeasured(visit) {
            Some(reason) => ArmComparison {
                n: row.n,
                left_out: row.left_out.clone(),
                primary: row.primary,
                reason,
                below_limit_rule: row.below_limit_rule.clone(),
                ..self.blank(row.analysis, &row.model, visit)
            },
            None => self.if_somebody(row),
        }
    }

    /// The comparison; where it has no estimate because nobody of an arm is in it, with what left them out as its reason.
    fn if_somebody(&self, row: ArmComparison) -> ArmComparison {
        if row.ratio.is_some() {
            return row;
        }
        let left_out = self.left_out(&row);
        let empty = [(Arm::Active, self.active), (Arm::Placebo, self.reference)].into_iter().enumerate();
        let reasons: Vec<String> = empty
            .filter_map(|(arm, (which, name))| {
                let size = self.numbers.size(which);
                let of_arm: Vec<&UnusedSubjects> = left_out.iter().filter(|left| left.n[arm] > 0).collect();
                let nobody = size > 0 && of_arm.iter().map(|left| left.n[arm]).sum::<usize>() == size;
                let said: Vec<String> =
                    of_arm.iter().map(|left| format!("{} ({})", left.reason, left.n[arm])).collect();
                nobody.then(|| format!("nobody of {name} is in the analysis: {}", said.join(", ")))
            })
            .collect();
        if reasons.is_empty() { row } else { ArmComparison { reason: reasons.join("; "), ..row } }
    }

    /// The share of the reported end points of both arms that are below the limit, and the size of the smaller arm; `None` where an arm
    /// has none.
    pub(super) fn share_below(&self) -> Option<(f64, f64)> {
        let of = |arm: Arm| (self.numbers.measured(arm, self.endpoint).0, self.numbers.below(arm, self.endpoint));
        let ((active, active_below), (reference, reference_below)) = (of(Arm::Active), of(Arm::Placebo));
        let (all, below) = (active + reference, active_below + reference_below);
        (active.min(reference) > 0).then(|| (below as f64 / all as f64, active.min(reference) as f64))
    }

    /// A comparison with those who are not in it, by reason.
    pub(super) fn with_left_out(&self, row: ArmComparison) -> ArmComparison {
        let left_out = self.left_out(&row);
        self.if_somebody(ArmComparison { left_out, ..row })
    }

    fn left_out(&self, row: &ArmComparison) -> Vec<UnusedSubjects> {
        let visit = self.trial.visits.iter().position(|visit| visit.name == row.visit).unwrap_or(self.endpoint);
        left_out(self.trial, [self.active, self.reference], self.rule, VisitRequirement::of(row.analysis, visit))
    }
}

/// A difference of logarithms and its limits as a ratio; `None` without limits.
pub(super) fn ratio(difference: f64, low: Option<f64>, high: Option<f64>) -> Option<IntervalEstimate> {
    Some(IntervalEstimate { estimate: libm::exp(difference), lower: libm::exp(low?), upper: libm::exp(high?) })
}

/// Why there is an estimate without a test: the numbers have no spread. Empty where there is a test.
pub(super) fn without_test(difference: f64, p: Option<f64>) -> String {
    match p {
        Some(_) => String::new(),
        None => format!("{}; the ratio is {} without an interval", Undefined::ZeroVariance, libm::exp(difference)),
    }
}
