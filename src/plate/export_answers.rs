//! What a person says of things that exports leave open: what the wells of a group hold, that dilutions below 1 are fractions, and that
//! numbered names are dilutions of one sample.
//!
//! The file itself stays as it is; what is said is part of the layout that is shown and confirmed.

use std::collections::BTreeSet;

use super::dilution;
use super::formats::fractions;
use super::layout_words::role_word;
use super::named_series;
use super::read::Export;
use crate::sheet::{Code, Location, NumberNotation, Problem, Problems, Value};

/// What is said of exports.
///
/// ```
/// use platewise::plate::export_answers::ExportAnswers;
///
/// let answers = ExportAnswers { roles: vec![("Spikes".into(), "Unk".into())], ..ExportAnswers::default() };
/// assert!(answers.apply(&mut []).unwrap_err().to_string().contains("no group 'Spikes'"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportAnswers {
    /// Dilutions in the exports are fractions: 0.1 is one part in ten.
    pub fractions: bool,
    /// Names such as `SPL1:1`, `SPL1:2` … are dilutions of one sample, `SPL1`.
    pub series: bool,
    /// The role of the wells of a group of which the file says none, in the words of a layout.
    pub roles: Vec<(String, String)>,
}

impl ExportAnswers {
    /// Writes what was said into what was read.
    ///
    /// # Errors
    /// A role that is none, or of a group that no export has or whose wells have one; a dilution above 1 where they are said to be fractions; no
    /// names that make a series where they are said to.
    pub fn apply(&self, exports: &mut [&mut Export]) -> Result<(), Problems> {
        let mut problems = Problems::default();
        for (group, role) in &self.roles {
            let at = || Location::file("--role");
            let Some(role) = role_word(role) else {
                let found = format!("'{role}' is no role");
                problems.push(
                    Problem::new(Code::new("export-role-unknown"), at(), found)
                        .expected("standard, control, blank, sample or unused"),
                );
                continue;
            };
            let mut groups: BTreeSet<String> = BTreeSet::new();
            let (mut given, mut there) = (0, 0);
            for sample in
                exports.iter_mut().flat_map(|export| &mut export.plates).flat_map(|plate| plate.samples.values_mut())
            {
                let Some(name) = &sample.group else { continue };
                if sample.role.is_none() {
                    groups.insert(name.clone());
                }
                if name != group {
                    continue;
                }
                there += 1;
                if sample.role.is_none() {
                    sample.role = Some(role.to_string());
                    given += 1;
                }
            }
            let found = match (there, given) {
                (0, _) => format!("no group '{group}' is in the exports"),
                (_, 0) => format!("the wells of the group '{group}' have a role in the exports"),
                _ => continue,
            };
            let names: Vec<String> = groups.iter().map(|name| format!("'{name}'")).collect();
            let expected = if names.is_empty() {
                "no --role: every group has a role".to_string()
            } else {
                format!("one of the groups without a role: {}", names.join(", "))
            };
            problems.push(Problem::new(Code::new("export-group-unknown"), at(), found).expected(expected));
        }
        for export in exports.iter_mut().filter(|_| self.fractions) {
            let asked: Vec<Problem> = export.plates.iter().filter_map(fractions).collect();
            export.warnings.retain(|warning| !asked.contains(warning));
            for plate in &mut export.plates {
                for (well, sample) in &mut plate.samples {
                    let diluted = matches!(sample.role.as_deref(), Some("sample" | "control"));
                    let Some(fraction) = sample.dilution.filter(|_| diluted) else { continue };
                    match dilution::parse_fraction(&Value::Number(fraction), NumberNotation::default()) {
                        Ok(factor) => sample.dilution = factor,
                        Err(_) => problems.push(
                            Problem::new(
                                Code::new("export-dilution-no-fraction"),
                                plate.location.clone(),
                                format!("well {well}: the dilution {fraction} is no fraction"),
                            )
                            .expected("fractions only, such as 0.1, where --dilution-fractions says so"),
                        ),
                    }
                }
            }
        }
        if self.series {
            problems.extend(one_sample_of_each_series(exports));
        }
        problems.or(())
    }
}

/// Calls the wells of each series by the name that they share.
fn one_sample_of_each_series(exports: &mut [&mut Export]) -> Option<Problem> {
    let mut found = false;
    for plate in exports.iter_mut().flat_map(|export| &mut export.plates) {
        for series in named_series::find(plate) {
            found = true;
            for well in &series.wells {
                if let Some(sample) = plate.samples.get_mut(well) {
                    sample.name = Some(series.name.clone());
                }
            }
        }
    }
    (!found).then(|| {
        Problem::new(
            Code::new("dilution-series-none"),
            Location::file("--dilution-series"),
            "no names in the exports make a dilution series",
        )
        .expected("names such as SPL1:1, SPL1:2, SPL1:3, each with its dilution, further by one factor")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plate::{ExportedSample, WellPosition, formats};
    use crate::sheet::Book;

    fn export(samples: [ExportedSample; 2]) -> Export {
        let book = Book::from_bytes(b"450 nm\n,1,2\nA,0.1,0.2\nB,0.3,0.4\n", "plate.csv").unwrap();
        let (mut export, _) = formats::examine(&book, None).unwrap();
        let wells = (0..).map(|column| WellPosition::new(0, column));
        export.plates[0].samples = wells.zip(samples).collect();
        export
    }

    fn sample(role: Option<&str>, group: Option<&str>, dilution: Option<f64>) -> ExportedSample {
        let text = |text: Option<&str>| text.map(str::to_string);
        ExportedSample {
            name: Some("X".into()),
            role: text(role),
            group: text(group),
            dilution,
            ..ExportedSample::default()
        }
    }

    #[test]
    fn what_is_said_is_taken_and_nothing_else() {
        let mut read = export([sample(None, Some("Spikes"), None), sample(Some("sample"), None, Some(0.1))]);
        let said = ExportAnswers { fractions: true, roles: vec![("Spikes".into(), "Unk".into())], series: false };
        said.apply(&mut [&mut read]).unwrap();
        let samples: Vec<&ExportedSample> = read.plates[0].samples.values().collect();
        assert_eq!((samples[0].role.as_deref(), samples[0].dilution), (Some("sample"), None));
        assert_eq!(samples[1].dilution, Some(10.0));
        let mut factors = export([sample(Some("sample"), None, Some(10.0)), sample(Some("standard"), Some("S"), None)]);
        let wrong = |answers: ExportAnswers, export: &mut Export| answers.apply(&mut [export]).unwrap_err().to_string();
        assert!(wrong(said, &mut factors.clone()).contains("well A01: the dilution 10 is no fraction"));
        let roles = |group: &str, role: &str| ExportAnswers {
            roles: vec![(group.into(), role.into())],
            ..ExportAnswers::default()
        };
        assert!(wrong(roles("S", "sample"), &mut factors).contains("the wells of the group 'S' have a role"));
        assert!(wrong(roles("S", "smaple"), &mut factors).contains("'smaple' is no role"));
        let one = |name: &str, dilution| ExportedSample {
            name: Some(name.into()),
            ..sample(Some("sample"), None, Some(dilution))
        };
        let series = ExportAnswers { series: true, ..ExportAnswers::default() };
        let mut numbered = export([one("SPL1:1", 1.0), one("SPL1:2", 5.0)]);
        series.apply(&mut [&mut numbered]).unwrap();
        let names: Vec<_> = numbered.plates[0].samples.values().map(|sample| sample.name.as_deref()).collect();
        assert_eq!(names, [Some("SPL1"); 2]);
        assert!(wrong(series, &mut numbered).contains("no names in the exports make a dilution series"));
    }
}
