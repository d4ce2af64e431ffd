//! `[[family]]`: tests that answer one question together, and how their p-values are adjusted for it.

use serde::Serialize;

use super::Visit;
use super::section::Section;
use crate::sheet::{Problem, Problems};
use crate::stats::multiplicity::Adjustment;

/// `[[family]]`: a family of tests.
///
/// ```
/// use platewise::protocol::{Family, FamilyTest};
/// use platewise::stats::multiplicity::Adjustment;
///
/// let test = |analysis: &str| FamilyTest { analysis: analysis.into(), visit: None };
/// let tests = vec![test("mann_whitney"), test("responder_level")];
/// let family = Family { name: "secondary".into(), method: Adjustment::Holm, tests };
/// assert_eq!(family.tests.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Family {
    /// Its name.
    pub name: String,
    /// How its p-values are adjusted.
    pub method: Adjustment,
    /// Its tests.
    pub tests: Vec<FamilyTest>,
}

/// A test of a family: of every pair of arms, at one visit or at all that the analysis has.
///
/// ```
/// let test = platewise::protocol::FamilyTest { analysis: "mmrm".into(), visit: Some("Week 8".into()) };
/// assert_eq!(test.visit.as_deref(), Some("Week 8")); // written as "mmrm at Week 8"
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FamilyTest {
    /// Name of the analysis, as in `comparison.csv`; or of a definition of responders.
    pub analysis: String,
    /// The visit, where it is named.
    pub visit: Option<String>,
}

/// The name of responders by `responder_level` in a family.
pub const RESPONDER_LEVEL: &str = "responder_level";
/// The name of those who are below it wherever they began, where both definitions are declared.
pub const RESPONDER_LEVEL_BELOW: &str = "responder_level_below";
/// The name of responders by `responder_fall_percent` in a family.
pub const RESPONDER_FALL: &str = "responder_fall_percent";

/// The analyses of a study that have a p-value.
const TESTS: [&str; 11] = [
    "ancova",
    "ancova_hc3",
    "welch_t",
    "student_t",
    "mann_whitney",
    "van_elteren",
    "permutation_mean_diff",
    "mmrm",
    RESPONDER_LEVEL,
    RESPONDER_LEVEL_BELOW,
    RESPONDER_FALL,
];

pub(super) fn read(sections: Vec<Section<'_>>, visits: &[Visit], problems: &mut Problems) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for mut section in sections {
        let name = section.required_text("name", problems);
        let method = section.choice(
            "method",
            &[("holm", Adjustment::Holm), ("hochberg", Adjustment::Hochberg), ("bh", Adjustment::Bh)],
            problems,
        );
        let at = section.line_of("analyses");
        let listed = section.texts("analyses", problems).unwrap_or_default();
        if listed.is_empty() {
            problems.push(
                Problem::new(at.clone(), format!("the family '{name}' has no analyses"))
                    .expected("analyses = [\"ancova\", \"mmrm at Week 8\"]"),
            );
        }
        let mut tests = Vec::new();
        for text in listed {
            match test(&text, visits) {
                Ok(test) => tests.push(test),
                Err(problem) => problems.push(Problem { location: at.clone(), ..problem }),
            }
        }
        for test in &tests {
            if let Some(other) = families.iter().find(|family| family.tests.iter().any(|known| known.meets(test))) {
                problems.push(
                    Problem::new(
                        at.clone(),
                        format!("'{}' is in the families '{}' and '{name}'", test.analysis, other.name),
                    )
                    .expected("a test in one family"),
                );
            }
        }
        section.finish(problems);
        families.push(Family { name, method, tests });
    }
    families
}

/// `ANALYSIS` or `ANALYSIS at VISIT`. The place of the problem is filled in by the caller.
fn test(text: &str, visits: &[Visit]) -> Result<FamilyTest, Problem> {
    let (analysis, visit) = match text.split_once(" at ") {
        Some((analysis, visit)) => (analysis.trim(), Some(visit.trim().to_string())),
        None => (text.trim(), None),
    };
    let problem = |found: String| Problem::new(crate::sheet::Location::file(super::STUDY_FILE), found);
    if !TESTS.contains(&analysis) {
        return Err(problem(format!("'{analysis}' is not an analysis with a p-value"))
            .expected(format!("one of {}", TESTS.join(", "))));
    }
    if let Some(visit) = &visit
        && !visits.iter().any(|known| known.name == *visit && !known.baseline)
    {
        return Err(problem(format!("'{visit}' is not a visit after baseline")));
    }
    Ok(FamilyTest { analysis: analysis.to_string(), visit })
}

impl FamilyTest {
    /// Whether the test is that of `analysis` at `visit`.
    pub fn is(&self, analysis: &str, visit: &str) -> bool {
        self.analysis == analysis && self.visit.as_ref().is_none_or(|own| own == visit)
    }

    /// Whether some analysis at some visit is both tests.
    fn meets(&self, other: &Self) -> bool {
        self.analysis == other.analysis && (self.visit.is_none() || other.visit.is_none() || self.visit == other.visit)
    }
}
