//! Which mutant is awake, by the environment: becomes `mutant.rs` of the copy.

use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

static AWAKE: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("MUTANT").ok());
static NUMBER: LazyLock<u32> = LazyLock::new(|| AWAKE.as_ref().and_then(|of| of.parse().ok()).unwrap_or(0));
static REACHED: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("MUTANTS_REACHED").ok());
static SEEN: [AtomicBool; HIGHEST] = [const { AtomicBool::new(false) }; HIGHEST];

/// Whether this mutant is awake. Where `MUTANTS_REACHED` names a file, the number of each that is asked is added to it.
pub(crate) fn on(id: u32) -> bool {
    if let Some(path) = REACHED.as_deref()
        && !SEEN[id as usize].swap(true, Ordering::Relaxed)
        && let Ok(mut file) = std::fs::OpenOptions::new().create(true).append(true).open(path)
    {
        let _ = file.write_all(format!("{id}\n").as_bytes());
    }
    *NUMBER == id
}

/// A number, or one beside it: one more of a whole one, 1 % more of another.
pub(crate) fn near<T: Near>(id: u32, number: T) -> T {
    if on(id) { number.beside() } else { number }
}

/// A number that has one beside it.
pub(crate) trait Near {
    /// That one.
    fn beside(self) -> Self;
}

impl Near for f64 {
    fn beside(self) -> Self {
        self * 1.01
    }
}

macro_rules! whole {
    ($($of:ty)*) => { $(impl Near for $of { fn beside(self) -> Self { self + 1 } })* };
}
whole!(i32 u8 u16 u32 i64 u64 usize);
