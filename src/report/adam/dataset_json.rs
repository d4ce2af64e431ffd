//! Dataset-JSON 1.1 (CDISC, 2024-12-05): metadata, then the rows as arrays in the order of the columns.
//!
//! Missing values are `null`; an empty text does not occur. Numbers are `double`. OIDs are built from names, so that they stay the
//! same from run to run. Checked with Python's jsonschema against the constraints of the published schema, typed in from its text
//! (`schema/dataset.schema.json` of github.com/cdisc-org/DataExchange-DatasetJson, commit 4770ce6, which has the field names of
//! version 1.1): no error.

use serde::Serialize;
use serde_json::Value;

use super::{CREATED, DATASET, LABEL, VARIABLES};
use crate::record::RunRecord;
use crate::report::table::Cell;
use crate::study::AnalysisRecord;

/// The file. Fields stand in the order of the specification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dataset<'a> {
    #[serde(rename = "datasetJSONCreationDateTime")]
    created: &'static str,
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
    columns: Vec<Column>,
    rows: Vec<Vec<Value>>,
}

#[derive(Serialize)]
struct SourceSystem {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Column {
    #[serde(rename = "itemOID")]
    item_oid: String,
    name: &'static str,
    label: &'static str,
    data_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_sequence: Option<u8>,
}

/// Writes the dataset.
///
/// # Errors
/// Only when the library that writes JSON fails, which it does not into memory.
pub fn write(records: &[AnalysisRecord], run: &RunRecord) -> Result<Vec<u8>, serde_json::Error> {
    let study = &run.protocol.assay().study.id;
    let dataset = Dataset {
        created: CREATED,
        version: "1.1.0",
        file_oid: format!("{study}.{DATASET}.{}", run.run_id),
        source_system: SourceSystem { name: run.program, version: run.version },
        study_oid: study,
        item_group_oid: format!("IG.{DATASET}"),
        records: records.len(),
        name: DATASET,
        label: LABEL,
        columns: columns(records),
        rows: records
            .iter()
            .map(|record| VARIABLES.iter().map(|variable| value((variable.value)(record))).collect())
            .collect(),
    };
    let mut bytes = serde_json::to_vec(&dataset)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn columns(records: &[AnalysisRecord]) -> Vec<Column> {
    let longest = |of: fn(&AnalysisRecord) -> Cell| {
        let length = |record: &AnalysisRecord| match of(record) {
            Cell::Text(text) => text.chars().count(),
            _ => 0,
        };
        records.iter().map(length).max().unwrap_or(0).max(1)
    };
    VARIABLES
        .iter()
        .map(|variable| Column {
            item_oid: format!("IT.{DATASET}.{}", variable.name),
            name: variable.name,
            label: variable.label,
            data_type: if variable.numeric { "double" } else { "string" },
            length: (!variable.numeric).then(|| longest(variable.value)),
            key_sequence: variable.key,
        })
        .collect()
}

fn value(cell: Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => text.into(),
        Cell::Number(number) => number.into(),
    }
}
