//! The ratio of the arms within groups of participants, and whether it differs between them.
//!
//! One model for all groups of a factor ([`crate::stats::subgroups`]), so that they can be told apart by its interaction test.
//!
//! ```
//! use platewise::concentration::{Quantity, quantity::Estimate};
//! use platewise::study::subgroups::{Subgroup, Subgroups};
//! use platewise::study::{Allocation, SubjectVisit, compare};
//!
//! let protocol = platewise::protocol::parse(
//!     r#"
//!     study = { id = "S", title = "t", analyte = "TARC", unit = "pg/mL" }
//!     method = { name = "ELISA", version = "1" }
//!     supplementary = { subgroups = ["age"], age_from = [18] }
//!     plate = [{ id = "P1", export = "P1.txt", layout = "P1.csv" }]
//!     visit = [{ name = "Baseline", week = 0, baseline = true }, { name = "Week 16", week = 16, endpoint = true }]
//!     "#,
//! )?;
//! let number = |value| Quantity::Quantified(Estimate { value, standard_error: None, lower: None, upper: None });
//! let (mut visits, mut arms) = (Vec::new(), Vec::new());
//! for i in 0..32 {
//!     let subject = format!("S{i:02}");
//!     let (treated, adult) = (i % 2 == 0, i % 4 > 1);
//!     let base = 800.0 + 20.0 * f64::from(i * 7 % 32);
//!     let ratio = if treated { if adult { 0.4 } else { 0.8 } } else { 1.0 } * (1.0 + 0.03 * f64::from(i * 5 % 7 - 3));
//!     visits.push(SubjectVisit::new(&subject, "Baseline", 0.0, number(base)));
//!     visits.push(SubjectVisit::new(&subject, "Week 16", 16.0, number(ratio * base)));
//!     let arm = if treated { "active" } else { "placebo" };
//!     let age = if adult { 30.0 } else { 9.0 };
//!     arms.push(Allocation { subject, arm: arm.into(), stratum: None, age: (i != 0).then_some(age), covariates: Vec::new() });
//! }
//! let found: &Subgroups = &compare(&visits, &arms, &protocol)?.subgroups[0];
//! let groups: Vec<&str> = found.groups.iter().map(|group: &Subgroup| group.name.as_str()).collect();
//! assert_eq!((groups, found.without), (vec!["below 18 years", "from 18 years"], 1)); // one has no age
//! assert!(found.p.is_some_and(|p| p < 1e-6));
//! let ratios: Vec<f64> = found.groups.iter().map(|group| group.ratio.unwrap().estimate).collect();
//! assert!((ratios[0] - 0.8).abs() < 0.05 && (ratios[1] - 0.4).abs() < 0.05);
//! # Ok::<(), platewise::sheet::Problems>(())
//! ```

use serde::Serialize;

use super::arm_pair::{ArmPair, ratio};
use super::covariates::{adjusted_for, terms_of_two};
use super::interval_estimate::IntervalEstimate;
use super::numbers::{AncovaData, ModelScale};
use crate::concentration::quantity::significant;
use crate::protocol::{SubgroupFactor, SupplementarySettings};
use crate::stats::ancova::AncovaRows;
use crate::stats::quartile::{median, sorted};
use crate::stats::subgroups::{SubgroupEffects, subgroups};
use crate::stats::{Arm, Undefined};

/// The groups of one factor, in two arms.
#[derive(Debug, Clone, Serialize)]
pub struct Subgroups {
    /// What the groups are by.
    pub factor: SubgroupFactor,
    /// The visit.
    pub visit: String,
    /// The arm in the numerator.
    pub active: String,
    /// The reference arm.
    pub reference: String,
    /// The groups.
    pub groups: Vec<Subgroup>,
    /// Participants with both values who are in no group, because the factor is not known of them.
    pub without: usize,
    /// The F statistic of the interaction of arm and group.
    pub f: Option<f64>,
    /// Its degrees of freedom.
    pub df: Option<[f64; 2]>,
    /// Its p-value.
    pub p: Option<f64>,
    /// The model in words.
    pub model: String,
    /// Why there is no interaction test; empty where there is one.
    pub reason: String,
}

/// One group.
#[derive(Debug, Clone, Serialize)]
pub struct Subgroup {
    /// Its name.
    pub name: String,
    /// Participants of the two arms.
    pub n: [usize; 2],
    /// Ratio of the geometric mean ratios to baseline, with its interval.
    pub ratio: Option<IntervalEstimate>,
    /// Standard error of ln ratio.
    pub standard_error: Option<f64>,
    /// Two-sided p-value.
    pub p: Option<f64>,
    /// Why there is no ratio; empty where there is one.
    pub reason: String,
}

/// A factor as a reader knows it.
pub fn in_words(factor: SubgroupFactor) -> &'static str {
    match factor {
        SubgroupFactor::Stratum => "stratum",
        SubgroupFactor::Age => "age",
        SubgroupFactor::Baseline => "baseline",
    }
}

/// Participants of one factor: the names of its groups, and the group of each participant where it is known.
struct ParticipantGroups {
    names: Vec<String>,
    of: Vec<Option<usize>>,
}

impl ArmPair<'_> {
    /// The groups of every declared factor.
    pub(super) fn subgroups(&self, asked: &SupplementarySettings, unit: &str) -> Vec<Subgroups> {
        asked.subgroups.iter().map(|factor| self.by(*factor, asked, unit)).collect()
    }

    fn by(&self, factor: SubgroupFactor, asked: &SupplementarySettings, unit: &str) -> Subgroups {
        let paired = self.numbers.adjustable(self.endpoint);
        let grouped = match factor {
            SubgroupFactor::Stratum => self.strata(&paired),
            SubgroupFactor::Age => by_age(&paired, &asked.age_from),
            SubgroupFactor::Baseline => by_baseline(&paired, unit),
        };
        // Strata that are the groups are not adjusted for once more.
        let stratified = factor != SubgroupFactor::Stratum && !paired.stratum.is_empty();
        let beside = adjusted_for("log baseline", stratified, &self.numbers.covariates);
        let factor_words = in_words(factor);
        let count = |group: usize| {
            let of =
                |arm: Arm| paired.arm.iter().zip(&grouped.of).filter(|(a, g)| **a == arm && **g == Some(group)).count();
            [of(Arm::Active), of(Arm::Placebo)]
        };
        let counts: Vec<[usize; 2]> = (0..grouped.names.len()).map(count).collect();
        let both = |group: usize| counts[group].iter().all(|n| *n > 0);
        let fitted = match self.unmeasured(self.endpoint) {
            Some(why) => Err(Undefined::Because(why)),
            None if grouped.of.iter().all(Option::is_none) => {
                Err(Undefined::Because(format!("the list of arms says the {factor_words} of nobody")))
            }
            None => self.fit(&paired, &grouped, both, stratified),
        };
        let groups = grouped.names.iter().enumerate().map(|(at, name)| {
            let effect = fitted.as_ref().ok().and_then(|fitted| fitted.groups.iter().find(|one| one.group == at));
            let blank = Subgroup {
                name: name.clone(),
                n: counts[at],
                ratio: None,
                standard_error: None,
                p: None,
                reason: match counts[at] {
                    [0, 0] => "nobody is in it".into(),
                    [0, _] => format!("nobody of {} is in it", self.active),
                    [_, 0] => format!("nobody of {} is in it", self.reference),
                    _ => fitted.as_ref().err().map(ToString::to_string).unwrap_or_default(),
                },
            };
            match effect {
                Some(effect) => Subgroup {
                    ratio: ratio(effect.diff, effect.inference.ci_low, effect.inference.ci_high),
                    standard_error: Some(effect.se),
                    p: effect.inference.p,
                    ..blank
                },
                None => blank,
            }
        });
        let interaction = fitted.as_ref().ok().map(|fitted| fitted.interaction);
        Subgroups {
            factor,
            visit: self.trial.visits[self.endpoint].name.clone(),
            active: self.active.to_string(),
            reference: self.reference.to_string(),
            groups: groups.collect(),
            without: grouped.of.iter().filter(|group| group.is_none()).count(),
            f: interaction.map(|test| test.f),
            df: interaction.map(|test| [test.df1, test.df2]),
            p: interaction.map(|test| test.p),
            model: format!(
                "analysis of covariance of the log change by arm, {factor_words} and their interaction with {beside}{}",
                self.alone()
            ),
            reason: fitted.err().map(|why| why.to_string()).unwrap_or_default(),
        }
    }

    /// The model of the groups that hold `both` arms.
    fn fit(
        &self,
        paired: &AncovaData,
        grouped: &ParticipantGroups,
        both: impl Fn(usize) -> bool,
        stratified: bool,
    ) -> Result<SubgroupEffects, Undefined> {
        let used: Vec<usize> = (0..paired.arm.len()).filter(|&row| grouped.of[row].is_some_and(&both)).collect();
        let of = |values: &[f64]| used.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let (base, change) = ModelScale::Ln.baselines_and_changes(&of(&paired.base), &of(&paired.value))?;
        let arm: Vec<Arm> = used.iter().map(|&row| paired.arm[row]).collect();
        let stratum: Vec<usize> =
            if stratified { used.iter().map(|&row| paired.stratum[row]).collect() } else { Vec::new() };
        let group: Vec<usize> = used.iter().filter_map(|&row| grouped.of[row]).collect();
        let stratum = stratified.then_some(stratum.as_slice());
        let of_each: Vec<&[f64]> = used.iter().filter_map(|&row| paired.covariates[row].as_deref()).collect();
        let terms = terms_of_two(&self.numbers.covariates, &of_each, &arm)?;
        let rows = AncovaRows { arm: &arm, response: &change, baseline: &base, stratum, terms: &terms };
        subgroups(rows, &group, self.confidence)
    }

    fn strata(&self, paired: &AncovaData) -> ParticipantGroups {
        let names = self.trial.strata().iter().map(ToString::to_string).collect();
        ParticipantGroups { names, of: paired.own_stratum.clone() }
    }
}

fn by_age(paired: &AncovaData, from: &[f64]) -> ParticipantGroups {
    let mut names: Vec<String> = from.first().map(|first| format!("below {first} years")).into_iter().collect();
    names.extend(from.windows(2).map(|pair| format!("from {} to below {} years", pair[0], pair[1])));
    names.extend(from.last().map(|last| format!("from {last} years")));
    let group = |age: f64| from.iter().filter(|first| age >= **first).count();
    ParticipantGroups { names, of: paired.age.iter().map(|age| age.map(group)).collect() }
}

fn by_baseline(paired: &AncovaData, unit: &str) -> ParticipantGroups {
    let middle = median(&sorted(&paired.base)).unwrap_or_default();
    let words = format!("{} {unit}", significant(middle, 4));
    let names = vec![format!("baseline below the median ({words})"), format!("baseline from the median ({words})")];
    ParticipantGroups { names, of: paired.base.iter().map(|base| Some(usize::from(*base >= middle))).collect() }
}
