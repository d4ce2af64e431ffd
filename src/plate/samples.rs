//! The list of samples: which subject, visit and matrix a sample on a plate is of.

use crate::sheet::Location;

/// One sample, as `samples.csv` declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Its name on the plates.
    pub id: String,
    /// The subject that it was taken from.
    pub subject: String,
    /// The visit at which it was taken.
    pub visit: String,
    /// Serum, plasma and its anticoagulant, …
    pub matrix: Option<String>,
    /// Dilution factor, where the layouts do not say it.
    pub dilution: Option<f64>,
    /// Where it is declared.
    pub location: Location,
}

/// All samples, in the order of the list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SampleList {
    samples: Vec<Sample>,
}

impl SampleList {
    /// The list of these samples.
    pub fn new(samples: Vec<Sample>) -> Self {
        Self { samples }
    }

    /// The sample of that name.
    pub fn get(&self, id: &str) -> Option<&Sample> {
        self.samples.iter().find(|sample| sample.id == id)
    }

    /// All samples, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter()
    }
}
