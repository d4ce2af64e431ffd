//! What several formats write alike: tables, workbooks, days, words in the place of numbers.

use jiff::civil::DateTime;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::plate::{Reading, WellRole};
use crate::sheet::saved::without_system;
use crate::simulate::protocol::ExportFormat;
use crate::simulate::{FileError, SimulatedPlate};

/// What the export calls the `n`-th of its plates, from 1: the name that `study.toml` has to use.
pub(super) fn name_in_export(plate: &SimulatedPlate, n: usize) -> String {
    match plate.plate.format {
        ExportFormat::SoftmaxText | ExportFormat::GridWorkbook => plate.plate.id.clone(),
        ExportFormat::Gen5Text | ExportFormat::Gen5Workbook => format!("Plate {n}"),
    }
}

/// A table as text: a header, then records.
pub(super) fn table<R, F>(header: &[&str], records: R) -> Result<Vec<u8>, FileError>
where
    R: IntoIterator<Item = F>,
    F: IntoIterator<Item = String>,
{
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for record in records {
        writer.write_record(record)?;
    }
    writer.into_inner().map_err(|error| FileError::Memory(error.into_error()))
}

/// A workbook that says that it is simulated, and holds the time of the study instead of the time of its making.
pub(super) fn new_workbook(title: &str, plates: &[&SimulatedPlate]) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let made = plates.first().map_or(DateTime::MIN, |plate| plate.plate.read_at);
    let properties = DocProperties::new()
        .set_title(title)
        .set_comment("Simulated data, made by platewise simulate")
        .set_creation_datetime(&excel_datetime(made)?);
    workbook.set_properties(&properties);
    Ok(workbook)
}

/// The bytes of a workbook, the same on every system.
#[expect(clippy::disallowed_methods, reason = "the only place here where a workbook is saved")]
pub(super) fn saved(mut workbook: Workbook) -> Result<Vec<u8>, XlsxError> {
    Ok(without_system(workbook.save_to_buffer()?)?)
}

/// A day and time as workbooks hold it.
pub(super) fn excel_datetime(at: DateTime) -> Result<ExcelDateTime, XlsxError> {
    // Years, months and hours of the calendar are never negative in what a protocol may say.
    let [month, day, hour, minute, second] =
        [at.month(), at.day(), at.hour(), at.minute(), at.second()].map(i8::unsigned_abs);
    let date = ExcelDateTime::from_ymd(at.year().unsigned_abs(), month, day)?;
    date.and_hms(u16::from(hour), minute, f64::from(second))
}

/// `11/3/2025`, as the United States write it.
pub(super) fn us_date(at: DateTime) -> String {
    at.strftime("%-m/%-d/%Y").to_string()
}

/// `2:05:09 PM`.
pub(super) fn us_time(at: DateTime) -> String {
    at.strftime("%-I:%M:%S %p").to_string()
}

/// A reading as its word, or as `number` writes it.
pub(super) fn word_or(reading: &Reading, number: impl Fn(f64) -> String) -> String {
    match reading {
        Reading::Measured(value) => number(*value),
        Reading::Saturated(text) | Reading::Missing(text) | Reading::NotComputed(text) => text.clone(),
        Reading::Masked { text, .. } => text.clone(),
    }
}

/// The contents of a plate that are numbered alike: standards by concentration, controls by level, samples by name, each
/// from 1 in the order of the plate's columns.
pub(super) fn numbers(plate: &SimulatedPlate) -> Vec<(&WellRole, usize)> {
    let mut wells: Vec<_> = plate.wells.iter().filter(|well| well.role != WellRole::Unused).collect();
    wells.sort_by_key(|well| (well.position.column, well.position.row));
    let mut known: Vec<(&WellRole, usize)> = Vec::new();
    for well in wells {
        if !known.iter().any(|(role, _)| *role == &well.role) {
            let alike = |role: &WellRole| std::mem::discriminant(role) == std::mem::discriminant(&well.role);
            let number = known.iter().filter(|(role, _)| alike(role)).count() + 1;
            known.push((&well.role, number));
        }
    }
    known
}
