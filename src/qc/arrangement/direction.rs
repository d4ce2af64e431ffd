//! Whether the assay's response rises with concentration (sandwich) or falls (competitive).

/// The direction of an assay's response.
///
/// See [`of_study`](Direction::of_study) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The response rises with concentration.
    Rising,
    /// The response falls with concentration.
    Falling,
}
