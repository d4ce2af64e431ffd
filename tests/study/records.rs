//! Which records are analysed: windows, duplicates, matrices, kit lots, baselines, arms; families of tests; the dataset as a
//! transport file. Every record is in an analysis or in the list of those that are not.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use platewise::concentration::{Quantity, quantity::Estimate, quantity::NotReported};
use platewise::plate::SampleList;
use platewise::protocol::{self, Protocol};
use platewise::report::adam::{Dataset, adlb, adsl, xport};
use platewise::report::table::Cell;
use platewise::reportable::ReportableResult;
use platewise::sheet::Book;
use platewise::stats::multiplicity::{Adjustment, adjust};
use platewise::study::{Allocation, Comparison, ExclusionRule, SubjectVisit, compare, read_arms, subject_visits};
use tempfile::TempDir;

const VISITS: &str = "[[visit]]\nname = \"Screening\"\nweek = -2\n\
                      [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\nWINDOW_0\n\
                      [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\nWINDOW_16\n";

/// A protocol with the lines `records` in `[records]` and `more` at the end; with windows of a week, or none.
fn protocol(records: &str, windows: bool, more: &str) -> Result<Protocol, String> {
    let (first, last) = if windows { ("window = [-6, 1]", "window = [106, 120]") } else { ("", "") };
    let visits = VISITS.replace("WINDOW_0", first).replace("WINDOW_16", last);
    let visits = if windows { visits.replace("week = -2", "week = -2\nwindow = [-20, -7]") } else { visits };
    let text = format!(
        "[study]\nid = \"S\"\ntitle = \"t\"\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n[method]\nname = \"ELISA\"\nversion = \"1\"\n\
         [records]\n{records}\n[analysis]\nresponder_level = 450\n{visits}{more}\n\
         [[plate]]\nid = \"P1\"\nexport = \"P1.txt\"\nlayout = \"P1.csv\"\nkit_lot = \"L1\"\n\
         [[plate]]\nid = \"P2\"\nexport = \"P2.txt\"\nlayout = \"P2.csv\"\nkit_lot = \"L2\"\n"
    );
    protocol::parse(&text).map_err(|problems| problems.to_string())
}

fn number(value: f64) -> Quantity {
    Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None })
}

fn result(sample: &str, plate: &str, quantity: Quantity) -> ReportableResult {
    ReportableResult {
        sample: sample.into(),
        quantity,
        plate: Some(plate.into()),
        dilution: Some(1.0),
        candidates: Vec::new(),
        flags: Vec::new(),
    }
}

/// Results of the samples in `list` (rows of sample, subject, visit, matrix, day), all on one plate, with values that differ.
fn visits(list: &str, results: Vec<ReportableResult>, protocol: &Protocol) -> Result<Vec<SubjectVisit>, String> {
    let table = format!("sample,subject,visit,matrix,day\n{list}");
    let book = Book::from_bytes(table.as_bytes(), "samples.csv").unwrap();
    let samples = SampleList::read(&book.sheets[0]).map_err(|problems| problems.to_string())?;
    subject_visits(&results, &samples, protocol).map_err(|problems| problems.to_string())
}

/// The samples that are left out, with rule and reason.
fn left_out(visits: &[SubjectVisit]) -> Vec<(&str, ExclusionRule, &str)> {
    let excluded = visits.iter().filter_map(|visit| Some((visit, visit.excluded.as_ref()?)));
    excluded.map(|(visit, why)| (visit.sample.as_str(), why.rule, why.reason.as_str())).collect()
}

fn three(values: [f64; 3]) -> Vec<ReportableResult> {
    ["a", "b", "c"].iter().zip(values).map(|(sample, value)| result(sample, "P1", number(value))).collect()
}

#[test]
fn a_baseline_collected_after_the_end_point_is_refused_by_subject() {
    let list = "a,S1,Baseline,serum,113\nb,S1,Week 16,serum,1\nc,S2,Week 16,serum,113\n";
    for windows in [false, true] {
        let said = visits(list, three([1.0, 2.0, 3.0]), &protocol("", windows, "").unwrap()).unwrap_err();
        let expected = "subject 'S1' has 'Baseline' on day 113 (sample 'a') and 'Week 16' on day 1 (sample 'b', samples.csv, line 3";
        assert!(said.contains(expected), "windows {windows}: {said}");
        assert!(!said.contains("S2"), "{said}");
    }
    // On one day: no time has passed in which anything could change.
    let plain = protocol("", false, "").unwrap();
    let said = visits(&list.replace("113", "1"), three([1.0, 2.0, 3.0]), &plain).unwrap_err();
    assert!(said.contains("'Baseline' on day 1 (sample 'a') and 'Week 16' on day 1"), "{said}");
    // In their order, and a screening on the day of the baseline, which is common.
    let right = "a,S1,Screening,serum,1\nb,S1,Baseline,serum,1\nc,S1,Week 16,serum,113\n";
    assert!(visits(right, three([1.0, 2.0, 3.0]), &plain).is_ok());
    let screened_late = "a,S1,Screening,serum,8\nb,S1,Baseline,serum,1\nc,S1,Week 16,serum,113\n";
    assert!(visits(screened_late, three([1.0, 2.0, 3.0]), &plain).unwrap_err().contains("'Screening' on day 8"));
}

#[test]
fn a_day_outside_the_window_excludes_the_result_with_its_reason() {
    let protocol = protocol("", true, "").unwrap();
    let list = "a,S1,Baseline,serum,1\nb,S1,Week 16,serum,131\nc,S2,Week 16,serum,\n";
    let found = visits(list, three([1.0, 2.0, 3.0]), &protocol).unwrap();
    assert_eq!(
        left_out(&found),
        [
            ("b", ExclusionRule::VisitWindow, "day 131 is outside the window of Week 16, days 106 to 120"),
            ("c", ExclusionRule::VisitWindow, "no day of collection to compare with the window of Week 16"),
        ]
    );
    // Who is counted as outside of the window was outside of it.
    let counted: Vec<&str> = found.iter().filter_map(|one| Some(one.excluded.as_ref()?.brief.as_str())).collect();
    assert_eq!(counted, ["", "no day of collection at Week 16"]);
}

#[test]
fn a_sample_finds_its_visit_by_day() {
    let by_day = protocol("visits = \"by-day\"", true, "").unwrap();
    let list = "a,S1,V1,serum,-3\nb,S1,Unscheduled,serum,60\nc,S1,V9,serum,113\n";
    let found = visits(list, three([1.0, 2.0, 3.0]), &by_day).unwrap();
    let places: Vec<(&str, &str)> = found.iter().map(|visit| (visit.sample.as_str(), visit.visit.as_str())).collect();
    assert_eq!(places, [("a", "Baseline"), ("b", "Unscheduled"), ("c", "Week 16")]);
    assert_eq!(left_out(&found), [("b", ExclusionRule::VisitWindow, "day 60 is in the window of no visit")]);

    let without = visits("a,S1,V1,serum,\nb,S1,V1,serum,1\nc,S1,V1,serum,113\n", three([1.0; 3]), &by_day).unwrap_err();
    assert!(without.contains("sample 'a' has no day"), "{without}");
    let undeclared = protocol("visits = \"by-day\"", false, "").unwrap_err();
    assert!(undeclared.contains("'Baseline' has no window"), "{undeclared}");
}

#[test]
fn of_several_results_at_a_visit_the_declared_one_is_taken() {
    let list = "a,S1,Week 16,serum,108\nb,S1,Week 16,serum,114\nc,S1,Week 16,serum,119\n";
    for (rule, taken) in [("first", "a"), ("closest", "b"), ("last", "c")] {
        let protocol = protocol(&format!("duplicates = \"{rule}\""), true, "").unwrap();
        let found = visits(list, three([1.0, 2.0, 3.0]), &protocol).unwrap();
        let kept: Vec<&str> =
            found.iter().filter(|visit| visit.excluded.is_none()).map(|visit| visit.sample.as_str()).collect();
        assert_eq!(kept, [taken], "{rule}");
        assert!(
            left_out(&found).iter().all(|(_, by, why)| *by == ExclusionRule::DuplicateVisit && why.contains(taken))
        );
        // A result that was not reported gives way.
        let mut results = three([1.0, 2.0, 3.0]);
        let at = results.iter().position(|result| result.sample == taken).unwrap();
        results[at].quantity = Quantity::NotReported { reason: NotReported::Saturated };
        let found = visits(list, results, &protocol).unwrap();
        assert!(left_out(&found).iter().any(|(sample, ..)| *sample == taken), "{rule}");
    }
    let refused = visits(list, three([1.0; 3]), &protocol("", true, "").unwrap()).unwrap_err();
    assert!(refused.contains("subject 'S1' has two results at 'Week 16'"), "{refused}");
    let tied = "a,S1,Week 16,serum,110\nb,S1,Week 16,serum,116\nc,S2,Week 16,serum,113\n";
    let closest = protocol("duplicates = \"closest\"", true, "").unwrap();
    assert!(visits(tied, three([1.0; 3]), &closest).unwrap_err().contains("do not decide"));
}

#[test]
fn mixed_matrices_and_kit_lots_are_refused_excluded_or_named() {
    let list = "a,S1,Baseline,serum,1\nb,S1,Week 16,plasma,113\nc,S2,Week 16,serum,113\n";
    let results = || three([1.0, 2.0, 3.0]);
    let refused = visits(list, results(), &protocol("", false, "").unwrap()).unwrap_err();
    assert!(refused.contains("'b' is plasma, 'a' is serum"), "{refused}");
    let found = visits(list, results(), &protocol("mixed_matrices = \"exclude\"", false, "").unwrap()).unwrap();
    let left: Vec<_> = left_out(&found).iter().map(|(sample, rule, _)| (*sample, *rule)).collect();
    assert_eq!(left, [("a", ExclusionRule::MixedMatrices), ("b", ExclusionRule::MixedMatrices)]);
    assert!(
        left_out(&visits(list, results(), &protocol("mixed_matrices = \"allow\"", false, "").unwrap()).unwrap())
            .is_empty()
    );

    let alike = "a,S1,Baseline,serum,1\nb,S1,Week 16,serum,113\nc,S2,Week 16,serum,113\n";
    let two_lots = || {
        let mut results = results();
        results[1].plate = Some("P2".into());
        results
    };
    let allowed = visits(alike, two_lots(), &protocol("", false, "").unwrap()).unwrap();
    assert!(left_out(&allowed).is_empty());
    let arms = [("S1", "active"), ("S2", "placebo")].map(|(subject, arm)| allocation(subject, arm));
    let join = platewise::study::join::join(&allowed, &arms, &[]);
    assert_eq!(join.mixed_kit_lots, ["S1"]);
    assert!(join.problems("arms.csv").iter().any(|problem| problem.to_string().contains("more than one kit lot: S1")));
    let excluded = visits(alike, two_lots(), &protocol("mixed_kit_lots = \"exclude\"", false, "").unwrap()).unwrap();
    assert_eq!(left_out(&excluded).len(), 2);
    let counted: Vec<&str> = excluded.iter().filter_map(|one| Some(one.excluded.as_ref()?.brief.as_str())).collect();
    assert_eq!(counted, ["results of two kit lots (L1 and L2)"; 2]);
    let refused = visits(alike, two_lots(), &protocol("mixed_kit_lots = \"refuse\"", false, "").unwrap()).unwrap_err();
    assert!(refused.contains("two kit lots"), "{refused}");
}

fn allocation(subject: &str, arm: &str) -> Allocation {
    Allocation { subject: subject.into(), arm: arm.into(), stratum: None, age: None, covariates: Vec::new() }
}

/// Twelve subjects with everything, and one of each kind that is left out.
fn study(protocol: &Protocol) -> Comparison {
    let mut results = Vec::new();
    let mut arms = Vec::new();
    let mut add = |subject: &str, visit: &str, week: f64, quantity: Quantity| {
        results.push(SubjectVisit {
            sample: format!("{subject}-{week}"),
            ..SubjectVisit::new(subject, visit, week, quantity)
        });
    };
    for i in 0..12 {
        let subject = format!("S{i:02}");
        let arm = if i % 2 == 0 { "active" } else { "placebo" };
        let base = 900.0 + 137.0 * f64::from(i * i % 11);
        let fall = if i % 2 == 0 { 0.4 } else { 0.9 } + 0.05 * f64::from(i * 7 % 5);
        add(&subject, "Baseline", 0.0, number(base));
        add(&subject, "Week 16", 16.0, number(fall * base));
        arms.push(allocation(&subject, arm));
    }
    add("T0", "Screening", -2.0, number(800.0));
    add("T0", "Week 16", 16.0, number(500.0));
    add("T1", "Baseline", 0.0, number(700.0));
    add("T2", "Baseline", 0.0, number(700.0));
    add("T2", "Week 16", 16.0, Quantity::NotReported { reason: NotReported::Saturated });
    add("T3", "Baseline", 0.0, number(700.0));
    add("T4", "Baseline", 0.0, number(700.0));
    arms.extend(
        [("T0", "active"), ("T1", "active"), ("T2", "placebo"), ("T3", "screen failure")]
            .map(|(s, a)| allocation(s, a)),
    );
    arms.push(allocation("T5", "placebo"));
    compare(&results, &arms, protocol).unwrap()
}

#[test]
fn every_record_is_analysed_or_listed_with_its_reason() {
    let protocol = protocol("not_randomised = [\"screen failure\"]", false, "").unwrap();
    let comparison = study(&protocol);
    let listed: Vec<(&str, &str, ExclusionRule)> =
        comparison.excluded.iter().map(|row| (row.subject.as_str(), row.visit.as_str(), row.rule)).collect();
    use ExclusionRule::{NoArm, NoBaseline, NoLaterResult, NoSample, NotRandomised, NotReported};
    assert_eq!(
        listed,
        [
            ("T0", "Baseline", NoSample),
            ("T0", "Week 16", NoBaseline),
            ("T1", "Baseline", NoLaterResult),
            ("T1", "Week 16", NoSample),
            ("T2", "Baseline", NoLaterResult),
            ("T2", "Week 16", NotReported),
            ("T3", "Baseline", NotRandomised),
            ("T4", "Baseline", NoArm),
            ("T5", "Baseline", NoSample),
            ("T5", "Week 16", NoSample),
        ]
    );
    assert!(comparison.excluded.iter().all(|row| !row.reason.is_empty()));
    let primary = comparison.comparisons.iter().find(|row| row.primary).unwrap();
    assert_eq!(primary.n, [6, 6]);
    let left = |arm: usize| primary.left_out.iter().map(|left| left.n[arm]).sum::<usize>();
    assert_eq!([left(0), left(1)], [2, 2], "used and left out are the arms");
    assert_eq!(comparison.join.not_randomised, ["T3"]);
    assert_eq!(comparison.join.without_arm, ["T4"]);
    let status = |name: &str| comparison.join.subjects.iter().find(|one| one.subject == name).unwrap().status;
    assert_eq!(["S00", "T3", "T4", "T5"].map(status), ["matched", "not randomised", "no arm", "no results"]);
}

#[test]
fn the_paragraph_counts_results_that_are_in_no_analysis_by_rule() {
    let protocol = protocol("not_randomised = [\"screen failure\"]", false, "").unwrap();
    let paragraph = study(&protocol).paragraph;
    assert!(paragraph.contains("In no arm, and therefore not compared: T4."), "{paragraph}");
    assert!(paragraph.ends_with("Results in no analysis, by rule: not randomised 1, not reported 1."), "{paragraph}");
    assert!(paragraph.contains("Left out are "), "{paragraph}");
}

#[test]
fn a_baseline_that_is_missing_may_be_the_last_result_before_it() {
    let rules = "not_randomised = [\"screen failure\"]\nbaseline = \"last-on-or-before\"";
    let comparison = study(&protocol(rules, false, "").unwrap());
    let change = comparison.changes.iter().find(|change| change.subject == "T0").unwrap();
    assert_eq!((change.base, change.baseline_visit.as_str(), change.change), (Some(800.0), "Screening", Some(-300.0)));
    let records: Vec<_> = comparison.records.iter().filter(|record| record.usubjid == "T0").collect();
    assert_eq!(records.iter().map(|record| record.avisit.as_str()).collect::<Vec<_>>(), ["Screening", "Week 16"]);
    assert_eq!((records[0].ablfl, records[1].ablfl, records[1].base), (Some("Y"), None, Some(800.0)));
    assert_eq!(comparison.comparisons[0].n, [7, 6]);
}

/// A result without a partner is listed by the sample whose number it is: not by a duplicate that gave way, and where the baseline
/// is that of an earlier visit, by the sample of that visit.
#[test]
fn a_result_without_a_partner_is_listed_by_its_own_sample() {
    let protocol = protocol("duplicates = \"last\"\nbaseline = \"last-on-or-before\"", false, "").unwrap();
    let list = "a,S1,Week 16,serum,108\nb,S1,Week 16,serum,114\nc,S2,Screening,serum,-14\n\
                d,S3,Baseline,serum,1\ne,S3,Week 16,serum,113\n";
    let samples = ["a", "b", "c", "d", "e"].iter().zip([500.0, 510.0, 800.0, 900.0, 700.0]);
    let results = samples.map(|(sample, value)| result(sample, "P1", number(value))).collect();
    let results = visits(list, results, &protocol).unwrap();
    let arms = [("S1", "active"), ("S2", "placebo"), ("S3", "placebo")].map(|(s, a)| allocation(s, a));
    let comparison = compare(&results, &arms, &protocol).unwrap();
    let listed: Vec<_> =
        comparison.excluded.iter().map(|row| (row.sample.as_str(), row.visit.as_str(), row.rule)).collect();
    use ExclusionRule::{DuplicateVisit, NoBaseline, NoLaterResult, NoSample};
    assert_eq!(
        listed,
        [
            ("", "Baseline", NoSample),
            ("a", "Week 16", DuplicateVisit),
            ("b", "Week 16", NoBaseline),
            ("c", "Screening", NoLaterResult),
            ("", "Week 16", NoSample),
        ]
    );
}

/// `Serum` and `serum` are one matrix wherever matrices are compared.
#[test]
fn a_matrix_in_other_letters_is_the_same_matrix() {
    let list = "a,S1,Baseline,serum,1\nb,S1,Week 16,Serum,113\nc,S2,Week 16,serum,113\n";
    let found = visits(list, three([1.0, 2.0, 3.0]), &protocol("", false, "").unwrap()).unwrap();
    let arms = [("S1", "active"), ("S2", "placebo")].map(|(subject, arm)| allocation(subject, arm));
    assert_eq!(platewise::study::join::join(&found, &arms, &[]).mixed_matrices, Vec::<String>::new());
}

#[test]
fn a_family_of_tests_is_adjusted_together() {
    let family = "[[family]]\nname = \"all\"\nmethod = \"hochberg\"\nanalyses = [\"ancova\", \"mann_whitney\", \"mmrm at Week 16\", \"responder_level\"]\n";
    let comparison = study(&protocol("not_randomised = [\"screen failure\"]", false, family).unwrap());
    let tests: Vec<_> = comparison.comparisons.iter().filter(|row| row.adjusted.is_some()).collect();
    assert_eq!(tests.iter().map(|row| row.analysis.name()).collect::<Vec<_>>(), ["ancova", "mann_whitney", "mmrm"]);
    let responders: Vec<_> = comparison.responders.iter().filter(|row| row.adjusted.is_some()).collect();
    assert!(responders.len() == 1 && responders[0].all_randomised);
    let p: Vec<Option<f64>> = tests.iter().map(|row| row.p).chain([responders[0].p]).collect();
    let expected = adjust(&p, Adjustment::Hochberg);
    for (row, p) in tests.iter().zip(&expected) {
        let adjusted = row.adjusted.as_ref().unwrap();
        assert_eq!((Some(adjusted.p), adjusted.tests, adjusted.family.as_str()), (*p, 4, "all"));
    }
    // One visit after baseline: the mixed model is the analysis of covariance.
    let [ancova, mmrm] =
        ["ancova", "mmrm"].map(|name| comparison.comparisons.iter().find(|row| row.analysis.name() == name).unwrap());
    assert!((ancova.p.unwrap() - mmrm.p.unwrap()).abs() < 1e-9 && (ancova.df.unwrap() - mmrm.df.unwrap()).abs() < 1e-6);

    for (wrong, said) in [
        ("analyses = [\"anova\"]", "'anova' is not an analysis with a p-value"),
        ("analyses = [\"mmrm at Week 8\"]", "'Week 8' is not a visit after baseline"),
        ("analyses = []", "has no analyses"),
        (
            "analyses = [\"ancova\"]\n[[family]]\nname = \"b\"\nanalyses = [\"ancova\"]",
            "is in the families 'f' and 'b'",
        ),
    ] {
        let problems = protocol("", false, &format!("[[family]]\nname = \"f\"\n{wrong}\n")).unwrap_err();
        assert!(problems.contains(said), "{said}: {problems}");
    }
}

/// A transport file: names and lengths of its variables, and the fields of each row.
struct TransportFile {
    variables: Vec<(String, usize)>,
    rows: Vec<Vec<Vec<u8>>>,
}

/// Reads a transport file as SAS's note TS-140 describes it: names, lengths and the fields of every row.
fn read_transport_file(file: &[u8]) -> TransportFile {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap().trim_end().to_string();
    assert!(file.len().is_multiple_of(80) && file.starts_with(b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"));
    let header = file.windows(20).position(|window| window == b"HEADER RECORD*******").unwrap();
    assert_eq!(header, 0);
    let names = file.windows(27).position(|window| window == b"HEADER RECORD*******NAMESTR").unwrap();
    let count: usize = text(&file[names + 54..names + 58]).parse().unwrap();
    let mut variables = Vec::new();
    for k in 0..count {
        let at = names + 80 + 140 * k;
        let length = u16::from_be_bytes([file[at + 4], file[at + 5]]) as usize;
        variables.push((text(&file[at + 8..at + 16]), length));
    }
    let rows = file.windows(23).position(|window| window == b"HEADER RECORD*******OBS").unwrap() + 80;
    let width: usize = variables.iter().map(|(_, length)| length).sum();
    let mut found = Vec::new();
    let mut at = rows;
    while at + width <= file.len() {
        let mut fields = Vec::new();
        for (_, length) in &variables {
            fields.push(file[at..at + length].to_vec());
            at += length;
        }
        found.push(fields);
    }
    TransportFile { variables, rows: found }
}

#[test]
fn the_transport_file_reads_back_as_it_was_written() {
    let comparison = study(&protocol("not_randomised = [\"screen failure\"]", false, "").unwrap());
    let created = "2026-11-29T13:05:09Z";
    for dataset in [adsl::dataset(&comparison.subjects), adlb::dataset(&comparison.records)] {
        let file = xport::write(&dataset, created).unwrap();
        assert!(String::from_utf8_lossy(&file).contains("29NOV26:13:05:09"), "when it was created");
        as_written(&dataset, &read_transport_file(&file));
    }
    let unusual = |arm: &str| {
        let mut records = comparison.records.clone();
        records[0].trtp = arm.into();
        xport::write(&adlb::dataset(&records), created).unwrap_err().to_string()
    };
    assert!(unusual("100 µg").contains("TRTP = \"100 µg\" is not ASCII"));
    assert!(unusual(&"x".repeat(201)).contains("201 characters"));
}

fn as_written(dataset: &Dataset, file: &TransportFile) {
    let names: Vec<&str> = dataset.variables.iter().map(|variable| variable.name.as_ref()).collect();
    assert_eq!(file.variables.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
    assert!(!dataset.rows.is_empty() && file.rows.len() == dataset.rows.len());
    for (row, fields) in dataset.rows.iter().zip(&file.rows) {
        for ((variable, cell), field) in dataset.variables.iter().zip(row).zip(fields) {
            match cell {
                Cell::Text(text) => assert_eq!(String::from_utf8(field.clone()).unwrap().trim_end(), text),
                Cell::Empty if !variable.kind.is_text() => assert_eq!(field, &[b'.', 0, 0, 0, 0, 0, 0, 0]),
                Cell::Empty => assert!(field.iter().all(|byte| *byte == b' ')),
                Cell::Number(value) => {
                    let bits = u64::from_be_bytes(field.clone().try_into().unwrap());
                    let exponent = i32::from(field[0] & 0x7f) - 64;
                    let size = (bits & 0x00ff_ffff_ffff_ffff) as f64 * 2.0_f64.powi(4 * exponent - 56);
                    assert_eq!(if field[0] & 0x80 == 0 { size } else { -size }, *value, "{}", variable.name);
                }
            }
        }
    }
}

/// One record per sample: what was not reported or is left out has no flag, and says why; flags stand for nothing else.
#[test]
fn a_record_without_a_flag_says_why() {
    let comparison = study(&protocol("not_randomised = [\"screen failure\"]", false, "").unwrap());
    let mut without = 0;
    for record in &comparison.records {
        if record.exclreas.is_some() {
            assert_eq!((record.ablfl, record.anl01fl, record.chg), (None, None, None), "{record:?}");
            without += 1;
        }
        let subject = comparison.subjects.iter().find(|one| one.subject == record.usubjid).unwrap();
        assert_eq!((record.trtpn, record.evaluable), (subject.arm_number, subject.evaluable));
    }
    assert!(without > 0, "the study has such records");
}

#[test]
fn the_list_of_arms_may_say_who_was_not_randomised() {
    let book = Book::from_bytes(b"subject,arm\nS1,active\nS2,screen failure\n", "arms.csv").unwrap();
    assert_eq!(read_arms(&book.sheets[0], &[]).unwrap().len(), 2);
}

fn platewise() -> Command {
    Command::cargo_bin("platewise").unwrap()
}

/// The study that `init` makes; it is gone with the folder that comes with it.
fn fresh_study() -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let study = place.path().join("study");
    platewise().arg("init").arg(&study).assert().success();
    (place, study)
}

/// The record of the last run.
fn run_record(study: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(study.join("results/run.json")).unwrap()).unwrap()
}

/// The record of unblinding is added to, never replaced, and says when the concentrations are not what they were.
#[test]
fn each_opening_of_the_arms_is_on_record() {
    let (_place, study) = fresh_study();
    let record = || run_record(&study);
    platewise().arg("quantify").arg(&study).assert().success();
    assert_eq!(record()["arms_opened"].as_array().unwrap().len(), 0);
    platewise().args(["run", "--by", "First Analyst"]).arg(&study).assert().success();
    let table = std::fs::read(study.join("results/concentrations.csv")).unwrap();
    let hash = platewise::record::sha256(&table);
    assert_eq!(record()["arms_opened"][0]["concentrations_sha256"], hash.as_str());
    assert_eq!(record()["arms_opened"][0]["by"], "First Analyst");

    // The same once more: another entry and no warning.
    let again = platewise().args(["compare", "--by", "Second Analyst"]).arg(&study).assert().success();
    assert!(!String::from_utf8_lossy(&again.get_output().stderr).contains("first opened"));
    // With other limits for the standards other concentrations.
    let settings = study.join("study.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(
        &settings,
        text.replace("replicates = \"mean-of-concentrations\"", "replicates = \"concentration-of-mean-response\""),
    )
    .unwrap();
    let blind = platewise().arg("quantify").arg(&study).assert();
    let said = String::from_utf8_lossy(&blind.get_output().stderr).to_string();
    assert!(said.contains("by First Analyst"), "{said}");
    let openings = record()["arms_opened"].as_array().unwrap().clone();
    assert_eq!(
        openings.iter().map(|opening| opening["by"].as_str().unwrap()).collect::<Vec<_>>(),
        ["First Analyst", "Second Analyst"]
    );
    assert_ne!(record()["concentrations_sha256"], hash.as_str());
    let page = std::fs::read_to_string(study.join("results/report.html")).unwrap();
    assert!(page.contains("not those on which the arms were first opened"));
}

/// Who opened the list has seen it, whether or not the arms could then be compared.
#[test]
fn an_opening_that_failed_is_on_record_and_a_list_that_stayed_closed_is_not() {
    let (_place, study) = fresh_study();
    let record = || run_record(&study);
    let list = std::fs::read_to_string(study.join("arms.csv")).unwrap();
    // A list without its columns, and one in which nobody is in the reference arm.
    for (text, why) in [
        ("nothing\n1\n".to_string(), "column 'subject'"),
        (list.replace("placebo", "vehicle"), "nobody is in the reference arm"),
    ] {
        std::fs::write(study.join("arms.csv"), &text).unwrap();
        platewise().args(["compare", "--by", "First Analyst"]).arg(&study).assert().code(2);
        let openings = record()["arms_opened"].as_array().unwrap().clone();
        let last = openings.last().unwrap();
        assert!(last["failure"].as_str().unwrap().contains(why), "{last}");
        assert_eq!(last["arms_sha256"], platewise::record::sha256(text.as_bytes()).as_str());
        assert_eq!(record()["unblinded"], true);
        assert!(record()["inputs"].as_array().unwrap().iter().any(|input| input["file"] == "arms.csv"));
    }
    std::fs::write(study.join("arms.csv"), &list).unwrap();
    platewise().args(["run", "--by", "Second Analyst"]).arg(&study).assert().success();
    let openings = record()["arms_opened"].as_array().unwrap().clone();
    assert_eq!(openings.len(), 3);
    assert_eq!((&openings[2]["by"], openings[2].get("failure")), (&serde_json::json!("Second Analyst"), None));

    // Results that belong to nobody stop the work before the list is opened. The log does not go with the results.
    std::fs::remove_dir_all(study.join("results")).unwrap();
    let samples = std::fs::read_to_string(study.join("samples.csv")).unwrap();
    let twice: String = samples.lines().map(|line| format!("{}\n", line.replace("Week 16", "Baseline"))).collect();
    std::fs::write(study.join("samples.csv"), twice).unwrap();
    platewise().arg("compare").arg(&study).assert().code(2);
    assert_eq!((record()["unblinded"].clone(), record()["arms_opened"].as_array().unwrap().len()), (false.into(), 3));
}

/// The record of openings goes with the study, wherever the results go; that it was edited or lost is said.
#[test]
fn the_record_of_openings_stays_with_the_study() {
    let (place, study) = fresh_study();
    let elsewhere = place.path().join("elsewhere");
    platewise().args(["run", "--by", "A. A.", "--out"]).arg(&elsewhere).arg(&study).assert().success();
    std::fs::remove_dir_all(&elsewhere).unwrap();
    platewise().args(["run", "--by", "B. B."]).arg(&study).assert().success();
    let openings = run_record(&study)["arms_opened"].as_array().unwrap().clone();
    assert_eq!(openings.iter().map(|opening| opening["by"].as_str().unwrap()).collect::<Vec<_>>(), ["A. A.", "B. B."]);

    let log = study.join("arms-opened.jsonl");
    let whole = std::fs::read_to_string(&log).unwrap();
    let said = |command: &str, code: i32| {
        let run = platewise().arg(command).arg(&study).assert().code(code);
        String::from_utf8_lossy(&run.get_output().stderr).to_string()
    };
    assert!(!said("quantify", 0).contains("arms-opened.jsonl"));
    std::fs::write(&log, whole.replacen("A. A.", "Z. Z.", 1)).unwrap();
    assert!(said("quantify", 0).contains("arms-opened.jsonl, line 2: the chain is broken"));
    assert!(said("compare", 2).contains("arms-opened.jsonl, line 2: the chain is broken"));
    assert_eq!(run_record(&study)["unblinded"], false, "what cannot be recorded is not opened");

    std::fs::write(&log, &whole).unwrap();
    assert_eq!(said("quantify", 0), "");
    std::fs::remove_file(&log).unwrap();
    let lost = said("quantify", 0);
    assert!(lost.contains("openings of the arms are not in it") && lost.contains("records: 2"), "{lost}");
}

/// The line is written before the list is opened: where it cannot be, the list stays closed.
#[test]
fn an_opening_that_cannot_be_recorded_does_not_happen() {
    let (_place, study) = fresh_study();
    std::fs::create_dir(study.join("arms-opened.jsonl")).unwrap();
    let run = platewise().arg("run").arg(&study).assert().code(2);
    let said = String::from_utf8_lossy(&run.get_output().stderr).to_string();
    assert!(said.contains("arms-opened.jsonl: cannot be written") && said.contains("stays closed"), "{said}");
    let record = run_record(&study);
    assert_eq!((&record["unblinded"], record["arms_opened"].as_array().unwrap().len()), (&false.into(), 0));
    assert!(record["inputs"].as_array().unwrap().iter().all(|input| input["file"] != "arms.csv"));
}
