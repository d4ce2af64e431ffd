//! `platewise curve POINTS.csv`: standard curves, what they say about themselves, and concentrations read from them.

mod curve_answer;
mod input;
mod json;
mod picture;
mod variance;
mod words;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::{CommandStatus, Failure, OutputFormat, option_values};
use crate::curve::{Method, Model, StandardCurve, Variance, VarianceFrom, fit_many};
use curve_answer::CurveAnswer;
use input::SampleResponse;
use variance::VarianceModel;

/// Fit standard curves and read concentrations from them
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:\n  platewise curve fixtures/curves/points.csv\n  \
                        platewise curve fixtures/curves/points.csv --variance squared --plot curve.svg\n\n\
                        Exit code: 0 done; 1 done, and a curve is not usable; 2 could not run.")]
pub(super) struct Args {
    /// The standards: a table with the columns `concentration`, `response` and perhaps `curve`, one row per well.
    points: PathBuf,
    /// The family of curves.
    #[arg(long, value_enum, default_value_t = ModelName::FourPl)]
    model: ModelName,
    /// How the variance of a response depends on its mean; without it the likeliest of constant, proportional and squared for these
    /// wells, of several curves also two-component. Curves of one file share the parameter of power and of two-component.
    #[arg(long, value_enum)]
    variance: Option<VarianceName>,
    /// Which mean that is: of the fitted curve, iterated, or of the level's wells.
    #[arg(long, value_enum, default_value_t = FromName::Fitted)]
    variance_from: FromName,
    /// A known parameter, such as a=0.05; may be given several times.
    #[arg(long, value_name = "NAME=VALUE", value_parser = input::known_parameter)]
    fix: Vec<(char, f64)>,
    /// Responses to read as concentrations: a table with the column `response` and perhaps `curve`.
    #[arg(long, value_name = "RESPONSES.csv")]
    invert: Option<PathBuf>,
    /// Number of wells whose mean each of these responses is.
    #[arg(long, value_name = "WELLS", default_value_t = 1, value_parser = option_values::wells)]
    replicates: u32,
    /// Level of all intervals.
    #[arg(long, default_value_t = 0.95)]
    confidence: f64,
    /// Draw the curve into a file, .svg or .png; with several curves, each into one of its own, `FILE-CURVE.svg`.
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ModelName {
    /// y = d + (a − d) / (1 + (x/c)^b)
    #[value(name = "4pl")]
    FourPl,
    /// y = d + (a − d) / (1 + (x/c)^b)^g
    #[value(name = "5pl")]
    FivePl,
    /// The mirror family, y = a + (d − a) / (1 + (x/c)^−b)^g: drc's LL.5 with negative b.
    #[value(name = "5plm")]
    FivePlMirror,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum VarianceName {
    /// The same everywhere.
    Constant,
    /// Variance ∝ mean ("1/y").
    Proportional,
    /// Variance ∝ mean² ("1/y²").
    Squared,
    /// Variance ∝ mean^(2θ), θ estimated.
    Power,
    /// Variance ∝ mean² + ρ², ρ estimated: a floor and a percentage.
    TwoComponent,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FromName {
    /// The fitted response.
    Fitted,
    /// The observed mean of the level.
    Observed,
}

impl Args {
    fn stated_variance(&self) -> Option<Variance> {
        self.variance.map(|name| match name {
            VarianceName::Constant => Variance::Constant,
            VarianceName::Proportional => Variance::Proportional,
            VarianceName::Squared => Variance::Squared,
            VarianceName::Power => Variance::Power,
            VarianceName::TwoComponent => Variance::TwoComponent,
        })
    }

    fn method(&self) -> Result<Method, Failure> {
        let mut method = Method {
            model: match self.model {
                ModelName::FourPl => Model::FourParameter,
                ModelName::FivePl => Model::FiveParameter,
                ModelName::FivePlMirror => Model::FiveParameterMirror,
            },
            variance: self.stated_variance().unwrap_or(Variance::Constant),
            variance_from: match self.variance_from {
                FromName::Fitted => VarianceFrom::Fitted,
                FromName::Observed => VarianceFrom::Observed,
            },
            confidence: self.confidence,
            ..Method::default()
        };
        for &(name, value) in &self.fix {
            let fixed = &mut method.fixed;
            let parameter = match name {
                'a' => &mut fixed.a,
                'd' => &mut fixed.d,
                'c' => &mut fixed.c,
                'b' => &mut fixed.b,
                _ => &mut fixed.g,
            };
            if parameter.replace(value).is_some() {
                return Err(Failure::Other(format!("--fix {name}: it appears twice; a parameter has one value")));
            }
        }
        method.check().map_err(|error| Failure::Other(error.to_string()))?;
        Ok(method)
    }
}

/// Fits, reads back, writes to `out`. An unusable curve makes the status.
///
/// # Errors
/// When the tables cannot be read, or `out` or a picture cannot be written.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let curves = input::curves(&args.points)?;
    let (method, variance) = VarianceModel::settle(args.stated_variance(), args.method()?, &curves);
    let responses = match &args.invert {
        Some(path) => input::responses(path, &curves)?,
        None => Vec::new(),
    };
    let points: Vec<_> = curves.iter().map(|curve| curve.points.as_slice()).collect();
    let answers: Vec<CurveAnswer> = curves
        .iter()
        .zip(fit_many(&points, &method))
        .map(|(curve, outcome)| {
            // The intervals first: where a profile comes by a lower curve, that one is the answer.
            let (outcome, intervals) = match outcome.and_then(StandardCurve::with_intervals) {
                Ok((fitted, intervals)) => (Ok(fitted), intervals),
                Err(error) => (Err(error), [None; 5]),
            };
            let read = |response: &SampleResponse| {
                outcome.as_ref().ok().map(|fitted| fitted.invert(response.mean, args.replicates as usize))
            };
            let on_this = |response: &&SampleResponse| response.curve.as_ref().is_none_or(|name| *name == curve.name);
            let inverse = responses.iter().filter(on_this).filter_map(read).collect();
            CurveAnswer { name: curve.name.clone(), outcome, intervals, inverse }
        })
        .collect();
    match args.format {
        OutputFormat::Json => json::write(&answers, &method, &variance, out)?,
        OutputFormat::Text => words::write(&answers, &curves, &variance, out)?,
    }
    if let Some(file) = &args.plot {
        picture::write(&answers, file)?;
    }
    let usable = |answer: &CurveAnswer| answer.outcome.as_ref().is_ok_and(|curve| curve.verdict().usable);
    Ok(if answers.iter().all(usable) { CommandStatus::Done } else { CommandStatus::WithFailures })
}
