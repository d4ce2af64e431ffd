//! A plate as the assay sees it: each well's role from the layout, joined to its reading from the export.

use serde::Serialize;

use super::layout::{Layout, WellRole};
use super::read::{Export, ExportKind, ExportedPlate, PlateRead};
use super::reading::Reading;
use super::samples::SampleList;
use super::well::{PlateSize, WellPosition};
use crate::protocol::{MethodSettings, PlateEntry};
use crate::sheet::{Location, Problem, Problems};

/// An exclusion by a person's decision.
///
/// ```
/// use platewise::plate::Excluded;
///
/// let excluded = Excluded { line: 3, reason: "pipetting: bubble in the well".into() };
/// assert_eq!(serde_json::to_value(&excluded)?["line"], 3);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excluded {
    /// The line of the log of decisions.
    pub line: usize,
    /// Its reason, code and words.
    pub reason: String,
}

/// A well with its role and its response.
///
/// ```
/// use platewise::simulate;
///
/// let trial = simulate::plates(1, 1)?;
/// let plate = trial.plates[0].assay_plate(&trial.protocol);
/// let standards = plate.wells.iter().filter(|well| well.role.name() == "standard");
/// assert!(standards.count() >= 6);
/// assert!(plate.wells.iter().all(|well| well.response.measured().is_some() && well.excluded.is_none()));
/// # Ok::<(), simulate::SimulationError>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct AssayWell {
    /// Where on the plate.
    pub position: WellPosition,
    /// What it holds. A sample's dilution is filled in.
    #[serde(flatten)]
    pub role: WellRole,
    /// The raw reading, in the unit of the read.
    pub reading: Reading,
    /// The reading at the reference wavelength, where the method subtracts one.
    pub reference: Option<Reading>,
    /// What is analysed: the reading, less the reference where the method says so.
    pub response: Reading,
    /// The cell of the raw reading.
    pub location: Location,
    /// By which decision it is left out; its response is masked then.
    pub excluded: Option<Excluded>,
}

impl AssayWell {
    /// A well that was read once, by something else than an export of a reader: by your own program, or a simulation.
    pub fn of_reading(position: WellPosition, role: WellRole, reading: Reading) -> Self {
        let location = Location::file("no export");
        Self { position, role, response: reading.clone(), reading, reference: None, location, excluded: None }
    }

    /// The response as it was read: whatever an evaluation made of it, such as the subtraction of a blank, undone. A well without
    /// a number, or left out, stays without.
    #[must_use]
    pub fn response_as_read(&self) -> Reading {
        match self.response {
            Reading::Measured(_) => response(&self.reading, self.reference.as_ref()),
            _ => self.response.clone(),
        }
    }
}

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
    pub format: &'static str,
    /// What was read, as `450 nm − 570 nm`.
    pub read: String,
    /// Kit lot, where the study says it.
    pub kit_lot: Option<String>,
    /// The plate that this one repeats.
    pub repeats: Option<String>,
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
            format: "none",
            read: "response".into(),
            kit_lot: None,
            repeats: None,
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
        let plate = choose_plate(entry, export)?;
        let mut problems = Problems::default();
        let mut warnings = export.warnings.clone();
        let read = match &method.derived {
            Some(label) => choose_derived(plate, label, &mut warnings),
            None => choose_read(plate, method.read_nm, "read", &mut warnings),
        };
        let read = take(read, &mut problems);
        let reference = match method.reference_nm {
            Some(_) => take(choose_read(plate, method.reference_nm, "reference", &mut warnings), &mut problems),
            None => None,
        };
        check_size(plate, layout, &mut problems);
        let (Some(read), true) = (read, problems.0.is_empty()) else { return Err(problems) };
        if let (Some(subtracted), Some(_)) = (read.reference_nm, reference) {
            problems.push(
                Problem::new(
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
            let reading = reading(read, position);
            let reference = reference.map(|read| self::reading(read, position));
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
                let reference = reference.map(|read| self::reading(read, position));
                (position, response(&reading(read, position), reference.as_ref()))
            })
            .collect();
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
            format: export.format,
            read: reference.map_or_else(
                || wavelength(read),
                |subtracted| format!("{} − {}", wavelength(read), wavelength(subtracted)),
            ),
            kit_lot: entry.kit_lot.clone(),
            repeats: entry.repeats.clone(),
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

/// The plate of the export that the study means.
pub(super) fn choose_plate<'e>(entry: &PlateEntry, export: &'e Export) -> Result<&'e ExportedPlate, Problem> {
    let at = Location::file(export.file.clone());
    if export.plates.is_empty() || !matches!(export.kind, ExportKind::Endpoint | ExportKind::Malformed) {
        return Err(Problem::new(at, "no end-point read of a plate in it").expected("an end-point read"));
    }
    let called =
        |plate: &ExportedPlate, name: &str| plate.name.as_deref() == Some(name) || plate.id.as_deref() == Some(name);
    let names: Vec<String> = export
        .plates
        .iter()
        .map(|plate| format!("'{}'", plate.name.as_deref().or(plate.id.as_deref()).unwrap_or("(without a name)")))
        .collect();
    let fitting: Vec<&ExportedPlate> = match &entry.plate {
        Some(name) => export.plates.iter().filter(|plate| called(plate, name)).collect(),
        // A plate of which nothing but a kinetic read or a scan is in the file is none to choose.
        None => export.plates.iter().filter(|plate| !plate.reads.is_empty()).collect(),
    };
    match (fitting.as_slice(), &entry.plate) {
        ([plate], _) => Ok(plate),
        ([], wanted) => Err(Problem::new(at, format!("no plate '{}' in it", wanted.as_deref().unwrap_or_default()))
            .expected(format!("one of its plates: {}", names.join(", ")))),
        (_, None) => Err(Problem::new(at, format!("{} plates in it: {}", names.len(), names.join(", ")))
            .expected("plate = \"…\" beside the export in study.toml, to say which")),
        (several, Some(name)) => Err(Problem::new(at, format!("{} plates called '{name}' in it", several.len()))
            .expected("one plate of that name")
            .advice("Export the plates under names of their own")),
    }
}

/// The grid of computed values that the study names: nothing else makes one of them the response.
fn choose_derived<'e>(
    plate: &'e ExportedPlate,
    label: &str,
    warnings: &mut Vec<Problem>,
) -> Result<&'e PlateRead, Problem> {
    let fitting: Vec<&PlateRead> = plate.reads.iter().filter(|read| read.derived && read.label == label).collect();
    let labels = derived_labels(plate);
    match fitting.as_slice() {
        [read] => {
            warnings.push(
                Problem::new(plate.location.clone(), format!("the derived values '{label}' are analysed")).advice(
                    "study.toml says so; flags and limits cannot see what the reader's software did to the readings",
                ),
            );
            Ok(read)
        }
        [] => Err(Problem::new(plate.location.clone(), format!("no derived values '{label}'")).expected(
            if labels.is_empty() {
                "raw reads only are in it: remove 'derived' from [method]".to_string()
            } else {
                format!("derived = the label of one of its derived grids: {}", labels.join(", "))
            },
        )),
        several => Err(Problem::new(
            plate.location.clone(),
            format!("{} grids of derived values are called '{label}'", several.len()),
        )
        .expected("one of that label")
        .advice("Export the grid that is meant by itself")),
    }
}

fn derived_labels(plate: &ExportedPlate) -> Vec<String> {
    plate.reads.iter().filter(|read| read.derived).map(|read| format!("'{}'", read.label)).collect()
}

/// The raw read at a wavelength; where none is asked for, the only raw read.
fn choose_read<'e>(
    plate: &'e ExportedPlate,
    wavelength: Option<f64>,
    key: &str,
    warnings: &mut Vec<Problem>,
) -> Result<&'e PlateRead, Problem> {
    let raw: Vec<&PlateRead> = plate.reads.iter().filter(|read| !read.derived).collect();
    let names: Vec<String> = raw
        .iter()
        .map(|read| {
            let nm = read.wavelength_nm.or(read.stated_nm);
            nm.map_or_else(|| format!("'{}'", read.label), |nm| format!("'{}' ({nm} nm)", read.label))
        })
        .collect();
    let wanted = |found: &str| {
        Problem::new(plate.location.clone(), found.to_string())
            .expected(format!("{key} = the wavelength of one of its raw reads: {}", names.join(", ")))
    };
    if raw.is_empty() {
        let found = format!("only derived values, no raw read: {}", derived_labels(plate).join(", "));
        return Err(Problem::new(plate.location.clone(), found).expected("a raw read").advice(
            "Export the raw data as well; or, to have computed values analysed, say derived = \"…\" with one of these labels \
             in [method], in the place of 'read' and 'reference'",
        ));
    }
    let Some(wavelength) = wavelength else {
        return match raw.as_slice() {
            [read] => Ok(read),
            _ => Err(wanted(&format!("{} raw reads and no '{key}' in [method]", raw.len()))),
        };
    };
    let is_it = |nm: f64| (nm - wavelength).abs() <= 0.5;
    let fitting: Vec<&PlateRead> =
        raw.iter().copied().filter(|read| read.wavelength_nm.or(read.stated_nm).is_some_and(is_it)).collect();
    match (fitting.as_slice(), raw.as_slice()) {
        ([read], _) => Ok(read),
        ([], [read]) if read.wavelength_nm.or(read.stated_nm).is_none() && key == "read" => {
            warnings.push(
                Problem::new(plate.location.clone(), "the file does not say the wavelength of its only read")
                    .advice(format!("It is taken for the read at {wavelength} nm, as study.toml says")),
            );
            Ok(read)
        }
        ([], _) => Err(wanted(&format!("no raw read at {wavelength} nm"))),
        (several, _) => Err(wanted(&format!("{} raw reads at {wavelength} nm", several.len()))),
    }
}

fn check_size(plate: &ExportedPlate, layout: &Layout, problems: &mut Problems) {
    if layout.draws_plate && layout.size != plate.size {
        problems.push(
            Problem::new(layout.location.clone(), format!("a layout for {}", layout.size))
                .expected(format!("one for {}, the size of the plate in {}", plate.size, plate.location)),
        );
        return;
    }
    for (position, well) in layout.wells.iter().filter(|(position, _)| !plate.size.contains(**position)) {
        problems.push(
            Problem::new(well.location.clone(), format!("well {position}"))
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
            at.clone(),
            format!("sample '{id}' has the dilution {layout} here and {list} in the list of samples"),
        )
        .expected("one dilution")
        .advice("Remove one of the two")),
        (None, None) => Err(Problem::new(at.clone(), format!("sample '{id}' has no dilution"))
            .expected("a factor ≥ 1 in the layout or in the list of samples (1 for a neat sample)")),
        (layout, list) => Ok(WellRole::Sample { id: id.clone(), dilution: layout.or(list) }),
    }
}

fn reading(read: &PlateRead, position: WellPosition) -> Reading {
    read.reading(position).cloned().unwrap_or_else(|| Reading::Missing(String::new()))
}

/// The reading less its reference. What is not a number stays what it is; a saturated or missing reference has no difference.
fn response(reading: &Reading, reference: Option<&Reading>) -> Reading {
    match (reading, reference) {
        (Reading::Measured(value), Some(Reading::Measured(subtracted))) => Reading::Measured(value - subtracted),
        (Reading::Measured(_), Some(other)) => other.clone(),
        (other, _) => other.clone(),
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

    /// Magellan's settings below the wells do not say for which column they are; where there is one only, that is no question.
    #[test]
    fn a_wavelength_that_the_file_states_is_the_one_that_can_be_asked_for() {
        let wells: String = (1..=12).map(|column| format!("0.{column}\tA{column}\n")).collect();
        let file = |settings: &str| {
            let text = format!("Raw data\tWell positions\n{wells}{settings}");
            let book = crate::sheet::Book::from_bytes(text.as_bytes(), "m.asc").unwrap();
            crate::plate::formats::examine(&book, None).unwrap().0
        };
        let mut warnings = Vec::new();
        let stated = file("Measurement mode: Absorbance\nMeasurement wavelength: 595 nm\n");
        let mut choose = |export: &Export, nm| {
            choose_read(&export.plates[0], nm, "read", &mut warnings).map(|_| ()).map_err(|problem| problem.to_string())
        };
        assert_eq!((choose(&stated, Some(595.0)), choose(&stated, None)), (Ok(()), Ok(())));
        let error = choose(&stated, Some(450.0)).unwrap_err();
        assert!(error.contains("no raw read at 450 nm") && error.contains("'Raw data' (595 nm)"), "{error}");
        assert_eq!(choose(&file("Measurement mode: Absorbance\n"), Some(450.0)), Ok(()));
        assert_eq!(warnings.len(), 1, "only where the file is silent: {warnings:?}");
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
