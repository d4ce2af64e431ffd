//! Several analytes of one trial side by side: one answer each, the tests of every family over all of them, the ratios as one picture
//! has them, and whether the same participants and samples stand behind all.

mod analyte_data;
mod people;

use serde::Serialize;

use crate::protocol::{AnalysisId, Family, SeveralAnalytes, TestId};
use crate::sheet::{Code, Location, Problem};
use crate::stats::multiplicity::Adjustment;

pub use analyte_data::AnalyteData;
pub use people::AnalyteParticipant;
use people::{contradicting_samples, not_in_all, participants};

use super::arm_comparison::ArmComparison;
use super::interval_estimate::IntervalEstimate;
use super::multiplicity::{TestsOf, adjust_families};
use super::paragraph::method_in_words;
use super::records::AnalysisRecord;
use super::responders::Responders;

/// Several analytes of one trial.
///
/// ```
/// use platewise::files::{InputFolder, LinkPolicy};
/// use platewise::protocol::SeveralAnalytes;
/// use platewise::study::{AnalyteData, OverAnalytes};
///
/// let folder = InputFolder::new(std::path::Path::new("fixtures/studies/three_analytes"), LinkPolicy::Refused);
/// let study = SeveralAnalytes::read_from(&folder)?.unwrap();
/// let of = |at: usize, why| AnalyteData {
///     folder: &study.analytes[at].folder,
///     settings: &study.analytes[at].protocol.assay.study,
///     confidence: 0.95,
///     compared: Err(why),
///     visits: &[],
/// };
/// let over = OverAnalytes::new(&study, &[of(0, "no plate could be read"), of(1, "not measured yet")]);
/// assert_eq!((over.answers.len(), over.answers[1].reason.as_str()), (2, "not measured yet"));
/// assert!(over.answers.iter().all(|answer| answer.row.is_none()), "no answer is made up");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct OverAnalytes {
    /// Each analyte's primary comparisons, in the order of the study; one without where there is none.
    pub answers: Vec<AnalyteAnswer>,
    /// The tests of every family.
    pub tests: Vec<FamilyMember>,
    /// The ratios of the analytes: the primary comparison, and those of the mixed model at each visit.
    pub ratios: Vec<AnalyteRatio>,
    /// Who has results of which analyte.
    pub participants: Vec<AnalyteParticipant>,
    /// How the p-values are adjusted, or that they are not.
    pub multiplicity: String,
    /// The analysis dataset of all of them, ADaM's ADLB: each analyte is a parameter.
    #[serde(skip)]
    pub records: Vec<AnalysisRecord>,
    /// What leaves it open whose results these are.
    pub identity: Vec<Problem>,
    /// What else a reader has to know.
    pub warnings: Vec<Problem>,
}

/// One answer of one analyte.
///
/// See [`OverAnalytes`] for an example.
#[derive(Debug, Clone, Serialize)]
pub struct AnalyteAnswer {
    /// Its folder in the study.
    pub folder: String,
    /// Its code.
    pub paramcd: String,
    /// Its name.
    pub analyte: String,
    /// The unit of its concentrations.
    pub unit: String,
    /// Level of the interval.
    pub confidence: f64,
    /// Participants randomised to the two arms, the reference arm last.
    pub randomised: Option<[usize; 2]>,
    /// The primary comparison, its p-value adjusted over all analytes; `None` where there is none.
    pub row: Option<ArmComparison>,
    /// Why there is none, or no estimate; empty where there is one.
    pub reason: String,
}

/// A test of a family.
///
/// See [`OverAnalytes`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyMember {
    /// The family.
    pub family: String,
    /// How its p-values are adjusted.
    pub method: Adjustment,
    /// Its place in the family's list: its step in a hierarchy.
    pub place: usize,
    /// Code of the analyte.
    pub paramcd: String,
    /// The test.
    pub analysis: TestId,
    /// The same in words.
    pub words: &'static str,
    /// The visit.
    pub visit: String,
    /// The arm.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// Its p-value.
    pub p: Option<f64>,
    /// That adjusted for the others.
    pub adjusted: Option<f64>,
}

/// A ratio of one analyte.
///
/// See [`OverAnalytes`] for an example.
#[derive(Debug, Clone, Serialize)]
pub struct AnalyteRatio {
    /// Code of the analyte.
    pub paramcd: String,
    /// The analysis that it comes from.
    pub analysis: AnalysisId,
    /// Whether that is the primary one.
    pub primary: bool,
    /// The visit.
    pub visit: String,
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// The ratio; `None` where it is not estimable.
    pub ratio: Option<IntervalEstimate>,
    /// Its p-value.
    pub p: Option<f64>,
    /// Why there is none; empty where there is one.
    pub reason: String,
}

/// The rows of one analyte, to be adjusted.
struct AnalyteRows<'a> {
    of: &'a AnalyteData<'a>,
    comparisons: Vec<ArmComparison>,
    responders: Vec<Responders>,
}

impl OverAnalytes {
    /// The answers of a study of several analytes, its families adjusted over all of them.
    pub fn new(study: &SeveralAnalytes, analytes: &[AnalyteData<'_>]) -> Self {
        let mut rows: Vec<AnalyteRows<'_>> = analytes.iter().map(AnalyteRows::of).collect();
        let mut tests: Vec<TestsOf<'_>> = rows.iter_mut().map(AnalyteRows::tests).collect();
        adjust_families(&study.families, &mut tests);
        let tests = members(&study.families, &rows);
        let mut warnings = untested(&study.families, &tests, &rows);
        let participants = participants(analytes);
        warnings.extend(not_in_all(&participants));
        Self {
            answers: rows.iter().flat_map(AnalyteRows::answers).collect(),
            ratios: rows.iter().flat_map(AnalyteRows::ratios).collect(),
            multiplicity: multiplicity(&study.families, &rows),
            records: records(analytes),
            identity: contradicting_samples(analytes),
            tests,
            participants,
            warnings,
        }
    }
}

impl<'a> AnalyteRows<'a> {
    fn of(of: &'a AnalyteData<'a>) -> Self {
        let (comparisons, responders) =
            of.compared.map(|found| (found.comparisons.clone(), found.responders.clone())).unwrap_or_default();
        Self { of, comparisons, responders }
    }

    fn tests(&mut self) -> TestsOf<'_> {
        let Self { of, comparisons, responders } = self;
        TestsOf { paramcd: &of.settings.paramcd, comparisons, responders }
    }

    fn answers(&self) -> Vec<AnalyteAnswer> {
        let settings = self.of.settings;
        let answer = |row: Option<&ArmComparison>, reason: &str| AnalyteAnswer {
            folder: self.of.folder.to_string(),
            paramcd: settings.paramcd.clone(),
            analyte: settings.analyte.clone(),
            unit: settings.unit.clone(),
            confidence: self.of.confidence,
            randomised: row.and_then(|row| self.randomised(row)),
            row: row.cloned(),
            reason: reason.to_string(),
        };
        match self.of.compared {
            Err(why) => vec![answer(None, why)],
            Ok(_) => self.primaries().map(|row| answer(Some(row), &row.reason)).collect(),
        }
    }

    fn primaries(&self) -> impl Iterator<Item = &ArmComparison> {
        self.comparisons.iter().filter(|row| row.primary)
    }

    fn randomised(&self, row: &ArmComparison) -> Option<[usize; 2]> {
        let arms = &self.of.compared.ok()?.arms;
        let of = |arm: &str| arms.iter().find(|summary| summary.arm == arm).map(|summary| summary.randomised);
        Some([of(&row.active)?, of(&row.reference)?])
    }

    /// The primary comparison of each arm, then those of the mixed model at the visits that it does not stand for.
    fn ratios(&self) -> Vec<AnalyteRatio> {
        let ratio = |row: &ArmComparison| AnalyteRatio {
            paramcd: self.of.settings.paramcd.clone(),
            analysis: row.analysis,
            primary: row.primary,
            visit: row.visit.clone(),
            active: row.active.clone(),
            reference: row.reference.clone(),
            ratio: row.ratio,
            p: row.p,
            reason: row.reason.clone(),
        };
        let over_visits = self.comparisons.iter().filter(|row| row.analysis == AnalysisId::Mmrm && !row.primary);
        self.primaries().chain(over_visits).map(ratio).collect()
    }
}

/// The tests of the families, in their order.
fn members(families: &[Family], rows: &[AnalyteRows<'_>]) -> Vec<FamilyMember> {
    let mut members = Vec::new();
    for family in families {
        let mut found = Vec::new();
        for AnalyteRows { of, comparisons, responders } in rows {
            let paramcd = &of.settings.paramcd;
            let compared = comparisons.iter().map(|row| {
                (TestId::Analysis(row.analysis), &row.visit, &row.active, &row.reference, row.p, row.adjusted.as_ref())
            });
            let responding = responders
                .iter()
                .filter(|row| row.all_randomised)
                .filter_map(|row| Some((TestId::Responders(row.defined?), row)))
                .map(|(test, row)| (test, &row.visit, &row.active, &row.reference, row.p, row.adjusted.as_ref()));
            for (analysis, visit, active, reference, p, adjusted) in compared.chain(responding) {
                let Some(place) = family.place(paramcd, analysis, visit) else { continue };
                found.push(FamilyMember {
                    family: family.name.clone(),
                    method: family.method,
                    place,
                    paramcd: paramcd.clone(),
                    analysis,
                    words: analysis.words(),
                    visit: visit.clone(),
                    active: active.clone(),
                    reference: reference.clone(),
                    p,
                    adjusted: adjusted.map(|adjusted| adjusted.p),
                });
            }
        }
        found.sort_by_key(|member| member.place);
        members.extend(found);
    }
    members
}

/// Tests of families that nothing gave: whoever declared them should know, and for how many the others are adjusted.
fn untested(families: &[Family], members: &[FamilyMember], rows: &[AnalyteRows<'_>]) -> Vec<Problem> {
    let problem = |code: Code, found: String| {
        Problem::new(code, Location::file(crate::protocol::STUDY_FILE), found)
            .expected("tests that the study makes")
            .advice("The others are adjusted as if it were not declared; in a hierarchy nothing after it counts")
    };
    let not_compared: Vec<&str> =
        rows.iter().filter(|row| row.of.compared.is_err()).map(|row| row.of.settings.paramcd.as_str()).collect();
    let mut problems = Vec::new();
    for family in families {
        let lacks = |code: &&&str| family.tests.iter().any(|test| test.may_be_of(code));
        let said = |code: &&str| {
            problem(
                Code::new("family-analyte-not-compared"),
                format!("{code} was not compared, and has no p-value in the family '{}'", family.name),
            )
        };
        problems.extend(not_compared.iter().filter(lacks).map(said));
        for (place, test) in family.tests.iter().enumerate() {
            let mut own = members.iter().filter(|one| one.family == family.name && one.place == place);
            let said_already = test.paramcd.as_deref().is_some_and(|code| not_compared.contains(&code));
            if said_already || own.any(|one| one.p.is_some()) {
                continue;
            }
            let of = test.paramcd.as_ref().map(|code| format!(" of {code}")).unwrap_or_default();
            let at = test.visit.as_ref().map(|visit| format!(" at {visit}")).unwrap_or_default();
            problems.push(problem(
                Code::new("family-test-without-p"),
                format!("'{}{of}{at}' of the family '{}' has no p-value", test.analysis, family.name),
            ));
        }
    }
    problems
}

/// How the p-values of the answers are adjusted.
fn multiplicity(families: &[Family], rows: &[AnalyteRows<'_>]) -> String {
    let primaries: Vec<&ArmComparison> =
        rows.iter().flat_map(AnalyteRows::primaries).filter(|row| row.p.is_some()).collect();
    let outside = primaries.iter().filter(|row| row.adjusted.is_none()).count();
    let number = primaries.len();
    if families.is_empty() {
        return format!(
            "The study declares no family of tests: the {number} primary p-values are as each test gives them, and adjusted for nothing. \
             Among so many a small one may be chance."
        );
    }
    let said: Vec<String> =
        families.iter().map(|family| format!("{} ({})", family.name, method_in_words(family.method))).collect();
    let rest = match outside {
        0 => String::new(),
        _ => format!(" {outside} of the {number} primary p-values are in no family, and adjusted for nothing."),
    };
    format!("P-values are adjusted over all analytes within the declared families: {}.{rest}", said.join("; "))
}

/// The records of all analytes, by participant and code, each analyte with its own number.
fn records(analytes: &[AnalyteData<'_>]) -> Vec<AnalysisRecord> {
    let mut records: Vec<AnalysisRecord> = Vec::new();
    for (paramn, comparison) in (1..).zip(analytes).filter_map(|(at, of)| Some((at, of.compared.ok()?))) {
        records.extend(comparison.records.iter().map(|record| AnalysisRecord { paramn, ..record.clone() }));
    }
    records.sort_by(|one, other| (&one.usubjid, &one.paramcd).cmp(&(&other.usubjid, &other.paramcd)));
    records
}
