//! Files need each other one way: no file needs, through others, itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::imports::ModuleTree;
use crate::support::sources::sources;

/// By file: the files that it needs, with the names that lead there.
type Needs<'t> = BTreeMap<&'t str, BTreeMap<&'t str, BTreeSet<String>>>;

/// The files that can be reached from `file` by what it needs.
fn reached<'t>(needs: &Needs<'t>, file: &'t str) -> BTreeSet<&'t str> {
    let mut found = BTreeSet::new();
    let mut open = vec![file];
    while let Some(next) = open.pop() {
        open.extend(needs[next].keys().filter(|target| found.insert(**target)));
    }
    found
}

/// Files that need each other, by groups, each of two at least.
fn circles<'t>(needs: &Needs<'t>) -> Vec<BTreeSet<&'t str>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = needs.keys().map(|file| (*file, reached(needs, file))).collect();
    let with = |file: &str| reach[file].iter().copied().filter(|other| reach[other].contains(file)).collect();
    let groups: BTreeSet<BTreeSet<&str>> =
        needs.keys().map(|file| with(file)).filter(|group: &BTreeSet<_>| !group.is_empty()).collect();
    groups.into_iter().collect()
}

/// A circle in words: each of its files with what it needs of the others.
fn shown(circle: &BTreeSet<&str>, needs: &Needs) -> String {
    let line = |file: &&str| {
        let inside = needs[file].iter().filter(|(target, _)| circle.contains(*target));
        let each = inside
            .map(|(target, names)| format!("{target} ({})", names.iter().cloned().collect::<Vec<_>>().join(", ")));
        format!("  {file} needs {}", each.collect::<Vec<_>>().join("; "))
    };
    format!("{} files need each other:\n{}", circle.len(), circle.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// The circles among files of these names and texts, each as its files in one line.
fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
    let files = files.iter().chain([&("lib.rs", "")]);
    let sources: Vec<(String, String)> = files.map(|(name, text)| (name.to_string(), text.to_string())).collect();
    let tree = ModuleTree::of(&sources);
    circles(&tree.needs()).iter().map(|circle| circle.iter().copied().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let with = |one: &str, other: &str| {
        let room = "mod one;\nmod other;\npub use one::One;\npub(crate) use other::{Other as Another, other};\n";
        circles_of(&[("room/mod.rs", room), ("room/one.rs", one), ("room/other.rs", other)])
    };
    let needs_one = "use super::One;\npub struct Other(One);\npub fn other() {}\n";
    let circle = ["room/one.rs room/other.rs"];
    for one in [
        "use super::other::Other;\npub struct One;\n",
        "use super::{Another, missing};\npub struct One;\n",
        "use crate::{room::{self, other::{other as again}}, a};\npub struct One;\n",
        "use crate::room;\npub struct One;\nfn f() { room::other() }\n",
        "pub struct One;\nimpl crate::room::other::Trait for One {}\n",
        "pub struct One;\nfn f() -> char { super::other::other(); '\"' }\n",
    ] {
        assert_eq!(with(one, needs_one), circle, "{one}");
    }
    for one in [
        "pub struct One; // super::other::other()\n",
        "pub struct One;\nconst TEXT: &str = \"use super::other;\";\nconst RAW: &str = r#\"\" super::other::other \"#;\n",
        "pub struct One;\n#[cfg(test)]\nmod tests {\n    use super::super::other::other;\n}\n",
        "pub struct One;\n#[cfg(test)]\nuse super::other::{other, Other};\n",
    ] {
        assert_eq!(with(one, needs_one), Vec::<String>::new(), "{one}");
    }
}

#[test]
fn a_room_may_declare_and_export_but_not_use_what_needs_it() {
    let with =
        |room: &str| circles_of(&[("room/mod.rs", room), ("room/part.rs", "use super::Shared;\npub fn part() {}\n")]);
    assert!(with("mod part;\npub use part::part;\npub struct Shared;\n").is_empty());
    for used in ["fn f() { part::part() }", "fn f() { part() }"] {
        let room = format!("mod part;\npub use part::part;\npub struct Shared;\n{used}\n");
        assert_eq!(with(&room), ["room/mod.rs room/part.rs"], "{used}");
    }
    let three = [
        ("a.rs", "use crate::b::f;"),
        ("b.rs", "pub use crate::c::g;\nfn f() { g() }"),
        ("c.rs", "use super::a;\nfn g() { a::h() }"),
    ];
    assert_eq!(circles_of(&three), ["a.rs b.rs c.rs"]);
}

#[test]
fn no_file_needs_itself_through_others() {
    let tree = ModuleTree::of(&sources());
    let needs = tree.needs();
    let count: usize = needs.values().map(BTreeMap::len).sum();
    assert!(count > 2000, "only {count} files needed by files: does this test still read the code?");
    let found: Vec<String> = circles(&needs).iter().map(|circle| shown(circle, &needs)).collect();
    assert!(found.is_empty(), "{} circles\n{}", found.len(), found.join("\n"));
}

/// The folders of `curve`, each on those before it; the files beside them, which lead from wells to a curve, are "fit".
const FLOORS_OF_CURVE: [&str; 6] = ["numerics", "definition", "fitting", "answers", "fit", "several"];

/// The floor of a file of `curve`; `None` of one of another room, and of what only exports.
fn floor(file: &str) -> Option<usize> {
    let inside = file.strip_prefix("curve/").filter(|inside| !inside.ends_with("mod.rs"))?;
    let folder = inside.split_once('/').map_or("fit", |(folder, _)| folder);
    let found = FLOORS_OF_CURVE.iter().position(|known| *known == folder);
    Some(found.unwrap_or_else(|| panic!("{file}: a folder without a floor")))
}

#[test]
fn the_folders_of_curve_stand_on_one_another() {
    let tree = ModuleTree::of(&sources());
    let (mut seen, mut against) = (0, Vec::new());
    for (file, needs) in tree.needs() {
        let Some(own) = floor(file) else { continue };
        for (other, below) in needs.into_keys().filter_map(|other| Some((other, floor(other)?))) {
            seen += 1;
            if below > own {
                against.push(format!("{file} needs {other}"));
            }
        }
    }
    assert!(seen > 200, "only {seen} files of curve needed: does this test still read the code?");
    assert!(against.is_empty(), "from below:\n{}", against.join("\n"));
}
