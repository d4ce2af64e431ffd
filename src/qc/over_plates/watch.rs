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
/// let over = &study.over_plates;
/// // Every number of every plate is in a chart, and goes into the history of the next study.
/// let charted: usize = over.charts.iter().map(|chart| chart.points.len()).sum();
/// assert_eq!(charted, over.history.observations.len());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct OverPlates {
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

impl OverPlates {
    /// Watches the plates of a study, after the plates of `earlier`. Broken Westgard rules of the controls become findings of
    /// their plates: warnings, or, where the method says so and the limits are fixed, reasons to reject. The limits are those
    /// of the verdicts before: a plate that is rejected here does not move them within the run.
    pub fn watch(plates: &mut [JudgedPlate], earlier: &History, assay: &Assay) -> Self {
        let run = History::of_study(plates, assay);
        let mut warnings = changed(earlier, &run, assay);
        let mut history = earlier.followed_by(&run);
        let mut charts = charts(&history, &assay.over_plates);
        let study = assay.study.id.as_str();
        let mut movements = Vec::new();
        let points = by_plate(&charts, study);
        for plate in plates.iter_mut().filter(|plate| plate.concentrations.is_some()) {
            let points = points.get(plate.id.as_str()).map(Vec::as_slice).unwrap_or_default();
            movements.push(movement(&plate.id, points, &assay.acceptance));
            plate.add(findings(points, assay.over_plates.westgard_rejects));
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
        let alarm = assay.over_plates.false_alarm_percent / 100.0;
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
    let file = assay.over_plates.history.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
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
