//! The comparison of the arms: the paragraph, the pictures, the tables. Only in a page that is not blinded.

use maud::{Markup, html};

use super::picture;
use super::show::Shown;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::Table;
use crate::report::{StudyReport, words};
use crate::stats::printed_ratio;
use crate::study::{ArmComparison, Comparison};

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
                },
                None => { p.big { "no estimate" } p { (row.reason) } },
            }
        }
    }
}

/// The section.
pub(super) fn section(
    report: &StudyReport<'_>,
    comparison: &Comparison,
    tables: &[Table],
    figures: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    let unit = &report.protocol.assay.study.unit;
    let level = words::percent(report.protocol.assay.method.confidence);
    html! {
        section id="answer" aria-labelledby="answer-title" {
            h2 id="answer-title" { "The answer" }
            p.paragraph { (comparison.paragraph) }
            @for estimand in &comparison.estimands {
                h3 { "What is estimated: " (estimand.active) " / " (estimand.reference) }
                dl.settings { @for (attribute, words) in &estimand.attributes { dt { (attribute) } dd { (words) } } }
            }
            div.figures { @for figure in figures { (picture(figure, styles)) } }
            h3 { "Comparisons" }
            (Shown::new(tables, "comparison").columns(&[
                ("MODEL", "Model"), ("PRIMARY", "Primary"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("TRTP_REF", "Reference"), ("N", "n"), ("N_REF", "n (ref.)"),
                ("RATIO", "Ratio"), ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("STATISTIC", "Statistic"), ("DF", "df"), ("P", "p"),
                ("FAMILY", "Family"), ("ADJUSTMENT", "Adjusted by"), ("P_ADJUSTED", "p, adjusted"), ("LEFT_OUT", "Left out"),
                ("REASON", "Why no estimate"),
            ]).caption(&format!("Ratio of geometric mean ratios to baseline, arm / reference, with {level} % confidence interval")).markup())
            @if !comparison.sensitivity.is_empty() && !report.has_grid() {
                h3 { "Does the rule for values outside the limits matter?" }
                p { (comparison.sensitivity_verdict) }
                (Shown::new(tables, "sensitivity").columns(&[
                    ("LIMIT_RULE", "Rule"), ("MODEL", "Model"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("N", "n"), ("N_REF", "n (ref.)"),
                    ("RATIO", "Ratio"), ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("P", "p"), ("REASON", "Why no estimate"),
                ]).markup())
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
                    ("GMR_CENS", "Ratio to baseline"), ("GMR_CENS_LOWER", "Lower"), ("GMR_CENS_UPPER", "Upper"),
                ]).caption("The same with values outside the limits as censored (Tobit): no number stands for what was not measured. \
                    Empty where nothing is outside, or where too little was measured for an estimate").markup())
            }
            (Shown::new(tables, "summary").columns(&[
                ("TRTP", "Arm"), ("AVISIT", "Visit"), ("CHG_MEAN", "Mean change"), ("CHG_LOWER", "Lower"), ("CHG_UPPER", "Upper"),
                ("PCHG_MEAN", "Mean change (%)"), ("PCHG_LOWER", "Lower (%)"), ("PCHG_UPPER", "Upper (%)"),
            ]).caption(&format!("Absolute ({unit}) and percent change from baseline; means of skewed data, so read the ratios above first")).markup())
            h3 { "From the randomisation to the analysis" }
            (Shown::new(tables, "flow").columns(&[
                ("TRTP", "Arm"), ("STEP", "Step"), ("N", "Participants"), ("N_LOST", "Lost"), ("REASONS", "Why"), ("N_SAMPLES", "Samples"),
            ]).caption("Participants with baseline and end point, each lost for one reason; samples of all visits").markup())
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
