//! What must hold for any data: results that two methods share, counts that can be enumerated, and never a NaN.

use platewise::stats::ancova::AncovaRows;
use platewise::stats::mmrm::{self, DegreesOfFreedom, Options, Structure, Subject};
use platewise::stats::multiplicity::{Adjustment, adjust};
use platewise::stats::proportions::{Counts, two_proportions};
use platewise::stats::random::Random;
use platewise::stats::signed_rank::Zeros;
use platewise::stats::{
    Arm, Resampling, StratumWeights, Undefined, Vcov, ancova, bootstrap_bca_median_diff, describe, effect_size,
    hl_one_sample, hl_two_sample, mann_whitney, one_sample_t, permutation, signed_rank, student_t, welch_t,
};
use proptest::prelude::*;
use serde::Serialize;

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-8 * (a.abs() + b.abs()) + 1e-10
}

/// A simulated trial: arms, baselines, and changes at `visits` of which a tenth is missing when `holes`.
struct Simulated {
    arm: Vec<Arm>,
    baseline: Vec<f64>,
    changes: Vec<Vec<Option<f64>>>,
}

fn simulated(n: usize, visits: usize, holes: bool, seed: u64) -> Simulated {
    let mut random = Random::new(seed);
    let arm = (0..n).map(|i| if i % 2 == 0 { Arm::Active } else { Arm::Placebo }).collect();
    let baseline: Vec<f64> = (0..n).map(|_| 7.8 + random.normal()).collect();
    let changes = baseline
        .iter()
        .map(|base| {
            let subject = random.normal();
            let visit = |_| {
                let change = -0.4 * (base - 7.8) + 0.5 * subject + 0.6 * random.normal();
                (!holes || random.uniform() > 0.1).then_some(change)
            };
            (0..visits).map(visit).collect()
        })
        .collect();
    Simulated { arm, baseline, changes }
}

impl Simulated {
    fn subjects(&self) -> Vec<Subject<'_>> {
        let subject = |i: usize| Subject {
            arm: self.arm[i].number(),
            baseline: self.baseline[i],
            stratum: None,
            responses: &self.changes[i],
            terms: &[],
        };
        (0..self.arm.len()).map(subject).collect()
    }

    fn ancova(&self, visit: usize) -> platewise::stats::Ancova {
        let response: Vec<f64> = self.changes.iter().map(|changes| changes[visit].unwrap()).collect();
        let rows =
            AncovaRows { arm: &self.arm, response: &response, baseline: &self.baseline, stratum: None, terms: &[] };
        ancova(rows, Vcov::Ols, StratumWeights::None, 0.95).unwrap()
    }
}

const METHODS: [DegreesOfFreedom; 2] = [DegreesOfFreedom::Satterthwaite, DegreesOfFreedom::KenwardRogerLinear];

/// With everybody seen at every visit, the unstructured mixed model is an analysis of covariance at each visit.
#[test]
fn without_missing_visits_the_mixed_model_is_the_analysis_of_covariance() {
    for (n, visits) in [(40, 1), (40, 3), (16, 10)] {
        let data = simulated(n, visits, false, 5);
        let fit = mmrm::fit(&data.subjects(), visits, Structure::Us).unwrap();
        let weeks: Vec<f64> = (1..=visits).map(|visit| 4.0 * visit as f64).collect();
        for df in METHODS {
            let found = fit.summary(1, Options { weeks: &weeks, df, ratios: true, confidence: 0.95 }).unwrap();
            for (visit, diff) in found.diffs.iter().enumerate() {
                let expected = data.ancova(visit);
                assert!(near(diff.est, expected.diff) && near(diff.se, expected.se), "{df:?} {visit}");
                assert!(near(diff.inference.df, expected.inference.df), "{df:?} {visit}: {}", diff.inference.df);
                let mean = &found.lsmeans_at_subject_mean[2 * visit + 1];
                assert!(near(mean.est, expected.lsmeans[0].est) && near(mean.se, expected.lsmeans[0].se));
            }
        }
    }
}

#[test]
fn exchanging_the_arms_changes_the_sign_only() {
    let data = simulated(50, 4, true, 8);
    let mut exchanged = simulated(50, 4, true, 8);
    for arm in &mut exchanged.arm {
        *arm = if *arm == Arm::Active { Arm::Placebo } else { Arm::Active };
    }
    let weeks = [4.0, 8.0, 12.0, 16.0];
    let options = Options { weeks: &weeks, df: DegreesOfFreedom::KenwardRogerLinear, ratios: false, confidence: 0.95 };
    for structure in [Structure::Us, Structure::Toeph, Structure::Arh1, Structure::Csh] {
        let one = mmrm::fit(&data.subjects(), 4, structure).unwrap().summary(1, options).unwrap();
        let other = mmrm::fit(&exchanged.subjects(), 4, structure).unwrap().summary(1, options).unwrap();
        assert!(near(one.minus2_reml_loglik, other.minus2_reml_loglik), "{structure}");
        for (a, b) in one.diffs.iter().zip(&other.diffs) {
            assert!(near(a.est, -b.est) && near(a.se, b.se) && near(a.inference.df, b.inference.df), "{structure}");
        }
    }
}

/// Two visits that no subject shares leave their covariance undetermined; a structure that borrows it from others can be fitted.
#[test]
fn a_simpler_covariance_is_declared_when_the_full_one_is_not_determined() {
    let mut data = simulated(60, 3, false, 3);
    for (i, changes) in data.changes.iter_mut().enumerate() {
        changes[if i % 4 < 2 { 0 } else { 2 }] = None;
    }
    let (fit, failed) = mmrm::fit_with_fallback(&data.subjects(), 3, &mmrm::FALLBACK).unwrap();
    assert_ne!(fit.structure(), Structure::Us);
    assert_eq!(failed[0].0, Structure::Us);
    assert!(matches!(failed[0].1, Undefined::NotConverged { .. }), "{}", failed[0].1);
}

/// Sixteen subjects and ten visits, of which some are missing, leave 13 dimensions for 55 covariances; with as many visits as
/// subjects no unstructured covariance has a maximum.
#[test]
fn many_visits_of_few_subjects_have_an_answer_or_a_declared_fallback() {
    for (n, visits) in [(16, 10), (16, 14)] {
        let data = simulated(n, visits, true, 11);
        let (fit, failed) = mmrm::fit_with_fallback(&data.subjects(), visits, &mmrm::FALLBACK).unwrap();
        let weeks: Vec<f64> = (1..=visits).map(|visit| visit as f64).collect();
        for df in METHODS {
            let found = fit.summary(1, Options { weeks: &weeks, df, ratios: true, confidence: 0.95 }).unwrap();
            assert!(
                found.diffs.iter().all(|diff| diff.se > 0.0 && diff.inference.df > 0.0 && diff.inference.p.is_some())
            );
        }
        println!("{n} subjects, {visits} visits: {}, after {failed:?}", fit.structure());
        if visits > 13 {
            let why = failed[0].1.to_string();
            assert!(
                why.contains(&format!("{visits} visits need at least {} subjects, and there are 16", visits + 3)),
                "{why}"
            );
        }
    }
}

#[test]
fn arms_have_numbers_without_a_gap() {
    let responses = [Some(0.1), Some(-0.2)];
    let subject = |arm: usize| Subject { arm, baseline: 1.0, stratum: None, responses: &responses, terms: &[] };
    for far in [7, usize::MAX] {
        let subjects: Vec<Subject<'_>> = [0, 1, 0, 1, far].map(subject).into();
        let why = mmrm::fit(&subjects, 2, Structure::Us).unwrap_err();
        assert!(why.to_string().contains(&format!("arm {far}")), "{why}");
    }
}

#[test]
fn what_the_mixed_model_cannot_tell_has_a_reason() {
    let data = simulated(30, 2, false, 3);
    let mut nobody = simulated(30, 2, false, 3);
    for (arm, changes) in nobody.arm.iter().zip(&mut nobody.changes) {
        if *arm == Arm::Active {
            changes[1] = None;
        }
    }
    let why = mmrm::fit(&nobody.subjects(), 2, Structure::Us).unwrap_err();
    assert_eq!(why, Undefined::NotEstimable { column: "arm at visit 2 after baseline".to_string() });
    let flat: Vec<Vec<Option<f64>>> = vec![vec![Some(-500.0); 2]; 30];
    let constant = Simulated { changes: flat, ..data };
    assert_eq!(mmrm::fit(&constant.subjects(), 2, Structure::Us).unwrap_err(), Undefined::ZeroVariance);
    assert!(mmrm::fit(&[], 2, Structure::Us).is_err());
}

/// U of every choice of `m` of the values, counted one by one.
fn enumerated_mann_whitney(active: &[f64], placebo: &[f64]) -> (f64, f64) {
    let all: Vec<f64> = active.iter().chain(placebo).copied().collect();
    let u = |chosen: &dyn Fn(usize) -> bool| {
        let mut doubled = 0;
        for (i, a) in all.iter().enumerate().filter(|(i, _)| chosen(*i)) {
            for (_, b) in all.iter().enumerate().filter(|(j, _)| *j != i && !chosen(*j)) {
                doubled += if a > b { 2 } else { u32::from(a == b) };
            }
        }
        doubled
    };
    let observed = u(&|i| i < active.len());
    let (mut less, mut greater, mut total) = (0.0, 0.0, 0.0);
    for mask in 0_u32..1 << all.len() {
        if mask.count_ones() as usize == active.len() {
            let value = u(&|i| mask >> i & 1 == 1);
            total += 1.0;
            less += f64::from(u8::from(value <= observed));
            greater += f64::from(u8::from(value >= observed));
        }
    }
    (less / total, greater / total)
}

/// A number that a result must not hold: JSON has no other trace of NaN and infinity than null.
fn assert_no_nulls(result: &impl Serialize, but: &[&str]) {
    let json = serde_json::to_value(result).unwrap();
    for (name, value) in json.as_object().unwrap() {
        assert!(!value.is_null() || but.contains(&name.as_str()), "{name}: {json}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn exact_mann_whitney_is_the_enumeration(
        active in prop::collection::vec(0_u8..6, 1..6),
        placebo in prop::collection::vec(0_u8..6, 1..6),
    ) {
        let [active, placebo] = [active, placebo].map(|arm| arm.into_iter().map(f64::from).collect::<Vec<f64>>());
        let (less, greater) = enumerated_mann_whitney(&active, &placebo);
        let test = mann_whitney(&active, &placebo, mann_whitney::MannWhitneyMethod::ExactDoubleSmallerTail).unwrap();
        prop_assert!((test.p_less.unwrap() - less).abs() < 1e-12);
        prop_assert!((test.p_greater.unwrap() - greater).abs() < 1e-12);
        prop_assert!((test.p - (2.0 * less.min(greater)).min(1.0)).abs() < 1e-12);
    }

    #[test]
    fn exact_signed_rank_is_the_enumeration(changes in prop::collection::vec(-6_i8..7, 1..11)) {
        let changes: Vec<f64> = changes.into_iter().map(f64::from).collect();
        let used: Vec<f64> = changes.iter().copied().filter(|change| *change != 0.0).collect();
        let Ok(test) = signed_rank(&changes, Zeros::Drop, signed_rank::SignedRankMethod::Exact, true) else {
            prop_assert!(used.is_empty());
            return Ok(());
        };
        let rank = |value: f64| {
            let smaller = used.iter().filter(|other| other.abs() < value.abs()).count() as f64;
            let equal = used.iter().filter(|other| other.abs() == value.abs()).count() as f64;
            smaller + (equal + 1.0) / 2.0
        };
        let sum = |positive: &dyn Fn(usize) -> bool| -> f64 {
            used.iter().enumerate().filter(|(i, _)| positive(*i)).map(|(_, value)| rank(*value)).sum()
        };
        let observed = sum(&|i| used[i] > 0.0);
        let patterns = 1_u32 << used.len();
        let share = |accept: &dyn Fn(f64) -> bool| {
            (0..patterns).filter(|mask| accept(sum(&|i| mask >> i & 1 == 1))).count() as f64 / f64::from(patterns)
        };
        let expected = (2.0 * share(&|w| w <= observed).min(share(&|w| w >= observed))).min(1.0);
        prop_assert!((test.p - expected).abs() < 1e-12);
    }

    #[test]
    fn whatever_the_samples_there_are_numbers_or_a_reason(
        active in prop::collection::vec(prop_oneof![Just(0.0), -3.0..3.0_f64, Just(1.0), 0.0..1e6], 0..7),
        placebo in prop::collection::vec(prop_oneof![Just(0.0), -3.0..3.0_f64, Just(1.0), 0.0..1e6], 0..7),
    ) {
        let undetermined = ["t", "p", "ci_low", "ci_high", "sd", "se", "glass_delta_placebo"];
        let resampling = Resampling { resamples: 200, runs: 1, seed: 1 };
        if let Ok(found) = describe(&active, 0.95) { assert_no_nulls(&found, &undetermined) }
        if let Ok(found) = one_sample_t(&active, 0.95) { assert_no_nulls(&found, &undetermined) }
        if let Ok(found) = welch_t(&active, &placebo, 0.95) { assert_no_nulls(&found, &undetermined) }
        if let Ok(found) = student_t(&active, &placebo, 0.95) { assert_no_nulls(&found, &undetermined) }
        if let Ok(found) = effect_size(&active, &placebo, 0.95) { assert_no_nulls(&found, &undetermined[6..]) }
        if let Ok(found) = hl_one_sample(&active, 0.95) { assert_no_nulls(&found, &[]) }
        if let Ok(found) = hl_two_sample(&active, &placebo, 0.95) { assert_no_nulls(&found, &[]) }
        if let Ok(found) = bootstrap_bca_median_diff(&active, &placebo, resampling, 0.95) { assert_no_nulls(&found, &[]) }
        if let Ok(found) = permutation(&active, &placebo, 100, 1) { assert_no_nulls(&found, &[]) }
        for continuity in [false, true] {
            let method = mann_whitney::MannWhitneyMethod::Normal { continuity };
            if let Ok(found) = mann_whitney(&active, &placebo, method) { assert_no_nulls(&found, &[]) }
        }
    }

    #[test]
    fn a_shift_of_both_arms_shifts_nothing(shift in -1e3..1e3_f64, seed in 0_u64..1000) {
        let mut random = Random::new(seed);
        let mut draw = |n: usize| (0..n).map(|_| random.normal()).collect::<Vec<f64>>();
        let (active, placebo) = (draw(9), draw(7));
        let moved = |arm: &[f64]| arm.iter().map(|value| value + shift).collect::<Vec<f64>>();
        let one = welch_t(&active, &placebo, 0.95).unwrap();
        let other = welch_t(&moved(&active), &moved(&placebo), 0.95).unwrap();
        prop_assert!(near(one.diff, other.diff) && near(one.inference.df, other.inference.df));
        let one = hl_two_sample(&active, &placebo, 0.95).unwrap();
        let other = hl_two_sample(&moved(&active), &moved(&placebo), 0.95).unwrap();
        prop_assert!((one.hl - other.hl).abs() < 1e-9 && (one.ci_low - other.ci_low).abs() < 1e-9);
    }

    #[test]
    fn adjusted_p_values_keep_their_order(p in prop::collection::vec(0.0..1.0_f64, 1..12)) {
        let p: Vec<Option<f64>> = p.into_iter().map(Some).collect();
        let by = |adjustment| adjust(&p, adjustment);
        let (holm, hochberg, bonferroni, bh) =
            (by(Adjustment::Holm), by(Adjustment::Hochberg), by(Adjustment::Bonferroni), by(Adjustment::Bh));
        for i in 0..p.len() {
            prop_assert!(p[i] <= bh[i] && bh[i] <= hochberg[i] && hochberg[i] <= holm[i] && holm[i] <= bonferroni[i]);
            prop_assert!(bonferroni[i] <= Some(1.0));
        }
    }

    #[test]
    fn intervals_of_proportions_hold_their_estimate(n1 in 1_u32..40, n2 in 1_u32..40, a in 0.0..1.0_f64, b in 0.0..1.0_f64) {
        let counts = Counts {
            x_active: (a * f64::from(n1 + 1)) as u32,
            n_active: n1,
            x_placebo: (b * f64::from(n2 + 1)) as u32,
            n_placebo: n2,
        };
        let found = two_proportions(counts, 0.95).unwrap();
        let difference = found.risk_difference;
        prop_assert!(found.rd_newcombe_low <= difference + 1e-12 && difference <= found.rd_newcombe_high + 1e-12);
        prop_assert!(found.rd_newcombe_cc_low <= found.rd_newcombe_low + 1e-12);
        prop_assert!(found.rd_newcombe_low >= -1.0 - 1e-12 && found.rd_newcombe_high <= 1.0 + 1e-12);
        if let (Some(low), Some(high)) = (found.rd_mn_low, found.rd_mn_high) {
            prop_assert!(low <= difference + 1e-9 && difference <= high + 1e-9, "{low} {difference} {high}");
        }
        let (low, high) = (found.clopper_pearson_active[0], found.clopper_pearson_active[1]);
        prop_assert!((0.0..=found.p_active).contains(&low) && (found.p_active..=1.0).contains(&high));
        prop_assert!(found.fisher.fisher_two_sided > 0.0 && found.fisher.fisher_two_sided <= 1.0);
        let odds = found.fisher.odds_ratio_conditional_mle.0.unwrap();
        prop_assert!(found.fisher.or_cond_ci_low.0.unwrap() <= odds && odds <= found.fisher.or_cond_ci_high.0.unwrap());
    }
}
