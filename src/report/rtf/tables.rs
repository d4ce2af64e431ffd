//! What the printed tables hold.

use super::document::{PrintedColumn, PrintedTable};
use crate::concentration::quantity::significant;
use crate::report::{StudyReport, words};
use crate::stats::quartile::{QuantileType, median, quantile, sorted};
use crate::stats::{printed_p, printed_ratio};
use crate::study::covariates::CovariateValue;
use crate::study::exclusion::ExclusionScope;
use crate::study::{ArmComparison, ArmSummary, Comparison, IntervalEstimate, Quantile, SubjectRecord};

/// The tables, in the order of a report.
pub(super) fn tables(report: &StudyReport<'_>, comparison: &Comparison) -> Vec<PrintedTable> {
    vec![
        demographics(report, comparison),
        change(report, comparison),
        compared(report, comparison),
        responders(report, comparison),
        left_out(comparison),
    ]
}

fn texts(head: impl Into<String>, width: f64) -> PrintedColumn {
    PrintedColumn::texts(head, width)
}

fn numbers(head: impl Into<String>, width: f64) -> PrintedColumn {
    PrintedColumn::numbers(head, width)
}

const RANDOMISED: &str = "All randomised participants";

fn level(report: &StudyReport<'_>) -> String {
    words::percent(report.protocol.assay.method.confidence)
}

/// `0.66 (0.47, 0.92)`, or why there is none.
fn with_interval(interval: Option<IntervalEstimate>, printed: fn(f64) -> String, reason: &str) -> String {
    match interval {
        Some(IntervalEstimate { estimate, lower, upper }) => {
            minus(&format!("{} ({}, {})", printed(estimate), printed(lower), printed(upper)))
        }
        None => reason.to_string(),
    }
}

fn four(value: f64) -> String {
    significant(value, 4)
}

fn of(quantile: Option<Quantile>) -> String {
    match quantile {
        Some(Quantile::Between(low, high)) => minus(&format!("{} to {}", four(low), four(high))),
        Some(quantile) => minus(&quantile.to_string()),
        None => "-".to_string(),
    }
}

/// With the sign for minus, behind which no line ends.
fn minus(number: &str) -> String {
    number.replace('-', "\u{2212}")
}

/// A row of Table 1: its label, and its cell of each arm.
type AddRow<'a> = dyn FnMut(String, &dyn Fn(&[&SubjectRecord]) -> String) + 'a;

/// The covariates that the study declares, but for the age, which stands above.
fn covariates(subjects: &[SubjectRecord], row: &mut AddRow<'_>) {
    let declared = subjects.first().map_or(&[][..], |one| &one.covariates);
    for (at, name) in declared.iter().map(|one| one.name.as_str()).enumerate() {
        if name.eq_ignore_ascii_case("age") {
            continue;
        }
        let value = |one: &SubjectRecord| one.covariates.get(at).and_then(|one| one.value.clone());
        let known = |group: &[&SubjectRecord]| group.iter().filter_map(|one| value(one)).collect::<Vec<_>>();
        row(format!("{name}, n"), &|group| known(group).len().to_string());
        let mut classes: Vec<String> = subjects.iter().filter_map(|one| class(value(one)?)).collect();
        classes.sort_unstable();
        classes.dedup();
        for class in &classes {
            let is = |one: &CovariateValue| matches!(one, CovariateValue::Class(own) if own == class);
            row(format!("   {class}, n (%)"), &|group| {
                let (n, all) = (known(group).iter().filter(|one| is(one)).count(), known(group).len());
                format!("{n} ({:.1})", 100.0 * n as f64 / all.max(1) as f64)
            });
        }
        if classes.is_empty() {
            row("   median (minimum, maximum)".into(), &|group| {
                let numbers = sorted(&known(group).into_iter().filter_map(number).collect::<Vec<f64>>());
                match (median(&numbers), numbers.first(), numbers.last()) {
                    (Some(middle), Some(first), Some(last)) => {
                        minus(&format!("{} ({}, {})", four(middle), four(*first), four(*last)))
                    }
                    _ => "-".into(),
                }
            });
        }
    }
}

fn class(value: CovariateValue) -> Option<String> {
    if let CovariateValue::Class(class) = value { Some(class) } else { None }
}

fn number(value: CovariateValue) -> Option<f64> {
    if let CovariateValue::Number(number) = value { Some(number) } else { None }
}

/// Arms as columns, characteristics as rows.
fn demographics(report: &StudyReport<'_>, comparison: &Comparison) -> PrintedTable {
    let study = &report.protocol.assay.study;
    let mut arms: Vec<(usize, &str)> =
        comparison.subjects.iter().map(|subject| (subject.arm_number, subject.arm.as_str())).collect();
    arms.sort_unstable();
    arms.dedup();
    let members = |arm: &str| comparison.subjects.iter().filter(|one| one.arm == arm).collect::<Vec<&SubjectRecord>>();
    let groups: Vec<Vec<&SubjectRecord>> = arms.iter().map(|(_, arm)| members(arm)).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |label: String, cell: &dyn Fn(&[&SubjectRecord]) -> String| {
        rows.push(std::iter::once(label).chain(groups.iter().map(|group| cell(group))).collect());
    };
    let ages = |group: &[&SubjectRecord]| sorted(&group.iter().filter_map(|one| one.age).collect::<Vec<f64>>());
    if comparison.subjects.iter().any(|one| one.age.is_some()) {
        row("Age (years), n".into(), &|group| ages(group).len().to_string());
        row("   median (minimum, maximum)".into(), &|group| {
            let ages = ages(group);
            match (median(&ages), ages.first(), ages.last()) {
                (Some(middle), Some(first), Some(last)) => {
                    format!("{} ({}, {})", four(middle), four(*first), four(*last))
                }
                _ => "-".into(),
            }
        });
        row("   quartiles".into(), &|group| {
            let ages = ages(group);
            let at = |p| quantile(&ages, p, QuantileType::Two).map_or_else(|| "-".to_string(), four);
            format!("{}, {}", at(0.25), at(0.75))
        });
    }
    let mut strata: Vec<&str> = comparison.subjects.iter().filter_map(|one| one.stratum.as_deref()).collect();
    strata.sort_unstable();
    strata.dedup();
    for stratum in strata {
        row(format!("Stratum {stratum}, n (%)"), &|group| {
            let n = group.iter().filter(|one| one.stratum.as_deref() == Some(stratum)).count();
            format!("{n} ({:.1})", 100.0 * n as f64 / group.len().max(1) as f64)
        });
    }
    covariates(&comparison.subjects, &mut row);
    let baseline = report.protocol.visits().iter().find(|visit| visit.baseline);
    let baseline = baseline.map_or("", |visit| visit.name.as_str());
    let summaries: Vec<Option<&ArmSummary>> = arms
        .iter()
        .map(|(_, arm)| comparison.arms.iter().find(|summary| summary.arm == *arm && summary.visit == baseline))
        .collect();
    let mut of_baseline = |label: String, cell: &dyn Fn(&ArmSummary) -> String| {
        let cells = summaries.iter().map(|summary| summary.map_or_else(|| "-".to_string(), cell));
        rows.push(std::iter::once(label).chain(cells).collect());
    };
    of_baseline(format!("{} at {baseline} ({}), n", study.analyte, study.unit), &|arm| arm.n.to_string());
    of_baseline("   geometric mean (CV %)".into(), &|arm| match (arm.geometric_mean, arm.geometric_cv_percent) {
        (Some(mean), Some(cv)) => format!("{} ({cv:.0})", four(mean.estimate)),
        (Some(mean), None) => four(mean.estimate),
        _ => arm.not_estimable.clone(),
    });
    of_baseline("   median (quartiles)".into(), &|arm| format!("{} ({}, {})", of(arm.median), of(arm.q1), of(arm.q3)));
    of_baseline("   minimum, maximum".into(), &|arm| format!("{}, {}", of(arm.min), of(arm.max)));
    of_baseline("   below LLOQ, above ULOQ, n".into(), &|arm| format!("{}, {}", arm.below, arm.above));
    let heads = arms.iter().zip(&groups).map(|((_, arm), group)| format!("{arm}\n(N = {})", group.len()));
    PrintedTable {
        number: "Table 1".into(),
        title: "Demographics and baseline".into(),
        subtitle: RANDOMISED.into(),
        columns: std::iter::once(texts("", 2.0)).chain(heads.map(|head| numbers(head, 1.0))).collect(),
        rows,
        footnotes: vec![
            "N: randomised participants. Quartiles by SAS's default definition; values outside the limits of quantification enter them as \
             what they are (<LLOQ, >ULOQ)."
                .into(),
            limits(report),
        ],
    }
}

/// How numbers stand for values outside the limits in means and models.
fn limits(report: &StudyReport<'_>) -> String {
    let rule = report.protocol.analysis().map(words::limit_rule).unwrap_or_default();
    format!("Geometric means and models: {rule}. Sources: ADSL, ADLB.")
}

fn change(report: &StudyReport<'_>, comparison: &Comparison) -> PrintedTable {
    let study = &report.protocol.assay.study;
    let row = |arm: &ArmSummary| {
        let percent = &arm.percent_change;
        let interval = match (percent.lower, percent.upper) {
            (Some(lower), Some(upper)) => format!("({}, {})", of(Some(lower)), of(Some(upper))),
            _ => String::new(),
        };
        vec![
            format!("{}: {}", arm.visit, arm.arm),
            arm.randomised.to_string(),
            arm.n.to_string(),
            arm.geometric_mean.map_or_else(|| arm.not_estimable.clone(), |mean| four(mean.estimate)),
            format!("{} ({}, {})", of(arm.median), of(arm.q1), of(arm.q3)),
            arm.n_change.to_string(),
            with_interval(arm.geometric_mean_ratio, printed_ratio, &arm.change_not_estimable),
            percent.n.to_string(),
            if percent.n == 0 { String::new() } else { format!("{} {interval}", of(percent.median)) },
        ]
    };
    let mut arms: Vec<&ArmSummary> = comparison.arms.iter().collect();
    arms.sort_by(|one, other| one.week.total_cmp(&other.week));
    PrintedTable {
        number: "Table 2".into(),
        title: format!("{} ({}) and its change from baseline, by visit and arm", study.analyte, study.unit),
        subtitle: RANDOMISED.into(),
        columns: vec![
            texts("Visit: arm", 1.8),
            numbers("N", 0.5),
            numbers("n", 0.5),
            numbers("Geometric mean", 1.2),
            numbers("Median (quartiles)", 2.0),
            numbers("n (ratio)", 0.8),
            numbers("Ratio to baseline", 1.7),
            numbers("n (change)", 0.9),
            // Where the median itself is known between two values only, its interval holds four numbers.
            numbers("Median change (%)", 3.8),
        ],
        rows: arms.into_iter().map(row).collect(),
        footnotes: vec![
            format!(
                "Ratio to baseline: geometric mean of visit / baseline with {level} % t interval of the logarithms. Median change: of all \
                 with a result at both, with {level} % interval by order statistics.",
                level = level(report)
            ),
            limits(report),
        ],
    }
}

fn compared(report: &StudyReport<'_>, comparison: &Comparison) -> PrintedTable {
    let row = |row: &ArmComparison| {
        let primary = if row.primary { " (primary)" } else { "" };
        vec![
            format!("{}{primary}", row.analysis.title()),
            row.visit.clone(),
            format!("{} / {}", row.active, row.reference),
            format!("{}, {}", row.n[0], row.n[1]),
            with_interval(row.ratio, printed_ratio, &row.reason),
            row.p.map(|p| printed_p(p).trim_start_matches("= ").to_string()).unwrap_or_default(),
            row.adjusted.as_ref().map(|one| printed_p(one.p).trim_start_matches("= ").to_string()).unwrap_or_default(),
        ]
    };
    let mut models: Vec<String> = Vec::new();
    for one in comparison.comparisons.iter().filter(|one| one.primary) {
        models.push(format!("Primary, {} / {}: {}.", one.active, one.reference, one.model));
    }
    models.dedup();
    models.push(format!(
        "Ratio: of the geometric mean ratios to baseline, with {} % interval; p two-sided.",
        level(report)
    ));
    models.push(limits(report));
    PrintedTable {
        number: "Table 3".into(),
        title: format!("Comparison of the arms: change of {} from baseline", report.protocol.assay.study.analyte),
        subtitle: "Randomised participants with the values that each analysis takes".into(),
        columns: vec![
            texts("Analysis", 3.4),
            texts("Visit", 1.2),
            texts("Arms", 1.8),
            numbers("n", 0.9),
            numbers("Ratio", 2.4),
            numbers("p", 0.8),
            numbers("p, adjusted", 0.9),
        ],
        rows: comparison.comparisons.iter().map(row).collect(),
        footnotes: models,
    }
}

fn responders(report: &StudyReport<'_>, comparison: &Comparison) -> PrintedTable {
    let share = |x: u32, n: u32| match n {
        0 => "0 of 0".to_string(),
        n => format!("{x} of {n} ({:.1} %)", 100.0 * f64::from(x) / f64::from(n)),
    };
    let rows = comparison.responders.iter().map(|row| {
        vec![
            row.definition.clone(),
            row.denominator.clone(),
            format!("{}: {}", row.active, share(row.responders[0], row.n[0])),
            format!("{}: {}", row.reference, share(row.responders[1], row.n[1])),
            with_interval(row.difference, |value| format!("{:.1}", 100.0 * value), &row.reason),
            row.p.map(|p| printed_p(p).trim_start_matches("= ").to_string()).unwrap_or_default(),
        ]
    });
    let test = comparison.responders.first().map(|row| words::responder_test(row.test)).unwrap_or_default();
    PrintedTable {
        number: "Table 4".into(),
        title: "Responders".into(),
        subtitle: RANDOMISED.into(),
        columns: vec![
            texts("Responder", 2.4),
            texts("Counted", 2.2),
            numbers("Arm", 1.8),
            numbers("Reference", 1.8),
            numbers("Difference (points)", 1.8),
            numbers("p", 0.7),
        ],
        rows: rows.collect(),
        footnotes: vec![format!(
            "Difference of the percentages with Newcombe's {} % interval; p by {test}. Sources: ADSL, ADLB.",
            level(report)
        )],
    }
}

fn left_out(comparison: &Comparison) -> PrintedTable {
    // That there is no change without it follows, and is no second loss.
    let own = comparison.excluded.iter().filter(|record| record.scope != ExclusionScope::Changes);
    let rows = own.map(|record| {
        vec![
            record.subject.clone(),
            record.arm.clone().unwrap_or_default(),
            record.visit.clone(),
            record.sample.clone(),
            record.reported.clone().unwrap_or_default(),
            record.reason.clone(),
        ]
    });
    PrintedTable {
        number: "Listing 1".into(),
        title: "Records that are left out".into(),
        subtitle: "Every result that no analysis by the declared rule takes, and every visit without one".into(),
        columns: vec![
            texts("Participant", 1.3),
            texts("Arm", 1.1),
            texts("Visit", 1.1),
            texts("Sample", 1.5),
            texts("Result", 1.4),
            texts("Why", 4.5),
        ],
        rows: rows.collect(),
        footnotes: vec![
            "What is left without a value to compare it with is in no analysis of change, and is listed in excluded.csv only. A sample of a \
             randomised participant that is listed here has its record in ADLB, with empty analysis flags."
                .into(),
            "Source: excluded.csv.".into(),
        ],
    }
}
