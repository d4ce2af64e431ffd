//! Where a run of the search stands, for argmin: parameters, sum of squares, iterations, and why it ended.
//!
//! It is our own, because argmin's state copies parameters into options and counts calls in a hash map.

use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;

use argmin::core::{Problem as Hosted, State, TerminationReason, TerminationStatus};

/// Iterations after which a run is given up; a regular one needs less than ten.
const MOST_ITERATIONS: u64 = 200;

/// Where a run stands, as far as argmin is concerned.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(super) theta: [f64; 3],
    pub(super) rss: f64,
    pub(super) iterations: u64,
    pub(super) status: TerminationStatus,
}

impl State for Search {
    type Param = [f64; 3];
    type Float = f64;

    fn new() -> Self {
        Self { theta: [0.0; 3], rss: f64::INFINITY, iterations: 0, status: TerminationStatus::NotTerminated }
    }

    fn update(&mut self) {}

    fn get_param(&self) -> Option<&[f64; 3]> {
        Some(&self.theta)
    }

    fn get_best_param(&self) -> Option<&[f64; 3]> {
        self.get_param()
    }

    fn get_max_iters(&self) -> u64 {
        MOST_ITERATIONS
    }

    fn increment_iter(&mut self) {
        self.iterations += 1;
    }

    fn get_iter(&self) -> u64 {
        self.iterations
    }

    fn get_cost(&self) -> f64 {
        self.rss
    }

    fn get_best_cost(&self) -> f64 {
        self.get_cost()
    }

    fn get_target_cost(&self) -> f64 {
        f64::NEG_INFINITY
    }

    fn func_counts<O>(&mut self, _problem: &Hosted<O>) {}

    fn get_func_counts(&self) -> &HashMap<String, u64> {
        static NONE: LazyLock<HashMap<String, u64>> = LazyLock::new(HashMap::new);
        &NONE
    }

    fn time(&mut self, _time: Option<Duration>) -> &mut Self {
        self
    }

    fn get_time(&self) -> Option<Duration> {
        None
    }

    fn get_last_best_iter(&self) -> u64 {
        self.iterations
    }

    fn is_best(&self) -> bool {
        true
    }

    fn terminate_with(mut self, reason: TerminationReason) -> Self {
        self.status = TerminationStatus::Terminated(reason);
        self
    }

    fn get_termination_status(&self) -> &TerminationStatus {
        &self.status
    }

    fn get_termination_reason(&self) -> Option<&TerminationReason> {
        match &self.status {
            TerminationStatus::Terminated(reason) => Some(reason),
            TerminationStatus::NotTerminated => None,
        }
    }
}
