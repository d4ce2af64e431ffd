//! What a run has done, for whoever waits for it.

/// One more piece of a run that is done. Of the second and third kind a large study has many, and they take longer than its plates.
///
/// See [`Run`](super::Run) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunStep<'a> {
    /// The plate of this name is evaluated.
    Plate(&'a str),
    /// One of so many studies is resampled, for the assay's error.
    Resampled {
        /// How many there will be.
        of: usize,
    },
    /// The study is evaluated by one of so many methods of the sensitivity grid.
    Reevaluated {
        /// How many there will be.
        of: usize,
    },
}

/// Who is told of each step, from any thread, in no order.
pub type Finished<'a> = &'a (dyn Fn(RunStep<'_>) + Sync);
