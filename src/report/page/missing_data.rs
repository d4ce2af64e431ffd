//! What was assumed of values that are missing. Only in a page that is not blinded, and only where the study asks for it.

use maud::{Markup, html};

use super::picture;
use super::show::Shown;
use crate::report::figure::Styles;
use crate::report::figures::NamedFigure;
use crate::report::table::Table;
use crate::study::missing_data::MissingData;

/// The part of the answer.
pub(super) fn part(found: &[MissingData], tables: &[Table], figures: &[NamedFigure], styles: &mut Styles) -> Markup {
    html! {
        @if !found.is_empty() {
            h3 { "Missing values" }
            @for one in found {
                p { @if one.reason.is_empty() { (one.words) } @else { "Nothing was imputed for " (one.active) ": " (one.reason) "." } }
            }
            div.figures { @for figure in figures { (picture(figure, styles)) } }
            (Shown::new(tables, "missing_data").columns(&[
                ("ASSUMPTION", "Assumed of missing values"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("TRTP_REF", "Reference"), ("N", "n"),
                ("N_REF", "n (ref.)"), ("N_IMPUTED", "Imputed"), ("N_IMPUTED_REF", "Imputed (ref.)"), ("RATIO", "Ratio"), ("RATIO_LOWER", "Lower"),
                ("RATIO_UPPER", "Upper"), ("SE_LOG", "SE of ln ratio"), ("DF", "df"), ("P", "p"), ("MC_ERROR", "Monte-Carlo error of ln ratio"),
                ("REASON", "Why not"),
            ]).caption("Multiple imputation, analysed by analysis of covariance and pooled by Rubin's rules; every factor of the tipping point \
                is in tipping_point.csv").markup())
        }
    }
}
