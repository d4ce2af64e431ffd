//! The best curve and no other: plates whose top standard does not reach the plateau, and narrow valleys of five parameters, on
//! which a solver stops early or a limit of the family looks better than it is. The expected values are R's (gnls, nlsLM) and SciPy's,
//! checked with 60 digits.

use platewise::curve::{Method, Model, Point, StandardCurve, Variance, VarianceFrom, fit};

fn points(levels: &[(f64, &[f64])]) -> Vec<Point> {
    let wells =
        levels.iter().flat_map(|(concentration, responses)| responses.iter().map(move |y| (*concentration, *y)));
    wells.map(|(concentration, response)| Point { concentration, response }).collect()
}

fn curve(levels: &[(f64, &[f64])], model: Model, variance: Variance) -> StandardCurve {
    fit(&points(levels), &Method { model, variance, ..Method::default() }).unwrap()
}

fn reasons(curve: &StandardCurve) -> Vec<&'static str> {
    curve.verdict().reasons.iter().map(|reason| reason.name()).collect()
}

fn close(found: f64, expected: f64, relative: f64) {
    assert!((found / expected - 1.0).abs() < relative, "{found} is not {expected}");
}

#[test]
fn a_plateau_out_of_reach_is_no_infimum_at_infinity() {
    let levels: [(f64, &[f64]); 7] = [
        (1000.0, &[0.962, 0.962]),
        (250.0, &[0.183, 0.182]),
        (62.5, &[0.088, 0.087]),
        (15.625, &[0.081, 0.080]),
        (3.90625, &[0.080, 0.082]),
        (0.976562, &[0.082, 0.081]),
        (0.0, &[0.079, 0.079]),
    ];
    let found = curve(&levels, Model::FourParameter, Variance::Squared);
    assert!(found.identified() && !reasons(&found).contains(&"not_attained"));
    close(found.rss(), 0.001_664_6, 1e-4);
    close(found.parameters().d, 1.99, 5e-3);
    close(found.parameters().c, 1079.0, 1e-3);
    close(found.parameters().b, 1.96, 5e-3);
    // It read 49.8.
    close(found.levels()[4].back_calculated.unwrap(), 62.5, 0.01);
}

#[test]
fn rounded_responses_of_a_curve_give_the_curve_back() {
    let levels: [(f64, &[f64]); 7] = [
        (100.0, &[1.4805]),
        (25.0, &[0.2522]),
        (6.25, &[0.1166]),
        (1.5625, &[0.1066]),
        (0.390625, &[0.1059]),
        (0.09765625, &[0.1058]),
        (0.0, &[0.1058]),
    ];
    for variance_from in [VarianceFrom::Fitted, VarianceFrom::Observed] {
        let method = Method { variance: Variance::Squared, variance_from, ..Method::default() };
        let found = fit(&points(&levels), &method).unwrap();
        assert!(found.identified() && !reasons(&found).contains(&"suspicious_well"));
        assert!(found.rss() < 1.6e-7, "{}", found.rss());
        close(found.parameters().c, 135.8, 1e-3);
        close(found.levels()[4].back_calculated.unwrap(), 6.25, 1e-3);
    }
}

#[test]
fn a_five_parameter_curve_is_followed_to_its_minimum() {
    let triplicates: [(f64, &[f64]); 9] = [
        (2000.0, &[2.6249; 3]),
        (500.0, &[1.0675; 3]),
        (125.0, &[0.1209; 3]),
        (31.25, &[0.0373; 3]),
        (7.8125, &[0.0319; 3]),
        (1.95312, &[0.0316; 3]),
        (0.488281, &[0.0315; 3]),
        (0.12207, &[0.0315; 3]),
        (0.0, &[0.0315; 3]),
    ];
    let found = curve(&triplicates, Model::FiveParameter, Variance::Constant);
    // It stopped at 6.7 times this.
    assert!(found.identified() && found.rss() < 1.402_12e-8, "{}", found.rss());
    let single: [(f64, &[f64]); 6] = [
        (100.0, &[2.9137]),
        (25.0, &[2.9137]),
        (6.25, &[2.9130]),
        (1.5625, &[2.8093]),
        (0.390625, &[1.3848]),
        (0.0, &[0.1074]),
    ];
    let found = curve(&single, Model::FiveParameter, Variance::Constant);
    // It stopped at 94,000 times this, with an interval of g from 17 to 22026.
    assert!(found.identified() && found.rss() < 3.444_72e-12, "{}", found.rss());
    close(found.levels()[3].back_calculated.unwrap(), 6.25, 1e-3);
    let g = found.intervals()[4].unwrap();
    assert!(g.lower.unwrap() > 2.4 && g.upper.unwrap() < 2.5, "{g:?}");
}

#[test]
fn what_cannot_be_told_from_a_curve_without_a_mid_point_says_so_and_reads_among_the_standards() {
    let truth = |x: f64| 0.05 + 0.002 * x.powf(1.1);
    let signs = [1.0, -1.0, 0.5, -0.5, 0.8, -0.8, -0.6, 0.6, 0.3, -0.3, -0.9, 0.9];
    let wells: Vec<Point> = [10.0, 30.0, 90.0, 270.0, 400.0, 600.0]
        .into_iter()
        .flat_map(|x| [x, x])
        .zip(signs)
        .map(|(x, sign)| Point { concentration: x, response: truth(x) * (1.0 + 0.02 * sign) })
        .collect();
    let found = fit(&wells, &Method { variance: Variance::Squared, ..Method::default() }).unwrap();
    assert!(reasons(&found).contains(&"mid_point_not_determined"), "{:?}", reasons(&found));
    assert!(found.verdict().usable);
    close(found.invert(truth(150.0), 2).concentration.unwrap(), 150.0, 0.05);
}
