//! Every public type is shown at work: an example in its own documentation, in that of one of its functions, or at the head of
//! its file. A part of a larger result may point to the example that shows it: "See [`Whole`] for an example."

use std::collections::BTreeSet;

use platewise::protocol::AnalysisId;

use crate::support::sources::sources;

/// A public type and where an example of it stands.
struct Type {
    file: String,
    name: String,
    shown: bool,
    /// The types to which its documentation points for an example.
    points_to: Vec<String>,
}

/// Whether documentation holds an example that is compiled, not only text or an equation.
fn has_example(docs: &[&str]) -> bool {
    let fences =
        docs.iter().filter_map(|line| line.trim_start().trim_start_matches(['/', '!']).trim().strip_prefix("```"));
    // Every second fence closes a block.
    fences.step_by(2).any(|language| matches!(language, "" | "rust" | "no_run" | "should_panic"))
}

/// The types that "See [`Whole`] …" or "see [`module::whole`] …" names in documentation that speaks of an example.
fn pointers(docs: &[&str]) -> Vec<String> {
    let text: String = docs.iter().map(|line| line.trim_start_matches('/').trim()).collect::<Vec<_>>().join(" ");
    let sentences = text.split(". ").filter(|sentence| sentence.contains("example") && sentence.contains("See ["));
    let names = sentences.flat_map(|sentence| sentence.split('`').skip(1).step_by(2));
    names.map(|name| name.rsplit("::").next().unwrap().trim_end_matches("()").to_string()).collect()
}

/// What a line declares publicly: the name of a type.
fn declared(line: &str) -> Option<&str> {
    let rest = ["pub struct ", "pub enum ", "pub trait "].iter().find_map(|start| line.strip_prefix(start))?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
}

/// The type that `impl … {` at the margin is about.
fn implemented(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("impl")?.trim_end_matches('{').trim();
    let rest = if rest.starts_with('<') { rest.split_once("> ")?.1 } else { rest };
    let subject = rest.rsplit(" for ").next()?;
    subject.split(|c: char| !c.is_alphanumeric() && c != '_').find(|word| !word.is_empty())
}

/// Public types of one file, and the names of everything in it that has an example.
fn types_of(file: &str, text: &str, shown_names: &mut BTreeSet<String>) -> Vec<Type> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let head: Vec<&str> = code.lines().take_while(|line| line.starts_with("//!")).collect();
    let file_shows = has_example(&head);
    let mut types: Vec<Type> = Vec::new();
    let mut in_impl: Option<String> = None;
    let mut docs: Vec<&str> = Vec::new();
    let mut by_impl: BTreeSet<String> = BTreeSet::new();
    for line in code.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("///") {
            docs.push(line);
            continue;
        }
        if trimmed.starts_with("#[") || trimmed.starts_with(')') && !docs.is_empty() {
            continue;
        }
        if line.starts_with("impl") {
            in_impl = implemented(line).map(str::to_string);
        } else if line == "}" {
            in_impl = None;
        }
        if has_example(&docs) {
            by_impl.extend(in_impl.clone());
            let function = trimmed.split("fn ").nth(1).filter(|_| trimmed.starts_with("pub "));
            let name = function.and_then(|rest| rest.split(['(', '<']).next());
            shown_names.extend(name.map(str::to_string));
        }
        if let Some(name) = declared(line) {
            let shown = file_shows || has_example(&docs);
            types.push(Type { file: file.into(), name: name.into(), shown, points_to: pointers(&docs) });
        }
        docs.clear();
    }
    for of_file in &mut types {
        of_file.shown |= by_impl.contains(&of_file.name);
        shown_names.extend(of_file.shown.then(|| of_file.name.clone()));
    }
    if file_shows {
        shown_names
            .insert(file.trim_end_matches(".rs").trim_end_matches("/mod").rsplit('/').next().unwrap().to_string());
    }
    types
}

/// The number of public types, and those without an example.
fn missing() -> (usize, Vec<String>) {
    let mut shown_names = BTreeSet::new();
    let types: Vec<Type> = sources().iter().flat_map(|(file, text)| types_of(file, text, &mut shown_names)).collect();
    let mut missing = Vec::new();
    for found in &types {
        if !found.shown && !found.points_to.iter().any(|name| shown_names.contains(name)) {
            missing.push(format!("{}: {}", found.file, found.name));
        }
    }
    (types.len(), missing)
}

#[test]
fn every_public_type_has_an_example() {
    let (types, without) = missing();
    assert!(types > 300, "only {types} public types found: does this test still read the code?");
    println!("{} of {types} public types have an example", types - without.len());
    assert!(without.is_empty(), "without an example:\n  {}", without.join("\n  "));
}

/// What the check is made of, on a file small enough to see through.
#[test]
fn an_example_is_one_that_runs() {
    let text = "//! Head.\n//!\n//! ```text\n//! y = x\n//! ```\n\n\
                /// One.\n///\n/// ```\n/// let one = One;\n/// ```\n#[derive(Debug)]\npub struct One;\n\n\
                /// Two. See [`One`] for an example.\npub struct Two;\n\n\
                /// Three.\n///\n/// ```text\n/// z\n/// ```\npub enum Three {}\n\n\
                /// Four.\npub struct Four<T>(T);\n\nimpl<T> Four<T> {\n    /// ```\n    /// // made\n    /// ```\n    pub fn new() {}\n}\n\n\
                pub(crate) struct Inner;\n";
    let mut shown = BTreeSet::new();
    let types = types_of("a/b.rs", text, &mut shown);
    let found: Vec<(&str, bool)> = types.iter().map(|one| (one.name.as_str(), one.shown)).collect();
    assert_eq!(found, [("One", true), ("Two", false), ("Three", false), ("Four", true)]);
    assert_eq!(types[1].points_to, ["One"]);
    assert!(shown.contains("One") && shown.contains("new") && !shown.contains("Three"));
}

/// A rule that is declared and stands in no list would judge nothing, or be explained nowhere.
#[test]
fn every_rule_that_is_declared_is_listed() {
    let sources = sources();
    let of_qc = sources.iter().filter(|(file, _)| file.starts_with("qc/"));
    let declared: usize = of_qc.map(|(_, text)| text.matches("RuleId::of(").count()).sum();
    assert_eq!(platewise::qc::rules().count(), declared);
}

/// An analysis that has a row and is not in the list could be named by no family, and its name read by nobody.
#[test]
fn every_analysis_is_listed_once() {
    let sources = sources();
    let (_, text) = sources.iter().find(|(file, _)| file == "protocol/analysis_id.rs").unwrap();
    let rows = text.lines().filter(|line| line.trim_start().starts_with("Self::") && line.contains("=>")).count();
    assert_eq!(rows, AnalysisId::ALL.len(), "rows, and analyses in ALL");
    let names: BTreeSet<&str> = AnalysisId::ALL.into_iter().map(AnalysisId::name).collect();
    assert_eq!(names.len(), AnalysisId::ALL.len(), "{names:?}");
}
