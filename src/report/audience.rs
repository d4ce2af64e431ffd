//! Whom a table serves: the order and the colours of the workbook and of the start page.

use super::figure::palette;
use super::table::ReportTable;

/// Who reads a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audience {
    Bench,
    Quality,
    Analyst,
}

impl Audience {
    /// In the order of the workbook.
    pub(super) const ALL: [Self; 3] = [Self::Bench, Self::Quality, Self::Analyst];

    pub(super) fn of(table: &ReportTable) -> Self {
        match table.name {
            "concentrations" | "reruns" | "repeats" | "identity" | "measurements" => Self::Bench,
            "verdicts" | "findings" | "criteria" | "decisions" | "exclusions" | "curves" | "standards" | "controls"
            | "wells" | "charts" | "westgard" | "movements" | "history" | "precision" | "effects" | "parallelism"
            | "spikes" | "isr" | "lots" => Self::Quality,
            _ => Self::Analyst,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Bench => "Bench: results, and what to measure again",
            Self::Quality => "QC: verdicts, curves, controls, decisions, control charts",
            Self::Analyst => "Analysis: the comparison of the arms, and the data set behind it",
        }
    }

    pub(super) fn ink(self) -> palette::Ink {
        match self {
            Self::Bench => palette::GREEN,
            Self::Quality => palette::BLUE,
            Self::Analyst => palette::PURPLE,
        }
    }
}
