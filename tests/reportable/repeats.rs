//! Re-runs of the demo trial: first result, repeat and final result stand side by side, and no discarded value is lost.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::result_tables::{Row, table};

#[test]
fn every_repeat_stands_beside_the_first_and_the_final_result() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let study = Path::new(env!("CARGO_MANIFEST_DIR")).join("plates");
    let mut command = assert_cmd::Command::cargo_bin("platewise").unwrap();
    command.args(["quantify", study.to_str().unwrap(), "--quiet", "--out", out.to_str().unwrap()]);
    assert_eq!(command.output().unwrap().status.code(), Some(1), "a plate of the demo trial is rejected");

    let measurements = table(&out, "measurements.csv");
    let mut measured: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in &measurements {
        measured.entry(&row["sample"]).or_default().push(row);
    }
    let again = |rows: &&Vec<&Row>| rows.iter().filter(|row| row["plate"] != rows[0]["plate"]).count();
    let repeats = table(&out, "repeats.csv");
    assert_eq!(repeats.len(), measured.values().map(|rows| again(&rows)).sum::<usize>(), "each repeat once");
    let concentrations = table(&out, "concentrations.csv");
    for row in &repeats {
        let of = &measured[row["sample"].as_str()];
        let on = |plate: &str| {
            let on: Vec<_> = of.iter().filter(|of| of["plate"] == row[plate]).collect();
            assert_eq!(on.len(), 1, "at one dilution each");
            on[0]
        };
        let (first, repeat) = (on("initial_plate"), on("repeat_plate"));
        assert_eq!(of[0]["plate"], row["initial_plate"], "the first measurement");
        assert_eq!((&row["initial"], &row["reason"]), (&first["reported"], &first["after_verdict"]), "{row:?}");
        assert_eq!(row["repeat"], repeat["after_verdict"]);
        assert_eq!((&row["initial_dilution"], &row["repeat_dilution"]), (&first["dilution"], &repeat["dilution"]));
        let reported = concentrations.iter().find(|of| of["sample"] == row["sample"]).unwrap();
        assert_eq!((&row["final"], &row["final_plate"]), (&reported["reported"], &reported["plate"]));
        let chosen: Vec<_> = of.iter().filter(|of| of["chosen"] == "Y").collect();
        let [chosen] = chosen.as_slice() else { panic!("one measurement is reported: {of:?}") };
        assert_eq!((&row["final"], &row["rule"]), (&chosen["after_verdict"], &chosen["why"]));
        // No repeat replaces a first result that could be reported (ICH M10 4.3.4); all of the trial's are at the dilution of the
        // first or at a higher one.
        if first["after_verdict"].parse::<f64>().is_ok() {
            assert_eq!(row["final"], row["initial"], "{row:?}");
        }
    }
    let of_rejected: Vec<&Row> = repeats.iter().filter(|row| row["initial_plate"] == "P04").collect();
    assert!(of_rejected.len() >= 30, "a whole plate was repeated");
    assert!(of_rejected.iter().all(|row| row["reason"] == "not reported: plate rejected"));
    // What was measured on the rejected plate is not lost: its numbers are in the table.
    let discarded =
        measurements.iter().filter(|row| row["plate"] == "P04" && row["concentration"].parse::<f64>().is_ok());
    assert!(discarded.count() >= 20);
}
