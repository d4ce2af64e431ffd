//! What `plate` prints: each plate as a picture, its curve, its standards, controls and results; then what to do next.

use std::io::{self, Write};
use std::path::Path;

use super::map;
use crate::cli::terminal::{TerminalCanvas, typed};
use crate::concentration::quantity::significant;
use crate::concentration::{PlateConcentrations, Quantity};
use crate::pipeline::{PlatesRun, UnconfirmedLayout};
use crate::plate::WellRole;
use crate::qc::{Finding, JudgedPlate, Outcome};
use crate::report::figure::MapRole;
use crate::report::{figures, words};
use crate::reportable::Candidate;

/// So many re-runs are named.
const RERUNS: usize = 12;

/// Layouts that wait for a person's word: as a picture, and in full.
pub(super) fn unconfirmed(layouts: &[UnconfirmedLayout], out: &mut dyn TerminalCanvas) -> io::Result<()> {
    for layout in layouts {
        let of = &layout.declared.layout;
        writeln!(out, "{}: what the export says of its wells, code {}\n", layout.plate, layout.declared.code())?;
        map::draw(of.size, |well| role(&of.wells.get(&well)?.role).map(|role| (role, None)), out)?;
        map::legend(&[], out)?;
        for content in layout.declared.contents() {
            writeln!(out, "  {content}")?;
        }
        if let Some(series) = &layout.series {
            writeln!(out, "  Not one sample yet: {series}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn role(role: &WellRole) -> Option<MapRole> {
    match role {
        WellRole::Standard { .. } => Some(MapRole::Standard),
        WellRole::Control { .. } => Some(MapRole::Control),
        WellRole::Blank => Some(MapRole::Blank),
        WellRole::Sample { .. } => Some(MapRole::Sample),
        WellRole::Unused => None,
    }
}

/// Which folders were written.
#[derive(Debug, Clone, Copy)]
pub(super) struct WrittenFolders<'a> {
    pub(super) results: Option<&'a Path>,
    pub(super) study: Option<&'a Path>,
}

/// The answer, for people.
pub(super) fn text(run: &PlatesRun, written: WrittenFolders<'_>, out: &mut dyn TerminalCanvas) -> io::Result<()> {
    let unit = &run.assay.study.unit;
    writeln!(out, "{} {} · {}", run.record.program, run.record.version, run.record.criteria)?;
    for plate in &run.plates {
        let verdict = plate.verdict.verdict;
        writeln!(out, "\n{}: {verdict}", plate.id)?;
        match &plate.concentrations {
            Some(found) => evaluated(run, plate, found, unit, out)?,
            None => plate.not_read().iter().try_for_each(|problem| writeln!(out, "  {problem}"))?,
        }
    }
    next(run, written, out)
}

fn evaluated(
    run: &PlatesRun,
    plate: &JudgedPlate,
    found: &PlateConcentrations,
    unit: &str,
    out: &mut dyn TerminalCanvas,
) -> io::Result<()> {
    let layout = run.assay.plates.iter().find(|entry| entry.id == plate.id).map(|entry| match entry.layout_file() {
        Some(file) => file.display().to_string(),
        None => "from the export, confirmed".into(),
    });
    writeln!(
        out,
        "  {}, {}, {}; layout {}",
        found.plate.export,
        found.plate.format,
        found.plate.read,
        layout.unwrap_or_default()
    )?;
    writeln!(out, "  curve {}", figures::curve_subtitle(&run.report(), found))?;
    if let Some(range) = &found.range {
        writeln!(
            out,
            "  range {} to {} {unit}: {}",
            significant(range.lloq, 4),
            significant(range.uloq, 4),
            range.rule
        )?;
    }
    findings(plate, out)?;
    writeln!(out)?;
    if let Some(picture) = figures::map_of(&run.report(), plate) {
        let well = |well| picture.wells.iter().find(|one| one.position == well).map(|one| (one.role, one.flag));
        map::draw(picture.size, well, out)?;
        let flags: Vec<_> = picture.wells.iter().filter_map(|well| well.flag).collect();
        map::legend(&flags, out)?;
    }
    standards(found, unit, out)?;
    controls(found, unit, out)?;
    samples(run, plate, unit, out)
}

/// What a person looks at, what decides first: each with the level, well or control that it is about.
fn findings(plate: &JudgedPlate, out: &mut dyn Write) -> io::Result<()> {
    for Finding { rule, subject, observed, limit, outcome, .. } in plate.verdict.to_look_at() {
        let rule = rule.words();
        let of = if rule.contains(subject.as_str()) { rule.to_string() } else { format!("{subject}, {rule}") };
        match outcome {
            Outcome::Fail | Outcome::NotEvaluable => writeln!(out, "  {outcome}: {of}: {observed} (limit: {limit})")?,
            _ => writeln!(out, "  {outcome}: {subject}: {observed}")?,
        }
    }
    Ok(())
}

fn standards(found: &PlateConcentrations, unit: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut rows =
        vec![["standard".to_string(), format!("found ({unit})"), "bias".into(), "response".into(), String::new()]];
    for one in &found.standards {
        let said = match (&one.failure, one.rejected) {
            (Some(failure), true) => format!("left out: {failure}"),
            (Some(failure), false) => failure.clone(),
            (None, true) => "left out".into(),
            (None, false) => String::new(),
        };
        rows.push([
            significant(one.nominal, 6),
            one.back_calculated.map_or_else(String::new, |value| significant(value, 4)),
            one.bias_percent.map_or_else(String::new, |bias| format!("{bias:+.1} %")),
            if one.mean_response.is_finite() { format!("{:.3}", one.mean_response) } else { "none".into() },
            said,
        ]);
    }
    table(&rows, out)
}

fn controls(found: &PlateConcentrations, unit: &str, out: &mut dyn Write) -> io::Result<()> {
    if found.controls.is_empty() {
        return Ok(());
    }
    let mut rows =
        vec![["control".to_string(), format!("found ({unit})"), "bias".into(), "nominal".into(), "wells".into()]];
    rows.extend(found.controls.iter().map(|control| {
        [
            control.group.name.clone(),
            control.group.quantity.to_string(),
            control.bias_percent.map_or_else(String::new, |bias| format!("{bias:+.1} %")),
            control.nominal.map_or_else(|| "none: watched".into(), |nominal| significant(nominal, 6)),
            words::wells(&control.group.wells),
        ]
    }));
    table(&rows, out)
}

/// Everything measured of the samples of a plate, with what may be reported of it.
fn samples(run: &PlatesRun, plate: &JudgedPlate, unit: &str, out: &mut dyn Write) -> io::Result<()> {
    let confidence = words::percent(run.assay.method.confidence);
    let mut rows = vec![[
        "sample".to_string(),
        "wells".into(),
        "dilution".into(),
        format!("result ({unit})"),
        format!("{confidence} % interval"),
        "CV".into(),
        "flags".into(),
    ]];
    let of_plate = |candidate: &&Candidate| candidate.plate == plate.id;
    let mut several = false;
    for result in &run.results {
        let here: Vec<&Candidate> = result.candidates.iter().filter(of_plate).collect();
        several |= here.len() > 1;
        for candidate in here {
            let group = &candidate.group;
            let mut flags = group.flags.clone();
            if candidate.quantity != group.quantity {
                flags.insert(0, candidate.quantity.to_string());
            } else if result.candidates.len() > 1 {
                flags.insert(0, if candidate.chosen { "reported".into() } else { candidate.why.clone() });
            }
            rows.push([
                result.sample.clone(),
                words::wells(&group.wells),
                significant(group.dilution, 6),
                group.quantity.to_string(),
                interval(&group.quantity),
                group.cv_percent.map_or_else(String::new, |cv| format!("{cv:.1} %")),
                flags.join("; "),
            ]);
        }
    }
    if rows.len() == 1 {
        return writeln!(out, "\n  no samples on this plate");
    }
    table(&rows, out)?;
    if several {
        writeln!(
            out,
            "  of a sample at several dilutions: {}",
            serde_json::json!(run.assay.reportable.dilutions).as_str().unwrap_or_default()
        )?;
    }
    Ok(())
}

/// An interval, with the end that is open said to be so.
fn interval(quantity: &Quantity) -> String {
    let Quantity::Quantified(estimate) = quantity else { return String::new() };
    let end = |value: Option<f64>| value.map(|value| significant(value, 4));
    match (end(estimate.lower), end(estimate.upper)) {
        (Some(lower), Some(upper)) => format!("{lower} to {upper}"),
        (Some(lower), None) => format!("above {lower}"),
        (None, Some(upper)) => format!("below {upper}"),
        (None, None) => "open".into(),
    }
}

/// Columns side by side, the first row as heading; the last column is not padded.
fn table<const N: usize>(rows: &[[String; N]], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += &format!("  {cell}{}", " ".repeat(width.saturating_sub(cell.chars().count())));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// What to do next.
fn next(run: &PlatesRun, written: WrittenFolders<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nNext")?;
    let failed: Vec<&str> =
        run.plates.iter().filter(|plate| !plate.verdict.verdict.is_accepted()).map(|plate| plate.id.as_str()).collect();
    if !failed.is_empty() {
        writeln!(out, "  not accepted: {}. Their samples have no result that can be reported", failed.join(", "))?;
    }
    let reruns: Vec<_> = run.reruns.iter().filter(|rerun| !failed.contains(&rerun.plate.as_str())).collect();
    for rerun in reruns.iter().take(RERUNS) {
        writeln!(out, "  {}: {}. {}", rerun.sample, rerun.reason, rerun.advice)?;
    }
    if reruns.len() > RERUNS {
        writeln!(out, "  … and {} more samples to run again", reruns.len() - RERUNS)?;
    }
    match written.results {
        Some(folder) => writeln!(out, "  read {}, or results.xlsx beside it", folder.join("report.html").display())?,
        None => writeln!(
            out,
            "  the page with the curve and a workbook with every number: the same command with --out DIR"
        )?,
    }
    match written.study {
        Some(folder) => writeln!(out, "  the study is in {0}: platewise quantify {0}", typed(folder)),
        None => writeln!(
            out,
            "  a study of it, for decisions, re-runs and subjects: the same command with --save-study DIR"
        ),
    }
}
