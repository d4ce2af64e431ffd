//! What was assumed of values that are missing. Only in a page that is not blinded, and only where the study asks for it.

use maud::{Markup, html};

use super::picture;
use super::show::ShownTable;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::ReportTable;
use crate::report::table::columns_of::MissingDataTable;
use crate::study::missing_data::MissingData;

/// The part of the answer.
pub(super) fn part(
    found: &[MissingData],
    tables: &[ReportTable],
    figures: &[NamedFigure],
    styles: &mut Styles,
) -> Markup {
    html! {
        @if !found.is_empty() {
            h3 { "Missing values" }
            @for one in found {
                p { @if one.reason.is_empty() { (one.words) } @else { "Nothing was imputed for " (one.active) ": " (one.reason) "." } }
            }
            div.figures { @for figure in figures { (picture(figure, styles)) } }
            (ShownTable::new(tables, MissingDataTable::TABLE).columns(&[
                (MissingDataTable::ASSUMPTION, "Assumed of missing values"), (MissingDataTable::AVISIT, "Visit"), (MissingDataTable::TRTP, "Arm"), (MissingDataTable::TRTP_REF, "Reference"), (MissingDataTable::N, "n"),
                (MissingDataTable::N_REF, "n (ref.)"), (MissingDataTable::N_IMPUTED, "Imputed"), (MissingDataTable::N_IMPUTED_REF, "Imputed (ref.)"), (MissingDataTable::RATIO.estimate, "Ratio"), (MissingDataTable::RATIO.lower, "Lower"),
                (MissingDataTable::RATIO.upper, "Upper"), (MissingDataTable::SE_LOG, "SE of ln ratio"), (MissingDataTable::DF, "df"), (MissingDataTable::P, "p"), (MissingDataTable::MC_ERROR, "Monte-Carlo error of ln ratio"),
                (MissingDataTable::REASON, "Why not"),
            ]).caption("Multiple imputation, analysed by analysis of covariance and pooled by Rubin's rules; every factor of the tipping point \
                is in tipping_point.csv").markup())
        }
    }
}
