//! Whose result is it: the demo trial with one identity changed by a single edit, two hundred times and more. An edit that changes
//! a result must be noticed: by an error, a finding, a plate that is no longer accepted, or a sample that is to be run again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use platewise::pipeline::{Quantified, quantify};

use crate::support::result_tables::{Row, table};
use crate::support::{copied_study, two_plates};

/// A study that is changed and put back.
struct Study {
    folder: tempfile::TempDir,
    base: Outcome,
}

/// What a run says: each result by subject and visit, and everything that it notices.
struct Outcome {
    results: BTreeMap<(String, String), String>,
    noticed: BTreeSet<String>,
}

impl Outcome {
    fn of(run: &Quantified) -> Self {
        let visits = run.visits.as_deref().unwrap_or_default();
        let key = |visit: &platewise::study::SubjectVisit| (visit.subject.clone(), visit.visit.clone());
        let results = visits.iter().map(|visit| (key(visit), format!("{:?}", visit.quantity))).collect();
        let mut noticed: BTreeSet<String> = run.warnings.iter().map(|warning| format!("warning {warning}")).collect();
        noticed.extend(run.identity.iter().map(|finding| format!("identity {}: {}", finding.rule, finding.problem)));
        noticed.extend(run.visits.as_ref().err().into_iter().flat_map(|all| &all.0).map(|one| format!("visits {one}")));
        noticed.extend(run.plates.iter().map(|plate| format!("plate {} {}", plate.id, plate.verdict.verdict)));
        noticed.extend(run.reruns.iter().map(|rerun| format!("again {} {}", rerun.sample, rerun.reason)));
        Self { results, noticed }
    }
}

/// What became of an edit.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Became {
    /// It stopped the run.
    Refused,
    /// The run says something that it did not say before.
    Noticed,
    /// No result is another.
    Harmless,
    /// A result is another, and nothing is said.
    Silent,
}

impl Study {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copied_study::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), folder.path());
        let run = quantify(folder.path(), &|_| {}).unwrap();
        Self { base: Outcome::of(&run), folder }
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    /// The study with one file changed, and what became of it; the file is put back.
    fn with(&self, file: &str, text: &str) -> Became {
        self.with_files(&[(file.to_string(), text.into())])
    }

    /// The same with several files changed.
    fn with_files(&self, files: &[(String, Vec<u8>)]) -> Became {
        let path = |file: &str| self.folder.path().join(file);
        let before: Vec<Vec<u8>> = files.iter().map(|(file, _)| fs::read(path(file)).unwrap()).collect();
        for ((file, bytes), before) in files.iter().zip(&before) {
            assert_ne!(before, bytes, "{file} is not changed");
            fs::write(path(file), bytes).unwrap();
        }
        let run = quantify(self.folder.path(), &|_| {});
        for ((file, _), before) in files.iter().zip(&before) {
            fs::write(path(file), before).unwrap();
        }
        let Ok(run) = run else { return Became::Refused };
        let now = Outcome::of(&run);
        if now.noticed.difference(&self.base.noticed).next().is_some() {
            Became::Noticed
        } else if now.results == self.base.results {
            Became::Harmless
        } else {
            Became::Silent
        }
    }
}

/// Numbers that look drawn and are the same every time: Knuth's MMIX generator, its upper bits.
struct Draws(u64);

impl Draws {
    fn below(&mut self, number: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % number
    }

    /// One of them.
    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Two different ones.
    fn two<'a, T: PartialEq>(&mut self, of: &'a [T]) -> (&'a T, &'a T) {
        loop {
            let (one, other) = (self.one(of), self.one(of));
            if one != other {
                return (one, other);
            }
        }
    }
}

/// An edit: its kind, the file and its new text.
type Edit = (&'static str, String, String);

const LAYOUTS: [&str; 7] = ["P01", "P04", "P05", "P06", "P07", "P08", "P09"];

fn names(text: &str) -> Vec<String> {
    let is_name = |cell: &&str| cell.contains("-W00") || cell.contains("-W16");
    let all: BTreeSet<&str> = text.split([',', '\n']).filter(is_name).collect();
    all.into_iter().map(str::to_string).collect()
}

/// `text` with the `at`-th occurrence of `from` replaced.
fn replaced(text: &str, from: &str, to: &str, at: usize) -> String {
    let places: Vec<usize> = text.match_indices(from).map(|(place, _)| place).collect();
    let place = places[at % places.len()];
    format!("{}{to}{}", &text[..place], &text[place + from.len()..])
}

/// A name with one of its digits mistyped.
fn mistyped(name: &str, draws: &mut Draws) -> String {
    let digits: Vec<usize> = name.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let at = *draws.one(&digits);
    let digit = name[at..].chars().next().unwrap().to_digit(10).unwrap();
    format!("{}{}{}", &name[..at], (digit + 1 + draws.below(9) as u32) % 10, &name[at + 1..])
}

fn layout_edits(study: &Study, draws: &mut Draws, edits: &mut Vec<Edit>) {
    for plate in LAYOUTS {
        let file = format!("layouts/{plate}.csv");
        let text = study.read(&file);
        let own = names(&text);
        let other = names(&study.read(&format!("layouts/{}.csv", draws.one(&LAYOUTS.map(str::to_string)))));
        let elsewhere: Vec<String> = other.into_iter().filter(|name| !own.contains(name)).collect();
        for _ in 0..3 {
            let (one, two) = draws.two(&own);
            edits.push((
                "one well named as another sample of the plate",
                file.clone(),
                replaced(&text, one, two, draws.below(2)),
            ));
            edits.push(("a sample named as another of the plate", file.clone(), text.replace(one.as_str(), two)));
            edits.push((
                "a sample mistyped in a layout",
                file.clone(),
                text.replace(one.as_str(), &mistyped(one, draws)),
            ));
            edits.push(("one well mistyped in a layout", file.clone(), replaced(&text, one, &mistyped(one, draws), 1)));
            let exchanged = replaced(&replaced(&text, one, "?", 0), two, one, 0).replace('?', two);
            edits.push(("one well each of two samples exchanged", file.clone(), exchanged));
            if !elsewhere.is_empty() {
                let from = draws.one(&elsewhere);
                edits.push(("a sample named as one of another plate", file.clone(), text.replace(one.as_str(), from)));
                edits.push((
                    "one well named as a sample of another plate",
                    file.clone(),
                    replaced(&text, one, from, 0),
                ));
            }
        }
        let source = *draws.one(&LAYOUTS);
        if source != plate {
            edits.push(("a layout pasted over another", file.clone(), study.read(&format!("layouts/{source}.csv"))));
        }
        // A row copied over the next one.
        let lines: Vec<&str> = text.lines().collect();
        let rows: Vec<usize> =
            (0..lines.len() - 1).filter(|&at| lines[at].contains("-W") && lines[at + 1].contains("-W")).collect();
        let at = *draws.one(&rows);
        let mut pasted: Vec<String> = lines.iter().map(ToString::to_string).collect();
        let (head, rest) = (lines[at + 1].split_once(',').unwrap().0, lines[at].split_once(',').unwrap().1);
        pasted[at + 1] = format!("{head},{rest}");
        edits.push(("a row of a layout pasted over the next", file, pasted.join("\n") + "\n"));
    }
}

fn list_edits(study: &Study, draws: &mut Draws, edits: &mut Vec<Edit>) {
    let file = "samples.csv".to_string();
    let text = study.read(&file);
    let lines: Vec<Vec<String>> = text.lines().map(|line| line.split(',').map(str::to_string).collect()).collect();
    let joined = |lines: &[Vec<String>]| lines.iter().map(|line| line.join(",") + "\n").collect::<String>();
    let body: Vec<usize> = (1..lines.len()).collect();
    for _ in 0..8 {
        let (&one, &other) = draws.two(&body);
        for (column, kind) in [
            (0, "the samples of two lines of the list exchanged"),
            (1, "the subjects of two lines of the list exchanged"),
            (2, "the visits of two lines of the list exchanged"),
        ] {
            let mut changed = lines.clone();
            let (a, b) = (lines[one][column].clone(), lines[other][column].clone());
            if a != b {
                (changed[one][column], changed[other][column]) = (b, a);
                edits.push((kind, file.clone(), joined(&changed)));
            }
        }
        let mut changed = lines.clone();
        changed[one][1].clone_from(&lines[other][1]);
        if changed != lines {
            edits.push(("a line of the list given to another subject", file.clone(), joined(&changed)));
        }
        let mut changed = lines.clone();
        changed[one][1] = mistyped(&lines[one][1], draws);
        edits.push(("a subject mistyped in the list", file.clone(), joined(&changed)));
        let mut changed = lines.clone();
        changed[one][0] = mistyped(&lines[one][0], draws);
        edits.push(("a sample mistyped in the list", file.clone(), joined(&changed)));
        let mut changed = lines.clone();
        changed[one][2] = if lines[one][2] == "Baseline" { "Week 16".into() } else { "Baseline".into() };
        edits.push(("a line of the list given to the other visit", file.clone(), joined(&changed)));
        let mut changed = lines.clone();
        changed.remove(one);
        edits.push(("a line of the list deleted", file.clone(), joined(&changed)));
        let mut changed = lines.clone();
        changed[other][0].clone_from(&lines[one][0]);
        edits.push(("a sample of the list pasted over another", file.clone(), joined(&changed)));
    }
}

fn study_edits(study: &Study, draws: &mut Draws, edits: &mut Vec<Edit>) {
    let file = "study.toml".to_string();
    let text = study.read(&file);
    let (head, plates) = text.split_once("[[plate]]").unwrap();
    let plates: Vec<String> = plates.split("[[plate]]").map(str::to_string).collect();
    let joined = |plates: &[String]| format!("{head}[[plate]]{}", plates.join("[[plate]]"));
    let value = |plate: &str, key: &str| -> Option<String> {
        let line = plate.lines().find(|line| line.starts_with(&format!("{key} = ")))?;
        Some(line.to_string())
    };
    let all: Vec<usize> = (0..plates.len()).collect();
    for key in ["export", "layout", "plate", "layout_sheet", "repeats", "id"] {
        for _ in 0..8 {
            let (&one, &other) = draws.two(&all);
            let (Some(a), Some(b)) = (value(&plates[one], key), value(&plates[other], key)) else { continue };
            let mut changed = plates.clone();
            changed[one] = plates[one].replacen(&a, &b, 1);
            if changed != plates {
                edits.push(("a setting of a plate taken from another", file.clone(), joined(&changed)));
            }
            changed[other] = plates[other].replacen(&b, &a, 1);
            if changed != plates && key != "id" {
                edits.push(("a setting of two plates exchanged", file.clone(), joined(&changed)));
            }
        }
    }
    for at in all {
        let mut changed = plates.clone();
        changed.remove(at);
        // Nobody else repeats it.
        if at != 3 {
            edits.push(("a plate left out", file.clone(), joined(&changed)));
        }
        for (repeated, plate) in [("P01", 0), ("P05", 4), ("P04", 3)] {
            let mut changed = plates.clone();
            if at != plate && value(&plates[at], "repeats").is_none() {
                changed[at] = format!("{}\nrepeats = \"{repeated}\"\n\n", plates[at].trim_end());
                edits.push(("a plate said to repeat another", file.clone(), joined(&changed)));
            }
        }
    }
    edits.push(("a repeat not said to be one", file.clone(), text.replace("repeats = \"P04\"\n", "")));
    edits.push((
        "a repeat said to be of another plate",
        file.clone(),
        text.replace("repeats = \"P04\"", "repeats = \"P01\""),
    ));
    edits.push(("two plates of one export exchanged", file, {
        text.replace("\"Plate 1\"", "\"?\"").replace("\"Plate 2\"", "\"Plate 1\"").replace("\"?\"", "\"Plate 2\"")
    }));
}

#[test]
fn no_single_edit_of_an_identity_changes_a_result_in_silence() {
    let study = Study::new();
    let mut draws = Draws(20_261_128);
    let mut edits: Vec<Edit> = Vec::new();
    layout_edits(&study, &mut draws, &mut edits);
    list_edits(&study, &mut draws, &mut edits);
    study_edits(&study, &mut draws, &mut edits);
    assert!(edits.len() >= 200, "{} edits", edits.len());

    let mut counts: BTreeMap<&str, BTreeMap<Became, usize>> = BTreeMap::new();
    let mut silent = Vec::new();
    for (kind, file, text) in &edits {
        let became = study.with(file, text);
        *counts.entry(kind).or_default().entry(became).or_default() += 1;
        if became == Became::Silent {
            let before = study.read(file);
            let line = before.lines().zip(text.lines()).find(|(one, other)| one != other);
            silent.push(format!("{kind} ({file}): {line:?}"));
        }
    }
    for (kind, became) in &counts {
        println!("{kind}: {became:?}");
    }
    let harmless: usize = counts.values().filter_map(|became| became.get(&Became::Harmless)).sum();
    println!("{} edits, {harmless} without effect, {} in silence", edits.len(), silent.len());
    assert!(silent.is_empty(), "{silent:#?}");
}

/// Two files of readings under each other's name, or one under the name of both. What gives them away is the name of the plate or
/// of the samples inside the file, or a plate whose standards no longer stand where its layout has them; two plain grids of one
/// arrangement hold none of this, and no program could tell them.
#[test]
fn exports_that_change_places_are_noticed() {
    let study = Study::new();
    let bytes = |file: &str| fs::read(study.folder.path().join(file)).unwrap();
    let mut exports: Vec<String> = fs::read_dir(study.folder.path().join("exports"))
        .unwrap()
        .map(|entry| format!("exports/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    exports.sort();
    let mut counts: BTreeMap<Became, usize> = BTreeMap::new();
    let mut silent = Vec::new();
    for (at, one) in exports.iter().enumerate() {
        for other in &exports[at + 1..] {
            let exchanged = [(one.clone(), bytes(other)), (other.clone(), bytes(one))];
            for (kind, edit) in [
                ("exchanged with", &exchanged[..]),
                ("overwritten by", &exchanged[..1]),
                ("copied over", &exchanged[1..]),
            ] {
                let became = study.with_files(edit);
                *counts.entry(became).or_default() += 1;
                if became == Became::Silent {
                    silent.push(format!("{one} {kind} {other}"));
                }
            }
        }
    }
    println!("{counts:?}");
    assert!(silent.is_empty(), "{silent:#?}");
}

/// SoftMax Pro and Gen5 write the dilution of a sample beside its readings, as a factor or as a fraction.
#[test]
fn a_dilution_that_is_another_in_the_export_is_noticed() {
    let study = Study::new();
    for plate in ["P01", "P04", "P06", "P08"] {
        let file = format!("layouts/{plate}.csv");
        let text = study.read(&file);
        let (head, dilutions) = text.split_once("\ndilution,").unwrap();
        let mistyped = format!("{head}\ndilution,{}", dilutions.replacen(",10,10,", ",100,100,", 1));
        assert_eq!(study.with(&file, &mistyped), Became::Noticed, "{plate}");
    }
}

/// What no program can see, since nothing in the inputs says otherwise: both names of two samples of one layout exchanged in all
/// their wells. It stands here so that a check which does see it is noticed, and claimed.
#[test]
fn two_samples_exchanged_in_all_wells_of_a_layout_cannot_be_seen() {
    let study = Study::new();
    let file = "layouts/P06.csv";
    let text = study.read(file);
    let names = names(&text);
    let exchanged = text.replace(&names[0], "?").replace(&names[5], &names[0]).replace('?', &names[5]);
    assert_eq!(study.with(file, &exchanged), Became::Silent);
}

fn quantified(study: &Path) -> (i32, String, PathBuf) {
    let out = study.join("results");
    let mut command = assert_cmd::Command::cargo_bin("platewise").unwrap();
    let output = command.arg("quantify").arg(study).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap(), said, out)
}

#[test]
fn a_plate_with_the_layout_of_another_is_refused_naming_both_and_the_settings() {
    let place = tempfile::tempdir().unwrap();
    copied_study::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), place.path());
    let text = fs::read_to_string(place.path().join("study.toml")).unwrap();
    let pasted =
        text.replacen("layout = \"layouts/layouts.xlsx\"\nlayout_sheet = \"P02\"", "layout = \"layouts/P01.csv\"", 1);
    assert_ne!(text, pasted);
    fs::write(place.path().join("study.toml"), &pasted).unwrap();
    let (code, said, out) = quantified(place.path());
    assert_eq!(code, 2, "{said}");
    for words in ["the plates 'P01' and 'P02' have the same samples", "repeats = \"P01\"", "samples = \"per-plate\""] {
        assert!(said.contains(words), "{words}\nis not in\n{said}");
    }
    assert!(!out.exists(), "nothing is written");
}

/// The study of two plates, the second of which has samples 201-… of its own beside `shared`, which both have.
fn study_of_two(shared: &[&str]) -> two_plates::Study {
    let study = two_plates::Study::new("layouts/P02.csv");
    study.replace("study.toml", "repeats = \"P01\"\n", "");
    let own = |text: &str| {
        text.split(',')
            .map(|cell| match cell.split_once("-W").filter(|_| !shared.contains(&cell.trim())) {
                Some((subject, visit)) => format!("{}-W{visit}", subject.replacen('1', "2", 1)),
                None => cell.to_string(),
            })
            .collect::<Vec<_>>()
            .join(",")
    };
    study.change("layouts/P02.csv", |text| text.lines().map(|line| own(line) + "\n").collect());
    study.change("samples.csv", |text| {
        let more = text.lines().skip(1).filter(|line| !shared.iter().any(|name| line.starts_with(name)));
        // Names and subjects alike: 101-W00 of 101 becomes 201-W00 of 201.
        let more: String = more.map(|line| own(line).replacen(",1", ",2", 1) + "\n").collect();
        format!("{text}{more}")
    });
    study
}

fn of_sample(out: &Path, name: &str, sample: &str) -> Vec<Row> {
    table(out, name).into_iter().filter(|row| row.values().any(|cell| cell == sample)).collect()
}

#[test]
fn a_sample_on_two_plates_is_not_reported_until_somebody_declares_what_that_means() {
    let study = study_of_two(&["103-W00"]);
    let (code, said, out) = quantified(&study.path(""));
    assert_eq!(code, 1, "{said}");
    let row = &of_sample(&out, "concentrations.csv", "103-W00")[0];
    assert_eq!(row["reported"], "not reported: measured on two plates that are not declared repeats");
    assert_eq!(row["flags"], "on P01 and P02, which are not declared repeats of each other");
    let found = &of_sample(&out, "identity.csv", "103-W00")[0];
    assert_eq!(found["rule"], "undeclared repeats");
    assert!(said.contains("sample '103-W00' was measured on plates that are not declared repeats"), "{said}");
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(
        page.contains("Whose result is it?") && page.contains("which are not declared repeats"),
        "on the page as well"
    );
    let again = &of_sample(&out, "reruns.csv", "103-W00")[0];
    assert!(again["advice"].contains("Find out which tube was on which plate"), "{again:?}");

    // The method may say that they are repeats; the finding stays.
    study.replace("study.toml", "undeclared_repeats = \"not-reported\"", "undeclared_repeats = \"as-repeats\"");
    let (code, said, out) = quantified(&study.path(""));
    assert_eq!(code, 1, "{said}");
    let row = &of_sample(&out, "concentrations.csv", "103-W00")[0];
    assert_eq!((row["status"].as_str(), row["plate"].as_str()), ("quantified", "P01"));
    assert!(row["flags"].contains("taken as repeats"), "{row:?}");

    // Declared, it is clean.
    study.change("study.toml", |text| text + "repeats = \"P01\"\n");
    let (code, said, out) = quantified(&study.path(""));
    assert_eq!((code, table(&out, "identity.csv").len()), (0, 0), "{said}");
}

#[test]
fn repeats_that_disagree_are_flagged_in_results_page_and_terminal() {
    let study = study_of_two(&["103-W00"]);
    study.change("study.toml", |text| text + "repeats = \"P01\"\n");
    // The sample's wells on P02 hold another's: about three times the response.
    study.change("layouts/P02.csv", |text| {
        text.replace("103-W00", "?").replace("207-W16", "103-W00").replace('?', "207-W16")
    });
    let (code, said, out) = quantified(&study.path(""));
    let row = &of_sample(&out, "concentrations.csv", "103-W00")[0];
    println!("{row:?}");
    assert_eq!(code, 1, "{said}");
    assert!(row["flags"].starts_with("repeats differ by ") && row["flags"].contains("more than 30 %"), "{row:?}");
    assert!(said.contains("sample '103-W00': repeats differ by"), "{said}");
    assert!(fs::read_to_string(out.join("report.html")).unwrap().contains("repeats differ by"));
    study.replace("study.toml", "repeats_difference_percent = 30", "repeats_difference_percent = \"none\"");
    let (code, said, _) = quantified(&study.path(""));
    assert_eq!(code, 0, "{said}");
}

#[test]
fn names_that_hold_within_a_plate_are_results_of_plate_and_name() {
    let study = two_plates::Study::new("layouts/P02.csv");
    study.replace("study.toml", "repeats = \"P01\"\n", "");
    let (code, said, _) = quantified(&study.path(""));
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains(
            "the plates 'P01' and 'P02' have the same samples in the same wells: layouts/P01.csv and layouts/P02.csv"
        ),
        "{said}"
    );

    study.replace("study.toml", "samples = \"per-study\"", "samples = \"per-plate\"");
    study.change("samples.csv", |text| {
        let (head, lines) = text.split_once('\n').unwrap();
        let of = |plate: &str, of: &str| -> String {
            lines.lines().map(|line| format!("{plate}:{}\n", line.replacen(",1", &format!(",{of}"), 1))).collect()
        };
        format!("{head}\n{}{}", of("P01", "1"), of("P02", "2"))
    });
    let (code, said, out) = quantified(&study.path(""));
    assert_eq!(code, 0, "{said}");
    let rows = table(&out, "concentrations.csv");
    assert_eq!(rows.len(), 48);
    assert!(rows.iter().all(|row| row["sample"].starts_with(&format!("{}:", row["plate"]))), "PLATE:NAME");
}

#[test]
fn listed_and_never_measured_measured_and_not_listed_are_both_named_with_their_cause() {
    let study = study_of_two(&[]);
    let (code, said, _) = quantified(&study.path(""));
    assert_eq!(code, 0, "clean to begin with: {said}");
    study.replace("samples.csv", "101-W00,101", "999-W00,999");
    let (code, said, out) = quantified(&study.path(""));
    assert_eq!(code, 1, "a script can see it");
    let cause = said.find("there is no sample '101-W00', which has a result").expect(&said);
    let consequence = said.find("sample '999-W00' is in no layout: it was never measured").expect(&said);
    assert!(cause < consequence, "{said}");
    assert_eq!(of_sample(&out, "identity.csv", "999-W00")[0]["rule"], "never measured");

    // One well of two with a letter in the place of a digit: what was probably meant is said although the other well has a result.
    study.replace("samples.csv", "999-W00,999", "101-W00,101");
    let layout = study.read("layouts/P01.csv");
    study.write("layouts/P01.csv", layout.replacen("101-W00", "1O1-W00", 1));
    let (code, said, _) = quantified(&study.path(""));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("has '101-W00': one has a letter where the other has a digit"), "{said}");
    study.write("layouts/P01.csv", layout);

    // On a plate that cannot be read, that is the cause.
    fs::remove_file(study.path("exports/P02.csv")).unwrap();
    let (code, said, out) = quantified(&study.path(""));
    assert_eq!((code, table(&out, "identity.csv").len()), (1, 0), "{said}");
    assert!(said.contains("is on plate 'P02', which could not be read"), "{said}");
}

#[test]
fn a_dilution_far_from_all_others_is_questioned_and_an_impossible_one_refused() {
    let study = study_of_two(&[]);
    let with = |dilution: &str| {
        study.change("layouts/P02.csv", |text| {
            let (head, tail) = text.rsplit_once("dilution").unwrap();
            format!("{head}dilution{}", tail.replacen(",10,10,", &format!(",{dilution},{dilution},"), 1))
        });
        let (code, said, out) = quantified(&study.path(""));
        study.change("layouts/P02.csv", |text| text.replace(dilution, "10"));
        (code, said, out)
    };
    let (code, said, out) = with("1000000");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("has the dilution 1000000, and the others of the study have 10"), "{said}");
    assert_eq!(table(&out, "identity.csv")[0]["rule"], "dilution");
    let (code, said, _) = with("1e308");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("dilution '1e308'; expected a factor up to 1000000000"), "{said}");
}
