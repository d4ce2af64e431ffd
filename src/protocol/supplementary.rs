//! `[supplementary]`: analyses beside the primary one, and what the next trial would need.

use serde::Serialize;

use super::section::Section;
use crate::sheet::{Code, Problem, Problems};

/// `[supplementary]`: what is analysed beside the primary analysis. None of it changes the answer.
///
/// ```
/// use platewise::protocol::{NextTrialSettings, SubgroupFactor, SupplementaryAnalysis, SupplementarySettings};
///
/// let text = r#"
///     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
///     method = { name = "ELISA", version = "1" }
///     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
///     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
///     supplementary = { analyses = ["van-elteren"], subgroups = ["age"], age_from = [18], next_trial_ratio = 0.7 }
/// "#;
/// let asked: SupplementarySettings = platewise::protocol::parse(text)?.trial.supplementary;
/// assert!(asked.holds(SupplementaryAnalysis::VanElteren) && asked.subgroups == [SubgroupFactor::Age]);
/// let next: NextTrialSettings = asked.next_trial.unwrap();
/// assert_eq!((next.power_percent, next.dropout_percent), (90.0, 0.0));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SupplementarySettings {
    /// The analyses.
    pub analyses: Vec<SupplementaryAnalysis>,
    /// By what participants are grouped.
    pub subgroups: Vec<SubgroupFactor>,
    /// Groups by age begin at these years, beside the first.
    pub age_from: Vec<f64>,
    /// What the next trial is to find; `None`: not computed.
    pub next_trial: Option<NextTrialSettings>,
}

/// An analysis beside the primary one.
///
/// See [`SupplementarySettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SupplementaryAnalysis {
    /// Van Elteren's stratified rank-sum test with the shift by stratum.
    VanElteren,
    /// The analysis of covariance with the last observation carried forward.
    Locf,
    /// Ratio and difference of standardised proportions of responders.
    StandardisedResponders,
}

/// What makes the groups of a subgroup analysis.
///
/// See [`SupplementarySettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubgroupFactor {
    /// The strata of the randomisation.
    Stratum,
    /// Age at the randomisation.
    Age,
    /// The baseline, below its median and not.
    Baseline,
}

/// What the next trial is to find.
///
/// See [`SupplementarySettings`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NextTrialSettings {
    /// The ratio of the geometric mean ratios, arm / reference.
    pub ratio: f64,
    /// With this power.
    pub power_percent: f64,
    /// The share of participants without an end point.
    pub dropout_percent: f64,
}

impl SupplementarySettings {
    /// Whether an analysis is asked for.
    pub fn holds(&self, analysis: SupplementaryAnalysis) -> bool {
        self.analyses.contains(&analysis)
    }

    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

pub(super) fn read(mut section: Section<'_>, problems: &mut Problems) -> SupplementarySettings {
    let analyses = [
        ("van-elteren", SupplementaryAnalysis::VanElteren),
        ("locf", SupplementaryAnalysis::Locf),
        ("standardised-responders", SupplementaryAnalysis::StandardisedResponders),
    ];
    let factors =
        [("stratum", SubgroupFactor::Stratum), ("age", SubgroupFactor::Age), ("baseline", SubgroupFactor::Baseline)];
    let settings = SupplementarySettings {
        analyses: choices(&mut section, "analyses", &analyses, problems),
        subgroups: choices(&mut section, "subgroups", &factors, problems),
        age_from: age_from(&mut section, problems),
        next_trial: next_trial(&mut section, problems),
    };
    let ages = section.holds("age_from");
    if settings.subgroups.contains(&SubgroupFactor::Age) != ages {
        let found = match ages {
            false => "subgroups by age need ages at which they begin",
            true => "age_from stands without subgroups by age",
        };
        problems.push(
            Problem::new(Code::new("subgroup-ages-unpaired"), section.location().clone(), found)
                .expected("subgroups = [\"age\"] with age_from = [18]"),
        );
    }
    section.finish(problems);
    settings
}

/// Some of the named choices, each once.
fn choices<T: Copy + PartialEq>(
    section: &mut Section<'_>,
    key: &'static str,
    known: &[(&str, T)],
    problems: &mut Problems,
) -> Vec<T> {
    let mut chosen = Vec::new();
    for name in section.texts(key, problems).unwrap_or_default() {
        match known.iter().find(|(known, _)| *known == name) {
            Some((_, choice)) if !chosen.contains(choice) => chosen.push(*choice),
            Some(_) => {}
            None => {
                let names: Vec<String> = known.iter().map(|(name, _)| format!("\"{name}\"")).collect();
                problems.push(
                    Problem::new(Code::new("choice-unknown"), section.line_of(key), format!("'{name}' in {key}"))
                        .expected(format!("some of {}", names.join(", "))),
                );
            }
        }
    }
    chosen
}

fn age_from(section: &mut Section<'_>, problems: &mut Problems) -> Vec<f64> {
    let expected = "ages in years above 0, rising";
    let ages = section.numbers("age_from", expected, |age| age > 0.0 && age < 150.0, problems).unwrap_or_default();
    if ages.windows(2).any(|pair| pair[0] >= pair[1]) {
        problems.push(
            Problem::new(Code::new("ages-not-rising"), section.line_of("age_from"), "age_from does not rise")
                .expected(expected),
        );
        return Vec::new();
    }
    ages
}

fn next_trial(section: &mut Section<'_>, problems: &mut Problems) -> Option<NextTrialSettings> {
    let lone = section.line_of("next_trial_power_percent");
    let ratio = section.number(
        "next_trial_ratio",
        "a ratio between 0.01 and 100, and not 1",
        |ratio| (0.01..=100.0).contains(&ratio) && ratio != 1.0,
        problems,
    );
    let power = section.number(
        "next_trial_power_percent",
        "a percentage from 50 to 99.9",
        |percent| (50.0..=99.9).contains(&percent),
        problems,
    );
    let dropout = section.number(
        "next_trial_dropout_percent",
        "a percentage from 0 to 90",
        |percent| (0.0..=90.0).contains(&percent),
        problems,
    );
    if ratio.is_none() && !section.holds("next_trial_ratio") && (power.is_some() || dropout.is_some()) {
        let found = "the next trial has a power or a drop-out, and no ratio that it is to find";
        problems
            .push(Problem::new(Code::new("next-trial-without-ratio"), lone, found).expected("next_trial_ratio = 0.7"));
    }
    Some(NextTrialSettings {
        ratio: ratio?,
        power_percent: power.unwrap_or(90.0),
        dropout_percent: dropout.unwrap_or(0.0),
    })
}
