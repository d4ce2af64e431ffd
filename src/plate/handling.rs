//! How the samples of a plate were kept until it was read, and whether its kit was still in date: what the list of samples and
//! `study.toml` say of it, joined to the day on which the plate was read.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::acquisition::Acquisition;
use super::samples::{Purpose, SampleList};
use super::storage::{Age, Storage};
use crate::protocol::PlateEntry;
use crate::sheet::{Code, Day, Location, Problem, WrittenDate};

/// When a plate was read, until when its kit may be used, and how its samples were kept.
///
/// ```
/// use platewise::plate::Handling;
/// use platewise::sheet::WrittenDate;
///
/// // Of plates that belong to no study nothing is declared; the day of the reading is that of the export.
/// let handling = Handling { read_on: WrittenDate::read("6/12/2026"), ..Handling::default() };
/// assert!(handling.is_undeclared());
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Handling {
    /// The last day on which the kit may be used, as `study.toml` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kit_expiry: Option<Day>,
    /// The day on which the plate was read, where `study.toml` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared_read_on: Option<Day>,
    /// The same, or else the day that the export says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_on: Option<WrittenDate>,
    /// Every sample of the study on the plate, with what the list says of it.
    pub samples: BTreeMap<String, Storage>,
}

impl Handling {
    /// Joins what the study declares of a plate to what its export says, for the samples on it.
    ///
    /// # Errors
    /// Where the study says that the plate was read on a day that the date in its export cannot mean.
    pub(super) fn of<'a>(
        entry: &PlateEntry,
        acquisition: &Acquisition,
        on_plate: impl Iterator<Item = &'a str>,
        list: &SampleList,
        export: &Location,
    ) -> Result<Self, Problem> {
        let stated = acquisition.date.as_deref().and_then(WrittenDate::read);
        if let (Some(declared), Some(stated)) = (entry.read_on, &stated)
            && !stated.days().contains(&declared)
        {
            let found = format!("the export says that the plate was read on {stated}, study.toml says {declared}");
            return Err(Problem::new(Code::new("read-on-another-day"), export.clone(), found)
                .expected("one day")
                .advice("Remove read_on, or find out whether this is the export of that plate"));
        }
        let names: BTreeSet<&str> = on_plate.collect();
        let study = names.into_iter().filter_map(|name| list.get(name));
        let samples = study
            .filter(|sample| sample.purpose == Purpose::Study)
            .map(|sample| (sample.id.clone(), sample.storage.clone()))
            .collect();
        Ok(Self {
            kit_expiry: entry.kit_expiry,
            declared_read_on: entry.read_on,
            read_on: entry.read_on.map(WrittenDate::from).or(stated),
            samples,
        })
    }

    /// Whether neither the study nor the list of samples says anything that the export does not.
    pub fn is_undeclared(&self) -> bool {
        self.kit_expiry.is_none() && self.declared_read_on.is_none() && !self.says_of_samples()
    }

    /// Whether the list says of any sample how it was kept.
    pub fn says_of_samples(&self) -> bool {
        !self.samples.values().all(Storage::is_unknown)
    }

    /// The age of a sample when the plate was read.
    pub fn age(&self, sample: &str) -> Option<Age> {
        self.samples.get(sample)?.age(self.read_on.as_ref())
    }
}
