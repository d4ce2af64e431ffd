//! Reads `study.toml`: every key, its default, its range. All problems of the file are found in one reading.

use std::path::{Path, PathBuf};

use super::section::{Section, read_toml};
use super::settings::{
    AboveLimit, Acceptance, AnalysisSettings, BelowLimit, Blank, ControlLevel, DilutionRule, MethodSettings,
    PlateEntry, Protocol, Replicates, ReportableRules, StudySettings, Visit,
};
use crate::curve::{Model, Variance, VarianceFrom};
use crate::sheet::{Location, Problem, Problems};

/// The name of the study file in a study folder.
pub const STUDY_FILE: &str = "study.toml";

/// Reads and checks `study.toml` of a study folder.
///
/// # Errors
/// Every problem of the file: not readable, not TOML, unknown or missing keys, values out of their range.
pub fn read(folder: &Path) -> Result<Protocol, Problems> {
    let path = folder.join(STUDY_FILE);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Problem::new(Location::file(path.display().to_string()), format!("cannot be read ({error})"))
            .expected("a study folder with a study.toml in it")
            .advice("`platewise init DIR` makes a study folder to begin with")
    })?;
    parse(&text)
}

/// Reads and checks the text of a `study.toml`.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str) -> Result<Protocol, Problems> {
    read_toml(STUDY_FILE, text, |root, problems| Protocol {
        study: study(root.section("study", problems), problems),
        method: method(root.section("method", problems), problems),
        standards: standards(root.section("standards", problems), problems),
        controls: root.sections("control", problems).into_iter().map(|section| control(section, problems)).collect(),
        acceptance: acceptance(root.section("acceptance", problems), problems),
        reportable: reportable(root.section("reportable", problems), problems),
        visits: visits(root.sections("visit", problems), problems),
        analysis: analysis(root.section("analysis", problems), problems),
        plates: plates(root.sections("plate", problems), problems),
    })
}

fn study(mut section: Section<'_>, problems: &mut Problems) -> StudySettings {
    let settings = StudySettings {
        id: section.required_text("id", problems),
        title: section.text("title", problems).unwrap_or_default(),
        simulated: section.flag("simulated", problems),
        analyte: section.text("analyte", problems).unwrap_or_else(|| "TARC (CCL17)".into()),
        paramcd: paramcd(&mut section, problems),
        unit: section.required_text("unit", problems),
        samples: section.path("samples", problems).unwrap_or_else(|| PathBuf::from("samples.csv")),
        arms: section.path("arms", problems).unwrap_or_else(|| PathBuf::from("arms.csv")),
    };
    section.finish(problems);
    settings
}

/// CDISC: at most 8 characters, letters, digits and underscore, beginning with a letter.
fn paramcd(section: &mut Section<'_>, problems: &mut Problems) -> String {
    let code = section.text("paramcd", problems).unwrap_or_else(|| "CCL17".into());
    let valid = code.len() <= 8
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && code.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if !valid {
        problems.push(
            Problem::new(section.line_of("paramcd"), format!("paramcd = \"{code}\""))
                .expected("CDISC's form: at most 8 of A-Z, 0-9 and _, beginning with a letter"),
        );
    }
    code
}

const WAVELENGTH: &str = "a wavelength in nm from 200 to 1100";
const POSITIVE: &str = "a number above 0";
const PERCENT: &str = "percent, above 0 and at most 100";

fn wavelength(number: f64) -> bool {
    (200.0..=1100.0).contains(&number)
}

fn positive(number: f64) -> bool {
    number > 0.0
}

fn percent(number: f64) -> bool {
    number > 0.0 && number <= 100.0
}

fn method(mut section: Section<'_>, problems: &mut Problems) -> MethodSettings {
    let settings = MethodSettings {
        name: section.required_text("name", problems),
        version: section.required_text("version", problems),
        read_nm: section.number("read", WAVELENGTH, wavelength, problems),
        reference_nm: section.number("reference", WAVELENGTH, wavelength, problems),
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
    if settings.reference_nm.is_some() && settings.read_nm.is_none() {
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

/// `[standards]`: a list, or top and dilution step; empty where the layouts say each concentration.
fn standards(mut section: Section<'_>, problems: &mut Problems) -> Vec<f64> {
    let list = section.numbers("list", "concentrations ≥ 0, from level 1 on", |number| number >= 0.0, problems);
    let top = section.number("top", POSITIVE, positive, problems);
    let step = section.number("step", "a dilution step above 1", |step| step > 1.0, problems);
    let levels = section.number(
        "levels",
        "a whole number of levels from 2 to 24",
        |n| n.fract() == 0.0 && (2.0..=24.0).contains(&n),
        problems,
    );
    let zero = section.flag("zero", problems);
    let at = section.location().clone();
    section.finish(problems);
    let mut concentrations = match (list, top, step, levels) {
        (Some(list), None, None, None) => list,
        (None, Some(top), Some(step), Some(levels)) => (0..levels as i32).map(|level| top / step.powi(level)).collect(),
        (None, None, None, None) => Vec::new(),
        _ => {
            problems.push(
                Problem::new(at, "[standards] is neither a list nor a dilution series")
                    .expected("either list = [2000, 1000, …] or all of top, step and levels"),
            );
            Vec::new()
        }
    };
    if zero && !concentrations.contains(&0.0) {
        concentrations.push(0.0);
    }
    concentrations
}

fn control(mut section: Section<'_>, problems: &mut Problems) -> ControlLevel {
    let level = ControlLevel {
        level: section.required_text("level", problems),
        nominal: section.number("nominal", POSITIVE, positive, problems).unwrap_or_else(|| {
            let at = section.line_of("nominal");
            problems.push(Problem::new(at, "[[control]] has no 'nominal'").expected("its nominal concentration"));
            f64::INFINITY
        }),
    };
    section.finish(problems);
    level
}

fn acceptance(mut section: Section<'_>, problems: &mut Problems) -> Acceptance {
    let mut limit = |key, default| section.number(key, PERCENT, percent, problems).unwrap_or(default);
    let mut acceptance = Acceptance {
        standard_bias_percent: limit("standard_bias_percent", 20.0),
        standard_bias_percent_at_lloq: limit("standard_bias_percent_at_lloq", 25.0),
        standard_bias_percent_at_uloq: limit("standard_bias_percent_at_uloq", 25.0),
        standards_pass_percent: limit("standards_pass_percent", 75.0),
        standards_min_levels: 6,
        controls_required: true,
        control_bias_percent: limit("control_bias_percent", 20.0),
        controls_pass_percent: limit("controls_pass_percent", 66.7),
        controls_level_pass_percent: limit("controls_level_pass_percent", 50.0),
        replicate_cv_percent: limit("replicate_cv_percent", 20.0),
    };
    let whole = |number: f64| number.fract() == 0.0 && (3.0..=24.0).contains(&number);
    if let Some(levels) =
        section.number("standards_min_levels", "a whole number of levels from 3 to 24", whole, problems)
    {
        acceptance.standards_min_levels = levels as usize;
    }
    acceptance.controls_required = section.flag_or("controls_required", true, problems);
    section.finish(problems);
    acceptance
}

fn reportable(mut section: Section<'_>, problems: &mut Problems) -> ReportableRules {
    let rules = ReportableRules {
        dilutions: section.choice(
            "dilutions",
            &[
                ("lowest-in-range", DilutionRule::LowestInRange),
                ("geometric-mean-in-range", DilutionRule::GeometricMeanInRange),
            ],
            problems,
        ),
    };
    section.finish(problems);
    rules
}

fn visits(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<Visit> {
    let mut visits: Vec<Visit> = Vec::new();
    for mut section in sections {
        let visit = Visit {
            name: section.required_text("name", problems),
            week: section.number("week", "a week", |_| true, problems).unwrap_or_else(|| {
                problems.push(Problem::new(section.line_of("week"), "[[visit]] has no 'week'").expected("week = 16"));
                f64::NAN
            }),
            baseline: section.flag("baseline", problems),
            endpoint: section.flag("endpoint", problems),
        };
        if visits.iter().any(|known| known.name == visit.name) {
            problems
                .push(Problem::new(section.location().clone(), format!("visit '{}' is declared twice", visit.name)));
        }
        section.finish(problems);
        visits.push(visit);
    }
    let one = |what: &str, count: usize, problems: &mut Problems| {
        if count != 1 {
            let found = format!("{count} visits are marked {what} = true");
            problems.push(Problem::new(Location::file(STUDY_FILE), found).expected("exactly one"));
        }
    };
    one("baseline", visits.iter().filter(|visit| visit.baseline).count(), problems);
    one("endpoint", visits.iter().filter(|visit| visit.endpoint).count(), problems);
    let week = |of: fn(&Visit) -> bool| visits.iter().find(|visit| of(visit)).map(|visit| visit.week);
    if let (Some(baseline), Some(endpoint)) = (week(|visit| visit.baseline), week(|visit| visit.endpoint))
        && baseline >= endpoint
    {
        let found = format!("the endpoint (week {endpoint}) is not after the baseline (week {baseline})");
        problems.push(Problem::new(Location::file(STUDY_FILE), found));
    }
    visits.sort_by(|one, other| one.week.total_cmp(&other.week));
    visits
}

fn analysis(mut section: Section<'_>, problems: &mut Problems) -> AnalysisSettings {
    let settings = AnalysisSettings {
        reference_arm: section.text("reference_arm", problems).unwrap_or_else(|| "placebo".into()),
        below_limit: section.choice(
            "below_limit",
            &[
                ("half-lloq", BelowLimit::HalfLloq),
                ("lloq-over-sqrt2", BelowLimit::LloqOverSqrt2),
                ("lloq", BelowLimit::Lloq),
                ("exclude", BelowLimit::Exclude),
            ],
            problems,
        ),
        above_limit: section.choice(
            "above_limit",
            &[("uloq", AboveLimit::Uloq), ("exclude", AboveLimit::Exclude)],
            problems,
        ),
        responder_level: section.number("responder_level", "a positive concentration", |level| level > 0.0, problems),
        responder_fall_percent: section.number(
            "responder_fall_percent",
            "a percentage above 0 and below 100",
            |percent| percent > 0.0 && percent < 100.0,
            problems,
        ),
    };
    section.finish(problems);
    settings
}

fn plates(sections: Vec<Section<'_>>, problems: &mut Problems) -> Vec<PlateEntry> {
    let mut plates: Vec<PlateEntry> = Vec::new();
    let mut repeats: Vec<(String, Location)> = Vec::new();
    if sections.is_empty() {
        let found = Problem::new(Location::file(STUDY_FILE), "no [[plate]]");
        problems.push(found.expected("one [[plate]] for each plate: id, export, layout"));
    }
    for mut section in sections {
        let plate = PlateEntry {
            id: section.required_text("id", problems),
            export: section.required_path("export", problems),
            plate: section.text("plate", problems),
            layout: section.required_path("layout", problems),
            layout_sheet: section.text("layout_sheet", problems),
            reader: section.text("reader", problems),
            kit_lot: section.text("kit_lot", problems),
            repeats: section.text("repeats", problems),
        };
        let at = section.location().clone();
        if !plate.id.is_empty() && plates.iter().any(|known| known.id == plate.id) {
            problems.push(
                Problem::new(at.clone(), format!("plate id '{}' is there twice", plate.id))
                    .expected("an id of its own for every plate")
                    .advice("Give one of the two another id; a repeated plate has its own id and says repeats = \"…\""),
            );
        }
        if plates.iter().any(|known| known.export == plate.export && known.plate == plate.plate)
            && !plate.export.as_os_str().is_empty()
        {
            problems.push(
                Problem::new(at.clone(), format!("the export {} is used for two plates", plate.export.display()))
                    .expected("each plate of an export once")
                    .advice("Where the export holds several plates, say which with plate = \"…\""),
            );
        }
        if let Some(repeated) = &plate.repeats {
            repeats.push((repeated.clone(), at));
        }
        section.finish(problems);
        plates.push(plate);
    }
    for (repeated, at) in repeats {
        if !plates.iter().any(|plate| plate.id == repeated) {
            let found = format!("repeats = \"{repeated}\", and there is no plate of that id");
            problems.push(Problem::new(at, found).expected("the id of another [[plate]]"));
        }
    }
    plates
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
[study]
id = "S"
unit = "pg/mL"
[method]
name = "ELISA"
version = "1"
[standards]
top = 2000
step = 2
levels = 7
zero = true
[[visit]]
name = "Week 16"
week = 16
endpoint = true
[[visit]]
name = "Baseline"
week = 0
baseline = true
[[plate]]
id = "P01"
export = "exports/P01.txt"
layout = "layouts/P01.csv"
"#;

    #[test]
    fn a_small_study_is_completed_with_defaults() {
        let protocol = parse(SMALL).unwrap();
        assert_eq!(protocol.standards, [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0]);
        assert_eq!(protocol.visits[0].name, "Baseline");
        assert_eq!(protocol.acceptance.standards_min_levels, 6);
        assert_eq!(protocol.study.samples, Path::new("samples.csv"));
    }

    #[test]
    fn every_problem_is_named_at_once_with_its_line() {
        let text = SMALL
            .replace("unit = ", "unti = ")
            .replace("version = \"1\"", "version = 1\nmodel = \"3pl\"\nconfidence = 95")
            .replace("exports/P01.txt", "../P01.txt")
            .replace("step = 2", "step = 0.5");
        let problems = parse(&text).unwrap_err().to_string();
        for expected in [
            "study.toml, line 4: unknown key 'unti' in [study]",
            "Did you mean 'unit'?",
            "[study] has no 'unit'",
            "line 7: version = 1 in [method]; expected a text in quotes",
            "model = \"3pl\" in [method]; expected one of \"4pl\", \"5pl\", \"5plm\"",
            "confidence = 95 in [method]; expected a level between 0.5 and 1",
            "step = 0.5 in [standards]; expected a dilution step above 1",
            "export = \"../P01.txt\" leads out of the study folder",
        ] {
            assert!(problems.contains(expected), "{expected}\nis not in\n{problems}");
        }
    }

    #[test]
    fn what_is_not_toml_is_said_with_its_line() {
        let problems = parse("[study\nid = 1").unwrap_err().to_string();
        assert!(problems.starts_with("study.toml, line 1: "), "{problems}");
    }

    #[test]
    fn ids_are_used_once_and_repeats_lead_somewhere() {
        let twice = format!(
            "{SMALL}[[plate]]\nid = \"P01\"\nexport = \"exports/P01.txt\"\nlayout = \"x.csv\"\nrepeats = \"P9\"\n"
        );
        let problems = parse(&twice).unwrap_err().to_string();
        for expected in ["plate id 'P01' is there twice", "is used for two plates", "there is no plate of that id"] {
            assert!(problems.contains(expected), "{problems}");
        }
    }
}
