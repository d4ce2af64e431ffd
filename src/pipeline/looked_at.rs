//! What there is to look at of each plate, as hashes: a review names it, and is out of date when it is no longer that.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::files::{InputFile, sha256};
use crate::plate::SampleList;
use crate::protocol::Assay;
use crate::qc::JudgedPlate;
use crate::record::{Decisions, LookedAt};

/// What a study declares and holds, beside its plates.
pub(super) struct Sources<'a> {
    /// The laboratory's half of `study.toml`, as it is written there.
    pub(super) declared: &'a Assay,
    /// The files that were read.
    pub(super) inputs: &'a [InputFile],
    /// The list of samples.
    pub(super) samples: &'a SampleList,
    /// The log of decisions.
    pub(super) decisions: &'a Decisions,
}

impl Sources<'_> {
    /// What there is to look at of a plate.
    pub(super) fn looked_at(&self, plate: &JudgedPlate) -> LookedAt {
        let entry = self.declared.plates.iter().find(|entry| entry.id == plate.id);
        LookedAt {
            export: entry.and_then(|entry| self.hash_of(&entry.export)).unwrap_or_default(),
            layout: entry.and_then(|entry| self.hash_of(entry.layout_file()?)),
            method: self.method(&plate.id),
            samples: self.samples(plate),
            exclusions: self.exclusions(&plate.id),
            results: json_hash(plate),
        }
    }

    fn hash_of(&self, path: &Path) -> Option<String> {
        let name = InputFile::new(path, b"").file;
        self.inputs.iter().find(|input| input.file == name).map(|input| input.sha256.clone())
    }

    /// The study's title and who may review change no number; another plate is looked at by itself.
    fn method(&self, plate: &str) -> String {
        let mut declared = serde_json::to_value(self.declared).unwrap_or_default();
        if let Some(sections) = declared.as_object_mut() {
            sections.remove("review");
            let unit = sections.get("study").and_then(|study| study.get("unit")).cloned();
            sections.insert("study".into(), unit.unwrap_or_default());
            if let Some(Value::Array(plates)) = sections.get_mut("plates") {
                plates.retain(|entry| entry.get("id").and_then(Value::as_str) == Some(plate));
            }
        }
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
