//! What people see of the results: tables, figures, the page, the workbook. Shows numbers; makes none.

pub mod adam;
mod analytes;
mod audience;
pub mod csv;
pub mod explain;
pub mod figure;
mod figure_files;
pub mod figures;
pub mod layout_form;
pub mod page;
pub mod rtf;
pub mod table;
pub mod validation;
pub mod workbook;
pub(crate) mod words;

use rayon::prelude::*;

use crate::files::OutputFile;
use crate::protocol::Declarations;
use crate::qc::JudgedPlate;
use crate::qc::over_plates::OverPlates;
use crate::record::{RUN_FILE, Review, RunRecord, SignatureState};
use crate::reportable::{Exclusions, IdentityFinding, ReportableResult, Rerun};
use crate::sheet::Problem;
use crate::study::events::EventCount;
use crate::study::{Clinical, Comparison, Robustness, SubjectVisit};

pub use analytes::{AnalytesReport, files_of_analytes};
pub use explain::Explanation;
use figures::NamedFigure;

/// Everything that a report shows.
///
/// ```
/// use std::path::Path;
/// use platewise::files::{InputFolder, Links};
/// use platewise::pipeline::{self, RunOptions};
/// use platewise::report;
///
/// // The arms stay closed: none is in any output.
/// let study = InputFolder::new(Path::new("plates"), Links::Refused);
/// let run = pipeline::run(&study, &RunOptions::default(), &|_| {})?;
/// let blinded = run.report();
/// let tables = report::table::tables(&blinded);
/// assert!(tables.iter().any(|table| table.name == "concentrations"));
/// assert!(tables.iter().all(|table| table.name != "comparison"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StudyReport<'a> {
    /// What was declared.
    pub protocol: Declarations<'a>,
    /// Every plate, in the order of the study.
    pub plates: &'a [JudgedPlate],
    /// What they say together.
    pub over_plates: &'a OverPlates,
    /// One result per sample of the study.
    pub results: &'a [ReportableResult],
    /// The same of the samples that test the method.
    pub test_results: &'a [ReportableResult],
    /// What has to be run again.
    pub reruns: &'a [Rerun],
    /// The decisions of people, and what the study is without their exclusions.
    pub exclusions: &'a Exclusions,
    /// What people signed, and whether it covers these results.
    pub signatures: &'a [SignatureState],
    /// What leaves room for another person's result.
    pub identity: &'a [IdentityFinding],
    /// The results by subject and visit.
    pub visits: &'a [SubjectVisit],
    /// Why there are none: results and list of samples contradict each other. Empty where there are.
    pub not_joined: &'a [Problem],
    /// The comparison of the arms; `None` keeps every output blinded.
    pub comparison: Option<&'a Comparison>,
    /// Intercurrent events by kind and arm; `None` where there is no comparison, or none are declared.
    pub events: Option<&'a [EventCount]>,
    /// What is made of the clinical measures; `None` where there is no comparison, or no measure.
    pub clinical: Option<&'a Clinical>,
    /// What it is compared with; `None` wherever there is no comparison.
    pub robustness: Option<&'a Robustness>,
    /// How the figures are laid out.
    pub layout: figure::Layout,
    /// With which program, settings and inputs.
    pub record: &'a RunRecord,
    /// What should be known and did not stop anything.
    pub warnings: &'a [Problem],
}

impl<'a> StudyReport<'a> {
    /// The same without anything that is known of the arms or was opened with their list, with the record and the warnings that it then
    /// has.
    pub fn without_arms(self, record: &'a RunRecord, warnings: &'a [Problem]) -> Self {
        Self { comparison: None, events: None, clinical: None, robustness: None, record, warnings, ..self }
    }

    /// What there is of reviews of a plate.
    pub(crate) fn review(&self, plate: &JudgedPlate) -> &'a Review {
        self.exclusions.review(&plate.id)
    }

    /// The result of a sample, of the study or to test the method.
    fn result(&self, sample: &str) -> Option<&'a ReportableResult> {
        ReportableResult::of(self.results, sample).or_else(|| ReportableResult::of(self.test_results, sample))
    }

    /// The results of all samples, of the study or to test the method, by name.
    fn measured(&self) -> Vec<&'a ReportableResult> {
        let mut measured: Vec<_> = self.results.iter().chain(self.test_results).collect();
        measured.sort_by(|one, other| one.sample.cmp(&other.sample));
        measured
    }

    /// Whether there are more plates than one page holds: each then has a page of its own, and its pictures are written as SVG only.
    fn is_large(&self) -> bool {
        self.plates.len() > self.protocol.report.plates_in_page
    }

    /// Whether there is more than one plate to chart, of this study or of its history: a chart of one point says nothing.
    fn has_charts(&self) -> bool {
        let study = &self.protocol.assay.study.id;
        let points = self.over_plates.charts.iter().flat_map(|chart| &chart.points);
        self.plates.len() > 1 || points.into_iter().any(|point| point.observation.study != *study)
    }

    /// Whether there is a sensitivity grid. The rules for values below the limit are among its choices, and then shown there.
    fn has_grid(&self) -> bool {
        self.robustness.is_some_and(|robustness| !robustness.grids.is_empty())
    }
}

/// Why the files of a report could not be made.
///
/// ```
/// use platewise::report::ReportError;
///
/// let wrong = serde_json::from_str::<f64>("x").unwrap_err();
/// assert!(ReportError::from(wrong).to_string().starts_with("cannot write as JSON"));
/// ```
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A figure.
    #[error(transparent)]
    Figure(#[from] figure::FigureError),
    /// A table as CSV.
    #[error("cannot write the table {table}.csv: {cause}")]
    Csv {
        /// The table.
        table: &'static str,
        /// What went wrong.
        cause: ::csv::Error,
    },
    /// The workbook.
    #[error("cannot write results.xlsx: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The run record, or the dataset as JSON.
    #[error("cannot write as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The table of concentrations as it is written into `concentrations.csv`. It depends on nothing that is known of the arms.
///
/// # Errors
/// Only when the library that writes CSV fails, which it does not into memory.
pub fn concentrations(report: &StudyReport<'_>) -> Result<Vec<u8>, ReportError> {
    let table = table::concentrations(report);
    csv::write(&table).map_err(|cause| ReportError::Csv { table: table.name, cause })
}

/// One page, one workbook and the record of the run: for plates that belong to no study.
///
/// # Errors
/// When something cannot be made.
pub fn page_and_workbook(report: &StudyReport<'_>) -> Result<Vec<OutputFile>, ReportError> {
    let tables = table::tables(report);
    let figures = Figures::of(report);
    let mut files = pages(report, &tables, &figures);
    files.push(OutputFile { name: "results.xlsx".into(), bytes: workbook::write(report, &tables)? });
    files.push(run_record(report)?);
    Ok(files)
}

/// All outputs of a study, as files of one folder.
///
/// Pictures are drawn side by side: rendering them is what takes the time. `drawn` is told after each how many there are. `blinded`
/// is the report without anything of the arms, where `report` has them: the laboratory's page is of that.
///
/// # Errors
/// When something cannot be made.
pub fn files(
    report: &StudyReport<'_>,
    blinded: Option<&StudyReport<'_>>,
    drawn: &(dyn Fn(usize) + Sync),
) -> Result<Vec<OutputFile>, ReportError> {
    let tables = table::tables(report);
    let figures = Figures::of(report);
    let mut files = pages(report, &tables, &figures);
    files.extend(blinded.and_then(|blinded| laboratory_page(blinded, &figures)));
    files.push(OutputFile { name: "results.xlsx".into(), bytes: workbook::write(report, &tables)? });
    for table in &tables {
        let bytes = csv::write(table).map_err(|cause| ReportError::Csv { table: table.name, cause })?;
        files.push(OutputFile { name: format!("{}.csv", table.name), bytes });
    }
    files.extend(figure_files::draw_for_print(report, &figures, drawn)?);
    if let Some(comparison) = report.comparison {
        let datasets = adam::datasets(comparison);
        for dataset in &datasets {
            let file = dataset.file();
            let bytes = adam::dataset_json::write(dataset, report.record)?;
            files.push(OutputFile { name: format!("{file}.json"), bytes });
            // Where it cannot be written, a warning of the report says why.
            if let Ok(bytes) = adam::xport::write(dataset, &report.record.started) {
                files.push(OutputFile { name: format!("{file}.xpt"), bytes });
            }
        }
        files.push(OutputFile { name: "define.xml".into(), bytes: adam::define::write(report, &datasets) });
        files.push(OutputFile { name: "tables.rtf".into(), bytes: rtf::write(report, comparison) });
    }
    files.push(run_record(report)?);
    let names: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
    let start = page::start(report, &page::Beside { tables: &tables, figures: figures.shown(), files: &names });
    files.push(OutputFile { name: start.name, bytes: start.html.into_bytes() });
    Ok(files)
}

fn run_record(report: &StudyReport<'_>) -> Result<OutputFile, ReportError> {
    let mut bytes = serde_json::to_vec_pretty(report.record)?;
    bytes.push(b'\n');
    Ok(OutputFile { name: RUN_FILE.into(), bytes })
}

fn pages(report: &StudyReport<'_>, tables: &[table::Table], figures: &Figures) -> Vec<OutputFile> {
    let pages = page::write(report, tables, figures.shown()).into_iter();
    pages.map(|page| OutputFile { name: page.name, bytes: page.html.into_bytes() }).collect()
}

/// The page of a study without the arms, beside the whole one. Pages of single plates hold nothing of the arms, and serve both.
fn laboratory_page(blinded: &StudyReport<'_>, figures: &Figures) -> Option<OutputFile> {
    let shown = figures.shown().without_arms();
    let page = page::write(blinded, &table::tables(blinded), shown).into_iter().next()?;
    Some(OutputFile { name: "laboratory.html".into(), bytes: page.html.into_bytes() })
}

/// Every figure of a report.
struct Figures {
    plates: Vec<Option<figures::PlateFigures>>,
    controls: Vec<NamedFigure>,
    curves: Vec<NamedFigure>,
    comparison: Vec<NamedFigure>,
    missing_data: Vec<NamedFigure>,
    clinical: Vec<NamedFigure>,
    robustness: Vec<NamedFigure>,
}

impl Figures {
    fn of(report: &StudyReport<'_>) -> Self {
        let scale = figures::ResponseScale::of(report);
        let of_comparison = |comparison| figures::of_comparison(report, comparison);
        let of_missing_data = |comparison| figures::of_missing_data(report, comparison);
        let of_robustness = |robustness| figures::of_robustness(report, robustness);
        Self {
            plates: report.plates.par_iter().map(|plate| figures::of_plate(report, plate, scale)).collect(),
            controls: figures::control_charts(report),
            curves: figures::charts_of_curves(report),
            comparison: report.comparison.map(of_comparison).unwrap_or_default(),
            missing_data: report.comparison.map(of_missing_data).unwrap_or_default(),
            clinical: report.clinical.map(|clinical| figures::of_clinical(report, clinical)).unwrap_or_default(),
            robustness: report.robustness.map(of_robustness).unwrap_or_default(),
        }
    }

    fn shown(&self) -> page::PageFigures<'_> {
        page::PageFigures {
            plates: &self.plates,
            controls: &self.controls,
            curves: &self.curves,
            comparison: &self.comparison,
            missing_data: &self.missing_data,
            clinical: &self.clinical,
            robustness: &self.robustness,
        }
    }
}
