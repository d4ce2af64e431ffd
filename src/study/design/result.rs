//! What the design is, and what it does.

use serde::Serialize;

use super::effects::BlockEffect;
use super::influence::Influence;
use super::spread::{DesignCount, Pairing};
use super::warning::DesignWarning;

/// What the design is, and what it does.
///
/// See [`design`](fn@super::design) for an example.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Design {
    /// Results of arms and visits on plates and lots.
    pub counts: Vec<DesignCount>,
    /// Of each arm, whose visits are on one plate.
    pub pairing: Vec<Pairing>,
    /// The ratio with a term for the plates or lots, and without.
    pub effects: Vec<BlockEffect>,
    /// The ratio without each subject.
    pub influence: Vec<Influence>,
    /// What is wrong with the design; empty where nothing is.
    pub warnings: Vec<DesignWarning>,
    /// The answer in words.
    pub words: String,
}
