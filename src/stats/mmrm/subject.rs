//! One subject of a mixed model for repeated measures.

/// One subject.
///
/// See [`mmrm`](super) for an example.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The number of the arm, from 0 without a gap: 0 is the reference arm.
    pub arm: usize,
    /// The baseline, on the scale that the model uses.
    pub baseline: f64,
    /// The stratum; in the model when every subject has one.
    pub stratum: Option<usize>,
    /// The change at each visit; `None` where there is none.
    pub responses: &'a [Option<f64>],
    /// Its values of further covariates, the same at all visits, of everybody as many and so centred that adjusted means stand at zero.
    pub terms: &'a [f64],
}
