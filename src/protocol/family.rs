//! `[[family]]`: tests that answer one question together, and how their p-values are adjusted for it.

use serde::Serialize;

use super::Visit;
use super::section::Section;
use super::test_id::TestId;
use crate::sheet::{Code, Problem, Problems};
use crate::stats::multiplicity::Adjustment;

/// `[[family]]`: a family of tests.
///
/// ```
/// use platewise::protocol::{AnalysisId, Family, FamilyTest, ResponderDefinition, TestId};
/// use platewise::stats::multiplicity::Adjustment;
///
/// let ids = [TestId::Analysis(AnalysisId::MannWhitney), TestId::Responders(ResponderDefinition::Level)];
/// let tests = ids.map(|analysis| FamilyTest { analysis, paramcd: None, visit: None }).to_vec();
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

/// A test of a family: of every pair of arms, of one analyte or all of the study, at one visit or at all that the analysis has.
///
/// ```
/// use platewise::protocol::{AnalysisId, FamilyTest, TestId};
///
/// // Written as "mmrm of CCL17 at Week 8".
/// let analysis = TestId::Analysis(AnalysisId::Mmrm);
/// let test = FamilyTest { analysis, paramcd: Some("CCL17".into()), visit: Some("Week 8".into()) };
/// assert!(test.is("CCL17", analysis, "Week 8") && !test.is("IL31", analysis, "Week 8"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FamilyTest {
    /// The analysis, or the definition of responders.
    pub analysis: TestId,
    /// The code of the analyte, where it is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paramcd: Option<String>,
    /// The visit, where it is named.
    pub visit: Option<String>,
}

/// The families. `codes` are those of the analytes, where they are known.
pub(super) fn read(
    sections: Vec<Section<'_>>,
    visits: &[Visit],
    codes: Option<&[String]>,
    problems: &mut Problems,
) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for mut section in sections {
        let name = section.required_text("name", problems);
        let method = section.choice(
            "method",
            &[
                ("holm", Adjustment::Holm),
                ("hochberg", Adjustment::Hochberg),
                ("bh", Adjustment::Bh),
                ("hierarchical", Adjustment::Hierarchical),
            ],
            problems,
        );
        let at = section.line_of("analyses");
        let listed = section.texts("analyses", problems).unwrap_or_default();
        if listed.is_empty() {
            problems.push(
                Problem::new(Code::new("family-empty"), at.clone(), format!("the family '{name}' has no analyses"))
                    .expected("analyses = [\"ancova\", \"mmrm at Week 8\"]"),
            );
        }
        let mut tests = Vec::new();
        for text in listed {
            match test(&text, visits, codes) {
                Ok(test) => tests.push(test),
                Err(problem) => problems.push(Problem { location: at.clone(), ..problem }),
            }
        }
        for test in &tests {
            if let Some(other) = families.iter().find(|family| family.tests.iter().any(|known| known.meets(test))) {
                problems.push(
                    Problem::new(
                        Code::new("family-shares-test"),
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

/// `ANALYSIS`, `ANALYSIS of PARAMCD`, either with ` at VISIT`. The place of the problem is filled in by the caller.
fn test(text: &str, visits: &[Visit], codes: Option<&[String]>) -> Result<FamilyTest, Problem> {
    let split = |text: &str, word: &str| match text.split_once(word) {
        Some((before, after)) => (before.trim().to_string(), Some(after.trim().to_string())),
        None => (text.trim().to_string(), None),
    };
    let (rest, visit) = split(text, " at ");
    let (analysis, paramcd) = split(&rest, " of ");
    let problem =
        |code: Code, found: String| Problem::new(code, crate::sheet::Location::file(super::STUDY_FILE), found);
    let Some(analysis) = TestId::named(&analysis) else {
        let tests: Vec<&str> = TestId::all().map(TestId::name).collect();
        return Err(problem(
            Code::new("family-analysis-unknown"),
            format!("'{analysis}' is not an analysis with a p-value"),
        )
        .expected(format!("one of {}", tests.join(", "))));
    };
    if let Some(visit) = &visit
        && !visits.iter().any(|known| known.name == *visit && !known.baseline)
    {
        return Err(problem(Code::new("family-visit-unknown"), format!("'{visit}' is not a visit after baseline")));
    }
    if let (Some(code), Some(codes)) = (&paramcd, codes)
        && !codes.contains(code)
    {
        return Err(problem(
            Code::new("family-analyte-unknown"),
            format!("'{code}' in '{text}' is the paramcd of no analyte"),
        )
        .expected(format!("one of {}", codes.join(", "))));
    }
    Ok(FamilyTest { analysis, paramcd, visit })
}

impl FamilyTest {
    /// Whether the test is that of `analysis` of the analyte `paramcd` at `visit`.
    pub fn is(&self, paramcd: &str, analysis: TestId, visit: &str) -> bool {
        let any_or = |named: &Option<String>, own: &str| named.as_ref().is_none_or(|named| named == own);
        self.analysis == analysis && any_or(&self.paramcd, paramcd) && any_or(&self.visit, visit)
    }

    /// Whether it is a test of the analyte `paramcd`, too.
    pub fn may_be_of(&self, paramcd: &str) -> bool {
        self.paramcd.as_ref().is_none_or(|named| named == paramcd)
    }

    /// Whether some analysis of some analyte at some visit is both tests.
    fn meets(&self, other: &Self) -> bool {
        let may_be = |one: &Option<String>, other: &Option<String>| one.is_none() || other.is_none() || one == other;
        self.analysis == other.analysis && may_be(&self.paramcd, &other.paramcd) && may_be(&self.visit, &other.visit)
    }
}

impl Family {
    /// The place in its list of the test of `analysis` of the analyte `paramcd` at `visit`; `None` where it is not in the family.
    pub fn place(&self, paramcd: &str, analysis: TestId, visit: &str) -> Option<usize> {
        self.tests.iter().position(|test| test.is(paramcd, analysis, visit))
    }
}
