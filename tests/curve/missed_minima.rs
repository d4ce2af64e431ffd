//! Minima that were missed: random curves of `tests/support/random_curves.rs`, seed 1, by what had kept the search from them.

use platewise::curve::{Method, Model, Point, StandardCurve, Variance, VarianceFrom, fit};

use crate::support::random_curves::draw;

fn random_curve(number: u64) -> StandardCurve {
    let drawn = draw(1, number);
    fit(&drawn.points, &drawn.method).unwrap()
}

fn reasons(curve: &StandardCurve) -> Vec<&'static str> {
    curve.verdict().reasons.iter().map(|reason| reason.name()).collect()
}

fn close(found: f64, expected: f64, relative: f64) {
    assert!((found / expected - 1.0).abs() < relative, "{found} is not {expected}");
}

/// The responses at the lowest and at the highest standard.
fn ends_are(curve: &StandardCurve, lowest: f64, highest: f64, relative: f64) {
    let at = |i: usize| curve.response(curve.levels()[i].concentration);
    close(at(0), lowest, relative);
    close(at(curve.levels().len() - 1), highest, relative);
}

/// The valley from a 4PL to a limit is bent, and a hundred million times as steep across as along: steps along it are too short to lead
/// anywhere. The expected sums of squares are those of `curve_optimum.py`; 58506 was 1e-3 above.
#[test]
fn a_bent_valley_is_followed_to_its_lowest_place() {
    for (number, best) in
        [(45801, 4.182_502_608e-4), (46538, 9.318_536_406e-4), (47723, 0.026_420_25), (58506, 2.59e-4)]
    {
        let found = random_curve(number);
        // A kink passes through every level of 47723, and members of the family come as near to it as one likes.
        assert!((found.identified() || number == 47723) && found.verdict().usable, "{number}: {:?}", reasons(&found));
        close(found.rss(), best, 1e-8);
    }
}

/// Number 16125: the same valley under variances that follow the curve. It stood still there until 500 rounds were over, and a curve at
/// infinity was the answer, 3e-6 above. The expected curve is the fixed point of `curve_optimum.py`.
#[test]
fn a_curve_that_makes_no_progress_is_led_on_along_its_valley() {
    let found = random_curve(16125);
    assert!(found.identified(), "{:?}", reasons(&found));
    ends_are(&found, 0.025_963_8, 0.310_633_4, 1e-6);
}

/// Means and variances swing about the minimum of the quasi-deviance, up by more than down in relative terms: that passed for progress, and
/// the minimum was never reached. 51153 was 60 % above and 61271 2 %. The expected responses are those of SciPy's Nelder–Mead on the
/// quasi-deviance in closed form.
#[test]
fn means_that_swing_are_brought_to_rest() {
    ends_are(&random_curve(51153), 0.013_575_714_4, 1.231_108, 1e-7);
    ends_are(&random_curve(61271), 0.196_354_322, 3.108_096_03, 1e-7);
}

/// Levels that scatter by a third set other variances than the curve does, and have other minima. The expected responses are those of
/// SciPy's Nelder–Mead on the gamma deviance. A tenth is enough, as in 82914, which was a corner, 2e-4 above.
#[test]
fn minima_under_the_curve_s_variances_are_looked_for_where_levels_scatter() {
    let found = random_curve(55604);
    assert!(found.identified() && found.verdict().usable, "{:?}", reasons(&found));
    ends_are(&found, 0.038_776_222_5, 1.064_848_67, 1e-7);
    let found = random_curve(82914);
    assert!(found.identified() && found.verdict().usable, "{:?}", reasons(&found));
    ends_are(&found, 2.609_658_16, 0.512_136_12, 1e-7);
}

/// Number 71383, `power`: under the exponent −1.21 alternation leaves a curve for a step that is 22 % above it. Under none is the best curve one
/// about which the exponent is the likeliest, as `curve_optimum.py --exponents` finds as well.
#[test]
fn a_lower_curve_that_alternation_leaves_is_kept() {
    assert_eq!(reasons(&random_curve(71383)), ["variance_exponent_not_determined"]);
}

/// All responses are the smallest part of the way to a plateau, and the sum of squares falls along the whole valley to plateaus 10²⁰⁰ and
/// more ranges away: the foot of a Fréchet curve (96612) and the tail of a Weibull curve (98774). Searches came to rest on rounding, 1e-6
/// and 6e-6 above. The expected figures are those of SciPy's Nelder–Mead over slope and bend at the outermost standard, in 40 digits.
#[test]
fn a_valley_that_leads_out_of_what_is_searched_ends_at_a_limit() {
    for (number, best, lowest, highest) in [
        (96612, 0.061_444_789_888_4, 0.045_998_229_503_6, 0.667_999_252_818),
        (98774, 0.002_332_524_830_022, 2.267_000_989_56, 3.245_721_615_68),
    ] {
        let found = random_curve(number);
        assert!(!found.identified() && found.verdict().usable, "{number}: {:?}", reasons(&found));
        assert!(reasons(&found).contains(&"not_attained"), "{number}: {:?}", reasons(&found));
        close(found.rss(), best, 1e-11);
        ends_are(&found, lowest, highest, 1e-10);
    }
}

/// Two levels at zero weigh ten million times as much as the others, and the best kink lies 6·10⁻⁸ below the second, in `ln x`. At the standard
/// itself, where the search stopped, the sum of squares is 0.195478098. The expected one is that of SciPy's Nelder–Mead in 40 digits.
#[test]
fn a_kink_may_lie_next_to_a_standard() {
    let concentrations = [100.0, 400.0, 600.0, 1200.0, 2000.0, 3200.0, 5600.0, 9600.0];
    let responses = [0.0, 0.0, 0.31, 0.39, 0.56, 0.8, 0.91, 0.99];
    let wells = concentrations.into_iter().zip(responses);
    let points: Vec<Point> = wells.map(|(concentration, response)| Point { concentration, response }).collect();
    let (model, variance, variance_from) = (Model::FiveParameter, Variance::Squared, VarianceFrom::Observed);
    let found = fit(&points, &Method { model, variance, variance_from, ..Method::default() }).unwrap();
    close(found.rss(), 0.195_478_089_189_514, 1e-12);
}
