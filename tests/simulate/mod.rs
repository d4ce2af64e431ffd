//! Simulated trials.

mod trials;
