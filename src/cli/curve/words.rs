//! The answer for people.

use std::io::{self, Write};

use super::curve_answer::CurveAnswer;
use super::input::CurveWells;
use super::variance::VarianceModel;
use crate::concentration::quantity::significant;
use crate::curve::{Interval, Model, StandardCurve, interval_holds};
use crate::stats::printed_p;

pub(super) fn write(
    answers: &[CurveAnswer],
    wells: &[CurveWells],
    variance: &VarianceModel,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "{variance}")?;
    for (i, (answer, wells)) in answers.iter().zip(wells).enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        if !answer.name.is_empty() {
            writeln!(out, "Curve {}", answer.name)?;
        }
        match &answer.outcome {
            Err(error) => writeln!(out, "no curve: {error}")?,
            Ok(curve) => {
                parameters(curve, &answer.intervals, out)?;
                standards(curve, out)?;
                verdict(curve, wells, out)?;
                concentrations(answer, out)?;
            }
        }
    }
    Ok(())
}

/// A number as people read it, or a dash for what there is none of.
fn number(value: Option<f64>) -> String {
    match value.filter(|value| value.is_finite()) {
        None => "–".to_string(),
        Some(value) if value != 0.0 && !(1e-4..1e7).contains(&value.abs()) => format!("{value:.4e}"),
        Some(value) => significant(value, 5),
    }
}

fn percent(value: Option<f64>) -> String {
    value.map_or("–".to_string(), |value| format!("{value:.1}"))
}

/// Lines of cells, each column as wide as it needs, numbers to the right.
fn table(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::from(" ");
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(&format!(" {cell:>width$} "));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn cells<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_string).to_vec()
}

/// Floor and percentage of a curve; without σ, their ratio.
fn two_components(curve: &StandardCurve, crossover: f64) -> String {
    match curve.residual_sd() {
        Some(sd) => format!(
            "variance {}² + ({} % of the mean)² ({})",
            significant(sd * crossover, 3),
            significant(100.0 * sd, 3),
            from(curve)
        ),
        None => format!("variance ∝ mean² + {}² ({})", significant(crossover, 3), from(curve)),
    }
}

fn parameters(curve: &StandardCurve, intervals: &[Option<Interval>; 5], out: &mut dyn Write) -> io::Result<()> {
    let method = curve.method();
    let model = match method.model {
        Model::FourParameter => "4PL  y = d + (a − d) / (1 + (x/c)^b)",
        Model::FiveParameter => "5PL  y = d + (a − d) / (1 + (x/c)^b)^g",
        Model::FiveParameterMirror => "5PL, mirror  y = a + (d − a) / (1 + (x/c)^−b)^g",
    };
    if !curve.has_curve() {
        return writeln!(out, "{model}: no curve");
    }
    let variance = match (method.variance.exponent(), curve.variance_exponent(), curve.variance_crossover()) {
        (Some(0.0), ..) => "variance constant".to_string(),
        (Some(exponent), ..) => format!("variance ∝ mean^{} ({})", 2.0 * exponent, from(curve)),
        (None, Some(exponent), _) => format!("variance ∝ mean^{:.3} ({})", 2.0 * exponent, from(curve)),
        (None, None, crossover) => two_components(curve, crossover.unwrap_or(0.0)),
    };
    writeln!(out, "{model}, {}, {variance}", if curve.rising() { "rising" } else { "falling" })?;
    let p = curve.parameters();
    let errors = curve.standard_errors().unwrap_or_default();
    let level = format!("{} % interval", significant(100.0 * method.confidence, 4));
    let mut rows = vec![cells(["", "estimate", "SE", &level, ""])];
    let all = [("a", p.a), ("d", p.d), ("c", p.c), ("b", p.b), ("g", p.g)];
    for (i, (name, value)) in all.into_iter().enumerate() {
        if name == "g" && method.model == Model::FourParameter {
            continue;
        }
        let [lower, upper] = intervals[i].map_or([None, None], |interval| [interval.lower, interval.upper]);
        let (lower, upper) = match intervals[i] {
            Some(_) => {
                (lower.map_or("open".into(), |v| number(Some(v))), upper.map_or("open".into(), |v| number(Some(v))))
            }
            None => ("–".to_string(), "–".to_string()),
        };
        let estimate = if value.is_finite() { number(Some(value)) } else { "not identified".to_string() };
        rows.push(vec![name.to_string(), estimate, number(errors[i]), lower, upper]);
    }
    table(out, &rows)?;
    writeln!(
        out,
        "  RSS {}, residual SD {}, {} degrees of freedom, R² {:.5}, AICc {}",
        number(Some(curve.rss())),
        number(curve.residual_sd()),
        curve.df(),
        curve.r_squared(),
        number(curve.aicc())
    )?;
    if let Some(lack) = curve.lack_of_fit() {
        writeln!(
            out,
            "  lack of fit: F({}, {}) = {:.2}, p {}",
            lack.df_lack,
            lack.df_pure,
            lack.f,
            printed_p(lack.p_value)
        )?;
    }
    Ok(())
}

fn from(curve: &StandardCurve) -> &'static str {
    match curve.method().variance_from {
        crate::curve::VarianceFrom::Fitted => "fitted means",
        crate::curve::VarianceFrom::Observed => "observed means",
    }
}

fn standards(curve: &StandardCurve, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Standards")?;
    let mut rows = vec![cells(["nominal", "wells", "mean response", "CV %", "read back", "bias %", "CV %"])];
    for level in curve.levels() {
        rows.push(vec![
            number(Some(level.concentration)),
            level.n.to_string(),
            number(Some(level.mean_response)),
            percent(level.response_cv_percent),
            number(level.back_calculated),
            percent(level.bias_percent),
            percent(level.cv_percent),
        ]);
    }
    table(out, &rows)
}

fn verdict(curve: &StandardCurve, wells: &CurveWells, out: &mut dyn Write) -> io::Result<()> {
    let verdict = curve.verdict();
    writeln!(out, "Verdict: {}", verdict.words())?;
    for reason in &verdict.reasons {
        write!(out, "  {} {reason}", if reason.decides() { "✗" } else { "·" })?;
        if let Some(point) = reason.well().and_then(|index| wells.points.get(index)) {
            write!(out, " (response {} at {})", point.response, point.concentration)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn concentrations(answer: &CurveAnswer, out: &mut dyn Write) -> io::Result<()> {
    if answer.inverse.is_empty() {
        return Ok(());
    }
    writeln!(out, "Concentrations")?;
    let mut rows = vec![cells(["response", "wells", "concentration", "SE", "lower", "upper", ""])];
    for read in &answer.inverse {
        let limit = |limit: Option<f64>| match (limit, read.standard_error) {
            (None, Some(_)) => "open".to_string(),
            (limit, _) => number(limit),
        };
        rows.push(vec![
            number(Some(read.response)),
            read.replicates.to_string(),
            number(read.concentration),
            number(read.standard_error),
            limit(read.lower),
            limit(read.upper),
            read.status.words().to_string(),
        ]);
    }
    table(out, &rows)?;
    writeln!(out, "  {}", interval_holds(None))
}
