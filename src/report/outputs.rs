//! All outputs of a study, made one after another: whoever takes them can have each on the disk before the next is made.

use rayon::prelude::*;

use super::figure_files::{PictureFormats, pictures};
use super::figures::{self, NamedFigure};
use super::plate_files::StudyPlateFiles;
use super::study_figures::StudyFigures;
use super::{ReportError, StudyReport, adam, csv, page, rtf, table, workbook};
use crate::files::{OutputFile, TakeFiles};
use crate::record::RUN_FILE;

/// The table of concentrations as it is written into `concentrations.csv`. It depends on nothing that is known of the arms.
///
/// # Errors
/// Only when the library that writes CSV fails, which it does not into memory.
pub fn concentrations(report: &StudyReport<'_>) -> Result<Vec<u8>, ReportError> {
    let table = table::concentrations(report);
    csv::write(&table).map_err(|cause| ReportError::Csv { table: table.name, cause })
}

/// The page, the workbook and the record of the run: for plates that belong to no study. Of more plates than one page holds each has a
/// page of its own.
///
/// # Errors
/// When something cannot be made.
pub fn page_and_workbook(report: &StudyReport<'_>) -> Result<Vec<OutputFile>, ReportError> {
    let tables = table::tables(report);
    let stems = figures::plate_stems(report);
    let plates = StudyPlateFiles::new(report, &stems);
    let figures = StudyFigures::of(report);
    let page = page::write(report, &stems, &tables, figures.shown(plates.figures()));
    let mut files = vec![page.into(), workbook(report, &tables)?, run_record(report)?];
    files.extend(plates.pages(&tables));
    Ok(files)
}

/// Which outputs of a study are written.
///
/// ```
/// assert_eq!(platewise::report::WrittenOutputs::default(), platewise::report::WrittenOutputs::All);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WrittenOutputs {
    /// All of them.
    #[default]
    All,
    /// The tables as CSV, and the record of the run: what programs read. Pages, workbook, pictures and data sets take most of the time.
    Tables,
}

/// Makes the outputs of a study that are `written`, as files of one folder, and gives them to `take` in their order.
///
/// Pictures are drawn side by side: rendering them is what takes the time. `drawn` is told after each how many there are. `blinded`
/// is the report without anything of the arms, where `report` has them: the laboratory's page is of that.
///
/// # Errors
/// When something cannot be made, or `take` refuses it.
pub fn write_outputs<E: From<ReportError> + Send>(
    report: &StudyReport<'_>,
    blinded: Option<&StudyReport<'_>>,
    written: WrittenOutputs,
    drawn: &(dyn Fn(usize) + Sync),
    take: TakeFiles<'_, E>,
) -> Result<(), E> {
    if written == WrittenOutputs::Tables {
        write_tables_alone(report, take)?;
        return take(&[run_record(report)?]);
    }
    let tables = table::tables(report);
    // The workbook is written from top to bottom, which one thread does while others draw.
    let (workbook, others) =
        rayon::join(|| workbook(report, &tables), || write_beside_workbook(report, blinded, &tables, drawn, take));
    others?;
    take(&[workbook?])
}

/// Pages, tables, pictures, data sets and the record.
fn write_beside_workbook<E: From<ReportError> + Send>(
    report: &StudyReport<'_>,
    blinded: Option<&StudyReport<'_>>,
    tables: &[table::ReportTable],
    drawn: &(dyn Fn(usize) + Sync),
    take: TakeFiles<'_, E>,
) -> Result<(), E> {
    let stems = figures::plate_stems(report);
    let plates = StudyPlateFiles::new(report, &stems);
    let figures = StudyFigures::of(report);
    let shown = figures.shown(plates.figures());
    let (page, laboratory) = rayon::join(
        || page::write(report, &stems, tables, shown),
        || blinded.map(|blinded| laboratory_page(blinded, &stems, shown)),
    );
    take(&[page.into()])?;
    take(laboratory.as_slice())?;
    write_tables(tables, take)?;
    let of_study = StudyFigures::for_print(report);
    let of_study: Vec<(&NamedFigure, PictureFormats)> =
        of_study.as_ref().unwrap_or(&figures).all().map(|figure| (figure, PictureFormats::OF_STUDY)).collect();
    let count = plates.pictures() + of_study.len();
    let drawn = || drawn(count);
    plates.write(tables, &drawn, take)?;
    let of_study = of_study.par_iter().map(|(figure, written)| pictures(report, figure, *written, &drawn));
    take(&of_study.collect::<Result<Vec<_>, _>>()?.concat())?;
    let rest = [data_sets(report)?, vec![run_record(report)?]].concat();
    let names: Vec<&str> = rest.iter().map(|file| file.name.as_str()).collect();
    let beside = page::FolderContents { tables, figures: shown, stems: &stems, rest: &names };
    let start = page::start(report, &beside).into();
    take(&rest)?;
    take(&[start])
}

/// Tables written side by side that are held until they are taken.
const TABLES_TOGETHER: usize = 4;

fn write_tables<E: From<ReportError> + Send>(tables: &[table::ReportTable], take: TakeFiles<'_, E>) -> Result<(), E> {
    for some in tables.chunks(TABLES_TOGETHER) {
        take(&some.par_iter().map(table_file).collect::<Result<Vec<_>, ReportError>>()?)?;
    }
    Ok(())
}

/// The tables where nothing else is made of them: each is gone before the next are made.
fn write_tables_alone<E: From<ReportError> + Send>(report: &StudyReport<'_>, take: TakeFiles<'_, E>) -> Result<(), E> {
    for some in table::of_plates().chunks(rayon::current_num_threads().clamp(1, TABLES_TOGETHER)) {
        let made = some.par_iter().map(|maker| table_file_of(table::made(*maker, report)));
        take(&made.collect::<Result<Vec<_>, ReportError>>()?)?;
    }
    write_tables(&table::of_arms(report), take)
}

fn workbook(report: &StudyReport<'_>, tables: &[table::ReportTable]) -> Result<OutputFile, ReportError> {
    Ok(OutputFile { name: "results.xlsx".into(), bytes: workbook::write(report, tables)? })
}

pub(super) fn table_file(table: &table::ReportTable) -> Result<OutputFile, ReportError> {
    csv_file(table.name, csv::write(table))
}

/// The same of a table whose rows are gone once they are written.
fn table_file_of(table: table::ReportTable) -> Result<OutputFile, ReportError> {
    csv_file(table.name, csv::write_rows(&table.columns, table.rows))
}

fn csv_file(table: &'static str, written: Result<Vec<u8>, ::csv::Error>) -> Result<OutputFile, ReportError> {
    let bytes = written.map_err(|cause| ReportError::Csv { table, cause })?;
    Ok(OutputFile { name: format!("{table}.csv"), bytes })
}

/// What programs of statistics and word processors read, where the arms were compared.
fn data_sets(report: &StudyReport<'_>) -> Result<Vec<OutputFile>, ReportError> {
    let mut files = Vec::new();
    if let Some(comparison) = report.comparison {
        let datasets = adam::datasets(comparison);
        for dataset in &datasets {
            let file = dataset.file();
            let bytes = adam::dataset_json::write(dataset, report.record)?;
            files.push(OutputFile { name: format!("{file}.json"), bytes });
            // Where it cannot be written, a warning of the report says why.
            if let Ok(bytes) = adam::xport::write(dataset, &report.record.started) {
                files.push(OutputFile { name: format!("{file}.xpt"), bytes });
            }
        }
        files.push(OutputFile { name: "define.xml".into(), bytes: adam::define::write(report, &datasets) });
        files.push(OutputFile { name: "tables.rtf".into(), bytes: rtf::write(report, comparison) });
    }
    Ok(files)
}

fn run_record(report: &StudyReport<'_>) -> Result<OutputFile, ReportError> {
    let mut bytes = serde_json::to_vec_pretty(report.record)?;
    bytes.push(b'\n');
    Ok(OutputFile { name: RUN_FILE.into(), bytes })
}

/// The page of a study without the arms, beside the whole one. Pages of single plates hold nothing of the arms, and serve both.
fn laboratory_page(blinded: &StudyReport<'_>, stems: &[String], shown: page::PageFigures<'_>) -> OutputFile {
    let page = page::write(blinded, stems, &table::tables(blinded), shown.without_arms());
    OutputFile { name: "laboratory.html".into(), bytes: page.html.into_bytes() }
}
