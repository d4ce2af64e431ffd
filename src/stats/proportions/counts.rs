//! Responders among the subjects of two arms.

/// Responders among the subjects of two arms.
///
/// See [`TwoProportions`](super::TwoProportions) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Responders in the active arm.
    pub x_active: u32,
    /// Subjects in the active arm.
    pub n_active: u32,
    /// Responders in the placebo arm.
    pub x_placebo: u32,
    /// Subjects in the placebo arm.
    pub n_placebo: u32,
}

impl Counts {
    pub(super) fn rates(self) -> [f64; 2] {
        [f64::from(self.x_active) / f64::from(self.n_active), f64::from(self.x_placebo) / f64::from(self.n_placebo)]
    }

    /// Responders and others, active then placebo, as numbers.
    pub(super) fn cells(self) -> [f64; 4] {
        let others = [self.n_active - self.x_active, self.n_placebo - self.x_placebo];
        [self.x_active, others[0], self.x_placebo, others[1]].map(f64::from)
    }

    /// Whether somebody, but not everybody, responds; without that no test is defined.
    pub(super) fn varies(self) -> bool {
        let responders = self.x_active + self.x_placebo;
        responders > 0 && responders < self.n_active + self.n_placebo
    }
}
