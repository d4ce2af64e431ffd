//! The house rules that a compiler does not check: imports run one way, and each dependency has one home.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::sources::sources;

/// The stages in the order in which the data flow. A module imports only from modules before it.
const FLOW: [&str; 19] = [
    "probability",
    "cholesky",
    "stats",
    "sheet",
    "curve", // the ground floor: these know nothing of each other, and only what is below them
    "files",
    "protocol",
    "plate",
    "record",
    "concentration",
    "qc",
    "reportable",
    "study",
    "report",
    "pipeline",
    "simulate",
    "validate",
    "review",
    "cli",
];
const GROUND: [&str; 3] = ["stats", "sheet", "curve"];
const BELOW: [&str; 2] = ["probability", "cholesky"];

/// Pairs that stand side by side: neither imports the other.
const APART: [(&str, &str); 3] = [("simulate", "pipeline"), ("simulate", "report"), ("simulate", "review")];

/// The modules in which a dependency may be imported. Those that every module may use are not listed.
const HOMES: [(&str, &[&str]); 38] = [
    ("calamine", &["sheet"]),
    ("encoding_rs", &["sheet"]),
    ("memchr", &["sheet"]),
    ("unicode_normalization", &["sheet"]),
    ("zip", &["sheet", "files"]), // parts of workbooks; archives
    ("win_custody", &["sheet"]),  // the limits of a process on Windows
    ("csv", &["sheet", "plate", "report", "simulate", "cli"]), // one library reads and writes delimited text
    ("ndarray", &["plate", "cholesky", "curve", "stats"]), // plates, matrices
    ("argmin", &["curve", "stats"]), // least squares and likelihoods
    ("toml", &["protocol", "simulate"]), // study.toml, and the protocol of a simulated trial
    ("strsim", &["protocol", "sheet"]),
    ("sha2", &["files"]),
    ("tempfile", &["files"]), // an archive while it is verified, room on a disk
    ("rustix", &["files"]),   // two folders exchanged in one step, room on a disk
    ("jiff", &["sheet", "record", "simulate"]), // days; when a run was made
    ("ssh_key", &["record"]), // signatures that ssh-keygen checks
    ("plotters", &["report"]),
    ("png", &["report"]),
    ("resvg", &["report"]),
    ("ab_glyph", &["report"]),
    ("maud", &["report"]),
    ("smol_str", &["report"]),                                  // the texts of tables
    ("rust_xlsxwriter", &["report", "simulate"]),               // our workbook, and the workbooks of simulated readers
    ("rayon", &["pipeline", "stats", "curve", "qc", "report"]), // plates side by side; resampling; pictures
    ("postcard", &["pipeline"]),                                // what was read and fitted before
    ("form_urlencoded", &["report"]),                           // names in addresses
    ("axum", &["review"]),
    ("hyper", &["review"]),
    ("hyper_util", &["review"]),
    ("tokio", &["review"]),
    ("getrandom", &["review"]), // the key of a session
    ("open", &["cli"]),         // a browser
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("anstream", &["cli"]),
    ("indicatif", &["cli"]),
    ("terminal_size", &["cli"]),
];

/// Every source file with its module and its code: without comments, and without its unit tests.
fn code_of_modules() -> Vec<(String, PathBuf, String)> {
    let code = |text: &str| -> String {
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    let module = |name: &str| name.split('/').next().unwrap().trim_end_matches(".rs").to_string();
    sources().iter().map(|(name, text)| (module(name), Path::new("src").join(name), code(text))).collect()
}

/// The names that follow `prefix` in the code: `crate::` gives the modules that it imports.
fn names_after<'c>(code: &'c str, prefix: &str) -> Vec<&'c str> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts = code.match_indices(prefix).filter(|(at, _)| !code[..*at].ends_with(word));
    let mut names: Vec<&str> = Vec::new();
    for (at, _) in starts {
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                // The first level of `crate::{a::b, c::{d, e}}`.
                let (mut depth, mut start) = (0, 0);
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => {
                            names.push(list[start..i].trim());
                            break;
                        }
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            names.push(list[start..i].trim());
                            start = i + 1;
                        }
                        _ => {}
                    }
                }
            }
            None => names.push(rest),
        }
    }
    names.into_iter().map(|name| name.split(|c| !word(c)).next().unwrap()).filter(|name| !name.is_empty()).collect()
}

fn position(module: &str) -> Option<usize> {
    FLOW.iter().position(|stage| *stage == module)
}

#[test]
fn imports_run_one_way() {
    let mut against = Vec::new();
    let mut imports = 0;
    for (module, path, code) in code_of_modules() {
        let Some(own) = position(&module) else {
            assert!(["lib", "main"].contains(&module.as_str()), "{}: a module that is not in the flow", path.display());
            continue;
        };
        for name in names_after(&code, "crate::") {
            if name == module {
                continue;
            }
            imports += 1;
            let apart = APART
                .iter()
                .any(|(one, other)| (*one == module && *other == name) || (*other == module && *one == name));
            let flows = position(name).is_some_and(|stage| stage < own)
                && (!GROUND.contains(&module.as_str()) || BELOW.contains(&name))
                && !apart;
            if !flows {
                against.push(format!("{}: imports {name} into {module}", path.display()));
            }
        }
    }
    assert!(imports > 50, "only {imports} imports found: does this test still read the code?");
    assert!(against.is_empty(), "against the stream:\n{}", against.join("\n"));
}

/// Rooms that work without knowing whose a sample is. What the trial declares is no word of theirs, so that the compiler keeps
/// them blind; `record` writes the whole of `study.toml` down and uses none of it.
const BLIND: [&str; 4] = ["plate", "concentration", "qc", "reportable"];
/// What only the trial declares.
const OF_THE_TRIAL: [&str; 6] = ["Protocol", "Trial", "Visit", "RecordRules", "AnalysisSettings", "Family"];

#[test]
fn rooms_before_study_cannot_name_an_arm() {
    let mut seeing = Vec::new();
    let mut assays = 0;
    for (module, path, code) in code_of_modules() {
        let names = names_after(&code, "protocol::");
        if BLIND.contains(&module.as_str()) {
            assays += names.iter().filter(|&&name| name == "Assay").count();
            let of_trial = names.iter().filter(|name| OF_THE_TRIAL.contains(name));
            seeing.extend(of_trial.map(|name| format!("{}: {name}", path.display())));
        }
    }
    assert!(assays > 10, "only {assays} imports of Assay found: does this test still read the code?");
    assert!(seeing.is_empty(), "not blind:\n{}", seeing.join("\n"));
}

#[test]
fn each_dependency_has_one_home() {
    let homes: BTreeMap<&str, &[&str]> = HOMES.into_iter().collect();
    let mut astray = Vec::new();
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for (module, path, code) in code_of_modules() {
        for (&dependency, home) in &homes {
            if names_after(&code, &format!("{dependency}::")).is_empty() {
                continue;
            }
            *used.entry(dependency).or_default() += 1;
            if !home.contains(&module.as_str()) {
                astray.push(format!("{}: {dependency} belongs to {}", path.display(), home.join(", ")));
            }
        }
    }
    for owner_asked in ["ndarray", "argmin", "calamine", "csv", "plotters", "rayon"] {
        assert!(used.contains_key(owner_asked), "{owner_asked} does no work");
    }
    assert!(astray.is_empty(), "away from home:\n{}", astray.join("\n"));
}

#[test]
fn the_module_list_stands_in_the_order_of_the_flow() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let listed: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub ").unwrap_or(line).strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(listed, FLOW);
}

/// Whatever changes something on a disk.
const WRITING: [&str; 15] = [
    "fs::write",
    "fs::create_dir",
    "fs::remove_",
    "fs::rename",
    "fs::copy",
    "fs::hard_link",
    "fs::set_permissions",
    "File::create",
    "File::options",
    "OpenOptions",
    "DirBuilder",
    "symlink(",
    "generate_to(",
    "tempfile::",
    "rustix::",
];

#[test]
fn one_room_writes_files() {
    let of_files = |module: &str| module == "files";
    let found: Vec<(bool, String)> = code_of_modules()
        .iter()
        .flat_map(|(module, path, code)| {
            let writing = WRITING.iter().filter(|word| code.contains(**word));
            writing.map(|word| (of_files(module), format!("{}: {word}", path.display())))
        })
        .collect();
    let (own, astray): (Vec<_>, Vec<_>) = found.into_iter().partition(|(own, _)| *own);
    assert!(own.len() > 5, "only {} places found: does this test still read the code?", own.len());
    assert!(astray.is_empty(), "only `files` writes: {astray:#?}");
}
