//! What is made of the clinical measures. Only in a page that is not blinded, and only where the study declares them.

use maud::{Markup, html};

use super::picture;
use super::show::Shown;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::Table;
use crate::report::{StudyReport, words};

/// The section.
pub(super) fn section(
    report: &StudyReport<'_>,
    tables: &[Table],
    figures: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    let level = words::percent(report.protocol.assay.method.confidence);
    html! {
        section id="clinical" aria-labelledby="clinical-title" {
            h2 id="clinical-title" { "Clinical measures" }
            @if Shown::new(tables, "clinical_responders").len() > 0 {
                h3 { "Responders" }
                (Shown::new(tables, "clinical_responders").columns(&[
                    ("RESPONSE", "Response"), ("DENOMINATOR", "Counted"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("RESPONDERS", "Responders"), ("N", "of"),
                    ("TRTP_REF", "Reference"), ("RESPONDERS_REF", "Responders"), ("N_REF", "of"), ("DIFFERENCE", "Difference"),
                    ("DIFFERENCE_LOWER", "Lower"), ("DIFFERENCE_UPPER", "Upper"), ("TEST", "Test"), ("P", "p"), ("REASON", "Why no comparison"),
                ]).caption("Difference of proportions (0.1: ten percentage points) with Newcombe's interval").markup())
            }
            @if Shown::new(tables, "clinical_change").len() > 0 {
                h3 { "Change from baseline" }
                (Shown::new(tables, "clinical_change").columns(&[
                    ("MEASURE", "Measure"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("N", "n"), ("PCHG_MEDIAN", "Median change (%)"), ("N_ADJ", "n, adjusted"), ("ADJ_CHG", "Adjusted change"),
                    ("TRTP_REF", "Reference"), ("N_REF", "n"), ("PCHG_MEDIAN_REF", "Median change (%)"), ("N_ADJ_REF", "n, adjusted"), ("ADJ_CHG_REF", "Adjusted change"),
                    ("DIFFERENCE", "Difference"), ("DIFFERENCE_LOWER", "Lower"), ("DIFFERENCE_UPPER", "Upper"), ("P", "p"), ("MODEL", "Model"), ("REASON", "Why no comparison"),
                ]).caption(&format!("Participants with both values; adjusted changes, of those whose covariates are known, and their difference \
                    with its {level} % interval")).markup())
            }
            @if Shown::new(tables, "correlation").len() > 0 {
                h3 { "Together with " (report.protocol.assay.study.analyte) }
                div.figures { @for figure in figures { (picture(figure, styles)) } }
                (Shown::new(tables, "correlation").columns(&[
                    ("MEASURE", "Measure"), ("CORRELATION", "Correlation"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("N_SUBJECTS", "Participants"), ("N", "Pairs"),
                    ("N_LIMIT", "At a limit"), ("N_NO_LOG", "Without a log"), ("R", "r"), ("R_LOWER", "Lower"), ("R_UPPER", "Upper"), ("P", "p"), ("REASON", "Why none"),
                ]).caption(&format!("With {level} % intervals. Over all arms a correlation also holds what the treatment does to both; that of an \
                    arm does not. A correlation says of neither that it moves the other")).markup())
            }
        }
    }
}
