//! Gen5 reports: a section of lines per plate. As text, one section after the other, tabs, CRLF; as a workbook, one sheet per
//! plate, with grids one column further to the right and an empty row above each.
//!
//! The file of the experiment and the type of the reading say that it is simulated; Gen5 itself knows that type.

use jiff::civil::{DateTime, Time};
use rust_xlsxwriter::{ExcelDateTime, Format, Worksheet, XlsxError};

use super::common::{excel_datetime, name_in_export, new_workbook, numbers, saved, us_date, us_time, word_or};
use crate::plate::well::row_letters;
use crate::plate::{PlateSize, Reading, WellRole};
use crate::simulate::{SimulatedPlate, SimulatedTrial};

/// A cell of a report.
enum ReportCell {
    Text(String),
    Number(f64),
    Date,
    Time,
}

/// A line of a report.
enum ReportLine {
    /// Empty lines, of which the text has more than the workbook.
    Gap { text: usize, sheet: u32 },
    /// A key and its value.
    Pair(&'static str, ReportCell),
    /// A title above a grid or a section.
    Title(&'static str),
    /// A line of a grid: row letter or nothing, the columns, and what the line holds.
    Grid(String, Vec<ReportCell>, String),
}

fn text_cell(text: impl Into<String>) -> ReportCell {
    ReportCell::Text(text.into())
}

fn pair(key: &'static str, value: impl Into<String>) -> ReportLine {
    ReportLine::Pair(key, text_cell(value))
}

/// The section of a plate, the `n`-th of its experiment. `step` is the name of the read step, which Gen5 puts before the
/// wavelength in the labels of results; without one the label is the wavelength alone.
fn report(trial: &SimulatedTrial, plate: &SimulatedPlate, n: usize, step: Option<&str>) -> Vec<ReportLine> {
    let gap = |text, sheet| ReportLine::Gap { text, sheet };
    let mut lines = vec![
        gap(2, 1),
        pair("Software Version", "3.12.08"),
        gap(3, 1),
        pair("Experiment File Path:", format!("C:\\SIMULATED\\{}_{}.xpt", trial.protocol.study.id, plate.plate.id)),
        pair("Protocol File Path:", "C:\\SIMULATED\\TARC ELISA.prt"),
        gap(3, 0),
        pair("Plate Number", name_in_export(plate, n)),
        ReportLine::Pair("Date", ReportCell::Date),
        ReportLine::Pair("Time", ReportCell::Time),
        pair("Reader Type:", "n/a"),
        pair("Reader Serial Number:", "n/a"),
        pair("Reading Type", "Simulation"),
        gap(1, 1),
        ReportLine::Title("Procedure Details"),
        gap(1, 0),
        pair("Plate Type", "96 WELL PLATE"),
    ];
    let reader = &trial.protocol.reader;
    match step {
        Some(step) => lines.extend([pair("Read", step), pair("", "Absorbance Endpoint")]),
        None => lines.push(pair("Read", "Absorbance Endpoint")),
    }
    lines.extend([
        pair("", "Full Plate"),
        pair("", format!("Wavelengths:  {}, {}", reader.read_nm, reader.reference_nm)),
        pair("", "Read Speed: Normal,  Delay: 100 msec,  Measurements/Data Point: 8"),
        gap(1, 1),
        ReportLine::Title("Layout"),
        gap(0, 1),
    ]);
    lines.extend(layout(plate));
    lines.extend([gap(1, 1), ReportLine::Title("Results"), gap(0, 1)]);
    lines.extend(results(trial, plate, step));
    lines
}

fn header() -> ReportLine {
    let columns = (1..=PlateSize::WELLS_96.columns).map(|column| ReportCell::Number(column as f64)).collect();
    ReportLine::Grid(String::new(), columns, String::new())
}

/// Well IDs, names, and concentrations or dilutions. Gen5 takes dilutions as fractions: 0.1 is one part in ten.
fn layout(plate: &SimulatedPlate) -> Vec<ReportLine> {
    let numbers = numbers(plate);
    let id = |role: &WellRole| {
        let number = numbers.iter().find(|(known, _)| *known == role).map_or(0, |(_, number)| *number);
        match role {
            WellRole::Standard { .. } => format!("STD{number}"),
            WellRole::Control { .. } => format!("CTL{number}"),
            WellRole::Sample { .. } => format!("SPL{number}"),
            WellRole::Blank => "BLK".to_string(),
            WellRole::Unused => String::new(),
        }
    };
    let name = |role: &WellRole| match role {
        WellRole::Sample { id, .. } => id.clone(),
        WellRole::Control { level, .. } => level.clone(),
        _ => String::new(),
    };
    let amount = |role: &WellRole| match role {
        WellRole::Standard { concentration } => ReportCell::Number(*concentration),
        WellRole::Sample { dilution: Some(dilution), .. } => ReportCell::Number(1.0 / dilution),
        _ => text_cell(""),
    };
    let mut lines = vec![header()];
    for (row, wells) in plate.wells.chunks(PlateSize::WELLS_96.columns).enumerate() {
        let cells = |of: &dyn Fn(&WellRole) -> ReportCell| wells.iter().map(|well| of(&well.role)).collect();
        lines.push(ReportLine::Grid(row_letters(row), cells(&|role| text_cell(id(role))), "Well ID".to_string()));
        lines.push(ReportLine::Grid(String::new(), cells(&|role| text_cell(name(role))), "Name".to_string()));
        lines.push(ReportLine::Grid(String::new(), cells(&amount), "Conc/Dil".to_string()));
    }
    lines
}

/// Per row of the plate: both wavelengths, then their difference as the software computes it.
fn results(trial: &SimulatedTrial, plate: &SimulatedPlate, step: Option<&str>) -> Vec<ReportLine> {
    let reader = &trial.protocol.reader;
    let label = |nm: u32| step.map_or_else(|| nm.to_string(), |step| format!("{step}:{nm}"));
    let cell = |reading: &Reading| match reading {
        Reading::Measured(value) => ReportCell::Number(*value),
        word => ReportCell::Text(word_or(word, |value| value.to_string())),
    };
    let mut lines = vec![header()];
    for (row, wells) in plate.wells.chunks(PlateSize::WELLS_96.columns).enumerate() {
        let read = wells.iter().map(|well| cell(&well.reading)).collect();
        let reference = wells.iter().map(|well| cell(&well.reference)).collect();
        let difference =
            |well: &super::super::SimulatedWell| well.response().map_or(text_cell("?????"), ReportCell::Number);
        lines.push(ReportLine::Grid(row_letters(row), read, label(reader.read_nm)));
        lines.push(ReportLine::Grid(String::new(), reference, label(reader.reference_nm)));
        lines.push(ReportLine::Grid(String::new(), wells.iter().map(difference).collect(), "Delta OD".to_string()));
    }
    lines
}

/// The text of all plates, one section after the other.
pub(super) fn text(trial: &SimulatedTrial, plates: &[&SimulatedPlate]) -> Vec<u8> {
    let mut text = String::new();
    for (n, plate) in (1..).zip(plates) {
        let lines = report(trial, plate, n, None);
        let results = lines.iter().position(|line| matches!(line, ReportLine::Title("Results"))).unwrap_or(lines.len());
        for (at, line) in lines.iter().enumerate() {
            // Optical densities have fixed decimals; concentrations and column numbers as many as they need.
            let decimals = (at > results + 2).then_some(trial.protocol.reader.decimals as usize);
            text.push_str(&text_lines(line, plate, decimals));
        }
    }
    text.into_bytes()
}

/// The line, or the empty lines, with line ends.
fn text_lines(line: &ReportLine, plate: &SimulatedPlate, decimals: Option<usize>) -> String {
    let cell = |cell: &ReportCell| match cell {
        ReportCell::Text(text) => text.clone(),
        ReportCell::Number(number) => {
            decimals.map_or_else(|| number.to_string(), |decimals| format!("{number:.decimals$}"))
        }
        ReportCell::Date => us_date(plate.plate.read_at),
        ReportCell::Time => us_time(plate.plate.read_at),
    };
    match line {
        ReportLine::Gap { text, .. } => "\r\n".repeat(*text),
        ReportLine::Title(title) => format!("{title}\r\n"),
        ReportLine::Pair(key, value) => format!("{key}\t{}\r\n", cell(value)),
        ReportLine::Grid(letter, cells, label) => {
            let mut fields = vec![letter.clone()];
            fields.extend(cells.iter().map(cell));
            if !label.is_empty() {
                fields.push(label.clone());
            }
            fields.join("\t") + "\r\n"
        }
    }
}

/// The workbook of all plates, one sheet each.
pub(super) fn workbook(trial: &SimulatedTrial, plates: &[&SimulatedPlate]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = new_workbook(&trial.protocol.study.title, plates)?;
    for (n, plate) in (1..).zip(plates) {
        let sheet = workbook.add_worksheet();
        sheet.set_name(format!("Plate {n} - Sheet1"))?;
        let mut row = 0;
        for line in report(trial, plate, n, Some("TARC")) {
            sheet_line(sheet, row, &line, plate)?;
            row += if let ReportLine::Gap { sheet, .. } = line { sheet } else { 1 };
        }
    }
    saved(workbook)
}

fn sheet_line(sheet: &mut Worksheet, row: u32, line: &ReportLine, plate: &SimulatedPlate) -> Result<(), XlsxError> {
    match line {
        ReportLine::Gap { .. } => {}
        ReportLine::Title(title) => {
            sheet.write(row, 0, *title)?;
        }
        ReportLine::Pair(key, value) => {
            sheet_cell(sheet, row, 0, &text_cell(*key), plate)?;
            sheet_cell(sheet, row, 1, value, plate)?;
        }
        ReportLine::Grid(letter, cells, label) => {
            sheet_cell(sheet, row, 1, &text_cell(letter.as_str()), plate)?;
            for (column, cell) in (2..).zip(cells) {
                sheet_cell(sheet, row, column, cell, plate)?;
            }
            sheet_cell(sheet, row, 2 + cells.len() as u16, &text_cell(label.as_str()), plate)?;
        }
    }
    Ok(())
}

fn sheet_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &ReportCell,
    plate: &SimulatedPlate,
) -> Result<(), XlsxError> {
    match cell {
        ReportCell::Text(text) if text.is_empty() => {}
        ReportCell::Text(text) => {
            sheet.write(row, column, text)?;
        }
        ReportCell::Number(number) => {
            sheet.write(row, column, *number)?;
        }
        ReportCell::Date => {
            let day = DateTime::from_parts(plate.plate.read_at.date(), Time::midnight());
            sheet.write_with_format(row, column, &excel_datetime(day)?, &Format::new().set_num_format("m/d/yyyy"))?;
        }
        ReportCell::Time => {
            let time = plate.plate.read_at.time();
            let [hour, minute, second] = [time.hour(), time.minute(), time.second()].map(i8::unsigned_abs);
            let time = ExcelDateTime::from_hms(u16::from(hour), minute, f64::from(second))?;
            sheet.write_with_format(row, column, &time, &Format::new().set_num_format("h:mm:ss AM/PM"))?;
        }
    }
    Ok(())
}
