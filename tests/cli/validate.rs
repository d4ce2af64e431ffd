//! `platewise validate` as a laboratory runs it.

use std::fs;

use assert_cmd::Command;
use serde_json::Value;

fn platewise() -> Command {
    Command::cargo_bin("platewise").unwrap()
}

#[test]
fn everything_is_as_expected_and_everything_spoiled_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let done = platewise().arg("validate").current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert_eq!(done.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.ends_with("Everything is as expected: validation/validation.html\n"), "{said}");
    let json: Value =
        serde_json::from_slice(&fs::read(folder.path().join("validation/validation.json")).unwrap()).unwrap();
    let functions = json["functions"].as_array().unwrap();
    assert_eq!(functions.len(), 6);
    let mut answers = 0;
    for function in functions {
        for field in ["name", "intended_use", "risk", "failure", "activity"] {
            assert!(function[field].as_str().is_some_and(|text| text.len() > 8), "{field}: {function}");
        }
        for case in function["cases"].as_array().unwrap() {
            let checks = case["checks"].as_array().unwrap();
            assert!(!checks.is_empty() && !case["source"].as_str().unwrap().is_empty(), "{case}");
            answers += checks.len();
        }
        let spoiled = function["spoiled"].as_array().unwrap();
        assert!(!spoiled.is_empty() && spoiled.iter().all(|one| one["found"].is_object()), "{spoiled:?}");
    }
    assert!(answers > 10_000, "{answers}");
    let program = fs::read(env!("CARGO_BIN_EXE_platewise")).unwrap();
    assert_eq!(json["installation"]["sha256"], platewise::files::sha256(&program));
    let page = fs::read_to_string(folder.path().join("validation/validation.html")).unwrap();
    assert!(page.contains("Computer Software Assurance") && !page.contains("FAILED"));
    // A second validation takes the place of the first; the folder of somebody else stays as it is.
    platewise().arg("validate").current_dir(folder.path()).assert().success();
    fs::create_dir(folder.path().join("mine")).unwrap();
    fs::write(folder.path().join("mine/notes.txt"), "mine").unwrap();
    platewise().args(["validate", "--out", "mine"]).current_dir(folder.path()).assert().code(2);
    assert_eq!(fs::read_dir(folder.path().join("mine")).unwrap().count(), 1);
}
