//! The figures of each plate: curve, recovery and map.

use std::collections::BTreeMap;

use super::NamedFigure;
use crate::concentration::quantity::significant;
use crate::concentration::{GroupResult, NotReported, PlateConcentrations, Quantity, WellResult};
use crate::curve::{Point, StandardCurve};
use crate::plate::{Reading, WellPosition};
use crate::protocol::{ResponseAxis, ScaleSharing};
use crate::qc::JudgedPlate;
use crate::report::figure::{
    BandPoint, CurveBeside, CurvePoint, Figure, MapFlag, MapRole, MapWell, PlateMapFigure, RecoveryFigure,
    RecoveryLevel, Residuals, Spacing, StandardCurveFigure, plate_map, recovery, standard_curve,
};
use crate::report::{StudyReport, words};

/// The figures of one plate, in the order in which a reviewer looks at them.
///
/// ```
/// use platewise::plate::PlateSize;
/// use platewise::report::figure::{FigureLayout, PlateMapFigure, StandardCurveFigure, plate_map, standard_curve};
/// use platewise::report::figures::{NamedFigure, PlateFigures};
///
/// let wells = PlateMapFigure {
///     title: "P01".into(),
///     subtitle: String::new(),
///     size: PlateSize::WELLS_96,
///     wells: Vec::new(),
///     simulated: false,
///     layout: FigureLayout::default(),
/// };
/// let figures = PlateFigures {
///     curve: NamedFigure { name: "P01_curve".into(), figure: standard_curve(&StandardCurveFigure::default()) },
///     standards: None, // no standard could be read back
///     map: NamedFigure { name: "P01_map".into(), figure: plate_map(&wells) },
///     wells,
/// };
/// assert_eq!(figures.all().map(|figure| figure.name.as_str()).collect::<Vec<_>>(), ["P01_curve", "P01_map"]);
/// ```
#[derive(Debug)]
pub struct PlateFigures {
    /// The standard curve.
    pub curve: NamedFigure,
    /// The standards read back, where one could be.
    pub standards: Option<NamedFigure>,
    /// The map of the plate.
    pub map: NamedFigure,
    /// What that map shows: the page writes it as a table.
    pub wells: PlateMapFigure,
}

impl PlateFigures {
    /// Every figure that becomes a file.
    pub fn all(&self) -> impl Iterator<Item = &NamedFigure> {
        [&self.curve].into_iter().chain(&self.standards).chain([&self.map])
    }
}

/// The figures of one plate, whose names begin with `stem`; `None` of a plate that could not be evaluated.
pub fn of_plate(
    report: &StudyReport<'_>,
    plate: &JudgedPlate,
    stem: &str,
    scale: ResponseScale,
) -> Option<PlateFigures> {
    let results = plate.concentrations.as_ref()?;
    let named = |kind: &str, figure: Figure| NamedFigure { name: name(stem, kind), figure };
    let wells = map_figure(report, plate, results);
    Some(PlateFigures {
        curve: named(CURVE, standard_curve(&curve_figure(report, plate, results, scale))),
        standards: is_read_back(results).then(|| named(STANDARDS, recovery_figure(report, plate, results))),
        map: named(MAP, plate_map(&wells)),
        wells,
    })
}

const CURVE: &str = "curve";
const STANDARDS: &str = "standards";
const MAP: &str = "map";

fn name(stem: &str, kind: &str) -> String {
    format!("{stem}_{kind}")
}

fn is_read_back(results: &PlateConcentrations) -> bool {
    results.standards.iter().any(|standard| standard.bias_percent.is_some())
}

/// The names of the figures that [`of_plate`] makes, each with what it shows.
pub(in crate::report) fn names_of_plate(plate: &JudgedPlate, stem: &str) -> Vec<(String, &'static str)> {
    let kinds = |results| [Some(CURVE), is_read_back(results).then_some(STANDARDS), Some(MAP)];
    let kinds = plate.concentrations.as_ref().map(kinds).into_iter().flatten().flatten();
    kinds.map(|kind| (name(stem, kind), kind)).collect()
}

/// The response axis that all plates of a report have in common.
///
/// ```
/// use platewise::report::figures::ResponseScale;
/// assert!(ResponseScale::default().range.is_none(), "each plate has a range of its own");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ResponseScale {
    /// Responses that every axis holds, so that plates can be compared by eye; `None` where each plate has its own.
    pub range: Option<(f64, f64)>,
    /// How every axis is spaced.
    pub spacing: Spacing,
}

impl ResponseScale {
    /// The scale of a report: as declared, the spacing by its plates where it is not.
    pub fn of(report: &StudyReport<'_>) -> Self {
        let spacing = match report.protocol.report.response_axis {
            ResponseAxis::Linear => Spacing::Linear,
            ResponseAxis::SquareRoot => Spacing::SquareRoot,
            ResponseAxis::Log => Spacing::Log,
            ResponseAxis::ByData if low_end_is_pressed(report) => Spacing::SquareRoot,
            ResponseAxis::ByData => Spacing::Linear,
        };
        let range = match report.protocol.report.scale {
            ScaleSharing::Own => None,
            ScaleSharing::Shared => shared_range(report),
        };
        Self { range, spacing }
    }
}

/// Lowest and highest response of standards and samples over all plates.
fn shared_range(report: &StudyReport<'_>) -> Option<(f64, f64)> {
    let plates = report.plates.iter().filter_map(|plate| plate.concentrations.as_ref());
    let wells = plates.flat_map(|plate| plate.wells.iter().filter_map(|well| well.response.measured()));
    wells.fold(None, |range, y| match range {
        None => Some((y, y)),
        Some((low, high)) => Some((f64::min(low, y), f64::max(high, y))),
    })
}

/// Whether on most plates the curve at the LLOQ stands within a tenth of the way from the lowest response of a standard to the highest:
/// on a linear axis what tells low concentrations apart is then a few pixels high.
fn low_end_is_pressed(report: &StudyReport<'_>) -> bool {
    const PRESSED: f64 = 0.1;
    let share = |results: &PlateConcentrations| {
        let (curve, range) = (results.curve.as_ref().ok()?, results.range.as_ref()?);
        let responses = || curve.points().iter().map(|point| point.response);
        let (low, high) = (responses().fold(f64::INFINITY, f64::min), responses().fold(f64::NEG_INFINITY, f64::max));
        let share = (curve.response(range.lloq) - low) / (high - low);
        share.is_finite().then_some(share)
    };
    let shares: Vec<f64> = report.plates.iter().filter_map(|plate| share(plate.concentrations.as_ref()?)).collect();
    let pressed = shares.iter().filter(|share| **share < PRESSED).count();
    2 * pressed > shares.len()
}

fn curve_figure(
    report: &StudyReport<'_>,
    plate: &JudgedPlate,
    results: &PlateConcentrations,
    scale: ResponseScale,
) -> StandardCurveFigure {
    let study = &report.protocol.assay.study;
    // A standard that the rule rejected is shown as left out.
    let rejected = results.first_fit.as_ref().map(|first| first.rejected);
    let points = results.wells.iter().filter_map(|well| curve_point(well, &study.unit));
    let points = points
        .map(|point| CurvePoint { used: point.used && Some(point.concentration) != rejected, ..point })
        .collect::<Vec<_>>();
    let mut figure = StandardCurveFigure {
        title: format!("{}: standard curve, {}", plate.id, plate.verdict.verdict),
        subtitle: curve_subtitle(report, results),
        unit: study.unit.clone(),
        response: format!("Response ({})", results.plate.read),
        level_percent: report.protocol.assay.method.confidence * 100.0,
        lloq: results.range.as_ref().map(|range| range.lloq),
        uloq: results.range.as_ref().map(|range| range.uloq),
        samples: results.samples.iter().filter_map(|sample| sample.mean_response).collect(),
        response_range: scale.range,
        spacing: scale.spacing,
        simulated: study.simulated,
        layout: report.layout,
        points,
        ..StandardCurveFigure::default()
    };
    if let Ok(curve) = &results.curve
        && curve.verdict().usable
    {
        add_curve(&mut figure, curve);
        if let Some(first) = &results.first_fit {
            figure.beside = Some(beside(&figure, &first.curve, "before a standard was left out"));
        }
    }
    figure
}

/// The line of another curve, where that of the figure stands.
fn beside(figure: &StandardCurveFigure, other: &StandardCurve, name: &'static str) -> CurveBeside {
    CurveBeside { name, line: figure.line.iter().map(|&(x, _)| (x, other.response(x))).collect() }
}

/// The curve of a plate with that of the same plate before a change beside it; `None` where the plate has no curve to show.
pub fn curve_and_before(
    report: &StudyReport<'_>,
    plate: &JudgedPlate,
    before: &JudgedPlate,
    name: &'static str,
) -> Option<Figure> {
    let mut figure = curve_figure(report, plate, plate.concentrations.as_ref()?, ResponseScale::of(report));
    let usable = |curve: &&StandardCurve| curve.verdict().usable;
    let other = before.concentrations.as_ref().and_then(|found| found.curve.as_ref().ok()).filter(usable);
    if figure.line.is_empty() {
        // What there was is shown where there is nothing any more.
        let mut was = StandardCurveFigure::default();
        other.into_iter().for_each(|other| add_curve(&mut was, other));
        figure.beside = Some(CurveBeside { name, line: was.line });
    } else {
        figure.beside = other.map(|other| beside(&figure, other, name));
    }
    Some(standard_curve(&figure))
}

/// How the curve of a plate was fitted, and what is to be known of it, in one line.
pub fn curve_subtitle(report: &StudyReport<'_>, results: &PlateConcentrations) -> String {
    let method = &report.protocol.assay.method;
    let mut parts = vec![format!("{}, variance {}", words::model(method.model), words::variance(method))];
    let remarks = words::curve_remarks(results);
    if !remarks.is_empty() {
        parts.push(remarks);
    }
    parts.join("; ")
}

/// A standard well with a number; one that the reader's software masked is shown as left out.
fn curve_point(well: &WellResult, unit: &str) -> Option<CurvePoint> {
    let concentration = well.nominal.filter(|_| well.role == "standard")?;
    let (response, used) = match &well.response {
        Reading::Measured(value) => (*value, true),
        Reading::Masked { value: Some(value), .. } => (*value, false),
        _ => return None,
    };
    let back = well.quantity.value().map(|value| format!(", back-calculated {} {unit}", significant(value, 4)));
    let note = format!(
        "{}: standard {} {unit}, response {}{}; {}",
        well.position,
        significant(concentration, 6),
        significant(response, 4),
        back.unwrap_or_default(),
        well.location
    );
    Some(CurvePoint { concentration, response, used, note, well: well.position.to_string() })
}

/// The fitted line, its bands and the residuals, on a grid from below the lowest to above the highest standard.
fn add_curve(figure: &mut StandardCurveFigure, curve: &StandardCurve) {
    const STEPS: i32 = 120;
    let positive = || curve.points().iter().map(|point| point.concentration).filter(|x| *x > 0.0);
    let (low, high) = (positive().fold(f64::INFINITY, f64::min), positive().fold(0.0, f64::max));
    if !(low.is_finite() && high > low) {
        return;
    }
    let (low, high) = (low / 1.25, high * 1.18);
    let grid: Vec<f64> =
        (0..=STEPS).map(|i| low * libm::exp(libm::log(high / low) * f64::from(i) / f64::from(STEPS))).collect();
    let zero = curve.points().iter().any(|point| point.concentration == 0.0).then_some(0.0);
    figure.line = zero.into_iter().chain(grid.iter().copied()).map(|x| (x, curve.response(x))).collect();
    let band = |sides: &dyn Fn(f64) -> Option<(f64, f64)>| -> Vec<BandPoint> {
        grid.iter()
            .filter_map(|&x| sides(x).map(|(lower, upper)| BandPoint { concentration: x, lower, upper }))
            .collect()
    };
    figure.confidence = band(&|x| curve.confidence_band(x));
    figure.prediction = band(&|x| curve.prediction_band(x, 1));
    let residual =
        |point: &Point| Some((point.concentration, curve.standardized_residual(point.concentration, point.response)?));
    let points = curve.points().iter().filter_map(residual).collect();
    figure.residuals = Some(Residuals { label: "Residual / SD".into(), points });
}

fn recovery_figure(report: &StudyReport<'_>, plate: &JudgedPlate, results: &PlateConcentrations) -> Figure {
    // Neither the zero standard nor anchors have a limit.
    let levels = results.standards.iter().filter_map(|standard| Some((standard, standard.bias_limit_percent?)));
    recovery(&RecoveryFigure {
        title: format!("{}: back-calculated standards", plate.id),
        subtitle: String::new(),
        unit: report.protocol.assay.study.unit.clone(),
        levels: levels
            .map(|(standard, limit_percent)| RecoveryLevel {
                concentration: standard.nominal,
                bias_percent: standard.bias_percent,
                limit_percent,
            })
            .collect(),
        simulated: report.protocol.assay.study.simulated,
        layout: report.layout,
    })
}

/// What the map of a plate shows, for whoever draws it otherwise; `None` of a plate that could not be evaluated.
pub fn map_of(report: &StudyReport<'_>, plate: &JudgedPlate) -> Option<PlateMapFigure> {
    Some(map_figure(report, plate, plate.concentrations.as_ref()?))
}

fn map_figure(report: &StudyReport<'_>, plate: &JudgedPlate, results: &PlateConcentrations) -> PlateMapFigure {
    let groups: BTreeMap<WellPosition, &GroupResult> = results
        .samples
        .iter()
        .chain(results.controls.iter().map(|control| &control.group))
        .flat_map(|group| group.wells.iter().map(move |well| (*well, group)))
        .collect();
    let unit = &report.protocol.assay.study.unit;
    let export = format!("{}, ", results.plate.export);
    let well = |well: &WellResult| map_well(well, groups.get(&well.position), unit, &export);
    PlateMapFigure {
        title: format!("{}: plate map, {}", plate.id, plate.verdict.verdict),
        subtitle: format!("{}, {}; readings as in the file", results.plate.export, results.plate.read),
        size: results.plate.size,
        wells: results.wells.iter().filter_map(well).collect(),
        simulated: report.protocol.assay.study.simulated,
        layout: report.layout,
    }
}

/// A well of the map. Its note names the place in the export; the export itself stands in the subtitle.
fn map_well(well: &WellResult, group: Option<&&GroupResult>, unit: &str, export: &str) -> Option<MapWell> {
    let role = match well.role {
        "standard" => MapRole::Standard,
        "control" => MapRole::Control,
        "blank" => MapRole::Blank,
        "sample" => MapRole::Sample,
        _ => return None,
    };
    let value = words::reading(&well.reading);
    let dilution = if well.dilution > 1.0 { format!(" at 1:{}", significant(well.dilution, 4)) } else { String::new() };
    let result = if role == MapRole::Blank { String::new() } else { format!(", {} {unit}", well.quantity) };
    let origin = well.location.to_string();
    let origin = origin.strip_prefix(export).unwrap_or(&origin);
    let note = format!("{}: {} {}{dilution}, reading {value}{result}; {origin}", well.position, well.role, well.name);
    Some(MapWell {
        position: well.position,
        role,
        name: well.name.clone(),
        value,
        flag: map_flag(well, role, group),
        note,
    })
}

fn map_flag(well: &WellResult, role: MapRole, group: Option<&&GroupResult>) -> Option<MapFlag> {
    match (&well.reading, &well.response) {
        (Reading::Saturated(_), _) | (_, Reading::Saturated(_)) => return Some(MapFlag::Saturated),
        (Reading::Masked { .. }, _) => return Some(MapFlag::LeftOut),
        (Reading::Missing(_) | Reading::NotComputed(_), _) => return Some(MapFlag::Missing),
        (Reading::Measured(_), _) => {}
    }
    if !matches!(role, MapRole::Sample | MapRole::Control) {
        return None;
    }
    match (&well.quantity, group.map(|group| &group.quantity)) {
        (_, Some(Quantity::NotReported { reason: NotReported::ReplicatesDisagree })) => Some(MapFlag::Disagree),
        (Quantity::BelowLloq { .. }, _) => Some(MapFlag::BelowLloq),
        (Quantity::AboveUloq { .. }, _) => Some(MapFlag::AboveUloq),
        (Quantity::NotReported { .. }, _) => Some(MapFlag::NotReported),
        (Quantity::Quantified(_), _) => None,
    }
}
