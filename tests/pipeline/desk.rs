//! What a review shows before a decision is made is what the study is after it.

use std::path::Path;

use platewise::files::{InputFolder, LinkPolicy};
use platewise::pipeline::{self, DecidedBy, Desk, NotDecided, RequestedDecision, RunOptions};
use platewise::record::Target;
use platewise::report::page::review::{Proposal, Reviewed};

use crate::support::copied_study::copy;

fn by() -> DecidedBy {
    DecidedBy { who: "A. Analyst".into(), code: "bubble".into(), reason: "seen at reading".into() }
}

fn target(plate: &str, well: Option<&str>, standard: Option<f64>) -> Target {
    Target { plate: plate.into(), well: well.map(String::from), standard }
}

/// The concentrations and verdicts that a run from the files gives.
fn by_a_run(study: &Path) -> (String, Vec<String>) {
    let run = pipeline::run(&InputFolder::new(study, LinkPolicy::Refused), &RunOptions::default(), &|_| {}).unwrap();
    shown(&run)
}

fn shown(run: &pipeline::Run) -> (String, Vec<String>) {
    let verdicts = run.quantified.plates.iter().map(|plate| format!("{:?}", plate.verdict)).collect();
    (run.record.concentrations_sha256.clone(), verdicts)
}

/// The numbers of a run: every curve, every measurement of every well, every result, every verdict. The words of a decision, which a
/// proposal does not have yet, are none.
fn numbers(run: &pipeline::Run) -> Vec<String> {
    let study = &run.quantified;
    let results =
        study.results.iter().map(|result| format!("{} {:?} {:?}", result.sample, result.quantity, result.plate));
    let plates = study.plates.iter().flat_map(|plate| {
        let found = plate.concentrations.iter();
        let curve =
            found.clone().map(|found| format!("{:?}", found.curve.as_ref().map(|curve| *curve.parameters()).ok()));
        let wells = found.flat_map(|found| &found.wells).map(|well| format!("{} {:?}", well.position, well.quantity));
        curve.chain(wells).chain([plate.verdict.verdict.to_string()])
    });
    results.chain(plates).collect()
}

#[test]
fn what_is_proposed_is_what_becomes_of_it() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let mut desk = Desk::open(&study, LinkPolicy::Refused).unwrap();
    let at_first = shown(desk.run());
    assert_eq!(at_first, by_a_run(&study));
    let targets = [
        target("P02", None, Some(250.0)),
        target("P03", Some("E07"), None),
        target("P04", Some("C01"), None),
        target("P05", Some("A01"), None),
        target("P06", None, None),
        target("P07", None, Some(0.0)),
        target("P09", None, Some(2000.0)),
    ];
    for (done, target) in targets.iter().enumerate() {
        let before = shown(desk.run());
        let proposed = desk.propose(&target.plate, RequestedDecision::Exclude(target.clone())).unwrap();
        assert_eq!(shown(desk.run()), before, "a proposal changes nothing");
        let seen = desk.seen(&target.plate).unwrap();
        let (line, _) = desk.decide(&target.plate, &seen, RequestedDecision::Exclude(target.clone()), by()).unwrap();
        assert_eq!(line, done + 1);
        assert_eq!(numbers(&proposed.run), numbers(desk.run()), "{target}");
        assert_eq!(shown(desk.run()), by_a_run(&study), "{target}");
        let mut changed = proposed.run.quantified.exclusions.plates_before.iter();
        assert!(changed.any(|plate| plate.id == target.plate), "{target}");
    }
    // Back again, the last first; in the end everything is as it was.
    for line in (1..=targets.len()).rev() {
        let plate = &targets[line - 1].plate;
        let proposed = desk.propose(plate, RequestedDecision::Undo(line)).unwrap();
        let seen = desk.seen(plate).unwrap();
        desk.decide(plate, &seen, RequestedDecision::Undo(line), by()).unwrap();
        assert_eq!(numbers(&proposed.run), numbers(desk.run()), "undo {line}");
    }
    assert_eq!(shown(desk.run()), at_first);
}

/// Where the plates share the exponent of their variance, an exclusion on one moves the others: all of them are shown.
#[test]
fn plates_that_change_with_another_are_shown_too() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let declared = std::fs::read_to_string(study.join("study.toml")).unwrap();
    let pooled = declared.replacen("variance = \"squared\"", "variance_exponent = \"study\"\nvariance = \"power\"", 1);
    std::fs::write(study.join("study.toml"), pooled).unwrap();
    let mut desk = Desk::open(&study, LinkPolicy::Refused).unwrap();
    let asked = || RequestedDecision::Exclude(target("P02", None, Some(250.0)));
    let proposed = desk.propose("P02", asked()).unwrap();
    let changed = proposed.run.quantified.exclusions.plates_before.len();
    assert!(changed > 5, "{changed} plates change");
    // Whoever had another plate before them is told.
    let seen = desk.seen("P05").unwrap();
    let of_p02 = desk.seen("P02").unwrap();
    desk.decide("P02", &of_p02, asked(), by()).unwrap();
    let refused = desk.decide("P05", &seen, RequestedDecision::Exclude(target("P05", Some("A01"), None)), by());
    assert!(matches!(&refused, Err(NotDecided::Changed(why)) if why[0].contains("the results")), "{refused:?}");
}

/// Where a plate has a curve on one side of a decision only, its parameters and their errors stand on that side.
#[test]
fn a_curve_that_comes_back_is_shown_beside_nothing() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let mut desk = Desk::open(&study, LinkPolicy::Refused).unwrap();
    let has_curve = |run: &pipeline::Run| {
        let plate = run.quantified.plates.iter().find(|plate| plate.id == "P02").unwrap();
        plate.concentrations.as_ref().unwrap().curve.is_ok()
    };
    let mut line = 0;
    for nominal in [2000.0, 1000.0, 500.0, 250.0, 125.0, 62.5, 31.25, 0.0] {
        if has_curve(desk.run()) {
            let seen = desk.seen("P02").unwrap();
            (line, _) = desk
                .decide("P02", &seen, RequestedDecision::Exclude(target("P02", None, Some(nominal))), by())
                .unwrap();
        }
    }
    assert!(!has_curve(desk.run()), "so few standards give no curve");
    let proposed = desk.propose("P02", RequestedDecision::Undo(line)).unwrap();
    assert!(has_curve(&proposed.run));
    let (now, after) = (desk.run().report(), proposed.run.report());
    let proposal = Proposal { plate: "P02", decision: &proposed.decision, after: &after, seen: "" };
    let page = Reviewed { report: &now, tables: &[], nonce: "n", who: "" }.proposal(&proposal).unwrap();
    for item in ["curve a", "curve a, SE", "curve b, SE", "R²", "residual SD"] {
        assert!(page.contains(&format!(">{item}<")), "{item}");
    }
}
