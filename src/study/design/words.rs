//! The design in words: what is wrong with it, and what it does.

use super::effects::BlockEffect;
use super::influence::Influence;
use super::result::Design;
use super::spread::{DesignCount, one_arm_only, visits_apart};
use super::warning::DesignWarning;
use crate::sheet::Code;
use crate::stats::{printed_p, printed_ratio};
use crate::study::IntervalEstimate;
use crate::study::covariates::listed;

/// Growth of the variance from which the spread of the arms across plates is worth a warning.
const UNEVEN: f64 = 1.5;

pub(super) fn warnings(counts: &[DesignCount], effects: &[BlockEffect], names: [&str; 2]) -> Vec<DesignWarning> {
    let mut warnings = Vec::new();
    // What differs in everything that was measured comes first.
    for factor in ["matrix", "kit lot", "plate"] {
        let of_factor: Vec<&DesignCount> = counts.iter().filter(|count| count.factor == factor).collect();
        for visit in names {
            warnings.extend(one_arm_only(&of_factor, factor, visit));
        }
        warnings.extend(visits_apart(&of_factor, factor, names));
    }
    for effect in effects {
        let against = format!("{} against {}", effect.active, effect.reference);
        if effect.confounded {
            let found = format!(
                "{against}: the arms cannot be told apart from the {}; part or all of their difference may be due to that.",
                effect.term
            );
            warnings.push(DesignWarning { code: Code::new("arms-confounded"), found });
        } else if let Some(inflation) = effect.inflation.filter(|&inflation| inflation > UNEVEN) {
            let found = format!(
                "{against}: the arms are spread unevenly over the {}; with a term for it the variance of the log ratio is \
                 {inflation:.1} times as large.",
                effect.term
            );
            warnings.push(DesignWarning { code: Code::new("arms-spread-unevenly"), found });
        }
    }
    warnings
}

impl Design {
    /// What the arms of a comparison cannot be told apart from, in a sentence without its full stop; `None` where there is nothing.
    pub(crate) fn confounded(&self, active: &str) -> Option<String> {
        let effects = || self.effects.iter().filter(|effect| effect.active == active && effect.confounded);
        let reference = &effects().next()?.reference;
        let terms: Vec<String> = effects().map(|effect| format!("the {}", effect.term)).collect();
        Some(format!(
            "{active} and {reference} cannot be told apart from {}: part or all of their difference may be due to that, and no analysis \
             can say how much",
            listed(&terms)
        ))
    }
}

/// `0.64 (0.37 to 1.10)`.
fn printed(ratio: &IntervalEstimate) -> String {
    let [estimate, lower, upper] = [ratio.estimate, ratio.lower, ratio.upper].map(printed_ratio);
    format!("{estimate} ({lower} to {upper})")
}

pub(super) fn words(design: &Design, names: [&str; 2]) -> String {
    let mut sentences = Vec::new();
    let pairs: Vec<String> =
        design.pairing.iter().map(|arm| format!("{} of {} in {}", arm.one_plate, arm.n, arm.arm)).collect();
    sentences.push(format!("Both visits of a subject were measured on one plate for {}.", pairs.join(", ")));
    for effect in &design.effects {
        if let (Some(without), Some(with), Some(p)) = (effect.without, effect.with, effect.p)
            && effect.term.ends_with(names[1])
        {
            sentences.push(format!(
                "With a term for the {} the ratio, {} / {}, is {} instead of {} (analysis of covariance); P of the term {}.",
                effect.term,
                effect.active,
                effect.reference,
                printed(&with),
                printed(&without),
                printed_p(p)
            ));
        }
    }
    let size = |one: &&Influence| one.change_percent.map_or(0.0, f64::abs);
    if let Some(largest) = design.influence.iter().max_by(|one, other| size(one).total_cmp(&size(other)))
        && let Some(change) = largest.change_percent
    {
        let moving = design.influence.iter().filter(|one| one.moves).count();
        sentences.push(format!(
            "Leaving out one subject changes the ratio by at most {:.1} % ({}); {}.",
            change.abs(),
            largest.subject,
            match moving {
                0 => "no single subject changes the conclusion".to_string(),
                1 => "one subject alone changes the conclusion".to_string(),
                several => format!("{several} subjects, each alone, change the conclusion"),
            }
        ));
    }
    sentences.push(if design.warnings.is_empty() {
        "Nothing in the design confounds the arms with plates, kit lots or matrices.".to_string()
    } else {
        "The warnings say where the design confounds the arms or visits with plates, kit lots or matrices.".to_string()
    });
    sentences.join(" ")
}
