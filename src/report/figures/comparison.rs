//! The figures of the comparison of the arms.

use std::collections::{BTreeMap, BTreeSet};

use super::NamedFigure;
use crate::concentration::Quantity;
use crate::protocol::AnalysisId;
use crate::report::figure::{
    ChangeArm, ChangeFigure, FlowArm, FlowBox, FlowFigure, ForestFigure, ForestRow, LineValue, LinesArm, LinesFigure,
    MeansArm, MeansFigure, PercentChangeArm, PercentChangeFigure, PercentChangeVisit, QuantileBounds, SubjectLine,
    SubjectRatio, WaterfallFigure, change, flow, forest, lines, means, percent_change, waterfall,
};
use crate::report::{StudyReport, words};
use crate::study::covariates::listed;
use crate::study::quantile::Quantile;
use crate::study::{ArmComparison, Change, Comparison, IntervalEstimate};

/// The figures of the comparison, for each visit after baseline: forest, change per arm; waterfall; then the courses over all visits.
pub fn of_comparison(report: &StudyReport<'_>, comparison: &Comparison) -> Vec<NamedFigure> {
    let mut visits: Vec<&str> = Vec::new();
    for change in &comparison.changes {
        if !visits.contains(&change.visit.as_str()) {
            visits.push(&change.visit);
        }
    }
    let mut figures = Vec::new();
    for visit in visits {
        let week =
            report.protocol.visits().iter().find(|declared| declared.name == visit).map_or(0.0, |visit| visit.week);
        let named = |kind: &str, figure| NamedFigure { name: format!("{kind}_week_{week}"), figure };
        figures.push(named("comparison", forest(&forest_figure(report, &comparison.comparisons, visit))));
        if !report.has_grid() && comparison.sensitivity.iter().any(|row| row.visit == visit) {
            figures.push(named("sensitivity", forest(&sensitivity_figure(report, comparison, visit))));
        }
        figures.push(named("change", change(&change_figure(report, comparison, visit))));
        figures.push(named("waterfall", waterfall(&waterfall_figure(report, comparison, visit))));
    }
    if !comparison.subgroups.is_empty() {
        figures.push(NamedFigure { name: "subgroups".into(), figure: forest(&subgroups_figure(report, comparison)) });
    }
    if let Some(changes) = percent_change_figure(report, comparison) {
        figures.push(NamedFigure { name: "percent_change".into(), figure: percent_change(&changes) });
    }
    figures.push(NamedFigure { name: "courses".into(), figure: lines(&lines_figure(report, comparison)) });
    for (at, means_figure) in adjusted_means(report, comparison).iter().enumerate() {
        let name = if at == 0 { "adjusted_means".into() } else { format!("adjusted_means_{}", at + 1) };
        figures.push(NamedFigure { name, figure: means(means_figure) });
    }
    figures.push(NamedFigure { name: "flow".into(), figure: flow(&flow_figure(report, comparison)) });
    figures
}

fn flow_figure(report: &StudyReport<'_>, comparison: &Comparison) -> FlowFigure {
    let of_arm = |arm: &str| FlowArm {
        arm: arm.to_string(),
        boxes: comparison
            .flow
            .iter()
            .filter(|step| step.arm == arm)
            .map(|step| FlowBox {
                step: step.step.to_string(),
                participants: step.participants,
                samples: step.samples,
                lost: step.lost.iter().map(|(why, n)| format!("{why}: {n}")).collect(),
            })
            .collect(),
    };
    FlowFigure {
        title: "From randomisation to the primary analysis".into(),
        subtitle: "Participants with what the primary analysis needs; samples of all visits".into(),
        arms: arms(comparison).into_iter().map(of_arm).collect(),
        simulated: report.protocol.assay.study.simulated,
        layout: report.layout,
    }
}

/// The arms that are compared, where they are two; otherwise the words for any.
fn pair<'a>(rows: &[&'a ArmComparison]) -> (bool, &'a str, &'a str) {
    let pairs: BTreeSet<(&str, &str)> = rows.iter().map(|row| (row.active.as_str(), row.reference.as_str())).collect();
    match pairs.first() {
        Some((active, reference)) if pairs.len() == 1 => (true, active, reference),
        _ => (false, "arm", "reference"),
    }
}

fn forest_figure(report: &StudyReport<'_>, rows: &[ArmComparison], visit: &str) -> ForestFigure {
    let shown: Vec<&ArmComparison> = rows.iter().filter(|row| row.visit == visit).collect();
    let (one_pair, active, reference) = pair(&shown);
    let row = |row: &&ArmComparison| ForestRow {
        label: row.analysis.title().into(),
        arms: if one_pair { String::new() } else { format!("{} / {}", row.active, row.reference) },
        detail: if row.ratio.is_some() {
            format!("n = {} + {}{}", row.n[0], row.n[1], if row.primary { "; primary" } else { "" })
        } else {
            row.reason.clone()
        },
        ratio: row.ratio,
        numbers: row.p.map(words::p_value).unwrap_or_default(),
        primary: row.primary,
    };
    ForestFigure {
        title: format!("{active} against {reference}, {visit}"),
        subtitle: format!("Ratio of the changes from baseline, with {} % confidence interval", level(report)),
        ratio: format!("Ratio of geometric mean ratios to baseline, {active} / {reference}"),
        directions: [format!("← {active} falls more"), format!("{reference} falls more →")],
        rows: shown.iter().map(row).collect(),
        simulated: report.protocol.assay.study.simulated,
        layout: report.layout,
    }
}

/// The primary comparison, then the groups of each factor with the test of whether they differ.
fn subgroups_figure(report: &StudyReport<'_>, comparison: &Comparison) -> ForestFigure {
    let primaries: Vec<&ArmComparison> = comparison.comparisons.iter().filter(|row| row.primary).collect();
    let (one_pair, active, reference) = pair(&primaries);
    let of_pair = |row: &str| if one_pair { String::new() } else { format!("{row}: ") };
    let all = primaries.iter().map(|row| ForestRow {
        label: format!("{}all participants", of_pair(&row.active)),
        detail: format!("n = {} + {}; primary", row.n[0], row.n[1]),
        ratio: row.ratio,
        numbers: row.p.map(words::p_value).unwrap_or_default(),
        primary: true,
        ..ForestRow::default()
    });
    let groups = comparison.subgroups.iter().flat_map(|found| {
        let interaction = found.p.map(|p| format!("interaction {}", words::p_value(p))).unwrap_or_default();
        found.groups.iter().enumerate().map(move |(at, group)| ForestRow {
            label: format!("{}{}", of_pair(&found.active), group.name),
            detail: match group.ratio {
                Some(_) => format!("n = {} + {}", group.n[0], group.n[1]),
                None => group.reason.clone(),
            },
            ratio: group.ratio,
            numbers: if at == 0 { interaction.clone() } else { String::new() },
            ..ForestRow::default()
        })
    });
    let visit = primaries.first().map_or("", |row| row.visit.as_str());
    ForestFigure {
        title: format!("Does the ratio differ between groups of participants? {visit}"),
        subtitle: format!("Ratio of the changes from baseline, with {} % confidence interval", level(report)),
        ratio: format!("Ratio of geometric mean ratios to baseline, {active} / {reference}"),
        directions: [format!("← {active} falls more"), format!("{reference} falls more →")],
        rows: all.chain(groups).collect(),
        simulated: report.protocol.assay.study.simulated,
        layout: report.layout,
    }
}

/// The primary analysis under each rule for values below the limit.
fn sensitivity_figure(report: &StudyReport<'_>, comparison: &Comparison, visit: &str) -> ForestFigure {
    let forest = forest_figure(report, &comparison.sensitivity, visit);
    let rules = comparison.sensitivity.iter().filter(|row| row.visit == visit).map(|row| &row.below_limit_rule);
    let rows = forest.rows.into_iter().zip(rules).map(|(row, rule)| ForestRow {
        detail: format!("{}; {}", row.label, row.detail),
        label: rule.clone(),
        ..row
    });
    ForestFigure {
        title: format!("Does the rule for values outside the limits matter? {visit}"),
        rows: rows.collect(),
        ..forest
    }
}

pub(super) fn level(report: &StudyReport<'_>) -> String {
    words::percent(report.protocol.assay.method.confidence)
}

/// The arms in the order of the summaries.
fn arms(comparison: &Comparison) -> Vec<&str> {
    let mut arms: Vec<&str> = Vec::new();
    for summary in &comparison.arms {
        if !arms.contains(&summary.arm.as_str()) {
            arms.push(&summary.arm);
        }
    }
    arms
}

fn change_figure(report: &StudyReport<'_>, comparison: &Comparison, visit: &str) -> ChangeFigure {
    let study = &report.protocol.assay.study;
    let baseline = report.protocol.visits().iter().find(|visit| visit.baseline);
    let baseline = baseline.map_or("baseline", |visit| visit.name.as_str());
    let of_arm = |arm: &str| ChangeArm {
        arm: arm.to_string(),
        ratios: comparison
            .changes
            .iter()
            .filter(|change| change.arm == arm && change.visit == visit && change.excluded.is_empty())
            .filter_map(|change| {
                let limit = change.holds_limit();
                Some(SubjectRatio { subject: change.subject.clone(), ratio: change.ratio()?, limit })
            })
            .collect(),
        mean: comparison
            .arms
            .iter()
            .find(|summary| summary.arm == arm && summary.visit == visit)
            .and_then(|summary| summary.geometric_mean_ratio),
    };
    ChangeFigure {
        title: format!("Change of {} from {} to {visit}", study.analyte, baseline.to_lowercase()),
        subtitle: report.protocol.analysis().map(words::limit_rule).unwrap_or_default(),
        ratio: format!("{}, {} / {}", study.analyte, visit.to_lowercase(), baseline.to_lowercase()),
        level_percent: report.protocol.assay.method.confidence * 100.0,
        arms: arms(comparison).into_iter().map(of_arm).collect(),
        simulated: study.simulated,
        layout: report.layout,
    }
}

fn waterfall_figure(report: &StudyReport<'_>, comparison: &Comparison, visit: &str) -> WaterfallFigure {
    let ChangeFigure { title, subtitle, ratio, arms, simulated, layout, .. } = change_figure(report, comparison, visit);
    let bars = arms.iter().enumerate().flat_map(|(place, arm)| arm.ratios.iter().map(move |one| (place, one.clone())));
    WaterfallFigure {
        title: format!("{title}, each subject"),
        subtitle,
        ratio,
        bars: bars.collect(),
        arms: arms.iter().map(|arm| arm.arm.clone()).collect(),
        response: report
            .protocol
            .analysis()
            .and_then(|analysis| analysis.responder_fall_percent)
            .map(|percent| 1.0 - percent / 100.0),
        simulated,
        layout,
    }
}

fn lines_figure(report: &StudyReport<'_>, comparison: &Comparison) -> LinesFigure {
    let study = &report.protocol.assay.study;
    let baseline = report.protocol.visits().iter().find(|visit| visit.baseline).map_or(0.0, |visit| visit.week);
    let of_arm = |arm: &str| {
        let mut subjects: BTreeMap<&str, Vec<LineValue>> = BTreeMap::new();
        for change in comparison.changes.iter().filter(|change| change.arm == arm) {
            subjects.entry(&change.subject).or_default().extend(line_values(change, baseline));
        }
        let subjects = subjects.into_iter().map(|(subject, mut values)| {
            values.sort_by(|one, other| one.week.total_cmp(&other.week));
            values.dedup();
            SubjectLine { subject: subject.to_string(), values }
        });
        let summaries = comparison.arms.iter().filter(|summary| summary.arm == arm);
        LinesArm {
            arm: arm.to_string(),
            subjects: subjects.filter(|subject| !subject.values.is_empty()).collect(),
            means: summaries.filter_map(|summary| Some((summary.week, summary.geometric_mean?))).collect(),
        }
    };
    LinesFigure {
        title: format!("{} of every subject", study.analyte),
        subtitle: report.protocol.analysis().map(words::limit_rule).unwrap_or_default(),
        concentration: format!("{} ({})", study.analyte, study.unit),
        level_percent: report.protocol.assay.method.confidence * 100.0,
        visits: report.protocol.visits().iter().map(|visit| (visit.week, visit.name.clone())).collect(),
        arms: arms(comparison).into_iter().map(of_arm).collect(),
        simulated: study.simulated,
        layout: report.layout,
    }
}

/// The median percent changes; `None` where no arm has one.
fn percent_change_figure(report: &StudyReport<'_>, comparison: &Comparison) -> Option<PercentChangeFigure> {
    let study = &report.protocol.assay.study;
    let of_arm = |arm: &str| {
        let visits = comparison.arms.iter().filter(|summary| summary.arm == arm).filter_map(|summary| {
            let found = &summary.percent_change;
            let both = |one: Option<Quantile>, other: Option<Quantile>| Some((bounds(one?), bounds(other?)));
            Some(PercentChangeVisit {
                week: summary.week,
                n: found.n,
                median: bounds(found.median?),
                interval: both(found.lower, found.upper),
                quartiles: both(found.q1, found.q3),
            })
        });
        PercentChangeArm { arm: arm.to_string(), visits: visits.collect() }
    };
    let arms: Vec<PercentChangeArm> = arms(comparison).into_iter().map(of_arm).collect();
    let (before, after): (Vec<_>, Vec<_>) = report.protocol.visits().iter().partition(|visit| visit.baseline);
    let baseline = before.first()?;
    arms.iter().any(|arm| !arm.visits.is_empty()).then(|| PercentChangeFigure {
        title: format!("Median percent change of {} from baseline", study.analyte),
        subtitle: "Values outside the limits as such: what they leave open is shown as a range".into(),
        change: format!("{}, change from baseline", study.analyte),
        level_percent: report.protocol.assay.method.confidence * 100.0,
        baseline: (baseline.week, baseline.name.clone()),
        visits: after.into_iter().map(|visit| (visit.week, visit.name.clone())).collect(),
        arms,
        simulated: study.simulated,
        layout: report.layout,
    })
}

/// A quantile as the bounds that it lies between.
fn bounds(quantile: Quantile) -> QuantileBounds {
    match quantile {
        Quantile::Known(value) => QuantileBounds::known(value),
        Quantile::Below(high) => QuantileBounds { low: f64::NEG_INFINITY, high },
        Quantile::Above(low) => QuantileBounds { low, high: f64::INFINITY },
        Quantile::Between(low, high) => QuantileBounds { low, high },
    }
}

/// The adjusted means of each mixed model, where it has several visits: of all arms in one, or of each pair of arms.
fn adjusted_means(report: &StudyReport<'_>, comparison: &Comparison) -> Vec<MeansFigure> {
    let study = &report.protocol.assay.study;
    let in_order = self::arms(comparison);
    let means_of = |rows: &[&ArmComparison], which: usize| -> Vec<(f64, IntervalEstimate)> {
        let mean = |row: &&ArmComparison| {
            let visit = report.protocol.visits().iter().find(|visit| visit.name == row.visit)?;
            Some((visit.week, row.adjusted_means?[which]))
        };
        rows.iter().filter_map(mean).collect()
    };
    let of_model = |pairs: &[&[&ArmComparison]]| {
        let first = *pairs.first()?.first()?;
        let of_pair = |rows: &&[&ArmComparison]| Some((rows.first()?.active.clone(), means_of(rows, 0)));
        let mut arms: Vec<MeansArm> =
            pairs.iter().filter_map(of_pair).map(|(arm, means)| MeansArm { arm, means }).collect();
        // The reference arm of one model is the same beside every arm, where it has a mean.
        let reference = pairs.iter().map(|rows| means_of(rows, 1)).max_by_key(Vec::len)?;
        arms.push(MeansArm { arm: first.reference.clone(), means: reference });
        arms.retain(|arm| !arm.means.is_empty());
        // As in the other figures, so that an arm has one colour in all of them.
        arms.sort_by_key(|arm| in_order.iter().position(|name| *name == arm.arm));
        let names: Vec<String> = arms.iter().map(|arm| arm.arm.clone()).collect();
        let from = report.protocol.visits().iter().position(|visit| visit.baseline).unwrap_or_default();
        let visits = arms.iter().map(|arm| arm.means.len()).max()?;
        (visits > 1).then(|| MeansFigure {
            title: format!("Adjusted change of {} over the visits, {}", study.analyte, listed(&names)),
            subtitle: "Mixed model for repeated measures, at the mean log baseline".into(),
            ratio: format!("{}, visit / baseline", study.analyte),
            level_percent: report.protocol.assay.method.confidence * 100.0,
            visits: report.protocol.visits()[from..].iter().map(|visit| (visit.week, visit.name.clone())).collect(),
            arms,
            simulated: study.simulated,
            layout: report.layout,
        })
    };
    let rows: Vec<&ArmComparison> =
        comparison.comparisons.iter().filter(|row| row.analysis == AnalysisId::Mmrm).collect();
    let mut models: Vec<Vec<&[&ArmComparison]>> = Vec::new();
    for pair in rows.chunk_by(|one, next| one.active == next.active) {
        match models.iter_mut().find(|model| of_one_model(model[0], pair)) {
            Some(model) => model.push(pair),
            None => models.push(vec![pair]),
        }
    }
    models.iter().filter_map(|model| of_model(model)).collect()
}

/// Whether the comparisons of two arms are of one model: the reference arm then has the same adjusted means.
fn of_one_model(one: &[&ArmComparison], other: &[&ArmComparison]) -> bool {
    let of = |rows: &[&ArmComparison]| -> Vec<Option<IntervalEstimate>> {
        rows.iter().map(|row| row.adjusted_means.map(|[_, reference]| reference)).collect()
    };
    of(one).iter().any(Option::is_some) && of(one) == of(other)
}

/// The numbers of a change as they were analysed: at baseline and at its visit.
fn line_values(change: &Change, baseline: f64) -> Vec<LineValue> {
    let value = |week: f64, number: Option<f64>, quantity: &Option<Quantity>| {
        let limit = !matches!(quantity, Some(Quantity::Quantified(_)));
        number.map(|value| LineValue { week, value, limit })
    };
    let both = [value(baseline, change.base, &change.baseline), value(change.week, change.aval, &change.endpoint)];
    both.into_iter().flatten().collect()
}
