//! `[analysis] covariates`: what the comparisons of the arms are adjusted for beside the baseline and the strata.

use serde::Serialize;

use super::section::Section;
use crate::sheet::{Code, Problem, Problems};

/// A covariate that the study declares: a column of the list of arms.
///
/// ```
/// use platewise::protocol::CovariateSetting;
///
/// let text = r#"
///     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
///     method = { name = "ELISA", version = "1" }
///     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
///     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
///     analysis = { covariates = ["age", "centre"], covariate_classes = ["centre"] }
/// "#;
/// let covariates: Vec<CovariateSetting> = platewise::protocol::parse(text)?.trial.analysis.covariates;
/// assert_eq!((covariates[0].name.as_str(), covariates[0].classes, covariates[1].classes), ("age", false, true));
/// # Ok::<(), platewise::sheet::Problems>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CovariateSetting {
    /// The column, as the study writes it.
    pub name: String,
    /// Whether its numbers are names of classes.
    pub classes: bool,
}

/// Columns that are no covariates, and why.
const OTHERWISE: [(&str, &str); 4] = [
    ("subject", "it names the participants"),
    ("arm", "it is what is compared"),
    ("stratum", "the strata are in every adjusted model where the list of arms has them"),
    ("baseline", "the baseline of the analyte is in every adjusted model"),
];

pub(super) fn read(section: &mut Section<'_>, problems: &mut Problems) -> Vec<CovariateSetting> {
    let keys = ["covariates", "covariate_classes"];
    let [names, classes] = keys.map(|key| section.texts(key, problems).unwrap_or_default());
    let same = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let mut found: Vec<CovariateSetting> = Vec::new();
    for name in names {
        let at = section.line_of(keys[0]);
        if let Some((_, why)) = OTHERWISE.iter().find(|(other, _)| same(other, &name)) {
            problems.push(
                Problem::new(Code::new("covariate-impossible"), at, format!("the covariate '{name}': {why}"))
                    .advice("Take it out of covariates"),
            );
        } else if found.iter().any(|known| same(&known.name, &name)) {
            problems.push(Problem::new(
                Code::new("covariate-twice"),
                at,
                format!("the covariate '{name}' appears twice"),
            ));
        } else {
            found.push(CovariateSetting { classes: classes.iter().any(|class| same(class, &name)), name });
        }
    }
    for name in classes.iter().filter(|name| !found.iter().any(|known| same(&known.name, name))) {
        problems.push(
            Problem::new(
                Code::new("covariate-class-unknown"),
                section.line_of(keys[1]),
                format!("'{name}' in covariate_classes is no covariate"),
            )
            .expected("some of the names in covariates, whose numbers are names of classes"),
        );
    }
    found
}
