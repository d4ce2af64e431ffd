//! What is wrong with the design.

use serde::Serialize;

use crate::sheet::Code;

/// Something wrong with the design.
///
/// See [`design`](fn@super::design) for an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DesignWarning {
    /// What kind of problem it is.
    pub code: Code,
    /// What was found, in a sentence.
    pub found: String,
}
