//! What a simulation declares: the trial, the assay, the laboratory and its mishaps. Read from TOML; whatever is left out is
//! as in the trial that comes with the project.

use jiff::civil::DateTime;

use crate::curve::{Model, Parameters, Variance};
use crate::plate::WellPosition;

/// A whole simulation, as declared.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert_eq!(protocol.arms.iter().map(|arm| arm.participants).sum::<usize>(), 114);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Protocol {
    /// What is simulated.
    pub study: Study,
    /// Who takes part.
    pub participants: Participants,
    /// The arms.
    pub arms: Vec<Arm>,
    /// The visits, by week; the first is the baseline, the last the end point.
    pub visits: Vec<Visit>,
    /// How much analyte the participants have.
    pub concentration: Concentration,
    /// What the kit brings.
    pub kit: Kit,
    /// The curve of a plate.
    pub curve: Curve,
    /// The noise of responses.
    pub noise: Noise,
    /// The reader.
    pub reader: Reader,
    /// How the laboratory dilutes and repeats.
    pub laboratory: Laboratory,
    /// The plates, in the order in which they are run.
    pub plates: Vec<Plate>,
    /// What goes wrong.
    pub mishaps: Mishaps,
}

/// `[study]`: what is simulated.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert_eq!(protocol.study.paramcd, "CCL17");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// Identifier of the study.
    pub id: String,
    /// Title; has to say that it is simulated.
    pub title: String,
    /// The analyte in words.
    pub analyte: String,
    /// CDISC's PARAMCD of the analyte.
    pub paramcd: String,
    /// Unit of all concentrations.
    pub unit: String,
    /// Name of the assay method.
    pub method: String,
    /// What the samples are.
    pub matrix: String,
}

/// `[participants]`: who takes part.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!((0.0..1.0).contains(&protocol.participants.dropout));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Participants {
    /// Number of sites; a participant is called by site and number, as `103-007`.
    pub sites: usize,
    /// Participants of one block of the randomisation: arms are balanced in each, in random order.
    pub block: usize,
    /// Probability of a participant to be gone by the visits after the baseline.
    pub dropout: f64,
    /// Participants who are called otherwise.
    pub named: Vec<Named>,
}

/// A participant with a name out of the usual scheme.
///
/// ```
/// let named = platewise::simulate::protocol::Named { number: 2, id: "106-001".into() };
/// assert_eq!(named.number, 2);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// The number of enrolment, from 1.
    pub number: usize,
    /// The name.
    pub id: String,
}

/// `[[arm]]`: one arm.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.arms.iter().all(|arm| arm.ratios.len() + 1 == protocol.visits.len()));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// How many participants it has.
    pub participants: usize,
    /// Geometric mean of visit / baseline, for each visit after the baseline.
    pub ratios: Vec<f64>,
}

/// `[[visit]]`: one visit.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert_eq!(protocol.visits[0].week, 0);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Its name.
    pub name: String,
    /// Its week.
    pub week: u32,
    /// What the names of its samples end in, after the participant's.
    pub code: String,
}

/// `[concentration]`: log-normal concentrations, equally correlated between the visits of a participant.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.concentration.geometric_mean > 0.0);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Concentration {
    /// Geometric mean at baseline, in all arms.
    pub geometric_mean: f64,
    /// Standard deviation of the natural logarithm, between participants, at each visit.
    pub log_sd: f64,
    /// Correlation of the logarithms of two visits of one participant, in [0, 1].
    pub correlation: f64,
}

/// `[kit]`: what the kit brings.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert_eq!(protocol.kit.standards.len(), 8);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Kit {
    /// Concentrations of the standards, highest first; each is in duplicate, in columns 1 and 2, from row A on. 0 is the
    /// zero standard.
    pub standards: Vec<f64>,
    /// The controls, each in duplicate before the first and after the last sample of a plate.
    pub controls: Vec<Control>,
}

/// One control of the kit.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.kit.controls.iter().all(|control| control.concentration > 0.0));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Its level, such as `low`.
    pub level: String,
    /// Its concentration.
    pub concentration: f64,
}

/// `[curve]`: the curve of a typical plate, and how plates differ.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.curve.d > protocol.curve.a, "absorbance rises with the concentration");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// The family: `4pl`, `5pl` or `5plm`.
    pub model: Model,
    /// Response at zero concentration.
    pub a: f64,
    /// Response at infinite concentration.
    pub d: f64,
    /// Mid-point concentration.
    pub c: f64,
    /// Slope.
    pub b: f64,
    /// Asymmetry of the five-parameter families; 1 in the 4PL.
    pub g: f64,
    /// Standard deviation, between plates, of the natural logarithm of each parameter.
    pub between_plates: BetweenPlates,
}

/// `[curve.between_plates]`: standard deviation of the natural logarithm of each parameter.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.curve.between_plates.c >= 0.0);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BetweenPlates {
    /// Of a.
    pub a: f64,
    /// Of d.
    pub d: f64,
    /// Of c.
    pub c: f64,
    /// Of b.
    pub b: f64,
}

/// `[noise]`: normal noise of a response, SD = size · mean^exponent.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.noise.sd(1.0) > 0.0);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Noise {
    /// The variance model: `constant` (exponent 0), `proportional` (½), `squared` (1) or `power`.
    pub variance: Variance,
    /// SD of a response whose mean is 1; with `squared` the CV.
    pub size: f64,
    /// The exponent of `power`, and only then.
    pub exponent: Option<f64>,
}

/// `[reader]`: the reader. Optical densities are those of the assay on top of the plate's own.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.reader.read_nm < protocol.reader.reference_nm);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Reader {
    /// Wavelength of the assay's colour, in nm.
    pub read_nm: u32,
    /// Wavelength at which only the plate is seen, in nm.
    pub reference_nm: u32,
    /// Optical density of an empty well, at both wavelengths.
    pub empty_od: f64,
    /// Its standard deviation, between wells and between the wavelengths of an empty well.
    pub empty_sd: f64,
    /// Highest optical density that it can read; above it writes a word instead of a number.
    pub maximum_od: f64,
    /// Decimals that it writes.
    pub decimals: u32,
}

/// `[laboratory]`: how the laboratory dilutes and repeats.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.laboratory.rerun_dilution > protocol.laboratory.dilution);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Laboratory {
    /// Dilution factor of every sample; also the least that the matrix needs, so that a sample below the range stays there.
    pub dilution: f64,
    /// Dilution factor of samples above the range when they are run again.
    pub rerun_dilution: f64,
    /// A sample is diluted further when a replicate is above this share of the highest standard.
    pub rerun_above: f64,
    /// Replicates whose concentrations have a CV above this, in percent, are run again.
    pub replicate_cv_percent: f64,
}

/// What a plate is for.
///
/// ```
/// use platewise::simulate::Protocol;
/// use platewise::simulate::protocol::Purpose;
///
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.plates.iter().any(|plate| matches!(plate.purpose(), Purpose::Repeat(_))));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// Samples that were not run before.
    First,
    /// The samples of a plate that was rejected, again.
    Repeat(&'a str),
    /// Samples without a usable result, again.
    Rerun,
}

/// `[[plate]]`: one plate.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(!protocol.plates[0].id.is_empty());
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plate {
    /// Its name in the study.
    pub id: String,
    /// Its export; plates with the same one are written into one file.
    pub export: String,
    /// The format of the export.
    pub format: Format,
    /// Its layout. Plates with the same one are sheets of one workbook.
    pub layout: String,
    /// How the layout is written.
    pub layout_form: LayoutForm,
    /// Whether the layout leaves the dilutions to `samples.csv`.
    pub dilutions_in_samples: bool,
    /// Lot of the kit.
    pub kit_lot: String,
    /// When it is read.
    pub read_at: DateTime,
    /// The plate whose samples it repeats.
    pub repeats: Option<String>,
    /// Whether it holds samples that have to be run again.
    pub reruns: bool,
}

impl Plate {
    /// What the plate is for.
    pub fn purpose(&self) -> Purpose<'_> {
        match &self.repeats {
            Some(repeated) => Purpose::Repeat(repeated),
            None if self.reruns => Purpose::Rerun,
            None => Purpose::First,
        }
    }

    /// A plate like this one, of that number, with files of its own.
    pub(super) fn numbered(&self, number: usize) -> Self {
        let id = format!("P{number:04}");
        let own = |path: &str| match path.rsplit_once('/').zip(path.rsplit_once('.')) {
            Some(((folder, _), (_, extension))) => format!("{folder}/{id}.{extension}"),
            None => id.clone(),
        };
        Self { export: own(&self.export), layout: own(&self.layout), id, ..self.clone() }
    }
}

/// Formats in which plates are written.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.plates.iter().all(|plate| !plate.format.saturated().is_empty()));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// SoftMax Pro, text.
    SoftmaxText,
    /// Gen5, text.
    Gen5Text,
    /// Gen5, workbook.
    Gen5Workbook,
    /// A workbook of grids.
    GridWorkbook,
}

impl Format {
    /// What the reader's software writes for a well above what it can measure.
    pub fn saturated(self) -> &'static str {
        match self {
            Self::SoftmaxText => "#SAT",
            Self::Gen5Text | Self::Gen5Workbook => "OVRFLW",
            Self::GridWorkbook => "OVER",
        }
    }

    /// What it writes for a well that was not measured.
    pub fn missing(self) -> &'static str {
        match self {
            Self::Gen5Text | Self::Gen5Workbook => "MISSED",
            Self::SoftmaxText | Self::GridWorkbook => "",
        }
    }
}

/// Forms in which layouts are written.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// let first = protocol.plates[0].layout_form;
/// assert!(protocol.plates.iter().any(|plate| plate.layout_form != first), "layouts come in several forms");
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LayoutForm {
    /// Plate-shaped grids, in a text file.
    Grids,
    /// Plate-shaped grids, in a sheet of a workbook.
    Sheet,
    /// One line per well.
    Long,
}

/// `[mishaps]`: what goes wrong, and where; nothing that is not named.
///
/// ```
/// use platewise::simulate::Protocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = Protocol::from_toml("", "protocol.toml")?;
/// assert!(protocol.mishaps.exchanged.iter().all(|mishap| mishap.standards[0] != mishap.standards[1]));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mishaps {
    /// Wells that were not washed: the colour runs over what the reader can measure.
    pub unwashed: Vec<WellMishap>,
    /// Wells that the reader missed.
    pub missed: Vec<WellMishap>,
    /// Wells that got another volume of sample than they should.
    pub volume: Vec<VolumeMishap>,
    /// Plates on which two standards were exchanged.
    pub exchanged: Vec<ExchangeMishap>,
}

/// A mishap of one well.
///
/// ```
/// use platewise::simulate::protocol::WellMishap;
/// let unwashed = WellMishap { plate: "P01".into(), well: "C5".parse()? };
/// assert_eq!(unwashed.well.to_string(), "C05");
/// # Ok::<(), platewise::plate::well::NotAWell>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WellMishap {
    /// The plate.
    pub plate: String,
    /// The well.
    pub well: WellPosition,
}

/// A well with another volume of sample.
///
/// ```
/// use platewise::simulate::protocol::VolumeMishap;
/// let half = VolumeMishap { plate: "P01".into(), well: "C5".parse()?, factor: 0.5 };
/// assert!(half.factor < 1.0);
/// # Ok::<(), platewise::plate::well::NotAWell>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct VolumeMishap {
    /// The plate.
    pub plate: String,
    /// The well.
    pub well: WellPosition,
    /// How many times as much sample.
    pub factor: f64,
}

/// Two standards that were exchanged.
///
/// ```
/// let exchanged = platewise::simulate::protocol::ExchangeMishap { plate: "P04".into(), standards: [1000.0, 500.0] };
/// assert_eq!(exchanged.standards, [1000.0, 500.0]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeMishap {
    /// The plate.
    pub plate: String,
    /// Their nominal concentrations.
    pub standards: [f64; 2],
}

impl Curve {
    /// The parameters of a typical plate.
    pub fn typical(&self) -> Parameters {
        Parameters { a: self.a, d: self.d, c: self.c, b: self.b, g: self.g }
    }
}

impl Noise {
    /// The standard deviation of a response with that mean.
    pub fn sd(&self, mean: f64) -> f64 {
        let exponent = match self.variance {
            Variance::Constant => 0.0,
            Variance::Proportional => 0.5,
            Variance::Squared => 1.0,
            Variance::Power => self.exponent.unwrap_or(1.0),
        };
        self.size * libm::pow(mean.abs(), exponent)
    }
}
