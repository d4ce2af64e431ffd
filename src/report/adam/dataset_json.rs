//! Dataset-JSON 1.1 (CDISC, 2024-12-05): metadata, then the rows as arrays in the order of the columns.
//!
//! Missing values are `null`; an empty text does not occur. Numbers are `double`. OIDs are built from names, so that they stay the
//! same from run to run. Checked with Python's jsonschema against the constraints of the published schema, typed in from its text
//! (`schema/dataset.schema.json` of github.com/cdisc-org/DataExchange-DatasetJson, commit 4770ce6, which has the field names of
//! version 1.1): no error.

use serde::Serialize;
use serde_json::Value;

use super::{Dataset, VariableKind};
use crate::record::{AnalytesRecord, RunRecord};
use crate::report::table::Cell;

/// The file. Fields stand in the order of the specification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonDataset<'a> {
    #[serde(rename = "datasetJSONCreationDateTime")]
    created: &'a str,
    #[serde(rename = "datasetJSONVersion")]
    version: &'static str,
    #[serde(rename = "fileOID")]
    file_oid: String,
    source_system: SourceSystem,
    #[serde(rename = "studyOID")]
    study_oid: &'a str,
    #[serde(rename = "itemGroupOID")]
    item_group_oid: String,
    records: usize,
    name: &'static str,
    label: &'static str,
    columns: Vec<JsonColumn>,
    rows: Vec<Vec<Value>>,
}

#[derive(Serialize)]
struct SourceSystem {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonColumn {
    #[serde(rename = "itemOID")]
    item_oid: String,
    name: String,
    label: String,
    data_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_sequence: Option<u8>,
}

/// Of which study, by which program and run a dataset is.
///
/// ```
/// use platewise::record::AnalytesRecord;
/// use platewise::report::adam::dataset_json::DatasetSource;
///
/// let record = AnalytesRecord::new("S", Vec::new(), Vec::new(), "2026-11-30T12:00:00Z".into());
/// assert_eq!((DatasetSource::from(&record).study, DatasetSource::from(&record).program), ("S", "platewise"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct DatasetSource<'a> {
    /// The study.
    pub study: &'a str,
    /// The run.
    pub run_id: &'a str,
    /// When that started.
    pub started: &'a str,
    /// The program.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
}

impl<'a> From<&'a RunRecord> for DatasetSource<'a> {
    fn from(run: &'a RunRecord) -> Self {
        let RunRecord { run_id, started, program, version, .. } = run;
        Self { study: &run.protocol.assay().study.id, run_id, started, program, version }
    }
}

impl<'a> From<&'a AnalytesRecord> for DatasetSource<'a> {
    fn from(run: &'a AnalytesRecord) -> Self {
        let AnalytesRecord { study, run_id, started, program, version, .. } = run;
        Self { study, run_id, started, program, version }
    }
}

/// Writes the dataset.
///
/// # Errors
/// Only when the library that writes JSON fails, which it does not into memory.
pub fn write<'a>(dataset: &Dataset, source: impl Into<DatasetSource<'a>>) -> Result<Vec<u8>, serde_json::Error> {
    let DatasetSource { study, run_id, started, program, version } = source.into();
    let file = JsonDataset {
        created: started,
        version: "1.1.0",
        file_oid: format!("{study}.{}.{}", dataset.name, run_id),
        source_system: SourceSystem { name: program, version },
        study_oid: study,
        item_group_oid: format!("IG.{}", dataset.name),
        records: dataset.rows.len(),
        name: dataset.name,
        label: dataset.label,
        columns: columns(dataset),
        rows: dataset.rows.iter().map(|row| row.iter().map(value).collect()).collect(),
    };
    let mut bytes = serde_json::to_vec(&file)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn columns(dataset: &Dataset) -> Vec<JsonColumn> {
    let heads = dataset.variables.iter().enumerate();
    heads
        .map(|(at, head)| JsonColumn {
            item_oid: format!("IT.{}.{}", dataset.name, head.name),
            name: head.name.to_string(),
            label: head.label.to_string(),
            data_type: match head.kind {
                VariableKind::Text => "string",
                VariableKind::Number => "double",
                VariableKind::Integer => "integer",
            },
            length: head.kind.is_text().then(|| dataset.length(at)),
            key_sequence: head.key,
        })
        .collect()
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => text.as_str().into(),
        // A whole number is written as one: 3, not 3.0.
        Cell::Number(number) if number.fract() == 0.0 && number.abs() < 9e15 => (*number as i64).into(),
        Cell::Number(number) => (*number).into(),
    }
}
