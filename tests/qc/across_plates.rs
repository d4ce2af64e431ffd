//! What is asked across plates: beside an independent computation (fixtures/across_plates), and in a small study with controls, a
//! history, a dilution series, a spiked sample and incurred samples.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::result_tables::table;
use platewise::concentration::{Estimate, Quantity};
use platewise::pipeline::{self, Quantified};
use platewise::plate::SampleList;
use platewise::qc::across_plates::chart::charts;
use platewise::qc::across_plates::{History, Item, MeasuredQuantity, Observation, TestSamples};
use platewise::record::{CheckedDecision, DecisionRequest, Target};
use platewise::sheet::Book;
use platewise::stats::variance_components;
use serde_json::Value;

fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/across_plates");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn expected() -> Value {
    serde_json::from_str(&fixture("expected.json")).unwrap()
}

/// Rows of a CSV file of the fixture without its header.
fn rows(name: &str) -> Vec<Vec<String>> {
    fixture(name).lines().skip(1).map(|line| line.split(',').map(str::to_string).collect()).collect()
}

fn close(ours: f64, theirs: &Value, tolerance: f64, what: &str) {
    let theirs = theirs.as_f64().unwrap();
    assert!((ours - theirs).abs() <= tolerance * theirs.abs().max(1e-300), "{what}: ours {ours}, theirs {theirs}");
}

#[test]
fn components_of_variance_are_those_of_numpy_and_statsmodels() {
    let expected = expected();
    let mut compared_with_reml = 0;
    for (level, theirs) in expected["variance_components"].as_object().unwrap() {
        let mut runs: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for row in rows("controls.csv").into_iter().filter(|row| row[1] == *level) {
            runs.entry(row[0].clone()).or_default().push(row[4].parse().unwrap());
        }
        let ours = variance_components(&runs.into_values().collect::<Vec<_>>(), 0.95).unwrap();
        assert_eq!(
            (ours.runs, ours.n),
            (theirs["runs"].as_u64().unwrap() as usize, theirs["n"].as_u64().unwrap() as usize)
        );
        let intervals = [
            (ours.repeatability.ci_low, &theirs["repeatability_ci"][0]),
            (ours.repeatability.ci_high, &theirs["repeatability_ci"][1]),
            (ours.intermediate.ci_low, &theirs["intermediate_ci"][0]),
            (ours.intermediate.ci_high, &theirs["intermediate_ci"][1]),
        ];
        let numbers = [
            (ours.mean, &theirs["mean"]),
            (ours.ms_between, &theirs["ms_between"]),
            (ours.ms_within, &theirs["ms_within"]),
            (ours.n0, &theirs["n0"]),
            (ours.between, &theirs["between"]),
            (ours.intermediate.variance, &theirs["intermediate"]),
            (ours.intermediate.df, &theirs["intermediate_df"]),
        ];
        for (ours, theirs) in numbers.into_iter().chain(intervals) {
            close(ours, theirs, 1e-9, level);
        }
        // REML and analysis of variance are one where the layout is balanced and the component positive.
        if let (Some(reml), false) = (theirs.get("reml"), ours.between_negative) {
            close(ours.repeatability.variance, &reml["within"], 1e-4, "REML within");
            close(ours.between, &reml["between"], 1e-4, "REML between");
            compared_with_reml += 1;
        }
    }
    assert!(compared_with_reml >= 1);
}

#[test]
fn charts_and_rules_are_those_of_the_definitions_applied_window_by_window() {
    let expected = expected();
    let observations = rows("controls.csv").into_iter().map(|row| Observation {
        study: "SIM".into(),
        plate: row[0].clone(),
        kit_lot: "L1".into(),
        accepted: true,
        item: Item::Control { level: row[1].clone(), nominal: Some(row[2].parse().unwrap()) },
        set: row[3].parse().unwrap(),
        value: row[4].parse().unwrap(),
        unit: "pg/mL".into(),
    });
    let history = History { observations: observations.collect() };
    let protocol = platewise::protocol::parse(&study_toml("")).unwrap();
    let charts = charts(&history, &protocol.assay.across_plates);
    assert_eq!(charts.len(), 3);
    let mut ours: Vec<(String, String, usize, String)> = Vec::new();
    let mut z: BTreeMap<(String, String, usize), f64> = BTreeMap::new();
    for chart in &charts {
        for point in &chart.points {
            let one = &point.observation;
            assert!(point.limits.unwrap().fixed && point.limits.unwrap().plates == 20);
            z.insert((one.plate.clone(), one.item.name().to_string(), one.set), point.z().unwrap());
            let of = |rule: String| (one.plate.clone(), one.item.name().to_string(), one.set, rule);
            ours.extend(point.broken.iter().map(|(rule, _)| of(rule.name())));
        }
    }
    for theirs in expected["z"].as_array().unwrap() {
        let (plate, level) = (theirs[0].as_str().unwrap(), theirs[1].as_str().unwrap());
        let set = theirs[2].as_u64().unwrap() as usize;
        let ours = z[&(plate.to_string(), level.to_string(), set)];
        assert!((ours - theirs[3].as_f64().unwrap()).abs() < 1e-9, "{plate} {level} {set}");
    }
    let text = |value: &Value| value.as_str().unwrap().to_string();
    let mut theirs: Vec<(String, String, usize, String)> = expected["westgard"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| (text(&hit[0]), text(&hit[1]), hit[2].as_u64().unwrap() as usize, text(&hit[3])))
        .collect();
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs);
    for rule in ["1_2s", "1_3s", "2of3_2s", "R_4s", "3_1s", "12_x"] {
        assert!(theirs.iter().any(|hit| hit.3 == rule), "{rule} is never broken in the fixture");
    }
}

#[test]
fn incurred_samples_are_judged_as_by_numpy() {
    let expected = &expected()["isr"];
    let pairs = rows("isr.csv");
    let mut list = "sample,subject,visit,purpose,of\n".to_string();
    for at in 0..pairs.len() {
        let _ = write!(list, "S{at},{at},Baseline,,\nR{at},,,isr,S{at}\n");
    }
    let samples = SampleList::read(&Book::from_bytes(list.as_bytes(), "samples.csv").unwrap().sheets[0]).unwrap();
    let quantities: BTreeMap<String, (Quantity, &str)> = pairs
        .iter()
        .enumerate()
        .flat_map(|(at, pair)| {
            let of = |text: &str| {
                let value = text.parse().unwrap();
                Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None })
            };
            [(format!("S{at}"), (of(&pair[0]), "P1")), (format!("R{at}"), (of(&pair[1]), "P2"))]
        })
        .collect();
    let measured =
        |name: &str| quantities.get(name).map(|(quantity, plate)| MeasuredQuantity { quantity, plate: Some(plate) });
    let settings = platewise::protocol::parse(&study_toml("")).unwrap().assay.across_plates;
    let isr = TestSamples::evaluate(&samples, measured, &settings, 0.95).isr.unwrap();
    for (pair, theirs) in isr.pairs.iter().zip(expected["differences"].as_array().unwrap()) {
        close(*pair.difference_percent.as_ref().unwrap(), theirs, 1e-9, &pair.sample);
    }
    assert_eq!(isr.within, expected["within"].as_u64().unwrap() as usize);
    assert_eq!(isr.passed, expected["passed"].as_bool().unwrap());
    assert!(isr.within < isr.pairs.len(), "the fixture has a pair that is not within");
}

// A small study, made here.

fn study_toml(more: &str) -> String {
    let plates: String = (1..=2)
        .map(|plate| {
            format!("[[plate]]\nid='P{plate}'\nexport='P{plate}.csv'\nlayout='L{plate}.csv'\nkit_lot='LOT {plate}'\n")
        })
        .collect();
    format!(
        "[study]\nid='SMALL'\nunit='pg/mL'\nsimulated=true\n[method]\nname='m'\nversion='1'\n[[visit]]\nname='Baseline'\nweek=0\n\
         baseline=true\n[[visit]]\nname='Week 16'\nweek=16\nendpoint=true\n{more}\n{plates}"
    )
}

/// The response of the simulated assay; lot 2 has its mid-point 1.2 times higher.
fn response(concentration: f64, lot: usize) -> f64 {
    let c: f64 = if lot == 2 { 360.0 } else { 300.0 };
    2.8 + (0.05 - 2.8) / (1.0 + (concentration / c).powf(1.2))
}

/// Writes the two plates: a dilution series (DIL), a spiked sample (SPK of S1, 300 added) and the repeat of S1 (S1R, on plate 2).
fn write_study(folder: &Path, more: &str) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("study.toml"), study_toml(more)).unwrap();
    let samples = "sample,subject,visit,purpose,of,added\nS1,001,Baseline,,,\nS2,001,Week 16,,,\nDIL,002,Baseline,,,\n\
                   SPK,,,spike,S1,300\nS1R,,,isr,S1,\n";
    fs::write(folder.join("samples.csv"), samples).unwrap();
    for plate in 1..=2 {
        let mut wells: Vec<(String, String, f64)> = Vec::new();
        let standards = [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0];
        for level in standards {
            wells.push(("standard".into(), format!(",{level},"), level));
        }
        for (name, nominal) in [("low", 90.0), ("mid", 300.0), ("high", 1500.0)] {
            wells.push(("control".into(), format!("{name},{nominal},"), nominal));
        }
        if plate == 1 {
            wells.push(("sample".into(), "S1,,1".into(), 200.0));
            wells.push(("sample".into(), "SPK,,1".into(), 485.0));
            for dilution in [5.0, 10.0, 20.0, 40.0] {
                wells.push(("sample".into(), format!("DIL,,{dilution}"), 6000.0 / dilution));
            }
        } else {
            wells.push(("sample".into(), "S2,,1".into(), 500.0));
            wells.push(("sample".into(), "S1R,,1".into(), 220.0));
        }
        let mut layout = "well,role,sample,concentration,dilution\n".to_string();
        let mut grid =
            vec![[String::new(), String::new(), String::new(), String::new(), String::new(), String::new()]; 8];
        for (at, (role, rest, concentration)) in wells.iter().enumerate() {
            let (row, pair) = (at % 8, at / 8);
            for replicate in 0..2 {
                let column = 2 * pair + replicate;
                // A scatter of half a percent, the same at each writing.
                let scatter = 1.0 + 0.005 * (((at * 7 + replicate * 13 + plate * 5) % 11) as f64 - 5.0) / 5.0;
                grid[row][column] = format!("{:.4}", response(*concentration, plate) * scatter);
                let letter = char::from(b'A' + row as u8);
                let _ = writeln!(layout, "{letter}{},{role},{rest}", column + 1);
            }
        }
        let mut export = ",1,2,3,4,5,6,7,8,9,10,11,12\n".to_string();
        for (row, cells) in grid.iter().enumerate() {
            let letter = char::from(b'A' + row as u8);
            let _ = writeln!(export, "{letter},{},,,,,,", cells.join(","));
        }
        fs::write(folder.join(format!("L{plate}.csv")), layout).unwrap();
        fs::write(folder.join(format!("P{plate}.csv")), export).unwrap();
    }
}

fn study(place: &tempfile::TempDir, name: &str, more: &str) -> (PathBuf, Quantified) {
    let folder = place.path().join(name);
    write_study(&folder, more);
    let quantified = pipeline::quantify(&folder, &|_| {}).unwrap();
    (folder, quantified)
}

#[test]
fn a_study_says_what_its_test_samples_say() {
    let place = tempfile::tempdir().unwrap();
    let (_, quantified) = study(&place, "study", "");
    assert!(quantified.is_clean(), "{:?}", quantified.plates.iter().map(|plate| &plate.verdict).collect::<Vec<_>>());
    let over = &quantified.across_plates;
    let series = &over.parallelism[0];
    assert_eq!((series.sample.as_str(), over.parallelism.len()), ("DIL", 1));
    let agreement = series.agreement.as_ref().unwrap();
    assert!(agreement.n == 4 && agreement.within && agreement.slope.abs() < 0.05, "{agreement:?}");
    let recovery = over.tests.spikes[0].recovery.as_ref().unwrap();
    assert!((recovery.percent - 95.0).abs() < 5.0 && recovery.within, "{recovery:?}");
    let isr = over.tests.isr.as_ref().unwrap();
    let difference = isr.pairs[0].difference_percent.as_ref().unwrap();
    assert!(isr.passed && (difference - 100.0 * 20.0 / 210.0).abs() < 3.0, "{difference}");
    let lots = &over.lots[0];
    let ratio = lots.ratio.as_ref().unwrap();
    assert!((ratio.ratio - 1.2).abs() < 0.02 && ratio.lower.unwrap() < 1.2 && 1.2 < ratio.upper.unwrap(), "{ratio:?}");
    // What tests the method is nobody's result.
    let visits = quantified.visits.as_ref().unwrap();
    let names: Vec<&str> = visits.iter().map(|visit| visit.sample.as_str()).collect();
    assert_eq!(names, ["S1", "S2", "DIL"]);
}

/// Samples that test the method are nobody's results: they are measured, and judged in tables of their own; what the trial reports
/// and what the bench runs again does not have them.
#[test]
fn test_samples_are_no_samples_of_the_trial() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("study");
    let quantify = |more: &str| {
        write_study(&folder, more);
        let mut program = assert_cmd::Command::cargo_bin("platewise").unwrap();
        let done = program.arg("quantify").arg(&folder).output().unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stdout).unwrap())
    };
    let column = |name: &str, column: &str| -> Vec<String> {
        table(&folder.join("results"), name).into_iter().map(|mut row| row.remove(column).unwrap()).collect()
    };
    let (code, printed) = quantify("");
    assert_eq!(code, 0, "{printed}");
    assert!(
        printed.contains("\n3 samples: 3 quantified") && printed.contains("and 2 that test the method"),
        "{printed}"
    );
    assert_eq!(column("concentrations.csv", "sample"), ["DIL", "S1", "S2"]);
    assert!(column("reruns.csv", "sample").is_empty() && column("repeats.csv", "sample").is_empty());
    let purposes: BTreeMap<String, String> = table(&folder.join("results"), "measurements.csv")
        .into_iter()
        .map(|row| (row["sample"].clone(), row["purpose"].clone()))
        .collect();
    let words: Vec<(&str, &str)> =
        purposes.iter().map(|(sample, purpose)| (sample.as_str(), purpose.as_str())).collect();
    assert_eq!(words, [("DIL", "study"), ("S1", "study"), ("S1R", "isr"), ("S2", "study"), ("SPK", "spike")]);
    // The reanalysis beside its only pair: it passes, and fails where the method allows less.
    let overall = || {
        let row = table(&folder.join("results"), "isr.csv").remove(0);
        ["of", "outcome", "pairs_within", "pairs", "pairs_needed_percent", "study_outcome"].map(|key| row[key].clone())
    };
    assert_eq!(overall(), ["S1", "pass", "1", "1", "66.7", "pass"]);
    assert_eq!(quantify("[across_plates]\nisr_difference_percent=5\n").0, 0, "it decides on no plate");
    assert_eq!(overall(), ["S1", "fail", "0", "1", "66.7", "fail"]);
    // The plate of the repeat is left out: what cannot be computed does not pass, the reason is said, and the subject's sample on
    // it, not the repeat, is to be run again.
    write_study(&folder, "");
    let target = Target { plate: "P2".into(), well: None, standard: None };
    let decision = CheckedDecision::Exclude(target);
    let request =
        DecisionRequest { who: "A. B.".into(), decision, code: "spill".into(), reason: "spilled".into(), seen: None };
    platewise::record::append(&folder, &request).unwrap();
    assert_eq!(quantify("").0, 1);
    assert_eq!(overall(), ["S1", "not evaluable", "0", "1", "66.7", "fail"]);
    assert_eq!(column("isr.csv", "remarks"), ["the repeat is not reported: plate rejected"]);
    assert_eq!(column("reruns.csv", "sample"), ["S2"]);
}

#[test]
fn a_history_goes_on_and_running_again_adds_nothing() {
    let place = tempfile::tempdir().unwrap();
    let program = || assert_cmd::Command::cargo_bin("platewise").unwrap();
    let (folder, first) = study(&place, "first", "");
    let run = |folder: &Path| {
        program().arg("quantify").arg(folder).arg("--quiet").assert().success();
        fs::read(folder.join("results/history.csv")).unwrap()
    };
    let history = run(&folder);
    assert_eq!(
        String::from_utf8(history.clone()).unwrap().lines().count(),
        1 + first.across_plates.history.observations.len()
    );
    // The same study with the history that it wrote: the same bytes.
    let (again, _) = study(&place, "again", "");
    fs::write(again.join("study.toml"), study_toml("[across_plates]\nhistory='history.csv'")).unwrap();
    fs::write(again.join("history.csv"), &history).unwrap();
    assert_eq!(run(&again), history);
    assert_eq!(fs::read(again.join("history.csv")).unwrap(), history, "an input is never written to");
    // Another study goes on where it ended, and an older number that is another now is named.
    let changed = String::from_utf8(history).unwrap().replace("SMALL,", "EARLIER,");
    fs::write(again.join("history.csv"), &changed).unwrap();
    let longer = String::from_utf8(run(&again)).unwrap();
    assert!(longer.starts_with(&changed) && longer.lines().count() == 2 * changed.lines().count() - 1);
    let quantified = pipeline::quantify(&again, &|_| {}).unwrap();
    assert!(quantified.across_plates.precision.iter().any(|row| row.plates == 4), "four plates over two studies");
}

#[test]
fn westgard_rejects_only_where_the_method_says_so() {
    let place = tempfile::tempdir().unwrap();
    let (folder, quantified) = study(&place, "study", "");
    // Twenty plates of lot 1 in which the low control was steady at 80.
    let mut history = "study,plate,kit_lot,accepted,kind,name,nominal,set,value,unit\n".to_string();
    for plate in 0..20 {
        let _ = writeln!(history, "OLD,P{plate},LOT 1,Y,control,low,90,1,{},pg/mL", 79.5 + f64::from(plate % 3) * 0.5);
    }
    let _ = quantified;
    fs::write(folder.join("history.csv"), history).unwrap();
    let verdicts = |more: &str| {
        fs::write(folder.join("study.toml"), study_toml(&format!("[across_plates]\nhistory='history.csv'\n{more}")))
            .unwrap();
        let quantified = pipeline::quantify(&folder, &|_| {}).unwrap();
        let first = &quantified.plates[0].verdict;
        (first.verdict.to_string(), first.findings.iter().filter(|finding| finding.rule == "westgard_rejects").count())
    };
    let (watched, findings) = verdicts("");
    assert_eq!(watched, "accepted", "a watch decides nothing");
    assert!(findings > 0);
    assert_eq!(verdicts("westgard_rejects=true").0, "rejected");
}
