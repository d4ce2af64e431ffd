//! A model with what the method fixes or bounds, its limits, and the least-squares problems of both.

use serde::{Deserialize, Serialize};

use super::projection::{Bound, LeastSquaresProblem};
use crate::curve::definition::kernel::Kernel;
use crate::curve::definition::model::Model;
use crate::curve::definition::point::Standard;

/// How far `ln c` may run beyond the standards before it counts as run away, in units of `ln x`, unless the standards
/// themselves span more. Twenty is a factor of 5·10⁸.
const FAR: f64 = 20.0;

/// Where `ln c` ends to have a `c` that is a number.
const NUMBERS: f64 = 700.0;

/// How far the logarithm of the scale of a Weibull or Fréchet limit may run.
const FAR_SCALE: f64 = 40.0;

/// How far `ln g` may run.
const FAR_G: f64 = 10.0;

/// A parameter, in the order of covariances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    A,
    D,
    C,
    B,
    G,
}

/// A model with what the method fixes or bounds.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct CurveFamily {
    pub model: Model,
    pub a: Bound,
    pub d: Bound,
    /// Bounds of `ln c`, `ln b`, `ln g` as the method states them.
    pub stated: [Bound; 3],
    pub has_zero: bool,
}

/// A limit of a family: what has to run away to reach it, and which parameters keep their meaning in it.
pub(crate) struct Limit {
    pub kernel: Kernel,
    needs: &'static [Name],
    pub keeps: &'static [Name],
}

/// The limits of a model, but for the step.
pub(crate) fn limits(model: Model) -> &'static [Limit] {
    use Name::{A, B, C, D, G};
    const fn limit(kernel: Kernel, needs: &'static [Name], keeps: &'static [Name]) -> Limit {
        Limit { kernel, needs, keeps }
    }
    const FOUR: &[Limit] = &[
        limit(Kernel::Power, &[C, D], &[A, B]),
        limit(Kernel::InversePower, &[C, A], &[D, B]),
        limit(Kernel::LogLinear, &[B, A, D], &[]),
    ];
    const FIVE: &[Limit] = &[
        limit(Kernel::Power, &[C, D], &[A, B]),
        limit(Kernel::InversePower, &[C, A], &[D]),
        limit(Kernel::LogLinear, &[B, A, D], &[]),
        limit(Kernel::Weibull, &[C, G], &[A, D, B]),
        limit(Kernel::Softplus, &[G, D], &[A, C, B]),
        limit(Kernel::Hinge, &[B, G], &[A, D, C]),
        limit(Kernel::Ramp, &[B, G, D], &[A, C]),
        limit(Kernel::WeibullTail, &[A, C, G], &[D]),
    ];
    const MIRROR: &[Limit] = &[
        limit(Kernel::Power, &[C, D], &[A]),
        limit(Kernel::InversePower, &[C, A], &[D, B]),
        limit(Kernel::LogLinear, &[B, A, D], &[]),
        limit(Kernel::Frechet, &[C, G], &[A, D, B]),
        limit(Kernel::MirrorSoftplus, &[G, A], &[D, C, B]),
        limit(Kernel::MirrorHinge, &[B, G], &[A, D, C]),
        limit(Kernel::MirrorRamp, &[B, G, A], &[D, C]),
        limit(Kernel::FrechetFoot, &[D, C, G], &[A]),
    ];
    match model {
        Model::FourParameter => FOUR,
        Model::FiveParameter => FIVE,
        Model::FiveParameterMirror => MIRROR,
    }
}

impl CurveFamily {
    pub(crate) fn runs_freely(&self, name: Name) -> bool {
        let (low, high) = match name {
            Name::A => self.a,
            Name::D => self.d,
            Name::C => self.stated[0],
            Name::B => self.stated[1],
            Name::G => self.stated[2],
        };
        low == f64::NEG_INFINITY && high == f64::INFINITY
    }

    fn number_free(&self, name: Name) -> bool {
        let bound = [self.a, self.d, self.stated[0], self.stated[1], self.stated[2]][name as usize];
        bound.0 < bound.1
    }

    /// The parameters that are fitted, in the order a, d, c, b, g.
    pub(crate) fn fitted(&self) -> [bool; 5] {
        let mut fitted = [Name::A, Name::D, Name::C, Name::B, Name::G].map(|name| self.number_free(name));
        fitted[4] &= self.model != Model::FourParameter;
        fitted
    }

    /// How many parameters are fitted.
    pub(crate) fn number_fitted(&self) -> usize {
        self.fitted().iter().filter(|&&fitted| fitted).count()
    }

    /// The problem of the family itself.
    pub(crate) fn problem<'a>(&self, standards: &'a [Standard], weights: &'a [f64]) -> LeastSquaresProblem<'a> {
        let kernel = Kernel::from(self.model);
        let box_ = search_box(standards);
        let mut bounds = [(0.0, 0.0); 3];
        let mut free = kernel.depends_on();
        for j in 0..3 {
            let (low, high) = self.stated[j];
            bounds[j] = (low.max(box_[j].0), high.min(box_[j].1));
            if low == high {
                bounds[j] = (low, low);
            }
            free[j] &= low < high;
        }
        if self.model == Model::FourParameter {
            bounds[2] = (0.0, 0.0);
        }
        LeastSquaresProblem { standards, weights, kernel, free, bounds, a: self.a, d: self.d }
    }

    /// Its problem with a search box of three times the size; bounds that the method states stay.
    pub(crate) fn beyond<'a>(&self, problem: &LeastSquaresProblem<'a>) -> LeastSquaresProblem<'a> {
        let mut wide = *problem;
        for (j, (low, high)) in search_box(problem.standards).into_iter().enumerate().filter(|&(j, _)| problem.free[j])
        {
            let (from, to) = self.stated[j];
            wide.bounds[j] = (from.max(2.0 * low - high), to.min(2.0 * high - low));
            if j == 0 {
                wide.bounds[j] = (wide.bounds[j].0.max(-NUMBERS), wide.bounds[j].1.min(NUMBERS));
            }
        }
        wide
    }

    /// Which of `ln c`, `ln b`, `ln g` stand at the edge of what is searched, other than at a bound that the method states.
    pub(crate) fn at_edge(&self, standards: &[Standard], theta: &[f64; 3]) -> [bool; 3] {
        let box_ = search_box(standards);
        let searched = Kernel::from(self.model).depends_on();
        [0, 1, 2].map(|j| {
            let (low, high) = self.stated[j];
            searched[j]
                && low < high
                && (theta[j] <= box_[j].0.max(low) && low < box_[j].0
                    || theta[j] >= box_[j].1.min(high) && high > box_[j].1)
        })
    }

    /// The problem of one of its limits; `None` where the method or a zero standard keeps the family away from it.
    pub(crate) fn limit<'a>(
        &self,
        limit: &Limit,
        standards: &'a [Standard],
        weights: &'a [f64],
    ) -> Option<LeastSquaresProblem<'a>> {
        if !limit.needs.iter().all(|&name| self.runs_freely(name))
            || (self.has_zero && limit.kernel.at_zero().is_none())
        {
            return None;
        }
        let box_ = search_box(standards);
        let mut bounds = box_;
        let mut free = limit.kernel.depends_on();
        for (j, name) in [Name::C, Name::B].into_iter().enumerate() {
            if limit.keeps.contains(&name) {
                let (low, high) = self.stated[j];
                bounds[j] = (low.max(box_[j].0), high.min(box_[j].1));
                if low == high {
                    bounds[j] = (low, low);
                    free[j] = false;
                }
            }
        }
        let (first, last) = ends(standards);
        match limit.kernel {
            Kernel::InversePower | Kernel::WeibullTail => bounds[0] = (first, first),
            Kernel::Power | Kernel::LogLinear | Kernel::Weibull | Kernel::Frechet | Kernel::FrechetFoot => {
                bounds[0] = (last, last);
            }
            _ => {}
        }
        if matches!(limit.kernel, Kernel::Ramp | Kernel::MirrorRamp | Kernel::LogLinear) {
            bounds[1] = (0.0, 0.0);
        }
        bounds[2] = if free[2] { (-FAR_SCALE, FAR_SCALE) } else { (0.0, 0.0) };
        Some(LeastSquaresProblem { standards, weights, kernel: limit.kernel, free, bounds, a: self.a, d: self.d })
    }
}

/// The problem of the family itself or of the limit that has this kernel.
pub(crate) fn problem_of<'a>(
    family: &CurveFamily,
    kernel: Kernel,
    standards: &'a [Standard],
    weights: &'a [f64],
) -> Option<LeastSquaresProblem<'a>> {
    if kernel == Kernel::from(family.model) {
        return Some(family.problem(standards, weights));
    }
    let limit = limits(family.model).iter().find(|limit| limit.kernel == kernel)?;
    family.limit(limit, standards, weights)
}

/// `ln x` of the lowest and the highest non-zero standard.
pub(crate) fn ends(standards: &[Standard]) -> (f64, f64) {
    let first = standards.iter().find(|s| s.x > 0.0).map_or(0.0, |s| s.ln_x);
    (first, standards.last().map_or(0.0, |s| s.ln_x))
}

/// Where `ln c`, `ln b` and `ln g` are searched.
fn search_box(standards: &[Standard]) -> [Bound; 3] {
    let (first, last) = ends(standards);
    let span = (last - first).max(1.0);
    let far = FAR.max(2.0 * span);
    // A slope is steep or shallow only against the spacing of the standards.
    let spacing = standards
        .windows(2)
        .filter(|pair| pair[0].x > 0.0)
        .map(|pair| pair[1].ln_x - pair[0].ln_x)
        .fold(span, f64::min);
    let location = ((first - far).max(-NUMBERS), (last + far).min(NUMBERS));
    [location, (libm::log(1e-3 / span), libm::log(200.0 / spacing)), (-FAR_G, FAR_G)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::definition::method::{Bounds, Fixed, Method};
    use crate::curve::definition::point::{Point, merge};
    use crate::curve::fit::family;

    fn standards(of: &[f64]) -> Vec<Standard> {
        let points: Vec<Point> =
            of.iter().map(|&concentration| Point { concentration, response: concentration }).collect();
        merge(&points)
    }

    /// Standards from 1 to e¹⁰ at ln x = 0, 2, 3, 10: 20 to both sides of them for c, slopes from 1/1000 of the span to 200 of the spacing.
    /// From e^0 to e^30 it is twice the span.
    #[test]
    fn the_box_follows_the_standards() {
        let near =
            |found: (f64, f64), low: f64, high: f64| (found.0 - low).abs() < 1e-9 && (found.1 - high).abs() < 1e-9;
        let [c, b, g] = search_box(&standards(&[0.0, 2.0, 3.0, 10.0].map(f64::exp)));
        assert!(
            near(c, -20.0, 30.0) && near(b, libm::log(1e-4), libm::log(200.0)) && near(g, -10.0, 10.0),
            "{c:?} {b:?}"
        );
        let [c, b, _] = search_box(&standards(&[0.0, 15.0, 30.0].map(f64::exp)));
        assert!(near(c, -60.0, 90.0) && near(b, libm::log(1e-3 / 30.0), libm::log(200.0 / 15.0)), "{c:?} {b:?}");
    }

    /// What is stated has not run away, wherever it stands; a 4PL has no asymmetry that could.
    #[test]
    fn only_what_is_searched_stands_at_an_edge() {
        let standards = standards(&[0.0, 2.0, 3.0, 10.0].map(f64::exp));
        let of = |model, fixed, bounds| family(&Method { model, fixed, bounds, ..Method::default() }, &standards);
        let (four, five) = (Model::FourParameter, Model::FiveParameter);
        let free = of(five, Fixed::default(), Bounds::default());
        let [c, b, g] = search_box(&standards);
        assert_eq!(free.at_edge(&standards, &[c.0, b.1, g.0]), [true; 3]);
        assert_eq!(free.at_edge(&standards, &[c.0 + 1e-3, b.1 - 1e-3, 0.0]), [false; 3]);
        assert_eq!(free.at_edge(&standards, &[c.1, b.0, g.1]), [true; 3]);
        let plain = of(four, Fixed::default(), Bounds::default());
        assert_eq!(plain.at_edge(&standards, &[0.0, 0.0, 0.0]), [false; 3]);
        assert_eq!((plain.number_fitted(), free.number_fitted()), (4, 5));
        let stated =
            of(five, Fixed { c: Some(1e-30), ..Fixed::default() }, Bounds { b: Some((0.5, 2.0)), ..Bounds::default() });
        let (low, high) = stated.problem(&standards, &[1.0; 4]).bounds[1];
        assert_eq!((low, high), (libm::log(0.5), libm::log(2.0)));
        assert_eq!(stated.at_edge(&standards, &[c.0 - 50.0, high, 0.0]), [false; 3]);
        assert_eq!(stated.fitted(), [true, true, false, true, true]);
        // A 5PL is searched over its asymmetry.
        let bounds = [plain, free].map(|family| family.problem(&standards, &[1.0; 4]).bounds[2]);
        assert_eq!(bounds, [(0.0, 0.0), g]);
    }
}
