//! What an export holds: plates, and the reads of each, every value with the cell it comes from.

use std::collections::BTreeMap;
use std::sync::Arc;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::acquisition::Acquisition;
use super::reading::Reading;
use super::well::{PlateSize, WellPosition};
use crate::sheet::{Location, Place, Problem};

/// How the wells were measured.
///
/// See [`Export`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Mode {
    /// Optical density.
    Absorbance,
    /// Fluorescence intensity, also time-resolved.
    Fluorescence,
    /// Luminescence.
    Luminescence,
    /// AlphaScreen and AlphaLISA.
    Alpha,
    /// The file does not say.
    Unknown,
}

/// One read of a plate: a value, or the reason for none, for each of its wells.
///
/// See [`Export`] for an example.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PlateRead {
    /// How it was measured.
    pub mode: Mode,
    /// Measured wavelength, for fluorescence the emission, in nm; `None` where the file does not say.
    pub wavelength_nm: Option<f64>,
    /// The wavelength that the file's settings state without saying for which read, where this is the only one, in nm.
    pub stated_nm: Option<f64>,
    /// Reference wavelength that the reader has already subtracted, in nm.
    pub reference_nm: Option<f64>,
    /// Excitation wavelength, in nm.
    pub excitation_nm: Option<f64>,
    /// What the file calls the read.
    pub label: String,
    /// The unit that the file states.
    pub unit: Option<String>,
    /// Whether the reader's software computed it (blank-corrected, reduced, a concentration) instead of measuring it.
    pub derived: bool,
    /// rows × columns readings.
    pub wells: Array2<Reading>,
    /// The file of the values, as the user named it.
    pub file: Arc<str>,
    /// The sheet of the values.
    pub sheet: Option<Arc<str>>,
    /// rows × columns places of the values; [`Place::Whole`] where a well is not in the file.
    pub places: Array2<Place>,
}

impl PlateRead {
    /// The read in a few words: `450 nm`, or its label where the file does not say the wavelength.
    pub fn short_name(&self) -> String {
        match (self.excitation_nm, self.wavelength_nm) {
            (Some(excitation), Some(emission)) => format!("{excitation}/{emission} nm"),
            (None, Some(wavelength)) => format!("{wavelength} nm"),
            _ => self.label.clone(),
        }
    }

    /// The reading of a well; `None` off the plate.
    pub fn reading(&self, well: WellPosition) -> Option<&Reading> {
        self.wells.get((well.row.into(), well.column.into()))
    }

    /// The cell of a well.
    pub fn location(&self, well: WellPosition) -> Location {
        let place = self.places.get((well.row.into(), well.column.into())).copied().unwrap_or(Place::Whole);
        Location { file: self.file.clone(), sheet: self.sheet.clone(), place }
    }
}

/// What the file says of the content of a well. Kept word for word; roles of a study come from its layout.
///
/// See [`Export`] for an example.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExportedSample {
    /// Name of the sample.
    pub name: Option<String>,
    /// `standard`, `control`, `blank`, `sample` or `unused`, where the file's codes say so.
    pub role: Option<String>,
    /// The group that the file puts it in.
    pub group: Option<String>,
    /// Concentration, as a number of `concentration_unit`.
    pub concentration: Option<f64>,
    /// Unit of the concentration.
    pub concentration_unit: Option<String>,
    /// Dilution as the file writes it: factor or fraction is not decided here.
    pub dilution: Option<f64>,
    /// Whether the reader's software has masked the well.
    pub masked: bool,
}

/// One plate of an export.
///
/// See [`Export`] for an example.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportedPlate {
    /// Barcode or number, where the file has one.
    pub id: Option<String>,
    /// Name of the plate; the sheet's name where the file holds only a grid.
    pub name: Option<String>,
    /// Its size.
    pub size: PlateSize,
    /// When, on which reader and by whom it was read, as far as the file says it.
    pub acquisition: Acquisition,
    /// Its reads, in the order of the file.
    pub reads: Vec<PlateRead>,
    /// What the file says of the wells' content.
    pub samples: BTreeMap<WellPosition, ExportedSample>,
    /// A read of this plate that is no end point: named, not read.
    pub other: Option<OtherRead>,
    /// Where the plate begins in the file.
    pub location: Location,
}

/// A read of a plate that is no end point: a kinetic read, a spectrum, a scan, pictures.
///
/// See [`Export`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherRead {
    /// What it is.
    pub kind: ExportKind,
    /// How the wells were measured.
    pub mode: Mode,
    /// The size of the plate, where the file says it: a read that is not read shows no wells to tell it from.
    pub size: Option<PlateSize>,
}

/// A sample of the file whose plate the file does not say.
///
/// See [`Export`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleWithoutPlate {
    /// Its well.
    pub well: WellPosition,
    /// The plate that the file names, if it names one that is not in it.
    pub plate: Option<String>,
    /// What the file says of it.
    pub sample: ExportedSample,
}

/// What a file is, read as a reader's export.
///
/// See [`Export`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExportKind {
    /// End-point reads of plates.
    Endpoint,
    /// Reads over time.
    Kinetic,
    /// Reads over wavelengths.
    Spectrum,
    /// Reads over places of a well.
    AreaScan,
    /// Reads over places of a well, as SoftMax Pro names it.
    WellScan,
    /// Pictures of wells.
    Image,
    /// A layout without any reading.
    LayoutOnly,
    /// A file of a known format that is damaged.
    Malformed,
    /// Another kind of assay.
    NotSupported,
}

/// One thing found in an export and what was made of it, for `inspect --verbose`.
///
/// See [`Export`] for an example.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExportBlock {
    /// Where it begins.
    pub location: Location,
    /// How many rows it has.
    pub rows: usize,
    /// What it is, in the file's words.
    pub what: String,
    /// What was made of it.
    pub made: String,
}

/// A whole export, read.
///
/// ```
/// use platewise::plate::formats;
/// use platewise::sheet::Book;
///
/// let book = Book::from_bytes(b"450 nm\n,1,2\nA,0.1,OVRFLW\nB,0.3,\n", "plate.csv")?;
/// let (export, _) = formats::examine(&book, None)?;
/// assert_eq!((export.format.as_str(), export.plates.len()), ("plain grid", 1));
/// assert!(export.warnings.is_empty());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Export {
    /// The file, as the user named it.
    pub file: Arc<str>,
    /// The format that it was recognised as.
    pub format: String,
    /// What kind of read it holds.
    pub kind: ExportKind,
    /// Its plates, in the order of the file.
    pub plates: Vec<ExportedPlate>,
    /// Samples that belong to none of the plates.
    pub samples_without_plate: Vec<SampleWithoutPlate>,
    /// What a user should know and what did not stop the reading.
    pub warnings: Vec<Problem>,
    /// Everything that was found, with what was made of it.
    pub blocks: Vec<ExportBlock>,
}
