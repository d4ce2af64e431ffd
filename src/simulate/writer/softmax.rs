//! SoftMax Pro text: UTF-16LE with byte order mark, CRLF, blocks that end with `~End`.
//!
//! A note (which says that all is simulated), each plate in plate format with both wavelengths side by side and the reduced
//! grid (read less reference) below, then the groups of each plate, then the line with the date.

use super::common::{numbers, us_date, us_time, word_or};
use crate::plate::{PlateSize, Reading, WellPosition, WellRole};
use crate::simulate::{SimulatedPlate, SimulatedTrial, SimulatedWell};

/// What a group shows that could not be computed.
const NOT_COMPUTED: &str = "Range?";

/// The whole file.
pub(super) fn export(trial: &SimulatedTrial, plates: &[&SimulatedPlate]) -> Vec<u8> {
    let mut blocks = vec![note(trial)];
    blocks.extend(plates.iter().map(|plate| plate_block(trial, plate)));
    for plate in plates {
        blocks.extend(groups(trial, plate, plates.len() > 1));
    }
    let mut lines = vec![format!("##BLOCKS= {}", blocks.len())];
    lines.extend(blocks.into_iter().flatten());
    if let Some(last) = plates.last() {
        let names: Vec<&str> = plates.iter().map(|plate| plate.plate.id.as_str()).collect();
        let saved = format!("{} {}", us_date(last.plate.read_at), us_time(last.plate.read_at));
        lines.push(format!("Original Filename: {}_SIMULATED; Date Last Saved: {saved}", names.join("_")));
    }
    let text: String = lines.into_iter().map(|line| line + "\r\n").collect();
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn note(trial: &SimulatedTrial) -> Vec<String> {
    vec![
        "Note: ".to_string(),
        "SIMULATED DATA".to_string(),
        format!("Study {}: no instrument and no person behind these numbers.", trial.protocol.study.id),
        "~End".to_string(),
    ]
}

/// The plate, raw and reduced. Field by field as the software writes it: name, version of the export, format, kind of read,
/// mode, raw, no pre-read, one time point, five empty, number of wavelengths, wavelengths, first column, columns, wells,
/// first row, rows, three empty.
fn plate_block(trial: &SimulatedTrial, plate: &SimulatedPlate) -> Vec<String> {
    let reader = &trial.protocol.reader;
    let PlateSize { rows, columns } = PlateSize::WELLS_96;
    let header: String = (1..=columns).map(|column| format!("{column}\t")).collect();
    let mut lines = vec![
        format!(
            "Plate:\t{}\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t2\t{} {} \t1\t{columns}\t{}\t1\t{rows}\t\t\t",
            plate.plate.id,
            reader.read_nm,
            reader.reference_nm,
            rows * columns
        ),
        format!("\tTemperature(¡C)\t{header}\t{header}\t"),
    ];
    for row in 0..rows {
        let temperature = if row == 0 { "24.3" } else { "" };
        let cells = |of: fn(&SimulatedWell) -> &Reading| row_cells(plate, row, |well| word_or(of(well), plain));
        lines.push(format!("\t{temperature}\t{}\t{}\t", cells(|well| &well.reading), cells(|well| &well.reference)));
    }
    lines.push(String::new());
    lines.push(format!("\t\t{header}"));
    for row in 0..rows {
        // A reduced well that is not computed is a single space.
        let cells = row_cells(plate, row, |well| well.response().map_or_else(|| " ".to_string(), plain));
        lines.push(format!("\t\t{cells}"));
    }
    lines.push("~End".to_string());
    lines
}

/// The wells of a row, each followed by a tab.
fn row_cells(plate: &SimulatedPlate, row: usize, cell: impl Fn(&SimulatedWell) -> String) -> String {
    plate.wells.iter().filter(|well| usize::from(well.position.row) == row).map(|well| cell(well) + "\t").collect()
}

/// As many digits as the number has.
fn plain(value: f64) -> String {
    value.to_string()
}

/// One group per kind of content: its wells with name, concentration or dilution, and optical density.
fn groups(trial: &SimulatedTrial, plate: &SimulatedPlate, several: bool) -> Vec<Vec<String>> {
    let unit = &trial.protocol.study.unit;
    let kinds = [
        ("Standards", format!("Concentration {unit}")),
        ("Controls", format!("Nominal {unit}")),
        ("Unknowns", "Dilution Factor".to_string()),
    ];
    let group = |(name, descriptor): &(&str, String)| {
        let title = if several { format!("{name}_{}", plate.plate.id) } else { (*name).to_string() };
        let mut lines =
            vec![format!("Group: {title}"), format!("Sample\t{descriptor}\tWells\tOD\tMeanOD\tCV\tWellPlateName\t")];
        for (role, number) in numbers(plate) {
            if let Some((_, value)) = group_and_descriptor(role).filter(|(group, _)| group == name) {
                lines.extend(sample_lines(plate, role, number, value));
            }
        }
        lines.extend(definitions(descriptor));
        lines.push("~End ".to_string());
        lines
    };
    kinds.iter().map(group).collect()
}

/// The group of a content, and the number that describes it there: concentration or dilution.
fn group_and_descriptor(role: &WellRole) -> Option<(&'static str, f64)> {
    match role {
        WellRole::Standard { concentration } => Some(("Standards", *concentration)),
        WellRole::Control { nominal, .. } => Some(("Controls", (*nominal)?)),
        WellRole::Sample { dilution, .. } => Some(("Unknowns", (*dilution)?)),
        WellRole::Blank | WellRole::Unused => None,
    }
}

/// The wells of one sample; name, descriptor and summary stand on the first only.
fn sample_lines(plate: &SimulatedPlate, role: &WellRole, number: usize, descriptor: f64) -> Vec<String> {
    let name = match role {
        WellRole::Sample { id, .. } => id.clone(),
        WellRole::Control { level, .. } => level.clone(),
        _ => format!("{number:02}"),
    };
    let wells: Vec<&SimulatedWell> = plate.wells.iter().filter(|well| well.role == *role).collect();
    let ods: Option<Vec<f64>> = wells.iter().map(|well| well.response()).collect();
    let (mean, cv) = ods.map_or((NOT_COMPUTED.to_string(), NOT_COMPUTED.to_string()), |ods| {
        let mean = ods.iter().sum::<f64>() / ods.len() as f64;
        let variance = ods.iter().map(|od| (od - mean) * (od - mean)).sum::<f64>() / (ods.len() as f64 - 1.0);
        (format!("{mean:.3}"), format!("{:.1}", 100.0 * variance.sqrt() / mean))
    });
    let line = |(at, well): (usize, &&SimulatedWell)| {
        let WellPosition { row, column } = well.position;
        let place = format!("{}{}", crate::plate::well::row_letters(row.into()), column + 1);
        let od = well.response().map_or_else(|| NOT_COMPUTED.to_string(), |od| format!("{od:.3}"));
        let plate = &plate.plate.id;
        if at == 0 {
            format!("{name}\t{descriptor:.3}\t{place}\t{od}\t{mean}\t{cv}\t{plate}\t")
        } else {
            format!(" \t \t{place}\t{od}\t \t \t{plate}\t")
        }
    };
    wells.iter().enumerate().map(line).collect()
}

/// What each column of a group is.
fn definitions(descriptor: &str) -> Vec<String> {
    let columns = [
        ("Sample", "!SampleNames", 2),
        (descriptor, "!SampleDescriptor", 3),
        ("Wells", "!WellIDs", 2),
        ("OD", "!WellValues", 3),
        ("MeanOD", "Average(OD)", 3),
        ("CV", "Cv(OD)", 1),
        ("WellPlateName", "!WellPlateName", 3),
    ];
    let mut lines = vec![String::new(), "Group Column\tFormula Name\tFormula\tPrecision\tNotation".to_string()];
    lines.extend(columns.iter().enumerate().map(|(at, (name, formula, decimals))| {
        format!("{}\t{name}\t{formula}\t{decimals} decimal places\tNumeric", at + 1)
    }));
    lines.extend([String::new(), "Group Summaries".to_string()]);
    lines
}
