//! The readings of an export, and every way of making a curve from them tried on them: what each gives for the wells that the
//! reader's software has a concentration for, and how far rounding alone can have moved it.

use std::collections::{BTreeMap, BTreeSet};

use super::reader_curve::{ReaderCurve, of_formula, through};
use super::recipe::{CurveType, Points, Recipe, Signal};
use crate::curve::{Method, Model, Point, Variance, fit};
use crate::plate::Export;
use crate::plate::own_results::{Formula, OwnResults, OwnStandards, PlateWell, PrintedNumber, printed_read};

/// A curve that was made.
///
/// ```
/// use std::path::Path;
/// use platewise::pipeline::reconcile::readings::{KnownWells, Readings};
/// use platewise::plate::{own_results::own_results, formats};
/// use platewise::sheet::Book;
///
/// let path = Path::new("fixtures/reconcile/gen5.txt");
/// let export = formats::read(path, "gen5.txt", None)?;
/// let theirs = &own_results(&Book::open(path, "gen5.txt")?, &export).results[0];
/// // Without standards the reader's own concentrations show the curve that they lie on.
/// let fits = Readings::new(&export, theirs, KnownWells::default()).every_fit(None);
/// assert!(fits.iter().any(|fit| fit.curve_words().starts_with("A = 0.0012")));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone)]
pub struct RecipeFit {
    /// How.
    pub recipe: Recipe,
    curve: ReaderCurve,
    values: BTreeMap<PlateWell, PrintedNumber>,
}

impl RecipeFit {
    /// The curve in a line.
    pub fn curve_words(&self) -> String {
        self.curve.words()
    }
}

/// How many numbers a fit misses, and by how much of their tolerance at most.
pub type Score = (usize, f64);

/// What is known of the wells of an export.
///
/// ```
/// use std::path::Path;
/// use platewise::pipeline::reconcile::readings::{KnownWells, Readings};
/// use platewise::plate::{own_results::own_results, formats};
/// use platewise::sheet::Book;
///
/// let path = Path::new("fixtures/reconcile/gen5.txt");
/// let export = formats::read(path, "gen5.txt", None)?;
/// let theirs = &own_results(&Book::open(path, "gen5.txt")?, &export).results[0];
/// assert!(Readings::new(&export, theirs, KnownWells::default()).recovered, "no standards are known");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct KnownWells {
    /// Standards with their nominal concentrations.
    pub standards: OwnStandards,
    /// Blanks.
    pub blanks: BTreeSet<PlateWell>,
    /// Wells that the file's tables show as masked.
    pub masked: BTreeSet<PlateWell>,
}

/// The readings of an export, with the standards and blanks among them.
///
/// ```
/// use std::path::Path;
/// use platewise::pipeline::reconcile::readings::{KnownWells, Readings};
/// use platewise::plate::{own_results::own_results, formats};
/// use platewise::sheet::Book;
///
/// let path = Path::new("fixtures/reconcile/gen5.txt");
/// let export = formats::read(path, "gen5.txt", None)?;
/// let theirs = &own_results(&Book::open(path, "gen5.txt")?, &export).results[0];
/// let readings = Readings::new(&export, theirs, KnownWells::default());
/// let fit = readings.fit(&readings.every_fit(None)[0].recipe);
/// assert!(fit.is_some_and(|fit| readings.score(theirs, &fit).0 == 0), "a line gives every number back");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
pub struct Readings {
    reads: Vec<Vec<BTreeMap<PlateWell, PrintedNumber>>>,
    standards: OwnStandards,
    masked: BTreeSet<PlateWell>,
    blanks: BTreeSet<PlateWell>,
    /// Whether the file declares no standards, and the reader's own concentrations stand in their place.
    pub recovered: bool,
    /// The signals that may have been used, the plain read first.
    pub signals: Vec<Signal>,
}

impl Readings {
    /// Of an export; where the file prints readings beside its results, the signals that agree with them.
    pub fn new(export: &Export, theirs: &OwnResults, known: KnownWells) -> Self {
        let KnownWells { mut standards, blanks, masked } = known;
        let recovered = standards.is_empty();
        if recovered {
            standards = theirs.concentrations.iter().map(|(place, printed)| (*place, printed.value)).collect();
        }
        let counts = export.plates.iter().map(|plate| plate.reads.len());
        let count = counts.min().unwrap_or(0);
        let concentration = |read: usize| {
            export
                .plates
                .iter()
                .any(|plate| plate.reads[read].derived && plate.reads[read].label.to_lowercase().contains("conc"))
        };
        let reads: Vec<usize> = (0..count).filter(|&read| !concentration(read)).collect();
        let raw: Vec<usize> = reads.iter().copied().filter(|&read| !export.plates[0].reads[read].derived).collect();
        let label = |read: usize| {
            let read = &export.plates[0].reads[read];
            if read.derived { format!("'{}', computed by the reader", read.label) } else { read.short_name() }
        };
        let plain = |less: Option<usize>| move |read: usize| (read, less);
        let mut pairs: Vec<(usize, Option<usize>)> = raw.iter().copied().map(plain(None)).collect();
        for &read in &raw {
            pairs.extend(raw.iter().filter(|&&less| less != read).map(|&less| (read, Some(less))));
        }
        pairs.extend(reads.iter().copied().filter(|read| !raw.contains(read)).map(plain(None)));
        let mut readings = Self {
            reads: (0..count)
                .map(|read| {
                    let plates = export.plates.iter().enumerate();
                    plates.map(|(at, plate)| printed_read(at, &plate.reads[read])).collect()
                })
                .collect(),
            masked: masked.into_iter().filter(|place| standards.contains_key(place)).collect(),
            standards,
            blanks,
            recovered,
            signals: Vec::new(),
        };
        for (read, less) in pairs {
            let label = match less {
                Some(less) => format!("{} − {}", label(read), label(less)),
                None => label(read),
            };
            let signal = Signal { read, less, blank: false, label };
            readings.signals.push(signal.clone());
            if !readings.blanks.is_empty() {
                readings.signals.push(Signal { blank: true, ..signal });
            }
        }
        readings.keep_printed(theirs);
        readings
    }

    /// Keeps the signals that are the readings which the file prints beside its concentrations.
    fn keep_printed(&mut self, theirs: &OwnResults) {
        let agrees = |signal: &Signal| {
            let values = self.values(signal);
            theirs.concentrations.keys().all(|place| match (values.get(place), theirs.readings.get(place)) {
                // Three decimals are what SoftMax Pro prints of a reading.
                (Some(value), Some(printed)) => (value.value - printed).abs() <= 0.000_6_f64.max(1e-3 * printed.abs()),
                // The reading of a masked well is not printed.
                (value, _) => value.is_some(),
            })
        };
        let kept: Vec<Signal> = self.signals.iter().filter(|signal| agrees(signal)).cloned().collect();
        if !theirs.readings.is_empty() && !kept.is_empty() {
            self.signals = kept;
        }
    }

    /// The values of a signal, with how far rounding can have moved them.
    fn values(&self, signal: &Signal) -> BTreeMap<PlateWell, PrintedNumber> {
        let mut values: BTreeMap<PlateWell, PrintedNumber> = BTreeMap::new();
        for (plate, of_plate) in self.reads[signal.read].iter().enumerate() {
            for (place, number) in of_plate {
                let less = match signal.less {
                    Some(less) => self.reads[less][plate].get(place).copied(),
                    None => Some(PrintedNumber { value: 0.0, half_unit: 0.0 }),
                };
                if let Some(less) = less {
                    let value = number.value - less.value;
                    values.insert(*place, PrintedNumber { value, half_unit: number.half_unit + less.half_unit });
                }
            }
        }
        if signal.blank {
            for plate in 0..self.reads[signal.read].len() {
                let blanks: Vec<PrintedNumber> = self
                    .blanks
                    .iter()
                    .filter(|place| place.0 == plate)
                    .filter_map(|place| values.get(place).copied())
                    .collect();
                let n = blanks.len().max(1) as f64;
                let mean = blanks.iter().map(|one| one.value).sum::<f64>() / n;
                let half_unit = blanks.iter().map(|one| one.half_unit).sum::<f64>() / n;
                for (_, number) in values.iter_mut().filter(|(place, _)| place.0 == plate) {
                    number.value -= mean;
                    number.half_unit += half_unit;
                }
            }
        }
        values
    }

    /// Makes the curve of a recipe; `None` where it cannot be made.
    pub fn fit(&self, recipe: &Recipe) -> Option<RecipeFit> {
        let values = self.values(&recipe.signal);
        let curve = through(recipe.shape, &self.points(&values, recipe.points, recipe.masked))?;
        Some(RecipeFit { recipe: recipe.clone(), curve, values })
    }

    fn points(&self, values: &BTreeMap<PlateWell, PrintedNumber>, points: Points, masked: bool) -> Vec<Point> {
        let wells =
            self.standards.iter().filter(|(place, _)| masked || !self.masked.contains(place)).filter_map(
                |(place, &concentration)| Some(Point { concentration, response: values.get(place)?.value }),
            );
        let mut wells: Vec<Point> = wells.collect();
        wells.sort_by(|one, other| one.concentration.total_cmp(&other.concentration));
        match points {
            Points::Wells | Points::Recovered => wells,
            Points::Means => wells
                .chunk_by(|one, other| one.concentration == other.concentration)
                .map(|level| Point {
                    concentration: level[0].concentration,
                    response: level.iter().map(|point| point.response).sum::<f64>() / level.len() as f64,
                })
                .collect(),
        }
    }

    /// Every way of making the curve that can be made, the simplest first.
    pub fn every_fit(&self, formula: Option<&Formula>) -> Vec<RecipeFit> {
        let mut shapes = vec![CurveType::Line, CurveType::LogLog];
        for variance in [Variance::Constant, Variance::Proportional, Variance::Squared] {
            shapes.push(CurveType::Logistic(Model::FourParameter, variance));
        }
        for model in [Model::FiveParameter, Model::FiveParameterMirror] {
            for variance in [Variance::Constant, Variance::Proportional, Variance::Squared] {
                shapes.push(CurveType::Logistic(model, variance));
            }
        }
        // A printed formula says which family it is: two letters are a line, four or five a logistic.
        if let Some(printed) = formula.and_then(of_formula) {
            let line = matches!(printed, ReaderCurve::Line { .. });
            shapes.retain(|shape| matches!(shape, CurveType::Logistic(..)) != line);
        }
        if self.recovered {
            let plain = CurveType::Logistic(Model::FourParameter, Variance::Constant);
            shapes.retain(|shape| !matches!(shape, CurveType::Logistic(..)) || *shape == plain);
        }
        let mut fits = Vec::new();
        let masked: &[bool] = if self.masked.is_empty() { &[false] } else { &[false, true] };
        let points: &[Points] = if self.recovered { &[Points::Recovered] } else { &[Points::Wells, Points::Means] };
        for signal in &self.signals {
            for (&points, &masked) in points.iter().flat_map(|points| masked.iter().map(move |masked| (points, masked)))
            {
                let recipes = shapes.iter().map(|&shape| Recipe { shape, points, signal: signal.clone(), masked });
                fits.extend(recipes.filter_map(|recipe| self.fit(&recipe)));
            }
            if let Some(curve) = formula.and_then(of_formula) {
                let recipe =
                    Recipe { shape: CurveType::Printed, points: Points::Wells, signal: signal.clone(), masked: false };
                fits.push(RecipeFit { recipe, curve, values: self.values(signal) });
            }
        }
        fits
    }

    /// The concentration of a well by a fit: of its own reading, or of the mean that the file reads.
    pub fn concentration(&self, theirs: &OwnResults, fit: &RecipeFit, place: &PlateWell) -> Option<f64> {
        fit.curve.concentration(self.reading(theirs, fit, place)?.value)
    }

    fn reading(&self, theirs: &OwnResults, fit: &RecipeFit, place: &PlateWell) -> Option<PrintedNumber> {
        let Some(wells) = theirs.means.get(place) else { return fit.values.get(place).copied() };
        let wells = wells.iter().filter(|place| fit.recipe.masked || !self.masked.contains(place));
        let values: Vec<PrintedNumber> = wells.map(|place| fit.values.get(place).copied()).collect::<Option<_>>()?;
        let n = values.len() as f64;
        Some(PrintedNumber {
            value: values.iter().map(|one| one.value).sum::<f64>() / n,
            half_unit: values.iter().map(|one| one.half_unit).sum::<f64>() / n,
        })
    }

    /// How far rounding alone can take a concentration from the printed one: half a unit of its own last digit, and what the
    /// rounding of its reading and of the standards' readings (each half a unit of the response) does on the curve.
    pub fn tolerance(&self, theirs: &OwnResults, fit: &RecipeFit, place: &PlateWell) -> f64 {
        let own = theirs.concentrations.get(place).map_or(0.0, |printed| printed.half_unit);
        let Some(reading) = self.reading(theirs, fit, place) else { return own };
        let at = |shift: f64| fit.curve.concentration(reading.value + shift);
        let moved = [-2.0, 2.0].into_iter().filter_map(|units| Some((at(units * reading.half_unit)? - at(0.0)?).abs()));
        // A hair for the last digit of doubles.
        own * (1.0 + 1e-6) + moved.fold(0.0, f64::max)
    }

    /// How many numbers a fit misses, and by how much of their tolerance at most.
    pub fn score(&self, theirs: &OwnResults, fit: &RecipeFit) -> Score {
        let mut worst = 0.0_f64;
        let mut missed = 0;
        for (place, printed) in &theirs.concentrations {
            let tolerance = self.tolerance(theirs, fit, place);
            let miss = self
                .concentration(theirs, fit, place)
                .map_or(f64::MAX, |value| (value - printed.value).abs() / tolerance.max(f64::MIN_POSITIVE));
            missed += usize::from(miss > 1.0);
            worst = worst.max(miss);
        }
        (missed, worst)
    }

    /// Two wells that no curve can tell apart, as all their readings in the file are equal, and whose concentrations differ by more
    /// than rounding does to either: the two that differ most.
    pub fn contradiction(&self, theirs: &OwnResults, fit: &RecipeFit) -> Option<(PlateWell, PlateWell)> {
        let readings = |place: &PlateWell| -> Vec<Option<u64>> {
            let of_read = |read: &Vec<BTreeMap<PlateWell, PrintedNumber>>| {
                read[place.0].get(place).map(|one| one.value.to_bits())
            };
            self.signals.iter().filter(|signal| !signal.blank).map(|signal| of_read(&self.reads[signal.read])).collect()
        };
        let single = theirs.concentrations.keys().filter(|place| !theirs.means.contains_key(place));
        let mut alike: BTreeMap<Vec<Option<u64>>, Vec<PlateWell>> = BTreeMap::new();
        single.for_each(|place| alike.entry(readings(place)).or_default().push(*place));
        let value = |place: &PlateWell| theirs.concentrations[place].value;
        let ends = alike.into_values().filter_map(|mut places| {
            places.sort_by(|one, other| value(one).total_cmp(&value(other)));
            Some((*places.first()?, *places.last()?))
        });
        let by_rounding = |place: &PlateWell| self.tolerance(theirs, fit, place);
        ends.map(|(low, high)| (value(&high) - value(&low) - by_rounding(&low) - by_rounding(&high), (low, high)))
            .filter(|(beyond, _)| *beyond > 0.0)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, ends)| ends)
    }

    /// Sum of squares of the standards with the printed 4PL, and the least one of an unweighted 4PL.
    pub fn sums_of_squares(&self, printed: &RecipeFit) -> Option<(f64, f64)> {
        let points = self.points(&printed.values, Points::Wells, false);
        let least = fit(&points, &Method::default()).ok()?;
        let ReaderCurve::Logistic(model, parameters) = &printed.curve else { return None };
        let square = |point: &Point| (point.response - model.response(parameters, point.concentration)).powi(2);
        Some((points.iter().map(square).sum(), least.rss()))
    }
}
