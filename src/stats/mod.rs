//! Statistics of a two-arm trial with a baseline: plain slices in, named structs out.
//!
//! Ground floor: knows nothing of the crate. One statistical idea, one file; each names its equations and their source. The
//! structs serialise under the names of their fields, which are those of the project's reference results, so that a number
//! can be looked up by analysis and field alone.
//!
//! The two arms are called *active* and *placebo*; `placebo` is the reference arm whatever the trial calls it, and every
//! difference is active − placebo.
//!
//! What cannot be computed is an [`Undefined`] with its reason, or an `Option` that is `None` beside a `status`; never a NaN.
//! P-values come from survival functions, never from 1 − cdf.

pub mod undefined;
pub mod distribution;
pub mod moments;
pub mod quartile;
pub mod descriptive;
pub mod inference;
pub mod one_sample_t;
pub mod two_sample_t;
pub mod linear_model;
pub mod covariates;
pub mod ancova;
pub mod ancova_arms;
pub mod blocks;
pub mod subgroups;
pub mod logistic;
pub mod leave_one_out;
pub mod isotonic;
pub mod ranks;
pub mod correlation;
pub mod signed_rank;
pub mod mann_whitney;
pub mod hodges_lehmann;
pub mod van_elteren;
pub mod root;
pub mod noncentral_t;
pub mod power;
pub mod effect_size;
pub mod tobit;
pub mod ros;
pub mod variance_components;
pub mod between_sets;
pub mod mmrm;
pub mod random;
pub mod imputation;
pub mod proportions;
pub mod bootstrap;
pub mod permutation;
pub mod multiplicity;

pub use ancova::{Ancova, StratumWeights, Vcov, ancova};
pub use between_sets::{BetweenSets, PooledBetweenSets, between_sets, pooled_between_sets};
pub use bootstrap::{Bootstrap, Resampling, bootstrap_bca_median_diff};
pub use descriptive::{DescriptiveStatistics, Geometric, describe};
pub use effect_size::{EffectSize, effect_size};
pub use hodges_lehmann::{HlOneSample, HlTwoSample, hl_one_sample, hl_two_sample};
pub use inference::{Ratio, TInference, TestStatus, printed_p, printed_ratio};
pub use mann_whitney::{MannWhitney, mann_whitney};
pub use moments::Moments;
pub use one_sample_t::{OneSampleT, one_sample_t};
pub use permutation::{Permutation, permutation};
pub use proportions::{TwoProportions, two_proportions};
pub use signed_rank::{SignedRank, signed_rank};
pub use tobit::{Censored, TobitDifference, TobitMean, tobit_difference, tobit_mean};
pub use two_sample_t::{TwoSampleT, student_t, welch_t};
pub use undefined::Undefined;
pub use variance_components::{VarianceComponents, VarianceEstimate, variance_components};

use serde::Serialize;

/// One of the two arms that are compared.
///
/// See [`Ancova`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The arm in the numerator.
    Active,
    /// The reference arm.
    Placebo,
}

impl Arm {
    /// Its number in a model of any number of arms, in which the reference arm is 0.
    ///
    /// ```
    /// use platewise::stats::Arm;
    ///
    /// assert_eq!([Arm::Placebo, Arm::Active].map(Arm::number), [0, 1]);
    /// ```
    pub fn number(self) -> usize {
        usize::from(self == Self::Active)
    }
}
