//! What was declared, for whoever shows it: of a study all of it, of plates that belong to no trial the laboratory's part.

use serde::Serialize;

use super::{AnalysisSettings, Assay, Protocol, ReportSettings, Trial, Visit};

/// What a report shows of what was declared.
///
/// ```
/// use platewise::protocol::{Assay, Declarations};
///
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n")?;
/// let declared = Declarations::from(&assay);
/// assert!(declared.trial.is_none() && declared.visits().is_empty());
/// let study = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!(Declarations::from(&study).visits().len(), 2);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Declarations<'a> {
    /// What the laboratory declares.
    pub assay: &'a Assay,
    /// What the trial declares, where the plates belong to one.
    pub trial: Option<&'a Trial>,
    /// How the results are shown.
    pub report: ReportSettings,
}

impl<'a> Declarations<'a> {
    /// The visits, by week; none where there is no trial.
    pub fn visits(&self) -> &'a [Visit] {
        self.trial.map_or(&[], |trial| &trial.visits)
    }

    /// How the arms are compared; `None` where there is no trial.
    pub fn analysis(&self) -> Option<&'a AnalysisSettings> {
        self.trial.map(|trial| &trial.analysis)
    }
}

impl<'a> From<&'a Protocol> for Declarations<'a> {
    fn from(protocol: &'a Protocol) -> Self {
        Self { assay: &protocol.assay, trial: Some(&protocol.trial), report: protocol.report }
    }
}

impl<'a> From<&'a Assay> for Declarations<'a> {
    fn from(assay: &'a Assay) -> Self {
        Self { assay, trial: None, report: ReportSettings::default() }
    }
}

/// The settings of a run, as they are recorded: those of a whole study, or of plates that belong to no trial.
///
/// ```
/// use platewise::protocol::{Assay, Settings};
///
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n")?;
/// let recorded = serde_json::to_value(Settings::from(&assay)).unwrap();
/// assert_eq!((recorded["method"]["name"].as_str(), recorded.get("visits")), (Some("M"), None));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Settings {
    /// Of a study.
    Study(Box<Protocol>),
    /// Of plates without a trial.
    Plates(Box<Assay>),
}

impl Settings {
    /// What the laboratory declares.
    pub fn assay(&self) -> &Assay {
        match self {
            Self::Study(protocol) => &protocol.assay,
            Self::Plates(assay) => assay,
        }
    }
}

impl From<&Protocol> for Settings {
    fn from(protocol: &Protocol) -> Self {
        Self::Study(Box::new(protocol.clone()))
    }
}

impl From<&Assay> for Settings {
    fn from(assay: &Assay) -> Self {
        Self::Plates(Box::new(assay.clone()))
    }
}
