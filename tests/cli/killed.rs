//! Decisions and signatures of commands that are killed at any moment: what was acknowledged is there, whole, and nothing else is left.
//!
//! `PLATEWISE_KILLS=300` gives the number of kills; a few are tried without. `tests/bench/faults.py` does more of it.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::decided_study::{Study, platewise, printed};

/// Runs the program and kills it after a share of the time that it takes; whether it ended before that, with success.
fn killed(arguments: &[&str], after: Duration) -> bool {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("platewise"));
    let mut run = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(after);
    run.kill().unwrap();
    run.wait().unwrap().success()
}

/// The moments of the kills, over a little more than the time that a command takes.
fn moments(takes: Duration) -> impl Iterator<Item = Duration> {
    let kills = std::env::var("PLATEWISE_KILLS").map_or(8, |text| text.parse().unwrap());
    (0..kills).map(move |kill| takes.mul_f64(1.3 * f64::from(kill) / f64::from(kills)))
}

/// How long a command takes that succeeds.
fn timed(arguments: &[&str]) -> Duration {
    let begun = Instant::now();
    let done = platewise(arguments);
    assert!(done.status.success(), "{}", printed(&done));
    begun.elapsed()
}

/// The whole lines of the log; one that was torn has no end.
fn lines(study: &Study) -> Vec<String> {
    let text = fs::read_to_string(study.path("decisions.jsonl")).unwrap();
    text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::to_string).collect()
}

#[test]
fn an_acknowledged_decision_is_in_the_log() {
    let study = Study::new();
    let place = study.path("");
    let decide = ["decide", place.to_str().unwrap()];
    let why = ["--code", "bubble", "--reason", "made up", "--by", "A. B."];
    let well = ["exclude", "--plate", "P01", "--well", "E07"];
    let takes = timed(&[&decide[..], &well, &why].concat());
    let mut acknowledged = 1;
    for moment in moments(takes) {
        let before = lines(&study);
        let number = before.len().to_string();
        let last: serde_json::Value = serde_json::from_str(before.last().unwrap()).unwrap();
        let undo = ["undo", &number];
        let what = if last["action"] == "exclude" { &undo[..] } else { &well[..] };
        let ended = killed(&[&decide[..], what, &why].concat(), moment);
        let after = lines(&study);
        assert!(after.starts_with(&before) && after.len() <= before.len() + 1);
        assert!(!ended || after.len() == before.len() + 1, "an acknowledged decision is not in the log");
        acknowledged += usize::from(ended);
    }
    assert!(lines(&study).len() >= acknowledged);
    // The chain of its lines holds, and a next decision finds its place.
    assert_eq!(study.quantify().0, 0);
    timed(&["verify", place.to_str().unwrap()]);
}

#[test]
fn an_acknowledged_signature_holds_and_nothing_else_is_left() {
    let study = Study::new();
    let key = ssh_key::PrivateKey::from(ssh_key::private::Ed25519Keypair::from_seed(&[7; 32]));
    let file = study.path("../key");
    fs::write(&file, key.to_openssh(ssh_key::LineEnding::LF).unwrap().as_bytes()).unwrap();
    let signer = format!("h.head namespaces=\"platewise\" {}\n", key.public_key().to_openssh().unwrap());
    fs::write(study.path("allowed_signers"), signer).unwrap();
    study.quantify();
    let place = study.path("");
    let sign =
        ["sign", place.to_str().unwrap(), "--meaning", "approved", "--by", "H. Head", "--key", file.to_str().unwrap()];
    let takes = timed(&sign);
    let acknowledged = 2 + moments(takes).filter(|&moment| killed(&sign, moment)).count();
    timed(&sign);
    let names = fs::read_dir(study.path("signatures")).unwrap();
    let names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let (statements, others): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| name.ends_with(".sha256"));
    assert!(statements.len() >= acknowledged, "{acknowledged} acknowledged: {names:?}");
    assert!(others.iter().all(|name| name.ends_with(".sha256.sig")), "{names:?}");
    timed(&["verify", place.to_str().unwrap()]);
}
