//! What there is to look at of each plate, as hashes: a review names it, and is out of date when it is no longer that.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use crate::files::{InputFile, sha256};
use crate::plate::SampleList;
use crate::protocol::{Assay, PlateEntry};
use crate::qc::JudgedPlate;
use crate::record::{Decisions, LookedAt};

/// What a study declares and holds, beside its plates, by what is asked of it for each.
pub(super) struct Sources<'a> {
    /// The entries of the plates in `study.toml`, by id.
    entries: BTreeMap<&'a str, &'a PlateEntry>,
    /// The laboratory's half of `study.toml`, as it is written there, without its plates. Its title and who may review change no number.
    method: Map<String, Value>,
    /// The hashes of the files that were read, by name.
    hashes: BTreeMap<&'a str, &'a str>,
    /// The list of samples.
    samples: &'a SampleList,
    /// The log of decisions.
    decisions: &'a Decisions,
}

impl<'a> Sources<'a> {
    /// Of what is declared, the files that were read, the list of samples and the log of decisions.
    pub(super) fn new(
        declared: &'a Assay,
        inputs: &'a [InputFile],
        samples: &'a SampleList,
        decisions: &'a Decisions,
    ) -> Self {
        let mut method = Map::new();
        if let Ok(Value::Object(sections)) = serde_json::to_value(declared) {
            method = sections;
            method.remove("review");
            let unit = method.get("study").and_then(|study| study.get("unit")).cloned();
            method.insert("study".into(), unit.unwrap_or_default());
            method.insert("plates".into(), Value::Null);
        }
        // The first of two of one name, as everywhere.
        let entries = declared.plates.iter().rev().map(|entry| (entry.id.as_str(), entry)).collect();
        let hashes = inputs.iter().rev().map(|input| (input.file.as_str(), input.sha256.as_str())).collect();
        Self { entries, method, hashes, samples, decisions }
    }

    /// What there is to look at of a plate.
    pub(super) fn looked_at(&self, plate: &JudgedPlate) -> LookedAt {
        let entry = self.entries.get(plate.id.as_str());
        LookedAt {
            export: entry.and_then(|entry| self.hash_of(&entry.export)).unwrap_or_default(),
            format: entry.and_then(|entry| self.hash_of(entry.format_file()?)),
            layout: entry.and_then(|entry| self.hash_of(entry.layout_file()?)),
            method: self.method(&plate.id),
            samples: self.samples(plate),
            exclusions: self.exclusions(&plate.id),
            results: json_hash(plate),
        }
    }

    fn hash_of(&self, path: &Path) -> Option<String> {
        self.hashes.get(InputFile::new(path, b"").file.as_str()).map(ToString::to_string)
    }

    /// The method, and of the plates this one: another is looked at by itself.
    fn method(&self, plate: &str) -> String {
        let entry = self.entries.get(plate).map(|entry| serde_json::to_value(entry).unwrap_or_default());
        let mut declared = self.method.clone();
        declared.insert("plates".into(), entry.into_iter().collect());
        json_hash(&declared)
    }

    fn samples(&self, plate: &JudgedPlate) -> String {
        let measured = plate.concentrations.iter().flat_map(|found| &found.samples);
        let names: BTreeSet<&str> = measured.chain(&plate.lost).map(|group| group.name.as_str()).collect();
        let rows: Vec<String> = names
            .into_iter()
            .filter_map(|name| self.samples.get(name))
            .map(|sample| {
                let purpose = format!("{:?}", sample.purpose);
                let of =
                    (&sample.id, purpose, &sample.subject, &sample.visit, &sample.matrix, sample.day, sample.dilution);
                let row = serde_json::to_string(&of).unwrap_or_default();
                // A list that says nothing of it leaves the reviews of earlier versions in date.
                let storage = (!sample.storage.is_unknown()).then(|| serde_json::to_string(&sample.storage));
                storage.map_or_else(|| row.clone(), |storage| format!("{row}{}", storage.unwrap_or_default()))
            })
            .collect();
        sha256(rows.join("\n").as_bytes())
    }

    fn exclusions(&self, plate: &str) -> String {
        let of_plate = self.decisions.exclusions_of(plate);
        let lines: Vec<String> =
            of_plate.map(|(_, decision)| serde_json::to_string(decision).unwrap_or_default()).collect();
        sha256(lines.join("\n").as_bytes())
    }
}

fn json_hash(value: &impl serde::Serialize) -> String {
    sha256(serde_json::to_string(value).unwrap_or_default().as_bytes())
}
