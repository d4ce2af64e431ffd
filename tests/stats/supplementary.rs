//! Van Elteren's test, subgroups, standardised proportions, power and regression on order statistics beside independent programs
//! (fixtures/stats/scripts/supplementary.R and ros.py).

use std::collections::BTreeMap;
use std::path::Path;

use platewise::stats::ancova::{AncovaRows, StratumWeights, Vcov, ancova};
use platewise::stats::ancova_arms::{ArmRows, ancova_arms};
use platewise::stats::logistic::{Logistic, standardised};
use platewise::stats::power::TwoArmDesign;
use platewise::stats::ros::ros_mean;
use platewise::stats::subgroups::subgroups;
use platewise::stats::van_elteren::van_elteren;
use platewise::stats::{Arm, Censored, Undefined};
use serde_json::Value;

fn reference(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stats").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn records<'a>(of: &'a Value, kind: &str) -> impl Iterator<Item = &'a Value> {
    of[kind].as_array().unwrap().iter()
}

#[track_caller]
fn near(found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() <= tolerance * (1.0 + expected.abs()), "{found} is not {expected}");
}

/// Subjects with baseline and last visit, by name; values below the limit as half of it.
#[derive(Default)]
struct Trial {
    arm: Vec<Arm>,
    base: Vec<f64>,
    end: Vec<f64>,
    strata: Vec<usize>,
}

impl Trial {
    fn read(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/stats/data/{name}.csv"));
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let last = lines.iter().map(|line| line[2].parse::<u32>().unwrap()).max().unwrap().to_string();
        let mut subjects: BTreeMap<&str, (&str, &str, [Option<f64>; 2])> = BTreeMap::new();
        for line in &lines {
            let value = match (line[3], line[4]) {
                (_, "1") => Some(line[5].parse::<f64>().unwrap() / 2.0),
                ("", _) => None,
                (value, _) => Some(value.parse().unwrap()),
            };
            let of = subjects.entry(line[0]).or_insert((line[1], line[6], [None, None]));
            match line[2] {
                "0" => of.2[0] = value,
                week if week == last => of.2[1] = value,
                _ => {}
            }
        }
        let mut names: Vec<&str> = subjects.values().map(|subject| subject.1).collect();
        names.sort_unstable();
        names.dedup();
        let mut trial = Self::default();
        for (arm, stratum, values) in subjects.into_values() {
            let [Some(base), Some(end)] = values else { continue };
            trial.arm.push(if arm == "active" { Arm::Active } else { Arm::Placebo });
            trial.base.push(base);
            trial.end.push(end);
            if names.len() > 1 {
                trial.strata.push(names.binary_search(&stratum).unwrap());
            }
        }
        trial
    }

    fn change(&self) -> Vec<f64> {
        self.end.iter().zip(&self.base).map(|(end, base)| end.ln() - base.ln()).collect()
    }

    fn log_base(&self) -> Vec<f64> {
        self.base.iter().map(|base| base.ln()).collect()
    }

    fn strata(&self) -> Option<&[usize]> {
        (!self.strata.is_empty()).then_some(self.strata.as_slice())
    }
}

#[test]
fn van_elteren_is_that_of_coin_and_its_shift_that_of_the_definition() {
    let reference = reference("supplementary.json");
    let mut compared = 0;
    for record in records(&reference, "van_elteren") {
        let trial = Trial::read(record["data"].as_str().unwrap());
        let thirds: Vec<usize> = (0..trial.arm.len()).map(|i| i % 3).collect();
        let found = van_elteren(&trial.arm, trial.strata().unwrap_or(&thirds), &trial.change(), 0.95).unwrap();
        assert_eq!((Some(found.n_active as u64), found.strata), (record["n"][0].as_u64(), 3));
        near(found.z, &record["z"], 1e-9);
        near(found.p, &record["p"], 1e-9);
        near(found.shift, &record["shift"], 1e-9);
        near(found.ci_low, &record["low"], 1e-9);
        near(found.ci_high, &record["high"], 1e-9);
        compared += 5;
    }
    assert_eq!(compared, 15);
}

#[test]
fn a_stratum_of_one_arm_says_nothing_and_is_counted() {
    let arm = [Arm::Active, Arm::Placebo, Arm::Active, Arm::Placebo, Arm::Active, Arm::Active];
    let response = [1.0, 2.0, 1.5, 2.5, 100.0, -100.0];
    let with = van_elteren(&arm, &[0, 0, 0, 0, 1, 1], &response, 0.8).unwrap();
    let without = van_elteren(&arm[..4], &[0; 4], &response[..4], 0.8).unwrap();
    assert_eq!((with.z, with.shift, with.n_alone, with.strata), (without.z, without.shift, 2, 1));
    assert!(van_elteren(&arm, &[0, 1, 0, 1, 0, 0], &response, 0.95).is_err(), "no stratum holds both");
    assert_eq!(van_elteren(&arm, &[0; 6], &[1.0; 6], 0.95), Err(Undefined::ZeroVariance));
}

/// Two against two are never significant at 5 %: no shift is rejected, and the largest difference is not the end of an interval.
#[test]
fn an_interval_without_ends_is_none() {
    let arm = [Arm::Active, Arm::Placebo, Arm::Active, Arm::Placebo];
    let found = van_elteren(&arm, &[0; 4], &[1.0, 2.0, 1.5, 2.5], 0.95).unwrap_err().to_string();
    assert!(found.contains("too few in the strata: a 95 % interval of the shift has no ends"), "{found}");
}

#[test]
fn subgroups_are_those_of_one_linear_model() {
    let reference = reference("supplementary.json");
    let mut compared = 0;
    for record in records(&reference, "subgroups") {
        let trial = Trial::read(record["data"].as_str().unwrap());
        let (change, log_base) = (trial.change(), trial.log_base());
        let by_stratum = record["by"] == "stratum";
        let mut sorted = trial.base.clone();
        sorted.sort_by(f64::total_cmp);
        let half = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 { sorted[half] } else { 0.5 * (sorted[half - 1] + sorted[half]) };
        let halves: Vec<usize> = trial.base.iter().map(|base| usize::from(*base >= median)).collect();
        let (stratum, group) =
            if by_stratum { (None, trial.strata().unwrap()) } else { (trial.strata(), halves.as_slice()) };
        let rows = AncovaRows { arm: &trial.arm, response: &change, baseline: &log_base, stratum, terms: &[] };
        let found = subgroups(rows, group, 0.95).unwrap();
        near(found.interaction.f, &record["f"], 1e-9);
        near(found.interaction.p, &record["p"], 1e-9);
        assert_eq!(Some(found.interaction.df2), record["df2"].as_f64());
        for (k, one) in found.groups.iter().enumerate() {
            assert_eq!(one.n[0] as u64, record["n_active"][k].as_u64().unwrap());
            assert_eq!(one.n[1] as u64, record["n_placebo"][k].as_u64().unwrap());
            near(one.diff, &record["diff"][k], 1e-9);
            near(one.se, &record["se"][k], 1e-9);
            near(one.inference.ci_low.unwrap(), &record["low"][k], 1e-9);
            near(one.inference.ci_high.unwrap(), &record["high"][k], 1e-9);
            compared += 4;
        }
    }
    assert_eq!(compared, 28);
}

#[test]
fn standardised_proportions_are_those_of_glm() {
    let reference = reference("supplementary.json");
    let mut compared = 0;
    for record in records(&reference, "standardised") {
        let trial = Trial::read(record["data"].as_str().unwrap());
        let share = 1.0 - record["fall"].as_f64().unwrap() / 100.0;
        let pairs = trial.end.iter().zip(&trial.base);
        let responds: Vec<f64> =
            pairs.map(|(end, base)| f64::from(u8::from(*end <= share * base * (1.0 + 1e-12)))).collect();
        let log_base = trial.log_base();
        let rows = AncovaRows {
            arm: &trial.arm,
            response: &responds,
            baseline: &log_base,
            stratum: trial.strata(),
            terms: &[],
        };
        let found = standardised(rows, 0.95).unwrap();
        near(found.proportion[0], &record["active"], 1e-9);
        near(found.proportion[1], &record["placebo"], 1e-9);
        near(found.se_log_risk_ratio, &record["se_log_ratio"], 1e-7);
        near(found.se_risk_difference, &record["se_difference"], 1e-7);
        compared += 4;
    }
    assert_eq!(compared, 12);
}

/// The stop rule of an iteration holds at infinity as well: separation is found, completely, in part, and where nobody responds.
#[test]
fn separated_responders_have_no_estimate() {
    let x = |values: &[f64]| {
        ndarray::Array2::from_shape_fn((values.len(), 2), |(i, j)| if j == 0 { 1.0 } else { values[i] })
    };
    let complete = Logistic::fit(x(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).view(), &[false, false, false, true, true, true]);
    let in_part = Logistic::fit(x(&[1.0, 2.0, 3.0, 3.0, 5.0, 6.0]).view(), &[false, false, false, true, true, true]);
    let nobody = Logistic::fit(x(&[1.0, 2.0, 3.0, 3.0, 5.0, 6.0]).view(), &[false; 6]);
    for found in [complete, in_part, nobody] {
        assert!(matches!(found, Err(Undefined::NoMaximum { .. })), "{found:?}");
    }
    assert!(Logistic::fit(x(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).view(), &[false, true, false, true, false, true]).is_ok());
}

#[test]
fn power_is_that_of_the_noncentral_t_and_a_size_is_the_first_that_has_it() {
    let reference = reference("supplementary.json");
    let mut compared = 0;
    for record in records(&reference, "power") {
        let number = |name: &str| record[name].as_f64().unwrap();
        let design = TwoArmDesign {
            difference: number("difference"),
            sd: number("sd"),
            adjusted: number("adjusted") as usize,
            confidence: 0.95,
        };
        near(design.power(number("n") as usize).unwrap(), &record["power"], 1e-9);
        for power in [0.5, 0.8, 0.9, 0.99] {
            let size = design.size(power).unwrap();
            assert!(design.power(size).unwrap() >= power);
            assert!(design.power(size - 1).map_or(true, |less| less < power), "{design:?} {size}");
        }
        compared += 1;
    }
    assert_eq!(compared, 5);
    let design = |difference| TwoArmDesign { difference, sd: 1.0, adjusted: 1, confidence: 0.95 };
    assert!(design(0.0).size(0.9).is_err());
    // About 2 (1.96 + 1.28)² / difference²: the largest arm that is tried is tried.
    let near_the_end = design(0.015).size(0.9).unwrap();
    assert!((93_300..93_500).contains(&near_the_end), "{near_the_end}");
    assert!(design(0.014).size(0.9).is_err());
}

#[test]
fn regression_on_order_statistics_is_that_of_wqio() {
    let reference = reference("ros.json");
    let mut compared = 0;
    for record in records(&reference, "records") {
        let values = record["values"].as_array().unwrap().iter().zip(record["below"].as_array().unwrap());
        let values: Vec<Censored> = values
            .map(|(value, below)| match (value.as_f64().unwrap(), below.as_bool().unwrap()) {
                (limit, true) => Censored::Below(limit),
                (value, false) => Censored::Measured(value),
            })
            .collect();
        near(ros_mean(&values).unwrap().mean, &record["mean"], 1e-9);
        compared += 1;
    }
    assert_eq!(compared, 5);
    // Why there is no interval: in a small arm with half of the values below the limit that of the bootstrap is too short.
    assert!(records(&reference, "bootstrap").any(|row| row["coverage"].as_f64().unwrap() < 0.92));
}

#[test]
fn regression_on_order_statistics_says_what_it_cannot_do() {
    use Censored::{Above, Below, Measured};
    let all = [Measured(1.0), Measured(2.5), Measured(3.0)];
    assert!((ros_mean(&all).unwrap().mean - 6.5 / 3.0).abs() < 1e-12, "with nothing below it is the mean");
    for (values, expected) in [
        (vec![Measured(1.0), Measured(2.0), Below(0.5)], "measured values: 2 found, at least 3 needed"),
        (vec![Measured(1.0), Measured(2.0), Measured(3.0), Above(9.0)], "one is above its limit"),
        (vec![Measured(1.0), Measured(1.0), Measured(1.0), Below(0.5)], "no variance"),
        ([vec![Below(0.5); 13], all.to_vec()].concat(), "13 of 16 values are below a limit"),
    ] {
        let why = ros_mean(&values).unwrap_err().to_string();
        assert!(why.contains(expected), "{why}");
    }
}

/// Every second of the active arm, by name, is in an arm of its own: 0 is placebo, as in R.
fn three_arms(trial: &Trial) -> Vec<usize> {
    let mut active = 0_usize;
    let number = |arm: &Arm| match arm {
        Arm::Placebo => 0,
        Arm::Active => {
            active += 1;
            if active.is_multiple_of(2) { 2 } else { 1 }
        }
    };
    trial.arm.iter().map(number).collect()
}

#[test]
fn one_model_of_three_arms_is_that_of_emmeans() {
    let reference = reference("supplementary.json");
    let mut compared = 0;
    for record in records(&reference, "all_arms") {
        let trial = Trial::read(record["data"].as_str().unwrap());
        let (arm, change, baseline) = (three_arms(&trial), trial.change(), trial.log_base());
        let rows = ArmRows { arm: &arm, response: &change, baseline: &baseline, stratum: trial.strata(), terms: &[] };
        let found = ancova_arms(rows, 0.95).unwrap();
        near(found.df, &record["df"], 1e-12);
        near(found.sigma, &record["sigma"], 1e-9);
        for (at, mean) in found.means.iter().enumerate() {
            assert_eq!(Some(mean.n as u64), record["n"][at].as_u64());
            near(mean.est, &record["mean"][at], 1e-9);
            near(mean.se, &record["se"][at], 1e-9);
            near(mean.inference.ci_low.unwrap(), &record["low"][at], 1e-9);
            near(mean.inference.ci_high.unwrap(), &record["high"][at], 1e-9);
        }
        for (at, difference) in found.differences.iter().enumerate() {
            near(difference.diff, &record["diff"][at], 1e-9);
            near(difference.se, &record["diff_se"][at], 1e-9);
            near(difference.inference.ci_low.unwrap(), &record["diff_low"][at], 1e-9);
            near(difference.inference.ci_high.unwrap(), &record["diff_high"][at], 1e-9);
            near(difference.inference.t.unwrap(), &record["t"][at], 1e-9);
            near(difference.inference.p.unwrap(), &record["p"][at], 1e-12);
        }
        compared += 2 + 3 * 4 + 2 * 6;
    }
    assert_eq!(compared, 52);
}

/// Of two arms it is the analysis of covariance; an empty arm, and only one, are no trial.
#[test]
fn one_model_of_two_arms_is_the_analysis_of_covariance() {
    let trial = Trial::read("sim_strata");
    let (change, baseline) = (trial.change(), trial.log_base());
    let number: Vec<usize> = trial.arm.iter().map(|arm| usize::from(*arm == Arm::Active)).collect();
    let rows = ArmRows { arm: &number, response: &change, baseline: &baseline, stratum: trial.strata(), terms: &[] };
    let found = ancova_arms(rows, 0.95).unwrap();
    let pair =
        AncovaRows { arm: &trial.arm, response: &change, baseline: &baseline, stratum: trial.strata(), terms: &[] };
    let pair = ancova(pair, Vcov::Ols, StratumWeights::Equal, 0.95).unwrap();
    assert!((found.differences[0].diff - pair.diff).abs() < 1e-12 && (found.differences[0].se - pair.se).abs() < 1e-12);
    assert!((found.means[1].est - pair.lsmeans[0].est).abs() < 1e-12);
    let gap: Vec<usize> = number.iter().map(|arm| 2 * arm).collect();
    assert!(ancova_arms(ArmRows { arm: &gap, ..rows }, 0.95).is_err());
    assert!(ancova_arms(ArmRows { arm: &vec![0; number.len()], ..rows }, 0.95).is_err());
}
