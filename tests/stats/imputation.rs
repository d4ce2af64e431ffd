//! Multiple imputation beside an independent program (fixtures/stats/scripts/imputation.py), and how often its intervals hold the truth.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::{Array1, Array2};
use platewise::stats::ancova::AncovaRows;
use platewise::stats::imputation::completion::{Gaps, ImputationParameters};
use platewise::stats::imputation::pool::Pooled;
use platewise::stats::imputation::{ImputationResult, Plan, Strategy, impute};
use platewise::stats::mmrm::Subject;
use platewise::stats::random::Random;
use platewise::stats::{Arm, StratumWeights, Vcov, ancova};
use serde_json::Value;

fn reference() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats/imputation.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn name(strategy: Strategy) -> String {
    serde_json::to_value(strategy).unwrap().as_str().unwrap().to_string()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|one| one.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

/// The values are linear in the deviates: without any they are the expected ones, and those that each adds make up the covariance.
#[test]
fn what_is_missing_has_the_mean_and_covariance_of_the_joint_distribution() {
    let mut compared = 0;
    for record in reference()["conditional"].as_array().unwrap() {
        let parameters =
            ImputationParameters::new(matrix(&record["coefficients"]), matrix(&record["covariance"])).unwrap();
        let row = Array1::from(numbers(&record["row"]));
        let mut in_reference = row.clone();
        in_reference[1] = 0.0;
        let responses: Vec<Option<f64>> = record["responses"].as_array().unwrap().iter().map(Value::as_f64).collect();
        let subject = Subject { arm: 1, baseline: 0.0, stratum: None, responses: &responses, terms: &[] };
        let gaps = Gaps::of(&subject, [row, in_reference]);
        let missing: Vec<usize> = (0..responses.len()).filter(|&visit| responses[visit].is_none()).collect();
        for strategy in Strategy::ALL {
            let expected = &record[name(strategy)];
            let with = |deviates: &[f64]| gaps.complete(&parameters, strategy, deviates).unwrap();
            let mean = with(&vec![0.0; missing.len()]);
            for (found, wanted) in missing.iter().map(|&visit| mean[visit]).zip(numbers(&expected["mean"])) {
                assert!((found - wanted).abs() < 1e-12, "{responses:?} {strategy:?}: {found} {wanted}");
                compared += 1;
            }
            let root: Vec<Vec<f64>> = (0..missing.len())
                .map(|which| {
                    let unit: Vec<f64> = (0..missing.len()).map(|i| f64::from(u8::from(i == which))).collect();
                    with(&unit).iter().zip(&mean).map(|(one, mean)| one - mean).collect()
                })
                .collect();
            for ((i, j), wanted) in matrix(&expected["covariance"]).indexed_iter() {
                let found: f64 = root.iter().map(|column| column[missing[i]] * column[missing[j]]).sum();
                assert!((found - wanted).abs() < 1e-12, "{responses:?} {strategy:?}: {found} {wanted}");
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 288);
}

/// A trial on the log scale: who, with the changes to the four visits; values below the limit as half of it.
struct Trial {
    subjects: Vec<(Arm, f64, Option<usize>)>,
    changes: Vec<Vec<Option<f64>>>,
}

impl Trial {
    /// Of `fixtures/stats/data`; `monotone` drops whatever follows the first missing visit.
    fn read(name: &str, monotone: bool) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/stats/data/{name}.csv"));
        let mut found: BTreeMap<(String, String, String), BTreeMap<u32, f64>> = BTreeMap::new();
        for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let value = match cells[4] {
                "1" => cells[5].parse::<f64>().unwrap() / 2.0,
                _ => match cells[3].parse() {
                    Ok(value) => value,
                    Err(_) => continue,
                },
            };
            let who = (cells[0].to_string(), cells[1].to_string(), cells[6].to_string());
            found.entry(who).or_default().insert(cells[2].parse().unwrap(), value);
        }
        let strata: Vec<String> = {
            let all: std::collections::BTreeSet<String> = found.keys().map(|who| who.2.clone()).collect();
            all.into_iter().collect()
        };
        let (mut subjects, mut changes) = (Vec::new(), Vec::new());
        for ((_, arm, stratum), values) in found {
            let Some(base) = values.get(&0).map(|value| value.ln()) else { continue };
            let mut own: Vec<Option<f64>> =
                [4, 8, 12, 16].iter().map(|week| values.get(week).map(|value| value.ln() - base)).collect();
            if let Some(first) = own.iter().position(Option::is_none).filter(|_| monotone) {
                own[first..].fill(None);
            }
            let arm = if arm == "active" { Arm::Active } else { Arm::Placebo };
            let stratum = (strata.len() > 1).then(|| strata.iter().position(|one| *one == stratum).unwrap());
            subjects.push((arm, base, stratum));
            changes.push(own);
        }
        Self { subjects, changes }
    }

    fn subjects(&self) -> Vec<Subject<'_>> {
        let pairs = self.subjects.iter().zip(&self.changes);
        pairs
            .map(|(&(arm, baseline, stratum), responses)| Subject {
                arm: arm.number(),
                baseline,
                stratum,
                responses,
                terms: &[],
            })
            .collect()
    }
}

/// Estimate and variance within within five Monte-Carlo errors of both programs, the variance between within five of its own.
fn agree(found: &Pooled, sets: f64, expected: &Value, of: &str) {
    let number = |name: &str| expected[name].as_f64().unwrap();
    let other_sets = 4000.0;
    let error = (found.between / sets + number("between") / other_sets).sqrt();
    println!("{of}: {:.5} ± {:.5}, Python {:.5} ± {:.5}", found.estimate, found.se, number("estimate"), number("se"));
    assert!((found.estimate - number("estimate")).abs() < 5.0 * error, "{of}: {} {error}", found.estimate);
    assert!((found.within / number("within") - 1.0).abs() < 0.02, "{of}: within {}", found.within);
    let relative = (2.0 / sets + 2.0 / other_sets).sqrt();
    assert!((found.between / number("between") - 1.0).abs() < 5.0 * relative, "{of}: between {}", found.between);
    assert!((found.se / number("se") - 1.0).abs() < 0.03, "{of}: se {}", found.se);
    assert!((found.inference.df / number("df") - 1.0).abs() < 0.05, "{of}: df {}", found.inference.df);
}

#[test]
fn whole_analyses_agree_with_an_independent_sampler() {
    const SETS: usize = 1000;
    let file = reference();
    let records = file["pooled"].as_array().unwrap();
    assert_eq!(records.len(), 4);
    for record in records {
        let (data, monotone) = (record["data"].as_str().unwrap(), record["monotone"].as_bool().unwrap());
        let trial = Trial::read(data, monotone);
        let found = impute(&trial.subjects(), 3, Plan { imputations: SETS, seed: 16, confidence: 0.95 }).unwrap();
        assert_eq!((found.n[0] + found.n[1]) as u64, record["n"].as_u64().unwrap());
        assert_eq!((found.missing[0] + found.missing[1]) as u64, record["missing"].as_u64().unwrap());
        for (strategy, pooled) in &found.pooled {
            agree(pooled, SETS as f64, &record[name(*strategy)], &format!("{data} {monotone} {strategy:?}"));
        }
        let shifted = found.shift.at(0.4).unwrap();
        agree(&shifted, SETS as f64, &record["shifted_by_0.4"], &format!("{data} {monotone} shifted"));
    }
}

/// With one visit what is missing at random says nothing more of the arms: the limit is the analysis of those who have it.
#[test]
fn one_visit_at_random_is_the_analysis_of_complete_cases() {
    let mut trial = Trial::read("sim_strata", true);
    for changes in &mut trial.changes {
        *changes = vec![changes[3]];
    }
    let subjects = trial.subjects();
    let plan = Plan { imputations: 20_000, seed: 3, confidence: 0.95 };
    let found = impute(&subjects, 0, plan).unwrap();
    let random = found.pooled[0].1;
    let whole: Vec<&Subject<'_>> = subjects.iter().filter(|one| one.responses[0].is_some()).collect();
    let arm: Vec<Arm> = whole.iter().map(|one| if one.arm == 0 { Arm::Placebo } else { Arm::Active }).collect();
    let baseline: Vec<f64> = whole.iter().map(|one| one.baseline).collect();
    let response: Vec<f64> = whole.iter().filter_map(|one| one.responses[0]).collect();
    let stratum: Vec<usize> = whole.iter().filter_map(|one| one.stratum).collect();
    let rows = AncovaRows { arm: &arm, response: &response, baseline: &baseline, stratum: Some(&stratum), terms: &[] };
    let complete = ancova(rows, Vcov::Ols, StratumWeights::Equal, 0.95).unwrap();
    let away = (random.estimate - complete.diff) / random.monte_carlo_error;
    println!("imputed {:.5} ± {:.5}, complete {:.5} ± {:.5}", random.estimate, random.se, complete.diff, complete.se);
    assert!(away.abs() < 4.0, "{} Monte-Carlo errors apart", away);
    assert!((random.se / complete.se - 1.0).abs() < 0.03);
    // With one visit the three assumptions by the reference arm are one, and by the same draws.
    assert_eq!(found.pooled[1].1, found.pooled[2].1);
    assert_eq!(found.pooled[1].1, found.pooled[3].1);
}

/// The Monte-Carlo error that is printed is that from seed to seed; the same seed gives the same bits.
#[test]
fn the_seed_moves_the_estimate_by_its_monte_carlo_error() {
    let trial = Trial::read("sim_main", false);
    let subjects = trial.subjects();
    let of = |seed: u64| -> ImputationResult {
        impute(&subjects, 3, Plan { imputations: 50, seed, confidence: 0.95 }).unwrap()
    };
    assert_eq!(of(5).pooled, of(5).pooled);
    let found: Vec<Pooled> = (0..60).map(|seed| of(seed).pooled[0].1).collect();
    let n = found.len() as f64;
    let mean = found.iter().map(|one| one.estimate).sum::<f64>() / n;
    let spread = (found.iter().map(|one| (one.estimate - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let said = (found.iter().map(|one| one.monte_carlo_error.powi(2)).sum::<f64>() / n).sqrt();
    println!("from seed to seed {spread:.5}, as printed {said:.5}");
    // A standard deviation of 60 numbers has an error of 9 %.
    assert!((spread / said - 1.0).abs() < 0.3, "{spread} {said}");
}

/// Shifted by computing anew is shifted by the formula; and the tipping point is one.
#[test]
fn the_shift_is_exact_and_tips_where_the_interval_meets_zero() {
    let trial = Trial::read("sim_main", true);
    let found = impute(&trial.subjects(), 3, Plan { imputations: 100, seed: 2, confidence: 0.95 }).unwrap();
    let (random, unshifted) = (found.pooled[0].1, found.shift.at(0.0).unwrap());
    assert!((random.estimate - unshifted.estimate).abs() < 1e-12 && (random.se - unshifted.se).abs() < 1e-12);
    let high = random.inference.ci_high.unwrap();
    assert!(high < 0.0, "the trial has an effect: {high}");
    let tip = found.shift.tipping(8.0_f64.ln()).unwrap().unwrap();
    let at = |delta: f64| found.shift.at(delta).unwrap().inference.ci_high.unwrap();
    assert!(at(tip) >= 0.0 && at(tip - 1e-6) < 0.0 && tip > 0.0, "{tip}");
    // Lower values of the treated make the effect larger: nothing tips within a factor of 2.
    assert_eq!(found.shift.tipping(-(2.0_f64.ln())).unwrap(), None);
}

#[test]
fn too_little_is_said_to_be_too_little() {
    let responses = [[Some(1.0), Some(2.0)], [Some(1.5), None], [None, Some(0.5)], [Some(0.3), Some(0.2)]];
    let subject = |i: usize| Subject {
        arm: usize::from(i < 2),
        baseline: i as f64,
        stratum: None,
        responses: &responses[i],
        terms: &[],
    };
    let subjects: Vec<Subject<'_>> = (0..4).map(subject).collect();
    let plan = Plan { imputations: 10, seed: 1, confidence: 0.95 };
    let why = impute(&subjects, 1, plan).unwrap_err().to_string();
    assert_eq!(why, "participants with a value at every visit, by which to impute: 2 found, at least 5 needed");
    let complete = [subjects[0], subjects[3]];
    let why = impute(&complete, 1, plan).unwrap_err().to_string();
    assert!(why.starts_with("nobody is missing at the end point"), "{why}");
}

/// Arm and baseline of everybody, and the changes to two visits.
type Simulated = (Vec<(Arm, f64)>, Vec<[Option<f64>; 2]>);

/// Two visits; whoever changes little by the first is lost before the second more often: the trials of the script.
fn simulated(random: &mut Random, effect: f64) -> Simulated {
    let (mut who, mut changes) = (Vec::new(), Vec::new());
    for (arm, treated) in [(Arm::Active, 1.0), (Arm::Placebo, 0.0)] {
        for _ in 0..30 {
            let baseline = random.normal();
            let own = 0.6 * random.normal();
            let mut value = |share: f64| own + 0.5 * random.normal() - 0.3 * baseline + effect * share * treated;
            let [first, second] = [value(0.5), value(1.0)];
            let lost = random.uniform() < 1.0 / (1.0 + (1.0 - 1.5 * first).exp());
            who.push((arm, baseline));
            changes.push([Some(first), (!lost).then_some(second)]);
        }
    }
    (who, changes)
}

#[test]
fn intervals_at_random_hold_the_truth_as_often_as_the_script_finds() {
    let (trials, effect) = (400, -0.4);
    let mut held = 0;
    for replicate in 0..trials {
        let (who, changes) = simulated(&mut Random::of_replicate(8, replicate), effect);
        let subject = |i: usize| Subject {
            arm: who[i].0.number(),
            baseline: who[i].1,
            stratum: None,
            responses: &changes[i],
            terms: &[],
        };
        let subjects: Vec<Subject<'_>> = (0..who.len()).map(subject).collect();
        let found = impute(&subjects, 1, Plan { imputations: 20, seed: replicate, confidence: 0.95 }).unwrap();
        let inference = found.pooled[0].1.inference;
        held += u32::from((inference.ci_low.unwrap()..=inference.ci_high.unwrap()).contains(&effect));
    }
    let percent = 100.0 * f64::from(held) / trials as f64;
    let python = reference()["coverage"]["imputed_percent"].as_f64().unwrap();
    println!("{trials} trials: {percent} % hold the truth, by the script {python} % of 4000");
    // Three standard errors of a share of 95 % in so many trials: 3.3.
    assert!((percent - 95.0).abs() < 3.3 && (python - 95.0).abs() < 1.1, "{percent} {python}");
}
