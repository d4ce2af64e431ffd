//! Decisions applied to the wells of a plate.

use std::collections::BTreeSet;

use super::decisions::{DECISIONS_FILE, Decision, Decisions};
use crate::plate::{AssayPlate, AssayWell, Excluded, Reading, WellPosition, WellRole};
use crate::sheet::{Code, Location, Problem, Problems};

impl Decisions {
    /// The plate with what the decisions in force exclude marked as such; `None` where they exclude nothing of it.
    ///
    /// # Errors
    /// Every decision that names a well or a standard that the plate does not have, with its line.
    pub fn apply(&self, plate: &AssayPlate) -> Result<Option<AssayPlate>, Problems> {
        let mut problems = Problems::default();
        let mut changed = plate.clone();
        let mut any = false;
        for (line, decision) in self.in_force().filter(|(_, decision)| decision.target.plate == plate.id) {
            match exclude(&mut changed, line, decision) {
                Ok(()) => any = true,
                Err(problem) => problems.push(problem),
            }
        }
        problems.or(any.then_some(changed))
    }

    /// Every decision, in force or not, that names a plate that is not among these.
    pub fn unknown_plates<'p>(&self, plates: impl Iterator<Item = &'p str>) -> Problems {
        let known: BTreeSet<&str> = plates.collect();
        let mut problems = Problems::default();
        for (line, decision) in self.lines().filter(|(_, decision)| !known.contains(decision.target.plate.as_str())) {
            let names = known.iter().copied().collect::<Vec<_>>().join(", ");
            problems.push(wrong(
                Code::new("decision-plate-unknown"),
                line,
                format!("no plate '{}' in the study", decision.target.plate),
                &names,
            ));
        }
        problems
    }
}

fn wrong(code: Code, line: usize, found: String, expected: &str) -> Problem {
    Problem::new(code, Location::line(DECISIONS_FILE, line as u32), found).expected(format!("one of {expected}"))
}

fn exclude(plate: &mut AssayPlate, line: usize, decision: &Decision) -> Result<(), Problem> {
    let mark = || Excluded { line, reason: format!("{}: {}", decision.code, decision.reason) };
    match (&decision.target.well, decision.target.standard) {
        (Some(well), _) => {
            let position: WellPosition = well.parse().map_err(|_| {
                wrong(Code::new("decision-well-unreadable"), line, format!("well '{well}'"), "the wells of the layout")
            })?;
            let Some(well) = plate.wells.iter_mut().find(|well| well.position == position) else {
                let found = format!("well {position} of plate {} is not in its layout", plate.id);
                return Err(wrong(Code::new("decision-well-unknown"), line, found, "the wells with a role"));
            };
            leave_out(well, &mark());
        }
        (None, Some(standard)) => {
            let of_level = |well: &&mut AssayWell| matches!(well.role, WellRole::Standard { concentration } if concentration == standard);
            let mut wells = plate.wells.iter_mut().filter(of_level).peekable();
            if wells.peek().is_none() {
                let found = format!("no standard {standard} on plate {}", plate.id);
                return Err(wrong(
                    Code::new("decision-standard-unknown"),
                    line,
                    found,
                    "the nominal concentrations of its layout",
                ));
            }
            wells.for_each(|well| leave_out(well, &mark()));
        }
        (None, None) => plate.excluded = Some(mark()),
    }
    Ok(())
}

/// The raw reading stays; what is analysed is masked, with its number kept for figures.
fn leave_out(well: &mut AssayWell, excluded: &Excluded) {
    let text = format!("excluded by decision {} ({})", excluded.line, excluded.reason);
    let value = match well.response {
        Reading::Measured(value) => Some(value),
        Reading::Masked { value, .. } => value,
        _ => None,
    };
    well.response = Reading::Masked { text, value };
    well.excluded = Some(excluded.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_well_that_is_left_out_twice_keeps_its_number_for_figures() {
        let standard = WellRole::Standard { concentration: 250.0 };
        let mut well = AssayWell::of_reading(WellPosition::new(0, 0), standard, Reading::Measured(0.8));
        let excluded = |line| Excluded { line, reason: "bubble: seen".into() };
        leave_out(&mut well, &excluded(1));
        leave_out(&mut well, &excluded(2));
        assert!(matches!(well.response, Reading::Masked { value: Some(0.8), .. }), "{:?}", well.response);
    }
}
