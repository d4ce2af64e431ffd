//! What analyses take: a row or a column of numbers for each participant.

use crate::stats::covariates::Term;
use crate::stats::mmrm::Subject;
use crate::stats::proportions::Counts;
use crate::stats::{Arm, Censored, Undefined};
use crate::study::covariates::{CovariateColumn, terms_of_two};

/// Whether one participant responds.
///
/// ```
/// use platewise::stats::Arm;
/// use platewise::study::numbers::ResponderStatus;
///
/// let answer = |arm, responds| ResponderStatus { arm, stratum: None, base: Some(800.0), covariates: Some(vec![]), responds };
/// let answers = [answer(Arm::Active, Some(true)), answer(Arm::Active, None), answer(Arm::Placebo, Some(false))];
/// let counts = |all_randomised| ResponderStatus::counts(&answers, all_randomised);
/// assert_eq!((counts(false).x_active, counts(false).n_active, counts(true).n_active), (1, 1, 2));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ResponderStatus {
    /// The arm.
    pub arm: Arm,
    /// The stratum.
    pub stratum: Option<usize>,
    /// The baseline's number.
    pub base: Option<f64>,
    /// The covariates of the trial; `None` where one of them is not known.
    pub covariates: Option<Vec<f64>>,
    /// Whether the participant responds; `None` where it is not known. Who failed does not.
    pub responds: Option<bool>,
}

impl ResponderStatus {
    /// Responders of both arms among those of whom it is known, or among all, who then do not respond where it is not.
    pub fn counts(answers: &[Self], all_randomised: bool) -> Counts {
        let count = |arm: Arm| {
            let of_arm = || answers.iter().filter(move |answer| answer.arm == arm);
            let counted = of_arm().filter(|answer| all_randomised || answer.responds.is_some()).count();
            (of_arm().filter(|answer| answer.responds == Some(true)).count() as u32, counted as u32)
        };
        let ((x_active, n_active), (x_placebo, n_placebo)) = (count(Arm::Active), count(Arm::Placebo));
        Counts { x_active, n_active, x_placebo, n_placebo }
    }
}

/// One subject at a visit, values outside the limits as such.
///
/// See [`Numbers`](super::Numbers) for an example.
#[derive(Debug, Clone)]
pub struct CensoredRow {
    /// The arm.
    pub arm: Arm,
    /// The stratum.
    pub stratum: Option<usize>,
    /// The covariates of the trial; `None` where one of them is not known.
    pub covariates: Option<Vec<f64>>,
    /// ln of the visit's value or limit.
    pub ln_value: Censored,
    /// ln of the baseline's number; `None` where there is none.
    pub ln_base: Option<f64>,
}

/// Subjects with numbers at baseline and at one visit, as an analysis of covariance takes them; all of one length.
///
/// See [`Numbers`](super::Numbers) for an example.
#[derive(Debug, Clone, Default)]
pub struct AncovaData {
    /// The arm.
    pub arm: Vec<Arm>,
    /// The stratum, numbered from 0; as long as `arm` when every subject has one, empty otherwise.
    pub stratum: Vec<usize>,
    /// The baseline.
    pub base: Vec<f64>,
    /// The visit's value.
    pub value: Vec<f64>,
    /// The age, where the list of arms has it.
    pub age: Vec<Option<f64>>,
    /// The stratum of each who has one, whatever the others have.
    pub own_stratum: Vec<Option<usize>>,
    /// The covariates of the trial, of each; `None` where one of them is not known.
    pub covariates: Vec<Option<Vec<f64>>>,
}

impl AncovaData {
    /// The covariates as terms of a model of the two arms; nobody may lack one.
    ///
    /// # Errors
    /// As [`crate::stats::covariates::terms`].
    pub(in crate::study) fn terms(&self, declared: &[CovariateColumn]) -> Result<Vec<Term>, Undefined> {
        let rows: Vec<&[f64]> = self.covariates.iter().flatten().map(Vec::as_slice).collect();
        terms_of_two(declared, &rows, &self.arm)
    }
}

/// One subject over all visits after baseline, for the mixed model.
///
/// See [`Numbers`](super::Numbers) for an example.
#[derive(Debug, Clone)]
pub struct Longitudinal {
    /// The arm.
    pub arm: Arm,
    /// The stratum.
    pub stratum: Option<usize>,
    /// The baseline.
    pub baseline: f64,
    /// The covariates of the trial.
    pub covariates: Vec<f64>,
    /// The change at each of the visits; `None` where there is none.
    pub changes: Vec<Option<f64>>,
}

impl Longitudinal {
    /// As the mixed model takes it, with these terms made of the covariates.
    pub fn subject<'a>(&'a self, terms: &'a [f64]) -> Subject<'a> {
        let arm = self.arm.number();
        Subject { arm, baseline: self.baseline, stratum: self.stratum, responses: &self.changes, terms }
    }
}
