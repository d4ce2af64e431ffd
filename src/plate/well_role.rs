//! What a well holds, and where that is said.

use serde::Serialize;

use crate::sheet::Location;

/// What a well holds.
///
/// ```
/// use platewise::plate::WellRole;
///
/// let role = WellRole::Sample { id: "P-301".into(), dilution: Some(10.0) };
/// assert_eq!(role.name(), "sample");
/// assert_eq!(serde_json::to_string(&role)?, r#"{"role":"sample","id":"P-301","dilution":10.0}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "lowercase", tag = "role")]
pub enum WellRole {
    /// A calibrator of known concentration; 0 is the zero standard.
    Standard {
        /// Nominal concentration, in the unit of the study.
        concentration: f64,
    },
    /// A quality control.
    Control {
        /// Its level, such as `low`.
        level: String,
        /// Nominal concentration, in the unit of the study, as it is in the undiluted control; `None` of one that is watched from
        /// plate to plate and not judged.
        nominal: Option<f64>,
        /// Dilution factor, ≥ 1.
        dilution: f64,
    },
    /// Everything but the analyte.
    Blank,
    /// A sample of the study.
    Sample {
        /// The name that `samples.csv` explains.
        id: String,
        /// Dilution factor, ≥ 1: 10 means one part in ten. `None` where `samples.csv` has to say it.
        dilution: Option<f64>,
    },
    /// Nothing.
    Unused,
}

impl WellRole {
    /// The role in one word, as layouts write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Standard { .. } => "standard",
            Self::Control { .. } => "control",
            Self::Blank => "blank",
            Self::Sample { .. } => "sample",
            Self::Unused => "unused",
        }
    }
}

/// A well of a layout, with the place where it is declared.
///
/// ```
/// use platewise::plate::{Layout, WellRole};
/// use platewise::protocol::Assay;
/// use platewise::sheet::Book;
///
/// let assay = Assay::parse("[study]\nunit = 'pg/mL'\n[method]\nname = 'M'\nversion = '1'\n")?;
/// let text = b"well,role,sample,concentration,dilution\nA1,standard,,2000,\nB1,sample,P-301,,10\n";
/// let layout = Layout::read(&Book::from_bytes(text, "layout.csv")?.sheets[0], &assay)?;
/// let well = &layout.wells[&"A1".parse()?];
/// assert_eq!(well.role, WellRole::Standard { concentration: 2000.0 });
/// assert!(well.location.to_string().starts_with("layout.csv, line 2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LayoutWell {
    /// What it holds.
    pub role: WellRole,
    /// Where that is declared.
    pub location: Location,
}
