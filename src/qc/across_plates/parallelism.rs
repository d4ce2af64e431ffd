//! Parallelism: whether a sample that was diluted in steps gives one concentration, as the standard does.
//!
//! Asked of every sample that stands on a plate at three dilutions or more (ICH M10 7.2: CV ≤ 30 %, and look for trends inside it):
//!
//! * CV of the concentrations corrected for dilution, of those inside the range;
//! * trend: slope of ln concentration on ln dilution, with its t test. Parallel is 0; the corrected concentration changes by
//!   2^slope with each doubling of the dilution;
//! * shape: the sample's own curve over 1/dilution beside the standard curve, separate against shared shape (F test of
//!   [`crate::curve::shared`]). Where they share it, the ratio of their mid-points is the concentration, with its interval. It takes
//!   dilutions that show the sample's whole curve; where they do not, it says so.

use crate::concentration::{GroupResult, PlateConcentrations};
use crate::curve::Point;
use crate::curve::numerics::cv::cv_percent;
use crate::curve::shared::{ShapeTest, SharedParameters, fit_shared};
use crate::plate::WellRole;
use crate::protocol::Assay;
use crate::stats::distribution::{t_quantile, t_two_sided};

/// Dilutions inside the range that it takes.
const FEWEST: usize = 3;

/// What the dilutions of a sample say.
///
/// See [`AcrossPlates`](super::AcrossPlates) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Parallelism {
    /// The plate.
    pub plate: String,
    /// The sample.
    pub sample: String,
    /// Each dilution factor with its corrected concentration; `None` outside the range.
    pub dilutions: Vec<(f64, Option<f64>)>,
    /// CV and trend of those inside the range, or why there are none.
    pub agreement: Result<Agreement, String>,
    /// The shape test, or why it could not be made.
    pub shape: Result<SharedShape, String>,
}

/// CV and trend over the dilutions.
///
/// ```
/// use platewise::qc::across_plates::Agreement;
///
/// let agreement = Agreement { n: 4, cv_percent: 6.0, within: true, slope: 0.05, slope_lower: 0.01, slope_upper: 0.09, p: 0.03 };
/// // Within the limit of the CV, and yet a trend: the concentration rises by 3.5 % with each doubling of the dilution.
/// let doubling = 100.0 * (2f64.powf(agreement.slope) - 1.0);
/// assert!(agreement.within && agreement.p < 0.05 && (doubling - 3.53).abs() < 0.01);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Dilutions inside the range.
    pub n: usize,
    /// CV of the corrected concentrations, in percent.
    pub cv_percent: f64,
    /// Whether it is within the method's limit.
    pub within: bool,
    /// Slope of ln concentration on ln dilution.
    pub slope: f64,
    /// Lower limit of the slope.
    pub slope_lower: f64,
    /// Upper limit of the slope.
    pub slope_upper: f64,
    /// Two-sided p-value of no slope.
    pub p: f64,
}

/// The sample's curve beside the standard's.
///
/// ```
/// use platewise::qc::across_plates::SharedShape;
///
/// let shape = SharedShape { test: None, concentration: 6100.0, lower: Some(5700.0), upper: Some(6500.0) };
/// assert!(shape.test.is_none(), "the fits left no noise to compare with");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharedShape {
    /// The test of a shared shape; `None` where the fits leave no noise to compare with.
    pub test: Option<ShapeTest>,
    /// Concentration of the undiluted sample under the shared shape.
    pub concentration: f64,
    /// Its lower limit.
    pub lower: Option<f64>,
    /// Its upper limit.
    pub upper: Option<f64>,
}

/// Every sample of a plate with three dilutions or more.
pub fn parallelism(plate: &PlateConcentrations, assay: &Assay) -> Vec<Parallelism> {
    let mut samples: Vec<&str> = Vec::new();
    for group in &plate.samples {
        if !samples.contains(&group.name.as_str()) {
            samples.push(&group.name);
        }
    }
    let mut found = Vec::new();
    for sample in samples {
        let mut groups: Vec<&GroupResult> = plate.samples.iter().filter(|group| group.name == sample).collect();
        if groups.len() < FEWEST {
            continue;
        }
        groups.sort_by(|one, other| one.dilution.total_cmp(&other.dilution));
        let dilutions: Vec<(f64, Option<f64>)> =
            groups.iter().map(|group| (group.dilution, group.quantity.value())).collect();
        found.push(Parallelism {
            plate: plate.plate.id.clone(),
            sample: sample.to_string(),
            agreement: agreement(&dilutions, assay),
            shape: shape(plate, sample),
            dilutions,
        });
    }
    found
}

fn agreement(dilutions: &[(f64, Option<f64>)], assay: &Assay) -> Result<Agreement, String> {
    let inside: Vec<(f64, f64)> = dilutions
        .iter()
        .filter_map(|&(dilution, value)| Some((libm::log(dilution), value.filter(|value| *value > 0.0)?)))
        .collect();
    let n = inside.len();
    let values: Vec<f64> = inside.iter().map(|(_, value)| *value).collect();
    let Some(cv_percent) = cv_percent(&values).filter(|_| n >= FEWEST) else {
        return Err(format!("{n} dilutions inside the range; at least {FEWEST} needed"));
    };
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / n as f64;
    let ln: Vec<(f64, f64)> = inside.iter().map(|&(x, value)| (x, libm::log(value))).collect();
    let (mean_x, mean_y) = (mean(&mut ln.iter().map(|(x, _)| *x)), mean(&mut ln.iter().map(|(_, y)| *y)));
    let xx: f64 = ln.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let slope = ln.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / xx;
    let rss: f64 = ln.iter().map(|(x, y)| (y - mean_y - slope * (x - mean_x)).powi(2)).sum();
    let df = n as f64 - 2.0;
    let se = (rss / df / xx).sqrt();
    let words = |why: crate::stats::Undefined| why.to_string();
    let half = t_quantile(0.5 + assay.method.confidence / 2.0, df).map_err(words)? * se;
    let p = if se > 0.0 { t_two_sided(slope / se, df).map_err(words)? } else { f64::from(u8::from(slope == 0.0)) };
    let within = cv_percent <= assay.across_plates.parallelism_cv_percent;
    Ok(Agreement { n, cv_percent, within, slope, slope_lower: slope - half, slope_upper: slope + half, p })
}

/// Shared against separate shape of the standard curve and the sample's own, over 1 / dilution.
fn shape(plate: &PlateConcentrations, sample: &str) -> Result<SharedShape, String> {
    let curve = plate.curve.as_ref().map_err(ToString::to_string)?;
    let series: Vec<Point> = plate
        .plate
        .wells
        .iter()
        .filter_map(|well| match &well.role {
            WellRole::Sample { id, dilution } if id == sample => {
                Some(Point { concentration: 1.0 / dilution.unwrap_or(1.0), response: well.response.measured()? })
            }
            _ => None,
        })
        .collect();
    let shared = fit_shared(&[curve.points(), &series], curve.method(), SharedParameters::SHAPE)
        .map_err(|why| format!("the dilutions do not show the sample's whole curve ({why})"))?;
    // x = 1/dilution at the sample's mid-point holds the standard's mid-point concentration: K = c_standard / c_sample.
    let ratio = shared.ratios[1];
    Ok(SharedShape {
        test: shared.test,
        concentration: 1.0 / ratio.ratio,
        lower: ratio.upper.map(|upper| 1.0 / upper),
        upper: ratio.lower.map(|lower| 1.0 / lower),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::example;

    #[test]
    fn a_constant_corrected_concentration_has_no_trend_and_a_rising_one_has() {
        let assay = example::assay("");
        let flat = agreement(&[(1.0, Some(100.0)), (2.0, Some(102.0)), (4.0, Some(98.0)), (8.0, None)], &assay);
        let flat = flat.unwrap();
        assert_eq!((flat.n, flat.within), (3, true));
        assert!((flat.cv_percent - 2.0).abs() < 1e-12 && flat.p > 0.2, "{flat:?}");
        // Inside 30 % and rising with every step: the trend is what shows it.
        let rising = [(1.0, Some(100.0)), (2.0, Some(115.0)), (4.0, Some(133.0)), (8.0, Some(152.0))];
        let rising = agreement(&rising, &assay).unwrap();
        assert!(rising.within && rising.p < 0.001 && (rising.slope - 0.2).abs() < 0.01, "{rising:?}");
        assert!(agreement(&[(1.0, Some(100.0)), (2.0, None), (4.0, None)], &assay).is_err());
    }

    #[test]
    fn a_series_that_shows_its_curve_gives_the_concentration_by_its_mid_point() {
        let truth = 6000.0;
        let series: Vec<(f64, f64)> = (0..10).map(|i| (f64::from(1 << i), truth / f64::from(1 << i))).collect();
        let plate = example::plate("P1", &series, 1.0, 7);
        let found = &parallelism(&plate, &example::assay(""))[0];
        let shape = found.shape.as_ref().unwrap();
        assert!(shape.test.unwrap().p_value > 0.01);
        assert!((shape.concentration / truth - 1.0).abs() < 0.1, "{shape:?}");
        assert!(shape.lower.unwrap() < truth && truth < shape.upper.unwrap());
        assert!(found.agreement.as_ref().unwrap().within);
        // Three steps inside the range show no plateau.
        let short = example::plate("P1", &[(10.0, 600.0), (20.0, 300.0), (40.0, 150.0)], 1.0, 7);
        assert!(parallelism(&short, &example::assay(""))[0].shape.is_err());
    }

    /// ln dilution in steps of ln 2 and ln concentration of 0, 0.1, 0.1 and 0.2: the slope is 0.3 / 5 = 0.06 a step, the residuals are
    /// ∓0.01 and ±0.03, s² = 0.002 / 2, and the error of the slope √(0.001 / 5). With two degrees of freedom t is 4.30265 at 97.5 %, and
    /// p = 1 − t / √(t² + 2) at t = √18.
    #[test]
    fn a_trend_has_the_interval_of_a_regression() {
        let values: Vec<(f64, Option<f64>)> = [0.0f64, 0.1, 0.1, 0.2]
            .iter()
            .zip([1.0, 2.0, 4.0, 8.0])
            .map(|(ln, dilution)| (dilution, Some(ln.exp())))
            .collect();
        let found = agreement(&values, &example::assay("")).unwrap();
        let step = 2f64.ln();
        let half = 4.302_652_729_911_275 * (0.001f64 / 5.0).sqrt() / step;
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        near(found.slope, 0.06 / step);
        near(found.slope_lower, 0.06 / step - half);
        near(found.slope_upper, 0.06 / step + half);
        near(found.p, 1.0 - (18.0f64 / 20.0).sqrt());
        assert_eq!(found.n, 4);
    }

    /// A CV of just the limit is within it; three dilutions inside the range are asked for, and on one plate.
    #[test]
    fn three_dilutions_are_compared_with_the_limit() {
        let mut assay = example::assay("");
        // 90, 100 and 110: s = 10, and a CV of 10 %.
        let three = [(1.0, Some(90.0)), (2.0, Some(100.0)), (4.0, Some(110.0)), (8.0, None), (16.0, Some(0.0))];
        let mut within = |limit: f64| {
            assay.across_plates.parallelism_cv_percent = limit;
            agreement(&three, &assay).unwrap().within
        };
        assert_eq!([within(10.0), within(9.99)], [true, false]);
        let why = agreement(&three[1..], &assay).unwrap_err();
        assert_eq!(why, "2 dilutions inside the range; at least 3 needed");
        let of = |series: &[(f64, f64)]| {
            let found = parallelism(&example::plate("P1", series, 1.0, 7), &assay);
            found
                .iter()
                .map(|of| (of.sample.clone(), of.dilutions.iter().map(|one| one.0).collect::<Vec<_>>()))
                .collect::<Vec<_>>()
        };
        assert!(of(&[(10.0, 600.0), (20.0, 300.0)]).is_empty());
        assert_eq!(of(&[(40.0, 150.0), (10.0, 600.0), (20.0, 300.0)]), [("X".to_string(), vec![10.0, 20.0, 40.0])]);
    }

    /// Concentrations that do not differ at all have no trend.
    #[test]
    fn no_difference_is_no_trend() {
        let flat = [(1.0, Some(100.0)), (2.0, Some(100.0)), (4.0, Some(100.0))];
        let found = agreement(&flat, &example::assay("")).unwrap();
        assert_eq!((found.slope, found.p, found.cv_percent), (0.0, 1.0, 0.0));
    }
}
