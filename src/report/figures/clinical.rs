//! The figures of the clinical measures.

use super::NamedFigure;
use crate::files::file_names;
use crate::report::StudyReport;
use crate::report::figure::{ScatterArm, ScatterFigure, ScatterPoint, scatter};
use crate::report::words;
use crate::study::clinical::{Clinical, CorrelationMethod, MeasureCorrelation};

/// For each measure whose change is correlated: that over the change of the analyte.
pub fn of_clinical(report: &StudyReport<'_>, clinical: &Clinical) -> Vec<NamedFigure> {
    let mut measures: Vec<&str> = Vec::new();
    for pair in &clinical.pairs {
        if !measures.contains(&pair.measure.as_str()) {
            measures.push(&pair.measure);
        }
    }
    let named = |(measure, name): (&&str, String)| NamedFigure {
        name: format!("correlation_{name}"),
        figure: scatter(&figure(report, clinical, measure)),
    };
    measures.iter().zip(file_names(&measures)).map(named).collect()
}

fn figure(report: &StudyReport<'_>, clinical: &Clinical, measure: &str) -> ScatterFigure {
    let study = &report.protocol.assay.study;
    let of_measure = |row: &&MeasureCorrelation| row.measure == measure && row.way == CorrelationMethod::Spearman;
    let spearman: Vec<&MeasureCorrelation> = clinical.correlations.iter().filter(of_measure).collect();
    let correlation = |row: &MeasureCorrelation| match row.r {
        Some(r) => format!("ρ {:.2} ({:.2} to {:.2})", r.estimate, r.lower, r.upper),
        None => "no ρ".to_string(),
    };
    let arm = |row: &&MeasureCorrelation| {
        let arm = row.arm.clone()?;
        let own = clinical.pairs.iter().filter(|pair| pair.measure == measure && pair.arm == arm);
        let point = |pair: &crate::study::clinical::ChangePair| ScatterPoint {
            subject: pair.subject.clone(),
            ratio: pair.ratio,
            change: pair.percent,
            limit: pair.limit,
        };
        Some(ScatterArm { points: own.map(point).collect(), correlation: correlation(row), arm })
    };
    let all = spearman.iter().find(|row| row.arm.is_none());
    let visit = all.and_then(|row| row.visit.clone()).unwrap_or_default();
    ScatterFigure {
        title: format!("{measure} and {}, change from baseline to {}", study.analyte, visit.to_lowercase()),
        subtitle: format!(
            "Spearman's ρ with {} % confidence interval; all arms together {}",
            words::percent(report.protocol.assay.method.confidence),
            all.map(|row| correlation(row)).unwrap_or_default()
        ),
        ratio: format!("{}, {} / baseline", study.analyte, visit.to_lowercase()),
        change: format!("Change of {measure} (%)"),
        arms: spearman.iter().filter_map(arm).collect(),
        simulated: study.simulated,
        layout: report.layout,
    }
}
