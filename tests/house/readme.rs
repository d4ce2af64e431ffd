//! What README.md and the guide say is true: the tables of readers and outputs are the program's own, links lead somewhere, commands exist.
//! `PLATEWISE_BLESS=1 cargo test --test stages house::readme` writes the tables anew.

use crate::support::copied_study::copy;
use std::fs;
use std::path::Path;

use assert_cmd::Command;
use calamine::{Reader, Xlsx};
use platewise::plate::formats;

const BEGIN: &str = "<!-- readers: made by the program, kept true by a test -->\n";
const END: &str = "<!-- /readers -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What people read about the program: the README, and everything that it leads to.
fn documents() -> Vec<(String, String)> {
    let in_folder = |folder: &str| -> Vec<String> {
        let files = fs::read_dir(root().join(folder)).unwrap();
        let name = |file: fs::DirEntry| format!("{folder}/{}", file.file_name().into_string().unwrap());
        files.map(|file| name(file.unwrap())).filter(|name| name.ends_with(".md")).collect()
    };
    let mut names = [vec!["README.md".to_string()], in_folder(".guide"), in_folder(".github")].concat();
    names.sort();
    names.into_iter().map(|name| (name.clone(), document(&name))).collect()
}

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// Compares what stands between two marks of a document with what the program makes; writes it there where that is asked for.
fn same_or_blessed(name: &str, begin: &str, end: &str, made: &str) {
    let text = document(name);
    let (before, rest) = text.split_once(begin).unwrap();
    let (table, after) = rest.split_once(end).unwrap();
    if std::env::var_os("PLATEWISE_BLESS").is_some() {
        fs::write(root().join(name), format!("{before}{begin}{made}{end}{after}")).unwrap();
        return;
    }
    assert!(table == made, "run PLATEWISE_BLESS=1 cargo test --test stages house::readme; made:\n{made}");
}

/// What it is, for whom, two commands, five minutes, and where the rest is: whoever wants more than that is led to it.
#[test]
fn the_readme_is_shorter_than_a_readers_patience() {
    let (lines, characters) = (document("README.md").lines().count(), document("README.md").chars().count());
    assert!(lines <= 130 && characters <= 9_000, "{lines} lines, {characters} characters: more belongs into .guide");
}

#[test]
fn the_table_of_readers_is_the_programs_own() {
    same_or_blessed(".guide/readers.md", BEGIN, END, &formats::markdown_table());
}

/// Each method is implemented where the table says, and what the table gives as its source stands there in these words.
#[test]
fn the_table_of_methods_names_files_and_sources_that_are_there() {
    let text = document(".guide/methods.md");
    let (_, rest) = text.split_once("<!-- methods: kept true by a test -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- /methods -->").unwrap();
    let rows: Vec<&str> = table.lines().skip(2).collect();
    assert!(rows.len() > 20, "{table}");
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [method, files, source] = cells[..] else { panic!("three cells: {row}") };
        let paths: Vec<&str> = files.split("](").skip(1).map(|link| link.split(')').next().unwrap()).collect();
        assert!(!paths.is_empty(), "{method}: no file");
        let text: String = paths.iter().map(|path| comments(&root().join(".guide").join(path))).collect();
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
    let begin = "<!-- outputs: made by the program, kept true by a test -->\n";
    same_or_blessed(".guide/outputs.md", begin, "<!-- /outputs -->", &table);
}

#[test]
fn links_lead_somewhere() {
    let mut links = 0;
    for (name, text) in documents() {
        let folder = root().join(&name).parent().unwrap().to_path_buf();
        let to = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in to.filter(|link| !link.starts_with("http")) {
            links += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { root().join(&name) } else { folder.join(file) };
            assert!(target.exists(), "{name} links to {link}, which is not there");
            assert!(
                heading.is_empty() || headings(&target).contains(&heading.to_string()),
                "{name}: no heading {link}"
            );
        }
        for file in text.split('`').filter(|file| file.starts_with("tests/") && file.ends_with(".rs")) {
            assert!(root().join(file).exists(), "{name} names {file}, which is not there");
        }
    }
    assert!(links >= 60, "{links}");
}

/// The headings of a document, as links name them.
fn headings(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let heading = |line: &str| Some(line.strip_prefix('#')?.trim_start_matches('#').trim().to_lowercase());
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-');
    text.lines()
        .filter_map(heading)
        .map(|text| text.chars().filter(kept).collect::<String>().replace(' ', "-"))
        .collect()
}

#[test]
fn commands_exist() {
    let help = Command::cargo_bin("platewise").unwrap().arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let mut commands = 0;
    for (name, text) in documents() {
        let lines = text.lines().filter_map(|line| line.strip_prefix("platewise "));
        let spans = text.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("platewise "));
        for command in lines.chain(spans).filter_map(|rest| rest.split_whitespace().next()) {
            commands += 1;
            assert!(
                help.lines().any(|line| line.trim_start().starts_with(&format!("{command} "))),
                "{name}: {command} is not in:\n{help}"
            );
        }
    }
    assert!(commands >= 15, "{commands}");
}
