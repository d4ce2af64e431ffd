//! The files over several analytes. Each analyte's own results are written as those of a study of one.

use rayon::prelude::*;

use super::analytes::AnalytesReport;
use super::figure::Texts;
use super::outputs::{WrittenOutputs, table_file};
use super::table::ReportTable;
use super::table::analytes::tables;
use super::{ReportError, adam, figures, page};
use crate::files::OutputFile;
use crate::record::RUN_FILE;

/// The outputs over several analytes that are `written`, as files of one folder.
///
/// # Errors
/// When something cannot be made.
pub fn files_of_analytes(report: &AnalytesReport<'_>, written: WrittenOutputs) -> Result<Vec<OutputFile>, ReportError> {
    let tables = tables(report);
    let mut files: Vec<OutputFile> = tables.iter().map(table_file).collect::<Result<_, _>>()?;
    if written == WrittenOutputs::All {
        files.extend(for_people(report, &tables)?);
    }
    let mut record = serde_json::to_vec_pretty(report.record)?;
    record.push(b'\n');
    files.push(OutputFile { name: RUN_FILE.into(), bytes: record });
    Ok(files)
}

/// The page, its pictures, and the data set.
fn for_people(report: &AnalytesReport<'_>, tables: &[ReportTable]) -> Result<Vec<OutputFile>, ReportError> {
    let drawn = figures::of_analytes(report);
    let html = page::of_analytes(report, tables, &drawn);
    let mut files = vec![OutputFile { name: page::PAGE.into(), bytes: html.into_bytes() }];
    let adlb = adam::adlb::dataset_of_several(&report.over.records);
    if !adlb.rows.is_empty() {
        files.push(OutputFile { name: "adlb.json".into(), bytes: adam::dataset_json::write(&adlb, report.record)? });
        // Where a text does not fit the format, a warning says so.
        if let Ok(bytes) = adam::xport::write(&adlb, &report.record.started) {
            files.push(OutputFile { name: "adlb.xpt".into(), bytes });
        }
    }
    let pictures = drawn.par_iter().map(|named| {
        let file = |ending: &str, bytes| OutputFile { name: format!("figures/{}.{ending}", named.name), bytes };
        let svg = named.figure.svg_for_print(Texts::default()).into_bytes();
        Ok([file("svg", svg), file("png", named.figure.png_for_print()?)])
    });
    files.extend(pictures.collect::<Result<Vec<_>, ReportError>>()?.into_iter().flatten());
    Ok(files)
}
