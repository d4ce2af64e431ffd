//! What a hostile or broken surrounding does to the program: names that steer a terminal, readers that go away, full devices, readings
//! that no instrument gives.

use std::fs::{self, File};
use std::process::{Output, Stdio};

use assert_cmd::Command;

use crate::support::two_plates::Study;

fn platewise(study: &Study, command: &str) -> std::process::Command {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_platewise"));
    program.arg(command).arg(study.path(""));
    program
}

fn without_control_characters(output: &Output) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let steering = said.chars().find(|&c| c.is_control() && !matches!(c, '\n' | '\t'));
    assert_eq!(steering, None, "{said:?}");
    said
}

#[test]
fn names_do_not_steer_the_terminal() {
    let study = Study::new("layouts/P02.csv");
    let name = "P02\u{1b}]0;renamed\u{7}\u{9b}31m";
    study.replace("study.toml", "id = \"P02\"", "id = \"P02\\u001b]0;renamed\\u0007\\u009b31m\"");
    study.change("layouts/P02.csv", |text| text.replace("101-W00", "101\u{1b}[2J"));
    for (command, more) in [("run", "--verbose"), ("quantify", "--format=json"), ("quantify", "--quiet")] {
        let said = without_control_characters(&platewise(&study, command).arg(more).output().unwrap());
        if more == "--verbose" {
            assert!(said.contains(r"\u001b]0;renamed\u0007\u009b31m"), "{said}");
        }
    }
    let file = study.path(&format!("{name}.csv"));
    fs::write(&file, study.read("exports/P02.csv").replacen("0.", "\u{1b}[31m0.", 3)).unwrap();
    for more in [vec![], vec!["--verbose"], vec!["--format", "json"]] {
        let output = Command::cargo_bin("platewise").unwrap().arg("inspect").arg(&file).args(more).output().unwrap();
        without_control_characters(&output);
    }
}

/// A study of which one plate cannot be read, so that a run ends with 1.
fn with_a_lost_plate() -> Study {
    let study = Study::new("layouts/P02.csv");
    fs::remove_file(study.path("exports/P02.csv")).unwrap();
    study
}

#[test]
fn a_reader_who_has_seen_enough_does_not_change_the_exit_code() {
    let study = with_a_lost_plate();
    for format in ["text", "json"] {
        let mut child = platewise(&study, "run")
            .args(["--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(1), "{format}");
    }
}

#[test]
fn a_full_device_ends_nothing_with_a_panic() {
    let Ok(full) = File::options().write(true).open("/dev/full") else {
        return println!("skipped: there is no /dev/full here");
    };
    let study = with_a_lost_plate();
    let onto = || Stdio::from(full.try_clone().unwrap());
    let code = |command: &mut std::process::Command| command.status().unwrap().code();
    // Results on standard output that are lost are a failure; messages that are lost are not.
    assert_eq!(code(platewise(&study, "run").stdout(onto()).stderr(Stdio::null())), Some(2));
    assert_eq!(code(platewise(&study, "run").stdout(Stdio::null()).stderr(onto())), Some(1));
    assert_eq!(code(platewise(&study, "run").stdout(onto()).stderr(onto())), Some(2));
    let missing = Study::new("layouts/P02.csv");
    fs::remove_file(missing.path("study.toml")).unwrap();
    assert_eq!(code(platewise(&missing, "run").stderr(onto())), Some(2));
}

/// Squares of such readings are no numbers any more; 1e155 panicked.
#[test]
fn readings_that_no_instrument_gives_end_no_run() {
    let sound = Study::new("layouts/P02.csv");
    let export = sound.read("exports/P02.csv");
    for (n, extreme) in
        ["1e154", "1e155", "-1e155", "1e200", "1e300", "1.7e308", "1e-300", "5e-324"].into_iter().enumerate()
    {
        let study = Study::new("layouts/P02.csv");
        // Every third reading from another one on: standards, controls and samples.
        let mut seen = 0;
        let cell = |cell: &str| {
            let is_reading = cell.parse::<f64>().is_ok_and(|value| value.fract() != 0.0);
            seen += usize::from(is_reading);
            if is_reading && seen % 3 == n % 3 { extreme.to_string() } else { cell.to_string() }
        };
        let mut cell = cell;
        let changed: Vec<String> =
            export.lines().map(|line| line.split(',').map(&mut cell).collect::<Vec<_>>().join(",")).collect();
        study.write("exports/P02.csv", changed.join("\n"));
        let output = platewise(&study, "run").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(0..=2)) && !said.contains("panicked"), "{extreme}: {said}");
    }
}
