//! One result per sample.

mod identity;
mod repeats;
