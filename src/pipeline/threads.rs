//! How many threads work. The results do not depend on it: every step collects in the order of its input.

use crate::sheet::{Code, Location, Problem};

/// Runs `work` on that many threads; on all cores when none is said.
///
/// # Errors
/// What `work` answers, or that the threads cannot be started.
pub fn with_threads<T: Send, E: Send + From<Problem>>(
    threads: Option<usize>,
    work: impl FnOnce() -> Result<T, E> + Send,
) -> Result<T, E> {
    match threads {
        None => work(),
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| {
                Problem::new(Code::new("threads-not-started"), Location::file("--threads"), error.to_string()).into()
            })
            .and_then(|pool| pool.install(work)),
    }
}
