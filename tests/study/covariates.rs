//! Covariates beside the baseline and the strata: their numbers beside R (fixtures/stats/scripts/covariates.R), who is left out, what is
//! said of them, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::{AnalysisId, Protocol};
use platewise::sheet::Book;
use platewise::stats::distribution::t_quantile;
use platewise::study::exclusion::ExclusionScope;
use platewise::study::{Allocation, ArmComparison, Comparison, ExclusionRule, SubjectVisit, compare, read_arms};
use serde_json::Value;

use crate::support::copied_study::copy;

const DECLARED: &str = "covariates = [\"age\", \"BMI\", \"sex\", \"centre\"]\ncovariate_classes = [\"centre\"]\n";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats").join(name)
}

fn protocol(analysis: &str) -> Protocol {
    let visit = |week: u32, also: &str| format!("[[visit]]\nname = \"Week {week}\"\nweek = {week}\n{also}\n");
    let visits = [visit(0, "baseline = true"), visit(4, ""), visit(8, ""), visit(12, ""), visit(16, "endpoint = true")];
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n[analysis]\nmixed_model_df = \"satterthwaite\"\nresponder_fall_percent = 40\n\
         {analysis}\n[supplementary]\nanalyses = [\"standardised-responders\", \"locf\"]\nsubgroups = [\"baseline\"]\n{}\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n",
        visits.concat()
    );
    platewise::protocol::parse(&text).unwrap()
}

fn results(name: &str) -> Vec<SubjectVisit> {
    let text = fs::read_to_string(fixture(&format!("data/sim_{name}.csv"))).unwrap();
    let result = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let week: f64 = cells[2].parse().unwrap();
        let quantity = match (cells[4], cells[3].parse()) {
            ("1", _) => Quantity::BelowLloq { limit: cells[5].parse().unwrap() },
            (_, Ok(value)) => Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None }),
            _ => return None,
        };
        Some(SubjectVisit::new(cells[0], &format!("Week {week}"), week, quantity))
    };
    text.lines().skip(1).filter_map(result).collect()
}

fn arms(name: &str, protocol: &Protocol) -> Vec<Allocation> {
    let list = fixture(&format!("data/arms_{name}.csv"));
    read_arms(&Book::open(&list, "arms.csv").unwrap().sheets[0], &protocol.trial.analysis.covariates).unwrap()
}

fn compared(name: &str) -> Comparison {
    let protocol = protocol(DECLARED);
    compare(&results(name), &arms(name, &protocol), &protocol).unwrap()
}

fn row<'a>(found: &'a Comparison, analysis: &str) -> &'a ArmComparison {
    found.comparisons.iter().find(|row| row.analysis.name() == analysis && row.visit == "Week 16").unwrap()
}

/// Counts what was compared, and the largest relative difference.
#[derive(Default)]
struct Near {
    compared: usize,
    worst: f64,
}

impl Near {
    fn look(&mut self, found: Option<f64>, expected: &Value) {
        let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
        self.worst = self.worst.max((found / expected - 1.0).abs());
        self.compared += 1;
    }

    /// The same of an estimate that may be about zero, in its standard errors.
    fn look_in(&mut self, standard_error: &Value, found: Option<f64>, expected: &Value) {
        let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
        self.worst = self.worst.max((found - expected).abs() / standard_error.as_f64().unwrap());
        self.compared += 1;
    }
}

fn log_ratio(row: &ArmComparison) -> Option<f64> {
    row.ratio.map(|ratio| ratio.estimate.ln())
}

fn reference() -> Value {
    serde_json::from_str(&fs::read_to_string(fixture("covariates.json")).unwrap()).unwrap()
}

fn of<'a>(reference: &'a Value, kind: &str, name: &str) -> &'a Value {
    reference[kind].as_array().unwrap().iter().find(|one| one["data"] == name).unwrap()
}

#[test]
fn models_with_covariates_are_those_of_r() {
    let reference = reference();
    let (mut least_squares, mut likelihood) = (Near::default(), Near::default());
    for name in ["main", "strata"] {
        let found = compared(name);
        let expected = of(&reference, "two_arms", name);
        let ancova = row(&found, "ancova");
        assert_eq!(serde_json::json!(ancova.n), expected["n"]);
        for (row, se, p) in [(ancova, "se", "p"), (row(&found, "ancova_hc3"), "se_hc3", "p_hc3")] {
            least_squares.look(log_ratio(row), &expected["diff"]);
            least_squares.look(row.standard_error, &expected[se]);
            least_squares.look(row.p, &expected[p]);
            least_squares.look(row.df, &expected["df"]);
        }
        for (at, mean) in ancova.adjusted_means.unwrap().iter().enumerate() {
            least_squares.look(Some(mean.estimate.ln()), &expected["mean"][at]);
            let width = (mean.upper / mean.lower).ln();
            let t = t_quantile(0.975, ancova.df.unwrap()).unwrap();
            least_squares.look(Some(width / (2.0 * t)), &expected["mean_se"][at]);
        }
        let (groups, expected) = (&found.subgroups[0], of(&reference, "groups", name));
        least_squares.look(groups.f, &expected["f"]);
        least_squares.look(groups.p, &expected["p"]);
        least_squares.look(groups.df.map(|df| df[1]), &expected["df2"]);
        for (at, group) in groups.groups.iter().enumerate() {
            least_squares.look(group.ratio.map(|ratio| ratio.estimate.ln()), &expected["diff"][at]);
            least_squares.look(group.standard_error, &expected["se"][at]);
        }
        let expected = of(&reference, "tobit", name);
        let tobit = found.sensitivity.iter().find(|row| row.analysis == AnalysisId::Tobit).unwrap();
        likelihood.look(log_ratio(tobit), &expected["diff"]);
        likelihood.look(tobit.standard_error, &expected["se"]);
        let expected = of(&reference, "standardised", name);
        let proportions = found.responders[0].standardised.as_ref().unwrap().proportions.unwrap();
        likelihood.look(Some(proportions[0]), &expected["active"]);
        likelihood.look(Some(proportions[1]), &expected["placebo"]);
    }
    println!("{} numbers of least squares, worst {:.1e}", least_squares.compared, least_squares.worst);
    println!("{} of other likelihoods, worst {:.1e}", likelihood.compared, likelihood.worst);
    assert_eq!((least_squares.compared, likelihood.compared), (38, 8));
    assert!(least_squares.worst < 1e-9 && likelihood.worst < 1e-6);
}

#[test]
fn the_mixed_model_with_covariates_is_that_of_r() {
    let reference = reference();
    let mut near = Near::default();
    for name in ["main", "strata"] {
        let (found, expected) = (compared(name), of(&reference, "mixed", name));
        let rows: Vec<&ArmComparison> =
            found.comparisons.iter().filter(|row| row.analysis == AnalysisId::Mmrm).collect();
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(row.n[0] + row.n[1], expected["subjects"].as_u64().unwrap() as usize);
            let se = &expected["se"][at];
            near.look_in(se, log_ratio(row), &expected["diff"][at]);
            near.look(row.standard_error, se);
            let [active, placebo] = row.adjusted_means.unwrap();
            near.look_in(se, Some(active.estimate.ln()), &expected["active"][at]);
            near.look_in(se, Some(placebo.estimate.ln()), &expected["placebo"][at]);
        }
    }
    println!("{} numbers, worst {:.1e}", near.compared, near.worst);
    assert_eq!(near.compared, 32);
    assert!(near.worst < 2e-5, "{}", near.worst);
}

#[test]
fn one_model_of_three_arms_takes_them_too() {
    let (reference, protocol) = (reference(), protocol(DECLARED));
    let mut near = Near::default();
    for name in ["main", "strata"] {
        let mut arms = arms(name, &protocol);
        arms.sort_by(|one, other| one.subject.cmp(&other.subject));
        let active = arms.iter_mut().filter(|one| one.arm == "active");
        active.skip(1).step_by(2).for_each(|one| one.arm = "second".into());
        let found = compare(&results(name), &arms, &protocol).unwrap();
        let expected = of(&reference, "all_arms", name);
        for (at, arm) in ["active", "second"].iter().enumerate() {
            let of_arm = |row: &&ArmComparison| row.analysis == AnalysisId::Ancova && row.active == *arm;
            let row = found.comparisons.iter().find(of_arm).unwrap();
            near.look(log_ratio(row), &expected["diff"][at]);
            near.look(row.standard_error, &expected["se"][at]);
            near.look(row.df, &expected["df"]);
            assert!(
                row.primary && row.model.ends_with("one model of 3 arms with one residual variance"),
                "{}",
                row.model
            );
            for (mean, place) in row.adjusted_means.unwrap().iter().zip([at + 1, 0]) {
                near.look(Some(mean.estimate.ln()), &expected["mean"][place]);
                near.look(Some(mean.lower.ln()), &expected["low"][place]);
                near.look(Some(mean.upper.ln()), &expected["high"][place]);
            }
        }
    }
    println!("{} numbers of all arms, worst {:.1e}", near.compared, near.worst);
    assert_eq!(near.compared, 36);
    assert!(near.worst < 1e-9, "{}", near.worst);
}

#[test]
fn every_model_says_what_it_adjusts_for() {
    let found = compared("strata");
    let whole = "stratum, age (linear), BMI (linear), sex (classes f, m) and centre (classes 1, 2, 3, 4)";
    assert_eq!(
        row(&found, "ancova").model,
        format!("analysis of covariance of the log change by arm with log baseline, {whole}")
    );
    assert!(found.estimands[0].attributes.iter().any(|(name, words)| *name == "Estimation" && words.contains(whole)));
    let further = "and with age (linear), BMI (linear), sex (classes f, m) and centre (classes 1, 2, 3, 4), the same at every visit";
    assert!(row(&found, "mmrm").model.contains(further), "{}", row(&found, "mmrm").model);
    for model in [&found.subgroups[0].model, &found.responders[0].standardised.as_ref().unwrap().model] {
        assert!(model.contains(whole), "{model}");
    }
    assert!(found.paragraph.contains("centre"), "{}", found.paragraph);
    let plain = compare(&results("main"), &arms("main", &protocol(DECLARED)), &protocol(DECLARED)).unwrap();
    assert!(row(&plain, "ancova").model.contains("log baseline, age (linear)"), "{}", row(&plain, "ancova").model);
}

/// S010 has no age, S025 and S061 no BMI, S077 no sex: they are in no adjusted analysis, and in every other.
#[test]
fn who_lacks_a_covariate_is_left_out_and_named() {
    let found = compared("main");
    let left_out = |analysis: &str, reason: &str| {
        let of_reason = row(&found, analysis).left_out.iter().find(|left| left.reason == reason);
        of_reason.map_or(0, |left| left.n[0] + left.n[1])
    };
    let reasons = ["no age in the list of arms", "no BMI in the list of arms", "no sex in the list of arms"];
    let counted = |analysis: &str| reasons.map(|reason| left_out(analysis, reason));
    let named: Vec<(&str, &str)> = found
        .excluded
        .iter()
        .filter(|record| record.rule == ExclusionRule::NoCovariate)
        .map(|record| (record.subject.as_str(), record.reason.as_str()))
        .collect();
    assert_eq!(named, [("S010", reasons[0]), ("S025", reasons[1]), ("S061", reasons[1]), ("S077", reasons[2])]);
    assert!(
        found
            .excluded
            .iter()
            .all(|one| (one.rule == ExclusionRule::NoCovariate) == (one.scope == ExclusionScope::Adjusted))
    );
    for analysis in ["ancova", "ancova_hc3", "ancova_locf", "mmrm"] {
        let row = row(&found, analysis);
        let lost: usize = row.left_out.iter().map(|left| left.n[0] + left.n[1]).sum();
        assert_eq!(row.n[0] + row.n[1] + lost, 114, "{analysis}");
        assert!(counted(analysis).iter().sum::<usize>() > 0, "{analysis}");
    }
    assert_eq!((counted("welch_t"), counted("mann_whitney")), ([0; 3], [0; 3]));
    let lost: Vec<&(String, usize)> =
        found.flow.iter().filter(|step| step.step == "analysed").flat_map(|step| &step.lost).collect();
    let in_flow: usize = lost.iter().filter(|(reason, _)| reasons.contains(&reason.as_str())).map(|(_, n)| n).sum();
    assert_eq!(in_flow, counted("ancova").iter().sum::<usize>());
}

/// Without the covariates the lists say nothing of them, and the numbers are those of before.
#[test]
fn a_study_that_declares_none_has_none() {
    let plain = protocol("");
    let list = Book::from_bytes(b"subject,arm,sex\nS001,active,f\n", "arms.csv").unwrap();
    let refused = read_arms(&list.sheets[0], &plain.trial.analysis.covariates).unwrap_err().to_string();
    assert!(refused.contains("unknown column 'sex'"), "{refused}");
    let with = compared("main");
    let mut bare = arms("main", &protocol(DECLARED));
    bare.iter_mut().for_each(|one| one.covariates.clear());
    let found = compare(&results("main"), &bare, &plain).unwrap();
    assert!(row(&found, "ancova").model.ends_with("with log baseline"), "{}", row(&found, "ancova").model);
    assert_ne!(row(&found, "ancova").ratio, row(&with, "ancova").ratio);
    assert_eq!(row(&found, "welch_t").ratio, row(&with, "welch_t").ratio);
}

#[test]
fn what_cannot_be_a_covariate_is_refused() {
    let head = "[study]\nid = \"S\"\nunit = \"pg/mL\"\n[analysis]\n";
    let said = |section: &str| platewise::protocol::parse(&format!("{head}{section}")).unwrap_err().to_string();
    for (section, expected) in [
        ("covariates = [\"Stratum\"]", "line 5: the covariate 'Stratum': the strata are in every adjusted model"),
        ("covariates = [\"baseline\"]", "the baseline of the analyte is in every adjusted model"),
        ("covariates = [\"sex\", \"Sex\"]", "line 5: the covariate 'Sex' appears twice"),
        (
            "covariates = [\"sex\"]\ncovariate_classes = [\"site\"]",
            "line 6: 'site' in covariate_classes is no covariate",
        ),
        ("covariates = \"sex\"", "line 5: covariates = "),
    ] {
        let said = said(section);
        assert!(said.contains(expected), "{expected}\nis not in\n{said}");
    }
    let asked = protocol("covariates = [\"BMI\"]").trial.analysis.covariates;
    let said = |list: &str| {
        let book = Book::from_bytes(list.as_bytes(), "arms.csv").unwrap();
        read_arms(&book.sheets[0], &asked).unwrap_err().to_string()
    };
    let of = |values: [&str; 4]| {
        let line = |(at, value): (usize, &&str)| format!("S{at},{},{value}\n", ["active", "placebo"][at % 2]);
        format!("subject,arm,bmi\n{}", values.iter().enumerate().map(line).collect::<String>())
    };
    for (list, expected) in [
        (
            "subject,arm\nS1,active\nS2,placebo\n".to_string(),
            "there is no column 'BMI', which [analysis] names as a covariate",
        ),
        (
            of(["21", "21", "", "21"]),
            "line 2, field 3: the column 'BMI', which [analysis] names as a covariate, holds '21' for everybody",
        ),
        (of(["", "", "", ""]), "which [analysis] names as a covariate, is empty"),
        (
            of(["21", "22", "n/a", "24"]),
            "line 4, field 3: the column 'BMI' holds 'n/a'; expected a number, or nothing where it is not known. Leave the cell empty",
        ),
        (of(["21", "22", "2l", "24"]), "line 4, field 3: the column 'BMI' holds '2l'; expected a number"),
        (
            of(["high", "low", "High", "low"]),
            "line 4, field 3: the column 'BMI' holds 'High' and 'high'; expected one spelling of each class",
        ),
        (of(["high", "low", "3", "low"]), "line 4, field 3: the column 'BMI' holds the number 3 among names"),
    ] {
        let said = said(&list);
        assert!(said.contains(expected), "{expected}\nis not in\n{said}");
    }
}

/// A centre of each arm: no model can tell the centre from the arm, and none pretends to.
#[test]
fn a_covariate_that_says_the_arm_leaves_no_estimate_and_says_why() {
    let declared = protocol("covariates = [\"centre\"]\ncovariate_classes = [\"centre\"]");
    let mut arms = arms("main", &protocol(DECLARED));
    for one in &mut arms {
        one.covariates.retain(|covariate| covariate.name == "centre");
        let class = if one.arm == "active" { "1" } else { "2" };
        one.covariates[0].value = Some(platewise::study::covariates::CovariateValue::Class(class.into()));
    }
    let found = compare(&results("main"), &arms, &declared).unwrap();
    for analysis in ["ancova", "ancova_hc3", "mmrm"] {
        let row = row(&found, analysis);
        assert!(
            row.ratio.is_none() && row.reason.starts_with("the covariate 'centre' says which arm it is"),
            "{row:?}"
        );
    }
    assert!(row(&found, "welch_t").ratio.is_some());
}

/// By the command: the study of the project with a column more in its list of arms.
#[test]
fn the_command_writes_them_into_tables_datasets_and_page() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let text = fs::read_to_string(study.join("study.toml")).unwrap();
    let text = text.replace("assay_error_replicates = 2000", "assay_error_replicates = 200\nsensitivity_grid = false");
    let text = text.replacen("[analysis]", "[analysis]\ncovariates = [\"body mass index\", \"sex\"]", 1);
    fs::write(study.join("study.toml"), text).unwrap();
    let list = fs::read_to_string(study.join("arms.csv")).unwrap();
    let line = |(at, line): (usize, &str)| match at {
        0 => format!("{line},body mass index,sex\n"),
        1 => format!("{line},,f\n"),
        at => format!("{line},{},{}\n", 20 + at * 7 % 15, ["f", "m", "m"][at % 3]),
    };
    fs::write(study.join("arms.csv"), list.lines().enumerate().map(line).collect::<String>()).unwrap();
    let out = place.path().join("out");
    let done =
        Command::new(env!("CARGO_BIN_EXE_platewise")).arg("run").arg(&study).arg("--out").arg(&out).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let model = "analysis of covariance of the log change by arm with log baseline, body mass index (linear) and sex (classes f, m)";
    assert!(read("comparison.csv").contains(model) && read("report.html").contains(model));
    assert!(read("excluded.csv").contains("no body mass index in the list of arms"));
    let subjects = read("adsl.csv");
    assert!(subjects.lines().next().unwrap().ends_with("SIMULFL,BODYMASS,SEX"), "{}", subjects.lines().next().unwrap());
    let without = subjects.lines().filter(|line| line.ends_with(",,f")).count();
    assert_eq!(without, 1);
    let define = read("define.xml");
    for said in [
        "IT.ADSL.BODYMASS",
        "IT.ADSL.SEX",
        "CodedValue=\"m\"",
        "body mass index, as the list of arms has it; a covariate of the analysis",
    ] {
        assert!(define.contains(said), "{said}");
    }
    let tables = read("tables.rtf");
    assert!(tables.contains("body mass index, n") && tables.contains("   m, n (%)"));
    assert!(read("adsl.json").contains("\"BODYMASS\""));
}
