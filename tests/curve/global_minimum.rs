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
    let g = found.intervals().unwrap()[4].unwrap();
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

// The curves below are random ones of `tests/support/random_curves.rs`, seed 1, that were missed; the expected values are MINPACK's.

/// Number 43: a valley so much flatter than its walls that the usual damping held the search where it was.
#[test]
fn a_flat_valley_is_followed_to_its_end() {
    let levels: [(f64, &[f64]); 8] = [
        (64.0417149479877, &[0.1627, 0.1576]),
        (8.79413280736701, &[0.6626, 0.6662]),
        (1.20759995100723, &[1.3006, 1.3028]),
        (0.165826201811623, &[1.3787, 1.3812]),
        (0.0227710585648281, &[1.3843, 1.3813]),
        (0.00312689492069453, &[1.3862, 1.3791]),
        (0.000429381524676567, &[1.3829, 1.3794]),
        (0.0, &[1.3767, 1.3835]),
    ];
    let found = curve(&levels, Model::FiveParameterMirror, Variance::Squared);
    assert!(found.identified());
    close(found.parameters().c, 3.236_81, 1e-4);
    close(found.parameters().g, 2.082_84, 1e-4);
    close(found.rss(), 5.609_503_6e-4, 1e-7);
}

/// Number 2370: the family runs to the edge of g, and a worse minimum inside of the box was the answer; the best is a Weibull curve.
#[test]
fn a_family_that_is_best_at_the_edge_leads_to_its_limit() {
    let levels: [(f64, &[f64]); 13] = [
        (8347.42741970966, &[3.0099]),
        (1183.82592128401, &[2.9912]),
        (167.889307859675, &[0.5143]),
        (23.8099362303443, &[0.0522]),
        (3.37670737059026, &[0.0235]),
        (0.478882116957006, &[0.0244]),
        (0.067914704110453, &[0.0181]),
        (0.00963161260587329, &[0.029]),
        (0.00136594810512233, &[0.0116]),
        (0.000193717739929608, &[0.0348]),
        (2.74729051731246e-05, &[0.0223]),
        (3.89618688988297e-06, &[0.0378]),
        (0.0, &[0.0242]),
    ];
    let found = curve(&levels, Model::FiveParameter, Variance::Constant);
    assert!(!found.identified() && found.parameters().g.is_nan());
    close(found.rss(), 5.765_006_648e-4, 1e-8);
}

/// Number 4427: likewise with b; the best has a kink.
#[test]
fn a_steep_edge_leads_to_the_kink() {
    let levels: [(f64, &[f64]); 12] = [
        (1231.54958886412, &[0.838]),
        (200.346704372235, &[0.816]),
        (32.5921118530325, &[0.724]),
        (5.30203757715416, &[0.084]),
        (0.862527798024205, &[0.04]),
        (0.140314773620257, &[0.04]),
        (0.0228262042582326, &[0.037]),
        (0.0037133338663872, &[0.042]),
        (0.000604079778103492, &[0.045]),
        (9.82708238590452e-05, &[0.044]),
        (1.59865553722956e-05, &[0.04]),
        (2.60066968643764e-06, &[0.039]),
    ];
    let found = curve(&levels, Model::FiveParameter, Variance::Constant);
    assert!(!found.identified() && found.parameters().b.is_nan() && reasons(&found).contains(&"not_attained"));
    close(found.rss(), 7.657_032_428e-5, 1e-8);
}

/// Number 2109: the best is at a finite c far beyond the edge of what is searched, below every limit.
#[test]
fn a_parameter_beyond_the_edge_of_the_search_is_not_identified() {
    let levels: [(f64, &[f64]); 9] = [
        (1.26661182177799, &[2.3691]),
        (0.166673905232907, &[1.7134]),
        (0.0219326791428427, &[1.3098]),
        (0.00288612913767568, &[0.8615]),
        (0.000379786771378488, &[0.5993]),
        (4.9976277856457e-05, &[0.4154]),
        (6.57639637979044e-06, &[0.3223]),
        (8.65390365171684e-07, &[0.2302]),
        (1.13877029437183e-07, &[0.186]),
    ];
    let found = curve(&levels, Model::FiveParameterMirror, Variance::Constant);
    assert!(!found.identified() && found.parameters().c.is_nan());
    assert_eq!((found.standard_errors(), found.intervals().unwrap()), (None, [None; 5]));
    assert!(["not_attained", "mid_point_not_determined"].iter().all(|reason| reasons(&found).contains(reason)));
    close(found.rss(), 5.014_850_552e-3, 1e-8);
}

/// Number 531: wells that scatter about zero. The variances of the curve are far from those of the observed means, and so are its minima.
#[test]
fn minima_under_the_curve_s_own_variances_are_looked_for_where_they_are() {
    let levels: [(f64, &[f64]); 13] = [
        (10.0011271935794, &[1.533, 1.455, 1.502]),
        (5.90337449305454, &[0.883, 0.891, 0.71]),
        (3.48459025974794, &[0.492, 0.295, 0.273]),
        (2.056852278746, &[0.133, 0.209, -0.039]),
        (1.21410007525207, &[0.023, -0.106, 0.083]),
        (0.716647961527777, &[-0.096, 0.025, 0.026]),
        (0.423016447515901, &[-0.074, -0.023, -0.119]),
        (0.249694305259022, &[0.028, 0.065, 0.044]),
        (0.147387285872477, &[0.053, 0.081, 0.103]),
        (0.0869984279950668, &[0.031, 0.001, 0.139]),
        (0.051352641639398, &[-0.074, 0.04, -0.058]),
        (0.0303119707346203, &[0.075, -0.088, 0.13]),
        (0.0, &[0.158, -0.058, 0.171]),
    ];
    let found = curve(&levels, Model::FourParameter, Variance::Squared);
    close(found.parameters().c, 5.226_847_5, 1e-6);
    close(found.parameters().b, 3.291_160_1, 1e-6);
}

/// Number 2819: a rise whose low standards scatter about zero, the lowest at −0.145. With a floor of the means of 0.0004 the curve that ran
/// with that well had the least quasi-deviance, and there was no dose response. The expected values are those of SciPy's Nelder–Mead from
/// 60 starts on the quasi-deviance in closed form, with a floor of 0.145.
#[test]
fn a_well_below_zero_takes_no_curve_with_it() {
    let levels: [(f64, &[f64]); 12] = [
        (9.455387767358596, &[1.472]),
        (4.887404219939528, &[1.488]),
        (2.5262549349423002, &[1.63]),
        (1.3057982743238883, &[0.697]),
        (0.6749552903955789, &[0.295]),
        (0.3488782708560868, &[-0.041]),
        (0.18033201547942168, &[0.014]),
        (0.09321198401686875, &[0.162]),
        (0.048180429533060204, &[0.178]),
        (0.024904027250080632, &[-0.002]),
        (0.0128726659202402, &[-0.145]),
        (0.0, &[0.039]),
    ];
    let found = curve(&levels, Model::FourParameter, Variance::Squared);
    assert!(found.identified() && found.verdict().usable, "{:?}", reasons(&found));
    close(found.parameters().a, 0.028_541_49, 1e-6);
    close(found.parameters().d, 1.464_021_2, 1e-7);
    close(found.parameters().c, 1.073_027_5, 1e-7);
    close(found.parameters().b, 3.792_022_8, 1e-7);
    // So it is under every model whose variance follows the mean.
    for variance in [Variance::Proportional, Variance::Power, Variance::TwoComponent] {
        let found = curve(&levels, Model::FourParameter, variance);
        assert!(found.rising() && found.verdict().usable, "{variance:?}: {:?}", reasons(&found));
        close(found.parameters().d, 1.5, 0.1);
    }
}

/// Number 3395: a plain rise of two decades, above a background with three wells of −0.003 to −0.005. A 5PL was a step between the two
/// lowest standards, for no other reason than these.
#[test]
fn a_rise_above_a_background_about_zero_is_one() {
    let drawn = crate::support::random_curves::draw(1, 3395);
    let found = fit(&drawn.points, &drawn.method).unwrap();
    assert!(found.rising() && found.verdict().usable, "{:?}", reasons(&found));
    let top = drawn.points.iter().max_by(|p, q| p.response.total_cmp(&q.response)).unwrap();
    close(found.response(top.concentration), top.response, 0.15);
}

/// Number 9992: a plain rise with readings about zero. A step is lowest under an exponent of its own, and this curve under another: what
/// the search comes to first stands, as nothing is lower under its own exponent. It was called no dose response.
#[test]
fn a_rise_stays_one_where_a_step_stands_under_another_exponent() {
    let levels: [(f64, &[f64]); 10] = [
        (1663.2248701652165, &[0.482]),
        (428.2220681426581, &[0.149]),
        (110.25216309214991, &[0.1]),
        (28.386065013465217, &[0.043]),
        (7.308416128536218, &[0.014]),
        (1.88166081781717, &[0.006]),
        (0.484461663243788, &[0.012]),
        (0.12473188628395093, &[0.022]),
        (0.03211408587375353, &[-0.017]),
        (0.0, &[0.005]),
    ];
    let found = curve(&levels, Model::FourParameter, Variance::Power);
    close(found.variance_exponent().unwrap(), 0.361_665, 1e-5);
    close(found.response(1663.2248701652165), 0.465_052_5, 1e-6);
    assert!(found.verdict().usable && !reasons(&found).contains(&"no_dose_response"), "{:?}", reasons(&found));
}

/// By turns exponent and curve run to the end of the range, or in a circle; gone through, the exponents have one that is the likeliest
/// about its own best curve. SciPy's search for the curve of the least quasi-deviance under this exponent ends at the same curve
/// (to 2e-9), and the likeliest exponent about that is this one (to 2e-8).
#[test]
fn an_exponent_that_alternation_does_not_lead_to_is_found() {
    for (number, exponent) in [(9849, -0.659_360_81), (12731, 0.499_546_33)] {
        let drawn = crate::support::random_curves::draw(1, number);
        let found = platewise::curve::fit(&drawn.points, &drawn.method).unwrap();
        close(found.variance_exponent().unwrap(), exponent, 1e-5);
        // Under this exponent, known, the curve is the same.
        let known = Method { variance_parameter: Some(exponent), ..drawn.method.clone() };
        let again = platewise::curve::fit(&drawn.points, &known).unwrap();
        for well in &drawn.points {
            let (one, other) = (found.response(well.concentration), again.response(well.concentration));
            assert!((one - other).abs() < 1e-5 * found.response(1e9).abs().max(1.0), "{number}: {one} {other}");
        }
    }
}

/// The likelihood of the exponent rises up to the end of the range whatever the curve, and the verdict says so.
#[test]
fn an_exponent_that_the_wells_do_not_determine_is_none() {
    for (number, end) in [(36942, "4"), (13853, "-2")] {
        let drawn = crate::support::random_curves::draw(1, number);
        let found = platewise::curve::fit(&drawn.points, &drawn.method).unwrap();
        let reasons = &found.verdict().reasons;
        assert_eq!(
            reasons.iter().map(|reason| reason.name()).collect::<Vec<_>>(),
            ["variance_exponent_not_determined"]
        );
        assert!(
            reasons[0].decides() && reasons[0].to_string().contains(&format!("rises up to {end}, ")),
            "{}",
            reasons[0]
        );
        assert!(!found.has_curve() && found.invert(0.5, 2).concentration.is_none());
        // With an exponent that is known there is a curve.
        let known = Method { variance_parameter: Some(1.0), ..drawn.method.clone() };
        assert!(platewise::curve::fit(&drawn.points, &known).unwrap().has_curve());
    }
}

/// Number 1027 of the same: of two curves each has the lower quasi-deviance under the other's exponent, and gone through, no exponent
/// is that of its own best curve. Number 48: the likeliest exponent about the best curve lies now above, now below the exponent, and passes
/// it nowhere.
#[test]
fn where_two_curves_are_each_lower_under_the_exponent_of_the_other_none_is_given() {
    for (number, reason) in [(1027, "variance_exponent_not_determined"), (48, "variance_not_settled")] {
        no_curve(number, reason);
    }
}

fn no_curve(number: u64, reason: &str) {
    let drawn = crate::support::random_curves::draw(1, number);
    let found = platewise::curve::fit(&drawn.points, &drawn.method).unwrap();
    assert!(!found.verdict().usable && reasons(&found) == [reason], "{:?}", reasons(&found));
    assert!(!found.has_curve() && found.response(1.0).is_nan() && found.parameters().c.is_nan());
    assert_eq!((found.variance_exponent(), found.residual_sd(), found.aicc()), (None, None, None));
    for well in &drawn.points {
        assert_eq!(found.invert(well.response, 2).concentration, None);
    }
}

/// Number 40247 of the same, a 5PL mirrored, squared observed: a Fréchet curve is the lowest of the limits, and a search from near it
/// needs a long way round a bend to the finite minimum below. SciPy's ends at 1.785915050e-4 too, the limit is 2.6e-6 of that above.
#[test]
fn a_finite_minimum_just_below_a_limit_is_come_by() {
    let drawn = crate::support::random_curves::draw(1, 40247);
    let found = platewise::curve::fit(&drawn.points, &drawn.method).unwrap();
    assert!(found.identified() && reasons(&found).contains(&"mid_point_not_determined"), "{:?}", reasons(&found));
    close(found.rss(), 1.785_915_050_45e-4, 1e-9);
}

/// Plateaus of 1e14 make responses of rounding: a sum of squares that looks lower there is none. Each of these curves had one.
#[test]
fn a_sum_of_squares_that_is_rounding_is_no_minimum() {
    for (number, best) in [(580, 1.802_731_89), (19423, 1.387_201_662e-4), (22118, 1.583_333_333e-6)] {
        let drawn = crate::support::random_curves::draw(1, number);
        let found = platewise::curve::fit(&drawn.points, &drawn.method).unwrap();
        let of_responses: f64 =
            drawn.points.iter().map(|well| (well.response - found.response(well.concentration)).powi(2)).sum();
        close(found.rss(), of_responses, 1e-7);
        assert!(found.rss() <= best * (1.0 + 1e-8), "{number}: {} for {best}", found.rss());
    }
    // It was said to lie at infinity, 1.6 million times as high: what looked low had the search give up the others.
    let drawn = crate::support::random_curves::draw(1, 9895);
    close(platewise::curve::fit(&drawn.points, &drawn.method).unwrap().rss(), 1.934_228_327e-6, 1e-8);
}

/// Number 21808, a 5PL: in a flat valley towards a Weibull curve damped steps promise nothing because they are short, and the search was
/// said to have converged there (4.2e-8 above). Number 35164, a 5PL mirrored: the best is a power with a corner, and the way to it from the
/// first start takes more than forty steps above what is known (2.5e-3 above). The expected values are those of `curve_optimum.py`.
#[test]
fn no_search_ends_because_its_steps_are_short_or_many() {
    for (number, best) in [(21808, 2.461_818_767e-3), (35164, 8.549_328_155e-5)] {
        let drawn = crate::support::random_curves::draw(1, number);
        let found = fit(&drawn.points, &drawn.method).unwrap();
        close(found.rss(), best, 2e-9);
    }
}
