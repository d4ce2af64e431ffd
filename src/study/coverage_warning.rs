//! Warnings where, by the program's own simulations ([`coverage`](super::coverage)), 95 % intervals hold the truth too rarely in a study like
//! this one, or where these do not say how often: of the comparison of the arms, of each arm, and of clinical measures.

use std::collections::BTreeMap;

use crate::concentration::quantity::significant;
use crate::protocol::{AnalysisId, BelowLimit, Protocol, ResponderDefinition};
use crate::sheet::{Code, Location, Problem};

use super::arm_comparison::ArmComparison;
use super::arm_pair::ArmPair;
use super::arm_summary::ArmSummary;
use super::clinical::{Clinical, MeasureCorrelation};
use super::covariates::listed;
use super::coverage::{FEWEST_PERCENT, held_at};
use super::interval_of::IntervalOf;
use super::missing_data::MissingData;
use super::responders::Responders;
use super::subgroups::Subgroups;

/// The interval of a comparison, as it was simulated.
fn interval(row: &ArmComparison, below: BelowLimit) -> IntervalOf {
    // Other participants, or a variance of more arms: what a limit does to the numbers is the same.
    match row.analysis {
        AnalysisId::Ancova | AnalysisId::AncovaLocf => IntervalOf::Ancova(below),
        other => IntervalOf::Analysis(other),
    }
}

/// What to look at where the interval of a proportion is poor.
const COUNTS: &str =
    "Such an interval is approximate in arms of this size: look at the counts, and at their exact test (P_FISHER)";

/// What is estimated with an interval for one pair of arms.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairEstimates<'r> {
    pub(super) comparisons: &'r [ArmComparison],
    pub(super) responders: &'r [Responders],
    pub(super) subgroups: &'r [Subgroups],
    pub(super) missing_data: &'r [MissingData],
}

impl PairEstimates<'_> {
    /// The intervals at the visit that this pair has, each as a reader knows it.
    fn intervals(self, pair: &ArmPair<'_>, visit: &str, below: BelowLimit) -> Vec<(String, IntervalOf)> {
        let of_visit = self.comparisons.iter().filter(|row| row.active == pair.active && row.visit == *visit);
        let mut found: Vec<(String, IntervalOf)> = of_visit
            .filter(|row| row.ratio.is_some())
            .map(|row| {
                (format!("{}{}", row.analysis, if row.primary { " (primary)" } else { "" }), interval(row, below))
            })
            .collect();
        // Of a level only the baselines are touched by the limit: what was simulated is a fall.
        let by_fall = |row: &&Responders| row.active == pair.active && row.defined == Some(ResponderDefinition::Fall);
        let falls = self.responders.iter().filter(by_fall);
        let standardised = |row: &Responders| row.standardised.as_ref().is_some_and(|found| found.ratio.is_some());
        let groups = self.subgroups.iter().filter(|found| found.active == pair.active).flat_map(|found| &found.groups);
        let others = [
            ("difference of responders", IntervalOf::Responders, falls.clone().any(|row| row.difference.is_some())),
            ("standardised ratio of responders", IntervalOf::StandardisedRatio, falls.clone().any(standardised)),
            (
                "standardised difference of responders",
                IntervalOf::StandardisedDifference,
                falls.clone().any(standardised),
            ),
            ("ratios of subgroups", IntervalOf::Subgroups, groups.clone().any(|group| group.ratio.is_some())),
        ];
        let there = others.into_iter().filter(|(.., there)| *there);
        found.extend(there.map(|(said, of, _)| (said.to_string(), of)));
        let imputed = self.missing_data.iter().filter(|found| found.active == pair.active);
        let ratios = imputed.flat_map(|found| &found.assumptions).filter(|row| row.ratio.is_some());
        found.extend(ratios.map(|row| IntervalOf::Imputed(row.assumption)).map(|of| (of.name(), of)));
        found
    }
}

/// An interval of which the simulations say too little coverage, or nothing.
struct Doubt {
    /// As a reader knows it.
    said: String,
    of_proportions: bool,
    /// Its coverage in percent; `None` where it is not known.
    held: Option<f64>,
}

/// Those of the intervals, each as a reader knows it, that are no better than that at this share below the limit and size.
fn doubts(intervals: Vec<(String, IntervalOf)>, (share, size): (f64, f64)) -> Vec<Doubt> {
    let doubt = |(said, of): (String, IntervalOf)| Doubt {
        said,
        of_proportions: of.is_of_proportions(),
        held: held_at(of, share, size),
    };
    intervals.into_iter().map(doubt).filter(|doubt| doubt.held.is_none_or(|held| held < FEWEST_PERCENT)).collect()
}

/// What is doubtful in words; `None` where nothing is.
fn in_words(doubts: &[Doubt]) -> Option<String> {
    let poor: Vec<String> =
        doubts.iter().filter_map(|doubt| Some(format!("{} {:.1} %", doubt.said, doubt.held?))).collect();
    let unknown: Vec<String> =
        doubts.iter().filter(|doubt| doubt.held.is_none()).map(|doubt| doubt.said.clone()).collect();
    let too_rarely = format!("95 % intervals hold the truth less often than they should: {}", poor.join(", "));
    let not_known = format!(
        "too few have a 95 % interval of {} to say how often it holds the truth: that is not known",
        listed(&unknown)
    );
    match (poor.is_empty(), unknown.is_empty()) {
        (true, true) => None,
        (false, true) => Some(too_rarely),
        (true, false) => Some(not_known),
        (false, false) => Some(format!("{too_rarely}; {not_known}")),
    }
}

/// The level of the intervals that were simulated.
const SIMULATED: f64 = 0.95;

/// What has to be added where the study declares another level.
fn of_level(confidence: f64) -> String {
    if (confidence - SIMULATED).abs() < 1e-9 {
        return String::new();
    }
    let level = significant(100.0 * confidence, 3);
    format!("; those of this study are {level} % intervals, and how often these hold it was not simulated")
}

/// The problem that somebody (`who`) in such a trial (`like`) has with the intervals in a file.
fn problem(
    code: Code,
    [who, like, file]: [&str; 3],
    doubts: &[Doubt],
    protocol: &Protocol,
    advice: impl Into<String>,
) -> Option<Problem> {
    let level = of_level(protocol.assay.method.confidence);
    let found = format!("{who}: in simulated trials like this one ({like}) {}{level}", in_words(doubts)?);
    let problem = Problem::new(code, Location::file(file), found).advice(advice);
    let known = doubts.iter().any(|doubt| doubt.held.is_some());
    Some(if known { problem.expected(format!("at least {FEWEST_PERCENT:.0} %")) } else { problem })
}

/// A warning where intervals of this pair hold the truth too rarely in trials of this size with this share of values below the limit, or
/// where it is not known how often.
pub(super) fn of_pair(pair: &ArmPair<'_>, offered: PairEstimates<'_>, protocol: &Protocol) -> Option<Problem> {
    let (share, size) = pair.share_below()?;
    let visit = &pair.trial.visits[pair.endpoint].name;
    let doubts = doubts(offered.intervals(pair, visit, protocol.trial.analysis.below_limit), (share, size));
    let advice = match held_at(IntervalOf::Analysis(AnalysisId::Tobit), share, size) {
        _ if doubts.iter().all(|doubt| doubt.of_proportions) => COUNTS.into(),
        Some(tobit) if tobit >= FEWEST_PERCENT => {
            format!("Read the row of sensitivity.csv that takes such values as censored (Tobit): {tobit:.0} % there")
        }
        _ => "No interval of this program does better there: the study is too small for so many values below the limit"
            .into(),
    };
    let below = 100.0 * share;
    let like = format!("{below:.0} % of the values at {visit} below the limit, {size:.0} in the smaller arm");
    let who = format!("{} against {}", pair.active, pair.reference);
    problem(Code::new("interval-of-pair-doubtful"), [&who, &like, "comparison.csv"], &doubts, protocol, advice)
}

/// The same of the mean and the change of one arm at the end point.
pub(super) fn of_arm(arm: &ArmSummary, protocol: &Protocol) -> Option<Problem> {
    let doubts = doubts_of(arm);
    let share = 100.0 * arm.below as f64 / arm.n as f64;
    let like = format!("{share:.0} % of the values at {} below the limit, {} in the arm", arm.visit, arm.n);
    let advice = "Read the same with values below the limit as censored (Tobit), in summary.csv";
    problem(Code::new("interval-of-arm-doubtful"), [&arm.arm, &like, "summary.csv"], &doubts, protocol, advice)
}

/// The same of the clinical measures: each pair of arms, and the correlations of each arm and of all.
pub(super) fn of_clinical(clinical: &Clinical, protocol: &Protocol) -> Vec<Problem> {
    let changes = clinical.changes.iter().filter(|row| row.difference.is_some());
    let of_changes = changes.map(|row| {
        let [active, reference] = row.n_adjusted;
        (
            (&row.measure, &row.active, &row.reference),
            active.min(reference),
            ("adjusted change", IntervalOf::ClinicalChange),
        )
    });
    let responders = clinical.responders.iter().filter(|row| row.counted.difference.is_some());
    let of_responders = responders.map(|row| {
        let Responders { active, reference, n, .. } = &row.counted;
        let name = ("difference of responders", IntervalOf::Responders);
        ((&row.measure, active, reference), n[0].min(n[1]) as usize, name)
    });
    // Of each kind the smallest arms, over visits and definitions.
    let mut smallest: BTreeMap<_, BTreeMap<_, (IntervalOf, usize)>> = BTreeMap::new();
    for (whose, size, (said, of)) in of_changes.chain(of_responders) {
        let (_, known) = smallest.entry(whose).or_default().entry(said).or_insert((of, size));
        *known = size.min(*known);
    }
    let of_pairs = smallest.iter().filter_map(|((measure, active, reference), sizes)| {
        let doubts: Vec<Doubt> = sizes
            .iter()
            .flat_map(|(said, (of, size))| doubts(vec![(said.to_string(), *of)], (0.0, *size as f64)))
            .collect();
        let who = format!("{measure}, {active} against {reference}");
        let like = format!("{} in the smaller arm", sizes.values().map(|(_, size)| size).min()?);
        let advice = if doubts.iter().all(|doubt| doubt.of_proportions) {
            COUNTS
        } else {
            "Look at the changes of the participants: a few skewed ones have no interval to rely on"
        };
        problem(
            Code::new("interval-of-measure-doubtful"),
            [&who, &like, "clinical_change.csv"],
            &doubts,
            protocol,
            advice,
        )
    });
    let correlations = clinical.correlations.iter().filter(|row| row.r.is_some());
    of_pairs.chain(correlations.filter_map(|row| of_correlation(row, protocol))).collect()
}

fn of_correlation(row: &MeasureCorrelation, protocol: &Protocol) -> Option<Problem> {
    let of = IntervalOf::Correlation(row.way);
    let share = row.at_limit as f64 / row.n as f64;
    let doubts = doubts(vec![(of.name(), of)], (share, row.participants as f64));
    let who = format!("{}, {}", row.measure, row.arm.as_deref().unwrap_or("all arms"));
    let like =
        format!("{:.0} % of the pairs with a value at a limit, {} participants", 100.0 * share, row.participants);
    let advice =
        "Numbers that stand for limits hide how large changes were: look at the picture, where they are marked";
    problem(Code::new("interval-of-correlation-doubtful"), [&who, &like, "correlation.csv"], &doubts, protocol, advice)
}

/// What is doubtful of an arm.
fn doubts_of(arm: &ArmSummary) -> Vec<Doubt> {
    let intervals = [
        ("geometric mean", IntervalOf::Mean, arm.geometric_mean),
        ("geometric mean of values as censored", IntervalOf::CensoredMean, arm.censored_geometric_mean),
        ("ratio to baseline", IntervalOf::Change, arm.geometric_mean_ratio),
        ("Hodges–Lehmann's ratio to baseline", IntervalOf::HodgesLehmannChange, arm.hodges_lehmann_ratio),
    ];
    let there = intervals.into_iter().filter(|(.., interval)| interval.is_some() && arm.n > 0);
    let place = (arm.below as f64 / arm.n as f64, arm.n as f64);
    doubts(there.map(|(said, of, _)| (said.into(), of)).collect(), place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(intervals: &[IntervalOf], share: f64, size: f64) -> Option<String> {
        let intervals = intervals.iter().map(|of| (of.name(), *of)).collect();
        in_words(&doubts(intervals, (share, size)))
    }

    /// A cell of the table without a number is no cell of which all is well; nor is an interval that was never simulated.
    #[test]
    fn what_the_simulations_do_not_know_is_said() {
        let (ratio, tobit) = (IntervalOf::StandardisedRatio, IntervalOf::Analysis(AnalysisId::Tobit));
        let intervals = [ratio, IntervalOf::StandardisedDifference, tobit, IntervalOf::Ancova(BelowLimit::HalfLloq)];
        assert_eq!(
            said(&intervals, 0.5, 5.0).unwrap(),
            "95 % intervals hold the truth less often than they should: ancova, LLOQ/2 91.1 %; too few have a 95 % interval of standardised \
             ratio and standardised difference to say how often it holds the truth: that is not known"
        );
        let unknown = "too few have a 95 % interval of permutation_mean_diff to say how often it holds the truth: that is not known";
        assert_eq!(
            said(&[tobit, IntervalOf::Analysis(AnalysisId::PermutationOfMeans)], 0.1, 20.0).as_deref(),
            Some(unknown)
        );
        assert_eq!(said(&[tobit, ratio], 0.1, 20.0), None);
    }
}
