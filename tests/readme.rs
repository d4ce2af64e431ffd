//! What README.md says is true: its table of readers is the program's own, its links lead somewhere, its commands exist.
//! `PLATEWISE_BLESS=1 cargo test --test readme` writes the table anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test may fail, and says so"
)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use platewise::plate::vendor;

const BEGIN: &str = "<!-- readers: made by the program, kept true by a test -->\n";
const END: &str = "<!-- /readers -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

#[test]
fn the_table_of_readers_is_the_programs_own() {
    let text = readme();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    let made = vendor::markdown_table();
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::write(root().join("README.md"), format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(table, made, "run PLATEWISE_BLESS=1 cargo test --test readme");
}

#[test]
fn links_lead_somewhere() {
    let text = readme();
    let links: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(links.len() >= 4, "{links:?}");
    for link in links.into_iter().filter(|link| !link.starts_with("http") && !link.starts_with('#')) {
        assert!(root().join(link).exists(), "README.md links to {link}, which is not there");
    }
    for name in text.split('`').filter(|name| name.starts_with("tests/") && name.ends_with(".rs")) {
        assert!(root().join(name).exists(), "README.md names {name}, which is not there");
    }
}

#[test]
fn commands_exist() {
    let help = Command::cargo_bin("platewise").unwrap().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let text = readme();
    let commands: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("platewise "))
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 5, "{commands:?}");
    for command in commands {
        assert!(
            help.lines().any(|line| line.trim_start().starts_with(&format!("{command} "))),
            "{command} is not in:\n{help}"
        );
    }
}
