//! What is analysed beside the primary analysis. Only in a page that is not blinded, and only where the study declares it.

use maud::{Markup, html};

use super::show::ShownTable;
use crate::report::table::ReportTable;
use crate::report::table::columns_of::{NextTrialTable, RespondersStandardisedTable, SubgroupsTable};
use crate::report::words;
use crate::study::{Comparison, Robustness};

/// The groups of participants and the standardised proportions.
pub(super) fn part(comparison: &Comparison, tables: &[ReportTable]) -> Markup {
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
            (ShownTable::new(tables, SubgroupsTable::TABLE).columns(&[
                (SubgroupsTable::FACTOR, "By"), (SubgroupsTable::GROUP, "Group"), (SubgroupsTable::TRTP, "Arm"), (SubgroupsTable::N, "n"), (SubgroupsTable::TRTP_REF, "Reference"), (SubgroupsTable::N_REF, "n"), (SubgroupsTable::RATIO.estimate, "Ratio"),
                (SubgroupsTable::RATIO.lower, "Lower"), (SubgroupsTable::RATIO.upper, "Upper"), (SubgroupsTable::P_INTERACTION, "p, interaction"), (SubgroupsTable::REASON, "Why no ratio"),
            ]).caption("One group that is significant beside one that is not shows no difference between them: the interaction does").markup())
        }
        @if ShownTable::new(tables, RespondersStandardisedTable::TABLE).len() > 0 {
            h3 { "Standardised proportions of responders" }
            (ShownTable::new(tables, RespondersStandardisedTable::TABLE).columns(&[
                (RespondersStandardisedTable::DEFINITION, "Responder"), (RespondersStandardisedTable::DENOMINATOR, "Counted"), (RespondersStandardisedTable::TRTP, "Arm"), (RespondersStandardisedTable::N, "n"), (RespondersStandardisedTable::PROPORTION, "Proportion"),
                (RespondersStandardisedTable::TRTP_REF, "Reference"), (RespondersStandardisedTable::N_REF, "n"), (RespondersStandardisedTable::PROPORTION_REF, "Proportion"), (RespondersStandardisedTable::RISK_RATIO.estimate, "Ratio"),
                (RespondersStandardisedTable::RISK_RATIO.lower, "Lower"), (RespondersStandardisedTable::RISK_RATIO.upper, "Upper"), (RespondersStandardisedTable::P, "p"), (RespondersStandardisedTable::REASON, "Why none"),
            ]).caption("As if everybody had been in each arm: adjusted for log baseline (and the strata) by logistic regression. Their \
                difference, with its interval, is in responders_standardised.csv").markup())
        }
    }
}

/// What the next trial needs.
pub(super) fn next_trial(robustness: &Robustness, tables: &[ReportTable]) -> Markup {
    html! {
        @if !robustness.next_trial.is_empty() {
            h3 { "The next trial" }
            (ShownTable::new(tables, NextTrialTable::TABLE).columns(&[
                (NextTrialTable::TRTP, "Arm"), (NextTrialTable::TRTP_REF, "Reference"), (NextTrialTable::ASSUMPTION, "Assumed"), (NextTrialTable::SD_LOG, "SD of the log change"),
                (NextTrialTable::RATIO, "True ratio"), (NextTrialTable::POWER, "Power (%)"), (NextTrialTable::N_EVALUABLE, "Evaluable per arm"), (NextTrialTable::N_RANDOMISED, "Randomised per arm"),
                (NextTrialTable::POWER_NOW, "Power with as many as here (%)"), (NextTrialTable::REASON, "Why none"),
            ]).caption("Sample size of a trial with two arms of the same size. The standard deviation is that of the primary analysis here, and as \
                uncertain: the prudent size is that of its upper limit. Assay error is taken to have the share in it that it has in the spread of \
                the log changes").markup())
        }
    }
}
