//! What is assumed of missing values: only where it is asked for, said in every place, and the mark follows the numbers.

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::Protocol;
use platewise::study::{Allocation, Comparison, ConclusionStatus, Dependence, SubjectVisit, compare, dependences};

fn protocol(section: &str) -> Protocol {
    let text = format!(
        "[study]\nid = \"SIM\"\ntitle = \"Simulated\"\nsimulated = true\nanalyte = \"TARC\"\nunit = \"pg/mL\"\n\
         [method]\nname = \"ELISA\"\nversion = \"1\"\n{section}\n\
         [[visit]]\nname = \"Baseline\"\nweek = 0\nbaseline = true\n\
         [[visit]]\nname = \"Week 8\"\nweek = 8\n\
         [[visit]]\nname = \"Week 16\"\nweek = 16\nendpoint = true\n\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n"
    );
    platewise::protocol::parse(&text).unwrap()
}

/// Twenty in each arm, the active one falling by the factor `effect`; the first `lost` of it have no end point.
fn compared(effect: f64, lost: usize, section: &str) -> Comparison {
    let (mut visits, mut arms) = (Vec::new(), Vec::new());
    let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
    for i in 0..40_usize {
        let subject = format!("S{i:02}");
        let treated = if i < 20 { effect } else { 1.0 };
        let base = 900.0 * (1.0 + 0.07 * ((i * 7) % 19) as f64);
        let scatter = |step: usize| (0.12 * ((i * step) % 13) as f64 - 0.72).exp();
        let values = [
            (0.0, Some(base)),
            (8.0, Some(base * treated.sqrt() * scatter(5))),
            (16.0, Some(base * treated * scatter(3))),
        ];
        for ((week, value), name) in values.into_iter().zip(["Baseline", "Week 8", "Week 16"]) {
            if let Some(value) = value.filter(|_| week < 16.0 || i >= lost) {
                visits.push(SubjectVisit::new(&subject, name, week, number(value)));
            }
        }
        let arm = if i < 20 { "active" } else { "placebo" };
        arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: None, covariates: Vec::new() });
    }
    compare(&visits, &arms, &protocol(section)).unwrap()
}

fn mark(found: &Comparison) -> Dependence {
    dependences(found, None).into_iter().find(|one| one.on == "missing data").unwrap()
}

#[test]
fn nothing_is_imputed_unless_it_is_asked_for_and_it_is_said_how_to_ask() {
    let found = compared(0.5, 4, "");
    assert!(found.missing_data.is_empty());
    let mark = mark(&found);
    assert_eq!(mark.mark, ConclusionStatus::CannotSay);
    assert!(mark.words.contains("4 of 20 participants of active and 0 of 20 of placebo"), "{}", mark.words);
    assert!(mark.words.ends_with("write a section [missing_data] into study.toml for that"), "{}", mark.words);
}

#[test]
fn the_mark_follows_the_assumptions_and_what_is_plausible() {
    let of = |effect: f64, lost: usize, section: &str| {
        let found = compared(effect, lost, section);
        (mark(&found), found)
    };
    // A large effect holds under every assumption, and no plausible factor takes it away.
    let (large, found) = of(0.4, 4, "[missing_data]");
    assert_eq!(large.mark, ConclusionStatus::Holds, "{}", large.words);
    let one = &found.missing_data[0];
    assert_eq!((one.n, one.imputed, one.without_baseline), ([20, 20], [4, 0], [0, 0]));
    assert_eq!((one.imputations, one.seed, one.reason.as_str()), (1000, 1, ""));
    let ratios: Vec<f64> = one.assumptions.iter().map(|row| row.ratio.unwrap().estimate).collect();
    let [random, jump, copy, increments] = ratios[..] else { panic!("four") };
    // Towards the reference arm is towards 1, and to lose only what its own course adds is to lose least.
    assert!(random < increments && increments < jump && increments < copy && jump.max(copy) < 0.6, "{ratios:?}");
    assert!(found.estimands[0].attributes.iter().any(|(_, words)| words.contains("multiple imputation at random")));
    // A smaller one, with many lost, falls when the lost are taken for untreated.
    let (small, found) = of(0.65, 8, "[missing_data]");
    assert_eq!(small.mark, ConclusionStatus::Depends, "{}", small.words);
    assert!(small.words.contains("the conclusion changes with"), "{}", small.words);
    let tips = found.missing_data[0].tipping.as_ref().unwrap().tips;
    assert!(tips[1].is_some_and(|tip| (1.0..2.0).contains(&tip)), "{tips:?}");
    // What is plausible is the study's to say: of one trial, up to 1.5 times nothing tips, up to 6 times it does.
    let (narrow, found) = of(0.5, 6, "[missing_data]\nplausible_factor = 1.5");
    let tip = found.missing_data[0].tipping.as_ref().unwrap().tips[1].unwrap();
    assert!((1.5..6.0).contains(&tip), "{tip}");
    let wide = of(0.5, 6, "[missing_data]\nplausible_factor = 6").0;
    assert_eq!(
        (narrow.mark, wide.mark),
        (ConclusionStatus::Holds, ConclusionStatus::Depends),
        "{}\n{}",
        narrow.words,
        wide.words
    );
    assert!(wide.words.ends_with("the study regards up to 6 times as plausible"), "{}", wide.words);
}

#[test]
fn where_nothing_is_missing_nothing_is_imputed() {
    let found = compared(0.5, 0, "[missing_data]");
    assert_eq!(mark(&found).mark, ConclusionStatus::Holds);
    assert!(found.missing_data[0].reason.starts_with("nobody is missing at the end point"));
    assert!(found.missing_data[0].assumptions.is_empty() && found.missing_data[0].tipping.is_none());
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    let text =
        "[study]\nid = \"S\"\nunit = \"pg/mL\"\n[missing_data]\nimputations = 5\nplausible_factor = 1\nseed = 3\n";
    let problems = platewise::protocol::parse(text).unwrap_err().to_string();
    for expected in [
        "line 5: imputations = 5 in [missing_data]; expected a whole number from 100 to 100000",
        "line 6: plausible_factor = 1 in [missing_data]; expected a factor above 1, up to 8",
        "line 7: unknown key 'seed' in [missing_data]",
    ] {
        assert!(problems.contains(expected), "{expected}\nis not in\n{problems}");
    }
}
