//! Help, manual pages and completions come from one source, every command's help has examples that work, and colours are for
//! terminals only.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Output;

use crate::support::copied_study::copy;
use assert_cmd::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn platewise(args: &[&str]) -> Output {
    Command::cargo_bin("platewise").unwrap().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The help of a command; of the program where that is empty.
fn help(command: &str) -> String {
    let args: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
    text(&platewise(&args).stdout)
}

/// The commands that `--help` lists.
fn commands() -> Vec<String> {
    let help = help("");
    let list = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = list.lines().filter(|line| line.starts_with("  ") && !line.starts_with("    "));
    names.map(|line| line.split_whitespace().next().unwrap().to_string()).filter(|name| name != "help").collect()
}

/// The examples of a help text: its lines that call the program.
fn examples(help: &str) -> Vec<&str> {
    help.lines().filter_map(|line| line.strip_prefix("  platewise ")).collect()
}

/// Runs an example as a shell would: `*` stands for the files, `> FILE` takes the output.
fn run_example(example: &str, place: &Path) -> Output {
    let (call, file) = example.split_once(" > ").map_or((example, None), |(call, file)| (call, Some(file)));
    let mut args: Vec<String> = Vec::new();
    let mut words = call.split(' ').peekable();
    while let Some(word) = words.next() {
        let mut word = word.to_string();
        while word.matches('"').count() == 1 {
            word = format!("{word} {}", words.next().expect("a quotation mark that closes"));
        }
        match word.strip_suffix("/*") {
            Some(folder) => {
                let entries = fs::read_dir(place.join(folder)).unwrap();
                let mut files: Vec<String> =
                    entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy())).collect();
                files.sort();
                args.extend(files);
            }
            None => args.push(word.replace('"', "")),
        }
    }
    let output = Command::cargo_bin("platewise").unwrap().current_dir(place).args(args).output().unwrap();
    if let Some(file) = file {
        fs::write(place.join(file), &output.stdout).unwrap();
    }
    output
}

/// An example that goes on until it is told to end: it begins. Without a browser, whatever it says.
fn serves(example: &str, place: &Path) {
    let study = place.join("my-study");
    if !study.exists() {
        assert!(platewise(&["init", study.to_str().unwrap()]).status.success());
    }
    // The port of the example may be somebody's.
    let arguments = example.split(' ').filter(|word| !["--no-browser", "--port", "8080"].contains(word));
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_platewise"))
        .current_dir(place)
        .args(arguments)
        .arg("--no-browser")
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.starts_with("http://127.0.0.1:"), "platewise {example}: {first}");
}

/// The examples of all commands, in the order of the help, in one folder: what one makes the next may use.
#[test]
fn the_examples_of_every_command_work() {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("plates"), &place.path().join("plates"));
    for data in ["curves", "formats", "reconcile", "simulation", "stats/data"] {
        copy(&root().join("fixtures").join(data), &place.path().join("fixtures").join(data));
    }
    let mut commands = commands();
    assert!(commands.len() >= 9, "{commands:?}");
    commands.insert(0, String::new());
    let mut run = std::collections::BTreeMap::new();
    for command in commands {
        let help = help(&command);
        let examples = examples(&help);
        assert!(!examples.is_empty(), "`platewise {command} --help` has no example:\n{help}");
        for example in examples {
            // `init` makes a new folder: an example that stands in two help texts is run once.
            if run.contains_key(example) {
                continue;
            }
            if command == "review" {
                serves(example, place.path());
                run.insert(example.to_string(), 0);
                continue;
            }
            let output = run_example(example, place.path());
            let code = output.status.code().unwrap();
            // The study that comes with the program has a plate that is rejected, so it ends with 1.
            let expected = if example.ends_with("my-study") { 0..=0 } else { 0..=1 };
            assert!(expected.contains(&code), "platewise {example}: {code}\n{}", text(&output.stderr));
            run.insert(example.to_string(), code);
        }
    }
    assert!(run.len() >= 12, "{run:?}");
}

#[test]
fn what_a_run_promises_is_in_its_help() {
    for command in ["quantify", "compare", "run"] {
        let help = help(command);
        assert!(help.contains("Exit code: 0 done; 1 done, with plates that are not accepted"), "{help}");
    }
    for command in ["compare", "run"] {
        let help = help(command).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(help.contains("subjects without an arm; 2 could not run"), "{help}");
    }
}

#[test]
fn help_manual_and_completions_have_one_source() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("man");
    assert!(platewise(&["man", "--out", folder.to_str().unwrap()]).status.success());
    let completions = text(&platewise(&["completions", "bash"]).stdout);
    let main = text(&platewise(&["man"]).stdout);
    assert_eq!(main, fs::read_to_string(folder.join("platewise.1")).unwrap());
    assert!(!main.contains("read\\-workbook"), "what is hidden stays hidden");
    for command in commands() {
        let page = fs::read_to_string(folder.join(format!("platewise-{command}.1"))).unwrap().replace("\\-", "-");
        let help = help(&command);
        let options = help.split_whitespace().filter(|word| word.starts_with("--") && word.len() > 2);
        for option in options.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-')) {
            assert!(page.contains(option), "{option} is not in the manual page of {command}");
            assert!(completions.contains(option), "{option} is not in the completions");
        }
        assert!(main.replace("\\-", "-").contains(&format!("platewise-{command}(1)")), "{command}");
    }
}

#[test]
fn colours_are_for_terminals() {
    let call = |set: Option<(&str, &str)>| {
        let mut command = Command::cargo_bin("platewise").unwrap();
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("CLICOLOR");
        command.envs(set);
        command.current_dir(root()).args(["inspect", "plates/exports/P01.txt", "no-such-file"]).output().unwrap()
    };
    let colours = |output: &Output| output.stdout.contains(&0x1b) || output.stderr.contains(&0x1b);
    assert!(!colours(&call(None)), "a pipe is no terminal");
    assert!(colours(&call(Some(("CLICOLOR_FORCE", "1")))), "there are colours at all");
    let mut both = Command::cargo_bin("platewise").unwrap();
    both.envs([("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).current_dir(root());
    assert!(!colours(&both.args(["inspect", "plates/exports/P01.txt"]).output().unwrap()), "NO_COLOR");
    let error =
        Command::cargo_bin("platewise").unwrap().env("CLICOLOR_FORCE", "1").args(["run", "nowhere"]).output().unwrap();
    assert!(text(&error.stderr).starts_with("\u{1b}["), "errors too");
}

#[test]
fn quiet_verbose_and_grouped_warnings() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    assert!(platewise(&["init", study.to_str().unwrap()]).status.success());
    let samples = study.join("samples.csv");
    let more: String = (0..50).map(|n| format!("X{n},{n},Baseline,\n")).collect();
    fs::write(&samples, fs::read_to_string(&samples).unwrap() + &more).unwrap();
    let warnings = |option: &[&str]| {
        let mut args = vec!["quantify", study.to_str().unwrap()];
        args.extend(option);
        let output = platewise(&args);
        assert_eq!(output.status.code(), Some(1), "listed samples were never measured");
        text(&output.stderr)
    };
    let normal = warnings(&[]);
    assert_eq!(normal.matches("warning:").count(), 1, "{normal}");
    assert!(normal.contains("and 49 more like it") && normal.contains("--verbose"), "{normal}");
    let verbose = warnings(&["--verbose"]);
    assert_eq!(verbose.matches("warning:").count(), 50);
    assert!(verbose.contains("P01  accepted  exports/P01.csv: plain grid, 450 nm − 570 nm"), "{verbose}");
    assert_eq!(warnings(&["--quiet"]), "");
}
