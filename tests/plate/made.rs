//! Exports made for tests, in the form that each program writes, with made-up values; and what was read from them, in short.

use std::fmt::Write as _;

use platewise::plate::Reading;
use platewise::plate::formats;
use platewise::plate::read::{Export, ExportKind, PlateRead};
use platewise::sheet::{Book, Problems};
use rust_xlsxwriter::{Formula, Workbook};

/// A workbook from lines of cells between tabs: numbers are numbers, `=A1*2|0.5` is a formula with its stored value.
pub(super) fn workbook(sheets: &[(&str, String)]) -> Book {
    let mut workbook = Workbook::new();
    for (name, lines) in sheets {
        let sheet = workbook.add_worksheet();
        sheet.set_name(*name).unwrap();
        for (row, line) in lines.lines().enumerate() {
            for (column, cell) in line.split('\t').enumerate().filter(|(_, cell)| !cell.is_empty()) {
                let at = (row as u32, column as u16);
                if let Some((formula, value)) = cell.strip_prefix('=').and_then(|rest| rest.split_once('|')) {
                    sheet.write_formula(at.0, at.1, Formula::new(format!("={formula}")).set_result(value)).unwrap();
                } else if let Ok(number) = cell.parse::<f64>() {
                    sheet.write_number(at.0, at.1, number).unwrap();
                } else {
                    sheet.write_string(at.0, at.1, cell).unwrap();
                }
            }
        }
    }
    Book::from_bytes(&workbook.save_to_buffer().unwrap(), "made.xlsx").unwrap()
}

pub(super) fn of_workbook(sheets: &[(&str, String)]) -> (Export, Problems) {
    formats::examine(&workbook(sheets), None).unwrap()
}

/// The made-up value of a well.
pub(super) fn value(row: usize, column: usize) -> f64 {
    0.05 + 0.1 * row as f64 + 0.007 * column as f64
}

pub(super) fn letter(row: usize) -> char {
    char::from(b'A' + row as u8)
}

/// A grid of 8 × 12 with this corner; `cell` writes a well.
pub(super) fn grid_of(corner: &str, cell: impl Fn(usize, usize) -> String) -> String {
    let mut text = corner.to_string();
    (1..=12).for_each(|column| write!(text, "\t{column}").unwrap());
    for row in 0..8 {
        write!(text, "\n{}", letter(row)).unwrap();
        (0..12).for_each(|column| write!(text, "\t{}", cell(row, column)).unwrap());
    }
    text + "\n"
}

pub(super) fn grid(corner: &str, factor: f64) -> String {
    grid_of(corner, |row, column| format!("{:.4}", factor * value(row, column)))
}

pub(super) fn icontrol(label: &str, nm: u32) -> String {
    format!(
        "Application: Tecan i-control\t\t\t\tTecan i-control , 1.10.4.0\nDevice: infinite 200Pro\n\nPlate\t\t\t\tSome 96 well plate\n\n\
         Label: {label}\nMode\t\t\t\tAbsorbance\nWavelength\t\t\t\t{nm}\tnm\nStart Time:\t1/1/2026 16:31:14\n\nTemperature: 26.8 °C\n{}\n\
         End Time:\t1/1/2026 16:31:45\n",
        grid("<>", 1.0)
    )
}

pub(super) fn spark_across() -> String {
    let wells: Vec<String> =
        (0..2).flat_map(|row| (1..=12).map(move |column| format!("{}{column}", letter(row)))).collect();
    let values: Vec<String> = (0..24).map(|at| format!("{:.4}", value(at / 12, at % 12))).collect();
    format!(
        "Method name: m\nApplication: SparkControl\t\t\t\tV3.0\nDevice: Spark\n\nPlate\t\t\t\tSome 96 well plate\n\nMode\tAbsorbance\n\
         Name\t450nm\nMeasurement wavelength [nm]\t\t\t\t450\nPart of Plate\tA1-B12\n\n<>\t{}\nValue\t{}\n",
        wells.join("\t"),
        values.join("\t")
    )
}

pub(super) fn skanit(sheet: &str) -> String {
    format!(
        "Measurement results\nx.skax\n1/1/2026 4:06:03 AM\n \n{sheet}\nWavelength: 450 nm\n \ndemo\n \n{}",
        grid("Abs", 1.0)
    )
}

pub(super) fn gen5(procedure: &str, results: &str) -> String {
    format!(
        "\nSoftware Version\t3.12.08\n\nPlate Number\tPlate 1\nReader Type:\tSynergy H1\n\nProcedure Details\n\nPlate Type\t96 WELL PLATE\n\
         {procedure}\n\n{results}"
    )
}

pub(super) const STEP_450: &str = "Read\tOD450\n\tAbsorbance Endpoint\n\tFull Plate\n\tWavelengths:  450";

/// Results of Gen5: the label stands behind every row.
pub(super) fn gen5_grid(label: &str) -> String {
    let lines: Vec<String> = grid("", 1.0).lines().map(str::to_string).collect();
    let rows = lines.iter().skip(1).map(|line| format!("{line}\t{label}\n"));
    format!("{}\n{}", lines[0], rows.collect::<String>())
}

pub(super) fn words(export: &Export) -> String {
    export.warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

pub(super) fn measured(read: &PlateRead) -> usize {
    read.wells.iter().filter_map(Reading::measured).count()
}

/// Wavelength and number of measured wells of raw reads.
pub(super) type Reads = Vec<(Option<f64>, usize)>;

/// The plates by name, with their raw reads.
pub(super) fn plates(export: &Export) -> Vec<(Option<&str>, Reads)> {
    let raw = |read: &PlateRead| (!read.derived).then(|| (read.wavelength_nm, measured(read)));
    let plate = |plate: &'_ platewise::plate::read::ExportedPlate| plate.reads.iter().filter_map(raw).collect();
    export.plates.iter().map(|found| (found.name.as_deref(), plate(found))).collect()
}

pub(super) fn kinetic((export, problems): (Export, Problems), what: &str) {
    assert_eq!(export.kind, ExportKind::Kinetic, "{what}: {problems}");
    assert!(export.plates.iter().all(|plate| plate.reads.is_empty()), "{what}");
    assert!(problems.to_string().contains("this is a kinetic read"), "{what}: {problems}");
}

pub(super) fn layout((export, problems): (Export, Problems), what: &str) {
    assert_eq!(export.kind, ExportKind::LayoutOnly, "{what}: {problems}");
    assert!(export.plates.iter().all(|plate| plate.reads.is_empty()), "{what}");
}
