//! The figures of what was assumed of values that are missing.

use super::NamedFigure;
use super::comparison::level;
use crate::report::StudyReport;
use crate::report::figure::{ForestFigure, ForestRow, TippingFigure, forest, tipping};
use crate::report::words;
use crate::study::missing_data::{ImputedRatio, MissingData, TippingPoint, in_words};
use crate::study::{ArmComparison, Comparison};

/// For each arm that is compared: the ratio under each assumption, and the tipping point.
pub fn of_missing_data(report: &StudyReport<'_>, comparison: &Comparison) -> Vec<NamedFigure> {
    let found = &comparison.missing_data;
    let mut figures = Vec::new();
    for (at, of) in found.iter().enumerate() {
        let named = |kind: &str, figure| {
            let name = if found.len() == 1 { kind.to_string() } else { format!("{kind}_{}", at + 1) };
            NamedFigure { name, figure }
        };
        if !of.assumptions.is_empty() {
            figures.push(named("missing_data", forest(&assumptions(report, comparison, of))));
        }
        if let Some(tips) = &of.tipping {
            figures.push(named("tipping_point", tipping(&tipping_figure(report, of, tips))));
        }
    }
    figures
}

fn assumptions(report: &StudyReport<'_>, comparison: &Comparison, of: &MissingData) -> ForestFigure {
    let (active, reference) = (&of.active, &of.reference);
    let declared = comparison.comparisons.iter().find(|row| row.primary && row.active == *active);
    let declared = declared.map(|row: &ArmComparison| ForestRow {
        label: row.analysis.title().into(),
        detail: format!("n = {} + {}; primary, nothing imputed", row.n[0], row.n[1]),
        ratio: row.ratio,
        numbers: row.p.map(words::p_value).unwrap_or_default(),
        primary: true,
        ..ForestRow::default()
    });
    let row = |row: &ImputedRatio| ForestRow {
        label: in_words(row.assumption).into(),
        detail: format!("n = {} + {}, imputed {} + {}", of.n[0], of.n[1], of.imputed[0], of.imputed[1]),
        ratio: row.ratio,
        numbers: row.p.map(words::p_value).unwrap_or_default(),
        ..ForestRow::default()
    };
    ForestFigure {
        title: format!("Does it matter what is assumed of missing values? {active} against {reference}"),
        subtitle: format!(
            "Multiple imputation ({} times), with {} % confidence interval",
            of.imputations,
            level(report)
        ),
        ratio: format!("Ratio of geometric mean ratios to baseline, {active} / {reference}"),
        directions: [format!("← {active} falls more"), format!("{reference} falls more →")],
        rows: declared.into_iter().chain(of.assumptions.iter().map(row)).collect(),
        simulated: report.protocol.assay.study.simulated,
        layout: report.layout,
    }
}

fn tipping_figure(report: &StudyReport<'_>, of: &MissingData, tips: &TippingPoint) -> TippingFigure {
    let (active, reference) = (&of.active, &of.reference);
    TippingFigure {
        title: format!("How different would the missing values of {active} have to be? {}", of.visit),
        subtitle: format!(
            "Imputed for {} of {} participants of {active}; those of {reference} at random",
            of.imputed[0], of.n[0]
        ),
        factor: format!("Missing values of {active}, as a multiple of those expected at random"),
        ratio: format!("Ratio of ratios, {active} / {reference}"),
        level_percent: report.protocol.assay.method.confidence * 100.0,
        points: tips.points.iter().filter_map(|point| Some((point.factor, point.ratio?))).collect(),
        tips: tips.tips.into_iter().flatten().collect(),
        plausible: tips.plausible_factor,
        simulated: report.protocol.assay.study.simulated,
        layout: report.layout,
    }
}
