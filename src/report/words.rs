//! The words that tables, figures and the page share.

use super::StudyReport;
use crate::curve::{FitError, Model, StandardCurve, Variance, VarianceFrom};
use crate::plate::WellPosition;
use crate::protocol::MethodSettings;

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
    let model = match method.variance {
        Variance::Constant => return "constant".into(),
        Variance::Proportional => "∝ mean",
        Variance::Squared => "∝ mean²",
        Variance::Power => "∝ mean^2θ, θ estimated",
    };
    let from = match method.variance_from {
        VarianceFrom::Fitted => "fitted mean",
        VarianceFrom::Observed => "observed mean",
    };
    format!("{model} ({from})")
}

/// What a fit says of itself, or why there is none.
pub(super) fn curve_remarks(curve: &Result<StandardCurve, FitError>) -> String {
    match curve {
        Ok(curve) => curve.verdict().reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        Err(error) => error.to_string(),
    }
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
    crate::concentration::quantity::significant(share * 100.0, 4)
}
