//! The band about a curve that an interval of a concentration is read from, and the search for its edges.
//!
//! The equations stand in [`super::inverse`]. An edge is looked for outwards from what was read, in steps that pass no stretch in which the band leaves the
//! response, by the parabola that the excess and its derivatives describe; both edges at the same time, side by side.

use super::covariance::{CurveValue, LogDerivatives, Smooth, dot};
use super::shared_error::SharedError;
use super::standard_curve::StandardCurve;
use crate::curve::numerics::bracket;
use crate::curve::numerics::lanes::{Lanes, Numeric, Two};
use crate::probability::t_quantile;

/// What decides whether a concentration is in the interval of a response.
pub(super) struct Band<'a> {
    curve: &'a StandardCurve,
    smooth: &'a Smooth,
    response: f64,
    variance: f64,
    /// s²/m.
    pub(super) noise: f64,
    /// Variance of ln x that the wells share.
    shared: f64,
    pub(super) t: f64,
}

impl<'a> Band<'a> {
    pub(super) fn new(curve: &'a StandardCurve, smooth: &'a Smooth, response: f64, replicates: usize) -> Option<Self> {
        let (sd, t) = (curve.residual_sd()?, curve.t?);
        curve.root.as_ref()?;
        let variance = sd * sd;
        let noise = variance * curve.law.variance(response, curve.floor) / replicates.max(1) as f64;
        let t = if curve.law_estimated {
            t_quantile(1.0 - curve.method.confidence, curve.variance_df(response))
        } else {
            t
        };
        Some(Self { curve, smooth, response, variance, noise, shared: 0.0, t })
    }

    /// The band with an error that the wells share, at the concentration that was read. Student's quantile is that of the degrees of
    /// freedom of the sum (Satterthwaite).
    pub(super) fn sharing(self, shared: Option<&SharedError>, value: &CurveValue) -> Self {
        let Some(shared) = shared.filter(|shared| shared.sd_ln > 0.0) else { return self };
        let band = Self { shared: shared.sd_ln * shared.sd_ln, ..self };
        let (of_shared, all) = (band.shared * value.slope * value.slope, band.variance_at(value));
        let own = all - of_shared;
        let df = all * all / (own * own / band.curve.variance_df(band.response) + of_shared * of_shared / shared.df);
        let t = if df.is_finite() { t_quantile(1.0 - band.curve.method.confidence, df.max(1.0)) } else { band.t };
        Self { t, ..band }
    }

    /// s²/m + gᵀVg + (f′ s_b)².
    pub(super) fn variance_at(&self, value: &CurveValue) -> f64 {
        self.noise + self.curve(&value.gradient) + self.shared * value.slope * value.slope
    }

    /// gᵀVg.
    pub(super) fn curve(&self, gradient: &[f64; 5]) -> f64 {
        self.curve.root.as_ref().map_or(f64::NAN, |root| self.variance * root.variance(gradient))
    }

    /// `ln` of the lower and of the upper limit; `None` where it is open.
    pub(super) fn limits(&self, ln_x: f64, relative: f64) -> [Option<f64>; 2] {
        let sides = Lanes([-1.0, 1.0]);
        let read = self.outside(Two::all(ln_x), sides);
        let mut ways = [0, 1].map(|i| EdgeSearch::new(self, sides.0[i], read.lane(i), relative));
        loop {
            // Where one way has ended, the other is looked at twice.
            let places = match ways.each_mut().map(EdgeSearch::next) {
                [Some(lower), Some(upper)] => [lower, upper],
                [Some(place), None] | [None, Some(place)] => [place; 2],
                [None, None] => return ways.map(|way| way.edge),
            };
            let seen = self.outside(Lanes(places), sides);
            for (i, way) in ways.iter_mut().enumerate() {
                way.see(seen.lane(i), |at| self.outside(at, sides.0[i]));
            }
        }
    }

    /// How far the response is outside the band at a place, on a side of what was read.
    #[inline(always)]
    fn outside<T: Numeric>(&self, ln_x: T, side: T) -> BandExcess<T> {
        let (value, along): (CurveValue<T>, LogDerivatives<T>) = self.smooth.value_along(ln_x);
        let [variance, noise, shared, t] = [self.variance, self.noise, self.shared, self.t].map(T::all);
        let (of_curve, turn) = self.curve.root.as_ref().map_or((T::all(f64::NAN), T::all(f64::NAN)), |root| {
            let half = root.half(&value.gradient);
            (dot(&half, &half), dot(&half, &root.half(&along.gradient)))
        });
        let half_width = t * (noise + variance * of_curve + shared * value.slope * value.slope).map(f64::sqrt);
        let turn = t * t * (variance * turn + shared * value.slope * along.slope) / half_width;
        // Away from what was read the curve leaves the response on one side.
        let sign = side * value.slope.map(f64::signum);
        let by = sign * (value.response - T::all(self.response)) - half_width;
        let slope = value.slope.map(f64::abs) - side * turn;
        let bend = sign * along.slope;
        let root = (slope * slope - T::all(2.0) * bend * by).map(f64::sqrt);
        BandExcess { ln_x, by, to_edge: T::all(-2.0) * by / (slope + root), slope }
    }
}

/// By how much a response is outside the band at a place.
#[derive(Debug, Clone, Copy)]
struct BandExcess<T = f64> {
    ln_x: T,
    by: T,
    /// Its derivative by `ln x`, outwards.
    slope: T,
    /// How far outwards the edge is expected, by the parabola of the excess, its derivative and the bend of the curve, which is most of its bend; negative
    /// where it was passed.
    to_edge: T,
}

impl BandExcess<Two> {
    fn lane(&self, i: usize) -> BandExcess {
        let Self { ln_x, by, slope, to_edge } = self;
        BandExcess { ln_x: ln_x.0[i], by: by.0[i], slope: slope.0[i], to_edge: to_edge.0[i] }
    }
}

impl BandExcess {
    fn step(&self) -> Option<f64> {
        (self.slope > 0.0 && self.to_edge.is_finite()).then_some(self.to_edge)
    }
}

/// The way outwards to one edge. It marches until the band leaves the response, then closes in. Near a plateau the band leaves it for a short stretch only: a
/// crest between two steps is looked at.
struct EdgeSearch {
    side: f64,
    /// No edge is looked for beyond.
    end: f64,
    /// Longest step of the march.
    longest: f64,
    /// Of the next one.
    farthest: f64,
    /// The last place inside, and that before it or, when the edge is between two places, the one outside.
    inner: BandExcess,
    other: BandExcess,
    /// The place of these that was looked at last, when the edge is between them.
    between: Option<BandExcess>,
    looks: usize,
    ended: bool,
    edge: Option<f64>,
}

impl EdgeSearch {
    fn new(band: &Band<'_>, side: f64, read: BandExcess, relative: f64) -> Self {
        let (first, last) = band.curve.ends;
        let longest = (LONGEST / band.smooth.b).min(SHARE * (last - first).max(1.0));
        Self {
            side,
            end: if side < 0.0 { read.ln_x.min(first) - FAR } else { read.ln_x.max(last) + FAR },
            longest,
            farthest: (band.t * relative).min(longest),
            inner: read,
            other: read,
            between: None,
            looks: 0,
            ended: false,
            edge: None,
        }
    }

    fn end_at(&mut self, edge: Option<f64>) -> Option<f64> {
        (self.ended, self.edge) = (true, edge);
        None
    }

    /// Where to look next; `None` when it has ended.
    fn next(&mut self) -> Option<f64> {
        if self.ended {
            return None;
        }
        self.looks += 1;
        // The error of a step of the parabola is about its square in units of the kernel: one so short is the last.
        let close = CLOSE * self.longest;
        let Some(at) = self.between else {
            let here = self.inner;
            if self.side * (self.end - here.ln_x) <= 0.0 {
                return self.end_at(None);
            }
            self.farthest = (1.5 * self.farthest).min(self.longest);
            let left = self.side * (self.end - here.ln_x);
            return match here.step() {
                Some(step) if step <= close => self.end_at(Some(here.ln_x + self.side * step)),
                Some(step) if step < self.farthest.min(left) => Some(here.ln_x + self.side * step),
                _ if self.farthest < left => Some(here.ln_x + self.side * self.farthest),
                _ => Some(self.end),
            };
        };
        let (low, high) = (self.inner.ln_x.min(self.other.ln_x), self.inner.ln_x.max(self.other.ln_x));
        let expected = at.step().map(|step| at.ln_x + self.side * step).filter(|next| (low..=high).contains(next));
        let next = expected.unwrap_or(0.5 * (low + high));
        let by = (next - at.ln_x).abs();
        if by <= close || by <= 4.0 * f64::EPSILON * next.abs() || self.looks > MOST_LOOKS {
            return self.end_at(Some(next));
        }
        Some(next)
    }

    /// What was seen there.
    fn see(&mut self, seen: BandExcess, look: impl Fn(f64) -> BandExcess) {
        if self.ended {
            return;
        }
        let outside = seen.by > 0.0;
        if self.between.is_some() {
            *(if outside { &mut self.other } else { &mut self.inner }) = seen;
            self.between = Some(seen);
        } else if outside {
            self.between = Some(if seen.by < -self.inner.by { seen } else { self.inner });
            self.other = seen;
        } else {
            let (before, here) = (self.other, self.inner);
            (self.other, self.inner) = (here, seen);
            let from = if here.slope > 0.0 && seen.slope < 0.0 { Some(here) } else { None };
            let from = from.or(Some(before).filter(|_| here.by > before.by && here.by > seen.by));
            if let Some(from) = from {
                let crest = bracket::highest(|at| look(at).by, from.ln_x, seen.ln_x);
                if crest.1 > 0.0 {
                    (self.inner, self.other) = (from, look(crest.0));
                    self.between = Some(self.other);
                }
            }
        }
    }
}

/// A step so much shorter than the longest is the last.
const CLOSE: f64 = 1e-8;
/// Longest step of the march, in units of the kernel's argument.
const LONGEST: f64 = 0.25;
/// The same as a share of the span of the standards: the band of a shallow limit of the family bends where they are.
const SHARE: f64 = 1.0 / 16.0;
/// A limit further than this beyond the standards, in `ln x`, counts as open: e⁸ is a factor of 3,000.
const FAR: f64 = 8.0;
/// Steps of a way that nobody needs.
const MOST_LOOKS: usize = 10_000;

#[cfg(test)]
mod tests {
    use crate::curve::{Method, Model, Parameters, Point, StandardCurve, fit};

    /// Curves of every model with noise of this size, and the missing plateau of one whose standards end early.
    fn curves(noise: f64) -> Vec<StandardCurve> {
        let curve = |(model, g, highest): (Model, f64, usize)| {
            let truth = Parameters { a: 0.05, d: 2.8, c: 300.0, b: 1.2, g };
            let levels = [0.0, 15.6, 31.2, 62.5, 125.0, 250.0, 500.0, 1000.0, 2000.0, 8000.0];
            let wells = levels[..highest].iter().flat_map(|&x| [x, x]).zip(0..).map(|(concentration, i)| {
                let by = noise * (f64::from(i) * 2.3).sin();
                Point { concentration, response: model.response(&truth, concentration) * (1.0 + by) + 0.2 * by }
            });
            let method = Method { model, ..Method::default() };
            fit(&wells.collect::<Vec<_>>(), &method).unwrap()
        };
        let models = [(Model::FourParameter, 1.0), (Model::FiveParameter, 0.6), (Model::FiveParameterMirror, 1.7)];
        models.iter().flat_map(|&(model, g)| [10, 8, 7].map(|highest| (model, g, highest))).map(curve).collect()
    }

    /// Curve 2648 of `tests/support/random_curves.rs`: its standards rise at the last of them only.
    fn shallow() -> StandardCurve {
        let levels = [
            (63.98071601151263, [0.228, 0.294, 0.271, 0.222]),
            (9.899983488658467, [0.087, 0.102, 0.072, 0.051]),
            (1.531862710915497, [0.061, 0.046, 0.095, 0.022]),
            (0.23703103826200023, [0.052, 0.06, 0.051, 0.041]),
            (0.03667672872981181, [0.042, 0.011, 0.051, 0.078]),
            (0.005675132000364092, [0.022, 0.045, 0.086, 0.072]),
            (0.0008781351101080546, [0.04, 0.072, 0.087, 0.053]),
            (0.0, [0.104, 0.044, 0.049, 0.019]),
        ];
        let wells =
            levels.iter().flat_map(|&(concentration, wells)| wells.map(|response| Point { concentration, response }));
        let method = Method { model: Model::FiveParameterMirror, ..Method::default() };
        fit(&wells.collect::<Vec<_>>(), &method).unwrap()
    }

    /// Under constant variance the band for the mean of so many wells is that of the plate everywhere: a limit is where its edge has the response.
    #[test]
    fn limits_are_where_the_band_leaves_the_response_for_the_first_time() {
        let (mut closed, mut open) = (0, 0);
        for curve in [0.003, 0.03, 0.1].into_iter().flat_map(curves) {
            for i in 1..60 {
                let response = 0.05 * f64::from(i);
                let read = curve.invert(response, 2);
                let Some(x) = read.concentration else { continue };
                for (limit, side) in [(read.lower, -1.0), (read.upper, 1.0)] {
                    let holds = |at: f64| {
                        let (low, high) = curve.prediction_band(at, 2).unwrap();
                        let slack = 1e-9 * (high - low);
                        low - slack <= response && response <= high + slack
                    };
                    let far = limit.unwrap_or(x * f64::exp(side * 6.0));
                    assert!((0..=400).all(|k| holds(x * (far / x).powf(f64::from(k) / 400.0))), "{response} {read:?}");
                    match limit {
                        Some(limit) => {
                            let (low, high) = curve.prediction_band(limit, 2).unwrap();
                            let off = (low - response).abs().min((high - response).abs());
                            assert!(off < 1e-11, "{response} {read:?} {off:e}");
                            closed += 1;
                        }
                        None => open += 1,
                    }
                }
            }
        }
        assert!(closed > 500 && open > 50, "{closed} limits, {open} open sides");
    }

    /// A shallow limit of the family, whose band leaves the response for a stretch that is short beside its slope: steps of that length pass it.
    #[test]
    fn a_short_stretch_outside_is_not_passed() {
        let curve = shallow();
        let (mut closed, mut passed) = (0, Vec::new());
        for i in 0..200 {
            let response = 0.06 + 0.0005 * f64::from(i);
            let read = curve.invert(response, 2);
            let (Some(x), None) = (read.concentration, read.upper) else {
                closed += usize::from(read.upper.is_some());
                continue;
            };
            let leaves = |at: f64| curve.prediction_band(at, 2).is_some_and(|(low, _)| low > response);
            passed.extend((1..2000).map(|k| x * f64::exp(f64::from(k) * 0.002)).find(|&at| leaves(at)));
        }
        assert!(closed > 20 && passed.is_empty(), "{closed} closed, {passed:?}");
    }
}
