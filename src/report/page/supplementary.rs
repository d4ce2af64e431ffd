//! What is analysed beside the primary analysis. Only in a page that is not blinded, and only where the study declares it.

use maud::{Markup, html};

use super::show::Shown;
use crate::report::table::Table;
use crate::report::words;
use crate::study::{Comparison, Robustness};

/// The groups of participants and the standardised proportions.
pub(super) fn part(comparison: &Comparison, tables: &[Table]) -> Markup {
    html! {
        @if !comparison.subgroups.is_empty() {
            h3 { "Groups of participants" }
            @for found in &comparison.subgroups {
                p {
                    "By " (crate::study::subgroups::in_words(found.factor)) ", " (found.active) " / " (found.reference) ": "
                    @match found.p {
                        Some(p) => { "test of whether the ratio differs between the groups " (words::p_value(p)) "; " (found.model) "." },
                        None => { "no test of whether the ratio differs: " (found.reason) "." },
                    }
                    @if found.without > 0 { " " (found.without) " participants are in no group, because it is not known of them." }
                }
            }
            (Shown::new(tables, "subgroups").columns(&[
                ("FACTOR", "By"), ("GROUP", "Group"), ("TRTP", "Arm"), ("N", "n"), ("TRTP_REF", "Reference"), ("N_REF", "n"), ("RATIO", "Ratio"),
                ("RATIO_LOWER", "Lower"), ("RATIO_UPPER", "Upper"), ("P_INTERACTION", "p, interaction"), ("REASON", "Why no ratio"),
            ]).caption("One group that is significant beside one that is not shows no difference between them: the interaction does").markup())
        }
        @if Shown::new(tables, "responders_standardised").len() > 0 {
            h3 { "Standardised proportions of responders" }
            (Shown::new(tables, "responders_standardised").columns(&[
                ("DEFINITION", "Responder"), ("DENOMINATOR", "Counted"), ("TRTP", "Arm"), ("N", "n"), ("PROPORTION", "Proportion"),
                ("TRTP_REF", "Reference"), ("N_REF", "n"), ("PROPORTION_REF", "Proportion"), ("RISK_RATIO", "Ratio"),
                ("RISK_RATIO_LOWER", "Lower"), ("RISK_RATIO_UPPER", "Upper"), ("P", "p"), ("REASON", "Why none"),
            ]).caption("As if everybody had been in each arm: adjusted for log baseline (and the strata) by logistic regression. Their \
                difference, with its interval, is in responders_standardised.csv").markup())
        }
    }
}

/// What the next trial needs.
pub(super) fn next_trial(robustness: &Robustness, tables: &[Table]) -> Markup {
    html! {
        @if !robustness.next_trial.is_empty() {
            h3 { "The next trial" }
            (Shown::new(tables, "next_trial").columns(&[
                ("TRTP", "Arm"), ("TRTP_REF", "Reference"), ("ASSUMPTION", "Assumed"), ("SD_LOG", "SD of the log change"),
                ("RATIO", "True ratio"), ("POWER", "Power (%)"), ("N_EVALUABLE", "Evaluable per arm"), ("N_RANDOMISED", "Randomised per arm"),
                ("POWER_NOW", "Power with as many as here (%)"), ("REASON", "Why none"),
            ]).caption("Sample size of a trial with two arms of the same size. The standard deviation is that of the primary analysis here, and as \
                uncertain: the prudent size is that of its upper limit. Assay error is taken to have the share in it that it has in the spread of \
                the log changes").markup())
        }
    }
}
