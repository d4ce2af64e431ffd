//! Covariates beside the baseline and the strata, as columns of a model.
//!
//! ```text
//! number      x − mean x                       one column
//! classes     [own class is k] − 1/K           for every class k but the first of the K that occur
//! ```
//!
//! so that the adjusted means of a model, at zero in each of these columns, stand at the mean of a number and give every class the same
//! weight (SAS LSMEANS, emmeans). How a column is centred changes no difference between the arms.

use super::undefined::Undefined;

/// What a covariate is of each subject of an analysis.
///
/// ```
/// use platewise::stats::covariates::{Covariate, Term, terms};
///
/// let age = Covariate { name: "age".into(), levels: vec![], values: vec![20.0, 30.0, 70.0, 40.0] };
/// let sex = Covariate { name: "sex".into(), levels: vec!["f".into(), "m".into()], values: vec![0.0, 1.0, 1.0, 1.0] };
/// let found: Vec<Term> = terms(&[age, sex], &[0, 1, 0, 1], &[1.0; 4])?;
/// assert_eq!((found[0].name.as_str(), &found[0].values[..2]), ("age", &[-20.0, -10.0][..]));
/// assert_eq!((found[1].name.as_str(), &found[1].values[..2]), ("sex m", &[-0.5, 0.5][..]));
/// # Ok::<(), platewise::stats::Undefined>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Covariate {
    /// Its name.
    pub name: String,
    /// The names of its classes; empty for a number.
    pub levels: Vec<String>,
    /// Of each subject the number, or the place of the class in `levels`.
    pub values: Vec<f64>,
}

/// A further column of a model, so centred that adjusted means stand at zero.
///
/// See [`Covariate`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// Its name.
    pub name: String,
    /// Of each subject.
    pub values: Vec<f64>,
}

/// The columns of `covariates` for subjects of these arms; a subject counts `weights` times in the mean of a number.
///
/// # Errors
/// When a covariate is the same for everybody, or says which arm it is.
pub fn terms(covariates: &[Covariate], arm: &[usize], weights: &[f64]) -> Result<Vec<Term>, Undefined> {
    let mut found = Vec::new();
    for Covariate { name, levels, values } in covariates {
        let mut own = values.clone();
        own.sort_by(f64::total_cmp);
        own.dedup();
        if own.len() == 1 {
            return Err(Undefined::Because(format!(
                "the covariate '{name}' is the same for everybody in the analysis: nothing can be adjusted for it"
            )));
        }
        if tells_the_arm(&own, !levels.is_empty(), values, arm) {
            return Err(Undefined::Because(format!(
                "the covariate '{name}' says which arm it is: what it does cannot be told apart from what the arm does"
            )));
        }
        if levels.is_empty() {
            let weight: f64 = weights.iter().sum();
            let mean = values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / weight;
            found.push(Term { name: name.clone(), values: values.iter().map(|value| value - mean).collect() });
            continue;
        }
        let share = 1.0 / own.len() as f64;
        for class in own.iter().skip(1) {
            let column = values.iter().map(|value| f64::from(u8::from(value == class)) - share);
            let level = levels.get(*class as usize).cloned().unwrap_or_default();
            found.push(Term { name: format!("{name} {level}"), values: column.collect() });
        }
    }
    Ok(found)
}

/// Whether the arm follows from the covariate: no class holds two arms, or a number is the same throughout each arm.
fn tells_the_arm(own: &[f64], classes: bool, values: &[f64], arm: &[usize]) -> bool {
    let mut arms = arm.to_vec();
    arms.sort_unstable();
    arms.dedup();
    if arms.len() < 2 {
        return false;
    }
    if classes {
        own.iter().all(|class| {
            let mut of = values.iter().zip(arm).filter(|(value, _)| *value == class).map(|(_, arm)| arm);
            let first = of.next();
            of.all(|arm| Some(arm) == first)
        })
    } else {
        arms.iter().all(|one| {
            let mut of = values.iter().zip(arm).filter(|(_, arm)| *arm == one).map(|(value, _)| value);
            let first = of.next();
            of.all(|value| Some(value) == first)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(values: &[f64]) -> Covariate {
        let levels = ["a", "b", "c"].map(String::from).to_vec();
        Covariate { name: "site".into(), levels, values: values.to_vec() }
    }

    fn why(covariate: Covariate, arm: &[usize]) -> String {
        terms(&[covariate], arm, &vec![1.0; arm.len()]).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_adjusted_for_is_refused_by_name() {
        assert!(why(classes(&[1.0; 4]), &[0, 1, 0, 1]).starts_with("the covariate 'site' is the same for everybody"));
        assert!(why(classes(&[0.0, 1.0, 2.0, 1.0]), &[0, 1, 0, 1]).starts_with("the covariate 'site' says which arm"));
        let dose = Covariate { name: "dose".into(), levels: vec![], values: vec![1.0, 0.0, 1.0, 0.0] };
        assert!(why(dose, &[0, 1, 0, 1]).starts_with("the covariate 'dose' says which arm"));
        assert!(terms(&[classes(&[0.0, 1.0, 0.0, 2.0])], &[0, 1, 1, 1], &[1.0; 4]).is_ok(), "one class holds both");
    }

    /// A class that is in the list and not in the analysis has no column, and the mean of a number is over what it is told to be.
    #[test]
    fn columns_are_of_those_who_are_in_the_analysis() {
        let found = terms(&[classes(&[0.0, 2.0, 2.0, 0.0])], &[0, 0, 1, 1], &[1.0; 4]).unwrap();
        assert_eq!(found, [Term { name: "site c".into(), values: vec![-0.5, 0.5, 0.5, -0.5] }]);
        let age = Covariate { name: "age".into(), levels: vec![], values: vec![10.0, 20.0, 30.0] };
        assert_eq!(terms(&[age], &[0, 1, 0], &[2.0, 1.0, 1.0]).unwrap()[0].values, [-7.5, 2.5, 12.5]);
    }
}
