//! What README.md says is true: its tables of readers and outputs are the program's own, its links lead somewhere, its commands exist.
//! `PLATEWISE_BLESS=1 cargo test --test stages house::readme` writes the tables anew.

use crate::support::copied_study::copy;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use assert_cmd::Command;
use calamine::{Reader, Xlsx};
use platewise::plate::formats;

const BEGIN: &str = "<!-- readers: made by the program, kept true by a test -->\n";
const END: &str = "<!-- /readers -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// Compares what stands between two marks with what the program makes; writes it there where that is asked for.
fn same_or_blessed(begin: &str, end: &str, made: &str) {
    // Both tables may be blessed at once.
    static FILE: Mutex<()> = Mutex::new(());
    let _one_at_a_time = FILE.lock().unwrap();
    let text = readme();
    let (before, rest) = text.split_once(begin).unwrap();
    let (table, after) = rest.split_once(end).unwrap();
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::write(root().join("README.md"), format!("{before}{begin}{made}{end}{after}")).unwrap();
        return;
    }
    assert!(table == made, "run PLATEWISE_BLESS=1 cargo test --test stages house::readme; made:\n{made}");
}

#[test]
fn the_table_of_readers_is_the_programs_own() {
    same_or_blessed(BEGIN, END, &formats::markdown_table());
}

/// Each method is implemented where the table says, and what the table gives as its source stands there in these words.
#[test]
fn the_table_of_methods_names_files_and_sources_that_are_there() {
    let text = readme();
    let (_, rest) = text.split_once("<!-- methods: kept true by a test -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- /methods -->").unwrap();
    let rows: Vec<&str> = table.lines().skip(2).collect();
    assert!(rows.len() > 20, "{table}");
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [method, files, source] = cells[..] else { panic!("three cells: {row}") };
        let paths: Vec<&str> = files.split("](").skip(1).map(|link| link.split(')').next().unwrap()).collect();
        assert!(!paths.is_empty(), "{method}: no file");
        let text: String = paths.iter().map(|path| comments(&root().join(path))).collect();
        for part in source.split(" · ").filter(|part| *part != "derived in the file") {
            assert!(text.contains(part), "{method}: '{part}' does not stand in {paths:?}");
        }
    }
}

/// The comments of a file as one line of text.
fn comments(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let lines = text.lines().filter_map(|line| line.trim().strip_prefix("//"));
    let words = lines.flat_map(|line| line.trim_start_matches(['/', '!']).split_whitespace());
    words.collect::<Vec<_>>().join(" ")
}

/// Every sheet of the workbook of a run with its columns: the tables as CSV have the same, without the unit.
#[test]
fn the_table_of_outputs_is_the_programs_own() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("plates");
    copy(&root().join("plates"), &study);
    Command::cargo_bin("platewise").unwrap().args(["run", "--quiet"]).arg(&study).output().unwrap();
    let out = study.join("results");
    let mut book: Xlsx<_> = calamine::open_workbook(out.join("results.xlsx")).unwrap();
    let meanings = book.worksheet_range("columns").unwrap();
    let rows: Vec<[String; 3]> =
        meanings.rows().skip(1).map(|row| [0, 1, 2].map(|cell| row[cell].to_string())).collect();
    let mut table = String::from("| file | one row is | columns |\n|---|---|---|\n");
    for [name, _, about] in rows.iter().filter(|[_, column, _]| column.is_empty()) {
        let of_table = rows.iter().filter(|[of, column, _]| of == name && !column.is_empty());
        let columns: Vec<String> = of_table.map(|[_, column, _]| format!("`{column}`")).collect();
        table += &format!("| `{name}.csv` | {about} | {} |\n", columns.join(", "));
    }
    same_or_blessed("<!-- outputs: made by the program, kept true by a test -->\n", "<!-- /outputs -->", &table);
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
