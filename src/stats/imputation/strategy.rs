//! What may be assumed of values that are missing.

use serde::Serialize;

/// What is assumed of subjects of the active arm after their last value.
///
/// See [`impute`](super::impute) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// They go on like the others of their arm with such values before.
    MissingAtRandom,
    /// From then on their mean is that of the reference arm.
    JumpToReference,
    /// Their mean was that of the reference arm all along.
    CopyReference,
    /// From then on their mean changes as that of the reference arm does.
    CopyIncrements,
}

impl Strategy {
    /// All of them, in this order.
    pub const ALL: [Self; 4] =
        [Self::MissingAtRandom, Self::JumpToReference, Self::CopyReference, Self::CopyIncrements];
}
