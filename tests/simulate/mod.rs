//! Simulated trials.

mod random_studies;
mod trials;
