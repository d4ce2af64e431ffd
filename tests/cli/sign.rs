//! `sign` and `verify`: what was signed is checked by OpenSSH and by us, and whatever changes afterwards is found.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::decided_study::{Study, platewise, printed};
use crate::support::result_tables;

/// Writes a key, which protects nothing, beside the study, and gives its public half.
fn key(study: &Study, seed: u8) -> (String, String) {
    let pair = ssh_key::private::Ed25519Keypair::from_seed(&[seed; 32]);
    let key = ssh_key::PrivateKey::from(pair);
    let path = study.path(&format!("../key{seed}"));
    fs::write(&path, key.to_openssh(ssh_key::LineEnding::LF).unwrap().as_bytes()).unwrap();
    (path.to_str().unwrap().to_string(), key.public_key().to_openssh().unwrap())
}

/// Signs as H. Head, whose key may, and gives the file of the statement.
fn signed(study: &Study) -> String {
    let (path, public) = key(study, 7);
    fs::write(study.path("allowed_signers"), format!("h.head namespaces=\"platewise\" {public}\n")).unwrap();
    let done = sign(study, &["--key", &path]);
    assert!(done.0 == 0 && done.1.contains("signed by h.head (SHA256:"), "{}", done.1);
    last_statement(study)
}

fn sign(study: &Study, more: &[&str]) -> (i32, String) {
    let place = study.path("");
    let fixed = ["sign", place.to_str().unwrap(), "--meaning", "approved", "--by", "H. Head"];
    let done = platewise(&[&fixed, more].concat());
    (done.status.code().unwrap(), printed(&done))
}

fn verify(study: &Study) -> (i32, String) {
    let done = platewise(&["verify", study.path("").to_str().unwrap()]);
    (done.status.code().unwrap(), printed(&done))
}

fn last_statement(study: &Study) -> String {
    let folder = fs::read_dir(study.path("signatures")).unwrap();
    let mut names: Vec<String> = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.ends_with(".sha256"));
    names.sort();
    format!("signatures/{}", names.pop().unwrap())
}

/// Whether a program of the system agrees; `None`, said, where it is not there.
fn agrees(program: &str, arguments: &[&str], folder: &Path, input: &Path) -> Option<bool> {
    let input = fs::File::open(input).unwrap();
    let mut run = Command::new(program);
    run.args(arguments).current_dir(folder).stdin(input).stdout(Stdio::null()).stderr(Stdio::null());
    match run.status() {
        Ok(status) => Some(status.success()),
        Err(error) => {
            println!("{program} was not asked: {error}");
            None
        }
    }
}

#[test]
fn a_name_is_one_line_of_text() {
    let study = Study::new();
    for name in ["H. Head\nmeaning: approved", "H. Head\r", "\u{1b}[2J", " "] {
        let by = format!("--by={name}");
        let done = platewise(&["sign", study.path("").to_str().unwrap(), "--meaning", "reviewed", &by]);
        assert_eq!(done.status.code(), Some(2), "{name:?}: {}", printed(&done));
        assert!(printed(&done).contains("Nothing was written") && !study.path("signatures").exists(), "{name:?}");
    }
}

#[test]
fn what_is_signed_is_checked_by_openssh_and_sha256sum() {
    let study = Study::new();
    study.decided(&["approve"], "H. Head");
    study.quantify();
    let file = signed(&study);
    let signature = format!("{file}.sig");
    let who = ["-Y", "verify", "-f", "allowed_signers", "-I", "h.head", "-n", "platewise", "-s", &signature];
    let openssh = || agrees("ssh-keygen", &who, &study.path(""), &study.path(&file));
    let sums = || agrees("sha256sum", &["-c", "--strict", &file], &study.path(""), &study.path(&file));
    assert!(openssh().is_none_or(|agrees| agrees) && sums().is_none_or(|agrees| agrees));
    let (code, said) = verify(&study);
    assert!(code == 0 && said.contains("approved by H. Head (signed by h.head"), "{said}");
    // An edited statement is one for neither of us, and a changed input for none.
    let text = fs::read_to_string(study.path(&file)).unwrap();
    fs::write(study.path(&file), text.replace("H. Head", "I. Head")).unwrap();
    assert!(openssh() != Some(true) && verify(&study).1.contains("signature not valid"), "{}", verify(&study).1);
    fs::write(study.path(&file), text).unwrap();
    study.edit("samples.csv", "101", "109");
    assert!(sums() != Some(true) && verify(&study).0 == 1);
}

#[test]
fn signatures_by_openssh_are_ours() {
    let study = Study::new();
    let file = signed(&study);
    fs::remove_file(study.path(&format!("{file}.sig"))).unwrap();
    let (_, said) = verify(&study);
    assert!(said.contains("unsigned: a named approval"), "{said}");
    let key = study.path("../key7");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let arguments = ["-Y", "sign", "-f", key.to_str().unwrap(), "-n", "platewise", &file];
    if agrees("ssh-keygen", &arguments, &study.path(""), &study.path("study.toml")).is_some() {
        let (code, said) = verify(&study);
        assert!(code == 0 && said.contains("signed by h.head"), "{said}");
    }
}

#[test]
fn a_signature_is_shown_and_so_is_that_it_no_longer_covers() {
    let study = Study::new();
    signed(&study);
    let (code, said) = study.quantify();
    assert!(code == 0 && said.contains("approved by H. Head") && said.contains("signed by h.head"), "{said}");
    assert_eq!(verify(&study).0, 0, "pages that show the signature are no part of it: {}", verify(&study).1);
    let page = fs::read_to_string(study.path("results/report.html")).unwrap();
    assert!(page.contains("<h3>Signatures</h3>") && page.contains("signed by h.head"));
    let row = result_tables::table(&study.path("results"), "signatures.csv").remove(0);
    assert_eq!((row["name"].as_str(), row["covers"].as_str()), ("H. Head", "Y"));
    study.edit("study.toml", "replicate_cv_percent = 20", "replicate_cv_percent = 19");
    let (code, said) = study.quantify();
    assert!(code == 1 && said.contains("no longer covers these results: study.toml changed"), "{said}");
}

#[test]
fn nobody_signs_what_is_not_there_or_with_a_key_that_may_not() {
    let study = Study::new();
    let (path, _) = key(&study, 8);
    let (code, said) = sign(&study, &["--key", &path]);
    assert!(
        code == 2 && said.contains("is not in it") && said.contains("h.head namespaces=\"platewise\" ssh-ed25519"),
        "{said}"
    );
    let (code, said) = sign(&study, &["--key", study.path("study.toml").to_str().unwrap()]);
    assert!(code == 2 && said.contains("no private key of OpenSSH"), "{said}");
    study.edit("layouts/P01.csv", "101-W00", "102-W00");
    let (code, said) = sign(&study, &[]);
    assert!(code == 2 && said.contains("layouts/P01.csv: is not what it was when the study was run"), "{said}");
    assert!(!study.path("signatures").exists() || fs::read_dir(study.path("signatures")).unwrap().next().is_none());
}

#[test]
fn a_broken_statement_stops_no_run_and_is_named() {
    let study = Study::new();
    let file = signed(&study);
    for (edited, text) in
        [(file.as_str(), "# platewise statement 2\n"), ("allowed_signers", "h.head valid-before=\"x\" ssh-ed25519 A\n")]
    {
        let whole = fs::read_to_string(study.path(edited)).unwrap();
        fs::write(study.path(edited), text).unwrap();
        let (code, said) = study.quantify();
        assert!(code == 1 && said.contains(edited) && said.contains("24 quantified"), "{code} {said}");
        assert_eq!(verify(&study).0, 1);
        fs::write(study.path(edited), whole).unwrap();
    }
    assert_eq!(study.quantify().0, 0);
}

#[test]
fn a_second_person_signs_where_the_method_says_so() {
    let study = Study::new();
    study.edit("study.toml", "\n[acceptance]", "\n[review]\nsecond_person = true\n\n[acceptance]");
    study.decided(&["exclude", "--well", "A05"], "h. head");
    study.quantify();
    let (code, said) = sign(&study, &[]);
    assert!(code == 2 && said.contains("excluded well A05 of plate P01 by line 1"), "{said}");
}

/// Every single edit, deletion, exchange and truncation of a log of five lines, and of it written anew.
#[test]
fn every_change_of_the_log_is_found() {
    let study = Study::new();
    study.decided(&["exclude", "--well", "A05"], "A. Analyst");
    study.decided(&["exclude", "--well", "B05"], "A. Analyst");
    study.quantify();
    study.decided(&["accept"], "R. Reviewer");
    study.decided(&["approve"], "H. Head");
    study.quantify();
    assert_eq!(verify(&study).0, 0, "{}", verify(&study).1);
    let path = study.path("decisions.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<String> = whole.lines().map(str::to_string).collect();
    let mut edits: Vec<(String, Vec<String>)> = Vec::new();
    for at in 0..lines.len() {
        for (from, to) in
            [("all findings", "no finding"), ("\"who\":\"", "\"who\":\"X"), ("\"when\":\"20", "\"when\":\"19")]
        {
            let mut edited = lines.clone();
            edited[at] = edited[at].replacen(from, to, 1);
            edits.push((format!("{from} of line {at}"), edited));
        }
        let mut deleted = lines.clone();
        deleted.remove(at);
        edits.push((format!("without line {at}"), deleted));
        edits.push((format!("cut before line {at}"), lines[..at].to_vec()));
        for other in at + 1..lines.len() {
            let mut exchanged = lines.clone();
            exchanged.swap(at, other);
            edits.push((format!("{at} and {other} exchanged"), exchanged));
        }
    }
    // Written anew with right hashes: only what was kept elsewhere shows it.
    let mut previous = "0".repeat(64);
    let rewritten = lines.iter().map(|line| {
        let mut event: serde_json::Value = serde_json::from_str(line).unwrap();
        event["previous"] = previous.clone().into();
        event["who"] = "Somebody Else".into();
        let line = serde_json::to_string(&event).unwrap();
        previous = platewise::record::sha256(line.as_bytes());
        line
    });
    edits.push(("written anew".into(), rewritten.collect()));
    for (what, edited) in &edits {
        fs::write(&path, edited.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        let (code, said) = verify(&study);
        assert!(code == 1 && said.contains("FAILS"), "{what}: {code} {said}");
    }
    assert_eq!(edits.len(), 27);
    fs::write(&path, &whole).unwrap();
    assert_eq!(verify(&study).0, 0, "put back as it was");
}

#[test]
fn every_output_that_was_changed_or_removed_is_found() {
    let study = Study::new();
    let names: Vec<String> =
        ["concentrations.csv", "report.html", "results.xlsx", "curves.csv"].map(String::from).into();
    for name in names {
        let path = study.path("results").join(&name);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, [bytes.as_slice(), b" "].concat()).unwrap();
        let (code, said) = verify(&study);
        assert!(code == 1 && said.contains(&name), "{name}: {said}");
        fs::remove_file(&path).unwrap();
        assert_eq!(verify(&study).0, 1, "{name} removed");
        fs::write(&path, bytes).unwrap();
    }
    let (code, said) = verify(&study);
    assert!(code == 0 && said.contains("the same bytes by version"), "{said}");
    // With a manifest that fits the edit: the results computed again show it.
    let table = study.path("results/concentrations.csv");
    let before = fs::read(&table).unwrap();
    let edited = String::from_utf8_lossy(&before).replacen(",quantified,", ",Quantified,", 1);
    fs::write(&table, &edited).unwrap();
    let sum = |bytes: &[u8]| platewise::record::sha256(bytes);
    study.edit("results/manifest-sha256.txt", &sum(&before), &sum(edited.as_bytes()));
    let (code, said) = verify(&study);
    assert!(code == 1 && said.contains("is not what the study gives when it is computed again"), "{said}");
}

/// A run without a given time, and one with: both are verified at another time, with the list of arms closed and after it was opened. The
/// datasets say the recorded time.
#[test]
fn results_are_computed_again_the_same_at_any_other_time() {
    let study = Study::new();
    let at = |time: Option<&str>, arguments: &[&str]| {
        let mut command = assert_cmd::Command::cargo_bin("platewise").unwrap();
        command.env_remove("SOURCE_DATE_EPOCH").envs(time.map(|time| ("SOURCE_DATE_EPOCH", time)));
        let done = command.args(arguments).arg(study.path("")).output().unwrap();
        (done.status.code().unwrap(), printed(&done))
    };
    let (long_ago, once) = (Some("946684800"), Some("1700000000"));
    for (command, ran_at, verified_at) in
        [("quantify", None, long_ago), ("quantify", once, None), ("run", None, long_ago), ("run", once, None)]
    {
        let opens = command == "run";
        let arguments = if opens { vec!["run", "--by", "A. Analyst"] } else { vec!["quantify"] };
        let (code, said) = at(ran_at, &arguments);
        assert_eq!(code, 0, "{said}");
        let (code, said) = at(verified_at, &["verify"]);
        let closed = said.contains("the comparison of the arms is not computed again, since their list stays closed");
        assert!(code == 0 && said.contains("the same bytes by version") && closed == opens, "{command}: {said}");
        if opens {
            let recorded: serde_json::Value =
                serde_json::from_slice(&fs::read(study.path("results/run.json")).unwrap()).unwrap();
            let dataset: serde_json::Value =
                serde_json::from_slice(&fs::read(study.path("results/adlb.json")).unwrap()).unwrap();
            assert_eq!(dataset["datasetJSONCreationDateTime"], recorded["started"]);
            assert_eq!(recorded["started"] == "2023-11-14T22:13:20Z", ran_at.is_some());
        }
    }
    // A table without arms that was edited, with a manifest that fits, is found in the unblinded results as well.
    let table = study.path("results/verdicts.csv");
    let before = fs::read(&table).unwrap();
    let edited = String::from_utf8_lossy(&before).replacen("accepted", "rejected", 1);
    fs::write(&table, &edited).unwrap();
    let sum = |bytes: &[u8]| platewise::record::sha256(bytes);
    study.edit("results/manifest-sha256.txt", &sum(&before), &sum(edited.as_bytes()));
    let (code, said) = at(None, &["verify"]);
    assert!(code == 1 && said.contains("verdicts.csv: is not what the study gives"), "{said}");
}
