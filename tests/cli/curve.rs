//! The `curve` command through the binary: JSON of the documented shape, in agreement with the references; words; errors.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

fn platewise() -> Command {
    Command::cargo_bin("platewise").unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/curves")
}

fn set(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(fixtures().join(name)).unwrap()).unwrap()
}

/// Writes the points of a set as POINTS.csv.
fn points(folder: &Path, set: &Value) -> PathBuf {
    let column = |name: &str| set[name].as_array().unwrap().clone();
    let mut text = String::from("concentration,response\n");
    for (x, y) in column("x").iter().zip(column("y")) {
        text.push_str(&format!("{x},{y}\n"));
    }
    let file = folder.join("points.csv");
    fs::write(&file, text).unwrap();
    file
}

/// Runs `curve … --format json`, and gives the first curve.
fn curve(points: &Path, options: &[&str]) -> Value {
    let output = platewise().arg("curve").arg(points).args(options).args(["--format", "json"]).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code <= 1), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["curves"][0].clone()
}

/// The options that a reference's model and weights are.
fn options(reference: &Value) -> Vec<&'static str> {
    let mut options = match reference["model"].as_str().unwrap() {
        "4pl" => vec!["--model", "4pl"],
        "4pl_a0" => vec!["--model", "4pl", "--fix", "a=0"],
        "5pl" => vec!["--model", "5pl"],
        "5plm" => vec!["--model", "5plm"],
        other => panic!("unknown model {other}"),
    };
    options.extend(match reference["weights"].as_str().unwrap() {
        "none" => ["--variance", "constant"].as_slice(),
        "inv_y" => &["--variance", "proportional", "--variance-from", "observed"],
        "inv_y2" => &["--variance", "squared", "--variance-from", "observed"],
        "power1" => &["--variance", "squared", "--variance-from", "fitted"],
        "power_est" => &["--variance", "power"],
        other => panic!("unknown weights {other}"),
    });
    options
}

fn close(found: &Value, expected: f64, tolerance: f64) {
    let found = found.as_f64().unwrap_or(f64::NAN);
    assert!((found - expected).abs() <= tolerance, "{found}, expected {expected} ± {tolerance}");
}

#[test]
fn the_json_has_the_documented_shape() {
    let folder = tempfile::tempdir().unwrap();
    let points = points(folder.path(), &set("real/dnase_run_01.json"));
    let responses = folder.path().join("responses.csv");
    fs::write(&responses, "response\n0.2\n1.0\n9\n").unwrap();
    let curve = curve(&points, &["--invert", responses.to_str().unwrap(), "--replicates", "2"]);
    for key in [
        "curve",
        "model",
        "variance",
        "direction",
        "identified",
        "estimates",
        "standard_errors",
        "covariance",
        "rss",
        "residual_sd",
        "df",
        "r_squared",
        "aic",
        "aicc",
        "log_likelihood",
        "variance_exponent",
        "intervals",
        "standards",
        "lack_of_fit",
        "verdict",
        "inverse",
    ] {
        assert!(curve.get(key).is_some(), "no {key}");
    }
    assert_eq!(
        (&curve["model"], &curve["variance"], &curve["direction"]),
        (&"4pl".into(), &"squared".into(), &"rising".into())
    );
    for key in ["a", "b", "c", "d", "g"] {
        assert!(curve["estimates"].get(key).is_some() && curve["standard_errors"].get(key).is_some());
    }
    assert_eq!(curve["covariance"].as_array().unwrap().len(), 4);
    let standard = &curve["standards"][0];
    for key in ["concentration", "n", "mean_response", "back_calculated", "bias_percent", "cv_percent"] {
        assert!(standard.get(key).is_some(), "no {key}");
    }
    assert_eq!(curve["verdict"]["usable"], true);
    assert!(curve["verdict"]["reasons"].is_array());
    let read = &curve["inverse"][0];
    for key in ["response", "replicates", "concentration", "standard_error", "lower", "upper", "status"] {
        assert!(read.get(key).is_some(), "no {key}");
    }
    assert_eq!((&read["replicates"], &read["status"]), (&2.into(), &"inside_standards".into()));
    assert_eq!(
        (&curve["inverse"][2]["concentration"], &curve["inverse"][2]["status"]),
        (&Value::Null, &"above_curve".into())
    );
}

#[test]
fn the_command_agrees_with_the_references() {
    let folder = tempfile::tempdir().unwrap();
    let mut compared = 0;
    for name in ["real/dnase_run_01.json", "real/nist_rat42.json", "hard/hc_decreasing_A.json", "hard/hc_zero_A.json"] {
        let set = set(name);
        let points = points(folder.path(), &set);
        for reference in set["references"].as_array().unwrap() {
            let responses = folder.path().join("responses.csv");
            let inverse = &reference["inverse"][0];
            fs::write(&responses, format!("response\n{}\n", inverse["y0"])).unwrap();
            let mut options = options(reference);
            options.extend(["--invert", responses.to_str().unwrap()]);
            let curve = curve(&points, &options);
            assert_eq!(curve["identified"], true);
            for (key, expected) in reference["estimates"].as_object().unwrap() {
                let expected = expected.as_f64().unwrap();
                // A fixed parameter has no standard error.
                let se = reference["se_gauss_newton"][key].as_f64();
                close(&curve["estimates"][key], expected, 1e-6 * expected.abs().max(se.unwrap_or(0.0)));
                match se {
                    Some(se) => close(&curve["standard_errors"][key], se, 1e-5 * se),
                    None => assert_eq!(curve["standard_errors"][key], Value::Null),
                }
            }
            close(
                &curve["inverse"][0]["concentration"],
                inverse["x0"].as_f64().unwrap(),
                1e-6 * inverse["x0"].as_f64().unwrap(),
            );
            let se = inverse["curve_plus_response_m1"]["se"].as_f64().unwrap();
            close(&curve["inverse"][0]["standard_error"], se, 1e-5 * se);
            compared += 1;
        }
    }
    println!("compared {compared} references through the binary");
    assert!(compared > 20);
}

#[test]
fn what_is_not_identified_is_null() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["hard/hc_incomplete_upper_A.json", "hard/hc_step_A.json", "hard/hc_flat_A.json"] {
        let set = set(name);
        let points = points(folder.path(), &set);
        for reference in set["no_finite_minimum_or_no_reference"].as_array().unwrap() {
            let curve = curve(&points, &options(reference));
            assert_eq!(curve["identified"], false, "{name}");
            // Something runs away in each; which, depends on the family.
            assert!(["a", "d", "c", "b"].iter().any(|key| curve["estimates"][key].is_null()), "{name}");
            assert_eq!(curve["covariance"], Value::Null, "{name}");
            assert!(!curve["verdict"]["reasons"].as_array().unwrap().is_empty(), "{name}");
        }
    }
}

#[test]
fn numbers_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let points = points(folder.path(), &set("real/dnase_run_01.json"));
    let output =
        platewise().arg("curve").arg(&points).args(["--variance", "constant", "--format", "json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let parsed: Value = serde_json::from_str(&text).unwrap();
    let library = {
        let wells: Vec<platewise::curve::Point> = fs::read_to_string(&points)
            .unwrap()
            .lines()
            .skip(1)
            .map(|line| {
                let (x, y) = line.split_once(',').unwrap();
                platewise::curve::Point { concentration: x.parse().unwrap(), response: y.parse().unwrap() }
            })
            .collect();
        platewise::curve::fit(&wells, &platewise::curve::Method::default()).unwrap()
    };
    let curve = &parsed["curves"][0];
    assert_eq!(curve["estimates"]["c"].as_f64(), Some(library.parameters().c));
    assert_eq!(curve["rss"].as_f64(), Some(library.rss()));
    assert_eq!(curve["covariance"][2][3].as_f64(), library.covariance().map(|covariance| covariance[2][3]));
}

#[test]
fn several_curves_of_a_file_are_fitted_and_read_each_for_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("curve;concentration;response\n");
    for (name, c) in [("lot 1", 200.0_f64), ("lot 2", 300.0)] {
        for x in [0.0_f64, 15.6, 31.2, 62.5, 125.0, 250.0, 500.0, 1000.0] {
            let response = 0.05 + 2.7 / (1.0 + (c / x).powf(1.2)) + 0.001 * (x / 7.0).sin();
            text.push_str(&format!("{name};{x};{response}\n"));
        }
    }
    text.push_str("lot 3;1;0.2\nlot 3;2;0.3\n");
    let points = folder.path().join("points.csv");
    fs::write(&points, text.replace(';', ",")).unwrap();
    let responses = folder.path().join("responses.csv");
    fs::write(&responses, "curve,response\nlot 2,1.0\nlot 1,1.0\n,0.5\n").unwrap();
    let plot = folder.path().join("picture.svg");
    let output = platewise()
        .arg("curve")
        .arg(&points)
        .arg("--invert")
        .arg(&responses)
        .arg("--plot")
        .arg(&plot)
        .args(["--format", "json"])
        .output()
        .unwrap();
    // The third has too few levels: it stands with its reason, and the others are there.
    assert_eq!(output.status.code(), Some(1));
    let parsed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let curves = parsed["curves"].as_array().unwrap();
    assert_eq!(
        curves.iter().map(|curve| curve["curve"].as_str().unwrap()).collect::<Vec<_>>(),
        ["lot 1", "lot 2", "lot 3"]
    );
    assert_eq!(curves[0]["inverse"].as_array().unwrap().len(), 2);
    let (one, two) = (&curves[0]["inverse"][0]["concentration"], &curves[1]["inverse"][0]["concentration"]);
    assert!(two.as_f64().unwrap() > 1.3 * one.as_f64().unwrap());
    assert_eq!(curves[2]["estimates"]["c"], Value::Null);
    assert!(curves[2]["error"].as_str().unwrap().contains("2 different concentrations"));
    for name in ["picture-lot_1.svg", "picture-lot_2.svg"] {
        assert!(fs::read_to_string(folder.path().join(name)).unwrap().contains("<svg"));
    }
}

#[test]
fn words_name_the_parameters_the_standards_and_the_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let points = points(folder.path(), &set("hard/hc_hook_A.json"));
    platewise()
        .arg("curve")
        .arg(&points)
        .args(["--variance", "constant"])
        .assert()
        .success()
        .stdout(predicate::str::contains("hook: the response turns back above 500"))
        .stdout(predicate::str::contains("Standards"))
        .stdout(predicate::str::contains("Verdict: usable up to 250"));
}

#[test]
fn the_wells_choose_the_variance_model_and_what_they_say_of_a_stated_one_is_said() {
    let folder = tempfile::tempdir().unwrap();
    // Eight plates of one assay whose noise is 4 % of the response.
    let mut random = platewise::stats::random::Random::new(3);
    let mut text = String::from("curve,concentration,response\n");
    for plate in 1..=8 {
        for x in [0.0_f64, 31.25, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0].into_iter().flat_map(|x| [x, x]) {
            let response = (0.06 + 2.7 * x / (x + 300.0)) * (1.0 + 0.04 * random.normal());
            text.push_str(&format!("P{plate},{x},{response}\n"));
        }
    }
    let points = folder.path().join("plates.csv");
    fs::write(&points, text).unwrap();
    let run = |more: &[&str]| {
        let output = platewise().arg("curve").arg(&points).args(more).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let chosen = run(&[]);
    assert!(
        chosen.starts_with("Variance squared: chosen by these wells (restricted log-likelihood: squared 0.0, "),
        "{chosen}"
    );
    let stated = run(&["--variance", "constant"]);
    assert!(
        stated.lines().next().unwrap().contains("as stated") && stated.contains("speak against it and for squared")
    );
    // The curves of a file share the exponent; one alone has its own, which is a remark.
    let pooled = run(&["--variance", "power"]);
    assert!(pooled.contains("pooled over the curves") && !pooled.contains("comes from these wells alone"), "{pooled}");
    let json: Value = serde_json::from_str(&run(&["--format", "json"])).unwrap();
    assert_eq!(json["variance_model"]["choice"]["models"][0][0], "squared");
    assert!(json["interval_holds"].as_str().unwrap().contains("well-to-well noise"));
}

#[test]
fn every_problem_of_an_input_is_named_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let points = folder.path().join("points.csv");
    fs::write(&points, "concentration,response\n1,0.1\n-2,0.2\n3,OVRFLW\n4,\n").unwrap();
    platewise()
        .arg("curve")
        .arg(&points)
        .assert()
        .code(2)
        .stderr(predicate::str::contains("line 3, field 1"))
        .stderr(predicate::str::contains("'OVRFLW'"))
        .stderr(predicate::str::contains("line 5, field 2"));
    platewise().arg("curve").arg(&points).args(["--fix", "x=1"]).assert().code(2);
}
