//! Levey–Jennings charts: every number in the order of the plates, beside mean and standard deviation of its own history.
//!
//! Mean and s are those of the accepted plates of the same item and kit lot. From `limits_from_plates` of them on they are
//! fixed: the first so many count, for all plates. Before that they are provisional: a plate is compared with all *other*
//! accepted plates, because a value that helps to set its limits hardly breaks them (|z| ≤ (n − 1)/√n with itself among n).
//! With fewer than five other plates there are no limits, and the chart says so. Levey & Jennings, Am J Clin Pathol 1950;20:1059.

use std::collections::BTreeMap;

use super::history::{History, Observation};
use super::item::Item;
use super::westgard::{ControlValue, Rule, RuleSet, violations};
use crate::protocol::AcrossPlatesSettings;
use crate::stats::Moments;

/// Plates that it takes for provisional limits.
const FEWEST: usize = 5;

/// Mean and standard deviation that a number is compared with.
///
/// ```
/// use platewise::qc::across_plates::Limits;
///
/// // A history of 20 accepted plates fixes them; until then they are provisional.
/// let limits = Limits { mean: 96.5, sd: 4.1, plates: 20, fixed: true };
/// assert!((limits.mean + 2.0 * limits.sd - 104.7).abs() < 1e-9, "the warning line");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Plates that they come from.
    pub plates: usize,
    /// Whether they are fixed; provisional otherwise.
    pub fixed: bool,
}

/// A number in its chart.
///
/// ```
/// use platewise::qc::across_plates::{History, chart::charts};
/// use platewise::sheet::Book;
///
/// // The low control on 21 plates: steady between 95 and 99, and then 110.
/// let mut csv = "study,plate,kit_lot,accepted,kind,name,nominal,set,value,unit\n".to_string();
/// for plate in 0..21 {
///     let value = if plate == 20 { 110 } else { 95 + plate % 5 };
///     csv += &format!("S,P{plate},A,Y,control,low,100,1,{value},pg/mL\n");
/// }
/// let history = History::read(&Book::from_bytes(csv.as_bytes(), "history.csv")?.sheets[0], "pg/mL")?;
/// let assay = platewise::protocol::read(std::path::Path::new("plates"))?.assay;
/// let chart = &charts(&history, &assay.across_plates)[0];
/// let last = &chart.points[20];
/// assert!(last.limits.is_some_and(|limits| limits.fixed && limits.plates == 20));
/// assert!(last.broken.iter().any(|(rule, _)| rule.name() == "1_3s"), "{:?}", last.z());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ChartPoint {
    /// The number.
    pub observation: Observation,
    /// Place of its plate among all plates of the history, from 0.
    pub run: usize,
    /// What it is compared with; `None` with too few plates, or plates that all have one value.
    pub limits: Option<Limits>,
    /// The rules that it completes, each with the numbers that take part, in words.
    pub broken: Vec<(Rule, String)>,
}

impl ChartPoint {
    /// (value − mean) / s.
    pub fn z(&self) -> Option<f64> {
        self.limits.map(|limits| (self.observation.value - limits.mean) / limits.sd)
    }
}

/// The numbers of an item on the plates of one kit lot.
///
/// See [`AcrossPlates`](super::AcrossPlates) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What is charted.
    pub item: Item,
    /// Lot of the kit; empty where it is not known.
    pub kit_lot: String,
    /// Its numbers, in the order of the plates.
    pub points: Vec<ChartPoint>,
}

/// The charts of all items and lots, in the order in which the history brings them.
pub fn charts(history: &History, settings: &AcrossPlatesSettings) -> Vec<Chart> {
    // The place of each plate in the order, and where the charts of a lot stand: a history may have thousands of both.
    let mut runs: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut of_lot: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut charts: Vec<Chart> = Vec::new();
    for observation in &history.observations {
        let next = runs.len();
        let run = *runs.entry((&observation.study, &observation.plate)).or_insert(next);
        let point = ChartPoint { observation: observation.clone(), run, limits: None, broken: Vec::new() };
        let of_lot = of_lot.entry(&observation.kit_lot).or_default();
        match of_lot.iter().find(|&&at| charts[at].item == observation.item) {
            Some(&at) => charts[at].points.push(point),
            None => {
                of_lot.push(charts.len());
                let (item, kit_lot) = (observation.item.clone(), observation.kit_lot.clone());
                charts.push(Chart { item, kit_lot, points: vec![point] });
            }
        }
    }
    charts.iter_mut().for_each(|chart| set_limits(chart, settings.limits_from_plates));
    apply_rules(&mut charts, settings);
    charts
}

fn set_limits(chart: &mut Chart, fixed_from: usize) {
    let accepted = |chart: &Chart| -> Vec<usize> {
        let mut runs: Vec<usize> =
            chart.points.iter().filter(|point| point.observation.accepted).map(|point| point.run).collect();
        runs.dedup();
        runs
    };
    let runs = accepted(chart);
    let fixed = runs.len() >= fixed_from;
    let basis = &runs[..runs.len().min(fixed_from)];
    let values: Vec<(usize, f64)> = chart
        .points
        .iter()
        .filter(|point| point.observation.accepted && basis.contains(&point.run))
        .map(|point| (point.run, point.observation.value))
        .collect();
    for point in &mut chart.points {
        let counts = |run: usize| fixed || run != point.run;
        let plates = basis.iter().filter(|run| counts(**run)).count();
        let against: Vec<f64> = values.iter().filter(|(run, _)| counts(*run)).map(|(_, value)| *value).collect();
        let limits = Moments::of(&against).ok().and_then(|moments| {
            let sd = moments.sd.filter(|sd| *sd > 0.0)?;
            Some(Limits { mean: moments.mean, sd, plates, fixed })
        });
        point.limits = limits.filter(|_| plates >= FEWEST);
    }
}

/// Applies Westgard's rules: to all controls of a lot together, and to every other item by itself.
fn apply_rules(charts: &mut [Chart], settings: &AcrossPlatesSettings) {
    let mut of_lot: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, chart) in charts.iter().enumerate().filter(|(_, chart)| chart.item.is_control()) {
        of_lot.entry(chart.kit_lot.clone()).or_default().push(at);
    }
    for controls in of_lot.into_values() {
        apply_to(charts, &controls, RuleSet::for_levels(controls.len(), settings.same_side));
    }
    for at in (0..charts.len()).filter(|&at| !charts[at].item.is_control()).collect::<Vec<_>>() {
        apply_to(charts, &[at], RuleSet::for_levels(1, settings.same_side));
    }
}

fn apply_to(charts: &mut [Chart], together: &[usize], rules: RuleSet) {
    // In the order of measurement: plate by plate, and on a plate set by set through the levels.
    let mut order: Vec<(usize, usize, usize, usize, f64)> = Vec::new();
    for (material, &chart) in together.iter().enumerate() {
        for (at, point) in charts[chart].points.iter().enumerate() {
            order.extend(point.z().map(|z| (point.run, point.observation.set, material, at, z)));
        }
    }
    order.sort_by_key(|one| (one.0, one.1, one.2, one.3));
    let values: Vec<ControlValue> =
        order.iter().map(|&(run, _, material, _, z)| ControlValue { run, material, z }).collect();
    let words = |index: usize| {
        let (_, set, material, at, z) = order[index];
        let chart = &charts[together[material]];
        format!("{} {} set {set} {z:+.2} s", chart.points[at].observation.plate, chart.item)
    };
    let broken: Vec<(usize, usize, Rule, String)> = violations(&values, rules)
        .into_iter()
        .map(|violation| {
            let (_, _, material, at, _) = order[violation.at];
            let members: Vec<String> = violation.values.iter().map(|&index| words(index)).collect();
            (together[material], at, violation.rule, members.join("; "))
        })
        .collect();
    for (chart, at, rule, words) in broken {
        charts[chart].points[at].broken.push((rule, words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> AcrossPlatesSettings {
        crate::qc::across_plates::example::assay("").across_plates
    }

    fn history(values: &[f64], rejected: &[usize]) -> History {
        let observation = |(at, &value): (usize, &f64)| Observation {
            study: "S".into(),
            plate: format!("P{at}"),
            kit_lot: "L".into(),
            accepted: !rejected.contains(&at),
            item: Item::Control { level: "low".into(), nominal: Some(100.0) },
            set: 1,
            value,
            unit: "pg/mL".into(),
        };
        History { observations: values.iter().enumerate().map(observation).collect() }
    }

    #[test]
    fn limits_are_provisional_without_the_plate_itself_and_then_fixed() {
        let mut values = vec![99.0, 101.0, 98.0, 102.0, 100.0, 150.0];
        let few = charts(&history(&values, &[]), &settings());
        let last = &few[0].points[5];
        let limits = last.limits.unwrap();
        assert_eq!((limits.mean, limits.plates, limits.fixed), (100.0, 5, false));
        assert!((last.z().unwrap() - 50.0 / 2.5f64.sqrt()).abs() < 1e-12);
        assert!(last.broken.iter().any(|(rule, _)| *rule == Rule::OneBeyond3s));
        assert_eq!(
            charts(&history(&values[..5], &[]), &settings())[0].points[0].limits,
            None,
            "four others are too few"
        );

        values = (0..30).map(|i| if i % 2 == 0 { 99.0 } else { 101.0 }).collect();
        values[25] = 200.0;
        let many = charts(&history(&values, &[]), &settings());
        let limits = many[0].points[0].limits.unwrap();
        assert_eq!((limits.mean, limits.plates, limits.fixed), (100.0, 20, true));
        assert_eq!(many[0].points[29].limits, many[0].points[0].limits, "fixed limits are those of all plates");
    }

    #[test]
    fn rejected_plates_are_charted_and_set_no_limits() {
        let values = [99.0, 101.0, 98.0, 102.0, 100.0, 150.0, 100.5];
        let chart = &charts(&history(&values, &[5]), &settings())[0];
        assert_eq!(chart.points.len(), 7);
        let mean_of_six = (99.0 + 101.0 + 98.0 + 102.0 + 100.0 + 100.5) / 6.0;
        assert!((chart.points[5].limits.unwrap().mean - mean_of_six).abs() < 1e-12);
    }

    #[test]
    fn each_lot_has_its_own_chart() {
        let mut history = history(&[100.0; 4], &[]);
        history.observations[3].kit_lot = "M".into();
        assert_eq!(charts(&history, &settings()).len(), 2);
    }

    /// Numbers that are all the same have no standard deviation to be compared with.
    #[test]
    fn numbers_that_are_all_the_same_have_no_limits() {
        let chart = &charts(&history(&[100.0; 7], &[]), &settings())[0];
        assert!(
            chart.points.iter().all(|point| point.limits.is_none() && point.z().is_none() && point.broken.is_empty())
        );
    }

    /// Of one plate the sets stand one after the other through the levels; words name each number that takes part.
    #[test]
    fn the_rules_are_applied_in_the_order_of_measurement() {
        let mut history = history(&[99.0, 101.0, 98.0, 102.0, 100.0, 104.5, 100.0, 104.5], &[]);
        let last = history.observations.len() - 1;
        history.observations[last].plate = "P5".into();
        history.observations[last].set = 2;
        let chart = &charts(&history, &settings())[0];
        let broken = |at: usize| {
            chart.points[at].broken.iter().map(|(rule, words)| (rule.name(), words.clone())).collect::<Vec<_>>()
        };
        assert!(broken(6).is_empty());
        let twice = broken(7).into_iter().find(|(rule, _)| rule == "2_2s").unwrap();
        // The others are 98 to 102 with a mean of 100 and s = √2: 4.5 is 3.18 s.
        assert_eq!(twice.1, "P5 control low (100) set 1 +3.18 s; P5 control low (100) set 2 +3.18 s");
    }
}
