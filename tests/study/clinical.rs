//! The clinical measures beside the analyte: as an independent program has them, and as the command writes them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::Protocol;
use platewise::sheet::Book;
use platewise::study::clinical::{Clinical, CorrelationMethod, clinical, read_clinical};
use platewise::study::coverage::{FEWEST_PERCENT, TABLE};
use platewise::study::trial_data::TrialData;
use platewise::study::{Allocation, IntervalEstimate, IntervalOf, SubjectVisit, read_arms};
use serde_json::Value;

use crate::support::copied_study::copy;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/clinical").join(name)
}

const MEASURES: &str = "[clinical]\nlist = \"clinical.csv\"\n\
    [[measure]]\nname = \"EASI\"\nresponder_fall_percent = [50, 75, 90]\n[[measure]]\nname = \"itch\"\n";

fn protocol(measures: &str) -> Protocol {
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n\
         [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
         [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n{measures}"
    );
    platewise::protocol::parse(&text).unwrap()
}

/// The analyte of `tarc.csv`.
fn trial(protocol: &Protocol) -> TrialData {
    let (mut visits, mut arms) = (Vec::new(), Vec::new());
    for line in fs::read_to_string(fixture("tarc.csv")).unwrap().lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        for (visit, week, value) in [("Baseline", 0.0, cells[2]), ("Week 16", 16.0, cells[3])] {
            if let Ok(value) = value.parse() {
                let estimate = Estimate { value, standard_error: None, lower: None, upper: None };
                visits.push(SubjectVisit::new(cells[0], visit, week, Quantity::Quantified(estimate)));
            }
        }
        arms.push(Allocation {
            subject: cells[0].into(),
            arm: cells[1].into(),
            stratum: None,
            age: None,
            covariates: Vec::new(),
        });
    }
    TrialData::of_study(protocol, &visits, &arms)
}

fn analysed(list: &str, measures: &str) -> Result<Clinical, String> {
    let book = Book::from_bytes(list.as_bytes(), "clinical.csv").map_err(|error| error.to_string())?;
    let values = read_clinical(&book.sheets[0]).map_err(|problems| problems.to_string())?;
    let protocol = protocol(measures);
    clinical(&values, &trial(&protocol), &protocol).map(Option::unwrap).map_err(|problems| problems.to_string())
}

fn list() -> String {
    fs::read_to_string(fixture("clinical.csv")).unwrap()
}

fn near(found: f64, expected: &Value, of: &str) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= 1e-9 * (1.0 + expected.abs()), "{of}: {found}, not {expected}");
}

fn interval(found: Option<IntervalEstimate>, estimate: &Value, ends: &Value, of: &str) {
    let found = found.unwrap();
    near(found.estimate, estimate, of);
    near(found.lower, &ends[0], of);
    near(found.upper, &ends[1], of);
}

#[test]
fn changes_responders_and_correlations_are_those_of_an_independent_program() {
    let expected: Value = serde_json::from_str(&fs::read_to_string(fixture("expected.json")).unwrap()).unwrap();
    let found = analysed(&list(), MEASURES).unwrap();
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    for row in &found.changes {
        let expected = &expected[&row.measure]["change"];
        assert_eq!(serde_json::to_value(row.n).unwrap(), expected["n"]);
        assert_eq!(
            (row.n_adjusted, row.model.as_str()),
            (row.n, "analysis of covariance of the change by arm with baseline")
        );
        interval(row.difference, &expected["difference"], &expected["ci"], &row.measure);
        near(row.standard_error.unwrap(), &expected["se"], "se");
        near(row.p.unwrap(), &expected["p"], "p");
        near(row.median_percent_change[0].unwrap(), &expected["median_percent"][0], "median");
        near(row.median_percent_change[1].unwrap(), &expected["median_percent"][1], "median");
    }
    let all: Vec<_> = found.responders.iter().filter(|row| row.counted.all_randomised).collect();
    assert_eq!(all.len(), 3);
    for (row, percent) in all.iter().zip(["50", "75", "90"]) {
        assert_eq!(row.name, format!("EASI-{percent}"));
        assert_eq!(serde_json::to_value(row.counted.responders).unwrap(), expected["EASI"]["responders"][percent]);
        assert_eq!(row.counted.n, [59, 55]);
    }
    assert_eq!(found.correlations.len(), 2 * 3 * 3);
    for row in &found.correlations {
        let arm = row.arm.as_deref().unwrap_or("ALL");
        let way = match row.way {
            CorrelationMethod::Spearman => "spearman",
            CorrelationMethod::Pearson => "pearson",
            CorrelationMethod::WithinParticipants => "within",
        };
        let expected = &expected[&row.measure]["arms"][arm][way];
        let of = format!("{} {arm} {way}", row.measure);
        assert_eq!(row.n as u64, expected["n"].as_u64().unwrap(), "{of}");
        interval(row.r, &expected["r"], &expected["ci"], &of);
        near(row.p.unwrap(), &expected["p"], &of);
    }
}

/// The first five of each arm alone, of whom one has no EASI at week 16: too few for the difference of responders, and enough for the rest.
#[test]
fn intervals_of_few_participants_are_held_against_the_simulations() {
    let protocol = protocol(MEASURES);
    let whole = trial(&protocol);
    let mut few = whole.clone();
    let (mut active, mut placebo) = (0, 0);
    few.participants.retain(|one| {
        let seen = if one.arm == "active" { &mut active } else { &mut placebo };
        *seen += 1;
        *seen <= 5
    });
    let own: Vec<String> = few.participants.iter().map(|one| one.subject.clone()).collect();
    let lines = list();
    let of_few = lines.lines().filter(|line| own.iter().any(|subject| line.starts_with(&format!("{subject},"))));
    let text = std::iter::once("subject,week,measure,value").chain(of_few).collect::<Vec<_>>().join("\n");
    let book = Book::from_bytes(text.as_bytes(), "clinical.csv").unwrap();
    let values = read_clinical(&book.sheets[0]).unwrap();
    let said: Vec<String> =
        clinical(&values, &few, &protocol).unwrap().unwrap().warnings.iter().map(ToString::to_string).collect();
    let row = TABLE.iter().find(|row| row.interval == IntervalOf::Responders).unwrap();
    let held = row.at(0.0, 4.0).unwrap();
    let found = format!(
        "EASI, active against placebo: in simulated trials like this one (4 in the smaller arm) 95 % intervals hold the truth less often \
         than they should: difference of responders {held:.1} %"
    );
    assert!(held < FEWEST_PERCENT && said.iter().any(|said| said.contains(&found)), "{said:?}");
    assert_eq!(said.len(), 1, "once for all definitions: {said:?}");
}

/// Strata and covariates as the study declares them for the analyte, of two arms and of three in one model, beside R (scripts/adjusted.R).
#[test]
fn the_change_is_adjusted_as_the_analyte_is() {
    let expected: Value = serde_json::from_str(&fs::read_to_string(fixture("adjusted.json")).unwrap()).unwrap();
    let protocol = protocol(&format!("[analysis]\ncovariates = [\"age\", \"sex\"]\n{MEASURES}"));
    let values = read_clinical(&Book::open(&fixture("clinical.csv"), "clinical.csv").unwrap().sheets[0]).unwrap();
    let list = Book::open(&fixture("arms.csv"), "arms.csv").unwrap();
    let two = read_arms(&list.sheets[0], &protocol.trial.analysis.covariates).unwrap();
    let mut three = two.clone();
    let active = three.iter_mut().filter(|one| one.arm == "active");
    active.skip(1).step_by(2).for_each(|one| one.arm = "second".into());
    let beside = "with baseline, stratum, age (linear) and sex (classes f, m)";
    for (arms, name, model) in [
        (&two, "two", beside.to_string()),
        (&three, "three", format!("{beside}, one model of 3 arms with one residual variance")),
    ] {
        let found = clinical(&values, &TrialData::of_study(&protocol, &[], arms), &protocol).unwrap().unwrap();
        assert_eq!(found.changes.len(), if name == "two" { 2 } else { 4 });
        for row in &found.changes {
            let of = format!("{name} {} {}", row.measure, row.active);
            let expected =
                &expected[name].as_array().unwrap().iter().find(|one| one["measure"] == row.measure).unwrap();
            let at = usize::from(row.active == "second");
            let [pairs, n] = ["pairs", "n"].map(|key| [&expected[key][at + 1], &expected[key][0]]);
            assert_eq!(serde_json::json!([row.n, row.n_adjusted]), serde_json::json!([pairs, n]), "{of}");
            interval(
                row.difference,
                &expected["diff"][at],
                &serde_json::json!([expected["low"][at], expected["high"][at]]),
                &of,
            );
            near(row.standard_error.unwrap(), &expected["se"][at], &of);
            near(row.p.unwrap(), &expected["p"][at], &of);
            near(row.df.unwrap(), &expected["df"], &of);
            for (mean, place) in row.adjusted.unwrap().into_iter().zip([at + 1, 0]) {
                let ends = serde_json::json!([expected["mean_low"][place], expected["mean_high"][place]]);
                interval(Some(mean), &expected["mean"][place], &ends, &of);
            }
            assert!(row.model.ends_with(&model), "{}", row.model);
        }
    }
}

/// Of an arm whose values are all missing there is no comparison, and the others keep theirs.
#[test]
fn an_arm_without_a_value_of_the_measure_has_a_reason() {
    let protocol = protocol(MEASURES);
    let mut arms = Vec::new();
    for (subject, arm) in [("101-001", "placebo"), ("101-002", "placebo"), ("101-003", "active"), ("101-004", "active")]
    {
        arms.push(Allocation {
            subject: subject.into(),
            arm: arm.into(),
            stratum: None,
            age: None,
            covariates: Vec::new(),
        });
    }
    arms.push(Allocation { subject: "X".into(), arm: "zero".into(), stratum: None, age: None, covariates: Vec::new() });
    let values = read_clinical(&Book::open(&fixture("clinical.csv"), "clinical.csv").unwrap().sheets[0]).unwrap();
    let found = clinical(&values, &TrialData::of_study(&protocol, &[], &arms), &protocol).unwrap().unwrap();
    let zero = found.changes.iter().find(|row| row.active == "zero").unwrap();
    assert!(zero.difference.is_none() && zero.n[0] == 0);
    let why = "participants of zero with both values and what the model adjusts for: 0 found, at least 1 needed";
    assert_eq!(zero.reason, why);
    let active = found.changes.iter().find(|row| row.active == "active").unwrap();
    assert!(!active.reason.contains("zero") && !active.model.contains("3 arms"), "{active:?}");
}

/// The abstract of the trial: 14 of 59 and 4 of 55. The list is opened with the arms, is on record, and a blinded run knows nothing of it.
#[test]
fn easi_75_comes_out_of_the_command() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let text = fs::read_to_string(study.join("study.toml")).unwrap();
    let text = text.replace("assay_error_replicates = 2000", "assay_error_replicates = 0\nsensitivity_grid = false");
    fs::write(study.join("study.toml"), format!("{text}\n{MEASURES}")).unwrap();
    let run = |command: &str, out: &Path| {
        Command::new(env!("CARGO_BIN_EXE_platewise")).arg(command).arg(&study).arg("--out").arg(out).output().unwrap()
    };
    // Without the list there is no comparison, and the list of arms stays closed.
    let missing = run("compare", &place.path().join("missing"));
    assert_eq!(missing.status.code(), Some(2));
    let said = String::from_utf8_lossy(&missing.stderr).to_string();
    assert!(said.contains("clinical.csv") && !study.join("arms-opened.jsonl").exists(), "{said}");
    fs::copy(fixture("clinical.csv"), study.join("clinical.csv")).unwrap();
    let out = place.path().join("out");
    let done = run("run", &out);
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
    let mut reader = csv::Reader::from_path(out.join("clinical_responders.csv")).unwrap();
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let easi75 = rows.iter().find(|row| row["RESPONSE"] == "EASI-75" && row["DENOMINATOR"].starts_with("all")).unwrap();
    let counts = ["RESPONDERS", "N", "RESPONDERS_REF", "N_REF"].map(|column| easi75[column].as_str());
    assert_eq!(counts, ["14", "59", "4", "55"]);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Clinical measures") && out.join("figures/correlation_EASI.svg").is_file());
    assert!(fs::read_to_string(out.join("run.json")).unwrap().contains("\"clinical.csv\""));
    let laboratory = fs::read_to_string(out.join("laboratory.html")).unwrap();
    assert!(!laboratory.contains("EASI"), "the bench knows nothing of the clinic");
    let blinded = place.path().join("blinded");
    assert_eq!(run("quantify", &blinded).status.code(), Some(1));
    assert!(!fs::read_to_string(blinded.join("report.html")).unwrap().contains("EASI"));
}

#[test]
fn what_does_not_fit_is_named_all_at_once() {
    let wrong = "subject,week,measure,value\n101-001,0,EASI,20\n101-001,0,EASI,21\n101-002,12,EASI,7\n101-003,0,EASI,many\n,0,EASI,1\n";
    let said = analysed(wrong, MEASURES).unwrap_err();
    assert!(said.contains("line 5") && said.contains("'many' is not a value"), "{said}");
    assert!(said.contains("line 6") && said.contains("the column 'subject' is empty"), "{said}");
    let readable = wrong.lines().take(4).collect::<Vec<_>>().join("\n");
    let said = analysed(&readable, MEASURES).unwrap_err();
    assert!(said.contains("EASI of '101-001' at week 0 appears twice, first at clinical.csv, line 2"), "{said}");
    assert!(said.contains("is of week 12; expected the week of a visit that study.toml declares: 0, 16"), "{said}");
    let others = format!("{}nobody,0,EASI,20\n101-001,0,IGA,3\n", list());
    let found = analysed(&others, &MEASURES.replace("itch", "Itch")).unwrap();
    let said: Vec<String> = found.warnings.iter().map(ToString::to_string).collect();
    let said = said.join("\n");
    for expected in [
        "1 value of 'IGA' is not used",
        "values of 'itch' are not used",
        "subject 'nobody' is in no arm",
        "no value of the measure 'Itch'",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
}

#[test]
fn a_response_is_what_is_declared_and_all_of_it() {
    let measures = "[clinical]\n[[measure]]\nname = \"IGA\"\nresponder_at_most = 1\nresponder_fall_points = 2\nchange = false\ncorrelation = false\n";
    let list = "subject,week,measure,value\n\
                101-001,0,IGA,3\n101-001,16,IGA,1\n101-002,0,IGA,2\n101-002,16,IGA,1\n101-003,0,IGA,4\n101-003,16,IGA,2\n";
    let found = analysed(list, measures).unwrap();
    assert!(found.changes.is_empty() && found.correlations.is_empty());
    let seen = &found.responders[0];
    // Clear or almost clear by two points: the first only.
    assert_eq!((seen.name.as_str(), seen.counted.responders[0] + seen.counted.responders[1]), ("IGA response", 1));
    assert!(
        seen.counted.definition.contains("at most 1 and a fall of at least 2 points of IGA"),
        "{}",
        seen.counted.definition
    );
    let said = platewise::protocol::parse("[[measure]]\nname = \"EASI\"\n").unwrap_err().to_string();
    assert!(said.contains("[[measure]] stands without [clinical]"), "{said}");
}
