//! The words that tables, figures and the page share.

use crate::concentration::PlateConcentrations;
use crate::concentration::quantity::significant;
use crate::curve::{Model, Variance, VarianceFrom};
use crate::plate::{Reading, WellPosition};
use crate::protocol::{AnalysisSettings, MethodSettings, ParameterFrom, ResponderTest};
use crate::qc::PlateVerdict;
use crate::stats::multiplicity::Adjustment;
use crate::stats::printed_p;
use crate::study::primary::declared_rule;

/// A family of curves, by the name that `study.toml` uses.
pub(super) fn model(model: Model) -> &'static str {
    match model {
        Model::FourParameter => "4pl",
        Model::FiveParameter => "5pl",
        Model::FiveParameterMirror => "5plm",
    }
}

/// A family of curves in words, with its equation.
pub(super) fn curve_in_words(model: Model) -> &'static str {
    match model {
        Model::FourParameter => "four-parameter logistic (4PL): y = d + (a − d) / (1 + (x/c)^b)",
        Model::FiveParameter => "five-parameter logistic (5PL): y = d + (a − d) / (1 + (x/c)^b)^g",
        Model::FiveParameterMirror => {
            "five-parameter logistic, asymmetric at the other end (5PLM): y = a + (d − a) / (1 + (x/c)^(−b))^g"
        }
    }
}

/// The variance model of a method, with where its mean is taken from.
pub(super) fn variance(method: &MethodSettings) -> String {
    let origin = match method.variance_parameter_from {
        ParameterFrom::Method => "as the method states",
        ParameterFrom::Study | ParameterFrom::Plate => "pooled across the plates of the study",
    };
    let model = match (method.variance, method.variance_parameter) {
        (Variance::Constant, _) => return "constant".into(),
        (Variance::Proportional, _) => "∝ mean".to_string(),
        (Variance::Squared, _) => "∝ mean²".to_string(),
        (Variance::Power, None) => "∝ mean^2θ, θ estimated from each plate".to_string(),
        (Variance::Power, Some(theta)) => format!("∝ mean^{}, {origin}", significant(2.0 * theta, 4)),
        (Variance::TwoComponent, None) => "∝ mean² + ρ², ρ estimated from each plate".to_string(),
        (Variance::TwoComponent, Some(rho)) => format!("∝ mean² + {}², {origin}", significant(rho, 4)),
    };
    let from = match method.variance_from {
        VarianceFrom::Fitted => "fitted mean",
        VarianceFrom::Observed => "observed mean",
    };
    format!("{model} ({from})")
}

/// The reason of a verdict, beginning with its rule in words.
fn reason(verdict: &PlateVerdict) -> String {
    let decided = verdict.decided().map(|finding| finding.in_words(finding.rule.words()));
    decided.unwrap_or_else(|| verdict.reason.clone())
}

/// What there is to say beside the word of a verdict: the reason, beginning with its rule in words, or the remarks of a plate that
/// is accepted.
pub(crate) fn why(verdict: &PlateVerdict) -> String {
    if verdict.verdict.is_accepted() { verdict.remarks.join("; ") } else { reason(verdict) }
}

/// What the curve of a plate says of itself, or why there is none.
pub(super) fn curve_remarks(of: &PlateConcentrations) -> String {
    of.curve.as_ref().map_or_else(ToString::to_string, |curve| of.remarks(curve).join("; "))
}

/// Wells by name: `C03 C04`.
pub(crate) fn wells(wells: &[WellPosition]) -> String {
    wells.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// A share as percent without needless digits: 0.95 is `95`.
pub(crate) fn percent(share: f64) -> String {
    significant(share * 100.0, 4)
}

/// A time of the record as people write it: `2026-11-22T12:01:00+01:00[Europe/Berlin]` → `2026-11-22 12:01:00 +01:00`.
pub(crate) fn moment(recorded: &str) -> String {
    let time = recorded.split('[').next().unwrap_or(recorded);
    match time.split_at_checked(19) {
        Some((local, offset)) => format!("{} {offset}", local.replacen('T', " ", 1)),
        None => time.to_string(),
    }
}

/// A reading as it is shown in a well: its number, or what the file holds.
pub(super) fn reading(reading: &Reading) -> String {
    match reading {
        Reading::Measured(value) => significant(*value, 4),
        Reading::Missing(text) if text.is_empty() => "not read".into(),
        Reading::Saturated(text)
        | Reading::Missing(text)
        | Reading::NotComputed(text)
        | Reading::Masked { text, .. } => text.clone(),
    }
}

/// The test of responders.
pub(super) fn responder_test(test: ResponderTest) -> &'static str {
    match test {
        ResponderTest::Fisher => "Fisher's exact test",
        ResponderTest::ChiSquare => "Pearson's chi-square test, uncorrected",
    }
}

/// A method of adjustment by its author.
pub(super) fn adjustment(method: Adjustment) -> &'static str {
    match method {
        Adjustment::Bonferroni => "Bonferroni",
        Adjustment::Holm => "Holm",
        Adjustment::Hochberg => "Hochberg",
        Adjustment::Bh => "BH",
        Adjustment::By => "BY",
        Adjustment::Hierarchical => "hierarchical",
    }
}

/// `p = 0.015`, `p < 0.001`.
pub(super) fn p_value(p: f64) -> String {
    format!("p {}", printed_p(p))
}

/// What stands for values outside the limits in the analysis.
pub(super) fn limit_rule(analysis: &AnalysisSettings) -> String {
    format!("Values {}", declared_rule(analysis).describe())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::{Finding, Outcome};

    #[test]
    fn a_moment_is_written_for_people() {
        assert_eq!(moment("2026-11-22T12:01:00+01:00[Europe/Berlin]"), "2026-11-22 12:01:00 +01:00");
        assert_eq!(moment("yesterday"), "yesterday");
    }

    #[test]
    fn a_reason_begins_with_its_rule_in_words() {
        let verdict = |name: &str| {
            let finding = Finding {
                rule: crate::qc::rules().find(|rule| rule.name() == name).unwrap(),
                subject: "plate".into(),
                observed: "it lay turned: look".into(),
                value: None,
                limit: "as it lies".into(),
                limit_value: None,
                outcome: Outcome::Fail,
            };
            PlateVerdict::of("P".into(), vec![finding])
        };
        let known = verdict("plate_arrangement");
        assert_eq!(known.reason, "plate_arrangement: it lay turned: look (limit: as it lies)");
        assert_eq!(reason(&known), "wells compared with the layout: it lay turned: look (limit: as it lies)");
        // Of a plate that cannot be read the reason counts what is wrong with its files.
        let unread = PlateVerdict { reason: "P1.csv, line 2: empty".into(), ..verdict("plate_read") };
        assert_eq!(reason(&unread), "P1.csv, line 2: empty");
    }
}
