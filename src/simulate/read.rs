//! A protocol from TOML: every key, its default, its range; everything that is wrong in it is said at once.

use super::protocol::{
    Concentration, Enrolment, LaboratoryPractice, NamedParticipant, SimulatedArm, SimulatedStudy, SimulatedVisit,
    SimulationProtocol,
};
use super::read_assay::{curve, kit, noise, reader};
use super::read_values::{ABOVE_ZERO, SD, WHOLE, above_zero, sd, whole};
use crate::protocol::{Section, read_toml};
use crate::sheet::{Code, Problem, Problems};

impl SimulationProtocol {
    /// Reads a protocol, called `file` in messages.
    ///
    /// # Errors
    /// Every problem of the text: not TOML, an unknown key, a value that cannot be, parts that do not fit together.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, Problems> {
        read_toml(file, text, |root, problems| {
            let default = Self::default();
            let arms = root.sections("arm", problems);
            let visits = root.sections("visit", problems);
            let visits = if visits.is_empty() { default.visits } else { self::visits(visits, problems) };
            let arms = if arms.is_empty() { default.arms } else { self::arms(arms, visits.len(), problems) };
            let enrolled = arms.iter().map(|arm| arm.participants).sum();
            let kit = kit(root.section("kit", problems), visits.len(), problems);
            let plates = root.sections("plate", problems);
            let plates = if plates.is_empty() { default.plates } else { super::read_plates::plates(plates, problems) };
            let mishaps = super::read_plates::mishaps(root, &plates, &kit, problems).unwrap_or(default.mishaps);
            Self {
                study: study(root.section("study", problems), problems),
                participants: participants(root.section("participants", problems), enrolled, problems),
                arms,
                visits,
                concentration: concentration(root.section("concentration", problems), problems),
                kit,
                curve: curve(root.section("curve", problems), problems),
                noise: noise(root.section("noise", problems), problems),
                reader: reader(root.section("reader", problems), problems),
                laboratory: laboratory(root.section("laboratory", problems), problems),
                plates,
                mishaps,
            }
        })
    }
}

fn study(mut section: Section<'_>, problems: &mut Problems) -> SimulatedStudy {
    let default = SimulatedStudy::default();
    let mut text = |key, default| section.text(key, problems).unwrap_or(default);
    let study = SimulatedStudy {
        id: text("id", default.id),
        title: text("title", default.title),
        analyte: text("analyte", default.analyte),
        paramcd: text("paramcd", default.paramcd),
        unit: text("unit", default.unit),
        method: text("method", default.method),
        matrix: text("matrix", default.matrix),
    };
    if !study.title.to_lowercase().contains("simulated") {
        let found = format!("title = \"{}\" does not say that the study is simulated", study.title);
        problems.push(
            Problem::new(Code::new("simulation-title"), section.line_of("title"), found)
                .expected("a title with the word 'simulated'"),
        );
    }
    section.finish(problems);
    study
}

fn participants(mut section: Section<'_>, enrolled: usize, problems: &mut Problems) -> Enrolment {
    let default = Enrolment::default();
    let given = section.holds("named");
    let mut named: Vec<NamedParticipant> = Vec::new();
    for mut section in section.sections("named", problems) {
        let number = section.number("number", WHOLE, whole, problems).unwrap_or_default() as usize;
        let id = section.required_text("id", problems);
        if number > enrolled || named.iter().any(|known| known.number == number || known.id == id) {
            let found = format!("participant {number} is called \"{id}\"");
            problems.push(
                Problem::new(Code::new("simulation-participant"), section.location().clone(), found)
                    .expected(format!("a number up to {enrolled}, and neither number nor id twice")),
            );
        }
        section.finish(problems);
        named.push(NamedParticipant { number, id });
    }
    let participants = Enrolment {
        sites: section.number("sites", WHOLE, whole, problems).map_or(default.sites, |sites| sites as usize),
        block: section.number("block", WHOLE, whole, problems).map_or(default.block, |block| block as usize),
        dropout: section
            .number("dropout", "a probability from 0 to 1", |p| (0.0..=1.0).contains(&p), problems)
            .unwrap_or(default.dropout),
        named: if given { named } else { default.named },
    };
    section.finish(problems);
    participants
}

fn visits(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<SimulatedVisit> {
    let mut visits: Vec<SimulatedVisit> = Vec::new();
    let count = sections.len();
    for mut section in sections {
        let visit = SimulatedVisit {
            name: section.required_text("name", problems),
            week: section
                .number("week", "a whole week from 0 on", |week| week.fract() == 0.0 && week >= 0.0, problems)
                .unwrap_or_default() as u32,
            code: section.required_text("code", problems),
        };
        if visits.iter().any(|known| known.name == visit.name || known.code == visit.code || known.week >= visit.week) {
            problems.push(
                Problem::new(
                    Code::new("simulation-visit-order"),
                    section.location().clone(),
                    format!("visit '{}' does not follow the one before", visit.name),
                )
                .expected("visits by week, each with a name and code of its own"),
            );
        }
        if count == 1 {
            let found = "there is only one [[visit]]";
            problems.push(
                Problem::new(Code::new("simulation-one-visit"), section.location().clone(), found)
                    .expected("a baseline and a later visit"),
            );
        }
        section.finish(problems);
        visits.push(visit);
    }
    visits
}

fn arms(sections: Vec<Section<'_>>, visits: usize, problems: &mut Problems) -> Vec<SimulatedArm> {
    let mut arms: Vec<SimulatedArm> = Vec::new();
    for mut section in sections {
        let name = section.required_text("name", problems);
        let participants = section.number("participants", WHOLE, whole, problems).unwrap_or_default() as usize;
        let ratios = section.numbers("ratios", "numbers above 0", above_zero, problems).unwrap_or_default();
        if arms.iter().any(|arm| arm.name == name) {
            problems.push(Problem::new(
                Code::new("simulation-arm-twice"),
                section.location().clone(),
                format!("arm '{name}' appears twice"),
            ));
        }
        if ratios.len() + 1 != visits {
            let found = format!("arm '{name}' has {} ratios", ratios.len());
            problems.push(
                Problem::new(Code::new("simulation-arm-ratios"), section.line_of("ratios"), found)
                    .expected(format!("{}, one for each visit after the baseline", visits.saturating_sub(1))),
            );
        }
        section.finish(problems);
        arms.push(SimulatedArm { name, participants, ratios });
    }
    arms
}

fn concentration(mut section: Section<'_>, problems: &mut Problems) -> Concentration {
    let default = Concentration::default();
    let concentration = Concentration {
        geometric_mean: section
            .number("geometric_mean", ABOVE_ZERO, above_zero, problems)
            .unwrap_or(default.geometric_mean),
        log_sd: section.number("log_sd", SD, sd, problems).unwrap_or(default.log_sd),
        correlation: section
            .number("correlation", "a correlation from 0 to 1", |r| (0.0..=1.0).contains(&r), problems)
            .unwrap_or(default.correlation),
    };
    section.finish(problems);
    concentration
}

fn laboratory(mut section: Section<'_>, problems: &mut Problems) -> LaboratoryPractice {
    let default = LaboratoryPractice::default();
    let factor = |factor: f64| factor >= 1.0;
    let laboratory = LaboratoryPractice {
        dilution: section.number("dilution", "a factor ≥ 1", factor, problems).unwrap_or(default.dilution),
        rerun_dilution: section
            .number("rerun_dilution", "a factor ≥ 1", factor, problems)
            .unwrap_or(default.rerun_dilution),
        rerun_above: section
            .number("rerun_above", "a share above 0 and up to 1", |share| share > 0.0 && share <= 1.0, problems)
            .unwrap_or(default.rerun_above),
        replicate_cv_percent: section
            .number("replicate_cv_percent", ABOVE_ZERO, above_zero, problems)
            .unwrap_or(default.replicate_cv_percent),
    };
    if laboratory.rerun_dilution <= laboratory.dilution {
        let found = format!("rerun_dilution = {}", laboratory.rerun_dilution);
        problems.push(
            Problem::new(Code::new("simulation-rerun-dilution"), section.line_of("rerun_dilution"), found)
                .expected(format!("a higher factor than dilution = {}", laboratory.dilution)),
        );
    }
    section.finish(problems);
    laboratory
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Model;

    fn problems(text: &str) -> String {
        SimulationProtocol::from_toml(text, "p.toml").unwrap_err().to_string()
    }

    #[test]
    fn an_empty_protocol_is_the_trial_that_comes_with_the_project() {
        assert_eq!(SimulationProtocol::from_toml("", "p.toml").unwrap(), SimulationProtocol::default());
    }

    #[test]
    fn what_is_said_takes_the_place_of_the_default() {
        let text = "[noise]\nvariance = \"power\"\nexponent = 0.8\n[curve]\nmodel = \"5pl\"\ng = 0.7\n\
                    between_plates = { c = 0.2 }\n[participants]\nnamed = []\n[mishaps]\n";
        let protocol = SimulationProtocol::from_toml(text, "p.toml").unwrap();
        assert_eq!(protocol.noise.exponent, Some(0.8));
        assert_eq!((protocol.curve.model, protocol.curve.g), (Model::FiveParameter, 0.7));
        assert_eq!((protocol.curve.between_plates.c, protocol.curve.between_plates.a), (0.2, 0.08));
        assert!(protocol.participants.named.is_empty());
        assert_eq!(protocol.mishaps, super::super::protocol::Mishaps::default());
        assert_eq!(protocol.plates, SimulationProtocol::default().plates);
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once_with_its_line() {
        let text = r#"[study]
title = "A trial"
[participants]
sites = 0
dropout = 1.5
named = [{ number = 500, id = "S12" }]
[concentration]
corelation = 0.2
[kit]
standards = [2000, 1000, 1000, 0]
[curve]
b = 0
g = 2
[noise]
exponent = 0.8
[laboratory]
rerun_dilution = 2
[[plate]]
id = "P01"
export = "../P01.txt"
format = "gen5"
layout = "layouts/P01.csv"
kit_lot = "L"
read_at = "yesterday"
repeats = "P00"
[mishaps]
missed = [{ plate = "P01", well = "Z99" }]
exchanged = [{ plate = "P09", standards = [500, 500] }]
"#;
        let problems = problems(text);
        for (line, words) in [
            (2, "does not say that the study is simulated"),
            (4, "sites = 0"),
            (5, "dropout = 1.5"),
            (6, "participant 500 is called \"S12\""),
            (8, "Did you mean 'correlation'?"),
            (10, "standards = [2000.0, 1000.0, 1000.0, 0.0]"),
            (12, "b = 0"),
            (13, "g = 2 in a 4PL"),
            (15, "an exponent without variance"),
            (17, "rerun_dilution = 2"),
            (18, "plate 'P01' repeats 'P00'"),
            (20, "leads out of the study folder"),
            (21, "format = \"gen5\""),
            (24, "read_at = \"yesterday\""),
            (27, "'Z99' is not a well"),
            (28, "plate = \"P09\""),
            (28, "standards = [500.0, 500.0]"),
        ] {
            let found = problems
                .lines()
                .any(|problem| problem.starts_with(&format!("p.toml, line {line}: ")) && problem.contains(words));
            assert!(found, "line {line}, {words}, in\n{problems}");
        }
        assert_eq!(problems.lines().count(), 17, "{problems}");
    }

    #[test]
    fn what_does_not_fit_together_is_said() {
        for (text, words) in [
            ("[participants\n", "not valid TOML"),
            ("[[visit]]\nname = \"Baseline\"\nweek = 0\ncode = \"B\"", "there is only one [[visit]]"),
            ("[[arm]]\nname = \"all\"\nparticipants = 10", "arm 'all' has 0 ratios; expected 1"),
            ("[reader]\nreference_nm = 450", "read_nm and reference_nm are both 450"),
            ("[curve]\na = 5", "a = 5 is not below d = 4.5"),
        ] {
            let problems = problems(text);
            assert!(problems.contains(words), "{problems}");
        }
    }
}
