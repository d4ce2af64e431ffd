//! What the wells of a sample share beside the curve, and what an interval holds with it and without.

use serde::Serialize;

/// What the wells of a sample share beside the curve, such as how they were pipetted and where on the plate they lie: a relative error of
/// their common concentration.
///
/// ```
/// # use platewise::curve::*;
/// # let plate: Vec<Point> = [(0.0, 0.06), (0.0, 0.05), (31.25, 0.18), (31.25, 0.17), (62.5, 0.32), (62.5, 0.30), (125.0, 0.59),
/// #     (125.0, 0.57), (250.0, 1.03), (250.0, 1.06), (500.0, 1.65), (500.0, 1.60), (1000.0, 2.15), (1000.0, 2.20), (4000.0, 2.68),
/// #     (4000.0, 2.71)].map(|(concentration, response)| Point { concentration, response }).to_vec();
/// # let curve = fit(&plate, &Method::default())?;
/// let (without, with) = (curve.invert(1.0, 2), curve.invert_sharing(1.0, 2, Some(&SharedError { sd_ln: 0.05, df: 20.0 })));
/// assert!(with.lower < without.lower && without.upper < with.upper && with.concentration == without.concentration);
/// # Ok::<(), FitError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SharedError {
    /// Standard deviation of the logarithm of the concentration: nearly the CV.
    pub sd_ln: f64,
    /// Degrees of freedom that it was estimated with.
    pub df: f64,
}

impl SharedError {
    /// It as a CV, in percent.
    pub fn cv_percent(&self) -> f64 {
        100.0 * self.sd_ln
    }
}

/// What the interval of a concentration holds, for beside it. The wells of a sample share what happened before they parted.
pub fn interval_holds(shared: Option<&SharedError>) -> String {
    match shared {
        None => "The interval holds well-to-well noise and the uncertainty of the curve; what the wells of a sample share (pipetting, \
                 dilution, place on the plate) is not in it."
            .to_string(),
        Some(shared) if shared.sd_ln == 0.0 => "The interval holds well-to-well noise and the uncertainty of the curve; by controls in several \
                                                places of their plates the wells of a set share nothing beside. The dilution of a sample is \
                                                not in it."
            .to_string(),
        Some(shared) => format!(
            "The interval holds well-to-well noise, the uncertainty of the curve and what the wells of a set share, a CV of {:.1} % by \
             controls in several places of their plates; the dilution of a sample is not in it.",
            shared.cv_percent()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_says_whether_it_holds_what_wells_share() {
        let holds = |sd_ln| interval_holds(Some(&SharedError { sd_ln, df: 20.0 }));
        assert!(holds(0.0525).contains("a CV of 5.2 %"), "{}", holds(0.0525));
        assert!(holds(0.0).contains("share nothing beside"));
        assert!(interval_holds(None).contains("is not in it"));
        assert_eq!(SharedError { sd_ln: 0.5, df: 20.0 }.cv_percent(), 50.0);
    }
}
