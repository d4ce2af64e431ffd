//! Puts mutants into a copy of the sources: `mutants COPY SEED [REFUSED]`. Every mutant of the sample is compiled in, in one build, and
//! asleep until the environment's `MUTANT` is its number. The numbers are written to `COPY/mutants.tsv`; those in the file REFUSED are left out,
//! as they do not compile.
//!
//! The operators are those of cargo-mutants (an operator for its neighbours, a negation removed, a function that gives a constant, the guard
//! of an arm always or never) and, of numbers in the code, one beside them. Not touched: tests, constants where they stand (where they are used
//! they are), patterns, macros, conditions that bind names, numbers below 0.001, which are tolerances.
#![allow(clippy::unwrap_used, reason = "a program of the bench, which stops where it cannot go on")]

mod walk;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use syn::Expr;
use syn::visit_mut::VisitMut;
use walk::{Mutant, Walk, is_worth};

/// A room, the files of it (by the beginnings of their paths; the first room that fits has a file), and how many mutants of operators and
/// of numbers are drawn.
type Room = (&'static str, &'static [&'static str], usize, usize);
const ROOMS: [Room; 7] = [
    (
        "curve: verdict, limits, inversion",
        &[
            "curve/answers/curve_verdict",
            "curve/answers/inverse",
            "curve/answers/judged",
            "curve/answers/lack",
            "curve/answers/level",
            "curve/answers/reason",
            "curve/answers/stand",
            "curve/answers/verdict",
        ],
        100,
        10,
    ),
    ("concentration", &["concentration/"], 90, 12),
    ("qc", &["qc/"], 100, 15),
    ("reportable", &["reportable/"], 80, 8),
    ("study/change", &["study/change.rs"], 40, 5),
    ("curve: the rest", &["curve/"], 80, 10),
    ("stats", &["stats/"], 90, 10),
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into)
        } else if path.extension().is_some_and(|of| of == "rs") {
            into.push(path)
        }
    }
}

/// The names of constants of a file that are numbers worth a change.
fn constants(file: &syn::File, into: &mut BTreeSet<String>) {
    for item in &file.items {
        if let syn::Item::Const(of) = item
            && let Expr::Lit(literal) = &*of.expr
            && is_worth(&literal.lit)
        {
            into.insert(of.ident.to_string());
        }
    }
}

/// SplitMix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn draw(mut of: Vec<usize>, how_many: usize, state: &mut u64) -> Vec<usize> {
    for at in (1..of.len()).rev() {
        of.swap(at, (random(state) % (at as u64 + 1)) as usize);
    }
    of.truncate(how_many);
    of
}

const AT_RUN_TIME: &str = include_str!("at_run_time.rs");

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let src = Path::new(&arguments[1]).join("src");
    let mut state: u64 = arguments[2].parse().unwrap();
    let refused: BTreeSet<usize> = arguments.get(3).map_or_else(BTreeSet::new, |file| {
        std::fs::read_to_string(file).unwrap().split_whitespace().map(|id| id.parse().unwrap()).collect()
    });
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    paths.sort();
    let files: Vec<(String, usize, syn::File)> = paths
        .iter()
        .filter_map(|path| {
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap().to_string();
            if name.ends_with("tests.rs") || name.ends_with("example.rs") {
                return None;
            }
            let room = ROOMS.iter().position(|(_, begin, ..)| begin.iter().any(|begin| name.starts_with(begin)))?;
            Some((name, room, syn::parse_file(&std::fs::read_to_string(path).unwrap()).unwrap()))
        })
        .collect();
    let mut numbers = BTreeSet::new();
    files.iter().for_each(|(_, _, file)| constants(file, &mut numbers));

    // Once to count, once to change.
    let walk = |chosen: &BTreeSet<usize>, write: bool| -> Vec<Mutant> {
        let mut all = Vec::new();
        for (name, room, file) in &files {
            let mut file = file.clone();
            let mut walk =
                Walk { file: name, room: *room, constants: &numbers, found: Vec::new(), from: 1 + all.len(), chosen };
            walk.visit_file_mut(&mut file);
            all.append(&mut walk.found);
            if write {
                std::fs::write(src.join(name), prettyplease::unparse(&file)).unwrap();
            }
        }
        all
    };
    let all = walk(&BTreeSet::new(), false);
    let mut chosen = BTreeSet::new();
    for (room, (name, _, operators, of_numbers)) in ROOMS.iter().enumerate() {
        let before = chosen.len();
        for (number, how_many) in [(false, *operators), (true, *of_numbers)] {
            let of = |at: &usize| all[*at - 1].room == room && all[*at - 1].number == number;
            let drawn = draw((1..=all.len()).filter(of).collect(), how_many, &mut state);
            chosen.extend(drawn.into_iter().filter(|at| !refused.contains(at)));
        }
        let all = all.iter().filter(|mutant| mutant.room == room).count();
        eprintln!("{name}: {} of {all}", chosen.len() - before);
    }
    walk(&chosen, true);
    std::fs::write(src.join("mutant.rs"), AT_RUN_TIME.replace("HIGHEST", &(all.len() + 1).to_string())).unwrap();
    let lib = std::fs::read_to_string(src.join("lib.rs")).unwrap();
    std::fs::write(src.join("lib.rs"), lib + "mod mutant;\n").unwrap();
    let mut list = String::new();
    for id in &chosen {
        let Mutant { room, place, what, .. } = &all[*id - 1];
        list += &format!("{id}\t{}\t{place}\t{what}\n", ROOMS[*room].0);
    }
    std::fs::write(Path::new(&arguments[1]).join("mutants.tsv"), list).unwrap();
}
