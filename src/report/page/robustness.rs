//! What the answer depends on: the error of the assay. Only in a page that is not blinded.

use maud::{Markup, html};

use super::show::Shown;
use crate::report::table::Table;
use crate::study::Robustness;

/// The section.
pub(super) fn section(robustness: &Robustness, tables: &[Table]) -> Markup {
    html! {
        section id="robustness" aria-labelledby="robustness-title" {
            h2 id="robustness-title" { "What the answer depends on" }
            @if !robustness.assay_error.is_empty() {
                h3 { "The error of the assay" }
                @for error in &robustness.assay_error {
                    @if error.reason.is_empty() { p { (error.words) } } @else { p { "Not carried through: " (error.reason) "." } }
                }
                (Shown::new(tables, "assay_error").columns(&[
                    ("ASSAY_ERROR", "Interval"), ("AVISIT", "Visit"), ("TRTP", "Arm"), ("TRTP_REF", "Reference"), ("RATIO", "Ratio"),
                    ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("SE_LOG", "SE of ln ratio"), ("DF", "df"), ("P", "p"),
                    ("REASON", "Why no interval"),
                ]).caption("The ratio without the assay's error, as observed (with it, taken for independent between samples), and with \
                    what the samples of a plate share").markup())
            }
        }
    }
}
