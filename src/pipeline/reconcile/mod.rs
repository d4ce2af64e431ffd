//! Our curve and concentrations beside those that an export holds, well by well, and why they differ.
//!
//! The cause is found by trying: every way of fitting that a reader's software commonly offers (see [`recipe`]) is applied to the
//! readings of the file, and the one that gives its numbers back is how they were made. Each number has a tolerance that
//! follows from what is printed: half a unit of the last digit of the concentration, and what the rounding of the readings
//! does to it on the curve. What is left within the tolerances is explained; what is left beyond them is said.

mod reader_curve;
pub mod readings;
pub mod recipe;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::quantify::{Quantified, quantify_from};
use super::study_book::open;
use super::study_files::read_as_declared;
use crate::curve::{Blank, Variance};
use crate::files::InputFolder;
use crate::plate::formats;
use crate::plate::own_results::{Formula, OwnResults, OwnStandards, OwnTables, PlateWell, own_results};
use crate::plate::{Export, WellPosition, WellRole};
use crate::protocol::{MethodSettings, PlateEntry, STUDY_FILE};
use crate::sheet::{Book, Code, Location, Problem, Problems};
use reader_curve::parameters_words;
use readings::{KnownWells, Readings, RecipeFit};
use recipe::{CurveType, Points, Recipe, Signal};

/// Our number and theirs for a well.
///
/// ```
/// use platewise::{pipeline::reconcile::ComparedValue, plate::WellPosition};
///
/// let well = WellPosition::new(0, 2);
/// let beside = ComparedValue { plate: "P01".into(), well, theirs: 50.0, ours: Some(51.0), tried: Some(50.004), tolerance: 0.005 };
/// assert_eq!((beside.difference_percent(), beside.explained()), (Some(2.0), true));
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct ComparedValue {
    /// The plate, by its name in the file; empty where it has none.
    pub plate: String,
    /// The well.
    pub well: WellPosition,
    /// Theirs, in the well (before dilution).
    pub theirs: f64,
    /// Ours; `None` where our curve has no concentration at that reading.
    pub ours: Option<f64>,
    /// By the way of fitting that comes closest.
    pub tried: Option<f64>,
    /// How far rounding alone can take `tried` from theirs.
    pub tolerance: f64,
}

impl ComparedValue {
    /// 100 × (ours − theirs) / theirs.
    pub fn difference_percent(&self) -> Option<f64> {
        (self.theirs != 0.0).then(|| self.ours.map(|ours| 100.0 * (ours - self.theirs) / self.theirs)).flatten()
    }

    /// Whether the closest way of fitting gives theirs to the printed digits.
    pub fn explained(&self) -> bool {
        self.tried.is_some_and(|tried| (tried - self.theirs).abs() <= self.tolerance)
    }
}

/// One curve of the file beside ours.
///
/// ```
/// use platewise::pipeline::reconcile::reconcile_file;
///
/// let curves = reconcile_file(std::path::Path::new("fixtures/reconcile/gen5.txt"))?;
/// assert!(curves[0].explained());
/// assert!(curves[0].closest.as_ref().is_some_and(|way| way.starts_with("a straight line")));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct ReconciledCurve {
    /// What the file calls its concentrations.
    pub label: String,
    /// Where they stand.
    pub location: Location,
    /// How ours were made.
    pub ours: String,
    /// Our curve, or why there is none.
    pub our_curve: String,
    /// Their curve, where the file prints it.
    pub their_curve: Option<String>,
    /// The way of fitting that comes closest.
    pub closest: Option<String>,
    /// What it does otherwise than ours; empty where ours gives their numbers back.
    pub causes: Vec<String>,
    /// Every well with a number of theirs.
    pub wells: Vec<ComparedValue>,
}

impl ReconciledCurve {
    /// Whether every number is explained to its printed digits.
    pub fn explained(&self) -> bool {
        self.wells.iter().all(ComparedValue::explained)
    }
}

/// Reconciles one export, with the program's default method as ours.
///
/// # Errors
/// When the file cannot be read, or holds no concentrations of its own.
pub fn reconcile_file(path: &Path) -> Result<Vec<ReconciledCurve>, Problems> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let book = Book::open(path, &name)?;
    let export = formats::read_book(&book, None)?;
    let curves = curves(&book, &export, &BTreeMap::new());
    if curves.is_empty() {
        return Err(Problem::new(
            Code::new("reconcile-nothing-in-file"),
            Location::file(name),
            "no concentrations of the reader's own in it, with standards beside them",
        )
        .expected("an export that holds standards and the concentrations that the reader's software computed")
        .advice("Export the computed values as well; `inspect FILE` shows what is in the file")
        .into());
    }
    Ok(curves)
}

/// Reconciles every export of a study that holds concentrations of its own, with the study's method and layouts as ours.
///
/// # Errors
/// When the study cannot be read, or none of its exports holds concentrations of its own.
pub fn reconcile_study(study: &InputFolder) -> Result<Vec<ReconciledCurve>, Problems> {
    let quantified = quantify_from(study, &|_| {})?;
    let mut found = Vec::new();
    for entry in exports(&quantified.protocol.assay.plates) {
        // An export that cannot be read is a plate with a verdict in the run itself.
        let Ok(book) = open(study, &entry.export) else { continue };
        let Ok(export) = read_as_declared(study, entry, &book) else { continue };
        found.extend(curves(&book, &export, &declared(&quantified, &entry.export, &export)));
    }
    if found.is_empty() {
        return Err(Problem::new(
            Code::new("reconcile-nothing-in-study"),
            Location::file(STUDY_FILE),
            "no export of the study holds concentrations of the reader's own",
        )
        .advice("Export the computed values beside the readings")
        .into());
    }
    Ok(found)
}

/// The first plate of every export, in the order of the study: it says how the export is to be read.
fn exports(plates: &[PlateEntry]) -> Vec<&PlateEntry> {
    let mut exports: Vec<&PlateEntry> = Vec::new();
    for plate in plates {
        if !exports.iter().any(|known| known.export == plate.export) {
            exports.push(plate);
        }
    }
    exports
}

/// What the study declares of the plates of an export, and what it makes of them.
struct StudyValues {
    standards: OwnStandards,
    blanks: BTreeSet<PlateWell>,
    method: String,
    curve: String,
    concentrations: BTreeMap<PlateWell, f64>,
}

fn declared(quantified: &Quantified, path: &Path, export: &Export) -> BTreeMap<usize, StudyValues> {
    let mut found = BTreeMap::new();
    for entry in quantified.protocol.assay.plates.iter().filter(|entry| entry.export == path) {
        let called = |plate: &crate::plate::ExportedPlate| {
            entry.plate.is_none() || plate.name == entry.plate || plate.id == entry.plate
        };
        let judged = quantified.plates.iter().find(|plate| plate.id == entry.id);
        let (Some(at), Some(plate)) =
            (export.plates.iter().position(called), judged.and_then(|plate| plate.concentrations.as_ref()))
        else {
            continue;
        };
        let wells = &plate.plate.wells;
        let standards = wells.iter().filter_map(|well| match well.role {
            WellRole::Standard { concentration } => Some(((at, well.position), concentration)),
            _ => None,
        });
        let blanks = wells.iter().filter(|well| well.role == WellRole::Blank).map(|well| (at, well.position));
        let curve = plate.curve.as_ref().ok();
        let concentrations = wells.iter().filter_map(|well| {
            let curve = curve?;
            let model = curve.method().model;
            Some(((at, well.position), model.concentration(curve.parameters(), well.response.measured()?)?))
        });
        found.insert(
            at,
            StudyValues {
                standards: standards.collect(),
                blanks: blanks.collect(),
                method: method_words(&quantified.protocol.assay.method, &plate.plate.read),
                curve: match &plate.curve {
                    Ok(curve) => parameters_words(curve.parameters()),
                    Err(why) => why.to_string(),
                },
                concentrations: concentrations.collect(),
            },
        );
    }
    found
}

fn method_words(method: &MethodSettings, read: &str) -> String {
    let shape = CurveType::Logistic(method.model, method.variance);
    let blank = match method.blank {
        Blank::Ignore => "blank not used",
        Blank::Include => "blank as a standard of 0",
        Blank::Subtract => "blank subtracted",
        Blank::Constrain => "lower plateau held at the blank",
    };
    format!("{}, {}, {read}, {blank}", shape.words(), Points::Wells.words())
}

/// The roles that the file itself gives.
fn of_file(export: &Export, plates: &BTreeSet<usize>) -> (OwnStandards, BTreeSet<PlateWell>) {
    let (mut standards, mut blanks) = (OwnStandards::new(), BTreeSet::new());
    for (at, plate) in export.plates.iter().enumerate().filter(|(at, _)| plates.contains(at)) {
        for (&well, sample) in plate.samples.iter().filter(|(_, sample)| !sample.masked) {
            match (sample.role.as_deref(), sample.concentration) {
                (Some("standard"), Some(concentration)) => {
                    standards.insert((at, well), concentration);
                }
                (Some("blank"), _) => {
                    blanks.insert((at, well));
                }
                _ => {}
            }
        }
    }
    (standards, blanks)
}

fn curves(book: &Book, export: &Export, declared: &BTreeMap<usize, StudyValues>) -> Vec<ReconciledCurve> {
    let OwnTables { results, standards: own_standards, masked } = own_results(book, export);
    let mut found = Vec::new();
    for theirs in results {
        let plates: BTreeSet<usize> = theirs.concentrations.keys().map(|(plate, _)| *plate).collect();
        let (file_standards, file_blanks) = of_file(export, &plates);
        let of_study: Vec<&StudyValues> = plates.iter().filter_map(|plate| declared.get(plate)).collect();
        let (standards, blanks) = if !of_study.is_empty() {
            (
                of_study.iter().flat_map(|one| one.standards.clone()).collect(),
                of_study.iter().flat_map(|one| one.blanks.clone()).collect(),
            )
        } else if own_standards.is_empty() {
            (file_standards, file_blanks)
        } else {
            (own_standards.clone(), file_blanks)
        };
        if standards.is_empty() && theirs.formula.is_none() && levels(&theirs) < RECOVERABLE {
            continue;
        }
        let readings = Readings::new(export, &theirs, KnownWells { standards, blanks, masked: masked.clone() });
        found.push(reconciled(export, &theirs, &readings, &of_study));
    }
    found
}

/// As many different concentrations show the curve that they lie on without its standards: twice the parameters of a 4PL, so
/// that a curve that agrees with all of them says something.
const RECOVERABLE: usize = 8;

fn levels(theirs: &OwnResults) -> usize {
    theirs.concentrations.values().map(|printed| printed.value.to_bits()).collect::<BTreeSet<_>>().len()
}

fn reconciled(export: &Export, theirs: &OwnResults, readings: &Readings, of_study: &[&StudyValues]) -> ReconciledCurve {
    let default = CurveType::Logistic(crate::curve::Model::FourParameter, Variance::Squared);
    let ours_by_default = readings.signals.first().map(|signal| Recipe {
        shape: default,
        points: Points::Wells,
        signal: Signal { blank: false, ..signal.clone() },
        masked: false,
    });
    let ours_by_default = ours_by_default.filter(|_| !readings.recovered);
    let ours = ours_by_default.as_ref().and_then(|recipe| readings.fit(recipe));
    let fits = readings.every_fit(theirs.formula.as_ref());
    // Several ways may give the printed digits: the first, simplest one is named. Where none does, the one that misses least.
    let scored: Vec<_> = fits.iter().map(|fit| (readings.score(theirs, fit), fit)).collect();
    let by_score = |one: &readings::Score, other: &readings::Score| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1));
    let closest = scored
        .iter()
        .find(|((missed, _), _)| *missed == 0)
        .or_else(|| scored.iter().min_by(|(one, _), (other, _)| by_score(one, other)))
        .map(|(_, fit)| *fit);
    let wells = theirs.concentrations.iter().map(|(place, printed)| ComparedValue {
        plate: export.plates.get(place.0).and_then(|plate| plate.name.clone().or(plate.id.clone())).unwrap_or_default(),
        well: place.1,
        theirs: printed.value,
        ours: match of_study {
            [] => ours.as_ref().and_then(|fit| readings.concentration(theirs, fit, place)),
            declared => declared.iter().find_map(|one| one.concentrations.get(place).copied()),
        },
        tried: closest.and_then(|fit| readings.concentration(theirs, fit, place)),
        tolerance: closest.map_or(0.0, |fit| readings.tolerance(theirs, fit, place)),
    });
    let wells: Vec<ComparedValue> = wells.collect();
    let (ours_words, our_curve) = match of_study.first() {
        Some(declared) => (declared.method.clone(), declared.curve.clone()),
        None => (
            ours_by_default.as_ref().map_or_else(|| "none: the file declares no standards".into(), Recipe::words),
            ours.as_ref().map_or_else(|| "no curve can be fitted".to_string(), |fit| fit.curve_words()),
        ),
    };
    ReconciledCurve {
        label: theirs.label.clone(),
        location: theirs.location.clone(),
        causes: causes(ours_by_default.as_ref(), closest, &wells, readings, theirs),
        ours: ours_words,
        our_curve,
        their_curve: theirs.formula.as_ref().map(formula_words),
        closest: closest.map(|fit| fit.recipe.words()),
        wells,
    }
}

fn formula_words(formula: &Formula) -> String {
    let parameters: Vec<String> =
        formula.parameters.iter().map(|(letter, value)| format!("{letter} = {value}")).collect();
    format!("{}: {}", formula.text, parameters.join(", "))
}

/// What the closest way of fitting does otherwise than ours, and what is left.
fn causes(
    ours: Option<&Recipe>,
    closest: Option<&RecipeFit>,
    wells: &[ComparedValue],
    readings: &Readings,
    of: &OwnResults,
) -> Vec<String> {
    let Some(closest) = closest else {
        return vec!["no way of fitting could be tried: the file has no standards with readings".into()];
    };
    let mut causes = match ours {
        Some(ours) => differences(ours, &closest.recipe),
        None => vec![format!("curve: theirs {}; {}", closest.curve_words(), closest.recipe.words())],
    };
    if let (CurveType::Printed, Some(sums)) = (closest.recipe.shape, readings.sums_of_squares(closest)) {
        causes.push(format!(
            "fit: with their parameters the standards have the sum of squares {:.6e}, the least is {:.6e} (4pl, constant variance)",
            sums.0, sums.1
        ));
    }
    let beyond: Vec<&ComparedValue> = wells.iter().filter(|well| !well.explained()).collect();
    if beyond.is_empty() {
        causes.push(match wells.len() {
            1 => "what is left is rounding: the one number agrees to its printed digits".to_string(),
            all => format!("what is left is rounding: all {all} numbers agree to their printed digits"),
        });
        return causes;
    }
    let worst = beyond.iter().filter_map(|well| Some((100.0 * (well.tried? / well.theirs - 1.0)).abs()));
    causes.push(format!(
        "not explained: {} of {} numbers differ beyond their printed digits, by {:.2} % at most",
        beyond.len(),
        wells.len(),
        worst.fold(0.0, f64::max)
    ));
    if let Some((low, high)) = readings.contradiction(of, closest) {
        causes.push(format!(
            "the file contradicts itself: {} and {} have the same readings and the concentrations {} and {}; no curve gives both",
            low.1, high.1, of.concentrations[&low].value, of.concentrations[&high].value
        ));
    }
    causes
}

/// What one way of fitting does otherwise than ours.
fn differences(ours: &Recipe, theirs: &Recipe) -> Vec<String> {
    let mut causes = Vec::new();
    if theirs.shape != ours.shape {
        causes.push(format!("curve: theirs {}, ours {}", theirs.shape.words(), ours.shape.words()));
    }
    if theirs.points != ours.points && theirs.shape != CurveType::Printed {
        causes.push(format!("standards: theirs {}, ours {}", theirs.points.words(), ours.points.words()));
    }
    if theirs.masked != ours.masked {
        causes.push("standards: theirs with the wells that the table shows as masked, ours without them".into());
    }
    if theirs.signal.words() != ours.signal.words() {
        causes.push(format!("readings: theirs {}, ours {}", theirs.signal.words(), ours.signal.words()));
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Assay;

    #[test]
    fn an_export_of_several_plates_is_reconciled_once_with_its_reader() {
        let plate = |id: &str, export: &str| {
            format!("[[plate]]\nid='{id}'\nexport='{export}'\nplate='{id}'\nlayout='l'\nreader='gen5'\n")
        };
        let declared = format!(
            "[study]\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n{}{}{}",
            plate("1", "a.txt"),
            plate("2", "b.txt"),
            plate("3", "a.txt")
        );
        let assay = Assay::parse(&declared).unwrap();
        let found = exports(&assay.plates);
        let found = found.iter().map(|plate| (plate.export.as_path(), plate.reader.as_deref())).collect::<Vec<_>>();
        assert_eq!(found, [(Path::new("a.txt"), Some("gen5")), (Path::new("b.txt"), Some("gen5"))]);
    }
}
