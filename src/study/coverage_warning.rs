//! Warnings where, by the program's own simulations ([`coverage`](super::coverage)), 95 % intervals hold the truth too rarely in a study like
//! this one, or where these do not say how often.

use crate::protocol::{BelowLimit, Protocol, RESPONDER_FALL};
use crate::sheet::{Location, Problem};

use super::covariates::listed;
use super::coverage::{FEWEST_PERCENT, TABLE};
use super::pair::Pair;
use super::responders::Responders;
use super::result::{ArmComparison, ArmSummary};
use super::subgroups::Subgroups;

/// The table's name of the interval of a comparison.
fn name(row: &ArmComparison, below: BelowLimit) -> String {
    let rule = match below {
        BelowLimit::HalfLloq => "LLOQ/2",
        BelowLimit::LloqOverSqrt2 => "LLOQ/√2",
        BelowLimit::Lloq => "LLOQ",
        BelowLimit::Exclude => "left out",
    };
    // Other participants, or a variance of more arms: what a limit does to the numbers is the same.
    let ancova = ["ancova", "ancova_locf"].contains(&row.analysis.as_str());
    if ancova { format!("ancova, {rule}") } else { row.analysis.clone() }
}

/// The intervals of the table that are of proportions: values as censored are no answer to these.
const OF_PROPORTIONS: [&str; 3] = ["standardised ratio", "standardised difference", "responders, difference"];

/// What is estimated with an interval for one pair of arms.
#[derive(Debug, Clone, Copy)]
pub(super) struct Offered<'r> {
    pub(super) comparisons: &'r [ArmComparison],
    pub(super) responders: &'r [Responders],
    pub(super) subgroups: &'r [Subgroups],
}

impl Offered<'_> {
    /// The intervals at the visit that this pair has, as a reader knows them and as the table names them.
    fn intervals(self, pair: &Pair<'_>, visit: &str, below: BelowLimit) -> Vec<(String, String)> {
        let of_visit = self.comparisons.iter().filter(|row| row.active == pair.active && row.visit == *visit);
        let mut found: Vec<(String, String)> = of_visit
            .filter(|row| row.ratio.is_some())
            .map(|row| (format!("{}{}", row.analysis, if row.primary { " (primary)" } else { "" }), name(row, below)))
            .collect();
        // Of a level only the baselines are touched by the limit: what was simulated is a fall.
        let falls = self.responders.iter().filter(|row| row.active == pair.active && row.family_name == RESPONDER_FALL);
        let standardised = |row: &Responders| row.standardised.as_ref().is_some_and(|found| found.ratio.is_some());
        let groups = self.subgroups.iter().filter(|found| found.active == pair.active).flat_map(|found| &found.groups);
        let others = [
            ("difference of responders", "responders, difference", falls.clone().any(|row| row.difference.is_some())),
            ("standardised ratio of responders", "standardised ratio", falls.clone().any(standardised)),
            ("standardised difference of responders", "standardised difference", falls.clone().any(standardised)),
            ("ratios of subgroups", "subgroups", groups.clone().any(|group| group.ratio.is_some())),
        ];
        let there = others.into_iter().filter(|(.., there)| *there);
        found.extend(there.map(|(said, name, _)| (said.to_string(), name.to_string())));
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

/// Those of the intervals, as a reader and as the table names them, that are no better than that at this share below the limit and size.
fn doubts(intervals: Vec<(String, String)>, (share, size): (f64, f64)) -> Vec<Doubt> {
    let doubt = |(said, name): (String, String)| Doubt {
        said,
        of_proportions: OF_PROPORTIONS.contains(&name.as_str()),
        held: TABLE.iter().find(|known| known.interval == name).and_then(|known| known.at(share, size)),
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

fn problem(who: &str, like: &str, file: &str, doubts: &[Doubt], advice: String) -> Option<Problem> {
    let found = format!("{who}: in simulated trials like this one ({like}) {}", in_words(doubts)?);
    let problem = Problem::new(Location::file(file), found).advice(advice);
    let known = doubts.iter().any(|doubt| doubt.held.is_some());
    Some(if known { problem.expected(format!("at least {FEWEST_PERCENT:.0} %")) } else { problem })
}

/// A warning where intervals of this pair hold the truth too rarely in trials of this size with this share of values below the limit, or
/// where it is not known how often.
pub(super) fn of_pair(pair: &Pair<'_>, offered: Offered<'_>, protocol: &Protocol) -> Option<Problem> {
    let (share, size) = pair.share_below()?;
    let visit = &pair.trial.visits[pair.endpoint].name;
    let doubts = doubts(offered.intervals(pair, visit, protocol.trial.analysis.below_limit), (share, size));
    let tobit = TABLE.iter().find(|known| known.interval == "tobit").and_then(|known| known.at(share, size));
    let advice = match tobit {
        _ if doubts.iter().all(|doubt| doubt.of_proportions) => {
            "Such an interval is approximate in arms of this size: look at the counts, and at their exact test (P_FISHER)".into()
        }
        Some(tobit) if tobit >= FEWEST_PERCENT => {
            format!("Read the row of sensitivity.csv that takes such values as censored (Tobit): {tobit:.0} % there")
        }
        _ => "No interval of this program does better there: the study is too small for so many values below the limit".into(),
    };
    let below = 100.0 * share;
    let like = format!("{below:.0} % of the values at {visit} below the limit, {size:.0} in the smaller arm");
    let who = format!("{} against {}", pair.active, pair.reference);
    problem(&who, &like, "comparison.csv", &doubts, advice)
}

/// The same of the mean and the change of one arm at the end point.
pub(super) fn of_arm(arm: &ArmSummary) -> Option<Problem> {
    let doubts = doubts_of(arm);
    let share = 100.0 * arm.below as f64 / arm.n as f64;
    let like = format!("{share:.0} % of the values at {} below the limit, {} in the arm", arm.visit, arm.n);
    let advice = "Read the same with values below the limit as censored (Tobit), in summary.csv";
    problem(&arm.arm, &like, "summary.csv", &doubts, advice.into())
}

/// What is doubtful of an arm.
fn doubts_of(arm: &ArmSummary) -> Vec<Doubt> {
    let intervals = [
        ("geometric mean", "mean", arm.geometric_mean),
        ("geometric mean of values as censored", "mean, tobit", arm.censored_geometric_mean),
        ("ratio to baseline", "change", arm.geometric_mean_ratio),
        ("Hodges–Lehmann's ratio to baseline", "change, Hodges-Lehmann", arm.hodges_lehmann_ratio),
    ];
    let there = intervals.into_iter().filter(|(.., interval)| interval.is_some() && arm.n > 0);
    let place = (arm.below as f64 / arm.n as f64, arm.n as f64);
    doubts(there.map(|(said, name, _)| (said.into(), name.into())).collect(), place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(names: &[&str], share: f64, size: f64) -> Option<String> {
        let intervals = names.iter().map(|name| (name.to_string(), name.to_string())).collect();
        in_words(&doubts(intervals, (share, size)))
    }

    /// A cell of the table without a number is no cell of which all is well; nor is an interval that was never simulated.
    #[test]
    fn what_the_simulations_do_not_know_is_said() {
        let names = ["standardised ratio", "standardised difference", "tobit", "ancova, LLOQ/2"];
        assert_eq!(
            said(&names, 0.5, 5.0).unwrap(),
            "95 % intervals hold the truth less often than they should: ancova, LLOQ/2 91.1 %; too few have a 95 % interval of standardised \
             ratio and standardised difference to say how often it holds the truth: that is not known"
        );
        let unknown = "too few have a 95 % interval of another to say how often it holds the truth: that is not known";
        assert_eq!(said(&["tobit", "another"], 0.1, 20.0).as_deref(), Some(unknown));
        assert_eq!(said(&["tobit", "standardised ratio"], 0.1, 20.0), None);
    }
}
