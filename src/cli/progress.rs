//! Bars that say how far a command is and how long the rest will take; only where standard error is a terminal.

use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};

use crate::pipeline::RunStep;

/// A bar that says how many are done, how long the others will take, and which was the last.
pub(super) fn bar(what: &str, quiet: bool) -> ProgressBar {
    let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::new(0) };
    match ProgressStyle::with_template(&format!("{{bar:24}} {{pos}} of {{len}} {what}, {{eta}} left  {{wide_msg}}")) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// The bars of a run, one after another: its plates, and what is computed again of all of them, which takes minutes in a large study.
pub(super) struct RunBars {
    plates: ProgressBar,
    resampled: ProgressBar,
    reevaluated: ProgressBar,
    turn: Mutex<()>,
}

impl RunBars {
    pub(super) fn new(plates: usize, quiet: bool) -> Self {
        let of_plates = bar("plates", quiet);
        of_plates.set_length(plates as u64);
        Self {
            plates: of_plates,
            resampled: bar("studies resampled", quiet),
            reevaluated: bar("methods of the sensitivity grid", quiet),
            turn: Mutex::new(()),
        }
    }

    /// Shows a step; a plate under the name that it is `shown` by.
    pub(super) fn step(&self, step: RunStep<'_>, shown: impl Fn(&str) -> String) {
        match step {
            RunStep::Plate(plate) => {
                self.plates.inc(1);
                self.plates.set_message(shown(plate));
            }
            RunStep::Resampled { of } => self.one_more(&self.resampled, of),
            RunStep::Reevaluated { of } => self.one_more(&self.reevaluated, of),
        }
    }

    /// Of several analytes each has its own number. Steps come from all threads, and the first begins the bar.
    fn one_more(&self, shown: &ProgressBar, of: usize) {
        let _one_at_a_time = self.turn.lock();
        let others = [&self.plates, &self.resampled, &self.reevaluated].into_iter();
        others.filter(|bar| !std::ptr::eq(*bar, shown) && !bar.is_finished()).for_each(ProgressBar::finish_and_clear);
        shown.set_length(of as u64);
        if shown.is_finished() || shown.position() == 0 || shown.position() >= of as u64 {
            shown.reset();
        }
        shown.inc(1);
    }

    pub(super) fn clear(&self) {
        [&self.plates, &self.resampled, &self.reevaluated].into_iter().for_each(ProgressBar::finish_and_clear);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_analyte_begins_its_bars_anew() {
        let bars = RunBars::new(2, true);
        let at = |step| {
            bars.step(step, str::to_string);
            [&bars.plates, &bars.resampled, &bars.reevaluated].map(|bar| (bar.position(), bar.length().unwrap_or(0)))
        };
        assert_eq!(at(RunStep::Plate("P1")), [(1, 2), (0, 0), (0, 0)]);
        assert_eq!(at(RunStep::Resampled { of: 2 })[1], (1, 2));
        assert_eq!(at(RunStep::Resampled { of: 2 })[1], (2, 2));
        assert_eq!(at(RunStep::Reevaluated { of: 1 })[2], (1, 1));
        assert_eq!(at(RunStep::Resampled { of: 3 })[1], (1, 3), "of the second analyte");
        bars.clear();
        assert!(bars.plates.is_finished() && bars.resampled.is_finished() && bars.reevaluated.is_finished());
    }
}
