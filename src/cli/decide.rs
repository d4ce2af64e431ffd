//! `platewise decide STUDY …`: an exclusion, its end, or a review, written to the log of decisions. Nothing is decided without a
//! person and a reason, and nothing that was written is ever changed.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args as ClapArgs, Subcommand};

use super::study::Inputs;
use super::{CommandStatus, Failure};
use crate::pipeline::{self, RequestedDecision};
use crate::record::{self, DecisionRequest, REASON_CODES, ReviewKind, Target};

/// Exclude a well, a standard or a plate with a reason, undo it, or review and approve a plate
#[derive(Debug, ClapArgs)]
#[command(
    after_help = "Examples:\n  platewise decide plates exclude --plate P02 --well E07 --code bubble --reason \"a bubble\" --by AB\n  platewise decide plates undo 1 --code other --reason \"the well beside it\" --by AB\n\nEach decision is a line of decisions.jsonl in the study folder, which is only ever appended to."
)]
pub(super) struct Args {
    /// The study: a folder with a study.toml in it.
    study: PathBuf,
    #[command(flatten)]
    inputs: Inputs,
    #[command(subcommand)]
    decision: DecisionCommand,
}

#[derive(Debug, Subcommand)]
enum DecisionCommand {
    /// Leave a well, a level of the standards or a whole plate out
    Exclude {
        /// The plate, by its id in study.toml.
        #[arg(long)]
        plate: String,
        /// One well of it, such as E07.
        #[arg(long, conflicts_with = "standard")]
        well: Option<String>,
        /// All wells of a standard, by its nominal concentration.
        #[arg(long)]
        standard: Option<f64>,
        #[command(flatten)]
        why: ReasonArgs,
    },
    /// End an exclusion, by its line in decisions.jsonl
    Undo {
        /// The line.
        line: usize,
        #[command(flatten)]
        why: ReasonArgs,
    },
    /// Say that the findings of a plate were reviewed and its verdict stands; it changes no verdict
    Accept(ReviewArgs),
    /// Approve the results of a plate as they are; it changes no verdict
    Approve(ReviewArgs),
}

#[derive(Debug, ClapArgs)]
struct ReviewArgs {
    /// The plate, by its id in study.toml.
    #[arg(long)]
    plate: String,
    /// The folder of the results that were looked at. They must be those that the study gives now. [default: STUDY/results]
    #[arg(long, value_name = "DIR")]
    results: Option<PathBuf>,
    #[command(flatten)]
    why: ReasonArgs,
}

#[derive(Debug, ClapArgs)]
struct ReasonArgs {
    /// Code of the reason.
    #[arg(long, value_parser = REASON_CODES.map(|(code, _)| code))]
    code: String,
    /// The reason in words.
    #[arg(long)]
    reason: String,
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Checks that what is decided about is there, and appends the decision.
///
/// # Errors
/// When the study, the log or the target is not as it must be. Nothing is written then.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<CommandStatus, Failure> {
    let review = |kind: ReviewKind, of: &ReviewArgs| RequestedDecision::Review {
        kind,
        plate: of.plate.clone(),
        who: of.why.by.clone(),
        results: Some(of.results.clone().unwrap_or_else(|| args.study.join("results"))),
    };
    let (why, requested) = match &args.decision {
        DecisionCommand::Exclude { plate, well, standard, why } => {
            let target = Target { plate: plate.clone(), well: well.clone(), standard: *standard };
            (why, RequestedDecision::Exclude(target))
        }
        DecisionCommand::Undo { line, why } => (why, RequestedDecision::Undo(*line)),
        DecisionCommand::Accept(of) => (&of.why, review(ReviewKind::Reviewed, of)),
        DecisionCommand::Approve(of) => (&of.why, review(ReviewKind::Approved, of)),
    };
    let decision = pipeline::check_decision(&args.inputs.study(&args.study), requested)?;
    let request = DecisionRequest {
        who: why.by.clone(),
        decision,
        code: why.code.clone(),
        reason: why.reason.clone(),
        seen: None,
    };
    let (line, event) = record::append(&args.study, &request)?;
    writeln!(out, "{}", words(&args.study, line, &event))?;
    Ok(CommandStatus::Done)
}

fn words(study: &Path, line: usize, event: &record::Decision) -> String {
    let next = if event.action.is_review() { "to show it" } else { "for the results with and without it" };
    format!(
        "decision {line}: {} was {}, is {} ({}: {}; {}, {})\nRun `platewise quantify {}` {next}, blinded.",
        event.target,
        event.old,
        event.new,
        event.code,
        event.reason,
        event.who,
        crate::report::words::moment(&event.when),
        study.display()
    )
}
