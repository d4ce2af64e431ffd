//! Which plate of an export, and which of its reads, the study means: what is not plain is refused with what there is to choose from.

use super::read::{Export, ExportKind, ExportedPlate, PlateRead};
use crate::protocol::PlateEntry;
use crate::sheet::{Code, Location, Problem};

/// The plate of the export that the study means.
pub(super) fn plate<'e>(entry: &PlateEntry, export: &'e Export) -> Result<&'e ExportedPlate, Problem> {
    let at = Location::file(export.file.clone());
    if export.plates.is_empty() || !matches!(export.kind, ExportKind::Endpoint | ExportKind::Malformed) {
        return Err(Problem::new(Code::new("export-no-end-point"), at, "no end-point read of a plate in it")
            .expected("an end-point read"));
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
        ([], wanted) => Err(Problem::new(
            Code::new("export-no-such-plate"),
            at,
            format!("no plate '{}' in it", wanted.as_deref().unwrap_or_default()),
        )
        .expected(format!("one of its plates: {}", names.join(", ")))),
        (_, None) => Err(Problem::new(
            Code::new("export-plate-not-said"),
            at,
            format!("{} plates in it: {}", names.len(), names.join(", ")),
        )
        .expected("plate = \"…\" beside the export in study.toml, to say which")),
        (several, Some(name)) => Err(Problem::new(
            Code::new("export-plates-of-one-name"),
            at,
            format!("{} plates called '{name}' in it", several.len()),
        )
        .expected("one plate of that name")
        .advice("Export the plates under names of their own")),
    }
}

/// The grid of computed values that the study names: nothing else makes one of them the response.
pub(super) fn derived<'e>(
    plate: &'e ExportedPlate,
    label: &str,
    warnings: &mut Vec<Problem>,
) -> Result<&'e PlateRead, Problem> {
    let fitting: Vec<&PlateRead> = plate.reads.iter().filter(|read| read.derived && read.label == label).collect();
    let labels = derived_labels(plate);
    match fitting.as_slice() {
        [read] => {
            warnings.push(
                Problem::new(
                    Code::new("derived-values-analysed"),
                    plate.location.clone(),
                    format!("the derived values '{label}' are analysed"),
                )
                .advice(
                    "The method says so; flags and limits cannot see what the reader's software did to the readings",
                ),
            );
            Ok(read)
        }
        [] => Err(Problem::new(
            Code::new("derived-values-missing"),
            plate.location.clone(),
            format!("no derived values '{label}'"),
        )
        .expected(if labels.is_empty() {
            "raw reads only are in it: remove 'derived' from [method]".to_string()
        } else {
            format!("derived = the label of one of its derived grids: {}", labels.join(", "))
        })),
        several => Err(Problem::new(
            Code::new("derived-values-alike"),
            plate.location.clone(),
            format!("{} grids of derived values are called '{label}'", several.len()),
        )
        .expected("one of that label")
        .advice("Export the grid that is meant by itself")),
    }
}

/// The read in the column that the study names; whatever the file says of its wavelength, it does not contradict the method.
pub(super) fn column<'e>(
    plate: &'e ExportedPlate,
    title: &str,
    wavelength: Option<f64>,
) -> Result<&'e PlateRead, Problem> {
    let found = |code: Code, words: String| Problem::new(code, plate.location.clone(), words);
    let Some(read) = plate.reads.iter().find(|read| read.label == title.trim()) else {
        let labels: Vec<String> = plate.reads.iter().map(|read| format!("'{}'", read.label)).collect();
        return Err(found(Code::new("column-of-readings-unknown"), format!("no column '{title}' of readings"))
            .expected(format!("one of {}", labels.join(", "))));
    };
    if read.derived {
        return Err(found(
            Code::new("column-of-computed-values"),
            format!("the column '{title}' holds computed values, as its title says"),
        )
        .expected("a column of readings")
        .advice(format!(
            "To have them analysed, say derived = \"{title}\" in [method] in the place of 'read' and 'reference'"
        )));
    }
    match (read.wavelength_nm, wavelength) {
        (Some(nm), Some(wanted)) if (nm - wanted).abs() > 0.5 => {
            Err(found(Code::new("column-of-other-wavelength"), format!("the column '{title}' was read at {nm} nm"))
                .expected(format!("a read at {wanted} nm, as [method] says")))
        }
        _ => Ok(read),
    }
}

fn derived_labels(plate: &ExportedPlate) -> Vec<String> {
    plate.reads.iter().filter(|read| read.derived).map(|read| format!("'{}'", read.label)).collect()
}

/// The raw read at a wavelength; where none is asked for, the only raw read.
pub(super) fn read<'e>(
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
    let wanted = |code: Code, found: &str| {
        Problem::new(code, plate.location.clone(), found.to_string())
            .expected(format!("{key} = the wavelength of one of its raw reads: {}", names.join(", ")))
    };
    if raw.is_empty() {
        let found = format!("only derived values, no raw read: {}", derived_labels(plate).join(", "));
        return Err(Problem::new(Code::new("read-only-derived"), plate.location.clone(), found).expected("a raw read").advice(
            "Export the raw data as well; or, to have computed values analysed, say derived = \"…\" with one of these labels \
             in [method], in the place of 'read' and 'reference'",
        ));
    }
    let Some(wavelength) = wavelength else {
        return match raw.as_slice() {
            [read] => Ok(read),
            _ => Err(wanted(
                Code::new("read-not-chosen"),
                &format!("{} raw reads and no '{key}' in [method]", raw.len()),
            )),
        };
    };
    let is_it = |nm: f64| (nm - wavelength).abs() <= 0.5;
    let fitting: Vec<&PlateRead> =
        raw.iter().copied().filter(|read| read.wavelength_nm.or(read.stated_nm).is_some_and(is_it)).collect();
    match (fitting.as_slice(), raw.as_slice()) {
        ([read], _) => Ok(read),
        ([], [read]) if read.wavelength_nm.or(read.stated_nm).is_none() && key == "read" => {
            warnings.push(
                Problem::new(
                    Code::new("read-wavelength-assumed"),
                    plate.location.clone(),
                    "the file does not say the wavelength of its only read",
                )
                .advice(format!("It is taken for the read at {wavelength} nm, as the method says")),
            );
            Ok(read)
        }
        ([], _) => Err(wanted(Code::new("read-missing"), &format!("no raw read at {wavelength} nm"))),
        (several, _) => {
            Err(wanted(Code::new("read-ambiguous"), &format!("{} raw reads at {wavelength} nm", several.len())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            read(&export.plates[0], nm, "read", &mut warnings).map(|_| ()).map_err(|problem| problem.to_string())
        };
        assert_eq!((choose(&stated, Some(595.0)), choose(&stated, None)), (Ok(()), Ok(())));
        let error = choose(&stated, Some(450.0)).unwrap_err();
        assert!(error.contains("no raw read at 450 nm") && error.contains("'Raw data' (595 nm)"), "{error}");
        assert_eq!(choose(&file("Measurement mode: Absorbance\n"), Some(450.0)), Ok(()));
        assert_eq!(warnings.len(), 1, "only where the file is silent: {warnings:?}");
    }
}
