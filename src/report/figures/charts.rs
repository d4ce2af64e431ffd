//! The control charts: controls, and what the curves, standards, blanks and top responses did, across plates.

use std::collections::BTreeMap;

use super::NamedFigure;
use crate::concentration::PlateConcentrations;
use crate::concentration::quantity::significant;
use crate::files::file_names;
use crate::qc::across_plates::{Chart, ChartPoint, Item};
use crate::report::StudyReport;
use crate::report::figure::{ControlChartFigure, ControlPlate, control_chart};

/// Plates that a chart shows: the newest.
const SHOWN: usize = 60;

/// A chart for each level of the controls.
pub fn control_charts(report: &StudyReport<'_>) -> Vec<NamedFigure> {
    let items: Vec<Item> = items(report).into_iter().filter(|item| item.is_control()).collect();
    let names: Vec<&str> = items.iter().map(|item| item.name()).collect();
    let named =
        |(item, name)| NamedFigure { name: format!("control_{name}"), figure: control_chart(&figure(report, item)) };
    items.iter().zip(file_names(&names)).map(named).collect()
}

/// A chart for each parameter of the curve, each standard read back, the blank and the top response.
pub fn charts_of_curves(report: &StudyReport<'_>) -> Vec<NamedFigure> {
    let items: Vec<Item> = items(report).into_iter().filter(|item| !item.is_control()).collect();
    let name = |item: &Item| match item {
        // No point: what follows one would be the kind of file.
        Item::Standard { nominal } => format!("standard_{}", significant(*nominal, 6).replace('.', "_")),
        other => format!("{}_{}", other.kind(), other.name()),
    };
    let names: Vec<String> = items.iter().map(name).collect();
    let named =
        |(item, name)| NamedFigure { name: format!("chart_{name}"), figure: control_chart(&figure(report, item)) };
    items.iter().zip(file_names(&names)).map(named).collect()
}

/// What is charted on the plates of this study, each once; of a control also what only plates without a value have. Nothing where
/// there is one plate only.
fn items(report: &StudyReport<'_>) -> Vec<Item> {
    let study = &report.protocol.assay.study.id;
    let mut items: Vec<Item> = Vec::new();
    if !report.has_charts() {
        return items;
    }
    let charted = report
        .across_plates
        .charts
        .iter()
        .filter(|chart| chart.points.iter().any(|point| point.observation.study == *study));
    let controls = report.plates.iter().filter_map(|plate| plate.concentrations.as_ref()).flat_map(|plate| {
        let item = |level: &String, nominal| Item::Control { level: level.clone(), nominal };
        plate.controls.iter().map(move |control| item(&control.group.name, control.nominal))
    });
    for item in charted.map(|chart| chart.item.clone()).chain(controls) {
        if !items.contains(&item) {
            items.push(item);
        }
    }
    items
}

fn figure(report: &StudyReport<'_>, item: &Item) -> ControlChartFigure {
    let study = &report.protocol.assay.study;
    let charts: Vec<&Chart> = report.across_plates.charts.iter().filter(|chart| chart.item == *item).collect();
    let mut points: Vec<&ChartPoint> =
        charts.iter().flat_map(|chart| &chart.points).filter(|point| point.observation.study != study.id).collect();
    points.sort_by_key(|point| point.run);
    let mut plates: Vec<ControlPlate> = Vec::new();
    for run in points.chunk_by(|one, other| one.run == other.run) {
        let label = format!("{} {}", run[0].observation.study, run[0].observation.plate);
        plates.push(control_plate(label, run[0].observation.accepted, run, 0));
    }
    let mut of_plates: BTreeMap<&str, Vec<&ChartPoint>> = BTreeMap::new();
    for point in charts.iter().flat_map(|chart| &chart.points).filter(|point| point.observation.study == study.id) {
        of_plates.entry(&point.observation.plate).or_default().push(point);
    }
    for plate in report.plates {
        let points = of_plates.remove(plate.id.as_str()).unwrap_or_default();
        let expected = plate.concentrations.as_ref().map_or(0, |results| numbers_of(item, results));
        let accepted = plate.verdict.verdict.is_accepted();
        plates.push(control_plate(plate.id.clone(), accepted, &points, expected.saturating_sub(points.len())));
    }
    let left_out = plates.len().saturating_sub(SHOWN);
    let (title, quantity) = match item {
        Item::Control { level, .. } => (format!("Control {level} across plates"), "Concentration"),
        Item::Parameter(letter) => (format!("Parameter {letter} of the curve across plates"), letter.as_str()),
        Item::Standard { nominal } => {
            (format!("Standard {} {} back-calculated, across plates", significant(*nominal, 6), study.unit), "Bias")
        }
        Item::Blank => ("Response without analyte across plates".to_string(), "Response"),
        Item::Top => ("Response of the highest standard across plates".to_string(), "Response"),
    };
    ControlChartFigure {
        title,
        subtitle: if left_out > 0 {
            format!("the newest {SHOWN} plates; {left_out} more in charts.csv")
        } else {
            String::new()
        },
        quantity: quantity.into(),
        unit: charts.first().and_then(|chart| chart.points.first()).map_or_else(
            || if item.is_control() { study.unit.clone() } else { String::new() },
            |point| point.observation.unit.clone(),
        ),
        nominal: item.nominal().filter(|_| item.is_control()),
        limit_percent: report.protocol.assay.acceptance.control_bias_percent,
        plates: plates.split_off(left_out),
        simulated: study.simulated,
        layout: report.layout,
    }
}

/// How many numbers of an item an evaluated plate has where all of them can be computed.
fn numbers_of(item: &Item, results: &PlateConcentrations) -> usize {
    match item {
        Item::Control { level, nominal } => {
            results.controls.iter().filter(|set| set.group.name == *level && set.nominal == *nominal).count()
        }
        Item::Standard { nominal } => results.standards.iter().filter(|level| level.nominal == *nominal).count(),
        Item::Parameter(_) => 1,
        Item::Blank | Item::Top => 0,
    }
}

fn control_plate(plate: String, accepted: bool, points: &[&ChartPoint], without_value: usize) -> ControlPlate {
    let mut rules: Vec<String> = points.iter().flat_map(|point| &point.broken).map(|(rule, _)| rule.name()).collect();
    rules.sort();
    rules.dedup();
    ControlPlate {
        plate,
        accepted,
        values: points.iter().map(|point| point.observation.value).collect(),
        without_value,
        limits: points.first().and_then(|point| point.limits).map(|limits| (limits.mean, limits.sd)),
        rules: rules.join(" "),
    }
}
