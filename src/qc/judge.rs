//! All rules on one plate, and the verdict that follows.

use serde::Serialize;

use super::SUBJECTS;
use super::judged_by::PlateToJudge;
use super::kit_expiry::KIT_EXPIRY;
use super::outcome::Outcome;
use super::rule::RuleId;
use super::stability::{MAX_AGE_DAYS, MAX_THAWS};
use super::verdict::{Finding, PLATE_READ, PlateVerdict};
use crate::concentration::LevelOff;
use crate::concentration::level_off::{level_off, uneven_step};
use crate::concentration::{GroupResult, PlateConcentrations};
use crate::protocol::Assay;
use crate::sheet::{Code, Location, Problem, Problems};

/// A plate with its verdict; a plate that could not be read has the reasons instead of concentrations.
///
/// ```
/// use platewise::qc::{JudgedPlate, Verdict};
/// use platewise::sheet::{Code, Location, Problem};
///
/// // A plate that could not be read is a plate with a verdict.
/// let lost = Problem::new(Code::new("file-missing"), Location::file("P09.txt"), "there is no such file");
/// let plate = JudgedPlate::unread("P09".into(), lost.into());
/// assert_eq!((plate.verdict.verdict, plate.concentrations.is_none()), (Verdict::NotEvaluable, true));
/// assert!(plate.verdict.reason.contains("no such file"));
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct JudgedPlate {
    /// Its name in the study.
    pub id: String,
    /// What it gave.
    pub concentrations: Option<PlateConcentrations>,
    /// The samples that the layout of a plate names which could not be read: they have no result.
    #[serde(skip)]
    pub lost: Vec<GroupResult>,
    /// The standard that explains why the others do not lie on a curve, where there is one.
    #[serde(skip)]
    pub level_off: Option<LevelOff>,
    /// The verdict.
    pub verdict: PlateVerdict,
    /// Why it could not be read.
    pub problems: Problems,
}

impl JudgedPlate {
    /// Applies every rule to a plate.
    pub fn judge(plate: PlateConcentrations, assay: &Assay) -> Self {
        let off = is_far_off(&plate).then(|| level_off(&plate.plate, assay)).flatten();
        Self::judge_knowing(plate, off, assay)
    }

    /// The same by another method than the study's: which standard was typed wrongly is known by then, and is not looked for anew
    /// under a method that may not fit the plates at all.
    pub fn judge_again(&self, plate: PlateConcentrations, assay: &Assay) -> Self {
        Self::judge_knowing(plate, self.level_off, assay)
    }

    fn judge_knowing(plate: PlateConcentrations, off: Option<LevelOff>, assay: &Assay) -> Self {
        let of = PlateToJudge { plate: &plate, assay, off: off.as_ref() };
        let asked = SUBJECTS.iter().filter(|subject| plate.curve.is_ok() || !subject.needs_curve);
        let findings = asked.flat_map(|subject| (subject.judge)(of)).collect();
        let id = plate.plate.id.clone();
        Self {
            verdict: PlateVerdict::of(id.clone(), findings),
            id,
            concentrations: Some(plate),
            lost: Vec::new(),
            level_off: off,
            problems: Problems::default(),
        }
    }

    /// The same with findings on its wells that were made before there was a curve: they stand first, and decide first.
    pub fn after(mut self, mut findings: Vec<Finding>) -> Self {
        findings.append(&mut self.verdict.findings);
        self.verdict = PlateVerdict::of(self.id.clone(), findings);
        self
    }

    /// Adds findings that were made over all plates, and draws the verdict anew.
    pub(super) fn add(&mut self, findings: Vec<Finding>) {
        if !findings.is_empty() {
            let mut all = std::mem::take(&mut self.verdict.findings);
            all.extend(findings);
            self.verdict = PlateVerdict::of(self.id.clone(), all);
        }
    }

    /// A plate that could not be read.
    pub fn unread(id: String, problems: Problems) -> Self {
        let findings = problems
            .0
            .iter()
            .map(|problem| {
                let limit = "an export and a layout that can be read and fit each other";
                Finding::new(PLATE_READ, "plate", problem.to_string(), limit, Outcome::NotEvaluable)
            })
            .collect();
        let verdict = PlateVerdict { reason: in_short(&problems), ..PlateVerdict::of(id.clone(), findings) };
        Self { verdict, id, concentrations: None, lost: Vec::new(), level_off: None, problems }
    }

    /// The findings on how the plate and its samples were handled that were not met, or of which nothing can be said: a kit out of date, samples
    /// that were kept too long or thawed too often. They decide nothing, so they are said beside the verdict.
    pub fn handling(&self) -> impl Iterator<Item = &Finding> {
        self.verdict.findings.iter().filter(|one| handling_code(one.rule).is_some() && one.outcome != Outcome::Pass)
    }

    /// The same as warnings.
    pub fn handling_warnings(&self) -> Vec<Problem> {
        let place = self.concentrations.as_ref().map_or(self.id.as_str(), |found| &found.plate.export);
        let problem = |finding: &Finding| {
            let Finding { rule, observed, limit, .. } = finding;
            let found = format!("plate {}, {rule}: {observed}", self.id);
            Some(Problem::new(handling_code(*rule)?, Location::file(place), found).expected(limit.as_str()))
        };
        self.handling().filter_map(problem).collect()
    }

    /// Why the plate could not be read, a line for each problem.
    pub fn not_read(&self) -> Vec<String> {
        self.problems.0.iter().map(brief).collect()
    }
}

/// What it is as a warning where a rule on how the plate and its samples were handled is not met; `None` of other rules.
fn handling_code(rule: RuleId) -> Option<Code> {
    match rule {
        KIT_EXPIRY => Some(Code::new("kit-out-of-date")),
        MAX_AGE_DAYS => Some(Code::new("samples-kept-too-long")),
        MAX_THAWS => Some(Code::new("samples-thawed-too-often")),
        _ => None,
    }
}

/// Whether there is something that a level far from its place would explain: no usable curve, a standard that reads back as less
/// than half or more than twice what it should, one whose wells lie as far from each other, or a step of the dilution that is out of
/// line by a power of ten.
fn is_far_off(plate: &PlateConcentrations) -> bool {
    /// CV of two wells of which one reads as twice the other: ln 2 / √2.
    const TWICE: f64 = 49.0;
    let far = |ratio: f64| !(0.5..=2.0).contains(&ratio);
    let off = |bias: Option<f64>| bias.is_none_or(|bias| far(1.0 + bias / 100.0));
    !plate.curve.as_ref().is_ok_and(|curve| curve.verdict().usable)
        || plate.standards.iter().any(|one| one.failure.is_some() && one.n > 0 && off(one.bias_percent))
        || plate.standards.iter().any(|one| one.concentration_cv_percent.is_some_and(|cv| cv > TWICE))
        || uneven_step(&plate.standards.iter().map(|one| one.nominal).filter(|&x| x > 0.0).collect::<Vec<_>>())
            .is_some()
}

/// A problem without what each reader has to say of the file.
fn brief(problem: &Problem) -> String {
    problem.to_string().split(" What each reader missed:").next().unwrap_or_default().to_string()
}

/// The first problem, and how many more there are.
fn in_short(problems: &Problems) -> String {
    let line = problems.0.first().map(brief).unwrap_or_default();
    match problems.0.len() {
        0 | 1 => line,
        2 => format!("{line} (and one more problem: see findings.csv)"),
        several => format!("{line} (and {} more problems: see findings.csv)", several - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::Verdict;

    fn finding(outcome: Outcome) -> Finding {
        Finding::new(KIT_EXPIRY, "plate", "seen", "10", outcome)
    }

    #[test]
    fn what_cannot_be_computed_never_passes() {
        let of = |outcomes: &[Outcome]| {
            PlateVerdict::of("P".into(), outcomes.iter().map(|&outcome| finding(outcome)).collect())
        };
        assert_eq!(of(&[Outcome::Pass, Outcome::Warning]).verdict, Verdict::Accepted);
        assert_eq!(of(&[Outcome::Pass, Outcome::NotEvaluable]).verdict, Verdict::NotEvaluable);
        assert_eq!(of(&[Outcome::NotEvaluable, Outcome::Fail]).verdict, Verdict::Rejected);
        assert_eq!(of(&[Outcome::Pass, Outcome::Remark]).verdict, Verdict::AcceptedWithRemarks);
        assert_eq!(of(&[Outcome::Remark, Outcome::Fail]).verdict, Verdict::Rejected);
        assert_eq!(of(&[Outcome::Remark, Outcome::Pass, Outcome::Remark]).remarks, ["plate: seen", "plate: seen"]);
        assert_eq!(of(&[Outcome::Fail]).reason, "kit_expiry: seen (limit: 10)");
    }

    #[test]
    fn a_plate_without_a_range_is_not_accepted() {
        // Limits in another unit than the standards: nothing can be reported, though every standard passes.
        let limits = "[acceptance]\ncontrols_required = false\nstandard_rejection = 'keep'";
        let mut assay = crate::qc::across_plates::example::assay(limits);
        (assay.method.lloq, assay.method.uloq) = (Some(31_250.0), Some(2e6));
        let mut plate = crate::qc::across_plates::example::plate("P", &[], 1.0, 81).plate.as_read();
        plate.wells.retain(|well| !matches!(well.role, crate::plate::WellRole::Control { .. }));
        let judged = JudgedPlate::judge(PlateConcentrations::evaluate(plate, &assay), &assay);
        assert_eq!(judged.verdict.verdict, Verdict::NotEvaluable, "{:?}", judged.verdict);
        assert!(judged.verdict.reason.contains("31.25 to 2000 pg/mL"), "{}", judged.verdict.reason);
    }

    /// A standard that reads as less than half or more than twice what it should is far off, and so are wells of which one reads as twice
    /// the other (a CV of 49 %).
    #[test]
    fn a_level_is_far_off_beyond_a_factor_of_two() {
        let whole = crate::qc::across_plates::example::plate("P", &[], 1.0, 1);
        let with = |failure: bool, n: usize, bias: Option<f64>, cv: f64| {
            let mut plate = whole.clone();
            let standard = &mut plate.standards[3];
            standard.failure = failure.then(|| "it fails".into());
            (standard.n, standard.bias_percent, standard.concentration_cv_percent) = (n, bias, Some(cv));
            is_far_off(&plate)
        };
        let biased = |bias: f64| with(true, 2, Some(bias), 5.0);
        assert_eq!([-51.0, -50.0, 0.0, 100.0, 101.0].map(biased), [true, false, false, false, true]);
        assert!(with(true, 2, None, 5.0), "what has no concentration may be anywhere");
        assert!(
            !with(true, 0, None, 5.0) && !with(false, 2, Some(300.0), 5.0),
            "no well of it, or a level that passes"
        );
        assert_eq!([49.0, 49.1].map(|cv| with(false, 2, Some(0.0), cv)), [false, true]);
    }

    /// Findings over all plates come last and decide as the others do; those on the wells come first, and decide first.
    #[test]
    fn findings_that_are_added_decide_as_well() {
        let failing = |subject: &str| Finding::new(PLATE_READ, subject, subject, "none", Outcome::Fail);
        let judged = || {
            let mut judged = JudgedPlate::unread("P".into(), Problems::default());
            judged.verdict = PlateVerdict::of("P".into(), vec![finding(Outcome::Pass)]);
            judged
        };
        let subjects = |judged: &JudgedPlate| {
            judged.verdict.findings.iter().map(|one| one.subject.clone()).collect::<Vec<_>>().join(" ")
        };
        let mut over = judged();
        over.add(Vec::new());
        assert_eq!((over.verdict.verdict, subjects(&over).as_str()), (Verdict::Accepted, "plate"));
        over.add(vec![failing("over")]);
        assert_eq!((over.verdict.verdict, subjects(&over).as_str()), (Verdict::Rejected, "plate over"));
        over.add(vec![failing("later")]);
        assert!(over.verdict.reason.contains(": over"), "{}", over.verdict.reason);
        let before = over.after(vec![failing("before")]);
        assert_eq!(subjects(&before), "before plate over later");
        assert!(before.verdict.reason.contains(": before"), "{}", before.verdict.reason);
    }

    /// What is said of handling is what was not met, or cannot be said, of its rules alone; it decides nothing.
    #[test]
    fn handling_is_said_beside_the_verdict() {
        let mut judged = JudgedPlate::unread("P".into(), Problems::default());
        let of = |rule, outcome| Finding::new(rule, "plate", "seen", "at most 3", outcome);
        let findings = vec![
            of(KIT_EXPIRY, Outcome::Warning),
            of(MAX_AGE_DAYS, Outcome::Pass),
            of(MAX_THAWS, Outcome::Warning),
            of(PLATE_READ, Outcome::Warning),
        ];
        judged.verdict = PlateVerdict::of("P".into(), findings);
        let rules: Vec<&str> = judged.handling().map(|one| one.rule.name()).collect();
        assert_eq!(rules, ["kit_expiry", "max_thaws"]);
        let warnings: Vec<String> = judged.handling_warnings().iter().map(ToString::to_string).collect();
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].contains("plate P, kit_expiry: seen") && warnings[0].contains("at most 3"), "{warnings:?}");
    }

    /// The first problem stands for all; one more is one more.
    #[test]
    fn problems_are_counted_in_the_reason() {
        let problem = |words: &str| Problem::new(Code::new("file-missing"), Location::file("P.txt"), words);
        let reason = |all: &[&str]| {
            let mut problems = Problems::default();
            all.iter().for_each(|words| problems.push(problem(words)));
            JudgedPlate::unread("P".into(), problems).verdict.reason
        };
        let alone = reason(&["first"]);
        assert!(alone.contains("first") && !alone.contains("more"), "{alone}");
        assert_eq!(reason(&["first", "second"]), format!("{alone} (and one more problem: see findings.csv)"));
        assert_eq!(reason(&["first", "second", "third"]), format!("{alone} (and 2 more problems: see findings.csv)"));
        assert_eq!(reason(&["first What each reader missed: much"]), alone);
        assert_eq!(reason(&[]), "");
    }
}
