//! The curve as a picture.

use std::path::{Path, PathBuf};

use super::curve_answer::CurveAnswer;
use crate::cli::Failure;
use crate::curve::{Model, StandardCurve};
use crate::files::{file_names, write_files};
use crate::report::figure::{BandPoint, CurvePoint, Residuals, StandardCurveFigure, standard_curve};

/// Points of the drawn line per span of the standards.
const RESOLUTION: usize = 160;

/// Draws each fitted curve.
pub(super) fn write(answers: &[CurveAnswer], file: &Path) -> Result<(), Failure> {
    let names: Vec<&str> = answers.iter().map(|answer| answer.name.as_str()).collect();
    let mut files = Vec::new();
    for (answer, name) in answers.iter().zip(file_names(&names)) {
        if let Ok(curve) = &answer.outcome {
            let file = if answers.len() == 1 { file.to_path_buf() } else { named(file, &name) };
            let figure = standard_curve(&describe(answer, curve));
            let bytes = figure.file(&file).map_err(|error| Failure::Other(error.to_string()))?;
            files.push((file, bytes));
        }
    }
    Ok(write_files(&files)?)
}

/// `curve.svg` becomes `curve-NAME.svg`.
fn named(file: &Path, name: &str) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let extension = file.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    file.with_file_name(format!("{stem}-{name}{extension}"))
}

fn describe(answer: &CurveAnswer, curve: &StandardCurve) -> StandardCurveFigure {
    let xs = concentrations(curve);
    let band = |limits: &dyn Fn(f64) -> Option<(f64, f64)>| {
        xs.iter()
            .filter_map(|&concentration| {
                limits(concentration).map(|(lower, upper)| BandPoint { concentration, lower, upper })
            })
            .collect()
    };
    let model = match curve.method().model {
        Model::FourParameter => "4PL",
        Model::FiveParameter => "5PL",
        Model::FiveParameterMirror => "5PL, mirror",
    };
    StandardCurveFigure {
        title: if answer.name.is_empty() { "Standard curve".to_string() } else { answer.name.clone() },
        subtitle: format!("{model}, {}", curve.verdict().words()),
        response: "Response".to_string(),
        points: curve.points().iter().map(|point| CurvePoint::used(point.concentration, point.response)).collect(),
        line: xs.iter().map(|&x| (x, curve.response(x))).filter(|(_, y)| y.is_finite()).collect(),
        confidence: band(&|x| curve.confidence_band(x)),
        prediction: band(&|x| curve.prediction_band(x, 1)),
        level_percent: 100.0 * curve.method().confidence,
        samples: answer.inverse.iter().map(|read| read.response).collect(),
        residuals: Some(Residuals {
            label: "Residual / σ".to_string(),
            points: curve
                .residuals()
                .iter()
                .filter_map(|r| {
                    let sd = curve.residual_sd()?;
                    Some((curve.points()[r.index].concentration, r.weighted / sd))
                })
                .collect(),
        }),
        ..StandardCurveFigure::default()
    }
}

/// Where the line is drawn: at zero where there is a zero standard, and evenly on the logarithmic axis.
fn concentrations(curve: &StandardCurve) -> Vec<f64> {
    let levels: Vec<f64> = curve.levels().iter().map(|level| level.concentration).collect();
    let positive: Vec<f64> = levels.iter().copied().filter(|&x| x > 0.0).collect();
    let (Some(&first), Some(&last)) = (positive.first(), positive.last()) else { return levels };
    let step = libm::log(last / first) / RESOLUTION as f64;
    levels
        .iter()
        .copied()
        .filter(|&x| x == 0.0)
        .chain((0..=RESOLUTION).map(|i| if i == RESOLUTION { last } else { first * libm::exp(step * i as f64) }))
        .collect()
}
