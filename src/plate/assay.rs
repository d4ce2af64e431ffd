//! A plate as the assay sees it: each well's role from the layout, joined to its reading from the export.

use serde::Serialize;

use super::acquisition::Acquisition;
use super::assay_well::{AssayWell, Excluded, response};
use super::choose;
use super::formats::fractions;
use super::handling::Handling;
use super::layout::Layout;
use super::read::{Export, ExportedPlate, PlateRead};
use super::reading::Reading;
use super::samples::SampleList;
use super::well::{PlateSize, WellPosition};
use super::well_role::WellRole;
use super::words::{masked_by_reader, not_in_export, other_dilutions};
use crate::protocol::{MethodSettings, PlateEntry};
use crate::sheet::mistakes::slip;
use crate::sheet::{Code, Location, Problem, Problems};

/// A plate of a study: wells with roles and responses.
///
/// ```
/// use platewise::simulate;
///
/// let trial = simulate::plates(1, 1)?;
/// let plate = trial.plates[0].assay_plate(&trial.protocol);
/// assert_eq!(plate.size.count(), 96);
/// assert_eq!(plate.as_read().wells.len(), plate.wells.len());
/// # Ok::<(), simulate::SimulationError>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct AssayPlate {
    /// Its name in the study.
    pub id: String,
    /// The export that it was read from, as the study names it.
    pub export: String,
    /// The format of the export.
    pub format: String,
    /// What was read, as `450 nm − 570 nm`.
    pub read: String,
    /// Kit lot, where the study says it.
    pub kit_lot: Option<String>,
    /// When, on which reader and by whom it was read, as far as the export says it.
    pub acquisition: Acquisition,
    /// When it was read as a day, until when its kit may be used, and how its samples were kept.
    #[serde(skip_serializing_if = "Handling::is_undeclared")]
    pub handling: Handling,
    /// Its size.
    pub size: PlateSize,
    /// Its wells with a role, in plate order; unused wells are left out.
    pub wells: Vec<AssayWell>,
    /// The responses of the wells without a role, in plate order: nothing is read from the curve there, but a plate that was
    /// turned or shifted shows in them.
    #[serde(skip)]
    pub unused: Vec<(WellPosition, Reading)>,
    /// What should be known of it and did not stop the reading.
    pub warnings: Vec<Problem>,
    /// By which decision the whole plate is left out.
    pub excluded: Option<Excluded>,
}

impl AssayPlate {
    /// A plate from its wells, where there is no export to read.
    ///
    /// ```
    /// use platewise::plate::{AssayPlate, AssayWell, PlateSize, Reading, WellPosition, WellRole};
    ///
    /// let well = |column, response| {
    ///     let role = WellRole::Sample { id: "101-W00".into(), dilution: Some(10.0) };
    ///     AssayWell::of_reading(WellPosition::new(0, column), role, Reading::Measured(response))
    /// };
    /// let plate = AssayPlate::of_wells("P01", PlateSize::WELLS_96, vec![well(3, 0.42), well(2, 0.41)]);
    /// assert_eq!(plate.wells[0].position.to_string(), "A03", "wells stand in plate order");
    /// ```
    pub fn of_wells(id: &str, size: PlateSize, mut wells: Vec<AssayWell>) -> Self {
        wells.sort_by_key(|well| well.position);
        Self {
            id: id.into(),
            export: "no export".into(),
            format: "none".into(),
            read: "response".into(),
            kit_lot: None,
            acquisition: Acquisition::default(),
            handling: Handling::default(),
            size,
            wells,
            unused: Vec::new(),
            warnings: Vec::new(),
            excluded: None,
        }
    }

    /// Joins one plate of an export to its layout.
    ///
    /// # Errors
    /// Everything that does not fit: no such plate or read in the export, several that would fit, another plate size, a
    /// sample without a dilution or with two.
    pub fn join(
        entry: &PlateEntry,
        export: &Export,
        layout: &Layout,
        samples: &SampleList,
        method: &MethodSettings,
    ) -> Result<Self, Problems> {
        let plate = choose::plate(entry, export)?;
        let mut problems = Problems::default();
        let mut warnings = export.warnings.clone();
        // What a file alone leaves open of its dilutions is answered by the study.
        let asked: Vec<Problem> = export.plates.iter().filter_map(fractions).collect();
        warnings.retain(|warning| !asked.contains(warning));
        let read = match (&method.derived, &entry.column) {
            (Some(label), _) => choose::derived(plate, label, &mut warnings),
            (None, Some(title)) => choose::column(plate, title, method.read_nm),
            (None, None) => choose::read(plate, method.read_nm, "read", &mut warnings),
        };
        let read = take(read, &mut problems);
        let reference = match method.reference_nm {
            Some(_) => take(choose::read(plate, method.reference_nm, "reference", &mut warnings), &mut problems),
            None => None,
        };
        check_size(plate, layout, &mut problems);
        let (Some(read), true) = (read, problems.0.is_empty()) else { return Err(problems) };
        if let (Some(subtracted), Some(_)) = (read.reference_nm, reference) {
            problems.push(
                Problem::new(
                    Code::new("reference-already-subtracted"),
                    plate.location.clone(),
                    format!("the reader has already subtracted the reading at {subtracted} nm"),
                )
                .expected("a read from which the reference is not yet subtracted")
                .advice("Remove 'reference' from [method]"),
            );
        }
        let mut wells = Vec::with_capacity(layout.wells.len());
        for (&position, declared) in &layout.wells {
            let role = match with_dilution(&declared.role, samples, &declared.location) {
                Ok(role) => role,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let reading = reading(plate, read, position);
            let reference = reference.map(|read| self::reading(plate, read, position));
            let response = response(&reading, reference.as_ref());
            wells.push(AssayWell {
                position,
                role,
                reading,
                reference,
                response,
                location: read.location(position),
                excluded: None,
            });
        }
        let unused = plate
            .size
            .wells()
            .filter(|position| !layout.wells.contains_key(position))
            .map(|position| {
                let reference = reference.map(|read| self::reading(plate, read, position));
                (position, response(&reading(plate, read, position), reference.as_ref()))
            })
            .collect();
        warnings.extend(layout.notes.clone());
        warnings.extend(masked_by_reader(plate, &wells));
        warnings.extend(other_dilutions(plate, &wells));
        warnings.extend(not_in_export(plate, &wells));
        let names = wells.iter().filter_map(|well| match &well.role {
            WellRole::Sample { id, .. } => Some(id.as_str()),
            _ => None,
        });
        let handling = Handling::of(entry, &plate.acquisition, names, samples, &plate.location);
        let handling = take(handling, &mut problems).unwrap_or_default();
        let wavelength = |read: &PlateRead| {
            if read.derived {
                return format!("'{}', computed by the reader's software", read.label);
            }
            read.wavelength_nm
                .or(method.read_nm)
                .or(read.stated_nm)
                .map_or_else(|| read.label.clone(), |nm| format!("{nm} nm"))
        };
        problems.or(Self {
            id: entry.id.clone(),
            export: entry.export.display().to_string(),
            format: export.format.clone(),
            read: reference.map_or_else(
                || wavelength(read),
                |subtracted| format!("{} − {}", wavelength(read), wavelength(subtracted)),
            ),
            kit_lot: entry.kit_lot.clone(),
            acquisition: plate.acquisition.clone(),
            handling,
            size: plate.size,
            wells,
            unused,
            warnings,
            excluded: None,
        })
    }
}

impl AssayPlate {
    /// The plate with its responses as they were read; see [`AssayWell::response_as_read`].
    #[must_use]
    pub fn as_read(&self) -> Self {
        let mut plate = self.clone();
        for well in &mut plate.wells {
            well.response = well.response_as_read();
        }
        plate
    }
}

fn take<T>(result: Result<T, Problem>, problems: &mut Problems) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

fn check_size(plate: &ExportedPlate, layout: &Layout, problems: &mut Problems) {
    if layout.draws_plate && layout.size != plate.size {
        problems.push(
            Problem::new(
                Code::new("layout-other-size"),
                layout.location.clone(),
                format!("a layout for {}", layout.size),
            )
            .expected(format!("one for {}, the size of the plate in {}", plate.size, plate.location)),
        );
        return;
    }
    for (position, well) in layout.wells.iter().filter(|(position, _)| !plate.size.contains(**position)) {
        problems.push(
            Problem::new(Code::new("layout-well-outside"), well.location.clone(), format!("well {position}"))
                .expected(format!("a well of the plate in {}, which has {}", plate.location, plate.size)),
        );
    }
}

/// The role with a sample's dilution filled in: from the layout, or else from `samples.csv`. A sample that is in neither list
/// is measured at the layout's dilution; that it belongs to nobody is said when samples are joined to subjects.
fn with_dilution(role: &WellRole, samples: &SampleList, at: &Location) -> Result<WellRole, Problem> {
    let WellRole::Sample { id, dilution } = role else { return Ok(role.clone()) };
    let listed = samples.get(id).and_then(|sample| sample.dilution);
    match (*dilution, listed) {
        (Some(layout), Some(list)) if layout != list => Err(Problem::new(
            Code::new("dilution-contradicted"),
            at.clone(),
            format!("sample '{id}' has the dilution {layout} here and {list} in the list of samples"),
        )
        .expected("one dilution")
        .advice("Remove one of the two")),
        (None, None) => {
            let listed = || samples.iter().find_map(|one| Some((one, slip(id, &one.id)?)));
            let slip = samples.get(id).is_none().then(listed).flatten();
            Err(Problem::new(
                Code::new("sample-without-dilution"),
                at.clone(),
                format!("sample '{id}' has no dilution"),
            )
            .expected("a factor ≥ 1 in the layout or in the list of samples (1 for a neat sample)")
            .advice(slip.map_or_else(String::new, |(one, slip)| format!("{} has '{}': {slip}", one.location, one.id))))
        }
        (layout, list) => Ok(WellRole::Sample { id: id.clone(), dilution: layout.or(list) }),
    }
}

/// The reading of a well. One that the reader's software says to be masked beside its sample (SoftMax Pro), and not in the place of
/// its value (Gen5), is masked all the same: whoever ran the reader has left it out.
fn reading(plate: &ExportedPlate, read: &PlateRead, position: WellPosition) -> Reading {
    let reading = read.reading(position).cloned().unwrap_or(Reading::UNREAD);
    let is_masked = plate.samples.get(&position).is_some_and(|sample| sample.masked);
    match reading {
        Reading::Measured(_) | Reading::Saturated(_) if is_masked => {
            Reading::Masked { text: "Masked".into(), value: reading.measured() }
        }
        reading => reading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_subtracted_and_no_token_becomes_a_number() {
        let measured = Reading::Measured;
        assert_eq!(response(&measured(1.5), Some(&measured(0.5))), measured(1.0));
        assert_eq!(response(&measured(1.5), None), measured(1.5));
        let saturated = Reading::Saturated("OVRFLW".into());
        assert_eq!(response(&saturated, Some(&measured(0.5))), saturated);
        assert_eq!(response(&measured(1.5), Some(&saturated)), saturated);
    }

    #[test]
    fn a_dilution_is_said_once() {
        let role = |dilution| WellRole::Sample { id: "P-1".into(), dilution };
        let list = |dilution: &str| {
            let text = format!("sample,subject,visit,dilution\nP-1,001,Baseline,{dilution}\n");
            SampleList::read(&crate::sheet::Book::from_bytes(text.as_bytes(), "samples.csv").unwrap().sheets[0])
                .unwrap()
        };
        let at = Location::file("layout.csv");
        assert_eq!(with_dilution(&role(None), &list("10"), &at), Ok(role(Some(10.0))));
        assert_eq!(with_dilution(&role(Some(5.0)), &list(""), &at), Ok(role(Some(5.0))));
        assert_eq!(with_dilution(&role(Some(10.0)), &list("10"), &at), Ok(role(Some(10.0))));
        assert!(with_dilution(&role(Some(5.0)), &list("10"), &at).unwrap_err().found.contains("5 here and 10"));
        assert!(with_dilution(&role(None), &list(""), &at).unwrap_err().found.contains("no dilution"));
    }
}
