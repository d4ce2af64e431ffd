//! The ways in which a reader's software commonly makes a curve: which readings, what of the blank, wells or means, which curve,
//! and how it is weighted.

use std::collections::{BTreeMap, BTreeSet};

use crate::concentration::quantity::significant;
use crate::curve::notation::ReaderSoftware;
use crate::curve::{Method, Model, Parameters, Point, Variance, fit};
use crate::plate::Export;
use crate::plate::own_results::{Formula, OwnResults, OwnStandards, Place, Printed, printed_read};

/// The curve and its weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// A four- or five-parameter logistic.
    Logistic(Model, Variance),
    /// `y = A x + B`, unweighted.
    Line,
    /// `ln y = A ln x + B`, unweighted.
    LogLog,
    /// The parameters that the file prints.
    Printed,
}

impl Shape {
    /// In words.
    pub fn words(self) -> String {
        let (model, variance) = match self {
            Self::Line => return "a straight line".into(),
            Self::LogLog => return "a straight line of the logarithms".into(),
            Self::Printed => return "the parameters that the file prints".into(),
            Self::Logistic(model, variance) => (model, variance),
        };
        let model = match model {
            Model::FourParameter => "4pl",
            Model::FiveParameter => "5pl",
            Model::FiveParameterMirror => "5plm",
        };
        let variance = match variance {
            Variance::Constant => "constant variance (unweighted)",
            Variance::Proportional => "variance ∝ mean",
            Variance::Squared => "variance ∝ mean²",
            Variance::Power => "variance ∝ mean^2θ",
        };
        format!("{model} with {variance}")
    }
}

/// What of the standards is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Points {
    /// Each well.
    Wells,
    /// The mean of each level.
    Means,
    /// No standards, as the file declares none: the reader's own concentrations with their readings, which shows the curve that
    /// they lie on.
    Recovered,
}

impl Points {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Wells => "every well of the standards",
            Self::Means => "the means of the standards",
            Self::Recovered => "through the reader's own concentrations (the file declares no standards)",
        }
    }
}

/// Which readings.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Index of the read among the reads of a plate.
    pub read: usize,
    /// Index of the read that is subtracted.
    pub less: Option<usize>,
    /// Whether the mean of the blank wells is subtracted.
    pub blank: bool,
    /// What the file calls the reads.
    pub label: String,
}

impl Signal {
    /// In words.
    pub fn words(&self) -> String {
        if self.blank { format!("{} less the mean of the blanks", self.label) } else { self.label.clone() }
    }
}

/// A way of making a curve.
///
/// ```
/// use platewise::pipeline::reconcile::recipe::{Points, Recipe, Shape, Signal};
///
/// let signal = Signal { read: 0, less: None, blank: true, label: "450 nm".into() };
/// let recipe = Recipe { shape: Shape::Line, points: Points::Means, signal, masked: false };
/// assert_eq!(recipe.words(), "a straight line, the means of the standards, 450 nm less the mean of the blanks");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// The curve.
    pub shape: Shape,
    /// What is fitted.
    pub points: Points,
    /// To which readings.
    pub signal: Signal,
    /// Whether the wells are in it that the file's tables show as masked.
    pub masked: bool,
}

impl Recipe {
    /// In words.
    pub fn words(&self) -> String {
        match self.shape {
            Shape::Printed => format!("{}, {}", self.shape.words(), self.signal.words()),
            shape => {
                let masked = if self.masked { " with the masked ones" } else { "" };
                format!("{}, {}{masked}, {}", shape.words(), self.points.words(), self.signal.words())
            }
        }
    }
}

/// A curve that was made.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// How.
    pub recipe: Recipe,
    curve: Curve,
    values: BTreeMap<Place, Printed>,
}

/// How many numbers a fit misses, and by how much of their tolerance at most.
pub type Score = (usize, f64);

/// A curve by its numbers.
#[derive(Debug, Clone, Copy)]
enum Curve {
    Logistic(Model, Parameters),
    Line { slope: f64, intercept: f64 },
    LogLog { slope: f64, intercept: f64 },
}

impl Curve {
    fn concentration(&self, y: f64) -> Option<f64> {
        let x = match self {
            Self::Logistic(model, parameters) => model.concentration(parameters, y)?,
            Self::Line { slope, intercept } => (y - intercept) / slope,
            Self::LogLog { slope, intercept } => libm::exp((libm::log(y) - intercept) / slope),
        };
        x.is_finite().then_some(x)
    }
}

/// Parameters in a line.
pub(super) fn parameters_words(p: &Parameters) -> String {
    let number = |value: f64| significant(value, 6);
    let asymmetry = if p.g == 1.0 { String::new() } else { format!(", g = {}", number(p.g)) };
    format!("a = {}, d = {}, c = {}, b = {}{asymmetry}", number(p.a), number(p.d), number(p.c), number(p.b))
}

impl Fitted {
    /// The curve in a line.
    pub fn curve_words(&self) -> String {
        match &self.curve {
            Curve::Logistic(_, p) => parameters_words(p),
            Curve::Line { slope, intercept } | Curve::LogLog { slope, intercept } => {
                format!("A = {}, B = {}", significant(*slope, 6), significant(*intercept, 6))
            }
        }
    }
}

/// What is known of the wells of an export.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Standards with their nominal concentrations.
    pub standards: OwnStandards,
    /// Blanks.
    pub blanks: BTreeSet<Place>,
    /// Wells that the file's tables show as masked.
    pub masked: BTreeSet<Place>,
}

/// The readings of an export, with the standards and blanks among them.
pub struct Readings {
    reads: Vec<Vec<BTreeMap<Place, Printed>>>,
    standards: OwnStandards,
    masked: BTreeSet<Place>,
    blanks: BTreeSet<Place>,
    /// Whether the file declares no standards, and the reader's own concentrations stand in their place.
    pub recovered: bool,
    /// The signals that may have been used, the plain read first.
    pub signals: Vec<Signal>,
}

impl Readings {
    /// Of an export; where the file prints readings beside its results, the signals that agree with them.
    pub fn new(export: &Export, theirs: &OwnResults, known: Known) -> Self {
        let Known { mut standards, blanks, masked } = known;
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
    fn values(&self, signal: &Signal) -> BTreeMap<Place, Printed> {
        let mut values: BTreeMap<Place, Printed> = BTreeMap::new();
        for (plate, of_plate) in self.reads[signal.read].iter().enumerate() {
            for (place, number) in of_plate {
                let less = match signal.less {
                    Some(less) => self.reads[less][plate].get(place).copied(),
                    None => Some(Printed { value: 0.0, half_unit: 0.0 }),
                };
                if let Some(less) = less {
                    let value = number.value - less.value;
                    values.insert(*place, Printed { value, half_unit: number.half_unit + less.half_unit });
                }
            }
        }
        if signal.blank {
            for plate in 0..self.reads[signal.read].len() {
                let blanks: Vec<Printed> = self
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
    pub fn fit(&self, recipe: &Recipe) -> Option<Fitted> {
        let values = self.values(&recipe.signal);
        let curve = curve(recipe.shape, &self.points(&values, recipe.points, recipe.masked))?;
        Some(Fitted { recipe: recipe.clone(), curve, values })
    }

    fn points(&self, values: &BTreeMap<Place, Printed>, points: Points, masked: bool) -> Vec<Point> {
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
    pub fn every_fit(&self, formula: Option<&Formula>) -> Vec<Fitted> {
        let mut shapes = vec![Shape::Line, Shape::LogLog];
        for variance in [Variance::Constant, Variance::Proportional, Variance::Squared] {
            shapes.push(Shape::Logistic(Model::FourParameter, variance));
        }
        for model in [Model::FiveParameter, Model::FiveParameterMirror] {
            for variance in [Variance::Constant, Variance::Proportional, Variance::Squared] {
                shapes.push(Shape::Logistic(model, variance));
            }
        }
        // A printed formula says which family it is: two letters are a line, four or five a logistic.
        if let Some(printed) = formula.and_then(printed_curve) {
            let line = matches!(printed, Curve::Line { .. });
            shapes.retain(|shape| matches!(shape, Shape::Logistic(..)) != line);
        }
        if self.recovered {
            let plain = Shape::Logistic(Model::FourParameter, Variance::Constant);
            shapes.retain(|shape| !matches!(shape, Shape::Logistic(..)) || *shape == plain);
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
            if let Some(curve) = formula.and_then(printed_curve) {
                let recipe =
                    Recipe { shape: Shape::Printed, points: Points::Wells, signal: signal.clone(), masked: false };
                fits.push(Fitted { recipe, curve, values: self.values(signal) });
            }
        }
        fits
    }

    /// The concentration of a well by a fit: of its own reading, or of the mean that the file reads.
    pub fn concentration(&self, theirs: &OwnResults, fit: &Fitted, place: &Place) -> Option<f64> {
        fit.curve.concentration(self.reading(theirs, fit, place)?.value)
    }

    fn reading(&self, theirs: &OwnResults, fit: &Fitted, place: &Place) -> Option<Printed> {
        let Some(wells) = theirs.means.get(place) else { return fit.values.get(place).copied() };
        let wells = wells.iter().filter(|place| fit.recipe.masked || !self.masked.contains(place));
        let values: Vec<Printed> = wells.map(|place| fit.values.get(place).copied()).collect::<Option<_>>()?;
        let n = values.len() as f64;
        Some(Printed {
            value: values.iter().map(|one| one.value).sum::<f64>() / n,
            half_unit: values.iter().map(|one| one.half_unit).sum::<f64>() / n,
        })
    }

    /// How far rounding alone can take a concentration from the printed one: half a unit of its own last digit, and what the
    /// rounding of its reading and of the standards' readings (each half a unit of the response) does on the curve.
    pub fn tolerance(&self, theirs: &OwnResults, fit: &Fitted, place: &Place) -> f64 {
        let own = theirs.concentrations.get(place).map_or(0.0, |printed| printed.half_unit);
        let Some(reading) = self.reading(theirs, fit, place) else { return own };
        let at = |shift: f64| fit.curve.concentration(reading.value + shift);
        let moved = [-2.0, 2.0].into_iter().filter_map(|units| Some((at(units * reading.half_unit)? - at(0.0)?).abs()));
        // A hair for the last digit of doubles.
        own * (1.0 + 1e-6) + moved.fold(0.0, f64::max)
    }

    /// How many numbers a fit misses, and by how much of their tolerance at most.
    pub fn score(&self, theirs: &OwnResults, fit: &Fitted) -> Score {
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
    pub fn contradiction(&self, theirs: &OwnResults, fit: &Fitted) -> Option<(Place, Place)> {
        let readings = |place: &Place| -> Vec<Option<u64>> {
            let of_read =
                |read: &Vec<BTreeMap<Place, Printed>>| read[place.0].get(place).map(|one| one.value.to_bits());
            self.signals.iter().filter(|signal| !signal.blank).map(|signal| of_read(&self.reads[signal.read])).collect()
        };
        let single = theirs.concentrations.keys().filter(|place| !theirs.means.contains_key(place));
        let mut alike: BTreeMap<Vec<Option<u64>>, Vec<Place>> = BTreeMap::new();
        single.for_each(|place| alike.entry(readings(place)).or_default().push(*place));
        let value = |place: &Place| theirs.concentrations[place].value;
        let ends = alike.into_values().filter_map(|mut places| {
            places.sort_by(|one, other| value(one).total_cmp(&value(other)));
            Some((*places.first()?, *places.last()?))
        });
        let by_rounding = |place: &Place| self.tolerance(theirs, fit, place);
        ends.map(|(low, high)| (value(&high) - value(&low) - by_rounding(&low) - by_rounding(&high), (low, high)))
            .filter(|(beyond, _)| *beyond > 0.0)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, ends)| ends)
    }

    /// Sum of squares of the standards with the printed 4PL, and the least one of an unweighted 4PL.
    pub fn sums_of_squares(&self, printed: &Fitted) -> Option<(f64, f64)> {
        let points = self.points(&printed.values, Points::Wells, false);
        let least = fit(&points, &Method::default()).ok()?;
        let Curve::Logistic(model, parameters) = &printed.curve else { return None };
        let square = |point: &Point| (point.response - model.response(parameters, point.concentration)).powi(2);
        Some((points.iter().map(square).sum(), least.rss()))
    }
}

fn curve(shape: Shape, points: &[Point]) -> Option<Curve> {
    match shape {
        Shape::Printed => None,
        Shape::Line => {
            let line = points.iter().map(|point| (point.concentration, point.response));
            least_squares(line.collect()).map(|(slope, intercept)| Curve::Line { slope, intercept })
        }
        Shape::LogLog => {
            let positive = points.iter().filter(|point| point.concentration > 0.0 && point.response > 0.0);
            let logs = positive.map(|point| (libm::log(point.concentration), libm::log(point.response)));
            least_squares(logs.collect()).map(|(slope, intercept)| Curve::LogLog { slope, intercept })
        }
        Shape::Logistic(model, variance) => {
            let fitted = fit(points, &Method { model, variance, ..Method::default() }).ok()?;
            fitted.identified().then(|| Curve::Logistic(model, *fitted.parameters()))
        }
    }
}

/// Slope and intercept of y on x.
fn least_squares(points: Vec<(f64, f64)>) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let xx: f64 = points.iter().map(|p| (p.0 - mx) * (p.0 - mx)).sum();
    let slope = points.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum::<f64>() / xx;
    (points.len() > 1 && xx > 0.0 && slope != 0.0).then_some((slope, my - slope * mx))
}

/// The curve of a printed formula with the letters of Gen5, SoftMax Pro and SkanIt.
fn printed_curve(formula: &Formula) -> Option<Curve> {
    let of = |letter: &str| formula.parameters.get(letter).copied();
    match (of("a"), of("b"), of("c"), of("d")) {
        (Some(slope), Some(intercept), None, None) => Some(Curve::Line { slope, intercept }),
        (Some(a), Some(b), Some(c), Some(d)) => {
            let (model, parameters) = ReaderSoftware { a, b, c, d, g: of("g").unwrap_or(1.0) }.into_ours();
            Some(Curve::Logistic(model, parameters))
        }
        _ => None,
    }
}
