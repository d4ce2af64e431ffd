//! The comparison of the arms: the paragraph, the pictures, the tables. Only in a page that is not blinded.

use maud::{Markup, html};

use super::picture;
use super::show::Shown;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::Table;
use crate::report::{StudyReport, words};
use crate::study::{ArmComparison, Comparison};

/// The answer in a card.
pub(super) fn card(report: &StudyReport<'_>, row: &ArmComparison) -> Markup {
    html! {
        div.card.answer {
            p.what { "Change at " (row.visit.to_lowercase()) ", " (row.active) " / " (row.reference) }
            @match row.ratio {
                Some(ratio) => {
                    p.big { (format!("{:.2}", ratio.estimate)) }
                    p { (words::percent(report.protocol.assay.method.confidence)) " % interval " (format!("{:.2} to {:.2}", ratio.lower, ratio.upper))
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
            div.figures { @for figure in figures { (picture(figure, styles)) } }
            h3 { "Comparisons" }
            (Shown::new(tables, "comparison").columns(&[
                ("MODEL", "Model"), ("PRIMARY", "Primary"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("TRTP_REF", "Reference"), ("N", "n"), ("N_REF", "n (ref.)"),
                ("RATIO", "Ratio"), ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("STATISTIC", "Statistic"), ("DF", "df"), ("P", "p"),
                ("FAMILY", "Family"), ("ADJUSTMENT", "Adjusted by"), ("P_ADJUSTED", "p, adjusted"), ("LEFT_OUT", "Left out"),
                ("REASON", "Why no estimate"),
            ]).caption(&format!("Ratio of geometric mean ratios to baseline, arm / reference, with {level} % confidence interval")).markup())
            @if !comparison.sensitivity.is_empty() && !report.has_grid() {
                h3 { "Does the rule for values below the LLOQ matter?" }
                p { (comparison.sensitivity_verdict) }
                (Shown::new(tables, "sensitivity").columns(&[
                    ("LIMIT_RULE", "Rule"), ("MODEL", "Model"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("N", "n"), ("N_REF", "n (ref.)"),
                    ("RATIO", "Ratio"), ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("P", "p"), ("REASON", "Why no estimate"),
                ]).markup())
            }
            h3 { "Arms" }
            (Shown::new(tables, "summary").columns(&[
                ("TRTP", "Arm"), ("AVISIT", "Visit"), ("N", "n"), ("N_BELOW", "Below LLOQ"), ("N_ABOVE", "Above ULOQ"), ("N_MISSING", "Missing"),
                ("GEOMEAN", "Geometric mean"), ("GEOMEAN_LOWER", "Lower"), ("GEOMEAN_UPPER", "Upper"), ("MEDIAN", "Median"),
                ("N_CHG", "n (change)"), ("GMR", "Ratio to baseline"), ("GMR_LOWER", "Lower"), ("GMR_UPPER", "Upper"),
            ]).caption(&format!("Concentrations in {unit}; with {level} % confidence intervals")).markup())
            (Shown::new(tables, "summary").columns(&[
                ("TRTP", "Arm"), ("AVISIT", "Visit"), ("CHG_MEAN", "Mean change"), ("CHG_LOWER", "Lower"), ("CHG_UPPER", "Upper"),
                ("PCHG_MEAN", "Mean change (%)"), ("PCHG_LOWER", "Lower (%)"), ("PCHG_UPPER", "Upper (%)"),
            ]).caption(&format!("Absolute ({unit}) and percent change from baseline; means of skewed data, so read the ratios above first")).markup())
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
