//! Comparisons beside the primary one, where the study declares them: the rank test within strata, the last observation carried forward.

use crate::protocol::{AnalysisId, SupplementaryAnalysis, SupplementarySettings};
use crate::stats::van_elteren::van_elteren;

use super::arm_comparison::ArmComparison;
use super::arm_pair::{ArmPair, ratio};
use super::numbers::ModelScale;

impl ArmPair<'_> {
    /// The declared analyses.
    pub(super) fn supplementary(&self, asked: &SupplementarySettings) -> Vec<ArmComparison> {
        let stratified = asked.holds(SupplementaryAnalysis::VanElteren).then(|| self.van_elteren());
        let carried = asked.holds(SupplementaryAnalysis::Locf).then(|| self.carried_forward());
        stratified.into_iter().chain(carried).collect()
    }

    fn van_elteren(&self) -> ArmComparison {
        let model =
            "van Elteren's rank test of the log change within the strata, with the Hodges–Lehmann shift by stratum";
        let blank = self.blank(AnalysisId::VanElteren, model, self.endpoint);
        let paired = self.numbers.paired(self.endpoint);
        let n = paired.n();
        if paired.stratum.is_empty() {
            let reason = "the list of arms has no stratum of every participant".to_string();
            return ArmComparison { n, reason, ..blank };
        }
        let found = ModelScale::Ln
            .baselines_and_changes(&paired.base, &paired.value)
            .and_then(|(_, changes)| van_elteren(&paired.arm, &paired.stratum, &changes, self.confidence));
        self.if_measured(match found {
            Ok(found) => {
                let alone = match found.n_alone {
                    0 => String::new(),
                    n => format!("; {n} participants are in strata of one arm only and say nothing"),
                };
                ArmComparison {
                    n,
                    model: format!("{model} ({} strata of both arms{alone})", found.strata),
                    ratio: ratio(found.shift, Some(found.ci_low), Some(found.ci_high)),
                    statistic: Some(found.z),
                    p: Some(found.p),
                    ..blank
                }
            }
            Err(why) => ArmComparison { n, reason: why.to_string(), ..blank },
        })
    }

    /// The analysis of covariance with the last value after baseline where there is none at the end point.
    fn carried_forward(&self) -> ArmComparison {
        let before = self.trial.after_baseline().filter(|visit| *visit < self.endpoint).count();
        let carried =
            self.numbers.carried_forward(self.endpoint).arm.len() - self.numbers.adjustable(self.endpoint).arm.len();
        let found = self.least_squares(AnalysisId::AncovaLocf, |numbers| numbers.carried_forward(self.endpoint));
        let how = match before {
            0 => "no visit before the end point to carry forward from".to_string(),
            _ => format!("last observation carried forward for {carried} participants"),
        };
        ArmComparison { model: format!("{}; {how}", found.model), ..found }
    }
}
