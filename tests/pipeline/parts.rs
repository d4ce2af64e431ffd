//! Parts of a study, in any number and order, give the bytes of one run, whatever is wrong with the study.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use platewise::stats::random::Random;
use tempfile::TempDir;

use crate::support::copied_study::copy;

/// A copy of a study, and where results go.
struct Study(TempDir);

impl Study {
    fn new() -> Self {
        Self::of("plates")
    }

    fn of(folder: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &place.path().join("study"));
        Self(place)
    }

    /// What is quantified: of several analytes the first.
    fn study(&self) -> String {
        if self.path("study/tarc").exists() { "study/tarc".into() } else { "study".into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path("study").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: no '{from}'");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }

    fn platewise(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("platewise"));
        command.envs([("SOURCE_DATE_EPOCH", "1700000000"), ("USER", "lab")]).current_dir(self.0.path());
        command.args(arguments).output().unwrap()
    }

    fn part(&self, plates: &str, out: &str) -> Option<i32> {
        let done = self.platewise(&["quantify", &self.study(), "--plates", plates, "--out", out, "--quiet"]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(said.is_empty() || done.status.code() == Some(2), "{said}");
        done.status.code()
    }

    /// The exit code, and what was said.
    fn combined(&self, parts: &[&str], out: &str) -> (Option<i32>, String) {
        let done = self.platewise(&[&["combine", "--out", out], parts].concat());
        (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
    }

    /// One run beside parts that are put together: the same files, exit code and warnings.
    fn is_the_same_in_parts(&self, parts: &[&str]) {
        let once = self.platewise(&["quantify", &self.study(), "--out", "once"]);
        let names: Vec<String> = (0..parts.len()).map(|at| format!("part{at}")).collect();
        for (plates, name) in parts.iter().zip(&names) {
            assert!(self.part(plates, name) < Some(2));
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (code, said) = self.combined(&names, "together");
        assert_eq!(code, once.status.code(), "{said}");
        assert_eq!(said, String::from_utf8_lossy(&once.stderr));
        let manifest = |out: &str| fs::read_to_string(self.path(out).join("manifest-sha256.txt")).unwrap();
        assert_eq!(manifest("together"), manifest("once"));
        assert!(manifest("once").lines().count() > 20);
    }
}

#[test]
fn any_parts_in_any_order_give_one_run() {
    let mut random = Random::new(7);
    for _ in 0..2 {
        let mut cuts = vec![0, 9, 1 + random.below(8), 1 + random.below(8)];
        cuts.sort_unstable();
        cuts.dedup();
        let mut parts: Vec<String> =
            cuts.windows(2).map(|ends| format!("P{:02}-P{:02}", ends[0] + 1, ends[1])).collect();
        // A plate may be in two parts.
        parts.push("P03".into());
        let first = random.below(parts.len());
        parts.rotate_left(first);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Study::new().is_the_same_in_parts(&parts);
    }
}

#[test]
fn a_variance_that_the_plates_have_in_common_is_pooled_where_they_come_together() {
    let study = Study::new();
    study.edit("study.toml", "variance = \"squared\"", "variance = \"power\"");
    study.is_the_same_in_parts(&["2/3", "1/3", "3/3"]);
}

#[test]
fn what_is_wrong_with_a_study_is_said_of_its_parts_together() {
    let study = Study::new();
    // An export is missing, one is none, a layout is none.
    let exports = fs::read_to_string(study.path("study/study.toml")).unwrap();
    let mut exports = exports.lines().filter_map(|line| line.strip_prefix("export = \"")?.strip_suffix('"'));
    fs::remove_file(study.path("study").join(exports.next().unwrap())).unwrap();
    fs::write(study.path("study").join(exports.next().unwrap()), "nothing of a plate").unwrap();
    fs::write(study.path("study/layouts/P03.csv"), "well,role\nA1,standrad\n").unwrap();
    // A well is excluded by decision, and a list of openings is there.
    let decided = study.platewise(&[
        "decide", "study", "exclude", "--plate", "P05", "--well", "A03", "--code", "bubble", "--reason", "seen",
        "--by", "A. B.",
    ]);
    assert!(decided.status.success(), "{}", String::from_utf8_lossy(&decided.stderr));
    study.is_the_same_in_parts(&["P04-P09", "P01-P03"]);
    let json = fs::read_to_string(study.path("part1/part.json")).unwrap();
    assert!(json.contains("\"refused\": [\n    {\n      \"file\": \"exports/"), "{json}");
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let study = Study::new();
    assert_eq!(study.part("P01-P05", "first"), Some(0));
    assert_eq!(study.part("P06-P08", "second"), Some(0));
    let refused = |parts: &[&str], why: &str| {
        let (code, said) = study.combined(parts, "results");
        assert!(code == Some(2) && said.contains(why), "{said}");
        assert!(!study.path("results").exists());
    };
    refused(&["first", "second"], "no part holds the plate P09");
    refused(&["second", "study"], "part.json: there is no such file");
    // A part is an input: results do not take its place.
    let manifest = fs::read(study.path("first/manifest-sha256.txt")).unwrap();
    for place in ["first", "./first", "second/../first/results", "."] {
        let (code, said) = study.combined(&["first", "second"], place);
        assert!(code == Some(2) && said.contains("would take the place of the part"), "{place}: {said}");
    }
    assert_eq!(fs::read(study.path("first/manifest-sha256.txt")).unwrap(), manifest);
    // The list of samples was changed in between.
    study.edit("samples.csv", "102-001", "102-901");
    assert_eq!(study.part("P09", "third"), Some(0));
    refused(&["first", "second", "third"], "samples.csv is not what it is in first");
    assert_eq!(study.part("P01-P08", "first"), Some(0), "a part takes the place of an earlier one");
    assert!(study.combined(&["third", "first"], "results").0 < Some(2));
    fs::remove_dir_all(study.path("results")).unwrap();
    // A copy was changed; what was read and fitted was damaged.
    let copy = study.path("third/study/samples.csv");
    fs::write(&copy, fs::read_to_string(&copy).unwrap() + "\n").unwrap();
    refused(&["first", "third"], "samples.csv: is not what it was when it was copied");
    assert_eq!(study.part("P09", "third"), Some(0));
    fs::write(study.path("third/read-and-fitted.cache"), "nothing").unwrap();
    assert!(study.combined(&["third", "first"], "results").0 < Some(2));
    // A signature came in between: the results would show it, or not, by the order of the parts.
    fs::write(study.path("study/allowed_signers"), "").unwrap();
    assert_eq!(study.part("P09", "third"), Some(0));
    fs::remove_dir_all(study.path("results")).unwrap();
    refused(&["first", "third"], "signatures, openings of the arms or the last results are not what they are in first");
    let most = format!("{0}/{0}", usize::MAX);
    assert_eq!(study.part(&most, "last"), Some(0), "the last of many parts has a plate or none");
    for wanted in ["P10", "P05-P01", "0/3", "4/3", "", "P01-"] {
        let done = study.platewise(&["quantify", "study", "--plates", wanted, "--out", "none"]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.code() == Some(2) && said.contains("such as P01-P12,P20"), "'{wanted}': {said}");
    }
    // What a part has no use for is refused, and not passed over.
    for nothing in [&["--tables-only"][..], &["--cache", "read.cache"]] {
        let done = study.platewise(&[&["quantify", "study", "--plates", "P01", "--out", "none"], nothing].concat());
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.code() == Some(2) && said.contains("cannot be used with"), "{said}");
    }
    assert!(!study.path("none").exists());
}

#[test]
fn an_analyte_of_several_takes_the_study_above_along() {
    let study = Study::of("fixtures/studies/three_analytes");
    study.is_the_same_in_parts(&["1/1"]);
    let done = study.platewise(&["quantify", "study", "--plates", "1/1", "--out", "none"]);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.code() == Some(2) && said.contains("one of the folders study/tarc"), "{said}");
}

/// The list of arms is in no part, under whatever name.
#[test]
fn parts_are_blind() {
    let study = Study::new();
    study.part("1/1", "part");
    assert!(study.path("part/study/samples.csv").exists() && !study.path("part/study/arms.csv").exists());
    assert!(!fs::read_to_string(study.path("part/part.json")).unwrap().contains("arms"));
}
