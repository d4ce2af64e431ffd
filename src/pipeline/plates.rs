//! Plates that belong to no study: their layouts known, concentrations out. The same curves, rules and tables as for a study; no
//! subjects, visits or arms.

use std::path::PathBuf;

use rayon::prelude::*;

use super::evaluated_plates::{EvaluatedPlates, JoinedPlates};
use super::exports::{Exports, NamedPlate};
use super::layouts::LayoutSamples;
use crate::files::{InputFile, OutputFolder};
use crate::pipeline::WriteError;
use crate::plate::{AssayPlate, Export, Layout, SampleList};
use crate::protocol::{Assay, Declarations, PlateEntry, STUDY_FILE};
use crate::qc::JudgedPlate;
use crate::qc::across_plates::{AcrossPlates, History};
use crate::record::{self, Decisions, RunRecord};
use crate::report::{self, StudyReport};
use crate::reportable::identity::IdentityRule;
use crate::reportable::{self, Exclusions, IdentityFinding, ReportableResult, Rerun};
use crate::sheet::{Code, Location, Problem, Problems};

/// Plates with their layouts, ready to be evaluated.
///
/// See [`super::PlateFiles`] for an example.
#[derive(Debug)]
pub struct ReadyPlates {
    pub(super) assay: Assay,
    pub(super) exports: Exports,
    pub(super) plates: Vec<ReadyPlate>,
    pub(super) inputs: Vec<InputFile>,
    pub(super) shared_layout: bool,
}

#[derive(Debug)]
pub(super) struct ReadyPlate {
    pub(super) named: NamedPlate,
    /// An export with nothing but this plate in it, and the plate's layout; or why one of them cannot be read.
    pub(super) read: Result<(Export, Layout), Problems>,
}

/// Plates that were evaluated without a study: everything that is known of them, and written.
///
/// See [`super::PlateFiles`] for an example.
#[derive(Debug, Clone)]
pub struct PlatesRun {
    /// How they were evaluated.
    pub assay: Assay,
    /// The plates with their verdicts, in the order in which they were named.
    pub plates: Vec<JudgedPlate>,
    /// What they say together.
    pub across_plates: AcrossPlates,
    /// One result per sample, by its name.
    pub results: Vec<ReportableResult>,
    /// The samples to run again.
    pub reruns: Vec<Rerun>,
    /// What leaves room for another sample's result.
    pub identity: Vec<IdentityFinding>,
    /// With which program, settings and inputs.
    pub record: RunRecord,
    /// What should be known and did not stop the work.
    pub warnings: Vec<Problem>,
    /// The exports that were read.
    pub exports: Exports,
    layouts: Vec<(NamedPlate, Layout)>,
    exclusions: Exclusions,
}

impl ReadyPlates {
    /// Fits, quantifies and judges the plates, and chooses one result per sample. `finished` is told the name of each plate.
    ///
    /// # Errors
    /// When no plate can be read at all.
    pub fn evaluate(self, finished: &(dyn Fn(&str) + Sync)) -> Result<PlatesRun, Problems> {
        let started = record::now();
        let samples = SampleList::default();
        let several = self.plates.len() > 1;
        let of_plate = |(entry, plate): (&PlateEntry, &ReadyPlate)| match &plate.read {
            Ok((export, layout)) => {
                let layout = if several { layout.clone().with_samples_of(&entry.id) } else { layout.clone() };
                // The export holds this plate alone.
                let entry = PlateEntry { plate: None, ..entry.clone() };
                let plate = AssayPlate::join(&entry, export, &layout, &samples, &self.assay.method);
                let layout = LayoutSamples::of(&Ok(layout), &plate, &samples);
                (plate, layout)
            }
            Err(wrong) => (Err(wrong.clone()), LayoutSamples::default()),
        };
        let (joined, layouts): (Vec<_>, Vec<_>) = self.assay.plates.par_iter().zip(&self.plates).map(of_plate).unzip();
        if joined.iter().all(Result::is_err) {
            let wrong = joined.into_iter().filter_map(Result::err).flat_map(|problems| problems.0);
            return Err(Problems(wrong.collect()));
        }
        let earlier = History::default();
        let plates = JoinedPlates { joined, layouts, samples: &samples, earlier: &earlier, cache: None };
        let EvaluatedPlates { assay, plates, across_plates, measured, mut identity, exclusions, not_pooled } =
            plates.evaluate(Decisions::default(), Vec::new(), self.assay, finished)?;
        // One layout for several plates was asked for: that it is called after one of them is no slip.
        identity.retain(|finding| !(self.shared_layout && finding.rule == IdentityRule::PlateName));
        let reruns = reportable::reruns(&measured, &plates);
        let mut warnings: Vec<Problem> = identity.iter().map(|finding| finding.problem.clone()).collect();
        let of_plates = plates.iter().filter_map(|plate| plate.concentrations.as_ref());
        warnings.extend(of_plates.flat_map(|plate| plate.plate.warnings.clone()));
        warnings.extend(not_pooled);
        warnings.extend(across_plates.warnings.clone());
        let mut said: Vec<Problem> = Vec::new();
        for mut warning in warnings {
            if &*warning.location.file == STUDY_FILE {
                // There is none: the method is said by --method, or is a preset.
                warning.location = Location::file("the method");
            }
            if !said.contains(&warning) {
                said.push(warning);
            }
        }
        let read = self.plates.into_iter().filter_map(|plate| Some((plate.named, plate.read.ok()?.1)));
        let layouts: Vec<(NamedPlate, Layout)> = read.collect();
        let of_plates = plates.iter().filter_map(|plate| Some(&plate.concentrations.as_ref()?.plate));
        let record = RunRecord::new(&assay, self.inputs, false, started).of_plates(of_plates);
        let mut run = PlatesRun {
            assay,
            plates,
            across_plates,
            results: measured,
            reruns,
            identity,
            record,
            warnings: said,
            exports: self.exports,
            layouts,
            exclusions,
        };
        let table = report::concentrations(&run.report()).map_err(|error| {
            Problem::new(
                Code::new("concentrations-not-written"),
                Location::file("concentrations.csv"),
                error.to_string(),
            )
        })?;
        run.record.concentrations_sha256 = record::sha256(&table);
        Ok(run)
    }
}

impl PlatesRun {
    /// Whether every plate was accepted and nothing leaves room for another sample's result: what the exit code says.
    pub fn is_clean(&self) -> bool {
        self.plates.iter().all(|plate| plate.verdict.verdict.is_accepted()) && self.identity.is_empty()
    }

    /// The layout of each plate that could be read, as it was declared.
    pub fn layouts(&self) -> impl Iterator<Item = &(NamedPlate, Layout)> {
        self.layouts.iter()
    }

    /// What is shown of it.
    pub fn report(&self) -> StudyReport<'_> {
        StudyReport {
            protocol: Declarations::from(&self.assay),
            plates: &self.plates,
            across_plates: &self.across_plates,
            results: &self.results,
            test_results: &[],
            reruns: &self.reruns,
            exclusions: &self.exclusions,
            signatures: &[],
            identity: &self.identity,
            not_joined: &[],
            visits: &[],
            comparison: None,
            clinical: None,
            events: None,
            robustness: None,
            layout: report::figure::FigureLayout::default(),
            record: &self.record,
            warnings: &self.warnings,
        }
    }

    /// Writes one page, one workbook and the record of the run as the content of a folder that was claimed before.
    ///
    /// # Errors
    /// When a file cannot be made, or the folder cannot be written. It is then as it was.
    pub fn write(&self, place: OutputFolder) -> Result<Vec<PathBuf>, WriteError> {
        Ok(place.write(&report::page_and_workbook(&self.report())?)?)
    }
}
