//! `run.json`: with which program, settings and inputs a result was made.

use serde::Serialize;

use super::chain::LogHead;
use super::opening::Opening;
use crate::files::{InputFile, sha256};
use crate::plate::AssayPlate;
use crate::protocol::Settings;
use crate::sheet::{Day, WrittenDate};

/// The name of the record in a results folder.
pub const RUN_FILE: &str = "run.json";

/// The record of a run. Everything but `started` and `arms_opened` depends on the inputs alone.
///
/// ```
/// use platewise::record::RunRecord;
///
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// let record = |started: &str| RunRecord::new(&protocol, Vec::new(), false, started.into());
/// let (one, other) = (record("2026-11-22T12:00:00Z"), record("2026-11-23T12:00:00Z"));
/// assert_eq!(one.run_id, other.run_id, "the same inputs are the same run, whatever the day");
/// assert!(one.criteria.starts_with("criteria of method TARC ELISA version 1"));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct RunRecord {
    /// The program.
    pub program: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The first 16 digits of the SHA-256 of version, protocol and inputs: the same inputs have the same run id.
    pub run_id: String,
    /// When the run started, in UTC. Beside `arms_opened` the only field that differs between two
    /// runs on the same inputs.
    pub started: String,
    /// Whether the list of arms was opened.
    pub unblinded: bool,
    /// SHA-256 of `concentrations.csv`.
    pub concentrations_sha256: String,
    /// Every opening of the list of arms since the results folder was first written, this run's last.
    pub arms_opened: Vec<Opening>,
    /// How far the log of decisions had grown: the number of its lines, and the hash of the last.
    pub decisions: LogHead,
    /// How far it had grown by earlier runs where it is no longer that log: lines that were cut, edited or written anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions_lost: Vec<LogHead>,
    /// The statements in `signatures/` that were there, and are shown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<String>,
    /// The criteria of the verdicts: method, preset, and every limit that the study overrides.
    pub criteria: String,
    /// Who read each plate, when and on which reader, as its export says it, and its kit.
    pub readings: Vec<PlateReading>,
    /// The settings, with every default filled in.
    pub protocol: Settings,
    /// Every file that was read, by name.
    pub inputs: Vec<InputFile>,
}

/// Who read a plate, when and on which reader; on which day that was; with which kit. What nothing says is left out.
///
/// ```
/// use platewise::plate::{AssayPlate, PlateSize};
/// use platewise::record::PlateReading;
///
/// let mut plate = AssayPlate::of_wells("P01", PlateSize::WELLS_96, Vec::new());
/// plate.acquisition.serial = Some("1402191".into());
/// let reading = serde_json::to_string(&PlateReading::of(&plate))?;
/// assert_eq!(reading, r#"{"plate":"P01","reader_serial":"1402191"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct PlateReading {
    /// The plate.
    pub plate: String,
    /// Date and time, word for word as the export has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_at: Option<String>,
    /// The day, by `study.toml` or the export, with every day that the export's date may mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_on: Option<WrittenDate>,
    /// Who read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The reader.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader: Option<String>,
    /// Its serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader_serial: Option<String>,
    /// Version of its software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reader_software: Option<String>,
    /// Lot of the kit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kit_lot: Option<String>,
    /// The last day on which that kit may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kit_expiry: Option<Day>,
}

impl PlateReading {
    /// What is known of the reading of a plate.
    pub fn of(plate: &AssayPlate) -> Self {
        let (said, handling) = (&plate.acquisition, &plate.handling);
        Self {
            plate: plate.id.clone(),
            read_at: said.moment(),
            read_on: handling.read_on.clone(),
            operator: said.operator.clone(),
            reader: said.reader.clone(),
            reader_serial: said.serial.clone(),
            reader_software: said.software.clone(),
            kit_lot: plate.kit_lot.clone(),
            kit_expiry: handling.kit_expiry,
        }
    }
}

impl RunRecord {
    /// The same with the readings of these plates.
    #[must_use]
    pub fn of_plates<'a>(self, plates: impl Iterator<Item = &'a AssayPlate>) -> Self {
        Self { readings: plates.map(PlateReading::of).collect(), ..self }
    }

    /// A record of the run on `inputs`, which began at `started`.
    pub fn new(settings: impl Into<Settings>, mut inputs: Vec<InputFile>, unblinded: bool, started: String) -> Self {
        inputs.sort();
        inputs.dedup();
        let version = env!("CARGO_PKG_VERSION");
        let protocol = settings.into();
        let settings = serde_json::to_string(&protocol).unwrap_or_default();
        let files: String = inputs.iter().map(|input| format!("{}\n{}\n", input.file, input.sha256)).collect();
        let run_id = sha256(format!("{version}\n{settings}\n{files}").as_bytes()).chars().take(16).collect();
        let criteria = protocol.assay().criteria_words();
        Self {
            program: "platewise",
            version,
            run_id,
            started,
            unblinded,
            criteria,
            concentrations_sha256: String::new(),
            arms_opened: Vec::new(),
            decisions: LogHead::default(),
            decisions_lost: Vec::new(),
            signatures: Vec::new(),
            readings: Vec::new(),
            protocol,
            inputs,
        }
    }
}

/// The time now, in UTC to the second, as ISO 8601; where the environment says `SOURCE_DATE_EPOCH`, seconds since 1970, that time, so
/// that a run can be made again byte for byte.
pub fn now() -> String {
    let said = std::env::var("SOURCE_DATE_EPOCH").ok();
    moment(said.as_deref()).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The time now where the program runs, with the time zone: when somebody decided or signed.
pub fn moment_here() -> String {
    jiff::ZonedDateTime::now().strftime("%Y-%m-%dT%H:%M:%S%:z[%Q]").to_string()
}

/// The moment that is said in seconds since 1970, or now.
fn moment(said: Option<&str>) -> jiff::Timestamp {
    let seconds = said.and_then(|text| text.trim().parse::<i64>().ok());
    seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()).unwrap_or_else(jiff::Timestamp::now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_said_is_taken() {
        assert_eq!(moment(Some("1700000000")).to_string(), "2023-11-14T22:13:20Z");
        let now = jiff::Timestamp::now();
        for said in [None, Some("yesterday"), Some("")] {
            assert!(moment(said) >= now, "{said:?}");
        }
    }
}
