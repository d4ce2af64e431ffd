//! Multiple imputation of visits that were missed: at random, by the reference arm, and shifted until the conclusion tips.
//!
//! The changes of a subject at all visits after baseline are multivariate normal about the model of the analysis of covariance,
//! each visit with its own coefficients:
//!
//! ```text
//! yᵢ ~ N(Bᵗxᵢ, Σ),    xᵢ = (1, [active], baseline − mean baseline, strata, covariates),    prior p(B, Σ) ∝ |Σ|^(−(T+1)/2) of T visits (Jeffreys)
//! ```
//!
//! M draws of (B, Σ) come from its posterior ([`posterior`]); each fills the gaps once ([`completion`]), by one of four assumptions about
//! subjects of the active arm after their last value (Carpenter, Roger & Kenward, J Biopharm Stat 2013;23:1352, doi
//! 10.1080/10543406.2013.834911; μ the own arm's mean, ρ the reference arm's, t the last visit with a value):
//!
//! ```text
//! missing at random      mean μ at all visits
//! jump to reference      μ to t, then ρ
//! copy reference         ρ at all visits, so that a subject's deviation from it counts
//! copy increments        μ to t, then μₜ + (ρⱼ − ρₜ); without any value after baseline ρ
//! ```
//!
//! given the values before. Gaps before the last value are missing at random under all four, and so is everything in the reference
//! arm. Each completed set is analysed by the analysis of covariance at the end point, and pooled ([`pool`]). All four share
//! the draws, so that what differs between them is the assumption.
//!
//! Beside R's rbmi (its default, `method_bayes`): the same model with one covariance for both arms and the same composed means, but for
//! gaps under *copy reference*, which rbmi fills by the reference arm too; Jeffreys' prior as in SAS's PROC MI; exact draws by data
//! augmentation and not by Stan. Rubin's variance under the three reference-based assumptions is larger than the variance over repeated
//! trials: it keeps the share of information that is missing the same as under missing at random (Cro, Carpenter & Kenward, JRSS A
//! 2019;182:623).

mod completed;
pub mod completion;
pub mod pool;
pub mod posterior;
pub mod shift;
mod strategy;

use ndarray::{Array1, Array2};

use super::Arm;
use super::ancova::{self, ARM, AncovaRows};
use super::covariates::Term;
use super::linear_model::LinearModel;
use super::mmrm::Subject;
use super::random::Random;
use super::undefined::Undefined;
use completed::{CompletedSetFit, SharedAnalysisTerms};
use completion::Gaps;
use pool::Pooled;
use posterior::Posterior;
use shift::Shift;

pub use strategy::Strategy;

/// How many imputations from which seed, and the level of intervals.
///
/// See [`impute`] for an example.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// M.
    pub imputations: usize,
    /// The seed of all draws.
    pub seed: u64,
    /// The level of intervals.
    pub confidence: f64,
}

/// What multiple imputation gives.
///
/// See [`impute`] for an example.
#[derive(Debug, Clone)]
pub struct ImputationResult {
    /// Subjects of the two arms with a baseline, active first: all are analysed.
    pub n: [usize; 2],
    /// Of these, without a value at the end point.
    pub missing: [usize; 2],
    /// Difference between the arms under each assumption, active − placebo, in the order of [`Strategy::ALL`].
    pub pooled: Vec<(Strategy, Pooled)>,
    /// The same when what was imputed at random in the active arm is shifted.
    pub shift: Shift,
}

/// Fills what is missing of `subjects`, who all have a baseline, and compares the arms at the visit `endpoint`.
///
/// ```
/// use platewise::stats::imputation::{ImputationResult, Plan, Strategy, impute};
/// use platewise::stats::mmrm::Subject;
///
/// // Twelve to an arm; the active arm falls by 0.5, and three of it did not come.
/// let noise = |i: usize| ((i * 7 + 3) % 12) as f64 / 12.0 - 0.46;
/// let change = |i: usize| [(i % 12 > 2 || i > 11).then(|| noise(i) - if i < 12 { 0.5 } else { 0.0 })];
/// let changes: Vec<[Option<f64>; 1]> = (0..24).map(change).collect();
/// let subject = |i: usize| Subject {
///     arm: usize::from(i < 12),
///     baseline: ((i * 5) % 12) as f64 / 6.0,
///     stratum: None,
///     responses: &changes[i],
///     terms: &[],
/// };
/// let subjects: Vec<Subject<'_>> = (0..24).map(subject).collect();
/// let found: ImputationResult = impute(&subjects, 0, Plan { imputations: 200, seed: 1, confidence: 0.95 })?;
/// assert_eq!((found.n, found.missing), ([12, 12], [3, 0]));
/// // Those who are missing are taken for untreated: the difference shrinks by about their share, a quarter.
/// let [random, jump] = [0, 1].map(|at| found.pooled[at].1.estimate);
/// assert_eq!(found.pooled[1].0, Strategy::JumpToReference);
/// assert!((jump / random - 0.75).abs() < 0.05, "{random} {jump}");
/// // If their changes were higher by 0.5 than those of the others, it would shrink as much.
/// assert!((found.shift.at(0.5)?.estimate - (random + 0.5 * 0.25)).abs() < 0.02);
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
///
/// # Errors
/// When there are more than two arms, nothing is missing at the end point, an arm has nobody, or subjects with values at all visits are too few to know the model.
pub fn impute(subjects: &[Subject<'_>], endpoint: usize, plan: Plan) -> Result<ImputationResult, Undefined> {
    Undefined::unless_enough("imputations", plan.imputations, 2)?;
    if subjects.iter().any(|one| one.arm > Arm::Active.number()) {
        return Err(Undefined::Because("imputation is of two arms".into()));
    }
    let design = ImputationDesign::of(subjects);
    let is_missing = |subject: &Subject<'_>| subject.responses.get(endpoint).copied().flatten().is_none();
    let count = |is: &dyn Fn(&Subject<'_>) -> bool| {
        [Arm::Active, Arm::Placebo].map(|arm| subjects.iter().filter(|one| one.arm == arm.number() && is(one)).count())
    };
    let (n, missing) = (count(&|_| true), count(&is_missing));
    if missing == [0, 0] {
        return Err(Undefined::Because("nobody is missing at the end point: there is nothing to impute".into()));
    }
    let mut random = Random::new(plan.seed);
    let mut posterior = Posterior::new(subjects, &design.x, &mut random)?;
    let gaps: Vec<Gaps<'_>> = subjects.iter().enumerate().map(|(i, one)| Gaps::of(one, design.means_of(i))).collect();
    let shifted = Array1::from_iter(
        subjects.iter().map(|one| f64::from(u8::from(one.arm == Arm::Active.number() && is_missing(one)))),
    );
    let shifted = LinearModel::fit(design.x.view(), shifted.view(), &design.names)?;
    let mut fits: Vec<Vec<CompletedSetFit>> = vec![Vec::with_capacity(plan.imputations); Strategy::ALL.len()];
    for _ in 0..plan.imputations {
        let parameters = posterior.draw(&mut random)?;
        // The same deviates under every assumption.
        let deviates: Vec<Vec<f64>> = gaps.iter().map(|one| one.deviates(&mut random)).collect();
        for (strategy, fits) in Strategy::ALL.into_iter().zip(&mut fits) {
            let response = |(one, deviates): (&Gaps<'_>, &Vec<f64>)| {
                one.complete(&parameters, strategy, deviates).map(|values| values[endpoint])
            };
            let y = gaps.iter().zip(&deviates).map(response).collect::<Option<Array1<f64>>>();
            let y = y.ok_or(Undefined::ZeroVariance)?;
            let fit = LinearModel::fit(design.x.view(), y.view(), &design.names)?;
            fits.push(CompletedSetFit {
                estimate: fit.coefficients[ARM],
                rss: fit.rss,
                cross: fit.residuals.dot(&shifted.residuals),
            });
        }
    }
    let analysis =
        SharedAnalysisTerms { unscaled: shifted.unscaled[[ARM, ARM]], df: shifted.df, confidence: plan.confidence };
    let pooled = Strategy::ALL.into_iter().zip(&fits).map(|(strategy, fits)| Ok((strategy, analysis.pool(fits)?)));
    let pooled: Vec<(Strategy, Pooled)> = pooled.collect::<Result<_, Undefined>>()?;
    let shift = Shift::new(&fits[0], &analysis, shifted.coefficients[ARM], shifted.rss);
    Ok(ImputationResult { n, missing, pooled, shift })
}

/// The rows of the model: of every subject its own, and as it would be in the reference arm.
struct ImputationDesign {
    x: Array2<f64>,
    names: Vec<String>,
}

impl ImputationDesign {
    fn of(subjects: &[Subject<'_>]) -> Self {
        let arm: Vec<Arm> = subjects.iter().map(|one| if one.arm == 0 { Arm::Placebo } else { Arm::Active }).collect();
        let baseline: Vec<f64> = subjects.iter().map(|one| one.baseline).collect();
        let stratum: Option<Vec<usize>> = subjects.iter().map(|one| one.stratum).collect();
        let zeros = vec![0.0; subjects.len()];
        let further = subjects.first().map_or(0, |one| one.terms.len());
        let term = |at: usize| Term {
            name: format!("covariate {}", at + 1),
            values: subjects.iter().map(|one| one.terms.get(at).copied().unwrap_or(f64::NAN)).collect(),
        };
        let terms: Vec<Term> = (0..further).map(term).collect();
        let rows =
            AncovaRows { arm: &arm, response: &zeros, baseline: &baseline, stratum: stratum.as_deref(), terms: &terms };
        let mean = baseline.iter().sum::<f64>() / subjects.len().max(1) as f64;
        let (x, names, _) = ancova::design(rows, mean);
        Self { x, names }
    }

    /// The subject's row, and the same in the reference arm.
    fn means_of(&self, subject: usize) -> [Array1<f64>; 2] {
        let own = self.x.row(subject).to_owned();
        let mut reference = own.clone();
        reference[ARM] = 0.0;
        [own, reference]
    }
}
