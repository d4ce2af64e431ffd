//! Analyses beside the primary one: only where they are declared, and what they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::AnalysisId;
use platewise::study::{Allocation, ArmComparison, Comparison, SubjectVisit, compare};

use crate::support::copied_study::copy;

/// 48 participants at three sites over two visits after baseline; the last `lost` of each arm have no end point. With `filled` their end
/// point is what they had at the visit before.
fn compared(section: &str, lost: usize, filled: bool) -> Comparison {
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n[analysis]\nresponder_fall_percent = 40\n{section}\n\
         [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
         [[visit]]\nname = \"Week 8\"\nweek = 8\n\
         [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
         [[visit]]\nname = \"Week 24\"\nweek = 24\n\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n"
    );
    let protocol = platewise::protocol::parse(&text).unwrap();
    let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
    let (mut visits, mut arms) = (Vec::new(), Vec::new());
    for i in 0..48_usize {
        let subject = format!("S{i:02}");
        let treated = i % 2 == 0;
        let effect: f64 = if treated { 0.55 } else { 0.9 };
        let base = 900.0 * (1.0 + 0.07 * ((i * 7) % 19) as f64);
        let scatter = |step: usize| (0.12 * ((i * step) % 13) as f64 - 0.72).exp();
        let (middle, end) = (base * effect.sqrt() * scatter(5), base * effect * scatter(3));
        visits.push(SubjectVisit::new(&subject, "Baseline", 0.0, number(base)));
        visits.push(SubjectVisit::new(&subject, "Week 8", 8.0, number(middle)));
        let here = i < 48 - 2 * lost;
        if here || filled {
            visits.push(SubjectVisit::new(&subject, "Week 16", 16.0, number(if here { end } else { middle })));
        }
        // A visit after the end point is carried nowhere.
        visits.push(SubjectVisit::new(&subject, "Week 24", 24.0, number(77.0)));
        let (arm, site) = (if treated { "active" } else { "placebo" }, ["A", "B", "C"][i / 2 % 3]);
        arms.push(Allocation {
            subject,
            arm: arm.into(),
            stratum: Some(site.into()),
            age: Some((i % 5) as f64 * 10.0),
            covariates: Vec::new(),
        });
    }
    compare(&visits, &arms, &protocol).unwrap()
}

fn row<'a>(found: &'a Comparison, analysis: &str) -> &'a ArmComparison {
    found.comparisons.iter().find(|row| row.analysis.name() == analysis && row.visit == "Week 16").unwrap()
}

#[test]
fn nothing_stands_beside_the_primary_analysis_unless_it_is_declared() {
    let found = compared("", 4, false);
    assert!(found.subgroups.is_empty() && found.responders.iter().all(|row| row.standardised.is_none()));
    assert!(
        found.comparisons.iter().all(|row| ![AnalysisId::VanElteren, AnalysisId::AncovaLocf].contains(&row.analysis))
    );
    let with =
        compared("[supplementary]\nanalyses = [\"van-elteren\", \"locf\", \"standardised-responders\"]", 4, false);
    assert_eq!(format!("{:?}", row(&with, "ancova")), format!("{:?}", row(&found, "ancova")), "and it changes nothing");
}

/// As if the values had been there: the same numbers out of another study.
#[test]
fn carried_forward_is_the_analysis_of_the_values_carried() {
    let found = compared("[supplementary]\nanalyses = [\"locf\"]", 4, false);
    let (carried, by_hand) = (row(&found, "ancova_locf"), compared("", 4, true));
    let by_hand = row(&by_hand, "ancova");
    assert_eq!((carried.n, carried.ratio, carried.p), (by_hand.n, by_hand.ratio, by_hand.p));
    assert_eq!((row(&found, "ancova").n, carried.n, carried.left_out.len()), ([20, 20], [24, 24], 0));
    assert!(carried.model.ends_with("last observation carried forward for 8 participants"), "{}", carried.model);
    assert!(!carried.primary);
}

#[test]
fn the_rank_test_is_within_strata_and_says_so_where_there_are_none() {
    let found = compared("[supplementary]\nanalyses = [\"van-elteren\"]", 4, false);
    let stratified = row(&found, "van_elteren");
    let plain = row(&found, "mann_whitney");
    assert_eq!((stratified.n, stratified.left_out.len()), (plain.n, plain.left_out.len()));
    assert!(stratified.model.ends_with("(3 strata of both arms)"), "{}", stratified.model);
    // The same 40 values by NumPy and SciPy (rankdata, norm), the shift by its definition.
    let ratio = stratified.ratio.unwrap();
    let found = [stratified.statistic.unwrap(), stratified.p.unwrap(), ratio.estimate, ratio.lower, ratio.upper];
    let expected = [-2.428_794_277, 0.015_149_125, 0.689_025_854, 0.480_717_026, 0.987_601_024];
    assert!(found.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-8), "{found:?}");
    assert_ne!(stratified.p, plain.p);
}

#[test]
fn groups_have_one_model_and_a_test_of_whether_they_differ() {
    let section = "[supplementary]\nsubgroups = [\"stratum\", \"age\", \"baseline\"]\nage_from = [10, 30, 90]";
    let found = compared(section, 4, false);
    let [stratum, age, baseline] = &found.subgroups[..] else { panic!("three") };
    assert!(stratum.groups.iter().map(|group| group.name.as_str()).eq(["A", "B", "C"]));
    let names: Vec<&str> = age.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["below 10 years", "from 10 to below 30 years", "from 30 to below 90 years", "from 90 years"]);
    assert_eq!((age.groups[3].reason.as_str(), age.groups[3].n), ("nobody is in it", [0, 0]));
    assert_eq!(age.df.map(|df| df[0]), Some(2.0), "the empty group is not in the model");
    for of in &found.subgroups {
        assert_eq!(of.groups.iter().map(|group| group.n[0] + group.n[1]).sum::<usize>(), 40, "{of:?}");
        assert!(of.p.is_some_and(|p| p > 0.05) && of.without == 0 && of.reason.is_empty(), "{of:?}");
    }
    assert!(
        baseline.groups[0].name.starts_with("baseline below the median (")
            && baseline.groups[0].name.ends_with(" pg/mL)")
            && baseline.model.ends_with("and stratum")
    );
    assert!(!stratum.model.ends_with("and stratum"), "{}", stratum.model);
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let head = "[study]\nid = \"S\"\nunit = \"pg/mL\"\n[supplementary]\n";
    let said = |section: &str| platewise::protocol::parse(&format!("{head}{section}")).unwrap_err().to_string();
    for (section, expected) in [
        (
            "analyses = [\"van-elteren\", \"median\"]",
            "line 5: 'median' in analyses; expected some of \"van-elteren\", \"locf\"",
        ),
        ("subgroups = [\"sex\"]", "line 5: 'sex' in subgroups; expected some of \"stratum\", \"age\", \"baseline\""),
        ("subgroups = [\"age\"]", "subgroups by age need ages at which they begin"),
        ("age_from = [18]", "age_from stands without subgroups by age"),
        ("subgroups = [\"age\"]\nage_from = [18, 12]", "line 6: age_from does not rise"),
        ("next_trial_ratio = 1", "line 5: next_trial_ratio = 1"),
        ("next_trial_power_percent = 80", "line 5: the next trial has a power or a drop-out, and no ratio"),
    ] {
        let said = said(section);
        assert!(said.contains(expected), "{expected}\nis not in\n{said}");
    }
}

/// All of it by the command: the tables are there, the page shows them, and the bench knows nothing of them.
#[test]
fn the_command_writes_what_the_study_declares() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let text = fs::read_to_string(study.join("study.toml")).unwrap();
    let text = text.replace("assay_error_replicates = 2000", "assay_error_replicates = 200\nsensitivity_grid = false");
    let section = "[supplementary]\nanalyses = [\"van-elteren\", \"locf\", \"standardised-responders\"]\n\
        subgroups = [\"baseline\"]\nnext_trial_ratio = 0.7\nnext_trial_dropout_percent = 10\n";
    fs::write(study.join("study.toml"), format!("{text}\n{section}")).unwrap();
    let out = place.path().join("out");
    let done =
        Command::new(env!("CARGO_BIN_EXE_platewise")).arg("run").arg(&study).arg("--out").arg(&out).output().unwrap();
    assert_eq!(done.status.code(), Some(1), "{}", String::from_utf8_lossy(&done.stderr));
    let rows = |name: &str| -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(out.join(name)).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    };
    let (groups, sizes) = (rows("subgroups.csv"), rows("next_trial.csv"));
    assert!(groups.len() == 2 && groups.iter().all(|row| !row["P_INTERACTION"].is_empty()));
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    let sizes: Vec<f64> = sizes.iter().map(|row| number(row, "N_RANDOMISED")).collect();
    let [here, upper, twice, without] = sizes[..] else { panic!("{sizes:?}") };
    assert!(upper > here && here >= twice && twice >= without && without > 10.0, "{sizes:?}");
    let standardised = rows("responders_standardised.csv");
    assert!(standardised.iter().all(|row| !row["RISK_RATIO"].is_empty()), "{standardised:?}");
    let comparisons = rows("comparison.csv");
    let elteren = comparisons.iter().find(|row| row["ANALYSIS"] == "van_elteren").unwrap();
    assert_eq!(elteren["REASON"], "the list of arms has no stratum of every participant");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Groups of participants") && page.contains("The next trial"));
    assert!(out.join("figures/subgroups.svg").is_file());
    let bench = fs::read_to_string(out.join("laboratory.html")).unwrap();
    assert!(!bench.contains("Groups of participants") && !bench.contains("The next trial"));
}
