//! How the change of a clinical measure goes together with that of the analyte: at the end point per arm and over all arms, and within
//! participants over all visits.
//!
//! At the end point Spearman's correlation is of the percent changes of both, Pearson's of the logarithms of visit / baseline; within
//! participants it is of the logarithms of the values. A value of zero has no logarithm: its pairs are counted, not used.
//! Over all arms a correlation also holds what the treatment does to both; that of an arm does not.

use serde::Serialize;

use super::measure_data::MeasureData;
use crate::stats::Undefined;
use crate::stats::correlation::{Correlation, pearson, spearman, within_subjects};
use crate::study::change::changes;
use crate::study::interval_estimate::IntervalEstimate;
use crate::study::primary::declared_rule;

/// Which correlation.
///
/// See [`clinical`](super) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationMethod {
    /// Spearman's, of percent changes.
    Spearman,
    /// Pearson's, of the logarithms of visit / baseline.
    Pearson,
    /// Within participants over all visits, of the logarithms.
    WithinParticipants,
}

/// One correlation.
///
/// See [`clinical`](super) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct MeasureCorrelation {
    /// The measure.
    pub measure: String,
    /// Which correlation.
    pub way: CorrelationMethod,
    /// The arm; `None` for all together.
    pub arm: Option<String>,
    /// The visit; `None` for all.
    pub visit: Option<String>,
    /// Participants with at least one pair.
    pub participants: usize,
    /// Pairs.
    pub n: usize,
    /// Pairs whose number of the analyte stands for a value outside its limits.
    pub at_limit: usize,
    /// Pairs that have no logarithm.
    pub without_logarithm: usize,
    /// The correlation with its interval.
    pub r: Option<IntervalEstimate>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// Why there is none; empty where there is.
    pub reason: String,
}

/// The changes of one participant at the end point.
///
/// See [`clinical`](super) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangePair {
    /// The measure.
    pub measure: String,
    /// The subject.
    pub subject: String,
    /// The arm.
    pub arm: String,
    /// Visit / baseline of the analyte.
    pub ratio: f64,
    /// Percent change of the measure.
    pub percent: f64,
    /// Whether the ratio holds a value at a limit.
    pub limit: bool,
}

/// Numbers that belong together, of one participant at one visit.
struct PairedValues<'a> {
    subject: usize,
    arm: &'a str,
    analyte: f64,
    measure: f64,
    limit: bool,
}

impl MeasureData<'_> {
    pub(super) fn correlations(&self) -> (Vec<MeasureCorrelation>, Vec<ChangePair>) {
        let pairs = self.change_pairs();
        let (mut arms, reference) = self.arms();
        arms.push(reference);
        let arms: Vec<Option<&str>> = arms.into_iter().map(Some).chain([None]).collect();
        let of_visits = self.visit_pairs();
        let mut found = Vec::new();
        for &arm in &arms {
            let of_arm: Vec<&ChangePair> = pairs.iter().filter(|pair| arm.is_none_or(|arm| pair.arm == arm)).collect();
            found.extend(
                [CorrelationMethod::Spearman, CorrelationMethod::Pearson].map(|way| self.at_the_end(way, arm, &of_arm)),
            );
            let of_arm: Vec<&PairedValues<'_>> =
                of_visits.iter().filter(|pair| arm.is_none_or(|arm| pair.arm == arm)).collect();
            found.push(self.within(arm, &of_arm));
        }
        (found, pairs)
    }

    /// The changes at the end point of everybody who has both.
    fn change_pairs(&self) -> Vec<ChangePair> {
        let end = &self.trial.visits[self.endpoint].name;
        let changes = changes(self.trial, declared_rule(&self.protocol.trial.analysis));
        let of_end = changes.into_iter().filter(|change| change.visit == *end);
        of_end
            .filter_map(|change| {
                let (base, value) = self.pair(&change.subject, self.endpoint)?;
                Some(ChangePair {
                    measure: self.measure.name.clone(),
                    ratio: change.ratio()?,
                    percent: (base != 0.0).then(|| 100.0 * (value - base) / base)?,
                    limit: change.holds_limit(),
                    subject: change.subject,
                    arm: change.arm,
                })
            })
            .collect()
    }

    /// The values of everybody at every visit that has both.
    fn visit_pairs(&self) -> Vec<PairedValues<'_>> {
        let rule = declared_rule(&self.protocol.trial.analysis);
        let mut pairs = Vec::new();
        for (subject, one) in self.trial.participants.iter().enumerate() {
            for (visit, result) in one.results.iter().enumerate() {
                let number = result.as_ref().and_then(|quantity| rule.number(quantity));
                if let Some((number, measure)) = number.zip(self.value(&one.subject, visit)) {
                    let limit = number.derivation.is_some();
                    pairs.push(PairedValues { subject, arm: &one.arm, analyte: number.value, measure, limit });
                }
            }
        }
        pairs
    }

    fn at_the_end(&self, way: CorrelationMethod, arm: Option<&str>, pairs: &[&ChangePair]) -> MeasureCorrelation {
        let confidence = self.protocol.assay.method.confidence;
        let with_logarithm: Vec<&&ChangePair> = pairs.iter().filter(|pair| pair.percent > -100.0).collect();
        let (used, outcome) = match way {
            CorrelationMethod::Spearman => {
                let (x, y): (Vec<f64>, Vec<f64>) =
                    pairs.iter().map(|pair| (100.0 * (pair.ratio - 1.0), pair.percent)).unzip();
                (pairs.iter().collect(), spearman(&x, &y, confidence))
            }
            _ => {
                let logs = with_logarithm.iter().map(|pair| (libm::log(pair.ratio), libm::log1p(pair.percent / 100.0)));
                let (x, y): (Vec<f64>, Vec<f64>) = logs.unzip();
                (with_logarithm.clone(), pearson(&x, &y, confidence))
            }
        };
        let without_logarithm = pairs.len() - used.len();
        let at_limit = used.iter().filter(|pair| pair.limit).count();
        let visit = Some(self.trial.visits[self.endpoint].name.clone());
        let blank = self.blank(way, arm, visit, (used.len(), used.len()), at_limit);
        with_outcome(MeasureCorrelation { without_logarithm, ..blank }, outcome)
    }

    fn within(&self, arm: Option<&str>, pairs: &[&PairedValues<'_>]) -> MeasureCorrelation {
        let used: Vec<&&PairedValues<'_>> =
            pairs.iter().filter(|pair| pair.analyte > 0.0 && pair.measure > 0.0).collect();
        let subjects: Vec<usize> = used.iter().map(|pair| pair.subject).collect();
        let logs = |of: fn(&PairedValues<'_>) -> f64| used.iter().map(|pair| libm::log(of(pair))).collect::<Vec<f64>>();
        let (x, y) = (logs(|pair| pair.analyte), logs(|pair| pair.measure));
        let outcome = within_subjects(&subjects, &x, &y, self.protocol.assay.method.confidence);
        let at_limit = used.iter().filter(|pair| pair.limit).count();
        // Those with one pair say nothing of what goes on within them.
        let several = subjects.chunk_by(|one, next| one == next).filter(|pairs| pairs.len() > 1);
        let sizes = several.fold((0, 0), |(who, n), pairs| (who + 1, n + pairs.len()));
        let blank = self.blank(CorrelationMethod::WithinParticipants, arm, None, sizes, at_limit);
        with_outcome(MeasureCorrelation { without_logarithm: pairs.len() - used.len(), ..blank }, outcome)
    }

    fn blank(
        &self,
        way: CorrelationMethod,
        arm: Option<&str>,
        visit: Option<String>,
        (participants, n): (usize, usize),
        at_limit: usize,
    ) -> MeasureCorrelation {
        MeasureCorrelation {
            measure: self.measure.name.clone(),
            way,
            arm: arm.map(str::to_string),
            visit,
            participants,
            n,
            at_limit,
            without_logarithm: 0,
            r: None,
            df: None,
            p: None,
            reason: String::new(),
        }
    }
}

fn with_outcome(blank: MeasureCorrelation, outcome: Result<Correlation, Undefined>) -> MeasureCorrelation {
    match outcome {
        Ok(found) => {
            let interval = found.ci_low.zip(found.ci_high);
            let reason = match interval {
                Some(_) => String::new(),
                None => format!("too few pairs, or too straight, for an interval; r is {}", found.r),
            };
            let r = interval.map(|(lower, upper)| IntervalEstimate { estimate: found.r, lower, upper });
            MeasureCorrelation { r, df: Some(found.df), p: r.map(|_| found.p), reason, ..blank }
        }
        Err(why) => MeasureCorrelation { reason: why.to_string(), ..blank },
    }
}
