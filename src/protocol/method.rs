//! `[method]`: how the assay is evaluated.

use serde::Serialize;

use super::criteria::Criteria;
use super::range::{POSITIVE, positive};
use super::section::Section;
use crate::curve::{Blank, Model, Variance, VarianceFrom};
use crate::sheet::{Problem, Problems};

/// `[method]`: how the assay is evaluated.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!((protocol.assay.method.read_nm, protocol.assay.method.reference_nm), (Some(450.0), Some(570.0)));
/// assert_eq!((protocol.assay.method.lloq, protocol.assay.method.uloq), (Some(31.25), Some(2000.0)));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct MethodSettings {
    /// Name of the assay method.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The preset of acceptance criteria that `[acceptance]` begins with.
    pub criteria: Criteria,
    /// Wavelength of the read that is analysed, in nm; `None` when the exports hold one raw read only.
    pub read_nm: Option<f64>,
    /// Wavelength that is subtracted from it, in nm.
    pub reference_nm: Option<f64>,
    /// Label of the grid that is analysed instead of a raw read: values that the reader's software computed, such as
    /// blank-corrected ones; `None`: raw readings, as everywhere unless the study says this.
    pub derived: Option<String>,
    /// The curve.
    pub model: Model,
    /// How the variance of a response depends on its mean.
    pub variance: Variance,
    /// Where that mean is taken from.
    pub variance_from: VarianceFrom,
    /// Where the exponent of [`Variance::Power`] comes from.
    pub exponent_from: ExponentFrom,
    /// That exponent, θ of variance ∝ mean^(2θ), where it is known before a plate is fitted: stated, or pooled over the plates.
    pub exponent: Option<f64>,
    /// What is done with the blank wells.
    pub blank: Blank,
    /// How replicates become one value.
    pub replicates: Replicates,
    /// Level of every interval, such as 0.95.
    pub confidence: f64,
    /// Lower limit of quantification fixed by the method; `None`: the lowest standard that passes.
    pub lloq: Option<f64>,
    /// Upper limit of quantification fixed by the method; `None`: the highest standard that passes.
    pub uloq: Option<f64>,
}

/// Where the exponent of [`Variance::Power`] comes from.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// // Asked only where variance = "power".
/// assert_eq!(protocol.assay.method.exponent_from, platewise::protocol::ExponentFrom::Study);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExponentFrom {
    /// Pooled over the plates of the study by restricted likelihood. One plate says little about it: a 95 % interval of ±0.5
    /// is usual.
    Study,
    /// Estimated from each plate.
    Plate,
    /// Stated by the method, from earlier plates.
    Method,
}

/// How replicate wells become one value.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!(protocol.assay.method.replicates, platewise::protocol::Replicates::MeanOfConcentrations);
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replicates {
    /// Each well is read from the curve; the concentrations are averaged.
    MeanOfConcentrations,
    /// The responses are averaged; the mean is read from the curve.
    ConcentrationOfMeanResponse,
}

pub(super) const WAVELENGTH: &str = "a wavelength in nm from 200 to 1100";

pub(super) fn wavelength(number: f64) -> bool {
    (200.0..=1100.0).contains(&number)
}

/// `variance_exponent`: `"study"`, `"plate"` or a number.
fn exponent(section: &mut Section<'_>, variance: Variance, problems: &mut Problems) -> (ExponentFrom, Option<f64>) {
    const KEY: &str = "variance_exponent";
    if section.holds(KEY) && variance != Variance::Power {
        section.know(&[KEY]);
        let found = "variance_exponent is for variance = \"power\" only";
        problems.push(Problem::new(section.line_of(KEY), found).advice("Remove it, or choose variance = \"power\""));
        return (ExponentFrom::Study, None);
    }
    match section.text_of(KEY) {
        Some("plate") => (ExponentFrom::Plate, None),
        Some("study") => (ExponentFrom::Study, None),
        _ => {
            let expected = "\"study\", \"plate\" or a number from 0 to 2";
            let stated = section.number(KEY, expected, |theta| (0.0..=2.0).contains(&theta), problems);
            (if stated.is_some() { ExponentFrom::Method } else { ExponentFrom::Study }, stated)
        }
    }
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> MethodSettings {
    let mut settings = MethodSettings {
        name: section.required_text("name", problems),
        version: section.required_text("version", problems),
        criteria: section.choice("criteria", &Criteria::CHOICES, problems),
        read_nm: section.number("read", WAVELENGTH, wavelength, problems),
        reference_nm: section.number("reference", WAVELENGTH, wavelength, problems),
        derived: section.text("derived", problems),
        model: section.choice(
            "model",
            &[("4pl", Model::FourParameter), ("5pl", Model::FiveParameter), ("5plm", Model::FiveParameterMirror)],
            problems,
        ),
        variance: section.choice(
            "variance",
            &[
                ("squared", Variance::Squared),
                ("constant", Variance::Constant),
                ("proportional", Variance::Proportional),
                ("power", Variance::Power),
            ],
            problems,
        ),
        variance_from: section.choice(
            "variance_from",
            &[("fitted", VarianceFrom::Fitted), ("observed", VarianceFrom::Observed)],
            problems,
        ),
        exponent_from: ExponentFrom::Study,
        exponent: None,
        blank: section.choice(
            "blank",
            &[
                ("ignore", Blank::Ignore),
                ("include", Blank::Include),
                ("subtract", Blank::Subtract),
                ("constrain", Blank::Constrain),
            ],
            problems,
        ),
        replicates: section.choice(
            "replicates",
            &[
                ("mean-of-concentrations", Replicates::MeanOfConcentrations),
                ("concentration-of-mean-response", Replicates::ConcentrationOfMeanResponse),
            ],
            problems,
        ),
        confidence: section
            .number(
                "confidence",
                "a level between 0.5 and 1, such as 0.95",
                |level| level > 0.5 && level < 1.0,
                problems,
            )
            .unwrap_or(0.95),
        lloq: section.number("lloq", POSITIVE, positive, problems),
        uloq: section.number("uloq", POSITIVE, positive, problems),
    };
    (settings.exponent_from, settings.exponent) = exponent(&mut section, settings.variance, problems);
    if settings.derived.is_some()
        && let Some(key) = ["read", "reference"].into_iter().find(|key| section.holds(key))
    {
        problems.push(
            Problem::new(section.line_of("derived"), format!("derived and {key} are both given"))
                .expected("either the label of a derived grid, or wavelengths of raw reads")
                .advice("Remove 'derived' to have raw readings analysed; remove 'read' and 'reference' otherwise"),
        );
    } else if settings.reference_nm.is_some() && settings.read_nm.is_none() {
        problems.push(
            Problem::new(section.line_of("reference"), "a reference wavelength without a read")
                .expected("read = the wavelength that is analysed, beside it"),
        );
    }
    if let (Some(lloq), Some(uloq)) = (settings.lloq, settings.uloq)
        && lloq >= uloq
    {
        let found = format!("lloq = {lloq} is not below uloq = {uloq}");
        problems.push(Problem::new(section.line_of("lloq"), found).advice("Exchange the two, or mend the units"));
    }
    section.finish(problems);
    settings
}
