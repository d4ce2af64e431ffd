//! Intercurrent events: what each strategy makes of the values after them, in every analysis, and what is said of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::{Protocol, Visit};
use platewise::sheet::Book;
use platewise::study::events::{AfterEvents, after_events, read_events};
use platewise::study::{Allocation, Comparison, SubjectVisit, compare};

use crate::support::copied_study::copy;

fn protocol(strategy: &str) -> Protocol {
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n[analysis]\nresponder_fall_percent = 40\n\
         [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
         [[visit]]\nname = \"Week 8\"\nweek = 8\n\
         [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n\
         [events]\nlist = \"events.csv\"\n[[event]]\nname = \"rescue\"\nstrategy = \"{strategy}\"\n"
    );
    platewise::protocol::parse(&text).unwrap()
}

/// Eight in each arm; the active one falls to 0.8 and 0.5 of the baseline, the other to 0.95, each with some scatter.
fn trial() -> (Vec<SubjectVisit>, Vec<Allocation>) {
    let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
    let (mut visits, mut arms) = (Vec::new(), Vec::new());
    for i in 0..16_usize {
        let subject = format!("S{i:02}");
        let scatter = |step: usize| 0.9 + 0.025 * ((i * step) % 9) as f64;
        let (week_8, week_16) = if i < 8 { (0.8, 0.5) } else { (0.95, 0.95) };
        let base = 900.0 + 40.0 * ((i * 7) % 11) as f64;
        let values = [base, base * week_8 * scatter(5), base * week_16 * scatter(4)];
        for ((week, name), value) in [(0.0, "Baseline"), (8.0, "Week 8"), (16.0, "Week 16")].into_iter().zip(values) {
            visits.push(SubjectVisit {
                sample: format!("{subject}-{week}"),
                ..SubjectVisit::new(&subject, name, week, number(value))
            });
        }
        let arm = if i < 8 { "active" } else { "placebo" };
        arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: None, covariates: Vec::new() });
    }
    (visits, arms)
}

fn applied(strategy: &str, list: &str) -> AfterEvents {
    let (visits, arms) = trial();
    let book = Book::from_bytes(format!("subject,day,event\n{list}").as_bytes(), "events.csv").unwrap();
    after_events(&visits, &read_events(&book.sheets[0]).unwrap(), &arms, &protocol(strategy)).unwrap()
}

fn compared(strategy: &str, list: &str) -> Comparison {
    compare(&applied(strategy, list).visits, &trial().1, &protocol(strategy)).unwrap()
}

/// What the primary analysis has of a subject at week 16: the number, and why there is none.
fn at_the_end(found: &Comparison, subject: &str) -> (Option<f64>, String) {
    let change = found.changes.iter().find(|row| row.subject == subject && row.week == 16.0).unwrap();
    (change.aval, change.excluded.clone())
}

fn value(subject: &str, visit: &str) -> f64 {
    let found = trial().0.into_iter().find(|one| one.subject == subject && one.visit == visit).unwrap().quantity;
    match found {
        Quantity::Quantified(estimate) => estimate.value,
        other => panic!("{other}"),
    }
}

/// Between week 8 (day 57) and week 16 (day 113).
const RESCUE: &str = "S00,70,rescue\nS09,70,rescue\n";

#[test]
fn each_strategy_makes_of_the_value_after_the_event_what_it_says() {
    let (policy, hypothetical) = (compared("treatment-policy", RESCUE), compared("hypothetical", RESCUE));
    let (composite, on_treatment) = (compared("composite", RESCUE), compared("while-on-treatment", RESCUE));
    let own = value("S00", "Week 16");
    assert_eq!(at_the_end(&policy, "S00"), (Some(own), String::new()));
    assert_eq!(at_the_end(&composite, "S00"), (Some(own), String::new()));
    let (number, why) = at_the_end(&hypothetical, "S00");
    assert_eq!((number, why.as_str()), (None, "after 'rescue' on day 70: hypothetical"));
    assert_eq!(at_the_end(&on_treatment, "S00"), (Some(value("S00", "Week 8")), String::new()));
    // Who is counted: all, but for those whose value is missing; with one reason.
    let n = |found: &Comparison| found.comparisons.iter().find(|row| row.primary).unwrap().n;
    assert_eq!([&policy, &hypothetical, &composite, &on_treatment].map(n), [[8, 8], [7, 7], [8, 8], [8, 8]]);
    let left_out = &hypothetical.comparisons.iter().find(|row| row.primary).unwrap().left_out;
    assert_eq!((left_out[0].reason.as_str(), left_out[0].n), ("after 'rescue' (hypothetical)", [1, 1]));
    assert!(hypothetical.flow.iter().any(|step| step.lost.iter().any(|(why, n)| why.contains("rescue") && *n == 1)));
    // A failure does not respond, whatever was measured.
    let responders = |found: &Comparison| found.responders.iter().find(|row| row.all_randomised).unwrap().responders[0];
    assert_eq!(responders(&policy), responders(&composite) + 1);
    // The dataset says what was carried on, and keeps what was measured.
    let records: Vec<_> =
        on_treatment.records.iter().filter(|record| record.usubjid == "S00" && record.avisitn == 16.0).collect();
    let said: Vec<(Option<&str>, bool)> = records.iter().map(|one| (one.dtype, one.exclreas.is_some())).collect();
    assert_eq!(said, [(Some("LOCF"), false), (None, true)]);
    assert_eq!(records[1].aval, Some(own));
    // The question says each of them.
    for (found, words) in
        [(&policy, "treatment policy"), (&hypothetical, "hypothetical"), (&on_treatment, "while on treatment")]
    {
        let events = &found.estimands[0].attributes.iter().find(|(name, _)| *name == "Intercurrent events").unwrap().1;
        assert!(events.starts_with(&format!("rescue: {words} (")), "{events}");
    }
}

#[test]
fn a_value_of_the_day_of_the_event_or_before_stays_and_the_baseline_always() {
    let first = |strategy: &str, day: i32| at_the_end(&compared(strategy, &format!("S00,{day},rescue\n")), "S00").0;
    let own = Some(value("S00", "Week 16"));
    assert_eq!((first("hypothetical", 113), first("hypothetical", 112)), (own, None));
    assert_eq!(
        (first("while-on-treatment", 113), first("while-on-treatment", 112)),
        (own, Some(value("S00", "Week 8")))
    );
    // Nothing between baseline and the event: there is nothing to carry on.
    assert_eq!(first("while-on-treatment", 20), None);
    let before = applied("hypothetical", "S00,-3,rescue\n");
    let kept = before.visits.iter().filter(|one| one.subject == "S00" && one.excluded.is_none());
    assert_eq!(kept.map(|one| one.visit.as_str()).collect::<Vec<_>>(), ["Baseline"]);
    // A day of collection goes before the planned one.
    let (mut visits, arms) = trial();
    visits.iter_mut().filter(|one| one.subject == "S00" && one.week == 16.0).for_each(|one| one.day = Some(60));
    let book = Book::from_bytes(b"subject,day,event\nS00,70,rescue\n", "events.csv").unwrap();
    let events = read_events(&book.sheets[0]).unwrap();
    let found = after_events(&visits, &events, &arms, &protocol("hypothetical")).unwrap();
    assert!(found.visits.iter().all(|one| one.excluded.is_none()));
}

/// Whether S00 fails by an event on `day`, with a follow-up in week 24 and the end point collected on `end`.
fn fails(day: i32, end: Option<i32>) -> bool {
    let (mut visits, arms) = trial();
    let follow_up = SubjectVisit::new("S00", "Week 24", 24.0, visits[2].quantity.clone());
    visits.iter_mut().filter(|one| one.subject == "S00" && one.week == 16.0).for_each(|one| one.day = end);
    visits.push(follow_up);
    let book = Book::from_bytes(format!("subject,day,event\nS00,{day},rescue\n").as_bytes(), "events.csv").unwrap();
    let events = read_events(&book.sheets[0]).unwrap();
    let mut protocol = protocol("composite");
    let week_24 = Visit { name: "Week 24".into(), week: 24.0, ..Visit::default() };
    protocol.trial.visits.push(week_24);
    after_events(&visits, &events, &arms, &protocol).unwrap().visits.iter().any(|one| one.failed)
}

#[test]
fn an_event_is_a_failure_only_before_the_end_point() {
    // Planned for day 113.
    assert_eq!((fails(112, None), fails(113, None), fails(140, None)), (true, false, false));
    // The day of collection goes before the planned one.
    assert_eq!((fails(115, Some(118)), fails(112, Some(110))), (true, false));
}

/// Week 8 was planned before the event and collected after it: the value of week 4 stands there too.
#[test]
fn a_visit_that_came_late_is_carried_like_the_others() {
    let (mut visits, arms) = trial();
    let mut week_4 = visits[1].clone();
    (week_4.visit, week_4.week) = ("Week 4".into(), 4.0);
    visits.iter_mut().filter(|one| one.subject == "S00" && one.week == 8.0).for_each(|one| one.day = Some(72));
    visits.push(week_4.clone());
    let mut protocol = protocol("while-on-treatment");
    protocol.trial.visits.push(Visit { name: "Week 4".into(), week: 4.0, ..Visit::default() });
    let book = Book::from_bytes(b"subject,day,event\nS00,70,rescue\n", "events.csv").unwrap();
    let found = after_events(&visits, &read_events(&book.sheets[0]).unwrap(), &arms, &protocol).unwrap();
    let carried =
        found.visits.iter().filter(|one| one.subject == "S00" && one.carried_from.as_deref() == Some("Week 4"));
    let carried: Vec<(&str, String)> = carried.map(|one| (one.visit.as_str(), one.quantity.to_string())).collect();
    let stands = week_4.quantity.to_string();
    assert_eq!(carried, [("Week 8", stands.clone()), ("Week 16", stands)]);
}

#[test]
fn events_are_counted_and_what_does_not_fit_is_named() {
    let found = applied("hypothetical", "S00,20,rescue\nS00,90,rescue\nS09,70,rescue\nnobody,70,rescue\n");
    let counts: Vec<(&str, usize, usize)> =
        found.counts.iter().map(|one| (one.arm.as_str(), one.participants, one.values)).collect();
    assert_eq!(counts, [("active", 1, 2), ("placebo", 1, 1)]);
    assert!(found.warnings[0].to_string().contains("subject 'nobody' is in no arm"));
    let book = Book::from_bytes(b"subject,day,event\nS00,0,rescue\nS01,1.5,rescue\n,3,rescue\n", "events.csv").unwrap();
    let said = read_events(&book.sheets[0]).unwrap_err().to_string();
    for expected in ["line 2", "'0' is not a study day", "line 3", "line 4", "the column 'subject' is empty"] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    let book = Book::from_bytes(b"subject,day,event\nS00,70,Rescue\n", "events.csv").unwrap();
    let (visits, arms) = trial();
    let events = read_events(&book.sheets[0]).unwrap();
    let said = after_events(&visits, &events, &arms, &protocol("hypothetical")).unwrap_err().to_string();
    assert!(said.contains("the event 'Rescue' has no strategy") && said.contains("declares: rescue"), "{said}");
    let said = platewise::protocol::parse("[events]\n[[event]]\nname = \"rescue\"\n").unwrap_err().to_string();
    assert!(said.contains("the event 'rescue' has no strategy"), "{said}");
}

/// As a user does it: the list is opened with the arms, counted in a table, on record, and unknown to a blinded run.
#[test]
fn events_go_through_the_command() {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("plates"), &study);
    let text = fs::read_to_string(study.join("study.toml")).unwrap();
    let text = text.replace("assay_error_replicates = 2000", "assay_error_replicates = 100\nsensitivity_grid = false");
    let events = "[events]\nlist = \"events.csv\"\n[[event]]\nname = \"rescue\"\nstrategy = \"hypothetical\"\n";
    fs::write(study.join("study.toml"), format!("{text}\n{events}")).unwrap();
    fs::write(study.join("events.csv"), "subject,day,event\n101-002,40,rescue\n101-003,60,rescue\n").unwrap();
    let out = place.path().join("out");
    let run =
        Command::new(env!("CARGO_BIN_EXE_platewise")).arg("run").arg(&study).arg("--out").arg(&out).output().unwrap();
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    let rows = |name: &str| -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_path(out.join(name)).unwrap().deserialize().map(Result::unwrap).collect()
    };
    let n: usize = rows("events.csv").iter().map(|row| row["N"].parse::<usize>().unwrap()).sum();
    assert_eq!(n, 2);
    let excluded = rows("excluded.csv");
    let of_events: Vec<_> = excluded.iter().filter(|row| row["RULE"] == "intercurrent event").collect();
    assert_eq!(of_events.len(), 2);
    // Taken through the redrawn studies too: what is missing there is missing in each.
    let with_error = rows("assay_error.csv");
    let primary = rows("comparison.csv").into_iter().find(|row| row["PRIMARY"] == "Y").unwrap();
    assert_eq!(
        with_error.iter().find(|row| row["ASSAY_ERROR"] == "as observed").unwrap()["RATIO"][..8],
        primary["RATIO"][..8]
    );
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("rescue: hypothetical (values after it count as missing)"));
    assert!(!fs::read_to_string(out.join("laboratory.html")).unwrap().contains("rescue"));
    assert!(fs::read_to_string(out.join("run.json")).unwrap().contains("\"events.csv\""));
}
