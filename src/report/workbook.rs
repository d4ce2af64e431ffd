//! All tables as one workbook: a sheet per table, and a read-me sheet that explains every column.

use rust_xlsxwriter::{
    Color, ConditionalFormatText, ConditionalFormatTextRule, DocProperties, ExcelDateTime, Format, FormatAlign,
    FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::StudyReport;
use super::figure::palette;
use super::table::{Cell, Table};

/// Writes the workbook. The same results give the same bytes: the time of the run stands in `run.json` only.
///
/// # Errors
/// When a table is larger than a sheet can hold, or a name is not one of a sheet.
pub fn write(report: &StudyReport<'_>, tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let study = &report.protocol.assay.study;
    let properties = DocProperties::new()
        .set_title(format!("{}: results", if study.id.is_empty() { "Plates" } else { &study.id }))
        .set_subject(&study.title)
        .set_author(format!("{} {}", report.record.program, report.record.version))
        .set_comment(if study.simulated { "Simulated data" } else { "" })
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    read_me(workbook.add_worksheet(), report, tables)?;
    for table in tables {
        sheet(workbook.add_worksheet(), table, &study.unit)?;
    }
    workbook.save_to_buffer()
}

fn color(ink: palette::Ink) -> Color {
    let rgb = ink.light;
    Color::RGB(u32::from(rgb.0) << 16 | u32::from(rgb.1) << 8 | u32::from(rgb.2))
}

fn header() -> Format {
    Format::new()
        .set_bold()
        .set_font_color(Color::White)
        .set_background_color(color(palette::BLUE))
        .set_align(FormatAlign::VerticalCenter)
        .set_border_bottom(FormatBorder::Thin)
}

/// The columns that stay in sight when the sheet is scrolled to the right: up to the one that names the row.
fn fixed_columns(table: &Table) -> u16 {
    const NAMES: [&str; 5] = ["plate", "sample", "well", "USUBJID", "TRTP"];
    let first = (1u16..).zip(table.columns.iter().take(5));
    first.filter(|(_, head)| NAMES.contains(&head.name)).map(|(column, _)| column).last().unwrap_or(1)
}

fn sheet(sheet: &mut Worksheet, table: &Table, unit: &str) -> Result<(), XlsxError> {
    sheet.set_name(table.name)?;
    let header = header();
    for (column, head) in (0u16..).zip(&table.columns) {
        let heading = head.heading(unit);
        sheet.set_column_width(column, width(table, column.into(), &heading))?;
        sheet.write_string_with_format(0, column, heading, &header)?;
    }
    let shown: Vec<Format> = (0..table.columns.len()).map(|column| number_format(table, column)).collect();
    for (row, cells) in (1u32..).zip(&table.rows) {
        for ((column, cell), shown) in (0u16..).zip(cells).zip(&shown) {
            match cell {
                Cell::Empty => {}
                Cell::Number(value) => {
                    sheet.write_number_with_format(row, column, *value, shown)?;
                }
                Cell::Text(text) => {
                    sheet.write_string(row, column, cut(text))?;
                }
            }
        }
    }
    sheet.set_freeze_panes(1, fixed_columns(table))?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    let (rows, columns) = (table.rows.len() as u32, table.columns.len() as u16);
    if rows > 0 && columns > 0 {
        sheet.autofilter(0, 0, rows, columns - 1)?;
    }
    for (column, head) in (0u16..).zip(&table.columns) {
        if VERDICTS.contains(&head.name) && rows > 0 {
            color_verdicts(sheet, column, rows)?;
        }
    }
    Ok(())
}

/// Columns whose words are coloured.
const VERDICTS: [&str; 4] = ["verdict", "plate_verdict", "outcome", "status"];

/// Good in green, bad in vermilion, the rest in amber: the word stays, the colour only helps the eye.
fn color_verdicts(sheet: &mut Worksheet, column: u16, rows: u32) -> Result<(), XlsxError> {
    let words = [
        // Amber first: "accepted, with remarks" begins with "accepted", and the first rule that holds is the one that is shown.
        (
            palette::AMBER,
            ["accepted, with remarks", "remark", "not evaluable", "warning", "below LLOQ", "above ULOQ"].as_slice(),
        ),
        (palette::GREEN, ["accepted", "pass", "quantified"].as_slice()),
        (palette::VERMILION, ["rejected", "fail", "not reported"].as_slice()),
    ];
    for (ink, words) in words {
        for word in words {
            let rule = ConditionalFormatText::new()
                .set_rule(ConditionalFormatTextRule::BeginsWith((*word).to_string()))
                .set_format(Format::new().set_bold().set_font_color(color(ink)));
            sheet.add_conditional_format(1, column, rows, column, &rule)?;
        }
    }
    Ok(())
}

/// How the numbers of a column are shown: as many decimals as its largest one makes sense of. The cell holds all digits. Whole numbers,
/// and columns with very small ones such as p-values, are shown as they are.
fn number_format(table: &Table, column: usize) -> Format {
    let numbers = || {
        let cells = table.rows.iter().filter_map(|row| row.get(column));
        cells.filter_map(|cell| if let Cell::Number(value) = cell { Some(value.abs()) } else { None })
    };
    let largest = numbers().fold(0.0, f64::max);
    let small = numbers().any(|value| value > 0.0 && value < 0.01);
    let whole = numbers().all(|value| value.fract() == 0.0);
    Format::new().set_num_format(match largest {
        _ if whole || small => "General",
        1000.0.. => "0.0",
        10.0.. => "0.00",
        _ => "0.0000",
    })
}

/// Width for the longest of the first texts of a column, within reason.
fn width(table: &Table, column: usize, heading: &str) -> f64 {
    let length = |cell: &Cell| match cell {
        Cell::Text(text) => text.chars().count(),
        Cell::Number(value) => value.to_string().len().min(12),
        Cell::Empty => 0,
    };
    let cells = table.rows.iter().take(500).filter_map(|row| row.get(column)).map(length);
    let head = heading.chars().count() + 3;
    cells.max().unwrap_or(0).max(head).clamp(8, 60) as f64 + 1.5
}

/// A sheet's cell holds 32,767 characters at most.
fn cut(text: &str) -> String {
    const MOST: usize = 32_767;
    if text.chars().count() <= MOST { text.to_string() } else { text.chars().take(MOST - 1).chain(['…']).collect() }
}

fn read_me(sheet: &mut Worksheet, report: &StudyReport<'_>, tables: &[Table]) -> Result<(), XlsxError> {
    let (study, method) = (&report.protocol.assay.study, &report.protocol.assay.method);
    sheet.set_name("read-me")?;
    for (column, width) in [(0, 26.0), (1, 30.0), (2, 90.0)] {
        sheet.set_column_width(column, width)?;
    }
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    let title = Format::new().set_bold().set_font_size(14.0);
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let name = match report.protocol.trial {
        Some(_) => format!("{}: {}", study.id, study.title),
        None => report.plates.iter().map(|plate| plate.id.as_str()).collect::<Vec<_>>().join(", "),
    };
    sheet.write_string_with_format(0, 0, name, &title)?;
    let facts = [
        (
            "Data",
            if study.simulated { "SIMULATED: no real participant stands behind any number" } else { "measured" }.into(),
        ),
        (
            "Analyte",
            if study.analyte.is_empty() {
                format!("not said; concentrations in {}", study.unit)
            } else {
                format!("{}, in {}", study.analyte, study.unit)
            },
        ),
        ("Method", format!("{}, version {}", method.name, method.version)),
        ("Program", format!("{} {}", report.record.program, report.record.version)),
        ("Run", report.record.run_id.clone()),
        (
            "Arms",
            if report.protocol.trial.is_none() {
                "none: the plates belong to no trial"
            } else if report.comparison.is_some() {
                "opened: this is not a blinded file"
            } else {
                "not opened: this file is blinded"
            }
            .into(),
        ),
        ("Limits", "a value below the LLOQ or above the ULOQ is a text with its limit, never a number".into()),
    ];
    let mut row = 2;
    for (name, fact) in facts {
        sheet.write_string_with_format(row, 0, name, &bold)?;
        sheet.write_string(row, 1, fact)?;
        row += 1;
    }
    row += 1;
    for (column, name) in [(0, "sheet"), (1, "column"), (2, "meaning")] {
        sheet.write_string_with_format(row, column, name, &header())?;
    }
    for table in tables {
        row += 1;
        sheet.write_url(row, 0, format!("internal:'{}'!A1", table.name).as_str())?;
        sheet.write_string_with_format(row, 0, table.name, &bold)?;
        sheet.write_string_with_format(row, 2, table.about, &bold)?;
        for head in &table.columns {
            row += 1;
            sheet.write_string(row, 1, head.name)?;
            sheet.write_string_with_format(row, 2, head.meaning, &wrapped)?;
        }
    }
    row += 2;
    for (column, name) in [(0, "input file"), (1, "bytes"), (2, "SHA-256")] {
        sheet.write_string_with_format(row, column, name, &header())?;
    }
    for input in &report.record.inputs {
        row += 1;
        sheet.write_string(row, 0, &input.file)?;
        sheet.write_number(row, 1, input.bytes as f64)?;
        sheet.write_string(row, 2, &input.sha256)?;
    }
    Ok(())
}
