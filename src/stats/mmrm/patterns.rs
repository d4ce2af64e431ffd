//! What the likelihood needs of the data, by pattern of missing visits.
//!
//! A subject with covariates w (intercept, arms but the reference, baseline; then strata and further terms) has at visit j the row
//! `xⱼ = Pⱼ w`, where `Pⱼ` puts those up to the baseline into the block of the visit and the others into columns of their own. All subjects who were seen at the same visits share
//! their covariance matrix V, and enter the likelihood only through sums over them:
//!
//! ```text
//! M = Σ w wᵗ        mⱼ = Σ w yⱼ        Cⱼₖ = Σ yⱼ yₖ
//! ```
//!
//! With these, one step of the fit costs the same for a hundred subjects as for a million.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2};

use super::super::undefined::Undefined;
use super::Subject;
use crate::cholesky::Cholesky;

/// The subjects who were seen at the same visits.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// Those visits.
    pub(super) visits: Vec<usize>,
    /// Number of subjects.
    pub(super) n: f64,
    /// For each of the visits, the columns of the covariates.
    pub(super) columns: Vec<Vec<usize>>,
    /// `Σ w wᵗ`.
    pub(super) ww: Array2<f64>,
    /// `Σ w rⱼ`, one column per visit of the pattern.
    pub(super) wy: Array2<f64>,
    /// `Σ rⱼ rₖ`.
    pub(super) yy: Array2<f64>,
}

/// The data of a model as sums. The responses are residuals of an ordinary least-squares fit over a scale, so that sums of
/// squares lose no digits.
#[derive(Debug, Clone)]
pub(super) struct Data {
    pub(super) patterns: Vec<Pattern>,
    /// Number of visits.
    pub(super) m: usize,
    /// Number of strata that occur.
    pub(super) strata: usize,
    /// Number of coefficients.
    pub(super) p: usize,
    /// Number of subjects with a response.
    pub(super) n_subjects: usize,
    /// Of these, in each arm by its number: as many arms as there are.
    pub(super) n_by_arm: Vec<usize>,
    /// Number of responses.
    pub(super) n_obs: usize,
    /// What was taken off every baseline.
    pub(super) centre: f64,
    /// Mean baseline over responses.
    pub(super) baseline_of_observations: f64,
    /// The least-squares coefficients that were taken off.
    pub(super) ols: Array1<f64>,
    /// What the residuals were divided by.
    pub(super) scale: f64,
}

impl Data {
    pub(super) fn of(subjects: &[Subject<'_>], m: usize) -> Result<Self, Undefined> {
        let used: Vec<&Subject<'_>> = subjects.iter().filter(|s| s.responses.iter().any(Option::is_some)).collect();
        Undefined::unless_enough("subjects with a baseline and a later value", used.len(), 2)?;
        let terms = used[0].terms.len();
        let finite = |s: &&Subject<'_>| {
            let numbers = s.responses.iter().flatten().chain(s.terms).all(|y| y.is_finite());
            s.baseline.is_finite() && s.terms.len() == terms && numbers
        };
        if !used.iter().all(finite) {
            return Err(Undefined::NotFinite);
        }
        let stratified = used.iter().all(|subject| subject.stratum.is_some());
        let mut strata: Vec<usize> = used.iter().filter_map(|s| s.stratum.filter(|_| stratified)).collect();
        strata.sort_unstable();
        strata.dedup();
        let n = used.len() as f64;
        let centre = used.iter().map(|subject| subject.baseline).sum::<f64>() / n;
        let counts: Vec<f64> = used.iter().map(|s| s.responses.iter().flatten().count() as f64).collect();
        let n_obs: f64 = counts.iter().sum();
        let over_observations = used.iter().zip(&counts).map(|(s, count)| count * (s.baseline - centre)).sum::<f64>();
        // Numbers without a gap are no larger: a model of a billion arms would take the memory of one.
        if let Some(beyond) = used.iter().find(|s| s.arm > used.len()) {
            return Err(Undefined::NotEstimable { column: format!("arm {}", beyond.arm) });
        }
        let arms = used.iter().map(|s| s.arm + 1).fold(2, usize::max);
        let n_by_arm: Vec<usize> = (0..arms).map(|arm| used.iter().filter(|s| s.arm == arm).count()).collect();
        let p = (arms + 1) * m + strata.len().saturating_sub(1) + terms;
        let mut data = Self {
            patterns: Vec::new(),
            m,
            strata: strata.len().max(1),
            p,
            n_subjects: used.len(),
            n_by_arm,
            n_obs: n_obs as usize,
            centre,
            baseline_of_observations: centre + over_observations / n_obs,
            ols: Array1::zeros(p),
            scale: 1.0,
        };
        Undefined::unless_enough("values after baseline", data.n_obs, p + 1)?;
        data.gather(&used, &strata);
        data.ols = data.ordinary_least_squares()?;
        // Twice: the second pass takes residuals of what the first found, and a scale.
        data.gather(&used, &strata);
        let rss: f64 = data.patterns.iter().map(|pattern| pattern.yy.diag().sum()).sum();
        let largest = used.iter().flat_map(|s| s.responses.iter().flatten()).fold(0.0_f64, |l, y| l.max(y.abs()));
        data.scale = (rss / (n_obs - p as f64)).sqrt();
        if data.scale <= 1e-12 * largest || data.scale == 0.0 {
            return Err(Undefined::ZeroVariance);
        }
        data.gather(&used, &strata);
        Ok(data)
    }

    /// Sums up the responses, less the least-squares fit, over the scale.
    fn gather(&mut self, subjects: &[&Subject<'_>], strata: &[usize]) {
        let width =
            self.per_visit() + strata.len().saturating_sub(1) + subjects.first().map_or(0, |one| one.terms.len());
        let mut groups: BTreeMap<Vec<usize>, Pattern> = BTreeMap::new();
        let mut w = vec![0.0; width];
        let mut residuals = Vec::with_capacity(self.m);
        let mut seen = Vec::with_capacity(self.m);
        for subject in subjects {
            self.covariates(subject, strata, &mut w);
            seen.clear();
            residuals.clear();
            for (visit, response) in subject.responses.iter().enumerate() {
                if let Some(response) = response {
                    seen.push(visit);
                    let fitted: f64 = w.iter().enumerate().map(|(a, w)| w * self.ols[self.column(visit, a)]).sum();
                    residuals.push((response - fitted) / self.scale);
                }
            }
            if !groups.contains_key(&seen) {
                groups.insert(seen.clone(), self.empty(&seen, width));
            }
            if let Some(pattern) = groups.get_mut(&seen) {
                pattern.add(&w, &residuals);
            }
        }
        self.patterns = groups.into_values().collect();
    }

    /// The covariates of a subject.
    fn covariates(&self, subject: &Subject<'_>, strata: &[usize], w: &mut [f64]) {
        w[0] = 1.0;
        for (arm, w) in w.iter_mut().enumerate().take(self.baseline()).skip(1) {
            *w = f64::from(u8::from(subject.arm == arm));
        }
        w[self.baseline()] = subject.baseline - self.centre;
        let of_strata = strata.iter().skip(1).map(|stratum| f64::from(u8::from(subject.stratum == Some(*stratum))));
        for (w, value) in w[self.per_visit()..].iter_mut().zip(of_strata.chain(subject.terms.iter().copied())) {
            *w = value;
        }
    }

    fn empty(&self, visits: &[usize], width: usize) -> Pattern {
        let s = visits.len();
        let columns = visits.iter().map(|&visit| (0..width).map(|a| self.column(visit, a)).collect()).collect();
        let (ww, wy, yy) = (Array2::zeros((width, width)), Array2::zeros((width, s)), Array2::zeros((s, s)));
        Pattern { visits: visits.to_vec(), n: 0.0, columns, ww, wy, yy }
    }

    /// Covariates with a coefficient per visit: intercept, arms but the reference, baseline.
    pub(super) fn per_visit(&self) -> usize {
        self.n_by_arm.len() + 1
    }

    /// The place of the baseline among the covariates.
    pub(super) fn baseline(&self) -> usize {
        self.n_by_arm.len()
    }

    /// The column of covariate `a` at a visit.
    pub(super) fn column(&self, visit: usize, a: usize) -> usize {
        let own = self.per_visit();
        if a < own { visit * own + a } else { self.m * own + a - own }
    }

    fn ordinary_least_squares(&self) -> Result<Array1<f64>, Undefined> {
        let mut xx = Array2::zeros((self.p, self.p));
        let mut xy = Array1::zeros(self.p);
        for pattern in &self.patterns {
            let unit = Array2::eye(pattern.visits.len());
            pattern.add_xkx(&unit, &mut xx);
            pattern.add_xkr(&unit, &mut xy);
        }
        self.check_estimable(&xx)?;
        let factor = Cholesky::of(xx.view()).ok_or_else(|| self.not_estimable(self.p - 1))?;
        Ok(factor.solve(xy.view()))
    }

    /// Looks for a column of the design that follows from those before it, by the pivots of X'X scaled to a unit diagonal.
    fn check_estimable(&self, xx: &Array2<f64>) -> Result<(), Undefined> {
        let p = self.p;
        let size: Vec<f64> = xx.diag().iter().map(|d| d.sqrt()).collect();
        if let Some(empty) = size.iter().position(|&size| size <= 0.0) {
            return Err(self.not_estimable(empty));
        }
        let mut lower = Array2::<f64>::zeros((p, p));
        for i in 0..p {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| lower[[i, k]] * lower[[j, k]]).sum();
                let rest = xx[[i, j]] / (size[i] * size[j]) - known;
                if i == j {
                    if rest < 1e-12 {
                        return Err(self.not_estimable(i));
                    }
                    lower[[i, i]] = rest.sqrt();
                } else {
                    lower[[i, j]] = rest / lower[[j, j]];
                }
            }
        }
        Ok(())
    }

    fn not_estimable(&self, column: usize) -> Undefined {
        let per_visit = self.m * self.per_visit();
        let name = if column < per_visit {
            let name = match column % self.per_visit() {
                0 => "mean".to_string(),
                at if at == self.baseline() => "baseline".to_string(),
                _ if self.n_by_arm.len() == 2 => "arm".to_string(),
                arm => format!("arm {arm}"),
            };
            format!("{name} at visit {} after baseline", column / self.per_visit() + 1)
        } else if column < per_visit + self.strata - 1 {
            format!("stratum {}", column - per_visit + 2)
        } else {
            format!("covariate {}", column + 2 - per_visit - self.strata)
        };
        Undefined::NotEstimable { column: name }
    }
}

impl Pattern {
    fn add(&mut self, w: &[f64], y: &[f64]) {
        self.n += 1.0;
        for (a, &wa) in w.iter().enumerate() {
            for (b, &wb) in w.iter().enumerate() {
                self.ww[[a, b]] += wa * wb;
            }
            for (j, &yj) in y.iter().enumerate() {
                self.wy[[a, j]] += wa * yj;
            }
        }
        for (j, &yj) in y.iter().enumerate() {
            for (k, &yk) in y.iter().enumerate() {
                self.yy[[j, k]] += yj * yk;
            }
        }
    }

    /// Adds `Σ Xᵗ K X` over the pattern's subjects.
    pub(super) fn add_xkx(&self, k: &Array2<f64>, total: &mut Array2<f64>) {
        for (i, rows) in self.columns.iter().enumerate() {
            for (j, columns) in self.columns.iter().enumerate() {
                let weight = k[[i, j]];
                for (&row, ww) in rows.iter().zip(self.ww.rows()) {
                    let mut target = total.row_mut(row);
                    for (&column, ww) in columns.iter().zip(ww) {
                        target[column] += weight * ww;
                    }
                }
            }
        }
    }

    /// Adds `Σ Xᵗ K r`, r the responses as they are here.
    pub(super) fn add_xkr(&self, k: &Array2<f64>, total: &mut Array1<f64>) {
        self.add_xk(k, &self.wy, total);
    }

    /// Adds `Σ Xᵗ K v` for given `Σ w vᵗ`.
    pub(super) fn add_xk(&self, k: &Array2<f64>, wv: &Array2<f64>, total: &mut Array1<f64>) {
        for (i, rows) in self.columns.iter().enumerate() {
            for (j, weight) in k.row(i).iter().enumerate() {
                for (a, &row) in rows.iter().enumerate() {
                    total[row] += weight * wv[[a, j]];
                }
            }
        }
    }

    /// `Σ w rᵗ` and `Σ r rᵗ` of the residuals `r = y − Xβ`.
    pub(super) fn residuals(&self, beta: &Array1<f64>) -> (Array2<f64>, Array2<f64>) {
        // Coefficients of the covariates, one column per visit.
        let b = Array2::from_shape_fn(self.wy.dim(), |(a, j)| beta[self.columns[j][a]]);
        let fitted = self.ww.dot(&b);
        let cross = self.wy.t().dot(&b);
        let rr = &self.yy - &cross - cross.t() + b.t().dot(&fitted);
        (&self.wy - &fitted, rr)
    }

    /// `Σ X Φ Xᵗ` over the pattern's subjects.
    pub(super) fn leverage(&self, phi: &Array2<f64>) -> Array2<f64> {
        let between = |rows: &[usize], columns: &[usize]| -> f64 {
            let weighted = |(&row, ww): (&usize, ndarray::ArrayView1<'_, f64>)| -> f64 {
                columns.iter().zip(ww).map(|(&column, ww)| ww * phi[[row, column]]).sum()
            };
            rows.iter().zip(self.ww.rows()).map(weighted).sum()
        };
        Array2::from_shape_fn((self.visits.len(), self.visits.len()), |(i, j)| {
            between(&self.columns[i], &self.columns[j])
        })
    }

    /// Adds a matrix over the pattern's visits to one over all visits.
    pub(super) fn add_to_whole(&self, part: &Array2<f64>, whole: &mut Array2<f64>) {
        for ((i, j), &value) in part.indexed_iter() {
            whole[[self.visits[i], self.visits[j]]] += value;
        }
    }

    /// The pattern's part of a matrix over all visits.
    pub(super) fn part(&self, matrix: &Array2<f64>) -> Array2<f64> {
        Array2::from_shape_fn((self.visits.len(), self.visits.len()), |(i, j)| matrix[[self.visits[i], self.visits[j]]])
    }
}
