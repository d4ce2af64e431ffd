//! `[method]`: how the assay is evaluated.

use serde::Serialize;

use super::criteria::Criteria;
use super::range::{POSITIVE, positive};
use super::section::Section;
use crate::curve::{Blank, Model, SharedError, Variance, VarianceFrom};
use crate::sheet::{Code, Problem, Problems};

/// `[method]`: how the assay is evaluated.
///
/// ```
/// let protocol = platewise::protocol::read(std::path::Path::new("plates"))?;
/// assert_eq!((protocol.assay.method.read_nm, protocol.assay.method.reference_nm), (Some(450.0), Some(570.0)));
/// assert_eq!((protocol.assay.method.lloq, protocol.assay.method.uloq), (Some(31.25), Some(2000.0)));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
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
    /// Where the parameter of the variance model comes from, of a model that has one.
    pub variance_parameter_from: ParameterFrom,
    /// That parameter where it is known before a plate is fitted, stated or pooled across plates: θ of [`Variance::Power`], variance
    /// ∝ mean^(2θ), or ρ of [`Variance::TwoComponent`], variance ∝ mean² + ρ².
    pub variance_parameter: Option<f64>,
    /// What the wells of a sample share, in its interval; known only when the controls of the study were read, and only where they lie in
    /// several places of their plates.
    pub shared_error: Option<SharedError>,
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

/// Where the parameter of a variance model comes from: the exponent of [`Variance::Power`], the crossover of
/// [`Variance::TwoComponent`].
///
/// See [`MethodSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterFrom {
    /// Pooled across the plates of the study by restricted likelihood. One plate says little about it: a 95 % interval of ±0.5
    /// of the exponent is usual.
    Study,
    /// Estimated from each plate.
    Plate,
    /// Stated by the method, from earlier plates.
    Method,
}

/// How replicate wells become one value.
///
/// See [`MethodSettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Replicates {
    /// Each well is read from the curve; the concentrations are averaged.
    MeanOfConcentrations,
    /// The responses are averaged; the mean is read from the curve.
    ConcentrationOfMeanResponse,
}

/// What a wavelength is.
pub(crate) const WAVELENGTH: &str = "a wavelength in nm from 200 to 1100";

/// Whether a number is a wavelength of a plate reader, in nm.
pub(crate) fn is_wavelength(number: f64) -> bool {
    (200.0..=1100.0).contains(&number)
}

fn exponent(theta: f64) -> bool {
    (0.0..=2.0).contains(&theta)
}

/// `variance_exponent` and `variance_crossover`, each of its own model: `"study"`, `"plate"` or a number.
fn variance_parameter(
    section: &mut Section<'_>,
    variance: Variance,
    problems: &mut Problems,
) -> (ParameterFrom, Option<f64>) {
    let mut settled = (ParameterFrom::Study, None);
    for (key, of, expected, allowed) in [
        (
            "variance_exponent",
            Variance::Power,
            "\"study\", \"plate\" or a number from 0 to 2",
            exponent as fn(f64) -> bool,
        ),
        (
            "variance_crossover",
            Variance::TwoComponent,
            "\"study\", \"plate\" or the response above 0 at which floor and percentage are equal",
            positive,
        ),
    ] {
        if variance != of {
            section.know(&[key]);
            if section.holds(key) {
                let found = format!("{key} is for variance = \"{}\" only", of.name());
                let advice = format!("Remove it, or choose variance = \"{}\"", of.name());
                problems.push(
                    Problem::new(Code::new("variance-parameter-unused"), section.line_of(key), found).advice(advice),
                );
            }
            continue;
        }
        settled = match section.text_of(key) {
            Some("plate") => (ParameterFrom::Plate, None),
            Some("study") => (ParameterFrom::Study, None),
            _ => {
                let stated = section.number(key, expected, allowed, problems);
                (if stated.is_some() { ParameterFrom::Method } else { ParameterFrom::Study }, stated)
            }
        };
    }
    settled
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> MethodSettings {
    let mut settings = MethodSettings {
        name: section.required_text("name", problems),
        version: section.required_text("version", problems),
        criteria: section.choice("criteria", &Criteria::CHOICES, problems),
        read_nm: section.number("read", WAVELENGTH, is_wavelength, problems),
        reference_nm: section.number("reference", WAVELENGTH, is_wavelength, problems),
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
                ("two-component", Variance::TwoComponent),
            ],
            problems,
        ),
        variance_from: section.choice(
            "variance_from",
            &[("fitted", VarianceFrom::Fitted), ("observed", VarianceFrom::Observed)],
            problems,
        ),
        variance_parameter_from: ParameterFrom::Study,
        variance_parameter: None,
        shared_error: None,
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
    (settings.variance_parameter_from, settings.variance_parameter) =
        variance_parameter(&mut section, settings.variance, problems);
    if settings.derived.is_some()
        && let Some(key) = ["read", "reference"].into_iter().find(|key| section.holds(key))
    {
        problems.push(
            Problem::new(
                Code::new("derived-and-wavelength"),
                section.line_of("derived"),
                format!("derived and {key} are both given"),
            )
            .expected("either the label of a derived grid, or wavelengths of raw reads")
            .advice("Remove 'derived' to have raw readings analysed; remove 'read' and 'reference' otherwise"),
        );
    } else if settings.reference_nm.is_some() && settings.read_nm.is_none() {
        problems.push(
            Problem::new(
                Code::new("reference-without-read"),
                section.line_of("reference"),
                "a reference wavelength without a read",
            )
            .expected("read = the wavelength that is analysed, beside it"),
        );
    }
    if let (Some(lloq), Some(uloq)) = (settings.lloq, settings.uloq)
        && lloq >= uloq
    {
        let found = format!("lloq = {lloq} is not below uloq = {uloq}");
        problems.push(
            Problem::new(Code::new("limits-exchanged"), section.line_of("lloq"), found)
                .advice("Exchange the two, or correct the units"),
        );
    }
    section.finish(problems);
    settings
}
