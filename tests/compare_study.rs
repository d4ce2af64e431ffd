//! A study's results and arms through the whole comparison, on the simulated trial `sim_main` whose results R computed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::path::Path;

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::Protocol;
use platewise::sheet::Book;
use platewise::study::{Allocation, SubjectVisit, compare, read_arms};

fn protocol() -> Protocol {
    let visits: String = [0, 4, 8, 12, 16]
        .map(|week| {
            let (name, mark) = match week {
                0 => ("Baseline".to_string(), "baseline = true"),
                16 => ("Week 16".to_string(), "endpoint = true"),
                week => (format!("Week {week}"), ""),
            };
            format!("[[visit]]\nname = \"{name}\"\nweek = {week}\n{mark}\n")
        })
        .concat();
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n{visits}\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n"
    );
    platewise::protocol::parse(&text).unwrap()
}

fn quantified(value: f64) -> Quantity {
    Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None })
}

/// The results and arms of a fixture.
fn trial(name: &str, protocol: &Protocol) -> (Vec<SubjectVisit>, Vec<Allocation>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats/data").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    let mut results = Vec::new();
    let mut arms: Vec<Allocation> = Vec::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [subject, arm, week, value, below, lloq, stratum] = fields[..] else { panic!("{line}") };
        if !arms.iter().any(|known| known.subject == subject) {
            let stratum = (!stratum.is_empty()).then(|| stratum.to_string());
            arms.push(Allocation { subject: subject.to_string(), arm: arm.to_string(), stratum });
        }
        let quantity = match (value, below) {
            ("", "1") => Quantity::BelowLloq { limit: lloq.parse().unwrap() },
            ("", _) => continue,
            (value, _) => quantified(value.parse().unwrap()),
        };
        let week: f64 = week.parse().unwrap();
        let visit = protocol.visits.iter().find(|visit| visit.week == week).unwrap().name.clone();
        results.push(SubjectVisit {
            subject: subject.to_string(),
            visit,
            week,
            sample: format!("{subject}-{week}"),
            plate: None,
            quantity,
        });
    }
    (results, arms)
}

fn close(actual: f64, expected: f64) {
    assert!((actual - expected).abs() <= 1e-9 * expected.abs(), "{actual} is not {expected}");
}

#[test]
fn the_primary_analysis_is_that_of_r() {
    let protocol = protocol();
    let (results, arms) = trial("sim_main.csv", &protocol);
    let comparison = compare(&results, &arms, &protocol).unwrap();

    // expected/sim_main.json, ancova|16|ln_change|ln|FALSE|ols|none|half.
    let primary = comparison.comparisons.iter().find(|found| found.primary).unwrap();
    assert_eq!(primary.n, [50, 44]);
    let ratio = primary.ratio.unwrap();
    close(ratio.estimate, 0.614006200965854);
    close(ratio.lower, 0.435759718087198);
    close(ratio.upper, 0.865163986426758);
    close(primary.p.unwrap(), 0.0058041507829664);
    close(primary.standard_error.unwrap(), 0.172632896273585);
    close(primary.adjusted_means.unwrap()[0].estimate, (-0.508544488648303_f64).exp());

    let week_16 = comparison.arms.iter().find(|arm| arm.arm == "active" && arm.visit == "Week 16").unwrap();
    assert_eq!((week_16.randomised, week_16.n + week_16.missing), (59, 59));
    assert_eq!(comparison.join.matched, 114);
    assert_eq!(comparison.changes.len(), 114 * 4);
    let reasons = comparison.changes.iter().filter(|change| change.excluded.is_empty() == change.log_change.is_none());
    assert_eq!(reasons.count(), 0, "everyone is in the analysis or has a reason");
    for part in [
        "The data of this study are simulated.",
        "Of 59 participants randomised to active and 55 to placebo, 50 and 44 are in the analysis.",
        "0.61 (95 % confidence interval 0.44 to 0.87); t(91) = -2.83, P = 0.006",
    ] {
        assert!(comparison.paragraph.contains(part), "{part}: {}", comparison.paragraph);
    }
}

#[test]
fn arms_are_read_with_every_problem_named() {
    let text = "subject,arm,stratum\nS1,active,A\nS2,,A\nS1,placebo,A\nS3,active,\nS1,active,A\n,active,A\n";
    let book = Book::from_bytes(text.as_bytes(), "arms.csv").unwrap();
    let problems = read_arms(&book.sheets[0]).unwrap_err().to_string();
    for part in ["line 3, field 2", "line 4", "arm 'placebo'", "line 5, field 3", "line 6", "twice", "line 7, field 1"]
    {
        assert!(problems.contains(part), "{part}: {problems}");
    }
    let book = Book::from_bytes(b"subject,arm\nS1,active\nS2,placebo\n", "arms.csv").unwrap();
    let arms = read_arms(&book.sheets[0]).unwrap();
    assert_eq!(arms.len(), 2);
    assert_eq!(arms[1].stratum, None);
}

#[test]
fn subjects_without_an_arm_and_arms_without_results_are_listed() {
    let protocol = protocol();
    let (results, mut arms) = trial("sim_main.csv", &protocol);
    arms[0].subject = "s-001".to_string();
    let comparison = compare(&results, &arms, &protocol).unwrap();
    assert_eq!(comparison.join.matched, 113);
    assert_eq!(comparison.join.without_arm, ["S001"]);
    assert_eq!(comparison.join.without_results, ["s-001"]);
    assert_eq!(comparison.join.conflicting, [["S001".to_string(), "s-001".to_string()]]);
}

#[test]
fn an_arm_with_nobody_is_an_error_in_words() {
    let protocol = protocol();
    let (results, mut arms) = trial("sim_main.csv", &protocol);
    for allocation in &mut arms {
        allocation.arm = "active".to_string();
    }
    let problems = compare(&results, &arms, &protocol).unwrap_err().to_string();
    assert!(problems.contains("nobody is in the reference arm 'placebo'"), "{problems}");
}
