//! A plate from responses to concentrations: fit the standards, set the range, read every well and every group of replicates
//! from the curve.

use std::collections::BTreeMap;

use serde::Serialize;

use super::plate_to_fit::PlateToFit;
use super::quantity::{NotReported, Quantity};
use super::range;
use super::replicates::{self, CurveReader};
use super::result::{ControlResult, GroupResult, Range, StandardResult, WellResult};
use super::standards::{FirstFit, FittedStandards, StandardsToFit};
use crate::curve::{FitError, Point, StandardCurve};
use crate::plate::{AssayPlate, AssayWell, WellPosition, WellRole};
use crate::protocol::Assay;

/// What a plate gives before it is judged.
///
/// ```
/// use platewise::concentration::PlateConcentrations;
/// use platewise::curve::{Model, Parameters};
/// use platewise::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
///
/// // Standards 2000, 1000 … 31.25 in pairs on a known curve, and a sample that holds 300 in the well.
/// let truth = Parameters { a: 0.05, d: 2.8, c: 400.0, b: 1.1, g: 1.0 };
/// let mut wells = Vec::new();
/// for row in 0..8 {
///     let standard = 2000.0 / 2f64.powi(row as i32);
///     let (role, inside) = match row {
///         7 => (WellRole::Sample { id: "S".into(), dilution: Some(10.0) }, 300.0),
///         _ => (WellRole::Standard { concentration: standard }, standard),
///     };
///     for (column, scatter) in [0.99, 1.01].into_iter().enumerate() {
///         let reading = Reading::Measured(scatter * Model::FourParameter.response(&truth, inside));
///         wells.push(AssayWell::of_reading(WellPosition::new(row, column), role.clone(), reading));
///     }
/// }
/// let assay = platewise::protocol::read(std::path::Path::new("plates"))?.assay;
/// let found = PlateConcentrations::evaluate(AssayPlate::of_wells("P", PlateSize::WELLS_96, wells), &assay);
/// let sample = found.samples[0].quantity.value().unwrap_or_default();
/// assert!((sample / 3000.0 - 1.0).abs() < 0.01, "of the undiluted sample: {sample}");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct PlateConcentrations {
    /// The plate.
    pub plate: AssayPlate,
    /// Its standard curve, or why there is none.
    #[serde(skip)]
    pub curve: Result<StandardCurve, FitError>,
    /// The fit before a standard was rejected, where one was.
    pub first_fit: Option<FirstFit>,
    /// What may be reported; `None` without a curve or without a standard that passes.
    pub range: Option<Range>,
    /// The standards read back, by falling concentration.
    pub standards: Vec<StandardResult>,
    /// Every well with a role, in plate order.
    pub wells: Vec<WellResult>,
    /// Every set of a control, in plate order.
    pub controls: Vec<ControlResult>,
    /// Every sample at every dilution, in plate order.
    pub samples: Vec<GroupResult>,
}

impl PlateConcentrations {
    /// Evaluates a plate by the method of the study.
    pub fn evaluate(plate: AssayPlate, assay: &Assay) -> Self {
        Self::evaluate_by(plate, assay, |standards| standards.fit())
    }

    /// The same, where `fit` says what the fit of the standards gives: it may be known already.
    ///
    /// ```
    /// use platewise::concentration::PlateConcentrations;
    ///
    /// let study = platewise::pipeline::quantify(std::path::Path::new("plates"), &|_| ())?;
    /// let (assay, first) = (&study.protocol.assay, &study.plates[0]);
    /// let read = || first.concentrations.as_ref().map(|found| found.plate.as_read());
    /// let mut kept = None;
    /// PlateConcentrations::evaluate_by(read().ok_or("not read")?, assay, |standards| {
    ///     kept.insert(standards.fit()).clone()
    /// });
    /// let again = PlateConcentrations::evaluate_by(read().ok_or("not read")?, assay, |standards| {
    ///     kept.unwrap_or_else(|| standards.fit())
    /// });
    /// assert!(again.curve.is_ok() && !again.samples.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evaluate_by(
        plate: AssayPlate,
        assay: &Assay,
        fit: impl FnOnce(StandardsToFit<'_>) -> FittedStandards,
    ) -> Self {
        let to_fit = PlateToFit::new(plate, assay);
        let fitted = to_fit.standards(assay).map_or_else(FittedStandards::none, fit);
        let FittedStandards { curve, standards, first: first_fit } = fitted;
        let (plate, range) = (to_fit.plate, range::range(&standards, assay));
        let (wells, samples, controls) = (Vec::new(), Vec::new(), Vec::new());
        Self { range, standards, wells, samples, controls, curve, first_fit, plate }.read_again(assay)
    }

    /// The same curve, with wells, samples and controls read from it anew: with the error that wells of a set share, which is learnt
    /// from all plates once each has its curve.
    #[must_use]
    pub fn read_again(self, assay: &Assay) -> Self {
        let reader = CurveReader { curve: self.curve.as_ref().ok(), range: self.range.as_ref(), assay };
        let wells: Vec<WellResult> = self.plate.wells.iter().map(|well| well_result(well, &reader)).collect();
        let samples = sample_groups(&self.plate)
            .into_iter()
            .map(|((id, dilution), members)| reader.group(id, f64::from_bits(dilution), &members))
            .collect();
        let controls = control_sets(&self.plate).into_iter().map(|members| control(&members, &reader)).collect();
        Self { wells, samples, controls, ..self }
    }

    /// What a fit to the standards of the plate says of itself, wells by name.
    pub fn remarks(&self, fit: &StandardCurve) -> Vec<String> {
        let name = |index: usize| {
            let is_it = |well: &&AssayWell| {
                let concentration = match well.role {
                    WellRole::Standard { concentration } => concentration,
                    WellRole::Blank => 0.0,
                    _ => return false,
                };
                let point = well.response.measured().map(|response| Point { concentration, response });
                point.is_some() && point.as_ref() == fit.points().get(index)
            };
            // Two wells of one level that read the same are the same point.
            let wells: Vec<String> =
                self.plate.wells.iter().filter(is_it).map(|well| well.position.to_string()).collect();
            if wells.is_empty() { (index + 1).to_string() } else { wells.join(" or ") }
        };
        fit.verdict().reasons.iter().map(|reason| reason.in_words(name)).collect()
    }
}

fn well_result(well: &AssayWell, reader: &CurveReader<'_>) -> WellResult {
    let (name, nominal, dilution) = match &well.role {
        WellRole::Standard { concentration } => (concentration.to_string(), Some(*concentration), 1.0),
        WellRole::Control { level, nominal, dilution } => (level.clone(), *nominal, *dilution),
        WellRole::Sample { id, dilution } => (id.clone(), None, dilution.unwrap_or(1.0)),
        WellRole::Blank | WellRole::Unused => (String::new(), None, 1.0),
    };
    let quantity = match &well.role {
        // A standard is read back over the whole curve: it is what sets the range.
        _ if well.excluded.is_some() => Quantity::NotReported { reason: NotReported::Excluded },
        WellRole::Standard { .. } => reader.back_calculated(&well.response),
        _ => reader.well(&well.response, dilution),
    };
    WellResult {
        position: well.position,
        role: well.role.name(),
        name,
        nominal,
        dilution,
        reading: well.reading.clone(),
        reference: well.reference.clone(),
        response: well.response.clone(),
        quantity,
        location: well.location.clone(),
        excluded: well.excluded.clone(),
    }
}

/// The wells of each sample at each dilution (by its bits: a key), in the order of the first well of each.
pub(super) fn sample_groups(plate: &AssayPlate) -> Vec<((&str, u64), Vec<&AssayWell>)> {
    let mut groups: Vec<((&str, u64), Vec<&AssayWell>)> = Vec::new();
    let mut at: BTreeMap<(&str, u64), usize> = BTreeMap::new();
    for well in &plate.wells {
        let WellRole::Sample { id, dilution } = &well.role else { continue };
        let key = (id.as_str(), dilution.unwrap_or(1.0).to_bits());
        let index = *at.entry(key).or_insert_with(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        groups[index].1.push(well);
    }
    groups
}

/// The sets of controls. Wells of one level that touch (side by side or one above the other) are the replicates of one set;
/// the same level elsewhere on the plate is another set.
fn control_sets(plate: &AssayPlate) -> Vec<Vec<&AssayWell>> {
    let same = |one: &AssayWell, other: &AssayWell| one.role == other.role && touch(one.position, other.position);
    let mut sets: Vec<Vec<&AssayWell>> = Vec::new();
    for well in plate.wells.iter().filter(|well| matches!(well.role, WellRole::Control { .. })) {
        // The well joins every set that it touches to one.
        let (mut touching, rest): (Vec<_>, Vec<_>) =
            sets.into_iter().partition(|set: &Vec<&AssayWell>| set.iter().any(|member| same(member, well)));
        sets = rest;
        let mut set = touching.drain(..).flatten().collect::<Vec<_>>();
        set.push(well);
        sets.push(set);
    }
    sets.sort_by_key(|set| set[0].position);
    sets
}

fn touch(one: WellPosition, other: WellPosition) -> bool {
    one.row.abs_diff(other.row) + one.column.abs_diff(other.column) == 1
}

fn control(members: &[&AssayWell], reader: &CurveReader<'_>) -> ControlResult {
    let (level, nominal, dilution) = match &members[0].role {
        WellRole::Control { level, nominal, dilution } => (level.as_str(), *nominal, *dilution),
        _ => ("", None, 1.0),
    };
    let group = reader.group(level, dilution, members);
    let bias_percent = group.quantity.value().zip(nominal).map(|(value, of)| replicates::percent_difference(value, of));
    ControlResult { group, nominal, bias_percent }
}

#[cfg(feature = "report")] // simulated plates
#[cfg(test)]
mod tests {
    use super::*;
    use crate::concentration::plate_to_fit::given;
    use crate::plate::Reading;

    #[test]
    fn a_result_is_finite_or_has_a_reason() {
        let trial = crate::simulate::plates(1, 1).unwrap();
        let mut plate = trial.plates[0].assay_plate(&trial.protocol);
        for well in &mut plate.wells {
            if let WellRole::Sample { dilution, .. } = &mut well.role {
                *dilution = Some(1e308);
            }
        }
        let declared = "[study]\nid='S'\nunit='pg/mL'\n[method]\nname='M'\nversion='1'\n[[visit]]\nname='B'\nweek=0\nbaseline=true\n\
                        [[visit]]\nname='E'\nweek=16\nendpoint=true\n[[plate]]\nid='P'\nexport='e'\nlayout='l'\n";
        let found = PlateConcentrations::evaluate(plate, &crate::protocol::parse(declared).unwrap().assay);
        assert!(!found.samples.is_empty());
        for group in found.samples {
            assert!(matches!(group.quantity, Quantity::NotReported { .. }), "{}", group.quantity);
        }
    }

    /// A well that the fit finds suspicious is called by its name on the plate, also where a standard was left out before it.
    #[test]
    fn remarks_name_wells_as_the_plate_does() {
        let trial = crate::simulate::plates(1, 1).unwrap();
        let mut plate = trial.plates[0].assay_plate(&trial.protocol);
        let standards =
            |well: &&mut AssayWell| matches!(well.role, WellRole::Standard { concentration } if concentration == 125.0);
        let well = plate.wells.iter_mut().filter(standards).last().unwrap();
        let position = well.position.to_string();
        well.response = Reading::Measured(3.0 * well.response.measured().unwrap());
        let assay = crate::protocol::read(std::path::Path::new("plates")).unwrap().assay;
        let found = PlateConcentrations::evaluate(plate, &assay);
        let fit = found.first_fit.as_ref().map_or(found.curve.as_ref().unwrap(), |first| &first.curve);
        let remarks = found.remarks(fit).join("; ");
        assert!(remarks.contains(&format!("well {position} is suspicious")), "{remarks}");
    }

    /// A point that is on no well of the plate is called by its place among the points, from 1.
    #[test]
    fn remarks_number_points_that_are_on_no_well() {
        let trial = crate::simulate::plates(1, 1).unwrap();
        let mut plate = trial.plates[0].assay_plate(&trial.protocol);
        let standards =
            |well: &&mut AssayWell| matches!(well.role, WellRole::Standard { concentration } if concentration == 125.0);
        let well = plate.wells.iter_mut().filter(standards).last().unwrap();
        let odd = 3.0 * well.response.measured().unwrap();
        well.response = Reading::Measured(odd);
        let assay = crate::protocol::read(std::path::Path::new("plates")).unwrap().assay;
        let mut found = PlateConcentrations::evaluate(plate, &assay);
        let fit = found.first_fit.as_ref().map_or(found.curve.as_ref().unwrap(), |first| &first.curve).clone();
        let place = 1 + fit.points().iter().position(|point| point.response == odd).unwrap();
        found.plate.wells.clear();
        let remarks = found.remarks(&fit).join("; ");
        assert!(remarks.contains(&format!("well {place} is suspicious")), "{remarks}");
    }

    /// Sets of a control are wells of one role that touch, side by side or one above the other; a well between two joins them.
    #[test]
    fn wells_of_a_control_that_touch_are_one_set() {
        let at = |name: &str| name.parse::<WellPosition>().unwrap();
        let near = |one: &str, other: &str| touch(at(one), at(other));
        assert!(near("B2", "B3") && near("B2", "C2") && near("C2", "B2"));
        assert!(!near("B2", "C3") && !near("B2", "B2") && !near("B2", "B4") && !near("A1", "C1"));
        let control = |level: &str| WellRole::Control { level: level.into(), nominal: Some(90.0), dilution: 1.0 };
        let layout = [
            ("A1", "low"),
            ("B2", "low"),
            ("A2", "low"),
            ("A3", "high"),
            ("A4", "low"),
            ("C4", "low"),
            ("B4", "low"),
            ("H1", "low"),
        ];
        let wells = layout.map(|(name, level)| AssayWell::of_reading(at(name), control(level), Reading::Measured(1.0)));
        let plate = AssayPlate::of_wells("P", crate::plate::PlateSize::WELLS_96, wells.into());
        let names = |set: &Vec<&AssayWell>| {
            let mut names: Vec<String> = set.iter().map(|well| well.position.to_string()).collect();
            names.sort();
            names.join(" ")
        };
        let mut sets: Vec<String> = control_sets(&plate).iter().map(names).collect();
        sets.sort();
        assert_eq!(sets, ["A01 A02 B02", "A03", "A04 B04 C04", "H01"]);
    }

    /// A standard is read back over the whole curve, whatever the range; a well that a decision leaves out has no result.
    #[test]
    fn a_standard_is_read_back_beyond_the_range() {
        let trial = crate::simulate::plates(1, 1).unwrap();
        let mut plate = trial.plates[0].assay_plate(&trial.protocol);
        let assay = crate::protocol::read(std::path::Path::new("plates")).unwrap().assay;
        let out = plate.wells.iter().position(|well| matches!(well.role, WellRole::Sample { .. })).unwrap();
        plate.wells[out].excluded = Some(crate::plate::Excluded { line: 1, reason: "bubble".into() });
        let given = given(&plate);
        assert_eq!(given.len(), plate.wells.iter().filter(|well| well.role.name() == "standard").count());
        let mut found = PlateConcentrations::evaluate(plate, &assay);
        assert_eq!(found.wells[out].quantity, Quantity::NotReported { reason: NotReported::Excluded });
        let range = found.range.as_mut().unwrap();
        (range.lloq, range.uloq) = (400.0, 600.0);
        let found = found.read_again(&assay);
        let low = found.wells.iter().find(|well| well.role == "standard" && well.nominal == Some(125.0)).unwrap();
        assert!(matches!(low.quantity, Quantity::Quantified(_)), "{}", low.quantity);
    }
}
