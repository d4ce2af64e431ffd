//! Everything that is asked across the plates of a study, together.

use std::collections::{BTreeMap, BTreeSet};

use super::chart::{Chart, ChartPoint, charts};
use super::effect::{self, Effect};
use super::history::{History, Observation};
use super::lots::{LotBridge, lots};
use super::movement::{Movement, movement};
use super::parallelism::{Parallelism, parallelism};
use super::precision::{Precision, precision};
use super::test_samples::TestSamples;
use super::westgard::WESTGARD_REJECTS;
use crate::concentration::PlateConcentrations;
use crate::protocol::{Assay, STUDY_FILE};
use crate::qc::{Finding, JudgedPlate, Outcome};
use crate::sheet::{Code, Location, Problem};

/// What the plates of a study say together.
///
/// ```
/// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
/// let over = &study.across_plates;
/// // Every number of every plate is in a chart, and goes into the history of the next study.
/// let charted: usize = over.charts.iter().map(|chart| chart.points.len()).sum();
/// assert_eq!(charted, over.history.observations.len());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct AcrossPlates {
    /// The given history with this study's plates: what the next study starts from.
    pub history: History,
    /// The control charts.
    pub charts: Vec<Chart>,
    /// What moved, plate by plate of this study.
    pub movements: Vec<Movement>,
    /// Precision, bias and total error of the controls over the accepted plates.
    pub precision: Vec<Precision>,
    /// Effects of position and drift.
    pub effects: Vec<Effect>,
    /// Samples that were diluted in steps.
    pub parallelism: Vec<Parallelism>,
    /// Every kit lot beside the one before.
    pub lots: Vec<LotBridge>,
    /// Spiked samples and incurred samples; filled in when there are results ([`TestSamples::evaluate`]).
    pub tests: TestSamples,
    /// What should be known of the given history.
    pub warnings: Vec<Problem>,
}

impl AcrossPlates {
    /// Watches the plates of a study, after the plates of `earlier`. Broken Westgard rules of the controls become findings of
    /// their plates: warnings, or, where the method says so and the limits are fixed, reasons to reject. The limits are those
    /// of the verdicts before: a plate that is rejected here does not move them within the run.
    pub fn watch(plates: &mut [JudgedPlate], earlier: &History, assay: &Assay) -> Self {
        let run = History::of_study(plates, assay);
        let mut warnings = changed(earlier, &run, assay);
        let mut history = earlier.followed_by(&run);
        let mut charts = charts(&history, &assay.across_plates);
        let study = assay.study.id.as_str();
        let mut movements = Vec::new();
        let points = by_plate(&charts, study);
        for plate in plates.iter_mut().filter(|plate| plate.concentrations.is_some()) {
            let points = points.get(plate.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            movements.push(movement(&plate.id, points, &assay.acceptance));
            plate.add(findings(points, assay.across_plates.westgard_rejects));
        }
        let not_accepted: BTreeSet<&str> =
            plates.iter().filter(|plate| !plate.verdict.verdict.is_accepted()).map(|plate| plate.id.as_str()).collect();
        let rejected_here =
            |one: &Observation| one.accepted && one.study == study && not_accepted.contains(one.plate.as_str());
        let of_charts = charts.iter_mut().flat_map(|chart| &mut chart.points).map(|point| &mut point.observation);
        for observation in history.observations.iter_mut().chain(of_charts) {
            observation.accepted &= !rejected_here(observation);
        }
        let evaluated: Vec<&PlateConcentrations> =
            plates.iter().filter_map(|plate| plate.concentrations.as_ref()).collect();
        let alarm = assay.across_plates.false_alarm_percent / 100.0;
        let confidence = assay.method.confidence;
        let mut effects = effect::position(&evaluated, alarm, confidence);
        effects.extend(effect::drift(&evaluated, assay.acceptance.controls_bracket, alarm, confidence));
        warnings.extend(effects.iter().filter_map(|effect| warning(effect, &evaluated)));
        Self {
            precision: precision(plates, &history, assay),
            effects,
            parallelism: evaluated.iter().flat_map(|plate| parallelism(plate, assay)).collect(),
            lots: lots(plates, assay),
            tests: TestSamples::default(),
            history,
            charts,
            movements,
            warnings,
        }
    }
}

/// An effect that is warned of, in words.
fn warning(effect: &Effect, plates: &[&PlateConcentrations]) -> Option<Problem> {
    let found = effect.found.as_ref().ok().filter(|found| found.warned())?;
    let of_plate = |plate: &&&PlateConcentrations| Some(&plate.plate.id) == effect.plate.as_ref();
    let at = plates.iter().find(of_plate).map_or_else(|| STUDY_FILE.to_string(), |plate| plate.plate.export.clone());
    let place =
        effect.plate.as_ref().map_or_else(|| "all plates together".to_string(), |plate| format!("plate '{plate}'"));
    let words = format!(
        "{place}: {} changes the {} by {:+.1} % ({:+.1} to {:+.1} %)",
        effect.name,
        if effect.name == "drift" { "controls, first to last," } else { "response" },
        found.percent,
        found.lower,
        found.upper
    );
    let code = match (effect.name.as_str(), &effect.plate) {
        ("drift", _) => Code::new("controls-drift"),
        (_, None) => Code::new("effect-on-all-plates"),
        (_, Some(_)) => Code::new("effect-on-plate"),
    };
    Some(
        Problem::new(code, Location::file(at), words)
            .advice("Nothing was corrected; look at how the plate was filled and kept"),
    )
}

/// The points of each plate of a study, by chart: asked for every plate, so sorted once.
fn by_plate<'a>(charts: &'a [Chart], study: &str) -> BTreeMap<String, Vec<(&'a Chart, Vec<&'a ChartPoint>)>> {
    let mut plates: BTreeMap<String, Vec<(&Chart, Vec<&ChartPoint>)>> = BTreeMap::new();
    for chart in charts {
        for point in chart.points.iter().filter(|point| point.observation.study == study) {
            let of_plate = plates.entry(point.observation.plate.clone()).or_default();
            match of_plate.last_mut() {
                Some((last, points)) if std::ptr::eq(*last, chart) => points.push(point),
                _ => of_plate.push((chart, vec![point])),
            }
        }
    }
    plates
}

/// The broken rules of the controls of a plate.
fn findings(points: &[(&Chart, Vec<&ChartPoint>)], rejects: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (chart, points) in points.iter().filter(|(chart, _)| chart.item.is_control()) {
        for point in points {
            let fixed = point.limits.is_some_and(|limits| limits.fixed);
            for (rule, words) in point.broken.iter().filter(|(rule, _)| !rule.warns_only()) {
                let outcome = if rejects && fixed { Outcome::Fail } else { Outcome::Warning };
                let observed = format!("{}: {words}", rule.name());
                let limit = format!("not {}", rule.words());
                findings.push(Finding::new(WESTGARD_REJECTS, chart.item.to_string(), observed, limit, outcome));
            }
        }
    }
    findings
}

/// Numbers of the given history that this run has otherwise: one warning a plate.
fn changed(earlier: &History, run: &History, assay: &Assay) -> Vec<Problem> {
    let file = assay.across_plates.history.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let pairs = earlier.changed_by(run);
    let mut plates: Vec<&str> = pairs.iter().map(|(one, _)| one.plate.as_str()).collect();
    plates.dedup();
    let warning = |plate: &str| {
        let of_plate: Vec<_> = pairs.iter().filter(|(one, _)| one.plate == plate).collect();
        let words = of_plate.first().map(|(one, new)| format!("{} was {}, is {}", one.item, one.value, new.value));
        Problem::new(
            Code::new("history-differs"),
            Location::file(file.as_str()),
            format!(
                "{} numbers of plate '{plate}' differ from this run's: {}",
                of_plate.len(),
                words.unwrap_or_default()
            ),
        )
        .advice("The plate was evaluated otherwise when that history was written; the charts use this run's numbers")
    };
    plates.into_iter().map(warning).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::{Item, example};

    fn control(study: &str, plate: &str, value: f64) -> Observation {
        Observation {
            study: study.into(),
            plate: plate.into(),
            kit_lot: String::new(),
            accepted: true,
            item: Item::Control { level: "low".into(), nominal: Some(90.0) },
            set: 1,
            value,
            unit: "pg/mL".into(),
        }
    }

    /// Twenty plates of an earlier study, one of which has the name of one of ours, with the low control at 89, 90 or 91, or ten times that.
    fn earlier(times: f64) -> History {
        let plate = |at: usize| if at == 0 { "P0".to_string() } else { format!("E{at}") };
        let value = |at: usize| times * (89.0 + (at % 3) as f64);
        History { observations: (0..20).map(|at| control("before", &plate(at), value(at))).collect() }
    }

    fn watched(settings: &str, times: f64) -> (Vec<JudgedPlate>, AcrossPlates) {
        let assay = example::assay(settings);
        let judged = |at: u64| JudgedPlate::judge(example::plate(&format!("P{at}"), &[], 1.0, 80 + at), &assay);
        let mut plates: Vec<JudgedPlate> = (0..2).map(judged).collect();
        // The second plate has no low control: no rule of the history is broken by it.
        plates[1].concentrations.as_mut().unwrap().controls.retain(|set| set.group.name != "low");
        assert!(plates.iter().all(|plate| plate.verdict.verdict.is_accepted()));
        let over = AcrossPlates::watch(&mut plates, &earlier(times), &assay);
        (plates, over)
    }

    /// A plate that breaks a rule of the charts is rejected where the method says so, and then counts as one in history and charts: it
    /// alone, and not the plate of that name of another study.
    #[test]
    fn a_plate_out_of_control_is_rejected_where_the_method_says_so() {
        let accepted = |over: &AcrossPlates, study: &str, plate: &str| {
            let in_charts = over.charts.iter().flat_map(|chart| &chart.points).map(|point| &point.observation);
            let of: BTreeSet<bool> = over
                .history
                .observations
                .iter()
                .chain(in_charts)
                .filter(|one| one.study == study && one.plate == plate)
                .map(|one| one.accepted)
                .collect();
            of.into_iter().collect::<Vec<_>>()
        };
        let (plates, over) = watched("[across_plates]\nwestgard_rejects = true", 10.0);
        let verdicts =
            |plates: &[JudgedPlate]| plates.iter().map(|plate| plate.verdict.verdict.is_accepted()).collect::<Vec<_>>();
        assert_eq!(verdicts(&plates), [false, true]);
        assert!(plates[0].verdict.reason.contains("1_3s"), "{}", plates[0].verdict.reason);
        assert_eq!([accepted(&over, "S", "P0"), accepted(&over, "S", "P1")], [[false], [true]]);
        assert_eq!([accepted(&over, "before", "P0"), accepted(&over, "before", "E1")], [[true], [true]]);
        let (plates, over) = watched("", 10.0);
        assert_eq!(verdicts(&plates), [true, true]);
        assert!(
            plates[0]
                .verdict
                .findings
                .iter()
                .any(|one| one.rule == WESTGARD_REJECTS && one.outcome == Outcome::Warning)
        );
        assert_eq!(accepted(&over, "S", "P0"), [true]);
    }

    /// Numbers of the given history that this run has otherwise are one warning a plate, with the first of them.
    #[test]
    fn numbers_that_changed_are_warned_of_plate_by_plate() {
        let of = |values: [f64; 3]| History {
            observations: [("P1", values[0]), ("P1", values[1]), ("P2", values[2])]
                .iter()
                .enumerate()
                .map(|(set, &(plate, value))| Observation { set, ..control("S", plate, value) })
                .collect(),
        };
        let assay = example::assay("");
        let words = |given: [f64; 3]| {
            let found = changed(&of(given), &of([90.0, 91.0, 92.0]), &assay);
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert!(words([90.0, 91.0, 92.0]).is_empty());
        let found = words([80.0, 81.0, 82.0]);
        assert_eq!(found.len(), 2);
        assert!(
            found[0].contains("2 numbers of plate 'P1' differ from this run's: control low (90) was 80, is 90"),
            "{found:?}"
        );
        assert!(found[1].contains("1 numbers of plate 'P2' differ"), "{found:?}");
    }

    /// An effect is warned of where its p-value is below the threshold, at the export of its plate.
    #[test]
    fn an_effect_is_said_with_its_interval() {
        let plate = example::plate("P", &[], 1.0, 1);
        let said = |plate_of: Option<&str>, name: &str, p: f64| {
            let found = effect::TestedEffect { groups: 9, percent: 12.0, lower: 7.1, upper: 17.0, p, threshold: 1e-3 };
            let effect = Effect { plate: plate_of.map(str::to_string), name: name.into(), found: Ok(found) };
            warning(&effect, &[&plate]).map(|problem| problem.to_string())
        };
        let of_plate = said(Some("P"), "edge", 1e-4).unwrap();
        assert!(of_plate.contains("plate 'P': edge changes the response by +12.0 % (+7.1 to +17.0 %)"), "{of_plate}");
        assert!(of_plate.starts_with("no export"), "{of_plate}");
        let of_all = said(None, "drift", 1e-4).unwrap();
        assert!(
            of_all.contains("all plates together: drift changes the controls, first to last, by +12.0 %"),
            "{of_all}"
        );
        assert!(of_all.starts_with(STUDY_FILE), "{of_all}");
        assert_eq!([said(Some("P"), "edge", 1e-3), said(None, "edge", 0.5)], [None, None]);
        let unknown = Effect { plate: None, name: "edge".into(), found: Err("too few".into()) };
        assert!(warning(&unknown, &[&plate]).is_none());
    }
}
