//! The words that tables, figures and the page share.

use super::StudyReport;
use crate::concentration::quantity::significant;
use crate::curve::{FitError, Model, StandardCurve, Variance, VarianceFrom};
use crate::plate::{Reading, WellPosition};
use crate::protocol::{AboveLimit, AnalysisSettings, BelowLimit, ExponentFrom, MethodSettings, ResponderTest};
use crate::stats::multiplicity::Adjustment;

/// A family of curves, by the name that `study.toml` uses.
pub(super) fn model(model: Model) -> &'static str {
    match model {
        Model::FourParameter => "4pl",
        Model::FiveParameter => "5pl",
        Model::FiveParameterMirror => "5plm",
    }
}

/// The variance model of a method, with where its mean is taken from.
pub(super) fn variance(method: &MethodSettings) -> String {
    let model = match (method.variance, method.exponent) {
        (Variance::Constant, _) => return "constant".into(),
        (Variance::Proportional, _) => "∝ mean".to_string(),
        (Variance::Squared, _) => "∝ mean²".to_string(),
        (Variance::Power, None) => "∝ mean^2θ, θ estimated from each plate".to_string(),
        (Variance::Power, Some(theta)) => {
            let origin = match method.exponent_from {
                ExponentFrom::Method => "as the method states",
                ExponentFrom::Study | ExponentFrom::Plate => "pooled over the plates of the study",
            };
            format!("∝ mean^{}, {origin}", significant(2.0 * theta, 4))
        }
    };
    let from = match method.variance_from {
        VarianceFrom::Fitted => "fitted mean",
        VarianceFrom::Observed => "observed mean",
    };
    format!("{model} ({from})")
}

/// What a fit says of itself, or why there is none.
pub(super) fn curve_remarks(curve: &Result<StandardCurve, FitError>) -> String {
    curve.as_ref().map_or_else(ToString::to_string, remarks)
}

/// What a curve says of itself.
pub(super) fn remarks(curve: &StandardCurve) -> String {
    curve.verdict().reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Wells by name: `C03 C04`.
pub(super) fn wells(wells: &[WellPosition]) -> String {
    wells.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The export of a plate, as the study names it.
pub(super) fn export(report: &StudyReport<'_>, plate: &str) -> String {
    let entry = report.protocol.plates.iter().find(|entry| entry.id == plate);
    entry.map(|entry| entry.export.display().to_string()).unwrap_or_default()
}

/// A share as percent without needless digits: 0.95 is `95`.
pub(super) fn percent(share: f64) -> String {
    significant(share * 100.0, 4)
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

/// An analysis by its name in the tables.
pub(super) fn analysis(name: &str) -> String {
    match name {
        "ancova" => "ANCOVA of the log change".into(),
        "ancova_hc3" => "ANCOVA, robust errors (HC3)".into(),
        "welch_t" => "Welch's t test".into(),
        "student_t" => "Student's t test".into(),
        "mann_whitney" => "Mann–Whitney, Hodges–Lehmann".into(),
        "bootstrap_bca_median_diff" => "Medians, bootstrap interval (BCa)".into(),
        "permutation_mean_diff" => "Permutation test of the means".into(),
        "tobit" => "Tobit: values below the LLOQ as censored".into(),
        "mmrm" => "Mixed model for repeated measures".into(),
        other => other.replace('_', " "),
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
    }
}

/// `p = 0.015`, `p < 0.0001`.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.0001 { "p < 0.0001".into() } else { format!("p = {}", significant(p, 2)) }
}

/// What stands for values outside the limits in the analysis.
pub(super) fn limit_rule(analysis: &AnalysisSettings) -> String {
    let below = match analysis.below_limit {
        BelowLimit::HalfLloq => "LLOQ / 2",
        BelowLimit::LloqOverSqrt2 => "LLOQ / √2",
        BelowLimit::Lloq => "the LLOQ",
        BelowLimit::Exclude => "left out",
    };
    let above = match analysis.above_limit {
        AboveLimit::Uloq => "the ULOQ",
        AboveLimit::Exclude => "left out",
    };
    format!("Values below the LLOQ: {below}; above the ULOQ: {above}")
}
