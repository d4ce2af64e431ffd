//! One name, one meaning: a type that can be seen from another file shares its name with no other type, and no type is called by a word that
//! only points at something.

use std::collections::BTreeMap;

use crate::support::sources::sources;

/// Words that point at something and do not say what it is.
const POINTING: [&str; 35] = [
    "Against", "All", "Ask", "Asked", "Beside", "Drawn", "Fitted", "Found", "Holds", "Kept", "Known", "Lack", "Left",
    "Made", "Met", "Needs", "Offered", "Outside", "Read", "Rest", "Said", "Same", "Seen", "Several", "Show", "Shown",
    "Slip", "Takes", "Together", "Told", "Used", "Way", "What", "Why", "Wish",
];
/// Every command has its `Args`, as clap's own documentation calls them.
const SHARED: [&str; 1] = ["Args"];

/// A type, where it is defined, and whether another file can see it.
struct Definition {
    name: String,
    place: String,
    visible: bool,
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Whether a line is an item of an `impl` or a trait, which names its associated types.
fn is_associated(before: &[&str], indent: usize) -> bool {
    let opens = |line: &&&str| {
        let text = line.trim_start();
        indentation(line) < indent && text.starts_with(|c: char| c.is_ascii_alphabetic()) && !text.starts_with("where")
    };
    let head = before.iter().rev().find(opens);
    head.is_some_and(|line| {
        let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.find(|word| matches!(*word, "impl" | "trait" | "fn")).is_some_and(|word| word != "fn")
    })
}

/// The type that a line defines, and whether it is visible from another file.
fn defined(line: &str) -> Option<(&str, &str, bool)> {
    let rest = line.trim_start();
    let (visible, rest) = match rest.strip_prefix("pub ") {
        Some(rest) => (true, rest),
        None => match rest.strip_prefix("pub(") {
            Some(rest) => (true, rest.split_once(") ")?.1),
            None => (false, rest),
        },
    };
    let (keyword, rest) = rest.split_once(' ')?;
    let is_type = matches!(keyword, "struct" | "enum" | "trait" | "type" | "union");
    let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?;
    (is_type && name.starts_with(|c: char| c.is_ascii_uppercase())).then_some((keyword, name, visible))
}

/// The types of one file, with those of its tests.
fn definitions(file: &str, text: &str) -> Vec<Definition> {
    let lines: Vec<&str> = text.lines().collect();
    let of_line = |(at, line): (usize, &&str)| {
        let (keyword, name, visible) = defined(line)?;
        let indent = indentation(line);
        let associated = keyword == "type" && indent > 0 && is_associated(&lines[..at], indent);
        let place = || format!("src/{file}:{}", at + 1);
        (!associated).then(|| Definition { name: name.to_string(), place: place(), visible })
    };
    lines.iter().enumerate().filter_map(of_line).collect()
}

/// What is wrong with the names of some types, a line each.
fn complaints(definitions: &[Definition]) -> Vec<String> {
    let mut by_name: BTreeMap<&str, Vec<&Definition>> = BTreeMap::new();
    for one in definitions {
        by_name.entry(&one.name).or_default().push(one);
    }
    let mut found = Vec::new();
    for (name, those) in by_name {
        let places: Vec<&str> = those.iter().map(|one| one.place.as_str()).collect();
        let places = places.join(", ");
        if POINTING.contains(&name) {
            found.push(format!("`{name}` ({places}) does not say what it is"));
        } else if those.len() > 1 && those.iter().any(|one| one.visible) && !SHARED.contains(&name) {
            found.push(format!("`{name}` is the name of several types: {places}"));
        }
    }
    found
}

#[test]
fn a_name_of_a_type_has_one_meaning() {
    let definitions: Vec<Definition> = sources().iter().flat_map(|(file, text)| definitions(file, text)).collect();
    assert!(definitions.len() > 1000, "only {} types found: does this test still read the code?", definitions.len());
    let found = complaints(&definitions);
    assert!(found.is_empty(), "give each the noun that says what it is:\n  {}", found.join("\n  "));
}

/// What the check is made of, on two files small enough to see through.
#[test]
fn a_second_type_of_a_name_is_noticed() {
    let one = "pub struct Layout;\nenum Row {}\npub(super) struct Args;\nfn f() {\n    type Item = u8;\n}\n\
               impl Iterator for Layout {\n    type Item = u8;\n}\n";
    let complaints_of = |other: &str| {
        let both: Vec<Definition> =
            [("a/b.rs", one), ("c.rs", other)].iter().flat_map(|(file, text)| definitions(file, text)).collect();
        complaints(&both)
    };
    assert!(
        complaints_of("struct Row;\npub(in crate::a) struct Args;\n/// pub struct Layout;\npub enum Colour {}\n")
            .is_empty()
    );
    assert_eq!(
        complaints_of("\ntype Layout<'a> = &'a str;\n"),
        ["`Layout` is the name of several types: src/a/b.rs:1, src/c.rs:2"]
    );
    assert_eq!(
        complaints_of("pub(crate) trait Row {}\n"),
        ["`Row` is the name of several types: src/a/b.rs:2, src/c.rs:1"]
    );
    assert_eq!(
        complaints_of(
            "impl<T> Iterator for Colours<T>\nwhere\n    T: Copy,\n{\n    type Item = T;\n}\npub struct Item;\n"
        ),
        ["`Item` is the name of several types: src/a/b.rs:5, src/c.rs:7"],
        "the one of a function counts, those of an `impl` do not"
    );
    assert_eq!(complaints_of("struct Seen<'a>(&'a str);\n"), ["`Seen` (src/c.rs:1) does not say what it is"]);
}
