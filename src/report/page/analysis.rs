//! The comparison of the arms: the paragraph, the pictures, the tables. Only in a page that is not blinded.

use std::cmp::Ordering;

use maud::{Markup, html};

use super::show::{Shown, badge};
use super::{PageFigures, missing_data, picture, supplementary};
use crate::concentration::quantity::significant;
use crate::report::figure::Styles;
use crate::report::table::Table;
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
    tables: &[Table],
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
            (Shown::new(tables, "comparison").columns(&[
                ("MODEL", "Model"), ("PRIMARY", "Primary"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("TRTP_REF", "Reference"), ("N", "n"), ("N_REF", "n (ref.)"),
                ("RATIO", "Ratio"), ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("STATISTIC", "Statistic"), ("DF", "df"), ("P", "p"),
                ("FAMILY", "Family"), ("ADJUSTMENT", "Adjusted by"), ("P_ADJUSTED", "p, adjusted"),
                ("REASON", "Why no estimate"),
            ]).caption(&format!("Ratio of geometric mean ratios to baseline, arm / reference, with {level} % confidence interval. Who is left out of each, and why, is in comparison.csv")).markup())
            @if !comparison.sensitivity.is_empty() && !report.has_grid() {
                h3 { "Does the rule for values outside the limits matter?" }
                p { (comparison.sensitivity_verdict) }
                (Shown::new(tables, "sensitivity").columns(&[
                    ("LIMIT_RULE", "Rule"), ("MODEL", "Model"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("N", "n"), ("N_REF", "n (ref.)"),
                    ("RATIO", "Ratio"), ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("P", "p"), ("REASON", "Why no estimate"),
                ]).markup())
            }
            (missing_data::part(&comparison.missing_data, tables, figures.missing_data, styles))
            (supplementary::part(comparison, tables))
            @if comparison.comparisons.iter().filter(|row| row.analysis == "mmrm" && row.adjusted_means.is_some()).count() > 1 {
                h3 { "Adjusted means over the visits" }
                (Shown::new(tables, "comparison").only("ANALYSIS", "mmrm").columns(&[
                    ("AVISIT", "Visit"), ("TRTP", "Arm"), ("ADJ_GMR", "Visit / baseline"), ("ADJ_GMR_LOWER", "Lower"), ("ADJ_GMR_UPPER", "Upper"),
                    ("TRTP_REF", "Reference"), ("ADJ_GMR_REF", "Visit / baseline"), ("ADJ_GMR_REF_LOWER", "Lower"), ("ADJ_GMR_REF_UPPER", "Upper"),
                    ("RATIO", "Ratio"), ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("DF", "df"), ("P", "p"), ("REASON", "Why no estimate"),
                ]).caption(&format!("Mixed model for repeated measures: adjusted geometric means of visit / baseline at the mean log baseline, and \
                    their ratio, with {level} % confidence intervals")).markup())
            }
            h3 { "Arms" }
            (Shown::new(tables, "summary").columns(&[
                ("TRTP", "Arm"), ("AVISIT", "Visit"), ("N", "n"), ("N_BELOW", "Below LLOQ"), ("N_ABOVE", "Above ULOQ"), ("N_MISSING", "Missing"),
                ("MEDIAN", "Median"), ("Q1", "Q1"), ("Q3", "Q3"),
                ("N_MEAN", "n (mean)"), ("GEOMEAN", "Geometric mean"), ("GEOMEAN_LOWER", "Lower"), ("GEOMEAN_UPPER", "Upper"),
                ("NOT_ESTIMABLE", "Why none"),
                ("N_CHG", "n (change)"), ("GMR", "Ratio to baseline"), ("GMR_LOWER", "Lower"), ("GMR_UPPER", "Upper"),
                ("CHG_NOT_ESTIMABLE", "Why none"),
            ]).caption(&format!("Concentrations in {unit}; median and quartiles of all n results, values outside the limits as such; means \
                of the n numbers by the rule for limits, not shown where more than {} % of the values are outside them; with {level} % \
                confidence intervals", words::percent(report.protocol.analysis().map_or(0.0, |analysis| analysis.limit_share_percent) / 100.0))).markup())
            @if comparison.arms.iter().any(|arm| arm.censored_geometric_mean.is_some() || arm.censored_ratio.is_some()) {
                (Shown::new(tables, "summary").columns(&[
                    ("TRTP", "Arm"), ("AVISIT", "Visit"), ("N", "n"), ("N_BELOW", "Below LLOQ"), ("N_ABOVE", "Above ULOQ"),
                    ("GEOMEAN_CENS", "Geometric mean"), ("GEOMEAN_CENS_LOWER", "Lower"), ("GEOMEAN_CENS_UPPER", "Upper"),
                    ("GEOMEAN_ROS", "By order statistics"),
                    ("GMR_CENS", "Ratio to baseline"), ("GMR_CENS_LOWER", "Lower"), ("GMR_CENS_UPPER", "Upper"), ("GMR_ROS", "By order statistics"),
                ]).caption("The same with values outside the limits treated as censored (Tobit): no number stands for what was not measured. \
                    Beside it the estimate by regression on order statistics, which assumes the shape of what is below the limit alone and \
                    has no interval. Empty where nothing is outside, or where too little was measured for an estimate").markup())
            }
            (Shown::new(tables, "summary").columns(&[
                ("TRTP", "Arm"), ("AVISIT", "Visit"), ("N_PCHG", "n"), ("PCHG_MEDIAN", "Median change (%)"),
                ("PCHG_MEDIAN_LOWER", "Lower (%)"), ("PCHG_MEDIAN_UPPER", "Upper (%)"), ("PCHG_Q1", "Q1 (%)"), ("PCHG_Q3", "Q3 (%)"),
            ]).caption(&format!("Percent change from baseline, values outside the limits as such; median with its {level} % interval by \
                order statistics")).markup())
            (Shown::new(tables, "summary").columns(&[
                ("TRTP", "Arm"), ("AVISIT", "Visit"), ("CHG_MEAN", "Mean change"), ("CHG_LOWER", "Lower"), ("CHG_UPPER", "Upper"),
                ("PCHG_MEAN", "Mean change (%)"), ("PCHG_LOWER", "Lower (%)"), ("PCHG_UPPER", "Upper (%)"),
            ]).caption(&format!("Absolute ({unit}) and percent change from baseline; means of skewed data, so read the ratios above first")).markup())
            @if report.events.is_some() {
                h3 { "Intercurrent events" }
                (Shown::new(tables, "events").columns(&[
                    ("EVENT", "Event"), ("STRATEGY", "Strategy"), ("EFFECT", "What it does"), ("TRTP", "Arm"), ("N", "Participants"), ("N_AFTER", "Results after it"),
                ]).caption("Participants with such an event, and their results after baseline that were collected after it").markup())
            }
            h3 { "From randomisation to analysis" }
            (Shown::new(tables, "flow").columns(&[
                ("TRTP", "Arm"), ("STEP", "Step"), ("N", "Participants"), ("N_LOST", "Lost"), ("REASONS", "Why"), ("N_SAMPLES", "Samples"),
            ]).caption("Participants with what the primary analysis needs, each lost for one reason; samples of all visits").markup())
            @if !comparison.excluded.is_empty() {
                h3 { "Left out" }
                (Shown::new(tables, "excluded").columns(&[
                    ("USUBJID", "Subject"), ("TRTP", "Arm"), ("AVISIT", "Visit"), ("SAMPLE", "Sample"), ("RESULT", "Result"),
                    ("SCOPE", "Left out of"), ("RULE", "Rule"), ("EXCLREAS", "Why"),
                ]).caption("Every record that is not analysed, with its reason").markup())
            }
            @if !comparison.responders.is_empty() {
                h3 { "Responders" }
                (Shown::new(tables, "responders").columns(&[
                    ("DEFINITION", "Responder"), ("DENOMINATOR", "Counted"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("RESPONDERS", "Responders"),
                    ("N", "of"), ("TRTP_REF", "Reference"), ("RESPONDERS_REF", "Responders"), ("N_REF", "of"), ("DIFFERENCE", "Difference"),
                    ("DIFFERENCE_LOWER", "Lower"), ("DIFFERENCE_UPPER", "Upper"), ("TEST", "Test"), ("P", "p"), ("P_ADJUSTED", "p, adjusted"),
                    ("REASON", "Why no comparison"),
                ]).caption("Difference of proportions (0.1: ten percentage points) with Newcombe's interval").markup())
            }
        }
    }
}
