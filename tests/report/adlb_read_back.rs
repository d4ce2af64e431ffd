//! The transport file as the programs read it that its users have: pandas and pyreadstat (`adlb_read_back.py`). Skipped, and said
//! so, where there is no Python with both; `PLATEWISE_PYTHON` names one.

use std::path::Path;
use std::process::Command;

#[test]
fn pandas_and_pyreadstat_read_every_value_of_the_transport_file() {
    let python = std::env::var("PLATEWISE_PYTHON").unwrap_or_else(|_| "python3".into());
    let has_both = Command::new(&python).args(["-c", "import pandas, pyreadstat"]).output();
    if !has_both.is_ok_and(|output| output.status.success()) {
        println!("skipped: {python} with pandas and pyreadstat is not there; PLATEWISE_PYTHON names another");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    let platewise = || assert_cmd::Command::cargo_bin("platewise").unwrap();
    platewise().arg("init").arg(&study).assert().success();
    platewise().args(["run", "--quiet"]).arg(&study).assert().success();
    let results = study.join("results");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report/adlb_read_back.py");
    let read = |results: &Path| Command::new(&python).arg(&script).arg(results).output().unwrap();
    let output = read(&results);
    let said = String::from_utf8_lossy(&output.stdout).to_string();
    println!("{said}");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));

    // A digit of the table that is not that of the transport file is seen.
    let table = std::fs::read_to_string(results.join("adlb.csv")).unwrap();
    std::fs::write(results.join("adlb.csv"), table.replacen("active", "activf", 1)).unwrap();
    let output = read(&results);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}
