//! The model beside the regressions that it is where nothing is missing, and what it says where it cannot be fitted.

use super::*;
fn subjects(changes: &[[Option<f64>; 2]]) -> Vec<Subject<'_>> {
    let one = |(i, responses): (usize, &'_ [Option<f64>; 2])| (i % 2, (i * 3 % 8) as f64, responses.len());
    let facts = changes.iter().enumerate().map(one).zip(changes);
    facts
        .map(|((arm, baseline, _), responses)| Subject { arm, baseline, stratum: None, responses, terms: &[] })
        .collect()
}

/// Two visits, an intercept, an arm and a baseline at each: five subjects leave residuals in two dimensions, four in one.
#[test]
fn an_unstructured_covariance_needs_as_many_subjects_as_it_has_dimensions() {
    let changes =
        [[-0.4, -0.9], [0.1, -0.1], [-0.6, -0.5], [-0.2, 0.2], [-0.1, -0.8], [0.3, 0.1]].map(|of| of.map(Some));
    let of = |n: usize| fit(&subjects(&changes[..n]), 2, Structure::Us);
    let needs = |result: Result<MmrmFit, Undefined>| match result {
        Err(Undefined::NotConverged { why, .. }) => why.contains("at least 5 subjects"),
        _ => false,
    };
    assert!(needs(of(4)) && !needs(of(5)) && of(6).is_ok());
}

#[test]
fn only_an_arm_that_is_there_is_compared() {
    let changes =
        [[-0.4, -0.9], [0.1, -0.1], [-0.6, -0.5], [-0.2, 0.2], [-0.1, -0.8], [0.3, 0.1]].map(|of| of.map(Some));
    let fit = fit(&subjects(&changes), 2, Structure::Us).unwrap();
    let options = Options { weeks: &[8.0, 16.0], df: DegreesOfFreedom::Satterthwaite, ratios: false, confidence: 0.95 };
    assert!(fit.summary(1, options).is_ok() && fit.summary(0, options).is_err() && fit.summary(2, options).is_err());
}

/// Of complete values an unstructured model is a regression at each visit: the same coefficients, Σ from the residuals with n − 3 degrees
/// of freedom, which are Satterthwaite's too, and
///
/// ```text
/// −2 log-likelihood = (n − 3) m (ln 2π + 1) + (n − 3) ln |Σ| + m ln |XᵗX|
/// ```
#[test]
fn complete_values_are_a_regression_at_each_visit() {
    let value = |i: usize, by: usize| ((i * by % 13) as f64 - 6.0) / 5.0;
    let changes: Vec<[Option<f64>; 2]> =
        (0..12).map(|i| [value(i, 5) - 0.3 * (i % 2) as f64, 0.5 * value(i, 5) + value(i, 3)].map(Some)).collect();
    let subjects = subjects(&changes);
    let centre = subjects.iter().map(|one| one.baseline).sum::<f64>() / 12.0;
    let x = ndarray::Array2::from_shape_fn((12, 3), |(i, j)| match j {
        0 => 1.0,
        1 => subjects[i].arm as f64,
        _ => subjects[i].baseline - centre,
    });
    let visit = |at: usize| Array1::from_iter(changes.iter().map(|of| of[at].unwrap_or(f64::NAN)));
    let fits = [0, 1].map(|at| crate::stats::linear_model::LinearModel::fit(x.view(), visit(at).view(), &[]).unwrap());
    let sigma = |j: usize, k: usize| fits[j].residuals.dot(&fits[k].residuals) / 9.0;
    let options = Options { weeks: &[8.0, 16.0], df: DegreesOfFreedom::Satterthwaite, ratios: false, confidence: 0.95 };
    let found = fit(&subjects, 2, Structure::Us).unwrap().summary(1, options).unwrap();
    let near = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 1e-6 * (1.0 + expected.abs()), "{found} {expected}")
    };
    for (j, regression) in fits.iter().enumerate() {
        let (intercept, arm) = (regression.coefficients[0], regression.coefficients[1]);
        near(found.diffs[j].est, arm);
        near(found.diffs[j].se, (sigma(j, j) * regression.unscaled[[1, 1]]).sqrt());
        near(found.diffs[j].inference.df, 9.0);
        near(found.covariance[j][0], sigma(j, 0));
        near(found.covariance[j][1], sigma(j, 1));
        // Placebo, then active, at the mean of the baseline.
        let means = &found.lsmeans_at_subject_mean[2 * j..];
        near(means[0].est, intercept);
        near(means[1].est, intercept + arm);
    }
    let of_sigma = (sigma(0, 0) * sigma(1, 1) - sigma(0, 1) * sigma(0, 1)).ln();
    let xx = x.t().dot(&x);
    let minor = |a: usize, b: usize, c: usize, d: usize| xx[[1, a]] * xx[[2, b]] - xx[[1, c]] * xx[[2, d]];
    let det = xx[[0, 0]] * minor(1, 2, 2, 1) - xx[[0, 1]] * minor(0, 2, 2, 0) + xx[[0, 2]] * minor(0, 1, 1, 0);
    let minus2 = 18.0 * ((2.0 * std::f64::consts::PI).ln() + 1.0) + 9.0 * of_sigma + 2.0 * det.ln();
    near(found.minus2_reml_loglik, minus2);
    near(found.aic, minus2 + 6.0);
    near(found.bic, minus2 + 3.0 * 12.0_f64.ln());
}

/// What the data do not determine is named: a stratum that is the arm, a covariate that is the baseline.
#[test]
fn what_is_not_determined_is_named() {
    let changes =
        [[-0.4, -0.9], [0.1, -0.1], [-0.6, -0.5], [-0.2, 0.2], [-0.1, -0.8], [0.3, 0.1], [0.2, 0.0], [0.5, 0.1]];
    let changes = changes.map(|of| of.map(Some));
    let plain = subjects(&changes);
    let with = |change: &dyn Fn(&mut Subject<'_>, usize)| {
        let mut subjects = plain.clone();
        subjects.iter_mut().enumerate().for_each(|(i, one)| change(one, i));
        match fit(&subjects, 2, Structure::Csh) {
            Err(Undefined::NotEstimable { column }) => column,
            other => format!("{other:?}"),
        }
    };
    assert_eq!(with(&|one, _| one.stratum = Some(one.arm)), "stratum 2");
    assert_eq!(with(&|one, _| one.baseline = 3.0), "baseline at visit 1 after baseline");
    assert_eq!(with(&|one, _| one.arm = 1), "arm at visit 1 after baseline");
}

/// Of three arms each has its own column at a visit: the differences are the coefficients of the regression.
#[test]
fn a_third_arm_is_compared_like_the_second() {
    let value = |i: usize, by: usize| ((i * by % 13) as f64 - 6.0) / 5.0;
    let changes: Vec<[Option<f64>; 2]> =
        (0..15).map(|i| [value(i, 5), 0.5 * value(i, 5) + value(i, 3)].map(Some)).collect();
    let mut subjects = subjects(&changes);
    subjects.iter_mut().enumerate().for_each(|(i, one)| one.arm = i * 2 % 3);
    let x = ndarray::Array2::from_shape_fn((15, 4), |(i, j)| match j {
        0 => 1.0,
        3 => subjects[i].baseline,
        arm => f64::from(u8::from(subjects[i].arm == arm)),
    });
    let options = Options { weeks: &[8.0, 16.0], df: DegreesOfFreedom::Satterthwaite, ratios: false, confidence: 0.95 };
    let model = fit(&subjects, 2, Structure::Us).unwrap();
    for arm in [1, 2] {
        let found = model.summary(arm, options).unwrap();
        assert_eq!((found.n_by_arm, found.n_beta), ([5, 5], 8));
        for (visit, difference) in found.diffs.iter().enumerate() {
            let y = Array1::from_iter(changes.iter().map(|of| of[visit].unwrap_or(f64::NAN)));
            let regression = crate::stats::linear_model::LinearModel::fit(x.view(), y.view(), &[]).unwrap();
            let expected = regression.coefficients[arm];
            assert!((difference.est - expected).abs() < 1e-6, "{arm} {visit}: {} {expected}", difference.est);
        }
    }
    assert!(model.summary(3, options).is_err());
}
