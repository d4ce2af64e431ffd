//! What a run prints at its end: what to do next first, then the answer.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::concentration::quantity::significant;
use crate::qc::{PlateVerdict, Verdict};
use crate::record::{Review, RunRecord};
use crate::report::page::PAGE;
use crate::report::{StudyReport, words};
use crate::reportable::{IdentityFinding, ReportableResult, Rerun};
use crate::sheet::Problem;
use crate::stats::{printed_p, printed_ratio};
use crate::study::{Comparison, Dependence, IntervalEstimate, Robustness, dependences};

/// The summary for people.
pub(super) fn text(
    report: &StudyReport<'_>,
    folder: &Path,
    written: &[PathBuf],
    verbose: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let study = &report.protocol.assay.study;
    writeln!(out, "{} {} · {} · {}", report.record.program, report.record.version, study.id, study.title)?;
    if study.simulated {
        writeln!(out, "SIMULATED DATA: no real participant stands behind any number below")?;
    }
    writeln!(out)?;
    plates(report, out)?;
    samples(report, out)?;
    if let Some(comparison) = report.comparison {
        if verbose {
            arms(comparison, report, out)?;
        } else {
            answer(comparison, report, out)?;
        }
        if let Some(opening) = report.record.arms_opened.last() {
            let hash: String = opening.concentrations_sha256.chars().take(12).collect();
            writeln!(
                out,
                "\nThe list of arms was opened by {} on concentrations {hash}… (arms-opened.jsonl)",
                opening.by
            )?;
        }
    }
    let for_qc =
        if report.comparison.is_some() { "; laboratory.html is without the arms, for the bench and QC" } else { "" };
    let begin = if written.iter().any(|file| file.ends_with(PAGE)) {
        format!("begin with {PAGE}{for_qc}; index.html names them all")
    } else {
        "tables and run.json only".into()
    };
    writeln!(out, "\n{} files in {}: {begin}", written.len(), folder.display())
}

fn plates(report: &StudyReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let count = |verdict| report.plates.iter().filter(|plate| plate.verdict.verdict == verdict).count();
    let remarked = match count(Verdict::AcceptedWithRemarks) {
        0 => String::new(),
        remarked => format!(" ({remarked} with remarks)"),
    };
    writeln!(
        out,
        "{}: {} accepted{remarked}, {} rejected, {} not evaluable",
        counted(report.plates.len(), "plate"),
        count(Verdict::Accepted) + count(Verdict::AcceptedWithRemarks),
        count(Verdict::Rejected),
        count(Verdict::NotEvaluable)
    )?;
    for plate in report.plates.iter().filter(|plate| plate.verdict.verdict != Verdict::Accepted) {
        writeln!(out, "  {} {}: {}", plate.id, plate.verdict.verdict, words::why(&plate.verdict))?;
        let mut others: Vec<String> =
            plate.verdict.also_against().iter().map(|one| one.rule.words().to_string()).collect();
        others.dedup();
        if !others.is_empty() {
            writeln!(out, "    also not met: {} (findings.csv)", others.join("; "))?;
        }
    }
    reviews(report, out)
}

/// How many plates were reviewed, who signed, and what of that does not count.
fn reviews(report: &StudyReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let of_plates = || report.plates.iter().map(|plate| (plate, report.review(plate)));
    if of_plates().any(|(_, review)| *review != Review::Open) {
        let in_date = of_plates().filter(|(_, review)| matches!(review, Review::InDate(..))).count();
        writeln!(out, "{in_date} of {} reviewed or approved as they are now", counted(report.plates.len(), "plate"))?;
    }
    for (plate, review) in of_plates() {
        if let Some(doubt) = review.doubt() {
            writeln!(out, "  {}: {doubt}", plate.id)?;
        }
    }
    for one in report.signatures {
        let statement = &one.signature.statement;
        let when = words::moment(&statement.when);
        writeln!(out, "{} by {}, {when}: {}", statement.meaning, statement.name, one.words())?;
    }
    Ok(())
}

pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn samples(report: &StudyReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let count = |status: &str| report.results.iter().filter(|result| result.quantity.status() == status).count();
    writeln!(
        out,
        "{}: {} quantified, {} below LLOQ, {} above ULOQ, {} not reported",
        counted(report.results.len(), "sample"),
        count("quantified"),
        count("below LLOQ"),
        count("above ULOQ"),
        count("not reported")
    )?;
    if !report.test_results.is_empty() {
        writeln!(out, "  and {} that test the method (spikes.csv, isr.csv)", report.test_results.len())?;
    }
    if !report.identity.is_empty() {
        let doubts = counted(report.identity.len(), "finding");
        writeln!(out, "  whose result is it: {doubts}, named above and in identity.csv")?;
    }
    if !report.reruns.is_empty() {
        writeln!(out, "  to run again (reruns.csv):")?;
    }
    const SHOWN: usize = 12;
    for rerun in report.reruns.iter().take(SHOWN) {
        writeln!(out, "    {} on {}: {}. {}", rerun.sample, rerun.plate, rerun.reason, rerun.advice)?;
    }
    if report.reruns.len() > SHOWN {
        writeln!(out, "    … and {} more", report.reruns.len() - SHOWN)?;
    }
    Ok(())
}

/// The answer in labelled lines, and what it depends on in a line each; the page has the prose.
fn answer(comparison: &Comparison, report: &StudyReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let study = &report.protocol.assay.study;
    let primary: Vec<_> = comparison.comparisons.iter().filter(|row| row.primary).collect();
    let visit = primary.first().map_or("", |row| row.visit.as_str());
    writeln!(out, "\n{} at {visit} relative to baseline, geometric mean ratio", study.analyte)?;
    let line = |out: &mut dyn Write, label: &str, said: &str| writeln!(out, "  {label:<28} {said}");
    for arm in comparison.arms.iter().filter(|arm| arm.visit == visit) {
        let ratio = shown(arm.geometric_mean_ratio, &arm.change_not_estimable, arm.censored_ratio);
        line(out, &arm.arm, &format!("{}  n {}", ratio.unwrap_or_else(|| "none".into()), arm.n_change))?;
    }
    for row in primary {
        let said = match (row.ratio, row.p) {
            (Some(ratio), p) => format!(
                "{} ({} to {}){}  {}, n {} + {}",
                printed_ratio(ratio.estimate),
                printed_ratio(ratio.lower),
                printed_ratio(ratio.upper),
                p.map_or_else(String::new, |p| format!("  p {}", printed_p(p))),
                row.analysis.name().to_uppercase(),
                row.n[0],
                row.n[1]
            ),
            (None, _) => format!("no estimate: {}", row.reason),
        };
        line(out, &format!("{} / {}", row.active, row.reference), &said)?;
    }
    doubts(&dependences(comparison, report.robustness), out)
}

/// What the answer depends on, a line each.
fn doubts(dependences: &[Dependence], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nDoes the conclusion hold? (--verbose, or the page, has the rest)")?;
    let several = dependences.iter().any(|one| one.active != dependences[0].active);
    for one in dependences {
        let arm = if several { format!("{}, ", one.active) } else { String::new() };
        let first = format!("  {:<12} ", one.mark.to_string());
        wrapped(&format!("{arm}{}: {}", one.on, one.words), &first, &" ".repeat(17), out)?;
    }
    Ok(())
}

/// A line as it fits the terminal: begun with `first`, gone on with `next`.
pub(super) fn wrapped(text: &str, first: &str, next: &str, out: &mut dyn Write) -> io::Result<()> {
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    let width = super::terminal::stdout_width().or_else(said).unwrap_or(100).clamp(40, 120);
    let mut line = first.to_string();
    let mut begun = false;
    for word in text.split_whitespace() {
        if begun && line.chars().count() + 1 + word.chars().count() > width {
            writeln!(out, "{line}")?;
            line = next.to_string();
            begun = false;
        }
        if begun {
            line.push(' ');
        }
        line += word;
        begun = true;
    }
    writeln!(out, "{line}")
}

fn arms(comparison: &Comparison, report: &StudyReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let study = &report.protocol.assay.study;
    writeln!(out, "\n{} ({}) by arm", study.analyte, study.unit)?;
    for arm in &comparison.arms {
        let median = arm.median.map_or_else(|| "none".into(), |median| median.to_string());
        let mean = shown(arm.geometric_mean, &arm.not_estimable, arm.censored_geometric_mean).unwrap_or("none".into());
        write!(out, "  {:<12} {:<12} n {:>3}  median {median:<8} geometric mean {mean}", arm.arm, arm.visit, arm.n)?;
        match shown(arm.geometric_mean_ratio, &arm.change_not_estimable, arm.censored_ratio) {
            Some(ratio) if arm.n_change > 0 => writeln!(out, "  ratio to baseline {ratio} (n {})", arm.n_change)?,
            Some(ratio) => writeln!(out, "  ratio to baseline {ratio}")?,
            None => writeln!(out)?,
        }
    }
    writeln!(out, "\n{}", comparison.paragraph)?;
    report.robustness.map_or(Ok(()), |robustness| depends(robustness, out))
}

/// A mean, or why there is none with what a censored regression says instead.
fn shown(mean: Option<IntervalEstimate>, not_estimable: &str, censored: Option<IntervalEstimate>) -> Option<String> {
    if not_estimable.is_empty() {
        return mean.map(|mean| interval(&mean));
    }
    let instead = censored.map(|mean| format!(" (as censored {})", interval(&mean))).unwrap_or_default();
    Some(format!("{not_estimable}{instead}"))
}

/// What the answer depends on, in sentences.
fn depends(robustness: &Robustness, out: &mut dyn Write) -> io::Result<()> {
    for error in &robustness.assay_error {
        match error.reason.as_str() {
            "" => writeln!(out, "\n{}", error.words)?,
            reason => writeln!(out, "\nAssay error was not carried through: {reason}.")?,
        }
    }
    for grid in &robustness.grids {
        writeln!(out, "\n{}", grid.words)?;
    }
    writeln!(out, "\n{}", robustness.design.words)
}

fn interval(interval: &IntervalEstimate) -> String {
    format!(
        "{} [{}, {}]",
        significant(interval.estimate, 3),
        significant(interval.lower, 3),
        significant(interval.upper, 3)
    )
}

/// What programs are told of a run.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    record: &'a RunRecord,
    verdicts: Vec<&'a PlateVerdict>,
    results: &'a [ReportableResult],
    reruns: &'a [Rerun],
    identity: &'a [IdentityFinding],
    comparison: Option<&'a Comparison>,
    depends_on: Vec<Dependence>,
    robustness: Option<&'a Robustness>,
    warnings: &'a [Problem],
    files: &'a [PathBuf],
}

impl<'a> Summary<'a> {
    /// Of a run that wrote these files.
    pub(super) fn of(report: &StudyReport<'a>, written: &'a [PathBuf]) -> Self {
        Self {
            record: report.record,
            verdicts: report.plates.iter().map(|plate| &plate.verdict).collect(),
            results: report.results,
            reruns: report.reruns,
            identity: report.identity,
            comparison: report.comparison,
            depends_on: report.comparison.map(|found| dependences(found, report.robustness)).unwrap_or_default(),
            robustness: report.robustness,
            warnings: report.warnings,
            files: written,
        }
    }
}

/// The summary for programs.
pub(super) fn json(report: &StudyReport<'_>, written: &[PathBuf], out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Summary::of(report, written))?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_lost_in_wrapping() {
        let text = "one two three ".repeat(40);
        let mut out = Vec::new();
        wrapped(&text, "  - ", "    ", &mut out).unwrap();
        let written = String::from_utf8(out).unwrap();
        assert!(written.lines().count() > 3 && written.lines().all(|line| line.chars().count() <= 120), "{written}");
        let words = |text: &str| text.split_whitespace().map(str::to_string).collect::<Vec<_>>();
        assert_eq!(words(written.trim_start().trim_start_matches("- ")), words(&text));
    }
}
