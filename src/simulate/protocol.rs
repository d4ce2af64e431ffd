//! What a simulation declares: the trial, the assay, the laboratory and its mishaps. Read from TOML; whatever is left out is
//! as in the trial that comes with the project.

mod assay;
mod mishaps;
mod plates;

pub use assay::{BetweenPlates, Control, Kit, LaboratoryPractice, Noise, SimulatedCurve, SimulatedReader};
pub use mishaps::{ExchangeMishap, Mishaps, VolumeMishap, WellMishap};
pub use plates::{ExportFormat, LayoutForm, PlannedPlate, PlatePurpose};

/// A whole simulation, as declared.
///
/// ```
/// use platewise::simulate::SimulationProtocol;
///
/// // What an empty file declares is the trial that comes with the program.
/// let protocol = SimulationProtocol::from_toml("", "protocol.toml")?;
/// assert_eq!(protocol.arms.iter().map(|arm| arm.participants).sum::<usize>(), 114);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationProtocol {
    /// What is simulated.
    pub study: SimulatedStudy,
    /// Who takes part.
    pub participants: Enrolment,
    /// The arms.
    pub arms: Vec<SimulatedArm>,
    /// The visits, by week; the first is the baseline, the last the end point.
    pub visits: Vec<SimulatedVisit>,
    /// How much analyte the participants have.
    pub concentration: Concentration,
    /// What the kit brings.
    pub kit: Kit,
    /// The curve of a plate.
    pub curve: SimulatedCurve,
    /// The noise of responses.
    pub noise: Noise,
    /// The reader.
    pub reader: SimulatedReader,
    /// How the laboratory dilutes and repeats.
    pub laboratory: LaboratoryPractice,
    /// The plates, in the order in which they are run.
    pub plates: Vec<PlannedPlate>,
    /// What goes wrong.
    pub mishaps: Mishaps,
}

/// `[study]`: what is simulated.
///
/// See [`SimulationProtocol`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedStudy {
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
/// See [`SimulationProtocol`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrolment {
    /// Number of sites; a participant is called by site and number, as `103-007`.
    pub sites: usize,
    /// Participants of one block of the randomisation: arms are balanced in each, in random order.
    pub block: usize,
    /// Probability of a participant to be gone by the visits after the baseline.
    pub dropout: f64,
    /// Participants who are called otherwise.
    pub named: Vec<NamedParticipant>,
}

/// A participant with a name out of the usual scheme.
///
/// See [`SimulationProtocol`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedParticipant {
    /// The number of enrolment, from 1.
    pub number: usize,
    /// The name.
    pub id: String,
}

/// `[[arm]]`: one arm.
///
/// See [`SimulationProtocol`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedArm {
    /// Its name.
    pub name: String,
    /// How many participants it has.
    pub participants: usize,
    /// Geometric mean of visit / baseline, for each visit after the baseline.
    pub ratios: Vec<f64>,
}

/// `[[visit]]`: one visit.
///
/// See [`SimulationProtocol`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedVisit {
    /// Its name.
    pub name: String,
    /// Its week.
    pub week: u32,
    /// What the names of its samples end in, after the participant's.
    pub code: String,
}

/// `[concentration]`: log-normal concentrations, equally correlated between the visits of a participant.
///
/// See [`SimulationProtocol`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Concentration {
    /// Geometric mean at baseline, in all arms.
    pub geometric_mean: f64,
    /// Standard deviation of the natural logarithm, between participants, at each visit.
    pub log_sd: f64,
    /// Correlation of the logarithms of two visits of one participant, in [0, 1].
    pub correlation: f64,
}
