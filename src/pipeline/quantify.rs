//! From a study folder to one result per sample. Blind: the list of arms is neither opened nor hashed.

use std::path::Path;

use rayon::prelude::*;

use super::cache::Cache;
use super::evaluated_plates::{EvaluatedPlates, JoinedPlates};
use super::looked_at::Sources;
use super::study_files::StudyFiles;
use crate::concentration::{NotReported, Quantity};
use crate::files::{InputFolder, LinkPolicy};
use crate::plate::{Purpose, SampleList};
use crate::protocol::{Assay, Protocol, STUDY_FILE};
use crate::qc::JudgedPlate;
use crate::qc::across_plates::{AcrossPlates, MeasuredQuantity, TestSamples};
use crate::record::{InputFile, LookedAt};
use crate::reportable::{self, Candidate, Exclusions, IdentityFinding, ReportableResult, Rerun};
use crate::sheet::{Code, Location, Problem, Problems};
use crate::study::{SubjectVisit, names, subject_visits};

/// A quantified study.
///
/// ```
/// use std::path::Path;
/// use platewise::pipeline;
///
/// let quantified = pipeline::quantify(Path::new("plates"), &|plate| println!("{plate} is done"))?;
/// // One of its plates has two standards exchanged, and is rejected.
/// assert!(!quantified.is_clean());
/// let highest = quantified.results.iter().filter_map(|result| result.quantity.value()).fold(0.0, f64::max);
/// assert!(highest > 1000.0);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct Quantified {
    /// What the study declares.
    pub protocol: Protocol,
    /// Its plates with their verdicts, in the order of `study.toml`.
    pub plates: Vec<JudgedPlate>,
    /// What the plates say together, and after those of earlier studies.
    pub across_plates: AcrossPlates,
    /// One result per sample of the study, by the sample's name.
    pub results: Vec<ReportableResult>,
    /// The same of the samples that test the method (spiked ones, repeats of incurred ones). They are nobody's results, and are not
    /// run again: what they say is in [`AcrossPlates::tests`].
    pub test_results: Vec<ReportableResult>,
    /// The decisions of people, and what the study is without their exclusions.
    pub exclusions: Exclusions,
    /// What there is to look at of each plate, in their order: what a review names.
    pub looked_at: Vec<LookedAt>,
    /// The samples to run again.
    pub reruns: Vec<Rerun>,
    /// The results as subjects' visits, or why they cannot be joined to subjects.
    pub visits: Result<Vec<SubjectVisit>, Problems>,
    /// What leaves room for another person's result.
    pub identity: Vec<IdentityFinding>,
    /// Whether the list of samples says of no sample whose it is: results come by sample.
    pub without_subjects: bool,
    /// Every file that was read.
    pub inputs: Vec<InputFile>,
    /// What should be known and did not stop the work.
    pub warnings: Vec<Problem>,
}

impl Quantified {
    /// Whether every plate was accepted, every sample has its place and nothing leaves room for another person's result: what the
    /// exit code says.
    pub fn is_clean(&self) -> bool {
        self.plates.iter().all(|plate| plate.verdict.verdict.is_accepted())
            && self.visits.is_ok()
            && self.identity.is_empty()
            && self.exclusions.reviews.values().all(|review| review.doubt().is_none())
    }
}

/// Reads, fits, quantifies and judges every plate of the study in `folder`, on all cores, and chooses one result per sample.
/// `finished` is told the name of each plate when it is done.
///
/// # Errors
/// When the study itself cannot be read: `study.toml` or the list of samples. A plate that cannot be read is a plate with a
/// verdict.
pub fn quantify(folder: &Path, finished: &(dyn Fn(&str) + Sync)) -> Result<Quantified, Problems> {
    quantify_from(&InputFolder::new(folder, LinkPolicy::Refused), finished)
}

/// Quantifies as [`quantify`] does the study that `study` reads.
///
/// # Errors
/// As [`quantify`].
pub fn quantify_from(study: &InputFolder, finished: &(dyn Fn(&str) + Sync)) -> Result<Quantified, Problems> {
    StudyFiles::read(study, None)?.quantified(None, finished)
}

impl StudyFiles {
    /// Fits, quantifies and judges every plate, and chooses one result per sample.
    ///
    /// # Errors
    /// Every decision that does not fit its plate.
    pub(super) fn quantified(
        self,
        cache: Option<&Cache>,
        finished: &(dyn Fn(&str) + Sync),
    ) -> Result<Quantified, Problems> {
        let Self { mut protocol, samples, layouts, joined, earlier, decisions, inputs } = self;
        let declared = protocol.assay.clone();
        let plates = JoinedPlates { joined, layouts, samples: &samples, earlier: &earlier, cache };
        let EvaluatedPlates { assay, plates, mut across_plates, measured, identity, mut exclusions, not_pooled } =
            plates.evaluate(decisions, names::findings(&samples), protocol.assay, finished)?;
        protocol.assay = assay;
        across_plates.tests = test_samples(&samples, &measured, &protocol.assay);
        let mut warnings = warnings(&plates, &measured, &samples);
        let tests = |result: &ReportableResult| {
            samples.get(&result.sample).is_some_and(|sample| sample.purpose != Purpose::Study)
        };
        let (test_results, results): (Vec<_>, Vec<_>) = measured.into_iter().partition(tests);
        let reruns = reportable::reruns(&results, &plates);
        let visits = subject_visits(&results, &samples, &protocol);
        let sources = Sources::new(&declared, &inputs, &samples, &exclusions.decisions);
        let looked_at: Vec<LookedAt> = plates.par_iter().map(|plate| sources.looked_at(plate)).collect();
        let second_person = declared.review.second_person;
        let review = |(plate, now): (&JudgedPlate, &LookedAt)| {
            (plate.id.clone(), exclusions.decisions.review(&plate.id, now, second_person))
        };
        exclusions.reviews = plates.iter().zip(&looked_at).map(review).collect();
        warnings.extend(declared_and_on_no_plate(&plates, &protocol.assay));
        warnings.extend(not_pooled);
        warnings.extend(exclusions.decisions.torn().cloned());
        warnings.extend(across_plates.warnings.clone());
        Ok(Quantified {
            plates,
            across_plates,
            results,
            test_results,
            exclusions,
            looked_at,
            reruns,
            visits,
            identity,
            without_subjects: samples.is_without_subjects(),
            inputs,
            warnings,
            protocol,
        })
    }
}

/// The samples that test the method, by the results of this run.
fn test_samples(samples: &SampleList, results: &[ReportableResult], assay: &Assay) -> TestSamples {
    let measured = |name: &str| {
        let result = ReportableResult::of(results, name)?;
        Some(MeasuredQuantity { quantity: &result.quantity, plate: result.plate.as_deref() })
    };
    TestSamples::evaluate(samples, measured, &assay.across_plates, assay.method.confidence)
}

/// Anchors and levels of controls that `study.toml` declares and no plate has; nothing where no plate could be read.
fn declared_and_on_no_plate(plates: &[JudgedPlate], assay: &Assay) -> Vec<Problem> {
    let read: Vec<_> = plates.iter().filter_map(|plate| plate.concentrations.as_ref()).collect();
    if read.iter().all(|plate| plate.curve.is_err()) {
        return Vec::new();
    }
    let warning =
        |code: Code, found: String, advice: &str| Problem::new(code, Location::file(STUDY_FILE), found).advice(advice);
    let is_anchor = |anchor: f64| {
        let mut standards = read.iter().flat_map(|plate| &plate.standards);
        standards.any(|standard| standard.anchor && (standard.nominal - anchor).abs() <= 1e-9 * anchor)
    };
    let anchors = assay.anchors.iter().filter(|anchor| !is_anchor(**anchor)).map(|anchor| {
        warning(
            Code::new("anchor-on-no-plate"),
            format!("the anchor {anchor} is an anchor on no plate"),
            "It is no standard of any layout, or lies among the others and is judged as they are: correct it or remove it",
        )
    });
    let is_used =
        |level: &str| read.iter().flat_map(|plate| &plate.controls).any(|control| control.group.name == level);
    let controls = assay.controls.iter().filter(|control| !is_used(&control.level)).map(|control| {
        warning(
            Code::new("control-on-no-plate"),
            format!("the control '{}' is on no plate", control.level),
            "Correct its name here or in the layouts, or remove it",
        )
    });
    anchors.chain(controls).collect()
}

/// The warnings of the plates, and the samples of those that could not be read.
fn warnings(plates: &[JudgedPlate], results: &[ReportableResult], samples: &SampleList) -> Vec<Problem> {
    let mut warnings: Vec<Problem> = plates
        .iter()
        .filter_map(|plate| plate.concentrations.as_ref())
        .flat_map(|plate| plate.plate.warnings.clone())
        .collect();
    warnings.dedup();
    warnings.extend(plates.iter().flat_map(JudgedPlate::handling_warnings));
    warnings.extend(samples.note().cloned());
    let not_read = |of: &Candidate| of.quantity == Quantity::NotReported { reason: NotReported::PlateNotRead };
    let lost = results.iter().filter(|result| result.candidates.iter().all(not_read));
    warnings.extend(lost.filter_map(|result| {
        let sample = samples.get(&result.sample)?;
        let plates: Vec<&str> = result.candidates.iter().map(|of| of.plate.as_str()).collect();
        let on = if plates.len() == 1 { "plate" } else { "plates" };
        let found = format!("sample '{}' is on {on} '{}', which could not be read", sample.id, plates.join("' and '"));
        Some(Problem::new(Code::new("sample-on-unread-plate"), sample.location.clone(), found))
    }));
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::PlateConcentrations;

    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                copy(&entry.path(), &to);
            } else {
                std::fs::copy(entry.path(), to).unwrap();
            }
        }
    }

    #[test]
    fn samples_of_a_plate_that_cannot_be_read_have_a_row_and_are_run_again() {
        let place = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), place.path());
        let whole = quantify(place.path(), &|_| {}).unwrap();
        std::fs::remove_file(place.path().join(&whole.protocol.assay.plates[0].export)).unwrap();
        let broken = quantify(place.path(), &|_| {}).unwrap();
        assert_eq!(broken.results.len(), whole.results.len(), "no sample is lost from the tables");
        let of_plate = |result: &&ReportableResult| result.plate.as_deref() == Some(whole.plates[0].id.as_str());
        let lost: Vec<&ReportableResult> = whole.results.iter().filter(of_plate).collect();
        assert!(lost.len() > 10);
        for was in lost {
            let now = ReportableResult::of(&broken.results, &was.sample).unwrap();
            let rerun = broken.reruns.iter().find(|rerun| rerun.sample == was.sample).unwrap();
            assert_eq!(now.quantity.to_string(), "not reported: plate could not be read");
            assert_eq!((rerun.plate.as_str(), rerun.dilution), (whole.plates[0].id.as_str(), was.dilution));
        }
    }

    #[test]
    fn what_is_declared_and_on_no_plate_is_named() {
        let trial = crate::simulate::plates(1, 1).unwrap();
        let plate = trial.plates[0].assay_plate(&trial.protocol);
        let warnings = |more: &str| -> Vec<String> {
            let declared = format!("[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n{more}");
            let assay = Assay::parse(&declared).unwrap();
            let judged = JudgedPlate::judge(PlateConcentrations::evaluate(plate.clone(), &assay), &assay);
            declared_and_on_no_plate(&[judged], &assay).iter().map(ToString::to_string).collect()
        };
        assert_eq!(warnings(""), [""; 0]);
        let highest = "[standards]\nanchors=[2000]\n[[control]]\nlevel='low'\nnominal=90\n";
        assert_eq!(warnings(highest), [""; 0], "the highest standard is one");
        let said = warnings("[standards]\nanchors=[8000, 250]\n[[control]]\nlevel='lwo'\nnominal=90\n");
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(
            said[0].contains("the anchor 8000") && said[2].contains("the control 'lwo' is on no plate"),
            "{said:?}"
        );
    }
}
