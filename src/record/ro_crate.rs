//! `ro-crate-metadata.json`: what an archive of a study holds, for programs that know nothing of platewise: which program made which
//! files of which others, and when (RO-Crate 1.3, <https://w3id.org/ro/crate/1.3>; Process Run Crate 0.6,
//! <https://w3id.org/ro/wfrun/process/0.6>).

use serde_json::{Value, json};

use super::earlier_run::EarlierRun;
use crate::files::{OutputFile, sha256};
use crate::protocol::StudySettings;

/// The name of the description in an archive.
pub const CRATE_FILE: &str = "ro-crate-metadata.json";

/// What of the files of an archive is what.
///
/// ```
/// let nothing = platewise::record::CrateFiles { inputs: &[], outputs: &[], others: &[] };
/// assert!(nothing.inputs.is_empty());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct CrateFiles<'a> {
    /// What the run read.
    pub inputs: &'a [OutputFile],
    /// What it made.
    pub outputs: &'a [OutputFile],
    /// What stands beside it: signatures, who may sign, the record of openings.
    pub others: &'a [OutputFile],
}

/// Describes an archive of the study.
///
/// # Errors
/// Only when JSON cannot be written.
pub fn describe(
    study: &StudySettings,
    run: &EarlierRun,
    files: CrateFiles<'_>,
) -> Result<OutputFile, serde_json::Error> {
    let all = || files.inputs.iter().chain(files.outputs).chain(files.others);
    let ids =
        |files: &[OutputFile]| -> Vec<Value> { files.iter().map(|file| json!({"@id": id(&file.name)})).collect() };
    let simulated = if study.simulated { " All of its data are simulated." } else { "" };
    let about = format!(
        "Plate-reader exports, layouts, decisions and signatures of the study {}, and what platewise {} made of them.{simulated}",
        study.id, run.version
    );
    let title = if study.title.is_empty() { &study.id } else { &study.title };
    let program = format!("https://crates.io/crates/platewise/{}", run.version);
    let mut graph = vec![
        json!({"@id": CRATE_FILE, "@type": "CreativeWork", "about": {"@id": "./"},
               "conformsTo": {"@id": "https://w3id.org/ro/crate/1.3"}}),
        json!({"@id": "./", "@type": "Dataset", "name": title, "description": about, "datePublished": run.started,
               "license": {"@id": "#licence"}, "conformsTo": {"@id": "https://w3id.org/ro/wfrun/process/0.6"},
               "hasPart": all().map(|file| json!({"@id": id(&file.name)})).collect::<Vec<_>>(), "mentions": {"@id": "#run"}}),
        json!({"@id": "#licence", "@type": "CreativeWork", "name": "No licence",
               "description": "The study says nothing of a licence: its owner is to be asked before it is used."}),
        json!({"@id": "https://w3id.org/ro/wfrun/process/0.6", "@type": ["CreativeWork", "Profile"],
               "name": "Process Run Crate", "version": "0.6"}),
        json!({"@id": program, "@type": "SoftwareApplication", "name": "platewise", "version": run.version, "softwareVersion": run.version,
               "url": "https://crates.io/crates/platewise"}),
        json!({"@id": "#run", "@type": "CreateAction", "name": format!("platewise {} on the study {}", run.version, study.id),
               "description": "Standard curves, concentrations and verdicts of every plate, and what follows from them",
               "instrument": {"@id": program}, "startTime": run.started, "object": ids(files.inputs),
               "result": ids(files.outputs), "actionStatus": {"@id": "http://schema.org/CompletedActionStatus"}}),
    ];
    graph.extend(all().map(|file| {
        json!({"@id": id(&file.name), "@type": "File", "name": file.name, "contentSize": file.bytes.len().to_string(),
               "encodingFormat": format_of(&file.name), "sha256": sha256(&file.bytes)})
    }));
    let mut bytes =
        serde_json::to_vec_pretty(&json!({"@context": "https://w3id.org/ro/crate/1.3/context", "@graph": graph}))?;
    bytes.push(b'\n');
    Ok(OutputFile { name: CRATE_FILE.into(), bytes })
}

/// A name as a relative address (RFC 3986): everything but letters, digits and a few signs by its bytes.
fn id(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn format_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_lowercase().as_str() {
        "csv" => "text/csv",
        "json" | "jsonl" => "application/json",
        "html" => "text/html",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xls" => "application/vnd.ms-excel",
        "xml" => "application/xml",
        "rtf" => "application/rtf",
        "toml" => "application/toml",
        "txt" | "asc" | "tsv" | "sha256" => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_becomes_an_address() {
        assert_eq!(super::id("exports/Plate 1 (ü).txt"), "exports/Plate%201%20%28%C3%BC%29.txt");
    }
}
