//! The made-up studies of `fixtures/studies`, each with one thing that goes wrong in trials: what the program answers, and what its page and
//! tables say of it.

use crate::support::made_study::run;

/// Whatever stands for the values of an arm of which none was measured, no analysis and no picture makes an estimate of it.
#[test]
fn an_arm_below_the_limit_has_no_ratio_by_any_analysis() {
    for (name, n) in [("one_arm_below", 7), ("both_arms_below", 6)] {
        let ran = run(name);
        assert_eq!(ran.code, Some(2), "{}", ran.said);
        let why = format!("all {n} values of drug at Week 12 are outside the limits");
        assert!(ran.said.contains(&format!("error: no estimate of drug against placebo: {why}")), "{}", ran.said);
        for row in ran.rows("comparison.csv") {
            assert_eq!(
                (row["RATIO"].as_str(), row["P"].as_str(), &row["REASON"]),
                ("", "", &why),
                "{}",
                row["ANALYSIS"]
            );
        }
        ran.page_says(&format!("There is no estimate of the difference between the arms: {why}."));
        ran.page_says("There is no primary estimate, and none by another rule for values outside the limits.");
        ran.page_says(&format!(
            "In drug, the change of TARC (CCL17) from baseline is not estimable: {n} of {n} below LLOQ."
        ));
        ran.has_no_number_that_is_none();
    }
}

/// What half of a limit is not counted for: a fall that the limit itself shows is one.
#[test]
fn a_limit_tells_who_has_fallen_by_half() {
    let ran = run("one_arm_below");
    let rows = ran.rows("responders.csv");
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!((row["RESPONDERS"].as_str(), row["N"].as_str()), ("7", "7"), "{row:?}");
    }
}

#[test]
fn participants_over_two_lots_are_left_out_as_the_study_says() {
    let ran = run("two_kit_lots");
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let primary = ran.primary();
    assert_eq!((primary["N"].as_str(), primary["N_REF"].as_str()), ("7", "6"));
    assert_eq!(primary["LEFT_OUT"], "results of two kit lots (LOT-7 and LOT-8): 2 + 2");
    let excluded = ran.rows("excluded.csv");
    let subjects: Vec<&str> = excluded.iter().map(|row| row["USUBJID"].as_str()).collect();
    assert_eq!(subjects, ["D02", "D02", "D05", "D05", "P02", "P02", "P05", "P05"]);
    assert!(excluded.iter().all(|row| row["RULE"] == "mixed kit lots" && row["SCOPE"] == "every analysis"));
    ran.page_says("Left out are 2 and 2 (results of two kit lots (LOT-7 and LOT-8)).");
}

#[test]
fn a_matrix_that_tells_the_arm_is_named_before_anything_is_concluded() {
    let ran = run("matrix_by_arm");
    let words = "2 of 2 matrices hold samples of one arm only at Screening: plasma, serum";
    assert!(ran.said.contains(&format!("warning: arms.csv: {words}")), "{}", ran.said);
    assert!(ran.said.contains("cannot say   plates, kit lots and matrices by arm: drug and placebo"), "{}", ran.said);
    ran.page_says(words);
    // In the words of plates and lots: by the warning, in the paragraph, and in the table.
    let effect = "warning: arms.csv: drug against placebo: the arms cannot be told apart from the matrix of Screening";
    assert!(ran.said.contains(effect) && ran.said.contains("and 1 more like it: arms.csv"), "{}", ran.said);
    ran.page_says(
        "Warning: drug and placebo cannot be told apart from the matrix of Screening and the matrix of Week 12:",
    );
    ran.page_says("Reported results by matrix");
    let result = ran.page();
    let result = result.split("<h3>Result</h3>").nth(1).and_then(|text| text.split("<h3>").next()).unwrap();
    assert!(
        result.contains("Warning: drug and placebo cannot be told apart"),
        "it is copied with the result: {result}"
    );
    let page = ran.page();
    let card = page.split("class=\"card answer\"").nth(1).and_then(|text| text.split("</section>").next()).unwrap();
    assert!(card.contains("The arms differ in more than their treatment"), "{card}");
    let answer = page.split("id=\"answer\"").nth(1).and_then(|text| text.split("The question:").next()).unwrap();
    assert!(answer.contains("drug and placebo cannot be told apart from the matrix of Screening"), "{answer}");
    let effects = ran.rows("plate_effect.csv");
    let confounded = |term: &str| effects.iter().find(|row| row["TERM"] == term).map(|row| row["CONFOUNDED"].clone());
    assert_eq!(confounded("matrix of Week 12").as_deref(), Some("Y"));
    assert_eq!(confounded("plate of Week 12").as_deref(), Some("N"), "the plates hold both arms");
}

#[test]
fn samples_outside_their_windows_leave_with_their_days() {
    let ran = run("outside_windows");
    let primary = ran.primary();
    assert_eq!((primary["N"].as_str(), primary["N_REF"].as_str()), ("6", "4"));
    assert_eq!(
        primary["LEFT_OUT"],
        "collected outside the window of Screening: 0 + 1; collected outside the window of Week 12: 1 + 1"
    );
    let excluded = ran.rows("excluded.csv");
    let of = |sample: &str| excluded.iter().find(|row| row["SAMPLE"] == sample).unwrap();
    assert_eq!(of("D02/12")["EXCLREAS"], "day 101 is outside the window of Week 12, days 78 to 92");
    assert_eq!(of("P03/00")["EXCLREAS"], "day 8 is outside the window of Screening, days -10 to 1");
    // What is left without a partner follows, and says so.
    assert_eq!((of("P03/12")["RULE"].as_str(), of("P03/12")["SCOPE"].as_str()), ("no baseline", "analyses of change"));
}

/// No window judges the days, and still two samples in the wrong order are seen, before the arms are opened.
#[test]
fn exchanged_samples_are_seen_without_windows() {
    let ran = run("days_without_windows");
    assert_eq!(ran.code, Some(2), "{}", ran.said);
    assert!(
        ran.said.contains("subject 'D04' has 'Screening' on day 85 (sample 'D04/00') and 'Week 12' on day 1"),
        "{}",
        ran.said
    );
    assert!(ran.said.contains("Were the two samples exchanged?"), "{}", ran.said);
    assert!(!ran.out().join("comparison.csv").exists());
    assert!(!ran.folder.path().join("study/arms-opened.jsonl").exists(), "nobody is unblinded by it");
    ran.page_says("Were the two samples exchanged?");
}

#[test]
fn one_participant_in_each_arm_is_no_trial_and_is_told_so() {
    let ran = run("one_in_each_arm");
    assert_eq!(ran.code, Some(2), "{}", ran.said);
    assert_eq!(ran.primary()["REASON"], "subjects with both values: 2 found, at least 4 needed");
    ran.page_says("In drug, the change of TARC (CCL17) from baseline has no interval: of one value only.");
    ran.page_says("Of 1 participant randomised to drug and 1 to placebo, 1 and 1 are in the analysis.");
    ran.has_no_number_that_is_none();
}

/// The mixed model keeps those who missed the end, names its strata, and the rank test is within them.
#[test]
fn strata_are_in_every_model_that_is_said_to_have_them() {
    let ran = run("strata_over_visits");
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let primary = ran.primary();
    assert_eq!((primary["ANALYSIS"].as_str(), primary["AVISIT"].as_str()), ("mmrm", "Week 12"));
    assert_eq!((primary["N"].as_str(), primary["N_REF"].as_str()), ("9", "9"), "whoever has a later visit is in it");
    let rows = ran.rows("comparison.csv");
    let of =
        |analysis: &str| rows.iter().find(|row| row["ANALYSIS"] == analysis && row["AVISIT"] == "Week 12").unwrap();
    assert!(primary["MODEL"].contains("and stratum"), "{}", primary["MODEL"]);
    assert!(of("ancova")["MODEL"].ends_with("with log baseline and stratum"));
    assert!(of("van_elteren")["MODEL"].ends_with("(2 strata of both arms)"));
    assert_eq!((of("ancova")["N"].as_str(), of("ancova")["N_REF"].as_str()), ("9", "7"));
    ran.page_says("have no value at Week 12, which the mixed model assumes missing at random");
}

#[test]
fn covariates_of_the_list_of_arms_are_in_the_model_and_the_one_without_is_not() {
    let ran = run("covariates");
    assert_eq!(ran.code, Some(0), "{}", ran.said);
    let primary = ran.primary();
    assert!(
        primary["MODEL"].ends_with("log baseline, age (linear), sex (classes f, m) and centre (classes 1, 2, 3)"),
        "{}",
        primary["MODEL"]
    );
    assert_eq!((primary["N"].as_str(), primary["N_REF"].as_str(), primary["DF"].as_str()), ("9", "9", "11"));
    assert_eq!(primary["LEFT_OUT"], "no age in the list of arms: 1 + 0");
    ran.page_says("with a result at both visits and with a known age, sex and centre");
    ran.page_says("missing at random, given arm, baseline and what else is in the model");
    let subjects = ran.rows("adsl.csv");
    let of = |subject: &str| subjects.iter().find(|row| row["USUBJID"] == subject).unwrap();
    assert_eq!((of("D04")["AGE"].as_str(), of("D04")["SEX"].as_str(), of("D04")["CENTRE"].as_str()), ("", "f", "3"));
}
