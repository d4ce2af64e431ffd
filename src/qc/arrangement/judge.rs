//! The verdict on a plate's arrangement, in words.

use super::alternatives::alternatives;
use super::contents::Contents;
use super::direction::Direction;
use super::rival::{AS_GOOD, Rival, rivals};
use super::scale::SignalScale;
use super::swapped::{Swap, swap};
use crate::concentration::quantity::significant;
use crate::plate::{AssayPlate, WellPosition};
use crate::protocol::Assay;
use crate::qc::outcome::Outcome;
use crate::qc::rule::{PlateRule, RuleId};
use crate::qc::verdict::Finding;

pub(in crate::qc) const PLATE_ARRANGEMENT: RuleId = RuleId::of(&PlateRule::new(
    "plate_arrangement",
    "wells compared with the layout",
    "the layout, where the bench confirms what is suspected; else a new plate",
));

/// What the plates of a study say of each other's arrangement: the different layouts, and the direction of the response.
#[derive(Debug, Clone)]
pub struct StudyPlates {
    layouts: Vec<(String, Contents)>,
    direction: Option<Direction>,
}

/// Levels of the standards below which nothing can be said.
const LEVELS: usize = 4;

impl StudyPlates {
    /// Looks at all plates of a study; a plate alone is a study of one.
    ///
    /// ```
    /// use platewise::qc::arrangement::StudyPlates;
    /// use platewise::{protocol::Assay, qc::Outcome, simulate};
    ///
    /// let trial = simulate::plates(1, 1)?;
    /// let plate = trial.plates[0].assay_plate(&trial.protocol);
    /// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n")?;
    /// let finding = StudyPlates::of(&[&plate]).judge(&plate, &assay);
    /// assert_eq!(finding.outcome, Outcome::Pass);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(plates: &[&AssayPlate]) -> Self {
        let mut layouts: Vec<(String, Contents)> = Vec::new();
        for plate in plates {
            let contents = Contents::of(plate);
            if !layouts.iter().any(|(_, known)| *known == contents) {
                layouts.push((plate.id.clone(), contents));
            }
        }
        Self { layouts, direction: Direction::of_study(plates) }
    }

    /// Whether a plate agrees with its layout, or with another arrangement far better.
    pub fn judge(&self, plate: &AssayPlate, assay: &Assay) -> Finding {
        let declared = Contents::of(plate);
        let finding = |observed: String, outcome| {
            let limit = "no other arrangement explains the wells far better than the declared layout";
            Finding::new(PLATE_ARRANGEMENT, "layout", observed, limit, outcome)
        };
        let levels = declared.levels().len();
        let (Some(scale), true) = (SignalScale::of(plate), levels >= LEVELS) else {
            let why = format!("not checked: {levels} levels of standards; {LEVELS} that were read are needed");
            return finding(why, Outcome::Warning);
        };
        let others = alternatives(&declared, &self.layouts);
        let tried = others.len();
        let rivals = rivals(&scale.signals(plate), &declared, others, self.direction);
        if let Some(best) = rivals.first() {
            return finding(another_arrangement(best, &rivals), Outcome::Fail);
        }
        match swap(plate, &declared, scale, self.direction, assay.method.model) {
            Some(swap) => finding(exchanged(&swap, &assay.study.unit), Outcome::Fail),
            None => finding(
                format!("agrees with its layout; {tried} other arrangements and exchanged standards were tried"),
                Outcome::Pass,
            ),
        }
    }
}

fn another_arrangement(best: &Rival, rivals: &[Rival]) -> String {
    let as_good: Vec<&str> = rivals
        .iter()
        .filter(|rival| best.ln_ratio - rival.ln_ratio < AS_GOOD)
        .map(|rival| rival.words.as_str())
        .collect();
    format!(
        "the wells fit {} far better than the declared layout: of {} wells compared, {} do not fit as declared ({}) and {} do not \
         fit that way. Look at the plate, how it lay in the reader and which layout belongs to it; correct the layout or read the \
         plate again. Nothing was corrected",
        as_good.join(" or "),
        best.compared,
        best.unfit_declared.len(),
        named(&best.unfit_declared),
        best.unfit_other.len(),
    )
}

fn exchanged(swap: &Swap, unit: &str) -> String {
    let [(one, one_wells), (other, other_wells)] = &swap.levels;
    let percent = |scatter: f64| format!("{:.0} %", 100.0 * libm::expm1(scatter));
    format!(
        "the standards {} and {} {unit} seem to be exchanged ({} and {}): exchanged back, standards and controls lie within about \
         {} of one curve, as declared within {}, and leaving out either of the two does not fix it. Check the preparation of the \
         standards; if it confirms the exchange, correct the layout. Nothing was corrected",
        significant(*other, 6),
        significant(*one, 6),
        named(other_wells),
        named(one_wells),
        percent(swap.scatter[1]),
        percent(swap.scatter[0]),
    )
}

/// The names of wells; of many, the first.
fn named(wells: &[WellPosition]) -> String {
    const SHOWN: usize = 12;
    let mut names: Vec<String> = wells.iter().take(SHOWN).map(ToString::to_string).collect();
    if wells.len() > SHOWN {
        names.push(format!("and {} more", wells.len() - SHOWN));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::example::{plate, sample, standard, wells};
    use super::*;
    use crate::plate::PlateSize;
    use crate::qc::across_plates::example;

    #[test]
    fn a_dozen_wells_are_named() {
        let all: Vec<WellPosition> = PlateSize::WELLS_96.wells().take(14).collect();
        assert_eq!(named(&wells(&["A1", "H12"])), "A01, H12");
        assert!(named(&all[..12]).ends_with("A11, A12"));
        assert!(named(&all[..13]).ends_with("A11, A12, and 1 more"));
        assert!(named(&all).ends_with("A11, A12, and 2 more"));
    }

    /// Those that explain the wells nearly as well as the best are named beside it.
    #[test]
    fn arrangements_within_a_ln_ratio_of_two_are_as_good() {
        let rival = |words: &str, ln_ratio: f64| Rival {
            words: words.into(),
            ln_ratio,
            compared: 9,
            unfit_declared: wells(&["A1", "A2", "A3"]),
            unfit_other: wells(&["B1"]),
        };
        let rivals = [rival("this", 20.0), rival("that", 18.1), rival("no other", 18.0)];
        let found = another_arrangement(&rivals[0], &rivals);
        let expected = "the wells fit this or that far better than the declared layout: of 9 wells compared, 3 do not fit as declared \
                        (A01, A02, A03) and 1 do not fit that way.";
        assert!(found.starts_with(expected), "{found}");
    }

    /// A scatter of 0.3 on the logarithm is 35 %.
    #[test]
    fn an_exchange_is_said_with_its_levels_and_its_scatter() {
        let swap =
            Swap { levels: [(125.0, wells(&["C1"])), (500.0, wells(&["E1"]))], ln_ratio: 30.0, scatter: [0.3, 0.05] };
        let found = exchanged(&swap, "pg/mL");
        let expected = "the standards 500 and 125 pg/mL seem to be exchanged (E01 and C01): exchanged back, standards and controls lie \
                        within about 5 % of one curve, as declared within 35 %,";
        assert!(found.starts_with(expected), "{found}");
    }

    /// Four levels are asked, three are not; a plate of which nothing was read is not.
    #[test]
    fn a_plate_with_few_levels_is_not_checked() {
        let of = |levels: usize| {
            let positions = PlateSize::WELLS_96.wells();
            let mut all: Vec<_> = positions
                .take(levels)
                .zip(0..)
                .map(|(at, i)| (at, standard(f64::from(1 << i)), 0.1 * f64::from(1 << i)))
                .collect();
            all.push((WellPosition::new(7, 0), sample("S1", 1.0), 0.3));
            plate("P", all)
        };
        let outcome = |plate: &AssayPlate| StudyPlates::of(&[plate]).judge(plate, &example::assay("")).outcome;
        assert_eq!([3, 4].map(|levels| outcome(&of(levels))), [Outcome::Warning, Outcome::Pass]);
        let mut unread = of(4);
        unread.wells.iter_mut().for_each(|well| well.response = crate::plate::Reading::Missing(String::new()));
        assert_eq!(outcome(&unread), Outcome::Warning);
    }

    /// Each layout once, under the plate that has it first.
    #[test]
    fn layouts_of_a_study_are_kept_once() {
        let of = |id: &str, level: f64| plate(id, vec![(WellPosition::new(0, 0), standard(level), 1.0)]);
        let plates = [of("P1", 1.0), of("P2", 1.0), of("P3", 2.0)];
        let found = StudyPlates::of(&plates.iter().collect::<Vec<_>>());
        assert_eq!(found.layouts.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["P1", "P3"]);
    }

    #[test]
    fn standards_that_were_exchanged_fail_the_plate() {
        let mut plate = example::plate("P", &[], 1.0, 4).plate;
        let assay = example::assay("");
        let judge = |plate: &AssayPlate| StudyPlates::of(&[plate]).judge(plate, &assay);
        let found = judge(&plate);
        assert_eq!(
            (found.outcome, found.observed.starts_with("agrees with its layout; 9 other")),
            (Outcome::Pass, true)
        );
        for well in &mut plate.wells {
            if let crate::plate::WellRole::Standard { concentration } = &mut well.role {
                *concentration = match *concentration {
                    125.0 => 500.0,
                    500.0 => 125.0,
                    other => other,
                };
            }
        }
        let found = judge(&plate);
        assert!(found.outcome == Outcome::Fail && found.observed.contains("500 and 125 pg/mL seem to be exchanged"));
    }
}
