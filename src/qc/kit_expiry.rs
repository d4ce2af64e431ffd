//! Whether a kit was still in date when its plate was read. A warning, as what to do about it is the laboratory's decision: it may have
//! shown that the kit keeps longer, or exclude the plate.
//!
//! The day of the reading stands for the day of the assay, which no export says.

use super::judged_by::JudgedBy;
use super::outcome::Outcome;
use super::rule::{PlateRule, RuleId};
use super::verdict::Finding;
use crate::plate::AssayPlate;

pub(super) const KIT_EXPIRY: RuleId = RuleId::of(&PlateRule::new(
    "kit_expiry",
    "kit in date",
    "a kit that is in date; where the day is in doubt, read_on in [[plate]]",
));

/// The rules of this file.
pub(super) const RULES: JudgedBy =
    JudgedBy { rules: &[KIT_EXPIRY], needs_curve: false, judge: |of| judge(&of.plate.plate).into_iter().collect() };

/// Judges a plate whose kit has a declared end.
pub fn judge(plate: &AssayPlate) -> Option<Finding> {
    let expiry = plate.handling.kit_expiry?;
    let kit = plate.kit_lot.as_ref().map_or_else(|| "the kit".to_string(), |lot| format!("kit lot {lot}"));
    let (observed, outcome) = match &plate.handling.read_on {
        None => (
            "the export does not say on which day the plate was read, so it cannot be said; state read_on beside the plate".to_string(),
            Outcome::Warning,
        ),
        Some(read_on) => {
            let after = read_on.days().iter().filter(|day| **day > expiry).count();
            match after {
                0 => (format!("read on {read_on}"), Outcome::Pass),
                all if all == read_on.days().len() => {
                    (format!("read on {read_on}, after {kit} had expired"), Outcome::Warning)
                }
                _ => (
                    format!("read on {read_on}, so it cannot be said; state read_on beside the plate"),
                    Outcome::Warning,
                ),
            }
        }
    };
    let limit = format!("read no later than {expiry}, when {kit} expires");
    Some(Finding::new(KIT_EXPIRY, "plate", observed, limit, outcome))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::{Handling, PlateSize};
    use crate::sheet::{Day, WrittenDate};

    #[test]
    fn a_kit_is_in_date_up_to_its_last_day_whatever_a_date_means() {
        let of = |expiry: &str, read_on: &str| {
            let mut plate = AssayPlate::of_wells("P", PlateSize::WELLS_96, Vec::new());
            plate.kit_lot = Some("L7".into());
            plate.handling =
                Handling { kit_expiry: Day::parse(expiry), read_on: WrittenDate::read(read_on), ..Handling::default() };
            judge(&plate).map(|finding| (finding.outcome, finding.observed))
        };
        assert_eq!(of("none", "2026-12-31"), None, "nothing is judged that is not declared");
        assert_eq!(of("2026-12-31", "2026-12-31"), Some((Outcome::Pass, "read on 2026-12-31".into())));
        let (outcome, observed) = of("2026-12-31", "2027-01-01").unwrap();
        assert_eq!(
            (outcome, observed.as_str()),
            (Outcome::Warning, "read on 2027-01-01, after kit lot L7 had expired")
        );
        // 12 June or 6 December: both before the end, both after it, or one of each.
        assert_eq!(of("2026-12-06", "6/12/2026").unwrap().0, Outcome::Pass);
        assert!(of("2026-06-11", "6/12/2026").unwrap().1.ends_with("after kit lot L7 had expired"));
        let (outcome, observed) = of("2026-12-05", "6/12/2026").unwrap();
        assert!(
            outcome == Outcome::Warning && observed.contains("2026-06-12 or 2026-12-06, so it cannot be said"),
            "{observed}"
        );
        assert!(of("2026-12-05", "").unwrap().1.contains("does not say on which day"));
    }
}
