//! What is made of the clinical measures. Only in a page that is not blinded, and only where the study declares them.

use maud::{Markup, html};

use super::picture;
use super::show::ShownTable;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::ReportTable;
use crate::report::table::columns_of::{
    ClinicalChangeTable, ClinicalRespondersTable, CorrelationTable, CountedColumns,
};
use crate::report::{StudyReport, words};

/// The section.
pub(super) fn section(
    report: &StudyReport<'_>,
    tables: &[ReportTable],
    figures: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    let level = words::percent(report.protocol.assay.method.confidence);
    html! {
        section id="clinical" aria-labelledby="clinical-title" {
            h2 id="clinical-title" { "Clinical measures" }
            @if ShownTable::new(tables, ClinicalRespondersTable::TABLE).len() > 0 {
                h3 { "Responders" }
                (ShownTable::new(tables, ClinicalRespondersTable::TABLE).columns(&[
                    (ClinicalRespondersTable::RESPONSE, "Response"), (CountedColumns::DENOMINATOR, "Counted"), (CountedColumns::AVISIT, "Visit"), (CountedColumns::TRTP, "Arm"), (CountedColumns::RESPONDERS, "Responders"), (CountedColumns::N, "of"),
                    (CountedColumns::TRTP_REF, "Reference"), (CountedColumns::RESPONDERS_REF, "Responders"), (CountedColumns::N_REF, "of"), (CountedColumns::DIFFERENCE.estimate, "Difference"),
                    (CountedColumns::DIFFERENCE.lower, "Lower"), (CountedColumns::DIFFERENCE.upper, "Upper"), (CountedColumns::TEST, "Test"), (CountedColumns::P, "p"), (ClinicalRespondersTable::REASON, "Why no comparison"),
                ]).caption("Difference of proportions (0.1: ten percentage points) with Newcombe's interval").markup())
            }
            @if ShownTable::new(tables, ClinicalChangeTable::TABLE).len() > 0 {
                h3 { "Change from baseline" }
                (ShownTable::new(tables, ClinicalChangeTable::TABLE).columns(&[
                    (ClinicalChangeTable::MEASURE, "Measure"), (ClinicalChangeTable::AVISIT, "Visit"), (ClinicalChangeTable::TRTP, "Arm"), (ClinicalChangeTable::N, "n"), (ClinicalChangeTable::PCHG_MEDIAN, "Median change (%)"), (ClinicalChangeTable::N_ADJ, "n, adjusted"), (ClinicalChangeTable::ADJ_CHG.estimate, "Adjusted change"),
                    (ClinicalChangeTable::TRTP_REF, "Reference"), (ClinicalChangeTable::N_REF, "n"), (ClinicalChangeTable::PCHG_MEDIAN_REF, "Median change (%)"), (ClinicalChangeTable::N_ADJ_REF, "n, adjusted"), (ClinicalChangeTable::ADJ_CHG_REF.estimate, "Adjusted change"),
                    (ClinicalChangeTable::DIFFERENCE.estimate, "Difference"), (ClinicalChangeTable::DIFFERENCE.lower, "Lower"), (ClinicalChangeTable::DIFFERENCE.upper, "Upper"), (ClinicalChangeTable::P, "p"), (ClinicalChangeTable::MODEL, "Model"), (ClinicalChangeTable::REASON, "Why no comparison"),
                ]).caption(&format!("Participants with both values; adjusted changes, of those whose covariates are known, and their difference \
                    with its {level} % interval")).markup())
            }
            @if ShownTable::new(tables, CorrelationTable::TABLE).len() > 0 {
                h3 { "Together with " (report.protocol.assay.study.analyte) }
                div.figures { @for figure in figures { (picture(figure, styles)) } }
                (ShownTable::new(tables, CorrelationTable::TABLE).columns(&[
                    (CorrelationTable::MEASURE, "Measure"), (CorrelationTable::CORRELATION, "Correlation"), (CorrelationTable::AVISIT, "Visit"), (CorrelationTable::TRTP, "Arm"), (CorrelationTable::N_SUBJECTS, "Participants"), (CorrelationTable::N, "Pairs"),
                    (CorrelationTable::N_LIMIT, "At a limit"), (CorrelationTable::N_NO_LOG, "Without a log"), (CorrelationTable::R.estimate, "r"), (CorrelationTable::R.lower, "Lower"), (CorrelationTable::R.upper, "Upper"), (CorrelationTable::P, "p"), (CorrelationTable::REASON, "Why none"),
                ]).caption(&format!("With {level} % intervals. Over all arms a correlation also holds what the treatment does to both; that of an \
                    arm does not. A correlation says of neither that it moves the other")).markup())
            }
        }
    }
}
