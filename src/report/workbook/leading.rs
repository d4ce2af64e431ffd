//! The sheets around the tables: the first, which leads; what every column means; the files that were read.

use rust_xlsxwriter::{Format, FormatAlign, Worksheet, XlsxError};

use super::sheets::has_sheet;
use super::style::{color, header, print_set_up};
use crate::report::StudyReport;
use crate::report::audience::Audience;
use crate::report::table::ReportTable;

/// The first sheet: what the workbook is about, and each sheet with its rows, by whom it serves. Empty tables are named, and have no sheet, as
/// those that are too long for one.
pub(super) fn index(sheet: &mut Worksheet, report: &StudyReport<'_>, tables: &[ReportTable]) -> Result<(), XlsxError> {
    sheet.set_name("index")?;
    for (column, width) in [(0, 18.0), (1, 9.0), (2, 110.0)] {
        sheet.set_column_width(column, width)?;
    }
    print_set_up(sheet, report, "index")?;
    sheet.set_print_fit_to_pages(1, 0);
    let title = Format::new().set_bold().set_font_size(14.0);
    let bold = Format::new().set_bold();
    let about = Format::new().set_indent(1);
    sheet.write_string_with_format(0, 0, name(report), &title)?;
    let mut row = 2;
    for (name, fact) in facts(report) {
        sheet.write_string_with_format(row, 0, name, &bold)?;
        sheet.write_string(row, 1, fact)?;
        row += 1;
    }
    for audience in Audience::ALL {
        let of_audience: Vec<&ReportTable> = tables.iter().filter(|table| Audience::of(table) == audience).collect();
        if of_audience.is_empty() {
            continue;
        }
        row += 1;
        let heading = Format::new().set_bold().set_font_color(color(audience.ink())).set_font_size(12.0);
        sheet.write_string_with_format(row, 0, audience.words(), &heading)?;
        row += 1;
        for (column, name) in [(0, "sheet"), (1, "rows"), (2, "one row is")] {
            sheet.write_string_with_format(row, column, name, &header())?;
        }
        for table in of_audience {
            row += 1;
            if has_sheet(table) {
                sheet.write_url_with_text(row, 0, format!("internal:'{}'!A1", table.name).as_str(), table.name)?;
                sheet.write_number(row, 1, table.rows.len() as f64)?;
            } else {
                sheet.write_string(row, 0, table.name)?;
                sheet.write_string(row, 1, without_sheet(table))?;
            }
            sheet.write_string_with_format(row, 2, table.about, &about)?;
        }
        row += 1;
    }
    row += 1;
    for (name, about) in [
        ("columns", "what every column of every table means"),
        ("inputs", "the files that were read, with their SHA-256"),
    ] {
        sheet.write_url_with_text(row, 0, format!("internal:'{name}'!A1").as_str(), name)?;
        sheet.write_string(row, 2, about)?;
        row += 1;
    }
    Ok(())
}

/// Why a table has no sheet.
fn without_sheet(table: &ReportTable) -> String {
    match table.rows.len() {
        0 => "empty".into(),
        rows => format!("{rows} rows are more than a sheet holds: see {}.csv", table.name),
    }
}

fn name(report: &StudyReport<'_>) -> String {
    let study = &report.protocol.assay.study;
    match report.protocol.trial {
        Some(_) => format!("{}: {}", study.id, study.title),
        None => report.plates.iter().map(|plate| plate.id.as_str()).collect::<Vec<_>>().join(", "),
    }
}

/// What every reader has to know.
fn facts(report: &StudyReport<'_>) -> [(&'static str, String); 7] {
    let (study, method) = (&report.protocol.assay.study, &report.protocol.assay.method);
    let analyte = if study.analyte.is_empty() { "not said".into() } else { study.analyte.clone() };
    let arms = if report.protocol.trial.is_none() {
        "none: the plates belong to no trial"
    } else if report.comparison.is_some() {
        "opened: this is not a blinded file"
    } else {
        "not opened: this file is blinded"
    };
    let data = if study.simulated { "SIMULATED: no real participant stands behind any number" } else { "measured" };
    [
        ("Data", data.into()),
        ("Analyte", format!("{analyte}; concentrations in {}", study.unit)),
        ("Method", format!("{}, version {}", method.name, method.version)),
        ("Program", format!("{} {}", report.record.program, report.record.version)),
        ("Run", report.record.run_id.clone()),
        ("Arms", arms.into()),
        ("Limits", "a value below the LLOQ or above the ULOQ is a text with its limit, never a number".into()),
    ]
}

/// What every column of every table means, empty tables included: their files have the columns too.
pub(super) fn columns(
    sheet: &mut Worksheet,
    report: &StudyReport<'_>,
    tables: &[ReportTable],
) -> Result<(), XlsxError> {
    sheet.set_name("columns")?;
    for (column, width) in [(0, 18.0), (1, 34.0), (2, 100.0)] {
        sheet.set_column_width(column, width)?;
    }
    print_set_up(sheet, report, "columns")?;
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (column, name) in [(0, "table"), (1, "column"), (2, "meaning")] {
        sheet.write_string_with_format(0, column, name, &header())?;
    }
    let mut row = 0;
    for table in tables {
        row += 1;
        sheet.write_string_with_format(row, 0, table.name, &bold)?;
        sheet.write_string_with_format(row, 2, table.about, &bold)?;
        for head in &table.columns {
            row += 1;
            sheet.write_string(row, 0, table.name)?;
            sheet.write_string(row, 1, head.heading(&report.protocol.assay.study.unit))?;
            sheet.write_string_with_format(row, 2, head.meaning.as_ref(), &wrapped)?;
        }
    }
    Ok(())
}

/// The files that were read.
pub(super) fn inputs(sheet: &mut Worksheet, report: &StudyReport<'_>) -> Result<(), XlsxError> {
    sheet.set_name("inputs")?;
    for (column, width) in [(0, 40.0), (1, 12.0), (2, 70.0)] {
        sheet.set_column_width(column, width)?;
    }
    print_set_up(sheet, report, "inputs")?;
    sheet.set_print_fit_to_pages(1, 0);
    for (column, name) in [(0, "input file"), (1, "bytes"), (2, "SHA-256")] {
        sheet.write_string_with_format(0, column, name, &header())?;
    }
    for (row, input) in (1..).zip(&report.record.inputs) {
        sheet.write_string(row, 0, &input.file)?;
        sheet.write_number(row, 1, input.bytes as f64)?;
        sheet.write_string(row, 2, &input.sha256)?;
    }
    Ok(())
}
