//! Responders at the end point: fallen below a level, below it, or down by a share of the baseline.

use serde::Serialize;

use crate::concentration::quantity::significant;
use crate::protocol::{
    LevelDefinition, Protocol, ResponderDefinition, ResponderLevels, ResponderTest, SupplementaryAnalysis,
};
use crate::sheet::{Code, Location, Problem};
use crate::stats::proportions::{Counts, two_proportions};

use super::arm_comparison::AdjustedPValue;
use super::arm_pair::ArmPair;
use super::interval_estimate::IntervalEstimate;
use super::numbers::ResponderStatus;
use super::standardised::StandardisedResponders;

/// Responders in two arms, by one definition.
///
/// See [`compare`](super::compare) for an example.
#[derive(Debug, Clone, Serialize)]
pub struct Responders {
    /// The definition of the study that a family of tests may name; `None` of a clinical measure, which is in no family.
    #[serde(skip)]
    pub defined: Option<ResponderDefinition>,
    /// Whether all randomised are counted, a missing result as no response.
    pub all_randomised: bool,
    /// Who responds, in words.
    pub definition: String,
    /// Who is counted, in words.
    pub denominator: String,
    /// The visit.
    pub visit: String,
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// Responders in the two arms.
    pub responders: [u32; 2],
    /// Subjects counted in the two arms.
    pub n: [u32; 2],
    /// Difference of the proportions, active − reference, with Newcombe's interval (method 10, Wilson limits).
    pub difference: Option<IntervalEstimate>,
    /// Two-sided p-value of Fisher's exact test.
    pub p_fisher: Option<f64>,
    /// P-value of Pearson's χ² without continuity correction; `None` where nobody or everybody responds.
    pub p_pearson: Option<f64>,
    /// The declared test.
    pub test: ResponderTest,
    /// Its p-value.
    pub p: Option<f64>,
    /// That adjusted within its family, where the study declares one.
    pub adjusted: Option<AdjustedPValue>,
    /// The proportions standardised over baseline and strata, where the study asks for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standardised: Option<StandardisedResponders>,
    /// Why there is no comparison; empty where there is one.
    pub reason: String,
}

/// Who responds.
#[derive(Debug, Clone, Copy)]
enum Definition<'a> {
    /// The baseline is not below this and the end point is.
    FallenBelow(&'a ResponderLevels),
    /// The end point is below this, wherever the baseline is.
    Below(&'a ResponderLevels),
    /// The value fell by at least this percentage of the baseline.
    Fall(f64),
}

/// Responders by every definition that the study declares, among those with the results it takes, and among all randomised
/// with missing results counted as no response. Numbers outside the limits are by the rule of the pair; what it leaves out counts
/// where its limit says whether it is a response.
pub(super) fn responders(pair: &ArmPair<'_>, protocol: &Protocol) -> Vec<Responders> {
    let levels = protocol.trial.analysis.responder_levels.as_ref();
    let level = levels.into_iter().flat_map(|levels| {
        let [fallen, below] = [Definition::FallenBelow(levels), Definition::Below(levels)];
        match protocol.trial.analysis.responder_level_definition {
            LevelDefinition::FallenBelow => vec![fallen],
            LevelDefinition::Below => vec![below],
            LevelDefinition::Both => vec![fallen, below],
        }
    });
    let fall = protocol.trial.analysis.responder_fall_percent.map(Definition::Fall);
    let both = |definition| [false, true].map(|all| one(pair, definition, all, protocol));
    level.chain(fall).flat_map(both).collect()
}

fn one(pair: &ArmPair<'_>, definition: Definition<'_>, all_randomised: bool, protocol: &Protocol) -> Responders {
    let unit = &protocol.assay.study.unit;
    let visit = pair.trial.visits[pair.endpoint].name.clone();
    let words = match definition {
        Definition::FallenBelow(levels) => {
            format!("fallen below {} from baseline to {visit}", levels.words(unit))
        }
        Definition::Below(levels) => format!("below {} at {visit}", levels.words(unit)),
        Definition::Fall(percent) => {
            format!("a fall of at least {} % from baseline to {visit}", significant(percent, 4))
        }
    };
    let defined = match definition {
        Definition::FallenBelow(_) => ResponderDefinition::Level,
        // Beside the other definition it has a name of its own.
        Definition::Below(_) if protocol.trial.analysis.responder_level_definition == LevelDefinition::Both => {
            ResponderDefinition::LevelBelow
        }
        Definition::Below(_) => ResponderDefinition::Level,
        Definition::Fall(_) => ResponderDefinition::Fall,
    };
    let answers = answers(pair, definition, all_randomised);
    let of = [pair.active, pair.reference, visit.as_str()];
    let counts = ResponderStatus::counts(&answers, all_randomised);
    let asked = protocol.trial.supplementary.holds(SupplementaryAnalysis::StandardisedResponders);
    Responders {
        defined: Some(defined),
        standardised: asked.then(|| {
            let confidence = protocol.assay.method.confidence;
            StandardisedResponders::of(&answers, &pair.numbers.covariates, all_randomised, confidence)
        }),
        ..compared(counts, all_randomised, words, of, protocol)
    }
}

/// The comparison of counts by the declared test; `of` are the arm, the reference arm and the visit.
pub(super) fn compared(
    counts: Counts,
    all_randomised: bool,
    definition: String,
    of: [&str; 3],
    protocol: &Protocol,
) -> Responders {
    let test = protocol.trial.analysis.responder_test;
    let denominator = if all_randomised {
        "all randomised, a missing result counts as no response"
    } else {
        "participants with the results that it takes"
    };
    let [active, reference, visit] = of.map(str::to_string);
    let mut found = Responders {
        defined: None,
        all_randomised,
        definition,
        denominator: denominator.to_string(),
        visit,
        active,
        reference,
        responders: [counts.x_active, counts.x_placebo],
        n: [counts.n_active, counts.n_placebo],
        difference: None,
        p_fisher: None,
        p_pearson: None,
        test,
        p: None,
        adjusted: None,
        standardised: None,
        reason: String::new(),
    };
    match two_proportions(counts, protocol.assay.method.confidence) {
        Ok(result) => {
            let (lower, upper) = (result.rd_newcombe_low, result.rd_newcombe_high);
            found.difference = Some(IntervalEstimate { estimate: result.risk_difference, lower, upper });
            found.p_fisher = Some(result.fisher.fisher_two_sided);
            found.p_pearson = result.tests.map(|tests| tests.p_pearson);
            found.p = match test {
                ResponderTest::Fisher => found.p_fisher,
                ResponderTest::ChiSquare => found.p_pearson,
            };
            if found.p.is_none() {
                found.reason = "nobody or everybody responds, so that the test has nothing to compare".to_string();
            }
        }
        Err(why) => found.reason = why.to_string(),
    }
    found
}

/// What is missing for the declared levels: the age of subjects whose level depends on it, all of them at once.
pub(super) fn missing_ages(pair: &ArmPair<'_>, protocol: &Protocol) -> Option<Problem> {
    let levels = protocol.trial.analysis.responder_levels.as_ref().filter(|levels| levels.depend_on_age())?;
    let compared = pair.trial.participants.iter().filter(|one| one.arm == pair.active || one.arm == pair.reference);
    let without: Vec<&str> =
        compared.filter(|one| levels.at(one.age).is_none()).map(|one| one.subject.as_str()).collect();
    let first = without.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    let more = if without.len() > 5 { " …" } else { "" };
    (!without.is_empty()).then(|| {
        Problem::new(
            Code::new("responders-without-level"),
            Location::file(protocol.trial.arms.display().to_string()),
            format!(
                "no level by age for {} subjects of {} and {}: {first}{more}",
                without.len(),
                pair.active,
                pair.reference
            ),
        )
        .expected("the column 'age' in years, at least the first from_years of responder_level_by_age")
        .advice("Until then these subjects cannot be responders")
    })
}

fn answers(pair: &ArmPair<'_>, definition: Definition<'_>, all_randomised: bool) -> Vec<ResponderStatus> {
    match definition {
        Definition::FallenBelow(levels) => pair.numbers.fallen_below(pair.endpoint, |age| levels.at(age)),
        Definition::Below(levels) => pair.numbers.below_level(pair.endpoint, |age| levels.at(age)),
        Definition::Fall(percent) => pair.numbers.fell_by(pair.endpoint, percent, all_randomised),
    }
}
