//! `platewise` takes the files that a plate reader writes and ends with the answer of a trial: concentrations, and their
//! change from baseline to the end-point visit, per arm, every number traceable to a cell.
//!
//! # The whole way
//!
//! A study is a folder. One call, [`pipeline::run()`], takes it from its exports to the comparison of its arms and records the opening
//! of the list of arms in the study; here are its two halves, in memory.
//!
//! ```
//! use platewise::pipeline::{self, ArmList};
//!
//! // The simulated study that comes with the program.
//! let study = std::path::Path::new("plates");
//! let quantified = pipeline::quantify(study, &|_| {})?;
//! for plate in &quantified.plates {
//!     println!("{}: {} {}", plate.id, plate.verdict.verdict, plate.verdict.reason);
//! }
//! for result in &quantified.results {
//!     // `1030`, or `<312.5`: a limit is never a number.
//!     println!("{}: {}", result.sample, result.quantity);
//! }
//! // The arms of this trial are simulated: nobody is unblinded by them. Those of a study come from `ArmList::open`, on record.
//! let list = ArmList::in_memory("arms.csv", include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/plates/arms.csv")));
//! let compared = pipeline::compare(&quantified, &list)?;
//! let primary = compared.comparison.comparisons.iter().find(|row| row.primary);
//! let ratio = primary.and_then(|row| row.ratio).expect("a ratio with its interval");
//! assert!(ratio.lower < ratio.estimate && ratio.estimate < ratio.upper);
//! println!("{}", compared.comparison.paragraph);
//! # Ok::<(), platewise::sheet::Problems>(())
//! ```
//!
//! # Step by step
//!
//! The data flow one way, and a value never flows back: [`sheet`] (cells) → [`protocol`] (what the study declares) → [`plate`] (wells)
//! → [`curve`] → [`concentration`] → [`qc`] (verdicts) → [`reportable`] (one result per sample) → [`study`] (change per arm, by
//! [`stats`]) → [`report`]. [`pipeline`] takes these steps in order. Here they are, for one plate:
//!
//! ```
//! use std::path::Path;
//! use platewise::concentration::PlateConcentrations;
//! use platewise::plate::{AssayPlate, Layout, SampleList, formats};
//! use platewise::qc::{JudgedPlate, Verdict};
//! use platewise::sheet::Book;
//! use platewise::{protocol, reportable, study};
//!
//! let folder = Path::new("plates");
//! let open = |path: &Path| Book::open(&folder.join(path), &path.display().to_string());
//! let protocol = protocol::read(folder)?;
//! let entry = &protocol.assay.plates[0];
//!
//! // What the reader wrote, and what the laboratory says is in the wells.
//! let export = formats::read(&folder.join(&entry.export), "P01.txt", None)?;
//! let layout = Layout::read(&open(&entry.layout)?.sheets[0], &protocol.assay)?;
//! let samples = SampleList::read(&open(&protocol.assay.study.samples)?.sheets[0])?;
//! let plate = AssayPlate::join(entry, &export, &layout, &samples, &protocol.assay.method)?;
//!
//! // The standard curve, concentrations with limits, then the verdict.
//! let judged = JudgedPlate::judge(PlateConcentrations::evaluate(plate, &protocol.assay), &protocol.assay);
//! assert_eq!(judged.verdict.verdict, Verdict::Accepted);
//!
//! // One result per sample, whose it is, and only now in which arm.
//! let results = reportable::resolve(&[judged], &protocol.assay);
//! let visits = study::subject_visits(&results, &samples, &protocol)?;
//! let arms = study::read_arms(&open(&protocol.trial.arms)?.sheets[0], &protocol.trial.analysis.covariates)?;
//! let comparison = study::compare(&visits, &arms, &protocol)?;
//! let placebo = comparison.arms.iter().filter(|arm| arm.arm == "placebo");
//! assert_eq!(placebo.count(), 2, "baseline and week 16");
//! # Ok::<(), platewise::sheet::Problems>(())
//! ```
//!
//! # One curve
//!
//! [`curve`] and [`stats`] know nothing of plates and can be used by themselves:
//!
//! ```
//! use platewise::curve::{Method, Point, fit};
//!
//! let concentrations = [0.0, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0];
//! let responses = [0.05, 0.12, 0.19, 0.32, 0.56, 0.95, 1.48];
//! let wells = concentrations.into_iter().zip(responses);
//! let points: Vec<Point> =
//!     wells.map(|(concentration, response)| Point { concentration, response }).collect();
//! let curve = fit(&points, &Method::default())?;
//! let read = curve.invert(0.75, 2); // the mean of two wells
//! assert!(read.concentration.is_some_and(|x| (300.0..450.0).contains(&x)));
//! # Ok::<(), platewise::curve::FitError>(())
//! ```
//!
//! # In another program
//!
//! ```toml
//! [dependencies]
//! platewise = { version = "0.1", default-features = false }
//! ```
//!
//! | feature | what it adds | crates, with itself |
//! |---|---|---|
//! | none | [`curve`] and [`stats`]: from optical densities to a curve with its verdict and to concentrations with their intervals; the statistics of a trial | 31 |
//! | `plates` | from readers' files to curves, concentrations, verdicts, reportable results and the comparison of arms, in memory | 91 |
//! | `report` (with `plates`) | a study run as a whole ([`pipeline`]), its pages, workbooks, figures and datasets, signatures, simulated studies, [`validate`] | 167 |
//! | `cli` (with `report`, as it comes) | the program and the page of a review | 220 |
//!
//! Two examples end with a verdict and need no study: `tests/library/od_to_verdict.rs` that on a curve, in 28 lines
//! (`cargo run --no-default-features --example od_to_verdict`), `tests/library/plate_to_verdict.rs` that on a plate with its controls (`--features plates`).
//! Workbooks as xls, xlsb and ods are read in a process of their own, which another program has to name ([`sheet::isolated`]); xlsx and text are not.
//! Enums and structs marked *non-exhaustive* will grow without a new major version.
//!
//! # Words
//!
//! | word | what it is |
//! |---|---|
//! | reading | what the reader's file says of a well at one wavelength, with the text that it wrote: a number, or why there is none ([`plate::Reading`]) |
//! | response | what is analysed of a well: its reading, less that at the reference wavelength and perhaps the blanks ([`plate::AssayWell`]) |
//! | measurement | the wells of a sample at one dilution on one plate, together ([`concentration::GroupResult`]) |
//! | quantity | a concentration with its interval, below or above a limit, or why there is none ([`concentration::Quantity`]) |
//! | result | what is reported of a sample: the quantity of one of its measurements, and by which rule ([`reportable::ReportableResult`]) |
//! | finding | one rule applied to one plate: what was observed, the limit, and whether it passes ([`qc::Finding`]) |
//! | verdict | what the findings of a plate come to: accepted, rejected, not evaluable ([`qc::PlateVerdict`]) |
//! | decision | what a person excluded, undid, reviewed or approved, when and why ([`record::Decision`]) |
//!
//! What every module takes and gives stands at its head; every equation stands once, in the file that computes it.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests compare with the system's own functions"))]

// Under everything: distributions, the same bits on every system, and factors of matrices.
pub mod probability;
mod cholesky;

// Ground floor: know nothing of each other or of the rest.
pub mod stats;
#[cfg(feature = "plates")]
pub mod sheet;
pub mod curve;

// What is written, and by nobody else.
#[cfg(feature = "plates")]
pub mod files;

// The way of the data.
#[cfg(feature = "plates")]
pub mod protocol;
#[cfg(feature = "plates")]
pub mod plate;
#[cfg(feature = "plates")]
pub mod record;
#[cfg(feature = "plates")]
pub mod concentration;
#[cfg(feature = "plates")]
pub mod qc;
#[cfg(feature = "plates")]
pub mod reportable;
#[cfg(feature = "plates")]
pub mod study;
#[cfg(feature = "report")]
pub mod report;

// The steps in order, and around them.
#[cfg(feature = "report")]
pub mod pipeline;
#[cfg(feature = "report")]
pub mod simulate;
#[cfg(feature = "report")]
pub mod validate;
#[cfg(feature = "cli")]
pub mod review;
#[cfg(feature = "cli")]
pub mod cli;
