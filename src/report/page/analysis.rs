//! The comparison of the arms: the paragraph, the pictures, the tables. Only in a page that is not blinded.

use std::cmp::Ordering;

use maud::{Markup, html};

use super::show::{ShownTable, badge};
use super::{PageFigures, missing_data, picture, supplementary};
use crate::concentration::quantity::significant;
use crate::protocol::AnalysisId;
use crate::report::figure::Styles;
use crate::report::table::ReportTable;
use crate::report::table::columns_of::{
    AdjustedColumns, ComparisonTable, CountedColumns, EventsTable, ExcludedTable, FlowTable, RespondersTable,
    SummaryTable,
};
use crate::report::{StudyReport, words};
use crate::stats::printed_ratio;
use crate::study::{ArmComparison, ArmSummary, Comparison, dependences};

/// The answer in a card.
pub(super) fn card(report: &StudyReport<'_>, row: &ArmComparison) -> Markup {
    html! {
        div.card.answer {
            p.what { "Change at " (row.visit.to_lowercase()) ", " (row.active) " / " (row.reference) }
            @match row.ratio {
                Some(ratio) => {
                    p.big { (printed_ratio(ratio.estimate)) }
                    p { (words::percent(report.protocol.assay.method.confidence)) " % interval " (printed_ratio(ratio.lower)) " to " (printed_ratio(ratio.upper))
                        @if let Some(p) = row.p { ", " (words::p_value(p)) } }
                    p { "ratio of geometric mean ratios to baseline; " a href="#answer" { "the analysis" } }
                    @if confounded(report, row).is_some() { p { strong { "The arms differ in more than their treatment" } } }
                },
                None => { p.big { "no estimate" } p { (row.reason) } },
            }
        }
    }
}

/// What else the arms of a comparison differ in.
fn confounded(report: &StudyReport<'_>, row: &ArmComparison) -> Option<String> {
    report.robustness.and_then(|robustness| robustness.design.confounded(&row.active))
}

/// What is asked, what the answer is, what it comes from and whether it holds; the same in prose last, to be copied.
fn question_and_answer(report: &StudyReport<'_>, comparison: &Comparison) -> Markup {
    let dependences = dependences(comparison, report.robustness);
    html! {
        @for row in comparison.comparisons.iter().filter(|row| row.primary) {
            p.lead { (sentence(report, row)) }
            @if let Some(words) = confounded(report, row) { div.reason { p { (words) "." } } }
        }
        (arms(report, comparison))
        @for estimand in &comparison.estimands {
            h3 { "The question: " (estimand.active) " / " (estimand.reference) }
            dl.settings { @for (attribute, words) in &estimand.attributes { dt { (attribute) } dd { (words) } } }
        }
        h3 { "Does the conclusion hold?" }
        @for row in comparison.comparisons.iter().filter(|row| row.primary) {
            @if comparison.estimands.len() > 1 { p { (row.active) " / " (row.reference) } }
            ul.marks { @for one in dependences.iter().filter(|one| one.active == row.active) {
                li { span { (badge(&one.mark.to_string())) } span { strong { (one.on) } ": " (one.words) "." } }
            } }
        }
        details {
            summary { "As text for a report" small { "click a part to select all of it" } }
            @for part in &comparison.parts {
                h3 { (part.title) }
                p.copy { (part.text) }
            }
        }
    }
}

/// The answer in one sentence, with one line of numbers.
fn sentence(report: &StudyReport<'_>, row: &ArmComparison) -> String {
    let (analyte, visit) = (&report.protocol.assay.study.analyte, row.visit.to_lowercase());
    let (active, reference) = (&row.active, &row.reference);
    let Some(ratio) = row.ratio else {
        return format!("There is no estimate of {active} / {reference} at {visit}: {}.", row.reason);
    };
    let percent = 100.0 * (ratio.estimate - 1.0).abs();
    let size = format!("{percent:.0} %");
    let found = match ratio.side_of_one() {
        Ordering::Less => {
            format!("At {visit}, {analyte} relative to baseline was {size} lower in {active} than in {reference}")
        }
        Ordering::Greater => {
            format!("At {visit}, {analyte} relative to baseline was {size} higher in {active} than in {reference}")
        }
        Ordering::Equal => {
            format!(
                "At {visit}, the data do not show a difference in {analyte} relative to baseline between {active} and {reference}"
            )
        }
    };
    format!(
        "{found}: ratio {}, {} % confidence interval {} to {}{}; {}, n = {} and {}.",
        printed_ratio(ratio.estimate),
        words::percent(report.protocol.assay.method.confidence),
        printed_ratio(ratio.lower),
        printed_ratio(ratio.upper),
        row.p.map_or_else(String::new, |p| format!(", {}", words::p_value(p))),
        row.model,
        row.n[0],
        row.n[1]
    )
}

/// Arms by what the answer is made from: baseline, end point, change.
fn arms(report: &StudyReport<'_>, comparison: &Comparison) -> Markup {
    let Some(visit) = comparison.comparisons.iter().find(|row| row.primary).map(|row| row.visit.as_str()) else {
        return html! {};
    };
    let of_visit = |visit: &str| comparison.arms.iter().filter(move |arm| arm.visit == visit).collect::<Vec<_>>();
    let baseline = report.protocol.trial.and_then(|trial| trial.visits.iter().find(|visit| visit.baseline));
    let baseline = baseline.map_or("", |visit| visit.name.as_str());
    let mean = |arm: Option<&&ArmSummary>| match arm {
        Some(arm) => arm.geometric_mean.map_or_else(|| arm.not_estimable.clone(), |mean| significant(mean.estimate, 3)),
        None => String::new(),
    };
    let change = |arm: &ArmSummary| match arm.geometric_mean_ratio {
        Some(ratio) => format!(
            "{} ({} to {})",
            printed_ratio(ratio.estimate),
            printed_ratio(ratio.lower),
            printed_ratio(ratio.upper)
        ),
        None => arm.change_not_estimable.clone(),
    };
    let before = of_visit(baseline);
    html! {
        div.scroll.short-arms tabindex="0" role="group" aria-label="The arms in short" { table {
            caption { "N randomised; geometric means in " (report.protocol.assay.study.unit) " of all results at the visit; ratio to \
                baseline, with its interval, of the n participants with both" }
            thead { tr {
                th scope="col" { "Arm" } th.number scope="col" { "N" } th.number scope="col" { (baseline) }
                th.number scope="col" { (visit) } th.number scope="col" { "Ratio to baseline" } th.number scope="col" { "n" }
            } }
            tbody { @for arm in of_visit(visit) {
                tr {
                    th scope="row" { (arm.arm) } td.number { (arm.randomised) }
                    td.number { (mean(before.iter().find(|one| one.arm == arm.arm))) }
                    td.number { (mean(Some(&arm))) } td.number { (change(arm)) } td.number { (arm.n_change) }
                }
            } }
        } }
    }
}

/// The section.
pub(super) fn section(
    report: &StudyReport<'_>,
    comparison: &Comparison,
    tables: &[ReportTable],
    figures: PageFigures<'_>,
    styles: &mut Styles,
) -> Markup {
    let unit = &report.protocol.assay.study.unit;
    let level = words::percent(report.protocol.assay.method.confidence);
    html! {
        section id="answer" aria-labelledby="answer-title" {
            h2 id="answer-title" { "The answer" }
            (question_and_answer(report, comparison))
            div.figures { @for figure in figures.comparison { (picture(figure, styles)) } }
            h3 { "Comparisons" }
            (ShownTable::new(tables, ComparisonTable::TABLE).columns(&[
                (ComparisonTable::MODEL, "Model"), (ComparisonTable::PRIMARY, "Primary"), (ComparisonTable::AVISIT, "Visit"), (ComparisonTable::TRTP, "Arm"), (ComparisonTable::TRTP_REF, "Reference"), (ComparisonTable::N, "n"), (ComparisonTable::N_REF, "n (ref.)"),
                (ComparisonTable::RATIO.estimate, "Ratio"), (ComparisonTable::RATIO.lower, "Lower"), (ComparisonTable::RATIO.upper, "Upper"), (ComparisonTable::STATISTIC, "Statistic"), (ComparisonTable::DF, "df"), (ComparisonTable::P, "p"),
                (AdjustedColumns::FAMILY, "Family"), (AdjustedColumns::ADJUSTMENT, "Adjusted by"), (AdjustedColumns::P_ADJUSTED, "p, adjusted"),
                (ComparisonTable::REASON, "Why no estimate"),
            ]).caption(&format!("Ratio of geometric mean ratios to baseline, arm / reference, with {level} % confidence interval. Who is left out of each, and why, is in comparison.csv")).markup())
            @if !comparison.sensitivity.is_empty() && !report.has_grid() {
                h3 { "Does the rule for values outside the limits matter?" }
                p { (comparison.sensitivity_verdict) }
                (ShownTable::new(tables, ComparisonTable::SENSITIVITY).columns(&[
                    (ComparisonTable::LIMIT_RULE, "Rule"), (ComparisonTable::MODEL, "Model"), (ComparisonTable::AVISIT, "Visit"), (ComparisonTable::TRTP, "Arm"), (ComparisonTable::N, "n"), (ComparisonTable::N_REF, "n (ref.)"),
                    (ComparisonTable::RATIO.estimate, "Ratio"), (ComparisonTable::RATIO.lower, "Lower"), (ComparisonTable::RATIO.upper, "Upper"), (ComparisonTable::P, "p"), (ComparisonTable::REASON, "Why no estimate"),
                ]).markup())
            }
            (missing_data::part(&comparison.missing_data, tables, figures.missing_data, styles))
            (supplementary::part(comparison, tables))
            @if comparison.comparisons.iter().filter(|row| row.analysis == AnalysisId::Mmrm && row.adjusted_means.is_some()).count() > 1 {
                h3 { "Adjusted means over the visits" }
                (ShownTable::new(tables, ComparisonTable::TABLE).only(ComparisonTable::ANALYSIS, AnalysisId::Mmrm.name()).columns(&[
                    (ComparisonTable::AVISIT, "Visit"), (ComparisonTable::TRTP, "Arm"), (ComparisonTable::ADJ_GMR.estimate, "Visit / baseline"), (ComparisonTable::ADJ_GMR.lower, "Lower"), (ComparisonTable::ADJ_GMR.upper, "Upper"),
                    (ComparisonTable::TRTP_REF, "Reference"), (ComparisonTable::ADJ_GMR_REF.estimate, "Visit / baseline"), (ComparisonTable::ADJ_GMR_REF.lower, "Lower"), (ComparisonTable::ADJ_GMR_REF.upper, "Upper"),
                    (ComparisonTable::RATIO.estimate, "Ratio"), (ComparisonTable::RATIO.lower, "Lower"), (ComparisonTable::RATIO.upper, "Upper"), (ComparisonTable::DF, "df"), (ComparisonTable::P, "p"), (ComparisonTable::REASON, "Why no estimate"),
                ]).caption(&format!("Mixed model for repeated measures: adjusted geometric means of visit / baseline at the mean log baseline, and \
                    their ratio, with {level} % confidence intervals")).markup())
            }
            h3 { "Arms" }
            (ShownTable::new(tables, SummaryTable::TABLE).columns(&[
                (SummaryTable::TRTP, "Arm"), (SummaryTable::AVISIT, "Visit"), (SummaryTable::N, "n"), (SummaryTable::N_BELOW, "Below LLOQ"), (SummaryTable::N_ABOVE, "Above ULOQ"), (SummaryTable::N_MISSING, "Missing"),
                (SummaryTable::MEDIAN, "Median"), (SummaryTable::Q1, "Q1"), (SummaryTable::Q3, "Q3"),
                (SummaryTable::N_MEAN, "n (mean)"), (SummaryTable::GEOMEAN.estimate, "Geometric mean"), (SummaryTable::GEOMEAN.lower, "Lower"), (SummaryTable::GEOMEAN.upper, "Upper"),
                (SummaryTable::NOT_ESTIMABLE, "Why none"),
                (SummaryTable::N_CHG, "n (change)"), (SummaryTable::GMR.estimate, "Ratio to baseline"), (SummaryTable::GMR.lower, "Lower"), (SummaryTable::GMR.upper, "Upper"),
                (SummaryTable::CHG_NOT_ESTIMABLE, "Why none"),
            ]).caption(&format!("Concentrations in {unit}; median and quartiles of all n results, values outside the limits as such; means \
                of the n numbers by the rule for limits, not shown where more than {} % of the values are outside them; with {level} % \
                confidence intervals", words::percent(report.protocol.analysis().map_or(0.0, |analysis| analysis.limit_share_percent) / 100.0))).markup())
            @if comparison.arms.iter().any(|arm| arm.censored_geometric_mean.is_some() || arm.censored_ratio.is_some()) {
                (ShownTable::new(tables, SummaryTable::TABLE).columns(&[
                    (SummaryTable::TRTP, "Arm"), (SummaryTable::AVISIT, "Visit"), (SummaryTable::N, "n"), (SummaryTable::N_BELOW, "Below LLOQ"), (SummaryTable::N_ABOVE, "Above ULOQ"),
                    (SummaryTable::GEOMEAN_CENS.estimate, "Geometric mean"), (SummaryTable::GEOMEAN_CENS.lower, "Lower"), (SummaryTable::GEOMEAN_CENS.upper, "Upper"),
                    (SummaryTable::GEOMEAN_ROS, "By order statistics"),
                    (SummaryTable::GMR_CENS.estimate, "Ratio to baseline"), (SummaryTable::GMR_CENS.lower, "Lower"), (SummaryTable::GMR_CENS.upper, "Upper"), (SummaryTable::GMR_ROS, "By order statistics"),
                ]).caption("The same with values outside the limits treated as censored (Tobit): no number stands for what was not measured. \
                    Beside it the estimate by regression on order statistics, which assumes the shape of what is below the limit alone and \
                    has no interval. Empty where nothing is outside, or where too little was measured for an estimate").markup())
            }
            (ShownTable::new(tables, SummaryTable::TABLE).columns(&[
                (SummaryTable::TRTP, "Arm"), (SummaryTable::AVISIT, "Visit"), (SummaryTable::N_PCHG, "n"), (SummaryTable::PCHG_MEDIAN, "Median change (%)"),
                (SummaryTable::PCHG_MEDIAN_LOWER, "Lower (%)"), (SummaryTable::PCHG_MEDIAN_UPPER, "Upper (%)"), (SummaryTable::PCHG_Q1, "Q1 (%)"), (SummaryTable::PCHG_Q3, "Q3 (%)"),
            ]).caption(&format!("Percent change from baseline, values outside the limits as such; median with its {level} % interval by \
                order statistics")).markup())
            (ShownTable::new(tables, SummaryTable::TABLE).columns(&[
                (SummaryTable::TRTP, "Arm"), (SummaryTable::AVISIT, "Visit"), (SummaryTable::CHG_MEAN.estimate, "Mean change"), (SummaryTable::CHG_MEAN.lower, "Lower"), (SummaryTable::CHG_MEAN.upper, "Upper"),
                (SummaryTable::PCHG_MEAN.estimate, "Mean change (%)"), (SummaryTable::PCHG_MEAN.lower, "Lower (%)"), (SummaryTable::PCHG_MEAN.upper, "Upper (%)"),
            ]).caption(&format!("Absolute ({unit}) and percent change from baseline; means of skewed data, so read the ratios above first")).markup())
            @if report.events.is_some() {
                h3 { "Intercurrent events" }
                (ShownTable::new(tables, EventsTable::TABLE).columns(&[
                    (EventsTable::EVENT, "Event"), (EventsTable::STRATEGY, "Strategy"), (EventsTable::EFFECT, "What it does"), (EventsTable::TRTP, "Arm"), (EventsTable::N, "Participants"), (EventsTable::N_AFTER, "Results after it"),
                ]).caption("Participants with such an event, and their results after baseline that were collected after it").markup())
            }
            h3 { "From randomisation to analysis" }
            (ShownTable::new(tables, FlowTable::TABLE).columns(&[
                (FlowTable::TRTP, "Arm"), (FlowTable::STEP, "Step"), (FlowTable::N, "Participants"), (FlowTable::N_LOST, "Lost"), (FlowTable::REASONS, "Why"), (FlowTable::N_SAMPLES, "Samples"),
            ]).caption("Participants with what the primary analysis needs, each lost for one reason; samples of all visits").markup())
            @if !comparison.excluded.is_empty() {
                h3 { "Left out" }
                (ShownTable::new(tables, ExcludedTable::TABLE).columns(&[
                    (ExcludedTable::USUBJID, "Subject"), (ExcludedTable::TRTP, "Arm"), (ExcludedTable::AVISIT, "Visit"), (ExcludedTable::SAMPLE, "Sample"), (ExcludedTable::RESULT, "Result"),
                    (ExcludedTable::SCOPE, "Left out of"), (ExcludedTable::RULE, "Rule"), (ExcludedTable::EXCLREAS, "Why"),
                ]).caption("Every record that is not analysed, with its reason").markup())
            }
            @if !comparison.responders.is_empty() {
                h3 { "Responders" }
                (ShownTable::new(tables, RespondersTable::TABLE).columns(&[
                    (CountedColumns::DEFINITION, "Responder"), (CountedColumns::DENOMINATOR, "Counted"), (CountedColumns::AVISIT, "Visit"), (CountedColumns::TRTP, "Arm"), (CountedColumns::RESPONDERS, "Responders"),
                    (CountedColumns::N, "of"), (CountedColumns::TRTP_REF, "Reference"), (CountedColumns::RESPONDERS_REF, "Responders"), (CountedColumns::N_REF, "of"), (CountedColumns::DIFFERENCE.estimate, "Difference"),
                    (CountedColumns::DIFFERENCE.lower, "Lower"), (CountedColumns::DIFFERENCE.upper, "Upper"), (CountedColumns::TEST, "Test"), (CountedColumns::P, "p"), (AdjustedColumns::P_ADJUSTED, "p, adjusted"),
                    (RespondersTable::REASON, "Why no comparison"),
                ]).caption("Difference of proportions (0.1: ten percentage points) with Newcombe's interval").markup())
            }
        }
    }
}
