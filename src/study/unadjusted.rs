//! Comparisons of the log changes of the arms that do not adjust for the baseline.

use crate::concentration::quantity::significant;
use crate::protocol::AnalysisId;
use crate::stats::mann_whitney::MannWhitneyMethod;
use crate::stats::{self, Resampling, TwoSampleT, Undefined, mann_whitney};

use super::arm_comparison::ArmComparison;
use super::arm_pair::{ArmPair, ratio, without_test};
use super::interval_estimate::IntervalEstimate;
use super::model_words;
use super::numbers::ChangeScale;

/// Replicates of the bootstrap, and reassignments of the permutation test.
pub(super) const RESAMPLES: usize = 10_000;

impl ArmPair<'_> {
    /// Welch's and Student's test, the rank test with its shift, the bootstrap and the permutation test.
    pub(super) fn unadjusted(&self) -> Vec<ArmComparison> {
        let model = format!("{}, not adjusted for baseline", model_words::welch_t("log change"));
        let welch = self.blank(AnalysisId::WelchT, &model, self.endpoint);
        let [active, reference] = match self.numbers.changes_of_both(self.endpoint, ChangeScale::Ln) {
            Ok(changes) => changes,
            Err(why) => return vec![ArmComparison { reason: why.to_string(), ..welch }],
        };
        let student =
            self.blank(AnalysisId::StudentT, "Student's t test of the log change, not adjusted", self.endpoint);
        let n = [active.len(), reference.len()];
        let filled = |blank: ArmComparison, outcome: Result<ArmComparison, Undefined>| {
            outcome.unwrap_or_else(|why| ArmComparison { n, reason: why.to_string(), ..blank })
        };
        let t_test = |blank: &ArmComparison, test: Result<TwoSampleT, Undefined>| test.map(|test| with_t(blank, &test));
        let confidence = self.confidence;
        vec![
            filled(welch.clone(), t_test(&welch, stats::welch_t(&active, &reference, confidence))),
            filled(student.clone(), t_test(&student, stats::student_t(&active, &reference, confidence))),
            self.rank_test(&active, &reference),
            self.bootstrap(&active, &reference),
            self.permutation(&active, &reference),
        ]
    }

    /// Mann–Whitney, exact where that is computed, with the Hodges–Lehmann shift as a ratio.
    fn rank_test(&self, active: &[f64], reference: &[f64]) -> ArmComparison {
        let exact = active.len() + reference.len() <= mann_whitney::EXACT_LIMIT;
        let method = if exact {
            MannWhitneyMethod::ExactDoubleSmallerTail
        } else {
            MannWhitneyMethod::Normal { continuity: true }
        };
        let (test, p) = (model_words::mann_whitney("log change"), model_words::p_of_rank_sum(method));
        let model = format!("{test} ({p}) with the Hodges–Lehmann shift and its exact interval");
        let blank = self.blank(AnalysisId::MannWhitney, &model, self.endpoint);
        let n = [active.len(), reference.len()];
        match stats::mann_whitney(active, reference, method) {
            Ok(test) => {
                let (shift, reason) = self.shift(active, reference);
                let statistic = test.z.or(Some(test.u_active));
                ArmComparison { n, ratio: shift, statistic, p: Some(test.p), reason, ..blank }
            }
            Err(why) => ArmComparison { n, reason: why.to_string(), ..blank },
        }
    }

    /// The Hodges–Lehmann shift as a ratio with its interval, or why there is none. Of very few changes no interval has the level:
    /// the widest is not passed off as one that has.
    fn shift(&self, active: &[f64], reference: &[f64]) -> (Option<IntervalEstimate>, String) {
        match stats::hl_two_sample(active, reference, self.confidence) {
            Ok(found) if found.achieved_conf < self.confidence => {
                let (estimate, widest) =
                    (significant(libm::exp(found.hl), 4), significant(100.0 * found.achieved_conf, 3));
                let reason = format!(
                    "the shift is {estimate} without an interval: with so few subjects the widest has a level of {widest} %"
                );
                (None, reason)
            }
            Ok(found) => (ratio(found.hl, Some(found.ci_low), Some(found.ci_high)), String::new()),
            Err(why) => (None, why.to_string()),
        }
    }

    fn bootstrap(&self, active: &[f64], reference: &[f64]) -> ArmComparison {
        let resampling = Resampling { resamples: RESAMPLES, runs: 1, seed: self.settings.seed };
        let model = format!(
            "ratio of median changes with the BCa bootstrap interval ({RESAMPLES} replicates, seed {})",
            self.settings.seed
        );
        let blank = self.blank(AnalysisId::BootstrapMedians, &model, self.endpoint);
        let n = [active.len(), reference.len()];
        match stats::bootstrap_bca_median_diff(active, reference, resampling, self.confidence) {
            Ok(found) => ArmComparison {
                n,
                ratio: ratio(found.est, Some(found.bca_low), Some(found.bca_high)),
                standard_error: Some(found.boot_se),
                ..blank
            },
            Err(why) => ArmComparison { n, reason: why.to_string(), ..blank },
        }
    }

    fn permutation(&self, active: &[f64], reference: &[f64]) -> ArmComparison {
        let model =
            format!("permutation test of the mean log change ({RESAMPLES} reassignments, seed {})", self.settings.seed);
        let blank = self.blank(AnalysisId::PermutationOfMeans, &model, self.endpoint);
        let n = [active.len(), reference.len()];
        match stats::permutation(active, reference, RESAMPLES, self.settings.seed) {
            Ok(test) => ArmComparison { n, p: Some(test.p), ..blank },
            Err(why) => ArmComparison { n, reason: why.to_string(), ..blank },
        }
    }
}

fn with_t(blank: &ArmComparison, test: &TwoSampleT) -> ArmComparison {
    ArmComparison {
        n: [test.n_active, test.n_placebo],
        ratio: ratio(test.diff, test.inference.ci_low, test.inference.ci_high),
        standard_error: Some(test.se),
        statistic: test.inference.t,
        df: Some(test.inference.df),
        p: test.inference.p,
        reason: without_test(test.diff, test.inference.p),
        ..blank.clone()
    }
}
