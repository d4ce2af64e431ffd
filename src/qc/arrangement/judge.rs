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
