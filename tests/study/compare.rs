//! A study's results and arms through the whole comparison, on the simulated trial `sim_main` whose results R computed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use platewise::concentration::{Quantity, quantity::Estimate};
use platewise::protocol::{AnalysisId, Protocol};
use platewise::sheet::Book;
use platewise::study::exclusion::{ExclusionRule, ExclusionScope};
use platewise::study::{Allocation, Quantile, SubjectVisit, compare, read_arms};

fn protocol() -> Protocol {
    protocol_with("", "")
}

/// The protocol with the lines `analysis` in `[analysis]`, and `more` at the end.
fn protocol_with(analysis: &str, more: &str) -> Protocol {
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
         [method]\nname = \"ELISA\"\nversion = \"1\"\n\
         [analysis]\nresponder_level = 450\nresponder_fall_percent = 50\n{analysis}\n{visits}\
         [[plate]]\nid = \"P01\"\nexport = \"P01.txt\"\nlayout = \"P01.csv\"\n{more}"
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
            arms.push(Allocation {
                subject: subject.to_string(),
                arm: arm.to_string(),
                stratum,
                age: None,
                covariates: Vec::new(),
            });
        }
        let quantity = match (value, below) {
            ("", "1") => Quantity::BelowLloq { limit: lloq.parse().unwrap() },
            ("", _) => continue,
            (value, _) => quantified(value.parse().unwrap()),
        };
        let week: f64 = week.parse().unwrap();
        let visit = protocol.trial.visits.iter().find(|visit| visit.week == week).unwrap().name.clone();
        results.push(SubjectVisit {
            sample: format!("{subject}-{week}"),
            ..SubjectVisit::new(subject, &visit, week, quantity)
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
    // descriptive, paired_t, wilcoxon_signed_rank (exact) and hl_one_sample of the same arm, visit and rule.
    close(week_16.geometric_mean.unwrap().estimate, 1350.20909156037);
    close(week_16.geometric_cv_percent.unwrap(), 128.207877268944);
    close(week_16.sd.unwrap(), 2462.56642647462);
    let known = [week_16.q1, week_16.q3, week_16.max].map(|quantile| quantile.and_then(Quantile::known));
    assert_eq!(known, [Some(643.9), Some(2716.4), Some(13888.4)]);
    assert_eq!(week_16.min, Some(Quantile::Below(400.0)), "nobody measured 200");
    close(week_16.p_paired_t.unwrap(), 0.00269139346021606);
    close(week_16.p_signed_rank.unwrap(), 0.00482025217967319);
    close(week_16.hodges_lehmann_ratio.unwrap().upper, (-0.1257569901_f64).exp());
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

/// The records of `sim_main` that R and mmrm computed, through the comparison of a study.
#[test]
fn every_kind_of_comparison_is_that_of_the_reference() {
    let protocol = protocol();
    let (results, arms) = trial("sim_main.csv", &protocol);
    let comparison = compare(&results, &arms, &protocol).unwrap();
    let at_endpoint = |analysis: &str| {
        let mut rows = comparison.comparisons.iter().chain(&comparison.sensitivity);
        rows.rfind(|row| row.analysis.name() == analysis && row.visit == "Week 16").unwrap()
    };
    let gmr = |analysis: &str| at_endpoint(analysis).ratio.unwrap().estimate;
    close(gmr("ancova_hc3"), 0.614006200965854);
    close(at_endpoint("ancova_hc3").p.unwrap(), 0.00771215375101312);
    // sim_main|tobit|arm_difference|16|ln, blq half.
    close(gmr("tobit"), 0.623811468470939);
    // Its p-value is that of the profile likelihood with t, by SciPy: fixtures/stats/scripts/tobit_profile.py.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats/tobit_profile.json");
    let scipy: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let p = scipy["trial"]["difference"]["p"].as_f64().unwrap();
    assert!((at_endpoint("tobit").p.unwrap() / p - 1.0).abs() < 1e-6, "SciPy: {p}");
    // sim_main|mmrm|ln_change|ln|us|kenward_roger_linear|FALSE|half: the estimate is that of Satterthwaite's record.
    assert!((gmr("mmrm") - 0.624414229332597).abs() < 1e-8);
    assert_eq!(at_endpoint("mmrm").n.iter().sum::<usize>(), 106);
    assert_eq!(comparison.comparisons.iter().filter(|row| row.analysis == AnalysisId::Mmrm).count(), 4);
    assert!(at_endpoint("mmrm").model.contains("unstructured covariance"));

    assert_eq!(comparison.sensitivity.iter().filter(|row| row.primary).count(), 1);
    assert_eq!(comparison.sensitivity.len(), 5);
    assert!(
        comparison.sensitivity_verdict.starts_with("The conclusion does not depend"),
        "{}",
        comparison.sensitivity_verdict
    );
    assert!(comparison.comparisons.iter().all(|row| row.reason.is_empty()));
}

#[test]
fn responders_are_counted_by_declared_definitions() {
    let protocol = protocol();
    let (results, arms) = trial("sim_main.csv", &protocol);
    let responders = compare(&results, &arms, &protocol).unwrap().responders;
    assert_eq!(responders.len(), 4);
    // sim_main|two_proportions|16|value <= 0.5 x baseline.
    let falls: Vec<_> = responders.iter().filter(|row| row.definition.starts_with("a fall of at least 50 %")).collect();
    assert_eq!((falls[0].responders, falls[0].n), ([18, 12], [50, 44]));
    assert_eq!((falls[1].responders, falls[1].n), ([18, 12], [59, 55]));
    assert!(falls.iter().all(|row| row.difference.is_some() && row.p_fisher.is_some() && row.p_pearson.is_some()));
}

/// A value below a limit of 400 is below a level of 450, also where the rule leaves such values out: it is not missing. A fall is known
/// of it where the limit itself is a fall from the baseline.
#[test]
fn whoever_is_below_the_limit_is_below_the_level_under_every_rule() {
    let (results, arms) = trial("sim_main.csv", &protocol());
    let responders = |rule: &str| {
        let protocol = protocol_with(&format!("below_limit = \"{rule}\""), "");
        compare(&results, &arms, &protocol).unwrap().responders
    };
    let at = |subject: &str, week: f64| {
        let found = results.iter().find(|one| one.subject == subject && one.week == week)?;
        Some(found.quantity.clone())
    };
    let below = results.iter().filter(|one| one.week == 16.0 && one.quantity.value().is_none()).count();
    assert!(below > 0, "the trial has such values");
    let (left_out, halved) = (responders("exclude"), responders("half-lloq"));
    for (one, other) in left_out.iter().zip(&halved).filter(|(one, _)| one.definition.starts_with("fallen below 450")) {
        assert_eq!((one.responders, one.n), (other.responders, other.n));
    }
    let fell = |arm: &str| {
        let of_arm = arms.iter().filter(|one| one.arm == arm);
        let fell =
            |one: &&Allocation| match (at(&one.subject, 0.0).and_then(|base| base.value()), at(&one.subject, 16.0)) {
                (Some(base), Some(Quantity::Quantified(end))) => end.value <= 0.5 * base,
                (Some(base), Some(Quantity::BelowLloq { limit })) => limit <= 0.5 * base,
                _ => false,
            };
        of_arm.filter(fell).count() as u32
    };
    let falls = left_out.iter().find(|one| one.definition.starts_with("a fall") && one.all_randomised).unwrap();
    assert_eq!(falls.responders, [fell("active"), fell("placebo")]);
    // Among those with both numbers only these count: a limit that shows a fall would bring in responders alone.
    let observed = left_out.iter().find(|one| one.definition.starts_with("a fall") && !one.all_randomised).unwrap();
    let with_both = |arm: &str| {
        let number = |subject: &str, week: f64| at(subject, week).and_then(|quantity| quantity.value());
        let of_arm = arms.iter().filter(|one| one.arm == arm);
        of_arm.filter(|one| number(&one.subject, 0.0).is_some() && number(&one.subject, 16.0).is_some()).count() as u32
    };
    assert_eq!(observed.n, [with_both("active"), with_both("placebo")]);
}

/// What the declared rule leaves out is in the analyses by other rules: the list of exclusions says so, and the paragraph does not
/// count it among the results that are in no analysis.
#[test]
fn what_the_rule_for_limits_leaves_out_is_in_other_analyses() {
    let protocol = protocol_with("below_limit = \"exclude\"", "");
    let (results, arms) = trial("sim_main.csv", &protocol);
    let comparison = compare(&results, &arms, &protocol).unwrap();
    let by_limit: Vec<_> = comparison.excluded.iter().filter(|row| row.rule == ExclusionRule::LimitRule).collect();
    assert!(!by_limit.is_empty() && by_limit.iter().all(|row| row.scope == ExclusionScope::DeclaredRule));
    assert!(!comparison.paragraph.contains("limit rule"), "{}", comparison.paragraph);
    // Nor is it called missing.
    let primary = comparison.comparisons.iter().find(|row| row.primary).unwrap();
    assert!(
        primary.left_out.iter().any(|left| left.reason == "outside the limits at Week 16"),
        "{:?}",
        primary.left_out
    );
    let left = |arm: usize| primary.left_out.iter().map(|left| left.n[arm]).sum::<usize>();
    assert_eq!([left(0) + primary.n[0], left(1) + primary.n[1]], [59, 55]);
    says(&comparison.paragraph, "with a result that the rule for limits keeps at both visits");
}

/// Three against three: of 20 ways to order them the widest interval leaves out two, so that it has a level of 90 %.
#[test]
fn an_interval_that_cannot_have_its_level_is_not_shown_as_if_it_had() {
    let protocol = protocol();
    let (results, arms) = trial("sim_main.csv", &protocol);
    let complete = |one: &&Allocation| results.iter().filter(|visit| visit.subject == one.subject).count() == 5;
    let few: Vec<Allocation> = ["active", "placebo"]
        .into_iter()
        .flat_map(|arm| arms.iter().filter(complete).filter(move |one| one.arm == arm).take(3).cloned())
        .collect();
    let comparison = compare(&results, &few, &protocol).unwrap();
    let rank_test = comparison.comparisons.iter().find(|row| row.analysis == AnalysisId::MannWhitney).unwrap();
    assert!(rank_test.p.is_some() && rank_test.ratio.is_none(), "{rank_test:?}");
    says(&rank_test.reason, "without an interval: with so few subjects the widest has a level of 90 %");
    assert!(comparison.arms.iter().all(|arm| arm.hodges_lehmann_ratio.is_none()));
}

#[test]
fn records_follow_the_basic_data_structure() {
    let protocol = protocol();
    let (results, arms) = trial("sim_main.csv", &protocol);
    let records = compare(&results, &arms, &protocol).unwrap().records;
    assert_eq!(records.len(), results.len());
    let mut character: BTreeMap<String, f64> = BTreeMap::new();
    let mut numeric: BTreeMap<u64, String> = BTreeMap::new();
    for record in &records {
        assert_eq!(record.avalc.is_some(), record.dtype.is_some(), "{record:?}");
        if let (Some(aval), Some(avalc)) = (record.aval, &record.avalc) {
            assert_eq!(*character.entry(avalc.clone()).or_insert(aval), aval, "AVALC stands for one AVAL");
            assert_eq!(
                numeric.entry(aval.to_bits()).or_insert_with(|| avalc.clone()),
                avalc,
                "and the other way round"
            );
        }
        if let (Some(aval), Some(base), Some(change)) = (record.aval, record.base, record.chg) {
            assert_eq!(change, aval - base);
            assert_eq!(record.r2base, Some(aval / base));
        }
        assert_eq!(record.ablfl.is_some(), record.avisitn == 0.0);
        assert!(record.ablfl.is_none() || (record.base == record.aval && record.chg.is_none()));
    }
    assert!(records.iter().any(|record| record.dtype == Some("HALFLLOQ") && record.avalc.as_deref() == Some("<400")));
    let json = serde_json::to_value(&records[0]).unwrap();
    for name in ["STUDYID", "USUBJID", "TRTP", "AVISITN", "AVAL", "R2BASE", "ABLFL", "ANL01FL", "DTYPE"] {
        assert!(json.get(name).is_some(), "{name}");
    }
}

/// An effect that hangs on what stands for a value below the limit is called that.
#[test]
fn a_conclusion_that_moves_with_the_rule_is_said_to_move() {
    let protocol = protocol();
    let (mut results, arms) = trial("sim_main.csv", &protocol);
    // In the active arm everything below 2500 at the end point is known no better than that.
    let active =
        |subject: &str| arms.iter().any(|allocation| allocation.subject == subject && allocation.arm == "active");
    for result in results.iter_mut().filter(|result| result.week == 16.0 && active(&result.subject)) {
        if result.quantity.value().is_some_and(|value| value < 2500.0) {
            result.quantity = Quantity::BelowLloq { limit: 2500.0 };
        }
    }
    let comparison = compare(&results, &arms, &protocol).unwrap();
    assert!(
        comparison.sensitivity_verdict.starts_with("The conclusion depends on"),
        "{}",
        comparison.sensitivity_verdict
    );
}

/// Each arm is compared with its own primary comparison: that one arm differs from the reference and another does not is no matter
/// of the rule.
#[test]
fn with_several_arms_each_has_a_verdict_of_its_own() {
    let protocol = protocol();
    let (results, mut arms) = trial("sim_main.csv", &protocol);
    let placebo = arms.iter_mut().filter(|allocation| allocation.arm == "placebo");
    placebo.step_by(4).for_each(|allocation| allocation.arm = "vehicle".to_string());
    let comparison = compare(&results, &arms, &protocol).unwrap();
    let sides: Vec<_> = comparison
        .comparisons
        .iter()
        .filter(|row| row.primary)
        .map(|row| (row.active.as_str(), row.ratio.unwrap().side_of_one()))
        .collect();
    assert_eq!(sides, [("active", std::cmp::Ordering::Less), ("vehicle", std::cmp::Ordering::Equal)]);
    let said = &comparison.sensitivity_verdict;
    says(said, "active against placebo: The conclusion does not depend on");
    says(said, "vehicle against placebo: The conclusion does not depend on");
}

#[test]
fn arms_are_read_with_every_problem_named() {
    let text = "subject,arm,stratum\nS1,active,A\nS2,,A\nS1,placebo,A\nS3,active,\nS1,active,A\n,active,A\n";
    let book = Book::from_bytes(text.as_bytes(), "arms.csv").unwrap();
    let problems = read_arms(&book.sheets[0], &[]).unwrap_err().to_string();
    for part in ["line 3, field 2", "line 4", "arm 'placebo'", "line 5, field 3", "line 6", "twice", "line 7, field 1"]
    {
        assert!(problems.contains(part), "{part}: {problems}");
    }
    let book = Book::from_bytes(b"subject,arm\nS1,active\nS2,placebo\n", "arms.csv").unwrap();
    let arms = read_arms(&book.sheets[0], &[]).unwrap();
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

/// The results paragraph of `sim_main` by this protocol.
fn paragraph(protocol: &Protocol) -> String {
    let (results, arms) = trial("sim_main.csv", protocol);
    compare(&results, &arms, protocol).unwrap().paragraph
}

#[track_caller]
fn says(paragraph: &str, part: &str) {
    assert!(paragraph.contains(part), "{part}: {paragraph}");
}

#[test]
fn the_paragraph_counts_who_is_left_out_by_reason() {
    let paragraph = paragraph(&protocol());
    let left_out = paragraph.split("Left out are ").nth(1).unwrap().split(").").next().unwrap();
    let counts: Vec<[usize; 2]> = left_out
        .split("; ")
        .map(|reason| {
            let mut words = reason.split(' ');
            let active = words.next().unwrap().parse().unwrap();
            assert_eq!(words.next(), Some("and"));
            [active, words.next().unwrap().parse().unwrap()]
        })
        .collect();
    let sum = |arm: usize| counts.iter().map(|count| count[arm]).sum::<usize>();
    assert_eq!([sum(0), sum(1)], [59 - 50, 55 - 44], "{left_out}");
    says(left_out, "Week 16");
}

/// Holm of the p-values of R: 3 × 0.0058041507829664, 2 × 0.186985571920132 and 0.394910734204424.
#[test]
fn the_paragraph_gives_the_adjusted_p_values_of_declared_families() {
    let family = "[[family]]\nname = \"secondary\"\nmethod = \"holm\"\n\
                  analyses = [\"ancova\", \"mann_whitney\", \"responder_fall_percent\"]\n";
    let said = paragraph(&protocol_with("", family));
    says(
        &said,
        "Adjusted for the 3 tests of the family secondary (method of Holm): analysis of covariance P = 0.017, \
         Mann–Whitney test P = 0.374, responders by the fall P = 0.395.",
    );
    assert!(!paragraph(&protocol()).contains("Adjusted for"), "no family, no sentence");
}

/// sim_main|two_proportions|16|value <= 0.5 x baseline|randomised (missing = non-responder): Newcombe's limits and Fisher's test.
#[test]
fn the_paragraph_gives_the_responders_and_names_the_test() {
    let said = paragraph(&protocol());
    says(
        &said,
        "Responders (a fall of at least 50 % from baseline to Week 16; all randomised, a missing result counts as no response)",
    );
    says(
        &said,
        "are 18 of 59 in active and 12 of 55 in placebo: a difference of 8.7 percentage points (95 % confidence interval -7.5 to \
         24.1), P = 0.395 (Fisher's exact test).",
    );
    let chi_square = paragraph(&protocol_with("responder_test = \"chi-square\"", ""));
    says(&chi_square, "P = 0.292 (chi-square test without correction)");
}

/// sim_main|tobit|arm_difference|16|ln, blq half; interval and p by fixtures/stats/scripts/tobit_profile.py's functions on that set.
#[test]
fn the_paragraph_gives_the_censored_analysis() {
    says(
        &paragraph(&protocol()),
        "With values outside the limits at the end point as censored instead (Tobit regression, interval by profile likelihood), the ratio of \
         active to placebo is 0.62 (95 % confidence interval 0.44 to 0.87), P = 0.007.",
    );
    let protocol = protocol();
    let (results, arms) = trial("sim_main.csv", &protocol);
    let measured: Vec<SubjectVisit> = results.into_iter().filter(|result| result.quantity.value().is_some()).collect();
    let without = compare(&measured, &arms, &protocol).unwrap().paragraph;
    assert!(!without.contains("censored"), "nothing is censored: {without}");
}

/// The censored analysis has the terms of the primary one, strata too, so that only the rule differs. Values below 800 as censored;
/// differences by scipy.optimize.minimize on the log-likelihood, with and without the strata.
#[test]
fn the_censored_analysis_adjusts_for_the_strata_as_the_primary_one_does() {
    let protocol = protocol();
    let (mut results, arms) = trial("sim_strata.csv", &protocol);
    for result in results.iter_mut().filter(|result| result.week == 16.0) {
        if result.quantity.value().is_some_and(|value| value < 800.0) {
            result.quantity = Quantity::BelowLloq { limit: 800.0 };
        }
    }
    let plain: Vec<Allocation> = arms.iter().map(|one| Allocation { stratum: None, ..one.clone() }).collect();
    for (arms, words, difference) in
        [(&arms, "log baseline and stratum", -0.482_748_25), (&plain, "log baseline", -0.454_116_93)]
    {
        let comparison = compare(&results, arms, &protocol).unwrap();
        let found = comparison.sensitivity.iter().find(|row| row.analysis == AnalysisId::Tobit).unwrap();
        assert!(found.model.contains(&format!("{words}, interval by")), "{}", found.model);
        let estimate = found.ratio.unwrap().estimate.ln();
        assert!((estimate - difference).abs() < 1e-7, "{estimate} is not {difference}");
    }
}

/// Degrees of freedom and structures of the mixed model as study.toml declares them; values of the records
/// sim_main|mmrm|ln_change|ln|… at week 16.
#[test]
fn the_mixed_model_follows_the_study_file() {
    let last = |analysis: &str| {
        let protocol = protocol_with(analysis, "");
        let (results, arms) = trial("sim_main.csv", &protocol);
        compare(&results, &arms, &protocol)
            .unwrap()
            .comparisons
            .into_iter()
            .rfind(|row| row.analysis == AnalysisId::Mmrm)
            .unwrap()
    };
    for (settings, se, df, p, words) in [
        (
            "mixed_model_df = \"kenward-roger\"",
            0.168_846_019_3,
            97.938_221_87,
            0.006_350_348_594,
            ["Kenward-Roger, linear form", ", unstructured"],
        ),
        (
            "mixed_model_df = \"satterthwaite\"",
            0.168_442_667_8,
            97.938_221_87,
            0.006_230_232_982,
            ["Satterthwaite)", ", unstructured"],
        ),
        (
            "mixed_model_covariance = [\"compound-symmetry\"]",
            0.168_220_249_1,
            258.266_22,
            0.007_278_120_643,
            ["Kenward-Roger, linear form", ", compound-symmetric"],
        ),
        (
            "mixed_model_covariance = [\"autoregressive\"]",
            0.168_284_709_7,
            299.349_125,
            0.005_094_092_301,
            ["Kenward-Roger, linear form", ", autoregressive"],
        ),
        (
            "mixed_model_df = \"satterthwaite\"\nmixed_model_covariance = [\"toeplitz\", \"unstructured\"]",
            0.167_773_101_4,
            263.311_663_5,
            0.005_643_827_826,
            ["Satterthwaite)", ", Toeplitz"],
        ),
    ] {
        let found = last(settings);
        let near = |found: Option<f64>, wanted: f64| {
            assert!((found.unwrap() / wanted - 1.0).abs() < 1e-6, "{settings}: {found:?}");
        };
        near(found.standard_error, se);
        near(found.df, df);
        near(found.p, p);
        assert!(words.iter().all(|words| found.model.contains(words)), "{settings}: {}", found.model);
    }
}

/// The seed of the study is that of the bootstrap and the permutation test, and the output says so.
#[test]
fn what_is_resampled_has_the_seed_of_the_study() {
    let resampled = |seed: u64| {
        let protocol = protocol_with(&format!("seed = {seed}"), "");
        let (results, arms) = trial("sim_main.csv", &protocol);
        let rows = compare(&results, &arms, &protocol).unwrap().comparisons;
        ["bootstrap_bca_median_diff", "permutation_mean_diff"]
            .map(|name| rows.iter().find(|row| row.analysis.name() == name).unwrap().clone())
    };
    let [[bootstrap, permutation], [other_bootstrap, other_permutation]] = [resampled(3), resampled(4)];
    assert!(bootstrap.model.contains("seed 3") && permutation.model.contains("seed 3"), "{}", bootstrap.model);
    assert_ne!((bootstrap.ratio, permutation.p), (other_bootstrap.ratio, other_permutation.p));
    assert_eq!(resampled(3)[0].ratio, bootstrap.ratio);
}
