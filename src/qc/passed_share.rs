//! The share of standards, or of controls, that passed.

use super::outcome::Outcome;

/// How many of all passed, in percent, and whether that is enough.
pub(super) struct PassedShare {
    /// `None` of nothing at all.
    pub(super) percent: Option<f64>,
    /// Nothing at all is never enough.
    pub(super) outcome: Outcome,
}

impl PassedShare {
    pub(super) fn of(passed: usize, all: usize, needed_percent: f64) -> Self {
        if all == 0 {
            return Self { percent: None, outcome: Outcome::NotEvaluable };
        }
        let percent = 100.0 * passed as f64 / all as f64;
        // 66.7 % in a guideline means two thirds: compare at the precision at which limits are written.
        let enough = (percent * 10.0).round() >= (needed_percent * 10.0).round();
        Self { percent: Some(percent), outcome: if enough { Outcome::Pass } else { Outcome::Fail } }
    }

    /// ` (85.7 %)`; empty where there is none.
    pub(super) fn words(&self) -> String {
        self.percent.map_or_else(String::new, |percent| format!(" ({percent:.1} %)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What 75 % and six levels mean for 6 to 10 standards: 6 of 6, 6 of 7, 6 of 8, 7 of 9, 8 of 10.
    #[test]
    fn how_many_standards_have_to_pass() {
        for (all, needed) in [(6, 6), (7, 6), (8, 6), (9, 7), (10, 8)] {
            let enough = |passed: usize| passed >= 6 && PassedShare::of(passed, all, 75.0).outcome == Outcome::Pass;
            assert_eq!((1..=all).find(|&passed| enough(passed)), Some(needed), "{all} standards");
        }
    }

    /// Two thirds of six controls are four, and one of two per level is enough.
    #[test]
    fn two_thirds_written_with_one_decimal_are_two_thirds() {
        assert_eq!(PassedShare::of(4, 6, 66.7).outcome, Outcome::Pass);
        assert_eq!(PassedShare::of(3, 6, 66.7).outcome, Outcome::Fail);
        assert_eq!(PassedShare::of(1, 2, 50.0).outcome, Outcome::Pass);
        assert_eq!(PassedShare::of(0, 0, 50.0).outcome, Outcome::NotEvaluable);
    }

    /// Shares are compared as they are written, with one decimal: 66.0 % is not 66.7 %, and 66.65 % is.
    #[test]
    fn a_share_is_compared_with_one_decimal() {
        let outcomes = [660, 666, 667].map(|passed| PassedShare::of(passed, 1000, 66.7).outcome);
        assert_eq!(outcomes, [Outcome::Fail, Outcome::Fail, Outcome::Pass]);
        assert_eq!(PassedShare::of(1333, 2000, 66.7).outcome, Outcome::Pass);
        assert_eq!(PassedShare::of(1, 8, 12.5).percent, Some(12.5));
    }
}
