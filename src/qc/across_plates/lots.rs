//! Bridging of kit lots: how far the curves of two lots lie apart, and whether they have one shape.
//!
//! The ratio of mid-points c is that of the concentrations that a response is read as: a lot whose mid-point is 1.1 times the other's
//! reads the same response 10 % higher. Plates of one lot differ too, so the interval comes from plates: Welch's test on ln c.
//! With one plate of a lot there is nothing to compare plates with; the interval is then that of the two curves fitted with a
//! common shape, which knows the wells' noise only, and says so.
//!
//! ```text
//! shape: all plates apart (A), one shape per lot (B), one shape for both lots (C); RSS of each from curve/shared
//! F = ((RSS_C − RSS_B) / (df_C − df_B)) / ((RSS_B − RSS_A) / (df_B − df_A))     do lots differ more than plates of a lot?
//! F = ((RSS_C − RSS_A) / (df_C − df_A)) / (RSS_A / df_A)                      with one plate in each lot
//! ```
//!
//! Only accepted plates count, whose curves determine their parameters.

use crate::concentration::PlateConcentrations;
use crate::curve::StandardCurve;
use crate::curve::shared::{SharedFit, SharedParameters, share_shape};
use crate::protocol::Assay;
use crate::qc::JudgedPlate;
use crate::stats::distribution::f_sf;
use crate::stats::welch_t;

/// Two lots, the second beside the first.
///
/// See [`AcrossPlates`](super::AcrossPlates) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct LotBridge {
    /// The earlier lot.
    pub from: String,
    /// The later lot.
    pub to: String,
    /// Accepted plates of each with a curve that can be used here.
    pub plates: (usize, usize),
    /// Ratio of the mid-points, later / earlier, or why there is none.
    pub ratio: Result<LotRatio, String>,
    /// Whether the shapes may be shared, or why it could not be asked.
    pub shape: Result<LotShape, String>,
}

/// A ratio of mid-points.
///
/// ```
/// use platewise::qc::across_plates::LotRatio;
///
/// // The later lot reads the same response 4 % higher, and plates differ so much that it may be nothing.
/// let ratio = LotRatio { ratio: 1.04, lower: Some(0.97), upper: Some(1.11), from: "plates of a lot" };
/// assert!(ratio.lower.zip(ratio.upper).is_some_and(|(lower, upper)| lower < 1.0 && 1.0 < upper));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LotRatio {
    /// c of the later lot / c of the earlier one (geometric means of plates).
    pub ratio: f64,
    /// Lower limit.
    pub lower: Option<f64>,
    /// Upper limit.
    pub upper: Option<f64>,
    /// Where the interval comes from.
    pub from: &'static str,
}

/// The test of a shared shape.
///
/// ```
/// use platewise::qc::across_plates::LotShape;
///
/// let shape = LotShape { f: 0.8, df_lots: 3, df_noise: 12, p: 0.52, against: "plates of a lot" };
/// assert!(shape.p > 0.05, "nothing speaks against one shape for both lots");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LotShape {
    /// Ratio of mean squares.
    pub f: f64,
    /// Degrees of freedom of the lots.
    pub df_lots: usize,
    /// Degrees of freedom of what they are compared with.
    pub df_noise: usize,
    /// Probability of a larger ratio if the lots had one shape.
    pub p: f64,
    /// What the lots are compared with.
    pub against: &'static str,
}

const PLATES: &str = "plates of a lot";
const WELLS: &str = "wells of a plate";

/// Every lot beside the one before, in the order of the plates.
pub fn lots(plates: &[JudgedPlate], assay: &Assay) -> Vec<LotBridge> {
    let mut by_lot: Vec<(&str, Vec<&StandardCurve>)> = Vec::new();
    let accepted = plates.iter().filter(|plate| plate.verdict.verdict.is_accepted());
    for plate in accepted.filter_map(|plate| plate.concentrations.as_ref()) {
        let (Some(lot), Some(curve)) = (&plate.plate.kit_lot, usable(plate)) else { continue };
        match by_lot.iter_mut().find(|(known, _)| known == lot) {
            Some((_, curves)) => curves.push(curve),
            None => by_lot.push((lot, vec![curve])),
        }
    }
    by_lot
        .windows(2)
        .map(|pair| LotBridge {
            from: pair[0].0.to_string(),
            to: pair[1].0.to_string(),
            plates: (pair[0].1.len(), pair[1].1.len()),
            ratio: ratio(&pair[0].1, &pair[1].1, assay.method.confidence),
            shape: shape(&pair[0].1, &pair[1].1),
        })
        .collect()
}

fn usable(plate: &PlateConcentrations) -> Option<&StandardCurve> {
    plate.curve.as_ref().ok().filter(|curve| curve.identified() && curve.verdict().usable)
}

fn shared(curves: &[&StandardCurve]) -> Result<SharedFit, String> {
    share_shape(curves, SharedParameters::SHAPE).map_err(|why| why.to_string())
}

fn ratio(from: &[&StandardCurve], to: &[&StandardCurve], confidence: f64) -> Result<LotRatio, String> {
    if let ([_], [_]) = (from, to) {
        let ratio = shared(&[from, to].concat())?.ratios[1];
        return Ok(LotRatio { ratio: ratio.ratio, lower: ratio.lower, upper: ratio.upper, from: WELLS });
    }
    let ln = |curves: &[&StandardCurve]| -> Vec<f64> {
        curves.iter().map(|curve| libm::log(curve.parameters().c)).collect()
    };
    let (from, to) = (ln(from), ln(to));
    let test = if from.len() < 2 || to.len() < 2 {
        // One plate of a lot has no spread of its own: plates of both lots are taken to differ alike.
        crate::stats::student_t(&to, &from, confidence)
    } else {
        welch_t(&to, &from, confidence)
    };
    let test = test.map_err(|why| why.to_string())?;
    Ok(LotRatio {
        ratio: libm::exp(test.diff),
        lower: test.inference.ci_low.map(libm::exp),
        upper: test.inference.ci_high.map(libm::exp),
        from: PLATES,
    })
}

fn shape(from: &[&StandardCurve], to: &[&StandardCurve]) -> Result<LotShape, String> {
    let both = shared(&[from, to].concat())?;
    let (rss_apart, df_apart) = (both.separate_rss, both.separate_df);
    // One shape per lot; a lot of one plate has its own shape already.
    let lot = |curves: &[&StandardCurve]| -> Result<(f64, usize), String> {
        match curves {
            [one] => Ok((one.rss(), one.df())),
            several => shared(several).map(|fit| (fit.rss, fit.df)),
        }
    };
    let ((rss_from, df_from), (rss_to, df_to)) = (lot(from)?, lot(to)?);
    let (rss_lots, df_lots) = (rss_from + rss_to, df_from + df_to);
    let (rss_noise, df_noise, against) = if df_lots > df_apart {
        (rss_lots - rss_apart, df_lots - df_apart, PLATES)
    } else {
        (rss_apart, df_apart, WELLS)
    };
    let df = both.df.saturating_sub(df_lots);
    if df == 0 || df_noise == 0 || rss_noise <= 0.0 {
        return Err("the curves leave no noise to compare with".into());
    }
    let f = (both.rss - rss_lots).max(0.0) / df as f64 / (rss_noise / df_noise as f64);
    let p = f_sf(f, df as f64, df_noise as f64).map_err(|why| why.to_string())?;
    Ok(LotShape { f, df_lots: df, df_noise, p, against })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::across_plates::example;

    fn study(lots: &[(&str, f64)]) -> Vec<JudgedPlate> {
        let assay = example::assay("");
        lots.iter()
            .enumerate()
            .map(|(seed, &(lot, shift))| {
                // Seeds whose plates are all accepted: only those are compared.
                let mut plate = example::plate(&format!("P{seed}"), &[], shift, 80 + seed as u64);
                plate.plate.kit_lot = Some(lot.to_string());
                JudgedPlate::judge(plate, &assay)
            })
            .collect()
    }

    #[test]
    fn a_lot_that_is_shifted_is_seen_with_its_interval_and_has_the_same_shape() {
        let plates = study(&[("A", 1.0), ("A", 1.03), ("A", 0.98), ("B", 1.5), ("B", 1.45), ("B", 1.55)]);
        let found = &lots(&plates, &example::assay(""))[0];
        let ratio = found.ratio.as_ref().unwrap();
        assert_eq!((found.plates, ratio.from), ((3, 3), PLATES));
        assert!(ratio.lower.unwrap() < 1.5 && 1.5 < ratio.upper.unwrap() && ratio.lower.unwrap() > 1.05, "{ratio:?}");
        assert!(found.shape.as_ref().unwrap().p > 0.01, "{:?}", found.shape);
    }

    #[test]
    fn one_plate_of_each_says_where_its_interval_comes_from() {
        let plates = study(&[("A", 1.0), ("B", 1.25)]);
        let found = &lots(&plates, &example::assay(""))[0];
        let ratio = found.ratio.as_ref().unwrap();
        assert_eq!((ratio.from, found.shape.as_ref().unwrap().against), (WELLS, WELLS));
        assert!(ratio.lower.unwrap() < 1.25 && 1.25 < ratio.upper.unwrap(), "{ratio:?}");
        assert!(lots(&study(&[("A", 1.0), ("A", 1.0)]), &example::assay("")).is_empty());
    }

    /// F by the formulas at the head of this file: of two plates each, lots against plates; of one each, lots against wells.
    #[test]
    fn shapes_are_compared_by_their_sums_of_squares() {
        let plates = study(&[("A", 1.0), ("A", 1.03), ("B", 1.2), ("B", 1.25)]);
        let curves: Vec<&StandardCurve> =
            plates.iter().map(|plate| plate.concentrations.as_ref().unwrap().curve.as_ref().unwrap()).collect();
        let near = |found: f64, expected: f64| assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
        let sum = |curves: &[&StandardCurve]| curves.iter().map(|curve| curve.rss()).sum::<f64>();
        let df = |curves: &[&StandardCurve]| curves.iter().map(|curve| curve.df()).sum::<usize>();
        let of = |fit: &SharedFit| (fit.rss, fit.df);
        let ((rss_a, df_a), (rss_b, df_b)) = (of(&shared(&curves[..2]).unwrap()), of(&shared(&curves[2..]).unwrap()));
        let (rss_c, df_c) = of(&shared(&curves).unwrap());
        let (rss_lots, df_lots) = (rss_a + rss_b, df_a + df_b);
        let found = shape(&curves[..2], &curves[2..]).unwrap();
        assert_eq!((found.against, found.df_lots, found.df_noise), (PLATES, df_c - df_lots, df_lots - df(&curves)));
        let noise = (rss_lots - sum(&curves)) / (df_lots - df(&curves)) as f64;
        near(found.f, (rss_c - rss_lots).max(0.0) / (df_c - df_lots) as f64 / noise);
        near(found.p, f_sf(found.f, found.df_lots as f64, found.df_noise as f64).unwrap());

        let pair = [curves[0], curves[2]];
        let (rss_c, df_c) = of(&shared(&pair).unwrap());
        let found = shape(&pair[..1], &pair[1..]).unwrap();
        assert_eq!((found.against, found.df_lots, found.df_noise), (WELLS, df_c - df(&pair), df(&pair)));
        near(found.f, (rss_c - sum(&pair)) / (df_c - df(&pair)) as f64 / (sum(&pair) / df(&pair) as f64));
    }

    /// Means of ln c; with one plate of a lot the spread is that of the other.
    #[test]
    fn a_ratio_is_that_of_geometric_means() {
        let plates = study(&[("A", 1.0), ("B", 1.2), ("B", 1.25)]);
        let found = &lots(&plates, &example::assay(""))[0];
        let c = |at: usize| plates[at].concentrations.as_ref().unwrap().curve.as_ref().unwrap().parameters().c;
        let ratio = found.ratio.as_ref().unwrap();
        assert!((ratio.ratio - (c(1) * c(2)).sqrt() / c(0)).abs() < 1e-9);
        // √(s² (1 + 1/2)) with one degree of freedom, whose 97.5 % quantile of t is 12.7062; s² = (ln c₁ − ln c₂)² / 2.
        let half = 12.706_204_736_432_095 * (c(1) / c(2)).ln().abs() / 2f64.sqrt() * 1.5f64.sqrt();
        assert!((ratio.lower.unwrap() / ratio.ratio - (-half).exp()).abs() < 1e-6, "{ratio:?}");
        assert!((ratio.upper.unwrap() / ratio.ratio - half.exp()).abs() < 1e-6 * half.exp(), "{ratio:?}");
        assert_eq!((found.plates, ratio.from), ((1, 2), PLATES));
    }

    /// Rejected plates and plates without a lot are in no bridge; lots stand in the order of their first plates.
    #[test]
    fn each_lot_is_bridged_from_the_one_before() {
        let mut plates = study(&[("A", 1.0), ("B", 1.0), ("A", 1.0), ("C", 1.0), ("D", 1.0)]);
        plates.iter_mut().for_each(|plate| plate.verdict.verdict = crate::qc::Verdict::Accepted);
        plates[4].verdict.verdict = crate::qc::Verdict::Rejected;
        let bridges = |plates: &[JudgedPlate]| {
            let found = lots(plates, &example::assay(""));
            found.iter().map(|of| format!("{}{} {:?}", of.from, of.to, of.plates)).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(bridges(&plates), "AB (2, 1), BC (1, 1)");
        plates[3].concentrations.as_mut().unwrap().plate.kit_lot = None;
        assert_eq!(bridges(&plates), "AB (2, 1)");
    }
}
